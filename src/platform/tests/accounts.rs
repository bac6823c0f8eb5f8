//! Accounts: signing in and lockout, codes, the authenticator, the profile, and what each state and scope permits.

use axum::body::Body;
use axum::http::{Request, header};
use http_body_util::BodyExt as _;
use jiff::SignedDuration;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::{Reply, World, sample, sample_with, worded};
use crate::Gateways;
use crate::args;
use crate::service::accounts::password_hash;

const PASSWORD: &str = "верблюд в кепке 7";

/// A platform with gateways for text messages and e-mails, on which the applicant has a password.
async fn world() -> World {
    let somewhere = Some("file:/nowhere".to_owned());
    let world =
        World::with(Gateways { smtp: somewhere.clone(), sms: somewhere, ..Gateways::default() }).await;
    let hash = password_hash(PASSWORD).unwrap();
    run(
        &world,
        "UPDATE people SET password_hash = $1 WHERE login IN ('applicant', 'blocked', 'unconfirmed')",
        hash,
    )
    .await;
    world
}

async fn run(world: &World, sql: &'static str, arg: impl Into<crate::store::db::Arg>) {
    let arg = arg.into();
    let done = world.platform.app.db().write(move |tx| {
        let arg = arg.clone();
        Box::pin(async move { Ok(tx.run(sql, vec![arg]).await?) })
    });
    done.await.unwrap();
}

async fn count(world: &World, sql: &'static str) -> i64 {
    world.platform.app.read(async |tx| Ok(tx.one(sql, args![]).await?.int("n")?)).await.unwrap()
}

/// Returns the newest code in the outbox, and its address.
async fn code(world: &World) -> (String, String) {
    let sql =
        "SELECT text, address FROM messages WHERE kind = 'code' ORDER BY created_at DESC, id DESC LIMIT 1";
    let row = world.platform.app.read(async |tx| Ok(tx.one(sql, args![]).await?)).await.unwrap();
    let code: String = row.text("text").unwrap().chars().take_while(char::is_ascii_digit).collect();
    assert_eq!(code.len(), 6);
    (code, row.text("address").unwrap())
}

/// Returns a different code.
fn other(code: &str) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000)
}

