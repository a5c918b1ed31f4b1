//! The statistics of a cache.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Serialize, Serializer};

use crate::voice::PartEngine;

/// Counts since the cache was created or its statistics were reset.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct CacheStats {
    /// Requests; always `hits + misses`. Counted when they end.
    pub requests: u64,
    /// Requests without a load.
    pub hits: u64,
    /// Requests with a load, an error, or another thread's load.
    pub misses: u64,
    /// Successful loads, preloads included.
    pub loads: u64,
    /// Failed loads.
    pub failed_loads: u64,
    /// Voices evicted: over the limits, on request, or replaced on disk.
    pub evictions: u64,
    /// Voices kept at present.
    pub voices: usize,
    /// Their estimated memory.
    pub bytes: u64,
    /// Time of all loads on all threads, failed ones included.
    #[serde(rename = "load_seconds", serialize_with = "seconds")]
    pub load_time: Duration,
}

impl CacheStats {
    pub(super) fn count_request(&mut self, is_hit: bool) {
        self.requests += 1;
        match is_hit {
            true => self.hits += 1,
            false => self.misses += 1,
        }
    }

    pub(super) fn count_load(&mut self, time: Duration, succeeded: bool) {
        self.load_time += time;
        match succeeded {
            true => self.loads += 1,
            false => self.failed_loads += 1,
        }
    }
}

/// A voice that a cache keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CachedVoice {
    /// The voice's name.
    pub name: String,
    /// The graph's canonical path.
    pub path: PathBuf,
    /// Its estimated memory: see [`VoiceCache`](super::VoiceCache).
    pub bytes: u64,
    /// Its parts and what runs them; none if it is not split.
    pub parts: Vec<PartEngine>,
    /// How often it was loaded, over the life of the cache.
    pub loads: u64,
    /// How often it was requested, over the life of the cache.
    pub uses: u64,
    /// How long ago it was last requested; `None` if it was only preloaded.
    #[serde(rename = "idle_seconds", serialize_with = "maybe_seconds")]
    pub idle: Option<Duration>,
}

/// A voice that alone exceeds the limit of a cache.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TooLarge {
    /// The graph's canonical path.
    pub path: PathBuf,
    /// The voice's estimated memory.
    pub bytes: u64,
    /// The limit at that time.
    pub limit_bytes: u64,
}

fn seconds<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(time.as_secs_f64())
}

fn maybe_seconds<S: Serializer>(time: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
    time.map(|time| time.as_secs_f64()).serialize(serializer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_serialized_in_seconds() {
        let stats = CacheStats {
            load_time: Duration::from_millis(1500),
            ..CacheStats::default()
        };
        let json = serde_json::to_value(stats).unwrap();
        assert_eq!(json["load_seconds"], 1.5);
        assert_eq!(json["requests"], 0);

        let voice = |idle| CachedVoice {
            name: "a".into(),
            path: "/a.onnx".into(),
            bytes: 1,
            parts: Vec::new(),
            loads: 1,
            uses: 0,
            idle,
        };
        let idle = |idle| serde_json::to_value(voice(idle)).unwrap()["idle_seconds"].clone();
        assert_eq!(idle(Some(Duration::from_secs(2))), 2.0);
        assert!(idle(None).is_null());
    }
}
