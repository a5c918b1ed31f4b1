#!/usr/bin/env python3
"""Records the samples of piper-tts 1.8.0: references.json and references.s16.

    tests/oracle/record.py

Does not need piper-rs: the phonemes are those of cases.py. README.md describes the files.
"""

import argparse
import json
import math
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

import environment
from cases import CASES, SHARED, SPOKEN, TINY

STRIDE = 97  # prime, so that it never keeps step with a frame of 256 samples
COMPLETE_UP_TO = 30_000  # samples; longer ones are summarised, to keep the files small


def cases_for(voice):
    """The cases to record; for a voice with several speakers only those that depend on the speaker."""
    cases = [case for case in CASES if case.recorded]
    if environment.speaker_count(voice) > 1:
        return [case for case in cases if case.speakers or case.name == "statement"]
    return [case for case in cases if not case.speakers]


def jobs_for(voice, folder):
    return [
        {
            "voice": str(voice),
            "lines": case.lines,
            "arguments": case.settings.for_piper(),
            "out": str(folder / f"{voice.stem}-{number}.wav"),
            "spoken": SPOKEN,
        }
        for number, case in enumerate(cases_for(voice))
    ]


def reference(voice, case, sentences, rate, samples):
    """The fields of both kinds of reference."""
    return {
        "voice": voice.name.removesuffix(".onnx"),
        "case": case.name,
        "lines": list(case.lines),
        "sentences": sentences,
        "settings": asdict(case.settings),
        "sample_rate": rate,
        "samples": len(samples),
    }


def summary(samples):
    rms = math.sqrt(sum(s * s for s in samples) / len(samples))
    return {"rms": round(rms, 3), "every": STRIDE, "picked": list(samples[::STRIDE])}


def little_endian(samples):
    if sys.byteorder == "big":
        samples.byteswap()
    return samples.tobytes()


def record(voices, folder):
    """References in order, and the bytes of the complete ones."""
    references, pcm = [], bytearray()
    for voice in voices:
        if not voice.exists():
            sys.exit(f"there is no {voice}: a recording needs all voices")
        jobs = jobs_for(voice, folder)
        said = environment.speak(jobs)
        for job, case, sentences in zip(jobs, cases_for(voice), said):
            rate, samples = environment.read_wav(job["out"])
            entry = reference(voice, case, sentences, rate, samples)
            if voice in TINY and len(samples) <= COMPLETE_UP_TO:
                entry["offset"] = len(pcm)
                pcm += little_endian(samples)
            else:
                entry |= summary(samples)
            references.append(entry)
    return references, bytes(pcm)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, default=environment.HERE, help="folder for the files")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        references, pcm = record(TINY + SHARED, Path(folder))
    # One reference per line, for readable diffs.
    rows = ",\n".join(json.dumps(entry, ensure_ascii=False) for entry in references)
    text = f'{{"made_with": {json.dumps(environment.PACKAGES)}, "references": [\n{rows}\n]}}\n'
    (options.out / "references.json").write_text(text, encoding="utf-8")
    (options.out / "references.s16").write_bytes(pcm)
    print(f"{len(references)} references, {len(pcm)} bytes of samples, {len(text.encode())} of JSON")


if __name__ == "__main__":
    main()
