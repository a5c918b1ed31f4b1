//! Loudness as people hear it, by ITU-R BS.1770.

use std::fmt;

use ebur128::{EbuR128, Mode};
use serde::{Deserialize, Serialize};

use super::SampleRate;
use crate::threads;

/// A loudness in LUFS: 0 is about full scale, speech is far below. A difference
/// of 1 is 1 dB.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Lufs(pub f32);

impl Lufs {
    /// Returns the factor on samples that changes this loudness to `target`.
    pub fn gain_to(self, target: Self) -> f32 {
        10f32.powf((target.0 - self.0) / 20.0)
    }
}

impl fmt::Display for Lufs {
    /// With one decimal, which is more than people can hear.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1} LUFS", self.0)
    }
}

/// How loud prose is in a voice without normalization.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct VoiceLoudness {
    /// At the voice's own level.
    pub own: Lufs,
    /// With each sentence scaled to full scale, as piper-tts does it.
    pub full_scale: Lufs,
    /// The absolute value that one sample of a thousand exceeds.
    pub peak: f32,
}

/// How exactly the loudness of a voice is to be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LoudnessAccuracy {
    /// It is [measured](crate::voice::Voice::reference_loudness) before the first sound, once
    /// for each voice.
    #[default]
    Measured,
    /// An [estimate](crate::voice::Voice::estimated_loudness) is enough if that has not been
    /// done: the first sound is sooner, but the same text has another level once the voice has
    /// been measured.
    Estimated,
}

/// The share of samples that exceed [`VoiceLoudness::peak`].
const SHARE_ABOVE_PEAK: f64 = 0.001;

impl VoiceLoudness {
    /// Measures sentences of a voice; `None` if they are silent.
    pub fn of(sentences: &[Vec<f32>], rate: SampleRate) -> Option<Self> {
        let mut samples = sentences.concat();
        let scaled = sentences.iter().flat_map(|sentence| {
            let peak = sentence.iter().fold(0.0_f32, |max, s| max.max(s.abs()));
            let peak = if peak > 0.0 { peak } else { 1.0 };
            sentence.iter().map(move |sample| sample / peak)
        });
        let scaled: Vec<f32> = scaled.collect();
        let full_scale = || integrated(&scaled, rate);
        let own = || integrated(&samples, rate);
        let both = threads::run_both("loudness", full_scale, own);
        let (full_scale, own) = both.unwrap_or_else(|_| (full_scale(), own()));
        let (full_scale, own) = (full_scale?, own?);

        samples.iter_mut().for_each(|sample| *sample = sample.abs());
        let n_above = (samples.len() as f64 * SHARE_ABOVE_PEAK) as usize;
        let index = samples.len() - 1 - n_above;
        let (_, peak, _) = samples.select_nth_unstable_by(index, f32::total_cmp);
        Some(Self {
            own,
            full_scale,
            peak: *peak,
        })
    }
}

/// The length of the standard's blocks.
const BLOCK_MS: usize = 400;

