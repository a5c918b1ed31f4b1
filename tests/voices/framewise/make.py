#!/usr/bin/env python3
"""Writes tiny_framewise.onnx, a framewise test voice, with its config.

    python3 tests/voices/framewise/make.py        # writes next to this file

Ids are read twice, for pitch and for timbre. Its decoder has no upsampling: convolutions
of frames, then 128 samples for each frame, which overlap with those of the frame before.
They are made of a sine whose phase is summed over the whole sentence and of noise from a
table. At its end the graph cuts off the silence around the sentence. The sound is a buzz.
The weights are random, the same bytes on every machine: see `../make.py`, whose parts are
used.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import make  # noqa: E402
from make import SAMPLE_RATE, SYMBOLS, Graph, Weights  # noqa: E402

HIDDEN, HOP, NOISE = 6, 128, 1024
EDGE_SYMBOLS, EDGE_FRAMES = (1, 2), 21  # `^` and `$` are silence
QUIET, KEPT_BEFORE, KEPT_AFTER = 0.002, 3, 5


class FramewiseGraph(Graph):
    """Values get numbers, constants too."""

    def __init__(self, seed):
        super().__init__(Weights(seed))

    def __getattr__(self, kind):
        """`graph.Add(x, y)` adds a node and returns the name of its output."""
        if not kind[0].isupper():
            raise AttributeError(kind)

        def add(*inputs, outputs=1, **attributes):
            values = [self.value(x) for x in inputs]
            return self.op(kind, f"{kind}_{len(self.nodes)}", values, outputs, **attributes)

        return add

    def value(self, x):
        if isinstance(x, str):
            return x
        dtype = x.dtype if isinstance(x, np.ndarray) else np.float32 if isinstance(x, float) else np.int64
        return self.constant(f"Constant_{len(self.nodes)}", x, dtype)

    def weight(self, shape, gain=1.0):
        return self.weights.layer(f"weight_{len(self.nodes)}", shape, gain)

    def convolution(self, x, channels, kernel, dilation=1, inputs=HIDDEN):
        return self.conv(
            f"Conv_{len(self.nodes)}", x, self.weight((channels, inputs, kernel)), kernel, dilation
        )

    def part(self, x, axis, start, end):
        return self.slice(f"Slice_{len(self.nodes)}", x, start, end, axis)


def text(g):
    """Ids to what they mean [1, channels, ids], attention and all."""
    table = g.weights.put("embedding", g.weights.uniform((SYMBOLS, HIDDEN), 1.0))
    x = g.Transpose(g.Gather(table, "input"), perm=[0, 2, 1])
    x = g.Tanh(g.convolution(x, HIDDEN, 3))
    scores = g.Softmax(g.MatMul(g.Transpose(x, perm=[0, 2, 1]), x), axis=-1)
    return g.Add(x, g.MatMul(x, g.Transpose(scores, perm=[0, 2, 1])))


def timbre(g):
    """Ids to their timbre [1, channels, ids]: the pitch does not need it."""
    table = g.weights.put("timbres", g.weights.uniform((SYMBOLS, HIDDEN), 1.0))
    x = g.Transpose(g.Gather(table, "input"), perm=[0, 2, 1])
    return g.Tanh(g.convolution(x, HIDDEN, 3))


def owners(g):
    """The id that each frame belongs to, [frames]."""
    frames = 2.3 + np.arange(SYMBOLS) * 7 % 4
    frames[0] = 1.3
    frames[list(EDGE_SYMBOLS)] = EDGE_FRAMES + 0.3
    steps = g.Gather(g.weights.put("durations", frames), "input")
    steps = g.Mul(g.Reshape(steps, [-1]), g.Gather("scales", 1))
    steps = g.Cast(g.Clip(g.Round(steps), 1.0, 400.0), to=TensorProto.INT64)
    ends = g.CumSum(steps, 0)
    counter = g.Unsqueeze(g.Range(0, g.ReduceMax(ends, keepdims=0), 1), [1])
    ended = g.GreaterOrEqual(counter, g.Unsqueeze(ends, [0]))
    return g.ReduceSum(g.Cast(ended, to=TensorProto.INT64), [1], keepdims=0)


def pulses(g, pitch):
    """A sine [frames, samples] of `pitch` [1, frames]."""
    turns = g.Mul(g.Reshape(pitch, [-1, 1]), 1.0 / SAMPLE_RATE)
    ones = g.Expand(1.0, [HOP, HOP])
    turns = g.Expand(turns, [1, HOP])
    within = g.MatMul(turns, g.Trilu(ones, upper=1))
    whole = g.Cast(g.part(within, 1, HOP - 1, HOP), to=TensorProto.DOUBLE)
    start = g.CumSum(whole, 0, exclusive=1)
    start = g.Cast(g.Sub(start, g.Floor(start)), to=TensorProto.FLOAT)
    return g.Sin(g.Mul(g.Add(within, start), 2 * np.pi))


def noise(g, pitch):
    """Samples of a table, for each frame from elsewhere, [frames, samples]."""
    drawn = g.RandomNormalLike(g.part("scales", 0, 0, 1))
    first = g.Abs(g.Mul(g.Mul(drawn, g.part("scales", 0, 0, 1)), 1e6))
    first = g.Cast(g.Min(first, 1e8), to=TensorProto.INT64)
    counter = g.Range(0, g.Size(pitch), 1)
    places = g.Mod(g.Add(g.Mul(counter, 37), first), NOISE - HOP)
    places = g.Add(g.Unsqueeze(places, [1]), np.arange(HOP))
    return g.Gather(g.weights.put("noise", g.weights.uniform(NOISE, 0.1)), places)


def decoder(g, latent, volume, pulses, noise):
    """All samples, [frames, samples]."""
    x = g.Tanh(g.convolution(latent, HIDDEN, 5, inputs=HIDDEN + 1))
    x = g.Add(x, g.convolution(x, HIDDEN, 3, 2))
    weight, bias = g.weight((2, HIDDEN))
    x = g.Add(g.MatMul(g.Transpose(x, perm=[0, 2, 1]), g.Transpose(weight, perm=[1, 0])), bias)
    tone, breath = g.Split(g.Reshape(x, [-1, 2]), [1, 1], outputs=2, axis=1)
    x = g.Tanh(g.Add(g.Mul(pulses, tone), g.Mul(noise, breath)))
    x = g.Mul(x, g.Reshape(volume, [-1, 1]))
    x = g.Add(x, g.Mul(g.Pad(x, [1, 0, -1, 0]), 0.5))
    # As at the ends of a sum of windows.
    first, middle, last = g.part(x, 0, 0, 1), g.part(x, 0, 1, -1), g.part(x, 0, -1, make.NEVER)
    return g.Concat(g.Mul(first, 0.75), middle, g.Mul(last, 0.875), axis=0)


def trimmed(g, x):
    """Without most of the silence at both ends; silence alone stays as it is."""
    heard = g.Greater(g.ReduceMax(g.Abs(x), axes=[1], keepdims=0), QUIET)
    heard = g.Cast(heard, to=TensorProto.INT32)
    first = g.ArgMax(heard, axis=0, keepdims=1)
    last = g.ArgMax(heard, axis=0, keepdims=1, select_last_index=1)
    start = g.Max(g.Sub(first, [KEPT_BEFORE]), [0])
    return g.Slice(x, start, g.Add(last, [1 + KEPT_AFTER]), [0])


def voice():
    g = FramewiseGraph(3)
    volumes = np.full(SYMBOLS, 0.5)
    volumes[list(EDGE_SYMBOLS)] = 0
    owner = owners(g)
    x = g.Gather(text(g), owner, axis=2)
    pitch = g.Reshape(g.convolution(x, 1, 5), [1, -1])
    pitch = g.Add(g.Mul(g.Abs(pitch), 100.0), 90.0)
    volume = g.Gather(g.weights.put("volumes", volumes), "input")
    volume = g.Gather(volume, owner, axis=1)
    sound = g.Gather(timbre(g), owner, axis=2)
    latent = g.Concat(sound, g.Unsqueeze(g.Log(pitch), [1]), axis=1)
    samples = decoder(g, latent, volume, pulses(g, pitch), noise(g, pitch))
    last = g.Reshape(trimmed(g, samples), [1, 1, 1, -1])
    g.nodes[-1].output[0] = "output"
    assert g.nodes[-1].name + "_output_0" == last

    inputs = [
        helper.make_tensor_value_info("input", TensorProto.INT64, ["batch_size", "phonemes"]),
        helper.make_tensor_value_info("input_lengths", TensorProto.INT64, ["batch_size"]),
        helper.make_tensor_value_info("scales", TensorProto.FLOAT, [3]),
    ]
    output = helper.make_tensor_value_info("output", TensorProto.FLOAT, ["batch_size", 1, 1, "time"])
    graph = helper.make_graph(g.nodes, "main_graph", inputs, [output], g.weights.tensors)
    opset = helper.make_opsetid("", 17)
    model = helper.make_model(graph, opset_imports=[opset], ir_version=8, producer_name="make.py")
    onnx.checker.check_model(model)
    return model


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parent)
    options = parser.parse_args()
    name = "tiny_framewise"
    make.write(options.out, name, voice(), make.config(name, {}) | {"hop_length": HOP})


if __name__ == "__main__":
    main()
