"""espeak-ng's phonemes to the full-context labels that the teacher reads.

The teacher is driven from the very symbols that the student will be given, so
the pronunciations agree and each teacher phone belongs to known symbols: the
alignment is exact by construction, and nothing has to be aligned afterwards.
"""

import re
from dataclasses import dataclass, field

STRESS = "ˈˌ"
PRIMARY, SECONDARY = 2, 1
# Symbols that modify a neighbour and get no frames of their own.
MODIFIERS = set("ːˑ̩̃ʰʲʷ˞̯̪ ̆͡ˌˈ") - {" "}
PUNCTUATION = set(",.;:!?")

# espeak-ng's symbols -> the teacher's phones; the longest match wins.
PHONES = {
    "tʃ": ["ch"], "dʒ": ["jh"],
    "eɪ": ["ey"], "aɪ": ["ay"], "ɔɪ": ["oy"], "aʊ": ["aw"], "oʊ": ["ow"], "əʊ": ["ow"],
    "ɜːɹ": ["er"], "ɚɹ": ["er", "r"],
    "iə": ["iy", "ax"],
    "n̩": ["ax", "n"], "l̩": ["ax", "l"], "m̩": ["ax", "m"],
    "ɔ̃": ["ao", "n"], "ɑ̃": ["aa", "n"], "æ̃": ["ae", "n"],
    "oː": ["ao"], "ɔː": ["ao"], "ɑː": ["aa"], "iː": ["iy"], "uː": ["uw"], "ɜː": ["er"],
    "aː": ["aa"], "eː": ["ey"],
    "ɑ": ["aa"], "ɒ": ["aa"], "a": ["ae"], "æ": ["ae"], "ʌ": ["ah"], "ɐ": ["ax"], "ə": ["ax"],
    "ɚ": ["er"], "ɜ": ["er"], "ɛ": ["eh"], "e": ["ey"], "ɪ": ["ih"], "ᵻ": ["ih"], "i": ["iy"],
    "o": ["ow"], "ɔ": ["ao"], "ʊ": ["uh"], "u": ["uw"], "ᵿ": ["uh"], "ɨ": ["ih"], "ɝ": ["er"],
    "y": ["uw"], "ø": ["er"], "œ": ["er"],
    "p": ["p"], "b": ["b"], "t": ["t"], "d": ["d"], "k": ["k"], "ɡ": ["g"], "g": ["g"],
    "f": ["f"], "v": ["v"], "θ": ["th"], "ð": ["dh"], "s": ["s"], "z": ["z"], "ʃ": ["sh"],
    "ʒ": ["zh"], "h": ["hh"], "m": ["m"], "n": ["n"], "ŋ": ["ng"], "l": ["l"], "ɹ": ["r"],
    "r": ["r"], "ɾ": ["t"], "ʔ": ["t"], "j": ["y"], "w": ["w"],
    # Sounds of foreign words, by their nearest English phone.
    "x": ["k"], "ç": ["hh"], "ɬ": ["l"], "q": ["k"], "ɲ": ["n"], "ɫ": ["l"], "ʍ": ["w"],
    "c": ["k"], "β": ["v"], "ɣ": ["g"], "ɕ": ["sh"], "ʁ": ["r"], "ɟ": ["g"],
}  # fmt: skip
LONGEST_FIRST = sorted(PHONES, key=len, reverse=True)

VOWELS = set("aa ae ah ao aw ax ay eh er ey ih iy ow oy uh uw".split())
# Consonant groups that may begin a syllable.
ONSETS = set(
    """p b t d k g f v th dh s z sh zh ch jh hh m n l r w y
    p+r p+l b+r b+l t+r d+r k+r k+l g+r g+l f+r f+l th+r sh+r
    s+p s+t s+k s+m s+n s+l s+w t+w k+w d+w g+w th+w
    p+y b+y k+y f+y v+y m+y hh+y t+y d+y n+y l+y
    s+p+r s+t+r s+k+r s+p+l s+k+w s+p+y s+k+y
    sh+l sh+m sh+n sh+w g+y th+y s+f""".split()
)

