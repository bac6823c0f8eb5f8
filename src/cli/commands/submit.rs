//! `appeal submit`.

use crate::cli::args::fields::KeyArg;
use crate::cli::args::values;
use crate::cli::base::{Context, Failure};
use crate::output::CHANGED_SHAPE;
use appeal_client::Empty;

/// Arguments of the command.
#[derive(Debug, clap::Args)]
#[command(
    long_about = "File a draft: everything is checked, and it gets its number and the date by which an answer is due.",
    after_long_help = "Example:\n  appeal submit D-0123ABCD"
)]
pub struct Args {
    /// Id of the draft
    #[arg(value_name = "DRAFT")]
    pub number: String,
    #[command(flatten)]
    pub key: KeyArg,
}

impl Args {
    /// Runs the command.
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        let number = values::number(&self.number)?.to_string();
        ctx.out.expects(&CHANGED_SHAPE)?;
        let client = ctx.client().await?;
        let appeal = client.submit(&number, &Empty {}, &self.key.or_fresh()).await?;
        Ok(ctx.out.changed(&appeal, "done-submit")?)
    }
}
