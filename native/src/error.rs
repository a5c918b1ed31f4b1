//! What can go wrong while a part runs, or its weights are packed.

use std::io;

/// Why a part did not finish.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The caller wanted it to stop.
    #[error("it was cancelled")]
    Cancelled,
    /// There are fewer or more values than the sizes of the part ask for, or an id or a
    /// speaker that it does not know.
    #[error("its parts disagree about their sizes")]
    Disagreement,
    /// The sentence has more frames than it may have.
    #[error("the sentence is too long")]
    TooLong,
}

/// The result of a part.
pub type Result<T> = std::result::Result<T, Error>;

/// The weights cannot be packed.
pub(crate) fn no_kernels() -> io::Error {
    let reason = "this processor does not have the kernels";
    io::Error::new(io::ErrorKind::Unsupported, reason)
}
