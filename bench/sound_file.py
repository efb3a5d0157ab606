# SPDX-License-Identifier: LGPL-2.1-or-later
"""The sound of a film as an MP3 file: time to the first byte of a range somewhere in it when nothing has been made, against an
ffmpeg that writes to a pipe."""

import json
import random
import subprocess
import time
import urllib.parse

from peers import QUIET
from report import Line, median, medians, ratios
from stack import Stack

KBPS = 128


def measure(build, film, item, positions=9, seed=1):
    chooser = random.Random(seed)
    with Stack(build, film.parent, keep=False) as stack:
        stack.wait_for(item)
        path, size, head_s = _first_request(stack, item)
        stack.settle()
        ours, theirs = [], []
        for _ in range(positions):
            at = chooser.uniform(0.1, 0.9)
            ours.append(_first_byte(stack, path, f"bytes={int(size * at)}-"))
            stack.settle()
            theirs.append(_pipe(film, at * size * 8 / KBPS / 1000))
        start = _pipe(film, 0)
    note = f"{medians(ours)} against {medians(theirs)} s"
    return [Line("sound as a file: first byte of the whole", head_s / start, 0.5, f"{head_s:.3f} against {start:.3f} s"),
            Line("sound as a file: first byte of a range", median(ratios(ours, theirs)), 0.5, note)]


def _first_request(stack, item):
    """Path and size, and how long the very first request took to its first byte."""
    connection = stack.connect()
    connection.request("POST", "/api/v1/playbacks", json.dumps({"item": item, "audio": {"bitrate": KBPS}}),
                       {"Content-Type": "application/json"})
    path = urllib.parse.urlsplit(json.loads(connection.getresponse().read())["stream_urls"]["mp3"]).path
    connection.close()
    took = _first_byte(stack, path, None)
    connection = stack.connect()
    connection.request("HEAD", path)
    size = int(connection.getresponse().headers["Content-Length"])
    connection.close()
    return path, size, took


def _first_byte(stack, path, part):
    connection = stack.connect()
    began = time.monotonic()
    connection.request("GET", path, headers={"Range": part} if part else {})
    answer = connection.getresponse()
    answer.read(1)
    took = time.monotonic() - began
    # Not to be made to its end.
    connection.sock and connection.sock.close()
    connection.close()
    return took


def _pipe(film, start_s):
    began = time.monotonic()
    child = subprocess.Popen(QUIET + ["-ss", f"{start_s:.3f}", "-i", str(film), "-vn", "-c:a", "libmp3lame", "-b:a", f"{KBPS}k",
                                      "-f", "mp3", "pipe:1"], stdout=subprocess.PIPE)
    child.stdout.read(1)
    took = time.monotonic() - began
    child.kill()
    child.wait()
    child.stdout.close()
    return took
