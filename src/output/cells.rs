//! The values of columns: raw for machines, in words for people.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::shape::Cell;
use appeal_api::Titles;
use appeal_domain::{Status, zones};
use appeal_i18n::{Lang, MessageId, message_id, t};

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
pub fn raw_as(cell: Cell, value: &Value, lang: Lang) -> String {
    match (cell, value) {
        (Cell::Count, Value::Array(items)) => items.len().to_string(),
        (Cell::Title, _) => title(value, lang),
        (Cell::Error, Value::Object(error)) => {
            reason(error).or_else(|| error.get("message").map(raw)).unwrap_or_else(|| raw(value))
        }
        _ => raw(value),
    }
}

/// Maximum number of findings of an error shown in a cell.
const REASONS: usize = 3;
/// Maximum number of characters of an error shown in a cell.
const REASON_CHARS: usize = 300;

/// The first findings of an error, on one line; `None` if it has none.
fn reason(error: &serde_json::Map<String, Value>) -> Option<String> {
    let findings: Vec<(&str, &str)> = error
        .get("details")?
        .as_array()?
        .iter()
        .filter(|finding| finding.get("severity").is_none_or(|severity| severity == "error"))
        .filter_map(|finding| Some((finding.get("field")?.as_str()?, finding.get("message")?.as_str()?)))
        .collect();
    let reasons = findings.iter().take(REASONS).map(|(field, message)| {
        let message = message.split_whitespace().collect::<Vec<_>>().join(" ");
        if field.is_empty() { message } else { format!("{field}: {message}") }
    });
    let mut text = reasons.collect::<Vec<_>>().join("; ");
    if text.chars().count() > REASON_CHARS {
        text = text.chars().take(REASON_CHARS - 1).chain(['…']).collect();
    }
    if findings.len() > REASONS {
        text.push_str(&format!(" (+{})", findings.len() - REASONS));
    }
    Some(text).filter(|text| !text.is_empty())
}

fn title(value: &Value, lang: Lang) -> String {
    match serde_json::from_value::<Titles>(value.clone()) {
        Ok(titles) => lang.pick(&titles).to_owned(),
        Err(_) => raw(value),
    }
}

/// The time zones of a value: the reader's, and that of the item's deadlines.
#[derive(Debug, Clone)]
pub struct Zones {
    pub here: TimeZone,
    pub there: TimeZone,
}

impl Zones {
    /// The zones of an item; an item that names no zone known here is shown in the reader's.
    pub fn of(item: &Value, here: &TimeZone) -> Zones {
        let name = ["time_zone", "zone"].iter().find_map(|key| item.get(key)?.as_str());
        Zones::named(name, here)
    }

    /// The zones of an item whose deadlines are counted in the zone of this name.
    pub fn named(name: Option<&str>, here: &TimeZone) -> Zones {
        let there = name.and_then(|name| zones::zone(name).ok()).unwrap_or_else(|| here.clone());
        Zones { here: here.clone(), there }
    }

    /// The end of a term: in the zone in which it was counted, which is named unless the reader's clock is the same.
    pub fn due(&self, at: Timestamp) -> String {
        if self.there.to_offset(at) == self.here.to_offset(at) {
            zones::due(at, &self.there)
        } else {
            zones::due_in(at, &self.there)
        }
    }
}

