//! Mail merge: renders subjects and texts from templates and the values of a row (MiniJinja, the syntax of Jinja2).

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, ErrorKind, UndefinedBehavior};
use serde_json::Value;

use super::blank::is_absent;
use super::journal::BatchOptions;
use crate::cli::args::texts;
use crate::cli::base::{Exit, Failure};
use crate::cli::record;
use appeal_domain::Finding;
use appeal_i18n::message;

/// The variable with all values of a row, for column names that are not identifiers: `row["field.meter"]`.
const ROW: &str = "row";

/// The templates of a run.
#[derive(Debug)]
pub struct RowTemplates {
    env: Environment<'static>,
    fields: Vec<&'static str>,
    /// Variables they use. A column of that name need not be a field of an appeal.
    variables: HashSet<String>,
    /// The source texts, for the digest of a row.
    sources: Vec<String>,
}

impl RowTemplates {
    /// Reads the templates; `None` if the run has none.
    ///
    /// # Errors
    /// A file cannot be read, or a template has a syntax error; the message names the line (exit 3).
    pub fn load(options: &BatchOptions) -> Result<Option<RowTemplates>, Failure> {
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
        // A missing value must not leave a gap in the text. A template can test whether a value is present.
        env.set_undefined_behavior(UndefinedBehavior::SemiStrict);
        env.set_auto_escape_callback(|_| AutoEscape::None);
        let mut templates =
            RowTemplates { env, fields: Vec::new(), variables: HashSet::new(), sources: Vec::new() };
        for (field, place, source) in given {
            templates.sources.push(source.clone());
            templates.env.add_template_owned(field, source).map_err(|error| broken(&place, &error))?;
            let template = templates.env.get_template(field).map_err(|error| broken(&place, &error))?;
            templates.variables.extend(template.undeclared_variables(false));
            templates.fields.push(field);
        }
        Ok(Some(templates))
    }

    /// True if a column need not be a field of an appeal: a template uses it, or its name resembles no field of this
    /// edition. Misspelt fields are still found.
    pub fn is_column(&self, column: &str, edition: u32) -> bool {
        self.variables.contains(&identifier(column)) || record::is_foreign(column, edition)
    }

    /// The source texts of the templates.
    pub fn sources(&self) -> &[String] {
        &self.sources
    }

    /// Renders subject and text into the values of a row, and removes the columns that only the templates use. A row of
    /// a batch that an earlier version began must stay the same, so columns that were no fields in its edition go too.
    ///
    /// # Errors
    /// A finding for each template with a missing value.
    pub fn fill(&self, values: &mut BTreeMap<String, Value>, edition: u32) -> Result<(), Vec<Finding>> {
        // A table cannot omit a cell, so a blank value counts as missing.
        let given: BTreeMap<&String, Value> =
            values.iter().filter_map(|(name, value)| Some((name, without_blanks(value)?))).collect();
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
                        .variables
                        .iter()
                        .map(String::as_str)
                        .filter(|name| !context.contains_key(*name))
                        .collect();
                    findings.push(missing_value(field, &error, absent));
                }
            }
        }
        if !findings.is_empty() {
            return Err(findings);
        }
        values.retain(|name, _| !self.is_column(name, edition) || record::is_known(name, edition));
        for (field, text) in written {
            values.retain(|name, _| name.trim().to_lowercase() != field);
            values.insert(field.to_owned(), Value::String(text));
        }
        Ok(())
    }
}

