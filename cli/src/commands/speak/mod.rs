//! `piper-rs speak`: texts in, audio out, while more of it is being made. The
//! making half is here, `writer` is the other.

mod writer;

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use anyhow::Context as _;
use piper_rs::audio::{AudioBlock, BufferPool, SampleRate};
use piper_rs::chunk::{self, LineBreaks};
use piper_rs::synth::{Progress, SpeechSession, SpeechSessionOptions, run_ahead};
use piper_rs::text::Passage;
use piper_rs::voice::OptimizeFor;
use piper_rs::{CancelToken, Error, Result};

use self::writer::Writer;
use crate::args::SpeakArgs;
use crate::environment::Environment;
use crate::speech::engine::{Engine, EngineOptions, Libraries};
use crate::speech::lexicon;
use crate::speech::output::{Target, path_for};
use crate::speech::request::Request;
use crate::speech::settings::{PiperMode, Settings};
use crate::speech::source::Source;
use crate::speech::stats::Stats;
use crate::terminal::progress::Bar;
use crate::terminal::report::{Outcome, Reporter};

/// Blocks made ahead of the output where nobody says how many.
const AHEAD: usize = 4;

/// A run of `speak`: everything decided, nothing done yet.
pub(crate) struct Speak {
    texts: Texts,
    settings: Settings,
    target: Target,
    ahead: usize,
    pool: BufferPool,
    engine: Engine,
    reporter: Arc<Reporter>,
    cancel: CancelToken,
    output_begun: Arc<AtomicBool>,
}

/// What is spoken.
enum Texts {
    Plain(Source),
    /// Each line is an object that says how.
    Json(Source),
    Listed(Vec<Request>),
}

/// What the making thread hands to the writing one.
enum Part {
    /// What people are told of the audio that follows.
    Label(String),
    /// Audio for `Destination` follows, at this rate.
    Begin(Destination, SampleRate),
    Block(AudioBlock),
    /// The file of its own is complete.
    Complete,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Destination {
    /// The run's common output.
    Shared,
    /// A file of this text's own.
    Own(PathBuf),
}

impl Speak {
    pub(crate) fn from_args(
        args: &SpeakArgs,
        libraries: Libraries,
        environment: &Environment,
        reporter: Arc<Reporter>,
        cancel: CancelToken,
    ) -> anyhow::Result<Self> {
        args.ignored.named().for_each(|flag| reporter.note(&flag));
        let target = Target::from_args(&args.output)?;
        let mut settings = Settings::from_args(&args.style)?;
        lexicon::read(&args.style.lexicon.lexicon)?;
        let mut source = Source::from_args(&args.text, &args.input)?;
        let voice = settings.voice_files();
        let of_voice = [voice.model_path(), voice.config_path()];
        target.check_spares(source.files().chain(of_voice))?;
        let by_line = matches!(target, Target::Folder(..));
        if by_line || settings.fidelity == PiperMode::Strict {
            source = source.by_line();
        }
        let natural = match source.is_live() {
            true => LineBreaks::Keep,
            false => LineBreaks::Auto,
        };
        settings.set_line_breaks(args.input.reading.line_breaks, natural);
        if target.is_files_only() {
            settings.optimize_for = OptimizeFor::Throughput;
        }
        let texts = match args.input.json_input {
            true => Texts::Json(source),
            false => Texts::Plain(source),
        };
        let options = EngineOptions::from_args(&args.engine, environment);
        let folders = environment.voice_folders(&args.style.voice.data_dir);
        Ok(Self {
            texts,
            settings,
            target,
            ahead: args.ahead.get(),
            pool: BufferPool::new(args.engine.pool_size),
            engine: Engine::new(libraries, folders, options, Arc::clone(&reporter)),
            reporter,
            cancel,
            output_begun: Arc::default(),
        })
    }

    /// Speaks what `requests` ask for, each into its own file or else into
    /// `target`.
    pub(crate) fn of_requests(
        requests: Vec<Request>,
        settings: Settings,
        target: Target,
        engine: Engine,
        reporter: Arc<Reporter>,
        cancel: CancelToken,
    ) -> Self {
        Self {
            texts: Texts::Listed(requests),
            settings,
            target,
            ahead: AHEAD,
            pool: BufferPool::default(),
            engine,
            reporter,
            cancel,
            output_begun: Arc::default(),
        }
    }

    /// Tells, from any thread, whether an output has been opened: from then on
    /// there is something to lose.
    pub(crate) fn output_begun(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.output_begun)
    }

