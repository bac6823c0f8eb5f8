//! The columns of a profile.

use crate::cli::base::{Exit, Failure};
use crate::config::Profile;
use crate::output::{Cell, Column, Shape};
use appeal_i18n::message;

/// A profile.
pub const PROFILE: Shape = Shape {
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
    key: "name",
};

#[derive(serde::Serialize)]
pub struct Row {
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
    pub fn of(name: &str, profile: Profile, default: bool) -> Self {
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

/// The failure for a profile that does not exist.
pub fn unknown(name: &str) -> Failure {
    Failure::from_message(Exit::NotFound, "no_profile", message!("profile-unknown", name))
}
