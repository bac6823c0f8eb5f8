//! Signing in, the account itself, its authenticator and its password. None of these answers is kept under an
//! idempotency key: they carry what is nobody else's, and a code is good for once.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::access::{OPEN, READ, WHOLE_ROLE};
use super::extract::{Open, Posted, Reader, TokenDigest};
use super::respond;
use super::routing::{Routes, routes};
use crate::app::App;
use crate::fault::Result;
use crate::service::{accounts, authenticator, codes, sign_in};
use appeal_api::*;

/// Routes of signing in and of one's own account.
pub fn routes(routes: Routes) -> Routes {
    routes! { routes;
        self::begin_sign_in: OPEN,
        self::choose_code_way: OPEN,
        self::finish_sign_in: OPEN,
        self::ask_password_reset: OPEN,
        self::reset_password: OPEN,
        self::show_account: READ,
        self::edit_account: WHOLE_ROLE,
        self::ask_confirmation: WHOLE_ROLE,
        self::confirm_account: WHOLE_ROLE,
        self::change_password: WHOLE_ROLE,
        self::enable_authenticator: WHOLE_ROLE,
        self::confirm_authenticator: WHOLE_ROLE,
        self::disable_authenticator: WHOLE_ROLE,
    }
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
async fn begin_sign_in(State(app): State<App>, Open { lang, body }: Open<SignIn>) -> Result<Json<Challenge>> {
    sign_in::begin(&app, lang, &body).await.map(Json)
}

/// Choose how the code comes, and have it sent
#[utoipa::path(
    post, path = "/v1/sign-in/way", tag = "sign-in", request_body = ChooseWay,
    responses((status = 200, description = "What is left to do", body = Challenge))
)]
async fn choose_code_way(
    State(app): State<App>,
    Open { lang, body }: Open<ChooseWay>,
) -> Result<Json<Challenge>> {
    sign_in::choose(&app, lang, &body).await.map(Json)
}

/// Sign in: the one-time code
///
/// Gives a token named `login` with every scope of the role, for 30 days. It is shown this once.
#[utoipa::path(
    post, path = "/v1/sign-in/code", tag = "sign-in", request_body = SignInCode,
    responses((status = 201, description = "The session", body = IssuedToken))
)]
async fn finish_sign_in(State(app): State<App>, Open { body, .. }: Open<SignInCode>) -> Result<Response> {
    Ok(respond::json(StatusCode::CREATED, &sign_in::finish(&app, &body).await?))
}

/// Ask for a code to replace a forgotten password
///
/// It goes to the confirmed phone or e-mail. The answer is the same whether somebody has the login or not.
#[utoipa::path(
    post, path = "/v1/password-reset", tag = "sign-in", request_body = AskReset,
    responses((status = 200, description = "What is left to do", body = Challenge))
)]
async fn ask_password_reset(
    State(app): State<App>,
    Open { lang, body }: Open<AskReset>,
) -> Result<Json<Challenge>> {
    sign_in::ask_reset(&app, lang, &body).await.map(Json)
}

/// Replace a forgotten password
///
/// Every session ends; tokens issued for unattended use stay.
#[utoipa::path(
    post, path = "/v1/password-reset/code", tag = "sign-in", request_body = ResetPassword,
    responses((status = 200, description = "It is replaced", body = PasswordSet))
)]
async fn reset_password(
    State(app): State<App>,
    Open { body, .. }: Open<ResetPassword>,
) -> Result<Json<PasswordSet>> {
    sign_in::reset(&app, &body).await.map(Json)
}

/// One's own account in full
#[utoipa::path(get, path = "/v1/account", tag = "account", responses((status = 200, description = "The account", body = Profile)))]
async fn show_account(State(app): State<App>, reader: Reader) -> Result<Json<Profile>> {
    let ctx = reader.context(&app);
    app.read(async |tx| accounts::profile(tx, &ctx).await).await.map(Json)
}

/// Change one's own account
///
/// Needs a token with every scope of the role. A new e-mail or phone is unconfirmed until the code sent to it is
/// entered; with a new phone the account is, too.
#[utoipa::path(
    patch, path = "/v1/account", tag = "account", request_body = EditProfile,
    responses((status = 200, description = "The account after it", body = Profile))
)]
async fn edit_account(State(app): State<App>, posted: Posted<EditProfile>) -> Result<Response> {
    let edited =
        app.change_unkept(posted, |tx, ctx, asked| Box::pin(accounts::edit(tx, ctx, &asked.body))).await?;
    Ok(respond::changed(StatusCode::OK, edited))
}

