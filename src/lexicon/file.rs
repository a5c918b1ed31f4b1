//! Reading a lexicon's file: every fault by its line.

use std::collections::HashMap;

use super::section::{Scope, Section};
use crate::phoneme;

/// The most bytes a file may have: some two million entries.
pub const MAX_BYTES: usize = 64 * 1024 * 1024;
/// The most characters of a word or phrase.
const MAX_PHRASE_CHARS: usize = 100;
/// The most characters that are said for it.
const MAX_SPOKEN_CHARS: usize = 500;
/// The most characters of a header's name.
const MAX_NAME_CHARS: usize = 100;

/// Why a lexicon is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {fault}")]
pub struct BadLexicon {
    /// Counted from 1.
    pub line: usize,
    /// What is wrong there.
    pub fault: Fault,
}

/// What can be wrong with a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The file is larger than [`MAX_BYTES`].
    #[error("more than {MAX_BYTES} bytes are too many for a lexicon")]
    FileTooLarge,
    /// Not UTF-8.
    #[error("not UTF-8 text")]
    NotText,
    /// No `=`.
    #[error("no `=` between a word and how it is said")]
    NoSeparator,
    /// The habit of other programs' dictionaries.
    #[error("no `=` between a word and how it is said; write it in place of the tab")]
    TabForSeparator,
    /// Which of them parts the entry?
    #[error("more than one `=`")]
    TwoSeparators,
    /// Nothing before the `=`.
    #[error("no word before the `=`")]
    NoPhrase,
    /// Nothing behind the `=`.
    #[error("nothing behind the `=` to say for the word")]
    NothingSpoken,
    /// The word or phrase is too long.
    #[error("more than {MAX_PHRASE_CHARS} characters before the `=`")]
    PhraseTooLong,
    /// What is said for it is too long.
    #[error("more than {MAX_SPOKEN_CHARS} characters behind the `=`")]
    SpokenTooLong,
    /// Brackets would become a block together with those of a text.
    #[error("brackets: what is said is text without them, or one block of phonemes, [[…]]")]
    Brackets,
    /// A block that no voice could read.
    #[error("no IPA in [[…]]: it has no capitals and no `@`, as `piper-rs phonemes` shows it")]
    NotIpa,
    /// Not `[name]`.
    #[error("no header: that is a language or a voice, such as [de] or [en_US-lessac-medium]")]
    BadHeader,
    /// Two entries for one word.
    #[error("the same word stands in line {first} already")]
    Twice {
        /// Where it was first.
        first: u32,
    },
}

