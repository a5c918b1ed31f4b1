//! The man page and the shell completions, made from the flags' definitions.

use clap::{Command, CommandFactory as _};
use clap_complete::Shell;

use super::args::Cli;

const NAME: &str = "piper-rs";

/// Returns the whole manual as one page: the program, then each command.
pub(super) fn man_page() -> Vec<u8> {
    let mut command = with_aliases(Cli::command().version(env!("CARGO_PKG_VERSION")));
    command.build();
    let mut page = Vec::new();
    // Writing to memory cannot fail.
    _ = clap_mangen::Man::new(command.clone()).render(&mut page);
    describe_commands(&command, "", &mut page);
    page
}

/// Describes the commands of `command`, whose own name is `name`, and theirs.
fn describe_commands(command: &Command, name: &str, page: &mut Vec<u8>) {
    let commands = command.get_subcommands();
    for sub in commands.filter(|sub| !sub.is_hide_set() && sub.get_name() != "help") {
        let name = format!("{name} {}", sub.get_name());
        let man = clap_mangen::Man::new(sub.clone());
        page.extend(format!(".SH COMMAND{}\n", name.to_uppercase()).into_bytes());
        _ = man.render_description_section(page);
        _ = man.render_synopsis_section(page);
        if sub.has_subcommands() {
            _ = man.render_subcommands_section(page);
        }
        _ = man.render_options_section(page);
        _ = man.render_extra_section(page);
        describe_commands(sub, &name, page);
    }
}

/// Adds other spellings to the help of each flag: help shows them by itself,
/// the man page does not.
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

/// Returns the completions for `shell`.
pub(super) fn completions(shell: Shell) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), NAME, &mut script);
    script
}
