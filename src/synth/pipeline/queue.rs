//! The sentences in the pipeline, their jobs and their samples. No threads:
//! those are its users.

use std::collections::VecDeque;
use std::sync::Arc;

use super::job::{Computed, Job, Rendered, Window};
use crate::Error;
use crate::audio::PooledBuffer;
use crate::voice::{Help, Remaining, Utterance};

/// The sentences in the pipeline; the one that is heard now is the first.
#[derive(Default)]
pub(super) struct Queue {
    sentences: VecDeque<Sentence>,
    /// The number of the first sentence here, counted from 0.
    first: usize,
    /// Jobs that are running.
    n_running: usize,
    /// The longest buffer so far: the capacity that the next one asks for.
    pub(super) longest_buffer: usize,
}

pub(super) struct Sentence {
    memory: StepMemory,
    stage: Stage,
    /// At the step that is running.
    help: Help,
    /// What is to be taken, in order; `None` while it is computed.
    slots: VecDeque<Option<Computed>>,
    /// How many slots have been taken from the front.
    n_taken: usize,
    id_ends: Option<Vec<u64>>,
}

/// How much memory the steps of a sentence take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::synth) enum StepMemory {
    /// Little: they may run at the same time as others.
    Small,
    /// So much that only one such sentence may run its steps at a time.
    Large,
}

pub(super) enum Stage {
    /// The next job is a step.
    Step(Box<dyn Utterance>),
    /// A worker runs a step.
    Stepping,
    /// The next jobs are the windows from `next` on.
    Windows {
        utterance: Arc<dyn Utterance>,
        next: usize,
        count: usize,
    },
    /// There are no more jobs.
    Ended,
}

/// What is free for more jobs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Capacity {
    pub(super) n_workers: usize,
    /// For steps that can use it.
    pub(super) help: Help,
}

impl Job {
    /// Returns the result of a job that was not run.
    pub(super) fn failed(self, error: Error) -> JobResult {
        match self {
            Self::Step(..) => JobResult::Failed(Ok(Err(error))),
            Self::Window { window, slot } => JobResult::Rendered {
                slot,
                window,
                rendered: Ok(Err(error)),
            },
        }
    }
}

pub(super) enum JobResult {
    Stepped {
        samples: Option<PooledBuffer>,
        stage: Stage,
        /// See [`Utterance::take_id_ends`].
        id_ends: Option<Vec<u64>>,
    },
    Failed(Rendered),
    Rendered {
        /// Its number in the sentence, counted from 0.
        slot: usize,
        window: Window,
        rendered: Rendered,
    },
}

impl Stage {
    pub(super) fn after(remaining: Remaining, utterance: Box<dyn Utterance>) -> Self {
        match remaining {
            Remaining::Steps => Self::Step(utterance),
            Remaining::Windows(0) => Self::Ended,
            Remaining::Windows(count) => Self::Windows {
                utterance: Arc::from(utterance),
                next: 0,
                count,
            },
        }
    }
}

/// What the consumer finds.
pub(super) enum Poll {
    /// The next samples of the first sentence.
    Samples(Computed),
    /// The first sentence has ended; the next one is the first now.
    SentenceEnd,
    /// The samples are still being computed.
    Pending,
    /// There is no sentence.
    Empty,
}

