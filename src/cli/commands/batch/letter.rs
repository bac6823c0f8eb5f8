//! Mail merge: subjects and texts made of a template and the values of a row (MiniJinja, the syntax of Jinja2).

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, ErrorKind, UndefinedBehavior};
use serde_json::Value;

use super::blank::is_absent;
use super::journal::Options;
use crate::cli::args::texts;
use crate::cli::base::{Exit, Failure};
use crate::cli::record::Record;
use appeal_domain::Finding;

/// The values of a row as a whole, for names that are no identifiers: `row["field.meter"]`.
const ROW: &str = "row";

/// The templates of a run.
#[derive(Debug)]
pub struct Letter {
    env: Environment<'static>,
    fields: Vec<&'static str>,
    /// What they name; a column that is named here need not be one of an appeal.
    named: HashSet<String>,
    /// Templates as they are, for the digest of a row.
    source: Vec<String>,
}

impl Letter {
    /// Reads the templates; none where none is given.
    ///
    /// # Errors
    /// A file cannot be read, or a template has a mistake: the line is named (exit 3).
    pub fn of(options: &Options) -> Result<Option<Letter>, Failure> {
        let mut given = Vec::new();
        if let Some(path) = &options.text_template {
            given.push(("text", path.display().to_string(), read(path)?));
        }
        if let Some(subject) = &options.subject_template {
            given.push(("subject", "--subject-template".to_owned(), subject.clone()));
        }
        if given.is_empty() {
            return Ok(None);
        }
        let mut env = Environment::new();
        // A gap that nobody fills must not go out as a hole in a letter; a template may ask whether there is one.
        env.set_undefined_behavior(UndefinedBehavior::SemiStrict);
        env.set_auto_escape_callback(|_| AutoEscape::None);
        let mut letter = Letter { env, fields: Vec::new(), named: HashSet::new(), source: Vec::new() };
        for (field, place, source) in given {
            letter.source.push(source.clone());
            letter.env.add_template_owned(field, source).map_err(|error| broken(&place, &error))?;
            let template = letter.env.get_template(field).map_err(|error| broken(&place, &error))?;
            letter.named.extend(template.undeclared_variables(false));
            letter.fields.push(field);
        }
        Ok(Some(letter))
    }

    /// True where a column need not be one of an appeal: the templates name it, or nothing of an appeal has a name like
    /// it. A table that letters are made of has columns of its own; a slip in one of ours is still found.
    pub fn names(&self, column: &str) -> bool {
        self.named.contains(&identifier(column)) || Record::is_foreign(column)
    }

    /// What a digest of the row has to know of the templates.
    pub fn source(&self) -> &[String] {
        &self.source
    }

    /// Writes subject and text of a row, and takes the columns that only the templates know out of it.
    ///
    /// # Errors
    /// A finding for each template that lacks a value.
    pub fn fill(&self, values: &mut BTreeMap<String, Value>) -> Result<(), Vec<Finding>> {
        // A table cannot leave a cell out: what is empty is not there.
        let given: BTreeMap<&String, Value> =
            values.iter().filter_map(|(name, value)| Some((name, there(value)?))).collect();
        let mut context: BTreeMap<String, minijinja::Value> = given
            .iter()
            .map(|(name, value)| (identifier(name), minijinja::Value::from(Serde(value))))
            .collect();
        context.insert(ROW.to_owned(), minijinja::Value::from(Serde(&given)));
        let mut findings = Vec::new();
        let mut written = Vec::new();
        for field in &self.fields {
            let rendered = self.env.get_template(field).and_then(|template| template.render(&context));
            match rendered {
                Ok(text) => written.push((*field, text)),
                Err(error) => {
                    let absent: Vec<&str> = self
                        .named
                        .iter()
                        .map(String::as_str)
                        .filter(|name| !context.contains_key(*name))
                        .collect();
                    findings.push(lacking(field, &error, absent));
                }
            }
        }
        if !findings.is_empty() {
            return Err(findings);
        }
        values.retain(|name, _| !self.names(name) || Record::knows(name));
        for (field, text) in written {
            values.retain(|name, _| name.trim().to_lowercase() != field);
            values.insert(field.to_owned(), Value::String(text));
        }
        Ok(())
    }
}

/// The value without what is empty or null in it; none where nothing is left. Elements of lists keep their places.
fn there(value: &Value) -> Option<Value> {
    match value {
        absent if is_absent(absent) => None,
        Value::Object(map) => Some(Value::Object(
            map.iter().filter_map(|(name, value)| Some((name.clone(), there(value)?))).collect(),
        )),
        other => Some(other.clone()),
    }
}

/// A column's name as a template writes it: `contact-email` is `contact_email`.
fn identifier(column: &str) -> String {
    column.trim().chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect()
}

