"""Writes the results to BENCHMARKS.md: tables, goals met and missed, two plots."""

import json
import statistics
from dataclasses import dataclass

import plot

NATURAL = "en_US-heart-medium"
TRAINED = "en_US-joe-medium"

TITLES = {
    "cold": "New process",
    "warm": "Voice loaded",
    "long": "A long text",
    "memory": "Memory",
    "million": "A million characters",
    "load": "Loading a voice",
    "batch": "Many texts with several voices",
    "many": "A batch with a hundred times the texts",
    "switches": "Each feature, with and without",
    "design": "The goals of the original design",
}
EXPLAINED = {
    "cold": "A new process for each sentence, the voice's file in the system's cache.",
    "warm": "One long-running process each, from the line that is written to the audio that is "
    "read: `piper-rs interactive --raw`, and a Python process that loads the voice once, "
    "calls `PiperVoice.synthesize` and writes each sentence when it is complete.",
    "long": "From a text file to a WAV file.",
    "memory": "Does memory grow with the text? One run each, since it hardly varies. The ratio is "
    "that of the longer text to the shorter one.",
    "million": "The same with the built-in voice, which is neither split nor prepared.",
    "load": "In a process that has loaded the voice before: `piper-rs bench`, and "
    "`PiperVoice.load`, which has only one form.",
    "batch": "piper-rs in one process, piper-tts in one process per voice, which is its fastest "
    "form.",
    "many": "Short texts, the voices by turns. One run each.",
    "switches": "piper-rs alone. Below 1: the feature takes less.",
    "design": "What the original design promised of buffer pool, streaming and voice cache together, "
    "on this machine: piper-rs with them and without, unless the columns say otherwise. "
    "\u201cWithout\u201d means `--no-prepare --pool-size 0`; for the long text also unsplit "
    "sentences, for switching a cache of one voice.",
}


def ratios(row):
    return [a / b for a, b in zip(row["a"], row["b"]) if b]


def number(value, unit):
    shown = f"{value:.0f}" if value >= 1000 else f"{value:.3g}"
    return f"{shown} {unit}".strip()


def spread(values):
    return f"{min(values):.2g}\u2013{max(values):.2g}"


def verdict(row):
    """The goal, and whether it was met."""
    if row["goal"] is not None and ratios(row):
        met = statistics.median(ratios(row)) <= row["goal"]
        return f"{row['goal']:g} {'met' if met else '**missed**'}"
    if row["limit"] is not None:
        met = statistics.median(row["a"]) <= row["limit"]
        return f"{number(row['limit'], row['unit'])} {'met' if met else '**missed**'}"
    return ""


def cells(row):
    a, b = (number(statistics.median(row[c]), row["unit"]) if row[c] else "\u2013" for c in "ab")
    found = ratios(row)
    ratio = f"**{statistics.median(found):.2g}**" if found else "\u2013"
    return [a, b, ratio, spread(found) if found else "\u2013", verdict(row)]


def line(row):
    """A row in one line, for progress messages."""
    a, b, ratio, spread_, goal = cells(row)
    return f"{row['subject']}, {row['cores']} cores: {row['what']}: {a} / {b} = {ratio} {spread_} {goal}"


def table(rows):
    """Rows under the names of their columns; a new header when those change."""
    lines, columns = [], None
    for row in rows:
        if row["columns"] != columns:
            columns = row["columns"]
            lines += ["", f"| voice | cores | what | {columns[0]} | {columns[1]} | ratio | range | goal |"]
            lines += ["|---|---:|---|---:|---:|---:|---:|---|"]
        what = row["what"] + (f" ({row['note']})" if row["note"] else "")
        lines.append("| " + " | ".join([row["subject"], str(row["cores"]), what, *cells(row)]) + " |")
    return "\n".join(lines).strip()


def goals(groups):
    """All rows with a goal, the missed ones first."""
    names = [name for name in TITLES if name in groups]
    rows = [row for name in names for row in groups[name]["rows"] if verdict(row)]
    missed = [row for row in rows if "missed" in verdict(row)]
    head = f"{len(rows) - len(missed)} of {len(rows)} goals are met."
    if missed:
        head += " Missed:\n\n" + table(missed)
    return head


def rounds_of(groups):
    counts = sorted({group["rounds"] for group in groups})
    return " or ".join(map(str, counts)) + (" round" if counts == [1] else " rounds")


@dataclass
class Kind:
    """What a page is about."""

    title: str
    # How it came about.
    made: str
    # Plots, and the times of single parts.
    has_extras: bool = True


