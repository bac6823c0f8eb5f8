//! Notifications (N4): what leaves the platform, whatever happens on the way.

use crate::common;
use crate::common::sinks::{Http, Manner, Smtp, until};
use crate::common::{Over, Server, World};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

const SECRET: &str = "a secret of more than sixteen";

/// Creates a world with its people, on whose data servers are started.
fn world() -> World {
    let world = World::new(Over::Local);
    world.run(["list", "-q"]).ok();
    world
}

/// Returns a person who uses the server.
fn at(world: &World, server: &Server, login: &str) -> common::Person {
    world.anonymous().env("APPEAL_SERVER", &server.url).env("APPEAL_TOKEN", world.token(login))
}

fn file(world: &World, server: &Server) -> String {
    let args = ["create", "--subject", common::SUBJECT, "--text", common::TEXT, "--category", "roads", "-q"];
    at(world, server, "applicant").run(args).ok().line().to_owned()
}

/// Returns the delivery journal of the applicant.
fn journal(world: &World, server: &Server) -> Vec<Value> {
    let run = at(world, server, "applicant").run(["notifications", "list", "--journal", "-o", "json"]).ok();
    run.json().as_array().unwrap().clone()
}

/// Waits until every delivery is in one of these states; returns the journal.
fn settled(world: &World, server: &Server, states: &[&str]) -> Vec<Value> {
    until("the journal", || {
        let rows = journal(world, server);
        let done = |row: &Value| row["state"].as_str().is_some_and(|s| states.contains(&s));
        (!rows.is_empty() && rows.iter().all(done)).then_some(rows)
    })
}

#[cfg(unix)]
fn private(path: &str) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

#[test]
fn a_notification_goes_by_mail_text_message_and_webhook() {
    let world = world();
    let (smtp, sms, hook) = (Smtp::new(&[]), Http::new(&[]), Http::new(&[]));
    let token = world.file("sms-token", "gateway-token\n");
    let secret = world.file("hook-secret", SECRET);
    private(&token);
    private(&secret);
    let flags = [
        "--smtp",
        &smtp.url(),
        "--mail-from",
        "Обращения <appeals@example.org>",
        "--sms-gateway",
        &sms.url(),
        "--sms-token-file",
        &token,
    ];
    let server = Server::start(&world, &flags);
    let url = hook.url();
    let set = ["notifications", "settings", "--sms", "on", "--push", &url, "--push-secret-file", &secret];
    let settings = at(&world, &server, "applicant").run(set.iter().chain(&["-o", "json"])).ok().json();
    assert_eq!(
        (&settings["sms"], &settings["push"], settings.get("push_secret")),
        (&json!(true), &json!(url), None)
    );
    let number = file(&world, &server);

    let mail = smtp.wait(1).remove(0);
    assert_eq!(mail.to, "applicant@example.org");
    assert_eq!(mail.subject(), format!("Обращение {number}: зарегистрировано"));
    let text = mail.text();
    assert!(text.contains("Ответ будет дан до ") && text.contains(common::SUBJECT), "{text}");
    assert_eq!(mail.header("Content-Type").as_deref(), Some("text/plain; charset=utf-8"));

    let sent = sms.wait(1).remove(0);
    assert_eq!(sent.header("authorization").as_deref(), Some("Bearer gateway-token"));
    let body = sent.json();
    assert_eq!(sent.header("idempotency-key").as_deref(), body["id"].as_str());
    assert_eq!(body["to"], "+79000000101");
    assert!(body["text"].as_str().unwrap().contains(&number), "{body}");

    let called = hook.wait(1).remove(0);
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(format!("{}.{}", called.header("x-appeal-timestamp").unwrap(), called.body).as_bytes());
    let signature = called.header("x-appeal-signature").unwrap();
    mac.verify_slice(&hex::decode(signature.strip_prefix("sha256=").unwrap()).unwrap()).unwrap();
    let body = called.json();
    assert_eq!(called.header("x-appeal-message-id").as_deref(), body["id"].as_str());
    assert_eq!(
        (&body["number"], &body["event"], &body["kind"]),
        (&json!(number), &json!("created"), &json!("status"))
    );

    let rows = settled(&world, &server, &["delivered"]);
    let channels: Vec<&str> = rows.iter().map(|r| r["channel"].as_str().unwrap()).collect();
    assert_eq!(channels, ["email", "sms", "push"]);
    assert!(rows.iter().all(|r| r["attempts"] == 1 && r["delivered_at"].is_string()), "{rows:?}");
    // The mail has the id in the journal.
    let id = rows[0]["id"].as_str().unwrap();
    assert_eq!(mail.header("X-Appeal-Message-Id").as_deref(), Some(id));
    assert_eq!(mail.header("Message-ID"), Some(format!("<{id}@example.org>")));
    assert_eq!((smtp.mails().len(), sms.requests().len(), hook.requests().len()), (1, 1, 1));
}

