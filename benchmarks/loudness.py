#!/usr/bin/env python3
"""Measures how loud voices are, and writes benchmarks/LOUDNESS.md.

    benchmarks/loudness.py target/debug/piper-rs [VOICE.onnx …]

Speaks texts of four lengths with the built-in voice and with each VOICE: as piper-rs
does, without normalization, and as piper-tts does (`--strict-piper`, whose samples are
the same). ffmpeg measures the loudness, by ITU-R BS.1770, and the peak. A debug build
gives the same levels as a release build.
"""

import array
import json
import re
import statistics
import subprocess
import sys
import tempfile
import wave
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "benchmarks/LOUDNESS.md"

# Where the curve begins, of full scale: see src/audio/level.rs.
KNEE = 0.891
PARAGRAPH = (
    "The birch canoe slid on the smooth planks. Glue the sheet to the dark blue background. "
    "It's easy to tell the depth of a well. These days a chicken leg is a rare dish. Rice is "
    "often served in round bowls. The juice of lemons makes fine punch. The box was thrown "
    "beside the parked truck. The hogs were fed chopped corn and garbage. Four hours of steady "
    "work faced us. A large size in stockings is hard to sell."
)
TEXTS = {
    "greeting": "Good morning.",
    "dialogue": "Hello there. No! What is it? A very long sentence follows, which goes on and on "
    "until the reader is out of breath, and then it rests.",
    "paragraph": PARAGRAPH,
    "five paragraphs": " ".join([PARAGRAPH, PARAGRAPH.replace("The", "That")] * 2 + [PARAGRAPH]),
}
WAYS = {
    "piper-rs": [],
    "`--normalize off`": ["--normalize", "off"],
    "piper-tts": ["--strict-piper"],
}
HEAD = """# Loudness

How loud the voices are, in LUFS by ITU-R BS.1770, and in parentheses the highest
sample in dBFS. `benchmarks/loudness.py` measured it with ffmpeg and wrote this page.

- *piper-rs* is the default, `--normalize run`: one gain per voice, known before the
  first sample. It aims at the loudness that piper-tts gives three sentences of prose,
  within -19 to -15.5 LUFS, and never makes a voice quieter than it is. Peaks above
  -1 dBFS are *compressed* by a fixed curve, so nothing is clipped and nothing pumps.
  The column tells how many of the samples. The gain is less if it would compress more
  than 0.1 % of the three sentences.
- *`--normalize off`* is the voice's own level.
- *piper-tts* 1.8.0 scales each sentence to full scale, so a text's loudness depends on
  its loudest samples, and short sentences are louder than long ones. The figures are
  those of `--strict-piper`, which gives the same samples.

A single text may differ more than the median in the last table, because one high peak
decides the gain of piper-tts. A greeting may be several dB louder there. One gain per
voice keeps all texts alike.

`medium` and `x_low` have Piper's real architectures with random weights. They are
noise without pauses, and so louder than any voice.

| voice | text | piper-rs | `--normalize off` | piper-tts | difference to piper-tts | compressed |
|---|---|---:|---:|---:|---:|---:|
"""


def measured(wav):
    """The loudness in LUFS and the peak in dBFS of a file."""
    meter = ["ffmpeg", "-hide_banner", "-nostats", "-i", wav, "-af", "ebur128=peak=sample"]
    report = subprocess.run(
        [*meter, "-f", "null", "-"], capture_output=True, text=True, check=True
    ).stderr
    summary = report.rsplit("Summary:", 1)[1]
    return tuple(float(re.search(rf"{name}: +(-?[\d.]+)", summary)[1]) for name in ("I", "Peak"))


def speak(program, voice, text, flags, wav):
    command = [program, "-m", voice or "builtin", "--no-config", "--seed", "1", *flags, "-q", "-o", wav, "--", text]
    subprocess.run(command, check=True)
    return measured(wav)


def gain(program, voice):
    """The factor of `--normalize run`, once the voice is prepared."""
    command = [program, "voices", "info", "--json", voice or "builtin"]
    info = subprocess.run(command, capture_output=True, check=True).stdout
    return 10 ** (json.loads(info)["gain_db"] / 20)


def compressed(wav, factor):
    """The share of a file's samples that this factor brings above the knee."""
    with wave.open(wav) as file:
        samples = array.array("h", file.readframes(file.getnframes()))
    return sum(abs(sample) * factor > KNEE * 32767 for sample in samples) / len(samples)


def rows(program, voice, wav, medians):
    label = Path(voice).stem if voice else "built in"
    differences = []
    for name, text in TEXTS.items():
        found, share = [], 0
        for flags in WAYS.values():
            found.append(speak(program, voice, text, flags, wav))
            if flags == ["--normalize", "off"]:
                share = compressed(wav, gain(program, voice))
        cells = [f"{loudness:.1f} ({peak:.1f})" for loudness, peak in found]
        difference = found[0][0] - found[-1][0]
        differences.append(difference)
        yield f"| {label} | {name} | {' | '.join(cells)} | {difference:+.1f} | {share:.2%} |"
    medians[label] = statistics.median(differences)


def main():
    program, *voices = sys.argv[1:] or sys.exit(__doc__.strip())
    with tempfile.TemporaryDirectory() as folder:
        wav = str(Path(folder) / "spoken.wav")
        medians = {}
        lines = [line for voice in ["", *voices] for line in rows(program, voice, wav, medians)]
    lines += ["", "| voice | median difference to piper-tts |", "|---|---:|"]
    lines += [f"| {voice} | {median:+.1f} |" for voice, median in medians.items()]
    PAGE.write_text(HEAD + "\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
