#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Bad files and bad requests: each gets its clear status and problem document, nothing hangs, and a viewer who watches all
the while is not harmed; badinput.py
"""
import base64
import concurrent.futures
import json
import os
import shutil
import time
import unittest

import house
import rough

FILMS = ('flower-540p.mp4', 'sintel-trailer-720p.mp4')
MUSIC = ('kevin-macleod-vibe-ace.ogg', 'flow-theory-paul-allen-song.mp3')
VIDEO_SUFFIXES = {'.mp4', '.mkv', '.webm', '.ts'}
AUDIO_SUFFIXES = {'.mp3', '.ogg', '.wav', '.flac', '.m4b'}
SESSION_KEY, ORIGIN_KEY = 'session.key', 'origin.key'
AN_HOUR_S = 3600
# Longer than any answer may take on a busy machine; what hangs takes for ever.
HANGS_S = 60


def one_of(*names):
    found = next((house.media(name) for name in names if house.media(name)), None)
    demo = sorted((house.DEMO / ('video' if '.mp4' in names[0] else 'audio')).glob('*.[mo][pg]*'))
    return found or (demo[0] if demo else None)


class BadInput(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        film, music = one_of(*FILMS), one_of(*MUSIC)
        if not film or not music:
            raise unittest.SkipTest('there are neither real nor demo media')
        cls.house = rough.RoughHouse([film, music], ['workers.count=2'])
        cls.addClassCleanup(cls.house.__exit__, None)
        cls.bad = cls.lay_out_bad_files()
        cls.house.__enter__()
        cls.playback = cls.house.playback(film.stem, video={'max_height': 240})
        cls.rendition = cls.playback.renditions()[0]
        cls.names = cls.playback.files(cls.rendition)
        # All of one rendition of a real film, so that whatever a test does to the house, somebody is watching.
        urls = [cls.playback.address(cls.rendition, name) for name in cls.names[:6]]
        cls.viewer = rough.Viewer({url: rough.sha256(rough.fetch(url).body) for url in urls})
        cls.viewer.start()
        cls.addClassCleanup(cls.viewer.__exit__)
        house.wait_for(cls.house.origins_idle, 'every file was looked at', limit_s=240, pause_s=0.3)

    @classmethod
    def lay_out_bad_files(cls):
        """Slugs of what is broken and has a name that VS or AS look at."""
        video, audio = cls.house.folder / 'video', cls.house.folder / 'audio'
        names = []
        for path in sorted(house.MEDIA.glob('bad-*')):
            folder = video if path.suffix in VIDEO_SUFFIXES else audio if path.suffix in AUDIO_SUFFIXES else None
            if folder:
                shutil.copy(path, folder / path.name)
                names.append(path.stem)
        (video / 'noise.mp4').write_bytes(os.urandom(100_000))
        (video / 'text.mkv').write_text('no film\n' * 100)
        (audio / 'nothing.flac').touch()
        (video / 'folder.mp4').mkdir()
        (video / 'empty').mkdir()
        os.mkfifo(video / 'pipe.mp4')
        os.mkfifo(audio / 'pipe.mp3')
        (video / 'loop.mp4').symlink_to('loop.mp4')
        (video / 'secret.mp4').write_bytes(b'x' * 1000)
        (video / 'secret.mp4').chmod(0)
        return names + ['noise', 'text']

    def setUp(self):
        self.seen_faults, self.seen_fetched = len(self.viewer.faults), self.viewer.fetched

    def tearDown(self):
        house.wait_for(lambda: self.viewer.fetched > self.seen_fetched, 'the viewer goes on')
        self.assertEqual(self.viewer.faults[self.seen_faults:], [], 'the viewer was harmed')
        self.assertEqual(rough.fetch(self.house.base + '/healthz').status, 200)

    def assert_problem(self, reply, *statuses, names=()):
        """A problem document (RFC 9457) that tells its status, names what is wrong and gives nothing away."""
        self.assertIn(reply.status, statuses, reply)
        self.assertEqual(reply.headers['Content-Type'], 'application/problem+json', reply)
        problem = reply.json
        self.assertEqual(problem['status'], reply.status)
        for member in ('type', 'title', 'instance'):
            self.assertTrue(problem[member], reply)
        for name in names:
            self.assertIn(name, problem['detail'])
        text = reply.body.decode()
        for secret in (str(self.house.folder), self.playback.token, '/tmp', '/home', 'src/', '.cpp', '127.0.0.1'):
            self.assertNotIn(secret, text)
        return problem

    def get(self, path, **how):
        started = time.monotonic()
        reply = rough.fetch(self.house.base + path, **how)
        self.assertLess(time.monotonic() - started, HANGS_S, path)
        return reply

    # Files

    def test_broken_files_are_listed_with_a_reason_or_play_and_the_good_ones_stay(self):
        items = self.house.catalogue()
        for slug, item in items.items():
            if not item['playable']:
                self.assertTrue(item['problem'], slug)
                self.assertNotIn(str(self.house.folder), json.dumps(item))
        for slug in ('loop', 'empty'):
            self.assertNotIn(slug, items)
        if os.geteuid() != 0:  # root may read everything
            self.assertFalse('secret' in items and items['secret']['playable'])
        # What holds nothing at all may be left out; all else is somebody's file, who wants to know.
        missing = [slug for slug in self.bad if slug not in items and 'zero-length' not in slug]
        self.assertEqual(missing, [])
        for slug in ('noise', 'text', 'folder', 'pipe'):
            self.assertFalse(items[slug]['playable'], slug)

    def test_playing_what_is_broken_is_refused_or_really_plays(self):
        items = self.house.catalogue()

        def play(slug):
            # That one viewer too many is asked to come back is no fault of the file.
            reply = house.wait_for(lambda: (answer := self.house.ask({'item': slug})).status != 503 and answer, 'an answer',
                                   pause_s=1)
            if reply.status != 201:
                return self.assert_problem(reply, 415, 422)
            self.assertTrue(items[slug]['playable'], slug)
            playback = rough.Playback(reply.json)
            for rendition in playback.renditions():
                for name in playback.files(rendition)[:3]:
                    part = playback.get(rendition, name, limit_s=HANGS_S)
                    if part.status != 200:
                        self.assert_problem(part, 415, 422, 503)
        with concurrent.futures.ThreadPoolExecutor(4) as viewers:
            list(viewers.map(play, [slug for slug in items if slug in self.bad or not items[slug]['playable']]))

    def test_a_film_that_turns_into_rubbish_harms_only_itself(self):
        good = one_of(*FILMS)
        path = self.house.folder / 'video' / 'turncoat.mp4'
        shutil.copy(good, self.house.folder / 'turncoat')
        with open(self.house.folder / 'turncoat', 'ab') as out:
            out.write(b'\0\0\0\x10free' + os.urandom(8))  # another digest than the good one's
        os.rename(self.house.folder / 'turncoat', path)
        house.wait_for(lambda: 'turncoat' in self.house.catalogue(), 'the new film is listed', pause_s=0.2)
        playback = self.house.playback('turncoat', video={'max_height': 144})
        rendition = playback.renditions()[0]
        self.assertEqual(playback.get(rendition, '0.m4s').status, 200)
        with open(path, 'r+b') as out:  # in place, as a damaged disk would
            out.write(os.urandom(path.stat().st_size))
        last = playback.files(rendition)[-1]
        reply = playback.get(rendition, last, limit_s=HANGS_S)
        if reply.status != 200:
            self.assert_problem(reply, 404, 409, 415, 422, 502, 503)
        self.assertEqual(playback.get(rendition, '0.m4s').status, 200, 'what was made stays')
        path.unlink()
        house.wait_for(lambda: 'turncoat' not in self.house.catalogue(), 'the film is not offered any more', pause_s=0.2)

    # Addresses

    def test_each_segment_has_one_address_and_no_other_number_is_one(self):
        count = len(self.names) - 1
        for name in ('-1', str(count), str(10**18), str(2**63), str(2**64), str(10**30), '007', '00', '+1', 'abc', '1e0',
                     '0x1', '1.0', '', '%31%00', '1%20', '%201', '%D9%A1', 'init', '-0'):
            self.assert_problem(self.get(self.path_of(name + '.m4s')), 400, 404)
        for name in ('init.mp5', 'init', '1.mp4', '1.m4s.m4s', '1.M4S', 'index.m3u', '1.m4s/', '1.m4s/2', 'a' * 5000):
            self.assert_problem(self.get(self.path_of(name)), 400, 404, 414)

    def path_of(self, name, token=None, rendition=None):
        return f'/s/{token or self.playback.token}/{rendition or self.rendition}/{name}'

    def test_a_rendition_of_another_playback_does_not_open_with_this_ticket(self):
        for rendition in ('0' * 32, self.rendition[:-1], self.rendition + '0', self.rendition.upper() + 'X', '..', '%2e%2e'):
            self.assert_problem(self.get(self.path_of('0.m4s', rendition=rendition)), 400, 404)

    def test_every_changed_character_of_a_ticket_closes_it(self):
        token = self.playback.token
        for at in sorted({0, 1, len(token) // 3, *range(2, len(token), 9), *range(len(token) - 45, len(token))}):
            changed = token[:at] + ('A' if token[at] != 'A' else 'B') + token[at + 1:]
            reply = self.get(self.path_of('init.mp4', changed))
            self.assert_problem(reply, 403)

    def test_cut_strange_and_expired_tickets_are_refused(self):
        token = self.playback.token
        payload, expiry, mac = token.split('.')
        for other in (token[:-1], token[1:], token[:len(token) // 2], token + 'A', token + '=', token + '.', '.' + token,
                      f'{payload}.{mac}', f'{payload}.{int(expiry) + 1}.{mac}', f'{payload}.-1.{mac}', f'{payload}..{mac}',
                      f'{payload}.{expiry}.', f'{payload}.{10**30}.{mac}', '..', 'x', '%00'):
            for path in (self.path_of('0.m4s', other), f'/s/{other}/master.m3u8'):
                self.assert_problem(self.get(path), 400, 403)

    def test_a_ticket_ends_with_its_time_and_serves_one_purpose(self):
        key = self.house.data / SESSION_KEY
        payload = self.playback.token.split('.')[0]
        text = base64.urlsafe_b64decode(payload + '=' * (-len(payload) % 4)).decode()
        now = int(time.time())
        good = rough.signed(key, 'playback', text, now + AN_HOUR_S)
        self.assertEqual(self.get(self.path_of('0.m4s', good)).status, 200, 'the test signs as the server does')
        expired = self.assert_problem(self.get(self.path_of('0.m4s', rough.signed(key, 'playback', text, now - 1))), 403)
        self.assertIn('expired', expired['detail'])
        for purpose, name in (('origin', SESSION_KEY), ('playback', ORIGIN_KEY), ('', SESSION_KEY), ('playbackx', SESSION_KEY)):
            ticket = rough.signed(self.house.data / name, purpose, text, now + AN_HOUR_S)
            self.assert_problem(self.get(self.path_of('0.m4s', ticket)), 403)
        for rubbish in ('', '|', '||', 'a|b', f'x|{"0" * 64}|', text + '~~', 'x|../../etc/passwd|~0~~~0~', '\0' * 10):
            self.assert_problem(self.get(self.path_of('0.m4s', rough.signed(key, 'playback', rubbish, now + 60))), 403, 404)

    def test_paths_that_climb_or_hide_lead_nowhere(self):
        for path in ('/../etc/passwd', '/%2e%2e/etc/passwd', '/assets/..%2f..%2fetc%2fpasswd', '/assets/%2e%2e',
                     '/assets/%2e%2e%2findex.html', '/assets//etc/passwd', '/assets/..\\index.html', '/assets/%00',
                     '/assets/a%00.js', '/assets/%', '/assets/%zz', '/assets/%c0%ae%c0%ae', '//etc/passwd', '/./', '/s//x/y',
                     '/api/v1/catalogue/..%2f..', '/api/v1/catalogue/%ff', '/api/v1//catalogue', '/s/%2e%2e/%2e%2e/init.mp4',
                     '/api/v1/catalogue/' + 'x' * 300, '/' + 'a' * 20000):
            self.assert_problem(self.get(path), 400, 404, 414, 431)

    def test_odd_queries_of_the_catalogue_are_told_apart(self):
        for query in ('limit=0', 'limit=-1', 'limit=201', 'limit=1e9', 'limit=' + '9' * 40, 'kind=film', 'cursor=%00',
                      'cursor=xyz', 'cursor=' + 'A' * 3000, 'q=%zz', 'limit=1&limit=2', 'limit='):
            self.assert_problem(self.get('/api/v1/catalogue?' + query), 400, 414)
        for query in ("q=%27%3B%20drop%20table%20items%3B--", 'q=%25', 'q=' + '%F0%9F%98%80' * 50, 'q=%5C', 'q=_'):
            self.assertEqual(self.get('/api/v1/catalogue?' + query).status, 200, query)

    # Bodies

    def test_bodies_that_are_no_json_are_refused(self):
        for body in (b'', b'{', b'null', b'[]', b'"x"', b'7', b'{"item":}', b'{"item":"x"', b"{'item':'x'}", b'{"item":"x"}}',
                     b'{"item":NaN}', b'{"item":"x","video":{"max_height":NaN}}', b'{"item":"x","video":{"max_height":Infinity}}',
                     b'{"item":"x","item":"y"}', b'{"item":"\xff\xfe"}', b'{"item":"\\ud800"}', b'{"item":"\\u0000"}',
                     b'[' * 100_000, b'{"item":' * 5000 + b'1' + b'}' * 5000, b'[' * 30_000 + b']' * 30_000,
                     b'{"item":"x"} {"item":"x"}', b'\0' * 100, '{"item":"x"}'.encode('utf-16'), b'{"item":"x",}',
                     b'{"item":"x","video":{"max_height":' + b'9' * 400 + b'}}', b'{"item":"x"/**/}', b'\xef\xbb\xbf'):
            self.assert_problem(self.house.ask(body), 400, 413)

    def test_bodies_of_the_wrong_kind_name_the_member(self):
        for member, body in (('item', {'item': None}), ('item', {'item': 7}), ('item', {'item': ''}),
                             ('item', {'item': ['x']}), ('item', {'item': 'x' * 300}), ('video', {'video': 7}),
                             ('video', {'video': []}), ('video', {'video': 'h264'}), ('audio', {'audio': True}),
                             ('video.codec', {'video': {'codec': 7}}), ('video.quality', {'video': {'quality': 3}}),
                             ('video.quality', {'video': {'quality': 'superb'}}), ('video.max_height', {'video': {'max_height': -1}}),
                             ('video.max_height', {'video': {'max_height': 0}}), ('video.max_height', {'video': {'max_height': 1.5}}),
                             ('video.max_height', {'video': {'max_height': '480'}}), ('video.max_height', {'video': {'max_height': 1e300}}),
                             ('video.max_height', {'video': {'max_height': 2**40}}), ('audio.bitrate', {'audio': {'bitrate': 5}}),
                             ('audio.bitrate', {'audio': {'bitrate': 1000}}), ('audio.bitrate', {'audio': {'bitrate': 10**9}}),
                             ('audio.bitrate', {'audio': {'bitrate': '96'}}), ('audio.language', {'audio': {'language': '../x'}}),
                             ('audio.language', {'audio': {'language': 'e' * 99}})):
            with self.subTest(body=body):
                self.assert_problem(self.house.ask({'item': 'flower-540p', **body}), 400, names=[member])

    def test_wishes_that_cannot_be_met_say_which(self):
        for member, body in (('video.codec', {'video': {'codec': 'xyz'}}), ('audio.codec', {'audio': {'codec': 'wma'}}),
                             ('audio.bitrate', {'audio': {'codec': 'flac', 'bitrate': 96}}),
                             ('audio.normalize', {'audio': {'codec': 'copy', 'normalize': True}}),
                             ('audio.night', {'audio': {'codec': 'copy', 'night': True}}),
                             ('video.codec', {'video': {'codec': 'hevc'}, 'container': 'ts'}),
                             ('video.quality', {'video': {'codec': 'copy', 'quality': 'low'}}),
                             ('audio.bitrate', {'audio': {'codec': 'copy', 'bitrate': 96}}),
                             ('subtitles', {'subtitles': {'language': 'es'}})):
            self.assert_problem(self.house.ask({'item': 'flower-540p', **body}), 422, names=[member])
        self.assert_problem(self.house.ask({'item': 'there-is-no-such-thing'}), 404)
        self.assert_problem(self.house.ask({'item': "x'; drop table items; --"}), 404)

    def test_big_bodies_are_refused_before_they_are_read(self):
        for size in (65 * 1024 + 1, 200_000):
            self.assert_problem(self.house.ask(json.dumps({'item': 'x' * size}).encode()), 413)
        reply = rough.fetch(self.house.base + '/api/v1/playbacks', 'POST', b'', {'Content-Length': str(10**15)})
        self.assert_problem(reply, 400, 413)

    # Ranges and methods

    def test_ranges_on_a_segment_are_served_or_refused_exactly(self):
        path = self.path_of('0.m4s')
        whole = self.get(path).body
        for value, part in (('bytes=0-9', whole[:10]), ('bytes=5-', whole[5:]), ('bytes=-7', whole[-7:]),
                            ('bytes=3-3', whole[3:4]), (f'bytes=0-{10**18}', whole)):
            reply = self.get(path, headers={'Range': value})
            self.assertEqual((reply.status, reply.body), (206, part), value)
        self.refuses_ranges(path, len(whole), whole)

    def refuses_ranges(self, path, size, whole, base=None, headers=None):
        for value in ('bytes=5-2', f'bytes={size}-', f'bytes={10**18}-', 'bytes=-0'):
            reply = rough.fetch((base or self.house.base) + path, headers={'Range': value, **(headers or {})})
            self.assert_problem(reply, 416)
            self.assertEqual(reply.headers['Content-Range'], f'bytes */{size}', value)
        for value in ('lines=1-2', 'bytes=9-2,5-1', 'bytes', 'bytes=', 'bytes=a-b', 'bytes=1', 'bytes=--1', 'bytes=0-1' + ',0-1' * 2000):
            reply = rough.fetch((base or self.house.base) + path, headers={'Range': value, **(headers or {})})
            self.assertIn(reply.status, (200, 400, 416, 431), value)
            if reply.status == 200 and whole is not None:
                self.assertEqual(reply.body, whole, value)

    def test_ranges_and_tickets_on_an_original(self):
        digest = rough.sha256(one_of(*FILMS).read_bytes())
        whole = one_of(*FILMS).read_bytes()
        path, soon = f'/items/{digest}/bytes', int(time.time()) + AN_HOUR_S
        key = self.house.data / ORIGIN_KEY
        bearer = {'Authorization': 'Bearer ' + rough.signed(key, 'origin', digest, soon)}
        reply = rough.fetch(self.house.vs_url + path, headers={'Range': 'bytes=5-14', **bearer})
        self.assertEqual((reply.status, reply.body), (206, whole[5:15]))
        self.refuses_ranges(path, len(whole), whole, self.house.vs_url, bearer)
        for ticket in ('', 'x', rough.signed(key, 'origin', digest, 1), rough.signed(key, 'playback', digest, soon),
                       rough.signed(self.house.data / SESSION_KEY, 'origin', digest, soon)):
            for place in (path, '/catalogue', '/changes', f'/items/{digest}', f'/items/{digest}/index'):
                reply = rough.fetch(self.house.vs_url + place, headers={'Authorization': 'Bearer ' + ticket})
                self.assert_problem(reply, 401)
        other = {'Authorization': 'Bearer ' + rough.signed(key, 'origin', '0' * 64, soon)}
        self.assert_problem(rough.fetch(self.house.vs_url + path, headers=other), 403)
        self.assert_problem(rough.fetch(self.house.vs_url + path), 401)
        every = {'Authorization': 'Bearer ' + rough.signed(key, 'origin', '*', soon)}
        for place in ('/items/..%2f..%2fetc%2fpasswd/bytes', f'/items/{"0" * 64}/bytes', f'/items/{digest.upper()}/bytes',
                      '/items/x/bytes', f'/items/{digest[:-1]}/bytes', f'/changes?since=x', f'/changes?wait_ms=-1'):
            self.assert_problem(rough.fetch(self.house.vs_url + place, headers=every), 400, 404)

    def test_other_methods_are_refused_with_what_there_is(self):
        for method in ('DELETE', 'PUT', 'PATCH', 'POST'):
            for path in (self.path_of('0.m4s'), '/api/v1/catalogue', '/', '/metrics'):
                reply = self.get(path, method=method, body=b'')
                self.assert_problem(reply, 405)
                self.assertIn('GET', reply.headers['Allow'])
        reply = self.get('/api/v1/playbacks')
        self.assert_problem(reply, 405)
        self.assertIn('POST', reply.headers['Allow'])
        for method in ('BREW', 'get', 'A' * 40):
            self.assertIn(self.get('/', method=method).status, (400, 405, 501), method)


if __name__ == '__main__':
    unittest.main(verbosity=1)
