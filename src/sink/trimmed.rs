//! A sink without the silence at both ends.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::Sink;
use crate::Result;
use crate::audio::{SampleRate, samples_in};

/// Silence that stays at each end, so that no soft sound is cut.
const KEPT: Duration = Duration::from_millis(20);
/// The most quiet audio that is held back; zeros do not count.
const MAX_HELD: Duration = Duration::from_secs(5);
/// Zeros are written in blocks of this many.
const ZEROS: [f32; 1024] = [0.0; 1024];

/// Leaves out the silence before the first sound and after the last one, except
/// 20 ms of each. What is written is otherwise unchanged.
///
/// Samples after a sound are held back while they are quiet, because they may be
/// the end. Zeros of any length take no memory. Of other quiet samples at most
/// 5 s are held back: a longer end is trimmed only by these.
pub struct Trimmed {
    sink: Box<dyn Sink>,
    /// Samples up to this are silence.
    threshold: f32,
    /// [`KEPT`] in samples.
    kept: usize,
    /// [`MAX_HELD`] in samples.
    max_held: usize,
    has_sound: bool,
    held: Held,
    /// Samples so far.
    n_in: u64,
    count: Arc<TrimCount>,
}

/// What a [`Trimmed`] sink has left out and written so far, in samples. Any thread may
/// read it.
#[derive(Debug, Default)]
pub struct TrimCount {
    cut: AtomicU64,
    written: AtomicU64,
}

impl TrimCount {
    /// Returns how many samples were left out before the first sound, and how many were
    /// written since; `None` before the first sound.
    pub fn get(&self) -> Option<(u64, u64)> {
        match self.written.load(Ordering::SeqCst) {
            0 => None,
            written => Some((self.cut.load(Ordering::SeqCst), written)),
        }
    }
}

/// A sink that counts.
struct Counted {
    sink: Box<dyn Sink>,
    count: Arc<TrimCount>,
}

impl Sink for Counted {
    fn write(&mut self, samples: &[f32]) -> Result<()> {
        self.sink.write(samples)?;
        let written = samples.len() as u64;
        self.count.written.fetch_add(written, Ordering::SeqCst);
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        self.sink.flush()
    }

    fn finish(self: Box<Self>) -> Result<()> {
        self.sink.finish()
    }
}

impl Trimmed {
    /// Returns a sink that passes samples of `rate` on to `sink`. Samples whose
    /// absolute value is at most `threshold` are silence.
    pub fn new(sink: Box<dyn Sink>, rate: SampleRate, threshold: f32) -> Self {
        let count = Arc::<TrimCount>::default();
        let sink = Counted {
            sink,
            count: Arc::clone(&count),
        };
        Self {
            sink: Box::new(sink),
            threshold,
            kept: samples_in(KEPT, rate),
            max_held: samples_in(MAX_HELD, rate),
            has_sound: false,
            held: Held::default(),
            n_in: 0,
            count,
        }
    }

    /// Returns what the sink counts.
    pub fn count(&self) -> Arc<TrimCount> {
        Arc::clone(&self.count)
    }

    fn is_sound(&self, sample: f32) -> bool {
        sample.abs() > self.threshold
    }
}

impl Sink for Trimmed {
    fn write(&mut self, samples: &[f32]) -> Result<()> {
        let before = self.n_in;
        self.n_in += samples.len() as u64;
        let is_sound = |sample: &f32| self.is_sound(*sample);
        let Some(last) = samples.iter().rposition(is_sound) else {
            self.held.push(samples);
            match self.has_sound {
                true => self.held.write_front(self.max_held, self.sink.as_mut())?,
                false => self.held.keep_last(self.kept),
            }
            return Ok(());
        };
        let (through_sound, quiet) = samples.split_at(last + 1);
        let first = through_sound.iter().position(is_sound).unwrap_or(0);
        let start = match std::mem::replace(&mut self.has_sound, true) {
            true => 0,
            false => {
                let lead = self.kept.min(first);
                self.held.keep_last(self.kept - lead);
                let start = first - lead;
                let cut = before + start as u64 - self.held.len() as u64;
                self.count.cut.store(cut, Ordering::SeqCst);
                start
            }
        };
        self.held.write_all(self.sink.as_mut())?;
        self.sink.write(&through_sound[start..])?;
        self.held.push(quiet);
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        self.sink.flush()
    }

