#!/usr/bin/env python3
"""Judges how good voices sound, and writes benchmarks/QUALITY.md.

    benchmarks/quality.py target/release/piper-rs [VOICE.onnx …]

Speaks the sentences in benchmarks/speed.txt and benchmarks/quality.txt, each by itself:
with the built-in voice, with each VOICE (default: the natural voice and the voice of the
tests, which `make` installs in .deps), with espeak-ng and with flite. The judges are
programs; judges.py installs them (Debian 12: 1 GB from PyPI, torch from Debian).

What the judges said is kept in target/quality.jsonl by the hash of the audio, so a run
that was stopped can be continued, and a later run judges only what sounds different. A
debug build gives the same samples as a release build.
"""

import hashlib
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import judges

ROOT = judges.ROOT
PAGE = ROOT / "benchmarks/QUALITY.md"
RESULTS = ROOT / "target/quality.jsonl"
TEXTS = {
    name: (ROOT / f"benchmarks/{name}.txt").read_text().splitlines()
    for name in ("speed", "quality")
}
BUILT_IN = ROOT / "assets/voice/en_US-slt-low.onnx"
VOICES = [
    ROOT / ".deps/natural-voice/en_US-heart-medium.onnx",
    ROOT / ".deps/voices/en_US-joe-medium.onnx",
]
SEED = 1
# In the order of the page's columns.
JUDGES = {
    "words wrong": judges.Recognizer,
    "DistillMOS": judges.DistillMos,
    "DNSMOS": judges.DnsMos,
}

HEAD = """# Quality

How good the voices sound to programs. **No person has listened.** Every figure here was
measured by `benchmarks/quality.py`, which wrote this page, on {date}.

- *words wrong*: per cent of the words that a recognizer gets wrong (Whisper base, int8,
  greedy). Lower is better. It also makes mistakes of its own, such as digits for
  number words, with every voice alike.
- *DistillMOS* and *DNSMOS* (P.808) predict how people would rate the sound, from 1
  (bad) to 5 (excellent). They were made for recordings that were transmitted or freed
  of noise. Do not expect them to notice a wrong intonation.

The figures are means over the sentences, each spoken and judged by itself, with their
standard errors. One of two voices is better if they differ by several of these.

*Built in* is the small voice in the program, en_US-heart-medium the natural voice that is
installed with it, en_US-joe-medium a stock voice of Piper. They speak as `piper-rs` does
by default, with noise, and with `--seed {seed}`. espeak-ng and flite have their own defaults.
flite's slt and the built-in voice's teacher are the same speaker by different methods.

None of the sentences is in the built-in voice's training set (`training/`), which is
from Debian's fortunes. Those of `quality.txt` were written for this page. It is not
known whether the teachers of the other voices have read similar sentences.

How fast the voices are is in [BENCHMARKS.md](../BENCHMARKS.md).
"""
TABLE = """
## benchmarks/{name}.txt: {sentences} sentences, {words} words

| voice | words wrong | DistillMOS | DNSMOS |
|---|---:|---:|---:|
"""
MODELS = """
## Models

{program}.

| voice | what it is |
|---|---|
"""


@dataclass
class Voice:
    """A Piper voice, spoken by piper-rs."""

    name: str
    program: str
    path: Path

    def speak(self, text, wavs):
        of_voice = ["-m", "builtin" if self.path == BUILT_IN else self.path]
        lines = [json.dumps({"text": t, "output_file": str(w)}) for t, w in zip(text, wavs)]
        flags = ["--no-config", "-q", "--seed", str(SEED), "--json-input"]
        command = [self.program, "speak", *of_voice, *flags]
        # It prints the names of the files.
        quiet = {"stdout": subprocess.DEVNULL, "check": True}
        subprocess.run(command, input="\n".join(lines), text=True, **quiet)

    def identity(self):
        digest = hashlib.sha256(self.path.read_bytes()).hexdigest()
        return f"{self.path.name}, sha256 `{digest}`"


