//! `appeal config unset`.

use serde_json::json;

use super::setting::{SETTING, Setting, not_set};
use crate::cli::args::change::DryRunArg;
use crate::cli::base::{Context, DryRun, Failure, Outcome};
use appeal_i18n::message;

#[derive(Debug, clap::Args)]
#[command(after_long_help = "Example:\n  appeal config unset profiles.work.lang")]
pub struct Args {
    /// Setting
    #[arg(value_name = "KEY")]
    key: String,
    #[command(flatten)]
    dry_run: DryRunArg,
}

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        let Args { key, dry_run } = self;
        if !dry_run.dry_run {
            ctx.out.expects(&SETTING)?;
        }
        let config = ctx.config()?;
        let was = config.get(&key)?;
        if !config.unset(&key)? {
            return Err(not_set(&key));
        }
        if dry_run.dry_run {
            let more = json!({ "key": key, "was": was });
            return Ok(DryRun::default().changes("unset", config.path(), more).into());
        }
        config.save()?;
        let setting = Setting { key: key.clone(), value: None };
        Ok(ctx.out.settled(&setting, &SETTING, message!("config-unset", key))?.into())
    }
}
