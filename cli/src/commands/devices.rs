//! `piper-rs devices`: lists the sound devices.

use piper_rs::sink::device::{self, DeviceInfo};

use crate::args::DevicesArgs;
use crate::commands::Context;
use crate::terminal::report::Outcome;
use crate::terminal::stdout::print_line;

pub(crate) fn devices(args: &DevicesArgs, context: &Context) -> anyhow::Result<Outcome> {
    let devices = device::devices()?;
    if devices.is_empty() {
        context.reporter.note("no sound device");
    } else if !args.json && cfg!(target_os = "linux") {
        let names = "`aplay -L` lists more names; `--device` takes any that ALSA can open";
        context.reporter.note(names);
    }
    for device in &devices {
        let line = if args.json {
            json(device)
        } else {
            text(device)
        };
        print_line(&line)?;
    }
    Ok(Outcome::Done)
}

/// Returns the id and the name; the default device is marked with a star.
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
