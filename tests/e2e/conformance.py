#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What we serve, judged by `butaca check`: no MUST but those named here. BUTACA_CONFORMANCE=all takes more films; conformance.py"""
import json
import os
import unittest

import house

# Rules of Apple's specification that what we serve is known to break, and why.
KNOWN = {'time-range': "sound that is copied lasts as long as the original's, which may end before or after the pictures"}
SHOULD = {
    'target-six': 'segments of two seconds, so that a jump is answered at once; copies are cut at the original key frames',
    'time-borders': 'copies are cut at the original key frames, encodes on a grid of two seconds',
    'video-keyframes': 'a border falls on the first frame at or after two seconds; copies keep their key frames',
    'peak-double': 'constant quality: what is easy to encode takes less',
}
# One size alone was asked for.
ONE_SIZE = {'rates-several'}
FILMS = ['sintel-trailer.mp4', 'vibe-ace.ogg']
MORE = ['elephants-dream-multitrack.mkv', 'tears-of-steel-battle.webm', 'hevc-bframes-480p.mp4', 'vfr-portrait-h264.mp4',
        'interlaced-dv-pal.mov', 'flac-51.flac', 'mp3-vbr-no-xing.mp3', 'opus-51.opus']
WISHES = {
    'as it comes': {},
    'transport stream': {'container': 'ts'},
    'encoded': {'video': {'codec': 'h264', 'max_height': 240, 'quality': 'low'}},
}

class Conformance(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        names = FILMS + (MORE if os.environ.get('BUTACA_CONFORMANCE') == 'all' else [])
        cls.house = house.House([path for path in map(house.media, names) if path])
        cls.house.__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.house.__exit__(None, None, None)

    def check(self, url):
        """The report, once all segments are made: until then BANDWIDTH is a bound."""
        for _ in range(2):
            status, out, err = house.run([house.COMMAND, 'check', '--json', url], limit_s=240)
            self.assertIn(status, (0, 1), err)
        return json.loads(out)

    def judge(self, slug, wishes, known=frozenset()):
        report = self.check(self.house.play(slug, **wishes)['hls_url'])
        self.assertTrue(report['playlists'])
        for playlist in report['playlists']:
            self.assertEqual(playlist['segments'], playlist['looked_at'], playlist)
        unknown = [finding for finding in report['findings']
                   if finding['severity'] != 'NOTE' and finding['rule'] not in KNOWN.keys() | SHOULD.keys() | known]
        self.assertEqual(unknown, [])

    def test_a_film(self):
        for name, wishes in WISHES.items():
            with self.subTest(name):
                self.judge('sintel-trailer', wishes, ONE_SIZE if 'video' in wishes else set())

    def test_music(self):
        self.judge('vibe-ace', {})

    @unittest.skipUnless(os.environ.get('BUTACA_CONFORMANCE') == 'all', 'BUTACA_CONFORMANCE=all asks for it')
    def test_all_others(self):
        for slug in sorted(self.house.slugs - {'sintel-trailer', 'vibe-ace'}):
            with self.subTest(slug):
                self.judge(slug, {})

if __name__ == '__main__':
    unittest.main()
