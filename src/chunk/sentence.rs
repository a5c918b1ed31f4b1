//! Stretches → sentences: UAX #29's marks, and what a language knows of them.
//!
//! A mark ends a sentence unless something speaks against it: what follows is
//! no new word, or a small letter; the word before is an abbreviation, an
//! initial, an ordinal or the number of a list item. White space, closing
//! quotes and brackets go with the sentence that they follow.

use super::abbreviation::{Language, Usage};
use super::mark;
use super::raw::RawBlocks;
use super::word::{
    Class, Next, has_no_capital, is_initials, is_list_number, is_ordinal, is_plain_word, last_word,
};

/// The sentences of a stretch, in order; together they are the stretch.
pub(super) struct Sentences<'t> {
    text: &'t str,
    start: usize,
    language: &'static Language,
    raw: RawBlocks<'t>,
}

impl<'t> Sentences<'t> {
    pub(super) fn new(text: &'t str, language: &'static Language) -> Self {
        Self {
            text,
            start: 0,
            language,
            raw: RawBlocks::new(text),
        }
    }

    /// Returns the first run of marks from `from` on, with its surroundings.
    fn stop(&mut self, from: usize) -> Option<Stop<'t>> {
        let is_mark = |c| mark::is_terminal(c) || self.language.ends_questions(c);
        let mut position = from;
        let at = loop {
            let at = position + self.text[position..].find(is_mark)?;
            match self.raw.at_or_after(at) {
                Some(block) if block.start < at => position = block.end,
                _ => break at,
            }
        };
        let (before, rest) = (&self.text[self.start..at], &self.text[at..]);
        let (marks, rest) = split_at_first(rest, |c| !is_mark(c));
        let (closers, rest) = split_closers(rest);
        let (gap, rest) = split_at_first(rest, |c| !c.is_whitespace());
        let (detached, after) = split_detached_closer(rest);
        let (closers, gap) = match detached.trim_end().len() {
            0 => (closers, gap),
            _ => (detached.trim_end(), &detached[detached.trim_end().len()..]),
        };
        Some(Stop {
            before,
            marks,
            closers,
            gap,
            after,
        })
    }

    /// Returns where the sentence ends that begins at `start`.
    fn end(&mut self) -> usize {
        let mut position = self.start;
        let mut has_words = false;
        while let Some(stop) = self.stop(position) {
            let marks = self.start + stop.before.len();
            has_words |= self.text[position..marks].contains(char::is_alphanumeric);
            position = self.text.len() - stop.after.len();
            if has_words && self.ends(&stop) {
                return position;
            }
        }
        self.text.len()
    }

    fn ends(&self, stop: &Stop) -> bool {
        let next = Next::of(stop.after);
        if next.class == Class::Nothing
            || stop.after.starts_with(mark::continues)
            || stop.is_bracketed()
        {
            return false;
        }
        if stop.gap.is_empty() {
            return stop.ends_without_space(&next);
        }
        match stop.kind() {
            Kind::Firm => next.class != Class::Small || !(next.dashed || stop.is_closed()),
            Kind::Ellipsis => next.class != Class::Small,
            Kind::FullStop => self.ends_at_full_stop(stop.before, &next),
        }
    }

    fn ends_at_full_stop(&self, before: &str, next: &Next) -> bool {
        if is_list_number(before) || is_shortened(before, next, self.language) {
            return false;
        }
        next.class != Class::Small || (has_no_capital(before) && is_plain_word(last_word(before)))
    }
}

/// Returns whether the full stop behind `before` only shortens the word before
/// it, so that the sentence goes on: an abbreviation, an initial, an ordinal.
pub(super) fn is_shortened(before: &str, next: &Next, language: &Language) -> bool {
    let word = last_word(before);
    let begins = || {
        next.class != Class::Capital || (!next.is_initial && language.begins_sentences(next.word))
    };
    match language.usage(word) {
        Some(Usage::Never) => return true,
        Some(Usage::Rarely) => {
            return matches!(next.class, Class::Small | Class::Digit) || !begins();
        }
        Some(Usage::Often) => return next.class == Class::Small,
        Some(Usage::BeforeNumber) if next.is_number() || next.class == Class::Small => return true,
        Some(Usage::BeforeNumber) | None => {}
    }
    if is_initials(word) {
        return !begins();
    }
    language.has_ordinals() && is_ordinal(word) && (next.class == Class::Digit || !begins())
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

/// A run of marks and the text around it, which it all adds up to.
struct Stop<'t> {
    /// The sentence so far.
    before: &'t str,
    marks: &'t str,
    /// Closing quotes and brackets.
    closers: &'t str,
    /// White space.
    gap: &'t str,
    /// The rest of the stretch.
    after: &'t str,
}

enum Kind {
    /// A full stop: the end, or an abbreviation's.
    FullStop,
    /// An ellipsis: a pause, or the end.
    Ellipsis,
    /// Any other: the end, but for what is quoted.
    Firm,
}

