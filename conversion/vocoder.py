"""hibari's signal processing as ONNX nodes: pulses, two Fourier transforms, overlapping frames.

    S = exp(lh) e^(i pi tanh(theta)) STFT(pulses) + exp(ln) Z + exp(lr) e^(i phi)

and the samples are the inverse STFT of S: 1200 samples a frame, 300 on to the next, Hann
window. There is no FFT operator in it: ONNX Runtime's is slow. Each transform is
four matrix products of 300 by 300, a quarter of the plain one's work, because a
frame is folded twice: cosines are even, sines odd, and around a quarter of the frame
even bins differ from odd ones in their sign alone. The rest needs no reordering: bins
stand in the order `BINS` all through, and time that runs backwards is turned once.
"""

import numpy as np

from graph import DOUBLE, FLOAT, INT32, INT64, i64

RATE, HOP, FRAME = 24000, 300, 1200
HALF, QUARTER = FRAME // 2, FRAME // 4
EVEN, ODD = QUARTER + 1, QUARTER  # bins of each kind
BINS = np.concatenate([np.arange(0, HALF + 1, 2), np.arange(1, HALF, 2)])
LOWEST, TOP = 40.0, 11000.0  # Hz: less is unvoiced; no harmonics above
WINDOW = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(FRAME) / FRAME)
CEILING = np.float32(7)  # of log magnitudes
NOISE_LENGTH, NOISE_STEP = 1 << 15, 10007
# A third of a second of silence stands before every sentence and half a one after it.
# What is kept of it, in frames; stock voices have as much.
QUIET, KEPT_BEFORE, KEPT_AFTER = np.float32(0.0025), 4, 14
LOUDER = 1.25  # than hibari, which speaks at -26 LUFS
BEND = 0.8  # louder samples are bent, so that none reaches 1


def f32(values):
    return np.asarray(values, np.float32)


