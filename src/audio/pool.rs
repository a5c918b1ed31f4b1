//! Reusable sample buffers.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How many idle buffers a pool keeps by default: the number of the original
/// design, and more than a session has in flight.
pub const DEFAULT_MAX_IDLE: usize = 10;

/// Larger buffers are shrunk to this capacity when they return: 10 MB, two
/// minutes of speech at 22 050 Hz.
pub const SHRINK_ABOVE_BYTES: usize = 10 * 1000 * 1000;

const SAMPLE_BYTES: usize = size_of::<f32>();

/// A bounded, thread-safe store of sample buffers.
///
/// # Purpose
/// Every audio block needs a buffer. The pool reuses the buffers of dropped
/// blocks, so that a long session soon stops allocating.
///
/// # Usage
/// [`acquire`](Self::acquire) returns an empty buffer, which goes back to the
/// pool when it is dropped, on any thread. Clones share one pool. A full pool
/// frees the buffers that return to it. Buffers keep their pool alive.
///
/// # Performance
/// Tuned for few, large buffers: a linear best-fit search under one mutex.
#[derive(Clone, Debug)]
pub struct BufferPool(Arc<Mutex<PoolState>>);

#[derive(Debug)]
struct PoolState {
    idle: Vec<Vec<f32>>,
    max_idle: usize,
    stats: PoolStats,
}

/// Counts since the pool was made or its statistics were reset.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct PoolStats {
    /// Buffers that were handed out.
    pub acquired: u64,
    /// Of those, new buffers, and idle ones that were too small and grew.
    pub allocated: u64,
    /// Of those, idle buffers with enough capacity.
    pub reused: u64,
    /// Buffers that were returned.
    pub returned: u64,
    /// Of those, freed because the pool was full, or shrunk.
    pub discarded: u64,
    /// Of those, grown by their user: the requested capacity was too small.
    pub grown: u64,
    /// Buffers in use now.
    pub in_flight: u64,
    /// The most buffers in use at once.
    pub peak_in_flight: u64,
    /// Capacity of the idle buffers now, in bytes.
    pub bytes_held: u64,
}

impl Default for BufferPool {
    fn default() -> Self {
        Self::new(DEFAULT_MAX_IDLE)
    }
}

impl BufferPool {
    /// Returns a pool that keeps at most `max_idle` idle buffers.
    pub fn new(max_idle: usize) -> Self {
        Self(Arc::new(Mutex::new(PoolState {
            idle: Vec::with_capacity(max_idle),
            max_idle,
            stats: PoolStats::default(),
        })))
    }

    /// Returns an empty buffer with a capacity of at least `samples` samples:
    /// the smallest idle buffer that is large enough, else the largest one,
    /// grown.
    pub fn acquire(&self, samples: usize) -> PooledBuffer {
        let mut state = self.lock();
        let taken = state.best_fit(samples).map(|i| state.idle.swap_remove(i));
        state.stats.acquired += 1;
        match &taken {
            Some(buffer) if buffer.capacity() >= samples => state.stats.reused += 1,
            _ => state.stats.allocated += 1,
        }
        state.stats.in_flight += 1;
        state.stats.peak_in_flight = state.stats.peak_in_flight.max(state.stats.in_flight);
        drop(state);

        // Outside the lock, because a large allocation may be slow.
        let mut buffer = taken.unwrap_or_default();
        buffer.reserve(samples);
        PooledBuffer {
            initial_capacity: buffer.capacity(),
            samples: buffer,
            pool: self.clone(),
        }
    }

    /// Changes how many idle buffers are kept, and frees the others.
    pub fn set_max_idle(&self, max_idle: usize) {
        let mut state = self.lock();
        state.max_idle = max_idle;
        state.idle.truncate(max_idle);
    }

    /// Frees every idle buffer. Buffers in use are not affected.
    pub fn clear(&self) {
        self.lock().idle.clear();
    }

    /// Returns the statistics.
    pub fn stats(&self) -> PoolStats {
        let state = self.lock();
        let bytes_held = state
            .idle
            .iter()
            .map(|b| (b.capacity() * SAMPLE_BYTES) as u64)
            .sum();
        PoolStats {
            bytes_held,
            ..state.stats
        }
    }

    /// Resets every count except the buffers in use.
    pub fn reset_stats(&self) {
        let mut state = self.lock();
        let in_flight = state.stats.in_flight;
        state.stats = PoolStats {
            in_flight,
            peak_in_flight: in_flight,
            ..PoolStats::default()
        };
    }

    fn release(&self, mut buffer: Vec<f32>, initial_capacity: usize) {
        let mut state = self.lock();
        state.stats.returned += 1;
        state.stats.grown += u64::from(buffer.capacity() > initial_capacity);
        state.stats.in_flight -= 1;
        if state.idle.len() >= state.max_idle {
            state.stats.discarded += 1;
            return;
        }
        buffer.clear();
        if buffer.capacity() * SAMPLE_BYTES > SHRINK_ABOVE_BYTES {
            state.stats.discarded += 1;
            buffer.shrink_to(SHRINK_ABOVE_BYTES / SAMPLE_BYTES);
        }
        state.idle.push(buffer);
    }

