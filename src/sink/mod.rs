//! Destinations of audio: a file, standard output, a sound device.
//!
//! A sink knows neither text nor voices. It is opened for one sample rate and
//! takes blocks until it is finished.

pub mod device;
mod encoded;
pub mod file;
mod rate_converter;
mod resampled;
pub mod stream;
mod tee;
mod trimmed;

pub use encoded::EncodedSink;
pub use rate_converter::RateConverter;
pub use resampled::Resampled;
pub use tee::Tee;
pub use trimmed::{TrimCount, Trimmed};

use crate::Result;

/// A destination for mono samples.
pub trait Sink: Send {
    /// Takes `samples`, each in −1..=1, in order.
    ///
    /// Returns when they are accepted: this is how a slow sink holds the
    /// producer back. Fails with [`Error::Cancelled`](crate::Error::Cancelled)
    /// if the run is cancelled during the wait.
    fn write(&mut self, samples: &[f32]) -> Result<()>;

    /// Saves what was written so far: a file is valid up to here, the reader
    /// of a pipe up to date. Devices have nothing to do.
    fn flush(&mut self) -> Result<()> {
        Ok(())
    }

    /// Ends the audio: a file gets its length and its name, a device plays to
    /// the last sample.
    ///
    /// May be called after a cancel: what was written stays valid, and a sink
    /// that could not end its audio fails with
    /// [`Error::Cancelled`](crate::Error::Cancelled). A sink that is dropped
    /// instead leaves no file under the final name.
    fn finish(self: Box<Self>) -> Result<()>;
}
