"""The table of cases: texts and settings that both programs speak."""

from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
TINY = [ROOT / "tests/voices/tiny.onnx", ROOT / "tests/voices/tiny_multi.onnx"]
# Voices of real size; not part of the project, used if they are next to it.
SHARED = [ROOT / f"../shared/voices/{name}.onnx" for name in ("x_low", "medium", "medium_multi")]

# The phonemes of espeak-ng 1.51 in en-us for each text outside `[[ ]]`, with the
# marks that piper-tts appends. From libespeak-ng on 2026-11-23.
SPOKEN = {
    "Test.": ["tˈɛst."],
    "More?": ["mˈoːɹ?"],
    "Hello world.": ["həlˈoʊ wˈɜːld."],
    "Is this a test?": ["ɪz ðɪs ɐ tˈɛst?"],
    "One. Two? Three!": ["wˈʌn.", "tˈuː?", "θɹˈiː!"],
    "(Parenthetical remarks, too.) And more.": ["pɚɹənθˈɛɾɪkəl ɹᵻmˈɑːɹks, tˈuː.", "ænd mˈoːɹ."],
    "No terminator here": ["nˈoʊ tˈɜːmᵻnˌeɪɾɚ hˈɪɹ"],
    "1st, 2nd, 3rd and 21st.": ["fˈɜːst, sˈɛkənd, θˈɜːd ænd twˈɛnti fˈɜːst."],
    "naïve café résumé": ["naɪˈiːv kæfˈeɪ ɹˈɛzuːmˌeɪ"],
    "Hello ": ["həlˈoʊ"],
    " world.": ["wˈɜːld."],
    " again.": ["ɐɡˈɛn."],
    "Test. ": ["tˈɛst."],
}


@dataclass(frozen=True)
class Settings:
    """Both programs' options; noise is always 0."""

    speaker: int | None = None
    length_scale: float = 1.0
    sentence_silence: float = 0.0
    volume: float = 1.0
    normalize: bool = True

    def for_piper(self):
        speaker = [] if self.speaker is None else ["--speaker", str(self.speaker)]
        return speaker + [
            "--noise-scale", "0", "--noise-w", "0",
            "--length-scale", str(self.length_scale),
            "--sentence-silence", str(self.sentence_silence),
            "--volume", str(self.volume),
            *([] if self.normalize else ["--no-normalize"]),
        ]  # fmt: skip

    def for_piper_rs(self):
        speaker = [] if self.speaker is None else ["--speaker", str(self.speaker)]
        return speaker + [
            "--strict-piper", "--noise-scale", "0", "--noise-w", "0",
            "--length-scale", str(self.length_scale),
            "--sentence-silence", str(self.sentence_silence),
            "--volume", str(self.volume),
            "--normalize", "sentence" if self.normalize else "off",
        ]  # fmt: skip


@dataclass(frozen=True)
class Case:
    """Lines of text, each synthesized separately, and the settings.

    `recorded` cases have all their phonemes in SPOKEN and go into the
    references; the others need a program that turns text into phonemes.
    """

    name: str
    lines: tuple[str, ...]
    settings: Settings = field(default_factory=Settings)
    recorded: bool = True
    speakers: bool = False  # for voices with more than one only

    def fits(self, speaker_count):
        return not self.speakers or speaker_count > 1


def plain(name, *lines, **settings):
    return Case(name, lines, Settings(**settings))


def live(name, *lines, **settings):
    """A case without recorded phonemes."""
    return Case(name, lines, Settings(**settings), recorded=False)


def spoken_by(name, speaker, *lines):
    return Case(name, lines, Settings(speaker=speaker), speakers=True)


CASES = [
    # Texts.
    plain("statement", "Hello world."),
    plain("question", "Is this a test?"),
    plain("no mark", "No terminator here"),
    plain("two sentences", "(Parenthetical remarks, too.) And more."),
    plain("numbers", "1st, 2nd, 3rd and 21st."),
    plain("accents", "naïve café résumé"),
    live("long numbers", "It's 3.14, or 42% of $1,234.56."),
    live("abbreviations", "Mr. and Mrs. Jones; Prof. Brown: well-known."),
    live("other scripts", "The word 日本語 is Japanese ☃ and привет is Russian 🙂."),
    live("quotes", "“Smart quotes,” she said. ‘Single.’ (Aside.) Done…"),
    live("ellipsis", "Wait... what?"),
    live("padded", "  spaces around \t and within.  "),
    # Raw phonemes.
    plain("block alone", "[[tˈɛst.]]"),
    plain("block first", "[[həlˈoʊ]] world."),
    plain("block in the middle", "Hello [[wˈɜːld]] again."),
    plain("block last", "Hello [[wˈɜːld]]"),
    plain("block after a sentence", "Test. [[mˈoːɹ]]"),
    plain("two blocks", "[[tˈɛst]] [[ mˈoːɹ ]]"),
    plain("unknown phoneme", "[[tˈ☃ɛst]]"),
    live("blocks and sentences", "One [[tˈuː]] three. Four [[fˈaɪv]]. Six."),
    # Lines and silence.
    plain("silence between sentences", "One. Two? Three!", sentence_silence=0.3),
    plain("no silence between lines", "Test.", "More?", sentence_silence=0.3),
    plain("blank lines", "Test.", "", "   ", "More?"),
    live("lines of sentences", "One. Two.", "Three. Four.", sentence_silence=0.3),
    live("odd silence", "One. Two.", sentence_silence=0.12345),
    # Rates.
    plain("fast", "Test.", length_scale=0.7),
    plain("slow", "Test.", length_scale=1.3),
    # Level.
    plain("quiet", "Test.", volume=0.5),
    plain("clipped", "Test.", volume=2.0),
    plain("as the model gave it", "Test.", normalize=False),
    plain("as it gave it, louder", "Test.", normalize=False, volume=1.5),
    # Speakers.
    spoken_by("speaker 1", 1, "Test."),
    spoken_by("speaker 2", 2, "Test."),
]
