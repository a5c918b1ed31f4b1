//! `piper-rs completions`: the completion scripts of the shells.
//!
//! The scripts for bash, zsh and fish run `piper-rs complete` at every Tab,
//! because the installed voices and the devices change.

use clap::CommandFactory as _;
use clap_complete::Shell;

use crate::args::Cli;

const NAME: &str = "piper-rs";

/// Returns the completion script for `shell`. Scripts other than those for bash,
/// zsh and fish complete flags only.
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
    # Bash splits words at `:` and `=`, as in hw:CARD=0. This joins them again.
    # The part of a word before its last `:` or `=` is not replaced.
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
