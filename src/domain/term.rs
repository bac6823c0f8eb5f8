//! Durations in the units of deadlines.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A duration in a unit of deadlines. As text: `12wh`, `30wm`, `5wd`, `30d`, `24h`, `5m`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Term {
    /// Working hours.
    WorkingHours(u32),
    /// Working minutes.
    WorkingMinutes(u32),
    /// Working days.
    WorkingDays(u32),
    /// Calendar days.
    CalendarDays(u32),
    /// Hours around the clock.
    Hours(u32),
    /// Minutes around the clock.
    Minutes(u32),
}

impl Term {
    const fn parts(self) -> (u32, &'static str) {
        match self {
            Term::WorkingHours(n) => (n, "wh"),
            Term::WorkingMinutes(n) => (n, "wm"),
            Term::WorkingDays(n) => (n, "wd"),
            Term::CalendarDays(n) => (n, "d"),
            Term::Hours(n) => (n, "h"),
            Term::Minutes(n) => (n, "m"),
        }
    }

    /// Returns the number of units.
    pub const fn count(self) -> u32 {
        self.parts().0
    }

    /// Returns the suffix of the unit: `wh`, `wm`, `wd`, `d`, `h`, `m`.
    pub const fn unit(self) -> &'static str {
        self.parts().1
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}{}", self.count(), self.unit()))
    }
}

/// A text that is not a valid term.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a term; terms are a number from 1 and a unit: 12wh, 30wm, 5wd, 30d, 24h, 5m")]
pub struct TermError(pub String);

impl FromStr for Term {
    type Err = TermError;

    fn from_str(s: &str) -> Result<Self, TermError> {
        let wrong = || TermError(s.to_owned());
        let unit_at = s.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
        let (count, unit) = s.split_at(unit_at);
        let count: u32 = count.parse().map_err(|_| wrong())?;
        if count == 0 {
            return Err(wrong());
        }
        match unit {
            "wh" => Ok(Term::WorkingHours(count)),
            "wm" => Ok(Term::WorkingMinutes(count)),
            "wd" => Ok(Term::WorkingDays(count)),
            "d" => Ok(Term::CalendarDays(count)),
            "h" => Ok(Term::Hours(count)),
            "m" => Ok(Term::Minutes(count)),
            _ => Err(wrong()),
        }
    }
}

impl Serialize for Term {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Term {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
