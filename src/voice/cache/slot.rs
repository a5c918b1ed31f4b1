//! What the cache knows of one voice.
//!
//! A voice is in one of five states. The methods of `Slots` change it:
//!
//! ```text
//! Empty ───────── register ──▶ Loading
//! Loading ─────── done ──────▶ Loaded, or EvictedInUse if it is too large,
//!                              or Empty after an error or a panic,
//!                              or Failed after the error of a preload
//! Loaded ──────── limits ────▶ EvictedInUse
//! Loaded ──────── register ──▶ Loading if the files have changed
//! EvictedInUse ── register ──▶ Loaded if a caller still uses it, or Loading
//! Failed ──────── register ──▶ Empty, and the request gets the error
//! any but Loading ─ evict ───▶ Empty
//! ```

use std::sync::{Arc, Weak};
use std::time::Instant;

use super::identity::{Stamp, Version};
use super::pending::PendingLoad;
use crate::Error;
use crate::voice::Voice;

/// What the cache knows of one voice.
#[derive(Debug, Default)]
pub(super) struct Slot {
    pub(super) state: State,
    /// Higher for voices that were used or preloaded later.
    pub(super) recency: u64,
    pub(super) loads: u64,
    pub(super) uses: u64,
    pub(super) last_use: Option<Instant>,
    pub(super) is_reported_too_large: bool,
}

#[derive(Debug, Default)]
pub(super) enum State {
    #[default]
    Empty,
    /// A thread loads the voice, or checks whether the old one is still current.
    Loading(Arc<PendingLoad>),
    /// The cache keeps the voice.
    Loaded(LoadedVoice),
    /// Callers may still use the voice, but the cache does not keep it. The
    /// next request gets it back: a second copy would only take more memory.
    EvictedInUse(LoadedVoice<Weak<Voice>>),
    /// A preload failed. The next request gets its error.
    Failed(Stamp, Arc<Error>),
}

/// A voice, its files when it was loaded, and the estimate of its memory.
#[derive(Debug)]
pub(super) struct LoadedVoice<V = Arc<Voice>> {
    pub(super) version: Version,
    pub(super) bytes: u64,
    pub(super) voice: V,
}

impl LoadedVoice {
    pub(super) fn downgrade(&self) -> LoadedVoice<Weak<Voice>> {
        LoadedVoice {
            version: self.version.clone(),
            bytes: self.bytes,
            voice: Arc::downgrade(&self.voice),
        }
    }
}

impl LoadedVoice<Weak<Voice>> {
    pub(super) fn upgrade(self) -> Option<LoadedVoice> {
        Some(LoadedVoice {
            voice: self.voice.upgrade()?,
            version: self.version,
            bytes: self.bytes,
        })
    }
}
