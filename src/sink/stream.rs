//! A stream: standard output, a pipe, a device file.
//!
//! It never seeks and never holds a block back.

use std::io::{self, Write};
use std::sync::mpsc::{self, Receiver, Sender};

use super::Sink;
use crate::audio::SampleRate;
use crate::encode::{Encoder, Encoding, Medium};
use crate::threads;
use crate::{CancelToken, Error, Result};

/// How a [`StreamSink`] writes.
#[derive(Debug, Clone)]
pub struct StreamOptions {
    /// The format of the bytes.
    pub encoding: Encoding,
    /// The stream's name in errors: `standard output`, a path.
    pub target: String,
    /// Cancels a wait for the reader at the other end.
    pub cancel: CancelToken,
}

/// Writes blocks as bytes and flushes each at once.
///
/// The writer has its own thread, because a blocked write to a pipe cannot be
/// interrupted. The header is written with the first block, so that a run
/// that fails before its first sound writes nothing; finishing without a block
/// writes the header alone.
///
/// If the reader has closed the pipe, the error is [`Error::Output`], for which
/// [`Error::is_broken_pipe`] is true. A cancelled wait leaves the stream
/// truncated within the block.
pub struct StreamSink {
    encoder: Box<dyn Encoder>,
    target: String,
    cancel: CancelToken,
    /// The header until the first write; then an empty buffer to fill again.
    bytes: Vec<u8>,
    requests: Sender<Vec<u8>>,
    events: Receiver<WriterEvent>,
    event_sender: Sender<WriterEvent>,
    state: State,
}

/// What wakes a waiting [`StreamSink`].
enum WriterEvent {
    /// The bytes are written, or not; the buffer is returned.
    Written(io::Result<Vec<u8>>),
    Cancelled,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    /// A write was cancelled and may never return.
    Abandoned,
    /// A write failed.
    Broken,
}

impl StreamSink {
    /// Returns a sink that writes to `writer`.
    pub fn new(
        writer: impl Write + Send + 'static,
        rate: SampleRate,
        options: StreamOptions,
    ) -> Result<Self> {
        let mut encoder = options
            .encoding
            .encoder(rate, Medium::Stream, &options.target)?;
        let bytes = encoder.header()?;
        let (requests, requested) = mpsc::channel();
        let (event_sender, events) = mpsc::channel();
        let replies = event_sender.clone();
        threads::spawn("stream", move || {
            write_requests(writer, &requested, &replies);
        })?;
        Ok(Self {
            encoder,
            target: options.target,
            cancel: options.cancel,
            bytes,
            requests,
            events,
            event_sender,
            state: State::Open,
        })
    }

    fn send(&mut self) -> Result<()> {
        if self.state == State::Abandoned {
            return Err(Error::Cancelled);
        }
        let bytes = std::mem::take(&mut self.bytes);
        let written = match self.requests.send(bytes) {
            Ok(()) => self.wait()?,
            Err(_) => Err(io::Error::other("the writing thread died")),
        };
        self.bytes = written.map_err(|source| {
            self.state = State::Broken;
            Error::Output {
                target: self.target.clone(),
                source,
            }
        })?;
        self.bytes.clear();
        Ok(())
    }

    fn wait(&mut self) -> Result<io::Result<Vec<u8>>> {
        let sender = self.event_sender.clone();
        let _guard = self.cancel.on_cancel(move || {
            // Fails only if the sink was dropped, and its wait with it.
            let _ = sender.send(WriterEvent::Cancelled);
        });
        match self.events.recv() {
            Ok(WriterEvent::Written(written)) => Ok(written),
            Ok(WriterEvent::Cancelled) | Err(_) => {
                self.state = State::Abandoned;
                Err(Error::Cancelled)
            }
        }
    }
}

impl Sink for StreamSink {
    fn write(&mut self, samples: &[f32]) -> Result<()> {
        self.encoder.encode(samples, &mut self.bytes)?;
        self.send()
    }

    fn finish(mut self: Box<Self>) -> Result<()> {
        match self.state {
            State::Open => {
                self.encoder.finish(&mut self.bytes)?;
                // The header may be left too, if there was no block.
                match self.bytes.is_empty() {
                    true => Ok(()),
                    false => self.send(),
                }
            }
            // The failed write has returned the error.
            State::Broken => Ok(()),
            State::Abandoned => Err(Error::Cancelled),
        }
    }
}

