//! The commands: one file or directory each, with the arguments and `run`. To add a command, add a line in `commands!` and
//! declare its module (outside the macro, so that `cargo fmt` finds the file).

/// Declares commands: the enum for clap, and a `run` that calls the `run` of each command. The line above a command is its
/// `about`; as a real doc comment it would override the `long_about` of the arguments. A second value in the parentheses
/// is passed to the `run` of the command; a parameter of the enum is passed on that way.
macro_rules! commands {
    ($(#[$meta:meta])* $vis:vis enum $name:ident $(($of:ident: $type:ty))? {
        $($(#[doc = $about:literal])? $(#[command($($set:tt)*)])? $variant:ident($args:ty $(, $given:expr)?),)+
    }) => {
        $(#[$meta])*
        #[derive(Debug, clap::Subcommand)]
        #[allow(clippy::large_enum_variant, reason = "one is made in a process's life")]
        $vis enum $name {
            $($(#[command(about = $about.trim_ascii())])? $(#[command($($set)*)])? $variant($args),)+
        }

        impl $name {
            $vis async fn run(
                self,
                ctx: &mut $crate::cli::base::Context,
                $($of: $type,)?
            ) -> Result<$crate::cli::base::Outcome, $crate::cli::base::Failure> {
                match self {
                    // Boxed, so that the future of one command does not have the size of the largest.
                    $($name::$variant(args) => Box::pin(args.run(ctx $(, $given)?)).await.map(From::from),)+
                }
            }
        }
    };
}

/// Declares a group of commands: its attributes, then its commands.
macro_rules! group {
    (#[command($($set:tt)*)] $($commands:tt)+) => {
        #[derive(Debug, clap::Args)]
        #[command($($set)*)]
        pub struct Args {
            #[command(subcommand)]
            command: Command,
        }

        impl Args {
            pub async fn run(
                self,
                ctx: &mut $crate::cli::base::Context,
            ) -> Result<$crate::cli::base::Outcome, $crate::cli::base::Failure> {
                self.command.run(ctx).await
            }
        }

        commands! {
            enum Command { $($commands)+ }
        }
    };
}
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
mod region;
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
mod unsent;
mod wait;
mod watch;
mod whoami;

use clap::Parser;

use crate::cli::base::Globals;

/// File appeals with public authorities, follow them to an answer, take them further when it is bad
#[derive(Debug, Parser)]
#[command(
    name = "appeal",
    version,
    max_term_width = 100,
    infer_long_args = false,
    subcommand_required = true,
    // Replaced by our own `help`, which also has topics.
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

commands! {
    /// The command to run.
    pub enum Command {
        /// File an appeal, or save a draft
        Create(create::Args),
        /// List appeals
        List(list::Args),
        /// Show the card of an appeal
        Show(show::Args),
        /// Add a comment
        Comment(comment::Args),
        /// Reply to a clarification request
        Reply(reply::Args),
        /// Add files to an appeal
        Attach(attach::Args),
        /// List, download, remove and restore files
        Files(files::Args),
        /// Edit a draft, or supplement a filed appeal
        Edit(edit::Args),
        /// File a draft
        Submit(submit::Args),
        /// Delete a draft
        Discard(discard::Args),
        /// Withdraw an undecided appeal
        Cancel(cancel::Args),
        /// Confirm or deny that the problem is solved
        Confirm(confirm::Args),
        /// Close an answered appeal
        Close(close::Args),
        /// File a repeat appeal
        Repeat(repeat::Args),
        /// Escalate an appeal to a higher level of review
        Escalate(escalate::Args),
        /// Rate the decision
        Rate(rate::Args),
        /// Share an appeal with other people
        Share(share::Args),
        /// Follow changes as they happen
        Watch(watch::Args),
        /// Wait until an appeal reaches a status
        Wait(wait::Args),
        /// Print changes since the last run
        Changes(changes::Args),
        /// Show or verify the journal of an appeal
        Journal(journal::Args),
        /// Show or save the official answer
        Answer(answer::Args),
        /// Export the whole history of appeals to a directory or a ZIP
        Export(export::Args),
        /// Show when the next steps are due, and why
        Deadline(deadline::Args),
        /// Check a text and files offline
        Check(check::Args),
        /// File many appeals from a file
        Batch(batch::Args),
        /// Manage unsent texts
        Unsent(unsent::Args),
        /// Browse categories of appeals
        Category(category::Args),
        /// Browse templates of typical appeals
        Template(template::Args),
        /// Browse the regions
        Region(region::Args),
        /// Read notifications and change their settings
        Notifications(notifications::Args),
        /// Process appeals as an operator of the authority
        Operator(operator::Args),
        /// Review escalated appeals as a supervisor
        Supervisor(supervisor::Args),
        /// Report statistics in tables and charts
        Report(report::Args),
        /// Sign in to a platform
        Login(login::Args),
        /// Sign out
        Logout(logout::Args),
        /// Show who is signed in
        Whoami(whoami::Args),
        /// Manage your account
        Account(account::Args),
        /// Sign in, and manage passwords and access tokens
        Auth(auth::Args),
        /// Administer the platform: data, backups, status
        Admin(admin::Args),
        /// Call the platform's API
        Api(api::Args),
        /// Run the platform as a server
        Serve(serve::Args),
        /// Manage the config file
        Config(config::Args),
        /// Manage profiles in the config file
        Profile(profile::Args),
        /// Explain a command or a topic
        Help(help::Args),
        /// Print JSON Schemas of outputs and of the batch record
        Schema(schema::Args),
        /// Print a completion script for a shell
        Completions(completions::Args),
        /// Print or write manual pages
        Man(man::Args),
    }
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
