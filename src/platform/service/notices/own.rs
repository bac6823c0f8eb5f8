//! A person's own notifications and notification settings.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use url::Url;

use crate::fault::{Fault, Result};
use crate::reach::Reach;
use crate::service::context::Ctx;
use crate::store::db::Tx;
use crate::store::notices::{self, Filter, Reader, Wishes};
use appeal_api::*;
use appeal_domain::*;
use appeal_i18n::Lang;

/// Maximum number of ids in a request.
const IDS: usize = 500;
/// Maximum length of a webhook's URL, in characters.
const URL_MAX: usize = 2000;
/// Maximum time before a deadline that can be set, in seconds: a year.
const WITHIN_MAX: i64 = 366 * 86_400;

/// Returns a page of the caller's notifications, newest first. What a gateway or a webhook answered is shown to an
/// administrator only, unless everybody can connect to every address anyway.
pub async fn list(tx: &mut Tx, ctx: &Ctx, query: &NoticesQuery, reach: &Reach) -> Result<Page<Notice>> {
    ctx.caller.need(Scope::Read)?;
    let mut findings = Vec::new();
    let mut kinds: Vec<NoticeKind> = Vec::new();
    for word in query.kind.as_deref().unwrap_or_default().split(',').map(str::trim).filter(|w| !w.is_empty())
    {
        match word.parse::<NoticeKind>() {
            Ok(kind) if kind != NoticeKind::Code => kinds.push(kind),
            _ => findings.push(
                Finding::error("word-unknown", "kind")
                    .arg("given", word)
                    .arg("allowed", "status, demand, control"),
            ),
        }
    }
    let since = match query.since.as_deref().map(str::trim).filter(|s| !s.is_empty()) {
        None => None,
        Some(text) => match text.parse::<Timestamp>() {
            Ok(at) => Some(at),
            Err(_) => {
                findings.push(Finding::error("time-invalid", "since").arg("given", text));
                None
            }
        },
    };
    if !findings.is_empty() {
        return Err(Fault::invalid(findings));
    }
    let after = query.after.as_deref().map(position).transpose()?;
    let number = match query.number.as_deref().filter(|n| !n.trim().is_empty()) {
        None => None,
        Some(given) => Some(crate::service::access::number(given)?.to_string()),
    };
    let limit = query.limit.unwrap_or(PAGE_DEFAULT).clamp(1, PAGE_MAX);
    let filter = Filter { unread: query.unread == Some(true), kinds, since, number, after, limit };
    let (mut items, more) = notices::page(tx, &ctx.caller.person_id, &filter).await?;
    if matches!(reach, Reach::Public(_)) && ctx.caller.role != Role::Admin {
        for delivery in items.iter_mut().flat_map(|notice| &mut notice.deliveries) {
            delivery.error = None;
            delivery.tries.iter_mut().for_each(|attempt| attempt.detail = None);
        }
    }
    let next = items
        .last()
        .filter(|_| more)
        .map(|last| URL_SAFE_NO_PAD.encode(format!("{}.{}", last.at.as_microsecond(), last.id)));
    Ok(Page { items, next })
}

fn position(cursor: &str) -> Result<(Timestamp, String)> {
    let bad = || Fault::from(Fault::refuse(400, code::BAD_CURSOR));
    let bytes = URL_SAFE_NO_PAD.decode(cursor.trim()).map_err(|_| bad())?;
    let text = String::from_utf8(bytes).map_err(|_| bad())?;
    let (at, id) = text.split_once('.').ok_or_else(bad)?;
    let at = at.parse().ok().and_then(|at| Timestamp::from_microsecond(at).ok()).ok_or_else(bad)?;
    Ok((at, id.to_owned()))
}

/// Marks notifications as read.
pub async fn read(tx: &mut Tx, ctx: &Ctx, body: &ReadNotices) -> Result<NoticesRead> {
    ctx.caller.need(Scope::Read)?;
    if body.all != body.ids.is_empty() {
        return Err(Fault::invalid(vec![Finding::error("notices-which", "ids")]));
    }
    if body.ids.len() > IDS {
        return Err(Fault::invalid(vec![Finding::error("notices-many", "ids").arg("max", IDS)]));
    }
    let me = ctx.caller.person_id.as_str();
    if let Some(strange) = notices::strange(tx, me, &body.ids).await?.into_iter().next() {
        return Err(Fault::not_found(strange));
    }
    let ids = (!body.all).then_some(body.ids.as_slice());
    Ok(NoticesRead { read: notices::read(tx, me, ids, ctx.now).await? })
}

/// Returns the caller's notification settings.
pub async fn settings(tx: &mut Tx, ctx: &Ctx) -> Result<NoticeSettings> {
    ctx.caller.need(Scope::Read)?;
    Ok(shown(notices::reader_of(tx, &ctx.caller.person_id).await?))
}

/// Returns whether e-mails and text messages are sent to a person without settings.
pub fn by_default(preferred: Option<ContactWay>) -> (bool, bool) {
    (matches!(preferred, None | Some(ContactWay::Email)), preferred == Some(ContactWay::Phone))
}

