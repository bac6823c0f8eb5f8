//! Accounts: signing in and lockout, codes, the authenticator, the profile, and what each state and scope permits.

use axum::http::header;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::harness::{Caller, Reply, TestPlatform, sample, sample_with, worded};
use crate::Gateways;
use crate::args;
use crate::service::accounts::password_hash;

const PASSWORD: &str = "верблюд в кепке 7";

/// A platform with gateways for text messages and e-mails, on which the applicant has a password.
async fn with_passwords() -> TestPlatform {
    let somewhere = Some("file:/nowhere".to_owned());
    let gateways = Gateways { smtp: somewhere.clone(), sms: somewhere, ..Gateways::default() };
    let p = TestPlatform::open(|settings| settings.gateways = gateways).await;
    let hash = password_hash(PASSWORD).unwrap();
    let sql = "UPDATE people SET password_hash = $1 WHERE login IN ('applicant', 'blocked', 'unconfirmed')";
    p.run(sql, hash).await;
    p
}

/// Returns the newest code in the outbox, and its address.
async fn code(p: &TestPlatform) -> (String, String) {
    let sql =
        "SELECT text, address FROM messages WHERE kind = 'code' ORDER BY created_at DESC, id DESC LIMIT 1";
    let row = p.app.read(async |tx| Ok(tx.one(sql, args![]).await?)).await.unwrap();
    let code: String = row.text("text").unwrap().chars().take_while(char::is_ascii_digit).collect();
    assert_eq!(code.len(), 6);
    (code, row.text("address").unwrap())
}

/// Returns a different code.
fn other(code: &str) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000)
}

