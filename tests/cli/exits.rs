//! Every documented exit code, and the error object that comes with it.

use std::net::TcpListener;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::common;
use crate::common::{Over, World};
use serde_json::{Value, json};

over_both!(the_platforms_answers_become_codes, ctrl_c_ends_a_watch, a_timeout_ends_a_wait);

fn the_platforms_answers_become_codes(world: &World) {
    let n = &world.filed();
    // 0.
    world.run(["show", n]).ok();
    world.run(["list", "--status", "Отказано"]).ok();
    // 3: a wrong check digit is distinguished from an unknown number.
    let mut digits: Vec<char> = n.chars().collect();
    let last = digits.pop().and_then(|c| c.to_digit(10)).expect("a digit");
    digits.push(char::from_digit((last + 1) % 10, 10).expect("a digit"));
    let mistyped: String = digits.into_iter().collect();
    let error = world.run(["show", &mistyped, "-o", "json"]).code(3).error();
    assert_eq!(error["code"], "number_mistyped");
    world.run(["show", "what", "-o", "json"]).code(3).error();
    let error =
        world.run(["create", "--subject", "Тема", "--text", "", "--category", "roads", "-o", "json"]).code(3);
    assert!(error.codes().contains(&"text-empty".to_owned()), "{error:?}");
    let create = [
        "create",
        "--subject",
        "Тема письма",
        "--text",
        "С 1 ноября нет света. Прошу включить.",
        "-o",
        "json",
    ];
    world.run(create).code(2);
    let error = world.run(["escalate", n, "--reason", "Т.", "-o", "json"]).code(2).error();
    assert_eq!(error["details"], serde_json::json!([{ "flag": "--level" }, { "flag": "--grounds" }]));
    assert!(error["message"].as_str().is_some_and(|m| m.contains("--level, --grounds")), "{error}");
    assert_eq!(world.run(create.iter().chain(&["--category", "none"])).code(3).codes(), ["category-unknown"]);
    let run = world.run(create.iter().chain(&["--category", "documents.copy"])).code(3);
    assert_eq!(run.codes(), ["field-required"]);
    let run =
        world.run(create.iter().chain(&["--category", "roads", "--organization", "7701123450"])).code(3);
    assert!(run.codes().contains(&"inn-invalid".to_owned()), "{run:?}");
    let run = world.run(create.iter().chain(&["--category", "roads", "--contact-email", "nobody"])).code(3);
    assert_eq!(run.codes(), ["email-invalid"]);
    let short =
        ["create", "--subject", "не работает", "--text", "Плохо.", "--category", "roads", "-o", "json"];
    world.run(short.iter().chain(&["--strict"])).code(3);
    // 4: visible, but not permitted.
    let error = world.by("operator").run(["confirm", n, "-o", "json"]).code(4).error();
    assert_eq!(error["code"], "forbidden");
    world.run(["comment", n, "--internal", "--text", "Т."]).code(4);
    // 5.
    let error = world.by("representative").run(["show", n, "-o", "json"]).code(5).error();
    assert_eq!(error["code"], "not_found");
    world.run(["category", "show", "nothing"]).code(5);
    world.run(["template", "show", "nothing"]).code(5);
    // Several failures are one error, and what can be shown is shown.
    let other = &world.by("representative").run([
        "create",
        "--subject",
        "Тема",
        "--text",
        "Свет.",
        "--category",
        "roads",
        "-q",
    ]);
    let run = world.run(["show", other.line(), n, other.line(), "-o", "json"]).code(5);
    assert_eq!(run.json().as_array().map(Vec::len), Some(1));
    assert_eq!(run.error()["details"].as_array().map(Vec::len), Some(2), "{run:?}");
    // 6.
    let error = world.run(["confirm", n, "-o", "json"]).code(6).error();
    assert_eq!(error["code"], "forbidden_move");
    assert!(error["details"].as_array().is_some_and(|moves| !moves.is_empty()), "{error}");
    // 9: some rows of a batch failed.
    let batch = world.file(
        "b.jsonl",
        "{\"subject\": \"Свет\", \"text\": \"С 1 ноября нет света.\", \"category\": \"housing\"}\n{\"subject\": \"\", \"text\": \"\"}\n",
    );
    world.run(["batch", "submit", &batch]).code(3);
    let run = world.run(["batch", "submit", &batch, "--allow-invalid", "-o", "jsonl"]).code(9);
    // Rows are printed as they are done; those that need no request may be first.
    let mut rows = run.jsonl();
    rows.sort_by_key(|row| row["row"].as_u64());
    assert_eq!(
        rows.iter().map(|r| r["status"].as_str()).collect::<Vec<_>>(),
        [Some("filed"), Some("invalid")]
    );
    // 2: usage, before anything is sent.
    for wrong in [
        vec!["show"],
        vec!["nonsense"],
        vec!["list", "--frobnicate"],
        vec!["list", "--status", "перезвонить"],
        vec!["rate", n, "--score", "6"],
        vec!["escalate", n, "--level", "galactic", "--grounds", "critical", "--reason", "x"],
        vec!["list", "--since", "yesterday-ish"],
        vec!["list", "--columns", "nothing"],
        vec!["show", n, "--timeout", "soon"],
        vec!["create", "--subject", "Тема"],
        vec!["comment", n],
        vec!["confirm", n, "--no"],
        vec!["create", "--text", "a", "--text-file", "b"],
    ] {
        let run = world.run(wrong.iter().chain(&["-o", "json"])).code(2);
        assert!(run.stdout.is_empty(), "{run:?}");
        assert_eq!(run.error()["code"], "usage", "{run:?}");
    }
    // What is missing is named.
    for (args, flag) in [
        (vec!["create", "--subject", "Тема", "--category", "roads"], "--text"),
        (vec!["comment", n], "--text"),
        (vec!["create", "--text", "Текст.", "--category", "roads"], "--subject"),
    ] {
        let run = world.run(&args).code(2);
        assert!(run.stderr.contains(flag), "{run:?}");
    }
    assert_eq!(world.card("applicant", n)["version"], 1);
    // 1: an unexpected failure, here a full disk.
    if Path::new("/dev/full").exists() {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("a full disk");
        let status = world
            .by("applicant")
            .command(["list", "--all"])
            .stdin(std::process::Stdio::null())
            .stdout(full)
            .stderr(std::process::Stdio::null())
            .status()
            .expect("a run");
        assert_eq!(status.code(), Some(1));
    }
}

