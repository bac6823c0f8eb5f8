//! `appeal changes`: what changed since the last run, then exit. For cron.

use jiff::{SignedDuration, Timestamp};

use crate::cli::base::durations::{outside, when};
use crate::cli::base::{Context, Failure};
use crate::cli::commands::watch::cursor::CursorFile;
use crate::cli::commands::watch::feed::{self, Backlog};
use appeal_domain::{Direction, When};
use appeal_i18n::message;

/// How far back it looks where nothing says from when.
const DEFAULT_SPAN: SignedDuration = SignedDuration::from_hours(24);

#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  appeal changes                                     # the last 24 hours
  appeal changes --since 7d -o csv
  appeal changes --cursor-file ~/.appeal-cursor      # since the last run

With --cursor-file, the position is saved once everything is printed: no change is missed, and none is repeated unless
a run was interrupted. A new file starts from now, or from --since if given; an existing file takes precedence over
--since. Only one run at a time can use a file; another exits with 6 and prints nothing. After the platform is
restored from a backup, changes resume from the time the file was written, with a warning. If nothing changed, the
command succeeds and prints [] in JSON.")]
pub struct Args {
    /// Resume from the position saved in this file, and update it
    #[arg(long, value_name = "FILE")]
    pub cursor_file: Option<std::path::PathBuf>,
    /// Start from this time: a date, a time, or a duration before now [default: 24h without a cursor file]
    #[arg(long, value_name = "WHEN", value_parser = when)]
    pub since: Option<When>,
    /// Print the changes without updating the cursor file
    #[arg(long = "dry-run", id = "peek", requires = "cursor_file")]
    pub peek: bool,
}

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        let now = ctx.now();
        let since = self
            .since
            .map(|since| since.start(Direction::Back, now, &ctx.zone()))
            .transpose()
            .map_err(|error| Failure::usage("--since", outside(error)))?;
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
                // Restored from a backup: resume from the time the file was written. Some changes may be repeated,
                // but none are missed.
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
        // Only what has left this process counts as printed.
        ctx.out.finish()?;
        match file {
            Some(file) if !self.peek => file.write(&backlog.cursor),
            _ => Ok(()),
        }
    }
}

fn earlier(now: Timestamp) -> Result<Timestamp, Failure> {
    now.checked_sub(DEFAULT_SPAN).map_err(|error| Failure::usage("--since", outside(error.into())))
}
