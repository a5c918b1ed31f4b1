//! The state of a session, and the commands that change it.

use std::path::PathBuf;
use std::sync::{Arc, PoisonError};
use std::time::Instant;

use piper_rs::audio::BufferPool;
use piper_rs::voice::{Speaker, Voice, VoiceFiles};

use super::command::{self, Command, Line, StatsAction};
use super::completion::CompletionWords;
use super::reply::{CurrentVoice, Reply, SettingValues, VoiceOrigin};
use super::setting::{self, SessionSetting, SessionSettings};
use super::speech_worker::{SessionTotals, SharedTotals};
use super::task::{Task, TypedText};
use super::task_queue::{TaskQueue, WhenFull};
use super::voice_list;
use crate::environment;
use crate::speech::engine::Engine;
use crate::speech::output_format::OutputFormat;
use crate::speech::settings::random_seed;
use crate::speech::sound_format::OutputUse;
use crate::speech::stats::Stats;
use crate::terminal::report::UsageError;

/// The argument of `:voice` for the previous voice.
const PREVIOUS: &str = "-";

/// The state of a session, without the speech thread.
pub(super) struct Session {
    engine: Arc<Engine>,
    pool: BufferPool,
    queue: TaskQueue,
    totals: SharedTotals,
    when_full: WhenFull,
    /// From the command line.
    initial: SessionSettings,
    settings: SessionSettings,
    /// Held here so that the cache cannot drop the current voice.
    voice: Arc<Voice>,
    previous: Option<VoiceChoice>,
}

/// The choice of a voice.
#[derive(Debug, Clone)]
struct VoiceChoice {
    voice: Option<String>,
    config: Option<PathBuf>,
    speaker: Option<Speaker>,
}

/// What a session needs to start.
pub(super) struct SessionParts {
    pub(super) engine: Arc<Engine>,
    pub(super) pool: BufferPool,
    pub(super) queue: TaskQueue,
    pub(super) totals: SharedTotals,
    pub(super) when_full: WhenFull,
    pub(super) settings: SessionSettings,
}

impl Session {
    /// Starts with the voice of the options. Loads everything that speaking needs,
    /// so that a missing file is reported now and not at the first line.
    pub(super) fn start(parts: SessionParts) -> anyhow::Result<(Self, CurrentVoice)> {
        let SessionParts {
            engine,
            pool,
            queue,
            totals,
            when_full,
            settings,
        } = parts;
        let started = Instant::now();
        let voice = engine.voice(&settings.speech)?;
        engine.synthesizer_with(Arc::clone(&voice), &settings.speech)?;
        let now = current_voice(&voice, VoiceOrigin::Loaded, started);
        let session = Self {
            engine,
            pool,
            queue,
            totals,
            when_full,
            initial: settings.clone(),
            settings,
            voice,
            previous: None,
        };
        Ok((session, now))
    }

    /// Returns whether a text is spoken or waits.
    pub(super) fn is_speaking(&self) -> bool {
        self.queue.is_busy()
    }

    /// Executes a line.
    pub(super) fn execute_line(&mut self, line: &str) -> anyhow::Result<Reply> {
        match Line::parse(line)? {
            Line::Empty => Ok(Reply::Nothing),
            Line::Text(text) => {
                let typed = self.typed(text);
                self.enqueue(Task::Speak(Box::new(typed)))
            }
            Line::Command(command) => self.execute(command),
        }
    }