#[test]
fn a_missing_or_broken_platform_is_a_setup_error() {
    let world = World::empty();
    let create = ["create", "--subject", "Тема", "--text", "Текст.", "--category", "roads", "-o", "json"];
    let error = world.anonymous().run(create).code(10).error();
    assert_eq!(error["code"], "no_platform");
    let text = format!("{} {}", error["message"], error["hint"]);
    assert!(text.contains("--server") && text.contains("local"), "{text}");
    assert!(!world.data().exists() && !world.path().join("xdg-data").exists(), "something was made");
    // A broken config file.
    let config = world.anonymous().run(["config", "path"]).ok().line().to_owned();
    let config = Path::new(&config).strip_prefix(world.path()).expect("below home").to_owned();
    let config = config.to_str().expect("a path").to_owned();
    world.file(&config, "default_profile = [oh");
    world.anonymous().run(["list", "-o", "json"]).code(10).error();
    world.file(&config, "default_profile = \"gone\"\n");
    world.anonymous().run(["list", "-o", "json"]).code(10).error();
    world.anonymous().run(["--profile", "nothing", "list"]).code(10);
    std::fs::remove_file(world.path().join(&config)).expect("removed");
    // A data directory that is a file.
    let file = world.file("plain", b"a file");
    for dir in [file.clone(), format!("{file}/below"), "/proc/nothing/here".to_owned()] {
        let run =
            world.anonymous().run(["--server", "local", "--data-dir", &dir, "list", "-o", "json"]).code(10);
        run.error();
    }
    // A file that is not a database.
    let database = format!("sqlite:{}", world.file("rubbish.db", "not a database at all, ".repeat(100)));
    world.anonymous().run(["--server", "local", "--database", &database, "list"]).code(10);
    // An unknown person cannot sign in.
    world.locally("somebody").run(["list"]).code(4);
    // Incompatible flags.
    world.anonymous().run(["--server", "http://127.0.0.1:9", "--as", "operator", "list"]).code(2);
    world.anonymous().run(["--server", "ftp://127.0.0.1", "list"]).code(2);
}

