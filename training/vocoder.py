"""A source-filter vocoder for ONNX: no FFT operator, no loop, no state.

Of each 5 ms frame it takes 45 mel-cepstra (alpha 0.45 at 32 kHz, the teacher's),
log pitch, voicing and maximum voiced frequency. Two small matrix products turn
cepstra into log magnitude and minimum phase. The excitation is a band-limited
pulse train (the Dirichlet kernel of the running phase) plus noise; a windowed
DFT, the filter and the inverse DFT are matrix products too; frames overlap and add.
"""

import math

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

SAMPLE_RATE, HOP, DFT = 24000, 120, 512
WINDOW = 2 * HOP
BINS = DFT // 2 + 1
OVERLAP = 5  # hops that a filtered frame reaches over
WARP, CEPSTRA, TEACHER_RATE = 0.45, 45, 32000
PRIME = 2147483647


def warp(angle):
    """Frequency on the teacher's mel scale, of an all-pass filter."""
    return angle + 2 * np.arctan(WARP * np.sin(angle) / (1 - WARP * np.cos(angle)))


def pulse_phases(frequencies):
    """A smooth random group delay that grows with frequency: pulses buzz less."""
    random = np.random.RandomState(3)
    points = np.arange(0, SAMPLE_RATE / 2 + 501, 500.0)
    reach = np.clip((points - 1500) / 3000, 0, 1) * 0.0012  # seconds
    delay = np.interp(frequencies, points, random.uniform(-1, 1, len(points)) * reach)
    return -2 * np.pi * np.cumsum(delay) * (SAMPLE_RATE / DFT)


