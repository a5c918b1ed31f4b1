//! Lists of speakers, as options take them.

use std::collections::HashSet;

use anyhow::bail;
use piper_rs::voice::VoiceConfig;

use crate::terminal::report::UsageError;

/// Parses `0-9,alice` or `all`: the ids of speakers, each once, in the order in
/// which they are listed. A speaker's name that looks like a range is a name.
pub(crate) fn speaker_ids(list: &str, config: &VoiceConfig) -> anyhow::Result<Vec<i64>> {
    let count = i64::from(config.num_speakers);
    let mut ids = Vec::new();
    let mut seen = HashSet::new();
    for part in list
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
    {
        let range = match (config.speaker_id_map.get(part), part.split_once('-')) {
            (Some(id), _) => Some((*id, *id)),
            (None, _) if part == "all" => Some((0, count - 1)),
            (None, Some((from, to))) => from.parse().ok().zip(to.parse().ok()),
            (None, None) => part.parse().ok().map(|id: i64| (id, id)),
        };
        match range {
            Some((from, to)) if 0 <= from && from <= to && to < count => {
                ids.extend((from..=to).filter(|id| seen.insert(*id)));
            }
            _ if count == 1 => bail!("no speakers `{part}`; the voice has only one speaker"),
            _ => bail!(
                "no speakers `{part}`; the speakers are 0 to {}, or their names",
                count - 1
            ),
        }
    }
    match ids.is_empty() {
        true => Err(UsageError("--speakers is empty".to_owned()).into()),
        false => Ok(ids),
    }
}

/// Returns the name of a speaker, if the voice has one that is not just the id.
pub(crate) fn speaker_name(config: &VoiceConfig, id: i64) -> Option<&str> {
    let mut names = config.speaker_id_map.iter();
    let (name, _) = names.find(|(_, known)| **known == id)?;
    Some(name.as_str()).filter(|name| *name != id.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_voice_with_one_speaker_says_so() {
        let json = br#"{"audio": {}, "phoneme_id_map": {}, "num_speakers": 1}"#;
        let config = VoiceConfig::from_json(json).unwrap();
        let error = speaker_ids("0-3", &config).unwrap_err().to_string();
        assert_eq!(error, "no speakers `0-3`; the voice has only one speaker");
    }

    #[test]
    fn speakers_are_selected_by_numbers_ranges_and_names() {
        let config = VoiceConfig::from_json(
            br#"{"audio": {}, "phoneme_id_map": {}, "num_speakers": 12,
            "speaker_id_map": {"alice": 11, "0-1": 5, "7": 7}}"#,
        )
        .unwrap();
        let parse = |list| speaker_ids(list, &config);
        assert_eq!(parse("2-4, alice,0").unwrap(), [2, 3, 4, 11, 0]);
        assert_eq!(parse("0-1").unwrap(), [5], "a name");
        assert_eq!(parse("3,2-4,3").unwrap(), [3, 2, 4], "each once");
        assert_eq!(parse("all").unwrap(), Vec::from_iter(0..12));
        for bad in ["12", "3-12", "4-2", "bob", "-1", ","] {
            assert!(parse(bad).is_err(), "{bad}");
        }
        let names = [11, 5, 7, 3].map(|id| speaker_name(&config, id));
        assert_eq!(names, [Some("alice"), Some("0-1"), None, None]);
    }
}
