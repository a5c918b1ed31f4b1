//! Measures how long a voice takes to load: the stock model, the prepared
//! voice, the cached voice.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use piper_rs::runtime::Runtime;
use piper_rs::voice::cache::Limits;
use piper_rs::voice::prepared::PreparedVoices;
use piper_rs::voice::{LoadOptions, Voice, VoiceCache, VoiceFiles};
use serde::Serialize;

use super::measurement::Measurement;
use crate::speech::cores::default_threads;

/// Loads one voice in several ways.
pub(super) struct VoiceLoader {
    pub(super) files: VoiceFiles,
    pub(super) runtime: Arc<Runtime>,
    pub(super) prepared: Option<PreparedVoices>,
}

/// Load times.
#[derive(Debug, Serialize)]
pub(super) struct LoadTimes {
    /// Of the stock model.
    pub(super) stock_ms: Option<Measurement>,
    /// Of the prepared voice. `None` if the voice cannot be prepared.
    pub(super) prepared_ms: Option<Measurement>,
    /// Of a voice that is in the cache.
    pub(super) cached_ms: Option<Measurement>,
}

impl VoiceLoader {
    /// Loads the voice as `speak` does, for this number of threads.
    pub(super) fn voice(&self, threads: usize) -> Result<Voice> {
        self.load(threads, self.prepared.clone())
    }

    fn load(&self, threads: usize, prepared: Option<PreparedVoices>) -> Result<Voice> {
        let options = LoadOptions {
            threads,
            prepared,
            ..LoadOptions::default()
        };
        Ok(Voice::load(&self.files, &self.runtime, &options)?)
    }

    /// Loads the voice in each way, alternately.
    pub(super) fn measure(&self, rounds: usize) -> Result<LoadTimes> {
        let threads = default_threads();
        // This prepares the voice if needed, so that no round has to.
        drop(self.voice(threads)?);
        let forms = self
            .prepared
            .iter()
            .flat_map(|prepared| prepared.of(&self.files));
        let is_prepared = forms.into_iter().any(|form| form.bytes > 0);
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
            stock_ms: Measurement::of_ms(&stock),
            prepared_ms: Measurement::of_ms(&prepared),
            cached_ms: Measurement::of_ms(&cached),
        })
    }

    /// Returns a cache with room for this voice, whatever its size.
    fn cache(&self, threads: usize) -> VoiceCache {
        let limits = Limits {
            voices: 1,
            bytes: u64::MAX,
        };
        let runtime = Arc::clone(&self.runtime);
        let options = LoadOptions {
            threads,
            prepared: self.prepared.clone(),
            ..LoadOptions::default()
        };
        VoiceCache::new(limits, move |files| Voice::load(files, &runtime, &options))
    }
}

/// Returns how long `load` took, without the time to unload.
fn timed<T>(load: impl FnOnce() -> Result<T>) -> Result<Duration> {
    let start = Instant::now();
    let loaded = load()?;
    let duration = start.elapsed();
    drop(loaded);
    Ok(duration)
}
