//! A text is never lost: whatever happens to the request, `appeal unsent` lists it and sends it once.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::common::http::Proxy;
use crate::common::{Person, Run, SUBJECT, TEXT, World, samples};
use serde_json::{Value, json};

/// Returns the stored files.
fn kept(world: &World) -> Vec<PathBuf> {
    let dir = world.path().join("state/appeal/unsent");
    let Ok(entries) = std::fs::read_dir(dir) else { return Vec::new() };
    // A file whose writing has not ended has another name.
    let written = |path: &PathBuf| path.extension().is_some_and(|ending| ending != "part");
    let mut all: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).filter(written).collect();
    all.sort();
    all
}

/// Returns the output of `unsent list`.
fn listed(world: &World) -> Vec<Value> {
    world.run(["unsent", "list", "-o", "json"]).ok().json().as_array().unwrap().clone()
}

/// Returns the id of the stored text, as named in the error.
#[track_caller]
fn id(run: &Run) -> String {
    let error = run.error();
    let id = error["details"][0]["unsent"].as_str().unwrap_or_else(|| panic!("nothing is kept: {error}"));
    assert_eq!(error["details"][0]["command"], format!("appeal unsent send {id}"));
    assert!(
        error["hint"].as_str().is_some_and(|hint| hint.contains(&format!("appeal unsent send {id}"))),
        "{error}"
    );
    id.to_owned()
}

/// Returns the same person with a platform that does not respond.
fn cut_off(person: &Person) -> Person {
    person
        .clone()
        .env("APPEAL_SERVER", "http://127.0.0.1:9")
        .env("APPEAL_RETRY_FOR", "0s")
        .env("APPEAL_TOKEN", "x")
}

fn nobody_there(world: &World) -> Person {
    cut_off(&world.anonymous())
}

/// Runs a command with a platform that does not respond; returns the id of the stored text.
#[track_caller]
fn keep(world: &World, args: &[&str]) -> String {
    id(&nobody_there(world).run([args, &["-o", "json"]].concat()).code(7))
}

/// Sends a person's unsent text to the platform they use.
fn send(world: &World, login: &str, id: &str) -> Run {
    let server = world.serve().url.clone();
    world.by(login).run(["unsent", "send", id, "--server", &server, "-o", "json"])
}

/// Runs a command whose response is lost, and sends the stored text; nothing is stored afterwards.
#[track_caller]
fn lost_and_sent(world: &World, login: &str, args: &[&str]) {
    let losing = Proxy::losing_answers_to(world.server_port().unwrap(), "POST /v1/appeals");
    let lost = world.by(login).env("APPEAL_SERVER", losing.url()).env("APPEAL_RETRY_FOR", "0s");
    let id = id(&lost.run([args, &["-o", "json"]].concat()).code(7));
    send(world, login, &id).ok();
    assert_eq!(kept(world), Vec::<PathBuf>::new());
}

const LINES: &str = "Первая строка.\r\n  'Кавычки' \"и\" $HOME\n\n";

/// Creates an answered appeal.
fn answered(world: &World) -> String {
    let number = world.filed();
    let operator = world.by("operator");
    operator.run(["operator", "take", &number]).ok();
    operator.run(["operator", "answer", &number, "--decision", "granted", "--text", "Сделано."]).ok();
    number
}

#[test]
fn a_comment_whose_answer_was_lost_is_there_once() {
    let world = World::served();
    let number = world.filed();
    lost_and_sent(&world, "applicant", &["comment", &number, "--text", LINES]);
    let card = world.card("applicant", &number);
    let texts: Vec<&Value> = card["comments"].as_array().unwrap().iter().map(|c| &c["text"]).collect();
    assert_eq!(texts, [LINES]);
}

#[test]
fn an_escalation_whose_answer_was_lost_is_there_once() {
    let world = World::served();
    let number = world.filed();
    let args = ["escalate", &number, "--level", "regional", "--grounds", "critical", "--reason", LINES];
    lost_and_sent(&world, "applicant", &args);
    let card = world.card("applicant", &number);
    assert_eq!(card["escalations"].as_array().unwrap().len(), 1);
    assert_eq!(card["escalations"][0]["reason"], LINES);
}

