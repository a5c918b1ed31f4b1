//! The kinds of changes, by which `phonemes --explain` names them.

/// Why a part of a text is read otherwise than it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rule {
    /// An entity of HTML: `&amp;`.
    Entity,
    /// A word that was cut at the end of a line.
    LineEnd,
    /// Another form of the same character, or an invisible one.
    Character,
    /// Digits in groups: `10 000`.
    DigitGroup,
    /// A word or phrase of a lexicon. No other rule touches it.
    Lexicon,
    /// A title or another abbreviation: `Dr.`, `approx.`.
    Abbreviation,
    /// Written with signs, said with words: `w/o`, `24/7`.
    Phrase,
    /// An amount of money.
    Money,
    /// A year or a decade.
    Year,
    /// An ordinal: `1re`, `XIXe`, `3.º`.
    Ordinal,
    /// A number that agrees with what it counts: `1 casa`.
    Counting,
    /// A range, a score, or a difference: what stands between two numbers.
    Range,
    /// A fraction.
    Fraction,
    /// A Roman numeral.
    Roman,
    /// A date.
    Date,
    /// A time of day or a duration.
    Time,
    /// A telephone number, or another number that is read digit by digit.
    Digits,
    /// A unit of measurement.
    Unit,
    /// A sign before a number: `No. 5`, `#5`.
    NumberSign,
    /// Words in capitals, acronyms, single letters.
    Capitals,
    /// A web address, an e-mail address, a hashtag, the start of a path. espeak-ng
    /// reads handles and other slashes: `@john`, `his/her`.
    Address,
    /// A sign of mathematics.
    Mathematics,
    /// An emoji or emoticon.
    Emoji,
    /// What is not read: marks of footnotes, signs of decoration.
    Silent,
    /// The name of a mark or a letter.
    Mark,
}

impl Rule {
    /// Returns the name, in lowercase: `line end`, `money`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Entity => "entity",
            Self::LineEnd => "line end",
            Self::Character => "character",
            Self::DigitGroup => "digit group",
            Self::Lexicon => "lexicon",
            Self::Abbreviation => "abbreviation",
            Self::Phrase => "phrase",
            Self::Money => "money",
            Self::Year => "year",
            Self::Ordinal => "ordinal",
            Self::Counting => "counting",
            Self::Range => "range",
            Self::Fraction => "fraction",
            Self::Roman => "roman",
            Self::Date => "date",
            Self::Time => "time",
            Self::Digits => "digits",
            Self::Unit => "unit",
            Self::NumberSign => "number sign",
            Self::Capitals => "capitals",
            Self::Address => "address",
            Self::Mathematics => "mathematics",
            Self::Emoji => "emoji",
            Self::Silent => "silent",
            Self::Mark => "mark",
        }
    }
}
