//! The marks that can end a clause, and how espeak-ng treats each.

/// How strongly a clause ends, as a number of espeak-ng.
///
/// Pause in units of 10 ms (bits 0–11), intonation (12–14), whether white space must
/// follow the mark (15), kind of end (16–19).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Terminator(u32);

impl Terminator {
    /// Bit 15: the mark ends a clause, whatever follows it.
    const ANYWHERE: u32 = 0x8000;
    /// Bit 19: the clause ends a sentence.
    const SENTENCE: u32 = 0x8_0000;
    /// Bit 20: an Armenian mark inside the word that it stresses.
    const IN_WORD: u32 = 0x10_0000;
    /// Bit 21: some languages have a word for the mark.
    const NAMED: u32 = 0x20_0000;

    /// The buffer is full, and the text continues.
    pub(super) const NONE: Self = Self(0x4000);
    /// The end of the text.
    pub(super) const END: Self = Self(0x9_0028);
    pub(super) const PARAGRAPH: Self = Self(0x8_0046);
    const PERIOD: Self = Self(0x8_0028);
    const QUESTION: Self = Self(0x8_2028);
    const EXCLAMATION: Self = Self(0x8_302D);
    const LONG_QUESTION: Self = Self(Self::QUESTION.0 + 35);
    const LONG_EXCLAMATION: Self = Self(Self::EXCLAMATION.0 + 35);
    const COMMA: Self = Self(0x4_1014);
    const COLON: Self = Self(0x4_001E);
    const SEMICOLON: Self = Self(0x4_101E);

    /// Returns whether the mark ends a clause, whatever follows it.
    pub(super) fn ends_anywhere(self) -> bool {
        self.0 & Self::ANYWHERE != 0
    }

    /// Returns whether the mark is inside the word that it stresses.
    pub(super) fn is_in_word(self) -> bool {
        self.0 & Self::IN_WORD != 0
    }

    /// Returns whether a sentence ends here.
    pub(super) fn ends_sentence(self) -> bool {
        self.0 & Self::SENTENCE != 0
    }

    /// Returns the same end, but as the end of a sentence.
    pub(super) fn of_sentence(self) -> Self {
        Self(self.0 | Self::SENTENCE)
    }

    /// Returns the mark of this end, without white space.
    pub(super) fn read_mark(self) -> &'static str {
        match Self(self.0 & 0xF_7FFF) {
            Self::PARAGRAPH => ".",
            Self::LONG_QUESTION => "?",
            Self::LONG_EXCLAMATION => "!",
            mark => mark.strict_mark().trim_end(),
        }
    }

    /// Returns this end with the longer pause before a blank line.
    pub(super) fn before_blank_line(self) -> Self {
        match self {
            Self::QUESTION => Self::LONG_QUESTION,
            Self::EXCLAMATION => Self::LONG_EXCLAMATION,
            _ => Self::PARAGRAPH,
        }
    }

    /// Returns what the phonemizer of the training data wrote for this end. It
    /// knew six numbers, and wrote nothing for others.
    pub(super) fn strict_mark(self) -> &'static str {
        match Self(self.0 & 0xF_FFFF) {
            Self::PERIOD => ".",
            Self::QUESTION => "?",
            Self::EXCLAMATION => "!",
            Self::COMMA => ", ",
            Self::COLON => ": ",
            Self::SEMICOLON => "; ",
            _ => "",
        }
    }

    /// Returns how a clause ends at `c`; `None` if `c` is not a mark.
    pub(super) fn of(c: char) -> Option<Self> {
        let plain = kind(c)?;
        Some(match c {
            // Opening marks end the clause before them, like a dash.
            '¡' | '¿' => Self(Self::SEMICOLON.0 | Self::ANYWHERE),
            '\u{55B}' | '\u{55C}' | '\u{55E}' => Self(plain.0 | Self::IN_WORD),
            '\u{589}' | '।' | '\u{DF4}' | '\u{F0D}' | '、' | '。' => {
                Self(plain.0 | Self::ANYWHERE)
            }
            '！' | '，' | '．' | '：' | '；' | '？' => Self(plain.0 | Self::ANYWHERE),
            _ if is_ellipsis(c) => Self(plain.0 | Self::ANYWHERE | Self::NAMED),
            _ => plain,
        })
    }
}