#[test]
fn a_repeat_whose_answer_was_lost_is_filed_once() {
    let world = World::served();
    let number = answered(&world);
    lost_and_sent(&world, "applicant", &["repeat", &number, "--grounds", "incomplete", "--text", LINES]);
    assert_eq!(world.card("applicant", &number)["repeats"].as_array().unwrap().len(), 1);
}

#[test]
fn a_rating_is_sent_later_with_all_that_belongs_to_it() {
    let world = World::served();
    let number = answered(&world);
    let id = keep(&world, &["rate", &number, "--score", "2", "--category", "legal", "--remarks", LINES]);
    send(&world, "applicant", &id).ok();
    let review = &world.card("applicant", &number)["review"];
    assert_eq!((&review["score"], &review["remarks"]), (&json!(2), &LINES.into()));
}

#[test]
fn a_reply_is_sent_later() {
    let world = World::served();
    let number = world.filed();
    world.by("operator").run(["operator", "ask", &number, "--text", "Где?"]).ok();
    let id = keep(&world, &["reply", &number, "--text", "Здесь."]);
    send(&world, "applicant", &id).ok();
    assert_eq!(world.card("applicant", &number)["clarification"], Value::Null);
}

#[test]
fn an_answer_whose_answer_was_lost_is_given_once() {
    let world = World::served();
    let number = world.filed();
    world.by("operator").run(["operator", "take", &number]).ok();
    let args = ["operator", "answer", &number, "--decision", "granted", "--text", LINES];
    lost_and_sent(&world, "operator", &args);
    assert_eq!(world.card("operator", &number)["answers"].as_array().unwrap().len(), 1);
}

#[test]
fn an_internal_comment_stays_internal() {
    let world = World::served();
    let number = world.filed();
    let id = keep(&world, &["operator", "comment", &number, "--internal", "--text", "Для своих."]);
    send(&world, "operator", &id).ok();
    assert_eq!(world.card("operator", &number)["comments"][0]["internal"], true);
    assert_eq!(world.card("applicant", &number)["comments"].as_array().unwrap().len(), 0);
}

#[test]
fn a_registration_is_filed_for_its_applicant() {
    let world = World::served();
    let id = keep(
        &world,
        &[
            "operator",
            "register",
            "--for",
            "applicant",
            "--channel",
            "phone",
            "--category",
            "roads",
            "--subject",
            SUBJECT,
            "--text",
            TEXT,
        ],
    );
    let filed = send(&world, "operator", &id).ok().json();
    assert_eq!((&filed["channel"], &filed["applicant"]["login"]), (&"phone".into(), &"applicant".into()));
}

#[test]
fn an_appeal_is_filed_from_another_folder_with_its_files() {
    let world = World::served();
    let pdf = world.file("letters/scan.pdf", samples::pdf());
    let create =
        ["create", "--subject", SUBJECT, "--text", TEXT, "--category", "roads", "--attach", "scan.pdf"];
    let there = nobody_there(&world).cwd(Path::new(&pdf).parent().unwrap());
    let id = id(&there.run(create.iter().chain(&["-o", "json"])).code(7));
    let filed = send(&world, "applicant", &id).ok().json();
    assert_eq!((&filed["text"], &filed["attachments"][0]["name"]), (&TEXT.into(), &"scan.pdf".into()));
}

#[test]
fn an_appeal_whose_answer_was_lost_is_filed_once() {
    let world = World::served();
    lost_and_sent(
        &world,
        "applicant",
        &["create", "--subject", SUBJECT, "--text", TEXT, "--category", "roads"],
    );
    assert_eq!(world.run(["list", "--all", "-q"]).ok().lines().len(), 1);
}

