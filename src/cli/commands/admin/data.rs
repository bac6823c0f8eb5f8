//! `load`, `list` and `show` of each kind of data; blocking people.

use std::path::PathBuf;

use super::read;
use crate::cli::args::fields::{KeyArg, OnlyKey};
use crate::cli::args::texts::Reason;
use crate::cli::base::{Context, Failure};
use crate::output::{Cell, Column, Format, Shape};
use appeal_api::{LoadData, LoadResult};
use appeal_domain::DataKind;
use appeal_i18n::t;

/// Rows of a list unless told otherwise.
const LIMIT: u32 = 30;
/// Rows asked for at once.
const PAGE: u32 = 500;

/// What can be done to data.
#[derive(Debug, clap::Subcommand)]
pub enum Data {
    /// Load records from a file: known ones are changed in the fields that are given, others are added
    Load(Load),
    /// List the records
    #[command(after_long_help = "Example:\n  appeal admin departments list -o json > departments.json")]
    List(List),
    /// Show one record in the form in which it is loaded
    #[command(after_long_help = "Example:\n  appeal admin departments show housing -o json")]
    Show(Show),
}

/// What can be done to people.
#[derive(Debug, clap::Subcommand)]
pub enum People {
    #[command(flatten)]
    Data(Data),
    /// Block an account: it loses access at once
    Block(Block),
    /// Give a blocked account its access back
    Unblock(Unblock),
}

/// Load records.
#[derive(Debug, clap::Args)]
#[command(
    long_about = "Load records from a file in JSON, JSON Lines, YAML, TOML or, for people and departments, CSV. \
                  Records whose key (login, code, id, name) is known are changed in the fields that are given; others \
                  are added. The whole file is checked first, and all findings are told together; then everything \
                  takes effect, or nothing.",
    after_long_help = "Examples:
  appeal admin people load people.csv --dry-run
  appeal admin categories list -o json | appeal admin categories load -

A list is an array of records, or in TOML tables named [[records]]; one record may stand alone. In CSV the elements of
a list are separated by '|' and an empty cell leaves the field as it is; elsewhere null clears a field. A person may
have a `password`: its hash is kept and it is never shown. A file of the calendar may have one year alone (`year: 2028`
with its holidays); other years stay. When calendar or policies change, open deadlines are counted anew."
)]
pub struct Load {
    /// The file; `-` is stdin
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Check everything and say what would change; change nothing
    #[arg(long)]
    dry_run: bool,
    /// Remove records that are not in the file, as far as nothing needs them (not for people)
    #[arg(long)]
    prune: bool,
    #[command(flatten)]
    key: OnlyKey,
}

/// List records.
#[derive(Debug, clap::Args)]
pub struct List {
    /// Most records to show, 30 unless given; JSON has every one
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    limit: Option<u32>,
    /// Show every record
    #[arg(long, conflicts_with = "limit")]
    all: bool,
}

/// Show a record.
#[derive(Debug, clap::Args)]
pub struct Show {
    /// Login, code, id or name
    #[arg(value_name = "ID")]
    id: String,
}

/// Block an account.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Example:
  appeal admin people block ivanova --reason 'The password was stolen'")]
pub struct Block {
    /// Whose account
    #[arg(value_name = "LOGIN")]
    login: String,
    #[command(flatten)]
    reason: Reason,
    #[command(flatten)]
    key: KeyArg,
}

/// Unblock an account.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Example:
  appeal admin people unblock ivanova")]
pub struct Unblock {
    /// Whose account
    #[arg(value_name = "LOGIN")]
    login: String,
    #[command(flatten)]
    key: KeyArg,
}

macro_rules! shape {
    ($name:ident, $key:literal, [$($path:literal: $cell:expr),* $(,)?], [$($more:literal: $more_cell:expr),* $(,)?]) => {
        const $name: Shape = Shape {
            columns: &[$(Column::new($path, $cell)),*],
            more: &[$(Column::new($more, $more_cell)),*],
            essential: $key,
        };
    };
}

