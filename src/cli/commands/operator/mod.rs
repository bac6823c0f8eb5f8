//! `appeal operator`: the work of an authority's operator (O1).

pub mod actions;
pub mod cases;
pub mod queue;
pub mod register;

use crate::cli::base::{Context, Failure};

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
        after_long_help = "Examples:\n  appeal operator queue --status submitted --sort due_at\n  appeal operator queue --overdue -q\n  appeal operator queue --involved --priority high"
    )]
    Queue(queue::Args),
    /// Register an appeal that came by phone, e-mail, chat or in person, for the person whose it is
    Register(Box<register::Args>),
    /// Take an appeal into work
    Take(actions::Take),
    /// Take an appeal under review: study by an expert, check of compliance
    Review(actions::Review),
    /// Involve another department or an expert, who see all, comment and do not decide
    Involve(cases::Involve),
    /// Make somebody responsible for an appeal
    Assign(actions::Assign),
    /// Ask the applicant for clarification
    Ask(actions::Ask),
    /// Add a comment, public or internal
    Comment(actions::Comment),
    /// Hand an appeal to another department
    Redirect(actions::Redirect),
    /// Move the date of the decision, with a reason that the applicant is told
    Extend(cases::Extend),
    /// Set the category, which routes an appeal again, or the priority
    Classify(cases::Classify),
    /// List appeals that are much like one: likely duplicates
    Similar(cases::Similar),
    /// Merge a duplicate into another appeal
    Merge(cases::Merge),
    /// Answer an appeal
    Answer(actions::Answer),
    /// Refuse an appeal, with the reason
    Refuse(actions::Refuse),
}

impl Args {
    /// Runs the command.
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        match self.command {
            Command::Queue(args) => args.run(ctx, appeal_api::View::Queue).await,
            Command::Register(args) => args.run(ctx).await,
            Command::Involve(args) => args.run(ctx).await,
            Command::Extend(args) => args.run(ctx).await,
            Command::Classify(args) => args.run(ctx).await,
            Command::Similar(args) => args.run(ctx).await,
            Command::Merge(args) => args.run(ctx).await,
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
