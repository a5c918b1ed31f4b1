//! A layout: the lines of a cue.

use super::MAX_COLUMNS;
use super::atom::Atom;
use super::cut::Cost;

/// An end of a line matters less than the end of a cue: the next line is in view.
const LINE_WEIGHT: f64 = 0.4;
/// What lines cost of which one is empty and one is full.
const IMBALANCE: Cost = 30.0;
/// The lower line should be the longer one: it hides less of the picture.
const TOP_HEAVY: Cost = 4.0;

/// The lines of a cue.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Layout {
    /// How many atoms are in the first line, if there are two.
    pub(super) first_line: Option<usize>,
    pub(super) cost: Cost,
}

impl Layout {
    /// Returns the best layout of `atoms`; `None` if they do not fit into two lines.
    /// `cuts` has the cost of the cut behind each of them.
    ///
    /// What fits into one line is not divided.
    pub(super) fn best(atoms: &[Atom], cuts: &[Cost]) -> Option<Self> {
        let total = columns(atoms);
        if total <= MAX_COLUMNS {
            return Some(Self {
                first_line: None,
                cost: 0.0,
            });
        }
        let mut best: Option<Self> = None;
        let mut first = 0;
        for n in 1..atoms.len() {
            first += atoms[n - 1].columns;
            if first > MAX_COLUMNS {
                break;
            }
            let space = atoms[n - 1].space().len();
            let second = total - first - space;
            if second <= MAX_COLUMNS {
                let difference = first.abs_diff(second) as f64 / MAX_COLUMNS as f64;
                let top_heavy = if first > second { TOP_HEAVY } else { 0.0 };
                let cut = cuts[n - 1] * LINE_WEIGHT;
                let cost = cut + difference * difference * IMBALANCE + top_heavy;
                if best.is_none_or(|best| cost < best.cost) {
                    best = Some(Self {
                        first_line: Some(n),
                        cost,
                    });
                }
            }
            first += space;
        }
        best
    }
}

/// Returns how wide a line of these atoms is.
pub(super) fn columns(atoms: &[Atom]) -> usize {
    let Some((last, others)) = atoms.split_last() else {
        return 0;
    };
    let others = others.iter().map(|atom| atom.columns + atom.space().len());
    others.sum::<usize>() + last.columns
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subtitles::atom::AtomEnd;
    use crate::subtitles::cut::Cuts;

    fn lines(text: &str) -> Option<Vec<String>> {
        let words = text.split_whitespace();
        let atom = |word: &str| Atom {
            text: word.to_owned(),
            columns: word.chars().count(),
            samples: 0..1,
            end: AtomEnd::Space,
        };
        let atoms: Vec<_> = words.map(atom).collect();
        let layout = Layout::best(&atoms, &Cuts::of("en").costs(&atoms))?;
        let (first, second) = atoms.split_at(layout.first_line.unwrap_or(atoms.len()));
        let join = |atoms: &[Atom]| {
            let words: Vec<_> = atoms.iter().map(|atom| atom.text.as_str()).collect();
            words.join(" ")
        };
        let lines = [first, second].map(join);
        Some(lines.into_iter().filter(|line| !line.is_empty()).collect())
    }

    #[test]
    fn lines_are_balanced_and_end_where_people_breathe() {
        let one = "It is a truth universally acknowledged.";
        assert_eq!(lines(one).unwrap(), [one]);
        assert_eq!(
            lines("went out across the bay and nobody saw it again.").unwrap(),
            ["went out across the bay", "and nobody saw it again."]
        );
        assert_eq!(
            lines("When the wind dropped, the boat that was late came home.").unwrap(),
            [
                "When the wind dropped,",
                "the boat that was late came home."
            ]
        );
        assert_eq!(lines(&"word ".repeat(18)), None);
        assert_eq!(lines(""), Some(vec![]));
    }
}
