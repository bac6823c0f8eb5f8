//! The fields of an appeal as flags, for `create`, `edit` and the commands that take the same fields.

use std::ffi::OsStr;
use std::path::PathBuf;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::cli::args::values::{document, pair};
use crate::cli::base::failure::lang;
use crate::cli::record::typed_time;
use crate::output::local;
use clap::builder::{PossibleValue, TypedValueParser};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, ArgMatches};

use appeal_domain::*;
use appeal_i18n::t;

/// Id of the argument `--field`.
const OF_CATEGORY: &str = "fields";

/// Fields of an appeal but its subject and text: a flag for each entry of [`FIELDS`], and `--field`.
#[derive(Debug, Clone, Default)]
pub struct Fields {
    /// The values of the flags. An empty value clears a field in `edit`.
    pub content: Content,
}

impl Fields {
    /// Returns whether none of these flags was given.
    pub fn is_empty(&self) -> bool {
        self.content == Content::default()
    }
}

fn flags() -> impl Iterator<Item = &'static Field> {
    FIELDS.iter().filter(|field| !matches!(field.form, Form::Subject | Form::Body))
}

fn id(field: &Field) -> String {
    field.flag.replace('-', "_")
}

impl clap::Args for Fields {
    fn augment_args(mut command: clap::Command) -> clap::Command {
        for field in flags() {
            command = command.arg(
                Arg::new(id(field))
                    .long(field.flag)
                    .value_name(field.value_name)
                    .help(field.help)
                    .allow_hyphen_values(field.form.allows_hyphen())
                    .allow_negative_numbers(true)
                    .value_parser(FieldParser(field)),
            );
        }
        command.arg(
            Arg::new(OF_CATEGORY)
                .long("field")
                .value_name("KEY=VALUE")
                .help("A field the category asks for, or a placeholder of the template; can be repeated")
                .action(ArgAction::Append)
                .value_parser(pair),
        )
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Self::augment_args(command)
    }
}

impl clap::FromArgMatches for Fields {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut fields = Self::default();
        fields.update_from_arg_matches(matches)?;
        Ok(fields)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        for field in flags() {
            if let Some(value) = matches.get_one::<String>(&id(field)) {
                self.content
                    .set(field, value)
                    .map_err(|error| clap::Error::raw(ErrorKind::ValueValidation, error))?;
            }
        }
        let pairs = matches.get_many::<(String, String)>(OF_CATEGORY).into_iter().flatten();
        self.content.fields.extend(pairs.cloned());
        Ok(())
    }
}

/// Reads the value of a field: text that the field accepts, in its normal form.
#[derive(Debug, Clone)]
struct FieldParser(&'static Field);

impl TypedValueParser for FieldParser {
    type Value = String;

    fn parse_ref(
        &self,
        command: &clap::Command,
        arg: Option<&Arg>,
        value: &OsStr,
    ) -> Result<String, clap::Error> {
        let text = clap::builder::StringValueParser::new().parse_ref(command, arg, value)?;
        if matches!(self.0.form, Form::Time) {
            return (occurred as fn(&str) -> Result<String, String>).parse_ref(command, arg, value);
        }
        let field = self.0;
        match field.accepts(&text) {
            Ok(()) => Ok(text),
            Err(Unreadable::Word(unknown)) => {
                let mut error = clap::Error::new(ErrorKind::InvalidValue).with_cmd(command);
                if let Some(arg) = arg {
                    error.insert(ContextKind::InvalidArg, ContextValue::String(arg.to_string()));
                }
                error.insert(ContextKind::InvalidValue, ContextValue::String(text));
                let allowed = unknown.allowed.into_iter().map(str::to_owned).collect();
                error.insert(ContextKind::ValidValue, ContextValue::Strings(allowed));
                Err(error)
            }
            Err(_) => {
                (|text: &str| -> Result<String, String> { Err(t!(lang(), "value-degrees", value = text)) })
                    .parse_ref(command, arg, value)
            }
        }
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        match self.0.form {
            Form::Word(_, words) => Some(Box::new(words().into_iter().map(PossibleValue::new))),
            _ => None,
        }
    }
}

/// Files of an appeal.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Files {
    /// File to attach (PDF, JPG, PNG, DOC, DOCX); can be repeated
    #[arg(long, value_name = "FILE")]
    pub attach: Vec<PathBuf>,
}

/// Files that are documents of the category.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Documents {
    /// File for a document that the category requires; can be repeated
    #[arg(long = "document", value_name = "CODE=FILE", value_parser = document)]
    pub documents: Vec<(String, PathBuf)>,
}

fn occurred(text: &str) -> Result<String, String> {
    if text.trim().is_empty() {
        // An empty value clears the field in `edit`.
        return Ok(String::new());
    }
    let zone = local::zone().unwrap_or(TimeZone::UTC);
    typed_time(text, Timestamp::now(), &zone).ok_or_else(|| t!(lang(), "value-occurred", value = text))
}
