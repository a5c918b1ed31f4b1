//! The worker threads: sentences in, their samples out, in order.
//!
//! A sentence is computed step by step, then window by window. A free worker
//! takes the first job there is, counted from the sentence that is heard next.
//! So the first sound comes as early as possible, one long sentence keeps all
//! threads busy, and the steps of the next sentences fill the gaps.

mod job;
mod queue;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use crate::audio::{BufferPool, PooledBuffer};
use crate::cancel::CancelGuard;
use crate::synth::{Place, SpeechSessionOptions};
use crate::threads;
use crate::voice::{Help, Utterance};
use crate::{CancelToken, Result};
use job::{Job, Window};
pub(super) use queue::StepMemory;
use queue::{Capacity, JobResult, Poll, Queue, Stage};

/// Worker threads and the sentences they compute.
pub(super) struct Pipeline {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
    _cancel_guards: Vec<CancelGuard>,
}

struct Shared {
    queue: Mutex<Queue>,
    is_closed: AtomicBool,
    /// Notified when there may be a job.
    job_ready: Condvar,
    /// Notified when a job is done.
    job_done: Condvar,
    pool: BufferPool,
    /// Cancelled with the session, and when the pipeline is dropped.
    cancel: CancelToken,
    /// Whose turn each job waits for.
    place: Option<Place>,
    n_workers: usize,
}

impl Pipeline {
    /// Returns a pipeline of `n_workers` threads that stop with the session's token.
    /// Their buffers come from its pool, at first with a capacity of `capacity` samples.
    pub(super) fn new(n_workers: usize, capacity: usize, session: &SpeechSessionOptions) -> Self {
        let own_cancel = CancelToken::new();
        let linked = own_cancel.clone();
        let mut cancel_guards = vec![session.cancel.on_cancel(move || linked.cancel())];
        if let Some(place) = session.place.clone() {
            cancel_guards.push(own_cancel.on_cancel(move || place.wake()));
        }
        Self {
            shared: Arc::new(Shared {
                queue: Mutex::new(Queue::new(capacity)),
                is_closed: AtomicBool::new(false),
                job_ready: Condvar::new(),
                job_done: Condvar::new(),
                pool: session.pool.clone(),
                cancel: own_cancel,
                place: session.place.clone(),
                n_workers: n_workers.max(1),
            }),
            threads: Vec::new(),
            _cancel_guards: cancel_guards,
        }
    }

    /// Returns whether a worker will soon be free for another sentence.
    pub(super) fn wants_more(&self) -> bool {
        self.shared.lock().len() <= self.shared.n_workers
    }

    /// Appends a sentence. Fails if there is no thread to make it.
    pub(super) fn push(&mut self, utterance: Box<dyn Utterance>, memory: StepMemory) -> Result<()> {
        while self.threads.len() < self.shared.n_workers {
            let shared = Arc::clone(&self.shared);
            match threads::spawn("voice", move || shared.worker_loop()) {
                Ok(thread) => self.threads.push(thread),
                Err(error) if self.threads.is_empty() => return Err(error),
                // With fewer threads than wanted it is only slower.
                Err(_) => break,
            }
        }
        self.shared.lock().push(utterance, memory);
        self.shared.job_ready.notify_one();
        Ok(())
    }

    /// Returns, once, where the ids of the first sentence end, if its voice tells it.
    /// They are known when its first samples have been taken.
    pub(super) fn take_id_ends(&self) -> Option<Vec<u64>> {
        self.shared.lock().take_id_ends()
    }

    /// Waits for the next samples of the first sentence. Returns `None` at its
    /// end, when the next sentence becomes the first, and if there is none.
    pub(super) fn take(&mut self) -> Result<Option<PooledBuffer>> {
        let shared = &self.shared;
        let mut queue = shared.lock();
        loop {
            match queue.poll() {
                Poll::Samples(computed) => {
                    drop(queue);
                    shared.job_ready.notify_one();
                    let (samples, id_ends) = computed.samples()?;
                    queue = shared.lock();
                    if let Some(id_ends) = id_ends {
                        queue.set_id_ends(id_ends);
                    }
                    if !samples.is_empty() {
                        return Ok(Some(samples));
                    }
                }
                Poll::SentenceEnd => {
                    drop(queue);
                    shared.job_ready.notify_all();
                    return Ok(None);
                }
                Poll::Empty => return Ok(None),
                Poll::Pending => queue = wait(&shared.job_done, queue),
            }
        }
    }
}

