//! The messages of the server, and what is spoken for them.

use piper_rs::document::{Document, DocumentOptions, Format};
use piper_rs::reading::key_name;
use piper_rs::speechd::MessageKind;
use piper_rs::text::Input;
use piper_rs::{CancelToken, Result};

use super::settings::{Capitals, ServerSettings};
use crate::speech::parts::{Part, Parts};
use crate::speech::settings::Settings;
use crate::terminal::report::Reporter;

/// How notes call the text of a message.
const ORIGIN: &str = "a message";

/// A message that the server waits for.
pub(super) struct Message {
    pub(super) id: u64,
    pub(super) kind: MessageKind,
    pub(super) text: String,
    pub(super) settings: ServerSettings,
    pub(super) cancel: CancelToken,
}

impl Message {
    /// Returns the parts that are spoken by a voice of the espeak-ng language. `settings`
    /// are those of the message; they are changed if it is letters.
    pub(super) fn parts(
        &self,
        language: &str,
        settings: &mut Settings,
        parts: &Parts,
        reporter: &Reporter,
    ) -> anyhow::Result<Vec<Part>> {
        let text = self.text.trim();
        let is_single = text.chars().nth(1).is_none();
        match self.kind {
            MessageKind::Text => self.text_parts(settings, parts, reporter),
            MessageKind::SoundIcon => Ok(vec![Part::whole(text.replace(['-', '_'], " "))]),
            // So the server names the space.
            MessageKind::Character | MessageKind::Key if matches!(text, "" | "space") => {
                Ok(vec![Part::whole(key_name(language, "space"))])
            }
            MessageKind::Key if !is_single => Ok(vec![Part::whole(key_name(language, text))]),
            MessageKind::Character | MessageKind::Key => {
                settings.overrides.spell = Some(true);
                Ok(vec![Part::whole(self.with_capitals(text))])
            }
        }
    }

    fn text_parts(
        &self,
        settings: &Settings,
        parts: &Parts,
        reporter: &Reporter,
    ) -> anyhow::Result<Vec<Part>> {
        if !self.text.trim_start().starts_with("<speak") {
            return Ok(vec![Part::whole(
                self.with_capitals_of(&self.text, settings),
            )]);
        }
        let blocks = self.read(Format::Ssml).or_else(|error| {
            reporter.detail(|| format!("{ORIGIN} is read without its marks: {error}"));
            self.read(Format::Html)
        })?;
        let mut reader = parts.reader();
        let mut all = Vec::new();
        for block in blocks {
            all.extend(reader.parts(&block.into_passage(ORIGIN))?);
        }
        for part in &mut all {
            if let Part::Speech(speech) = part {
                speech.text = self.with_capitals_of(&speech.text, settings);
            }
        }
        Ok(all)
    }

    fn read(&self, format: Format) -> Result<Vec<piper_rs::document::Block>> {
        let input = Input::Text(self.text.as_str().into());
        Document::open(input, format, &DocumentOptions::default())?.collect()
    }

    /// Returns a text for letters as it is, or without capitals if they are not said.
    fn with_capitals(&self, text: &str) -> String {
        match self.settings.capitals {
            Capitals::Said => text.to_owned(),
            Capitals::Silent => text.chars().map(lowercase).collect(),
        }
    }

    fn with_capitals_of(&self, text: &str, settings: &Settings) -> String {
        match settings.overrides.spell {
            Some(true) => self.with_capitals(text),
            _ => text.to_owned(),
        }
    }
}

/// Returns the small letter, if it has as many bytes: marks are at bytes.
fn lowercase(letter: char) -> char {
    let mut small = letter.to_lowercase();
    match (small.next(), small.next()) {
        (Some(small), None) if small.len_utf8() == letter.len_utf8() => small,
        _ => letter,
    }
}
