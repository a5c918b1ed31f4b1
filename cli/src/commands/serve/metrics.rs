//! What the server has done.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use piper_rs::synth::StreamStats;

/// What a client asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Route {
    OpenAi,
    Piper,
    Wyoming,
    /// The models, for `speak --connect`.
    Engine,
    /// Lists, and requests that are refused before their route.
    Other,
}

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum RouteOutcome {
    Done,
    /// The client left.
    Cancelled,
    /// It is wrong, or not allowed.
    Refused,
    /// The queue was full, or the system had no thread left.
    Busy,
    Failed,
}

/// Upper limits of the times to the first sound, in seconds.
pub(super) const FIRST_SOUND_SECONDS: [f64; 9] = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0];

#[derive(Debug, Default)]
pub(super) struct Metrics(Mutex<Counts>);

#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) requests: BTreeMap<(Route, RouteOutcome), u64>,
    pub(super) stream: StreamStats,
    /// Those within each limit and above the one before it, then the others.
    pub(super) first_sounds: [u64; FIRST_SOUND_SECONDS.len() + 1],
    pub(super) first_sound_sum: Duration,
}

impl Route {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Piper => "piper",
            Self::Wyoming => "wyoming",
            Self::Engine => "engine",
            Self::Other => "other",
        }
    }
}

impl RouteOutcome {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Cancelled => "cancelled",
            Self::Refused => "refused",
            Self::Busy => "busy",
            Self::Failed => "failed",
        }
    }
}

impl Metrics {
    pub(super) fn count(&self, route: Route, outcome: RouteOutcome) {
        *self.counts().requests.entry((route, outcome)).or_default() += 1;
    }

    pub(super) fn add_stream(&self, stream: StreamStats) {
        self.counts().stream += stream;
    }

    pub(super) fn add_first_sound(&self, time: Duration) {
        let mut counts = self.counts();
        let seconds = time.as_secs_f64();
        let bucket = FIRST_SOUND_SECONDS.partition_point(|limit| *limit < seconds);
        counts.first_sounds[bucket] += 1;
        counts.first_sound_sum += time;
    }

    /// Returns the statistics of all requests.
    pub(super) fn stream(&self) -> StreamStats {
        self.counts().stream
    }

    /// Returns all counts, while nothing is added.
    pub(super) fn counts(&self) -> MutexGuard<'_, Counts> {
        // Nothing panics under the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
