#!/usr/bin/env python3
"""Measures how well word times fit, and writes benchmarks/TIMES.md.

    python3 -m venv target/aligner
    target/aligner/bin/pip install pocketsphinx==5.1.1 numpy scipy
    target/aligner/bin/python benchmarks/times.py [OPTIONS] target/debug/piper-rs [VOICE …]

Speaks the first 50 sentences of benchmarks/quality.txt with each VOICE (`builtin` for the
built-in one), with `--timings`, and lets a forced aligner of its own, pocketsphinx with
its American model, find each word in the sound. A debug build gives the same samples as
a release build.

With --cost N it also compares the CPU time of the program with `--timings` and without,
by turns, N times each: for that, PROGRAM must be a release build.
"""

import argparse
import json
import math
import re
import resource
import statistics
import subprocess
import tempfile
import wave
from pathlib import Path

import numpy as np
from pocketsphinx import Decoder
from scipy.signal import resample_poly

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "benchmarks/TIMES.md"
SENTENCES = (ROOT / "benchmarks/quality.txt").read_text().splitlines()[:50]
RATE = 16_000
# Before the sound: the aligner needs silence to find the first word.
SILENCE_S = 0.2

HEAD = """# Times of words

How far the starts of words in `--timings` are from those that a forced aligner finds in
the sound: pocketsphinx, with its American model, in steps of 10 ms, which is itself no
truth. `benchmarks/times.py` measured it and wrote this page. The text is the first {count}
sentences of `benchmarks/quality.txt`, {words} words. Negative is early.

| voice | words | median of the distance | 95 % within | within 50 ms | median of the difference | times |
|---|---:|---:|---:|---:|---:|---|
"""
COST = """
CPU time of `speak -o` with `--timings` and without, a text of {chars} characters, medians of
{rounds} rounds by turns, and the median of the ratios of a round:

| voice | without | with | ratio |
|---|---:|---:|---:|
"""


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("program")
    parser.add_argument("voices", nargs="*", default=["builtin"], metavar="VOICE")
    parser.add_argument("--cost", type=int, default=0, metavar="N", help="rounds (default: 0)")
    parser.add_argument("--outliers", type=int, default=0, metavar="N", help="print the worst")
    return parser.parse_args()


def speak(program, voice, text, folder, *options):
    command = [program, "speak", "-q", "-m", voice, "--seed", "1", "-o", folder / "a.wav"]
    subprocess.run([*command, *options], input=text, text=True, check=True)


def sound(path):
    """The samples at the aligner's rate."""
    with wave.open(str(path)) as file:
        rate = file.getframerate()
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(float)
    common = math.gcd(rate, RATE)
    samples = resample_poly(samples, RATE // common, rate // common)
    silence = np.zeros(int(SILENCE_S * RATE))
    return np.clip(np.concatenate([silence, samples]), -32768, 32767).astype("<i2").tobytes()


def aligned(decoder, words, samples):
    """When each word begins, in seconds, or None."""
    if any(decoder.lookup_word(word) is None for word in words):
        return None
    decoder.set_align_text(" ".join(words))
    for again in (False, True):  # words, then their states
        if again:
            decoder.set_alignment()
        decoder.start_utt()
        decoder.process_raw(samples, full_utt=True)
        decoder.end_utt()
    found = [word for word in decoder.get_alignment() if word.name[0] not in "<["]
    starts = [word.start / 100 - SILENCE_S for word in found]
    return starts if len(starts) == len(words) else None


def spelled(word):
    return re.sub("[^a-z']", "", word.lower().replace("\u2019", "'"))


def differences(program, voice, folder):
    """Of every word: seconds, the word, its sentence; and whether times are estimated."""
    decoder = Decoder(samprate=RATE, lm=None, loglevel="FATAL")
    found, estimated = [], False
    for sentence in SENTENCES:
        speak(program, voice, sentence, folder, "--timings", folder / "a.json", "--overwrite")
        times = json.loads((folder / "a.json").read_text())
        words = [word for one in times["sentences"] for word in one["words"]]
        estimated |= any(one["estimated"] for one in times["sentences"])
        starts = aligned(decoder, [spelled(word["text"]) for word in words], sound(folder / "a.wav"))
        if starts is None:
            print(f"not aligned: {sentence}")
            continue
        for word, start in zip(words, starts):
            found.append((word["start"] - start, word["text"], sentence))
    return found, estimated


def row(voice, found, estimated):
    seconds = [difference for difference, *_ in found]
    distances = sorted(map(abs, seconds))
    late = distances[math.ceil(0.95 * len(distances)) - 1]
    close = sum(distance <= 0.05 for distance in distances) / len(distances)
    return (
        f"| {Path(voice).stem} | {len(found)} | {statistics.median(distances) * 1000:.0f} ms "
        f"| {late * 1000:.0f} ms | {close:.1%} | {statistics.median(seconds) * 1000:+.0f} ms "
        f"| {'estimated' if estimated else 'measured'} |"
    )


def cpu_seconds(program, voice, folder, *options):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    speak(program, voice, " ".join(SENTENCES), folder, *options)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def cost_row(program, voice, folder, rounds):
    timings = ("--timings", folder / "a.json", "--overwrite")
    pairs = []
    for n in range(-1, rounds):  # the first round warms up
        order = [timings, ()] if n % 2 else [(), timings]
        seconds = {options: cpu_seconds(program, voice, folder, *options) for options in order}
        if n >= 0:
            pairs.append((seconds[()], seconds[timings]))
    without, with_times = (statistics.median(side) for side in zip(*pairs))
    ratio = statistics.median(b / a for a, b in pairs)
    return f"| {Path(voice).stem} | {without:.2f} s | {with_times:.2f} s | {ratio:.3f} |"


def main():
    options = arguments()
    words = sum(len(sentence.split()) for sentence in SENTENCES)
    page = HEAD.format(count=len(SENTENCES), words=words)
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        for voice in options.voices:
            found, estimated = differences(options.program, voice, folder)
            page += row(voice, found, estimated) + "\n"
            found.sort(key=lambda one: -abs(one[0]))
            for difference, word, sentence in found[: options.outliers]:
                print(f"{difference:+.3f} {word!r} in {sentence!r}")
        if options.cost:
            page += COST.format(chars=len(" ".join(SENTENCES)), rounds=options.cost)
            for voice in options.voices:
                page += cost_row(options.program, voice, folder, options.cost) + "\n"
    PAGE.write_text(page)
    print(page)


if __name__ == "__main__":
    main()
