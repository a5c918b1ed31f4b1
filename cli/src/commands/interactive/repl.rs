//! The loop of a session: read a line, execute it, print the reply.

use std::ops::ControlFlow;
use std::time::Instant;

use piper_rs::CancelToken;

use super::input::{InputEvent, InputMode, LineReader};
use super::interrupt_policy::{InterruptAction, InterruptPolicy};
use super::messages::Messages;
use super::reply::Reply;
use super::session::Session;
use super::task_queue::{EnqueueError, TaskQueue};
use crate::terminal::report::{Outcome, Reporter};

pub(super) struct Repl<'a> {
    pub(super) session: &'a mut Session,
    pub(super) queue: &'a TaskQueue,
    pub(super) messages: &'a Messages,
    pub(super) reporter: &'a Reporter,
    /// Cancelled when the session is left.
    pub(super) leave: &'a CancelToken,
    pub(super) interrupts: InterruptPolicy,
    pub(super) input_mode: InputMode,
}

impl Repl<'_> {
    /// Executes lines until the session is left. Returns `Done` if the queued
    /// texts should still be spoken.
    pub(super) fn run(mut self, lines: &mut dyn LineReader) -> anyhow::Result<Outcome> {
        while !self.leave.is_cancelled() {
            match lines.read(self.session)? {
                InputEvent::End => return Ok(Outcome::Done),
                InputEvent::Interrupt if self.input_mode == InputMode::Script => break,
                InputEvent::Interrupt => match self.interrupt_action() {
                    InterruptAction::Leave => break,
                    InterruptAction::StopSpeech => _ = self.execute(":stop"),
                    InterruptAction::ShowHint => self.reporter.note("press Ctrl-C again to leave"),
                },
                InputEvent::Line(line) => {
                    self.interrupts.reset();
                    if self.execute(&line).is_break() {
                        return Ok(Outcome::Done);
                    }
                }
            }
        }
        Ok(Outcome::Interrupted)
    }

    fn interrupt_action(&self) -> InterruptAction {
        let is_speaking = self.queue.is_busy();
        self.interrupts.interrupt(Instant::now(), is_speaking)
    }

    /// Executes a line and prints the reply. Returns `Break` if the session
    /// cannot go on.
    fn execute(&mut self, line: &str) -> ControlFlow<()> {
        let reply = match self.session.execute_line(line) {
            Ok(reply) => reply,
            // The reader of the audio is gone: no error, as in any pipe.
            Err(error) if error.is::<EnqueueError>() && !self.queue.is_open() => {
                return ControlFlow::Break(());
            }
            Err(error) => {
                self.messages.line_failed(&error);
                return ControlFlow::Continue(());
            }
        };
        self.messages.reply(&reply);
        match reply {
            Reply::Bye => {
                self.queue.stop();
                ControlFlow::Break(())
            }
            _ => ControlFlow::Continue(()),
        }
    }
}
