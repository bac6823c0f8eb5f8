//! A change of an appeal: the row before and after, additional facts, and the single place where they become a new
//! version, a journal entry and an event.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::access;
use super::context::Ctx;
use super::notices;
use crate::caller::PLATFORM;
use crate::fault::{Fault, Result};
use crate::store::appeals::{self, AppealRow};
use crate::store::cards::{self, Depth, Wanted};
use crate::store::db::Tx;
use crate::store::events::{self, NewEvent};
use crate::store::{catalogue, journal};
use appeal_api::Appeal;
use appeal_domain::lifecycle::{self, Action, Who};
use appeal_domain::*;

/// A change in progress.
pub struct Change {
    before: AppealRow,
    /// The appeal after the change.
    pub row: AppealRow,
    /// Time of the change.
    pub now: Timestamp,
    actor: String,
    facts: Map<String, Value>,
    detail: Map<String, Value>,
    internal: bool,
}

impl Change {
    /// Starts a change by the caller.
    pub fn by(ctx: &Ctx, row: AppealRow) -> Change {
        Change::new(row, ctx.now, ctx.caller.login.clone())
    }

    /// Starts a change by the platform itself.
    pub fn by_platform(row: AppealRow, now: Timestamp) -> Change {
        Change::new(row, now, PLATFORM.to_owned())
    }

    fn new(row: AppealRow, now: Timestamp, actor: String) -> Change {
        Change {
            before: row.clone(),
            row,
            now,
            actor,
            facts: Map::new(),
            detail: Map::new(),
            internal: false,
        }
    }

    /// Makes a move of the life-cycle table.
    ///
    /// # Errors
    /// 409 with the possible moves.
    pub fn apply(&mut self, who: Who, action: Action) -> Result<()> {
        let to = lifecycle::apply(who, action, &self.before.situation())
            .map_err(|forbidden| Fault::forbidden_move(&forbidden))?;
        self.row.status = to;
        Ok(())
    }

    /// Returns the status before the change.
    pub fn status_before(&self) -> Status {
        self.before.status
    }

    /// Adds a value to the journal entry that is not a field of the appeal.
    pub fn fact(&mut self, name: &str, value: impl Into<Value>) {
        self.facts.insert(name.to_owned(), new_value(value));
    }

    /// Adds a changed value to the journal entry that is not a field of the appeal.
    pub fn changed(&mut self, name: &str, before: impl Into<Value>, after: impl Into<Value>) {
        self.facts.insert(name.to_owned(), json!({ "before": before.into(), "after": after.into() }));
    }

    /// Adds an argument to the summary of the event.
    pub fn tell(&mut self, name: &str, value: impl Into<Value>) {
        self.detail.insert(name.to_owned(), value.into());
    }

    /// Makes the change visible to the authority's staff only.
    pub fn keep_internal(&mut self) {
        self.internal = true;
    }

    /// Returns whether nothing would change.
    pub fn is_empty(&self) -> bool {
        self.before == self.row && self.facts.is_empty()
    }

    /// Writes the change: version, journal, event.
    pub async fn commit(mut self, tx: &mut Tx, event: Event) -> Result<AppealRow> {
        let read_version = self.before.version;
        if self.row.status != self.before.status {
            self.row.status_since = self.now;
            super::timing::settle(tx, &self.row, self.now).await?;
        }
        let mut changes = difference(&fields(tx, &self.before).await?, &fields(tx, &self.row).await?);
        changes.append(&mut self.facts);
        self.row.updated_at = self.now;
        self.row.version = read_version + 1;
        let row = &mut self.row;
        let changes = Value::Object(changes);
        journal::append(tx, row, self.now, &self.actor, event.action(), changes, self.internal).await?;
        appeals::update(tx, row, read_version).await?;
        let former = self.before.responsible_id.filter(|id| row.responsible_id.as_ref() != Some(id));
        announce(tx, row, former.as_deref(), self.now, &self.actor, event, self.detail, self.internal)
            .await?;
        Ok(self.row)
    }

    /// Writes the change; returns the card as visible to the caller.
    pub async fn done(self, tx: &mut Tx, ctx: &Ctx, event: Event) -> Result<Appeal> {
        let row = self.commit(tx, event).await?;
        card(tx, ctx, row).await
    }
}

