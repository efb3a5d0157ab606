#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""`butaca up` as people use it, with small programs in the place of our servers: up.py BUTACA

The stand-ins keep to the command lines of butaca-apps, butaca-vs and butaca-as and write down what they were told.
"""
import contextlib
import json
import os
import pathlib
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

BUTACA = os.path.abspath(sys.argv.pop(1)) if len(sys.argv) > 1 else ''
LIMIT_S = 60

STAND_IN = '''#!/usr/bin/env python3
import http.server, json, os, signal, sys, time
name = os.path.basename(sys.argv[0])
def option(name): return sys.argv[sys.argv.index(name) + 1]
home = os.environ['STAND_IN_HOME']
with open(os.path.join(home, name + '.json.new'), 'w') as out:
    json.dump({'argv': sys.argv, 'pid': os.getpid()}, out)
os.rename(os.path.join(home, name + '.json.new'), os.path.join(home, name + '.json'))
if os.path.exists(os.path.join(home, name + '.broken')): sys.exit('the stand-in is broken')
def leave(*_):
    with open(os.path.join(home, 'order'), 'a') as out: out.write(name + '\\\\n')
    os._exit(0)
signal.signal(signal.SIGTERM, leave)
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        answers = {'/readyz': b'{"catalogue_stored": true, "origins": []}', '/healthz': b'{"idle": true, "items": 0}'}
        self.send_response(200 if self.path in answers else 404); self.end_headers()
        self.wfile.write(answers.get(self.path, b''))
    def log_message(self, *_): pass
http.server.ThreadingHTTPServer((option('--address'), int(option('--port'))), Handler).serve_forever()
'''.replace('\\\\', '\\')


def free_ports(count):
    """Ports that nobody has just now. All are held until the last is found, so that they differ."""
    with contextlib.ExitStack() as held:
        probes = [held.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(('127.0.0.1', 0))
        return [probe.getsockname()[1] for probe in probes]


def alive(pid):
    try:
        return pathlib.Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()[0] != 'Z'
    except FileNotFoundError:
        return False


def wait_for(condition, what):
    end = time.monotonic() + LIMIT_S
    while not condition():
        if time.monotonic() > end:
            raise AssertionError('never happened: ' + what)
        time.sleep(0.01)


class Up(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext_(tempfile.TemporaryDirectory(prefix='butaca-up-')))
        # PostgreSQL runs as another user when this test is run by root.
        self.folder.chmod(0o755)
        self.programs = self.folder / 'programs'
        self.programs.mkdir()
        for name in ('butaca-apps', 'butaca-vs', 'butaca-as', 'butaca-worker'):
            (self.programs / name).write_text(STAND_IN)
            (self.programs / name).chmod(0o755)
        (self.folder / 'films').mkdir()
        self.port, self.rtsp, self.vs, self.as_ = free_ports(4)
        self.data = self.folder / 'data'
        self.started = []

    def enterContext_(self, context):  # unittest has it from Python 3.12 on
        value = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        return value

    def tearDown(self):
        for process in self.started:
            if process.poll() is None:
                process.terminate()
                process.wait(LIMIT_S)
            process.stdout.close()

    def start(self, *more, language='C.UTF-8'):
        environment = dict(os.environ, BUTACA_LIBEXEC=str(self.programs), STAND_IN_HOME=str(self.programs), LC_ALL=language)
        with open(self.folder / 'said', 'ab') as said:
            process = subprocess.Popen(
                [BUTACA, 'up', '--data', str(self.data), '--video', str(self.folder / 'films'), '--port', str(self.port),
                 '--rtsp-port', str(self.rtsp), '--vs-port', str(self.vs), '--as-port', str(self.as_), *more],
                stdout=subprocess.PIPE, stderr=said, env=environment, text=True)
        self.started.append(process)
        return process

    def said(self):
        return (self.folder / 'said').read_text()

    def line_of(self, process):
        readable, _, _ = select.select([process.stdout], [], [], LIMIT_S)
        self.assertTrue(readable, 'nothing was printed; ' + self.said())
        return process.stdout.readline()

    def ready(self, *more, **how):
        process = self.start(*more, **how)
        self.assertEqual(self.line_of(process), f'Butaca is ready at http://127.0.0.1:{self.port}\n', self.said())
        return process

    def told(self, name):
        wait_for((self.programs / f'{name}.json').exists, f'the start of {name}; ' + self.said())
        return json.loads((self.programs / f'{name}.json').read_text())

    def pids(self):
        postgres = int((self.data / 'postgresql/data/postmaster.pid').read_text().split('\n')[0])
        return [self.told(name)['pid'] for name in ('butaca-apps', 'butaca-vs', 'butaca-as')] + [postgres]

    def test_prints_one_line_when_ready_and_stops_all_in_order_on_sigterm(self):
        process = self.ready()
        pids = self.pids()
        with urllib.request.urlopen(f'http://127.0.0.1:{self.port}/readyz') as reply:
            self.assertEqual(reply.status, 200)
        process.terminate()
        self.assertEqual(process.wait(LIMIT_S), 0, self.said())
        self.assertEqual(process.stdout.read(), '')
        self.assertEqual([pid for pid in pids if alive(pid)], [])
        order = (self.programs / 'order').read_text().split()
        self.assertEqual(order[0], 'butaca-apps')
        self.assertEqual(sorted(order[1:]), ['butaca-as', 'butaca-vs'])
        self.assertIn('database system is shut down', (self.data / 'log/postgresql.log').read_text())

    def test_a_key_of_the_terminal_reaches_only_us(self):
        process = self.ready()
        groups = {os.getpgid(pid) for pid in self.pids()}
        self.assertNotIn(os.getpgid(process.pid), groups)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(LIMIT_S), 0)

    def test_tells_the_servers_what_the_contract_says(self):
        self.ready('--set', 'cache.quota_bytes=1GiB')
        apps = self.told('butaca-apps')['argv']
        given = dict(zip(apps[1::2], apps[2::2]))
        self.assertEqual(given['--vs'], f'http://127.0.0.1:{self.vs}')
        self.assertEqual(given['--as'], f'http://127.0.0.1:{self.as_}')
        self.assertEqual(given['--rtsp-port'], str(self.rtsp))
        self.assertEqual(given['--set'], 'cache.quota_bytes=1GiB')
        self.assertEqual(given['--worker'], str(self.programs / 'butaca-worker'))
        for key in ('--origin-key', '--session-key'):
            self.assertEqual(os.stat(given[key]).st_mode & 0o777, 0o600)
        vs = self.told('butaca-vs')['argv']
        self.assertEqual(vs[vs.index('--folder') + 1], str(self.folder / 'films'))
        self.assertEqual(vs[vs.index('--key') + 1], given['--origin-key'])
        asked = subprocess.run(['psql', '-AtX', given['--database'], '-c', "show fsync"], capture_output=True, text=True)
        self.assertEqual(asked.stdout, 'on\n', asked.stderr)

    def test_starts_a_server_that_died_again(self):
        self.ready()
        before = self.told('butaca-vs')['pid']
        os.kill(before, signal.SIGKILL)
        wait_for(lambda: self.told('butaca-vs')['pid'] != before, 'a new butaca-vs')
        wait_for(lambda: 'butaca-vs stopped (signal 9)' in self.said(), 'people are told')

    def test_leaves_nothing_behind_when_it_is_killed_and_starts_again(self):
        process = self.ready()
        pids = self.pids()
        process.kill()
        process.wait(LIMIT_S)
        again = self.ready()  # at once: the old database may still be going down
        self.assertEqual([pid for pid in pids if alive(pid)], [])
        again.terminate()
        self.assertEqual(again.wait(LIMIT_S), 0)

    def test_starts_on_a_database_whose_server_was_killed(self):
        process = self.ready()
        postgres = self.pids()[-1]
        os.kill(postgres, signal.SIGKILL)
        process.kill()
        process.wait(LIMIT_S)
        self.ready()

    def test_a_second_one_on_the_same_folder_says_so(self):
        self.ready()
        second = self.start()
        self.assertEqual(second.wait(LIMIT_S), 1)
        self.assertIn('running already', self.said())

    def test_a_taken_port_is_told_with_the_option_to_change_it(self):
        with socket.socket() as other:
            other.bind(('127.0.0.1', self.rtsp))
            other.listen()
            process = self.start()
            self.assertEqual(process.wait(LIMIT_S), 1)
        self.assertIn(f'Port {self.rtsp} is in use by another program. Choose another one with --rtsp-port.', self.said())

    def test_speaks_spanish_but_keeps_the_line_that_programs_wait_for(self):
        process = self.ready(language='es_ES.UTF-8')
        process.terminate()
        process.wait(LIMIT_S)
        self.assertIn('Deteniendo', self.said())

    def test_gives_up_on_a_server_that_never_starts_and_shows_its_log(self):
        (self.programs / 'butaca-as.broken').touch()
        process = self.start()
        self.assertEqual(process.wait(LIMIT_S), 1)
        self.assertIn('the stand-in is broken', self.said())

    def test_a_folder_with_a_long_name_is_fine(self):
        self.data = self.folder / ('long ' * 20 + "it's") / ('x' * 100)
        self.ready()


if __name__ == '__main__':
    unittest.main(verbosity=1)
