//! The model card that is installed with a voice.

use std::fs;
use std::path::{Path, PathBuf};

use piper_rs::text::printable;
use piper_rs::voice::VoiceFiles;

/// Returns the path of the voice's model card, if it has one.
pub(super) fn find(files: &VoiceFiles) -> Option<PathBuf> {
    let VoiceFiles::OnDisk { model, .. } = files else {
        return None;
    };
    let card = model.with_file_name(format!("{}.MODEL_CARD", files.name()));
    card.is_file().then_some(card)
}

/// Reads the licence from a model card.
pub(super) fn licence(card: &Path) -> Option<String> {
    parse_licence(&fs::read_to_string(card).ok()?)
}

fn parse_licence(card: &str) -> Option<String> {
    let mut lines = card
        .lines()
        .map(|line| line.trim_start_matches(['*', '-', '#', ' ']));
    let licence = lines.find_map(|line| {
        let (key, value) = line.split_once(':')?;
        let key = key.to_lowercase();
        (key.contains("license") || key.contains("licence")).then(|| value.trim())
    })?;
    Some(printable(licence)).filter(|licence| !licence.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_licence_is_read_from_a_model_card() {
        let card = "# Model card for x\n\n* Language: en\n\n## Dataset\n\n* License: CC0\n";
        assert_eq!(parse_licence(card).as_deref(), Some("CC0"));
        assert_eq!(parse_licence("* URL: https://a.b\n* License:\n"), None);
    }
}
