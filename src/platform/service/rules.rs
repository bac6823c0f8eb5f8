//! The production calendar and the deadline policies (N1). Parsed documents are cached by their text, so that the next
//! use case notices a document loaded by another process, and none is parsed twice.

use std::sync::{Arc, LazyLock, RwLock};

use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::fault::{Fault, Result};
use crate::store::catalogue;
use crate::store::db::Tx;
use appeal_domain::Regions;
use appeal_domain::calendar::Calendar;
use appeal_domain::policies::Policies;

/// The production calendar used by all departments.
pub const CALENDAR: &str = "ru";
/// Years without data are derived within this range, so that filing is not refused.
const FORESEEN: std::ops::RangeInclusive<i16> = 2000..=2100;
/// Number of cached documents of each kind. One is current; tests use several platforms.
const KEPT: usize = 8;

/// The rules for calculating deadlines.
#[derive(Debug, Clone)]
pub struct Rules {
    pub calendar: Arc<Calendar>,
    pub policies: Arc<Policies>,
    /// Hexadecimal SHA-256 of the calendar's text.
    pub calendar_digest: Arc<str>,
}

struct Parsed<T> {
    text: String,
    digest: Arc<str>,
    value: Arc<T>,
}

type Cache<T> = LazyLock<RwLock<Vec<Parsed<T>>>>;
static CALENDARS: Cache<Calendar> = LazyLock::new(RwLock::default);
static POLICIES: Cache<Policies> = LazyLock::new(RwLock::default);
static REGIONS: Cache<Regions> = LazyLock::new(RwLock::default);

/// Returns the current rules.
///
/// # Errors
/// The database has none, or they cannot be parsed.
pub async fn of(tx: &mut Tx) -> Result<Rules> {
    let (calendar, policies) = catalogue::rules(tx, CALENDAR).await?;
    let (calendar, calendar_digest) =
        parsed(&CALENDARS, calendar, |calendar: &mut Calendar| calendar.foresee(FORESEEN))?;
    let (policies, _) = parsed(&POLICIES, policies, |_| ())?;
    Ok(Rules { calendar, policies, calendar_digest })
}

/// Returns the regions of the platform.
///
/// # Errors
/// They cannot be parsed.
pub async fn regions(tx: &mut Tx) -> Result<Regions> {
    let Some(text) = catalogue::regions(tx).await? else { return Ok(Regions::stock()) };
    let (regions, _) = parsed(&REGIONS, text, |_| ())?;
    Ok(Regions::clone(&regions))
}

fn parsed<T: DeserializeOwned>(
    cache: &Cache<T>,
    text: String,
    complete: impl FnOnce(&mut T),
) -> Result<(Arc<T>, Arc<str>)> {
    let find = |kept: &[Parsed<T>]| {
        kept.iter().find(|p| p.text == text).map(|p| (p.value.clone(), p.digest.clone()))
    };
    if let Some(found) = cache.read().ok().and_then(|kept| find(&kept)) {
        return Ok(found);
    }
    let mut value: T = serde_json::from_str(&text).map_err(|e| Fault::Internal(e.to_string()))?;
    complete(&mut value);
    let digest: Arc<str> = hex::encode(Sha256::digest(text.as_bytes())).into();
    let value = Arc::new(value);
    if let Ok(mut kept) = cache.write() {
        if kept.len() >= KEPT {
            kept.remove(0);
        }
        kept.push(Parsed { text, digest: digest.clone(), value: value.clone() });
    }
    Ok((value, digest))
}
