//! Access to the catalogue: the cached one, or a fresh download.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use anyhow::Context as _;
use piper_rs::CancelToken;
use piper_rs::catalogue::{Address, BadAddress, CachedCatalogue, Catalogue};
use piper_rs::download::Downloader;

use crate::args::{CatalogueArgs, UpdateArgs};
use crate::commands::Context;
use crate::environment;
use crate::terminal::report::{Reporter, UsageError};

/// `voices get` uses a cached catalogue up to this age.
const MAX_AGE: Duration = Duration::from_secs(24 * 3600);

/// One catalogue: its address, and the folder in which it is cached.
pub(super) struct CatalogueSource<'a> {
    pub(super) address: Address,
    folder: Option<PathBuf>,
    reporter: &'a Reporter,
}

impl<'a> CatalogueSource<'a> {
    pub(super) fn new(args: &CatalogueArgs, context: &'a Context) -> Result<Self, UsageError> {
        let usage = |error: BadAddress| UsageError(format!("--catalogue: {error}"));
        Ok(Self {
            address: Address::parse(&args.catalogue).map_err(usage)?,
            folder: context.environment.catalogues(),
            reporter: &context.reporter,
        })
    }

    pub(super) fn downloader(&self, cancel: &CancelToken) -> Downloader {
        Downloader::new(environment::connection(), cancel.clone())
    }

    /// Returns the catalogue for a search. Downloads it only with `--update`;
    /// otherwise it must be cached.
    pub(super) fn catalogue(&self, args: &UpdateArgs) -> anyhow::Result<Catalogue> {
        if args.update {
            return self.fetch(&self.downloader(&CancelToken::new()));
        }
        self.cached()?.with_context(|| {
            format!(
                "no catalogue of {} has been downloaded yet: `piper-rs voices search --update` \
                 downloads it",
                self.address
            )
        })
    }

    /// Returns the cached catalogue, if there is one, and prints its age. A
    /// catalogue that is a file is read instead.
    pub(super) fn cached(&self) -> anyhow::Result<Option<Catalogue>> {
        if let Address::File(_) = self.address {
            return self.fetch(&self.downloader(&CancelToken::new())).map(Some);
        }
        Ok(self.load().map(|cached| {
            self.report_age(&cached);
            cached.catalogue
        }))
    }

    /// Returns a catalogue that should contain all of `names`.
    ///
    /// This is the cached one if it is recent enough and contains them.
    /// Otherwise the catalogue is downloaded. If that fails, a cached one that
    /// contains them is used whatever its age.
    pub(super) fn catalogue_with(
        &self,
        names: &[String],
        update: &UpdateArgs,
        downloader: &Downloader,
    ) -> anyhow::Result<Catalogue> {
        let cached = match self.address {
            Address::File(_) => None,
            Address::Web(_) => self.load(),
        };
        let has_all = |cached: &CachedCatalogue| {
            let mut names = names.iter();
            names.all(|name| cached.catalogue.find(name).is_some())
        };
        match cached.filter(|cached| !update.update && has_all(cached)) {
            Some(cached) if age(&cached) < MAX_AGE => Ok(cached.catalogue),
            Some(cached) => self.fetch(downloader).or_else(|error| {
                self.reporter.note(&format!("{error:#}"));
                self.report_age(&cached);
                Ok(cached.catalogue)
            }),
            None => self.fetch(downloader),
        }
    }

    fn fetch(&self, downloader: &Downloader) -> anyhow::Result<Catalogue> {
        self.reporter
            .detail(|| format!("downloading {}", self.address));
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
                "the catalogue cannot be cached in {folder}: {error}"
            ));
        }
        Ok(catalogue)
    }

    fn load(&self) -> Option<CachedCatalogue> {
        CachedCatalogue::load(self.folder.as_deref()?, &self.address)
    }

    fn report_age(&self, cached: &CachedCatalogue) {
        let age = age_in_words(age(cached));
        self.reporter.note(&format!(
            "using the catalogue of {}, downloaded {age}",
            self.address
        ));
    }
}

fn age(cached: &CachedCatalogue) -> Duration {
    let age = SystemTime::now().duration_since(cached.fetched_at);
    // A time in the future means that the clock was wrong, so the age is unknown.
    age.unwrap_or(MAX_AGE)
}

fn age_in_words(age: Duration) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_given_in_words() {
        for (seconds, expected) in [
            (0, "just now"),
            (600, "10 minutes ago"),
            (3700, "an hour ago"),
            (50_000, "13 hours ago"),
            (100_000, "yesterday"),
            (1_000_000, "11 days ago"),
        ] {
            assert_eq!(age_in_words(Duration::from_secs(seconds)), expected);
        }
    }
}
