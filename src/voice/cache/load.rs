//! Serves requests: looks a voice up, and loads it or waits for another
//! thread's load if necessary.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use super::identity::{Purpose, Version, VoiceRequest};
use super::pending::{LoadResult, PendingLoad};
use super::slot::LoadedVoice;
use super::slots::{Registered, Slots};
use super::{Limits, memory};
use crate::Result;
use crate::voice::{Voice, VoiceFiles};

/// Loads a voice from its files.
pub(super) type LoadVoice = Box<dyn Fn(&VoiceFiles) -> Result<Voice> + Send + Sync>;

/// The slots under their lock, and the function that loads voices.
pub(super) struct Loader {
    slots: Mutex<Slots>,
    load_voice: LoadVoice,
}

impl Loader {
    pub(super) fn new(limits: Limits, load_voice: LoadVoice) -> Self {
        Self {
            slots: Mutex::new(Slots::new(limits)),
            load_voice,
        }
    }

    /// Runs `act` under the lock. The voices that it evicts are dropped after
    /// the lock is released.
    pub(super) fn with_slots<R>(&self, act: impl FnOnce(&mut Slots) -> R) -> R {
        // No panic under the lock leaves a change half done.
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let result = act(&mut slots);
        let discarded = slots.take_discarded();
        drop(slots);
        drop(discarded);
        result
    }

    /// Returns a voice; loads it or waits if necessary.
    pub(super) fn get(&self, files: &VoiceFiles) -> LoadResult {
        loop {
            let request = VoiceRequest::new(files, Purpose::Use);
            let (is_hit, outcome) = match self.with_slots(|slots| slots.register(&request)) {
                Registered::Hit(voice) => (true, Ok(voice)),
                Registered::Failed(error) => (false, Err(error)),
                Registered::Load { pending, stale } => self.load(&request, &pending, stale),
                Registered::Wait(pending) => match pending.wait(&request.stamp) {
                    None => continue,
                    Some(outcome) => {
                        self.with_slots(|slots| slots.joined(&request.key, &outcome));
                        (false, outcome)
                    }
                },
            };
            self.with_slots(|slots| slots.stats.count_request(is_hit));
            return outcome;
        }
    }

    /// Loads a voice that no caller has requested yet, if there is room. Its
    /// error is kept for the first request.
    pub(super) fn preload(&self, files: &VoiceFiles) {
        let request = VoiceRequest::new(files, Purpose::Preload);
        let registered = self.with_slots(|slots| {
            let has_room = slots.has_room_for(&request);
            has_room.then(|| slots.register(&request))
        });
        if let Some(Registered::Load { pending, stale }) = registered {
            // `done` keeps the error.
            _ = self.load(&request, &pending, stale);
        }
    }

    /// Loads a voice, unless `stale` turns out to be current, and wakes all
    /// threads that wait for it. Returns whether no load was necessary.
    fn load(
        &self,
        request: &VoiceRequest<'_>,
        pending: &Arc<PendingLoad>,
        stale: Option<LoadedVoice>,
    ) -> (bool, LoadResult) {
        let _guard = PanicGuard {
            loader: self,
            key: &request.key,
            pending,
        };
        let current = stale.and_then(|stale| self.refresh(request, stale));
        let is_hit = current.is_some();
        let loaded = match current {
            Some(loaded) => Ok(loaded),
            None => self.load_from_disk(request),
        };
        let outcome = self.with_slots(|slots| slots.done(request, loaded));
        pending.done(Some(outcome.clone()));
        (is_hit, outcome)
    }

    /// Returns `stale` if only the times of its files have changed.
    fn refresh(&self, request: &VoiceRequest<'_>, stale: LoadedVoice) -> Option<LoadedVoice> {
        match stale.version.refreshed(request) {
            Some(version) => Some(LoadedVoice { version, ..stale }),
            None => {
                self.with_slots(|slots| slots.stats.evictions += 1);
                None
            }
        }
    }

    fn load_from_disk(&self, request: &VoiceRequest<'_>) -> Result<LoadedVoice, Arc<crate::Error>> {
        let started = Instant::now();
        let loaded = (self.load_voice)(request.files).map(|voice| {
            let info = voice.model_info();
            LoadedVoice {
                version: Version::new(request, info.content_hash),
                bytes: memory::estimate(request.model_bytes(), info.mapped_bytes),
                voice: Arc::new(voice),
            }
        });
        let time = started.elapsed();
        self.with_slots(|slots| slots.count_load(&request.key, time, loaded.is_ok()));
        loaded.map_err(Arc::new)
    }
}

impl fmt::Debug for Loader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loader")
            .field("slots", &self.slots)
            .finish_non_exhaustive()
    }
}

/// Wakes the waiting threads if the loader panics.
struct PanicGuard<'a> {
    loader: &'a Loader,
    key: &'a VoiceFiles,
    pending: &'a Arc<PendingLoad>,
}

impl Drop for PanicGuard<'_> {
    fn drop(&mut self) {
        // The slot first: a thread that wakes without an outcome looks again
        // and must not find this load.
        self.loader
            .with_slots(|slots| slots.abandon(self.key, self.pending));
        self.pending.done(None);
    }
}
