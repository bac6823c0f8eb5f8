//! The dry run of `create`: everything is checked, here and by the platform, and nothing is filed.

use reqwest::Method;

use super::{Sender, tell_similar};
use crate::cli::base::dry_run::DryRun;
use crate::cli::base::{Context, Failure};
use crate::cli::record::Record;
use crate::cli::record::checks::examine;
use crate::output::{Cell, Column, Format, Shape};
use appeal_api::{ApiFinding, IDEMPOTENCY_KEY, NewAppeal};
use appeal_domain::Severity;
use appeal_i18n::message;

/// What would be sent, for people.
const REQUEST_SHAPE: Shape = Shape {
    columns: &[
        Column::new("kind", Cell::Word("kind")),
        Column::new("category", Cell::Text),
        Column::new("subject", Cell::Text),
        Column::new("text", Cell::Text),
        Column::new("occurred_at", Cell::Text),
        Column::new("expected", Cell::Text),
        Column::new("attachments.name", Cell::Join),
    ],
    more: &[],
    key: "subject",
};

/// Checks, and prints what would be sent with what was found.
pub async fn run(ctx: &mut Context, record: &Record, sender: &Sender, key: &str) -> Result<(), Failure> {
    let client = ctx.client().await?;
    let outcome = examine(&client, record, sender.is_applicant()).await?;
    let mut findings = outcome.described(ctx.lang);
    let mut similar = Vec::new();
    let request = NewAppeal { attachments: outcome.references(), ..record.into_request() };
    if !outcome.fails(record.strict) {
        // Files stay here: they were looked at, and the platform judges their names.
        let checked = sender.file(&client, request.clone(), key).dry_run().await?;
        merge(&mut findings, checked.findings);
        similar = checked.similar;
    }
    let (path, whole) = sender.planned(&request);
    let run = DryRun::default()
        .request(&Method::POST, path, &[(IDEMPOTENCY_KEY, key)], whole)
        .uploads(outcome.files.iter().map(|(file, _)| file))
        .finds(findings.clone(), similar);
    print(ctx, &request, &findings, &run)?;
    if findings.iter().any(|finding| record.strict || finding.severity == Severity::Error) {
        return Err(Failure::invalid(findings));
    }
    if !ctx.out.format().is_json() {
        ctx.out.note(message!("dry-run-passed"));
    }
    Ok(())
}

/// Both sides report the same findings; each is printed once.
fn merge(findings: &mut Vec<ApiFinding>, more: Vec<ApiFinding>) {
    for finding in more {
        let known = |f: &ApiFinding| f.code == finding.code && f.field == finding.field && f.at == finding.at;
        if !findings.iter().any(known) {
            findings.push(finding);
        }
    }
    findings.sort_by_key(|finding| finding.severity != Severity::Error);
}

fn print(
    ctx: &mut Context,
    request: &NewAppeal,
    findings: &[ApiFinding],
    run: &DryRun,
) -> Result<(), Failure> {
    if ctx.out.is_json() {
        return Ok(ctx.out.json(&run.to_json())?);
    }
    tell_similar(ctx, run.similar());
    // Columns that are named are those of the findings.
    let table = ctx.out.format() == Format::Table && !ctx.out.is_quiet() && ctx.globals.columns.is_none();
    if table {
        ctx.out.one(request, &REQUEST_SHAPE)?;
    }
    if !table || !findings.is_empty() {
        ctx.out.print_findings(findings)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(code: &str, severity: Severity) -> ApiFinding {
        ApiFinding {
            severity: severity.into(),
            code: code.into(),
            field: "text".into(),
            at: None,
            message: String::new(),
            remedy: String::new(),
        }
    }

    #[test]
    fn what_both_sides_find_is_told_once_and_errors_first() {
        let mut findings = vec![finding("no-fact", Severity::Warning)];
        merge(
            &mut findings,
            vec![finding("no-fact", Severity::Warning), finding("text-empty", Severity::Error)],
        );
        let codes: Vec<&str> = findings.iter().map(|f| f.code.as_str()).collect();
        assert_eq!(codes, ["text-empty", "no-fact"]);
    }
}
