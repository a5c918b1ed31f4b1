//! Phonemes for voices whose `phoneme_type` is `espeak`: nearly all voices.

use std::sync::Arc;

use super::clause::{ClauseReader, is_space};
use super::espeak::Espeak;
use super::espeak_api::SpokenClause;
use super::ipa;
use super::language_rules::LanguageRules;
use super::marks::Terminator;
use super::punctuation;
use super::raw_phonemes::{TextOrPhonemes, split_raw_phonemes};
use super::sanitize::sanitize;
use super::sentence_builder::{ClauseEnd, SentenceBuilder};
use super::split_long::split_long;
use super::{Phonemes, Phonemizer, PiperMode};
use crate::Result;
use crate::chunk::is_false_end;

/// Gets phonemes from espeak-ng, and adds the punctuation that it drops.
#[derive(Debug)]
pub struct EspeakPhonemizer {
    espeak: Arc<Espeak>,
    voice: String,
    language: String,
    rules: LanguageRules,
    mode: PiperMode,
}

impl EspeakPhonemizer {
    /// Returns a phonemizer for an espeak-ng voice.
    ///
    /// # Errors
    /// [`Error::UnknownEspeakVoice`](crate::Error::UnknownEspeakVoice).
    pub fn new(espeak: Arc<Espeak>, voice: &str, mode: PiperMode) -> Result<Self> {
        let language = espeak.language(voice)?;
        Ok(Self {
            espeak,
            voice: voice.to_owned(),
            rules: LanguageRules::of(&language),
            language,
            mode,
        })
    }

    /// Returns the language of the voice, as espeak-ng names it: `en-us`, `de`.
    pub fn language(&self) -> &str {
        &self.language
    }

    /// Returns the clauses of `text`, each with how it ends.
    fn clauses(&self, text: &str) -> Result<Vec<(SpokenClause, Terminator)>> {
        let spoken = self.espeak.clauses(&self.voice, text)?;
        let mut reader = ClauseReader::new(text, self.rules);
        let mut start = 0;
        let mut clauses = Vec::with_capacity(spoken.len());
        for clause in spoken {
            let end = clause.read_bytes.unwrap_or(text.len());
            let terminator = match reader.next() {
                Some(read) if read.read_bytes == clause.read_bytes => read.terminator,
                // Trust the library, and continue where it is.
                _ => {
                    reader.resume_at(end);
                    last_mark(&text[start..end])
                }
            };
            start = end;
            clauses.push((clause, terminator));
        }
        Ok(clauses)
    }

    /// Phonemizes like the program that prepared the training data. `[[…]]` is
    /// treated as in piper-tts.
    fn strict(&self, text: &str) -> Result<Vec<Phonemes>> {
        let parts = split_raw_phonemes(text);
        let mut sentences = Vec::new();
        let mut after_block = false;
        for (i, part) in parts.iter().enumerate() {
            match *part {
                TextOrPhonemes::Phonemes(symbols) => {
                    if sentences.is_empty() {
                        sentences.push(String::new());
                    }
                    // There is text on both sides of a block.
                    let before =
                        matches!(parts[i - 1], TextOrPhonemes::Text(t) if t.ends_with(' '));
                    let after =
                        matches!(parts[i + 1], TextOrPhonemes::Text(t) if t.starts_with(' '));
                    if let Some(last) = sentences.last_mut() {
                        last.extend(before.then_some(' '));
                        last.push_str(symbols);
                        last.extend(after.then_some(' '));
                    }
                    after_block = true;
                }
                TextOrPhonemes::Text(text) => {
                    let mut spoken = self.strict_text(text)?.into_iter();
                    if let Some(last) = sentences.last_mut().filter(|_| after_block) {
                        last.extend(spoken.next());
                    }
                    sentences.extend(spoken);
                    after_block = false;
                }
            }
        }
        if parts.len() > 1 && sentences.last().is_some_and(String::is_empty) {
            sentences.pop();
        }
        Ok(sentences.into_iter().map(Phonemes).collect())
    }

