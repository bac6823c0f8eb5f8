//! `appeal watch`: changes as they happen, one line each, until told otherwise.

use std::pin::pin;
use std::process::Stdio;
use std::time::Duration;

use futures_util::StreamExt;
use tokio::io::AsyncWriteExt;

use super::cursor::CursorFile;
use super::feed::{self, Backlog, Goals};
use super::values::{self, word};
use super::{Context, Exit, Failure};
use crate::api::Change;
use crate::client::Client;
use crate::domain::Status;
use crate::i18n::t;
use crate::output::{List, Output};

/// The longest pause before a failed command is run again.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Arguments of the command.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  appeal watch
  appeal watch 2026-0123456789-3 --until answered,rejected --timeout 3d
  appeal watch -o jsonl --cursor-file ~/.appeal-cursor --exec './notify.sh' --exec-retry

A command of --exec gets the change as JSON on stdin, and APPEAL_NUMBER, APPEAL_STATUS, APPEAL_EVENT, APPEAL_CURSOR,
APPEAL_ACTOR, APPEAL_AT and APPEAL_SUMMARY in its environment. One runs at a time, in the order of the changes.

With --cursor-file nothing is missed between two runs: the place is kept after a change was printed and its command
has ended. A file that is not there yet starts now.")]
pub struct Args {
    /// Appeals to follow; all you may see unless given
    #[arg(value_name = "NUMBER")]
    pub numbers: Vec<String>,
    /// Print only changes after which the status is one of these; can be repeated
    #[arg(long, value_name = "STATUS", value_parser = word::<Status>(), value_delimiter = ',')]
    pub status: Vec<Status>,
    /// End when every named appeal (without names: any) has reached one of these statuses; can be repeated
    #[arg(long, value_name = "STATUS", value_parser = word::<Status>(), value_delimiter = ',')]
    pub until: Vec<Status>,
    /// Run a shell command for each change
    #[arg(long, value_name = "COMMAND")]
    pub exec: Option<String>,
    /// Run a failed command again, with growing pauses, before going on
    #[arg(long, requires = "exec")]
    pub exec_retry: bool,
    /// Go on where the last run stopped, and keep the place in this file
    #[arg(long, value_name = "FILE")]
    pub cursor_file: Option<std::path::PathBuf>,
}

impl Args {
    /// Runs the command.
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        let numbers: Vec<String> = values::numbers(&self.numbers)?.iter().map(ToString::to_string).collect();
        ctx.out.expects(&feed::SHAPE)?;
        let file = self.cursor_file.clone().map(CursorFile::new);
        let kept = file.as_ref().map(CursorFile::read).transpose()?.flatten();
        let client = ctx.client().await?;
        // The place is taken before the cards are read, so that nothing falls between the two.
        let mut start = match kept.clone() {
            Some(cursor) => cursor,
            None => begin(&client, file.as_ref()).await?,
        };
        let mut goals = Goals::new(self.until.clone(), &numbers);
        for card in feed::cards(&client, &numbers).await? {
            goals.note(&card.number, card.status);
        }
        ctx.out.detail(1, &t(ctx.lang, "watch-begins", &[("place", client.place())]));
        let already = goals.are_reached();
        let mut watch = Watching { args: &self, list: ctx.out.stream(&feed::SHAPE), file: file.as_ref() };
        if already {
            // What happened since the last run is still told.
            if let Some(cursor) = kept {
                let mut backlog = Backlog::after(cursor, &numbers);
                while let Some(changes) = backlog.page(&client).await? {
                    for change in changes {
                        watch.tell(&change).await?;
                    }
                }
            }
            watch.list.output().note("watch-already", &[]);
            return Ok(watch.list.finish()?);
        }
        loop {
            let mut changes = pin!(client.follow(numbers.clone(), Some(start.clone())));
            loop {
                match changes.next().await {
                    Some(Ok(change)) => {
                        watch.tell(&change).await?;
                        if goals.note(&change.number, change.status) && goals.are_reached() {
                            return Ok(watch.list.finish()?);
                        }
                    }
                    Some(Err(error)) if feed::is_gone(&error) => break,
                    Some(Err(error)) => return Err(error.into()),
                    None => return Ok(watch.list.finish()?),
                }
            }
            // The platform was restored from a backup: the old place means nothing to it.
            watch.list.output().warn("watch-restored", &[]);
            start = begin(&client, file.as_ref()).await?;
            for card in feed::cards(&client, &numbers).await? {
                goals.note(&card.number, card.status);
            }
            if goals.are_reached() {
                return Ok(watch.list.finish()?);
            }
        }
    }
}

/// The present place, kept at once: what happens from here on is not missed even if the first change never comes.
async fn begin(client: &Client, file: Option<&CursorFile>) -> Result<String, Failure> {
    let cursor = client.present_cursor().await?;
    if let Some(file) = file {
        file.write(&cursor)?;
    }
    Ok(cursor)
}

struct Watching<'a> {
    args: &'a Args,
    list: List<'a>,
    file: Option<&'a CursorFile>,
}

impl Watching<'_> {
    /// Prints a change, runs the command for it, and then keeps the place behind it.
    async fn tell(&mut self, change: &Change) -> Result<(), Failure> {
        if self.args.status.is_empty() || self.args.status.contains(&change.status) {
            self.list.push(change)?;
            if let Some(command) = &self.args.exec {
                self.execute(command, change).await?;
            }
        }
        match self.file {
            Some(file) => file.write(&change.cursor),
            None => Ok(()),
        }
    }

    async fn execute(&mut self, command: &str, change: &Change) -> Result<(), Failure> {
        let mut pause = Duration::from_secs(1);
        loop {
            let Some(what) = run_once(command, change).await? else { return Ok(()) };
            complain(self.list.output(), change, &what);
            if !self.args.exec_retry {
                return Ok(());
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

fn complain(out: &mut Output, change: &Change, what: &str) {
    out.warn("watch-exec-failed", &[("number", &change.number), ("what", what)]);
}

/// Runs the command once; how it failed, unless it did not.
async fn run_once(command: &str, change: &Change) -> Result<Option<String>, Failure> {
    let mut shell = if cfg!(windows) {
        let mut shell = tokio::process::Command::new("cmd");
        shell.arg("/C");
        shell
    } else {
        let mut shell = tokio::process::Command::new("sh");
        shell.arg("-c");
        shell
    };
    let mut child = shell
        .arg(command)
        .env("APPEAL_NUMBER", &change.number)
        .env("APPEAL_STATUS", change.status.as_str())
        .env("APPEAL_EVENT", &change.event)
        .env("APPEAL_CURSOR", &change.cursor)
        .env("APPEAL_ACTOR", &change.actor)
        .env("APPEAL_AT", change.at.to_string())
        // What was typed by somebody else may have a NUL, which no environment can carry.
        .env("APPEAL_SUMMARY", change.summary.replace('\0', "\u{fffd}"))
        .stdin(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| {
            Failure::told(Exit::Failed, "exec", "watch-no-shell", &[("error", &error.to_string())])
        })?;
    if let Some(mut stdin) = child.stdin.take() {
        let mut line = serde_json::to_vec(change).map_err(std::io::Error::other)?;
        line.push(b'\n');
        // A command that does not read its input is no failure.
        let _ = stdin.write_all(&line).await;
    }
    let status = child.wait().await?;
    Ok((!status.success()).then(|| status.to_string()))
}
