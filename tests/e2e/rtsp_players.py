#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Players over RTSP: picture and sound together, and a dozen jumps in each. All of it takes as long as it plays, so cases run at once."""
import concurrent.futures
import pathlib
import random
import re
import tempfile
import time
import unittest

import flashes
import house
import measure
import playing
from spread import over, spread

FILM = 'sintel-trailer'
TRANSPORTS = {'tcp': 'tcp', 'udp': 'udp'}
JUMPS = 12
# libavformat gives the first picture no time, and mpv guesses one that the second is before. It says so of any server.
GUESSED = r'Invalid video timestamp: 0\.08\d+ -> 0\.04\d+\n?'
MPV_SAYS = '|'.join((playing.RTSP_JUMPED, playing.MPV_BUSY, GUESSED))
# It leaves packets in its UDP socket, and the picture in them is the first that it decodes after a jump: that, too, with any server.
MPV_SAYS_OVER = {'tcp': MPV_SAYS.encode(), 'udp': rf'{MPV_SAYS}|\[ffmpeg/video\] h264: co located POCs unavailable\n?'.encode()}


@spread
class Players(playing.Case):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix='butaca-flash-')
        cls.addClassCleanup(folder.cleanup)
        clip = pathlib.Path(folder.name, 'flash.mp4')
        flashes.make(clip)
        cls.house = house.House([house.DEMO / 'video' / f'{FILM}.mp4', clip])
        cls.house.__enter__()
        cls.addClassCleanup(cls.house.__exit__, None)
        cls.film, cls.clip = (cls.house.play(slug)['rtsp_url'] for slug in (FILM, 'flash'))
        places = random.Random(4)
        cls.places_s = [round(places.uniform(1, 45), 1) for _ in range(JUMPS)]

    # A frame of AAC; for GStreamer's rtpjitterbuffer, which goes by times of arrival, a picture more. Until the first sender report, which
    # may take some seconds, it takes all pictures for as early as those that are sent out of order, whichever server sends them.
    SAME_MS = 1024 / flashes.RATE * 1000 + 0.1
    LIVE_MS = SAME_MS + 1000 / flashes.FPS
    REPORTED_S, UNREPORTED_MS = 5, 250

    def test_flashes_and_beeps_come_together(self):
        measured = {**{f'ffmpeg over {one}': (measure.flashes_and_beeps_of_ffmpeg, self.clip, '-rtsp_transport', one) for one in TRANSPORTS},
                    **{f'GStreamer over {one}': (measure.flashes_and_beeps_of_gstreamer, self.clip.replace('rtsp:', f'rtsp{one[0]}:'))
                       for one in TRANSPORTS}}
        with concurrent.futures.ThreadPoolExecutor() as runs:
            found = {name: runs.submit(*words) for name, words in measured.items()}
        for name, run in found.items():
            with self.subTest(name):
                seen, heard = run.result()
                self.assertEqual((len(seen), len(heard)), (len(flashes.AT_S),) * 2, (seen, heard))
                apart_ms = [round((beep - flash) * 1000, 1) for flash, beep in zip(seen, heard)]
                for at_s, apart in zip(flashes.AT_S, apart_ms):
                    live_ms = self.LIVE_MS if at_s > self.REPORTED_S else self.UNREPORTED_MS
                    self.assertLess(abs(apart), live_ms if 'GStreamer' in name else self.SAME_MS, f'sound after picture: {apart_ms}')

    @over(TRANSPORTS)
    def test_mpv_goes_on_from_a_dozen_places(self, transport):
        self.jump_mpv(self.film, self.places_s, f'--rtsp-transport={transport}', harmless=MPV_SAYS_OVER[transport])

    def vlc_over(self, transport, *words):
        """VLC has no RTSP in Debian 12, for want of live555: one with it is found by VLC_PLUGIN_PATH."""
        code, out, _ = house.run(self.vlc('--list'))
        if code != 0 or b'live555' not in out:
            self.skipTest('this VLC has no live555')
        return [*(['--rtsp-tcp'] if transport == 'tcp' else []), *words]

    @over(TRANSPORTS)
    def test_vlc_plays_from_start_to_end(self, transport):
        words = self.vlc_over(transport, '-I', 'dummy', '-vv', '--play-and-exit', self.film)
        began = time.monotonic()
        code, _, err = house.run(self.vlc(*words))
        self.assertEqual(code, 0)
        self.assertGreater(time.monotonic() - began, 50, 'it gave up early')
        self.judge_vlc('\n'.join(line for line in err.splitlines() if not re.search(' (debug|warning): ', line)))
        self.assertIn('Received first picture', err)

    @over(TRANSPORTS)
    def test_vlc_goes_on_from_a_dozen_places(self, transport):
        self.jump_vlc(self.film, self.places_s, *self.vlc_over(transport))

    @over({'tcp': 'rtspt', 'udp': 'rtspu'})
    def test_gst_play_goes_on_from_a_dozen_places(self, scheme):
        self.jump_gst_play(self.film.replace('rtsp', scheme, 1), JUMPS)


if __name__ == '__main__':
    unittest.main(verbosity=1)
