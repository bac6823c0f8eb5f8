//! `appeal completions`: the script that makes a shell ask this program for what could come next. What it answers is
//! is in `cli/complete.rs`.

use clap_complete::env::{Bash, Elvish, EnvCompleter, Fish, Powershell, Zsh};
use serde_json::json;

use crate::cli::base::{Context, Failure};
use crate::output::{Cell, Column, Shape};

#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  appeal completions bash > ~/.local/share/bash-completion/completions/appeal
  appeal completions zsh  > ~/.zfunc/_appeal          # a folder of $fpath
  appeal completions fish > ~/.config/fish/completions/appeal.fish
  appeal completions elvish >> ~/.config/elvish/rc.elv
  appeal completions powershell >> $PROFILE

Completes commands and flags, and also statuses, kinds, categories, templates and profiles. Values come from the
selected platform if it responds within a second, otherwise from the built-in defaults.")]
pub struct Args {
    /// Shell
    #[arg(value_name = "SHELL")]
    pub shell: Shell,
}

/// The environment variable that asks for candidates; its value is the shell.
pub const VARIABLE: &str = "APPEAL_COMPLETE";

/// A shell there is a script for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Shell {
    Bash,
    Zsh,
    Fish,
    Powershell,
    Elvish,
}

impl Shell {
    fn completer(self) -> &'static dyn EnvCompleter {
        match self {
            Shell::Bash => &Bash,
            Shell::Zsh => &Zsh,
            Shell::Fish => &Fish,
            Shell::Powershell => &Powershell,
            Shell::Elvish => &Elvish,
        }
    }
}

const SCRIPT: Shape = Shape {
    columns: &[Column::new("shell", Cell::Text), Column::new("script", Cell::Text)],
    more: &[],
    key: "script",
};

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        ctx.out.expects(&SCRIPT)?;
        let mut script = Vec::new();
        // The program is called by its name, so that the script works wherever it is installed.
        self.shell.completer().write_registration(VARIABLE, "appeal", "appeal", "appeal", &mut script)?;
        let text = String::from_utf8(script).map_err(std::io::Error::other)?;
        let text = format!("{}\n", text.trim());
        let name = clap::ValueEnum::to_possible_value(&self.shell);
        let name = name.as_ref().map(clap::builder::PossibleValue::get_name);
        Ok(ctx.out.document(&text, &json!({ "shell": name, "script": text }), &SCRIPT)?)
    }
}
