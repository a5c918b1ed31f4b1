//! The files that one text becomes, and the events of what it says.

use std::sync::Arc;

use piper_rs::audio::AudioBlock;
use piper_rs::sink::Resampled;
use piper_rs::sink::file::{self, FileOptions};
use piper_rs::synth::WordTimes;
use piper_rs::{CancelToken, Result};

use crate::commands::batch::event::SpokenOf;
use crate::commands::batch::plan::Task;
use crate::commands::batch::sidecar::Sidecar;
use crate::speech::events::{SoundEnd, SpokenEvent, SpokenEvents, SpokenWords};
use crate::speech::output_format::Conversion;
use crate::speech::place::Place;
use crate::speech::timed_files::TimedFiles;
use crate::speech::timed_sentences::TimedSentences;
use crate::terminal::stdout::print_json;

/// A file that is being written, with its sidecars.
pub(super) struct TextFile {
    file: Resampled,
    events: Option<SpokenEvents>,
    timed_files: Option<TimedFiles>,
}

impl TextFile {
    /// Creates the files of a task. Reports its sentences and words as they are written, if
    /// `event_times` says so.
    pub(super) fn create(
        task: &Task,
        conversion: &Conversion,
        event_times: WordTimes,
        cancel: &CancelToken,
    ) -> Result<Self> {
        let options = FileOptions {
            encoding: task.encoding.clone(),
            existing_file: task.existing_file,
            cancel: cancel.clone(),
        };
        let file = file::create(&task.output, conversion.file_rate(), &options)?;
        let (sink, trim) = conversion.with_trim(conversion.with_rate(file));
        let sentences =
            || TimedSentences::new(conversion.from(), conversion.file_rate(), trim.clone());
        let timed_files = match task.sidecars.is_empty() {
            true => None,
            false => {
                let (sentences, language) = (sentences(), &task.voice.config.espeak_voice);
                let open = |sidecar: &Sidecar| sidecar.open(sentences.rate(), language);
                let files = task.sidecars.iter().map(open).collect::<Result<_>>()?;
                Some(TimedFiles::new(sentences, files))
            }
        };
        let events = match event_times {
            WordTimes::On => {
                let words = SpokenWords::new(sentences());
                Some(spoken_events(task, words, cancel)?)
            }
            WordTimes::Off => None,
        };
        Ok(Self {
            file: Resampled::new(sink, conversion.from()),
            events,
            timed_files,
        })
    }

    /// Notes where the next blocks come from.
    pub(super) fn begin_part(&mut self, place: Option<Place>) -> Result<()> {
        let place = place.map(Arc::new);
        if let Some(files) = &mut self.timed_files {
            files.begin_part(place.clone());
        }
        match &mut self.events {
            Some(events) => events.begin_part(place),
            None => Ok(()),
        }
    }

    pub(super) fn write(&mut self, block: &AudioBlock) -> Result<()> {
        if let Some(events) = &mut self.events {
            events.before_block(block);
        }
        self.file.write(&block.samples, block.rate)?;
        if let Some(files) = &mut self.timed_files {
            files.after_block(block)?;
        }
        match &mut self.events {
            Some(events) => events.after_block(),
            None => Ok(()),
        }
    }

    pub(super) fn finish(self) -> Result<()> {
        self.file.finish()?;
        if let Some(files) = self.timed_files {
            files.finish()?;
        }
        match self.events {
            Some(events) => events.finish(SoundEnd::Heard).map(drop),
            None => Ok(()),
        }
    }
}

fn spoken_events(task: &Task, words: SpokenWords, cancel: &CancelToken) -> Result<SpokenEvents> {
    let (item, id, rate) = (task.n, task.location.id.clone(), words.rate());
    let emit = move |event: SpokenEvent| {
        print_json(&SpokenOf {
            spoken: event.json(rate),
            item,
            id: id.as_deref(),
        })
    };
    SpokenEvents::start(words, None, cancel, Box::new(emit))
}
