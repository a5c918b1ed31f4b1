//! The last downloaded catalogue, cached on disk: a search needs no network.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Address, Catalogue};
use crate::fs::write_atomic;
use crate::voice::content_hash::ContentHash;

/// A catalogue as it was when it was last downloaded.
#[derive(Debug, Clone)]
pub struct CachedCatalogue {
    /// When it was downloaded.
    pub fetched_at: SystemTime,
    /// Its voices.
    pub catalogue: Catalogue,
}

#[derive(Serialize, Deserialize)]
struct CacheFile {
    address: String,
    seen_unix_seconds: u64,
    voices: Value,
}

impl CachedCatalogue {
    /// Stores `json`, just downloaded from `address`, in `folder`.
    pub fn store(folder: &Path, address: &Address, json: &[u8]) -> io::Result<()> {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        let json = json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(json);
        let file = CacheFile {
            address: address.to_string(),
            seen_unix_seconds: since.unwrap_or_default().as_secs(),
            voices: serde_json::from_slice(json)?,
        };
        fs::create_dir_all(folder)?;
        write_atomic(&path(folder, address), &serde_json::to_vec(&file)?)
    }

    /// Returns the catalogue of `address` that was last stored in `folder`;
    /// `None` if there is none or its file is damaged.
    pub fn load(folder: &Path, address: &Address) -> Option<Self> {
        let json = fs::read(path(folder, address)).ok()?;
        let file: CacheFile = serde_json::from_slice(&json).ok()?;
        Some(Self {
            fetched_at: UNIX_EPOCH.checked_add(Duration::from_secs(file.seen_unix_seconds))?,
            catalogue: Catalogue::from_value(&file.voices).ok()?,
        })
    }
}

fn path(folder: &Path, address: &Address) -> PathBuf {
    let address = ContentHash::of_parts([address.to_string().as_bytes()]);
    folder.join(format!("{}.json", &address.to_string()[..16]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_address_has_its_own_catalogue() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("catalogue");
        let [one, other] = ["https://a.b/c", "https://a.b/d"].map(|a| Address::parse(a).unwrap());
        assert!(CachedCatalogue::load(&folder, &one).is_none());
        CachedCatalogue::store(&folder, &one, br#"{"v": {"files": {"v.onnx": {}}}}"#).unwrap();
        CachedCatalogue::store(&folder, &other, b"{}").unwrap();
        let cached = CachedCatalogue::load(&folder, &one).unwrap();
        assert!(cached.catalogue.find("v").is_some());
        assert!(cached.fetched_at.elapsed().unwrap() < Duration::from_secs(3600));
        assert!(
            CachedCatalogue::load(&folder, &other)
                .unwrap()
                .catalogue
                .find("v")
                .is_none()
        );
        fs::write(path(&folder, &one), "{").unwrap();
        assert!(CachedCatalogue::load(&folder, &one).is_none(), "damaged");
    }
}