class Vocoder(nn.Module):
    def __init__(self, gain=1.0):
        super().__init__()
        frequencies = np.arange(BINS) * SAMPLE_RATE / DFT
        warped = np.outer(np.arange(CEPSTRA), warp(2 * np.pi * frequencies / TEACHER_RATE))
        self.keep("log_magnitude", np.cos(warped))
        self.keep("phase", -np.sin(warped))
        self.keep("pulse_phase", pulse_phases(frequencies))
        self.keep("kilohertz", frequencies / 1000)
        # No energy near 0 Hz.
        self.keep("high_pass", np.log(np.clip(frequencies / 60.0, 0, 1) ** 2 + 1e-4))

        # The DFT tables are gathered at run time from one cosine: the file stays small.
        window = 0.5 - 0.5 * np.cos(2 * np.pi * (np.arange(WINDOW) + 0.5) / WINDOW)
        self.keep("window", window[:, None])
        self.keep("cosine", np.cos(2 * np.pi * np.arange(DFT) / DFT))
        self.register_buffer("samples", torch.arange(DFT)[:, None])
        self.register_buffer("bins", torch.arange(BINS)[None, :])
        # All bins but the first and last stand for two.
        share = np.full(BINS, 2.0)
        share[0] = share[-1] = 1.0
        self.keep("inverse", share[:, None] / DFT * gain)
        self.register_buffer("ramp", torch.arange(HOP, dtype=torch.float32))
        self.register_buffer("steps", torch.arange(HOP))

    def keep(self, name, values):
        self.register_buffer(name, torch.tensor(values, dtype=torch.float32))

    def tables(self):
        """DFT [240, 514] and inverse [514, 512], cosines beside sines."""
        angle = torch.remainder(self.samples * self.bins, DFT)
        cosine = self.cosine[angle]
        sine = self.cosine[torch.remainder(angle + DFT // 4, DFT)]  # cos(x + pi/2) = -sin(x)
        forward = torch.cat([cosine[:WINDOW] * self.window, sine[:WINDOW] * self.window], 1)
        rows = cosine.transpose(0, 1), sine.transpose(0, 1)
        return forward, torch.cat([row * self.inverse for row in rows], 0)

    @staticmethod
    def noise(index, seed):
        """White noise of unit variance by hashing sample numbers: the same on every run."""
        h = torch.remainder((index + seed) * 48271 + 11, PRIME)
        h = torch.remainder(h * h + 12345, PRIME)
        h = torch.remainder(h * 69621 + 7, PRIME)
        h = torch.remainder(h * h + index, PRIME)
        first = h.to(torch.float32) / PRIME
        h = torch.remainder(h * 16807 + 99, PRIME)
        h = torch.remainder(h * h + 5, PRIME)
        second = h.to(torch.float32) / PRIME
        return (first + second - 1.0) * math.sqrt(6.0)  # triangular

    def excitation(self, log_pitch, voicing, seed):
        """Pulses and noise, [2, T, 120]."""
        pitch = torch.exp(log_pitch)
        turn = pitch * (1.0 / SAMPLE_RATE)  # of the phase, in one sample
        in_frame = turn * HOP
        start = torch.cumsum(in_frame, 0) - in_frame
        start = start - torch.floor(start)
        phase = start[:, None] + turn[:, None] * self.ramp[None, :]
        phase = phase - torch.round(phase)  # -0.5 to 0.5
        # All harmonics below 0.49 of the rate, summed in closed form.
        terms = 2 * torch.floor((SAMPLE_RATE * 0.49) / pitch)[:, None] + 1
        below = torch.sin(math.pi * phase)
        small = (torch.abs(below) < 1e-4).to(torch.float32)
        above = torch.sin(terms * math.pi * phase)
        kernel = (above * (1 - small) + terms * small) / (below * (1 - small) + small)
        pulses = kernel * torch.sqrt(turn)[:, None]
        number = torch.cumsum(torch.ones_like(log_pitch, dtype=torch.int64), 0)
        noise = self.noise(number[:, None] * HOP + self.steps[None, :], seed)
        # Breath comes in step with the pitch.
        noise = noise * (1.0 + 0.6 * voicing * torch.cos(2 * math.pi * (phase - 0.1)))
        return torch.stack([pulses * voicing, noise], 0)

    def forward(self, cepstra, log_pitch, voicing, limit, seed):
        """cepstra [T,45], log pitch [T], voicing [T] 0 or 1, limit [T] kHz, seed int64 [1]
        -> samples [(T + 4) * 120]"""
        voiced = voicing[:, None]
        frames = cepstra.shape[0]
        excitation = self.excitation(log_pitch, voiced, seed)
        following = F.pad(excitation[:, 1:, :], (0, 0, 0, 1))
        forward, inverse = self.tables()
        spectrum = torch.matmul(torch.cat([excitation, following], 2), forward)

        magnitude = torch.exp(torch.matmul(cepstra, self.log_magnitude) + self.high_pass)
        phase = torch.matmul(cepstra, self.phase)
        # Pulses give way to noise around the maximum voiced frequency.
        noisy = torch.sigmoid((self.kilohertz[None, :] - limit[:, None]) * 2.2)
        noisy = noisy * voiced + (1 - voiced)
        pulse_weight = torch.sqrt(torch.clamp(1 - noisy, min=0.0)) * magnitude
        noise_weight = torch.sqrt(noisy) * magnitude
        pulse = rotate(spectrum[0], phase + self.pulse_phase)
        noise = rotate(spectrum[1], phase)
        parts = [pulse_weight * p + noise_weight * n for p, n in zip(pulse, noise)]
        pieces = torch.matmul(torch.cat(parts, 1), inverse)

        # Overlap-add by shifted sums.
        pieces = F.pad(pieces, (0, OVERLAP * HOP - DFT)).reshape(frames, OVERLAP, HOP)
        out = 0
        for j in range(OVERLAP):
            out = out + F.pad(pieces[:, j, :], (0, 0, j, OVERLAP - 1 - j))
        return out.reshape(-1)


def rotate(spectrum, phase):
    """Real and imaginary part of a spectrum [T, 514] turned by a phase [T, 257]."""
    real, imaginary = spectrum[:, :BINS], spectrum[:, BINS:]
    cosine, sine = torch.cos(phase), torch.sin(phase)
    return real * cosine - imaginary * sine, real * sine + imaginary * cosine
