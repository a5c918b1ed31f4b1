//! Makes the plan of a batch.

use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::Arc;

use piper_rs::sink::file::ExistingFile;
use piper_rs::{CancelToken, Error};

use super::entry::{Entry, InputText, Label, SourceLocation, TextDigest};
use super::fingerprint::Fingerprint;
use super::freshness::{Decision, decide};
use super::grid::Variant;
use super::journal::{History, output_key};
use super::part_hash::PartHash;
use super::plan::{FailedText, PlanItem, PlanOptions, Task};
use super::shard::{Shard, hash_digits};
use super::sidecar::{self, Sidecar, SidecarsOf};
use super::template::{FieldValues, Place, named_by_manifest};
use super::voices::{PlannedVoice, Voices};
use crate::speech::parts::Parts;
use crate::speech::settings::Settings;
use crate::speech::sound_format::OutputUse;
use crate::terminal::report::UsageError;

/// Makes plans. Reads every text and voice, but changes nothing.
pub(super) struct Planner<'a> {
    pub(super) options: &'a PlanOptions,
    pub(super) voices: Voices<'a>,
    pub(super) history: &'a History,
    pub(super) parts: &'a Parts,
    /// The part of the batch that the plans are for.
    pub(super) shard: Option<Shard>,
    pub(super) cancel: &'a CancelToken,
}

/// A text, and the names of its files.
pub(super) struct DraftedText {
    pub(super) digest: TextDigest,
    pub(super) drafts: Vec<Draft>,
    voice: Arc<PlannedVoice>,
    title: String,
}

/// A reading of a text, and the name of its file.
pub(super) struct Draft {
    /// Resolved for the voice.
    pub(super) variant: Variant,
    /// Not resolved: the parts of the text may have other voices.
    part_settings: Settings,
    pub(super) output: PathBuf,
    /// What decides to which shard the file belongs.
    pub(super) shard_name: String,
}

impl Draft {
    /// Returns the paths of its files.
    pub(super) fn files(&self, options: &PlanOptions) -> Vec<PathBuf> {
        let timed = options.timed.iter();
        let timed = timed.map(|format| format.beside(&self.output));
        std::iter::once(self.output.clone()).chain(timed).collect()
    }
}

