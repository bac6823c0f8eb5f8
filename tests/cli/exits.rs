//! Every documented exit code, and the error object that comes with it.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::common;
use crate::common::{Over, Person, World};
use serde_json::{Value, json};

over_both!(
    success_is_0,
    what_is_invalid_is_3,
    what_is_missing_is_named_with_2,
    a_wrong_usage_is_2_before_anything_is_sent,
    what_is_not_permitted_is_4,
    what_is_not_found_is_5,
    several_failures_are_one_error,
    a_move_that_is_not_open_is_6,
    a_batch_with_failed_rows_is_9,
    an_unexpected_failure_is_1,
    ctrl_c_ends_a_watch,
    sigterm_ends_a_watch,
    a_watch_ends_at_a_status_in_any_spelling,
    a_timeout_ends_a_wait,
);

fn success_is_0(world: &World) {
    let n = world.filed();
    world.run(["show", &n]).ok();
    world.run(["list", "--status", "Отказано"]).ok();
}

/// Returns a number with a wrong check digit.
fn mistyped(number: &str) -> String {
    let (most, last) = number.split_at(number.len() - 1);
    let last: u32 = last.parse().expect("a digit");
    format!("{most}{}", (last + 1) % 10)
}

const CREATE: [&str; 7] =
    ["create", "--subject", "Тема письма", "--text", "С 1 ноября нет света. Прошу включить.", "-o", "json"];

fn what_is_invalid_is_3(world: &World) {
    // A wrong check digit is distinguished from an unknown number.
    let error = world.run(["show", &mistyped(&world.filed()), "-o", "json"]).code(3).error();
    assert_eq!(error["code"], "number_mistyped");
    world.run(["show", "what", "-o", "json"]).code(3).error();
    let create = |more: &[&str]| world.run(CREATE.iter().chain(more)).code(3).codes();
    assert_eq!(create(&["--category", "none"]), ["category-unknown"]);
    assert_eq!(create(&["--category", "documents.copy"]), ["field-required"]);
    let roads = |more: &[&str]| create(&[&["--category", "roads"], more].concat());
    assert_eq!(roads(&["--contact-email", "nobody"]), ["email-invalid"]);
    assert!(roads(&["--organization", "7701123450"]).contains(&"inn-invalid".to_owned()));
    let empty = ["create", "--subject", "Тема", "--text", "", "--category", "roads", "-o", "json"];
    assert!(world.run(empty).code(3).codes().contains(&"text-empty".to_owned()));
    let vague = ["create", "--subject", "не работает", "--text", "Плохо.", "--category", "roads", "--strict"];
    world.run(vague).code(3);
}

fn what_is_missing_is_named_with_2(world: &World) {
    let n = &world.filed();
    world.run(CREATE).code(2);
    let error = world.run(["escalate", n, "--reason", "Т.", "-o", "json"]).code(2).error();
    assert_eq!(error["details"], json!([{ "flag": "--level" }, { "flag": "--grounds" }]));
    assert!(error["message"].as_str().is_some_and(|m| m.contains("--level, --grounds")), "{error}");
    for (args, flag) in [
        (&["create", "--subject", "Тема", "--category", "roads"][..], "--text"),
        (&["comment", n], "--text"),
        (&["create", "--text", "Текст.", "--category", "roads"], "--subject"),
    ] {
        let run = world.run(args).code(2);
        assert!(run.stderr.contains(flag), "{run:?}");
    }
}

fn a_wrong_usage_is_2_before_anything_is_sent(world: &World) {
    let n = &world.filed();
    for wrong in [
        &["show"][..],
        &["nonsense"],
        &["list", "--frobnicate"],
        &["list", "--status", "перезвонить"],
        &["rate", n, "--score", "6"],
        &["escalate", n, "--level", "galactic", "--grounds", "critical", "--reason", "x"],
        &["list", "--since", "yesterday-ish"],
        &["list", "--columns", "nothing"],
        &["show", n, "--timeout", "soon"],
        &["create", "--subject", "Тема"],
        &["comment", n],
        &["confirm", n, "--no"],
        &["create", "--text", "a", "--text-file", "b"],
    ] {
        let run = world.run(wrong.iter().chain(&["-o", "json"])).code(2);
        assert!(run.stdout.is_empty(), "{run:?}");
        assert_eq!(run.error()["code"], "usage", "{run:?}");
    }
    assert_eq!(world.card("applicant", n)["version"], 1);
}

