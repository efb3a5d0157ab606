#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The sound of a title as one file: its length and any part of it before anything else was made, every sample of the source
in its place, and tracks that follow one another without a gap; files.py"""
import array
import math
import pathlib
import random
import re
import statistics
import subprocess
import tempfile
import unittest
import urllib.error
import urllib.request

import house
from spread import over, spread

FORMATS = ('mp3', 'opus', 'm4a', 'flac')
# Mono and stereo; the long ones in one format each.
SOURCES = {'speech-jfk.flac': FORMATS, 'corelli-trio-sonata.m4a': FORMATS, 'kevin-macleod-vibe-ace.ogg': ['mp3'],
           'flow-theory-paul-allen-song.mp3': ['opus']}
RATE = 48000
CASES = {f'{source}_{kind}': (source, kind) for source, kinds in SOURCES.items() if house.media(source) for kind in kinds}


def samples(path, rate=RATE, channels=1):
    """What ffmpeg makes of a file, as floats."""
    raw = subprocess.run(['ffmpeg', '-v', 'error', '-nostdin', '-i', path, '-vn', '-ac', str(channels), '-ar', str(rate), '-f', 'f32le', '-'],
                         check=True, capture_output=True).stdout
    return array.array('f', raw)


def noise_db(ours, source):
    """What is left of one when the other is taken away, against it."""
    rest = sum((a - b) ** 2 for a, b in zip(ours, source))
    return 10 * math.log10(rest / max(1e-12, sum(b * b for _, b in zip(ours, source))) + 1e-12)


class Part:
    """An answer to a request for a part."""

    def __init__(self, url, first=None, last='', method='GET', **headers):
        request = urllib.request.Request(url, method=method, headers=headers)
        if first is not None:
            request.add_header('Range', f'bytes={first}-{last}')
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                self.status, self.headers, self.body = answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as answer:
            self.status, self.headers, self.body = answer.code, answer.headers, answer.read()


@spread
class Files(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.paths = {name: house.media(name) for name in SOURCES if house.media(name)}
        if not cls.paths:
            raise unittest.SkipTest('there are no real media')
        cls.folder = tempfile.TemporaryDirectory(prefix='butaca-files-')
        cls.addClassCleanup(cls.folder.cleanup)
        cls.tracks = cls.cut_in_two()
        cls.house = house.House([*cls.paths.values(), *cls.tracks])
        cls.house.__enter__()
        cls.addClassCleanup(lambda: cls.house.__exit__(None, None, None))

    @classmethod
    def cut_in_two(cls):
        """One recording as the two tracks of an album."""
        source, where = samples(cls.paths['corelli-trio-sonata.m4a'], 44100, 2), 44100 * 5 + 123
        cls.album_s = len(source) / 2 / 44100
        paths = [pathlib.Path(cls.folder.name) / f'album-{number}.wav' for number in (1, 2)]
        for path, part in zip(paths, (source[:where * 2], source[where * 2:])):
            subprocess.run(['ffmpeg', '-v', 'error', '-y', '-f', 'f32le', '-ar', '44100', '-ac', '2', '-i', '-', '-c:a', 'pcm_s16le', path],
                           check=True, input=part.tobytes())
        return paths

    def url(self, source, kind, **wishes):
        return self.house.play(pathlib.Path(source).stem, **wishes)['stream_urls'][kind]

    def download(self, url):
        path = f'{self.folder.name}/{random.randrange(1 << 60)}'
        with open(path, 'wb') as out:
            out.write(Part(url).body)
        return path

    @over(CASES)
    def test_any_part_comes_first_and_the_whole_is_what_it_was_promised_to_be(self, case):
        source, kind = case
        url = self.url(source, kind, audio={'bitrate': 96})
        if kind == 'flac':
            first = Part(url)
            self.assertEqual((first.status, first.headers['Accept-Ranges'], first.headers['Content-Length']), (200, 'none', None))
        head = Part(url, method='HEAD')
        size = int(head.headers['Content-Length'])
        chance = random.Random(source + kind)
        parts = [(begin, begin + chance.randrange(200_000)) for begin in (chance.randrange(size) for _ in range(6))]
        got = {(begin, end): Part(url, begin, end) for begin, end in [*parts, (0, 0), (size - 1, size + 5)]}
        whole = Part(url).body
        self.assertEqual(len(whole), size)
        for (begin, end), part in got.items():
            end = min(end, size - 1)
            self.assertEqual((part.status, part.headers['Content-Range']), (206, f'bytes {begin}-{end}/{size}'))
            self.assertEqual(part.body, whole[begin:end + 1])
        self.assertEqual(Part(url, -500 + size).body, whole[-500:])
        self.assertEqual(Part(url, size).status, 416)
        self.assertEqual(Part(url, **{'If-None-Match': head.headers['ETag']}).status, 304)

    @over(CASES)
    def test_every_sample_is_in_its_place(self, case):
        source, kind = case
        ours, theirs = samples(self.download(self.url(source, kind))), samples(self.paths[source])
        # Their decoder keeps what containers call padding, by up to a packet.
        self.assertAlmostEqual(len(ours), len(theirs), delta=2 if kind == 'flac' and source.endswith('.flac') else 2304)
        # At the beginning, where a file tells what to skip, in the middle and at the end; nothing is shown by silence.
        whole = range(0, min(len(ours), len(theirs)) - RATE - 8, RATE // 4)
        loud = [begin for begin in whole if max(map(abs, theirs[begin:begin + RATE])) > 0.02]
        for begin in (loud[0], loud[len(loud) // 2], loud[-1]):
            piece = theirs[begin + 8:begin + RATE]
            least = min(range(-3, 4), key=lambda shift: noise_db(ours[begin + 8 + shift:begin + RATE], piece))
            self.assertEqual(least, 0)
            self.assertLess(noise_db(ours[begin + 8:], piece), -40 if kind == 'flac' else -6)

    @over({kind: kind for kind in FORMATS})
    def test_tracks_follow_one_another_without_a_gap(self, kind):
        paths = [self.download(self.url(track, kind)) for track in self.tracks]
        parts = [samples(path, 48000, 2)[:self.heard(path)] for path in paths]
        source = samples(self.paths['corelli-trio-sonata.m4a'], 48000, 2)
        whole = parts[0] + parts[1]
        self.assertAlmostEqual(len(whole) / 2, self.album_s * 48000, delta=2)
        where = len(parts[0])
        source = source[:len(whole)]
        # Around the place where one track ends and the next begins: as near to the source as elsewhere.
        seam = noise_db(whole[where - 2048:where + 2048], source[where - 2048:where + 2048])
        elsewhere = statistics.median(noise_db(whole[at:at + 4096], source[at:at + 4096])
                                      for at in range(48000 * 2, len(whole) - 48000 * 2, 4096))
        self.assertLess(seam, elsewhere + 6)

    @staticmethod
    def heard(path):
        """What iTunSMPB of an m4a says: ffmpeg plays its last packet to the end."""
        told = re.search(rb' 00000000 [0-9A-F]{8} [0-9A-F]{8} ([0-9A-F]{16}) ', pathlib.Path(path).read_bytes()[:4096])
        return 2 * round(int(told[1], 16) * 48000 / 44100) if told else None

    def test_the_names_of_a_track_travel_with_it(self):
        source = 'flow-theory-paul-allen-song.mp3'
        if source not in self.paths:
            self.skipTest('the song is not there')
        title = self.house.catalogue()[source.rpartition('.')[0]]['title']
        for kind in FORMATS:
            told = subprocess.run(['ffprobe', '-v', 'error', '-show_entries', 'format_tags=title:stream_tags=title', '-of', 'csv=p=0',
                                   self.download(self.url(source, kind))], check=True, capture_output=True, text=True).stdout
            self.assertIn(title, told, kind)

    def test_titles_can_be_made_equally_loud_and_quiet_for_the_night(self):
        levels = {}
        for source in ('speech-jfk.flac', 'corelli-trio-sonata.m4a'):
            if source not in self.paths:
                self.skipTest('the media are not there')
            for wish in ('plain', 'normalize', 'night'):
                path = self.download(self.url(source, 'flac', audio={wish: True} if wish != 'plain' else {}))
                told = subprocess.run(['ffmpeg', '-hide_banner', '-nostats', '-i', path, '-af', 'ebur128', '-f', 'null', '-'],
                                      check=True, capture_output=True, text=True).stderr
                levels[source, wish] = (float(re.findall(r'I:\s+(-?[0-9.]+) LUFS', told)[-1]),
                                        float(re.findall(r'LRA:\s+(-?[0-9.]+) LU', told)[-1]))
        for source in ('speech-jfk.flac', 'corelli-trio-sonata.m4a'):
            self.assertAlmostEqual(levels[source, 'normalize'][0], -18, delta=0.3)
            self.assertAlmostEqual(levels[source, 'normalize'][1], levels[source, 'plain'][1], delta=0.2)
            self.assertLess(levels[source, 'night'][1], levels[source, 'plain'][1])
        plan = self.house.play('speech-jfk', audio={'normalize': True, 'night': True})['plan']
        self.assertIn('its loudness is evened out', plan[0]['why'])

    def test_what_is_no_file_of_ours_is_refused(self):
        url = self.url(next(iter(self.paths)), 'mp3')
        self.assertEqual(Part(url.replace('stream.mp3', 'stream.wav')).status, 404)
        self.assertEqual(Part(url.replace('/s/', '/s/x')).status, 403)


if __name__ == '__main__':
    unittest.main()
