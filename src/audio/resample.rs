//! Conversion between sample rates.

use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{
    Async, FixedAsync, Indexing, Resampler as _, SincInterpolationParameters, WindowFunction,
    calculate_cutoff,
};

use super::SampleRate;
use crate::timing::converted_samples;
use crate::{Error, Result};

/// How many samples are resampled at a time. Up to this many, 12 ms at
/// 22 050 Hz, wait for the next block.
const SAMPLES_PER_STEP: usize = 256;

/// Length of the filter in samples of the lower rate. The signal is more than
/// 130 dB above the noise.
const SINC_LEN: usize = 256;

/// A streaming resampler for mono samples.
///
/// It is a windowed sinc filter. The output starts with the first input sample,
/// without the filter's delay, and has the same duration.
pub struct Resampler {
    sinc: Async<f32>,
    from: SampleRate,
    to: SampleRate,
    /// Input for the next step.
    pending: Vec<f32>,
    /// Output of one step.
    stepped: Vec<f32>,
    n_in: u64,
    n_out: u64,
    /// How many output samples are still to be dropped: the filter's delay.
    n_to_drop: usize,
}

impl Resampler {
    /// Returns a resampler. Fails for ratios that the filter does not support.
    pub fn new(from: SampleRate, to: SampleRate) -> Result<Self> {
        let window = WindowFunction::BlackmanHarris2;
        let parameters = SincInterpolationParameters::new(filter_length(from, to), window)
            .f_cutoff(calculate_cutoff(SINC_LEN, window));
        let sinc = Async::new_sinc(
            ratio(from, to),
            1.0,
            &parameters,
            SAMPLES_PER_STEP,
            1,
            FixedAsync::Input,
        )
        .map_err(|source| failed(from, to, source))?;
        Ok(Self {
            from,
            to,
            pending: Vec::with_capacity(SAMPLES_PER_STEP),
            stepped: vec![0.0; sinc.output_frames_max()],
            n_in: 0,
            n_out: 0,
            n_to_drop: filter_delay(from, to),
            sinc,
        })
    }

    /// Resamples `samples` and appends to `out` what is ready.
    ///
    /// Allocates only if the capacity of `out` is too small. The size of the
    /// blocks does not change the result.
    pub fn process(&mut self, mut samples: &[f32], out: &mut Vec<f32>) -> Result<()> {
        self.n_in += samples.len() as u64;
        while !samples.is_empty() {
            let room = SAMPLES_PER_STEP - self.pending.len();
            let (taken, rest) = samples.split_at(room.min(samples.len()));
            self.pending.extend_from_slice(taken);
            samples = rest;
            if self.pending.len() == SAMPLES_PER_STEP {
                self.step(out)?;
            }
        }
        Ok(())
    }

    /// Appends the rest, so that the output has the duration of the input, to
    /// the nearest sample. Afterwards the resampler can be used again.
    pub fn finish(&mut self, out: &mut Vec<f32>) -> Result<()> {
        let expected = converted_samples(self.n_in, self.from, self.to);
        while self.n_out < expected {
            self.step(out)?;
        }
        let surplus = (self.n_out - expected) as usize;
        out.truncate(out.len() - surplus);

        self.sinc.reset();
        self.pending.clear();
        (self.n_in, self.n_out) = (0, 0);
        self.n_to_drop = filter_delay(self.from, self.to);
        Ok(())
    }

    /// Resamples `pending`, filled up with silence.
    fn step(&mut self, out: &mut Vec<f32>) -> Result<()> {
        let n_pending = self.pending.len();
        self.pending.resize(SAMPLES_PER_STEP, 0.0);
        let (from, to) = (self.from, self.to);
        let n_stepped = self
            .step_into_buffer(n_pending)
            .map_err(|source| failed(from, to, source))?;
        self.pending.clear();

        let n_dropped = self.n_to_drop.min(n_stepped);
        self.n_to_drop -= n_dropped;
        self.n_out += (n_stepped - n_dropped) as u64;
        out.extend_from_slice(&self.stepped[n_dropped..n_stepped]);
        Ok(())
    }

