//! Checks the sound devices.

use piper_rs::sink::device::{self, DeviceInfo};

use super::finding::{Finding, Status, counted};

const ABOUT: &str = "sound";
const REMEDY: &str = "until then write files with `-o FILE`, or samples with `--raw`";

/// `configured` is the device of the config file.
pub(super) fn check(configured: Option<&str>) -> Finding {
    if cfg!(not(feature = "playback")) {
        return Finding::warning(ABOUT, "this build has no support for playback", REMEDY);
    }
    let devices = match device::devices() {
        Ok(devices) if devices.is_empty() => {
            return Finding::warning(ABOUT, "no sound device", REMEDY);
        }
        Ok(devices) => devices,
        Err(error) => {
            let finding = Finding::problem(ABOUT, error).with_remedy(REMEDY);
            return finding.with_status(Status::Warning);
        }
    };
    let host = device::host_name().unwrap_or_default();
    let found = format!("{host}, {}", counted(devices.len(), "device"));
    let default = devices.iter().find(|device| device.is_default);
    match (configured, default) {
        (Some(name), _) if !devices.iter().any(|device| is_named(device, name)) => {
            let found = format!("{found}, but not `{name}` of the config file");
            Finding::warning(ABOUT, found, "`piper-rs devices` lists the devices")
        }
        (Some(name), _) => Finding::ok(ABOUT, format!("{found}, plays on {name}")),
        (None, Some(default)) => {
            Finding::ok(ABOUT, format!("{found}, default device `{}`", default.id))
        }
        (None, None) => Finding::warning(
            ABOUT,
            found + ", no default device",
            "choose one with `--device NAME`; `piper-rs devices` lists the devices",
        ),
    }
}

fn is_named(device: &DeviceInfo, name: &str) -> bool {
    let names = [&device.id, &device.name];
    names.into_iter().any(|own| own.eq_ignore_ascii_case(name))
}
