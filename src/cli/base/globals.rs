//! The flags that every command takes, before or after its name.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::ArgMatches;
use clap::builder::TypedValueParser;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::parser::ValueSource;
use clap::{CommandFactory as _, FromArgMatches as _};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::cli::base::durations;
use crate::output;
use appeal_client::Retries;
use appeal_i18n::Lang;

/// Flags of every command.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Global options")]
pub struct Globals {
    /// Platform to use: a URL, or `local` for the embedded one
    #[arg(
        long,
        global = true,
        env = "APPEAL_SERVER",
        hide_env_values = true,
        value_name = "URL|local",
        overrides_with = "server"
    )]
    pub server: Option<String>,

    /// Use this profile from the config file
    #[arg(
        long,
        global = true,
        env = "APPEAL_PROFILE",
        hide_env_values = true,
        value_name = "NAME",
        overrides_with = "profile"
    )]
    pub profile: Option<String>,

    /// Act as this user of the local platform [default: applicant]
    #[arg(long = "as", global = true, value_name = "LOGIN", overrides_with = "as_")]
    pub as_: Option<String>,

    /// Data directory of the local platform
    #[arg(
        long,
        global = true,
        env = "APPEAL_DATA_DIR",
        value_parser = clap::builder::OsStringValueParser::new().map(PathBuf::from),
        hide_env_values = true,
        value_name = "DIR",
        overrides_with = "data_dir"
    )]
    pub data_dir: Option<PathBuf>,

    /// Use this database instead of the one in the data directory
    #[arg(long, global = true, value_name = "URL", overrides_with = "database")]
    pub database: Option<String>,

    /// Read the access token from this file; without it, `APPEAL_TOKEN` can hold the token itself
    #[arg(long, global = true, value_name = "PATH", overrides_with = "token_file")]
    pub token_file: Option<PathBuf>,

    /// Output format; by default `table` on a terminal and `plain` (tab-separated) elsewhere
    #[arg(
        short,
        long,
        global = true,
        env = "APPEAL_OUTPUT",
        hide_env_values = true,
        value_name = "FORMAT",
        overrides_with = "output"
    )]
    pub output: Option<FormatArg>,

    /// Shorthand for `--output json`
    #[arg(long, global = true)]
    pub json: bool,

    /// Filter JSON output with a jq expression; strings are printed raw, other values as JSON, one per line
    #[arg(long, global = true, value_name = "EXPR", overrides_with = "jq")]
    pub jq: Option<String>,

    /// Columns to print in table, plain and csv output, such as `number,status,contacts.email`
    #[arg(long, global = true, value_name = "A,B,C", value_delimiter = ',', overrides_with = "columns")]
    pub columns: Option<Vec<String>>,

    /// When to use color
    #[arg(long, global = true, value_name = "WHEN", overrides_with = "color")]
    pub color: Option<output::ColorChoice>,

    /// Language of labels and messages
    #[arg(
        long,
        global = true,
        env = "APPEAL_LANG",
        hide_env_values = true,
        value_name = "LANG",
        overrides_with = "lang"
    )]
    pub lang: Option<LangArg>,

    /// Print only the essential value (a number, a path), one per line
    #[arg(short, long, global = true)]
    pub quiet: bool,

    /// Print what is being done; repeat to include HTTP requests, with secrets masked
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,

    /// Give up after this long: `90s`, `15m`, `2h`, `3d`
    #[arg(long, global = true, value_name = "DURATION", value_parser = durations::duration, overrides_with = "timeout")]
    pub timeout: Option<Duration>,

    /// Keep retrying this long while the platform is unreachable or fails; `0s` tries once [default: 2m]
    #[arg(
        long,
        global = true,
        env = "APPEAL_RETRY_FOR",
        hide_env_values = true,
        value_name = "DURATION",
        value_parser = retry_for,
        overrides_with = "retry_for"
    )]
    pub retry_for: Option<Duration>,

    /// Never prompt
    #[arg(long, global = true)]
    pub no_input: bool,

    /// The global flags that the command line itself gives.
    #[arg(skip)]
    pub typed: Typed,
}

