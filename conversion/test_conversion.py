"""Tests of the parts that need neither the teacher nor ONNX Runtime.

    setup/python.sh -m unittest discover -s conversion
"""

import hashlib
import json
import tempfile
import unittest
from pathlib import Path

import numpy as np
from onnx.reference import ReferenceEvaluator
from onnx.reference.op_run import OpRun

import american
import british
from acoustic import ALONE, TOGETHER, Acoustic
from convert import Source, config
from graph import FLOAT, INT64, Graph, value
from phonemes import OWN, PIPER
from symbols import Symbols
from vocoder import BEND, BINS, LOUDER, Vocoder
from words import Words, read

KOKORO = ";:,.!?—…\"()“” AIOQWYTabdefhijklmnprstuvwxz ɑɐɒæɔðʤəɛɜɡɪŋɹʃʧʊʌʒˈˌːθᵊᵻɾ"
VOCABULARY = {s: n for n, s in enumerate(dict.fromkeys(KOKORO), 1)}


class Pad(OpRun):
    """ONNX's own does not know pads below 0, which cut."""

    op_domain = ""

    def _run(self, data, pads, value=0, axes=None, mode="constant"):
        starts, ends = np.reshape(pads, (2, -1))
        cut = [slice(max(-a, 0), n - max(-b, 0)) for a, b, n in zip(starts, ends, data.shape)]
        added = [(max(a, 0), max(b, 0)) for a, b in zip(starts, ends)]
        options = {"constant_values": value} if mode == "constant" else {}
        return (np.pad(data[tuple(cut)], added, mode=mode, **options),)


def session(graph, inputs, outputs):
    return ReferenceEvaluator(graph.model(inputs, outputs), new_ops=[Pad])


