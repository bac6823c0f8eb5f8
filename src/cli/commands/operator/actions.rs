//! What an operator does to an appeal: one struct a subcommand.

use crate::cli::args::fields::{Files, KeyArg};
use crate::cli::args::texts::{Note, Reason, Text};
use crate::cli::args::values::{number, word};
use crate::cli::base::durations::{When, when};
use crate::cli::base::{Context, Failure};
use crate::cli::record::uploads::attached;
use crate::output::CHANGED_SHAPE;
use appeal_api::{Ask as AskRequest, Assign as AssignRequest, GiveAnswer, NewComment, OptionalNote};
use appeal_api::{Redirect as RedirectRequest, Refuse as RefuseRequest};
use appeal_client::Empty;
use appeal_domain::Decision;
use appeal_i18n::t;

/// Take an appeal into work.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Example:
  appeal operator take 2026-0123456789-3")]
pub struct Take {
    /// The appeal
    #[arg(value_name = "NUMBER")]
    number: String,
    #[command(flatten)]
    key: KeyArg,
}

impl Take {
    /// Runs the command.
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        let number = number(&self.number)?.to_string();
        ctx.out.expects(&CHANGED_SHAPE)?;
        let appeal = ctx.client().await?.take(&number, &Empty {}, &self.key.or_fresh()).await?;
        Ok(ctx.out.changed(&appeal, "done-taken")?)
    }
}

/// Take an appeal under review.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Example:
  appeal operator review 2026-0123456789-3 --note 'To the heating engineer'")]
pub struct Review {
    /// The appeal
    #[arg(value_name = "NUMBER")]
    number: String,
    #[command(flatten)]
    note: Note,
    #[command(flatten)]
    key: KeyArg,
}

impl Review {
    /// Runs the command.
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        let number = number(&self.number)?.to_string();
        ctx.out.expects(&CHANGED_SHAPE)?;
        let note = self.note.optional(ctx).await?;
        let client = ctx.client().await?;
        let appeal = client.review(&number, &OptionalNote { note }, &self.key.or_fresh()).await?;
        Ok(ctx.out.changed(&appeal, "done-under-review")?)
    }
}

/// Make somebody responsible.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Example:
  appeal operator assign 2026-0123456789-3 --to operator-housing")]
pub struct Assign {
    /// The appeal
    #[arg(value_name = "NUMBER")]
    number: String,
    /// Login of an operator of the responsible department
    #[arg(long, value_name = "LOGIN")]
    to: String,
    #[command(flatten)]
    key: KeyArg,
}

impl Assign {
    /// Runs the command.
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        let number = number(&self.number)?.to_string();
        ctx.out.expects(&CHANGED_SHAPE)?;
        let client = ctx.client().await?;
        let appeal = client.assign(&number, &AssignRequest { to: self.to }, &self.key.or_fresh()).await?;
        Ok(ctx.out.changed(&appeal, "done-assigned")?)
    }
}

/// Ask the applicant for clarification.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Example:
  appeal operator ask 2026-0123456789-3 --text 'Which flat is it?' --need 'number of the flat' --due 5d")]
pub struct Ask {
    /// The appeal
    #[arg(value_name = "NUMBER")]
    number: String,
    #[command(flatten)]
    text: Text,
    /// Something that is needed, such as a document; can be repeated
    #[arg(long = "need", value_name = "WHAT")]
    needs: Vec<String>,
    /// By when to reply: a date, a time, or a span from now such as `5d`; by the policy unless given
    #[arg(long, value_name = "WHEN", value_parser = when)]
    due: Option<When>,
    #[command(flatten)]
    key: KeyArg,
}

/// A due date as typed. A date means the whole day: it is due where the day ends.
pub fn due(ctx: &Context, due: Option<When>) -> Result<Option<jiff::Timestamp>, Failure> {
    due.map(|due| moment(ctx, "--due", due)).transpose()
}

/// A moment ahead, given with a flag. A date means the whole day: it is due where the day ends.
pub fn moment(ctx: &Context, flag: &'static str, when: When) -> Result<jiff::Timestamp, Failure> {
    let wrong = |error: String| Failure::usage(flag, error);
    let when = match when {
        When::Date(date) => When::Date(date.tomorrow().map_err(|e| wrong(e.to_string()))?),
        other => other,
    };
    let at = when.ahead(ctx.now(), &ctx.zone()).map_err(wrong)?;
    if at <= ctx.now() { Err(wrong(t(ctx.lang, "due-past", &[]))) } else { Ok(at) }
}

