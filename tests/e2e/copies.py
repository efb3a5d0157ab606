#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is sent as it is decodes to what the original decodes to, bit for bit, from the beginning and after a jump."""
import hashlib
import json
import pathlib
import subprocess
import tempfile
import unittest
import urllib.error
import urllib.request

import hls
import house
import measure
from spread import over, spread

SMALL = ['-an', '-vf', 'scale=320:180', '-g', '48']
X265 = ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params']
HLG = ['-color_primaries', 'bt2020', '-color_trc', 'arib-std-b67', '-colorspace', 'bt2020nc']
PQ = ['-color_primaries', 'bt2020', '-color_trc', 'smpte2084', '-colorspace', 'bt2020nc']
AV1 = ['-c:v', 'libaom-av1', '-cpu-used', '8', '-crf', '40']
# name -> what ffmpeg is told for the output
MADE = {'hevc-hvc1.mp4': [*SMALL, *X265, 'log-level=error:open-gop=0:bframes=4', '-tag:v', 'hvc1'],
        'hevc-hev1.mp4': [*SMALL, *X265, 'log-level=error:open-gop=0:bframes=3:repeat-headers=1', '-tag:v', 'hev1'],
        'hevc-hlg.mkv': [*SMALL, *X265, 'log-level=error:open-gop=0:bframes=3', '-pix_fmt', 'yuv420p10le', *HLG],
        'hevc-stream.ts': [*SMALL, *X265, 'log-level=error:open-gop=0:bframes=4'],
        'vp9-realtime.webm': [*SMALL, '-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-b:v', '400k'],
        # Pictures that are never shown, inside of others.
        'vp9-superframes.mp4': [*SMALL, '-c:v', 'libvpx-vp9', '-cpu-used', '5', '-b:v', '400k', '-auto-alt-ref', '1', '-lag-in-frames', '16'],
        'av1-plain.mp4': [*SMALL, *AV1],
        'av1-pq.mkv': [*SMALL, *AV1, '-pix_fmt', 'yuv420p10le', *PQ],
        # None of its groups of pictures stands alone, and it is too long for one segment.
        'hevc-open.mp4': ['-an', '-vf', 'scale=160:90', *X265, 'log-level=error:open-gop=1:bframes=3:b-adapt=0:keyint=48:scenecut=0']}
LONG = {'hevc-open.mp4': 34}
REAL = ['hevc-bframes-480p.mp4', 'hevc-main10-iphone-rotated-editlist.mp4', 'av1-hdr10-portrait.mp4', 'vp9-10bit-23976.webm',
        'vp9-opus-portrait.webm', 'vp9-opus-60fps-sync.webm', 'tears-of-steel-battle.webm']
REFUSED = {'hevc-open.mp4': 'too few points', 'hevc-changes.mp4': 'changes in the middle', 'hevc-main10-iphone-rotated-editlist.mp4': 'turned upright',
           'vp9-10bit-23976.webm': 'never shown', 'tears-of-steel-battle.webm': 'cannot be sent as it is'}
RANGES = {'hevc-hlg.mkv': 'HLG', 'av1-pq.mkv': 'PQ', 'av1-hdr10-portrait.mp4': 'PQ'}
COPIED = [name for name in [*MADE, *(name for name in REAL if house.media(name))] if name not in REFUSED]
CODECS = {'hev': 'hevc', 'vp9': 'vp9', 'av1': 'av1'}


def make_all(folder):
    """The made films, by name."""
    film = house.media('sintel-trailer-720p.mp4') or next((house.DEMO / 'video').glob('*.mp4'))
    paths = {}
    for name, output in MADE.items():
        paths[name] = folder / name
        subprocess.run(['ffmpeg', '-v', 'error', '-nostdin', '-y', '-ss', '8', '-t', str(LONG.get(name, 10)), '-i', film, *output, paths[name]],
                       check=True)
    # Two encodes one after the other, each with parameter sets of its own under the same numbers.
    halves = []
    for i, preset in enumerate(('ultrafast', 'veryfast')):
        halves.append(folder / f'half{i}.hevc')
        subprocess.run(['ffmpeg', '-v', 'error', '-nostdin', '-y', '-ss', '8', '-t', '4', '-i', film, '-an', '-vf', 'scale=160:90', '-c:v', 'libx265',
                        '-preset', preset, '-x265-params', 'log-level=error:open-gop=0:bframes=0:keyint=48:repeat-headers=1', halves[-1]], check=True)
    joined = folder / 'joined.hevc'
    joined.write_bytes(b''.join(half.read_bytes() for half in halves))
    paths['hevc-changes.mp4'] = folder / 'hevc-changes.mp4'
    subprocess.run(['ffmpeg', '-v', 'fatal', '-nostdin', '-y', '-r', '24', '-i', joined, '-c', 'copy', '-tag:v', 'hev1', paths['hevc-changes.mp4']],
                   check=True)
    return paths


