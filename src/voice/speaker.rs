//! Which speaker of a voice: an id or a name → the model's id.

use super::VoiceConfig;
use crate::Error;

/// A speaker, as a caller chooses it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Speaker {
    /// The model's id, from 0. A speaker who is *named* like a number is never
    /// meant.
    Id(i64),
    /// What a user typed: a name of the voice's config or, if no speaker has
    /// that name, an id.
    NameOrId(String),
}

impl From<i64> for Speaker {
    fn from(id: i64) -> Self {
        Self::Id(id)
    }
}

impl From<&str> for Speaker {
    fn from(typed: &str) -> Self {
        Self::NameOrId(typed.to_owned())
    }
}

impl From<String> for Speaker {
    fn from(typed: String) -> Self {
        Self::NameOrId(typed)
    }
}

/// The same text that a user would type.
impl std::fmt::Display for Speaker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Id(id) => write!(f, "{id}"),
            Self::NameOrId(typed) => f.write_str(typed),
        }
    }
}

impl VoiceConfig {
    /// Returns the id of `speaker`, or of the default one. Fails with
    /// [`Error::UnknownSpeaker`] if the voice has no such speaker.
    pub fn speaker_id(&self, speaker: Option<&Speaker>) -> Result<i64, Error> {
        let id = match speaker {
            None => Some(self.default_speaker_id),
            Some(Speaker::Id(id)) => Some(*id),
            Some(Speaker::NameOrId(typed)) => {
                let named = self.speaker_id_map.get(typed).copied();
                named.or_else(|| typed.parse().ok())
            }
        };
        id.filter(|id| (0..i64::from(self.num_speakers)).contains(id))
            .ok_or_else(|| {
                let speaker = speaker.map(Speaker::to_string);
                Error::UnknownSpeaker {
                    requested: speaker.unwrap_or_else(|| self.default_speaker_id.to_string()),
                    known: self.known_speakers(),
                }
            })
    }

    /// Returns the names of the speakers that have one, in the order of their ids.
    pub fn speaker_names(&self) -> Vec<&str> {
        let ids = 0..i64::from(self.num_speakers);
        let named = self.speaker_id_map.iter();
        let mut named: Vec<_> = named.filter(|(_, id)| ids.contains(id)).collect();
        named.sort_by_key(|(name, id)| (**id, name.as_str()));
        named.into_iter().map(|(name, _)| name.as_str()).collect()
    }

    /// Returns what to call the speakers: their names, or their ids if none has a name.
    pub fn speaker_labels(&self) -> Vec<String> {
        let names = self.speaker_names();
        match names.is_empty() {
            true => (0..self.num_speakers).map(|id| id.to_string()).collect(),
            false => names.into_iter().map(str::to_owned).collect(),
        }
    }

    /// Describes the speakers: `speakers 0 to 2 (alice, bob, carol)`.
    fn known_speakers(&self) -> String {
        const NAMES_SHOWN: usize = 8;
        let mut shown = self.speaker_names();
        if shown.len() > NAMES_SHOWN {
            shown.truncate(NAMES_SHOWN);
            shown.push("…");
        }
        let ids = match self.num_speakers {
            1 => "one speaker, 0".to_owned(),
            n => format!("speakers 0 to {}", n - 1),
        };
        match shown.is_empty() {
            true => ids,
            false => format!("{ids} ({})", shown.join(", ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(speakers: &str) -> VoiceConfig {
        let json = format!(
            r#"{{"audio": {{}}, "phoneme_id_map": {{}}, "num_speakers": 4, "default_speaker_id": 1,
            "speaker_id_map": {{{speakers}}}}}"#
        );
        VoiceConfig::from_json(json.as_bytes()).unwrap()
    }

    fn id(config: &VoiceConfig, speaker: impl Into<Speaker>) -> Option<i64> {
        config.speaker_id(Some(&speaker.into())).ok()
    }

    #[test]
    fn a_speaker_has_a_name_and_an_id() {
        let config = config(r#""alice": 0, "bob": 1"#);
        assert_eq!(id(&config, "alice"), Some(0));
        assert_eq!(id(&config, "3"), Some(3));
        assert_eq!(id(&config, 3), Some(3));
        assert_eq!(config.speaker_id(None).unwrap(), 1, "the config's default");
    }

    #[test]
    fn speakers_without_names_are_called_by_their_ids() {
        let named = config(r#""bob": 1, "alice": 0"#);
        assert_eq!(named.speaker_labels(), ["alice", "bob"]);
        assert_eq!(config("").speaker_labels(), ["0", "1", "2", "3"]);
    }

    #[test]
    fn an_id_is_not_mistaken_for_a_name() {
        let config = config(r#""3": 0, "alice": 3"#);
        assert_eq!(id(&config, 3), Some(3));
        assert_eq!(id(&config, "3"), Some(0), "a name comes first");
        assert_eq!(id(&config, "2"), Some(2));
    }

    #[test]
    fn an_unknown_speaker_is_refused_with_a_list_of_the_known_ones() {
        let named = config(r#""alice": 0, "bob": 1"#);
        for speaker in [Speaker::from("carol"), "4".into(), 4.into(), (-1).into()] {
            let message = named.speaker_id(Some(&speaker)).unwrap_err().to_string();
            assert_eq!(
                message,
                format!("no speaker `{speaker}`; the voice has speakers 0 to 3 (alice, bob)")
            );
        }
        let nameless = config("").speaker_id(Some(&7.into())).unwrap_err();
        let expected = "no speaker `7`; the voice has speakers 0 to 3";
        assert_eq!(nameless.to_string(), expected);
    }
}
