//! What a batch says: a result for each row, findings with their places, and a closing line.

use std::path::Path;

use serde::Serialize;
use serde_json::{Value, json};

use super::journal::Filed;
use super::keys::Key;
use crate::cli::base::{Exit, Failure};
use crate::output::{Cell, Column, Shape};
use appeal_api::ApiFinding;
use appeal_domain::Finding;
use appeal_i18n::{Lang, t};

/// The columns of results.
pub const SHAPE: Shape = Shape {
    columns: &[
        Column::new("row", Cell::Number),
        Column::new("key", Cell::Text),
        Column::new("status", Cell::Word("batch status")),
        Column::new("number", Cell::Text),
        Column::new("error", Cell::Error),
    ],
    more: &[Column::new("error.code", Cell::Text), Column::new("error.message", Cell::Text)],
    essential: "number",
};

/// Most findings that are kept for the report; the others are counted.
const FINDINGS_MAX: usize = 5000;

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RowStatus {
    /// Filed by this run.
    Filed,
    /// Filed by an earlier one.
    Already,
    /// Refused by the platform.
    Failed,
    /// It did not pass the checks.
    Invalid,
    /// Not sent, or the outcome is not known: the next run takes it up.
    Pending,
}

impl RowStatus {
    /// Every one.
    pub const ALL: [RowStatus; 5] =
        [RowStatus::Filed, RowStatus::Already, RowStatus::Failed, RowStatus::Invalid, RowStatus::Pending];
}

/// The result of a row: its keys are a promise to scripts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RowResult {
    /// Which record it is, from 1.
    pub row: u64,
    /// Its key in the journal; none where the row could not be read.
    pub key: Option<String>,
    /// What became of it.
    pub status: RowStatus,
    /// Its number, once it has one.
    pub number: Option<String>,
    /// `{code, message, hint, details}`.
    pub error: Option<Value>,
}

impl RowResult {
    /// The result of a row whose key an earlier run filed an appeal under. Another content under the same key, or
    /// another `file`, is refused: it would be told as filed, and is not.
    pub fn known(row: u64, key: &Key, filed: &Filed, file: Option<&Path>) -> Self {
        let changed = filed.digest != key.digest || file.is_some();
        let failure = || {
            let file = file.map(|path| path.display().to_string());
            let args = [
                ("key", key.key.as_str()),
                ("number", filed.number.as_str()),
                ("file", file.as_deref().unwrap_or_default()),
            ];
            let id = if file.is_some() { "batch-file-changed" } else { "batch-row-changed" };
            error(&Failure::told(Exit::Conflict, "row_changed", id, &args))
        };
        Self {
            row,
            key: Some(key.key.clone()),
            status: if changed { RowStatus::Failed } else { RowStatus::Already },
            number: Some(filed.number.clone()),
            error: changed.then(failure),
        }
    }

    /// The result of a row that is not sent, or of which nothing is known.
    pub fn pending(row: u64, key: Option<&Key>) -> Self {
        let key = key.map(|key| key.key.clone());
        Self { row, key, status: RowStatus::Pending, number: None, error: None }
    }

    /// The result of a row that did not pass its checks.
    pub fn invalid(lang: Lang, row: u64, key: Option<Key>, findings: &[Finding]) -> Self {
        Self {
            row,
            key: key.map(|key| key.key),
            status: RowStatus::Invalid,
            number: None,
            error: Some(error(&Failure::invalid(appeal_i18n::findings(lang, findings)))),
        }
    }
}

/// An error as results have it: like the one object of a failed command.
pub fn error(failure: &Failure) -> Value {
    json!({
        "code": failure.code,
        "message": failure.message,
        "hint": failure.hint,
        "details": failure.details,
    })
}

/// How many rows came to what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Filed by this run.
    pub filed: u64,
    /// Filed by an earlier one.
    pub already: u64,
    /// Refused.
    pub failed: u64,
    /// Not valid.
    pub invalid: u64,
    /// Not sent, or not known.
    pub pending: u64,
}

impl Counts {
    /// Counts one more.
    pub fn add(&mut self, status: RowStatus) {
        *match status {
            RowStatus::Filed => &mut self.filed,
            RowStatus::Already => &mut self.already,
            RowStatus::Failed => &mut self.failed,
            RowStatus::Invalid => &mut self.invalid,
            RowStatus::Pending => &mut self.pending,
        } += 1;
    }

