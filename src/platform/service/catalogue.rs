//! Information about the platform and the caller.

use super::rules as service_rules;
use crate::caller::Caller;
use crate::fault::Result;
use crate::store::db::Tx;
use crate::store::{accounts, catalogue};
use appeal_api::{CardContacts, Limits, Me};
use appeal_domain::{AccountState, Rules};
use appeal_i18n::Lang;

/// Returns the limits of the platform. A category may have stricter limits on files.
pub fn limits() -> Limits {
    let Rules { text_max, subject_max, attachments, .. } = Rules::default();
    let number = |max: usize| u32::try_from(max).unwrap_or(u32::MAX);
    Limits { attachments, text_max: number(text_max), subject_max: number(subject_max) }
}

/// Returns the rules for examining appeals.
pub async fn rules(tx: &mut Tx) -> Result<Rules> {
    let categories = catalogue::categories(tx).await?;
    let categories = Some(categories.into_iter().map(Into::into).collect());
    Ok(Rules { categories, regions: service_rules::regions(tx).await?, ..Rules::default() })
}

/// Returns the caller; `token` is the digest of the token used for the request.
pub async fn me(tx: &mut Tx, caller: &Caller, token: &str, lang: Lang) -> Result<Me> {
    let mut organizations = Vec::with_capacity(caller.organizations.len());
    for inn in &caller.organizations {
        organizations.extend(catalogue::organization(tx, inn).await?);
    }
    Ok(Me {
        login: caller.login.clone(),
        name: caller.name.clone(),
        role: caller.role.into(),
        state: caller.state.into(),
        next_step: super::accounts::next_step(tx, caller.state, lang).await?,
        blocked_reason: caller.blocked_reason.clone().filter(|_| caller.state == AccountState::Blocked),
        contacts: CardContacts {
            email: caller.email.clone(),
            phone: caller.phone.clone(),
            preferred: caller.preferred.map(Into::into),
        },
        organizations,
        region: caller.region.clone(),
        departments: caller.departments.clone(),
        levels: caller.levels.iter().map(|level| (*level).into()).collect(),
        scopes: caller.scopes.iter().map(|scope| (*scope).into()).collect(),
        token_expires_at: accounts::token_by_digest(tx, token).await?.map(|(token, _)| token.expires_at),
    })
}
