//! Ctrl-C at a prompt: once stops the speech, twice leaves.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Two presses within this are meant as two, whatever is going on.
const TWICE: Duration = Duration::from_secs(1);

/// What a press of Ctrl-C means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Press {
    /// Stop the speech.
    Stop,
    /// There is nothing to stop: say how to leave.
    Hint,
    Leave,
}

/// The presses since the last line was typed. Clones are the same: Ctrl-C
/// comes as a key while a line is edited, and as a signal while a command is
/// at work.
#[derive(Debug, Clone, Default)]
pub(super) struct Presses(Arc<Mutex<Option<Instant>>>);

impl Presses {
    /// Returns what a press at `now` means.
    ///
    /// One that comes just when the speech has ended by itself does not
    /// leave.
    pub(super) fn press(&self, now: Instant, is_speaking: bool) -> Press {
        match self.last().replace(now) {
            Some(_) if !is_speaking => Press::Leave,
            Some(last) if now.duration_since(last) <= TWICE => Press::Leave,
            _ if is_speaking => Press::Stop,
            _ => Press::Hint,
        }
    }

    /// Forgets the presses, since somebody goes on typing.
    pub(super) fn forget(&self) {
        *self.last() = None;
    }

    fn last(&self) -> MutexGuard<'_, Option<Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_press_leaves_unless_more_has_been_typed_or_said() {
        const SPEAKING: bool = true;
        const SILENT: bool = false;
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let cases = [
            ((0, SPEAKING), (5000, SILENT), [Press::Stop, Press::Leave]),
            ((0, SPEAKING), (900, SPEAKING), [Press::Stop, Press::Leave]),
            ((0, SPEAKING), (2000, SPEAKING), [Press::Stop, Press::Stop]),
            ((0, SILENT), (500, SILENT), [Press::Hint, Press::Leave]),
            ((0, SILENT), (3000, SPEAKING), [Press::Hint, Press::Stop]),
        ];
        for (first, second, expected) in cases {
            let state = Presses::default();
            let meant = [first, second].map(|(ms, speaking)| state.press(at(ms), speaking));
            assert_eq!(meant, expected, "{first:?} {second:?}");
        }
        let state = Presses::default();
        state.press(at(0), SILENT);
        state.forget();
        assert_eq!(state.press(at(1), SILENT), Press::Hint);
    }
}
