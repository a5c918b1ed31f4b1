"""Step 4: a checkpoint to a graph with Piper's inputs and output.

`noise_scale` moves pitch and noise, `noise_w` durations; with both 0 the
output is the same bytes on every run.
"""

import argparse
import inspect
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

from student import (
    CEPSTRA,
    NOISE_LIMIT,
    OUTPUTS,
    PITCH,
    POSITION_FEATURES,
    VOICING,
    Student,
    position_features,
)
from vocoder import Vocoder

GAIN = 1.0 / 26000  # the teacher's cepstra are those of 16-bit samples
FIRST_FRAMES = 6.0  # a voice must not start in the middle of its first sound
# Ids of "hɛlˈoʊ wˈɜːld." to trace the graph with.
EXAMPLE = [20, 59, 24, 120, 27, 100, 3, 35, 120, 62, 24, 17, 10]


class Voice(nn.Module):
    def __init__(self, net, gain=GAIN):
        super().__init__()
        self.net = net
        self.vocoder = Vocoder(gain)

    def forward(self, input, input_lengths, scales):
        noise_scale, length_scale, noise_w = scales[0:1], scales[1:2], scales[2:3]
        hidden = self.net.encode(symbols(input[0], input_lengths)[None])
        durations = self.frame_counts(hidden, length_scale, noise_w)
        frames = self.frames(hidden, durations)
        log_pitch = self.wobble(frames[:, PITCH], noise_scale)
        voicing = (frames[:, VOICING] > 0).to(torch.float32)
        limit = torch.clamp(frames[:, NOISE_LIMIT], 0.8, 6.0)
        draw = torch.rand_like(noise_scale) * noise_scale * 1000000.0
        seed = torch.floor(draw).to(torch.int64)
        log_pitch = torch.clamp(log_pitch, 4.0, 6.3)
        audio = self.vocoder(frames[:, :CEPSTRA], log_pitch, voicing, limit, seed)
        return torch.clamp(audio, -1.0, 1.0)[None, None, None]

    def frame_counts(self, hidden, length_scale, noise_w):
        """Whole frames of each symbol, [1,L]."""
        durations = torch.exp(self.net.log_durations(hidden)) - 1.0
        durations = durations * (durations > 0.5).to(durations.dtype)
        noise = torch.exp(torch.randn_like(durations) * (noise_w * 0.1))
        durations = torch.round(durations * length_scale * noise)
        return torch.cat([torch.clamp(durations[:, :1], min=FIRST_FRAMES), durations[:, 1:]], 1)

    def frames(self, hidden, durations):
        """Vocoder parameters [T,48]; T is even."""
        even, odd = self.net.project(hidden, durations)
        ends = torch.cumsum(durations, 1)
        total = ends[0, -1:]
        pairs = torch.floor((total + 1.0) * 0.5).to(torch.int64)
        time = torch.cumsum(torch.ones(pairs[0] * 2, dtype=torch.float32), 0) - 1.0
        time = torch.minimum(time, total - 1.0)
        # A frame belongs to the first symbol that ends after it.
        owners = (time[:, None] >= ends).to(torch.int64).sum(1)
        lengths = durations[0][owners]
        places = time - (ends[0][owners] - lengths)
        positions = position_features(places, lengths).reshape(1, -1, 2 * POSITION_FEATURES)
        pair = owners.reshape(-1, 2)
        x = even[0][pair[:, 0]] + odd[0][pair[:, 1]] + self.net.position(positions)[0]
        x = x.transpose(0, 1)[None]
        for block in self.net.decoder:
            x = block(x)
        frames = self.net.output(x)[0].transpose(0, 1).reshape(-1, OUTPUTS)
        return frames * self.net.std + self.net.mean

    @staticmethod
    def wobble(log_pitch, noise_scale):
        """Slow random movement of the pitch, of unit variance before scaling."""
        noise = torch.randn_like(log_pitch)[None, None]
        slow = F.avg_pool1d(noise, 31, 1, 15)[0, 0] * 5.5
        return log_pitch + slow * (noise_scale * 0.015)


def symbols(ids, lengths):
    """Ids within the length, pads dropped: the student never saw any."""
    inside = torch.cumsum(torch.ones_like(ids), 0) <= lengths[0:1]
    ids = ids * inside.to(ids.dtype)
    return ids[torch.nonzero(ids)[:, 0]]


def load(checkpoint):
    kept = torch.load(checkpoint, map_location="cpu")
    net = Student(**kept["shape"])
    net.load_state_dict(kept["model"])
    return net.eval()


def export(net, out):
    ids = [1, 0, *(value for symbol in EXAMPLE for value in (symbol, 0)), 2]
    example = (torch.tensor([ids]), torch.tensor([len(ids)]), torch.tensor([0.0, 1.0, 0.0]))
    # torch 2.9 and newer export another way unless told; older ones do not know the word.
    known = inspect.signature(torch.onnx.export).parameters
    legacy = {"dynamo": False} if "dynamo" in known else {}
    torch.onnx.export(
        Voice(net).eval(), example, str(out), opset_version=15, do_constant_folding=False,
        input_names=["input", "input_lengths", "scales"], output_names=["output"],
        dynamic_axes={
            "input": {0: "batch_size", 1: "phonemes"},
            "input_lengths": {0: "batch_size"},
            "output": {0: "batch_size", 3: "time"},
        },
        **legacy,
    )  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="VOICE.onnx to write")
    options = parser.parse_args()
    export(load(options.checkpoint), options.out)
    print(f"{options.out}: {options.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
