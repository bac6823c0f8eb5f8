//! Values of flags and arguments that several commands take: words of the vocabularies, numbers of appeals,
//! `KEY=VALUE` pairs.

use std::ffi::OsStr;
use std::fmt::Display;
use std::marker::PhantomData;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::str::FromStr;

use clap::builder::{PossibleValue, StyledStr, TypedValueParser};
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::cli::base::failure::lang;
use crate::cli::base::{Exit, Failure};
use appeal_domain::*;
use appeal_i18n::{message, t};

/// A vocabulary whose words can be typed.
pub trait Word: FromStr<Err = UnknownWord> + Clone + Send + Sync + 'static {
    /// Returns every word, for the help.
    fn listed() -> Vec<&'static str>;
}

macro_rules! words {
    ($($name:ident),+ $(,)?) => { $(
        impl Word for $name {
            fn listed() -> Vec<&'static str> {
                Self::ALL.iter().map(|word| word.as_str()).collect()
            }
        }
    )+ };
}

words!(
    Kind,
    Priority,
    Channel,
    ContactWay,
    CodeWay,
    Role,
    Scope,
    ParticipantRole,
    Decision,
    Level,
    EscalationGrounds,
    RepeatGrounds,
    ReviewCategory,
    ReportBy,
    ReviewState,
    Status
);

/// Parses a word of a vocabulary. Besides the words, which help and completions list, it accepts what the vocabulary
/// accepts: any case, and the synonyms of statuses in both languages.
#[derive(Debug)]
pub struct WordParser<W>(PhantomData<fn() -> W>);

impl<W> Clone for WordParser<W> {
    fn clone(&self) -> Self {
        Self(PhantomData)
    }
}

/// Returns the value parser of a vocabulary: `#[arg(value_parser = word::<Kind>())]`.
pub fn word<W: Word>() -> WordParser<W> {
    WordParser(PhantomData)
}

impl<W: Word> TypedValueParser for WordParser<W> {
    type Value = W;

    fn parse_ref(
        &self,
        cmd: &clap::Command,
        arg: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<Self::Value, clap::Error> {
        let given = value.to_string_lossy();
        given.parse::<W>().map_err(|unknown| {
            let mut error = clap::Error::new(ErrorKind::InvalidValue).with_cmd(cmd);
            if let Some(arg) = arg {
                error.insert(ContextKind::InvalidArg, ContextValue::String(arg.to_string()));
            }
            error.insert(ContextKind::InvalidValue, ContextValue::String(given.clone().into_owned()));
            let allowed: Vec<String> = unknown.allowed.iter().map(|word| (*word).to_owned()).collect();
            error.insert(ContextKind::ValidValue, ContextValue::Strings(allowed));
            error
        })
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(W::listed().into_iter().map(PossibleValue::new)))
    }
}

/// The value parser of a whole number in this range: `#[arg(value_parser = whole(1..=64_u16))]`.
pub fn whole<N>(range: RangeInclusive<N>) -> impl Fn(&str) -> Result<N, String> + Clone
where
    N: TryFrom<u64> + Display + PartialOrd + Clone,
{
    move |text| {
        let given: i128 = text.parse().map_err(|_| t!(lang(), "value-whole"))?;
        let number = u64::try_from(given).ok().and_then(|given| N::try_from(given).ok());
        number
            .filter(|number| range.contains(number))
            .ok_or_else(|| t!(lang(), "value-range", value = given, from = range.start(), to = range.end()))
    }
}

/// Reads a `KEY=VALUE` pair; the value may have `=` in it and may be empty.
///
/// # Errors
/// No `=`, or nothing before it.
pub fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => Ok((key.trim().to_owned(), value.to_owned())),
        _ => Err(t!(lang(), "value-pair")),
    }
}

/// Reads a `CODE=FILE` pair.
///
/// # Errors
/// No `=`, or nothing on one of its sides.
pub fn document(text: &str) -> Result<(String, PathBuf), String> {
    match pair(text) {
        Ok((code, path)) if !path.is_empty() => Ok((code, PathBuf::from(path))),
        _ => Err(t!(lang(), "value-document")),
    }
}

