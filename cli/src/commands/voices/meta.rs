//! The metadata of an installed voice.

use std::fs;

use piper_rs::catalogue::VoiceMeta;
use piper_rs::voice::{Language, VoiceConfig, VoiceFiles};

/// Returns the metadata that the catalogue would have for an installed voice.
pub(super) fn installed_meta(files: &VoiceFiles, config: VoiceConfig) -> VoiceMeta {
    let name = files.name();
    let model = match files {
        VoiceFiles::Builtin => None,
        VoiceFiles::OnDisk { model, .. } => fs::metadata(model).ok(),
    };
    VoiceMeta {
        aliases: Vec::new(),
        language: match config.language.or_from_name(&name) {
            language if language.code.is_empty() => Language {
                code: config.espeak_voice.clone(),
                family: config.espeak_voice,
                ..language
            },
            language => language,
        },
        quality: config.quality,
        num_speakers: config.num_speakers,
        bytes: model.map(|model| model.len()),
        name,
    }
}
