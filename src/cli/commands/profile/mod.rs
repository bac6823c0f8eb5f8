//! `appeal profile`: profiles of the config file.

mod list;
mod remove;
mod row;
mod select;

group! {
    #[command(after_long_help = "Examples, where the first setting makes the profile:
  appeal config set profiles.work.server https://appeals.example
  appeal profile use work")]

    /// List the profiles
    List(list::Args),
    /// Make a profile the default
    Use(select::Args),
    /// Remove a profile
    Remove(remove::Args),
}
