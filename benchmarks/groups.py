"""The comparisons with piper-tts: groups of rows, each with its task.

A row has two columns, `a` and `b`, of one value per round, taken by turns; what
counts is the median of a/b. `goal` is the most that ratio should be, `limit` the
most that `a` should be.
"""

from dataclasses import dataclass, field
from pathlib import Path

import page
from measuring import core_counts
from peers import LONG, SHORT, long_text

BATCH_ITEMS = 12
# For each voice.
MANY_ITEMS = 7
OURS_AND_THEIRS = ["piper-rs", "piper-tts"]


@dataclass
class Goals:
    """The most that ratios to piper-tts should be."""

    cold: float
    warm_short: float | None
    warm_long: float
    warm_last: float | None
    time: float
    cpu: float
    memory: float
    load: float


# Of all voices, and of the trained one by the precision of its decoder.
OF_ALL = Goals(0.15, None, 0.22, None, 0.68, 0.70, 0.30, 0.20)
OF_TRAINED = {
    "bf16": Goals(0.08, 0.15, 0.08, 0.6, 0.30, 0.30, 0.25, 0.02),
    "fp32": Goals(0.10, 0.25, 0.15, 0.95, 0.52, 0.52, 0.30, 0.02),
}


@dataclass
class Row:
    subject: str
    what: str
    unit: str
    cores: int
    a: list = field(default_factory=list)
    b: list = field(default_factory=list)
    goal: float | None = None
    limit: float | None = None
    columns: list = field(default_factory=lambda: OURS_AND_THEIRS)
    note: str = ""

    def add(self, a, b):
        self.a.append(a)
        if b is not None:
            self.b.append(b)


@dataclass
class Setting:
    """The setting of a measurement."""

    peers: object
    voices: list
    # For what takes several, however few are measured alone.
    every_voice: list
    rounds: int
    text: Path
    chars: int
    longest: bool
    cores: list

    def prose(self, chars=None):
        return long_text(self.text, chars or self.chars)

    def goals(self, voice):
        """The goals of a voice, which is prepared."""
        if voice.stem != page.TRAINED:
            return OF_ALL
        return OF_TRAINED[self.peers.decoder_precision(voice)]

    def per_voice(self):
        for voice in self.voices:
            self.peers.prepare(voice)
            for cores in self.cores:
                yield voice, voice.stem, cores


def cold(at):
    """A new process, the voice on disk, one sentence."""
    for voice, name, cores in at.per_voice():
        for label, text, goal in [("short", SHORT, at.goals(voice).cold), ("long", LONG, None)]:
            label = f"{label} sentence, new process"
            first = Row(name, f"{label}: first audio", "s", cores, goal=goal)
            wall = Row(name, f"{label}: whole run", "s", cores)
            cpu = Row(name, f"{label}: CPU", "s", cores)
            for _ in range(at.rounds):
                ours = at.peers.raw("ours", voice, text, cores)
                theirs = at.peers.raw("theirs", voice, text, cores)
                first.add(ours.first, theirs.first)
                wall.add(ours.wall, theirs.wall)
                cpu.add(ours.cpu, theirs.cpu)
            yield from (first, wall, cpu)


def warm(at):
    """A long-running process that has spoken before."""
    for voice, name, cores in at.per_voice():
        kept = [at.peers.kept(who, voice, cores) for who in ("ours", "theirs")]
        goals = at.goals(voice)
        of_short = (goals.warm_short, goals.warm_last)
        for label, text, of_text in [("short", SHORT, of_short), ("long", LONG, (goals.warm_long, None))]:
            label = f"{label} sentence, voice loaded"
            first = Row(name, f"{label}: first audio", "s", cores, goal=of_text[0])
            last = Row(name, f"{label}: last audio", "s", cores, goal=of_text[1])
            for _ in range(at.rounds):
                (ours_first, ours_last), (their_first, their_last) = (k.say(text) for k in kept)
                first.add(ours_first, their_first)
                last.add(ours_last, their_last)
            yield from (first, last)
        for process in kept:
            process.close()


