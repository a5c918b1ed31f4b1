//! What each element asks for.

use std::sync::Arc;

use super::super::xml::StartTag;
use super::say_as::SayAs;
use super::{Content, Element, SsmlReader, prosody};
use crate::parts::parse_time;
use crate::parts::ssml::{Letters, SsmlSettings, SsmlVoice};
use crate::phoneme::is_ipa;

/// How many different things are told that are not done.
pub(super) const MAX_IGNORED: usize = 20;
/// Longer phonemes are no word; see the limit of `[[…]]`.
const MAX_PHONEMES: usize = 1000;
/// The choices of voices around a text that count.
const MAX_CHOICES: usize = 4;
/// The names of voices in one element.
const MAX_NAMES: usize = 4;
/// No voice, no language and no mark has a longer name.
const MAX_NAME_BYTES: usize = 255;

impl SsmlReader<'_> {
    /// Does what an element asks for.
    pub(super) fn apply(&mut self, tag: &StartTag<'_>, element: &mut Element) {
        let name = short_name(tag.name());
        if matches!(name, "speak" | "p" | "s" | "w" | "lang" | "voice")
            && let Some(language) = tag.attribute("lang")
        {
            choose(&mut element.settings, SsmlVoice::OfLanguage(language));
        }
        match name {
            "speak" | "w" => {}
            "mark" => self.mark(tag),
            "p" => self.builder.end_paragraph(),
            "s" => self.builder.end_sentence(),
            "break" => self.pause(tag),
            "sub" => self.substitute(tag, element),
            "phoneme" => self.phoneme(tag, element),
            "say-as" => self.say_as(tag, element),
            "prosody" => self.prosody(tag, Arc::make_mut(&mut element.settings)),
            "voice" => self.voice(tag, &mut element.settings),
            "lang" if tag.attribute("lang").is_some() => {}
            "lang" => self.ignore("<lang> without xml:lang".to_owned()),
            "metadata" | "meta" | "desc" => element.content = Content::Skipped,
            name => self.ignore(format!("<{}>", short(name))),
        }
    }

    fn mark(&mut self, tag: &StartTag<'_>) {
        match tag.attribute("name") {
            Some(name) if name.len() <= MAX_NAME_BYTES => self.builder.mark(name),
            _ => self.ignore("<mark> without a short name".to_owned()),
        }
    }

    fn pause(&mut self, tag: &StartTag<'_>) {
        let strength = tag.attribute("strength");
        let pause = match (tag.attribute("time"), &strength) {
            (Some(time), _) => {
                parse_time(&time).ok_or_else(|| format!("<break time=\"{}\">", short(&time)))
            }
            (None, Some(strength)) => prosody::strength(strength)
                .ok_or_else(|| format!("<break strength=\"{}\">", short(strength))),
            (None, None) => Ok(prosody::strength("medium").unwrap_or_default()),
        };
        match pause {
            Ok(pause) => self.builder.pause(pause),
            Err(ignored) => self.ignore(ignored),
        }
    }

    fn substitute(&mut self, tag: &StartTag<'_>, element: &mut Element) {
        match tag.attribute("alias") {
            Some(alias) => self.replace(&alias, element),
            None => self.ignore("<sub> without alias".to_owned()),
        }
    }

    fn phoneme(&mut self, tag: &StartTag<'_>, element: &mut Element) {
        let alphabet = tag.attribute("alphabet");
        let alphabet = alphabet.as_deref().unwrap_or("ipa");
        let symbols = tag.attribute("ph").unwrap_or_default();
        let symbols = symbols.trim();
        let is_valid = is_ipa(symbols)
            && !symbols.is_empty()
            && symbols.len() <= MAX_PHONEMES
            && !symbols.contains(['[', ']', '\n']);
        match alphabet == "ipa" && is_valid {
            true => self.replace(&format!("[[{symbols}]]"), element),
            false => self.ignore(format!(
                "<phoneme alphabet=\"{}\" ph=\"{}\">",
                short(alphabet),
                short(symbols)
            )),
        }
    }

    /// Speaks a text instead of the content of an element.
    fn replace(&mut self, text: &str, element: &mut Element) {
        self.builder.text(text, &element.settings, element.place);
        element.content = Content::Skipped;
    }

    fn say_as(&mut self, tag: &StartTag<'_>, element: &mut Element) {
        let interpret_as = tag.attribute("interpret-as").unwrap_or_default();
        match SayAs::named(&interpret_as) {
            Some(say_as) => element.say_as = say_as,
            None => self.ignore(format!(
                "<say-as interpret-as=\"{}\">",
                short(&interpret_as)
            )),
        }
        if tag.attribute("format").is_some() {
            self.ignore("format of <say-as>".to_owned());
        }
        if element.say_as == SayAs::Letters {
            Arc::make_mut(&mut element.settings).letters = Letters::Spelled;
        }
    }

    fn prosody(&mut self, tag: &StartTag<'_>, settings: &mut SsmlSettings) {
        if let Some(value) = tag.attribute("rate") {
            match prosody::rate(&value, settings.rate) {
                Some(rate) => settings.rate = rate,
                None => self.ignore(format!("<prosody rate=\"{}\">", short(&value))),
            }
        }
        if let Some(value) = tag.attribute("volume") {
            match prosody::volume(&value, settings.volume) {
                Some(volume) => settings.volume = volume,
                None => self.ignore(format!("<prosody volume=\"{}\">", short(&value))),
            }
        }
        for name in ["pitch", "contour", "range", "duration"] {
            if tag.attribute(name).is_some() {
                self.ignore(format!("{name} of <prosody>"));
            }
        }
    }

    fn voice(&mut self, tag: &StartTag<'_>, settings: &mut Arc<SsmlSettings>) {
        let languages = tag
            .attribute("languages")
            .or_else(|| tag.attribute("language"));
        if let Some(languages) = &languages
            && let Some(language) = languages.split_ascii_whitespace().next()
        {
            // `en:us` is its old form.
            choose(settings, SsmlVoice::OfLanguage(language.replace(':', "-")));
        }
        match tag.attribute("name") {
            Some(name) => {
                let mut names = vec![name.trim().to_owned()];
                let single = name.split_ascii_whitespace().map(str::to_owned);
                names.extend(single.take(MAX_NAMES));
                names.dedup();
                choose(settings, SsmlVoice::Named(names));
            }
            None if languages.is_none() && tag.attribute("lang").is_none() => {
                self.ignore("<voice> without a name or a language".to_owned());
            }
            None => {}
        }
    }

    pub(super) fn ignore(&mut self, what: String) {
        if self.ignored.len() < MAX_IGNORED && self.ignored.insert(what.clone()) {
            let place = self.place;
            self.builder.ignored(format!("{place}: {what} is ignored"));
        }
    }
}

/// Returns the short name of an element that has two.
pub(super) fn short_name(name: &str) -> &str {
    match name {
        "paragraph" => "p",
        "sentence" => "s",
        "token" => "w",
        name => name,
    }
}

/// Adds a choice of a voice, if its name is one that a voice could have. Of many choices
/// the outermost are dropped.
fn choose(settings: &mut Arc<SsmlSettings>, choice: SsmlVoice) {
    let is_short = match &choice {
        SsmlVoice::Named(names) => names.iter().all(|name| name.len() <= MAX_NAME_BYTES),
        SsmlVoice::OfLanguage(language) => language.len() <= MAX_NAME_BYTES,
    };
    let is_last = |last: &Arc<SsmlVoice>| **last == choice;
    if !is_short || settings.voices.last().is_some_and(is_last) {
        return;
    }
    let kept = settings.voices.len().saturating_sub(MAX_CHOICES - 1);
    let before = settings.voices[kept..].iter().map(Arc::clone);
    let voices = before.chain([Arc::new(choice)]).collect();
    Arc::make_mut(settings).voices = voices;
}

/// Returns the start of what a document says, for a message.
pub(super) fn short(value: &str) -> String {
    value.chars().filter(|c| !c.is_control()).take(30).collect()
}
