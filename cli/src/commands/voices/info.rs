//! `voices info`: prints everything about one voice.

use std::path::PathBuf;

use piper_rs::Result;
use piper_rs::audio::level::{Level, Normalize};
use piper_rs::audio::loudness::{Lufs, VoiceLoudness};
use piper_rs::catalogue::{CatalogueVoice, VoiceMeta};
use piper_rs::voice::{BUILTIN_LOUDNESS, PartEngine, VoiceConfig, VoiceFiles, describe_parts};
use serde::Serialize;

use super::catalogue_source::CatalogueSource;
use super::meta::installed_meta;
use super::model_card;
use crate::args::InfoArgs;
use crate::commands::Context;
use crate::terminal::quantity::megabytes;
use crate::terminal::report::Outcome;
use crate::terminal::stdout::{print_json, print_line};

/// Maximum number of speaker names in the text form.
const MAX_SPEAKER_NAMES: usize = 20;

#[derive(Debug, Serialize)]
struct Info {
    #[serde(flatten)]
    meta: VoiceMeta,
    speakers: Vec<String>,
    installed: bool,
    built_in: bool,
    /// Size of the prepared voice; `None` if it is not prepared.
    prepared_bytes: Option<u64>,
    /// Whether it has been compared with its stock model; `None` if it is not prepared.
    checked: Option<bool>,
    /// Its parts and what runs them; none if it is not prepared or not split.
    parts: Vec<PartEngine>,
    /// Without normalization; `None` if the voice has not been measured.
    loudness_lufs: Option<Lufs>,
    /// What `--normalize run` adds.
    gain_db: Option<f32>,
    sample_rate_hz: Option<u32>,
    espeak_voice: Option<String>,
    files: Vec<PathBuf>,
    /// From the model card.
    licence: Option<String>,
    /// The addresses that the voice is downloaded from.
    addresses: Vec<String>,
}

pub(super) fn info(args: &InfoArgs, context: &Context) -> anyhow::Result<Outcome> {
    let source = CatalogueSource::new(&args.catalogue, context)?;
    let installed = context.find(&args.voice, &args.folders.data_dir);
    // An installed voice is described without a catalogue, too.
    let catalogue = match (&installed, args.update.update) {
        (_, true) => Some(source.catalogue(&args.update)?),
        (Ok(_), false) => source.cached().unwrap_or_default(),
        (Err(_), false) => source.cached()?,
    };
    let name = installed
        .as_ref()
        .map_or(args.voice.clone(), VoiceFiles::name);
    let listed = catalogue
        .as_ref()
        .and_then(|catalogue| catalogue.find(&name));
    // The name can be an alias of an installed voice.
    let installed = installed.or_else(|error| match listed {
        Some(voice) => context
            .find(&voice.meta.name, &args.folders.data_dir)
            .map_err(|_| error),
        None => Err(error),
    });
    let mut info = match (installed, listed) {
        (Ok(files), _) => info_of_installed(&files, context)?,
        (Err(_), Some(voice)) => info_of_listed(voice),
        (Err(error), None) => return Err(error.into()),
    };
    if let Some(voice) = listed {
        let files = [Some(&voice.model), Some(&voice.config), voice.card.as_ref()];
        let files = files.into_iter().flatten();
        info.addresses = files
            .map(|f| source.address.resolve(&f.path).to_string())
            .collect();
        info.meta.aliases.clone_from(&voice.meta.aliases);
    }
    match args.json {
        true => print_json(&info)?,
        false => info.lines().iter().try_for_each(|line| print_line(line))?,
    }
    Ok(Outcome::Done)
}

fn info_of_installed(files: &VoiceFiles, context: &Context) -> Result<Info> {
    let config = VoiceConfig::of(files)?;
    let speakers = config.speaker_names().into_iter();
    let speakers = speakers.map(str::to_owned).collect();
    // The limit does not matter for reading.
    let prepared = context.environment.prepared_voices(0);
    let prepared = prepared
        .map(|prepared| prepared.of(files))
        .unwrap_or_default();
    let paths = [files.model_path(), files.config_path()].map(PathBuf::from);
    let card = model_card::find(files);
    let licence = card.as_deref().and_then(model_card::licence);
    let is_builtin = *files == VoiceFiles::Builtin;
    let loudness = match is_builtin {
        true => Some(BUILTIN_LOUDNESS),
        false => prepared.iter().find_map(|voice| voice.reference_loudness),
    };
    let gain = |loudness: VoiceLoudness| Level::new(Normalize::Run, Some(loudness)).gain();
    Ok(Info {
        speakers,
        installed: !is_builtin,
        built_in: is_builtin,
        prepared_bytes: prepared.first().map(|voice| voice.bytes),
        checked: prepared.first().map(|voice| voice.is_checked),
        parts: prepared
            .first()
            .map(|voice| voice.parts.clone())
            .unwrap_or_default(),
        loudness_lufs: loudness.map(|loudness| loudness.own),
        gain_db: loudness.map(|loudness| round(20.0 * gain(loudness).log10())),
        sample_rate_hz: Some(config.sample_rate.get()),
        espeak_voice: Some(config.espeak_voice.clone()),
        files: match is_builtin {
            true => Vec::new(),
            false => paths.into_iter().chain(card).collect(),
        },
        licence,
        addresses: Vec::new(),
        meta: installed_meta(files, config),
    })
}

