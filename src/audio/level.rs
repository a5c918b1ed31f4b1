//! Levels: normalization and volume.

use std::ops::RangeInclusive;

use super::loudness::{Lufs, VoiceLoudness};

/// How samples are brought to a common loudness.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Normalize {
    /// One gain per voice: it becomes as loud as piper-tts makes it, within
    /// [`RUN_LOUDNESSES`]. Sentences keep their loudness relative to each other,
    /// and nothing is clipped. A voice that is louder keeps its own level.
    #[default]
    Run,
    /// The same, but with this target, also for louder voices. The result is
    /// within about 1 dB of it, less if peaks must be compressed. That begins at half of
    /// full scale for a target that brings many peaks near it.
    Loudness(Lufs),
    /// Every sentence to full scale, like Piper's programs.
    Sentence(NearSilence),
    /// The model's own level.
    Off,
}

/// How [`Normalize::Sentence`] treats a sentence that is hardly audible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NearSilence {
    /// Keeps it quiet, like the C++ piper: a peak counts as at least 0.01.
    #[default]
    Keep,
    /// Amplifies its noise to full scale, like piper-tts.
    Amplify,
}

/// The loudnesses that [`Normalize::Run`] brings voices to. piper-tts scales each
/// sentence to full scale, so voices with few high peaks are louder there than
/// others. Within these limits they are here, too; wider limits would let voices
/// differ by more than 3.5 dB.
pub const RUN_LOUDNESSES: RangeInclusive<Lufs> = Lufs(-19.0)..=Lufs(-15.5);
/// A lower loudness of a voice was measured wrong: no voice is this quiet.
const MIN_VOICE_LOUDNESS: Lufs = Lufs(-50.0);
/// Samples above this level are compressed: 1 dB below full scale.
const KNEE: f32 = 0.891;
/// The same for a requested loudness at which many samples exceed [`KNEE`]: 6 dB below
/// full scale. A higher knee would flatten their peaks.
const LOW_KNEE: f32 = 0.5;
/// From here on, a compressed sample is full scale in 16 bits.
const FULL_SCALE: f32 = 32766.5 / 32767.0;
/// Where a voice's own loudness is not known, it is taken for this one's.
const TYPICAL_LOUDNESS: Lufs = Lufs(-25.0);
/// The loudness of sentences at full scale, on average.
const SENTENCE_LOUDNESS: Lufs = Lufs(-17.0);
/// Samples this far below the loudness are silence: above the noise between the
/// words of trained voices, below their softest consonants.
const SILENCE_BELOW_DB: f32 = 30.0;
/// The C++ piper's smallest peak for normalization.
const MIN_PEAK: f32 = 0.01;
/// Below this piper-tts writes silence.
const SILENT_PEAK: f32 = 1e-8;

/// The level of one voice, the same for every sentence of a session.
#[derive(Debug, Clone, Copy)]
pub struct Level {
    normalize: Normalize,
    gain: f32,
    /// The loudness of the result.
    loudness: Lufs,
    /// What a requested loudness leaves as it is.
    knee: f32,
}

impl Level {
    /// Returns the level of a voice whose speech is this loud; `None` if that
    /// is not known, which gives gain 1.
    ///
    /// The gain depends on the voice alone, so it is known before the first
    /// sample and the same for every destination.
    pub fn new(normalize: Normalize, voice: Option<VoiceLoudness>) -> Self {
        let measured = voice.filter(|voice| voice.own >= MIN_VOICE_LOUDNESS);
        let gain = match (normalize, measured) {
            (Normalize::Run, Some(voice)) => run_gain(voice),
            (Normalize::Loudness(target), Some(voice)) => voice.own.gain_to(target),
            _ => 1.0,
        };
        let own = voice.map_or(TYPICAL_LOUDNESS, |voice| voice.own);
        let loudness = match normalize {
            Normalize::Sentence(_) => SENTENCE_LOUDNESS,
            _ => Lufs(own.0 + 20.0 * gain.log10()),
        };
        let knee = match measured {
            Some(voice) if voice.peak * gain > KNEE => LOW_KNEE,
            _ => KNEE,
        };
        Self {
            normalize,
            gain,
            loudness,
            knee,
        }
    }

    /// Returns the absolute value up to which samples of the result are silence,
    /// if `volume` is what [`apply`](Self::apply) gets.
    pub fn silence_threshold(&self, volume: f32) -> f32 {
        let full_scale = Lufs(SILENCE_BELOW_DB);
        full_scale.gain_to(self.loudness) * volume
    }

    /// Returns the gain before compression; 1 for [`Normalize::Sentence`],
    /// whose gain depends on the sentence.
    pub fn gain(&self) -> f32 {
        self.gain
    }

    /// Scales `samples` to their level, within −1..=1. `volume` is an additional
    /// factor; 1 changes nothing. Returns how many samples a `volume` above 1 has
    /// clipped.
    ///
    /// With [`Normalize::Sentence`], `samples` must be a whole sentence.
    pub fn apply(&self, samples: &mut [f32], volume: f32) -> u64 {
        let clipped = self.scale(samples, volume);
        if volume > 1.0 { clipped } else { 0 }
    }

