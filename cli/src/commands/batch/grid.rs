//! The grid: every text is spoken by several speakers, with several values of
//! its scales, and several times.
//!
//! The planner asks it for the readings of a text. Nothing else knows that one
//! text becomes several files.

mod sample;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use piper_rs::voice::{Scales, Speaker, VoiceConfig};

use super::voices::PlannedVoice;
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
    /// How many of the readings are made; `None` for all.
    sample: Option<usize>,
    /// Chooses them.
    seed: u64,
}

/// One reading of a text.
#[derive(Debug, Clone)]
pub(super) struct Variant {
    /// Resolved for the voice.
    pub(super) settings: Settings,
    /// The same, not resolved: the parts of the text may have other voices.
    pub(super) part_settings: Settings,
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
            sample: args.grid.sample.map(|sample| sample as usize),
            seed: args.speech.prosody.seed.unwrap_or(0),
        };
        if grid.sample.is_some() && grid.is_empty() {
            return Err(UsageError(
                "--sample chooses among the combinations of --speakers, --takes and lists such \
                 as --speed 0.8,1, and there are none"
                    .to_owned(),
            ));
        }
        Ok((grid, speech))
    }

    /// Returns whether each text has one reading.
    pub(super) fn is_empty(&self) -> bool {
        self.speakers.is_none() && self.dials.is_empty() && self.takes.is_none()
    }

    /// Fails if a voice does not have the speakers, or if so many texts would become
    /// too many files.
    pub(super) fn check(&self, texts: usize, config: &VoiceConfig) -> Result<(), UsageError> {
        self.check_counts(texts, self.speaker_ids(config)?.map(|ids| ids.len()))
    }

    /// Returns the ids of `--speakers`.
    fn speaker_ids(&self, config: &VoiceConfig) -> Result<Option<Vec<i64>>, UsageError> {
        let speakers = self.speakers.as_ref();
        let ids = speakers.map(|list| speaker_ids(list, config)).transpose();
        ids.map_err(|error| UsageError(format!("--speakers: {error}")))
    }

    fn check_counts(&self, texts: usize, speakers: Option<usize>) -> Result<(), UsageError> {
        let dials = self.dials.iter();
        let factors = dials.map(|(setting, numbers)| (numbers.len(), setting.name()));
        let readings = speakers.map(|count| (count, "speakers")).into_iter();
        let readings = readings
            .chain(factors)
            .chain(self.takes.map(|takes| (takes as usize, "takes")));
        let readings = Vec::from_iter(readings);
        let all = readings.iter().map(|(count, _)| *count);
        let all = all.fold(1_usize, usize::saturating_mul);
        let chosen = self.sample.filter(|sample| *sample < all);
        let readings = match chosen {
            Some(sample) => vec![(sample, "readings")],
            None => readings,
        };
        refuse_too_many(&Vec::from_iter(
            [(texts, "texts")].into_iter().chain(readings),
        ))
    }

    /// Returns every reading of a text, or those that `--sample` chooses: the speakers,
    /// and for each the values of the scales, and for each the takes.
    ///
    /// `own` is what the text sets itself: that does not vary. `item` tells texts apart
    /// in the choice.
    pub(super) fn readings(
        &self,
        own: &SpeechOverrides,
        voice: &PlannedVoice,
        item: &str,
    ) -> anyhow::Result<Readings<'_>> {
        let speakers = self.speakers_of(voice)?;
        self.check_counts(1, speakers.as_ref().map(|speakers| speakers.len()))?;
        let speakers = speakers.filter(|_| own.speaker.is_none());
        let mut axes = Vec::from_iter(speakers.map(Axis::Speakers));
        for (setting, numbers) in &self.dials {
            if setting.get(own).is_null() {
                axes.push(Axis::Dial(*setting, numbers));
            }
        }
        axes.extend(self.takes.map(Axis::Takes));
        let all = axes.iter().map(Axis::len);
        let all = all.fold(1_usize, usize::saturating_mul);
        let sample = self.sample.filter(|sample| *sample < all);
        Ok(Readings {
            chosen: sample.map(|sample| sample::choose(sample, all, self.seed, item)),
            axes,
            all,
        })
    }

    /// Returns the speakers of `--speakers`. The list is read once for each voice.
    fn speakers_of(&self, voice: &PlannedVoice) -> anyhow::Result<Option<Arc<[Speaker]>>> {
        if let Some(speakers) = voice.grid_speakers.get() {
            return Ok(Some(Arc::clone(speakers)));
        }
        let Some(ids) = self.speaker_ids(&voice.config)? else {
            return Ok(None);
        };
        let speaker = |id| match speaker_name(&voice.config, id) {
            Some(name) => Speaker::from(name),
            None => Speaker::Id(id),
        };
        let speakers = voice
            .grid_speakers
            .get_or_init(|| ids.into_iter().map(speaker).collect());
        Ok(Some(Arc::clone(speakers)))
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
        if let Ok(Some(ids)) = self.speaker_ids(config) {
            factor(count(ids.len() as u64, "speaker"));
        }
        for (setting, numbers) in &self.dials {
            factor(format!("{} {}", numbers.len(), setting.name()));
        }
        if let Some(takes) = self.takes {
            factor(count(takes, "take"));
        }
        if let Some(sample) = self.sample.filter(|_| !summary.is_empty()) {
            _ = write!(summary, ", at most {sample} of them for each text");
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

/// The readings of one text.
pub(super) struct Readings<'a> {
    axes: Vec<Axis<'a>>,
    all: usize,
    /// Some of them; `None` for all.
    chosen: Option<BTreeSet<usize>>,
}

impl Readings<'_> {
    /// Returns them one at a time. `settings` must be resolved for the voice, and
    /// `part_settings` must be the same, not resolved.
    pub(super) fn of(
        &self,
        settings: Settings,
        part_settings: Settings,
    ) -> impl Iterator<Item = Result<Variant, UsageError>> {
        let variant = Variant {
            settings,
            part_settings,
            take: 1,
        };
        let all = self.chosen.is_none().then_some(0..self.all);
        let chosen = self.chosen.iter().flatten().copied();
        let numbers = chosen.chain(all.into_iter().flatten());
        numbers.map(move |at| variant_at(&self.axes, at, variant.clone()))
    }
}

