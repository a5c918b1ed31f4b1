//! Speaks a sentence within a time limit, to test a model or to measure
//! its level.

use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use super::model::{Inference, Model, Remaining};
use crate::error::Cause;
use crate::threads;
use crate::{CancelToken, Error, Result};

/// The time limit; slow machines need seconds.
const TIMEOUT: Duration = Duration::from_secs(120);

/// The model did not finish; it may never do so.
#[derive(Debug, thiserror::Error)]
#[error("it did not finish a sentence within {0:?}")]
struct TrialTimeout(Duration);

/// Returns whether a trial failed by its time limit.
pub(super) fn is_timeout(cause: &Cause) -> bool {
    match cause.downcast_ref() {
        Some(Error::Inference { source }) => source.is::<TrialTimeout>(),
        _ => false,
    }
}

/// Runs a sentence from start to end on this thread and returns its samples.
/// Fails if it takes longer than two minutes: see [`is_timeout`].
pub(super) fn speak(model: Arc<dyn Model>, inference: Inference) -> Result<Vec<f32>> {
    speak_within(TIMEOUT, model, inference)
}

fn speak_within(
    timeout: Duration,
    model: Arc<dyn Model>,
    inference: Inference,
) -> Result<Vec<f32>> {
    let stop = CancelToken::new();
    let outcome = thread::scope(|scope| {
        let (done, wait) = mpsc::channel::<()>();
        let late = stop.clone();
        threads::spawn_scoped(scope, "trial", move || {
            if wait.recv_timeout(timeout) == Err(RecvTimeoutError::Timeout) {
                late.cancel();
            }
        })?;
        let outcome = run(model, inference, &stop);
        drop(done);
        outcome
    });
    match outcome {
        Err(Error::Cancelled) => Err(Error::Inference {
            source: TrialTimeout(timeout).into(),
        }),
        outcome => outcome,
    }
}

fn run(model: Arc<dyn Model>, inference: Inference, stop: &CancelToken) -> Result<Vec<f32>> {
    let mut samples = Vec::new();
    let mut utterance = model.begin(inference);
    let windows = loop {
        if let Remaining::Windows(windows) = utterance.step(stop, &mut samples)? {
            break windows;
        }
    };
    for n in 0..windows {
        let mut window = Vec::new();
        utterance.window(n, stop, &mut window)?;
        utterance.pass_on(n, &mut window);
        samples.append(&mut window);
    }
    Ok(samples)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::voice::model::{ModelInfo, Utterance};
    use crate::voice::{OptimizeFor, Scales};

    /// Runs until it is cancelled.
    #[derive(Debug, Default)]
    struct EndlessModel(ModelInfo);

    impl Model for EndlessModel {
        fn info(&self) -> &ModelInfo {
            &self.0
        }

        fn begin(self: Arc<Self>, _: Inference) -> Box<dyn Utterance> {
            Box::new(EndlessUtterance)
        }
    }

    struct EndlessUtterance;

    impl Utterance for EndlessUtterance {
        fn step(&mut self, cancel: &CancelToken, _: &mut Vec<f32>) -> Result<Remaining> {
            match cancel.is_cancelled() {
                true => Err(Error::Cancelled),
                false => Ok(Remaining::Steps),
            }
        }

        fn window(&self, _: usize, _: &CancelToken, _: &mut Vec<f32>) -> Result<()> {
            unreachable!("there are no windows")
        }
    }

    #[test]
    fn a_model_that_never_finishes_fails_by_the_time_limit() {
        let inference = Inference {
            ids: Vec::new(),
            scales: Scales::default(),
            speed: 1.0,
            speaker: None,
            seed: 0,
            optimize_for: OptimizeFor::Latency,
        };
        let timeout = Duration::from_millis(5);
        let model = Arc::new(EndlessModel::default());
        let error = speak_within(timeout, model, inference).unwrap_err();
        let cause = std::error::Error::source(&error).unwrap().to_string();
        assert_eq!(cause, "it did not finish a sentence within 5ms");
        assert!(is_timeout(&error.into()));
    }
}
