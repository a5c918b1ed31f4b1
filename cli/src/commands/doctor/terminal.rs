//! Checks the terminal and the locale.

use std::io::{IsTerminal as _, stdout};

use super::finding::Finding;
use crate::environment;
use crate::terminal::width::columns_of;

const ABOUT: &str = "terminal";

pub(super) fn check() -> Finding {
    let color = match environment::no_color() {
        true => "no color (NO_COLOR is set)",
        false => "color",
    };
    let terminal = match (stdout().is_terminal(), columns_of(&stdout())) {
        (true, Some(columns)) => format!("{columns} columns, {color}"),
        (true, None) => color.to_owned(),
        (false, _) => "stdout is not a terminal".to_owned(),
    };
    match environment::locale_is_utf8() {
        true => Finding::ok(ABOUT, terminal + "; locale is UTF-8"),
        false => Finding::warning(
            ABOUT,
            terminal + "; locale is not UTF-8",
            "set LANG=C.UTF-8 so that letters with accents are displayed correctly",
        ),
    }
}
