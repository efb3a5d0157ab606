# SPDX-License-Identifier: LGPL-2.1-or-later
"""A whole film made into 480p: processor time, size and likeness against ffmpeg's."""

import pathlib
import tempfile

import peers
from report import Line, median, medians, ratios
from stack import Stack

WISH = {"codec": "h264", "max_height": 480}
# What ours is capped at for this size (src/media/profile.cpp) over two seconds: servers need such a cap, for a player's line has
# one too, and keeping to it is work.
CAPPED = [*peers.ENCODE, "-maxrate", "2288k", "-bufsize", "4576k"]


def measure(build, film, item, rounds=3):
    """Alternating runs: ours through workers with nothing made yet, ffmpeg's with its own threads and with one."""
    lines = []
    with tempfile.TemporaryDirectory(prefix="butaca-bench-") as folder:
        ours, free, single, capped = [], [], [], []
        for _ in range(rounds):
            seconds, made, size, gop = make(build, film, item, WISH)
            ours.append(seconds["butaca-worker"] + seconds["butaca-vs"])
            pathlib.Path(folder, "ours.mp4").write_bytes(made)
            free.append(peers.encode_whole(film, f"{folder}/free.mp4", size, gop)[0])
            single.append(peers.encode_whole(film, f"{folder}/single.mp4", size, gop, threads=1)[0])
            capped.append(peers.encode_whole(film, f"{folder}/capped.mp4", size, gop, encode=CAPPED)[0])
        note = f"{medians(ours)} against {medians(free)} s (one thread {medians(single)})"
        lines.append(Line("whole rendition: processor time", median(ratios(ours, free)), 1.0, note))
        lines.append(Line("whole rendition: processor time, to one thread", median(ratios(ours, single)), 1.0, ""))
        lines.append(Line("whole rendition: processor time, to ffmpeg with the same cap", median(ratios(ours, capped)), 1.0,
                          f"against {medians(capped)} s"))
        for peer in ("free", "single", "capped"):
            theirs = pathlib.Path(folder, f"{peer}.mp4").stat().st_size
            lines.append(Line(f"whole rendition: size, to ffmpeg {peer}", len(made) / theirs, 1.02,
                              f"{len(made)} against {theirs} bytes"))
            for how, at in (("enlarged to the film", None), ("against the film reduced", size)):
                a, b = (peers.ssim(f"{folder}/{name}.mp4", film, at) for name in ("ours", peer))
                lines.append(Line(f"whole rendition: SSIM {how}, to ffmpeg {peer}", a / b, 1.0, f"{a:.6f} against {b:.6f}",
                                  at_least=True))
    return lines


def make(build, film, item, wish):
    """What each program took, the bytes, their picture's size, and frames in two seconds."""
    with Stack(build, film.parent, **{"workers.look_ahead_segments": 0}) as stack:
        stack.wait_for(item)
        rendition = stack.playback(item, video=wish)
        stack.settle()
        before = {name: stack.processor_seconds(name) for name in ("butaca-worker", "butaca-apps", "butaca-vs")}
        made = rendition.whole()
        used = {name: stack.processor_seconds(name) - before[name] for name in before}
    with tempfile.NamedTemporaryFile(suffix=".mp4") as file:
        file.write(made)
        file.flush()
        width, height, rate = peers.picture_of(file.name)
    return used, made, (width, height), round(2 * rate)
