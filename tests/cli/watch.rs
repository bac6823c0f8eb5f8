//! Following changes: none is missed and none repeated, whatever happens to the platform, the network, and the watching
//! process.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::common;
use crate::common::flaky_proxy::FlakyProxy;
use crate::common::{Following, Person, Server, World, http};
use serde_json::{Value, json};

over_both!(
    waiting_for_a_status_that_cannot_come,
    a_draft_is_followed_under_its_number,
    a_failed_command_is_run_again_before_the_place_moves,
);

/// Number of restarts of the platform during a watch.
const RESTARTS: usize = 21;

/// Waits until a condition holds.
fn until(what: &str, mut there: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !there() {
        assert!(begun.elapsed() < Duration::from_secs(60), "{what}: not there");
        sleep(Duration::from_millis(10));
    }
}

/// Starts `watch` with a cursor file of this name, and returns when it is connected.
fn watching(world: &World, person: &Person, name: &str, more: &[&str]) -> Following {
    let cursor = world.join(name);
    let base = ["watch", "-o", "jsonl", "--cursor-file", &cursor];
    let following = person.follow(base.iter().chain(more));
    until(name, || Path::new(&cursor).exists());
    following
}

/// Comments on an appeal, directly on the platform rather than through a proxy.
fn comment(port: u16, token: &str, number: &str, text: &str) {
    let body = json!({ "text": text }).to_string();
    let key = http::sha256(text.as_bytes());
    let headers = [("content-type", "application/json"), ("idempotency-key", key.as_str())];
    let path = format!("/v1/appeals/{number}/comments");
    let answer = http::call(port, token, "POST", &path, &headers, body.as_bytes());
    assert!(answer.status < 300, "{answer:?}");
}

/// Files several appeals in one commit.
fn batch(port: u16, token: &str, key: &str) {
    let record = |n: usize| {
        let appeal = json!({"subject": common::SUBJECT, "text": format!("{} {key}-{n}", common::TEXT), "category": "roads"});
        json!({"key": format!("{key}-{n}"), "appeal": appeal}).to_string() + "\n"
    };
    let body: String = (0..12).map(record).collect();
    let headers = [("content-type", "application/jsonl"), ("idempotency-key", key)];
    let answer = http::call(port, token, "POST", "/v1/appeals/batch", &headers, body.as_bytes());
    assert_eq!(answer.status, 200, "{answer:?}");
}

fn parsed(lines: &[String]) -> Vec<Value> {
    lines.iter().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
}

/// Returns every change that the applicant may see.
fn truth(world: &World) -> Vec<Value> {
    world.locally("applicant").run(["changes", "--since", "1d", "-o", "jsonl"]).ok().jsonl()
}

fn of(changes: &[Value], number: &str) -> Vec<Value> {
    changes.iter().filter(|change| change["number"] == number).cloned().collect()
}

#[test]
fn restarts_and_broken_streams_lose_nothing_and_repeat_nothing() {
    let world = World::local();
    let first = world.filed();
    let second = world.filed();
    let before = truth(&world).len();
    let token = world.token("applicant");
    let mut server = Server::start(&world, &[]);
    let port = server.port;
    let open = FlakyProxy::to(port, 7, true);
    let closed = FlakyProxy::to(port, 11, false);
    let through =
        |proxy: &FlakyProxy| world.anonymous().env("APPEAL_SERVER", proxy.url()).env("APPEAL_TOKEN", &token);
    let mut all = watching(&world, &through(&open), "all", &[]);
    let mut one = watching(&world, &through(&open), "one", &[&second]);
    let mut polling = watching(&world, &through(&closed), "polling", &[]);
    let mut local = watching(&world, &world.locally("applicant"), "local", &[]);
    open.unreliable();
    closed.unreliable();
    for round in 0..RESTARTS {
        comment(port, &token, &first, &format!("{round}: есть новости? {}", "Й".repeat(round * 20)));
        batch(port, &token, &format!("batch-{round}"));
        comment(port, &token, &second, &format!("{round}: а здесь?"));
        // Every third time it is stopped by a signal, otherwise killed.
        if round % 3 == 0 {
            common::send(server.id(), 15);
            server.wait();
        } else {
            server.kill();
        }
        server = Server::start_on(&world, port, &[]);
    }
    // If the restarts were quick, the proxies need more time for failures.
    until("failures", || open.cuts() >= 20 && closed.cuts() >= 3);
    comment(port, &token, &second, "последнее");
    open.reliable();
    closed.reliable();
    let truth = truth(&world).split_off(before);
    assert_eq!(truth.len(), RESTARTS * 14 + 1);
    let last = truth.last().unwrap()["cursor"].as_str().unwrap().to_owned();
    let expected = [truth.clone(), of(&truth, &second), truth.clone(), truth];
    for (who, expected) in [&mut all, &mut one, &mut polling, &mut local].into_iter().zip(expected) {
        who.until("the last change", |line| line.contains(&last));
        who.signal(2);
        let (code, stderr) = who.finish();
        assert_eq!(code, 130, "{stderr}");
        assert_eq!(parsed(&who.seen), expected);
    }
}

