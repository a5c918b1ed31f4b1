#!/usr/bin/env python3
"""Compares piper-rs with piper-tts 1.8.0: the same samples, to one step of 16 bits.

    tests/oracle/compare.py target/release/piper-rs

Installs piper-tts into .deps/oracle on first use. Prints one row per voice
and case; exits with 1 if any differs.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import environment
from cases import CASES, SHARED, TINY

TOLERANCE = 1


def judge(ours, theirs):
    """A verdict, '' if equal within the tolerance, and the largest difference."""
    if ours[0] != theirs[0]:
        return f"rate {ours[0]}, piper-tts {theirs[0]}", None
    if len(ours[1]) != len(theirs[1]):
        return f"{len(ours[1])} samples, piper-tts {len(theirs[1])}", None
    differences = [abs(a - b) for a, b in zip(ours[1], theirs[1])]
    greatest = max(differences, default=0)
    if greatest > TOLERANCE:
        many = sum(d > TOLERANCE for d in differences)
        first = next(i for i, d in enumerate(differences) if d > TOLERANCE)
        return f"{many} samples differ, the first at {first}", greatest
    return "", greatest


def run_piper_rs(program, voice, case, out):
    command = [program, "speak", "-m", voice, "-o", out, *case.settings.for_piper_rs()]
    text = "".join(line + "\n" for line in case.lines)
    return subprocess.run(command, input=text, capture_output=True, text=True, timeout=300)


def compare(program, voice, cases, folder, from_espeak):
    """Rows (case, samples, largest difference, verdict) of one voice."""
    jobs = [
        {
            "voice": str(voice),
            "lines": case.lines,
            "arguments": case.settings.for_piper(),
            "out": str(folder / f"{number}-reference.wav"),
            "spoken": None,
        }
        for number, case in enumerate(cases)
    ]
    arguments = ["--espeak"] if from_espeak else ["--piper-rs", program]
    environment.speak(jobs, *arguments)
    for job, (number, case) in zip(jobs, enumerate(cases)):
        theirs = environment.read_wav(job["out"])
        out = folder / f"{number}-ours.wav"
        run = run_piper_rs(program, voice, case, out)
        if run.returncode:
            error = (run.stderr.strip().splitlines() or ["no message"])[-1]
            yield case, len(theirs[1]), None, f"exit code {run.returncode}: {error}"
            continue
        verdict, greatest = judge(environment.read_wav(out), theirs)
        yield case, len(theirs[1]), greatest, verdict


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("piper_rs", help="path of the program")
    parser.add_argument("--voice", type=Path, action="append", help="this voice instead of all")
    parser.add_argument("--only", default="", help="cases whose name contains this")
    parser.add_argument("--keep", type=Path, help="folder for the WAV files, which are otherwise deleted")
    parser.add_argument(
        "--espeak", action="store_true",
        help="piper-tts's own espeak-ng: shows where phonemes differ, which is expected",
    )  # fmt: skip
    options = parser.parse_args()
    program = str(Path(options.piper_rs).resolve())
    if not Path(program).is_file():
        parser.error(f"{program} is not there: build it first")

    passed = failed = skipped = 0
    for voice in options.voice or TINY + SHARED:
        name = voice.name.removesuffix(".onnx")
        speakers = environment.speaker_count(voice) if voice.exists() else 0
        cases = [c for c in CASES if options.only in c.name and c.fits(speakers or 2)]
        if not speakers:
            print(f"{name:13} SKIPPED: there is no {voice}")
            skipped += len(cases)
            continue
        with tempfile.TemporaryDirectory() as temporary:
            folder = options.keep / name if options.keep else Path(temporary)
            folder.mkdir(parents=True, exist_ok=True)
            for row in compare(program, voice, cases, folder, options.espeak):
                case, samples, greatest, verdict = row
                passed, failed = passed + (not verdict), failed + bool(verdict)
                shown = "-" if greatest is None else greatest
                print(f"{name:13} {case.name:28} {samples:7} {shown:>6}  {verdict or 'ok'}")
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    sys.exit(failed > 0 or passed == 0)


if __name__ == "__main__":
    main()
