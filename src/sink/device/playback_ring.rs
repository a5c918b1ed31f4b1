//! The ring of samples between a writer, which may wait, and the device's
//! callback, which may not.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use rtrb::{Consumer, Producer, RingBuffer};

use super::position::PositionRecorder;
use crate::audio::duration_of;
use crate::error::Cause;
use crate::{CancelToken, Error, Result};

/// How long a waiting writer sleeps at most before it checks again for room
/// and for a failed device. A cancel wakes it at once.
const MAX_WAIT: Duration = Duration::from_millis(10);

/// No device holds more than this; one that reports more has a broken clock.
const MAX_LATENCY: Duration = Duration::from_secs(10);

/// The value for an unknown time.
const UNKNOWN: u64 = u64::MAX;

/// Returns the two ends of a ring for `capacity` samples of the device's rate; `device`
/// is the device's name in errors.
pub(super) fn playback_ring(
    capacity: usize,
    recorder: PositionRecorder,
    device: String,
    cancel: CancelToken,
) -> (RingWriter, RingReader) {
    let (producer, consumer) = RingBuffer::new(capacity.max(1));
    let shared = Arc::new(Shared {
        epoch: Instant::now(),
        ended: AtomicBool::new(false),
        played_at_ns: AtomicU64::new(UNKNOWN),
        failure: OnceLock::new(),
    });
    let reader = RingReader {
        ring: consumer,
        shared: Arc::clone(&shared),
        cancel: cancel.clone(),
        recorder,
        n_silent: 0,
    };
    let writer = RingWriter {
        ring: producer,
        shared,
        cancel,
        device,
    };
    (writer, reader)
}

struct Shared {
    epoch: Instant,
    /// Set after the writer has written its last sample.
    ended: AtomicBool,
    /// When the last sample will have been played, counted from `epoch`.
    played_at_ns: AtomicU64,
    /// Why the device failed. The callback does not touch it.
    failure: OnceLock<Cause>,
}

/// Keeps the failure of a device; any thread may set it.
#[derive(Clone)]
pub(super) struct FailureSlot(Arc<Shared>);

impl FailureSlot {
    /// Keeps the first failure.
    pub(super) fn set(&self, cause: impl Into<Cause>) {
        let _ = self.0.failure.set(cause.into());
    }
}

/// The writer's end.
pub(super) struct RingWriter {
    ring: Producer<f32>,
    shared: Arc<Shared>,
    cancel: CancelToken,
    device: String,
}

impl RingWriter {
    /// Returns the slot for the device's error callback.
    pub(super) fn failure_slot(&self) -> FailureSlot {
        FailureSlot(Arc::clone(&self.shared))
    }

    /// Takes as many samples as there is room for; returns the rest.
    pub(super) fn offer<'a>(&mut self, samples: &'a [f32]) -> &'a [f32] {
        self.ring.push_partial_slice(samples).1
    }

    /// Takes all samples, as fast as the device plays.
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

    /// Waits until the device has played every sample.
    pub(super) fn wait_until_played(&self) -> Result<()> {
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
    /// Returns the time until the last sample has been played.
    fn time_left(&self) -> Option<Duration> {
        let played_at_ns = self.played_at_ns.load(Ordering::Acquire);
        (played_at_ns != UNKNOWN)
            .then(|| Duration::from_nanos(played_at_ns).saturating_sub(self.epoch.elapsed()))
    }
}

/// The callback's end: nothing here locks, waits, allocates or frees.
pub(super) struct RingReader {
    ring: Consumer<f32>,
    shared: Arc<Shared>,
    cancel: CancelToken,
    recorder: PositionRecorder,
    /// Silent frames since the last sample.
    n_silent: u64,
}

