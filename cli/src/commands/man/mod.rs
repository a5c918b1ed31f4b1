//! `piper-rs man`: the man page, generated from the definitions of the commands,
//! flags, variables, files and exit codes.

mod roff;

use clap::{Arg, ArgAction, Command, CommandFactory as _};

use self::roff::{Roff, bold, italic};
use super::interactive;
use crate::args::{Cli, EXIT_CODES};
use crate::environment::{FILES, VARIABLES};

/// Other pages that a reader may want.
const SEE_ALSO: [&str; 4] = ["aplay", "espeak-ng", "ffmpeg", "sox"];

/// Returns the manual as one page.
pub(crate) fn man_page() -> String {
    let mut command = Cli::command();
    command.build();
    let mut page = Roff::new(command.get_name(), env!("CARGO_PKG_VERSION"));
    write_introduction(&mut page, &mut command);
    page.section("Global options");
    let is_global = |arg: &&Arg| arg.is_global_set() || is_help(arg);
    for arg in command.get_arguments().filter(is_global) {
        write_option(&mut page, arg);
    }
    write_commands(&mut page, &command, "");
    page.section("Examples");
    write_examples(&mut page, &after_help(&command));
    page.section("Environment");
    for (name, meaning) in VARIABLES {
        page.item(&bold(name), meaning);
    }
    page.section("Files");
    for (path, meaning) in FILES {
        page.item(&italic(path), meaning);
    }
    page.section("Exit status");
    for (code, meaning) in EXIT_CODES {
        page.item(&bold(&code.to_string()), meaning);
    }
    page.section("See also");
    let pages = SEE_ALSO.map(|name| format!("{}(1)", bold(name)));
    page.marked_paragraph(&pages.join(", "));
    page.finish()
}

fn write_introduction(page: &mut Roff, command: &mut Command) {
    let about = about(command);
    page.section("Name");
    page.paragraphs(&format!("{} - {about}", command.get_name()));
    page.section("Synopsis");
    let options = italic("OPTIONS");
    let name = bold(command.get_name());
    page.marked_paragraph(&format!("{name} [{options}] {} …", italic("COMMAND")));
    page.marked_paragraph(&format!("{name} [{options}] < {}", italic("TEXT")));
    page.section("Description");
    let help = after_help(command);
    page.paragraphs(help.split("\n\nExamples:").next().unwrap_or_default());
    page.section("Commands");
    for sub in visible_subcommands(command) {
        page.item(&bold(sub.get_name()), &self::about(sub));
    }
}

/// Writes a section for each subcommand of `command`, whose name is `name`.
fn write_commands(page: &mut Roff, command: &Command, name: &str) {
    for sub in visible_subcommands(command) {
        let name = format!("{name} {}", sub.get_name());
        page.section(&format!("Command{name}"));
        page.paragraphs(&format!("{}.", about(sub)));
        let usage = sub.clone().render_usage().to_string();
        let usage = usage.trim_start_matches("Usage: ");
        page.example(usage.lines().map(str::trim_start));
        for child in visible_subcommands(sub) {
            page.item(&bold(child.get_name()), &about(child));
        }
        write_options(page, sub);
        if name == " interactive" {
            write_interactive_commands(page);
        }
        let help = after_help(sub);
        if help.contains("Examples:") {
            page.subsection("Examples");
            write_examples(page, &help);
        }
        write_commands(page, sub, &name);
    }
}

/// Writes the options of a command under their headings, without the global ones.
fn write_options(page: &mut Roff, command: &Command) {
    let is_own = |arg: &&Arg| !arg.is_global_set() && !arg.is_hide_set() && !is_help(arg);
    let own: Vec<&Arg> = command.get_arguments().filter(is_own).collect();
    let mut headings: Vec<&str> = own.iter().map(|arg| heading(arg)).collect();
    let mut seen = std::collections::BTreeSet::new();
    headings.retain(|heading| seen.insert(*heading));
    for title in headings {
        page.subsection(title);
        for arg in own.iter().filter(|arg| heading(arg) == title) {
            write_option(page, arg);
        }
    }
}

fn heading(arg: &Arg) -> &str {
    arg.get_help_heading().unwrap_or("Options")
}

