//! The samples between a writer that may wait and a callback that may not.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use rtrb::{Consumer, Producer, RingBuffer};

use crate::audio::SampleRate;
use crate::error::Cause;
use crate::{CancelToken, Error, Result};

/// How long a waiting writer sleeps at most before it looks again for room
/// and for a failed device. A cancelled run wakes it at once.
const MAX_WAIT: Duration = Duration::from_millis(10);

/// No device holds more than this; one that says so has a broken clock.
const MAX_LATENCY: Duration = Duration::from_secs(10);

/// Stands for a time that is not known.
const UNKNOWN: u64 = u64::MAX;

/// Returns the two ends of a ring for `capacity` samples of `rate`, played by
/// `device`, which is named in errors.
pub(super) fn feed(
    capacity: usize,
    rate: SampleRate,
    device: String,
    cancel: CancelToken,
) -> (Feed, Drain) {
    let (producer, consumer) = RingBuffer::new(capacity.max(1));
    let shared = Arc::new(Shared {
        epoch: Instant::now(),
        ended: AtomicBool::new(false),
        heard_at_ns: AtomicU64::new(UNKNOWN),
        failure: OnceLock::new(),
    });
    let drain = Drain {
        ring: consumer,
        shared: Arc::clone(&shared),
        cancel: cancel.clone(),
        rate,
        n_silent: 0,
    };
    let feed = Feed {
        ring: producer,
        shared,
        cancel,
        device,
    };
    (feed, drain)
}

struct Shared {
    epoch: Instant,
    /// Set when the writer has written its last sample.
    ended: AtomicBool,
    /// When the last sample will have been heard, since `epoch`.
    heard_at_ns: AtomicU64,
    /// Why the device failed. The callback does not touch it.
    failure: OnceLock<Cause>,
}

/// Takes the failure of a device, from any thread.
#[derive(Clone)]
pub(super) struct FailureSlot(Arc<Shared>);

impl FailureSlot {
    /// Keeps the first failure.
    pub(super) fn set(&self, cause: impl Into<Cause>) {
        let _ = self.0.failure.set(cause.into());
    }
}

/// The writer's end.
pub(super) struct Feed {
    ring: Producer<f32>,
    shared: Arc<Shared>,
    cancel: CancelToken,
    device: String,
}

impl Feed {
    /// Returns where the device's error callback reports.
    pub(super) fn failure_slot(&self) -> FailureSlot {
        FailureSlot(Arc::clone(&self.shared))
    }

    /// Takes as many of `samples` as there is room for; returns the rest.
    pub(super) fn offer<'a>(&mut self, samples: &'a [f32]) -> &'a [f32] {
        self.ring.push_partial_slice(samples).1
    }

    /// Takes all of `samples`, as fast as the device plays.
    pub(super) fn push(&mut self, mut samples: &[f32]) -> Result<()> {
        if samples.is_empty() {
            return self.check();
        }
        let cancel = self.cancel.clone();
        let _wake = cancel.on_cancel(unpark_this_thread());
        loop {
            self.check()?;
            samples = self.offer(samples);
            if samples.is_empty() {
                return Ok(());
            }
            thread::park_timeout(MAX_WAIT);
        }
    }

    /// Waits until the device has played everything that was pushed.
    pub(super) fn wait_until_heard(&self) -> Result<()> {
        self.shared.ended.store(true, Ordering::Release);
        let _wake = self.cancel.on_cancel(unpark_this_thread());
        loop {
            let left = self.shared.time_left();
            if left == Some(Duration::ZERO) {
                return Ok(());
            }
            self.check()?;
            thread::park_timeout(left.map_or(MAX_WAIT, |left| left.min(MAX_WAIT)));
        }
    }

    fn check(&self) -> Result<()> {
        if self.cancel.is_cancelled() {
            return Err(Error::Cancelled);
        }
        if let Some(cause) = self.shared.failure.get() {
            return Err(self.failed(cause.to_string()));
        }
        if self.ring.is_abandoned() {
            return Err(self.failed("the sound system closed the stream".to_owned()));
        }
        Ok(())
    }

    fn failed(&self, message: String) -> Error {
        Error::Device {
            device: self.device.clone(),
            source: message.into(),
        }
    }
}