impl RingReader {
    /// Fills `frames`, which are silent before and have `n_channels` samples
    /// each. The first of them is heard after `latency`.
    ///
    /// Frames for which there is no sample stay silent, and all frames after a
    /// cancel.
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
        // Before the ring is read, so that all samples before the end are in it.
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
        let latency = latency.min(MAX_LATENCY);
        let rate = self.recorder.device_rate();
        self.recorder
            .record(n_ready, || latency + duration_of(n_ready as u64, rate));
        if ended && self.ring.is_empty() {
            self.record_end(n_frames as u64, latency);
        }
    }

    /// Records when the last sample will have been played. Every callback does
    /// so again, because a device's latency settles only while it plays.
    fn record_end(&self, n_frames: u64, latency: Duration) {
        let silence = |n_frames| duration_of(n_frames, self.recorder.device_rate());
        let all_played = self.shared.epoch.elapsed() + latency + silence(n_frames);
        let last_played = all_played.saturating_sub(silence(self.n_silent));
        let ns = u64::try_from(last_played.as_nanos()).unwrap_or(UNKNOWN - 1);
        self.shared.played_at_ns.store(ns, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::super::position::PlaybackPosition;
    use super::*;
    use crate::audio::SampleRate;
    use std::sync::atomic::AtomicUsize;

    const RATE: SampleRate = SampleRate::new(1000).unwrap();

    fn ends(capacity: usize) -> (RingWriter, RingReader, CancelToken) {
        let cancel = CancelToken::new();
        let recorder = PositionRecorder::new(PlaybackPosition::new(RATE, RATE));
        let (writer, reader) =
            playback_ring(capacity, recorder, "speaker".to_owned(), cancel.clone());
        (writer, reader, cancel)
    }

    fn ramp(n_samples: usize) -> Vec<f32> {
        (1..=n_samples).map(|i| i as f32).collect()
    }

    fn read(reader: &mut RingReader, n_frames: usize, n_channels: usize) -> Vec<f32> {
        let mut frames = vec![0.0; n_frames * n_channels];
        reader.fill(&mut frames, n_channels, Duration::ZERO, |sample| sample);
        frames
    }

    #[test]
    fn every_channel_gets_each_sample_and_the_rest_is_silence() {
        let (mut ring, mut reader, _) = ends(10);
        assert!(ring.offer(&ramp(3)).is_empty());
        assert_eq!(read(&mut reader, 2, 2), [1.0, 1.0, 2.0, 2.0]);
        assert_eq!(read(&mut reader, 2, 3), [3.0, 3.0, 3.0, 0.0, 0.0, 0.0]);
    }

    #[test]
    fn a_writer_is_never_further_ahead_than_the_ring_is_long() {
        let (mut ring, mut reader, _) = ends(100);
        let n_pushed = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&n_pushed);
        let writer = thread::spawn(move || {
            for sample in ramp(5000).chunks(7) {
                ring.push(sample).unwrap();
                counted.fetch_add(sample.len(), Ordering::SeqCst);
            }
        });
        let mut heard = Vec::new();
        while heard.len() < 5000 {
            let ahead = n_pushed.load(Ordering::SeqCst).saturating_sub(heard.len());
            assert!(ahead <= 100, "{ahead} samples ahead");
            heard.extend(read(&mut reader, 64, 1).into_iter().filter(|s| *s != 0.0));
        }
        writer.join().unwrap();
        assert_eq!(heard, ramp(5000));
    }

    #[test]
    fn a_cancel_stops_the_writer_and_silences_the_device() {
        let (mut ring, mut reader, cancel) = ends(10);
        let writer = thread::spawn(move || {
            let pushed = ring.push(&ramp(100));
            (pushed, ring.wait_until_played())
        });
        cancel.cancel();
        let (pushed, played) = writer.join().unwrap();
        assert!(matches!(pushed, Err(Error::Cancelled)), "{pushed:?}");
        assert!(matches!(played, Err(Error::Cancelled)), "{played:?}");
        assert_eq!(read(&mut reader, 3, 1), [0.0; 3]);
    }

    #[test]
    fn a_failed_device_ends_the_wait_and_is_named_in_every_error() {
        let (mut ring, _reader, _) = ends(10);
        let slot = ring.failure_slot();
        let writer = thread::spawn(move || {
            (
                ring.push(&ramp(100)),
                ring.push(&[]),
                ring.wait_until_played(),
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
    fn a_closed_stream_ends_the_wait() {
        let (mut ring, reader, _) = ends(10);
        let writer = thread::spawn(move || ring.push(&ramp(100)));
        drop(reader);
        let pushed = writer.join().unwrap();
        assert!(matches!(pushed, Err(Error::Device { .. })), "{pushed:?}");
    }

    #[test]
    fn the_end_is_when_the_device_has_played_the_last_sample() {
        const LATENCY: Duration = Duration::from_millis(60);
        let (mut ring, mut reader, _) = ends(100);
        ring.push(&ramp(30)).unwrap();
        ring.shared.ended.store(true, Ordering::Release);
        assert_eq!(ring.shared.time_left(), None);

        // 20 of the 30 frames: the end is not known yet.
        let mut frames = [0.0; 20];
        reader.fill(&mut frames, 1, LATENCY, |sample| sample);
        assert_eq!(ring.shared.time_left(), None);

        // A callback with the last 10 frames and 10 silent ones, then one with
        // 20 silent frames, at whose end the sound will be over for 30 ms.
        reader.fill(&mut frames, 1, LATENCY, |sample| sample);
        let left = ring.shared.time_left().unwrap();
        assert!(left <= LATENCY + Duration::from_millis(10), "{left:?}");
        reader.fill(&mut frames, 1, LATENCY, |sample| sample);
        let left = ring.shared.time_left().unwrap();
        assert!(left <= LATENCY - Duration::from_millis(10), "{left:?}");

        ring.wait_until_played().unwrap();
        assert_eq!(ring.shared.time_left(), Some(Duration::ZERO));
    }

    #[test]
    fn a_wrong_latency_does_not_wait_for_ever() {
        let (mut ring, mut reader, _) = ends(100);
        ring.push(&ramp(1)).unwrap();
        ring.shared.ended.store(true, Ordering::Release);
        reader.fill(&mut [0.0; 2], 1, Duration::MAX, |sample| sample);
        assert!(ring.shared.time_left().unwrap() <= MAX_LATENCY + Duration::from_millis(1));
    }
}
