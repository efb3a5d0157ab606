#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Sound that is sent as it is decodes to what the original decodes to, sample for sample, and lies where it lay."""
import pathlib
import subprocess
import tempfile
import unittest

import hls
import house
import measure
from spread import over, spread

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
        return measure.sound_codec(self.paths[name])

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
        self.assertIn(CALLED[codec][0], self.house.fetch(playback['hls_url']).decode())
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
        code, said = self.house.refusal({'item': pathlib.Path(name).stem, 'audio': {'codec': 'copy'}})
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
