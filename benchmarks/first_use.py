#!/usr/bin/env python3
"""Measures how soon a voice speaks that was never used before, by turns with piper-tts, and
writes benchmarks/FIRST_USE.md.

    PYTHONPATH=.deps/python python3 benchmarks/first_use.py target/release/piper-rs [--rounds 5]

Needs numpy, onnx and ALSA. The voices are those of benchmarks/engines.py: the trained one of
the tests, and those of ../shared/voices, whose weights are random.
"""

import argparse
import os
import shutil
import statistics
import tempfile
import time
from pathlib import Path

from engines import high
from measuring import core_counts, finish, measure, start
from peer import ROOT, TRAINED, machine
from peers import NO_PAUSES, SHORT, Peers

PAGE = ROOT / "benchmarks/FIRST_USE.md"

# A device that takes samples as fast as they come, and writes them to a pipe.
DEVICE = """
pcm.nowhere {{ type null }}
pcm.captured {{ type file slave.pcm nowhere file "{pipe}" format raw }}
pcm.!default {{ type plug slave.pcm captured }}
"""

HEAD = """# The first use of a voice

Seconds from the start of a process to its first sound: a short sentence, with a voice that is
installed and was never used. `benchmarks/first_use.py` measured it and wrote this page: by turns
with piper-tts 1.8.0, whose uses are all alike, medians of {rounds} rounds, {date}. Machine:
{machine}. Processes run on {cores} cores.

*Heard* is played on a device: its level is an estimate, and the voice is measured afterwards.
*Piped* is written to a pipe, which waits until the voice has been measured. *Later* is every
other use, piped. *In all* is how long the first use takes if it is piped: at its end the voice
is compared with its model. The ratio is to piper-tts in the same round. The goal for what is heard
is 0.6 on processors with fast bf16, and 0.8 on others.

| voice | heard | ratio | piped | ratio | later | ratio | in all | piper-tts |
|---|---:|---:|---:|---:|---:|---:|---:|---:|
"""


def heard(peers, voice, cores, folder):
    """Seconds to the first sample on a device that is not silent."""
    pipe, config = folder / "pipe", folder / "asound.conf"
    os.mkfifo(pipe)
    config.write_text(DEVICE.format(pipe=pipe))
    command = [peers.ours, "speak", "--quiet", "-m", voice, *NO_PAUSES, SHORT]
    environ = {**peers.environ, "ALSA_CONFIG_PATH": str(config)}
    began = time.perf_counter()
    process = start(command, cores, environ)
    first = None
    with pipe.open("rb", buffering=0) as sound:
        while samples := sound.read(1 << 16):
            if first is None and any(samples):
                first = time.perf_counter() - began
    finish(process, command, began)
    return first


def row(peers, voice, cores, rounds, folder):
    """Returns the line of a voice in the table."""
    found = {"heard": [], "piped": [], "later": [], "all": [], "theirs": []}
    cache = Path(peers.environ["XDG_CACHE_HOME"])
    for n in range(rounds):
        shutil.rmtree(cache, ignore_errors=True)
        own = folder / f"{voice.stem}-{n}"
        own.mkdir()
        found["heard"].append(heard(peers, voice, cores, own))
        shutil.rmtree(cache, ignore_errors=True)
        piped = measure(peers.raw_command(voice), SHORT, cores, peers.environ)
        found["piped"].append(piped.first)
        found["all"].append(piped.wall)
        found["later"].append(measure(peers.raw_command(voice), SHORT, cores, peers.environ).first)
        found["theirs"].append(peers.raw("theirs", voice, SHORT, cores).first)
    median = {name: statistics.median(times) for name, times in found.items()}

    def ratio(name):
        return statistics.median(a / b for a, b in zip(found[name], found["theirs"]))

    cells = [f"{median[name]:.3g} s | **{ratio(name):.2g}**" for name in ("heard", "piped", "later")]
    return f"| {voice.stem} | {' | '.join(cells)} | {median['all']:.3g} s | {median['theirs']:.3g} s |\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--voices", type=Path, default=ROOT / "../shared/voices")
    options = parser.parse_args()
    cores = core_counts()[-1]
    told = {"rounds": options.rounds, "date": time.strftime("%Y-%m-%d"), "machine": machine(), "cores": cores}
    page = HEAD.format(**told)
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        peers = Peers(options.program, folder)
        made = folder / "high.onnx"
        high(options.voices / "medium.onnx", made)
        voices = [options.voices / "x_low.onnx", options.voices / "medium.onnx", *TRAINED.glob("*.onnx"), made]
        for voice in voices:
            line = row(peers, voice, cores, options.rounds, folder)
            print(line, end="", flush=True)
            page += line
    PAGE.write_text(page)


if __name__ == "__main__":
    main()