fn write_requests(
    mut writer: impl Write,
    requested: &Receiver<Vec<u8>>,
    replies: &Sender<WriterEvent>,
) {
    for bytes in requested {
        let written = writer.write_all(&bytes).and_then(|()| writer.flush());
        if replies
            .send(WriterEvent::Written(written.map(|()| bytes)))
            .is_err()
        {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::{pcm, wav};
    use crate::encode::SoundFormat;
    use std::io::{Read, pipe};
    use std::num::NonZeroU32;
    use std::process::{Command, Stdio};
    use std::thread;

    const RATE: SampleRate = NonZeroU32::new(22050).unwrap();

    fn tone(n_samples: usize) -> Vec<f32> {
        (0..n_samples).map(|i| (i as f32 * 0.05).sin()).collect()
    }

    fn options(format: SoundFormat) -> StreamOptions {
        StreamOptions {
            encoding: format.into(),
            target: "standard output".to_owned(),
            cancel: CancelToken::new(),
        }
    }

    fn open(writer: impl Write + Send + 'static, format: SoundFormat) -> Box<StreamSink> {
        Box::new(StreamSink::new(writer, RATE, options(format)).unwrap())
    }

    fn s16le(samples: &[f32]) -> Vec<u8> {
        let mut bytes = Vec::new();
        pcm::extend_s16le(&mut bytes, samples);
        bytes
    }

    #[test]
    fn each_format_is_its_header_and_its_samples() {
        let mut floats = Vec::new();
        pcm::extend_f32le(&mut floats, &tone(300));
        let mut wav = wav::stream_header(RATE);
        wav.extend(s16le(&tone(300)));
        let cases = [
            (SoundFormat::Wav, wav),
            (SoundFormat::S16le, s16le(&tone(300))),
            (SoundFormat::F32le, floats),
        ];
        for (format, expected) in cases {
            let (mut reader, writer) = pipe().unwrap();
            let mut sink = open(writer, format);
            for block in tone(300).chunks(77) {
                sink.write(block).unwrap();
            }
            sink.finish().unwrap();
            let mut bytes = Vec::new();
            reader.read_to_end(&mut bytes).unwrap();
            assert_eq!(bytes, expected, "{format:?}");
        }
    }

    #[test]
    fn a_block_is_flushed_when_write_returns() {
        let (mut reader, writer) = pipe().unwrap();
        let mut sink = open(io::BufWriter::new(writer), SoundFormat::Wav);
        sink.write(&tone(10)).unwrap();
        let mut bytes = [0; 44 + 20];
        reader.read_exact(&mut bytes).unwrap();
        assert_eq!(bytes[44..], s16le(&tone(10)));
    }

    #[test]
    fn a_stream_without_a_block_is_a_header_if_finished_and_empty_if_dropped() {
        for (finished, n_bytes) in [(true, 44), (false, 0)] {
            let (mut reader, writer) = pipe().unwrap();
            let sink = open(writer, SoundFormat::Wav);
            if finished {
                sink.finish().unwrap();
            } else {
                drop(sink);
            }
            let mut bytes = Vec::new();
            reader.read_to_end(&mut bytes).unwrap();
            assert_eq!(bytes.len(), n_bytes);
        }
    }

    #[test]
    fn a_closed_pipe_is_reported_as_broken() {
        let (reader, writer) = pipe().unwrap();
        drop(reader);
        let mut sink = open(writer, SoundFormat::S16le);
        let error = sink.write(&tone(10)).unwrap_err();
        assert!(error.is_broken_pipe(), "{error:?}");
        assert_eq!(error.to_string(), "cannot write standard output");
        sink.finish().unwrap();
    }

    #[test]
    fn a_cancel_ends_the_wait_for_a_reader_that_stopped_reading() {
        let (mut reader, writer) = pipe().unwrap();
        let mut sink = open(writer, SoundFormat::S16le);
        let cancel = sink.cancel.clone();
        // More than a pipe holds: this write never returns by itself.
        let block = tone(1 << 17);
        let blocked = thread::spawn(move || {
            let written = sink.write(&block);
            (written, sink.finish())
        });
        reader.read_exact(&mut [0]).unwrap(); // now it is writing
        cancel.cancel();
        let (written, finished) = blocked.join().unwrap();
        assert!(matches!(written, Err(Error::Cancelled)), "{written:?}");
        assert!(matches!(finished, Err(Error::Cancelled)), "{finished:?}");
        drop(reader);
    }

    /// Pipes a WAV stream through a real program that writes raw samples;
    /// `None` if the program is missing.
    fn read_by(program: &str, args: &[&str], samples: &[f32]) -> Option<Vec<u8>> {
        let spawned = Command::new(program)
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let mut child = match spawned {
            Ok(child) => child,
            Err(error) => {
                assert!(
                    std::env::var_os("CI").is_none(),
                    "cannot run {program}: {error}"
                );
                eprintln!("SKIPPED: cannot run {program}: {error}");
                return None;
            }
        };
        let mut sink = open(child.stdin.take().unwrap(), SoundFormat::Wav);
        let blocks = samples.to_vec();
        let writer = thread::spawn(move || {
            for block in blocks.chunks(3000) {
                sink.write(block).unwrap();
            }
            sink.finish().unwrap();
        });
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{program}: {stderr}");
        Some(output.stdout)
    }

    #[test]
    fn sox_and_ffmpeg_read_every_sample_of_a_wav_stream() {
        let samples = tone(50_000);
        let readers: [(&str, &[&str]); 2] = [
            ("sox", &["-V1", "-", "-t", "raw", "-"]),
            ("ffmpeg", &["-v", "error", "-i", "-", "-f", "s16le", "-"]),
        ];
        for (program, args) in readers {
            if let Some(read) = read_by(program, args, &samples) {
                assert!(read == s16le(&samples), "{program} read {}", read.len());
            }
        }
    }
}
