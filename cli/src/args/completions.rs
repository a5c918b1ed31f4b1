//! The command lines of `piper-rs completions` and of the hidden `complete`,
//! which the completion scripts call.

use std::ffi::OsString;

use clap::Args;

pub(super) const EXAMPLES: &str = "\
Examples:
  piper-rs completions bash > ~/.local/share/bash-completion/completions/piper-rs
  piper-rs completions zsh > ~/.zfunc/_piper-rs
  piper-rs completions fish > ~/.config/fish/completions/piper-rs.fish";

pub(super) const COMPLETE_EXAMPLES: &str = "\
Examples:
  piper-rs complete 2 -- piper-rs speak --vo";

#[derive(Debug, Clone, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell
    pub(crate) shell: clap_complete::Shell,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct CompleteArgs {
    /// Index of the word to complete, counted from 0
    pub(crate) index: usize,
    /// The words of the line, starting with the program's name
    #[arg(last = true)]
    pub(crate) words: Vec<OsString>,
}