#[test]
fn a_platform_killed_during_delivery_loses_nothing() {
    let world = world();
    let smtp = Smtp::new(&[Manner::Stall]);
    let url = smtp.url();
    let server = Server::start(&world, &["--smtp", &url]);
    let number = file(&world, &server);
    smtp.wait(1);
    // The text message was sent, but there is no response.
    server.kill();
    let server = Server::start(&world, &["--smtp", &url]);
    let mails = smtp.wait(2);
    let ids: Vec<Option<String>> = mails.iter().map(|m| m.header("Message-ID")).collect();
    assert!(ids[0].is_some() && ids[0] == ids[1], "{ids:?}");
    let rows = settled(&world, &server, &["delivered"]);
    assert_eq!((rows.len(), &rows[0]["number"], &rows[0]["attempts"]), (1, &json!(number), &json!(2)));
    let outcomes: Vec<&str> =
        rows[0]["tries"].as_array().unwrap().iter().map(|t| t["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["unknown", "delivered"]);
    assert_eq!(smtp.mails().len(), 2);
}

#[test]
fn a_stalled_gateway_does_not_block_others() {
    let world = world();
    let smtp = Smtp::new(&[Manner::Stall; 64]);
    let hook = Http::new(&[]);
    let server = Server::start(&world, &["--smtp", &smtp.url()]);
    let run = at(&world, &server, "applicant").run([
        "notifications",
        "settings",
        "--push",
        &hook.url(),
        "-o",
        "json",
    ]);
    assert!(run.ok().json()["push_secret"].as_str().is_some_and(|s| s.len() >= 16));
    for _ in 0..12 {
        file(&world, &server);
    }
    assert_eq!(hook.wait(12).len(), 12);
}

#[test]
fn permanent_failures_end_at_once_and_others_are_retried() {
    let world = world();
    let smtp = Smtp::new(&[Manner::Answer(550)]);
    let hook = Http::new(&[Manner::Answer(503)]);
    let server = Server::start(&world, &["--smtp", &smtp.url()]);
    at(&world, &server, "applicant").run(["notifications", "settings", "--push", &hook.url()]).ok();
    file(&world, &server);
    hook.wait(1);
    let rows = until("outcomes", || {
        let rows = journal(&world, &server);
        rows.iter().all(|r| r["error"].is_string()).then_some(rows)
    });
    assert_eq!((&rows[0]["channel"], &rows[0]["state"]), (&json!("email"), &json!("failed")));
    assert!(rows[0]["error"].as_str().unwrap().contains("550"), "{rows:?}");
    assert_eq!((&rows[1]["channel"], &rows[1]["state"]), (&json!("push"), &json!("pending")));
    assert!(rows[1]["error"].as_str().unwrap().contains("503") && rows[1]["next_at"].is_string(), "{rows:?}");
}

#[test]
fn without_a_server_messages_are_files() {
    let world = World::local();
    let number = world.filed();
    let outbox = world.data().join("outbox");
    let names = || -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(&outbox)
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    };
    assert_eq!(names().len(), 1);
    let run = world.run(["notifications", "list", "--journal", "-o", "json"]).ok();
    let row = run.json()[0].clone();
    assert_eq!(names(), [format!("{}.eml", row["id"].as_str().unwrap())]);
    world.run(["notifications", "settings", "--email", "off", "--sms", "on"]).ok();
    world.filed();
    let text = names().into_iter().find(|n| n.ends_with(".json")).expect("a text message");
    let text: Value = serde_json::from_slice(&std::fs::read(outbox.join(text)).unwrap()).unwrap();
    assert_eq!(text["to"], "+79000000101");

    let list = world.run(["notifications", "list", "--unread", "-o", "json"]).ok().json();
    assert_eq!(list.as_array().unwrap().len(), 2);
    assert_eq!(list[1]["number"], number.as_str());
    let id = list[1]["id"].as_str().unwrap();
    assert_eq!(world.run(["notifications", "read", id, "-o", "json"]).ok().json(), json!({"read": 1}));
    assert_eq!(world.run(["notifications", "list", "--unread", "-q"]).ok().lines().len(), 1);
    assert_eq!(world.run(["notifications", "list", "--kind", "demand", "-o", "json"]).ok().json(), json!([]));
    assert_eq!(
        world.run(["notifications", "list", "--since", "1h", "--limit", "1", "-q"]).ok().lines().len(),
        1
    );

    // Invalid values are refused individually, and nothing changes.
    let settings = || world.run(["notifications", "settings", "-o", "json"]).ok().json();
    let before = settings();
    world.by("operator").run(["notifications", "read", id]).code(5);
    world.run(["notifications", "settings", "--push", "ftp://example.org"]).code(3);
    world.run(["notifications", "settings", "--email", "maybe"]).code(2);
    world.run(["notifications", "settings", "--kinds", "code"]).code(2);
    world.run(["notifications", "read"]).code(2);
    world.run(["notifications", "list", "--kind", "code"]).code(2);
    world.anonymous().run(["serve", "--smtp", "http://example.org"]).code(2);
    assert_eq!(settings(), before);
    let set = [
        "notifications",
        "settings",
        "--kinds",
        "demand,control",
        "--due-within",
        "3d",
        "--priority",
        "high",
    ];
    let after = world
        .run(set.iter().chain(&["--appeal-kind", "complaint", "--language", "en", "-o", "json"]))
        .ok()
        .json();
    assert_eq!((&after["kinds"], &after["due_within"]), (&json!(["demand", "control"]), &json!(259_200)));
    assert_eq!((&after["priorities"], &after["appeal_kinds"]), (&json!(["high"]), &json!(["complaint"])));
    let all = ["notifications", "settings", "--kinds", "all", "--due-within", "off", "--priority", "all"];
    let reset =
        world.run(all.iter().chain(&["--appeal-kind", "all", "--language", "ru", "-o", "json"])).ok().json();
    assert_eq!(reset, before);
}
