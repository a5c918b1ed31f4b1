//! Dots that look like the end of a sentence and are none.

use super::clause::Habits;

/// Written short, whatever follows: `Dr.`, `Prof.`, `usw.`
///
/// What has no vowel needs no entry.
const SHORTENED: [&str; 46] = [
    "adm", "approx", "asst", "atd", "ave", "avv", "bzgl", "capt", "cmdr", "corp", "dept", "dipl",
    "dott", "etc", "evtl", "ggf", "geb", "gen", "gov", "hon", "inc", "ing", "inkl", "insp", "mag",
    "messrs", "mlle", "mme", "mons", "např", "prof", "rep", "resp", "rev", "sen", "sig", "sog",
    "sra", "srta", "srov", "supt", "tzv", "usw", "uds", "zzgl", "ca",
];
/// Written short before a number: `No. 5`, `Abs. 2`.
const NUMBERED: [&str; 14] = [
    "abs", "art", "bd", "ch", "chap", "fig", "kap", "no", "num", "op", "par", "sec", "tab", "vol",
];

/// Returns whether the dot at the end of `before` ends no sentence, though
/// `after` goes on like a new one.
pub(super) fn is_false_end(before: &str, after: &str, habits: Habits) -> bool {
    let Some(word) = before.trim_end().strip_suffix('.') else {
        return false;
    };
    let word = word
        .rsplit(|c: char| !c.is_alphanumeric() && c != '.')
        .next()
        .unwrap_or_default();
    let next = after.trim_start().chars().next();
    let letters = word.chars().count();

    if word.chars().all(|c| c.is_ascii_digit()) {
        // A day, a king, a rank; years and prices end sentences.
        return habits.dotted_ordinals && (1..=2).contains(&letters);
    }
    if word.contains('.') {
        return true; // U.S., z.B., p.m.
    }
    if letters == 1 {
        return word != "I"; // an initial, not the English pronoun
    }
    let lower = word.to_lowercase();
    is_vowelless(word)
        || SHORTENED.contains(&lower.as_str())
        || NUMBERED.contains(&lower.as_str()) && next.is_some_and(|c| c.is_ascii_digit())
}

/// Returns whether a word cannot be spoken as it is written: `Mrs`, `Nr`.
///
/// Words in capitals are names of their own: `TV`.
fn is_vowelless(word: &str) -> bool {
    word.len() <= 4
        && word.chars().all(|c| c.is_ascii_alphabetic())
        && !word.contains(|c: char| "aeiouyAEIOUY".contains(c))
        && word.contains(|c: char| c.is_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_of_abbreviations_initials_and_ordinals_end_nothing() {
        let cases = [
            ("Dr.", "Smith", "en", true),
            ("and Mrs. ", "Jones", "en", true),
            ("James T. ", "Kirk", "en", true),
            ("the U.S. ", "Army", "en", true),
            ("as No. ", "5", "en", true),
            ("I said no. ", "Then", "en", false),
            ("So do I. ", "Then", "en", false),
            ("We watched TV. ", "Then", "en", false),
            ("Hello world. ", "Then", "en", false),
            ("am 3. ", "Mai", "de", true),
            ("at 3. ", "Then", "en", false),
            ("im Jahr 1990. ", "Dann", "de", false),
            ("(Prof. ", "Brown)", "en", true),
            ("Really? ", "Yes", "en", false),
            (".", "Yes", "en", false),
            ("", "", "en", false),
        ];
        for (before, after, language, expected) in cases {
            let habits = Habits::of(language);
            assert_eq!(is_false_end(before, after, habits), expected, "{before}");
        }
    }
}
