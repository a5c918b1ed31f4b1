//! A sentence as written → the text that is read aloud.
//!
//! Chunks are slices of the text; this is where their characters change for
//! the first time. What an editor, a PDF, a web page or a keyboard put into
//! the text besides its words is taken out here, so that the lexicon finds the
//! words and espeak-ng reads them:
//!
//! ```text
//! entities → line ends → characters → digit groups → clock times → [lexicon] → words → marks
//! ```
//!
//! Each step is a function from a text to `Edits`, and [`SpokenText`] remembers
//! where each part was written. `[[…]]` blocks are never touched. A sentence
//! that needs no change is not copied.

mod characters;
mod clock;
mod digit_groups;
mod edits;
mod entities;
mod key_names;
mod line_ends;
mod mark_names;
mod marks;
mod rule;
mod spoken_text;
mod words;

use std::ops::Range;

pub(crate) use edits::Edits;
pub use key_names::key_name;
pub use marks::{Punctuation, Spelling};
pub use rule::Rule;
pub(crate) use spoken_text::written;
pub use spoken_text::{Change, SpokenText};

use mark_names::MarkNames;

use crate::chunk::RawPhonemes;

/// Changes part of a sentence: the text, where the part begins, the language
/// as espeak-ng names it, and where to note the changes.
type Step = fn(&str, usize, &str, &mut Edits);

/// For text with more than letters and common marks.
const STEPS: [Step; 5] = [
    entities::decode,
    line_ends::join_words,
    characters::normalize,
    digit_groups::join,
    clock::reorder,
];

/// Reads sentences for one voice.
#[derive(Debug, Clone, Default)]
pub struct Reader {
    /// As espeak-ng names it: `en-us`, `de`. `None`: nothing is changed.
    language: Option<String>,
    options: ReadingOptions,
}

/// What is read besides words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ReadingOptions {
    /// Which marks are spoken by their names.
    pub punctuation: Punctuation,
    /// Whether words or letters are read.
    pub spelling: Spelling,
    /// Whether numbers, signs and abbreviations become words.
    pub read_as: ReadAs,
}

/// How what is written in digits, signs and abbreviations is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ReadAs {
    /// As a person would say it: `$5` is five dollars, `1984` a year.
    #[default]
    Words,
    /// As espeak-ng reads it.
    Written,
}

impl Reader {
    /// Returns a reader for a language, as espeak-ng names it: `en-us`, `de`.
    pub fn new(language: impl Into<String>) -> Self {
        Self {
            language: Some(language.into()),
            ..Self::default()
        }
    }

    /// Sets what is read besides words. A verbatim reader ignores it.
    pub fn with_options(self, options: ReadingOptions) -> Self {
        Self { options, ..self }
    }

    /// Returns a reader that changes nothing, for voices that were trained on
    /// letters, and for equality with Piper.
    pub fn verbatim() -> Self {
        Self::default()
    }

    /// Returns whether marks are heard by their names wherever they are.
    pub(crate) fn names_marks(&self) -> bool {
        let by_options = self.options.punctuation != Punctuation::None
            || self.options.spelling == Spelling::Letters;
        self.language.is_some() && by_options
    }

