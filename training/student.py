"""The student: Piper symbol ids, pads removed, to durations and vocoder parameters.

1.2 M parameters in three parts: a dilated-convolution encoder over symbols, a
duration predictor, and a decoder over pairs of 5 ms frames.
Shapes: B utterances, L symbols, T frames, C channels.
"""

import math

import torch
from torch import nn
from torch.nn import functional as F

# 45 mel-cepstra, log pitch, voicing, maximum voiced frequency (kHz).
CEPSTRA = 45
PITCH, VOICING, NOISE_LIMIT = 45, 46, 47
OUTPUTS = 48
POSITION_FEATURES = 5


class Block(nn.Module):
    """Residual dilated convolution that starts close to the identity."""

    def __init__(self, channels, kernel, dilation=1):
        super().__init__()
        padding = (kernel // 2) * dilation
        self.wide = nn.Conv1d(channels, channels, kernel, padding=padding, dilation=dilation)
        self.point = nn.Conv1d(channels, channels, 1)
        nn.init.normal_(self.point.weight, std=0.01)
        nn.init.zeros_(self.point.bias)

    def forward(self, x):
        return x + self.point(F.relu(self.wide(x)))


class Student(nn.Module):
    def __init__(
        self, symbols=168, width=128, decoder_width=144,
        dilations=(1, 1, 2, 4, 8, 16, 1), decoder_blocks=5, decoder_kernel=5,
    ):  # fmt: skip
        super().__init__()
        self.shape = dict(
            symbols=symbols, width=width, decoder_width=decoder_width, dilations=list(dilations),
            decoder_blocks=decoder_blocks, decoder_kernel=decoder_kernel,
        )  # fmt: skip
        self.embedding = nn.Embedding(symbols, width)
        nn.init.normal_(self.embedding.weight, std=0.5)
        self.encoder = nn.ModuleList([Block(width, 3, dilation) for dilation in dilations])
        self.whole = nn.Linear(width, width)
        self.duration = nn.Sequential(
            nn.Conv1d(width, 64, 3, padding=1), nn.ReLU(),
            nn.Conv1d(64, 64, 3, padding=1), nn.ReLU(),
            nn.Conv1d(64, 1, 1),
        )  # fmt: skip
        # The even and the odd frame of a pair may belong to different symbols.
        self.even = nn.Linear(width + 1, decoder_width)
        self.odd = nn.Linear(width + 1, decoder_width, bias=False)
        self.position = nn.Linear(2 * POSITION_FEATURES, decoder_width, bias=False)
        self.decoder = nn.ModuleList(
            [Block(decoder_width, decoder_kernel) for _ in range(decoder_blocks)]
        )
        self.output = nn.Conv1d(decoder_width, 2 * OUTPUTS, 1)
        # Of the training frames; the network works on normalised values.
        self.register_buffer("mean", torch.zeros(OUTPUTS))
        self.register_buffer("std", torch.ones(OUTPUTS))

    def encode(self, ids, mask=None):
        """ids [B,L], mask [B,1,L] -> [B,C,L]"""
        x = self.embedding(ids).transpose(1, 2)
        for i, block in enumerate(self.encoder):
            x = block(masked(x, mask))
            # Let every symbol know the whole sentence, as questions need.
            if i == len(self.encoder) - 3:
                mean = x.mean(2) if mask is None else (x * mask).sum(2) / mask.sum(2)
                x = x + self.whole(mean)[:, :, None]
        return masked(x, mask)

    def log_durations(self, hidden, mask=None):
        """[B,C,L] -> [B,L], log(1 + frames)"""
        x = hidden
        for layer in self.duration:
            x = layer(masked(x, mask) if isinstance(layer, nn.Conv1d) else x)
        return x[:, 0]

    def project(self, hidden, durations):
        """What each symbol gives to its even and its odd frames, [B,L,D] each."""
        x = torch.cat([hidden.transpose(1, 2), torch.log1p(durations)[..., None] * 0.4], 2)
        return self.even(x), self.odd(x)

    def decode(self, even, odd, even_index, odd_index, positions, mask=None):
        """Pairs of frames [B,D,T/2]; indices [B,T/2] say which symbol each frame belongs to."""
        width = even.shape[2]
        x = torch.gather(even, 1, even_index[..., None].expand(-1, -1, width))
        x = x + torch.gather(odd, 1, odd_index[..., None].expand(-1, -1, width))
        x = (x + self.position(positions)).transpose(1, 2)
        for block in self.decoder:
            x = block(masked(x, mask))
        return x


def masked(x, mask):
    return x if mask is None else x * mask


def position_features(place, length):
    """Where a frame stands in its symbol (frame number, frames in all) -> [..., 5]."""
    fraction = (place + 0.5) / length
    return torch.stack(
        [
            fraction * 2 - 1,
            torch.sin(math.pi * fraction),
            torch.cos(2 * math.pi * fraction),
            torch.clamp(place, max=8.0) * 0.125,
            torch.clamp(length - 1 - place, max=8.0) * 0.125,
        ],
        -1,
    )