/// Have a code sent to a phone or an e-mail
#[utoipa::path(
    post, path = "/v1/account/confirmation", tag = "account", request_body = AskConfirmation,
    responses((status = 200, description = "It is on its way", body = CodeSent))
)]
async fn ask_confirmation(State(app): State<App>, posted: Posted<AskConfirmation>) -> Result<Response> {
    let gateways = app.gateways().clone();
    let (id, code) = (codes::fresh_id(), codes::fresh_code());
    let sent = app
        .change_unkept(posted, move |tx, ctx, asked| {
            let (gateways, id, code) = (gateways.clone(), id.clone(), code.clone());
            Box::pin(async move {
                accounts::ask_confirmation(tx, ctx, &asked.body, &gateways, (&id, &code)).await
            })
        })
        .await?;
    Ok(respond::changed(StatusCode::OK, sent))
}

/// Enter the code that was sent
///
/// The contact is confirmed; with a phone the account is active. A scan of a document is uploaded first and named
/// here.
#[utoipa::path(
    post, path = "/v1/account/confirmation/code", tag = "account", request_body = ConfirmAccount,
    responses((status = 200, description = "The account after it", body = Profile))
)]
async fn confirm_account(State(app): State<App>, posted: Posted<ConfirmAccount>) -> Result<Response> {
    if posted.dry_run {
        return Ok(unguessed());
    }
    let outcome =
        app.change_unkept(posted, |tx, ctx, asked| Box::pin(accounts::confirm(tx, ctx, &asked.body))).await?;
    // A wrong code is counted, so it is committed; only then it is refused.
    Ok(respond::changed(StatusCode::OK, outcome.transpose()?))
}

/// Change the password
///
/// The present one is needed where there is one. The other sessions end.
#[utoipa::path(
    post, path = "/v1/account/password", tag = "account", request_body = ChangePassword,
    responses((status = 200, description = "It is changed", body = PasswordSet))
)]
async fn change_password(
    State(app): State<App>,
    TokenDigest(digest): TokenDigest,
    posted: Posted<ChangePassword>,
) -> Result<Response> {
    if posted.dry_run {
        return Ok(unguessed());
    }
    let set = sign_in::change_password(&app, &posted.context(&app), &posted.asked.body, &digest).await?;
    Ok(respond::json(StatusCode::OK, &set))
}

/// Make an authenticator
///
/// The secret is shown this once, and counts when a code of it has been entered.
#[utoipa::path(
    post, path = "/v1/account/totp", tag = "account", request_body = Empty,
    responses((status = 201, description = "The secret", body = NewAuthenticator))
)]
async fn enable_authenticator(State(app): State<App>, posted: Posted<Empty>) -> Result<Response> {
    let secret = authenticator::fresh_secret();
    let made = app
        .change_unkept(posted, move |tx, ctx, _| {
            let secret = secret.clone();
            Box::pin(async move { authenticator::enable(tx, ctx, &secret).await })
        })
        .await?;
    Ok(respond::changed(StatusCode::CREATED, made))
}

/// Enter the first code of an authenticator
#[utoipa::path(
    post, path = "/v1/account/totp/confirm", tag = "account", request_body = AuthenticatorProof,
    responses((status = 200, description = "It is asked for from now on", body = AuthenticatorState))
)]
async fn confirm_authenticator(
    State(app): State<App>,
    posted: Posted<AuthenticatorProof>,
) -> Result<Response> {
    if posted.dry_run {
        return Ok(unguessed());
    }
    let confirmed = app
        .change_unkept(posted, |tx, ctx, asked| {
            Box::pin(async move {
                let typed =
                    asked.body.code.as_ref().map(|code| codes::digits_of(&code.0)).unwrap_or_default();
                authenticator::confirm(tx, ctx, &typed).await
            })
        })
        .await?;
    Ok(respond::changed(StatusCode::OK, confirmed))
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
    posted: Posted<AuthenticatorProof>,
) -> Result<Response> {
    if posted.dry_run {
        return Ok(unguessed());
    }
    let state = sign_in::disable_totp(&app, &posted.context(&app), &posted.asked.body).await?;
    Ok(respond::json(StatusCode::OK, &state))
}

/// Ends a dry run of what carries a secret before the secret is looked at: a try that is not counted would be a way to
/// guess it.
fn unguessed() -> Response {
    respond::changed(StatusCode::OK, None::<Empty>)
}