#[test]
fn who_is_not_signed_in_is_denied() {
    let world = World::served();
    let n = world.filed();
    let anonymous = || world.by("applicant").without("APPEAL_TOKEN");
    let error = anonymous().run(["show", &n, "-o", "json"]).code(4).error();
    assert_eq!(error["code"], "unauthenticated");
    anonymous().env("APPEAL_TOKEN", "apl_wrong").run(["show", &n]).code(4);
    // A token from a file; a file readable by others causes a warning, unless stderr is read as JSON.
    use std::os::unix::fs::PermissionsExt;
    let file = world.file("token", format!("{}\n", world.token("applicant")));
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).expect("permissions");
    anonymous().run(["--token-file", &file, "show", &n]).ok();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).expect("permissions");
    let run = anonymous().run(["--token-file", &file, "show", &n]).ok();
    assert!(run.stderr.contains("chmod 600") && !run.stderr.contains(&world.token("applicant")), "{run:?}");
    let run = anonymous().run(["--token-file", &file, "show", &n, "-o", "json"]).ok();
    assert_eq!(run.stderr, "");
    // A token is limited to its scopes.
    let database = world.database();
    let token = world
        .anonymous()
        .run([
            "--server",
            "local",
            "--as",
            "admin",
            "--database",
            &database,
            "auth",
            "token",
            "create",
            "--for",
            "applicant",
            "--scope",
            "read",
            "--expires",
            "1d",
            "-q",
        ])
        .ok();
    let reader = anonymous().env("APPEAL_TOKEN", token.line());
    reader.run(["show", &n]).ok();
    let error = reader.run(["cancel", &n, "-o", "json"]).code(4).error();
    assert_eq!(error["code"], "scope");
    assert_eq!(world.card("applicant", &n)["status"], "submitted");
    // Only an administrator creates tokens for others.
    world.run(["auth", "token", "create", "--for", "operator", "--scope", "read"]).code(4);
}

#[test]
fn an_unreachable_platform() {
    let world = World::local();
    // A port without a server.
    let port = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free port").port();
    let url = format!("http://127.0.0.1:{port}");
    let person = world.anonymous().env("APPEAL_TOKEN", "apl_x").env("APPEAL_SERVER", &url);
    // 7, after the retries.
    let error = person.run(["--retry-for", "1s", "list", "-o", "json"]).code(7).error();
    assert_eq!(error["code"], "unreachable");
    assert!(error["message"].as_str().is_some_and(|m| m.contains(&format!("127.0.0.1:{port}"))), "{error}");
    person.clone().env("APPEAL_RETRY_FOR", "0s").run(["list"]).code(7);
    // 8, if the time limit is shorter.
    let error = person.run(["--timeout", "1s", "list", "-o", "json"]).code(8).error();
    assert_eq!(error["code"], "timeout");
    // The text is not lost.
    let run = person.run([
        "--retry-for",
        "0s",
        "create",
        "--subject",
        "Тема",
        "--text",
        "Написано с трудом.",
        "--category",
        "roads",
    ]);
    let run = run.code(7);
    let id = run.stderr.split_whitespace().last().unwrap_or_else(|| panic!("{run:?}"));
    // It can be sent later from there.
    let number = world.run(["unsent", "send", id, "--server", "local", "-q"]).ok().line().to_owned();
    assert_eq!(world.card("applicant", &number)["text"], "Написано с трудом.");
}

