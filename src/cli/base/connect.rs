//! Chooses the platform and connects to it. The only file that knows both transports.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use url::Url;

use crate::cli::base::exit::Exit;
use crate::cli::base::failure::Failure;
use crate::cli::base::globals::{self, Globals, Platform};
use crate::config::{Config, credentials, paths};
use crate::output::{Notes, Output};
use appeal_client::http::HttpTransport;
use appeal_client::{Client, Direction, Observer, Retries, Transport};
use appeal_i18n::{Message, message};

/// Default person on the local platform.
pub const LOCAL_APPLICANT: &str = "applicant";

/// A chosen platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The embedded platform.
    Local {
        /// Its data directory.
        data_dir: PathBuf,
        /// Its database, if it is not in the data directory.
        database: Option<String>,
        /// Login of the person.
        login: String,
    },
    /// A platform at a URL.
    Url {
        /// The URL.
        url: Url,
        /// Token file, if given.
        token_file: Option<PathBuf>,
    },
}

impl Place {
    /// The flags that select this platform from any directory.
    pub fn platform(&self) -> Platform {
        let absolute = |path: &PathBuf| std::path::absolute(path).unwrap_or_else(|_| path.clone());
        match self {
            Place::Local { data_dir, database, login } => Platform {
                server: Some("local".to_owned()),
                as_: Some(login.clone()),
                data_dir: Some(absolute(data_dir)),
                database: database.as_deref().map(without_password),
                token_file: None,
            },
            Place::Url { url, token_file } => Platform {
                server: Some(without_password(url.as_str())),
                token_file: token_file.as_ref().map(absolute),
                ..Platform::default()
            },
        }
    }
}

/// Returns the URL without a password, so that it can be stored.
fn without_password(url: &str) -> String {
    match Url::parse(url) {
        Ok(mut url) if url.password().is_some() => {
            // A URL with a password can also be without one, so this does not fail.
            let _ = url.set_password(None);
            url.into()
        }
        _ => url.to_owned(),
    }
}

fn given(value: &Option<String>) -> Option<&str> {
    value.as_deref().filter(|v| !v.is_empty())
}

/// Chooses the platform: `--server`, else `--profile`, else the default profile. Environment variables stand for their
/// flags. An appeal is never filed on a platform that the user did not name.
///
/// # Errors
/// None is chosen, or the profile is unknown (exit 10); flags contradict each other (exit 2).
pub fn choose(globals: &Globals, config: &Config) -> Result<Place, Failure> {
    let broken = |message: Message| Failure::from_message(Exit::Setup, "config", message);
    let profile = match (given(&globals.server), given(&globals.profile)) {
        // An explicit server needs no profile; a profile given together with it still provides its settings.
        (_, Some(name)) => match config.profile(name) {
            Some(profile) => Some((name.to_owned(), profile)),
            None => {
                let origin = globals::origin("--profile", "APPEAL_PROFILE", name);
                return Err(broken(message!("failure-no-profile", origin, name)));
            }
        },
        (Some(_), None) => None,
        (None, None) => match config.default_profile() {
            Some(name) => match config.profile(&name) {
                Some(profile) => Some((name, profile)),
                None => {
                    return Err(broken(message!("failure-no-profile", origin = "default_profile", name)));
                }
            },
            None => None,
        },
    };
    let (server, from_flag) = match (given(&globals.server), &profile) {
        (Some(server), _) => (server.to_owned(), true),
        (None, Some((name, profile))) => match &profile.server {
            Some(server) => (server.clone(), false),
            None => return Err(broken(message!("failure-profile-server", name))),
        },
        (None, None) => {
            return Err(Failure::from_message(Exit::Setup, "no_platform", message!("failure-no-platform")));
        }
    };
    // A profile's settings apply only to its own server.
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
            .ok_or_else(|| broken(message!("failure-no-home")))?;
        let login = globals.as_.clone().or(profile.as_).unwrap_or_else(|| LOCAL_APPLICANT.to_owned());
        return Ok(Place::Local { data_dir, database: globals.database.clone(), login });
    }
    let url =
        Url::parse(&server).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    let Some(url) = url else {
        return Err(if from_flag {
            let origin = globals::origin("--server", "APPEAL_SERVER", &server);
            Failure::usage_message(origin, message!("failure-bad-server", server))
        } else {
            broken(message!("failure-bad-server", server))
        });
    };
    if globals.as_.is_some() {
        return Err(Failure::usage_message("--as", message!("failure-as-url")));
    }
    if globals.database.is_some() {
        return Err(Failure::usage_message("--database", message!("failure-database-url")));
    }
    let url = without_version(url);
    // The flag comes before APPEAL_TOKEN, and the file of the profile after it.
    let of_profile = profile.token_file.filter(|_| !credentials::in_environment());
    Ok(Place::Url { url, token_file: globals.token_file.clone().or(of_profile) })
}

