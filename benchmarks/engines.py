#!/usr/bin/env python3
"""Compares native kernels with ONNX Runtime for every quality of voices, and writes
benchmarks/ENGINES.md.

    PYTHONPATH=.deps/python python3 benchmarks/engines.py target/release/piper-rs [--rounds 5]

Needs numpy and onnx, which the set-up of the tests installs in .deps/python. The voices are
those of ../shared/voices and the trained one of the tests. None of high quality is at
hand: the script makes one of real size with random weights, like the others of
../shared/voices but the trained one. Its text and flow are those of the medium voice.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import onnx

from measuring import measure
from peer import machine

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/voices"))
import make  # noqa: E402

PAGE = ROOT / "benchmarks/ENGINES.md"
TEXT = " ".join((ROOT / "benchmarks/quality.txt").read_text().splitlines()[:8])
JUDGE = ["--engine", "onnxruntime"]
NATIVE = {"fp32": ["--engine", "native", "--precision", "fp32"],
          "bf16": ["--engine", "native", "--precision", "bf16"]}  # fmt: skip

HEAD = """# Native kernels and ONNX Runtime

Each voice speaks {chars} characters with the same seed, by ONNX Runtime and by native
kernels, in turns: medians of {rounds} rounds, {date}. `benchmarks/engines.py` measured it and
wrote this page. Machine: {machine}; two threads. *Difference* is the largest one between two
samples, of which 1 is full scale; *SNR* is how much louder the voice is than the difference
to ONNX Runtime's. CPU is user and system time of the whole process, divided by the seconds of
speech; time is from start to end; both as ratios to ONNX Runtime's.

All but joe have random weights in the stock architecture; the decoder of *high* is made by the
script, since no such voice is at hand. Voices of *low* quality have the graph of medium ones,
for 16 000 Hz. bf16, with weights of the flow in fp16, is used only on processors that have it, and if `voices info` says so.