/// What varies in the readings of one text.
enum Axis<'a> {
    Speakers(Arc<[Speaker]>),
    Dial(Setting, &'a [f64]),
    Takes(u32),
}

impl Axis<'_> {
    fn len(&self) -> usize {
        match self {
            Self::Speakers(speakers) => speakers.len(),
            Self::Dial(_, numbers) => numbers.len(),
            Self::Takes(takes) => *takes as usize,
        }
    }

    fn apply(&self, at: usize, variant: &mut Variant) -> Result<(), UsageError> {
        let settings = [&mut variant.settings, &mut variant.part_settings];
        for overrides in settings.map(|settings| &mut settings.overrides) {
            match self {
                Self::Speakers(speakers) => overrides.speaker = Some(speakers[at].clone()),
                Self::Dial(setting, numbers) => {
                    setting.set_number(overrides, Some(numbers[at]))?;
                }
                Self::Takes(_) => {
                    let seed = overrides.seed.unwrap_or(0);
                    overrides.seed = Some(seed.wrapping_add(at as u64));
                }
            }
        }
        if let Self::Takes(_) = self {
            variant.take = at as u32 + 1;
        }
        Ok(())
    }
}

/// Returns the reading with the number `at` of those of some axes; the last axis varies
/// first.
fn variant_at(
    axes: &[Axis<'_>],
    mut at: usize,
    mut variant: Variant,
) -> Result<Variant, UsageError> {
    for axis in axes.iter().rev() {
        axis.apply(at % axis.len(), &mut variant)?;
        at /= axis.len();
    }
    Ok(variant)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::batch::tests::{settings, voice};

    fn config(speakers: &str) -> VoiceConfig {
        let json = format!(r#"{{"audio": {{}}, "phoneme_id_map": {{}}, {speakers}}}"#);
        VoiceConfig::from_json(json.as_bytes()).unwrap()
    }

    #[test]
    fn takes_without_noise_are_alike() {
        let grid = |takes, dials| Grid {
            dials,
            takes,
            ..Grid::default()
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
            ..Grid::default()
        };
        let many = config(r#""num_speakers": 500"#);
        assert!(grid.check(10, &many).is_ok());
        let error = grid.check(11, &many).unwrap_err().to_string();
        let numbers = "11 texts × 500 speakers × 2 noise_w × 1000 takes";
        assert!(error.starts_with(numbers), "{error}");
        let error = grid.check(usize::MAX, &many).unwrap_err().to_string();
        assert!(error.contains("10000000"), "{error}");
        let more = voice(config(r#""num_speakers": 5001"#));
        let readings = grid.readings(&SpeechOverrides::default(), &more, "");
        assert!(readings.err().unwrap().is::<UsageError>());
    }

    #[test]
    fn readings_are_made_one_at_a_time() {
        let grid = Grid {
            speakers: Some("all".to_owned()),
            dials: vec![(Setting::NoiseW, vec![0.1, 0.2])],
            takes: Some(5000),
            ..Grid::default()
        };
        let many = voice(config(r#""num_speakers": 1000"#));
        let readings = grid
            .readings(&SpeechOverrides::default(), &many, "")
            .unwrap();
        let mut variants = readings.of(settings(), settings());
        let last = variants.nth(5000).unwrap().unwrap();
        for settings in [&last.settings, &last.part_settings] {
            let overrides = &settings.overrides;
            assert_eq!((overrides.noise_w, overrides.seed), (Some(0.2), Some(0)));
        }
        assert_eq!(
            variants.size_hint(),
            (10_000_000 - 5001, Some(10_000_000 - 5001))
        );
    }
}
