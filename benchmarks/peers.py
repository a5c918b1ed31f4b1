"""The two programs, their voices, and the texts."""

import json
import os
import sys
import wave
from pathlib import Path

from measuring import Kept, interrupted, measure

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/oracle"))

import environment  # noqa: E402

SHORT = "This is a short sentence to begin with."
LONG = (
    "When the last of the visitors had gone, and the lamps along the quay were lit one "
    "after another, the old man closed the shutters, sat down beside the window, and began to read."
)
# piper-tts makes no pauses between sentences unless asked to.
NO_PAUSES = ["--sentence-silence", "0", "--paragraph-silence", "0"]


def long_text(path, chars):
    """`chars` characters of prose in one line, which both programs read alike."""
    prose = path.read_text(encoding="utf-8") if path.exists() else made_up()
    line = " ".join(prose.split()) + " "
    return (line * (chars // len(line) + 1))[:chars].rsplit(" ", 1)[0]


def made_up():
    """Sentences of many lengths, if there is no corpus."""
    who = ["The captain", "A tired traveller", "My neighbour's youngest daughter", "Nobody"]
    does = ["opened the door", "counted the boats in the harbour", "wrote a letter", "laughed"]
    when = ["before sunrise", "while the rain went on and on", "that evening", "without a word"]
    return " ".join(f"{w} {d} {t}." for d in does for t in when for w in who)


class Peers:
    """piper-rs, piper-tts, and their output folder."""

    def __init__(self, program, folder):
        self.ours = Path(program).resolve()
        self.python = environment.python()
        self.theirs = self.python.parent / "piper"
        self.folder = Path(folder)
        # Prepared voices of this run only, so that nothing is left behind.
        self.environ = {**os.environ, "XDG_CACHE_HOME": str(self.folder / "cache")}

    def prepare(self, voice):
        self.raw("ours", voice, SHORT, 2)

    def raw(self, who, voice, text, cores, flags=()):
        """Speaks a text from a pipe to a pipe."""
        if who == "theirs":
            return measure([self.theirs, "-m", voice, "--output-raw"], text, cores)
        return measure(self.raw_command(voice, flags), text, cores, self.environ)

    def raw_command(self, voice, flags=()):
        return [self.ours, "speak", "--quiet", "-m", voice or "builtin", "--raw", *NO_PAUSES, *flags]

    def file(self, who, voice, text, cores, flags=()):
        """Speaks a text file to a WAV file; returns the cost and the seconds of audio."""
        source, out = self.folder / "text.txt", self.folder / f"{who}.wav"
        source.write_text(text)
        if who == "theirs":
            cost = measure([self.theirs, "-m", voice, "-i", source, "-f", out], "", cores)
        else:
            command = [self.ours, "speak", "--quiet", "-m", voice, "-i", source, "-o", out]
            cost = measure([*command, *NO_PAUSES, *flags], "", cores, self.environ)
        with wave.open(str(out)) as file:
            audio = file.getnframes() / file.getframerate()
        out.unlink()
        return cost, audio

    def statistics(self, voice, text, cores, flags=()):
        """The `--stats` of a text spoken to a pipe."""
        command = self.raw_command(voice, [*flags, "--stats=json"])
        cost = measure(command, text, cores, self.environ, keep_errors=True)
        return json.loads(cost.said.splitlines()[-1])

    def kept(self, who, voice, cores, flags=()):
        """A long-running process with its voice loaded and warm."""
        if who == "theirs":
            kept = Kept([self.python, ROOT / "benchmarks/theirs.py", "serve", voice], cores)
        else:
            command = [self.ours, "interactive", "--quiet", "-m", voice, "--raw"]
            kept = Kept([*command, *NO_PAUSES, *flags], cores, self.environ)
        kept.say(SHORT)
        return kept

    def interrupted(self, who, voice, text, cores):
        if who == "theirs":
            command = [self.theirs, "-m", voice, "--output-raw"]
            return interrupted(command, text, cores, 0.2)
        return interrupted(self.raw_command(voice), text, cores, 0.2, self.environ)

    def bench(self, voice, cores):
        """The output of `piper-rs bench` for a voice."""
        command = [self.ours, "bench", "--quiet", "--json", "--rounds", "1", "-m", voice]
        return json.loads(measure(command, "", cores, self.environ).said)

    def decoder_precision(self, voice):
        """The precision that the program has chosen for a prepared voice."""
        command = [self.ours, "voices", "info", "--json", voice]
        parts = json.loads(measure(command, "", 2, self.environ).said)["parts"]
        decoder = next(part for part in parts if part["part"] == "decoder")
        return (decoder["native"] or {}).get("precision", "fp32")

    def their_load_ms(self, voice, cores):
        command = [self.python, ROOT / "benchmarks/theirs.py", "load", voice, "1"]
        return json.loads(measure(command, "", cores).said)[0]

    def session(self, voices, cores, flags=(), rounds=2):
        """Switches through the voices at the prompt, one sentence each; returns the
        milliseconds of each switch, and the cost of the process."""
        lines = [line for voice in voices for line in (f":voice {voice}", SHORT, ":wait")] * rounds
        out = self.folder / "session.wav"
        command = [self.ours, "interactive", "--json", "-m", voices[-1], "-o", out, *flags]
        cost = measure(command, "\n".join(lines) + "\n", cores, self.environ)
        out.unlink(missing_ok=True)
        replies = map(json.loads, cost.said.splitlines())
        return [reply["ms"] for reply in replies if reply.get("reply") == "voice"], cost

    def their_session(self, voices, cores):
        return measure([self.python, ROOT / "benchmarks/theirs.py", "keep", *voices], "", cores)

    def batch(self, who, voices, lines):
        """The same lines with every voice, each to its own file; piper-tts in its
        fastest form, one process per voice."""
        if who == "theirs":
            command = [self.theirs, "-d", self.folder / "theirs", "-m"]
            return [measure([*command, voice], "\n".join(lines)) for voice in voices]
        manifest, out = self.folder / "manifest.jsonl", self.folder / "ours"
        items = [{"text": line, "voice": str(voice)} for line in lines for voice in voices]
        manifest.write_text("".join(json.dumps(item) + "\n" for item in items))
        options = ["--manifest", manifest, "-d", out, "--name", "{voice}-{n:04}", "--force"]
        options += NO_PAUSES
        return [measure([self.ours, "batch", "--quiet", *options], "", 2, self.environ)]