/// Parses the number of an appeal or a draft. It is not a value parser, because a mistyped number is invalid input and
/// not wrong usage.
///
/// # Errors
/// The number is mistyped or malformed (exit 3); nothing has been sent.
pub fn number(text: &str) -> Result<AppealRef, Failure> {
    text.parse::<AppealRef>().map_err(|error| {
        let given = error.given();
        let (code, message) = match &error {
            NumberError::Mistyped { .. } => ("number_mistyped", message!("failure-number-mistyped", given)),
            NumberError::Malformed { .. } => {
                ("number_malformed", message!("failure-number-malformed", given))
            }
        };
        Failure::from_message(Exit::Invalid, code, message)
    })
}

/// Parses several numbers; fails on the first invalid one, before anything is sent for the others.
///
/// # Errors
/// As [`number()`].
pub fn numbers(texts: &[String]) -> Result<Vec<AppealRef>, Failure> {
    texts.iter().map(|text| number(text)).collect()
}

/// Sets the example of a command's long help.
pub fn example(text: &str) -> StyledStr {
    StyledStr::from(format!(
        "Example:\n{}",
        text.lines().map(|line| format!("  {line}\n")).collect::<String>()
    ))
}

/// Parses an idempotency key: visible ASCII, not empty, at most 255 characters.
///
/// # Errors
/// It has another form.
pub fn key(text: &str) -> Result<String, String> {
    let fits = !text.is_empty()
        && text.len() <= appeal_api::IDEMPOTENCY_KEY_MAX
        && text.bytes().all(|b| b.is_ascii_graphic());
    if fits { Ok(text.to_owned()) } else { Err(t!(lang(), "value-key")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command() -> clap::Command {
        clap::Command::new("x")
            .arg(clap::Arg::new("status").long("status").value_parser(word::<Status>()))
            .arg(clap::Arg::new("kind").long("kind").value_parser(word::<Kind>()))
    }

    #[test]
    fn statuses_are_taken_by_every_word_in_both_languages() {
        for given in ["in_progress", "В работе", "в обработке", "IN-WORK", "in-progress"] {
            let matches = command().try_get_matches_from(["x", "--status", given]).unwrap();
            assert_eq!(matches.get_one::<Status>("status"), Some(&Status::InProgress), "{given}");
        }
    }

    #[test]
    fn an_unknown_word_is_a_usage_error_that_lists_the_known_ones() {
        let error = command().try_get_matches_from(["x", "--kind", "grievance"]).unwrap_err();
        assert_eq!(error.exit_code(), 2);
        let text = error.to_string();
        assert!(text.contains("grievance") && text.contains("complaint"), "{text}");
    }

    #[test]
    fn help_lists_the_words() {
        let help = command().render_long_help().to_string();
        assert!(help.contains("gratitude") && help.contains("awaiting_confirmation"), "{help}");
    }

    #[test]
    fn pairs_keep_what_follows_the_first_sign() {
        assert_eq!(pair("meter=a=b"), Ok(("meter".into(), "a=b".into())));
        assert_eq!(pair("meter="), Ok(("meter".into(), String::new())));
        assert!(pair("meter").is_err() && pair("=x").is_err());
        assert_eq!(document("bill=a b.pdf"), Ok(("bill".into(), PathBuf::from("a b.pdf"))));
        assert!(document("bill=").is_err());
    }

    #[test]
    fn a_mistyped_number_is_told_apart() {
        let good = AppealNumber::from_parts(2026, 123_456_789).to_string();
        assert_eq!(number(&format!(" №{good}")).unwrap().to_string(), good);
        let wrong = format!("{}{}", &good[..16], (good.as_bytes()[16] - b'0' + 1) % 10);
        let failure = number(&wrong).unwrap_err();
        assert_eq!((failure.exit, failure.code.as_str()), (Exit::Invalid, "number_mistyped"));
        assert_eq!(number("hello").unwrap_err().code, "number_malformed");
    }
}
