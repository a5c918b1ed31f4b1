//! Whether an output must be made: decided from the file that exists and from
//! what the journal says about it.

use std::path::{Path, PathBuf};

use piper_rs::audio::wav::is_truncated;
use piper_rs::encode::length_of;
use piper_rs::fs::FileStamp;
use piper_rs::sink::file::ExistingFile;
use piper_rs::voice::content_hash::ContentHash;

use super::fingerprint::Fingerprint;
use super::journal::OutputHistory;

/// Which existing files may be replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Permission {
    /// None.
    Keep,
    /// Those that differ from what would be made.
    Overwrite,
    /// All.
    Force,
}

impl Permission {
    /// Returns what `--overwrite` and `--force` allow.
    pub(super) fn of(overwrite: bool, force: bool) -> Self {
        match (overwrite, force) {
            (_, true) => Self::Force,
            (true, false) => Self::Overwrite,
            (false, false) => Self::Keep,
        }
    }
}

/// What to do about an output.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Decision {
    Make(ExistingFile),
    /// The file exists and is current.
    Skip(JournalState),
    Refuse(Conflict),
}

/// What the journal says about a file that is current.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum JournalState {
    /// The output is recorded as done.
    Current,
    /// The record is missing, because the run was killed before it could be
    /// written, or its fingerprint has an old form: it must be written.
    Unrecorded,
}

/// A file is in the way of an output.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} {}; `--overwrite` replaces it", path.display(), reason.message())]
pub(super) struct Conflict {
    pub(super) path: PathBuf,
    pub(super) reason: ConflictReason,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ConflictReason {
    /// The journal does not know it.
    Foreign,
    /// Its content is not what was written.
    Changed,
    /// Its fingerprint differs.
    Outdated,
}

impl Conflict {
    pub(super) fn new(path: &Path, reason: ConflictReason) -> Self {
        let path = path.to_owned();
        Self { path, reason }
    }
}

impl ConflictReason {
    fn message(self) -> &'static str {
        match self {
            Self::Foreign => "already exists and was not made by this batch",
            Self::Changed => "was changed since it was made",
            Self::Outdated => "was made from another text, voice, setting or version",
        }
    }
}

/// Decides about the output at `path` that would get `fingerprint`.
pub(super) fn decide(
    path: &Path,
    fingerprint: &Fingerprint,
    history: Option<&OutputHistory>,
    permission: Permission,
) -> Decision {
    let Ok(stamp) = FileStamp::of(path) else {
        return Decision::Make(ExistingFile::Refuse);
    };
    if permission == Permission::Force {
        return Decision::Make(ExistingFile::Replace);
    }
    match identify(path, stamp, history) {
        Identity::Made(recorded, state) if *recorded == fingerprint.current => {
            Decision::Skip(state)
        }
        Identity::Made(recorded, _) if fingerprint.matches(recorded) => {
            Decision::Skip(JournalState::Unrecorded)
        }
        // It holds nothing that could be lost.
        Identity::Truncated => Decision::Make(ExistingFile::Replace),
        _ if permission == Permission::Overwrite => Decision::Make(ExistingFile::Replace),
        Identity::Made(..) => refuse(path, ConflictReason::Outdated),
        Identity::Changed => refuse(path, ConflictReason::Changed),
        Identity::Foreign => refuse(path, ConflictReason::Foreign),
    }
}

fn refuse(path: &Path, reason: ConflictReason) -> Decision {
    Decision::Refuse(Conflict::new(path, reason))
}

/// Returns the seed of a file that is current, if it is known.
pub(super) fn seed_of(history: &OutputHistory, state: JournalState) -> Option<u64> {
    match (state, &history.started) {
        (JournalState::Unrecorded, Some(started)) => started.seed,
        _ => history.done.as_ref()?.seed,
    }
}

/// What an existing file is, according to the journal.
pub(super) enum Identity<'a> {
    /// Made by an earlier run, with this fingerprint.
    Made(&'a ContentHash, JournalState),
    /// Made by an earlier run, and cut off by a crash of the machine.
    Truncated,
    Changed,
    Foreign,
}

