//! The speech thread: makes the audio of one message after the other.

use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use piper_rs::audio::{AudioBlock, BufferPool};
use piper_rs::parts::ssml::SsmlMark;
use piper_rs::speechd::MessageKind;
use piper_rs::synth::{
    SpeechSession, SpeechSessionOptions, StreamStats, Synthesizer, WordTimes, run_ahead,
};
use piper_rs::{Error, Result};

use super::connection::{Connection, End};
use super::marks::MarkTimes;
use super::message::Message;
use super::server_sink::{DueMarks, ServerSink};
use super::voice_list::VoiceList;
use crate::args::{DEFAULT_AHEAD, StatsArg};
use crate::speech::engine::Engine;
use crate::speech::events::SpokenWords;
use crate::speech::output::Output;
use crate::speech::output_format::Ends;
use crate::speech::parts::{Part, Parts};
use crate::speech::settings::Settings;
use crate::speech::stats::Stats;
use crate::terminal::report::{Outcome, Reporter};

/// Speaks messages.
pub(super) struct Speaker {
    pub(super) engine: Engine,
    pub(super) parts: Parts,
    pub(super) voices: Arc<VoiceList>,
    /// Of the options and the config file.
    pub(super) settings: Settings,
    pub(super) pool: BufferPool,
    pub(super) stats: Option<StatsArg>,
    pub(super) connection: Arc<Connection>,
    pub(super) reporter: Arc<Reporter>,
}

/// Statistics of all messages.
#[derive(Default)]
struct Totals {
    stream: StreamStats,
    synthesis: Duration,
}

/// What is made ahead of the server.
enum Item {
    /// The first one of a message.
    Begin(Box<Output>),
    Part(Vec<SsmlMark>),
    Block(AudioBlock),
}

/// An output, and the marks that are between its samples.
struct MarkedOutput {
    output: Output,
    /// `None` if the message has no marks.
    marks: Option<MarkTimes>,
}

impl Speaker {
    /// Speaks messages until there are no more. No voice is loaded before the first one:
    /// speech-dispatcher starts all of its modules, also those that nobody uses.
    pub(super) fn run(self, messages: &Receiver<Message>) {
        let mut totals = Totals::default();
        for message in messages {
            let spoken = caught(|| self.speak(&message, &mut totals));
            let end = match &spoken {
                Ok(()) => End::Complete,
                Err(_) => End::Stopped,
            };
            let ended = self.connection.end(message.id, end).map_err(Into::into);
            if let Err(error) = spoken.and(ended) {
                match Outcome::of(&error) {
                    // The server is gone, or does not want it.
                    Outcome::Done | Outcome::Interrupted => {}
                    _ => self.reporter.error(&error),
                }
            }
        }
        if let Some(format) = self.stats {
            let Totals { stream, synthesis } = totals;
            let stats = Stats::new(self.pool.stats(), self.engine.cache(), stream, synthesis);
            self.reporter.raw_line(&stats.render(format));
        }
    }

    fn speak(&self, message: &Message, totals: &mut Totals) -> anyhow::Result<()> {
        if message.cancel.is_cancelled() {
            return Err(Error::Cancelled.into());
        }
        let own = message.settings.part_settings(&self.voices);
        let mut settings = self.parts.settings(&own, &self.settings)?;
        let voice = self.engine.voice(&settings)?;
        let language = &voice.config().espeak_voice;
        let parts = message.parts(language, &mut settings, &self.parts, &self.reporter)?;
        let marks = parts.iter().any(has_marks);
        if !marks || message.kind != MessageKind::Text {
            // Silence at the ends only delays what is heard.
            settings.format.ends = Ends::Trim;
        }
        let mut session = SpeechSession::new(SpeechSessionOptions {
            pool: self.pool.clone(),
            cancel: message.cancel.clone(),
            normalize: settings.normalize(),
            times: WordTimes::on_if(marks),
            ..SpeechSessionOptions::default()
        });
        let due = DueMarks::default();
        let mut output = None;
        let spoken = run_ahead(
            DEFAULT_AHEAD.get(),
            &message.cancel,
            |send| {
                let started = Instant::now();
                let made = self.synthesize(message, &settings, parts, &mut session, &due, send);
                totals.synthesis += started.elapsed();
                made
            },
            |item| {
                match item {
                    Item::Begin(begun) => output = Some(MarkedOutput::new(*begun, marks, &due)),
                    Item::Part(marks) => {
                        if let Some(times) = output.as_mut().and_then(|own| own.marks.as_mut()) {
                            times.begin_part(marks);
                        }
                    }
                    Item::Block(block) => {
                        if let Some(output) = &mut output {
                            output.write(&block)?;
                        }
                    }
                }
                Ok(ControlFlow::Continue(()))
            },
        );
        totals.stream += session.stats();
        self.reporter.unknown_phonemes(session.unknown_phonemes());
        spoken?;
        output.map_or(Ok(()), MarkedOutput::finish)?;
        Ok(())
    }

