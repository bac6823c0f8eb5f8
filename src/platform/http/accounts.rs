//! Signing in, the account itself, its authenticator and its password. None of these answers is kept under an
//! idempotency key: they carry what is nobody else's, and a code is good for once.

use axum::Json;
use axum::extract::{FromRequest, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use futures_util::future::BoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::extract::{Open, Posted, Reader, Rejection, bearer};
use super::respond;
use super::routing::{Routes, handlers};
use crate::app::App;
use crate::caller::Caller;
use crate::fault::{Fault, Result};
use crate::service::context::Ctx;
use crate::service::{accounts, authenticator, codes, sign_in, tokens};
use crate::store::db::Tx;
use appeal_api::*;
use appeal_i18n::Lang;

/// Routes of signing in and of one's own account.
pub fn routes(routes: Routes) -> Routes {
    handlers! { routes;
        [self::begin_sign_in]
        [self::choose_code_way]
        [self::finish_sign_in]
        [self::ask_password_reset]
        [self::reset_password]
        [self::show_account, self::edit_account]
        [self::ask_confirmation]
        [self::confirm_account]
        [self::change_password]
        [self::enable_authenticator]
        [self::confirm_authenticator]
        [self::disable_authenticator]
    }
}

/// Runs a use case that changes the account, without keeping its answer; rolled back on a trial run.
async fn change<B, T>(
    app: &App,
    posted: Posted<B>,
    use_case: impl for<'t> Fn(&'t mut Tx, &'t Ctx, &'t B) -> BoxFuture<'t, Result<T>> + Send + Sync + 'static,
) -> Result<T, Rejection>
where
    B: Send + Sync + 'static,
    T: Send + 'static,
{
    let Posted { caller, lang, body, dry_run, .. } = posted;
    let ctx = Ctx { caller, now: app.now(), lang, trial: dry_run };
    let shared = std::sync::Arc::new((ctx, body, use_case));
    let done = app.db().write(move |tx| {
        let shared = shared.clone();
        Box::pin(async move {
            let (ctx, body, use_case) = &*shared;
            let done = use_case(tx, ctx, body).await?;
            if dry_run { Err(Fault::Rehearsed) } else { Ok(done) }
        })
    });
    done.await.map_err(|fault| Rejection(fault, lang))
}

fn told<T: Serialize>(result: Result<T>, status: StatusCode, lang: Lang) -> Response {
    match result {
        Ok(value) => respond::json(status, &value),
        Err(fault) => respond::fault(&fault, lang),
    }
}

/// Ends a trial run of what carries a secret before the secret is looked at: a try that is not counted would be a way
/// to guess it.
fn not_guessed(caller: &Caller, lang: Lang, dry_run: bool) -> Result<(), Rejection> {
    if !dry_run {
        return Ok(());
    }
    let fault = caller.need_everything().err().unwrap_or(Fault::Rehearsed);
    Err(Rejection(fault, lang))
}

/// The context of a request, its body, and the digest of its token.
async fn personal<B: DeserializeOwned>(app: &App, request: Request) -> Result<(Ctx, B, String), Rejection> {
    let digest = tokens::digest_of(bearer(request.headers()).unwrap_or_default());
    let Posted { caller, lang, body, dry_run, .. } = Posted::<B>::from_request(request, app).await?;
    not_guessed(&caller, lang, dry_run)?;
    Ok((Ctx { caller, now: app.now(), lang, trial: false }, body, digest))
}

/// Sign in: login and password
///
/// Gives what is left to do: a one-time code. Where there is one way for it to come, or `way` names one, it is on its
/// way. After five wrong passwords or codes in a row sign-in is locked for a while that grows; `Retry-After` and the
/// text say until when. An unknown login looks like a wrong password.
#[utoipa::path(
    post, path = "/v1/sign-in", tag = "sign-in", request_body = SignIn,
    responses((status = 200, description = "What is left to do", body = Challenge))
)]
async fn begin_sign_in(State(app): State<App>, Open { lang, body }: Open<SignIn>) -> Response {
    told(sign_in::begin(&app, lang, &body).await, StatusCode::OK, lang)
}