pub(super) fn identify<'a>(
    path: &Path,
    stamp: FileStamp,
    history: Option<&'a OutputHistory>,
) -> Identity<'a> {
    let Some(history) = history else {
        return Identity::Foreign;
    };
    // A pipe would be waited for.
    if !path.is_file() {
        return Identity::Changed;
    }
    if is_truncated(path).unwrap_or(false) {
        return Identity::Truncated;
    }
    if let Some(started) = &history.started
        && started.has_become(stamp)
    {
        return match length_of(path) {
            Ok(_) => Identity::Made(&started.fingerprint, JournalState::Unrecorded),
            Err(_) => Identity::Changed,
        };
    }
    match &history.done {
        Some(done) if done.bytes != stamp.bytes => Identity::Changed,
        Some(_) if length_of(path).is_err() => Identity::Changed,
        Some(done) => Identity::Made(&done.fingerprint, JournalState::Current),
        None => Identity::Foreign,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::commands::batch::journal::{Begun, Done, Made, Started};
    use piper_rs::audio::SampleRate;
    use piper_rs::sink::file::{self, FileOptions};

    pub(in super::super) fn wav(path: &Path, samples: usize) {
        let options = FileOptions {
            existing_file: ExistingFile::Replace,
            ..FileOptions::default()
        };
        let rate = SampleRate::new(16_000).unwrap();
        let mut sink = file::create(path, rate, &options).unwrap();
        sink.write(&vec![0.5; samples]).unwrap();
        sink.finish().unwrap();
    }

    fn hash(text: &str) -> ContentHash {
        ContentHash::of_parts([text.as_bytes()])
    }

    pub(in super::super) fn fingerprint() -> Fingerprint {
        Fingerprint {
            current: hash("text"),
            legacy: hash("text, in the old form"),
        }
    }

    pub(in super::super) fn done(text: &str, bytes: u64) -> Option<OutputHistory> {
        let done = Done {
            bytes,
            ..Done::existing(Path::new("a.wav"), "a.wav", hash(text))
        };
        Some(OutputHistory {
            done: Some(Made::from(&done)),
            ..OutputHistory::default()
        })
    }

    pub(in super::super) fn started(
        text: &str,
        replaces: Option<FileStamp>,
        before: Option<OutputHistory>,
    ) -> Option<OutputHistory> {
        let started = Started {
            output: "a.wav".into(),
            fingerprint: hash(text),
            replaces,
            seed: None,
        };
        let done = before.and_then(|output| output.done);
        Some(OutputHistory {
            done,
            started: Some(Begun::from(&started)),
            ..OutputHistory::default()
        })
    }

    #[test]
    fn the_file_and_the_journal_decide_together() {
        use ExistingFile::{Refuse, Replace};
        use Permission::{Force, Keep, Overwrite};
        let folder = tempfile::tempdir().unwrap();
        let (path, missing) = (folder.path().join("a.wav"), folder.path().join("b.wav"));
        wav(&path, 100);
        let old = FileStamp::of(&path).ok();
        let (mut touched, mut other) = (old, old);
        touched.as_mut().unwrap().modified_ns = None;
        other.as_mut().unwrap().bytes = 300;
        let decide = |path: &Path, history: &Option<OutputHistory>, permission| {
            super::decide(path, &fingerprint(), history.as_ref(), permission)
        };
        let no = |reason| super::refuse(&path, reason);
        let skip = Decision::Skip;

        for permission in [Keep, Overwrite, Force] {
            let made = decide(&missing, &done("text", 244), permission);
            assert_eq!(made, Decision::Make(Refuse), "a deleted file is made again");
        }
        let cases = [
            ("foreign", None, no(ConflictReason::Foreign)),
            ("done", done("text", 244), skip(JournalState::Current)),
            (
                "done, in the old form",
                done("text, in the old form", 244),
                skip(JournalState::Unrecorded),
            ),
            ("outdated", done("old", 244), no(ConflictReason::Outdated)),
            ("changed", done("text", 300), no(ConflictReason::Changed)),
            (
                "killed after the rename",
                started("text", None, None),
                skip(JournalState::Unrecorded),
            ),
            (
                "killed after the rename, with another text",
                started("old", None, None),
                no(ConflictReason::Outdated),
            ),
            (
                "killed before the rename over a foreign file",
                started("text", old, None),
                no(ConflictReason::Foreign),
            ),
            (
                "killed before the rename over its predecessor",
                started("text", old, done("old", 244)),
                no(ConflictReason::Outdated),
            ),
            (
                "the same, and copied then",
                started("text", touched, done("old", 244)),
                no(ConflictReason::Outdated),
            ),
            (
                "killed after the rename over its predecessor",
                started("text", other, done("old", 300)),
                skip(JournalState::Unrecorded),
            ),
        ];
        for (name, history, expected) in cases {
            let skipped = matches!(expected, Decision::Skip(_));
            let replaced = decide(&path, &history, Overwrite);
            assert_eq!(replaced == Decision::Make(Replace), !skipped, "{name}");
            assert_eq!(decide(&path, &history, Keep), expected, "{name}");
            assert_eq!(
                decide(&path, &history, Force),
                Decision::Make(Replace),
                "{name}"
            );
        }
    }

    #[test]
    fn a_file_truncated_by_a_crash_is_replaced_unless_it_is_foreign() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.wav");
        for left in ["", "RIFF....", "RIFF....WAVEfmt ", "\0\0"] {
            std::fs::write(&path, left).unwrap();
            for history in [done("text", 244), started("text", None, None)] {
                let decision = decide(&path, &fingerprint(), history.as_ref(), Permission::Keep);
                assert_eq!(decision, Decision::Make(ExistingFile::Replace), "{left:?}");
            }
            let decision = decide(&path, &fingerprint(), None, Permission::Keep);
            assert_eq!(decision, refuse(&path, ConflictReason::Foreign), "{left:?}");
        }
    }
}
