//! `appeal deadline`: when the next steps are due, and how that was calculated.

use serde_json::json;

use crate::cli::args::values::{self, word};
use crate::cli::base::durations::{outside, when};
use crate::cli::base::{Context, Failure};
use crate::output::{Cell, Column, Format, Shape};
use appeal_api::{DeadlineDetail, ForecastQuery, Received};
use appeal_domain::{Channel, DeadlineState, Direction, When};
use appeal_i18n::{Lang, label, message, t};

#[derive(Debug, clap::Args)]
#[command(
    long_about = "Show when the next steps of an appeal are due. With --explain, show the calculation step by step in \
                  the time zone of the department: the day of filing is day zero; non-working days and time spent \
                  waiting for the applicant do not count. Without a number, show what would be due if an appeal with \
                  the given channel, category and region were filed now or at another time.",
    after_long_help = "Examples:\n  appeal deadline 2026-0123456789-3 --explain\n  \
                       appeal deadline --category housing.repairs --region 25\n  \
                       appeal deadline --channel phone --at 2026-12-30T17:30 --explain\n  \
                       appeal deadline 2026-0123456789-3 --jq '.[] | select(.kind == \"decision\") | .due_at'"
)]
pub struct Args {
    /// Number of the appeal
    #[arg(value_name = "NUMBER", conflicts_with_all = ["channel", "category", "region", "department", "at"])]
    pub number: Option<String>,
    /// Show the calculation step by step
    #[arg(long)]
    pub explain: bool,
    /// Channel of the appeal [default: account]
    #[arg(long, value_name = "CHANNEL", value_parser = word::<Channel>())]
    pub channel: Option<Channel>,
    /// Category of the appeal
    #[arg(long, value_name = "CODE")]
    pub category: Option<String>,
    /// Region of the appeal, which determines the department
    #[arg(long, value_name = "REGION", conflicts_with = "department")]
    pub region: Option<String>,
    /// Responsible department
    #[arg(long, value_name = "CODE")]
    pub department: Option<String>,
    /// Time of filing: a date, a time, or a duration from now (`2d`) [default: now]
    #[arg(long, value_name = "WHEN", value_parser = when)]
    pub at: Option<When>,
}

const SHAPE: Shape = Shape {
    columns: &[
        Column::new("kind", Cell::Word("deadline kind")),
        Column::new("term", Cell::Text),
        Column::new("due_at", Cell::Due),
        Column::new("state", Cell::Word("deadline state")),
        Column::new("left_minutes", Cell::Number),
    ],
    more: &[
        Column::new("due_on", Cell::Text),
        Column::new("started_at", Cell::Time),
        Column::new("met_at", Cell::Time),
        Column::new("paused_at", Cell::Time),
        Column::new("left_working_minutes", Cell::Number),
        Column::new("department", Cell::Text),
        Column::new("zone", Cell::Text),
        Column::new("provisional", Cell::Bool),
        Column::new("pauses", Cell::Count),
        Column::new("extended_from", Cell::Due),
        Column::new("reason", Cell::Text),
        Column::new("steps.text", Cell::Join),
    ],
    key: "due_at",
};

/// The same in words, for people.
const TABLE: Shape = Shape {
    columns: &[
        Column::new("kind", Cell::Word("deadline kind")),
        Column::new("term", Cell::Text),
        Column::new("due", Cell::Due),
        Column::new("state", Cell::Word("deadline state")),
        Column::new("left", Cell::Text),
    ],
    more: &[],
    key: "due",
};

