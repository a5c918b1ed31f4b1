//! A sentence as written → the text that is read aloud.
//!
//! Chunks are slices of the text; this is where their characters change for
//! the first time. What an editor, a PDF, a web page or a keyboard put into
//! the text besides its words is taken out here, so that the lexicon finds the
//! words and espeak-ng reads them:
//!
//! ```text
//! entities → line ends → characters → digit groups → clock times → [lexicon] → titles, marks
//! ```
//!
//! Each step is a function from a text to `Edits`. `[[…]]` blocks are never
//! touched. A sentence that needs no change is not copied.

mod characters;
mod clock;
mod digit_groups;
mod edits;
mod entities;
mod line_ends;
mod mark_names;
mod marks;
mod title_table;
mod titles;

use std::borrow::Cow;

pub use marks::{Punctuation, Spelling};

use edits::Edits;
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

/// For all text, after the lexicon.
const WORD_STEPS: [Step; 1] = [titles::write_out];

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
    pub fn clean<'t>(&self, sentence: &'t str) -> Cow<'t, str> {
        let Some(language) = &self.language else {
            return Cow::Borrowed(sentence);
        };
        let text = match is_plain(sentence) {
            true => Cow::Borrowed(sentence),
            false => apply(&STEPS, Cow::Borrowed(sentence), language),
        };
        match self.options.spelling {
            Spelling::Words => text,
            Spelling::Letters => edit(text, |part, start, edits| {
                marks::spell(part, start, MarkNames::of(language), edits);
            }),
        }
    }

    /// Returns a cleaned sentence with titles and the names of marks as words.
    /// The words of a lexicon have been replaced before, so that they win.
    pub fn write_out<'t>(&self, cleaned: &'t str) -> Cow<'t, str> {
        let name = self.language.as_deref().and_then(|language| {
            let mark = marks::only_character(cleaned)?;
            MarkNames::of(language).mark(mark)
        });
        match (name, self.options.spelling) {
            (Some(name), Spelling::Words) => Cow::Borrowed(name),
            _ => self.write_out_part(cleaned),
        }
    }

    /// Like [`write_out`](Self::write_out), for a sentence of a longer text: a
    /// mark alone is a bullet or a leftover, and has no name.
    pub(crate) fn write_out_part<'t>(&self, cleaned: &'t str) -> Cow<'t, str> {
        let text = Cow::Borrowed(cleaned);
        let (Some(language), Spelling::Words) = (&self.language, self.options.spelling) else {
            return text;
        };
        if let Some(c) = marks::only_character(&text)
            && let Some(name) = MarkNames::of(language).letter(c)
        {
            return Cow::Borrowed(name);
        }
        let text = apply(&WORD_STEPS, text, language);
        match self.options.punctuation {
            Punctuation::None => text,
            punctuation => edit(text, |part, start, edits| {
                marks::name(part, start, punctuation, MarkNames::of(language), edits);
            }),
        }
    }
}

fn apply<'t>(steps: &[Step], text: Cow<'t, str>, language: &str) -> Cow<'t, str> {
    steps.iter().fold(text, |text, step| {
        edit(text, |part, start, edits| {
            step(part, start, language, edits)
        })
    })
}

/// Returns `sentence` after all steps.
#[cfg(test)]
fn clean<'t>(sentence: &'t str, language: &str) -> Cow<'t, str> {
    apply(
        &WORD_STEPS,
        apply(&STEPS, Cow::Borrowed(sentence), language),
        language,
    )
}

/// Changes the parts of `text` that are outside `[[…]]`. `step` gets a part, its
/// start and where to note the changes.
fn edit<'t>(text: Cow<'t, str>, step: impl Fn(&str, usize, &mut Edits)) -> Cow<'t, str> {
    let mut edits = Edits::default();
    let mut start = 0;
    let mut blocks = RawPhonemes::new(&text);
    while let Some(block) = blocks.at_or_after(start) {
        step(&text[start..block.start], start, &mut edits);
        start = block.end;
    }
    step(&text[start..], start, &mut edits);
    match edits.is_empty() {
        true => text,
        false => Cow::Owned(edits.apply(&text)),
    }
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
        for text in ["", "Hello, world.", "It's 1984, isn't it? Größer – größer!"] {
            let clean = clean(text, "en-us");
            assert!(
                matches!(clean, Cow::Borrowed(same) if same == text),
                "{text}"
            );
        }
    }

    #[test]
    fn a_mark_alone_has_its_name_only_if_it_is_the_whole_text() {
        let reader = Reader::new("en-us");
        for mark in ["*", "—", "•", ")", "?"] {
            assert_eq!(reader.write_out_part(mark), mark);
            assert_ne!(reader.write_out(mark), mark);
        }
        let reader = Reader::new("de");
        assert_eq!(reader.write_out_part("ß"), reader.write_out("ß"));
        let all = ReadingOptions {
            punctuation: Punctuation::All,
            ..ReadingOptions::default()
        };
        let reader = reader.with_options(all);
        assert!(reader.names_marks() && reader.write_out_part("*").len() > 1);
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
            Just(Punctuation::All)
        ];
        let spelling = prop_oneof![Just(Spelling::Words), Just(Spelling::Letters)];
        (punctuation, spelling).prop_map(|(punctuation, spelling)| ReadingOptions {
            punctuation,
            spelling,
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
            let read = |text: &str| reader.write_out(&reader.clean(text)).into_owned();
            prop_assert_eq!(read(&text).matches("[[a b&amp;]]").count(), 1);
            read(&before);
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
