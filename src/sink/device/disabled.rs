//! No sound devices: built without feature `playback`.

use super::{DeviceInfo, DeviceOptions, OpenedDevice};
use crate::audio::SampleRate;
use crate::{Error, Result};

pub(super) fn host_name() -> Option<&'static str> {
    None
}

pub(super) fn devices() -> Result<Vec<DeviceInfo>> {
    Ok(Vec::new())
}

pub(super) fn open(_: &DeviceOptions, _: SampleRate) -> Result<OpenedDevice> {
    Err(Error::NoPlayback)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_no_device_and_the_error_names_the_feature() {
        assert_eq!(devices().unwrap(), []);
        let rate = SampleRate::new(22050).unwrap();
        let opened = open(&DeviceOptions::default(), rate);
        assert!(matches!(opened, Err(Error::NoPlayback)));
    }
}
