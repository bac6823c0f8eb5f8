//! Durations and points in time as values of flags.

use std::time::Duration;

use crate::cli::base::failure::lang;
use appeal_domain::When;
use appeal_domain::when::{Outside, Span};
use appeal_i18n::t;

/// Reads `90s`, `15m`, `2h`, `3d`, `2w` or `1h30m`.
///
/// # Errors
/// It has another form: no unit, a fraction, or it is too long.
pub fn duration(text: &str) -> Result<Duration, String> {
    let span = Span::read(text.trim()).and_then(|span| u64::try_from(span.seconds).ok());
    span.map(Duration::from_secs).ok_or_else(|| t!(lang(), "value-duration", value = text.trim()))
}

/// Parses a point in time; the value parser of `--since`, `--until`, `--due`.
///
/// # Errors
/// The text matches none of the forms.
pub fn when(text: &str) -> Result<When, String> {
    When::read(text).ok_or_else(|| t!(lang(), "value-when", value = text.trim()))
}

/// What to say of a time that the calendar does not have.
pub fn outside(_: Outside) -> String {
    t!(lang(), "value-when-outside")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read() {
        for (text, seconds) in [
            ("90s", 90),
            ("15m", 900),
            ("2h", 7200),
            ("3d", 259_200),
            ("2w", 1_209_600),
            ("1h30m", 5400),
            ("0s", 0),
        ] {
            assert_eq!(duration(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for text in
            ["", "5", "s", "1.5h", "-5m", "+5m", "5 m", "м", "5М", "99999999999999999999d", "99999999d"]
        {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