/// Sends a request with this token, or with none.
async fn call(world: &World, token: &str, method: &str, path: &str, body: Value) -> Reply {
    let mut request = Request::builder().method(method).uri(path);
    if !token.is_empty() {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    let body = if body.is_null() {
        Body::empty()
    } else {
        request = request.header(header::CONTENT_TYPE, "application/json");
        Body::from(body.to_string())
    };
    let response = world.router.clone().oneshot(request.body(body).unwrap()).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes().to_vec();
    Reply { status: parts.status.as_u16(), headers: parts.headers, bytes }
}

async fn post(world: &World, path: &str, body: Value) -> Reply {
    call(world, "", "POST", path, body).await
}

#[track_caller]
fn is(reply: &Reply, status: u16, code: &str) {
    let problem = reply.json();
    assert_eq!((reply.status, problem["code"].as_str()), (status, Some(code)), "{problem:#}");
    worded(&problem);
}

fn word(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

/// Sends login and password; returns the id of the challenge.
async fn begin(world: &World, login: &str, way: &str) -> String {
    let reply = post(world, "/v1/sign-in", json!({ "login": login, "password": PASSWORD, "way": way })).await;
    assert_eq!(reply.status, 200, "{}", reply.json());
    word(&reply.json()["challenge_id"])
}

/// Signs in by SMS; returns the token.
async fn sign_in(world: &World, login: &str, way: &str) -> String {
    let id = begin(world, login, way).await;
    let (code, _) = code(world).await;
    let reply = post(world, "/v1/sign-in/code", json!({ "challenge_id": id, "code": code })).await;
    assert_eq!(reply.status, 201, "{}", reply.json());
    word(&reply.json()["token"])
}

#[tokio::test]
async fn a_person_signs_in_with_a_password_and_a_code() {
    let world = world().await;
    let reply = post(&world, "/v1/sign-in", json!({ "login": " applicant", "password": PASSWORD })).await;
    let challenge = reply.json();
    assert_eq!(
        challenge["ways"],
        json!([{ "way": "sms", "address": "+7***01" }, { "way": "email", "address": "a***@example.org" }])
    );
    assert_eq!(
        (challenge["way"].clone(), count(&world, "SELECT count(*) AS n FROM messages").await),
        (Value::Null, 0)
    );
    let id = word(&challenge["challenge_id"]);
    is(
        &post(&world, "/v1/sign-in/way", json!({ "challenge_id": id, "way": "totp" })).await,
        409,
        "channel_unavailable",
    );
    let chosen = post(&world, "/v1/sign-in/way", json!({ "challenge_id": id, "way": "email" })).await;
    assert_eq!((chosen.status, chosen.json()["way"].as_str()), (200, Some("email")));
    let (code, address) = code(&world).await;
    assert_eq!(address, "applicant@example.org");
    is(
        &post(&world, "/v1/sign-in/code", json!({ "challenge_id": "x", "code": code })).await,
        401,
        "code_expired",
    );
    is(
        &post(&world, "/v1/sign-in/code", json!({ "challenge_id": id, "code": other(&code) })).await,
        401,
        "wrong_code",
    );
    let spaced = format!("{} {}", &code[..3], &code[3..]);
    let done = post(&world, "/v1/sign-in/code", json!({ "challenge_id": id, "code": spaced })).await;
    assert_eq!(done.status, 201, "{}", done.json());
    let token = word(&done.json()["token"]);
    is(
        &post(&world, "/v1/sign-in/code", json!({ "challenge_id": id, "code": code })).await,
        401,
        "code_expired",
    );

    let me = call(&world, &token, "GET", "/v1/me", Value::Null).await.json();
    assert_eq!((me["login"].as_str(), me["scopes"].clone()), (Some("applicant"), json!(["read", "file"])));
    assert_eq!(me["token_expires_at"], done.json()["expires_at"]);
    let listed = call(&world, &token, "GET", "/v1/tokens", Value::Null).await.json();
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
            let found =
                world.platform.app.read(async |tx| Ok(tx.one(sql, args![like]).await?.int("n")?)).await;
            assert_eq!(found.unwrap(), 0, "{sql}");
        }
    }
    // The session ends by signing out, or by expiry.
    let out = call(&world, &token, "DELETE", "/v1/tokens/current", Value::Null).await;
    assert!(out.status == 200 && out.json()["revoked_at"].is_string());
    is(&call(&world, &token, "GET", "/v1/me", Value::Null).await, 401, "unauthenticated");
    let token = sign_in(&world, "applicant", "sms").await;
    world.days(31);
    is(&call(&world, &token, "GET", "/v1/me", Value::Null).await, 401, "unauthenticated");
}

