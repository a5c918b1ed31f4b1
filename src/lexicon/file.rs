//! Parses a lexicon file; errors name the line.

use std::collections::HashMap;

use super::section::{Scope, Section};
use crate::phoneme;

/// The largest size of a file in bytes: about two million entries.
pub const MAX_BYTES: usize = 64 * 1024 * 1024;
/// The most characters of a word or phrase.
const MAX_PHRASE_CHARS: usize = 100;
/// The most characters of a pronunciation.
const MAX_PRONUNCIATION_CHARS: usize = 500;
/// The most characters of a header's name.
const MAX_NAME_CHARS: usize = 100;

/// Why a lexicon file is invalid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {fault}")]
pub struct BadLexicon {
    /// Counted from 1.
    pub line: usize,
    /// What is wrong in this line.
    pub fault: Fault,
}

/// What can be wrong with a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The file is larger than [`MAX_BYTES`].
    #[error("the file has more than {MAX_BYTES} bytes")]
    FileTooLarge,
    /// Not UTF-8.
    #[error("not UTF-8 text")]
    NotUtf8,
    /// No `=`.
    #[error("no `=` between the word and its pronunciation")]
    NoSeparator,
    /// A tab instead of `=`, as in dictionaries of other programs.
    #[error("no `=` between the word and its pronunciation; write it in place of the tab")]
    TabSeparator,
    /// More than one `=`, so that the separator is ambiguous.
    #[error("more than one `=`")]
    TwoSeparators,
    /// Nothing before the `=`.
    #[error("no word before the `=`")]
    NoPhrase,
    /// Nothing after the `=`.
    #[error("no pronunciation after the `=`")]
    NoPronunciation,
    /// The word or phrase is too long.
    #[error("more than {MAX_PHRASE_CHARS} characters before the `=`")]
    PhraseTooLong,
    /// The pronunciation is too long.
    #[error("more than {MAX_PRONUNCIATION_CHARS} characters after the `=`")]
    PronunciationTooLong,
    /// Brackets could form a block together with those of the text.
    #[error("a pronunciation is text without brackets, or one block of phonemes, [[…]]")]
    Brackets,
    /// The phonemes are not IPA.
    #[error("the phonemes in [[…]] are not IPA, which has no ASCII capitals and no `@`")]
    NotIpa,
    /// Not `[name]`.
    #[error("not a header; a header is a language or a voice: [de], [en_US-lessac-medium]")]
    BadHeader,
    /// Two entries for one word.
    #[error("the same word is already in line {first}")]
    Duplicate {
        /// The line of the first entry.
        first: u32,
    },
}

/// Parses a file. Returns the sections in the order of their first headers.
pub(super) fn parse(file: &[u8]) -> Result<Vec<Section>, BadLexicon> {
    let bad = |line, fault| BadLexicon { line, fault };
    if file.len() > MAX_BYTES {
        return Err(bad(1, Fault::FileTooLarge));
    }
    let text = std::str::from_utf8(file).map_err(|error| {
        let before = &file[..error.valid_up_to()];
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        bad(line, Fault::NotUtf8)
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
            let scope = header(content).map_err(|fault| bad(line, fault))?;
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
        let inserted = entry(content).and_then(|(phrase, pronunciation)| {
            let inserted = sections[current].insert(phrase, pronunciation, line as u32);
            inserted.map_err(|first| Fault::Duplicate { first })
        });
        inserted.map_err(|fault| bad(line, fault))?;
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

/// Parses a line into a phrase and its pronunciation.
fn entry(line: &str) -> Result<(&str, &str), Fault> {
    let no_separator = match line.contains('\t') {
        true => Fault::TabSeparator,
        false => Fault::NoSeparator,
    };
    let (phrase, pronunciation) = line.split_once('=').ok_or(no_separator)?;
    let (phrase, pronunciation) = (phrase.trim(), pronunciation.trim());
    if phrase.is_empty() {
        Err(Fault::NoPhrase)
    } else if pronunciation.is_empty() {
        Err(Fault::NoPronunciation)
    } else if is_longer(phrase, MAX_PHRASE_CHARS) {
        Err(Fault::PhraseTooLong)
    } else if is_longer(pronunciation, MAX_PRONUNCIATION_CHARS) {
        Err(Fault::PronunciationTooLong)
    } else if pronunciation.contains('=') {
        Err(Fault::TwoSeparators)
    } else {
        check_pronunciation(pronunciation).map(|()| (phrase, pronunciation))
    }
}

fn check_pronunciation(pronunciation: &str) -> Result<(), Fault> {
    let symbols = pronunciation.strip_prefix("[[");
    let symbols = symbols.and_then(|rest| rest.strip_suffix("]]"));
    match symbols {
        _ if !pronunciation.contains(['[', ']']) => Ok(()),
        None => Err(Fault::Brackets),
        Some(symbols) if symbols.contains(['[', ']']) => Err(Fault::Brackets),
        Some(symbols) if symbols.trim().is_empty() => Err(Fault::NoPronunciation),
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
    fn comments_blank_lines_and_white_space_are_ignored() {
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
    fn faults_are_reported_with_their_line() {
        let long = format!("\na = {}", "x".repeat(MAX_PRONUNCIATION_CHARS + 1));
        let cases: [(&[u8], usize, Fault); 20] = [
            (b"a = b\nc\xff = d", 2, Fault::NotUtf8),
            (b"\nSQL sequel", 2, Fault::NoSeparator),
            (b"SQL\tsequel", 1, Fault::TabSeparator),
            (b"a = b = c", 1, Fault::TwoSeparators),
            (b" = b", 1, Fault::NoPhrase),
            (b"a =", 1, Fault::NoPronunciation),
            (b"a = [[ ]]", 1, Fault::NoPronunciation),
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
            (b"a = b\nA = c\n\na = d", 4, Fault::Duplicate { first: 1 }),
            (
                b"[de]\ncaf\xc3\xa9 = x\n[en]\n[de]\ncafe\xcc\x81 = y",
                5,
                Fault::Duplicate { first: 2 },
            ),
            (long.as_bytes(), 2, Fault::PronunciationTooLong),
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
