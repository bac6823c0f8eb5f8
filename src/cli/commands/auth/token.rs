//! `appeal auth token`: access tokens for unattended use (P7).

use crate::cli::args::fields::{KeyArg, Rehearse};
use crate::cli::args::values::word;
use crate::cli::base::durations::{When, when};
use crate::cli::base::{Context, Failure};
use crate::output::{Cell, Column, Shape};
use appeal_api::NewToken;
use appeal_domain::Scope;
use appeal_i18n::t;

/// A token that was just issued.
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
    essential: "token",
};

/// Shown with its help.
pub const EXAMPLES: &str = "Examples:
  appeal auth token create --scope read,file --expires 90d --name nightly -q > ~/.appeal-token
  appeal auth token list
  appeal auth token revoke 0199c2f0-7d53-7cc0-9c1e-3a2b1c0d9e8f";

/// Tokens as their owner sees them.
const TOKENS: Shape = Shape {
    columns: &[
        Column::new("id", Cell::Text),
        Column::new("name", Cell::Text),
        Column::new("scopes", Cell::Join),
        Column::new("created_at", Cell::Time).yielding(),
        Column::new("expires_at", Cell::Time),
        Column::new("last_used_at", Cell::Time),
        Column::new("revoked_at", Cell::Time),
    ],
    more: &[
        Column::new("login", Cell::Text),
        Column::new("session", Cell::Bool),
        Column::new("current", Cell::Bool),
    ],
    essential: "id",
};

/// What to do with tokens.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Issue an access token; it is shown this once
    Create(Create),
    /// List your tokens, revoked and expired ones too
    #[command(
        after_long_help = "Examples:\n  appeal auth token list\n  appeal auth token list --for petrova -o json"
    )]
    List {
        /// Login of the person whose tokens they are; your own unless given (an administrator lists others')
        #[arg(long = "for", value_name = "LOGIN")]
        login: Option<String>,
    },
    /// Revoke a token
    #[command(after_long_help = "Example:\n  appeal auth token revoke 0199c2f0-7d53-7cc0-9c1e-3a2b1c0d9e8f")]
    Revoke {
        /// Id of the token (`appeal auth token list`)
        #[arg(value_name = "ID")]
        id: String,
        #[command(flatten)]
        rehearse: Rehearse,
    },
}

/// Issue an access token.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  appeal auth token create --scope read,file --expires 90d --name nightly -q > ~/.appeal-token
  appeal --server local --as admin --database sqlite:/srv/appeal/appeal.db \\
      auth token create --for admin --scope admin --expires 1d -q

The token is printed once and kept nowhere in readable form. Hand it to a program by a file (--token-file) that only
its owner may read, or by APPEAL_TOKEN.")]
pub struct Create {
    /// Login of the person whose token it is; your own unless given (an administrator issues for others)
    #[arg(long = "for", value_name = "LOGIN")]
    login: Option<String>,
    /// What it may do (`file` and `operate` include `read`); can be repeated
    #[arg(long, value_name = "SCOPE", required = true, value_parser = word::<Scope>(), value_delimiter = ',')]
    scope: Vec<Scope>,
    /// When it ends: a span from now such as `90d`, a date, or a time
    #[arg(long, value_name = "WHEN", value_parser = when, default_value = "90d")]
    expires: When,
    /// A name to know it by
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    #[command(flatten)]
    key: KeyArg,
}

impl Command {
    /// Runs the command.
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        match self {
            Command::Create(args) => args.run(ctx).await,
            Command::List { login } => {
                ctx.out.expects(&TOKENS)?;
                let tokens = ctx.client().await?.tokens(login.as_deref()).await?;
                let mut list = ctx.out.list(&TOKENS);
                for token in &tokens {
                    list.push(token)?;
                }
                Ok(list.finish()?)
            }
            Command::Revoke { id, rehearse: _ } => {
                ctx.out.expects(&TOKENS)?;
                let token = ctx.client().await?.revoke_token(&id).await?;
                Ok(ctx.out.one(&token, &TOKENS)?)
            }
        }
    }
}

impl Create {
    async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        ctx.out.expects(&ISSUED)?;
        let wrong = |error: String| Failure::usage("--expires", error);
        let expires_at = self.expires.ahead(ctx.now(), &ctx.zone()).map_err(wrong)?;
        if expires_at <= ctx.now() {
            return Err(Failure::usage("--expires", t(ctx.lang, "due-past", &[])));
        }
        let mut scopes = self.scope;
        scopes.sort_unstable();
        scopes.dedup();
        let client = ctx.client().await?;
        let token = NewToken { name: self.name, scopes, login: self.login, expires_at };
        let issued = client.create_token(&token, &self.key.or_fresh()).await?;
        ctx.out.one(&issued, &ISSUED)?;
        if ctx.out.is_terminal() {
            ctx.out.note("token-once", &[]);
        }
        Ok(())
    }
}
