//! Production calendars as data (N1).

use futures_util::future::ready;
use jiff::civil::Time;
use serde_json::Value;

use super::data_set::{
    Batch, Candidate, DataSet, Field, Map, Step, as_map, fits, object, text, through, typed,
};
use crate::fault::Result;
use crate::service::rules::CALENDAR;
use crate::store::admin_catalogue;
use crate::store::db::Tx;
use appeal_api::CalendarRecord;
use appeal_domain::Finding;
use appeal_domain::calendar::{Calendar, Year};

/// The fields of a record.
const FIELDS: &[Field] = &[
    ("name", true, fits::<String>),
    ("opens", true, fits::<Time>),
    ("closes", true, fits::<Time>),
    ("break_from", true, fits::<Time>),
    ("break_to", true, fits::<Time>),
    ("short_by_minutes", true, fits::<u16>),
    ("years", true, years),
];

pub struct Calendars;

impl DataSet for Calendars {
    fn key(&self) -> &'static str {
        "name"
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    fn normal(&self, map: &Map) -> std::result::Result<Map, String> {
        through::<CalendarRecord>(map)
    }

    fn all<'t>(&'t self, tx: &'t mut Tx) -> Step<'t, Vec<Map>> {
        Box::pin(all(tx))
    }

    fn expand(&self, value: &Value) -> Vec<Value> {
        vec![expand(value)]
    }

    fn tidy<'t>(
        &'t self,
        _tx: &'t mut Tx,
        _at: &'t str,
        given: &'t mut Map,
        before: Option<&'t Map>,
        _findings: &'t mut Vec<Finding>,
    ) -> Step<'t> {
        tidy(given, before);
        Box::pin(ready(Ok(())))
    }

    fn check<'t>(
        &'t self,
        _tx: &'t mut Tx,
        batch: &'t Batch<'t>,
        findings: &'t mut Vec<Finding>,
    ) -> Step<'t> {
        Box::pin(ready(check(batch.candidates, batch.removed, findings)))
    }

    fn put<'t>(&'t self, tx: &'t mut Tx, batch: &'t Batch<'t>) -> Step<'t> {
        Box::pin(put(tx, batch.candidates, batch.removed))
    }
}

fn years(value: &Value) -> std::result::Result<(), String> {
    object(value)?;
    for (year, data) in value.as_object().into_iter().flatten() {
        year.parse::<i16>().map_err(|_| format!("'{year}' is not a year"))?;
        if !data.is_null() {
            fits::<Year>(data).map_err(|e| format!("{year}: {e}"))?;
        }
    }
    Ok(())
}

/// Returns all calendars.
async fn all(tx: &mut Tx) -> Result<Vec<Map>> {
    admin_catalogue::calendars(tx).await?.iter().map(as_map).collect()
}

/// A calendar without a name is the home one; a single year is a year of it.
fn expand(value: &Value) -> Value {
    let Value::Object(map) = value else { return value.clone() };
    let mut map = map.clone();
    map.entry("name").or_insert_with(|| CALENDAR.into());
    if !map.contains_key("years")
        && let Some(year) = map.remove("year")
    {
        let year = year.as_str().map_or_else(|| year.to_string(), str::to_owned);
        let name = map.remove("name").unwrap_or_default();
        let mut years = Map::new();
        years.insert(year, Value::Object(map));
        let mut record = Map::new();
        record.insert("name".to_owned(), name);
        record.insert("years".to_owned(), Value::Object(years));
        return Value::Object(record);
    }
    Value::Object(map)
}

/// The given years replace existing ones; other years are kept, and a year set to `null` is removed.
fn tidy(given: &mut Map, before: Option<&Map>) {
    let Some(Value::Object(years)) = given.get("years") else { return };
    let mut laid = match before.and_then(|b| b.get("years")) {
        Some(Value::Object(present)) => present.clone(),
        _ => Map::new(),
    };
    for (year, data) in years.clone() {
        if data.is_null() {
            laid.remove(&year);
        } else {
            laid.insert(year, data);
        }
    }
    given.insert("years".to_owned(), laid.into());
}

fn calendar_of(record: CalendarRecord) -> Calendar {
    Calendar {
        opens: record.opens,
        closes: record.closes,
        break_from: record.break_from,
        break_to: record.break_to,
        short_by_minutes: record.short_by_minutes,
        years: record.years,
    }
}

/// Reports every inconsistency of each calendar, year by year.
fn check(candidates: &[Candidate], removed: &[String], findings: &mut Vec<Finding>) -> Result<()> {
    for candidate in candidates {
        let at = candidate.at.as_str();
        let calendar = calendar_of(typed(&candidate.after)?);
        if calendar.years.is_empty() {
            findings.push(Finding::error("admin-empty", "years").at(at));
        }
        let hours = Calendar { years: Default::default(), ..calendar.clone() };
        if let Err(error) = hours.validate() {
            findings.push(Finding::error("admin-calendar", "opens").at(at).arg("error", error));
            continue;
        }
        for (year, data) in &calendar.years {
            let alone = Calendar { years: [(*year, data.clone())].into(), ..calendar.clone() };
            if let Err(error) = alone.validate() {
                findings.push(
                    Finding::error("admin-calendar", format!("years.{year}")).at(at).arg("error", error),
                );
            }
        }
    }
    if removed.iter().any(|name| name == CALENDAR) {
        findings.push(Finding::error("admin-in-use", "name").at(CALENDAR).arg("key", CALENDAR));
    }
    Ok(())
}

/// Stores calendars.
async fn put(tx: &mut Tx, candidates: &[Candidate], removed: &[String]) -> Result<()> {
    for name in removed {
        admin_catalogue::remove_calendar(tx, name).await?;
    }
    for candidate in candidates {
        let record: CalendarRecord = typed(&candidate.after)?;
        let name = record.name.clone();
        admin_catalogue::put_calendar(tx, &name, &text(&calendar_of(record))?).await?;
    }
    Ok(())
}
