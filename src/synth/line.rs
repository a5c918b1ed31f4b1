//! The production line: sentences in, their samples out, in order, made by
//! several threads.
//!
//! A sentence is worked on step by step, then window by window. Whoever is
//! free takes the first piece of work there is, counted from the sentence that
//! is heard next: so the first sound comes soonest, one long sentence keeps
//! all threads busy, and the steps of the next sentences fill the gaps.

mod queue;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use crate::audio::{BufferPool, PooledBuffer};
use crate::cancel::CancelGuard;
use crate::voice::Utterance;
use queue::{Outcome, Queue, Stage, Taken, Work};

use crate::{CancelToken, Result};
pub(super) use queue::Weight;

/// Threads, and the sentences they work on.
pub(super) struct Line {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
    workers: usize,
    _link: CancelGuard,
}

struct Shared {
    queue: Mutex<Queue>,
    is_closed: AtomicBool,
    /// Told when there may be work.
    work: Condvar,
    /// Told when a piece of work is done.
    done: Condvar,
    pool: BufferPool,
    /// Cancelled with the run, and when the line is dropped.
    cancel: CancelToken,
    /// Most pieces that are made or wait to be taken, but for those of the
    /// sentence that is heard now.
    max_pieces: usize,
}

impl Line {
    /// Returns a line of `workers` threads, which take their buffers from
    /// `pool`, of `longest` samples at first, and stop with `cancel`.
    pub(super) fn new(
        workers: usize,
        pool: BufferPool,
        longest: usize,
        cancel: &CancelToken,
    ) -> Self {
        let own = CancelToken::new();
        let linked = own.clone();
        Self {
            shared: Arc::new(Shared {
                queue: Mutex::new(Queue::new(longest)),
                is_closed: AtomicBool::new(false),
                work: Condvar::new(),
                done: Condvar::new(),
                pool,
                cancel: own,
                max_pieces: 2 * workers,
            }),
            threads: Vec::new(),
            workers: workers.max(1),
            _link: cancel.on_cancel(move || linked.cancel()),
        }
    }

    /// Returns whether another sentence would find a thread free before long.
    pub(super) fn wants_more(&self) -> bool {
        self.shared.lock().len() <= self.workers
    }

    /// Puts a sentence at the end of the line.
    pub(super) fn push(&mut self, utterance: Box<dyn Utterance>, weight: Weight) {
        while self.threads.len() < self.workers {
            let shared = Arc::clone(&self.shared);
            let thread = std::thread::Builder::new().name("piper-rs voice".to_owned());
            // With fewer threads than wanted it is only slower.
            match thread.spawn(move || shared.toil()) {
                Ok(thread) => self.threads.push(thread),
                Err(error) => {
                    assert!(!self.threads.is_empty(), "cannot start a thread: {error}");
                    break;
                }
            }
        }
        self.shared.lock().push(utterance, weight);
        self.shared.work.notify_one();
    }