fn what_is_not_permitted_is_4(world: &World) {
    let n = &world.filed();
    let error = world.by("operator").run(["confirm", n, "-o", "json"]).code(4).error();
    assert_eq!(error["code"], "forbidden");
    world.run(["comment", n, "--internal", "--text", "Т."]).code(4);
}

fn what_is_not_found_is_5(world: &World) {
    let n = world.filed();
    let error = world.by("representative").run(["show", &n, "-o", "json"]).code(5).error();
    assert_eq!(error["code"], "not_found");
    world.run(["category", "show", "nothing"]).code(5);
    world.run(["template", "show", "nothing"]).code(5);
}

fn several_failures_are_one_error(world: &World) {
    let n = &world.filed();
    let create = ["create", "--subject", "Тема", "--text", "Свет.", "--category", "roads", "-q"];
    let other = world.by("representative").run(create).ok();
    // What can be shown is shown.
    let run = world.run(["show", other.line(), n, other.line(), "-o", "json"]).code(5);
    assert_eq!(run.json().as_array().map(Vec::len), Some(1));
    assert_eq!(run.error()["details"].as_array().map(Vec::len), Some(2), "{run:?}");
}

fn a_move_that_is_not_open_is_6(world: &World) {
    let error = world.run(["confirm", &world.filed(), "-o", "json"]).code(6).error();
    assert_eq!(error["code"], "forbidden_move");
    assert!(error["details"].as_array().is_some_and(|moves| !moves.is_empty()), "{error}");
}

fn a_batch_with_failed_rows_is_9(world: &World) {
    let sound = json!({ "subject": "Свет", "text": "С 1 ноября нет света.", "category": "housing" });
    let batch = world.file("b.jsonl", format!("{sound}\n{}\n", json!({ "subject": "", "text": "" })));
    world.run(["batch", "submit", &batch]).code(3);
    let run = world.run(["batch", "submit", &batch, "--allow-invalid", "-o", "jsonl"]).code(9);
    // Rows are printed as they are done; those that need no request may be first.
    let mut rows = run.jsonl();
    rows.sort_by_key(|row| row["row"].as_u64());
    let statuses: Vec<&Value> = rows.iter().map(|row| &row["status"]).collect();
    assert_eq!(statuses, ["filed", "invalid"]);
}

/// Here a full disk.
fn an_unexpected_failure_is_1(world: &World) {
    if !Path::new("/dev/full").exists() {
        return;
    }
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("a full disk");
    world.filed();
    let mut list = world.by("applicant").command(["list", "--all"]);
    list.stdin(Stdio::null()).stdout(full).stderr(Stdio::null());
    assert_eq!(list.status().expect("a run").code(), Some(1));
}

#[test]
fn a_missing_platform_is_10_and_nothing_is_created() {
    let world = World::empty();
    let create = ["create", "--subject", "Тема", "--text", "Текст.", "--category", "roads", "-o", "json"];
    let error = world.anonymous().run(create).code(10).error();
    assert_eq!(error["code"], "no_platform");
    let text = format!("{} {}", error["message"], error["hint"]);
    assert!(text.contains("--server") && text.contains("local"), "{text}");
    assert!(!world.data().exists() && !world.path().join("xdg-data").exists(), "something was made");
}

#[test]
fn a_broken_config_file_is_10() {
    let world = World::empty();
    let config = world.anonymous().run(["config", "path"]).ok().line().to_owned();
    for broken in ["default_profile = [oh", "default_profile = \"gone\"\n"] {
        world.file(&config, broken);
        world.anonymous().run(["list", "-o", "json"]).code(10).error();
    }
    world.anonymous().run(["--profile", "nothing", "list"]).code(10);
}

#[test]
fn a_data_directory_that_cannot_be_one_is_10() {
    let world = World::empty();
    let file = world.file("plain", b"a file");
    for dir in [&file, &format!("{file}/below"), "/proc/nothing/here"] {
        let list = ["--server", "local", "--data-dir", dir, "list", "-o", "json"];
        world.anonymous().run(list).code(10).error();
    }
    let database = format!("sqlite:{}", world.file("rubbish.db", "not a database at all, ".repeat(100)));
    world.anonymous().run(["--server", "local", "--database", &database, "list"]).code(10);
}

#[test]
fn an_unknown_local_person_is_4() {
    World::local().locally("somebody").run(["list"]).code(4);
}

#[test]
fn flags_that_exclude_each_other_are_2() {
    let world = World::empty();
    world.anonymous().run(["--server", "http://127.0.0.1:9", "--as", "operator", "list"]).code(2);
    world.anonymous().run(["--server", "ftp://127.0.0.1", "list"]).code(2);
}