class SymbolsTest(unittest.TestCase):
    def read(self, accent, phonemes):
        symbols = Symbols(VOCABULARY, accent)
        letters = {n: s for s, n in VOCABULARY.items()}
        line = symbols.rewrite([1, 0, *(n for p in phonemes for n in (*symbols.config[p], 0)), 2])
        self.assertEqual((line[0], line[-1]), (0, 0))
        return "".join(letters[n] for n in line[1:-1])

    def test_american_phonemes_become_kokoros(self):
        cases = {
            "həlˈoʊ ðˈɛɹ.": "həlˈO ðˈɛɹ.",
            "tʃˈɜːtʃ dʒˈʌdʒ": "ʧˈɜɹʧ ʤˈʌʤ",
            "hˈɜːɹi": "hˈɜɹi",
            "wˈɔːɾɚɹ ɪɾ ɪz": "wˈɔTəɹ ɪt ɪz",
            "ʌvðɪ ˈɛnd ʌvɐ dˈeɪ": "ʌv ði ˈɛnd ʌv ɐ dˈA",
            "ɐn ɐnˈʌðɚ": "ɐn ənˈʌðəɹ",
            "aɪ θˈɪŋk, aɪdˈiə": "ˌI θˈɪŋk, Idˈiə",
            "ɹᵻtˈɜːn stˈɑːɹɾᵻd bˈɑːksᵻz": "ɹətˈɜɹn stˈɑɹTᵻd bˈɑksᵻz",
            "bˈʌʔn̩ ɹˈɪðm̩": "bˈʌtn ɹˈɪðᵊm",
            "pˈiːpəl əlˈoʊn": "pˈipᵊl əlˈOn",
            "ɛksplˈeɪn ɛvɚ": "ɪksplˈAn ɛvəɹ",
            "wʌt wɛn wʌz ɔn": "wˌʌt wˌɛn wʌz ˌɔn",
            "hɐz hɐv": "hæz hæv",
            "fˈɪnɪʃɪt ʌnlˈaɪk": "fˈɪnɪʃət ˌʌnlˈIk",
            "ǀ0#": "",
        }
        for phonemes, expected in cases.items():
            self.assertEqual(self.read(american, phonemes), expected, phonemes)

    def test_british_phonemes_become_kokoros(self):
        cases = {
            "həlˈəʊ ðˈeə.": "həlˈQ ðˈɛː.",
            "wˈɔːtəɹ ɪz fˈɑː": "wˈɔːtə ɪz fˈɑː",
            "ʌvðɪ ˈænd ɐ dˈeɪ": "ʌv ði ˈand ɐ dˈA",
            "hˈapɪ ˈaʊɐ": "hˈapi ˈWə",
            "nˈeɪʃən": "nˈAʃᵊn",
        }
        for phonemes, expected in cases.items():
            self.assertEqual(self.read(british, phonemes), expected, phonemes)

    def test_words_that_espeak_ng_joins_are_parted(self):
        for phonemes, expected in {
            "ɹˈɛdi təbi ˈoʊpənd": "ɹˈɛdi tə bi ˈOpənd",
            "wˈʌn əvə kˈaɪnd": "wˈʌn ʌv ɐ kˈInd",
            "hævbən, hˈæzbin": "hæv bɪn, hæz bɪn",
            "nˈoʊvə": "nˈOvə",  # ends like "of a"
        }.items():
            self.assertEqual(self.read(american, phonemes), expected, phonemes)

    def test_the_graph_does_what_python_does(self):
        random = np.random.RandomState(0)
        for accent in (american, british):
            symbols, graph = Symbols(VOCABULARY, accent), Graph()
            made, places = symbols.draw(graph, "input")
            outputs = [value(made, INT64, [1, "m"]), value(places, INT64, ["m"])]
            run = session(graph, [value("input", INT64, [1, "n"])], outputs)
            every = list(range(symbols.rows))
            lines = [[], [0], every, every[::-1]]
            lines += [random.randint(0, len(every), 300).tolist() for _ in range(5)]
            for word in ("təbi", "əvən", "fəɹðə"):
                lines.append([n for p in f"{word} {word},{word}" for n in symbols.config[p]])
            for line in lines:
                got, places = run.run(None, {"input": np.array([line], np.int64)})
                self.assertEqual(got[0].tolist(), symbols.rewrite(line))
                self.assertEqual(len(places), got.shape[1])
                self.assertTrue((np.diff(places) >= 0).all())
                self.assertTrue((0 <= places).all() and (places < max(len(line), 1)).all())

    def test_no_symbol_has_two_numbers(self):
        self.assertEqual(len(set(PIPER + OWN)), len(PIPER + OWN))
        for accent in (american, british):
            numbers = Symbols(VOCABULARY, accent).numbers
            self.assertEqual(len(set(numbers.values())), len(numbers))
            self.assertLess(max(numbers.values()), 255)

    def test_each_word_of_a_table_changes_and_stands_there_once(self):
        for name in (american.WORDS, british.WORDS):
            lines = Path(__file__).with_name(name).read_text(encoding="utf-8").splitlines()
            words = [line for line in lines if not line.startswith("#")]
            self.assertEqual(len(read(name)), len(words))
            for before, after in read(name).items():
                self.assertNotEqual(before, after)


class SourceTest(unittest.TestCase):
    def test_a_voice_is_known_by_its_hash(self):
        with tempfile.TemporaryDirectory() as folder:
            assets = Path(folder) / "hibari" / "assets"
            assets.mkdir(parents=True)
            for name in ("own.onnx", "other.onnx", "foreign.onnx"):
                (assets / name).write_bytes(name.encode())
            digests = [hashlib.sha256(name).hexdigest() for name in (b"own.onnx", b"other.onnx")]
            voices = {
                "heart": {"bundled": True, "british": False, "file": "own.onnx", "kokoro": "af"},
                "emma": {"british": True, "file": "e.onnx", "kokoro": "bf"},
            }
            for voice, digest in zip(voices.values(), digests):
                voice["sha256"] = digest
            (assets / "voices.json").write_text(json.dumps(voices))
            (assets / "vocab.json").write_text(json.dumps(VOCABULARY))
            self.assertEqual(Source(Path(folder)).key, "en_US-heart-medium")
            source = Source(Path(folder), assets / "other.onnx")
            self.assertEqual((source.key, source.teacher), ("en_GB-emma-medium", "bf"))
            made = config(source, Symbols(VOCABULARY, source.accent))
            self.assertEqual(made["espeak"]["voice"], "en-gb-x-rp")
            self.assertEqual(made["language"]["code"], "en_GB")
            with self.assertRaises(SystemExit):
                Source(Path(folder), assets / "foreign.onnx")


