//! Changes of appeals: where a reader starts, and what they may read.

use jiff::Timestamp;

use crate::caller::Caller;
use crate::fault::{Fault, Result};
use crate::store::db::Tx;
use crate::store::events::{self, EventPage, Wanted};
use crate::store::{people, visibility};
use appeal_api::code;
use appeal_domain::number::{AppealRef, NumberError};
use appeal_domain::{AccountState, Finding};
use appeal_i18n::Lang;

/// Maximum number of appeals in one request.
const NUMBERS_MAX: usize = 200;

/// The start position and the filter of a request.
#[derive(Debug, Clone)]
pub struct Start {
    pub epoch: String,
    pub position: i64,
    pub appeals: Option<Vec<String>>,
}

/// Parses the start: `from` is a cursor or a time; `numbers` are comma-separated.
pub async fn start(
    tx: &mut Tx,
    caller: &Caller,
    numbers: Option<&str>,
    from: (Option<&str>, Option<&str>),
) -> Result<Start> {
    let epoch = events::epoch(tx).await?;
    let newest = events::newest(tx).await?;
    let position = match from {
        (Some(cursor), None) => events::position_of(cursor, &epoch, newest)?,
        (None, Some(since)) => {
            let since: Timestamp = since.parse().map_err(|_| {
                Fault::refuse(400, code::BAD_REQUEST).arg("reason", "since: not a time of RFC 3339")
            })?;
            events::position_before(tx, since).await?
        }
        (None, None) => newest,
        (Some(_), Some(_)) => {
            return Err(Fault::refuse(400, code::BAD_REQUEST)
                .arg("reason", "after and since exclude each other")
                .into());
        }
    };
    let appeals = match numbers {
        None => None,
        Some(numbers) => Some(self::appeals(tx, caller, numbers).await?),
    };
    Ok(Start { epoch, position, appeals })
}

/// Returns the ids of the requested appeals.
pub async fn appeals(tx: &mut Tx, caller: &Caller, numbers: &str) -> Result<Vec<String>> {
    let given: Vec<&str> = numbers.split(',').map(str::trim).filter(|n| !n.is_empty()).collect();
    if given.is_empty() || given.len() > NUMBERS_MAX {
        let reason = format!("numbers: 1 to {NUMBERS_MAX} of them");
        return Err(Fault::refuse(400, code::BAD_REQUEST).arg("reason", reason).into());
    }
    let mut ids = Vec::with_capacity(given.len());
    for text in given {
        let number: AppealRef = text.parse().map_err(|error: NumberError| {
            let problem = match error {
                NumberError::Mistyped { .. } => code::NUMBER_MISTYPED,
                NumberError::Malformed { .. } => code::INVALID,
            };
            let mut refusal = Fault::refuse(422, problem).arg("number", text);
            refusal.findings.push(Finding::error(error.code(), "numbers").arg("given", text));
            Fault::from(refusal)
        })?;
        let id = visibility::id_of(tx, caller, &number.to_string()).await?;
        ids.push(id.ok_or_else(|| Fault::not_found(number.to_string()))?);
    }
    Ok(ids)
}

/// Returns the next page of a stream.
///
/// # Errors
/// 403: the account was blocked in the meantime, no matter when its access was last checked.
pub async fn next(tx: &mut Tx, caller: &Caller, lang: Lang, wanted: &Wanted<'_>) -> Result<EventPage> {
    if people::state(tx, &caller.person_id).await? == AccountState::Blocked {
        return Err(Fault::refuse(403, code::ACCOUNT_BLOCKED).into());
    }
    events::page(tx, caller, lang, wanted).await
}
