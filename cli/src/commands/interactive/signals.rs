//! Signals during a session.

use std::time::Instant;

use piper_rs::CancelToken;

use super::Typist;
use super::player::Player;
use super::press::{Press, Presses};
use crate::terminal::signals;

/// What a signal has to do with.
pub(super) struct Signals {
    pub(super) player: Player,
    /// Cancelled when the session is left.
    pub(super) leave: CancelToken,
    pub(super) presses: Presses,
    pub(super) typist: Typist,
}

impl Signals {
    /// Obeys signals from now on. One leaves the session, silent at once, its
    /// files finished; but at a terminal, where it is Ctrl-C, it is taken as
    /// a key. Another one after that ends the program as it is.
    pub(super) fn handle(self) {
        let terminal = Terminal::remember();
        signals::on_signal(move || self.signal(&terminal));
    }

    fn signal(&self, terminal: &Terminal) {
        if self.leave.is_cancelled() {
            terminal.restore();
            signals::exit();
        }
        // While a line is edited Ctrl-C is a key, and a signal no Ctrl-C.
        let editing = terminal.is_raw();
        if self.typist == Typist::Person && !editing {
            let press = self.presses.press(Instant::now(), self.player.is_busy());
            self.player.stop();
            if press != Press::Leave {
                return;
            }
        }
        self.player.stop();
        self.leave.cancel();
        if editing {
            // The editor cannot be told to stop.
            self.player.finish();
            terminal.restore();
            signals::exit();
        }
    }
}

/// The terminal's modes before a line editor changed them.
struct Terminal(#[cfg(unix)] Option<rustix::termios::Termios>);

#[cfg(unix)]
impl Terminal {
    fn remember() -> Self {
        Self(rustix::termios::tcgetattr(std::io::stdin()).ok())
    }

    /// Returns whether Ctrl-C is a key just now.
    fn is_raw(&self) -> bool {
        use rustix::termios::{LocalModes, tcgetattr};
        tcgetattr(std::io::stdin()).is_ok_and(|modes| !modes.local_modes.contains(LocalModes::ISIG))
    }

    fn restore(&self) {
        use rustix::termios::{OptionalActions, tcsetattr};
        if let Some(modes) = &self.0 {
            // Nothing else can be done on the way out.
            _ = tcsetattr(std::io::stdin(), OptionalActions::Now, modes);
        }
    }
}

#[cfg(not(unix))]
impl Terminal {
    fn remember() -> Self {
        Self()
    }

    fn is_raw(&self) -> bool {
        false
    }

    fn restore(&self) {}
}
