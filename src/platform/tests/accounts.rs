//! Accounts: signing in and lockout, codes, the authenticator, the profile, and what each state and scope permits.

use axum::http::header;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::harness::{Caller, Reply, TestPlatform, assert_fields, sample};
use crate::Gateways;
use crate::args;
use crate::service::accounts::password_hash;

pub const PASSWORD: &str = "верблюд в кепке 7";
pub const NEW_PASSWORD: &str = "совсем новый пароль";
const MESSAGES: &str = "SELECT count(*) AS n FROM messages";

/// A platform with gateways for text messages and e-mails, on which the applicant has a password.
pub async fn with_passwords() -> TestPlatform {
    let somewhere = Some("file:/nowhere".to_owned());
    let gateways = Gateways { smtp: somewhere.clone(), sms: somewhere, ..Gateways::default() };
    let p = TestPlatform::open(|settings| settings.gateways = gateways).await;
    let hash = password_hash(PASSWORD).unwrap();
    let sql = "UPDATE people SET password_hash = $1 WHERE login IN ('applicant', 'blocked', 'unconfirmed')";
    p.run(sql, hash).await;
    p
}

/// Returns the newest code in the outbox, and its address.
pub async fn code(p: &TestPlatform) -> (String, String) {
    let sql =
        "SELECT text, address FROM messages WHERE kind = 'code' ORDER BY created_at DESC, id DESC LIMIT 1";
    let row = p.app.read(async |tx| Ok(tx.one(sql, args![]).await?)).await.unwrap();
    let code: String = row.text("text").unwrap().chars().take_while(char::is_ascii_digit).collect();
    assert_eq!(code.len(), 6);
    (code, row.text("address").unwrap())
}

/// Returns a different code.
pub fn other(code: &str) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000)
}

