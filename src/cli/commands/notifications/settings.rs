//! `appeal notifications settings`.

use std::path::PathBuf;
use std::str::FromStr;

use secrecy::ExposeSecret as _;

use crate::cli::args::change::KeyArg;
use crate::cli::base::durations::duration;
use crate::cli::base::failure::lang;
use crate::cli::base::{Context, Failure, Outcome};
use crate::config::credentials;
use crate::output::{Cell, Column, Shape};
use appeal_api::{EditNoticeSettings, NoticeSettings, Received};
use appeal_domain::{Kind, NoticeKind, Priority, UnknownWord};
use appeal_i18n::{message, t};

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
    key: "push",
};

#[derive(Debug, clap::Args)]
#[command(
    long_about = "Show your notification settings; with flags, change them first. By default, notifications are sent \
                  by e-mail or SMS, depending on your preferred contact method.",
    after_long_help = "A webhook receives a POST with the notification as JSON and three headers:
  X-Appeal-Message-Id   the same in every retry of a message
  X-Appeal-Timestamp    seconds since 1970
  X-Appeal-Signature    sha256= and the hexadecimal HMAC-SHA-256 of TIMESTAMP.BODY under your secret
Set the secret with --push-secret-file (16 to 200 characters); otherwise the platform generates one and shows it once.
Verify a signature with
  printf '%s.%s' \"$TIMESTAMP\" \"$BODY\" | openssl dgst -sha256 -hmac \"$SECRET\"
Respond with 2xx once you have the message; 408, 425, 429, 5xx and timeouts are retried for three days.

Examples:
  appeal notifications settings
  appeal notifications settings --email on --sms off --language en
  appeal notifications settings --push https://example.org/hook --push-secret-file ~/.hook-secret
  appeal notifications settings --kinds demand,control --priority high --due-within 3d"
)]
pub struct Args {
    /// E-mail: on or off
    #[arg(long, value_name = "on|off", value_parser = on_off)]
    email: Option<bool>,
    /// SMS: on or off
    #[arg(long, value_name = "on|off", value_parser = on_off)]
    sms: Option<bool>,
    /// Webhook: an http or https URL, or off
    #[arg(long, value_name = "URL|off")]
    push: Option<String>,
    /// Read the webhook signing secret from this file
    #[arg(long, value_name = "PATH")]
    push_secret_file: Option<PathBuf>,
    /// Kinds of notifications to send: status, demand, control, or all
    #[arg(long, value_name = "KIND", value_delimiter = ',', value_parser = ["status", "demand", "control", "all"])]
    kinds: Vec<String>,
    /// Kinds of appeals to notify about, or all
    #[arg(long, value_name = "KIND", value_delimiter = ',', value_parser = words_or_all::<Kind>)]
    appeal_kind: Vec<OrAll<Kind>>,
    /// Priorities of appeals to notify about: normal, high, or all
    #[arg(long, value_name = "PRIORITY", value_delimiter = ',', value_parser = words_or_all::<Priority>)]
    priority: Vec<OrAll<Priority>>,
    /// How long before a deadline to notify, such as `3d`, or off for no limit
    #[arg(long, value_name = "DURATION|off", value_parser = within)]
    due_within: Option<i64>,
    /// Language of notifications
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

fn words_or_all<T: FromStr<Err = UnknownWord>>(text: &str) -> Result<OrAll<T>, String> {
    if text == "all" {
        Ok(OrAll::All)
    } else {
        text.parse().map(OrAll::Word).map_err(|UnknownWord { vocabulary, given, allowed }| {
            let words = format!("{}, all", allowed.join(", "));
            t!(lang(), "value-word", value = given, vocabulary, words)
        })
    }
}

/// Returns the words; an empty list for `all`.
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
        _ => Err(t!(lang(), "value-on-off")),
    }
}

fn within(text: &str) -> Result<i64, String> {
    if text == "off" {
        return Ok(0);
    }
    let span = duration(text)?;
    if span.is_zero() { Err(t!(lang(), "value-within")) } else { Ok(span.as_secs() as i64) }
}

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        ctx.out.expects(&SETTINGS)?;
        let kinds: Vec<OrAll<NoticeKind>> =
            self.kinds.iter().map(|kind| kind.parse().map_or(OrAll::All, OrAll::Word)).collect();
        let secret = self.push_secret_file.as_deref().map(credentials::read_secret_file).transpose()?;
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
        if edit == EditNoticeSettings::default() {
            let settings = client.notice_settings().await?;
            return print(ctx, settings).map(Outcome::from);
        }
        let key = self.key.or_fresh(ctx);
        ctx.send(client.edit_notice_settings(&edit, &key), print).await
    }
}

fn print(ctx: &mut Context, settings: Received<NoticeSettings>) -> Result<(), Failure> {
    ctx.out.one(&settings, &SETTINGS)?;
    if settings.push_secret.is_some() {
        ctx.out.note(message!("notices-secret-once"));
    }
    Ok(())
}