/// Returns the URL of a platform whose URL was given with the path of its API, as its description shows it.
fn without_version(mut url: Url) -> Url {
    if let Some(prefix) = url.path().trim_end_matches('/').strip_suffix("/v1") {
        let prefix = prefix.to_owned();
        url.set_path(&prefix);
    }
    url
}

/// Connects to the platform.
///
/// # Errors
/// The data directory cannot be used, a token file cannot be read or is open to others (exit 10).
pub async fn connect(place: &Place, globals: &Globals, out: &mut Output) -> Result<Client, Failure> {
    let (transport, token) = match place {
        Place::Local { data_dir, database, login } => {
            out.detail(1, &format!("local: {} ({login})", data_dir.display()));
            embedded::open(data_dir.clone(), database.clone(), login, &out.notes()).await?
        }
        Place::Url { url, token_file } => remote(url, token_file.as_deref(), out)?,
    };
    Ok(client_over(transport, token, globals, out))
}

/// Returns a client of a server and its address, for signing in and out. It sends the token that `token` finds for the
/// address, if any.
///
/// # Errors
/// The embedded platform was chosen, which has no sign-in (exit 2).
pub fn server(
    place: Place,
    globals: &Globals,
    out: &mut Output,
    token: impl FnOnce(&Url) -> Option<SecretString>,
) -> Result<(Client, Url), Failure> {
    match place {
        Place::Local { .. } => Err(Failure::usage_message("--server", message!("login-local"))),
        Place::Url { url, .. } => {
            let transport = over_http(&url, out)?;
            let token = token(&url);
            Ok((client_over(transport, token, globals, out), url))
        }
    }
}

fn client_over(
    transport: Arc<dyn Transport>,
    token: Option<SecretString>,
    globals: &Globals,
    out: &Output,
) -> Client {
    let observer = StderrObserver { place: transport.place().to_owned(), notes: out.notes() };
    let usual = Retries::default();
    let retries = Retries { for_at_most: globals.retry_for.unwrap_or(usual.for_at_most), ..usual };
    Client::new(transport, token, out.lang()).with_observer(Arc::new(observer)).with_retries(retries)
}

type Way = (Arc<dyn Transport>, Option<SecretString>);

fn remote(url: &Url, token_file: Option<&Path>, out: &mut Output) -> Result<Way, Failure> {
    let transport = over_http(url, out)?;
    let token = credentials::token(url, token_file)?;
    if let Some((path, mode)) = token_file.and_then(|path| Some((path, credentials::open_to_others(path)?))) {
        let (path, mode) = (path.display().to_string(), format!("{mode:o}"));
        out.notes().note(message!("warning-token-loose", path, mode));
    }
    Ok((transport, token))
}

fn over_http(url: &Url, out: &mut Output) -> Result<Arc<dyn Transport>, Failure> {
    let transport = HttpTransport::new(url).map_err(|error| {
        let (message, hint) = error.describe(out.lang());
        Failure { hint: Some(hint).filter(|h| !h.is_empty()), ..Failure::new(Exit::Setup, "config", message) }
    })?;
    if transport.insecure() {
        out.warn(message!("warning-plain-http", place = transport.place()));
    }
    out.detail(1, transport.place());
    Ok(Arc::new(transport))
}

/// Restores a backup into the database at this URL; returns its description and where existing data was moved.
///
/// # Errors
/// The database has data or is in use by a platform (exit 6); the file is damaged or not a backup (exit 3).
pub async fn restore(
    archive: &Path,
    url: &str,
    force: bool,
    now: jiff::Timestamp,
) -> Result<(appeal_files::backup::Manifest, Option<PathBuf>), Failure> {
    embedded::restore(archive, url, force, now).await
}

