//! What the parts of a text add to its hash.

use piper_rs::encode::Encoding;
use piper_rs::voice::content_hash::ContentHash;

use super::entry::TextDigest;
use super::fingerprint::Fingerprint;
use super::voices::Voices;
use crate::speech::parts::{PartSettings, Parts};
use crate::speech::settings::Settings;

/// What it takes to make the hash.
pub(super) struct PartHash<'a, 'v> {
    pub(super) parts: &'a Parts,
    pub(super) voices: &'a mut Voices<'v>,
    /// The version.
    pub(super) espeak_ng: &'a str,
}

impl PartHash<'_, '_> {
    /// Returns a hash of a text, and of its parts if it has some: who speaks them,
    /// and how.
    pub(super) fn of_text(
        self,
        digest: &TextDigest,
        settings: &Settings,
    ) -> anyhow::Result<ContentHash> {
        if !self.parts.divides_texts() && digest.voices.is_empty() {
            return Ok(digest.hash);
        }
        let mut hash = ContentHash::of_parts([
            digest.hash.as_bytes(),
            self.parts.notation_hash().as_bytes(),
        ]);
        // The parts of a text are in one file.
        let encoding = Encoding::default();
        for (voices, place) in &digest.voices {
            let part = PartSettings {
                voices: voices.clone(),
                place: *place,
                ..PartSettings::default()
            };
            let settings = self.parts.settings(&part, settings)?;
            let voice = self.voices.get(&settings)?;
            let settings = settings.for_voice(&voice.files.name());
            let (voice, espeak_ng) = (voice.content_hash, self.espeak_ng);
            hash = Fingerprint::of_text(hash, voice, &settings, &encoding, espeak_ng)?.current;
        }
        Ok(hash)
    }
}
