//! The lines of the journals in a folder: in the order of their time, and one by one.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context as _;

use super::name::cannot_read;
use super::record::Record;
use crate::args::Shard;

/// The most journals that are open at a time.
const MAX_OPEN: usize = 64;

/// How many bytes most lines have at most.
const LINE_BYTES: usize = 1024;

/// The journals, divided into what each run has written.
#[derive(Debug, Default)]
pub(super) struct JournalLines {
    paths: Vec<PathBuf>,
    segments: Vec<Segment>,
    /// Some systems let nobody else read the journal that this run has locked.
    own: Option<(PathBuf, Arc<File>)>,
    open: Mutex<HashMap<usize, Arc<File>>>,
}

/// The lines of one run in a journal.
#[derive(Debug)]
struct Segment {
    at_ms: u64,
    /// Its number in `paths`.
    journal: usize,
    start: u64,
    end: u64,
}

/// Where a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LinePlace(u64);

impl LinePlace {
    /// Enough for a journal of a terabyte, and 16 million runs.
    const OFFSET_BITS: u32 = 40;

    /// Returns `None` if there are more runs or bytes than that.
    fn new(segment: usize, offset: u64) -> Option<Self> {
        let segment = segment as u64;
        let fits = offset >> Self::OFFSET_BITS == 0 && segment >> (64 - Self::OFFSET_BITS) == 0;
        fits.then_some(Self(segment << Self::OFFSET_BITS | offset))
    }

    pub(super) fn segment(self) -> usize {
        (self.0 >> Self::OFFSET_BITS) as usize
    }

    fn offset(self) -> u64 {
        self.0 & ((1 << Self::OFFSET_BITS) - 1)
    }
}

impl JournalLines {
    /// Finds the journals among those of a folder that may know the outputs of `shard`,
    /// or of the whole batch: not those of other shards of the same division. `own` is
    /// the one that this run writes.
    pub(super) fn find(
        journals: Vec<(PathBuf, Option<Shard>)>,
        shard: Option<Shard>,
        own: Option<(PathBuf, File)>,
    ) -> anyhow::Result<Self> {
        let count = shard.map(|shard| shard.count);
        let concerns = |other: &Option<Shard>| {
            *other == shard || other.is_none() || other.map(|other| other.count) != count
        };
        let mut lines = Self {
            paths: (journals.into_iter())
                .filter(|(_, other)| concerns(other))
                .map(|(path, _)| path)
                .collect(),
            own: own.map(|(path, file)| (path, Arc::new(file))),
            ..Self::default()
        };
        let mut segments = Vec::new();
        for (journal, path) in lines.paths.iter().enumerate() {
            let found = lines.segments_of(journal, &mut segments);
            found.with_context(|| cannot_read(path))?;
        }
        // A stable sort: runs in one journal stay in their order.
        segments.sort_by_key(|segment| segment.at_ms);
        lines.segments = segments;
        Ok(lines)
    }

    /// Adds the runs of a journal. Lines before the first one are of older programs.
    fn segments_of(&self, journal: usize, segments: &mut Vec<Segment>) -> io::Result<()> {
        let mut segment = Segment {
            at_ms: 0,
            journal,
            start: 0,
            end: 0,
        };
        let part = self.part(journal, 0, u64::MAX)?;
        let (mut lines, mut line, mut at) = (BufReader::new(part), Vec::new(), 0);
        while let Some(length) = next_line(&mut lines, &mut line)? {
            // Most lines are of outputs.
            if line.starts_with(br#"{"event":"run""#)
                && let Ok(Record::Run(run)) = serde_json::from_slice(&line)
            {
                segments.push(Segment { end: at, ..segment });
                segment = Segment {
                    at_ms: run.at_ms,
                    journal,
                    start: at,
                    end: at,
                };
            }
            at += length;
        }
        segments.push(Segment { end: at, ..segment });
        Ok(())
    }

    /// Returns the numbers of the segments, in the order of their time.
    pub(super) fn segments(&self) -> std::ops::Range<usize> {
        0..self.segments.len()
    }

    /// Calls `each` with the records of a segment, and where their lines are. Returns how
    /// many other lines there are, in which journal: they are damaged, or cut off.
    pub(super) fn read_segment(
        &self,
        number: usize,
        each: &mut dyn FnMut(Record, Option<LinePlace>) -> anyhow::Result<()>,
    ) -> anyhow::Result<(&Path, u64)> {
        let &Segment {
            journal,
            start,
            end,
            ..
        } = &self.segments[number];
        let context = || cannot_read(&self.paths[journal]);
        let part = self.part(journal, start, end).with_context(context)?;
        let (mut lines, mut line, mut at) = (BufReader::new(part), Vec::new(), start);
        let mut damaged = 0;
        while let Some(length) = next_line(&mut lines, &mut line).with_context(context)? {
            match serde_json::from_slice(&line) {
                Ok(record) => each(record, LinePlace::new(number, at))?,
                // It follows a write that failed before its first byte.
                Err(_) if line.is_empty() => {}
                Err(_) => damaged += 1,
            }
            at += length;
        }
        Ok((&self.paths[journal], damaged))
    }

    /// Reads a line again.
    pub(super) fn read(&self, place: LinePlace) -> anyhow::Result<Record> {
        let journal = self.segments[place.segment()].journal;
        let read = || {
            let part = self.part(journal, place.offset(), u64::MAX)?;
            let mut line = Vec::new();
            next_line(&mut BufReader::with_capacity(LINE_BYTES, part), &mut line)?;
            Ok::<_, io::Error>(serde_json::from_slice(&line)?)
        };
        read().with_context(|| cannot_read(&self.paths[journal]))
    }

    /// Returns the bytes of a journal from `at` to `end`.
    fn part(&self, journal: usize, at: u64, end: u64) -> io::Result<JournalPart> {
        let file = self.file(journal)?;
        Ok(JournalPart { file, at, end })
    }

    fn file(&self, journal: usize) -> io::Result<Arc<File>> {
        let path = &self.paths[journal];
        if let Some((own, file)) = &self.own
            && own == path
        {
            return Ok(Arc::clone(file));
        }
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = open.get(&journal) {
            return Ok(Arc::clone(file));
        }
        if open.len() == MAX_OPEN {
            open.clear();
        }
        let file = Arc::new(File::open(path)?);
        open.insert(journal, Arc::clone(&file));
        Ok(file)
    }
}

/// A part of a journal. Readers of one file do not disturb each other.
struct JournalPart {
    file: Arc<File>,
    at: u64,
    end: u64,
}

impl Read for JournalPart {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end - self.at).unwrap_or(usize::MAX);
        let wanted = left.min(bytes.len());
        #[cfg(unix)]
        let read = std::os::unix::fs::FileExt::read_at(&*self.file, &mut bytes[..wanted], self.at);
        #[cfg(windows)]
        let read =
            std::os::windows::fs::FileExt::seek_read(&*self.file, &mut bytes[..wanted], self.at);
        let read = read?;
        self.at += read as u64;
        Ok(read)
    }
}

/// Reads the next line without its end. Returns how many bytes it has with that; `None` at
/// the end.
fn next_line(lines: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<Option<u64>> {
    line.clear();
    let length = lines.read_until(b'\n', line)?;
    if line.last() == Some(&b'\n') {
        line.pop();
    }
    Ok((length > 0).then_some(length as u64))
}
