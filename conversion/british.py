"""British English: espeak-ng's `en-gb-x-rp` to the symbols of Kokoro's British voices."""

from phonemes import ALWAYS, ANY, BEGINS, ENDS, OWN, STRESS, VOWELS, rule

REGION, COUNTRY = "GB", "Great Britain"
ESPEAK_VOICE = "en-gb-x-rp"
WORDS = "words_gb.txt"
PAIRS = {"aɪ": "I", "aʊ": "W", "eɪ": "A", "əʊ": "Q", "oʊ": "Q", "ɔɪ": "Y", "tʃ": "ʧ", "dʒ": "ʤ"}

ALWAYS = {**ALWAYS, "ɚ": "ə", "ɝ": "ɜː", "ɾ": "t", "ᵻ": "ɪ", "ɶ": "a"}
SAME = ' !(),.:;?"bdfhijklmnpstuvwzæðŋɐɑɒɔəɛɜɡɪɹʃʊʌʒˈˌːθ\u0329' + OWN.replace("O", "").replace("T", "")


def passes():
    """As `american.passes`."""
    right, left, right_again, left_again = {}, {}, {}, {}

    # 1, looking right: diphthongs and affricates begin; words end.
    for (first, second), one in PAIRS.items():
        right[first, second] = [one]
    rule(right, ["e"], "ə", ["ɛ'long"])
    rule(right, "ɐ", ENDS, ["ɐ'"])
    rule(right, "n", ENDS, ["n'"])
    for consonant in "nlm":
        rule(right, consonant, "\u0329", [consonant + "'syllable"])

    # 2, looking left.
    for pair, one in PAIRS.items():
        left[one, pair[1]] = []
    rule(left, ["ɛ'long"], "ə", ["ː"])
    rule(left, "nlm", "\u0329", [])
    for consonant in "nlm":
        rule(left, ANY, [consonant + "'syllable"], ["ᵊ", consonant])
    rule(left, "nvtdzsmð", "ð", [" ", "ð"])  # "of the", glued
    rule(left, ["n'"], "ð", [" ", "ð"])
    rule(left, ANY, ["ɐ'"], ["ə"])  # "our"
    rule(left, BEGINS, ["ɐ'"], ["ɐ"])
    rule(left, ANY, "ɐ", ["ə"])
    rule(left, BEGINS, "ɐ", ["ɐ'first"])
    rule(left, BEGINS, "ə", ["ə'kept"])
    rule(left, "h", "əɐ", ["ə'h"])
    rule(left, "f", "ə", ["ə'f"])
    rule(left, "w", "ɛ", ["ɛ'w"])
    rule(left, STRESS + "w", "ɪ", ["ɪ'kept"])

    # 3, looking right.
    rule(right_again, "ɹ", ENDS, [])
    rule(right_again, "ɪ", [*ENDS, *STRESS, *VOWELS, "ə'kept"], ["i"])  # "happy", "the end"
    rule(right_again, "i", "ə", ["ɪ"])  # "here"
    rule(right_again, ["ə'h", "ə'f"], ANY, ["ə"])
    rule(right_again, ["ə'h"], "zv", ["a"])  # "has", "have"
    rule(right_again, ["ə'f"], "l", ["ʊ"])  # "awful"
    rule(right_again, ["ə'f"], ["n", "n'"], ["ə'n"])
    rule(right_again, ["ɛ'w"], ANY, ["ɛ"])
    rule(right_again, ["ɛ'w"], ["n", "n'"], ["ˌ", "ɛ"])  # "when"
    rule(right_again, ["ɐ'first"], ANY, ["ə"])
    rule(right_again, ["ɐ'first"], ["n'"], ["ɐ"])  # "an"
    rule(right_again, "ə", ["n", "n'"], ["ə'n"])
    rule(right_again, "ə", "l", ["ᵊ"])
    rule(right_again, "I", ENDS, ["I'"])

    # 4, looking left.
    rule(left_again, ANY, ["I'"], ["I"])
    rule(left_again, BEGINS, ["I'"], ["ˌ", "I"])
    rule(left_again, ANY, ["ə'n"], ["ə"])
    rule(left_again, "zstdʃʒʤ", ["ə'n"], ["ᵊ"])  # "person", "nation"
    last = {"æ": "a", "e": "A", "o": "Q", "ɛ'long": "ɛ", "ɪ'kept": "ɪ", "ə'kept": "ə", "n'": "n"}
    for symbol, to in last.items():
        rule(left_again, ANY, [symbol], [to])
    rule(left_again, ANY, ["\u0329"], [])
    return [("right", right), ("left", left), ("right", right_again), ("left", left_again)]