/// Checks whether a backup may be restored into the database at this URL.
///
/// # Errors
/// It has data that may not be replaced (exit 6); it is not a database that a backup can be restored into (exit 3).
pub fn may_restore(url: &str, force: bool) -> Result<bool, Failure> {
    embedded::may_restore(url, force)
}

/// Verifies a backup; returns its description and the findings.
///
/// # Errors
/// The file cannot be read or is not a backup (exit 3).
pub async fn verify_backup(
    archive: &Path,
) -> Result<(appeal_files::backup::Manifest, appeal_api::Integrity), Failure> {
    embedded::verify_backup(archive).await
}

/// Number of attempts between two notes about an outage: about ten minutes at the longest delays.
const ATTEMPTS_BETWEEN_NOTES: u32 = 50;

/// Prints the exchange of the client on stderr.
struct StderrObserver {
    place: String,
    notes: Notes,
}

impl Observer for StderrObserver {
    fn retrying(&self, attempt: u32, wait: Duration, why: &str) {
        self.notes.detail(1, &format!("{why} ({attempt}), {:.1} s", wait.as_secs_f64()));
        // A single failed attempt needs no note. A short outage gets one, a long one gets one every few minutes.
        if attempt == 3 || attempt > 3 && attempt.is_multiple_of(ATTEMPTS_BETWEEN_NOTES) {
            self.notes.note(message!("failure-trying-again", place = self.place, why));
        }
    }

    fn exchange(&self, method: &reqwest::Method, path: &str, status: u16) {
        self.notes.detail(1, &format!("{method} {path} -> {status}"));
    }

    fn headers(&self, direction: Direction, line: &str, headers: &[(String, String)]) {
        let sign = match direction {
            Direction::Sent => '>',
            Direction::Received => '<',
        };
        self.notes.detail(2, &format!("{sign} {line}"));
        for (name, value) in headers {
            self.notes.detail(2, &format!("{sign} {name}: {value}"));
        }
    }
}

#[cfg(feature = "platform")]
mod embedded {
    //! The platform in this process: a request goes to its router, and no socket is involved.

    use std::sync::atomic::{AtomicBool, Ordering};

    use async_trait::async_trait;
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    use super::super::gateways::GatewayArgs;
    use super::*;
    use appeal_client::transport::BoxError;
    use appeal_client::{RequestBody, ResponseBody, TransportError};
    use appeal_platform::restore::{self as restoring, RestoreError};
    use appeal_platform::{Gateways, OpenError, Platform, Reach, Settings};

    /// A transport to the platform in this process.
    struct RouterTransport {
        router: axum::Router,
        platform: Platform,
        /// A change may have queued messages.
        changed: AtomicBool,
    }

    // Not inside the async function, because the conversion of boxed errors is not general enough for its lifetimes.
    fn into_body(body: RequestBody) -> axum::body::Body {
        axum::body::Body::new(body)
    }

    #[async_trait]
    impl Transport for RouterTransport {
        async fn send(
            &self,
            request: http::Request<RequestBody>,
        ) -> Result<http::Response<ResponseBody>, TransportError> {
            let reads = matches!(*request.method(), http::Method::GET | http::Method::HEAD);
            // The router never fails: every failure is a response.
            let response = match self.router.clone().oneshot(request.map(into_body)).await {
                Ok(response) => response,
                Err(never) => match never {},
            };
            if !reads && response.status().is_success() {
                self.changed.store(true, Ordering::Relaxed);
                // The user waits for the one-time code.
                if let Err(fault) = self.platform.deliver(true).await {
                    tracing::warn!(error = %fault, "a code is not delivered");
                }
            }
            Ok(response.map(|body| body.map_err(|error| Box::new(error) as BoxError).boxed_unsync()))
        }

        fn place(&self) -> &str {
            "local"
        }

        async fn finish(&self) {
            // Messages that cannot be delivered now are delivered by a later command.
            if self.changed.swap(false, Ordering::Relaxed)
                && let Err(fault) = self.platform.deliver(false).await
            {
                tracing::warn!(error = %fault, "messages are not delivered");
            }
            self.platform.close().await;
        }
    }