fn shown(reader: Reader) -> NoticeSettings {
    let (by_email, by_sms) = by_default(reader.preferred);
    let wishes = reader.wishes;
    let mut kinds = wishes.kinds;
    if kinds.is_empty() {
        kinds = vec![NoticeKind::Status, NoticeKind::Demand, NoticeKind::Control];
    }
    NoticeSettings {
        lang: wishes.lang.unwrap_or(Lang::Ru).as_str().to_owned(),
        account: true,
        email: wishes.email.unwrap_or(by_email) && reader.email.is_some(),
        email_address: reader.email,
        sms: wishes.sms.unwrap_or(by_sms) && reader.phone.is_some(),
        phone: reader.phone,
        push: wishes.push_url,
        push_secret: None,
        kinds: kinds.into_iter().map(Into::into).collect(),
        appeal_kinds: wishes.appeal_kinds.into_iter().map(Into::into).collect(),
        priorities: wishes.priorities.into_iter().map(Into::into).collect(),
        due_within: wishes.due_within,
    }
}

/// Changes the caller's settings. A webhook receives all notifications of its owner, so its address is changed in a fresh
/// session only; a token limited to reading changes nothing.
pub async fn edit_settings(
    tx: &mut Tx,
    ctx: &Ctx,
    edit: &EditNoticeSettings,
    fresh: &str,
    reach: &Reach,
) -> Result<NoticeSettings> {
    if edit.push.is_some() || edit.push_secret.is_some() {
        ctx.caller.need_fresh_session(ctx.now)?;
    }
    ctx.caller.need(Scope::Read)?;
    if ctx.caller.scopes.iter().all(|scope| *scope == Scope::Read) {
        ctx.caller.need(Scope::File)?;
    }
    let reader = notices::reader_of(tx, &ctx.caller.person_id).await?;
    let mut wishes = reader.wishes.clone();
    let findings = apply(&mut wishes, edit, &reader, reach);
    if !findings.is_empty() {
        return Err(Fault::invalid(findings));
    }
    let mut made = None;
    if wishes.push_url.is_some() && wishes.push_secret.is_none() {
        wishes.push_secret = Some(fresh.to_owned());
        made = Some(fresh.to_owned());
    }
    if wishes != reader.wishes {
        notices::keep(tx, &ctx.caller.person_id, &wishes).await?;
    }
    Ok(NoticeSettings { push_secret: made, ..shown(Reader { wishes, ..reader }) })
}

/// Applies a change; returns findings about it.
fn apply(wishes: &mut Wishes, edit: &EditNoticeSettings, reader: &Reader, reach: &Reach) -> Vec<Finding> {
    let mut findings = Vec::new();
    match edit.lang.as_deref() {
        None => {}
        Some("ru") => wishes.lang = Some(Lang::Ru),
        Some("en") => wishes.lang = Some(Lang::En),
        Some(other) => {
            findings.push(Finding::error("word-unknown", "lang").arg("given", other).arg("allowed", "ru, en"))
        }
    }
    if let Some(on) = edit.email {
        wishes.email = Some(on);
        if on && reader.email.is_none() {
            findings.push(Finding::error("notices-no-email", "email"));
        }
    }
    if let Some(on) = edit.sms {
        wishes.sms = Some(on);
        if on && reader.phone.is_none() {
            findings.push(Finding::error("notices-no-phone", "sms"));
        }
    }
    if let Some(secret) = edit.push_secret.as_deref() {
        if (16..=200).contains(&secret.chars().count()) && !secret.contains(char::is_control) {
            wishes.push_secret = Some(secret.to_owned());
        } else {
            findings.push(Finding::error("notices-secret", "push_secret"));
        }
    }
    match edit.push.as_deref().map(str::trim) {
        None => {
            if edit.push_secret.is_some() && wishes.push_url.is_none() {
                findings.push(Finding::error("notices-secret-alone", "push_secret"));
            }
        }
        Some("") => {
            wishes.push_url = None;
            wishes.push_secret = None;
        }
        Some(given) => match webhook(given) {
            Some(url) if !reach.permits_url(&url) => {
                findings.push(Finding::error("notices-url-inside", "push").arg("given", given));
            }
            Some(url) => wishes.push_url = Some(url.into()),
            None => findings.push(Finding::error("notices-url", "push").arg("given", given)),
        },
    }
    if let Some(kinds) = &edit.kinds {
        wishes.kinds.clone_from(kinds);
        wishes.kinds.sort_unstable();
        wishes.kinds.dedup();
        if wishes.kinds.contains(&NoticeKind::Code) {
            findings.push(
                Finding::error("word-unknown", "kinds")
                    .arg("given", "code")
                    .arg("allowed", "status, demand, control"),
            );
        }
    }
    if let Some(kinds) = &edit.appeal_kinds {
        wishes.appeal_kinds.clone_from(kinds);
    }
    if let Some(priorities) = &edit.priorities {
        wishes.priorities.clone_from(priorities);
    }
    match edit.due_within {
        None => {}
        Some(0) => wishes.due_within = None,
        Some(seconds) if (1..=WITHIN_MAX).contains(&seconds) => wishes.due_within = Some(seconds),
        Some(seconds) => findings.push(Finding::error("notices-within", "due_within").arg("given", seconds)),
    }
    findings
}

/// Normalizes the URL of a webhook: http or https, with a host, without credentials.
fn webhook(given: &str) -> Option<Url> {
    let url = Url::parse(given).ok()?;
    let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    (matches!(url.scheme(), "http" | "https") && url.has_host() && plain && given.len() <= URL_MAX)
        .then_some(url)
}

#[cfg(test)]
mod tests {
    use super::{Url, webhook};

    #[test]
    fn webhooks_are_http() {
        for good in ["https://a.example/x?y=1", "http://127.0.0.1:8000/"] {
            assert_eq!(webhook(good).as_ref().map(Url::as_str), Some(good));
        }
        for bad in ["", "a.example", "ftp://a.example/", "file:///etc", "https://u:p@a.example/", "http://"] {
            assert_eq!(webhook(bad), None, "{bad}");
        }
    }
}
