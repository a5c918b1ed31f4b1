//! What was typed, before clap sees it.

use std::ffi::OsString;

/// Prepares what was typed for clap: Piper's `--snake_case` flags become
/// `--kebab-case`, flags without a command mean `speak`, `--version` among
/// them is the command `version`, and `--stats json` is `--stats=json`.
///
/// No argument at all means `speak` too, unless somebody sits at the terminal.
pub(crate) fn normalize(
    typed: impl IntoIterator<Item = OsString>,
    stdin_is_terminal: bool,
) -> Vec<OsString> {
    let mut typed = typed.into_iter();
    let mut args: Vec<OsString> = typed.next().into_iter().collect();
    let mut rest: Vec<OsString> = typed.collect();
    match rest.first().map(|arg| arg.to_str().unwrap_or_default()) {
        None if stdin_is_terminal => {}
        Some(first) if !is_flag_of_speak(first) => {}
        _ => rest.insert(0, "speak".into()),
    }
    let only_text = rest.iter().position(|arg| arg == "--");
    let text = rest.split_off(only_text.unwrap_or(rest.len()));
    if asks_version(&rest) {
        args.push("version".into());
        return args;
    }
    for arg in rest {
        match arg.to_str() {
            // clap cannot tell an optional value from a text: these two are values.
            Some("json" | "text") if args.last().is_some_and(|last| last == "--stats") => {
                args.pop();
                args.push(format!("--stats={}", arg.display()).into());
            }
            _ => args.push(hyphenated(arg)),
        }
    }
    args.extend(text);
    args
}

/// Returns whether `--version` stands among the flags of `speak`, where old
/// piper had it.
fn asks_version(args: &[OsString]) -> bool {
    args.first().is_some_and(|command| command == "speak")
        && (args.iter().any(|arg| arg == "--version") || args.get(1).is_some_and(|arg| arg == "-V"))
}

fn is_flag_of_speak(arg: &str) -> bool {
    arg.starts_with('-') && !matches!(arg, "-h" | "--help")
}

/// Turns `--a_b=c_d` into `--a-b=c_d`.
fn hyphenated(arg: OsString) -> OsString {
    match arg.to_str() {
        Some(text) if text.starts_with("--") => {
            let (name, value) = text.split_at(text.find('=').unwrap_or(text.len()));
            (name.replace('_', "-") + value).into()
        }
        _ => arg,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pipers_spellings_are_ours() {
        let cases = [
            ("x --output_file a_b", "x speak --output-file a_b"),
            ("x speak --length_scale=1_0", "x speak --length-scale=1_0"),
            ("x speak -- --a_b", "x speak -- --a_b"),
            ("x phonemes a_b", "x phonemes a_b"),
            ("x --version", "x version"),
            ("x -V", "x version"),
            ("x speak -m y --version", "x version"),
            ("x speak -- --version", "x speak -- --version"),
            ("x -o y --stats json", "x speak -o y --stats=json"),
            ("x speak --stats text json", "x speak --stats=text json"),
            ("x speak --stats hello json", "x speak --stats hello json"),
            ("x", "x speak"),
        ];
        let words = |text: &str| text.split(' ').map(OsString::from).collect::<Vec<_>>();
        for (typed, expected) in cases {
            assert_eq!(normalize(words(typed), false), words(expected), "{typed}");
        }
    }
}
