//! XDG directories, each of which an environment variable can override.

use std::path::PathBuf;

use etcetera::BaseStrategy;

fn named(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// The user's directories: XDG on every system but Windows.
fn base() -> Option<impl BaseStrategy> {
    etcetera::choose_base_strategy().ok()
}

/// The directory of the config file and the credentials.
pub fn config_dir() -> Option<PathBuf> {
    match named("APPEAL_CONFIG") {
        Some(file) => Some(file.parent().map_or_else(|| PathBuf::from("."), PathBuf::from)),
        None => base().map(|dirs| dirs.config_dir().join("appeal")),
    }
}

/// The config file: `APPEAL_CONFIG`, else `appeal/config.toml` in the XDG config directory.
pub fn config_file() -> Option<PathBuf> {
    named("APPEAL_CONFIG").or_else(|| config_dir().map(|dir| dir.join("config.toml")))
}

/// The data of the embedded platform: `appeal` in the XDG data directory.
pub fn data_dir() -> Option<PathBuf> {
    base().map(|dirs| dirs.data_dir().join("appeal"))
}

/// The credentials file, next to the config file.
pub fn credentials_file() -> Option<PathBuf> {
    config_dir().map(|dir| dir.join("credentials.toml"))
}

/// Data kept between runs that is not the user's own: `appeal` in the XDG state directory.
pub fn state_dir() -> Option<PathBuf> {
    base().map(|dirs| dirs.state_dir().unwrap_or_else(|| dirs.data_dir()).join("appeal"))
}

/// Data that may be deleted at any time: `appeal` in the XDG cache directory.
pub fn cache_dir() -> Option<PathBuf> {
    base().map(|dirs| dirs.cache_dir().join("appeal"))
}