    fn scale(&self, samples: &mut [f32], volume: f32) -> u64 {
        match self.normalize {
            Normalize::Off => scale_and_clip(samples, 1.0, volume),
            Normalize::Sentence(near_silence) => {
                let peak = peak(samples);
                match near_silence {
                    NearSilence::Keep => scale_and_clip(samples, peak.max(MIN_PEAK), volume),
                    NearSilence::Amplify if peak < SILENT_PEAK => {
                        samples.fill(0.0);
                        0
                    }
                    NearSilence::Amplify => scale_and_clip(samples, peak, volume),
                }
            }
            Normalize::Run => {
                let gain = self.gain * volume;
                let mut clipped = 0;
                for sample in samples {
                    *sample = compress(*sample * gain);
                    clipped += u64::from(sample.abs() >= FULL_SCALE);
                }
                clipped
            }
            Normalize::Loudness(_) => {
                let gain = self.gain * volume;
                for sample in samples {
                    *sample = compress_from(self.knee, *sample * gain);
                }
                0
            }
        }
    }
}

/// Returns the gain of [`Normalize::Run`]. It leaves all but one sample of a
/// thousand below the knee, unless the voice itself is above it.
fn run_gain(voice: VoiceLoudness) -> f32 {
    let (quietest, loudest) = (RUN_LOUDNESSES.start().0, RUN_LOUDNESSES.end().0);
    let target = Lufs(voice.full_scale.0.clamp(quietest, loudest));
    let gain = voice.own.gain_to(target);
    gain.min(KNEE / voice.peak).max(1.0)
}

fn peak(samples: &[f32]) -> f32 {
    samples
        .iter()
        .fold(0.0, |peak, sample| peak.max(sample.abs()))
}

/// Divides, multiplies and clips in the order of piper-tts, which makes the
/// results equal to the bit. Returns how many samples it clips.
fn scale_and_clip(samples: &mut [f32], peak: f32, volume: f32) -> u64 {
    let mut clipped = 0;
    for sample in samples {
        let scaled = *sample / peak;
        let louder = if volume == 1.0 {
            scaled
        } else {
            scaled * volume
        };
        clipped += u64::from(louder.abs() > 1.0);
        *sample = louder.clamp(-1.0, 1.0);
    }
    clipped
}

/// Compresses what exceeds the knee, so that it stays within full scale. The
/// curve has no memory, so the level cannot pump.
fn compress(sample: f32) -> f32 {
    let magnitude = sample.abs();
    if magnitude <= KNEE {
        return sample;
    }
    let room = 1.0 - KNEE;
    (KNEE + room * ((magnitude - KNEE) / room).tanh()).copysign(sample)
}

