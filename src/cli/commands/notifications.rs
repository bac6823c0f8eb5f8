//! `appeal notifications` (N4).

use std::path::PathBuf;

use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use crate::cli::args::fields::KeyArg;
use crate::cli::args::filters::ROWS;
use crate::cli::args::values;
use crate::cli::base::durations::{When, duration, when};
use crate::cli::base::{Context, Failure};
use crate::config::credentials;
use crate::output::{Cell, Column, Shape};
use appeal_api::*;
use appeal_domain::{Kind, NoticeKind, Priority};
use appeal_i18n::t;

const LIST: Shape = Shape {
    columns: &[
        Column::new("id", Cell::Text).yielding(),
        Column::new("at", Cell::Time),
        Column::new("kind", Cell::Word("notice kind")),
        Column::new("subject", Cell::Text),
        Column::new("due_at", Cell::Time).yielding(),
        Column::new("read_at", Cell::Time).yielding(),
    ],
    more: &[
        Column::new("number", Cell::Text),
        Column::new("event", Cell::Text),
        Column::new("text", Cell::Text),
        Column::new("deliveries", Cell::Count),
        Column::new("deliveries.channel", Cell::Join),
        Column::new("deliveries.state", Cell::Join),
        Column::new("deliveries.attempts", Cell::Join),
        Column::new("deliveries.error", Cell::Join),
    ],
    essential: "id",
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
        Column::new("delivered_at", Cell::Time).yielding(),
        Column::new("error", Cell::Text).yielding(),
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
    essential: "id",
};

const READ: Shape = Shape { columns: &[Column::new("read", Cell::Number)], more: &[], essential: "read" };

const SETTINGS: Shape = Shape {
    columns: &[
        Column::new("lang", Cell::Text),
        Column::new("account", Cell::Bool),
        Column::new("email", Cell::Bool),
        Column::new("email_address", Cell::Text),
        Column::new("sms", Cell::Bool),
        Column::new("phone", Cell::Text),
        Column::new("push", Cell::Text),
        Column::new("push_secret", Cell::Text),
        Column::new("kinds", Cell::Join),
        Column::new("appeal_kinds", Cell::Join),
        Column::new("priorities", Cell::Join),
        Column::new("due_within", Cell::Number),
    ],
    more: &[],
    essential: "push",
};

/// Arguments of the command.
#[derive(Debug, clap::Args)]
#[command(
    long_about = "What you were told about appeals, and how you want to be told. Everything is in the account; by your \
                  settings it is sent by e-mail, text message and to a webhook besides. Kinds: `status` (something \
                  changed), `demand` (you have to do something), `control` (a deadline nears or has passed).",
    after_long_help = "Examples:\n  appeal notifications list --unread\n  appeal notifications read --all\n  \
                       appeal notifications settings --email on --kinds demand,control"
)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
#[allow(clippy::large_enum_variant)] // one is made in a process's life
enum Command {
    /// List your notifications, newest first, or the journal of their deliveries
    List(ListArgs),
    /// Mark notifications as read
    #[command(
        after_long_help = "Examples:\n  appeal notifications read 01931f0e-7c1a-7000-8000-000000000001\n  appeal notifications read --all"
    )]
    Read {
        /// Ids, as `list -q` prints them
        #[arg(value_name = "ID", required_unless_present = "all", conflicts_with = "all")]
        ids: Vec<String>,
        /// Every one there is
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        key: KeyArg,
    },
    /// Show what you want to be told and how, or change it
    Settings(Box<SettingsArgs>),
}

#[derive(Debug, clap::Args)]
#[command(
    long_about = "List your notifications, newest first; thirty unless --limit or --all says otherwise. --journal lists \
                  what was sent outside: when, by which channel, to where, whether it arrived (pending, delivered, \
                  failed, or unknown where an attempt was cut off and is made again), how often it was tried and what \
                  went wrong.",
    after_long_help = "Examples:\n  appeal notifications list --unread --kind demand\n  \
                       appeal notifications list --journal --since 7d\n  \
                       appeal notifications list --unread -q | xargs appeal notifications read"
)]
struct ListArgs {
    /// Only those not read yet
    #[arg(long)]
    unread: bool,
    /// Only these kinds: status, demand, control; can be repeated
    #[arg(long, value_name = "KIND", value_delimiter = ',', value_parser = ["status", "demand", "control"])]
    kind: Vec<String>,
    /// Only since: a date (`2026-11-01`), a time, or a span back from now (`7d`)
    #[arg(long, value_name = "WHEN", value_parser = when)]
    since: Option<When>,
    /// Only about the appeal with this number
    #[arg(long, value_name = "NUMBER")]
    number: Option<String>,
    /// What was sent outside, and whether it arrived
    #[arg(long)]
    journal: bool,
    /// At most so many notifications [default: 30]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..), conflicts_with = "all")]
    limit: Option<u32>,
    /// Every one
    #[arg(long)]
    all: bool,
}

