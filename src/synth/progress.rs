//! How far a session has come, readable from any thread.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counts of a session, updated while it speaks.
#[derive(Debug, Default)]
pub struct Progress {
    processed: AtomicU64,
    processed_chars: AtomicU64,
    total: AtomicU64,
}

impl Progress {
    /// Returns how many chunks have been spoken.
    pub fn processed_chunks(&self) -> u64 {
        self.processed.load(Ordering::Relaxed)
    }

    /// Returns how many characters the chunks have that have been spoken.
    pub fn processed_chars(&self) -> u64 {
        self.processed_chars.load(Ordering::Relaxed)
    }

    /// Returns how many chunks there are, if that is known: the length of a
    /// stream is not.
    pub fn total_chunks(&self) -> Option<u64> {
        Some(self.total.load(Ordering::Relaxed)).filter(|total| *total > 0)
    }

    /// Returns how much of the text has been spoken, 0 to 1, if the total is
    /// known.
    pub fn fraction(&self) -> Option<f32> {
        let total = self.total_chunks()?;
        Some((self.processed_chunks() as f32 / total as f32).min(1.0))
    }

    /// Sets how many chunks there will be; 0 for unknown.
    pub fn set_total_chunks(&self, total: u64) {
        self.total.store(total, Ordering::Relaxed);
    }

    pub(super) fn chunk_done(&self, chars: u64) {
        self.processed.fetch_add(1, Ordering::Relaxed);
        self.processed_chars.fetch_add(chars, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fraction_needs_a_total() {
        let progress = Progress::default();
        progress.chunk_done(12);
        assert_eq!(
            (progress.processed_chunks(), progress.fraction()),
            (1, None)
        );
        assert_eq!(progress.processed_chars(), 12);
        progress.set_total_chunks(4);
        assert_eq!(
            (progress.total_chunks(), progress.fraction()),
            (Some(4), Some(0.25))
        );
    }
}
