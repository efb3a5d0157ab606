# SPDX-License-Identifier: LGPL-2.1-or-later
"""What tests of faults need beyond a House: programs that can be taken down and kept down, requests that go out exactly
as written, viewers that never stop fetching, and a look at what processes use.

Each program is started through a gate, a small script in BUTACA_LIBEXEC that waits while a hold file is there: so a test
keeps down what `butaca up` would start again.
"""
import base64
import contextlib
import hashlib
import hmac
import http.client
import json
import os
import pathlib
import re
import signal
import subprocess
import threading
import unittest.mock

import house

GATED = ('butaca-apps', 'butaca-vs', 'butaca-as')
GATE = '#!/bin/sh\nwhile [ -e "{hold}" ]; do sleep 0.05; done\nexec "{program}" "$@"\n'
BUILD = pathlib.Path(house.COMMAND).resolve().parents[1]
FETCH_LIMIT_S = 60


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def signed(key_file, purpose, payload, expires_at_s):
    """What src/base/signed.h makes."""
    key = bytes.fromhex(pathlib.Path(key_file).read_text().strip())
    text = base64.urlsafe_b64encode(payload.encode()).rstrip(b'=').decode() + f'.{expires_at_s}'
    mac = hmac.new(key, f'{len(purpose)}:{purpose}{text}'.encode(), hashlib.sha256).digest()
    return text + '.' + base64.urlsafe_b64encode(mac).rstrip(b'=').decode()


class Reply:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f'{self.status} {dict(self.headers)} {self.body[:400]!r}'


def fetch(url, method='GET', body=None, headers=None, limit_s=FETCH_LIMIT_S):
    """One request on a connection of its own. What follows the host goes out byte for byte, wrong or not."""
    authority, _, target = url.removeprefix('http://').partition('/')
    connection = http.client.HTTPConnection(authority, timeout=limit_s)
    # Python refuses to send what this is about.
    connection._validate_path = lambda _: None
    try:
        connection.putrequest(method, '/' + target, skip_accept_encoding=True)
        if body is not None:
            connection.putheader('Content-Length', str(len(body)))
        for name, value in (headers or {}).items():
            connection.putheader(name, value)
        connection.endheaders(body)
        answer = connection.getresponse()
        return Reply(answer.status, answer.headers, answer.read())
    finally:
        connection.close()


class Playback:
    """One answer to POST /api/v1/playbacks and what hangs below it."""

    def __init__(self, answer):
        self.hls_url = answer['hls_url']
        self.base, _, _ = self.hls_url.rpartition('/')
        self.token = self.base.rpartition('/')[2]

    def get(self, rendition, name, **how):
        return fetch(self.address(rendition, name), **how)

    def address(self, rendition, name):
        return f'{self.base}/{rendition}/{name}'

    def text(self, path):
        reply = fetch(f'{self.base}/{path}')
        assert reply.status == 200, reply
        return reply.body.decode()

    def renditions(self):
        """All ids in the multivariant playlist, video first, each once."""
        text = self.text('master.m3u8')
        video = re.findall(r'^([^#/\n]+)/index\.m3u8$', text, re.M)
        audio = re.findall(r'TYPE=AUDIO.*URI="([^"/]+)/index\.m3u8"', text)
        return list(dict.fromkeys(video + audio))

    def files(self, rendition):
        """Names of the init segment and of all segments, in order."""
        return ['init.mp4'] + re.findall(r'^(\d+\.m4s)$', self.text(f'{rendition}/index.m3u8'), re.M)


def state_of(pid):
    """(state, parent's pid), nothing when there is no such process any more."""
    try:
        fields = pathlib.Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()
        return fields[0], int(fields[1])
    except (FileNotFoundError, ProcessLookupError):
        return None


def alive(pid):
    state = state_of(pid)
    return state is not None and state[0] not in 'ZX'


def memory_bytes(pid):
    """What the process holds of its own; pages of files that it maps count for the kernel's cache."""
    text = pathlib.Path(f'/proc/{pid}/status').read_text()
    return int(re.search(r'^RssAnon:\s+(\d+) kB', text, re.M).group(1)) * 1024


def cpu_s(pid):
    fields = pathlib.Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()
    return sum(int(ticks) for ticks in fields[11:15]) / os.sysconf('SC_CLK_TCK')


def open_files(pid):
    return len(os.listdir(f'/proc/{pid}/fd'))


