//! A voice as a whole: its config, its model card, its model.

use std::fs;
use std::path::Path;

use super::partial::{Partial, forget, unwritable};
use super::{BadDownload, Downloader, Event, Md5, bad};
use crate::catalogue::{Address, CatalogueVoice, RemoteFile};
use crate::fs::write_atomic;
use crate::voice::config::BadConfig;
use crate::voice::{VoiceConfig, VoiceFiles};
use crate::{Error, Result};

const MAX_CONFIG_BYTES: u64 = 16 * 1024 * 1024;
const MAX_CARD_BYTES: u64 = 1024 * 1024;

/// What becomes of a voice that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overwrite {
    /// It stays if it is whole.
    IfDamaged,
    /// It is fetched again.
    Always,
}

/// What fetching a voice came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fetched {
    /// It is there now.
    New,
    /// It was there, whole.
    WasThere,
}

/// Whether a voice on disk is what the catalogue lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whole {
    /// As far as the catalogue tells.
    Yes,
    /// A file is not there.
    Missing,
    /// It is another, for this reason.
    No(String),
}

/// Compares a voice on disk with what the catalogue lists.
pub fn is_whole(voice: &CatalogueVoice, files: &VoiceFiles) -> std::io::Result<Whole> {
    let (model, config) = (files.model_path(), files.config_path());
    if !model.is_file() || !config.is_file() {
        return Ok(Whole::Missing);
    }
    let (got, expected) = (fs::metadata(model)?.len(), voice.model.bytes);
    if let Some(expected) = expected.filter(|expected| *expected != got) {
        return Ok(Whole::No(BadDownload::Size { expected, got }.to_string()));
    }
    if let Some(expected) = voice.model.md5.clone() {
        let got = Md5::of_file(model)?;
        if got != expected {
            return Ok(Whole::No(BadDownload::Md5 { expected, got }.to_string()));
        }
    }
    Ok(Whole::Yes)
}

impl Downloader {
    /// Fetches a voice of the catalogue at `catalogue` into `folder`, which is
    /// made if need be.
    ///
    /// Nothing is in its place before the model has been checked against the
    /// catalogue; the config comes first, so that no model stands without one.
    pub fn voice(
        &self,
        voice: &CatalogueVoice,
        catalogue: &Address,
        folder: &Path,
        overwrite: Overwrite,
        tell: &mut dyn FnMut(Event),
    ) -> Result<Fetched> {
        let target = folder.join(format!("{}.onnx", voice.traits.name));
        let files = VoiceFiles::on_disk(target.clone(), None);
        if overwrite == Overwrite::IfDamaged {
            // What cannot be read is fetched anew.
            let whole = is_whole(voice, &files).unwrap_or(Whole::Missing);
            let is_usable = match VoiceConfig::of(&files) {
                Ok(_) | Err(Error::UnsupportedPhonemeType { .. }) => true,
                Err(_) => false,
            };
            if whole == Whole::Yes && is_usable {
                return Ok(Fetched::WasThere);
            }
        }
        fs::create_dir_all(folder).map_err(|error| unwritable(folder, error))?;
        let config = self.config(&voice.config, catalogue, tell)?;
        let card = voice.card.as_ref().and_then(|card| {
            let fetched = self.small(&catalogue.beside(&card.path), MAX_CARD_BYTES);
            fetched
                .map_err(|error| tell(Event::Warning(format!("no model card: {error}"))))
                .ok()
        });
        if voice.model.md5.is_none() {
            let message = "the catalogue has no md5 of the model: it cannot be checked";
            tell(Event::Warning(message.to_owned()));
        }
        let mut model = Partial::open(&target, &voice.model, catalogue.beside(&voice.model.path))?;
        model.complete(self, tell)?;
        if let Some(card) = card {
            write(
                &folder.join(format!("{}.MODEL_CARD", voice.traits.name)),
                &card,
            )?;
        }
        write(files.config_path(), &config)?;
        model.install(&target)?;
        forget(&target);
        Ok(Fetched::New)
    }

    /// Fetches a config. It may have been mended since the catalogue was made,
    /// so another size or md5 is only worth a word; but a config it must be.
    fn config(
        &self,
        wanted: &RemoteFile,
        catalogue: &Address,
        tell: &mut dyn FnMut(Event),
    ) -> Result<Vec<u8>> {
        let address = catalogue.beside(&wanted.path);
        let json = self.small(&address, MAX_CONFIG_BYTES)?;
        match VoiceConfig::from_json(&json) {
            Ok(_) => {}
            Err(error @ BadConfig::PhonemeType(_)) => {
                tell(Event::Warning(format!("it cannot speak here: {error}")));
            }
            Err(error) => return Err(bad(&address, BadDownload::NotConfig(error))),
        }
        let mut md5 = Md5::default();
        md5.update(&json);
        let differs = wanted.bytes.is_some_and(|bytes| bytes != json.len() as u64)
            || wanted
                .md5
                .as_ref()
                .is_some_and(|wanted| *wanted != md5.finish());
        if differs {
            let message = "its config is another than the catalogue lists; kept nevertheless";
            tell(Event::Warning(message.to_owned()));
        }
        Ok(json)
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    write_atomic(path, bytes).map_err(|error| unwritable(path, error))
}
