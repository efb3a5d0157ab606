#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Compares GStreamer's audio encoders by how audible their errors are, by bit rate and by processor time.

Each of some real sounds is encoded at each bit rate, decoded by ffmpeg, aligned to the sample and scored (masking.py).
Where GStreamer has an element `peaq` (GstPEAQ, in no Debian package), its objective difference grade is added. Prints
Markdown; exits with 1 if the measure itself, or one of the results, makes no sense. Wants Debian's python3-numpy.
"""

import argparse
import collections
import concurrent.futures
import dataclasses
import itertools
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

import numpy as np

import masking

RATE = masking.RATE
CHANNELS = 2
# Where an encoder begins and ends does not count.
EDGE_SAMPLES = 4096
# How much better a lower bit rate may look.
TOLERANCE_DB = 0.5
TIMED_KBPS = 128
TIMED_LEAST_S = 600
AAC = "audio/mpeg,mpegversion=4,stream-format=raw"


@dataclasses.dataclass(frozen=True)
class Sound:
    file: str
    start_s: int
    length_s: int


@dataclasses.dataclass(frozen=True)
class Encoder:
    name: str
    format: str
    element: str  # with {bps} or {kbps}; none: ffmpeg's own command with these options
    caps: str


SOUNDS = [Sound("corelli-trio-sonata.wav", 0, 30), Sound("flac-51.flac", 0, 30), Sound("speech-jfk.flac", 0, 30),
          Sound("guitar-mono.wav", 0, 30), Sound("kevin-macleod-vibe-ace.ogg", 15, 25),
          Sound("wesnoth-traveling-minstrels.ogg", 60, 25)]

# Settings as in plugins/audio/codec_table.cpp, and one changed at a time.
AVENC = "avenc_aac bitrate={bps} threads=1 aac-coder="
OPUS = ("opusenc bitrate={bps} bitrate-type=constrained-vbr frame-size=20 audio-type=generic dtx=false inband-fec=false "
        "complexity=")
ENCODERS = [
    Encoder("avenc_aac twoloop", "F32LE", AVENC + "twoloop", AAC),
    Encoder("avenc_aac twoloop, L/R", "F32LE", AVENC + "twoloop aac-ms=false", AAC),
    Encoder("avenc_aac fast, L/R", "F32LE", AVENC + "fast aac-ms=false", AAC),
    Encoder("avenc_aac twoloop, L/R, no PNS", "F32LE", AVENC + "twoloop aac-ms=false aac-pns=false", AAC),
    Encoder("avenc_aac fast, L/R, no PNS", "F32LE", AVENC + "fast aac-ms=false aac-pns=false", AAC),
    Encoder("voaacenc", "S16LE", "voaacenc bitrate={bps}", AAC),
    Encoder("opusenc 10", "S16LE", OPUS + "10", "audio/x-opus"),
    Encoder("opusenc 5", "S16LE", OPUS + "5", "audio/x-opus"),
    Encoder("lamemp3enc CBR", "S16LE", "lamemp3enc target=bitrate cbr=true bitrate={kbps}",
            f"audio/mpeg,layer=3,rate={RATE}"),
]
# What the same libavcodec makes when it may choose between L/R and M/S, which the element cannot ask for.
YARDSTICK = Encoder("(ffmpeg -c:a aac)", "", "-c:a aac -threads 1 -b:a {bps}", "")
# Better in how many sounds: (encoder, kb/s) against (encoder, kb/s).
OURS = "avenc_aac twoloop, L/R"
RATES = (64, 96, 128, 192)
PAIRS = [((OURS, rate), (other.name, rate)) for other in [*ENCODERS[:1], *ENCODERS[2:6], YARDSTICK] for rate in RATES]
PAIRS += [(("opusenc 10", rate), ("opusenc 5", rate)) for rate in RATES]
PAIRS += [(("opusenc 10", 96), (OURS, rate)) for rate in (96, 128)]


@dataclasses.dataclass
class Result:
    kbps: float
    nmr_db: float
    disturbed: float
    level_error_db: float
    bandwidth_hz: float
    lag: int
    gain_db: float
    grade: float  # PEAQ's, 0 (not to be heard) to -4; nan without it


def run(command, **more):
    done = subprocess.run(command, capture_output=True, check=False, **more)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}\nfailed: {done.stderr.decode(errors='replace')[-2000:]}")
    return done.stdout


def pipeline(encoder, kbps, source, *sink):
    element = encoder.element.format(bps=kbps * 1000, kbps=kbps)
    if not encoder.caps:
        return ["ffmpeg", "-v", "error", "-y", "-i", source, *element.split(), sink[-1].removeprefix("location=")]
    return ["gst-launch-1.0", "-q", "filesrc", f"location={source}", "!", "wavparse", "!", "audioconvert", "dithering=none",
            "noise-shaping=none", "!", f"audio/x-raw,format={encoder.format}", "!", *element.split(), "!", encoder.caps,
            "!", *sink]


def decode(path, *more):
    raw = run(["ffmpeg", "-v", "error", "-i", path, *more, "-ar", str(RATE), "-ac", str(CHANNELS), "-f", "f32le", "-"])
    return np.frombuffer(raw, "<f4").reshape(-1, CHANNELS).astype(np.float64)


def original(sound, media, folder):
    """The piece as 16 bits, which all encoders get: the file, and its samples."""
    path = folder / f"{sound.file}.wav"
    run(["ffmpeg", "-v", "error", "-ss", str(sound.start_s), "-t", str(sound.length_s), "-i", media / sound.file, "-map",
         "a:0", "-ar", str(RATE), "-ac", str(CHANNELS), "-c:a", "pcm_s16le", path])
    return path, decode(path)


def have_peaq():
    return not subprocess.run(["gst-inspect-1.0", "--exists", "--atleast-version=0.0", "peaq"], check=False, capture_output=True).returncode


def peaq_grade(reference, copy, folder):
    command = ["gst-launch-1.0"]
    for pad, samples in (("ref", reference), ("test", copy)):
        path = folder / f"{pad}.raw"
        samples.astype("<f4").tofile(path)
        command += ["filesrc", f"location={path}", "!", "rawaudioparse", "format=pcm", "pcm-format=f32le",
                    f"sample-rate={RATE}", f"num-channels={CHANNELS}", "!", "audioconvert", "!", f"peaq.{pad}"]
    said = run([*command, "peaq", "name=peaq"]).decode()
    return float(re.findall(r"Objective Difference Grade:\s*(\S+)", said)[-1])


def measure(encoder, kbps, source, reference, folder, peaq):
    coded = folder / "coded.mka"
    run(pipeline(encoder, kbps, source, "matroskamux", "!", "filesink", f"location={coded}"))
    sizes = run(["ffprobe", "-v", "error", "-show_entries", "packet=size", "-of", "csv=p=0", coded]).decode()
    total = sum(int(size) for size in re.findall(r"\d+", sizes))
    copy, samples = decode(coded), reference.samples
    late = masking.lag(samples, copy)
    placed = np.zeros_like(samples)
    begin, end = max(0, -late), min(len(samples), len(copy) - late)
    placed[begin:end] = copy[begin + late:end + late]
    placed[:EDGE_SAMPLES], placed[-EDGE_SAMPLES:] = samples[:EDGE_SAMPLES], samples[-EDGE_SAMPLES:]
    score = reference.score(placed)
    level = masking.gain(samples, placed)
    grade = peaq_grade(samples, placed / level, folder) if peaq else float("nan")
    return Result(total * 8 / (len(samples) / RATE) / 1000, score.nmr_db, score.disturbed, score.level_error_db,
                  masking.bandwidth_hz(samples, placed), late, 20 * np.log10(level), grade)


def check_measure(reference):
    """What is known to be right or wrong must come out so; says what does not."""
    samples = reference.samples
    noise = np.random.default_rng(1).standard_normal(samples.shape)
    power = np.sqrt((samples ** 2).mean())

    def with_noise(colour, decibels):
        return reference.score(samples + colour * (power * 10 ** (decibels / 20) / np.sqrt((colour ** 2).mean())))

    white, shaped = with_noise(noise, -30), with_noise(reference.shape(noise), -30)
    faint, louder = with_noise(noise, -90), with_noise(noise, -20)
    same, quieter = reference.score(samples.copy()), reference.score(samples / 2)
    shifted = np.vstack([np.zeros((1105, CHANNELS)), samples + noise * power / 10])
    claims = {
        "an identical copy has no audible error": same.nmr_db < -100 and same.disturbed == 0,
        "a gain is no error": quieter.nmr_db < -100,
        "noise at -90 dB is not heard": faint.nmr_db < -20 and faint.disturbed < 0.01,
        "white noise at -30 dB is heard": white.disturbed > 0.5,
        "noise shaped like the mask is far less audible": white.nmr_db > shaped.nmr_db + 10
                                                          and white.disturbed > shaped.disturbed,
        "more noise is worse": louder.nmr_db > white.nmr_db + 5 and louder.level_error_db > white.level_error_db,
        "a delay is found to the sample": masking.lag(samples, shifted) == 1105,
    }
    return [f"the measure: it does not hold that {claim}" for claim, holds in claims.items() if not holds]


def measure_sound(sound, media, parent, rates, peaq):
    """The samples, what is wrong with the measure, and all results by encoder, bit rate and file."""
    folder = pathlib.Path(tempfile.mkdtemp(dir=parent))
    path, samples = original(sound, media, folder)
    reference = masking.Reference(samples)
    complaints = [f"{sound.file}: {complaint}" for complaint in check_measure(reference)]
    return samples, complaints, {
        (encoder.name, kbps, sound.file): measure(encoder, kbps, path, reference, folder, peaq)
        for encoder in [*ENCODERS, YARDSTICK] for kbps in rates}


def check_results(results):
    complaints = []
    for (encoder, kbps, sound), result in results.items():
        lower = results.get((encoder, max((r for r in {k[1] for k in results} if r < kbps), default=0), sound))
        if lower and lower.nmr_db < result.nmr_db - TOLERANCE_DB:
            complaints.append(f"{encoder}, {sound}: {lower.nmr_db:.1f} dB with fewer than {kbps} kb/s, "
                              f"{result.nmr_db:.1f} dB with these")
    lags = collections.defaultdict(set)
    for (encoder, _, _), result in results.items():
        lags[encoder].add(result.lag)
    return complaints + [f"{encoder}: its delay was found as {sorted(found)}" for encoder, found in lags.items()
                         if len(found) > 1]


def user_seconds(command):
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = status
    if status:
        sys.exit(f"{' '.join(command)} failed")
    return used.ru_utime


def processor_time(sounds, folder):
    """User seconds for 1000 s of stereo: the best of three, in turns. What reading and converting take is in it."""
    joined = np.vstack(sounds)
    joined = np.tile(joined, (-(-TIMED_LEAST_S * RATE // len(joined)), 1))
    path = folder / "long.wav"
    run(["ffmpeg", "-v", "error", "-f", "f32le", "-ar", str(RATE), "-ac", str(CHANNELS), "-i", "-", "-c:a", "pcm_s16le",
         path], input=joined.astype("<f4").tobytes())
    best = {}
    for _ in range(3):
        for encoder in ENCODERS:
            spent = user_seconds(pipeline(encoder, TIMED_KBPS, path, "fakesink"))
            best[encoder.name] = min(spent, best.get(encoder.name, spent))
    return {name: spent * 1000 / (len(joined) / RATE) for name, spent in best.items()}


def table(head, rows):
    print("| " + " | ".join(head) + " |")
    print("|---" + "|--:" * (len(head) - 1) + "|")
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print(flush=True)


def figures(results):
    mean = lambda field: statistics.fmean(getattr(result, field) for result in results)
    return [f"{mean('kbps'):.1f}", f"{mean('nmr_db'):.1f}", f"{100 * mean('disturbed'):.0f} %",
            f"{mean('level_error_db'):.2f}", f"{mean('grade'):.2f}",
            f"{statistics.median(result.bandwidth_hz for result in results) / 1000:.1f}"]


FIGURES = ["kb/s", "NMR dB", "disturbed", "level error dB", "PEAQ", "bandwidth kHz"]


def pair_rows(results, sounds):
    for one, other in PAIRS:
        if (*one, sounds[0]) not in results or (*other, sounds[0]) not in results:
            continue
        pairs = [(results[(*one, sound)], results[(*other, sound)]) for sound in sounds]
        row = [f"{one[0]} {one[1]} against {other[0]} {other[1]}"]
        for field, sign in (("nmr_db", -1), ("level_error_db", -1), ("grade", 1)):
            gains = [sign * (getattr(a, field) - getattr(b, field)) for a, b in pairs]
            row.append(f"{statistics.fmean(gains):+.2f} ({sum(gain > 0 for gain in gains)} of {len(gains)})")
        yield row


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--media", type=pathlib.Path, default=os.environ.get("BUTACA_MEDIA"),
                           help="the folder with the sounds (default: what BUTACA_MEDIA names)")
    arguments.add_argument("--kbps", type=int, nargs="+", default=[64, 96, 128, 192], help="bit rates")
    arguments.add_argument("--no-time", action="store_true", help="do not measure processor time")
    asked = arguments.parse_args()
    sounds = [sound for sound in SOUNDS if asked.media and (asked.media / sound.file).is_file()]
    if not sounds or not shutil.which("ffmpeg"):
        arguments.error("this wants ffmpeg, and BUTACA_MEDIA or --media to name a folder with the sounds")
    peaq, results, complaints, originals = have_peaq(), {}, [], []
    with tempfile.TemporaryDirectory(prefix="butaca-bench-") as name:
        folder = pathlib.Path(name)
        with concurrent.futures.ProcessPoolExecutor() as pool:
            for samples, wrong, measured in pool.map(measure_sound, sounds, *map(itertools.repeat, (
                    asked.media, folder, asked.kbps, peaq))):
                originals.append(samples)
                complaints += wrong
                results |= measured
        complaints += check_results(results)
        names = [sound.file for sound in sounds]
        print("Mean of all sounds:\n")
        table(["encoder", "asked", *FIGURES], ([e.name, str(kbps), *figures([results[e.name, kbps, n] for n in names])]
                                               for kbps in asked.kbps for e in [*ENCODERS, YARDSTICK]))
        print("How much better the first is than the second (positive: better), and in how many sounds:\n")
        table(["", "NMR dB", "level error dB", "PEAQ"], pair_rows(results, names))
        print("Each sound:\n")
        table(["sound", "encoder", "asked", *FIGURES], ([n, e.name, str(kbps), *figures([results[e.name, kbps, n]])]
                                                        for n in names for kbps in asked.kbps for e in [*ENCODERS, YARDSTICK]))
        if not asked.no_time:
            print(f"Processor time at {TIMED_KBPS} kb/s, user seconds for 1000 s of stereo:\n")
            table(["encoder", "s"], ([n, f"{s:.2f}"] for n, s in processor_time(originals, folder).items()))
    worst = max(results.items(), key=lambda item: abs(item[1].gain_db))
    print(f"Largest gain: {worst[1].gain_db:.2f} dB ({', '.join(map(str, worst[0]))})")
    for complaint in complaints:
        print(f"MAKES NO SENSE: {complaint}")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
