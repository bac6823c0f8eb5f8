//! The values of columns: raw for machines, in words for people.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::shape::Cell;
use crate::api::Titles;
use crate::domain::Status;
use crate::i18n::{self, Lang, t};

/// A JSON value as a field of a line.
pub fn raw(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) if items.iter().all(|i| !i.is_object() && !i.is_array()) => {
            items.iter().map(raw).collect::<Vec<_>>().join(",")
        }
        other => other.to_string(),
    }
}

/// A column's value for machines: codes, RFC 3339 in UTC, bytes.
pub fn raw_as(as_: Cell, value: &Value, lang: Lang) -> String {
    match (as_, value) {
        (Cell::Count, Value::Array(items)) => items.len().to_string(),
        (Cell::Title, _) => title(value, lang),
        (Cell::Error, Value::Object(error)) => error.get("message").map_or_else(|| raw(value), raw),
        _ => raw(value),
    }
}

fn title(value: &Value, lang: Lang) -> String {
    match serde_json::from_value::<Titles>(value.clone()) {
        Ok(titles) => lang.pick(&titles).to_owned(),
        Err(_) => raw(value),
    }
}

/// A column's value for people. Not yet made harmless.
pub fn shown(as_: Cell, value: &Value, lang: Lang, zone: &TimeZone) -> String {
    if value.is_null() {
        return String::new();
    }
    let text = value.as_str();
    match as_ {
        Cell::Time => text.and_then(|s| s.parse().ok()).map_or_else(|| raw(value), |at| time(at, zone)),
        Cell::Date => text.and_then(|s| s.parse().ok()).map_or_else(|| raw(value), |at| date(at, zone)),
        Cell::Status => text
            .and_then(|s| s.parse::<Status>().ok())
            .map_or_else(|| raw(value), |status| i18n::status_label(lang, status).to_owned()),
        Cell::Word(vocabulary) => text.map_or_else(|| raw(value), |word| i18n::label(lang, vocabulary, word)),
        Cell::Size => value.as_u64().map_or_else(|| raw(value), |bytes| size(bytes, lang)),
        Cell::Bool => match value.as_bool() {
            Some(true) => t(lang, "yes", &[]),
            Some(false) => t(lang, "no", &[]),
            None => raw(value),
        },
        Cell::Join => match value {
            Value::Array(items) => items.iter().map(raw).collect::<Vec<_>>().join(", "),
            _ => raw(value),
        },
        Cell::Text | Cell::Code | Cell::Count | Cell::Number | Cell::Title | Cell::Error => {
            raw_as(as_, value, lang)
        }
    }
}

/// A moment, local, to the minute.
pub fn time(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
}

/// A moment's date, local.
pub fn date(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%d").to_string()
}

/// A size in binary units, to a tenth.
pub fn size(bytes: u64, lang: Lang) -> String {
    let tenths = |unit: u64| {
        let tenths = (u128::from(bytes) * 10 + u128::from(unit) / 2) / u128::from(unit);
        let mark = if lang == Lang::Ru { ',' } else { '.' };
        if tenths.is_multiple_of(10) {
            (tenths / 10).to_string()
        } else {
            format!("{}{mark}{}", tenths / 10, tenths % 10)
        }
    };
    let (id, number) = match bytes {
        0..1024 => ("size-bytes", bytes.to_string()),
        1024..1_048_576 => ("size-kib", tenths(1024)),
        1_048_576..1_073_741_824 => ("size-mib", tenths(1_048_576)),
        _ => ("size-gib", tenths(1_073_741_824)),
    };
    t(lang, id, &[("number", &number)])
}
