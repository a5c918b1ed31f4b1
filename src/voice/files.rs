//! A voice's name or path → its two files.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use super::builtin::{self, BUILTIN_ALIAS, BUILTIN_NAME};
use super::config_file::{config_of, model_of, models_in, only, piper_name};
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
        /// `VOICE.onnx.json` in the same folder, unless another file is given
        /// or found.
        config: PathBuf,
    },
}

impl VoiceFiles {
    /// Returns the files of the voice with the graph at `model`. Without a
    /// `config` it is `MODEL.json`.
    pub fn on_disk(model: PathBuf, config: Option<PathBuf>) -> Self {
        let config = config.unwrap_or_else(|| piper_name(&model));
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

/// Finds a voice by its path or name, the first of:
///
/// 1. a model at this path, or `NAME.onnx` in one of `folders`;
/// 2. the model of a config: `VOICE.onnx.json`;
/// 3. the built-in voice;
/// 4. the only voice in a folder at this path;
/// 5. the only voice in `folders` whose name differs just by case.
///
/// [`BUILTIN_ALIAS`] is always the built-in voice.
///
/// A voice without a config is found too; loading it names the missing file.
pub fn find(name: &str, config: Option<PathBuf>, folders: &[PathBuf]) -> Result<VoiceFiles> {
    if name == BUILTIN_ALIAS {
        return Ok(VoiceFiles::Builtin);
    }
    let voice = |model: PathBuf| {
        let config = config.clone().unwrap_or_else(|| config_of(&model));
        VoiceFiles::OnDisk { model, config }
    };
    let candidates = candidates(name, folders);
    if let Some(model) = candidates.iter().find(|path| path.is_file()) {
        return Ok(match is_json(model) {
            true => of_config(model, config.clone(), name)?,
            false => voice(model.clone()),
        });
    }
    if name == BUILTIN_NAME {
        return Ok(VoiceFiles::Builtin);
    }
    let in_folder = candidates.iter().filter(|path| path.is_dir());
    if let Some(model) = in_folder.flat_map(|folder| only(models_in(folder))).next() {
        return Ok(voice(model));
    }
    if is_stream(Path::new(name)) {
        return Err(Error::BadVoiceModel {
            path: name.into(),
            source: "it is a pipe or a device; a voice must be a file: write it into one first"
                .into(),
        });
    }
    let same = installed(folders).into_iter();
    match only(same.filter(|voice| same_name(&voice.name(), name))) {
        Some(VoiceFiles::OnDisk { model, .. }) => Ok(voice(model)),
        Some(VoiceFiles::Builtin) => Ok(VoiceFiles::Builtin),
        None if same_name(BUILTIN_ALIAS, name) => Ok(VoiceFiles::Builtin),
        None => Err(Error::VoiceNotFound {
            name: name.to_owned(),
            searched: candidates,
        }),
    }
}

/// Returns the voice of a config.
fn of_config(path: &Path, config: Option<PathBuf>, name: &str) -> Result<VoiceFiles> {
    let model = model_of(path).ok_or_else(|| Error::VoiceNotFound {
        name: name.to_owned(),
        searched: vec![path.with_extension(""), path.with_extension("onnx")],
    })?;
    let config = config.unwrap_or_else(|| path.to_owned());
    Ok(VoiceFiles::OnDisk { model, config })
}

/// Returns whether a name, as typed, differs only by case.
fn same_name(name: &str, typed: &str) -> bool {
    let typed = typed.strip_suffix(".onnx").unwrap_or(typed);
    name.to_lowercase() == typed.to_lowercase()
}

/// Lists the voices that [`find`] finds by name, sorted by name: those in
/// `folders` and the built-in one. A folder that cannot be read counts as
/// empty.
pub fn installed(folders: &[PathBuf]) -> Vec<VoiceFiles> {
    let mut voices = BTreeMap::from([(BUILTIN_NAME.to_owned(), VoiceFiles::Builtin)]);
    // The first folder takes precedence, so it is inserted last.
    for model in folders.iter().rev().flat_map(|folder| models_in(folder)) {
        let config = config_of(&model);
        if config.is_file() {
            let voice = VoiceFiles::OnDisk { model, config };
            voices.insert(voice.name(), voice);
        }
    }
    voices.into_values().collect()
}

/// Lists the graphs in `folders` without a config in the same folder.
pub fn without_config(folders: &[PathBuf]) -> Vec<PathBuf> {
    let models = folders.iter().flat_map(|folder| models_in(folder));
    let mut incomplete: Vec<_> = models.filter(|model| !config_of(model).is_file()).collect();
    incomplete.sort();
    incomplete.dedup();
    incomplete
}

fn is_json(path: &Path) -> bool {
    path.extension().is_some_and(|suffix| suffix == "json")
}

fn candidates(name: &str, folders: &[PathBuf]) -> Vec<PathBuf> {
    let path = PathBuf::from(name);
    let mut candidates = vec![path.clone()];
    let is_file_name = [".onnx", ".json"].iter().any(|end| name.ends_with(end));
    if !is_file_name {
        candidates.push(with_suffix(&path, ".onnx"));
    }
    let in_folders = folders.iter().map(|folder| folder.join(name));
    candidates.extend(in_folders.map(|path| match is_file_name {
        true => path,
        false => with_suffix(&path, ".onnx"),
    }));
    // An absolute path is the same in every folder.
    let mut seen = HashSet::new();
    candidates.retain(|path| seen.insert(path.clone()));
    candidates
}

/// Appends to the file name: `a` → `a.onnx`.
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
    fn an_absolute_path_is_tried_once_and_the_alias_is_known_in_any_case() {
        let folders = ["/a".into(), "/b".into()];
        let Err(Error::VoiceNotFound { searched, .. }) = find("/nope/x.onnx", None, &folders)
        else {
            panic!("it is found");
        };
        assert_eq!(searched, [PathBuf::from("/nope/x.onnx")]);
        for name in ["builtin", "Builtin", "BUILTIN"] {
            assert_eq!(find(name, None, &folders).unwrap(), VoiceFiles::Builtin);
        }
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
    fn a_file_may_have_the_name_of_the_builtin_voice_but_not_its_alias() {
        let folder = folder(&[&format!("{BUILTIN_NAME}.onnx"), "builtin.onnx"]);
        let folders = [folder.path().to_owned()];
        let found = |name| find(name, None, &folders).unwrap();
        assert_ne!(found(BUILTIN_NAME), VoiceFiles::Builtin);
        assert_eq!(found(BUILTIN_ALIAS), VoiceFiles::Builtin);
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

    /// A folder with empty files.
    fn folder(names: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for name in names {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        folder
    }

    #[test]
    fn a_name_in_another_case_means_the_only_voice_that_has_it() {
        let voices = ["en_US-Joe-medium", "pt_BR-x-low", "pt_br-x-low", "Ёлка"];
        let files = voices.map(|voice| [format!("{voice}.onnx"), format!("{voice}.onnx.json")]);
        let files: Vec<&str> = files.iter().flatten().map(String::as_str).collect();
        let folder = folder(&files);
        let folders = [folder.path().to_owned()];
        let found = |name: &str| find(name, None, &folders).ok().map(|voice| voice.name());
        for name in ["EN_us-joe-MEDIUM", "en_us-joe-medium.onnx"] {
            assert_eq!(found(name).as_deref(), Some("en_US-Joe-medium"), "{name}");
        }
        assert_eq!(found("ёлка").as_deref(), Some("Ёлка"));
        assert_eq!(found("en-us-joe-medium"), None, "more than the case");
        assert_eq!(found("PT_BR-x-low"), None, "two voices");
        assert_eq!(
            found("pt_br-x-low").as_deref(),
            Some("pt_br-x-low"),
            "as it is"
        );
        assert_eq!(
            found(&BUILTIN_NAME.to_uppercase()).as_deref(),
            Some(BUILTIN_NAME)
        );
    }

    #[test]
    fn a_config_or_a_folder_with_one_voice_means_that_voice() {
        let folder = folder(&["a.onnx", "a.onnx.json"]);
        let at = |name: &str| folder.path().join(name);
        let path = |name: &str| at(name).to_str().unwrap().to_owned();
        let expected = VoiceFiles::on_disk(at("a.onnx"), None);
        let folders = [folder.path().to_owned()];
        let found = |name: &str| find(name, None, &folders);
        for name in [path("a.onnx.json"), "a.onnx.json".to_owned(), path("")] {
            assert_eq!(found(&name).unwrap(), expected, "{name}");
        }
        std::fs::write(at("other.json"), "").unwrap();
        let other = found(&path("other.json")).unwrap();
        assert_eq!(
            other.config_path(),
            at("other.json"),
            "the config that was given"
        );
        std::fs::write(at("b.onnx"), "").unwrap();
        for name in [path(""), path("other.json"), path("none.onnx.json")] {
            let error = found(&name).unwrap_err();
            assert!(matches!(error, Error::VoiceNotFound { .. }), "{name}");
            assert!(!error.to_string().contains(".json.json"), "{error}");
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
