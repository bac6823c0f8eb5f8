//! The output of a batch: a result for each row, findings with their positions, and a closing line.

use std::path::Path;

use serde::Serialize;
use serde_json::{Value, json};

use super::journal::Filed;
use super::keys::Key;
use crate::cli::base::{Exit, Failure};
use crate::output::{Cell, Column, Shape};
use appeal_api::ApiFinding;
use appeal_domain::Finding;
use appeal_i18n::{Lang, MessageId, message, message_id, t};

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
    key: "number",
};

/// Most findings that are kept; further ones are only counted.
const FINDINGS_MAX: usize = 5000;

/// The outcome of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RowStatus {
    /// Filed by this run.
    Filed,
    /// Filed by an earlier run.
    Already,
    /// Refused by the platform.
    Failed,
    /// It failed the checks.
    Invalid,
    /// Not sent, or the outcome is unknown; the next run sends it again.
    Pending,
}

impl RowStatus {
    /// Every outcome.
    pub const ALL: [RowStatus; 5] =
        [RowStatus::Filed, RowStatus::Already, RowStatus::Failed, RowStatus::Invalid, RowStatus::Pending];
}

/// The result of a row. Scripts rely on its keys.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RowResult {
    /// Its number in the file, from 1.
    pub row: u64,
    /// Its key in the journal; none if the row could not be read.
    pub key: Option<String>,
    /// The outcome.
    pub status: RowStatus,
    /// The number of the appeal, once there is one.
    pub number: Option<String>,
    /// `{code, message, hint, details}`.
    pub error: Option<Value>,
}

impl RowResult {
    /// The result of a row whose key was filed by an earlier run. If its content or a `file` has changed since, the row
    /// fails: reporting it as filed would be wrong.
    pub fn already(row: u64, key: &Key, filed: &Filed, file: Option<&Path>) -> Self {
        let changed = filed.digest != key.digest || file.is_some();
        let failure = || {
            let (key, number) = (&key.key, &filed.number);
            let message = match file {
                Some(file) => message!("batch-file-changed", key, number, file = file.display()),
                None => message!("batch-row-changed", key, number),
            };
            error(&Failure::from_message(Exit::Conflict, "row_changed", message))
        };
        Self {
            row,
            key: Some(key.key.clone()),
            status: if changed { RowStatus::Failed } else { RowStatus::Already },
            number: Some(filed.number.clone()),
            error: changed.then(failure),
        }
    }

    /// The result of a row that was not sent or whose outcome is unknown.
    pub fn pending(row: u64, key: Option<&Key>) -> Self {
        let key = key.map(|key| key.key.clone());
        Self { row, key, status: RowStatus::Pending, number: None, error: None }
    }

    /// The result of a row that failed its checks.
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

/// An error in the form of results, like the error object of a failed command.
pub fn error(failure: &Failure) -> Value {
    json!({
        "code": failure.code,
        "message": failure.message,
        "hint": failure.hint,
        "details": failure.details,
    })
}

/// Rows by outcome.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Filed by this run.
    pub filed: u64,
    /// Filed by an earlier run.
    pub already: u64,
    /// Refused.
    pub failed: u64,
    /// Failed the checks.
    pub invalid: u64,
    /// Not sent, or unknown.
    pub pending: u64,
}

impl Counts {
    /// Counts a result.
    pub fn add(&mut self, status: RowStatus) {
        *match status {
            RowStatus::Filed => &mut self.filed,
            RowStatus::Already => &mut self.already,
            RowStatus::Failed => &mut self.failed,
            RowStatus::Invalid => &mut self.invalid,
            RowStatus::Pending => &mut self.pending,
        } += 1;
    }

    /// The counts in words. Zeros are left out, except for filed rows.
    pub fn describe(&self, lang: Lang) -> String {
        const FILED: MessageId = message_id!("batch-count-filed", count);
        [
            (FILED, self.filed),
            (message_id!("batch-count-already", count), self.already),
            (message_id!("batch-count-failed", count), self.failed),
            (message_id!("batch-count-invalid", count), self.invalid),
            (message_id!("batch-count-pending", count), self.pending),
        ]
        .into_iter()
        .filter(|(id, count)| *count > 0 || *id == FILED)
        .map(|(id, count)| id.with(&[("count", &count.to_string())]).text(lang))
        .collect::<Vec<_>>()
        .join(", ")
    }
}

/// A finding with its position in the batch.
#[derive(Debug, Clone, Serialize)]
struct PlacedFinding {
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
    shown: Vec<ApiFinding>,
    more: u64,
}

impl Findings {
    /// Adds the findings of a row; `row` is 0 for the file as a whole.
    pub fn add(&mut self, lang: Lang, file: &str, row: u64, line: u64, findings: &[Finding]) {
        for finding in findings {
            if self.shown.len() >= FINDINGS_MAX {
                self.more += 1;
                continue;
            }
            let mut finding = appeal_i18n::finding(lang, finding);
            let column = Some(finding.field.clone()).filter(|field| !field.is_empty());
            let place = if row == 0 {
                t!(lang, "batch-place-file", file, line)
            } else {
                t!(lang, "batch-place", file, line, row)
            };
            // The column is in `field` already.
            let inner = finding.at.take().filter(|at| Some(at) != column.as_ref());
            finding.at = Some(match inner {
                Some(at) => format!("{place}, {at}"),
                None => place,
            });
            let placed = PlacedFinding {
                finding: finding.clone(),
                file: file.to_owned(),
                row: Some(row).filter(|row| *row > 0),
                line,
                column,
            };
            self.kept.extend(serde_json::to_value(placed));
            self.shown.push(finding);
        }
    }

    /// True if nothing was found.
    pub fn is_empty(&self) -> bool {
        self.shown.is_empty()
    }

    /// The number of findings.
    pub fn count(&self) -> u64 {
        self.shown.len() as u64 + self.more
    }

    /// The findings that were kept.
    pub fn shown(&self) -> &[ApiFinding] {
        &self.shown
    }

    /// The number of findings that were not kept.
    pub fn more(&self) -> u64 {
        self.more
    }

    /// The findings that were kept, each with `file`, `row`, `line` and `column`.
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
        let key = Key { key: "k".into(), digest: "new".into(), duplicate_of: None };
        let filed = |digest: &str| Filed { number: "N".into(), digest: digest.into(), files: Vec::new() };
        let same = RowResult::already(1, &key, &filed("new"), None);
        assert_eq!((same.status, same.number.as_deref(), same.error), (RowStatus::Already, Some("N"), None));
        let other = RowResult::already(1, &key, &filed("old"), None);
        assert_eq!((other.status, other.number.as_deref()), (RowStatus::Failed, Some("N")));
        assert_eq!(other.error.unwrap()["code"], "row_changed");
    }

    #[test]
    fn an_error_has_the_words_of_a_later_platform() {
        let problem = json!({
            "status": 422, "title": "t", "code": "sealed", "detail": "d",
            "errors": [{ "severity": "notice", "code": "c", "field": "subject", "message": "m", "remedy": "" }],
            "moves": [{ "who": "notary", "action": "archive", "to": "sealed" }],
        });
        let problem = appeal_client::Error::Problem(serde_json::from_value(problem).unwrap());
        let error = error(&problem.into());
        assert_eq!((&error["code"], &error["details"][0]["severity"]), (&json!("sealed"), &json!("notice")));
        assert_eq!(error["details"][1]["action"], "archive");
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
        assert_eq!((findings.count(), findings.shown().len(), findings.more()), (6000, 5000, 1000));
    }
}
