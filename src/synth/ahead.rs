//! Making blocks ahead of the one who takes them.

use std::ops::ControlFlow;
use std::sync::mpsc;

use crate::{CancelToken, Error, Result};

/// Runs `produce` on a thread of its own while `take` takes what it makes on
/// the calling one, at most `depth` items behind.
///
/// Items are audio blocks, or whatever carries them. `produce` is given a
/// function to send them with, which waits while the
/// queue is full: a slow taker holds the producer back. When `take` fails or
/// breaks, the token is cancelled, so that the producer stops in the middle of
/// an inference. The taker's error wins over the producer's.
pub fn run_ahead<B, T, E>(
    depth: usize,
    cancel: &CancelToken,
    produce: impl FnOnce(&mut dyn FnMut(B) -> Result<()>) -> Result<T, E> + Send,
    mut take: impl FnMut(B) -> Result<ControlFlow<()>, E>,
) -> Result<T, E>
where
    B: Send,
    T: Send,
    E: From<Error> + Send,
{
    std::thread::scope(|scope| {
        let (sender, items) = mpsc::sync_channel(depth);
        let producer = scope
            .spawn(move || produce(&mut |item| sender.send(item).map_err(|_| Error::Cancelled)));
        let taken = take_all(&items, cancel, &mut take);
        // Before waiting for the producer: it may wait for room in the queue.
        drop(items);
        let produced = producer
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        taken.and(produced)
    })
}

fn take_all<B, E: From<Error>>(
    items: &mpsc::Receiver<B>,
    cancel: &CancelToken,
    take: &mut dyn FnMut(B) -> Result<ControlFlow<()>, E>,
) -> Result<(), E> {
    for item in items {
        // What was made before the stop is not heard after it.
        if cancel.is_cancelled() {
            return Err(Error::Cancelled.into());
        }
        match take(item) {
            Ok(ControlFlow::Continue(())) => {}
            stop => {
                cancel.cancel();
                return stop.map(drop);
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::{AudioBlock, BlockKind, BufferPool};
    use std::num::NonZeroU32;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn block(pool: &BufferPool) -> AudioBlock {
        let rate = NonZeroU32::new(16_000).unwrap();
        AudioBlock {
            samples: pool.acquire(1),
            rate,
            kind: BlockKind::Speech,
        }
    }

    #[test]
    fn every_block_arrives_and_the_producer_stays_within_its_lead() {
        let (pool, cancel) = (BufferPool::default(), CancelToken::new());
        let taken = AtomicUsize::new(0);
        let made: Result<i32> = run_ahead(
            2,
            &cancel,
            |send| {
                for made in 0..50 {
                    // In the queue, in the taker's hand, and being sent.
                    assert!(made - taken.load(Ordering::SeqCst) as i32 <= 4);
                    send(block(&pool))?;
                }
                Ok(50)
            },
            |_| {
                taken.fetch_add(1, Ordering::SeqCst);
                Ok(ControlFlow::Continue(()))
            },
        );
        assert_eq!((made.unwrap(), taken.into_inner()), (50, 50));
        assert!(pool.stats().allocated <= 4, "{:?}", pool.stats());
    }

    #[test]
    fn a_taker_that_has_enough_stops_the_producer() {
        let (pool, cancel) = (BufferPool::default(), CancelToken::new());
        let result: Result<()> = run_ahead(
            1,
            &cancel,
            |send| loop {
                send(block(&pool))?;
            },
            |_| Ok(ControlFlow::Break(())),
        );
        assert!(matches!(result, Err(Error::Cancelled)) && cancel.is_cancelled());
    }

    #[test]
    fn the_takers_error_is_the_one_reported() {
        let (pool, cancel) = (BufferPool::default(), CancelToken::new());
        let failed = || Error::WavTooLong { target: "x".into() };
        let result: Result<()> = run_ahead(
            1,
            &cancel,
            |send| loop {
                send(block(&pool))?;
            },
            |_| Err(failed()),
        );
        assert_eq!(result.unwrap_err().to_string(), failed().to_string());
    }

    #[test]
    fn a_cancelled_run_takes_nothing_more() {
        let (pool, cancel) = (BufferPool::default(), CancelToken::new());
        cancel.cancel();
        let result: Result<()> = run_ahead(1, &cancel, |send| send(block(&pool)), |_| panic!());
        assert!(matches!(result, Err(Error::Cancelled)));
    }
}