#[tokio::test]
async fn a_code_is_good_for_ten_minutes_and_five_tries() {
    let world = world().await;
    let id = begin(&world, "applicant", "sms").await;
    let (right, _) = code(&world).await;
    world.pass(SignedDuration::from_secs(10 * 60));
    is(
        &post(&world, "/v1/sign-in/code", json!({ "challenge_id": id, "code": right })).await,
        401,
        "code_expired",
    );
    world.days(1);
    let id = begin(&world, "applicant", "sms").await;
    let (right, _) = code(&world).await;
    for left in [4, 3, 2, 1] {
        let reply =
            post(&world, "/v1/sign-in/code", json!({ "challenge_id": id, "code": other(&right) })).await;
        is(&reply, 401, "wrong_code");
        assert!(word(&reply.json()["detail"]).contains(&left.to_string()));
    }
    // The fifth wrong attempt locks, even for the correct code.
    is(
        &post(&world, "/v1/sign-in/code", json!({ "challenge_id": id, "code": other(&right) })).await,
        403,
        "sign_in_locked",
    );
    world.pass(SignedDuration::from_mins(5));
    is(
        &post(&world, "/v1/sign-in/code", json!({ "challenge_id": id, "code": right })).await,
        401,
        "code_expired",
    );
    let reply = post(&world, "/v1/sign-in", json!({ "login": "applicant", "password": PASSWORD })).await;
    is(&reply, 403, "sign_in_locked");
    // A correct password between two guesses does not reset the count.
    world.pass(SignedDuration::from_mins(11));
    for _ in 0..4 {
        let id = begin(&world, "applicant", "sms").await;
        let (right, _) = code(&world).await;
        is(
            &post(&world, "/v1/sign-in/code", json!({ "challenge_id": id, "code": other(&right) })).await,
            401,
            "wrong_code",
        );
    }
    // The number of codes is limited as well.
    let mut sent = 0;
    let refused = loop {
        let reply =
            post(&world, "/v1/sign-in", json!({ "login": "applicant", "password": PASSWORD, "way": "sms" }))
                .await;
        if reply.status != 200 {
            break reply;
        }
        sent += 1;
        assert!(sent < 10);
    };
    is(&refused, 403, "too_many_codes");
    assert!(refused.headers.contains_key(header::RETRY_AFTER));
}

