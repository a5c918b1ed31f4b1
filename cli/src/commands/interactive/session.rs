//! What a session knows, and how it obeys a line.

use std::sync::{Arc, PoisonError};
use std::time::Instant;

use piper_rs::audio::BufferPool;
use piper_rs::chunk::LineBreaks;
use piper_rs::voice::{Voice, VoiceFiles, installed};

use super::command::{self, Command, Counts, Input};
use super::completion::Words;
use super::narrator::{SharedTotals, Totals};
use super::player::{Player, WhenFull};
use super::reply::{Found, Reply, Values, VoiceNow};
use super::setting::{self, Flags, Setting};
use super::task::{Task, Utterance};
use super::voices;
use crate::args::VoiceArgs;
use crate::environment;
use crate::speech::engine::Engine;
use crate::speech::settings::{PiperMode, Settings, random_seed};
use crate::speech::stats::Stats;
use crate::terminal::report::UsageError;

/// The name that means the voice before.
const PREVIOUS: &str = "-";

/// Everything but the speaking thread.
pub(super) struct Session {
    engine: Arc<Engine>,
    pool: BufferPool,
    player: Player,
    totals: SharedTotals,
    when_full: WhenFull,
    initial: Flags,
    flags: Flags,
    settings: Settings,
    /// Held, so that nothing lets go of it while it is the one to speak.
    voice: Arc<Voice>,
    previous: Option<VoiceArgs>,
}

/// What a session is made of.
pub(super) struct Parts {
    pub(super) engine: Arc<Engine>,
    pub(super) pool: BufferPool,
    pub(super) player: Player,
    pub(super) totals: SharedTotals,
    pub(super) when_full: WhenFull,
    pub(super) flags: Flags,
}

impl Session {
    /// Starts with the voice of the flags, loaded, and all else that speaking
    /// needs: what is missing should not be found out later.
    pub(super) fn start(parts: Parts) -> anyhow::Result<(Self, VoiceNow)> {
        let Parts {
            engine,
            pool,
            player,
            totals,
            when_full,
            flags,
        } = parts;
        let settings = settings(&flags)?;
        let begun = Instant::now();
        let voice = engine.voice(&settings)?;
        let settings = settings.for_voice(voice.name());
        engine.synthesizer_with(Arc::clone(&voice), &settings)?;
        let now = voice_now(&voice, Found::Loaded, begun);
        let session = Self {
            engine,
            pool,
            player,
            totals,
            when_full,
            initial: flags.clone(),
            flags,
            settings,
            voice,
            previous: None,
        };
        Ok((session, now))
    }

    /// Does what a line says.
    pub(super) fn obey(&mut self, line: &str) -> anyhow::Result<Reply> {
        match Input::parse(line)? {
            Input::Nothing => Ok(Reply::Nothing),
            Input::Text(text) => {
                let utterance = self.utterance(text);
                self.enqueue(Task::Say(Box::new(utterance)))
            }
            Input::Command(command) => self.execute(command),
        }
    }

    fn execute(&mut self, command: Command) -> anyhow::Result<Reply> {
        Ok(match command {
            Command::Voice(None) => {
                Reply::Voice(voice_now(&self.voice, Found::InUse, Instant::now()))
            }
            Command::Voice(Some(name)) => Reply::Voice(self.switch(&name)?),
            Command::Save(file) => self.enqueue(Task::Save(environment::expand_home(&file)))?,
            Command::Repeat => self.enqueue(Task::Repeat)?,
            Command::Stop => {
                let stopped = self.player.stop();
                Reply::Stopped {
                    id: stopped.current,
                    dropped: stopped.dropped,
                }
            }
            Command::Skip => Reply::Skipped {
                id: self.player.skip(),
            },
            Command::Queue => {
                let (speaking, waiting) = self.player.list();
                Reply::Queue { speaking, waiting }
            }
            Command::Wait => {
                self.player.wait();
                Reply::Waited
            }
            Command::Voices => Reply::Voices {
                voices: voices::list(&self.engine, self.voice.name()),
            },
            Command::Unload(name) => Reply::Unloaded {
                voices: self.unload(name.as_deref())?,
            },
            Command::Stats(counts) => {
                let stats = self.stats();
                if counts == Counts::Reset {
                    self.reset_stats();
                }
                Reply::Stats(Box::new(stats))
            }
            Command::Set(name, value) => Reply::Settings {
                settings: self.set(name.as_deref(), value.as_deref())?,
            },
            Command::Help => Reply::Help {
                help: command::help(),
            },
            Command::Quit => Reply::Bye,
        })
    }

    /// Returns the name of the voice that speaks next.
    pub(super) fn voice_name(&self) -> &str {
        self.voice.name()
    }

    /// Returns what could be typed now.
    pub(super) fn words(&self) -> Words {
        let config = self.voice.config();
        let mut speakers: Vec<_> = config.speaker_id_map.keys().cloned().collect();
        speakers.sort_unstable();
        let installed = installed(self.engine.voice_folders());
        Words {
            commands: command::names().map(|name| format!(":{name}")).collect(),
            settings: setting::names().map(str::to_owned).collect(),
            voices: installed.iter().map(VoiceFiles::name).collect(),
            speakers,
        }
    }

