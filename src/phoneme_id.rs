//! Phonemes → ids: the numbers that a voice's model reads.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;

use crate::phoneme::Phonemes;

/// Starts every sentence.
const BOS: &str = "^";
/// Ends every sentence.
const EOS: &str = "$";
/// Follows everything but the end; in voices of syllables only their ends.
const PAD: &str = "_";
/// The most ids of one phoneme; stock voices have one. A sentence has a bounded
/// number of phonemes, and this bounds its ids.
const MAX_IDS: usize = 8;

/// A voice's table of ids.
///
/// A sentence becomes `^ _ a _ b _ $`, as in piper-phonemize: a pad after the
/// start and after every phoneme. Without the first pad, voices drop the first
/// sound. Voices of syllables have a pad after each syllable and each mark, and
/// none after the start, as in piper-tts: `^ n i 3 _ h ao 3 _ 。 _ $`.
#[derive(Debug, Clone)]
pub struct PhonemeIds {
    ids: HashMap<String, Vec<i64>>,
    bos: Vec<i64>,
    eos: Vec<i64>,
    pad: Vec<i64>,
    clusters: HashSet<Vec<char>>,
    longest_cluster: usize,
    padding: Padding,
}

/// What is followed by a pad.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Padding {
    /// The start and every phoneme.
    Phonemes,
    /// Every syllable, which ends with a tone, and every mark.
    Syllables,
}

/// The phonemes that end a syllable or stand alone, of piper-tts's Chinese voices.
const SYLLABLE_ENDS: &str = "12345。？！.?!—…、，：；,:; ";

/// Why an id map is invalid.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum BadIdMap {
    /// `^`, `_` or `$` is missing, or its ids are out of range.
    #[error("`phoneme_id_map` has no usable id for `{0}`")]
    NoFrame(&'static str),
    /// A phoneme has too many ids.
    #[error("`phoneme_id_map` has {ids} ids for `{phoneme}`; the limit is {MAX_IDS}")]
    TooMany {
        /// The phoneme.
        phoneme: String,
        /// How many ids it has.
        ids: usize,
    },
}

impl PhonemeIds {
    /// Creates the table from a config's `phoneme_id_map` and `vowel_clusters`.
    ///
    /// `rows` is the number of rows of the model's embedding table, if known.
    /// Larger ids would crash the model, so their phonemes count as unknown.
    pub fn new(
        map: &HashMap<String, Vec<i64>>,
        clusters: &[Vec<String>],
        rows: Option<usize>,
    ) -> Result<Self, BadIdMap> {
        let fits = |id: &i64| *id >= 0 && rows.is_none_or(|rows| (*id as usize) < rows);
        let usable = |ids: &Vec<i64>| !ids.is_empty() && ids.iter().all(fits);
        if let Some((phoneme, ids)) = map.iter().find(|(_, ids)| ids.len() > MAX_IDS) {
            let (phoneme, ids) = (phoneme.clone(), ids.len());
            return Err(BadIdMap::TooMany { phoneme, ids });
        }
        let ids: HashMap<_, _> = map
            .iter()
            .filter(|(_, ids)| usable(ids))
            .map(|(phoneme, ids)| (phoneme.clone(), ids.clone()))
            .collect();
        let frame = |name: &'static str| ids.get(name).cloned().ok_or(BadIdMap::NoFrame(name));
        let clusters: HashSet<Vec<char>> = clusters
            .iter()
            .map(|parts| parts.concat().chars().collect())
            .collect();
        Ok(Self {
            bos: frame(BOS)?,
            eos: frame(EOS)?,
            pad: frame(PAD)?,
            longest_cluster: clusters.iter().map(Vec::len).max().unwrap_or(0),
            padding: Padding::Phonemes,
            clusters,
            ids,
        })
    }

