//! `appeal auth token create`.

use crate::cli::args::change::KeyArg;
use crate::cli::args::values::word;
use crate::cli::base::durations::{outside, when};
use crate::cli::base::{Context, Failure, Outcome};
use crate::output::{Cell, Column, Shape};
use appeal_api::NewToken;
use appeal_domain::{Direction, Scope, When};
use appeal_i18n::{message, t};

/// A new token.
const ISSUED: Shape = Shape {
    columns: &[
        Column::new("token", Cell::Text),
        Column::new("id", Cell::Text),
        Column::new("name", Cell::Text),
        Column::new("login", Cell::Text),
        Column::new("scopes", Cell::Join),
        Column::new("expires_at", Cell::Time),
    ],
    more: &[],
    key: "token",
};

#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  appeal auth token create --scope read,file --expires 90d --name nightly -q > ~/.appeal-token
  appeal --server local --as admin --database sqlite:/srv/appeal/appeal.db \\
      auth token create --for admin --scope admin --expires 1d -q

The token is printed once; only its hash is stored. Pass it to a program in a file that only its owner can read
(--token-file) or in APPEAL_TOKEN.")]
pub struct Args {
    /// Issue the token for this login (administrators only) [default: yourself]
    #[arg(long = "for", value_name = "LOGIN")]
    login: Option<String>,
    /// Scope of the token (`file` and `operate` include `read`); can be repeated
    #[arg(long, value_name = "SCOPE", required = true, value_parser = word::<Scope>(), value_delimiter = ',')]
    scope: Vec<Scope>,
    /// When it expires: a duration from now such as `90d`, a date, or a time
    #[arg(long, value_name = "WHEN", value_parser = when, default_value = "90d")]
    expires: When,
    /// Name of the token
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    #[command(flatten)]
    key: KeyArg,
}

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        ctx.out.expects(&ISSUED)?;
        let wrong = |error: String| Failure::usage("--expires", error);
        let expires_at = self.expires.start(Direction::Ahead, ctx.now(), &ctx.zone());
        let expires_at = expires_at.map_err(|error| wrong(outside(error)))?;
        if expires_at <= ctx.now() {
            return Err(Failure::usage("--expires", t!(ctx.lang, "due-past")));
        }
        let mut scopes = self.scope;
        scopes.sort_unstable();
        scopes.dedup();
        let client = ctx.client().await?;
        let token = NewToken { name: self.name, scopes, login: self.login, expires_at };
        let key = self.key.or_fresh(ctx);
        ctx.send(client.create_token(&token, &key), |ctx, issued| {
            ctx.out.one(&issued, &ISSUED)?;
            if ctx.out.is_terminal() {
                ctx.out.note(message!("token-once"));
            }
            Ok(())
        })
        .await
    }
}
