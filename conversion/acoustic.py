"""hibari's acoustic model, rebuilt from its weights with a third of the nodes.

Symbols to durations, pitch and energy (`Prosody`), and to five spectral parts of
every 12.5 ms frame. Weights stay int8 in the file and are multiplied out when a
program loads it: sums in fp32 are as fast as int8 ones on these sizes, need no
instructions that old processors lack, and do not depend on the rest of the sentence.
"""

import numpy as np
import onnx
from onnx import numpy_helper

from graph import FLOAT, INT64, i64

HEADS = 2
LONGEST = 400.0  # 25 ms steps: no symbol lasts longer than ten seconds
# How the logarithm of a duration, less one step, varies at noise_w 1: by itself, and
# together with its neighbours as the pace of a word does.
ALONE, TOGETHER = 0.2, 0.1
NEIGHBOURS = np.hanning(9)[1:-1]  # a word, more or less
WIDEST = np.float32(1)  # at most e times as long


class Weights:
    """The tensors of hibari.onnx, by the names of its modules."""

    def __init__(self, path):
        graph = onnx.load(path).graph
        self.tensors = {t.name: numpy_helper.to_array(t) for t in graph.initializer}
        self.products = {}  # bias name -> int8 weights and scale
        self.used = set()
        made_by = {name: node for node in graph.node for name in node.output}
        for add in graph.node:
            if add.op_type != "Add" or add.input[0] not in self.tensors:
                continue
            product = made_by.get(add.input[1])  # Mul(Cast(MatMulInteger(…)), Mul(…, scale))
            if product is None or product.op_type != "Mul":
                continue
            whole = made_by[made_by[product.input[0]].input[0]]
            scale = made_by[product.input[1]].input[1]
            assert whole.op_type == "MatMulInteger", whole.op_type
            assert self.tensors[whole.input[3]] == 0  # symmetric
            self.products[add.input[0]] = self.tensors[whole.input[1]], self.tensors[scale]

    def __getitem__(self, name):
        self.used.add(name)
        return self.tensors[name]

    def unused(self):
        """Names of tensors of hibari's modules that nothing has asked for."""
        return sorted(n for n in self.tensors if n.startswith(("m.", "pn.")) and n not in self.used)


