//! The hint for a voice that is not installed.

use std::path::PathBuf;

use piper_rs::catalogue::{Address, CachedCatalogue, Catalogue};
use piper_rs::voice::{self, VoiceFiles};

use crate::environment::Environment;
use crate::terminal::suggest::nearest;

/// Returns a function from the name of a missing voice, and the folders that
/// were searched, to a hint: how to install the voice, or a similar name.
///
/// The hint uses the cached catalogue; nothing is downloaded.
pub(crate) fn voice_hint(
    environment: &Environment,
) -> impl Fn(&str, &[PathBuf]) -> Option<String> + Send + Sync + 'static {
    let (address, folder) = (environment.catalogue(), environment.catalogues());
    move |name, folders| {
        let address = Address::parse(&address).ok()?;
        let cached = folder
            .as_deref()
            .and_then(|folder| CachedCatalogue::load(folder, &address));
        let catalogue = cached.map(|cached| cached.catalogue).unwrap_or_default();
        hint(name, folders, &catalogue)
    }
}

fn hint(name: &str, folders: &[PathBuf], catalogue: &Catalogue) -> Option<String> {
    let installed: Vec<_> = voice::installed(folders)
        .iter()
        .map(VoiceFiles::name)
        .collect();
    if let Some(voice) = catalogue.find(name) {
        let name = &voice.meta.name;
        return Some(match installed.contains(name) {
            true => format!("the voice is now called `{name}` and is installed"),
            false => format!("`piper-rs voices get {name}` downloads it"),
        });
    }
    if let Some(similar) = nearest(name, installed.iter().map(String::as_str)) {
        return Some(format!(
            "did you mean `{similar}`? `piper-rs voices list` lists the installed voices"
        ));
    }
    let listed = catalogue.voices().map(|voice| &*voice.meta.name);
    if let Some(similar) = nearest(name, listed) {
        return Some(format!(
            "did you mean `{similar}`? `piper-rs voices get {similar}` downloads it"
        ));
    }
    // The name has the form that catalogues use: `en_GB-alba-medium`.
    let is_plain = |c: char| c.is_alphanumeric() || "-_.+".contains(c);
    let is_catalogue_name = name.split('-').count() >= 3 && name.chars().all(is_plain);
    is_catalogue_name.then(|| format!("`piper-rs voices get {name}` downloads it, if it exists"))
}
