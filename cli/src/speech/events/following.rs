//! When events of an output are emitted.

use std::sync::Arc;

use piper_rs::audio::{AudioBlock, SampleRate};
use piper_rs::{CancelToken, PlaybackPosition, Result};

use serde::Serialize;

use super::spoken_words::SpokenWords;
use super::{Follower, Schedule, SoundEnd, SpokenEvent};
use crate::speech::place::Place;

/// Receives the events. Called from the thread that writes, or from one of its own.
pub(crate) type Emit = Box<dyn FnMut(SpokenEvent) -> Result<()> + Send>;

/// The events of an output, each emitted when its sample was heard, or written if
/// nobody listens.
pub(crate) struct SpokenEvents {
    words: SpokenWords,
    clock: EventClock,
}

/// When events are emitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Moment {
    Written,
    Heard,
}

enum EventClock {
    Written(Schedule<SpokenEvent>, Emit),
    Heard(Follower<SpokenEvent>, PlaybackPosition),
}

impl SpokenEvents {
    /// Follows an output that has these `words`; what a device plays of it has a
    /// `position`.
    pub(crate) fn start(
        words: SpokenWords,
        position: Option<PlaybackPosition>,
        cancel: &CancelToken,
        emit: Emit,
    ) -> Result<Self> {
        Ok(Self {
            words,
            clock: match position {
                Some(position) => {
                    // From now on it is recorded.
                    _ = position.samples();
                    EventClock::Heard(Follower::start(position.clone(), cancel, emit)?, position)
                }
                None => EventClock::Written(Schedule::default(), emit),
            },
        })
    }

    /// Returns when events are emitted.
    pub(crate) fn moment(&self) -> Moment {
        match self.clock {
            EventClock::Written(..) => Moment::Written,
            EventClock::Heard(..) => Moment::Heard,
        }
    }

    /// Returns the rate of the output.
    pub(crate) fn rate(&self) -> SampleRate {
        self.words.rate()
    }

    /// Notes that a sentence ends, and where the next blocks come from.
    ///
    /// # Errors
    /// As [`after_block`](Self::after_block).
    pub(crate) fn begin_part(&mut self, place: Option<Arc<Place>>) -> Result<()> {
        let clock = &mut self.clock;
        (self.words).begin_part(place, &mut |sample, event| clock.push(sample, event));
        self.after_block()
    }

    /// Call it before a block is written: a device may play its start before its end is
    /// written.
    pub(crate) fn before_block(&mut self, block: &AudioBlock) {
        let clock = &mut self.clock;
        self.words
            .push(block, &mut |sample, event| clock.push(sample, event));
    }

    /// Call it after a block was written.
    ///
    /// # Errors
    /// The one that an event could not be emitted for.
    pub(crate) fn after_block(&mut self) -> Result<()> {
        let clock = &mut self.clock;
        self.words
            .tell(&mut |sample, event| clock.push(sample, event));
        match clock {
            EventClock::Written(schedule, emit) => emit_due(schedule, self.words.samples(), emit),
            EventClock::Heard(follower, _) => follower.check(),
        }
    }

    /// Emits what is left of what was heard or written, after the output was finished.
    /// Returns how many samples that were.
    pub(crate) fn finish(mut self, end: SoundEnd) -> Result<u64> {
        let clock = &mut self.clock;
        self.words
            .finish(&mut |sample, event| clock.push(sample, event));
        let written = self.words.samples();
        match self.clock {
            EventClock::Written(mut schedule, mut emit) => {
                let due = match end {
                    SoundEnd::Heard => u64::MAX,
                    SoundEnd::Stopped => written,
                };
                emit_due(&mut schedule, due, &mut emit)?;
                Ok(written)
            }
            EventClock::Heard(follower, position) => {
                follower.finish(end)?;
                Ok(position.samples())
            }
        }
    }
}

impl EventClock {
    fn push(&mut self, sample: u64, event: SpokenEvent) {
        match self {
            Self::Written(schedule, _) => schedule.push(sample, event),
            Self::Heard(follower, _) => follower.push(sample, event),
        }
    }
}

fn emit_due(schedule: &mut Schedule<SpokenEvent>, samples: u64, emit: &mut Emit) -> Result<()> {
    while let Some(event) = schedule.take_due(samples) {
        emit(event)?;
    }
    Ok(())
}