class RoughHouse(house.House):
    """A House to which things happen."""

    def __init__(self, files, settings=(), peaceful=False):
        super().__init__(files, settings)
        self.peaceful = peaceful
        self.vs_url, self.as_url = f'http://127.0.0.1:{self.vs}', f'http://127.0.0.1:{self.as_}'
        self.gates = self.folder / 'programs'
        self.gates.mkdir()
        for name in GATED:
            program = next(BUILD.glob(f'*/{name}'), None) or next(BUILD.glob(f'*/*/{name}'))
            (self.gates / name).write_text(GATE.format(hold=self.gates / f'{name}.hold', program=program))
            (self.gates / name).chmod(0o755)

    def start(self):
        with unittest.mock.patch.dict(os.environ, BUTACA_LIBEXEC=str(self.gates)):
            super().start()

    def stop(self, judge=True):
        if not judge:
            print(self.logs()[-6000:], flush=True)
        for name in GATED:
            self.release(name)
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        super().stop(judge)

    def restart(self):
        """Stops everything and starts it again on the same data."""
        self.process.terminate()
        assert self.process.wait(house.LIMIT_S) == 0, self.logs()[-3000:]
        self.process.stdout.close()
        self.start()

    def trouble(self):
        return super().trouble() if self.peaceful else []

    def pids(self, name):
        """The processes of this house that run the program: "butaca-worker", "postgres", ..."""
        def runs(pid):
            with contextlib.suppress(OSError):
                return os.path.basename(os.readlink(f'/proc/{pid}/exe')) == name
        return sorted(pid for pid in self.processes() if runs(pid))

    def pid(self, name):
        return house.wait_for(lambda: self.pids(name), f'{name} runs')[0]

    @contextlib.contextmanager
    def locked(self, table):
        """Nobody reads this table of the database meanwhile."""
        words = self.processes()[self.pid('butaca-apps')].split(' --')
        dsn = next(word.removeprefix('database ') for word in words if word.startswith('database '))
        session = subprocess.Popen(['psql', '-X', '-q', '-t', '-v', 'ON_ERROR_STOP=1', '-d', dsn], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, text=True)
        try:
            session.stdin.write(f"begin; lock table {table} in access exclusive mode; select 'held';\n")
            session.stdin.flush()
            assert session.stdout.readline().strip() == 'held'
            yield
        finally:
            session.communicate('commit;\n')

    def hold(self, name):
        """From now on the program is not started again when it ends."""
        (self.gates / f'{name}.hold').touch()

    def release(self, name):
        (self.gates / f'{name}.hold').unlink(missing_ok=True)

    def kill(self, name):
        pid = self.pid(name)
        os.kill(pid, signal.SIGKILL)
        house.wait_for(lambda: not alive(pid), f'{name} is gone', pause_s=0.005)
        return pid

    def take_down(self, name):
        self.hold(name)
        return self.kill(name)

    def empty_the_cache(self):
        """Throws away all segments, in memory and on disk. AppS starts anew."""
        self.take_down('butaca-apps')
        for path in self.segments_on_disk():
            path.unlink()
        self.release('butaca-apps')
        self.wait_until_ready()

    def segments_on_disk(self):
        folder = self.data / 'apps/cache/segments'
        assert folder.is_dir(), 'segments are kept somewhere else: no test of the cache would mean anything'
        return [path for path in folder.rglob('*') if path.is_file()]

    def is_ready(self):
        try:
            return fetch(self.base + '/readyz', limit_s=5).status == 200
        except OSError:
            return False

    def wait_until_ready(self):
        house.wait_for(self.is_ready, 'Butaca is ready')

    def origins_idle(self):
        """Have VS and AS looked at every file?"""
        try:
            return all(fetch(url + '/healthz').json['idle'] for url in (self.vs_url, self.as_url))
        except OSError:
            return False

    def playback(self, slug, **wishes):
        return Playback(self.play(slug, **wishes))

    def ask(self, body, headers=None):
        """POST /api/v1/playbacks with a body as it stands: bytes, or what becomes JSON."""
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        return fetch(self.base + '/api/v1/playbacks', 'POST', body, headers or {'Content-Type': 'application/json'})

    def metrics(self):
        """Prometheus samples by name, labels included."""
        text = fetch(self.base + '/metrics').body.decode()
        return {line.rpartition(' ')[0]: float(line.rpartition(' ')[2])
                for line in text.splitlines() if line and line[0] != '#'}

    def segments_made(self):
        return self.metrics()['butaca_segments_served_total{from="worker"}']


class Viewer(threading.Thread):
    """Fetches URLs (URL -> SHA-256) over and over until left, and remembers what was not as expected."""

    def __init__(self, expected):
        super().__init__(daemon=True)
        self.expected, self.faults, self.fetched, self._over = expected, [], 0, threading.Event()

    def look(self, url, digest):
        name = '/'.join(url.split('/')[-2:])
        try:
            reply = fetch(url)
            if reply.status != 200 or sha256(reply.body) != digest:
                self.faults.append((name, reply.status, reply.body[:200]))
        except OSError as error:
            self.faults.append((name, repr(error)))
        self.fetched += 1

    def run(self):
        while not self._over.is_set():
            for url, digest in self.expected.items():
                if self._over.is_set():
                    return
                self.look(url, digest)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self.join(FETCH_LIMIT_S)
