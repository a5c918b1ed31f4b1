//! A sentence without a model, for tests.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::voice::{Remaining, Utterance};
use crate::{CancelToken, Error, Result};

/// A sentence of steps that give one sample each, `value`, then windows that
/// give two each: `value` and the window's number.
pub(super) struct FakeSentence {
    pub(super) value: f32,
    pub(super) steps: usize,
    pub(super) windows: usize,
    /// How many jobs run now, and the most that ever did.
    pub(super) running: Arc<AtomicUsize>,
    pub(super) max_running: Arc<AtomicUsize>,
    pub(super) fails: Fails,
    pub(super) can_be_helped: bool,
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Fails {
    Never,
    InStep,
    InWindow,
    Panicking,
}

impl FakeSentence {
    pub(super) fn new(value: f32, steps: usize, windows: usize) -> Self {
        Self {
            value,
            steps,
            windows,
            running: Arc::default(),
            max_running: Arc::default(),
            fails: Fails::Never,
            can_be_helped: false,
        }
    }

    fn work(&self, samples: &mut Vec<f32>) {
        let now = self.running.fetch_add(1, Ordering::SeqCst) + 1;
        self.max_running.fetch_max(now, Ordering::SeqCst);
        std::thread::yield_now();
        samples.push(self.value);
        self.running.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Utterance for FakeSentence {
    fn step(&mut self, _: &CancelToken, samples: &mut Vec<f32>) -> Result<Remaining> {
        match self.fails {
            Fails::InStep => return Err(Error::Cancelled),
            Fails::Panicking => panic!("as it should"),
            Fails::Never | Fails::InWindow => self.work(samples),
        }
        self.steps -= 1;
        Ok(match self.steps {
            0 => Remaining::Windows(self.windows),
            _ => Remaining::Steps,
        })
    }

    fn can_be_helped(&self) -> bool {
        self.can_be_helped
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
