//! The grid: every text is spoken by several speakers, with several values of
//! its scales, and several times.
//!
//! The planner asks it for the variants of a text. Nothing else knows that one
//! text becomes several files.

use std::fmt::Write as _;

use piper_rs::voice::{Scales, Speaker, VoiceConfig};

use crate::args::{BatchArgs, NumberList, SpeechArgs};
use crate::speech::overrides::SpeechOverrides;
use crate::speech::setting::Setting;
use crate::speech::settings::Settings;
use crate::speech::speakers::{speaker_ids, speaker_name};
use crate::terminal::quantity::count;
use crate::terminal::report::UsageError;

/// The scales that can vary, with the part of a default name that shows them.
const DIALS: [(Setting, &str); 4] = [
    (Setting::Speed, "-speed{speed}"),
    (Setting::LengthScale, "-length{length_scale}"),
    (Setting::NoiseScale, "-noise{noise_scale}"),
    (Setting::NoiseW, "-noisew{noise_w}"),
];

/// The most files that one run plans.
const MAX_FILES: usize = 10_000_000;

/// What varies. Empty if each text becomes one file.
#[derive(Debug, Default)]
pub(super) struct Grid {
    /// The list of `--speakers`. Its names are those of the voice.
    speakers: Option<String>,
    /// Lists of two numbers and more.
    dials: Vec<(Setting, Vec<f64>)>,
    takes: Option<u32>,
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

    /// Fails if a voice does not have the speakers, or if so many texts would become
    /// too many files.
    pub(super) fn check(&self, texts: usize, config: &VoiceConfig) -> Result<(), UsageError> {
        let speakers = self.speakers.as_ref();
        let checked = speakers.map(|list| speaker_ids(list, config)).transpose();
        let ids = checked.map_err(|error| UsageError(format!("--speakers: {error}")))?;
        let dials = self.dials.iter();
        let factors = dials.map(|(setting, numbers)| (numbers.len(), setting.name()));
        let factors = [(texts, "texts")]
            .into_iter()
            .chain(ids.map(|ids| (ids.len(), "speakers")))
            .chain(factors)
            .chain(self.takes.map(|takes| (takes as usize, "takes")));
        refuse_too_many(&Vec::from_iter(factors))
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
        self.check(1, config)?;
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
            let takes: Vec<_> = (1..=takes).collect();
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

    /// Returns whether the takes of a text would not differ: `scales` are without
    /// noise, and no list gives it other ones.
    pub(super) fn takes_are_alike(&self, scales: &Scales) -> bool {
        let noises = [
            (Setting::NoiseScale, scales.noise_scale),
            (Setting::NoiseW, scales.noise_w),
        ];
        let is_silent = |(noise, scale): (Setting, f32)| {
            let list = self.dials.iter().find(|(setting, _)| *setting == noise);
            match list {
                Some((_, numbers)) => numbers.iter().all(|number| *number == 0.0),
                None => scale == 0.0,
            }
        };
        self.takes.is_some_and(|takes| takes > 1) && noises.into_iter().all(is_silent)
    }

    /// Describes the grid: `10 speakers × 3 length_scale × 3 takes`. `None` if
    /// nothing varies.
    pub(super) fn summary(&self, config: &VoiceConfig) -> Option<String> {
        let mut summary = String::new();
        let mut factor = |factor: String| {
            let separator = if summary.is_empty() { "" } else { " × " };
            _ = write!(summary, "{separator}{factor}");
        };
        let speakers = self.speakers.as_ref();
        if let Some(Ok(ids)) = speakers.map(|list| speaker_ids(list, config)) {
            factor(count(ids.len() as u64, "speaker"));
        }
        for (setting, numbers) in &self.dials {
            factor(format!("{} {}", numbers.len(), setting.name()));
        }
        if let Some(takes) = self.takes {
            factor(count(takes, "take"));
        }
        (!summary.is_empty()).then_some(summary)
    }
}

/// Fails if the product of some counts is more than a batch can plan.
fn refuse_too_many(factors: &[(usize, &str)]) -> Result<(), UsageError> {
    let mut counts = factors.iter().map(|(count, _)| *count);
    let product = counts.try_fold(1_usize, usize::checked_mul);
    if product.is_some_and(|files| files <= MAX_FILES) {
        return Ok(());
    }
    let factors = factors
        .iter()
        .map(|(count, what)| format!("{count} {what}"));
    let factors = Vec::from_iter(factors).join(" × ");
    Err(UsageError(format!(
        "{factors} are more than {MAX_FILES} files, the most for one run; divide the work into \
         several runs"
    )))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::batch::tests::settings;

    fn config(speakers: &str) -> VoiceConfig {
        let json = format!(r#"{{"audio": {{}}, "phoneme_id_map": {{}}, {speakers}}}"#);
        VoiceConfig::from_json(json.as_bytes()).unwrap()
    }

    #[test]
    fn takes_without_noise_are_alike() {
        let grid = |takes, dials| Grid {
            speakers: None,
            dials,
            takes,
        };
        let scales = |noise_scale, noise_w| Scales {
            noise_scale,
            length_scale: 1.0,
            noise_w,
        };
        assert!(grid(Some(2), vec![]).takes_are_alike(&scales(0.0, 0.0)));
        assert!(!grid(Some(1), vec![]).takes_are_alike(&scales(0.0, 0.0)));
        assert!(!grid(None, vec![]).takes_are_alike(&scales(0.0, 0.0)));
        assert!(!grid(Some(2), vec![]).takes_are_alike(&scales(0.0, 0.8)));
        let list = |numbers| vec![(Setting::NoiseScale, numbers)];
        assert!(!grid(Some(2), list(vec![0.0, 0.5])).takes_are_alike(&scales(0.0, 0.0)));
        assert!(grid(Some(2), list(vec![0.0])).takes_are_alike(&scales(0.6, 0.0)));
    }

    #[test]
    fn a_grid_that_is_too_large_is_refused_with_its_numbers() {
        let grid = Grid {
            speakers: Some("all".to_owned()),
            dials: vec![(Setting::NoiseW, vec![0.1, 0.2])],
            takes: Some(1000),
        };
        let many = config(r#""num_speakers": 500"#);
        assert!(grid.check(10, &many).is_ok());
        let error = grid.check(11, &many).unwrap_err().to_string();
        let numbers = "11 texts × 500 speakers × 2 noise_w × 1000 takes";
        assert!(error.starts_with(numbers), "{error}");
        let error = grid.check(usize::MAX, &many).unwrap_err().to_string();
        assert!(error.contains("10000000"), "{error}");
        let more = config(r#""num_speakers": 5001"#);
        let variants = grid.variants(settings(), &SpeechOverrides::default(), &more);
        assert!(variants.unwrap_err().is::<UsageError>());
    }
}
