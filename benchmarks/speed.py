#!/usr/bin/env python3
"""Measures how well fast speech is understood, and writes benchmarks/SPEED.md.

    benchmarks/speed.py [OPTIONS] target/debug/piper-rs [VOICE …]

Speaks the sentences in benchmarks/speed.txt with each VOICE (`builtin` for the built-in
one): by `--speed X`, and at speed 1 through SoX's `tempo -s X`. A recognizer writes
down what it understands; judges.py installs it. A debug build gives the same samples
as a release build.

To compare other settings of the stretcher, change the constants in
src/audio/stretch.rs, build, and name that build with --setting.

Results are kept in a file: a run that is stopped can be continued, a run with more
seeds adds to it, and several runs at once may share it. With --seeds 0 only the page is
written.
"""

import argparse
import json
import math
import statistics
import subprocess
import tempfile
import textwrap
from collections import defaultdict
from itertools import product
from pathlib import Path

import judges

ROOT = judges.ROOT
PAGE = ROOT / "benchmarks/SPEED.md"
SENTENCES = (ROOT / "benchmarks/speed.txt").read_text().splitlines()
# Enough for a recognizer that wants context, few enough for many samples.
SENTENCES_PER_FILE = 10
WAYS = ("piper-rs", "SoX")
# Fewer files say nothing about which is better.
MIN_FILES = 8
BUILT_IN = "builtin"

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
{verdict}
More than 100 % are possible: a recognizer that understands nothing repeats itself.
People who are used to such speeds understand more.

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

Other settings of the stretcher against today's, with the same files: the change of the
words that are wrong, in points.
{verdict}

| setting | voice | speed | files | change |
|---|---|---:|---:|---:|
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
    parser.add_argument("voices", nargs="*", default=[BUILT_IN], metavar="VOICE")
    parser.add_argument("--seeds", type=int, default=5, help="how many (default: 5)")
    parser.add_argument("--speeds", default="1,2,2.5,3,4", help="default: 1,2,2.5,3,4")
    parser.add_argument(
        "--setting",
        metavar="NAME",
        help="PROGRAM is a build with another setting of the stretcher",
    )
    parser.add_argument("--results", type=Path, default=ROOT / "target/speed.jsonl")
    return parser.parse_args()


def speak(program, voice, text, seed, speed, wav):
    flags = ["--no-config", "-q", "--seed", str(seed), "--speed", str(speed), "--overwrite"]
    subprocess.run([program, "-m", voice, *flags, "-o", wav, "--", text], check=True)


def measure(options, measured, folder):
    """Adds what is missing to the results and to their file."""
    recognizer = judges.Recognizer() if options.seeds else None
    plain, fast = folder / "plain.wav", folder / "fast.wav"
    files = range(0, len(SENTENCES), SENTENCES_PER_FILE)
    seeds = range(1, options.seeds + 1)
    ways = [options.setting] if options.setting else WAYS
    # SoX at speed 1 would be the same samples.
    runs = [run for run in product(speeds(options), ways) if run != (1, "SoX")]
    for seed, voice, start in product(seeds, options.voices, files):
        text = " ".join(SENTENCES[start : start + SENTENCES_PER_FILE])
        name = "built in" if voice == BUILT_IN else Path(voice).stem
        keys = {(name, *run, seed, start // SENTENCES_PER_FILE): run for run in runs}
        missing = {key: run for key, run in keys.items() if key not in measured}
        if any(way == "SoX" for _, way in missing.values()):
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
    return f"{form.format(statistics.mean(values))} ± {standard_error(values):.1f}"


def standard_error(values):
    return statistics.stdev(values) / len(values) ** 0.5 if len(values) > 1 else math.inf


def of_way(measured, voice, speed, way):
    return {key[3:]: rate for key, rate in measured.items() if key[:3] == (voice, speed, way)}


def both_ways(measured, voice, speed, ways):
    """The rates of the files that were measured both ways."""
    rates = [of_way(measured, voice, speed, way) for way in ways]
    both = sorted(rates[0].keys() & rates[1].keys())
    return [[of_file[file] for file in both] for of_file in rates]


def difference(pair):
    return [a - b for a, b in zip(*pair)]


def is_clear(values):
    """Whether the mean is further from 0 than twice its error, from files enough to say so."""
    return len(values) >= MIN_FILES and abs(statistics.mean(values)) > 2 * standard_error(values)


def comparison(measured):
    """The rows of the table, and for each voice and speed what the difference says."""
    rows, verdicts = [], defaultdict(list)
    for voice, speed in sorted({key[:2] for key in measured if key[2] == "piper-rs"}):
        ours, sox = both_ways(measured, voice, speed, WAYS)
        if ours:
            found = difference((ours, sox))
            cells = [len(ours), mean(ours), mean(sox), mean(found, "{:+.1f}")]
            sign = "worse" if statistics.mean(found) > 0 else "better"
            verdict = sign if is_clear(found) else "not clearly different"
            if len(found) < MIN_FILES:
                verdict = f"undecided (fewer than {MIN_FILES} files)"
            verdicts[verdict].append(f"{speed:g} ({voice})")
        else:
            alone = list(of_way(measured, voice, speed, "piper-rs").values())
            cells = [len(alone), mean(alone), "", ""]
        rows.append(f"| {voice} | {speed:g} | {' | '.join(map(str, cells))} |")
    said = [f"{verdict} at {', '.join(at)}" for verdict, at in sorted(verdicts.items())]
    return rows, said


def tuning(measured):
    rows, clear = [], []
    for setting, voice, speed in sorted({(k[2], *k[:2]) for k in measured if k[2] not in WAYS}):
        found = difference(both_ways(measured, voice, speed, (setting, "piper-rs")))
        if not found:
            continue
        cells = [setting, voice, f"{speed:g}", len(found), mean(found, "{:+.1f}")]
        rows.append(f"| {' | '.join(map(str, cells))} |")
        if is_clear(found) and statistics.mean(found) < 0:
            clear.append(setting)
    better = f"Better beyond twice the error: {', '.join(clear)}." if clear else ""
    return rows, better or "None is better beyond twice its error."


def main():
    options = arguments()
    if options.seeds:
        judges.enter()
    measured = read(options.results)
    with tempfile.TemporaryDirectory() as folder:
        measure(options, measured, Path(folder))
    # With what other runs have added since.
    write_page(read(options.results))


def write_page(measured):
    rows, said = comparison(measured)
    verdict = f"Beyond twice the error, piper-rs is {'; '.join(said)}."
    head = HEAD.format(
        sentences=len(SENTENCES),
        words=len(judges.words(" ".join(SENTENCES))),
        files=-(-len(SENTENCES) // SENTENCES_PER_FILE),
        verdict=textwrap.fill(verdict, 88, break_on_hyphens=False),
    )
    settings, better = tuning(measured)
    parts = [head + "\n".join(rows) + "\n", COST]
    if settings:
        parts.append(TUNING.format(verdict=better) + "\n".join(settings) + "\n")
    PAGE.write_text("".join([*parts, DECISION]))


if __name__ == "__main__":
    main()
