//! Reusable sample buffers.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How many idle buffers a pool keeps unless told otherwise: the original
/// design's number, and more than a run has in flight.
pub const DEFAULT_MAX_IDLE: usize = 10;

/// Buffers with more capacity than this are shrunk to it when they return:
/// 10 MB, two minutes of speech at 22 050 Hz.
pub const SHRINK_ABOVE_BYTES: usize = 10 * 1000 * 1000;

const SAMPLE_BYTES: usize = size_of::<f32>();

/// A bounded, thread-safe store of sample buffers.
///
/// # Purpose
/// A run makes and drops one buffer per block. The pool hands the dropped
/// ones out again, so that a long run stops allocating once it is warm.
///
/// # Usage
/// [`acquire`](Self::acquire) gives an empty buffer that returns by itself
/// when it is dropped, from any thread. Clones are the same pool. A buffer
/// that returns to a full pool is freed; one that outlives every handle to
/// its pool still returns to it and is freed with it.
///
/// # Performance
/// Tuned for few, large buffers: a linear best-fit search under one mutex.
#[derive(Clone, Debug)]
pub struct BufferPool(Arc<Mutex<Shelf>>);

#[derive(Debug)]
struct Shelf {
    idle: Vec<Vec<f32>>,
    max_idle: usize,
    stats: PoolStats,
}

/// What a pool has done since it was made or its statistics were reset.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct PoolStats {
    /// Buffers handed out.
    pub acquired: u64,
    /// Of those, newly allocated, or grown because none was large enough.
    pub allocated: u64,
    /// Of those, taken from the shelf with enough capacity.
    pub reused: u64,
    /// Buffers given back.
    pub returned: u64,
    /// Of those, freed because the shelf was full, or shrunk.
    pub discarded: u64,
    /// Of those, enlarged by their user while they were out: room asked for
    /// was too little.
    pub grown: u64,
    /// Buffers out now.
    pub in_flight: u64,
    /// The most that were ever out at once.
    pub peak_in_flight: u64,
    /// Capacity of the idle buffers now.
    pub bytes_held: u64,
}

impl Default for BufferPool {
    fn default() -> Self {
        Self::new(DEFAULT_MAX_IDLE)
    }
}

impl BufferPool {
    /// Returns a pool that keeps at most `max_idle` unused buffers.
    pub fn new(max_idle: usize) -> Self {
        Self(Arc::new(Mutex::new(Shelf {
            idle: Vec::with_capacity(max_idle),
            max_idle,
            stats: PoolStats::default(),
        })))
    }

    /// Returns an empty buffer with room for `samples` samples at least.
    ///
    /// Takes the smallest idle buffer that is large enough; failing that, the
    /// largest one, grown.
    pub fn acquire(&self, samples: usize) -> PooledBuffer {
        let mut shelf = self.shelf();
        let taken = shelf.best_fit(samples).map(|i| shelf.idle.swap_remove(i));
        shelf.stats.acquired += 1;
        match &taken {
            Some(buffer) if buffer.capacity() >= samples => shelf.stats.reused += 1,
            _ => shelf.stats.allocated += 1,
        }
        shelf.stats.in_flight += 1;
        shelf.stats.peak_in_flight = shelf.stats.peak_in_flight.max(shelf.stats.in_flight);
        drop(shelf);

        // Outside the lock: a large allocation may take its time.
        let mut buffer = taken.unwrap_or_default();
        buffer.reserve(samples);
        PooledBuffer {
            lent: buffer.capacity(),
            samples: buffer,
            pool: self.clone(),
        }
    }

    /// Changes how many unused buffers are kept; frees those above it.
    pub fn set_max_idle(&self, max_idle: usize) {
        let mut shelf = self.shelf();
        shelf.max_idle = max_idle;
        shelf.idle.truncate(max_idle);
    }

    /// Frees every unused buffer. Those in flight are not touched.
    pub fn clear(&self) {
        self.shelf().idle.clear();
    }

    /// Returns the statistics.
    pub fn stats(&self) -> PoolStats {
        let shelf = self.shelf();
        let bytes_held = shelf
            .idle
            .iter()
            .map(|b| (b.capacity() * SAMPLE_BYTES) as u64)
            .sum();
        PoolStats {
            bytes_held,
            ..shelf.stats
        }
    }

    /// Sets every count to zero, but for what describes the present.
    pub fn reset_stats(&self) {
        let mut shelf = self.shelf();
        let in_flight = shelf.stats.in_flight;
        shelf.stats = PoolStats {
            in_flight,
            peak_in_flight: in_flight,
            ..PoolStats::default()
        };
    }

    fn put_back(&self, mut buffer: Vec<f32>, lent: usize) {
        let mut shelf = self.shelf();
        shelf.stats.returned += 1;
        shelf.stats.grown += u64::from(buffer.capacity() > lent);
        shelf.stats.in_flight -= 1;
        if shelf.idle.len() >= shelf.max_idle {
            shelf.stats.discarded += 1;
            return;
        }
        buffer.clear();
        if buffer.capacity() * SAMPLE_BYTES > SHRINK_ABOVE_BYTES {
            shelf.stats.discarded += 1;
            buffer.shrink_to(SHRINK_ABOVE_BYTES / SAMPLE_BYTES);
        }
        shelf.idle.push(buffer);
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        // Nothing under the lock panics half-way through a change.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shelf {
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

/// A sample buffer on loan. Use it as a `Vec<f32>`; dropping it returns it.
#[derive(Debug)]
pub struct PooledBuffer {
    samples: Vec<f32>,
    /// Its capacity when it was handed out.
    lent: usize,
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
            .put_back(std::mem::take(&mut self.samples), self.lent);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_returned_buffer_is_handed_out_again() {
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
    fn a_buffer_that_outgrows_its_loan_is_counted() {
        let pool = BufferPool::default();
        pool.acquire(1).resize(1000, 0.0);
        pool.acquire(1000).resize(1000, 0.0);
        assert_eq!(pool.stats().grown, 1);
    }

    #[test]
    fn a_full_pool_frees_what_returns() {
        let pool = BufferPool::new(1);
        drop((pool.acquire(1), pool.acquire(1)));
        let stats = pool.stats();
        assert_eq!(
            (stats.returned, stats.discarded, stats.peak_in_flight),
            (2, 1, 2)
        );
    }

    #[test]
    fn an_oversized_buffer_comes_back_shrunk() {
        let pool = BufferPool::default();
        drop(pool.acquire(SHRINK_ABOVE_BYTES));
        let stats = pool.stats();
        assert!(stats.bytes_held <= SHRINK_ABOVE_BYTES as u64, "{stats:?}");
        assert_eq!(stats.discarded, 1);
    }

    #[test]
    fn the_size_can_change_while_buffers_are_out() {
        let pool = BufferPool::new(3);
        let out: Vec<_> = (0..3).map(|_| pool.acquire(8)).collect();
        pool.set_max_idle(1);
        drop(out);
        assert_eq!(pool.stats().bytes_held, 32);
        pool.clear();
        assert_eq!(pool.stats().bytes_held, 0);
    }

    #[test]
    fn resetting_keeps_what_is_out() {
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
    fn threads_share_it() {
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
                prop_assert!(pool.shelf().idle.len() <= max_idle);
            }
        }
    }
}
