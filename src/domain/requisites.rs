//! Requisites and contacts (P5). Each type validates its value, so that a mistyped one is refused before it is sent,
//! and holds the normal form; spaces, hyphens and brackets in the input are tolerated.
//!
//! Sources of the rules: INN – order of the Federal Tax Service ЕД-7-14/559@ of 2020; SNILS – order of the Pension Fund
//! on the personal account number; OGRN – order of the Ministry of Finance 165н of 2017; phones – E.164; e-mail
//! addresses – RFC 5321 with the internationalised forms of RFC 6531.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Why a requisite is invalid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// Unexpected characters or length.
    #[error("it does not have the form of one")]
    Form,
    /// The check digits do not match: a digit is wrong or missing.
    #[error("its check digits do not fit")]
    CheckDigits,
}

/// An invalid requisite or contact.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{given}' is not valid ({code}): {why}")]
pub struct Invalid {
    /// Stable code, usable as the code of a [`Finding`](super::Finding): `inn-invalid`, `snils-invalid`, …
    pub code: &'static str,
    /// The text as given.
    pub given: String,
    /// The reason.
    pub why: Why,
}

impl Invalid {
    /// Returns the error as a finding about a field.
    pub fn finding(&self, field: impl Into<String>) -> super::Finding {
        let why = match self.why {
            Why::Form => "form",
            Why::CheckDigits => "check-digits",
        };
        super::Finding::error(self.code, field).arg("given", &self.given).arg("why", why)
    }
}

