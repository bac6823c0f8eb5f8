//! Following changes: none is missed and none repeated, whatever happens to the platform, the network, and the watching
//! process.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::common;
use crate::common::flaky_proxy::FlakyProxy;
use crate::common::{Following, Going, Person, Server, World, http};
use serde_json::{Value, json};

over_both!(
    a_wait_ends_if_its_appeal_is_merged,
    waiting_for_a_status_that_cannot_come,
    a_status_that_was_reached_is_not_waited_for,
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

/// Comments, files and restarts the server, again and again. Every third time it is stopped by a signal, otherwise
/// killed.
fn restarted(world: &World, mut server: Server, token: &str, numbers: [&str; 2]) -> Server {
    let port = server.port;
    for round in 0..RESTARTS {
        comment(port, token, numbers[0], &format!("{round}: есть новости? {}", "Й".repeat(round * 20)));
        batch(port, token, &format!("batch-{round}"));
        comment(port, token, numbers[1], &format!("{round}: а здесь?"));
        if round % 3 == 0 {
            common::send(server.id(), 15);
            server.wait();
        } else {
            server.kill();
        }
        server = Server::start_on(world, port, &[]);
    }
    server
}

#[test]
fn restarts_and_broken_streams_lose_nothing_and_repeat_nothing() {
    let world = World::local();
    let (first, second) = (world.filed(), world.filed());
    let before = truth(&world).len();
    let token = world.token("applicant");
    let server = Server::start(&world, &[]);
    let port = server.port;
    let (open, closed) = (FlakyProxy::to(port, 7, true), FlakyProxy::to(port, 11, false));
    let through =
        |proxy: &FlakyProxy| world.anonymous().env("APPEAL_SERVER", proxy.url()).env("APPEAL_TOKEN", &token);
    let mut watches = [
        watching(&world, &through(&open), "all", &[]),
        watching(&world, &through(&open), "one", &[&second]),
        watching(&world, &through(&closed), "polling", &[]),
        watching(&world, &world.locally("applicant"), "local", &[]),
    ];
    open.unreliable();
    closed.unreliable();
    let _server = restarted(&world, server, &token, [&first, &second]);
    // If the restarts were quick, the proxies need more time for failures.
    until("failures", || open.cuts() >= 20 && closed.cuts() >= 3);
    comment(port, &token, &second, "последнее");
    open.reliable();
    closed.reliable();
    let truth = truth(&world).split_off(before);
    assert_eq!(truth.len(), RESTARTS * 14 + 1);
    let last = truth.last().unwrap()["cursor"].as_str().unwrap().to_owned();
    let expected = [truth.clone(), of(&truth, &second), truth.clone(), truth];
    for (watch, expected) in watches.iter_mut().zip(expected) {
        watch.until("the last change", |line| line.contains(&last));
        assert_eq!(interrupted(watch, 2), expected);
    }
}

/// Ends a watch by a signal; returns what it printed.
fn interrupted(watch: &mut Following, signal: i32) -> Vec<Value> {
    watch.signal(signal);
    let (code, stderr) = watch.finish();
    assert_eq!(code, 130, "{stderr}");
    parsed(&watch.seen)
}

/// A watch with a cursor file that is killed and started again; everything it prints goes to one file.
struct Killed {
    world: World,
    number: String,
    cursor: String,
    out: String,
    /// The number of changes before it started.
    begun: usize,
}

impl Killed {
    fn new() -> Killed {
        let world = World::served();
        let (number, cursor, out) = (world.filed(), world.join("cursor"), world.join("printed"));
        world.run(["changes", "--cursor-file", &cursor]).ok();
        let begun = truth(&world).len();
        Killed { world, number, cursor, out, begun }
    }

    fn start(&self, more: &[&str]) -> std::process::Child {
        let file = std::fs::OpenOptions::new().append(true).create(true).open(&self.out).unwrap();
        let base = ["watch", "-o", "jsonl", "--cursor-file", &self.cursor];
        let mut command = self.world.by("applicant").command(base.iter().chain(more));
        command.stdin(Stdio::null()).stdout(file).stderr(Stdio::null()).spawn().expect("it starts")
    }

    fn comment(&self, text: &str) {
        let port = self.world.server_port().unwrap();
        comment(port, &self.world.token("applicant"), &self.number, text);
    }

    /// Kills it at the worst moment: a change is printed, but the cursor is not saved yet.
    fn kill_after_printing(&self) {
        let status = self.start(&["--exec", "kill -9 $PPID"]).wait().unwrap();
        assert_eq!(status.code(), None);
    }

    /// Kills it while changes come.
    fn kill_between_changes(&self, round: u64) {
        let mut child = self.start(&[]);
        for n in 0..5 {
            self.comment(&format!("{round}.{n}"));
            sleep(Duration::from_millis(round * 7));
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Lets it end; returns everything it printed.
    fn ended(&self) -> Vec<Value> {
        self.world.run(["cancel", &self.number]).ok();
        assert!(self.start(&["--until", "cancelled"]).wait().unwrap().success());
        let text = std::fs::read_to_string(&self.out).unwrap();
        parsed(&text.lines().map(str::to_owned).collect::<Vec<_>>())
    }
}

#[test]
fn a_watch_that_is_killed_goes_on_where_it_was() {
    const KILLS: u64 = 12;
    let watch = Killed::new();
    for round in 0..KILLS {
        watch.comment(&format!("{round}: до начала"));
        if round % 6 == 5 { watch.kill_after_printing() } else { watch.kill_between_changes(round) }
    }
    let printed = watch.ended();
    let truth = truth(&watch.world).split_off(watch.begun);
    let mut once = printed.clone();
    once.dedup();
    assert_eq!(once, truth, "all of it, in order, and repeated only at once");
    let repeated = printed.len() - once.len();
    assert!((2..=KILLS).contains(&(repeated as u64)), "{repeated}");
    let look = ["changes", "--cursor-file", &watch.cursor, "-o", "json"];
    assert_eq!(watch.world.run(look).ok().json(), json!([]));
    // No temporary files are left.
    let left = std::fs::read_dir(watch.world.path()).unwrap().flatten();
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

/// Starts to wait.
fn waiting(world: &World, args: &[&str]) -> Going {
    world.by("applicant").start(["wait", "--timeout", "60s"].iter().chain(args))
}

fn a_wait_ends_if_its_appeal_is_merged(world: &World) {
    let (kept, merged, open) = (&world.filed(), &world.filed(), &world.filed());
    let gone = waiting(world, &[merged, open, "--for", "answered", "-o", "json"]);
    let closed = waiting(world, &[merged, "--for", "closed,answered", "-q"]);
    world.by("operator").run(["operator", "take", kept]).ok();
    world.by("operator").run(["operator", "merge", merged, "--into", kept]).ok();
    let run = gone.finish().code(6);
    assert_eq!(run.json(), json!([]));
    assert_eq!(run.error()["details"], json!([{"number": merged, "status": "closed"}]));
    assert_eq!(closed.finish().ok().line(), merged);
}

fn waiting_for_a_status_that_cannot_come(world: &World) {
    let (passed, open) = (&world.filed(), &world.filed());
    world.by("operator").run(["operator", "take", passed]).ok();
    // The status has passed and cannot come again. Appeals before that one are printed.
    let run = waiting(world, &[open, passed, "--for", "submitted", "-o", "json"]).finish().code(6);
    assert_eq!(run.json()[0]["number"], json!(open));
    assert_eq!(run.error()["code"], "wait_in_vain");
    assert_eq!(run.error()["details"], json!([{"number": passed, "status": "in_progress"}]));
    waiting(world, &[open, "--for", "draft"]).finish().code(6);
    // Ended in another way.
    world.by("operator").run(["operator", "refuse", open, "--reason", "Дорога не городская."]).ok();
    waiting(world, &[open, "--for", "answered,in_progress"]).finish().code(6);
    waiting(world, &["D-AAAAAAAA", open, "--for", "rejected"]).finish().code(5);
}

/// Returns at once, each number once; one number is an object, several are an array.
fn a_status_that_was_reached_is_not_waited_for(world: &World) {
    let (one, two) = (&world.filed(), &world.filed());
    world.run(["cancel", one]).ok();
    world.run(["cancel", two]).ok();
    let wait = |args: &[&str]| {
        let base = ["wait", "--timeout", "60s", "--for", "cancelled", "-o", "json"];
        world.run(base.iter().chain(args)).ok()
    };
    assert_eq!(wait(&[one]).json()["number"], json!(one));
    assert_eq!(wait(&[one, two, one, "--jq", ".number"]).lines(), [one, two]);
    assert_eq!(wait(&[one, two]).json().as_array().map(Vec::len), Some(2));
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

/// A platform whose backup is restored under running watches.
struct Restored {
    world: World,
    number: String,
    token: String,
    backup: String,
    server: Server,
}

impl Restored {
    fn new() -> Restored {
        let world = World::local();
        let (number, token, backup) = (world.filed(), world.token("applicant"), world.join("backup.zip"));
        let server = Server::start(&world, &[]);
        Restored { world, number, token, backup, server }
    }

    /// A person with this token.
    fn by(&self, token: &str) -> Person {
        self.world.anonymous().env("APPEAL_SERVER", &self.server.url).env("APPEAL_TOKEN", token)
    }

    /// Comments before and after a backup, and waits until a watch has printed both.
    fn backed_up(&self, watches: &mut [&mut Following]) {
        comment(self.server.port, &self.token, &self.number, "до копии");
        self.world.locally("admin").run(["admin", "backup", &self.backup]).ok();
        comment(self.server.port, &self.token, &self.number, "после копии");
        for watch in watches {
            let mut seen = 0;
            watch.until("a second comment", |_| {
                seen += 1;
                seen == 2
            });
        }
    }

    /// Restores the backup and comments before anyone has reconnected, and once more after that.
    fn restored(&mut self) {
        let (port, database) = (self.server.port, self.world.database());
        self.server.kill();
        let restore = ["--database", &database, "admin", "restore", &self.backup, "--force"];
        self.world.locally("admin").run(restore).ok();
        let text = "после восстановления";
        self.world.locally("applicant").run(["comment", &self.number, "--text", text]).ok();
        self.server = Server::start_on(&self.world, port, &[]);
        comment(port, &self.token, &self.number, "и ещё");
    }

    /// Returns the two changes after the restore.
    fn news(&self) -> Vec<Value> {
        let mut truth = truth(&self.world);
        truth.split_off(truth.len() - 2)
    }
}

#[test]
fn a_watch_goes_on_after_a_restore() {
    let mut platform = Restored::new();
    let mut watch = watching(&platform.world, &platform.by(&platform.token), "live", &[]);
    platform.backed_up(&mut [&mut watch]);
    platform.restored();
    let news = platform.news();
    let last = news[1]["cursor"].as_str().unwrap();
    watch.until("the last change", |line| line.contains(last));
    assert_eq!(interrupted(&mut watch, 15)[2..], news, "those after the restore, and none twice");
}

/// A later run starts at the time its file was written: it may repeat some changes, but omits none.
#[test]
fn a_cursor_file_goes_on_after_a_restore() {
    let mut platform = Restored::new();
    let mut watch = watching(&platform.world, &platform.by(&platform.token), "later", &[]);
    platform.backed_up(&mut [&mut watch]);
    // The cursor is saved after the line just read.
    let saved = truth(&platform.world).last().unwrap()["cursor"].as_str().unwrap().to_owned();
    let file = platform.world.join("later");
    until("the cursor", || std::fs::read_to_string(&file).unwrap().contains(&saved));
    watch.signal(9);
    watch.finish();
    platform.restored();
    let look = |format: &str| {
        platform.by(&platform.token).run(["changes", "--cursor-file", &file, "-o", format]).ok()
    };
    let run = look("jsonl");
    assert!(run.jsonl().ends_with(&platform.news()), "{run:?}");
    assert!(look("plain").out().is_empty());
}

#[test]
fn a_watch_ends_if_its_token_was_revoked() {
    let world = World::local();
    let created =
        ["auth", "token", "create", "--for", "applicant", "--scope", "read", "--expires", "1d", "-o", "json"];
    let doomed = world.locally("admin").run(created).ok().json();
    let server = Server::start(&world, &[]);
    let person = world.anonymous().env("APPEAL_SERVER", &server.url);
    let person = person.env("APPEAL_TOKEN", doomed["token"].as_str().unwrap());
    let mut watch = watching(&world, &person, "out", &[]);
    let port = server.port;
    server.kill();
    world.locally("applicant").run(["auth", "token", "revoke", doomed["id"].as_str().unwrap()]).ok();
    let _server = Server::start_on(&world, port, &[]);
    let (code, stderr) = watch.finish();
    assert_eq!(code, 4, "{stderr}");
}

#[test]
fn a_cursor_file_is_used_by_one_process() {
    let world = World::local();
    let person = world.locally("applicant");
    let mut watch = watching(&world, &person, "held", &[]);
    for args in [["changes", "-o", "json"], ["watch", "-o", "json"]] {
        let run = person.run(args.iter().chain(&["--cursor-file", &world.join("held")])).code(6);
        assert_eq!(run.error()["code"], "cursor_busy");
    }
    interrupted(&mut watch, 15);
}

/// A reader that closes the pipe is not a failure, even if nothing else happens.
#[test]
fn a_watch_ends_when_nobody_reads_it() {
    let world = World::local();
    let number = world.filed();
    let cursor = world.join("cursor");
    let mut watch = world.by("applicant").command(["watch", "-o", "jsonl", "--cursor-file", &cursor]);
    watch.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = watch.spawn().unwrap();
    until("the cursor", || Path::new(&cursor).exists());
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    world.run(["comment", &number, "--text", "Есть новости?"]).ok();
    assert!(lines.next().unwrap().unwrap().contains("commented"));
    drop(lines);
    until("the end", || child.try_wait().unwrap().is_some());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn json_of_an_interrupted_watch_is_complete() {
    let world = World::local();
    let number = world.filed();
    let person = world.by("applicant");
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
