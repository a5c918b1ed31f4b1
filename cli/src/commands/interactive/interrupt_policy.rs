//! What Ctrl-C does at a prompt: the first one stops the speech, the second
//! one leaves.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Two Ctrl-C within this time always leave.
const DOUBLE_PRESS: Duration = Duration::from_secs(1);

/// What a Ctrl-C does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum InterruptAction {
    StopSpeech,
    /// There is nothing to stop: tell the user how to leave.
    ShowHint,
    Leave,
}

/// Remembers the last Ctrl-C since the last line.
///
/// Clones share it: Ctrl-C arrives as a key while a line is edited, and as a
/// signal while a command runs.
#[derive(Debug, Clone, Default)]
pub(super) struct InterruptPolicy(Arc<Mutex<Option<Instant>>>);

impl InterruptPolicy {
    /// Returns what a Ctrl-C at `now` does.
    ///
    /// If the speech has just ended by itself, the first one does not leave.
    pub(super) fn interrupt(&self, now: Instant, is_speaking: bool) -> InterruptAction {
        match self.last().replace(now) {
            Some(_) if !is_speaking => InterruptAction::Leave,
            Some(last) if now.duration_since(last) <= DOUBLE_PRESS => InterruptAction::Leave,
            _ if is_speaking => InterruptAction::StopSpeech,
            _ => InterruptAction::ShowHint,
        }
    }

    /// Forgets earlier Ctrl-C, because the user typed a line.
    pub(super) fn reset(&self) {
        *self.last() = None;
    }

    fn last(&self) -> MutexGuard<'_, Option<Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::InterruptAction::{Leave, ShowHint, StopSpeech};
    use super::*;

    const SPEAKING: bool = true;
    const SILENT: bool = false;

    #[test]
    fn the_second_interrupt_leaves_unless_a_line_or_speech_came_between() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let cases = [
            ((0, SPEAKING), (5000, SILENT), [StopSpeech, Leave]),
            ((0, SPEAKING), (900, SPEAKING), [StopSpeech, Leave]),
            ((0, SPEAKING), (2000, SPEAKING), [StopSpeech, StopSpeech]),
            ((0, SILENT), (500, SILENT), [ShowHint, Leave]),
            ((0, SILENT), (3000, SPEAKING), [ShowHint, StopSpeech]),
        ];
        for (first, second, expected) in cases {
            let policy = InterruptPolicy::default();
            let actions = [first, second].map(|(ms, speaking)| policy.interrupt(at(ms), speaking));
            assert_eq!(actions, expected, "{first:?} {second:?}");
        }
        let policy = InterruptPolicy::default();
        policy.interrupt(at(0), SILENT);
        policy.reset();
        assert_eq!(policy.interrupt(at(1), SILENT), ShowHint);
    }
}
