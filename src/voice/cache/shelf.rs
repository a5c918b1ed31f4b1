//! What a cache holds, and in which order it lets go. No files, no threads:
//! everything here happens under the cache's one lock, in microseconds.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::flight::{Flight, Outcome};
use super::identity::{Ask, Stamp};
use super::lent::{Entry, Lent};
use super::{CacheStats, CachedVoice, Limits, TooLarge, memory};
use crate::Error;
use crate::voice::{Voice, VoiceFiles};

/// Why a voice is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To speak.
    Use,
    /// To have it at hand.
    Preload,
}

/// What is remembered of a voice, cached or not.
#[derive(Debug, Default)]
struct History {
    loads: u64,
    uses: u64,
    last_use: Option<Instant>,
    /// Whether it has been said that the voice is too large to keep.
    told: bool,
}

/// What a look into the cache finds.
#[derive(Debug)]
pub(super) enum Found {
    Cached(Arc<Voice>),
    /// A preload failed, and its error was kept for whoever asks next.
    Failed(Arc<Error>),
    /// Another thread is at it.
    Loading(Arc<Flight>),
    /// The caller is to load it, or to find `stale` still good.
    Absent {
        flight: Arc<Flight>,
        stale: Option<Entry>,
    },
}

#[derive(Debug, Default)]
pub(super) struct Shelf {
    limits: Limits,
    /// Least recently used first.
    kept: Vec<Entry>,
    lent: Lent,
    flights: HashMap<VoiceFiles, Arc<Flight>>,
    flights_begun: u64,
    preload_errors: HashMap<VoiceFiles, (Stamp, Arc<Error>)>,
    histories: HashMap<VoiceFiles, History>,
    last_used: Option<VoiceFiles>,
    too_large: Vec<TooLarge>,
    /// To be dropped when the lock is released: a session takes milliseconds
    /// to take down.
    discarded: Vec<Arc<Voice>>,
    stats: CacheStats,
}

