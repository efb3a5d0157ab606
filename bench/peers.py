# SPDX-License-Identifier: LGPL-2.1-or-later
"""What people run today, as command lines, with the time and processor time that it takes."""

import os
import pathlib
import resource
import signal
import subprocess
import tempfile
import time

ENCODE = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "23"]
QUIET = ["ffmpeg", "-nostdin", "-hide_banner", "-v", "error", "-y"]


def seek_like_jellyfin(film, start_s, height=480, poll_s=0.01):
    """Seconds until ffmpeg, started at a position as Jellyfin starts it, has made so much that the first segment may
    be served: Jellyfin waits for the next one to exist. It looks every 100 ms; we look every 10. Only the picture
    is made, while Jellyfin makes the sound in the same process."""
    with tempfile.TemporaryDirectory(prefix="butaca-bench-") as folder:
        command = QUIET + ["-ss", f"{start_s:.3f}", "-i", str(film), "-map_metadata", "-1", "-map", "0:v:0"]
        command += ENCODE + ["-vf", f"scale=-2:{height}", "-force_key_frames", "expr:gte(t,n_forced*2)"]
        command += ["-copyts", "-avoid_negative_ts", "disabled", "-f", "hls", "-hls_time", "2"]
        command += ["-hls_segment_type", "fmp4", "-hls_fmp4_init_filename", "init.mp4", "-start_number", "0"]
        command += ["-hls_segment_filename", f"{folder}/%d.mp4", "-hls_playlist_type", "vod", "-hls_list_size", "0"]
        command += [f"{folder}/list.m3u8"]
        began = time.monotonic()
        child = subprocess.Popen(command)
        next_one = pathlib.Path(folder, "1.mp4")
        while not next_one.exists() and child.poll() is None:
            time.sleep(poll_s)
        took = time.monotonic() - began
        if child.poll() is None:
            child.send_signal(signal.SIGKILL)
        child.wait()
        if not next_one.exists():
            raise RuntimeError("ffmpeg made no second segment")
        return took


def encode_whole(film, to, size, gop_frames, threads=None, encode=None):
    """Makes the whole film; processor seconds and wall seconds."""
    command = QUIET + ["-i", str(film), "-map", "0:v:0", "-vf", f"scale={size[0]}:{size[1]}", *(encode or ENCODE)]
    command += ["-g", str(gop_frames)]
    if threads:
        command = command[:1] + ["-threads", str(threads)] + command[1:] + ["-threads", str(threads)]
    return run(command + ["-movflags", "+faststart", str(to)])


def run(command):
    """Processor seconds and wall seconds of a command that must succeed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.monotonic()
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    wall = time.monotonic() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall


def ssim(made, film, size=None):
    """Mean SSIM (all planes) of what was made against the film. With a size, both are compared in it; the film is
    brought there with lanczos, and what was made must have it already. Without, what was made is enlarged to the
    film's own size with bicubic."""
    if size:
        graph = f"[1:v]scale={size[0]}:{size[1]}:flags=lanczos+accurate_rnd[b];[0:v][b]ssim"
    else:
        graph = "[0:v][1:v]scale2ref=flags=bicubic+accurate_rnd[a][b];[a][b]ssim"
    said = subprocess.run(["ffmpeg", "-nostdin", "-hide_banner", "-i", str(made), "-i", str(film), "-lavfi", graph,
                           "-an", "-f", "null", "-"], check=True, capture_output=True, text=True).stderr
    return float(said[said.rindex("All:") + 4 :].split()[0])


def loop_film(film, to, times):
    """A longer film: the same one after itself, packets untouched."""
    run(QUIET + ["-stream_loop", str(times - 1), "-i", str(film), "-map", "0:v:0", "-c", "copy", str(to)])


def load_average():
    return os.getloadavg()[0]


def picture_of(file):
    """Width, height and frames per second."""
    said = subprocess.run(["ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries",
                           "stream=width,height,avg_frame_rate", "-of", "csv=p=0", str(file)],
                          check=True, capture_output=True, text=True).stdout
    width, height, rate = said.split(",")[:3]
    numerator, denominator = rate.split("/")
    return int(width), int(height), int(numerator) / int(denominator)
