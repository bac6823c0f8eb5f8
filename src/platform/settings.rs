//! Settings for opening a platform.

use std::num::NonZeroU32;
use std::path::PathBuf;

use ipnet::IpNet;

use super::clock::Clock;
use super::gateways::Gateways;
use super::metrics::Metrics;

/// Settings for opening a platform.
#[derive(Clone, Default)]
pub struct Settings {
    /// Directory of the database and the files, unless set otherwise. Created, readable by its owner only, if it does
    /// not exist.
    pub data_dir: PathBuf,
    /// `sqlite:PATH`; by default `appeal.db` in the data directory.
    pub database: Option<String>,
    /// Whether the database must exist, rather than be created.
    pub existing: bool,
    /// Directory of uploaded files; by default `files` next to the database.
    pub files: Option<PathBuf>,
    /// Whether to add people as whom anyone may sign in to a new database. True for the embedded platform only; a
    /// server never has accounts that are open to all.
    pub local_people: bool,
    /// Gateways for outgoing messages.
    pub gateways: Gateways,
    /// The clock.
    pub clock: Clock,
    /// Maximum number of requests per person and minute; `None` for no limit.
    pub rate_limit: Option<NonZeroU32>,
    /// Networks of proxies that pass the address of the client in `X-Forwarded-For`.
    pub proxies: Vec<IpNet>,
    /// Metrics to collect, for `/metrics`.
    pub metrics: Option<Metrics>,
}