fn unpark_this_thread() -> impl Fn() + Send + 'static {
    let writer = thread::current();
    move || writer.unpark()
}

impl Shared {
    /// Returns how long until the last sample has been heard.
    fn time_left(&self) -> Option<Duration> {
        let heard_at_ns = self.heard_at_ns.load(Ordering::Acquire);
        (heard_at_ns != UNKNOWN)
            .then(|| Duration::from_nanos(heard_at_ns).saturating_sub(self.epoch.elapsed()))
    }
}

/// The callback's end: nothing here locks, waits, allocates or frees.
pub(super) struct Drain {
    ring: Consumer<f32>,
    shared: Arc<Shared>,
    cancel: CancelToken,
    rate: SampleRate,
    /// Frames without a sample since the last one with.
    n_silent: u64,
}

impl Drain {
    /// Fills `frames`, `n_channels` long each, which are silence when it gets
    /// them; `latency` is how long until the first of them is heard.
    ///
    /// What the writer has not delivered stays silent, as does everything
    /// after a cancel.
    pub(super) fn fill<T: Copy>(
        &mut self,
        frames: &mut [T],
        n_channels: usize,
        latency: Duration,
        convert: impl Fn(f32) -> T,
    ) {
        if self.cancel.is_cancelled() {
            return;
        }
        // Before the ring is read: what was pushed before the end is then seen.
        let ended = self.shared.ended.load(Ordering::Acquire);
        let n_frames = frames.len() / n_channels;
        let n_ready = self.ring.slots().min(n_frames);
        let ready = self.ring.read_chunk(n_ready);
        for (frame, sample) in frames
            .chunks_exact_mut(n_channels)
            .zip(ready.into_iter().flatten())
        {
            frame.fill(convert(sample));
        }
        let n_silent = (n_frames - n_ready) as u64;
        self.n_silent = if n_ready > 0 {
            n_silent
        } else {
            self.n_silent + n_silent
        };
        if ended && self.ring.is_empty() {
            self.note_the_end(n_frames as u64, latency);
        }
    }