/// Starts the journal of a newly inserted appeal, and publishes the event.
pub async fn found(
    tx: &mut Tx,
    ctx: &Ctx,
    mut row: AppealRow,
    facts: Map<String, Value>,
    event: Event,
) -> Result<AppealRow> {
    let mut changes = difference(&Map::new(), &fields(tx, &row).await?);
    changes.extend(facts);
    let actor = ctx.caller.login.as_str();
    journal::append(tx, &mut row, ctx.now, actor, event.action(), Value::Object(changes), false).await?;
    appeals::set_journal(tx, &row).await?;
    announce(tx, &row, None, ctx.now, actor, event, Map::new(), false).await?;
    Ok(row)
}

/// Formats a new value for the journal.
pub fn new_value(value: impl Into<Value>) -> Value {
    json!({ "before": null, "after": value.into() })
}

#[expect(clippy::too_many_arguments, reason = "the parts of one event")]
async fn announce(
    tx: &mut Tx,
    row: &AppealRow,
    former: Option<&str>,
    at: Timestamp,
    actor: &str,
    event: Event,
    detail: Map<String, Value>,
    internal: bool,
) -> Result<()> {
    let detail = Value::Object(detail);
    let new = NewEvent { appeal_id: &row.id, at, event, status: row.status, actor, detail, internal };
    events::append(tx, &new).await?;
    notices::tell(tx, row, former, &new).await
}

/// Returns the card of an appeal as visible to the caller.
pub async fn card(tx: &mut Tx, ctx: &Ctx, row: AppealRow) -> Result<Appeal> {
    let standing = access::standing(tx, &ctx.caller, &row).await?;
    let number = row.number.clone();
    let wanted = vec![Wanted { row, internal: standing.is_authority() }];
    let mut cards = cards::build(tx, wanted, Depth::Full, ctx.now).await?;
    cards.pop().ok_or_else(|| Fault::not_found(number))
}

/// Returns the values recorded in the journal, by their names in the API.
async fn fields(tx: &mut Tx, row: &AppealRow) -> Result<Map<String, Value>> {
    let responsible = match &row.responsible_id {
        Some(id) => Some(catalogue::person_ref(tx, id).await?.login),
        None => None,
    };
    let mut followed = object(json!({
        "number": row.number,
        "status": row.status,
        "kind": row.kind,
        "category": row.category,
        "subject": row.subject,
        "text": row.text,
        "priority": row.priority,
        "channel": row.channel,
    }));
    for (name, value) in object(json!(row.content())) {
        followed.entry(name).or_insert(value);
    }
    followed.extend(object(json!({
        "department": row.department,
        "responsible": responsible,
        "due_at": row.due_at,
        "escalated": row.escalated,
        "repeat_of": row.repeat_of,
        "merged_into": row.merged_into,
    })));
    Ok(followed)
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// Returns `{field: {before, after}}` for every field that differs. An absent value counts as `null`, and so does an
/// empty value of a new appeal.
fn difference(before: &Map<String, Value>, after: &Map<String, Value>) -> Map<String, Value> {
    after
        .iter()
        .filter(|(name, value)| {
            let earlier = before.get(*name).unwrap_or(&Value::Null);
            earlier != *value && !(before.is_empty() && is_void(value))
        })
        .map(|(name, value)| {
            let earlier = before.get(name).cloned().unwrap_or(Value::Null);
            (name.clone(), json!({ "before": earlier, "after": value }))
        })
        .collect()
}

fn is_void(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Object(map) => map.values().all(is_void),
        _ => false,
    }
}

/// Checks a required text: not empty, within the limit, without NUL.
///
/// # Errors
/// 422 with the finding.
pub fn need_text(field: &'static str, text: &str) -> Result<()> {
    let findings = text_findings(field, text, true);
    if findings.is_empty() { Ok(()) } else { Err(Fault::invalid(findings)) }
}

/// Returns the findings about a text, regardless of its content.
pub fn text_findings(field: &str, text: &str, needed: bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    if needed && text.trim().is_empty() {
        findings.push(Finding::error("text-empty", field));
    }
    if let Some(at) = text.find('\0') {
        findings.push(Finding::error("text-nul", field).at(place(text, at)));
    }
    let (length, max) = (text.chars().count(), Rules::default().text_max);
    if length > max {
        findings.push(Finding::error("text-too-long", field).arg("length", length).arg("max", max));
    }
    findings
}

fn place(text: &str, offset: usize) -> String {
    let before = &text[..offset];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |l| l.chars().count()) + 1;
    format!("{line}:{column}")
}

/// Formats an attachment for the journal.
pub fn file_fact(id: &str, file: &appeal_api::FileRef) -> Value {
    json!({ "id": id, "name": file.name, "sha256": file.sha256.to_ascii_lowercase() })
}