/// Returns whether `c` is an ellipsis of any script.
pub(super) fn is_ellipsis(c: char) -> bool {
    matches!(
        c,
        '\u{EAF}' | '\u{1801}' | '…' | '\u{22EE}'..='\u{22F1}' | '\u{FE19}'
    )
}

/// The classes of espeak-ng's property list, which extends Unicode's.
#[rustfmt::skip] // one line per script group reads better than one per range
fn kind(c: char) -> Option<Terminator> {
    Some(match c {
        '.' | '\u{589}' | '\u{6D4}' | '\u{701}' | '\u{704}' | '।' | '\u{DF4}' | '\u{F0D}'
        | '\u{1362}' | '\u{166E}' | '\u{1803}' | '\u{1809}' | '\u{2488}'..='\u{249B}'
        | '\u{2CF9}' | '\u{2CFE}' | '\u{2E33}' | '\u{2E3C}' | '。' | '\u{A4FF}' | '\u{A60E}'
        | '\u{A6F3}' | '\u{FE12}' | '\u{FE52}' | '．' | '｡' | '\u{16AF5}' | '\u{1BC9F}'
        | '\u{1DA88}' | '\u{1F100}' | '\u{E002E}' => Terminator::PERIOD,

        '?' | '¿' | '\u{37E}' | '\u{55E}' | '؟' | '\u{709}' | '\u{1367}' | '\u{1945}'
        | '⁇' | '\u{2753}' | '\u{2754}' | '\u{2CFA}' | '\u{2CFB}' | '\u{A60F}' | '\u{A6F7}'
        | '\u{FE16}' | '\u{FE56}' | '？' | '\u{11143}' | '\u{1E95F}'
        | '\u{E003F}' => Terminator::QUESTION,

        '!' | '¡' | '\u{55B}' | '\u{55C}' | '\u{703}' | '\u{7F9}' | '\u{1944}' | '‼'
        | '\u{2755}' | '\u{2757}' | '\u{2762}' | '\u{2763}' | '\u{FE15}' | '\u{FE57}' | '！'
        | '\u{1E95E}' | '\u{E0021}' => Terminator::EXCLAMATION,

        ',' | '\u{55D}' | '،' | '\u{702}' | '\u{7F8}' | '\u{F14}' | '\u{1363}' | '\u{1802}'
        | '\u{1808}' | '\u{2E32}' | '\u{2E34}' | '\u{2E41}' | '、' | '\u{A4FE}' | '\u{A60D}'
        | '\u{A6F5}' | '\u{FE10}' | '\u{FE11}' | '\u{FE50}' | '\u{FE51}' | '，' | '､'
        | '\u{1144D}' | '\u{1DA87}' | '\u{1F101}'..='\u{1F10A}'
        | '\u{E002C}' => Terminator::COMMA,

        ':' | '\u{706}' | '\u{707}' | '\u{1365}' | '\u{1366}' | '\u{1804}' | '\u{2982}'
        | '\u{A6F4}' | '\u{FE13}' | '\u{FE55}' | '：' | '\u{12471}' | '\u{12472}' | '\u{1DA8A}'
        | '\u{E003A}' => Terminator::COLON,

        ';' | '\u{387}' | '؛' | '\u{708}' | '\u{1364}' | '\u{204F}' | '\u{2E35}' | '\u{A6F6}'
        | '\u{FE14}' | '\u{FE54}' | '；' | '\u{1DA89}' | '\u{E003B}' => Terminator::SEMICOLON,
        '–' | '—' | '\u{2E3A}' | '\u{2E3B}' | '\u{FE31}' | '\u{FE32}' => Terminator::SEMICOLON,
        _ if is_ellipsis(c) => Terminator::SEMICOLON,

        '\u{700}' | '॥' | '\u{F0E}' | '\u{10FB}' | '\u{1368}' | '\u{2029}' => Terminator::PARAGRAPH,
        _ => return None,
    })
}
