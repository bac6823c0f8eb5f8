//! A trial run of anything that changes something: the platform checks the request and keeps nothing of it.

use reqwest::Method;
use serde::Serialize;
use serde_json::Value;

use super::{Client, Error, Result, json_call};
use appeal_api::{ApiFinding, TrialRun};

/// What would have been sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Rehearsal {
    /// The method.
    pub method: Method,
    /// The path.
    pub path: String,
    /// The headers that decide on what happens: `idempotency-key`, `if-match`.
    pub headers: Vec<(String, String)>,
    /// The body; `null` where there is none.
    pub request: Value,
    /// What the platform found. Where one is an error, it would refuse.
    pub findings: Vec<ApiFinding>,
}

impl Client {
    /// The same client, that changes nothing: whatever would, ends in [`Error::Rehearsed`] after the platform has
    /// checked it. Files are not sent: they were checked here, and the platform judges their names.
    pub fn rehearsing(mut self) -> Self {
        self.rehearses = true;
        self
    }

    /// Whether a call with this method is only tried.
    pub(super) fn only_tries(&self, method: &Method, path: &str) -> bool {
        self.rehearses
            && [Method::POST, Method::PUT, Method::PATCH, Method::DELETE].contains(method)
            && !path.contains("dry_run=")
    }

    /// Has the platform check a call.
    pub(super) async fn rehearse(
        &self,
        method: Method,
        path: &str,
        body: Option<&impl Serialize>,
        headers: &[(&str, &str)],
    ) -> Error {
        let outcome: Result<TrialRun> = async {
            let mark = if path.contains('?') { '&' } else { '?' };
            let call = json_call(method.clone(), &format!("{path}{mark}dry_run=true"), body, headers)?;
            self.json(&call).await.0
        }
        .await;
        let findings = match outcome {
            Ok(trial) => trial.findings,
            // What is wrong with it is the answer that was asked for.
            Err(Error::Problem(problem)) if problem.status == 422 && !problem.errors.is_empty() => {
                problem.errors
            }
            Err(error) => return error,
        };
        Error::Rehearsed(Box::new(Rehearsal {
            method,
            path: path.to_owned(),
            headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            request: body.and_then(|body| serde_json::to_value(body).ok()).unwrap_or(Value::Null),
            findings,
        }))
    }
}
