"""The effect of each feature of piper-rs: rows with it and without it."""

from groups import Row
from measuring import core_counts
from peers import LONG, SHORT

WITH_AND_WITHOUT = ["with", "without"]
# Without what the original design calls its three optimisations.
NOTHING_KEPT = ["--no-prepare", "--pool-size", "0"]
# As much of a text at once as any inference is given.
NOT_CUT = ["--no-sentences", "--no-paragraphs", "--chunk-size", "1000000"]
EXCERPT_CHARS = 2000


def row(voice, what, unit, cores, **more):
    return Row(voice.stem, what, unit, cores, columns=WITH_AND_WITHOUT, **more)


def switches(at):
    """One feature at a time, disabled; piper-rs alone."""
    cores = core_counts()[-1]
    text = at.prose(EXCERPT_CHARS)
    label = f"{len(text)} characters to a file"
    for voice in at.voices:
        at.peers.prepare(voice)
        first = row(voice, "prepared: first audio, short sentence, new process", "s", cores)
        long_first = row(voice, "prepared: first audio, long sentence, new process", "s", cores)
        for _ in range(at.rounds):
            for of, sentence in [(first, SHORT), (long_first, LONG)]:
                sides = ([], ["--no-prepare"])
                costs = [at.peers.raw("ours", voice, sentence, cores, flags) for flags in sides]
                of.add(*(cost.first for cost in costs))
        yield from (first, long_first)
        # name, flags with it, flags without it
        cases = [
            ("prepared", [], ["--no-prepare"]),
            ("2 threads, not 1", ["--threads", "2"], ["--threads", "1"]),
            ("buffer pool", [], ["--pool-size", "0"]),
            ("4 blocks ahead, not 1", [], ["--ahead", "1"]),
        ]
        for name, *sides in cases:
            yield from switched(at, voice, cores, f"{name}: {label}", text, sides)
        yield from paces(at, voice, cores, text)


def switched(at, voice, cores, label, text, sides):
    wall = row(voice, f"{label}: time for a second of speech", "s", cores)
    cpu = row(voice, f"{label}: CPU for a second of speech", "s", cores)
    peak = row(voice, f"{label}: peak memory", "MB", cores)
    for _ in range(at.rounds):
        costs = [at.peers.file("ours", voice, text, cores, flags) for flags in sides]
        wall.add(*(cost.wall / audio for cost, audio in costs))
        cpu.add(*(cost.cpu / audio for cost, audio in costs))
        peak.add(*(cost.peak_mb for cost, _ in costs))
    yield from (wall, cpu, peak)


def paces(at, voice, cores, text):
    """The larger windows for a file, compared with the smaller ones for a pipe."""
    columns = ["file", "pipe"]
    cpu = row(voice, "large windows: CPU for a second of speech", "s", cores)
    wall = row(voice, "large windows: time for a second of speech", "s", cores)
    cpu.columns = wall.columns = columns
    for _ in range(at.rounds):
        file, audio = at.peers.file("ours", voice, text, cores)
        pipe = at.peers.statistics(voice, text, cores)["stream"]
        cpu.add(file.cpu / audio, pipe["cpu_seconds"] / pipe["audio_seconds"])
        wall.add(file.wall / audio, pipe["wall_seconds"] / pipe["audio_seconds"])
    yield from (wall, cpu)


def design(at):
    """The table of the original design document, row by row."""
    cores = core_counts()[-1]
    text = at.prose()
    for voice in at.voices:
        at.peers.prepare(voice)
        yield from first_and_next(at, voice, cores)
        yield from long_and_flat(at, voice, cores, text)
        yield pool(at, voice, cores)
        yield stopping(at, voice, cores, text)
    if len(at.every_voice) > 1:
        yield from switching(at, cores)


def first_and_next(at, voice, cores):
    cold = row(voice, "first synthesis (cold), short sentence", "s", cores)
    for _ in range(at.rounds):
        costs = [at.peers.raw("ours", voice, SHORT, cores, f) for f in ([], NOTHING_KEPT)]
        cold.add(*(cost.wall for cost in costs))
    yield cold
    kept = [at.peers.kept("ours", voice, cores, flags) for flags in ([], NOTHING_KEPT)]
    first = row(voice, "subsequent synthesis (warm), short sentence: first audio", "s", cores)
    last = row(voice, "subsequent synthesis (warm), short sentence: last audio", "s", cores)
    for _ in range(at.rounds):
        with_it, without = (process.say(SHORT) for process in kept)
        first.add(with_it[0], without[0])
        last.add(with_it[1], without[1])
    for process in kept:
        process.close()
    yield from (first, last)


def long_and_flat(at, voice, cores, text):
    note = "without: as little splitting and reuse as the program allows"
    label = f"long text ({len(text)} characters)"
    wall = row(voice, f"{label}: time for a second of speech", "s", cores, goal=0.75, note=note)
    peak = row(voice, f"{label}: peak memory", "MB", cores, goal=0.20, note=note)
    for _ in range(at.rounds):
        sides = ([], [*NOTHING_KEPT, *NOT_CUT])
        costs = [at.peers.file("ours", voice, text, cores, flags) for flags in sides]
        wall.add(*(cost.wall / audio for cost, audio in costs))
        peak.add(*(cost.peak_mb for cost, _ in costs))
    yield from (wall, peak)


def pool(at, voice, cores):
    saved = row(voice, "buffers allocated for 100 acquired", "", cores, goal=0.30)
    text = at.prose(EXCERPT_CHARS)
    for _ in range(at.rounds):
        sides = ([], ["--pool-size", "0"])
        stats = [at.peers.statistics(voice, text, cores, flags)["pool"] for flags in sides]
        saved.add(*(100 * side["allocated"] / side["acquired"] for side in stats))
    return saved


def stopping(at, voice, cores, text):
    """Ctrl-C in the middle of a text."""
    stop = Row(voice.stem, "from Ctrl-C to the end of the process", "ms", cores, limit=100)
    for _ in range(at.rounds):
        stop.add(*(1000 * at.peers.interrupted(w, voice, text, cores) for w in ("ours", "theirs")))
    return stop


def switching(at, cores):
    voices = at.every_voice
    for voice in voices:
        at.peers.prepare(voice)
    together = f"{len(voices)} voices"
    switch = Row(together, "voice switching", "ms", cores, limit=1.0, columns=WITH_AND_WITHOUT)
    memory = Row(together, "peak memory, one sentence by each", "MB", cores, columns=WITH_AND_WITHOUT)
    beside = Row(together, "peak memory, one sentence by each", "MB", cores)
    for _ in range(at.rounds):
        kept, cost = at.peers.session(voices, cores, ["--cache-voices", str(len(voices))])
        # The second time round all are loaded.
        kept = kept[len(voices) :]
        forgotten, _ = at.peers.session(voices, cores, ["--cache-voices", "1", "--no-prepare"])
        forgotten = forgotten[len(voices) :]
        switch.add(sum(kept) / len(kept), sum(forgotten) / len(forgotten))
        flags = ["--cache-voices", str(len(voices)), *NOTHING_KEPT]
        _, whole = at.peers.session(voices, cores, flags)
        memory.add(cost.peak_mb, whole.peak_mb)
        beside.add(cost.peak_mb, at.peers.their_session(voices, cores).peak_mb)
    yield from (switch, memory, beside)
