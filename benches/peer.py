#!/usr/bin/env python3
"""Measures piper-rs beside piper-tts 1.8.0, by turns, and writes BENCHMARKS.md.

    benches/peer.py target/release/piper-rs [--rounds 5] [--voices DIR]

Each task is done by the one, then by the other, again and again; what is
reported is the median of the ratios within a round, so that a busy machine
hurts both alike. piper-tts runs as its users run it, with its own defaults; in
the batch it gets its best honest way, one process for each voice. CPU is user
and system time of the whole process, memory the largest resident size, first
sound the time from starting the process to the first byte of audio.
"""

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/oracle"))

import environment  # noqa: E402

SHORT = "This is a short sentence to begin with."
LONG = (
    "When the last of the visitors had gone, and the lamps along the quay were lit one "
    "after another, the old man closed the shutters, sat down beside the window, and began to read."
)
BATCH_ITEMS = 12
SECONDS_PER_BYTE = {16000: 1 / 32000, 22050: 1 / 44100, 24000: 1 / 48000}


@dataclass
class Cost:
    """What a command took; `first` is the time to its first byte of output."""

    wall: float
    cpu: float
    rss_mb: float
    first: float = 0.0
    audio: float = 0.0


def measure(command, text, environ=None):
    """Runs a command with `text` on its standard input and reads all it says."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [str(part) for part in command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environ,
    )
    process.stdin.write(text.encode())
    process.stdin.close()
    output = os.read(process.stdout.fileno(), 1)
    first = time.perf_counter() - began
    size = len(output)
    while block := os.read(process.stdout.fileno(), 1 << 20):
        size += len(block)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"exit code {process.returncode}: {command}")
    cpu = usage.ru_utime + usage.ru_stime
    return Cost(wall, cpu, usage.ru_maxrss / 1024, first, float(size))


def together(costs):
    """The cost of processes that ran one after the other."""
    wall, cpu = (sum(getattr(cost, name) for cost in costs) for name in ("wall", "cpu"))
    return Cost(wall, cpu, max(cost.rss_mb for cost in costs), costs[0].first)


class Peers:
    """The two programs, and the voices they speak with."""

    def __init__(self, program, voices, folder):
        self.ours = Path(program).resolve()
        self.theirs = environment.python().parent / "piper"
        self.voices = voices
        self.folder = Path(folder)
        # Prepared voices of this run only, so that nothing is left behind.
        self.environ = {**os.environ, "XDG_CACHE_HOME": str(self.folder / "cache")}

    def speak(self, who, voice, text):
        if who == "ours":
            # piper-tts makes no pauses between sentences unless asked to.
            silence = ["--sentence-silence", "0"]
            command = [self.ours, "speak", "--quiet", "-m", voice, "--raw", *silence]
            return measure(command, text, self.environ)
        return measure([self.theirs, "-m", voice, "--output-raw"], text)

    def batch(self, who):
        lines = [f"Sentence number {n}. {SHORT}" for n in range(BATCH_ITEMS)]
        if who == "theirs":
            out = self.folder / "theirs"
            command = [self.theirs, "-d", out, "-m"]
            return together([measure([*command, voice], "\n".join(lines)) for voice in self.voices])
        manifest = self.folder / "manifest.jsonl"
        items = [{"text": line, "voice": str(voice)} for line in lines for voice in self.voices]
        manifest.write_text("".join(json.dumps(item) + "\n" for item in items))
        out = self.folder / "ours"
        options = ["--manifest", manifest, "-d", out, "--name", "{voice}-{n:04}", "--force"]
        options += ["--sentence-silence", "0"]
        return measure([self.ours, "batch", "--quiet", *options], "", self.environ)


def by_turns(rounds, task):
    """Pairs (ours, theirs) of a task's costs."""
    return [(task("ours"), task("theirs")) for _ in range(rounds)]