impl Drop for Pipeline {
    fn drop(&mut self) {
        self.shared.cancel.cancel();
        // Under the lock, so that no worker goes to sleep meanwhile.
        let queue = self.shared.lock();
        self.shared.is_closed.store(true, Ordering::SeqCst);
        drop(queue);
        self.shared.job_ready.notify_all();
        for thread in self.threads.drain(..) {
            // A panic was passed on already, or no caller waits for it.
            _ = thread.join();
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        // Nothing under the lock panics half-way through a change.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn capacity(&self) -> Capacity {
        let is_alone = self.place.as_ref().is_none_or(Place::is_alone);
        Capacity {
            n_workers: self.n_workers,
            help: match is_alone && self.n_workers > 1 {
                true => Help::Thread,
                false => Help::None,
            },
        }
    }

    /// Runs jobs until the pipeline is closed.
    fn worker_loop(&self) {
        let mut queue = self.lock();
        while !self.is_closed.load(Ordering::SeqCst) {
            let Some((sentence, job)) = queue.next_job(self.capacity()) else {
                queue = wait(&self.job_ready, queue);
                continue;
            };
            let capacity = queue.longest_buffer;
            drop(queue);
            let result = self.run(job, capacity);
            queue = self.lock();
            queue.complete(sentence, result);
            // A step may have made jobs for every worker.
            self.job_ready.notify_all();
            self.job_done.notify_one();
        }
    }

    fn run(&self, job: Job, capacity: usize) -> JobResult {
        let is_cancelled = || self.cancel.is_cancelled();
        let turn = self
            .place
            .as_ref()
            .map(|place| place.turn_unless(is_cancelled));
        let _turn = match turn.transpose() {
            Ok(turn) => turn,
            Err(error) => return job.failed(error),
        };
        let mut samples = self.pool.acquire(capacity);
        match job {
            Job::Step(mut utterance, help) => {
                let stepped = catch_unwind(AssertUnwindSafe(|| match help {
                    Help::None => utterance.step(&self.cancel, &mut samples),
                    Help::Thread => utterance.step_with_help(&self.cancel, &mut samples),
                }));
                match stepped {
                    Ok(Ok(next)) => JobResult::Stepped {
                        id_ends: utterance.take_id_ends(),
                        samples: Some(samples).filter(|samples| !samples.is_empty()),
                        stage: Stage::after(next, utterance),
                    },
                    Ok(Err(error)) => JobResult::Failed(Ok(Err(error))),
                    Err(panic) => JobResult::Failed(Err(panic)),
                }
            }
            Job::Window { window, slot } => {
                let Window { utterance, number } = &window;
                let rendered = catch_unwind(AssertUnwindSafe(|| {
                    utterance.window(*number, &self.cancel, &mut samples)
                }));
                let rendered = rendered.map(|rendered| rendered.map(|()| samples));
                JobResult::Rendered {
                    slot,
                    window,
                    rendered,
                }
            }
        }
    }
}

fn wait<'a>(condition: &Condvar, queue: MutexGuard<'a, Queue>) -> MutexGuard<'a, Queue> {
    condition
        .wait(queue)
        .unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod fake;

#[cfg(test)]
mod tests {
    use super::fake::{Fails, FakeSentence};
    use super::*;
    use crate::Error;
    use crate::synth::Turns;
    use crate::voice::Remaining;
    use proptest::prelude::*;
    use std::sync::atomic::AtomicUsize;

    fn pipeline(n_workers: usize) -> Pipeline {
        Pipeline::new(n_workers, 0, &SpeechSessionOptions::default())
    }

    fn rest(pipeline: &mut Pipeline) -> Vec<f32> {
        let mut samples = Vec::new();
        while let Some(block) = pipeline.take().unwrap() {
            samples.extend_from_slice(&block);
        }
        samples
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]

