//! What strangers do must not change what the owner of an account gets: wrong passwords and codes lock the place that
//! they come from, and the account only for places where its owner never signed in.

use serde_json::{Value, json};

use super::accounts::{NEW_PASSWORD, PASSWORD, authenticator, code, other, totp, with_passwords, word};
use super::harness::{Reply, TestPlatform};

/// The network of the owner.
const HOME: &str = "198.51.100.7";
/// A network that nobody signed in from.
const ELSEWHERE: &str = "203.0.113.9";

async fn present(p: &TestPlatform, from: &str, login: &str, password: &str) -> Reply {
    let body = json!({ "login": login, "password": password, "way": "sms" });
    p.post_from(from, "/v1/sign-in", &[], body).await
}

/// Signs the applicant in from this address; returns the response.
async fn sign_in(p: &TestPlatform, from: &str, headers: &[(&str, &str)]) -> Value {
    let body = json!({ "login": "applicant", "password": PASSWORD, "way": "sms" });
    let begun = p.post_from(from, "/v1/sign-in", headers, body).await.ok();
    let body = json!({ "challenge_id": begun["challenge_id"], "code": code(p).await.0 });
    p.post_from(from, "/v1/sign-in/code", headers, body).await.ok()
}

/// Guesses a password from many networks, until not even the right one is accepted from a new one.
async fn strangers_guess(p: &TestPlatform, password: &str) {
    for network in 1..=6 {
        for _ in 0..5 {
            present(p, &format!("192.0.{network}.1"), "applicant", "не тот пароль").await;
        }
    }
    present(p, "192.0.99.1", "applicant", password).await.is_problem(403, "sign_in_locked");
}

#[tokio::test]
async fn wrong_passwords_lock_the_network_they_come_from() {
    let p = with_passwords().await;
    for _ in 0..5 {
        present(&p, "192.0.2.1", "applicant", "не тот пароль").await;
    }
    present(&p, "192.0.2.1", "applicant", PASSWORD).await.is_problem(403, "sign_in_locked");
    assert_eq!(present(&p, ELSEWHERE, "applicant", PASSWORD).await.status, 200);
}

#[tokio::test]
async fn wrong_passwords_of_many_logins_lock_their_network() {
    let p = with_passwords().await;
    for n in 0..49 {
        present(&p, "192.0.2.1", &format!("nobody-{n}"), "x").await.is_problem(401, "wrong_credentials");
    }
    present(&p, "192.0.2.1", "nobody-49", "x").await.is_problem(403, "sign_in_locked");
    present(&p, "192.0.2.1", "applicant", PASSWORD).await.is_problem(403, "sign_in_locked");
    assert_eq!(present(&p, ELSEWHERE, "applicant", PASSWORD).await.status, 200);
}

#[tokio::test]
async fn the_owner_signs_in_from_a_known_network_whatever_strangers_do() {
    let p = with_passwords().await;
    sign_in(&p, HOME, &[]).await;
    strangers_guess(&p, PASSWORD).await;
    sign_in(&p, HOME, &[]).await;
}

#[tokio::test]
async fn the_owner_signs_in_on_a_known_device_whatever_strangers_do() {
    let p = with_passwords().await;
    let device = word(&sign_in(&p, HOME, &[]).await["device"]);
    strangers_guess(&p, PASSWORD).await;
    let again = sign_in(&p, ELSEWHERE, &[("appeal-device", &device)]).await;
    assert!(again["device"].is_null(), "the device is known already");
}

#[tokio::test]
async fn the_owner_signs_in_with_a_session_whatever_strangers_do() {
    let p = with_passwords().await;
    let token = word(&sign_in(&p, HOME, &[]).await["token"]);
    strangers_guess(&p, PASSWORD).await;
    sign_in(&p, ELSEWHERE, &[("authorization", &format!("Bearer {token}"))]).await;
}

#[tokio::test]
async fn the_owner_signs_in_with_the_authenticator_whatever_strangers_do() {
    let p = with_passwords().await;
    let url = authenticator(&p).await;
    strangers_guess(&p, PASSWORD).await;
    p.advance(jiff::SignedDuration::from_secs(30));
    let begin = async |code: &str, password: &str| {
        let body = json!({ "login": "applicant", "password": password, "way": "totp", "code": code });
        p.post_from(ELSEWHERE, "/v1/sign-in", &[], body).await
    };
    let right = totp(&p, &url);
    begin(&other(&right), PASSWORD).await.is_problem(403, "sign_in_locked");
    begin(&right, "не тот пароль").await.is_problem(403, "sign_in_locked");
    let begun = begin(&right, PASSWORD).await.ok();
    let body = json!({ "challenge_id": begun["challenge_id"], "code": right });
    assert_eq!(p.post_from(ELSEWHERE, "/v1/sign-in/code", &[], body).await.status, 201);
}

