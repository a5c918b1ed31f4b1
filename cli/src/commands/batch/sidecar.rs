//! Sidecars: the subtitles and times beside the audio file of a text. A text is done when
//! it has all of its files.

use std::path::{Path, PathBuf};

use piper_rs::Result;
use piper_rs::audio::SampleRate;
use piper_rs::fs::FileStamp;
use piper_rs::sink::file::ExistingFile;
use piper_rs::subtitles::{SubtitleFormat, WordStamps};
use piper_rs::voice::content_hash::ContentHash;

use super::fingerprint::Fingerprint;
use super::freshness::{Conflict, ConflictReason, Decision, Permission};
use super::journal::{Done, History, Journal, Started, output_key};
use crate::speech::subtitles::SubtitleFile;
use crate::speech::timed_files::TimedFile;
use crate::speech::timed_format::TimedFormat;
use crate::speech::timings::{TimingsFile, TimingsFormat};

/// A file beside an audio file.
#[derive(Debug, Clone)]
pub(super) struct Sidecar {
    path: PathBuf,
    format: TimedFormat,
    /// Its key in the journal.
    key: String,
    /// That of the audio, and the format.
    fingerprint: ContentHash,
}

/// What it takes to name the sidecars of a text.
pub(super) struct SidecarsOf<'a> {
    pub(super) formats: &'a [TimedFormat],
    /// The output folder of the batch.
    pub(super) folder: &'a Path,
    /// The audio file.
    pub(super) output: &'a Path,
    pub(super) fingerprint: &'a Fingerprint,
    /// Where the text stands: times name its lines and bytes.
    pub(super) places: &'a ContentHash,
}

/// What is there under the name of a sidecar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Missing,
    Current,
    Conflict(ConflictReason),
}

impl Sidecar {
    /// Returns all of a text.
    pub(super) fn all(of: &SidecarsOf<'_>) -> Vec<Self> {
        let sidecar = |format: &TimedFormat| {
            let path = format.beside(of.output);
            let audio: &[u8] = of.fingerprint.current.as_bytes();
            let recipe = recipe(*format).as_bytes();
            let fingerprint = match format {
                TimedFormat::Subtitles(_) => ContentHash::of_parts([audio, recipe]),
                TimedFormat::Timings(_) => {
                    ContentHash::of_parts([audio, recipe, of.places.as_bytes()])
                }
            };
            Self {
                key: output_key(of.folder, &path),
                path,
                format: *format,
                fingerprint,
            }
        };
        of.formats.iter().map(sidecar).collect()
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Opens it, for audio of this rate. `language` is espeak-ng's name.
    pub(super) fn open(&self, rate: SampleRate, language: &str) -> Result<TimedFile> {
        let path = &self.path;
        match self.format {
            TimedFormat::Subtitles(format) => {
                SubtitleFile::open(path, format, rate, language).map(TimedFile::Subtitles)
            }
            TimedFormat::Timings(format) => {
                TimingsFile::open(path, format, rate).map(TimedFile::Timings)
            }
        }
    }

    /// Records that it is about to be written.
    pub(super) fn record_started(&self, journal: &Journal) -> anyhow::Result<()> {
        journal.record_started(Started {
            output: self.key.clone(),
            fingerprint: self.fingerprint,
            replaces: FileStamp::of(self.path()).ok(),
            seed: None,
        })
    }

    /// Records that it is complete.
    pub(super) fn record_done(&self, journal: &Journal) -> anyhow::Result<()> {
        journal.record_done(Done::existing(self.path(), &self.key, self.fingerprint))
    }

    /// Compares it with what earlier runs have recorded.
    pub(super) fn state(&self, history: &History) -> anyhow::Result<State> {
        let Ok(stamp) = FileStamp::of(self.path()) else {
            return Ok(State::Missing);
        };
        let recorded = history.output(&self.key)?.unwrap_or_default();
        let fingerprint = match (recorded.started, recorded.done) {
            (Some(started), _) if started.has_become(stamp) => started.fingerprint,
            (_, Some(done)) if done.bytes != stamp.bytes => {
                return Ok(State::Conflict(ConflictReason::Changed));
            }
            (_, Some(done)) => done.fingerprint,
            (_, None) => return Ok(State::Conflict(ConflictReason::Foreign)),
        };
        Ok(match fingerprint == self.fingerprint {
            true => State::Current,
            false => State::Conflict(ConflictReason::Outdated),
        })
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
) -> anyhow::Result<Decision> {
    let states = sidecars
        .iter()
        .map(|sidecar| Ok((sidecar, sidecar.state(history)?)))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let is_done = |(_, state): &(_, State)| match state {
        State::Current => true,
        State::Conflict(ConflictReason::Changed) => permission == Permission::Keep,
        State::Missing | State::Conflict(_) => false,
    };
    if matches!(audio, Decision::Refuse(_))
        || matches!(audio, Decision::Skip(_)) && states.iter().all(is_done)
    {
        return Ok(audio);
    }
    let conflict = |(sidecar, state): &(&Sidecar, State)| match state {
        State::Conflict(reason) => Some(Conflict::new(sidecar.path(), *reason)),
        State::Missing | State::Current => None,
    };
    Ok(match states.iter().find_map(conflict) {
        Some(conflict) if permission == Permission::Keep => Decision::Refuse(conflict),
        _ => match audio {
            Decision::Skip(_) => Decision::Make(ExistingFile::Replace),
            audio => audio,
        },
    })
}

/// Names a format in fingerprints: journals depend on it.
fn recipe(format: TimedFormat) -> &'static str {
    match format {
        TimedFormat::Subtitles(SubtitleFormat::Srt) => "srt",
        TimedFormat::Subtitles(SubtitleFormat::Vtt(WordStamps::Omit)) => "vtt",
        TimedFormat::Subtitles(SubtitleFormat::Vtt(WordStamps::Write)) => "vtt with words",
        TimedFormat::Timings(TimingsFormat::Json) => "times, json",
        TimedFormat::Timings(TimingsFormat::Tsv) => "times, tsv",
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
    ) -> std::result::Result<Decision, ConflictReason> {
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
            path,
            format: TimedFormat::Subtitles(SubtitleFormat::Srt),
            key: "a.srt".into(),
            fingerprint: hash("text"),
        };
        // Some systems let nobody read a locked file.
        drop(journal);
        let history = History::read(folder.path(), None).unwrap();
        match decide(audio, &[sidecar], &history, permission).unwrap() {
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
