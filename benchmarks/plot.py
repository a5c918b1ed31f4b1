"""Plots as SVG, written by hand: bars and a mark need no plotting library, and
the files stay small and the same from run to run.
"""

import statistics
from xml.sax.saxutils import escape

LABEL, BAR, GAP, WIDTH = 330, 14, 10, 420
OURS, THEIRS, GOAL = "#2a7f9e", "#b9b9b9", "#c0392b"


def text(x, y, content, anchor="start", weight="normal"):
    return (
        f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}" font-weight="{weight}">'
        f"{escape(content)}</text>"
    )


def rectangle(x, y, width, height, fill):
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height}" fill="{fill}"/>'


def drawing(title, height, shapes):
    whole = LABEL + WIDTH + 90
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {whole} {height}" '
            f'width="{whole}" height="{height}" font-family="sans-serif" font-size="12">',
            rectangle(0, 0, whole, height, "white"),
            text(10, 20, title, weight="bold"),
            *shapes,
            "</svg>\n",
        ]
    )


def rows_of(groups, names, wanted):
    for name in names:
        for row in groups.get(name, {"rows": []})["rows"]:
            if row["b"] and wanted(row):
                yield row


def first_sound(groups):
    """Bars of both programs: the time to the first audio."""
    rows = [*rows_of(groups, ["cold", "warm"], lambda row: row["what"].endswith("first audio"))]
    if not rows:
        return None
    cores = max(row["cores"] for row in rows)
    rows = [row for row in rows if row["cores"] == cores]
    most = max(statistics.median(row[side]) for row in rows for side in "ab")
    shapes, y = [], 40
    for row in rows:
        label = f"{row['subject']}: {row['what'].removesuffix(': first audio')}"
        shapes.append(text(LABEL - 8, y + BAR + 4, label, "end"))
        for side, fill in [("a", OURS), ("b", THEIRS)]:
            value = statistics.median(row[side])
            shapes.append(rectangle(LABEL, y, WIDTH * value / most, BAR, fill))
            shapes.append(text(LABEL + WIDTH * value / most + 5, y + 11, f"{value:.2g} s"))
            y += BAR
        y += GAP
    title = f"Seconds to the first audio: piper-rs (blue), piper-tts (grey); {cores} cores"
    return drawing(title, y + 10, shapes)


def goals(groups):
    """A bar for each ratio that has a goal, and a mark at the goal."""
    beside = lambda row: row["goal"] is not None and "piper-tts" in row["columns"]  # noqa: E731
    rows = [*rows_of(groups, ["cold", "warm", "long", "load"], beside)]
    if not rows:
        return None
    shapes, y = [], 40
    for row in rows:
        ratio = statistics.median(a / b for a, b in zip(row["a"], row["b"]))
        cores = "1 core" if row["cores"] == 1 else f"{row['cores']} cores"
        what = row["what"].replace(" for a second of speech", "").split(" to a file: ")[-1]
        label = f"{row['subject']}, {cores}: {what}"
        shapes.append(text(LABEL - 8, y + 11, label, "end"))
        shapes.append(rectangle(LABEL, y, WIDTH * min(ratio, 1.1), BAR, OURS))
        shapes.append(rectangle(LABEL + WIDTH * row["goal"] - 1, y - 3, 2, BAR + 6, GOAL))
        shapes.append(text(LABEL + WIDTH * max(min(ratio, 1.1), row["goal"]) + 5, y + 11, f"{ratio:.2f}"))
        y += BAR + GAP
    shapes.append(f'<path d="M{LABEL + WIDTH} 32V{y}" stroke="{THEIRS}" stroke-dasharray="3"/>')
    title = "Cost of piper-rs relative to piper-tts (dashed: 1); the red marks are the goals"
    return drawing(title, y + 10, shapes)