fn info_of_listed(voice: &CatalogueVoice) -> Info {
    Info {
        meta: voice.meta.clone(),
        speakers: voice.speakers.clone(),
        installed: false,
        built_in: false,
        prepared_bytes: None,
        checked: None,
        parts: Vec::new(),
        loudness_lufs: None,
        gain_db: None,
        sample_rate_hz: None,
        espeak_voice: None,
        files: Vec::new(),
        licence: None,
        addresses: Vec::new(),
    }
}

fn round(decibels: f32) -> f32 {
    (decibels * 10.0).round() / 10.0
}

impl Info {
    fn loudness(&self) -> Option<String> {
        match (self.loudness_lufs, self.gain_db) {
            (Some(loudness), Some(gain)) if gain > 0.0 => {
                Some(format!("{loudness}; --normalize run adds {gain:.1} dB"))
            }
            (Some(loudness), _) => Some(format!("{loudness}; --normalize run leaves it so")),
            (None, _) if self.installed => Some(format!(
                "not measured; `piper-rs voices prepare {}` does it",
                self.meta.name
            )),
            (None, _) => None,
        }
    }

    fn lines(&self) -> Vec<String> {
        let meta = &self.meta;
        let language = &meta.language;
        let n = meta.num_speakers;
        let speakers = match self.speakers.len() {
            0 => n.to_string(),
            count => {
                let names = self.speakers.iter().take(MAX_SPEAKER_NAMES).cloned();
                let names = names.collect::<Vec<_>>().join(", ");
                let more = if count > MAX_SPEAKER_NAMES {
                    ", …"
                } else {
                    ""
                };
                format!("{n}: {names}{more}")
            }
        };
        let state = match (self.built_in, self.installed, self.prepared_bytes) {
            (true, ..) => "built in".to_owned(),
            (_, false, _) => {
                format!(
                    "not installed; `piper-rs voices get {}` installs it",
                    meta.name
                )
            }
            (_, true, None) => "installed, not prepared".to_owned(),
            (_, true, Some(bytes)) => {
                let check = match self.checked {
                    Some(false) => ", not yet compared with its model",
                    _ => "",
                };
                format!("installed, prepared ({}){check}", megabytes(bytes))
            }
        };
        let names = [
            &language.code,
            &language.english,
            &language.country,
            &language.native,
        ];
        let names = names.into_iter().filter(|name| !name.is_empty());
        let mut names: Vec<_> = names.map(String::as_str).collect();
        // Not `English, United States, English`.
        if names.len() == 4 && names[3] == names[1] {
            names.pop();
        }
        let parts = (!self.parts.is_empty()).then(|| describe_parts(&self.parts));
        let aliases = (!meta.aliases.is_empty()).then(|| meta.aliases.join(", "));
        let fields = [
            ("voice", Some(meta.name.clone())),
            ("state", Some(state)),
            ("parts", parts),
            ("language", Some(names.join(", "))),
            ("quality", meta.quality.clone()),
            ("speakers", Some(speakers)),
            ("rate", self.sample_rate_hz.map(|hz| format!("{hz} Hz"))),
            ("loudness", self.loudness()),
            ("size", meta.bytes.map(megabytes)),
            ("licence", self.licence.clone()),
            ("aliases", aliases),
        ];
        let fields = fields
            .into_iter()
            .filter_map(|(name, text)| Some((name, text?)));
        let files = self.files.iter();
        let files = files.map(|path| ("file", path.display().to_string()));
        let addresses = self.addresses.iter();
        let addresses = addresses.map(|address| ("address", address.clone()));
        let lines = fields.chain(files).chain(addresses);
        lines
            .map(|(name, text)| format!("{name:10}{text}"))
            .collect()
    }
}
