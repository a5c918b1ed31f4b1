//! The audio of a text as an asynchronous stream.

use std::pin::Pin;
use std::sync::mpsc::{Receiver, TryRecvError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread::JoinHandle;

use futures_core::Stream;

use super::{SpeechSession, SpeechSessionOptions, Synthesizer};
use crate::audio::AudioBlock;
use crate::cancel::CancelGuard;
use crate::threads;
use crate::{CancelToken, Result};

/// How many blocks may wait for the task.
const MAX_WAITING_BLOCKS: usize = 2;

/// The blocks of [`Synthesizer::stream`].
///
/// Needs no particular executor: a thread makes the blocks, a few ahead of the
/// task, and wakes it. After an error the stream ends. Dropping the stream
/// cancels the synthesis.
pub struct BlockStream {
    blocks: Receiver<Result<AudioBlock>>,
    task: Task,
    /// Of this stream alone; cancelled with the session's.
    cancel: CancelToken,
    worker: Option<JoinHandle<()>>,
    _cancel_guard: CancelGuard,
}

/// The task that waits for a block.
#[derive(Clone, Default)]
struct Task(Arc<Mutex<Option<Waker>>>);

/// Wakes the task when the worker ends, for whatever reason.
struct WakeOnDrop(Task);

impl Synthesizer {
    /// Returns the audio of `text` as a stream of blocks: the asynchronous form
    /// of [`blocks`](Self::blocks).
    ///
    /// If the system cannot start a thread, the first item is that error.
    pub fn stream(
        self: &Arc<Self>,
        options: SpeechSessionOptions,
        text: impl Into<String>,
    ) -> BlockStream {
        let (sender, blocks) = sync_channel(MAX_WAITING_BLOCKS);
        let (task, cancel) = (Task::default(), CancelToken::new());
        let linked = cancel.clone();
        let guard = options.cancel.on_cancel(move || linked.cancel());
        let options = SpeechSessionOptions {
            cancel: cancel.clone(),
            ..options
        };
        let (synthesizer, text) = (Arc::clone(self), text.into());
        let for_worker = task.clone();
        let failed = sender.clone();
        let worker = threads::spawn("stream", move || {
            let end = WakeOnDrop(for_worker);
            // Dropped before `end`: the task must find the channel closed.
            let sender = sender;
            let mut session = SpeechSession::new(options);
            for block in synthesizer.blocks(&mut session, &text) {
                if sender.send(block).is_err() {
                    break;
                }
                end.0.wake();
            }
        });
        BlockStream {
            blocks,
            task,
            cancel,
            worker: match worker {
                Ok(worker) => Some(worker),
                Err(error) => {
                    // The channel has room, and its other end is here.
                    _ = failed.try_send(Err(error));
                    None
                }
            },
            _cancel_guard: guard,
        }
    }
}

impl Stream for BlockStream {
    type Item = Result<AudioBlock>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        // Before looking, so that a block sent in between wakes the task.
        self.task.wait(context.waker());
        match self.blocks.try_recv() {
            Ok(block) => Poll::Ready(Some(block)),
            Err(TryRecvError::Empty) => Poll::Pending,
            Err(TryRecvError::Disconnected) => {
                if let Some(Err(panic)) = self.worker.take().map(JoinHandle::join) {
                    std::panic::resume_unwind(panic);
                }
                Poll::Ready(None)
            }
        }
    }
}

impl Drop for BlockStream {
    fn drop(&mut self) {
        // Without waiting for the worker, which would block the executor.
        self.cancel.cancel();
    }
}

impl Task {
    fn wait(&self, waker: &Waker) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(waker.clone());
    }

    fn wake(&self) {
        let waker = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl Drop for WakeOnDrop {
    fn drop(&mut self) {
        self.0.wake();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Error;
    use crate::lexicon::Pronouncer;
    use crate::phoneme::TextPhonemizer;
    use crate::synth::SpeakOptions;
    use crate::voice::fake::voice;
    use std::future::poll_fn;
    use std::task::Wake;
    use std::thread::{self, Thread};

    struct Unpark(Thread);

    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }

    /// The smallest executor: sleeps until it is woken.
    fn next(stream: &mut BlockStream) -> Option<Result<AudioBlock>> {
        let waker = Waker::from(Arc::new(Unpark(thread::current())));
        let mut context = Context::from_waker(&waker);
        let mut future =
            std::pin::pin!(poll_fn(|context| Pin::new(&mut *stream).poll_next(context)));
        loop {
            match future.as_mut().poll(&mut context) {
                Poll::Ready(block) => return block,
                Poll::Pending => thread::park(),
            }
        }
    }

    fn synthesizer() -> Arc<Synthesizer> {
        let pronouncer = Pronouncer::new(Arc::new(TextPhonemizer));
        let options = SpeakOptions::default();
        Arc::new(Synthesizer::new(Arc::new(voice(1)), pronouncer, options).unwrap())
    }

    #[test]
    fn a_stream_has_the_blocks_of_the_iterator() {
        let (synthesizer, text) = (synthesizer(), "a! Aa! aaa!\n\nA!".repeat(20));
        let mut session = SpeechSession::default();
        let expected: Vec<_> = synthesizer
            .blocks(&mut session, &text)
            .map(|block| block.unwrap().samples.to_vec())
            .collect();
        let mut stream = synthesizer.stream(SpeechSessionOptions::default(), text);
        let mut found = Vec::new();
        while let Some(block) = next(&mut stream) {
            found.push(block.unwrap().samples.to_vec());
        }
        assert!(found == expected && expected.len() > 60);
        assert!(next(&mut stream).is_none(), "the stream stays ended");
    }

    #[test]
    fn a_dropped_stream_ends_its_thread_and_leaves_the_callers_token_alone() {
        let cancel = CancelToken::new();
        let options = SpeechSessionOptions {
            cancel: cancel.clone(),
            ..SpeechSessionOptions::default()
        };
        let mut stream = synthesizer().stream(options, "a! ".repeat(10_000));
        assert!(next(&mut stream).unwrap().is_ok());
        let worker = stream.worker.take().unwrap();
        drop(stream);
        worker.join().unwrap();
        assert!(!cancel.is_cancelled());
    }

    #[test]
    fn a_cancelled_stream_ends_with_an_error() {
        let cancel = CancelToken::new();
        let options = SpeechSessionOptions {
            cancel: cancel.clone(),
            ..SpeechSessionOptions::default()
        };
        let mut stream = synthesizer().stream(options, "a! ".repeat(10_000));
        assert!(next(&mut stream).unwrap().is_ok());
        cancel.cancel();
        let end = std::iter::from_fn(|| next(&mut stream)).find_map(Result::err);
        assert!(matches!(end, Some(Error::Cancelled)), "{end:?}");
        assert!(next(&mut stream).is_none());
    }
}
