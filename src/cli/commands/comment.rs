//! `appeal comment`.

use crate::cli::args::change::Move;
use crate::cli::args::fields::Files;
use crate::cli::args::texts;
use crate::cli::base::{Context, Failure, Outcome};
use crate::cli::submission::text_command;
use appeal_api::NewComment;
use appeal_i18n::message_id;

text_command!(COMMENT: "comment", comment(body: NewComment), message_id!("done-comment", number));

#[derive(Debug, clap::Args)]
#[command(
    long_about = "Add a comment to an appeal, optionally with files.",
    after_long_help = "Example:\n  appeal comment 2026-0123456789-3 --text 'The heating failed again today' --attach photo.jpg"
)]
pub struct Args {
    #[command(flatten)]
    change: Move,
    #[command(flatten)]
    text: texts::Text,
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::cli::testing::{Bench, card, number, parse};
    use crate::output::{Format, Options};

    #[tokio::test]
    async fn the_text_comes_from_stdin_unchanged() {
        let options = Options { format: Some(Format::Json), ..Options::default() };
        let mut bench = Bench::with([(200, card("in_progress"))], options, " Текст.\n\n");
        let args: Args = parse(&[&number(), "--text-file", "-", "--idempotency-key", "k"]);
        args.run(&mut bench.ctx).await.unwrap();
        let seen = &bench.seen()[0];
        assert_eq!((&seen.body["text"], seen.key.as_deref()), (&json!(" Текст.\n\n"), Some("k")));
    }

    #[tokio::test]
    async fn a_dry_run_is_checked_and_not_sent() {
        let mut bench = Bench::new([(200, json!({ "dry_run": true, "findings": [] }))]);
        bench.ctx.begin_dry_run();
        let args: Args = parse(&[&number(), "--text", "x"]);
        let Outcome::DryRun(run) = args.run(&mut bench.ctx).await.unwrap() else { panic!("it was sent") };
        assert_eq!(run.to_json()["request"]["text"], "x");
        assert_eq!(bench.seen()[0].line, format!("POST /v1/appeals/{}/comments?dry_run=true", number()));
        assert_eq!(bench.seen().len(), 1);
    }

    #[tokio::test]
    async fn without_a_text_a_script_learns_the_flag() {
        let mut bench = Bench::new([]);
        let failure = parse::<Args>(&[&number()]).run(&mut bench.ctx).await.unwrap_err();
        assert_eq!(failure.details, [json!({ "flag": "--text" })]);
    }
}