    fn strict_text(&self, text: &str) -> Result<Vec<String>> {
        let mut sentences = Vec::new();
        let mut sentence: Option<String> = None;
        for (clause, terminator) in self.clauses(&sanitize(text, self.rules))? {
            let open = sentence.get_or_insert_default();
            *open += &ipa::symbols(&clause.phonemes);
            *open += terminator.strict_mark();
            if terminator.ends_sentence() {
                sentences.extend(sentence.take());
            }
        }
        sentences.extend(sentence);
        Ok(sentences)
    }

    /// Phonemizes a text as one sentence.
    fn improved(&self, text: &str) -> Result<Option<Phonemes>> {
        let mut sentence = SentenceBuilder::default();
        for part in split_raw_phonemes(text) {
            match part {
                TextOrPhonemes::Phonemes(symbols) => {
                    sentence.push(symbols, ClauseEnd::Nothing);
                }
                TextOrPhonemes::Text(text) => self.improved_text(text, &mut sentence)?,
            }
        }
        Ok(sentence.finish())
    }

    fn improved_text(&self, text: &str, sentence: &mut SentenceBuilder) -> Result<()> {
        if text.starts_with(is_space) {
            sentence.space();
        }
        // espeak-ng drops a mark before the first word. After a block, it
        // belongs to the block.
        if let Some(mark) = text.chars().next().and_then(Terminator::of) {
            sentence.mark(mark.read_mark());
        }
        if !punctuation::has_words(text) {
            return Ok(());
        }
        let text = punctuation::rewrite(&sanitize(text, self.rules), self.rules);
        for part in split_long(&text, self.rules.reads_ideographs) {
            self.improved_part(part, sentence)?;
            if !part.ends_with(is_space) {
                sentence.no_space(); // a word continues, or a block follows
            }
        }
        Ok(())
    }

    fn improved_part(&self, part: &str, sentence: &mut SentenceBuilder) -> Result<()> {
        let mut start = 0;
        for (clause, terminator) in self.clauses(part)? {
            // The look-ahead belongs to the next clause.
            let end = clause.read_bytes.map_or(part.len(), |read| {
                part[..read]
                    .char_indices()
                    .next_back()
                    .map_or(0, |(at, _)| at)
            });
            let (clause_text, rest) = (&part[start..end.max(start)], &part[end..]);
            let clause_end = match terminator.read_mark() {
                "" => ClauseEnd::Space,
                "." if punctuation::has_words(rest) && self.is_false_end(clause_text, rest) => {
                    ClauseEnd::Space
                }
                mark => ClauseEnd::Mark(mark),
            };
            sentence.push(&ipa::symbols(&clause.phonemes), clause_end);
            start = end;
        }
        Ok(())
    }

    fn is_false_end(&self, clause: &str, rest: &str) -> bool {
        let before = clause.trim_end().strip_suffix('.');
        before.is_some_and(|before| is_false_end(before, rest, &self.language))
    }
}

impl Phonemizer for EspeakPhonemizer {
    fn phonemize(&self, text: &str) -> Result<Vec<Phonemes>> {
        match self.mode {
            PiperMode::Strict => self.strict(text),
            PiperMode::Improved => Ok(self.improved(text)?.into_iter().collect()),
        }
    }
}

