# SPDX-License-Identifier: LGPL-2.1-or-later
"""A whole Butaca for tests: its own folders, free ports, `butaca up` as people start it, and a look at what it left.

Tests get the command from BUTACA_COMMAND and real media, where there are any, from BUTACA_MEDIA.
"""
import contextlib
import json
import os
import pathlib
import re
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

SOURCE = pathlib.Path(__file__).resolve().parents[2]
COMMAND = os.environ.get('BUTACA_COMMAND', str(SOURCE / 'build/client/butaca'))
MEDIA = pathlib.Path(os.environ.get('BUTACA_MEDIA') or '/nonexistent')
DEMO = SOURCE / 'data/demo'
LIMIT_S = 120
AUDIO = {'.ogg', '.flac', '.wav', '.mp3', '.m4a', '.m4b', '.opus', '.aac'}
# Pictures and sound alike: each origin takes what is its own.
SHARED = {'.ogg'}
# Stands in the environment of each process of a house, so that whoever stays behind is found.
MARK = 'BUTACA_TEST_HOUSE'


def media(name):
    """The path of a real or demo file, None where it is absent."""
    for path in (MEDIA / name, DEMO / 'video' / name, DEMO / 'audio' / name):
        if path.is_file():
            return path
    return None


def free_ports(count):
    """Ports that nobody has just now. All are held until the last is found, so that they differ."""
    with contextlib.ExitStack() as held:
        probes = [held.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(('127.0.0.1', 0))
        return [probe.getsockname()[1] for probe in probes]


def wait_for(condition, what, limit_s=LIMIT_S, pause_s=0.05):
    """The first true value of `condition`."""
    end = time.monotonic() + limit_s
    while not (value := condition()):
        if time.monotonic() > end:
            raise AssertionError(f'never happened in {limit_s} s: {what}')
        time.sleep(pause_s)
    return value


def run(command, limit_s=LIMIT_S, **how):
    """What a program said and how it ended; killed with all of its group when it takes longer than the limit."""
    process = subprocess.Popen([str(word) for word in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, start_new_session=True, **how)
    try:
        out, err = process.communicate(timeout=limit_s)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        out, err = process.communicate()
        raise AssertionError(f'{command[0]} was not done in {limit_s} s: {(out + err)[-3000:].decode(errors="replace")}')
    return process.returncode, out, err.decode(errors='replace')


class House:
    def __init__(self, files, settings=()):
        """`files`: paths of media; `settings`: what to give with --set."""
        self.mark = uuid.uuid4().hex
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix='butaca-e2e-'))
        # PostgreSQL runs as another user when this test is run by root.
        self.folder.chmod(0o755)
        self.data = self.folder / 'data'
        self.port, self.rtsp, self.vs, self.as_ = free_ports(4)
        self.slugs = set()
        for kind in ('video', 'audio'):
            (self.folder / kind).mkdir()
        for path in files:
            for kind in ('video', 'audio'):
                if path.suffix in SHARED or (path.suffix in AUDIO) == (kind == 'audio'):
                    shutil.copy(path, self.folder / kind / path.name)
            self.slugs.add(path.stem)
        self.settings = settings
        self.process = None
        self.base = f'http://127.0.0.1:{self.port}'

    def __enter__(self):
        try:
            self.start()
            wait_for(lambda: self.slugs <= set(self.catalogue()), 'all titles are listed')
        except BaseException:
            self.stop(judge=False)
            raise
        return self

    def __exit__(self, kind, *_):
        # After a failed test the house's own trouble would only hide the first.
        self.stop(judge=kind is None)

    def start(self):
        words = [COMMAND, 'up', '--data', self.data, '--video', self.folder / 'video', '--audio', self.folder / 'audio',
                 '--port', self.port, '--rtsp-port', self.rtsp, '--vs-port', self.vs, '--as-port', self.as_]
        for setting in self.settings:
            words += ['--set', setting]
        environment = {name: value for name, value in os.environ.items() if name not in ('G_DEBUG', 'GST_REGISTRY')}
        environment[MARK] = self.mark
        with open(self.folder / 'said', 'ab') as said:
            self.process = subprocess.Popen([str(word) for word in words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                            stderr=said, text=True, env=environment)
        readable, _, _ = select.select([self.process.stdout], [], [], LIMIT_S)
        line = self.process.stdout.readline() if readable else ''
        if line != f'Butaca is ready at {self.base}\n':
            raise AssertionError(f'Butaca did not start: {line!r} {self.logs()[-3000:]}')

    def stop(self, judge=True):
        """Stops it and, if asked to judge, fails when something stayed behind or a log tells of trouble."""
        status = gone = None
        if self.process:
            gone = self.process.poll()
            self.process.terminate()
            try:
                status = self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process.stdout.close()
        # What is inherited from a process that just ended may take a moment to be reaped.
        with contextlib.suppress(AssertionError):
            wait_for(lambda: not self.processes(), 'all processes end', limit_s=5)
        left = self.processes()
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        trouble = self.trouble()
        logs = self.logs()
        shutil.rmtree(self.folder, ignore_errors=True)
        if judge:
            assert gone is None, f'butaca up went away by itself with {gone}: {logs[-3000:]}'
            assert status == 0, f'butaca up ended with {status}: {logs[-3000:]}'
            assert not left, f'stayed behind: {left}'
            assert not trouble, 'the logs tell of trouble:\n' + '\n'.join(trouble[:20])

    def processes(self):
        """The living processes of this house: pid -> command line."""
        found = {}
        for entry in pathlib.Path('/proc').iterdir():
            with contextlib.suppress(OSError, IndexError):
                if not entry.name.isdigit() or (entry / 'stat').read_text().rpartition(')')[2].split()[0] == 'Z':
                    continue
                line = (entry / 'cmdline').read_bytes().replace(b'\0', b' ').decode(errors='replace')
                marked = f'{MARK}={self.mark}'.encode() in (entry / 'environ').read_bytes()
                if (marked or str(self.data) in line) and entry.name != str(os.getpid()):
                    found[int(entry.name)] = line
        return found

    def logs(self):
        paths = [self.folder / 'said', *sorted((self.data / 'log').glob('*.log'))]
        return '\n'.join(f'== {path.name}\n{path.read_text(errors="replace")}' for path in paths if path.exists())

    def trouble(self):
        """Lines of the logs that no run without accidents should have."""
        bad = re.compile(r'level=error|"level": ?"error"|CRITICAL|FATAL|PANIC|Segmentation|stopped \(|crash|worker.*(died|killed)',
                         re.IGNORECASE)
        return [line for line in self.logs().splitlines() if bad.search(line)]

    def refusals(self):
        """Lines of AppS's log about requests that did not get what they asked for."""
        return [line for line in self.logs().splitlines() if re.search(r'http\.request .*path=/(?!readyz).*status=[45]', line)]

    # The API

    def fetch(self, url, body=None, limit_s=LIMIT_S):
        """The body behind a path of ours, or a whole URL. Other statuses than 2xx raise with what was answered."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(urllib.parse.urljoin(self.base, url), data,
                                         {'Content-Type': 'application/json'} if data else {})
        try:
            with urllib.request.urlopen(request, timeout=limit_s) as reply:
                return reply.read()
        except urllib.error.HTTPError as error:
            raise AssertionError(f'{url}: {error.code} {error.read()[:500]}') from None

    def catalogue(self):
        """slug -> item, of all that can be played."""
        items = json.loads(self.fetch('/api/v1/catalogue?limit=200'))['items']
        return {item['slug']: item for item in items}

    def play(self, slug, **wishes):
        """A playback as the API answers it, with the whole URL of its playlist."""
        playback = json.loads(self.fetch('/api/v1/playbacks', {'item': slug, **wishes}))
        playback['hls_url'] = urllib.parse.urljoin(self.base, playback['hls_url'])
        return playback

    def refusal(self, body):
        """(status, words) of a playback that is refused; 201 and nothing where it is not."""
        request = urllib.request.Request(self.base + '/api/v1/playbacks', json.dumps(body).encode(), {'Content-Type': 'application/json'})
        try:
            urllib.request.urlopen(request, timeout=LIMIT_S).close()
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())['detail']
        return 201, ''
