//! Deadlines with their calculation, for an appeal and as a forecast.

use jiff::Timestamp;

use super::context::Ctx;
use super::explain::Explainer;
use super::rules::{self, Rules};
use super::{access, timing};
use crate::fault::{Fault, Result};
use crate::store::catalogue;
use crate::store::db::Tx;
use crate::store::deadlines::{self, DeadlineRow};
use appeal_api::{DeadlineDetail, ForecastQuery, PauseSpan};
use appeal_domain::deadline::{Pause, Term};
use appeal_domain::*;
use appeal_i18n::Lang;

/// Returns the deadlines of an appeal by due date. A draft has none.
pub async fn of_appeal(tx: &mut Tx, ctx: &Ctx, number: &str) -> Result<Vec<DeadlineDetail>> {
    let (row, _) = access::find(tx, ctx, Scope::Read, number).await?;
    let rules = rules::of(tx).await?;
    let home = timing::zone_name(tx, row.department.as_deref()).await?;
    let mut pauses = deadlines::pauses(tx, &[&row.id]).await?;
    let mut details = Vec::new();
    for deadline in deadlines::of(tx, &[&row.id]).await? {
        let pauses = pauses.remove(&(row.id.clone(), deadline.kind)).unwrap_or_default();
        let of = Of {
            lang: ctx.lang,
            now: ctx.now,
            filed_at: row.created_at,
            department: row.department.as_deref(),
            home: &home,
        };
        details.push(detail(&rules, &of, &deadline, &pauses)?);
    }
    Ok(details)
}

/// Returns the deadlines of an appeal that would be filed at a given time.
///
/// # Errors
/// 422: there is no such category or department.
pub async fn forecast(
    tx: &mut Tx,
    lang: Lang,
    now: Timestamp,
    query: &ForecastQuery,
) -> Result<Vec<DeadlineDetail>> {
    let given =
        |value: &Option<String>| value.as_deref().map(str::trim).filter(|v| !v.is_empty()).map(str::to_owned);
    let (category, wanted) = (given(&query.category), given(&query.department));
    let mut findings = Vec::new();
    if let Some(code) = &category
        && catalogue::category(tx, code).await?.is_none()
    {
        findings.push(Finding::error("category-unknown", "category").arg("given", code));
    }
    if let Some(code) = &wanted
        && catalogue::department(tx, code).await?.is_none()
    {
        findings.push(Finding::error("department-unknown", "department").arg("given", code));
    }
    let regions = rules::regions(tx).await?;
    let region = given(&query.region);
    if let (None, Some(code), Some(text)) = (&wanted, &category, &region) {
        let decides = catalogue::category(tx, code).await?.is_some_and(|category| category.regional);
        findings.extend(regions.finding(text, decides).filter(Finding::is_error));
    }
    if !findings.is_empty() {
        return Err(Fault::invalid(findings));
    }
    let department = match (wanted, &category) {
        (Some(code), _) => Some(code),
        (None, Some(category)) => Some(catalogue::route(tx, category, region.as_deref(), &regions).await?),
        (None, None) => None,
    };
    let rules = rules::of(tx).await?;
    let channel = query.channel.unwrap_or(Channel::Account);
    let terms = timing::terms(tx, &rules.policies, channel, category.as_deref()).await?;
    let home = timing::zone_name(tx, department.as_deref()).await?;
    let at = query.at.unwrap_or(now);
    // As seen at the time of filing.
    let of = Of { lang, now: at, filed_at: at, department: department.as_deref(), home: &home };
    let mut details = Vec::new();
    for kind in timing::FILED {
        let Some(term) = terms.term(kind) else { continue };
        let mut row = DeadlineRow {
            appeal_id: String::new(),
            kind,
            term,
            started_at: at,
            due_at: at,
            // Registration takes place at filing.
            met_at: (kind == DeadlineKind::Registration).then_some(at),
            paused_at: None,
            zone: Some(home.clone()),
            set: None,
            extended_from: None,
            reason: None,
        };
        row.due_at = timing::reckon(&rules.calendar, &row, &[], &home)?.at;
        details.push(detail(&rules, &of, &row, &[])?);
    }
    details.sort_by_key(|detail| detail.due_at);
    Ok(details)
}

/// The context of a deadline.
struct Of<'a> {
    lang: Lang,
    now: Timestamp,
    filed_at: Timestamp,
    department: Option<&'a str>,
    /// The department's time zone.
    home: &'a str,
}

fn detail(rules: &Rules, of: &Of<'_>, row: &DeadlineRow, pauses: &[Pause]) -> Result<DeadlineDetail> {
    let calendar = &*rules.calendar;
    let due = timing::reckon(calendar, row, pauses, of.home)?;
    let zone_name = row.zone.as_deref().unwrap_or(of.home);
    let zone = timing::zone(zone_name)?;
    let explainer = Explainer { lang: of.lang, calendar, zone_name, zone: &zone, filed_at: of.filed_at };
    let runs = row.met_at.is_none() && row.paused_at.is_none();
    let now = of.now;
    let round_the_clock = matches!(row.term, Term::Hours(_) | Term::Minutes(_));
    let left_working_minutes = if runs && !round_the_clock {
        let left = calendar.worked(now, row.due_at, &zone);
        Some(left.map_err(|e| Fault::Internal(e.to_string()))?.as_mins())
    } else {
        None
    };
    Ok(DeadlineDetail {
        kind: row.kind.into(),
        term: row.term.to_string(),
        started_at: row.started_at,
        due_at: row.due_at,
        due_on: Some(zones::due_on(row.due_at, &zone)),
        state: row.state(of.now).into(),
        met_at: row.met_at,
        paused_at: row.paused_at,
        department: of.department.map(str::to_owned),
        zone: zone_name.to_owned(),
        provisional: due.provisional,
        left_minutes: runs.then(|| row.due_at.duration_since(now).as_mins()),
        left_working_minutes,
        pauses: pauses
            .iter()
            .filter(|pause| pause.until > row.started_at)
            .map(|pause| PauseSpan { from: pause.from, until: pause.until })
            .collect(),
        extended_from: row.extended_from,
        reason: row.reason.clone(),
        steps: explainer.lines(row, &due),
    })
}
