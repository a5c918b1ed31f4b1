//! `piper-rs speak`: texts in, audio out. One thread synthesizes (`synthesis`),
//! the other one writes (`writer`).

mod cues;
mod event;
mod followed_output;
mod input;
mod synthesis;
mod writer;

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use piper_rs::PiperMode;
use piper_rs::audio::{AudioBlock, BufferPool};
use piper_rs::chunk::{self, LineBreaks};
use piper_rs::encode::Encoding;
use piper_rs::sink::file::ExistingFile;
use piper_rs::synth::{Progress, SpeechSession, SpeechSessionOptions, WordTimes, run_ahead};
use piper_rs::voice::OptimizeFor;
use piper_rs::{CancelToken, Result};

use self::event::Event;
use self::followed_output::Listeners;
use self::input::SpeakInput;
use self::writer::Writer;
use super::Context;
use crate::args::{DEFAULT_AHEAD, SpeakArgs, StatsArg};
use crate::speech::bookmark::Bookmark;
use crate::speech::connect::EngineServer;
use crate::speech::destination::{OutputMode, check_existing, check_formats, existing_file};
use crate::speech::engine::Engine;
use crate::speech::engine_options::EngineOptions;
use crate::speech::events::EventOutput;
use crate::speech::file_uses;
use crate::speech::output_format::{Conversion, OutputFormat};
use crate::speech::parts::Parts;
use crate::speech::place::Place;
use crate::speech::request::Request;
use crate::speech::settings::Settings;
use crate::speech::source::Source;
use crate::speech::stats::Stats;
use crate::speech::subtitles::SubtitleFiles;
use crate::speech::time_limit::TimeLimit;
use crate::speech::timings::Timings;
use crate::speech::voice_checks::CheckTime;
use crate::terminal::progress::Bar;
use crate::terminal::report::{Outcome, Reporter};
use crate::terminal::signals;
use piper_rs::threads;

/// Runs the command.
pub(crate) fn speak(args: &SpeakArgs, context: &Context) -> anyhow::Result<Outcome> {
    let speak = Speak::from_args(args, context)?;
    speak.run_until_signal(context.started, args.engine.stats)
}

/// A run of `speak`, ready to start.
pub(crate) struct Speak {
    input: SpeakInput,
    settings: Settings,
    parts: Parts,
    output: OutputMode,
    /// Which existing files the file of a single text may replace.
    existing_file: ExistingFile,
    ahead: usize,
    pool: BufferPool,
    engine: Engine,
    reporter: Arc<Reporter>,
    cancel: CancelToken,
    limit: TimeLimit,
    listeners: Listeners,
    /// The subtitles of the common output.
    subtitles: SubtitleFiles,
    /// Its times.
    timings: Option<Timings>,
    /// Whether an output has been opened.
    output_started: Arc<AtomicBool>,
}

/// What the synthesis thread sends to the writer.
enum AudioEvent {
    /// A note to print.
    Label(String),
    /// The next blocks go to the common output, converted so if they are its
    /// first.
    BeginShared(Conversion),
    /// The next blocks go to a file of their own.
    BeginFile(PathBuf, Encoding, Conversion),
    /// The next blocks come from there, or from nowhere. Only if places are told.
    Part(Option<Place>),
    Block(AudioBlock),
    /// The file is complete.
    EndFile,
}

