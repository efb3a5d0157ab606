# SPDX-License-Identifier: LGPL-2.1-or-later
"""A whole film made into 480p of each codec but H.264: processor time, size and likeness against ffmpeg with the same encoder,
speed and quality."""

import pathlib
import tempfile

import peers
import rendition
from report import Line

# What ffmpeg is told; plugins/video/encoder_table.cpp says the same to ours. HEVC is capped for this size as in src/media/profile.cpp, for
# keeping to a cap is work. The quality of VP9 and AV1 is the one at which
# ffmpeg comes out as like the film as ours does.
ENCODE = {
    "hevc": ["-c:v", "libx265", "-preset", "veryfast", "-crf", "28", "-x265-params",
             "scenecut=0:open-gop=0:vbv-maxrate=1487:vbv-bufsize=2974:vbv-init=1.0:log-level=error"],
    "vp9": ["-c:v", "libvpx-vp9", "-deadline", "good", "-cpu-used", "5", "-crf", "36", "-b:v", "0", "-lag-in-frames", "16"],
    "av1": ["-c:v", "libaom-av1", "-usage", "realtime", "-cpu-used", "8", "-crf", "37", "-b:v", "0"],
}


def measure(build, film, item):
    """One run each, ours and ffmpeg's with one thread in turns, for they take long."""
    lines = []
    with tempfile.TemporaryDirectory(prefix="butaca-bench-") as folder:
        for codec, encode in ENCODE.items():
            seconds, made, size, gop = rendition.make(build, film, item, {"codec": codec, "max_height": 480})
            ours = seconds["butaca-worker"] + seconds["butaca-vs"]
            pathlib.Path(folder, "ours.mp4").write_bytes(made)
            theirs = peers.encode_whole(film, f"{folder}/theirs.mp4", size, gop, threads=1, encode=encode)[0]
            lines.append(Line(f"{codec}: processor time, to ffmpeg on one thread", ours / theirs, 1.0, f"{ours:.1f} against {theirs:.1f} s"))
            bytes_theirs = pathlib.Path(folder, "theirs.mp4").stat().st_size
            lines.append(Line(f"{codec}: size, to ffmpeg", len(made) / bytes_theirs, 1.02, f"{len(made)} against {bytes_theirs} bytes"))
            a, b = (peers.ssim(f"{folder}/{name}.mp4", film, size) for name in ("ours", "theirs"))
            lines.append(Line(f"{codec}: SSIM against the film reduced, to ffmpeg", a / b, 1.0, f"{a:.6f} against {b:.6f}", at_least=True))
    return lines
