"""American English: espeak-ng's `en-us` to the symbols of Kokoro's American voices."""

from phonemes import ALWAYS, ANY, BEGINS, ENDS, OWN, STRESS, VOWELS, rule

REGION, COUNTRY = "US", "United States"
ESPEAK_VOICE = "en-us"
WORDS = "words_us.txt"
PAIRS = {"aɪ": "I", "aʊ": "W", "eɪ": "A", "oʊ": "O", "ɔɪ": "Y", "tʃ": "ʧ", "dʒ": "ʤ"}

ALWAYS = {**ALWAYS, "ɒ": "ɑ"}
SAME = ' !(),.:;?"bdfhijklmnpstuvwzæðŋɐɑɔəɛɜɡɪɹʃʊʌʒˈˌːθᵻ\u0329' + OWN.replace("Q", "")


def passes():
    """Four lists of rules: of `(before, symbol)` where it looks left, `(symbol, after)` where right."""
    right, left, right_again, left_again = {}, {}, {}, {}

    # 1, looking right: diphthongs and affricates begin; words end.
    for (first, second), one in PAIRS.items():
        right[first, second] = [one]
    rule(right, "ɾ", ENDS, ["t"])  # "it is"
    rule(right, "ɐ", ENDS, ["ɐ'"])  # the article, be it glued or not
    rule(right, "n", ENDS, ["n'"])
    for consonant in "nlm":
        rule(right, consonant, "\u0329", [consonant + "'syllable"])
    rule(right, "l", STRESS + VOWELS, ["l'"])  # begins a syllable

    # 2, looking left.
    for pair, one in PAIRS.items():
        left[one, pair[1]] = []
    rule(left, "ɜ", "ː", ["ɹ"])
    rule(left, "nlm", "\u0329", [])
    for consonant in "nlm":
        syllable = consonant + "'syllable"
        rule(left, ANY, [syllable], ["ᵊ", consonant])
        rule(left, "t", [syllable], [consonant])
    rule(left, "nvtdzsmð", "ð", [" ", "ð"])  # "of the", glued
    rule(left, ["n'"], "ð", [" ", "ð"])
    rule(left, ANY, ["ɐ'"], [" ", "ɐ"])  # "of a", glued
    rule(left, BEGINS, ["ɐ'"], ["ɐ"])
    rule(left, ANY, "ɐ", ["ə"])
    rule(left, BEGINS, "ɐ", ["ɐ'first"])
    rule(left, BEGINS, "ə", ["ə'kept"])
    rule(left, BEGINS, "ɛ", ["ɛ'first"])
    rule(left, BEGINS, "ɔ", ["ɔ'first"])
    rule(left, "h", "əɐ", ["ə'h"])
    rule(left, "w", "ʌ", ["ʌ'w"])
    rule(left, "w", "ɛ", ["ɛ'w"])
    rule(left, STRESS + "w", "ɪ", ["ɪ'kept"])
    rule(left, BEGINS, "ɪ", ["ɪ'first"])
    rule(left, BEGINS, "ʌ", ["ʌ'first"])
    rule(left, STRESS, "ʊ", ["ʊ'kept"])
    rule(left, "b", "ɪ", ["ə"])  # "because"

    # 3, looking right.
    rule(right_again, "ɹ", "ɹ", [])
    rule(right_again, ["ɪ", "ɪ'first"], [*ENDS, *"θw", *STRESS, *VOWELS, "ə'kept"], ["i"])  # "the end", "anything"
    rule(right_again, "ɪ", [*"tndmfɾpɡ", "n'"], ["ə"])  # "habit", "cabin"
    rule(right_again, ["ɐ'first"], ANY, ["ə"])
    rule(right_again, ["ɐ'first"], ["n'"], ["ɐ"])  # "an"
    rule(right_again, ["ɛ'first"], ANY, ["ɛ"])
    rule(right_again, ["ɛ'first"], "kɡ", ["ɪ"])  # "explain", "exact"
    rule(right_again, ["ɔ'first"], ANY, ["ɔ"])
    rule(right_again, ["ɔ'first"], ["n", "n'"], ["ˌ", "ɔ"])  # "on"
    rule(right_again, ["ə'h"], ANY, ["ə"])
    rule(right_again, ["ə'h"], "zv", ["æ"])  # "has", "have"
    rule(right_again, ["ʌ'first", "ʌ'w"], ANY, ["ʌ"])
    rule(right_again, ["ʌ'first"], "n", ["ˌ", "ʌ"])  # "unlike"
    rule(right_again, "ʊ", ["l", "l'"], ["ə"])  # "regulate"
    rule(right_again, ["ʌ'w"], "t", ["ˌ", "ʌ"])  # "what"
    rule(right_again, ["ɛ'w"], ANY, ["ɛ"])
    rule(right_again, ["ɛ'w"], ["n", "n'"], ["ˌ", "ɛ"])  # "when"
    rule(right_again, "æ", "ɹ", ["ɛ"])  # "carry"
    rule(right_again, "ᵻ", ANY, ["ə"])
    rule(right_again, "ᵻ", "dz", ["ᵻ"])  # "wanted", "boxes"
    rule(right_again, "ə", "l", ["ᵊ"])  # "people"
    rule(right_again, "ə", ["n", "n'"], ["ə'n"])
    rule(right_again, "I", ENDS, ["I'"])

    # 4, looking left.
    rule(left_again, ANY, ["I'"], ["I"])
    rule(left_again, BEGINS, ["I'"], ["ˌ", "I"])  # "I", as Kokoro knows it
    rule(left_again, ANY, ["ə'n"], ["ə"])
    rule(left_again, "zstd", ["ə'n"], ["ᵊ"])  # "person"
    last = {"a": "ɑ", "e": "A", "o": "ɔ", "ɾ": "T", "ɪ'kept": "ɪ", "ɪ'first": "ɪ", "ʊ'kept": "ʊ", "ə'kept": "ə", "n'": "n", "l'": "l"}
    for symbol, to in last.items():
        rule(left_again, ANY, [symbol], [to])
    rule(left_again, ANY, ["ː", "\u0329"], [])
    return [("right", right), ("left", left), ("right", right_again), ("left", left_again)]
