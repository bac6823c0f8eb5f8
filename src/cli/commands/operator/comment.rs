//! `appeal operator comment`.

use crate::cli::args::change::Move;
use crate::cli::args::fields::Files;
use crate::cli::args::texts::Text;
use crate::cli::base::{Context, Failure, Outcome};
use crate::cli::submission::text_command;
use appeal_api::NewComment;
use appeal_i18n::message_id;

text_command!(COMMENT: "operator comment", comment(body: NewComment), message_id!("done-operator-commented", number));

#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  appeal operator comment 2026-0123456789-3 --text 'The crew is on its way'
  appeal operator comment 2026-0123456789-3 --internal --text-file note.txt")]
pub struct Args {
    #[command(flatten)]
    change: Move,
    #[command(flatten)]
    text: Text,
    #[command(flatten)]
    files: Files,
    /// Visible only to the authority's staff
    #[arg(long)]
    internal: bool,
}

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        let begun = self.change.begin(ctx)?;
        let body = NewComment { text: String::new(), attachments: Vec::new(), internal: self.internal };
        let mut submission = COMMENT.begin(ctx, begun, body, self.files.attach).await?;
        submission.body.text = self.text.required(ctx).await?;
        submission.send(ctx).await
    }
}
