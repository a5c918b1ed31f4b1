//! Where audio goes: a file, standard output, a sound device.
//!
//! A sink knows nothing of text or voices. It is opened for one sample rate
//! and takes blocks until it is finished.

pub mod device;
pub mod stream;
pub mod tee;
pub mod wav;

use crate::Result;

/// A destination for mono samples.
pub trait Sink: Send {
    /// Takes `samples`, each in −1..=1, in order.
    ///
    /// Returns when they are accepted, which is how a slow sink holds the
    /// producer back. Fails with [`Error::Cancelled`](crate::Error::Cancelled)
    /// when the run is cancelled while it waits.
    fn write(&mut self, samples: &[f32]) -> Result<()>;

    /// Makes what was written so far good: a file valid up to here, a pipe's
    /// reader up to date. Devices have nothing to do.
    fn flush(&mut self) -> Result<()> {
        Ok(())
    }

    /// Ends the audio: a file gets its length and its name, a device is
    /// heard to the last sample.
    ///
    /// Also right after a cancelled run: what was written stays valid, and a
    /// sink that could not end its audio says
    /// [`Error::Cancelled`](crate::Error::Cancelled). A sink dropped without
    /// it leaves no file under the final name.
    fn finish(self: Box<Self>) -> Result<()>;
}
