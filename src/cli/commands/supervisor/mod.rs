//! `appeal supervisor`: review of escalated appeals (O2), and what is done about reviews of decisions (D3).

mod reviews;

use crate::cli::args::fields::{Files, KeyArg};
use crate::cli::args::texts::Text;
use crate::cli::args::values::number;
use crate::cli::base::durations::{When, when};
use crate::cli::base::{Context, Failure};
use crate::cli::commands::operator::actions::due;
use crate::cli::commands::operator::queue;
use crate::cli::record::uploads::attached;
use crate::output::CHANGED_SHAPE;
use appeal_api::{ReturnToWork, TextWithFiles, View};

/// Arguments of the command.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  appeal supervisor queue --sort due_at
  appeal supervisor change 2026-0123456789-3 --text-file decision.txt")]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// List the appeals escalated to your level
    #[command(after_long_help = "Example:\n  appeal supervisor queue --overdue --sort due_at")]
    Queue(queue::Args),
    /// Let the decision stand, with an explanation
    #[command(
        after_long_help = "Example:\n  appeal supervisor uphold 2026-0123456789-3 --text 'The answer follows the rules of supply'"
    )]
    Uphold(Decide),
    /// Change the decision: the text is the new official answer
    #[command(
        after_long_help = "Example:\n  appeal supervisor change 2026-0123456789-3 --text-file decision.txt --attach order.pdf"
    )]
    Change(Decide),
    /// Return the appeal to work with an instruction
    #[command(
        after_long_help = "Example:\n  appeal supervisor return 2026-0123456789-3 --text 'Name the date of the repair' --due 3d"
    )]
    Return(Return),
    /// List the reviews of decisions
    #[command(
        long_about = "The reviews that applicants gave of decisions. Supervisors of the levels senior and quality see \
                      all of them, the others those of appeals that were escalated to their level. The filters are \
                      those of the appeals.",
        after_long_help = "Example:\n  appeal supervisor reviews --state pending --category housing"
    )]
    Reviews(reviews::Reviews),
    /// Take a review into revision; with a text, say what was changed and complete it
    #[command(
        long_about = "Without a text the review is taken into revision; with one the revision is completed, and the \
                      text says what was changed. The final document is attached.",
        after_long_help = "Examples:\n  appeal supervisor revise 2026-0123456789-3\n  \
                           appeal supervisor revise 2026-0123456789-3 --text 'The charge was recalculated' --attach act.pdf"
    )]
    Revise(reviews::Revise),
}

/// Uphold or change a decision.
#[derive(Debug, clap::Args)]
struct Decide {
    /// The appeal
    #[arg(value_name = "NUMBER")]
    number: String,
    #[command(flatten)]
    text: Text,
    #[command(flatten)]
    files: Files,
    #[command(flatten)]
    key: KeyArg,
}

/// Return an appeal to work.
#[derive(Debug, clap::Args)]
struct Return {
    /// The appeal
    #[arg(value_name = "NUMBER")]
    number: String,
    #[command(flatten)]
    text: Text,
    /// By when to decide: a date, a time, or a span from now such as `5d`
    #[arg(long, value_name = "WHEN", value_parser = when)]
    due: Option<When>,
    #[command(flatten)]
    key: KeyArg,
}

impl Args {
    /// Runs the command.
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        match self.command {
            Command::Queue(args) => args.run(ctx, View::Escalated).await,
            Command::Uphold(args) => args.run(ctx, false).await,
            Command::Change(args) => args.run(ctx, true).await,
            Command::Return(args) => args.run(ctx).await,
            Command::Reviews(args) => args.run(ctx).await,
            Command::Revise(args) => args.run(ctx).await,
        }
    }
}

impl Decide {
    async fn run(self, ctx: &mut Context, change: bool) -> Result<(), Failure> {
        let number = number(&self.number)?.to_string();
        ctx.out.expects(&CHANGED_SHAPE)?;
        let text = self.text.required(ctx).await?;
        let client = ctx.client().await?;
        let attachments = attached(ctx, &client, self.files.attach).await?;
        let body = TextWithFiles { text, attachments };
        let key = self.key.or_fresh();
        let (appeal, done) = if change {
            (client.change(&number, &body, &key).await?, "done-decision-changed")
        } else {
            (client.uphold(&number, &body, &key).await?, "done-upheld")
        };
        Ok(ctx.out.changed(&appeal, done)?)
    }
}

impl Return {
    async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        let number = number(&self.number)?.to_string();
        ctx.out.expects(&CHANGED_SHAPE)?;
        let due_at = due(ctx, self.due)?;
        let text = self.text.required(ctx).await?;
        let client = ctx.client().await?;
        let body = ReturnToWork { text, due_at };
        let appeal = client.return_to_work(&number, &body, &self.key.or_fresh()).await?;
        Ok(ctx.out.changed(&appeal, "done-returned")?)
    }
}