    /// Makes the audio of all parts.
    fn synthesize(
        &self,
        message: &Message,
        settings: &Settings,
        parts: Vec<Part>,
        session: &mut SpeechSession,
        due: &DueMarks,
        send: &mut dyn FnMut(Item) -> Result<()>,
    ) -> anyhow::Result<()> {
        let mut has_begun = false;
        for part in parts {
            match part {
                Part::Pause(pause) => session.request_pause(pause),
                Part::Speech(part) => {
                    let own = self.parts.settings(&part.settings, settings)?;
                    let synthesizer = self.engine.synthesizer(&own)?;
                    if !std::mem::replace(&mut has_begun, true) {
                        let output = self.output(message, &own, session, &synthesizer, due)?;
                        send(Item::Begin(Box::new(output)))?;
                    }
                    send(Item::Part(part.marks))?;
                    for block in synthesizer.blocks_before(session, &part.text, part.end) {
                        send(Item::Block(block?))?;
                    }
                }
            }
        }
        while has_begun && let Some(block) = session.final_pause() {
            send(Item::Block(block))?;
        }
        Ok(())
    }

    /// Returns where the message's samples go, at the rate of the voice that comes first.
    fn output(
        &self,
        message: &Message,
        settings: &Settings,
        session: &SpeechSession,
        synthesizer: &Synthesizer,
        due: &DueMarks,
    ) -> Result<Output> {
        let conversion = settings.format.conversion(session, synthesizer)?;
        let sink = ServerSink {
            connection: Arc::clone(&self.connection),
            id: message.id,
            rate: conversion.from(),
            sent: 0,
            marks: Arc::clone(due),
        };
        Ok(Output::to(Box::new(sink), &conversion))
    }
}

impl MarkedOutput {
    fn new(output: Output, marks: bool, due: &DueMarks) -> Self {
        let times = || MarkTimes::new(SpokenWords::new(output.sentences()), Arc::clone(due));
        Self {
            marks: marks.then(times),
            output,
        }
    }

    fn write(&mut self, block: &AudioBlock) -> Result<()> {
        if let Some(marks) = &mut self.marks {
            marks.before_block(block);
        }
        self.output.write(&block.samples, block.rate)
    }

    fn finish(mut self) -> Result<()> {
        if let Some(marks) = &mut self.marks {
            marks.finish();
        }
        self.output.finish()
    }
}

/// Makes a panic an error: the message ends, and the next one is spoken. A module that
/// answers is not restarted, so without this a fault in one message would silence all.
fn caught(speak: impl FnOnce() -> anyhow::Result<()>) -> anyhow::Result<()> {
    // What a message changes is its own, or consistent after each step.
    let spoken = catch_unwind(AssertUnwindSafe(speak));
    spoken.unwrap_or_else(|_| Err(anyhow::anyhow!("a fault in this program ended a message")))
}

fn has_marks(part: &Part) -> bool {
    match part {
        Part::Speech(speech) => !speech.marks.is_empty(),
        Part::Pause(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_ends_one_message() {
        let panic = caught(|| panic!("this panic is part of a test"));
        assert!(panic.is_err_and(|error| Outcome::of(&error) == Outcome::Failed));
        assert!(caught(|| Ok(())).is_ok());
    }
}
