//! `voices info`: all that is known of one voice.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use piper_rs::Result;
use piper_rs::catalogue::{CatalogueVoice, VoiceMeta};
use piper_rs::text::printable;
use piper_rs::voice::{VoiceConfig, VoiceFiles};
use serde::Serialize;

use super::Desk;
use super::shop::Shop;
use super::table::{megabytes, meta};
use crate::args::{InfoArgs, PreparedArgs};
use crate::terminal::report::Outcome;
use crate::terminal::stdout::{print_json, print_line};

/// Names shown of the speakers, for people.
const SPEAKERS_SHOWN: usize = 20;

#[derive(Debug, Serialize)]
struct Info {
    #[serde(flatten)]
    meta: VoiceMeta,
    speakers: Vec<String>,
    installed: bool,
    built_in: bool,
    /// Bytes that the prepared voice takes; none if it is not prepared.
    prepared_bytes: Option<u64>,
    sample_rate_hz: Option<u32>,
    espeak_voice: Option<String>,
    files: Vec<PathBuf>,
    /// What the model card says of it.
    licence: Option<String>,
    /// Where it comes from.
    addresses: Vec<String>,
}

pub(super) fn info(args: &InfoArgs, desk: &Desk<'_>) -> anyhow::Result<Outcome> {
    let shop = Shop::new(&args.catalogue, desk)?;
    let here = desk.find(&args.voice, &args.folders.data_dir);
    // What is installed is told without a catalogue, too.
    let catalogue = match (&here, args.update.update) {
        (_, true) => Some(shop.catalogue(&args.update)?),
        (Ok(_), false) => shop.last_seen().unwrap_or_default(),
        (Err(_), false) => shop.last_seen()?,
    };
    let name = here.as_ref().map_or(args.voice.clone(), VoiceFiles::name);
    let listed = catalogue
        .as_ref()
        .and_then(|catalogue| catalogue.find(&name));
    // By an alias, a voice may be here under its new name.
    let here = here.or_else(|error| match listed {
        Some(voice) => desk
            .find(&voice.meta.name, &args.folders.data_dir)
            .map_err(|_| error),
        None => Err(error),
    });
    let mut info = match (here, listed) {
        (Ok(files), _) => installed(&files, desk)?,
        (Err(_), Some(voice)) => available(voice),
        (Err(error), None) => return Err(error.into()),
    };
    if let Some(voice) = listed {
        let files = [Some(&voice.model), Some(&voice.config), voice.card.as_ref()];
        let files = files.into_iter().flatten();
        info.addresses = files
            .map(|f| shop.address.resolve(&f.path).to_string())
            .collect();
        info.meta.aliases.clone_from(&voice.meta.aliases);
    }
    match args.json {
        true => print_json(&info)?,
        false => info.lines().iter().try_for_each(|line| print_line(line))?,
    }
    Ok(Outcome::Done)
}

fn installed(files: &VoiceFiles, desk: &Desk<'_>) -> Result<Info> {
    let config = VoiceConfig::of(files)?;
    let mut speakers: Vec<_> = config
        .speaker_id_map
        .iter()
        .map(|(n, id)| (*id, n))
        .collect();
    speakers.sort_unstable();
    let speakers = speakers.into_iter().map(|(_, name)| name.clone()).collect();
    // Any limit will do to look.
    let prepared = desk.environment.prepared(&PreparedArgs { prepared_mb: 0 });
    let prepared = prepared
        .map(|prepared| prepared.of(files))
        .unwrap_or_default();
    let paths = [files.model_path(), files.config_path()].map(PathBuf::from);
    let card = card(files);
    let licence = card
        .as_ref()
        .and_then(|card| licence(&fs::read_to_string(card).ok()?));
    let is_builtin = *files == VoiceFiles::Builtin;
    Ok(Info {
        speakers,
        installed: !is_builtin,
        built_in: is_builtin,
        prepared_bytes: prepared.first().map(|voice| voice.bytes),
        sample_rate_hz: Some(config.sample_rate.get()),
        espeak_voice: Some(config.espeak_voice.clone()),
        files: match is_builtin {
            true => Vec::new(),
            false => paths.into_iter().chain(card).collect(),
        },
        licence,
        addresses: Vec::new(),
        meta: meta(files, config),
    })
}

