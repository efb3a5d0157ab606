#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""RTSP clients whose film ends before its time: it cannot be made any further, or they or AppS go while the first segment
is being made. They are told at once, and nobody else notices.
"""
import contextlib
import os
import re
import shutil
import signal
import time
import unittest

import house
import rough
from rtsp_client import Client
from spread import over, spread

FILM = 'sintel-trailer'
WISHES = {'video': {'codec': 'h264', 'max_height': 240}}
# Until a client knows; its session would live for longer by itself.
AT_ONCE_S = 10
IDLE_S = 60
# The server itself waits for so long for a medium.
FORGOTTEN_S = 30
ASKED = {name.lower(): name for name in ('DESCRIBE', 'SETUP', 'PLAY', 'JUMP')}
TRANSPORTS = {'tcp': 'tcp', 'udp': 'udp'}


@spread
class Ends(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.house = rough.RoughHouse([house.DEMO / 'video' / f'{FILM}.mp4'],
                                     ['workers.count=2', 'workers.thumbnails_ahead=false', 'workers.look_ahead_segments=0', f'rtsp.idle_s={IDLE_S}'], peaceful=True)
        cls.house.__enter__()
        cls.addClassCleanup(cls.house.__exit__, None)

    def setUp(self):
        house.wait_for(lambda: self.sessions() == 0, 'those before have ended', AT_ONCE_S)

    def doomed(self, name):
        """The URL of a film like the other one, and its file."""
        path, aside = self.house.folder / 'video' / f'{name}.mp4', self.house.folder / name
        shutil.copy(house.DEMO / 'video' / f'{FILM}.mp4', aside)
        with open(aside, 'ab') as out:
            out.write(b'\0\0\0\x10free' + os.urandom(8))  # another digest
        os.rename(aside, path)
        house.wait_for(lambda: name in self.house.catalogue(), 'the new film is listed', pause_s=0.2)
        return self.house.play(name, **WISHES)['rtsp_url'], path

    def vanish(self, path):
        path.unlink()
        house.wait_for(lambda: path.stem not in self.house.catalogue(), 'the film is gone', pause_s=0.2)

    def let_go(self, client):
        """Waits until the server hangs up, which must not take long."""
        began = time.monotonic()
        client.link.settimeout(AT_ONCE_S)
        with contextlib.suppress(ConnectionResetError):
            while client.link.recv(65536):
                self.assertLess(time.monotonic() - began, AT_ONCE_S)

    def told(self):
        """How often AppS told of segments that failed over RTSP."""
        return sum('rtsp.segment_failed' in line and 'level=warn' in line for line in self.house.logs().splitlines())

    def sessions(self):
        return self.house.metrics()['butaca_rtsp_sessions']

    def connections(self):
        return self.house.metrics()['butaca_rtsp_connections']

    @over(TRANSPORTS)
    def test_who_plays_is_told_at_once_that_it_cannot_go_on(self, transport):
        url, path = self.doomed(f'broken-while-it-plays-over-{transport}')
        said = self.told()
        with Client(self.house.play(FILM, **WISHES)['rtsp_url']) as other, Client(url) as client:
            other.open()
            client.open(transport)
            for one in (other, client):
                self.assertEqual(one.play(0).status, 200)
            other.until(0, 20)
            self.vanish(path)
            # What was made before is sent first: two segments.
            house.wait_for(lambda: self.told() > said, 'a segment fails', AT_ONCE_S)
            self.let_go(client)
            self.assertEqual((self.connections(), self.sessions()), (1, 1))
            self.goes_on(other)
        self.assertEqual(self.told(), said + 1, 'one line, for all tracks')

    def goes_on(self, client):
        """Nothing is missing in what the client was sent and will be sent."""
        client.until(0, len(client.packets[0]) + 100)
        numbers = [packet.seq for packet in client.packets[0]]
        self.assertEqual(numbers, [(numbers[0] + i) % 2**16 for i in range(len(numbers))])

    def test_who_jumps_to_a_place_that_cannot_be_made_is_refused_and_let_go(self):
        url, path = self.doomed('broken-at-a-jump')
        said = self.told()
        with Client(url) as client:
            client.open()
            self.assertEqual(client.play(0).status, 200)
            client.until(0, 20)
            self.vanish(path)
            self.assertEqual(client.play(40).status, 503)
            self.let_go(client)
        self.assertEqual(self.sessions(), 0)
        self.assertEqual(self.told(), said + 1)

    def test_whom_the_first_segment_fails_is_refused_and_let_go(self):
        url, path = self.doomed('broken-from-the-start')
        said = self.told()
        self.vanish(path)
        with Client(url) as client:
            self.assertEqual(client.ask('DESCRIBE').status, 503)
            self.let_go(client)
        self.assertEqual(self.told(), said + 1)


@spread
class Waiting(unittest.TestCase):
    """Nothing is ever finished here: the workers are silent."""

    def setUp(self):
        self.house = rough.RoughHouse([house.DEMO / 'video' / f'{FILM}.mp4'],
                                      ['workers.count=1', 'workers.thumbnails_ahead=false', 'workers.look_ahead_segments=0', 'workers.watchdog_ms=60000'])
        self.house.__enter__()
        self.addCleanup(self.house.stop)
        self.url = self.house.play(FILM, **WISHES)['rtsp_url']

    def silence(self):
        for pid in self.house.pids('butaca-worker'):
            os.kill(pid, signal.SIGSTOP)

    def waits(self, client, method, **headers):
        """The client has asked and is not answered."""
        client.link.sendall(client.request(method, **headers))
        time.sleep(1)
        client.link.setblocking(False)
        with self.assertRaises(BlockingIOError):
            while True:
                self.assertEqual(client.link.recv(65536)[:1], b'$')
        client.link.settimeout(AT_ONCE_S)

    def stops(self):
        """AppS is asked to stop and does; then all is started again."""
        began = time.monotonic()
        self.house.process.terminate()
        self.assertEqual(self.house.process.wait(house.LIMIT_S), 0)
        self.assertLess(time.monotonic() - began, AT_ONCE_S)
        self.house.process.stdout.close()
        self.house.start()

    def complains(self):
        return [line for line in self.house.logs().splitlines() if re.search(r'level=error|CRITICAL|rtsp\.stopped_hard', line)]

    def prepare(self, client, asked):
        """Has the client wait for a segment: of the beginning, or of a place that it jumps to."""
        if asked == 'DESCRIBE':
            self.silence()
            return self.waits(client, 'DESCRIBE')
        if asked == 'SETUP':
            self.silence()
            client.url += '/stream=0'
            return self.waits(client, 'SETUP', Transport='RTP/AVP/TCP;unicast;interleaved=0-1')
        client.open()
        if asked == 'JUMP':
            self.assertEqual(client.play(0).status, 200)
            client.until(0, 5)
        self.silence()
        return self.waits(client, 'PLAY', Range='npt=40-')

    @over(ASKED)
    def test_apps_stops_while_a_client_waits_for_a_segment(self, asked):
        with Client(self.url) as client:
            self.prepare(client, asked)
            self.stops()
        self.assertEqual(self.complains(), [])

    @over(ASKED)
    def test_who_leaves_while_it_waits_for_a_segment_is_forgotten(self, asked):
        with Client(self.url) as client:
            self.prepare(client, asked)
            if client.session:
                client.link.sendall(client.request('TEARDOWN'))
        house.wait_for(lambda: self.house.metrics()['butaca_rtsp_connections'] == 0, 'it is forgotten', FORGOTTEN_S)
        self.assertEqual(self.house.metrics()['butaca_rtsp_sessions'], 0)
        for pid in self.house.pids('butaca-worker'):
            os.kill(pid, signal.SIGCONT)
        with Client(self.url) as client:
            client.open()
            self.assertEqual(client.play(0).status, 200)
            client.until(0, 20)
        self.assertEqual(self.complains(), [])


if __name__ == '__main__':
    unittest.main(verbosity=1)
