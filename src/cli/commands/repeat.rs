//! `appeal repeat`.

use crate::cli::args::change::Move;
use crate::cli::args::fields::Files;
use crate::cli::args::texts;
use crate::cli::args::values::word;
use crate::cli::base::{Context, Failure, Outcome};
use crate::cli::submission::text_command;
use appeal_api::Repeat;
use appeal_domain::RepeatGrounds;
use appeal_i18n::message_id;

text_command!(REPEAT: "repeat", repeat(body: Repeat), message_id!("done-repeat", number));

#[derive(Debug, clap::Args)]
#[command(
    mut_arg("number", |number| number.help("Number of the earlier appeal")),
    long_about = "File a repeat appeal: it gets a new number, is linked to the first, and inherits its subject, \
                  category and participants. Explain what is missing from the earlier answer.",
    after_long_help = "Example:\n  appeal repeat 2026-0123456789-3 --grounds incomplete --text 'The answer names no date of repair'"
)]
pub struct Args {
    #[command(flatten)]
    change: Move,
    /// Grounds: an incomplete answer, a missed deadline, or an answer that contradicts the law
    #[arg(long, value_name = "GROUNDS", value_parser = word::<RepeatGrounds>())]
    grounds: RepeatGrounds,
    #[command(flatten)]
    text: texts::Text,
    #[command(flatten)]
    files: Files,
}

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        let begun = self.change.begin(ctx)?;
        let body = Repeat { grounds: self.grounds, text: String::new(), attachments: Vec::new() };
        let mut submission = REPEAT.begin(ctx, begun, body, self.files.attach).await?;
        submission.body.text = self.text.required(ctx).await?;
        submission.send(ctx).await
    }
}
