//! `appeal config set`.

use serde_json::json;

use super::setting::{SETTING, Setting};
use crate::cli::args::change::DryRunArg;
use crate::cli::base::{Context, DryRun, Failure, Outcome};
use appeal_i18n::message;

#[derive(Debug, clap::Args)]
#[command(after_long_help = "Example:\n  appeal config set profiles.work.server https://appeals.example")]
pub struct Args {
    /// Setting, such as `profiles.work.server`
    #[arg(value_name = "KEY")]
    key: String,
    /// New value
    #[arg(value_name = "VALUE")]
    value: String,
    #[command(flatten)]
    dry_run: DryRunArg,
}

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        let Args { key, value, dry_run } = self;
        if !dry_run.dry_run {
            ctx.out.expects(&SETTING)?;
        }
        let config = ctx.config()?;
        let was = config.get(&key)?;
        config.set(&key, &value)?;
        if dry_run.dry_run {
            let more = json!({ "key": key, "value": value, "was": was });
            return Ok(DryRun::default().changes("set", config.path(), more).into());
        }
        config.save()?;
        let setting = Setting { key: key.clone(), value: Some(value) };
        Ok(ctx.out.settled(&setting, &SETTING, message!("config-set", key))?.into())
    }
}
