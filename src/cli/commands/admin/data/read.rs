//! Records in files: JSON, JSON Lines, YAML, TOML, and CSV for people and departments.

use std::path::Path;

use serde_json::{Map, Value};

use crate::cli::args::texts::{checked, unreadable};
use crate::cli::base::{Context, Exit, Failure};
use crate::cli::commands::batch::csv_rows::delimiter;
use crate::cli::record::file::from_toml;
use appeal_domain::DataKind;
use appeal_i18n::{message, t};

/// Reads the records of a file, or of stdin if the path is `-`.
///
/// # Errors
/// The file cannot be read, or its format does not match its extension (exit 3).
pub async fn records(ctx: &mut Context, kind: DataKind, path: &Path) -> Result<Vec<Value>, Failure> {
    let stdin = path.as_os_str() == "-";
    let (bytes, place) = if stdin {
        (ctx.stdin("FILE").await?, t!(ctx.lang, "place-stdin"))
    } else {
        let place = path.display().to_string();
        let owned = path.to_owned();
        let read = tokio::task::spawn_blocking(move || std::fs::read(owned)).await;
        let bytes = read.map_err(std::io::Error::other)?.map_err(|error| unreadable(&place, &error))?;
        (bytes, place)
    };
    let text = checked(bytes, &place)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let ending = path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
    let csv = matches!(kind, DataKind::People | DataKind::Departments);
    let parsed = match ending.as_str() {
        "json" => json(text),
        "jsonl" | "ndjson" => lines(text),
        "yaml" | "yml" => yaml(text),
        "toml" => from_toml(text).map(listed),
        "csv" if csv => from_csv(text),
        _ if stdin => sniffed(text, csv),
        _ => {
            return Err(Failure::from_message(
                Exit::Invalid,
                "record",
                if csv {
                    message!("admin-file-format-csv", place)
                } else {
                    message!("admin-file-format", place)
                },
            ));
        }
    };
    parsed.map_err(|error| {
        Failure::from_message(Exit::Invalid, "record", message!("failure-record", place, error))
    })
}

/// Accepts a list, the list in `records`, or a single record.
fn listed(value: Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items,
        Value::Object(mut map) if map.len() == 1 => match map.remove("records") {
            Some(Value::Array(items)) => items,
            Some(other) => vec![other],
            None => vec![Value::Object(map)],
        },
        Value::Null => Vec::new(),
        other => vec![other],
    }
}

fn json(text: &str) -> Result<Vec<Value>, String> {
    serde_json::from_str(text).map(listed).map_err(|e| e.to_string())
}

fn yaml(text: &str) -> Result<Vec<Value>, String> {
    serde_saphyr::from_str(text).map(listed).map_err(|e| e.to_string())
}

fn lines(text: &str) -> Result<Vec<Value>, String> {
    (1..)
        .zip(text.lines())
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(n, line)| serde_json::from_str(line).map_err(|e| format!("{n}: {e}")))
        .collect()
}

/// Detects the format of stdin: JSON by its first character, several objects as JSON Lines; CSV by a header with
/// delimiters; otherwise YAML.
fn sniffed(text: &str, csv: bool) -> Result<Vec<Value>, String> {
    let start = text.trim_start();
    if start.starts_with('[') {
        return json(text);
    }
    if start.starts_with('{') {
        return json(text).or_else(|error| lines(text).map_err(|_| error));
    }
    let header = start.lines().next().unwrap_or_default();
    let columns = ["login", "code", "name"];
    let first = header.split([',', ';', '\t']).next().unwrap_or_default().trim_matches('"');
    if csv && header.contains([',', ';', '\t']) && columns.contains(&first) {
        return from_csv(text);
    }
    yaml(text)
}

/// Fields whose cells are lists, separated by `|`.
const LISTS: [&str; 3] = ["levels", "departments", "organizations"];
/// Fields whose elements are codes without commas, so that CSV output can be loaded again.
const CODES: [&str; 2] = ["levels", "departments"];

/// Rows of a CSV file: `title.en` is a field of an object, lists are separated by `|`, empty cells are not given.
fn from_csv(text: &str) -> Result<Vec<Value>, String> {
    let mut reader =
        csv::ReaderBuilder::new().delimiter(delimiter(text.as_bytes())).from_reader(text.as_bytes());
    let header = reader.headers().map_err(|e| e.to_string())?.clone();
    let mut records = Vec::new();
    for row in reader.records() {
        let row = row.map_err(|e| e.to_string())?;
        let mut record = Map::new();
        for (name, cell) in header.iter().zip(row.iter()) {
            let (name, cell) = (name.trim(), cell.trim());
            if cell.is_empty() || name.is_empty() {
                continue;
            }
            let value = if LISTS.contains(&name) {
                let between = if CODES.contains(&name) { &['|', ','][..] } else { &['|'] };
                cell.split(between).map(str::trim).filter(|item| !item.is_empty()).map(Value::from).collect()
            } else {
                Value::from(cell)
            };
            match name.split_once('.') {
                Some((outer, inner)) => {
                    let outer = record.entry(outer).or_insert_with(|| Value::Object(Map::new()));
                    if let Value::Object(map) = outer {
                        map.insert(inner.to_owned(), value);
                    }
                }
                None => {
                    record.insert(name.to_owned(), value);
                }
            }
        }
        records.push(Value::Object(record));
    }
    Ok(records)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_formats_say_the_same() {
        let wanted = vec![json!({ "login": "a", "name": "А Б", "levels": ["senior", "regional"] })];
        assert_eq!(
            json(r#"[{"login": "a", "name": "А Б", "levels": ["senior", "regional"]}]"#).unwrap(),
            wanted
        );
        assert_eq!(
            json(r#"{"login": "a", "name": "А Б", "levels": ["senior", "regional"]}"#).unwrap(),
            wanted
        );
        assert_eq!(yaml("- login: a\n  name: А Б\n  levels: [senior, regional]\n").unwrap(), wanted);
        assert_eq!(from_csv("login;name;levels;email\na;А Б;senior|regional;\n").unwrap(), wanted);
        assert_eq!(sniffed("login,name,levels\na,А Б,senior|regional\n", true).unwrap(), wanted);
        let table = from_toml("[[records]]\nlogin = 'a'\nname = 'А Б'\nlevels = ['senior', 'regional']\n");
        assert_eq!(listed(table.unwrap()), wanted);
    }

    #[test]
    fn titles_of_csv_are_objects() {
        assert_eq!(
            from_csv("code,title.en,title.ru\nroads,Roads,Дороги\n").unwrap(),
            [json!({ "code": "roads", "title": { "en": "Roads", "ru": "Дороги" } })]
        );
    }
}
