//! Messages, errors with hints, and exit codes. Only this module, the progress
//! bars and clap, for a wrong command line, write to standard error.

use std::collections::BTreeSet;
use std::io::{ErrorKind, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use piper_rs::Error;
use piper_rs::phoneme_id::UnknownPhonemes;
use piper_rs::voice::config::BadConfig;

use super::hint::{hint, library_error};

/// An error in the command line, or in a file that it names.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub(crate) struct UsageError(pub(crate) String);

/// A program that this one needs is missing: what it is for, and what to do.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct MissingProgram(pub(crate) String);

/// The catalogue has no usable voice of that name.
#[derive(Debug, thiserror::Error)]
#[error("no voice `{name}` in the catalogue{}", detail(reason.as_deref(), similar.as_deref()))]
pub(crate) struct UnknownVoice {
    pub(crate) name: String,
    /// Why its entry cannot be used, if there is one.
    pub(crate) reason: Option<String>,
    /// The most similar name.
    pub(crate) similar: Option<String>,
}

fn detail(reason: Option<&str>, similar: Option<&str>) -> String {
    match (reason, similar) {
        (Some(reason), _) => format!(": {reason}"),
        (None, Some(similar)) => format!("; did you mean `{similar}`?"),
        (None, None) => "; `piper-rs voices search` lists the available voices".to_owned(),
    }
}

/// How a command ended. `--help` and the README document the exit codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Success.
    Done,
    /// An error, or several.
    Failed,
    /// The command line is wrong.
    Usage,
    /// A voice, a library or a program is missing.
    Missing,
    /// Stopped by the user.
    Interrupted,
}