    /// Returns the numbers of the session.
    pub(super) fn stats(&self) -> Stats {
        let totals = *self.totals.lock().unwrap_or_else(PoisonError::into_inner);
        let cache = self.engine.cache().stats();
        Stats::new(self.pool.stats(), cache, totals.stream, totals.making)
    }

    fn reset_stats(&self) {
        *self.totals.lock().unwrap_or_else(PoisonError::into_inner) = Totals::default();
        self.engine.cache().reset_stats();
        self.pool.reset_stats();
    }

    /// Lets go of a loaded voice, or of all; whoever speaks, finishes.
    fn unload(&self, name: Option<&str>) -> piper_rs::Result<usize> {
        let cache = self.engine.cache();
        Ok(match name {
            Some(name) => {
                let path = environment::expand_home(name);
                let files = self.engine.files(Some(&path.to_string_lossy()), None)?;
                usize::from(cache.evict(&files))
            }
            None => {
                let voices = cache.stats().voices;
                cache.clear();
                voices
            }
        })
    }

    /// Loads voices in the background.
    pub(super) fn preload(&self, voices: &[String]) -> piper_rs::Result<()> {
        let found: Result<Vec<_>, _> = voices
            .iter()
            .map(|name| self.engine.files(Some(name), None))
            .collect();
        self.engine.cache().preload(found?);
        Ok(())
    }

    fn utterance(&self, text: String) -> Utterance {
        let mut settings = self.settings.clone();
        // Drawn now, so that the same reading can be had again.
        settings.seed = Some(settings.seed.unwrap_or_else(random_seed));
        Utterance { text, settings }
    }

    fn enqueue(&self, task: Task) -> anyhow::Result<Reply> {
        let ticket = self.player.enqueue(task, self.when_full)?;
        Ok(Reply::Queued {
            id: ticket.id,
            ahead: ticket.ahead,
        })
    }

    /// Makes another voice speak what is typed from now on; what waits keeps
    /// its voice.
    fn switch(&mut self, name: &str) -> anyhow::Result<VoiceNow> {
        let asked = match name {
            PREVIOUS => {
                let none = || UsageError("there was no voice before this one".to_owned());
                self.previous.clone().ok_or_else(none)?
            }
            name => self.voice_args(name),
        };
        let begun = Instant::now();
        let files = self
            .engine
            .files(asked.voice.as_deref(), asked.config.clone())?;
        let found = match self.engine.cache().is_cached(&files) {
            true => Found::Cached,
            false => Found::Loaded,
        };
        let mut flags = self.flags.clone();
        flags.style.voice = asked;
        let settings = settings(&flags)?;
        let voice = self.engine.voice(&settings)?;
        let settings = settings.for_voice(voice.name());
        let now = voice_now(&voice, found, begun);
        // Only to see that it can speak.
        self.engine
            .synthesizer_with(Arc::clone(&voice), &settings)?;

        let previous = std::mem::replace(&mut self.flags, flags).style.voice;
        let old = self
            .engine
            .files(previous.voice.as_deref(), previous.config.clone());
        self.engine.cache().preload(old);
        (self.settings, self.voice) = (settings, voice);
        self.previous = Some(previous);
        Ok(now)
    }

    /// Returns what a voice's name stands for: a config or a speaker of the
    /// command line is another voice's.
    fn voice_args(&self, name: &str) -> VoiceArgs {
        let path = environment::expand_home(name);
        VoiceArgs {
            voice: Some(path.to_string_lossy().into_owned()),
            config: None,
            speaker: None,
            ..self.flags.style.voice.clone()
        }
    }

    /// Changes a setting if there is a value; returns those asked for.
    fn set(&mut self, name: Option<&str>, value: Option<&str>) -> anyhow::Result<Values> {
        let setting = name.map(Setting::named).transpose()?;
        if let (Some(setting), Some(value)) = (setting, value) {
            self.change(setting, value)?;
        }
        let voice = self.settings.speak_options(self.voice.config());
        let value = |setting: Setting| {
            let value = setting.value(&self.flags, &self.settings, &voice);
            (setting.name().to_owned(), value)
        };
        Ok(match setting {
            Some(setting) => Values::from_iter([value(setting)]),
            None => Setting::all().map(value).collect(),
        })
    }

    fn change(&mut self, setting: Setting, value: &str) -> anyhow::Result<()> {
        let mut flags = self.flags.clone();
        setting.change(&mut flags, &self.initial, value)?;
        let settings = settings(&flags)?.for_voice(self.voice.name());
        // Only to see that the voice can speak so.
        self.engine
            .synthesizer_with(Arc::clone(&self.voice), &settings)?;
        self.engine.cache().set_limits(flags.engine.cache_limits());
        self.pool.set_max_idle(flags.engine.pool_size);
        (self.flags, self.settings) = (flags, settings);
        Ok(())
    }
}

fn settings(flags: &Flags) -> Result<Settings, UsageError> {
    let mut settings = Settings::from_args(&flags.style)?;
    if settings.fidelity == PiperMode::Improved {
        // Only a pasted text has more than one line.
        settings.chunks.line_breaks = LineBreaks::Auto;
    }
    Ok(settings)
}

fn voice_now(voice: &Voice, found: Found, begun: Instant) -> VoiceNow {
    VoiceNow {
        voice: voice.name().to_owned(),
        sample_rate_hz: voice.config().sample_rate.get(),
        speakers: voice.config().num_speakers,
        found,
        ms: begun.elapsed().as_secs_f64() * 1000.0,
    }
}
