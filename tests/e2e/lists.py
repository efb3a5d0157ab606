#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Lists of titles that simple players open, and answers that are the same to whoever only asks for their head."""
import gzip
import re
import time
import unittest
import urllib.request
import xml.etree.ElementTree

import house
import playing
from spread import over, spread

FILM, MUSIC = 'sintel-trailer', 'vibe-ace'
SPACE = '{http://xspf.org/ns/0/}'


@spread
class Lists(playing.Case):
    @classmethod
    def setUpClass(cls):
        cls.house = house.House([house.DEMO / 'video' / f'{FILM}.mp4', house.DEMO / 'audio' / f'{MUSIC}.ogg'])
        cls.house.__enter__()
        cls.addClassCleanup(lambda: cls.house.stop())
        cls.length_s = {slug: item['duration_ms'] / 1000 for slug, item in cls.house.catalogue().items()}

    def addresses(self, form, query=''):
        text = self.house.fetch(f'/api/v1/catalogue.{form}{query}').decode()
        if form == 'm3u8':
            self.assertTrue(text.startswith('#EXTM3U\n'))
            return [line for line in text.splitlines() if line and not line.startswith('#')]
        root = xml.etree.ElementTree.fromstring(text)
        return [track.findtext(f'{SPACE}location') for track in root.iter(f'{SPACE}track')]

    @over({'m3u8': 'm3u8', 'xspf': 'xspf'})
    def test_a_list_names_each_title_with_an_address_that_plays(self, form):
        found = self.addresses(form)
        self.assertEqual(len(found), 2)
        self.assertEqual({url.rpartition('/')[2] for url in found}, {'master.m3u8', 'stream.mp3'})
        for url in found:
            code, out, err = house.run(['ffprobe', '-v', 'error', '-show_entries', 'format=duration', '-of', 'csv=p=0', url])
            self.assertEqual((code, err), (0, ''))
            wanted = self.length_s[FILM if url.endswith('.m3u8') else MUSIC]
            self.assertAlmostEqual(float(out), wanted, delta=0.3)
        self.assertEqual([url.rpartition('/')[2] for url in self.addresses(form, '?kind=audio')], ['stream.mp3'])

    @over({'m3u8': 'm3u8', 'xspf': 'xspf'})
    def test_vlc_plays_a_list_through(self, form):
        began = time.monotonic()
        url = f'{self.house.base}/api/v1/catalogue.{form}?kind=audio'
        code, _, err = house.run(self.vlc('-I', 'dummy', '--play-and-exit', '--rate', '8', url), 180)
        self.assertEqual(code, 0)
        self.judge_vlc(err)
        self.assertGreater(time.monotonic() - began, self.length_s[MUSIC] / 8 * 0.8, 'it gave up early')

    def ask(self, url, method='GET', **headers):
        with urllib.request.urlopen(urllib.request.Request(url, method=method, headers=headers), timeout=60) as reply:
            return dict(reply.headers), reply.read()

    def test_a_head_is_answered_as_the_whole_would_be(self):
        playback = self.house.play(FILM)
        base = playback['hls_url'].rpartition('/')[0]
        master = self.house.fetch(playback['hls_url']).decode()
        media = f'{base}/' + re.search(r'^[^#\s]+$', master, re.MULTILINE)[0]
        segment = media.rpartition('/')[0] + '/0.m4s'
        self.house.fetch(segment)
        types = {playback['hls_url']: 'application/vnd.apple.mpegurl', media: 'application/vnd.apple.mpegurl',
                 playback['dash_url']: 'application/dash+xml', segment: 'video/iso.segment',
                 media.rpartition('/')[0] + '/init.mp4': 'video/mp4', f'{base}/thumbnails.vtt': 'text/vtt; charset=utf-8',
                 f'{base}/stream.mp3': 'audio/mpeg', f'{base}/stream.opus': 'audio/ogg; codecs=opus', f'{base}/stream.m4a': 'audio/mp4',
                 f'{self.house.base}/api/v1/catalogue.m3u8': 'audio/x-mpegurl; charset=utf-8',
                 f'{self.house.base}/api/v1/catalogue.xspf': 'application/xspf+xml'}
        for url, kind in types.items():
            with self.subTest(url.rpartition('/')[2]):
                whole, body = self.ask(url)
                head, nothing = self.ask(url, 'HEAD')
                self.assertEqual(nothing, b'')
                self.assertEqual(whole['Content-Type'], kind)
                # Those lists hold fresh addresses each time.
                for name in ('Content-Type', 'Content-Length', 'ETag', 'Accept-Ranges', 'Cache-Control', 'Vary'):
                    self.assertEqual(head.get(name), whole.get(name), name)
                if 'Content-Length' in whole:
                    self.assertEqual(int(whole['Content-Length']), len(body))

    def test_playlists_are_packed_for_who_unpacks_them(self):
        playback = self.house.play(FILM)
        for url in (playback['hls_url'], playback['dash_url']):
            plain = self.ask(url)[1]
            headers, packed = self.ask(url, **{'Accept-Encoding': 'gzip'})
            self.assertEqual(headers['Content-Encoding'], 'gzip')
            self.assertLess(len(packed), len(plain))
            self.assertEqual(gzip.decompress(packed), plain)


if __name__ == '__main__':
    unittest.main(verbosity=1)
