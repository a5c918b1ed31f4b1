//! `--stats`: statistics of a run.

use std::path::PathBuf;
use std::time::Duration;

use piper_rs::audio::PoolStats;
use piper_rs::synth::StreamStats;
use piper_rs::voice::cache::CacheStats;
use piper_rs::voice::{PartEngine, VoiceCache, describe_parts};
use serde::Serialize;

use crate::args::StatsArg;
use crate::system::{cpu_time, peak_memory_bytes};
use crate::terminal::quantity::megabytes;

/// The statistics of a run.
#[derive(Debug, Serialize)]
pub(crate) struct Stats {
    pool: PoolStats,
    cache: CacheStats,
    stream: Stream,
    /// The voices in memory, most recently used first.
    voices: Vec<LoadedVoice>,
}

#[derive(Debug, Serialize)]
struct LoadedVoice {
    name: String,
    path: PathBuf,
    /// None if it is not split.
    parts: Vec<PartEngine>,
}

#[derive(Debug, Serialize)]
struct Stream {
    #[serde(flatten)]
    stream: StreamStats,
    wall_seconds: f64,
    cpu_seconds: Option<f64>,
    /// Mapped files included.
    peak_memory_bytes: Option<u64>,
    /// Wall seconds per second of audio: below 1 is faster than speech.
    real_time_factor: Option<f64>,
}

impl Stats {
    /// Combines the statistics. `wall` is the time that synthesis took.
    pub(crate) fn new(
        pool: PoolStats,
        cache: &VoiceCache,
        stream: StreamStats,
        wall: Duration,
    ) -> Self {
        let wall_seconds = wall.as_secs_f64();
        let audio = stream.audio_seconds;
        let stream = Stream {
            stream,
            wall_seconds,
            cpu_seconds: cpu_time().map(|time| time.as_secs_f64()),
            peak_memory_bytes: peak_memory_bytes(),
            real_time_factor: (audio > 0.0).then(|| wall_seconds / audio),
        };
        let voices = cache.list().into_iter().map(|voice| LoadedVoice {
            name: voice.name,
            path: voice.path,
            parts: voice.parts,
        });
        Self {
            pool,
            cache: cache.stats(),
            stream,
            voices: voices.collect(),
        }
    }

    pub(crate) fn render(&self, format: StatsArg) -> String {
        match format {
            // Numbers and strings can always be serialized.
            StatsArg::Json => serde_json::to_string(self).unwrap_or_default(),
            StatsArg::Text => self.text(),
        }
    }

    fn text(&self) -> String {
        let Stream {
            stream,
            wall_seconds,
            cpu_seconds,
            peak_memory_bytes,
            real_time_factor,
        } = &self.stream;
        let known = |value: &Option<f64>, unit: &str| match value {
            Some(value) => format!("{value:.3}{unit}"),
            None => "unknown".to_owned(),
        };
        let (pool, cache) = (&self.pool, &self.cache);
        [
            format!(
                "stream  {:.3} s of audio in {wall_seconds:.3} s (CPU {}), {} of real time, first \
                 audio after {}",
                stream.audio_seconds,
                known(cpu_seconds, " s"),
                known(real_time_factor, ""),
                known(&stream.first_audio_ms, " ms"),
            ),
            format!(
                "        {} chunks, {} inferences, {} unknown phonemes, {} words by lexicon; memory {} at \
                 most",
                stream.chunks,
                stream.inferences,
                stream.unknown_phonemes,
                stream.replaced_words,
                peak_memory_bytes.map_or_else(|| "unknown".to_owned(), megabytes)
            ),
            format!(
                "pool    {} buffers acquired: {} allocated, {} reused, {} grown; {} returned, {} \
                 discarded",
                pool.acquired,
                pool.allocated,
                pool.reused,
                pool.grown,
                pool.returned,
                pool.discarded
            ),
            format!(
                "        {} in flight at peak, {} held",
                pool.peak_in_flight,
                megabytes(pool.bytes_held)
            ),
            cache_text(cache),
            self.voices_text(),
        ]
        .join("\n")
    }

    fn voices_text(&self) -> String {
        let text = |voice: &LoadedVoice| {
            let (name, path) = (&voice.name, voice.path.display());
            match &*voice.parts {
                [] => format!("{name} {path}"),
                parts => format!("{name} {path} ({})", describe_parts(parts)),
            }
        };
        let voices: Vec<_> = self.voices.iter().map(text).collect();
        match voices.is_empty() {
            true => "voices  none in memory".to_owned(),
            false => format!("voices  {}", voices.join(", ")),
        }
    }
}

fn cache_text(cache: &CacheStats) -> String {
    format!(
        "cache   {} requests: {} hits, {} misses; {} loads in {:.3} s, {} failed; {} evictions, \
         {} held",
        cache.requests,
        cache.hits,
        cache.misses,
        cache.loads,
        cache.load_time.as_secs_f64(),
        cache.failed_loads,
        cache.evictions,
        megabytes(cache.bytes)
    )
}
