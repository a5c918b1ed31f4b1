//! The grid: every text is spoken by several speakers, with several values of
//! its scales, and several times.
//!
//! The planner asks it for the variants of a text. Nothing else knows that one
//! text becomes several files.

use std::fmt::Write as _;
use std::num::NonZeroU32;

use piper_rs::voice::{Speaker, VoiceConfig};

use crate::args::{BatchArgs, NumberList, SpeechArgs};
use crate::speech::overrides::SpeechOverrides;
use crate::speech::setting::Setting;
use crate::speech::settings::Settings;
use crate::speech::speakers::{speaker_ids, speaker_name};
use crate::terminal::report::UsageError;

/// The scales that can vary, with the part of a default name that shows them.
const DIALS: [(Setting, &str); 4] = [
    (Setting::Speed, "-speed{speed}"),
    (Setting::LengthScale, "-length{length_scale}"),
    (Setting::NoiseScale, "-noise{noise_scale}"),
    (Setting::NoiseW, "-noisew{noise_w}"),
];

/// What varies. Empty if each text becomes one file.
#[derive(Debug, Default)]
pub(super) struct Grid {
    /// The list of `--speakers`. Its names are those of the voice.
    speakers: Option<String>,
    /// Lists of two numbers and more.
    dials: Vec<(Setting, Vec<f64>)>,
    takes: Option<NonZeroU32>,
}

/// One reading of a text.
#[derive(Debug, Clone)]
pub(super) struct Variant {
    pub(super) settings: Settings,
    /// Counted from 1.
    pub(super) take: u32,
}

impl Grid {
    /// Takes the lists out of the options of speech, which then have single
    /// values only.
    pub(super) fn take_from(args: &BatchArgs) -> Result<(Self, SpeechArgs), UsageError> {
        let mut speech = args.speech.clone();
        let prosody = &mut speech.prosody;
        let options = [
            (Setting::Speed, &mut prosody.speed),
            (Setting::LengthScale, &mut prosody.length_scale),
            (Setting::NoiseScale, &mut prosody.noise_scale),
            (Setting::NoiseW, &mut prosody.noise_w),
        ];
        let mut dials = Vec::new();
        for (setting, option) in options {
            let is_list = |list: &mut NumberList| list.single().is_none();
            if let Some(list) = option.take_if(is_list) {
                let numbers = list.distinct();
                for number in &numbers {
                    setting.set_number(&mut SpeechOverrides::default(), Some(*number))?;
                }
                dials.push((setting, numbers));
            }
        }
        let grid = Self {
            speakers: args.grid.speakers.clone(),
            dials,
            takes: args.grid.takes,
        };
        Ok((grid, speech))
    }

    /// Fails if a voice does not have the speakers.
    pub(super) fn check(&self, config: &VoiceConfig) -> Result<(), UsageError> {
        let speakers = self.speakers.as_ref();
        let checked = speakers.map(|list| speaker_ids(list, config)).transpose();
        checked.map_err(|error| UsageError(format!("--speakers: {error}")))?;
        Ok(())
    }

    /// Returns every reading of a text: the speakers, and for each the values of
    /// the scales, and for each the takes.
    ///
    /// `settings` must be resolved for the voice. `own` is what the text sets
    /// itself: that does not vary.
    pub(super) fn variants(
        &self,
        settings: Settings,
        own: &SpeechOverrides,
        config: &VoiceConfig,
    ) -> anyhow::Result<Vec<Variant>> {
        let mut variants = vec![Variant { settings, take: 1 }];
        if let (Some(list), None) = (&self.speakers, &own.speaker) {
            let speakers = speaker_ids(list, config)?.into_iter();
            let speakers = speakers.map(|id| match speaker_name(config, id) {
                Some(name) => Speaker::from(name),
                None => Speaker::Id(id),
            });
            let speakers: Vec<_> = speakers.collect();
            multiply(&mut variants, &speakers, |variant, speaker| {
                variant.settings.overrides.speaker = Some(speaker.clone());
                Ok(())
            })?;
        }
        for (setting, numbers) in &self.dials {
            if setting.get(own).is_null() {
                multiply(&mut variants, numbers, |variant, number| {
                    setting.set_number(&mut variant.settings.overrides, Some(*number))
                })?;
            }
        }
        if let Some(takes) = self.takes {
            let takes: Vec<_> = (1..=takes.get()).collect();
            multiply(&mut variants, &takes, |variant, take| {
                let seed = variant.settings.overrides.seed.unwrap_or(0);
                variant.settings.overrides.seed = Some(seed.wrapping_add(u64::from(take - 1)));
                variant.take = *take;
                Ok(())
            })?;
        }
        Ok(variants)
    }

    /// Returns the end of a template that gives every reading of a text its own
    /// name.
    pub(super) fn name_ending(&self) -> String {
        let mut ending = String::new();
        if self.speakers.is_some() {
            ending.push_str("-{speaker}");
        }
        let is_varied = |setting| self.dials.iter().any(|(varied, _)| *varied == setting);
        let dials = DIALS.iter().filter(|(setting, _)| is_varied(*setting));
        ending.extend(dials.map(|(_, part)| *part));
        if self.takes.is_some() {
            ending.push_str("-take{take}");
        }
        ending
    }

    /// Describes the grid: `10 speakers × 3 length_scale × 3 takes`. `None` if
    /// nothing varies.
    pub(super) fn summary(&self, config: &VoiceConfig) -> Option<String> {
        let mut summary = String::new();
        let mut factor = |count: usize, what: &str| {
            let separator = if summary.is_empty() { "" } else { " × " };
            _ = write!(summary, "{separator}{count} {what}");
        };
        let speakers = self.speakers.as_ref();
        if let Some(Ok(ids)) = speakers.map(|list| speaker_ids(list, config)) {
            factor(ids.len(), "speakers");
        }
        for (setting, numbers) in &self.dials {
            factor(numbers.len(), setting.name());
        }
        if let Some(takes) = self.takes {
            factor(takes.get() as usize, "takes");
        }
        (!summary.is_empty()).then_some(summary)
    }
}

/// Replaces each variant by one variant per value.
fn multiply<T>(
    variants: &mut Vec<Variant>,
    values: &[T],
    set: impl Fn(&mut Variant, &T) -> Result<(), UsageError>,
) -> Result<(), UsageError> {
    let mut multiplied = Vec::with_capacity(variants.len() * values.len());
    for variant in variants.iter() {
        for value in values {
            let mut variant = variant.clone();
            set(&mut variant, value)?;
            multiplied.push(variant);
        }
    }
    *variants = multiplied;
    Ok(())
}
