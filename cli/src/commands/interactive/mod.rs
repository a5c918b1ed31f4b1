//! `piper-rs interactive`: speaks each typed line while the next one is typed.
//!
//! There are two threads. The main thread reads lines (`prompt`, `script`) and
//! executes them (`repl`, `session`). The speech thread (`speech_worker`) takes
//! tasks from a queue (`task_queue`), one after the other. Both report through
//! `messages`.

mod command;
mod completion;
#[cfg(test)]
mod fake_task_handler;
mod highlight;
mod input;
mod interrupt_policy;
mod messages;
mod outputs;
mod prompt;
mod recording;
mod repl;
mod reply;
mod script;
mod session;
mod setting;
mod signals;
mod speech_worker;
mod task;
mod task_queue;
mod voice_list;

use std::io::IsTerminal as _;
use std::sync::Arc;

use piper_rs::CancelToken;
use piper_rs::audio::BufferPool;
use piper_rs::chunk::LineBreaks;

use self::highlight::Highlight;
use self::input::{InputMode, LineReader};
use self::interrupt_policy::InterruptPolicy;
use self::messages::{Event, Format, Messages};
use self::outputs::Outputs;
use self::prompt::Prompt;
use self::repl::Repl;
use self::reply::CurrentVoice;
use self::script::Script;
use self::session::{Session, SessionParts};
use self::setting::SessionSettings;
use self::signals::SignalHandler;
use self::speech_worker::{SharedTotals, SpeechWorker};
use self::task_queue::{TaskQueue, WhenFull};
use crate::args::InteractiveArgs;
use crate::commands::Context;
use crate::environment::{no_color, terminal_is_dumb};
use crate::speech::destination::{Destination, check_existing, check_formats, existing_file};
use crate::speech::engine::Engine;
use crate::speech::engine_options::EngineOptions;
use crate::speech::output_format::OutputFormat;
use crate::speech::settings::{Settings, piper_mode};
use crate::speech::source;
use crate::terminal::report::{Outcome, Reporter, UsageError};

pub(crate) use self::command::commands;
pub(crate) use self::setting::names as settings;

/// Runs the command.
pub(crate) fn interactive(args: &InteractiveArgs, context: &Context) -> anyhow::Result<Outcome> {
    let reporter = &context.reporter;
    let destinations = Destination::all_from_args(
        &args.destinations,
        &OutputFormat::default(),
        context.config.device(),
    )?;
    check_existing(&destinations)?;
    check_formats(&destinations)?;
    let writes_stdout = |one: &Destination| matches!(one, Destination::Stdout(_));
    if args.json && destinations.iter().any(writes_stdout) {
        let message = "--json and audio cannot both use standard output; use `-o FILE`";
        return Err(UsageError(message.to_owned()).into());
    }
    let (format, input_mode) = match args.json {
        true => (Format::Json, InputMode::Script),
        false if std::io::stdin().is_terminal() => (Format::Text, InputMode::Terminal),
        false => (Format::Text, InputMode::Script),
    };
    let encoding = source::encoding(args.encoding.as_deref())?;
    let messages = Messages::new(format, Arc::clone(reporter));
    let leave = CancelToken::new();
    let outputs = Outputs::new(destinations, leave.clone());
    let highlight = match input_mode {
        InputMode::Terminal if shows_highlight(reporter) => Some(Highlight::default()),
        InputMode::Terminal | InputMode::Script => None,
    };
    let worker = SpeechWorker {
        highlight: highlight.clone(),
        ..speech_worker(args, context, &messages, outputs)
    };
    let engine = Arc::clone(&worker.engine);
    let (mut session, voice, queue) = start(args, context, worker, input_mode)?;
    session.preload(&args.preload)?;

    let interrupts = InterruptPolicy::default();
    SignalHandler {
        queue: queue.clone(),
        leave: leave.clone(),
        interrupts: interrupts.clone(),
        input_mode,
    }
    .install()?;
    let mut lines: Box<dyn LineReader> = match input_mode {
        InputMode::Terminal => {
            let history = context.environment.history().filter(|_| !args.no_history);
            Box::new(Prompt::open(history, highlight, reporter)?)
        }
        InputMode::Script => Box::new(Script::new(encoding, leave.clone())),
    };
    messages.event(&Event::Ready(voice));
    let outcome = Repl {
        session: &mut session,
        queue: &queue,
        messages: &messages,
        reporter,
        leave: &leave,
        interrupts,
        input_mode,
    }
    .run(&mut *lines);
    if !matches!(outcome, Ok(Outcome::Done)) {
        queue.stop();
        leave.cancel();
    }
    queue.finish();
    if let Some(format) = args.engine.stats {
        reporter.raw_line(&session.stats().render(format));
    }
    let outcome = match outcome? {
        Outcome::Done if input_mode == InputMode::Script && reporter.has_failed() => {
            Outcome::Failed
        }
        outcome => outcome,
    };
    if matches!(outcome, Outcome::Done) {
        leave.cancel(); // a signal ends the program at once
        engine.check_voices();
    }
    Ok(outcome)
}

/// Returns whether the word that is spoken may be highlighted: a screen reader would read
/// it again.
fn shows_highlight(reporter: &Reporter) -> bool {
    reporter.shows_progress() && !no_color() && !terminal_is_dumb()
}

fn speech_worker(
    args: &InteractiveArgs,
    context: &Context,
    messages: &Messages,
    outputs: Outputs,
) -> SpeechWorker {
    let mode = piper_mode(args.speech.strict_piper);
    let options = EngineOptions::from_args(&args.engine, mode, &context.environment);
    let folders = context
        .environment
        .voice_folders(&args.speech.voice.data_dir);
    let reporter = &context.reporter;
    let engine = Engine::new(
        context.libraries.clone(),
        folders,
        options,
        Arc::clone(reporter),
    );
    SpeechWorker {
        engine: Arc::new(engine),
        pool: BufferPool::new(args.engine.pool_size),
        ahead: args.ahead.blocks.get(),
        existing_file: existing_file(&args.destinations),
        outputs,
        messages: messages.clone(),
        highlight: None,
        reporter: Arc::clone(reporter),
        totals: SharedTotals::default(),
        last: None,
    }
}

/// Starts the speech thread and the session.
fn start(
    args: &InteractiveArgs,
    context: &Context,
    worker: SpeechWorker,
    input_mode: InputMode,
) -> anyhow::Result<(Session, CurrentVoice, TaskQueue)> {
    let mut speech = Settings::from_args(&args.speech, &context.config.overrides)?;
    // A line is usually one line; a pasted text can have more.
    speech.set_line_breaks(None, LineBreaks::Auto);
    let engine = Arc::clone(&worker.engine);
    let (pool, totals) = (worker.pool.clone(), Arc::clone(&worker.totals));
    let queue = TaskQueue::start(worker)?;
    let (session, voice) = Session::start(SessionParts {
        engine,
        pool,
        queue: queue.clone(),
        totals,
        when_full: match input_mode {
            InputMode::Terminal => WhenFull::Refuse,
            InputMode::Script => WhenFull::Wait,
        },
        settings: SessionSettings::new(speech, &args.engine),
    })?;
    Ok((session, voice, queue))
}