impl Ask {
    /// Runs the command.
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        let number = number(&self.number)?.to_string();
        ctx.out.expects(&CHANGED_SHAPE)?;
        let due_at = due(ctx, self.due)?;
        let text = self.text.required(ctx).await?;
        let client = ctx.client().await?;
        let ask = AskRequest { text, needs: self.needs, due_at };
        let appeal = client.ask(&number, &ask, &self.key.or_fresh()).await?;
        Ok(ctx.out.changed(&appeal, "done-asked")?)
    }
}

/// Add a comment.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  appeal operator comment 2026-0123456789-3 --text 'The crew is on its way'
  appeal operator comment 2026-0123456789-3 --internal --text-file note.txt")]
pub struct Comment {
    /// The appeal
    #[arg(value_name = "NUMBER")]
    number: String,
    #[command(flatten)]
    text: Text,
    #[command(flatten)]
    files: Files,
    /// Only for the authority's own people
    #[arg(long)]
    internal: bool,
    #[command(flatten)]
    key: KeyArg,
}

impl Comment {
    /// Runs the command.
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        let number = number(&self.number)?.to_string();
        ctx.out.expects(&CHANGED_SHAPE)?;
        let text = self.text.required(ctx).await?;
        let client = ctx.client().await?;
        let attachments = attached(ctx, &client, self.files.attach).await?;
        let comment = NewComment { text, attachments, internal: self.internal };
        let appeal = client.comment(&number, &comment, &self.key.or_fresh()).await?;
        Ok(ctx.out.changed(&appeal, "done-operator-commented")?)
    }
}

/// Hand an appeal to another department.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Example:
  appeal operator redirect 2026-0123456789-3 --department roads --reason 'The yard belongs to the road service'")]
pub struct Redirect {
    /// The appeal
    #[arg(value_name = "NUMBER")]
    number: String,
    /// Code of the department
    #[arg(long, value_name = "CODE")]
    department: String,
    #[command(flatten)]
    reason: Reason,
    #[command(flatten)]
    key: KeyArg,
}

impl Redirect {
    /// Runs the command.
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        let number = number(&self.number)?.to_string();
        ctx.out.expects(&CHANGED_SHAPE)?;
        let reason = self.reason.required(ctx).await?;
        let client = ctx.client().await?;
        let redirect = RedirectRequest { department: self.department, reason };
        let appeal = client.redirect(&number, &redirect, &self.key.or_fresh()).await?;
        Ok(ctx.out.changed(&appeal, "done-redirected")?)
    }
}

/// Answer an appeal.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Example:
  appeal operator answer 2026-0123456789-3 --decision granted --text-file answer.txt --attach act.pdf")]
pub struct Answer {
    /// The appeal
    #[arg(value_name = "NUMBER")]
    number: String,
    /// What was decided: granted, partly or explained (a refusal is `appeal operator refuse`)
    #[arg(long, value_name = "DECISION", value_parser = word::<Decision>(), hide_possible_values = true)]
    decision: Decision,
    #[command(flatten)]
    text: Text,
    #[command(flatten)]
    files: Files,
    /// Wait for the applicant to confirm that it is solved
    #[arg(long)]
    await_confirmation: bool,
    #[command(flatten)]
    key: KeyArg,
}

impl Answer {
    /// Runs the command.
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        if self.decision == Decision::Refused {
            return Err(Failure::usage("--decision", t(ctx.lang, "answer-refused", &[])));
        }
        let number = number(&self.number)?.to_string();
        ctx.out.expects(&CHANGED_SHAPE)?;
        let text = self.text.required(ctx).await?;
        let client = ctx.client().await?;
        let attachments = attached(ctx, &client, self.files.attach).await?;
        let answer = GiveAnswer {
            decision: self.decision,
            text,
            attachments,
            await_confirmation: self.await_confirmation,
        };
        let appeal = client.answer(&number, &answer, &self.key.or_fresh()).await?;
        Ok(ctx.out.changed(&appeal, "done-answered")?)
    }
}

/// Refuse an appeal.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Example:
  appeal operator refuse 2026-0123456789-3 --reason 'The same was decided on 1 November'")]
pub struct Refuse {
    /// The appeal
    #[arg(value_name = "NUMBER")]
    number: String,
    #[command(flatten)]
    reason: Reason,
    #[command(flatten)]
    key: KeyArg,
}

impl Refuse {
    /// Runs the command.
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        let number = number(&self.number)?.to_string();
        ctx.out.expects(&CHANGED_SHAPE)?;
        let reason = self.reason.required(ctx).await?;
        let client = ctx.client().await?;
        let appeal = client.refuse(&number, &RefuseRequest { reason }, &self.key.or_fresh()).await?;
        Ok(ctx.out.changed(&appeal, "done-refused")?)
    }
}