fn write_option(page: &mut Roff, arg: &Arg) {
    let mut help = arg.get_long_help().or(arg.get_help());
    let mut help = help.take().map(ToString::to_string).unwrap_or_default();
    // clap replaces this when it prints the help.
    if is_help(arg) {
        help = "Print help; `-h` prints a summary".to_owned();
    }
    let shown_default = !arg.is_hide_default_value_set() && arg.get_action().takes_values();
    let defaults = arg.get_default_values().iter().filter(|_| shown_default);
    let defaults: Vec<_> = defaults.map(|value| value.to_string_lossy()).collect();
    if !defaults.is_empty() {
        help += &format!(" [default: {}]", defaults.join(" "));
    }
    if let Some(aliases) = arg.get_visible_aliases().filter(|list| !list.is_empty()) {
        help += &format!(" [aliases: `--{}`]", aliases.join("`, `--"));
    }
    if let Some(variable) = arg.get_env() {
        help += &format!(" [environment: `{}`]", variable.to_string_lossy());
    }
    page.item(&option_name(arg), &help);
    let values = arg.get_possible_values();
    if values.is_empty() || matches!(arg.get_action(), ArgAction::SetTrue | ArgAction::Help) {
        return;
    }
    page.indent();
    for value in values.iter().filter(|value| !value.is_hide_set()) {
        let help = value.get_help().map(ToString::to_string);
        page.item(&bold(value.get_name()), &help.unwrap_or_default());
    }
    page.outdent();
}

/// Returns the spellings of an option and its value, as roff.
fn option_name(arg: &Arg) -> String {
    let short = arg.get_short().map(|short| bold(&format!("-{short}")));
    let long = arg.get_long().map(|long| bold(&format!("--{long}")));
    let spellings: Vec<_> = short.into_iter().chain(long).collect();
    let names = arg.get_value_names().unwrap_or_default();
    let names: Vec<_> = names.iter().map(|name| italic(name)).collect();
    let names = match arg.get_action().takes_values() {
        true => names.join(" "),
        false => String::new(),
    };
    let is_optional = arg.get_num_args().is_some_and(|n| n.min_values() == 0);
    match (spellings.join(", "), names) {
        (spellings, names) if names.is_empty() => spellings,
        (spellings, names) if spellings.is_empty() => names,
        (spellings, names) if is_optional => format!("{spellings}[={names}]"),
        (spellings, names) => format!("{spellings} {names}"),
    }
}

/// Writes the commands that can be typed at the prompt, and what `:set` changes.
fn write_interactive_commands(page: &mut Roff) {
    page.subsection("Commands at the prompt");
    page.paragraphs(
        "Each other line is spoken. Start a text with `::` to speak a colon. Commands can be \
         abbreviated.",
    );
    for (name, argument, help) in interactive::commands() {
        let name = bold(&format!(":{name}"));
        page.item(format!("{name} {}", italic(argument)).trim_end(), help);
    }
    let settings: Vec<_> = interactive::settings().collect();
    let settings = settings.join("`, `");
    page.paragraphs(&format!("The settings of `:set` are `{settings}`."));
}

/// Writes what follows the options in the help of a command.
fn write_examples(page: &mut Roff, help: &str) {
    let from = help.find("Examples:").unwrap_or(help.len());
    for block in help[from..].split("\n\n") {
        let block = block.trim_start_matches("Examples:\n");
        // The exit codes have a section of their own.
        if block.starts_with("Exit codes:") {
            continue;
        }
        match block.starts_with("  ") {
            true => page.example(
                block
                    .lines()
                    .map(|line| line.strip_prefix("  ").unwrap_or(line)),
            ),
            false => page.paragraphs(block),
        }
    }
}

fn about(command: &Command) -> String {
    let about = command.get_about().map(ToString::to_string);
    about.unwrap_or_default()
}

fn after_help(command: &Command) -> String {
    let help = command.get_after_long_help().map(ToString::to_string);
    help.unwrap_or_default()
}

fn is_help(arg: &Arg) -> bool {
    arg.get_id() == "help"
}

fn visible_subcommands(command: &Command) -> impl Iterator<Item = &Command> {
    let commands = command.get_subcommands();
    commands.filter(|sub| !sub.is_hide_set() && sub.get_name() != "help")
}