#[tokio::test]
async fn codes_of_the_authenticator_are_not_guessed_past_a_lock() {
    let p = with_passwords().await;
    let url = authenticator(&p).await;
    strangers_guess(&p, PASSWORD).await;
    p.advance(jiff::SignedDuration::from_secs(30));
    let right = totp(&p, &url);
    let begin = async |code: &str| {
        let body = json!({ "login": "applicant", "password": PASSWORD, "way": "totp", "code": code });
        p.post_from(ELSEWHERE, "/v1/sign-in", &[], body).await
    };
    for _ in 0..5 {
        begin(&other(&right)).await.is_problem(403, "sign_in_locked");
    }
    begin(&right).await.is_problem(403, "sign_in_locked");
}

#[tokio::test]
async fn a_device_of_another_person_is_not_known() {
    let p = with_passwords().await;
    let device = word(&sign_in(&p, HOME, &[]).await["device"]);
    for _ in 0..5 {
        let body = json!({ "login": "blocked", "password": "не тот пароль" });
        p.post_from(HOME, "/v1/sign-in", &[("appeal-device", &device)], body).await;
    }
    present(&p, HOME, "blocked", PASSWORD).await.is_problem(403, "sign_in_locked");
}

#[tokio::test]
async fn a_stolen_device_does_not_guess_passwords() {
    let p = with_passwords().await;
    let device = word(&sign_in(&p, HOME, &[]).await["device"]);
    let guess = async |password: &str| {
        let body = json!({ "login": "applicant", "password": password, "way": "sms" });
        p.post_from(ELSEWHERE, "/v1/sign-in", &[("appeal-device", &device)], body).await
    };
    for _ in 0..5 {
        guess("не тот пароль").await;
    }
    guess(PASSWORD).await.is_problem(403, "sign_in_locked");
    assert_eq!(present(&p, HOME, "applicant", PASSWORD).await.status, 200);
}

/// Asks for a new password of the applicant.
async fn forget(p: &TestPlatform, from: &str) -> Value {
    p.post_from(from, "/v1/password-reset", &[], json!({ "login": "applicant" })).await.ok()
}

/// Sets a new password.
async fn reset(p: &TestPlatform, from: &str, challenge: &Value, code: &str) -> Reply {
    let body = json!({ "challenge_id": challenge["challenge_id"], "code": code, "password": NEW_PASSWORD });
    p.post_from(from, "/v1/password-reset/code", &[], body).await
}

#[tokio::test]
async fn strangers_who_ask_for_new_passwords_use_up_none_of_the_codes_of_the_owner() {
    let p = with_passwords().await;
    sign_in(&p, HOME, &[]).await;
    for n in 0..20 {
        forget(&p, &format!("192.0.{n}.1")).await;
    }
    sign_in(&p, HOME, &[]).await;
    let challenge = forget(&p, HOME).await;
    let (right, _) = code(&p).await;
    assert_eq!(reset(&p, HOME, &challenge, &right).await.status, 200);
}

#[tokio::test]
async fn a_stranger_gets_three_codes_an_hour_sent() {
    let p = with_passwords().await;
    for _ in 0..10 {
        forget(&p, ELSEWHERE).await;
    }
    assert_eq!(p.count("SELECT count(*) AS n FROM messages WHERE kind = 'code'").await, 3);
}

#[tokio::test]
async fn strangers_who_guess_codes_do_not_lock_the_reset_of_the_owner() {
    let p = with_passwords().await;
    sign_in(&p, HOME, &[]).await;
    for n in 0..6 {
        let from = format!("192.0.{n}.1");
        let challenge = forget(&p, &from).await;
        for _ in 0..5 {
            reset(&p, &from, &challenge, "000000x").await;
        }
    }
    let challenge = forget(&p, HOME).await;
    let (right, _) = code(&p).await;
    assert_eq!(reset(&p, HOME, &challenge, &right).await.status, 200);
}

#[tokio::test]
async fn codes_of_unknown_logins_are_locked_like_those_of_known_ones() {
    let p = with_passwords().await;
    let mut seen = Vec::new();
    for login in ["applicant", "nobody-has-this"] {
        let asked = p.post_from(ELSEWHERE, "/v1/password-reset", &[], json!({ "login": login })).await.ok();
        let mut replies = Vec::new();
        for _ in 0..6 {
            let reply = reset(&p, ELSEWHERE, &asked, "000000x").await;
            replies.push((reply.status, reply.body));
        }
        seen.push(replies);
    }
    assert_eq!(seen[0], seen[1]);
}

#[tokio::test]
async fn a_reset_forgets_devices_and_networks() {
    let p = with_passwords().await;
    let device = word(&sign_in(&p, HOME, &[]).await["device"]);
    let challenge = forget(&p, HOME).await;
    reset(&p, HOME, &challenge, &code(&p).await.0).await.ok();
    strangers_guess(&p, NEW_PASSWORD).await;
    let body = json!({ "login": "applicant", "password": NEW_PASSWORD, "way": "sms" });
    let refused = p.post_from(ELSEWHERE, "/v1/sign-in", &[("appeal-device", &device)], body).await;
    refused.is_problem(403, "sign_in_locked");
}
