//! The voice that is part of the program: it needs no file and no download.

use super::VoiceConfig;

/// The name of the built-in voice, for `-m` and in messages.
pub const BUILTIN_NAME: &str = "en_US-slt-low";

/// The graph, as trained; its provenance and licence are in `assets/`.
pub(super) const MODEL: &[u8] = include_bytes!("../../assets/voice/en_US-slt-low.onnx");

const CONFIG: &[u8] = include_bytes!("../../assets/voice/en_US-slt-low.onnx.json");

/// The contents of both files.
pub(super) const FILES: [&[u8]; 2] = [MODEL, CONFIG];

/// Returns the built-in voice's config.
pub(super) fn config() -> VoiceConfig {
    VoiceConfig::from_json(CONFIG).expect("the config in assets/ is checked by a test")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_config_in_assets_is_valid() {
        let config = config();
        assert_eq!(config.sample_rate.get(), 24_000);
        assert_eq!(config.espeak_voice, "en-us");
    }
}