@dataclass
class Program:
    """Another program with a voice of its own; its flags end before WAV and text."""

    name: str
    command: list

    def speak(self, text, wavs):
        for sentence, wav in zip(text, wavs):
            options = [part.format(wav=wav, text=sentence) for part in self.command]
            subprocess.run(options, check=True)

    def identity(self):
        return f"`{' '.join(self.command[:3])}`, version {version(self.command[0])}"


def version(program):
    # flite ends with 1 here.
    said = subprocess.run([program, "--version"], stdout=subprocess.PIPE, text=True).stdout
    return re.search(r"\d+\.\d[.\d]*", said)[0]


def subjects(program, paths):
    paths = [BUILT_IN, *(paths or VOICES)]
    if missing := [path for path in paths if not path.exists()]:
        sys.exit(f"no voice {missing[0]}: `make test` installs the voices, or name others")
    names = {BUILT_IN: "built in"}
    yield from (Voice(names.get(path, path.stem), program, path) for path in paths)
    espeak = ["espeak-ng", "-v", "en-us", "-w", "{wav}", "--", "{text}"]
    yield Program("espeak-ng", espeak)
    flite = ["flite", "-voice", "slt", "-o", "{wav}", "-t", "{text}"]
    yield Program("flite", flite)


class Opinions:
    """What the judges said about audio, in memory and in a file.

    A judge is loaded when it is asked about audio that it has not heard.
    """

    def __init__(self, path):
        self.path = path
        lines = path.read_text().splitlines() if path.exists() else []
        self.known = {tuple(key): value for *key, value in map(json.loads, lines)}
        self.loaded = {}

    def ask(self, judge, wav, text):
        key = (hashlib.sha256(wav.read_bytes()).hexdigest(), judge)
        if key not in self.known:
            if judge not in self.loaded:
                self.loaded[judge] = JUDGES[judge]()
            self.known[key] = self.loaded[judge].judge(judges.load(wav), text)
            with self.path.open("a") as file:
                print(json.dumps([*key, self.known[key]]), file=file)
        return self.known[key]


def mean(values):
    """The mean with its standard error."""
    error = statistics.stdev(values) / len(values) ** 0.5
    digits = 1 if error > 0.1 else 2
    return f"{statistics.mean(values):.{digits}f} ± {error:.{digits}f}"


def table(name, subjects, opinions, folder):
    """The lines of a text's table."""
    text = TEXTS[name]
    words = len(judges.words(" ".join(text)))
    yield TABLE.format(name=name, sentences=len(text), words=words).rstrip()
    for subject in subjects:
        wavs = [folder / f"{number:03}.wav" for number in range(len(text))]
        subject.speak(text, wavs)
        cells = [
            mean([opinions.ask(judge, wav, said) for wav, said in zip(wavs, text)])
            for judge in JUDGES
        ]
        print(f"{name}: {subject.name}: {', '.join(cells)}", file=sys.stderr)
        yield f"| {subject.name} | {' | '.join(cells)} |"
        for wav in wavs:
            wav.unlink()


def models(subjects, program):
    """The lines of the table of models."""
    yield MODELS.format(program=f"piper-rs {version(program)}").rstrip()
    yield from (f"| {subject.name} | {subject.identity()} |" for subject in subjects)


def main():
    judges.enter()
    program, *paths = sys.argv[1:] or sys.exit(__doc__.strip())
    RESULTS.parent.mkdir(exist_ok=True)
    every = list(subjects(program, [Path(path) for path in paths]))
    lines = [HEAD.format(date=time.strftime("%Y-%m-%d"), seed=SEED).rstrip()]
    opinions = Opinions(RESULTS)
    with tempfile.TemporaryDirectory() as folder:
        for name in TEXTS:
            lines += table(name, every, opinions, Path(folder))
            # After each text, so that a run that is stopped leaves a page.
            PAGE.write_text("\n".join([*lines, *models(every, program)]) + "\n")


if __name__ == "__main__":
    main()
