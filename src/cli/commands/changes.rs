//! `appeal changes`: what changed since the last run, then exit. For cron.

use jiff::{SignedDuration, Timestamp};

use crate::cli::base::durations::{When, when};
use crate::cli::base::{Context, Failure};
use crate::cli::commands::watch::cursor::CursorFile;
use crate::cli::commands::watch::feed::{self, Backlog};
use appeal_i18n::message;

/// How far back it looks where nothing says from when.
const DEFAULT_SPAN: SignedDuration = SignedDuration::from_hours(24);

/// Arguments of the command.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  appeal changes                                     # the last 24 hours
  appeal changes --since 7d -o csv
  appeal changes --cursor-file ~/.appeal-cursor      # in a cron job: what is new since its last run

With --cursor-file the place is kept in the file once everything was printed, so nothing is missed and, but for a run
that was broken off, nothing is told twice. A file that is not there yet starts now, or at --since where that is given;
one that is there goes before --since. One run at a time uses a file; another one ends with 6 and tells nothing. After
the platform was restored from a backup it goes on from when the file was written, and says so.
No change is a success: [] in JSON.")]
pub struct Args {
    /// Go on where the last run stopped, and keep the place in this file
    #[arg(long, value_name = "FILE")]
    pub cursor_file: Option<std::path::PathBuf>,
    /// From this time on: a date, a time, or a span back from now [default: 24h without a cursor file]
    #[arg(long, value_name = "WHEN", value_parser = when)]
    pub since: Option<When>,
    /// Print the changes, and leave the cursor file as it is
    #[arg(long = "dry-run", id = "peek", requires = "cursor_file")]
    pub peek: bool,
}

impl Args {
    /// Runs the command.
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        let now = ctx.now();
        let since = self
            .since
            .map(|since| since.back(now, &ctx.zone()))
            .transpose()
            .map_err(|error| Failure::usage("--since", error))?;
        ctx.out.expects(&feed::SHAPE)?;
        let file = self.cursor_file.map(CursorFile::new);
        let kept = match &file {
            Some(file) => {
                file.claim()?;
                file.read()?
            }
            None => None,
        };
        let written_at = file.as_ref().and_then(CursorFile::written_at);
        let client = ctx.client().await?;
        let mut backlog = match (kept, &file, since) {
            (Some(cursor), _, _) => Backlog::after(cursor, &[]),
            (None, _, Some(since)) => Backlog::since(since, &[]),
            (None, Some(file), None) => {
                let cursor = client.present_cursor().await?;
                ctx.out.list(&feed::SHAPE).finish()?;
                if self.peek {
                    ctx.out.note(message!("changes-first-peek"));
                } else {
                    file.write(&cursor)?;
                    ctx.out.note(message!("changes-first"));
                }
                return Ok(());
            }
            (None, None, None) => Backlog::since(earlier(now)?, &[]),
        };
        let first = match backlog.page(&client).await {
            Err(error) if feed::is_gone(&error) => {
                // Restored from a backup: from when the file was written, some changes may be told again, none is
                // left out.
                ctx.out.warn(message!("changes-restored"));
                backlog =
                    Backlog::since(written_at.map_or_else(|| earlier(now), |at| Ok(feed::before(at)))?, &[]);
                backlog.page(&client).await?
            }
            other => other?,
        };
        let mut list = ctx.out.list(&feed::SHAPE);
        let mut page = first;
        while let Some(changes) = page {
            for change in &changes {
                list.push(change)?;
            }
            page = backlog.page(&client).await?;
        }
        list.finish()?;
        // Only what has left this process counts as told.
        ctx.out.finish()?;
        match file {
            Some(file) if !self.peek => file.write(&backlog.cursor),
            _ => Ok(()),
        }
    }
}

fn earlier(now: Timestamp) -> Result<Timestamp, Failure> {
    now.checked_sub(DEFAULT_SPAN).map_err(|error| Failure::usage("--since", error))
}
