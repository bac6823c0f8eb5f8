//! `appeal notifications list`.

use serde_json::{Value, json};

use crate::cli::args::filters::ROWS;
use crate::cli::args::values::{self, whole};
use crate::cli::base::durations::{outside, when};
use crate::cli::base::{Context, Failure, listing};
use crate::output::{Cell, Column, Shape};
use appeal_api::{Notice, NoticesQuery, Received};
use appeal_domain::{Direction, When};

const LIST: Shape = Shape {
    columns: &[
        Column::new("id", Cell::Text).optional(),
        Column::new("at", Cell::Time),
        Column::new("kind", Cell::Word("notice kind")),
        Column::new("subject", Cell::Text),
        Column::new("due_at", Cell::Due).optional(),
        Column::new("read_at", Cell::Time).optional(),
    ],
    more: &[
        Column::new("number", Cell::Text),
        Column::new("event", Cell::Text),
        Column::new("text", Cell::Text),
        Column::new("due_on", Cell::Text),
        Column::new("time_zone", Cell::Text),
        Column::new("deliveries", Cell::Count),
        Column::new("deliveries.channel", Cell::Join),
        Column::new("deliveries.state", Cell::Join),
        Column::new("deliveries.attempts", Cell::Join),
        Column::new("deliveries.error", Cell::Join),
    ],
    key: "id",
};

const JOURNAL: Shape = Shape {
    columns: &[
        Column::new("at", Cell::Time),
        Column::new("number", Cell::Text),
        Column::new("kind", Cell::Word("notice kind")),
        Column::new("channel", Cell::Word("message channel")),
        Column::new("address", Cell::Text),
        Column::new("state", Cell::Word("delivery state")),
        Column::new("attempts", Cell::Number),
        Column::new("delivered_at", Cell::Time).optional(),
        Column::new("error", Cell::Text).optional(),
    ],
    more: &[
        Column::new("id", Cell::Text),
        Column::new("notice", Cell::Text),
        Column::new("event", Cell::Text),
        Column::new("subject", Cell::Text),
        Column::new("next_at", Cell::Time),
        Column::new("tries", Cell::Count),
        Column::new("tries.outcome", Cell::Join),
    ],
    key: "id",
};

#[derive(Debug, clap::Args)]
#[command(
    long_about = "List your notifications, newest first; 30 unless --limit or --all is given. With --journal, list \
                  deliveries instead: time, channel, address, state (pending, delivered, failed, or unknown if an \
                  attempt was interrupted and will be repeated), number of attempts and the error.",
    after_long_help = "Examples:\n  appeal notifications list --unread --kind demand\n  \
                       appeal notifications list --journal --since 7d\n  \
                       appeal notifications list --unread -q | xargs -r appeal notifications read"
)]
pub struct Args {
    /// Only unread notifications
    #[arg(long)]
    unread: bool,
    /// Filter by kind: status, demand, control; can be repeated
    #[arg(long, value_name = "KIND", value_delimiter = ',', value_parser = ["status", "demand", "control"])]
    kind: Vec<String>,
    /// Created at or after: a date (`2026-11-01`), a time, or a duration before now (`7d`)
    #[arg(long, value_name = "WHEN", value_parser = when)]
    since: Option<When>,
    /// Filter by number of the appeal
    #[arg(long, value_name = "NUMBER")]
    number: Option<String>,
    /// List deliveries and their state
    #[arg(long)]
    journal: bool,
    /// Maximum number of notifications [default: 30]
    #[arg(long, value_name = "N", value_parser = whole(1..=u32::MAX), conflicts_with = "all")]
    limit: Option<u32>,
    /// Show all
    #[arg(long)]
    all: bool,
}

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        let shape = if self.journal { &JOURNAL } else { &LIST };
        ctx.out.expects(shape)?;
        let since = self
            .since
            .map(|when| when.start(Direction::Back, ctx.now(), &ctx.zone()))
            .transpose()
            .map_err(|e| Failure::usage("--since", outside(e)))?;
        let number = self.number.as_deref().map(values::number).transpose()?.map(|n| n.to_string());
        let rows = if self.all { None } else { Some(self.limit.unwrap_or(ROWS)) };
        let query = NoticesQuery {
            unread: self.unread.then_some(true),
            kind: Some(self.kind.join(",")).filter(|k| !k.is_empty()),
            since: since.map(|at| at.to_string()),
            number,
            limit: Some(listing::page(rows)),
            after: None,
        };
        let notices = ctx.client().await?.notices_list(query);
        listing::print(ctx, shape, rows, notices, |list, notice| {
            if self.journal {
                deliveries(&notice).iter().try_for_each(|row| list.push(row))
            } else {
                list.push(&notice)
            }
        })
        .await
    }
}

/// The deliveries of a notification outside the account, one row each.
fn deliveries(notice: &Received<Notice>) -> Vec<Value> {
    notice
        .items("deliveries", |notice| &notice.deliveries)
        .iter()
        .map(|delivery| {
            let mut row = serde_json::to_value(delivery).unwrap_or_default();
            row["at"] = json!(notice.at);
            row["notice"] = json!(notice.id);
            row["number"] = json!(notice.number);
            row["kind"] = json!(notice.kind);
            row["event"] = json!(notice.event);
            row["subject"] = json!(notice.subject);
            row
        })
        .collect()
}
