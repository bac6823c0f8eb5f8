//! `appeal config`: the config file.

mod path;
mod set;
mod setting;
mod show;
mod unset;

group! {
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

    /// Show every setting, or one
    Show(show::Args),
    /// Set a setting
    Set(set::Args),
    /// Remove a setting
    Unset(unset::Args),
    /// Print where the config file is
    Path(path::Args),
}
