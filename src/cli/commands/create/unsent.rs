//! How an appeal that was written and not filed is filed later.

use super::stored::{Written, read, stored};
use super::{ask, dry_run, missing, post};
use crate::cli::base::{Context, Failure, Outcome};
use crate::cli::submission::{Submission, TextCommand};

/// How an appeal is filed later.
pub const CREATE: &TextCommand = &text_command("create");

/// How an appeal is registered later.
pub const REGISTER: &TextCommand = &text_command("operator register");

const fn text_command(command: &'static str) -> TextCommand {
    TextCommand {
        command,
        send: |ctx, submission| Box::pin(send(ctx, submission)),
        ask: Some(|ctx, submission| Box::pin(complete(ctx, submission))),
        missing: Some(|submission| {
            read(submission).map_or_else(|_| Vec::new(), |written| missing(&written.record))
        }),
        change: Some(|submission, flags| {
            let Written { record, sender } = read(submission)?;
            (submission.body, submission.files) = stored(&record.overlaid(flags), &sender);
            Ok(())
        }),
    }
}

async fn send(ctx: &mut Context, submission: Submission) -> Result<Outcome, Failure> {
    let Written { record, sender } = read(&submission)?;
    let lacking = missing(&record);
    if !lacking.is_empty() {
        return Err(Failure::missing(&lacking.join(", ")));
    }
    if ctx.is_dry_run() {
        return dry_run::run(ctx, &record, &sender, &submission.key).await.map(Outcome::from);
    }
    post(ctx, &record, &sender, &submission.key).await
}

async fn complete(ctx: &mut Context, submission: &mut Submission) -> Result<bool, Failure> {
    let Written { mut record, sender } = read(submission)?;
    // It may have been written long ago.
    for said in [&record.content.subject, &record.content.text].into_iter().flatten() {
        ctx.out.line(said);
    }
    let client = ctx.client().await?;
    let dry_run = ctx.is_dry_run();
    let goes = ask::complete(ctx, &client, &mut record, &sender, dry_run).await?;
    (submission.body, submission.files) = stored(&record, &sender);
    Ok(goes)
}
