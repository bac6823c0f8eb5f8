//! How the background tasks of a server are doing.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Time-driven work.
pub const JOBS: &str = "jobs";
/// Delivery of messages.
pub const DELIVERY: &str = "delivery";

/// Why tasks are failing.
#[derive(Default)]
pub struct Health(Mutex<BTreeMap<&'static str, String>>);

impl Health {
    /// Records how the last round of a task went.
    pub fn report<E: std::fmt::Display>(&self, task: &'static str, round: Result<(), E>) {
        let mut failing = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match round {
            Ok(()) => failing.remove(task),
            Err(error) => failing.insert(task, error.to_string()),
        };
    }

    /// Returns a task whose last round failed, and the reason.
    pub fn failing(&self) -> Option<(&'static str, String)> {
        let failing = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        failing.first_key_value().map(|(task, error)| (*task, error.clone()))
    }
}
