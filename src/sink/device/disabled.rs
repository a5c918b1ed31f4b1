//! No sound devices: built without feature `playback`.

use super::{DeviceInfo, DeviceOptions};
use crate::audio::SampleRate;
use crate::{Error, Result};

pub(super) fn host_name() -> Option<&'static str> {
    None
}

pub(super) fn devices() -> Result<Vec<DeviceInfo>> {
    Ok(Vec::new())
}

/// Never exists.
pub(super) enum Playback {}

impl Playback {
    pub(super) fn open(_: &DeviceOptions, _: SampleRate) -> Result<Self> {
        Err(Error::NoPlayback)
    }

    pub(super) fn write(&mut self, _: &[f32]) -> Result<()> {
        match *self {}
    }

    pub(super) fn finish(self) -> Result<()> {
        match self {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_no_device_and_the_error_says_why() {
        assert_eq!(devices().unwrap(), []);
        let rate = SampleRate::new(22050).unwrap();
        let opened = Playback::open(&DeviceOptions::default(), rate);
        assert!(matches!(opened, Err(Error::NoPlayback)));
    }
}