/// Returns the name under which a value was given: the flag, or the environment variable that stands for it.
pub fn origin<'a>(flag: &'a str, variable: &'a str, value: &str) -> &'a str {
    let is_typed = || std::env::args_os().skip(1).any(|typed| typed.to_string_lossy().ends_with(value));
    let is_set = std::env::var_os(variable).is_some_and(|set| set == value);
    if is_set && !is_typed() { variable } else { flag }
}

/// Flags given on the command line, as opposed to an environment variable.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Typed {
    /// `--server` or `--profile`.
    pub platform: bool,
    /// `--data-dir`.
    pub data_dir: bool,
}

impl Typed {
    /// Reads them from a parsed command line.
    pub fn of(matches: &ArgMatches) -> Self {
        let typed = |id| matches.value_source(id) == Some(ValueSource::CommandLine);
        Self { platform: typed("server") || typed("profile"), data_dir: typed("data_dir") }
    }
}

/// The flags that select a platform, stored with a text that is sent to it later. Contains no secrets.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Platform {
    /// Its URL, or `local`; absent if none was chosen.
    #[serialize_always]
    pub server: Option<String>,
    #[serde(rename = "as")]
    pub as_: Option<String>,
    pub data_dir: Option<PathBuf>,
    pub database: Option<String>,
    pub token_file: Option<PathBuf>,
}

/// The value of `--output`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum FormatArg {
    Table,
    Json,
    Jsonl,
    Csv,
    Plain,
    /// What suits the place: the same as not given.
    #[value(hide = true, alias = "")]
    Auto,
}

/// The value of `--lang`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum LangArg {
    #[value(alias = "")]
    Auto,
    En,
    Ru,
}

impl Globals {
    /// Returns the format of the flags or the environment.
    pub fn format(&self) -> Option<output::Format> {
        if self.json {
            return Some(output::Format::Json);
        }
        match self.output? {
            FormatArg::Table => Some(output::Format::Table),
            FormatArg::Json => Some(output::Format::Json),
            FormatArg::Jsonl => Some(output::Format::Jsonl),
            FormatArg::Csv => Some(output::Format::Csv),
            FormatArg::Plain => Some(output::Format::Plain),
            FormatArg::Auto => None,
        }
    }

    /// Selects this platform, unless the command line names another one. The environment and the default profile may
    /// have changed since the platform was recorded.
    pub fn choose(&mut self, platform: &Platform) {
        let Platform { server, as_, data_dir, database, token_file } = platform;
        if self.typed.platform || server.is_none() {
            return;
        }
        self.server.clone_from(server);
        self.profile = None;
        if !self.typed.data_dir {
            self.data_dir.clone_from(data_dir);
        }
        self.as_ = self.as_.take().or_else(|| as_.clone());
        self.database = self.database.take().or_else(|| database.clone());
        self.token_file = self.token_file.take().or_else(|| token_file.clone());
    }

    /// Returns the language of the flags or the environment.
    pub fn lang(&self) -> Option<Lang> {
        match self.lang? {
            LangArg::Auto => None,
            LangArg::En => Some(Lang::En),
            LangArg::Ru => Some(Lang::Ru),
        }
    }
}

