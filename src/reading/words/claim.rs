//! What a rule found.

use crate::reading::rule::Rule;

/// Tokens that a rule reads, from the one it was asked about up to `end`.
#[derive(Debug)]
pub(super) struct Claim {
    /// The index of the token after them.
    pub(super) end: usize,
    /// What is spoken. Spaces around it are added where they are needed.
    pub(super) spoken: String,
    pub(super) rule: Rule,
}

impl Claim {
    pub(super) fn new(rule: Rule, end: usize, spoken: impl Into<String>) -> Option<Self> {
        let spoken = spoken.into();
        Some(Self { end, spoken, rule })
    }
}
