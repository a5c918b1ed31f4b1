//! Installing a complete voice: its config, its model card and its model.

use std::fs;
use std::path::Path;

use super::partial_file::{PartialFile, cannot_write, remove_partial_files};
use super::{BadDownload, DownloadEvent, Downloader, Md5, failed};
use crate::catalogue::{Address, CatalogueVoice, RemoteFile};
use crate::fs::write_atomic;
use crate::voice::config::{BadConfig, MAX_CONFIG_BYTES};
use crate::voice::{VoiceConfig, VoiceFiles};
use crate::{Error, Result};

const MAX_CARD_BYTES: u64 = 1024 * 1024;

/// When to download a voice that is already installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reinstall {
    /// Only if its files are damaged or unusable.
    IfDamaged,
    /// Always.
    Always,
}

/// The result of installing a voice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InstallOutcome {
    /// It was downloaded and installed.
    Installed,
    /// It was already installed and intact.
    AlreadyInstalled,
}

/// Whether an installed voice matches the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Integrity {
    /// Everything that the catalogue states matches.
    Intact,
    /// A file is missing.
    Missing,
    /// The model differs, for this reason.
    Damaged(String),
}

/// Compares an installed voice with its catalogue entry. Reads the whole model
/// if the entry has its MD5.
pub fn check_integrity(voice: &CatalogueVoice, files: &VoiceFiles) -> std::io::Result<Integrity> {
    let (model, config) = (files.model_path(), files.config_path());
    if !model.is_file() || !config.is_file() {
        return Ok(Integrity::Missing);
    }
    let (got, expected) = (fs::metadata(model)?.len(), voice.model.bytes);
    if let Some(expected) = expected.filter(|expected| *expected != got) {
        let size = BadDownload::Size { expected, got };
        return Ok(Integrity::Damaged(size.to_string()));
    }
    if let Some(expected) = voice.model.md5.clone() {
        let got = Md5::of_file(model)?;
        if got != expected {
            let md5 = BadDownload::Md5 { expected, got };
            return Ok(Integrity::Damaged(md5.to_string()));
        }
    }
    Ok(Integrity::Intact)
}

impl Downloader {
    /// Downloads a voice of the catalogue at `catalogue` into `folder`, which
    /// is created if it does not exist.
    ///
    /// No file gets its final name before the model has been checked against
    /// the catalogue. The config is installed before the model, so that a
    /// model always has one. An interrupted download is resumed by the next
    /// call.
    ///
    /// # Errors
    /// [`Error::UnsupportedPhonemeType`], before the model is downloaded;
    /// [`Error::Download`], [`Error::Output`], [`Error::Cancelled`].
    pub fn install_voice(
        &self,
        voice: &CatalogueVoice,
        catalogue: &Address,
        folder: &Path,
        reinstall: Reinstall,
        on_event: &mut dyn FnMut(DownloadEvent),
    ) -> Result<InstallOutcome> {
        let target = folder.join(format!("{}.onnx", voice.meta.name));
        let files = VoiceFiles::on_disk(target.clone(), None);
        if reinstall == Reinstall::IfDamaged {
            // A file that cannot be read is downloaded again.
            let integrity = check_integrity(voice, &files).unwrap_or(Integrity::Missing);
            let is_usable = match VoiceConfig::of(&files) {
                Ok(_) | Err(Error::UnsupportedPhonemeType { .. }) => true,
                Err(_) => false,
            };
            if integrity == Integrity::Intact && is_usable {
                return Ok(InstallOutcome::AlreadyInstalled);
            }
        }
        fs::create_dir_all(folder).map_err(|error| cannot_write(folder, error))?;
        let config = self.fetch_config(&voice.config, catalogue, on_event)?;
        let card = voice.card.as_ref().and_then(|card| {
            let fetched = self.fetch_bytes(&catalogue.resolve(&card.path), MAX_CARD_BYTES);
            fetched
                .map_err(|error| on_event(warning(format!("no model card: {error}"))))
                .ok()
        });
        if voice.model.md5.is_none() {
            on_event(warning(
                "the catalogue has no md5 of the model: it cannot be checked",
            ));
        }
        let address = catalogue.resolve(&voice.model.path);
        let mut model = PartialFile::open(&target, &voice.model, address)?;
        model.complete(self, on_event)?;
        if let Some(card) = card {
            write(
                &folder.join(format!("{}.MODEL_CARD", voice.meta.name)),
                &card,
            )?;
        }
        write(files.config_path(), &config)?;
        model.install(&target)?;
        remove_partial_files(&target);
        Ok(InstallOutcome::Installed)
    }

    /// Downloads a config. It may have been corrected since the catalogue was
    /// made, so a different size or MD5 is only a warning, but it must be a
    /// valid config.
    fn fetch_config(
        &self,
        listed: &RemoteFile,
        catalogue: &Address,
        on_event: &mut dyn FnMut(DownloadEvent),
    ) -> Result<Vec<u8>> {
        let address = catalogue.resolve(&listed.path);
        let json = self.fetch_bytes(&address, MAX_CONFIG_BYTES)?;
        match VoiceConfig::from_json(&json) {
            Ok(_) => {}
            // Before the model, which is large.
            Err(BadConfig::PhonemeType(missing)) => {
                let config = address.to_string();
                return Err(Error::UnsupportedPhonemeType { config, missing });
            }
            Err(error) => return Err(failed(&address, BadDownload::NotConfig(error.into()))),
        }
        let other_size = listed.bytes.is_some_and(|bytes| bytes != json.len() as u64);
        let md5 = listed.md5.as_ref();
        if other_size || md5.is_some_and(|md5| *md5 != Md5::of_bytes(&json)) {
            on_event(warning(
                "its config differs from the one that the catalogue lists; installed anyway",
            ));
        }
        Ok(json)
    }
}

fn warning(message: impl Into<String>) -> DownloadEvent {
    DownloadEvent::Warning(message.into())
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    write_atomic(path, bytes).map_err(|error| cannot_write(path, error))
}
