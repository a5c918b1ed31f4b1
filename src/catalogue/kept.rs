//! The last catalogue seen, kept on disk: searching needs no network.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Address, Catalogue};
use crate::fs::write_atomic;
use crate::voice::content_hash::ContentHash;

/// A catalogue as it was when it was last seen.
#[derive(Debug, Clone)]
pub struct Kept {
    /// When it was fetched.
    pub seen: SystemTime,
    /// What it lists.
    pub catalogue: Catalogue,
}

#[derive(Serialize, Deserialize)]
struct KeptFile {
    address: String,
    seen_unix_seconds: u64,
    voices: Value,
}

/// Keeps the catalogue in `json`, just fetched from `address`, in `folder`.
pub fn keep(folder: &Path, address: &Address, json: &[u8]) -> io::Result<()> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let json = json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(json);
    let file = KeptFile {
        address: address.to_string(),
        seen_unix_seconds: since.unwrap_or_default().as_secs(),
        voices: serde_json::from_slice(json)?,
    };
    fs::create_dir_all(folder)?;
    write_atomic(&path(folder, address), &serde_json::to_vec(&file)?)
}

/// Returns the catalogue of `address` that was last kept in `folder`. A
/// damaged one counts as none.
pub fn kept(folder: &Path, address: &Address) -> Option<Kept> {
    let json = fs::read(path(folder, address)).ok()?;
    let file: KeptFile = serde_json::from_slice(&json).ok()?;
    Some(Kept {
        seen: UNIX_EPOCH.checked_add(Duration::from_secs(file.seen_unix_seconds))?,
        catalogue: Catalogue::from_value(&file.voices).ok()?,
    })
}

fn path(folder: &Path, address: &Address) -> PathBuf {
    let address = ContentHash::of_parts([address.to_string().as_bytes()]);
    folder.join(format!("{}.json", &address.to_string()[..16]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_address_has_its_last_catalogue() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("catalogue");
        let [one, other] = ["https://a.b/c", "https://a.b/d"].map(|a| Address::parse(a).unwrap());
        assert!(kept(&folder, &one).is_none());
        keep(&folder, &one, br#"{"v": {"files": {"v.onnx": {}}}}"#).unwrap();
        keep(&folder, &other, b"{}").unwrap();
        let found = kept(&folder, &one).unwrap();
        assert!(found.catalogue.find("v").is_some());
        assert!(found.seen.elapsed().unwrap() < Duration::from_secs(3600));
        assert!(kept(&folder, &other).unwrap().catalogue.find("v").is_none());
        fs::write(path(&folder, &one), "{").unwrap();
        assert!(kept(&folder, &one).is_none(), "damaged");
    }
}
