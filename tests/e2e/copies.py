#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is sent as it is decodes to what the original decodes to, bit for bit, from the beginning and after a jump."""
import hashlib
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import chromium
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


def make(folder, name, output):
    """A piece of a real film, as ffmpeg makes it."""
    film = house.media('sintel-trailer-720p.mp4') or next((house.DEMO / 'video').glob('*.mp4'))
    subprocess.run(['ffmpeg', '-v', 'error', '-nostdin', '-y', '-ss', '8', '-t', str(LONG.get(name, 10)), '-i', film, *output, folder / name], check=True)
    return folder / name


def make_all(folder):
    """The made films, by name."""
    film = house.media('sintel-trailer-720p.mp4') or next((house.DEMO / 'video').glob('*.mp4'))
    paths = {name: make(folder, name, output) for name, output in MADE.items()}
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
        code, said = self.house.refusal({'item': pathlib.Path(name).stem, 'video': {'codec': 'copy'}})
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

PLAYED = {'vp9': ('vp9-realtime.webm', {'video': {'codec': 'copy'}}), 'vp9-superframes': ('vp9-superframes.mp4', {'video': {'codec': 'vp9'}}),
          'av1': ('av1-plain.mp4', {'video': {'codec': 'copy'}}), 'av1-pq': ('av1-pq.mkv', {'video': {'codec': 'copy'}}),
          'opus': ('opus-song.opus', {'audio': {'codec': 'copy'}}), 'flac': ('flac-song.flac', {'audio': {'codec': 'copy'}}),
          # Made, but lossless too: 24 bits a sample.
          'flac-made': ('opus-song.opus', {'audio': {'codec': 'flac'}}),
          'vp9-and-opus': ('both.webm', {'video': {'codec': 'copy'}, 'audio': {'codec': 'copy'}})}
SONGS = {'opus-song.opus': ['-vn', '-c:a', 'libopus'], 'flac-song.flac': ['-vn', '-c:a', 'flac'],
         'both.webm': ['-vf', 'scale=320:180', '-g', '48', '-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-c:a', 'libopus']}


@spread
class Chromium(unittest.TestCase):
    """What Chromium can play as it is: no HEVC, AC-3 or ALAC without the help of a system that has them, and no MP3 in MP4."""

    @classmethod
    def setUpClass(cls):
        if not shutil.which('node') or not shutil.which(os.environ.get('CHROMIUM', 'chromium')):
            raise unittest.SkipTest('there is no browser')
        temporary = tempfile.TemporaryDirectory(prefix='butaca-copies-')
        cls.addClassCleanup(temporary.cleanup)
        folder = pathlib.Path(temporary.name)
        made = MADE | SONGS
        paths = [make(folder, name, made[name]) for name in {name for name, _ in PLAYED.values()}]
        cls.house = house.House(paths)
        cls.house.__enter__()
        cls.addClassCleanup(lambda: cls.house.__exit__(None, None, None))

    @over(PLAYED)
    def test_it_plays_to_the_end_and_after_jumps(self, case):
        name, wishes = case
        seen = chromium.watch(self.house.base + '/', pathlib.Path(name).stem, wishes=wishes, seeks_s=[6, 2], rate=4)
        self.assertEqual((seen['console'], seen['responses'], seen['failed'], seen['message']), ([], [], [], ''))
        self.assertEqual(len(seen['seeks']), 2)
        self.assertAlmostEqual(seen['whole']['played'][-1][1], seen['duration_s'], delta=0.2)
        self.assertEqual(seen['whole']['corrupted'], 0)


if __name__ == '__main__':
    unittest.main(verbosity=1)