#[test]
fn changes_to_an_appeal_are_made_later() {
    let world = World::served();
    let draft = world.run(["create", "--draft", "--subject", SUBJECT, "--expected", "Ремонт", "-q"]).ok();
    let edit = ["edit", draft.line(), "--text", "Стало.\n", "--field", "entrance=2", "--expected", ""];
    let card = send(&world, "applicant", &keep(&world, &edit)).ok().json();
    assert_eq!((&card["text"], &card["fields"]["entrance"]), (&"Стало.\n".into(), &"2".into()));
    assert!(card["expected"].as_str().is_none_or(str::is_empty), "{card}");
}

#[test]
fn files_with_a_note_are_added_later() {
    let world = World::served();
    let number = world.filed();
    let pdf = world.file("scan.pdf", samples::pdf());
    let id = keep(&world, &["attach", &number, &pdf, "--note", "Скан письма."]);
    let card = send(&world, "applicant", &id).ok().json();
    assert_eq!(card["attachments"].as_array().unwrap().len(), 1);
}

#[test]
fn a_text_is_sent_to_the_platform_it_is_meant_for() {
    let world = World::served();
    let number = world.filed();
    let me = world.by("applicant");
    let stranger = me.clone().env("APPEAL_TOKEN", "apl_not-a-token");
    let id = id(&stranger.run(["comment", &number, "--text", "Важное.", "-o", "json"]).code(4));
    // Meanwhile the environment names another platform.
    me.env("APPEAL_SERVER", "http://127.0.0.1:9").run(["unsent", "send", &id]).ok();
    assert_eq!(world.card("applicant", &number)["comments"][0]["text"], "Важное.");
}

#[test]
fn what_would_be_refused_again_is_not_kept() {
    let world = World::served();
    let number = world.filed();
    let long = "а".repeat(10_001);
    let early = ["operator", "answer", &number, "--decision", "granted", "--text", "Рано."];
    world.by("operator").run(early).code(6);
    world.run(["comment", &number, "--text", &long]).code(3);
    world.run(["create", "--subject", SUBJECT, "--category", "none", "--text", TEXT]).code(3);
    world.by("applicant").stdin(TEXT).run(["create", "--text-file", "-"]).code(2);
    assert_eq!(kept(&world), Vec::<PathBuf>::new());
}

#[test]
fn what_only_comes_too_early_is_kept() {
    let world = World::served();
    let number = world.filed();
    let early = ["escalate", &number, "--level", "regional", "--grounds", "overdue", "--reason", "Долго."];
    world.run(early).code(6);
    assert_eq!(listed(&world)[0]["state"], "unsent");
}

#[test]
fn success_and_dry_runs_leave_nothing() {
    let world = World::local();
    let number = world.filed();
    world.run(["comment", &number, "--text", "x"]).ok();
    world.run(["comment", &number, "--text", "x", "--dry-run"]).ok();
    world.run(["check", "--text", "x"]).ok();
    assert_eq!(kept(&world), Vec::<PathBuf>::new());
}

/// A server that accepts requests and never responds.
fn silent() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port());
    (listener, url)
}

/// Ends a command with this signal once its text is stored.
fn ended_by(world: &World, signal: i32, args: &[&str]) -> Run {
    let (_listener, url) = silent();
    let going = world.by("applicant").env("APPEAL_SERVER", &url).start(args);
    let begun = Instant::now();
    while kept(world).is_empty() {
        assert!(begun.elapsed() < Duration::from_secs(60), "nothing is kept");
        std::thread::sleep(Duration::from_millis(20));
    }
    going.signal(signal);
    going.finish()
}

#[test]
fn a_command_that_is_ended_says_how_to_send_its_text() {
    for signal in [15, 2] {
        let world = World::served();
        let number = world.filed();
        let run = ended_by(&world, signal, &["comment", &number, "--text", "Не потеряйте."]).code(130);
        let id = listed(&world)[0]["id"].as_str().unwrap().to_owned();
        assert!(run.stderr.contains(&format!("appeal unsent send {id}")), "{run:?}");
        send(&world, "applicant", &id).ok();
    }
}

