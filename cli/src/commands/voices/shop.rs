//! The catalogue: the last one seen, or one fetched now.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use anyhow::Context as _;
use piper_rs::CancelToken;
use piper_rs::catalogue::{Address, BadAddress, CachedCatalogue, Catalogue};
use piper_rs::download::Downloader;
use piper_rs::voice::{self, VoiceFiles};

use super::Desk;
use crate::args::{CatalogueArgs, UpdateArgs};
use crate::environment::Environment;
use crate::terminal::report::{Reporter, UsageError};
use crate::terminal::suggest::nearest;

/// `get` trusts a catalogue that was seen so short a time ago.
const FRESH: Duration = Duration::from_secs(24 * 3600);

/// Where voices come from.
pub(crate) struct Shop<'a> {
    pub(crate) address: Address,
    folder: Option<PathBuf>,
    environment: &'a Environment,
    reporter: &'a Reporter,
}

impl<'a> Shop<'a> {
    pub(crate) fn new(args: &CatalogueArgs, desk: &Desk<'a>) -> Result<Self, UsageError> {
        let usage = |error: BadAddress| UsageError(format!("--catalogue: {error}"));
        Ok(Self {
            address: Address::parse(&args.catalogue).map_err(usage)?,
            folder: desk.environment.catalogues(),
            environment: desk.environment,
            reporter: desk.reporter,
        })
    }

    pub(crate) fn downloader(&self, cancel: &CancelToken) -> Downloader {
        Downloader::new(self.environment.connection(), cancel.clone())
    }

    /// Returns the catalogue that searching needs: the one last seen, unless
    /// it is to be fetched.
    pub(crate) fn catalogue(&self, args: &UpdateArgs) -> anyhow::Result<Catalogue> {
        if args.update {
            return self.fetch(&self.downloader(&CancelToken::new()));
        }
        self.last_seen()?.with_context(|| {
            format!(
                "no catalogue of {} has been fetched yet: `piper-rs voices search --update` \
                 fetches it",
                self.address
            )
        })
    }

    /// Returns the catalogue last seen, and says how old it is.
    pub(crate) fn last_seen(&self) -> anyhow::Result<Option<Catalogue>> {
        // A file is always there.
        if let Address::File(_) = self.address {
            return self.fetch(&self.downloader(&CancelToken::new())).map(Some);
        }
        Ok(self.kept().map(|kept| {
            self.say_age(&kept);
            kept.catalogue
        }))
    }

    /// Returns a catalogue that knows all of `names`, if one does: the one
    /// last seen while it is fresh, else the one fetched now, else, where
    /// there is no connection, the one last seen after all.
    pub(crate) fn knowing(
        &self,
        names: &[String],
        update: &UpdateArgs,
        downloader: &Downloader,
    ) -> anyhow::Result<Catalogue> {
        let kept = match self.address {
            Address::File(_) => None,
            Address::Web(_) => self.kept(),
        };
        let knows =
            |kept: &CachedCatalogue| names.iter().all(|name| kept.catalogue.find(name).is_some());
        match kept {
            Some(kept) if !update.update && age(&kept) < FRESH && knows(&kept) => {
                Ok(kept.catalogue)
            }
            Some(kept) if !update.update && knows(&kept) => {
                self.fetch(downloader).or_else(|error| {
                    self.reporter.note(&format!("{error:#}"));
                    self.say_age(&kept);
                    Ok(kept.catalogue)
                })
            }
            _ => self.fetch(downloader),
        }
    }

    fn fetch(&self, downloader: &Downloader) -> anyhow::Result<Catalogue> {
        self.reporter
            .detail(|| format!("fetching {}", self.address));
        let (catalogue, json) = downloader.fetch_catalogue(&self.address)?;
        for (name, reason) in catalogue.unusable() {
            let name = name.escape_debug();
            self.reporter
                .detail(|| format!("unusable catalogue entry `{name}`: {reason}"));
        }
        if let (Address::Web(_), Some(folder)) = (&self.address, &self.folder)
            && let Err(error) = CachedCatalogue::store(folder, &self.address, &json)
        {
            let folder = folder.display();
            self.reporter.note(&format!(
                "the catalogue cannot be kept in {folder}: {error}"
            ));
        }
        Ok(catalogue)
    }

    fn kept(&self) -> Option<CachedCatalogue> {
        CachedCatalogue::load(self.folder.as_deref()?, &self.address)
    }

    fn say_age(&self, kept: &CachedCatalogue) {
        let age = words(age(kept));
        self.reporter.note(&format!(
            "the catalogue of {} as it was {age}",
            self.address
        ));
    }
}

fn age(kept: &CachedCatalogue) -> Duration {
    let age = SystemTime::now().duration_since(kept.fetched_at);
    // Of tomorrow: the clock was put back, so nobody knows.
    age.unwrap_or(FRESH)
}

fn words(age: Duration) -> String {
    let minutes = age.as_secs() / 60;
    match (minutes / (24 * 60), minutes / 60, minutes) {
        (0, 0, 0..=1) => "just now".to_owned(),
        (0, 0, n) => format!("{n} minutes ago"),
        (0, 1, _) => "an hour ago".to_owned(),
        (0, n, _) => format!("{n} hours ago"),
        (1, _, _) => "yesterday".to_owned(),
        (n, _, _) => format!("{n} days ago"),
    }
}

/// Returns what knows the remedy for a voice that is not installed: how to get
/// it, or which one was perhaps meant. It is given the name, and the folders
/// that were looked in.
pub(crate) fn advisor(
    environment: &Environment,
) -> impl Fn(&str, &[PathBuf]) -> Option<String> + Send + Sync + 'static {
    let (address, folder) = (environment.catalogue(), environment.catalogues());
    move |asked, folders| {
        let address = Address::parse(&address).ok()?;
        let kept = folder
            .as_deref()
            .and_then(|folder| CachedCatalogue::load(folder, &address));
        let kept = kept.map(|kept| kept.catalogue).unwrap_or_default();
        advice(asked, folders, &kept)
    }
}

fn advice(asked: &str, folders: &[PathBuf], kept: &Catalogue) -> Option<String> {
    let installed: Vec<_> = voice::installed(folders)
        .iter()
        .map(VoiceFiles::name)
        .collect();
    if let Some(voice) = kept.find(asked) {
        let name = &voice.meta.name;
        return Some(match installed.contains(name) {
            true => format!("it is called `{name}` now, and is installed"),
            false => format!("`piper-rs voices get {name}` downloads it"),
        });
    }
    if let Some(near) = nearest(asked, installed.iter().map(String::as_str)) {
        return Some(format!(
            "did you mean `{near}`? `piper-rs voices list` lists what is installed"
        ));
    }
    let known = kept.voices().map(|voice| &*voice.meta.name);
    if let Some(near) = nearest(asked, known) {
        return Some(format!(
            "did you mean `{near}`? `piper-rs voices get {near}` downloads it"
        ));
    }
    // As catalogues name voices: `en_GB-alba-medium`.
    let is_plain = |c: char| c.is_alphanumeric() || "-_.+".contains(c);
    let is_catalogued = asked.split('-').count() >= 3 && asked.chars().all(is_plain);
    is_catalogued.then(|| format!("`piper-rs voices get {asked}` downloads it, if there is one"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_told_in_words() {
        for (seconds, expected) in [
            (0, "just now"),
            (600, "10 minutes ago"),
            (3700, "an hour ago"),
            (50_000, "13 hours ago"),
            (100_000, "yesterday"),
            (1_000_000, "11 days ago"),
        ] {
            assert_eq!(words(Duration::from_secs(seconds)), expected);
        }
    }
}
