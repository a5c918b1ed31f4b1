//! Which voice a request means, and whether its files have changed since the
//! voice was loaded.

use std::path::Path;

use crate::fs::FileStamp;
use crate::voice::content_hash::ContentHash;
use crate::voice::{VoiceFiles, builtin};

/// Why a voice is requested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// The caller needs it now.
    Use,
    /// A caller may need it later.
    Preload,
}

/// A request for a voice, with the state of its files at that time.
#[derive(Debug)]
pub(super) struct VoiceRequest<'a> {
    /// The paths as the caller wrote them, for the loader's errors.
    pub(super) files: &'a VoiceFiles,
    /// The canonical paths: equal for all paths to the same files.
    pub(super) key: VoiceFiles,
    pub(super) stamp: Stamp,
    pub(super) purpose: Purpose,
}

impl<'a> VoiceRequest<'a> {
    /// Looks at the files without opening them.
    pub(super) fn new(files: &'a VoiceFiles, purpose: Purpose) -> Self {
        let key = files.canonical();
        Self {
            stamp: Stamp::of(&key),
            files,
            key,
            purpose,
        }
    }

    /// Returns the size of the graph's file; 0 if there is none.
    pub(super) fn model_bytes(&self) -> u64 {
        match self.key {
            VoiceFiles::Builtin => builtin::MODEL.len() as u64,
            VoiceFiles::OnDisk { .. } => self.stamp.0[0].map_or(0, |model| model.bytes),
        }
    }
}

/// Size and modification time of each of a voice's files, the graph first;
/// `None` for a file that is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stamp(Vec<Option<FileStamp>>);

impl Stamp {
    pub(super) fn of(key: &VoiceFiles) -> Self {
        Self(paths(key).map(|path| FileStamp::of(path).ok()).collect())
    }
}

/// The state of a voice's files when it was loaded.
#[derive(Debug, Clone)]
pub(super) struct Version {
    pub(super) stamp: Stamp,
    /// The hash of each file; `None` if it is not known.
    hashes: Vec<Option<ContentHash>>,
}

impl Version {
    /// Hashes the files of a request, except for a model whose hash is known.
    ///
    /// If the files have changed since the request, which files were loaded is
    /// not known, and so are the hashes.
    pub(super) fn new(request: &VoiceRequest<'_>, model: Option<ContentHash>) -> Self {
        let VoiceRequest { key, stamp, .. } = request;
        let hash =
            |(path, known): (&Path, Option<_>)| known.or_else(|| ContentHash::of_file(path).ok());
        let mut hashes: Vec<_> = paths(key).zip([model, None]).map(hash).collect();
        if Stamp::of(key) != *stamp {
            hashes.fill(None);
        }
        let stamp = stamp.clone();
        Self { stamp, hashes }
    }

    /// Returns this version with the request's stamp if the files still have
    /// the same content; `None` if they have not.
    ///
    /// Reads only files with the same size and another modification time.
    pub(super) fn refreshed(self, request: &VoiceRequest<'_>) -> Option<Self> {
        let stamps = self.stamp.0.iter().zip(&request.stamp.0);
        let mut files = paths(&request.key).zip(stamps).zip(&self.hashes);
        let same = files.all(|((path, (old, new)), hash)| {
            let same_size = old.map(|file| file.bytes) == new.map(|file| file.bytes);
            old == new || (same_size && hash.is_some() && ContentHash::of_file(path).ok() == *hash)
        });
        same.then(|| Self {
            stamp: request.stamp.clone(),
            ..self
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

    fn request(files: &VoiceFiles) -> VoiceRequest<'_> {
        VoiceRequest::new(files, Purpose::Use)
    }

    /// Writes a file of the voice, with a new modification time.
    fn rewrite(path: &Path, content: &str) {
        let before = fs::metadata(path).unwrap().modified().unwrap();
        fs::write(path, content).unwrap();
        let file = File::options().write(true).open(path).unwrap();
        file.set_modified(before + Duration::from_secs(5)).unwrap();
    }

    #[test]
    fn two_paths_to_the_same_files_are_one_voice() {
        let OnDisk { folder, files } = on_disk();
        let name = folder.path().file_name().unwrap();
        let detour = folder.path().join("..").join(name).join("./a.onnx");
        let detour = VoiceFiles::on_disk(detour, None);
        assert_ne!(detour, files);
        assert_eq!(request(&detour).key, request(&files).key);
    }

    #[test]
    fn another_config_makes_another_voice() {
        let OnDisk { folder, files } = on_disk();
        let config = folder.path().join("b.json");
        fs::write(&config, "config").unwrap();
        let other = VoiceFiles::on_disk(files.model_path().to_owned(), Some(config));
        assert_ne!(request(&other).key, request(&files).key);
    }

    #[test]
    fn only_another_content_makes_another_version() {
        let cases = [
            ("unchanged", None, None, true),
            ("touched", Some("graph"), Some("config"), true),
            ("same size", Some("GRAPH"), None, false),
            ("another size", Some("graphs"), None, false),
            ("config only", None, Some("CONFIG"), false),
        ];
        for (name, model, config, expected) in cases {
            let files = &on_disk();
            let files = &files.files;
            let version = Version::new(&request(files), None);
            if let Some(content) = model {
                rewrite(files.model_path(), content);
            }
            if let Some(content) = config {
                rewrite(files.config_path(), content);
            }
            let now = request(files);
            let refreshed = version.refreshed(&now);
            assert_eq!(refreshed.is_some(), expected, "{name}");
            if let Some(version) = refreshed {
                assert_eq!(version.stamp, now.stamp, "{name}");
            }
        }
    }

    #[test]
    fn files_that_change_during_the_load_have_no_known_hash() {
        let OnDisk {
            folder: _folder,
            files,
        } = on_disk();
        let before = request(&files);
        rewrite(files.model_path(), "graph");
        let version = Version::new(&before, None);
        assert!(version.clone().refreshed(&before).is_some());
        assert!(version.refreshed(&request(&files)).is_none());
    }

    #[test]
    fn a_voice_without_files_is_identified_by_its_path() {
        let nowhere = VoiceFiles::on_disk("/nowhere/a.onnx".into(), None);
        let request = request(&nowhere);
        assert_eq!((&request.key, request.model_bytes()), (&nowhere, 0));
        assert!(Version::new(&request, None).refreshed(&request).is_some());
        assert!(super::tests::request(&VoiceFiles::Builtin).model_bytes() > 0);
    }
}
