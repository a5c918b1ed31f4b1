//! Several sinks as one, such as a file and a device.

use super::Sink;
use crate::Result;

/// Gives every block to each of its sinks, in order.
///
/// If a sink fails, the sinks after it do not get the block; all of them are
/// still finished. Put files before devices, so that a file holds all
/// that was heard.
#[derive(Default)]
pub struct Tee(Vec<Box<dyn Sink>>);

impl Tee {
    /// Returns a sink that writes to all of `sinks`.
    pub fn new(sinks: Vec<Box<dyn Sink>>) -> Self {
        Self(sinks)
    }
}

impl Sink for Tee {
    fn write(&mut self, samples: &[f32]) -> Result<()> {
        self.0.iter_mut().try_for_each(|sink| sink.write(samples))
    }

    fn flush(&mut self) -> Result<()> {
        self.0.iter_mut().try_for_each(|sink| sink.flush())
    }

    /// Finishes every sink, then returns the first error.
    fn finish(self: Box<Self>) -> Result<()> {
        let finished: Vec<_> = self.0.into_iter().map(Sink::finish).collect();
        finished.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Error;
    use crate::audio::SampleRate;
    use crate::sink::file::{self, FileOptions};
    use std::num::NonZeroU32;

    const RATE: SampleRate = NonZeroU32::new(16000).unwrap();

    /// Takes one block, fails at the next and at the end.
    struct OneBlock(usize);

    impl Sink for OneBlock {
        fn write(&mut self, _: &[f32]) -> Result<()> {
            self.0 += 1;
            if self.0 == 1 {
                Ok(())
            } else {
                Err(Error::Cancelled)
            }
        }

        fn finish(self: Box<Self>) -> Result<()> {
            Err(Error::Cancelled)
        }
    }

    #[test]
    fn every_sink_gets_every_block() {
        let folder = tempfile::tempdir().unwrap();
        let paths = ["a.wav", "b.wav"].map(|name| folder.path().join(name));
        let open = |path| file::create(path, RATE, &FileOptions::default()).unwrap();
        let mut tee = Tee::new(paths.iter().map(|path| open(path)).collect());
        tee.write(&[0.25; 100]).unwrap();
        tee.flush().unwrap();
        tee.write(&[0.5; 100]).unwrap();
        Box::new(tee).finish().unwrap();
        let [a, b] = paths.map(|path| std::fs::read(path).unwrap());
        assert_eq!(a.len(), 44 + 400);
        assert_eq!(a, b);
    }

    #[test]
    fn a_file_is_finished_even_if_the_sink_before_it_failed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.wav");
        let file = file::create(&path, RATE, &FileOptions::default()).unwrap();
        let mut tee = Tee::new(vec![Box::new(OneBlock(0)), file]);
        tee.write(&[0.25; 100]).unwrap();
        assert!(matches!(tee.write(&[0.5; 100]), Err(Error::Cancelled)));
        assert!(matches!(Box::new(tee).finish(), Err(Error::Cancelled)));
        assert_eq!(std::fs::read(path).unwrap().len(), 44 + 200);
    }
}
