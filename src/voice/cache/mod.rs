//! Keeps voices loaded, because loading one costs as much as speaking a
//! sentence.
//!
//! [`VoiceCache`] is the interface. Inside, `load` serves a request, `slot` and
//! `slots` are the state machine of the voices, `pending` lets threads share a load,
//! `identity` tells voices and versions of their files apart, `memory`
//! estimates their size, and `preload` loads them ahead of time.

mod identity;
mod load;
mod memory;
mod pending;
mod preload;
mod slot;
mod slots;
mod stats;
#[cfg(test)]
mod tests;

pub use self::stats::{CacheStats, CachedVoice, TooLarge};

use std::sync::{Arc, OnceLock};

use serde::Serialize;

use self::identity::{Purpose, VoiceRequest};
use self::load::Loader;
use self::preload::Preloader;
use self::slots::Slots;
use super::{Voice, VoiceFiles};
use crate::{Error, Result};

/// How much a cache may keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Limits {
    /// Number of voices; 0 keeps none.
    pub voices: usize,
    /// Their memory together, as estimated: see [`VoiceCache`].
    pub bytes: u64,
}

impl Default for Limits {
    /// The original design's numbers: 3 voices, 1.5 GB.
    fn default() -> Self {
        Self {
            voices: 3,
            bytes: 1_500_000_000,
        }
    }
}

/// Keeps the voices used last, for all threads.
///
/// # Identity
/// A voice is identified by the canonical paths of its two files, so links to
/// the same files are the same voice. It is loaded again if the content of its
/// files has changed: if their size differs, or their modification time and
/// then their hash. A file rewritten with the same size and modification time
/// goes unnoticed. All voices of a cache are loaded by the same function with
/// the same options.
///
/// # Limits
/// The least recently used voices are evicted at once. An evicted voice that a
/// caller still uses stays alive, is not counted, and is returned to the next
/// request rather than loaded a second time.
///
/// # Memory
/// The memory of a voice is estimated: the weights that it keeps mapped, twice
/// the rest of its graph's file, and 50 MB. This is an upper bound.
///
/// # Cost
/// A hit looks at two paths and sizes: about 40 µs. A load also hashes the
/// files, if that was not done for a prepared voice:
/// [`ContentHash::of_file`](super::content_hash::ContentHash::of_file) has the
/// cost.
#[derive(Debug)]
pub struct VoiceCache {
    preloader: OnceLock<Option<Preloader>>,
    loader: Arc<Loader>,
}

impl VoiceCache {
    /// Returns an empty cache that loads voices with `load_voice`.
    ///
    /// The function runs on the threads that request voices. It must not
    /// request the voice that it loads from the cache.
    pub fn new(
        limits: Limits,
        load_voice: impl Fn(&VoiceFiles) -> Result<Voice> + Send + Sync + 'static,
    ) -> Self {
        Self {
            preloader: OnceLock::new(),
            loader: Arc::new(Loader::new(limits, Box::new(load_voice))),
        }
    }

    /// Returns a voice; loads it first if it is not kept.
    ///
    /// Threads that request one voice at the same time share one load, and its
    /// error, hence the `Arc`. An error is not kept: the next request tries
    /// again. Only the error of a [`preload`](Self::preload) is kept, for the
    /// first request.
    pub fn get_or_load(&self, files: &VoiceFiles) -> Result<Arc<Voice>, Arc<Error>> {
        self.loader.get(files)
    }

    /// Loads voices in the background, one after the other in this order.
    ///
    /// A voice is skipped if it would evict the one used last, or one
    /// preloaded since then.
    pub fn preload(&self, voices: impl IntoIterator<Item = VoiceFiles>) {
        let preloader = self.preloader.get_or_init(|| {
            let loader = Arc::clone(&self.loader);
            Preloader::start(move |files| loader.preload(files))
        });
        if let Some(preloader) = preloader {
            voices.into_iter().for_each(|files| preloader.push(files));
        }
    }

    /// Returns whether the voice is kept and its files have not changed.
    pub fn is_cached(&self, files: &VoiceFiles) -> bool {
        let request = VoiceRequest::new(files, Purpose::Use);
        self.loader.with_slots(|slots| slots.is_cached(&request))
    }

    /// Evicts a voice; returns whether it was kept.
    pub fn evict(&self, files: &VoiceFiles) -> bool {
        let key = files.canonical();
        self.loader.with_slots(|slots| slots.evict(&key))
    }

    /// Evicts all voices.
    pub fn clear(&self) {
        self.loader.with_slots(Slots::clear);
    }

    /// Returns the voices kept, the most recently used one first.
    pub fn list(&self) -> Vec<CachedVoice> {
        self.loader.with_slots(|slots| slots.list())
    }

    /// Returns the limits.
    pub fn limits(&self) -> Limits {
        self.loader.with_slots(|slots| slots.limits())
    }

    /// Changes the limits, and evicts voices until they hold.
    pub fn set_limits(&self, limits: Limits) {
        self.loader.with_slots(|slots| slots.set_limits(limits));
    }

    /// Returns the voices that were too large to keep since the last call.
    /// Each voice is returned once in the life of the cache.
    pub fn take_too_large(&self) -> Vec<TooLarge> {
        self.loader.with_slots(Slots::take_too_large)
    }

    /// Returns the statistics.
    pub fn stats(&self) -> CacheStats {
        self.loader.with_slots(|slots| slots.stats())
    }

    /// Sets every count to zero, except for those of the present state.
    pub fn reset_stats(&self) {
        self.loader
            .with_slots(|slots| slots.stats = CacheStats::default());
    }
}