/// Returns the last mark of a text.
fn last_mark(text: &str) -> Terminator {
    text.chars()
        .rev()
        .find_map(Terminator::of)
        .unwrap_or(Terminator::NONE)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::EspeakOptions;
    use super::*;
    use crate::Error;

    fn espeak() -> Arc<Espeak> {
        Espeak::open(&EspeakOptions::default())
            .expect("the tests need espeak-ng: apt-get install libespeak-ng1 espeak-ng-data")
    }

    fn speak(voice: &str, mode: PiperMode, text: &str) -> Vec<String> {
        let phonemizer = EspeakPhonemizer::new(espeak(), voice, mode).unwrap();
        let sentences = phonemizer.phonemize(text).unwrap();
        sentences.into_iter().map(|sentence| sentence.0).collect()
    }

    fn check(mode: PiperMode, cases: &[(&str, &str, &[&str])]) {
        for (voice, text, expected) in cases {
            assert_eq!(speak(voice, mode, text), *expected, "{text:?}");
        }
    }

    #[test]
    fn strict_reproduces_the_defects_of_the_training_data() {
        check(
            PiperMode::Strict,
            &[
                ("en-us", "Hello world.", &["həlˈoʊ wˈɜːld."]),
                ("en-us", "Hello world", &["həlˈoʊ wˈɜːld"]),
                ("en-us", "Wait... what?", &["wˈeɪtwˌʌt?"]),
                ("en-us", "Well… ok", &["wˈɛlˌoʊkˈeɪ"]),
                ("en-us", "Yes!\n\nNo", &["jˈɛs", "nˈoʊ"]),
                ("en-us", "Dr. Smith", &["dˈɑːktɚ.", "smˈɪθ"]),
                ("en-us", "one - two — four", &["wˈʌn tˈuː; fˈoːɹ"]),
                ("en-us", "and comma,", &["ænd kˈɑːmə, "]),
                ("en-us", "\u{201C}Yes.\u{201D}", &["jˈɛs.", ""]),
                ("en-us", "", &[""]),
                ("de", "am 3. Mai", &["am dɾˈaɪ.", "mˈaɪ"]),
                ("es", "Hola ¿qué?", &["ˈolakˈe?"]),
                ("ja", "はい。はい？", &["hˈa\u{308}i", "hˈa\u{308}i"]),
            ],
        );
    }

    #[test]
    fn improved_keeps_words_pauses_and_questions() {
        check(
            PiperMode::Improved,
            &[
                ("en-us", "Hello world.", &["həlˈoʊ wˈɜːld."]),
                ("en-us", "Hello world", &["həlˈoʊ wˈɜːld."]),
                ("en-us", "Wait... what?", &["wˈeɪt; wˌʌt?"]),
                ("en-us", "Well… ok", &["wˈɛl; ˌoʊkˈeɪ."]),
                ("en-us", "Wait…?", &["wˈeɪt?"]),
                ("en-us", "Really?\n\nYes!\n\nNo", &["ɹˈiəli? jˈɛs! nˈoʊ."]),
                ("en-us", "Dr. Smith", &["dˈɑːktɚ smˈɪθ."]),
                ("en-us", "James T. Kirk", &["dʒˈeɪmz tˈiː kˈɜːk."]),
                ("en-us", "Stop. Go on.", &["stˈɑːp. ɡˌoʊ ˈɔn."]),
                ("en-us", "on Jan. 5th", &["ˌɔn dʒˈæn fˈɪfθ."]),
                ("en-us", "1. Go on.", &["wˈʌn. ɡˌoʊ ˈɔn."]),
                ("en-us", "I said no. Then", &["aɪ sˈɛd nˈoʊ. ðˈɛn."]),
                ("es", "La pág. 5.", &["la pˈaɡ θˈinko."]),
                ("hi", "डॉ. शर्मा", &["ɖˈɔ ʃˈʌrmaː."]),
                ("ru", "Ул. Ленина", &["ˈuɭ ɭʲˈenʲina."]),
                ("en-us", "one - two -- three", &["wˈʌn; tˈuː; θɹˈiː."]),
                ("en-us", "a—b", &["ˈeɪ; bˈiː."]),
                ("en-us", "one (two) three", &["wˈʌn, tˈuː, θɹˈiː."]),
                ("en-us", "word(s)", &["wˈɜːd ˈɛs."]),
                ("en-us", "and comma,", &["ænd kˈɑːmə,"]),
                ("en-us", "\u{201C}Yes.\u{201D}", &["jˈɛs."]),
                ("de", "am 3. Mai", &["am dɾˈɪtə mˈaɪ."]),
                ("es", "Hola ¿qué?", &["ˈola kˈe?"]),
                ("ja", "はい。はい？", &["hˈa\u{308}i. hˈa\u{308}i?"]),
                ("ar", "مرحبا،كيف حالك؟", &["mrħbˈaː, kˈajfa ħˈaːlik?"]),
                ("hu", "szűréshez...", &["sˈyːreːʃhɛz."]),
            ],
        );
    }

    #[test]
    fn text_without_words_gives_no_sentence() {
        for text in [
            "", " \n\t ", "...", "…", "!?", "***", "---", "\0", "( )", "[[ ]]",
        ] {
            let none: [String; 0] = [];
            assert_eq!(speak("en-us", PiperMode::Improved, text), none, "{text:?}");
        }
    }

    #[test]
    fn raw_phonemes_are_used_unchanged() {
        check(
            PiperMode::Strict,
            &[
                ("en-us", "Hello [[wˈɜː]] there", &["həlˈoʊ wˈɜː ðˈɛɹ"]),
                ("en-us", "[[ç]]", &["ç"]), // not decomposed
                ("en-us", "Hello. [[a]] world.", &["həlˈoʊ. a wˈɜːld."]),
            ],
        );
        check(
            PiperMode::Improved,
            &[
                ("en-us", "Hello [[wˈɜː]] there", &["həlˈoʊ wˈɜː ðˈɛɹ."]),
                ("en-us", "a[[b]]c", &["ˈeɪbsˈiː."]),
                ("en-us", "[[a]], and", &["a, ænd."]),
                ("en-us", "Hello, [[a]]!", &["həlˈoʊ, a!"]),
                ("en-us", "[[a?]]", &["a?"]),
            ],
        );
    }

    #[test]
    fn no_word_of_a_very_long_clause_is_lost_or_joined() {
        for (voice, word) in [("en-us", "seven "), ("en-us", "777 "), ("ru", "дом ")] {
            let once = speak(voice, PiperMode::Improved, word)[0].replace(['.', 'ˈ', 'ˌ'], "");
            let text = word.repeat(1000);
            let many = speak(voice, PiperMode::Improved, &text)[0].replace(['.', 'ˈ', 'ˌ'], "");
            assert_eq!(many.matches(&once).count(), 1000, "{word}");
            assert_eq!(many.split(' ').count(), 1000 * once.split(' ').count());
        }
    }

    #[test]
    fn unknown_voices_are_errors_with_their_names() {
        for name in ["xx-none", "", "../en", "a\0b", &"x".repeat(500)] {
            let error = EspeakPhonemizer::new(espeak(), name, PiperMode::Strict).unwrap_err();
            assert!(
                matches!(error, Error::UnknownEspeakVoice { name: unknown, .. } if unknown == name)
            );
        }
    }

    #[test]
    fn voices_have_the_names_of_espeak_ng_and_of_languages() {
        for (name, language) in [
            ("fr-fr", "fr-fr"),
            ("fr-FR", "fr-fr"),
            ("en-gb", "en-gb"),
            ("en-GB", "en-gb"),
            ("zh", "cmn"),
            ("pt-pt", "pt"),
            ("es-mx", "es-419"),
            ("no", "nb"),
            ("German", "de"),
            ("en-us+f3", "en-us"),
            ("gmw/de", "de"),
        ] {
            assert_eq!(espeak().language(name).unwrap(), language, "{name}");
        }
        let Err(Error::UnknownEspeakVoice { known, .. }) = espeak().language("xx") else {
            panic!("there is a voice `xx`");
        };
        assert!(known.len() > 90 && known.iter().any(|language| language == "de"));
    }

    #[test]
    fn threads_with_different_voices_do_not_disturb_each_other() {
        let expected = ["həlˈoʊ.", "hˈaloː."];
        std::thread::scope(|scope| {
            for (voice, text, expected) in [
                ("en-us", "Hello.", expected[0]),
                ("de", "Hallo.", expected[1]),
            ] {
                scope.spawn(move || {
                    for _ in 0..200 {
                        assert_eq!(speak(voice, PiperMode::Strict, text), [expected]);
                    }
                });
            }
        });
    }

    #[test]
    fn words_in_two_scripts_leave_no_accent_behind() {
        for text in ["Bह", "IVբարև", "a.b.cह"] {
            speak("en-us", PiperMode::Strict, text);
            let hello = speak("en-us", PiperMode::Strict, "Hello.");
            assert_eq!(hello, ["həlˈoʊ."], "after {text:?}");
        }
    }

    #[test]
    fn strict_equals_the_training_data_except_for_dictionaries() {
        let corpus = include_str!("../../tests/corpus/phonemes.jsonl");
        let mut shares: BTreeMap<String, (usize, usize)> = BTreeMap::new();
        for line in corpus.lines() {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            let (voice, text) = (
                line["voice"].as_str().unwrap(),
                line["text"].as_str().unwrap(),
            );
            let expected: Vec<&str> = line["sentences"]
                .as_array()
                .unwrap()
                .iter()
                .map(|sentence| sentence.as_str().unwrap())
                .collect();
            let equal = speak(voice, PiperMode::Strict, text) == expected;
            for key in [voice, "all"] {
                let share = shares.entry(key.to_owned()).or_default();
                *share = (share.0 + usize::from(equal), share.1 + 1);
            }
        }
        for (voice, percent) in [
            ("all", 93),
            ("en-us", 99),
            ("de", 99),
            ("fr", 99),
            ("it", 99),
            ("nl", 99),
            ("pl", 99),
        ] {
            let (equal, lines) = shares[voice];
            assert!(
                equal * 100 >= lines * percent,
                "{voice}: {equal} of {lines}"
            );
        }
    }

    #[test]
    fn rows_of_initials_do_not_end_the_program() {
        for language in ["en-us", "de", "fr", "ru"] {
            for mode in [PiperMode::Improved, PiperMode::Strict] {
                for unit in ["a.", "a.b.", "e.g., ", "z.B. ", "ä.", "ж.", "a . ", "a .;"] {
                    for count in [50, 100, 300] {
                        let phonemes = speak(language, mode, &unit.repeat(count));
                        assert!(!phonemes.is_empty(), "{language}: {unit}");
                    }
                }
            }
        }
    }

    // Not every voice: 1.51 may still crash on such lines in others, such as
    // Hindi, Vietnamese, Arabic and Hebrew.
    #[test]
    fn no_line_crashes_or_hangs_the_listed_voices() {
        const ATOMS: &[&str] = &[
            ".",
            ",",
            "?",
            "!",
            ";",
            ":",
            "…",
            "...",
            "..",
            " ",
            "\n",
            "\n\n",
            "\t",
            "a",
            "B",
            "word",
            "Dr.",
            "IV",
            "3.",
            "12345678901234567890",
            "1,234,567.89",
            "१२३",
            "你好",
            "。",
            "？",
            "مرحبا",
            "،",
            "؟",
            "है",
            "।",
            "॥",
            "՞",
            "բարև",
            "(",
            ")",
            "[",
            "]",
            "[[",
            "]]",
            "<b>",
            "&amp;",
            "\"",
            "'",
            "“",
            "”",
            "-",
            "--",
            "—",
            "–",
            "😀",
            "👨‍👩‍👧",
            "\u{200D}",
            "\u{AD}",
            "\u{301}",
            "\0",
            "\u{1}",
            "\u{2}",
            "\u{85}",
            "\u{2029}",
            "\u{FEFF}",
            "\u{FFFD}",
            "\u{10FFFF}",
            "\u{E000}",
            "\u{530}",
            "@",
            "#",
            "$",
            "%",
            "*",
            "/",
            "\\",
            "|",
            "+",
            "_",
            "é",
            "ß",
            "Ж",
            "שלום",
            "가",
            "ไทย",
            "½",
            "²",
            "⒈",
            "🄀",
            "http://x.y/z?a=1",
            "a.b.c",
            "u.s.a.'s",
            "I.",
            "999999999999999999999999999999999999999999999999",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        ];
        const VOICES: &[&str] = &[
            "en-us", "de", "fr", "it", "es", "pt", "ru", "pl", "nl", "fi", "hu", "cmn",
        ];
        let espeak = espeak();
        let phonemizers: Vec<_> = VOICES
            .iter()
            .flat_map(|voice| {
                [PiperMode::Strict, PiperMode::Improved]
                    .map(|t| EspeakPhonemizer::new(espeak.clone(), voice, t).unwrap())
            })
            .collect();
        let mut state = 0x9E37_79B9_7F4A_7C15_u64;
        let mut random = |below: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            usize::try_from(state % below as u64).unwrap()
        };
        for line in 0..20_000 {
            let length = 1 + random(if line % 100 == 0 { 300 } else { 12 });
            let text: String = (0..length).map(|_| ATOMS[random(ATOMS.len())]).collect();
            let phonemizer = &phonemizers[random(phonemizers.len())];
            let sentences = phonemizer.phonemize(&text).unwrap();
            if phonemizer.mode == PiperMode::Improved {
                assert!(sentences.len() <= 1, "{text:?}");
                assert!(sentences.iter().all(|s| !s.as_str().is_empty()), "{text:?}");
            }
        }
    }
}