shape!(PEOPLE, "login", [
    "login": Cell::Text, "name": Cell::Text, "role": Cell::Word("role"), "state": Cell::Word("account state"),
    "departments": Cell::Join,
], [
    "reason": Cell::Text, "email": Cell::Text, "phone": Cell::Text, "preferred": Cell::Word("contact way"),
    "snils": Cell::Text, "inn": Cell::Text, "region": Cell::Text, "levels": Cell::Join,
    "organizations.inn": Cell::Join, "organizations.name": Cell::Join,
]);
shape!(PERSON, "login", [
    "login": Cell::Text, "name": Cell::Text, "role": Cell::Word("role"), "state": Cell::Word("account state"),
    "reason": Cell::Text, "email": Cell::Text, "phone": Cell::Text, "preferred": Cell::Word("contact way"),
    "snils": Cell::Text, "inn": Cell::Text, "region": Cell::Text, "levels": Cell::Join, "departments": Cell::Join,
    "organizations.inn": Cell::Join, "organizations.name": Cell::Join,
], []);
shape!(DEPARTMENTS, "code", [
    "code": Cell::Text, "title": Cell::Title, "authority": Cell::Title, "region": Cell::Text, "time_zone": Cell::Text,
], ["routes.category": Cell::Join, "title.en": Cell::Text, "title.ru": Cell::Text, "authority.en": Cell::Text,
    "authority.ru": Cell::Text]);
shape!(DEPARTMENT, "code", [
    "code": Cell::Text, "title": Cell::Title, "authority": Cell::Title, "region": Cell::Text, "time_zone": Cell::Text,
    "routes.category": Cell::Join,
], []);
shape!(CATEGORIES, "code", [
    "code": Cell::Code, "title": Cell::Title, "access": Cell::Word("access"), "department": Cell::Text,
    "policy": Cell::Text,
], ["parent": Cell::Text, "hint": Cell::Title, "documents.code": Cell::Join, "fields.key": Cell::Join]);
shape!(CATEGORY, "code", [
    "code": Cell::Code, "title": Cell::Title, "hint": Cell::Title, "access": Cell::Word("access"),
    "department": Cell::Text, "policy": Cell::Text, "documents.code": Cell::Join, "fields.key": Cell::Join,
    "attachments.max_files": Cell::Number, "attachments.max_file_bytes": Cell::Size,
    "attachments.max_total_bytes": Cell::Size, "attachments.extensions": Cell::Join,
], []);
shape!(TEMPLATES, "id", [
    "id": Cell::Text, "title": Cell::Title, "kind": Cell::Word("kind"), "category": Cell::Code,
    "placeholders.name": Cell::Join,
], ["subject": Cell::Text, "text": Cell::Text]);
shape!(CALENDARS, "name", [
    "name": Cell::Text, "opens": Cell::Text, "closes": Cell::Text, "break_from": Cell::Text, "break_to": Cell::Text,
    "short_by_minutes": Cell::Number, "known_years": Cell::Join,
], []);
shape!(POLICIES, "name", [
    "name": Cell::Text, "first_status": Cell::Text, "registration": Cell::Text, "decision": Cell::Text,
    "redirection": Cell::Text, "clarification": Cell::Text, "escalation": Cell::Text, "confirmation": Cell::Text,
], []);
shape!(LOADED, "key", [
    "change": Cell::Word("load change"), "key": Cell::Text, "fields": Cell::Join,
], []);

fn shapes(kind: DataKind) -> (&'static Shape, &'static Shape) {
    match kind {
        DataKind::People => (&PEOPLE, &PERSON),
        DataKind::Departments => (&DEPARTMENTS, &DEPARTMENT),
        DataKind::Categories => (&CATEGORIES, &CATEGORY),
        DataKind::Templates => (&TEMPLATES, &TEMPLATES),
        DataKind::Calendar => (&CALENDARS, &CALENDARS),
        DataKind::Policies => (&POLICIES, &POLICIES),
    }
}

/// Years are keys of an object; a column wants them in a list. JSON stays as it is loaded.
fn shown(ctx: &Context, kind: DataKind, mut record: serde_json::Value) -> serde_json::Value {
    let json = ctx.out.is_json();
    if kind == DataKind::Calendar && !json {
        let years: Vec<String> =
            record["years"].as_object().map(|y| y.keys().cloned().collect()).unwrap_or_default();
        record["known_years"] = years.into();
    }
    record
}

