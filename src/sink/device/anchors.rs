//! When the samples that a device got are heard.
//!
//! Who gives samples to a device knows when it will have played them. That is an
//! *anchor*: so many samples will have been heard at this time. What is heard at any
//! other time follows from it.

use std::sync::atomic::{AtomicU64, Ordering, fence};

use crate::audio::SampleRate;

/// A sample that comes so much later than the one before it follows a gap, and not
/// a clock that was read at another moment.
#[cfg(feature = "playback")]
const MIN_GAP_NS: u64 = 10_000_000;

/// So many of the device's samples will have been heard at this time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Anchor {
    pub(super) samples: u64,
    /// In nanoseconds.
    pub(super) at_ns: u64,
}

/// The anchors that tell what is heard in the time between writing and hearing. A gap in
/// it is known; of several gaps, only the last one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Anchors {
    /// The last sample that the device got.
    pub(super) latest: Anchor,
    /// The last sample before the last gap.
    pub(super) before_gap: Anchor,
}

/// Anchors that one thread writes while others read. Neither ever waits.
#[derive(Debug, Default)]
pub(super) struct SharedAnchors {
    /// How many times anchors were published. They are in the slot of this number;
    /// the next ones are written to the other slot.
    published: AtomicU64,
    slots: [Slot; 2],
}

#[derive(Debug, Default)]
struct Slot([AtomicU64; 4]);

impl SharedAnchors {
    /// Returns the anchors that were published last.
    pub(super) fn load(&self) -> Anchors {
        loop {
            let published = self.published.load(Ordering::Acquire);
            let anchors = self.slot(published).load();
            // Pairs with the fence of the writer: if this slot was being written to
            // again, the number has changed.
            fence(Ordering::Acquire);
            if self.published.load(Ordering::Relaxed) == published {
                return anchors;
            }
        }
    }

    /// Publishes anchors. Only one thread may do so.
    #[cfg(feature = "playback")]
    pub(super) fn publish(&self, anchors: Anchors) {
        let published = self.published.load(Ordering::Relaxed);
        fence(Ordering::Release);
        self.slot(published + 1).store(anchors);
        self.published.store(published + 1, Ordering::Release);
    }

    fn slot(&self, published: u64) -> &Slot {
        &self.slots[(published % 2) as usize]
    }
}

impl Slot {
    fn load(&self) -> Anchors {
        let [samples, at_ns, gap_samples, gap_at_ns] =
            [0, 1, 2, 3].map(|i| self.0[i].load(Ordering::Relaxed));
        Anchors {
            latest: Anchor { samples, at_ns },
            before_gap: Anchor {
                samples: gap_samples,
                at_ns: gap_at_ns,
            },
        }
    }

    #[cfg(feature = "playback")]
    fn store(&self, anchors: Anchors) {
        let Anchors { latest, before_gap } = anchors;
        let values = [
            latest.samples,
            latest.at_ns,
            before_gap.samples,
            before_gap.at_ns,
        ];
        for (slot, value) in self.0.iter().zip(values) {
            slot.store(value, Ordering::Relaxed);
        }
    }
}

impl Anchors {
    /// Adds an anchor after the others.
    #[cfg(feature = "playback")]
    pub(super) fn push(&mut self, next: Anchor, rate: SampleRate) {
        let expected_ns = self.latest.time_of(next.samples, rate);
        if next.at_ns > expected_ns.saturating_add(MIN_GAP_NS) {
            self.before_gap = self.latest;
        }
        self.latest = next;
    }

    /// Returns how many of the device's samples have been heard at `now_ns`.
    pub(super) fn heard(&self, now_ns: u64, rate: SampleRate) -> u64 {
        let after_gap = self.latest.heard(now_ns, rate);
        match after_gap > self.before_gap.samples {
            true => after_gap,
            false => self.before_gap.heard(now_ns, rate),
        }
    }

    /// Returns when that many samples will have been heard, in nanoseconds.
    pub(super) fn time_of(&self, samples: u64, now_ns: u64, rate: SampleRate) -> u64 {
        match self.latest.samples {
            // Nothing is played yet.
            0 => now_ns + ns_of(samples, rate),
            _ if samples > self.before_gap.samples => self.latest.time_of(samples, rate),
            _ => self.before_gap.time_of(samples, rate),
        }
    }
}

impl Anchor {
    fn heard(self, now_ns: u64, rate: SampleRate) -> u64 {
        let missing_ns = u128::from(self.at_ns.saturating_sub(now_ns));
        let missing = (missing_ns * u128::from(rate.get())).div_ceil(1_000_000_000);
        self.samples.saturating_sub(missing as u64)
    }

    fn time_of(self, samples: u64, rate: SampleRate) -> u64 {
        match samples.checked_sub(self.samples) {
            Some(later) => self.at_ns + ns_of(later, rate),
            None => self
                .at_ns
                .saturating_sub(ns_of(self.samples - samples, rate)),
        }
    }
}

/// Returns the duration of samples in nanoseconds.
pub(super) fn ns_of(samples: u64, rate: SampleRate) -> u64 {
    scale(samples, 1_000_000_000, rate.get())
}

/// Returns `n` × `to` / `from`, rounded.
pub(super) fn scale(n: u64, to: u32, from: u32) -> u64 {
    let (to, from) = (u128::from(to), u128::from(from));
    let scaled = (u128::from(n) * to + from / 2) / from;
    // Half of the range, so that a time can still be added to it.
    u64::try_from(scaled).unwrap_or(u64::MAX).min(u64::MAX / 2)
}

#[cfg(test)]
#[cfg(feature = "playback")]
mod tests {
    use super::*;
    use crate::threads;
    use std::sync::atomic::AtomicBool;

    #[test]
    fn readers_never_see_half_of_an_anchor() {
        let shared = SharedAnchors::default();
        let stop = AtomicBool::new(false);
        let anchor = |samples| Anchor {
            samples,
            at_ns: 1000 * samples,
        };
        std::thread::scope(|scope| {
            for _ in 0..2 {
                let read = || {
                    while !stop.load(Ordering::Relaxed) {
                        let Anchors { latest, before_gap } = shared.load();
                        assert_eq!(latest, anchor(before_gap.samples));
                        assert_eq!(before_gap, anchor(latest.samples));
                    }
                };
                threads::spawn_scoped(scope, "reader", read).unwrap();
            }
            for n in 1..200_000 {
                let (latest, before_gap) = (anchor(n), anchor(n));
                shared.publish(Anchors { latest, before_gap });
            }
            stop.store(true, Ordering::Relaxed);
        });
    }
}
