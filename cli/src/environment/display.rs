//! What the user's terminal shows: colours and characters.

use std::env;

/// Returns whether the user wants no colour: see no-color.org.
pub(crate) fn no_color() -> bool {
    env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
}

/// Returns whether the terminal cannot draw, or a user of one that can says so.
pub(crate) fn terminal_is_dumb() -> bool {
    env::var_os("TERM").is_none_or(|term| term == "dumb")
}

/// Returns whether the locale is UTF-8, as far as the environment tells.
pub(crate) fn locale_is_utf8() -> bool {
    let names = ["LC_ALL", "LC_CTYPE", "LANG"];
    let set = names.into_iter().filter_map(env::var_os);
    let locale = set.into_iter().find(|value| !value.is_empty());
    let locale = locale.unwrap_or_default().to_string_lossy().to_lowercase();
    cfg!(windows) || locale.replace('-', "").contains("utf8")
}
