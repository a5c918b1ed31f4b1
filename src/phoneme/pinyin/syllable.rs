//! A syllable with its tone → its phonemes.

/// Longer ones first.
const INITIALS: [&str; 23] = [
    "zh", "ch", "sh", "b", "p", "m", "f", "d", "t", "n", "l", "g", "k", "h", "j", "q", "x", "r",
    "z", "c", "s", "y", "w",
];
/// Stands for an initial that is not there.
const NO_INITIAL: &str = "Ø";

/// Returns the initial, and the final with its tone: `ai4` → `Ø`, `ai4`. `r5`
/// and `m2` have no final, so they have no phonemes in Piper's voices.
pub(super) fn phonemes(syllable: &'static str) -> [&'static str; 2] {
    let mut initials = INITIALS.into_iter();
    let initial = initials.find(|initial| syllable.starts_with(initial));
    let rest = &syllable[initial.map_or(0, str::len)..];
    match rest.starts_with(|c: char| c.is_ascii_lowercase()) {
        true => [initial.unwrap_or(NO_INITIAL), rest],
        false => ["", ""],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_syllable_is_split_after_its_initial() {
        for (syllable, expected) in [
            ("hang2", ["h", "ang2"]),
            ("zhuang4", ["zh", "uang4"]),
            ("ai3", ["Ø", "ai3"]),
            ("er2", ["Ø", "er2"]),
            ("nv3", ["n", "v3"]),
            ("yue4", ["y", "ue4"]),
            ("r5", ["", ""]),
            ("m2", ["", ""]),
        ] {
            assert_eq!(phonemes(syllable), expected, "{syllable}");
        }
    }
}
