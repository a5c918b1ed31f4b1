//! Makes the plan of a batch.

use std::path::PathBuf;
use std::sync::Arc;

use piper_rs::sink::file::ExistingFile;
use piper_rs::{CancelToken, Error};

use super::collisions::refuse_collisions;
use super::entry::{Entry, InputText, Label, SourceLocation, TextDigest};
use super::fingerprint::Fingerprint;
use super::freshness::{Decision, decide};
use super::grid::Variant;
use super::journal::{History, output_key};
use super::part_hash::PartHash;
use super::plan::{FailedText, Plan, PlanItem, PlanOptions, Task};
use super::shard::Shard;
use super::sidecar::{self, Sidecar, SidecarsOf};
use super::template::{FieldValues, named_by_manifest};
use super::used_ids::UsedIds;
use super::voices::{PlannedVoice, Voices};
use crate::speech::parts::Parts;
use crate::speech::settings::Settings;
use crate::speech::sound_format::OutputUse;
use crate::terminal::report::UsageError;

/// Makes a plan. Reads every text and voice, but changes nothing.
pub(super) struct Planner<'a> {
    pub(super) options: &'a PlanOptions,
    pub(super) voices: Voices<'a>,
    pub(super) history: &'a History,
    pub(super) parts: &'a Parts,
    /// The part of the batch that the plan is for.
    pub(super) shard: Option<Shard>,
    pub(super) cancel: &'a CancelToken,
}

impl Planner<'_> {
    /// Fails if two texts would get the same file, or if a name cannot be
    /// made. Other errors belong to one text each.
    pub(super) fn plan(mut self, entries: Vec<Entry>) -> anyhow::Result<Plan> {
        let mut tasks = Vec::with_capacity(entries.len());
        let mut ids = UsedIds::default();
        for (n, Entry { location, text }) in (1..).zip(entries) {
            let readings = text.map(|text| {
                let readings = self.tasks(n, &location, text)?;
                ids.add(&location, readings.iter().map(|task| task.output.as_path()))?;
                Ok(readings)
            });
            match readings {
                Ok(Ok(readings)) => tasks.extend(readings.into_iter().map(Ok)),
                Ok(Err(error)) if ends_batch(&error) => {
                    return Err(error.context(location.to_string()));
                }
                Ok(Err(error)) | Err(error) => {
                    tasks.push(Err(FailedText { n, location, error }));
                }
            }
        }
        // The whole batch decides about names, so that all shards agree.
        refuse_collisions(self.options, tasks.iter().flatten())?;
        tasks.retain(|task| self.is_own(task));
        let items = tasks.into_iter().map(|task| match task {
            Ok(task) => self.decide(task),
            Err(failed) => PlanItem::Fail(failed),
        });
        Ok(Plan {
            items: items.collect(),
        })
    }

    /// Returns whether a text belongs to the shard. One that has no output is reported
    /// by one shard only.
    fn is_own(&self, task: &Result<Task, FailedText>) -> bool {
        self.shard.is_none_or(|shard| match task {
            Ok(task) => shard.holds(&task.key),
            Err(failed) => shard.holds(&failed.n.to_string()),
        })
    }

    /// Returns the tasks of a text: one for each of its readings.
    fn tasks(
        &mut self,
        n: usize,
        location: &SourceLocation,
        text: InputText,
    ) -> anyhow::Result<Vec<Task>> {
        let InputText {
            source,
            settings,
            label,
        } = text;
        let digest = TextDigest::of(&source, self.parts.reader(), self.cancel)?;
        let voice = self.voices.get(&settings)?;
        let resolved = settings.for_voice(&voice.files.name());
        let grid = &self.options.grid;
        let own = &settings.overrides;
        let unresolved = grid.variants(Settings::clone(&settings), own, &voice.config)?;
        let variants = grid.variants(resolved, own, &voice.config)?;
        let title = label.chapter_title(&digest);
        let mut tasks = Vec::with_capacity(variants.len());
        for (variant, unresolved) in variants.into_iter().zip(unresolved) {
            let mut part_settings = unresolved.settings;
            part_settings.overrides.seed = variant.settings.overrides.seed;
            let espeak_ng = &self.options.espeak_ng_version;
            let hash = PartHash {
                parts: self.parts,
                voices: &mut self.voices,
                espeak_ng,
            };
            let hash = hash.of_text(&digest, &part_settings)?;
            let output = self.output(n, &label, &title, &variant, &digest, &voice)?;
            let folder = &self.options.folder;
            let Variant { settings, take } = variant;
            let mut encoding = settings.format.encoding_of(&output, OutputUse::Text)?;
            encoding.tags = self.options.album.tags_of(n, &title);
            let fingerprint =
                Fingerprint::of_text(hash, voice.content_hash, &settings, &encoding, espeak_ng)?;
            tasks.push(Task {
                n,
                take,
                location: location.clone(),
                source: source.clone(),
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

    fn output(
        &self,
        n: usize,
        label: &Label,
        title: &str,
        variant: &Variant,
        digest: &TextDigest,
        voice: &PlannedVoice,
    ) -> Result<PathBuf, UsageError> {
        let folder = &self.options.folder;
        let overrides = &variant.settings.overrides;
        let speaker = overrides.speaker.as_ref().map(ToString::to_string);
        let scales = variant.settings.scales(&voice.config);
        let values = FieldValues {
            stem: &label.stem,
            n,
            opening: label.title.as_deref().unwrap_or(&digest.opening),
            title,
            voice: &voice.files.name(),
            speaker: &speaker.unwrap_or_else(|| voice.config.default_speaker_id.to_string()),
            id: label.id.as_deref(),
            seed: overrides.seed,
            take: variant.take,
            speed: overrides.speed.unwrap_or_default().get(),
            scales,
        };
        let ending = self.options.grid.name_ending();
        let format = variant.settings.format.sound.unwrap_or_default();
        if let Some(output) = &label.output {
            return named_by_manifest(&folder.join(output), &ending, &values, format);
        }
        let name = match &self.options.template {
            Some(template) => template.fill(&values, format)?,
            None => label.default_template(&ending).fill(&values, format)?,
        };
        Ok(folder.join(&label.folder).join(name))
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
                error: conflict.into(),
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
        let planner = Planner {
            options: &options,
            voices: Voices::new(&folders),
            history: &History::default(),
            parts: &no_parts(),
            shard: None,
            cancel: &CancelToken::new(),
        };
        planner.plan(voices.iter().map(entry).collect()).unwrap()
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