    /// Writes 20 ms of the silence that is held back, and finishes the sink even
    /// if that fails.
    fn finish(mut self: Box<Self>) -> Result<()> {
        let written = match self.has_sound {
            true => {
                self.held.keep_first(self.kept);
                self.held.write_all(self.sink.as_mut())
            }
            false => Ok(()),
        };
        written.and(self.sink.finish())
    }
}

/// Quiet samples, in order.
#[derive(Default)]
struct Held(VecDeque<Run>);

enum Run {
    Samples(Vec<f32>),
    /// Only their number.
    Zeros(usize),
}

impl Run {
    fn len(&self) -> usize {
        match self {
            Self::Samples(samples) => samples.len(),
            Self::Zeros(n) => *n,
        }
    }

    fn write(&self, sink: &mut dyn Sink) -> Result<()> {
        match self {
            Self::Samples(samples) => sink.write(samples),
            Self::Zeros(n) => {
                let mut left = *n;
                while left > 0 {
                    let block = left.min(ZEROS.len());
                    sink.write(&ZEROS[..block])?;
                    left -= block;
                }
                Ok(())
            }
        }
    }
}

impl Held {
    fn push(&mut self, samples: &[f32]) {
        let is_silence = samples.iter().all(|sample| *sample == 0.0);
        match (self.0.back_mut(), is_silence) {
            _ if samples.is_empty() => {}
            (Some(Run::Zeros(n)), true) => *n += samples.len(),
            (Some(Run::Samples(held)), false) => held.extend_from_slice(samples),
            (_, true) => self.0.push_back(Run::Zeros(samples.len())),
            (_, false) => self.0.push_back(Run::Samples(samples.to_vec())),
        }
    }

    /// Drops all but the last `n` samples.
    fn keep_last(&mut self, n: usize) {
        let mut surplus = self.len().saturating_sub(n);
        while surplus > 0 {
            let Some(run) = self.0.front_mut() else {
                return;
            };
            let dropped = run.len().min(surplus);
            match run {
                Run::Samples(samples) => drop(samples.drain(..dropped)),
                Run::Zeros(n) => *n -= dropped,
            }
            if run.len() == 0 {
                self.0.pop_front();
            }
            surplus -= dropped;
        }
    }

    /// Drops all but the first `n` samples.
    fn keep_first(&mut self, n: usize) {
        let mut left = n;
        for run in &mut self.0 {
            let kept = run.len().min(left);
            match run {
                Run::Samples(samples) => samples.truncate(kept),
                Run::Zeros(n) => *n = kept,
            }
            left -= kept;
        }
        self.0.retain(|run| run.len() > 0);
    }

    fn len(&self) -> usize {
        self.0.iter().map(Run::len).sum()
    }

    /// Writes the oldest samples until no more than `max` are in memory.
    fn write_front(&mut self, max: usize, sink: &mut dyn Sink) -> Result<()> {
        let in_memory = |run: &Run| match run {
            Run::Samples(samples) => samples.len(),
            Run::Zeros(_) => 0,
        };
        let held: usize = self.0.iter().map(in_memory).sum();
        let mut surplus = held.saturating_sub(max);
        while surplus > 0 {
            match self.0.front_mut() {
                Some(Run::Samples(samples)) if samples.len() > surplus => {
                    sink.write(&samples[..surplus])?;
                    samples.drain(..surplus);
                    return Ok(());
                }
                _ => {
                    let Some(run) = self.0.pop_front() else {
                        return Ok(());
                    };
                    surplus -= in_memory(&run);
                    run.write(sink)?;
                }
            }
        }
        Ok(())
    }

    fn write_all(&mut self, sink: &mut dyn Sink) -> Result<()> {
        self.0.drain(..).try_for_each(|run| run.write(sink))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::sync::{Arc, Mutex};

    const RATE: SampleRate = SampleRate::new(1000).unwrap();
    /// 20 ms at this rate.
    const KEPT_SAMPLES: usize = 20;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<(Vec<f32>, bool)>>);

    impl Sink for Kept {
        fn write(&mut self, samples: &[f32]) -> Result<()> {
            self.0.lock().unwrap().0.extend_from_slice(samples);
            Ok(())
        }