| voice | samples | difference | SNR | CPU | time | ONNX Runtime: CPU for a second | first sound |
|---|---|---:|---:|---:|---:|---:|---:|
"""


def high(medium, out):
    """A voice with the decoder of high quality behind the text and flow of a medium one."""
    model = onnx.load(medium)
    graph = model.graph
    named = {output: node for node in graph.node for output in node.output}
    first = next(node for node in graph.node if node.name.endswith("/conv_pre/Conv"))
    # What the decoder takes, and the nodes that make it.
    wanted, kept = [first.input[0], *(node.input[0] for node in graph.node if node.name == "/dec/cond/Conv")], set()
    while wanted:
        node = named.get(wanted.pop())
        if node and node.name not in kept:
            kept.add(node.name)
            wanted += node.input
    nodes = [node for node in graph.node if node.name in kept]
    make.DECODER_CHANNELS = [512, 256, 128, 64, 32]
    make.UPSAMPLE = [8, 8, 2, 2]
    make.RESBLOCKS = [(3, (1, 3, 5)), (7, (1, 3, 5)), (11, (1, 3, 5))]
    make.residual_block = residual_block
    weights = make.Weights(7)
    own = make.Graph(weights)
    keep = {"z": first.input[0], "speaker": None}
    make.HIDDEN = 192
    make.decoder(own, keep, 0.1)
    used = {name for node in nodes for name in node.input}
    initializers = [tensor for tensor in graph.initializer if tensor.name in used]
    axis = own.constant("/Constant_axis", [1])
    last = onnx.helper.make_node("Unsqueeze", [keep["audio"], axis], ["output"], name="/Unsqueeze_end")
    made = onnx.helper.make_graph(
        nodes + own.nodes + [last], "high", list(graph.input), list(graph.output),
        initializers + weights.tensors,
    )  # fmt: skip
    made = onnx.helper.make_model(made, opset_imports=model.opset_import, ir_version=model.ir_version)
    onnx.save(made, out)
    Path(f"{out}.json").write_text(Path(f"{medium}.json").read_text())


def residual_block(g, n, x, entry, channels, kernel, dilations):
    """Type 1: two convolutions for each residual, the second without dilation."""
    at, to = f"/dec/resblocks.{n}", f"dec.resblocks.{n}"
    leaky = make.Leaky(g, at)
    leaky.made = 1 if n % len(make.RESBLOCKS) == 0 else 0
    for i, dilation in enumerate(dilations):
        shape, y = (channels, channels, kernel), leaky(x) if i else entry
        for part, by in [("convs1", dilation), ("convs2", 1)]:
            layer = g.weights.layer(f"{to}.{part}.{i}", shape, 0.7)
            y = g.conv(f"{at}/{part}.{i}/Conv", y, layer, kernel, by)
            y = leaky(y) if part == "convs1" else y
        x = g.op("Add", f"{at}/Add{f'_{i}' if i else ''}", [y, x])
    return x


def command(program, voice, engine):
    return [program, "speak", "--quiet", "-m", voice, "--raw", "--raw-format", "f32le",
            "--seed", "1", "--normalize", "off", *engine, TEXT]  # fmt: skip


def speak(program, voice, engine):
    """The samples, and the cost."""
    with tempfile.NamedTemporaryFile() as out:
        cost = measure(["sh", "-c", 'out=$1; shift; exec "$@" > "$out"', "sh", out.name,
                        *command(program, voice, engine)])  # fmt: skip
        return np.fromfile(out.name, np.float32).astype(np.float64), cost


def rows(program, voice, name, rounds):
    rate = json.loads(Path(f"{voice}.json").read_text())["audio"]["sample_rate"]
    judged, _ = speak(program, voice, JUDGE)  # prepares it, too
    seconds = len(judged) / rate
    exact = None
    for precision, engine in NATIVE.items():
        samples, _ = speak(program, voice, engine)
        if exact is not None and np.array_equal(samples, exact):
            continue  # this processor has no bf16
        exact = samples
        ratios, times, judges, firsts = [], [], [], []
        for _ in range(rounds):
            _, theirs = speak(program, voice, JUDGE)
            _, ours = speak(program, voice, engine)
            ratios.append(ours.cpu / theirs.cpu)
            times.append(ours.wall / theirs.wall)
            judges.append(theirs.cpu / seconds)
            pair = [measure(command(program, voice, by)).first for by in (engine, JUDGE)]
            firsts.append(pair[0] / pair[1])
        if len(samples) == len(judged):
            difference = np.abs(samples - judged)
            power = np.sum(difference**2)
            snr = f"{10 * np.log10(np.sum(judged**2) / power):.0f} dB" if power else "equal"
            most = f"{difference.max():.1e}"
        else:
            most, snr = f"{len(samples) - len(judged):+d} samples", ""
        middle = statistics.median
        yield (f"| {name} | {precision} | {most} | {snr} | **{middle(ratios):.2f}** | {middle(times):.2f} | "
               f"{middle(judges):.4f} s | {middle(firsts):.2f} |")  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--voices", type=Path, default=ROOT / "../shared/voices")
    options = parser.parse_args()
    program = options.program.resolve()
    page = HEAD.format(chars=len(TEXT), rounds=options.rounds, date=time.strftime("%Y-%m-%d"), machine=machine())
    with tempfile.TemporaryDirectory(prefix="engines.") as folder:
        voices = {path.stem: path for path in sorted(options.voices.resolve().glob("*.onnx"))}
        voices["high"] = Path(folder) / "high.onnx"
        high(voices["medium"], voices["high"])
        voices["joe (medium, trained)"] = ROOT / ".deps/voices/en_US-joe-medium.onnx"
        for name, voice in voices.items():
            for row in rows(program, voice, name, options.rounds):
                print(row, file=sys.stderr)
                page += row + "\n"
    PAGE.write_text(page)


if __name__ == "__main__":
    main()
