//! When cues are shown.

use std::ops::Range;
use std::time::Duration;

use crate::audio::SampleRate;

/// The shortest time on the screen, if there is room: 5/6 of a second.
pub(super) const MIN_TIME: Duration = Duration::from_millis(834);
/// The longest time on the screen that one can avoid.
pub(super) const MAX_TIME: Duration = Duration::from_secs(7);
/// How much is read in a second: 20 characters, for adults. A Chinese character is two
/// columns wide and takes twice as long: the guide has 9 a second for Chinese.
const COLUMNS_PER_SECOND: u32 = 20;
/// How long a cue stays behind its last word for slow readers. The BBC's *Subtitle
/// Guidelines* (5.2).
const MAX_LINGER: Duration = Duration::from_millis(1500);
/// Between two cues: two frames, at 24 a second, so that one sees that the text changed.
const GAP: Duration = Duration::from_millis(84);
/// A gap that is no longer is closed up to [`GAP`], since it would flicker.
const MAX_FLICKER: Duration = Duration::from_millis(500);

/// Returns a time as subtitles have it, with `point` before the milliseconds:
/// `00:01:02.500`.
pub fn text(time: Duration, point: char) -> String {
    let seconds = time.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let millis = time.subsec_millis();
    format!("{hours:02}:{minutes:02}:{seconds:02}{point}{millis:03}")
}

/// Turns samples into times of cues.
#[derive(Debug, Clone)]
pub(super) struct Clock {
    rate: SampleRate,
    /// When the cue before ends.
    last_end: Duration,
}

impl Clock {
    pub(super) fn new(rate: SampleRate) -> Self {
        Self {
            rate,
            last_end: Duration::ZERO,
        }
    }

    /// Returns the time of a sample in whole milliseconds, never before it.
    pub(super) fn time_of(&self, sample: u64) -> Duration {
        let millis = (u128::from(sample) * 1000).div_ceil(u128::from(self.rate.get()));
        Duration::from_millis(millis as u64)
    }

    /// Returns when the next cue is shown: its words are at `samples`, and the cue after
    /// it begins at the sample `next`.
    pub(super) fn show(
        &mut self,
        samples: Range<u64>,
        columns: usize,
        next: Option<u64>,
    ) -> Range<Duration> {
        let start = self.time_of(samples.start).max(self.last_end);
        let limit = next.map_or(Duration::MAX, |next| self.time_of(next));
        let spoken = self.time_of(samples.end).min(limit).max(start);
        let reading = Duration::from_secs(columns as u64) / COLUMNS_PER_SECOND;
        let readable = (start + reading).min(spoken + MAX_LINGER);
        let wanted = readable.max(start + MIN_TIME);
        let latest = match limit.saturating_sub(spoken) >= GAP {
            true => limit - GAP,
            false => limit,
        };
        let mut end = wanted.min(latest).max(spoken);
        if limit.saturating_sub(end) <= MAX_FLICKER {
            end = end.max(latest);
        }
        // An empty one would not be shown.
        let end = end.max(start + Duration::from_millis(1));
        self.last_end = end;
        start..end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns when cues with these words are shown, in milliseconds: first sample,
    /// sample after the last, columns. The rate is 1000 Hz.
    fn shown(cues: &[(u64, u64, usize)]) -> Vec<(u128, u128)> {
        let mut clock = Clock::new(SampleRate::new(1000).unwrap());
        let show = |(n, &(start, end, columns)): (usize, &(u64, u64, usize))| {
            let next = cues.get(n + 1).map(|next| next.0);
            let time = clock.show(start..end, columns, next);
            (time.start.as_millis(), time.end.as_millis())
        };
        cues.iter().enumerate().map(show).collect()
    }

    #[test]
    fn a_cue_stays_until_it_is_read_if_there_is_room() {
        assert_eq!(shown(&[(100, 2100, 40)]), [(100, 2100)]); // read while it is spoken
        assert_eq!(shown(&[(100, 1100, 40)]), [(100, 2100)]); // 20 columns a second
        assert_eq!(shown(&[(100, 200, 3)]), [(100, 934)]); // 5/6 of a second
        assert_eq!(shown(&[(0, 1000, 84)]), [(0, 2500)]); // but no 1.5 s longer
    }

    #[test]
    fn gaps_are_two_frames_or_over_half_a_second() {
        let first = |next| shown(&[(0, 2000, 20), (next, next + 1000, 10)])[0].1;
        assert_eq!(first(2000), 2000);
        assert_eq!(first(2050), 2050);
        assert_eq!(first(2084), 2000);
        assert_eq!(first(2500), 2416);
        assert_eq!(first(2501), 2000);
    }

    #[test]
    fn cues_are_neither_early_nor_empty_nor_at_the_same_time() {
        // A sample of 22 050 Hz is no whole millisecond.
        let clock = Clock::new(SampleRate::new(22_050).unwrap());
        assert_eq!(clock.time_of(22_050), Duration::from_secs(1));
        assert_eq!(clock.time_of(22_051), Duration::from_millis(1001));
        assert_eq!(
            shown(&[(5, 5, 1), (5, 5, 1), (5, 9, 1)]),
            [(5, 6), (6, 7), (7, 841)]
        );
    }
}
