//! Runs the process: parses the flags, runs the command, reports errors, handles Ctrl-C and `--timeout`.

use std::ffi::OsString;
use std::time::Instant;

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorFormatter, ErrorKind};
use clap::{ArgMatches, CommandFactory as _, FromArgMatches as _};

use crate::cli::args::change::{DRY_RUN, OWN_DRY_RUN};
use crate::cli::base::context::lang_without_context;
use crate::cli::base::dry_run::{self, DryRun};
use crate::cli::base::exit::Exit;
use crate::cli::base::failure::{self, Failure};
use crate::cli::base::globals::Typed;
use crate::cli::base::outcome::Outcome;
use crate::cli::base::{Context, globals};
use crate::cli::commands::{Cli, Command};
use crate::cli::translation::{self, Localized, Refusal};
use crate::cli::{complete, signals};
use crate::output;
use appeal_api::ApiFinding;
use appeal_domain::Severity;
use appeal_i18n::message;

/// Runs the command of the process's arguments; returns the exit code.
pub fn main() -> u8 {
    if complete::answer() {
        return Exit::Done.code();
    }
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let (mut cli, intent, typed) = match parse(Cli::command(), &arguments) {
        Ok(parsed) => parsed,
        Err(error) => return refuse(error, &arguments).code(),
    };
    cli.globals.typed = typed;
    // Before files are read: the first one may be a pipe without a writer.
    failure::speak(cli.globals.lang().unwrap_or_else(globals::locale_lang));
    signals::speak_json(wants_json(&arguments));
    let deadline = cli.globals.timeout.and_then(|after| Instant::now().checked_add(after));
    let interrupt = signals::listen(matches!(cli.command, Command::Serve(_)), deadline);
    let mut ctx = match Context::new(cli.globals, Cli::command) {
        Ok(ctx) => ctx,
        Err(failure) => return complain(&failure, &arguments).code(),
    };
    signals::speak_json(ctx.out.format().is_json());
    ctx.interrupt = interrupt;
    match intent {
        Intent::DryRun => ctx.begin_dry_run(),
        Intent::Change => ctx.unsent.arm(),
        Intent::Other => {}
    }
    let mut result = run(cli.command, &mut ctx);
    ctx.unsent.settle(&mut result);
    let changes = intent == Intent::Change;
    if changes && let Err(failure) = &mut result {
        name_key(&ctx, failure);
        name_done(&ctx, failure);
    }
    let ended = match result {
        // The findings are the result of a dry run, not an error.
        Err(failure)
            if ctx.is_dry_run() && failure.exit == Exit::Invalid && !findings(&failure).is_empty() =>
        {
            Ok(DryRun::refused(findings(&failure)).into())
        }
        ended => ended,
    };
    let printed = match ended {
        Ok(Outcome::Done) => Ok(()),
        Ok(Outcome::DryRun(run)) => print_dry_run(&mut ctx, *run),
        Err(failure) => Err(failure),
    };
    let exit = match printed {
        Ok(()) => ctx.out.finish().map_or_else(
            |error| {
                let mut failure = Failure::from(error);
                if changes {
                    name_done(&ctx, &mut failure);
                }
                tell(&mut ctx, failure)
            },
            |()| Exit::Done,
        ),
        Err(failure) => {
            // Flush what was printed before the failure. An error here would only hide the first one.
            let _ = ctx.out.flush();
            tell(&mut ctx, failure)
        }
    };
    exit.code()
}

fn parse(command: clap::Command, arguments: &[OsString]) -> Result<(Cli, Intent, Typed), clap::Error> {
    let matches = command.try_get_matches_from(arguments)?;
    Ok((Cli::from_arg_matches(&matches)?, Intent::of(&matches), Typed::of(&matches)))
}

/// Names the key under which a request can be repeated whose outcome is not known. A stored text has its own command.
fn name_key(ctx: &Context, failure: &mut Failure) {
    if matches!(failure.exit, Exit::Unreachable | Exit::TimedOut)
        && !ctx.unsent.is_stored()
        && let Some(key) = ctx.key_in_use()
    {
        failure.add_hint(appeal_i18n::t!(failure::lang(), "failure-repeat-hint", key));
    }
}

/// Names a change that took effect but could not be printed, so that the caller does not repeat it and can find it.
fn name_done(ctx: &Context, failure: &mut Failure) {
    if matches!(failure.code.as_str(), "jq" | "io")
        && let Some(what) = ctx.out.unprinted()
    {
        let done = appeal_i18n::t!(failure::lang(), "failure-done-hint", what);
        failure.details.push(serde_json::json!({ "done": what }));
        failure.hint = Some(match failure.hint.take() {
            Some(hint) => format!("{done}\n{hint}"),
            None => done,
        });
    }
}

