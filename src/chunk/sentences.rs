//! Line groups → sentences: the marks of UAX #29, and rules per language.
//!
//! A mark ends a sentence, with these exceptions: no new word or a lowercase
//! letter follows, or the word before is an abbreviation, an initial, an
//! ordinal or the number of a list item. White space, closing quotes and
//! brackets belong to the sentence before them.

use super::mark;
use super::mark_run::{MarkKind, MarkRun};
use super::raw_phonemes::RawPhonemes;
use super::sentence_rules::{SentenceRules, Usage};
use super::word::{
    NextWord, WordClass, is_clock, is_initials, is_list_number, is_ordinal, is_plain_word,
    last_word, starts_without_capital,
};

/// The sentences of a line group, in order. Concatenated, they are the group.
pub(super) struct Sentences<'t> {
    text: &'t str,
    start: usize,
    rules: &'static SentenceRules,
    raw: RawPhonemes<'t>,
}

impl<'t> Sentences<'t> {
    pub(super) fn new(text: &'t str, rules: &'static SentenceRules) -> Self {
        Self {
            text,
            start: 0,
            rules,
            raw: RawPhonemes::new(text),
        }
    }

    /// Returns the first run of marks at or after `from`.
    fn mark_run(&mut self, from: usize) -> Option<MarkRun<'t>> {
        let is_mark = |c| mark::is_terminal(c) || self.rules.ends_questions(c);
        let mut position = from;
        let at = loop {
            let at = position + self.text[position..].find(is_mark)?;
            match self.raw.at_or_after(at) {
                Some(block) if block.start < at => position = block.end,
                _ => break at,
            }
        };
        let before = &self.text[self.start..at];
        Some(MarkRun::new(before, &self.text[at..], is_mark))
    }

    /// Returns the end of the sentence that starts at `start`.
    fn end(&mut self) -> usize {
        let mut position = self.start;
        let mut has_words = false;
        while let Some(run) = self.mark_run(position) {
            let marks = self.start + run.before.len();
            has_words |= self.text[position..marks].contains(char::is_alphanumeric);
            position = self.text.len() - run.after.len();
            if has_words && self.ends_at(&run) {
                return position;
            }
        }
        self.text.len()
    }

    fn ends_at(&self, run: &MarkRun) -> bool {
        let next = NextWord::of(run.after);
        if next.class == WordClass::None
            || run.after.starts_with(mark::continues)
            || run.is_bracketed()
        {
            return false;
        }
        if run.gap.is_empty() {
            return run.ends_without_space(&next);
        }
        let lowercase = next.class == WordClass::Lowercase;
        match run.kind() {
            MarkKind::Firm => !lowercase || !(next.after_dash || run.is_closed()),
            MarkKind::Ellipsis => !lowercase,
            MarkKind::FullStop => self.ends_at_full_stop(run.before, &next),
        }
    }

    fn ends_at_full_stop(&self, before: &str, next: &NextWord) -> bool {
        if is_list_number(before) || is_abbreviated(before, next, self.rules) {
            return false;
        }
        next.class != WordClass::Lowercase
            || (starts_without_capital(before) && is_plain_word(last_word(before)))
    }
}

/// Returns whether the full stop after `before` only marks an abbreviation, an
/// initial or an ordinal, so that the sentence continues.
pub(super) fn is_abbreviated(before: &str, next: &NextWord, rules: &SentenceRules) -> bool {
    let word = last_word(before);
    let starts_sentence = || {
        next.class != WordClass::Uppercase
            || (!next.is_initial && rules.starts_sentences(next.word))
    };
    match rules.usage(word) {
        Some(Usage::Never) => return true,
        Some(Usage::Rarely) => {
            let continues = matches!(next.class, WordClass::Lowercase | WordClass::Digit);
            return continues || !starts_sentence();
        }
        Some(Usage::Often) => {
            return next.class == WordClass::Lowercase || is_clock(word) && next.continues_time();
        }
        Some(Usage::BeforeNumber) if next.is_number() || next.class == WordClass::Lowercase => {
            return true;
        }
        Some(Usage::BeforeNumber) | None => {}
    }
    if is_initials(word) {
        return !starts_sentence();
    }
    rules.has_ordinals()
        && is_ordinal(word)
        && (next.class == WordClass::Digit || !starts_sentence())
}