pub fn word(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

/// Sends login and password.
async fn present(p: &TestPlatform, login: &str, password: &str) -> Reply {
    p.post(Caller::Anonymous, "/v1/sign-in", json!({ "login": login, "password": password })).await
}

/// Sends login and password, and asks for a code by this channel.
async fn present_by(p: &TestPlatform, login: &str, way: &str) -> Reply {
    let body = json!({ "login": login, "password": PASSWORD, "way": way });
    p.post(Caller::Anonymous, "/v1/sign-in", body).await
}

/// Sends login and password; returns the id of the challenge.
async fn begin(p: &TestPlatform, login: &str, way: &str) -> String {
    word(&present_by(p, login, way).await.ok()["challenge_id"])
}

/// Enters the code of a challenge.
async fn enter(p: &TestPlatform, challenge: &str, code: &str) -> Reply {
    let body = json!({ "challenge_id": challenge, "code": code });
    p.post(Caller::Anonymous, "/v1/sign-in/code", body).await
}

/// Signs in by this channel; returns the token.
async fn sign_in(p: &TestPlatform, login: &str, way: &str) -> String {
    let id = begin(p, login, way).await;
    let reply = enter(p, &id, &code(p).await.0).await;
    assert_eq!(reply.status, 201, "{}", reply.body);
    word(&reply.body["token"])
}

#[tokio::test]
async fn a_correct_password_offers_the_channels_for_a_code() {
    let p = with_passwords().await;
    let challenge = present(&p, " applicant", PASSWORD).await.body;
    assert_eq!(
        challenge["ways"],
        json!([{ "way": "sms", "address": "+7***01" }, { "way": "email", "address": "a***@example.org" }])
    );
    assert_eq!((&challenge["way"], p.count(MESSAGES).await), (&Value::Null, 0));
}

#[tokio::test]
async fn a_code_is_sent_by_the_chosen_channel() {
    let p = with_passwords().await;
    let id = word(&present(&p, "applicant", PASSWORD).await.body["challenge_id"]);
    let choose = async |way: &str| {
        p.post(Caller::Anonymous, "/v1/sign-in/way", json!({ "challenge_id": id, "way": way })).await
    };
    choose("totp").await.is_problem(409, "channel_unavailable");
    let chosen = choose("email").await;
    assert_eq!((chosen.status, chosen.body["way"].as_str()), (200, Some("email")));
    assert_eq!(code(&p).await.1, "applicant@example.org");
}

#[tokio::test]
async fn only_the_code_of_the_challenge_signs_in() {
    let p = with_passwords().await;
    let id = begin(&p, "applicant", "email").await;
    let (code, _) = code(&p).await;
    enter(&p, "x", &code).await.is_problem(401, "code_expired");
    enter(&p, &id, &other(&code)).await.is_problem(401, "wrong_code");
    let spaced = format!("{} {}", &code[..3], &code[3..]);
    let done = enter(&p, &id, &spaced).await;
    assert_eq!(done.status, 201, "{}", done.body);
}

#[tokio::test]
async fn a_code_signs_in_once() {
    let p = with_passwords().await;
    let id = begin(&p, "applicant", "email").await;
    let (code, _) = code(&p).await;
    enter(&p, &id, &code).await.ok();
    enter(&p, &id, &code).await.is_problem(401, "code_expired");
}

#[tokio::test]
async fn signing_in_opens_a_session_of_the_person() {
    let p = with_passwords().await;
    let id = begin(&p, "applicant", "email").await;
    let done = enter(&p, &id, &code(&p).await.0).await.body;
    let token = word(&done["token"]);
    let me = p.get(Caller::Token(&token), "/v1/me").await.body;
    let expected =
        json!({ "login": "applicant", "scopes": ["read", "file"], "token_expires_at": done["expires_at"] });
    assert_fields(&me, expected);
    let listed = p.get(Caller::Token(&token), "/v1/tokens").await.body;
    let expected = json!({ "name": "login", "session": true, "current": true, "last_used_at": "[..]" });
    assert_fields(&listed[0], expected);
}

#[tokio::test]
async fn no_secret_of_signing_in_is_stored_in_readable_form() {
    let p = with_passwords().await;
    let id = begin(&p, "applicant", "email").await;
    let token = word(&enter(&p, &id, &code(&p).await.0).await.body["token"]);
    for secret in [token.as_str(), PASSWORD, id.as_str()] {
        for found in [
            format!("idempotency WHERE body LIKE '%{secret}%'"),
            format!("tokens WHERE digest LIKE '%{secret}%' OR name LIKE '%{secret}%'"),
            format!("challenges WHERE digest LIKE '%{secret}%' OR code_digest LIKE '%{secret}%'"),
            format!("people WHERE password_hash LIKE '%{secret}%'"),
        ] {
            assert_eq!(p.count(&format!("SELECT count(*) AS n FROM {found}")).await, 0, "{found}");
        }
    }
}

#[tokio::test]
async fn a_session_ends_by_signing_out() {
    let p = with_passwords().await;
    let token = sign_in(&p, "applicant", "sms").await;
    let out = p.send(Caller::Token(&token), "DELETE", "/v1/tokens/current", Value::Null).await;
    assert!(out.status == 200 && out.body["revoked_at"].is_string());
    p.get(Caller::Token(&token), "/v1/me").await.is_problem(401, "unauthenticated");
}

#[tokio::test]
async fn a_session_expires() {
    let p = with_passwords().await;
    let token = sign_in(&p, "applicant", "sms").await;
    p.advance_days(31);
    p.get(Caller::Token(&token), "/v1/me").await.is_problem(401, "unauthenticated");
}

#[tokio::test]
async fn a_code_expires_after_ten_minutes() {
    let p = with_passwords().await;
    let id = begin(&p, "applicant", "sms").await;
    let (right, _) = code(&p).await;
    p.advance(SignedDuration::from_secs(10 * 60));
    enter(&p, &id, &right).await.is_problem(401, "code_expired");
}

/// Enters four wrong codes for a new challenge; returns the challenge and its code.
async fn four_wrong_codes(p: &TestPlatform) -> (String, String) {
    let id = begin(p, "applicant", "sms").await;
    let (right, _) = code(p).await;
    for left in [4, 3, 2, 1] {
        let reply = enter(p, &id, &other(&right)).await;
        reply.is_problem(401, "wrong_code");
        assert!(word(&reply.body["detail"]).contains(&left.to_string()));
    }
    (id, right)
}

#[tokio::test]
async fn the_fifth_wrong_code_locks_even_the_correct_one() {
    let p = with_passwords().await;
    let (id, right) = four_wrong_codes(&p).await;
    enter(&p, &id, &other(&right)).await.is_problem(403, "sign_in_locked");
    p.advance(SignedDuration::from_mins(5));
    enter(&p, &id, &right).await.is_problem(401, "code_expired");
    present(&p, "applicant", PASSWORD).await.is_problem(403, "sign_in_locked");
}

#[tokio::test]
async fn a_correct_password_does_not_reset_the_count_of_wrong_codes() {
    let p = with_passwords().await;
    let (id, right) = four_wrong_codes(&p).await;
    enter(&p, &id, &other(&right)).await.is_problem(403, "sign_in_locked");
    p.advance(SignedDuration::from_mins(16));
    for _ in 0..4 {
        let id = begin(&p, "applicant", "sms").await;
        enter(&p, &id, &other(&code(&p).await.0)).await.is_problem(401, "wrong_code");
    }
}

#[tokio::test]
async fn the_number_of_codes_an_hour_is_limited() {
    let p = with_passwords().await;
    for _ in 0..10 {
        assert_eq!(present_by(&p, "applicant", "sms").await.status, 200);
    }
    let refused = present_by(&p, "applicant", "sms").await;
    refused.is_problem(403, "too_many_codes");
    assert!(refused.headers.contains_key(header::RETRY_AFTER));
}

/// Sends six wrong passwords; returns the statuses, bodies and pauses of the responses.
async fn six_wrong_passwords(p: &TestPlatform, login: &str) -> Vec<(u16, Value, Option<String>)> {
    let mut replies = Vec::new();
    for _ in 0..6 {
        let reply = present(p, login, "не тот пароль").await;
        let pause = reply.headers.get(header::RETRY_AFTER).map(|v| v.to_str().unwrap().to_owned());
        replies.push((reply.status, reply.body, pause));
    }
    replies
}

#[tokio::test]
async fn the_fifth_wrong_password_locks_for_fifteen_minutes() {
    let p = with_passwords().await;
    let replies = six_wrong_passwords(&p, "applicant").await;
    let statuses: Vec<u16> = replies.iter().map(|(status, ..)| *status).collect();
    assert_eq!(statuses, [401, 401, 401, 401, 403, 403]);
    let (_, locked, pause) = &replies[5];
    assert_eq!(locked["code"], "sign_in_locked");
    assert!(word(&locked["detail"]).contains("2026-11-09T07:15:00Z"), "{locked}");
    assert_eq!(pause.as_deref(), Some("901"));
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_login_look_the_same() {
    let p = with_passwords().await;
    let known = six_wrong_passwords(&p, "applicant").await;
    for login in ["nobody-has-this", "operator"] {
        assert_eq!(six_wrong_passwords(&p, login).await, known, "{login}");
    }
    assert_eq!(p.count("SELECT count(*) AS n FROM sign_in_locks WHERE login LIKE '%nobody%'").await, 0);
}

#[tokio::test]
async fn a_lock_is_for_one_person_and_for_the_correct_password_too() {
    let p = with_passwords().await;
    six_wrong_passwords(&p, "applicant").await;
    present(&p, "applicant", PASSWORD).await.is_problem(403, "sign_in_locked");
    sign_in(&p, "blocked", "email").await;
    p.advance(SignedDuration::from_mins(15));
    assert_eq!(present(&p, "applicant", PASSWORD).await.status, 200);
}

#[tokio::test]
async fn the_next_lock_is_longer() {
    let p = with_passwords().await;
    six_wrong_passwords(&p, "applicant").await;
    p.advance(SignedDuration::from_mins(15));
    assert_eq!(present(&p, "applicant", PASSWORD).await.status, 200);
    six_wrong_passwords(&p, "applicant").await;
    let locked = present(&p, "applicant", PASSWORD).await;
    locked.is_problem(403, "sign_in_locked");
    assert_eq!(locked.headers[header::RETRY_AFTER], "1801");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_guesses_at_once_are_no_more_than_one_after_another() {
    let p = with_passwords().await;
    let tries = (0..24).map(|n| {
        // The correct password is among them, but too late.
        let password = if n == 23 { PASSWORD.to_owned() } else { format!("не тот пароль {n}") };
        let p = &p;
        async move { present(p, "applicant", &password).await.status }
    });
    let statuses = futures_util::future::join_all(tries).await;
    let judged = statuses.iter().filter(|status| **status != 403).count();
    assert!(judged <= 5, "{statuses:?}");
}

/// Returns the current code of the authenticator.
pub fn totp(p: &TestPlatform, url: &str) -> String {
    let at = u64::try_from(p.now().as_second()).unwrap();
    totp_rs::Totp::from_url(url).unwrap().generate(at).to_string()
}

/// Sets an authenticator up for the applicant, without confirming it; returns its address.
async fn new_authenticator(p: &TestPlatform) -> String {
    let made = p.post("applicant", "/v1/account/totp", json!({})).await.ok();
    word(&made["url"])
}

/// Sets an authenticator up for the applicant; returns its address.
pub async fn authenticator(p: &TestPlatform) -> String {
    let url = new_authenticator(p).await;
    p.post("applicant", "/v1/account/totp/confirm", json!({ "code": totp(p, &url) })).await.ok();
    url
}

#[tokio::test]
async fn an_authenticator_is_active_after_one_of_its_codes() {
    let p = with_passwords().await;
    let url = new_authenticator(&p).await;
    assert!(url.starts_with("otpauth://totp/Appeal:applicant?secret="), "{url}");
    present_by(&p, "applicant", "totp").await.is_problem(409, "channel_unavailable");
    let confirm =
        async |code: String| p.post("applicant", "/v1/account/totp/confirm", json!({ "code": code })).await;
    confirm(other(&totp(&p, &url))).await.is_problem(422, "wrong_code");
    assert_eq!(confirm(totp(&p, &url)).await.ok(), json!({ "totp": true }));
    assert_eq!(present_by(&p, "applicant", "totp").await.status, 200);
}

#[tokio::test]
async fn an_active_authenticator_is_not_replaced() {
    let p = with_passwords().await;
    authenticator(&p).await;
    let again = p.post("applicant", "/v1/account/totp", json!({})).await;
    assert_eq!(again.status, 409, "an open session must not be enough");
}

#[tokio::test]
async fn a_code_of_the_authenticator_counts_once() {
    let p = with_passwords().await;
    let url = authenticator(&p).await;
    let sign_in = async |code: String| enter(&p, &begin(&p, "applicant", "totp").await, &code).await;
    sign_in(totp(&p, &url)).await.is_problem(401, "wrong_code");
    p.advance(SignedDuration::from_secs(30));
    assert_eq!(sign_in(totp(&p, &url)).await.status, 201);
    sign_in(totp(&p, &url)).await.is_problem(401, "wrong_code");
    assert_eq!(p.count(MESSAGES).await, 0, "nothing is sent");
}

#[tokio::test]
async fn an_authenticator_is_disabled_with_the_password() {
    let p = with_passwords().await;
    authenticator(&p).await;
    let disable = async |body: Value| p.post("applicant", "/v1/account/totp/disable", body).await;
    assert_eq!(disable(json!({ "password": "не тот" })).await.status, 403);
    assert_eq!(disable(json!({})).await.status, 422);
    assert_eq!(disable(json!({ "password": PASSWORD })).await.ok(), json!({ "totp": false }));
}

/// Asks for a new password.
async fn forget(p: &TestPlatform, login: &str) -> Reply {
    p.post(Caller::Anonymous, "/v1/password-reset", json!({ "login": login })).await
}

/// Asks for a new password of the applicant; returns the challenge and its code.
async fn forgotten(p: &TestPlatform) -> (String, String) {
    let asked = forget(p, "applicant").await.ok();
    (word(&asked["challenge_id"]), code(p).await.0)
}

/// Sets a new password with the code of a challenge.
async fn replace(p: &TestPlatform, challenge: &str, code: &str, password: &str) -> Reply {
    let body = json!({ "challenge_id": challenge, "code": code, "password": password });
    p.post(Caller::Anonymous, "/v1/password-reset/code", body).await
}

#[tokio::test]
async fn asking_for_a_new_password_does_not_reveal_who_has_an_account() {
    let p = with_passwords().await;
    let keys = |reply: &Reply| reply.body.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let unknown = forget(&p, "nobody-has-this").await;
    let known = forget(&p, "applicant").await;
    assert_eq!((unknown.status, keys(&unknown)), (known.status, keys(&known)));
    assert_eq!(unknown.body["ways"], known.body["ways"]);
    let id = word(&unknown.body["challenge_id"]);
    replace(&p, &id, "123456", NEW_PASSWORD).await.is_problem(401, "wrong_code");
}

#[tokio::test]
async fn a_new_password_needs_the_code_and_must_not_be_weak() {
    let p = with_passwords().await;
    let (id, right) = forgotten(&p).await;
    assert_eq!(code(&p).await.1, "+79000000101");
    replace(&p, &id, &right, "1234567890").await.is_problem(422, "invalid");
    replace(&p, &id, &other(&right), NEW_PASSWORD).await.is_problem(401, "wrong_code");
    enter(&p, &id, &right).await.is_problem(401, "code_expired");
}

#[tokio::test]
async fn a_new_password_replaces_the_old_one_once() {
    let p = with_passwords().await;
    let (id, right) = forgotten(&p).await;
    replace(&p, &id, &right, NEW_PASSWORD).await.ok();
    replace(&p, &id, &right, "ещё один пароль 2").await.is_problem(401, "code_expired");
    present(&p, "applicant", PASSWORD).await.is_problem(401, "wrong_credentials");
}

#[tokio::test]
async fn a_new_password_ends_the_sessions_and_keeps_the_tokens() {
    let p = with_passwords().await;
    let session = sign_in(&p, "applicant", "sms").await;
    let for_scripts = json!({ "scopes": ["read"], "expires_at": "2026-12-01T00:00:00Z" });
    let script = word(&p.post(Caller::Token(&session), "/v1/tokens", for_scripts).await.body["token"]);
    let (id, right) = forgotten(&p).await;
    let done = replace(&p, &id, &right, NEW_PASSWORD).await;
    assert_eq!((done.status, done.body), (200, json!({ "login": "applicant", "sessions_ended": 1 })));
    p.get(Caller::Token(&session), "/v1/me").await.is_problem(401, "unauthenticated");
    assert_eq!(p.get(Caller::Token(&script), "/v1/me").await.status, 200);
}

#[tokio::test]
async fn an_unconfirmed_contact_gets_no_code_for_a_new_password() {
    let p = with_passwords().await;
    p.sql("UPDATE people SET phone_unconfirmed = 1, email_unconfirmed = 1 WHERE login = 'applicant'").await;
    assert_eq!(forget(&p, "applicant").await.status, 200);
    assert_eq!(p.count(MESSAGES).await, 0);
}

#[tokio::test]
async fn the_text_of_a_code_is_deleted_when_it_expires() {
    let p = with_passwords().await;
    sign_in(&p, "applicant", "sms").await;
    forgotten(&p).await;
    p.advance(SignedDuration::from_mins(30));
    p.run_due().await.unwrap();
    assert_eq!(p.count("SELECT count(*) AS n FROM messages WHERE text <> ''").await, 0);
}

#[tokio::test]
async fn a_forgotten_password_is_replaced_while_sign_in_is_locked() {
    let p = with_passwords().await;
    six_wrong_passwords(&p, "applicant").await;
    present(&p, "applicant", PASSWORD).await.is_problem(403, "sign_in_locked");
    let (id, right) = forgotten(&p).await;
    replace(&p, &id, &other(&right), NEW_PASSWORD).await.is_problem(401, "wrong_code");
    assert_eq!(replace(&p, &id, &right, NEW_PASSWORD).await.status, 200);
    assert_eq!(present(&p, "applicant", NEW_PASSWORD).await.status, 200);
}

#[tokio::test]
async fn the_code_for_a_new_password_cannot_be_guessed_indefinitely() {
    let p = with_passwords().await;
    let (id, right) = forgotten(&p).await;
    for _ in 0..4 {
        replace(&p, &id, &other(&right), NEW_PASSWORD).await.is_problem(401, "wrong_code");
    }
    replace(&p, &id, &other(&right), NEW_PASSWORD).await.is_problem(403, "sign_in_locked");
    let (id, right) = forgotten(&p).await;
    replace(&p, &id, &right, NEW_PASSWORD).await.is_problem(403, "sign_in_locked");
}

#[tokio::test]
async fn a_platform_without_gateways_says_so() {
    let p = TestPlatform::new().await;
    p.run("UPDATE people SET password_hash = $1", password_hash(PASSWORD).unwrap()).await;
    present(&p, "applicant", PASSWORD).await.is_problem(409, "channel_unavailable");
    forget(&p, "applicant").await.is_problem(409, "channel_unavailable");
    let phone = json!({ "phone": "+79000000104" });
    let refused = p.post("unconfirmed", "/v1/account/confirmation", phone).await;
    refused.is_problem(409, "channel_unavailable");
}

const CONFIRM: &str = "/v1/account/confirmation";
const CONFIRM_CODE: &str = "/v1/account/confirmation/code";

/// Confirms a phone number of `unconfirmed`, with a scan of a passport; returns the request and the profile.
async fn confirmed(p: &TestPlatform) -> (Value, Value) {
    p.post("unconfirmed", CONFIRM, json!({ "phone": "8 900 000-01-55" })).await.ok();
    let (right, _) = code(p).await;
    let scan = p.upload("unconfirmed", "паспорт.png", &appeal_files::samples::png()).await;
    let body = json!({ "code": right, "document": scan });
    let profile = p.post("unconfirmed", CONFIRM_CODE, body.clone()).await.ok();
    // The next code is newer.
    p.advance(SignedDuration::from_mins(1));
    (body, profile)
}

#[tokio::test]
async fn an_unconfirmed_account_names_the_next_step() {
    let p = with_passwords().await;
    let me = p.get("unconfirmed", "/v1/me").await.body;
    assert_eq!(me["state"], "confirmation_required");
    assert!(word(&me["next_step"]).contains("appeal account confirm"));
    let refused = p.post("unconfirmed", "/v1/appeals", sample()).await;
    refused.is_problem(403, "account_unconfirmed");
    assert!(word(&refused.body["hint"]).contains("appeal account confirm"));
}

#[tokio::test]
async fn a_new_phone_gets_a_code_once() {
    let p = with_passwords().await;
    let sent = p.post("unconfirmed", CONFIRM, json!({ "phone": "8 900 000-01-55" })).await.ok();
    assert_eq!((sent["way"].as_str(), sent["address"].as_str()), (Some("sms"), Some("+79000000155")));
    assert_eq!(code(&p).await.1, "+79000000155");
    p.post("unconfirmed", CONFIRM, json!({ "phone": "+79000000155" })).await.ok();
    assert_eq!(p.count(MESSAGES).await, 1);
}

#[tokio::test]
async fn a_confirmation_needs_the_code_and_an_own_document() {
    let p = with_passwords().await;
    p.post("unconfirmed", CONFIRM, json!({ "phone": "8 900 000-01-55" })).await.ok();
    let (right, _) = code(&p).await;
    let refused = p.post("unconfirmed", CONFIRM_CODE, json!({ "code": other(&right) })).await;
    refused.is_problem(422, "wrong_code");
    let strange = json!({ "sha256": "0".repeat(64), "name": "паспорт.png" });
    let body = json!({ "code": right, "document": strange });
    assert_eq!(p.post("unconfirmed", CONFIRM_CODE, body).await.status, 422);
}

#[tokio::test]
async fn a_confirmed_phone_confirms_the_account() {
    let p = with_passwords().await;
    let (body, profile) = confirmed(&p).await;
    let expected = json!({ "state": "active", "phone": "+79000000155", "phone_confirmed": true });
    assert_fields(&profile, expected);
    let again = p.post("unconfirmed", CONFIRM_CODE, body).await.ok();
    assert_eq!(again, profile, "a repeated request");
    p.file("unconfirmed").await;
}

#[tokio::test]
async fn the_scan_of_a_passport_is_kept() {
    let p = with_passwords().await;
    confirmed(&p).await;
    p.advance_days(3);
    p.run_due().await.unwrap();
    let sql = "SELECT count(*) AS n FROM identity_documents d JOIN files f ON f.sha256 = d.sha256";
    assert_eq!(p.count(sql).await, 1);
}

#[tokio::test]
async fn another_contact_is_unconfirmed_and_does_not_restrict_the_account() {
    let p = with_passwords().await;
    confirmed(&p).await;
    let edit = async |body: Value| p.send("unconfirmed", "PATCH", "/v1/account", body).await.ok();
    let profile = edit(json!({ "email": "new@example.org" })).await;
    assert_fields(&profile, json!({ "state": "active", "email_confirmed": false }));
    let profile = edit(json!({ "phone": "+79000000156" })).await;
    assert_fields(&profile, json!({ "state": "active", "phone_confirmed": false }));
}

#[tokio::test]
async fn another_contact_is_confirmed_by_a_code() {
    let p = with_passwords().await;
    confirmed(&p).await;
    p.send("unconfirmed", "PATCH", "/v1/account", json!({ "email": "new@example.org" })).await.ok();
    p.post("unconfirmed", CONFIRM, json!({ "email": "new@example.org" })).await.ok();
    let body = json!({ "code": code(&p).await.0 });
    let profile = p.post("unconfirmed", CONFIRM_CODE, body).await.ok();
    assert_fields(&profile, json!({ "state": "active", "email_confirmed": true }));
}

#[tokio::test]
async fn identity_numbers_are_normalized() {
    let p = with_passwords().await;
    confirmed(&p).await;
    let edit = json!({ "snils": "11223344595", "inn": "500100732259", "passport": "1234567890" });
    let profile = p.send("unconfirmed", "PATCH", "/v1/account", edit).await.ok();
    assert_fields(&profile, json!({ "snils": "112-233-445 95", "passport": "1234 567890" }));
}

#[tokio::test]
async fn an_invalid_profile_is_refused_as_a_whole() {
    let p = with_passwords().await;
    confirmed(&p).await;
    let wrong = json!({ "snils": "112-233-445 96", "inn": "7707329152", "phone": "12" });
    let refused = p.send("unconfirmed", "PATCH", "/v1/account", wrong).await;
    refused.is_invalid(&["snils-invalid", "inn-person", "phone-invalid"]);
    assert_eq!(p.get("unconfirmed", "/v1/account").await.ok()["phone"], "+79000000155");
}

#[tokio::test]
async fn a_blocked_account_shows_the_reason() {
    let p = with_passwords().await;
    let token = sign_in(&p, "blocked", "email").await;
    let me = p.get(Caller::Token(&token), "/v1/me").await.body;
    assert_eq!(me["state"], "blocked");
    assert!(word(&me["blocked_reason"]).contains("по заявлению владельца"));
    let out = p.send(Caller::Token(&token), "DELETE", "/v1/tokens/current", Value::Null).await;
    assert_eq!(out.status, 200);
}

/// Returns method and path of every operation that needs an account which is not blocked.
fn operations() -> Vec<(String, String)> {
    let api: Value = serde_json::from_str(&crate::http::openapi_json()).unwrap();
    let mut all = Vec::new();
    for (path, item) in api["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let open = operation["security"].is_null() || path == "/v1/me" || path == "/v1/tokens/current";
            if !open {
                all.push((method.to_uppercase(), path.clone()));
            }
        }
    }
    all
}

#[tokio::test]
async fn a_blocked_account_may_do_nothing_else() {
    let p = with_passwords().await;
    let token = sign_in(&p, "blocked", "email").await;
    assert!(operations().len() > 40, "{}", operations().len());
    for (method, path) in operations() {
        let mut place = path.clone();
        while let (Some(open), Some(close)) = (place.find('{'), place.find('}')) {
            place.replace_range(open..=close, "2026-0000000000-0");
        }
        let body = if method == "GET" || method == "HEAD" { Value::Null } else { json!({}) };
        let reply = p.send(Caller::Token(&token), &method, &place, body).await;
        assert_eq!(reply.status, 403, "{method} {path}: {}", reply.body);
        if method != "HEAD" {
            reply.is_problem(403, "account_blocked");
            assert!(word(&reply.body["detail"]).contains("по заявлению владельца"), "{method} {path}");
        }
    }
}

/// Puts the account of this login into the state before its confirmation.
async fn unconfirm(p: &TestPlatform, login: &str) {
    p.run("UPDATE people SET state = 'confirmation_required' WHERE login = $1", login).await;
}

#[tokio::test]
async fn an_unconfirmed_account_makes_no_moves() {
    let p = with_passwords().await;
    let number = p.file("applicant").await;
    let answered = p.answered().await;
    let attached = p.upload("applicant", "фото.png", &appeal_files::samples::png()).await;
    let before = [p.show("applicant", &number).await, p.show("applicant", &answered).await];
    unconfirm(&p, "applicant").await;
    let escalation = json!({ "level": "senior", "grounds": "critical", "reason": "Опасно." });
    for (number, action, body) in [
        (&number, "comments", json!({ "text": "Дополнение." })),
        (&number, "replies", json!({ "text": "Ответ." })),
        (&number, "cancel", json!({})),
        (&number, "escalations", escalation),
        (&number, "attachments", json!({ "attachments": [attached] })),
        (&answered, "confirm", json!({ "solved": true })),
        (&answered, "confirm", json!({ "solved": false, "reason": "Нет." })),
        (&answered, "close", json!({})),
        (&answered, "repeats", json!({ "grounds": "incomplete", "text": "Не всё." })),
        (&answered, "rating", json!({ "score": 1 })),
    ] {
        p.refused("applicant", number, action, body, 403, "account_unconfirmed").await;
    }
    assert_eq!(before, [p.show("applicant", &number).await, p.show("applicant", &answered).await]);
}

#[tokio::test]
async fn an_unconfirmed_account_neither_files_nor_edits() {
    let p = with_passwords().await;
    let path = format!("/v1/appeals/{}", p.file("applicant").await);
    unconfirm(&p, "applicant").await;
    for (method, path, body) in [
        ("PATCH", path.as_str(), json!({ "contact_phone": "+79000000111" })),
        ("POST", "/v1/appeals", sample()),
        ("POST", "/v1/appeals?dry_run=true", sample()),
    ] {
        p.send("applicant", method, path, body).await.is_problem(403, "account_unconfirmed");
    }
}

#[tokio::test]
async fn an_unconfirmed_account_saves_drafts_and_submits_none() {
    let p = with_passwords().await;
    let attached = p.upload("applicant", "фото.png", &appeal_files::samples::png()).await;
    unconfirm(&p, "applicant").await;
    let draft = word(&p.file_with("applicant", json!({ "draft": true })).await["number"]);
    p.patch("applicant", &draft, json!({ "subject": "Отопление: квартира 7" })).await.ok();
    p.act("applicant", &draft, "attachments", json!({ "attachments": [attached] })).await;
    p.refused("applicant", &draft, "submit", json!({}), 403, "account_unconfirmed").await;
    assert_eq!(p.show("applicant", &draft).await["status"], "draft");
    p.send("applicant", "DELETE", &format!("/v1/appeals/{draft}"), Value::Null).await.ok();
}

#[tokio::test]
async fn an_unconfirmed_account_reads() {
    let p = with_passwords().await;
    p.file("applicant").await;
    unconfirm(&p, "applicant").await;
    for path in ["/v1/appeals", "/v1/changes", "/v1/account", "/v1/me", "/v1/tokens"] {
        p.get("applicant", path).await.ok();
    }
}

#[tokio::test]
async fn an_unconfirmed_operator_decides_nothing() {
    let p = with_passwords().await;
    let number = p.file("applicant").await;
    unconfirm(&p, "operator").await;
    p.refused("operator", &number, "take", json!({}), 403, "account_unconfirmed").await;
    p.refused("operator", &number, "ask", json!({ "text": "Что?" }), 403, "account_unconfirmed").await;
}

/// Creates a token of a person with these scopes.
async fn issue(p: &TestPlatform, who: &str, scopes: &[&str]) -> String {
    let body = json!({ "scopes": scopes, "expires_at": "2026-12-01T00:00:00Z" });
    word(&p.post(who, "/v1/tokens", body).await.ok()["token"])
}

#[tokio::test]
async fn a_reading_token_files_nothing() {
    let p = with_passwords().await;
    let card = format!("/v1/appeals/{}", p.file("applicant").await);
    let token = issue(&p, "applicant", &["read"]).await;
    p.post(Caller::Token(&token), "/v1/appeals", sample()).await.is_problem(403, "scope");
    let edit = json!({ "subject": "Иначе" });
    p.send(Caller::Token(&token), "PATCH", &card, edit).await.is_problem(403, "scope");
    assert_eq!(p.get(Caller::Token(&token), &card).await.status, 200);
}

/// Requests that change the account of the applicant or its tokens.
fn account_changes() -> Vec<(&'static str, &'static str, Value)> {
    vec![
        ("PATCH", "/v1/account", json!({ "name": "Иначе" })),
        ("POST", "/v1/account/password", json!({ "old": PASSWORD, "new": NEW_PASSWORD })),
        ("POST", "/v1/account/totp", json!({})),
        ("POST", "/v1/account/totp/confirm", json!({ "code": "123456" })),
        ("POST", "/v1/account/totp/disable", json!({ "password": PASSWORD })),
        ("POST", "/v1/account/confirmation", json!({ "phone": "+79000000177" })),
        ("POST", "/v1/account/confirmation/code", json!({ "code": "123456" })),
        ("PUT", "/v1/me/notification-settings", json!({ "push": "https://hooks.example/" })),
        ("POST", "/v1/tokens", json!({ "scopes": ["file"], "expires_at": "2026-12-01T00:00:00Z" })),
        ("GET", "/v1/tokens", Value::Null),
    ]
}

#[tokio::test]
async fn no_token_changes_the_account() {
    let p = with_passwords().await;
    let token = issue(&p, "applicant", &["read", "file"]).await;
    for (method, path, body) in account_changes() {
        p.send(Caller::Token(&token), method, path, body).await.is_problem(403, "session_required");
    }
}

#[tokio::test]
async fn a_session_changes_the_account_for_ten_minutes() {
    let p = with_passwords().await;
    let session = sign_in(&p, "applicant", "sms").await;
    let edit = json!({ "region": "54" });
    p.advance(SignedDuration::from_secs(599));
    p.send(Caller::Token(&session), "PATCH", "/v1/account", edit).await.ok();
    p.advance(SignedDuration::from_secs(1));
    for (method, path, body) in account_changes() {
        p.send(Caller::Token(&session), method, path, body).await.is_problem(403, "session_required");
    }
    assert_eq!(p.post(Caller::Token(&session), "/v1/appeals", sample()).await.status, 201);
}

#[tokio::test]
async fn a_filing_token_files_and_reads() {
    let p = with_passwords().await;
    let token = issue(&p, "applicant", &["file"]).await;
    assert_eq!(p.post(Caller::Token(&token), "/v1/appeals", sample()).await.status, 201);
    assert_eq!(p.get(Caller::Token(&token), "/v1/appeals").await.status, 200);
}

#[tokio::test]
async fn an_operating_token_reads_and_does_not_file() {
    let p = with_passwords().await;
    let card = format!("/v1/appeals/{}", p.file("applicant").await);
    let token = issue(&p, "operator", &["operate"]).await;
    assert_eq!(p.get(Caller::Token(&token), &card).await.status, 200);
    p.post(Caller::Token(&token), "/v1/appeals", sample()).await.is_problem(403, "scope");
    let other = issue(&p, "operator", &["read", "file", "report"]).await;
    p.post(Caller::Token(&other), &format!("{card}/take"), json!({})).await.is_problem(403, "scope");
}

/// Returns the path of the applicant's token with this scope, as the administrator sees it.
async fn token_path(p: &TestPlatform, scope: &str) -> String {
    let known = p.get("admin", "/v1/tokens?login=applicant").await.ok();
    let token = known.as_array().unwrap().iter().find(|token| token["scopes"] == json!([scope])).unwrap();
    format!("/v1/tokens/{}", word(&token["id"]))
}

#[tokio::test]
async fn only_an_administrator_sees_tokens_of_others() {
    let p = with_passwords().await;
    issue(&p, "applicant", &["read"]).await;
    assert_eq!(p.get("operator", "/v1/tokens?login=applicant").await.status, 403);
    assert_eq!(p.get("admin", "/v1/tokens?login=nobody").await.status, 404);
    let path = token_path(&p, "read").await;
    assert_eq!(p.send("operator", "DELETE", &path, Value::Null).await.status, 404);
}

#[tokio::test]
async fn a_token_revokes_itself_and_no_other() {
    let p = with_passwords().await;
    let reading = issue(&p, "applicant", &["read"]).await;
    issue(&p, "applicant", &["file"]).await;
    let path = token_path(&p, "file").await;
    p.send(Caller::Token(&reading), "DELETE", &path, Value::Null).await.is_problem(403, "session_required");
    let path = token_path(&p, "read").await;
    p.send(Caller::Token(&reading), "DELETE", &path, Value::Null).await.ok();
    p.get(Caller::Token(&reading), "/v1/me").await.is_problem(401, "unauthenticated");
}

#[tokio::test]
async fn a_token_is_revoked_once() {
    let p = with_passwords().await;
    let reading = issue(&p, "applicant", &["read"]).await;
    let path = token_path(&p, "read").await;
    let revoked = p.send("admin", "DELETE", &path, Value::Null).await.ok();
    assert_eq!(p.send("admin", "DELETE", &path, Value::Null).await.ok(), revoked);
    p.get(Caller::Token(&reading), "/v1/appeals").await.is_problem(401, "unauthenticated");
}

#[tokio::test]
async fn absent_contacts_are_those_of_the_account() {
    let p = with_passwords().await;
    let card = p.file_with("representative", json!({})).await;
    let expected =
        json!({ "email": "representative@example.org", "phone": "+79000000102", "preferred": "email" });
    assert_fields(&card["contacts"], expected);
    assert_eq!(card["organization"]["inn"], "7701123451");
}

#[tokio::test]
async fn given_contacts_take_precedence_over_the_account() {
    let p = with_passwords().await;
    let contacts = json!({ "email": "desk@example.org", "phone": "8 900 000 01 77", "preferred": "phone" });
    let card = p.file_with("representative", json!({ "contacts": contacts, "organization": "" })).await;
    let expected = json!({ "email": "desk@example.org", "phone": "+79000000177", "preferred": "phone" });
    assert_eq!(card["contacts"], expected);
    assert!(card["organization"].is_null());
}

#[tokio::test]
async fn none_of_two_organizations_is_assumed() {
    let p = with_passwords().await;
    p.run("INSERT INTO organizations (inn, name) VALUES ($1, 'Вторая')", "7707329152").await;
    let sql = "INSERT INTO representatives (person_id, inn) SELECT id, $1 FROM people WHERE login = 'representative'";
    p.run(sql, "7707329152").await;
    assert!(p.file_with("representative", json!({})).await["organization"].is_null());
    let named = p.file_with("representative", json!({ "organization": "7707329152" })).await;
    assert_eq!(named["organization"]["name"], "Вторая");
    let profile = p.get("representative", "/v1/account").await.ok();
    assert_eq!(profile["organizations"][0]["ogrn"], "1027700123450");
    assert_eq!(profile["organizations"][1]["inn"], "7707329152");
}

#[tokio::test]
async fn changed_contacts_are_in_the_journal() {
    let p = with_passwords().await;
    let card = p.file_with("representative", json!({ "contacts": { "phone": "8 900 000 01 77" } })).await;
    let number = word(&card["number"]);
    p.patch("representative", &number, json!({ "contact_phone": "+7 900 000 01 78" })).await.ok();
    let card = p.show("representative", &format!("{number}?journal=true")).await;
    let last = card["journal"].as_array().unwrap().last().unwrap().to_string();
    assert!(last.contains("+79000000177") && last.contains("+79000000178"), "{last}");
}
