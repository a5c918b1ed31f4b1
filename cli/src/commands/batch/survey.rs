//! The first pass over the texts of a batch: it decides their names, and whether the
//! batch as a whole can be made. Nothing is kept of a text but hashes of its names.

use std::collections::HashMap;
use std::path::PathBuf;

use anyhow::Context as _;
use piper_rs::encode::SoundFormat;

use super::Batch;
use super::entries::Entries;
use super::joined_format::JoinedFormat;
use super::names::{Locations, Names};
use super::outside::Outside;
use super::planner::Planner;
use super::results::ResultsCheck;
use crate::speech::sound_format::{OutputUse, format_of};
use crate::terminal::quantity::count;
use crate::terminal::report::UsageError;

/// What the first pass has found.
#[derive(Debug, Default)]
pub(super) struct Survey {
    /// The number of all texts.
    pub(super) texts: u32,
    /// How many files, and texts that fail, this run has.
    pub(super) own_files: usize,
    pub(super) own_chars: u64,
    /// Whether a file of this run has a seed.
    pub(super) has_seeds: bool,
    /// Why texts fail whose name is taken, by their number.
    pub(super) failed: HashMap<u32, String>,
    /// One bit for each text: whether it has a file of this run.
    own: Vec<u64>,
}

impl Survey {
    /// Returns whether a text has a file that this run makes.
    pub(super) fn has_own(&self, n: u32) -> bool {
        let word = self.own.get(n as usize / 64).copied().unwrap_or_default();
        word >> (n % 64) & 1 == 1
    }

    fn set_own(&mut self, n: u32) {
        let at = n as usize / 64;
        if self.own.len() <= at {
            self.own.resize(at + 1, 0);
        }
        self.own[at] |= 1 << (n % 64);
    }
}

impl Batch {
    /// Reads all texts. Fails if two would get the same file, if a name cannot be made,
    /// or if the voice of the command line is missing. Other errors belong to one text
    /// each.
    pub(super) fn survey(
        &self,
        planner: &mut Planner<'_>,
        entries: &Entries,
    ) -> anyhow::Result<Survey> {
        let mut survey = Survey::default();
        let mut names = Names::new(&self.options.reserved);
        let mut outside = Outside::new(&self.options.folder);
        let mut results = self.results.as_ref().map(ResultsCheck::new);
        let mut formats = Vec::new();
        let ending = self.options.grid.name_ending();
        let mut uses_default_voice = self.check_grid(planner, entries)?;
        self.inputs
            .for_each(entries, &self.reporter, &self.cancel, &mut |n, entry| {
                survey.texts = n;
                if let Ok(text) = &entry.text {
                    if !uses_default_voice && text.settings.voice == self.settings.voice {
                        uses_default_voice = true;
                        self.check_voice(planner, 1)?;
                    }
                    text.source.files().for_each(|path| names.add_input(path));
                }
                let Some(drafted) = planner.draft(n, &entry)? else {
                    // Every machine finds a bad line, so one shard reports it. What cannot
                    // be read here, such as a missing voice, may be there elsewhere.
                    if entry.text.is_ok() || planner.is_own(&n.to_string()) {
                        survey.set_own(n);
                        survey.own_files += 1;
                    }
                    return Ok(());
                };
                for draft in drafted.drafts() {
                    let draft = draft.with_context(|| entry.location.to_string())?;
                    for path in draft.files(&self.options) {
                        names.add_output(n, &entry.location, &path, &ending)?;
                    }
                    outside.add(&draft.output);
                    if let Some(results) = &mut results {
                        results.add(
                            &entry.location,
                            draft.variant.settings.overrides.seed,
                            &draft.output,
                        )?;
                    }
                    let settings = &draft.variant.settings;
                    let format = format_of(&draft.output, settings.format.sound, OutputUse::Text)?;
                    if !formats.contains(&format) {
                        formats.push(format);
                    }
                    if planner.is_own(&draft.shard_name) {
                        survey.set_own(n);
                        survey.own_files += 1;
                        survey.own_chars += drafted.digest.chars;
                        survey.has_seeds |= settings.overrides.seed.is_some();
                    }
                }
                Ok(())
            })?;
        if survey.texts == 0 {
            self.reporter.note("the input contains no texts");
        }
        // If the command line's voice is missing, that is one error for all, and
        // an error even without texts.
        if survey.texts == 0 || uses_default_voice {
            self.check_voice(planner, survey.texts)?;
            self.note_grid(planner, survey.texts)?;
        }
        self.check_bitrate(formats)?;
        survey.failed = self.clear_names(&names, planner, entries)?;
        if let Some(results) = results {
            results.finish(&names, &self.options)?;
        }
        outside.note(&self.reporter);
        Ok(survey)
    }