/// Choose how the code comes, and have it sent
#[utoipa::path(
    post, path = "/v1/sign-in/way", tag = "sign-in", request_body = ChooseWay,
    responses((status = 200, description = "What is left to do", body = Challenge))
)]
async fn choose_code_way(State(app): State<App>, Open { lang, body }: Open<ChooseWay>) -> Response {
    told(sign_in::choose(&app, lang, &body).await, StatusCode::OK, lang)
}

/// Sign in: the one-time code
///
/// Gives a token named `login` with every scope of the role, for 30 days. It is shown this once.
#[utoipa::path(
    post, path = "/v1/sign-in/code", tag = "sign-in", request_body = SignInCode,
    responses((status = 201, description = "The session", body = IssuedToken))
)]
async fn finish_sign_in(State(app): State<App>, Open { lang, body }: Open<SignInCode>) -> Response {
    told(sign_in::finish(&app, &body).await, StatusCode::CREATED, lang)
}

/// Ask for a code to replace a forgotten password
///
/// It goes to the confirmed phone or e-mail. The answer is the same whether somebody has the login or not.
#[utoipa::path(
    post, path = "/v1/password-reset", tag = "sign-in", request_body = AskReset,
    responses((status = 200, description = "What is left to do", body = Challenge))
)]
async fn ask_password_reset(State(app): State<App>, Open { lang, body }: Open<AskReset>) -> Response {
    told(sign_in::ask_reset(&app, lang, &body).await, StatusCode::OK, lang)
}

/// Replace a forgotten password
///
/// Every session ends; tokens issued for unattended use stay.
#[utoipa::path(
    post, path = "/v1/password-reset/code", tag = "sign-in", request_body = ResetPassword,
    responses((status = 200, description = "It is replaced", body = PasswordSet))
)]
async fn reset_password(State(app): State<App>, Open { lang, body }: Open<ResetPassword>) -> Response {
    told(sign_in::reset(&app, &body).await, StatusCode::OK, lang)
}

/// One's own account in full
#[utoipa::path(get, path = "/v1/account", tag = "account", responses((status = 200, description = "The account", body = Profile)))]
async fn show_account(
    State(app): State<App>,
    Reader { caller, lang }: Reader,
) -> Result<Json<Profile>, Rejection> {
    let ctx = Ctx { caller, now: app.now(), lang, trial: false };
    let profile = app.read(async |tx| accounts::profile(tx, &ctx).await).await;
    profile.map(Json).map_err(|fault| Rejection(fault, lang))
}

/// Change one's own account
///
/// Needs a token with every scope of the role. A new e-mail or phone is unconfirmed until the code sent to it is
/// entered; with a new phone the account is, too.
#[utoipa::path(
    patch, path = "/v1/account", tag = "account", request_body = EditProfile,
    responses((status = 200, description = "The account after it", body = Profile))
)]
async fn edit_account(
    State(app): State<App>,
    posted: Posted<EditProfile>,
) -> Result<Json<Profile>, Rejection> {
    change(&app, posted, |tx, ctx, body| Box::pin(accounts::edit(tx, ctx, body))).await.map(Json)
}

/// Have a code sent to a phone or an e-mail
#[utoipa::path(
    post, path = "/v1/account/confirmation", tag = "account", request_body = AskConfirmation,
    responses((status = 200, description = "It is on its way", body = CodeSent))
)]
async fn ask_confirmation(
    State(app): State<App>,
    posted: Posted<AskConfirmation>,
) -> Result<Json<CodeSent>, Rejection> {
    let gateways = app.gateways().clone();
    let (id, code) = (codes::fresh_id(), codes::fresh_code());
    let sent = change(&app, posted, move |tx, ctx, body| {
        let (gateways, id, code) = (gateways.clone(), id.clone(), code.clone());
        Box::pin(async move { accounts::ask_confirmation(tx, ctx, body, &gateways, (&id, &code)).await })
    });
    sent.await.map(Json)
}

