"""Tests of the parts that need neither the teacher nor torch.

    python3 -m unittest discover -s training
"""

import json
import random
import unittest
from pathlib import Path

import step1_corpus
import step5_config
from judge import edits, plain_words
from labels import CONTENT, PHONES, boundary_tone, labels, parse, syllabify

VOICE_CONFIG = Path(__file__).resolve().parent.parent / "assets/voice/en_US-slt-low.onnx.json"
PARTS = {"ðə": "det", "ʌv": "in", "hwˌeɹ": "wp"}


def sentence(text, glued=None):
    return parse(list(text), PARTS, glued or {})


def phones(phrases):
    return [unit.phone for phrase in phrases for s in phrase.syllables for unit in s.units]


class Symbols(unittest.TestCase):
    def test_the_longest_group_of_symbols_wins(self):
        for symbols, expected in [
            ("tʃ", ["ch"]),
            ("ts", ["t", "s"]),
            ("ɜːɹ", ["er"]),
            ("ɜː", ["er"]),
            ("n̩", ["ax", "n"]),
        ]:
            self.assertEqual(phones(sentence(symbols)), expected, symbols)

    def test_symbols_without_a_phone_are_passed_over(self):
        self.assertEqual(phones(sentence("ˈ☃ɛ")), ["eh"])
        self.assertEqual(sentence("☃ , ."), [])

    def test_a_reduced_vowel_before_final_z_or_d_is_a_schwa(self):
        self.assertEqual(phones(sentence("wˈɪʃᵻz")), ["w", "ih", "sh", "ax", "z"])
        self.assertEqual(phones(sentence("ᵻzɪ")), ["ih", "z", "ih"])

    def test_every_symbol_of_a_phone_has_a_unit_that_points_at_it(self):
        for group in PHONES:
            units = [u for p in sentence(group) for s in p.syllables for u in s.units]
            self.assertTrue(all(0 <= i < len(group) for u in units for i in u.symbols), group)

    def test_words_run_together_with_an_article_are_split(self):
        (phrase,) = sentence("ʌvðə dˈɑːɡ", {"ʌvðə": 2})
        self.assertEqual([word.part for word in phrase.words], ["in", "det", CONTENT])


class Structure(unittest.TestCase):
    def test_phrases_end_at_marks_and_know_where(self):
        phrases = sentence("hˈaɪ, ðˈɛɹ.")
        self.assertEqual([(p.end, p.mark) for p in phrases], [(4, ","), (10, ".")])

    def test_tones_fall_rise_and_continue(self):
        for mark, first, tone in [
            (".", CONTENT, "L-L%"),
            ("?", CONTENT, "H-H%"),
            ("?", "wp", "L-L%"),
            (",", CONTENT, "L-H%"),
            ("", CONTENT, "L-L%"),
        ]:
            self.assertEqual(boundary_tone(mark, first), tone)

    def test_syllables_take_the_longest_onset(self):
        (phrase,) = sentence("ɛkstɹə")
        units = [unit for s in phrase.syllables for unit in s.units]
        split = [[unit.phone for unit in part] for part in syllabify(units)]
        self.assertEqual(split, [["eh", "k"], ["s", "t", "r", "ax"]])

    def test_stress_goes_to_the_next_vowel_and_accents_content_words_only(self):
        (phrase,) = sentence("ðˈə stˈɑːɹ")
        self.assertEqual([(s.stress, s.accent) for s in phrase.syllables], [(1, 0), (1, 1)])


class Labels(unittest.TestCase):
    def test_a_sentence_is_framed_and_parted_by_pauses(self):
        lines = labels(sentence("hˈaɪ, ðˈɛɹ."))
        names = [line.text.split("-", 1)[1].split("+", 1)[0] for line in lines]
        self.assertEqual(names, "pau hh ay pau dh eh r pau".split())
        self.assertEqual([line.phrase for line in lines], [-1, 0, 0, 0, 1, 1, 1, 1])

    def test_fields_count_syllables_words_and_phrases(self):
        line = labels(sentence("ðə dˈɑːɡ."))[3]
        self.assertEqual(
            line.text,
            "dh^ax-d+aa=g@1_3/A:0_0_2/B:1-1-3@1-1&2-1#1-1$1-1!0-0;0-0|aa/C:0+0+0/D:det_1"
            "/E:content+1@2+1&0+0#0+0/F:0_0/G:0_0/H:2=2@1=1|L-L%/I:0=0/J:2+2-1",
        )


class Corpus(unittest.TestCase):
    def test_sentences_are_cleaned_and_odd_ones_left_out(self):
        random.seed(0)
        text = 'He said "yes" , twice.  Visit example.com now! Ask Mr. Go... On we go.'
        self.assertEqual(
            list(step1_corpus.clean_sentences(text)),
            ["He said yes, twice.", "On we go."],
        )


class Config(unittest.TestCase):
    def test_it_is_the_one_beside_the_voice(self):
        shipped = VOICE_CONFIG.read_text(encoding="utf-8")
        symbols = json.loads(shipped)["phoneme_id_map"]
        self.assertEqual(step5_config.text(step5_config.config(symbols)), shipped)


class Judging(unittest.TestCase):
    def test_edits_count_insertions_deletions_and_replacements(self):
        cases = [("a b c", "a b c", 0), ("a b c", "a c", 1), ("a", "b c", 2), ("", "a", 1)]
        for expected, heard, count in cases:
            self.assertEqual(edits(expected.split(), heard.split()), count)

    def test_words_are_compared_without_marks_and_case(self):
        self.assertEqual(plain_words("It's 'well-known'!"), ["it's", "well", "known"])


if __name__ == "__main__":
    unittest.main()