/// A column's value for people. Control characters are not escaped yet.
pub fn shown(cell: Cell, value: &Value, lang: Lang, zones: &Zones) -> String {
    if value.is_null() {
        return String::new();
    }
    if let Value::Array(items) = value
        && !matches!(cell, Cell::Count | Cell::Join | Cell::Text | Cell::Code | Cell::Title)
    {
        // A path through a list: each element as it would be shown alone.
        return items.iter().map(|item| shown(cell, item, lang, zones)).collect::<Vec<_>>().join(", ");
    }
    let text = value.as_str();
    match cell {
        Cell::Time => moment(text).map_or_else(|| raw(value), |at| time(at, &zones.here)),
        Cell::Date => moment(text).map_or_else(|| raw(value), |at| date(at, &zones.here)),
        Cell::Due => moment(text).map_or_else(|| raw(value), |at| zones.due(at)),
        Cell::DueDate => {
            moment(text).map_or_else(|| raw(value), |at| zones::due_on(at, &zones.there).to_string())
        }
        Cell::Status => text
            .and_then(|s| s.parse::<Status>().ok())
            .map_or_else(|| raw(value), |status| appeal_i18n::status_label(lang, status).to_owned()),
        Cell::Word(vocabulary) => {
            text.map_or_else(|| raw(value), |word| appeal_i18n::label(lang, vocabulary, word))
        }
        Cell::Size => value.as_u64().map_or_else(|| raw(value), |bytes| size(bytes, lang)),
        Cell::Duration => value.as_u64().map_or_else(|| raw(value), |seconds| duration(seconds, lang)),
        Cell::Share => value.as_f64().map_or_else(|| raw(value), |share| percent(share, lang)),
        Cell::Mean => value.as_f64().map_or_else(|| raw(value), |mean| tenths(mean, lang)),
        Cell::Bool => match value.as_bool() {
            Some(true) => t!(lang, "yes"),
            Some(false) => t!(lang, "no"),
            None => raw(value),
        },
        Cell::Join => match value {
            Value::Array(items) => items.iter().map(raw).collect::<Vec<_>>().join(", "),
            _ => raw(value),
        },
        Cell::Text | Cell::Code | Cell::Count | Cell::Number | Cell::Title | Cell::Error => {
            raw_as(cell, value, lang)
        }
    }
}

fn moment(text: Option<&str>) -> Option<Timestamp> {
    text?.parse().ok()
}

/// A moment, local, to the minute.
pub fn time(at: Timestamp, zone: &TimeZone) -> String {
    zones::moment(at, zone)
}

/// A moment's date, local.
pub fn date(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).date().to_string()
}

/// A duration in its two largest units, as `2 d 4 h`; no-break spaces keep it on one line.
pub fn duration(seconds: u64, lang: Lang) -> String {
    const UNITS: [(MessageId, u64); 4] = [
        (message_id!("unit-day"), 86_400),
        (message_id!("unit-hour"), 3600),
        (message_id!("unit-minute"), 60),
        (message_id!("unit-second"), 1),
    ];
    let first = UNITS.iter().position(|(_, length)| seconds >= *length).unwrap_or(UNITS.len() - 1);
    let mut rest = seconds;
    let mut parts = Vec::new();
    for (id, length) in UNITS.iter().skip(first).take(2) {
        let count = rest / length;
        rest %= length;
        if count > 0 || parts.is_empty() {
            parts.push(format!("{count}\u{a0}{}", id.with(&[]).text(lang)));
        }
    }
    parts.join("\u{a0}")
}

/// A share in whole percent.
pub fn percent(share: f64, lang: Lang) -> String {
    let space = if lang == Lang::Ru { "\u{a0}" } else { "" };
    format!("{:.0}{space}%", share * 100.0)
}

/// A number to a tenth.
pub fn tenths(number: f64, lang: Lang) -> String {
    let text = format!("{number:.1}");
    if lang == Lang::Ru { text.replace('.', ",") } else { text }
}

/// A whole number with its thousands apart.
pub fn thousands(number: u64, lang: Lang) -> String {
    let digits = number.to_string();
    let gap = if lang == Lang::Ru { '\u{a0}' } else { ',' };
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        // Russian typography leaves four digits together.
        if place > 0 && (digits.len() - place).is_multiple_of(3) && (digits.len() > 4 || lang == Lang::En) {
            text.push(gap);
        }
        text.push(digit);
    }
    text
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
    match bytes {
        0..1024 => t!(lang, "size-bytes", number = bytes),
        1024..1_048_576 => t!(lang, "size-kib", number = tenths(1024)),
        1_048_576..1_073_741_824 => t!(lang, "size-mib", number = tenths(1_048_576)),
        _ => t!(lang, "size-gib", number = tenths(1_073_741_824)),
    }
}
