//! Observation of the client: `-v` prints retries and requests, `-vv` also headers.

use std::time::Duration;

use reqwest::Method;
use reqwest::header::HeaderMap;

/// Direction of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// To the platform.
    Sent,
    /// From the platform.
    Received,
}

/// Receives events of the client. Every method has an empty default; none may block.
pub trait Observer: Send + Sync {
    /// Attempt number `attempt` (from 1) failed because of `why`; the next one follows after `wait`.
    fn retrying(&self, attempt: u32, wait: Duration, why: &str) {
        let _ = (attempt, wait, why);
    }

    /// A response with this status was received.
    fn exchange(&self, method: &Method, path: &str, status: u16) {
        let _ = (method, path, status);
    }

    /// The headers of a message as name and value, with secrets masked. `line` is its first line, such as `GET /v1/me`
    /// or `200 OK`.
    fn headers(&self, direction: Direction, line: &str, headers: &[(String, String)]) {
        let _ = (direction, line, headers);
    }
}

/// Ignores all events.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Observer for Silent {}

/// Headers whose values are secrets.
const SECRET: [&str; 6] =
    ["authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key", appeal_api::DEVICE];

/// Returns headers as text, with secrets as `***` and non-ASCII bytes as `?`.
pub fn masked(headers: &HeaderMap) -> Vec<(String, String)> {
    headers
        .iter()
        .map(|(name, value)| {
            let shown = if value.is_sensitive() || SECRET.contains(&name.as_str()) {
                "***".to_owned()
            } else {
                value
                    .as_bytes()
                    .iter()
                    .map(|b| if matches!(b, 0x20..=0x7e) { *b as char } else { '?' })
                    .collect()
            };
            (name.as_str().to_owned(), shown)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_masked() {
        let mut headers = HeaderMap::new();
        headers.insert("authorization", "Bearer abc".parse().unwrap());
        headers.insert("set-cookie", "session=abc".parse().unwrap());
        headers.insert("accept", "text/plain".parse().unwrap());
        let shown = masked(&headers);
        assert!(!format!("{shown:?}").contains("abc"));
        assert!(shown.contains(&("accept".to_owned(), "text/plain".to_owned())));
    }
}
