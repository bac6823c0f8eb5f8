//! Record files for `--from`: JSON, YAML or TOML, detected by extension; on stdin, JSON or YAML.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;
use toml_edit::{Item, TableLike};

use crate::cli::args::texts::{checked, unreadable};
use crate::cli::base::{Context, Exit, Failure};
use crate::cli::record::Record;
use appeal_api::EditAppeal;
use appeal_domain::Finding;
use appeal_i18n::message;

/// The format of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Json,
    Yaml,
    Toml,
}

/// Reads the record in a file, or on stdin if the path is `-`. Relative paths in it are relative to the file.
///
/// # Errors
/// It cannot be read, does not match its extension, or has invalid keys or values (exit 3, with their places).
pub async fn read(ctx: &mut Context, path: &Path) -> Result<Record, Failure> {
    let source = source(ctx, path).await?;
    let mut record = Record::from_map(record_in(source.map)).map_err(|findings| {
        let placed = findings
            .into_iter()
            .map(|finding| located(finding, &source.text, &source.place))
            .collect::<Vec<_>>();
        Failure::invalid(appeal_i18n::findings(ctx.lang, &placed))
    })?;
    if path.as_os_str() != "-"
        && let Some(base) = path.parent()
    {
        record.resolve(base);
    }
    Ok(record)
}

/// Reads the changes to an appeal from a file with the names of the API.
///
/// # Errors
/// As [`read`].
pub async fn changes(ctx: &mut Context, path: &Path) -> Result<EditAppeal, Failure> {
    let source = source(ctx, path).await?;
    let map = Value::Object(source.map.into_iter().collect());
    serde_json::from_value(map).map_err(|error| unfit(&source.place, &error.to_string()))
}

/// A file or stdin, as read.
struct Source {
    map: BTreeMap<String, Value>,
    text: String,
    /// Its name in messages.
    place: String,
}

async fn source(ctx: &mut Context, path: &Path) -> Result<Source, Failure> {
    let stdin = path.as_os_str() == "-";
    let (text, place) = if stdin {
        let place = appeal_i18n::t!(ctx.lang, "place-stdin");
        (checked(ctx.stdin("--from").await?, &place)?, place)
    } else {
        let place = path.display().to_string();
        let owned = path.to_owned();
        let bytes = match tokio::task::spawn_blocking(move || std::fs::read(owned)).await {
            Ok(read) => read.map_err(|error| unreadable(&place, &error))?,
            Err(error) => return Err(std::io::Error::other(error).into()),
        };
        (checked(bytes, &place)?, place)
    };
    let format = if stdin { sniffed(&text) } else { named(path)? };
    let map = parse(&text, format).map_err(|error| unfit(&place, &error))?;
    Ok(Source { map, text, place })
}

fn unfit(place: &str, error: &str) -> Failure {
    Failure::from_message(Exit::Invalid, "record", message!("failure-record", place, error))
}

/// Extracts the record from output of this tool: the request of a dry run, or the applicant's part of a card. Anything
/// else is the record itself, in which unknown names are errors.
fn record_in(mut map: BTreeMap<String, Value>) -> BTreeMap<String, Value> {
    if map.get("dry_run") == Some(&Value::Bool(true))
        && let Some(Value::Object(request)) = map.remove("request")
    {
        let uploads = map.remove("uploads").unwrap_or_default();
        map = request.into_iter().collect();
        if let Some(Value::Object(appeal)) = map.get_mut("appeal") {
            located_files(appeal.get_mut("attachments"), &uploads);
        }
        located_files(map.get_mut("attachments"), &uploads);
    }
    if map.contains_key("for")
        && map.contains_key("channel")
        && let Some(Value::Object(appeal)) = map.remove("appeal")
    {
        map = appeal.into_iter().collect();
    }
    if ["number", "status", "created_at"].iter().all(|key| map.contains_key(*key)) {
        map.retain(|key, _| Record::knows(key));
        if let Some(organization) = map.get_mut("organization")
            && let Some(inn) = organization.get("inn").cloned()
        {
            *organization = inn;
        }
    }
    map
}