/// The value without blank parts; `None` if nothing is left. List elements keep their positions.
fn without_blanks(value: &Value) -> Option<Value> {
    match value {
        absent if is_absent(absent) => None,
        Value::Object(map) => Some(Value::Object(
            map.iter().filter_map(|(name, value)| Some((name.clone(), without_blanks(value)?))).collect(),
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
    let message = describe(error);
    Failure::from_message(
        Exit::Invalid,
        "template",
        message!("batch-template-broken", place, error = message),
    )
}

/// The finding for a template that could not be rendered. `absent` are the variables without a value.
fn missing_value(field: &str, error: &minijinja::Error, mut absent: Vec<&str>) -> Finding {
    absent.sort_unstable();
    let mut what = describe(error);
    if error.kind() == ErrorKind::UndefinedError && !absent.is_empty() {
        what = format!("{what} ({})", absent.join(", "));
    }
    let finding = Finding::error("batch-template-value", field).arg("error", what);
    match error.line() {
        Some(line) if error.kind() == ErrorKind::UndefinedError => finding.at(format!("{line}:1")),
        _ => finding,
    }
}

fn describe(error: &minijinja::Error) -> String {
    match error.detail() {
        Some(detail) => format!("{}: {detail}", error.kind()),
        None => error.kind().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use appeal_domain::Field;
    use serde_json::json;

    use super::*;

    fn load(text: &str, subject: Option<&str>) -> (tempfile::TempDir, Result<Option<RowTemplates>, Failure>) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("template.txt");
        std::fs::write(&path, text).unwrap();
        let options = BatchOptions {
            text_template: Some(path),
            subject_template: subject.map(str::to_owned),
            ..BatchOptions::default()
        };
        let templates = RowTemplates::load(&options);
        (dir, templates)
    }

    fn row(value: Value) -> BTreeMap<String, Value> {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_row_fills_the_templates_and_nothing_is_escaped() {
        let (_dir, templates) = load(
            "Дом {{ дом }}, <кв.> {{ row[\"field.flat\"] }}: {% if days > 3 %}давно{% endif %}\n",
            Some("Нет тепла: {{ дом }}"),
        );
        let templates = templates.unwrap().unwrap();
        let mut values = row(json!({"дом": "7 & 9", "field.flat": "12", "days": 5, "category": "housing"}));
        templates.fill(&mut values, Field::edition()).unwrap();
        assert_eq!(values["text"], "Дом 7 & 9, <кв.> 12: давно");
        assert_eq!(values["subject"], "Нет тепла: 7 & 9");
        let left: Vec<&str> = values.keys().map(String::as_str).collect();
        assert_eq!(left, ["category", "field.flat", "subject", "text"]);
    }

    #[test]
    fn a_missing_value_is_a_finding() {
        let (_dir, templates) = load("Адрес: {{ address }}", None);
        let findings = templates
            .unwrap()
            .unwrap()
            .fill(&mut row(json!({"subject": "x"})), Field::edition())
            .unwrap_err();
        assert_eq!(
            (findings.len(), findings[0].code, findings[0].field.as_str()),
            (1, "batch-template-value", "text")
        );
    }

    #[test]
    fn an_empty_value_counts_as_missing() {
        for template in ["кв. {{ flat }}", "{{ row[\"flat\"] }}", "{{ flat | upper }}", "{{ 'кв. ' ~ flat }}"]
        {
            for empty in [json!(""), json!(" "), Value::Null] {
                let (_dir, templates) = load(template, None);
                let filled =
                    templates.unwrap().unwrap().fill(&mut row(json!({ "flat": empty })), Field::edition());
                assert_eq!(filled.unwrap_err()[0].code, "batch-template-value", "{template}: {empty}");
            }
        }
        for (template, made) in [
            ("Дом{% if flat %}, кв. {{ flat }}{% endif %}.", "Дом."),
            ("Дом, {{ flat | default('без квартир') }}.", "Дом, без квартир."),
            ("Дом{% if row[\"flat\"] %}, кв.{% endif %}.", "Дом."),
            ("Дом{% if flat is defined %}, кв.{% endif %}.", "Дом."),
        ] {
            let (_dir, templates) = load(template, None);
            let mut values = row(json!({ "flat": "" }));
            templates.unwrap().unwrap().fill(&mut values, Field::edition()).unwrap();
            assert_eq!(values["text"], made, "{template}");
        }
    }

    #[test]
    fn an_error_names_the_line_of_the_template() {
        let (_dir, templates) = load("a\nb {{ c\n", None);
        let failure = templates.unwrap_err();
        assert_eq!(failure.exit, Exit::Invalid);
        assert!(failure.message.contains("template.txt:"), "{}", failure.message);
    }

    #[test]
    fn a_value_of_a_row_is_never_a_template() {
        let (_dir, templates) = load("{{ text }}!", None);
        let mut values = row(json!({"text": "{{ 7 * 7 }}"}));
        templates.unwrap().unwrap().fill(&mut values, Field::edition()).unwrap();
        assert_eq!(values["text"], "{{ 7 * 7 }}!");
    }
}
