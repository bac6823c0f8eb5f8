//! `appeal wait`: returns when appeals have reached a status.

use std::pin::pin;

use futures_util::StreamExt;

use crate::cli::args::values::word;
use crate::cli::base::context::SoFar;
use crate::cli::base::{Context, Exit, Failure};
use crate::cli::commands::watch::feed::{self, Goals};
use crate::output::{self, CHANGED_SHAPE, List};
use appeal_client::Client;
use appeal_domain::{Status, Word};
use appeal_i18n::{Lang, message, status_label, status_shown, t};

/// Maximum number of appeals named after an interruption.
const NAMED: usize = 10;

#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  appeal wait 2026-0123456789-3 --for answered,completed,rejected --timeout 2h
  appeal wait $(appeal list -q --status submitted) --for in_progress -o jsonl

If an appeal already has the status, it counts. Each appeal is printed as it reaches the status. With one NUMBER, -o
json prints an object, with several an array, as in `appeal show`; --jq gets each one separately. A draft is followed
under the number it gets when filed.

The command keeps waiting through platform restarts and network failures. It exits with 6 as soon as the awaited
statuses become unreachable: the appeal has ended in another status that only the applicant could still change (a
merged appeal is closed), or has already passed the awaited one. It exits with 5 if an appeal does not exist, with 4
if the token is rejected or revoked, and with 8 when --timeout expires.")]
pub struct Args {
    /// Appeals to wait for
    #[arg(value_name = "NUMBER", required = true)]
    pub numbers: Vec<String>,
    /// Statuses to wait for (any of them)
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
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        let numbers = feed::numbers(&self.numbers)?;
        ctx.out.expects(&CHANGED_SHAPE)?;
        let client = ctx.client().await?;
        let (so_far, lang) = (ctx.so_far_handle(), ctx.lang);
        let several = self.numbers.len() > 1;
        let list = if several { ctx.out.stream(&CHANGED_SHAPE) } else { ctx.out.single(&CHANGED_SHAPE) };
        let goals = Goals::new(self.for_.clone(), &numbers);
        let mut waiting = Waiting { args: &self, client, goals, list, so_far, lang };
        tokio::select! {
            ended = waiting.go(&numbers) => ended?,
            () = output::reader_gone() => return Err(output::Error::Closed.into()),
        }
        Ok(waiting.list.finish()?)
    }
}

struct Waiting<'a> {
    args: &'a Args,
    client: Client,
    goals: Goals,
    list: List<'a>,
    so_far: SoFar,
    lang: Lang,
}

impl Waiting<'_> {
    async fn go(&mut self, numbers: &[String]) -> Result<(), Failure> {
        // A wrong address or token fails at once; later failures are retried.
        let mut start = self.client.present_cursor().await?;
        let mut cards = feed::cards(&self.client, numbers, false).await?;
        self.list.start()?;
        loop {
            for (typed, card) in numbers.iter().zip(&cards) {
                self.goals.renamed(typed, &card.number);
                if self.goals.note(&card.number, &card.status) {
                    self.list.push(card)?;
                }
            }
            if self.goals.are_reached() {
                return Ok(());
            }
            self.still_possible()?;
            let mut changes = pin!(self.client.follow(feed::asked_for(numbers), Some(start)));
            loop {
                match changes.next().await {
                    Some(Ok(change)) => {
                        if !feed::concerns(&self.client, &mut self.goals, &change).await? {
                            continue;
                        }
                        if self.goals.note(&change.number, &change.status) {
                            // The current card, with the awaited status.
                            let mut card = feed::card(&self.client, &change.number).await?;
                            card.status = change.status.clone();
                            self.list.push(&card)?;
                        }
                        if self.goals.are_reached() {
                            return Ok(());
                        }
                        self.still_possible()?;
                    }
                    // The platform was restored from a backup: read the current state from the cards.
                    Some(Err(error)) if feed::is_gone(&error) => break,
                    Some(Err(error)) => return Err(error.into()),
                    None => break,
                }
            }
            // The position is read before the cards, so that no change is missed in between.
            start = self.client.insist(|client| async move { client.present_cursor().await }).await?;
            cards = feed::cards(&self.client, numbers, true).await?;
        }
    }

    /// Records which appeals are still awaited, in case the command is interrupted.
    ///
    /// # Errors
    /// Fails if an awaited status has become unreachable.
    fn still_possible(&self) -> Result<(), Failure> {
        if let Ok(mut line) = self.so_far.lock() {
            *line = Some(waiting(self.lang, &self.goals));
        }
        // An unknown status may lead to any other, so keep waiting.
        let in_vain = |(number, status): (&str, Option<&Word<Status>>)| {
            let status = status?.known()?;
            (!feed::can_reach(status, &self.args.for_)).then(|| (number.to_owned(), status))
        };
        let in_vain: Vec<(String, Status)> = self.goals.open().filter_map(in_vain).collect();
        let Some((number, status)) = in_vain.first() else { return Ok(()) };
        let label = status_label(self.lang, *status);
        let message = if status.is_final() {
            message!("wait-in-vain", number, status = label)
        } else {
            message!("wait-passed", number, status = label)
        };
        let mut failure = Failure::from_message(Exit::Conflict, "wait_in_vain", message);
        let detail =
            |(number, status): &(String, Status)| serde_json::json!({ "number": number, "status": status });
        failure.details.extend(in_vain.iter().map(detail));
        Err(failure)
    }
}

/// Names the appeals still awaited, for the message after an interruption.
fn waiting(lang: Lang, goals: &Goals) -> String {
    let mut open: Vec<String> = goals
        .open()
        .take(NAMED)
        .map(|(number, status)| match status {
            Some(status) => format!("{number} ({})", status_shown(lang, status)),
            None => number.to_owned(),
        })
        .collect();
    let more = goals.open().count().saturating_sub(NAMED);
    if more > 0 {
        open.push(t!(lang, "wait-more", count = more));
    }
    t!(lang, "wait-open", appeals = open.join(", "))
}
