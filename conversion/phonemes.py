"""Symbols that all accents share."""

START = "^"  # Kokoro's 0: before and after every sentence
DROP = 255  # no symbol
ENDS = [START, *' ;:,.!?—…"()“”']  # what a word ends at, or begins after
BEGINS = [START, *' "(“—']
STRESS = "ˈˌ"
VOWELS = "aeiouæɐɑɔəɛɜɪʊʌᵻAIOWY"
ANY = ["any"]

# Piper's numbers: a symbol's place here. Those after the gap are Kokoro's own, for [[ ]].
PIPER = (
    "_^$ !'(),-.:;?abcdefhijklmnopqrstuvwxyzæçðøħŋœǀǁǂǃɐɑɒɓɔɕɖɗɘəɚɛɜɞɟɠɡɢɣɤɥɦɧɨɪɫɬɭɮɯɰɱɲɳɴɵɶɸ"
    "ɹɺɻɽɾʀʁʂʃʄʈʉʊʋʌʍʎʏʐʑʒʔʕʘʙʛʜʝʟʡʢʲˈˌːˑ˞βθχᵻⱱ0123456789\u0327\u0303\u032a\u032f\u0329ʰˤε↓#"
    '"↑\u033a\u033bgʦX\u031d\u030aɝʷ'
)
OWN, OWN_FROM = "—…“”ʤʧᵊAIOWYTQ", 166

# What stands for another symbol wherever it is. An accent adds its own, and says which
# symbols stay; what is in neither list is not spoken.
ALWAYS = {
    "ɚ": "əɹ", "ɝ": "ɜɹ", "g": "ɡ", "r": "ɹ", "ʔ": "t", "a": "a", "e": "e", "o": "o", "ɾ": "ɾ",
    "ɬ": "l", "ɫ": "l", "ɭ": "l", "ʎ": "lj", "ɲ": "nj", "ɳ": "n", "ɴ": "ŋ", "ɱ": "m", "ʍ": "w",
    "ɥ": "w", "x": "k", "χ": "k", "q": "k", "c": "k", "ɢ": "ɡ", "ɣ": "ɡ", "ɟ": "ʤ", "ç": "h",
    "ħ": "h", "ɦ": "h", "ʀ": "ɹ", "ʁ": "ɹ", "ɺ": "ɹ", "ɻ": "ɹ", "ɽ": "ɹ", "β": "v", "ʋ": "v",
    "ⱱ": "v", "ɸ": "f", "ɓ": "b", "ɗ": "d", "ɖ": "d", "ɠ": "ɡ", "ʈ": "t", "ʦ": "ts", "ʂ": "ʃ",
    "ɕ": "ʃ", "ʐ": "ʒ", "ʑ": "ʒ", "ʝ": "j", "ʉ": "u", "ɯ": "u", "y": "u", "ʏ": "ʊ",
    "ɨ": "ɪ", "ø": "ə", "ɘ": "ə", "ɵ": "ə", "œ": "ɛ", "ε": "ɛ", "ɶ": "æ", "ɞ": "ɜ", "ɤ": "ʌ",
}  # fmt: skip


def rule(rules, firsts, seconds, to):
    """What becomes of one symbol of each pair of neighbours; later rules win."""
    rules.update({(a, b): to for a in firsts for b in seconds})
