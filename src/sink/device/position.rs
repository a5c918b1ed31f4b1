//! How much of the sound was heard.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

#[cfg(feature = "playback")]
use super::anchors::{Anchor, Anchors};
use super::anchors::{SharedAnchors, ns_of, scale};
use crate::audio::SampleRate;

/// The value for an unknown time.
const UNKNOWN: u64 = u64::MAX;

/// How much of its samples a [`DeviceSink`](super::DeviceSink) has played, for
/// programs that show what is being heard.
///
/// What waits in a buffer, here or in the device, is not heard yet. Gaps, and the
/// time before the sound, are not counted. Samples are those that were written to the
/// sink, whatever rate the device has. If the sound is cancelled, the position
/// stays where it stopped.
///
/// Clones are the same position, for any thread: reading it neither locks nor waits. The
/// device records it from the first time that it is read; before, that costs nothing.
#[derive(Debug, Clone)]
pub struct PlaybackPosition(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    epoch: Instant,
    device_rate: SampleRate,
    rate: SampleRate,
    /// How many samples were written to the sink.
    written: AtomicU64,
    /// Whether somebody reads the position: otherwise it is not recorded.
    is_read: AtomicBool,
    anchors: SharedAnchors,
    /// When the sound was stopped.
    stopped_at_ns: AtomicU64,
    /// The highest position that was read: it never goes back.
    highest: AtomicU64,
}

impl PlaybackPosition {
    /// Returns the position of a sink for samples of `rate`, none of which was played.
    #[cfg(feature = "playback")]
    pub(super) fn new(device_rate: SampleRate, rate: SampleRate) -> Self {
        Self(Arc::new(Shared {
            epoch: Instant::now(),
            device_rate,
            rate,
            written: AtomicU64::new(0),
            is_read: AtomicBool::new(false),
            anchors: SharedAnchors::default(),
            stopped_at_ns: AtomicU64::new(UNKNOWN),
            highest: AtomicU64::new(0),
        }))
    }

    /// Returns how many samples were heard.
    pub fn samples(&self) -> u64 {
        self.samples_at(self.0.now_ns())
    }

    /// Returns the time until a sample, counted from 0, is heard, if there is no gap
    /// before it; zero if it was heard. A sample that was not written yet comes
    /// later than this.
    pub fn time_until(&self, sample: u64) -> Duration {
        self.time_until_at(sample, self.0.now_ns())
    }

    /// Returns the rate of the samples.
    pub fn rate(&self) -> SampleRate {
        self.0.rate
    }

    /// Notes that samples were written to the sink.
    pub(super) fn add_written(&self, samples: usize) {
        self.0.written.fetch_add(samples as u64, Ordering::Relaxed);
    }

    /// Notes that all samples were played.
    pub(super) fn complete(&self) {
        let written = self.0.written.load(Ordering::Relaxed);
        self.0.highest.fetch_max(written, Ordering::Relaxed);
        self.stop();
    }

    /// Notes that nothing more is heard.
    pub(super) fn stop(&self) {
        self.stop_at(self.0.now_ns());
    }

    fn stop_at(&self, now_ns: u64) {
        let stopped = &self.0.stopped_at_ns;
        // The first time counts.
        _ = stopped.compare_exchange(UNKNOWN, now_ns, Ordering::Relaxed, Ordering::Relaxed);
    }

    fn samples_at(&self, now_ns: u64) -> u64 {
        let shared = &*self.0;
        if !shared.is_read.load(Ordering::Relaxed) {
            shared.is_read.store(true, Ordering::Relaxed);
        }
        let now_ns = now_ns.min(shared.stopped_at_ns.load(Ordering::Relaxed));
        let heard = shared.anchors.load().heard(now_ns, shared.device_rate);
        // Rounded: a device of a lower rate may seem to have played more than there is.
        let samples = scale(heard, shared.rate.get(), shared.device_rate.get())
            .min(shared.written.load(Ordering::Relaxed));
        let before = shared.highest.fetch_max(samples, Ordering::Relaxed);
        before.max(samples)
    }

