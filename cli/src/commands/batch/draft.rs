//! Drafts: the readings of a text, and the names of their files.

use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::Arc;

use super::entry::{InputText, TextDigest};
use super::grid::{Readings, Variant};
use super::journal::output_key;
use super::plan::PlanOptions;
use super::shard::{hash_digits, shard_of};
use super::template::{FieldValues, Place, named_by_manifest};
use super::voices::PlannedVoice;
use crate::speech::settings::Settings;
use crate::terminal::report::UsageError;

/// How files are named.
#[derive(Clone, Copy)]
pub(super) struct Naming<'a> {
    pub(super) options: &'a PlanOptions,
    /// How many shards there are, if it is known.
    pub(super) shards: Option<u32>,
}

/// A text that was read, and what its files have in common.
pub(super) struct DraftedText<'a> {
    pub(super) n: u32,
    pub(super) text: &'a InputText,
    pub(super) digest: TextDigest,
    pub(super) voice: Arc<PlannedVoice>,
    pub(super) title: String,
    /// Resolved for the voice.
    pub(super) settings: Settings,
    pub(super) readings: Readings<'a>,
    pub(super) naming: Naming<'a>,
}

/// A reading of a text, and the name of its file.
pub(super) struct Draft {
    pub(super) variant: Variant,
    pub(super) output: PathBuf,
    /// What decides to which shard the file belongs.
    pub(super) shard_name: String,
}

impl Draft {
    /// Returns the paths of its files.
    pub(super) fn files(&self, options: &PlanOptions) -> Vec<PathBuf> {
        let timed = options.timed.iter();
        let timed = timed.map(|format| format.beside(&self.output));
        std::iter::once(self.output.clone()).chain(timed).collect()
    }
}

impl DraftedText<'_> {
    /// Returns the readings, one at a time: there may be millions.
    ///
    /// Fails if a name cannot be made.
    pub(super) fn drafts(&self) -> impl Iterator<Item = Result<Draft, UsageError>> {
        let mut part_settings = Settings::clone(&self.text.settings);
        part_settings.overrides.seed = self.settings.overrides.seed;
        let variants = self.readings.of(self.settings.clone(), part_settings);
        variants.map(|variant| self.draft(variant?))
    }

    fn draft(&self, variant: Variant) -> Result<Draft, UsageError> {
        let (output, shard_name) = self.name_of(&variant)?;
        Ok(Draft {
            variant,
            output,
            shard_name,
        })
    }

    /// Returns the path of the file of a reading, and what decides to which shard it
    /// belongs.
    fn name_of(&self, variant: &Variant) -> Result<(PathBuf, String), UsageError> {
        let (label, options) = (&self.text.label, self.naming.options);
        let folder = &options.folder;
        let overrides = &variant.settings.overrides;
        let config = &self.voice.config;
        let speaker = overrides.speaker.as_ref().map(ToString::to_string);
        let values = FieldValues {
            stem: &label.stem,
            n: self.n as usize,
            opening: label.title.as_deref().unwrap_or(&self.digest.opening),
            title: &self.title,
            voice: &self.voice.files.name(),
            speaker: &speaker.unwrap_or_else(|| config.default_speaker_id.to_string()),
            id: label.id.as_deref(),
            seed: overrides.seed,
            take: variant.take,
            speed: overrides.speed.unwrap_or_default().get(),
            scales: variant.settings.scales(config),
            place: Place::Unknown,
        };
        let ending = options.grid.name_ending();
        let format = variant.settings.format.sound.unwrap_or_default();
        let template = match (&label.output, &options.template) {
            (Some(output), _) => {
                let output = named_by_manifest(&folder.join(output), &ending, &values, format)?;
                let shard_name = output_key(folder, &output);
                return Ok((output, shard_name));
            }
            (None, Some(template)) => Cow::Borrowed(template),
            (None, None) => Cow::Owned(label.default_template(&ending)),
        };
        let inside = folder.join(&label.folder);
        let output = inside.join(template.fill(&values, format)?);
        let shard_name = output_key(folder, &output);
        if !template.has_place() {
            return Ok((output, shard_name));
        }
        // The rest of the name decides where the file goes.
        let place = Place::Known {
            shard: self.naming.shards.map(|count| shard_of(&shard_name, count)),
            hash: hash_digits(&shard_name),
        };
        let values = FieldValues { place, ..values };
        Ok((inside.join(template.fill(&values, format)?), shard_name))
    }
}
