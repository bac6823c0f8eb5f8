//! Numbers of appeals, `YYYY-DDDDDDDDDD-C` (F9): the year, ten random digits, and a Damm check digit over all fourteen,
//! so that a mistyped number can be distinguished from an unknown one. Ids of drafts are `D-` and eight letters of
//! Crockford's base 32. Randomness is an argument.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The weakly totally anti-symmetric quasigroup of order ten from H. M. Damm's thesis (2004). It detects every wrong
/// digit and every transposition of adjacent digits.
const DAMM: [[u8; 10]; 10] = [
    [0, 3, 1, 7, 5, 9, 8, 6, 4, 2],
    [7, 0, 9, 2, 1, 5, 4, 8, 6, 3],
    [4, 2, 0, 6, 8, 7, 1, 3, 5, 9],
    [1, 7, 5, 0, 9, 8, 3, 4, 2, 6],
    [6, 1, 2, 3, 0, 4, 5, 9, 7, 8],
    [3, 6, 7, 4, 2, 0, 9, 5, 8, 1],
    [5, 8, 6, 9, 7, 2, 0, 1, 3, 4],
    [8, 9, 4, 5, 3, 6, 2, 0, 1, 7],
    [9, 4, 3, 8, 6, 1, 7, 2, 0, 5],
    [2, 5, 8, 1, 4, 3, 6, 7, 9, 0],
];

/// Returns the Damm digit over digits `0..=9`; 0 for digits that include their own check digit.
fn damm(digits: impl IntoIterator<Item = u8>) -> u8 {
    digits.into_iter().fold(0, |interim, digit| DAMM[usize::from(interim)][usize::from(digit % 10)])
}

/// Number of serial numbers per year.
const SERIALS: u64 = 10_000_000_000;

/// The number of a filed appeal. Ordered by year, then by serial number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AppealNumber {
    year: u16,
    serial: u64,
}

impl AppealNumber {
    /// Creates a number from the year and ten digits; only the last decimal place of each digit is used.
    pub fn new(year: u16, digits: [u8; 10]) -> Self {
        let serial = digits.iter().fold(0, |serial, digit| serial * 10 + u64::from(digit % 10));
        Self::from_parts(year, serial)
    }

    /// Creates a number from the year and a random serial. Only the last four digits of the year and the last ten of
    /// the serial are used, so any `u64` is valid.
    pub const fn from_parts(year: u16, serial: u64) -> Self {
        Self { year: year % 10_000, serial: serial % SERIALS }
    }

    /// Returns the year of filing.
    pub const fn year(self) -> u16 {
        self.year
    }

    /// Returns the ten random digits as a number.
    pub const fn serial(self) -> u64 {
        self.serial
    }

    /// Returns the check digit.
    pub fn check_digit(self) -> u8 {
        damm(format!("{:04}{:010}", self.year, self.serial).bytes().map(|b| b - b'0'))
    }

    /// Builds a number from fifteen digits, the last of which is the check digit.
    fn from_digits(digits: &[u8], given: &str) -> Result<Self, NumberError> {
        if digits.len() != 15 {
            return Err(NumberError::Malformed { given: given.to_owned() });
        }
        if damm(digits.iter().copied()) != 0 {
            return Err(NumberError::Mistyped { given: given.to_owned() });
        }
        let value = |part: &[u8]| part.iter().fold(0u64, |n, d| n * 10 + u64::from(*d));
        // Four digits fit into `u16`.
        Ok(Self { year: value(&digits[..4]) as u16, serial: value(&digits[4..14]) })
    }
}

impl fmt::Display for AppealNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{:04}-{:010}-{}", self.year, self.serial, self.check_digit()))
    }
}

/// An invalid number or draft id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// Does not look like a number.
    #[error(
        "'{given}' is not the number of an appeal: those look like 2026-0123456789-3, drafts like D-0123ABCD"
    )]
    Malformed {
        /// The text as typed.
        given: String,
    },
    /// Looks like a number, but the check digit does not match: a digit is wrong or two are swapped.
    #[error("'{given}' is mistyped: its check digit does not fit the other digits")]
    Mistyped {
        /// The text as typed.
        given: String,
    },
}

impl NumberError {
    /// Returns the stable code of the finding.
    pub const fn code(&self) -> &'static str {
        match self {
            NumberError::Malformed { .. } => "number-malformed",
            NumberError::Mistyped { .. } => "number-mistyped",
        }
    }

    /// Returns the text as typed.
    pub fn given(&self) -> &str {
        match self {
            NumberError::Malformed { given } | NumberError::Mistyped { given } => given,
        }
    }
}

