//! Makes the plan of a batch.

use std::sync::Arc;

use piper_rs::sink::file::ExistingFile;
use piper_rs::{CancelToken, Error};

use super::draft::{Draft, DraftedText, Naming};
use super::entry::{Entry, InputText, SourceLocation, TextDigest};
use super::fingerprint::Fingerprint;
use super::freshness::{Decision, decide, seed_of};
use super::grid::Variant;
use super::journal::{History, output_key};
use super::part_hash::PartHash;
use super::plan::{FailedText, PlanItem, Task};
use super::sidecar::{self, Sidecar, SidecarsOf};
use super::voices::Voices;
use crate::args::Shard;
use crate::speech::parts::Parts;
use crate::speech::sound_format::OutputUse;
use crate::terminal::report::UsageError;

/// Makes plans. Reads every text and voice, but changes nothing.
pub(super) struct Planner<'a> {
    pub(super) naming: Naming<'a>,
    pub(super) voices: Voices<'a>,
    /// What earlier runs have made; `None` if nothing is decided about the files.
    pub(super) history: Option<&'a History>,
    pub(super) parts: &'a Parts,
    /// The part of the batch that the plans are for.
    pub(super) shard: Option<Shard>,
    pub(super) cancel: &'a CancelToken,
}

impl<'a> Planner<'a> {
    /// Reads a text, and names its files; `None` if it cannot be read, which its plan
    /// tells.
    ///
    /// Fails if an error concerns the whole batch.
    pub(super) fn draft<'t>(
        &mut self,
        n: u32,
        entry: &'t Entry,
    ) -> anyhow::Result<Option<DraftedText<'t>>>
    where
        'a: 't,
    {
        let Ok(text) = &entry.text else {
            return Ok(None);
        };
        match self.drafted(n, text) {
            Ok(drafted) => Ok(Some(drafted)),
            Err(error) if ends_batch(&error) => Err(error.context(entry.location.to_string())),
            Err(_) => Ok(None),
        }
    }

    /// Calls `each` with what to do about every file of a text that this run makes.
    /// `failed` is why the text cannot be spoken, if that is known.
    ///
    /// Fails if `each` does, or if an error concerns the whole batch.
    pub(super) fn plan(
        &mut self,
        n: u32,
        entry: Entry,
        failed: Option<String>,
        each: &mut dyn FnMut(PlanItem) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let Entry { location, text } = entry;
        let fail = |error| {
            let (n, location) = (n as usize, location.clone());
            PlanItem::Fail(FailedText { n, location, error })
        };
        let fail_alone = |error: anyhow::Error| match ends_batch(&error) {
            true => Err(error.context(location.to_string())),
            false => Ok(fail(Arc::new(error))),
        };
        let text = match (failed, text) {
            (Some(reason), _) => return each(fail(Arc::new(anyhow::Error::msg(reason)))),
            (None, Err(error)) => return each(fail(error)),
            (None, Ok(text)) => text,
        };
        let drafted = match self.drafted(n, &text) {
            Ok(drafted) => drafted,
            Err(error) => return each(fail_alone(error)?),
        };
        for draft in drafted.drafts() {
            let task = match draft {
                Ok(draft) if !self.is_own(&draft.shard_name) => continue,
                Ok(draft) => self.task(&drafted, &location, draft),
                Err(error) => Err(error.into()),
            };
            match task {
                Ok(task) => each(self.decide(task)?)?,
                Err(error) => return each(fail_alone(error)?),
            }
        }
        Ok(())
    }

    /// Returns whether this run makes the file with this name.
    pub(super) fn is_own(&self, shard_name: &str) -> bool {
        self.shard.is_none_or(|shard| shard.holds(shard_name))
    }

    fn drafted<'t>(&mut self, n: u32, text: &'t InputText) -> anyhow::Result<DraftedText<'t>>
    where
        'a: 't,
    {
        let InputText {
            source,
            settings,
            label,
        } = text;
        let digest = TextDigest::of(source, self.parts.reader(), self.cancel)?;
        let voice = self.voices.get(settings)?;
        let naming = self.naming;
        let item = label.id.clone().unwrap_or_else(|| n.to_string());
        let grid = &naming.options.grid;
        Ok(DraftedText {
            readings: grid.readings(&settings.overrides, &voice, &item)?,
            settings: settings.for_voice(&voice.files.name()),
            title: label.chapter_title(&digest),
            n,
            text,
            digest,
            voice,
            naming,
        })
    }

    fn task(
        &mut self,
        drafted: &DraftedText<'_>,
        location: &SourceLocation,
        draft: Draft,
    ) -> anyhow::Result<Task> {
        let DraftedText {
            text,
            digest,
            voice,
            title,
            ..
        } = drafted;
        let Draft {
            output,
            variant:
                Variant {
                    settings,
                    part_settings,
                    take,
                },
            ..
        } = draft;
        let n = drafted.n as usize;
        let options = self.naming.options;
        let espeak_ng = &options.espeak_ng_version;
        let hash = PartHash {
            parts: self.parts,
            voices: &mut self.voices,
            espeak_ng,
        };
        let hash = hash.of_text(digest, &part_settings)?;
        let folder = &options.folder;
        let mut encoding = settings.format.encoding_of(&output, OutputUse::Text)?;
        encoding.tags = options.album.tags_of(n, title);
        let fingerprint =
            Fingerprint::of_text(hash, voice.content_hash, &settings, &encoding, espeak_ng)?;
        Ok(Task {
            n,
            take,
            location: location.clone(),
            source: text.source.clone(),
            key: output_key(folder, &output),
            sidecars: Sidecar::all(&SidecarsOf {
                formats: &options.timed,
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
            voice: Arc::clone(voice),
        })
    }

    fn decide(&self, task: Task) -> anyhow::Result<PlanItem> {
        let Some(history) = self.history else {
            return Ok(PlanItem::Undecided(task));
        };
        let made = history.output(&task.key)?;
        let permission = self.naming.options.permission;
        let decision = decide(&task.output, &task.fingerprint, made.as_ref(), permission);
        let existing_seed = match decision {
            Decision::Skip(state) => made.and_then(|made| seed_of(&made, state)),
            Decision::Make(_) | Decision::Refuse(_) => None,
        };
        let decision = sidecar::decide(decision, &task.sidecars, history, permission)?;
        Ok(match decision {
            Decision::Make(existing_file) => PlanItem::Make(Task {
                existing_file,
                existing_seed,
                ..task
            }),
            Decision::Skip(state) => PlanItem::Skip(
                Task {
                    existing_seed,
                    ..task
                },
                state,
            ),
            Decision::Refuse(conflict) => PlanItem::Fail(FailedText {
                n: task.n,
                location: task.location,
                error: Arc::new(conflict.into()),
            }),
        })
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
    use crate::commands::batch::entry::Label;
    use crate::commands::batch::freshness::Permission;
    use crate::commands::batch::grid::Grid;
    use crate::commands::batch::plan::{Plan, PlanOptions};
    use crate::commands::batch::tests::{no_parts, settings};
    use crate::environment::VoiceFolders;
    use crate::speech::settings::Settings;
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
            naming: Naming {
                options: &options,
                shards: None,
            },
            voices: Voices::new(&folders),
            history: Some(&History::default()),
            parts: &no_parts(),
            shard: None,
            cancel: &CancelToken::new(),
        };
        let mut items = Vec::new();
        for (n, entry) in (1..).zip(voices.iter().map(entry)) {
            let mut add = |item| {
                items.push(item);
                Ok(())
            };
            planner.plan(n, entry, None, &mut add).unwrap();
        }
        Plan { items }
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
