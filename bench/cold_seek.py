# SPDX-License-Identifier: LGPL-2.1-or-later
"""A jump to a random place of a 720p film, shown at 480p, when nothing of it has been made yet."""

import random

import peers
from report import Line, median, medians, ratios
from stack import Stack


def measure(build, film, item, positions=9, seed=1):
    chooser = random.Random(seed)
    lines = []
    with Stack(build, film.parent, keep=False) as stack:
        stack.wait_for(item)
        rendition = stack.playback(item, video={"codec": "h264", "max_height": 480})
        starts = rendition.starts_s()
        # ffmpeg must find a whole segment after this one.
        candidates = range(1, len(starts) - 2)
        # The same in both states: how far a place is from its keyframe decides much of what it costs.
        places = chooser.sample(candidates, min(positions, len(candidates)))
        for state in ("same film open", "fresh worker"):
            first, whole, peer = [], [], []
            for number in places:
                if state == "fresh worker":
                    stack.renew_workers()
                else:
                    stack.settle()
                ours = rendition.time_segment(number)
                stack.settle()
                first.append(ours[0])
                whole.append(ours[1])
                peer.append(peers.seek_like_jellyfin(film, starts[number]))
            note = f"{medians(first)} and {medians(whole)} against {medians(peer)} s"
            lines.append(Line(f"cold seek, {state}: first byte", median(ratios(first, peer)), 0.35, note))
            lines.append(Line(f"cold seek, {state}: whole segment", median(ratios(whole, peer)), 0.5, note))
    return lines
