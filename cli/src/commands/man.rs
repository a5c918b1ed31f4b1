//! `piper-rs man`: the man page, generated from the definitions of the flags.

use std::io;

use clap::{Command, CommandFactory as _};
use clap_mangen::Man;

use crate::args::Cli;

/// Returns the manual as one page: the program, then each command.
pub(crate) fn man_page() -> Vec<u8> {
    let mut command = with_aliases(Cli::command().version(env!("CARGO_PKG_VERSION")));
    command.build();
    let mut page = Vec::new();
    // Writing to memory cannot fail.
    _ = write_program(&command, &mut page);
    page
}

fn write_program(command: &Command, page: &mut Vec<u8>) -> io::Result<()> {
    let man = Man::new(command.clone());
    man.render_title(page)?;
    man.render_name_section(page)?;
    man.render_synopsis_section(page)?;
    man.render_description_section(page)?;
    man.render_options_section(page)?;
    write_command_list(command, page);
    man.render_extra_section(page)?;
    man.render_version_section(page)?;
    write_commands(command, "", page)
}

/// Writes a section for each subcommand of `command`, whose name is `name`.
fn write_commands(command: &Command, name: &str, page: &mut Vec<u8>) -> io::Result<()> {
    for sub in visible_subcommands(command) {
        let name = format!("{name} {}", sub.get_name());
        let man = Man::new(sub.clone());
        page.extend(format!(".SH COMMAND{}\n", name.to_uppercase()).into_bytes());
        man.render_description_section(page)?;
        man.render_synopsis_section(page)?;
        write_command_list(sub, page);
        man.render_options_section(page)?;
        man.render_extra_section(page)?;
        write_commands(sub, &name, page)?;
    }
    Ok(())
}

/// Lists the subcommands.
///
/// The section of `clap_mangen` would refer to one page per command; there is
/// only this page.
fn write_command_list(command: &Command, page: &mut Vec<u8>) {
    let mut list = String::new();
    for sub in visible_subcommands(command) {
        let name = escape(sub.get_name());
        let about = sub.get_about().map(ToString::to_string).unwrap_or_default();
        list += &format!(".TP\n\\fB{name}\\fR\n{}\n", escape(&about));
    }
    if !list.is_empty() {
        page.extend(format!(".SH COMMANDS\n{list}").into_bytes());
    }
}

fn visible_subcommands(command: &Command) -> impl Iterator<Item = &Command> {
    let commands = command.get_subcommands();
    commands.filter(|sub| !sub.is_hide_set() && sub.get_name() != "help")
}

/// Escapes text for roff.
fn escape(text: &str) -> String {
    text.replace('\\', r"\\").replace('-', r"\-")
}

/// Adds the aliases of each flag to its help. `--help` shows them by itself; the
/// man page does not.
fn with_aliases(command: Command) -> Command {
    command
        .mut_args(|arg| match (arg.get_visible_aliases(), arg.get_help()) {
            (Some(aliases), Some(help)) if !aliases.is_empty() => {
                let help = format!("{help} [aliases: --{}]", aliases.join(", --"));
                arg.help(help)
            }
            _ => arg,
        })
        .mut_subcommands(with_aliases)
}
