//! Every command whose text can be sent later.

use crate::cli::base::{Exit, Failure};
use crate::cli::commands::{
    admin, attach, cancel, comment, confirm, create, edit, escalate, operator, rate, repeat, reply,
    supervisor,
};
use crate::cli::submission::TextCommand;
use appeal_i18n::message;

/// All commands with a text.
const TEXT_COMMANDS: [&TextCommand; 23] = [
    create::CREATE,
    create::REGISTER,
    edit::EDIT,
    comment::COMMENT,
    reply::REPLY,
    attach::ATTACH,
    cancel::CANCEL,
    confirm::CONFIRM,
    repeat::REPEAT,
    escalate::ESCALATE,
    rate::RATE,
    operator::ANSWER,
    operator::ASK,
    operator::COMMENT,
    operator::EXTEND,
    operator::REDIRECT,
    operator::REFUSE,
    operator::REVIEW,
    supervisor::UPHOLD,
    supervisor::CHANGE,
    supervisor::RETURN,
    supervisor::REVISE,
    admin::BLOCK,
];

/// Returns the command with this name.
///
/// # Errors
/// A newer version stored it for a command that this one does not have (exit 3).
pub fn of(command: &str) -> Result<&'static TextCommand, Failure> {
    TEXT_COMMANDS.into_iter().find(|known| known.command == command).ok_or_else(|| {
        Failure::from_message(Exit::Invalid, "unsent", message!("unsent-command-unknown", command))
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clap::CommandFactory;

    use super::*;
    use crate::cli::args::change::{DRY_RUN, OWN_DRY_RUN};
    use crate::cli::commands::Cli;

    /// The commands that change something and take a text.
    fn with_texts(at: &clap::Command, words: &str, found: &mut BTreeSet<String>) {
        let has = |id: &str| at.get_arguments().any(|arg| arg.get_id() == id);
        let text = ["text_file", "reason_file", "remarks_file", "note_file"].into_iter().any(has);
        if text && (has(DRY_RUN) || has(OWN_DRY_RUN)) && !words.starts_with("unsent") {
            found.insert(words.to_owned());
        }
        for inner in at.get_subcommands() {
            with_texts(inner, format!("{words} {}", inner.get_name()).trim(), found);
        }
    }

    #[test]
    fn the_text_of_every_command_can_be_sent_later() {
        let mut found = BTreeSet::new();
        with_texts(&Cli::command(), "", &mut found);
        let known: BTreeSet<String> = TEXT_COMMANDS.iter().map(|known| known.command.to_owned()).collect();
        assert_eq!(known, found);
    }
}
