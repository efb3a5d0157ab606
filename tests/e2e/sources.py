#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""One film with its sound in every format that people have, and with its subtitles in every form that a film can hold: each
second sounds as it did, each line is read and drawn when it was."""
import math
import pathlib
import re
import subprocess
import tempfile
import unittest

import clip
import hls
import house
import measure
from spread import over, spread

# Name -> (file's suffix, ffmpeg's words, what the catalogue calls it).
SOUNDS = {
    'ac3': ('mkv', ['ac3', '-b:a', '192k'], 'ac3'),
    'adpcm': ('avi', ['adpcm_ms'], 'adpcm'),
    'alac': ('m4v', ['alac'], 'alac'),
    'dts': ('mkv', ['dca', '-strict', '-2', '-ac', '2', '-b:a', '768k'], 'dts'),
    'eac3': ('mp4', ['eac3', '-b:a', '192k'], 'eac3'),
    'flac': ('mkv', ['flac'], 'flac'),
    'mp2': ('ts', ['mp2', '-b:a', '192k'], 'mp2'),
    'mp3': ('avi', ['libmp3lame', '-b:a', '128k'], 'mp3'),
    'opus': ('webm', ['libopus', '-b:a', '96k'], 'opus'),
    'pcm': ('mov', ['pcm_s24le'], 'pcm'),
    'vorbis': ('mkv', ['libvorbis', '-q:a', '5'], 'vorbis'),
    'wma': ('asf', ['wmav2', '-b:a', '128k'], 'wma'),
}
# ffmpeg writes TTML without marks, and GStreamer's demuxer takes them from MP4's own text.
UNMARKED = ('ttml', 'tx3g')
PICTURES = {'webm': ['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-b:v', '400k']}
# Name -> (file's suffix, ffmpeg's words, what the catalogue calls it).
WORDS = {
    'ass': ('mkv', ['ass'], 'ass'),
    'srt': ('mkv', ['srt'], 'srt'),
    'ttml': ('mp4', ['ttml'], 'ttml'),
    'tx3g': ('mp4', ['mov_text'], 'tx3g'),
    'webvtt': ('mkv', ['webvtt'], 'webvtt'),
}


def ffmpeg(*words):
    return subprocess.run(['ffmpeg', '-v', 'error', '-nostdin', '-y', *map(str, words)], check=True, capture_output=True).stdout


def pitch_hz(samples, rate):
    """Of a pure tone: how often it crosses zero upwards."""
    ups = [i - samples[i] / (samples[i + 1] - samples[i]) for i in range(len(samples) - 1) if samples[i] < 0 <= samples[i + 1]]
    return (len(ups) - 1) * rate / (ups[-1] - ups[0]) if len(ups) > 1 else 0


@spread
class Sources(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        held = tempfile.TemporaryDirectory(prefix='butaca-sources-')
        cls.addClassCleanup(held.cleanup)
        folder = pathlib.Path(held.name)
        source = clip.make(folder)
        paths = []
        for name, (suffix, codec, _) in SOUNDS.items():
            paths.append(folder / f'sound-{name}.{suffix}')
            pictures = PICTURES.get(suffix, ['-c:v', 'copy'] if suffix in ('mkv', 'mp4', 'm4v', 'mov', 'ts') else ['-c:v', 'mpeg4', '-q:v', '5'])
            ffmpeg('-t', 8, '-i', source, '-map', '0:v', '-map', '0:a:0', *pictures, '-c:a', *codec, paths[-1])
        for name, (suffix, codec, _) in WORDS.items():
            paths.append(folder / f'words-{name}.{suffix}')
            ffmpeg('-i', source, '-i', source.with_suffix('.es.vtt'), '-map', '0:v', '-map', '0:a:0', '-map', '1', '-c', 'copy', '-c:s', *codec,
                   '-metadata:s:s:0', 'language=spa', paths[-1])
        pictures = house.media('pgs-subtitles.mkv')
        if pictures:
            paths.append(folder / 'words-vobsub.mkv')
            ffmpeg('-i', pictures, '-map', '0:v', '-map', '0:a', '-map', '0:s', '-c', 'copy', '-c:s', 'dvdsub', paths[-1])
        cls.house = house.House(paths)
        cls.house.__enter__()
        cls.addClassCleanup(lambda: cls.house.stop())
        cls.catalogue = cls.house.catalogue()

    @over({name: name for name in SOUNDS})
    def test_each_second_sounds_as_it_did(self, name):
        slug = f'sound-{name}'
        self.assertEqual([track['codec'] for track in self.catalogue[slug]['audio']], [SOUNDS[name][2]])
        samples = measure.sound(self.house.play(slug)['hls_url'], clip.RATE)
        self.assertAlmostEqual(len(samples) / clip.RATE, 8, delta=0.1)
        for second in range(8):
            # Less its edges, where some formats keep a whole frame's distance to the picture.
            piece = samples[second * clip.RATE + clip.RATE // 5:(second + 1) * clip.RATE - clip.RATE // 5]
            self.assertAlmostEqual(pitch_hz(piece, clip.RATE), clip.pitch_hz(second, 'en'), delta=2, msg=f'second {second}')

    def subtitle_url(self, slug):
        found, = hls.Multivariant(self.house, self.house.play(slug)['hls_url']).subtitles
        self.assertEqual(found.attributes['LANGUAGE'], 'es')
        return found.url

    @over({name: name for name in WORDS})
    def test_each_line_is_read_when_it_was_said(self, name):
        slug = f'words-{name}'
        self.assertEqual([track['format'] for track in self.catalogue[slug]['subtitles']], [WORDS[name][2]])
        text = self.house.fetch(self.subtitle_url(slug).rpartition('/')[0] + '/cues.vtt').decode()
        found = [(float(begin), float(end), words) for begin, end, words in re.findall(r'00:00:([\d.]+) --> 00:00:([\d.]+).*\n(.+)', text)]
        words = [words for _, _, words in clip.CUES['es']]
        if name in UNMARKED:
            words = [re.sub('<.*?>', '', line) for line in words]
        self.assertEqual([line for _, _, line in found], words)
        for (begin, end, _), (wanted_begin, wanted_end, _) in zip(found, clip.CUES['es']):
            self.assertAlmostEqual(begin, wanted_begin, delta=1 / clip.FPS)
            self.assertAlmostEqual(end, wanted_end, delta=1 / clip.FPS)

    def pictures(self, slug, **wishes):
        """Each picture in grey, of the largest rendition."""
        url = hls.Multivariant(self.house, self.house.play(slug, **wishes)['hls_url']).variants[0].url
        size, (width, height) = 'scale=320:180,format=gray', (320, 180)
        raw = ffmpeg('-i', url, '-map', '0:v:0', '-vf', size, '-fps_mode', 'passthrough', '-f', 'rawvideo', '-')
        return [raw[i:i + width * height] for i in range(0, len(raw), width * height)]

    def drawn_in(self, slug, **wishes):
        """Which pictures differ from the clean ones by more than encoding them twice does."""
        clean = self.pictures(slug, video={'codec': 'h264', **wishes})
        burned = self.pictures(slug, video={'codec': 'h264', **wishes}, subtitles={'index': 0, 'mode': 'burn'})
        self.assertEqual(len(clean), len(burned))
        return [i for i, (one, other) in enumerate(zip(clean, burned)) if sum(abs(a - b) > 60 for a, b in zip(one, other)) > 30]

    @over({name: name for name in WORDS})
    def test_each_line_is_drawn_into_the_very_frames(self, name):
        drawn = self.drawn_in(f'words-{name}')
        wanted = [i for i in range(clip.LENGTH_S * clip.FPS) if any(begin <= i / clip.FPS < end for begin, end, _ in clip.CUES['es'])]
        # A frame at the very border may be on either side of it.
        borders = {math.floor(edge * clip.FPS) + more for begin, end, _ in clip.CUES['es'] for edge in (begin, end) for more in (-1, 0, 1)}
        self.assertEqual([i for i in drawn if i not in borders], [i for i in wanted if i not in borders])

    def test_pictures_of_a_disc_are_drawn(self):
        if 'words-vobsub' not in self.catalogue:
            self.skipTest('the film with pictures for subtitles is not there')
        self.assertEqual(self.catalogue['words-vobsub']['subtitles'][0]['format'], 'vobsub')
        self.assertGreater(len(self.drawn_in('words-vobsub')), 5)


if __name__ == '__main__':
    unittest.main(verbosity=1)
