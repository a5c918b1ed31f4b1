//! Writes `tests/corpus/PHONEMES.md`: how many phonemes of `--strict-piper` equal
//! those that stock voices were trained on.
//!
//! `cargo run --example phoneme_table`

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;

use piper_rs::phoneme::{
    Espeak, EspeakOptions, EspeakPhonemizer, Phonemes, Phonemizer as _, PiperMode,
};
use serde_json::Value;

const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus/phonemes.jsonl");
const TABLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus/PHONEMES.md");
const MARKS: [char; 6] = ['.', '?', '!', ',', ':', ';'];

const CAUSES: &str = "
## What differs

Sentences and marks are equal on every line except in Mandarin, whose phonemes
contain full stops, so that marks cannot be compared. (The last column counts
lines with other marks.) The other differences come from the version of
espeak-ng: the reference used a fork of early 2023, between 1.51 and 1.52.

| voice | difference | reference | here |
|---|---|---|---|
| uk | rewritten dictionary and rules | `βɛsˈɛlka` | `visˈeɭka` |
| cmn | 1.51's data reads most pinyin as English | `tshai2χˈonɡɜ` | `keɪθɹˈiː` |
| he | more letters read as words | `hvkʃˈa` | `ʔvkʃʔ` |
| ru | stress of short words, some numbers | `ˌɪɭʲɪ` | `ˈɪɭʲɪ` |
| ml | first consonant voiced after a vowel-less start | `kˈɐr.iɲɲɐ` | `ɡˈɐr.iɲɲɐ` |
| es | n before f, p and b | `konfˈiɾme` | `komfˈiɾme` |
| th | vowels of some clusters | `lˌaaˌe2l` | `lˌase2l` |
| hu, ne, ar, ur | stress or ending of single words | `ˌiʃmɛrɛtlɛn` | `ˈiʃmɛrɛtlɛn` |
";

#[derive(Default)]
struct Share {
    lines: usize,
    equal: usize,
    other_marks: usize,
}

fn main() -> Result<(), Box<dyn Error>> {
    let espeak = Espeak::open(&EspeakOptions::default())?;
    let mut shares: BTreeMap<String, Share> = BTreeMap::new();
    for line in fs::read_to_string(CORPUS)?.lines() {
        let line: Value = serde_json::from_str(line)?;
        let voice = line["voice"].as_str().ok_or("a line without a voice")?;
        let text = line["text"].as_str().ok_or("a line without a text")?;
        let expected: Vec<&str> = line["sentences"]
            .as_array()
            .ok_or("a line without sentences")?
            .iter()
            .filter_map(Value::as_str)
            .collect();
        let phonemizer = EspeakPhonemizer::new(espeak.clone(), voice, PiperMode::Strict)?;
        let sentences = phonemizer.phonemize(text)?;
        let sentences: Vec<&str> = sentences.iter().map(Phonemes::as_str).collect();
        for name in [voice, "all"] {
            let share = shares.entry(name.to_owned()).or_default();
            share.lines += 1;
            share.equal += usize::from(sentences == expected);
            share.other_marks += usize::from(marks(&sentences) != marks(&expected));
        }
    }
    fs::write(TABLE, table(espeak.version(), &shares)?)?;
    Ok(())
}

fn marks(sentences: &[&str]) -> Vec<String> {
    let only_marks = |s: &&str| s.chars().filter(|c| MARKS.contains(c)).collect();
    sentences.iter().map(only_marks).collect()
}

fn table(version: &str, shares: &BTreeMap<String, Share>) -> Result<String, std::fmt::Error> {
    let mut out = format!(
        "# Phonemes equal to those of the training data\n\n\
         Written by `cargo run --example phoneme_table` with espeak-ng {version}. \
         The exact lists of sentences are compared.\n\n\
         | voice | lines | equal | % | other marks |\n|---|---:|---:|---:|---:|\n"
    );
    for (voice, share) in shares {
        let percent = 100.0 * share.equal as f64 / share.lines as f64;
        let Share {
            lines,
            equal,
            other_marks,
        } = share;
        writeln!(
            out,
            "| {voice} | {lines} | {equal} | {percent:.1} | {other_marks} |"
        )?;
    }
    out.push_str(CAUSES);
    Ok(out)
}
