# SPDX-License-Identifier: LGPL-2.1-or-later
"""Subtitles drawn into every picture of a film: processor time of the workers, to the same film without them."""

import pathlib

from report import Line, median, medians, ratios
from stack import Stack

WISH = {"codec": "h264", "max_height": 480}


def measure(build, film, item, rounds=3):
    # Two lines that change every three seconds, so that each segment has some.
    beside = pathlib.Path(film.parent, f"{film.stem}.es.srt")
    beside.write_text("".join(f"{i + 1}\n{_clock(i * 3)} --> {_clock(i * 3 + 2.9)}\nUna línea bastante larga, la número {i}\ny otra debajo\n\n"
                              for i in range(1200)), encoding="utf-8")
    try:
        burned, clean = [], []
        for _ in range(rounds):
            clean.append(_make(build, film, item, {}))
            burned.append(_make(build, film, item, {"subtitles": {"language": "es", "mode": "burn"}}))
    finally:
        beside.unlink()
    return [Line("burning in: processor time, to without", median(ratios(burned, clean)), 1.1, f"{medians(burned)} against {medians(clean)} s")]


def _make(build, film, item, wishes):
    with Stack(build, film.parent, **{"workers.look_ahead_segments": 0}) as stack:
        stack.wait_for(item)
        stack.wait_for_subtitles(item)
        rendition = stack.playback(item, video=WISH, **wishes)
        stack.settle()
        before = stack.processor_seconds("butaca-worker")
        rendition.whole()
        return stack.processor_seconds("butaca-worker") - before


def _clock(time_s):
    return f"{int(time_s // 3600):02}:{int(time_s // 60) % 60:02}:{time_s % 60:06.3f}".replace(".", ",")
