//! `appeal auth totp enable`.

use crate::cli::args::change::DryRunArg;
use crate::cli::base::{Context, Failure, Outcome};
use crate::output::{Cell, Column, Shape};
use appeal_i18n::message;

#[derive(Debug, clap::Args)]
#[command(after_long_help = "Example:\n  appeal auth totp enable -q | qrencode -t ansiutf8")]
pub struct Args {
    #[command(flatten)]
    dry_run: DryRunArg,
}

const SHAPE: Shape = Shape {
    columns: &[Column::new("secret", Cell::Text), Column::new("url", Cell::Text)],
    more: &[],
    key: "url",
};

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        ctx.out.expects(&SHAPE)?;
        let change = ctx.client().await?.enable_totp();
        ctx.send(change, |ctx, made| {
            ctx.out.one(&made, &SHAPE)?;
            if !ctx.out.format().is_json() {
                ctx.out.note(message!("totp-go-on"));
            }
            Ok(())
        })
        .await
    }
}
