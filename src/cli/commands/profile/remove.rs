//! `appeal profile remove`.

use serde_json::json;

use super::row::{PROFILE, Row, unknown};
use crate::cli::args::change::DryRunArg;
use crate::cli::base::{Context, DryRun, Failure, Outcome};
use appeal_i18n::message;

#[derive(Debug, clap::Args)]
#[command(after_long_help = "Example:\n  appeal profile remove work")]
pub struct Args {
    /// Name of the profile
    #[arg(value_name = "NAME")]
    name: String,
    #[command(flatten)]
    dry_run: DryRunArg,
}

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        let Args { name, dry_run } = self;
        if !dry_run.dry_run {
            ctx.out.expects(&PROFILE)?;
        }
        let config = ctx.config()?;
        let profile = config.profile(&name).unwrap_or_default();
        if !config.remove_profile(&name) {
            return Err(unknown(&name));
        }
        if dry_run.dry_run {
            let more = json!({ "profile": Row::of(&name, profile, false) });
            return Ok(DryRun::default().changes("remove", config.path(), more).into());
        }
        config.save()?;
        // The profile before it was removed.
        let row = Row::of(&name, profile, false);
        Ok(ctx.out.settled(&row, &PROFILE, message!("profile-removed", name))?.into())
    }
}