/// Prints the plan of a dry run.
///
/// # Errors
/// It cannot be printed; the command would be refused (exit 3).
fn print_dry_run(ctx: &mut Context, run: DryRun) -> Result<(), Failure> {
    let run = ctx.with_uploads(run);
    let refused = run.findings().iter().any(|finding| finding.severity == Severity::Error);
    if ctx.out.is_json() {
        ctx.out.json(&run.to_json())?;
    } else {
        let table = ctx.out.format() == output::Format::Table && !ctx.out.is_quiet();
        let chosen = ctx.globals.columns.is_some();
        if table || chosen || !refused {
            match &run.rows()[..] {
                [only] => ctx.out.one(only, &dry_run::STEPS)?,
                rows => ctx.out.rows(rows, &dry_run::STEPS)?,
            }
        }
        if !chosen && !run.findings().is_empty() && (table || refused) {
            ctx.out.print_findings(run.findings())?;
        }
        if !refused {
            ctx.out.note(message!("dry-run-passed"));
        }
    }
    if refused { Err(Failure::invalid(run.findings().to_vec())) } else { Ok(()) }
}

/// Returns the findings in the details of a failure.
fn findings(failure: &Failure) -> Vec<ApiFinding> {
    failure.details.iter().filter_map(|detail| serde_json::from_value(detail.clone()).ok()).collect()
}

/// What the command line asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Intent {
    /// Make changes.
    Change,
    /// Print the plan of the changes.
    DryRun,
    /// Only read, or do a dry run that prints its own result.
    Other,
}

impl Intent {
    fn of(matches: &ArgMatches) -> Intent {
        if let Some((_, inner)) = matches.subcommand() {
            return Intent::of(inner);
        }
        let flag =
            |id: &str| matches.try_get_one::<bool>(id).ok().map(|given| given.copied().unwrap_or(false));
        match (flag(DRY_RUN), flag(OWN_DRY_RUN)) {
            (Some(true), _) => Intent::DryRun,
            (Some(false), _) | (_, Some(false)) => Intent::Change,
            _ => Intent::Other,
        }
    }
}

fn tell(ctx: &mut Context, mut failure: Failure) -> Exit {
    if !failure.reported {
        if !signals::first_to_tell() {
            // The signal thread prints a message and ends the process.
            loop {
                std::thread::park();
            }
        }
        let so_far = ctx.so_far_handle().lock().ok().and_then(|mut so_far| so_far.take());
        if let Some(line) = so_far
            && matches!(failure.exit, Exit::Interrupted | Exit::TimedOut)
        {
            // In JSON, stderr is a single object, so it includes what was done.
            if ctx.out.format().is_json() {
                failure.hint.get_or_insert(line);
            } else {
                ctx.out.line(&line);
            }
        }
        ctx.out.failure(&failure.view());
    }
    // After a failure with its own message, nothing else may be printed.
    let _ = ctx.out.finish();
    failure.exit
}

fn run(command: Command, ctx: &mut Context) -> Result<Outcome, Failure> {
    // A command waits for one thing at a time and needs one thread; a server does not.
    let serves = matches!(command, Command::Serve(_));
    let mut builder = if serves {
        tokio::runtime::Builder::new_multi_thread()
    } else {
        tokio::runtime::Builder::new_current_thread()
    };
    let runtime = builder.enable_all().build()?;
    let interrupt = ctx.interrupt.clone();
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
            // A server handles the signal itself and completes the requests in flight.
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
    // A blocked read of stdin must not keep the process running.
    runtime.shutdown_timeout(std::time::Duration::from_millis(200));
    result
}

/// Returns whether the output is JSON, as far as this can be determined without a successful parse.
fn wants_json(arguments: &[OsString]) -> bool {
    globals::among(arguments).format().is_some_and(output::Format::is_json)
}

/// Returns the message of a panic, in the requested format.
pub fn fault(what: &str) -> String {
    let message =
        format!("appeal {}: a fault in the program, please report it: {what}", env!("CARGO_PKG_VERSION"));
    let arguments: Vec<OsString> = std::env::args_os().collect();
    if !wants_json(&arguments) {
        return message;
    }
    serde_json::json!({ "error": { "code": "fault", "message": message, "hint": null, "details": [] } })
        .to_string()
}

