//! `appeal operator`: the work of an authority's operator (O1).

pub mod actions;
pub mod queue;

use super::{Context, Failure};

/// Arguments of the command.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  appeal operator queue --overdue
  appeal operator take 2026-0123456789-3
  appeal operator answer 2026-0123456789-3 --decision granted --text-file answer.txt")]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// List the appeals your departments have to decide
    #[command(
        after_long_help = "Examples:\n  appeal operator queue --status submitted --sort due_at\n  appeal operator queue --overdue -q"
    )]
    Queue(queue::Args),
    /// Take an appeal into work
    Take(actions::Take),
    /// Take an appeal under review: study by an expert, check of compliance
    Review(actions::Review),
    /// Make somebody responsible for an appeal
    Assign(actions::Assign),
    /// Ask the applicant for clarification
    Ask(actions::Ask),
    /// Add a comment, public or internal
    Comment(actions::Comment),
    /// Hand an appeal to another department
    Redirect(actions::Redirect),
    /// Answer an appeal
    Answer(actions::Answer),
    /// Refuse an appeal, with the reason
    Refuse(actions::Refuse),
}

impl Args {
    /// Runs the command.
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        match self.command {
            Command::Queue(args) => args.run(ctx, crate::api::View::Queue).await,
            Command::Take(args) => args.run(ctx).await,
            Command::Review(args) => args.run(ctx).await,
            Command::Assign(args) => args.run(ctx).await,
            Command::Ask(args) => args.run(ctx).await,
            Command::Comment(args) => args.run(ctx).await,
            Command::Redirect(args) => args.run(ctx).await,
            Command::Answer(args) => args.run(ctx).await,
            Command::Refuse(args) => args.run(ctx).await,
        }
    }
}