impl Stop<'_> {
    fn kind(&self) -> Kind {
        let mut marks = self.marks.chars();
        match (marks.next(), marks.next()) {
            (Some(c), None) if mark::is_full_stop(c) => Kind::FullStop,
            _ if self
                .marks
                .chars()
                .all(|c| mark::is_full_stop(c) || c == '…') =>
            {
                Kind::Ellipsis
            }
            _ => Kind::Firm,
        }
    }

    /// Returns whether a quote or bracket closes behind the marks.
    fn is_closed(&self) -> bool {
        !self.closers.is_empty()
    }

    /// Returns whether the marks stand alone in brackets: `(!)`, `[…]`.
    fn is_bracketed(&self) -> bool {
        self.is_closed() && self.before.ends_with(['(', '[', '（'])
    }

    /// Decides where the next word follows at once. Full stops, `!` and `?`
    /// then belong to a number, a file, an address; other marks need no space.
    fn ends_without_space(&self, next: &Next) -> bool {
        let last = self.marks.chars().next_back().unwrap_or('.');
        let first_after = self.after.chars().next().unwrap_or(' ');
        let last_before = self.before.chars().next_back().unwrap_or(' ');
        match self.kind() {
            Kind::Ellipsis => next.class == Class::Capital && first_after.is_alphabetic(),
            Kind::FullStop if last.is_ascii() => {
                mark::is_unspaced(first_after) && mark::is_unspaced(last_before)
            }
            Kind::FullStop => next.class != Class::Digit,
            Kind::Firm => !last.is_ascii() || mark::is_unspaced(first_after),
        }
    }
}

fn split_at_first(text: &str, is_end: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(is_end).unwrap_or(text.len()))
}

/// Splits off closing quotes and brackets, and references such as `[12]`.
fn split_closers(text: &str) -> (&str, &str) {
    let mut end = 0;
    loop {
        let rest = &text[end..];
        let length = rest.find(|c| !mark::is_closer(c)).unwrap_or(rest.len());
        let length = length + reference_len(&rest[length..]);
        if length == 0 {
            break;
        }
        end += length;
    }
    let (closers, rest) = text.split_at(end);
    // Quotes that close in one language open in another, before a word.
    match closers.strip_suffix(['“', '‘', '«', '‹']) {
        Some(closers) if rest.starts_with(char::is_alphanumeric) => text.split_at(closers.len()),
        _ => (closers, rest),
    }
}

fn reference_len(text: &str) -> usize {
    let Some(inner) = text.strip_prefix('[') else {
        return 0;
    };
    let n_digits = inner.bytes().take_while(u8::is_ascii_digit).count();
    match inner.as_bytes().get(n_digits) {
        Some(b']') if (1..=3).contains(&n_digits) => n_digits + 2,
        _ => 0,
    }
}

/// Splits off a closing mark that stands apart, as in `« Oui ! »`, with the
/// white space behind it.
fn split_detached_closer(text: &str) -> (&str, &str) {
    let (closer, rest) = split_at_first(text, |c| !mark::is_detached_closer(c));
    let (gap, after) = split_at_first(rest, |c| !c.is_whitespace());
    if closer.is_empty() || (gap.is_empty() && after.starts_with(char::is_alphanumeric)) {
        return ("", text);
    }
    text.split_at(closer.len() + gap.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Asserts that each text, its sentences divided by `|`, is cut there.
    fn check(voice: &str, cases: &[&str]) {
        let mut failures = Vec::new();
        for case in cases {
            let text = case.replace('|', "");
            let got: Vec<_> = Sentences::new(&text, Language::of(voice)).collect();
            if got.join("|") != *case {
                failures.push(format!("wanted {case:?}\n   got {:?}", got.join("|")));
            }
        }
        assert!(failures.is_empty(), "{voice}:\n{}", failures.join("\n"));
    }

    #[test]
    fn marks_end_sentences_and_take_what_closes_with_them() {
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
    fn full_stops_inside_words_end_nothing() {
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
    fn writers_without_capitals_still_get_sentences() {
        check(
            "en-us",
            &[
                "i went home. |then i slept, e.g. badly. |it was fine.",
                "Sentence one. sentence two lower. |3 things.",
            ],
        );
    }

    #[test]
    fn english_abbreviations_and_initials_end_nothing() {
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
                "Martin Luther King Jr. Day. |He has a Ph.D. |She too.",
            ],
        );
    }

    #[test]
    fn a_month_before_its_year_ends_nothing() {
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
    fn a_full_stop_that_only_shortens_is_known_from_one_that_ends() {
        for (before, after, voice, expected) in [
            ("Dr", " Smith", "en-us", true),
            ("James T", " Kirk", "en-us", true),
            ("as No", " 5", "en-us", true),
            ("I said no", " Then", "en-us", false),
            ("So do I", " Then", "en-us", false),
            ("We watched TV", " Then", "en-us", false),
            ("1", " First", "en-us", false), // a label has its pause
            ("am 3", " Mai", "de", true),
            ("at 3", " Then", "en-us", false),
            ("im Jahr 1990", " Dann", "de", false),
            ("(Prof", " Brown)", "en-us", true),
            ("„Drei Euro", "“ sagte er", "de", false),
            ("", "", "en-us", false),
        ] {
            let shortened = is_shortened(before, &Next::of(after), Language::of(voice));
            assert_eq!(shortened, expected, "{before}");
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
    fn every_script_has_its_marks() {
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
    fn raw_phonemes_are_opaque() {
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
    fn a_period_before_a_megabyte_of_spaces_costs_no_more_than_reading_it() {
        // UAX #29 taken literally looks ahead at every one of them.
        let text = format!(
            "One.{}Two. {}",
            " ".repeat(500_000),
            ".\u{201d} ".repeat(100_000)
        );
        assert_eq!(Sentences::new(&text, Language::of("en")).count(), 2);
    }
}
