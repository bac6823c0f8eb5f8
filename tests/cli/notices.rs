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

/// Webhooks of the tests are on this machine.
const ALLOW: &str = "--webhook-allow";

#[test]
fn a_webhook_inside_is_refused() {
    let world = world();
    let server = Server::start(&world, &[]);
    for url in
        ["http://127.0.0.1:1/", "http://2130706433/", "http://[::1]/", "http://169.254.169.254/latest/"]
    {
        let set = ["notifications", "settings", "--push", url, "-o", "json"];
        let error = at(&world, &server, "applicant").run(set).code(3).error();
        assert_eq!(error["details"][0]["code"], "notices-url-inside", "{url}");
    }
}

#[test]
fn a_webhook_that_becomes_an_address_inside_is_not_called() {
    let world = world();
    let hook = Http::new(&[]);
    let server = Server::start(&world, &[ALLOW, "127.0.0.0/8"]);
    call(&world, &server, &hook, &[]);
    server.kill();
    let server = Server::start(&world, &[]);
    file(&world, &server);
    let refused = |row: &Value| row["channel"] == "push" && row["state"] == "failed";
    until("a refusal", || journal(&world, &server).iter().any(refused).then_some(()));
    assert_eq!(hook.requests().len(), 0);
}

#[test]
fn a_mail_password_is_never_sent_without_tls() {
    let world = world();
    let password = world.file("password", "smtp-secret");
    private(&password);
    let serve = |url: &str| {
        let args = ["serve", "--dry-run", "--smtp", url, "--smtp-password-file", &password];
        world.anonymous().run(args)
    };
    serve("smtp://appeals@mail.example?tls=none").code(2);
    serve("smtp://appeals@127.0.0.1:25?tls=opportunistic").code(2);
    serve("smtp://appeals@mail.example").ok();
}

/// Turns on notifications by webhook; returns the settings.
fn call(world: &World, server: &Server, hook: &Http, more: &[&str]) -> Value {
    let url = hook.url();
    let set = ["notifications", "settings", "--push", &url, "-o", "json"];
    at(world, server, "applicant").run(set.iter().chain(more)).ok().json()
}

/// Returns the signature of a text with the secret.
fn signature(text: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(text.as_bytes());
    format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
}

#[test]
fn a_mail_names_the_appeal_and_its_deadline() {
    let world = world();
    let smtp = Smtp::new(&[]);
    let server =
        Server::start(&world, &["--smtp", &smtp.url(), "--mail-from", "Обращения <appeals@example.org>"]);
    let number = file(&world, &server);
    let mail = smtp.wait(1).remove(0);
    assert_eq!(mail.to, "applicant@example.org");
    assert_eq!(mail.subject(), format!("Обращение {number}: зарегистрировано"));
    let text = mail.text();
    assert!(text.contains("Ответ будет дан до ") && text.contains(common::SUBJECT), "{text}");
    assert_eq!(mail.header("Content-Type").as_deref(), Some("text/plain; charset=utf-8"));
    // The mail has the id in the journal.
    let rows = settled(&world, &server, &["delivered"]);
    let id = rows[0]["id"].as_str().unwrap();
    assert_eq!(mail.header("X-Appeal-Message-Id").as_deref(), Some(id));
    assert_eq!(mail.header("Message-ID"), Some(format!("<{id}@example.org>")));
}

#[test]
fn a_text_message_goes_to_the_gateway_with_its_token() {
    let world = world();
    let (smtp, sms) = (Smtp::new(&[]), Http::new(&[]));
    let token = world.file("sms-token", "gateway-token\n");
    private(&token);
    let gateway = ["--smtp", &smtp.url(), "--sms-gateway", &sms.url(), "--sms-token-file", &token];
    let server = Server::start(&world, &gateway);
    let on = ["notifications", "settings", "--sms", "on", "-o", "json"];
    assert_eq!(at(&world, &server, "applicant").run(on).ok().json()["sms"], true);
    let number = file(&world, &server);
    let sent = sms.wait(1).remove(0);
    assert_eq!(sent.header("authorization").as_deref(), Some("Bearer gateway-token"));
    let body = sent.json();
    assert_eq!(sent.header("idempotency-key").as_deref(), body["id"].as_str());
    assert_eq!(body["to"], "+79000000101");
    assert!(body["text"].as_str().unwrap().contains(&number), "{body}");
}

#[test]
fn a_webhook_is_signed_with_its_secret() {
    let world = world();
    let (smtp, hook) = (Smtp::new(&[]), Http::new(&[]));
    let server = Server::start(&world, &["--smtp", &smtp.url(), ALLOW, "127.0.0.0/8"]);
    let secret = world.file("hook-secret", SECRET);
    private(&secret);
    let settings = call(&world, &server, &hook, &["--push-secret-file", &secret]);
    assert_eq!((&settings["push"], settings.get("push_secret")), (&json!(hook.url()), None));
    let number = file(&world, &server);
    let called = hook.wait(1).remove(0);
    let signed = format!("{}.{}", called.header("x-appeal-timestamp").unwrap(), called.body);
    assert_eq!(called.header("x-appeal-signature"), Some(signature(&signed)));
    let body = called.json();
    assert_eq!(called.header("x-appeal-message-id").as_deref(), body["id"].as_str());
    assert_eq!(
        (&body["number"], &body["event"], &body["kind"]),
        (&json!(number), &json!("created"), &json!("status"))
    );
}

