//! Bytes → text, as it arrives.
//!
//! [`Passages`] reads one [`Input`] and hands out its text line by line or
//! paragraph by paragraph, each the moment it is complete: a line of a pipe
//! is there when its newline is, not at the end of the file. Memory stays
//! bounded however long a line, a paragraph or the whole input is.

mod cutter;
mod decode;
mod printable;
mod reader;

pub use cutter::Unit;
pub use decode::Encoding;
pub use printable::printable;
pub use reader::{Input, Passage, Passages, ReadOptions};