class RhythmTest(unittest.TestCase):
    def test_durations_vary_as_much_as_is_said(self):
        graph = Graph()
        made = Acoustic(graph, None).rhythm("like")
        run = session(graph, [value("like", FLOAT, [1, 1, "n"])], [value(made, FLOAT, [1, 1, "n"])])
        drawn = run.run(None, {"like": np.zeros((1, 1, 20000), np.float32)})[0].ravel()
        self.assertAlmostEqual(drawn.std(), np.hypot(ALONE, TOGETHER), delta=0.01)
        neighbours = np.corrcoef(drawn[1:], drawn[:-1])[0, 1]
        self.assertGreater(neighbours, 0.1)


class VocoderTest(unittest.TestCase):
    def setUp(self):
        self.random = np.random.RandomState(0)

    def test_transforms_are_numpys(self):
        """Forth and back, against an FFT, for the fewest frames there are and for more."""
        graph = Graph()
        vocoder = Vocoder(graph)
        re, im = vocoder.transform("x")
        back = vocoder.overlap(["re", "im"])
        inputs = [value("x", FLOAT, ["f", 300]), value("re", FLOAT, ["f", 601]), value("im", FLOAT, ["f", 601])]
        outputs = [value(name, FLOAT, ["f", n]) for name, n in [(re, 601), (im, 601), (back, 300)]]
        run = session(graph, inputs, outputs)
        window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(1200) / 1200)
        for frames in (4, 5, 37):
            x = self.random.standard_normal((frames, 300)).astype(np.float32)
            padded = np.pad(x.ravel(), 600, mode="reflect")
            pieces = np.stack([padded[300 * k :][:1200] for k in range(frames)]) * window
            expected = np.fft.rfft(pieces)[:, BINS] / 300
            spectrum = (self.random.standard_normal((2, frames, 601))).astype(np.float32)
            got = run.run(None, {"x": x, "re": spectrum[0], "im": spectrum[1]})
            np.testing.assert_allclose(got[0], expected.real, atol=1e-5)
            np.testing.assert_allclose(got[1], expected.imag, atol=1e-5)
            ordered = np.zeros((frames, 601), complex)
            ordered[:, BINS] = spectrum[0] + 1j * spectrum[1]
            sums = np.zeros((2, 300 * frames + 900))
            for k, piece in enumerate(np.fft.irfft(ordered, 1200)):
                sums[:, 300 * k : 300 * k + 1200] += piece * window, window**2
            expected = LOUDER * (sums[0] / np.maximum(sums[1], 1e-11))[600 : 600 + 300 * frames]
            np.testing.assert_allclose(got[2].ravel(), expected, atol=1e-5)

    def test_loud_samples_are_bent_and_others_stay(self):
        graph = Graph()
        made = Vocoder(graph).bent("x")
        run = session(graph, [value("x", FLOAT, ["n"])], [value(made, FLOAT, ["n"])])
        x = np.linspace(-1.5, 1.5, 601, dtype=np.float32)
        got = run.run(None, {"x": x})[0]
        quiet = np.abs(x) <= BEND
        np.testing.assert_array_equal(got[quiet], x[quiet])
        self.assertLess(np.abs(got).max(), 1)
        self.assertTrue((np.diff(got) > 0).all())

    def test_pulses_are_harmonics(self):
        graph = Graph()
        made = Vocoder(graph).pulses("pitch")
        run = session(graph, [value("pitch", FLOAT, ["f"])], [value(made, FLOAT, ["f", 300])])
        pitch = np.array([0] * 8 + [190] * 80 + [0] * 8, np.float32)
        pulses = run.run(None, {"pitch": pitch})[0]
        self.assertEqual(np.abs(pulses[:7]).max(), 0)
        level = np.abs(np.fft.rfft(pulses[20:60].ravel() * np.hanning(12000))) / 3000
        harmonics = level[np.arange(190, 11001, 190) // 2]
        np.testing.assert_allclose(harmonics, 1, atol=0.02)
        self.assertLess(level[11200 // 2 :].max(), 0.02)


if __name__ == "__main__":
    unittest.main()
