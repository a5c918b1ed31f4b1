//! Everything decided about every text, before anything is made.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use piper_rs::sink::wav::ExistingFile;
use piper_rs::voice::VoiceFiles;
use piper_rs::{CancelToken, Error};

use super::fingerprint::{Fingerprint, TextDigest};
use super::item::{Entry, IsFile, Item, Label, Place};
use super::journal::History;
use super::name::{Facts, Template, collision_key};
use super::verdict::{Found, Permission, Verdict, judge};
use super::voices::{PlannedVoice, Voices};
use crate::speech::settings::Settings;
use crate::speech::source::Source;
use crate::terminal::report::UsageError;

/// A text on its way into the plan.
type Draft = (Place, anyhow::Result<Task>);

/// How outputs are named and what they may replace.
pub(super) struct PlanOptions {
    pub(super) folder: PathBuf,
    pub(super) template: Option<Template>,
    pub(super) permission: Permission,
    /// Files that no text may become.
    pub(super) reserved: Vec<PathBuf>,
    /// espeak-ng's version, which decides how texts are read.
    pub(super) espeak: String,
}

/// The texts of a batch in the order of the input, each with its fate.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) items: Vec<Planned>,
}

#[derive(Debug)]
pub(super) struct Planned {
    pub(super) place: Place,
    pub(super) fate: Fate,
}

/// What becomes of a text.
#[derive(Debug)]
pub(super) enum Fate {
    Make(Task, ExistingFile),
    /// It is made already.
    Skip(Task, Found),
    Fail(anyhow::Error),
}

/// A text with all that making it takes.
#[derive(Debug, Clone)]
pub(super) struct Task {
    /// Counted from 1, over the whole input.
    pub(super) n: usize,
    pub(super) text: Source,
    pub(super) settings: Arc<Settings>,
    pub(super) voice: Arc<PlannedVoice>,
    pub(super) output: PathBuf,
    /// The output's name in the journal.
    pub(super) key: String,
    /// What a listener would call it.
    pub(super) title: String,
    pub(super) chars: u64,
    pub(super) fingerprint: Fingerprint,
}

impl Plan {
    /// Decides about `entries`: reads every text and voice through, but makes
    /// and changes nothing.
    ///
    /// Fails where two texts would become one file, or a name cannot be made.
    pub(super) fn new(
        entries: Vec<Entry>,
        options: &PlanOptions,
        voices: &mut Voices<'_>,
        history: &History,
        cancel: &CancelToken,
    ) -> anyhow::Result<Self> {
        let mut drafts = Vec::with_capacity(entries.len());
        for (n, Entry { place, item }) in (1..).zip(entries) {
            let task = match item.map(|item| options.task(n, item, voices, cancel)) {
                // A name that cannot be made, or a stop, is no matter of one text.
                Ok(Err(error)) if is_for_all(&error) => {
                    return Err(error.context(place.to_string()));
                }
                Ok(task) => task,
                Err(bad) => Err(bad),
            };
            drafts.push((place, task));
        }
        options.refuse_collisions(&drafts)?;
        let fate = |task: Task| {
            let past = history.past(&task.key);
            match judge(&task.output, &task.fingerprint, past, options.permission) {
                Verdict::Make(existing_file) => Fate::Make(task, existing_file),
                Verdict::Skip(found) => Fate::Skip(task, found),
                Verdict::Refuse(taken) => Fate::Fail(taken.into()),
            }
        };
        let planned = |(place, task): Draft| Planned {
            place,
            fate: task.map_or_else(Fate::Fail, fate),
        };
        Ok(Self {
            items: drafts.into_iter().map(planned).collect(),
        })
    }

    /// Returns what is to be made, voice by voice in the order of their first
    /// texts, so that few voices need be loaded at a time.
    pub(super) fn work(&self) -> Vec<Job<'_>> {
        let mut ranks = HashMap::new();
        let mut work: Vec<_> = self.items.iter().filter_map(Planned::job).collect();
        for job in &work {
            let next = ranks.len();
            ranks.entry(&job.task.voice.canonical).or_insert(next);
        }
        // Stable: texts of one voice stay in their order.
        work.sort_by_key(|job| ranks[&job.task.voice.canonical]);
        tell_next_voices(&mut work);
        work
    }
}

