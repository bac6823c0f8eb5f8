//! Reports of an authority (O3).

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

use super::context::Ctx;
use super::{access, timing};
use crate::fault::{Fault, Result};
use crate::store::catalogue;
use crate::store::db::Tx;
use crate::store::reports::{self, Counted};
use appeal_api::*;
use appeal_domain::report::{self, DEFAULT_DAYS, HOME_ZONE, Tally};
use appeal_domain::*;
use appeal_i18n::{Lang, label, t};

/// Returns statistics on the appeals that were filed in a period and that the caller is responsible for.
///
/// # Errors
/// 403 without the scope, or for people outside the authority's staff; 422 for an invalid period.
pub async fn summary(tx: &mut Tx, ctx: &Ctx, query: &ReportQuery) -> Result<Report> {
    if matches!(ctx.caller.role, Role::Individual | Role::Representative | Role::Intermediary) {
        return Err(Fault::forbidden("forbidden-report"));
    }
    access::admit(&ctx.caller, Scope::Report)?;
    let zone = timing::zone(HOME_ZONE)?;
    let (from, to, by) = asked(query, ctx.now, &zone)?;
    let mut groups: HashMap<Option<String>, (Tally, Option<String>)> = HashMap::new();
    reports::each(tx, &ctx.caller, (from, to), |appeal| {
        let (key, spelt) = key(&appeal, by, &zone);
        let (tally, spelling) = groups.entry(key).or_default();
        tally.add(&appeal.facts, ctx.now);
        // People write a region in any case; the alphabetically first spelling is shown.
        if let Some(spelt) = spelt
            && spelling.as_ref().is_none_or(|known| spelt < *known)
        {
            *spelling = Some(spelt);
        }
    })
    .await?;
    let titles = titles(tx, by).await?;
    let mut total = Tally::default();
    let mut rows = Vec::with_capacity(groups.len());
    for (key, (tally, spelling)) in groups {
        total.merge(&tally);
        let key = spelling.or(key);
        let title = title(key.as_deref(), by, &titles);
        rows.push(ReportGroup { key, title, numbers: numbers(tally) });
    }
    rows.sort_by(|a, b| {
        let size =
            if is_time(by) { std::cmp::Ordering::Equal } else { b.numbers.filed.cmp(&a.numbers.filed) };
        size.then_with(|| a.key.cmp(&b.key))
    });
    Ok(Report {
        from,
        to,
        time_zone: HOME_ZONE.to_owned(),
        at: ctx.now,
        by: by.into(),
        groups: rows,
        total: numbers(total),
    })
}

const fn is_time(by: ReportBy) -> bool {
    matches!(by, ReportBy::Day | ReportBy::Week | ReportBy::Month)
}

/// Parses the period and the grouping.
fn asked(query: &ReportQuery, now: Timestamp, zone: &TimeZone) -> Result<(Timestamp, Timestamp, ReportBy)> {
    let mut findings = Vec::new();
    let by = match query.by.as_deref().map(str::trim).filter(|by| !by.is_empty()) {
        None => ReportBy::Category,
        Some(word) => word.parse().unwrap_or_else(|unknown: UnknownWord| {
            findings.push(
                Finding::error("word-unknown", "by")
                    .arg("given", unknown.given)
                    .arg("allowed", unknown.allowed.join(", ")),
            );
            ReportBy::Category
        }),
    };
    let from = moment(&query.from, "from", false, zone, &mut findings);
    let to = moment(&query.to, "to", true, zone, &mut findings);
    if !findings.is_empty() {
        return Err(Fault::invalid(findings));
    }
    let out_of_time = |e: jiff::Error| Fault::Internal(e.to_string());
    let to = match to {
        Some(to) => to,
        // Today is included until its end.
        None => midnight(now.to_zoned(zone.clone()).date().tomorrow().map_err(out_of_time)?, zone)
            .map_err(out_of_time)?,
    };
    let from = match from {
        Some(from) => from,
        None => to
            .to_zoned(zone.clone())
            .checked_sub(DEFAULT_DAYS.days())
            .map_err(|_| Fault::invalid(vec![Finding::error("period-empty", "to")]))?
            .timestamp(),
    };
    if from >= to {
        return Err(Fault::invalid(vec![Finding::error("period-empty", "to")]));
    }
    Ok((from, to, by))
}

