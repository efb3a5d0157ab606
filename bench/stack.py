# SPDX-License-Identifier: LGPL-2.1-or-later
"""A whole Butaca on this machine, with a folder of its own, as a measurement needs it: started, asked over HTTP like a
player would, its processor time read from /proc, stopped."""

import http.client
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import tempfile
import time
import urllib.parse

TICKS = os.sysconf("SC_CLK_TCK")


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


def _stat(pid):
    """Name, parent and processor seconds (reaped children included) of a process."""
    text = pathlib.Path(f"/proc/{pid}/stat").read_text()
    name = text[text.index("(") + 1 : text.rindex(")")]
    fields = text[text.rindex(")") + 2 :].split()
    return name, int(fields[1]), sum(int(field) for field in fields[11:15]) / TICKS


def processes_below(root):
    """{pid: (name, processor seconds)} of a process and all that descend from it."""
    found = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                found[int(entry)] = _stat(int(entry))
            except (OSError, ValueError):
                pass
    family = {root}
    grown = True
    while grown:
        grown = False
        for pid, (_, parent, _) in found.items():
            if parent in family and pid not in family:
                family.add(pid)
                grown = True
    return {pid: (found[pid][0], found[pid][2]) for pid in family if pid in found}


def give_precedence(pid="self"):
    """Before the rest of a shared machine, as the measuring program itself has it or not: sessions compete by their
    autogroup's nice value, and `butaca up` starts its services in sessions of their own."""
    own = pathlib.Path("/proc/self/autogroup")
    try:
        nice = own.read_text().split()[-1]
        pathlib.Path(f"/proc/{pid}/autogroup").write_text(nice)
    except OSError:
        pass


