//! The hint for a voice that is not installed.

use std::collections::BTreeSet;
use std::path::PathBuf;

use piper_rs::catalogue::{Address, CachedCatalogue, Catalogue};
use piper_rs::voice::{self, VoiceFiles};

use crate::environment::{Environment, PROGRAM_VOICE};
use crate::terminal::suggest::nearest;

/// How the voice of the program is installed.
pub(super) const FROM_SOURCE: &str = "`make install` in the source of piper-rs installs it";

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
    if name == PROGRAM_VOICE {
        return Some(format!(
            "{FROM_SOURCE}; `-m builtin` is the one that is built in"
        ));
    }
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
    if let Some(similar) = similar(
        name,
        &installed.iter().map(String::as_str).collect::<Vec<_>>(),
    ) {
        return Some(format!(
            "did you mean {similar}? `piper-rs voices list` lists the installed voices"
        ));
    }
    let listed: Vec<_> = catalogue.voices().map(|voice| &*voice.meta.name).collect();
    if let Some(similar) = similar(name, &listed) {
        return Some(format!(
            "did you mean {similar}? `piper-rs voices get NAME` downloads a voice"
        ));
    }
    // The name has the form that catalogues use: `en_GB-alba-medium`.
    let is_plain = |c: char| c.is_alphanumeric() || "-_.+".contains(c);
    let is_catalogue_name = name.split('-').count() >= 3 && name.chars().all(is_plain);
    is_catalogue_name.then(|| format!("`piper-rs voices get {name}` downloads it, if it exists"))
}

/// Returns the voices that a name can mean, quoted: those that have all its
/// parts, as `joe` and `en-joe` are parts of `en_US-joe-medium`, or the one that
/// is written most like it.
fn similar(name: &str, voices: &[&str]) -> Option<String> {
    const SHOWN: usize = 3;
    let typed = parts(name);
    let has_all = |voice: &&&str| !typed.is_empty() && typed.is_subset(&parts(voice));
    let mut similar: Vec<_> = voices.iter().filter(has_all).copied().collect();
    if similar.is_empty() {
        similar.extend(nearest(name, voices.iter().copied()));
    }
    if similar.is_empty() {
        similar.extend(nearest(&name.to_lowercase(), voices.iter().copied()));
    }
    let more = if similar.len() > SHOWN {
        " or another"
    } else {
        ""
    };
    let shown = similar.iter().take(SHOWN).map(|voice| format!("`{voice}`"));
    let shown = shown.collect::<Vec<_>>().join(" or ");
    (!shown.is_empty()).then(|| shown + more)
}

/// Returns the words of a voice's name in lower case.
fn parts(name: &str) -> BTreeSet<String> {
    let name = name.strip_suffix(".onnx").unwrap_or(name).to_lowercase();
    let parts = name.split(['-', '_', ' ']).filter(|part| !part.is_empty());
    parts.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_name_is_completed() {
        let voices = [
            "en_US-joe-medium",
            "en_GB-alba-medium",
            "de_DE-thorsten_emotional-low",
        ];
        let similar = |name| similar(name, &voices);
        let cases = [
            ("joe", Some("`en_US-joe-medium`")),
            ("Joe-MEDIUM", Some("`en_US-joe-medium`")),
            ("en-joe", Some("`en_US-joe-medium`")),
            ("thorsten", Some("`de_DE-thorsten_emotional-low`")),
            ("medium", Some("`en_US-joe-medium` or `en_GB-alba-medium`")),
            ("en_US-jeo-medium", Some("`en_US-joe-medium`")),
            ("pierre", None),
        ];
        for (name, expected) in cases {
            assert_eq!(similar(name).as_deref(), expected, "{name}");
        }
    }
}