/// Returns the integrated loudness of `samples`. It ignores pauses. `None` if
/// they are silent: below -70 LUFS.
pub fn integrated(samples: &[f32], rate: SampleRate) -> Option<Lufs> {
    let mut meter = EbuR128::new(1, rate.get(), Mode::I).ok()?;
    let shortest = rate.get() as usize * BLOCK_MS / 1000 + 1;
    // The standard measures in blocks, so less than a block has no loudness.
    let repeats = shortest.div_ceil(samples.len().max(1)).max(1);
    for _ in 0..repeats {
        meter.add_frames_f32(samples).ok()?;
    }
    let loudness = meter.loudness_global().ok()?;
    #[expect(clippy::cast_possible_truncation, reason = "dB need few digits")]
    loudness.is_finite().then_some(Lufs(loudness as f32))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f32::consts::TAU;

    fn rate(hz: u32) -> SampleRate {
        SampleRate::new(hz).unwrap()
    }

    fn sine(hz: f32, rate_hz: u32, amplitude: f32) -> Vec<f32> {
        let step = TAU * hz / rate_hz as f32;
        (0..2 * rate_hz)
            .map(|n| amplitude * (step * n as f32).sin())
            .collect()
    }

    #[test]
    fn a_tone_has_the_loudness_of_the_standard() {
        // BS.1770: 997 Hz at full scale in one channel is -3.01 LUFS.
        for (rate_hz, amplitude, expected) in [
            (48000, 1.0, -3.01),
            (22050, 1.0, -3.01),
            (16000, 0.1, -23.01),
        ] {
            let tone = sine(997.0, rate_hz, amplitude);
            let Lufs(found) = integrated(&tone, rate(rate_hz)).unwrap();
            assert!((found - expected).abs() < 0.1, "{rate_hz}: {found}");
        }
    }

    #[test]
    fn pauses_do_not_count() {
        let speech = sine(500.0, 16000, 0.2);
        let pause = vec![0.0; 32000];
        let with_pauses = [&speech[..], &pause, &speech].concat();
        let Lufs(alone) = integrated(&speech, rate(16000)).unwrap();
        let Lufs(paused) = integrated(&with_pauses, rate(16000)).unwrap();
        assert!((alone - paused).abs() < 0.5, "{alone} {paused}");
    }

    #[test]
    fn silence_has_no_loudness() {
        for samples in [vec![], vec![0.0; 32000], vec![0.0; 10]] {
            assert_eq!(integrated(&samples, rate(16000)), None);
        }
    }

    #[test]
    fn a_short_sound_is_as_loud_as_a_long_one() {
        let long = sine(500.0, 16000, 0.2);
        let Lufs(short) = integrated(&long[..1600], rate(16000)).unwrap();
        let Lufs(long) = integrated(&long, rate(16000)).unwrap();
        assert!((short - long).abs() < 0.1, "{short} {long}");
    }

    #[test]
    fn a_voice_is_measured_as_it_is_and_with_each_sentence_at_full_scale() {
        let sentences = [0.1, 0.2].map(|amplitude| sine(500.0, 16000, amplitude));
        let VoiceLoudness {
            own: Lufs(own),
            full_scale: Lufs(full_scale),
            peak,
        } = VoiceLoudness::of(&sentences, rate(16000)).unwrap();
        let Lufs(louder) = integrated(&sentences[1], rate(16000)).unwrap();
        // The mean power of both is 5/8 of that of the louder one: -2.04 dB.
        assert!((louder - 2.04 - own).abs() < 0.1, "{louder} {own}");
        let exact = louder + 20.0 * 5f32.log10();
        assert!((full_scale - exact).abs() < 0.1, "{exact} {full_scale}");
        assert!((0.199..=0.2).contains(&peak), "{peak}");
        for silent in [vec![], vec![vec![]], vec![vec![0.0; 16000]]] {
            assert_eq!(VoiceLoudness::of(&silent, rate(16000)), None);
        }
    }

    #[test]
    fn one_sample_of_a_thousand_is_above_the_peak() {
        let mut samples = sine(500.0, 16000, 0.2);
        samples[..32].fill(0.9);
        let found = VoiceLoudness::of(&[samples.clone()], rate(16000)).unwrap();
        assert!(found.peak <= 0.2, "{}", found.peak);
        samples[..33].fill(0.9);
        let found = VoiceLoudness::of(&[samples], rate(16000)).unwrap();
        assert_eq!(found.peak, 0.9);
    }

    #[test]
    fn a_gain_reaches_its_target() {
        let own = Lufs(-25.0);
        assert!((own.gain_to(Lufs(-19.0)) - 1.995).abs() < 1e-3);
        assert_eq!(own.gain_to(own), 1.0);
        assert_eq!(own.to_string(), "-25.0 LUFS");
    }
}