    /// Speaks it all; returns the statistics even of a run that failed.
    pub(crate) fn run(&self, started: Instant) -> (Stats, anyhow::Result<Outcome>) {
        let mut session = SpeechSession::new(SpeechSessionOptions {
            pool: self.pool.clone(),
            cancel: self.cancel.clone(),
            normalize: self.settings.normalize,
        });
        let progress = session.progress();
        self.count_chunks(Arc::clone(&progress));
        let mut writer = Writer::new(self, Bar::new(progress, &self.reporter));
        let spoken = run_ahead(
            self.ahead,
            &self.cancel,
            |send| self.make(&mut session, send),
            |part| Ok(ControlFlow::Continue(writer.take(part)?)),
        );
        // Finish before looking at `spoken`: what was said until then stays.
        let finished = writer.finish(spoken.is_ok());
        self.reporter.left_out(session.unknown_phonemes());
        self.reporter.replaced(session.stats().replaced_words);
        let stats = Stats::new(
            self.pool.stats(),
            self.engine.cache().stats(),
            session.stats(),
            started.elapsed(),
        );
        let outcome = spoken
            .and(finished)
            .map(|()| match self.reporter.has_failed() {
                true => Outcome::Failed,
                false => Outcome::Done,
            });
        (stats, outcome)
    }

    /// Makes the audio of every text, in order.
    fn make(
        &self,
        session: &mut SpeechSession,
        send: &mut dyn FnMut(Part) -> Result<()>,
    ) -> anyhow::Result<()> {
        let (source, json) = match &self.texts {
            Texts::Plain(source) => (source, false),
            Texts::Json(source) => (source, true),
            Texts::Listed(requests) => {
                for request in requests {
                    let made = self.make_request(request, session, send);
                    self.go_on_after(made, || request.label.clone().unwrap_or_default())?;
                }
                return self.check_cancelled();
            }
        };
        let mut taken = HashSet::new();
        for passage in source.read_in_background(self.cancel.clone()) {
            let passage = passage?;
            let made = match self.request(&passage, json, &mut taken) {
                Ok(Some(request)) => self.make_request(&request, session, send),
                Ok(None) => Ok(()),
                Err(error) => Err(error),
            };
            match json {
                true => self.go_on_after(made, || {
                    format!("line {} of {}", passage.line, passage.origin)
                })?,
                false => made?,
            }
        }
        self.check_cancelled()
    }

    fn check_cancelled(&self) -> anyhow::Result<()> {
        match self.cancel.is_cancelled() {
            true => Err(Error::Cancelled.into()),
            false => Ok(()),
        }
    }

    /// Reports a text that failed, unless all of it is to stop: many texts go
    /// on after a bad one.
    fn go_on_after(
        &self,
        made: anyhow::Result<()>,
        place: impl Fn() -> String,
    ) -> anyhow::Result<()> {
        match made {
            Err(error) if Outcome::of(&error) != Outcome::Interrupted => {
                self.reporter.error(&error.context(place()));
                Ok(())
            }
            made => made,
        }
    }

    /// Returns whether a text that fails leaves the others to be spoken.
    fn goes_on(&self) -> bool {
        match self.texts {
            Texts::Plain(_) => false,
            Texts::Json(_) | Texts::Listed(_) => true,
        }
    }

    fn make_request(
        &self,
        request: &Request,
        session: &mut SpeechSession,
        send: &mut dyn FnMut(Part) -> Result<()>,
    ) -> anyhow::Result<()> {
        let synthesizer = self.engine.synthesizer(&request.settings)?;
        let rate = synthesizer.voice().config().sample_rate;
        if let Some(label) = &request.label {
            send(Part::Label(label.clone()))?;
        }
        let own = request.output.clone();
        if let Some(path) = &own {
            session.discard_pause();
            send(Part::Begin(Destination::Own(path.clone()), rate))?;
        } else {
            send(Part::Begin(Destination::Shared, rate))?;
        }
        for block in synthesizer.blocks(session, &request.text) {
            send(Part::Block(block?))?;
        }
        if own.is_some() {
            session.discard_pause();
            send(Part::Complete)?;
        }
        Ok(())
    }

    /// Returns what a passage asks for; nothing where a blank line would
    /// become a file. Files of the run have the names in `taken`.
    fn request(
        &self,
        passage: &Passage,
        json: bool,
        taken: &mut HashSet<PathBuf>,
    ) -> anyhow::Result<Option<Request>> {
        let blank = passage.text.trim().is_empty();
        let mut request = match json {
            true if blank => return Ok(None),
            true => Request::from_json(&passage.text, &self.settings).context("bad JSON input")?,
            false => Request {
                text: passage.text.clone(),
                settings: self.settings.clone(),
                output: None,
                label: None,
            },
        };
        if let Target::Folder(folder, naming) = &self.target
            && request.output.is_none()
        {
            if blank {
                return Ok(None);
            }
            std::fs::create_dir_all(folder)
                .with_context(|| format!("cannot create {}", folder.display()))?;
            request.output = Some(path_for(folder, *naming, &request.text, taken));
        }
        Ok(Some(request))
    }

    /// Counts the chunks of a text that is all there, beside the speaking.
    fn count_chunks(&self, progress: Arc<Progress>) {
        let Texts::Plain(source) = &self.texts else {
            return;
        };
        if source.is_live() {
            return;
        }
        let (source, options) = (source.clone(), self.settings.chunks.clone());
        std::thread::spawn(move || {
            let passages = source.read().map_while(Result::ok);
            let counts = passages.map(|passage| chunk::split(&passage.text, &options).count());
            progress.set_total_chunks(counts.sum::<usize>() as u64);
        });
    }
}
