//! The writing half of `speak`: outputs are opened when their audio comes.

use std::path::PathBuf;
use std::sync::atomic::Ordering;

use piper_rs::audio::{SampleRate, duration_of};
use piper_rs::{Error, Result};

use super::{Destination, Part, Speak};
use crate::speech::output::{Output, Place, Target};
use crate::terminal::progress::Bar;
use crate::terminal::stdout::print_line;

/// Opens outputs when their audio comes, and finishes them.
pub(super) struct Writer<'a> {
    speak: &'a Speak,
    bar: Bar,
    shared: Option<Output>,
    own: Option<Own>,
}

/// The file of one text.
struct Own {
    path: PathBuf,
    /// None after it failed: what is still to come for it goes nowhere.
    output: Option<Output>,
}

impl<'a> Writer<'a> {
    pub(super) fn new(speak: &'a Speak, bar: Bar) -> Self {
        Self {
            speak,
            bar,
            shared: None,
            own: None,
        }
    }

    pub(super) fn take(&mut self, part: Part) -> Result<()> {
        self.speak.output_begun.store(true, Ordering::SeqCst);
        match part {
            Part::Label(label) => self.speak.reporter.note(&label),
            Part::Begin(Destination::Own(path), rate) => {
                let place = [Place::File(path.clone())];
                let opened = Output::open(&place, rate, &self.speak.cancel);
                let output = self.unless_failed(opened)?;
                self.own = Some(Own { path, output });
            }
            Part::Begin(Destination::Shared, rate) => {
                // A file of its own whose text failed is not kept.
                self.own = None;
                self.open_shared(rate)?;
            }
            Part::Block(block) => {
                if let Some(Own { output, .. }) = &mut self.own {
                    let written = output
                        .as_mut()
                        .map_or(Ok(()), |output| output.write(&block.samples, block.rate));
                    if written.is_err() {
                        *output = None;
                        self.unless_failed(written)?;
                    }
                } else if let Some(output) = &mut self.shared {
                    output.write(&block.samples, block.rate)?;
                }
                self.bar
                    .advance(duration_of(block.samples.len() as u64, block.rate));
            }
            Part::Complete => {
                if let Some(Own { path, output }) = self.own.take()
                    && let Some(output) = output
                    && self.unless_failed(output.finish())?.is_some()
                    && !self.speak.target.is_stdout()
                {
                    // For scripts, as the original piper does.
                    print_line(&path.display().to_string())?;
                }
            }
        }
        Ok(())
    }

    /// Reports what went wrong with a text's own file, where the other texts
    /// have theirs.
    fn unless_failed<T>(&self, done: Result<T>) -> Result<Option<T>> {
        match done {
            Err(error) if self.speak.goes_on() && !matches!(error, Error::Cancelled) => {
                self.speak.reporter.error(&error.into());
                Ok(None)
            }
            done => done.map(Some),
        }
    }

    fn open_shared(&mut self, rate: SampleRate) -> Result<()> {
        if let (None, Target::Shared(environment)) = (&self.shared, &self.speak.target) {
            self.shared = Some(Output::open(environment, rate, &self.speak.cancel)?);
        }
        Ok(())
    }

    /// Finishes the common output. Where nothing came into it, `all_said`
    /// decides whether that is an empty file or none.
    pub(super) fn finish(mut self, all_said: bool) -> anyhow::Result<()> {
        self.bar.finish();
        if all_said && self.speak.target.wants_empty_audio() && self.shared.is_none() {
            let synthesizer = self.speak.engine.synthesizer(&self.speak.settings)?;
            self.open_shared(synthesizer.voice().config().sample_rate)?;
        }
        match self.shared {
            Some(output) if all_said || output.has_audio() => Ok(output.finish()?),
            _ => Ok(()),
        }
    }
}