#[test]
fn a_command_that_is_killed_leaves_its_text() {
    let world = World::served();
    let number = world.filed();
    assert_eq!(ended_by(&world, 9, &["comment", &number, "--text", "Убит."]).status, -9);
    send(&world, "applicant", listed(&world)[0]["id"].as_str().unwrap()).ok();
    assert_eq!(world.card("applicant", &number)["comments"][0]["text"], "Убит.");
}

#[test]
fn a_text_that_ran_out_of_time_is_kept() {
    let world = World::served();
    let number = world.filed();
    let (_listener, url) = silent();
    let args = ["comment", &number, "--text", "Срок.", "--timeout", "1s", "-o", "json"];
    id(&world.by("applicant").env("APPEAL_SERVER", &url).run(args).code(8));
    assert_eq!(listed(&world)[0]["text"], "Срок.");
}

#[test]
fn a_text_that_is_kept_is_sent_in_one_way() {
    let world = World::local();
    let number = world.filed();
    let run = nobody_there(&world).run(["comment", &number, "--text", "Т.", "-o", "json"]).code(7);
    let hint = format!(
        "Check the address and the connection.\nWhat you wrote is kept. Send it: appeal unsent send {}",
        id(&run)
    );
    assert_eq!(run.error()["hint"], hint);
}

#[test]
fn reading_that_fails_says_nothing_of_keys() {
    let run = nobody_there(&World::local()).run(["list", "-o", "json"]).code(7);
    assert_eq!(run.error()["hint"], "Check the address and the connection.");
}

#[test]
fn a_change_without_a_text_is_repeated_under_the_key_that_is_named() {
    let world = World::served();
    let number = world.filed();
    let losing = Proxy::losing_answers_to(world.server_port().unwrap(), "POST /v1/appeals");
    let operator = world.by("operator");
    let lost = operator.clone().env("APPEAL_SERVER", losing.url()).env("APPEAL_RETRY_FOR", "0s");
    let hint = lost.run(["operator", "take", &number, "-o", "json"]).code(7).error()["hint"].clone();
    let words: Vec<&str> = hint.as_str().unwrap().split_whitespace().collect();
    let flag = words.iter().position(|word| *word == "--idempotency-key").unwrap();
    let key = words[flag + 1].trim_end_matches(':');
    operator.run(["operator", "take", &number, "--idempotency-key", key]).ok();
}

#[test]
fn one_key_with_two_texts_keeps_both_and_each_once() {
    let world = World::local();
    let number = world.filed();
    let under_key =
        |text: &str| keep(&world, &["comment", &number, "--text", text, "--idempotency-key", "k/1"]);
    let (one, two, again) = (under_key("Одно."), under_key("Другое."), under_key("Одно."));
    assert_ne!(one, two);
    assert_eq!(one, again);
    assert_eq!(listed(&world).len(), 2);
}

#[test]
fn what_is_kept_is_for_its_owner_alone_and_has_no_token() {
    let world = World::local();
    let number = world.filed();
    let me = nobody_there(&world).env("APPEAL_TOKEN", "apl_secret");
    me.run(["comment", &number, "--text", "x"]).code(7);
    let path = &kept(&world)[0];
    assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!std::fs::read_to_string(path).unwrap().contains("apl_secret"));
}

#[test]
fn without_a_state_directory_texts_are_kept_among_temporary_files() {
    let world = World::served();
    let number = world.filed();
    std::fs::create_dir(world.join("tmp")).unwrap();
    let elsewhere =
        |person: Person| person.env("XDG_STATE_HOME", "/proc/nowhere").env("TMPDIR", world.join("tmp"));
    let args = ["comment", &number, "--text", "x", "-o", "json"];
    let id = id(&elsewhere(nobody_there(&world)).run(args).code(7));
    let server = world.serve().url.clone();
    elsewhere(world.by("applicant")).run(["unsent", "send", &id, "--server", &server]).ok();
    assert_eq!(std::fs::read_dir(world.join("tmp")).unwrap().count(), 0);
}

