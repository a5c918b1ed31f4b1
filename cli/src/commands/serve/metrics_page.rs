//! `/metrics`: what the server has done, as Prometheus reads it.

use std::fmt::Write as _;

use super::metrics::{Counts, FIRST_SOUND_SECONDS};
use super::speech::Speech;
use crate::system::{cpu_time, peak_memory_bytes};

/// Returns the text that Prometheus reads.
pub(super) fn render(speech: &Speech) -> String {
    let (pool, cache) = (speech.pool().stats(), speech.engine().cache().stats());
    let counts = speech.metrics().counts();
    let mut page = Page::default();
    page.head("piper_requests_total", "counter", "Requests that ended.");
    for ((route, outcome), n) in &counts.requests {
        let (route, outcome) = (route.name(), outcome.name());
        page.line(&format!(
            "piper_requests_total{{route=\"{route}\",outcome=\"{outcome}\"}} {n}"
        ));
    }
    page.gauge(
        "piper_requests",
        "Requests that are spoken or wait.",
        speech.n_jobs(),
    );
    let waiting = speech.n_waiting();
    page.gauge(
        "piper_requests_waiting",
        "Of those, without their first sound.",
        waiting,
    );
    render_first_sounds(&counts, &mut page);
    let stream = &counts.stream;
    page.counter(
        "piper_audio_seconds_total",
        "Sound that was made.",
        stream.audio_seconds,
    );
    page.counter(
        "piper_chunks_total",
        "Chunks of text that were spoken.",
        stream.chunks,
    );
    page.counter(
        "piper_inferences_total",
        "Inferences that were started.",
        stream.inferences,
    );
    let unknown = stream.unknown_phonemes;
    page.counter(
        "piper_unknown_phonemes_total",
        "Phonemes that voices lack.",
        unknown,
    );
    if let Some(time) = cpu_time() {
        let seconds = time.as_secs_f64();
        page.counter("piper_cpu_seconds_total", "Processor time.", seconds);
    }
    if let Some(bytes) = peak_memory_bytes() {
        page.gauge(
            "piper_peak_memory_bytes",
            "Most memory used, mapped files included.",
            bytes,
        );
    }
    page.counter(
        "piper_pool_acquired_total",
        "Buffers handed out.",
        pool.acquired,
    );
    page.counter(
        "piper_pool_allocated_total",
        "Of those, new ones.",
        pool.allocated,
    );
    page.counter(
        "piper_pool_reused_total",
        "Of those, used again.",
        pool.reused,
    );
    page.counter(
        "piper_pool_returned_total",
        "Buffers that came back.",
        pool.returned,
    );
    page.counter(
        "piper_pool_discarded_total",
        "Of those, freed.",
        pool.discarded,
    );
    page.gauge("piper_pool_in_flight", "Buffers in use.", pool.in_flight);
    page.gauge(
        "piper_pool_bytes",
        "Memory of idle buffers.",
        pool.bytes_held,
    );
    page.counter(
        "piper_cache_hits_total",
        "Voices found in memory.",
        cache.hits,
    );
    page.counter(
        "piper_cache_misses_total",
        "Voices not in memory.",
        cache.misses,
    );
    page.counter("piper_cache_loads_total", "Voices loaded.", cache.loads);
    page.counter(
        "piper_cache_failed_loads_total",
        "Loads that failed.",
        cache.failed_loads,
    );
    page.counter(
        "piper_cache_evictions_total",
        "Voices evicted.",
        cache.evictions,
    );
    let load_seconds = cache.load_time.as_secs_f64();
    page.counter(
        "piper_cache_load_seconds_total",
        "Time of loads.",
        load_seconds,
    );
    page.gauge("piper_cache_voices", "Voices in memory.", cache.voices);
    page.gauge(
        "piper_cache_bytes",
        "Their memory, as estimated.",
        cache.bytes,
    );
    page.0
}

fn render_first_sounds(counts: &Counts, page: &mut Page) {
    const NAME: &str = "piper_first_sound_seconds";
    page.head(
        NAME,
        "histogram",
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
    fn counter(&mut self, name: &str, help: &str, value: impl std::fmt::Display) {
        self.head(name, "counter", help);
        self.line(&format!("{name} {value}"));
    }

    fn gauge(&mut self, name: &str, help: &str, value: impl std::fmt::Display) {
        self.head(name, "gauge", help);
        self.line(&format!("{name} {value}"));
    }

    fn head(&mut self, name: &str, kind: &str, help: &str) {
        // A string can always be written to.
        _ = write!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
    }

    fn line(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push('\n');
    }
}
