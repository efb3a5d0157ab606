# SPDX-License-Identifier: LGPL-2.1-or-later
"""RTSP sessions of one title: processor time and memory of each, and the wait for a picture, against gst-rtsp-server with a
pipeline of its own for each client (plain_rtsp.cpp)."""

import contextlib
import pathlib
import selectors
import subprocess
import sys
import time

import peers
from rendition import WISH
from report import Line, median, medians, ratios
from stack import Stack, processes_below

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "tests/e2e"))
from rtsp_client import Client  # noqa: E402

PICTURE = 0  # channel
PICTURE_HZ = 90000
# From the first of these words until the picture of so many seconds has come.
WAITS = {"SETUP to first picture": ("SETUP", 0), "SETUP to the picture of a jump": ("SETUP", 20),
         "DESCRIBE to first picture": ("DESCRIBE", 0)}
WATCHED_S = 15
IDLE_S = 2


def measure(build, film, item, rounds=3):
    subprocess.run(["ninja", "-C", str(build), "bench/plain-rtsp"], check=True, stdout=subprocess.DEVNULL)
    load = [_loads(build, film, item) for _ in range(rounds)]
    lines = []
    for name, theirs, least in (("that transcodes", "/transcode", 5.0), ("that copies", "/copy", 1.0)):
        ours, plain = ([round_[of].processor for round_ in load] for of in (("ours", theirs), ("plain", theirs)))
        lines.append(Line(f"RTSP sessions of a core, to a plain server {name}", median(ratios(plain, ours)), least,
                          f"{medians(ours)} against {medians(plain)} s of processor for a second of a session", at_least=True))
    ours, plain = ([round_[of].idle_bytes / 2**20 for round_ in load] for of in (("ours", "/transcode"), ("plain", "/transcode")))
    lines.append(Line("memory of an idle RTSP session, to the same", median(ratios(ours, plain)), 0.5,
                      f"{medians(ours)} against {medians(plain)} MiB"))
    waits = [_waits(build, film, item) for _ in range(rounds)]
    for what in WAITS:
        for theirs, named in (("/transcode", "one that transcodes"), ("/hasty", "one without look-ahead")):
            ours, plain = ([wait[of, what] for wait in waits] for of in ("ours", theirs))
            lines.append(Line(f"{what}, to {named}", median(ratios(ours, plain)), 0.5, f"{medians(ours)} against {medians(plain)} s"))
    return lines


class Load:
    def __init__(self, processor, idle_bytes):
        self.processor, self.idle_bytes = processor, idle_bytes


def _loads(build, film, item):
    """{(whose, as what): Load}. Those that only hand on can be many at once; of those that encode, a core has room for few."""
    found = {}
    with _plain(build, film) as (base, pid):
        found["plain", "/copy"] = _load(pid, [base + "/copy"] * 20)
        found["plain", "/transcode"] = _load(pid, [base + "/transcode"] * 2)
    for against, wishes in (("/copy", {}), ("/transcode", {"video": WISH})):
        with Stack(build, film.parent) as stack:
            stack.wait_for(item)
            stack.settle()
            found["ours", against] = _load(stack.pid, [stack.rtsp_url(item, **wishes) for _ in range(20)])
    return found


def _load(pid, urls):
    """Processor seconds for each second of each session, all begun at once, and the memory that each holds before it plays."""
    with contextlib.ExitStack() as stack:
        before = _memory_bytes(pid)
        viewers = [stack.enter_context(Client(url)) for url in urls]
        for viewer in viewers:
            viewer.open()
        time.sleep(IDLE_S)
        idle_bytes = (_memory_bytes(pid) - before) / len(urls)
        began_s, began = _processor_s(pid), time.monotonic()
        for viewer in viewers:
            answer = viewer.play()
            if answer.status != 200:
                raise RuntimeError(f"PLAY was answered {answer.status}")
        sizes = _drain([viewer.link for viewer in viewers], WATCHED_S)
        used_s, took_s = _processor_s(pid) - began_s, time.monotonic() - began
        if min(sizes) < 0.8 * median(sizes):
            raise RuntimeError(f"some sessions starved: {sorted(sizes)} bytes")
        return Load(used_s / took_s / len(urls), idle_bytes)


def _drain(links, seconds):
    """Takes what comes on all of them in that time; how many bytes on each."""
    sizes = [0] * len(links)
    with selectors.DefaultSelector() as selector:
        for number, link in enumerate(links):
            link.setblocking(False)
            selector.register(link, selectors.EVENT_READ, number)
        end = time.monotonic() + seconds
        while (rest := end - time.monotonic()) > 0:
            for key, _ in selector.select(rest):
                piece = key.fileobj.recv(1 << 18)
                if not piece:
                    raise RuntimeError("the server hung up")
                sizes[key.data] += len(piece)
    return sizes


def _waits(build, film, item):
    """{(whose, what): seconds}; nothing of ours is made yet."""
    found = {}
    for what, (since, begin_s) in WAITS.items():
        # Each from a server of its own: what one has asked for is made for the next.
        with Stack(build, film.parent) as stack:
            stack.wait_for(item)
            stack.settle()
            found["ours", what] = _wait(stack.rtsp_url(item, video=WISH), since, begin_s)
        for theirs in ("/transcode", "/hasty"):
            with _plain(build, film) as (base, _):
                found[theirs, what] = _wait(base + theirs, since, begin_s)
    return found


def _wait(url, since, begin_s):
    with Client(url) as viewer:
        began = time.monotonic()
        description = viewer.describe()
        if since == "SETUP":
            began = time.monotonic()
        viewer.setup_all(description)
        answer = viewer.play(begin_s)
        # A plain server begins at the film's own keyframe, which may be seconds before; ours at most a segment.
        first = viewer.until(PICTURE, 1)[0].time
        _until(viewer, first + round((begin_s - answer.range_s()[0]) * PICTURE_HZ))
        return time.monotonic() - began


def _until(viewer, stamp):
    """Until a whole picture of that time stamp or a later one has come: its last packet bears the mark (RFC 6184, 5.1)."""
    while not any(packet.marker and (packet.time - stamp) % 2**32 < 2**31 for packet in viewer.packets[PICTURE]):
        viewer.frame()


@contextlib.contextmanager
def _plain(build, film):
    width, height, _ = peers.picture_of(film)
    to = WISH["max_height"]
    size = [str(round(width * to / height / 2) * 2), str(to)]
    with subprocess.Popen([f"{build}/bench/plain-rtsp", str(film), *size], stdout=subprocess.PIPE, text=True) as server:
        try:
            yield f"rtsp://127.0.0.1:{int(server.stdout.readline())}", server.pid
        finally:
            server.kill()


def _processor_s(pid):
    return sum(seconds for _, seconds in processes_below(pid).values())


def _memory_bytes(pid):
    """What the processes hold of their own; pages of files that they map count for the kernel's cache."""
    total = 0
    for one in processes_below(pid):
        with contextlib.suppress(OSError):
            lines = pathlib.Path(f"/proc/{one}/status").read_text().splitlines()
            total += sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("RssAnon:"))
    return total
