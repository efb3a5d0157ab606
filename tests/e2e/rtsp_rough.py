#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""RTSP clients that are hostile, slow, gone or many: they cost themselves something, and nobody else.

BUTACA_RTSP_SESSIONS sets how many sessions come and go (3000).
"""
import concurrent.futures
import contextlib
import os
import pathlib
import re
import socket
import time
import unittest

import house
import rough
from rtsp_client import Client

FILM, MUSIC = 'sintel-trailer', 'vibe-ace'
WISHES = {'video': {'codec': 'h264', 'max_height': 240}}
SESSIONS = int(os.environ.get('BUTACA_RTSP_SESSIONS', '3000'))
MIB = 1 << 20
IDLE_S = 5
PER_ADDRESS = 40


class Rough(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.house = rough.RoughHouse([house.DEMO / 'video' / f'{FILM}.mp4', house.DEMO / 'audio' / f'{MUSIC}.ogg'],
                                     ['workers.count=2', 'workers.thumbnails_ahead=false', f'rtsp.idle_s={IDLE_S}', f'rtsp.connections_per_address={PER_ADDRESS}'], peaceful=True)
        cls.house.__enter__()
        cls.addClassCleanup(cls.house.__exit__, None)
        cls.url = cls.house.play(FILM, **WISHES)['rtsp_url']
        cls.pid = cls.house.pid('butaca-apps')

    def setUp(self):
        self.alone()

    # What is seen of AppS

    def memory(self):
        return rough.memory_bytes(self.pid)

    def threads(self):
        return len(os.listdir(f'/proc/{self.pid}/task'))

    def now(self, what):
        return self.house.metrics()[f'butaca_rtsp_{what}']

    def alone(self):
        house.wait_for(lambda: self.now('connections') == 0, 'all clients are gone', 40)
        house.wait_for(lambda: self.now('sessions') == 0, 'all sessions have ended', 40)

    def link(self, source='127.0.0.1'):
        link = socket.create_connection(('127.0.0.1', self.house.rtsp), 20, source_address=(source, 0))
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.addCleanup(link.close)
        return link

    def still_serves(self):
        with Client(self.url) as client:
            client.open()
            self.assertEqual(client.play(0).status, 200)
            client.until(0, 20)

    @staticmethod
    def all_of(link):
        """What comes until the other side hangs up."""
        said = b''
        with contextlib.suppress(ConnectionError):
            while piece := link.recv(65536):
                said += piece
        return said

    # Requests

    OPTIONS = b'OPTIONS rtsp://host/ RTSP/1.0\r\nCSeq: 7\r\n\r\n'

    def test_a_request_may_come_in_any_two_pieces(self):
        link = self.link()
        for at in range(1, len(self.OPTIONS)):
            link.sendall(self.OPTIONS[:at])
            time.sleep(0.01)
            link.sendall(self.OPTIONS[at:])
            self.assertRegex(link.recv(4096), b'^RTSP/1.0 200 OK\r\nCSeq: 7\r\n', f'cut at {at}')

    def test_requests_may_come_together(self):
        link = self.link()
        link.sendall(self.OPTIONS * 5)
        said = b''
        while said.count(b'\r\n\r\n') < 5:
            said += link.recv(4096)
        self.assertEqual(said.count(b'RTSP/1.0 200 OK'), 5)

    def test_a_request_without_number_is_refused(self):
        link = self.link()
        link.sendall(b'OPTIONS rtsp://host/ RTSP/1.0\r\n\r\n')
        self.assertRegex(link.recv(4096), b'^RTSP/1.0 400')

    def test_a_body_of_two_gigabytes_is_refused_before_it_comes(self):
        link = self.link()
        link.sendall(b'SET_PARAMETER rtsp://host/ RTSP/1.0\r\nCSeq: 1\r\nContent-Length: 2147483647\r\n\r\n')
        self.assertRegex(self.all_of(link), b'^RTSP/1.0 413')

    def test_floods_end_and_cost_no_memory(self):
        before = self.memory()
        floods = {'headers': (b'OPTIONS rtsp://host/ RTSP/1.0\r\nCSeq: 1\r\n', b'A: b\r\n' * 10000), 'a line': (b'', b'A' * 60000),
                  'frames': (b'', b'$\0\xff\xff' + bytes(65535)), 'tunnel': (b'GET / HTTP/1.0\r\nx-sessioncookie: x\r\n\r\n', b'\r\n' * 30000)}
        for name, (begin, more) in floods.items():
            link = self.link()
            with self.assertRaises(ConnectionError, msg=name):
                link.sendall(begin)
                for _ in range(5000):
                    link.sendall(more)
        self.still_serves()
        self.assertLess(self.memory() - before, 16 * MIB)

    # Tickets

    def test_a_forged_ticket_opens_nothing(self):
        ticket = self.url.rsplit('/', 1)[1]
        for forged in (ticket[:-4] + 'AAAA', 'A' + ticket[1:], 'x.1.y', ticket + '/../' + ticket[:-1]):
            with Client(f'{self.url[:-len(ticket)]}{forged}') as client:
                for method in ('DESCRIBE', 'SETUP'):
                    status = client.ask(method, Transport='RTP/AVP/TCP;unicast;interleaved=0-1').status
                    self.assertIn(status, (403, 404), forged)

    def test_a_ticket_opens_nothing_once_it_has_expired(self):
        payload = 'id|' + self.house.catalogue()[FILM]['id'] + '|'
        key = next(self.house.data.rglob('session.key'))
        old = rough.signed(key, 'playback', payload, int(time.time()) - 1)
        with Client(f'{self.url.rsplit("/", 1)[0]}/{old}') as client:
            self.assertEqual(client.ask('DESCRIBE').status, 403)
            self.assertEqual(client.ask('SETUP', client.url + '/stream=0', Transport='RTP/AVP/TCP;unicast;interleaved=0-1').status, 403)

    # Sessions

    def test_a_client_has_one_session_however_often_it_asks(self):
        with Client(self.url) as client:
            client.open()
            threads = self.threads()
            session, client.session = client.session, None
            seen = [client.ask('SETUP', f'{self.url}/stream=0', Transport='RTP/AVP/TCP;unicast;interleaved=8-9').status for _ in range(500)]
            self.assertEqual(set(seen), {455})
            self.assertLessEqual(self.threads(), threads + 12)
            self.assertEqual(self.now('sessions'), 1)
            client.session = session
            self.assertEqual(client.play(0).status, 200)

    def test_a_client_that_sets_up_again_and_again_costs_nothing_more(self):
        with Client(self.url) as client:
            client.open()
            threads, files, memory = self.threads(), rough.open_files(self.pid), self.memory()
            seen = {client.setup(0, 2, 'tcp').status for _ in range(500)}
            # There are 128 pairs of channels.
            self.assertEqual(seen, {200, 461})
            self.assertEqual(client.play(0).status, 200)
            self.assertEqual({client.setup(0, 8).status for _ in range(500)}, {455})
            self.assertLessEqual(self.threads(), threads + 12)
            self.assertLessEqual(rough.open_files(self.pid), files + 8)
            self.assertLess(self.memory() - memory, 4 * MIB)
            self.assertEqual(self.now('sessions'), 1)

    def test_a_session_ends_with_its_connection(self):
        with Client(self.url) as client:
            client.open()
            client.play(0)
            client.until(0, 5)
            self.assertEqual(self.now('sessions'), 1)
        house.wait_for(lambda: self.now('sessions') == 0, 'the session ends', IDLE_S - 1)

    def test_a_client_may_leave_while_the_first_segment_is_made(self):
        for _ in range(5):
            fresh = self.house.play(FILM, video={'codec': 'h264', 'max_height': 320 + 2 * _})['rtsp_url']
            with Client(fresh) as client:
                client.link.sendall(client.request('DESCRIBE'))
                client.link.sendall(client.request('SETUP', fresh + '/stream=0', Transport='RTP/AVP/TCP;unicast;interleaved=0-1'))
                client.link.sendall(client.request('TEARDOWN'))
        self.alone()
        self.still_serves()

    def test_a_session_without_a_sign_of_life_ends(self):
        with Client(self.url) as client:
            client.open()
            self.assertEqual(self.now('sessions'), 1)
            house.wait_for(lambda: self.now('sessions') == 0, 'the session ends', 4 * IDLE_S)
            self.assertEqual(self.all_of(client.link), b'')

    def test_a_session_lives_while_it_gives_signs_of_life(self):
        with Client(self.url) as client:
            client.open()
            for _ in range(2 * IDLE_S):
                time.sleep(1)
                self.assertEqual(client.ask('GET_PARAMETER').status, 200)

    def test_who_does_not_read_is_dropped_and_harms_nobody(self):
        url = self.house.play(FILM)['rtsp_url']
        before = self.memory()
        stopped = []
        for _ in range(5):
            client = Client(url)
            self.addCleanup(client.link.close)
            client.link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.open()
            client.link.sendall(client.request('PLAY', Range='npt=0-'))
            stopped.append(client)
        with Client(self.url) as client:
            client.open()
            client.play(0)
            began = time.monotonic()
            pictures = client.until(0, 200)
            # A stream of 24 pictures a second, whatever the others do.
            self.assertLess(time.monotonic() - began, len({packet.time for packet in pictures}) / 24 + 2)
        self.assertLess(self.memory() - before, 5 * 12 * MIB)
        house.wait_for(lambda: self.now('sessions') == 0, 'those who do not read are dropped', 60)

    def served(self):
        return sum(count for name, count in self.house.metrics().items() if name.startswith('butaca_segments_served_total'))

    def on_the_way(self, link):
        """Bytes that the kernel keeps of what was sent to the client."""
        ends = [link.getpeername()[1], link.getsockname()[1]]
        waiting = 0
        for line in pathlib.Path('/proc/net/tcp').read_text().splitlines()[1:]:
            here, there, _, queues = line.split()[1:5]
            ports = [int(end.split(':')[1], 16) for end in (here, there)]
            if ports in (ends, ends[::-1]):
                to_send, to_read = (int(queue, 16) for queue in queues.split(':'))
                waiting += to_send if ports == ends else to_read
        return waiting

    def test_no_more_than_two_segments_wait_for_who_does_not_read(self):
        wishes = {'audio': {'codec': 'aac', 'bitrate': 320}}
        playback = self.house.playback(MUSIC, **wishes)
        rendition = playback.renditions()[0]
        sizes = [len(playback.get(rendition, name).body) for name in playback.files(rendition)[1:]]
        before, memory = self.served(), self.memory()
        with Client(self.house.play(MUSIC, **wishes)['rtsp_url']) as client:
            client.link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.open()
            client.link.sendall(client.request('PLAY', Range='npt=0-'))
            still, fetched = 0, 0
            # In that time it would have been sent three segments more.
            while still < 7:
                time.sleep(1)
                still, fetched = (still + 1, fetched) if self.served() == before + fetched else (0, self.served() - before)
                client.link.sendall(client.request('GET_PARAMETER'))
            held = sum(sizes[:int(fetched) - 1]) - self.on_the_way(client.link)
            print(f'  {fetched - 1:.0f} segments fetched, {held / 1024:.0f} KiB of them in AppS, {self.on_the_way(client.link) / 1024:.0f} KiB in the kernel, '
                  f'a segment has {max(sizes) / 1024:.0f} KiB; AppS {(self.memory() - memory) / MIB:+.1f} MiB', flush=True)
            self.assertLess(fetched, len(sizes))
            self.assertLessEqual(held, 2 * max(sizes))
            self.assertEqual(self.now('sessions'), 1, 'it gives signs of life')
            self.assertLess(self.memory() - memory, 4 * MIB)

    def test_sessions_come_and_go_and_leave_nothing(self):
        def visit(number):
            with Client(self.url) as client:
                client.open()
                if number % 3:
                    client.play(number % 50)
                    client.until(0, 3)
                if number % 2:
                    client.ask('TEARDOWN')
        # The first ones fill caches and pools.
        with concurrent.futures.ThreadPoolExecutor(8) as visitors:
            list(visitors.map(visit, range(60)))
            self.alone()
            files, memory = rough.open_files(self.pid), self.memory()
            time.sleep(1)
            threads = self.threads()
            list(visitors.map(visit, range(SESSIONS)))
        self.alone()
        house.wait_for(lambda: self.threads() <= threads + 4, 'the threads end', 40)
        house.wait_for(lambda: rough.open_files(self.pid) <= files + 4, 'what was opened is closed')
        print(f'  {SESSIONS} sessions: AppS {memory / MIB:.1f} MiB, {(self.memory() - memory) / MIB:+.1f} MiB', flush=True)
        self.assertLess(self.memory() - memory, 24 * MIB)

    def test_an_address_has_so_many_connections_and_no_more(self):
        links = [self.link() for _ in range(PER_ADDRESS)]
        house.wait_for(lambda: self.now('connections') == PER_ADDRESS, 'all are in')
        self.assertEqual(self.all_of(self.link()), b'')
        other = self.link('127.0.0.2')
        other.sendall(self.OPTIONS)
        self.assertRegex(other.recv(4096), b'^RTSP/1.0 200')
        for link in links:
            link.close()

    # One encode

    def test_what_four_watch_at_once_over_rtsp_and_hls_is_encoded_once(self):
        playback = self.house.playback(FILM, video={'codec': 'h264', 'max_height': 144}, audio={'codec': 'aac', 'bitrate': 64})
        url = self.house.play(FILM, video={'codec': 'h264', 'max_height': 144}, audio={'codec': 'aac', 'bitrate': 64})['rtsp_url']
        renditions = playback.renditions()
        names = {rendition: playback.files(rendition) for rendition in renditions}
        segments = sum(name.endswith('.m4s') for files in names.values() for name in files)

        def made():
            return self.house.metrics()['butaca_segments_made_total']
        before = made()

        def over_rtsp():
            with Client(url, 120) as client:
                client.open()
                client.play(0)
                with contextlib.suppress(ConnectionError, TimeoutError):
                    client.listen(56)
                return len({packet.time for packet in client.packets[0]})

        def over_hls():
            for rendition, files in names.items():
                for name in files:
                    self.assertEqual(playback.get(rendition, name).status, 200)
        with concurrent.futures.ThreadPoolExecutor(4) as viewers:
            rtsp = [viewers.submit(over_rtsp) for _ in range(2)]
            for viewer in [viewers.submit(over_hls) for _ in range(2)]:
                viewer.result()
            self.assertEqual([viewer.result() for viewer in rtsp], [1253, 1253])
        self.assertEqual(made() - before, segments)


if __name__ == '__main__':
    unittest.main(verbosity=1)