    fn execute(&mut self, command: Command) -> anyhow::Result<Reply> {
        Ok(match command {
            Command::Voice(None) => Reply::Voice(current_voice(
                &self.voice,
                VoiceOrigin::InUse,
                Instant::now(),
            )),
            Command::Voice(Some(name)) => Reply::Voice(self.switch(&name)?),
            Command::Save(file) => {
                let path = environment::expand_home(&file);
                let format = OutputFormat::default();
                let encoding = format.encoding_of(&path, OutputUse::Text)?;
                encoding.format.check()?;
                self.enqueue(Task::Save(path, encoding))?
            }
            Command::Repeat => self.enqueue(Task::Repeat)?,
            Command::Stop => {
                let stopped = self.queue.stop();
                Reply::Stopped {
                    id: stopped.current,
                    dropped: stopped.dropped,
                }
            }
            Command::Skip => Reply::Skipped {
                id: self.queue.skip(),
            },
            Command::Queue => {
                let (speaking, waiting) = self.queue.list();
                Reply::Queue { speaking, waiting }
            }
            Command::Wait => {
                self.queue.wait();
                Reply::Waited
            }
            Command::Voices => Reply::Voices {
                voices: voice_list::list(&self.engine, self.voice.name()),
            },
            Command::Unload(name) => Reply::Unloaded {
                voices: self.unload(name.as_deref())?,
            },
            Command::Stats(action) => {
                let stats = self.stats();
                if action == StatsAction::ShowAndReset {
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

    /// Returns the name of the current voice.
    pub(super) fn voice_name(&self) -> &str {
        self.voice.name()
    }

    /// Returns the words that the prompt completes.
    pub(super) fn completion_words(&self) -> CompletionWords {
        let speakers = self.voice.config().speaker_names().into_iter();
        let installed = self.engine.voice_folders().installed();
        CompletionWords {
            commands: command::names().map(|name| format!(":{name}")).collect(),
            settings: setting::names().map(str::to_owned).collect(),
            voices: installed.iter().map(VoiceFiles::name).collect(),
            speakers: speakers.map(str::to_owned).collect(),
        }
    }

    /// Returns the statistics of the session.
    pub(super) fn stats(&self) -> Stats {
        let totals = *self.totals.lock().unwrap_or_else(PoisonError::into_inner);
        let cache = self.engine.cache();
        Stats::new(self.pool.stats(), cache, totals.stream, totals.synthesis)
    }

    fn reset_stats(&self) {
        *self.totals.lock().unwrap_or_else(PoisonError::into_inner) = SessionTotals::default();
        self.engine.cache().reset_stats();
        self.pool.reset_stats();
    }

    /// Removes a voice from the cache, or all voices. The current text is not
    /// interrupted. Returns how many voices were removed.
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

    fn typed(&self, text: String) -> TypedText {
        let mut settings = self.settings.speech.for_voice(self.voice.name());
        // Chosen now, so that `:repeat` can speak the text the same way again.
        settings.overrides.seed.get_or_insert_with(random_seed);
        TypedText { text, settings }
    }

    fn enqueue(&self, task: Task) -> anyhow::Result<Reply> {
        let queued = self.queue.enqueue(task, self.when_full)?;
        Ok(Reply::Queued {
            id: queued.id,
            ahead: queued.ahead,
        })
    }

    /// Switches to another voice for the next lines. Waiting texts keep their
    /// voice.
    fn switch(&mut self, name: &str) -> anyhow::Result<CurrentVoice> {
        let mut settings = self.settings.clone();
        match name {
            PREVIOUS => {
                let none = || UsageError("there is no previous voice".to_owned());
                let previous = self.previous.clone().ok_or_else(none)?;
                (settings.speech.voice, settings.speech.config) = (previous.voice, previous.config);
                settings.speech.overrides.speaker = previous.speaker;
            }
            name => {
                let path = environment::expand_home(name);
                settings
                    .speech
                    .set_voice(path.to_string_lossy().into_owned());
            }
        }
        let started = Instant::now();
        let files = self.engine.files(
            settings.speech.voice.as_deref(),
            settings.speech.config.clone(),
        )?;
        let origin = match self.engine.cache().is_cached(&files) {
            true => VoiceOrigin::Cached,
            false => VoiceOrigin::Loaded,
        };
        let voice = self.engine.voice(&settings.speech)?;
        let now = current_voice(&voice, origin, started);
        // Check that the voice can speak with these settings.
        self.engine
            .synthesizer_with(Arc::clone(&voice), &settings.speech)?;

        let previous = std::mem::replace(&mut self.settings, settings).speech;
        let previous = VoiceChoice {
            voice: previous.voice,
            config: previous.config,
            speaker: previous.overrides.speaker,
        };
        let old = self
            .engine
            .files(previous.voice.as_deref(), previous.config.clone());
        self.engine.cache().preload(old);
        self.voice = voice;
        self.previous = Some(previous);
        Ok(now)
    }

    /// Changes a setting if there is a value. Returns the setting, or all of them.
    fn set(&mut self, name: Option<&str>, value: Option<&str>) -> anyhow::Result<SettingValues> {
        let setting = name.map(SessionSetting::named).transpose()?;
        if let (Some(setting), Some(value)) = (setting, value) {
            self.change(setting, value)?;
        }
        let speech = &self.settings.speech;
        let resolved = speech.resolve(self.voice.name(), self.voice.config());
        let value = |setting: SessionSetting| {
            let value = setting.get(&self.settings, &resolved.overrides);
            (setting.name().to_owned(), value)
        };
        Ok(match setting {
            Some(setting) => SettingValues::from_iter([value(setting)]),
            None => SessionSetting::all().map(value).collect(),
        })
    }

    fn change(&mut self, setting: SessionSetting, value: &str) -> anyhow::Result<()> {
        let mut settings = self.settings.clone();
        setting.set(&mut settings, &self.initial, value)?;
        // Check that the voice can speak with these settings.
        self.engine
            .synthesizer_with(Arc::clone(&self.voice), &settings.speech)?;
        self.engine.cache().set_limits(settings.cache_limits());
        self.pool.set_max_idle(settings.pool_size());
        self.settings = settings;
        Ok(())
    }
}

fn current_voice(voice: &Voice, origin: VoiceOrigin, started: Instant) -> CurrentVoice {
    CurrentVoice {
        voice: voice.name().to_owned(),
        sample_rate_hz: voice.config().sample_rate.get(),
        speakers: voice.config().num_speakers,
        found: origin,
        ms: started.elapsed().as_secs_f64() * 1000.0,
    }
}
