#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Keyframes, thumbnails and chapters, held against what ffmpeg shows of the same films; trick.py [Class.test]"""
import json
import math
import pathlib
import re
import shutil
import struct
import tempfile
import unittest
import urllib.parse

import hls
import house
import mp4
import rough

# Progressive, with keyframes of its own and far apart, of variable rate, interlaced, turned, of many colours.
FILMS = ['sintel-trailer-720p.mp4', 'tears-of-steel-battle.webm', 'interlaced-dv-pal.mov', 'phone-rotated-180-no-audio.mp4',
         'surveillance-no-audio-10fps.mp4', 'av1-hdr10-portrait.mp4']
WITH_CHAPTERS = ['chapters-444.mkv', 'chapters-quicktime.mp4']
# What is compared: the picture in grey, this small, so that neither codec nor scaler has much of a say.
LOOK = (48, 32)
# Of each film.
SAMPLE = 10
ENOUGH_DB = 24
# ffmpeg is not asked to map the light of HDR, so only the shapes are compared there.
HDR = {'av1-hdr10-portrait'}
ENOUGH_LIKENESS = 0.9
# Shown a field at a time; ffmpeg does the same here. The first pictures are what is compared.
FIELDS = {'interlaced-dv-pal': 'bwdif=mode=send_field'}


def ffmpeg(*words, data=None):
    status, out, err = house.run(['ffmpeg', '-v', 'error', '-nostdin', *words])
    assert status == 0, err
    return out, err


def looks(path, *filters):
    """Every picture of a file, small and grey."""
    shape = f'scale={LOOK[0]}:{LOOK[1]}:flags=area,format=gray'
    out, _ = ffmpeg('-i', path, '-an', '-fps_mode', 'passthrough', '-vf', ','.join([*filters, shape]), '-f', 'rawvideo', '-')
    size = LOOK[0] * LOOK[1]
    assert out and len(out) % size == 0
    return [out[at:at + size] for at in range(0, len(out), size)]


def times_s(path):
    """When each picture is shown, in the order of presentation, from the film's beginning."""
    status, out, err = house.run(['ffprobe', '-v', 'error', '-select_streams', 'V:0', '-show_entries',
                                  'frame=best_effort_timestamp_time:format=start_time', '-of', 'json', path])
    assert status == 0, err
    told = json.loads(out)
    start = float(told['format'].get('start_time') or 0)
    return [float(frame['best_effort_timestamp_time']) - start for frame in told['frames']]


def psnr_db(one, other):
    error = sum((a - b) ** 2 for a, b in zip(one, other)) / len(one)
    return 99 if error == 0 else 10 * math.log10(255 ** 2 / error)


def likeness(one, other):
    """1 when the one is the other but for brightness and contrast (Pearson's correlation)."""
    mean_one, mean_other = sum(one) / len(one), sum(other) / len(other)
    both = sum((a - mean_one) * (b - mean_other) for a, b in zip(one, other))
    return both / math.sqrt(sum((a - mean_one) ** 2 for a in one) * sum((b - mean_other) ** 2 for b in other))


def sample(count):
    """Numbers from 0 on: the first, the last and some between."""
    if count <= SAMPLE:
        return list(range(count))
    return sorted({round(i * (count - 1) / (SAMPLE - 1)) for i in range(SAMPLE)})


class Film:
    """A film as ffmpeg shows it."""

    def __init__(self, path):
        self.slug = path.stem
        self.times_s = times_s(path)
        self.looks = looks(path, *([FIELDS[self.slug]] if self.slug in FIELDS else []))
        if self.slug in FIELDS:
            self.looks = self.looks[::2]
        assert len(self.times_s) == len(self.looks), (path, len(self.times_s), len(self.looks))

    def frame_at(self, time_s):
        """Which picture is shown then; a tick's rounding does not count."""
        shown = [i for i, begins in enumerate(self.times_s) if begins <= time_s + 0.002]
        return shown[-1] if shown else 0

    def differs(self, look, time_s):
        """How a picture differs from the film's own of that time; nothing when it does not."""
        own = self.looks[self.frame_at(time_s)]
        if self.slug in HDR:
            return '' if likeness(look, own) > ENOUGH_LIKENESS else f'likeness {likeness(look, own):.3f}'
        return '' if psnr_db(look, own) > ENOUGH_DB else f'{psnr_db(look, own):.1f} dB'


