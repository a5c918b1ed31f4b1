//! The main thread: executes the server's commands.

use std::io::BufRead;
use std::sync::Arc;
use std::sync::mpsc::Sender;

use piper_rs::speechd::{Command, CommandReader, MessageKind, SettingLines, TextLines};
use piper_rs::voice::VoiceConfig;
use piper_rs::{CancelToken, Error};

use super::connection::Connection;
use super::message::Message;
use super::settings::ServerSettings;
use super::voice_list::VoiceList;
use crate::environment::VoiceFolders;
use crate::speech::settings::Settings;
use crate::terminal::report::{Outcome, Reporter};

/// One run of a module.
pub(super) struct Session<R> {
    pub(super) reader: CommandReader<R>,
    pub(super) connection: Arc<Connection>,
    /// To the speech thread.
    pub(super) messages: Sender<Message>,
    pub(super) folders: VoiceFolders,
    pub(super) voices: Arc<VoiceList>,
    /// Of the options and the config file.
    pub(super) settings: Settings,
    pub(super) reporter: Arc<Reporter>,
}

/// What changes while the commands come.
#[derive(Default)]
struct Current {
    settings: ServerSettings,
    /// Of the last message.
    cancel: CancelToken,
    last_id: u64,
}

/// Whether more commands are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flow {
    Continue,
    End,
}

impl<R: BufRead> Session<R> {
    /// Executes commands until the server is gone.
    pub(super) fn run(mut self) -> anyhow::Result<Outcome> {
        let mut current = Current::default();
        let ended = self.execute_all(&mut current);
        // Before the speech thread is waited for. The reply to QUIT came after that.
        current.cancel.cancel();
        ended.map(|()| Outcome::Done)
    }

    fn execute_all(&mut self, current: &mut Current) -> anyhow::Result<()> {
        while let Some(command) = self.read(CommandReader::command)? {
            if self.execute(command, current)? == Flow::End {
                break;
            }
        }
        Ok(())
    }

    fn execute(&mut self, command: Command, current: &mut Current) -> anyhow::Result<Flow> {
        match command {
            Command::Init => self.init()?,
            Command::Audio => {
                return self.receive_settings("207 OK RECEIVING AUDIO SETTINGS", |pairs| {
                    // The server plays what it gets; no device is opened here.
                    let is_server =
                        |(name, value): &(_, _)| name == "audio_output_method" && value == "server";
                    let all = pairs.iter().all(is_server) && !pairs.is_empty();
                    all.then_some("203 OK AUDIO INITIALIZED")
                });
            }
            Command::LogLevel => {
                // What is logged depends on --quiet and --verbose.
                return self.receive_settings("207 OK RECEIVING LOGLEVEL SETTINGS", |_| {
                    Some("203 OK LOGLEVEL SET")
                });
            }
            Command::Set => {
                return self.receive_settings("203 OK RECEIVING SETTINGS", |pairs| {
                    let mut set = pairs.iter().map(|(n, v)| current.settings.set(n, v));
                    set.try_fold((), |(), set| set).ok()?;
                    Some("203 OK SETTINGS RECEIVED")
                });
            }
            Command::Speak(kind) => return self.receive_message(kind, current),
            Command::Stop => {
                // Not behind an event that is being written.
                current.cancel.cancel();
                self.connection.stop()?;
            }
            Command::Pause => self.connection.pause(),
            Command::ListVoices { language, variant } => {
                let (language, variant) = (language.as_deref(), variant.as_deref());
                let reply = self.voices.reply(language, variant);
                self.connection.reply(&reply)?;
            }
            Command::Debug(Some(_)) => self.connection.reply("303 CANT OPEN CUSTOM DEBUG FILE")?,
            Command::Debug(None) => self.connection.reply("200 OK DEBUGGING OFF")?,
            Command::Quit => {
                current.cancel.cancel();
                self.connection.stop()?;
                self.connection.reply("210 OK QUIT")?;
                return Ok(Flow::End);
            }
            Command::Unknown => self.connection.reply("300 ERR UNKNOWN COMMAND")?,
        }
        Ok(Flow::Continue)
    }

    /// Says which voice speaks by default, or why the module cannot be used.
    fn init(&self) -> anyhow::Result<()> {
        let (voice, config) = (self.settings.voice.as_deref(), self.settings.config.clone());
        let found = self.folders.find(voice, config);
        let found = found.and_then(|files| VoiceConfig::of(&files).map(|_| files.name()));
        match found {
            Ok(name) => {
                let version = env!("CARGO_PKG_VERSION");
                let reply =
                    format!("299-piper-rs {version}, voice {name}\n299 OK LOADED SUCCESSFULLY");
                self.connection.reply(&reply)?;
                Ok(())
            }
            Err(error) => {
                let reason = error.to_string().replace('\n', " ");
                let reply = format!("399-{reason}\n399 ERR CANT INIT MODULE");
                self.connection.reply(&reply)?;
                Err(error.into())
            }
        }
    }

    /// Receives settings. `set` returns the reply, unless a value is wrong.
    fn receive_settings(
        &mut self,
        ready: &str,
        set: impl FnOnce(&[(String, String)]) -> Option<&'static str>,
    ) -> anyhow::Result<Flow> {
        self.connection.reply(ready)?;
        let Some(SettingLines { pairs, malformed }) = self.read(CommandReader::settings)? else {
            return Ok(Flow::End);
        };
        let reply = match set(&pairs) {
            None => {
                self.reporter.detail(|| format!("refused: {pairs:?}"));
                "303 ERROR INVALID PARAMETER OR VALUE"
            }
            _ if malformed > 0 => "302 ERROR BAD SYNTAX",
            Some(reply) => reply,
        };
        self.connection.reply(reply)?;
        Ok(Flow::Continue)
    }

    fn receive_message(
        &mut self,
        kind: MessageKind,
        current: &mut Current,
    ) -> anyhow::Result<Flow> {
        self.connection.reply("202 OK RECEIVING MESSAGE")?;
        let Some(text) = self.read(CommandReader::message)? else {
            return Ok(Flow::End);
        };
        let text = match text {
            TextLines::Text(text) => text,
            TextLines::TooLong => {
                self.reporter
                    .note("a message of more than 4 MiB is not spoken");
                String::new()
            }
        };
        if text.is_empty() {
            self.connection.reply("301 ERROR CANT SPEAK")?;
            return Ok(Flow::Continue);
        }
        if kind != MessageKind::Text && text.contains('\n') {
            self.connection.reply("305 DATA MORE THAN ONE LINE")?;
            return Ok(Flow::Continue);
        }
        let (id, cancel) = (current.last_id + 1, CancelToken::new());
        if !self.connection.accept(id, &cancel)? {
            self.connection.reply("301 ERROR CANT SPEAK")?;
            return Ok(Flow::Continue);
        }
        (current.last_id, current.cancel) = (id, cancel.clone());
        let message = Message {
            id,
            kind,
            text,
            settings: current.settings.clone(),
            cancel,
        };
        match self.messages.send(message) {
            Ok(()) => Ok(Flow::Continue),
            // The speech thread has failed; the caller tells why.
            Err(_) => Ok(Flow::End),
        }
    }

    fn read<T>(
        &mut self,
        read: impl FnOnce(&mut CommandReader<R>) -> std::io::Result<T>,
    ) -> Result<T, Error> {
        read(&mut self.reader).map_err(|source| Error::Input {
            origin: "standard input".to_owned(),
            source,
        })
    }
}
