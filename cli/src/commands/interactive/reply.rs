//! The replies to lines.

use serde::Serialize;

use super::task::QueueItem;
use super::voice_list::VoiceEntry;
use crate::args::StatsArg;
use crate::speech::stats::Stats;

/// The reply to a line; every line gets one.
#[derive(Debug, Serialize)]
#[serde(tag = "reply", rename_all = "snake_case")]
pub(super) enum Reply {
    Nothing,
    Queued {
        id: u64,
        ahead: usize,
    },
    Voice(CurrentVoice),
    /// Settings with their values.
    Settings {
        settings: SettingValues,
    },
    Stopped {
        id: Option<u64>,
        dropped: usize,
    },
    Skipped {
        id: Option<u64>,
    },
    Queue {
        speaking: Option<QueueItem>,
        waiting: Vec<QueueItem>,
    },
    Waited,
    Voices {
        voices: Vec<VoiceEntry>,
    },
    /// The number of voices that were unloaded.
    Unloaded {
        voices: usize,
    },
    Stats(Box<Stats>),
    Help {
        help: String,
    },
    Bye,
}

/// The values of settings, by name.
pub(super) type SettingValues = serde_json::Map<String, serde_json::Value>;

/// The voice that speaks the next lines.
#[derive(Debug, Clone, Serialize)]
pub(super) struct CurrentVoice {
    pub(super) voice: String,
    pub(super) sample_rate_hz: u32,
    pub(super) speakers: u32,
    pub(super) found: VoiceOrigin,
    /// Duration of the switch, in milliseconds.
    pub(super) ms: f64,
}

/// Where a voice came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum VoiceOrigin {
    Cached,
    Loaded,
    /// It was the current voice already.
    InUse,
}

impl Reply {
    /// Returns the reply as text; empty if there is nothing to print.
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
            } => "nothing is being spoken".to_owned(),
            Self::Stopped { dropped: 0, .. } => "stopped".to_owned(),
            Self::Stopped { dropped, .. } => format!("stopped, {dropped} dropped from the queue"),
            Self::Skipped { id: Some(_) } => "skipped".to_owned(),
            Self::Skipped { id: None } => "nothing is being spoken".to_owned(),
            Self::Queue { speaking, waiting } => {
                let mark = |mark: &str, item: &QueueItem| format!("{mark} {}", item.what);
                let speaking = speaking.iter().map(|item| mark(">", item));
                let all: Vec<_> = speaking
                    .chain(waiting.iter().map(|item| mark(" ", item)))
                    .collect();
                match all.is_empty() {
                    true => "the queue is empty".to_owned(),
                    false => all.join("\n"),
                }
            }
            Self::Voices { voices } => lines(voices.iter().map(VoiceEntry::text)),
            Self::Unloaded { voices: 0 } => "the voice was not loaded".to_owned(),
            Self::Unloaded { voices } => format!("{voices} unloaded"),
            Self::Stats(stats) => stats.render(StatsArg::Text),
            Self::Help { help } => help.clone(),
        }
    }
}

fn lines(lines: impl Iterator<Item = String>) -> String {
    lines.collect::<Vec<_>>().join("\n")
}

impl CurrentVoice {
    pub(super) fn text(&self) -> String {
        let origin = match self.found {
            VoiceOrigin::Cached => format!("cached, {:.1} ms", self.ms),
            VoiceOrigin::Loaded => format!("loaded in {:.0} ms", self.ms),
            VoiceOrigin::InUse => "in use".to_owned(),
        };
        let speakers = match self.speakers {
            1 => String::new(),
            n => format!(", {n} speakers"),
        };
        format!(
            "{} ({origin}), {} Hz{speakers}",
            self.voice, self.sample_rate_hz
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_switch_reports_whether_the_voice_was_cached() {
        let voice = |found, ms| {
            Reply::Voice(CurrentVoice {
                voice: "a".into(),
                sample_rate_hz: 16000,
                speakers: 1,
                found,
                ms,
            })
        };
        let cases = [
            (
                voice(VoiceOrigin::Cached, 0.123),
                "a (cached, 0.1 ms), 16000 Hz",
            ),
            (
                voice(VoiceOrigin::Loaded, 512.3),
                "a (loaded in 512 ms), 16000 Hz",
            ),
        ];
        for (reply, text) in cases {
            assert_eq!(reply.text(), text);
        }
        let json = serde_json::to_value(voice(VoiceOrigin::Cached, 0.5)).unwrap();
        assert_eq!(
            (&json["reply"], &json["found"]),
            (&"voice".into(), &"cached".into())
        );
    }
}
