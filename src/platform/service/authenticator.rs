//! Authenticator apps (P3, RFC 6238): SHA-1, six digits, thirty seconds, as supported by all of them. The
//! codes of the previous and the next step are accepted too, because clocks differ; no code is accepted twice.

use jiff::Timestamp;
use totp_rs::{Builder, Secret, Totp};

use super::context::Ctx;
use crate::fault::{Fault, Result};
use crate::store::accounts::{self, AuthenticatorRow};
use crate::store::db::Tx;
use appeal_api::{AuthenticatorState, NewAuthenticator, code};

/// Name of the platform in the app.
const ISSUER: &str = "Appeal";

fn internal(error: impl std::fmt::Display) -> Fault {
    Fault::Internal(error.to_string())
}

fn totp(secret: &str, login: &str) -> Result<Totp> {
    let secret =
        Secret::try_from_base32(secret).map_err(|_| internal("an authenticator's secret is not Base32"))?;
    // A colon separates issuer and account in the URL.
    let account = login.replace(':', "_");
    Builder::new()
        .with_secret(secret)
        .with_account_name(account)
        .with_issuer(Some(ISSUER))
        .with_skew(1)
        .build()
        .map_err(internal)
}

/// Returns the time step of the code, if it is current and newer than the last accepted one.
pub fn step_of(row: &AuthenticatorRow, login: &str, typed: &str, now: Timestamp) -> Result<Option<i64>> {
    let seconds = u64::try_from(now.as_second()).map_err(internal)?;
    let step = totp(&row.secret, login)?.check(typed, seconds);
    let step = step.map(i64::try_from).transpose().map_err(internal)?;
    Ok(step.filter(|step| *step > row.last_step))
}

/// Generates a secret of 160 random bits in Base32.
pub fn fresh_secret() -> String {
    Secret::from(rand::random::<[u8; 20]>()).to_base32()
}

/// Creates an authenticator, which becomes active when one of its codes is entered. An active one must be switched off
/// first.
pub async fn enable(tx: &mut Tx, ctx: &Ctx, secret: &str) -> Result<NewAuthenticator> {
    ctx.caller.need_fresh_session(ctx.now)?;
    if accounts::authenticator(tx, &ctx.caller.person_id).await?.is_some_and(|row| row.confirmed) {
        return Err(Fault::conflict("totp-enabled").into());
    }
    accounts::put_authenticator(tx, &ctx.caller.person_id, secret, ctx.now).await?;
    let url = totp(secret, &ctx.caller.login)?.to_url().map_err(internal)?;
    Ok(NewAuthenticator { url, secret: secret.to_owned() })
}

/// Activates the authenticator, after a correct code.
pub async fn confirm(tx: &mut Tx, ctx: &Ctx, typed: &str) -> Result<AuthenticatorState> {
    ctx.caller.need_fresh_session(ctx.now)?;
    let row = accounts::authenticator(tx, &ctx.caller.person_id).await?;
    let row = row.ok_or_else(|| Fault::from(Fault::conflict("totp-none")))?;
    match step_of(&row, &ctx.caller.login, typed, ctx.now)? {
        Some(step) => {
            accounts::authenticated(tx, &ctx.caller.person_id, step, ctx.now).await?;
            Ok(AuthenticatorState { totp: true })
        }
        None => Err(Fault::refuse(422, code::WRONG_CODE).message("wrong-code-totp").into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_standard_and_count_once() {
        // The test vectors of RFC 6238, appendix B, truncated to six digits.
        let secret = Secret::from(*b"12345678901234567890").to_base32();
        let mut row = AuthenticatorRow { secret, confirmed: true, last_step: 0 };
        let at = |second| Timestamp::from_second(second).unwrap();
        for (second, code) in [(59, "287082"), (1_111_111_109, "081804"), (2_000_000_000, "279037")] {
            let step = step_of(&row, "a:b", code, at(second)).unwrap();
            assert_eq!(step, Some(second / 30), "{code}");
            assert_eq!(step_of(&row, "a", code, at(second + 30)).unwrap(), Some(second / 30), "a slow clock");
            assert_eq!(step_of(&row, "a", code, at(second + 61)).unwrap(), None, "too late");
            row.last_step = second / 30;
            assert_eq!(step_of(&row, "a", code, at(second)).unwrap(), None, "a second time");
        }
        assert_eq!(step_of(&row, "a", "x", at(2_000_000_060)).unwrap(), None);
    }
}