    /// Returns `sentence` without what is not meant to be read, so that a lexicon
    /// finds its words; or its letters, if it is to be spelled.
    ///
    /// The cost is linear in the length, whatever is in the text.
    pub fn clean<'t>(&self, sentence: &'t str) -> SpokenText<'t> {
        let text = SpokenText::of(sentence);
        let Some(language) = &self.language else {
            return text;
        };
        let text = match is_plain(sentence) {
            true => text,
            false => STEPS.iter().fold(text, |text, step| {
                edit(text, |part, start, edits| {
                    step(part, start, language, edits)
                })
            }),
        };
        match self.options.spelling {
            Spelling::Words => text,
            Spelling::Letters => edit(text, |part, start, edits| {
                marks::spell(part, start, MarkNames::of(language), edits);
            }),
        }
    }

    /// Returns a cleaned sentence in words: numbers, signs, abbreviations and the names
    /// of marks. What a lexicon said stays.
    ///
    /// The cost is linear in the length, whatever is in the text.
    pub fn write_out<'t>(&self, cleaned: SpokenText<'t>) -> SpokenText<'t> {
        let name = self.language.as_deref().and_then(|language| {
            let mark = marks::only_character(cleaned.as_str())?;
            MarkNames::of(language).mark(mark)
        });
        match (name, self.options.spelling) {
            (Some(name), Spelling::Words) => replaced(cleaned, name),
            _ => self.write_out_part(cleaned),
        }
    }

    /// Like [`write_out`](Self::write_out), for a sentence of a longer text: a
    /// mark alone is a bullet or a leftover, and has no name.
    pub(crate) fn write_out_part<'t>(&self, cleaned: SpokenText<'t>) -> SpokenText<'t> {
        let (Some(language), Spelling::Words) = (&self.language, self.options.spelling) else {
            return cleaned;
        };
        if let Some(c) = marks::only_character(cleaned.as_str())
            && let Some(name) = MarkNames::of(language).letter(c)
        {
            return replaced(cleaned, name);
        }
        let text = match self.options.read_as {
            ReadAs::Words => self.write_words(cleaned, language),
            ReadAs::Written => cleaned,
        };
        match self.options.punctuation {
            Punctuation::None => text,
            punctuation => edit(text, |part, start, edits| {
                marks::name(part, start, punctuation, MarkNames::of(language), edits);
            }),
        }
    }

    fn write_words<'t>(&self, cleaned: SpokenText<'t>, language: &str) -> SpokenText<'t> {
        let opaque: Vec<Range<usize>> = cleaned
            .changes()
            .iter()
            .filter(|change| change.rule == Rule::Lexicon)
            .map(|change| change.spoken.clone())
            .collect();
        // Marks that are to be named are not read in another way.
        let is_named = |text: &str| match self.options.punctuation {
            Punctuation::None => false,
            punctuation => marks::has_named(text, punctuation, MarkNames::of(language)),
        };
        edit(cleaned, |part, start, edits| {
            words::write_out(part, start, &opaque, language, &is_named, edits);
        })
    }
}

/// Returns `text`, read by a name as a whole.
fn replaced<'t>(text: SpokenText<'t>, name: &str) -> SpokenText<'t> {
    let mut edits = Edits::default();
    edits.replace(Rule::Mark, 0..text.as_str().len(), name);
    text.edit(&edits)
}

/// Returns `sentence` after the steps before the lexicon.
#[cfg(test)]
fn clean(sentence: &str, language: &str) -> String {
    let text = Reader::new(language).clean(sentence);
    text.as_str().to_owned()
}

/// Returns what is spoken for `sentence`.
#[cfg(test)]
fn read(sentence: &str, language: &str) -> String {
    let reader = Reader::new(language);
    let text = reader.write_out_part(reader.clean(sentence));
    text.as_str().to_owned()
}

/// Changes the parts of `text` that are outside `[[…]]`. `step` gets a part, its
/// start and where to note the changes.
fn edit<'t>(text: SpokenText<'t>, step: impl Fn(&str, usize, &mut Edits)) -> SpokenText<'t> {
    let mut edits = Edits::default();
    let mut start = 0;
    let written = text.as_str();
    let mut blocks = RawPhonemes::new(written);
    while let Some(block) = blocks.at_or_after(start) {
        step(&written[start..block.start], start, &mut edits);
        start = block.end;
    }
    step(&written[start..], start, &mut edits);
    text.edit(&edits)
}