/// The same with another knee, and a curve that nears full scale so slowly that even
/// samples far above it keep their shape.
fn compress_from(knee: f32, sample: f32) -> f32 {
    let magnitude = sample.abs();
    if magnitude <= knee {
        return sample;
    }
    let room = 1.0 - knee;
    let excess = (magnitude - knee) / room;
    (knee + room * excess / (1.0 + excess * excess).sqrt()).copysign(sample)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn leveled(level: Level, samples: &[f32], volume: f32) -> Vec<f32> {
        let mut samples = samples.to_vec();
        level.apply(&mut samples, volume);
        samples
    }

    fn once(normalize: Normalize, samples: &[f32], volume: f32) -> Vec<f32> {
        leveled(Level::new(normalize, Some(voice(-25.0))), samples, volume)
    }

    /// A voice of this loudness that is -19 LUFS in piper-tts.
    fn voice(own: f32) -> VoiceLoudness {
        VoiceLoudness {
            own: Lufs(own),
            full_scale: Lufs(-19.0),
            peak: 0.01,
        }
    }

    fn gain(normalize: Normalize, own: Option<f32>) -> f32 {
        Level::new(normalize, own.map(voice)).gain()
    }

    #[test]
    fn a_voice_becomes_as_loud_as_in_piper_tts_within_limits() {
        let decibels = |full_scale, peak| {
            let voice = VoiceLoudness {
                full_scale: Lufs(full_scale),
                peak,
                ..voice(-25.0)
            };
            20.0 * Level::new(Normalize::Run, Some(voice)).gain().log10()
        };
        for (full_scale, peak, expected) in [
            (-17.5, 0.1, 7.5),
            (-13.0, 0.1, 9.5),
            (-23.0, 0.1, 6.0),
            // More would compress too many samples.
            (-17.5, 0.5, 5.0),
            (-17.5, 0.95, 0.0),
        ] {
            let found = decibels(full_scale, peak);
            assert!((found - expected).abs() < 0.05, "{found}, not {expected}");
        }
    }

    #[test]
    fn the_gain_depends_on_the_voice_alone() {
        let level = Level::new(Normalize::Run, Some(voice(-19.0 - 6.0206)));
        let out = leveled(level, &[0.125, -0.25], 1.0);
        assert!((out[0] - 0.25).abs() < 1e-5 && (out[1] + 0.5).abs() < 1e-5);
        assert!((leveled(level, &[0.125], 0.5)[0] - 0.125).abs() < 1e-5);
        assert!(leveled(level, &[9.0], 1.0)[0] <= 1.0, "never clipped");
    }

    #[test]
    fn no_voice_gets_quieter_unless_a_loudness_is_requested() {
        let target = Normalize::Loudness(Lufs(-23.0));
        assert_eq!(gain(Normalize::Run, Some(-14.0)), 1.0);
        assert!((gain(target, Some(-14.0)) - 0.3548).abs() < 1e-3);
        assert!((gain(target, Some(-29.0)) - 1.9953).abs() < 1e-3);
        assert_eq!(gain(Normalize::Off, Some(-29.0)), 1.0);
        for unknown in [None, Some(-60.0)] {
            assert_eq!(gain(Normalize::Run, unknown), 1.0);
            assert_eq!(gain(target, unknown), 1.0);
        }
    }

    #[test]
    fn silence_is_relative_to_the_level() {
        let threshold = |normalize, lufs: Option<f32>| {
            let level = Level::new(normalize, lufs.map(voice));
            20.0 * level.silence_threshold(1.0).log10()
        };
        let near = |a: f32, b: f32| (a - b).abs() < 0.01;
        assert!(near(threshold(Normalize::Run, Some(-26.0)), -49.0));
        assert!(near(threshold(Normalize::Run, Some(-14.0)), -44.0));
        assert!(near(threshold(Normalize::Off, Some(-26.0)), -56.0));
        assert!(near(threshold(Normalize::Off, None), -55.0));
        let target = Normalize::Loudness(Lufs(-30.0));
        assert!(near(threshold(target, Some(-26.0)), -60.0));
        let halved = Level::new(Normalize::Run, Some(voice(-26.0))).silence_threshold(0.5);
        assert!(near(20.0 * halved.log10(), -55.02));
    }

    #[test]
    fn a_sentence_is_scaled_to_full_scale() {
        let keep = Normalize::Sentence(NearSilence::Keep);
        let amplify = Normalize::Sentence(NearSilence::Amplify);
        assert_eq!(once(keep, &[0.25, -0.5], 1.0), [0.5, -1.0]);
        assert_eq!(once(keep, &[0.25, -0.5], 2.0), [1.0, -1.0]);
        assert_eq!(once(keep, &[0.005], 1.0), [0.5]);
        assert_eq!(once(amplify, &[0.001], 1.0), [1.0]);
        assert_eq!(once(amplify, &[1e-9], 1.0), [0.0]);
    }

    #[test]
    fn off_changes_only_the_volume() {
        assert_eq!(once(Normalize::Off, &[0.3, -1.2], 1.0), [0.3, -1.0]);
        assert_eq!(once(Normalize::Off, &[0.3], 0.5), [0.15]);
    }

    #[test]
    fn a_requested_loudness_flattens_no_peak() {
        let loud = VoiceLoudness {
            peak: 0.4,
            ..voice(-25.0)
        };
        let level = Level::new(Normalize::Loudness(Lufs(-10.0)), Some(loud));
        let out = leveled(level, &[0.05, 0.4, 0.6, 0.8, -1.0], 1.0);
        assert!(
            (out[0] - 0.05 * level.gain()).abs() < 1e-6,
            "below the knee"
        );
        assert!(
            out.windows(2).all(|pair| pair[0].abs() < pair[1].abs()),
            "{out:?}"
        );
        assert!(
            out.iter().all(|sample| sample.abs() < FULL_SCALE),
            "{out:?}"
        );
    }

    #[test]
    fn samples_that_a_volume_clips_are_counted() {
        let sentence = Normalize::Sentence(NearSilence::Keep);
        for (normalize, volume, expected) in [
            (Normalize::Run, 3.0, 2),
            (Normalize::Run, 1.0, 0),
            (Normalize::Off, 3.0, 2),
            (Normalize::Off, 1.0, 0),
            (sentence, 1.0, 0),
            (sentence, 3.0, 2),
            (Normalize::Loudness(Lufs(-10.0)), 3.0, 0),
        ] {
            let level = Level::new(normalize, Some(voice(-19.0)));
            let clipped = level.apply(&mut [0.1, 0.8, -0.9], volume);
            assert_eq!(clipped, expected, "{normalize:?}, {volume}");
        }
    }

    proptest! {
        #[test]
        fn samples_stay_in_scale_and_in_order(a in -20.0f32..20.0, b in -20.0f32..20.0, volume in 0.0f32..10.0) {
            let out = once(Normalize::Run, &[a.min(b), a.max(b)], volume);
            prop_assert!(out[0] <= out[1] && out[0] >= -1.0 && out[1] <= 1.0);
        }
    }
}
