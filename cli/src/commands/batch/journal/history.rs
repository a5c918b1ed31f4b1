//! What the journals of a folder say.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use piper_rs::fs::FileStamp;
use piper_rs::voice::content_hash::ContentHash;

use super::lines::{JournalLines, LinePlace};
use super::name;
use super::record::{Done, Record, Run, SpeakingRate, Started};
use crate::args::Shard;

/// What the journals said when they were read. A batch may have ten million outputs: of
/// each only a hash of its key is kept, and where its line is: 20 to 40 bytes of a hash
/// table. The line is read again when it is asked for.
#[derive(Debug, Default)]
pub(in super::super) struct History {
    journals: Arc<JournalLines>,
    /// The outputs of which one line tells all.
    lines: HashMap<KeyHash, LinePlace>,
    /// The others, by their keys: those that are not done, for example.
    outputs: HashMap<String, OutputHistory>,
    /// Sums, by the name of the voice.
    speaking_rates: HashMap<String, SpeakingRate>,
    runs: Vec<Run>,
    /// How many runs there are up to the end of each segment of the journals.
    runs_until: Vec<u32>,
    /// The journals with damaged lines, and how many: nothing is known of their outputs.
    damaged_lines: BTreeMap<PathBuf, u64>,
}

/// A quarter of a hash of an output's key. The line has the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct KeyHash(u64);

impl KeyHash {
    fn of(key: &str) -> Self {
        Self(ContentHash::of_parts([key.as_bytes()]).first_quarter())
    }
}

/// The last lines about one output.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in super::super) struct OutputHistory {
    pub(in super::super) done: Option<Made>,
    /// Started after `done`.
    pub(in super::super) started: Option<Begun>,
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
    pub(in super::super) seed: Option<u64>,
}

impl Begun {
    /// Returns whether the output has become the file with this stamp: a file gets its
    /// final name when it is complete.
    ///
    /// If the size is that of the file before, the time alone does not tell: it changes
    /// also if a folder is copied.
    pub(in super::super) fn has_become(&self, stamp: FileStamp) -> bool {
        self.replaces.is_none_or(|old| old.bytes != stamp.bytes)
    }
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

impl From<&Started> for Begun {
    fn from(started: &Started) -> Self {
        Self {
            fingerprint: started.fingerprint,
            replaces: started.replaces,
            seed: started.seed,
        }
    }
}

impl History {
    /// Reads the journals in `folder` that may know the outputs of `shard`, or of the
    /// whole batch.
    pub(in super::super) fn read(folder: &Path, shard: Option<Shard>) -> anyhow::Result<Self> {
        Self::of(name::all(folder)?, shard, None)
    }

    /// The same, of the journals of a folder. `own` is the one that this run writes.
    pub(super) fn of(
        journals: Vec<(PathBuf, Option<Shard>)>,
        shard: Option<Shard>,
        own: Option<(PathBuf, File)>,
    ) -> anyhow::Result<Self> {
        let journals = Arc::new(JournalLines::find(journals, shard, own)?);
        let mut history = Self {
            journals: Arc::clone(&journals),
            ..Self::default()
        };
        for segment in journals.segments() {
            let mut add = |record, place| history.add(record, place);
            let (journal, damaged) = journals.read_segment(segment, &mut add)?;
            if damaged > 0 {
                *history.damaged_lines.entry(journal.to_owned()).or_default() += damaged;
            }
            history.runs_until.push(history.runs.len() as u32);
        }
        Ok(history)
    }

    /// Returns what is known of outputs, and forgets it; the runs stay.
    pub(super) fn take_outputs(&mut self) -> Self {
        Self {
            outputs: std::mem::take(&mut self.outputs),
            runs: self.runs.clone(),
            ..Self::default()
        }
    }

    /// Adds a record, which is at `place` in the journals.
    pub(super) fn add(&mut self, record: Record, place: Option<LinePlace>) -> anyhow::Result<()> {
        match record {
            Record::Run(run) => self.runs.push(run),
            Record::Started(started) => {
                let mut output = self.take(&started.output)?;
                output.started = Some((&started).into());
                self.outputs.insert(started.output, output);
            }
            Record::Done(done) => self.add_done(done, place)?,
        }
        Ok(())
    }

    fn add_done(&mut self, done: Done, mut place: Option<LinePlace>) -> anyhow::Result<()> {
        let mut output = self.take(&done.output)?;
        let run = self.runs.len() as u32;
        let run_began_ms = self.runs.last().map_or(0, |run| run.at_ms);
        let mut made = Made {
            run,
            ..Made::from(&done)
        };
        match output.done.take() {
            Some(before) if done.speaking_rate.is_some() => {
                let is_same = before.fingerprint == made.fingerprint;
                let is_of_another = before.run != run && run_began_ms < before.spoken_ms;
                output.is_made_twice = is_same && is_of_another;
            }
            // The file of before was found complete.
            Some(before) if before.bytes == made.bytes => {
                made = Made {
                    fingerprint: made.fingerprint,
                    seed: made.seed.or(before.seed),
                    ..before
                };
                place = None;
            }
            _ => {}
        }
        place = place.filter(|_| !output.is_made_twice);
        match (place, self.lines.entry(KeyHash::of(&done.output))) {
            (Some(place), Entry::Vacant(line)) => _ = line.insert(place),
            // If there is a line, it is of another key with the same hash.
            _ => {
                (output.started, output.done) = (None, Some(made));
                self.outputs.insert(done.output, output);
            }
        }
        if let Some(rate) = done.speaking_rate {
            self.add_rate(rate);
        }
        Ok(())
    }

    /// Returns what is known of an output, and forgets it.
    fn take(&mut self, key: &str) -> anyhow::Result<OutputHistory> {
        if let Some(output) = self.outputs.remove(key) {
            return Ok(output);
        }
        let line = self.line(key)?;
        if line.is_some() {
            self.lines.remove(&KeyHash::of(key));
        }
        Ok(line.unwrap_or_default())
    }

    /// Reads the line of an output again, if one tells all of it.
    fn line(&self, key: &str) -> anyhow::Result<Option<OutputHistory>> {
        let Some(place) = self.lines.get(&KeyHash::of(key)) else {
            return Ok(None);
        };
        Ok(match self.journals.read(*place)? {
            Record::Done(done) if done.output == key => Some(OutputHistory {
                done: Some(Made {
                    // Its own run is being read, if it has no number yet.
                    run: (self.runs_until.get(place.segment()).copied())
                        .unwrap_or(self.runs.len() as u32),
                    ..Made::from(&done)
                }),
                ..OutputHistory::default()
            }),
            _ => None,
        })
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

    /// Returns what is known of the output with this key. Fails if a journal cannot be
    /// read again.
    pub(in super::super) fn output(&self, key: &str) -> anyhow::Result<Option<OutputHistory>> {
        match self.outputs.get(key) {
            Some(output) => Ok(Some(output.clone())),
            None => self.line(key),
        }
    }

    /// Returns the journals with damaged lines, and how many.
    pub(in super::super) fn damaged_lines(&self) -> &BTreeMap<PathBuf, u64> {
        &self.damaged_lines
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
