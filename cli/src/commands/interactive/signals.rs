//! What SIGINT and SIGTERM do during a session.

use std::time::Instant;

use piper_rs::{CancelToken, Result};

use super::input::InputMode;
use super::interrupt_policy::{InterruptAction, InterruptPolicy};
use super::task_queue::TaskQueue;
use crate::terminal::signals::{self, Requests};

/// What a signal acts on.
pub(super) struct SignalHandler {
    pub(super) queue: TaskQueue,
    /// Cancelled when the session is left.
    pub(super) leave: CancelToken,
    pub(super) interrupts: InterruptPolicy,
    pub(super) input_mode: InputMode,
}

impl SignalHandler {
    /// Handles signals from now on.
    ///
    /// A signal stops the speech at once, finishes the files and leaves the
    /// session. At a terminal a signal means Ctrl-C and does what the
    /// [`InterruptPolicy`] says. A signal after the session was left ends the
    /// program immediately.
    pub(super) fn install(self) -> Result<()> {
        let terminal = SavedTerminal::save();
        let mut requests = Requests::default();
        signals::on_signal(move || self.on_signal(&terminal, &mut requests))
    }

    fn on_signal(&self, terminal: &SavedTerminal, requests: &mut Requests) {
        let is_new = requests.is_new(Instant::now());
        if self.leave.is_cancelled() {
            if is_new {
                terminal.restore();
                signals::exit();
            }
            return;
        }
        // While a line is edited, Ctrl-C is a key; a signal is then not Ctrl-C.
        let editing = terminal.is_raw();
        if self.input_mode == InputMode::Terminal && !editing {
            let is_speaking = self.queue.is_busy();
            let action = self.interrupts.interrupt(Instant::now(), is_speaking);
            self.queue.stop();
            if action != InterruptAction::Leave {
                return;
            }
        }
        self.queue.stop();
        self.leave.cancel();
        if editing {
            // The line editor cannot be interrupted, so exit from here.
            self.queue.finish();
            terminal.restore();
            signals::exit();
        }
    }
}

/// The terminal's modes before the line editor changed them.
struct SavedTerminal(#[cfg(unix)] Option<rustix::termios::Termios>);

#[cfg(unix)]
impl SavedTerminal {
    fn save() -> Self {
        Self(rustix::termios::tcgetattr(std::io::stdin()).ok())
    }

    /// Returns whether the terminal sends Ctrl-C as a key, not as a signal.
    fn is_raw(&self) -> bool {
        use rustix::termios::{LocalModes, tcgetattr};
        tcgetattr(std::io::stdin()).is_ok_and(|modes| !modes.local_modes.contains(LocalModes::ISIG))
    }

    fn restore(&self) {
        use rustix::termios::{OptionalActions, tcsetattr};
        if let Some(modes) = &self.0 {
            // The program exits anyway; a failure changes nothing.
            _ = tcsetattr(std::io::stdin(), OptionalActions::Now, modes);
        }
    }
}

#[cfg(not(unix))]
impl SavedTerminal {
    fn save() -> Self {
        Self()
    }

    fn is_raw(&self) -> bool {
        false
    }

    fn restore(&self) {}
}