    /// The counts in words; those that are nought are left out, but for the filed ones.
    pub fn told(&self, lang: Lang) -> String {
        [
            ("batch-count-filed", self.filed),
            ("batch-count-already", self.already),
            ("batch-count-failed", self.failed),
            ("batch-count-invalid", self.invalid),
            ("batch-count-pending", self.pending),
        ]
        .into_iter()
        .filter(|(id, count)| *count > 0 || *id == "batch-count-filed")
        .map(|(id, count)| t(lang, id, &[("count", &count.to_string())]))
        .collect::<Vec<_>>()
        .join(", ")
    }
}

/// A finding with its place in the batch.
#[derive(Debug, Clone, Serialize)]
struct Placed {
    #[serde(flatten)]
    finding: ApiFinding,
    file: String,
    row: Option<u64>,
    line: u64,
    column: Option<String>,
}

/// Findings of all rows, for one report.
#[derive(Debug, Default)]
pub struct Findings {
    kept: Vec<Value>,
    told: Vec<ApiFinding>,
    more: u64,
}

impl Findings {
    /// Adds those of a row; `row` is 0 for the file as a whole.
    pub fn add(&mut self, lang: Lang, file: &str, row: u64, line: u64, findings: &[Finding]) {
        for finding in findings {
            if self.told.len() >= FINDINGS_MAX {
                self.more += 1;
                continue;
            }
            let mut finding = appeal_i18n::finding(lang, finding);
            let column = Some(finding.field.clone()).filter(|field| !field.is_empty());
            let place = if row == 0 {
                t(lang, "batch-place-file", &[("file", file), ("line", &line.to_string())])
            } else {
                t(
                    lang,
                    "batch-place",
                    &[("file", file), ("line", &line.to_string()), ("row", &row.to_string())],
                )
            };
            // The name of the column is the field already.
            let inner = finding.at.take().filter(|at| Some(at) != column.as_ref());
            finding.at = Some(match inner {
                Some(at) => format!("{place}, {at}"),
                None => place,
            });
            let placed = Placed {
                finding: finding.clone(),
                file: file.to_owned(),
                row: Some(row).filter(|row| *row > 0),
                line,
                column,
            };
            self.kept.extend(serde_json::to_value(placed));
            self.told.push(finding);
        }
    }

    /// Nothing was found.
    pub fn is_empty(&self) -> bool {
        self.told.is_empty()
    }

    /// How many were found.
    pub fn count(&self) -> u64 {
        self.told.len() as u64 + self.more
    }

    /// The findings kept, in words.
    pub fn told(&self) -> &[ApiFinding] {
        &self.told
    }

    /// How many were found beyond those kept.
    pub fn more(&self) -> u64 {
        self.more
    }

    /// The findings kept, each with `file`, `row`, `line` and `column`.
    pub fn into_details(self) -> Vec<Value> {
        self.kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_has_the_promised_keys() {
        let result = RowResult {
            row: 1,
            key: Some("k".into()),
            status: RowStatus::Already,
            number: None,
            error: None,
        };
        assert_eq!(
            serde_json::to_value(result).unwrap(),
            json!({"row": 1, "key": "k", "status": "already", "number": null, "error": null})
        );
    }

    #[test]
    fn another_content_under_the_key_of_a_filed_row_is_refused() {
        let key = Key { key: "k".into(), digest: "new".into(), twice: None };
        let filed = |digest: &str| Filed { number: "N".into(), digest: digest.into(), files: Vec::new() };
        let same = RowResult::known(1, &key, &filed("new"), None);
        assert_eq!((same.status, same.number.as_deref(), same.error), (RowStatus::Already, Some("N"), None));
        let other = RowResult::known(1, &key, &filed("old"), None);
        assert_eq!((other.status, other.number.as_deref()), (RowStatus::Failed, Some("N")));
        assert_eq!(other.error.unwrap()["code"], "row_changed");
    }

    #[test]
    fn findings_say_where() {
        let mut findings = Findings::default();
        findings.add(Lang::En, "a.csv", 3, 7, &[Finding::error("batch-not-utf8", "text").at("2:5")]);
        let details = findings.into_details();
        assert_eq!(
            (details[0]["row"].clone(), details[0]["line"].clone(), details[0]["column"].clone()),
            (json!(3), json!(7), json!("text"))
        );
        assert_eq!(details[0]["at"], "a.csv:7, row 3, 2:5");
    }

    #[test]
    fn a_flood_is_counted_not_kept() {
        let mut findings = Findings::default();
        for row in 1..=6000 {
            findings.add(Lang::En, "a.csv", row, row, &[Finding::error("batch-not-utf8", "text")]);
        }
        assert_eq!((findings.count(), findings.told().len(), findings.more()), (6000, 5000, 1000));
    }
}
