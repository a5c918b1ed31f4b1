//! What a cache tells about itself.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Serialize, Serializer};

/// What a cache has done since it was made or its statistics were reset.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct CacheStats {
    /// Voices asked for; always `hits + misses`. Counted when answered.
    pub requests: u64,
    /// Of those, handed out without a load.
    pub hits: u64,
    /// Of those, answered by a load, an error, or another thread's load.
    pub misses: u64,
    /// Voices loaded, whoever asked; preloads too.
    pub loads: u64,
    /// Loads that ended in an error.
    pub failed_loads: u64,
    /// Voices let go: for the limits, on request, or replaced on disk.
    pub evictions: u64,
    /// Voices kept now.
    pub voices: usize,
    /// What they are reckoned to take.
    pub bytes: u64,
    /// Time spent loading, failures included, added up over all threads.
    #[serde(rename = "load_seconds", serialize_with = "seconds")]
    pub load_time: Duration,
}

/// A voice that a cache keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CachedVoice {
    /// The voice's name.
    pub name: String,
    /// The graph's canonical path.
    pub path: PathBuf,
    /// What it is reckoned to take: see [`VoiceCache`](super::VoiceCache).
    pub bytes: u64,
    /// How often it was loaded, over the life of the cache.
    pub loads: u64,
    /// How often it was asked for, over the life of the cache.
    pub uses: u64,
    /// How long ago it was last asked for; `None` if it is only preloaded.
    #[serde(rename = "idle_seconds", serialize_with = "maybe_seconds")]
    pub idle: Option<Duration>,
}

/// A voice that alone takes more than a cache may keep.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TooLarge {
    /// The graph's canonical path.
    pub path: PathBuf,
    /// What the voice is reckoned to take.
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
    fn times_are_told_in_seconds() {
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
            loads: 1,
            uses: 0,
            idle,
        };
        let idle = |idle| serde_json::to_value(voice(idle)).unwrap()["idle_seconds"].clone();
        assert_eq!(idle(Some(Duration::from_secs(2))), 2.0);
        assert!(idle(None).is_null());
    }
}
