#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Players that we did not write play a film and a music track: from start to end, and from a dozen random places."""
import array
import math
import random
import re
import time
import unittest

import chromium
import hls
import house
import measure
import playing
from spread import over, spread

FILM, MUSIC = 'sintel-trailer', 'vibe-ace'
# Made for this viewer, and the best for all: the original's own picture with smaller ones below it.
WISHES = {'made': {'video': {'codec': 'h264', 'max_height': 480}, 'audio': {'codec': 'aac', 'bitrate': 96}}, 'ladder': {}}
TITLES = {'film_made': (FILM, WISHES['made']), 'film_ladder': (FILM, WISHES['ladder']), 'music': (MUSIC, {})}
# ffmpeg and mpv get transport streams by themselves; they have to play MP4 as well.
CONTAINERS = {**TITLES, 'film_made_as_mp4': (FILM, {**WISHES['made'], 'container': 'mp4'})}
PAGE = {'film': FILM, 'music': MUSIC}
PLACES = 12


@spread
class Players(playing.Case):
    @classmethod
    def setUpClass(cls):
        cls.house = house.House([house.DEMO / 'video' / f'{FILM}.mp4', house.DEMO / 'audio' / f'{MUSIC}.ogg'])
        cls.house.__enter__()
        cls.length_s = {slug: item['duration_ms'] / 1000 for slug, item in cls.house.catalogue().items()}
        # The same places each time, so that a failure comes back.
        chance = random.Random(20)
        cls.places_s = {slug: [round(chance.uniform(0, length - 3), 2) for _ in range(PLACES)] for slug, length in cls.length_s.items()}

    @classmethod
    def tearDownClass(cls):
        cls.house.__exit__(None, None, None)

    def url(self, title):
        slug, wishes = title
        return self.house.play(slug, **wishes)['hls_url']

    # ffmpeg

    @over(CONTAINERS)
    def test_ffmpeg_decodes_each_frame_and_sample(self, title):
        slug, url = title[0], self.url(title)
        source = house.media(f'{slug}.mp4') or house.media(f'{slug}.ogg')
        if slug == FILM:
            self.assertEqual(measure.decoded(url, 'v:0'), (measure.frames(source, 'v:0'), ''))
        samples = len(measure.sound(source, 48000)), len(measure.sound(url, 48000))
        # ffmpeg gives out the last frame whole, though it lasts less.
        self.assertLess(abs(samples[1] - samples[0]), 2 * 1024 * 48 // 44, samples)

    @over({name: title for name, title in TITLES.items() if title[0] == FILM})
    def test_ffmpeg_shows_the_very_frame_that_it_jumps_to(self, title):
        url = self.url(title)
        frame_bytes, fps = 64 * 36, 24
        kind = ['-map', '0:v:0', '-fps_mode', 'passthrough', '-f', 'rawvideo', '-s', '64x36', '-pix_fmt', 'gray']
        everything = self.ffmpeg('-i', url, *kind)
        for place_s in self.places_s[FILM]:
            first = math.ceil(place_s * fps - 0.001)
            self.assertEqual(self.ffmpeg('-ss', place_s, '-i', url, *kind, '-frames:v', 2),
                             everything[first * frame_bytes:(first + 2) * frame_bytes], f'at {place_s}')

    def test_ffmpeg_goes_on_with_the_music_that_it_jumps_to(self):
        """It begins with the next frame of AAC, and hears it without the one before."""
        url, rate, frame = self.url(TITLES['music']), 44100, 1024
        kind = ['-map', '0:a:0', '-ac', '1', '-f', 's16le']
        everything = array.array('h', self.ffmpeg('-i', url, *kind))
        for place_s in self.places_s[MUSIC]:
            piece = array.array('h', self.ffmpeg('-ss', place_s, '-i', url, '-t', 0.3, *kind))
            begin = round(place_s * rate)
            late = measure.lag(piece, everything[begin:begin + len(piece) + frame], 2 * frame, 4 * frame, frame + 32)
            self.assertIn(late, range(-1, frame + 2), f'at {place_s}')
            rest = [abs(a - b) for a, b in zip(piece[2 * frame:], everything[begin + 2 * frame + late:])]
            # AAC fills in noise at random: it need not be the same.
            self.assertLess(sum(rest) / len(rest), measure.loudness(piece) / 50, f'at {place_s}')

    # mpv

    @over(CONTAINERS)
    def test_mpv_plays_from_start_to_end(self, title):
        speed, began = 1.5, time.monotonic()  # much faster, and mpv complains that a busy machine cannot keep up
        code, out, err = house.run([*self.MPV, f'--speed={speed}', '--framedrop=no', self.url(title)])
        # Whether it stood still the time tells.
        self.assertLess(time.monotonic() - began, self.length_s[title[0]] / speed + 10)
        self.quiet(code, re.sub(playing.MPV_BUSY.encode(), b'', out), err)

    @over(TITLES)
    def test_mpv_goes_on_from_random_places(self, title):
        self.jump_mpv(self.url(title), self.places_s[title[0]])

    # VLC

    @over(TITLES)
    def test_vlc_plays_from_start_to_end(self, title):
        slug, url = title[0], self.url(title)
        began = time.monotonic()
        code, _, err = house.run(self.vlc('-I', 'dummy', '--play-and-exit', '--rate', '4', url))
        self.assertEqual(code, 0)
        self.judge_vlc(err)
        self.assertGreater(time.monotonic() - began, self.length_s[slug] / 4 * 0.8, 'it gave up early')

    @over(TITLES)
    def test_vlc_goes_on_from_random_places(self, title):
        self.jump_vlc(self.url(title), self.places_s[title[0]])

    # GStreamer

    @over(TITLES)
    def test_gstreamer_plays_from_start_to_end(self, title):
        self.gst_play(self.url(title), '--videosink=fakesink', '--audiosink=fakesink')

    @over({name: title for name, title in TITLES.items() if title[0] == FILM})
    def test_gstreamer_shows_each_frame_once(self, title):
        self.assertEqual(measure.shown_by_gstreamer(self.url(title)), measure.frames(house.media(f'{FILM}.mp4'), 'v:0'))

    @over(TITLES)
    def test_gstreamer_goes_on_from_random_places(self, title):
        slug, url = title[0], self.url(title)
        for place_s in self.places_s[slug]:
            self.gst_play(url, f'--start-position={place_s}', '--videosink=fakesink', '--audiosink=fakesink')

    # hls.js in Chromium

    def watch(self, slug, **wish):
        seen = chromium.watch(self.house.base + '/', slug, **wish)
        self.assertEqual((seen['console'], seen['responses'], seen['failed'], seen['message']), ([], [], [], ''))
        self.assertAlmostEqual(seen['duration_s'], self.length_s[slug], delta=0.1)
        return seen

    @over(PAGE)
    def test_chromium_plays_from_start_to_end(self, slug):
        seen = self.watch(slug, rate=4)
        begin, end = seen['whole']['played'][0][0], seen['whole']['played'][-1][1]
        self.assertLess(begin, 0.1)
        self.assertAlmostEqual(end, seen['duration_s'], delta=0.2)
        self.assertEqual(seen['whole']['corrupted'], 0)

    @over(PAGE)
    def test_chromium_goes_on_from_random_places(self, slug):
        self.assertEqual(len(self.watch(slug, seeks_s=self.places_s[slug])['seeks']), PLACES)

    def test_chromium_changes_the_size_while_it_plays(self):
        levels = self.watch(FILM, levels=True)['levels']
        self.assertGreaterEqual(len(levels), 3, levels)


if __name__ == '__main__':
    unittest.main(verbosity=1)
