//! The terminal, and whether it shows what voices and texts are called.

use std::io::{IsTerminal as _, stdout};

use super::Finding;
use crate::environment;

const ABOUT: &str = "terminal";

pub(super) fn check() -> Vec<Finding> {
    let colour = match environment::no_color() {
        true => "no colour (NO_COLOR)",
        false => "colour",
    };
    let screen = match (stdout().is_terminal(), width()) {
        (true, Some(columns)) => format!("{columns} columns, {colour}"),
        (true, None) => colour.to_owned(),
        (false, _) => "standard output is none".to_owned(),
    };
    vec![match environment::locale_is_utf8() {
        true => Finding::ok(ABOUT, screen + ", UTF-8"),
        false => Finding::warning(
            ABOUT,
            screen + ", and the locale is not UTF-8",
            "set LANG=C.UTF-8, or letters with accents are shown wrongly",
        ),
    }]
}

#[cfg(unix)]
fn width() -> Option<u16> {
    let size = rustix::termios::tcgetwinsize(stdout()).ok()?;
    Some(size.ws_col).filter(|columns| *columns > 0)
}

#[cfg(not(unix))]
fn width() -> Option<u16> {
    None
}
