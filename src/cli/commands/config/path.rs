//! `appeal config path`.

use serde_json::json;

use crate::cli::base::{Context, Exit, Failure};
use crate::config::Config;
use crate::output::{Cell, Column, Shape};
use appeal_i18n::message;

#[derive(Debug, clap::Args)]
#[command(after_long_help = "Example:\n  appeal config path")]
pub struct Args {}

const SHAPE: Shape = Shape { columns: &[Column::new("path", Cell::Text)], more: &[], key: "path" };

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        let path = Config::default_path()
            .ok_or_else(|| Failure::from_message(Exit::Setup, "config", message!("failure-no-home")))?;
        Ok(ctx.out.one(&json!({ "path": path.to_string_lossy() }), &SHAPE)?)
    }
}
