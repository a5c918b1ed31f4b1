//! What the journals of a folder say.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use piper_rs::fs::FileStamp;
use piper_rs::voice::content_hash::ContentHash;

use super::super::shard::Shard;
use super::name;
use super::record::{Done, Record, Run, SpeakingRate, Started};

/// What the journals said when they were read: about 100 bytes for each output.
#[derive(Debug, Default)]
pub(in super::super) struct History {
    outputs: HashMap<KeyHash, OutputHistory>,
    /// Sums, by the name of the voice.
    speaking_rates: HashMap<String, SpeakingRate>,
    runs: Vec<Run>,
}

/// Half of a hash of an output's key: 10 million keys have two equal ones with a
/// probability of 10⁻²⁵.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct KeyHash(u128);

impl KeyHash {
    fn of(key: &str) -> Self {
        Self(ContentHash::of_parts([key.as_bytes()]).first_half())
    }
}

/// The last lines about one output.
#[derive(Debug, Default, PartialEq)]
pub(in super::super) struct OutputHistory {
    pub(in super::super) done: Option<Made>,
    /// Started after `done`.
    pub(in super::super) started: Option<Box<Begun>>,
    /// Whether two runs at the same time have spoken it.
    pub(in super::super) is_made_twice: bool,
}

/// An output was complete.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct Made {
    pub(in super::super) fingerprint: ContentHash,
    pub(in super::super) bytes: u64,
    pub(in super::super) seed: Option<u64>,
    pub(in super::super) cpu_seconds: Option<f32>,
    /// When the last run that spoke it was done; 0 in older journals.
    pub(super) spoken_ms: u64,
    /// The number of the run that spoke it, from 1.
    pub(super) run: u32,
}

/// An output was about to be written.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct Begun {
    pub(in super::super) fingerprint: ContentHash,
    pub(in super::super) replaces: Option<FileStamp>,
}

impl From<&Done> for Made {
    fn from(done: &Done) -> Self {
        let rate = done.speaking_rate.as_ref();
        let cpu_seconds = rate.and_then(|rate| rate.cpu_seconds);
        Self {
            fingerprint: done.fingerprint,
            bytes: done.bytes,
            seed: done.seed,
            cpu_seconds: cpu_seconds.map(|seconds| seconds as f32),
            spoken_ms: done.at_ms.filter(|_| rate.is_some()).unwrap_or(0),
            run: 0,
        }
    }
}

impl From<Started> for Begun {
    fn from(started: Started) -> Self {
        Self {
            fingerprint: started.fingerprint,
            replaces: started.replaces,
        }
    }
}

/// The lines of one run in a journal.
struct Segment {
    at_ms: u64,
    path: PathBuf,
    start: u64,
    end: u64,
}

impl History {
    /// Reads the journals in `folder` that may know the outputs of `shard`, or of the
    /// whole batch: not those of other shards of the same division.
    pub(in super::super) fn read(folder: &Path, shard: Option<Shard>) -> anyhow::Result<Self> {
        Self::read_with(folder, shard, |path| File::open(path))
    }

    /// The same, with a function that opens the journals.
    pub(super) fn read_with(
        folder: &Path,
        shard: Option<Shard>,
        open: impl Fn(&Path) -> io::Result<File>,
    ) -> anyhow::Result<Self> {
        let journals = name::all(folder).with_context(|| cannot_read(folder))?;
        let count = shard.map(|shard| shard.count);
        let concerns = |other: &Option<Shard>| {
            *other == shard || other.is_none() || other.map(|other| other.count) != count
        };
        let mut segments = Vec::new();
        for (path, _) in journals.into_iter().filter(|(_, other)| concerns(other)) {
            let found = open(&path).and_then(|file| segments_of(&path, file, &mut segments));
            found.with_context(|| cannot_read(&path))?;
        }
        // A stable sort: runs in one journal stay in their order.
        segments.sort_by_key(|segment| segment.at_ms);
        let mut history = Self::default();
        for segment in segments {
            let read = open(&segment.path).and_then(|file| history.add_segment(&segment, file));
            read.with_context(|| cannot_read(&segment.path))?;
        }
        Ok(history)
    }

    fn add_segment(&mut self, segment: &Segment, mut file: File) -> io::Result<()> {
        file.seek(SeekFrom::Start(segment.start))?;
        let lines = io::Read::take(file, segment.end - segment.start);
        for_each_line(BufReader::new(lines), |line, _| {
            if let Ok(record) = serde_json::from_slice(line) {
                self.add(record);
            }
        })
    }

