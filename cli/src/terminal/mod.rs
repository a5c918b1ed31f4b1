//! What a person sees: messages, hints, progress bars; and Ctrl-C.

pub(crate) mod hint;
pub(crate) mod progress;
pub(crate) mod report;
pub(crate) mod signals;
pub(crate) mod stdout;
pub(crate) mod suggest;
