"""Makes a voice for Piper of one of hibari's: convert.py WHEEL OUT [--voice FILE]

WHEEL is the folder in which the wheel of hibari-tts was unpacked, OUT the folder to
write to. FILE is one of the voices that hibari downloads; without it the one in the
wheel is made.
"""

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np
import onnx

import american
import british
from acoustic import STEP, Acoustic, Weights
from graph import FLOAT, INT64, Graph, i64, value
from symbols import Symbols
from vocoder import BINS, HOP, RATE, Vocoder, noise_start

QUALITY = "medium"
# By this name piper-rs finds the durations; other programs do not ask for them.
DURATIONS = "speech_durations"
# How many frames a sound begins before the steps of its symbol: what a forced aligner
# found in 50 sentences (benchmarks/times.py), to the frame.
LEAD = 3
LICENCE = (
    "Apache-2.0. Made from the acoustic model of hibari-tts 0.2.1, copyright 2026 Maureese "
    "Williams, which was distilled from the voice {teacher} of Kokoro-82M by hexgrad (Apache-2.0). "
    "Changed for Piper's format; see LICENSE and NOTICE."
)


class Source:
    """One of hibari's voices, by the hash in the wheel's own list of voices."""

    def __init__(self, wheel, file=None):
        assets = wheel / "hibari" / "assets"
        voices = json.loads((assets / "voices.json").read_text(encoding="utf-8"))
        self.file = file or assets / next(v["file"] for v in voices.values() if v.get("bundled"))
        self.vocabulary = json.loads((assets / "vocab.json").read_text(encoding="utf-8"))
        digest = hashlib.sha256(self.file.read_bytes()).hexdigest()
        known = {v["sha256"]: (name, v) for name, v in voices.items()}
        if digest not in known:
            names = ", ".join(f"{name} ({v['file']})" for name, v in voices.items())
            raise SystemExit(
                f"{self.file} is none of hibari's voices, or damaged: its SHA-256 is {digest}.\n"
                f"hibari 0.2.1 has these: {names}"
            )
        self.name, about = known[digest]
        self.teacher = about["kokoro"]
        self.accent = british if about["british"] else american
        self.key = f"en_{self.accent.REGION}-{self.name}-{QUALITY}"


def voice(source, exact_int8=False):
    """The graph, and the table of its symbols."""
    graph = Graph()
    symbols = Symbols(source.vocabulary, source.accent)
    noise_scale, length, noise_w = (graph.slice("scales", 0, n, n + 1) for n in range(3))
    length = graph.Where(graph.IsNaN(length), np.float32(1), length)
    length = graph.Clip(length, np.float32(0.05), np.float32(20))
    noise_w = graph.Where(graph.IsNaN(noise_w), np.float32(0), noise_w)
    noise_w = graph.Clip(noise_w, np.float32(0), np.float32(4))
    weights = Weights(source.file)
    kokoro, places = symbols.draw(graph, "input")
    acoustic = Acoustic(graph, weights, exact_int8)
    pitch, parts, steps = acoustic.spectra(kokoro, length, noise_w, BINS)
    # How many frames each of Piper's numbers lasts: the symbols that it became.
    size = graph.Max(graph.Shape("input", start=1), i64(1))
    silent = graph.Expand(np.float32(0), size)
    frames = graph.cast(graph.Mul(steps, np.int64(STEP)), FLOAT)
    frames = graph.ScatterElements(silent, places, frames, axis=0, reduction="add")
    ends = graph.CumSum(frames, np.int64(0))
    early = graph.Max(graph.Sub(graph.slice(ends, 0, 0, -1), np.float32(LEAD)), np.float32(0))
    ends = graph.Concat(early, graph.slice(ends, 0, -1), axis=0)
    starts = graph.Concat(np.zeros(1, np.float32), early, axis=0)
    graph.Sub(ends, starts)
    graph.nodes[-1].output[0] = DURATIONS
    if weights.unused():
        raise SystemExit(f"{source.file} has parts that are not known here: {weights.unused()}")
    start = noise_start(graph, noise_scale)
    samples = Vocoder(graph).speak(pitch, parts, start)
    graph.nodes[-1].output[0] = "output"
    assert graph.nodes[-1].name == samples
    inputs = [
        value("input", INT64, ["batch_size", "phonemes"]),
        value("input_lengths", INT64, ["batch_size"]),
        value("scales", FLOAT, [3]),
    ]
    outputs = [
        value("output", FLOAT, ["batch_size", 1, 1, "time"]),
        value(DURATIONS, FLOAT, ["phonemes"]),
    ]
    about = LICENCE.format(teacher=source.teacher)
    model = graph.model(inputs, outputs, producer_name="piper-rs conversion", doc_string=about)
    onnx.checker.check_model(model, full_check=True)
    return model, symbols


def config(source, symbols):
    return {
        "audio": {"sample_rate": RATE, "quality": QUALITY},
        "espeak": {"voice": source.accent.ESPEAK_VOICE},
        "phoneme_type": "espeak",
        "num_symbols": symbols.rows,
        "num_speakers": 1,
        "speaker_id_map": {},
        "inference": {"noise_scale": 0.667, "length_scale": 1.0, "noise_w": 0.8},
        "phoneme_id_map": symbols.config,
        "phoneme_map": {},
        "language": {
            "code": f"en_{source.accent.REGION}",
            "family": "en",
            "region": source.accent.REGION,
            "name_native": "English",
            "name_english": "English",
            "country_english": source.accent.COUNTRY,
        },
        "dataset": source.name,
        "piper_version": "1.0.0",
        "key": source.key,
        "hop_length": HOP,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("wheel", type=Path, help="folder of the unpacked wheel")
    parser.add_argument("out", type=Path, help="folder to write to")
    parser.add_argument("--voice", type=Path, metavar="FILE", help="another of hibari's voices")
    options = parser.parse_args()
    source = Source(options.wheel, options.voice)
    model, symbols = voice(source)
    options.out.mkdir(parents=True, exist_ok=True)
    path = options.out / f"{source.key}.onnx"
    onnx.save(model, path)
    text = json.dumps(config(source, symbols), ensure_ascii=False, indent=1)
    Path(f"{path}.json").write_text(text + "\n", encoding="utf-8")
    print(path)


if __name__ == "__main__":
    main()
