#!/usr/bin/env python3
"""Writes the tiny test voices: tiny.onnx and tiny_multi.onnx with their configs.

    pip install onnx numpy              # onnxruntime too, for --check
    python3 tests/voices/make.py        # writes next to this file
    python3 tests/voices/make.py --check

Each is a Piper VITS graph in miniature: the inputs, the output, the node and
weight names and the topology are those of a stock export, only the channels
are few and the attention layers of the encoder are one convolution. The
weights are random, so the sound is noise, but each phoneme has its own length
and spectrum and each speaker its own rate and timbre.

The files are the same bytes on every machine: weights come from integers of a
frozen generator, are rounded to a binary grid, and nothing is measured.
"""

import argparse
import json
import math
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SAMPLE_RATE = 22050
SYMBOLS = 256  # rows of the embedding table, as in stock voices
SPEAKERS = {"alice": 0, "bob": 1, "carol": 2}

HIDDEN = 6  # encoder, duration predictor and flow; channel 0 carries log-duration
FILTER = 8  # inside the encoder's feed-forward layer
SPEAKER_WIDTH = 4
DECODER_CHANNELS = [8, 6, 4, 4]  # after conv_pre and after each stage
UPSAMPLE = [8, 8, 4]  # 256 samples a frame
RESBLOCKS = [(3, (1, 2)), (5, (2, 6)), (7, (3, 12))]  # (kernel, dilations), as stock

# Symbols in the order of their ids; the vowel clusters follow.
SYMBOL_ORDER = (
    "_^$ !'(),-.:;?abcdefhijklmnopqrstuvwxyzæçðøħŋœǀǁǂǃɐɑɒɓɔɕɖɗɘə"
    "ɚɛɜɞɟɠɡɢɣɤɥɦɧɨɪɫɬɭɮɯɰɱɲɳɴɵɶɸɹɺɻɽɾʀʁʂʃʄʈʉʊʋʌʍʎʏʐʑʒʔʕʘʙʛʜʝʟʡʢʲ"
    "ˈˌːˑ˞βθχᵻⱱ0123456789\u0327\u0303\u032a\u032f\u0329ʰˤε↓#\"↑\u033a\u033bgʦX\u031d\u030aɝʷ"
)
CLUSTERS = ["aɪ", "aʊ", "ɔɪ", "eɪ", "oʊ"]

# Speaking rates: factors of every duration.
SPEAKER_RATES = [1.0, 1.21, 0.83]
# Length scales that tests use. No duration may be close to a whole number there,
# since rounding it up would depend on the last bit of a machine's arithmetic.
CHECKED_LENGTH_SCALES = [0.5, 0.7, 0.8, 1.0, 1.25, 1.3, 1.5, 2.0]
CEILING_MARGIN = 1e-3

NEVER = np.iinfo(np.int64).max


def frames_of(symbol_id):
    """The duration of a symbol in frames at length scale 1, before rounding up."""
    # The pad between phonemes is short; neighbours in the table differ.
    frames = 1.37 if symbol_id == 0 else 2.21 + symbol_id * 7 % 5 + 0.032 * (symbol_id % 17)
    while near_a_ceiling(frames):
        frames += 0.0037
    return frames


def near_a_ceiling(frames):
    """Whether a duration is too close to a whole number at a length scale and speaker of the tests."""
    lengths = [frames * s * r for s in CHECKED_LENGTH_SCALES for r in SPEAKER_RATES]
    return any(abs(length - round(length)) < CEILING_MARGIN for length in lengths)


class Weights:
    """Named initializers; random ones come from a generator frozen by NumPy."""

    def __init__(self, seed):
        self.random = np.random.RandomState(seed)
        self.tensors = []

    def put(self, name, values):
        # A binary grid keeps the bytes independent of the last bit of libm.
        grid = np.round(np.asarray(values, np.float64) * 2**14) / 2**14
        self.tensors.append(numpy_helper.from_array(grid.astype(np.float32), name))
        return name

    def uniform(self, shape, reach):
        return (self.random.random_sample(shape) * 2 - 1) * reach

    def layer(self, name, shape, gain=1.0, bias=True, edit=None):
        """Weight and bias of a convolution, `gain` times variance-preserving."""
        fan_in = math.prod(shape[1:])
        weight = self.uniform(shape, gain * math.sqrt(3 / fan_in))
        offset = self.uniform(shape[0], 0.1 * gain)
        if edit:
            edit(weight, offset)
        names = [self.put(f"{name}.weight", weight)]
        return names + [self.put(f"{name}.bias", offset)] if bias else names


