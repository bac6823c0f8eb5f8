//! `appeal wait`: returns when appeals have reached a status.

use std::pin::pin;

use futures_util::StreamExt;

use super::feed::{self, Goals};
use super::values::{self, word};
use super::{Context, Exit, Failure};
use crate::api::Appeal;
use crate::domain::Status;
use crate::i18n::{status_label, t};
use crate::output::CHANGED_SHAPE;

/// Arguments of the command.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  appeal wait 2026-0123456789-3 --for answered,completed,rejected --timeout 2h
  appeal wait $(appeal list -q --status submitted) --for in_progress

A status that an appeal has already counts. Ends with 6 as soon as an appeal has ended in a status that is not waited
for: only a new step of its applicant could still move it. Ends with 8 when --timeout runs out.")]
pub struct Args {
    /// Appeals to wait for
    #[arg(value_name = "NUMBER", required = true)]
    pub numbers: Vec<String>,
    /// Statuses to wait for: any of them will do
    #[arg(
        long = "for",
        value_name = "STATUS",
        required = true,
        value_parser = word::<Status>(),
        value_delimiter = ','
    )]
    pub for_: Vec<Status>,
}

impl Args {
    /// Runs the command.
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        let numbers: Vec<String> = values::numbers(&self.numbers)?.iter().map(ToString::to_string).collect();
        ctx.out.expects(&CHANGED_SHAPE)?;
        let client = ctx.client().await?;
        let so_far = ctx.so_far_handle();
        let lang = ctx.lang;
        let mut goals = Goals::new(self.for_.clone(), &numbers);
        let mut list = ctx.out.stream(&CHANGED_SHAPE);
        loop {
            // The place is taken before the cards are read, so that nothing falls between the two.
            let start = client.present_cursor().await?;
            for card in feed::cards(&client, &numbers).await? {
                if goals.note(&card.number, card.status) {
                    list.push(&card)?;
                } else if goals.waits_for(&card.number) {
                    self.still_possible(&card.number, card.status)?;
                }
            }
            if goals.are_reached() {
                return Ok(list.finish()?);
            }
            if let Ok(mut line) = so_far.lock() {
                *line = Some(waiting(lang, &goals));
            }
            let mut changes = pin!(client.follow(numbers.clone(), Some(start)));
            loop {
                match changes.next().await {
                    Some(Ok(change)) => {
                        if goals.note(&change.number, change.status) {
                            // The card as it is now, with the status that was waited for.
                            let card = client.show(&change.number, false).await?;
                            list.push(&Appeal { status: change.status, ..card })?;
                        } else if goals.waits_for(&change.number) {
                            self.still_possible(&change.number, change.status)?;
                        }
                        if goals.are_reached() {
                            return Ok(list.finish()?);
                        }
                        if let Ok(mut line) = so_far.lock() {
                            *line = Some(waiting(lang, &goals));
                        }
                    }
                    // Restored from a backup: the cards tell where things are now.
                    Some(Err(error)) if feed::is_gone(&error) => break,
                    Some(Err(error)) => return Err(error.into()),
                    None => break,
                }
            }
        }
    }

    fn still_possible(&self, number: &str, status: Status) -> Result<(), Failure> {
        if feed::can_reach(status, &self.for_) {
            return Ok(());
        }
        let mut failure = Failure::told(
            Exit::Conflict,
            "wait_in_vain",
            "wait-in-vain",
            &[("number", number), ("status", status_label(super::failure::lang(), status))],
        );
        failure.details.push(serde_json::json!({ "number": number, "status": status }));
        Err(failure)
    }
}

/// Which appeals are still waited for, for the last line of a command that is interrupted.
fn waiting(lang: crate::i18n::Lang, goals: &Goals) -> String {
    let open: Vec<String> = goals
        .open()
        .map(|(number, status)| match status {
            Some(status) => format!("{number} ({})", status_label(lang, status)),
            None => number.to_owned(),
        })
        .collect();
    t(lang, "wait-open", &[("appeals", &open.join(", "))])
}
