//! What counts as blank in a row. A table cannot leave a cell out, so a blank cell means that there is no value; JSON
//! follows the same rule. The keys of rows depend on it: a wider or narrower rule gives other keys, and rows that were
//! filed would be filed again.

use serde_json::Value;

/// Empty, or white space alone: spaces, tabs, no-break spaces and everything else that Unicode calls white space.
pub fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

/// A value that means "no value": null, or a blank text.
pub fn is_absent(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => is_blank(text),
        _ => false,
    }
}
