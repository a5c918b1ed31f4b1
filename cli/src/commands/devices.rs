//! `piper-rs devices`: the sound devices there are.

use std::io::Write;

use piper_rs::sink::device::{DeviceInfo, devices};

use crate::args::DevicesArgs;
use crate::terminal::report::{Outcome, Reporter};

pub(crate) fn list(
    args: &DevicesArgs,
    reporter: &Reporter,
    mut out: impl Write,
) -> anyhow::Result<Outcome> {
    let devices = devices()?;
    if devices.is_empty() {
        reporter.note("there is no sound device");
    }
    for device in &devices {
        let line = if args.json {
            json(device)
        } else {
            text(device)
        };
        writeln!(out, "{line}").map_err(|source| piper_rs::Error::Output {
            target: "standard output".to_owned(),
            source,
        })?;
    }
    Ok(Outcome::Done)
}

/// The name, a star before the default one.
fn text(device: &DeviceInfo) -> String {
    let star = if device.is_default { '*' } else { ' ' };
    match device.id == device.name {
        true => format!("{star} {}", device.name),
        false => format!("{star} {}  ({})", device.id, device.name),
    }
}

fn json(device: &DeviceInfo) -> String {
    let DeviceInfo {
        id,
        name,
        is_default,
    } = device;
    serde_json::json!({ "id": id, "name": name, "default": is_default }).to_string()
}
