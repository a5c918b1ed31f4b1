//! Where the config of a model is: the names that people give it.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::fs::folder_of;

/// The maximum size of a config. Real ones have about 5 000 bytes.
pub const MAX_CONFIG_BYTES: u64 = 16 * 1024 * 1024;

/// Returns the config of the model at `model`, the first of:
///
/// 1. `VOICE.onnx.json`, Piper's own name;
/// 2. `VOICE.json`;
/// 3. `config.json`, or the only config in the folder, if the folder has no
///    other model;
/// 4. the same in the folder that a symbolic link leads to.
///
/// All but the first must look like a config. Without any, it is the first name.
pub(super) fn config_of(model: &Path) -> PathBuf {
    let target = fs::canonicalize(model).ok();
    let models = [Some(model.to_owned()), target];
    let found = models.iter().flatten().find_map(|model| beside(model));
    found.unwrap_or_else(|| piper_name(model))
}

fn beside(model: &Path) -> Option<PathBuf> {
    let first = piper_name(model);
    if first.is_file() {
        return Some(first);
    }
    let second = model.with_extension("json");
    if is_config(&second) {
        return Some(second);
    }
    if models_in(folder_of(model)).count() > 1 {
        return None; // whose config would it be?
    }
    let third = model.with_file_name("config.json");
    if is_config(&third) {
        return Some(third);
    }
    only(files_in(folder_of(model), "json").filter(|path| is_config(path)))
}

/// Lists the names that [`config_of`] looks for, for messages.
pub(super) fn searched(model: &Path) -> Vec<PathBuf> {
    let names = |model: &Path| {
        let alone = models_in(folder_of(model)).count() <= 1;
        let third = alone.then(|| model.with_file_name("config.json"));
        [piper_name(model), model.with_extension("json")]
            .into_iter()
            .chain(third)
            .collect::<Vec<_>>()
    };
    let mut searched = names(model);
    if fs::symlink_metadata(model).is_ok_and(|metadata| metadata.is_symlink())
        && let Ok(target) = fs::canonicalize(model)
    {
        searched.extend(names(&target));
    }
    searched
}

/// Returns the model that a config at `config` describes: `VOICE.onnx` for
/// `VOICE.onnx.json` and `VOICE.json`, or the only model in its folder.
pub(super) fn model_of(config: &Path) -> Option<PathBuf> {
    let stem = config.with_extension("");
    let named = match stem.extension().is_some_and(|suffix| suffix == "onnx") {
        true => stem,
        false => config.with_extension("onnx"),
    };
    match named.is_file() {
        true => Some(named),
        false => only(models_in(folder_of(config))),
    }
}

/// Lists the models in a folder.
pub(super) fn models_in(folder: &Path) -> impl Iterator<Item = PathBuf> {
    files_in(folder, "onnx")
}

fn files_in<'s>(folder: &Path, suffix: &'s str) -> impl Iterator<Item = PathBuf> + use<'s> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let paths = entries.map(|entry| entry.path());
    paths.filter(move |path| path.extension().is_some_and(|ending| ending == suffix))
}

/// Returns the only item, if there is just one.
pub(super) fn only<T>(mut items: impl Iterator<Item = T>) -> Option<T> {
    let first = items.next()?;
    items.next().is_none().then_some(first)
}

/// `a.onnx` → `a.onnx.json`.
pub(super) fn piper_name(model: &Path) -> PathBuf {
    let mut name = model.as_os_str().to_owned();
    name.push(".json");
    name.into()
}

/// Returns whether a file is the config of a voice, and not of something else.
fn is_config(path: &Path) -> bool {
    #[derive(Deserialize)]
    struct Config {
        #[serde(rename = "phoneme_id_map")]
        _phoneme_id_map: serde_json::Map<String, serde_json::Value>,
        #[serde(rename = "audio")]
        _audio: IgnoredAny,
    }
    let Ok(file) = File::open(path) else {
        return false;
    };
    let mut json = Vec::new();
    if file.take(MAX_CONFIG_BYTES).read_to_end(&mut json).is_err() {
        return false;
    }
    let json = json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&json);
    serde_json::from_slice::<Config>(json).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: &str = r#"{"audio": {}, "phoneme_id_map": {}}"#;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in files {
            fs::write(folder.path().join(name), content).unwrap();
        }
        folder
    }

    /// Returns the name of the config that is found for `v.onnx`.
    fn found(files: &[(&str, &str)]) -> String {
        let folder = folder(files);
        let config = config_of(&folder.path().join("v.onnx"));
        assert_eq!(config.parent(), Some(folder.path()));
        config.file_name().unwrap().to_str().unwrap().to_owned()
    }

    #[test]
    fn a_config_is_found_under_each_of_its_names_in_order() {
        let other = r#"{"architectures": ["VitsModel"]}"#;
        let model = ("v.onnx", "");
        let piper = ("v.onnx.json", "not read");
        let (short, plain) = (("v.json", CONFIG), ("config.json", CONFIG));
        assert_eq!(found(&[model, plain, short, piper]), "v.onnx.json");
        assert_eq!(found(&[model, plain, short]), "v.json");
        assert_eq!(found(&[model, plain, ("v.json", other)]), "config.json");
        let odd = ("голос.json", CONFIG);
        assert_eq!(found(&[model, odd, ("config.json", other)]), "голос.json");
        let none = "v.onnx.json"; // Piper's name, for the message
        assert_eq!(found(&[model, ("config.json", other)]), none);
        assert_eq!(found(&[model, ("config.json", "{")]), none);
        assert_eq!(found(&[model, odd, ("b.json", CONFIG)]), none, "which?");
        assert_eq!(found(&[model, plain, ("w.onnx", "")]), none, "whose?");
        assert_eq!(found(&[model, short, ("w.onnx", "")]), "v.json");
    }

    #[cfg(unix)]
    #[test]
    fn the_config_of_a_linked_model_can_lie_beside_its_target() {
        let store = folder(&[("joe.onnx", ""), ("joe.onnx.json", CONFIG)]);
        let links = folder(&[]);
        let link = links.path().join("v.onnx");
        std::os::unix::fs::symlink(store.path().join("joe.onnx"), &link).unwrap();
        let target = fs::canonicalize(store.path())
            .unwrap()
            .join("joe.onnx.json");
        assert_eq!(config_of(&link), target);
        fs::remove_file(&target).unwrap();
        assert_eq!(config_of(&link), links.path().join("v.onnx.json"));
        assert!(searched(&link).contains(&target));
    }

    #[test]
    fn a_config_leads_to_its_model() {
        let files = folder(&[("v.onnx", ""), ("w.onnx", "")]);
        let model = |name: &str| model_of(&files.path().join(name));
        for name in ["v.onnx.json", "v.json"] {
            assert_eq!(model(name), Some(files.path().join("v.onnx")), "{name}");
        }
        assert_eq!(model("config.json"), None);
        fs::remove_file(files.path().join("w.onnx")).unwrap();
        assert_eq!(model("config.json"), Some(files.path().join("v.onnx")));
    }
}
