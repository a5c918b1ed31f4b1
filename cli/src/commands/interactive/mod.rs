//! `piper-rs interactive`: what is typed is spoken, while more is typed.
//!
//! Two threads: one reads lines (`prompt`, `script`) and obeys them
//! (`session`), the other does the tasks of a queue (`player`) one by one
//! (`narrator`). Both say what they did through `message`.

mod command;
mod completion;
mod message;
mod narrator;
mod outputs;
mod player;
mod press;
mod prompt;
mod recording;
mod reply;
mod script;
mod session;
mod setting;
mod signals;
mod task;
mod voices;

use std::io::IsTerminal as _;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Instant;

use piper_rs::CancelToken;
use piper_rs::audio::BufferPool;

use self::message::{Event, Format, Teller};
use self::narrator::{Narrator, SharedTotals};
use self::outputs::Outputs;
use self::player::{NotTaken, Player, WhenFull};
use self::press::{Press, Presses};
use self::prompt::Prompt;
use self::reply::{Reply, VoiceNow};
use self::script::Script;
use self::session::{Parts, Session};
use self::setting::Flags;
use self::signals::Signals;
use crate::args::InteractiveArgs;
use crate::environment::Environment;
use crate::speech::engine::{Engine, EngineOptions, Libraries};
use crate::speech::output::Place;
use crate::speech::source;
use crate::terminal::report::{Outcome, Reporter, UsageError};

/// Where lines come from.
trait ReadLines {
    /// Waits for the next line.
    fn read(&mut self, session: &Session) -> anyhow::Result<Read>;
}

enum Read {
    Line(String),
    /// Ctrl-C, or a signal.
    Interrupt,
    End,
}

/// Who types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Typist {
    /// Somebody at a terminal.
    Person,
    Script,
}

/// Runs the command.
pub(crate) fn interactive(
    args: &InteractiveArgs,
    libraries: Libraries,
    environment: &Environment,
    reporter: &Arc<Reporter>,
) -> anyhow::Result<Outcome> {
    let places_for_sound = Place::all_from_args(&args.place)?;
    let writes_stdout = |place: &Place| matches!(place, Place::Stdout(_));
    if args.json && places_for_sound.iter().any(writes_stdout) {
        let message = "--json and sound cannot both have standard output: use `-o FILE`";
        return Err(UsageError(message.to_owned()).into());
    }
    let (format, typist) = match args.json {
        true => (Format::Json, Typist::Script),
        false if std::io::stdin().is_terminal() => (Format::Text, Typist::Person),
        false => (Format::Text, Typist::Script),
    };
    let encoding = source::encoding(args.encoding.as_deref())?;
    let teller = Teller::new(format, Arc::clone(reporter));
    let leave = CancelToken::new();
    let outputs = Outputs::new(places_for_sound, leave.clone());
    let narrator = narrator(args, libraries, environment, reporter, &teller, outputs);
    let (mut session, voice, player) = start(args, narrator, typist)?;
    session.preload(&args.preload)?;

    let presses = Presses::default();
    Signals {
        player: player.clone(),
        leave: leave.clone(),
        presses: presses.clone(),
        typist,
    }
    .handle();
    let mut lines: Box<dyn ReadLines> = match typist {
        Typist::Person => {
            let history = environment.history().filter(|_| !args.no_history);
            Box::new(Prompt::open(history, reporter)?)
        }
        Typist::Script => Box::new(Script::new(encoding, leave.clone())),
    };
    teller.event(&Event::Ready(voice));
    let outcome = Conversation {
        session: &mut session,
        player: &player,
        teller: &teller,
        reporter,
        leave: &leave,
        presses,
        typist,
    }
    .hold(&mut *lines);
    if !matches!(outcome, Ok(Outcome::Done)) {
        player.stop();
        leave.cancel();
    }
    player.finish();
    if let Some(format) = args.engine.stats {
        reporter.raw_line(&session.stats().render(format));
    }
    Ok(match outcome? {
        Outcome::Done if typist == Typist::Script && reporter.has_failed() => Outcome::Failed,
        outcome => outcome,
    })
}

fn narrator(
    args: &InteractiveArgs,
    libraries: Libraries,
    environment: &Environment,
    reporter: &Arc<Reporter>,
    teller: &Teller,
    outputs: Outputs,
) -> Narrator {
    let options = EngineOptions::from_args(&args.engine, environment);
    let folders = environment.voice_folders(&args.style.voice.data_dir);
    let engine = Engine::new(libraries, folders, options, Arc::clone(reporter));
    Narrator {
        engine: Arc::new(engine),
        pool: BufferPool::new(args.engine.pool_size),
        ahead: args.ahead.get(),
        outputs,
        teller: teller.clone(),
        reporter: Arc::clone(reporter),
        totals: SharedTotals::default(),
        last: None,
    }
}

/// Starts the speaking thread and the session.
fn start(
    args: &InteractiveArgs,
    narrator: Narrator,
    typist: Typist,
) -> anyhow::Result<(Session, VoiceNow, Player)> {
    let engine = Arc::clone(&narrator.engine);
    let (pool, totals) = (narrator.pool.clone(), Arc::clone(&narrator.totals));
    let player = Player::start(narrator)?;
    let (session, voice) = Session::start(Parts {
        engine,
        pool,
        player: player.clone(),
        totals,
        when_full: match typist {
            Typist::Person => WhenFull::Refuse,
            Typist::Script => WhenFull::Wait,
        },
        flags: Flags {
            style: args.style.clone(),
            engine: args.engine.clone(),
        },
    })?;
    Ok((session, voice, player))
}

/// Lines read and obeyed, one after the other.
struct Conversation<'a> {
    session: &'a mut Session,
    player: &'a Player,
    teller: &'a Teller,
    reporter: &'a Reporter,
    leave: &'a CancelToken,
    presses: Presses,
    typist: Typist,
}

impl Conversation<'_> {
    /// Goes on until somebody leaves: `Done` where what is queued should
    /// still be said.
    fn hold(&mut self, lines: &mut dyn ReadLines) -> anyhow::Result<Outcome> {
        while !self.leave.is_cancelled() {
            match lines.read(self.session)? {
                Read::End => return Ok(Outcome::Done),
                Read::Interrupt if self.typist == Typist::Script => break,
                Read::Interrupt => match self.press() {
                    Press::Leave => break,
                    Press::Stop => _ = self.obey(":stop"),
                    Press::Hint => self.reporter.note("Ctrl-C again leaves"),
                },
                Read::Line(line) => {
                    self.presses.forget();
                    if self.obey(&line).is_break() {
                        return Ok(Outcome::Done);
                    }
                }
            }
        }
        Ok(Outcome::Interrupted)
    }

    fn press(&self) -> Press {
        self.presses.press(Instant::now(), self.player.is_busy())
    }

    /// Does what a line says, and replies; `Break` where nothing more can be
    /// done.
    fn obey(&mut self, line: &str) -> ControlFlow<()> {
        let reply = match self.session.obey(line) {
            Ok(reply) => reply,
            // Whoever listened has gone: no error, as in any pipe.
            Err(error) if error.is::<NotTaken>() && !self.player.is_open() => {
                return ControlFlow::Break(());
            }
            Err(error) => {
                self.teller.refused(&error);
                return ControlFlow::Continue(());
            }
        };
        self.teller.reply(&reply);
        match reply {
            Reply::Bye => {
                self.player.stop();
                ControlFlow::Break(())
            }
            _ => ControlFlow::Continue(()),
        }
    }
}
