# SPDX-License-Identifier: LGPL-2.1-or-later
"""What many viewers of one fresh rendition cost, against one: AppS and its workers, not the viewers themselves."""

import concurrent.futures

from rendition import WISH
from report import Line, median, medians, ratios
from stack import Stack


def measure(build, film, item, viewers=20, rounds=3):
    one, many = [], []
    for _ in range(rounds):
        one.append(_processor_s(build, film, item, 1))
        many.append(_processor_s(build, film, item, viewers))
    return [Line(f"{viewers} viewers of one fresh rendition, to one: processor time", median(ratios(many, one)), 1.1,
                 f"{medians(many)} against {medians(one)} s")]


def _processor_s(build, film, item, viewers):
    with Stack(build, film.parent) as stack:
        stack.wait_for(item)
        renditions = [stack.playback(item, video=WISH) for _ in range(viewers)]
        stack.settle()
        before = _used_s(stack)
        with concurrent.futures.ThreadPoolExecutor(viewers) as pool:
            sizes = set(pool.map(lambda rendition: len(rendition.whole()), renditions))
        # Look-ahead may go on after the last request.
        stack.settle()
        if len(sizes) != 1:
            raise RuntimeError(f"viewers of one rendition got {sizes} bytes")
        return _used_s(stack) - before


def _used_s(stack):
    """What workers used that have ended meanwhile counts as AppS's, whose children they were."""
    return stack.processor_seconds("butaca-apps") + stack.processor_seconds("butaca-worker")
