//! What people are told: messages, errors with a remedy, exit codes. The only
//! place that writes to standard error, but for the progress bar.

use std::collections::BTreeSet;
use std::io::{ErrorKind, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use piper_rs::Error;
use piper_rs::phoneme_id::UnknownPhonemes;
use piper_rs::voice::config::BadConfig;

use super::hint::hint;

/// The command line asks for something that cannot be.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub(crate) struct UsageError(pub(crate) String);

/// A catalogue has no voice of that name.
#[derive(Debug, thiserror::Error)]
#[error("the catalogue has no voice `{asked}` to use{}", detail(because.as_deref(), near.as_deref()))]
pub(crate) struct UnknownVoice {
    pub(crate) asked: String,
    /// Why its entry cannot be used, if it has one.
    pub(crate) because: Option<String>,
    /// What was perhaps meant.
    pub(crate) near: Option<String>,
}

fn detail(because: Option<&str>, near: Option<&str>) -> String {
    match (because, near) {
        (Some(because), _) => format!(": {because}"),
        (None, Some(near)) => format!("; is it `{near}`?"),
        (None, None) => "; `piper-rs voices search` lists those it has".to_owned(),
    }
}

/// How a command ended. The codes are documented in `--help` and the README.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// All was done.
    Done,
    /// Something failed.
    Failed,
    /// The command line is wrong.
    Usage,
    /// A voice or a library is missing.
    Missing,
    /// Stopped by the user.
    Interrupted,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        ExitCode::from(match outcome {
            Outcome::Done => 0,
            Outcome::Failed => 1,
            Outcome::Usage => 2,
            Outcome::Missing => 3,
            Outcome::Interrupted => 130,
        })
    }
}

impl Outcome {
    /// Returns how a command that ended in `error` ended.
    pub(crate) fn of(error: &anyhow::Error) -> Self {
        if error.is::<UsageError>() {
            return Self::Usage;
        }
        if error.is::<UnknownVoice>() {
            return Self::Missing;
        }
        match library_error(error) {
            Some(error) if error.is_broken_pipe() => Self::Done,
            Some(Error::UnknownEncoding { .. }) => Self::Usage,
            Some(Error::Cancelled) => Self::Interrupted,
            Some(
                Error::VoiceNotFound { .. }
                | Error::LibraryNotFound { .. }
                | Error::LibraryUnusable { .. },
            ) => Self::Missing,
            Some(Error::BadVoiceConfig { source, .. }) if is_missing_config(&**source) => {
                Self::Missing
            }
            _ => Self::Failed,
        }
    }
}

/// Returns the library's error in the chain; the voice cache shares its own.
pub(crate) fn library_error(error: &anyhow::Error) -> Option<&Error> {
    error.chain().find_map(|cause| {
        let shared = || cause.downcast_ref::<std::sync::Arc<Error>>();
        cause
            .downcast_ref()
            .or_else(|| shared().map(|error| &**error))
    })
}

fn is_missing_config(source: &(dyn std::error::Error + Send + Sync + 'static)) -> bool {
    matches!(source.downcast_ref(), Some(BadConfig::Io(e)) if e.kind() == ErrorKind::NotFound)
}

/// How much is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verbosity {
    /// Errors only.
    Quiet,
    /// What matters.
    Normal,
    /// What helps to find out why.
    Verbose,
}

/// Says things on standard error.
pub(crate) struct Reporter {
    verbosity: Verbosity,
    failed: AtomicBool,
    /// The hints given so far.
    hints: Mutex<BTreeSet<String>>,
    outlet: Mutex<Option<LineWriter>>,
    advisor: OnceLock<VoiceHint>,
}

/// Knows the remedy for a voice of this name that is in none of these folders.
type VoiceHint = Box<dyn Fn(&str, &[PathBuf]) -> Option<String> + Send + Sync>;

/// Writes a line where somebody else draws: above a bar, above a prompt.
type LineWriter = Box<dyn FnMut(&str) + Send>;

impl Reporter {
    pub(crate) fn new(verbosity: Verbosity) -> Self {
        Self {
            verbosity,
            failed: AtomicBool::new(false),
            hints: Mutex::default(),
            outlet: Mutex::default(),
            advisor: OnceLock::new(),
        }
    }

    /// Asks `advisor` about voices that are missing, from now on.
    pub(crate) fn ask_about_voices(
        &self,
        advisor: impl Fn(&str, &[PathBuf]) -> Option<String> + Send + Sync + 'static,
    ) {
        _ = self.advisor.set(Box::new(advisor));
    }

    /// Returns what to do about an error, where that is not plain from it.
    pub(crate) fn hint(&self, error: &anyhow::Error) -> Option<String> {
        let advised = match (library_error(error), self.advisor.get()) {
            (Some(Error::VoiceNotFound { name, searched }), Some(advisor)) => {
                let folders = searched.iter().filter_map(|path| path.parent());
                advisor(name, &folders.map(Path::to_owned).collect::<Vec<_>>())
            }
            _ => None,
        };
        advised.or_else(|| hint(error))
    }