/// Reads a file; its sections stand in the order of their first headers.
pub(super) fn read(file: &[u8]) -> Result<Vec<Section>, BadLexicon> {
    let wrong = |line, fault| BadLexicon { line, fault };
    if file.len() > MAX_BYTES {
        return Err(wrong(1, Fault::FileTooLarge));
    }
    let text = std::str::from_utf8(file).map_err(|error| {
        let before = &file[..error.valid_up_to()];
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        wrong(line, Fault::NotText)
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut sections = vec![Section::new(Scope::All)];
    let mut named: HashMap<String, usize> = HashMap::new();
    let mut current = 0;
    for (line, content) in (1..).zip(text.split('\n')) {
        let content = content.trim();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        if content.starts_with('[') {
            let scope = header(content).map_err(|fault| wrong(line, fault))?;
            let name = match &scope {
                Scope::Named(name) => name.clone(),
                Scope::All => String::new(),
            };
            current = *named.entry(name).or_insert_with(|| {
                sections.push(Section::new(scope));
                sections.len() - 1
            });
            continue;
        }
        let inserted = entry(content).and_then(|(phrase, spoken)| {
            let inserted = sections[current].insert(phrase, spoken, line as u32);
            inserted.map_err(|first| Fault::Twice { first })
        });
        inserted.map_err(|fault| wrong(line, fault))?;
    }
    Ok(sections)
}

fn header(line: &str) -> Result<Scope, Fault> {
    let name = line
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    let name = name.map(str::trim).unwrap_or_default();
    let is_name = |name: &&str| !name.is_empty() && !name.contains(['[', ']', '=']);
    let name = Some(name).filter(is_name).ok_or(Fault::BadHeader)?;
    match is_longer(name, MAX_NAME_CHARS) {
        true => Err(Fault::BadHeader),
        false => Ok(Scope::named(name)),
    }
}

/// Reads a line as a phrase and what is said for it.
fn entry(line: &str) -> Result<(&str, &str), Fault> {
    let no_separator = match line.contains('\t') {
        true => Fault::TabForSeparator,
        false => Fault::NoSeparator,
    };
    let (phrase, spoken) = line.split_once('=').ok_or(no_separator)?;
    let (phrase, spoken) = (phrase.trim(), spoken.trim());
    if phrase.is_empty() {
        Err(Fault::NoPhrase)
    } else if spoken.is_empty() {
        Err(Fault::NothingSpoken)
    } else if is_longer(phrase, MAX_PHRASE_CHARS) {
        Err(Fault::PhraseTooLong)
    } else if is_longer(spoken, MAX_SPOKEN_CHARS) {
        Err(Fault::SpokenTooLong)
    } else if spoken.contains('=') {
        Err(Fault::TwoSeparators)
    } else {
        check_spoken(spoken).map(|()| (phrase, spoken))
    }
}

fn check_spoken(spoken: &str) -> Result<(), Fault> {
    let symbols = spoken.strip_prefix("[[");
    let symbols = symbols.and_then(|rest| rest.strip_suffix("]]"));
    match symbols {
        _ if !spoken.contains(['[', ']']) => Ok(()),
        None => Err(Fault::Brackets),
        Some(symbols) if symbols.contains(['[', ']']) => Err(Fault::Brackets),
        Some(symbols) if symbols.trim().is_empty() => Err(Fault::NothingSpoken),
        Some(symbols) if !phoneme::is_ipa(symbols) => Err(Fault::NotIpa),
        Some(_) => Ok(()),
    }
}

fn is_longer(text: &str, chars: usize) -> bool {
    text.chars().nth(chars).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexicon::Lexicon;

    #[test]
    fn comments_blank_lines_and_white_space_say_nothing() {
        let files = [
            "",
            "\u{feff}a = b\n[de]\na = c\n",
            "# a = b\n\n \t\r\n  a=b\r\n [ de ] \n\ta\t=\tc",
            "a = b\n[de]\n[en]\n[DE]\na = c",
        ];
        let entries =
            files.map(|file| Lexicon::parse(file.as_bytes()).map(|lexicon| lexicon.len()));
        assert_eq!(entries, [Ok(0), Ok(2), Ok(2), Ok(2)]);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        let long = format!("\na = {}", "x".repeat(MAX_SPOKEN_CHARS + 1));
        let cases: [(&[u8], usize, Fault); 20] = [
            (b"a = b\nc\xff = d", 2, Fault::NotText),
            (b"\nSQL sequel", 2, Fault::NoSeparator),
            (b"SQL\tsequel", 1, Fault::TabForSeparator),
            (b"a = b = c", 1, Fault::TwoSeparators),
            (b" = b", 1, Fault::NoPhrase),
            (b"a =", 1, Fault::NothingSpoken),
            (b"a = [[ ]]", 1, Fault::NothingSpoken),
            (b"a = [[b", 1, Fault::Brackets),
            (b"a = [b]", 1, Fault::Brackets),
            (b"a = say [[b]]", 1, Fault::Brackets),
            (b"a = [[b]] [[c]]", 1, Fault::Brackets),
            (b"a = [[t@]]", 1, Fault::NotIpa),
            (b"a = [[tA:]]", 1, Fault::NotIpa),
            (b"[[a]] = b", 1, Fault::BadHeader),
            (b"[]", 1, Fault::BadHeader),
            (b"[de", 1, Fault::BadHeader),
            (b"[de] # German", 1, Fault::BadHeader),
            (b"a = b\nA = c\n\na = d", 4, Fault::Twice { first: 1 }),
            (
                b"[de]\ncaf\xc3\xa9 = x\n[en]\n[de]\ncafe\xcc\x81 = y",
                5,
                Fault::Twice { first: 2 },
            ),
            (long.as_bytes(), 2, Fault::SpokenTooLong),
        ];
        for (file, line, fault) in cases {
            let error = Lexicon::parse(file).unwrap_err();
            let shown = String::from_utf8_lossy(file);
            assert_eq!(error, BadLexicon { line, fault }, "{shown}");
        }
        let long = format!("{} = x", "x".repeat(MAX_PHRASE_CHARS + 1));
        let error = Lexicon::parse(long.as_bytes()).unwrap_err();
        assert_eq!(error.fault, Fault::PhraseTooLong);
        let large = vec![b'\n'; MAX_BYTES + 1];
        let error = Lexicon::parse(&large).unwrap_err();
        assert_eq!(error.fault, Fault::FileTooLarge);
    }
}
