//! How a progress bar looks: a percentage, a bar, and as many facts as the
//! terminal has room for.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressState, ProgressStyle};

use super::quantity::clock;
use super::width::stderr_columns;
use crate::environment;

/// The columns that are kept for the bar, its percentage and spaces.
const BAR_COLUMNS: usize = 16;

/// What is known of a run, the most important first. The first line that would
/// not fit and all after it are left out, at any width of the terminal.
#[derive(Debug, Clone, Default)]
pub(crate) struct Facts(Arc<Mutex<Vec<String>>>);

/// Whether the end of the work can be predicted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Total {
    Known,
    Unknown,
}

impl Facts {
    pub(crate) fn set(&self, facts: Vec<String>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = facts;
    }

    /// Draws `bar` as a percentage, a bar and these facts. Without a total it is
    /// only the facts.
    pub(crate) fn draw_on(&self, bar: &ProgressBar, total: Total) {
        let facts = self.clone();
        let write = move |state: &ProgressState, out: &mut dyn fmt::Write| {
            let left = remaining(state).filter(|_| total == Total::Known);
            // An error here could not be reported.
            _ = out.write_str(&facts.line(left, stderr_columns()));
        };
        bar.set_style(style(total).with_key("facts", write));
    }

    /// The remaining time comes after the first fact.
    fn line(&self, left: Option<Duration>, columns: usize) -> String {
        let mut facts = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if let Some(left) = left {
            facts.insert(facts.len().min(1), format!("{} left", clock(left)));
        }
        fit(&facts, columns.saturating_sub(BAR_COLUMNS))
    }
}

/// Returns a style that the terminal can draw.
pub(crate) fn from_template(template: &str) -> ProgressStyle {
    let style =
        ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    if environment::locale_is_utf8() {
        style
    } else {
        style.progress_chars("#-").tick_chars("-\\|/ ")
    }
}

fn style(total: Total) -> ProgressStyle {
    from_template(match (total, environment::no_color()) {
        (Total::Known, false) => "{percent:>3}% {wide_bar:.cyan} {facts}",
        (Total::Known, true) => "{percent:>3}% {wide_bar} {facts}",
        (Total::Unknown, _) => "{spinner} {facts}",
    })
}

/// Returns the remaining time, once it can be estimated.
fn remaining(state: &ProgressState) -> Option<Duration> {
    (state.pos() > 0).then(|| state.eta())
}

/// Joins the facts that fit into so many columns.
fn fit(facts: &[String], columns: usize) -> String {
    let mut line = String::new();
    for fact in facts {
        let separator = if line.is_empty() { "" } else { ", " };
        if line.chars().count() + separator.len() + fact.chars().count() > columns {
            break;
        }
        line.push_str(separator);
        line.push_str(fact);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn less_important_facts_give_way_on_a_narrow_terminal() {
        let facts = Facts::default();
        let all = ["3/12 texts", "4:05 audio", "12.3x"];
        facts.set(all.map(str::to_owned).to_vec());
        let left = Some(Duration::from_secs(62));
        let cases = [
            (80, "3/12 texts, 1:02 left, 4:05 audio, 12.3x"),
            (50, "3/12 texts, 1:02 left, 4:05 audio"),
            (40, "3/12 texts, 1:02 left"),
            (30, "3/12 texts"),
            (10, ""),
        ];
        for (columns, expected) in cases {
            assert_eq!(facts.line(left, columns), expected, "{columns}");
        }
        assert_eq!(facts.line(None, 44), "3/12 texts, 4:05 audio");
    }

    #[test]
    fn templates_are_valid() {
        for total in [Total::Known, Total::Unknown] {
            style(total);
        }
    }
}
