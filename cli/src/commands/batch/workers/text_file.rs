//! The file that one text becomes, and the events of what it says.

use std::sync::Arc;

use piper_rs::audio::AudioBlock;
use piper_rs::sink::Resampled;
use piper_rs::sink::file::{self, FileOptions};
use piper_rs::synth::WordTimes;
use piper_rs::{CancelToken, Result};

use crate::commands::batch::event::SpokenOf;
use crate::commands::batch::plan::Task;
use crate::speech::events::{Place, SoundEnd, SpokenEvent, SpokenEvents, SpokenWords};
use crate::speech::output_format::Conversion;
use crate::terminal::stdout::print_json;

/// A file that is being written.
pub(super) struct TextFile {
    file: Resampled,
    events: Option<SpokenEvents>,
}

impl TextFile {
    /// Creates the file of a task. Reports its sentences and words as they are written, if
    /// its blocks tell them.
    pub(super) fn create(
        task: &Task,
        conversion: &Conversion,
        times: WordTimes,
        cancel: &CancelToken,
    ) -> Result<Self> {
        let options = FileOptions {
            encoding: task.encoding.clone(),
            existing_file: task.existing_file,
            cancel: cancel.clone(),
        };
        let file = file::create(&task.output, conversion.file_rate(), &options)?;
        let (sink, trim) = conversion.with_trim(conversion.with_rate(file));
        let events = match times {
            WordTimes::On => {
                let words = SpokenWords::new(conversion.from(), conversion.file_rate(), trim);
                Some(spoken_events(task, words, cancel)?)
            }
            WordTimes::Off => None,
        };
        Ok(Self {
            file: Resampled::new(sink, conversion.from()),
            events,
        })
    }

    /// Notes where the next blocks come from.
    pub(super) fn begin_part(&mut self, place: Option<Place>) -> Result<()> {
        match &mut self.events {
            Some(events) => events.begin_part(place.map(Arc::new)),
            None => Ok(()),
        }
    }

    pub(super) fn write(&mut self, block: &AudioBlock) -> Result<()> {
        let Some(events) = &mut self.events else {
            return self.file.write(&block.samples, block.rate);
        };
        events.before_block(block);
        self.file.write(&block.samples, block.rate)?;
        events.after_block()
    }

    pub(super) fn finish(self) -> Result<()> {
        self.file.finish()?;
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