#[test]
fn a_watch_that_is_killed_goes_on_where_it_was() {
    let world = World::served();
    let (number, token, port) = (world.filed(), world.token("applicant"), world.server_port().unwrap());
    let cursor = world.join("cursor");
    world.run(["changes", "--cursor-file", &cursor]).ok();
    let begun = truth(&world).len();
    let out = world.join("printed");
    let run = |more: &[&str]| {
        let file = std::fs::OpenOptions::new().append(true).create(true).open(&out).unwrap();
        let base = ["watch", "-o", "jsonl", "--cursor-file", &cursor];
        let mut command = world.by("applicant").command(base.iter().chain(more));
        command.stdin(Stdio::null()).stdout(file).stderr(Stdio::null()).spawn().expect("it starts")
    };
    let mut kills = 0;
    for round in 0..12 {
        comment(port, &token, &number, &format!("{round}: до начала"));
        // Killed twice at the worst moment: the change is printed, but the cursor is not saved yet.
        if round % 6 == 5 {
            let status = run(&["--exec", "kill -9 $PPID"]).wait().unwrap();
            assert_eq!(status.code(), None);
        } else {
            let mut child = run(&[]);
            for n in 0..5 {
                comment(port, &token, &number, &format!("{round}.{n}"));
                sleep(Duration::from_millis(round * 7));
            }
            child.kill().unwrap();
            child.wait().unwrap();
        }
        kills += 1;
    }
    world.run(["cancel", &number]).ok();
    assert!(run(&["--until", "cancelled"]).wait().unwrap().success());
    let text = std::fs::read_to_string(&out).unwrap();
    let printed = parsed(&text.lines().map(str::to_owned).collect::<Vec<_>>());
    let truth = truth(&world).split_off(begun);
    let mut once = printed.clone();
    once.dedup();
    assert_eq!(once, truth, "all of it, in order, and repeated at most at once");
    let repeated = printed.len() - once.len();
    assert!((2..=kills).contains(&repeated), "{repeated}");
    assert_eq!(world.run(["changes", "--cursor-file", &cursor, "-o", "json"]).ok().json(), json!([]));
    // No temporary files are left.
    let left = std::fs::read_dir(world.path()).unwrap().flatten();
    let left: Vec<_> =
        left.map(|e| e.file_name()).filter(|n| n.to_string_lossy().ends_with(".new")).collect();
    assert!(left.is_empty(), "{left:?}");
}

fn a_failed_command_is_run_again_before_the_place_moves(world: &World) {
    let number = world.filed();
    let (cursor, log) = (world.join("retry"), world.join("retry.log"));
    // Succeeds on every third run; prints the cursor saved in the meantime, and a line of text.
    let command = format!(
        "echo printed; printf '%s %s\\n' \"$(cat '{cursor}')\" \"$APPEAL_CURSOR\" >> '{log}'; \
         test $(($(wc -l < '{log}') % 3)) = 0"
    );
    let more = [&number, "--until", "cancelled", "--exec", &command, "--exec-retry"];
    let mut retrying = watching(world, &world.by("applicant"), "retry", &more);
    let start = std::fs::read_to_string(&cursor).unwrap().trim().to_owned();
    let more = [&number, "--until", "cancelled", "--exec", "cat; exit 3"];
    let mut reporting = watching(world, &world.by("applicant"), "reporting", &more);
    world.run(["comment", &number, "--text", "Есть новости?"]).ok();
    world.run(["cancel", &number]).ok();
    let (code, stderr) = retrying.finish();
    assert_eq!(code, 0, "{stderr}");
    let printed_once = parsed(&retrying.seen);
    let at = |n: usize| printed_once[n]["cursor"].as_str().unwrap().to_owned();
    assert_eq!(printed_once.len(), 2);
    let log = std::fs::read_to_string(&log).unwrap();
    let seen: Vec<&str> = log.lines().collect();
    let (first, second) = (format!("{start} {}", at(0)), format!("{} {}", at(0), at(1)));
    assert_eq!(seen, [&first, &first, &first, &second, &second, &second]);
    assert_eq!(std::fs::read_to_string(&cursor).unwrap().trim(), at(1));
    // Each failure is reported, and so is the output of the command, separate from the lines for programs.
    assert_eq!((stderr.matches("failed").count(), stderr.matches("printed").count()), (4, 6), "{stderr}");
    let (code, stderr) = reporting.finish();
    assert_eq!((code, stderr.matches("exit status: 3").count()), (0, 2), "{stderr}");
    assert_eq!(parsed(&reporting.seen), printed_once);
    assert!(stderr.contains("\"commented\""), "{stderr}");
}