    /// Creates the table of a voice of syllables, whose phonemes can be several
    /// letters: `zh`, `ang`, `1`. The longest that the map has is always meant,
    /// which is unambiguous because a tone ends each syllable.
    pub fn of_syllables(
        map: &HashMap<String, Vec<i64>>,
        rows: Option<usize>,
    ) -> Result<Self, BadIdMap> {
        let long = map
            .keys()
            .filter(|phoneme| phoneme.chars().nth(1).is_some());
        let long: Vec<_> = long.map(|phoneme| vec![phoneme.clone()]).collect();
        Ok(Self {
            padding: Padding::Syllables,
            ..Self::new(map, &long, rows)?
        })
    }

    /// Replaces `ids` by the ids of `phonemes`.
    ///
    /// Phonemes that the voice does not know are omitted, with their pad, and
    /// counted in `unknown`. They are not errors: espeak-ng emits marks that some
    /// voices were not trained on.
    ///
    /// Returns how many of the phonemes are sounds: known, and letters or digits.
    /// Without any, nothing is heard but a pause.
    pub fn encode(
        &self,
        phonemes: &Phonemes,
        ids: &mut Vec<i64>,
        unknown: &mut UnknownPhonemes,
    ) -> u64 {
        self.encode_spans(phonemes, ids, unknown, &mut PhonemeSpans::default())
    }

    /// Does the same, and replaces `spans` by which ids belong to which phoneme.
    pub fn encode_spans(
        &self,
        phonemes: &Phonemes,
        ids: &mut Vec<i64>,
        unknown: &mut UnknownPhonemes,
        spans: &mut PhonemeSpans,
    ) -> u64 {
        spans.spans.clear();
        let mut pads = 0;
        ids.clear();
        ids.extend(&self.bos);
        if self.padding == Padding::Phonemes {
            ids.extend(&self.pad);
            pads += self.pad.len();
        }
        let symbols: Vec<char> = phonemes.as_str().chars().collect();
        let mut key = String::new();
        let (mut at, mut sounds) = (0, 0);
        while at < symbols.len() {
            let length = self.cluster_len(&symbols[at..]);
            key.clear();
            key.extend(&symbols[at..at + length]);
            match self.ids.get(&key) {
                Some(known) => {
                    let start = (ids.len(), ids.len() - pads);
                    ids.extend(known);
                    if self.padding == Padding::Phonemes || SYLLABLE_ENDS.contains(&key) {
                        ids.extend(&self.pad);
                        pads += self.pad.len();
                    }
                    spans.spans.push(PhonemeSpan {
                        symbols: at..at + length,
                        ids: start.0..ids.len(),
                        ids_without_pads: start.1..ids.len() - pads,
                    });
                    sounds += u64::from(key.contains(char::is_alphanumeric));
                }
                None => unknown.count(&key),
            }
            at += length;
        }
        ids.extend(&self.eos);
        (spans.ids, spans.ids_without_pads) = (ids.len(), ids.len() - pads);
        sounds
    }

    /// Returns the number of symbols of the first phoneme.
    fn cluster_len(&self, symbols: &[char]) -> usize {
        let longest = self.longest_cluster.min(symbols.len());
        (2..=longest)
            .rev()
            .find(|&n| self.clusters.contains(&symbols[..n]))
            .unwrap_or(1)
    }
}

/// Which ids of a sentence belong to which phoneme.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PhonemeSpans {
    /// One for each phoneme that the voice knows.
    spans: Vec<PhonemeSpan>,
    ids: usize,
    ids_without_pads: usize,
}

/// A phoneme among the ids of a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhonemeSpan {
    /// The numbers of its symbols in the sentence.
    pub symbols: Range<usize>,
    /// The numbers of its ids, with the pad after it.
    pub ids: Range<usize>,
    /// The numbers of its ids among those that are no pads.
    pub ids_without_pads: Range<usize>,
}

impl PhonemeSpans {
    /// Returns the phonemes.
    pub fn iter(&self) -> impl Iterator<Item = &PhonemeSpan> {
        self.spans.iter()
    }

