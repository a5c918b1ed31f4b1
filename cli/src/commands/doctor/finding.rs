//! The result of one check.

use serde::Serialize;

use crate::terminal::hint::hint;

/// How serious a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Status {
    Ok,
    Warning,
    Problem,
}

/// The result of one check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Finding {
    pub(super) about: &'static str,
    pub(super) status: Status,
    pub(super) finding: String,
    /// What the user can do about it.
    pub(super) remedy: Option<String>,
}

impl Finding {
    pub(super) fn ok(about: &'static str, finding: impl Into<String>) -> Self {
        Self {
            about,
            status: Status::Ok,
            finding: finding.into(),
            remedy: None,
        }
    }

    pub(super) fn warning(about: &'static str, finding: impl Into<String>, remedy: &str) -> Self {
        Self {
            status: Status::Warning,
            ..Self::ok(about, finding)
        }
        .with_remedy(remedy)
    }

    /// A problem with the remedy that the error has as its hint.
    pub(super) fn problem(about: &'static str, error: impl Into<anyhow::Error>) -> Self {
        let error = error.into();
        Self {
            status: Status::Problem,
            remedy: hint(&error),
            ..Self::ok(about, one_line(&format!("{error:#}")))
        }
    }

    pub(super) fn with_status(self, status: Status) -> Self {
        Self { status, ..self }
    }

    pub(super) fn with_remedy(self, remedy: &str) -> Self {
        let remedy = Some(remedy.to_owned());
        Self { remedy, ..self }
    }

    /// Returns the finding as text, with the remedy on a second line.
    pub(super) fn text(&self) -> String {
        let status = match self.status {
            Status::Ok => "ok",
            Status::Warning => "warning",
            Status::Problem => "problem",
        };
        let mut text = format!("{status:8}  {:14}{}\n", self.about, self.finding);
        if let Some(remedy) = &self.remedy {
            text += &format!("{:24}-> {remedy}\n", "");
        }
        text
    }
}

/// Joins the lines of an error that lists several paths.
pub(super) fn one_line(text: &str) -> String {
    text.split('\n')
        .map(str::trim)
        .collect::<Vec<_>>()
        .join(" ")
}

/// Returns `1 voice`, `2 voices`.
pub(super) fn counted(n: usize, what: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{n} {what}{plural}")
}