fn watching(world: &World, more: &[&str]) -> common::Following {
    let cursor = world.join("exits.cursor");
    let base = ["watch", "-o", "jsonl", "--cursor-file", &cursor];
    let following = world.by("applicant").follow(base.iter().chain(more));
    let begun = Instant::now();
    while !Path::new(&cursor).exists() {
        assert!(begun.elapsed() < Duration::from_secs(60), "watch does not begin");
        sleep(Duration::from_millis(20));
    }
    following
}

fn ctrl_c_ends_a_watch(world: &World) {
    let n = world.filed();
    let mut watch = watching(world, &[]);
    world.run(["comment", &n, "--text", "Есть новости?"]).ok();
    watch.until("a comment", |line| line.contains("commented"));
    watch.signal(2);
    let (code, stderr) = watch.finish();
    assert_eq!(code, 130, "{stderr}");
    let error: Value = serde_json::from_str(stderr.trim()).unwrap_or_else(|e| panic!("{e}: {stderr}"));
    assert_eq!(error["error"]["code"], "interrupted");
    // SIGTERM, as sent by process supervisors, ends it the same way.
    std::fs::remove_file(world.join("exits.cursor")).expect("removed");
    let mut watch = watching(world, &[]);
    watch.signal(15);
    let (code, stderr) = watch.finish();
    assert_eq!(code, 130, "{stderr}");
    assert!(stderr.contains("\"interrupted\""), "{stderr}");
    // Until a status, in any accepted spelling.
    std::fs::remove_file(world.join("exits.cursor")).expect("removed");
    let mut watch = watching(world, &[&n, "--until", "отменено"]);
    world.run(["cancel", &n]).ok();
    let (code, stderr) = watch.finish();
    assert_eq!((code, stderr.as_str()), (0, ""));
    assert!(watch.seen.last().is_some_and(|line| line.contains("cancelled")), "{:?}", watch.seen);
}

fn a_timeout_ends_a_wait(world: &World) {
    let n = world.filed();
    let run = world.run(["wait", &n, "--for", "answered", "--timeout", "1s", "-o", "json"]).code(8);
    assert!(run.stderr.contains("\"timeout\""), "{run:?}");
    world.run(["watch", &n, "--timeout", "1s", "-o", "jsonl"]).code(8);
    assert_eq!(world.card("applicant", &n)["version"], 1);
}

#[test]
fn a_server_ends_cleanly() {
    let world = World::served();
    let n = world.filed();
    let server = common::Server::start(&world, &[]);
    // A stream of changes does not prevent the server from stopping.
    let person = world.by("applicant").env("APPEAL_SERVER", &server.url);
    let mut watch = person.follow(["watch", &n, "-o", "jsonl", "--retry-for", "1s"]);
    let answer = common::http::call(server.port, "", "GET", "/healthz", &[], &[]);
    assert_eq!(answer.status, 200);
    assert_eq!(common::http::call(server.port, "", "GET", "/readyz", &[], &[]).status, 200);
    let document = common::http::call(server.port, "", "GET", "/openapi.json", &[], &[]).json();
    assert!(document["openapi"].as_str().is_some_and(|v| v.starts_with("3.1")), "{document}");
    common::send(server.id(), 2);
    assert!(matches!(server.wait(), Some(0 | 130)), "{}", server.log());
    watch.signal(2);
    assert_eq!(watch.finish().0, 130);
    // Nothing is lost: another server continues.
    assert_eq!(world.over(), Over::Served);
    assert_eq!(world.card("applicant", &n)["status"], "submitted");
    // An invalid address, an occupied one, and an invalid database.
    world.anonymous().run(["serve", "--listen", "localhost", "--database", &world.database()]).code(2);
    world.anonymous().run(["serve", "--listen", "127.0.0.1:99999", "--database", &world.database()]).code(2);
    let taken = world.serve().url.trim_start_matches("http://").to_owned();
    let run =
        world.anonymous().run(["serve", "--listen", &taken, "--database", &world.database(), "-o", "json"]);
    assert!([1, 10].contains(&run.status), "{run:?}");
    let file = world.file("plain", b"x");
    world
        .anonymous()
        .run(["serve", "--listen", "127.0.0.1:0", "--database", &format!("sqlite:{file}/a.db")])
        .code(10);
}