        #[test]
        fn samples_come_in_order(
            sentences in proptest::collection::vec((1usize..4, 0usize..6, any::<bool>()), 0..12),
            n_workers in 1usize..5,
        ) {
            let mut pipeline = pipeline(n_workers);
            for (n, (steps, windows, large)) in sentences.iter().enumerate() {
                let memory = if *large { StepMemory::Large } else { StepMemory::Small };
                pipeline.push(Box::new(FakeSentence::new(-(n as f32), *steps, *windows)), memory).unwrap();
            }
            for (n, (steps, windows, _)) in sentences.iter().enumerate() {
                let mut expected = vec![-(n as f32); *steps];
                expected.extend((0..*windows).flat_map(|w| [-(n as f32), w as f32]));
                prop_assert_eq!(rest(&mut pipeline), expected);
            }
            prop_assert!(rest(&mut pipeline).is_empty());
        }
    }

    #[test]
    fn a_slow_consumer_holds_the_workers_back() {
        let session = SpeechSessionOptions::default();
        let mut pipeline = Pipeline::new(2, 0, &session);
        for n in 0..10 {
            pipeline
                .push(
                    Box::new(FakeSentence::new(n as f32, 1, 50)),
                    StepMemory::Small,
                )
                .unwrap();
        }
        for n in 0..10 {
            assert_eq!(rest(&mut pipeline).len(), 101, "{n}");
        }
        drop(pipeline);
        // Four that wait or are filled, two for steps, one that we hold.
        let peak = session.pool.stats().peak_in_flight;
        assert!(peak <= 4 + 4 + 1, "{peak}");
    }

    #[test]
    fn one_sentence_keeps_several_threads_busy() {
        /// Every window waits for another one.
        struct Pairs(std::sync::Barrier);
        impl Utterance for Pairs {
            fn step(&mut self, _: &CancelToken, _: &mut Vec<f32>) -> Result<Remaining> {
                Ok(Remaining::Windows(6))
            }

            fn window(&self, _: usize, _: &CancelToken, samples: &mut Vec<f32>) -> Result<()> {
                self.0.wait();
                samples.push(1.0);
                Ok(())
            }
        }
        let mut pipeline = pipeline(2);
        pipeline
            .push(
                Box::new(Pairs(std::sync::Barrier::new(2))),
                StepMemory::Small,
            )
            .unwrap();
        assert_eq!(rest(&mut pipeline).len(), 6);
    }

    /// The most jobs at a time of sentences like this one.
    fn most_jobs(
        n_workers: usize,
        sentence: impl Fn() -> FakeSentence,
        memory: StepMemory,
    ) -> usize {
        let (running, max_running) = (Arc::default(), Arc::<AtomicUsize>::default());
        let mut pipeline = pipeline(n_workers);
        for _ in 0..20 {
            let sentence = FakeSentence {
                running: Arc::clone(&running),
                max_running: Arc::clone(&max_running),
                ..sentence()
            };
            pipeline.push(Box::new(sentence), memory).unwrap();
        }
        while !rest(&mut pipeline).is_empty() {}
        max_running.load(Ordering::SeqCst)
    }

    #[test]
    fn steps_that_need_much_memory_run_one_at_a_time() {
        let sentence = || FakeSentence::new(1.0, 3, 0);
        assert_eq!(most_jobs(4, sentence, StepMemory::Large), 1);
    }

    #[test]
    fn a_step_at_which_a_thread_helps_takes_two_processors() {
        let sentence = || FakeSentence {
            can_be_helped: true,
            ..FakeSentence::new(1.0, 3, 0)
        };
        assert_eq!(most_jobs(2, sentence, StepMemory::Small), 1);
        assert!(most_jobs(4, sentence, StepMemory::Small) <= 3);
    }

    #[test]
    fn an_error_comes_after_the_samples_before_it() {
        for (fails, before) in [(Fails::InStep, 0), (Fails::InWindow, 3)] {
            let mut pipeline = pipeline(2);
            let failing = FakeSentence {
                fails,
                ..FakeSentence::new(1.0, 1, 4)
            };
            pipeline.push(Box::new(failing), StepMemory::Small).unwrap();
            let mut samples = 0;
            let error = loop {
                match pipeline.take() {
                    Ok(block) => samples += block.unwrap().len(),
                    Err(error) => break error,
                }
            };
            assert!(matches!(error, Error::Cancelled));
            assert_eq!(samples, before);
        }
    }

    #[test]
    #[should_panic = "as it should"]
    fn a_panic_is_passed_on() {
        let mut pipeline = pipeline(2);
        let panicking = FakeSentence {
            fails: Fails::Panicking,
            ..FakeSentence::new(1.0, 1, 4)
        };
        pipeline
            .push(Box::new(panicking), StepMemory::Small)
            .unwrap();
        _ = pipeline.take();
    }

    #[test]
    fn pipelines_that_share_turns_run_one_job_at_a_time() {
        let (running, max_running) = (Arc::default(), Arc::<AtomicUsize>::default());
        let turns = Turns::new(1);
        std::thread::scope(|scope| {
            for _ in 0..3 {
                let session = SpeechSessionOptions {
                    place: Some(turns.place()),
                    ..SpeechSessionOptions::default()
                };
                let sentence = FakeSentence {
                    running: Arc::clone(&running),
                    max_running: Arc::clone(&max_running),
                    ..FakeSentence::new(1.0, 9, 9)
                };
                scope.spawn(move || {
                    let mut pipeline = Pipeline::new(2, 0, &session);
                    pipeline
                        .push(Box::new(sentence), StepMemory::Small)
                        .unwrap();
                    assert_eq!(rest(&mut pipeline).len(), 9 + 2 * 9);
                });
            }
        });
        assert_eq!(max_running.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn a_pipeline_that_waits_for_its_turn_can_be_dropped_and_cancelled() {
        let turns = Turns::new(1);
        let _held = turns.place().turn(&CancelToken::new()).unwrap();
        let session = SpeechSessionOptions {
            place: Some(turns.place()),
            ..SpeechSessionOptions::default()
        };
        let sentence = || Box::new(FakeSentence::new(1.0, 1, 1));
        let mut pipeline = Pipeline::new(2, 0, &session);
        pipeline.push(sentence(), StepMemory::Small).unwrap();
        drop(pipeline);
        let mut pipeline = Pipeline::new(2, 0, &session);
        pipeline.push(sentence(), StepMemory::Small).unwrap();
        session.cancel.cancel();
        assert!(matches!(pipeline.take(), Err(Error::Cancelled)));
    }

    #[test]
    fn a_pipeline_can_be_dropped_before_its_samples_are_taken() {
        let session = SpeechSessionOptions::default();
        let mut pipeline = Pipeline::new(3, 0, &session);
        for _ in 0..20 {
            pipeline
                .push(Box::new(FakeSentence::new(1.0, 2, 9)), StepMemory::Small)
                .unwrap();
        }
        _ = pipeline.take();
        drop(pipeline);
        assert!(!session.cancel.is_cancelled(), "the session may go on");
    }
}