class Vocoder:
    def __init__(self, graph, noise=None):
        """`noise` names a value [frames, 1202] to take instead of the voice's own."""
        self.g, self.given_noise = graph, noise
        self.tables()

    def tables(self):
        """Cosines and sines by (sample, bin), made from one period when a program loads the graph."""
        g = self.g
        period = g.constant(f32(np.cos(2 * np.pi * np.arange(FRAME) / FRAME)))

        def table(samples, bins, quarter_turns):
            n = g.Range(np.int64(0), np.int64(samples), np.int64(1))
            angle = g.Mul(g.Unsqueeze(n, i64(1)), g.constant(i64(*bins)))
            angle = g.Add(angle, np.int64(quarter_turns * QUARTER))
            return g.Gather(period, g.Mod(angle, np.int64(FRAME)))

        even, odd = BINS[:EVEN], BINS[EVEN:]
        self.forward = {  # a sine of -x is a cosine a quarter turn on: the sign of the transform
            "re even": table(QUARTER + 1, even, 0),
            "re odd": table(QUARTER, odd, 0),
            "im even": table(QUARTER, even, 1),
            "im odd": table(QUARTER + 1, odd, 1),
        }
        # Back again each bin counts twice, but for the first and the last.
        share = np.full(HALF + 1, 2 / FRAME)
        share[[0, -1]] /= 2
        shares = {"even": share[even], "odd": share[odd]}
        self.inverse = {
            name: g.Mul(g.Transpose(values, perm=[1, 0]), f32(shares[name[3:]])[:, None])
            for name, values in self.forward.items()
        }

    def pulses(self, pitch):
        """Every harmonic below 11 kHz, as loud as the others: [frames, 300]."""
        g = self.g
        before = g.Concat(g.slice(pitch, 0, 0, 1), g.slice(pitch, 0, 0, -1), axis=0)
        after = g.Concat(g.slice(pitch, 0, 1), g.slice(pitch, 0, -1), axis=0)
        three = g.Concat(*(g.Unsqueeze(x, i64(1)) for x in (before, pitch, after)), axis=1)
        place = (np.arange(HOP) + 0.5) / HOP - 0.5
        weights = np.stack([np.maximum(-place, 0), 1 - np.abs(place), np.maximum(place, 0)])
        pitch = g.MatMul(three, f32(weights))
        voiced = g.Greater(pitch, np.float32(LOWEST))
        pitch = g.Max(pitch, np.float32(LOWEST))

        # The phase in turns: within a frame a sum, from frame to frame one in doubles.
        ones = g.Expand(np.float32(1), i64(HOP, HOP))
        passed = g.MatMul(pitch, g.Trilu(ones, upper=1))
        whole = g.cast(g.slice(passed, 1, HOP - 1), DOUBLE)
        whole = g.Div(whole, g.double(RATE))
        start = g.CumSum(whole, np.int64(0), exclusive=1)
        start = g.cast(g.Sub(start, g.Floor(start)), FLOAT)
        phase = g.Add(g.Mul(passed, np.float32(1 / RATE)), start)
        phase = g.Sub(phase, g.Round(phase))

        # cos(t) + … + cos(H t) = sin((H + 1/2) t) / (2 sin(t / 2)) - 1/2
        half = g.Mul(phase, np.float32(np.pi))
        harmonics = g.Add(g.Floor(g.Div(np.float32(TOP), pitch)), np.float32(0.5))
        above = g.Sin(g.Mul(g.Mul(half, np.float32(2)), harmonics))
        below = g.Mul(g.Sin(half), np.float32(2))
        small = g.LessOrEqual(g.Abs(below), np.float32(2e-3))
        kernel = g.Where(small, harmonics, g.Div(above, g.Where(small, np.float32(1), below)))
        return g.Where(voiced, g.Sub(kernel, np.float32(0.5)), np.float32(0))

    def transform(self, pulses):
        """The STFT of samples [frames, 300], real and imaginary part [frames, 601]."""
        g, table = self.g, self.forward
        x = g.Pad(g.Reshape(pulses, i64(-1)), i64(HALF, HALF), mode="reflect")
        x = g.Reshape(x, i64(-1, HOP))  # two blocks before the first frame's middle, two after
        first = g.slice(x, 1, 0, 1)
        backwards = g.slice(x, 1, HOP - 1, 0, -1)
        ahead = [g.slice(x, 0, 0, -4), g.slice(x, 0, 2, -2)]  # samples n and 600 + n of a frame

        def behind(block, start, end, first_end):  # samples 1200 - n and 600 - n
            return g.Concat(g.slice(first, 0, block, first_end), g.slice(backwards, 0, start, end), axis=1)

        last = np.iinfo(np.int64).max
        behind = [behind(4, 3, -1, last), behind(2, 1, -3, -2)]
        outer = f32(WINDOW[:QUARTER] / QUARTER)
        inner = f32(WINDOW[HALF - np.arange(QUARTER)] / QUARTER)
        middle = inner.copy()
        middle[0] /= 2  # sample 600 is its own partner
        quarters = g.slice(first, 0, 1, -3), g.slice(first, 0, 3, -1)  # samples 300 and 900
        at_quarter = np.float32(WINDOW[QUARTER] / QUARTER)

        even = g.Mul(g.Add(ahead[0], behind[0]), outer)
        even_far = g.Mul(g.Add(ahead[1], behind[1]), middle)
        odd = g.Mul(g.Sub(ahead[0], behind[0]), outer)
        odd_far = g.Mul(g.Sub(behind[1], ahead[1]), inner)
        even_quarter = g.Mul(g.Add(*quarters), at_quarter)
        odd_quarter = g.Mul(g.Sub(*quarters), at_quarter)
        re = [
            g.MatMul(g.Concat(g.Add(even, even_far), even_quarter, axis=1), table["re even"]),
            g.MatMul(g.Sub(even, even_far), table["re odd"]),
        ]
        im = [
            g.MatMul(g.Sub(odd, odd_far), table["im even"]),
            g.MatMul(g.Concat(g.Add(odd, odd_far), odd_quarter, axis=1), table["im odd"]),
        ]
        return g.Concat(*re, axis=1), g.Concat(*im, axis=1)

    def noise(self, frames, start):
        """Complex white noise [frames, 1202] read from a table, every frame elsewhere."""
        g = self.g
        if self.given_noise:
            return self.given_noise
        table = np.random.RandomState(7).standard_normal(NOISE_LENGTH).astype(np.float16)
        table = g.cast(g.constant(table), FLOAT)
        places = NOISE_LENGTH - 2 * len(BINS)
        frame = g.Range(np.int64(0), frames, np.int64(1))
        at = g.Mod(g.Add(g.Mul(frame, np.int64(NOISE_STEP)), start), np.int64(places))
        width = g.Range(np.int64(0), np.int64(2 * len(BINS)), np.int64(1))
        return g.Gather(table, g.Add(g.Unsqueeze(at, i64(1)), width))

    def spectrum(self, parts, excitation, noise):
        g = self.g
        harmonic, turn, rough, rest, angle = parts

        def gain(x):
            return g.Exp(g.Min(x, CEILING))

        def polar(size, angle):
            return g.Mul(size, g.Cos(angle)), g.Mul(size, g.Sin(angle))

        re, im = excitation
        a, b = polar(gain(harmonic), g.Mul(g.Tanh(turn), np.float32(np.pi)))
        rest = polar(gain(rest), angle)
        rough = gain(rough)
        noise = g.node("Split", [noise, i64(*[len(BINS)] * 2)], {"axis": 1}, outputs=2)
        filtered = g.Sub(g.Mul(a, re), g.Mul(b, im)), g.Add(g.Mul(a, im), g.Mul(b, re))
        return [
            g.Add(g.Add(x, g.Mul(rough, z)), y) for x, z, y in zip(filtered, noise, rest)
        ]

    def overlap(self, spectrum):
        """The inverse STFT: samples [frames, 300]."""
        g, table = self.g, self.inverse
        parts = {}
        for name, x in zip(("re", "im"), spectrum):
            parts[f"{name} even"] = g.MatMul(g.slice(x, 1, 0, EVEN), table[f"{name} even"])
            parts[f"{name} odd"] = g.MatMul(g.slice(x, 1, EVEN), table[f"{name} odd"])

        def quarter(name):
            return g.slice(parts[name], 1, 0, QUARTER), g.slice(parts[name], 1, QUARTER)

        even_even, even_quarter = quarter("re even")
        odd_odd, odd_quarter = quarter("im odd")
        even = g.Add(even_even, parts["re odd"])  # of sample n
        even_far = g.Sub(even_even, parts["re odd"])  # of sample 600 - n
        odd = g.Add(odd_odd, parts["im even"])
        odd_far = g.Sub(odd_odd, parts["im even"])
        outer, inner = f32(WINDOW[:QUARTER]), f32(WINDOW[HALF - np.arange(QUARTER)])
        at_quarter = np.float32(WINDOW[QUARTER])

        def later(x, blocks):  # the frame before is where this one was
            return g.Pad(x, i64(blocks, 0, -blocks, 0))

        sample_0 = g.Mul(g.Add(even, odd), outer)  # 0 + n
        sample_600 = g.Mul(g.Sub(even_far, odd_far), inner)  # 600 + n
        sample_600_back = g.Mul(g.Add(even_far, odd_far), inner)  # 600 - n
        sample_1200_back = g.Mul(g.Sub(even, odd), outer)  # 1200 - n
        sample_300 = g.Mul(g.Add(even_quarter, odd_quarter), at_quarter)
        sample_900 = g.Mul(g.Sub(even_quarter, odd_quarter), at_quarter)
        ahead = g.Add(later(sample_0, -2), sample_600)
        behind = g.Add(later(sample_600_back, -1), later(sample_1200_back, 1))
        single = g.Add(later(sample_300, -1), later(sample_900, 1))
        behind = g.Concat(single, g.slice(behind, 1, QUARTER - 1, 0, -1), axis=1)
        return self.level(g.Add(ahead, behind))

    def level(self, samples):
        """Divides by the windows that overlap: fewer at both ends."""
        g = self.g
        block = (WINDOW**2).reshape(4, HOP)
        first, full, last = block[:3].sum(0), block.sum(), np.stack([block[1:].sum(0), block[2:].sum(0)])
        assert np.allclose(block.sum(0), full / HOP)
        return g.Concat(
            g.Mul(g.slice(samples, 0, 0, 1), f32(LOUDER / first)),
            g.Mul(g.slice(samples, 0, 1, -2), f32(LOUDER * HOP / full)),
            g.Mul(g.slice(samples, 0, -2), f32(LOUDER / last)),
            axis=0,
        )

    def speak(self, pitch, parts, noise_start, whole=False):
        """Pitch [frames], five parts [frames, 601], a whole number -> samples [1, 1, 1, time].

        `whole` keeps the silence at both ends."""
        g = self.g
        excitation = self.transform(self.pulses(pitch))
        noise = self.noise(g.Size(pitch), noise_start)
        samples = self.bent(self.overlap(self.spectrum(parts, excitation, noise)))
        if not whole:
            samples = self.trimmed(samples)
        return g.Reshape(samples, i64(1, 1, 1, -1))

    def bent(self, samples):
        """Below 1 whatever comes; samples up to BEND stay as they are."""
        g = self.g
        kept = g.Clip(samples, np.float32(-BEND), np.float32(BEND))
        room = np.float32(1 - BEND)
        over = g.Tanh(g.Div(g.Sub(samples, kept), room))
        return g.Add(kept, g.Mul(over, room))

    def trimmed(self, samples):
        """Without most of the silence at both ends; silence alone stays as it is."""
        g = self.g
        heard = g.Greater(g.ReduceMax(g.Abs(samples), axes=[1], keepdims=0), QUIET)
        heard = g.cast(heard, INT32)
        first = g.ArgMax(heard, axis=0, keepdims=1)
        last = g.ArgMax(heard, axis=0, keepdims=1, select_last_index=1)
        start = g.Max(g.Sub(first, i64(KEPT_BEFORE)), i64(0))
        return g.Slice(samples, start, g.Add(last, i64(1 + KEPT_AFTER)), i64(0))


def noise_start(graph, noise_scale):
    """Where to read the noise: one place for noise_scale 0, else anywhere.

    How loud the noise is does not depend on it: there would be no s and no f without."""
    g = graph
    drawn = g.RandomNormalLike(noise_scale)
    far = g.Mul(g.Abs(g.Mul(drawn, noise_scale)), np.float32(1e6))
    return g.cast(g.Min(far, np.float32(1e8)), INT64)