class Acoustic:
    def __init__(self, graph, weights, exact_int8=False):
        self.g, self.w, self.exact_int8 = graph, weights, exact_int8
        self.unpacked = {}

    # What hibari's modules are made of.

    def linear(self, x, bias, columns=None):
        """x @ W + b, the columns in another order if asked."""
        g = self.g
        packed, scale = self.w.products[bias]
        bias_values = self.w[bias]
        if columns is not None:
            packed, bias_values = packed[:, columns], bias_values[columns]
        if self.exact_int8:  # as hibari has it, to compare
            quantized, x_scale, zero = g.node("DynamicQuantizeLinear", [x], {}, outputs=3)
            product = g.cast(g.MatMulInteger(quantized, packed, zero, np.int8(0)), FLOAT)
            product = g.Mul(product, g.Mul(x_scale, scale))
            return g.Add(product, bias_values)
        if bias not in self.unpacked:
            self.unpacked[bias] = g.Mul(g.cast(g.constant(packed), FLOAT), scale)
        return g.Add(g.MatMul(x, self.unpacked[bias]), bias_values)

    def norm(self, x, name):
        w = self.w
        return self.g.LayerNormalization(
            x, w[f"{name}.weight"], w[f"{name}.bias"], axis=-1, epsilon=1e-5
        )

    def gelu(self, x):
        g = self.g
        erf = g.Erf(g.Div(x, np.float32(np.sqrt(2))))
        return g.Mul(g.Mul(x, g.Add(erf, np.float32(1))), np.float32(0.5))

    def conv(self, x, name, dilation=1):
        weight = self.w[f"{name}.weight"]
        width = weight.shape[2]
        pad = (width - 1) // 2 * dilation
        groups = weight.shape[0] if weight.shape[1] == 1 and weight.shape[0] > 1 else 1
        return self.g.Conv(
            x,
            weight,
            self.w[f"{name}.bias"],
            kernel_shape=[width],
            pads=[pad, pad],
            dilations=[dilation],
            group=groups,
        )

    def turn(self, x):
        return self.g.Transpose(x, perm=[0, 2, 1])

    def convnext(self, x, name, dilation=1):
        """Depthwise convolution, then a narrow network per place; [1, channels, places]."""
        y = self.norm(self.turn(self.conv(x, f"{name}.dw", dilation)), f"{name}.norm")
        y = self.gelu(self.linear(y, f"{name}.pw1.bias"))
        y = self.g.Mul(self.linear(y, f"{name}.pw2.bias"), self.w[f"{name}.gamma"])
        return self.g.Add(x, self.turn(y))

    def attention(self, x, name):
        """One layer of a transformer, [1, places, channels]."""
        g = self.g
        channels = self.w[f"{name}.norm1.weight"].size
        each = channels // HEADS
        y = self.linear(self.norm(x, f"{name}.norm1"), f"{name}.self_attn.in_proj_bias")
        y = g.Reshape(y, i64(-1, 3, HEADS, each))
        query, key, content = (g.Gather(y, np.int64(n), axis=1) for n in range(3))
        query = g.Transpose(query, perm=[1, 0, 2])
        key = g.Transpose(key, perm=[1, 2, 0])
        content = g.Transpose(content, perm=[1, 0, 2])
        scores = g.Div(g.MatMul(query, key), np.float32(np.sqrt(each)))
        y = g.MatMul(g.Softmax(scores, axis=-1), content)
        y = g.Reshape(g.Transpose(y, perm=[1, 0, 2]), i64(1, -1, channels))
        x = g.Add(x, self.linear(y, f"{name}.self_attn.out_proj.bias"))
        y = self.gelu(self.linear(self.norm(x, f"{name}.norm2"), f"{name}.linear1.bias"))
        return g.Add(x, self.linear(y, f"{name}.linear2.bias"))

    def text(self, symbols, name, layers):
        """Symbols [1, places] to what they mean in their sentence, [1, places, channels]."""
        x = self.turn(self.g.Gather(self.w[f"{name}.emb.weight"], symbols))
        for block in range(2):
            x = self.convnext(x, f"{name}.convs.{block}")
        x = self.turn(x)
        for _ in range(layers):  # all share one set of weights
            x = self.attention(x, f"{name}.attn")
        return self.norm(x, f"{name}.norm")

    # The model.

    def durations(self, meaning, length_scale, noise_w):
        """Steps of 25 ms for every symbol, int64 [places]; as predicted at `noise_w` 0."""
        g = self.g
        x = self.conv(self.gelu(self.conv(meaning, "pn.dur.0")), "pn.dur.2")
        steps = g.Sub(g.Exp(g.Reshape(x, i64(-1))), np.float32(1))
        steps = g.Mul(steps, length_scale)
        drawn = g.Mul(self.rhythm(x), noise_w)
        # exp(x) has a mean above 1 if that of x is 0: half its variance less makes it 1.
        half = np.float32((ALONE**2 + TOGETHER**2) / 2)
        drawn = g.Sub(drawn, g.Mul(g.Mul(noise_w, noise_w), half))
        drawn = g.Reshape(g.Exp(g.Clip(drawn, -WIDEST, WIDEST)), i64(-1))
        # Only what is beyond one step varies: a short consonant that loses a step is lost.
        beyond = g.Max(g.Sub(steps, np.float32(1)), np.float32(0))
        steps = g.Round(g.Add(steps, g.Mul(beyond, g.Sub(drawn, np.float32(1)))))
        return g.cast(g.Clip(steps, np.float32(1), np.float32(LONGEST)), INT64)

    def rhythm(self, like):
        """What is added to the logarithms of the durations, [1, 1, places]."""
        kernel = TOGETHER * NEIGHBOURS / np.sqrt(np.sum(NEIGHBOURS**2))
        middle = len(kernel) // 2
        kernel[middle] = np.sqrt(ALONE**2 + kernel[middle] ** 2)
        kernel = kernel.astype(np.float32).reshape(1, 1, -1)
        drawn = self.g.RandomNormalLike(like)
        return self.g.Conv(drawn, kernel, kernel_shape=[kernel.size], pads=[middle, middle])

    def owners(self, durations):
        """Which symbol each step belongs to."""
        g = self.g
        ends = g.CumSum(durations, np.int64(0))
        total = g.ReduceMax(ends, keepdims=0)
        steps = g.Unsqueeze(g.Range(np.int64(0), total, np.int64(1)), i64(1))
        ended = g.GreaterOrEqual(steps, g.Unsqueeze(ends, i64(0)))
        return g.ReduceSum(g.cast(ended, INT64), i64(1), keepdims=0)

    def prosody(self, meaning, owners):
        """Pitch in Hz and log energy of every 12.5 ms frame, each [1, frames]."""
        g = self.g
        x = self.conv(g.Gather(meaning, owners, axis=2), "pn.pro_in")
        for block in range(6):
            x = self.convnext(x, f"pn.pro.{block}", DILATIONS[block])
        x = self.conv(x, "pn.pro_out")  # two curves of two frames a step
        x = g.Transpose(g.Reshape(x, i64(1, 2, 2, -1)), perm=[0, 1, 3, 2])
        x = g.Reshape(x, i64(1, 2, -1))
        pitch, energy = (g.Gather(x, np.int64(n), axis=1) for n in range(2))
        return g.Mul(pitch, np.float32(100)), energy

    def spectra(self, symbols, length_scale, noise_w, bins):
        """Pitch [frames], the five parts, each [frames, bins], and steps [symbols].

        `bins` is the order in which a part's bins are wanted."""
        g = self.g
        meaning = self.turn(self.text(symbols, "pn.text", layers=6))
        durations = self.durations(meaning, length_scale, noise_w)
        owners = self.owners(durations)
        pitch, energy = self.prosody(meaning, owners)
        sound = self.turn(self.text(symbols, "m.text", layers=4))
        sound = g.Unsqueeze(g.Gather(sound, owners, axis=2), i64(3))
        sound = g.Reshape(g.Tile(sound, i64(1, 1, 1, 2)), i64(1, 128, -1))
        level = g.Div(g.Log(g.Add(g.Relu(pitch), np.float32(1))), np.float32(5))
        curves = [g.Unsqueeze(x, i64(1)) for x in (level, energy)]
        x = self.conv(g.Concat(sound, *curves, axis=1), "m.dec_in")
        for block in range(8):
            x = self.convnext(x, f"m.dec.{block}")
        x = self.norm(self.turn(x), "m.dec_norm")
        columns = np.concatenate([part * len(bins) + bins for part in range(5)])
        x = self.linear(x, "m.head.bias", columns)
        x = g.Reshape(x, i64(-1, 5 * len(bins)))
        parts = g.node("Split", [x, i64(*[len(bins)] * 5)], {"axis": 1}, outputs=5)
        return g.Reshape(pitch, i64(-1)), parts, durations


# Frames of 12.5 ms in a step.
STEP = 2
DILATIONS = [1, 2, 4, 8, 1, 2]
