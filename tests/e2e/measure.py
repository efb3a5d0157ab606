# SPDX-License-Identifier: LGPL-2.1-or-later
"""What programs of others find in media: counts, samples, instants of flashes and beeps."""
import array
import fractions
import functools
import json
import os
import re

import house


def _probe(path, *what):
    code, out, err = house.run(['ffprobe', '-v', 'error', *what, '-of', 'json', path], 300)
    assert code == 0, err
    return json.loads(out)


@functools.cache
def frames(path, stream):
    """How many frames decoding gives."""
    found = _probe(path, '-count_frames', '-select_streams', stream, '-show_entries', 'stream=nb_read_frames')
    return int(found['streams'][0]['nb_read_frames'])


def decoded(path, stream):
    """(frames, what was said on standard error) of decoding each frame once."""
    code, out, err = house.run(['ffmpeg', '-v', 'warning', '-nostdin', '-i', path, '-map', '0:' + stream, '-fps_mode', 'passthrough',
                                '-f', 'framecrc', '-'], 300)
    return sum(not line.startswith(b'#') for line in out.splitlines()), err + (f'ended with {code}' if code else '')


def brightness(path):
    """The mean luma of each frame, in the order in which they are shown."""
    code, out, err = house.run(['ffmpeg', '-v', 'error', '-nostdin', '-i', path, '-map', '0:V:0', '-vf',
                                'scale=64:36,format=yuv420p,signalstats,metadata=print:key=lavfi.signalstats.YAVG:file=-', '-fps_mode', 'passthrough',
                                '-f', 'null', '-'], 300)
    assert code == 0, err
    return [float(value) for value in re.findall(r'YAVG=([\d.]+)', out.decode())]


def times_s(path, stream):
    """When each frame is shown, on the file's own axis, in order."""
    found = _probe(path, '-select_streams', stream, '-show_entries', 'frame=best_effort_timestamp_time')
    return sorted(float(frame['best_effort_timestamp_time']) for frame in found['frames'])


def picture(path):
    """(width, height, pixel aspect) as decoded."""
    stream = _probe(path, '-select_streams', 'v:0', '-show_entries', 'stream=width,height,sample_aspect_ratio')['streams'][0]
    aspect = stream.get('sample_aspect_ratio', '1:1').replace(':', '/')
    return stream['width'], stream['height'], float(fractions.Fraction(aspect)) if aspect != '0/1' else 1.0


def _first_s(path, kind):
    """When the first frame that decoding gives is presented, on the file's own axis; None without one."""
    show = 'ashowinfo' if kind == 'a' else 'showinfo'
    code, _, err = house.run(['ffmpeg', '-v', 'info', '-nostdin', '-copyts', '-i', path, '-map', f'0:{kind}:0', f'-{kind}f', show,
                              f'-frames:{kind}', '1', '-t', '1', '-f', 'null', '-'])
    found = re.search(r'pts_time:([-\d.]+)', err)
    return float(found[1]) if code == 0 and found else None


@functools.cache
def zero_s(path):
    """When the first of its pictures and sounds begins, on the file's own axis. Covers in music are no picture."""
    streams = _probe(path, '-show_entries', 'stream=codec_type:stream_disposition')['streams']
    film = any(stream['codec_type'] == 'video' and not stream['disposition']['attached_pic'] for stream in streams)
    firsts = [_first_s(path, 'a'), _first_s(path, 'v') if film else None]
    return max(0.0, min(first for first in firsts if first is not None))


@functools.cache
def late_s(path):
    """By how much the first sample of sound comes after the first picture or sound of all; negative where it is cut off."""
    return _first_s(path, 'a') - zero_s(path)


@functools.cache
def _sound_stream(path):
    return _probe(path, '-select_streams', 'a:0', '-show_entries', 'stream=codec_name,channels,duration_ts,time_base,start_time')['streams'][0]


def channels(path):
    return _sound_stream(path)['channels']


def sound_codec(path):
    """(codec, sample rate, channels) of the first sound."""
    stream = _probe(path, '-select_streams', 'a:0', '-show_entries', 'stream=codec_name,sample_rate,channels')['streams'][0]
    return stream['codec_name'], int(stream['sample_rate']), stream['channels']


def told_s(path):
    """How long the container says that the first sound is."""
    stream = _sound_stream(path)
    return float(stream['duration_ts'] * fractions.Fraction(stream['time_base']))


def told_late_s(path):
    """By how much the container says that the first sound begins after the first picture or sound. ffmpeg may decode less."""
    return float(_sound_stream(path)['start_time']) - zero_s(path)


@functools.cache
def movie_tick_s(path):
    """The unit that the movie header of an MP4 counts in (ISO/IEC 14496-12, 8.2.2)."""
    content = path.read_bytes()
    begin = content.rindex(b'mvhd') + 4
    times_bytes = 16 if content[begin] == 1 else 8
    return 1 / int.from_bytes(content[begin + 4 + times_bytes:begin + 8 + times_bytes], 'big')


