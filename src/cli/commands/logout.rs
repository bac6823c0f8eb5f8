//! `appeal logout`: revokes the stored token and deletes it from this machine.

use serde::Serialize;
use serde_json::json;

use crate::cli::args::change::DryRunArg;
use crate::cli::base::{Context, DryRun, Exit, Failure, Outcome};
use crate::config::{credentials, paths};
use crate::output::{Cell, Column, Shape};
use appeal_client::Error;
use appeal_i18n::message;

#[derive(Debug, clap::Args)]
#[command(
    long_about = "Sign out: revoke the token that `appeal login` stored for the server and delete it from this \
                  machine. Tokens in APPEAL_TOKEN or a file are not affected; see `appeal auth token revoke`.",
    after_long_help = "Example:\n  appeal --server https://appeals.example logout"
)]
pub struct Args {
    #[command(flatten)]
    dry_run: DryRunArg,
}

const SHAPE: Shape = Shape {
    columns: &[Column::new("server", Cell::Text), Column::new("signed_out", Cell::Bool)],
    more: &[],
    key: "server",
};

#[derive(Serialize)]
struct SignedOut {
    server: String,
    signed_out: bool,
}

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        ctx.out.expects(&SHAPE)?;
        let mut stored = None;
        let (client, url) = ctx.server(|url| {
            let found = credentials::stored_token(url);
            let token = found.as_ref().ok().and_then(Clone::clone);
            stored = Some(found);
            token
        })?;
        let server = url.to_string().trim_end_matches('/').to_owned();
        if stored.transpose()?.flatten().is_none() {
            return Err(Failure::from_message(
                Exit::Denied,
                "not_signed_in",
                message!("logout-nobody", server),
            ));
        }
        if ctx.is_dry_run() {
            let file = paths::credentials_file().unwrap_or_default();
            let run = match client.sign_out().dry_run().await {
                Ok(checked) => DryRun::from(checked),
                // The session has already ended, so only the stored token would be deleted.
                Err(Error::Problem(problem)) if matches!(problem.status, 401 | 404) => DryRun::default(),
                Err(error) => return Err(error.into()),
            };
            return Ok(run.changes("forget", &file, json!({ "server": server })).into());
        }
        match client.sign_out().await {
            Ok(_) => {}
            // The session has already ended, so there is nothing to revoke.
            Err(Error::Problem(problem)) if matches!(problem.status, 401 | 404) => {}
            Err(error) => return Err(error.into()),
        }
        credentials::forget(&url)?;
        Ok(ctx.out.one(&SignedOut { server, signed_out: true }, &SHAPE)?.into())
    }
}
