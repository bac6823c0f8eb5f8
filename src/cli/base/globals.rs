//! The flags that every command takes, before or after its name.

use std::path::PathBuf;
use std::time::Duration;

use clap::ArgMatches;
use clap::builder::TypedValueParser;
use clap::parser::ValueSource;
use serde::{Deserialize, Serialize};

use crate::cli::base::durations;
use crate::output;
use appeal_client::Retries;
use appeal_i18n::Lang;

/// Flags of every command.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Global options")]
pub struct Globals {
    /// Platform to talk to: its URL, or `local` for the embedded one
    #[arg(
        long,
        global = true,
        env = "APPEAL_SERVER",
        hide_env_values = true,
        value_name = "URL|local",
        overrides_with = "server"
    )]
    pub server: Option<String>,

    /// Profile of the config file to use
    #[arg(
        long,
        global = true,
        env = "APPEAL_PROFILE",
        hide_env_values = true,
        value_name = "NAME",
        overrides_with = "profile"
    )]
    pub profile: Option<String>,

    /// Person of the local platform to act as [default: applicant]
    #[arg(long = "as", global = true, value_name = "LOGIN", overrides_with = "as_")]
    pub as_: Option<String>,

    /// Where the local platform keeps its data
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

    /// Database of the platform, instead of the one in its data directory
    #[arg(long, global = true, value_name = "URL", overrides_with = "database")]
    pub database: Option<String>,

    /// File with the access token (never the token itself; `APPEAL_TOKEN` works too)
    #[arg(long, global = true, value_name = "PATH", overrides_with = "token_file")]
    pub token_file: Option<PathBuf>,

    /// How results are printed: `table` on a terminal and `plain` (tab-separated) elsewhere, unless given
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

    /// Short for `--output json`
    #[arg(long, global = true)]
    pub json: bool,

    /// Filter the JSON result with a jq expression; strings are printed raw, other values as one line of JSON each
    #[arg(long, global = true, value_name = "EXPR", overrides_with = "jq")]
    pub jq: Option<String>,

    /// Columns of table, plain and csv, such as `number,status,contacts.email`
    #[arg(long, global = true, value_name = "A,B,C", value_delimiter = ',', overrides_with = "columns")]
    pub columns: Option<Vec<String>>,

    /// When to colour
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

    /// Print only the essential value (a number, a path), one a line
    #[arg(short, long, global = true)]
    pub quiet: bool,

    /// Tell what is done; twice: the HTTP exchange too, with secrets masked
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,

    /// Give up after this long: `90s`, `15m`, `2h`, `3d`
    #[arg(long, global = true, value_name = "DURATION", value_parser = durations::duration, overrides_with = "timeout")]
    pub timeout: Option<Duration>,

    /// Keep trying this long while the platform cannot be reached or fails: `0s` tries once [default: 2m]
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

    /// Never ask anything
    #[arg(long, global = true)]
    pub no_input: bool,

    /// Which of these the command line itself gives.
    #[arg(skip)]
    pub typed: Typed,
}

/// Flags that stand on the command line, and not in an environment variable.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Typed {
    /// `--server` or `--profile`.
    pub platform: bool,
    /// `--data-dir`.
    pub data_dir: bool,
}

impl Typed {
    /// Those of a command line that was parsed.
    pub fn of(matches: &ArgMatches) -> Self {
        let typed = |id| matches.value_source(id) == Some(ValueSource::CommandLine);
        Self { platform: typed("server") || typed("profile"), data_dir: typed("data_dir") }
    }
}

/// A platform as the flags name it, for a text that is sent to it later. There is nothing secret in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Platform {
    /// Its URL, or `local`; none if none was chosen.
    #[serde(default)]
    pub server: Option<String>,
    #[serde(default, rename = "as", skip_serializing_if = "Option::is_none")]
    pub as_: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_dir: Option<PathBuf>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_file: Option<PathBuf>,
}

/// A format as typed.
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

/// A language as typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum LangArg {
    #[value(alias = "")]
    Auto,
    En,
    Ru,
}

impl Globals {
    /// The format that the flags or the environment ask for.
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

    /// Chooses this platform, unless the command line names another one. The environment and the default profile may have
    /// changed since the platform was noted.
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

    /// The language that the flags or the environment ask for.
    pub fn lang(&self) -> Option<Lang> {
        match self.lang? {
            LangArg::Auto => None,
            LangArg::En => Some(Lang::En),
            LangArg::Ru => Some(Lang::Ru),
        }
    }
}

/// How long to keep trying; an empty variable says nothing.
fn retry_for(text: &str) -> Result<Duration, String> {
    if text.is_empty() { Ok(Retries::default().for_at_most) } else { durations::duration(text) }
}

/// The language of the locale: `LC_ALL`, else `LC_MESSAGES`, else `LANG`.
pub fn locale_lang() -> Lang {
    ["LC_ALL", "LC_MESSAGES", "LANG"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
        .map_or(Lang::En, |value| Lang::of(&value))
}