impl Planner<'_> {
    /// Returns the readings of a text with their names; `None` if the text cannot be
    /// read, which its plan tells.
    ///
    /// Fails if a name cannot be made, or if another error concerns the whole batch.
    pub(super) fn draft(&mut self, n: u32, entry: &Entry) -> anyhow::Result<Option<DraftedText>> {
        let Ok(text) = &entry.text else {
            return Ok(None);
        };
        match self.drafted(n, text) {
            Ok(drafted) => Ok(Some(drafted)),
            Err(error) if ends_batch(&error) => Err(error.context(entry.location.to_string())),
            Err(_) => Ok(None),
        }
    }

    /// Returns what to do with the files of a text that this run makes. `failed` is why
    /// the text cannot be spoken, if that is known.
    ///
    /// Fails if an error concerns the whole batch.
    pub(super) fn plan(
        &mut self,
        n: u32,
        entry: Entry,
        failed: Option<String>,
    ) -> anyhow::Result<Vec<PlanItem>> {
        let Entry { location, text } = entry;
        let tasks = match (failed, text) {
            (Some(reason), _) => Err(Arc::new(anyhow::Error::msg(reason))),
            (None, Err(error)) => Err(error),
            (None, Ok(text)) => match self.tasks(n, &location, text) {
                Err(error) if ends_batch(&error) => {
                    return Err(error.context(location.to_string()));
                }
                tasks => tasks.map_err(Arc::new),
            },
        };
        let n = n as usize;
        Ok(match tasks {
            Ok(tasks) => tasks.into_iter().map(|task| self.decide(task)).collect(),
            Err(error) => vec![PlanItem::Fail(FailedText { n, location, error })],
        })
    }

    fn drafted(&mut self, n: u32, text: &InputText) -> anyhow::Result<DraftedText> {
        let InputText {
            source,
            settings,
            label,
        } = text;
        let digest = TextDigest::of(source, self.parts.reader(), self.cancel)?;
        let voice = self.voices.get(settings)?;
        let resolved = settings.for_voice(&voice.files.name());
        let grid = &self.options.grid;
        let own = &settings.overrides;
        let item = label.id.clone().unwrap_or_else(|| n.to_string());
        let unresolved = grid.variants(Settings::clone(settings), own, &voice.config, &item)?;
        let variants = grid.variants(resolved, own, &voice.config, &item)?;
        let title = label.chapter_title(&digest);
        let mut drafts = Vec::with_capacity(variants.len());
        for (variant, unresolved) in variants.into_iter().zip(unresolved) {
            let mut part_settings = unresolved.settings;
            part_settings.overrides.seed = variant.settings.overrides.seed;
            let (output, shard_name) = self.output(n, label, &title, &variant, &digest, &voice)?;
            drafts.push(Draft {
                variant,
                part_settings,
                output,
                shard_name,
            });
        }
        Ok(DraftedText {
            digest,
            drafts,
            voice,
            title,
        })
    }

    /// Returns the tasks of a text that this run makes: one for each of its readings.
    fn tasks(
        &mut self,
        n: u32,
        location: &SourceLocation,
        text: InputText,
    ) -> anyhow::Result<Vec<Task>> {
        let DraftedText {
            digest,
            drafts,
            voice,
            title,
        } = self.drafted(n, &text)?;
        let n = n as usize;
        let mut tasks = Vec::with_capacity(drafts.len());
        for draft in drafts {
            if self
                .shard
                .is_some_and(|shard| !shard.holds(&draft.shard_name))
            {
                continue;
            }
            let espeak_ng = &self.options.espeak_ng_version;
            let hash = PartHash {
                parts: self.parts,
                voices: &mut self.voices,
                espeak_ng,
            };
            let hash = hash.of_text(&digest, &draft.part_settings)?;
            let folder = &self.options.folder;
            let Draft {
                output,
                part_settings,
                variant: Variant { settings, take },
                ..
            } = draft;
            let mut encoding = settings.format.encoding_of(&output, OutputUse::Text)?;
            encoding.tags = self.options.album.tags_of(n, &title);
            let fingerprint =
                Fingerprint::of_text(hash, voice.content_hash, &settings, &encoding, espeak_ng)?;
            tasks.push(Task {
                n,
                take,
                location: location.clone(),
                source: text.source.clone(),
                key: output_key(folder, &output),
                sidecars: Sidecar::all(&SidecarsOf {
                    formats: &self.options.timed,
                    folder,
                    output: &output,
                    fingerprint: &fingerprint,
                    places: &digest.places,
                }),
                existing_seed: None,
                output,
                existing_file: ExistingFile::Refuse,
                title: title.clone(),
                chars: digest.chars,
                fingerprint,
                encoding,
                settings: Arc::new(settings),
                part_settings: Arc::new(part_settings),
                voice: Arc::clone(&voice),
            });
        }
        Ok(tasks)
    }

    /// Returns the path of a reading's file, and what decides to which shard it belongs.
    fn output(
        &self,
        n: u32,
        label: &Label,
        title: &str,
        variant: &Variant,
        digest: &TextDigest,
        voice: &PlannedVoice,
    ) -> Result<(PathBuf, String), UsageError> {
        let folder = &self.options.folder;
        let overrides = &variant.settings.overrides;
        let speaker = overrides.speaker.as_ref().map(ToString::to_string);
        let scales = variant.settings.scales(&voice.config);
        let values = FieldValues {
            stem: &label.stem,
            n: n as usize,
            opening: label.title.as_deref().unwrap_or(&digest.opening),
            title,
            voice: &voice.files.name(),
            speaker: &speaker.unwrap_or_else(|| voice.config.default_speaker_id.to_string()),
            id: label.id.as_deref(),
            seed: overrides.seed,
            take: variant.take,
            speed: overrides.speed.unwrap_or_default().get(),
            scales,
            place: Place::Unknown,
        };
        let ending = self.options.grid.name_ending();
        let format = variant.settings.format.sound.unwrap_or_default();
        let template = match (&label.output, &self.options.template) {
            (Some(output), _) => {
                let output = named_by_manifest(&folder.join(output), &ending, &values, format)?;
                let shard_name = output_key(folder, &output);
                return Ok((output, shard_name));
            }
            (None, Some(template)) => Cow::Borrowed(template),
            (None, None) => Cow::Owned(label.default_template(&ending)),
        };
        let folder = folder.join(&label.folder);
        let output = folder.join(template.fill(&values, format)?);
        let shard_name = output_key(&self.options.folder, &output);
        if !template.has_place() {
            return Ok((output, shard_name));
        }
        // The rest of the name decides where the file goes.
        let place = Place::Known {
            shard: self.shard,
            hash: hash_digits(&shard_name),
        };
        let values = FieldValues { place, ..values };
        Ok((folder.join(template.fill(&values, format)?), shard_name))
    }

    fn decide(&self, task: Task) -> PlanItem {
        let history = self.history.output(&task.key);
        let permission = self.options.permission;
        let decision = decide(&task.output, &task.fingerprint, history, permission);
        let existing_seed = match decision {
            Decision::Skip(_) => history.and_then(|output| output.done.as_ref()?.seed),
            Decision::Make(_) | Decision::Refuse(_) => None,
        };
        match sidecar::decide(decision, &task.sidecars, self.history, permission) {
            Decision::Make(existing_file) => PlanItem::Make(Task {
                existing_file,
                existing_seed,
                ..task
            }),
            Decision::Skip(state) => PlanItem::Skip(task, state),
            Decision::Refuse(conflict) => PlanItem::Fail(FailedText {
                n: task.n,
                location: task.location,
                error: Arc::new(conflict.into()),
            }),
        }
    }
}