#[test]
fn every_channel_delivers_once() {
    let world = world();
    let (smtp, sms, hook) = (Smtp::new(&[]), Http::new(&[]), Http::new(&[]));
    let server =
        Server::start(&world, &["--smtp", &smtp.url(), "--sms-gateway", &sms.url(), ALLOW, "127.0.0.1"]);
    call(&world, &server, &hook, &["--sms", "on"]);
    file(&world, &server);
    let rows = settled(&world, &server, &["delivered"]);
    let channels: Vec<&str> = rows.iter().map(|r| r["channel"].as_str().unwrap()).collect();
    assert_eq!(channels, ["email", "sms", "push"]);
    assert!(rows.iter().all(|r| r["attempts"] == 1 && r["delivered_at"].is_string()), "{rows:?}");
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
    let server = Server::start(&world, &["--smtp", &smtp.url(), ALLOW, "127.0.0.0/8"]);
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
    let server = Server::start(&world, &["--smtp", &smtp.url(), ALLOW, "127.0.0.0/8"]);
    at(&world, &server, "applicant").run(["notifications", "settings", "--push", &hook.url()]).ok();
    file(&world, &server);
    hook.wait(1);
    let rows = until("outcomes", || {
        let rows = journal(&world, &server);
        let tried = |n: usize| rows[n]["tries"].as_array().is_some_and(|tries| !tries.is_empty());
        (rows.len() == 2 && tried(0) && tried(1)).then_some(rows)
    });
    assert_eq!((&rows[0]["channel"], &rows[0]["state"]), (&json!("email"), &json!("failed")));
    assert_eq!((&rows[1]["channel"], &rows[1]["state"]), (&json!("push"), &json!("pending")));
    assert!(rows[1]["next_at"].is_string(), "{rows:?}");
    // What a server answered is for administrators: it would tell what listens where.
    assert!(rows.iter().all(|row| row["error"].is_null()), "{rows:?}");
}

/// Returns the names of the files of undelivered messages.
fn outbox(world: &World) -> Vec<String> {
    let entries = std::fs::read_dir(world.data().join("outbox")).unwrap();
    let mut names: Vec<String> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn without_a_server_a_mail_is_a_file_named_by_its_id() {
    let world = World::local();
    world.filed();
    let rows = world.run(["notifications", "list", "--journal", "-o", "json"]).ok().json();
    assert_eq!(outbox(&world), [format!("{}.eml", rows[0]["id"].as_str().unwrap())]);
}

#[test]
fn without_a_server_a_text_message_is_a_file_with_its_number() {
    let world = World::local();
    world.run(["notifications", "settings", "--email", "off", "--sms", "on"]).ok();
    world.filed();
    let [name] = &outbox(&world)[..] else { panic!("{:?}", outbox(&world)) };
    assert!(name.ends_with(".json"), "{name}");
    let text: Value =
        serde_json::from_slice(&std::fs::read(world.data().join("outbox").join(name)).unwrap()).unwrap();
    assert_eq!(text["to"], "+79000000101");
}

#[test]
fn notifications_are_read_one_by_one() {
    let world = World::local();
    let number = world.filed();
    world.filed();
    let list = world.run(["notifications", "list", "--unread", "-o", "json"]).ok().json();
    assert_eq!((list.as_array().unwrap().len(), &list[1]["number"]), (2, &json!(number)));
    let id = list[1]["id"].as_str().unwrap();
    world.by("operator").run(["notifications", "read", id]).code(5);
    assert_eq!(world.run(["notifications", "read", id, "-o", "json"]).ok().json(), json!({"read": 1}));
    assert_eq!(world.run(["notifications", "list", "--unread", "-q"]).ok().lines().len(), 1);
}

#[test]
fn notifications_are_filtered_by_kind_and_time() {
    let world = World::local();
    world.filed();
    world.filed();
    let list = |more: &[&str]| {
        let base = ["notifications", "list", "-o", "jsonl"];
        world.run(base.iter().chain(more)).ok().jsonl().len()
    };
    assert_eq!(list(&["--kind", "demand"]), 0);
    assert_eq!(list(&["--kind", "status"]), 2);
    assert_eq!(list(&["--since", "1h", "--limit", "1"]), 1);
}

/// Changes the settings; returns them.
fn set(world: &World, changes: &[&str]) -> Value {
    let base = ["notifications", "settings", "-o", "json"];
    world.run(base.iter().chain(changes)).ok().json()
}

#[test]
fn invalid_settings_are_refused_and_change_nothing() {
    let world = World::local();
    let before = set(&world, &[]);
    for (wrong, code) in [
        (&["notifications", "settings", "--push", "ftp://example.org"][..], 3),
        (&["notifications", "settings", "--email", "maybe"], 2),
        (&["notifications", "settings", "--kinds", "code"], 2),
        (&["notifications", "read"], 2),
        (&["notifications", "list", "--kind", "code"], 2),
    ] {
        world.run(wrong).code(code);
    }
    world.anonymous().run(["serve", "--smtp", "http://example.org"]).code(2);
    assert_eq!(set(&world, &[]), before);
}

#[test]
fn notifications_are_narrowed_and_reset() {
    let world = World::local();
    let before = set(&world, &[]);
    let after = set(
        &world,
        &[
            "--kinds",
            "demand,control",
            "--due-within",
            "3d",
            "--priority",
            "high",
            "--appeal-kind",
            "complaint",
        ],
    );
    assert_eq!((&after["kinds"], &after["due_within"]), (&json!(["demand", "control"]), &json!(259_200)));
    assert_eq!((&after["priorities"], &after["appeal_kinds"]), (&json!(["high"]), &json!(["complaint"])));
    assert_eq!(set(&world, &["--language", "en"])["lang"], "en");
    let all = ["--kinds", "all", "--due-within", "off", "--priority", "all", "--appeal-kind", "all"];
    let reset = set(&world, &[&all[..], &["--language", "ru"]].concat());
    assert_eq!(reset, before);
}