    fn time_until_at(&self, sample: u64, now_ns: u64) -> Duration {
        let shared = &*self.0;
        if self.samples_at(now_ns) > sample {
            return Duration::ZERO;
        }
        let (rate, device_rate) = (shared.rate.get(), shared.device_rate.get());
        let heard = scale(sample.saturating_add(1), device_rate, rate);
        let due_ns = shared
            .anchors
            .load()
            .time_of(heard, now_ns, shared.device_rate);
        // At least the time of a sample: it was not heard yet.
        let sample_ns = ns_of(1, shared.rate);
        Duration::from_nanos(due_ns.saturating_sub(now_ns).max(sample_ns))
    }
}

impl Shared {
    fn now_ns(&self) -> u64 {
        u64::try_from(self.epoch.elapsed().as_nanos()).unwrap_or(UNKNOWN - 1)
    }
}

/// Records the position. Nothing here locks, waits, allocates or frees.
#[cfg(feature = "playback")]
pub(super) struct PositionRecorder {
    position: PlaybackPosition,
    anchors: Anchors,
    /// How many samples the device got.
    samples: u64,
}

#[cfg(feature = "playback")]
impl PositionRecorder {
    pub(super) fn new(position: PlaybackPosition) -> Self {
        Self {
            position,
            anchors: Anchors::default(),
            samples: 0,
        }
    }

    /// Returns the rate of the device.
    pub(super) fn device_rate(&self) -> SampleRate {
        self.position.0.device_rate
    }

    /// Notes that the device got samples. It tells how long it will take until the
    /// last of them was heard; it is asked only if somebody reads the position.
    pub(super) fn record(&mut self, samples: usize, heard_in: impl FnOnce() -> Duration) {
        if samples == 0 {
            return;
        }
        self.samples += samples as u64;
        if self.position.0.is_read.load(Ordering::Relaxed) {
            let heard_in_ns = u64::try_from(heard_in().as_nanos()).unwrap_or(UNKNOWN / 2);
            let now_ns = self.position.0.now_ns();
            self.record_at(now_ns.saturating_add(heard_in_ns));
        }
    }

    fn record_at(&mut self, at_ns: u64) {
        let samples = self.samples;
        self.anchors
            .push(Anchor { samples, at_ns }, self.device_rate());
        self.position.0.anchors.publish(self.anchors);
    }
}

