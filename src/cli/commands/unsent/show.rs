//! `appeal unsent show`.

use serde_json::Value;

use super::row::{Row, WHOLE};
use super::stored::StoredArg;
use crate::cli::base::{Context, Failure};
use crate::output::Format;
use appeal_i18n::t;

#[derive(Debug, clap::Args)]
#[command(
    long_about = "Show an unsent text: the command it was written for, its platform, its files, and everything that \
                  will be sent.",
    after_long_help = "Examples:\n  appeal unsent show 4aeb1d94\n  appeal unsent show 4aeb1d94 --jq .text"
)]
pub struct Args {
    #[command(flatten)]
    stored: StoredArg,
}

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        ctx.out.expects(&WHOLE)?;
        let mut row = Row::of(self.stored.find()?);
        let for_people = ctx.out.format() == Format::Table
            && !ctx.out.is_json()
            && !ctx.out.is_quiet()
            && ctx.globals.columns.is_none();
        if !for_people {
            return Ok(ctx.out.one(&row, &WHOLE)?);
        }
        // The text is printed below, with its line breaks.
        let text = row.text.take();
        ctx.out.one(&row, &WHOLE)?;
        let said = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let others: Vec<String> = row
            .body
            .iter()
            .map(|(name, value)| (name, said(value)))
            .filter(|(_, value)| !value.is_empty() && text.as_ref() != Some(value))
            .map(|(name, value)| format!("{}: {value}\n", label(ctx, name)))
            .collect();
        if !others.is_empty() {
            ctx.out.lines(&format!("\n{}", others.concat()))?;
        }
        if let Some(text) = text {
            ctx.out.lines(&format!("\n{}\n", text.trim_end_matches('\n')))?;
        }
        Ok(())
    }
}

/// Returns the label of a member of a body.
fn label(ctx: &Context, member: &str) -> String {
    let id = format!("column-{}", member.replace(['_', '.'], "-"));
    if appeal_i18n::has(ctx.lang, &id, None) { t(ctx.lang, &id, &[]) } else { member.to_owned() }
}
