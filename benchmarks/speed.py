#!/usr/bin/env python3
"""Measures how well fast speech is understood, and writes benchmarks/SPEED.md.

    benchmarks/speed.py [OPTIONS] target/debug/piper-rs [VOICE …]

Speaks the sentences in benchmarks/speed.txt with the built-in voice and with each
VOICE: by `--speed X`, and at speed 1 through SoX's `tempo -s X`. A recognizer writes
down what it understands; judges.py installs it. A debug build gives the same samples
as a release build.

Results are kept in a file: a run that is stopped can be continued, and a run with more
seeds adds to it. With --seeds 0 only the page is written.
"""

import argparse
import json
import statistics
import subprocess
import tempfile
from itertools import product
from pathlib import Path

import judges

ROOT = judges.ROOT
PAGE = ROOT / "benchmarks/SPEED.md"
SENTENCES = (ROOT / "benchmarks/speed.txt").read_text().splitlines()
# Enough for a recognizer that wants context, few enough for many samples.
SENTENCES_PER_FILE = 10
WAYS = ("piper-rs", "SoX")

HEAD = """# Speed

How well fast speech is understood: per cent of the words that a recognizer gets wrong
(Whisper base, int8, greedy). `benchmarks/speed.py` measured it and wrote this page.
The text is `benchmarks/speed.txt`: {sentences} English sentences, {words} words,
in {files} files.

- *piper-rs* is `--speed X`. Speeds above 1 are stretched sentence by sentence (WSOLA,
  pieces of 20 ms); pauses become shorter too.
- *SoX* is the same voice with the same seed at speed 1, through `sox in.wav out.wav
  tempo -s X`.

The figures are means over files, one for each part of the text and seed, with their
standard errors. The difference is that of the same files. Negative is better than SoX.
At 2 piper-rs is better, at 2.5 it is worse with these few files; an earlier measurement
(two seeds, another text) had 16.4 % and 16.8 % at 2.5, 39.2 % and 39.8 % at 3, as the
means of both voices. At 4 the recognizer is lost, unlike people who are used to it.

| voice | speed | files | piper-rs | SoX | difference |
|---|---:|---:|---:|---:|---:|
"""
# Measured by hand.
COST = """
## Cost

At speed 1 nothing is stretched, and no stretcher is made. At other speeds stretching
costs so many ms of CPU time per second of audio before it, on one core: medians of
five runs of `src/audio/stretch.rs` alone, built for release, over 20 times 30 s of
en_US-joe-medium. `benches/micro.rs` measures the same in wall time.

| speed | 1.25 | 1.5 | 2 | 2.5 | 3 | 4 |
|---|---:|---:|---:|---:|---:|---:|
| ms | 4.1 | 3.5 | 2.6 | 2.1 | 1.8 | 1.3 |
"""
TUNING = """
## Tuning

Other settings at speed 2.5, with en_US-joe-medium and 8 files: the change of the
words that are wrong, in points. None is better beyond its error.

| pieces | search | change |
|---|---|---:|
| 26 ms | 12 ms | -1.3 ± 1.5 |
| 32 ms | 12 ms | -0.2 ± 2.5 |
| 32 ms | 16 ms | +4.4 ± 1.5 |
"""
# Earlier measurements, which the decision for stretching rests on.
DECISION = """
## Model or stretching

Whether the model or the stretching should make the speed, with en_US-joe-medium, means
of two seeds on another text of 203 words (measured once, before the decision):

| speed | model | stretched |
|---|---:|---:|
| 0.5 | 5.4 | 4.9 |
| 1.25 | 4.7 | 3.5 |
| 1.5 | 4.9 | 3.5 |

Shares of both (the model 1.25 to 2 times as fast, the rest stretched) were not
better, beyond that error, at speeds 2 to 4. So stretching makes the speeds above 1.
The model makes those below 1: the recognizer hears no difference there, and the
model's own slow speech has no repeated pieces. No person has listened to either.
"""


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("program")
    parser.add_argument("voices", nargs="*", metavar="VOICE")
    parser.add_argument("--seeds", type=int, default=5, help="how many (default: 5)")
    parser.add_argument("--speeds", default="2,2.5", help="default: 2,2.5; 1 is always measured")
    parser.add_argument("--results", type=Path, default=ROOT / "target/speed.jsonl")
    return parser.parse_args()


def speak(program, voice, text, seed, speed, wav):
    of_voice = ["-m", voice or "builtin"]
    flags = ["--no-config", "-q", "--seed", str(seed), "--speed", str(speed), "--overwrite"]
    subprocess.run([program, *of_voice, *flags, "-o", wav, "--", text], check=True)


def measure(options, measured, folder):
    """Adds what is missing to the results and to their file."""
    recognizer = judges.Recognizer() if options.seeds else None
    plain, fast = folder / "plain.wav", folder / "fast.wav"
    files = range(0, len(SENTENCES), SENTENCES_PER_FILE)
    seeds = range(1, options.seeds + 1)
    for seed, voice, start in product(seeds, ["", *options.voices], files):
        text = " ".join(SENTENCES[start : start + SENTENCES_PER_FILE])
        name = Path(voice).stem if voice else "built in"
        runs = [(1.0, WAYS[0]), *product(speeds(options), WAYS)]
        keys = {(name, *run, seed, start // SENTENCES_PER_FILE): run for run in runs}
        missing = {key: run for key, run in keys.items() if key not in measured}
        if missing:
            speak(options.program, voice, text, seed, 1, plain)
        for key, (speed, way) in missing.items():
            if way == "SoX":
                subprocess.run(["sox", plain, fast, "tempo", "-s", str(speed)], check=True)
            else:
                speak(options.program, voice, text, seed, speed, fast)
            measured[key] = recognizer.judge(judges.load(fast), text)
            with options.results.open("a") as results:
                print(json.dumps([*key, measured[key]]), file=results)


def speeds(options):
    return sorted(float(speed) for speed in options.speeds.split(","))


def read(results):
    lines = results.read_text().splitlines() if results.exists() else []
    return {tuple(key): value for *key, value in map(json.loads, lines)}


def mean(values, form="{:.1f}"):
    """The mean with its standard error."""
    error = statistics.stdev(values) / len(values) ** 0.5
    return f"{form.format(statistics.mean(values))} ± {error:.1f}"


def rows(measured):
    for voice, speed in sorted({key[:2] for key in measured}):
        ours, sox = (
            {key[3:]: rate for key, rate in measured.items() if key[:3] == (voice, speed, way)}
            for way in WAYS
        )
        both = sorted(ours.keys() & sox.keys())
        cells = [mean(list(ours.values())), "", ""]
        if both:
            ours, sox = ({key: rates[key] for key in both} for rates in (ours, sox))
            cells[0] = mean(list(ours.values()))
            differences = [ours[file] - sox[file] for file in both]
            cells[1:] = [mean(list(sox.values())), mean(differences, "{:+.1f}")]
        yield f"| {voice} | {speed:g} | {len(both) or len(ours)} | {' | '.join(cells)} |"


def main():
    options = arguments()
    if options.seeds:
        judges.enter()
    measured = read(options.results)
    with tempfile.TemporaryDirectory() as folder:
        measure(options, measured, Path(folder))
    head = HEAD.format(
        sentences=len(SENTENCES),
        words=len(judges.words(" ".join(SENTENCES))),
        files=-(-len(SENTENCES) // SENTENCES_PER_FILE),
    )
    PAGE.write_text(head + "\n".join(rows(measured)) + "\n" + COST + TUNING + DECISION)


if __name__ == "__main__":
    main()
