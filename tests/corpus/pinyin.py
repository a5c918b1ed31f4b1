#!/usr/bin/env python3
"""Writes what piper-tts 1.8.0 makes of Chinese: the files pinyin_*.

    pip install piper-tts==1.8.0 unicode-rbnf==2.4.0 && tests/corpus/pinyin.py

Its network for readings, g2pW, is not needed: syllables are given.
"""

import json
import random
import sys
import types
from pathlib import Path

# Imported by piper.phonemize_chinese, and not used here.
network = types.ModuleType("piper.g2pw_onnx")
network.G2PWOnnxConverter = None
sys.modules["piper.g2pw_onnx"] = network

from unicode_rbnf import RbnfEngine  # noqa: E402

from piper import phonemize_chinese as chinese  # noqa: E402

FOLDER = Path(__file__).parent
SENTENCES = FOLDER.parent.parent / "src/phoneme/pinyin/sentences.txt"


def numbers(phonemizer):
    generator = random.Random(1)
    whole = [str(n) for n in range(0, 130)]
    whole += [str(10**n + k) for n in range(2, 17) for k in (0, 1, 10, 100, 1000)]
    whole += [str(generator.randrange(10**n)) for n in range(3, 18) for _ in range(12)]
    # Many zeros.
    for digits in range(4, 17):
        for _ in range(8):
            number = "".join(generator.choice("000123") for _ in range(digits)).lstrip("0")
            whole.append(number or "0")
    texts = whole + [f"{n}.{generator.randrange(1000)}" for n in whole[::9] if len(n) < 12]
    texts += "0.5 10.05 1.0 1.50 -1 -0 -7.5 007 98.76 0.0001 7°C -7°C 7℃".split(" ")
    texts += ["−3° C", "-10 ℃", "−3", "-7.5°C", "77%", "98.76 %", "-7%", "７７％", "九十八点七六%", "七十七 ％", "二百%", "3-5", "A-1"]
    texts += ["1,234", "2022年", "现在是12:30。", "百分之5", "3.14.15", "三%二", "7°F", "7.5°C"]
    return [f"{text}\t{phonemizer._numbers_to_words(text)}\n" for text in dict.fromkeys(texts)]


def ids(syllables):
    """The ids of a sentence of which the readings are known."""
    phonemes = []
    for syllable in syllables:
        initial, final, tone = chinese._split_initial_final_tone(syllable)
        if final:
            phonemes += [initial or "Ø", final, tone]
        elif syllable in chinese.PHONEME_TO_ID:
            phonemes.append(syllable)
    return chinese.phonemes_to_ids(phonemes)


def main():
    phonemizer = object.__new__(chinese.ChinesePhonemizer)
    phonemizer.number_engine = RbnfEngine.for_language("zh")
    rows = numbers(phonemizer)
    (FOLDER / "pinyin_numbers.txt").write_text("".join(rows), encoding="utf-8")
    rows = []
    for line in SENTENCES.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        text, *syllables = line.split(" ")
        rows.append(f"{text}\t{' '.join(map(str, ids(syllables)))}\n")
    id_map = json.dumps(chinese.PHONEME_TO_ID, ensure_ascii=False)
    (FOLDER / "pinyin_id_map.json").write_text(id_map + "\n", encoding="utf-8")
    (FOLDER / "pinyin_ids.txt").write_text("".join(rows), encoding="utf-8")


if __name__ == "__main__":
    main()