/// Returns whether an error concerns the whole batch and not only one text:
/// a bad template, a lexicon that cannot be read, or a cancelled run.
fn ends_batch(error: &anyhow::Error) -> bool {
    error.is::<UsageError>() || matches!(error.downcast_ref(), Some(Error::Cancelled))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::batch::album::Album;
    use crate::commands::batch::freshness::Permission;
    use crate::commands::batch::grid::Grid;
    use crate::commands::batch::plan::Plan;
    use crate::commands::batch::tests::{no_parts, settings};
    use crate::environment::VoiceFolders;
    use crate::speech::source::Source;

    /// Plans one text for each voice. The voices are copies of the test voice
    /// under these names.
    fn plan(voices: &[&str]) -> Plan {
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
                location: SourceLocation::line("list", 1),
                text: Ok(InputText {
                    source: Source::text("Hi.".to_owned()),
                    settings: Arc::new(settings),
                    label: Label::default(),
                }),
            }
        };
        let options = PlanOptions {
            album: Album::default(),
            folder: "/nowhere".into(),
            template: None,
            grid: Grid::default(),
            timed: Vec::new(),
            permission: Permission::Keep,
            reserved: Vec::new(),
            espeak_ng_version: String::new(),
        };
        let folders = VoiceFolders::new(vec![folder.path().to_owned()], None);
        let mut planner = Planner {
            options: &options,
            voices: Voices::new(&folders),
            history: &History::default(),
            parts: &no_parts(),
            shard: None,
            cancel: &CancelToken::new(),
        };
        let entries = (1..).zip(voices.iter().map(entry));
        let items = entries.flat_map(|(n, entry)| planner.plan(n, entry, None).unwrap());
        Plan {
            items: items.collect(),
        }
    }

    #[test]
    fn work_is_grouped_by_voice() {
        let plan = plan(&["b", "a", "b", "c", "a"]);
        let work = plan.work().into_iter();
        let work: Vec<_> = work.map(|task| (task.n, task.voice.files.name())).collect();
        let expected = [(1, "b"), (3, "b"), (2, "a"), (5, "a"), (4, "c")];
        assert_eq!(work, expected.map(|(n, voice)| (n, voice.to_owned())));
    }
}
