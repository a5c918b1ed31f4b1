//! One request, from the look into the shelf to the answer.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use super::flight::{Flight, Outcome};
use super::identity::{Ask, Contents, Stamp};
use super::lent::Entry;
use super::shelf::{Found, Purpose, Shelf};
use super::{Limits, memory};
use crate::Result;
use crate::voice::{Voice, VoiceFiles};

/// Loads a voice from its files.
pub(super) type Loader = Box<dyn Fn(&VoiceFiles) -> Result<Voice> + Send + Sync>;

/// Tells how much memory the process has in use, in bytes.
pub(super) type Meter = Box<dyn Fn() -> Option<u64> + Send + Sync>;

/// Where voices are asked for: the shelf under its lock, and who fills it.
pub(super) struct Desk {
    shelf: Mutex<Shelf>,
    loader: Loader,
    meter: Meter,
}

/// How a request ended.
pub(super) struct Answer {
    pub(super) outcome: Outcome,
    /// Whether nobody had to load for it.
    pub(super) hit: bool,
}

impl Desk {
    pub(super) fn new(limits: Limits, loader: Loader, meter: Meter) -> Self {
        Self {
            shelf: Mutex::new(Shelf::new(limits)),
            loader,
            meter,
        }
    }

    /// Runs `act` under the lock; what it lets go of is dropped after it.
    pub(super) fn with_shelf<R>(&self, act: impl FnOnce(&mut Shelf) -> R) -> R {
        // Nothing under the lock panics half-way through a change.
        let mut shelf = self.shelf.lock().unwrap_or_else(PoisonError::into_inner);
        let result = act(&mut shelf);
        let discarded = shelf.take_discarded();
        drop(shelf);
        drop(discarded);
        result
    }

    /// Answers a request, after a load or a wait if need be.
    pub(super) fn serve(&self, files: &VoiceFiles) -> Answer {
        loop {
            let ask = Ask::new(files);
            match self.with_shelf(|shelf| shelf.look_up(&ask, Purpose::Use)) {
                Found::Cached(voice) => return Answer::hit(voice),
                Found::Failed(error) => return Answer::miss(Err(error)),
                Found::Loading(flight) => {
                    if let Some(outcome) = flight.wait(&ask.stamp) {
                        self.with_shelf(|shelf| shelf.joined(&ask.key, &outcome));
                        return Answer::miss(outcome);
                    }
                }
                Found::Absent { flight, stale } => {
                    let request = Request {
                        files,
                        ask,
                        purpose: Purpose::Use,
                    };
                    return self.lead(&request, flight, stale);
                }
            }
        }
    }

    /// Loads a voice that nobody has asked for yet, if there is room. An
    /// error is kept for the first to ask.
    pub(super) fn preload(&self, files: &VoiceFiles) {
        let request = Request {
            files,
            ask: Ask::new(files),
            purpose: Purpose::Preload,
        };
        let found = self.with_shelf(|shelf| {
            let welcome = shelf.welcomes_preload(&request.ask);
            welcome.then(|| shelf.look_up(&request.ask, Purpose::Preload))
        });
        if let Some(Found::Absent { flight, stale }) = found {
            self.lead(&request, flight, stale);
        }
    }

    /// Finds `stale` still good, or loads the voice, for all who wait.
    fn lead(&self, request: &Request<'_>, flight: Arc<Flight>, stale: Option<Entry>) -> Answer {
        let Request { ask, purpose, .. } = request;
        let landing = Landing {
            desk: self,
            key: &ask.key,
            flight: &flight,
        };
        let answer = match self.revive(ask, stale) {
            Some(entry) => Answer::hit(self.with_shelf(|shelf| shelf.keep(entry, *purpose))),
            None => Answer::miss(self.load(request, &flight)),
        };
        flight.end(Some(answer.outcome.clone()));
        drop(landing);
        answer
    }

    /// Returns `stale` under its new stamp if its files were only touched,
    /// otherwise lets go of it.
    fn revive(&self, ask: &Ask, stale: Option<Entry>) -> Option<Entry> {
        let entry = stale?;
        if entry.contents.still_in(&entry.stamp, ask) {
            let stamp = ask.stamp.clone();
            return Some(Entry { stamp, ..entry });
        }
        self.with_shelf(|shelf| shelf.let_go(entry));
        None
    }

    fn load(&self, request: &Request<'_>, flight: &Flight) -> Outcome {
        let Request {
            files,
            ask,
            purpose,
        } = request;
        let before = (self.meter)();
        let begun = Instant::now();
        let (loaded, contents) = self.load_and_hash(files, ask);
        let time = begun.elapsed();
        let mapped = loaded
            .as_ref()
            .map_or(0, |voice| voice.model_info().mapped_bytes);
        let measured = memory::measured(before, (self.meter)(), mapped, ask.model_bytes());

        self.with_shelf(|shelf| {
            shelf.count_load(&ask.key, time, loaded.is_ok());
            let voice = loaded.map_err(|error| {
                let error = Arc::new(error);
                if *purpose == Purpose::Preload {
                    shelf.keep_preload_error(ask, &error);
                }
                error
            })?;
            let measured = measured.filter(|_| shelf.was_alone(flight));
            let entry = Entry {
                key: ask.key.clone(),
                stamp: ask.stamp.clone(),
                contents,
                bytes: measured.unwrap_or_else(|| memory::estimate(ask.model_bytes())),
                voice: Arc::new(voice),
            };
            Ok(shelf.keep(entry, *purpose))
        })
    }

    /// Loads a voice, and finds out what its files hold.
    fn load_and_hash(&self, files: &VoiceFiles, ask: &Ask) -> (Result<Voice>, Contents) {
        let loaded = (self.loader)(files);
        let contents = loaded.as_ref().ok();
        let contents =
            contents.map(|voice| Contents::of(&ask.key, voice.model_info().content_hash));
        // Files that changed meanwhile may not be those that were loaded.
        let contents = contents.filter(|_| Stamp::of(&ask.key) == ask.stamp);
        let contents = contents.unwrap_or_else(|| Contents::unknown(&ask.key));
        (loaded, contents)
    }
}

impl fmt::Debug for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Desk")
            .field("shelf", &self.shelf)
            .finish_non_exhaustive()
    }
}

/// What is asked for, how it was put, and why.
struct Request<'a> {
    /// As the asker names them: so the loader's errors do.
    files: &'a VoiceFiles,
    ask: Ask,
    purpose: Purpose,
}

impl Answer {
    fn hit(voice: Arc<Voice>) -> Self {
        Self {
            outcome: Ok(voice),
            hit: true,
        }
    }

    fn miss(outcome: Outcome) -> Self {
        Self {
            outcome,
            hit: false,
        }
    }
}

/// Ends a flight however the loader ends, so that nobody waits for ever.
struct Landing<'a> {
    desk: &'a Desk,
    key: &'a VoiceFiles,
    flight: &'a Flight,
}

impl Drop for Landing<'_> {
    fn drop(&mut self) {
        // Out of the shelf first: those who find it ended without an outcome
        // look again, and must find nothing.
        self.desk.with_shelf(|shelf| shelf.land(self.key));
        self.flight.end(None);
    }
}
