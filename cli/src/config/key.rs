//! What may stand in the config file.

/// A key of the file: the flag of the same name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) role: Role,
    /// What is so where nobody says, if the flag's help does not tell.
    pub(crate) unset: &'static str,
}

/// What TOML must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Number,
    Whole,
    /// One text, or a list of them.
    Texts,
}

/// What becomes of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// The default of a flag.
    Flag,
    /// The device to play on, where something is played.
    Device,
    /// How voices speak: all of them, or one.
    SpeechOverrides,
    /// The same, of one voice only.
    OneVoice,
    /// Where something is looked for, after flags and environment.
    Place,
}

const fn key(name: &'static str, kind: Kind, role: Role, unset: &'static str) -> Key {
    Key {
        name,
        kind,
        role,
        unset,
    }
}

const OF_VOICE: &str = "the voice's own";

/// Every key.
pub(crate) const KEYS: [Key; 26] = [
    key("voice", Kind::Text, Role::Flag, "built in"),
    key("device", Kind::Text, Role::Device, "the system's"),
    key("speaker", Kind::Text, Role::OneVoice, OF_VOICE),
    key("speed", Kind::Number, Role::SpeechOverrides, OF_VOICE),
    key(
        "length_scale",
        Kind::Number,
        Role::SpeechOverrides,
        OF_VOICE,
    ),
    key("noise_scale", Kind::Number, Role::SpeechOverrides, OF_VOICE),
    key("noise_w", Kind::Number, Role::SpeechOverrides, OF_VOICE),
    key("volume", Kind::Number, Role::SpeechOverrides, ""),
    key("sentence_silence", Kind::Number, Role::SpeechOverrides, ""),
    key("line_silence", Kind::Number, Role::SpeechOverrides, ""),
    key("paragraph_silence", Kind::Number, Role::SpeechOverrides, ""),
    key("lexicon", Kind::Texts, Role::SpeechOverrides, "none"),
    key("normalize", Kind::Text, Role::Flag, ""),
    key("seed", Kind::Whole, Role::Flag, "another every time"),
    key("chunk_size", Kind::Whole, Role::Flag, ""),
    key("threads", Kind::Whole, Role::Flag, ""),
    key("jobs", Kind::Whole, Role::Flag, ""),
    key("ahead", Kind::Whole, Role::Flag, ""),
    key("pool_size", Kind::Whole, Role::Flag, ""),
    key("cache_voices", Kind::Whole, Role::Flag, ""),
    key("cache_mb", Kind::Whole, Role::Flag, ""),
    key("prepared_mb", Kind::Whole, Role::Flag, ""),
    key("data_dir", Kind::Texts, Role::Place, "the usual folders"),
    key("onnxruntime", Kind::Text, Role::Place, "the usual places"),
    key("espeak", Kind::Text, Role::Place, "the usual places"),
    key("espeak_data", Kind::Text, Role::Place, "the library's own"),
];

/// The table that holds a table for each voice.
pub(crate) const VOICES: &str = "voices";

impl Key {
    /// Returns the key of that name, spelled as here or as its flag is.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let name = name.replace('-', "_");
        KEYS.into_iter().find(|key| key.name == name)
    }

    pub(crate) fn is_flag(self) -> bool {
        self.role == Role::Flag
    }

    /// Returns whether it may stand in a voice's table.
    pub(crate) fn is_of_voice(self) -> bool {
        matches!(self.role, Role::SpeechOverrides | Role::OneVoice)
    }

    /// Returns the flag, as it is typed.
    pub(crate) fn flag(self) -> String {
        format!("--{}", self.name.replace('_', "-"))
    }
}
