//! The place of a bookmark in a text that has changed.

use piper_rs::Result;

use super::record::HeardSentence;
use crate::speech::source::{Folded, Source, TextPlace};

/// Returns where the text of `source` goes on after the sentence, or at it if it was not
/// heard to its end: at the occurrence that is nearest to its old place. Reads the input
/// called `origin` to its end.
pub(super) fn search(
    source: &Source,
    origin: &str,
    sentence: &HeardSentence,
) -> Result<Option<TextPlace>> {
    let words = Folded::of(&sentence.text);
    let mut nearest: Option<(u64, u64)> = None;
    for passage in source.read() {
        let passage = passage?;
        if passage.origin != origin {
            continue;
        }
        for found in Folded::of(&passage.text).find_all(&words) {
            let start = passage.offset + found.start as u64;
            let place = match sentence.is_complete {
                true => passage.offset + found.end as u64,
                false => start,
            };
            let distance = start.abs_diff(sentence.offset);
            if nearest.is_none_or(|(least, _)| distance < least) {
                nearest = Some((distance, place));
            }
        }
    }
    Ok(nearest.map(|(_, offset)| TextPlace {
        origin: origin.to_owned(),
        offset,
    }))
}
