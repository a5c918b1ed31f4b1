//! Checks the cache of prepared voices.

use piper_rs::voice::prepared::PreparedVoices;

use super::finding::{Finding, counted, one_line};
use crate::environment::{self, Environment};

const ABOUT: &str = "prepared";

pub(super) fn check(environment: &Environment) -> Vec<Finding> {
    let Some(folder) = environment.prepared_folder() else {
        let remedy = "set HOME or XDG_CACHE_HOME; until then voices start slowly";
        return vec![Finding::warning(
            ABOUT,
            "no folder for prepared voices",
            remedy,
        )];
    };
    let voices = PreparedVoices::new(folder.clone(), u64::MAX).list();
    let megabytes = voices.iter().map(|voice| voice.bytes).sum::<u64>() / 1_000_000;
    let count = counted(voices.len(), "voice");
    let found = format!("{count}, {megabytes} MB in {}", folder.display());
    let mut findings = vec![match environment::is_writable(&folder) {
        true => Finding::ok(ABOUT, found),
        false => Finding::warning(
            ABOUT,
            found + ", not writable",
            "make the folder writable or change XDG_CACHE_HOME; until then voices start slowly",
        ),
    }];
    let not_split = voices.into_iter().filter_map(|voice| {
        let reason = one_line(&voice.split_failure?);
        let found = format!("{} cannot be split: {reason}", voice.name);
        let remedy = "it works, but each sentence starts only when all of it is synthesized";
        Some(Finding::warning(ABOUT, found, remedy))
    });
    findings.extend(not_split);
    findings
}
