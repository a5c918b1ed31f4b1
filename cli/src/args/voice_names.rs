//! `--voice-name`: what else clients may call a voice.

use std::convert::Infallible;

use clap::Args;

#[derive(Debug, Clone, Args)]
pub(crate) struct VoiceNameArgs {
    /// Let clients call VOICE by another name, such as `alloy` or `female1`; may be repeated
    ///
    /// OpenAI's clients choose among the names of its voices, such as `alloy`, and those of
    /// speech-dispatcher among types, such as `female1`. Without this option the first mean
    /// the default voice, and the second nothing. `VOICE#SPEAKER` is one speaker of a voice.
    #[arg(
        long,
        value_name = "NAME=VOICE",
        value_delimiter = ',',
        value_parser = voice_name,
        help_heading = "Voices"
    )]
    pub(crate) voice_name: Vec<VoiceName>,
}

/// Another name of a voice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct VoiceName {
    pub(crate) name: String,
    pub(crate) voice: NamedSpeaker,
}

/// A voice, and maybe one of its speakers: `NAME` or `NAME#SPEAKER`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NamedSpeaker {
    pub(crate) voice: String,
    pub(crate) speaker: Option<String>,
}

impl std::str::FromStr for NamedSpeaker {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        let (voice, speaker) = match text.split_once('#') {
            Some((voice, speaker)) => (voice, Some(speaker.to_owned())),
            None => (text, None),
        };
        Ok(Self {
            voice: voice.to_owned(),
            speaker,
        })
    }
}

impl std::fmt::Display for NamedSpeaker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.speaker {
            Some(speaker) => write!(f, "{}#{speaker}", self.voice),
            None => f.write_str(&self.voice),
        }
    }
}

fn voice_name(typed: &str) -> Result<VoiceName, String> {
    // The config file separates them by a comma and a space.
    let pair = typed.trim().split_once('=');
    let is_complete = |(name, voice): &(&str, &str)| !name.is_empty() && !voice.is_empty();
    let (name, voice) = pair
        .filter(is_complete)
        .ok_or("NAME=VOICE is expected, as in alloy=en_US-joe-medium")?;
    let Ok(voice) = voice.parse();
    Ok(VoiceName {
        name: name.to_owned(),
        voice,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_means_a_voice_or_a_speaker_of_it() {
        let parsed = |typed| voice_name(typed).map(|parsed| (parsed.name, parsed.voice));
        let voice = |voice: &str, speaker: Option<&str>| NamedSpeaker {
            voice: voice.to_owned(),
            speaker: speaker.map(str::to_owned),
        };
        let alloy = "alloy".to_owned();
        assert_eq!(
            parsed(" alloy=joe"),
            Ok((alloy.clone(), voice("joe", None)))
        );
        assert_eq!(
            parsed("alloy=many#p1"),
            Ok((alloy, voice("many", Some("p1"))))
        );
        assert_eq!(voice("many", Some("p1")).to_string(), "many#p1");
        for wrong in ["", "alloy", "=joe", "alloy="] {
            assert!(parsed(wrong).is_err(), "{wrong}");
        }
    }
}