    /// Returns what is known of outputs, and forgets it; the runs stay.
    pub(super) fn take_outputs(&mut self) -> Self {
        Self {
            outputs: std::mem::take(&mut self.outputs),
            runs: self.runs.clone(),
            ..Self::default()
        }
    }

    pub(super) fn add(&mut self, record: Record) {
        match record {
            Record::Run(run) => self.runs.push(run),
            Record::Started(started) => {
                let output = self
                    .outputs
                    .entry(KeyHash::of(&started.output))
                    .or_default();
                output.started = Some(Box::new(started.into()));
            }
            Record::Done(done) => self.add_done(done),
        }
    }

    fn add_done(&mut self, done: Done) {
        let run = self.runs.len() as u32;
        let run_began_ms = self.runs.last().map_or(0, |run| run.at_ms);
        let output = self.outputs.entry(KeyHash::of(&done.output)).or_default();
        let before = output.done.take();
        let mut made = Made {
            run,
            ..Made::from(&done)
        };
        match before {
            Some(before) if done.speaking_rate.is_some() => {
                let is_same = before.fingerprint == made.fingerprint;
                let is_of_another = before.run != run && run_began_ms < before.spoken_ms;
                output.is_made_twice |= is_same && is_of_another;
            }
            // The file of before was found complete.
            Some(before) if before.bytes == made.bytes => {
                made = Made {
                    fingerprint: made.fingerprint,
                    seed: made.seed.or(before.seed),
                    ..before
                };
            }
            _ => {}
        }
        (output.started, output.done) = (None, Some(made));
        if let Some(rate) = done.speaking_rate {
            self.add_rate(rate);
        }
    }

    fn add_rate(&mut self, rate: SpeakingRate) {
        match self.speaking_rates.get_mut(&rate.voice) {
            Some(sum) => {
                sum.chars += rate.chars;
                sum.audio_seconds += rate.audio_seconds;
                sum.wall_seconds += rate.wall_seconds;
            }
            None => _ = self.speaking_rates.insert(rate.voice.clone(), rate),
        }
    }

    /// Returns what is known of the output with this key.
    pub(in super::super) fn output(&self, key: &str) -> Option<&OutputHistory> {
        self.outputs.get(&KeyHash::of(key))
    }

    /// Returns the run that made an output, if the journal tells it.
    pub(in super::super) fn run_of(&self, made: &Made) -> Option<&Run> {
        let at = (made.run as usize).checked_sub(1)?;
        self.runs.get(at)
    }

    /// Returns the speaking rate of each voice in all texts so far.
    pub(in super::super) fn speaking_rates(&self) -> &HashMap<String, SpeakingRate> {
        &self.speaking_rates
    }
}

/// Adds the runs of the journal at `path`. Lines before the first one are of older
/// programs.
fn segments_of(path: &Path, mut file: File, segments: &mut Vec<Segment>) -> io::Result<()> {
    file.seek(SeekFrom::Start(0))?;
    let mut at = 0;
    let first = segments.len();
    let mut push = |at_ms, start| {
        segments.push(Segment {
            at_ms,
            path: path.to_owned(),
            start,
            end: u64::MAX,
        });
    };
    push(0, 0);
    for_each_line(BufReader::new(file), |line, length| {
        // Most lines are of outputs.
        if line.starts_with(br#"{"event":"run""#)
            && let Ok(Record::Run(run)) = serde_json::from_slice(line)
        {
            push(run.at_ms, at);
        }
        at += length;
    })?;
    let own = &mut segments[first..];
    let starts: Vec<_> = own.iter().skip(1).map(|segment| segment.start).collect();
    for (segment, end) in own.iter_mut().zip(starts.into_iter().chain([at])) {
        segment.end = end;
    }
    Ok(())
}

/// Calls `each` with every line, and how many bytes it has with its end.
fn for_each_line(mut lines: impl BufRead, mut each: impl FnMut(&[u8], u64)) -> io::Result<()> {
    let mut line = Vec::new();
    loop {
        line.clear();
        let length = lines.read_until(b'\n', &mut line)?;
        if length == 0 {
            return Ok(());
        }
        each(line.strip_suffix(b"\n").unwrap_or(&line), length as u64);
    }
}

pub(super) fn cannot_read(path: &Path) -> String {
    format!("cannot read {}", path.display())
}