        fn finish(self: Box<Self>) -> Result<()> {
            self.0.lock().unwrap().1 = true;
            Ok(())
        }
    }

    fn trimmed(blocks: &[&[f32]]) -> Vec<f32> {
        let kept = Kept::default();
        let mut sink = Box::new(Trimmed::new(Box::new(kept.clone()), RATE, 0.1));
        for block in blocks {
            sink.write(block).unwrap();
        }
        sink.finish().unwrap();
        let (samples, finished) = kept.0.lock().unwrap().clone();
        assert!(finished);
        samples
    }

    /// The same, of all samples at once.
    fn expected(samples: &[f32]) -> &[f32] {
        let is_sound = |sample: &f32| sample.abs() > 0.1;
        match (
            samples.iter().position(is_sound),
            samples.iter().rposition(is_sound),
        ) {
            (Some(first), Some(last)) => {
                let end = samples.len().min(last + 1 + KEPT_SAMPLES);
                &samples[first.saturating_sub(KEPT_SAMPLES)..end]
            }
            _ => &[],
        }
    }

    #[test]
    fn silence_is_cut_at_both_ends_and_nowhere_else() {
        let quiet = [0.05; 100];
        let spoken: Vec<f32> = [
            &quiet[..],
            &[0.5; 10],
            &[0.0; 9000],
            &quiet,
            &[-0.5; 10],
            &quiet,
        ]
        .concat();
        let found = trimmed(&[&spoken]);
        assert!(found == spoken[80..9240], "{}", found.len());
        assert!(trimmed(&[&quiet, &[0.0; 50], &quiet]).is_empty());
        assert!(trimmed(&[]).is_empty());
        assert_eq!(trimmed(&[&[0.5; 3]]), [0.5; 3], "nothing is added");
    }

    #[test]
    fn the_end_that_is_held_back_is_bounded() {
        let kept = Kept::default();
        let mut sink = Box::new(Trimmed::new(Box::new(kept.clone()), RATE, 0.1));
        sink.write(&[0.5]).unwrap();
        for _ in 0..3600 {
            sink.write(&[0.0; 1000]).unwrap();
        }
        assert_eq!(sink.held.0.len(), 1, "a run of zeros is one number");
        assert_eq!(kept.0.lock().unwrap().0.len(), 1);
        sink.held = Held::default();
        for _ in 0..100 {
            sink.write(&[0.01; 1000]).unwrap();
            assert!(sink.held.len() <= 5000);
        }
        assert!(
            kept.0.lock().unwrap().0.len() >= 95_000,
            "the rest is not lost"
        );
    }

    #[test]
    fn of_a_long_quiet_end_the_last_five_seconds_are_trimmed() {
        let quiet: Vec<f32> = (0..7500_u16)
            .map(|n| f32::from(1 + n % 90) / 1000.0)
            .collect();
        for block in [1, 1000, 7500] {
            let mut blocks = vec![&[0.5][..]];
            blocks.extend(quiet.chunks(block));
            let found = trimmed(&blocks);
            assert_eq!(found.len(), 1 + 2500 + KEPT_SAMPLES, "{block}");
            assert!(found[1..] == quiet[..2500 + KEPT_SAMPLES]);
        }
    }

    #[test]
    fn a_sound_is_written_at_once() {
        let kept = Kept::default();
        let mut sink = Trimmed::new(Box::new(kept.clone()), RATE, 0.1);
        sink.write(&[0.0; 500]).unwrap();
        sink.write(&[0.5; 7]).unwrap();
        assert_eq!(kept.0.lock().unwrap().0.len(), KEPT_SAMPLES + 7);
    }

    proptest! {
        #[test]
        fn the_blocks_do_not_matter(
            runs in proptest::collection::vec(
                (prop_oneof![Just(0.0f32), Just(0.05), Just(0.5), Just(-0.3)], 0usize..60),
                0..12,
            ),
            block in 1usize..100,
        ) {
            let samples: Vec<f32> = runs
                .iter()
                .flat_map(|(value, length)| std::iter::repeat_n(*value, *length))
                .collect();
            let blocks: Vec<_> = samples.chunks(block).collect();
            prop_assert_eq!(&trimmed(&blocks)[..], expected(&samples));
        }
    }
}
