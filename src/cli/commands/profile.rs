//! `appeal profile`: profiles of the config file.

use serde_json::json;

use crate::cli::args::fields::Rehearse;
use crate::cli::base::plan::Plan;
use crate::cli::base::{Context, Exit, Failure};
use crate::config::Profile;
use crate::output::{Cell, Column, Shape};

const PROFILE: Shape = Shape {
    columns: &[
        Column::new("name", Cell::Text),
        Column::new("default", Cell::Bool),
        Column::new("server", Cell::Text),
    ],
    more: &[
        Column::new("data_dir", Cell::Text),
        Column::new("as", Cell::Text),
        Column::new("output", Cell::Text),
        Column::new("lang", Cell::Text),
        Column::new("token_file", Cell::Text),
        Column::new("color", Cell::Text),
    ],
    essential: "name",
};

/// Arguments of the command.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples, where the first setting makes the profile:
  appeal config set profiles.work.server https://appeals.example
  appeal profile use work")]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// List the profiles
    #[command(after_long_help = "Example:\n  appeal profile list")]
    List,
    /// Make a profile the default
    #[command(after_long_help = "Example:\n  appeal profile use work")]
    Use {
        /// The profile
        #[arg(value_name = "NAME")]
        name: String,
        #[command(flatten)]
        rehearse: Rehearse,
    },
    /// Remove a profile
    #[command(after_long_help = "Example:\n  appeal profile remove work")]
    Remove {
        /// The profile
        #[arg(value_name = "NAME")]
        name: String,
        #[command(flatten)]
        rehearse: Rehearse,
    },
}

#[derive(serde::Serialize)]
struct Row {
    name: String,
    default: bool,
    server: Option<String>,
    data_dir: Option<std::path::PathBuf>,
    #[serde(rename = "as")]
    as_: Option<String>,
    output: Option<String>,
    lang: Option<String>,
    token_file: Option<std::path::PathBuf>,
    color: Option<String>,
}

impl Row {
    fn of(name: &str, profile: Profile, default: bool) -> Self {
        Row {
            name: name.to_owned(),
            default,
            server: profile.server,
            data_dir: profile.data_dir,
            as_: profile.as_,
            output: profile.output,
            lang: profile.lang,
            token_file: profile.token_file,
            color: profile.color,
        }
    }
}

impl Args {
    /// Runs the command.
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        match self.command {
            Command::List => {
                ctx.out.expects(&PROFILE)?;
                let config = ctx.config()?;
                let default = config.default_profile();
                let profiles = config.profiles();
                let mut list = ctx.out.list(&PROFILE);
                for (name, profile) in profiles {
                    list.push(&Row::of(&name, profile, default.as_ref() == Some(&name)))?;
                }
                Ok(list.finish()?)
            }
            Command::Use { name, rehearse } => {
                if !rehearse.rehearse {
                    ctx.out.expects(&PROFILE)?;
                }
                let config = ctx.config()?;
                let Some(profile) = config.profile(&name) else {
                    return Err(unknown(&name));
                };
                let was = config.default_profile();
                config.set("default_profile", &name)?;
                if rehearse.rehearse {
                    let more = json!({ "key": "default_profile", "value": name, "was": was });
                    return Err(Plan::default().changes("set", config.path(), more).end());
                }
                config.save()?;
                let row = Row::of(&name, profile, true);
                Ok(ctx.out.settled(&row, &PROFILE, "profile-used", &[("name", &name)])?)
            }
            Command::Remove { name, rehearse } => {
                if !rehearse.rehearse {
                    ctx.out.expects(&PROFILE)?;
                }
                let config = ctx.config()?;
                let profile = config.profile(&name).unwrap_or_default();
                if !config.remove_profile(&name) {
                    return Err(unknown(&name));
                }
                if rehearse.rehearse {
                    let more = json!({ "profile": Row::of(&name, profile, false) });
                    return Err(Plan::default().changes("remove", config.path(), more).end());
                }
                config.save()?;
                // As it was before it was removed.
                let row = Row::of(&name, profile, false);
                Ok(ctx.out.settled(&row, &PROFILE, "profile-removed", &[("name", &name)])?)
            }
        }
    }
}

fn unknown(name: &str) -> Failure {
    Failure::told(Exit::NotFound, "no_profile", "profile-unknown", &[("name", name)])
}