impl FromStr for AppealNumber {
    type Err = NumberError;

    /// Parses the exact form `YYYY-DDDDDDDDDD-C`. For a number typed by hand use [`AppealRef`].
    fn from_str(s: &str) -> Result<Self, NumberError> {
        let shaped = s.len() == 17
            && s.bytes()
                .enumerate()
                .all(|(n, b)| if n == 4 || n == 15 { b == b'-' } else { b.is_ascii_digit() });
        if !shaped {
            return Err(NumberError::Malformed { given: s.to_owned() });
        }
        let digits: Vec<u8> = s.bytes().filter(u8::is_ascii_digit).map(|b| b - b'0').collect();
        Self::from_digits(&digits, s)
    }
}

/// Crockford's base 32: no I, L, O or U.
const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Number of bits in a draft id.
const DRAFT_BITS: u32 = 40;

/// The id of a draft: `D-` and eight letters of Crockford's base 32.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DraftId(u64);

impl DraftId {
    /// Creates an id from forty random bits; higher bits are dropped.
    pub const fn from_bits(bits: u64) -> Self {
        Self(bits & ((1 << DRAFT_BITS) - 1))
    }

    /// Returns the forty bits.
    pub const fn bits(self) -> u64 {
        self.0
    }
}

impl fmt::Display for DraftId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::from("D-");
        for n in (0..8).rev() {
            text.push(char::from(CROCKFORD[(self.0 >> (n * 5) & 31) as usize]));
        }
        f.pad(&text)
    }
}

impl FromStr for DraftId {
    type Err = NumberError;

    /// Case-insensitive; as Crockford specifies, `O` is read as 0, `I` and `L` as 1.
    fn from_str(s: &str) -> Result<Self, NumberError> {
        let malformed = || NumberError::Malformed { given: s.to_owned() };
        let letters = s.strip_prefix("D-").or_else(|| s.strip_prefix("d-")).ok_or_else(malformed)?;
        if letters.len() != 8 {
            return Err(malformed());
        }
        let mut bits = 0u64;
        for letter in letters.bytes() {
            let letter = match letter.to_ascii_uppercase() {
                b'O' => b'0',
                b'I' | b'L' => b'1',
                other => other,
            };
            let value = CROCKFORD.iter().position(|c| *c == letter).ok_or_else(malformed)?;
            bits = bits << 5 | value as u64;
        }
        Ok(Self(bits))
    }
}

/// A reference to an appeal as typed: a filed appeal or a draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AppealRef {
    /// A filed appeal.
    Number(AppealNumber),
    /// A draft.
    Draft(DraftId),
}

impl fmt::Display for AppealRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AppealRef::Number(number) => number.fmt(f),
            AppealRef::Draft(id) => id.fmt(f),
        }
    }
}

impl FromStr for AppealRef {
    type Err = NumberError;

    /// Parses a number as typed. Tolerates surrounding spaces, a leading `№` or `#`, and missing hyphens or spaces or
    /// typographic dashes in their place; nothing else.
    fn from_str(s: &str) -> Result<Self, NumberError> {
        let trimmed = s.trim().trim_start_matches(['№', '#']).trim_start();
        if trimmed.starts_with(['D', 'd']) {
            return trimmed
                .replace(is_dash, "-")
                .parse()
                .map(AppealRef::Draft)
                .map_err(|_: NumberError| NumberError::Malformed { given: s.to_owned() });
        }
        let mut digits = Vec::with_capacity(15);
        for c in trimmed.chars() {
            match c.to_digit(10) {
                Some(digit) => digits.push(digit as u8),
                None if is_dash(c) || c == ' ' || c == '\u{a0}' => {}
                None => return Err(NumberError::Malformed { given: s.to_owned() }),
            }
        }
        AppealNumber::from_digits(&digits, s).map(AppealRef::Number)
    }
}

