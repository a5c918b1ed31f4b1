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
            ..Self::ok(about, trimmed_lines(&format!("{error:#}"), "\n"))
        }
    }

    /// What works, and a warning with the hint of an error about the rest.
    pub(super) fn missing(
        about: &'static str,
        found: String,
        error: impl Into<anyhow::Error>,
    ) -> Self {
        Self {
            status: Status::Warning,
            remedy: hint(&error.into()),
            ..Self::ok(about, found)
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
        // An error may list paths: each gets a line of its own.
        let finding = self.finding.replace('\n', &format!("\n{:26}", ""));
        let mut text = format!("{status:8}  {:14}{finding}\n", self.about);
        if let Some(remedy) = &self.remedy {
            text += &format!("{:24}-> {remedy}\n", "");
        }
        text
    }
}

/// Joins the lines of an error that lists several paths.
pub(super) fn one_line(text: &str) -> String {
    trimmed_lines(text, " ")
}

fn trimmed_lines(text: &str, separator: &str) -> String {
    let lines: Vec<_> = text.lines().map(str::trim).collect();
    lines.join(separator)
}

/// Returns `1 voice`, `2 voices`.
pub(super) fn counted(n: usize, what: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{n} {what}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_path_of_an_error_has_its_own_line() {
        let error = anyhow::anyhow!("a library was not found; looked in:\n  /a\n  /b");
        let finding = Finding::problem("library", error);
        let blank = " ".repeat(26);
        let expected = format!(
            "problem   library       a library was not found; looked in:\n{blank}/a\n{blank}/b\n"
        );
        assert_eq!(finding.text(), expected);
    }
}
