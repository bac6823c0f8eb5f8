//! `appeal config show`.

use super::setting::{SETTING, Setting, not_set};
use crate::cli::base::{Context, Failure};

#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:\n  appeal config show\n  appeal config show profiles.work.server -q")]
pub struct Args {
    /// Setting, such as `profiles.work.server`
    #[arg(value_name = "KEY")]
    key: Option<String>,
}

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        let Some(key) = self.key else {
            ctx.out.expects(&SETTING)?;
            let settings = ctx.config()?.settings();
            let settings: Vec<Setting> =
                settings.into_iter().map(|(key, value)| Setting { key, value: Some(value) }).collect();
            return Ok(ctx.out.rows(&settings, &SETTING)?);
        };
        match ctx.config()?.get(&key)? {
            Some(value) => Ok(ctx.out.one(&Setting { key, value: Some(value) }, &SETTING)?),
            None => Err(not_set(&key)),
        }
    }
}