/// Restores the original paths of the files in a request.
fn located_files(attachments: Option<&mut Value>, uploads: &Value) {
    let Some(files) = attachments.and_then(Value::as_array_mut) else { return };
    let uploads = uploads.as_array().map(Vec::as_slice).unwrap_or_default();
    for file in files.iter_mut().filter_map(Value::as_object_mut) {
        let same = |upload: &&Value| {
            Some(&upload["sha256"]) == file.get("sha256") && Some(&upload["name"]) == file.get("name")
        };
        if let Some(path) = uploads.iter().find(same).and_then(|upload| upload.get("path")).cloned() {
            file.insert("path".to_owned(), path);
        }
    }
}

fn named(path: &Path) -> Result<Format, Failure> {
    let ending = path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
    match ending.as_str() {
        "json" => Ok(Format::Json),
        "yaml" | "yml" => Ok(Format::Yaml),
        "toml" => Ok(Format::Toml),
        _ => Err(Failure::from_message(
            Exit::Invalid,
            "record",
            message!("failure-record-format", place = path.display()),
        )),
    }
}

fn sniffed(text: &str) -> Format {
    if text.trim_start_matches('\u{feff}').trim_start().starts_with('{') {
        Format::Json
    } else {
        Format::Yaml
    }
}

fn parse(text: &str, format: Format) -> Result<BTreeMap<String, Value>, String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let value: Value = match format {
        Format::Json => serde_json::from_str(text).map_err(|e| e.to_string())?,
        Format::Yaml => serde_saphyr::from_str(text).map_err(|e| e.to_string())?,
        Format::Toml => from_toml(text)?,
    };
    match value {
        Value::Object(map) => Ok(map.into_iter().collect()),
        Value::Null => Ok(BTreeMap::new()),
        _ => Err("it has to be an object of fields".to_owned()),
    }
}

/// Reads TOML as JSON; dates become text. The error says where the text is wrong.
pub fn from_toml(text: &str) -> Result<Value, String> {
    let document = toml_edit::Document::parse(text).map_err(|e| e.to_string())?;
    Ok(json_of_table(document.as_table()))
}

fn json_of_table(table: &dyn TableLike) -> Value {
    table.iter().map(|(key, item)| (key.to_owned(), json_of_item(item))).collect()
}

fn json_of_item(item: &Item) -> Value {
    match item {
        Item::None => Value::Null,
        Item::Value(value) => json_of_value(value),
        Item::Table(table) => json_of_table(table),
        Item::ArrayOfTables(tables) => tables.iter().map(|table| json_of_table(table)).collect(),
    }
}

fn json_of_value(value: &toml_edit::Value) -> Value {
    match value {
        toml_edit::Value::String(text) => Value::String(text.value().clone()),
        toml_edit::Value::Integer(number) => (*number.value()).into(),
        toml_edit::Value::Float(number) => (*number.value()).into(),
        toml_edit::Value::Boolean(truth) => (*truth.value()).into(),
        toml_edit::Value::Datetime(at) => Value::String(at.value().to_string()),
        toml_edit::Value::Array(items) => items.iter().map(json_of_value).collect(),
        toml_edit::Value::InlineTable(table) => json_of_table(table),
    }
}