#[derive(Debug, clap::Args)]
#[command(
    long_about = "Show what you want to be told and how; with flags, change it first. Until you say otherwise your \
                  preferred way of contact decides: e-mail sends mails, phone sends text messages.",
    after_long_help = "A webhook gets a POST with the notification as JSON and three headers:
  X-Appeal-Message-Id   the same in every repetition of one message
  X-Appeal-Timestamp    seconds since 1970
  X-Appeal-Signature    sha256= and the hexadecimal HMAC-SHA-256 of TIMESTAMP.BODY under your secret
The secret comes from --push-secret-file (16 to 200 characters); without one the platform makes it and shows it once.
Check a signature with
  printf '%s.%s' \"$TIMESTAMP\" \"$BODY\" | openssl dgst -sha256 -hmac \"$SECRET\"
Answer 2xx once you have the message; 408, 425, 429, 5xx and silence are tried again for three days.

Examples:
  appeal notifications settings
  appeal notifications settings --email on --sms off --language en
  appeal notifications settings --push https://example.org/hook --push-secret-file ~/.hook-secret
  appeal notifications settings --kinds demand,control --priority high --due-within 3d"
)]
struct SettingsArgs {
    /// Mails: on or off
    #[arg(long, value_name = "on|off", value_parser = on_off)]
    email: Option<bool>,
    /// Text messages: on or off
    #[arg(long, value_name = "on|off", value_parser = on_off)]
    sms: Option<bool>,
    /// Webhook: an http or https URL, or off
    #[arg(long, value_name = "URL|off")]
    push: Option<String>,
    /// File with the secret that signs webhooks
    #[arg(long, value_name = "PATH")]
    push_secret_file: Option<PathBuf>,
    /// Kinds that leave the account: status, demand, control, or all
    #[arg(long, value_name = "KIND", value_delimiter = ',', value_parser = ["status", "demand", "control", "all"])]
    kinds: Vec<String>,
    /// Kinds of appeals of which to tell, or all
    #[arg(long, value_name = "KIND", value_delimiter = ',', value_parser = words_or_all::<Kind>)]
    appeal_kind: Vec<OrAll<Kind>>,
    /// Priorities of appeals of which to tell: normal, high, or all
    #[arg(long, value_name = "PRIORITY", value_delimiter = ',', value_parser = words_or_all::<Priority>)]
    priority: Vec<OrAll<Priority>>,
    /// Tell of a deadline only so long before it, such as `3d`; off for any time
    #[arg(long, value_name = "DURATION|off", value_parser = within)]
    due_within: Option<i64>,
    /// Language of the texts
    #[arg(long, value_name = "LANG", value_parser = ["ru", "en"])]
    language: Option<String>,
    #[command(flatten)]
    key: KeyArg,
}

#[derive(Debug, Clone)]
enum OrAll<T> {
    Word(T),
    All,
}

fn words_or_all<T: std::str::FromStr<Err = appeal_domain::UnknownWord>>(
    text: &str,
) -> Result<OrAll<T>, String> {
    if text == "all" {
        Ok(OrAll::All)
    } else {
        text.parse().map(OrAll::Word).map_err(|e| format!("{e}, all"))
    }
}

/// The words; an empty list for `all`.
fn wanted<T: Clone>(given: &[OrAll<T>]) -> Option<Vec<T>> {
    let words = given.iter().filter_map(|w| match w {
        OrAll::Word(word) => Some(word.clone()),
        OrAll::All => None,
    });
    let all = given.iter().any(|w| matches!(w, OrAll::All));
    (!given.is_empty()).then(|| if all { Vec::new() } else { words.collect() })
}