# Function words by the part of speech that the teacher's questions ask for.
FUNCTION_WORDS = {
    "in": "of for in on that with by at from as if against about before because under after "
    "over into while without through between among until per up down than",
    "to": "to",
    "det": "the a an no some this each another those every all any these both neither many",
    "md": "will may would can could should must ought might",
    "cc": "and but or plus yet nor",
    "wp": "who what where how when",
    "pps": "her his their its our mine my your",
    "aux": "is am are was were has have had be",
}
# espeak-ng says a function word differently beside different neighbours.
CARRIERS = ("%s", "%s it", "go %s there", "we %s", "%s apples")
# Weak forms that no carrier brings out.
WEAK_FORMS = {
    "əv": "in", "fɚ": "in", "fɚɹ": "in", "ən": "det", "ə": "det", "ðɪ": "det",
    "ɑːn": "in", "ənd": "cc", "æɾ": "in",
}  # fmt: skip
# Sound like function words, but are content words when they carry stress.
HOMOPHONES = ("tuː", "fɔːɹ", "baɪ", "noʊ", "meɪ", "nɔːɹ")
CONTENT = "content"

# espeak-ng runs these together with an article, as in "of the"; the teacher wants two words.
LEANING = (
    "of for in on with by at from as to and that is was but all into over about through than"
).split()
ARTICLES = "the a an".split()
ARTICLE_SOUNDS = ("ðɪ", "ðə", "ɐn", "ɐ", "ən", "ə")


@dataclass
class Unit:
    """One teacher phone and the indices of the symbols whose frames it gives."""

    phone: str
    symbols: list[int]
    stress: int = 0


@dataclass
class Syllable:
    units: list[Unit]
    stress: int
    accent: int
    vowel: str


@dataclass
class Word:
    part: str  # of speech
    syllables: list[Syllable]


@dataclass
class Phrase:
    """Words up to a punctuation mark; `end` is the index of that mark."""

    words: list[Word]
    end: int | None
    mark: str
    tone: str = field(init=False)

    def __post_init__(self):
        self.tone = boundary_tone(self.mark, self.words[0].part)

    @property
    def syllables(self):
        return [syllable for word in self.words for syllable in word.syllables]


@dataclass
class Label:
    """A line for the teacher; `unit` is None for a pause, `phrase` -1 for the first one."""

    text: str
    unit: Unit | None
    phrase: int


def boundary_tone(mark, first_part):
    """ToBI tone at the end of a phrase: yes/no questions rise, wh-questions fall."""
    if mark == "?":
        return "L-L%" if first_part == "wp" else "H-H%"
    return "L-H%" if mark in (",", ";") else "L-L%"


class FrontEnd:
    """Text to symbols by piper-tts's espeak-ng, and symbols to phrases."""

    def __init__(self):
        # Imported here so that the rest can be tested without piper-tts.
        from piper.phonemize_espeak import EspeakPhonemizer

        self.espeak = EspeakPhonemizer()
        self.parts = self.learn_parts_of_speech()
        self.glued = self.learn_glued_words()

    def learn_parts_of_speech(self):
        """How espeak-ng says each function word, without stress -> its part of speech."""
        parts = {}
        for part, words in FUNCTION_WORDS.items():
            for word in words.split():
                for carrier in CARRIERS:
                    spoken = "".join(self.sentences(carrier % word)[0]).split()
                    if len(spoken) == len(carrier.split()):
                        place = carrier.split().index("%s")
                        parts.setdefault(re.sub(f"[{STRESS}]", "", spoken[place]), part)
        return {**parts, **WEAK_FORMS}

    def learn_glued_words(self):
        """Two words said as one -> the length of the first."""
        glued = {}
        for word in LEANING:
            for article in ARTICLES:
                spoken = "".join(self.sentences(f"look {word} {article} dog")[0]).split()
                if len(spoken) != 3:
                    continue
                sound = next((a for a in ARTICLE_SOUNDS if spoken[1].endswith(a)), None)
                if sound:
                    glued[spoken[1]] = len(spoken[1]) - len(sound)
        return glued

    def sentences(self, text):
        """Lists of one-character symbols, exactly what a Piper voice is given."""
        return self.espeak.phonemize("en-us", text)

    def parse(self, symbols):
        return parse(symbols, self.parts, self.glued)


