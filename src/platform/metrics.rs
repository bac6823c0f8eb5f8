//! Metrics of a server for a monitoring system. An embedded platform collects none.

use std::time::Duration;

use appeal_domain::Status;
use prometheus::core::Collector;
use prometheus::proto::MetricFamily;
use prometheus::{
    Error, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts,
    Registry, TextEncoder,
};

/// Bucket bounds of durations, in seconds.
const SECONDS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0];
/// Bucket bounds of use cases per commit.
const USE_CASES: [f64; 8] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0];

/// The metrics that a platform collects while it runs. Clones share the same values.
#[derive(Clone)]
pub struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    durations: HistogramVec,
    in_flight: IntGauge,
    commit_use_cases: Histogram,
    commit_durations: Histogram,
}

impl Metrics {
    /// Creates metrics without values.
    ///
    /// # Errors
    /// A name is invalid or used twice.
    pub fn new() -> Result<Self, Error> {
        let registry = Registry::new();
        let durations = |name, help| HistogramOpts::new(name, help).buckets(SECONDS.to_vec());
        Ok(Self {
            requests: registered(
                &registry,
                IntCounterVec::new(
                    Opts::new("http_requests_total", "Requests that were answered"),
                    &["method", "route", "status"],
                ),
            )?,
            durations: registered(
                &registry,
                HistogramVec::new(
                    durations("http_request_duration_seconds", "Time to the first byte of the response"),
                    &["method", "route"],
                ),
            )?,
            in_flight: registered(
                &registry,
                IntGauge::new("http_requests_in_flight", "Requests without a response yet"),
            )?,
            commit_use_cases: registered(
                &registry,
                Histogram::with_opts(
                    HistogramOpts::new("appeal_commit_use_cases", "Use cases in one commit")
                        .buckets(USE_CASES.to_vec()),
                ),
            )?,
            commit_durations: registered(
                &registry,
                Histogram::with_opts(durations(
                    "appeal_commit_duration_seconds",
                    "Time of a commit, including its use cases",
                )),
            )?,
            registry,
        })
    }

    /// Counts a request as in flight until the guard is dropped, even if its client disconnects.
    pub fn begin_request(&self) -> InFlight {
        self.in_flight.inc();
        InFlight(self.in_flight.clone())
    }

    /// Records a response and the time to its first byte.
    pub fn answered(&self, method: &str, route: &str, status: u16, took: Duration) {
        self.durations.with_label_values(&[method, route]).observe(took.as_secs_f64());
        self.requests.with_label_values(&[method, route, &status.to_string()]).inc();
    }

    /// Records a commit of this many use cases.
    pub fn committed(&self, use_cases: usize, took: Duration) {
        self.commit_use_cases.observe(f64::from(u32::try_from(use_cases).unwrap_or(u32::MAX)));
        self.commit_durations.observe(took.as_secs_f64());
    }

    /// Returns all metrics in the text format of Prometheus, together with those that are read from the database.
    ///
    /// # Errors
    /// A metric cannot be encoded.
    pub fn render(&self, tally: &Tally) -> Result<String, Error> {
        let mut families = self.registry.gather();
        families.extend(tally.families()?);
        TextEncoder::new().encode_to_string(&families)
    }
}

fn registered<C: Collector + Clone + 'static>(
    registry: &Registry,
    collector: Result<C, Error>,
) -> Result<C, Error> {
    let collector = collector?;
    registry.register(Box::new(collector.clone()))?;
    Ok(collector)
}

/// A request in flight.
pub struct InFlight(IntGauge);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// Numbers that are read from the database for each response.
pub struct Tally {
    /// Appeals of every status, including drafts.
    pub appeals: Vec<(Status, i64)>,
    /// Messages waiting for delivery.
    pub messages: i64,
    /// Changes of appeals since the platform was created.
    pub changes: u64,
}

impl Tally {
    fn families(&self) -> Result<Vec<MetricFamily>, Error> {
        let appeals = IntGaugeVec::new(
            Opts::new("appeal_appeals", "Appeals by status, including drafts"),
            &["status"],
        )?;
        for (status, number) in &self.appeals {
            appeals.with_label_values(&[status.as_str()]).set(*number);
        }
        let messages = IntGauge::new("appeal_messages_waiting", "Messages waiting for delivery")?;
        messages.set(self.messages);
        let changes =
            IntCounter::new("appeal_changes_total", "Changes of appeals since the platform was created")?;
        changes.inc_by(self.changes);
        Ok([appeals.collect(), messages.collect(), changes.collect()].concat())
    }
}