    fn step_into_buffer(
        &mut self,
        n_pending: usize,
    ) -> Result<usize, Box<dyn std::error::Error + Send + Sync>> {
        let n_room = self.stepped.len();
        let input = InterleavedSlice::new(&self.pending[..], 1, SAMPLES_PER_STEP)?;
        let mut output = InterleavedSlice::new_mut(&mut self.stepped[..], 1, n_room)?;
        let indexing = Indexing::new().partial_len(n_pending);
        let (_, n_stepped) = self
            .sinc
            .process_into_buffer(&input, &mut output, Some(&indexing))?;
        Ok(n_stepped)
    }
}

fn ratio(from: SampleRate, to: SampleRate) -> f64 {
    f64::from(to.get()) / f64::from(from.get())
}

/// Returns the length of the filter in input samples, which rubato wants to be a
/// multiple of 8. If the output has the lower rate, the filter must be as sharp
/// there.
fn filter_length(from: SampleRate, to: SampleRate) -> usize {
    let longer = (SINC_LEN as f64 / ratio(from, to).min(1.0)).ceil() as usize;
    longer.next_multiple_of(8)
}

/// Returns the delay of the filter in output samples, rounded.
fn filter_delay(from: SampleRate, to: SampleRate) -> usize {
    // Half the filter, minus the sample by which rubato 5.0 reads ahead. Its
    // own `output_delay` ignores that sample; the tests measure it.
    (filter_length(from, to) as f64 / 2.0 * ratio(from, to) - 1.0)
        .round()
        .max(0.0) as usize
}