/// Returns the global flags of a command line that may be incomplete or invalid, as while it is being typed. Other
/// flags are ignored.
pub fn among(words: &[OsString]) -> Globals {
    #[derive(clap::Parser)]
    #[command(disable_help_flag = true, disable_version_flag = true, disable_help_subcommand = true)]
    struct Line {
        #[command(flatten)]
        globals: Globals,
        #[arg(short = 'h', long = "help")]
        _help: bool,
        #[arg(short = 'V', long = "version")]
        _version: bool,
        #[arg(num_args = 0..)]
        _rest: Vec<OsString>,
    }
    let mut words = words.to_vec();
    let mut command = Line::command();
    let mut silenced = Vec::new();
    loop {
        let parsed = command.clone().try_get_matches_from(&words);
        let error = match parsed.and_then(|matches| Line::from_arg_matches(&matches)) {
            Ok(line) => return line.globals,
            Err(error) => error,
        };
        let Some(ContextValue::String(argument)) = error.get(ContextKind::InvalidArg) else { break };
        // In the error it has its value, as in the help: `--timeout <DURATION>`.
        let flag = argument.split(' ').next().unwrap_or_default().trim_start_matches('-').to_owned();
        let known = command.get_arguments().find(|arg| arg.get_long() == Some(&flag));
        let short = known.and_then(clap::Arg::get_short);
        let Some(at) = words.iter().skip(1).position(|word| is_flag(word, &flag, short)) else {
            // The invalid value is from an environment variable.
            if silenced.contains(&flag) {
                break;
            }
            command = command.mut_args(|arg| {
                if arg.get_long() == Some(&flag) { arg.env(clap::builder::Resettable::Reset) } else { arg }
            });
            silenced.push(flag);
            continue;
        };
        match error.kind() {
            ErrorKind::UnknownArgument => drop(words.remove(at + 1)),
            ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
                let word = words.remove(at + 1).to_string_lossy().into_owned();
                let alone = if word.starts_with("--") {
                    !word.contains('=')
                } else {
                    short.is_some_and(|short| word.ends_with(short))
                };
                if alone && at + 1 < words.len() {
                    words.remove(at + 1);
                }
            }
            _ => break,
        }
    }
    // The last flag has no value: use what comes before it.
    let matches = command
        .ignore_errors(true)
        .try_get_matches_from(&words)
        .and_then(|matches| Line::from_arg_matches(&matches));
    matches.map(|line| line.globals).unwrap_or_default()
}

/// Returns whether the word is this flag: `--text`, `--text=x`, or one of several letters after a dash.
fn is_flag(word: &OsString, flag: &str, short: Option<char>) -> bool {
    let word = word.to_string_lossy();
    match word.strip_prefix("--") {
        Some(long) => long.split('=').next() == Some(flag),
        None => word.strip_prefix('-').is_some_and(|letters| {
            letters.contains(flag) || short.is_some_and(|short| letters.contains(short))
        }),
    }
}

/// Returns how long to keep retrying; an empty variable is ignored.
fn retry_for(text: &str) -> Result<Duration, String> {
    if text.is_empty() { Ok(Retries::default().for_at_most) } else { durations::duration(text) }
}

/// Returns the language of the locale: `LC_ALL`, else `LC_MESSAGES`, else `LANG`.
pub fn locale_lang() -> Lang {
    ["LC_ALL", "LC_MESSAGES", "LANG"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
        .map_or(Lang::En, |value| Lang::of(&value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(line: &str) -> Globals {
        among(&line.split(' ').map(OsString::from).collect::<Vec<_>>())
    }

    #[test]
    fn the_format_is_found_in_a_line_that_is_wrong() {
        for line in [
            "a -o json list",
            "a list -ojson --bad",
            "a list --bad -ojson",
            "a list --status nonsense --frobnicate --json",
            "a --json",
            "a -o=json",
            "a -qo json list",
            "a list --json -o csv",
            "a files get --help -o json",
            "a --timeout soon -o json list",
            "a list --retry-for=never --color perhaps -o json",
            "a list -o xml --json",
            "a list -oxml --json",
        ] {
            assert_eq!(typed(line).format(), Some(output::Format::Json), "{line}");
        }
        assert_eq!(typed("a list -vqojsonl").format(), Some(output::Format::Jsonl));
        for line in ["a list -- --json", "a --output=table", "a -o json -o csv", "a list --text -of"] {
            assert!(!typed(line).format().is_some_and(output::Format::is_json), "{line}");
        }
    }

    #[test]
    fn the_platform_is_found_in_a_line_that_is_not_whole() {
        let line = typed("a --server http://x comment --text hello --as y --da");
        assert_eq!((line.server.as_deref(), line.as_.as_deref()), (Some("http://x"), Some("y")));
    }
}