def parse(symbols, parts, glued):
    """Phrases of a sentence.

    `parts` maps unstressed sounds to parts of speech, `glued` the sounds of two
    words said as one to the length of the first.
    """
    phrases = []
    for spoken, end, mark in split_phrases(symbols):
        apart = [word for units in spoken for word in split_glued(units, symbols, glued)]
        words = [make_word(units, symbols, parts) for units in apart]
        phrases.append(Phrase(words, end, mark))
    return phrases


def split_phrases(symbols):
    """(units of each word, index of the closing mark, mark) for each phrase with words."""
    phrases, words, units = [], [], []
    stress = 0

    def close_word():
        nonlocal units
        if units:
            words.append(units)
            units = []

    def close_phrase(end, mark):
        nonlocal words
        close_word()
        if words:
            phrases.append((words, end, mark))
            words = []

    i = 0
    while i < len(symbols):
        symbol = symbols[i]
        if symbol == " ":
            close_word()
        elif symbol in PUNCTUATION:
            close_phrase(i, symbol)
        elif symbol in STRESS:
            stress = PRIMARY if symbol == "ˈ" else SECONDARY
        elif match := next((k for k in LONGEST_FIRST if symbols[i : i + len(k)] == list(k)), None):
            made, stress = make_units(symbols, i, match, stress)
            units += made
            i += len(match)
            continue
        i += 1
    close_phrase(None, "")
    return phrases


def make_units(symbols, at, match, stress):
    """Units of a matched group, and the stress that waits for the next vowel."""
    indices = [at + k for k, symbol in enumerate(match) if symbol not in MODIFIERS]
    phones = PHONES[match]
    if match == "ᵻ" and ends_in_z_or_d(symbols, at):
        phones = ["ax"]  # the vowel of "wishes" and "wanted"
    units = [Unit(phone, indices) for phone in phones]
    # Equal counts pair off; else the phones share the symbols and the frames are split later.
    if len(phones) == len(indices):
        for unit, index in zip(units, indices):
            unit.symbols = [index]
    if stress:
        for unit in units:
            if unit.phone in VOWELS:
                unit.stress, stress = stress, 0
                break
    return units, stress


def ends_in_z_or_d(symbols, at):
    rest = symbols[at + 1 : at + 3]
    return bool(rest) and rest[0] in "zd" and (len(rest) == 1 or rest[1] in PUNCTUATION | {" "})


def extent(units, symbols):
    """Where a word's symbols begin and end, with the modifiers that follow."""
    start, end = min(units[0].symbols), max(units[-1].symbols) + 1
    while end < len(symbols) and symbols[end] in MODIFIERS and symbols[end] not in STRESS:
        end += 1
    return start, end


def split_glued(units, symbols, glued):
    start, end = extent(units, symbols)
    while start > 0 and symbols[start - 1] in STRESS:
        start -= 1
    length = glued.get("".join(symbols[start:end]))
    if length is None:
        return [units]
    first = [unit for unit in units if unit.symbols[0] < start + length]
    second = [unit for unit in units if unit.symbols[0] >= start + length]
    return [part for part in (first, second) if part]


