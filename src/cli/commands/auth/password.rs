//! `appeal auth password`.

use std::path::PathBuf;

use super::new_password::{SET, done, new_password};
use crate::cli::args::change::DryRunArg;
use crate::cli::args::secrets::{self, PasswordArg};
use crate::cli::base::{Context, Failure, Outcome};
use appeal_api::ChangePassword;
use appeal_i18n::message;

#[derive(Debug, clap::Args)]
#[command(
    long_about = "Change your password. This ends your other sessions; tokens you issued stay valid. If no password is \
                  set yet, the old one is not needed: set the first one on the platform's own machine with --server \
                  local --as LOGIN.",
    after_long_help = "Examples:\n  appeal auth password\n  appeal auth password --old-password-file old --password-file new"
)]
pub struct Args {
    /// Read the current password from a file; `-` is stdin
    #[arg(long, value_name = "PATH")]
    old_password_file: Option<PathBuf>,
    #[command(flatten)]
    new: PasswordArg,
    #[command(flatten)]
    dry_run: DryRunArg,
}

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        ctx.out.expects(&SET)?;
        if self.new.password_file.is_none() && !ctx.out.can_prompt() {
            return Err(Failure::missing("--password-file"));
        }
        let client = ctx.client().await?;
        let has_one = client.account().await?.password;
        let old = match &self.old_password_file {
            Some(path) => Some(secrets::read(ctx, path, "--old-password-file").await?),
            None if has_one => {
                Some(secrets::typed(ctx, "--old-password-file", message!("ask-old-password"))?)
            }
            None => None,
        };
        let new = new_password(ctx, &self.new).await?;
        ctx.send(client.change_password(&ChangePassword { old, new }), done).await
    }
}
