#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Programs are killed and fall silent while people watch: what is cached plays on, what cannot be made is refused clearly,
and all goes on by itself when the program is back; faults.py
"""
import concurrent.futures
import contextlib
import http.client
import os
import signal
import threading
import time
import unittest

import house
import rough

# "At once" on a machine that others use as well; what waits for a time-out takes longer than this.
AT_ONCE_S = 5
# The promise is two seconds on a machine that has nothing else to do.
SERVES_AGAIN_S = 5
FILM, TRACK = 'sintel-trailer-720p.mp4', 'kevin-macleod-vibe-ace.ogg'


def report(what, seconds):
    print(f'  {what}: {seconds:.2f} s', flush=True)


class Faults(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        film = house.media(FILM) or next(iter(sorted((house.DEMO / 'video').glob('*.mp4'))), None)
        track = house.media(TRACK) or next(iter(sorted((house.DEMO / 'audio').glob('*.ogg'))), None)
        if not film or not track:
            raise unittest.SkipTest('there are neither real nor demo media')
        cls.film, cls.track = film.stem, track.stem
        cls.house = rough.RoughHouse([film, track], ['workers.count=2', 'workers.look_ahead_segments=0'])
        cls.house.__enter__()
        cls.addClassCleanup(cls.house.__exit__, None)
        cls.playback = cls.house.playback(cls.film, video={'max_height': 360})
        cls.rendition = cls.playback.renditions()[0]
        cls.names = cls.playback.files(cls.rendition)
        cls.truth = {name: cls.digest(name) for name in cls.names}

    @classmethod
    def digest(cls, name):
        reply = cls.playback.get(cls.rendition, name)
        assert reply.status == 200, reply
        return rough.sha256(reply.body)

    def setUp(self):
        self.house.empty_the_cache()
        house.wait_for(self.origins_are_up, 'VS and AS are up')

    def tearDown(self):
        for name in rough.GATED:
            self.house.release(name)
        self.house.wait_until_ready()

    def origins_are_up(self):
        return all(value == 1 for name, value in self.house.metrics().items() if name.startswith('butaca_origin_up'))

    def cached(self, *names):
        """Makes these segments and gives what a viewer of them expects."""
        for name in names:
            self.assertEqual(self.digest(name), self.truth[name], name)
        return {self.playback.address(self.rendition, name): self.truth[name] for name in names}

    def assert_unavailable_at_once(self, reply, started):
        self.assertEqual(reply.status, 503, reply)
        self.assertGreaterEqual(int(reply.headers['Retry-After']), 1)
        self.assertEqual(reply.headers['Content-Type'], 'application/problem+json')
        self.assertLess(time.monotonic() - started, AT_ONCE_S)

    def refused(self, name):
        """Asks once; true once the answer is the quick 503 of an open breaker."""
        started = time.monotonic()
        try:
            reply = self.playback.get(self.rendition, name)
        except OSError:
            return False  # what was on its way when the server went may be cut off
        if reply.status != 503 or time.monotonic() - started > 1:
            return False
        self.assert_unavailable_at_once(reply, started)
        return True

    def plays_on_without_vs(self, down, up):
        first, later = self.names[:4], self.names[6]
        with rough.Viewer(self.cached(*first)) as viewer:
            down()
            house.wait_for(lambda: self.refused(later), 'segments that are not there are refused at once', pause_s=0.1)
            for _ in range(5):
                started = time.monotonic()
                self.assert_unavailable_at_once(self.playback.get(self.rendition, later), started)
            # AS is another server: music does not notice.
            music = self.house.playback(self.track, audio={'codec': 'aac'})
            self.assertEqual(music.get(music.renditions()[0], '0.m4s').status, 200)
            self.assertEqual(rough.fetch(self.house.base + '/api/v1/catalogue').status, 200)
            seen = viewer.fetched
            house.wait_for(lambda: viewer.fetched > seen + len(first), 'the viewer goes on')
            up()
            started = time.monotonic()
            reply = house.wait_for(
                lambda: (answer := self.playback.get(self.rendition, later)).status == 200 and answer, 'playback goes on')
            report('from the return of VS to the first new segment', time.monotonic() - started)
        self.assertEqual(rough.sha256(reply.body), self.truth[later])
        self.assertEqual(viewer.faults, [])

    def test_vs_is_killed_and_comes_back(self):
        self.plays_on_without_vs(lambda: self.house.take_down('butaca-vs'), lambda: self.house.release('butaca-vs'))

    def test_vs_falls_silent_and_wakes_up(self):
        pid = self.house.pid('butaca-vs')
        self.plays_on_without_vs(lambda: os.kill(pid, signal.SIGSTOP), lambda: os.kill(pid, signal.SIGCONT))

    def test_vs_is_started_again_by_itself(self):
        before = self.house.kill('butaca-vs')
        house.wait_for(lambda: self.house.pids('butaca-vs') not in ([], [before]), 'a new VS')
        house.wait_for(lambda: self.playback.get(self.rendition, self.names[5]).status == 200, 'playback goes on')

    def test_a_worker_dies_in_the_middle_and_the_viewer_does_not_notice(self):
        deaths = self.house.metrics()['butaca_worker_deaths_total']
        killed = 0
        for name in self.names[1:]:
            with concurrent.futures.ThreadPoolExecutor(1) as viewer:
                asked = viewer.submit(self.digest, name)
                busy = house.wait_for(lambda: asked.done() or self.busy_workers(), 'a worker is busy', pause_s=0.001)
                if busy is not True:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(busy[0], signal.SIGKILL)
                        killed += 1
                self.assertEqual(asked.result(house.LIMIT_S), self.truth[name], name)
            if killed == 3:
                break
        self.assertGreater(killed, 0, 'no worker was ever caught at work')
        house.wait_for(lambda: self.house.metrics()['butaca_worker_deaths_total'] >= deaths + killed, 'deaths are counted')
        house.wait_for(lambda: len(self.house.pids('butaca-worker')) == 2, 'there are two workers again')

    def busy_workers(self):
        """Those that used the processor within the last 30 ms or so."""
        before = {pid: rough.cpu_s(pid) for pid in self.house.pids('butaca-worker')}
        time.sleep(0.03)
        busy = []
        for pid, used in before.items():
            with contextlib.suppress(OSError, IndexError):
                if rough.cpu_s(pid) > used:
                    busy.append(pid)
        return busy

    def test_a_silent_worker_is_given_up(self):
        self.house.settings = ['workers.count=1', 'workers.watchdog_ms=1000', 'workers.look_ahead_segments=0']
        self.house.restart()
        try:
            worker = self.house.pid('butaca-worker')
            os.kill(worker, signal.SIGSTOP)
            self.assertEqual(self.digest(self.names[3]), self.truth[self.names[3]])
            house.wait_for(lambda: not rough.alive(worker), 'the silent worker is gone')
        finally:
            self.house.settings = ['workers.count=2', 'workers.look_ahead_segments=0']
            self.house.restart()

    def test_no_worker_outlives_apps(self):
        workers = self.house.pids('butaca-worker')
        self.assertEqual(len(workers), 2)
        self.house.take_down('butaca-apps')
        started = time.monotonic()
        house.wait_for(lambda: not any(rough.alive(pid) for pid in workers), 'the workers are gone')
        self.assertLess(time.monotonic() - started, 2 + AT_ONCE_S)
        report('from the death of AppS to that of its workers', time.monotonic() - started)

    def test_apps_serves_again_quickly_after_it_was_killed(self):
        name = self.names[2]
        self.cached(name)
        house.wait_for(self.house.segments_on_disk, 'the segment is written down')
        figures = []
        for _ in range(3):
            self.house.take_down('butaca-apps')
            # `butaca up` starts it after its pause, up to the gate: from there on it is AppS's own time.
            house.wait_for(lambda: self.gate_waits(), 'butaca up starts AppS')
            started = time.monotonic()
            self.house.release('butaca-apps')
            reply = house.wait_for(lambda: self.try_to_get(name), 'AppS serves', pause_s=0.005)
            figures.append(time.monotonic() - started)
            self.assertEqual((reply.status, rough.sha256(reply.body)), (200, self.truth[name]), reply)
        report('from the start of AppS to a cached segment', sorted(figures)[1])
        self.assertLess(min(figures), SERVES_AGAIN_S)

    def test_who_asks_while_apps_starts_waits_until_it_knows_its_titles(self):
        """Neither VS nor the database tells them in time."""
        name = self.names[2]
        self.cached(name)
        house.wait_for(self.house.segments_on_disk, 'the segment is written down')
        with concurrent.futures.ThreadPoolExecutor() as viewer:
            with self.house.locked('items'):
                self.house.take_down('butaca-vs')
                self.house.take_down('butaca-apps')
                self.house.release('butaca-apps')
                house.wait_for(self.is_alive, 'AppS answers', pause_s=0.005)
                asked = viewer.submit(self.playback.get, self.rendition, name)
                time.sleep(0.5)
                self.assertFalse(asked.done(), 'it waits')
            reply = asked.result()
        self.assertEqual((reply.status, rough.sha256(reply.body)), (200, self.truth[name]), reply)

    def is_alive(self):
        with contextlib.suppress(OSError):
            return rough.fetch(self.house.base + '/healthz').status == 200

    def gate_waits(self):
        return any('/butaca-apps' in line and '/bin/sh' in line.split(' ')[0] for line in self.house.processes().values())

    def try_to_get(self, name):
        try:
            return self.playback.get(self.rendition, name)
        except OSError:
            return None

    def test_no_torn_segment_is_ever_served(self):
        wrong, fetched, over = [], [0], threading.Event()

        def watch(names):
            while not over.is_set():
                for name in names:
                    with contextlib.suppress(OSError):  # AppS is dead just now
                        reply = self.whole(name)
                        if reply and reply.status == 200:
                            fetched[0] += 1
                            if rough.sha256(reply.body) != self.truth[name]:
                                wrong.append((name, len(reply.body)))
        half = len(self.names) // 2
        viewers = [threading.Thread(target=watch, args=(names,), daemon=True)
                   for names in (self.names[:half], self.names[half:], self.names[::-1])]
        for viewer in viewers:
            viewer.start()
        for pause_s in (0.4, 0.7, 0.2, 1.1, 0.5):
            house.wait_for(lambda: self.house.is_ready(), 'AppS is there')
            time.sleep(pause_s)  # another moment of the writing each time
            self.house.kill('butaca-apps')
        self.house.wait_until_ready()
        over.set()
        for viewer in viewers:
            viewer.join(house.LIMIT_S)
        self.assertEqual(wrong, [])
        self.assertGreater(fetched[0], len(self.names), 'the viewers saw something')
        self.assertEqual({name: self.digest(name) for name in self.names}, self.truth)
        self.house.restart()
        self.assertEqual({name: self.digest(name) for name in self.names}, self.truth, 'from the disk')

    def whole(self, name):
        """What a player would take for a whole answer: one that is cut off is none."""
        try:
            return self.playback.get(self.rendition, name)
        except http.client.HTTPException:
            return None

    def test_the_database_is_gone_and_the_film_goes_on(self):
        with rough.Viewer(self.cached(*self.names[:3])) as viewer:
            place, away = self.house.data / 'postgresql/data', self.house.data / 'postgresql/away'
            os.rename(place, away)  # so that it cannot be started again
            for pid in self.house.pids('postgres'):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            try:
                # The backends end a moment after their master.
                house.wait_for(lambda: rough.fetch(self.house.base + '/api/v1/catalogue').status != 200, 'it is gone')
                for _ in range(3):
                    for reply in (rough.fetch(self.house.base + '/api/v1/catalogue'), self.house.ask({'item': self.film})):
                        self.assertEqual(reply.status, 503, reply)
                        self.assertEqual(reply.headers['Content-Type'], 'application/problem+json')
                        self.assertNotIn('postgres', reply.body.decode().lower())
                        self.assertNotIn(str(self.house.folder), reply.body.decode())
                self.assertEqual(rough.fetch(self.house.base + '/readyz').status, 503)
                self.assertEqual(rough.fetch(self.house.base + '/healthz').status, 200)
                # Not only what is cached: new segments need no database either.
                self.assertEqual(self.digest(self.names[8]), self.truth[self.names[8]])
            finally:
                os.rename(away, place)
            house.wait_for(self.house.is_ready, 'the database is back')
            self.assertEqual(self.house.ask({'item': self.film}).status, 201)
        self.assertEqual(viewer.faults, [])

    def test_a_viewer_who_leaves_in_the_middle_costs_nothing_more(self):
        for name in self.names[4:8]:
            with contextlib.suppress(OSError):
                self.playback.get(self.rendition, name, limit_s=0.02)
        house.wait_for(lambda: self.house.metrics()['butaca_workers{state="busy"}'] == 0, 'the workers rest')
        house.wait_for(lambda: self.house.metrics()['butaca_jobs_queued'] == 0, 'nothing waits')
        self.assertEqual(self.digest(self.names[4]), self.truth[self.names[4]])


if __name__ == '__main__':
    unittest.main(verbosity=1)
