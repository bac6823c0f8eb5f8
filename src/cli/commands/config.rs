//! `appeal config`: the config file.

use serde_json::json;

use crate::cli::args::fields::Rehearse;
use crate::cli::base::plan::Plan;
use crate::cli::base::{Context, Exit, Failure};
use crate::output::{Cell, Column, Shape};

/// A setting.
const SETTING: Shape = Shape {
    columns: &[Column::new("key", Cell::Text), Column::new("value", Cell::Text)],
    more: &[],
    essential: "value",
};

/// Arguments of the command.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Settings:
  default_profile                 the profile used where nothing else is chosen
  profiles.NAME.server            a URL, or local
  profiles.NAME.token_file        file with the access token
  profiles.NAME.data_dir          data of the local platform
  profiles.NAME.as                person of the local platform
  profiles.NAME.output            table, json, jsonl, csv or plain
  profiles.NAME.lang              auto, en or ru
  profiles.NAME.color             auto, always or never

Examples:
  appeal config set profiles.work.server https://appeals.example
  appeal config set default_profile work")]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Show every setting, or one
    #[command(
        after_long_help = "Examples:\n  appeal config show\n  appeal config show profiles.work.server -q"
    )]
    Show {
        /// A setting, such as `profiles.work.server`
        #[arg(value_name = "KEY")]
        key: Option<String>,
    },
    /// Set a setting
    #[command(after_long_help = "Example:\n  appeal config set profiles.work.server https://appeals.example")]
    Set {
        /// The setting, such as `profiles.work.server`
        #[arg(value_name = "KEY")]
        key: String,
        /// Its value
        #[arg(value_name = "VALUE")]
        value: String,
        #[command(flatten)]
        rehearse: Rehearse,
    },
    /// Remove a setting
    #[command(after_long_help = "Example:\n  appeal config unset profiles.work.lang")]
    Unset {
        /// The setting
        #[arg(value_name = "KEY")]
        key: String,
        #[command(flatten)]
        rehearse: Rehearse,
    },
    /// Print where the config file is
    #[command(after_long_help = "Example:\n  appeal config path")]
    Path,
}

#[derive(serde::Serialize)]
struct Setting {
    key: String,
    /// None where it was removed.
    value: Option<String>,
}

const PATH_SHAPE: Shape = Shape { columns: &[Column::new("path", Cell::Text)], more: &[], essential: "path" };

impl Args {
    /// Runs the command.
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        match self.command {
            Command::Show { key: None } => {
                ctx.out.expects(&SETTING)?;
                let settings = ctx.config()?.settings();
                let mut list = ctx.out.list(&SETTING);
                for (key, value) in settings {
                    list.push(&Setting { key, value: Some(value) })?;
                }
                Ok(list.finish()?)
            }
            Command::Show { key: Some(key) } => match ctx.config()?.get(&key)? {
                Some(value) => Ok(ctx.out.one(&Setting { key, value: Some(value) }, &SETTING)?),
                None => Err(not_set(&key)),
            },
            Command::Set { key, value, rehearse } => {
                if !rehearse.rehearse {
                    ctx.out.expects(&SETTING)?;
                }
                let config = ctx.config()?;
                let was = config.get(&key)?;
                config.set(&key, &value)?;
                if rehearse.rehearse {
                    let more = json!({ "key": key, "value": value, "was": was });
                    return Err(Plan::default().changes("set", config.path(), more).end());
                }
                config.save()?;
                let setting = Setting { key: key.clone(), value: Some(value) };
                Ok(ctx.out.settled(&setting, &SETTING, "config-set", &[("key", &key)])?)
            }
            Command::Unset { key, rehearse } => {
                if !rehearse.rehearse {
                    ctx.out.expects(&SETTING)?;
                }
                let config = ctx.config()?;
                let was = config.get(&key)?;
                if !config.unset(&key)? {
                    return Err(not_set(&key));
                }
                if rehearse.rehearse {
                    let more = json!({ "key": key, "was": was });
                    return Err(Plan::default().changes("unset", config.path(), more).end());
                }
                config.save()?;
                let setting = Setting { key: key.clone(), value: None };
                Ok(ctx.out.settled(&setting, &SETTING, "config-unset", &[("key", &key)])?)
            }
            Command::Path => {
                let path = crate::config::Config::default_path()
                    .ok_or_else(|| Failure::told(Exit::Setup, "config", "failure-no-home", &[]))?;
                let path = path.to_string_lossy().into_owned();
                Ok(ctx.out.one(&serde_json::json!({ "path": path }), &PATH_SHAPE)?)
            }
        }
    }
}

fn not_set(key: &str) -> Failure {
    Failure::told(Exit::NotFound, "not_set", "config-not-set", &[("key", key)])
}
