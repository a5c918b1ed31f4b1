//! The man page and the shell completions, made from the flags' definitions.

use clap::{Command, CommandFactory as _};
use clap_complete::Shell;

use crate::args::Cli;

const NAME: &str = "piper-rs";

/// Returns the whole manual as one page: the program, then each command.
pub(crate) fn man_page() -> Vec<u8> {
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

/// Returns the completions for `shell`: the shells people use ask the program
/// at every Tab, for voices and devices come and go.
pub(crate) fn completions(shell: Shell) -> Vec<u8> {
    match shell {
        Shell::Bash => BASH.into(),
        Shell::Zsh => ZSH.into(),
        Shell::Fish => FISH.into(),
        other => {
            let mut script = Vec::new();
            clap_complete::generate(other, &mut Cli::command(), NAME, &mut script);
            script
        }
    }
}

const BASH: &str = r#"_piper_rs() {
    local IFS=$'\n' rest=$COMP_LINE words=() index=0 i word kept
    # Bash splits words at `:` and `=`, as in hw:CARD=0: what no space parts is
    # one word, and what stands before its last `:` or `=` stays typed.
    for i in "${!COMP_WORDS[@]}"; do
        word=${COMP_WORDS[i]}
        if ((i > 0)) && [[ $rest != [[:space:]]* ]]; then
            words[${#words[@]}-1]+=$word
        else
            rest=${rest#"${rest%%[![:space:]]*}"}
            words+=("$word")
        fi
        rest=${rest#"$word"}
        ((i == COMP_CWORD)) && index=$((${#words[@]} - 1))
    done
    word=${words[index]}
    kept=${word%"${word##*[:=]}"}
    COMPREPLY=($("${words[0]}" complete "$index" -- "${words[@]}" 2>/dev/null))
    COMPREPLY=("${COMPREPLY[@]#"$kept"}")
    if [ "${#COMPREPLY[@]}" -eq 1 ] && [[ ${COMPREPLY[0]} == */ ]]; then
        compopt -o nospace
    fi
}
complete -o default -F _piper_rs piper-rs
"#;

const ZSH: &str = r#"#compdef piper-rs
_piper-rs() {
    local -a found
    found=("${(@f)$("${words[1]}" complete $((CURRENT - 1)) -- "${(@)words[1,CURRENT]}" 2>/dev/null)}")
    found=("${(@)found:#}")
    (( ${#found} )) && compadd -- "${found[@]}" || _files
}
if [ "$funcstack[1]" = "_piper-rs" ]; then
    _piper-rs "$@"
else
    compdef _piper-rs piper-rs
fi
"#;

const FISH: &str = r#"function __piper_rs
    set -l words (commandline -opc)
    piper-rs complete (count $words) -- $words (commandline -ct) 2>/dev/null
end
complete -c piper-rs -f -a '(__piper_rs)'
"#;
