//! Sidecars: the subtitles beside the audio file of a text. A text is done when it has
//! all of its files.

use std::path::Path;

use piper_rs::fs::FileStamp;
use piper_rs::sink::file::ExistingFile;
use piper_rs::subtitles::{SubtitleFormat, WordStamps};
use piper_rs::voice::content_hash::ContentHash;

use super::fingerprint::Fingerprint;
use super::freshness::{Conflict, ConflictReason, Decision, Permission};
use super::journal::{Done, History, Journal, Started, output_key};
use crate::speech::subtitles::Subtitles;

/// The subtitles beside an audio file.
#[derive(Debug, Clone)]
pub(super) struct Sidecar {
    pub(super) subtitles: Subtitles,
    /// Its key in the journal.
    key: String,
    /// That of the audio, and the format.
    fingerprint: ContentHash,
}

/// What is there under the name of a sidecar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Missing,
    Current,
    Conflict(ConflictReason),
}

impl Sidecar {
    /// Returns those of the audio file `output` of a batch into `folder`.
    pub(super) fn all(
        formats: &[SubtitleFormat],
        folder: &Path,
        output: &Path,
        fingerprint: &Fingerprint,
    ) -> Vec<Self> {
        let sidecar = |format: &SubtitleFormat| {
            let subtitles = Subtitles::beside(output, *format);
            let parts = [fingerprint.current.as_bytes(), recipe(*format).as_bytes()];
            Self {
                key: output_key(folder, &subtitles.path),
                fingerprint: ContentHash::of_parts(parts),
                subtitles,
            }
        };
        formats.iter().map(sidecar).collect()
    }

    pub(super) fn path(&self) -> &Path {
        &self.subtitles.path
    }

    /// Records that it is about to be written.
    pub(super) fn record_started(&self, journal: &Journal) -> anyhow::Result<()> {
        journal.record_started(Started {
            output: self.key.clone(),
            fingerprint: self.fingerprint,
            replaces: FileStamp::of(self.path()).ok(),
        })
    }

    /// Records that it is complete.
    pub(super) fn record_done(&self, journal: &Journal) -> anyhow::Result<()> {
        journal.record_done(Done::existing(self.path(), &self.key, self.fingerprint))
    }

    fn state(&self, history: &History) -> State {
        let Ok(stamp) = FileStamp::of(self.path()) else {
            return State::Missing;
        };
        let recorded = history.output(&self.key);
        let started = recorded.and_then(|output| output.started.as_ref());
        let done = recorded.and_then(|output| output.done.as_ref());
        let fingerprint = match (started, done) {
            // It has its final name, so it is complete.
            (Some(started), _) if started.replaces != Some(stamp) => started.fingerprint,
            (_, Some(done)) if done.bytes != stamp.bytes => {
                return State::Conflict(ConflictReason::Changed);
            }
            (_, Some(done)) => done.fingerprint,
            (_, None) => return State::Conflict(ConflictReason::Foreign),
        };
        match fingerprint == self.fingerprint {
            true => State::Current,
            false => State::Conflict(ConflictReason::Outdated),
        }
    }
}

/// Decides about a text, after what was decided about its audio. If its audio is current
/// and a sidecar is missing, both are made: the times are those of one speech.
///
/// What the user has corrected in a sidecar stays as long as the audio does.
pub(super) fn decide(
    audio: Decision,
    sidecars: &[Sidecar],
    history: &History,
    permission: Permission,
) -> Decision {
    let states = || {
        sidecars
            .iter()
            .map(|sidecar| (sidecar, sidecar.state(history)))
    };
    let is_done = |(_, state): (_, State)| match state {
        State::Current => true,
        State::Conflict(ConflictReason::Changed) => permission == Permission::Keep,
        State::Missing | State::Conflict(_) => false,
    };
    if matches!(audio, Decision::Refuse(_))
        || matches!(audio, Decision::Skip(_)) && states().all(is_done)
    {
        return audio;
    }
    let conflict = |(sidecar, state): (&Sidecar, State)| match state {
        State::Conflict(reason) => Some(Conflict::new(sidecar.path(), reason)),
        State::Missing | State::Current => None,
    };
    match states().find_map(conflict) {
        Some(conflict) if permission == Permission::Keep => Decision::Refuse(conflict),
        _ => match audio {
            Decision::Skip(_) => Decision::Make(ExistingFile::Replace),
            audio => audio,
        },
    }
}

/// Names a format in fingerprints: journals depend on it.
fn recipe(format: SubtitleFormat) -> &'static str {
    match format {
        SubtitleFormat::Srt => "srt",
        SubtitleFormat::Vtt(WordStamps::Omit) => "vtt",
        SubtitleFormat::Vtt(WordStamps::Write) => "vtt with words",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    use crate::commands::batch::freshness::JournalState;

    /// Returns what is decided about a text with the sidecar `a.srt`, which has `content`
    /// and was recorded with `recorded`.
    fn decided(
        audio: Decision,
        content: Option<&str>,
        recorded: Option<(&str, u64)>,
        permission: Permission,
    ) -> Result<Decision, ConflictReason> {
        let folder = tempfile::tempdir().unwrap();
        let hash = |text: &str| ContentHash::of_parts([text.as_bytes()]);
        let path = folder.path().join("a.srt");
        if let Some(content) = content {
            fs::write(&path, content).unwrap();
        }
        let (journal, _) = Journal::open(folder.path(), None).unwrap();
        if let Some((fingerprint, bytes)) = recorded {
            let done = Done::existing(&path, "a.srt", hash(fingerprint));
            journal.record_done(Done { bytes, ..done }).unwrap();
        }
        let sidecar = Sidecar {
            subtitles: Subtitles::beside(&path, SubtitleFormat::Srt),
            key: "a.srt".into(),
            fingerprint: hash("text"),
        };
        match decide(audio, &[sidecar], &journal.history().unwrap(), permission) {
            Decision::Refuse(conflict) => Err(conflict.reason),
            decision => Ok(decision),
        }
    }

    #[test]
    fn a_text_without_its_subtitles_is_not_done() {
        use ConflictReason::{Changed, Foreign, Outdated};
        use Permission::{Keep, Overwrite};
        let skip = || Decision::Skip(JournalState::Current);
        let make = || Decision::Make(ExistingFile::Refuse);
        let remake = || Decision::Make(ExistingFile::Replace);
        let (here, current) = (Some("cues"), Some(("text", 4)));
        let cases = [
            ("missing", None, None, Ok(remake()), Ok(make())),
            ("deleted", None, current, Ok(remake()), Ok(make())),
            ("current", here, current, Ok(skip()), Ok(make())),
            ("foreign", here, None, Err(Foreign), Err(Foreign)),
            (
                "outdated",
                here,
                Some(("old", 4)),
                Err(Outdated),
                Err(Outdated),
            ),
            (
                "corrected",
                here,
                Some(("text", 9)),
                Ok(skip()),
                Err(Changed),
            ),
        ];
        for (name, content, recorded, skipped, made) in cases {
            let of = |audio, permission| decided(audio, content, recorded, permission);
            assert_eq!(of(skip(), Keep), skipped, "{name}");
            assert_eq!(of(make(), Keep), made, "{name}");
            let is_current = name == "current";
            let expected = if is_current { skip() } else { remake() };
            assert_eq!(of(skip(), Overwrite), Ok(expected), "{name}");
            assert_eq!(of(make(), Overwrite), Ok(make()), "{name}");
        }
    }
}
