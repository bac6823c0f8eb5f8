//! Fills a record from a template of the platform.

use std::borrow::Cow;

use serde_json::json;

use super::Record;
use crate::cli::base::{Context, Failure};
use appeal_api::Template;
use appeal_client::Client;
use appeal_domain::{Field, Finding, Word};
use appeal_i18n::{message, t};

/// Fills the record from its template. On a terminal, asks for missing values of placeholders.
///
/// # Errors
/// The template does not exist (exit 5); its kind is unknown, or placeholders have no value (exit 3, all of them are
/// listed).
pub async fn apply(ctx: &mut Context, client: &Client, record: &mut Record) -> Result<(), Failure> {
    let Some(id) = record.template.take() else { return Ok(()) };
    let template = client.template(&id).await?;
    if ctx.out.can_prompt() {
        for placeholder in lacking(&template, record) {
            let title = template.placeholders.iter().find(|p| p.name == placeholder);
            let title = title.map(|p| ctx.lang.pick(&p.title)).unwrap_or(&placeholder).to_owned();
            let value = ctx.out.ask(message!("ask-field", title), None)?;
            record.content.fields.insert(placeholder, value);
        }
    }
    // Values of placeholders stay among the fields only if the category requires fields of the same names.
    let code = record.content.category.as_deref().unwrap_or(&template.category).to_owned();
    let asked = match client.category(&code).await {
        Ok(category) => category.into_known().fields.into_iter().map(|field| field.key).collect(),
        Err(_) => Vec::new(),
    };
    fill(&template, record, &asked).map_err(|findings| {
        let mut failure = Failure::invalid(appeal_i18n::findings(ctx.lang, &findings));
        let names: Vec<&str> =
            findings.iter().filter_map(|f| f.args.get("name").map(String::as_str)).collect();
        if !names.is_empty() {
            failure.add_hint(t!(ctx.lang, "template-hint", id));
            failure.details.push(json!({ "placeholders": names }));
        }
        failure
    })
}

/// Returns the placeholders that are used and have no value.
fn lacking(template: &Template, record: &Record) -> Vec<String> {
    let subject = if record.content.subject.is_none() { template.subject.as_str() } else { "" };
    let text =
        if record.content.text.is_none() && record.text_file.is_none() { template.text.as_str() } else { "" };
    template
        .placeholders
        .iter()
        .map(|placeholder| &placeholder.name)
        .filter(|name| {
            let mark = format!("{{{name}}}");
            (subject.contains(&mark) || text.contains(&mark)) && value(record, name).is_none()
        })
        .cloned()
        .collect()
}

/// Returns the value of a placeholder: a field of this name or else, as for a field that a category requires, the
/// corresponding value of the appeal, such as the address of the place. `None` if it is blank.
fn value<'a>(record: &'a Record, name: &str) -> Option<Cow<'a, str>> {
    let content = &record.content;
    let own = content.fields.get(name).filter(|value| !value.trim().is_empty());
    own.map(|value| Cow::Borrowed(value.as_str()))
        .or_else(|| content.given(Field::asked(name)?).filter(|value| !value.trim().is_empty()))
}

/// Fills missing values of the record from the template. `asked` are the keys of the fields that the category requires:
/// values of other placeholders are removed from `fields`.
///
/// # Errors
/// A finding for every placeholder without a value, and one for a kind that this version does not know: without a kind
/// the appeal would be filed as a complaint.
pub fn fill(template: &Template, record: &mut Record, asked: &[String]) -> Result<(), Vec<Finding>> {
    let mut findings: Vec<Finding> = lacking(template, record)
        .into_iter()
        .map(|name| {
            let titles = template.placeholders.iter().find(|p| p.name == name).map(|p| p.title.clone());
            Finding::error("placeholder-missing", format!("fields.{name}"))
                .arg("name", name)
                .titled(&titles.unwrap_or_default())
        })
        .collect();
    if let (None, Word::Other(given)) = (record.content.kind, &template.kind) {
        findings.push(Finding::error("template-kind-unknown", "kind").arg("given", given));
    }
    if !findings.is_empty() {
        return Err(findings);
    }
    if record.content.subject.is_none() {
        record.content.subject = Some(filled(&template.subject, template, record));
    }
    if record.content.text.is_none() && record.text_file.is_none() {
        record.content.text = Some(filled(&template.text, template, record));
    }
    if record.content.kind.is_none() {
        record.content.kind = template.kind.known();
    }
    if record.content.category.is_none() {
        record.content.category = Some(template.category.clone());
    }
    record.template = None;
    record
        .content
        .fields
        .retain(|key, _| asked.contains(key) || !template.placeholders.iter().any(|p| p.name == *key));
    Ok(())
}

