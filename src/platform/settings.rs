//! How a platform is opened.

use std::num::NonZeroU32;
use std::path::PathBuf;

use metrics_exporter_prometheus::PrometheusHandle;

use super::clock::Clock;
use super::gateways::Gateways;

/// How to open a platform.
#[derive(Clone, Default)]
pub struct Settings {
    /// Where the database and the files are, unless told otherwise. Created, for its owner alone, where absent.
    pub data_dir: PathBuf,
    /// `sqlite:PATH`; by default `appeal.db` in the data directory.
    pub database: Option<String>,
    /// Where uploaded files are kept; by default `files` beside the database.
    pub files: Option<PathBuf>,
    /// Whether a database that has no data yet gets people anybody may sign in as. True only for the embedded
    /// platform: a server never has an account that is open to all.
    pub local_people: bool,
    /// How messages leave it.
    pub gateways: Gateways,
    /// The clock.
    pub clock: Clock,
    /// Most requests that a person may make in a minute; none for as many as they like.
    pub rate_limit: Option<NonZeroU32>,
    /// Where the process counts what happens, so that `/metrics` can tell it.
    pub metrics: Option<PrometheusHandle>,
}
