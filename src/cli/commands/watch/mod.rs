//! `appeal watch`: prints changes as they happen, one per line.

pub mod cursor;
pub mod feed;
pub mod hook;

use std::pin::pin;
use std::time::Duration;

use futures_util::StreamExt;
use jiff::{SignedDuration, Timestamp};

use self::cursor::CursorFile;
use self::feed::{Backlog, Goals};
use crate::cli::args::values::word;
use crate::cli::base::{Context, Failure};
use crate::output::{self, Format, List};
use appeal_api::{Change, Received};
use appeal_client::Client;
use appeal_domain::Status;
use appeal_i18n::{message, t};

/// The longest delay before a failed command is run again.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  appeal watch
  appeal watch 2026-0123456789-3 --until answered,rejected --timeout 3d
  appeal watch -o jsonl --cursor-file ~/.appeal-cursor --exec './notify.sh' --exec-retry

The command keeps watching through platform restarts and network failures, and prints every change once, in order.
Outages are reported on stderr from time to time (with -o json and jsonl, only with -v). --retry-for limits only the
first connection. The exit code is 0 when --until is reached or stdout is closed, 4 if the token is rejected or
revoked, 5 if a named appeal does not exist, and 8 when --timeout expires.

With --cursor-file, no change is missed between runs: the position is saved after a change is printed and its command
has finished. If a run is killed in between, the next run prints that change and runs its command again. A new file
starts from now. Only one run at a time can use a file; another exits with 6. After the platform is restored from a
backup, all changes since the last printed one are processed.

The --exec command receives the change as JSON on stdin, and APPEAL_NUMBER, APPEAL_STATUS, APPEAL_EVENT,
APPEAL_CURSOR, APPEAL_ACTOR, APPEAL_AT and APPEAL_SUMMARY in its environment. Commands run one at a time, in the order
of the changes. A failure is reported on stderr and the watch continues; with --exec-retry, the command is retried
until it succeeds. With -o json, jsonl or csv, its output goes to stderr. Ctrl-C also stops the command; the next run
repeats its change.

For programs, use -o jsonl: one change per line, flushed immediately. -o json is a single array, closed when the watch
ends; --jq gets each change separately.")]
pub struct Args {
    /// Appeals to follow [default: all you can see]
    #[arg(value_name = "NUMBER")]
    pub numbers: Vec<String>,
    /// Print only changes that lead to one of these statuses; can be repeated
    #[arg(long, value_name = "STATUS", value_parser = word::<Status>(), value_delimiter = ',')]
    pub status: Vec<Status>,
    /// Exit when every named appeal (or, without names, any appeal) reaches one of these statuses; can be repeated
    #[arg(long, value_name = "STATUS", value_parser = word::<Status>(), value_delimiter = ',')]
    pub until: Vec<Status>,
    /// Run a shell command for each change
    #[arg(long, value_name = "COMMAND")]
    pub exec: Option<String>,
    /// Retry a failed command, with increasing delays, before continuing
    #[arg(long, requires = "exec")]
    pub exec_retry: bool,
    /// Resume from the position saved in this file, and update it
    #[arg(long, value_name = "FILE")]
    pub cursor_file: Option<std::path::PathBuf>,
}

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        let numbers = feed::numbers(&self.numbers)?;
        ctx.out.expects(&feed::SHAPE)?;
        let file = self.cursor_file.clone().map(CursorFile::new);
        let kept = match &file {
            Some(file) => {
                file.claim()?;
                file.read()?.map(|cursor| (cursor, file.written_at()))
            }
            None => None,
        };
        let client = ctx.client().await?;
        // Requested in any case, so that a wrong address or token fails at once. The position is read before the cards,
        // so that no change is missed in between.
        let present = client.present_cursor().await?;
        let (cursor, printed_until) = match kept {
            Some((cursor, written_at)) => (cursor, feed::before(written_at.unwrap_or_else(|| ctx.now()))),
            None => {
                if let Some(file) = &file {
                    // Saves the position at once, so that nothing is missed after an interruption before the first
                    // change.
                    file.write(&present)?;
                }
                (present, ctx.now())
            }
        };
        let mut goals = Goals::new(self.until.clone(), &numbers);
        note_cards(&client, &numbers, &mut goals, false).await?;
        ctx.out.detail(1, &t!(ctx.lang, "watch-begins", place = client.place()));
        let apart = matches!(ctx.out.format(), Format::Json | Format::Jsonl | Format::Csv);
        let mut list = ctx.out.stream(&feed::SHAPE);
        list.start()?;
        let mut watch =
            Watching { args: &self, client, goals, cursor, printed_until, apart, list, file: file.as_ref() };
        tokio::select! {
            ended = watch.go(&numbers) => ended?,
            () = output::reader_gone() => return Err(output::Error::Closed.into()),
        }
        Ok(watch.list.finish()?)
    }
}

