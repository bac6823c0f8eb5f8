//! Values without predefined columns, such as the response to `appeal api`, as rows and fields.

use serde_json::{Map, Value};

use super::list::Kind;
use super::shape::{Cell, Selected, Shape};
use super::{Error, List, Output, Result};
use appeal_i18n::message;

/// Has no predefined columns.
const LOOSE: Shape = Shape { columns: &[], more: &[], key: "" };

/// The items of a value: the elements of a list, the items of a page, or the value itself.
pub fn items(value: Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items,
        Value::Object(mut page) => match page.remove("items") {
            Some(Value::Array(items)) => items,
            Some(other) => {
                page.insert("items".to_owned(), other);
                vec![page.into()]
            }
            None => vec![page.into()],
        },
        other => vec![other],
    }
}

/// The rows of a value: its items, each of which has fields.
fn rows(value: Value) -> Vec<Value> {
    let named = |row: Value| match row {
        Value::Object(_) => row,
        other => Value::Object(Map::from_iter([("value".to_owned(), other)])),
    };
    items(value).into_iter().map(named).collect()
}

/// Every key of every row, in the order of their first appearance.
fn keys(rows: &[Value]) -> Vec<String> {
    let mut known = std::collections::HashSet::new();
    let all = rows.iter().filter_map(Value::as_object).flat_map(Map::keys);
    all.filter(|key| known.insert(*key)).cloned().collect()
}

/// The columns asked for, each of which begins with a key of some row; else every key.
fn columns(rows: &[Value], asked: Option<&[String]>) -> Result<Vec<Selected>> {
    let known = keys(rows);
    let column = |path: &String| Selected { path: path.clone(), cell: Cell::Text, optional: false };
    let Some(asked) = asked else { return Ok(known.iter().map(column).collect()) };
    for path in asked {
        let there = known.iter().any(|key| {
            path.strip_prefix(key.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        });
        if !there && !rows.is_empty() {
            let message = message!("value-column", name = path, known = known.join(", "));
            return Err(Error::Usage { flag: "--columns", message });
        }
    }
    Ok(asked.iter().map(column).collect())
}

impl Output {
    /// Prints a value as rows with its own keys as columns.
    pub(super) fn loose(&mut self, value: Value) -> Result<()> {
        let rows = rows(value);
        let columns = columns(&rows, self.columns.as_deref())?;
        let mut list = List::new(self, &LOOSE, Kind::List).with(columns)?;
        for row in &rows {
            list.push(row)?;
        }
        list.finish()
    }
}