class Graph:
    """Nodes in order, each named and wired as PyTorch's exporter does."""

    def __init__(self, weights):
        self.nodes = []
        self.weights = weights

    def op(self, kind, name, inputs, outputs=1, **attributes):
        outs = [f"{name}_output_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(kind, inputs, outs, name=name, **attributes))
        return outs[0] if outputs == 1 else outs

    def constant(self, name, values, dtype=np.int64):
        tensor = numpy_helper.from_array(np.asarray(values, dtype))
        return self.op("Constant", name, [], value=tensor)

    def conv(self, name, x, layer, kernel=1, dilation=1):
        pad = (kernel - 1) * dilation // 2
        return self.op(
            "Conv", name, [x, *layer], dilations=[dilation], group=1,
            kernel_shape=[kernel], pads=[pad, pad], strides=[1],
        )  # fmt: skip

    def unsqueeze(self, name, x, axis):
        return self.op("Unsqueeze", name, [x, self.constant(f"{name}/axes", [axis])])

    def slice(self, name, x, start, end, axis, step=1):
        bounds = [
            self.constant(f"{name}/{word}", [value])
            for word, value in [("start", start), ("end", end), ("axis", axis), ("step", step)]
        ]
        return self.op("Slice", name, [x, *bounds])

    def flip(self, name, x):
        """Reverses the channels, as the flows do between couplings."""
        return self.slice(f"{name}/Slice", x, -1, -NEVER, 1, -1)


def spare_duration_channel(weight, offset):
    """Keeps a layer out of the duration channel."""
    weight[0], offset[0] = 0, 0


def text_encoder(g, keep):
    """Ids to hidden [B,H,T], prior mean and log deviation, and the mask [B,1,T]."""
    w = g.weights

    table = w.uniform((SYMBOLS, HIDDEN), 1.0)
    table[:, 0] = [math.log(frames_of(i)) / math.sqrt(HIDDEN) for i in range(SYMBOLS)]
    x = g.op("Gather", "/enc_p/emb/Gather", [w.put("enc_p.emb.weight", table), "input"])
    scale = g.constant("/enc_p/Constant", math.sqrt(HIDDEN), np.float32)
    x = g.op("Mul", "/enc_p/Mul", [x, scale])
    x = g.op("Transpose", "/enc_p/Transpose", [x], perm=[0, 2, 1])

    shape = g.op("Shape", "/enc_p/Shape", [x])
    length = g.op("Gather", "/enc_p/Gather", [shape, g.constant("/enc_p/Constant_1", 2)], axis=0)
    zero, one = g.constant("/enc_p/Constant_2", 0), g.constant("/enc_p/Constant_3", 1)
    places = g.op("Range", "/enc_p/Range", [zero, length, one])
    places = g.unsqueeze("/enc_p/Unsqueeze", places, 0)
    lengths = g.unsqueeze("/enc_p/Unsqueeze_1", "input_lengths", 1)
    inside = g.op("Less", "/enc_p/Less", [places, lengths])
    inside = g.unsqueeze("/enc_p/Unsqueeze_2", inside, 1)
    mask = g.op("Cast", "/enc_p/Cast_1", [inside], to=TensorProto.FLOAT)
    x = g.op("Mul", "/enc_p/Mul_1", [x, mask])

    at = "/enc_p/encoder/ffn_layers.0"
    to = "enc_p.encoder.ffn_layers.0"
    y = g.conv(f"{at}/conv_1/Conv", x, w.layer(f"{to}.conv_1", (FILTER, HIDDEN, 3)), 3)
    y = g.op("Relu", f"{at}/Relu", [y])
    layer = w.layer(f"{to}.conv_2", (HIDDEN, FILTER, 3), 0.5, edit=spare_duration_channel)
    y = g.conv(f"{at}/conv_2/Conv", y, layer, 3)
    x = g.op("Add", "/enc_p/encoder/Add", [x, y])
    x = g.op("Mul", "/enc_p/encoder/Mul", [x, mask])

    def quiet_deviation(weight, offset):
        weight[HIDDEN:] *= 0.2
        offset[HIDDEN:] -= 0.7

    layer = w.layer("enc_p.proj", (2 * HIDDEN, HIDDEN, 1), edit=quiet_deviation)
    stats = g.conv("/enc_p/proj/Conv", x, layer)
    stats = g.op("Mul", "/enc_p/Mul_2", [stats, mask])
    halves = g.constant("/enc_p/Constant_7", [HIDDEN, HIDDEN])
    mean, deviation = g.op("Split", "/enc_p/Split", [stats, halves], outputs=2, axis=1)
    keep.update(hidden=x, mean=mean, deviation=deviation, mask=mask)


def duration_predictor(g, keep):
    """Log durations [B,1,T]: flows from two channels of noise back to durations."""
    w, mask = g.weights, keep["mask"]

    def carry_duration(weight, offset):
        weight[0], offset[0] = 0, 0
        weight[0, 0] = 1

    x = g.conv("/dp/pre/Conv", keep["hidden"],
               w.layer("dp.pre", (HIDDEN, HIDDEN, 1), edit=carry_duration))  # fmt: skip
    if keep["speaker"]:
        layer = w.layer("dp.cond", (HIDDEN, SPEAKER_WIDTH, 1), edit=carry_duration)
        x = g.op("Add", "/dp/Add", [x, g.conv("/dp/cond/Conv", keep["speaker"], layer)])
    layer = w.layer("dp.proj", (HIDDEN, HIDDEN, 1), edit=carry_duration)
    x = g.op("Mul", "/dp/Mul", [g.conv("/dp/proj/Conv", x, layer), mask])

    shape = g.op("Shape", "/dp/Shape", [x])
    batch = g.slice("/dp/Slice", shape, 0, 1, 0)
    time = g.slice("/dp/Slice_1", shape, 2, 3, 0)
    shape = g.op("Concat", "/dp/Concat", [batch, g.constant("/dp/Constant_2", [2]), time], axis=0)
    still = g.op("ConstantOfShape", "/dp/ConstantOfShape", [shape],
                 value=numpy_helper.from_array(np.zeros(1, np.float32)))  # fmt: skip
    z = g.op("RandomNormalLike", "/dp/RandomNormalLike", [still], dtype=TensorProto.FLOAT)
    z = g.op("Mul", "/dp/Mul_1", [z, keep["noise_w"]])

    # One coupling: the first channel bends the second, which carries durations.
    at, to = "/dp/flows.3", "dp.flows.3"
    ones = g.constant(f"{at}/Constant", [1, 1])
    first, second = g.op("Split", f"{at}/Split", [z, ones], outputs=2, axis=1)
    layer = w.layer(f"{to}.pre", (HIDDEN, 1, 1), edit=spare_duration_channel)
    h = g.conv(f"{at}/pre/Conv", first, layer)
    h = g.op("Add", f"{at}/Add", [h, x])

    def read_duration(weight, offset):
        weight[:], offset[:] = 0, 0
        weight[0, 0] = 4  # undone by the affine flow below

    h = g.conv(f"{at}/proj/Conv", h, w.layer(f"{to}.proj", (1, HIDDEN, 1), edit=read_duration))
    second = g.op("Add", f"{at}/Add_1", [second, h])
    z = g.op("Concat", f"{at}/Concat", [first, second], axis=1)
    z = g.op("Mul", f"{at}/Mul", [z, mask])
    z = g.flip("/dp/flows.2", z)

    # The affine flow quarters the noise, so that noise_w 0.8 varies lengths by a fifth.
    shift = w.put("dp.flows.0.m", np.zeros((2, 1)))
    shrink = w.put("dp.flows.0.logs", np.full((2, 1), -math.log(4)))
    z = g.op("Sub", "/dp/flows.0/Sub", [z, shift])
    z = g.op("Mul", "/dp/flows.0/Mul", [z, g.op("Exp", "/dp/flows.0/Exp", [shrink])])
    z = g.op("Mul", "/dp/flows.0/Mul_1", [z, mask])
    keep["log_durations"], _ = g.op("Split", "/dp/Split", [z, ones], outputs=2, axis=1)


def expansion(g, keep):
    """Symbols to frames: the path matrix of the durations, and the noisy prior."""
    w = g.op("Exp", "/Exp", [keep["log_durations"]])
    w = g.op("Mul", "/Mul", [w, keep["mask"]])
    w = g.op("Mul", "/Mul_1", [w, keep["length_scale"]])
    frames = g.op("Ceil", "/Ceil", [w])  # [B,1,T]

    total = g.op("ReduceSum", "/ReduceSum", [frames, g.constant("/Constant_4", [1, 2])], keepdims=0)
    total = g.op("Clip", "/Clip", [total, g.constant("/Constant_5", 1.0, np.float32), ""])
    total = g.op("Cast", "/Cast", [total], to=TensorProto.INT64)
    longest = g.op("ReduceMax", "/ReduceMax", [total], keepdims=0)
    zero, one = g.constant("/Constant_6", 0), g.constant("/Constant_7", 1)
    places = g.op("Range", "/Range", [zero, longest, one])
    row = g.unsqueeze("/Unsqueeze_1", places, 0)
    inside = g.op("Less", "/Less", [row, g.unsqueeze("/Unsqueeze_2", total, 1)])
    inside = g.unsqueeze("/Unsqueeze_3", inside, 1)
    frame_mask = g.op("Cast", "/Cast_2", [inside], to=TensorProto.FLOAT)  # [B,1,F]

    # A frame belongs to the symbol that starts at or before it and ends after it.
    ends = g.op("CumSum", "/CumSum", [frames, g.constant("/Constant_14", 2)])
    places = g.op("Cast", "/Cast_3", [places], to=TensorProto.FLOAT)
    column = g.unsqueeze("/Unsqueeze_6", places, 1)  # [F,1]
    before_end = g.op("Less", "/Less_1", [column, ends])  # [B,F,T]
    before_end = g.op("Cast", "/Cast_4", [before_end], to=TensorProto.FLOAT)
    shifted = g.op("Pad", "/Pad", [before_end, g.constant("/Constant_26", [0, 0, 1, 0, 0, 0]), ""],
                   mode="constant")  # fmt: skip
    shifted = g.slice("/Slice_1", shifted, 0, -1, 2)
    path = g.op("Sub", "/Sub", [before_end, shifted])
    frame_column = g.op("Transpose", "/Transpose_1", [frame_mask], perm=[0, 2, 1])
    path = g.op("Mul", "/Mul_4", [path, frame_column])
    path = g.op("Mul", "/Mul_4b", [path, keep["mask"]])

    spread = {}
    for i, name in enumerate(["mean", "deviation"]):
        tail = f"_{i}" if i else ""
        x = g.op("Transpose", f"/Transpose_{2 + 2 * i}", [keep[name]], perm=[0, 2, 1])
        x = g.op("MatMul", f"/MatMul{tail}", [path, x])
        spread[name] = g.op("Transpose", f"/Transpose_{3 + 2 * i}", [x], perm=[0, 2, 1])

    noise = g.op("RandomNormalLike", "/RandomNormalLike", [spread["mean"]], dtype=TensorProto.FLOAT)
    noise = g.op("Mul", "/Mul_5", [noise, g.op("Exp", "/Exp_1", [spread["deviation"]])])
    noise = g.op("Mul", "/Mul_6", [noise, keep["noise_scale"]])
    keep["z"] = g.op("Add", "/Add", [spread["mean"], noise])
    keep["frame_mask"] = frame_mask


def flow(g, keep):
    """Two couplings, run backwards, each after a flip of the channels."""
    z = keep["z"]
    for n in [2, 0]:
        z = coupling(g, keep, n, g.flip(f"/flow/flows.{n + 1}", z))
    keep["z"] = g.op("Mul", "/Mul_7", [z, keep["frame_mask"]])


def coupling(g, keep, n, z):
    w, mask = g.weights, keep["frame_mask"]
    at, to, half = f"/flow/flows.{n}", f"flow.flows.{n}", HIDDEN // 2
    halves = g.constant(f"{at}/Constant", [half, half])
    first, second = g.op("Split", f"{at}/Split", [z, halves], outputs=2, axis=1)
    h = g.conv(f"{at}/pre/Conv", first, w.layer(f"{to}.pre", (HIDDEN, half, 1)))
    h = g.op("Mul", f"{at}/Mul", [h, mask])

    layer = w.layer(f"{to}.enc.in_layers.0", (2 * HIDDEN, HIDDEN, 5))
    act = g.conv(f"{at}/enc/in_layers.0/Conv", h, layer, 5)
    if keep["speaker"]:
        layer = w.layer(f"{to}.enc.cond_layer", (2 * HIDDEN, SPEAKER_WIDTH, 1))
        bend = g.conv(f"{at}/enc/cond_layer/Conv", keep["speaker"], layer)
        act = g.op("Add", f"{at}/enc/Add", [act, bend])
    tanh = g.slice(f"{at}/enc/Slice", act, 0, HIDDEN, 1)
    gate = g.slice(f"{at}/enc/Slice_1", act, HIDDEN, NEVER, 1)
    tanh = g.op("Tanh", f"{at}/enc/Tanh", [tanh])
    gate = g.op("Sigmoid", f"{at}/enc/Sigmoid", [gate])
    h = g.op("Mul", f"{at}/enc/Mul", [tanh, gate])
    layer = w.layer(f"{to}.enc.res_skip_layers.0", (HIDDEN, HIDDEN, 1))
    h = g.conv(f"{at}/enc/res_skip_layers.0/Conv", h, layer)
    h = g.op("Mul", f"{at}/enc/Mul_1", [h, mask])

    h = g.conv(f"{at}/post/Conv", h, w.layer(f"{to}.post", (half, HIDDEN, 1)))
    h = g.op("Mul", f"{at}/Mul_1", [h, mask])
    second = g.op("Sub", f"{at}/Sub", [second, h])
    second = g.op("Mul", f"{at}/Mul_3", [second, mask])
    return g.op("Concat", f"{at}/Concat", [first, second], axis=1)


def decoder(g, keep, loudness):
    """HiFi-GAN: each stage upsamples, then averages three residual blocks."""
    w, channels = g.weights, DECODER_CHANNELS
    leaky = Leaky(g, "/dec")
    x = g.conv("/dec/conv_pre/Conv", keep["z"],
               w.layer("dec.conv_pre", (channels[0], HIDDEN, 7)), 7)  # fmt: skip
    if keep["speaker"]:
        layer = w.layer("dec.cond", (channels[0], SPEAKER_WIDTH, 1))
        x = g.op("Add", "/dec/Add", [x, g.conv("/dec/cond/Conv", keep["speaker"], layer)])

    adds = 1
    for stage, stride in enumerate(UPSAMPLE):
        wide, narrow = channels[stage], channels[stage + 1]
        x = upsample(g, stage, leaky(x), wide, narrow, stride)
        total, entry = None, Leaky(g, f"/dec/resblocks.{stage * len(RESBLOCKS)}")(x)
        for block, (kernel, dilations) in enumerate(RESBLOCKS):
            n = stage * len(RESBLOCKS) + block
            y = residual_block(g, n, x, entry, narrow, kernel, dilations)
            if total:
                y = g.op("Add", f"/dec/Add_{adds}", [total, y])
                adds += 1
            total = y
        tail = f"_{stage}" if stage else ""
        count = g.constant(f"/dec/Constant{tail}", float(len(RESBLOCKS)), np.float32)
        x = g.op("Div", f"/dec/Div{tail}", [total, count])

    def without_hum(weight, _):
        weight -= weight.mean(axis=2, keepdims=True)  # no response to a constant

    shape = (1, channels[-1], 7)
    layer = w.layer("dec.conv_post", shape, loudness, bias=False, edit=without_hum)
    x = g.conv("/dec/conv_post/Conv", leaky(x, alpha=0.01), layer, 7)
    keep["audio"] = g.op("Tanh", "/dec/Tanh", [x])


class Leaky:
    """LeakyRelu nodes under one scope, numbered as the exporter numbers them."""

    def __init__(self, g, scope):
        self.g, self.scope, self.made = g, scope, 0

    def __call__(self, x, alpha=0.1):
        tail = f"_{self.made}" if self.made else ""
        self.made += 1
        return self.g.op("LeakyRelu", f"{self.scope}/LeakyRelu{tail}", [x], alpha=alpha)


def upsample(g, stage, x, wide, narrow, stride):
    w, kernel = g.weights, 2 * stride
    # Two taps of the kernel meet at every sample, whatever the stride.
    reach = 1.6 * math.sqrt(3 / (2 * wide))
    layer = [
        w.put(f"dec.ups.{stage}.weight", w.uniform((wide, narrow, kernel), reach)),
        w.put(f"dec.ups.{stage}.bias", w.uniform(narrow, 0.05)),
    ]
    return g.op(
        "ConvTranspose", f"/dec/ups.{stage}/ConvTranspose", [x, *layer], dilations=[1], group=1,
        kernel_shape=[kernel], pads=[stride // 2, stride // 2], strides=[stride],
    )  # fmt: skip


def residual_block(g, n, x, entry, channels, kernel, dilations):
    """Two dilated convolutions around the residual; `entry` is the shared LeakyRelu of `x`."""
    at, to = f"/dec/resblocks.{n}", f"dec.resblocks.{n}"
    leaky = Leaky(g, at)
    leaky.made = 1 if n % len(RESBLOCKS) == 0 else 0
    for i, dilation in enumerate(dilations):
        layer = g.weights.layer(f"{to}.convs.{i}", (channels, channels, kernel), 0.7)
        y = g.conv(f"{at}/convs.{i}/Conv", leaky(x) if i else entry, layer, kernel, dilation)
        x = g.op("Add", f"{at}/Add{'_1' if i else ''}", [y, x])
    return x


def voice(seed, speakers, loudness):
    """The whole model; `speakers` is the number of them, 1 for a graph without sid."""
    g = Graph(Weights(seed))
    keep = {"speaker": None}
    for i, name in enumerate(["noise_scale", "length_scale", "noise_w"]):
        tail = f"_{i}" if i else ""
        index = g.constant(f"/Constant{tail}", i)
        keep[name] = g.op("Gather", f"/Gather{tail}", ["scales", index], axis=0)
    if speakers > 1:
        table = g.weights.uniform((speakers, SPEAKER_WIDTH), 1.5)
        table[:, 0] = [math.log(rate) for rate in SPEAKER_RATES]
        row = g.op("Gather", "/emb_g/Gather", [g.weights.put("emb_g.weight", table), "sid"])
        keep["speaker"] = g.unsqueeze("/Unsqueeze", row, -1)

    text_encoder(g, keep)
    duration_predictor(g, keep)
    expansion(g, keep)
    flow(g, keep)
    decoder(g, keep, loudness)
    axis = g.constant("/Constant_33", [1])
    last = helper.make_node("Unsqueeze", [keep["audio"], axis], ["output"], name="/Unsqueeze_12")
    g.nodes.append(last)

    inputs = [
        helper.make_tensor_value_info("input", TensorProto.INT64, ["batch_size", "phonemes"]),
        helper.make_tensor_value_info("input_lengths", TensorProto.INT64, ["batch_size"]),
        helper.make_tensor_value_info("scales", TensorProto.FLOAT, [3]),
    ]
    if speakers > 1:
        inputs.append(helper.make_tensor_value_info("sid", TensorProto.INT64, [1]))
    output = helper.make_tensor_value_info(
        "output", TensorProto.FLOAT, ["batch_size", 1, "time", "Unsqueezeoutput_dim_3"]
    )
    graph = helper.make_graph(g.nodes, "main_graph", inputs, [output], g.weights.tensors)
    opset = helper.make_opsetid("", 15)
    model = helper.make_model(graph, opset_imports=[opset], ir_version=8, producer_name="make.py")
    onnx.checker.check_model(model)
    return model


def config(name, speakers):
    """The config of a stock voice, as piper-tts writes and reads it."""
    symbols = [*SYMBOL_ORDER, *CLUSTERS]
    return {
        "audio": {"sample_rate": SAMPLE_RATE, "quality": "medium"},
        "espeak": {"voice": "en-us"},
        "inference": {"noise_scale": 0.667, "length_scale": 1, "noise_w": 0.8},
        "phoneme_type": "espeak",
        "phoneme_map": {},
        "phoneme_id_map": {symbol: [i] for i, symbol in enumerate(symbols)},
        "num_symbols": SYMBOLS,
        "num_speakers": max(len(speakers), 1),
        "speaker_id_map": speakers,
        "piper_version": "1.0.0",
        "language": {
            "code": "en_US",
            "family": "en",
            "region": "US",
            "name_native": "English",
            "name_english": "English",
            "country_english": "United States",
        },
        "dataset": name,
        "hop_length": math.prod(UPSAMPLE),
    }


def write(folder, name, model, settings):
    (folder / f"{name}.onnx").write_bytes(model.SerializeToString(deterministic=True))
    text = json.dumps(settings, ensure_ascii=False, indent=2)
    (folder / f"{name}.onnx.json").write_text(text + "\n", encoding="utf-8")


def report(folder, name, speakers):
    """Runs a voice and prints length, peak and spectrum facts; needs onnxruntime."""
    import onnxruntime

    session = onnxruntime.InferenceSession(folder / f"{name}.onnx")
    ids = [1, 0]
    for symbol in "həlˈoʊ wˈɜːld.":
        ids += [SYMBOL_ORDER.index(symbol), 0]
    ids += [2]

    def run(ids, speaker, scales):
        feed = {
            "input": np.array([ids], np.int64),
            "input_lengths": np.array([len(ids)], np.int64),
            "scales": np.array(scales, np.float32),
        }
        if speakers:
            feed["sid"] = np.array([speaker], np.int64)
        audio = session.run(None, feed)[0]
        assert audio.shape[:3] == (1, 1, 1) and audio.shape[3] % 256 == 0, audio.shape
        return audio.ravel()

    for speaker in range(max(len(speakers), 1)):
        still, again = (run(ids, speaker, [0, 1, 0]) for _ in range(2))
        assert np.array_equal(still, again)
        noisy = run(ids, speaker, [0.667, 1, 0.8])
        assert len(noisy) != len(still) or not np.array_equal(noisy, still)
        print(f"{name} speaker {speaker}: {len(still) / SAMPLE_RATE:.2f} s, "
              f"peak {np.abs(still).max():.2f}, rms {still.std():.2f}; "
              f"noisy {len(noisy) / SAMPLE_RATE:.2f} s, peak {np.abs(noisy).max():.2f}")  # fmt: skip

    sounds = {i: run([1, 0, i, 0, 2], 0, [0, 1, 0]) for i in range(3, len(SYMBOL_ORDER))}
    distinct = {audio.tobytes() for audio in sounds.values()}
    lengths = sorted({len(audio) // 256 for audio in sounds.values()})
    peaks = [np.abs(audio).max() for audio in sounds.values()]
    print(f"{name}: {len(distinct)} distinct sounds of {len(sounds)}, "
          f"{lengths} frames, peaks {min(peaks):.2f} to {max(peaks):.2f}")  # fmt: skip
    assert len(distinct) == len(sounds)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parent)
    parser.add_argument("--check", action="store_true", help="run the voices and print lengths, peaks and differences")
    options = parser.parse_args()
    # Loudness was set once by --check, for peaks between 0.3 and 0.8.
    for name, seed, speakers, loudness in [
        ("tiny", 1, {}, 0.1),
        ("tiny_multi", 2, SPEAKERS, 0.1),
    ]:
        write(options.out, name, voice(seed, max(len(speakers), 1), loudness), config(name, speakers))
        if options.check:
            report(options.out, name, speakers)


if __name__ == "__main__":
    main()
