//! `appeal supervisor reviews` and `revise`: reviews of decisions (D3).

use std::pin::pin;

use futures_util::StreamExt;

use crate::cli::args::fields::{Files, KeyArg};
use crate::cli::args::filters::{Filters, Paging};
use crate::cli::args::texts::Text;
use crate::cli::args::values::{number, word};
use crate::cli::base::{Context, Failure};
use crate::cli::record::uploads::attached;
use crate::output::{CHANGED_SHAPE, Cell, Column, LIST_SHAPE, Shape};
use appeal_api::{ListQuery, PAGE_MAX, Revise as ReviseRequest, View};
use appeal_domain::ReviewState;

/// List the reviews.
#[derive(Debug, clap::Args)]
pub struct Reviews {
    /// Only those in these states; can be repeated
    #[arg(long, value_name = "STATE", value_parser = word::<ReviewState>(), value_delimiter = ',')]
    state: Vec<ReviewState>,
    #[command(flatten)]
    filters: Filters,
    #[command(flatten)]
    paging: Paging,
}

const SHAPE: Shape = Shape {
    columns: &[
        Column::new("number", Cell::Text),
        Column::new("review.score", Cell::Number),
        Column::new("review.category", Cell::Word("review category")),
        Column::new("review.state", Cell::Word("review state")),
        Column::new("review.at", Cell::Date),
        Column::new("department", Cell::Text).yielding(),
        Column::new("subject", Cell::Text),
    ],
    more: LIST_SHAPE.more,
    essential: "number",
};

impl Reviews {
    /// Prints the queue; what has waited longest comes first, unless told otherwise.
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        ctx.out.expects(&SHAPE)?;
        let rows = self.paging.rows();
        let states: Vec<&str> = self.state.iter().map(|state| state.as_str()).collect();
        let query = ListQuery {
            view: Some(View::Reviews),
            review: Some(states.join(",")).filter(|states| !states.is_empty()),
            sort: Some(self.paging.sort.clone().unwrap_or_else(|| "updated_at".to_owned())),
            // One more than wanted tells whether the list is cut.
            limit: Some(rows.map_or(PAGE_MAX, |rows| rows.saturating_add(1).min(PAGE_MAX))),
            ..self.filters.query(ctx)?
        };
        let client = ctx.client().await?;
        let mut appeals = pin!(client.list(query));
        let mut list = ctx.out.list(&SHAPE);
        let mut cut = false;
        while let Some(appeal) = appeals.next().await {
            let appeal = appeal?;
            if rows.is_some_and(|rows| list.len() >= rows as usize) {
                cut = true;
                break;
            }
            list.push(&appeal)?;
        }
        list.finish()?;
        if cut {
            let rows = rows.unwrap_or_default().to_string();
            ctx.out.warn("queue-cut", &[("rows", &rows)]);
        }
        Ok(())
    }
}

/// Take a review into revision, or complete it.
#[derive(Debug, clap::Args)]
pub struct Revise {
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

impl Revise {
    /// Runs the command. Without a text nothing is asked: the review is taken.
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        let number = number(&self.number)?.to_string();
        ctx.out.expects(&CHANGED_SHAPE)?;
        let text = self.text.optional(ctx).await?;
        if text.is_none() && !self.files.attach.is_empty() {
            return Err(Failure::missing(Text::FLAG));
        }
        let done = if text.is_some() { "done-revised" } else { "done-revision-taken" };
        let client = ctx.client().await?;
        let attachments = attached(ctx, &client, self.files.attach).await?;
        let body = ReviseRequest { text, attachments };
        let appeal = client.revise(&number, &body, &self.key.or_fresh()).await?;
        Ok(ctx.out.changed(&appeal, done)?)
    }
}
