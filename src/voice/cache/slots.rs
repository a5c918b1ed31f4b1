//! The voices of a cache, and which of them it evicts. No files, no threads:
//! everything here runs under the cache's lock, in microseconds.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::identity::{Purpose, VoiceRequest};
use super::memory;
use super::pending::{LoadResult, PendingLoad};
use super::slot::{LoadedVoice, Slot, State};
use super::{CacheStats, CachedVoice, Limits, TooLarge};
use crate::Error;
use crate::voice::{Voice, VoiceFiles};

/// What a request finds.
#[derive(Debug)]
pub(super) enum Registered {
    Hit(Arc<Voice>),
    /// A preload failed with this error.
    Failed(Arc<Error>),
    /// Another thread loads it.
    Wait(Arc<PendingLoad>),
    /// The caller must load it, or check that `stale` is still current, and
    /// then call [`Slots::done`].
    Load {
        pending: Arc<PendingLoad>,
        stale: Option<LoadedVoice>,
    },
}

#[derive(Debug, Default)]
pub(super) struct Slots {
    limits: Limits,
    slots: HashMap<VoiceFiles, Slot>,
    highest_recency: u64,
    last_used: Option<VoiceFiles>,
    too_large: Vec<TooLarge>,
    /// To be dropped after the lock is released: dropping a session takes
    /// milliseconds.
    discarded: Vec<Arc<Voice>>,
    /// Without the counts of the present state: see [`Slots::stats`].
    pub(super) stats: CacheStats,
}

/// The transitions of the state machine.
impl Slots {
    /// Finds a voice, or registers that the caller loads it.
    pub(super) fn register(&mut self, request: &VoiceRequest<'_>) -> Registered {
        let slot = self.slots.entry(request.key.clone()).or_default();
        let stale = match std::mem::take(&mut slot.state) {
            State::Loading(pending) => {
                slot.state = State::Loading(Arc::clone(&pending));
                return Registered::Wait(pending);
            }
            State::Loaded(loaded) if loaded.version.stamp == request.stamp => {
                return Registered::Hit(self.keep(request, loaded));
            }
            State::EvictedInUse(evicted) if evicted.version.stamp == request.stamp => {
                if let Some(loaded) = evicted.upgrade() {
                    return Registered::Hit(self.keep(request, loaded));
                }
                None
            }
            State::Failed(stamp, error)
                if stamp == request.stamp && request.purpose == Purpose::Use =>
            {
                return Registered::Failed(error);
            }
            State::Loaded(stale) => Some(stale),
            State::Empty | State::EvictedInUse(_) | State::Failed(..) => None,
        };
        let pending = Arc::new(PendingLoad::new(request.stamp.clone()));
        slot.state = State::Loading(Arc::clone(&pending));
        Registered::Load { pending, stale }
    }

    /// Ends the load of a request.
    pub(super) fn done(
        &mut self,
        request: &VoiceRequest<'_>,
        loaded: Result<LoadedVoice, Arc<Error>>,
    ) -> LoadResult {
        let error = match loaded {
            Ok(loaded) => return Ok(self.keep(request, loaded)),
            Err(error) => error,
        };
        self.slot(&request.key).state = match request.purpose {
            Purpose::Use => State::Empty,
            Purpose::Preload => State::Failed(request.stamp.clone(), Arc::clone(&error)),
        };
        Err(error)
    }

    /// Ends a load that panicked; does nothing after [`done`](Self::done).
    pub(super) fn abandon(&mut self, key: &VoiceFiles, pending: &Arc<PendingLoad>) {
        let slot = self.slot(key);
        if matches!(&slot.state, State::Loading(current) if Arc::ptr_eq(current, pending)) {
            slot.state = State::Empty;
        }
    }

    /// Records that a request got the outcome of another thread's load.
    pub(super) fn joined(&mut self, key: &VoiceFiles, outcome: &LoadResult) {
        match outcome {
            Ok(_) => {
                self.count_use(key);
                self.touch(key);
            }
            Err(_) => {
                let slot = self.slot(key);
                if let State::Failed(..) = slot.state {
                    slot.state = State::Empty;
                }
            }
        }
    }

    /// Evicts a voice so that it cannot come back; returns whether it was loaded.
    pub(super) fn evict(&mut self, key: &VoiceFiles) -> bool {
        let Some(slot) = self.slots.get_mut(key) else {
            return false;
        };
        match std::mem::take(&mut slot.state) {
            State::Loaded(loaded) => {
                self.stats.evictions += 1;
                self.discarded.push(loaded.voice);
                true
            }
            loading @ State::Loading(_) => {
                slot.state = loading;
                false
            }
            State::Empty | State::EvictedInUse(_) | State::Failed(..) => false,
        }
    }

    pub(super) fn clear(&mut self) {
        let keys: Vec<_> = self.slots.keys().cloned().collect();
        keys.iter().for_each(|key| _ = self.evict(key));
    }

    /// Keeps a voice as the most recent one, if the limits allow.
    fn keep(&mut self, request: &VoiceRequest<'_>, loaded: LoadedVoice) -> Arc<Voice> {
        let (key, voice) = (&request.key, Arc::clone(&loaded.voice));
        if request.purpose == Purpose::Use {
            self.count_use(key);
        }
        if loaded.bytes > self.limits.bytes {
            self.report_too_large(key, loaded.bytes);
            self.evict_in_use(key, loaded);
        } else {
            self.slot(key).state = State::Loaded(loaded);
            self.touch(key);
            self.enforce_limits();
        }
        voice
    }