    /// The gateways for messages, from the environment as for a server. By default, a platform in its own data
    /// directory writes messages to files there; with a separate database, its server delivers them.
    fn gateways(data_dir: &Path, database: Option<&str>) -> Result<Gateways, Failure> {
        let gateways = GatewayArgs::of_environment().gateways()?;
        Ok(match database {
            // Its users can connect to every address anyway.
            None => Gateways { webhooks: Reach::Everywhere, ..gateways.or_files(&data_dir.join("outbox")) },
            Some(_) => gateways,
        })
    }

    /// Opens the data and signs in as this person.
    pub async fn open(
        data_dir: PathBuf,
        database: Option<String>,
        login: &str,
        notes: &Notes,
    ) -> Result<Way, Failure> {
        let place = database.clone().unwrap_or_else(|| data_dir.display().to_string());
        let unusable = |error: OpenError| {
            Failure::from_message(Exit::Setup, "data_dir", message!("failure-data-dir", path = place, error))
        };
        // A separate database is that of a server: it has no people as whom anyone may sign in, and a mistyped path must
        // not create another one.
        let separate = database.is_some();
        let settings = Settings {
            gateways: gateways(&data_dir, database.as_deref())?,
            data_dir,
            database,
            existing: separate,
            local_people: !separate,
            ..Settings::default()
        };
        let platform = Platform::open(settings).await.map_err(unusable)?;
        let token = platform.local_session(login).await.map_err(|error| match error {
            OpenError::Login { .. } => {
                Failure::from_message(Exit::Denied, "no_such_person", message!("failure-person", error))
            }
            other => unusable(other),
        })?;
        // No other process runs the jobs of an embedded platform between two commands. A failed job is run again by the
        // next command and does not fail this one.
        let ran = match platform.run_due().await {
            Ok(ran) => ran,
            Err(fault) => {
                notes.detail(1, &fault.to_string());
                false
            }
        };
        let transport =
            RouterTransport { router: platform.router(), platform, changed: AtomicBool::new(ran) };
        Ok((Arc::new(transport), Some(SecretString::from(token))))
    }

    /// Restores a backup.
    pub async fn restore(
        archive: &Path,
        url: &str,
        force: bool,
        now: jiff::Timestamp,
    ) -> Result<(appeal_files::backup::Manifest, Option<PathBuf>), Failure> {
        let restored = restoring::restore(archive, url, force, now).await.map_err(unrestored)?;
        Ok((restored.manifest, restored.aside))
    }

    /// Returns whether the database has data.
    pub fn may_restore(url: &str, force: bool) -> Result<bool, Failure> {
        let (database, occupied) = restoring::occupied(url).map_err(unrestored)?;
        if occupied && !force { Err(unrestored(RestoreError::Occupied(database))) } else { Ok(occupied) }
    }

    /// Checks a backup.
    pub async fn verify_backup(
        archive: &Path,
    ) -> Result<(appeal_files::backup::Manifest, appeal_api::Integrity), Failure> {
        restoring::verify(archive).await.map_err(unrestored)
    }

    fn unrestored(error: RestoreError) -> Failure {
        let (exit, code, message) = match &error {
            RestoreError::Occupied(_) => {
                (Exit::Conflict, "occupied", message!("admin-restore-occupied", error))
            }
            RestoreError::InUse(_) => (Exit::Conflict, "in_use", message!("admin-restore-in-use", error)),
            RestoreError::Unfit(_) => (Exit::Invalid, "unfit", message!("admin-restore-unfit", error)),
            RestoreError::Damaged(_) => (Exit::Invalid, "damaged", message!("admin-restore-damaged")),
            RestoreError::Io { .. } | RestoreError::Database(_) => {
                (Exit::Failed, "io", message!("failure-io", error))
            }
        };
        let mut failure = Failure::from_message(exit, code, message);
        if let RestoreError::Damaged(integrity) = &error {
            failure.details =
                integrity.problems.iter().map(|p| serde_json::json!({ "problem": p })).collect();
            failure.hint = Some(integrity.problems.join("\n"));
        }
        failure
    }
}

#[cfg(not(feature = "platform"))]
mod embedded {
    //! Stubs of a build without the platform.

    use super::*;

    /// Always fails: this build has no platform.
    pub async fn open(_: PathBuf, _: Option<String>, _: &str, _: &Notes) -> Result<Way, Failure> {
        Err(lacking())
    }

    /// Always fails: this build has no platform.
    pub async fn restore(
        _: &Path,
        _: &str,
        _: bool,
        _: jiff::Timestamp,
    ) -> Result<(appeal_files::backup::Manifest, Option<PathBuf>), Failure> {
        Err(lacking())
    }