ALL_VOICES = Kind("Benchmarks", "`make bench`\nruns `benchmarks/peer.py`, which writes this page.")
DEFAULT_VOICE = Kind(
    "Benchmarks of the default voice",
    f"`benchmarks/peer.py`\nwrites this page, with `--voice {NATURAL}`.",
    has_extras=False,
)
TRAINED_VOICE = Kind(
    "Benchmarks of a trained stock voice",
    f"`benchmarks/peer.py`\nwrites this page, with `--voice {TRAINED}`.",
    has_extras=False,
)


def subjects_of(groups):
    return {row["subject"] for group in groups.values() for row in group["rows"]}


def voices_of(groups):
    """A description of the voices."""
    subjects = subjects_of(groups)
    if subjects == {NATURAL}:
        return "The voice is the\ndefault voice."
    if subjects == {TRAINED}:
        return "The voice is\nof medium quality and of one speaker."
    if "tiny" in subjects:
        return (
            "The voices are those\nof the tests, far smaller than any real one: these figures only show "
            "that the\nbenchmarks work."
        )
    return (
        "The voices\n`x_low`, `medium` and `medium_multi` have Piper's real architectures with "
        "random\nweights: the work is the same, but the audio is not speech. `en_US-joe-medium` is "
        "trained,\nand so is the default voice."
    )


def section(name, group):
    told = (
        f"{group['date']}, {rounds_of([group])}, {group['seconds']} s in all, load "
        f"{group['load']} at the start."
    )
    rows = sorted(group["rows"], key=lambda row: (row["columns"], row["subject"]))
    return f"## {TITLES[name]}\n\n{EXPLAINED[name]} ({told})\n\n{table(rows)}\n"


def micro(folder):
    """What criterion measured, if anything."""
    rows = []
    for file in sorted(folder.glob("**/new/estimates.json")):
        found = json.loads((file.parent / "benchmark.json").read_text())
        estimates = json.loads(file.read_text())
        median, error = (estimates["median"][key] for key in ("point_estimate", "standard_error"))
        amount = found["throughput"] or {}
        rate = "".join(f"{n / median:.3g} G{unit.lower()}/s" for unit, n in amount.items())
        rows.append(f"| {found['full_id']} | {time(median)} | \u00b1 {time(error)} | {rate} |")
    if not rows:
        return ""
    head = "| what | median | error | throughput |\n|---|---:|---:|---:|\n"
    told = "Single parts, by criterion (`cargo bench --bench micro`)."
    return f"## Single parts\n\n{told}\n\n{head}" + "\n".join(rows) + "\n"


def time(nanoseconds):
    for size, unit in [(1e9, "s"), (1e6, "ms"), (1e3, "\u00b5s")]:
        if nanoseconds >= size:
            return f"{nanoseconds / size:.3g} {unit}"
    return f"{nanoseconds:.3g} ns"


def pictures(groups, out):
    """Writes the plots; returns the Markdown that shows them."""
    shown = []
    for name, draw, told in [
        ("first-sound", plot.first_sound, "Time to the first audio"),
        ("ratios", plot.goals, "Cost of piper-rs relative to piper-tts, and the goals"),
    ]:
        if drawing := draw(groups):
            file = out.parent / "benchmarks" / f"{name}.svg"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(drawing)
            shown.append(f"![{told}](benchmarks/{name}.svg)\n")
    return "\n".join(shown)


def write(results, out, criterion):
    groups = results["groups"]
    alone = {NATURAL: DEFAULT_VOICE, TRAINED: TRAINED_VOICE}
    subjects = subjects_of(groups)
    kind = alone.get(*subjects, ALL_VOICES) if len(subjects) == 1 else ALL_VOICES
    machines = sorted({group["machine"] for group in groups.values()})
    dates = sorted({group["date"] for group in groups.values()})
    parts = [
        f"""# {kind.title}

piper-rs and piper-tts 1.8.0 with the same voice and text, by turns. {kind.made}
Medians of {rounds_of(groups.values())}, {" to ".join(sorted({dates[0], dates[-1]}))}.

Machine: {"; ".join(machines)}. The figure that
matters is the *ratio* within a round (below 1: the first column is lower); its
*range* over the rounds, minimum to maximum, shows the noise. A process runs only on
the given *cores*. CPU is user and system time of the whole process, memory its peak
resident size including mapped files. piper-tts has its own defaults; piper-rs makes
no pauses here, since piper-tts makes none. {voices_of(groups)}

{goals(groups)}
""",
        pictures(groups, out) if kind.has_extras else "",
        *(section(name, groups[name]) for name in TITLES if name in groups),
        micro(criterion) if kind.has_extras else "",
    ]
    out.write_text("\n".join(part for part in parts if part))
