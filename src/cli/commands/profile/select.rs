//! `appeal profile use`.

use serde_json::json;

use super::row::{PROFILE, Row, unknown};
use crate::cli::args::change::DryRunArg;
use crate::cli::base::{Context, DryRun, Failure, Outcome};
use appeal_i18n::message;

#[derive(Debug, clap::Args)]
#[command(after_long_help = "Example:\n  appeal profile use work")]
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
        let Some(profile) = config.profile(&name) else {
            return Err(unknown(&name));
        };
        let was = config.default_profile();
        config.set("default_profile", &name)?;
        if dry_run.dry_run {
            let more = json!({ "key": "default_profile", "value": name, "was": was });
            return Ok(DryRun::default().changes("set", config.path(), more).into());
        }
        config.save()?;
        let row = Row::of(&name, profile, true);
        Ok(ctx.out.settled(&row, &PROFILE, message!("profile-used", name))?.into())
    }
}
