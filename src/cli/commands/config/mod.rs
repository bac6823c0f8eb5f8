//! `appeal config`: the config file.

mod path;
mod set;
mod setting;
mod show;
mod unset;

group! {
    #[command(after_long_help = "Settings:
  default_profile                 the profile used by default
  profiles.NAME.server            a URL, or local
  profiles.NAME.token_file        file with the access token
  profiles.NAME.data_dir          data directory of the local platform
  profiles.NAME.as                user of the local platform
  profiles.NAME.output            table, json, jsonl, csv or plain
  profiles.NAME.lang              auto, en or ru
  profiles.NAME.color             auto, always or never

Examples:
  appeal config set profiles.work.server https://appeals.example
  appeal config set default_profile work")]

    /// Show all settings, or one
    Show(show::Args),
    /// Change a setting
    Set(set::Args),
    /// Remove a setting
    Unset(unset::Args),
    /// Print the path of the config file
    Path(path::Args),
}
