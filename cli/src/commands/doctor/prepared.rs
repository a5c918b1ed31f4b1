//! Checks the cache of prepared voices.

use std::collections::BTreeMap;

use piper_rs::voice::describe_parts;
use piper_rs::voice::prepared::{PreparedVoice, PreparedVoices};

use super::finding::{Finding, counted, one_line};
use crate::environment::{self, Environment};
use crate::speech::libraries::Libraries;

const ABOUT: &str = "prepared";

pub(super) fn check(environment: &Environment, libraries: &Libraries) -> Vec<Finding> {
    let Some(folder) = environment.prepared_folder() else {
        let remedy = "set HOME or XDG_CACHE_HOME; until then voices start slowly";
        return vec![Finding::warning(
            ABOUT,
            "no folder for prepared voices",
            remedy,
        )];
    };
    let prepared = PreparedVoices::new(folder.clone(), u64::MAX);
    let megabytes =
        |voices: &[PreparedVoice]| voices.iter().map(|voice| voice.bytes).sum::<u64>() / 1_000_000;
    let all = prepared.list();
    let mut found = format!(
        "{}, {} MB in {}",
        counted(all.len(), "voice"),
        megabytes(&all),
        folder.display()
    );
    // Without a library, its own line says so.
    let runtime = libraries.runtime().ok();
    let current = prepared.current(runtime.as_deref());
    if runtime.is_some() && all.len() > current.len() {
        found += &format!(
            ", of which {}, {} MB, are of another version or machine \
             (`piper-rs voices prepare --clear` removes all)",
            all.len() - current.len(),
            megabytes(&all).saturating_sub(megabytes(&current))
        );
    }
    let mut counts = BTreeMap::new();
    for voice in current.iter().filter(|voice| !voice.parts.is_empty()) {
        *counts.entry(describe_parts(&voice.parts)).or_insert(0) += 1;
    }
    for (parts, n) in counts {
        found += &format!("; {n} with {parts}");
    }
    let unchecked = current.iter().filter(|voice| !voice.is_checked).count();
    if unchecked > 0 {
        found += &format!("; {unchecked} not yet compared with its model: the next use does it");
    }
    let mut findings = vec![match environment::is_writable(&folder) {
        true => Finding::ok(ABOUT, found),
        false => Finding::warning(
            ABOUT,
            found + ", not writable",
            "make the folder writable or change XDG_CACHE_HOME; until then voices start slowly",
        ),
    }];
    let not_split = current.into_iter().filter_map(|voice| {
        let reason = one_line(&voice.split_failure?);
        let found = format!("{} cannot be split: {reason}", voice.name);
        let remedy = "it works, but each sentence starts only when all of it is synthesized";
        Some(Finding::warning(ABOUT, found, remedy))
    });
    findings.extend(not_split);
    findings
}