    /// Says what the user should know.
    pub(crate) fn note(&self, message: &str) {
        if self.verbosity >= Verbosity::Normal {
            self.line(message);
        }
    }

    /// Says what was done, for those who asked with `-v`.
    pub(crate) fn detail(&self, message: impl FnOnce() -> String) {
        if self.verbosity >= Verbosity::Verbose {
            self.line(&message());
        }
    }

    /// Reports an error that ends the command, or is one of many.
    pub(crate) fn error(&self, error: &anyhow::Error) {
        self.say(error, format!("{error:#}"));
    }

    /// Reports an error by the place in the input that it is about.
    pub(crate) fn error_at(&self, place: &dyn std::fmt::Display, error: &anyhow::Error) {
        self.say(error, format!("{place}: {error:#}"));
    }

    fn say(&self, error: &anyhow::Error, message: String) {
        self.mark_failed();
        self.line(&message);
        if let Some(hint) = self.hint(error).filter(|hint| self.is_new(hint)) {
            self.raw_line(&format!("\nhint: {hint}"));
        }
    }

    /// Returns whether a hint has not been given yet.
    fn is_new(&self, hint: &str) -> bool {
        let mut hints = self.hints.lock().unwrap_or_else(PoisonError::into_inner);
        hints.insert(hint.to_owned())
    }

    /// Returns whether an error has been reported.
    pub(crate) fn has_failed(&self) -> bool {
        self.failed.load(Ordering::Relaxed)
    }

    /// Returns whether only errors are printed.
    pub(crate) fn is_quiet(&self) -> bool {
        self.verbosity == Verbosity::Quiet
    }

    /// Returns whether progress may be drawn: on a terminal, and not with `-q`.
    pub(crate) fn shows_progress(&self) -> bool {
        !self.is_quiet() && std::io::stderr().is_terminal()
    }

    /// Says things through `outlet` from now on.
    pub(crate) fn say_through(&self, outlet: impl FnMut(&str) + Send + 'static) {
        *self.outlet() = Some(Box::new(outlet));
    }

    /// Tells which phonemes of a run were left out, if any.
    pub(crate) fn left_out(&self, unknown: &UnknownPhonemes) {
        const SHOWN: usize = 8;
        if unknown.total() == 0 {
            return;
        }
        let shown = unknown.iter().take(SHOWN);
        let shown: Vec<_> = shown.map(|(p, n)| format!("`{p}` ({n})")).collect();
        let (total, list) = (unknown.total(), shown.join(", "));
        self.note(&format!(
            "left out {total} phonemes the voice does not know: {list}"
        ));
    }

    /// Tells how many words of a run a lexicon replaced, if any.
    pub(crate) fn replaced(&self, words: u64) {
        if words > 0 {
            self.detail(|| format!("{words} words were said as the lexicon has them"));
        }
    }

    /// Remembers an error that was told in another way.
    pub(crate) fn mark_failed(&self) {
        self.failed.store(true, Ordering::Relaxed);
    }

    fn line(&self, message: &str) {
        self.raw_line(&format!("piper-rs: {message}"));
    }

    /// Writes a line as it is, such as statistics that were asked for.
    pub(crate) fn raw_line(&self, line: &str) {
        match &mut *self.outlet() {
            Some(outlet) => outlet(line),
            None => write_line(line),
        }
    }

    fn outlet(&self) -> MutexGuard<'_, Option<LineWriter>> {
        // An outlet that panics is as good after it as before.
        self.outlet.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes a question to standard error; the answer is typed beside it.
pub(crate) fn ask(question: &str) {
    let mut stderr = std::io::stderr().lock();
    _ = write!(stderr, "{question}").and_then(|()| stderr.flush());
}

/// Writes a line to standard error, whatever is drawn there.
pub(crate) fn write_line(line: &str) {
    // Nobody is left to tell when standard error is closed.
    _ = writeln!(std::io::stderr(), "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_have_their_exit_codes() {
        let pipe = || std::io::Error::from(ErrorKind::BrokenPipe);
        let cases: [(anyhow::Error, Outcome); 6] = [
            (UsageError("x".into()).into(), Outcome::Usage),
            (Error::Cancelled.into(), Outcome::Interrupted),
            (
                Error::Output {
                    target: "x".into(),
                    source: pipe(),
                }
                .into(),
                Outcome::Done,
            ),
            (
                Error::VoiceNotFound {
                    name: "x".into(),
                    searched: Vec::new(),
                }
                .into(),
                Outcome::Missing,
            ),
            (
                Error::UnknownEncoding { label: "x".into() }.into(),
                Outcome::Usage,
            ),
            (anyhow::anyhow!("x"), Outcome::Failed),
        ];
        for (error, outcome) in cases {
            assert_eq!(Outcome::of(&error), outcome, "{error}");
            let wrapped = anyhow::Error::context(error, "line 3");
            let kept = matches!(outcome, Outcome::Usage) || Outcome::of(&wrapped) == outcome;
            assert!(kept, "{wrapped:#}");
        }
    }
}