fn word(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

/// Sends login and password; returns the id of the challenge.
async fn begin(p: &TestPlatform, login: &str, way: &str) -> String {
    let reply = p
        .post(Caller::Anonymous, "/v1/sign-in", json!({ "login": login, "password": PASSWORD, "way": way }))
        .await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    word(&reply.body["challenge_id"])
}

/// Signs in by SMS; returns the token.
async fn sign_in(p: &TestPlatform, login: &str, way: &str) -> String {
    let id = begin(p, login, way).await;
    let (code, _) = code(p).await;
    let reply =
        p.post(Caller::Anonymous, "/v1/sign-in/code", json!({ "challenge_id": id, "code": code })).await;
    assert_eq!(reply.status, 201, "{}", reply.body);
    word(&reply.body["token"])
}

#[tokio::test]
async fn a_person_signs_in_with_a_password_and_a_code() {
    let p = with_passwords().await;
    let reply = p
        .post(Caller::Anonymous, "/v1/sign-in", json!({ "login": " applicant", "password": PASSWORD }))
        .await;
    let challenge = reply.body;
    assert_eq!(
        challenge["ways"],
        json!([{ "way": "sms", "address": "+7***01" }, { "way": "email", "address": "a***@example.org" }])
    );
    assert_eq!(
        (challenge["way"].clone(), p.count("SELECT count(*) AS n FROM messages").await),
        (Value::Null, 0)
    );
    let id = word(&challenge["challenge_id"]);
    p.post(Caller::Anonymous, "/v1/sign-in/way", json!({ "challenge_id": id, "way": "totp" }))
        .await
        .is_problem(409, "channel_unavailable");
    let chosen =
        p.post(Caller::Anonymous, "/v1/sign-in/way", json!({ "challenge_id": id, "way": "email" })).await;
    assert_eq!((chosen.status, chosen.body["way"].as_str()), (200, Some("email")));
    let (code, address) = code(&p).await;
    assert_eq!(address, "applicant@example.org");
    p.post(Caller::Anonymous, "/v1/sign-in/code", json!({ "challenge_id": "x", "code": code }))
        .await
        .is_problem(401, "code_expired");
    p.post(Caller::Anonymous, "/v1/sign-in/code", json!({ "challenge_id": id, "code": other(&code) }))
        .await
        .is_problem(401, "wrong_code");
    let spaced = format!("{} {}", &code[..3], &code[3..]);
    let done =
        p.post(Caller::Anonymous, "/v1/sign-in/code", json!({ "challenge_id": id, "code": spaced })).await;
    assert_eq!(done.status, 201, "{}", done.body);
    let token = word(&done.body["token"]);
    p.post(Caller::Anonymous, "/v1/sign-in/code", json!({ "challenge_id": id, "code": code }))
        .await
        .is_problem(401, "code_expired");

    let me = p.get(Caller::Token(&token), "/v1/me").await.body;
    assert_eq!((me["login"].as_str(), me["scopes"].clone()), (Some("applicant"), json!(["read", "file"])));
    assert_eq!(me["token_expires_at"], done.body["expires_at"]);
    let listed = p.get(Caller::Token(&token), "/v1/tokens").await.body;
    assert_eq!(listed[0]["name"], "login");
    assert_eq!((listed[0]["session"].clone(), listed[0]["current"].clone()), (json!(true), json!(true)));
    assert!(listed[0]["last_used_at"].is_string(), "{listed}");
    // Nothing of it is stored in readable form.
    for secret in [token.as_str(), PASSWORD, id.as_str()] {
        let like = format!("%{secret}%");
        for sql in [
            "SELECT count(*) AS n FROM idempotency WHERE body LIKE $1",
            "SELECT count(*) AS n FROM tokens WHERE digest LIKE $1 OR name LIKE $1",
            "SELECT count(*) AS n FROM challenges WHERE digest LIKE $1 OR code_digest LIKE $1",
            "SELECT count(*) AS n FROM people WHERE password_hash LIKE $1",
        ] {
            let like = like.clone();
            let found = p.app.read(async |tx| Ok(tx.one(sql, args![like]).await?.int("n")?)).await;
            assert_eq!(found.unwrap(), 0, "{sql}");
        }
    }
    // The session ends by signing out, or by expiry.
    let out = p.send(Caller::Token(&token), "DELETE", "/v1/tokens/current", Value::Null).await;
    assert!(out.status == 200 && out.body["revoked_at"].is_string());
    p.get(Caller::Token(&token), "/v1/me").await.is_problem(401, "unauthenticated");
    let token = sign_in(&p, "applicant", "sms").await;
    p.advance_days(31);
    p.get(Caller::Token(&token), "/v1/me").await.is_problem(401, "unauthenticated");
}

#[tokio::test]
async fn a_code_is_good_for_ten_minutes_and_five_tries() {
    let p = with_passwords().await;
    let id = begin(&p, "applicant", "sms").await;
    let (right, _) = code(&p).await;
    p.advance(SignedDuration::from_secs(10 * 60));
    p.post(Caller::Anonymous, "/v1/sign-in/code", json!({ "challenge_id": id, "code": right }))
        .await
        .is_problem(401, "code_expired");
    p.advance_days(1);
    let id = begin(&p, "applicant", "sms").await;
    let (right, _) = code(&p).await;
    for left in [4, 3, 2, 1] {
        let reply = p
            .post(Caller::Anonymous, "/v1/sign-in/code", json!({ "challenge_id": id, "code": other(&right) }))
            .await;
        reply.is_problem(401, "wrong_code");
        assert!(word(&reply.body["detail"]).contains(&left.to_string()));
    }
    // The fifth wrong attempt locks, even for the correct code.
    p.post(Caller::Anonymous, "/v1/sign-in/code", json!({ "challenge_id": id, "code": other(&right) }))
        .await
        .is_problem(403, "sign_in_locked");
    p.advance(SignedDuration::from_mins(5));
    p.post(Caller::Anonymous, "/v1/sign-in/code", json!({ "challenge_id": id, "code": right }))
        .await
        .is_problem(401, "code_expired");
    let reply =
        p.post(Caller::Anonymous, "/v1/sign-in", json!({ "login": "applicant", "password": PASSWORD })).await;
    reply.is_problem(403, "sign_in_locked");
    // A correct password between two guesses does not reset the count.
    p.advance(SignedDuration::from_mins(11));
    for _ in 0..4 {
        let id = begin(&p, "applicant", "sms").await;
        let (right, _) = code(&p).await;
        p.post(Caller::Anonymous, "/v1/sign-in/code", json!({ "challenge_id": id, "code": other(&right) }))
            .await
            .is_problem(401, "wrong_code");
    }
    // The number of codes is limited as well.
    let mut sent = 0;
    let refused = loop {
        let reply = p
            .post(
                Caller::Anonymous,
                "/v1/sign-in",
                json!({ "login": "applicant", "password": PASSWORD, "way": "sms" }),
            )
            .await;
        if reply.status != 200 {
            break reply;
        }
        sent += 1;
        assert!(sent < 10);
    };
    refused.is_problem(403, "too_many_codes");
    assert!(refused.headers.contains_key(header::RETRY_AFTER));
}

#[tokio::test]
async fn wrong_passwords_lock_and_an_unknown_login_looks_the_same() {
    let p = with_passwords().await;
    let mut seen = Vec::new();
    for login in ["applicant", "nobody-has-this", "operator"] {
        let mut replies = Vec::new();
        for _ in 0..6 {
            let reply = p
                .post(
                    Caller::Anonymous,
                    "/v1/sign-in",
                    json!({ "login": login, "password": "не тот пароль" }),
                )
                .await;
            let after = reply.headers.get(header::RETRY_AFTER).map(|v| v.to_str().unwrap().to_owned());
            replies.push((reply.status, reply.body, after));
        }
        seen.push(replies);
    }
    assert!(seen.iter().all(|replies| *replies == seen[0]), "{seen:#?}");
    let statuses: Vec<u16> = seen[0].iter().map(|(status, ..)| *status).collect();
    assert_eq!(statuses, [401, 401, 401, 401, 403, 403]);
    let (_, locked, after) = &seen[0][5];
    assert_eq!(locked["code"], "sign_in_locked");
    assert!(word(&locked["detail"]).contains("2026-11-09T07:15:00Z"), "{locked}");
    assert_eq!(after.as_deref(), Some("901"));
    // Even the correct password is refused during the lock; other people are not affected.
    let right =
        || p.post(Caller::Anonymous, "/v1/sign-in", json!({ "login": "applicant", "password": PASSWORD }));
    right().await.is_problem(403, "sign_in_locked");
    sign_in(&p, "blocked", "email").await;
    p.advance(SignedDuration::from_mins(15));
    assert_eq!(right().await.status, 200);
    // The next lock is longer.
    for _ in 0..5 {
        p.post(Caller::Anonymous, "/v1/sign-in", json!({ "login": "applicant", "password": "не тот" })).await;
    }
    let locked = right().await;
    locked.is_problem(403, "sign_in_locked");
    assert_eq!(locked.headers[header::RETRY_AFTER], "1801");
    assert_eq!(p.count("SELECT count(*) AS n FROM sign_in_locks WHERE login LIKE '%nobody%'").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_guesses_at_once_are_no_more_than_one_after_another() {
    let p = with_passwords().await;
    let tries = (0..24).map(|n| {
        // The correct password is among them, but too late.
        let password = if n == 23 { PASSWORD.to_owned() } else { format!("не тот пароль {n}") };
        let p = &p;
        async move {
            p.post(Caller::Anonymous, "/v1/sign-in", json!({ "login": "applicant", "password": password }))
                .await
                .status
        }
    });
    let statuses = futures_util::future::join_all(tries).await;
    let judged = statuses.iter().filter(|status| **status != 403).count();
    assert!(judged <= 5, "{statuses:?}");
}

#[tokio::test]
async fn an_authenticator_is_asked_for_and_its_codes_count_once() {
    let p = with_passwords().await;
    let made = p.post("applicant", "/v1/account/totp", json!({})).await.ok();
    assert!(word(&made["url"]).starts_with("otpauth://totp/Appeal:applicant?secret="), "{made}");
    let totp = |shift: i64| {
        let totp = totp_rs::Totp::from_url(word(&made["url"])).unwrap();
        let at = u64::try_from(p.now().as_second() + shift).unwrap();
        totp.generate(at).to_string()
    };
    // It is not active before one of its codes is entered.
    let reply = p
        .post(
            Caller::Anonymous,
            "/v1/sign-in",
            json!({ "login": "applicant", "password": PASSWORD, "way": "totp" }),
        )
        .await;
    reply.is_problem(409, "channel_unavailable");
    let Reply { status, body: problem, .. } =
        p.post("applicant", "/v1/account/totp/confirm", json!({ "code": other(&totp(0)) })).await;
    assert_eq!((status, problem["code"].as_str()), (422, Some("wrong_code")));
    let state = p.post("applicant", "/v1/account/totp/confirm", json!({ "code": totp(0) })).await.ok();
    assert_eq!(state, json!({ "totp": true }));
    let Reply { status, .. } = p.post("applicant", "/v1/account/totp", json!({})).await;
    assert_eq!(status, 409, "one that counts is not replaced by who found an open session");

    // The code that activated it is used up; the next one signs in, once.
    let enter = async |code: String| {
        let id = begin(&p, "applicant", "totp").await;
        p.post(Caller::Anonymous, "/v1/sign-in/code", json!({ "challenge_id": id, "code": code })).await
    };
    enter(totp(0)).await.is_problem(401, "wrong_code");
    p.advance(SignedDuration::from_secs(30));
    let code = totp(0);
    assert_eq!(enter(code.clone()).await.status, 201);
    enter(code).await.is_problem(401, "wrong_code");
    assert_eq!(p.count("SELECT count(*) AS n FROM messages").await, 0, "nothing is sent");
    let Reply { status, .. } =
        p.post("applicant", "/v1/account/totp/disable", json!({ "password": "не тот" })).await;
    assert_eq!(status, 403);
    let Reply { status, .. } = p.post("applicant", "/v1/account/totp/disable", json!({})).await;
    assert_eq!(status, 422);
    let off = p.post("applicant", "/v1/account/totp/disable", json!({ "password": PASSWORD })).await.ok();
    assert_eq!(off, json!({ "totp": false }));
}

#[tokio::test]
async fn a_forgotten_password_is_replaced_and_ends_the_sessions() {
    let p = with_passwords().await;
    let session = sign_in(&p, "applicant", "sms").await;
    let for_scripts = json!({ "scopes": ["read"], "expires_at": "2026-12-01T00:00:00Z" });
    let script = word(&p.post(Caller::Token(&session), "/v1/tokens", for_scripts).await.body["token"]);
    // The response does not reveal who has an account.
    let shape = |reply: &Reply| reply.body.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let nobody = p.post(Caller::Anonymous, "/v1/password-reset", json!({ "login": "nobody-has-this" })).await;
    let asked = p.post(Caller::Anonymous, "/v1/password-reset", json!({ "login": "applicant" })).await;
    assert_eq!((nobody.status, shape(&nobody)), (asked.status, shape(&asked)));
    assert_eq!(nobody.body["ways"], asked.body["ways"]);
    let id = word(&asked.body["challenge_id"]);
    let (code, address) = code(&p).await;
    assert_eq!(address, "+79000000101");
    let set = |id: &str, code: &str, password: &str| {
        let body = json!({ "challenge_id": id, "code": code, "password": password });
        let p = &p;
        async move { p.post(Caller::Anonymous, "/v1/password-reset/code", body).await }
    };
    let nobodys = word(&nobody.body["challenge_id"]);
    set(&nobodys, "123456", "совсем новый пароль").await.is_problem(401, "wrong_code");
    // Neither a weak password nor a code for signing in is accepted.
    set(&id, &code, "1234567890").await.is_problem(422, "invalid");
    set(&id, &other(&code), "совсем новый пароль").await.is_problem(401, "wrong_code");
    p.post(Caller::Anonymous, "/v1/sign-in/code", json!({ "challenge_id": id, "code": code }))
        .await
        .is_problem(401, "code_expired");
    let done = set(&id, &code, "совсем новый пароль").await;
    assert_eq!((done.status, done.body), (200, json!({ "login": "applicant", "sessions_ended": 1 })));
    set(&id, &code, "ещё один пароль 2").await.is_problem(401, "code_expired");
    p.get(Caller::Token(&session), "/v1/me").await.is_problem(401, "unauthenticated");
    assert_eq!(p.get(Caller::Token(&script), "/v1/me").await.status, 200);
    let reply =
        p.post(Caller::Anonymous, "/v1/sign-in", json!({ "login": "applicant", "password": PASSWORD })).await;
    reply.is_problem(401, "wrong_credentials");
    // An unconfirmed contact does not get such a code.
    p.run("UPDATE people SET phone_unconfirmed = 1, email_unconfirmed = $1 WHERE login = 'applicant'", 1i64)
        .await;
    let before = p.count("SELECT count(*) AS n FROM messages").await;
    assert_eq!(
        p.post(Caller::Anonymous, "/v1/password-reset", json!({ "login": "applicant" })).await.status,
        200
    );
    assert_eq!(p.count("SELECT count(*) AS n FROM messages").await, before);
    // The text of a code is deleted when it expires.
    p.advance(SignedDuration::from_mins(30));
    p.run_due().await.unwrap();
    assert_eq!(p.count("SELECT count(*) AS n FROM messages WHERE text <> ''").await, 0);
}

#[tokio::test]
async fn a_forgotten_password_is_replaced_while_sign_in_is_locked() {
    let p = with_passwords().await;
    for _ in 0..5 {
        p.post(
            Caller::Anonymous,
            "/v1/sign-in",
            json!({ "login": "applicant", "password": "не тот пароль" }),
        )
        .await;
    }
    let right = json!({ "login": "applicant", "password": PASSWORD });
    p.post(Caller::Anonymous, "/v1/sign-in", right).await.is_problem(403, "sign_in_locked");
    let reset = async || {
        let asked = p.post(Caller::Anonymous, "/v1/password-reset", json!({ "login": "applicant" })).await;
        let (right, _) = code(&p).await;
        (word(&asked.body["challenge_id"]), right)
    };
    let set = async |id: &str, code: &str| {
        let body = json!({ "challenge_id": id, "code": code, "password": "совсем новый пароль" });
        p.post(Caller::Anonymous, "/v1/password-reset/code", body).await
    };
    let (id, right) = reset().await;
    set(&id, &other(&right)).await.is_problem(401, "wrong_code");
    assert_eq!(set(&id, &right).await.status, 200);
    let new = json!({ "login": "applicant", "password": "совсем новый пароль" });
    assert_eq!(p.post(Caller::Anonymous, "/v1/sign-in", new).await.status, 200);
    // Its codes cannot be guessed indefinitely either.
    let (id, right) = reset().await;
    for _ in 0..4 {
        set(&id, &other(&right)).await.is_problem(401, "wrong_code");
    }
    set(&id, &other(&right)).await.is_problem(403, "sign_in_locked");
    let (id, right) = reset().await;
    set(&id, &right).await.is_problem(403, "sign_in_locked");
}

#[tokio::test]
async fn a_platform_without_gateways_says_so() {
    let p = TestPlatform::new().await;
    p.run("UPDATE people SET password_hash = $1", password_hash(PASSWORD).unwrap()).await;
    let reply =
        p.post(Caller::Anonymous, "/v1/sign-in", json!({ "login": "applicant", "password": PASSWORD })).await;
    reply.is_problem(409, "channel_unavailable");
    p.post(Caller::Anonymous, "/v1/password-reset", json!({ "login": "applicant" }))
        .await
        .is_problem(409, "channel_unavailable");
    let Reply { status, body: problem, .. } =
        p.post("unconfirmed", "/v1/account/confirmation", json!({ "phone": "+79000000104" })).await;
    assert_eq!((status, problem["code"].as_str()), (409, Some("channel_unavailable")));
}

#[tokio::test]
async fn a_new_phone_is_confirmed_by_a_code_and_the_account_with_it() {
    let p = with_passwords().await;
    let Reply { body: me, .. } = p.get("unconfirmed", "/v1/me").await;
    assert_eq!(me["state"], "confirmation_required");
    assert!(word(&me["next_step"]).contains("appeal account confirm"));
    let Reply { status, body: problem, .. } = p.post("unconfirmed", "/v1/appeals", sample()).await;
    assert_eq!((status, problem["code"].as_str()), (403, Some("account_unconfirmed")));
    assert!(word(&problem["hint"]).contains("appeal account confirm"));

    let ask = "/v1/account/confirmation";
    let sent = p.post("unconfirmed", ask, json!({ "phone": "8 900 000-01-55" })).await.ok();
    assert_eq!((sent["way"].as_str(), sent["address"].as_str()), (Some("sms"), Some("+79000000155")));
    let (right, address) = code(&p).await;
    assert_eq!(address, "+79000000155");
    // Repeating the request immediately sends nothing.
    p.post("unconfirmed", ask, json!({ "phone": "+79000000155" })).await.ok();
    assert_eq!(p.count("SELECT count(*) AS n FROM messages").await, 1);
    let scan = p.upload("unconfirmed", "паспорт.png", &appeal_files::samples::png()).await;
    let finish = "/v1/account/confirmation/code";
    let Reply { status, body: problem, .. } =
        p.post("unconfirmed", finish, json!({ "code": other(&right) })).await;
    assert_eq!((status, problem["code"].as_str()), (422, Some("wrong_code")), "{problem}");
    let strange = json!({ "sha256": "0".repeat(64), "name": "паспорт.png" });
    let Reply { status, .. } =
        p.post("unconfirmed", finish, json!({ "code": right, "document": strange })).await;
    assert_eq!(status, 422);
    let body = json!({ "code": right, "document": scan });
    let profile = p.post("unconfirmed", finish, body.clone()).await.ok();
    assert_eq!(
        (profile["state"].as_str(), profile["phone"].as_str()),
        (Some("active"), Some("+79000000155"))
    );
    assert_eq!(profile["phone_confirmed"], true);
    assert_eq!(p.post("unconfirmed", finish, body).await.ok(), profile, "a repeated request");
    p.file("unconfirmed").await;
    // The scan is kept.
    p.advance_days(3);
    p.run_due().await.unwrap();
    assert_eq!(
        p.count("SELECT count(*) AS n FROM identity_documents d JOIN files f ON f.sha256 = d.sha256").await,
        1
    );

    // Another phone number or e-mail address must be confirmed, but does not restrict the account.
    let edit = json!({ "email": "new@example.org", "snils": "11223344595", "inn": "500100732259", "passport": "1234567890" });
    let profile = p.send("unconfirmed", "PATCH", "/v1/account", edit).await.ok();
    assert_eq!(
        (profile["state"].as_str(), profile["email_confirmed"].clone()),
        (Some("active"), json!(false))
    );
    assert_eq!(
        (profile["snils"].as_str(), profile["passport"].as_str()),
        (Some("112-233-445 95"), Some("1234 567890"))
    );
    let profile =
        p.send("unconfirmed", "PATCH", "/v1/account", json!({ "phone": "+79000000156" })).await.ok();
    assert_eq!(
        (profile["state"].as_str(), profile["phone_confirmed"].clone()),
        (Some("active"), json!(false))
    );
    p.post("unconfirmed", ask, json!({ "email": "new@example.org" })).await.ok();
    let (right, _) = code(&p).await;
    let profile = p.post("unconfirmed", finish, json!({ "code": right })).await.ok();
    assert_eq!(
        (profile["state"].as_str(), profile["email_confirmed"].clone()),
        (Some("active"), json!(true))
    );
    let wrong = json!({ "snils": "112-233-445 96", "inn": "7707329152", "phone": "12" });
    let Reply { status, body: problem, .. } = p.send("unconfirmed", "PATCH", "/v1/account", wrong).await;
    assert_eq!(status, 422);
    worded(&problem);
    let codes: Vec<&str> =
        problem["errors"].as_array().unwrap().iter().filter_map(|e| e["code"].as_str()).collect();
    assert_eq!(codes, ["snils-invalid", "inn-person", "phone-invalid"]);
    assert_eq!(p.get("unconfirmed", "/v1/account").await.ok()["phone"], "+79000000156");
}

#[tokio::test]
async fn a_blocked_account_may_only_read_why() {
    let p = with_passwords().await;
    let token = sign_in(&p, "blocked", "email").await;
    let me = p.get(Caller::Token(&token), "/v1/me").await.body;
    assert_eq!(me["state"], "blocked");
    assert!(word(&me["blocked_reason"]).contains("по заявлению владельца"));
    // All routes.
    let api: Value = serde_json::from_str(&crate::http::openapi_json()).unwrap();
    let mut asked = 0;
    for (path, item) in api["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let may = operation["security"].is_null() || path == "/v1/me" || path == "/v1/tokens/current";
            if may {
                continue;
            }
            let mut place = path.clone();
            while let (Some(open), Some(close)) = (place.find('{'), place.find('}')) {
                place.replace_range(open..=close, "2026-0000000000-0");
            }
            let body = if method == "get" || method == "head" { Value::Null } else { json!({}) };
            let reply = p.send(Caller::Token(&token), &method.to_uppercase(), &place, body).await;
            assert_eq!(reply.status, 403, "{method} {path}: {}", reply.body);
            if method != "head" {
                reply.is_problem(403, "account_blocked");
                assert!(word(&reply.body["detail"]).contains("по заявлению владельца"), "{method} {path}");
            }
            asked += 1;
        }
    }
    assert!(asked > 40, "{asked}");
    assert_eq!(p.send(Caller::Token(&token), "DELETE", "/v1/tokens/current", Value::Null).await.status, 200);
}

#[tokio::test]
async fn an_unconfirmed_account_prepares_and_reads_and_sends_nothing() {
    let p = with_passwords().await;
    let number = p.file("applicant").await;
    let answered = p.file("applicant").await;
    p.act("operator", &answered, "take", json!({})).await;
    p.act("operator", &answered, "answers", json!({ "decision": "explained", "text": "Ответ по существу." }))
        .await;
    let attached = p.upload("applicant", "фото.png", &appeal_files::samples::png()).await;
    let before = [p.show("applicant", &number).await, p.show("applicant", &answered).await];
    p.run("UPDATE people SET state = 'confirmation_required' WHERE login = $1", "applicant").await;

    let refused = async |number: &str, what: &str, body: Value| {
        p.refused("applicant", number, what, body, 403, "account_unconfirmed").await;
    };
    refused(&number, "comments", json!({ "text": "Дополнение." })).await;
    refused(&number, "replies", json!({ "text": "Ответ." })).await;
    refused(&number, "cancel", json!({})).await;
    refused(&number, "escalations", json!({ "level": "senior", "grounds": "critical", "reason": "Опасно." }))
        .await;
    refused(&number, "attachments", json!({ "attachments": [attached] })).await;
    refused(&answered, "confirm", json!({ "solved": true })).await;
    refused(&answered, "confirm", json!({ "solved": false, "reason": "Нет." })).await;
    refused(&answered, "close", json!({})).await;
    refused(&answered, "repeats", json!({ "grounds": "incomplete", "text": "Не всё." })).await;
    refused(&answered, "rating", json!({ "score": 1 })).await;
    let path = format!("/v1/appeals/{number}");
    for (method, path, body) in [
        ("PATCH", path.as_str(), json!({ "contact_phone": "+79000000111" })),
        ("POST", "/v1/appeals", sample()),
        ("POST", "/v1/appeals?dry_run=true", sample()),
    ] {
        let Reply { status, body: problem, .. } = p.send("applicant", method, path, body).await;
        assert_eq!((status, problem["code"].as_str()), (403, Some("account_unconfirmed")), "{method} {path}");
    }
    // Drafts can be saved, but not submitted.
    let draft = p.post("applicant", "/v1/appeals", sample_with(json!({ "draft": true }))).await.ok();
    let draft = word(&draft["number"]);
    let place = format!("/v1/appeals/{draft}");
    p.send("applicant", "PATCH", &place, json!({ "subject": "Отопление: квартира 7" })).await.ok();
    p.act("applicant", &draft, "attachments", json!({ "attachments": [attached] })).await;
    refused(&draft, "submit", json!({})).await;
    assert_eq!(p.show("applicant", &draft).await["status"], "draft");
    p.send("applicant", "DELETE", &place, Value::Null).await.ok();
    // Reading is permitted, and nothing changed.
    for path in ["/v1/appeals", "/v1/changes", "/v1/account", "/v1/me", "/v1/tokens"] {
        p.get("applicant", path).await.ok();
    }
    assert_eq!(before, [p.show("applicant", &number).await, p.show("applicant", &answered).await]);
    // An unconfirmed operator cannot decide either.
    p.run("UPDATE people SET state = 'confirmation_required' WHERE login = $1", "operator").await;
    p.refused("operator", &number, "take", json!({}), 403, "account_unconfirmed").await;
    p.refused("operator", &number, "ask", json!({ "text": "Что?" }), 403, "account_unconfirmed").await;
}

#[tokio::test]
async fn a_token_does_what_its_scope_says() {
    let p = with_passwords().await;
    let number = p.file("applicant").await;
    let issue = async |who: &str, scopes: Value| {
        let body = json!({ "scopes": scopes, "expires_at": "2026-12-01T00:00:00Z" });
        word(&p.post(who, "/v1/tokens", body).await.ok()["token"])
    };
    let reading = issue("applicant", json!(["read"])).await;
    let filing = issue("applicant", json!(["file"])).await;
    let operating = issue("operator", json!(["operate"])).await;
    let looking = issue("operator", json!(["read", "file", "report"])).await;
    let card = format!("/v1/appeals/{number}");
    let take = format!("{card}/take");
    for (token, method, path, body) in [
        (&reading, "POST", "/v1/appeals", sample()),
        (&reading, "PATCH", card.as_str(), json!({ "subject": "Иначе" })),
        (&reading, "PATCH", "/v1/account", json!({ "name": "Иначе" })),
        (&reading, "POST", "/v1/account/password", json!({ "new": "длинный новый пароль" })),
        (&reading, "POST", "/v1/account/totp", json!({})),
        (&reading, "POST", "/v1/account/confirmation", json!({ "phone": "+79000000101" })),
        (&reading, "POST", "/v1/tokens", json!({ "scopes": ["file"], "expires_at": "2026-12-01T00:00:00Z" })),
        (&operating, "POST", "/v1/appeals", sample()),
        (&operating, "POST", "/v1/account/totp", json!({})),
        (&looking, "POST", take.as_str(), json!({})),
    ] {
        let reply = p.send(Caller::Token(token), method, path, body).await;
        reply.is_problem(403, "scope");
    }
    assert_eq!(p.get(Caller::Token(&reading), &card).await.status, 200);
    assert_eq!(p.post(Caller::Token(&filing), "/v1/appeals", sample()).await.status, 201);
    // Scopes for filing and operating include reading.
    assert_eq!(p.get(Caller::Token(&filing), "/v1/appeals").await.status, 200);
    assert_eq!(p.get(Caller::Token(&operating), &card).await.status, 200);
    // Only an administrator sees tokens of others; for everyone else they do not exist.
    let list = "/v1/tokens?login=applicant";
    let Reply { status, .. } = p.get("operator", list).await;
    assert_eq!(status, 403);
    let Reply { status, .. } = p.get("admin", "/v1/tokens?login=nobody").await;
    assert_eq!(status, 404);
    let known = p.get("admin", list).await.ok();
    let id = word(&known.as_array().unwrap().iter().find(|t| t["scopes"] == json!(["read"])).unwrap()["id"]);
    let place = format!("/v1/tokens/{id}");
    let Reply { status, .. } = p.send("operator", "DELETE", &place, Value::Null).await;
    assert_eq!(status, 404);
    let other =
        word(&known.as_array().unwrap().iter().find(|t| t["scopes"] == json!(["file"])).unwrap()["id"]);
    let other = format!("/v1/tokens/{other}");
    p.send(Caller::Token(&reading), "DELETE", &other, Value::Null).await.is_problem(403, "scope");
    let revoked = p.send("admin", "DELETE", &place, Value::Null).await.ok();
    assert_eq!(p.send("admin", "DELETE", &place, Value::Null).await.ok(), revoked, "twice is once");
    p.get(Caller::Token(&reading), &card).await.is_problem(401, "unauthenticated");
}

#[tokio::test]
async fn absent_values_are_taken_from_the_account() {
    let p = with_passwords().await;
    let card = p.post("representative", "/v1/appeals", sample()).await.ok();
    assert_eq!(card["contacts"]["email"], "representative@example.org");
    assert_eq!(
        (card["contacts"]["phone"].as_str(), card["contacts"]["preferred"].as_str()),
        (Some("+79000000102"), Some("email"))
    );
    assert_eq!(card["organization"]["inn"], "7701123451");
    let other = sample_with(json!({
        "contacts": { "email": "desk@example.org", "phone": "8 900 000 01 77", "preferred": "phone" }, "organization": "",
    }));
    let card = p.post("representative", "/v1/appeals", other).await.ok();
    assert_eq!(
        card["contacts"],
        json!({ "email": "desk@example.org", "phone": "+79000000177", "preferred": "phone" })
    );
    assert!(card["organization"].is_null());
    // With two organizations, none is assumed.
    p.run("INSERT INTO organizations (inn, name) VALUES ($1, 'Вторая')", "7707329152").await;
    let sql = "INSERT INTO representatives (person_id, inn) SELECT id, $1 FROM people WHERE login = 'representative'";
    p.run(sql, "7707329152").await;
    assert!(p.post("representative", "/v1/appeals", sample()).await.ok()["organization"].is_null());
    let named = sample_with(json!({ "organization": "7707329152" }));
    assert_eq!(p.post("representative", "/v1/appeals", named).await.ok()["organization"]["name"], "Вторая");
    let profile = p.get("representative", "/v1/account").await.ok();
    assert_eq!(profile["organizations"][0]["ogrn"], "1027700123450");
    assert_eq!(profile["organizations"][1]["inn"], "7707329152");
    // Contacts of a filed appeal can be changed later; the journal has both values.
    let number = word(&card["number"]);
    let edit = json!({ "contact_phone": "+7 900 000 01 78" });
    p.send("representative", "PATCH", &format!("/v1/appeals/{number}"), edit).await.ok();
    let journal = p.get("representative", &format!("/v1/appeals/{number}?journal=true")).await.ok();
    let last = journal["journal"].as_array().unwrap().last().unwrap().to_string();
    assert!(last.contains("+79000000177") && last.contains("+79000000178"), "{last}");
}
