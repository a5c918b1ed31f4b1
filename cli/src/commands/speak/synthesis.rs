//! The synthesizing half of `speak`: turns texts into audio events.

use std::collections::HashSet;
use std::path::PathBuf;

use anyhow::Context as _;
use piper_rs::synth::{SpeechSession, Synthesizer};
use piper_rs::text::Passage;
use piper_rs::{Error, Result};

use super::input::SpeakInput;
use super::{AudioEvent, Speak};
use crate::speech::destination::OutputMode;
use crate::speech::file_name::path_for;
use crate::speech::markup;
use crate::speech::parts::{Part, PartReader, PartSettings, SpeechPart};
use crate::speech::place::PassagePlace;
use crate::speech::request::Request;
use crate::speech::settings::Settings;
use crate::speech::sound_check::{Sound, SoundCheck};
use crate::speech::sound_format::OutputUse;
use crate::speech::source::Source;
use crate::terminal::quantity::clock;
use crate::terminal::report::Outcome;

/// Passes an event to the writer.
pub(super) type Send<'a> = &'a mut dyn FnMut(AudioEvent) -> Result<()>;

/// The parts of the text that is being read.
#[derive(Default)]
struct TextParts<'a> {
    /// Its file.
    origin: Option<String>,
    reader: Option<PartReader<'a>>,
}

impl Speak {
    /// Synthesizes all texts, in order.
    pub(super) fn synthesize_all(
        &self,
        session: &mut SpeechSession,
        send: Send<'_>,
    ) -> anyhow::Result<()> {
        match &self.input {
            SpeakInput::Text(source) => self.synthesize_text(source, session, send),
            SpeakInput::Cues(source, speedup) => {
                self.synthesize_cues(source, *speedup, session, send)
            }
            SpeakInput::JsonLines(source) => self.synthesize_json(source, session, send),
            SpeakInput::Requests(requests) => requests.iter().try_for_each(|request| {
                let parts = [Part::whole(request.text.as_str())];
                let result = self.synthesize(request, &parts, None, session, send);
                let result = result.map(drop);
                self.report_and_continue(result, || request.label.clone().unwrap_or_default())
            }),
        }?;
        if self.limit.is_over() {
            self.note_limit();
        } else {
            self.finish_pause(session, send)?;
        }
        match self.cancel.is_cancelled() {
            true => Err(Error::Cancelled.into()),
            false => Ok(()),
        }
    }

    /// Returns whether it is told where in the text words are.
    pub(super) fn tells_places(&self) -> bool {
        !self.listeners.is_empty() || self.timings.is_some()
    }

    fn synthesize_text(
        &self,
        source: &Source,
        session: &mut SpeechSession,
        send: Send<'_>,
    ) -> anyhow::Result<()> {
        let mut taken = HashSet::new();
        let mut sound_check = SoundCheck::new(source, &self.reporter);
        let mut text = TextParts::default();
        for passage in source.read_in_background(self.cancel.clone()) {
            let passage = passage?;
            let parts = self.parts(&mut text, &passage)?;
            let request = Request {
                text: Part::words(&parts),
                settings: self.settings.clone(),
                output: None,
                label: None,
            };
            if let Some(request) = self.with_output(request, &mut taken)? {
                let place = self.tells_places().then(|| PassagePlace::of(&passage));
                let sound = self.synthesize(&request, &parts, place, session, send)?;
                sound_check.record(&passage, &request.text, sound);
            }
            if !self.limit.end_text() {
                break;
            }
        }
        self.finish_check(&sound_check);
        Ok(())
    }

    fn synthesize_json(
        &self,
        source: &Source,
        session: &mut SpeechSession,
        send: Send<'_>,
    ) -> anyhow::Result<()> {
        let mut taken = HashSet::new();
        let mut sound_check = SoundCheck::new(source, &self.reporter);
        let passages = source.read_in_background(self.cancel.clone());
        for passage in passages {
            let passage = passage?;
            if passage.text.trim().is_empty() {
                continue;
            }
            let result =
                self.json_request(&passage, &mut taken)
                    .and_then(|request| match request {
                        Some(request) => {
                            let parts = self.parts.reader().of_text(&request.text, 1)?;
                            let place = PassagePlace::within(&passage);
                            let place = self.tells_places().then_some(place);
                            let sound = self.synthesize(&request, &parts, place, session, send)?;
                            sound_check.record(&passage, &request.text, sound);
                            Ok(())
                        }
                        None => Ok(()),
                    });
            self.report_and_continue(result, || {
                format!("line {} of {}", passage.line, passage.origin)
            })?;
            if !self.limit.end_text() {
                break;
            }
        }
        self.finish_check(&sound_check);
        Ok(())
    }

    fn json_request(
        &self,
        passage: &Passage,
        taken: &mut HashSet<PathBuf>,
    ) -> anyhow::Result<Option<Request>> {
        let request =
            Request::from_json(&passage.text, &self.settings).context("bad JSON input")?;
        self.with_output(request, taken)
    }

    /// Chooses the file of a request, if each text needs one: a name that is not
    /// `taken`. Returns `None` if a blank text would become a file.
    fn with_output(
        &self,
        mut request: Request,
        taken: &mut HashSet<PathBuf>,
    ) -> anyhow::Result<Option<Request>> {
        if let OutputMode::FilePerText(folder, naming) = &self.output
            && request.output.is_none()
        {
            if request.text.trim().is_empty() {
                return Ok(None);
            }
            std::fs::create_dir_all(folder)
                .with_context(|| format!("cannot create {}", folder.display()))?;
            let format = self.settings.format.sound.unwrap_or_default();
            request.output = Some(path_for(folder, *naming, &request.text, format, taken));
        }
        Ok(Some(request))
    }

