//! Signing in, the account, its authenticator and its password. The responses are not stored under idempotency keys,
//! because they contain secrets, and a code can be used only once.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::access::{FRESH_SESSION, OPEN, READ};
use super::extract::{Open, Posted, Reader, TokenDigest};
use super::params::FromDevice;
use super::respond;
use super::routing::{Routes, routes};
use crate::app::App;
use crate::fault::Result;
use crate::service::{accounts, authenticator, codes, sign_in};
use appeal_api::*;

/// Routes for signing in and for the caller's account.
pub fn routes(routes: Routes) -> Routes {
    routes! { routes;
        self::begin_sign_in: OPEN,
        self::choose_code_way: OPEN,
        self::finish_sign_in: OPEN,
        self::ask_password_reset: OPEN,
        self::reset_password: OPEN,
        self::show_account: READ,
        self::edit_account: FRESH_SESSION,
        self::ask_confirmation: FRESH_SESSION,
        self::confirm_account: FRESH_SESSION,
        self::change_password: FRESH_SESSION,
        self::enable_authenticator: FRESH_SESSION,
        self::confirm_authenticator: FRESH_SESSION,
        self::disable_authenticator: FRESH_SESSION,
    }
}

/// Sign in with login and password
///
/// Starts the second step: entering a one-time code. If only one way of delivery is available, or `way` selects one,
/// the code is sent immediately. After five wrong passwords or codes in a row, sign-in is locked for an increasing
/// time; see `Retry-After`. The lock is for the network that they came from. Many of them from several networks lock the
/// account, except on devices and networks on which its owner signed in before, with a valid session as the bearer token,
/// or with a code of the authenticator. An unknown login is reported like a wrong password.
#[utoipa::path(
    post, path = "/v1/sign-in", tag = "sign-in", request_body = SignIn, params(FromDevice),
    responses((status = 200, description = "The next step", body = Challenge))
)]
async fn begin_sign_in(
    State(app): State<App>,
    Open { lang, origin, body }: Open<SignIn>,
) -> Result<Json<Challenge>> {
    sign_in::begin(&app, lang, &origin, &body).await.map(Json)
}

/// Choose how to receive the code, and send it
#[utoipa::path(
    post, path = "/v1/sign-in/way", tag = "sign-in", request_body = ChooseWay,
    responses((status = 200, description = "The next step", body = Challenge))
)]
async fn choose_code_way(
    State(app): State<App>,
    Open { lang, body, .. }: Open<ChooseWay>,
) -> Result<Json<Challenge>> {
    sign_in::choose(&app, lang, &body).await.map(Json)
}

/// Enter the one-time code to sign in
///
/// Returns a token named `login` with all scopes of the role, valid for 30 days. It is shown only once.
#[utoipa::path(
    post, path = "/v1/sign-in/code", tag = "sign-in", request_body = SignInCode, params(FromDevice),
    responses((status = 201, description = "The new session", body = IssuedToken))
)]
async fn finish_sign_in(
    State(app): State<App>,
    Open { body, origin, .. }: Open<SignInCode>,
) -> Result<Response> {
    Ok(respond::json(StatusCode::CREATED, &sign_in::finish(&app, &origin, &body).await?))
}

/// Request a code to reset a forgotten password
///
/// The code is sent to the confirmed phone number or e-mail address. The response does not reveal whether the login
/// exists.
#[utoipa::path(
    post, path = "/v1/password-reset", tag = "sign-in", request_body = AskReset, params(FromDevice),
    responses((status = 200, description = "The next step", body = Challenge))
)]
async fn ask_password_reset(
    State(app): State<App>,
    Open { lang, origin, body }: Open<AskReset>,
) -> Result<Json<Challenge>> {
    sign_in::ask_reset(&app, lang, &origin, &body).await.map(Json)
}

/// Reset a forgotten password
///
/// Ends all sessions; tokens issued for unattended use remain valid.
#[utoipa::path(
    post, path = "/v1/password-reset/code", tag = "sign-in", request_body = ResetPassword, params(FromDevice),
    responses((status = 200, description = "The password was reset", body = PasswordSet))
)]
async fn reset_password(
    State(app): State<App>,
    Open { body, origin, .. }: Open<ResetPassword>,
) -> Result<Json<PasswordSet>> {
    sign_in::reset(&app, &origin, &body).await.map(Json)
}

/// Show the caller's account
#[utoipa::path(get, path = "/v1/account", tag = "account", responses((status = 200, description = "The account", body = Profile)))]
async fn show_account(State(app): State<App>, reader: Reader) -> Result<Json<Profile>> {
    let ctx = reader.context(&app);
    app.read(async |tx| accounts::profile(tx, &ctx).await).await.map(Json)
}

/// Edit the caller's account
///
/// A new e-mail address or phone number is unconfirmed until the code sent to it is entered.
#[utoipa::path(
    patch, path = "/v1/account", tag = "account", request_body = EditProfile,
    responses((status = 200, description = "The changed account", body = Profile))
)]
async fn edit_account(State(app): State<App>, posted: Posted<EditProfile>) -> Result<Response> {
    let edited =
        app.change_unkept(posted, |tx, ctx, asked| Box::pin(accounts::edit(tx, ctx, &asked.body))).await?;
    Ok(respond::changed(StatusCode::OK, edited))
}

/// Send a confirmation code to a phone number or an e-mail address
#[utoipa::path(
    post, path = "/v1/account/confirmation", tag = "account", request_body = AskConfirmation,
    responses((status = 200, description = "The code was sent", body = CodeSent))
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

/// Enter a confirmation code
///
/// Confirms the contact; confirming a phone number activates the account. A scan of a document must be uploaded first
/// and is referenced here.
#[utoipa::path(
    post, path = "/v1/account/confirmation/code", tag = "account", request_body = ConfirmAccount,
    responses((status = 200, description = "The confirmed account", body = Profile))
)]
async fn confirm_account(State(app): State<App>, posted: Posted<ConfirmAccount>) -> Result<Response> {
    if posted.dry_run {
        return Ok(unguessed());
    }
    let outcome =
        app.change_unkept(posted, |tx, ctx, asked| Box::pin(accounts::confirm(tx, ctx, &asked.body))).await?;
    // The count of wrong codes must be committed before the request is refused.
    Ok(respond::changed(StatusCode::OK, outcome.transpose()?))
}

/// Change the password
///
/// Requires the current password, if one is set. Ends all other sessions.
#[utoipa::path(
    post, path = "/v1/account/password", tag = "account", request_body = ChangePassword,
    responses((status = 200, description = "The password was changed", body = PasswordSet))
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

/// Create an authenticator
///
/// The secret is shown only once. The authenticator becomes active when one of its codes is entered.
#[utoipa::path(
    post, path = "/v1/account/totp", tag = "account", request_body = Empty,
    responses((status = 201, description = "The new authenticator", body = NewAuthenticator))
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

/// Activate an authenticator with its first code
#[utoipa::path(
    post, path = "/v1/account/totp/confirm", tag = "account", request_body = AuthenticatorProof,
    responses((status = 200, description = "The authenticator is active", body = AuthenticatorState))
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
/// Requires one of its codes, or the password.
#[utoipa::path(
    post, path = "/v1/account/totp/disable", tag = "account", request_body = AuthenticatorProof,
    responses((status = 200, description = "The authenticator is switched off", body = AuthenticatorState))
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

/// Ends a dry run with a secret before the secret is checked: an uncounted attempt would allow guessing.
fn unguessed() -> Response {
    respond::changed(StatusCode::OK, None::<Empty>)
}