/// The lines of the arithmetic, where they are columns.
const LINES: Shape = Shape {
    columns: &[
        Column::new("kind", Cell::Word("deadline kind")),
        Column::new("code", Cell::Text),
        Column::new("text", Cell::Text),
    ],
    more: &[
        Column::new("at", Cell::Time),
        Column::new("from", Cell::Text),
        Column::new("to", Cell::Text),
        Column::new("n", Cell::Number),
        Column::new("minutes", Cell::Number),
        Column::new("days", Cell::Number),
        Column::new("left_minutes", Cell::Number),
    ],
    key: "text",
};

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        let number = self.number.as_deref().map(values::number).transpose()?;
        let format = ctx.out.format();
        let objects = ctx.out.is_json();
        let columns = ctx.globals.columns.is_some();
        let lines = self.explain && !objects && (format != Format::Table || columns || ctx.out.is_quiet());
        ctx.out.expects(if lines { &LINES } else { &SHAPE })?;
        let found = match &number {
            Some(number) => ctx.client().await?.deadlines(&number.to_string()).await?,
            None => {
                let (now, zone) = (ctx.now(), ctx.zone());
                let at = self.at.map(|at| at.start(Direction::Ahead, now, &zone)).transpose();
                let query = ForecastQuery {
                    channel: self.channel,
                    category: self.category,
                    region: self.region,
                    department: self.department,
                    at: at.map_err(|e| Failure::usage("--at", outside(e)))?,
                };
                ctx.client().await?.forecast(&query).await?
            }
        };
        if lines {
            return print_lines(ctx, &found);
        }
        if self.explain && !objects {
            return explain(ctx, &found);
        }
        let readable = format == Format::Table && !objects && !columns && !ctx.out.is_quiet();
        let lang = ctx.lang;
        let mut list = ctx.out.list(if readable { &TABLE } else { &SHAPE });
        for deadline in &found {
            if !readable {
                list.push(deadline)?;
                continue;
            }
            list.push(&json!({
                "kind": deadline.kind,
                "term": term(lang, &deadline.term),
                "due": deadline.due_at,
                "zone": deadline.zone,
                "state": deadline.state,
                "left": left(lang, deadline),
            }))?;
        }
        Ok(list.finish()?)
    }
}

/// Every line with the step it belongs to.
fn print_lines(ctx: &mut Context, found: &[Received<DeadlineDetail>]) -> Result<(), Failure> {
    let mut list = ctx.out.list(&LINES);
    for deadline in found {
        for step in &deadline.items("steps", |deadline| &deadline.steps) {
            let mut row = serde_json::to_value(step).unwrap_or_default();
            row["kind"] = json!(deadline.kind);
            list.push(&row)?;
        }
    }
    Ok(list.finish()?)
}

/// The arithmetic for people: a heading for each step, and the lines below it.
fn explain(ctx: &mut Context, found: &[Received<DeadlineDetail>]) -> Result<(), Failure> {
    let lang = ctx.lang;
    if found.is_empty() {
        ctx.out.note(message!("list-empty"));
    }
    for (n, deadline) in found.iter().enumerate() {
        let mut text = if n == 0 { String::new() } else { "\n".to_owned() };
        let state = label(lang, "deadline state", deadline.state.as_str());
        let left = left(lang, deadline);
        let kind = label(lang, "deadline kind", deadline.kind.as_str());
        let head = [kind, term(lang, &deadline.term), state, left];
        let head: Vec<String> = head.into_iter().filter(|part| !part.is_empty()).collect();
        text.push_str(&head.join(" · "));
        text.push('\n');
        for step in &deadline.steps {
            text.push_str("  ");
            // A reason may have several lines.
            text.push_str(&step.text.replace('\n', "\n    "));
            text.push('\n');
        }
        ctx.out.lines(&text)?;
    }
    Ok(())
}

/// A term in words.
fn term(lang: Lang, term: &str) -> String {
    let at = term.find(|c: char| !c.is_ascii_digit()).unwrap_or(term.len());
    let (n, unit) = term.split_at(at);
    t(lang, &format!("deadline-count-{unit}"), &[("n", n)])
}

/// What is left, in words.
fn left(lang: Lang, deadline: &DeadlineDetail) -> String {
    let Some(minutes) = deadline.left_minutes else { return String::new() };
    if deadline.state == DeadlineState::Overdue || minutes < 0 {
        return t!(lang, "deadline-late", span = span(lang, -minutes));
    }
    match deadline.left_working_minutes {
        Some(working) => t!(lang, "deadline-left-working", span = hours(lang, working)),
        None => span(lang, minutes),
    }
}

/// Minutes as days and hours.
fn span(lang: Lang, minutes: i64) -> String {
    let days = minutes / (24 * 60);
    let rest = minutes % (24 * 60);
    if days == 0 {
        return hours(lang, rest);
    }
    t!(lang, "deadline-span-days", days, hours = rest / 60)
}

/// Minutes as hours and minutes.
fn hours(lang: Lang, minutes: i64) -> String {
    let (hours, minutes) = (minutes / 60, minutes % 60);
    match (hours, minutes) {
        (0, _) => t!(lang, "deadline-span-minutes", minutes),
        (_, 0) => t!(lang, "deadline-span-hours", hours),
        _ => t!(lang, "deadline-span-both", hours, minutes),
    }
}