impl Queue {
    /// Returns an empty queue; the first buffers ask for `capacity` samples.
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            longest_buffer: capacity,
            ..Self::default()
        }
    }

    /// Returns how many sentences have not been taken to their end.
    pub(super) fn len(&self) -> usize {
        self.sentences.len()
    }

    pub(super) fn push(&mut self, utterance: Box<dyn Utterance>, memory: StepMemory) {
        self.sentences.push_back(Sentence {
            memory,
            stage: Stage::Step(utterance),
            help: Help::None,
            slots: VecDeque::new(),
            n_taken: 0,
            id_ends: None,
        });
    }

    /// Returns, once, where the ids of the first sentence end. They are known when its
    /// first samples are.
    pub(super) fn take_id_ends(&mut self) -> Option<Vec<u64>> {
        self.sentences.front_mut()?.id_ends.take()
    }

    /// Notes where the ids of the first sentence end.
    pub(super) fn set_id_ends(&mut self, id_ends: Vec<u64>) {
        if let Some(sentence) = self.sentences.front_mut() {
            sentence.id_ends = Some(id_ends);
        }
    }

    pub(super) fn poll(&mut self) -> Poll {
        let Some(sentence) = self.sentences.front_mut() else {
            return Poll::Empty;
        };
        match sentence.slots.pop_front() {
            Some(Some(computed)) => {
                sentence.n_taken += 1;
                Poll::Samples(computed)
            }
            Some(None) => {
                sentence.slots.push_front(None);
                Poll::Pending
            }
            None if matches!(sentence.stage, Stage::Ended) => {
                self.sentences.pop_front();
                self.first += 1;
                Poll::SentenceEnd
            }
            None => Poll::Pending,
        }
    }

    /// Returns the first job with its sentence's number, and counts it as
    /// started.
    pub(super) fn next_job(&mut self, capacity: Capacity) -> Option<(usize, Job)> {
        let in_use: usize = self.sentences.iter().map(|s| s.slots.len()).sum();
        let first = self.first;
        let is_memory_busy = self.sentences.iter().any(Sentence::is_in_large_step);
        // A step with help takes two processors. Earlier sentences never wait for it.
        let helped = self.sentences.iter().position(Sentence::is_in_helped_step);
        let n_busy = self.n_running + usize::from(helped.is_some());
        let are_all_busy = n_busy >= capacity.n_workers;
        // Those that are being filled or wait to be taken.
        let max_buffers = 2 * capacity.n_workers;
        let mut sentences = self.sentences.iter_mut().enumerate();
        sentences.find_map(|(n, sentence)| {
            // The sentence that is heard now must not wait until later ones
            // are heard.
            let counted = if n == 0 { sentence.slots.len() } else { in_use };
            let must_wait = is_memory_busy && sentence.needs_large_step()
                || are_all_busy && helped.is_some_and(|helped| n >= helped);
            let may_start = counted < max_buffers && !must_wait;
            let job = may_start.then(|| sentence.start_job(capacity.help))??;
            self.n_running += 1;
            Some((first + n, job))
        })
    }

    pub(super) fn complete(&mut self, sentence: usize, result: JobResult) {
        self.n_running -= 1;
        // A sentence that was taken to its end has no jobs.
        let Some(sentence) = self.sentences.get_mut(sentence - self.first) else {
            return;
        };
        let length = match result {
            JobResult::Stepped {
                samples,
                stage,
                id_ends,
            } => {
                sentence.id_ends = id_ends.or(sentence.id_ends.take());
                let length = samples.as_ref().map_or(0, |samples| samples.len());
                let computed = samples.map(|samples| Computed::from(Ok(Ok(samples))));
                sentence.slots.extend(computed.map(Some));
                sentence.stage = stage;
                length
            }
            JobResult::Failed(failure) => {
                sentence.slots.push_back(Some(failure.into()));
                sentence.stage = Stage::Ended;
                0
            }
            JobResult::Rendered {
                slot,
                window,
                rendered,
            } => {
                let length = match &rendered {
                    Ok(Ok(samples)) => samples.len(),
                    _ => 0,
                };
                let index = slot - sentence.n_taken;
                sentence.slots[index] = Some(Computed {
                    rendered,
                    window: Some(window),
                });
                length
            }
        };
        self.longest_buffer = self.longest_buffer.max(length);
    }
}

impl Sentence {
    fn is_in_large_step(&self) -> bool {
        self.memory == StepMemory::Large && matches!(self.stage, Stage::Stepping)
    }

    fn is_in_helped_step(&self) -> bool {
        self.help == Help::Thread && matches!(self.stage, Stage::Stepping)
    }

    fn needs_large_step(&self) -> bool {
        self.memory == StepMemory::Large && matches!(self.stage, Stage::Step(_))
    }

    /// Returns the next job, if there is one, and counts it as started.
    fn start_job(&mut self, help: Help) -> Option<Job> {
        match std::mem::replace(&mut self.stage, Stage::Stepping) {
            Stage::Step(utterance) => {
                self.help = match utterance.can_be_helped() {
                    true => help,
                    false => Help::None,
                };
                Some(Job::Step(utterance, self.help))
            }
            Stage::Windows {
                utterance,
                next,
                count,
            } => {
                let slot = self.n_taken + self.slots.len();
                self.slots.push_back(None);
                self.stage = match next + 1 {
                    next if next == count => Stage::Ended,
                    next => Stage::Windows {
                        utterance: Arc::clone(&utterance),
                        next,
                        count,
                    },
                };
                let number = next;
                let window = Window { utterance, number };
                Some(Job::Window { window, slot })
            }
            stage @ (Stage::Stepping | Stage::Ended) => {
                self.stage = stage;
                None
            }
        }
    }
}
