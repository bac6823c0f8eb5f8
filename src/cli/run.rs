//! A process's life: read the flags, run the command, say how it ended. Ctrl-C and `--timeout` are looked after here.

use std::ffi::OsString;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::error::ErrorKind;
use clap::{ArgMatches, CommandFactory as _, FromArgMatches as _};
use tokio::sync::Notify;

use super::exit::Exit;
use super::failure::{self, Failure};
use super::{Cli, Command, Context, candidates, fields, globals};
use crate::output;

/// Runs the process's own arguments; the exit code.
pub fn main() -> u8 {
    if candidates::answer() {
        return Exit::Done.code();
    }
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let parsed = Cli::command().try_get_matches_from(&arguments);
    let parsed = parsed.and_then(|matches| Ok((Cli::from_arg_matches(&matches)?, rehearses(&matches))));
    let (cli, rehearses) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => return refuse(&error, &arguments).code(),
    };
    let mut ctx = match Context::new(cli.globals) {
        Ok(ctx) => ctx,
        Err(failure) => return complain(&failure, &arguments).code(),
    };
    ctx.rehearses = rehearses;
    let exit = match run(cli.command, &mut ctx) {
        Ok(()) => ctx.out.finish().map_or_else(|error| tell(&mut ctx, Failure::from(error)), |()| Exit::Done),
        Err(Failure { rehearsal: Some(rehearsal), .. }) => {
            let told = fields::tell_rehearsal(&mut ctx, &rehearsal);
            match told.and_then(|()| Ok(ctx.out.finish()?)) {
                Ok(()) => Exit::Done,
                Err(failure) => tell(&mut ctx, failure),
            }
        }
        Err(failure) => {
            // What was printed before the failure is flushed first, and a failure of that is not worth a second one.
            let _ = ctx.out.finish();
            tell(&mut ctx, failure)
        }
    };
    exit.code()
}

/// Whether the command is only to be tried: its own `--dry-run`, wherever in the tree of commands it stands.
fn rehearses(matches: &ArgMatches) -> bool {
    match matches.subcommand() {
        Some((_, inner)) => rehearses(inner),
        None => matches.try_get_one::<bool>(fields::REHEARSE).ok().flatten().copied().unwrap_or(false),
    }
}

fn tell(ctx: &mut Context, mut failure: Failure) -> Exit {
    if !failure.reported {
        let so_far = ctx.so_far_handle().lock().ok().and_then(|mut so_far| so_far.take());
        if let Some(line) = so_far
            && matches!(failure.exit, Exit::Interrupted | Exit::TimedOut)
        {
            // Under JSON stderr is one object, so what was done goes into it.
            if ctx.out.format().is_json() {
                failure.hint.get_or_insert(line);
            } else {
                ctx.out.line(&line);
            }
        }
        ctx.out.failure(&failure.view());
    }
    failure.exit
}

fn run(command: Command, ctx: &mut Context) -> Result<(), Failure> {
    // A command waits for one thing at a time; a server does not.
    let serves = matches!(command, Command::Serve(_));
    let mut builder = if serves {
        tokio::runtime::Builder::new_multi_thread()
    } else {
        tokio::runtime::Builder::new_current_thread()
    };
    let runtime = builder.enable_all().build()?;
    let interrupt = listen_for_interrupts(serves);
    let deadline = ctx.deadline();
    let result = runtime.block_on(async {
        let work = async {
            let result = command.run(ctx).await;
            ctx.close().await;
            result
        };
        let time_is_up = async {
            match deadline {
                Some(at) => tokio::time::sleep_until(at.into()).await,
                None => std::future::pending().await,
            }
        };
        let interrupted = async {
            // A server hears the signal itself, and lets requests under way end.
            if serves {
                std::future::pending::<()>().await;
            }
            interrupt.notified().await;
        };
        tokio::select! {
            biased;
            result = work => result,
            () = interrupted => Err(Failure::interrupted()),
            () = time_is_up => Err(Failure::timed_out()),
        }
    });
    // A blocked read of stdin must not keep the process.
    runtime.shutdown_timeout(std::time::Duration::from_millis(200));
    result
}

/// Ctrl-C, or where there is such a thing the signals by which a system ends what it started and a terminal that
/// closes ends what runs in it. The latter is left alone where it is ignored (`nohup`), and by a server, which does not
/// end with a terminal in any other way than the system's.
async fn asked_to_end(serves: bool) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        let mut hangup =
            if serves || hangup_is_ignored() { None } else { Some(signal(SignalKind::hangup())?) };
        let hung_up = async {
            match &mut hangup {
                Some(hangup) => hangup.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            heard = tokio::signal::ctrl_c() => heard,
            _ = terminate.recv() => Ok(()),
            _ = hung_up => Ok(()),
        }
    }
    #[cfg(not(unix))]
    {
        let _ = serves;
        tokio::signal::ctrl_c().await
    }
}

/// True where this cannot be told, too: then the signal stays as it is. Asked once: later it is ours.
#[cfg(unix)]
fn hangup_is_ignored() -> bool {
    static IGNORED: std::sync::OnceLock<bool> = std::sync::OnceLock::new();
    *IGNORED.get_or_init(|| {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
        // The first bit is that of the first signal, SIGHUP.
        mask.is_none_or(|mask| mask & 1 == 1)
    })
}

