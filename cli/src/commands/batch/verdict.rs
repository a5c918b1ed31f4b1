//! Whether an output is to be made, by what is there and what the journal
//! says of it.

use piper_rs::voice::content_hash::ContentHash;
use std::path::{Path, PathBuf};

use piper_rs::audio::wav::{WavReader, is_truncated};
use piper_rs::sink::wav::ExistingFile;

use super::fingerprint::Fingerprint;
use super::journal::{Past, Stamp};

/// What may be done to files that are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Permission {
    /// Nothing.
    Keep,
    /// Replace those that are not what would be made.
    Overwrite,
    /// Replace them all.
    Force,
}

/// What becomes of an output.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is made.
    Make(ExistingFile),
    /// It is there.
    Skip(Found),
    /// Something else is there.
    Refuse(Taken),
}

/// How the journal knows a file that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// As done.
    Done,
    /// As begun: the run was killed just after the file was whole. Or as done,
    /// by a fingerprint of the old form.
    Unrecorded,
}

/// The name of an output belongs to something else.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} {}; `--overwrite` replaces it", path.display(), why.words())]
pub(super) struct Taken {
    pub(super) path: PathBuf,
    pub(super) why: Why,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    /// It is not from here.
    Foreign,
    /// It was changed since it was made.
    Changed,
    /// It was made of another text, or in another way.
    Outdated,
}

impl Taken {
    pub(super) fn new(path: &Path, why: Why) -> Self {
        let path = path.to_owned();
        Self { path, why }
    }
}

impl Why {
    fn words(self) -> &'static str {
        match self {
            Self::Foreign => "is there already, and not from this batch",
            Self::Changed => "was changed since it was made",
            Self::Outdated => "was made from another text, voice, setting or version",
        }
    }
}

/// Judges the output at `path`, which is to have `fingerprint`.
pub(super) fn judge(
    path: &Path,
    fingerprint: &Fingerprint,
    past: Option<&Past>,
    permission: Permission,
) -> Verdict {
    let Some(found) = Stamp::of(path) else {
        return Verdict::Make(ExistingFile::Refuse);
    };
    if permission == Permission::Force {
        return Verdict::Make(ExistingFile::Replace);
    }
    match identify(path, found, past) {
        Identity::Ours(made, found) if *made == fingerprint.current => Verdict::Skip(found),
        // Recorded again, in the current form.
        Identity::Ours(made, _) if fingerprint.matches(made) => Verdict::Skip(Found::Unrecorded),
        // What is left of a crash is nobody's work.
        Identity::Torn => Verdict::Make(ExistingFile::Replace),
        _ if permission == Permission::Overwrite => Verdict::Make(ExistingFile::Replace),
        Identity::Ours(..) => refuse(path, Why::Outdated),
        Identity::Changed => refuse(path, Why::Changed),
        Identity::Foreign => refuse(path, Why::Foreign),
    }
}

fn refuse(path: &Path, why: Why) -> Verdict {
    Verdict::Refuse(Taken::new(path, why))
}

/// What a file is to the journal.
enum Identity<'a> {
    Ours(&'a ContentHash, Found),
    /// Ours, and cut off by a crash of the machine.
    Torn,
    Changed,
    Foreign,
}