class Rows:
    """A media playlist of keyframes."""

    def __init__(self, text):
        self.lines = text.splitlines()
        self.durations_s = [float(line[8:].rstrip(',')) for line in self.lines if line.startswith('#EXTINF:')]
        self.names = [line for line in self.lines if line and line[0] != '#']

    def start_s(self, number):
        return sum(self.durations_s[:number])


def keyframes_of(playback):
    """The attributes of the keyframes' variant, and its rendition."""
    found = [hls.attributes(line.partition(':')[2]) for line in playback.text('master.m3u8').splitlines()
             if line.startswith('#EXT-X-I-FRAME-STREAM-INF:')]
    assert len(found) == 1, found
    return found[0], found[0]['URI'].partition('/')[0]


def cues(text):
    """(start, end, payload) of a WebVTT file, in seconds."""
    def seconds(clock):
        hours, minutes, rest = clock.split(':')
        return int(hours) * 3600 + int(minutes) * 60 + float(rest)
    assert text.startswith('WEBVTT\n'), text[:20]
    return [(seconds(begin), seconds(end), payload)
            for begin, end, payload in re.findall(r'^(\S+) --> (\S+)\n(.*)$', text, re.M)]


def jpeg_size(data):
    """Width and height from the frame header (ITU-T T.81, B.2.2)."""
    assert data[:2] == b'\xff\xd8', data[:4]
    at = 2
    while True:
        marker, length = struct.unpack('>HH', data[at:at + 4])
        if 0xffc0 <= marker <= 0xffc2:
            height, width = struct.unpack('>HH', data[at + 5:at + 9])
            return width, height
        at += 2 + length


