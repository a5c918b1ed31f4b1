"""Step 1: sentences from Debian's text packages, one clean sentence per line.

Writes OUT/train.txt and OUT/held.txt. Fortunes give running text; word lists,
letters, numbers and greetings give what fortunes lack and programs say a lot.
"""

import argparse
import glob
import os
import random
import re
from pathlib import Path

FORTUNES = "/usr/share/games/fortunes/*"
WORDS = Path("/usr/share/dict/words")
# Not English prose, or art.
SKIPPED = {"art", "ascii-art", "perl", "debian", "linuxcookie.dat"}

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
GREETINGS = """Hello! Hello there. Hello, world! Good morning. Good night.
Thank you very much. Please wait. Yes. No. Okay. Error. File not found. Ready.
Done. Download complete. Are you sure? Press any key to continue. This is a test.
How are you today? What time is it? Welcome back. Goodbye!"""
NUMBER_SENTENCES = [
    "It costs %d dollars and %d cents.",
    "The meeting is at %d %d.",
    "Version %d point %d is out.",
    "Call %d, then %d.",
    "%d plus %d.",
    "Chapter %d, page %d.",
]
# Always held out, with the randomly drawn ones: easy to judge by ear.
HELD_BY_HAND = [
    "Where did you put the seventeen keys?",
    "The quick brown fox jumps over the lazy dog.",
    "She sells sea shells by the sea shore.",
    "This is the built in voice, and it needs no download.",
]
HELD_DRAWN = 56


def fortunes():
    """Texts of the fortune files, without their attributions."""
    for path in sorted(glob.glob(FORTUNES)):
        name = os.path.basename(path)
        if name.endswith((".dat", ".u8")) or name in SKIPPED:
            continue
        with open(path, encoding="utf-8", errors="ignore") as file:
            for text in file.read().split("\n%\n"):
                yield re.sub(r"\n\s*-- .*", "", text, flags=re.S)


def clean_sentences(text):
    """Sentences of `text` that espeak-ng reads as a person would."""
    text = re.sub(r"[ \t\n]+", " ", text)
    text = text.replace("--", ", ").replace("...", ".").replace("`", "'")
    for sentence in re.split(r"(?<=[.!?])[\"')]*\s+(?=[\"'(]*[A-Z])", text):
        sentence = sentence.strip().strip("\"'() ")
        sentence = re.sub(r"\s+([,.;:!?])", r"\1", sentence)
        sentence = re.sub(r"[\"()\[\]]", "", sentence).strip()
        if acceptable(sentence):
            yield sentence


def acceptable(sentence):
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9 ,;:'!?.-]+[.!?]", sentence):
        return False
    # Few shouted words and acronyms: espeak-ng spells or shouts them.
    if re.search(r"[A-Z]{2,}", sentence) and random.random() > 0.15:
        return False
    # Dotted names, odd quotes, long numbers, runs of marks.
    if re.search(r"\.\w|\w[-']{2,}|\d{4,}|'.*'.*'|[,;:.!?]{2,}", sentence):
        return False
    if not 2 <= len(sentence.split()) <= 30 or len(sentence) > 170:
        return False
    # Cut after an abbreviation, so not a sentence.
    return not re.search(r"\b(Mr|Mrs|Dr|St|vs|etc|[A-Z])\.$", sentence)


def letters_and_numbers():
    lines = []
    for letter in LETTERS:
        lines += [letter + ".", letter, "The letter " + letter + "."]
    for number in range(100):
        lines.append(str(number) + random.choice([".", "", "?"]))
    for _ in range(150):
        sentence = random.choice(NUMBER_SENTENCES)
        lines.append(sentence % (random.randint(0, 999), random.randint(1, 60)))
    for _ in range(60):
        lines.append(", ".join(random.sample(LETTERS, random.randint(2, 6))) + ".")
    return lines


def single_words(sentences):
    """Single words of the sentences, one per line."""
    known = {word for s in sentences for word in re.findall(r"[a-z]+", s.lower())}
    lines = []
    for word in random.sample(sorted(w for w in known if len(w) > 2), 700):
        big = word.capitalize()
        lines.append(random.choice([word + ".", word, big + "!", big + "?", word + "."]))
    return lines


def word_salad(words):
    """Sequences of random words: sounds in contexts that prose does not have."""
    lines = []
    for _ in range(500):
        drawn = random.sample(words, random.randint(1, 6))
        spaced, listed = " ".join(drawn), ", ".join(drawn)
        line = random.choice([spaced, listed, spaced])
        lines.append(line + random.choice([".", "?", ".", "!", ""]))
    return lines


def dictionary():
    if not WORDS.exists():
        return []
    with WORDS.open() as file:
        words = [line.strip() for line in file]
    return [word for word in words if re.fullmatch(r"[a-z]{3,12}", word)]


def held_back(sentences):
    """Plain sentences that training never sees."""

    def plain(sentence):
        return (
            not re.search(r"[0-9]|[A-Z]{2}", sentence)
            and 5 <= len(sentence.split()) <= 16
            and not re.search(r"[.!?] ", sentence)
        )

    return [s for s in sentences if plain(s)][:HELD_DRAWN] + HELD_BY_HAND


def build(count, extras=True):
    """Training and held-out lines; `count` is the number of fortune sentences."""
    random.seed(1)
    sentences = [s for text in fortunes() for s in clean_sentences(text)]
    sentences = list(dict.fromkeys(sentences))
    random.shuffle(sentences)
    extra = []
    if extras:
        extra = letters_and_numbers() + single_words(sentences)
        if words := dictionary():
            extra += word_salad(words)
        greetings = re.findall(r"[^.!?]+[.!?]", GREETINGS.replace("\n", " "))
        extra += [greeting.strip() for greeting in greetings]
    held = held_back(sentences)
    unseen = set(held)
    return [s for s in sentences if s not in unseen][:count] + extra, held


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, required=True, help="folder for the two files")
    parser.add_argument("--sentences", type=int, default=5500)
    parser.add_argument("--held", type=int, help="keep only the last so many held-out lines")
    parser.add_argument("--no-extras", action="store_true", help="running text only")
    options = parser.parse_args()

    train, held = build(options.sentences, extras=not options.no_extras)
    held = held[-options.held :] if options.held else held
    options.out.mkdir(parents=True, exist_ok=True)
    for name, lines in [("train", train), ("held", held)]:
        (options.out / f"{name}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(train)} lines to train on, {len(held)} held back")


if __name__ == "__main__":
    main()
