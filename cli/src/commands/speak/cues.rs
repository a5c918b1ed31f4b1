//! `--at-cue-times`: speaks each cue of subtitles at its time.

use std::time::Duration;

use piper_rs::audio::{AudioBlock, BlockKind, SampleRate, duration_of, samples_in};
use piper_rs::document::Block;
use piper_rs::subtitles::clock_text;
use piper_rs::synth::{SpeechSession, Synthesizer};
use piper_rs::voice::Speed;

use super::synthesis::Send;
use super::{AudioEvent, Speak};
use crate::speech::place::PassagePlace;
use crate::speech::settings::Settings;
use crate::speech::source::Source;
use crate::terminal::report::{Reporter, UsageError};

/// How many cues that are too long are named; the others are counted.
const MAX_NAMED: u64 = 5;
/// The longest speech that is held until it is known whether it fits.
const MAX_HELD: Duration = Duration::from_secs(600);
/// A later cue is a mistake: its silence would fill the disk.
const LATEST: Duration = Duration::from_secs(24 * 3600);
/// Silence is sent in pieces.
const SILENCE: Duration = Duration::from_secs(1);

/// What became of the cues so far.
struct Track<'a> {
    rate: SampleRate,
    /// How many samples were sent.
    position: usize,
    /// How many cues ended after the next one should have begun.
    overran: u64,
    /// When the last cue should have begun, and how many began before the one above.
    begin: Duration,
    misplaced: u64,
    reporter: &'a Reporter,
}

impl Speak {
    /// Speaks the cues of subtitles. What does not fit between the start of its cue and
    /// that of the next one is spoken at most `max_speedup` times as fast.
    pub(super) fn synthesize_cues(
        &self,
        source: &Source,
        max_speedup: f32,
        session: &mut SpeechSession,
        send: Send<'_>,
    ) -> anyhow::Result<()> {
        let synthesizer = self.engine.synthesizer(&self.settings)?;
        let conversion = self.settings.format.conversion(session, &synthesizer)?;
        send(AudioEvent::BeginShared(conversion))?;
        let mut track = Track {
            rate: synthesizer.sample_rate(),
            position: 0,
            overran: 0,
            begin: Duration::ZERO,
            misplaced: 0,
            reporter: &self.reporter,
        };
        let mut cues = source.cues_in_background(self.cancel.clone()).peekable();
        while let Some(cue) = cues.next() {
            let cue = cue?;
            let next = cues
                .peek()
                .and_then(|next| next.as_ref().ok())
                .and_then(start);
            // Without a time it follows the one above.
            let begin = start(&cue).unwrap_or(track.begin);
            if begin > LATEST {
                let message = format!(
                    "line {}: a cue begins at {}, later than a day after the start: correct \
                     its time, or speak without `--at-cue-times`",
                    cue.line,
                    clock_text(begin, '.')
                );
                return Err(UsageError(message).into());
            }
            track.check_order(begin, cue.line);
            let begin = track.begin;
            // One at the same time or out of order does not end the room of this one.
            let next = next.filter(|next| *next > begin);
            self.silence_until(begin, &mut track, send)?;
            let now = duration_of(track.position as u64, track.rate);
            let room = next.map(|next| next.saturating_sub(now.max(begin)));
            let fit = Fit {
                text: &cue.text,
                room,
                max_speedup,
            };
            if self.tells_places() {
                let name = source.names().first().map(|(name, _)| name.clone());
                let passage = cue.clone().into_passage(&name.unwrap_or_default());
                let place = PassagePlace::of(&passage).part(&cue.text);
                send(AudioEvent::Part(Some(place)))?;
            }
            self.fit(&fit, &synthesizer, session, &mut track, send)?;
            track.check(begin, next);
        }
        track.finish();
        Ok(())
    }

    fn silence_until(
        &self,
        time: Duration,
        track: &mut Track<'_>,
        send: Send<'_>,
    ) -> piper_rs::Result<()> {
        let until = samples_in(time, track.rate);
        while track.position < until {
            let length = (until - track.position).min(samples_in(SILENCE, track.rate));
            let mut samples = self.pool.acquire(length);
            samples.resize(length, 0.0);
            track.position += length;
            send(AudioEvent::Block(AudioBlock {
                phrase: None,
                samples,
                rate: track.rate,
                kind: BlockKind::Pause,
            }))?;
        }
        Ok(())
    }

