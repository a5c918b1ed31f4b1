//! An output, and the events, subtitles and times of what goes to it.

use std::path::PathBuf;
use std::sync::Arc;

use piper_rs::audio::AudioBlock;
use piper_rs::{CancelToken, Error, Result};

use super::event::Event;
use crate::speech::bookmark::Bookmark;
use crate::speech::destination::Destination;
use crate::speech::events::{EventOutput, SoundEnd, SpokenEvent, SpokenEvents, seconds};
use crate::speech::output::Output;
use crate::speech::output_format::Conversion;
use crate::speech::place::Place;
use crate::speech::subtitles::SubtitleFiles;
use crate::speech::timed_files::{TimedFile, TimedFiles};
use crate::speech::timings::Timings;

/// An open output, and what follows it: events, a bookmark, subtitles, times.
pub(super) struct FollowedOutput {
    output: Output,
    events: Option<OutputEvents>,
    timed_files: Option<TimedFiles>,
}

/// What follows the outputs of a run.
#[derive(Clone, Default)]
pub(super) struct Listeners {
    /// Where events are reported.
    pub(super) report: Option<EventOutput>,
    pub(super) bookmark: Option<Arc<Bookmark>>,
}

struct OutputEvents {
    spoken: SpokenEvents,
    report: Option<EventOutput>,
    /// The file, if the output is one.
    file: Option<PathBuf>,
}

impl FollowedOutput {
    pub(super) fn open(
        destinations: &[Destination],
        conversion: &Conversion,
        listeners: &Listeners,
        cancel: &CancelToken,
    ) -> Result<Self> {
        let output = Output::open(destinations, conversion, cancel)?;
        let events = match listeners.is_empty() {
            false => {
                let file = destinations.iter().find_map(Destination::file);
                Some(OutputEvents::start(&output, listeners, file, cancel)?)
            }
            true => None,
        };
        Ok(Self {
            output,
            events,
            timed_files: None,
        })
    }

    /// Writes subtitles and times of all that follows.
    pub(super) fn with_timed_files(
        mut self,
        subtitles: &SubtitleFiles,
        timings: Option<&Timings>,
    ) -> Result<Self> {
        if !subtitles.is_empty() || timings.is_some() {
            let sentences = self.output.sentences();
            let rate = sentences.rate();
            let subtitles = subtitles.open(rate)?.into_iter();
            let mut files: Vec<_> = subtitles.map(TimedFile::Subtitles).collect();
            if let Some(timings) = timings {
                files.push(TimedFile::Timings(timings.open(rate)?));
            }
            self.timed_files = Some(TimedFiles::new(sentences, files));
        }
        Ok(self)
    }

    /// Notes where the next blocks come from.
    pub(super) fn begin_part(&mut self, place: Option<Arc<Place>>) -> Result<()> {
        if let Some(files) = &mut self.timed_files {
            files.begin_part(place.clone());
        }
        match &mut self.events {
            Some(events) => events.spoken.begin_part(place),
            None => Ok(()),
        }
    }

    pub(super) fn write(&mut self, block: &AudioBlock) -> Result<()> {
        if let Some(events) = &mut self.events {
            events.spoken.before_block(block);
        }
        self.output.write(&block.samples, block.rate)?;
        if let Some(files) = &mut self.timed_files {
            files.after_block(block)?;
        }
        match &mut self.events {
            Some(events) => events.spoken.after_block(),
            None => Ok(()),
        }
    }

    /// Returns whether samples have been written.
    pub(super) fn has_audio(&self) -> bool {
        self.output.has_audio()
    }

    pub(super) fn finish(self) -> Result<()> {
        let finished = self.output.finish();
        let reported = match self.events {
            Some(events) => events.finish(match finished {
                Ok(()) => SoundEnd::Heard,
                Err(_) => SoundEnd::Stopped,
            }),
            None => Ok(()),
        };
        // What was spoken until Ctrl-C has its subtitles and times, too.
        let timed = match (self.timed_files, &finished) {
            (Some(files), Ok(()) | Err(Error::Cancelled)) => files.finish(),
            _ => Ok(()),
        };
        finished.and(timed).and(reported)
    }
}

impl Listeners {
    /// Returns whether nothing follows the outputs.
    pub(super) fn is_empty(&self) -> bool {
        self.report.is_none() && self.bookmark.is_none()
    }
}

impl OutputEvents {
    fn start(
        output: &Output,
        listeners: &Listeners,
        file: Option<PathBuf>,
        cancel: &CancelToken,
    ) -> Result<Self> {
        let Listeners { report, bookmark } = listeners.clone();
        let (words, rate) = (report.clone(), output.followed_rate());
        let emit = move |event: SpokenEvent| {
            if let Some(bookmark) = &bookmark {
                bookmark.note(&event)?;
            }
            let words = words.as_ref();
            words.map_or(Ok(()), |words| words.emit(&event.json(rate)))
        };
        let spoken = output.follow(cancel, Box::new(emit))?;
        if let Some(report) = &report {
            report.emit(&Event::Start {
                output: file.as_deref(),
                sample_rate_hz: rate.get(),
                when: spoken.moment(),
            })?;
        }
        Ok(Self {
            spoken,
            report,
            file,
        })
    }

    fn finish(self, end: SoundEnd) -> Result<()> {
        let rate = self.spoken.rate();
        let samples = self.spoken.finish(end)?;
        let Some(report) = &self.report else {
            return Ok(());
        };
        report.emit(&Event::Finish {
            output: self.file.as_deref(),
            audio_seconds: seconds(samples, rate),
        })
    }
}
