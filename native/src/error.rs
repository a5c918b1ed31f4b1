//! What can go wrong while a part runs.

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
