//! The spoken form of an abbreviation, and where it applies.

/// Where an abbreviation is read as its entry says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Context {
    Anywhere,
    /// Before a capitalised word: `Dr. Lee`.
    BeforeName,
    /// After one: `Main St.`, `King Jr.`
    AfterName,
    /// Between two: `Roe v. Wade`.
    BetweenNames,
    /// Before a number, in digits or Roman: `No. 5`.
    BeforeNumber,
    /// After a number: `9 Uhr`, `5 v. Chr.`
    AfterNumber,
}

/// The spoken form of an abbreviation in a context.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reading {
    pub(crate) context: Context,
    pub(crate) said: &'static str,
}