/// Replaces the placeholders of a text in one pass, so that a value that looks like a placeholder stays as it is.
fn filled(text: &str, template: &Template, record: &Record) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        out.push_str(&rest[..open]);
        rest = &rest[open..];
        let name = rest.find('}').map(|close| &rest[1..close]);
        let value = name
            .filter(|name| template.placeholders.iter().any(|p| p.name == *name))
            .and_then(|name| value(record, name).map(|value| (name, value)));
        match value {
            Some((name, value)) => {
                out.push_str(&value);
                rest = &rest[name.len() + 2..];
            }
            None => {
                out.push('{');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use appeal_api::{Placeholder, Titles};
    use appeal_domain::{Content, Kind, Place};

    fn template() -> Template {
        let title = |text: &str| Titles { en: text.into(), ru: text.into() };
        let placeholder = |name: &str| Placeholder { name: name.into(), title: title(name) };
        Template {
            id: "t".into(),
            title: title("t"),
            category: "housing".into(),
            kind: Kind::Complaint.into(),
            subject: "Нет отопления: {address}".into(),
            text: "С {since} по адресу {address} нет тепла. {unknown} {\"json\": 1}".into(),
            placeholders: vec![placeholder("address"), placeholder("since")],
        }
    }

    fn record(fields: &[(&str, &str)]) -> Record {
        let fields = fields.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect();
        Record { content: Content { fields, ..Content::default() }, ..Record::default() }
    }

    #[test]
    fn placeholders_are_filled_once() {
        let mut record = record(&[("address", "ул. {since}, 1"), ("since", "3 ноября"), ("meter", "5")]);
        fill(&template(), &mut record, &["since".into()]).unwrap();
        assert_eq!(record.content.subject.as_deref(), Some("Нет отопления: ул. {since}, 1"));
        assert_eq!(
            record.content.text.as_deref(),
            Some("С 3 ноября по адресу ул. {since}, 1 нет тепла. {unknown} {\"json\": 1}")
        );
        assert_eq!(
            (record.content.kind, record.content.category.as_deref()),
            (Some(Kind::Complaint), Some("housing"))
        );
        let left: Vec<&String> = record.content.fields.keys().collect();
        assert_eq!(left, ["meter", "since"]);
    }

    #[test]
    fn the_address_of_the_place_fills_a_placeholder() {
        let mut record = record(&[("since", "3 ноября")]);
        record.content.place = Some(Place { address: Some("ул. Мира, 1".into()), ..Place::default() });
        fill(&template(), &mut record, &[]).unwrap();
        assert_eq!(record.content.subject.as_deref(), Some("Нет отопления: ул. Мира, 1"));
    }

    #[test]
    fn every_missing_placeholder_is_named() {
        let findings = fill(&template(), &mut record(&[("since", " ")]), &[]).unwrap_err();
        let names: Vec<&str> = findings.iter().map(|f| f.args["name"].as_str()).collect();
        assert_eq!(names, ["address", "since"]);
    }

    #[test]
    fn an_unknown_kind_is_refused() {
        let mut record = record(&[("address", "ул. Мира, 1"), ("since", "3 ноября")]);
        let template = Template { kind: Word::read("petition"), ..template() };
        let findings = fill(&template, &mut record, &[]).unwrap_err();
        assert_eq!(
            (findings[0].code, findings[0].args["given"].as_str()),
            ("template-kind-unknown", "petition")
        );
    }

    #[test]
    fn a_kind_of_the_record_replaces_an_unknown_one() {
        let mut record = record(&[("address", "ул. Мира, 1"), ("since", "3 ноября")]);
        record.content.kind = Some(Kind::Request);
        let template = Template { kind: Word::read("petition"), ..template() };
        fill(&template, &mut record, &[]).unwrap();
        assert_eq!(record.content.kind, Some(Kind::Request));
    }

    #[test]
    fn what_the_record_says_itself_wins() {
        let content = Content {
            subject: Some("своё".into()),
            text: Some("свой текст".into()),
            category: Some("taxes".into()),
            kind: Some(Kind::Request),
            ..Content::default()
        };
        let mut record = Record { content, ..Record::default() };
        fill(&template(), &mut record, &[]).unwrap();
        assert_eq!(
            (record.content.subject.as_deref(), record.content.text.as_deref()),
            (Some("своё"), Some("свой текст"))
        );
        assert_eq!(
            (record.content.category.as_deref(), record.content.kind),
            (Some("taxes"), Some(Kind::Request))
        );
    }
}