def make_word(units, symbols, parts):
    start, end = extent(units, symbols)
    sound = "".join(symbol for symbol in symbols[start:end] if symbol not in STRESS)
    part = parts.get(sound, CONTENT)
    if sound in HOMOPHONES and any(unit.stress == PRIMARY for unit in units):
        part = CONTENT
    groups = syllabify(units)
    # espeak-ng leaves most one-syllable content words unmarked.
    unmarked = len(groups) == 1 and not any(unit.stress for unit in units)
    return Word(part, [make_syllable(group, unmarked, part) for group in groups])


def make_syllable(units, unmarked, part):
    vowel = next((unit for unit in units if unit.phone in VOWELS), None)
    if unmarked and vowel and vowel.phone != "ax":
        stress, accent = 1, 0
    else:
        marked = vowel.stress if vowel else 0
        stress, accent = int(marked > 0), int(marked == PRIMARY and part == CONTENT)
    return Syllable(units, stress, accent, vowel.phone if vowel else "novowel")


def syllabify(units):
    """Splits before the longest consonant group that may begin a syllable."""
    vowels = [i for i, unit in enumerate(units) if unit.phone in VOWELS]
    cuts = [0]
    for vowel, following in zip(vowels, vowels[1:]):
        for cut in range(vowel + 1, following + 1):
            onset = "+".join(unit.phone for unit in units[cut:following])
            if cut == following or onset in ONSETS:
                break
        cuts.append(cut)
    return [units[a:b] for a, b in zip(cuts, [*cuts[1:], len(units)])]


def labels(phrases):
    """A label for each phone of the sentence, and for the pauses around its phrases."""
    return Labeller(phrases).labels()


@dataclass
class Place:
    """A syllable with where it stands."""

    syllable: Syllable
    word: Word
    phrase: int
    in_word: int
    in_phrase: int
    word_in_phrase: int
    accent: int


