"""The virtual environment with piper-tts, created at the first use."""

import json
import subprocess
import sys
import wave
from array import array
from pathlib import Path

from cases import ROOT

HERE = Path(__file__).resolve().parent
FOLDER = ROOT / ".deps/oracle"
PACKAGES = ["piper-tts==1.8.0", "onnxruntime==1.32.0"]


def python():
    """The interpreter with piper-tts; installs it if it is missing."""
    interpreter = FOLDER / "bin/python"
    ready = FOLDER / "ready"
    wanted = "\n".join(PACKAGES)
    if not ready.exists() or ready.read_text() != wanted:
        print(f"installing {' '.join(PACKAGES)} into {FOLDER}", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", FOLDER], check=True)
        pip = [interpreter, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, *PACKAGES], check=True)
        ready.write_text(wanted)
    return interpreter


def speak(jobs, *arguments):
    """Runs piper-tts on `jobs`; returns the output of reference.py."""
    command = [python(), HERE / "reference.py", *arguments]
    run = subprocess.run(command, input=json.dumps(jobs), stdout=subprocess.PIPE, text=True)
    if run.returncode:
        sys.exit(f"piper-tts failed with exit code {run.returncode}")
    return json.loads(run.stdout)


def speaker_count(voice):
    return json.loads(Path(f"{voice}.json").read_text(encoding="utf-8"))["num_speakers"]


def read_wav(path):
    """(sample rate, samples) of a mono 16-bit file."""
    with wave.open(str(path), "rb") as file:
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2), path
        samples = array("h", file.readframes(file.getnframes()))
        if sys.byteorder == "big":
            samples.byteswap()
        return file.getframerate(), samples