impl<'t> Iterator for Sentences<'t> {
    type Item = &'t str;

    fn next(&mut self) -> Option<Self::Item> {
        if self.start == self.text.len() {
            return None;
        }
        let end = self.end();
        let sentence = &self.text[self.start..end];
        self.start = end;
        Some(sentence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Asserts that each text is split at every `|` and nowhere else.
    fn check(voice: &str, cases: &[&str]) {
        let mut failures = Vec::new();
        for case in cases {
            let text = case.replace('|', "");
            let got: Vec<_> = Sentences::new(&text, SentenceRules::of(voice)).collect();
            if got.join("|") != *case {
                failures.push(format!("wanted {case:?}\n   got {:?}", got.join("|")));
            }
        }
        assert!(failures.is_empty(), "{voice}:\n{}", failures.join("\n"));
    }

    #[test]
    fn marks_end_sentences_and_closing_quotes_belong_to_them() {
        check(
            "en-us",
            &[
                "",
                "Hello world",
                "One. |Two! |Three? |Four",
                "What?! |No!!! |Yes.",
                "He said “Go.” |She went.",
                "(One.) |[Two.] |Three.",
                "“Really?” he asked. |“Yes!” |She left.",
                "He did it (again!) and left.",
                "A fact.[1] |Another.[2][13] |A third.",
                "**Bold.** |_Italic._ |Plain.",
                "Great! 😀",
                "Great! |😀 Next.",
                "One.\u{a0}|Two.",
                "One.  \t |Two.",
                "One . |Two.",
                "Well? ! |Then.",
                "Stop. ;no",
                "...and then. |Done.",
                "---. foo",
            ],
        );
    }

    #[test]
    fn ellipses_end_a_sentence_by_the_case_of_the_next_word() {
        check(
            "en-us",
            &[
                "Wait... what?",
                "Wait... |What?",
                "Well… ok",
                "Well… |Ok",
                "Wait...|What?",
                "Well...ok",
                "He said […] Nothing (...) More.",
                "So . . . what?",
            ],
        );
    }

    #[test]
    fn full_stops_inside_words_do_not_end_sentences() {
        check(
            "en-us",
            &[
                "It costs $3.14 today. |Pay.",
                "Version 1.2.3 of example.com/a.b?q=A!b is out.",
                "Write to jane.doe@example.com. |She reads main.rs at 10.30.",
                "Use .NET or Node.js.",
                "See https://example.com/?a=B. |Now.",
                "In 2019. |15 people came.",
            ],
        );
    }

    #[test]
    fn text_without_capitals_is_split_too() {
        check(
            "en-us",
            &[
                "i went home. |then i slept, e.g. badly. |it was fine.",
                "Sentence one. sentence two lower. |3 things.",
            ],
        );
    }

    #[test]
    fn english_abbreviations_and_initials_do_not_end_sentences() {
        check(
            "en-us",
            &[
                "Dr. Smith and James T. Kirk paid $3.14",
                "Mr. and Mrs. Jones met Prof. Brown. |They talked.",
                "J. R. R. Tolkien wrote. |C. S. Lewis too.",
                "J.R.R. Tolkien and J. A. Smith.",
                "The U.S. Army left the U.S. |It was over.",
                "Bring e.g. Apples, i.e. Fruit.",
                "Apples, pears, etc. |They are good.",
                "Apples, pears, etc. are good.",
                "At 5 p.m. |He left. |At 5 p.m. he left.",
                "Apple Inc. Chief Tim Cook left Apple Inc. |He was tired.",
                "St. Louis is far. |I live on Main St. |It is long.",
                "No. 5 is alive. |No. |I said no. |Fine.",
                "See Fig. 3 and Vol. II. |He ate a fig. |Then more.",
                "On Jan. 5 and Sat. Feb. 6. |They sat. |Then left.",
                "Smith vs. Jones et al. |Were they there?",
                "Plan B. |Then C. |It works.",
                "1. The dog. |2. The cat.",
                "  - a. First. |Second.",
                "IV. The end.",
                "He is 6 ft. 2 in. tall. |She sang feat. Rihanna.",
                "She was b. 1950; d. 2001. |Plan B. |5 left.",
                "Martin Luther King Jr. Day. |He has a Ph.D. |She too.",
            ],
        );
    }

    #[test]
    fn a_month_before_a_year_does_not_end_a_sentence() {
        for (voice, months) in [
            ("ca", "gen des"),
            ("da", "jan dec"),
            ("de", "Jan Dez"),
            ("el", "Ιαν Δεκ"),
            ("en-us", "Jan Dec"),
            ("es", "ene dic"),
            ("fr", "janv févr déc"),
            ("hu", "jan dec"),
            ("it", "gen dic"),
            ("nb", "jan des"),
            ("nl", "jan dec"),
            ("pt-br", "jan dez"),
            ("ro", "ian dec"),
            ("ru", "янв дек"),
            ("sv", "jan dec"),
            ("uk", "січ груд"),
        ] {
            for month in months.split(' ') {
                check(voice, &[&format!("On 5 {month}. 2020 it was. |Then.")]);
            }
        }
    }

    #[test]
    fn a_full_stop_of_an_abbreviation_is_not_an_end() {
        for (before, after, voice, expected) in [
            ("Dr", " Smith", "en-us", true),
            ("James T", " Kirk", "en-us", true),
            ("as No", " 5", "en-us", true),
            ("I said no", " Then", "en-us", false),
            ("So do I", " Then", "en-us", false),
            ("We watched TV", " Then", "en-us", false),
            ("1", " First", "en-us", false), // a label is followed by a pause
            ("am 3", " Mai", "de", true),
            ("at 3", " Then", "en-us", false),
            ("im Jahr 1990", " Dann", "de", false),
            ("(Prof", " Brown)", "en-us", true),
            ("„Drei Euro", "“ sagte er", "de", false),
            ("", "", "en-us", false),
        ] {
            let abbreviated =
                is_abbreviated(before, &NextWord::of(after), SentenceRules::of(voice));
            assert_eq!(abbreviated, expected, "{before}");
        }
    }

    #[test]
    fn other_languages_have_their_own_abbreviations_and_ordinals() {
        let tables: &[(&str, &[&str])] = &[
            (
                "de",
                &[
                    "am 3. Mai",
                    "Der 1. FC Köln verlor. |Schade.",
                    "Er ist 35. |Sie ist 30.",
                    "z.B. Dr. Müller, Str. 5.",
                    "Obst, z. B. Äpfel, d. h. Kerne usw. |Danach ging er.",
                    "Ludwig XIV. König von Frankreich, starb 1715. |Danach war Ruhe.",
                    "Prof. Dr. med. Hans Meier wohnt Hauptstr. 5. |Er ist alt.",
                    "Es kostet 3.000,50 Euro. |Nr. 5 lebt.",
                    "Im Jahr 1999. |Im Jahr 2000.",
                    "Am 3. 5. 2020 kam er. |Nun ja.",
                    "„Hallo!“ sagte er. |»Komm!« |Er kam.",
                    "Max. |Danach Moritz.",
                ],
            ),
            (
                "fr",
                &[
                    "M. Dupont et Mme. Durand. |Ils sont là.",
                    "Les amis ont dit : « Bonjour ! » |Puis rien.",
                    "« Quoi ? » demanda-t-il. |« Oui ! », dit-elle.",
                    "J.-P. Sartre, p. ex. Jean. |C'est lui, J. |C'est tout.",
                    "Pommes, etc. |Il part. |Vraiment ?",
                    "Voir art. 5, p. 12.",
                ],
            ),
            (
                "es",
                &[
                    "El Sr. García y la Sra. López. |¿Qué hora es? |¡Son las 10:30!",
                    "Frutas, p. ej. Manzanas, p.ej. Peras.",
                    "Vive en EE. UU. |Está bien.",
                    "Av. Libertad, núm. 5. |Ud. Pérez.",
                ],
            ),
            (
                "it",
                &[
                    "Il dott. Rossi e la sig.ra Bianchi. |Mele, pere, ecc. |Poi basta.",
                    "L'ing. Verdi, p.es. Carlo, art. 3.",
                ],
            ),
            (
                "pt-br",
                &["O Sr. Silva e a Dra. Costa. |Av. Paulista, nº. 5. |Frutas, etc. |Fim."],
            ),
            (
                "nl",
                &["Dhr. Jansen en mevr. De Vries, bijv. Piet. |Appels enz. |Daarna niets."],
            ),
            (
                "pl",
                &[
                    "Na ul. Długiej, tzn. Prof. Nowak. |Jabłka itd. |Potem nic.",
                    "Dnia 3. maja. |Powiedział im. |Potem wyszedł.",
                ],
            ),
            (
                "ru",
                &[
                    "Яблоки, груши и т.д. |Потом всё.",
                    "Яблоки, т.е. Фрукты, и т. д. и т. п. |Он ушёл.",
                    "А. С. Пушкин жил в г. Москва. |В 1999 г. |Он умер.",
                    "— Что? — спросил он. |— Ничего!",
                    "В XIX в. Россия росла. |Сказал им. |Потом ушёл.",
                ],
            ),
            ("uk", &["На вул. Хрещатик, м. Київ. |Яблука і т.д. |Потім."]),
            (
                "cs",
                &[
                    "Na ul. Dlouhé, např. Praha. |Je mu 35. |Potom šel.",
                    "Karel IV. Lucemburský a 1. Máj. |Jablka atd. |Potom nic.",
                    "Dne 3. 5. 2020 přišel.",
                ],
            ),
            (
                "sv",
                &["T.ex. Anna, dvs. Hon. |Äpplen osv. |Den är min. |Nu går vi."],
            ),
            (
                "da",
                &["Den 2. Verdenskrig, f.eks. Berlin. |Æbler osv. |Den er min. |Så."],
            ),
            ("nb", &["Den 17. Mai, f.eks. Oslo. |Epler osv. |Så går vi."]),
            ("fi", &["Esim. Helsinki, ns. Stadi. |Omenat jne. |Sitten."]),
            (
                "hu",
                &["Dr. Kovács, pl. Budapest. |A 3. Kerület. |Alma stb. |Akkor."],
            ),
            (
                "el",
                &["Ξεχάσατε; |Ναι. |Ο κ. Παπαδόπουλος, π.χ. Νίκος; |Το 50 π.Χ. |Τότε."],
            ),
            ("tr", &["Dr. Yılmaz ve 3. Selim. |Elma vb. |Sonra."]),
            ("ka", &["გამარჯობა. |როგორ ხარ? |კარგად."]),
            ("unknown", &["Hello. |World 3. |Then."]),
        ];
        for (voice, cases) in tables {
            check(voice, cases);
        }
    }

    #[test]
    fn marks_of_every_script_end_sentences() {
        let tables: &[(&str, &[&str])] = &[
            (
                "cmn",
                &[
                    "你好。|世界？|是的！|“好。”|他走了。",
                    "我……我不知道。|好…… |走吧。",
                    "版本3.14。|你好!|世界",
                    "你好？！|是，好。",
                ],
            ),
            ("ja", &["こんにちは。|「行く。」|はい！|え？！|うん"]),
            ("ar", &["كيف حالك؟ |أنا بخير. |شكرا!"]),
            ("ur", &["یہ ہے۔ |وہ ہے؟ |جی۔"]),
            (
                "hi",
                &["यह है। |वह है॥ |डॉ. शर्मा आए।", "किया गया है । |अब आप है ।"],
            ),
            ("hy", &["Բարեւ։ |Ինչպես ես։"]),
            ("am", &["ሰላም። |እንዴት ነህ፧ |ደህና።"]),
            ("km", &["សួស្តី។|អ្នក"]),
            ("my", &["ဟယ်လို၊ ကမ္ဘာ။ |ကောင်း။"]),
            ("ko", &["안녕하세요. |잘 지내요? |네!"]),
        ];
        for (voice, cases) in tables {
            check(voice, cases);
        }
    }

    #[test]
    fn raw_phonemes_are_never_split() {
        check(
            "en-us",
            &[
                "Say [[hɛ. Lo!]] now. |[[wˈɜː? Ld]] Next.",
                "One. |[[tuː]]. |Three.",
                "[[wʌn.]] Two",
            ],
        );
    }

    #[test]
    fn a_full_stop_before_a_megabyte_of_spaces_takes_linear_time() {
        // A literal implementation of UAX #29 looks ahead at each of them.
        let text = format!(
            "One.{}Two. {}",
            " ".repeat(500_000),
            ".\u{201d} ".repeat(100_000)
        );
        assert_eq!(Sentences::new(&text, SentenceRules::of("en")).count(), 2);
    }
}