    /// Names the inputs without sound, if all of them were read.
    fn finish_check(&self, sound_check: &SoundCheck<'_>) {
        let is_complete = !self.cancel.is_cancelled() && !self.limit.is_over();
        if is_complete && !self.reporter.has_failed() {
            sound_check.finish();
        }
    }

    /// Says that there may be more text.
    fn note_limit(&self) {
        if let Some(max) = self.limit.max() {
            let max = clock(max);
            self.reporter
                .note(&format!("stopped after {max}, as --max-duration says"));
        }
    }

    /// Says that markup is spoken as text.
    fn note_markup(&self, text: &str) {
        if let Some(note) = markup::note(text) {
            self.reporter.note_once(note);
        }
    }

    /// Returns the parts of the next passage of the text.
    fn parts<'a>(
        &'a self,
        text: &mut TextParts<'a>,
        passage: &Passage,
    ) -> anyhow::Result<Vec<Part>> {
        let is_new = matches!(self.output, OutputMode::FilePerText(..))
            || text.origin.as_deref() != Some(&passage.origin);
        if is_new {
            text.origin = Some(passage.origin.clone());
            text.reader = Some(self.parts.reader());
        }
        let reader = text.reader.get_or_insert_with(|| self.parts.reader());
        let parts = reader.parts(passage);
        parts.with_context(|| passage.origin.clone())
    }

    fn synthesize(
        &self,
        request: &Request,
        parts: &[Part],
        mut place: Option<PassagePlace>,
        session: &mut SpeechSession,
        send: Send<'_>,
    ) -> anyhow::Result<Sound> {
        let sounds = session.sounds();
        self.note_markup(&request.text);
        if request.output.is_some() {
            session.discard_pause();
        }
        let mut has_begun = false;
        for part in parts {
            match part {
                _ if self.limit.is_over() => break,
                Part::Pause(pause) => session.request_pause(*pause),
                Part::Speech(part) => {
                    let synthesizer = self.synthesizer(part, &request.settings)?;
                    if !std::mem::replace(&mut has_begun, true) {
                        self.begin(request, &synthesizer, session, send)?;
                    }
                    if let Some(place) = &mut place {
                        send(AudioEvent::Part(Some(place.part(&part.text))))?;
                    }
                    for block in synthesizer.blocks_before(session, &part.text, part.end) {
                        let block = block?;
                        if !self.limit.admits(&block) {
                            break;
                        }
                        send(AudioEvent::Block(block))?;
                    }
                }
            }
        }
        if !has_begun {
            let synthesizer = self.engine.synthesizer(&request.settings)?;
            self.begin(request, &synthesizer, session, send)?;
        }
        if place.is_some() {
            send(AudioEvent::Part(None))?;
        }
        if request.output.is_some() {
            self.finish_pause(session, send)?;
            session.discard_pause();
            send(AudioEvent::EndFile)?;
        }
        Ok(match session.sounds() > sounds {
            true => Sound::Heard,
            false => Sound::Silent,
        })
    }

    /// Returns a synthesizer for a part of a text with `settings`.
    fn synthesizer(&self, part: &SpeechPart, settings: &Settings) -> anyhow::Result<Synthesizer> {
        match *part.settings == PartSettings::default() {
            true => self.engine.synthesizer(settings),
            false => {
                let settings = self.parts.settings(&part.settings, settings)?;
                self.engine.synthesizer(&settings)
            }
        }
    }

    /// Begins the output of a text whose first voice is that of `synthesizer`.
    fn begin(
        &self,
        request: &Request,
        synthesizer: &Synthesizer,
        session: &mut SpeechSession,
        send: Send<'_>,
    ) -> anyhow::Result<()> {
        let conversion = request.settings.format.conversion(session, synthesizer)?;
        if let Some(label) = &request.label {
            send(AudioEvent::Label(label.clone()))?;
        }
        send(match &request.output {
            Some(path) => {
                let encoding = request.settings.format.encoding_of(path, OutputUse::Text)?;
                AudioEvent::BeginFile(path.clone(), encoding, conversion)
            }
            None => AudioEvent::BeginShared(conversion),
        })?;
        Ok(())
    }

    /// Sends the pause that the end of a text asks for.
    fn finish_pause(&self, session: &mut SpeechSession, send: Send<'_>) -> Result<()> {
        while let Some(block) = session.final_pause() {
            send(AudioEvent::Block(block))?;
        }
        Ok(())
    }

    /// Reports an error of one text, with its `origin`. Only Ctrl-C stops the
    /// other texts.
    fn report_and_continue(
        &self,
        result: anyhow::Result<()>,
        origin: impl Fn() -> String,
    ) -> anyhow::Result<()> {
        match result {
            Err(error) if Outcome::of(&error) != Outcome::Interrupted => {
                self.reporter.error(&error.context(origin()));
                Ok(())
            }
            result => result,
        }
    }

    /// Returns whether the other texts are spoken if one fails.
    pub(super) fn continues_after_error(&self) -> bool {
        match self.input {
            SpeakInput::Text(_) | SpeakInput::Cues(..) => false,
            SpeakInput::JsonLines(_) | SpeakInput::Requests(_) => true,
        }
    }
}
