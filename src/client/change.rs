//! Requests that change something: each can be sent, or only checked by the platform in a dry run.

use std::future::IntoFuture;

use ::http::Method;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::retry::{Call, Payload};
use super::{Client, Error, Result};
use appeal_api::{ApiFinding, DryRunResult, IDEMPOTENCY_KEY, Similar};

/// A JSON request that is ready to be sent.
#[derive(Debug, Clone)]
pub(crate) struct Prepared {
    method: Method,
    path: String,
    headers: Vec<(String, String)>,
    body: Option<Bytes>,
}

impl Prepared {
    pub(crate) fn new(
        method: Method,
        path: &str,
        body: Option<&impl Serialize>,
        headers: &[(&str, &str)],
    ) -> Result<Self> {
        let body = body.map(serde_json::to_vec).transpose().map_err(|e| Error::Protocol(e.to_string()))?;
        Ok(Self {
            method,
            path: path.to_owned(),
            headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            body: body.map(Bytes::from),
        })
    }

    pub(crate) fn call(&self) -> Result<Call> {
        self.call_to(self.path.clone())
    }

    fn call_to(&self, path: String) -> Result<Call> {
        let mut call = Call::new(self.method.clone(), path);
        for (name, value) in &self.headers {
            call = call.header(name, value)?;
        }
        Ok(match &self.body {
            Some(body) => {
                call.header("content-type", "application/json")?.payload(Payload::Bytes(body.clone()))
            }
            None => call,
        })
    }
}

/// A request that the platform checked in a dry run.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedRequest {
    /// The method.
    pub method: Method,
    /// The path.
    pub path: String,
    /// Headers that affect the result: `idempotency-key`, `if-match`.
    pub headers: Vec<(String, String)>,
    /// The body; `null` if there is none.
    pub request: Value,
    /// Findings of the platform. With an error among them, the platform would refuse the request.
    pub findings: Vec<ApiFinding>,
    /// Similar undecided appeals of the same person.
    pub similar: Vec<Similar>,
}

type SendBy<T> = Box<dyn FnOnce(Client, Prepared) -> BoxFuture<'static, Result<T>> + Send>;

/// A change not made yet: awaiting it sends the request; [`Change::dry_run`] only checks it.
#[must_use = "a change is made when it is awaited"]
pub struct Change<T> {
    client: Client,
    request: Result<Prepared>,
    send_by: SendBy<T>,
}

impl<T: DeserializeOwned + Send + 'static> Change<T> {
    fn new(client: &Client, request: Result<Prepared>) -> Self {
        let send_by: SendBy<T> =
            Box::new(|client, request| Box::pin(async move { client.send(&request).await.0 }));
        Self { client: client.clone(), request, send_by }
    }

    /// Sends the same request with a custom function, for changes that can detect from the appeal itself whether an
    /// attempt with a lost response took effect.
    pub(crate) fn sent_by(
        self,
        send: impl FnOnce(Client, Prepared) -> BoxFuture<'static, Result<T>> + Send + 'static,
    ) -> Self {
        Self { send_by: Box::new(send), ..self }
    }

    /// Has the platform check the request without changing anything. Findings that would make the platform refuse the
    /// request are part of the result; any other refusal is an error.
    ///
    /// # Errors
    /// The platform cannot be reached, or refuses for a reason other than a finding.
    pub async fn dry_run(self) -> Result<CheckedRequest> {
        let request = self.request?;
        let mark = if request.path.contains('?') { '&' } else { '?' };
        let call = request.call_to(format!("{}{mark}dry_run=true", request.path))?.harmless();
        let (findings, similar) = match self.client.json::<DryRunResult>(&call).await.0 {
            Ok(run) => (run.findings, run.similar),
            Err(Error::Problem(problem)) if problem.status == 422 && !problem.errors.is_empty() => {
                (problem.errors, Vec::new())
            }
            Err(error) => return Err(error),
        };
        let Prepared { method, path, headers, body } = request;
        let request = body.and_then(|body| serde_json::from_slice(&body).ok()).unwrap_or(Value::Null);
        Ok(CheckedRequest { method, path, headers, request, findings, similar })
    }
}

impl<T: Send + 'static> IntoFuture for Change<T> {
    type Output = Result<T>;
    type IntoFuture = BoxFuture<'static, Result<T>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { (self.send_by)(self.client, self.request?).await })
    }
}

impl Client {
    /// A POST with an idempotency key, so that it can be retried.
    pub fn post<T: DeserializeOwned + Send + 'static>(
        &self,
        path: &str,
        body: &impl Serialize,
        key: &str,
    ) -> Change<T> {
        self.prepare(Method::POST, path, Some(body), &[(IDEMPOTENCY_KEY, key)])
    }

    /// A change with a JSON response.
    pub fn prepare<T: DeserializeOwned + Send + 'static>(
        &self,
        method: Method,
        path: &str,
        body: Option<&impl Serialize>,
        headers: &[(&str, &str)],
    ) -> Change<T> {
        Change::new(self, Prepared::new(method, path, body, headers))
    }

    /// Sends a request. The flag tells whether an earlier attempt with a lost response may have taken effect.
    pub(crate) async fn send<T: DeserializeOwned + Send>(&self, request: &Prepared) -> (Result<T>, bool) {
        match request.call() {
            Ok(call) => self.json(&call).await,
            Err(error) => (Err(error), false),
        }
    }
}