macro_rules! requisite {
    ($(#[$meta:meta])* $name:ident, $code:literal, $read:ident) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The code of the finding about an invalid value.
            pub const CODE: &'static str = $code;

            /// Returns a finding if the text is not a valid value.
            pub fn finding(field: &str, text: &str) -> Option<super::Finding> {
                text.parse::<Self>().err().map(|invalid| invalid.finding(field))
            }

            /// Returns the normal form.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = Invalid;

            fn from_str(s: &str) -> Result<Self, Invalid> {
                $read(s).map(Self).map_err(|why| Invalid { code: $code, given: s.to_owned(), why })
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

requisite! {
    /// INN: ten digits for an organization, twelve for a person.
    Inn, "inn-invalid", read_inn
}
requisite! {
    /// SNILS: eleven digits; the normal form is `123-456-789 01`. Digits without separators are accepted.
    Snils, "snils-invalid", read_snils
}
requisite! {
    /// OGRN of an organization, thirteen digits, or OGRNIP of an entrepreneur, fifteen.
    Ogrn, "ogrn-invalid", read_ogrn
}
requisite! {
    /// A phone number in E.164 format (`+79001234567`). Ten digits, or eleven starting with 8 or 7, are Russian.
    Phone, "phone-invalid", read_phone
}
requisite! {
    /// Series and number of a Russian passport, ten digits; the normal form is `1234 567890`. It has no check digits.
    Passport, "passport-invalid", read_passport
}
requisite! {
    /// An e-mail address. Names and domains in national scripts are accepted; the domain is converted to lower case.
    Email, "email-invalid", read_email
}

impl Inn {
    /// Returns whether the INN belongs to an organization rather than a person.
    pub fn is_organization(&self) -> bool {
        self.0.len() == 10
    }
}

/// Returns the digits of a text that may contain only digits and the given separators.
fn digits(s: &str, separators: &[char]) -> Result<Vec<u32>, Why> {
    s.trim().chars().filter(|c| !separators.contains(c)).map(|c| c.to_digit(10).ok_or(Why::Form)).collect()
}

fn text(digits: &[u32]) -> String {
    digits.iter().filter_map(|d| char::from_digit(*d, 10)).collect()
}

/// A number of zeros only passes every check sum, but is not assigned to anyone.
fn all_zero(digits: &[u32]) -> bool {
    digits.iter().all(|d| *d == 0)
}

fn read_inn(s: &str) -> Result<String, Why> {
    const WEIGHTS: [u32; 11] = [3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8];
    let d = digits(s, &[' ', '\u{a0}'])?;
    // The weights of the shorter form are the tail of the weights of the longer one.
    let control = |n: usize| {
        let sum: u32 = d[..n].iter().zip(&WEIGHTS[WEIGHTS.len() - n..]).map(|(d, w)| d * w).sum();
        sum % 11 % 10 == d[n]
    };
    let fits = match d.len() {
        10 => control(9),
        12 => control(10) && control(11),
        _ => return Err(Why::Form),
    };
    if fits && !all_zero(&d) { Ok(text(&d)) } else { Err(Why::CheckDigits) }
}

fn read_snils(s: &str) -> Result<String, Why> {
    /// Numbers up to this one were issued without check digits.
    const LAST_UNCHECKED: u32 = 1_001_998;
    let d = digits(s, &[' ', '-', '\u{a0}', '–', '‑'])?;
    if d.len() != 11 {
        return Err(Why::Form);
    }
    let number = d[..9].iter().fold(0, |n, d| n * 10 + d);
    let control = d[9] * 10 + d[10];
    let sum: u32 = d[..9].iter().zip((1..=9).rev()).map(|(d, w)| d * w).sum();
    let fits = number <= LAST_UNCHECKED || sum % 101 % 100 == control;
    if !fits || number == 0 {
        return Err(Why::CheckDigits);
    }
    let t = text(&d);
    Ok(format!("{}-{}-{} {}", &t[..3], &t[3..6], &t[6..9], &t[9..]))
}

fn read_ogrn(s: &str) -> Result<String, Why> {
    let d = digits(s, &[' ', '\u{a0}'])?;
    let modulus = match d.len() {
        13 => 11,
        15 => 13,
        _ => return Err(Why::Form),
    };
    let last = d.len() - 1;
    let number = d[..last].iter().fold(0u64, |n, d| n * 10 + u64::from(*d));
    let fits = number % modulus % 10 == u64::from(d[last]);
    if fits && !all_zero(&d) { Ok(text(&d)) } else { Err(Why::CheckDigits) }
}

fn read_passport(s: &str) -> Result<String, Why> {
    let d = digits(s, &[' ', '-', '\u{a0}', '№'])?;
    if d.len() != 10 || all_zero(&d) {
        return Err(Why::Form);
    }
    let t = text(&d);
    Ok(format!("{} {}", &t[..4], &t[4..]))
}

fn read_phone(s: &str) -> Result<String, Why> {
    let trimmed = s.trim();
    let (international, rest) = match trimmed.strip_prefix('+') {
        Some(rest) => (true, rest),
        None => (false, trimmed),
    };
    let d = digits(rest, &[' ', '-', '(', ')', '.', '\u{a0}', '–', '‑'])?;
    let t = text(&d);
    if international {
        // E.164: at most fifteen digits, and no country code starts with 0. Russian numbers have a fixed length.
        let russian = t.starts_with('7');
        let fits = (8..=15).contains(&t.len()) && !t.starts_with('0') && (!russian || t.len() == 11);
        return if fits { Ok(format!("+{t}")) } else { Err(Why::Form) };
    }
    match t.len() {
        10 if !t.starts_with('0') => Ok(format!("+7{t}")),
        11 if t.starts_with(['7', '8']) => Ok(format!("+7{}", &t[1..])),
        _ => Err(Why::Form),
    }
}

fn read_email(s: &str) -> Result<String, Why> {
    let trimmed = s.trim();
    let (local, domain) = trimmed.rsplit_once('@').ok_or(Why::Form)?;
    let atom = |c: char| c.is_alphanumeric() || "!#$%&'*+/=?^_`{|}~-".contains(c);
    let local_fits = !local.is_empty()
        && local.len() <= 64
        && local.split('.').all(|part| !part.is_empty() && part.chars().all(atom));
    let label_fits = |label: &str| {
        !label.is_empty()
            && label.chars().count() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    let labels: Vec<&str> = domain.split('.').collect();
    let domain_fits = labels.len() >= 2
        && labels.iter().all(|label| label_fits(label))
        // The top-level domain has at least two characters and is not a number.
        && labels.last().is_some_and(|top| top.chars().count() >= 2 && !top.chars().all(|c| c.is_ascii_digit()));
    if local_fits && domain_fits && trimmed.len() <= 254 {
        Ok(format!("{local}@{}", domain.to_lowercase()))
    } else {
        Err(Why::Form)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// An independent way to a valid number: try all endings.
    fn complete<T: FromStr>(prefix: &str, missing: usize) -> Vec<String> {
        (0..10u32.pow(missing as u32))
            .map(|n| format!("{prefix}{n:0missing$}"))
            .filter(|s| s.parse::<T>().is_ok())
            .collect()
    }

    #[test]
    fn well_known_public_numbers_are_accepted() {
        // Numbers published by the bodies themselves (the tax service, a ministry), and the examples of the rules.
        for inn in ["7707329152", "7710168360", "500100732259"] {
            assert_eq!(inn.parse::<Inn>().map(|i| i.to_string()), Ok(inn.to_owned()));
        }
        assert_eq!("1047707030513".parse::<Ogrn>().unwrap().as_str(), "1047707030513");
        for snils in ["112-233-445 95", "11223344595", " 112 233 445 95 "] {
            assert_eq!(snils.parse::<Snils>().unwrap().as_str(), "112-233-445 95");
        }
    }

    #[test]
    fn the_reason_tells_form_from_check_digits() {
        assert_eq!("7707329153".parse::<Inn>().unwrap_err().why, Why::CheckDigits);
        assert_eq!("770732915".parse::<Inn>().unwrap_err().why, Why::Form);
        assert_eq!("77O7329152".parse::<Inn>().unwrap_err().why, Why::Form);
        assert_eq!("0000000000".parse::<Inn>().unwrap_err().why, Why::CheckDigits);
        assert_eq!("000-000-000 00".parse::<Snils>().unwrap_err().why, Why::CheckDigits);
        assert_eq!("0000000000000".parse::<Ogrn>().unwrap_err().why, Why::CheckDigits);
        assert_eq!("".parse::<Ogrn>().unwrap_err().code, "ogrn-invalid");
    }

    #[test]
    fn an_old_snils_has_no_check_digits() {
        assert!("001-001-998 33".parse::<Snils>().is_ok());
        assert_eq!(complete::<Snils>("001001999", 2).len(), 1);
    }

    #[test]
    fn phones_become_international() {
        for (typed, normal) in [
            ("8 (900) 123-45-67", "+79001234567"),
            ("+7 900 123 45 67", "+79001234567"),
            ("79001234567", "+79001234567"),
            ("9001234567", "+79001234567"),
            ("+49 30 1234567", "+49301234567"),
            ("+375 29 123-45-67", "+375291234567"),
        ] {
            assert_eq!(typed.parse::<Phone>().map(|p| p.to_string()), Ok(normal.to_owned()), "{typed}");
        }
        for wrong in
            ["", "12345", "+7900123456", "+0123456789", "8900123456789", "call me", "+1234567890123456"]
        {
            assert_eq!(wrong.parse::<Phone>().unwrap_err().code, "phone-invalid", "{wrong}");
        }
    }

    #[test]
    fn addresses_are_checked_sanely() {
        for (typed, normal) in [
            ("ivan.petrov+tag@Example.ORG", "ivan.petrov+tag@example.org"),
            (" a@b.ru ", "a@b.ru"),
            ("почта@Пример.РФ", "почта@пример.рф"),
        ] {
            assert_eq!(typed.parse::<Email>().map(|e| e.to_string()), Ok(normal.to_owned()));
        }
        for wrong in [
            "",
            "@",
            "a",
            "a@b",
            "a@b.1",
            "a b@c.ru",
            ".a@b.ru",
            "a..b@c.ru",
            "a@-b.ru",
            "a@b..ru",
            "a@b.ru\nBcc: x@y.ru",
            "a@b@c.ru",
            "<a@b.ru>",
            "a@[127.0.0.1]",
        ] {
            assert_eq!(wrong.parse::<Email>().unwrap_err().code, "email-invalid", "{wrong}");
        }
        assert!(format!("{}@b.ru", "a".repeat(65)).parse::<Email>().is_err());
    }

    #[test]
    fn an_error_is_a_finding() {
        let finding = "12".parse::<Inn>().unwrap_err().finding("organization.inn");
        assert_eq!((finding.code, finding.field.as_str()), ("inn-invalid", "organization.inn"));
        assert_eq!(finding.args["why"], "form");
    }

    proptest! {
        /// For any digits, exactly one ending is valid.
        #[test]
        fn one_ending_fits(n in 1u64..1_000_000_000) {
            prop_assert_eq!(complete::<Inn>(&format!("{n:09}"), 1).len(), 1);
            prop_assert_eq!(complete::<Inn>(&format!("{n:010}"), 2).len(), 1);
            prop_assert_eq!(complete::<Ogrn>(&format!("1{n:011}"), 1).len(), 1);
            prop_assert_eq!(complete::<Ogrn>(&format!("3{n:013}"), 1).len(), 1);
            if n > 1_001_998 {
                prop_assert_eq!(complete::<Snils>(&format!("{n:09}"), 2).len(), 1);
            }
        }

        /// The normal form is itself valid.
        #[test]
        fn normal_forms_are_read_back(n in 1_001_999u64..1_000_000_000) {
            for s in complete::<Snils>(&format!("{n:09}"), 2) {
                let snils: Snils = s.parse().unwrap();
                prop_assert_eq!(snils.as_str().parse::<Snils>().unwrap(), snils);
            }
        }

        #[test]
        fn nothing_typed_panics(s in "\\PC{0,24}") {
            let _ = (s.parse::<Inn>(), s.parse::<Snils>(), s.parse::<Ogrn>(), s.parse::<Phone>(), s.parse::<Email>());
        }

        #[test]
        fn an_accepted_address_is_stable(s in "[a-zа-я.@ -]{3,20}") {
            if let Ok(email) = s.parse::<Email>() {
                prop_assert_eq!(email.as_str().parse::<Email>(), Ok(email.clone()));
                prop_assert!(!email.as_str().chars().any(char::is_whitespace));
            }
        }
    }
}
