//! What an operator does to an appeal besides deciding it: involve, extend, classify, find and merge duplicates.

use super::actions::moment;
use crate::cli::args::fields::KeyArg;
use crate::cli::args::texts::Reason;
use crate::cli::args::values::{number, word};
use crate::cli::base::durations::{When, when};
use crate::cli::base::{Context, Failure};
use crate::output::{CHANGED_SHAPE, Cell, Column, Shape};
use appeal_api::{
    Classify as ClassifyRequest, Extend as ExtendRequest, Involve as InvolveRequest, Merge as MergeRequest,
};
use appeal_domain::Priority;

/// Involve a department or an expert.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  appeal operator involve 2026-0123456789-3 --department roads
  appeal operator involve 2026-0123456789-3 --expert operator-health
  appeal operator involve 2026-0123456789-3 --department roads --remove")]
pub struct Involve {
    /// The appeal
    #[arg(value_name = "NUMBER")]
    number: String,
    /// Code of a department, all of whose operators take part
    #[arg(long, value_name = "CODE", required_unless_present = "expert", conflicts_with = "expert")]
    department: Option<String>,
    /// Login of an operator or supervisor
    #[arg(long, value_name = "LOGIN")]
    expert: Option<String>,
    /// End the part instead
    #[arg(long)]
    remove: bool,
    #[command(flatten)]
    key: KeyArg,
}

impl Involve {
    /// Runs the command.
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        let number = number(&self.number)?.to_string();
        ctx.out.expects(&CHANGED_SHAPE)?;
        let client = ctx.client().await?;
        let involve =
            InvolveRequest { department: self.department, expert: self.expert, remove: self.remove };
        let appeal = client.involve(&number, &involve, &self.key.or_fresh()).await?;
        Ok(ctx.out.changed(&appeal, if self.remove { "done-uninvolved" } else { "done-involved" })?)
    }
}

/// Move the date of the decision.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Example:
  appeal operator extend 2026-0123456789-3 --to 2026-12-01 --reason 'The inspection is on 28 November'")]
pub struct Extend {
    /// The appeal
    #[arg(value_name = "NUMBER")]
    number: String,
    /// The new date: a date, a time, or a span from now such as `5d`; later than the present one
    #[arg(long, value_name = "WHEN", value_parser = when)]
    to: When,
    #[command(flatten)]
    reason: Reason,
    #[command(flatten)]
    key: KeyArg,
}

impl Extend {
    /// Runs the command.
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        let number = number(&self.number)?.to_string();
        ctx.out.expects(&CHANGED_SHAPE)?;
        let due_at = moment(ctx, "--to", self.to)?;
        let reason = self.reason.required(ctx).await?;
        let client = ctx.client().await?;
        let appeal = client.extend(&number, &ExtendRequest { due_at, reason }, &self.key.or_fresh()).await?;
        Ok(ctx.out.changed(&appeal, "done-extended")?)
    }
}

/// Set category and priority.
#[derive(Debug, clap::Args)]
#[command(
    long_about = "Set the category or the priority. With another category an undecided appeal is routed again: to that \
                  category's department and an operator there, with the dates of its policy counted from the filing.",
    after_long_help = "Examples:
  appeal operator classify 2026-0123456789-3 --category roads.repair
  appeal operator classify 2026-0123456789-3 --priority high"
)]
pub struct Classify {
    /// The appeal
    #[arg(value_name = "NUMBER")]
    number: String,
    /// Code of the category (`appeal category list`)
    #[arg(long, value_name = "CODE", required_unless_present = "priority")]
    category: Option<String>,
    /// Priority
    #[arg(long, value_name = "PRIORITY", value_parser = word::<Priority>())]
    priority: Option<Priority>,
    #[command(flatten)]
    key: KeyArg,
}

impl Classify {
    /// Runs the command.
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        let number = number(&self.number)?.to_string();
        ctx.out.expects(&CHANGED_SHAPE)?;
        let client = ctx.client().await?;
        let classify = ClassifyRequest { category: self.category, priority: self.priority };
        let appeal = client.classify(&number, &classify, &self.key.or_fresh()).await?;
        Ok(ctx.out.changed(&appeal, "done-classified")?)
    }
}

/// Merge a duplicate.
#[derive(Debug, clap::Args)]
#[command(
    long_about = "Merge a duplicate into another appeal: the duplicate is closed, and the other one is decided for \
                  both. Where the applicants are different people neither sees the other's appeal; the text of the \
                  decision comes to the duplicate's applicant as a comment, so keep personal data out of it.",
    after_long_help = "Example:
  appeal operator merge 2026-0123456789-3 --into 2026-9876543210-5"
)]
pub struct Merge {
    /// The duplicate
    #[arg(value_name = "NUMBER")]
    number: String,
    /// The appeal that stays; it is undecided
    #[arg(long, value_name = "NUMBER")]
    into: String,
    #[command(flatten)]
    key: KeyArg,
}

impl Merge {
    /// Runs the command.
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        let duplicate = number(&self.number)?.to_string();
        let into = number(&self.into)?.to_string();
        ctx.out.expects(&CHANGED_SHAPE)?;
        let client = ctx.client().await?;
        let appeal = client.merge(&duplicate, &MergeRequest { into }, &self.key.or_fresh()).await?;
        Ok(ctx.out.changed(&appeal, "done-merged")?)
    }
}

/// Appeals that are much like one.
const SIMILAR: Shape = Shape {
    columns: &[
        Column::new("number", Cell::Text),
        Column::new("score", Cell::Number),
        Column::new("status", Cell::Status),
        Column::new("subject", Cell::Text),
        Column::new("created_at", Cell::Date),
    ],
    more: &[],
    essential: "number",
};

/// List likely duplicates.
#[derive(Debug, clap::Args)]
#[command(
    long_about = "List undecided appeals of the same department that share most of their words with one, the likeliest \
                  first. The score is 1 where the words are the same, in whatever order and form.",
    after_long_help = "Examples:
  appeal operator similar 2026-0123456789-3
  appeal operator similar 2026-0123456789-3 -o json --jq '.[] | select(.score > 0.9) | .number'"
)]
pub struct Similar {
    /// The appeal
    #[arg(value_name = "NUMBER")]
    number: String,
}

impl Similar {
    /// Runs the command.
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        let number = number(&self.number)?.to_string();
        ctx.out.expects(&SIMILAR)?;
        let found = ctx.client().await?.similar(&number).await?;
        let mut list = ctx.out.list(&SIMILAR);
        for similar in &found.similar {
            list.push(similar)?;
        }
        Ok(list.finish()?)
    }
}
