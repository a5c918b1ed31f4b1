//! Making blocks ahead of their consumer.

use std::ops::ControlFlow;
use std::sync::mpsc;

use crate::threads;
use crate::{CancelToken, Error, Result};

/// Runs `produce` on its own thread and `consume` on the calling one, which is
/// at most `depth` items behind.
///
/// Items are audio blocks, or whatever carries them. `produce` gets a function
/// to send them with, which waits while the queue is full: a slow consumer
/// holds the producer back. If `consume` fails or breaks, the token is
/// cancelled, so that the producer stops in the middle of an inference. The
/// consumer's error wins over the producer's.
pub fn run_ahead<B, T, E>(
    depth: usize,
    cancel: &CancelToken,
    produce: impl FnOnce(&mut dyn FnMut(B) -> Result<()>) -> Result<T, E> + Send,
    mut consume: impl FnMut(B) -> Result<ControlFlow<()>, E>,
) -> Result<T, E>
where
    B: Send,
    T: Send,
    E: From<Error> + Send,
{
    std::thread::scope(|scope| {
        let (sender, items) = mpsc::sync_channel(depth);
        let producer = threads::spawn_scoped(scope, "ahead", move || {
            produce(&mut |item| sender.send(item).map_err(|_| Error::Cancelled))
        })?;
        let consumed = consume_all(&items, cancel, &mut consume);
        // Before waiting for the producer, which may wait for room in the queue.
        drop(items);
        let produced = producer
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        consumed.and(produced)
    })
}

fn consume_all<B, E: From<Error>>(
    items: &mpsc::Receiver<B>,
    cancel: &CancelToken,
    consume: &mut dyn FnMut(B) -> Result<ControlFlow<()>, E>,
) -> Result<(), E> {
    for item in items {
        // Audio made before a cancel must not be heard after it.
        if cancel.is_cancelled() {
            return Err(Error::Cancelled.into());
        }
        match consume(item) {
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
            phrase: None,
        }
    }

    #[test]
    fn every_block_arrives_and_the_producer_stays_within_its_lead() {
        let (pool, cancel) = (BufferPool::default(), CancelToken::new());
        let consumed = AtomicUsize::new(0);
        let made: Result<i32> = run_ahead(
            2,
            &cancel,
            |send| {
                for made in 0..50 {
                    // In the queue, at the consumer, and being sent.
                    assert!(made - consumed.load(Ordering::SeqCst) as i32 <= 4);
                    send(block(&pool))?;
                }
                Ok(50)
            },
            |_| {
                consumed.fetch_add(1, Ordering::SeqCst);
                Ok(ControlFlow::Continue(()))
            },
        );
        assert_eq!((made.unwrap(), consumed.into_inner()), (50, 50));
        assert!(pool.stats().allocated <= 4, "{:?}", pool.stats());
    }

    #[test]
    fn a_consumer_that_breaks_stops_the_producer() {
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
    fn the_consumers_error_wins() {
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
    fn a_cancelled_run_consumes_no_more_blocks() {
        let (pool, cancel) = (BufferPool::default(), CancelToken::new());
        cancel.cancel();
        let result: Result<()> = run_ahead(1, &cancel, |send| send(block(&pool)), |_| panic!());
        assert!(matches!(result, Err(Error::Cancelled)));
    }
}
