//! Changing the speed of speech without changing its pitch.

use std::num::NonZeroU16;

use wsola::{Config, TimeStretch};

use super::SampleRate;

/// Half of a piece of the signal: long enough for a period of a low voice.
const HOP_MS: f32 = 10.0;
/// How far a piece may be moved so that it fits what is before it. Other lengths
/// and searches are not understood better: benchmarks/SPEED.md.
const SEARCH_MS: f32 = 12.0;

/// Makes a stream of samples shorter or longer and keeps its pitch.
///
/// The signal is cut into short pieces that overlap more, or less, than before,
/// each moved a little so that its waveform continues the one before it
/// (WSOLA). The size of the blocks does not change the result.
#[derive(Debug)]
pub struct Stretcher {
    wsola: TimeStretch,
    speed: f64,
    /// Output that was not returned yet, because the input is too short for it
    /// until now.
    pulled: Vec<f32>,
    n_in: u64,
    n_out: u64,
}

impl Stretcher {
    /// Returns a stretcher that divides durations by `speed`, which must be
    /// within 0.25 to 4.
    pub fn new(rate: SampleRate, speed: f32) -> Self {
        let config = Config {
            hop_ms: HOP_MS,
            search_ms: SEARCH_MS,
        };
        let mut wsola = TimeStretch::with_config(rate, NonZeroU16::MIN, config)
            .expect("wsola 0.3 never fails here");
        wsola.set_tempo(speed);
        Self {
            speed: f64::from(wsola.tempo()),
            wsola,
            pulled: Vec::new(),
            n_in: 0,
            n_out: 0,
        }
    }

    /// Returns the factor by which durations are divided.
    pub fn speed(&self) -> f64 {
        self.speed
    }

    /// Stretches `samples` and appends to `out` what is ready. The last 40 ms of
    /// the input, at most, wait for more samples.
    pub fn process(&mut self, samples: &[f32], out: &mut Vec<f32>) {
        self.n_in += samples.len() as u64;
        self.wsola.push(samples);
        self.pull();
        self.append_to(out);
    }

    /// Appends the rest, so that the output has the duration of the input
    /// divided by the speed, to the nearest sample. Afterwards the stretcher can
    /// be used for another signal.
    pub fn finish(&mut self, out: &mut Vec<f32>) {
        let silence = vec![0.0; self.wsola.min_output_buff_size()];
        while self.n_due() > self.pulled.len() {
            self.wsola.push(&silence);
            self.pull();
        }
        self.append_to(out);

        self.wsola.reset();
        self.pulled.clear();
        (self.n_in, self.n_out) = (0, 0);
    }

    /// Takes all that is ready from the crate, in pieces of a fixed size.
    fn pull(&mut self) {
        let hop = self.wsola.min_output_buff_size();
        loop {
            let end = self.pulled.len();
            self.pulled.resize(end + hop, 0.0);
            // The only error is that there are not enough samples yet.
            let n_pulled = self.wsola.pull(&mut self.pulled[end..]).unwrap_or(0);
            self.pulled.truncate(end + n_pulled);
            if n_pulled == 0 {
                return;
            }
        }
    }

    /// Returns how many samples belong to the input so far and were not
    /// returned yet.
    fn n_due(&self) -> usize {
        let n_total = (self.n_in as f64 / self.speed).round() as u64;
        n_total.saturating_sub(self.n_out) as usize
    }

    fn append_to(&mut self, out: &mut Vec<f32>) {
        let n_ready = self.n_due().min(self.pulled.len());
        out.extend(self.pulled.drain(..n_ready));
        self.n_out += n_ready as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::f64::consts::TAU;

    const RATE: SampleRate = SampleRate::new(22_050).unwrap();

    fn sine(hz: f64, n_samples: usize) -> Vec<f32> {
        let step = TAU * hz / f64::from(RATE.get());
        (0..n_samples)
            .map(|n| (0.5 * (step * n as f64).sin()) as f32)
            .collect()
    }

    fn stretch(speed: f32, samples: &[f32], block: usize) -> Vec<f32> {
        let mut stretcher = Stretcher::new(RATE, speed);
        let mut out = Vec::new();
        for block in samples.chunks(block) {
            stretcher.process(block, &mut out);
        }
        stretcher.finish(&mut out);
        out
    }

    /// The frequency, from the first to the last time that the signal rises
    /// above 0.
    fn frequency(samples: &[f32]) -> f64 {
        let crossing = |(n, pair): (usize, &[f32])| {
            let is_rising = pair[0] < 0.0 && pair[1] >= 0.0;
            let part = f64::from(pair[0] / (pair[0] - pair[1]));
            is_rising.then_some(n as f64 + part)
        };
        let crossings: Vec<f64> = samples
            .windows(2)
            .enumerate()
            .filter_map(crossing)
            .collect();
        let (first, last) = (crossings[0], crossings[crossings.len() - 1]);
        (crossings.len() - 1) as f64 / (last - first) * f64::from(RATE.get())
    }

    #[test]
    fn the_pitch_stays_as_it_is() {
        for speed in [0.25, 0.5, 0.8, 1.25, 1.5, 2.0, 3.0, 4.0] {
            for hz in [85.0, 220.0, 440.0, 1000.0] {
                let out = stretch(speed, &sine(hz, 44_100), 4096);
                // Without the ends, which fade.
                let found = frequency(&out[1000..out.len() - 1000]);
                let error = (found / hz - 1.0).abs();
                assert!(error < 0.005, "{hz} Hz at speed {speed} becomes {found} Hz");
            }
        }
    }

    #[test]
    fn loudness_stays_as_it_is() {
        let power = |samples: &[f32]| {
            let squares = samples.iter().map(|sample| sample * sample);
            squares.sum::<f32>() / samples.len() as f32
        };
        for speed in [0.5, 2.0, 4.0] {
            let out = stretch(speed, &sine(220.0, 88_200), 4096);
            let change = power(&out[1000..out.len() - 1000]) / 0.125;
            assert!((0.9..1.1).contains(&change), "{change} at speed {speed}");
        }
    }

    #[test]
    fn the_first_samples_do_not_wait_for_the_signal_to_end() {
        let mut stretcher = Stretcher::new(RATE, 2.0);
        let mut out = Vec::new();
        // The smallest window of a voice has 16 frames of 256 samples.
        stretcher.process(&sine(220.0, 4096), &mut out);
        assert!(out.len() > 1000, "{}", out.len());
    }

    #[test]
    fn a_finished_stretcher_can_be_used_again() {
        let samples = sine(220.0, 10_000);
        let mut stretcher = Stretcher::new(RATE, 1.7);
        let mut runs = [Vec::new(), Vec::new()];
        for out in &mut runs {
            stretcher.process(&samples, out);
            stretcher.finish(out);
        }
        assert!(runs[0] == runs[1] && !runs[0].is_empty());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn blocks_change_nothing_and_durations_are_exact(
            n_samples in 0usize..9000,
            block in 1usize..5000,
            speed in 0.25f32..=4.0,
        ) {
            let samples = sine(150.0, n_samples);
            let out = stretch(speed, &samples, block);
            let exact = n_samples as f64 / f64::from(speed);
            prop_assert!((out.len() as f64 - exact).abs() <= 0.5 + 1e-6);
            prop_assert!(out == stretch(speed, &samples, usize::MAX));
        }
    }
}
