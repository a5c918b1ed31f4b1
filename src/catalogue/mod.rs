//! The list of voices that can be downloaded: Piper's `voices.json`.
//!
//! Nothing here uses the network: see [`crate::download`].

mod address;
mod cached;
mod filter;
mod voice;

pub use address::{Address, BadAddress};
pub use cached::CachedCatalogue;
pub use filter::{Filter, VoiceMeta};
pub use voice::{CatalogueVoice, RemoteFile};

use std::collections::BTreeMap;

use serde_json::Value;

/// The most bytes a catalogue may have. The public one has about 200 000. A
/// byte of JSON can take sixteen in memory.
pub const MAX_CATALOGUE_BYTES: u64 = 16 * 1024 * 1024;

/// The voices of a `voices.json`, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Catalogue {
    voices: BTreeMap<String, CatalogueVoice>,
    /// Names of unusable entries, with the reasons.
    unusable: BTreeMap<String, String>,
}

/// Why a file is not a catalogue.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BadCatalogue {
    /// Not JSON.
    #[error("it is not JSON")]
    Json(#[from] serde_json::Error),
    /// Other JSON.
    #[error("it is not a list of voices: no entry lists an .onnx file")]
    NoVoices,
}

impl Catalogue {
    /// Reads a `voices.json`, with or without a byte order mark.
    ///
    /// Ignores fields that are missing or have the wrong type. Leaves out
    /// entries that cannot be used: see [`unusable`](Self::unusable).
    pub fn from_json(json: &[u8]) -> Result<Self, BadCatalogue> {
        let json = json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(json);
        Self::from_value(&serde_json::from_slice(json)?)
    }

    fn from_value(json: &Value) -> Result<Self, BadCatalogue> {
        let entries = json.as_object().ok_or(BadCatalogue::NoVoices)?;
        let mut catalogue = Self::default();
        for (name, entry) in entries {
            match CatalogueVoice::from_json(name, entry) {
                Ok(voice) => _ = catalogue.voices.insert(name.clone(), voice),
                Err(reason) => _ = catalogue.unusable.insert(name.clone(), reason),
            }
        }
        match catalogue.voices.is_empty() {
            // An empty list is valid; a list of unusable entries is not.
            true if !catalogue.unusable.is_empty() => Err(BadCatalogue::NoVoices),
            _ => Ok(catalogue),
        }
    }

    /// Returns the voice with this name, or else the one with this alias.
    pub fn find(&self, name: &str) -> Option<&CatalogueVoice> {
        let has_alias = |voice: &&CatalogueVoice| voice.meta.aliases.iter().any(|a| a == name);
        let by_name = self.voices.get(name);
        by_name.or_else(|| self.voices.values().find(has_alias))
    }

    /// Returns all voices, sorted by name.
    pub fn voices(&self) -> impl Iterator<Item = &CatalogueVoice> {
        self.voices.values()
    }

    /// Returns the names of the unusable entries, with the reasons.
    pub fn unusable(&self) -> &BTreeMap<String, String> {
        &self.unusable
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTED: &str = r#"{
      "pt_PT-tugão-medium": {"key": "pt_PT-tugão-medium", "name": "tugão",
        "language": {"code": "pt_PT", "family": "pt", "region": "PT", "name_native": "Português",
          "name_english": "Portuguese", "country_english": "Portugal"},
        "quality": "medium", "num_speakers": 1, "speaker_id_map": {},
        "files": {"pt/pt_PT/tugão/medium/pt_PT-tugão-medium.onnx":
            {"size_bytes": 63201294, "md5_digest": "DEADBEEFDEADBEEFDEADBEEFDEADBEEF"},
          "pt/pt_PT/tugão/medium/pt_PT-tugão-medium.onnx.json": {"size_bytes": 4885},
          "pt/pt_PT/tugão/medium/MODEL_CARD": {"size_bytes": 200}},
        "aliases": ["pt-pt-tugao-medium"]},
      "odd": {"language": 7, "quality": [], "num_speakers": "two", "speaker_id_map": {"b": 1, "a": 0},
        "files": {"odd.onnx": {"size_bytes": -1, "md5_digest": "x"}}, "aliases": "none", "new": {}},
      "../../x": {"files": {"x.onnx": {}}},
      "path": {"files": {"../../etc/path.onnx": {}}},
      "root": {"files": {"/etc/root.onnx": {}}},
      "huge": {"files": {"huge.onnx": {"size_bytes": 9223372036854775807}}},
      "empty": {"files": {}},
      "text": "words"
    }"#;

    fn listed() -> Catalogue {
        Catalogue::from_json(LISTED.as_bytes()).unwrap()
    }

    #[test]
    fn a_voice_is_found_by_name_and_by_alias() {
        let catalogue = listed();
        for name in ["pt_PT-tugão-medium", "pt-pt-tugao-medium"] {
            let voice = catalogue.find(name).unwrap();
            assert_eq!(voice.meta.name, "pt_PT-tugão-medium");
            assert_eq!(voice.meta.language.english, "Portuguese");
            assert_eq!(voice.model.bytes, Some(63_201_294));
            let md5 = "deadbeef".repeat(4);
            assert_eq!(voice.model.md5.as_deref(), Some(md5.as_str()));
            assert!(voice.card.is_some());
        }
        assert!(catalogue.find("none").is_none());
    }

    #[test]
    fn missing_and_invalid_fields_are_ignored() {
        let catalogue = listed();
        let odd = catalogue.find("odd").unwrap();
        assert_eq!(odd.meta.num_speakers, 2, "the number of names");
        assert_eq!(odd.speakers, ["a", "b"]);
        assert_eq!((odd.model.bytes, &odd.model.md5), (None, &None));
        assert_eq!(odd.config.path, "odd.onnx.json");
    }

    #[test]
    fn entries_with_outside_paths_or_absurd_sizes_are_unusable() {
        let catalogue = listed();
        let names: Vec<_> = catalogue.voices().map(|v| &v.meta.name).collect();
        assert_eq!(names, ["odd", "pt_PT-tugão-medium"]);
        let reasons = catalogue.unusable();
        for (name, reason) in [
            ("../../x", "not a valid file name"),
            ("path", "outside the catalogue"),
            ("root", "outside the catalogue"),
            ("huge", "9223372036854775807 bytes"),
            ("empty", "no .onnx file"),
            ("text", "no .onnx file"),
        ] {
            assert!(reasons[name].contains(reason), "{name}: {}", reasons[name]);
        }
    }

    #[test]
    fn other_files_are_refused() {
        for json in ["<html>", "[]", r#"{"audio": {}}"#, ""] {
            assert!(Catalogue::from_json(json.as_bytes()).is_err(), "{json}");
        }
        assert_eq!(Catalogue::from_json(b"{}").unwrap(), Catalogue::default());
    }
}
