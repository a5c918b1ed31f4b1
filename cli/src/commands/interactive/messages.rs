//! Replies and events of a session: as text for users, as one JSON object per
//! line for programs.

use std::path::Path;
use std::sync::Arc;

use serde::Serialize;

use super::recording::Completeness;
use super::reply::{CurrentVoice, Reply};
use crate::terminal::report::Reporter;
use crate::terminal::stdout;

/// Something that the speech thread did.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(super) enum Event<'a> {
    /// The session is ready for lines.
    Ready(CurrentVoice),
    Started {
        id: u64,
        text: &'a str,
        /// `None` if a recording is played.
        voice: Option<&'a str>,
    },
    Spoken {
        id: u64,
        audio_seconds: f64,
        first_audio_ms: Option<f64>,
    },
    Interrupted {
        id: u64,
        audio_seconds: f64,
    },
    Saved {
        id: u64,
        file: &'a Path,
        audio_seconds: f64,
        extent: Completeness,
    },
}

/// An error, as programs read it: the reply to a line, or the event of a task.
#[derive(Serialize)]
struct Failure<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    reply: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<u64>,
    message: String,
    hint: Option<String>,
}

/// How messages are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Text,
    Json,
}

/// Prints replies and events. Clones print to the same place, from any thread.
#[derive(Clone)]
pub(super) struct Messages {
    format: Format,
    reporter: Arc<Reporter>,
}

impl Messages {
    pub(super) fn new(format: Format, reporter: Arc<Reporter>) -> Self {
        Self { format, reporter }
    }

    pub(super) fn reply(&self, reply: &Reply) {
        self.print(reply, || reply.text());
    }

    pub(super) fn event(&self, event: &Event<'_>) {
        self.print(event, || event.text());
    }

    /// Reports that a line could not be executed.
    pub(super) fn line_failed(&self, error: &anyhow::Error) {
        self.error(error, self.failure(error).reply());
    }

    /// Reports that a task failed.
    pub(super) fn task_failed(&self, id: u64, error: &anyhow::Error) {
        self.error(error, self.failure(error).event(id));
    }

    fn failure(&self, error: &anyhow::Error) -> Failure<'static> {
        Failure::new(error, self.reporter.hint(error))
    }

    fn error(&self, error: &anyhow::Error, failure: Failure<'_>) {
        match self.format {
            Format::Text => self.reporter.error(error),
            Format::Json => {
                self.reporter.mark_failed();
                print_json(&failure);
            }
        }
    }

    fn print(&self, message: &impl Serialize, text: impl FnOnce() -> String) {
        match self.format {
            Format::Json => print_json(message),
            Format::Text => {
                let text = text();
                if !text.is_empty() {
                    self.reporter.raw_line(&text);
                }
            }
        }
    }
}

fn print_json(message: &impl Serialize) {
    // If the program no longer reads replies, it sends no more lines either.
    _ = stdout::print_json(message);
}

impl Failure<'_> {
    fn new(error: &anyhow::Error, hint: Option<String>) -> Self {
        Self {
            reply: None,
            event: None,
            id: None,
            message: format!("{error:#}"),
            hint,
        }
    }

    fn reply(self) -> Self {
        let reply = Some("error");
        Self { reply, ..self }
    }

    fn event(self, id: u64) -> Self {
        let (event, id) = (Some("failed"), Some(id));
        Self { event, id, ..self }
    }
}

impl Event<'_> {
    fn text(&self) -> String {
        match self {
            Self::Ready(voice) => format!("{}; `:help` lists the commands", voice.text()),
            Self::Started { .. } | Self::Spoken { .. } | Self::Interrupted { .. } => String::new(),
            Self::Saved {
                file,
                audio_seconds,
                extent,
                ..
            } => {
                let part = match extent {
                    Completeness::Whole => "",
                    Completeness::Stopped => ", until it was stopped",
                    Completeness::Truncated => ", the first ten minutes",
                };
                format!("saved {} ({audio_seconds:.1} s{part})", file.display())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_a_reply_or_an_event() {
        let error = anyhow::anyhow!("inner").context("outer");
        let json = |failure| serde_json::to_value::<Failure<'_>>(failure).unwrap();
        let reply = json(Failure::new(&error, None).reply());
        assert_eq!(reply["reply"], "error");
        assert_eq!(reply["message"], "outer: inner");
        let event = json(Failure::new(&error, None).event(7));
        assert_eq!(
            (&event["event"], &event["id"]),
            (&"failed".into(), &7.into())
        );
        assert!(event.get("reply").is_none());
    }
}
