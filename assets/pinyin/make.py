#!/usr/bin/env python3
"""Makes characters.txt, phrases.txt and words.txt from the tables of pypinyin 0.55.0.

    pip install pypinyin==0.55.0 && assets/pinyin/make.py
"""

import re
from pathlib import Path

from pypinyin.constants import PHRASES_DICT, PINYIN_DICT
from pypinyin.contrib.tone_convert import to_tone3

FOLDER = Path(__file__).parent
SYLLABLE = re.compile("[a-z]+[1-5]")
# Readings that other tables give, and the voices' training data does not: no
# sandhi, and the commonest reading of a character that stands alone.
ALWAYS = {"一": "yi1", "不": "bu4"}
ALONE = {"长": "chang2", "長": "chang2", "得": "de2", "地": "di4"}
# Longer ones are proverbs.
LONGEST_PHRASE = 8


def syllable(reading):
    """nǚ → nv3"""
    tone3 = to_tone3(reading.strip(), neutral_tone_with_five=True)
    return tone3.replace("ü", "v")


def readings():
    found = {}
    for code, listed in PINYIN_DICT.items():
        syllables = [syllable(reading) for reading in listed.split(",")]
        # `m2` and `ng4` are no syllables of Piper's voices.
        syllables = [s for s in syllables if SYLLABLE.fullmatch(s) and re.search("[aeiouv]", s)]
        if syllables:
            found[chr(code)] = syllables[0]
    return found | ALWAYS | ALONE


def plain(character, reading):
    return ALWAYS.get(character, reading)


def matched(phrase, known, longest, alone):
    """Reads a phrase by the longest known phrases in it."""
    result, at = [], 0
    while at < len(phrase):
        for length in range(min(longest, len(phrase) - at), 1, -1):
            part = phrase[at : at + length]
            if part in known:
                result += known[part]
                at += length
                break
        else:
            result.append(alone.get(phrase[at]))
            at += 1
    return result


def main():
    alone = readings()
    phrases = {}
    for phrase, listed in PHRASES_DICT.items():
        syllables = [plain(c, syllable(r[0])) for c, r in zip(phrase, listed)]
        usable = all(SYLLABLE.fullmatch(s) for s in syllables)
        if len(phrase) == len(listed) and usable and len(phrase) <= LONGEST_PHRASE:
            phrases[phrase] = syllables
    # Short ones first: a long one is kept only if those do not read it.
    kept = {}
    for phrase in sorted(phrases, key=lambda p: (len(p), p)):
        if matched(phrase, kept, LONGEST_PHRASE, alone) != phrases[phrase]:
            kept[phrase] = phrases[phrase]
    # Words whose end looks like the start of a phrase, so that it is not one.
    starts = {phrase[0] for phrase in kept if len(phrase) <= 3}
    words = [p for p in phrases if p not in kept and len(p) == 2 and p[-1] in starts]
    (FOLDER / "words.txt").write_text("\n".join(sorted(words)) + "\n", encoding="utf-8")
    by_reading = {}
    for character, reading in sorted(alone.items()):
        by_reading.setdefault(reading, []).append(character)
    lines = [f"{reading} {''.join(chars)}\n" for reading, chars in sorted(by_reading.items())]
    (FOLDER / "characters.txt").write_text("".join(lines), encoding="utf-8")
    lines = [f"{phrase} {' '.join(kept[phrase])}\n" for phrase in sorted(kept)]
    (FOLDER / "phrases.txt").write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
