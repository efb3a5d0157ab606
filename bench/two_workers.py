# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a second worker saves: the wall time of a whole 480p rendition, asked for as a download asks."""

import concurrent.futures
import os
import time

from rendition import WISH
from report import Line, median, medians, ratios
from stack import Stack

# More than there are workers, so that none waits for us to ask.
REQUESTS_IN_FLIGHT = 6
WANTED = 0.6


def measure(build, film, item, rounds=3):
    """Two workers against one, each free to use all cores (a worker decodes and encodes on threads of their own, so one
    alone uses more than one core), and each bound to one core of its own."""
    lines = []
    for how, bound in (("free to use all cores", False), ("bound to one core each", True)):
        one, two = [], []
        for _ in range(rounds):
            one.append(_wall_s(build, film, item, 1, bound))
            two.append(_wall_s(build, film, item, 2, bound))
        lines.append(Line(f"two workers, to the wall time of one, {how}", median(ratios(two, one)), WANTED,
                          f"{medians(two)} against {medians(one)} s"))
    return lines


def _wall_s(build, film, item, workers, bound):
    # What is looked ahead to would be made by whoever is free, whatever we ask for.
    with Stack(build, film.parent, **{"workers.look_ahead_segments": 0, "workers.count": workers}) as stack:
        stack.wait_for(item)
        rendition = stack.playback(item, video=WISH)
        stack.settle()
        if bound:
            cores = sorted(os.sched_getaffinity(0))
            for number, pid in enumerate(stack.pids("butaca-worker")):
                _bind(pid, cores[number % len(cores)])
        with concurrent.futures.ThreadPoolExecutor(REQUESTS_IN_FLIGHT) as pool:
            began = time.monotonic()
            list(pool.map(stack.get, rendition.segments))
            return time.monotonic() - began


def _bind(pid, core):
    """All threads that there are; later ones inherit it."""
    for thread in os.listdir(f"/proc/{pid}/task"):
        os.sched_setaffinity(int(thread), {core})
