//! The keys of the config file.

/// A key of the file. It is named after an option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) role: Role,
    /// The default to show, if the option's help does not tell it.
    pub(crate) default: &'static str,
}

/// The type of a value in TOML.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    String,
    Number,
    Integer,
    /// A string, or a list of strings.
    Strings,
}

/// What a value changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// The default of an option.
    OptionDefault,
    /// The device, if something is played.
    Device,
    /// A setting of speech, for all voices or for one.
    Speech,
    /// A setting of speech for all voices.
    GeneralSpeech,
    /// A setting of speech for one voice.
    VoiceSpeech,
    /// A path to search, after options and environment.
    Path,
}

const fn key(name: &'static str, kind: Kind, role: Role, default: &'static str) -> Key {
    Key {
        name,
        kind,
        role,
        default,
    }
}

const OF_VOICE: &str = "the voice's own";

/// Every key.
#[rustfmt::skip] // a table
pub(crate) const KEYS: [Key; 36] = [
    key("voice", Kind::String, Role::OptionDefault, ""),
    key("device", Kind::String, Role::Device, "the system's"),
    key("speaker", Kind::String, Role::VoiceSpeech, OF_VOICE),
    key("speed", Kind::Number, Role::Speech, ""),
    key("length_scale", Kind::Number, Role::Speech, OF_VOICE),
    key("noise_scale", Kind::Number, Role::Speech, OF_VOICE),
    key("noise_w", Kind::Number, Role::Speech, OF_VOICE),
    key("volume", Kind::Number, Role::Speech, ""),
    key("sentence_silence", Kind::Number, Role::Speech, ""),
    key("line_silence", Kind::Number, Role::Speech, ""),
    key("paragraph_silence", Kind::Number, Role::Speech, ""),
    key("scene_silence", Kind::Number, Role::Speech, ""),
    key("lexicon", Kind::Strings, Role::Speech, "none"),
    key("punctuation", Kind::String, Role::Speech, ""),
    key("read_as", Kind::String, Role::Speech, ""),
    key("normalize", Kind::String, Role::GeneralSpeech, ""),
    key("loudness", Kind::Number, Role::GeneralSpeech, "that of normalize"),
    key("seed", Kind::Integer, Role::GeneralSpeech, "random"),
    key("rate", Kind::Integer, Role::OptionDefault, OF_VOICE),
    key("code", Kind::String, Role::OptionDefault, ""),
    key("chunk_size", Kind::Integer, Role::OptionDefault, ""),
    key("threads", Kind::Integer, Role::OptionDefault, ""),
    key("jobs", Kind::Integer, Role::OptionDefault, ""),
    key("ahead", Kind::Integer, Role::OptionDefault, ""),
    key("pool_size", Kind::Integer, Role::OptionDefault, ""),
    key("cache_voices", Kind::Integer, Role::OptionDefault, ""),
    key("cache_mb", Kind::Integer, Role::OptionDefault, ""),
    key("connect", Kind::String, Role::OptionDefault, ""),
    key("prepared_mb", Kind::Integer, Role::OptionDefault, ""),
    key("engine", Kind::String, Role::OptionDefault, ""),
    key("precision", Kind::String, Role::OptionDefault, ""),
    key("voice_name", Kind::Strings, Role::OptionDefault, "none"),
    key("data_dir", Kind::Strings, Role::Path, "the standard folders"),
    key("onnxruntime", Kind::String, Role::Path, "the standard folders"),
    key("espeak", Kind::String, Role::Path, "the standard folders"),
    key("espeak_data", Kind::String, Role::Path, "the library's own"),
];

/// The table that contains a table for each voice.
pub(crate) const VOICES: &str = "voices";

impl Key {
    /// Returns the key of that name, spelled with `_` or `-`.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let name = name.replace('-', "_");
        KEYS.into_iter().find(|key| key.name == name)
    }

    /// Returns whether the key is allowed outside of tables.
    pub(crate) fn is_general(self) -> bool {
        self.role != Role::VoiceSpeech
    }

    /// Returns whether the key is allowed in a voice's table.
    pub(crate) fn is_of_voice(self) -> bool {
        matches!(self.role, Role::Speech | Role::VoiceSpeech)
    }

    /// Returns whether the key changes a setting of speech.
    pub(crate) fn is_speech(self) -> bool {
        matches!(
            self.role,
            Role::Speech | Role::GeneralSpeech | Role::VoiceSpeech
        )
    }

    /// Returns the option, as it is typed.
    pub(crate) fn option(self) -> String {
        format!("--{}", self.name.replace('_', "-"))
    }
}