impl People {
    /// Runs the command.
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        match self {
            People::Data(data) => data.run(ctx, DataKind::People).await,
            People::Block(args) => {
                ctx.out.expects(&LOADED)?;
                let reason = args.reason.required(ctx).await?;
                let client = ctx.client().await?;
                let result = client.admin_block(&args.login, reason, &args.key.or_fresh()).await?;
                done(ctx, &result)
            }
            People::Unblock(args) => {
                ctx.out.expects(&LOADED)?;
                let client = ctx.client().await?;
                let result = client.admin_unblock(&args.login, &args.key.or_fresh()).await?;
                done(ctx, &result)
            }
        }
    }
}

impl Data {
    /// Runs the command.
    pub async fn run(self, ctx: &mut Context, kind: DataKind) -> Result<(), Failure> {
        match self {
            Data::Load(args) => args.run(ctx, kind).await,
            Data::List(args) => args.run(ctx, kind).await,
            Data::Show(args) => {
                let (_, shape) = shapes(kind);
                ctx.out.expects(shape)?;
                let record = ctx.client().await?.admin_record(kind, &args.id).await?;
                let record = shown(ctx, kind, record);
                Ok(ctx.out.one(&record, shape)?)
            }
        }
    }
}

impl Load {
    async fn run(self, ctx: &mut Context, kind: DataKind) -> Result<(), Failure> {
        ctx.out.expects(&LOADED)?;
        if self.prune && kind == DataKind::People {
            return Err(Failure::usage("--prune", t(ctx.lang, "admin-prune-people", &[])));
        }
        let records = read::records(ctx, kind, &self.file).await?;
        let client = ctx.client().await?;
        let data = LoadData { records, prune: self.prune };
        let result = client.admin_load(kind, &data, self.dry_run, &self.key.or_fresh()).await?;
        done(ctx, &result)
    }
}

/// What loading did: under JSON the whole result, else a line for each record that is not as before, and a summary.
fn done(ctx: &mut Context, result: &LoadResult) -> Result<(), Failure> {
    if ctx.out.format() == Format::Json || ctx.globals.jq.is_some() {
        return Ok(ctx.out.json(result)?);
    }
    let mut list = ctx.out.list(&LOADED);
    for item in &result.items {
        list.push(item)?;
    }
    list.finish()?;
    if !ctx.out.format().is_json() {
        let id = if result.dry_run { "admin-would-load" } else { "admin-loaded" };
        let count = |n: u64| n.to_string();
        let (added, changed) = (count(result.added), count(result.changed));
        let (unchanged, removed) = (count(result.unchanged), count(result.removed));
        ctx.out.note(
            id,
            &[("added", &added), ("changed", &changed), ("unchanged", &unchanged), ("removed", &removed)],
        );
        if let Some(moved) = result.deadlines_moved {
            ctx.out.note("admin-deadlines-moved", &[("count", &moved.to_string())]);
        }
    }
    Ok(())
}

impl List {
    async fn run(self, ctx: &mut Context, kind: DataKind) -> Result<(), Failure> {
        let (shape, _) = shapes(kind);
        ctx.out.expects(shape)?;
        let client = ctx.client().await?;
        // A list that is to be loaded again must be whole, unless somebody asks for less.
        let whole = self.all || self.limit.is_none() && ctx.out.format().is_json();
        let mut left = if whole { u32::MAX } else { self.limit.unwrap_or(LIMIT) };
        let mut after: Option<String> = None;
        let json = ctx.out.is_json();
        let mut cut = false;
        let mut list = ctx.out.list(shape);
        loop {
            let page = client.admin_page(kind, after.as_deref(), Some(left.min(PAGE))).await?;
            for mut record in page.items {
                if kind == DataKind::Calendar && !json {
                    let years: Vec<String> =
                        record["years"].as_object().map(|y| y.keys().cloned().collect()).unwrap_or_default();
                    record["known_years"] = years.into();
                }
                list.push(&record)?;
                left = left.saturating_sub(1);
            }
            match page.next {
                Some(next) if left > 0 => after = Some(next),
                more => {
                    cut = cut || more.is_some();
                    break;
                }
            }
        }
        list.finish()?;
        if cut && !ctx.out.format().is_json() {
            ctx.out.note("admin-list-cut", &[]);
        }
        Ok(())
    }
}