/// Adds the file, and the line of the first occurrence of the key, to the place of a finding.
fn located(finding: Finding, text: &str, place: &str) -> Finding {
    let key = finding.at.clone().unwrap_or_default();
    let last = key.rsplit('.').next().unwrap_or(&key).to_owned();
    let line = text.lines().position(|line| {
        let line = line.trim_start_matches([' ', '\t', '{', ',', '-', '[']);
        let bare = line.trim_start_matches(['"', '\'']);
        [key.as_str(), last.as_str()].iter().any(|key| {
            bare.strip_prefix(key)
                .map(|rest| rest.trim_start_matches(['"', '\'']).trim_start())
                .is_some_and(|rest| rest.starts_with([':', '=', ']', '.']))
        })
    });
    let at = match line {
        Some(line) => format!("{place}:{}", line + 1),
        None => place.to_owned(),
    };
    finding.at(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(text: &str, format: Format) -> Record {
        Record::from_map(parse(text, format).unwrap()).unwrap()
    }

    #[test]
    fn the_three_formats_say_the_same() {
        let json = record(
            r#"{"subject": "Счёт \"за воду\"", "text": "строка\nвторая\n", "kind": "complaint", "occurred_at": "2026-11-01",
                "fields": {"meter": 12}, "attach": ["a.pdf"], "contacts": {"email": "a@example.org"}, "draft": true}"#,
            Format::Json,
        );
        let yaml = record(
            "subject: 'Счёт \"за воду\"'\ntext: |\n  строка\n  вторая\nkind: complaint\noccurred: 2026-11-01\n\
             fields:\n  meter: 12\nattach:\n  - a.pdf\ncontacts:\n  email: a@example.org\ndraft: true\n",
            Format::Yaml,
        );
        let toml = record(
            "subject = 'Счёт \"за воду\"'\ntext = \"\"\"\nстрока\nвторая\n\"\"\"\nkind = 'complaint'\noccurred = 2026-11-01\n\
             attach = ['a.pdf']\ndraft = true\n[fields]\nmeter = 12\n[contacts]\nemail = 'a@example.org'\n",
            Format::Toml,
        );
        assert_eq!(json, yaml);
        assert_eq!(json, toml);
        assert_eq!(json.content.fields["meter"], "12");
    }

    #[test]
    fn what_the_tool_prints_is_a_record() {
        let read = |text: &str| {
            let map = record_in(parse(text, Format::Json).unwrap());
            Record::from_map(map).unwrap()
        };
        let dry_run = read(
            r#"{"dry_run": true, "method": "POST", "path": "/v1/appeals", "headers": {}, "findings": [],
                "request": {"subject": "s", "text": "t", "draft": false, "attachments": [
                    {"sha256": "1", "name": "a.pdf"}, {"sha256": "2", "name": "b.pdf", "document": "bill"}]},
                "uploads": [{"name": "a.pdf", "sha256": "1", "size": 1, "path": "/x/a.pdf"}]}"#,
        );
        assert_eq!(dry_run.content.subject.as_deref(), Some("s"));
        assert_eq!(dry_run.attach, [std::path::PathBuf::from("/x/a.pdf")]);
        assert_eq!(dry_run.documents, [("bill".to_owned(), std::path::PathBuf::from("b.pdf"))]);
        let registration = read(r#"{"for": "petrov", "channel": "phone", "appeal": {"subject": "s"}}"#);
        assert_eq!(registration.content.subject.as_deref(), Some("s"));
        let card = read(
            r#"{"number": "N", "status": "submitted", "created_at": "2026-11-01T00:00:00Z", "subject": "s", "version": 3,
                "organization": {"inn": "7707083893", "name": "x"}, "deadlines": [{}], "contacts": {"email": "a@b.example"},
                "attachments": [{"id": "1", "name": "a.pdf", "size": 1}]}"#,
        );
        assert_eq!(card.content.organization.as_deref(), Some("7707083893"));
        assert_eq!(card.attach, [std::path::PathBuf::from("a.pdf")]);
        // A name of the API is an error in a record.
        let own = parse(r#"{"subject": "s", "version": 3}"#, Format::Json).unwrap();
        assert!(Record::from_map(record_in(own)).is_err());
    }

    #[test]
    fn stdin_is_told_apart_by_its_beginning() {
        assert_eq!(sniffed("\u{feff}\n {\"a\": 1}"), Format::Json);
        assert_eq!(sniffed("subject: x"), Format::Yaml);
    }

    #[test]
    fn what_is_no_object_is_refused() {
        for text in ["[1]", "5", "\"x\"", "{", "{\"a\": 1} x"] {
            assert!(parse(text, Format::Json).is_err(), "{text}");
        }
        assert!(parse("- a\n- b\n", Format::Yaml).is_err());
        assert!(parse("a: 1\n a: [", Format::Yaml).is_err());
        assert!(parse("a", Format::Toml).is_err());
    }

    #[test]
    fn a_wrong_key_is_located() {
        for text in [
            "subject: x\nsubjet: y\n",
            "subject = 'x'\nsubjet = 'y'\n",
            "{\"subject\": \"x\",\n \"subjet\": \"y\"}",
        ] {
            let finding = Finding::error("record-key-unknown", "subjet").at("subjet");
            assert_eq!(located(finding, text, "a.yaml").at.as_deref(), Some("a.yaml:2"), "{text}");
        }
        let nested = Finding::error("record-key-unknown", "contacts.fax").at("contacts.fax");
        assert_eq!(located(nested, "contacts:\n  fax: 1\n", "a.yaml").at.as_deref(), Some("a.yaml:2"));
    }
}
