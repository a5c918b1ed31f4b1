//! What the module writes to the server, and the message that it is about.

use std::sync::{Mutex, MutexGuard, PoisonError};

use piper_rs::audio::SampleRate;
use piper_rs::speechd::extend_audio;
use piper_rs::{CancelToken, Error, Result};

use crate::terminal::stdout::{print, print_line};

/// What the names of the server's own marks begin with. It goes on after a pause from
/// the last one.
const SERVER_MARK: &str = "__spd_";

/// Standard output. Whoever writes has the lock, so that no event is within a reply.
#[derive(Default)]
pub(super) struct Connection(Mutex<State>);

#[derive(Default)]
struct State {
    current: Option<Current>,
    /// An event, before it is written.
    event: Vec<u8>,
}

/// The message that the server waits for.
struct Current {
    id: u64,
    cancel: CancelToken,
    has_begun: bool,
    /// Whether it ends at the next mark of the server.
    is_pausing: bool,
}

/// How a message ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// All of it was sent.
    Complete,
    /// The rest is dropped.
    Stopped,
    /// The server keeps the rest for later.
    Paused,
}

impl End {
    fn event(self) -> &'static [u8] {
        match self {
            Self::Complete => b"702 END\n",
            Self::Stopped => b"703 STOP\n",
            Self::Paused => b"704 PAUSE\n",
        }
    }
}

impl Connection {
    /// Replies to a command.
    pub(super) fn reply(&self, lines: &str) -> Result<()> {
        let _state = self.state();
        print_line(lines)
    }

    /// Accepts a message, if none is current. Returns whether it did.
    pub(super) fn accept(&self, id: u64, cancel: &CancelToken) -> Result<bool> {
        let mut state = self.state();
        if state.current.is_some() {
            return Ok(false);
        }
        state.current = Some(Current {
            id,
            cancel: cancel.clone(),
            has_begun: false,
            is_pausing: false,
        });
        print("200 OK SPEAKING\n")?;
        Ok(true)
    }

    /// Sends samples of a message.
    ///
    /// # Errors
    /// [`Error::Cancelled`] if the message has ended or is cancelled: whoever cancels it
    /// may be waiting to write its end.
    pub(super) fn audio(&self, id: u64, samples: &[f32], rate: SampleRate) -> Result<()> {
        let mut state = self.begun_and_wanted(id)?;
        extend_audio(&mut state.event, samples, rate);
        state.send()
    }

    /// Says that a mark of a message is reached.
    ///
    /// # Errors
    /// [`Error::Cancelled`] if the message has ended or is cancelled, or pauses at this
    /// mark.
    pub(super) fn mark(&self, id: u64, name: &str) -> Result<()> {
        let mut state = self.begun_and_wanted(id)?;
        let name = name.replace('\n', " ");
        state
            .event
            .extend(format!("700-{name}\n700 INDEX MARK\n").bytes());
        state.send()?;
        let is_pausing = state.current.as_ref().is_some_and(|now| now.is_pausing);
        if is_pausing && name.starts_with(SERVER_MARK) {
            state.end(End::Paused)?;
            return Err(Error::Cancelled);
        }
        Ok(())
    }

    /// Ends a message, unless it has ended.
    pub(super) fn end(&self, id: u64, end: End) -> Result<()> {
        match self.begun(id) {
            Ok(mut state) => state.end(end),
            Err(Error::Cancelled) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Stops the current message, if there is one.
    pub(super) fn stop(&self) -> Result<()> {
        let id = self.state().current.as_ref().map(|current| current.id);
        id.map_or(Ok(()), |id| self.end(id, End::Stopped))
    }

    /// Lets the current message end at the next mark of the server.
    pub(super) fn pause(&self) {
        if let Some(current) = &mut self.state().current {
            current.is_pausing = true;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begun_and_wanted(&self, id: u64) -> Result<MutexGuard<'_, State>> {
        let state = self.begun(id)?;
        let current = state.current.as_ref();
        match current.is_some_and(|current| current.cancel.is_cancelled()) {
            true => Err(Error::Cancelled),
            false => Ok(state),
        }
    }

    /// Tells that a message begins, unless that was told.
    fn begun(&self, id: u64) -> Result<MutexGuard<'_, State>> {
        let mut state = self.state();
        let current = state.current.as_mut().filter(|current| current.id == id);
        let current = current.ok_or(Error::Cancelled)?;
        if !std::mem::replace(&mut current.has_begun, true) {
            state.event.extend(b"701 BEGIN\n");
            state.send()?;
        }
        Ok(state)
    }
}

impl State {
    fn send(&mut self) -> Result<()> {
        let sent = print(&self.event);
        self.event.clear();
        sent
    }

    /// Ends the current message. What makes its audio is cancelled first: it may be
    /// slow, and nobody needs it.
    fn end(&mut self, end: End) -> Result<()> {
        if let Some(current) = self.current.take() {
            if end != End::Complete {
                current.cancel.cancel();
            }
            print(end.event())?;
        }
        Ok(())
    }
}
