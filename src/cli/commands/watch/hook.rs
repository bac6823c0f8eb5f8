//! The command of `--exec`: run once for each change, which it gets on stdin and in its environment.

use std::process::Stdio;

use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::cli::base::{Exit, Failure};
use crate::output;
use appeal_api::{Change, Received};
use appeal_i18n::message;

/// Runs the command to its end; returns how it failed, if it did. Dropping the future kills the command.
///
/// The output of the command goes to stdout, or to stderr if a program reads stdout (`apart`).
///
/// # Errors
/// The shell cannot be started.
pub async fn run(command: &str, change: &Received<Change>, apart: bool) -> Result<Option<String>, Failure> {
    let (shell, flag) = if cfg!(windows) { ("cmd", "/C") } else { ("sh", "-c") };
    let mut child = Command::new(shell)
        .arg(flag)
        .arg(command)
        .env("APPEAL_NUMBER", &change.number)
        .env("APPEAL_STATUS", change.status.as_str())
        .env("APPEAL_EVENT", &change.event)
        .env("APPEAL_CURSOR", &change.cursor)
        .env("APPEAL_ACTOR", &change.actor)
        .env("APPEAL_AT", change.at.to_string())
        // Texts of other users may contain NUL, which environment variables cannot.
        .env("APPEAL_SUMMARY", change.summary.replace('\0', "\u{fffd}"))
        .stdin(Stdio::piped())
        .stdout(if apart { output::beside() } else { Stdio::inherit() })
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| Failure::from_message(Exit::Failed, "exec", message!("watch-no-shell", error)))?;
    if let Some(mut stdin) = child.stdin.take() {
        let mut line = serde_json::to_vec(change).map_err(std::io::Error::other)?;
        line.push(b'\n');
        // A command may ignore its input.
        let _ = stdin.write_all(&line).await;
    }
    let status = child.wait().await?;
    Ok((!status.success()).then(|| status.to_string()))
}
