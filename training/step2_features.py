"""Step 2: the targets of the student, from the teacher's parameters.

Reads lines of text; writes into OUT, all utterances end to end:

    ids.npy          int16, symbol ids without pads
    durations.npy    int16, frames of 5 ms of each id
    frames.npy       float16 [frames, 48]: 45 mel-cepstra, log pitch, voicing (0 or 1),
                     maximum voiced frequency in kHz
    id_counts.npy, frame_counts.npy    of each utterance
    texts.json       the symbols of each utterance
"""

import argparse
import json
import subprocess
from pathlib import Path

import numpy as np

from labels import PRIMARY, FrontEnd, labels

VOICE = (
    "/usr/share/festival/voices/us/cmu_us_slt_arctic_hts/hts/cmu_us_slt_arctic_hts.htsvoice"
)
STATES, CEPSTRA = 5, 45
FRAME_SECONDS = 0.005

# Above this frequency (kHz) a phone is noise even where it is voiced. The
# teacher has no such parameter; these are usual values for English.
NOISY_ABOVE = dict(
    z=1.2, zh=1.2, v=2.0, dh=2.2, jh=1.5, hh=1.8, s=1.0, sh=1.0, ch=1.0, f=1.5, th=1.5,
    b=3.0, d=3.0, g=3.0, p=2.5, t=2.5, k=2.5, m=4.2, n=4.2, ng=4.2, pau=2.0,
)  # fmt: skip
NOISY_ABOVE_ELSE = 5.0

HEAD_FRAMES, TAIL_FRAMES = 8, 24  # silence kept before and after an utterance
QUESTION_RISE = 0.30  # of log pitch, over the end of a yes/no question
TEACHER_PITCH = 5.18  # its mean, log Hz
PITCH_RANGE = 1.12  # the teacher's pitch is flat; widen it around the mean


class Teacher:
    """The compiled teacher, kept running for one utterance after another."""

    def __init__(self, program):
        pipe = subprocess.PIPE
        self.process = subprocess.Popen([str(program), VOICE], stdin=pipe, stdout=pipe)

    def read(self, count, kind):
        return np.frombuffer(self.process.stdout.read(4 * count), kind)

    def parameters(self, lines):
        """State durations [labels, 5], mel-cepstra [frames, 45], log pitch; None if it failed."""
        text = "\n".join(line.text for line in lines) + "\n\n"
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()
        count, frames = self.read(2, np.int32)
        if frames == 0:
            return None
        durations = self.read(count * STATES, np.int32).reshape(count, STATES)
        cepstra = self.read(frames * CEPSTRA, np.float32).reshape(frames, CEPSTRA)
        return durations, cepstra, self.read(frames, np.float32)


def end_index(phrase, symbols):
    """Where the pause after a phrase goes among the durations: its mark, or the final `$`."""
    return (phrase.end if phrase.end is not None else len(symbols)) + 1


def share_frames(symbols, phrases, lines, states):
    """Frames of `^`, each symbol and `$`, and the phone of every frame."""
    durations = np.zeros(len(symbols) + 2, np.int64)
    phones = []
    for line, state in zip(lines, states):
        total = int(state.sum())
        phones += [line.text.split("-", 1)[1].split("+", 1)[0]] * total
        if line.unit is None:
            first = line.phrase < 0
            durations[0 if first else end_index(phrases[line.phrase], symbols)] += total
        elif len(line.unit.symbols) == 1:
            durations[line.unit.symbols[0] + 1] += total
        else:
            # Two symbols share a phone, as in diphthongs: three of its five states to the first.
            early = int(state[:3].sum())
            durations[line.unit.symbols[0] + 1] += early
            durations[line.unit.symbols[-1] + 1] += total - early
    return durations, phones


def question_rises(phrases, lines, states, length):
    """Log pitch to add: up from the last stressed syllable to the end of each yes/no question."""
    rise = np.zeros(length)
    ends = np.cumsum(states.sum(1))
    starts = ends - states.sum(1)
    for number, phrase in enumerate(phrases):
        if phrase.tone != "H-H%":
            continue
        own = [i for i, line in enumerate(lines) if line.phrase == number and line.unit]
        stressed = (
            [i for i in own if lines[i].unit.stress == PRIMARY]
            or [i for i in own if lines[i].text.split("/B:")[1][0] == "1"]
            or own[:1]
        )
        start, end = starts[stressed[-1]], ends[own[-1]]
        progress = np.clip((np.arange(length) - start) / max(end - start, 1), 0, 1)
        one = progress**1.2 * QUESTION_RISE
        # The last phrase stays high through its pause; others come down again.
        one[end:] = QUESTION_RISE if number == len(phrases) - 1 else 0
        rise += one
    return rise


