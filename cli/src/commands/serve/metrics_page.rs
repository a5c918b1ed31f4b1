//! `/metrics`: what the server has done, as Prometheus reads it.

use std::fmt::Write as _;

use super::metrics::{Counts, FIRST_SOUND_SECONDS};
use super::speech::Speech;
use crate::system::{cpu_time, peak_memory_bytes};

/// How a number changes.
#[derive(Clone, Copy)]
enum Kind {
    /// It only grows.
    Counter,
    Gauge,
    Histogram,
}

/// Returns the text that Prometheus reads.
pub(super) fn render(speech: &Speech) -> String {
    let counts = speech.metrics().counts();
    let mut page = Page::default();
    page.head(
        "piper_requests_total",
        Kind::Counter,
        "Requests that ended.",
    );
    for ((route, outcome), n) in &counts.requests {
        let (route, outcome) = (route.name(), outcome.name());
        page.line(&format!(
            "piper_requests_total{{route=\"{route}\",outcome=\"{outcome}\"}} {n}"
        ));
    }
    render_first_sounds(&counts, &mut page);
    for (kind, name, help, value) in numbers(speech, &counts) {
        page.head(name, kind, help);
        page.line(&format!("{name} {value}"));
    }
    page.0
}

/// Returns what is known now, with its names and what they mean.
fn numbers(speech: &Speech, counts: &Counts) -> Vec<(Kind, &'static str, &'static str, f64)> {
    use Kind::{Counter, Gauge};
    let (pool, cache) = (speech.pool().stats(), speech.engine().cache().stats());
    let (stream, n) = (&counts.stream, |n: u64| n as f64);
    let (cpu, memory) = (cpu_time(), peak_memory_bytes());
    let cpu = cpu.map(|time| {
        (
            Counter,
            "process_cpu_seconds_total",
            "Processor time used.",
            time.as_secs_f64(),
        )
    });
    let memory = memory.map(|bytes| {
        (
            Gauge,
            "piper_peak_memory_bytes",
            "Most memory used so far, mapped files included.",
            n(bytes),
        )
    });
    #[rustfmt::skip]
    let numbers = [
        (Gauge, "piper_requests_in_progress", "Requests that are spoken or wait.", speech.n_jobs() as f64),
        (Gauge, "piper_requests_waiting", "Requests that wait for the server, without sound so far.", speech.n_waiting() as f64),
        (Counter, "piper_audio_seconds_total", "Sound that was made, in seconds.", stream.audio_seconds),
        (Counter, "piper_chunks_total", "Chunks of text that were spoken.", n(stream.chunks)),
        (Counter, "piper_inferences_total", "Inferences that were started.", n(stream.inferences)),
        (Counter, "piper_unknown_phonemes_total", "Phonemes that voices lack.", n(stream.unknown_phonemes)),
        (Counter, "piper_pool_acquired_total", "Buffers handed out by the pool.", n(pool.acquired)),
        (Counter, "piper_pool_allocated_total", "Buffers handed out that were new.", n(pool.allocated)),
        (Counter, "piper_pool_reused_total", "Buffers handed out that were used before.", n(pool.reused)),
        (Counter, "piper_pool_returned_total", "Buffers that came back to the pool.", n(pool.returned)),
        (Counter, "piper_pool_discarded_total", "Buffers that came back and were freed.", n(pool.discarded)),
        (Gauge, "piper_pool_in_flight", "Buffers in use.", n(pool.in_flight)),
        (Gauge, "piper_pool_bytes", "Memory of the buffers that are not in use.", n(pool.bytes_held)),
        (Counter, "piper_cache_hits_total", "Requests whose voice was in memory.", n(cache.hits)),
        (Counter, "piper_cache_misses_total", "Requests whose voice was not in memory.", n(cache.misses)),
        (Counter, "piper_cache_loads_total", "Voices loaded.", n(cache.loads)),
        (Counter, "piper_cache_failed_loads_total", "Loads of voices that failed.", n(cache.failed_loads)),
        (Counter, "piper_cache_evictions_total", "Voices evicted from the cache.", n(cache.evictions)),
        (Counter, "piper_cache_load_seconds_total", "Time spent loading voices, in seconds.", cache.load_time.as_secs_f64()),
        (Gauge, "piper_cache_voices", "Voices in the cache. One that was evicted stays in memory while it is used.", cache.voices as f64),
        (Gauge, "piper_cache_bytes", "Memory of the voices in the cache, as estimated.", n(cache.bytes)),
    ];
    numbers.into_iter().chain(cpu).chain(memory).collect()
}

fn render_first_sounds(counts: &Counts, page: &mut Page) {
    const NAME: &str = "piper_first_sound_seconds";
    page.head(
        NAME,
        Kind::Histogram,
        "Time from a request to its first speech.",
    );
    let limits = FIRST_SOUND_SECONDS.iter().map(ToString::to_string);
    let mut sum = 0;
    for (limit, n) in limits.chain(["+Inf".to_owned()]).zip(counts.first_sounds) {
        sum += n;
        page.line(&format!("{NAME}_bucket{{le=\"{limit}\"}} {sum}"));
    }
    page.line(&format!(
        "{NAME}_sum {}",
        counts.first_sound_sum.as_secs_f64()
    ));
    page.line(&format!("{NAME}_count {sum}"));
}

/// The text that is being written.
#[derive(Default)]
struct Page(String);

impl Page {
    fn head(&mut self, name: &str, kind: Kind, help: &str) {
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        // A string can always be written to.
        _ = write!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
    }

    fn line(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push('\n');
    }
}
