//! The result of `--dry-run`: the requests that a command would send, the files that it would upload first, and what it
//! would write on this machine. Secrets are masked.

use std::collections::BTreeMap;
use std::path::Path;

use reqwest::Method;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::output::{Cell, Column, Shape};
use appeal_api::{ApiFinding, Similar};
use appeal_client::CheckedRequest;
use appeal_files::Checked;

/// A request that would be sent.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Request {
    method: String,
    path: String,
    /// The headers that affect the request: `Idempotency-Key`, `If-Match`, and a `Content-Type` that was chosen.
    headers: BTreeMap<String, String>,
    /// The body: JSON, or text if it is not JSON; `null` if there is no body.
    request: Value,
}

/// A file that would be uploaded before the first request, as `PUT /v1/uploads/SHA256`, unless the platform has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Upload {
    name: String,
    size: u64,
    sha256: String,
    /// Its path on this machine.
    path: String,
}

impl From<&Checked> for Upload {
    fn from(file: &Checked) -> Self {
        let path = std::path::absolute(&file.path).unwrap_or_else(|_| file.path.clone());
        Upload {
            name: file.name.clone(),
            size: file.size,
            sha256: file.sha256.clone(),
            path: path.to_string_lossy().into_owned(),
        }
    }
}

/// What a command would do.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DryRun {
    requests: Vec<Request>,
    uploads: Vec<Upload>,
    /// Changes on this machine: objects with `action` and `path`.
    changes: Vec<Value>,
    findings: Vec<ApiFinding>,
    similar: Vec<Similar>,
}

/// The table of a dry run: a row for each step.
pub const STEPS: Shape = Shape {
    columns: &[
        Column::new("method", Cell::Text),
        Column::new("path", Cell::Text),
        Column::new("request", Cell::Text),
    ],
    more: &[Column::new("headers", Cell::Text)],
    key: "path",
};

/// Fields of requests that are secret.
const SECRETS: [&str; 8] =
    ["password", "old", "new", "code", "push_secret", "secret", "token", "challenge_secret"];

/// Masks the secrets in a request, as `-vv` does.
fn mask(request: &mut Value) {
    let Some(fields) = request.as_object_mut() else { return };
    for (name, value) in fields {
        if SECRETS.contains(&name.as_str()) && value.is_string() {
            *value = "***".into();
        }
    }
}

/// Returns the usual spelling of a header: `Idempotency-Key`.
fn title(name: &str) -> String {
    let parts = name.split('-').map(|part| {
        let (first, rest) = part.split_at_checked(1).unwrap_or((part, ""));
        first.to_ascii_uppercase() + &rest.to_ascii_lowercase()
    });
    parts.collect::<Vec<_>>().join("-")
}

impl From<CheckedRequest> for DryRun {
    fn from(checked: CheckedRequest) -> Self {
        let CheckedRequest { method, path, headers, request, findings, similar } = checked;
        let headers: Vec<(&str, &str)> =
            headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        DryRun::default().request(&method, &path, &headers, request).finds(findings, similar)
    }
}

impl DryRun {
    /// The findings of a command that was refused before its requests were known.
    pub fn refused(findings: Vec<ApiFinding>) -> Self {
        DryRun { findings, ..DryRun::default() }
    }

    /// Adds a request.
    pub fn request(
        mut self,
        method: &Method,
        path: &str,
        headers: &[(&str, &str)],
        mut request: Value,
    ) -> Self {
        mask(&mut request);
        self.requests.push(Request {
            method: method.to_string(),
            path: path.to_owned(),
            headers: headers.iter().map(|(name, value)| (title(name), (*value).to_owned())).collect(),
            request,
        });
        self
    }

    /// Adds a request with a JSON body and default headers.
    pub fn sends(self, method: &Method, path: &str, request: &impl Serialize) -> Self {
        let request = serde_json::to_value(request).unwrap_or_default();
        self.request(method, path, &[], request)
    }