impl Speak {
    fn from_args(args: &SpeakArgs, context: &Context) -> anyhow::Result<Self> {
        let (config, reporter) = (&context.config, &context.reporter);
        let notes = args.ignored.notes().chain(args.habits.note());
        notes.for_each(|note| reporter.note(note));
        let speech = args.habits.apply(&args.speech);
        let format = OutputFormat::from_args(&args.output.format).with_tags(&args.output.tags);
        let output = OutputMode::from_args(&args.output, &format, config.device())?;
        let mut settings = Settings::from_args(&speech, &config.overrides)?;
        settings.format = format;
        let followed = args.live.follow.as_deref();
        let mut source = Source::from_args(&args.text, &args.input, followed, settings.mode)?;
        source = source.reading_live(&args.live, args.input.json_input, reporter)?;
        let options = EngineOptions::from_args(&args.engine, settings.mode, &context.environment);
        let folders = context
            .environment
            .voice_folders(&args.speech.voice.data_dir);
        // Even if no text comes, so that a wrong name does not go unnoticed.
        let parts = Parts::from_args(&args.input.parts, &folders, reporter)?;
        let options = options.with_room_for_voices(parts.divides_texts() || source.has_ssml());
        let voice = folders.find(settings.voice.as_deref(), settings.config.clone())?;
        let voice_files = [voice.model_path(), voice.config_path()];
        let subtitles = SubtitleFiles::from_args(&args.subtitles, &args.output, &voice)?;
        let timings = Timings::from_args(&args.timings, &args.output)?;
        file_uses::check(args, &output, source.files().chain(voice_files))?;
        subtitles.check_existing()?;
        check_existing(output.destinations())?;
        check_formats(output.destinations())?;
        settings.format.encoding_of_stream().format.check()?;
        if !args.input.json_input {
            let formats = output.formats(&settings.format);
            settings.format.check_bitrate(&formats)?;
            let note = settings.format.tags_note(&formats);
            note.into_iter().for_each(|note| reporter.note(note));
        }
        let is_file_per_text = matches!(output, OutputMode::FilePerText(..));
        if is_file_per_text || settings.mode == PiperMode::Strict {
            source = source.by_line();
        }
        let suitable = match source.is_live() {
            true => LineBreaks::Keep,
            false => LineBreaks::Auto,
        };
        settings.set_line_breaks(args.input.reading.line_breaks, suitable);
        let (bookmark, source) = match &args.extent.bookmark {
            Some(path) => Bookmark::open(path, source, &output, reporter)?,
            None => (None, source),
        };
        let input = SpeakInput::from_args(args, source, &settings)?;
        let libraries = context.libraries.clone();
        let environment = &context.environment;
        let identity = || options.identity(environment, &libraries);
        let cancel = CancelToken::new();
        let server = EngineServer::find(&args.connect, environment, identity, reporter, &cancel)?;
        let options = EngineOptions { server, ..options };
        let is_endless = args.live.follow.is_some();
        let options = match output.is_only_heard() && !args.keeps_something() {
            true => options.for_listener(is_endless),
            false => options.with_check(CheckTime::of_run(is_endless)),
        };
        let engine = Engine::new(libraries, folders, options, Arc::clone(reporter));
        if input.uses_stdin() {
            reporter.note_waiting();
        }
        input::note_file_name(&args.text, reporter);
        let events = event::open_output(&args.events)?;
        Ok(Self {
            listeners: Listeners {
                report: events,
                bookmark,
            },
            subtitles,
            timings,
            ahead: args.ahead.blocks.get(),
            existing_file: existing_file(&args.output.destinations),
            pool: BufferPool::new(args.engine.pool_size),
            parts,
            limit: TimeLimit::new(args.extent.max_duration),
            cancel,
            ..Self::new(input, settings, output, engine, Arc::clone(reporter))
        })
    }

    /// Speaks each request into its own file, or else into the common output.
    pub(crate) fn of_requests(
        requests: Vec<Request>,
        settings: Settings,
        output: OutputMode,
        engine: Engine,
        reporter: Arc<Reporter>,
    ) -> Self {
        let input = SpeakInput::Requests(requests);
        Self::new(input, settings, output, engine, reporter)
    }

    fn new(
        input: SpeakInput,
        mut settings: Settings,
        output: OutputMode,
        engine: Engine,
        reporter: Arc<Reporter>,
    ) -> Self {
        if output.is_files_only() {
            settings.optimize_for = OptimizeFor::Throughput;
        }
        Self {
            input,
            settings,
            parts: Parts::none(engine.voice_folders(), &reporter),
            output,
            existing_file: ExistingFile::ReplaceSpeech,
            ahead: DEFAULT_AHEAD.get(),
            pool: BufferPool::default(),
            engine,
            reporter,
            cancel: CancelToken::new(),
            limit: TimeLimit::default(),
            listeners: Listeners::default(),
            subtitles: SubtitleFiles::default(),
            timings: None,
            output_started: Arc::default(),
        }
    }