fn on_off(text: &str) -> Result<bool, String> {
    match text {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err("write on or off".to_owned()),
    }
}

fn within(text: &str) -> Result<i64, String> {
    if text == "off" {
        return Ok(0);
    }
    let span = duration(text)?;
    if span.is_zero() {
        Err("write a duration such as 3d, or off".to_owned())
    } else {
        Ok(span.as_secs() as i64)
    }
}

impl Args {
    /// Runs the command.
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        match self.command {
            Command::List(args) => args.run(ctx).await,
            Command::Read { ids, all, key } => {
                ctx.out.expects(&READ)?;
                let which = ReadNotices { ids, all };
                let read = ctx.client().await?.read_notices(&which, &key.or_fresh()).await?;
                if !ctx.out.format().is_json() {
                    ctx.out.note("done-notices-read", &[("count", &read.read.to_string())]);
                }
                Ok(ctx.out.one(&read, &READ)?)
            }
            Command::Settings(args) => args.run(ctx).await,
        }
    }
}

impl ListArgs {
    async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        let shape = if self.journal { &JOURNAL } else { &LIST };
        ctx.out.expects(shape)?;
        let since = self
            .since
            .map(|w| w.back(ctx.now(), &ctx.zone()))
            .transpose()
            .map_err(|e| Failure::usage("--since", e))?;
        let number = self.number.as_deref().map(values::number).transpose()?.map(|n| n.to_string());
        let rows = if self.all { None } else { Some(self.limit.unwrap_or(ROWS)) };
        let mut query = NoticesQuery {
            unread: self.unread.then_some(true),
            kind: Some(self.kind.join(",")).filter(|k| !k.is_empty()),
            since: since.map(|at| at.to_string()),
            number,
            // One row more than is shown tells whether there are more.
            limit: Some(rows.map_or(PAGE_MAX, |rows| rows.saturating_add(1).min(PAGE_MAX))),
            after: None,
        };
        let client = ctx.client().await?;
        let mut list = ctx.out.list(shape);
        let mut left = rows;
        let mut cut = false;
        'pages: loop {
            let page = client.notices(&query).await?;
            for notice in &page.items {
                if left == Some(0) {
                    cut = true;
                    break 'pages;
                }
                left = left.map(|left| left - 1);
                if self.journal {
                    for row in journal(notice) {
                        list.push(&row)?;
                    }
                } else {
                    list.push(notice)?;
                }
            }
            match page.next {
                Some(next) if query.after.as_ref() != Some(&next) => query.after = Some(next),
                _ => break,
            }
        }
        list.finish()?;
        if cut {
            let rows = rows.unwrap_or_default().to_string();
            let told = t(ctx.lang, "queue-cut", &[("rows", &rows)]);
            ctx.out.line(&told);
        }
        Ok(())
    }
}

/// What went outside for a notification: one row each.
fn journal(notice: &Notice) -> Vec<Value> {
    notice
        .deliveries
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

impl SettingsArgs {
    async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        ctx.out.expects(&SETTINGS)?;
        let kinds: Vec<OrAll<NoticeKind>> =
            self.kinds.iter().map(|kind| kind.parse().map_or(OrAll::All, OrAll::Word)).collect();
        let secret = self.push_secret_file.as_deref().map(credentials::read_token_file).transpose()?;
        let edit = EditNoticeSettings {
            lang: self.language,
            email: self.email,
            sms: self.sms,
            push: self.push.map(|push| if push == "off" { String::new() } else { push }),
            push_secret: secret.map(|secret| secret.expose_secret().to_owned()),
            kinds: wanted(&kinds),
            appeal_kinds: wanted(&self.appeal_kind),
            priorities: wanted(&self.priority),
            due_within: self.due_within,
        };
        let client = ctx.client().await?;
        let settings = if edit == EditNoticeSettings::default() {
            client.notice_settings().await?
        } else {
            client.edit_notice_settings(&edit, &self.key.or_fresh()).await?
        };
        ctx.out.one(&settings, &SETTINGS)?;
        if settings.push_secret.is_some() {
            ctx.out.note("notices-secret-once", &[]);
        }
        Ok(())
    }
}
