//! Events that wait for their sample.

use std::collections::VecDeque;

/// Events in the order in which they happen, each at a sample of the output.
#[derive(Debug)]
pub(crate) struct Schedule<E> {
    waiting: VecDeque<(u64, E)>,
    /// The sample of the last event that was added.
    last: u64,
}

impl<E> Default for Schedule<E> {
    fn default() -> Self {
        Self {
            waiting: VecDeque::new(),
            last: 0,
        }
    }
}

impl<E> Schedule<E> {
    /// Adds an event that happens with `sample`, counted from 0; at the earliest with the
    /// event before it.
    pub(crate) fn push(&mut self, sample: u64, event: E) {
        self.last = self.last.max(sample);
        self.waiting.push_back((self.last, event));
    }

    /// Returns the sample of the next event.
    pub(crate) fn next_sample(&self) -> Option<u64> {
        self.waiting.front().map(|(sample, _)| *sample)
    }

    /// Takes the next event if it has happened after so many samples.
    pub(crate) fn take_due(&mut self, samples: u64) -> Option<E> {
        if self.next_sample()? >= samples {
            return None;
        }
        self.waiting.pop_front().map(|(_, event)| event)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_due_once_its_sample_was_heard() {
        let mut schedule = Schedule::default();
        assert_eq!(schedule.take_due(u64::MAX), None);
        for (sample, event) in [(0, "a"), (5, "b"), (3, "c")] {
            schedule.push(sample, event);
        }
        assert_eq!(schedule.take_due(0), None);
        assert_eq!(schedule.take_due(1), Some("a"));
        assert_eq!(
            (schedule.take_due(5), schedule.next_sample()),
            (None, Some(5))
        );
        assert_eq!(schedule.take_due(6), Some("b"));
        assert_eq!(schedule.take_due(6), Some("c"), "never before another");
    }
}
