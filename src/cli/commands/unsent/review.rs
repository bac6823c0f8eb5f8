//! Shows a text and asks whether to send it.

use crate::cli::args::texts;
use crate::cli::base::{Context, Failure};
use crate::cli::submission::Submission;
use appeal_i18n::{message, t};
use serde_json::Value;

/// Opens the editor if there is no text, shows the text, and asks what to do; returns false if it stays unsent.
/// `member` is the member of the body with the text.
///
/// # Errors
/// Interrupted, or the editor cannot be used.
pub fn review(ctx: &mut Context, submission: &mut Submission, member: &str) -> Result<bool, Failure> {
    let flag = format!("--{member}");
    let mut text = submission.body.get(member).and_then(Value::as_str).unwrap_or_default().to_owned();
    if text.trim().is_empty() {
        text = texts::edited(ctx, &flag, "")?;
    }
    loop {
        ctx.out.line(&text);
        submission.body.insert(member.to_owned(), text.clone().into());
        let words = [
            t!(ctx.lang, "unsent-choice-send"),
            t!(ctx.lang, "choice-edit-text"),
            t!(ctx.lang, "unsent-choice-later"),
        ];
        match ctx.out.choose(message!("ask-what-now"), &words, 0)? {
            0 => return Ok(true),
            1 => text = texts::edited(ctx, &flag, &text)?,
            _ => return Ok(false),
        }
    }
}
