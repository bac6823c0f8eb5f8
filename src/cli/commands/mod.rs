//! The commands, one file or folder each as it is typed, with its arguments and its `run` side by side. A new command is
//! one line in `commands!` and the module's declaration (which stays outside the macro so that `cargo fmt` finds the
//! file).

mod account;
mod admin;
mod answer;
mod api;
mod attach;
mod auth;
mod batch;
mod cancel;
mod category;
mod changes;
mod check;
mod close;
mod comment;
pub(super) mod completions;
mod config;
mod confirm;
mod create;
mod deadline;
mod discard;
mod edit;
mod escalate;
mod export;
mod files;
pub(super) mod help;
mod journal;
mod list;
mod login;
mod logout;
mod man;
mod notifications;
mod operator;
mod profile;
mod rate;
mod repeat;
mod reply;
mod report;
mod schema;
mod serve;
mod share;
mod show;
mod submit;
mod supervisor;
mod template;
mod wait;
mod watch;
mod whoami;

use clap::{Parser, Subcommand};

use crate::cli::base::{Context, Failure, Globals};

/// File appeals with public authorities, follow them to an answer, fight on when the answer is bad
#[derive(Debug, Parser)]
#[command(
    name = "appeal",
    version,
    max_term_width = 100,
    infer_long_args = false,
    subcommand_required = true,
    // `help` is a command of ours, which knows topics besides commands.
    disable_help_subcommand = true,
    after_help = "`appeal help` lists topics too: how to send, how long it takes, which files, what if no answer comes."
)]
#[command(arg_required_else_help = true)]
pub struct Cli {
    #[command(flatten)]
    pub globals: Globals,
    #[command(subcommand)]
    pub command: Command,
}

macro_rules! commands {
    ($($(#[doc = $about:literal])? $(#[command($($set:tt)*)])? $variant:ident => $module:ident;)+) => {
        /// What to do.
        #[derive(Debug, Subcommand)]
        #[allow(clippy::large_enum_variant)] // one is made in a process's life
        pub enum Command {
            // As a doc comment it would silence the long description that the arguments have.
            $($(#[command(about = $about.trim_ascii())])? $(#[command($($set)*)])? $variant($module::Args),)+
        }

        impl Command {
            /// Runs the command.
            pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
                match self {
                    // Boxed, so that the future of one command does not have the size of the largest.
                    $(Command::$variant(args) => Box::pin(args.run(ctx)).await,)+
                }
            }
        }
    };
}

commands! {
    /// File an appeal, save a draft of one, or try it out
    Create => create;
    /// List appeals
    List => list;
    /// Show the card of an appeal
    Show => show;
    /// Add a comment
    Comment => comment;
    /// Answer the open clarification request
    Reply => reply;
    /// Add files to an appeal
    Attach => attach;
    /// List, download, remove and restore files
    Files => files;
    /// Edit a draft, or supplement a filed appeal
    Edit => edit;
    /// File a draft
    Submit => submit;
    /// Delete a draft
    Discard => discard;
    /// Withdraw an appeal that is not yet decided
    Cancel => cancel;
    /// Say whether the answer solved it
    Confirm => confirm;
    /// Close an answered appeal
    Close => close;
    /// File a repeat appeal, linked to the first
    Repeat => repeat;
    /// Move an appeal to a higher level of review
    Escalate => escalate;
    /// Rate the decision
    Rate => rate;
    /// Share an appeal with other people
    Share => share;
    /// Follow changes as they happen
    Watch => watch;
    /// Wait until an appeal reaches a status
    Wait => wait;
    /// Print what changed since the last run, then exit
    Changes => changes;
    /// Show the journal of an appeal, and verify it
    Journal => journal;
    /// Show the official answer, or save it as a PDF with its files
    Answer => answer;
    /// Save the whole history of appeals: JSON, PDFs and files, in a folder or a ZIP
    Export => export;
    /// When the next steps are due, and how that was counted
    Deadline => deadline;
    /// Check a text and files without a connection
    Check => check;
    /// File many appeals from a file
    Batch => batch;
    /// Categories of appeals
    Category => category;
    /// Templates of typical appeals
    Template => template;
    /// Notifications, and how you want to be told
    Notifications => notifications;
    /// Work of an authority's operator
    Operator => operator;
    /// Review of escalated appeals
    Supervisor => supervisor;
    /// Numbers on what was filed, in tables and charts
    Report => report;
    /// Sign in to a platform
    Login => login;
    /// Sign out
    Logout => logout;
    /// Show who is signed in, and what to do next
    Whoami => whoami;
    /// Your account: profile and confirmation
    Account => account;
    /// Signing in, password, access tokens
    Auth => auth;
    /// People, departments, categories and other data; backups; the state of the platform
    Admin => admin;
    /// Call the platform's API
    Api => api;
    /// Run the platform as a server
    Serve => serve;
    /// The config file
    Config => config;
    /// Profiles of the config file
    Profile => profile;
    /// Explain a command, or answer what people ask most
    Help => help;
    /// JSON Schemas of what is printed, and of the batch record
    Schema => schema;
    /// Print a completion script for a shell
    Completions => completions;
    /// Print or write the manual pages
    Man => man;
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_flags_do_not_contradict_each_other() {
        Cli::command().debug_assert();
    }

    #[test]
    fn global_flags_work_before_and_after_the_command_and_the_last_one_counts() {
        let parsed = |line: &str| Cli::try_parse_from(line.split(' ')).map(|cli| cli.globals).unwrap();
        let before = parsed("appeal --server local -o json -vv --timeout 2h list");
        let after = parsed("appeal list --server local -o json -vv --timeout 2h");
        for globals in [before, after] {
            assert_eq!(globals.server.as_deref(), Some("local"));
            assert_eq!(globals.format(), Some(crate::output::Format::Json));
            assert_eq!(globals.verbose, 2);
            assert_eq!(globals.timeout, Some(std::time::Duration::from_secs(7200)));
        }
        let twice = parsed("appeal list --server a --server b --columns x,y --columns z");
        assert_eq!(twice.server.as_deref(), Some("b"));
        assert_eq!(twice.columns, Some(vec!["z".to_owned()]));
    }

    #[test]
    fn a_wrong_format_is_a_usage_error_and_an_empty_one_is_none() {
        assert!(Cli::try_parse_from(["appeal", "-o", "xml", "list"]).is_err());
        let cli = Cli::try_parse_from(["appeal", "-o", "", "--lang", "", "list"]).unwrap();
        assert_eq!((cli.globals.format(), cli.globals.lang()), (None, None));
    }
}
