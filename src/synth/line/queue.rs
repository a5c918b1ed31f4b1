//! What is on the line: sentences, what is due for each, what was made. No
//! threads: those are its users.

use std::any::Any;
use std::collections::VecDeque;
use std::sync::Arc;

use crate::Result;
use crate::audio::PooledBuffer;
use crate::voice::{Next, Utterance};

/// The sentences on the line, the one that is heard now first.
#[derive(Default)]
pub(super) struct Queue {
    sentences: VecDeque<Sentence>,
    /// The number of the first sentence here, counted from 0.
    first: usize,
    /// The longest piece so far: what the next one asks the pool for.
    pub(super) longest: usize,
}

pub(super) struct Sentence {
    weight: Weight,
    stage: Stage,
    /// Samples to be taken, in order; `None` while they are made.
    pieces: VecDeque<Option<Made>>,
    /// How many pieces have been taken from the front.
    taken: usize,
}

/// How much memory the steps of a sentence take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::synth) enum Weight {
    /// Little: they may be done beside others.
    Light,
    /// So much that only one such sentence may be in its steps at a time.
    Heavy,
}

pub(super) enum Stage {
    /// A step is due.
    Step(Box<dyn Utterance>),
    /// Somebody does it.
    Stepping,
    /// Windows from `next` on are due.
    Windows {
        utterance: Arc<dyn Utterance>,
        next: usize,
        count: usize,
    },
    /// Nothing more is due.
    Ended,
}

/// The samples of a piece, an error, or a panic to be passed on.
pub(super) type Made = Result<Result<PooledBuffer>, Box<dyn Any + Send>>;

/// Something for one thread to do for one sentence.
pub(super) enum Work {
    Step(Box<dyn Utterance>),
    Window {
        utterance: Arc<dyn Utterance>,
        n: usize,
        piece: usize,
    },
}

/// What came of a piece of work.
pub(super) enum Outcome {
    Stepped {
        samples: Option<PooledBuffer>,
        stage: Stage,
    },
    Failed(Made),
    Made {
        /// Its number in the sentence, counted from 0.
        piece: usize,
        made: Made,
    },
}

impl Stage {
    pub(super) fn after(next: Next, utterance: Box<dyn Utterance>) -> Self {
        match next {
            Next::Step => Self::Step(utterance),
            Next::Windows(0) => Self::Ended,
            Next::Windows(count) => Self::Windows {
                utterance: Arc::from(utterance),
                next: 0,
                count,
            },
        }
    }
}

/// What there is for who takes samples.
pub(super) enum Taken {
    /// The next samples of the first sentence.
    Piece(Made),
    /// The first sentence has ended; the next one is the first now.
    End,
    /// They are still being made.
    NotYet,
    /// There is no sentence.
    Nothing,
}

impl Queue {
    /// Returns an empty one; pieces are thought to have `longest` samples.
    pub(super) fn new(longest: usize) -> Self {
        Self {
            longest,
            ..Self::default()
        }
    }

    /// Returns how many sentences have not been heard to their end.
    pub(super) fn len(&self) -> usize {
        self.sentences.len()
    }

    pub(super) fn push(&mut self, utterance: Box<dyn Utterance>, weight: Weight) {
        self.sentences.push_back(Sentence {
            weight,
            stage: Stage::Step(utterance),
            pieces: VecDeque::new(),
            taken: 0,
        });
    }

    pub(super) fn take(&mut self) -> Taken {
        let Some(sentence) = self.sentences.front_mut() else {
            return Taken::Nothing;
        };
        match sentence.pieces.pop_front() {
            Some(Some(made)) => {
                sentence.taken += 1;
                Taken::Piece(made)
            }
            Some(None) => {
                sentence.pieces.push_front(None);
                Taken::NotYet
            }
            None if matches!(sentence.stage, Stage::Ended) => {
                self.sentences.pop_front();
                self.first += 1;
                Taken::End
            }
            None => Taken::NotYet,
        }
    }

    /// Returns the first thing to do, with its sentence's number, and counts
    /// it as begun.
    pub(super) fn next_work(&mut self, max_pieces: usize) -> Option<(usize, Work)> {
        let held: usize = self.sentences.iter().map(|s| s.pieces.len()).sum();
        let first = self.first;
        let is_strained = self.sentences.iter().any(Sentence::strains);
        let mut sentences = self.sentences.iter_mut().enumerate();
        sentences.find_map(|(n, sentence)| {
            // The sentence that is heard now must not wait for later ones to
            // be heard.
            let before = if n == 0 { sentence.pieces.len() } else { held };
            let must_wait = is_strained && sentence.is_heavy_step();
            let may_begin = before < max_pieces && !must_wait;
            let work = may_begin.then(|| sentence.begin())??;
            Some((first + n, work))
        })
    }

    pub(super) fn put_down(&mut self, sentence: usize, outcome: Outcome) {
        // One that was taken to its end has nothing begun.
        let Some(sentence) = self.sentences.get_mut(sentence - self.first) else {
            return;
        };
        let length = match outcome {
            Outcome::Stepped { samples, stage } => {
                let length = samples.as_ref().map_or(0, |samples| samples.len());
                sentence.pieces.extend(samples.map(|s| Some(Ok(Ok(s)))));
                sentence.stage = stage;
                length
            }
            Outcome::Failed(failure) => {
                sentence.pieces.push_back(Some(failure));
                sentence.stage = Stage::Ended;
                0
            }
            Outcome::Made { piece, made } => {
                let length = match &made {
                    Ok(Ok(samples)) => samples.len(),
                    _ => 0,
                };
                let at = piece - sentence.taken;
                sentence.pieces[at] = Some(made);
                length
            }
        };
        self.longest = self.longest.max(length);
    }
}

impl Sentence {
    /// Returns whether it takes much memory just now.
    fn strains(&self) -> bool {
        self.weight == Weight::Heavy && matches!(self.stage, Stage::Stepping)
    }

    fn is_heavy_step(&self) -> bool {
        self.weight == Weight::Heavy && matches!(self.stage, Stage::Step(_))
    }

    /// Returns what is due, and counts it as begun.
    fn begin(&mut self) -> Option<Work> {
        match std::mem::replace(&mut self.stage, Stage::Stepping) {
            Stage::Step(utterance) => Some(Work::Step(utterance)),
            Stage::Windows {
                utterance,
                next,
                count,
            } => {
                let piece = self.taken + self.pieces.len();
                self.pieces.push_back(None);
                self.stage = match next + 1 {
                    next if next == count => Stage::Ended,
                    next => Stage::Windows {
                        utterance: Arc::clone(&utterance),
                        next,
                        count,
                    },
                };
                Some(Work::Window {
                    utterance,
                    n: next,
                    piece,
                })
            }
            stage @ (Stage::Stepping | Stage::Ended) => {
                self.stage = stage;
                None
            }
        }
    }
}
