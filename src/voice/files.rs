//! A voice's name or path → its two files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::builtin::{self, BUILTIN_NAME};
use super::content_hash::ContentHash;
use crate::fs::is_stream;
use crate::{Error, Result};

/// The location of a voice.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum VoiceFiles {
    /// Part of the program.
    Builtin,
    /// `VOICE.onnx` and its config.
    OnDisk {
        /// The graph.
        model: PathBuf,
        /// `VOICE.onnx.json` in the same folder, unless another file is given.
        config: PathBuf,
    },
}

impl VoiceFiles {
    /// Returns the files of the voice with the graph at `model`. Without a
    /// `config` it is `MODEL.json`.
    pub fn on_disk(model: PathBuf, config: Option<PathBuf>) -> Self {
        let config = config.unwrap_or_else(|| with_suffix(&model, ".json"));
        Self::OnDisk { model, config }
    }

    /// Returns the voice's name: the name of its file without `.onnx`.
    pub fn name(&self) -> String {
        match self {
            Self::Builtin => BUILTIN_NAME.to_owned(),
            Self::OnDisk { model, .. } => {
                let name = model
                    .file_name()
                    .unwrap_or(model.as_os_str())
                    .to_string_lossy();
                name.strip_suffix(".onnx").unwrap_or(&name).to_owned()
            }
        }
    }

    /// Returns the same files by their canonical paths: equal for all paths to
    /// the same files.
    pub fn canonical(&self) -> Self {
        match self {
            Self::Builtin => Self::Builtin,
            Self::OnDisk { model, config } => Self::OnDisk {
                model: canonical(model),
                config: canonical(config),
            },
        }
    }

    /// Returns a hash of the content of both files.
    ///
    /// Reads all of it: see [`ContentHash::of_file`] for the cost.
    pub fn content_hash(&self) -> Result<ContentHash> {
        let hashes = match self {
            Self::Builtin => return Ok(ContentHash::of_parts(builtin::FILES)),
            Self::OnDisk { model, config } => [hash(model)?, hash(config)?],
        };
        let hashes = hashes.iter().map(ContentHash::as_bytes);
        Ok(ContentHash::of_parts(hashes))
    }

    /// Returns the graph's path, for messages.
    pub fn model_path(&self) -> &Path {
        match self {
            Self::Builtin => Path::new("(built in)"),
            Self::OnDisk { model, .. } => model,
        }
    }

    /// Returns the config's path, for messages.
    pub fn config_path(&self) -> &Path {
        match self {
            Self::Builtin => Path::new("(built in)"),
            Self::OnDisk { config, .. } => config,
        }
    }
}

/// A missing file has no canonical path; loading it reports the error.
fn canonical(path: &Path) -> PathBuf {
    std::fs::canonicalize(path)
        .or_else(|_| std::path::absolute(path))
        .unwrap_or_else(|_| path.to_owned())
}

fn hash(path: &Path) -> Result<ContentHash> {
    ContentHash::of_file(path).map_err(|source| Error::Input {
        origin: path.display().to_string(),
        source,
    })
}

/// Finds a voice by its path or name: first the path, then `NAME.onnx` in each
/// of `folders`, then the built-in voice.
pub fn find(name: &str, config: Option<PathBuf>, folders: &[PathBuf]) -> Result<VoiceFiles> {
    let candidates = candidates(name, folders);
    match candidates.iter().find(|path| path.is_file()) {
        Some(model) => Ok(VoiceFiles::on_disk(model.clone(), config)),
        None if name == BUILTIN_NAME => Ok(VoiceFiles::Builtin),
        None if is_stream(Path::new(name)) => Err(Error::BadVoiceModel {
            path: name.into(),
            source: "it is a pipe or a device; a voice must be a file: write it into one first"
                .into(),
        }),
        None => Err(Error::VoiceNotFound {
            name: name.to_owned(),
            searched: candidates,
        }),
    }
}

/// Lists the voices that [`find`] finds by name, sorted by name: those in
/// `folders` and the built-in one. A folder that cannot be read counts as
/// empty.
pub fn installed(folders: &[PathBuf]) -> Vec<VoiceFiles> {
    let mut voices = BTreeMap::from([(BUILTIN_NAME.to_owned(), VoiceFiles::Builtin)]);
    // The first folder takes precedence, so it is inserted last.
    for model in folders.iter().rev().flat_map(|folder| models(folder)) {
        let voice = VoiceFiles::on_disk(model, None);
        if voice.config_path().is_file() {
            voices.insert(voice.name(), voice);
        }
    }
    voices.into_values().collect()
}