    /// Returns the place of each phoneme, if the ids end at `id_ends`: all of them, or
    /// all that are no pads. `None` if there are more or fewer ends.
    pub fn places(&self, id_ends: &[u64]) -> Option<Vec<Range<u64>>> {
        let (all, without_pads) = (self.ids, self.ids_without_pads);
        let ids = |span: &PhonemeSpan| match id_ends.len() {
            count if count == all => Some(span.ids.clone()),
            count if count == without_pads => Some(span.ids_without_pads.clone()),
            _ => None,
        };
        let end = |ids: usize| ids.checked_sub(1).map_or(0, |last| id_ends[last]);
        let places = self.spans.iter().map(|span| {
            let ids = ids(span)?;
            Some(end(ids.start)..end(ids.end))
        });
        places.collect()
    }
}

/// Phonemes that a voice did not know, with the number of their occurrences.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UnknownPhonemes(BTreeMap<String, u64>);

impl UnknownPhonemes {
    /// Returns the total number of occurrences.
    pub fn total(&self) -> u64 {
        self.0.values().sum()
    }

    /// Returns each phoneme with its count, ordered by code point.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u64)> {
        self.0
            .iter()
            .map(|(phoneme, count)| (phoneme.as_str(), *count))
    }

    /// Adds the counts of `other`.
    pub fn merge(&mut self, other: &Self) {
        for (phoneme, count) in &other.0 {
            *self.0.entry(phoneme.clone()).or_default() += count;
        }
    }

    fn count(&mut self, phoneme: &str) {
        match self.0.get_mut(phoneme) {
            Some(count) => *count += 1,
            None => _ = self.0.insert(phoneme.to_owned(), 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn map() -> HashMap<String, Vec<i64>> {
        let entries: &[(&str, &[i64])] = &[
            ("_", &[0]),
            ("^", &[1]),
            ("$", &[2]),
            ("a", &[10]),
            ("b", &[11, 12]),
            ("aɪ", &[13]),
            ("ɪ", &[14]),
            ("far", &[300]),
            ("x", &[300]),
        ];
        entries
            .iter()
            .map(|(p, ids)| ((*p).to_owned(), ids.to_vec()))
            .collect()
    }

    fn encode(table: &PhonemeIds, phonemes: &str) -> (Vec<i64>, u64) {
        let (mut ids, mut unknown) = (vec![99], UnknownPhonemes::default());
        table.encode(&Phonemes::from(phonemes.to_owned()), &mut ids, &mut unknown);
        (ids, unknown.total())
    }

    #[test]
    fn only_known_letters_and_digits_are_sounds() {
        let mut map = map();
        map.extend([("!", 20), ("1", 21)].map(|(phoneme, id)| (phoneme.to_owned(), vec![id])));
        let table = PhonemeIds::new(&map, &[vec!["a".into(), "ɪ".into()]], None).unwrap();
        let (mut ids, mut unknown) = (Vec::new(), UnknownPhonemes::default());
        for (phonemes, expected) in [("", 0), ("!☃", 0), ("c", 0), ("aɪ!", 1), ("ab1", 3)] {
            let phonemes = Phonemes::from(phonemes.to_owned());
            let sounds = table.encode(&phonemes, &mut ids, &mut unknown);
            assert_eq!(sounds, expected, "{phonemes:?}");
        }
    }

    #[test]
    fn ids_are_framed_and_padded_as_in_the_training_data() {
        let table = PhonemeIds::new(&map(), &[], Some(256)).unwrap();
        let cases: &[(&str, &[i64], u64)] = &[
            ("", &[1, 0, 2], 0),
            ("a", &[1, 0, 10, 0, 2], 0),
            ("ab", &[1, 0, 10, 0, 11, 12, 0, 2], 0), // several ids, one pad
            ("aɪ", &[1, 0, 10, 0, 14, 0, 2], 0),     // no clusters in this config
            ("aqaq", &[1, 0, 10, 0, 10, 0, 2], 2),
            ("x", &[1, 0, 2], 1), // outside the embedding table
        ];
        for (phonemes, ids, unknown) in cases {
            assert_eq!(
                encode(&table, phonemes),
                (ids.to_vec(), *unknown),
                "{phonemes}"
            );
        }
    }

    #[test]
    fn vowel_clusters_are_merged_greedily() {
        let clusters = [vec!["a".to_owned(), "ɪ".to_owned()]];
        let table = PhonemeIds::new(&map(), &clusters, None).unwrap();
        assert_eq!(encode(&table, "aaɪ").0, [1, 0, 10, 0, 13, 0, 2]);
    }

    #[test]
    fn syllables_are_padded_at_their_ends() {
        let symbols = [
            "_", "^", "$", "zh", "z", "h", "o", "ong", "1", "Ø", "an", "a", "。", " ",
        ];
        let map = symbols.iter().zip(0..);
        let map = map
            .map(|(symbol, id)| ((*symbol).to_owned(), vec![id]))
            .collect();
        let table = PhonemeIds::of_syllables(&map, None).unwrap();
        let cases: [(&str, &[i64], u64); 4] = [
            ("zhong1", &[1, 3, 7, 8, 0, 2], 0),
            ("zhong1Øan1。", &[1, 3, 7, 8, 0, 9, 10, 8, 0, 12, 0, 2], 0),
            ("ha1 ha4", &[1, 5, 11, 8, 0, 13, 0, 5, 11, 2], 1),
            ("", &[1, 2], 0),
        ];
        for (phonemes, ids, unknown) in cases {
            assert_eq!(
                encode(&table, phonemes),
                (ids.to_vec(), unknown),
                "{phonemes}"
            );
        }
    }

    #[test]
    fn phonemes_are_found_among_the_ids_with_and_without_pads() {
        let table = PhonemeIds::new(&map(), &[vec!["a".into(), "ɪ".into()]], None).unwrap();
        let (mut ids, mut unknown) = (Vec::new(), UnknownPhonemes::default());
        let mut spans = PhonemeSpans::default();
        let phonemes = Phonemes::from("aqbaɪ".to_owned());
        table.encode_spans(&phonemes, &mut ids, &mut unknown, &mut spans);
        assert_eq!(ids, [1, 0, 10, 0, 11, 12, 0, 13, 0, 2]);
        let symbols: Vec<_> = spans.iter().map(|span| span.symbols.clone()).collect();
        assert_eq!(symbols, [0..1, 2..3, 3..5]);
        let ends: Vec<u64> = (1..=10).map(|n| n * 10).collect();
        assert_eq!(spans.places(&ends).unwrap(), [20..40, 40..70, 70..90]);
        let ends: Vec<u64> = (1..=6).map(|n| n * 10).collect();
        assert_eq!(spans.places(&ends).unwrap(), [10..20, 20..40, 40..50]);
        assert_eq!(spans.places(&[1, 2, 3]), None);
    }

    #[test]
    fn a_map_without_start_end_or_pad_is_an_error() {
        for frame in [BOS, EOS, PAD] {
            let mut map = map();
            map.remove(frame);
            assert_eq!(
                PhonemeIds::new(&map, &[], None).err(),
                Some(BadIdMap::NoFrame(frame))
            );
        }
        assert!(
            PhonemeIds::new(&map(), &[], Some(2)).is_err(),
            "`$` is outside the table"
        );
    }

    #[test]
    fn unknown_phonemes_are_counted_by_symbol() {
        let table = PhonemeIds::new(&map(), &[], None).unwrap();
        let (mut ids, mut unknown) = (Vec::new(), UnknownPhonemes::default());
        table.encode(&Phonemes::from("qaqz".to_owned()), &mut ids, &mut unknown);
        let mut twice = unknown.clone();
        twice.merge(&unknown);
        assert_eq!(twice.iter().collect::<Vec<_>>(), [("q", 4), ("z", 2)]);
    }

    proptest! {
        #[test]
        fn every_sentence_has_its_start_and_end(phonemes in "\\PC*") {
            let table = PhonemeIds::new(&map(), &[], Some(256)).unwrap();
            let (ids, unknown) = encode(&table, &phonemes);
            prop_assert!(ids.starts_with(&[1, 0]) && ids.ends_with(&[2]));
            prop_assert!(ids.iter().all(|id| (0..256).contains(id)));
            prop_assert!(unknown as usize <= phonemes.chars().count());
        }
    }
}
