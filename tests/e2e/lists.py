#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Lists of titles that simple players open, and answers that are the same to whoever only asks for their head."""
import array
import gzip
import json
import pathlib
import re
import time
import unittest
import urllib.request
import xml.etree.ElementTree

import house
import measure
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

    def test_an_album_plays_without_a_gap(self):
        """A record in two pieces, cut in mid-tone at no frame's border, as mpv plays its list: each sample where it was."""
        rate, length_s, seam = 48000, 8, 197951
        folder = self.house.folder / 'audio'
        record = f'{self.folder.name}/whole.flac'
        house.run(['ffmpeg', '-v', 'error', '-nostdin', '-i', house.DEMO / 'audio' / f'{MUSIC}.ogg', '-t', length_s, '-ar', rate, record])
        for number, part in enumerate((f'end_sample={seam}', f'start_sample={seam}'), 1):
            self.addCleanup((folder / f'part-{number}.flac').unlink)
            tags = [f'title=Part {number}', 'album=Whole', 'artist=Somebody', f'track={number}']
            house.run(['ffmpeg', '-v', 'error', '-nostdin', '-i', record, '-af', f'atrim={part}', '-map_metadata', '-1',
                       *(word for tag in tags for word in ('-metadata', tag)), folder / f'part-{number}.flac'])

        def album():
            found = [one for one in json.loads(self.house.fetch('/api/v1/albums'))['items'] if one['title'] == 'Whole' and one['tracks'] == 2]
            return found[0]['id'] if found else None
        url = f"{self.house.base}/api/v1/albums/{house.wait_for(album, 'the album is listed')}/playlist.m3u8"
        path = f'{self.folder.name}/played'
        self.quiet(*house.run([*(word for word in self.MPV if not word.startswith('--ao')), '--ao=pcm', f'--ao-pcm-file={path}',
                               '--ao-pcm-waveheader=no', '--untimed', '--gapless-audio=yes', '--audio-format=s16', f'--audio-samplerate={rate}',
                               '--audio-channels=mono', url]))
        played = array.array('h', pathlib.Path(path).read_bytes())
        whole = array.array('h', self.ffmpeg('-i', record, '-ac', '1', '-f', 's16le'))
        self.assertEqual(len(played), len(whole))
        wide = rate // 5
        for begin in (seam - 2 * wide, seam - wide // 2, seam + wide):
            self.assertEqual(measure.lag(whole, played, begin, wide, 1000), 0, f'from sample {begin}')

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
