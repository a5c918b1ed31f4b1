//! One voice of a catalogue, read with suspicion.

use serde::Serialize;
use serde_json::Value;

use super::Traits;
use crate::voice::{Language, MAX_MODEL_BYTES};

/// File systems allow 255 bytes; ours adds `.onnx.json` and the like.
const MAX_NAME_BYTES: usize = 200;

/// A voice that can be had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CatalogueVoice {
    /// What it is chosen by. Its name is a plain file name.
    #[serde(flatten)]
    pub traits: Traits,
    /// The speakers' names, by their ids.
    pub speakers: Vec<String>,
    /// The graph.
    pub model: RemoteFile,
    /// The `.onnx.json`.
    pub config: RemoteFile,
    /// What its makers say about it, its licence too.
    pub card: Option<RemoteFile>,
}

/// A file of a voice, as a catalogue lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RemoteFile {
    /// Below the catalogue's folder; parts separated by `/`, none of them `..`.
    pub path: String,
    /// Its size.
    pub bytes: Option<u64>,
    /// 32 hexadecimal digits in lower case.
    pub md5: Option<String>,
}

impl CatalogueVoice {
    /// Reads an entry; `Err` says why it cannot be used.
    pub(super) fn from_json(name: &str, entry: &Value) -> Result<Self, String> {
        if !is_file_name(name) {
            return Err("its name is no file name".to_owned());
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
        let stated = entry.get("num_speakers").and_then(Value::as_u64);
        let num_speakers = stated.unwrap_or(speakers.len() as u64).max(1);
        let aliases = entry.get("aliases").and_then(Value::as_array);
        let aliases = aliases.into_iter().flatten().filter_map(Value::as_str);
        Ok(Self {
            traits: Traits {
                name: name.to_owned(),
                aliases: aliases.map(plain).collect(),
                language: Language::from_json(entry.get("language"), name),
                quality: entry.get("quality").and_then(Value::as_str).map(plain),
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
        if self.path.len() > 4096 || !self.path.split('/').all(is_part) {
            return Err(format!("its file `{}` leads elsewhere", plain(&self.path)));
        }
        match self.bytes {
            Some(bytes) if bytes > MAX_MODEL_BYTES => {
                Err(format!("it says that a file of it has {bytes} bytes"))
            }
            _ => Ok(()),
        }
    }
}

/// Whether `part` names something in a folder, on any system.
fn is_part(part: &str) -> bool {
    let forbidden = |c: char| c.is_control() || r#"/\:*?"<>|"#.contains(c);
    !matches!(part, "" | "." | "..") && !part.contains(forbidden)
}

fn is_file_name(name: &str) -> bool {
    is_part(name) && name.len() <= MAX_NAME_BYTES && !name.starts_with(['.', '-'])
}

/// Returns the speakers' names, by their ids.
fn speakers(entry: &Value) -> Vec<String> {
    let map = entry.get("speaker_id_map").and_then(Value::as_object);
    let mut speakers: Vec<_> = map
        .into_iter()
        .flatten()
        .map(|(name, id)| (id.as_u64().unwrap_or(u64::MAX), plain(name)))
        .collect();
    speakers.sort_unstable();
    speakers.into_iter().map(|(_, name)| name).collect()
}

/// Without what a terminal would obey.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}
