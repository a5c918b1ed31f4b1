//! Whose fault an error is: the model's, or the process's and its system's.

use std::io;

use crate::Error;
use crate::error::Cause;
use crate::voice::trial;

/// Returns whether the system refused a thread, which it may grant another time.
pub(super) fn is_refused_thread(error: &Cause) -> bool {
    matches!(error.downcast_ref(), Some(Error::Thread { .. }))
}

/// Returns whether this process lacked something that others have, such as memory or
/// open files: that is no fault of a voice, which they share.
pub(super) fn is_of_process(error: &Cause) -> bool {
    const LACKS: [&str; 5] = [
        "bad_alloc",
        "bad allocation",
        "BFCArena",
        "annot allocate memory",
        "open files",
    ];
    let message = error.to_string();
    is_refused_thread(error)
        || error.is::<std::io::Error>()
        || LACKS.iter().any(|lack| message.contains(lack))
}

/// Whether a prepared model is of no use, although the stock model may be. One that
/// does not finish a sentence would not do so as a stock model either. A refused
/// thread may be granted another time, and a full disk may have room then.
pub(super) fn is_fault_of_model(error: &Cause) -> bool {
    let is_of_system = is_refused_thread(error) || error.is::<io::Error>();
    !is_of_system && !trial::is_timeout(error)
}
