//! Which voice is meant, and whether its files still are what was loaded.

use std::path::Path;

use crate::fs::FileStamp;
use crate::voice::content_hash::ContentHash;
use crate::voice::{VoiceFiles, builtin};

/// A voice as somebody asked for it, just now.
#[derive(Debug)]
pub(super) struct Ask {
    /// The voice's files under their canonical paths: the same for every way
    /// of naming them.
    pub(super) key: VoiceFiles,
    /// What the files look like from outside.
    pub(super) stamp: Stamp,
}

impl Ask {
    /// Looks at the files, without opening them: some 30 µs.
    pub(super) fn new(files: &VoiceFiles) -> Self {
        let key = files.canonical();
        let stamp = Stamp::of(&key);
        Self { key, stamp }
    }

    /// Returns the size of the graph's file, 0 where there is none.
    pub(super) fn model_bytes(&self) -> u64 {
        match self.key {
            VoiceFiles::Builtin => builtin::MODEL.len() as u64,
            VoiceFiles::OnDisk { .. } => self.stamp.0[0].map_or(0, |model| model.bytes),
        }
    }
}

/// Size and age of each of a voice's files, the graph's first; `None` for a
/// file that cannot be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stamp(Vec<Option<FileStamp>>);

impl Stamp {
    pub(super) fn of(key: &VoiceFiles) -> Self {
        Self(paths(key).map(|path| FileStamp::of(path).ok()).collect())
    }
}

/// The hash of each of a voice's files; `None` where it is not known.
#[derive(Debug, Clone)]
pub(super) struct Contents(Vec<Option<ContentHash>>);

impl Contents {
    /// Reads the files through, but for a model whose content is known: some
    /// 40 ms of a core for one of 60 MB.
    pub(super) fn of(key: &VoiceFiles, model: Option<ContentHash>) -> Self {
        let known = [model, None];
        let files = paths(key).zip(known);
        Self(
            files
                .map(|(path, known)| known.or_else(|| ContentHash::of_file(path).ok()))
                .collect(),
        )
    }

    /// Contents that equal nothing.
    pub(super) fn unknown(key: &VoiceFiles) -> Self {
        Self(paths(key).map(|_| None).collect())
    }

    /// Returns whether the files of `ask` hold these contents, which they
    /// held when they looked like `seen`.
    ///
    /// Reads only files of the same size whose age differs.
    pub(super) fn still_in(&self, seen: &Stamp, ask: &Ask) -> bool {
        let stamps = seen.0.iter().zip(&ask.stamp.0);
        let mut files = paths(&ask.key).zip(stamps).zip(&self.0);
        files.all(|((path, (seen, now)), known)| {
            let same_size = seen.map(|file| file.bytes) == now.map(|file| file.bytes);
            seen == now
                || (same_size && known.is_some() && ContentHash::of_file(path).ok() == *known)
        })
    }
}

fn paths(key: &VoiceFiles) -> impl Iterator<Item = &Path> {
    let paths = match key {
        VoiceFiles::Builtin => None,
        VoiceFiles::OnDisk { model, config } => Some([model.as_path(), config.as_path()]),
    };
    paths.into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{self, File};
    use std::time::Duration;

    struct OnDisk {
        folder: tempfile::TempDir,
        files: VoiceFiles,
    }

    fn on_disk() -> OnDisk {
        let folder = tempfile::tempdir().unwrap();
        let model = folder.path().join("a.onnx");
        fs::write(&model, "graph").unwrap();
        fs::write(folder.path().join("a.onnx.json"), "config").unwrap();
        OnDisk {
            files: VoiceFiles::on_disk(model, None),
            folder,
        }
    }

    /// Writes `content` to a file of the voice, of an age of its own.
    fn rewrite(path: &Path, content: &str) {
        let before = fs::metadata(path).unwrap().modified().unwrap();
        fs::write(path, content).unwrap();
        let file = File::options().write(true).open(path).unwrap();
        file.set_modified(before + Duration::from_secs(5)).unwrap();
    }

    #[test]
    fn a_detour_and_the_straight_path_are_one_voice() {
        let voice = on_disk();
        let model = voice.folder.path().join("../").join(
            voice
                .folder
                .path()
                .strip_prefix(voice.folder.path().parent().unwrap())
                .unwrap(),
        );
        let detour = VoiceFiles::on_disk(model.join("./a.onnx"), None);
        assert_ne!(detour, voice.files);
        assert_eq!(detour.canonical(), voice.files.canonical());
    }

    #[test]
    fn another_config_makes_another_voice() {
        let voice = on_disk();
        let other = voice.folder.path().join("b.json");
        fs::write(&other, "config").unwrap();
        let model = voice.files.model_path().to_owned();
        let other = VoiceFiles::on_disk(model, Some(other));
        assert_ne!(other.canonical(), voice.files.canonical());
    }

    #[test]
    fn contents_are_told_apart_whatever_the_size_and_age() {
        let cases = [
            ("nothing", None, None, true),
            ("touched", Some("graph"), Some("config"), true),
            ("same size", Some("GRAPH"), None, false),
            ("another size", Some("graphs"), None, false),
            ("config only", None, Some("CONFIG"), false),
        ];
        for (name, model, config, expected) in cases {
            let voice = on_disk();
            let Ask { key, stamp } = Ask::new(&voice.files);
            let contents = Contents::of(&key, None);
            if let Some(content) = model {
                rewrite(voice.files.model_path(), content);
            }
            if let Some(content) = config {
                rewrite(voice.files.config_path(), content);
            }
            let ask = Ask::new(&voice.files);
            assert_eq!(contents.still_in(&stamp, &ask), expected, "{name}");
        }
    }

    #[test]
    fn unknown_contents_hold_only_while_nothing_is_touched() {
        let voice = on_disk();
        let Ask { key, stamp } = Ask::new(&voice.files);
        let contents = Contents::unknown(&key);
        assert!(contents.still_in(&stamp, &Ask::new(&voice.files)));
        rewrite(voice.files.model_path(), "graph");
        assert!(!contents.still_in(&stamp, &Ask::new(&voice.files)));
    }

    #[test]
    fn a_voice_without_files_is_told_by_its_name() {
        let nowhere = VoiceFiles::on_disk("/nowhere/a.onnx".into(), None);
        let ask = Ask::new(&nowhere);
        assert_eq!((ask.key.clone(), ask.model_bytes()), (nowhere.clone(), 0));
        assert!(Contents::of(&ask.key, None).still_in(&ask.stamp, &Ask::new(&nowhere)));
        assert!(Ask::new(&VoiceFiles::Builtin).model_bytes() > 0);
    }
}
