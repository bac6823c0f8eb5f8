//! Paths of requests: escaped segments and query strings.

use super::{Error, Result};

/// Returns the path of an appeal, or of a part of it: `comments`, `attachments/<id>`.
pub fn path(number: &str, rest: &str) -> String {
    let number = percent_encoding::utf8_percent_encode(number, percent_encoding::NON_ALPHANUMERIC)
        .to_string()
        .replace("%2D", "-");
    if rest.is_empty() { format!("/v1/appeals/{number}") } else { format!("/v1/appeals/{number}/{rest}") }
}

/// Escapes a value for use as a path segment.
pub fn encode(segment: &str) -> String {
    percent_encoding::utf8_percent_encode(segment, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// Appends the parameters of `query` that have a value to a path.
pub fn with_query(path: &str, query: &impl serde::Serialize) -> Result<String> {
    let value = serde_json::to_value(query).map_err(|e| Error::Protocol(e.to_string()))?;
    let mut out = url::form_urlencoded::Serializer::new(String::new());
    if let serde_json::Value::Object(map) = value {
        for (name, value) in map {
            match value {
                serde_json::Value::Null => {}
                serde_json::Value::String(text) => {
                    out.append_pair(&name, &text);
                }
                other => {
                    out.append_pair(&name, &other.to_string());
                }
            }
        }
    }
    let encoded = out.finish();
    Ok(if encoded.is_empty() { path.to_owned() } else { format!("{path}?{encoded}") })
}