    /// Always fails: this build has no platform.
    pub async fn verify_backup(
        _: &Path,
    ) -> Result<(appeal_files::backup::Manifest, appeal_api::Integrity), Failure> {
        Err(lacking())
    }

    /// Always fails: this build has no platform.
    pub fn may_restore(_: &str, _: bool) -> Result<bool, Failure> {
        Err(lacking())
    }

    fn lacking() -> Failure {
        Failure::from_message(Exit::Setup, "no_platform", message!("failure-not-built-in"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str) -> (tempfile::TempDir, Config) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("config.toml");
        std::fs::write(&path, text).unwrap();
        let config = Config::load(&path).unwrap();
        (dir, config)
    }

    const FILE: &str = "default_profile = \"home\"\n[profiles.home]\nserver = \"local\"\ndata_dir = \"/d\"\nas = \"operator\"\n\
        [profiles.work]\nserver = \"https://work.example\"\ntoken_file = \"/t\"\n[profiles.empty]\nlang = \"ru\"\n";

    fn globals(server: Option<&str>, profile: Option<&str>) -> Globals {
        Globals {
            server: server.map(str::to_owned),
            profile: profile.map(str::to_owned),
            ..Globals::default()
        }
    }

    fn url(text: &str, token_file: Option<&str>) -> Place {
        Place::Url { url: text.parse().unwrap(), token_file: token_file.map(PathBuf::from) }
    }

    #[test]
    fn the_flag_goes_before_the_profile_and_the_profile_before_the_default() {
        let (_dir, config) = config(FILE);
        let local = Place::Local { data_dir: "/d".into(), database: None, login: "operator".into() };
        assert_eq!(choose(&globals(None, None), &config).unwrap(), local);
        assert_eq!(
            choose(&globals(None, Some("work")), &config).unwrap(),
            url("https://work.example", Some("/t"))
        );
        // A profile's token is not sent to another server.
        assert_eq!(
            choose(&globals(Some("http://x.example"), Some("work")), &config).unwrap(),
            url("http://x.example", None)
        );
    }

    #[test]
    fn the_path_of_the_api_is_no_part_of_the_url() {
        let (_dir, config) = config("");
        for given in ["https://x.example/v1", "https://x.example/v1/", "https://x.example"] {
            assert_eq!(choose(&globals(Some(given), None), &config).unwrap(), url("https://x.example", None));
        }
        let nested = choose(&globals(Some("https://x.example/a/v1"), None), &config).unwrap();
        assert_eq!(nested, url("https://x.example/a", None));
    }

    #[test]
    fn local_acts_as_the_applicant_unless_told_otherwise() {
        let (_dir, config) = config("");
        let mut flags = Globals { data_dir: Some("/x".into()), ..globals(Some("local"), None) };
        let place = |login: &str| Place::Local { data_dir: "/x".into(), database: None, login: login.into() };
        assert_eq!(choose(&flags, &config).unwrap(), place("applicant"));
        flags.as_ = Some("supervisor".into());
        assert_eq!(choose(&flags, &config).unwrap(), place("supervisor"));
    }

    #[test]
    fn what_cannot_be_chosen_is_refused() {
        let (_dir, filled) = config(FILE);
        let (_dir2, empty) = config("");
        let exit = |globals: Globals, config: &Config| choose(&globals, config).unwrap_err().exit;
        assert_eq!(exit(globals(None, None), &empty), Exit::Setup);
        assert_eq!(exit(globals(Some(""), Some("")), &empty), Exit::Setup);
        assert_eq!(exit(globals(None, Some("none")), &filled), Exit::Setup);
        assert_eq!(exit(globals(None, Some("empty")), &filled), Exit::Setup);
        assert_eq!(exit(globals(Some("ftp://x"), None), &empty), Exit::Usage);
        assert_eq!(exit(globals(Some("locale"), None), &empty), Exit::Usage);
        let as_operator = Globals { as_: Some("operator".into()), ..globals(Some("http://x"), None) };
        assert_eq!(exit(as_operator, &empty), Exit::Usage);
        let database = Globals { database: Some("sqlite:x".into()), ..globals(Some("http://x"), None) };
        assert_eq!(exit(database, &empty), Exit::Usage);
    }
}