/// A text to be made, and where it stands in the input.
#[derive(Debug, Clone, Copy)]
pub(super) struct Job<'a> {
    pub(super) task: &'a Task,
    pub(super) place: &'a Place,
    pub(super) existing_file: ExistingFile,
    /// The voice to come, told to the first text of the one before it.
    pub(super) next_voice: Option<&'a VoiceFiles>,
}

impl Fate {
    /// Returns the text, unless something is wrong with it.
    pub(super) fn task(&self) -> Option<&Task> {
        match self {
            Self::Make(task, _) | Self::Skip(task, _) => Some(task),
            Self::Fail(_) => None,
        }
    }
}

impl Planned {
    fn job(&self) -> Option<Job<'_>> {
        match &self.fate {
            Fate::Make(task, existing_file) => Some(Job {
                task,
                place: &self.place,
                existing_file: *existing_file,
                next_voice: None,
            }),
            Fate::Skip(..) | Fate::Fail(_) => None,
        }
    }
}

impl PlanOptions {
    fn task(
        &self,
        n: usize,
        item: Item,
        voices: &mut Voices<'_>,
        cancel: &CancelToken,
    ) -> anyhow::Result<Task> {
        let digest = TextDigest::of(&item.text, cancel)?;
        let voice = voices.get(&item.settings)?;
        let settings = Arc::new(item.settings.for_voice(&voice.files.name()));
        let item = Item { settings, ..item };
        let output = self.output(n, &item, &digest, &voice)?;
        let fingerprint =
            Fingerprint::of_text(digest.hash, voice.content, &item.settings, &self.espeak)?;
        Ok(Task {
            n,
            key: self.key(&output),
            output,
            title: title(&item.label, &digest),
            chars: digest.chars,
            fingerprint,
            text: item.text,
            settings: item.settings,
            voice,
        })
    }

    fn output(
        &self,
        n: usize,
        item: &Item,
        digest: &TextDigest,
        voice: &PlannedVoice,
    ) -> Result<PathBuf, UsageError> {
        let label = &item.label;
        if let Some(output) = &label.output {
            return Ok(self.folder.join(output));
        }
        let name = voice.files.name();
        let speaker = item.settings.manner.speaker.clone();
        let speaker = speaker.unwrap_or_else(|| voice.config.default_speaker_id.to_string());
        let facts = Facts {
            stem: &label.stem,
            n,
            opening: &digest.opening,
            voice: &name,
            speaker: &speaker,
            id: label.id.as_deref(),
        };
        let name = match &self.template {
            Some(template) => template.fill(&facts)?,
            None => Template::natural(label).fill(&facts)?,
        };
        Ok(self.folder.join(&label.folder).join(name))
    }

    /// Fails if two texts would become one file, on any system, or a text a
    /// file that is needed.
    fn refuse_collisions(&self, drafts: &[Draft]) -> Result<(), UsageError> {
        let texts = drafts.iter().flat_map(|(_, task)| task.iter());
        let inputs = texts.clone().flat_map(|task| task.text.files());
        let reserved = self.reserved.iter().map(PathBuf::as_path).chain(inputs);
        let reserved: HashSet<_> = reserved.map(collision_key).collect();
        let mut names: HashMap<String, &Place> = HashMap::new();
        for (place, task) in drafts {
            let Ok(task) = task else { continue };
            let (key, output) = (collision_key(&task.output), task.output.display());
            if reserved.contains(&key) {
                let message = format!("{place} would become {output}, which is needed itself");
                return Err(UsageError(message));
            }
            if let Some(first) = names.insert(key, place) {
                return Err(UsageError(format!(
                    "{first} and {place} would both become {output}; `--name` makes names that \
                     differ, such as {{n:04}}-{{stem}}"
                )));
            }
        }
        Ok(())
    }