def noise_limits(phones):
    """Maximum voiced frequency of each frame, smoothed over 45 ms."""
    limits = np.array([NOISY_ABOVE.get(phone, NOISY_ABOVE_ELSE) for phone in phones], np.float64)
    window = np.hanning(9)
    return np.convolve(np.pad(limits, 4, "edge"), window / window.sum(), "valid")


def utterance(symbols, phrases, lines, parameters):
    """Durations and frames of one utterance; None where nothing is voiced."""
    states, cepstra, pitch = parameters
    durations, phones = share_frames(symbols, phrases, lines, states)
    length = len(pitch)
    assert durations.sum() == length == len(phones), (durations.sum(), length)
    voiced = pitch > 0
    if voiced.sum() < 3:
        return None
    # Pitch is interpolated through unvoiced frames, so that it has no jumps.
    places = np.where(voiced)[0]
    smooth = np.interp(np.arange(length), places, pitch[places])
    smooth = TEACHER_PITCH + (smooth - TEACHER_PITCH) * PITCH_RANGE
    smooth = smooth + question_rises(phrases, lines, states, length)
    columns = [smooth[:, None], voiced[:, None].astype(float), noise_limits(phones)[:, None]]
    frames = np.concatenate([cepstra, *columns], 1)
    durations, frames = trim(durations, frames, states, end_index(phrases[-1], symbols))
    return durations, frames.astype(np.float16)


def trim(durations, frames, states, last):
    """Shortens the silence at both ends."""
    cut = max(durations[0] - HEAD_FRAMES, 0)
    frames = frames[cut:]
    durations[0] -= cut
    cut = max(int(states[-1].sum()) - TAIL_FRAMES, 0)
    if cut:
        frames = frames[:-cut]
        durations[last] -= cut
    assert durations.sum() == len(frames) and (durations >= 0).all()
    return durations, frames


class Corpus:
    """The utterances, one by one, and how many failed."""

    def __init__(self):
        self.ids, self.durations, self.frames, self.texts = [], [], [], []
        self.failed = 0

    def add(self, front, teacher, symbols, to_ids):
        made = self.make(front, teacher, symbols)
        ids = [i for i in to_ids(symbols) if i != 0]
        if made is None or len(ids) != len(made[0]):
            self.failed += 1
            return
        self.ids.append(np.array(ids, np.int16))
        self.durations.append(made[0].astype(np.int16))
        self.frames.append(made[1])
        self.texts.append("".join(symbols))

    @staticmethod
    def make(front, teacher, symbols):
        phrases = front.parse(symbols)
        if not phrases:
            return None
        lines = labels(phrases)
        parameters = teacher.parameters(lines)
        return parameters and utterance(symbols, phrases, lines, parameters)

    def hours(self):
        return sum(len(frames) for frames in self.frames) * FRAME_SECONDS / 3600

    def save(self, folder):
        folder.mkdir(parents=True, exist_ok=True)
        np.save(folder / "ids.npy", np.concatenate(self.ids))
        np.save(folder / "durations.npy", np.concatenate(self.durations))
        np.save(folder / "frames.npy", np.concatenate(self.frames))
        np.save(folder / "id_counts.npy", np.array([len(ids) for ids in self.ids]))
        np.save(folder / "frame_counts.npy", np.array([len(f) for f in self.frames]))
        text = json.dumps(self.texts, ensure_ascii=False)
        (folder / "texts.json").write_text(text, encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--text", type=Path, required=True, help="one line of text a line")
    parser.add_argument("--teacher", type=Path, required=True, help="teacher.c, compiled")
    parser.add_argument("--out", type=Path, required=True, help="folder for the features")
    options = parser.parse_args()

    from piper.phoneme_ids import phonemes_to_ids

    front, teacher, corpus = FrontEnd(), Teacher(options.teacher), Corpus()
    for number, line in enumerate(options.text.read_text(encoding="utf-8").strip().split("\n")):
        for symbols in front.sentences(line):
            if any(symbol.isalpha() for symbol in symbols):
                corpus.add(front, teacher, symbols, phonemes_to_ids)
        if number % 1000 == 0:
            print(f"line {number}: {len(corpus.ids)} utterances, {corpus.hours():.2f} h", flush=True)
    corpus.save(options.out)
    print(f"{len(corpus.ids)} utterances, {corpus.failed} failed, {corpus.hours():.2f} hours")


if __name__ == "__main__":
    main()
