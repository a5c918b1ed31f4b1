//! An open output: files, standard output and devices.

use std::fs::File;
use std::io::{BufWriter, Seek as _};
use std::sync::Arc;
use std::time::{Duration, Instant};

use piper_rs::audio::SampleRate;
use piper_rs::encode::Encoding;
use piper_rs::sink::device::{DeviceOptions, DeviceSink, PlaybackPosition};
use piper_rs::sink::file::{self, FileOptions};
use piper_rs::sink::stream::{StreamOptions, StreamSink};
use piper_rs::sink::{EncodedSink, Resampled, Sink, Tee, TrimCount};
use piper_rs::{CancelToken, Error, Result};

use super::destination::Destination;
use super::events::{Emit, SpokenEvents, SpokenWords};
use super::output_format::Conversion;
use super::timed_sentences::TimedSentences;
use crate::terminal::stdout;

/// How often the header of a file is updated, so that the file is valid even if
/// the program is killed.
const FLUSH_EVERY: Duration = Duration::from_secs(1);

/// An open output for blocks of any sample rate.
pub(crate) struct Output {
    sink: Resampled,
    /// Of the device among its destinations.
    position: Option<PlaybackPosition>,
    conversion: Conversion,
    /// If its ends are trimmed.
    trim: Option<Arc<TrimCount>>,
    has_audio: bool,
    flushed: Instant,
}

impl Output {
    pub(crate) fn open(
        destinations: &[Destination],
        conversion: &Conversion,
        cancel: &CancelToken,
    ) -> Result<Self> {
        let mut sinks = Vec::with_capacity(destinations.len());
        let mut position = None;
        for destination in destinations {
            sinks.push(match destination {
                Destination::Device(name) => {
                    let device = open_device(name, conversion.from(), cancel)?;
                    position = Some(device.position());
                    Box::new(device)
                }
                Destination::File(path, encoding, existing_file) => {
                    let options = FileOptions {
                        encoding: encoding.clone(),
                        existing_file: *existing_file,
                        cancel: cancel.clone(),
                    };
                    let rate = conversion.file_rate();
                    conversion.with_rate(file::create(path, rate, &options)?)
                }
                Destination::Stdout(encoding) => {
                    let rate = conversion.file_rate();
                    conversion.with_rate(open_stdout(encoding, rate, cancel)?)
                }
            });
        }
        let sink = match sinks.len() {
            1 => sinks.remove(0),
            _ => Box::new(Tee::new(sinks)),
        };
        Ok(Self {
            position,
            ..Self::to(sink, conversion)
        })
    }

    /// Returns an output whose audio goes to `sink`, at the rate of the voice.
    pub(crate) fn to(sink: Box<dyn Sink>, conversion: &Conversion) -> Self {
        let (sink, trim) = conversion.with_trim(sink);
        Self {
            sink: Resampled::new(sink, conversion.from()),
            position: None,
            conversion: *conversion,
            trim,
            has_audio: false,
            flushed: Instant::now(),
        }
    }

    /// Writes samples of any rate.
    pub(crate) fn write(&mut self, samples: &[f32], rate: SampleRate) -> Result<()> {
        let written = self.sink.write(samples, rate);
        // A cancelled device has played a part of the samples, and a file that
        // comes before it has all of them.
        self.has_audio |= matches!(written, Ok(()) | Err(Error::Cancelled));
        written?;
        if self.flushed.elapsed() >= FLUSH_EVERY {
            self.sink.flush()?;
            self.flushed = Instant::now();
        }
        Ok(())
    }

    /// Returns the rate of what a device plays, or else of what is written.
    pub(crate) fn followed_rate(&self) -> SampleRate {
        match self.position {
            Some(_) => self.conversion.from(),
            None => self.conversion.file_rate(),
        }
    }

    /// Returns the sentences of the blocks that will be written.
    pub(crate) fn sentences(&self) -> TimedSentences {
        self.sentences_at(self.conversion.file_rate())
    }

    /// Follows what a device plays, or else what is written.
    pub(crate) fn follow(&self, cancel: &CancelToken, emit: Emit) -> Result<SpokenEvents> {
        let words = SpokenWords::new(self.sentences_at(self.followed_rate()));
        SpokenEvents::start(words, self.position.clone(), cancel, emit)
    }

    fn sentences_at(&self, rate: SampleRate) -> TimedSentences {
        TimedSentences::new(self.conversion.from(), rate, self.trim.clone())
    }

    /// Returns whether samples have been written.
    pub(crate) fn has_audio(&self) -> bool {
        self.has_audio
    }

    pub(crate) fn finish(self) -> Result<()> {
        self.sink.finish()
    }
}

fn open_stdout(
    encoding: &Encoding,
    rate: SampleRate,
    cancel: &CancelToken,
) -> Result<Box<dyn Sink>> {
    if let Some(file) = stdout_file().filter(|_| encoding.format.has_header()) {
        let file = BufWriter::new(file);
        let sink = EncodedSink::new(file, rate, encoding, stdout::NAME)?;
        return Ok(Box::new(sink));
    }
    let options = StreamOptions {
        encoding: encoding.clone(),
        target: stdout::NAME.to_owned(),
        cancel: cancel.clone(),
    };
    Ok(Box::new(StreamSink::new(std::io::stdout(), rate, options)?))
}

/// Opens a device for samples of `rate`. It has a rate of its own, and converts to it itself.
fn open_device(
    name: &Option<String>,
    rate: SampleRate,
    cancel: &CancelToken,
) -> Result<DeviceSink> {
    let options = DeviceOptions {
        device: name.clone(),
        cancel: cancel.clone(),
        ..DeviceOptions::default()
    };
    DeviceSink::open(&options, rate)
}

/// Returns standard output if it is a file that this program writes alone, as
/// after `> FILE`. Then the header can be completed at the end.
#[cfg(unix)]
fn stdout_file() -> Option<File> {
    use std::os::fd::AsFd as _;

    let stdout = std::io::stdout();
    // After `>> FILE`, every write goes to the end.
    let appends = rustix::fs::fcntl_getfl(stdout.as_fd()).ok()?;
    let mut file = File::from(stdout.as_fd().try_clone_to_owned().ok()?);
    let is_ours = !appends.contains(rustix::fs::OFlags::APPEND)
        && file.metadata().ok()?.is_file()
        && file.stream_position().ok()? == 0;
    is_ours.then_some(file)
}

#[cfg(not(unix))]
fn stdout_file() -> Option<File> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_output_that_was_cancelled_in_its_first_block_has_audio() {
        struct Fails(Option<Error>);
        impl Sink for Fails {
            fn write(&mut self, _: &[f32]) -> Result<()> {
                self.0.take().map_or(Ok(()), Err)
            }

            fn finish(self: Box<Self>) -> Result<()> {
                Ok(())
            }
        }
        let broken = || Error::Output {
            target: String::new(),
            source: std::io::ErrorKind::StorageFull.into(),
        };
        for (error, has_audio) in [(Error::Cancelled, true), (broken(), false)] {
            let rate = SampleRate::new(16000).unwrap();
            let mut output = Output {
                sink: Resampled::new(Box::new(Fails(Some(error))), rate),
                position: None,
                conversion: Conversion::none(rate),
                trim: None,
                has_audio: false,
                flushed: Instant::now(),
            };
            output.write(&[0.5; 10], rate).unwrap_err();
            assert_eq!(output.has_audio(), has_audio);
        }
    }
}