/// Records the current statuses.
async fn note_cards(
    client: &Client,
    numbers: &[String],
    goals: &mut Goals,
    insist: bool,
) -> Result<(), Failure> {
    for (typed, card) in numbers.iter().zip(feed::cards(client, numbers, insist).await?) {
        goals.renamed(typed, &card.number);
        goals.note(&card.number, &card.status);
    }
    Ok(())
}

struct Watching<'a> {
    args: &'a Args,
    client: Client,
    goals: Goals,
    /// Cursor after the last printed change.
    cursor: String,
    /// The time of that change.
    printed_until: Timestamp,
    /// The output of the command must not be mixed with the results.
    apart: bool,
    list: List<'a>,
    file: Option<&'a CursorFile>,
}

impl Watching<'_> {
    /// Prints changes until the goals are reached.
    async fn go(&mut self, numbers: &[String]) -> Result<(), Failure> {
        loop {
            let ended = if self.goals.are_reached() {
                self.catch_up(numbers).await
            } else {
                self.follow(numbers).await
            };
            match ended {
                Err(Ended::Gone) => {}
                Err(Ended::Failed(failure)) => return Err(failure),
                Ok(()) => return Ok(()),
            }
            // The platform was restored from a backup, so the cursor is invalid. New changes are later than the last
            // printed one.
            self.list.output().warn(message!("watch-restored"));
            let mut backlog = Backlog::since(self.printed_until, numbers);
            while let Some(changes) = backlog.insist(&self.client).await? {
                for change in changes {
                    self.tell(&change).await?;
                }
            }
            self.keep(&backlog.cursor)?;
            note_cards(&self.client, numbers, &mut self.goals, true).await?;
        }
    }

    /// Streams changes as they happen.
    async fn follow(&mut self, numbers: &[String]) -> Result<(), Ended> {
        let mut changes = pin!(self.client.follow(feed::asked_for(numbers), Some(self.cursor.clone())));
        while let Some(change) = changes.next().await {
            self.tell(&change?).await?;
            if self.goals.are_reached() {
                break;
            }
        }
        Ok(())
    }

    /// Prints changes since the last run even if there is nothing left to wait for.
    async fn catch_up(&mut self, numbers: &[String]) -> Result<(), Ended> {
        let mut backlog = Backlog::after(self.cursor.clone(), numbers);
        while let Some(changes) = backlog.insist(&self.client).await? {
            for change in changes {
                self.tell(&change).await?;
            }
        }
        self.list.output().note(message!("watch-already"));
        Ok(())
    }

    /// Prints a change, runs the command for it, and then saves the position after it.
    async fn tell(&mut self, change: &Received<Change>) -> Result<(), Failure> {
        if feed::concerns(&self.client, &mut self.goals, change).await? {
            self.goals.note(&change.number, &change.status);
            if self.args.status.is_empty() || self.args.status.iter().any(|status| change.status == *status) {
                self.list.push(change)?;
                if let Some(command) = &self.args.exec {
                    self.execute(command, change).await?;
                }
            }
        }
        // Times of the platform have microseconds.
        self.printed_until = change.at.checked_add(SignedDuration::from_micros(1)).unwrap_or(change.at);
        self.keep(&change.cursor)
    }

    fn keep(&mut self, cursor: &str) -> Result<(), Failure> {
        cursor.clone_into(&mut self.cursor);
        match self.file {
            Some(file) => file.write(cursor),
            None => Ok(()),
        }
    }

    async fn execute(&mut self, command: &str, change: &Received<Change>) -> Result<(), Failure> {
        let mut pause = Duration::from_secs(1);
        loop {
            let Some(what) = hook::run(command, change, self.apart).await? else { return Ok(()) };
            let out = self.list.output();
            out.warn(message!("watch-exec-failed", number = change.number, what));
            if !self.args.exec_retry {
                return Ok(());
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

/// Why printing changes has stopped.
enum Ended {
    /// The position is from before a restore.
    Gone,
    Failed(Failure),
}

impl From<appeal_client::Error> for Ended {
    fn from(error: appeal_client::Error) -> Self {
        if feed::is_gone(&error) { Ended::Gone } else { Ended::Failed(error.into()) }
    }
}

impl From<Failure> for Ended {
    fn from(failure: Failure) -> Self {
        Ended::Failed(failure)
    }
}