#[tokio::test]
async fn wrong_passwords_lock_and_an_unknown_login_looks_the_same() {
    let world = world().await;
    let mut seen = Vec::new();
    for login in ["applicant", "nobody-has-this", "operator"] {
        let mut replies = Vec::new();
        for _ in 0..6 {
            let reply =
                post(&world, "/v1/sign-in", json!({ "login": login, "password": "не тот пароль" })).await;
            let after = reply.headers.get(header::RETRY_AFTER).map(|v| v.to_str().unwrap().to_owned());
            replies.push((reply.status, reply.json(), after));
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
    let right = || post(&world, "/v1/sign-in", json!({ "login": "applicant", "password": PASSWORD }));
    is(&right().await, 403, "sign_in_locked");
    sign_in(&world, "blocked", "email").await;
    world.pass(SignedDuration::from_mins(15));
    assert_eq!(right().await.status, 200);
    // The next lock is longer.
    for _ in 0..5 {
        post(&world, "/v1/sign-in", json!({ "login": "applicant", "password": "не тот" })).await;
    }
    let locked = right().await;
    is(&locked, 403, "sign_in_locked");
    assert_eq!(locked.headers[header::RETRY_AFTER], "1801");
    assert_eq!(count(&world, "SELECT count(*) AS n FROM sign_in_locks WHERE login LIKE '%nobody%'").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_guesses_at_once_are_no_more_than_one_after_another() {
    let world = world().await;
    let tries = (0..24).map(|n| {
        // The correct password is among them, but too late.
        let password = if n == 23 { PASSWORD.to_owned() } else { format!("не тот пароль {n}") };
        let world = &world;
        async move {
            post(world, "/v1/sign-in", json!({ "login": "applicant", "password": password })).await.status
        }
    });
    let statuses = futures_util::future::join_all(tries).await;
    let judged = statuses.iter().filter(|status| **status != 403).count();
    assert!(judged <= 5, "{statuses:?}");
}

#[tokio::test]
async fn an_authenticator_is_asked_for_and_its_codes_count_once() {
    let world = world().await;
    let made = world.ok("applicant", "POST", "/v1/account/totp", json!({})).await;
    assert!(word(&made["url"]).starts_with("otpauth://totp/Appeal:applicant?secret="), "{made}");
    let totp = |shift: i64| {
        let totp = totp_rs::Totp::from_url(word(&made["url"])).unwrap();
        let at = u64::try_from(world.now().as_second() + shift).unwrap();
        totp.generate(at).to_string()
    };
    // It is not active before one of its codes is entered.
    let reply =
        post(&world, "/v1/sign-in", json!({ "login": "applicant", "password": PASSWORD, "way": "totp" }))
            .await;
    is(&reply, 409, "channel_unavailable");
    let (status, problem) =
        world.send("applicant", "POST", "/v1/account/totp/confirm", json!({ "code": other(&totp(0)) })).await;
    assert_eq!((status, problem["code"].as_str()), (422, Some("wrong_code")));
    let state = world.ok("applicant", "POST", "/v1/account/totp/confirm", json!({ "code": totp(0) })).await;
    assert_eq!(state, json!({ "totp": true }));
    let (status, _) = world.send("applicant", "POST", "/v1/account/totp", json!({})).await;
    assert_eq!(status, 409, "one that counts is not replaced by who found an open session");

    // The code that activated it is used up; the next one signs in, once.
    let enter = async |code: String| {
        let id = begin(&world, "applicant", "totp").await;
        post(&world, "/v1/sign-in/code", json!({ "challenge_id": id, "code": code })).await
    };
    is(&enter(totp(0)).await, 401, "wrong_code");
    world.pass(SignedDuration::from_secs(30));
    let code = totp(0);
    assert_eq!(enter(code.clone()).await.status, 201);
    is(&enter(code).await, 401, "wrong_code");
    assert_eq!(count(&world, "SELECT count(*) AS n FROM messages").await, 0, "nothing is sent");
    let (status, _) =
        world.send("applicant", "POST", "/v1/account/totp/disable", json!({ "password": "не тот" })).await;
    assert_eq!(status, 403);
    let (status, _) = world.send("applicant", "POST", "/v1/account/totp/disable", json!({})).await;
    assert_eq!(status, 422);
    let off =
        world.ok("applicant", "POST", "/v1/account/totp/disable", json!({ "password": PASSWORD })).await;
    assert_eq!(off, json!({ "totp": false }));
}

#[tokio::test]
async fn a_forgotten_password_is_replaced_and_ends_the_sessions() {
    let world = world().await;
    let session = sign_in(&world, "applicant", "sms").await;
    let for_scripts = json!({ "scopes": ["read"], "expires_at": "2026-12-01T00:00:00Z" });
    let script = word(&call(&world, &session, "POST", "/v1/tokens", for_scripts).await.json()["token"]);
    // The response does not reveal who has an account.
    let shape = |reply: &Reply| reply.json().as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let nobody = post(&world, "/v1/password-reset", json!({ "login": "nobody-has-this" })).await;
    let asked = post(&world, "/v1/password-reset", json!({ "login": "applicant" })).await;
    assert_eq!((nobody.status, shape(&nobody)), (asked.status, shape(&asked)));
    assert_eq!(nobody.json()["ways"], asked.json()["ways"]);
    let id = word(&asked.json()["challenge_id"]);
    let (code, address) = code(&world).await;
    assert_eq!(address, "+79000000101");
    let set = |id: &str, code: &str, password: &str| {
        let body = json!({ "challenge_id": id, "code": code, "password": password });
        let world = &world;
        async move { post(world, "/v1/password-reset/code", body).await }
    };
    let nobodys = word(&nobody.json()["challenge_id"]);
    is(&set(&nobodys, "123456", "совсем новый пароль").await, 401, "wrong_code");
    // Neither a weak password nor a code for signing in is accepted.
    is(&set(&id, &code, "1234567890").await, 422, "invalid");
    is(&set(&id, &other(&code), "совсем новый пароль").await, 401, "wrong_code");
    is(
        &post(&world, "/v1/sign-in/code", json!({ "challenge_id": id, "code": code })).await,
        401,
        "code_expired",
    );
    let done = set(&id, &code, "совсем новый пароль").await;
    assert_eq!((done.status, done.json()), (200, json!({ "login": "applicant", "sessions_ended": 1 })));
    is(&set(&id, &code, "ещё один пароль 2").await, 401, "code_expired");
    is(&call(&world, &session, "GET", "/v1/me", Value::Null).await, 401, "unauthenticated");
    assert_eq!(call(&world, &script, "GET", "/v1/me", Value::Null).await.status, 200);
    let reply = post(&world, "/v1/sign-in", json!({ "login": "applicant", "password": PASSWORD })).await;
    is(&reply, 401, "wrong_credentials");
    // An unconfirmed contact does not get such a code.
    run(
        &world,
        "UPDATE people SET phone_unconfirmed = 1, email_unconfirmed = $1 WHERE login = 'applicant'",
        1i64,
    )
    .await;
    let before = count(&world, "SELECT count(*) AS n FROM messages").await;
    assert_eq!(post(&world, "/v1/password-reset", json!({ "login": "applicant" })).await.status, 200);
    assert_eq!(count(&world, "SELECT count(*) AS n FROM messages").await, before);
    // The text of a code is deleted when it expires.
    world.pass(SignedDuration::from_mins(30));
    world.platform.run_due().await.unwrap();
    assert_eq!(count(&world, "SELECT count(*) AS n FROM messages WHERE text <> ''").await, 0);
}

#[tokio::test]
async fn a_forgotten_password_is_replaced_while_sign_in_is_locked() {
    let world = world().await;
    for _ in 0..5 {
        post(&world, "/v1/sign-in", json!({ "login": "applicant", "password": "не тот пароль" })).await;
    }
    let right = json!({ "login": "applicant", "password": PASSWORD });
    is(&post(&world, "/v1/sign-in", right).await, 403, "sign_in_locked");
    let reset = async || {
        let asked = post(&world, "/v1/password-reset", json!({ "login": "applicant" })).await;
        let (right, _) = code(&world).await;
        (word(&asked.json()["challenge_id"]), right)
    };
    let set = async |id: &str, code: &str| {
        let body = json!({ "challenge_id": id, "code": code, "password": "совсем новый пароль" });
        post(&world, "/v1/password-reset/code", body).await
    };
    let (id, right) = reset().await;
    is(&set(&id, &other(&right)).await, 401, "wrong_code");
    assert_eq!(set(&id, &right).await.status, 200);
    let new = json!({ "login": "applicant", "password": "совсем новый пароль" });
    assert_eq!(post(&world, "/v1/sign-in", new).await.status, 200);
    // Its codes cannot be guessed indefinitely either.
    let (id, right) = reset().await;
    for _ in 0..4 {
        is(&set(&id, &other(&right)).await, 401, "wrong_code");
    }
    is(&set(&id, &other(&right)).await, 403, "sign_in_locked");
    let (id, right) = reset().await;
    is(&set(&id, &right).await, 403, "sign_in_locked");
}

#[tokio::test]
async fn a_platform_without_gateways_says_so() {
    let world = World::new().await;
    run(&world, "UPDATE people SET password_hash = $1", password_hash(PASSWORD).unwrap()).await;
    let reply = post(&world, "/v1/sign-in", json!({ "login": "applicant", "password": PASSWORD })).await;
    is(&reply, 409, "channel_unavailable");
    is(
        &post(&world, "/v1/password-reset", json!({ "login": "applicant" })).await,
        409,
        "channel_unavailable",
    );
    let (status, problem) = world
        .send("unconfirmed", "POST", "/v1/account/confirmation", json!({ "phone": "+79000000104" }))
        .await;
    assert_eq!((status, problem["code"].as_str()), (409, Some("channel_unavailable")));
}

#[tokio::test]
async fn a_new_phone_is_confirmed_by_a_code_and_the_account_with_it() {
    let world = world().await;
    let (_, me) = world.send("unconfirmed", "GET", "/v1/me", Value::Null).await;
    assert_eq!(me["state"], "confirmation_required");
    assert!(word(&me["next_step"]).contains("appeal account confirm"));
    let (status, problem) = world.send("unconfirmed", "POST", "/v1/appeals", sample()).await;
    assert_eq!((status, problem["code"].as_str()), (403, Some("account_unconfirmed")));
    assert!(word(&problem["hint"]).contains("appeal account confirm"));

    let ask = "/v1/account/confirmation";
    let sent = world.ok("unconfirmed", "POST", ask, json!({ "phone": "8 900 000-01-55" })).await;
    assert_eq!((sent["way"].as_str(), sent["address"].as_str()), (Some("sms"), Some("+79000000155")));
    let (right, address) = code(&world).await;
    assert_eq!(address, "+79000000155");
    // Repeating the request immediately sends nothing.
    world.ok("unconfirmed", "POST", ask, json!({ "phone": "+79000000155" })).await;
    assert_eq!(count(&world, "SELECT count(*) AS n FROM messages").await, 1);
    let scan = world.upload("unconfirmed", "паспорт.png", &appeal_files::samples::png()).await;
    let finish = "/v1/account/confirmation/code";
    let (status, problem) = world.send("unconfirmed", "POST", finish, json!({ "code": other(&right) })).await;
    assert_eq!((status, problem["code"].as_str()), (422, Some("wrong_code")), "{problem}");
    let strange = json!({ "sha256": "0".repeat(64), "name": "паспорт.png" });
    let (status, _) =
        world.send("unconfirmed", "POST", finish, json!({ "code": right, "document": strange })).await;
    assert_eq!(status, 422);
    let body = json!({ "code": right, "document": scan });
    let profile = world.ok("unconfirmed", "POST", finish, body.clone()).await;
    assert_eq!(
        (profile["state"].as_str(), profile["phone"].as_str()),
        (Some("active"), Some("+79000000155"))
    );
    assert_eq!(profile["phone_confirmed"], true);
    assert_eq!(world.ok("unconfirmed", "POST", finish, body).await, profile, "a repeated request");
    world.file("unconfirmed").await;
    // The scan is kept.
    world.days(3);
    world.platform.run_due().await.unwrap();
    assert_eq!(
        count(&world, "SELECT count(*) AS n FROM identity_documents d JOIN files f ON f.sha256 = d.sha256")
            .await,
        1
    );

    // Another phone number or e-mail address must be confirmed, but does not restrict the account.
    let edit = json!({ "email": "new@example.org", "snils": "11223344595", "inn": "500100732259", "passport": "1234567890" });
    let profile = world.ok("unconfirmed", "PATCH", "/v1/account", edit).await;
    assert_eq!(
        (profile["state"].as_str(), profile["email_confirmed"].clone()),
        (Some("active"), json!(false))
    );
    assert_eq!(
        (profile["snils"].as_str(), profile["passport"].as_str()),
        (Some("112-233-445 95"), Some("1234 567890"))
    );
    let profile = world.ok("unconfirmed", "PATCH", "/v1/account", json!({ "phone": "+79000000156" })).await;
    assert_eq!(
        (profile["state"].as_str(), profile["phone_confirmed"].clone()),
        (Some("active"), json!(false))
    );
    world.ok("unconfirmed", "POST", ask, json!({ "email": "new@example.org" })).await;
    let (right, _) = code(&world).await;
    let profile = world.ok("unconfirmed", "POST", finish, json!({ "code": right })).await;
    assert_eq!(
        (profile["state"].as_str(), profile["email_confirmed"].clone()),
        (Some("active"), json!(true))
    );
    let wrong = json!({ "snils": "112-233-445 96", "inn": "7707329152", "phone": "12" });
    let (status, problem) = world.send("unconfirmed", "PATCH", "/v1/account", wrong).await;
    assert_eq!(status, 422);
    worded(&problem);
    let codes: Vec<&str> =
        problem["errors"].as_array().unwrap().iter().filter_map(|e| e["code"].as_str()).collect();
    assert_eq!(codes, ["snils-invalid", "inn-person", "phone-invalid"]);
    assert_eq!(world.ok("unconfirmed", "GET", "/v1/account", Value::Null).await["phone"], "+79000000156");
}

#[tokio::test]
async fn a_blocked_account_may_only_read_why() {
    let world = world().await;
    let token = sign_in(&world, "blocked", "email").await;
    let me = call(&world, &token, "GET", "/v1/me", Value::Null).await.json();
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
            let reply = call(&world, &token, &method.to_uppercase(), &place, body).await;
            assert_eq!(reply.status, 403, "{method} {path}: {}", reply.json());
            if method != "head" {
                is(&reply, 403, "account_blocked");
                assert!(word(&reply.json()["detail"]).contains("по заявлению владельца"), "{method} {path}");
            }
            asked += 1;
        }
    }
    assert!(asked > 40, "{asked}");
    assert_eq!(call(&world, &token, "DELETE", "/v1/tokens/current", Value::Null).await.status, 200);
}

#[tokio::test]
async fn an_unconfirmed_account_prepares_and_reads_and_sends_nothing() {
    let world = world().await;
    let number = world.file("applicant").await;
    let answered = world.file("applicant").await;
    world.act("operator", &answered, "take", json!({})).await;
    world
        .act(
            "operator",
            &answered,
            "answers",
            json!({ "decision": "explained", "text": "Ответ по существу." }),
        )
        .await;
    let attached = world.upload("applicant", "фото.png", &appeal_files::samples::png()).await;
    let before = [world.show("applicant", &number).await, world.show("applicant", &answered).await];
    run(&world, "UPDATE people SET state = 'confirmation_required' WHERE login = $1", "applicant").await;

    let refused = async |number: &str, what: &str, body: Value| {
        world.refused("applicant", number, what, body, 403, "account_unconfirmed").await;
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
        let (status, problem) = world.send("applicant", method, path, body).await;
        assert_eq!((status, problem["code"].as_str()), (403, Some("account_unconfirmed")), "{method} {path}");
    }
    // Drafts can be saved, but not submitted.
    let draft = world.ok("applicant", "POST", "/v1/appeals", sample_with(json!({ "draft": true }))).await;
    let draft = word(&draft["number"]);
    let place = format!("/v1/appeals/{draft}");
    world.ok("applicant", "PATCH", &place, json!({ "subject": "Отопление: квартира 7" })).await;
    world.act("applicant", &draft, "attachments", json!({ "attachments": [attached] })).await;
    refused(&draft, "submit", json!({})).await;
    assert_eq!(world.show("applicant", &draft).await["status"], "draft");
    world.ok("applicant", "DELETE", &place, Value::Null).await;
    // Reading is permitted, and nothing changed.
    for path in ["/v1/appeals", "/v1/changes", "/v1/account", "/v1/me", "/v1/tokens"] {
        world.ok("applicant", "GET", path, Value::Null).await;
    }
    assert_eq!(before, [world.show("applicant", &number).await, world.show("applicant", &answered).await]);
    // An unconfirmed operator cannot decide either.
    run(&world, "UPDATE people SET state = 'confirmation_required' WHERE login = $1", "operator").await;
    world.refused("operator", &number, "take", json!({}), 403, "account_unconfirmed").await;
    world.refused("operator", &number, "ask", json!({ "text": "Что?" }), 403, "account_unconfirmed").await;
}

#[tokio::test]
async fn a_token_does_what_its_scope_says() {
    let world = world().await;
    let number = world.file("applicant").await;
    let issue = async |who: &str, scopes: Value| {
        let body = json!({ "scopes": scopes, "expires_at": "2026-12-01T00:00:00Z" });
        word(&world.ok(who, "POST", "/v1/tokens", body).await["token"])
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
        let reply = call(&world, token, method, path, body).await;
        is(&reply, 403, "scope");
    }
    assert_eq!(call(&world, &reading, "GET", &card, Value::Null).await.status, 200);
    assert_eq!(call(&world, &filing, "POST", "/v1/appeals", sample()).await.status, 201);
    // Scopes for filing and operating include reading.
    assert_eq!(call(&world, &filing, "GET", "/v1/appeals", Value::Null).await.status, 200);
    assert_eq!(call(&world, &operating, "GET", &card, Value::Null).await.status, 200);
    // Only an administrator sees tokens of others; for everyone else they do not exist.
    let list = "/v1/tokens?login=applicant";
    let (status, _) = world.send("operator", "GET", list, Value::Null).await;
    assert_eq!(status, 403);
    let (status, _) = world.send("admin", "GET", "/v1/tokens?login=nobody", Value::Null).await;
    assert_eq!(status, 404);
    let known = world.ok("admin", "GET", list, Value::Null).await;
    let id = word(&known.as_array().unwrap().iter().find(|t| t["scopes"] == json!(["read"])).unwrap()["id"]);
    let place = format!("/v1/tokens/{id}");
    let (status, _) = world.send("operator", "DELETE", &place, Value::Null).await;
    assert_eq!(status, 404);
    let other =
        word(&known.as_array().unwrap().iter().find(|t| t["scopes"] == json!(["file"])).unwrap()["id"]);
    let other = format!("/v1/tokens/{other}");
    is(&call(&world, &reading, "DELETE", &other, Value::Null).await, 403, "scope");
    let revoked = world.ok("admin", "DELETE", &place, Value::Null).await;
    assert_eq!(world.ok("admin", "DELETE", &place, Value::Null).await, revoked, "twice is once");
    is(&call(&world, &reading, "GET", &card, Value::Null).await, 401, "unauthenticated");
}

#[tokio::test]
async fn absent_values_are_taken_from_the_account() {
    let world = world().await;
    let card = world.ok("representative", "POST", "/v1/appeals", sample()).await;
    assert_eq!(card["contacts"]["email"], "representative@example.org");
    assert_eq!(
        (card["contacts"]["phone"].as_str(), card["contacts"]["preferred"].as_str()),
        (Some("+79000000102"), Some("email"))
    );
    assert_eq!(card["organization"]["inn"], "7701123451");
    let other = sample_with(json!({
        "contacts": { "email": "desk@example.org", "phone": "8 900 000 01 77", "preferred": "phone" }, "organization": "",
    }));
    let card = world.ok("representative", "POST", "/v1/appeals", other).await;
    assert_eq!(
        card["contacts"],
        json!({ "email": "desk@example.org", "phone": "+79000000177", "preferred": "phone" })
    );
    assert!(card["organization"].is_null());
    // With two organizations, none is assumed.
    run(&world, "INSERT INTO organizations (inn, name) VALUES ($1, 'Вторая')", "7707329152").await;
    let sql = "INSERT INTO representatives (person_id, inn) SELECT id, $1 FROM people WHERE login = 'representative'";
    run(&world, sql, "7707329152").await;
    assert!(world.ok("representative", "POST", "/v1/appeals", sample()).await["organization"].is_null());
    let named = sample_with(json!({ "organization": "7707329152" }));
    assert_eq!(
        world.ok("representative", "POST", "/v1/appeals", named).await["organization"]["name"],
        "Вторая"
    );
    let profile = world.ok("representative", "GET", "/v1/account", Value::Null).await;
    assert_eq!(profile["organizations"][0]["ogrn"], "1027700123450");
    assert_eq!(profile["organizations"][1]["inn"], "7707329152");
    // Contacts of a filed appeal can be changed later; the journal has both values.
    let number = word(&card["number"]);
    let edit = json!({ "contact_phone": "+7 900 000 01 78" });
    world.ok("representative", "PATCH", &format!("/v1/appeals/{number}"), edit).await;
    let journal =
        world.ok("representative", "GET", &format!("/v1/appeals/{number}?journal=true"), Value::Null).await;
    let last = journal["journal"].as_array().unwrap().last().unwrap().to_string();
    assert!(last.contains("+79000000177") && last.contains("+79000000178"), "{last}");
}
