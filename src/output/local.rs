//! The time zone of the reader.

use jiff::tz::TimeZone;

use appeal_domain::zones;

/// A value of `TZ` that names no time zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownTz(pub String);

/// Returns the time zone of this process: that of `TZ`, otherwise that of the system, otherwise UTC.
///
/// # Errors
/// `TZ` names no time zone. Showing UTC instead would make every time wrong.
pub fn zone() -> Result<TimeZone, UnknownTz> {
    match std::env::var("TZ") {
        Ok(value) if !value.is_empty() => of_variable(&value),
        _ => Ok(TimeZone::system()),
    }
}

/// A name is looked up in the built-in data first: it needs no files, and it is fast.
fn of_variable(value: &str) -> Result<TimeZone, UnknownTz> {
    let name = value.strip_prefix(':').unwrap_or(value);
    let name = name.rsplit_once("zoneinfo/").map_or(name, |(_, name)| name);
    zones::zone(name).or_else(|_| TimeZone::try_system()).map_err(|_| UnknownTz(value.to_owned()))
}