fn failed(
    from: SampleRate,
    to: SampleRate,
    source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> Error {
    Error::Resample {
        from_hz: from.get(),
        to_hz: to.get(),
        source: source.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::f64::consts::TAU;

    fn rate(hz: u32) -> SampleRate {
        SampleRate::new(hz).unwrap()
    }

    fn sine(hz: f64, rate_hz: u32, n_samples: usize) -> Vec<f32> {
        (0..n_samples)
            .map(|i| (0.8 * (TAU * hz * i as f64 / f64::from(rate_hz)).sin()) as f32)
            .collect()
    }

    fn resample(from_hz: u32, to_hz: u32, samples: &[f32], block: usize) -> Vec<f32> {
        let mut resampler = Resampler::new(rate(from_hz), rate(to_hz)).unwrap();
        let mut out = Vec::new();
        for block in samples.chunks(block) {
            resampler.process(block, &mut out).unwrap();
        }
        resampler.finish(&mut out).unwrap();
        out
    }

    /// The sine of `hz` that fits the samples best, and the rest.
    struct Fit {
        amplitude: f64,
        delay_samples: f64,
        signal_to_noise_db: f64,
    }

    fn fit(hz: f64, rate_hz: u32, samples: &[f32]) -> Fit {
        // The middle second: the ends ring, where the sine starts from nothing,
        // and over a second of whole hertz sine and cosine are orthogonal.
        let step = TAU * hz / f64::from(rate_hz);
        let n_fitted = rate_hz as usize;
        let first = (samples.len() - n_fitted) / 2;
        let at = |i: usize| (step * (first + i) as f64, f64::from(samples[first + i]));
        let mean = |f: &dyn Fn(f64, f64) -> f64| {
            let sum: f64 = (0..n_fitted).map(|i| f(at(i).0, at(i).1)).sum();
            sum / n_fitted as f64
        };
        let sine = 2.0 * mean(&|phase, sample| sample * phase.sin());
        let cosine = 2.0 * mean(&|phase, sample| sample * phase.cos());
        let noise =
            mean(&|phase, sample| (sample - sine * phase.sin() - cosine * phase.cos()).powi(2));
        let signal = (sine * sine + cosine * cosine) / 2.0;
        Fit {
            amplitude: (2.0 * signal).sqrt(),
            delay_samples: -cosine.atan2(sine) / step,
            signal_to_noise_db: 10.0 * (signal / noise).log10(),
        }
    }

    #[test]
    fn a_sine_keeps_its_frequency_amplitude_and_phase() {
        let cases = [
            (22050, 48000, 440.0),
            (22050, 44100, 3000.0),
            (16000, 48000, 6000.0),
            (16000, 44100, 1000.0),
            (22050, 16000, 1000.0),
            (48000, 22050, 8000.0),
            (22050, 22051, 1000.0),
            (22050, 192_000, 1000.0),
        ];
        for (from_hz, to_hz, hz) in cases {
            let two_seconds = sine(hz, from_hz, 2 * from_hz as usize);
            let out = resample(from_hz, to_hz, &two_seconds, 1000);
            assert_eq!(out.len(), 2 * to_hz as usize);
            let found = fit(hz, to_hz, &out);
            let what = format!("{from_hz} -> {to_hz}, {hz} Hz");
            assert!(
                (found.amplitude - 0.8).abs() < 1e-3,
                "{what}: {}",
                found.amplitude
            );
            assert!(
                found.delay_samples.abs() < 1.0,
                "{what}: {}",
                found.delay_samples
            );
            let snr = found.signal_to_noise_db;
            assert!(snr > 120.0, "{what}: {snr:.1} dB");
        }
    }

    #[test]
    fn frequencies_above_the_lower_rate_are_removed() {
        let out = resample(48000, 16000, &sine(10_000.0, 48000, 48000), 1000);
        let loudest = out[1000..15000].iter().fold(0.0f32, |a, s| a.max(s.abs()));
        assert!(loudest < 1e-4, "{loudest}");
    }

    #[test]
    fn speech_for_telephones_has_no_aliases() {
        let peak_db = |hz, from_hz: u32, to_hz: u32| {
            let out = resample(from_hz, to_hz, &sine(hz, from_hz, from_hz as usize), 1000);
            let middle = &out[out.len() / 4..out.len() * 3 / 4];
            let loudest = middle.iter().fold(0.0f32, |a, s| a.max(s.abs()));
            20.0 * (loudest / 0.8).log10()
        };
        for (from_hz, to_hz) in [(22050, 8000), (24000, 8000), (48000, 8000), (44100, 4000)] {
            let half = f64::from(to_hz) / 2.0;
            for above in [1.03, 1.1, 1.3, 1.7, 2.3] {
                let hz = half * above;
                let found = peak_db(hz, from_hz, to_hz);
                assert!(
                    found < -65.0,
                    "{hz} Hz, {from_hz} -> {to_hz}: {found:.1} dB"
                );
            }
            let passed = peak_db(half * 0.85, from_hz, to_hz);
            assert!(passed.abs() < 0.1, "{from_hz} -> {to_hz}: {passed:.2} dB");
        }
    }

    #[test]
    fn buffers_do_not_grow_after_the_first_block() {
        let mut resampler = Resampler::new(rate(22050), rate(48000)).unwrap();
        let mut out = Vec::with_capacity(10_000);
        let at = |resampler: &Resampler| (resampler.pending.as_ptr(), resampler.stepped.as_ptr());
        let before = at(&resampler);
        for n_samples in [1, 255, 256, 257, 4000, 3] {
            out.clear();
            resampler
                .process(&sine(440.0, 22050, n_samples), &mut out)
                .unwrap();
        }
        assert_eq!(at(&resampler), before);
        assert_eq!(out.capacity(), 10_000);
    }

    #[test]
    fn a_finished_resampler_can_be_used_again() {
        let mut resampler = Resampler::new(rate(16000), rate(44100)).unwrap();
        let samples = sine(440.0, 16000, 3000);
        let mut runs = [Vec::new(), Vec::new()];
        for out in &mut runs {
            resampler.process(&samples, out).unwrap();
            resampler.finish(out).unwrap();
        }
        assert!(runs[0] == runs[1]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn block_sizes_change_nothing_and_durations_are_exact(
            n_samples in 0usize..3000,
            block in 1usize..700,
            from_hz in 8000u32..50_000,
            to_hz in 8000u32..200_000,
        ) {
            let samples = sine(440.0, from_hz, n_samples);
            let out = resample(from_hz, to_hz, &samples, block);
            let exact = n_samples as f64 * f64::from(to_hz) / f64::from(from_hz);
            prop_assert!((out.len() as f64 - exact).abs() <= 0.5 + 1e-6);
            prop_assert!(out == resample(from_hz, to_hz, &samples, usize::MAX));
        }
    }
}