    fn lock(&self) -> MutexGuard<'_, PoolState> {
        // Nothing under the lock panics half-way through a change.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PoolState {
    fn best_fit(&self, samples: usize) -> Option<usize> {
        let fitting = self.indexed().filter(|(_, capacity)| *capacity >= samples);
        let best = fitting.min_by_key(|(_, capacity)| *capacity);
        best.or_else(|| self.indexed().max_by_key(|(_, capacity)| *capacity))
            .map(|(i, _)| i)
    }

    fn indexed(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        self.idle.iter().map(Vec::capacity).enumerate()
    }
}

/// A buffer of samples, used like a `Vec<f32>`. Dropping it returns it to its
/// pool.
#[derive(Debug)]
pub struct PooledBuffer {
    samples: Vec<f32>,
    /// Its capacity when it was handed out.
    initial_capacity: usize,
    pool: BufferPool,
}

impl Deref for PooledBuffer {
    type Target = Vec<f32>;

    fn deref(&self) -> &Vec<f32> {
        &self.samples
    }
}

impl DerefMut for PooledBuffer {
    fn deref_mut(&mut self) -> &mut Vec<f32> {
        &mut self.samples
    }
}

impl Drop for PooledBuffer {
    fn drop(&mut self) {
        self.pool
            .release(std::mem::take(&mut self.samples), self.initial_capacity);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_returned_buffer_is_reused() {
        let pool = BufferPool::default();
        let address = {
            let mut buffer = pool.acquire(100);
            buffer.resize(100, 0.5);
            buffer.as_ptr()
        };
        let again = pool.acquire(100);
        assert_eq!(again.as_ptr(), address);
        assert!(again.is_empty());
        let stats = pool.stats();
        assert_eq!((stats.acquired, stats.allocated, stats.reused), (2, 1, 1));
    }

    #[test]
    fn the_smallest_buffer_that_fits_is_taken() {
        let pool = BufferPool::default();
        let (small, large) = (pool.acquire(10), pool.acquire(1000));
        let (small_at, large_at) = (small.as_ptr(), large.as_ptr());
        drop((large, small));
        assert_eq!(pool.acquire(11).as_ptr(), large_at);
        assert_eq!(pool.acquire(10).as_ptr(), small_at);
    }

    #[test]
    fn a_buffer_that_grows_is_counted() {
        let pool = BufferPool::default();
        pool.acquire(1).resize(1000, 0.0);
        pool.acquire(1000).resize(1000, 0.0);
        assert_eq!(pool.stats().grown, 1);
    }

    #[test]
    fn a_full_pool_frees_returned_buffers() {
        let pool = BufferPool::new(1);
        drop((pool.acquire(1), pool.acquire(1)));
        let stats = pool.stats();
        assert_eq!(
            (stats.returned, stats.discarded, stats.peak_in_flight),
            (2, 1, 2)
        );
    }

    #[test]
    fn an_oversized_buffer_is_shrunk() {
        let pool = BufferPool::default();
        drop(pool.acquire(SHRINK_ABOVE_BYTES));
        let stats = pool.stats();
        assert!(stats.bytes_held <= SHRINK_ABOVE_BYTES as u64, "{stats:?}");
        assert_eq!(stats.discarded, 1);
    }

    #[test]
    fn the_limit_can_change_while_buffers_are_in_use() {
        let pool = BufferPool::new(3);
        let out: Vec<_> = (0..3).map(|_| pool.acquire(8)).collect();
        pool.set_max_idle(1);
        drop(out);
        assert_eq!(pool.stats().bytes_held, 32);
        pool.clear();
        assert_eq!(pool.stats().bytes_held, 0);
    }

    #[test]
    fn a_reset_keeps_the_buffers_in_use() {
        let pool = BufferPool::default();
        let _out = pool.acquire(1);
        pool.reset_stats();
        let expected = PoolStats {
            in_flight: 1,
            peak_in_flight: 1,
            ..PoolStats::default()
        };
        assert_eq!(pool.stats(), expected);
    }

    #[test]
    fn threads_share_a_pool() {
        let pool = BufferPool::new(4);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..200).for_each(|i| drop(pool.acquire(i))));
            }
        });
        let stats = pool.stats();
        assert_eq!(
            (stats.acquired, stats.returned, stats.in_flight),
            (800, 800, 0)
        );
    }

    proptest! {
        #[test]
        fn counts_add_up_and_limits_hold(sizes in prop::collection::vec((0usize..5000, any::<bool>()), 0..60), max_idle in 0usize..6) {
            let pool = BufferPool::new(max_idle);
            let mut out = Vec::new();
            for (size, keep) in sizes {
                let buffer = pool.acquire(size);
                prop_assert!(buffer.is_empty() && buffer.capacity() >= size);
                if keep {
                    out.push(buffer);
                } else {
                    drop(buffer);
                    out.clear();
                }
                let stats = pool.stats();
                prop_assert_eq!(stats.acquired, stats.allocated + stats.reused);
                prop_assert_eq!(stats.in_flight, stats.acquired - stats.returned);
                prop_assert_eq!(stats.in_flight, out.len() as u64);
                prop_assert!(pool.lock().idle.len() <= max_idle);
            }
        }
    }
}
