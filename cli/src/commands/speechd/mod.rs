//! `piper-rs speechd`: an output module of speech-dispatcher, which Orca speaks with.
//!
//! There are two threads. The main thread reads commands (`session`), replies and stops
//! (`connection`). The speech thread (`speaker`) makes the audio of one message after the
//! other; `marks` tells when their marks are reached. Whatever either of them writes goes
//! through `connection`, which knows the current message, so that each message ends once
//! and nothing of it follows its end.

mod connection;
mod marks;
mod message;
mod server_sink;
mod session;
mod settings;
mod speaker;
mod voice_list;

use std::io::IsTerminal as _;
use std::sync::{Arc, mpsc};

use piper_rs::audio::BufferPool;
use piper_rs::speechd::CommandReader;
use piper_rs::{PiperMode, threads};

use self::connection::Connection;
use self::session::Session;
use self::speaker::Speaker;
use self::voice_list::VoiceList;
use crate::args::SpeechdArgs;
use crate::commands::Context;
use crate::speech::engine::Engine;
use crate::speech::engine_options::EngineOptions;
use crate::speech::parts::Parts;
use crate::speech::settings::Settings;
use crate::speech::voice_checks::CheckTime;
use crate::terminal::report::{Outcome, UsageError};
use crate::terminal::stdout::limit_pipe;

/// What waits in the pipe to the server is read before a stop is: by the byte, some 64 kB
/// take 150 ms.
const MAX_UNREAD_BYTES: usize = 8192;

/// Runs the command.
pub(crate) fn speechd(args: &SpeechdArgs, context: &Context) -> anyhow::Result<Outcome> {
    let reporter = &context.reporter;
    let settings = Settings::from_args(&args.speech, &context.config.overrides)?;
    if settings.mode == PiperMode::Strict {
        let message = "speech-dispatcher sends SSML, which --strict-piper does not know";
        return Err(UsageError(message.to_owned()).into());
    }
    if std::io::stdin().is_terminal() {
        reporter.note(
            "this is for speech-dispatcher, which writes commands to standard input; \
             `piper-rs interactive` is for people",
        );
    }
    let folders = context
        .environment
        .voice_folders(&args.speech.voice.data_dir);
    let options = EngineOptions::from_args(&args.engine, settings.mode, &context.environment);
    let options = options.with_check(CheckTime::Beside);
    let engine = Engine::new(
        context.libraries.clone(),
        folders.clone(),
        options,
        Arc::clone(reporter),
    );
    limit_pipe(MAX_UNREAD_BYTES);
    let voices = Arc::new(VoiceList::new(folders.clone(), &args.names.voice_name));
    let connection = Arc::new(Connection::default());
    let speaker = Speaker {
        engine,
        parts: Parts::none(&folders, reporter),
        voices: Arc::clone(&voices),
        settings: settings.clone(),
        pool: BufferPool::new(args.engine.pool_size),
        stats: args.engine.stats,
        connection: Arc::clone(&connection),
        reporter: Arc::clone(reporter),
    };
    let (messages, waiting) = mpsc::channel();
    let speech = threads::spawn("speech", move || speaker.run(&waiting))?;
    let ended = Session {
        reader: CommandReader::new(std::io::stdin().lock()),
        connection,
        messages,
        folders,
        voices,
        settings,
        reporter: Arc::clone(reporter),
    }
    .run();
    // Voices are unloaded before the program ends.
    if let Err(panic) = speech.join() {
        std::panic::resume_unwind(panic);
    }
    ended
}