impl Outcome {
    /// Returns the exit code that tells of it.
    pub(crate) fn exit_code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Missing => 3,
            Self::Interrupted => 130,
        }
    }

    /// Returns the outcome of a command that failed with `error`.
    pub(crate) fn of(error: &anyhow::Error) -> Self {
        if error.is::<UsageError>() {
            return Self::Usage;
        }
        if error.is::<UnknownVoice>() || error.is::<MissingProgram>() {
            return Self::Missing;
        }
        match library_error(error) {
            Some(error) if error.is_broken_pipe() => Self::Done,
            Some(Error::UnknownEncoding { .. }) => Self::Usage,
            Some(Error::Cancelled) => Self::Interrupted,
            Some(
                Error::VoiceNotFound { .. }
                | Error::NoVoiceConfig { .. }
                | Error::UnsupportedPhonemeType { .. }
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

fn is_missing_config(source: &(dyn std::error::Error + Send + Sync + 'static)) -> bool {
    matches!(source.downcast_ref(), Some(BadConfig::Io(e)) if e.kind() == ErrorKind::NotFound)
}

/// How much is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verbosity {
    /// Only errors.
    Quiet,
    /// What the user should know.
    Normal,
    /// Details for finding problems.
    Verbose,
}

/// Prints messages on standard error.
pub(crate) struct Reporter {
    verbosity: Verbosity,
    /// Whether an error has been reported.
    failed: AtomicBool,
    /// What was printed so far of that which is printed once.
    printed: Mutex<BTreeSet<String>>,
    line_writer: Mutex<Option<LineWriter>>,
    voice_hint: OnceLock<VoiceHint>,
}

/// Returns a hint for a voice that is in none of these folders, if it knows one.
type VoiceHint = Box<dyn Fn(&str, &[PathBuf]) -> Option<String> + Send + Sync>;

/// Prints a line above a progress bar or a prompt.
type LineWriter = Box<dyn FnMut(&str) + Send>;

impl Reporter {
    pub(crate) fn new(verbosity: Verbosity) -> Self {
        Self {
            verbosity,
            failed: AtomicBool::new(false),
            printed: Mutex::default(),
            line_writer: Mutex::default(),
            voice_hint: OnceLock::new(),
        }
    }

    /// Sets the source of hints for missing voices.
    pub(crate) fn set_voice_hint(
        &self,
        voice_hint: impl Fn(&str, &[PathBuf]) -> Option<String> + Send + Sync + 'static,
    ) {
        _ = self.voice_hint.set(Box::new(voice_hint));
    }

    /// Returns the hint for an error, if there is one.
    pub(crate) fn hint(&self, error: &anyhow::Error) -> Option<String> {
        let for_voice = match (library_error(error), self.voice_hint.get()) {
            (Some(Error::VoiceNotFound { name, searched }), Some(voice_hint)) => {
                let folders = searched.iter().filter_map(|path| path.parent());
                voice_hint(name, &folders.map(Path::to_owned).collect::<Vec<_>>())
            }
            _ => None,
        };
        for_voice.or_else(|| hint(error))
    }

    /// Prints what the user should know.
    pub(crate) fn note(&self, message: &str) {
        if self.verbosity >= Verbosity::Normal {
            self.line(message);
        }
    }

    /// Prints what the user should know, unless it was printed before.
    pub(crate) fn note_once(&self, message: &str) {
        if self.is_new(message) {
            self.note(message);
        }
    }

    /// Says that the program waits for text, if a user has to type it.
    pub(crate) fn note_waiting(&self) {
        if std::io::stdin().is_terminal() {
            let end = if cfg!(windows) {
                "Ctrl-Z and Enter"
            } else {
                "Ctrl-D"
            };
            self.note(&format!(
                "waiting for text: type a line and press Enter; {end} ends the text"
            ));
        }
    }

    /// Prints a detail, with `-v`.
    pub(crate) fn detail(&self, message: impl FnOnce() -> String) {
        if self.verbosity >= Verbosity::Verbose {
            self.line(&message());
        }
    }

    /// Reports an error.
    pub(crate) fn error(&self, error: &anyhow::Error) {
        self.report(error, &format!("{error:#}"));
    }

    /// Reports an error with its position in the input, unless it names that itself.
    pub(crate) fn error_at(&self, location: &dyn std::fmt::Display, error: &anyhow::Error) {
        let location = location.to_string();
        let message = match error.downcast_ref() {
            Some(Error::Input { origin, .. }) if *origin == location => format!("{error:#}"),
            _ => format!("{location}: {error:#}"),
        };
        self.report(error, &message);
    }

    fn report(&self, error: &anyhow::Error, message: &str) {
        self.mark_failed();
        self.line(message);
        if let Some(hint) = self.hint(error).filter(|hint| self.is_new(hint)) {
            self.raw_line(&format!("\nhint: {hint}"));
        }
    }

    /// Returns whether a message has not been printed yet.
    fn is_new(&self, message: &str) -> bool {
        let mut printed = self.printed.lock().unwrap_or_else(PoisonError::into_inner);
        printed.insert(message.to_owned())
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

    /// Prints all further lines with `line_writer`.
    pub(crate) fn print_with(&self, line_writer: impl FnMut(&str) + Send + 'static) {
        *self.line_writer() = Some(Box::new(line_writer));
    }

    /// Reports the phonemes that the voice does not know, if there were any.
    pub(crate) fn unknown_phonemes(&self, unknown: &UnknownPhonemes) {
        const SHOWN: usize = 8;
        if unknown.total() == 0 {
            return;
        }
        let shown = unknown.iter().take(SHOWN);
        let shown: Vec<_> = shown.map(|(p, n)| format!("`{p}` ({n})")).collect();
        let (total, list) = (unknown.total(), shown.join(", "));
        self.note(&format!(
            "left out {}: {list}",
            match total {
                1 => "1 phoneme that the voice does not know".to_owned(),
                total => format!("{total} phonemes that the voice does not know"),
            }
        ));
    }

    /// Reports how many words were pronounced by a lexicon, if any.
    pub(crate) fn replaced_words(&self, words: u64) {
        if words > 0 {
            self.detail(|| match words {
                1 => "1 word was pronounced by a lexicon".to_owned(),
                words => format!("{words} words were pronounced by a lexicon"),
            });
        }
    }

    /// Notes that the volume was too high.
    pub(crate) fn clipped_samples(&self, samples: u64) {
        if samples > 0 {
            self.note(&format!(
                "{samples} samples were clipped, which sounds distorted: lower the volume"
            ));
        }
    }

    /// Records an error that was reported in another way.
    pub(crate) fn mark_failed(&self) {
        self.failed.store(true, Ordering::Relaxed);
    }

    fn line(&self, message: &str) {
        self.raw_line(&format!("piper-rs: {message}"));
    }

    /// Prints a line without prefix, even with `-q`.
    pub(crate) fn raw_line(&self, line: &str) {
        match &mut *self.line_writer() {
            Some(write) => write(line),
            None => write_line(line),
        }
    }

    fn line_writer(&self) -> MutexGuard<'_, Option<LineWriter>> {
        // A panic in a line writer leaves it usable.
        self.line_writer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Prints a question on standard error, without a line break.
pub(crate) fn ask(question: &str) {
    let mut stderr = std::io::stderr().lock();
    _ = write!(stderr, "{question}").and_then(|()| stderr.flush());
}

/// Prints a line on standard error, even over a progress bar.
pub(crate) fn write_line(line: &str) {
    // If standard error is closed, this cannot be reported.
    _ = writeln!(std::io::stderr(), "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_error_has_its_exit_code() {
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