/// Hyphens, and the dashes that word processors replace them with.
fn is_dash(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

macro_rules! as_text {
    ($($name:ident),+) => { $(
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    )+ };
}

as_text!(AppealNumber, DraftId, AppealRef);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn mistyped(s: &str) -> bool {
        matches!(s.parse::<AppealRef>(), Err(NumberError::Mistyped { .. }))
    }

    #[test]
    fn the_check_digit_is_damms() {
        // A published example: 572 has the check digit 4.
        assert_eq!(damm([5, 7, 2]), 4);
        assert_eq!(damm([5, 7, 2, 4]), 0);
    }

    #[test]
    fn a_number_has_the_promised_form() {
        let number = AppealNumber::new(2026, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
        assert_eq!(number, AppealNumber::from_parts(2026, 123_456_789));
        let text = number.to_string();
        assert!(text.starts_with("2026-0123456789-"), "{text}");
        assert_eq!(text.len(), 17);
        assert_eq!(text.parse(), Ok(number));
        assert_eq!(serde_json::to_value(number).unwrap(), serde_json::json!(text));
    }

    #[test]
    fn a_number_is_read_as_people_type_it() {
        let number = AppealNumber::from_parts(2026, 9_876_543_210);
        let text = number.to_string();
        for typed in [
            text.clone(),
            format!("  {text}\n"),
            format!("№ {text}"),
            text.replace('-', ""),
            text.replace('-', " "),
            text.replace('-', "–"),
        ] {
            assert_eq!(typed.parse(), Ok(AppealRef::Number(number)), "{typed:?}");
        }
        assert!(text.replace('-', "").parse::<AppealNumber>().is_err(), "the exact form is exact");
    }

    #[test]
    fn malformed_and_mistyped_are_distinguished() {
        for malformed in
            ["", "2026", "2026-12345-1", "2026-01234567890-1", "abc", "D-123", "D-1234567U", "D-абвг"]
        {
            let error = malformed.parse::<AppealRef>().unwrap_err();
            assert!(matches!(error, NumberError::Malformed { .. }), "{malformed}");
            assert_eq!(error.given(), malformed);
        }
        let number = AppealNumber::from_parts(2026, 1);
        let wrong = format!("2026-0000000001-{}", (number.check_digit() + 1) % 10);
        assert!(mistyped(&wrong));
    }

    #[test]
    fn a_draft_is_read_in_any_case_and_with_lookalikes() {
        let id = DraftId::from_bits(1);
        assert_eq!(id.to_string(), "D-00000001");
        for typed in ["D-00000001", "d-0000000l", " D-OOOOOOOI ", "D–00000001"] {
            assert_eq!(typed.parse(), Ok(AppealRef::Draft(id)), "{typed}");
        }
    }

    proptest! {
        #[test]
        fn every_wrong_digit_is_detected(year in 0u16..10_000, serial in 0..SERIALS, place in 0usize..15, by in 1u8..10) {
            let mut digits: Vec<u8> =
                AppealNumber::from_parts(year, serial).to_string().bytes().filter(u8::is_ascii_digit).collect();
            digits[place] = b'0' + (digits[place] - b'0' + by) % 10;
            prop_assert!(mistyped(std::str::from_utf8(&digits).unwrap()));
        }

        #[test]
        fn every_swap_of_neighbours_is_detected(year in 0u16..10_000, serial in 0..SERIALS, place in 0usize..14) {
            let mut digits: Vec<u8> =
                AppealNumber::from_parts(year, serial).to_string().bytes().filter(u8::is_ascii_digit).collect();
            prop_assume!(digits[place] != digits[place + 1]);
            digits.swap(place, place + 1);
            prop_assert!(mistyped(std::str::from_utf8(&digits).unwrap()));
        }

        #[test]
        fn texts_come_back(year in 0u16..10_000, serial in any::<u64>(), bits in any::<u64>()) {
            let number = AppealNumber::from_parts(year, serial);
            prop_assert_eq!(number.to_string().parse(), Ok(number));
            let id = DraftId::from_bits(bits);
            prop_assert_eq!(id.to_string().parse(), Ok(id));
            prop_assert_eq!(id.to_string().to_lowercase().parse(), Ok(AppealRef::Draft(id)));
        }

        #[test]
        fn numbers_sort_as_their_texts_do(a in (0u16..10_000, 0..SERIALS), b in (0u16..10_000, 0..SERIALS)) {
            let (a, b) = (AppealNumber::from_parts(a.0, a.1), AppealNumber::from_parts(b.0, b.1));
            prop_assert_eq!(a.cmp(&b), a.to_string().cmp(&b.to_string()));
        }

        #[test]
        fn nothing_typed_panics(s in "\\PC{0,24}") {
            let _ = s.parse::<AppealRef>();
            let _ = s.parse::<AppealNumber>();
            let _ = s.parse::<DraftId>();
        }
    }
}
