"""Compares the voice with hibari, and gives it odd sentences.

check.py WHEEL VOICE.onnx [--voice FILE]: FILE as for convert.py.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime
from onnx import helper

from convert import Source, voice
from graph import FLOAT, Graph, value
from symbols import Symbols
from vocoder import BINS, LOUDER, Vocoder

# American phonemes. Those that a British voice does not have sound as their neighbours.
SENTENCES = [
    "hɛlˈoʊ ðˈɛɹ.",
    "ðə bˈɜːtʃ kənˈuː slˈɪd ɔnðə smˈuːð plˈæŋks.",
    "wʌt ɪz ɪt ðæt aɪ wˈɔnt təbi ɪnðə wˈɔːɾɚ?",
    "ɪt snˈoʊd, ɹˈeɪnd, ænd hˈeɪld ðə sˈeɪm mˈɔːɹnɪŋ!",
]


def session(model):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 3
    return onnxruntime.InferenceSession(model, options)


def speak(voice, ids, scales=(0.667, 1, 0.8)):
    feeds = {
        "input": np.array([ids], np.int64),
        "input_lengths": np.array([len(ids)], np.int64),
        "scales": np.array(scales, np.float32),
    }
    return voice.run(None, feeds)[0]


def framed(phonemes, numbers):
    """As Piper does: ^ _ a _ b _ $"""
    return [1, 0, *(n for p in phonemes if p in numbers for n in (*numbers[p], 0)), 2]


def decibels(expected, got):
    return 10 * np.log10(np.sum((expected - got) ** 2) / np.sum(expected**2) + 1e-30)


def compare_vocoder(teacher, sentences):
    """The same spectra through hibari's Python and through the nodes."""
    from hibari import dsp

    graph = Graph()
    parts = [f"part{n}" for n in range(5)]
    made = Vocoder(graph, "noise").speak("pitch", parts, np.int64(0), whole=True)
    inputs = [value("pitch", FLOAT, ["frames"]), value("noise", FLOAT, ["frames", 2 * len(BINS)])]
    inputs += [value(part, FLOAT, ["frames", len(BINS)]) for part in parts]
    model = graph.model(inputs, [value(made, FLOAT, [1, 1, 1, "time"])])
    nodes, worst = session(model.SerializeToString()), -999.0
    for symbols in sentences:
        ids = np.array([symbols], np.int64)
        *spectra, pitch = (x[0] for x in teacher.run(None, {"ids": ids, "speed": np.ones(1, np.float32)}))
        drawn = np.random.RandomState(1).standard_normal((len(BINS), 2 * len(pitch))).astype(np.float32)

        class Drawn:
            def standard_normal(self, shape, dtype):
                return drawn.copy()

        expected = LOUDER * dsp.synth(*spectra, pitch, Drawn())
        noise = np.concatenate([drawn[:, n::2].T[:, BINS] for n in range(2)], axis=1)
        feeds = {part: np.ascontiguousarray(x[BINS].T) for part, x in zip(parts, spectra)}
        got = nodes.run(None, {**feeds, "pitch": pitch, "noise": noise})[0].ravel()
        assert len(got) == len(expected)
        worst = max(worst, decibels(expected, got))
    return worst


def named(model):
    """Values before the vocoder: Kokoro's symbols, pitch and the five parts."""
    nodes = model.graph.node
    split = next(n for n in nodes if n.op_type == "Split" and len(n.output) == 5)
    lookup = next(n for n in nodes if n.op_type == "Gather" and n.input[0] in lookup_tables(model))
    for name, kind in [(lookup.input[1], 7), *((name, FLOAT) for name in split.output)]:
        model.graph.output.append(helper.make_tensor_value_info(name, kind, None))
    return session(model.SerializeToString())


def lookup_tables(model):
    return {t.name for t in model.graph.initializer if list(t.dims) == [178, 192]}


def compare_spectra(source, teacher, ids, exact_int8):
    """Greatest and mean difference of log magnitudes, and of lengths in frames."""
    graph = named(voice(source, exact_int8)[0])
    differences, lengths = [], []
    for sentence in ids:
        feeds = {"input": np.array([sentence], np.int64), "input_lengths": np.array([len(sentence)], np.int64),
                 "scales": np.array([0, 1, 0], np.float32)}  # fmt: skip
        _, _, symbols, *parts = graph.run(None, feeds)
        expected = teacher.run(None, {"ids": symbols, "speed": np.ones(1, np.float32)})
        lengths.append(abs(expected[0].shape[2] - len(parts[0])))
        if not lengths[-1]:
            differences += [np.abs(x[0][BINS].T - y).ravel() for x, y in zip(expected[:4:2], parts[:4:2])]
    return np.mean(np.concatenate(differences)), max(lengths)


def main():
    wheel, path = Path(sys.argv[1]), Path(sys.argv[2])
    sys.path.insert(0, str(wheel))
    source = Source(wheel, *map(Path, sys.argv[4:]))
    numbers = json.loads(Path(f"{path}.json").read_text(encoding="utf-8"))["phoneme_id_map"]
    teacher, made = session(str(source.file)), session(str(path))
    vocabulary, symbols = source.vocabulary, Symbols(source.vocabulary, source.accent)
    letters = {n: s for s, n in vocabulary.items()}
    ids = [framed(s, numbers) for s in SENTENCES]
    kokoro = [symbols.rewrite(sentence) for sentence in ids]
    for sentence, read in zip(SENTENCES, kokoro):
        print(sentence, "->", "".join(letters[n] for n in read[1:-1]))

    print(f"vocoder against hibari's: {compare_vocoder(teacher, kokoro):.1f} dB")
    for exact, name in [(True, "8-bit sums, as hibari's"), (False, "32-bit sums, as the voice's")]:
        mean, longest = compare_spectra(source, teacher, ids, exact)
        print(f"{name}: log magnitudes differ by {mean:.4f} in the mean, lengths by {longest} frames at most")

    every = [1, 0, *(n for row in range(symbols.rows) for n in (row, 0)), 2]
    odd = {"nothing": [1, 0, 2], "a pad": [0], "every symbol": every, "one vowel": framed("a", numbers),
           "punctuation": framed("!(),-.:;?" * 9, numbers), "stress": framed("ˈˌː" * 9, numbers),
           "1000 phonemes": framed((SENTENCES[1] * 30)[:1000], numbers)}  # fmt: skip
    for name, sentence in odd.items():
        for scales in [(0.667, 1, 0.8), (0, 0.5, 0), (0, 2, 0)]:
            samples = speak(made, sentence, scales)
            assert samples.ndim == 4 and np.isfinite(samples).all() and np.abs(samples).max() < 1, name
        print(f"{name}: {len(sentence)} ids, {samples.size / 48000:.2f} s")
    quiet = [speak(made, ids[1], (0, 1, 0)) for _ in range(2)]
    assert np.array_equal(*quiet), "noise_scale 0 is not the same twice"
    assert not np.array_equal(quiet[0], speak(made, ids[1], (1, 1, 0))), "the noise does not change"
    lengths = [{speak(made, ids[3], (1, 1, noise_w)).size for _ in range(8)} for noise_w in (0, 0.8)]
    # The silence that is cut at the ends may differ by a frame.
    assert max(lengths[0]) - min(lengths[0]) <= 600, "noise_w 0 varies the rhythm"
    assert max(lengths[1]) - min(lengths[1]) > 1200, "noise_w does not vary the rhythm"
    print("all is well")


if __name__ == "__main__":
    main()