/// Lists the graphs in `folders` without a config in the same folder.
pub fn without_config(folders: &[PathBuf]) -> Vec<PathBuf> {
    let models = folders.iter().flat_map(|folder| models(folder));
    let mut incomplete: Vec<_> = models
        .filter(|model| !with_suffix(model, ".json").is_file())
        .collect();
    incomplete.sort();
    incomplete.dedup();
    incomplete
}

/// Lists the graphs in a folder.
fn models(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let paths = entries.map(|entry| entry.path());
    paths.filter(|path| path.extension().is_some_and(|suffix| suffix == "onnx"))
}

fn candidates(name: &str, folders: &[PathBuf]) -> Vec<PathBuf> {
    let path = PathBuf::from(name);
    let mut candidates = vec![path.clone()];
    let is_file_name = name.ends_with(".onnx");
    if !is_file_name {
        candidates.push(with_suffix(&path, ".onnx"));
    }
    let in_folders = folders.iter().map(|folder| folder.join(name));
    candidates.extend(in_folders.map(|path| match is_file_name {
        true => path,
        false => with_suffix(&path, ".onnx"),
    }));
    candidates
}

/// Appends to the file name: `a.onnx` → `a.onnx.json`.
fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_voice_is_found_by_path_and_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let model = folder.path().join("en_GB-x-low.onnx");
        std::fs::write(&model, "").unwrap();
        let expected = VoiceFiles::on_disk(model.clone(), None);
        let folders = ["/nowhere".into(), folder.path().to_owned()];
        for name in [model.to_str().unwrap(), "en_GB-x-low", "en_GB-x-low.onnx"] {
            assert_eq!(find(name, None, &folders).unwrap(), expected, "{name}");
        }
        assert_eq!(expected.name(), "en_GB-x-low");
        assert!(expected.config_path().ends_with("en_GB-x-low.onnx.json"));
    }

    #[test]
    fn the_content_hash_depends_on_both_files_and_not_on_their_paths() {
        let folder = tempfile::tempdir().unwrap();
        let voice = |name: &str, model: &str, config: &str| {
            let files = VoiceFiles::on_disk(folder.path().join(name), None);
            std::fs::write(files.model_path(), model).unwrap();
            std::fs::write(files.config_path(), config).unwrap();
            files.content_hash().unwrap()
        };
        let first = voice("a.onnx", "graph", "config");
        assert_eq!(first, voice("b.onnx", "graph", "config"));
        assert_ne!(first, voice("b.onnx", "graph", "CONFIG"));
        assert_ne!(first, voice("b.onnx", "GRAPH", "config"));
        assert_ne!(first, VoiceFiles::Builtin.content_hash().unwrap());
        let nowhere = VoiceFiles::on_disk("/nowhere/a.onnx".into(), None);
        let message = nowhere.content_hash().unwrap_err().to_string();
        assert_eq!(message, "cannot read /nowhere/a.onnx");
    }

    #[test]
    fn the_builtin_voice_is_found_by_name() {
        assert_eq!(find(BUILTIN_NAME, None, &[]).unwrap(), VoiceFiles::Builtin);
    }

    #[test]
    fn installed_voices_are_those_that_find_returns() {
        let [first, second] = [(); 2].map(|()| tempfile::tempdir().unwrap());
        let files = ["b.onnx", "b.onnx.json", "a.onnx", "c.txt"];
        for (folder, names) in [(&first, &files[..]), (&second, &files[..2])] {
            for name in names {
                std::fs::write(folder.path().join(name), "").unwrap();
            }
        }
        let folders = [first.path(), second.path(), Path::new("/nowhere")].map(Path::to_owned);
        let installed = installed(&folders);
        let names: Vec<_> = installed.iter().map(VoiceFiles::name).collect();
        assert_eq!(names, ["b", BUILTIN_NAME], "`a` has no config");
        for (voice, name) in installed.iter().zip(&names) {
            assert_eq!(*voice, find(name, None, &folders).unwrap());
        }
    }

    #[test]
    fn the_error_for_a_missing_voice_lists_every_file_tried() {
        let message = find("none", None, &["/voices".into()])
            .unwrap_err()
            .to_string();
        assert_eq!(
            message,
            "no voice `none`; looked in:\n  none\n  none.onnx\n  /voices/none.onnx"
        );
    }
}