impl Shelf {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            ..Self::default()
        }
    }

    /// Looks for a voice; on [`Found::Absent`] the caller has taken off and
    /// must land the flight.
    pub(super) fn look_up(&mut self, ask: &Ask, purpose: Purpose) -> Found {
        if let Some(flight) = self.flights.get(&ask.key) {
            return Found::Loading(Arc::clone(flight));
        }
        if purpose == Purpose::Use
            && let Some((stamp, error)) = self.preload_errors.remove(&ask.key)
            && stamp == ask.stamp
        {
            return Found::Failed(error);
        }
        let stale = match self.take(ask) {
            Some(entry) if entry.stamp == ask.stamp => {
                return Found::Cached(self.keep(entry, purpose));
            }
            entry => entry,
        };
        let flight = self.take_off(ask);
        Found::Absent { flight, stale }
    }

    /// Returns whether a preload pushes out nothing that is needed sooner.
    pub(super) fn welcomes_preload(&self, ask: &Ask) -> bool {
        self.position(&ask.key).is_some() || self.has_room(memory::estimate(ask.model_bytes()))
    }

    fn take_off(&mut self, ask: &Ask) -> Arc<Flight> {
        self.flights_begun += 1;
        let is_alone = self.flights.is_empty();
        let flight = Arc::new(Flight::new(ask.stamp.clone(), self.flights_begun, is_alone));
        self.flights.insert(ask.key.clone(), Arc::clone(&flight));
        flight
    }

    pub(super) fn land(&mut self, key: &VoiceFiles) {
        self.flights.remove(key);
    }

    /// Returns whether no other voice was loaded at any moment of `flight`.
    pub(super) fn was_alone(&self, flight: &Flight) -> bool {
        flight.is_alone && flight.nth == self.flights_begun
    }

    /// Counts a load that has ended.
    pub(super) fn count_load(&mut self, key: &VoiceFiles, time: Duration, succeeded: bool) {
        self.stats.load_time += time;
        if succeeded {
            self.stats.loads += 1;
            self.history(key).loads += 1;
            self.preload_errors.remove(key);
        } else {
            self.stats.failed_loads += 1;
        }
    }

    /// Counts a request that has been answered, at once or after a wait.
    pub(super) fn count_request(&mut self, hit: bool) {
        self.stats.requests += 1;
        if hit {
            self.stats.hits += 1;
        } else {
            self.stats.misses += 1;
        }
    }

    /// Keeps a voice as the most recent one, if the limits allow.
    pub(super) fn keep(&mut self, entry: Entry, purpose: Purpose) -> Arc<Voice> {
        let voice = Arc::clone(&entry.voice);
        if purpose == Purpose::Use {
            self.count_use(&entry.key);
        }
        if entry.bytes > self.limits.bytes {
            self.refuse(entry);
        } else {
            self.kept.push(entry);
            self.hold_limits();
        }
        voice
    }

    /// Takes note of what a waiter got out of another thread's load.
    pub(super) fn joined(&mut self, key: &VoiceFiles, outcome: &Outcome) {
        match outcome {
            Err(_) => _ = self.preload_errors.remove(key),
            Ok(_) => {
                self.count_use(key);
                if let Some(i) = self.position(key) {
                    self.kept[i..].rotate_left(1);
                }
            }
        }
    }

    pub(super) fn keep_preload_error(&mut self, ask: &Ask, error: &Arc<Error>) {
        let kept = (ask.stamp.clone(), Arc::clone(error));
        self.preload_errors.insert(ask.key.clone(), kept);
    }

    /// Lets go of a voice for good.
    pub(super) fn let_go(&mut self, entry: Entry) {
        self.stats.evictions += 1;
        self.discarded.push(entry.voice);
    }

    pub(super) fn evict(&mut self, key: &VoiceFiles) -> bool {
        self.lent.forget(key);
        self.preload_errors.remove(key);
        let Some(i) = self.position(key) else {
            return false;
        };
        let entry = self.kept.remove(i);
        self.let_go(entry);
        true
    }

    pub(super) fn clear(&mut self) {
        self.lent.clear();
        self.preload_errors.clear();
        while let Some(entry) = self.kept.pop() {
            self.let_go(entry);
        }
    }

    pub(super) fn limits(&self) -> Limits {
        self.limits
    }

    pub(super) fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
        self.hold_limits();
    }

    pub(super) fn holds(&self, ask: &Ask) -> bool {
        self.position(&ask.key)
            .is_some_and(|i| self.kept[i].stamp == ask.stamp)
    }

    pub(super) fn list(&self) -> Vec<CachedVoice> {
        let most_recent_first = self.kept.iter().rev();
        most_recent_first
            .map(|entry| {
                let history = self.histories.get(&entry.key);
                CachedVoice {
                    name: entry.key.name(),
                    path: entry.key.model_path().to_owned(),
                    bytes: entry.bytes,
                    loads: history.map_or(0, |history| history.loads),
                    uses: history.map_or(0, |history| history.uses),
                    idle: history.and_then(|h| h.last_use.map(|at| at.elapsed())),
                }
            })
            .collect()
    }

    pub(super) fn stats(&self) -> CacheStats {
        CacheStats {
            voices: self.kept.len(),
            bytes: self.bytes(),
            ..self.stats
        }
    }

    pub(super) fn reset_stats(&mut self) {
        self.stats = CacheStats::default();
    }

    pub(super) fn take_too_large(&mut self) -> Vec<TooLarge> {
        std::mem::take(&mut self.too_large)
    }

    /// Takes out what has been let go, for dropping outside the lock.
    pub(super) fn take_discarded(&mut self) -> Vec<Arc<Voice>> {
        std::mem::take(&mut self.discarded)
    }

    /// Returns how many threads wait for others' loads.
    #[cfg(test)]
    pub(super) fn waiting(&self) -> usize {
        // The shelf and the thread that loads hold a flight too.
        let waiting = |flight: &Arc<Flight>| Arc::strong_count(flight) - 2;
        self.flights.values().map(waiting).sum()
    }

    /// Takes a voice out of the order, stale or not, or back from those who
    /// still use it.
    fn take(&mut self, ask: &Ask) -> Option<Entry> {
        if let Some(i) = self.position(&ask.key) {
            return Some(self.kept.remove(i));
        }
        self.lent.take_back(ask)
    }

    /// Returns whether a preload of about `bytes` fits beside the voice used
    /// last and those preloaded since.
    fn has_room(&self, bytes: u64) -> bool {
        let current = self.last_used.as_ref().and_then(|key| self.position(key));
        let staying = &self.kept[current.unwrap_or(0)..];
        let staying_bytes: u64 = staying.iter().map(|entry| entry.bytes).sum();
        staying.len() < self.limits.voices
            && staying_bytes.saturating_add(bytes) <= self.limits.bytes
    }

    fn hold_limits(&mut self) {
        while self.kept.len() > self.limits.voices || self.bytes() > self.limits.bytes {
            let entry = self.kept.remove(0);
            self.stats.evictions += 1;
            self.discarded.push(self.lent.lend(entry));
        }
    }

    /// Does not keep a voice that alone is over the limit; says so once.
    fn refuse(&mut self, entry: Entry) {
        let limit_bytes = self.limits.bytes;
        let history = self.history(&entry.key);
        if !std::mem::replace(&mut history.told, true) {
            self.too_large.push(TooLarge {
                path: entry.key.model_path().to_owned(),
                bytes: entry.bytes,
                limit_bytes,
            });
        }
        self.discarded.push(self.lent.lend(entry));
    }

    fn count_use(&mut self, key: &VoiceFiles) {
        let history = self.history(key);
        history.uses += 1;
        history.last_use = Some(Instant::now());
        self.last_used = Some(key.clone());
    }

    fn history(&mut self, key: &VoiceFiles) -> &mut History {
        self.histories.entry(key.clone()).or_default()
    }

    fn position(&self, key: &VoiceFiles) -> Option<usize> {
        self.kept.iter().position(|entry| entry.key == *key)
    }

    fn bytes(&self) -> u64 {
        self.kept.iter().map(|entry| entry.bytes).sum()
    }
}
