//! Metrics of a server for a monitoring system. In an embedded platform, no recorder is installed, and recording costs
//! nothing.

use std::time::Duration;

use metrics::{Unit, describe_counter, describe_gauge, describe_histogram, histogram};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

/// Answered requests, by `method`, `route` and `status`.
pub const REQUESTS: &str = "http_requests_total";
/// Seconds to the first byte of the response, by `method` and `route`.
pub const DURATION: &str = "http_request_duration_seconds";
/// Requests without a response yet.
pub const IN_FLIGHT: &str = "http_requests_in_flight";
/// Appeals by `status`, including drafts.
pub const APPEALS: &str = "appeal_appeals";
/// Messages waiting for delivery.
pub const MESSAGES: &str = "appeal_messages_waiting";
/// Changes of appeals since the platform was created.
pub const CHANGES: &str = "appeal_changes_total";
const COMMITTED: &str = "appeal_commit_use_cases";
const COMMIT_SECONDS: &str = "appeal_commit_duration_seconds";

/// Bucket bounds of durations, in seconds.
const SECONDS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0];
/// Bucket bounds of use cases per commit.
const USE_CASES: [f64; 8] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0];

/// Installs a recorder for the whole process.
///
/// # Errors
/// A recorder is already installed.
pub fn start() -> Result<PrometheusHandle, BuildError> {
    let handle = PrometheusBuilder::new()
        .set_buckets(&SECONDS)?
        .set_buckets_for_metric(Matcher::Full(COMMITTED.to_owned()), &USE_CASES)?
        .install_recorder()?;
    describe_counter!(REQUESTS, "Requests that were answered");
    describe_histogram!(DURATION, Unit::Seconds, "Time to the first byte of the answer");
    describe_gauge!(IN_FLIGHT, "Requests without an answer yet");
    describe_gauge!(APPEALS, "Appeals by status, drafts included");
    describe_gauge!(MESSAGES, "Messages that wait to be delivered");
    describe_counter!(CHANGES, "Changes of appeals since the platform was set up");
    describe_histogram!(COMMITTED, "Use cases in one commit");
    describe_histogram!(COMMIT_SECONDS, Unit::Seconds, "Time of a commit, its use cases included");
    Ok(handle)
}

/// Records a commit of this many use cases.
pub fn committed(use_cases: usize, took: Duration) {
    histogram!(COMMITTED).record(f64::from(u32::try_from(use_cases).unwrap_or(u32::MAX)));
    histogram!(COMMIT_SECONDS).record(took);
}