fn identify<'a>(path: &Path, found: Stamp, past: Option<&'a Past>) -> Identity<'a> {
    let Some(past) = past else {
        return Identity::Foreign;
    };
    if is_truncated(path).unwrap_or(false) {
        return Identity::Torn;
    }
    if let Some(begun) = &past.begun
        && begun.replaces != Some(found)
    {
        // Files get their names when they are whole.
        return match WavReader::open(path) {
            Ok(_) => Identity::Ours(&begun.fingerprint, Found::Unrecorded),
            Err(_) => Identity::Changed,
        };
    }
    match &past.done {
        Some(done) if done.bytes != found.bytes => Identity::Changed,
        Some(_) if WavReader::open(path).is_err() => Identity::Changed,
        Some(done) => Identity::Ours(&done.fingerprint, Found::Done),
        None => Identity::Foreign,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::batch::journal::{Begun, Done};
    use piper_rs::CancelToken;
    use piper_rs::audio::SampleRate;
    use piper_rs::sink::wav::{self, WavOptions};

    fn wav(path: &Path, samples: usize) {
        let options = WavOptions {
            existing_file: ExistingFile::Replace,
            cancel: CancelToken::new(),
        };
        let rate = SampleRate::new(16_000).unwrap();
        let mut sink = wav::create(path, rate, &options).unwrap();
        sink.write(&vec![0.5; samples]).unwrap();
        sink.finish().unwrap();
    }

    fn of(text: &str) -> ContentHash {
        ContentHash::of_parts([text.as_bytes()])
    }

    fn fingerprint() -> Fingerprint {
        Fingerprint {
            current: of("text"),
            legacy: of("text, in the old form"),
        }
    }

    fn done(text: &str, bytes: u64) -> Option<Past> {
        let done = Done {
            output: "a.wav".into(),
            fingerprint: of(text),
            bytes,
            pace: None,
        };
        Some(Past {
            done: Some(done),
            begun: None,
        })
    }

    fn begun(text: &str, replaces: Option<Stamp>, before: Option<Past>) -> Option<Past> {
        let begun = Begun {
            output: "a.wav".into(),
            fingerprint: of(text),
            replaces,
        };
        let done = before.and_then(|past| past.done);
        Some(Past {
            done,
            begun: Some(begun),
        })
    }

    #[test]
    fn the_file_and_the_journal_together_decide() {
        use ExistingFile::{Refuse, Replace as Allow};
        use Permission::{Force, Keep, Overwrite as Replace};
        let folder = tempfile::tempdir().unwrap();
        let (path, missing) = (folder.path().join("a.wav"), folder.path().join("b.wav"));
        wav(&path, 100);
        let old = Stamp::of(&path);
        let judge = |path: &Path, past: &Option<Past>, permission| {
            super::judge(path, &fingerprint(), past.as_ref(), permission)
        };
        let no = |why| super::refuse(&path, why);
        let skip = Verdict::Skip;

        for permission in [Keep, Replace, Force] {
            let made = judge(&missing, &done("text", 244), permission);
            assert_eq!(
                made,
                Verdict::Make(Refuse),
                "a file that is gone is made again"
            );
        }
        let cases = [
            ("foreign", None, no(Why::Foreign)),
            ("done", done("text", 244), skip(Found::Done)),
            (
                "done, in the old form",
                done("text, in the old form", 244),
                skip(Found::Unrecorded),
            ),
            ("outdated", done("old", 244), no(Why::Outdated)),
            ("changed", done("text", 300), no(Why::Changed)),
            (
                "killed after the rename",
                begun("text", None, None),
                skip(Found::Unrecorded),
            ),
            (
                "the same, of another text",
                begun("old", None, None),
                no(Why::Outdated),
            ),
            (
                "killed before the rename over a foreign file",
                begun("text", old, None),
                no(Why::Foreign),
            ),
            (
                "killed before the rename over its predecessor",
                begun("text", old, done("old", 244)),
                no(Why::Outdated),
            ),
        ];
        for (name, past, expected) in cases {
            let skipped = matches!(expected, Verdict::Skip(_));
            let replaced = judge(&path, &past, Replace);
            assert_eq!(replaced == Verdict::Make(Allow), !skipped, "{name}");
            assert_eq!(judge(&path, &past, Keep), expected, "{name}");
            assert_eq!(judge(&path, &past, Force), Verdict::Make(Allow), "{name}");
        }
    }

    #[test]
    fn what_a_crash_left_is_made_again_but_nobody_elses_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.wav");
        for left in ["", "RIFF....", "RIFF....WAVEfmt ", "\0\0"] {
            std::fs::write(&path, left).unwrap();
            for past in [done("text", 244), begun("text", None, None)] {
                let verdict = judge(&path, &fingerprint(), past.as_ref(), Permission::Keep);
                assert_eq!(verdict, Verdict::Make(ExistingFile::Replace), "{left:?}");
            }
            let verdict = judge(&path, &fingerprint(), None, Permission::Keep);
            assert_eq!(verdict, refuse(&path, Why::Foreign), "{left:?}");
        }
    }
}
