//! `appeal repeat`.

use crate::cli::args::fields::{Files, KeyArg};
use crate::cli::args::texts;
use crate::cli::args::values::{self, word};
use crate::cli::base::{Context, Failure};
use crate::cli::record::uploads;
use crate::output::CHANGED_SHAPE;
use appeal_api::Repeat;
use appeal_domain::RepeatGrounds;

/// Arguments of the command.
#[derive(Debug, clap::Args)]
#[command(
    long_about = "File a repeat appeal: a new number, linked to the first; subject, category and participants are carried \
                  over. Say what the earlier answer lacks.",
    after_long_help = "Example:\n  appeal repeat 2026-0123456789-3 --grounds incomplete --text 'The answer names no date of repair'"
)]
pub struct Args {
    /// Number of the earlier appeal
    #[arg(value_name = "NUMBER")]
    pub number: String,
    /// Ground: the answer lacks what was asked, the deadline passed, the answer contradicts the law
    #[arg(long, value_name = "GROUNDS", value_parser = word::<RepeatGrounds>())]
    pub grounds: RepeatGrounds,
    #[command(flatten)]
    pub text: texts::Text,
    #[command(flatten)]
    pub files: Files,
    #[command(flatten)]
    pub key: KeyArg,
}

impl Args {
    /// Runs the command.
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        let number = values::number(&self.number)?.to_string();
        ctx.out.expects(&CHANGED_SHAPE)?;
        let files = uploads::checked(ctx, self.files.attach).await?;
        let text = self.text.required(ctx).await?;
        let client = ctx.client().await?;
        let attachments = uploads::upload(ctx, &client, &files).await?;
        let request = Repeat { grounds: self.grounds, text, attachments };
        let appeal = client.repeat(&number, &request, &self.key.or_fresh()).await?;
        Ok(ctx.out.changed(&appeal, "done-repeat")?)
    }
}