fn waiting_for_a_status_that_cannot_come(world: &World) {
    let (passed, merged, open) = (&world.filed(), &world.filed(), &world.filed());
    let operator = world.by("operator");
    let wait = |args: &[&str]| world.by("applicant").start(["wait", "--timeout", "60s"].iter().chain(args));
    // Merged while waiting.
    let gone = wait(&[merged, open, "--for", "answered", "-o", "json"]);
    let closed = wait(&[merged, "--for", "closed,answered", "-q"]);
    operator.run(["operator", "take", passed]).ok();
    operator.run(["operator", "merge", merged, "--into", passed]).ok();
    let run = gone.finish().code(6);
    assert_eq!(run.json(), json!([]));
    assert_eq!(run.error()["details"], json!([{"number": merged, "status": "closed"}]));
    assert_eq!(closed.finish().ok().line(), merged);
    // The status has passed and cannot come again. Events up to that point are printed before.
    let run = wait(&[open, passed, "--for", "submitted", "-o", "json"]).finish().code(6);
    assert_eq!(run.json()[0]["number"], json!(open));
    assert_eq!(run.error()["code"], "wait_in_vain");
    assert_eq!(run.error()["details"], json!([{"number": passed, "status": "in_progress"}]));
    wait(&[open, "--for", "draft"]).finish().code(6);
    // Ended in another way.
    operator.run(["operator", "refuse", open, "--reason", "Дорога не городская."]).ok();
    wait(&[open, "--for", "answered,in_progress"]).finish().code(6);
    // Reached already: returns at once, each number once; one number is an object, several are an array.
    assert_eq!(wait(&[open, "--for", "rejected", "-o", "json"]).finish().ok().json()["number"], json!(open));
    let twice = wait(&[open, merged, open, "--for", "rejected,closed", "-o", "json", "--jq", ".number"]);
    assert_eq!(twice.finish().ok().lines(), [open, merged]);
    let run = wait(&[open, merged, "--for", "rejected,closed", "-o", "json"]).finish().ok();
    assert_eq!(run.json().as_array().map(Vec::len), Some(2));
    wait(&["D-AAAAAAAA", open, "--for", "rejected"]).finish().code(5);
}

fn a_draft_is_followed_under_its_number(world: &World) {
    let draft =
        ["create", "--draft", "--subject", common::SUBJECT, "--text", common::TEXT, "--category", "roads"];
    let draft = &world.run(draft.iter().chain(&["-q"])).ok().line().to_owned();
    let waiting =
        world.by("applicant").start(["wait", draft, "--for", "in_progress", "-q", "--timeout", "60s"]);
    let mut watch = watching(world, &world.by("applicant"), "draft", &[draft, "--until", "in_progress"]);
    let number = &world.run(["submit", draft, "-q"]).ok().line().to_owned();
    world.by("operator").run(["operator", "take", number]).ok();
    assert_eq!(waiting.finish().ok().line(), number);
    assert_eq!(watch.finish().0, 0);
    let events: Vec<Value> = parsed(&watch.seen).iter().map(|c| json!([c["number"], c["event"]])).collect();
    assert_eq!(events, [json!([number, "submitted"]), json!([number, "taken"])]);
}

