//! Interaction with the user: messages, hints, progress bars, signals.

mod bar_style;
pub(crate) mod hint;
pub(crate) mod progress;
pub(crate) mod quantity;
pub(crate) mod quote;
pub(crate) mod report;
pub(crate) mod signals;
pub(crate) mod stdout;
pub(crate) mod suggest;
pub(crate) mod width;