    /// Speaks all texts, or until a signal arrives. Prints statistics even if
    /// the run fails.
    pub(crate) fn run_until_signal(
        self,
        started: Instant,
        stats_format: Option<StatsArg>,
    ) -> anyhow::Result<Outcome> {
        let output_started = Arc::clone(&self.output_started);
        signals::cancel_on_signal(self.cancel.clone(), move || {
            !output_started.load(Ordering::SeqCst)
        })?;
        let (stats, outcome) = self.run(started);
        if let Some(format) = stats_format {
            self.reporter.raw_line(&stats.render(format));
        }
        drop(self.listeners); // their readers need not wait either
        match outcome {
            Ok(Outcome::Done) if !self.cancel.is_cancelled() => self.engine.check_voices(),
            _ => self.engine.abandon_checks(),
        }
        outcome
    }

    fn run(&self, started: Instant) -> (Stats, anyhow::Result<Outcome>) {
        let mut session = SpeechSession::new(SpeechSessionOptions {
            pool: self.pool.clone(),
            cancel: self.cancel.clone(),
            normalize: self.settings.normalize(),
            loudness_accuracy: self.engine.loudness_accuracy(),
            times: WordTimes::on_if(self.needs_times()),
            ..SpeechSessionOptions::default()
        });
        let progress = session.progress();
        if self.reporter.shows_progress() {
            self.count_chunks(Arc::clone(&progress));
        }
        let mut writer = Writer::new(self, Bar::new(progress, self.limit.max(), &self.reporter));
        let spoken = run_ahead(
            self.ahead,
            &self.cancel,
            |send| self.synthesize_all(&mut session, send),
            |event| Ok(ControlFlow::Continue(writer.handle(event)?)),
        );
        // Finish even after an error: the audio until then is kept.
        let finished = writer.finish(spoken.is_ok());
        self.reporter.unknown_phonemes(session.unknown_phonemes());
        self.reporter.replaced_words(session.stats().replaced_words);
        self.reporter
            .clipped_samples(session.stats().clipped_samples);
        self.parts.report_unknown_names();
        let stats = Stats::new(
            self.pool.stats(),
            self.engine.cache(),
            session.stats(),
            started.elapsed(),
        );
        let is_complete = spoken.is_ok() && !self.limit.is_over();
        let kept = match (&self.listeners.bookmark, &finished) {
            (Some(bookmark), Ok(())) => bookmark.end(is_complete),
            _ => Ok(()),
        };
        let outcome = spoken
            .and(finished)
            .and(kept.map_err(Into::into))
            .map(|()| match self.reporter.has_failed() {
                true => Outcome::Failed,
                false => Outcome::Done,
            });
        let outcome = self.report_end(outcome);
        (stats, outcome)
    }

    /// Reports the end of the run, as its last event.
    fn report_end(&self, outcome: anyhow::Result<Outcome>) -> anyhow::Result<Outcome> {
        let Some(events) = &self.listeners.report else {
            return outcome;
        };
        let reported = events.emit(&Event::of_end(&outcome));
        let outcome = outcome?;
        reported?;
        Ok(outcome)
    }

    /// Returns whether blocks must say which sentence they are of, and its words.
    fn needs_times(&self) -> bool {
        let has_limit = self.limit.max().is_some();
        has_limit || self.tells_places() || !self.subtitles.is_empty()
    }

    /// Returns whether standard output is used for audio or what is told about it.
    fn uses_stdout(&self) -> bool {
        let report = self.listeners.report.as_ref();
        self.output.uses_stdout()
            || report.is_some_and(EventOutput::is_stdout)
            || self.subtitles.uses_stdout()
            || self.timings.as_ref().is_some_and(Timings::is_stdout)
    }

    /// Counts the chunks on another thread, unless the input is live.
    fn count_chunks(&self, progress: Arc<Progress>) {
        let SpeakInput::Text(source) = &self.input else {
            return;
        };
        // The chunks of parts are others than those of the whole text.
        if source.is_live() || self.parts.divides_texts() || source.has_ssml() {
            return;
        }
        let (source, options) = (source.clone(), self.settings.chunks.clone());
        // Without the thread, the bar shows no total.
        _ = threads::spawn("count", move || {
            let passages = source.read().map_while(Result::ok);
            let counts = passages.map(|passage| chunk::split(&passage.text, &options).count());
            progress.set_total_chunks(counts.sum::<usize>() as u64);
        });
    }
}
