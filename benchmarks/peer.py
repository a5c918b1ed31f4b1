#!/usr/bin/env python3
"""Compares piper-rs with piper-tts 1.8.0, by turns, and writes BENCHMARKS.md.

    benchmarks/peer.py target/release/piper-rs [--only cold,warm] [--rounds 5] [--long]
    benchmarks/peer.py --page
    benchmarks/peer.py target/release/piper-rs --only cold,warm --voice en_US-heart-medium \\
        --page --results target/bench/natural.json --out benchmarks/NATURAL.md

Both programs do each task by turns, several times. The result is the median of the
ratios within a round, so that a busy machine affects both alike. piper-tts runs as
its users run it, with its own defaults. Results are stored in
target/bench/results.json by group, so that groups can be measured one at a time;
--page writes the page from all of them.
"""

import argparse
import json
import os
import platform
import resource
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

import features
import groups
import page
from groups import Setting
from measuring import core_counts
from peers import ROOT, Peers

# Where `make` puts the voice that is installed with the program, and the set-up of the
# tests a trained stock voice.
NATURAL = ROOT / ".deps/natural-voice"
TRAINED = ROOT / ".deps/voices"
GROUPS = {
    "cold": groups.cold,
    "warm": groups.warm,
    "long": groups.long,
    "memory": groups.memory,
    "million": groups.million,
    "load": groups.load,
    "switches": features.switches,
    "design": features.design,
    "batch": groups.batch,
    "many": groups.many,
}


def machine():
    told = dict(map(str.strip, line.split(":", 1)) for line in open("/proc/cpuinfo") if ":" in line)
    name = told.get("model name", platform.processor())
    # A virtual machine may hide the model's name.
    numbers = [f"{key} {told[key]}" for key in ("cpu family", "model") if key in told]
    name += f" ({', '.join(numbers)})" if numbers else ""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    cores = len(os.sched_getaffinity(0))
    return f"{name}, {cores} cores, {memory:.0f} GB, {platform.system()}"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program", nargs="?", help="path of the program")
    parser.add_argument("--only", default=",".join(GROUPS), help=f"groups: {','.join(GROUPS)}")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--chars", type=int, default=10_000, help="length of the long text")
    parser.add_argument("--cores", type=int, help="run only on this number of cores")
    parser.add_argument("--long", action="store_true", help="also the longest texts; takes hours")
    parser.add_argument("--voices", type=Path, default=ROOT / "../shared/voices", help="a folder")
    parser.add_argument("--voice", action="append", help="only this one of the folder")
    parser.add_argument("--text", type=Path, default=ROOT / "../shared/corpus/long-10k.txt")
    parser.add_argument("--results", type=Path, default=ROOT / "target/bench/results.json")
    parser.add_argument("--page", action="store_true", help="write BENCHMARKS.md from the results")
    parser.add_argument("--out", type=Path, default=ROOT / "BENCHMARKS.md")
    options = parser.parse_args()
    options.only = options.only.split(",")
    if unknown := set(options.only) - set(GROUPS):
        parser.error(f"no group {', '.join(unknown)}; there are {', '.join(GROUPS)}")
    if not options.program and not options.page:
        parser.error("nothing to do: name the program, or ask for the --page")
    if options.rounds < 1:
        parser.error("--rounds is at least 1")
    return options


def voices_of(options):
    """The voices of the folder, a trained and the natural one, and those that are measured alone."""
    found = sorted(options.voices.resolve().glob("*.onnx"))
    if found:
        found += sorted(TRAINED.glob("*.onnx")) + sorted(NATURAL.glob("*.onnx"))
    else:
        # Too small to say much, but always there.
        print(f"no voices in {options.voices}: using those of the tests", file=sys.stderr)
        found = sorted((ROOT / "tests/voices").glob("*.onnx"))
    alone = [voice for voice in found if voice.stem in (options.voice or [voice.stem])]
    if not alone:
        sys.exit(f"no voice {', '.join(options.voice)} in {options.voices}")
    return found, alone


def save(results, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".new")
    unfinished.write_text(json.dumps(results, indent=1))
    unfinished.replace(path)


def keep(results, name, rows, told):
    """Replaces the rows of a group that were measured again."""

    def about(row):
        return row["subject"], row["cores"]

    measured = {about(row) for row in rows}
    kept = results["groups"].get(name, {"rows": []})["rows"]
    rows = [row for row in kept if about(row) not in measured] + rows
    rows.sort(key=about)
    results["groups"][name] = {**told, "rows": rows}


def measure(options, results):
    every_voice, voices = voices_of(options)
    for name in options.only:
        with tempfile.TemporaryDirectory(prefix="bench.", dir=options.results.parent) as folder:
            peers = Peers(options.program, folder)
            text = options.text
            cores = [options.cores] if options.cores else core_counts()
            at = Setting(peers, voices, every_voice, options.rounds, text, options.chars, options.long, cores)
            load, began = os.getloadavg()[0], time.time()
            rows = []
            for row in GROUPS[name](at):
                rows.append(asdict(row))
                print(f"{name}: {page.line(rows[-1])}", file=sys.stderr)
        told = {
            "date": time.strftime("%Y-%m-%d"),
            "rounds": options.rounds,
            "load": round(load, 1),
            "seconds": round(time.time() - began),
            "machine": machine(),
        }
        keep(results, name, rows, told)
        save(results, options.results)
        print(f"{name}: took {told['seconds']} s", file=sys.stderr)


def main():
    options = arguments()
    options.results.parent.mkdir(parents=True, exist_ok=True)
    results = {"groups": {}}
    if options.results.exists():
        results = json.loads(options.results.read_text())
    if options.program:
        measure(options, results)
    if options.page:
        page.write(results, options.out, ROOT / "target/criterion")
        print(f"wrote {options.out}", file=sys.stderr)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main()