    /// Adds files that would be uploaded first.
    pub fn uploads<'a>(self, files: impl IntoIterator<Item = &'a Checked>) -> Self {
        self.with_uploads(files.into_iter().map(Upload::from))
    }

    /// Adds files that were noted.
    pub fn with_uploads(mut self, files: impl IntoIterator<Item = Upload>) -> Self {
        self.uploads.extend(files);
        self
    }

    /// Adds a change on this machine; `more` has additional members.
    pub fn changes(mut self, action: &str, path: &Path, more: Value) -> Self {
        let mut change = Map::new();
        change.insert("action".into(), action.into());
        change.insert("path".into(), path.to_string_lossy().into());
        if let Value::Object(more) = more {
            change.extend(more);
        }
        self.changes.push(Value::Object(change));
        self
    }

    /// Adds findings.
    pub fn finds(mut self, findings: Vec<ApiFinding>, similar: Vec<Similar>) -> Self {
        self.findings = findings;
        self.similar = similar;
        self
    }

    /// Returns the JSON: the members of the first request, and further requests in `then`.
    pub fn to_json(&self) -> Value {
        let first = self.requests.first();
        let mut value = json!({
            "dry_run": true,
            "method": first.map(|request| &request.method),
            "path": first.map(|request| &request.path),
            "headers": first.map(|request| &request.headers),
            "request": first.map_or(&Value::Null, |request| &request.request),
            "uploads": self.uploads,
            "then": self.requests.get(1..).unwrap_or_default(),
            "changes": self.changes,
            "findings": self.findings,
        });
        if !self.similar.is_empty() {
            value["similar"] = serde_json::to_value(&self.similar).unwrap_or_default();
        }
        value
    }

    /// Returns similar undecided appeals.
    pub fn similar(&self) -> &[Similar] {
        &self.similar
    }

    /// Returns the findings.
    pub fn findings(&self) -> &[ApiFinding] {
        &self.findings
    }

    /// Returns the steps as rows, in order.
    pub fn rows(&self) -> Vec<Value> {
        let uploads = self.uploads.iter().map(|file| {
            let request = json!({ "name": file.name, "size": file.size });
            let path = format!("/v1/uploads/{}", file.sha256);
            json!({ "method": "PUT", "path": path, "request": request.to_string(), "headers": "" })
        });
        let text = |value: &Value| match value {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let requests = self.requests.iter().map(|sent| {
            let headers: Vec<String> =
                sent.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
            json!({
                "method": sent.method, "path": sent.path, "request": text(&sent.request),
                "headers": headers.join(", "),
            })
        });
        let changes = self.changes.iter().map(|change| {
            let mut more = change.clone();
            if let Some(more) = more.as_object_mut() {
                more.remove("action");
                more.remove("path");
            }
            let more = if more.as_object().is_some_and(Map::is_empty) { Value::Null } else { more };
            json!({ "method": change["action"], "path": change["path"], "request": text(&more), "headers": "" })
        });
        uploads.chain(requests).chain(changes).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_shown() {
        let body = json!({ "login": "petrova", "password": "hunter2", "code": "123456", "old": null });
        let run = DryRun::default().sends(&Method::POST, "/v1/sign-in", &body);
        let json = run.to_json().to_string();
        assert!(!json.contains("hunter2") && !json.contains("123456"), "{json}");
        assert_eq!(run.requests[0].request["old"], Value::Null);
    }

    #[test]
    fn one_request_is_the_whole_and_more_follow() {
        let run = DryRun::default()
            .request(&Method::POST, "/a", &[("idempotency-key", "k")], json!({}))
            .sends(&Method::PUT, "/b", &json!({}))
            .changes("write", Path::new("/c"), json!({ "key": "v" }));
        let json = run.to_json();
        assert_eq!((&json["path"], &json["headers"]["Idempotency-Key"]), (&json!("/a"), &json!("k")));
        assert_eq!((&json["then"][0]["path"], &json["changes"][0]["key"]), (&json!("/b"), &json!("v")));
        let paths: Vec<String> =
            run.rows().iter().map(|row| row["path"].as_str().unwrap_or_default().to_owned()).collect();
        assert_eq!(paths, ["/a", "/b", "/c"]);
    }
}
