//! What a session has made, in numbers.

use std::ops::AddAssign;

/// Counts of a [`SpeechSession`](super::SpeechSession).
#[derive(Debug, Clone, Copy, Default, PartialEq, serde::Serialize)]
pub struct StreamStats {
    /// Seconds of audio, pauses included.
    pub audio_seconds: f64,
    /// Milliseconds from the start of the session to its first block of speech.
    pub first_audio_ms: Option<f64>,
    /// Chunks of text that were spoken.
    pub chunks: u64,
    /// Inferences that were started: one for each sentence, or for each part of
    /// a long one, or for each of its phrases.
    #[serde(rename = "sentences")] // what programs that read the statistics know
    pub inferences: u64,
    /// Phonemes that were left out because the voice does not know them.
    pub unknown_phonemes: u64,
    /// Words and phrases that a lexicon replaced.
    pub replaced_words: u64,
    /// Samples that a [volume](super::SpeakOptions::volume) above 1 has clipped.
    pub clipped_samples: u64,
}

impl AddAssign for StreamStats {
    /// Adds the counts of a later session. A latency cannot be added:
    /// `first_audio_ms` is that of the latest session that has one.
    fn add_assign(&mut self, later: Self) {
        // Every field is named, so that a new one cannot be forgotten here.
        let Self {
            audio_seconds,
            first_audio_ms,
            chunks,
            inferences,
            unknown_phonemes,
            replaced_words,
            clipped_samples,
        } = later;
        self.audio_seconds += audio_seconds;
        self.first_audio_ms = first_audio_ms.or(self.first_audio_ms);
        self.chunks += chunks;
        self.inferences += inferences;
        self.unknown_phonemes += unknown_phonemes;
        self.replaced_words += replaced_words;
        self.clipped_samples += clipped_samples;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_add_up_and_the_latest_latency_counts() {
        let one = StreamStats {
            audio_seconds: 1.5,
            first_audio_ms: Some(30.0),
            chunks: 1,
            inferences: 2,
            unknown_phonemes: 3,
            replaced_words: 4,
            clipped_samples: 5,
        };
        let mut sum = StreamStats::default();
        sum += one;
        sum += StreamStats {
            first_audio_ms: None,
            ..one
        };
        let expected = StreamStats {
            audio_seconds: 3.0,
            first_audio_ms: Some(30.0),
            chunks: 2,
            inferences: 4,
            unknown_phonemes: 6,
            replaced_words: 8,
            clipped_samples: 10,
        };
        assert_eq!(sum, expected);
    }
}