def decoded(path, kind='v'):
    """A digest of each frame that ffmpeg decodes, in the order in which they are shown."""
    code, out, err = house.run(['ffmpeg', '-v', 'error', '-nostdin', '-i', path, '-map', f'0:{kind}:0', '-fps_mode', 'passthrough',
                                '-f', 'framemd5', '-'], 300)
    assert code == 0, err
    return [line.rpartition(b',')[2].strip() for line in out.splitlines() if not line.startswith(b'#')]


def refusal(of, body):
    """(status, words) of a playback that is refused."""
    request = urllib.request.Request(of.base + '/api/v1/playbacks', json.dumps(body).encode(), {'Content-Type': 'application/json'})
    try:
        urllib.request.urlopen(request, timeout=30).close()
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())['detail']
    return 201, ''


@spread
class Pictures(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory(prefix='butaca-copies-')
        cls.folder = pathlib.Path(cls.temporary.name)
        cls.addClassCleanup(cls.temporary.cleanup)
        cls.paths = make_all(cls.folder) | {name: house.media(name) for name in REAL if house.media(name)}
        cls.house = house.House(cls.paths.values())
        cls.house.__enter__()
        cls.addClassCleanup(lambda: cls.house.__exit__(None, None, None))

    def renditions(self, name, **wishes):
        playback = self.house.play(pathlib.Path(name).stem, **wishes)
        multivariant = hls.Multivariant(self.house, playback['hls_url'])
        return playback, multivariant

    def decode_parts(self, rendition, first):
        """What the segments from `first` on decode to by themselves."""
        path = self.folder / 'part.mp4'
        path.write_bytes(rendition.init_bytes + b''.join(rendition.bodies[first:]))
        return decoded(path)

    @over({name: name for name in COPIED})
    def test_it_decodes_to_what_the_original_does_also_after_a_jump(self, name):
        playback, multivariant = self.renditions(name, video={'codec': 'copy'})
        self.assertEqual([line['action'] for line in playback['plan'] if line['track'].startswith('video')], ['copy'])
        variant, = multivariant.variants
        rendition = hls.Rendition(self.house, variant.url)
        wanted = decoded(self.paths[name])
        self.assertEqual(self.decode_parts(rendition, 0), wanted)
        for first in {len(rendition.bodies) // 2, len(rendition.bodies) - 1}:
            before = sum(len(fragment.samples) for segment in rendition.segments[:first] for fragment in segment)
            self.assertEqual(self.decode_parts(rendition, first), wanted[before:], f'from segment {first} on')

    @over({name: name for name in COPIED})
    def test_its_times_are_exact_and_its_playlist_tells_what_its_init_segment_does(self, name):
        _, multivariant = self.renditions(name, video={'codec': 'copy'})
        variant, = multivariant.variants
        rendition = hls.Rendition(self.house, variant.url)
        self.assertIn(rendition.init.codec, variant.attributes['CODECS'].split(','))
        self.assertEqual(variant.attributes.get('VIDEO-RANGE'), RANGES.get(name))
        end = 0
        for segment in rendition.segments:
            self.assertTrue(segment[0].samples[0].sync)
            for fragment in segment:
                self.assertEqual(fragment.tfdt, end)
                end = fragment.end
        samples = rendition.samples()
        self.assertGreaterEqual(min(sample.offset for sample in samples), 0)
        self.assertEqual(min(sample.pts for sample in samples), 0)
        self.assertEqual(len(samples), measure.frames(self.paths[name], 'v:0'))
        # As far apart as ffmpeg reads them in the original; Matroska rounds to a millisecond, a late first one is shown from 0 on.
        ours = sorted(sample.pts / rendition.init.timescale for sample in samples)
        source = measure.times_s(self.paths[name], 'v:0')
        for at, (a, b) in enumerate(zip(ours[1:], source[1:])):
            self.assertAlmostEqual(a - ours[1], b - source[1], delta=0.0021, msg=f'picture {at + 1}')

    @over({name: name for name in COPIED if not name.startswith('vp9-opus-portrait')})
    def test_the_originals_own_codec_gets_the_copy_first_and_smaller_ones_below(self, name):
        playback, multivariant = self.renditions(name, video={'codec': CODECS[name[:3]]})
        actions = [line['action'] for line in playback['plan'] if line['track'].startswith('video')]
        self.assertEqual(actions[0], 'copy')
        self.assertEqual(set(actions[1:]) - {'encode'}, set())
        self.assertEqual(len(multivariant.variants), len(actions))
        if name in RANGES:
            self.assertEqual([variant.attributes['VIDEO-RANGE'] for variant in multivariant.variants],
                             [RANGES[name]] + ['SDR'] * (len(actions) - 1))

    @over({name: name for name in COPIED})
    def test_without_a_wish_it_is_made_anew_for_everybody(self, name):
        playback, _ = self.renditions(name)
        self.assertEqual({line['action'] for line in playback['plan'] if line['track'].startswith('video')}, {'encode'})
        self.assertTrue(all(line['what'].startswith('H.264') for line in playback['plan'] if line['track'].startswith('video')))

    @over({name: (name, why) for name, why in REFUSED.items() if name not in REAL or house.media(name)})
    def test_what_cannot_be_copied_exactly_is_refused_in_words(self, case):
        name, why = case
        code, said = refusal(self.house, {'item': pathlib.Path(name).stem, 'video': {'codec': 'copy'}})
        self.assertEqual(code, 422)
        self.assertIn('video.codec', said)
        self.assertIn(why, said)

    def test_the_same_bytes_come_in_any_order(self):
        """Each worker that made the first ones is gone when the others are asked for in reverse."""
        digests = {}
        for name in COPIED:
            _, multivariant = self.renditions(name, video={'codec': 'copy'})
            digests[name] = multivariant.variants[0].url, hashlib.sha256(hls.Rendition(self.house, multivariant.variants[0].url).whole()).digest()
        with house.House(self.paths.values(), ['workers.count=1', 'workers.look_ahead_segments=0']) as other:
            for name in COPIED:
                url = other.play(pathlib.Path(name).stem, video={'codec': 'copy'})['hls_url']
                variant, = hls.Multivariant(other, url).variants
                count = len(hls.Rendition(self.house, digests[name][0]).bodies)
                reverse = [other.fetch(variant.url.replace('index.m3u8', f'{k}.m4s')) for k in range(count - 1, -1, -1)]
                init = other.fetch(variant.url.replace('index.m3u8', 'init.mp4'))
                self.assertEqual(hashlib.sha256(init + b''.join(reverse[::-1])).digest(), digests[name][1], name)



OPUS, LAME = ['-c:a', 'libopus', '-b:a', '96k'], ['-c:a', 'libmp3lame', '-b:a', '128k']
# name -> (what ffmpeg is told for the output, how many samples of 48 kHz a decoder takes to be itself again after a jump)
SOUNDS = {'flac-bare.flac': (['-c:a', 'flac'], 0), 'flac-in.mp4': (['-c:a', 'flac', '-strict', '-2'], 0), 'flac-in.mkv': (['-c:a', 'flac'], 0),
          'alac-in.m4a': (['-c:a', 'alac'], 0),
          'opus-ogg.opus': (OPUS, 48000), 'opus-in.webm': (OPUS, 48000), 'opus-in-mp4.mp4': (OPUS, 48000),
          'ac3-in.mkv': (['-c:a', 'ac3'], 1536), 'eac3-in.mkv': (['-c:a', 'eac3'], 1536),
          'mp3-bare.mp3': (LAME, 4608), 'mp3-in.mkv': (LAME, 4608)}
REAL_SOUNDS = {'corelli-trio-sonata.flac': 0, 'flac-51.flac': 0, 'speech-jfk.flac': 0, 'warzone2100-track3.opus': 48000, 'opus-51.opus': 48000,
               'asc-machine-wars.mp3': 4608, 'flow-theory-paul-allen-song.mp3': 4608, 'ac3-and-aac-two-audio.mp4': 1536,
               'sintel-trailer-h264-opus.mkv': 48000, 'vp9-opus-60fps-sync.webm': 48000}
REFUSED_SOUNDS = {'eac3-51-audio-only.mp4': 'gaps', 'tears-of-steel-battle.webm': 'cannot be sent as it is', 'kevin-macleod-vibe-ace.ogg': 'cannot be sent as it is'}
SETTLES = {name: settle for name, (_, settle) in SOUNDS.items()} | {name: settle for name, settle in REAL_SOUNDS.items() if house.media(name)}
# How CODECS and the sample entry call them.
CALLED = {'flac': ('fLaC', 'fLaC'), 'alac': ('alac', 'alac'), 'opus': ('Opus', 'Opus'), 'ac3': ('ac-3', 'ac-3'), 'eac3': ('ec-3', 'ec-3'),
          'mp3': ('mp4a.40.34', 'mp4a')}


def samples(path, *more):
    """The first sound as ffmpeg decodes it, all channels, 16 bits a sample."""
    code, out, err = house.run(['ffmpeg', '-v', 'fatal', '-nostdin', '-i', path, '-map', '0:a:0', *more, '-f', 's16le', '-'], 300)
    assert code == 0 and out, err
    return out


def packets(path):
    """A digest of each packet of the first sound, undecoded."""
    code, out, err = house.run(['ffmpeg', '-v', 'error', '-nostdin', '-i', path, '-map', '0:a:0', '-c', 'copy', '-f', 'framemd5', '-'], 300)
    assert code == 0, err
    return [line.split(b',')[5].strip() for line in out.splitlines() if not line.startswith(b'#')]


@spread
class Sounds(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory(prefix='butaca-copies-')
        cls.folder = pathlib.Path(cls.temporary.name)
        cls.addClassCleanup(cls.temporary.cleanup)
        film = house.media('sintel-trailer-720p.mp4') or next((house.DEMO / 'video').glob('*.mp4'))
        cls.paths = {name: house.media(name) for name in [*REAL_SOUNDS, *REFUSED_SOUNDS] if house.media(name)}
        for name, (output, _) in SOUNDS.items():
            cls.paths[name] = cls.folder / name
            subprocess.run(['ffmpeg', '-v', 'error', '-nostdin', '-y', '-ss', '8', '-t', '11.3', '-i', film, '-vn', '-ar', '48000', *output,
                            cls.paths[name]], check=True)
        cls.house = house.House(cls.paths.values())
        cls.house.__enter__()
        cls.addClassCleanup(lambda: cls.house.__exit__(None, None, None))
        cls.fetched = {}

    def fetch(self, name, of=None, **wish):
        of = of or self.house
        playback = of.play(pathlib.Path(name).stem, audio=wish or {'codec': 'copy'})
        multivariant = hls.Multivariant(of, playback['hls_url'])
        return playback, [*multivariant.audio, *multivariant.variants][0]

    def rendition(self, name):
        if name not in self.fetched:
            self.fetched[name] = hls.Rendition(self.house, self.fetch(name)[1].url)
        return self.fetched[name]

    def decode(self, rendition, first=0):
        path = self.folder / 'part.mp4'
        path.write_bytes(rendition.init_bytes + b''.join(rendition.bodies[first:]))
        return samples(path)

    def codec(self, name):
        streams = measure._probe(self.paths[name], '-select_streams', 'a:0', '-show_entries', 'stream=codec_name,sample_rate,channels')['streams']
        return streams[0]['codec_name'], int(streams[0]['sample_rate']), streams[0]['channels']

    @over({name: name for name in SETTLES})
    def test_it_decodes_to_what_the_original_does_also_after_a_jump(self, name):
        rendition = self.rendition(name)
        codec, rate, channels = self.codec(name)
        source, ours = samples(self.paths[name]), self.decode(rendition)
        frame_bytes = 2 * channels
        settle = SETTLES[name] * rate // 48000 * frame_bytes
        # ffmpeg leaves out what a tag of LAME tells of the beginning and the end, and what a container does of the end.
        middle = len(source) // 2 // frame_bytes * frame_bytes
        piece = source[middle:middle + 1000 * frame_bytes]
        # Silence is everywhere: what is so is compared where it lies.
        self.assertIn(piece, ours)
        shift = ours.find(piece) - middle if ours.count(piece) == 1 else 0
        if codec in ('flac', 'alac', 'ac3', 'eac3', 'opus') and name != 'sintel-trailer-h264-opus.mkv':
            self.assertEqual(shift, 0, 'it begins where the original does')
        begin = settle if shift else 0
        self.assertEqual(ours[begin + shift:len(source) + shift], source[begin:len(ours) - shift])
        self.assertGreaterEqual(len(ours) - shift, len(source) - 1152 * frame_bytes)
        jump = len(rendition.bodies) // 2
        tail = self.decode(rendition, jump)
        sizes = sum(sample.duration for segment in rendition.segments[jump:] for fragment in segment for sample in fragment.samples)
        self.assertGreaterEqual(len(tail) // frame_bytes, sizes - 1152)
        same = len(tail) - settle
        # ffmpeg fills what AC-3 left out with noise of its own (ETSI TS 102 366, 7.3.4): there the packets have to do.
        if same > 0 and codec not in ('ac3', 'eac3'):
            self.assertEqual(tail[-same:], ours[-same:], f'from segment {jump} on')

    @over({name: name for name in SETTLES})
    def test_its_packets_are_those_of_the_original(self, name):
        path = self.folder / 'whole.mp4'
        path.write_bytes(self.rendition(name).whole())
        ours, source = packets(path), packets(self.paths[name])
        # Without a packet before presentation time 0, one that holds a tag of LAME, and one that an edit list cuts off.
        self.assertIn(ours, [source[begin:len(source) - end] for begin in range(3) for end in range(2)])

    @over({name: name for name in SETTLES})
    def test_its_times_are_exact_and_its_playlist_tells_what_it_is(self, name):
        playback, _ = self.fetch(name)
        rendition = self.rendition(name)
        codec, rate, _ = self.codec(name)
        self.assertEqual({line['action'] for line in playback['plan'] if line['track'] == 'audio 0'}, {'copy'})
        called = CALLED[codec][0] if codec != 'mp3' or rate >= 32000 else 'mp4a.69'
        self.assertIn(called, self.house.fetch(playback['hls_url']).decode())
        self.assertEqual(rendition.init.kind, CALLED[codec][1])
        self.assertEqual(rendition.init.timescale, rate)
        end = 0
        for segment in rendition.segments:
            for fragment in segment:
                self.assertEqual(fragment.tfdt, end)
                end = fragment.end
        durations = [sample.duration for sample in rendition.samples()]
        self.assertEqual(len(set(durations[1:-1])), 1, 'all but the first and the last are alike')
        self.assertFalse(rendition.init.has_edit_list)
        self.assertFalse(any(sample.offset for sample in rendition.samples()))

    @over({name: name for name in SOUNDS})
    def test_its_own_name_asks_for_it_too_but_not_with_a_bit_rate(self, name):
        codec = self.codec(name)[0]
        playback, _ = self.fetch(name, codec=codec)
        self.assertEqual([line['action'] for line in playback['plan'] if line['track'] == 'audio 0'], ['copy'])
        if codec in ('opus', 'mp3'):
            playback, _ = self.fetch(name, codec=codec, bitrate=96)
            self.assertEqual([line['action'] for line in playback['plan'] if line['track'] == 'audio 0'], ['encode'])

    @over({name: name for name in SOUNDS})
    def test_without_a_wish_it_is_made_anew_for_everybody(self, name):
        plan = self.house.play(pathlib.Path(name).stem)['plan']
        self.assertEqual([(line['action'], line['what'][:3]) for line in plan if line['track'] == 'audio 0'], [('encode', 'AAC')])

    @over({name: (name, why) for name, why in REFUSED_SOUNDS.items() if house.media(name)})
    def test_what_cannot_be_copied_exactly_is_refused_in_words(self, case):
        name, why = case
        code, said = refusal(self.house, {'item': pathlib.Path(name).stem, 'audio': {'codec': 'copy'}})
        self.assertEqual(code, 422)
        self.assertIn('audio.codec', said)
        self.assertIn(why, said)

    def test_the_same_bytes_come_in_any_order(self):
        with house.House(self.paths.values(), ['workers.count=1', 'workers.look_ahead_segments=0']) as other:
            for name in SOUNDS:
                rendition = self.rendition(name)
                url = self.fetch(name, other)[1].url
                reverse = [other.fetch(url.replace('index.m3u8', f'{k}.m4s')) for k in range(len(rendition.bodies) - 1, -1, -1)]
                init = other.fetch(url.replace('index.m3u8', 'init.mp4'))
                self.assertEqual(init + b''.join(reverse[::-1]), rendition.whole(), name)


if __name__ == '__main__':
    unittest.main(verbosity=1)
