"""Evaluation: by ear, by a recogniser, by spectrograms.

    judge.py resynth FEATURES OUT         the teacher's parameters through the vocoder:
                                          the best the student could do
    judge.py speak VOICE.onnx TEXT OUT    a voice says each line of a file
    judge.py words WAVS TEXT              word error rate of WAVS/000.wav... in pocketsphinx
    judge.py picture OUT.png WAV...       waveforms and spectrograms

pocketsphinx is a weak recogniser: compare voices with it, and believe no single number.
"""

import argparse
import re
import wave
from math import gcd
from pathlib import Path

import numpy as np

RESYNTH_GAIN = 1 / 28000
RECOGNISER_RATE = 16000


def write_wav(path, audio, rate):
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((np.clip(audio, -1, 1) * 32767).astype(np.int16).tobytes())


def resynth(options):
    import torch

    from student import CEPSTRA, NOISE_LIMIT, PITCH, VOICING
    from vocoder import SAMPLE_RATE, Vocoder

    torch.set_num_threads(1)
    frames = np.load(options.features / "frames.npy")
    counts = np.load(options.features / "frame_counts.npy")
    vocoder, seed, start = Vocoder(), torch.tensor([0]), 0
    for number, count in enumerate(counts):
        x = torch.tensor(frames[start : start + count].astype(np.float32))
        start += count
        voicing = (x[:, VOICING] > 0.5).float()
        audio = vocoder(x[:, :CEPSTRA], x[:, PITCH], voicing, x[:, NOISE_LIMIT], seed)
        write_wav(options.out / f"{number:03d}.wav", audio.numpy() * RESYNTH_GAIN, SAMPLE_RATE)


def speak(options):
    from piper import PiperVoice

    voice = PiperVoice.load(options.voice)
    for number, line in enumerate(lines(options.text)):
        with wave.open(str(options.out / f"{number:03d}.wav"), "wb") as file:
            voice.synthesize_wav(line, file)


def lines(path):
    return path.read_text(encoding="utf-8").strip().split("\n")


def plain_words(text):
    text = re.sub(r"(?<!\w)'|'(?!\w)", "", text.lower())
    return re.sub(r"[^a-z' ]+", " ", text.replace("-", " ")).split()


def edits(expected, heard):
    """Words to insert, delete or replace: the Levenshtein distance."""
    row = list(range(len(heard) + 1))
    for i, word in enumerate(expected, 1):
        diagonal, row[0] = row[0], i
        for j, other in enumerate(heard, 1):
            cost = min(row[j] + 1, row[j - 1] + 1, diagonal + (word != other))
            diagonal, row[j] = row[j], cost
    return row[-1]


def recognise(decoder, audio, rate):
    from scipy.signal import resample_poly

    if rate != RECOGNISER_RATE:
        common = gcd(rate, RECOGNISER_RATE)
        audio = resample_poly(audio, RECOGNISER_RATE // common, rate // common)
    audio = audio / (np.abs(audio).max() + 1e-9) * 0.6
    # Silence around it and a little noise: the recogniser expects a room.
    audio = np.concatenate([np.zeros(3200), audio, np.zeros(4800)])
    audio = audio + np.random.RandomState(0).randn(len(audio)) * 1e-4
    decoder.start_utt()
    decoder.process_raw((audio * 32767).astype(np.int16).tobytes(), full_utt=True)
    decoder.end_utt()
    hypothesis = decoder.hyp()
    return hypothesis.hypstr if hypothesis else ""


def words(options):
    import soundfile
    from pocketsphinx import Decoder

    decoder = Decoder(samprate=RECOGNISER_RATE, loglevel="FATAL")
    wrong = total = 0
    for number, line in enumerate(lines(options.text)):
        path = options.wavs / f"{number:03d}.wav"
        if not path.exists():
            continue
        expected = plain_words(line)
        heard = plain_words(recognise(decoder, *soundfile.read(path)))
        count = edits(expected, heard)
        wrong, total = wrong + count, total + len(expected)
        if options.each:
            print(f"{number:03d} {count}/{len(expected)}  {' '.join(expected)}  |  {' '.join(heard)}")
    print(f"{options.wavs}: word error rate {100 * wrong / max(total, 1):.1f} % of {total} words")


def picture(options):
    import matplotlib
    import soundfile

    matplotlib.use("Agg")
    from matplotlib import pyplot

    count = len(options.wavs)
    ratios = dict(height_ratios=[1, 4] * count)
    figure, axes = pyplot.subplots(2 * count, 1, figsize=(15, 4.7 * count), gridspec_kw=ratios)
    for above, below, path in zip(axes[::2], axes[1::2], options.wavs):
        audio, rate = soundfile.read(path)
        above.plot(np.arange(len(audio)) / rate, audio, lw=0.3)
        above.set_xlim(0, len(audio) / rate)
        above.set_title(path, fontsize=8)
        window, overlap = int(rate * 0.012), int(rate * 0.010)
        below.specgram(audio + 1e-7, NFFT=window, Fs=rate, noverlap=overlap, cmap="magma",
                       vmin=-150, vmax=-40)  # fmt: skip
        below.set_ylim(0, 12000)
    figure.tight_layout()
    figure.savefig(options.out, dpi=70)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True)

    def command(work, *arguments):
        sub = commands.add_parser(work.__name__)
        sub.set_defaults(work=work)
        for argument in arguments:
            sub.add_argument(argument, type=Path)
        return sub

    command(resynth, "features", "out")
    command(speak, "voice", "text", "out")
    command(words, "wavs", "text").add_argument("--each", action="store_true")
    command(picture, "out").add_argument("wavs", nargs="+")
    options = parser.parse_args()
    if options.work in (resynth, speak):
        options.out.mkdir(parents=True, exist_ok=True)
    options.work(options)


if __name__ == "__main__":
    main()
