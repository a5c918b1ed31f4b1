"""Results to BENCHMARKS.md: tables, goals met and missed, two plots."""

import json
import statistics

import plot

TITLES = {
    "cold": "Started anew",
    "warm": "Voice loaded",
    "long": "A long text",
    "memory": "Memory",
    "million": "A million characters",
    "load": "Loading a voice",
    "batch": "Many texts by several voices",
    "many": "A batch of a hundred times the texts",
    "switches": "Each feature, with and without",
    "design": "The original design's table",
}
EXPLAINED = {
    "cold": "A new process for each sentence, the voice's file in the system's cache.",
    "warm": "One kept process each, from writing a line into it to hearing from it: `piper-rs "
    "interactive --raw`, and a Python process that loads the voice once, calls "
    "`PiperVoice.synthesize` and writes each sentence as it comes.",
    "long": "From a text file into a WAV file.",
    "memory": "Does memory grow with the text? One run each, for it hardly varies. The ratio is "
    "of the longer text to the shorter.",
    "million": "The same with the voice that is built in, which nothing cuts or prepares.",
    "load": "In a process that has loaded the voice before: `piper-rs bench` and "
    "`PiperVoice.load`, which has only one way.",
    "batch": "piper-rs in one process, piper-tts in one process for each voice, which is its "
    "fastest way.",
    "many": "Short texts by each voice, by turns. One run each.",
    "switches": "piper-rs alone. Below 1: the feature takes less.",
    "design": "What was promised of the buffer pool, streaming and the voice cache together, "
    "on this machine; piper-rs with them and without, but where the columns say otherwise. "
    "\u201cWithout\u201d means `--no-prepare --pool-size 0`, for the long text also sentences "
    "uncut, for switching a cache of one voice.",
}


def ratios(row):
    return [a / b for a, b in zip(row["a"], row["b"]) if b]


def number(value, unit):
    shown = f"{value:.0f}" if value >= 1000 else f"{value:.3g}"
    return f"{shown} {unit}".strip()


def spread(values):
    return f"{min(values):.2g}\u2013{max(values):.2g}"


def verdict(row):
    """The goal with whether it was reached."""
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
    """A row in one line, to watch the work by."""
    a, b, ratio, spread_, goal = cells(row)
    return f"{row['subject']}, {row['cores']} cores: {row['what']}: {a} / {b} = {ratio} {spread_} {goal}"


def table(rows):
    """Rows under their columns' names; a new head where those change."""
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


def voices_of(groups):
    """What the voices are."""
    subjects = {row["subject"] for group in groups.values() for row in group["rows"]}
    if "tiny" in subjects:
        return (
            "The voices are those\nof the tests, far smaller than any real one: these figures show "
            "that the measuring\nworks, and little more."
        )
    return (
        "The voices\n`x_low`, `medium` and `medium_multi` have Piper's real architectures with "
        "random\nweights: the work is the same, the sound is not speech."
    )


def section(name, group):
    told = (
        f"{group['date']}, {rounds_of([group])}, {group['seconds']} s in all, load "
        f"{group['load']} at the start."
    )
    rows = sorted(group["rows"], key=lambda row: (row["columns"], row["subject"]))
    return f"## {TITLES[name]}\n\n{EXPLAINED[name]} ({told})\n\n{table(rows)}\n"


def micro(folder):
    """What criterion measured, if it has."""
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
    """Writes the plots beside the benchmarks; returns what shows them."""
    shown = []
    for name, draw, told in [
        ("first-sound", plot.first_sound, "How soon one hears something"),
        ("ratios", plot.goals, "What piper-rs takes of what piper-tts takes, and the goals"),
    ]:
        if drawing := draw(groups):
            file = out.parent / "benches" / f"{name}.svg"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(drawing)
            shown.append(f"![{told}](benchmarks/{name}.svg)\n")
    return "\n".join(shown)


def write(results, out, criterion):
    groups = results["groups"]
    machines = sorted({group["machine"] for group in groups.values()})
    dates = sorted({group["date"] for group in groups.values()})
    parts = [
        f"""# Benchmarks

piper-rs and piper-tts 1.8.0, the same voice and text, by turns; made by `make
bench`, which runs `benchmarks/peer.py` and writes this page. Medians of
{rounds_of(groups.values())}, {" to ".join(sorted({dates[0], dates[-1]}))}.

Machine: {"; ".join(machines)}. What counts is
the *ratio* within a round (below 1: the first column takes less); its *range*
over the rounds, least to most, says how noisy it was. A process runs on the
*cores* given, and on no other. CPU is user and system time of the whole process,
memory its largest resident size, mapped files included. piper-tts has its own
defaults; piper-rs makes no pauses here, for piper-tts makes none. {voices_of(groups)}

{goals(groups)}
""",
        pictures(groups, out),
        *(section(name, groups[name]) for name in TITLES if name in groups),
        micro(criterion),
    ]
    out.write_text("\n".join(part for part in parts if part))