    /// Counts the texts, if each has several readings: there may be too many. Returns
    /// whether one has the voice of the command line.
    fn check_grid(&self, planner: &mut Planner<'_>, entries: &Entries) -> anyhow::Result<bool> {
        if self.options.grid.is_empty() {
            return Ok(false);
        }
        let (mut texts, mut uses_default_voice) = (0, false);
        let (reporter, cancel) = (&self.reporter, &self.cancel);
        self.inputs
            .for_each(entries, reporter, cancel, &mut |n, entry| {
                texts = n;
                uses_default_voice |=
                    (entry.text).is_ok_and(|text| text.settings.voice == self.settings.voice);
                Ok(())
            })?;
        if uses_default_voice {
            self.check_voice(planner, texts)?;
        }
        Ok(uses_default_voice)
    }

    /// Fails if a bit rate is set and nothing has one. `formats` are those of the texts.
    fn check_bitrate(&self, mut formats: Vec<SoundFormat>) -> Result<(), UsageError> {
        match self.join.as_ref().map(|join| join.format) {
            Some(JoinedFormat::M4b) => return Ok(()),
            Some(JoinedFormat::Sound(format)) => formats.push(format),
            None if formats.is_empty() => return Ok(()),
            None => {}
        }
        self.settings.format.check_bitrate(&formats)
    }

    /// Fails if the voice of the command line is missing, or if the grid makes too many
    /// files of so many texts.
    fn check_voice(&self, planner: &mut Planner<'_>, texts: u32) -> anyhow::Result<()> {
        let voice = planner.voices.get(&self.settings)?;
        self.options.grid.check(texts as usize, &voice.config)?;
        let settings = self.settings.for_voice(&voice.files.name());
        voice
            .config
            .speaker_id(settings.overrides.speaker.as_ref())?;
        Ok(())
    }

    fn note_grid(&self, planner: &mut Planner<'_>, texts: u32) -> anyhow::Result<()> {
        let (grid, voice) = (&self.options.grid, planner.voices.get(&self.settings)?);
        if let Some(summary) = grid.summary(&voice.config) {
            let texts = count(u64::from(texts), "text");
            self.reporter.note(&format!("{texts} × {summary}"));
        }
        let settings = self.settings.for_voice(&voice.files.name());
        if grid.takes_are_alike(&settings.scales(&voice.config)) {
            self.reporter.note(
                "all takes of a text will be the same: the voice speaks without noise; \
                 --noise-scale and --noise-w above 0 make them differ",
            );
        }
        Ok(())
    }

    /// Returns why texts fail whose name is taken. Reads the texts again if there is one.
    fn clear_names(
        &self,
        names: &Names,
        planner: &mut Planner<'_>,
        entries: &Entries,
    ) -> anyhow::Result<HashMap<u32, String>> {
        let unclear = names.unclear();
        if unclear.is_empty() {
            return Ok(HashMap::new());
        }
        let mut locations = Locations::new();
        self.inputs
            .for_each(entries, &self.reporter, &self.cancel, &mut |n, entry| {
                if !unclear.contains(&n) {
                    return Ok(());
                }
                if let Some(drafted) = planner.draft(n, &entry)? {
                    for draft in drafted.drafts() {
                        let files = draft?.files(&self.options);
                        let files = files.iter().map(PathBuf::as_path);
                        names.check_inputs(&entry.location, files)?;
                    }
                }
                locations.insert(n, entry.location);
                Ok(())
            })?;
        names.failed(&locations)
    }
}