def sound(path, rate):
    """The first sound's left channel as 16-bit samples, one after the other as they are decoded."""
    # ffmpeg's own Opus decoder is a sample early where speech is coded (SILK).
    decoder = ['-c:a', 'libopus'] if _sound_stream(path)['codec_name'] == 'opus' else []
    code, out, err = house.run(['ffmpeg', '-v', 'error', '-nostdin', *decoder, '-i', path, '-map', '0:a:0', '-af', 'pan=mono|c0=c0',
                                '-ar', str(rate), '-f', 's16le', '-'], 300)
    assert code == 0 and out, err
    return array.array('h', out[:len(out) // 2 * 2])


def loudness(samples):
    """Root mean square."""
    return (sum(sample * sample for sample in samples) / max(1, len(samples))) ** 0.5


def loudest(samples, begin, span, step=2048):
    """Where near `begin` there is most to compare."""
    ends = range(begin, max(begin + 1, min(begin + span, len(samples) - 2 * step)), step)
    return max(ends, key=lambda at: loudness(samples[at:at + step]))


def lag(source, other, begin, length, most):
    """By how many samples `other` is later than `source` around `begin`: where their difference is smallest."""
    piece = source[begin:begin + length]

    def difference(shift, step):
        at = begin + shift
        return sum(abs(a - b) for a, b in zip(piece[::step], other[at:at + len(piece):step]))
    low = max(-most, -begin)
    high = min(most, len(other) - begin - len(piece))
    assert low < high, 'too short to compare'
    best = min(range(low, high + 1), key=lambda shift: difference(shift, 5))
    return min(range(max(low, best - 3), min(high, best + 3) + 1), key=lambda shift: difference(shift, 1))


def _rises(levels, threshold, quiet_s=0.5):
    """The times at which the level of (time, level) goes above the threshold, after it was quiet for a while."""
    found, last = [], -1.0
    for time, level in sorted(levels):
        if level > threshold:
            if not found or time - last > quiet_s:
                found.append(time)
            last = time
    return found


def flashes_and_beeps_of_ffmpeg(url, *before):
    command = ['ffmpeg', '-v', 'error', '-nostdin', '-copyts', *before, '-i', url]
    _, picture_lines, err = house.run([*command, '-map', '0:v:0', '-vf', 'scale=32:18,signalstats,metadata=print:key=lavfi.signalstats.YAVG:file=-',
                                       '-fps_mode', 'passthrough', '-f', 'null', '-'])
    assert not err, err
    _, sound_lines, err = house.run([*command, '-map', '0:a:0', '-af',
                                     'asetnsamples=n=48:p=0,astats=metadata=1:reset=1:measure_perchannel=none,'
                                     'ametadata=print:key=lavfi.astats.Overall.Peak_level:file=-', '-f', 'null', '-'])
    assert not err, err

    def levels(lines):
        pairs = re.findall(r'pts_time:(\S+)\s+lavfi[^=]*=(\S+)', lines.decode())
        return [(float(time), float(level)) for time, level in pairs]
    return _rises(levels(picture_lines), 128), _rises(levels(sound_lines), -12)


def _watched_by_gstreamer(url):
    """What two elements that look at each frame and sample say while playbin3 plays as fast as it can."""
    # hlsdemux2 of 1.22 knows Opus in CODECS only as "opus", not by MP4's name, and trips over its own nothing (and plays on).
    environment = {name: value for name, value in os.environ.items() if name != 'G_DEBUG'}
    code, out, err = house.run(
        ['gst-launch-1.0', '-m', 'playbin3', f'uri={url}', 'flags=video+audio',
         'video-sink=videoconvert ! videoanalyse message=true ! fakesink sync=false',
         'audio-sink=audioconvert ! level interval=1000000 ! fakesink sync=false'], env=environment)
    assert code == 0 and 'ERROR' not in err, (out.decode()[-2000:], err)
    return out.decode(errors='replace').splitlines()


def shown_by_gstreamer(url):
    """How many different instants have a picture."""
    return len({re.search(r'stream-time=\(guint64\)(\d+)', line)[1] for line in _watched_by_gstreamer(url) if 'luma-average' in line})


def flashes_and_beeps_of_gstreamer(url):
    pictures, sounds = [], []
    for line in _watched_by_gstreamer(url):
        time = re.search(r'(?:stream-time|timestamp)=\(guint64\)(\d+)', line)
        if not time:
            continue
        if 'luma-average' in line:
            pictures.append((int(time[1]) / 1e9, float(re.search(r'luma-average=\(double\)([\d.e+-]+)', line)[1])))
        elif 'peak=' in line:
            peak = re.search(r'peak=[^<{]*[<{]\s*(?:\(double\))?([-\d.e+inf]+)', line)
            sounds.append((int(time[1]) / 1e9, float(peak[1])))
    return _rises(pictures, 0.5), _rises(sounds, -12)