def long(at):
    """A long text, from a file to a file."""
    text = at.prose()
    for voice, name, cores in at.per_voice():
        label = f"{len(text)} characters to a file"
        all_cores = cores == core_counts()[-1]
        wall = Row(name, f"{label}: time for a second of speech", "s", cores)
        goals = at.goals(voice)
        wall.goal = goals.time if cores == 2 else None
        cpu = Row(name, f"{label}: CPU for a second of speech", "s", cores, goal=goals.cpu)
        memory = Row(name, f"{label}: peak memory", "MB", cores, goal=goals.memory if all_cores else None)
        for _ in range(at.rounds):
            ours, our_audio = at.peers.file("ours", voice, text, cores)
            theirs, their_audio = at.peers.file("theirs", voice, text, cores)
            wall.add(ours.wall / our_audio, theirs.wall / their_audio)
            cpu.add(ours.cpu / our_audio, theirs.cpu / their_audio)
            memory.add(ours.peak_mb, theirs.peak_mb)
        yield from (wall, cpu, memory)


def memory(at):
    """Ten and a hundred times the long text: does memory stay the same?

    Memory hardly varies and these runs are long: once each.
    """
    cores = core_counts()[-1]
    short, ten = at.prose(), at.prose(10 * at.chars)
    columns = [f"{len(ten)} characters", f"{len(short)} characters"]
    for voice in at.voices:
        at.peers.prepare(voice)
        row = Row(voice.stem, "peak memory, to a file", "MB", cores, goal=1.10, columns=columns)
        costs = [at.peers.file("ours", voice, text, cores)[0] for text in (ten, short)]
        row.add(*(cost.peak_mb for cost in costs))
        yield row
        if at.longest:
            row = Row(voice.stem, f"{len(ten)} characters to a file: peak memory", "MB", cores)
            theirs, _ = at.peers.file("theirs", voice, ten, cores)
            row.add(costs[0].peak_mb, theirs.peak_mb)
            yield row


def million(at):
    """The same with the built-in voice, a hundred times the long text."""
    cores = core_counts()[-1]
    texts = (at.prose(100 * at.chars), at.prose())
    columns = [f"{len(text)} characters" for text in texts]
    row = Row("built-in", "peak memory, to --raw", "MB", cores, goal=1.10, columns=columns)
    row.add(*(at.peers.raw("ours", None, text, cores).peak_mb for text in texts))
    yield row


def load(at):
    """Loading a voice in a process that has loaded it before."""
    for voice, name, cores in at.per_voice():
        stock = Row(name, "load, stock model", "ms", cores)
        prepared = Row(name, "load, prepared", "ms", cores, goal=at.goals(voice).load)
        cached = Row(name, "load, cached", "ms", cores)
        for _ in range(at.rounds):
            ours = at.peers.bench(voice, cores)["load"]
            theirs = at.peers.their_load_ms(voice, cores)
            for row, key in [(stock, "stock_ms"), (prepared, "prepared_ms"), (cached, "cached_ms")]:
                row.add(ours[key]["median"], theirs)
        yield from (stock, prepared, cached)


def batch(at):
    """Many texts with many voices."""
    lines = [f"Sentence number {n}. {SHORT}" for n in range(BATCH_ITEMS)]
    at.peers.batch("ours", at.every_voice, lines)  # prepares the voices
    label = f"{BATCH_ITEMS} texts with {len(at.every_voice)} voices"
    wall, cpu = Row("batch", f"{label}: time", "s", 2), Row("batch", f"{label}: CPU", "s", 2)
    peak = Row("batch", f"{label}: peak memory", "MB", 2)
    for _ in range(at.rounds):
        sides = [at.peers.batch(who, at.every_voice, lines) for who in ("ours", "theirs")]
        wall.add(*(sum(cost.wall for cost in side) for side in sides))
        cpu.add(*(sum(cost.cpu for cost in side) for side in sides))
        peak.add(*(max(cost.peak_mb for cost in side) for side in sides))
    yield from (wall, cpu, peak)


def many(at):
    """Does a batch need more memory for a hundred times the texts?"""
    voices = at.every_voice
    batches = [[f"Item {n}." for n in range(count)] for count in (100 * MANY_ITEMS, MANY_ITEMS)]
    columns = [f"{len(lines) * len(voices)} texts" for lines in batches]
    for voice in voices:
        at.peers.prepare(voice)
    subject = f"{len(voices)} voices"
    row = Row(subject, "batch: peak memory", "MB", 2, goal=1.10, columns=columns)
    costs = [at.peers.batch("ours", voices, lines)[0] for lines in batches]
    row.add(*(cost.peak_mb for cost in costs))
    yield row