class Labeller:
    """Writes labels in the format HTS_TTS_ENG, whose fields are named after its letters."""

    def __init__(self, phrases):
        self.phrases = phrases
        self.places = []
        self.words = [word for phrase in phrases for word in phrase.words]
        for p, phrase in enumerate(phrases):
            in_phrase = 0
            for w, word in enumerate(phrase.words):
                for s, syllable in enumerate(word.syllables):
                    self.places.append(Place(syllable, word, p, s, in_phrase, w, syllable.accent))
                    in_phrase += 1
            # The last syllable of a phrase carries the boundary tone.
            self.places[-1].accent = 1

    def labels(self):
        # (phone, syllable number, unit number, phrase number); a pause has neither of the middle.
        segments = [("pau", None, None, -1)]
        number = 0
        for p, phrase in enumerate(self.phrases):
            for syllable in phrase.syllables:
                for k, unit in enumerate(syllable.units):
                    segments.append((unit.phone, number, k, p))
                number += 1
            segments.append(("pau", None, None, p))
        self.names = ["x", "x", *(segment[0] for segment in segments), "x", "x"]

        out = []
        last_syllable = -1
        for i, (_, number, k, p) in enumerate(segments):
            if number is None:
                out.append(Label(self.pause(i, last_syllable), None, p))
            else:
                unit = self.places[number].syllable.units[k]
                out.append(Label(self.phone(i, number, k), unit, p))
                last_syllable = number
        return out

    def quinphone(self, i):
        a, b, c, d, e = self.names[i : i + 5]
        return f"{a}^{b}-{c}+{d}={e}"

    def place(self, number):
        return self.places[number] if 0 <= number < len(self.places) else None

    def pause(self, i, last_syllable):
        """A label whose own syllable, word and phrase are unknown."""
        before, after = self.place(last_syllable), self.place(last_syllable + 1)
        return (
            f"{self.quinphone(i)}@x_x/A:{neighbour_syllable(before, '_')}"
            f"/B:x-x-x@x-x&x-x#x-x$x-x!x-x;x-x|x/C:{neighbour_syllable(after, '+')}"
            f"/D:{neighbour_word(before and before.word)}/E:x+x@x+x&x+x#x+x"
            f"/F:{neighbour_word(after and after.word)}"
            f"/G:{self.size(before and before.phrase, '_')}/H:x=x@1={len(self.phrases)}|0"
            f"/I:{self.size(after and after.phrase, '=')}/J:{self.totals()}"
        )

    def phone(self, i, number, k):
        place = self.places[number]
        phrase = self.phrases[place.phrase]
        word = self.word_number(place)
        before = self.words[word - 1] if word > 0 else None
        after = self.words[word + 1] if word + 1 < len(self.words) else None
        previous = place.phrase - 1 if place.phrase > 0 else None
        following = place.phrase + 1 if place.phrase + 1 < len(self.phrases) else None
        return (
            f"{self.quinphone(i)}@{k + 1}_{len(place.syllable.units) - k}"
            f"/A:{neighbour_syllable(self.place(number - 1), '_')}/B:{self.syllable(place)}"
            f"/C:{neighbour_syllable(self.place(number + 1), '+')}"
            f"/D:{neighbour_word(before)}/E:{word_in_phrase(phrase.words, place)}"
            f"/F:{neighbour_word(after)}/G:{self.size(previous, '_')}"
            f"/H:{self.size(place.phrase, '=')}"
            f"@{place.phrase + 1}={len(self.phrases) - place.phrase}|{phrase.tone}"
            f"/I:{self.size(following, '=')}/J:{self.totals()}"
        )

    def word_number(self, place):
        before = sum(len(phrase.words) for phrase in self.phrases[: place.phrase])
        return before + place.word_in_phrase

    def syllable(self, place):
        """Field B: the syllable in its word and phrase, and the stresses around it."""
        row = [other for other in self.places if other.phrase == place.phrase]
        before, after = row[: place.in_phrase], row[place.in_phrase + 1 :]
        stresses = [[p.syllable.stress for p in side] for side in (before[::-1], after)]
        accents = [[p.accent for p in side] for side in (before[::-1], after)]
        own = place.syllable
        return (
            f"{own.stress}-{place.accent}-{len(own.units)}"
            f"@{place.in_word + 1}-{len(place.word.syllables) - place.in_word}"
            f"&{place.in_phrase + 1}-{len(row) - place.in_phrase}"
            f"#{sum(stresses[0]) + 1}-{sum(stresses[1]) + 1}"
            f"${sum(accents[0]) + 1}-{sum(accents[1]) + 1}"
            f"!{distance(stresses[0])}-{distance(stresses[1])}"
            f";{distance(accents[0])}-{distance(accents[1])}|{own.vowel}"
        )

    def size(self, number, between):
        """Syllables and words of a phrase: fields G, H and I."""
        if number is None:
            return f"0{between}0"
        phrase = self.phrases[number]
        return f"{len(phrase.syllables)}{between}{len(phrase.words)}"

    def totals(self):
        return f"{len(self.places)}+{len(self.words)}-{len(self.phrases)}"


def neighbour_syllable(place, between):
    if place is None:
        return between.join("000")
    fields = [place.syllable.stress, place.accent, len(place.syllable.units)]
    return between.join(map(str, fields))


def neighbour_word(word):
    return f"{word.part}_{len(word.syllables)}" if word else "0_0"


def word_in_phrase(words, place):
    """Field E: the word in its phrase, and the content words around it."""
    at = place.word_in_phrase
    content = [word.part == CONTENT for word in words]
    before, after = content[:at][::-1], content[at + 1 :]
    return (
        f"{place.word.part}+{len(place.word.syllables)}@{at + 1}+{len(words) - at}"
        f"&{sum(before)}+{sum(after)}#{distance(before)}+{distance(after)}"
    )


def distance(flags):
    """Steps to the first true flag, 0 if there is none."""
    return next((steps for steps, flag in enumerate(flags, 1) if flag), 0)