/// Ctrl-C is heard on a thread of its own, since a prompt or an editor holds the main one. The first asks the command
/// to end; one during a prompt, or a second one, ends the process at once.
fn listen_for_interrupts(serves: bool) -> Arc<Notify> {
    let notify = Arc::new(Notify::new());
    let ours = notify.clone();
    let heard = AtomicBool::new(false);
    // Without the thread the default action of the signal stays: the process ends, only less politely.
    let _ = std::thread::Builder::new().name("interrupts".into()).spawn(move || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
        runtime.block_on(async {
            while asked_to_end(serves).await.is_ok() {
                if output::editing() {
                    // The editor has the terminal, and the signal is for it.
                    continue;
                }
                if output::prompting() {
                    // The question hears of it too and ends by itself; only one that does not is ended from here.
                    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
                }
                if output::prompting() || heard.swap(true, Ordering::Relaxed) {
                    output::restore_terminal();
                    std::process::exit(Exit::Interrupted.code().into());
                }
                ours.notify_one();
            }
        });
    });
    notify
}

/// The error format that was asked for, as far as it can be told without a successful parse.
fn wants_json(arguments: &[OsString]) -> bool {
    let mut previous = "";
    let mut wanted = None;
    for argument in arguments.iter().skip(1).filter_map(|a| a.to_str()) {
        if argument == "--" {
            break;
        }
        let value = match argument {
            "--json" => Some("json"),
            _ if matches!(previous, "-o" | "--output") => Some(argument),
            _ => argument.strip_prefix("--output=").or_else(|| {
                argument
                    .strip_prefix("-o")
                    .filter(|rest| !rest.is_empty())
                    .map(|rest| rest.trim_start_matches('='))
            }),
        };
        wanted = value.or(wanted);
        previous = argument;
    }
    match wanted {
        Some(format) => matches!(format, "json" | "jsonl"),
        None => {
            std::env::var("APPEAL_OUTPUT").is_ok_and(|format| matches!(format.as_str(), "json" | "jsonl"))
        }
    }
}

/// Help and versions go to stdout and are a success; everything else that clap says is a usage error.
fn refuse(error: &clap::Error, arguments: &[OsString]) -> Exit {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => match error.print() {
            Ok(()) => Exit::Done,
            Err(error) if output::is_closed_pipe(&error) => Exit::Done,
            Err(_) => Exit::Failed,
        },
        _ if wants_json(arguments) => {
            if matches!(
                error.kind(),
                ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand
            ) {
                failure::speak(globals::locale_lang());
                let failure = Failure::told(Exit::Usage, "usage", "failure-no-command", &[]);
                return complain(&failure, arguments);
            }
            let text = error.render().to_string();
            failure::speak(globals::locale_lang());
            let first = text.lines().next().unwrap_or_default();
            let message = first.strip_prefix("error: ").unwrap_or(first).to_owned();
            // What follows the first line: suggestions, possible values, the usage.
            let hint =
                text.lines().skip(1).map(str::trim).filter(|l| !l.is_empty()).collect::<Vec<_>>().join("\n");
            let missing = missing(error);
            let message =
                if missing.is_empty() { message } else { format!("{message} {}", missing.join(", ")) };
            let failure = Failure {
                hint: Some(hint).filter(|h| !h.is_empty()),
                details: missing.iter().map(|argument| serde_json::json!({ "flag": argument })).collect(),
                ..Failure::new(Exit::Usage, "usage", message)
            };
            complain(&failure, arguments)
        }
        _ => {
            // Nothing is left to tell anybody if stderr is closed.
            let _ = error.print();
            Exit::Usage
        }
    }
}

/// The flags and arguments that have to be given, each without its value: `--scope`, `<NUMBER>`.
fn missing(error: &clap::Error) -> Vec<&str> {
    use clap::error::{ContextKind, ContextValue};
    match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::Strings(arguments)) if error.kind() == ErrorKind::MissingRequiredArgument => {
            arguments
                .iter()
                .map(|a| if a.starts_with('-') { a.split(' ').next().unwrap_or(a) } else { a })
                .collect()
        }
        _ => Vec::new(),
    }
}

/// Tells a failure before there is a context.
fn complain(failure: &Failure, arguments: &[OsString]) -> Exit {
    let format = wants_json(arguments).then_some(output::Format::Json);
    if let Ok(mut out) =
        output::Output::new(output::Options { format, lang: failure::lang(), ..Default::default() })
    {
        out.failure(&failure.view());
    }
    failure.exit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wanted_error_format_is_found() {
        let wants = |line: &str| wants_json(&line.split(' ').map(OsString::from).collect::<Vec<_>>());
        for yes in [
            "a -o json list",
            "a list -ojson --bad",
            "a --output=jsonl x",
            "a --json",
            "a --output jsonl",
            "a -o=json",
        ] {
            assert!(wants(yes), "{yes}");
        }
        for no in ["a -o csv list", "a list -- --json", "a --output=table", "a -o json -o csv"] {
            assert!(!wants(no), "{no}");
        }
    }
}