#[test]
fn a_watch_survives_a_restore_but_not_a_revoked_token() {
    let world = World::local();
    let number = world.filed();
    let (token, database) = (world.token("applicant"), world.database());
    let created =
        ["auth", "token", "create", "--for", "applicant", "--scope", "read", "--expires", "1d", "-o", "json"];
    let doomed = world.locally("admin").run(created).ok().json();
    let server = Server::start(&world, &[]);
    let port = server.port;
    let by = |token: &str| world.anonymous().env("APPEAL_SERVER", &server.url).env("APPEAL_TOKEN", token);
    let mut live = watching(&world, &by(&token), "live", &[]);
    let mut later = watching(&world, &by(&token), "later", &[]);
    let mut out = watching(&world, &by(doomed["token"].as_str().unwrap()), "out", &[]);
    comment(port, &token, &number, "до копии");
    let backup = world.join("backup.zip");
    world.locally("admin").run(["admin", "backup", &backup]).ok();
    comment(port, &token, &number, "после копии");
    for watch in [&mut live, &mut later] {
        watch.until("a second comment", {
            let mut seen = 0;
            move |_| {
                seen += 1;
                seen == 2
            }
        });
    }
    // The cursor is saved after the line just read.
    sleep(Duration::from_millis(300));
    later.signal(9);
    later.finish();
    server.kill();
    world.locally("admin").run(["--database", &database, "admin", "restore", &backup, "--force"]).ok();
    world.locally("applicant").run(["auth", "token", "revoke", doomed["id"].as_str().unwrap()]).ok();
    // Before anyone has reconnected.
    world.locally("applicant").run(["comment", &number, "--text", "после восстановления"]).ok();
    let restored = Server::start_on(&world, port, &[]);
    let (code, stderr) = out.finish();
    assert_eq!(code, 4, "{stderr}");
    comment(port, &token, &number, "и ещё");
    let truth = truth(&world);
    let expected = &truth[truth.len() - 2..];
    let last = expected[1]["cursor"].as_str().unwrap().to_owned();
    live.until("the last change", |line| line.contains(&last));
    assert_eq!(parsed(&live.seen[2..]), expected, "those after the restore, and none twice");
    live.signal(15);
    let (code, stderr) = live.finish();
    assert_eq!(code, 130, "{stderr}");
    // A later run starts at the time its file was written: it may repeat some changes, but omits none.
    let run = by(&token).run(["changes", "--cursor-file", &world.join("later"), "-o", "jsonl"]).ok();
    assert!(run.jsonl().ends_with(expected), "{run:?}");
    assert!(by(&token).run(["changes", "--cursor-file", &world.join("later"), "-q"]).ok().out().is_empty());
    drop(restored);
}

#[test]
fn it_ends_as_a_script_expects() {
    let world = World::local();
    let number = world.filed();
    let person = world.locally("applicant");
    // Only one process at a time may use a file.
    let mut watch = watching(&world, &person, "held", &[]);
    for args in [["changes", "-o", "json"], ["watch", "-o", "json"]] {
        let run = person.run(args.iter().chain(&["--cursor-file", &world.join("held")])).code(6);
        assert_eq!(run.error()["code"], "cursor_busy");
    }
    watch.signal(15);
    assert_eq!(watch.finish().0, 130);
    // A reader that closes the pipe is not a failure, even if nothing else happens.
    let mut child = person
        .command(["watch", "-o", "jsonl"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let begun = Instant::now();
    for n in 0.. {
        assert!(begun.elapsed() < Duration::from_secs(60), "it does not notice");
        person.run(["comment", &number, "--text", &format!("{n}")]).ok();
        if n > 0 {
            break;
        }
        // The first one may precede the subscription, the second one does not.
        sleep(Duration::from_secs(2));
    }
    assert!(lines.next().unwrap().unwrap().contains("commented"));
    drop(lines);
    until("the end", || child.try_wait().unwrap().is_some());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    // JSON is complete after an interruption by either signal, and after a timeout.
    for signal in [2, 15] {
        let cursor = world.join(&format!("signal-{signal}"));
        let going = person.start(["watch", "-o", "json", "--cursor-file", &cursor]);
        until("its place", || Path::new(&cursor).exists());
        let place = std::fs::read_to_string(&cursor).unwrap();
        person.run(["comment", &number, "--text", "Есть новости?"]).ok();
        until("a line", || std::fs::read_to_string(&cursor).unwrap() != place);
        going.signal(signal);
        let run = going.finish().code(130);
        assert_eq!(run.json()[0]["event"], "commented");
        assert_eq!(run.error()["code"], "interrupted");
    }
    assert_eq!(person.run(["watch", "-o", "json", "--timeout", "1s"]).code(8).json(), json!([]));
}
