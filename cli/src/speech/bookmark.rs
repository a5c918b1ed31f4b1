//! `--bookmark`: where the listener stopped, and where reading goes on.

mod record;
mod search;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use piper_rs::fs::{AtomicFile, write_atomic};
use piper_rs::{Error, Result};

use self::record::{HeardSentence, Record};
use self::search::search;
use super::destination::OutputMode;
use super::events::{SpokenEvent, SpokenSentence};
use super::source::{Source, TextPlace};
use crate::terminal::quote::quoted;
use crate::terminal::report::{Reporter, UsageError};

/// When a bookmark is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Saving {
    /// At the start and the end of each sentence: what was spoken is not lost.
    BySentence,
    /// At the end of the run: a file that is not complete is lost with the program.
    AtEnd,
}

/// The bookmark of a run.
#[derive(Debug)]
pub(crate) struct Bookmark {
    path: PathBuf,
    saving: Saving,
    /// The inputs, as their passages name them, and what bookmarks say about them.
    inputs: Vec<(String, Record)>,
    record: Mutex<Option<Record>>,
}

impl Bookmark {
    /// Reads the bookmark at `path`, if there is one. Returns it for the next run, and
    /// `source` from where it says.
    pub(crate) fn open(
        path: &Path,
        source: Source,
        output: &OutputMode,
        reporter: &Reporter,
    ) -> anyhow::Result<(Option<Arc<Self>>, Source)> {
        let inputs: Vec<_> = source
            .origins()
            .into_iter()
            .map(|(name, file)| {
                let record = Record::of(&name, file.as_deref());
                (name, record)
            })
            .collect();
        let saved = Record::read(path)?;
        // Before anything is spoken. Dropped, it leaves nothing.
        AtomicFile::create(path).map_err(|error| cannot_write(path, error))?;
        let place = match &saved {
            Some(saved) => begin(saved, path, &inputs, &source, reporter)?,
            None => None,
        };
        let bookmark = Self {
            path: path.to_owned(),
            saving: match output.is_files_only() {
                true => Saving::AtEnd,
                false => Saving::BySentence,
            },
            inputs,
            record: Mutex::new(saved),
        };
        let source = match place {
            Some(place) => source.going_on_at(place),
            None => source,
        };
        Ok((Some(Arc::new(bookmark)), source))
    }

    /// Notes what is heard or written.
    pub(crate) fn note(&self, event: &SpokenEvent) -> Result<()> {
        match event {
            SpokenEvent::Sentence(sentence) => self.begin_sentence(sentence),
            SpokenEvent::SentenceEnd(..) => {
                if let Some(heard) = self.record().as_mut().and_then(|r| r.sentence.as_mut()) {
                    heard.is_complete = true;
                }
            }
            SpokenEvent::Word(..) => return Ok(()),
        }
        match self.saving {
            Saving::BySentence => self.save(),
            Saving::AtEnd => Ok(()),
        }
    }

    fn begin_sentence(&self, sentence: &SpokenSentence) {
        let Some(place) = sentence.place.as_deref() else {
            return;
        };
        let of_input = self.inputs.iter().find(|(name, _)| *name == place.file());
        if let Some((_, record)) = of_input {
            let mut record = record.clone();
            record.sentence = Some(HeardSentence::of(sentence, place));
            *self.record() = Some(record);
        }
    }

    /// Writes what was heard so far.
    fn save(&self) -> Result<()> {
        let Some(record) = self.record().clone() else {
            return Ok(());
        };
        let json = serde_json::to_string_pretty(&record).map_err(std::io::Error::from);
        let written = json.and_then(|json| write_atomic(&self.path, (json + "\n").as_bytes()));
        written.map_err(|error| cannot_write(&self.path, error))
    }

    /// Notes the end of the run. `is_complete`: all of the text was heard.
    pub(crate) fn end(&self, is_complete: bool) -> Result<()> {
        if let Some(record) = self.record().as_mut() {
            record.is_finished = is_complete;
        }
        self.save()
    }

    fn record(&self) -> MutexGuard<'_, Option<Record>> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn cannot_write(path: &Path, source: std::io::Error) -> Error {
    let target = path.display().to_string();
    Error::Output { target, source }
}

/// Returns where reading begins, and says so.
fn begin(
    saved: &Record,
    path: &Path,
    inputs: &[(String, Record)],
    source: &Source,
    reporter: &Reporter,
) -> anyhow::Result<Option<TextPlace>> {
    let Some((name, current)) = inputs.iter().find(|(_, own)| own.is_same_text(saved)) else {
        let (path, other) = (path.display(), &saved.source);
        return Err(UsageError(format!(
            "{path} is a bookmark in {other}, which is not read here: name another file, or \
             delete it"
        ))
        .into());
    };
    if saved.is_finished {
        reporter.note(&format!("{name} was read to its end: beginning anew"));
        return Ok(None);
    }
    let Some(sentence) = &saved.sentence else {
        return Ok(None);
    };
    // Only a file can be read twice, and only a changed one needs it.
    let is_changed = current.stamp.is_none() || current.stamp != saved.stamp;
    let place = match is_changed && !source.is_live() {
        false => sentence.next_place(name),
        true => match search(source, name, sentence)? {
            Some(place) => place,
            None => {
                reporter.note(&format!(
                    "{name} has changed, and {} is not in it: beginning anew",
                    quoted(&sentence.text)
                ));
                return Ok(None);
            }
        },
    };
    let after = match sentence.is_complete {
        true => "after",
        false => "at",
    };
    reporter.note(&format!(
        "going on {after} {} in line {} of {name}",
        quoted(&sentence.text),
        sentence.line
    ));
    Ok(Some(place))
}