fn read(path: &Path) -> Result<String, Failure> {
    let place = path.display().to_string();
    let bytes = std::fs::read(path).map_err(|error| texts::unreadable(&place, &error))?;
    texts::checked(bytes, &place)
}

fn broken(place: &str, error: &minijinja::Error) -> Failure {
    let place = match error.line() {
        Some(line) => format!("{place}:{line}"),
        None => place.to_owned(),
    };
    let said = said(error);
    Failure::told(Exit::Invalid, "template", "batch-template-broken", &[("place", &place), ("error", &said)])
}

/// The finding of a template that could not be filled; `absent` are the names it has and the row does not.
fn lacking(field: &str, error: &minijinja::Error, mut absent: Vec<&str>) -> Finding {
    absent.sort_unstable();
    let mut what = said(error);
    if error.kind() == ErrorKind::UndefinedError && !absent.is_empty() {
        what = format!("{what} ({})", absent.join(", "));
    }
    let finding = Finding::error("batch-template-value", field).arg("error", what);
    match error.line() {
        Some(line) if error.kind() == ErrorKind::UndefinedError => finding.at(format!("{line}:1")),
        _ => finding,
    }
}

fn said(error: &minijinja::Error) -> String {
    match error.detail() {
        Some(detail) => format!("{}: {detail}", error.kind()),
        None => error.kind().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn letter(text: &str, subject: Option<&str>) -> (tempfile::TempDir, Result<Option<Letter>, Failure>) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("letter.txt");
        std::fs::write(&path, text).unwrap();
        let options = Options {
            text_template: Some(path),
            subject_template: subject.map(str::to_owned),
            ..Options::default()
        };
        let letter = Letter::of(&options);
        (dir, letter)
    }

    fn row(value: Value) -> BTreeMap<String, Value> {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_row_becomes_a_letter_and_nothing_is_escaped() {
        let (_dir, letter) = letter(
            "Дом {{ дом }}, <кв.> {{ row[\"field.flat\"] }}: {% if days > 3 %}давно{% endif %}\n",
            Some("Нет тепла: {{ дом }}"),
        );
        let letter = letter.unwrap().unwrap();
        let mut values = row(json!({"дом": "7 & 9", "field.flat": "12", "days": 5, "category": "housing"}));
        letter.fill(&mut values).unwrap();
        assert_eq!(values["text"], "Дом 7 & 9, <кв.> 12: давно");
        assert_eq!(values["subject"], "Нет тепла: 7 & 9");
        let left: Vec<&str> = values.keys().map(String::as_str).collect();
        assert_eq!(left, ["category", "field.flat", "subject", "text"]);
    }

    #[test]
    fn a_value_that_is_not_there_is_a_finding() {
        let (_dir, letter) = letter("Адрес: {{ address }}", None);
        let findings = letter.unwrap().unwrap().fill(&mut row(json!({"subject": "x"}))).unwrap_err();
        assert_eq!(
            (findings.len(), findings[0].code, findings[0].field.as_str()),
            (1, "batch-template-value", "text")
        );
    }

    #[test]
    fn an_empty_value_is_not_there() {
        for template in ["кв. {{ flat }}", "{{ row[\"flat\"] }}", "{{ flat | upper }}", "{{ 'кв. ' ~ flat }}"]
        {
            for empty in [json!(""), json!(" "), Value::Null] {
                let (_dir, letter) = letter(template, None);
                let filled = letter.unwrap().unwrap().fill(&mut row(json!({ "flat": empty })));
                assert_eq!(filled.unwrap_err()[0].code, "batch-template-value", "{template}: {empty}");
            }
        }
        for (template, made) in [
            ("Дом{% if flat %}, кв. {{ flat }}{% endif %}.", "Дом."),
            ("Дом, {{ flat | default('без квартир') }}.", "Дом, без квартир."),
            ("Дом{% if row[\"flat\"] %}, кв.{% endif %}.", "Дом."),
            ("Дом{% if flat is defined %}, кв.{% endif %}.", "Дом."),
        ] {
            let (_dir, letter) = letter(template, None);
            let mut values = row(json!({ "flat": "" }));
            letter.unwrap().unwrap().fill(&mut values).unwrap();
            assert_eq!(values["text"], made, "{template}");
        }
    }

    #[test]
    fn a_mistake_in_a_template_is_told_with_its_line() {
        let (_dir, letter) = letter("a\nb {{ c\n", None);
        let failure = letter.unwrap_err();
        assert_eq!(failure.exit, Exit::Invalid);
        assert!(failure.message.contains("letter.txt:"), "{}", failure.message);
    }

    #[test]
    fn what_a_row_says_is_never_a_template() {
        let (_dir, letter) = letter("{{ text }}!", None);
        let mut values = row(json!({"text": "{{ 7 * 7 }}"}));
        letter.unwrap().unwrap().fill(&mut values).unwrap();
        assert_eq!(values["text"], "{{ 7 * 7 }}!");
    }
}