/// Returns whether none of [`STEPS`] could find anything: most sentences of most
/// English texts.
fn is_plain(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_alphabetic() || b" ,.!?;:\"()".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ordinary_text_is_not_copied() {
        for text in ["", "Hello, world.", "It's 3, isn't it? Größer – größer!"] {
            let reader = Reader::new("en-us");
            let read = reader.write_out_part(reader.clean(text));
            assert!(read.is_as_written() && read.as_str() == text, "{text}");
        }
    }

    #[test]
    fn a_mark_alone_has_its_name_only_if_it_is_the_whole_text() {
        let reader = Reader::new("en-us");
        for mark in ["*", "—", "•", ")", "?"] {
            assert_eq!(reader.write_out_part(SpokenText::of(mark)).as_str(), mark);
            assert_ne!(reader.write_out(SpokenText::of(mark)).as_str(), mark);
        }
        let reader = Reader::new("de");
        let part = reader.write_out_part(SpokenText::of("ß"));
        assert_eq!(part, reader.write_out(SpokenText::of("ß")));
        let all = ReadingOptions {
            punctuation: Punctuation::All,
            ..ReadingOptions::default()
        };
        let reader = reader.with_options(all);
        let name = reader.write_out_part(SpokenText::of("*"));
        assert!(reader.names_marks() && name.as_str().len() > 1);
        assert!(!Reader::verbatim().with_options(all).names_marks());
    }

    #[test]
    fn blocks_keep_what_they_hold() {
        let text = "caf\u{65}\u{301} [[&amp; \u{65}\u{301} 10\u{a0}000]] caf\u{65}\u{301}";
        let clean = clean(text, "en-us");
        assert_eq!(clean, "café [[&amp; \u{65}\u{301} 10\u{a0}000]] café");
    }

    #[test]
    fn the_steps_work_on_each_others_results() {
        assert_eq!(clean("10&nbsp;000 &euro;", "fr"), "10000 €");
        assert_eq!(clean("um 14:30&nbsp;Uhr", "de"), "um 14 Uhr 30");
        assert_eq!(clean("&#101;&#769;t&eacute;", "fr"), "été");
    }

    fn any_options() -> impl Strategy<Value = ReadingOptions> {
        let punctuation = prop_oneof![
            Just(Punctuation::None),
            Just(Punctuation::Some),
            Just(Punctuation::Most),
            Just(Punctuation::All)
        ];
        let spelling = prop_oneof![Just(Spelling::Words), Just(Spelling::Letters)];
        (punctuation, spelling).prop_map(|(punctuation, spelling)| ReadingOptions {
            punctuation,
            spelling,
            ..ReadingOptions::default()
        })
    }

    proptest! {
        #[test]
        fn blocks_are_kept_in_any_text_and_language(
            before in "(?:Ms\\.|M\\.|&amp;|&#|[A-Z]|10 000|1'2|14:30 Uhr|[?.!*\"(]|-\n|e\u{301}|👍|[^\\[\\]]){0,30}",
            language in prop_oneof![Just("en-us"), Just("de"), Just("fr"), Just("hi"), Just("ka")],
            options in any_options(),
        ) {
            let text = format!("{before}[[a b&amp;]]{before}");
            let reader = Reader::new(language).with_options(options);
            let read = |text: &str| reader.write_out(reader.clean(text)).as_str().to_owned();
            prop_assert_eq!(read(&text).matches("[[a b&amp;]]").count(), 1);
            read(&before);
        }

        #[test]
        fn each_part_of_what_is_spoken_was_written_somewhere(
            text in "(?:[0-9]{1,4}|[-–/:.,'’\"#$€%°²½~<>=^*+_@ ]|[ap]m|km|VIII|I|A|Dr\\.|St\\.|No\\.|Feb|Mon|Henry|NASA|the|www\\.a|\\[[0-9]\\]|👍|é){0,24}",
            language in prop_oneof![Just("en-us"), Just("en-gb"), Just("de"), Just("fr"), Just("es"), Just("it"), Just("ja")],
        ) {
            let reader = Reader::new(language);
            let read = reader.write_out(reader.clean(&text));
            let spoken = read.as_str();
            let mut end = (0, 0);
            for change in read.changes() {
                prop_assert!(text.is_char_boundary(change.written.end));
                prop_assert_eq!(&text[end.0..change.written.start], &spoken[end.1..change.spoken.start]);
                end = (change.written.end, change.spoken.end);
            }
            prop_assert_eq!(&text[end.0..], &spoken[end.1..]);
        }

        #[test]
        fn no_letter_or_digit_is_lost(text in "[a-z0-9 '.,:;\u{300}-\u{303}\u{ad}\u{200b}-\u{200d}\u{fe0f}\u{2009}\u{a0}❤👍\u{1f3fd}\n-]{0,60}") {
            let words = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>();
            // Composed letters are not ASCII any more.
            let bare: String = text.chars().filter(|c| !('\u{300}'..='\u{303}').contains(c)).collect();
            prop_assert_eq!(words(&clean(&bare, "en-us")), words(&bare));
            let clean = clean(&text, "en-us");
            prop_assert!(unicode_normalization::is_nfc(&clean), "{clean:?}");
        }
    }
}