    /// Says when the last sample will have been heard. Every callback says it
    /// anew, since a device's latency settles only once it runs.
    fn note_the_end(&self, n_frames: u64, latency: Duration) {
        let silence = |n_frames| crate::audio::duration_of(n_frames, self.rate);
        let all_heard = self.shared.epoch.elapsed() + latency.min(MAX_LATENCY) + silence(n_frames);
        let last_heard = all_heard.saturating_sub(silence(self.n_silent));
        let ns = u64::try_from(last_heard.as_nanos()).unwrap_or(UNKNOWN - 1);
        self.shared.heard_at_ns.store(ns, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;

    const RATE: SampleRate = SampleRate::new(1000).unwrap();

    fn ends(capacity: usize) -> (Feed, Drain, CancelToken) {
        let cancel = CancelToken::new();
        let (feed, drain) = feed(capacity, RATE, "speaker".to_owned(), cancel.clone());
        (feed, drain, cancel)
    }

    fn ramp(n_samples: usize) -> Vec<f32> {
        (1..=n_samples).map(|i| i as f32).collect()
    }

    fn drained(drain: &mut Drain, n_frames: usize, n_channels: usize) -> Vec<f32> {
        let mut frames = vec![0.0; n_frames * n_channels];
        drain.fill(&mut frames, n_channels, Duration::ZERO, |sample| sample);
        frames
    }

    #[test]
    fn every_channel_gets_each_sample_and_the_rest_is_silence() {
        let (mut feed, mut drain, _) = ends(10);
        assert!(feed.offer(&ramp(3)).is_empty());
        assert_eq!(drained(&mut drain, 2, 2), [1.0, 1.0, 2.0, 2.0]);
        assert_eq!(drained(&mut drain, 2, 3), [3.0, 3.0, 3.0, 0.0, 0.0, 0.0]);
    }

    #[test]
    fn a_writer_is_never_further_ahead_than_the_ring_is_long() {
        let (mut feed, mut drain, _) = ends(100);
        let n_pushed = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&n_pushed);
        let writer = thread::spawn(move || {
            for sample in ramp(5000).chunks(7) {
                feed.push(sample).unwrap();
                counted.fetch_add(sample.len(), Ordering::SeqCst);
            }
        });
        let mut heard = Vec::new();
        while heard.len() < 5000 {
            let ahead = n_pushed.load(Ordering::SeqCst).saturating_sub(heard.len());
            assert!(ahead <= 100, "{ahead} samples ahead");
            heard.extend(drained(&mut drain, 64, 1).into_iter().filter(|s| *s != 0.0));
        }
        writer.join().unwrap();
        assert_eq!(heard, ramp(5000));
    }

    #[test]
    fn a_cancel_wakes_the_writer_and_silences_the_device() {
        let (mut feed, mut drain, cancel) = ends(10);
        let writer = thread::spawn(move || {
            let pushed = feed.push(&ramp(100));
            let heard = feed.wait_until_heard();
            (pushed, heard, Instant::now())
        });
        let cancelled = Instant::now();
        cancel.cancel();
        let (pushed, heard, returned) = writer.join().unwrap();
        assert!(matches!(pushed, Err(Error::Cancelled)), "{pushed:?}");
        assert!(matches!(heard, Err(Error::Cancelled)), "{heard:?}");
        let late = returned.saturating_duration_since(cancelled);
        assert!(late < Duration::from_millis(50), "{late:?}");
        assert_eq!(drained(&mut drain, 3, 1), [0.0; 3]);
    }

    #[test]
    fn a_failed_device_ends_the_wait_and_is_named_every_time() {
        let (mut feed, _drain, _) = ends(10);
        let slot = feed.failure_slot();
        let writer = thread::spawn(move || {
            (
                feed.push(&ramp(100)),
                feed.push(&[]),
                feed.wait_until_heard(),
            )
        });
        slot.set("unplugged");
        slot.set("and then some");
        let (first, second, third) = writer.join().unwrap();
        for failed in [first, second, third] {
            let error = failed.unwrap_err();
            assert_eq!(error.to_string(), "sound device `speaker` failed");
            let source = std::error::Error::source(&error).unwrap();
            assert_eq!(source.to_string(), "unplugged");
        }
    }

    #[test]
    fn a_stream_that_is_gone_ends_the_wait() {
        let (mut feed, drain, _) = ends(10);
        let writer = thread::spawn(move || feed.push(&ramp(100)));
        drop(drain);
        let pushed = writer.join().unwrap();
        assert!(matches!(pushed, Err(Error::Device { .. })), "{pushed:?}");
    }

    #[test]
    fn the_end_is_when_the_last_sample_has_left_the_device() {
        const LATENCY: Duration = Duration::from_millis(60);
        let (mut feed, mut drain, _) = ends(100);
        feed.push(&ramp(30)).unwrap();
        feed.shared.ended.store(true, Ordering::Release);
        assert_eq!(feed.shared.time_left(), None);

        // 20 of the 30 frames: the end is not in sight.
        let mut frames = [0.0; 20];
        drain.fill(&mut frames, 1, LATENCY, |sample| sample);
        assert_eq!(feed.shared.time_left(), None);

        // The last 10 come first in a callback of 20, then 20 of silence that
        // the device hears 60 ms later: by then the sound was 20 ms ago.
        let start = Instant::now();
        drain.fill(&mut frames, 1, LATENCY, |sample| sample);
        let left = feed.shared.time_left().unwrap();
        assert!(left <= LATENCY + Duration::from_millis(10), "{left:?}");
        drain.fill(&mut frames, 1, LATENCY, |sample| sample);
        let left = feed.shared.time_left().unwrap();
        assert!(left <= LATENCY - Duration::from_millis(10), "{left:?}");

        feed.wait_until_heard().unwrap();
        let waited = start.elapsed();
        assert!(waited >= LATENCY - Duration::from_millis(10), "{waited:?}");
        assert!(waited < Duration::from_secs(1), "{waited:?}");
    }

    #[test]
    fn a_broken_clock_does_not_wait_for_ever() {
        let (mut feed, mut drain, _) = ends(100);
        feed.push(&ramp(1)).unwrap();
        feed.shared.ended.store(true, Ordering::Release);
        drain.fill(&mut [0.0; 2], 1, Duration::MAX, |sample| sample);
        assert!(feed.shared.time_left().unwrap() <= MAX_LATENCY + Duration::from_millis(1));
    }
}