#[test]
fn an_unknown_log_level_is_a_usage_error() {
    let world = World::new(Over::Local);
    let run = world.anonymous().env("APPEAL_LOG", "sqlx=loudly").run([
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--database",
        &world.database(),
    ]);
    let run = run.code(2);
    assert!(run.stderr.contains("APPEAL_LOG: `sqlx=loudly`"), "{run:?}");
}

const JSON: (&str, &str) = ("content-type", "application/json");

/// A served platform and a token of the applicant.
struct Api {
    world: World,
    token: String,
}

impl Api {
    fn new() -> Api {
        let world = World::served();
        let token = world.token("applicant");
        Api { world, token }
    }

    fn call(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> common::http::Answer {
        common::http::call(self.world.serve().port, &self.token, method, path, headers, body.as_bytes())
    }

    /// Sends a request that must be refused with this status and code.
    #[track_caller]
    fn refused(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str, expected: (u16, &str)) {
        let answer = self.call(method, path, headers, body);
        assert_eq!(answer.header("content-type").as_deref(), Some("application/problem+json"), "{path}");
        let problem = answer.json();
        assert_eq!(problem["status"], answer.status);
        assert_eq!(problem["type"], "about:blank");
        assert_eq!((answer.status, problem["code"].as_str()), (expected.0, Some(expected.1)), "{path}");
    }

    /// Files an appeal with this idempotency key.
    fn file(&self, key: &str, body: &str) -> common::http::Answer {
        self.call("POST", "/v1/appeals", &[JSON, ("idempotency-key", key)], body)
    }
}

fn appeal(text: &str) -> String {
    json!({ "subject": common::SUBJECT, "text": text, "category": "roads" }).to_string()
}

#[test]
fn problems_have_stable_codes() {
    let api = Api::new();
    api.refused("GET", "/v1/nothing", &[], "", (404, "not_found"));
    api.refused("GET", "/v1/appeals?colour=red", &[], "", (400, "bad_request"));
    api.refused("GET", "/v1/changes?after=rubbish", &[], "", (400, "bad_cursor"));
    api.refused("DELETE", "/v1/categories", &[], "", (405, "method_not_allowed"));
}

#[test]
fn an_invalid_body_has_a_stable_code() {
    let api = Api::new();
    let headers = [JSON, ("idempotency-key", "a")];
    api.refused("POST", "/v1/appeals", &headers, "{\"subject\":", (400, "bad_request"));
    let html = [("content-type", "text/html"), ("idempotency-key", "c")];
    api.refused("POST", "/v1/appeals", &html, "<p>", (415, "unsupported_media_type"));
    let unknown = api.file("b", r#"{"subject":"a","text":"b","colour":"red"}"#);
    assert_eq!(unknown.header("content-type").as_deref(), Some("application/problem+json"));
    assert_eq!(unknown.json()["status"], unknown.status);
    assert_eq!(unknown.json()["type"], "about:blank");
    assert!(unknown.json()["code"].is_string());
    assert!([400, 422].contains(&unknown.status), "{}", unknown.status);
}

#[test]
fn a_repeated_request_returns_the_same_appeal() {
    let api = Api::new();
    let first = api.file("k1", &appeal(common::TEXT));
    assert_eq!(first.status, 201, "{}", String::from_utf8_lossy(&first.body));
    let again = api.file("k1", &appeal(common::TEXT));
    assert_eq!((again.status, &again.body), (first.status, &first.body));
    let headers = [JSON, ("idempotency-key", "k1")];
    let other = appeal("Другой текст, 1 ноября.");
    api.refused("POST", "/v1/appeals", &headers, &other, (422, "idempotency_key_reused"));
}

#[test]
fn an_idempotency_key_belongs_to_one_person() {
    let api = Api::new();
    let first = api.file("k1", &appeal(common::TEXT));
    let other = Api { token: api.world.token("representative"), world: api.world };
    let theirs = other.file("k1", &appeal(common::TEXT));
    assert_eq!(theirs.status, 201);
    assert_ne!(theirs.json()["number"], first.json()["number"]);
}

#[test]
fn an_edit_of_an_old_version_has_a_stable_code() {
    let api = Api::new();
    let filed = api.file("k1", &appeal(common::TEXT)).json();
    let path = format!("/v1/appeals/{}", filed["number"].as_str().expect("a number"));
    let etag = api.call("GET", &path, &[], "").header("etag").expect("an ETag");
    let edit = r#"{"contact_phone":"+79000000111"}"#;
    let patch = || api.call("PATCH", &path, &[JSON, ("if-match", &etag)], edit);
    assert_eq!(patch().status, 200);
    let late = patch();
    assert_eq!((late.status, late.json()["code"].as_str()), (412, Some("changed_meanwhile")));
}

#[test]
fn pages_are_linked() {
    let api = Api::new();
    api.file("k1", &appeal(common::TEXT));
    api.world.filed();
    let page = api.call("GET", "/v1/appeals?limit=1", &[], "");
    assert!(page.header("link").is_some_and(|l| l.contains("rel=\"next\"")), "{}", page.head);
}

#[test]
fn what_is_blocked_is_ended() {
    let world = World::local();
    world.filed();
    let endless = ["list", "--jq", "last(repeat(1))", "-o", "json"];
    let error = world.run(endless.iter().chain(&["--timeout", "1s"])).code(8).error();
    assert_eq!(error["code"], "timeout");
    let going = world.by("applicant").start(endless);
    sleep(Duration::from_secs(1));
    going.signal(2);
    assert_eq!(going.finish().code(130).error()["code"], "interrupted");
    // A pipe without a writer.
    let pipe = world.join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().is_ok_and(|done| done.success()));
    let person = world.by("applicant").env("APPEAL_CONFIG", &pipe);
    assert_eq!(person.run(["list", "--timeout", "1s", "-o", "json"]).code(8).error()["code"], "timeout");
    let run = world.run(["changes", "--cursor-file", &pipe, "-o", "json"]).code(3);
    assert_eq!(run.error()["code"], "cursor_file");
}

#[test]
fn a_change_is_named_if_its_result_cannot_be_printed() {
    let world = World::local();
    let create = |more: &[&str]| {
        let base = ["create", "--subject", common::SUBJECT, "--text", common::TEXT, "--category", "roads"];
        world.run(base.iter().chain(more))
    };
    let newest = || {
        world
            .run(["list", "--sort", "created_at", "--jq", "max_by(.created_at).number"])
            .ok()
            .line()
            .to_owned()
    };
    for format in ["json", "jsonl"] {
        let error = create(&["-o", format, "--jq", ".subject.x"]).code(2).error();
        let hint = error["hint"].as_str().unwrap_or_default().to_owned();
        assert!(hint.contains(&newest()), "{error}");
    }
    for format in ["table", "csv", "plain"] {
        let run = create(&["-o", format, "--jq", ".subject.x"]).code(2);
        assert!(run.stderr.contains(&newest()), "{run:?}");
    }
    // A command that only reads leaves no such hint.
    let error = world.run(["show", &newest(), "-o", "json", "--jq", ".subject.x"]).code(2).error();
    assert_eq!(error["hint"], Value::Null);
}
