//! Which platform, and how to reach it: the one file that joins the two transports.

use std::path::PathBuf;
use std::sync::Arc;

use secrecy::SecretString;
use url::Url;

use super::context::Context;
use super::exit::Exit;
use super::failure::Failure;
use super::globals::Globals;
use crate::client::{Client, Transport};
use crate::config::{Config, credentials, paths};
use crate::i18n::t;

/// The person that `local` acts as unless `--as` says otherwise.
pub const LOCAL_APPLICANT: &str = "applicant";

/// A platform that was chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The embedded one.
    Local {
        /// Where its data is.
        data_dir: PathBuf,
        /// A database elsewhere.
        database: Option<String>,
        /// Login of the person.
        login: String,
    },
    /// One at a URL.
    Url {
        /// Where.
        url: Url,
        /// File with the token, when one is named.
        token_file: Option<PathBuf>,
    },
}

fn given(value: &Option<String>) -> Option<&str> {
    value.as_deref().filter(|v| !v.is_empty())
}

/// Chooses the platform: `--server`, else `--profile`, else the default profile (an environment variable stands for
/// its flag). An appeal is never filed in a place that the user did not name.
///
/// # Errors
/// None is chosen, an unknown profile (exit 10); flags that do not go together (exit 2).
pub fn choose(globals: &Globals, config: &Config) -> Result<Place, Failure> {
    let broken = |id: &str, args: &[(&str, &str)]| Failure::told(Exit::Setup, "config", id, args);
    let profile = match (given(&globals.server), given(&globals.profile)) {
        // A server that is named needs no profile; one that is named beside it still lends its settings.
        (_, Some(name)) => match config.profile(name) {
            Some(profile) => Some((name.to_owned(), profile)),
            None => return Err(broken("failure-no-profile", &[("name", name)])),
        },
        (Some(_), None) => None,
        (None, None) => match config.default_profile() {
            Some(name) => match config.profile(&name) {
                Some(profile) => Some((name, profile)),
                None => return Err(broken("failure-no-profile", &[("name", &name)])),
            },
            None => None,
        },
    };
    let (server, from_flag) = match (given(&globals.server), &profile) {
        (Some(server), _) => (server.to_owned(), true),
        (None, Some((name, profile))) => match &profile.server {
            Some(server) => (server.clone(), false),
            None => return Err(broken("failure-profile-server", &[("name", name)])),
        },
        (None, None) => return Err(Failure::told(Exit::Setup, "no_platform", "failure-no-platform", &[])),
    };
    // The settings of a profile belong to its own server alone.
    let profile = profile
        .map(|(_, profile)| profile)
        .filter(|profile| profile.server.as_deref() == Some(server.as_str()))
        .unwrap_or_default();
    if server == "local" {
        let data_dir = globals
            .data_dir
            .clone()
            .filter(|dir| !dir.as_os_str().is_empty())
            .or(profile.data_dir)
            .or_else(paths::data_dir)
            .ok_or_else(|| broken("failure-no-home", &[]))?;
        let login = globals.as_.clone().or(profile.as_).unwrap_or_else(|| LOCAL_APPLICANT.to_owned());
        return Ok(Place::Local { data_dir, database: globals.database.clone(), login });
    }
    let url =
        Url::parse(&server).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    let Some(url) = url else {
        return Err(if from_flag {
            Failure::usage(
                "--server",
                t(super::failure::lang(), "failure-bad-server", &[("server", &server)]),
            )
        } else {
            broken("failure-bad-server", &[("server", &server)])
        });
    };
    if globals.as_.is_some() {
        return Err(Failure::usage("--as", t(super::failure::lang(), "failure-as-url", &[])));
    }
    if globals.database.is_some() {
        return Err(Failure::usage("--database", t(super::failure::lang(), "failure-database-url", &[])));
    }
    Ok(Place::Url { url, token_file: globals.token_file.clone().or(profile.token_file) })
}

/// Opens the way to the platform.
///
/// # Errors
/// The data directory cannot be used, a token file cannot be read or is open to others (exit 10).
pub async fn connect(place: &Place, ctx: &mut Context) -> Result<Client, Failure> {
    let (transport, token) = match place {
        Place::Local { data_dir, database, login } => {
            local(data_dir.clone(), database.clone(), login).await?
        }
        Place::Url { url, token_file } => remote(url, token_file.as_deref(), ctx)?,
    };
    Ok(Client::new(transport, token, ctx.lang))
}

type Way = (Arc<dyn Transport>, Option<SecretString>);

async fn local(_data_dir: PathBuf, _database: Option<String>, _login: &str) -> Result<Way, Failure> {
    Err(Failure::told(Exit::Setup, "no_platform", "failure-not-built-in", &[]))
}

fn remote(url: &Url, token_file: Option<&std::path::Path>, ctx: &mut Context) -> Result<Way, Failure> {
    let _token = credentials::token(url, token_file)?;
    let _ = ctx;
    Err(Failure::told(Exit::Setup, "no_platform", "failure-not-built-in", &[]))
}
