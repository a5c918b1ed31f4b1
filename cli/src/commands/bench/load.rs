//! How long a voice takes to load: as it came, prepared, kept in memory.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use piper_rs::runtime::Runtime;
use piper_rs::voice::cache::Limits;
use piper_rs::voice::prepared::PreparedVoices;
use piper_rs::voice::{LoadOptions, Voice, VoiceCache, VoiceFiles};
use serde::Serialize;

use super::figure::Figure;
use crate::speech::engine::default_threads;

/// A voice's files, and where it is prepared.
pub(super) struct Loading {
    pub(super) files: VoiceFiles,
    pub(super) runtime: Arc<Runtime>,
    pub(super) prepared: Option<PreparedVoices>,
}

/// How long it took.
#[derive(Debug, Serialize)]
pub(super) struct LoadTimes {
    /// The graph as it came.
    pub(super) stock_ms: Option<Figure>,
    /// None where the voice is not prepared.
    pub(super) prepared_ms: Option<Figure>,
    /// A voice that the cache keeps.
    pub(super) cached_ms: Option<Figure>,
}

impl Loading {
    /// Loads the voice as `speak` does, for this many threads.
    pub(super) fn voice(&self, threads: usize) -> Result<Voice> {
        self.load(threads, self.prepared.clone())
    }

    fn load(&self, threads: usize, prepared: Option<PreparedVoices>) -> Result<Voice> {
        let options = LoadOptions { threads, prepared };
        Ok(Voice::load(&self.files, &self.runtime, &options)?)
    }

    /// Loads the voice in each way, by turns.
    pub(super) fn measure(&self, rounds: usize) -> Result<LoadTimes> {
        let threads = default_threads();
        // Prepares the voice where that is due: no round shall.
        let is_prepared = self.voice(threads)?.whole_because().is_none()
            && matches!(self.files, VoiceFiles::OnDisk { .. })
            && self.prepared.is_some();
        let cache = self.cache(threads);
        cache.get_or_load(&self.files)?;
        let (mut stock, mut prepared, mut cached) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..rounds {
            stock.push(timed(|| self.load(threads, None))?);
            if is_prepared {
                prepared.push(timed(|| self.voice(threads))?);
            }
            cached.push(timed(|| Ok(cache.get_or_load(&self.files)?))?);
        }
        Ok(LoadTimes {
            stock_ms: Figure::of_ms(&stock),
            prepared_ms: Figure::of_ms(&prepared),
            cached_ms: Figure::of_ms(&cached),
        })
    }

    /// Returns a cache that has room for this voice, whatever its size.
    fn cache(&self, threads: usize) -> VoiceCache {
        let limits = Limits {
            voices: 1,
            bytes: u64::MAX,
        };
        let runtime = Arc::clone(&self.runtime);
        let options = LoadOptions {
            threads,
            prepared: self.prepared.clone(),
        };
        VoiceCache::new(limits, move |files| Voice::load(files, &runtime, &options))
    }
}

/// Returns how long `load` took; letting go of what it loaded is not counted.
fn timed<T>(load: impl FnOnce() -> Result<T>) -> Result<Duration> {
    let began = Instant::now();
    let loaded = load()?;
    let took = began.elapsed();
    drop(loaded);
    Ok(took)
}
