#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every player shows the moment that it says it shows: dash.js, Shaka Player and hls.js on a page that is not ours, and
ffmpeg, mpv, VLC and GStreamer with the DASH manifest."""
import math
import pathlib
import random
import tempfile
import time
import unittest

import chromium
import clip
import house
import measure
import playing
from spread import over, spread

PLACES = 12
PAGES = {'dash_js': ('dash.js', 'dash_url'), 'shaka_dash': ('shaka', 'dash_url'), 'shaka_hls': ('shaka', 'hls_url'), 'hls_js': ('hls.js', 'hls_url')}
# dash.js says so wherever pages have no key system, as all that came without TLS.
HARMLESS = 'No supported version of EME detected'


@spread
class Dash(playing.Case):
    @classmethod
    def setUpClass(cls):
        made = tempfile.TemporaryDirectory(prefix='butaca-clip-')
        cls.addClassCleanup(made.cleanup)
        cls.path = clip.make(pathlib.Path(made.name))
        cls.house = house.House([cls.path, house.DEMO / 'audio' / 'vibe-ace.ogg'])
        for language in clip.CUES:
            source = cls.path.with_suffix(f'.{language}.vtt')
            (cls.house.folder / 'video' / source.name).write_bytes(source.read_bytes())
        cls.house.__enter__()
        cls.addClassCleanup(lambda: cls.house.stop())
        house.wait_for(lambda: len(cls.house.catalogue()['clip']['subtitles']) == len(clip.CUES), 'the subtitles are listed')
        # The same places each time, so that a failure comes back.
        chance = random.Random(4)
        cls.places_s = [round(chance.uniform(0, clip.LENGTH_S - 3), 2) for _ in range(PLACES)]

    def url(self, slug='clip', kind='dash_url', **wishes):
        return self.house.play(slug, **wishes)[kind]

    # In a browser

    @over(PAGES)
    def test_a_page_shows_and_sounds_each_moment_in_the_language_that_was_chosen(self, page):
        player, kind = page
        seen = chromium.watch_elsewhere(player, self.url(kind=kind), bits=clip.BITS, seeks_s=self.places_s, rate=4, audio='es', subtitles='es')
        said = [line for line in seen['console'] if HARMLESS not in line]
        self.assertEqual((said, seen['responses'], seen['failed']), ([], [], []))
        self.assertAlmostEqual(seen['duration_s'], clip.LENGTH_S, delta=0.05)
        # Each picture at its time, to the frame. A busy browser may show the next ones before the page has looked.
        shown = [(round(time_s * clip.FPS), number) for time_s, number in seen['pictures']]
        self.assertGreater(len(shown), clip.LENGTH_S * clip.FPS // 4)
        self.assertEqual([(frame, number) for (frame, number), (after, _) in zip(shown, shown[1:])
                          if number != after and not 0 <= number - frame <= 3], [])
        self.assertGreater(sum(frame == number for frame, number in shown), 0.95 * len(shown))
        # The analyser hears a sixth of a second at once, and what was played some hundredths before.
        self.assertEqual(len(seen['pitches']), PLACES)
        for heard in seen['pitches']:
            self.assertIn(clip.moment(heard['pitch_hz']), [(math.floor(heard['time_s'] - late), 'es') for late in (0, 0.3)], heard)
        for read in seen['cues']:
            shown = [text for begin, end, text in clip.CUES['es'] if begin <= read['time_s'] < end]
            self.assertEqual(read['texts'], shown, read)
        self.assertEqual(len(seen['whole']['played']), 1, seen['whole'])
        begin, end = seen['whole']['played'][0]
        self.assertLess(begin, 0.1)
        self.assertAlmostEqual(end, clip.LENGTH_S, delta=0.15)

    # Players for desktops

    def test_ffmpeg_decodes_each_frame_and_sample(self):
        url = self.url()
        self.assertEqual(measure.decoded(url, 'v:0'), (clip.LENGTH_S * clip.FPS, ''))
        samples = len(measure.sound(url, clip.RATE))
        self.assertLess(abs(samples - clip.LENGTH_S * clip.RATE), 2048, samples)

    def test_ffmpeg_shows_the_very_frame_that_it_jumps_to(self):
        url = self.url()
        for place_s in self.places_s:
            # libavformat 59 cannot jump to before the first cue of a subtitle file.
            if place_s < clip.CUES['en'][0][0]:
                continue
            first = math.ceil(place_s * clip.FPS - 0.001)
            self.assertEqual(clip.numbers(url, '-ss', str(place_s), count=3), ([first, first + 1, first + 2], ''), f'at {place_s}')

    def test_mpv_plays_from_start_to_end(self):
        self.quiet(*house.run([*self.MPV, '--speed=1.5', '--framedrop=no', self.url()]))

    def test_mpv_goes_on_from_random_places(self):
        self.jump_mpv(self.url(), self.places_s)

    def test_vlc_plays_from_start_to_end(self):
        url, began = self.url(), time.monotonic()
        code, _, err = house.run(self.vlc('-I', 'dummy', '--play-and-exit', '--rate', '4', url))
        self.assertEqual(code, 0)
        self.judge_vlc(err)
        self.assertGreater(time.monotonic() - began, clip.LENGTH_S / 4 * 0.8, 'it gave up early')

    def test_vlc_goes_on_from_random_places(self):
        self.jump_vlc(self.url(), self.places_s)

    @over({'film': 'clip', 'music': 'vibe-ace'})
    def test_gstreamer_plays_from_start_to_end(self, slug):
        self.gst_play(self.url(slug), '--videosink=fakesink', '--audiosink=fakesink')

    def test_gstreamer_shows_each_frame_once(self):
        self.assertEqual(measure.shown_by_gstreamer(self.url()), clip.LENGTH_S * clip.FPS)

    def test_gstreamer_goes_on_from_random_places(self):
        url = self.url()
        for place_s in self.places_s:
            self.gst_play(url, f'--start-position={place_s}', '--videosink=fakesink', '--audiosink=fakesink')


if __name__ == '__main__':
    unittest.main(verbosity=1)