    /// Evicts the least recent voices until the limits hold.
    fn enforce_limits(&mut self) {
        while let Some(key) = self.oldest_over_limits() {
            if let State::Loaded(loaded) = std::mem::take(&mut self.slot(&key).state) {
                self.stats.evictions += 1;
                self.evict_in_use(&key, loaded);
            }
        }
    }

    fn oldest_over_limits(&self) -> Option<VoiceFiles> {
        let loaded = self.kept();
        let is_over = loaded.len() > self.limits.voices || bytes(&loaded) > self.limits.bytes;
        let (key, ..) = loaded.first().filter(|_| is_over)?;
        Some((*key).clone())
    }

    fn evict_in_use(&mut self, key: &VoiceFiles, loaded: LoadedVoice) {
        self.slot(key).state = State::EvictedInUse(loaded.downgrade());
        self.discarded.push(loaded.voice);
    }

    fn report_too_large(&mut self, key: &VoiceFiles, bytes: u64) {
        let limit_bytes = self.limits.bytes;
        if !std::mem::replace(&mut self.slot(key).is_reported_too_large, true) {
            let path = key.model_path().to_owned();
            self.too_large.push(TooLarge {
                path,
                bytes,
                limit_bytes,
            });
        }
    }
}

/// Counting and looking.
impl Slots {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            ..Self::default()
        }
    }

    /// Returns whether a preload evicts neither the voice used last nor one
    /// preloaded since then.
    pub(super) fn has_room_for(&self, request: &VoiceRequest<'_>) -> bool {
        let loaded = self.kept();
        let position = |wanted| loaded.iter().position(|(key, ..)| Some(*key) == wanted);
        let last_used = position(self.last_used.as_ref()).unwrap_or(0);
        let needed = &loaded[last_used..];
        // How much will be mapped is not known before the load.
        let bytes = memory::estimate(request.model_bytes(), 0).saturating_add(bytes(needed));
        position(Some(&request.key)).is_some()
            || (needed.len() < self.limits.voices && bytes <= self.limits.bytes)
    }

    pub(super) fn is_cached(&self, request: &VoiceRequest<'_>) -> bool {
        let state = self.slots.get(&request.key).map(|slot| &slot.state);
        matches!(state, Some(State::Loaded(loaded)) if loaded.version.stamp == request.stamp)
    }

    pub(super) fn count_load(&mut self, key: &VoiceFiles, time: Duration, succeeded: bool) {
        self.stats.count_load(time, succeeded);
        self.slot(key).loads += u64::from(succeeded);
    }

    pub(super) fn limits(&self) -> Limits {
        self.limits
    }

    pub(super) fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
        self.enforce_limits();
    }

    /// Describes the voices kept, the most recent one first.
    pub(super) fn list(&self) -> Vec<CachedVoice> {
        let most_recent_first = self.kept().into_iter().rev();
        most_recent_first
            .map(|(key, slot, loaded)| CachedVoice {
                name: key.name(),
                path: key.model_path().to_owned(),
                bytes: loaded.bytes,
                parts: loaded.voice.model_info().parts.clone(),
                loads: slot.loads,
                uses: slot.uses,
                idle: slot.last_use.map(|at| at.elapsed()),
            })
            .collect()
    }

    pub(super) fn stats(&self) -> CacheStats {
        let loaded = self.kept();
        CacheStats {
            voices: loaded.len(),
            bytes: bytes(&loaded),
            ..self.stats
        }
    }

    pub(super) fn take_too_large(&mut self) -> Vec<TooLarge> {
        std::mem::take(&mut self.too_large)
    }

    /// Returns the evicted voices, to be dropped after the lock is released.
    pub(super) fn take_discarded(&mut self) -> Vec<Arc<Voice>> {
        std::mem::take(&mut self.discarded)
    }

    /// Returns how many threads wait for the loads of others.
    #[cfg(test)]
    pub(super) fn waiting(&self) -> usize {
        let waiting = |slot: &Slot| match &slot.state {
            // The slot and the loading thread hold it too.
            State::Loading(pending) => Arc::strong_count(pending) - 2,
            _ => 0,
        };
        self.slots.values().map(waiting).sum()
    }

    fn slot(&mut self, key: &VoiceFiles) -> &mut Slot {
        self.slots.entry(key.clone()).or_default()
    }

    /// Returns the voices kept, the least recent one first.
    fn kept(&self) -> Vec<KeptVoice<'_>> {
        let slots = self.slots.iter();
        let mut loaded: Vec<KeptVoice<'_>> = slots
            .filter_map(|(key, slot)| match &slot.state {
                State::Loaded(loaded) => Some((key, slot, loaded)),
                _ => None,
            })
            .collect();
        loaded.sort_by_key(|(_, slot, _)| slot.recency);
        loaded
    }

    fn count_use(&mut self, key: &VoiceFiles) {
        let slot = self.slot(key);
        slot.uses += 1;
        slot.last_use = Some(Instant::now());
        self.last_used = Some(key.clone());
    }

    /// Makes a voice the most recent one.
    fn touch(&mut self, key: &VoiceFiles) {
        self.highest_recency += 1;
        self.slot(key).recency = self.highest_recency;
    }
}

type KeptVoice<'a> = (&'a VoiceFiles, &'a Slot, &'a LoadedVoice);

fn bytes(kept: &[KeptVoice<'_>]) -> u64 {
    kept.iter().map(|(_, _, loaded)| loaded.bytes).sum()
}