    /// Waits for the next samples of the first sentence; `None` at its end,
    /// when the next one becomes the first.
    pub(super) fn take(&mut self) -> Result<Option<PooledBuffer>> {
        let shared = &self.shared;
        let mut queue = shared.lock();
        loop {
            match queue.take() {
                Taken::Piece(made) => {
                    drop(queue);
                    shared.work.notify_one();
                    let made = made.unwrap_or_else(|panic| resume_unwind(panic));
                    return made.map(Some);
                }
                Taken::End => {
                    drop(queue);
                    shared.work.notify_all();
                    return Ok(None);
                }
                Taken::Nothing => return Ok(None),
                Taken::NotYet => queue = wait(&shared.done, queue),
            }
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.shared.cancel.cancel();
        // Under the lock, so that nobody goes to sleep meanwhile.
        let queue = self.shared.lock();
        self.shared.is_closed.store(true, Ordering::SeqCst);
        drop(queue);
        self.shared.work.notify_all();
        for thread in self.threads.drain(..) {
            // A panic was passed on already, or nobody waits for it.
            _ = thread.join();
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        // Nothing under the lock panics half-way through a change.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Works until the line is closed.
    fn toil(&self) {
        let mut queue = self.lock();
        while !self.is_closed.load(Ordering::SeqCst) {
            let Some((sentence, work)) = queue.next_work(self.max_pieces) else {
                queue = wait(&self.work, queue);
                continue;
            };
            let longest = queue.longest;
            drop(queue);
            let outcome = self.carry_out(work, longest);
            queue = self.lock();
            queue.put_down(sentence, outcome);
            // A step may have made work for everybody.
            self.work.notify_all();
            self.done.notify_one();
        }
    }

    fn carry_out(&self, work: Work, longest: usize) -> Outcome {
        let mut samples = self.pool.acquire(longest);
        match work {
            Work::Step(mut utterance) => {
                let stepped = catch_unwind(AssertUnwindSafe(|| {
                    utterance.step(&self.cancel, &mut samples)
                }));
                match stepped {
                    Ok(Ok(next)) => Outcome::Stepped {
                        samples: Some(samples).filter(|samples| !samples.is_empty()),
                        stage: Stage::after(next, utterance),
                    },
                    Ok(Err(error)) => Outcome::Failed(Ok(Err(error))),
                    Err(panic) => Outcome::Failed(Err(panic)),
                }
            }
            Work::Window {
                utterance,
                n,
                piece,
            } => {
                let made = catch_unwind(AssertUnwindSafe(|| {
                    utterance.window(n, &self.cancel, &mut samples)
                }));
                let made = made.map(|made| made.map(|()| samples));
                Outcome::Made { piece, made }
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
mod tests {
    use super::*;
    use crate::Error;
    use crate::voice::Next;
    use proptest::prelude::*;
    use std::sync::atomic::AtomicUsize;

    /// A sentence of steps that give one sample each, then windows that give
    /// one each: all have the same value.
    struct Fake {
        value: f32,
        steps: usize,
        windows: usize,
        at_work: Arc<AtomicUsize>,
        most: Arc<AtomicUsize>,
        fails: Fails,
    }

    #[derive(Clone, Copy, PartialEq)]
    enum Fails {
        Never,
        InStep,
        InWindow,
        Panicking,
    }

    impl Fake {
        fn new(value: f32, steps: usize, windows: usize) -> Self {
            Self {
                value,
                steps,
                windows,
                at_work: Arc::default(),
                most: Arc::default(),
                fails: Fails::Never,
            }
        }

        fn work(&self, samples: &mut Vec<f32>) {
            let now = self.at_work.fetch_add(1, Ordering::SeqCst) + 1;
            self.most.fetch_max(now, Ordering::SeqCst);
            std::thread::yield_now();
            samples.push(self.value);
            self.at_work.fetch_sub(1, Ordering::SeqCst);
        }
    }

    impl Utterance for Fake {
        fn step(&mut self, _: &CancelToken, samples: &mut Vec<f32>) -> Result<Next> {
            match self.fails {
                Fails::InStep => return Err(Error::Cancelled),
                Fails::Panicking => panic!("as it should"),
                Fails::Never | Fails::InWindow => self.work(samples),
            }
            self.steps -= 1;
            Ok(match self.steps {
                0 => Next::Windows(self.windows),
                _ => Next::Step,
            })
        }

        fn window(&self, n: usize, _: &CancelToken, samples: &mut Vec<f32>) -> Result<()> {
            if self.fails == Fails::InWindow && n == 1 {
                return Err(Error::Cancelled);
            }
            self.work(samples);
            samples.push(n as f32);
            Ok(())
        }
    }

    fn line(workers: usize) -> Line {
        Line::new(workers, BufferPool::default(), 0, &CancelToken::new())
    }

    fn rest(line: &mut Line) -> Vec<f32> {
        let mut samples = Vec::new();
        while let Some(piece) = line.take().unwrap() {
            samples.extend_from_slice(&piece);
        }
        samples
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]

        #[test]
        fn all_samples_come_in_order(
            sentences in proptest::collection::vec((1usize..4, 0usize..6, any::<bool>()), 0..12),
            workers in 1usize..5,
        ) {
            let mut line = line(workers);
            for (n, (steps, windows, heavy)) in sentences.iter().enumerate() {
                let weight = if *heavy { Weight::Heavy } else { Weight::Light };
                line.push(Box::new(Fake::new(-(n as f32), *steps, *windows)), weight);
            }
            for (n, (steps, windows, _)) in sentences.iter().enumerate() {
                let mut expected = vec![-(n as f32); *steps];
                expected.extend((0..*windows).flat_map(|w| [-(n as f32), w as f32]));
                prop_assert_eq!(rest(&mut line), expected);
            }
            prop_assert!(rest(&mut line).is_empty());
        }
    }

    #[test]
    fn who_does_not_take_holds_the_threads_back() {
        let pool = BufferPool::default();
        let mut line = Line::new(2, pool.clone(), 0, &CancelToken::new());
        for n in 0..10 {
            line.push(Box::new(Fake::new(n as f32, 1, 50)), Weight::Light);
        }
        for n in 0..10 {
            assert_eq!(rest(&mut line).len(), 101, "{n}");
        }
        drop(line);
        // Four that wait or are made, two that go into steps, one in our hand.
        let most = pool.stats().peak_in_flight;
        assert!(most <= 4 + 4 + 1, "{most}");
    }

    #[test]
    fn one_sentence_keeps_several_threads_busy() {
        /// Every window waits for another one.
        struct Pairs(std::sync::Barrier);
        impl Utterance for Pairs {
            fn step(&mut self, _: &CancelToken, _: &mut Vec<f32>) -> Result<Next> {
                Ok(Next::Windows(6))
            }

            fn window(&self, _: usize, _: &CancelToken, samples: &mut Vec<f32>) -> Result<()> {
                self.0.wait();
                samples.push(1.0);
                Ok(())
            }
        }
        let mut line = line(2);
        line.push(Box::new(Pairs(std::sync::Barrier::new(2))), Weight::Light);
        assert_eq!(rest(&mut line).len(), 6);
    }

    #[test]
    fn heavy_sentences_take_their_steps_one_after_the_other() {
        let (at_work, most) = (Arc::default(), Arc::<AtomicUsize>::default());
        let mut line = line(4);
        for _ in 0..20 {
            let fake = Fake {
                at_work: Arc::clone(&at_work),
                most: Arc::clone(&most),
                ..Fake::new(1.0, 3, 0)
            };
            line.push(Box::new(fake), Weight::Heavy);
        }
        while !rest(&mut line).is_empty() {}
        assert_eq!(most.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn an_error_comes_in_its_place() {
        for (fails, before) in [(Fails::InStep, 0), (Fails::InWindow, 3)] {
            let mut line = line(2);
            let failing = Fake {
                fails,
                ..Fake::new(1.0, 1, 4)
            };
            line.push(Box::new(failing), Weight::Light);
            let mut samples = 0;
            let error = loop {
                match line.take() {
                    Ok(piece) => samples += piece.unwrap().len(),
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
        let mut line = line(2);
        let panicking = Fake {
            fails: Fails::Panicking,
            ..Fake::new(1.0, 1, 4)
        };
        line.push(Box::new(panicking), Weight::Light);
        _ = line.take();
    }

    #[test]
    fn a_line_that_nobody_takes_from_can_be_left() {
        let cancel = CancelToken::new();
        let mut line = Line::new(3, BufferPool::default(), 0, &cancel);
        for _ in 0..20 {
            line.push(Box::new(Fake::new(1.0, 2, 9)), Weight::Light);
        }
        _ = line.take();
        drop(line);
        assert!(!cancel.is_cancelled(), "the run may go on");
    }
}