/// Help and version are printed to stdout and succeed; everything else that clap reports is a usage error.
fn refuse(error: clap::Error, arguments: &[OsString]) -> Exit {
    let globals = globals::among(arguments);
    let is_json = globals.format().is_some_and(output::Format::is_json);
    let lang = lang_without_context(&globals);
    failure::speak(lang);
    // What programs read is the same in every language.
    let flags = missing(&error);
    let again = |line: &[OsString]| parse(translation::in_language(Cli::command(), lang), line).err();
    // Once more, with the help that the first attempt, which usually succeeds, did without.
    let error = with_origin(again(arguments).unwrap_or(error));
    let error = error.apply::<Localized>();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => match describe(&error, is_json) {
            Ok(()) => Exit::Done,
            Err(failure) if failure.reported => failure.exit,
            Err(failure) => complain(&failure, arguments),
        },
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand if is_json => {
            let failure = Failure::from_message(Exit::Usage, "usage", message!("failure-no-command"));
            complain(&failure, arguments)
        }
        // The parser counts environment variables as arguments, and would only list the names of the commands.
        ErrorKind::MissingSubcommand => {
            let help = again(&[arguments, &["-h".into()]].concat()).map(clap::Error::apply::<Localized>);
            if let (Some(help), Ok(mut out)) = (help, output::Output::new(output::Options::default())) {
                out.line(help.render().to_string().trim_end());
            }
            Exit::Usage
        }
        _ if is_json => {
            let Refusal { what, more } = Refusal::of(&error, lang);
            let (what, more) = (StyledStr::from(what).to_string(), StyledStr::from(more).to_string());
            let names = missing(&error);
            let message = if names.is_empty() { what } else { format!("{what} {}", names.join(", ")) };
            let hint = more.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>();
            let failure = Failure {
                hint: Some(hint.join("\n")),
                details: flags.iter().map(|flag| serde_json::json!({ "flag": flag })).collect(),
                ..Failure::new(Exit::Usage, "usage", message)
            };
            complain(&failure, arguments)
        }
        _ => {
            // If stderr is closed, the error cannot be reported.
            let _ = error.print();
            Exit::Usage
        }
    }
}

/// Names the environment variable instead of the flag if a refused value comes from it.
fn with_origin(mut error: clap::Error) -> clap::Error {
    let (Some(ContextValue::String(argument)), Some(ContextValue::String(value))) =
        (error.get(ContextKind::InvalidArg), error.get(ContextKind::InvalidValue))
    else {
        return error;
    };
    let flag = argument.split(' ').next().unwrap_or_default();
    let long = flag.trim_start_matches('-');
    let root = Cli::command();
    let mut arguments =
        root.get_arguments().chain(root.get_subcommands().flat_map(clap::Command::get_arguments));
    let variable = arguments.find(|arg| arg.get_long() == Some(long)).and_then(clap::Arg::get_env);
    if let Some(variable) = variable.and_then(std::ffi::OsStr::to_str)
        && globals::origin(flag, variable, value) == variable
    {
        error.insert(ContextKind::InvalidArg, ContextValue::String(variable.to_owned()));
    }
    error
}

/// Prints the requested help or version.
fn describe(error: &clap::error::Error<Localized>, json: bool) -> Result<(), Failure> {
    let text = error.render();
    if !json {
        return match error.print().and_then(|()| output::delivered()) {
            Err(error) if !output::is_closed_pipe(&error) => Err(error.into()),
            _ => Ok(()),
        };
    }
    let text = text.to_string();
    let format = Some(output::Format::Json);
    let mut out = output::Output::new(output::Options { format, ..Default::default() })?;
    if error.kind() == ErrorKind::DisplayVersion {
        let value = serde_json::json!({ "name": "appeal", "version": env!("CARGO_PKG_VERSION") });
        out.json(&value)?;
    } else {
        // The usage line has the name of the command.
        let heading = format!("{} appeal", translation::usage_heading(failure::lang()));
        let usage = text.lines().find_map(|line| line.strip_prefix(&heading)).unwrap_or_default();
        let words = usage.split_whitespace().take_while(|word| !word.starts_with(['[', '<', '-']));
        let topic = words.collect::<Vec<_>>().join(" ");
        let topic = if topic.is_empty() { "help" } else { &topic };
        let title = text.lines().next().unwrap_or_default();
        out.json(&serde_json::json!({ "topic": topic, "title": title, "text": text }))?;
    }
    Ok(out.finish()?)
}

/// Returns the missing flags and arguments without their values: `--scope`, `<NUMBER>`.
fn missing<F: ErrorFormatter>(error: &clap::error::Error<F>) -> Vec<String> {
    let arguments = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::Strings(arguments)) if error.kind() == ErrorKind::MissingRequiredArgument => {
            arguments
        }
        _ => return Vec::new(),
    };
    let name = |argument: &String| match argument.split_once(' ') {
        Some((flag, _)) if flag.starts_with('-') => flag.to_owned(),
        _ => argument.clone(),
    };
    arguments.iter().map(name).collect()
}

/// Reports a failure before there is a context.
fn complain(failure: &Failure, arguments: &[OsString]) -> Exit {
    let format = wants_json(arguments).then_some(output::Format::Json);
    if let Ok(mut out) =
        output::Output::new(output::Options { format, lang: failure::lang(), ..Default::default() })
    {
        out.failure(&failure.view());
    }
    failure.exit
}