def row(name, pairs, field, unit, per_audio=False):
    def value(cost):
        return getattr(cost, field) / (cost.audio if per_audio else 1)

    ours, theirs = zip(*((value(a), value(b)) for a, b in pairs))
    ratio = statistics.median(a / b for a, b in zip(ours, theirs))
    spread = f"{min(a / b for a, b in zip(ours, theirs)):.2f}–{max(a / b for a, b in zip(ours, theirs)):.2f}"
    ours, theirs = statistics.median(ours), statistics.median(theirs)
    return f"| {name} | {ours:.3g} {unit} | {theirs:.3g} {unit} | **{ratio:.2f}** | {spread} |"


def speaking(peers, rounds, long_text):
    """Rows for each voice: cold, first sound, long text."""
    for voice in peers.voices:
        rate = json.loads(Path(f"{voice}.json").read_text())["audio"]["sample_rate"]
        peers.speak("ours", voice, SHORT)  # prepares the voice
        name = voice.stem
        for label, text in [("short", SHORT), ("long", LONG)]:
            pairs = by_turns(rounds, lambda who, text=text: peers.speak(who, voice, text))
            yield row(f"{name}: cold, first sound of a {label} sentence", pairs, "first", "s")
        pairs = by_turns(rounds, lambda who: peers.speak(who, voice, long_text))
        for ours, theirs in pairs:
            for cost in (ours, theirs):
                cost.audio *= SECONDS_PER_BYTE[rate]
        yield row(f"{name}: long text, CPU s per s of audio", pairs, "cpu", "s", per_audio=True)
        yield row(f"{name}: long text, wall s per s of audio", pairs, "wall", "s", per_audio=True)
        yield row(f"{name}: long text, peak memory", pairs, "rss_mb", "MB")


def batching(peers, rounds):
    peers.batch("ours")  # prepares the voices
    pairs = by_turns(rounds, peers.batch)
    name = f"batch of {BATCH_ITEMS} texts by {len(peers.voices)} voices"
    yield row(f"{name}, wall", pairs, "wall", "s")
    yield row(f"{name}, CPU", pairs, "cpu", "s")
    yield row(f"{name}, peak memory", pairs, "rss_mb", "MB")


def machine():
    model = next(
        (line.split(":")[1].strip() for line in open("/proc/cpuinfo") if "model name" in line),
        platform.processor(),
    )
    return f"{model}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program", help="the built program")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--chars", type=int, default=2000, help="length of the long text")
    parser.add_argument("--voices", type=Path, default=ROOT / "../shared/voices")
    parser.add_argument("--text", type=Path, default=ROOT / "../shared/corpus/long-10k.txt")
    parser.add_argument("--out", type=Path, default=ROOT / "BENCHMARKS.md")
    options = parser.parse_args()
    voices = sorted(options.voices.glob("*.onnx"))
    if not voices:
        sys.exit(f"no voices in {options.voices}")
    long_text = " ".join(options.text.read_text()[: options.chars].split())
    head = machine()
    with tempfile.TemporaryDirectory() as folder:
        peers = Peers(options.program, voices, folder)
        rows = [*batching(peers, options.rounds), *speaking(peers, options.rounds, long_text)]
    table = "\n".join(rows)
    options.out.write_text(
        f"""# Benchmarks

piper-rs beside piper-tts 1.8.0, the same voice and text, by turns: medians of
{options.rounds} rounds, made by `benches/peer.py target/release/piper-rs --rounds {options.rounds}
--chars {options.chars}` on {time.strftime("%Y-%m-%d")}.

Machine: {head}. It is shared, so absolute
figures say little; the ratio within a round is what counts (below 1: piper-rs
takes less), and its range over the rounds says how noisy it was. The voices have Piper's real architectures with
random weights. The long text has {len(long_text)} characters.

| task | piper-rs | piper-tts | ratio | range |
|---|---:|---:|---:|---:|
{table}
"""
    )
    print(options.out.read_text())


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main()
