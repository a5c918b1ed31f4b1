//! What a batch has done, counted.

use std::time::Instant;

use piper_rs::phoneme_id::UnknownPhonemes;
use piper_rs::synth::{SpeechSession, StreamStats};
use serde::Serialize;

/// Counts of a batch.
#[derive(Debug, Default, Clone, Serialize)]
pub(super) struct Tally {
    pub(super) done: u64,
    pub(super) skipped: u64,
    pub(super) failed: u64,
    #[serde(skip)]
    pub(super) stream: StreamStats,
    #[serde(skip)]
    pub(super) unknown: UnknownPhonemes,
}

impl Tally {
    /// Adds a text that was made; `started` is the batch's start.
    pub(super) fn add(&mut self, session: &SpeechSession, started: Instant) {
        self.done += 1;
        self.unknown.merge(session.unknown_phonemes());
        // Of the whole batch, to the end of the first text.
        let first_audio_ms = self.stream.first_audio_ms;
        self.stream += session.stats();
        self.stream.first_audio_ms =
            first_audio_ms.or_else(|| Some(started.elapsed().as_secs_f64() * 1000.0));
    }

    /// Says it in a sentence.
    pub(super) fn summary(&self, wall_seconds: f64) -> String {
        let audio = self.stream.audio_seconds;
        let speed = match audio > 0.0 {
            true => format!(", {:.3} of real time", wall_seconds / audio),
            false => String::new(),
        };
        format!(
            "{} done, {} skipped, {} failed: {:.3} hours of audio in {wall_seconds:.1} s{speed}",
            self.done,
            self.skipped,
            self.failed,
            audio / 3600.0,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_has_no_speed_where_nothing_was_made() {
        let mut tally = Tally {
            skipped: 3,
            ..Tally::default()
        };
        let summary = tally.summary(0.04);
        assert_eq!(
            summary,
            "0 done, 3 skipped, 0 failed: 0.000 hours of audio in 0.0 s"
        );
        tally.stream.audio_seconds = 7200.0;
        tally.done = 1;
        assert!(
            tally
                .summary(720.0)
                .ends_with("2.000 hours of audio in 720.0 s, 0.100 of real time")
        );
    }
}