/// Enter the code that was sent
///
/// The contact is confirmed; with a phone the account is active. A scan of a document is uploaded first and named
/// here.
#[utoipa::path(
    post, path = "/v1/account/confirmation/code", tag = "account", request_body = ConfirmAccount,
    responses((status = 200, description = "The account after it", body = Profile))
)]
async fn confirm_account(
    State(app): State<App>,
    posted: Posted<ConfirmAccount>,
) -> Result<Json<Profile>, Rejection> {
    let lang = posted.lang;
    not_guessed(&posted.caller, lang, posted.dry_run)?;
    let outcome = change(&app, posted, |tx, ctx, body| Box::pin(accounts::confirm(tx, ctx, body))).await?;
    outcome.map(Json).map_err(|fault| Rejection(fault, lang))
}

/// Change the password
///
/// The present one is needed where there is one. The other sessions end.
#[utoipa::path(
    post, path = "/v1/account/password", tag = "account", request_body = ChangePassword,
    responses((status = 200, description = "It is changed", body = PasswordSet))
)]
async fn change_password(State(app): State<App>, request: Request) -> Result<Json<PasswordSet>, Rejection> {
    let (ctx, body, digest) = personal::<ChangePassword>(&app, request).await?;
    let set = sign_in::change_password(&app, &ctx, &body, &digest).await;
    set.map(Json).map_err(|fault| Rejection(fault, ctx.lang))
}

/// Make an authenticator
///
/// The secret is shown this once, and counts when a code of it has been entered.
#[utoipa::path(
    post, path = "/v1/account/totp", tag = "account", request_body = Empty,
    responses((status = 201, description = "The secret", body = NewAuthenticator))
)]
async fn enable_authenticator(State(app): State<App>, posted: Posted<Empty>) -> Result<Response, Rejection> {
    let secret = authenticator::fresh_secret();
    let made = change(&app, posted, move |tx, ctx, _| {
        let secret = secret.clone();
        Box::pin(async move { authenticator::enable(tx, ctx, &secret).await })
    });
    Ok(respond::json(StatusCode::CREATED, &made.await?))
}

/// Enter the first code of an authenticator
#[utoipa::path(
    post, path = "/v1/account/totp/confirm", tag = "account", request_body = AuthenticatorProof,
    responses((status = 200, description = "It is asked for from now on", body = AuthenticatorState))
)]
async fn confirm_authenticator(
    State(app): State<App>,
    posted: Posted<AuthenticatorProof>,
) -> Result<Json<AuthenticatorState>, Rejection> {
    not_guessed(&posted.caller, posted.lang, posted.dry_run)?;
    let done = change(&app, posted, |tx, ctx, body| {
        Box::pin(async move {
            let typed = body.code.as_ref().map(|code| codes::digits_of(&code.0)).unwrap_or_default();
            authenticator::confirm(tx, ctx, &typed).await
        })
    });
    done.await.map(Json)
}

/// Switch the authenticator off
///
/// With a code of it, or with the password.
#[utoipa::path(
    post, path = "/v1/account/totp/disable", tag = "account", request_body = AuthenticatorProof,
    responses((status = 200, description = "It is not asked for any more", body = AuthenticatorState))
)]
async fn disable_authenticator(
    State(app): State<App>,
    request: Request,
) -> Result<Json<AuthenticatorState>, Rejection> {
    let (ctx, body, _) = personal::<AuthenticatorProof>(&app, request).await?;
    let state = sign_in::disable_totp(&app, &ctx, &body).await;
    state.map(Json).map_err(|fault: Fault| Rejection(fault, ctx.lang))
}