#[test]
fn a_text_that_no_disk_takes_is_printed() {
    let world = World::local();
    let number = world.filed();
    let nowhere = nobody_there(&world).env("XDG_STATE_HOME", "/proc/nowhere").env("TMPDIR", "/proc/nowhere");
    let run = nowhere.stdin("Единственный экземпляр").run(["comment", &number, "--text-file", "-"]).code(7);
    assert!(run.stderr.contains("Единственный экземпляр"), "{run:?}");
}

#[test]
fn what_fails_again_stays_as_it_was() {
    let world = World::local();
    let number = world.filed();
    let first = keep(&world, &["comment", &number, "--text", "Слово."]);
    let before = std::fs::read(&kept(&world)[0]).unwrap();
    world.run(["unsent", "send", &first, "--dry-run", "--server", "local"]).ok();
    assert_eq!(id(&nobody_there(&world).run(["unsent", "send", &first, "-o", "json"]).code(7)), first);
    assert_eq!(std::fs::read(&kept(&world)[0]).unwrap(), before);
}

#[test]
fn what_is_refused_later_is_kept_to_be_changed() {
    let world = World::served();
    let id = keep(&world, &["create", "--subject", SUBJECT, "--text", TEXT, "--category", "none"]);
    let refused = send(&world, "applicant", &id).code(3).error();
    assert!(refused["hint"].as_str().unwrap().contains(&format!("appeal unsent edit {id}")), "{refused}");
    assert_eq!(listed(&world)[0]["state"], "refused");
    world.run(["unsent", "edit", &id, "--category", "roads"]).ok();
    assert_eq!(send(&world, "applicant", &id).ok().json()["category"], "roads");
}

/// Runs a command whose response is lost and edits the stored text; returns the refusal of the edited one.
fn lost_and_edited(world: &World, args: &[&str]) -> Value {
    let losing = Proxy::losing_answers_to(world.server_port().unwrap(), "POST /v1/appeals");
    let lost = world.by("applicant").env("APPEAL_SERVER", losing.url()).env("APPEAL_RETRY_FOR", "0s");
    let id = id(&lost.run([args, &["-o", "json"]].concat()).code(7));
    world.run(["unsent", "edit", &id, "--text", "Со 2 ноября у дома 7 яма. Прошу засыпать."]).ok();
    let error = send(world, "applicant", &id).code(3).error();
    assert_eq!(listed(world)[0]["id"], id);
    error
}

/// The first text has arrived, although its answer was lost; the other one is not filed beside it.
#[test]
fn an_appeal_that_is_changed_after_its_answer_was_lost_is_filed_once() {
    let world = World::served();
    let create = ["create", "--subject", SUBJECT, "--text", TEXT, "--category", "roads"];
    assert_eq!(lost_and_edited(&world, &create)["code"], "idempotency_key_reused");
    let listed = world.run(["list", "--all", "-q"]).ok();
    assert_eq!(world.card("applicant", listed.line())["text"], TEXT);
}

#[test]
fn a_comment_that_is_changed_after_its_answer_was_lost_is_there_once() {
    let world = World::served();
    let number = world.filed();
    let error = lost_and_edited(&world, &["comment", &number, "--text", LINES]);
    assert_eq!(error["code"], "idempotency_key_reused");
    assert_eq!(world.card("applicant", &number)["comments"].as_array().unwrap().len(), 1);
}

#[test]
fn a_reason_is_changed_by_its_text() {
    let world = World::served();
    let number = world.filed();
    let args = ["escalate", &number, "--level", "regional", "--grounds", "critical", "--reason", "Плохо."];
    let id = keep(&world, &args);
    let edited = world.run(["unsent", "edit", &id, "--text", "Хуже.", "-o", "json"]).ok().json();
    assert_eq!(edited["body"]["reason"], "Хуже.");
    let card = send(&world, "applicant", &id).ok().json();
    assert_eq!(card["escalations"][0]["reason"], "Хуже.");
}