#[test]
fn a_missing_or_wrong_token_is_4() {
    let world = World::served();
    let n = world.filed();
    let anonymous = world.by("applicant").without("APPEAL_TOKEN");
    let error = anonymous.run(["show", &n, "-o", "json"]).code(4).error();
    assert_eq!(error["code"], "unauthenticated");
    anonymous.env("APPEAL_TOKEN", "apl_wrong").run(["show", &n]).code(4);
}

#[test]
fn a_token_file_that_others_can_read_is_reported() {
    let world = World::served();
    let token = world.token("applicant");
    let file = world.file("token", format!("{token}\n"));
    let list = |mode: u32, more: &[&str]| {
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).expect("permissions");
        let person = world.by("applicant").without("APPEAL_TOKEN");
        person.run(["--token-file", &file, "list"].iter().chain(more)).ok()
    };
    assert_eq!(list(0o600, &[]).stderr, "");
    let run = list(0o644, &[]);
    assert!(run.stderr.contains("chmod 600") && !run.stderr.contains(&token), "{run:?}");
    // Not where stderr is read as JSON.
    assert_eq!(list(0o644, &["-o", "json"]).stderr, "");
}

#[test]
fn a_token_file_comes_before_the_variable() {
    let world = World::served();
    let (mine, other) = (world.token("applicant"), world.token("operator"));
    let file = world.file("token", format!("\u{feff}\"Bearer {mine}\"\r\n"));
    let person = world.by("operator").env("APPEAL_TOKEN", other);
    let who = person.run(["--token-file", &file, "whoami", "-q"]).ok();
    assert_eq!(who.line(), "applicant");
}

#[test]
fn a_token_file_that_cannot_be_read_is_10() {
    let world = World::served();
    let error = world.run(["--token-file", "/no/such/file", "whoami", "-o", "json"]).code(10).error();
    assert!(error["message"].as_str().expect("a message").contains("/no/such/file"), "{error}");
}

#[test]
fn what_is_not_a_token_is_named() {
    let world = World::served();
    let file = world.file("token", "apl_one\napl_two\n");
    world.run(["--token-file", &file, "whoami"]).code(10);
    let error =
        world.by("applicant").env("APPEAL_TOKEN", "a b").run(["whoami", "-o", "json"]).code(10).error();
    assert!(error["message"].as_str().expect("a message").contains("APPEAL_TOKEN"), "{error}");
}

#[test]
fn a_token_is_limited_to_its_scopes() {
    let world = World::served();
    let n = world.filed();
    let create =
        ["auth", "token", "create", "--for", "applicant", "--scope", "read", "--expires", "1d", "-q"];
    let token = world.locally("admin").run(create).ok();
    let reader = world.by("applicant").env("APPEAL_TOKEN", token.line());
    reader.run(["show", &n]).ok();
    let error = reader.run(["cancel", &n, "-o", "json"]).code(4).error();
    assert_eq!(error["code"], "scope");
    assert_eq!(world.card("applicant", &n)["status"], "submitted");
}

#[test]
fn only_an_administrator_creates_tokens_for_others() {
    let world = World::served();
    world.run(["auth", "token", "create", "--for", "operator", "--scope", "read"]).code(4);
}

/// A person whose platform is a port without a server; also returns the address.
fn nobody_there(world: &World) -> (Person, String) {
    let port = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free port").port();
    let address = format!("127.0.0.1:{port}");
    let person = world.anonymous().env("APPEAL_TOKEN", "apl_x");
    (person.env("APPEAL_SERVER", format!("http://{address}")), address)
}

#[test]
fn an_unreachable_platform_is_7_after_the_retries() {
    let world = World::empty();
    let (person, address) = nobody_there(&world);
    let begun = Instant::now();
    let error = person.run(["--retry-for", "1s", "list", "-o", "json"]).code(7).error();
    assert!(begun.elapsed() > Duration::from_millis(500), "it did not retry");
    assert_eq!(error["code"], "unreachable");
    assert!(error["message"].as_str().is_some_and(|m| m.contains(&address)), "{error}");
    person.env("APPEAL_RETRY_FOR", "0s").run(["list"]).code(7);
}

#[test]
fn a_time_limit_shorter_than_the_retries_is_8() {
    let world = World::empty();
    let (person, _) = nobody_there(&world);
    let error = person.run(["--timeout", "1s", "list", "-o", "json"]).code(8).error();
    assert_eq!(error["code"], "timeout");
}