    fn fit(
        &self,
        fit: &Fit<'_>,
        synthesizer: &Synthesizer,
        session: &mut SpeechSession,
        track: &mut Track<'_>,
        send: Send<'_>,
    ) -> anyhow::Result<()> {
        let room = fit.room.filter(|_| fit.max_speedup > 1.0);
        let mut speedup = 1.0;
        if let Some(room) = room {
            let room = samples_in(room, track.rate);
            // If it is longer, not even the highest speed would do.
            let limit = (room as f64 * f64::from(fit.max_speedup)) as usize;
            let limit = limit.min(samples_in(MAX_HELD, track.rate));
            let (mut held, mut length) = (Vec::new(), 0);
            session.discard_pause();
            for block in synthesizer.blocks(session, fit.text) {
                let block = block?;
                length += block.samples.len();
                held.push(block);
                if length > limit {
                    break;
                }
            }
            if length <= room {
                for block in held {
                    track.position += block.samples.len();
                    send(AudioEvent::Block(block))?;
                }
                return Ok(());
            }
            speedup = match length <= limit {
                // A little more, since lengths are rounded up.
                true => (length as f32 / room as f32 * 1.02).min(fit.max_speedup),
                false => fit.max_speedup,
            };
        }
        let faster;
        let synthesizer = match speedup > 1.0 {
            true => {
                faster = self.engine.synthesizer(&self.faster(speedup)?)?;
                &faster
            }
            false => synthesizer,
        };
        session.discard_pause();
        for block in synthesizer.blocks(session, fit.text) {
            let block = block?;
            track.position += block.samples.len();
            send(AudioEvent::Block(block))?;
        }
        Ok(())
    }

    /// Returns the settings of the voice at a higher speed.
    fn faster(&self, speedup: f32) -> anyhow::Result<Settings> {
        let settings = &self.settings;
        let voice = self
            .engine
            .files(settings.voice.as_deref(), settings.config.clone())?;
        let mut settings = settings.for_voice(&voice.name());
        let speed = settings.overrides.speed.unwrap_or_default().get() * speedup;
        settings.overrides.speed = Speed::new(speed.min(*Speed::RANGE.end())).ok();
        Ok(settings)
    }
}

/// A cue, and the room that it has.
struct Fit<'a> {
    text: &'a str,
    /// Until the next cue begins.
    room: Option<Duration>,
    max_speedup: f32,
}

impl Track<'_> {
    /// Names a cue whose speech ended after the next one should have begun.
    fn check(&mut self, begin: Duration, next: Option<Duration>) {
        let end = duration_of(self.position as u64, self.rate);
        let Some(late) = next.and_then(|next| end.checked_sub(next)) else {
            return;
        };
        // A sample is no fault.
        if late < Duration::from_millis(1) {
            return;
        }
        self.overran += 1;
        if self.overran <= MAX_NAMED {
            self.reporter.note(&format!(
                "the cue at {} is {:.1} s too long",
                clock_text(begin, '.'),
                late.as_secs_f64()
            ));
        }
    }

    /// Names a cue that should begin before the one above it.
    fn check_order(&mut self, begin: Duration, line: u64) {
        let above = self.begin;
        self.begin = begin.max(above);
        if begin >= above {
            return;
        }
        self.misplaced += 1;
        if self.misplaced <= MAX_NAMED {
            self.reporter.note(&format!(
                "line {line}: the cue at {} comes after the one at {}, and is spoken after it",
                clock_text(begin, '.'),
                clock_text(above, '.')
            ));
        }
    }

    fn finish(&self) {
        if let Some(more @ 1..) = self.misplaced.checked_sub(MAX_NAMED) {
            self.reporter.note(&format!(
                "{more} more cues are not in the order of their times"
            ));
        }
        if let Some(more @ 1..) = self.overran.checked_sub(MAX_NAMED) {
            self.reporter
                .note(&format!("{more} more cues are too long"));
        }
        if self.overran > 0 {
            self.reporter.note(
                "cues after those that are too long begin late; `--cue-speedup` allows more speed",
            );
        }
    }
}

fn start(cue: &Block) -> Option<Duration> {
    cue.cue.as_ref().map(|time| time.start)
}
