//! Interaction with the user: messages, hints, progress bars, signals.

pub(crate) mod hint;
pub(crate) mod progress;
pub(crate) mod report;
pub(crate) mod signals;
pub(crate) mod stdout;
pub(crate) mod suggest;
