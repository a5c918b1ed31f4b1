//! One voice of a catalogue. Its fields are untrusted input.

use serde::Serialize;
use serde_json::Value;

use super::VoiceMeta;
use crate::fs::is_forbidden_in_file_name;
use crate::text::printable;
use crate::voice::{Language, MAX_MODEL_BYTES};

/// File systems allow 255 bytes; suffixes such as `.onnx.json` need some.
const MAX_NAME_BYTES: usize = 200;

/// A voice that can be downloaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CatalogueVoice {
    /// Its properties. The name is a valid file name.
    #[serde(flatten)]
    pub meta: VoiceMeta,
    /// The speakers' names, in the order of their ids.
    pub speakers: Vec<String>,
    /// The `.onnx` file.
    pub model: RemoteFile,
    /// The `.onnx.json` file.
    pub config: RemoteFile,
    /// The model card, which also states the licence.
    pub card: Option<RemoteFile>,
}

/// A file of a voice, as a catalogue lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RemoteFile {
    /// Relative to the catalogue's folder; components separated by `/`, none of
    /// them `..`.
    pub path: String,
    /// Its size, if known.
    pub bytes: Option<u64>,
    /// 32 hexadecimal digits in lower case, if known.
    pub md5: Option<String>,
}

impl CatalogueVoice {
    /// Reads an entry; `Err` is the reason why it cannot be used.
    pub(super) fn from_json(name: &str, entry: &Value) -> Result<Self, String> {
        if !is_file_name(name) {
            return Err("its name is not a valid file name".to_owned());
        }
        let files = entry.get("files").and_then(Value::as_object);
        let files: Vec<_> = files
            .into_iter()
            .flatten()
            .map(|(path, file)| RemoteFile::from_json(path, file))
            .collect();
        let ending = |end: &str| files.iter().find(|file| file.path.ends_with(end)).cloned();
        let model = ending(&format!("{name}.onnx"))
            .or_else(|| ending(".onnx"))
            .ok_or("it lists no .onnx file")?;
        let config_path = format!("{}.json", model.path);
        let config = ending(&config_path).unwrap_or(RemoteFile {
            path: config_path,
            bytes: None,
            md5: None,
        });
        let card = ending("MODEL_CARD");
        for file in [Some(&model), Some(&config), card.as_ref()]
            .into_iter()
            .flatten()
        {
            file.check()?;
        }
        let speakers = speakers(entry);
        let listed = entry.get("num_speakers").and_then(Value::as_u64);
        let num_speakers = listed.unwrap_or(speakers.len() as u64).max(1);
        let aliases = entry.get("aliases").and_then(Value::as_array);
        let aliases = aliases.into_iter().flatten().filter_map(Value::as_str);
        Ok(Self {
            meta: VoiceMeta {
                name: name.to_owned(),
                aliases: aliases.map(printable).collect(),
                language: Language::from_json(entry.get("language"), name),
                quality: entry.get("quality").and_then(Value::as_str).map(printable),
                num_speakers: num_speakers.try_into().unwrap_or(u32::MAX),
                bytes: model.bytes,
            },
            speakers,
            model,
            config,
            card,
        })
    }
}

impl RemoteFile {
    fn from_json(path: &str, file: &Value) -> Self {
        let md5 = file.get("md5_digest").and_then(Value::as_str);
        let is_md5 = |text: &&str| text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit());
        Self {
            path: path.to_owned(),
            bytes: file.get("size_bytes").and_then(Value::as_u64),
            md5: md5.filter(is_md5).map(str::to_ascii_lowercase),
        }
    }

    fn check(&self) -> Result<(), String> {
        if self.path.len() > 4096 || !self.path.split('/').all(is_path_component) {
            return Err(format!(
                "its file `{}` is outside the catalogue",
                printable(&self.path)
            ));
        }
        match self.bytes {
            Some(bytes) if bytes > MAX_MODEL_BYTES => {
                Err(format!("it lists a file of {bytes} bytes"))
            }
            _ => Ok(()),
        }
    }
}

/// Returns whether `component` names a file or folder on any system.
fn is_path_component(component: &str) -> bool {
    !matches!(component, "" | "." | "..") && !component.contains(is_forbidden_in_file_name)
}

fn is_file_name(name: &str) -> bool {
    is_path_component(name) && name.len() <= MAX_NAME_BYTES && !name.starts_with(['.', '-'])
}

/// Returns the speakers' names, in the order of their ids.
fn speakers(entry: &Value) -> Vec<String> {
    let map = entry.get("speaker_id_map").and_then(Value::as_object);
    let mut speakers: Vec<_> = map
        .into_iter()
        .flatten()
        .map(|(name, id)| (id.as_u64().unwrap_or(u64::MAX), printable(name)))
        .collect();
    speakers.sort_unstable();
    speakers.into_iter().map(|(_, name)| name).collect()
}