/// Parses a time or a date; a date is its beginning or, with `whole`, its end.
fn moment(
    given: &Option<String>,
    field: &str,
    whole: bool,
    zone: &TimeZone,
    findings: &mut Vec<Finding>,
) -> Option<Timestamp> {
    let text = given.as_deref().map(str::trim).filter(|text| !text.is_empty())?;
    let day = if text.len() == 10 { text.parse::<Date>().ok() } else { None };
    let found = match day {
        Some(day) => {
            let day = if whole { day.tomorrow() } else { Ok(day) };
            day.and_then(|day| midnight(day, zone)).ok()
        }
        None => text.parse().ok(),
    };
    if found.is_none() {
        findings.push(Finding::error("time-invalid", field).arg("given", text));
    }
    found
}

fn midnight(day: Date, zone: &TimeZone) -> std::result::Result<Timestamp, jiff::Error> {
    Ok(day.to_zoned(zone.clone())?.timestamp())
}

/// Returns the group of an appeal, and its spelling if several spellings belong to one group.
fn key(appeal: &Counted, by: ReportBy, zone: &TimeZone) -> (Option<String>, Option<String>) {
    let filed = || appeal.facts.filed_at.to_zoned(zone.clone()).date();
    let key = match by {
        ReportBy::Category => Some(appeal.category.clone()),
        ReportBy::Department => appeal.department.clone(),
        ReportBy::Kind => Some(appeal.kind.clone()),
        ReportBy::Organization => appeal.organization.clone(),
        ReportBy::Region => {
            let region = appeal.region.as_deref().map(str::trim).filter(|region| !region.is_empty());
            return (region.map(catalogue::fold_region), region.map(str::to_owned));
        }
        ReportBy::Day => Some(filed().to_string()),
        ReportBy::Week => {
            let week = filed().iso_week_date();
            Some(format!("{:04}-W{:02}", week.year(), week.week()))
        }
        ReportBy::Month => Some(filed().strftime("%Y-%m").to_string()),
    };
    (key, None)
}

/// Returns titles from the reference data.
async fn titles(tx: &mut Tx, by: ReportBy) -> Result<BTreeMap<String, Titles>> {
    Ok(match by {
        ReportBy::Category => {
            catalogue::categories(tx).await?.into_iter().map(|c| (c.code, c.title)).collect()
        }
        ReportBy::Department => {
            catalogue::departments(tx).await?.into_iter().map(|d| (d.code, d.title)).collect()
        }
        ReportBy::Organization => {
            let names = reports::organizations(tx).await?;
            names.into_iter().map(|(inn, name)| (inn, Titles { en: name.clone(), ru: name })).collect()
        }
        _ => BTreeMap::new(),
    })
}

fn title(key: Option<&str>, by: ReportBy, titles: &BTreeMap<String, Titles>) -> Titles {
    let both = |say: &dyn Fn(Lang) -> String| Titles { en: say(Lang::En), ru: say(Lang::Ru) };
    match (key, by) {
        (None, _) => both(&|lang| t(lang, &format!("report-none-{by}"), &[])),
        (Some(kind), ReportBy::Kind) => both(&|lang| label(lang, Kind::VOCABULARY, kind)),
        (Some(key), _) => titles.get(key).cloned().unwrap_or_else(|| both(&|_| key.to_owned())),
    }
}

#[allow(clippy::cast_precision_loss)] // sums of ratings are far below 2^53
fn numbers(mut tally: Tally) -> ReportNumbers {
    let times = |values: &mut Vec<u64>| ReportTimes {
        count: values.len() as u64,
        median: report::percentile(values, 50),
        p95: report::percentile(values, 95),
    };
    ReportNumbers {
        filed: tally.filed,
        answered: tally.answered,
        in_time: tally.in_time,
        overdue: tally.overdue,
        time_to_first_status: times(&mut tally.first_status),
        time_to_decision: times(&mut tally.decision),
        outcomes: tally.outcomes,
        solved: tally.solved,
        share_solved: report::share(tally.solved, tally.outcomes),
        repeated: tally.repeated,
        share_repeated: report::share(tally.repeated, tally.filed),
        escalated: tally.escalated,
        share_escalated: report::share(tally.escalated, tally.filed),
        satisfaction: Satisfaction {
            count: tally.ratings,
            mean: (tally.ratings > 0).then(|| tally.scores as f64 / tally.ratings as f64),
        },
    }
}