class Stack:
    """`with Stack(build, film_folder, workers=2) as stack:`. With keep=False nothing finished is kept, so that every
    request is a cold one."""

    def __init__(self, build, films, keep=True, **settings):
        self._folder = tempfile.TemporaryDirectory(prefix="butaca-bench-")
        port, rtsp, vs, as_ = free_ports(4)
        self.port = port
        if not keep:
            settings["cache.memory_bytes"] = 0
            settings["cache.quota_bytes"] = 0
        os.mkdir(f"{self._folder.name}/music")
        command = [f"{build}/client/butaca", "up", "--data", f"{self._folder.name}/data", "--video", str(films)]
        command += ["--audio", f"{self._folder.name}/music"]
        command += ["--port", str(port), "--rtsp-port", str(rtsp), "--vs-port", str(vs), "--as-port", str(as_)]
        # Thumbnails are made beside, and are none of the work that others are measured at.
        settings["workers.thumbnails_ahead"] = "false"
        for key, value in settings.items():
            command += ["--set", f"{key}={value}"]
        self._log = open(f"{self._folder.name}/up.log", "w+", encoding="utf-8")
        self._up = subprocess.Popen(command, stdout=self._log, stderr=subprocess.STDOUT)

    def __enter__(self):
        try:
            self._wait(lambda: "Butaca is ready at" in self._said(), "Butaca does not start")
            for pid in processes_below(self._up.pid):
                give_precedence(pid)
            self._wait(lambda: self._get_json("/api/v1/catalogue").get("items"), "the catalogue stays empty")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self._up.send_signal(signal.SIGTERM)
        self._up.wait(60)
        self._log.close()
        self._folder.cleanup()

    def _said(self):
        return pathlib.Path(self._log.name).read_text(encoding="utf-8")

    def _wait(self, condition, complaint, seconds=60):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self._up.poll() is not None:
                break
            if condition():
                return
            time.sleep(0.05)
        raise RuntimeError(f"{complaint}\n{self._said()}")

    def connect(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        connection.connect()
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def get(self, path):
        connection = self.connect()
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        if answer.status != 200:
            raise RuntimeError(f"{answer.status} for {path}: {body[:300]}")
        return body

    def _get_json(self, path):
        return json.loads(self.get(path))

    @property
    def pid(self):
        return self._up.pid

    def playback(self, item, **wishes):
        return Rendition(self, urllib.parse.urlsplit(self._play(item, wishes)["hls_url"]).path)

    def rtsp_url(self, item, **wishes):
        return self._play(item, wishes)["rtsp_url"]

    def _play(self, item, wishes):
        connection = self.connect()
        connection.request("POST", "/api/v1/playbacks", json.dumps({"item": item, **wishes}),
                           {"Content-Type": "application/json"})
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        if answer.status != 201:
            raise RuntimeError(f"{answer.status}: {body[:300]}")
        return json.loads(body)

    def wait_for(self, item):
        """Until the title is in the catalogue, and the workers have said what they can do."""
        def ready():
            try:
                self.playback(item)
                return True
            except RuntimeError:
                return False
        self._wait(ready, f"{item} does not appear in the catalogue")

    def wait_for_subtitles(self, item):
        """Until the files beside the title have been read."""
        self._wait(lambda: any(one["slug"] == item and one["subtitles"] for one in self._get_json("/api/v1/catalogue")["items"]),
                   f"{item} gets no subtitles")

    def processor_seconds(self, name=None):
        return sum(seconds for process, seconds in processes_below(self._up.pid).values()
                   if name is None or process.startswith(name))

    def pids(self, name):
        return [pid for pid, (process, _) in processes_below(self._up.pid).items() if process.startswith(name)]

    def settle(self, quiet_s=0.3):
        """Until the workers have nothing left to do (look-ahead goes on after a request)."""
        before = self.processor_seconds("butaca-worker")
        while True:
            time.sleep(quiet_s)
            now = self.processor_seconds("butaca-worker")
            if now - before <= 1 / TICKS:
                return
            before = now

    def renew_workers(self):
        """Ends all workers (they are idle) and waits until new ones are ready: they have never seen a film."""
        old = set(self.pids("butaca-worker"))
        time.sleep(1.1)  # a worker that dies younger than that counts as one that cannot work
        for pid in old:
            os.kill(pid, signal.SIGKILL)
        self._wait(lambda: len(set(self.pids("butaca-worker")) - old) == len(old), "workers do not come back")
        for pid in self.pids("butaca-worker"):
            give_precedence(pid)
        self.settle(0.5)


class Rendition:
    """The first picture rendition of a playback: its init segment and segments as paths."""

    def __init__(self, stack, master):
        self.stack = stack
        lines = stack.get(master).decode().splitlines()
        variant = next(lines[i + 1] for i, line in enumerate(lines) if line.startswith("#EXT-X-STREAM-INF"))
        index = urllib.parse.urljoin(master, variant)
        text = stack.get(index).decode()
        self.segments = [urllib.parse.urljoin(index, line) for line in text.splitlines() if line and line[0] != "#"]
        self.durations_s = [float(one) for one in re.findall(r"#EXTINF:([0-9.]+)", text)]
        self.init = urllib.parse.urljoin(index, re.search(r'#EXT-X-MAP:URI="([^"]+)"', text)[1])

    def starts_s(self):
        return [sum(self.durations_s[:k]) for k in range(len(self.durations_s))]

    def whole(self):
        """All of it, in order, as one file's bytes."""
        return self.stack.get(self.init) + b"".join(self.stack.get(path) for path in self.segments)

    def time_segment(self, number):
        """Seconds from the request until the first moof begins to arrive, and until the whole segment is here."""
        connection = self.stack.connect()
        began = time.monotonic()
        connection.request("GET", self.segments[number])
        answer = connection.getresponse()
        if answer.status != 200:
            raise RuntimeError(f"{answer.status} for segment {number}")
        body = b""
        first = None
        while piece := answer.read1(65536):
            body += piece
            if first is None and b"moof" in body:
                first = time.monotonic() - began
        whole = time.monotonic() - began
        connection.close()
        if first is None:
            raise RuntimeError(f"no media in segment {number}")
        return first, whole