#[cfg(test)]
#[cfg(feature = "playback")]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;
    /// A sample is a millisecond.
    const RATE: SampleRate = SampleRate::new(1000).unwrap();

    fn recorder(device_rate_hz: u32) -> (PlaybackPosition, PositionRecorder) {
        let device_rate = SampleRate::new(device_rate_hz).unwrap();
        let position = PlaybackPosition::new(device_rate, RATE);
        (position.clone(), PositionRecorder::new(position))
    }

    impl PositionRecorder {
        /// The device got samples, which will all have been heard at `at_ms`.
        fn got(&mut self, samples: u64, at_ms: u64) {
            self.samples += samples;
            self.position.add_written(samples as usize);
            self.record_at(at_ms * MS);
        }
    }

    fn samples_at<const N: usize>(position: &PlaybackPosition, times_ms: [u64; N]) -> [u64; N] {
        times_ms.map(|ms| position.samples_at(ms * MS))
    }

    fn time_until_ms(position: &PlaybackPosition, sample: u64, now_ms: u64) -> u64 {
        position.time_until_at(sample, now_ms * MS).as_millis() as u64
    }

    #[test]
    fn what_waits_in_the_device_is_not_heard() {
        let (position, mut recorder) = recorder(1000);
        assert_eq!(samples_at(&position, [0, 50]), [0, 0]);
        assert_eq!(time_until_ms(&position, 0, 50), 1);
        assert_eq!(time_until_ms(&position, 99, 50), 100);
        // At 100 ms the device got 20 samples, which it plays after 300 ms.
        recorder.got(20, 420);
        assert_eq!(
            samples_at(&position, [100, 400, 401, 410, 420]),
            [0, 0, 1, 10, 20]
        );
        assert_eq!(samples_at(&position, [9000]), [20], "there are no more");
        assert_eq!(time_until_ms(&position, 19, 100), 0);
        let (position, mut recorder) = self::recorder(1000);
        recorder.got(20, 420);
        assert_eq!(time_until_ms(&position, 0, 100), 301);
        assert_eq!(time_until_ms(&position, 19, 100), 320);
        assert_eq!(time_until_ms(&position, 29, 100), 330, "if no gap comes");
        assert_eq!(time_until_ms(&position, 19, 430), 0);
        assert_eq!(time_until_ms(&position, 20, 430), 1, "it is late");
    }

    #[test]
    fn a_gap_is_not_counted_even_before_it_is_heard() {
        let (position, mut recorder) = recorder(1000);
        recorder.got(100, 400);
        // 50 ms of silence, then 100 samples: known before the first are heard.
        recorder.got(100, 550);
        assert_eq!(samples_at(&position, [300, 301, 350, 400]), [0, 1, 50, 100]);
        assert_eq!(samples_at(&position, [420, 450]), [100, 100]);
        assert_eq!(samples_at(&position, [451, 500, 550]), [101, 150, 200]);
        // The same without reading in between, and the times.
        let (position, mut recorder) = self::recorder(1000);
        recorder.got(100, 400);
        recorder.got(60, 510);
        recorder.got(40, 550);
        assert_eq!(samples_at(&position, [350]), [50]);
        assert_eq!(time_until_ms(&position, 99, 350), 50);
        assert_eq!(time_until_ms(&position, 100, 350), 101);
        assert_eq!(time_until_ms(&position, 199, 350), 200);
    }

    #[test]
    fn a_clock_that_trembles_makes_no_gap_and_never_goes_back() {
        let (position, mut recorder) = recorder(1000);
        for (n, tremble) in (1..100).zip([0, 7, 2, 9, 0].into_iter().cycle()) {
            recorder.got(10, 300 + 10 * n + tremble);
            let before = position.samples_at((290 + 10 * n) * MS);
            assert!(position.samples_at((290 + 10 * n) * MS) >= before);
        }
        assert_eq!(recorder.anchors.before_gap.samples, 0, "only the start");
        assert_eq!(position.samples_at(9000 * MS), 990);
    }

    #[test]
    fn samples_are_counted_at_the_rate_at_which_they_were_written() {
        for device_rate_hz in [8000, 48_000, 442] {
            let (position, mut recorder) = recorder(device_rate_hz);
            recorder.got(u64::from(device_rate_hz), 1500);
            position.0.written.store(1000, Ordering::Relaxed);
            assert_eq!(samples_at(&position, [1000, 1500]), [500, 1000]);
            assert_eq!(time_until_ms(&position, 500, 1000), 0);
        }
    }

    #[test]
    fn a_sound_that_was_stopped_stays_where_it_was() {
        let (position, mut recorder) = recorder(1000);
        recorder.got(100, 400);
        position.stop_at(350 * MS);
        position.stop_at(390 * MS);
        assert_eq!(samples_at(&position, [360, 500]), [50, 50]);
        let (position, _) = self::recorder(1000);
        position.add_written(123);
        position.complete();
        assert_eq!(position.samples(), 123);
        assert_eq!(position.time_until(122), Duration::ZERO);
    }

    #[test]
    fn nothing_is_asked_of_the_device_unless_the_position_is_read() {
        let (position, mut recorder) = recorder(1000);
        recorder.record(10, || panic!("asked"));
        assert_eq!(position.0.anchors.load(), Anchors::default());
        assert_eq!(position.samples(), 0);
        recorder.record(0, || panic!("asked"));
        recorder.record(10, || Duration::ZERO);
        assert_eq!(position.0.anchors.load().latest.samples, 20);
    }
}
