//! The writing half of `speak`: opens outputs when their audio arrives.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use piper_rs::audio::{BlockKind, duration_of};
use piper_rs::{Error, Result};

use super::followed_output::FollowedOutput;
use super::{AudioEvent, Speak};
use crate::speech::destination::{Destination, OutputMode};
use crate::speech::output_format::Conversion;
use crate::terminal::progress::Bar;
use crate::terminal::stdout::print_line;

/// Opens outputs, writes to them and finishes them.
pub(super) struct Writer<'a> {
    speak: &'a Speak,
    bar: Bar,
    shared: Option<FollowedOutput>,
    file: Option<TextFile>,
}

/// The file of one text.
struct TextFile {
    path: PathBuf,
    /// `None` after an error. The rest of the audio is discarded.
    output: Option<FollowedOutput>,
}

impl<'a> Writer<'a> {
    pub(super) fn new(speak: &'a Speak, bar: Bar) -> Self {
        Self {
            speak,
            bar,
            shared: None,
            file: None,
        }
    }

    pub(super) fn handle(&mut self, event: AudioEvent) -> Result<()> {
        self.speak.output_started.store(true, Ordering::SeqCst);
        match event {
            AudioEvent::Label(label) => self.speak.reporter.note(&label),
            AudioEvent::BeginFile(path, encoding, conversion) => {
                let destination = [Destination::File(
                    path.clone(),
                    encoding,
                    self.speak.existing_file,
                )];
                let opened = self.open(&destination, &conversion);
                let output = self.report_and_continue(opened)?;
                self.file = Some(TextFile { path, output });
            }
            AudioEvent::BeginShared(conversion) => {
                // If a text failed, its unfinished file is dropped here.
                self.file = None;
                self.open_shared(&conversion)?;
            }
            AudioEvent::Part(place) => {
                let output = match &mut self.file {
                    Some(file) => file.output.as_mut(),
                    None => self.shared.as_mut(),
                };
                if let Some(output) = output {
                    output.begin_part(place.map(Arc::new))?;
                }
            }
            AudioEvent::Block(block) => {
                if let Some(TextFile { output, .. }) = &mut self.file {
                    let written = output
                        .as_mut()
                        .map_or(Ok(()), |output| output.write(&block));
                    if written.is_err() {
                        *output = None;
                        self.report_and_continue(written)?;
                    }
                } else if let Some(output) = &mut self.shared {
                    output.write(&block)?;
                    if block.kind == BlockKind::Speech {
                        self.speak.engine.note_sound();
                    }
                }
                self.bar
                    .advance(duration_of(block.samples.len() as u64, block.rate));
            }
            AudioEvent::EndFile => {
                if let Some(TextFile { path, output }) = self.file.take()
                    && let Some(output) = output
                    && self.report_and_continue(output.finish())?.is_some()
                    && !self.speak.uses_stdout()
                {
                    // For scripts, as the original piper does.
                    print_line(&path.display().to_string())?;
                }
            }
        }
        Ok(())
    }

    /// Reports an error of one text's file, if the other texts continue.
    fn report_and_continue<T>(&self, result: Result<T>) -> Result<Option<T>> {
        match result {
            Err(error)
                if self.speak.continues_after_error() && !matches!(error, Error::Cancelled) =>
            {
                self.speak.reporter.error(&error.into());
                Ok(None)
            }
            result => result.map(Some),
        }
    }

    fn open(
        &self,
        destinations: &[Destination],
        conversion: &Conversion,
    ) -> Result<FollowedOutput> {
        let Speak {
            listeners, cancel, ..
        } = self.speak;
        FollowedOutput::open(destinations, conversion, listeners, cancel)
    }

    fn open_shared(&mut self, conversion: &Conversion) -> Result<()> {
        if let (None, OutputMode::Together(destinations)) = (&self.shared, &self.speak.output) {
            let output = self.open(destinations, conversion)?;
            let (subtitles, timings) = (&self.speak.subtitles, self.speak.timings.as_ref());
            self.shared = Some(output.with_timed_files(subtitles, timings)?);
        }
        Ok(())
    }

    /// Finishes the common output. If it has no audio, it becomes an empty file
    /// only if all texts were spoken.
    pub(super) fn finish(mut self, all_spoken: bool) -> anyhow::Result<()> {
        self.bar.finish();
        if all_spoken && self.speak.output.wants_empty_audio() && self.shared.is_none() {
            let synthesizer = self.speak.engine.synthesizer(&self.speak.settings)?;
            let format = &self.speak.settings.format;
            self.open_shared(&format.of_nothing(synthesizer.sample_rate()))?;
        }
        match self.shared {
            Some(output) if all_spoken || output.has_audio() => Ok(output.finish()?),
            _ => Ok(()),
        }
    }
}