fn available(voice: &CatalogueVoice) -> Info {
    Info {
        meta: voice.meta.clone(),
        speakers: voice.speakers.clone(),
        installed: false,
        built_in: false,
        prepared_bytes: None,
        sample_rate_hz: None,
        espeak_voice: None,
        files: Vec::new(),
        licence: None,
        addresses: Vec::new(),
    }
}

/// Returns the model card beside a voice, if there is one.
pub(super) fn card(files: &VoiceFiles) -> Option<PathBuf> {
    let VoiceFiles::OnDisk { model, .. } = files else {
        return None;
    };
    let card = model.with_file_name(format!("{}.MODEL_CARD", files.name()));
    card.is_file().then_some(card)
}

/// Returns what a model card says of its licence.
fn licence(card: &str) -> Option<String> {
    let mut lines = card
        .lines()
        .map(|line| line.trim_start_matches(['*', '-', '#', ' ']));
    let said = lines.find_map(|line| {
        let (key, value) = line.split_once(':')?;
        let key = key.to_lowercase();
        (key.contains("license") || key.contains("licence")).then(|| value.trim().to_owned())
    })?;
    let said = printable(&said);
    (!said.is_empty()).then_some(said)
}

impl Info {
    fn lines(&self) -> Vec<String> {
        let meta = &self.meta;
        let language = &meta.language;
        let n = meta.num_speakers;
        let speakers = match self.speakers.len() {
            0 => n.to_string(),
            shown => {
                let names = self.speakers.iter().take(SPEAKERS_SHOWN).cloned();
                let names = names.collect::<Vec<_>>().join(", ");
                let more = if shown > SPEAKERS_SHOWN { ", …" } else { "" };
                format!("{n}: {names}{more}")
            }
        };
        let state = match (self.built_in, self.installed, self.prepared_bytes) {
            (true, ..) => "built in".to_owned(),
            (_, false, _) => format!("not installed: `piper-rs voices get {}`", meta.name),
            (_, true, None) => "installed, not prepared".to_owned(),
            (_, true, Some(bytes)) => format!("installed, prepared ({})", megabytes(bytes)),
        };
        let known = [
            &language.code,
            &language.english,
            &language.country,
            &language.native,
        ];
        let known = known.into_iter().filter(|text| !text.is_empty());
        let mut known: Vec<_> = known.map(String::as_str).collect();
        // `English, United States, English`.
        if known.len() == 4 && known[3] == known[1] {
            known.pop();
        }
        let mut fields = BTreeMap::from([
            (0, ("voice", meta.name.clone())),
            (1, ("state", state)),
            (2, ("language", known.join(", "))),
            (4, ("speakers", speakers)),
        ]);
        let mut optional = |at, name, text: Option<String>| {
            if let Some(text) = text {
                fields.insert(at, (name, text));
            }
        };
        optional(3, "quality", meta.quality.clone());
        optional(5, "rate", self.sample_rate_hz.map(|hz| format!("{hz} Hz")));
        optional(6, "size", meta.bytes.map(megabytes));
        optional(7, "licence", self.licence.clone());
        let aliases = (!meta.aliases.is_empty()).then(|| meta.aliases.join(", "));
        optional(8, "aliases", aliases);
        let mut lines: Vec<_> = fields
            .into_values()
            .map(|(name, text)| format!("{name:10}{text}"))
            .collect();
        let files = self
            .files
            .iter()
            .map(|path| format!("{:10}{}", "file", path.display()));
        lines.extend(files);
        lines.extend(
            self.addresses
                .iter()
                .map(|at| format!("{:10}{at}", "address")),
        );
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_licence_is_read_from_a_model_card() {
        let card = "# Model card for x\n\n* Language: en\n\n## Dataset\n\n* License: CC0\n";
        assert_eq!(licence(card).as_deref(), Some("CC0"));
        assert_eq!(licence("* URL: https://a.b\n* License:\n"), None);
    }
}
