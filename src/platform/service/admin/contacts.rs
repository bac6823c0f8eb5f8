//! Support contacts as data: whom people turn to who cannot go on by themselves.

use super::data_set::{
    Batch, Candidate, DataSet, Field, Map, Step, as_map, check_code, check_titles, fits, through, typed,
};
use crate::fault::Result;
use crate::store::admin_catalogue;
use crate::store::db::Tx;
use appeal_api::{ContactRecord, Titles};
use appeal_domain::*;

/// The fields of a record.
const FIELDS: &[Field] = &[
    ("id", true, fits::<String>),
    ("title", true, fits::<Titles>),
    ("phone", false, fits::<String>),
    ("email", false, fits::<String>),
    ("url", false, fits::<String>),
    ("hours", false, fits::<Titles>),
];

pub struct Contacts;

impl DataSet for Contacts {
    fn key(&self) -> &'static str {
        "id"
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    fn normal(&self, map: &Map) -> std::result::Result<Map, String> {
        through::<ContactRecord>(map)
    }

    fn all<'t>(&'t self, tx: &'t mut Tx) -> Step<'t, Vec<Map>> {
        Box::pin(async move { admin_catalogue::contacts(tx).await?.iter().map(as_map).collect() })
    }

    fn check<'t>(&'t self, _: &'t mut Tx, batch: &'t Batch<'t>, findings: &'t mut Vec<Finding>) -> Step<'t> {
        Box::pin(async move { check(batch.candidates, findings) })
    }

    fn put<'t>(&'t self, tx: &'t mut Tx, batch: &'t Batch<'t>) -> Step<'t> {
        Box::pin(put(tx, batch.candidates, batch.removed))
    }
}

/// Reports contacts that lead nowhere.
fn check(candidates: &[Candidate], findings: &mut Vec<Finding>) -> Result<()> {
    for candidate in candidates {
        let at = candidate.at.as_str();
        let contact: ContactRecord = typed(&candidate.after)?;
        check_code(at, "id", &contact.id, false, findings);
        check_titles(at, "title", &contact.title, findings);
        let mut given = 0;
        for (field, value) in [("phone", &contact.phone), ("email", &contact.email), ("url", &contact.url)] {
            let Some(value) = value.as_deref() else { continue };
            given += 1;
            if value.trim().is_empty() || value.contains(char::is_control) {
                findings.push(Finding::error("admin-empty", field).at(at));
            }
        }
        if let Some(hours) = &contact.hours {
            check_titles(at, "hours", hours, findings);
        }
        if given == 0 {
            findings.push(Finding::error("admin-contact", "phone").at(at));
        }
    }
    Ok(())
}

/// Stores contacts.
async fn put(tx: &mut Tx, candidates: &[Candidate], removed: &[String]) -> Result<()> {
    for id in removed {
        admin_catalogue::remove_contact(tx, id).await?;
    }
    for candidate in candidates {
        admin_catalogue::put_contact(tx, &typed(&candidate.after)?).await?;
    }
    Ok(())
}
