#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Memory, descriptors and work do not grow with viewers, with the length of a film or with the size of a file; memory.py

BUTACA_SPARSE_GIB sets the size of the big file (1; the promise is about 10, which takes two minutes to hash).
"""
import concurrent.futures
import http.client
import os
import time
import unittest

import house
import rough

FILM, LONG = 'sintel-trailer-720p.mp4', 'long-6min-1080p-lowbitrate.mp4'
MIB = 1 << 20
CACHE_BYTES = 4 * MIB
# What 200 connections, the allocator and pools may take beside the cache.
ROOM_BYTES = 24 * MIB
SPARSE_BYTES = int(os.environ.get('BUTACA_SPARSE_GIB', '1')) << 30
VIEWERS = 200


class Memory(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        demo = next(iter(sorted((house.DEMO / 'video').glob('*.mp4'))), None)
        film, long = house.media(FILM) or demo, house.media(LONG) or house.media(FILM) or demo
        if not film:
            raise unittest.SkipTest('there are neither real nor demo media')
        cls.house = rough.RoughHouse({film, long}, ['workers.count=2', f'cache.memory_bytes={CACHE_BYTES}'], peaceful=True)
        cls.house.__enter__()
        cls.addClassCleanup(cls.house.__exit__, None)
        cls.film, cls.long = film.stem, long.stem

    def look(self, name):
        pid = self.house.pid(name)
        return rough.memory_bytes(pid), rough.open_files(pid)

    def settled_files(self, name, most):
        """Descriptors once what was closed by clients is closed here too."""
        pid = self.house.pid(name)
        house.wait_for(lambda: rough.open_files(pid) <= most, f'{name} closes what it opened')

    def test_viewers_share_the_work_and_cost_no_memory(self):
        playback = self.house.playback(self.film, video={'max_height': 240})
        rendition = playback.renditions()[0]
        names = playback.files(rendition)
        made = self.house.segments_made()
        # Twenty from the start, at the same time: the segments do not exist yet.
        with concurrent.futures.ThreadPoolExecutor(20) as viewers:
            seen = list(viewers.map(lambda _: [rough.sha256(playback.get(rendition, name).body) for name in names], range(20)))
        self.assertTrue(all(one == seen[0] for one in seen))
        # The init segment comes with any other or has a job of its own; each media segment has exactly one.
        self.assertIn(self.house.segments_made() - made, (len(names) - 1, len(names)))
        memory, files = self.look('butaca-apps')
        self.many_connections(playback, rendition, names, seen[0])
        grown = self.look('butaca-apps')[0] - memory
        print(f'  {VIEWERS} viewers at once: AppS {memory / MIB:.1f} MiB, {grown / MIB:+.1f} MiB', flush=True)
        self.assertLess(grown, CACHE_BYTES + ROOM_BYTES)
        self.settled_files('butaca-apps', files + 8)

    def many_connections(self, playback, rendition, names, digests):
        address = playback.base.removeprefix('http://')
        authority, _, path = address.partition('/')
        connections = [http.client.HTTPConnection(authority, timeout=60) for _ in range(VIEWERS)]
        try:
            for position, name in enumerate(names[:6]):
                for connection in connections:
                    connection.request('GET', f'/{path}/{rendition}/{name}')
                for connection in connections:
                    reply = connection.getresponse()
                    body = reply.read()
                    self.assertEqual((reply.status, rough.sha256(body)), (200, digests[position]), name)
        finally:
            for connection in connections:
                connection.close()

    def test_viewers_who_do_not_read_cost_only_what_is_in_the_sockets(self):
        playback = self.house.playback(self.film, video={'codec': 'copy'})
        rendition = playback.renditions()[0]
        names = playback.files(rendition)
        for name in names:
            self.assertEqual(playback.get(rendition, name).status, 200)
        memory, files = self.look('butaca-apps')
        authority, _, path = playback.base.removeprefix('http://').partition('/')
        connections = [http.client.HTTPConnection(authority, timeout=60) for _ in range(VIEWERS)]
        try:
            for position, connection in enumerate(connections):
                connection.request('GET', f'/{path}/{rendition}/{names[1 + position % (len(names) - 1)]}')
            self.assertEqual(playback.get(rendition, names[1]).status, 200, 'somebody who reads is served')
            grown = self.look('butaca-apps')[0] - memory
        finally:
            for connection in connections:
                connection.close()
        print(f'  {VIEWERS} viewers who do not read: {grown / MIB:+.1f} MiB', flush=True)
        # They hold the segments that they are in the middle of; all of a film, at most, and not once for each.
        size = sum(len(playback.get(rendition, name).body) for name in names)
        self.assertLess(grown, size + CACHE_BYTES + ROOM_BYTES)
        self.settled_files('butaca-apps', files + 8)

    def test_a_long_film_costs_no_more_than_its_index(self):
        playback = self.house.playback(self.long, video={'max_height': 144})
        rendition = playback.renditions()[0]
        names = playback.files(rendition)
        self.assertEqual(playback.get(rendition, names[-1]).status, 200)
        memory, files = self.look('butaca-apps')
        for _ in range(100):
            playback.text('master.m3u8')
            self.assertEqual(playback.files(rendition), names)
        self.assertLess(self.look('butaca-apps')[0] - memory, 4 * MIB)
        self.settled_files('butaca-apps', files + 4)

    def test_many_playbacks_are_only_signatures(self):
        def ask(_):
            self.assertEqual(self.house.ask({'item': self.film, 'video': {'codec': 'copy'}}).status, 201)
        with concurrent.futures.ThreadPoolExecutor(4) as viewers:
            list(viewers.map(ask, range(100)))
            memory, files = self.look('butaca-apps')
            list(viewers.map(ask, range(1000)))
        self.assertLess(self.look('butaca-apps')[0] - memory, 8 * MIB)
        self.settled_files('butaca-apps', files + 8)

    def test_vs_serves_a_huge_file_in_constant_memory(self):
        before, _ = self.look('butaca-vs')
        path = self.house.folder / 'video' / 'huge.mp4'
        with open(path, 'wb') as out:
            out.truncate(SPARSE_BYTES)
            # A moov of no film: VS must hash and look at it all the same.
            out.write(b'\0\0\0\x18ftypisom\0\0\0\1isomavc1')
        started = time.monotonic()
        item = house.wait_for(lambda: self.house.catalogue().get('huge'), 'the huge file is listed', limit_s=900, pause_s=0.5)
        self.assertFalse(item['playable'])
        house.wait_for(self.house.origins_idle, 'VS is done')
        hashed, files = self.look('butaca-vs')
        print(f'  {SPARSE_BYTES >> 30} GiB looked at in {time.monotonic() - started:.0f} s, VS {before / MIB:.1f} MiB, '
              f'{(hashed - before) / MIB:+.1f} MiB', flush=True)
        self.assertLess(hashed - before, 8 * MIB)
        self.read_from_the_huge_one(files, hashed)

    def read_from_the_huge_one(self, files, memory):
        key = self.house.data / 'origin.key'
        every = {'Authorization': 'Bearer ' + rough.signed(key, 'origin', '*', int(time.time()) + 3600)}
        items = rough.fetch(self.house.vs_url + '/catalogue', headers=every).json['items']
        digest = next(item['digest'] for item in items if item.get('size_bytes') == SPARSE_BYTES)
        connection = http.client.HTTPConnection(f'127.0.0.1:{self.house.vs}', timeout=60)
        connection.request('GET', f'/items/{digest}/bytes', headers=every)
        reply = connection.getresponse()
        self.assertEqual(int(reply.headers['Content-Length']), SPARSE_BYTES)
        most = 0
        for _ in range(512):
            self.assertEqual(len(reply.read(MIB)), MIB)
            most = max(most, self.look('butaca-vs')[0])
        connection.close()
        print(f'  512 MiB of it read: VS at most {(most - memory) / MIB:+.1f} MiB', flush=True)
        self.assertLess(most - memory, 8 * MIB)
        last = rough.fetch(f'{self.house.vs_url}/items/{digest}/bytes', headers={'Range': 'bytes=-10', **every})
        self.assertEqual((last.status, last.body), (206, bytes(10)))
        self.settled_files('butaca-vs', files + 4)


if __name__ == '__main__':
    unittest.main(verbosity=1)