class Trick(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        paths = [path for path in map(house.media, FILMS + WITH_CHAPTERS) if path]
        if not any(path.name in FILMS for path in paths):
            raise unittest.SkipTest('there are no real media')
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix='butaca-trick-'))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.films = [Film(path) for path in paths if path.name in FILMS]
        cls.house = rough.RoughHouse(paths, ['workers.count=2'])
        cls.house.__enter__()
        cls.addClassCleanup(lambda: cls.house.stop())
        cls.playbacks = {film.slug: cls.house.playback(film.slug) for film in cls.films}

    def body(self, playback, path):
        reply = rough.fetch(f'{playback.base}/{path}')
        self.assertEqual(reply.status, 200, (path, reply.body[:300]))
        return reply.body

    def write(self, name, data):
        path = self.folder / name
        path.write_bytes(data)
        return path

    def test_every_keyframe_decodes_alone_to_the_films_picture_of_that_time(self):
        for film in self.films:
            playback = self.playbacks[film.slug]
            told, rendition = keyframes_of(playback)
            rows = Rows(playback.text(f'{rendition}/index.m3u8'))
            self.assertIn('#EXT-X-I-FRAMES-ONLY', rows.lines)
            self.assertAlmostEqual(sum(rows.durations_s), film.times_s[-1], delta=1.5)
            init = self.body(playback, f'{rendition}/init.mp4')
            expected_tfdt = 0
            for number in range(len(rows.names)):
                with self.subTest(film=film.slug, number=number):
                    segment = self.body(playback, f'{rendition}/{rows.names[number]}')
                    path = self.write('one.mp4', init + segment)
                    shown = looks(path)
                    self.assertEqual(len(shown), 1)
                    parsed = mp4.Init(init)
                    fragment, = mp4.fragments(segment, parsed)
                    only, = fragment.samples
                    # ffprobe tells what the codec's own rate would make of it, not what the file says.
                    self.assertAlmostEqual(only.duration / parsed.timescale, rows.durations_s[number], delta=0.0005)
                    self.assertEqual(fragment.tfdt, expected_tfdt)
                    expected_tfdt = fragment.end
                    status, out, err = house.run(['ffprobe', '-v', 'error', '-show_entries',
                                                  'stream=width,height:packet=pts_time,dts_time,duration_time,flags', '-of', 'json', path])
                    self.assertEqual((status, err), (0, ''))
                    facts = json.loads(out)
                    packet, = facts['packets']
                    self.assertIn('K', packet['flags'])
                    self.assertAlmostEqual(float(packet['pts_time']), rows.start_s(number), delta=0.0005)
                    self.assertEqual(packet['pts_time'], packet['dts_time'])
                    self.assertEqual(f"{facts['streams'][0]['width']}x{facts['streams'][0]['height']}", told['RESOLUTION'])
                    self.assertLessEqual(facts['streams'][0]['height'], 360)
                    self.assertLessEqual(len(segment) * 8 / rows.durations_s[number], int(told['BANDWIDTH']))
                    self.assertEqual(film.differs(shown[0], rows.start_s(number)), '')

    def test_the_measure_tells_one_picture_from_another(self):
        # Guards the comparisons: pictures half a film apart must not pass for each other.
        for film in self.films[:2]:
            half = len(film.looks) // 2
            wrong = [psnr_db(film.looks[at], film.looks[(at + half) % len(film.looks)])
                     for at in range(0, len(film.looks), 50)]
            self.assertLess(sorted(wrong)[len(wrong) // 2], ENOUGH_DB, film.slug)

    def test_keyframes_as_transport_streams_show_the_same_picture(self):
        film = self.films[0]
        playback = self.house.playback(film.slug, container='ts')
        _, rendition = keyframes_of(playback)
        rows = Rows(playback.text(f'{rendition}/ts.m3u8'))
        for number in sample(len(rows.names))[:4]:
            shown = looks(self.write('one.ts', self.body(playback, f'{rendition}/{rows.names[number]}')))
            self.assertEqual(len(shown), 1)
            self.assertEqual(film.differs(shown[0], rows.start_s(number)), '')

    def test_players_that_know_nothing_of_keyframes_play_on(self):
        for film in self.films[:2]:
            _, err = ffmpeg('-t', '4', '-i', self.playbacks[film.slug].hls_url, '-f', 'null', '-')
            self.assertEqual(err, '')

    def test_the_index_covers_the_whole_film_and_sheets_have_their_size(self):
        catalogue = self.house.catalogue()
        for film in self.films:
            playback = self.playbacks[film.slug]
            index = cues(playback.text('thumbnails.vtt'))
            self.assertEqual(index[0][0], 0)
            for (_, end, _), (start, _, _) in zip(index, index[1:]):
                self.assertEqual(end, start)
            self.assertAlmostEqual(index[-1][1] * 1000, catalogue[film.slug]['duration_ms'], delta=700)
            sheets = {}
            for _, _, payload in index:
                name, _, place = payload.partition('#xywh=')
                x, y, width, height = map(int, place.split(','))
                sheets.setdefault(name, []).append((x + width, y + height))
            for name, corners in sheets.items():
                data = self.body(playback, name)
                self.assertEqual(jpeg_size(data), (max(x for x, _ in corners), max(y for _, y in corners)), name)
            self.assertEqual(rough.fetch(f'{playback.base}/thumbnails-{len(sheets)}.jpg').status, 404)

    def test_a_tile_shows_the_films_picture_of_its_time(self):
        for film in self.films:
            playback = self.playbacks[film.slug]
            index = cues(playback.text('thumbnails.vtt'))
            for number in sample(len(index)):
                start, _, payload = index[number]
                name, _, place = payload.partition('#xywh=')
                x, y, width, height = place.split(',')
                with self.subTest(film=film.slug, time_s=start):
                    sheet = self.write('sheet.jpg', self.body(playback, name))
                    tile, = looks(sheet, f'crop={width}:{height}:{x}:{y}')
                    self.assertEqual(film.differs(tile, start), '')

    def test_sheets_are_made_ahead_while_workers_rest(self):
        house.wait_for(lambda: self.house.metrics()['butaca_thumbnail_sheets_total'] > 0, 'a sheet is made')

    def test_all_of_it_is_the_same_in_any_order(self):
        wanted = []
        for slug, playback in self.playbacks.items():
            _, rendition = keyframes_of(playback)
            rows = Rows(playback.text(f'{rendition}/index.m3u8'))
            wanted += [(slug, f'{rendition}/{rows.names[i]}') for i in sample(len(rows.names))]
            sheets = {payload.partition('#')[0] for _, _, payload in cues(playback.text('thumbnails.vtt'))}
            wanted += [(slug, name) for name in sorted(sheets)]
        truth = [rough.sha256(self.body(self.playbacks[slug], path)) for slug, path in wanted]
        self.assertGreater(len(set(truth)), len(truth) * 3 // 4)
        self.house.empty_the_cache()
        again = [rough.sha256(self.body(self.playbacks[slug], path)) for slug, path in wanted[::-1]]
        self.assertEqual([key for key, one, other in zip(wanted, truth, again[::-1]) if one != other], [])

    def test_music_has_none_of_it(self):
        path = house.media('speech-jfk.flac')
        if not path:
            self.skipTest('no music')
        shutil.copy(path, self.house.folder / 'audio')
        house.wait_for(lambda: path.stem in self.house.catalogue(), 'music is listed')
        answer = self.house.play(path.stem)
        self.assertIsNone(answer['thumbnails_url'])
        playback = rough.Playback(answer)
        self.assertNotIn('I-FRAME', playback.text('master.m3u8'))
        for name in ('thumbnails.vtt', 'thumbnails-0.jpg', 'chapters.json', 'chapters.vtt'):
            self.assertEqual(rough.fetch(f'{playback.base}/{name}').status, 404, name)


class Chapters(unittest.TestCase):
    EXPECTED = {'chapters-444': [(0, 2000, 'Chapter 1'), (2000, 4999, 'Chapter 2')],
                'chapters-quicktime': [(0, 201, 'Chapter 1'), (201, 800, 'Chapter 2'), (800, 850, 'Chapter 3')]}

    @classmethod
    def setUpClass(cls):
        names = WITH_CHAPTERS + ['sintel-trailer-720p.mp4', 'elephants-dream.chapters.en.vtt']
        paths = [house.media(name) for name in names]
        if None in paths:
            raise unittest.SkipTest('there are no real media')
        cls.sidecar = paths.pop()
        cls.house = rough.RoughHouse(paths, ['workers.count=1'], peaceful=True)
        cls.house.__enter__()
        cls.addClassCleanup(lambda: cls.house.stop())

    def listed(self, slug):
        return [(chapter['start_ms'], chapter['end_ms'], chapter['title']) for chapter in self.house.catalogue()[slug]['chapters']]

    def test_of_the_file_stand_in_the_catalogue_and_in_the_playlist(self):
        for slug, expected in self.EXPECTED.items():
            self.assertEqual(self.listed(slug), expected)
            playback = self.house.playback(slug)
            self.assertIn('#EXT-X-SESSION-DATA:DATA-ID="com.apple.hls.chapters",URI="chapters.json"\n', playback.text('master.m3u8'))
            told = [(round(chapter['start-time'] * 1000), round((chapter['start-time'] + chapter['duration']) * 1000),
                     chapter['titles'][0]['title']) for chapter in json.loads(playback.text('chapters.json'))]
            self.assertEqual(told, expected)
            self.assertEqual([(round(a * 1000), round(b * 1000), title) for a, b, title in cues(playback.text('chapters.vtt'))], expected)
            _, err = ffmpeg('-t', '1', '-i', playback.hls_url, '-f', 'null', '-')
            self.assertEqual(err, '')

    def test_of_a_file_beside_the_film_come_and_go_with_it(self):
        slug = 'sintel-trailer-720p'
        self.assertEqual(self.listed(slug), [])
        beside = self.house.folder / 'video' / f'{slug}.chapters.en.vtt'
        shutil.copy(self.sidecar, beside)
        chapters = house.wait_for(lambda: self.listed(slug), 'the chapters are listed')
        # The film is 52 s long; the chapters are those of a longer one.
        self.assertEqual(chapters, [(0, 27500, 'Prologue'), (27500, 52209, 'Switchboard trap')][:1] + chapters[1:])
        self.assertEqual(chapters[1][::2], (27500, 'Switchboard trap'))
        self.assertEqual(chapters[1][1], self.house.catalogue()[slug]['duration_ms'])
        self.assertEqual(len(chapters), 2)
        self.assertEqual(self.house.catalogue()[slug]['chapters'][0]['language'], 'en')
        self.assertEqual(self.house.catalogue()[slug]['subtitles'], [])
        beside.unlink()
        house.wait_for(lambda: not self.listed(slug), 'the chapters are gone')


if __name__ == '__main__':
    unittest.main(verbosity=1)
