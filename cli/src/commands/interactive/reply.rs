//! The answers to lines.

use serde::Serialize;

use super::task::Item;
use super::voices::VoiceLine;
use crate::args::StatsArg;
use crate::speech::stats::Stats;

/// The answer to a line; every line gets one.
#[derive(Debug, Serialize)]
#[serde(tag = "reply", rename_all = "snake_case")]
pub(super) enum Reply {
    Nothing,
    Queued {
        id: u64,
        ahead: usize,
    },
    Voice(VoiceNow),
    /// Settings with their values.
    Settings {
        settings: Values,
    },
    Stopped {
        id: Option<u64>,
        dropped: usize,
    },
    Skipped {
        id: Option<u64>,
    },
    Queue {
        speaking: Option<Item>,
        waiting: Vec<Item>,
    },
    Waited,
    Voices {
        voices: Vec<VoiceLine>,
    },
    /// So many voices were let go of.
    Unloaded {
        voices: usize,
    },
    Stats(Box<Stats>),
    Help {
        help: String,
    },
    Bye,
}

/// Names with values, by name.
pub(super) type Values = serde_json::Map<String, serde_json::Value>;

/// The voice that speaks from now on.
#[derive(Debug, Clone, Serialize)]
pub(super) struct VoiceNow {
    pub(super) voice: String,
    pub(super) sample_rate_hz: u32,
    pub(super) speakers: u32,
    pub(super) found: Found,
    /// How long the switch took.
    pub(super) ms: f64,
}

/// Where a voice was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Found {
    Cached,
    Loaded,
    /// It spoke already.
    InUse,
}

impl Reply {
    /// Returns the reply in words; nothing where silence says it.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Nothing | Self::Waited | Self::Bye => String::new(),
            Self::Queued { ahead: 0, .. } => String::new(),
            Self::Queued { ahead, .. } => format!("queued, {ahead} before it"),
            Self::Voice(voice) => voice.text(),
            Self::Settings { settings } => {
                let line = |(name, value): (&String, &serde_json::Value)| match value {
                    serde_json::Value::String(text) => format!("{name:18} {text}"),
                    serde_json::Value::Null => format!("{name:18} default"),
                    other => format!("{name:18} {other}"),
                };
                lines(settings.iter().map(line))
            }
            Self::Stopped {
                id: None,
                dropped: 0,
            } => "nothing is being said".to_owned(),
            Self::Stopped { dropped: 0, .. } => "stopped".to_owned(),
            Self::Stopped { dropped, .. } => format!("stopped, {dropped} dropped from the queue"),
            Self::Skipped { id: Some(_) } => "skipped".to_owned(),
            Self::Skipped { id: None } => "nothing is being said".to_owned(),
            Self::Queue { speaking, waiting } => {
                let mark = |mark: &str, item: &Item| format!("{mark} {}", item.what);
                let speaking = speaking.iter().map(|item| mark(">", item));
                let all: Vec<_> = speaking
                    .chain(waiting.iter().map(|item| mark(" ", item)))
                    .collect();
                match all.is_empty() {
                    true => "the queue is empty".to_owned(),
                    false => all.join("\n"),
                }
            }
            Self::Voices { voices } => lines(voices.iter().map(VoiceLine::text)),
            Self::Unloaded { voices: 0 } => "it was not loaded".to_owned(),
            Self::Unloaded { voices } => format!("{voices} unloaded"),
            Self::Stats(stats) => stats.render(StatsArg::Text),
            Self::Help { help } => help.clone(),
        }
    }
}

fn lines(lines: impl Iterator<Item = String>) -> String {
    lines.collect::<Vec<_>>().join("\n")
}

impl VoiceNow {
    pub(super) fn text(&self) -> String {
        let how = match self.found {
            Found::Cached => format!("cached, {:.1} ms", self.ms),
            Found::Loaded => format!("loaded in {:.0} ms", self.ms),
            Found::InUse => "speaking already".to_owned(),
        };
        let speakers = match self.speakers {
            1 => String::new(),
            n => format!(", {n} speakers"),
        };
        format!(
            "{} ({how}), {} Hz{speakers}",
            self.voice, self.sample_rate_hz
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_switch_says_whether_it_was_instant() {
        let voice = |found, ms| {
            Reply::Voice(VoiceNow {
                voice: "a".into(),
                sample_rate_hz: 16000,
                speakers: 1,
                found,
                ms,
            })
        };
        let cases = [
            (voice(Found::Cached, 0.123), "a (cached, 0.1 ms), 16000 Hz"),
            (
                voice(Found::Loaded, 512.3),
                "a (loaded in 512 ms), 16000 Hz",
            ),
        ];
        for (reply, text) in cases {
            assert_eq!(reply.text(), text);
        }
        let json = serde_json::to_value(voice(Found::Cached, 0.5)).unwrap();
        assert_eq!(
            (&json["reply"], &json["found"]),
            (&"voice".into(), &"cached".into())
        );
    }
}