#[test]
fn a_text_for_an_unreachable_platform_is_sent_later() {
    let world = World::local();
    let (person, _) = nobody_there(&world);
    let create = [
        "create",
        "--subject",
        "Тема",
        "--text",
        "Написано с трудом.",
        "--category",
        "roads",
        "--retry-for",
        "0s",
    ];
    let run = person.run(create).code(7);
    let id = run.stderr.split_whitespace().last().unwrap_or_else(|| panic!("{run:?}"));
    let number = world.run(["unsent", "send", id, "--server", "local", "-q"]).ok().line().to_owned();
    assert_eq!(world.card("applicant", &number)["text"], "Написано с трудом.");
}

fn watching(world: &World, more: &[&str]) -> common::Following {
    let cursor = world.join("exits.cursor");
    let base = ["watch", "-o", "jsonl", "--cursor-file", &cursor];
    let following = world.by("applicant").follow(base.iter().chain(more));
    until(&cursor);
    following
}

/// Waits for the cursor file of a watch, which is then connected.
fn until(cursor: &str) {
    let begun = Instant::now();
    while !Path::new(cursor).exists() {
        assert!(begun.elapsed() < Duration::from_secs(60), "watch does not begin");
        sleep(Duration::from_millis(10));
    }
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
}

/// Process supervisors send SIGTERM.
fn sigterm_ends_a_watch(world: &World) {
    let mut watch = watching(world, &[]);
    watch.signal(15);
    let (code, stderr) = watch.finish();
    assert_eq!(code, 130, "{stderr}");
    assert!(stderr.contains("\"interrupted\""), "{stderr}");
}

fn a_watch_ends_at_a_status_in_any_spelling(world: &World) {
    let n = world.filed();
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

/// Sends a request without a token; returns the response.
fn get(world: &World, path: &str) -> common::http::Answer {
    common::http::call(world.serve().port, "", "GET", path, &[], &[])
}

#[test]
fn a_server_says_that_it_lives_and_is_ready() {
    let world = World::served();
    assert_eq!((get(&world, "/healthz").status, get(&world, "/readyz").status), (200, 200));
}

#[test]
fn a_server_publishes_its_openapi_document() {
    let document = get(&World::served(), "/openapi.json").json();
    assert!(document["openapi"].as_str().is_some_and(|v| v.starts_with("3.1")), "{document}");
}

/// A stream of changes does not prevent a server from stopping, and the data stays.
#[test]
fn a_server_ends_cleanly() {
    let world = World::served();
    let n = world.filed();
    let server = common::Server::start(&world, &[]);
    let person = world.by("applicant").env("APPEAL_SERVER", &server.url);
    let cursor = world.join("cursor");
    let args = ["watch", &n, "-o", "jsonl", "--retry-for", "1s", "--cursor-file", &cursor];
    let mut watch = person.follow(args);
    until(&cursor);
    common::send(server.id(), 2);
    assert!(matches!(server.wait(), Some(0 | 130)), "{}", server.log());
    watch.signal(2);
    assert_eq!(watch.finish().0, 130);
    assert_eq!(world.card("applicant", &n)["status"], "submitted");
}

#[test]
fn an_address_at_which_no_server_can_listen_is_refused() {
    let world = World::local();
    let serve = |listen: &str| {
        world.anonymous().run(["serve", "--listen", listen, "--database", &world.database(), "-o", "json"])
    };
    serve("localhost").code(2);
    serve("127.0.0.1:99999").code(2);
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let run = serve(&taken.local_addr().expect("an address").to_string());
    assert!([1, 10].contains(&run.status), "{run:?}");
}

#[test]
fn a_server_without_a_database_is_10() {
    let world = World::empty();
    let file = world.file("plain", b"x");
    let database = format!("sqlite:{file}/a.db");
    world.anonymous().run(["serve", "--listen", "127.0.0.1:0", "--database", &database]).code(10);
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

/// A filter that does not end.
const ENDLESS: [&str; 5] = ["list", "--jq", "last(repeat(1))", "-o", "json"];

#[test]
fn an_endless_filter_is_ended_by_the_time_limit() {
    let world = World::local();
    world.filed();
    let error = world.run(ENDLESS.iter().chain(&["--timeout", "1s"])).code(8).error();
    assert_eq!(error["code"], "timeout");
}

#[test]
fn an_endless_filter_is_ended_by_ctrl_c() {
    let world = World::local();
    world.filed();
    let going = world.by("applicant").start(ENDLESS);
    sleep(Duration::from_secs(1));
    going.signal(2);
    assert_eq!(going.finish().code(130).error()["code"], "interrupted");
}

#[test]
fn a_pipe_without_a_writer_is_not_waited_for() {
    let world = World::local();
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