#[test]
fn a_dry_run_of_a_change_or_a_deletion_changes_nothing() {
    let world = World::local();
    let number = world.filed();
    let id = keep(&world, &["comment", &number, "--text", "Слово."]);
    let before = std::fs::read(&kept(&world)[0]).unwrap();
    world.run(["unsent", "edit", &id, "--text", "Иначе.", "--dry-run"]).ok();
    world.run(["unsent", "drop", &id, "--dry-run"]).ok();
    assert_eq!(std::fs::read(&kept(&world)[0]).unwrap(), before);
}

#[test]
fn a_script_deletes_without_being_asked() {
    let world = World::local();
    let number = world.filed();
    let id = keep(&world, &["comment", &number, "--text", "Слово."]);
    assert_eq!(world.run(["unsent", "drop", &id, "-q"]).ok().line(), id);
    assert_eq!(kept(&world), Vec::<PathBuf>::new());
}

#[test]
fn the_beginning_of_an_id_is_enough_and_an_unknown_one_is_not_found() {
    let world = World::local();
    let number = world.filed();
    let id = keep(&world, &["comment", &number, "--text", "Слово."]);
    let shown = world.run(["unsent", "show", &id[..4], "-o", "json"]).ok().json();
    assert_eq!(
        (&shown["id"], &shown["text"], &shown["command"]),
        (&json!(id), &"Слово.".into(), &"comment".into())
    );
    assert_eq!(world.run(["unsent", "show", "nothing", "-o", "json"]).code(5).error()["code"], "not_found");
}

/// Stores an appeal whose writing was interrupted.
fn interrupted(world: &World, body: Value) {
    let entry = json!({
        "command": "create", "number": null, "key": "k", "server": "local", "as": "applicant",
        "data_dir": world.data(), "state": "unfinished", "body": body, "files": [], "kept_at": "2026-11-28T09:00:00Z",
    });
    world.file("state/appeal/unsent/0123abcd.json", entry.to_string());
}

#[test]
fn a_script_learns_what_an_interrupted_text_lacks() {
    let world = World::local();
    interrupted(&world, json!({ "subject": SUBJECT, "text": TEXT }));
    for (yes, flags) in [(&[][..], json!(["--category", "--yes"])), (&["--yes"], json!(["--category"]))] {
        let args = ["unsent", "send", "0123abcd", "-o", "json"];
        let error = world.run(args.iter().chain(yes)).code(3).error();
        let named: Value =
            error["details"].as_array().unwrap().iter().map(|detail| detail["flag"].clone()).collect();
        assert_eq!(named, flags);
    }
}

#[test]
fn a_script_sends_an_interrupted_text_only_with_yes() {
    let world = World::local();
    interrupted(&world, json!({ "subject": SUBJECT, "text": TEXT, "category": "roads" }));
    let error = world.run(["unsent", "send", "0123abcd", "-o", "json"]).code(3).error();
    assert_eq!(error["details"], json!([{ "flag": "--yes" }]));
    assert_eq!(world.run(["list", "-q"]).ok().lines(), [""; 0]);
    world.run(["unsent", "send", "0123abcd", "--yes"]).ok();
    assert_eq!(world.run(["list", "-q"]).ok().lines().len(), 1);
    assert_eq!(kept(&world), Vec::<PathBuf>::new());
}

#[test]
fn ids_are_completed() {
    let world = World::local();
    let number = world.filed();
    let id = keep(&world, &["comment", &number, "--text", "Слово."]);
    let asked = world.anonymous().env("APPEAL_COMPLETE", "bash").env("_CLAP_COMPLETE_INDEX", "3");
    let asked = asked.env("_CLAP_COMPLETE_SPACE", "true").env("_CLAP_IFS", "\n");
    let run = asked.run(["--", "appeal", "unsent", "show", ""]).ok();
    assert!(run.out().contains(&id), "{run:?}");
}