    /// Returns the journal's name for an output: the path below its folder.
    pub(super) fn key(&self, output: &Path) -> String {
        let path = match output.strip_prefix(&self.folder) {
            Ok(below) => below.to_owned(),
            Err(_) => std::path::absolute(output).unwrap_or_else(|_| output.to_owned()),
        };
        path.to_string_lossy().into_owned()
    }
}

impl Template {
    /// Returns how a text is named that nobody named.
    fn natural(label: &Label) -> Self {
        let natural = match (&label.id, label.is_file) {
            (Some(_), _) => "{id}",
            (None, IsFile::Yes) => "{stem}",
            (None, IsFile::No) => "{n:04}",
        };
        Self::parse(natural).expect("these templates are good")
    }
}

fn tell_next_voices(work: &mut [Job<'_>]) {
    let (mut next, mut rest) = (None, work);
    while let Some(last) = rest.last() {
        let voice = &last.task.voice;
        let others = |job: &Job<'_>| job.task.voice.canonical != voice.canonical;
        let first = rest.iter().rposition(others).map_or(0, |other| other + 1);
        rest[first].next_voice = next.replace(&voice.files);
        rest = &mut rest[..first];
    }
}

/// Returns whether an error ends the whole batch.
fn is_for_all(error: &anyhow::Error) -> bool {
    error.is::<UsageError>() || matches!(error.downcast_ref(), Some(Error::Cancelled))
}

fn title(label: &Label, digest: &TextDigest) -> String {
    match (&label.id, label.is_file) {
        (_, IsFile::Yes) => label.stem.clone(),
        (Some(id), IsFile::No) => id.clone(),
        (None, IsFile::No) => {
            let line = digest.opening.lines().next().unwrap_or_default();
            line.trim().to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::batch::tests::settings;

    /// Plans texts for voices, where a voice is a copy of the built-in one by
    /// another path.
    fn plan(voices: &[&str], history: &History) -> anyhow::Result<Plan> {
        let folder = tempfile::tempdir().unwrap();
        for voice in voices {
            let config = concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/../tests/voices/tiny.onnx.json"
            );
            std::fs::copy(config, folder.path().join(format!("{voice}.onnx.json"))).unwrap();
            std::fs::write(folder.path().join(format!("{voice}.onnx")), "graph").unwrap();
        }
        let entry = |voice: &&str| {
            let settings = Settings {
                voice: Some((*voice).to_owned()),
                ..settings()
            };
            Entry {
                place: Place::line("list", 1),
                item: Ok(Item {
                    text: Source::text("Hi.".to_owned()),
                    settings: Arc::new(settings),
                    label: Label::default(),
                }),
            }
        };
        let options = PlanOptions {
            folder: "/nowhere".into(),
            template: None,
            permission: Permission::Keep,
            reserved: Vec::new(),
            espeak: String::new(),
        };
        let folders = [folder.path().to_owned()];
        let entries = voices.iter().map(entry).collect();
        let cancel = CancelToken::new();
        Plan::new(
            entries,
            &options,
            &mut Voices::new(&folders),
            history,
            &cancel,
        )
    }

    #[test]
    fn work_goes_voice_by_voice_and_each_voice_knows_the_next() {
        let plan = plan(&["b", "a", "b", "c", "a"], &History::default()).unwrap();
        let work: Vec<_> = plan
            .work()
            .iter()
            .map(|job| {
                let next = job.next_voice.map(VoiceFiles::name);
                (job.task.n, job.task.voice.files.name(), next)
            })
            .collect();
        let expected = [
            (1, "b", Some("a")),
            (3, "b", None),
            (2, "a", Some("c")),
            (5, "a", None),
            (4, "c", None),
        ];
        let expected =
            expected.map(|(n, voice, next)| (n, voice.to_owned(), next.map(str::to_owned)));
        assert_eq!(work, expected);
    }

    #[test]
    fn a_stop_ends_planning() {
        let cancel = CancelToken::new();
        cancel.cancel();
        let text = Source::text("Hi.".to_owned());
        assert!(matches!(
            TextDigest::of(&text, &cancel),
            Err(Error::Cancelled)
        ));
    }
}
