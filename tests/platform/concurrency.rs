//! Many processes on one data directory.

use std::collections::HashSet;
use std::thread::scope;

use crate::common;
use crate::common::{Person, World};
use serde_json::Value;

/// Files appeals one after another; returns their numbers.
fn filed(person: &Person, runner: usize, count: usize) -> Vec<String> {
    let text = "С 1 ноября 2026 не горит фонарь у дома 3. Прошу включить.";
    let file = |n| {
        let subject = format!("Фонарь {runner}-{n} не горит");
        let args = ["create", "--subject", &subject, "--text", text, "--category", "roads", "-q"];
        let run = person.run(args).ok();
        assert!(run.stderr.is_empty(), "{run:?}");
        run.line().to_owned()
    };
    (0..count).map(file).collect()
}

/// The data directory is new: the first process creates it while the others wait.
#[test]
fn two_hundred_creates_from_eight_processes_at_once() {
    let world = World::empty();
    let person = &world.by("applicant");
    let numbers: Vec<String> = scope(|scope| {
        let runners: Vec<_> = (0..8).map(|n| scope.spawn(move || filed(person, n, 25))).collect();
        runners.into_iter().flat_map(|runner| runner.join().expect("every create succeeds")).collect()
    });
    let given: HashSet<&str> = numbers.iter().map(String::as_str).collect();
    assert_eq!((numbers.len(), given.len()), (200, 200), "a number was given twice");
    let rows = world.run(["list", "--all", "-o", "json"]).ok().json();
    let rows = rows.as_array().expect("rows");
    let of = |key: &str| rows.iter().filter_map(|r| r[key].as_str()).collect::<HashSet<_>>();
    assert_eq!((of("number"), of("subject").len()), (given.clone(), 200));
    // The stream of changes has each of them once.
    let changes = world.run(["changes", "--since", "1d", "-o", "jsonl"]).ok().jsonl();
    let created: Vec<&str> =
        changes.iter().filter(|c| c["event"] == "created").filter_map(|c| c["number"].as_str()).collect();
    assert_eq!((created.len(), created.iter().copied().collect()), (200, given));
    // And every journal is valid.
    for number in numbers.iter().step_by(40) {
        world.run(["journal", number, "--verify"]).ok();
    }
}

over_both!(one_key_at_once_files_one_appeal, one_of_many_moves_at_once_wins, comments_at_once_all_succeed,);

fn one_key_at_once_files_one_appeal(world: &World) {
    // All at the same time, with the same key.
    let args = [
        "create",
        "--subject",
        common::SUBJECT,
        "--text",
        common::TEXT,
        "--category",
        "roads",
        "-q",
        "--idempotency-key",
        "one-key",
    ];
    let person = world.by("applicant");
    let going: Vec<_> = (0..8).map(|_| person.start(args)).collect();
    let numbers: HashSet<String> = going.into_iter().map(|g| g.finish().ok().line().to_owned()).collect();
    assert_eq!(numbers.len(), 1, "{numbers:?}");
    let rows = world.run(["list", "--all", "-o", "json"]).ok().json();
    assert_eq!(rows.as_array().map(Vec::len), Some(1));
    // The same key for another appeal is refused.
    let other =
        ["create", "--subject", "Другое дело", "--text", common::TEXT, "--category", "roads", "-o", "json"];
    let error = world.run(other.iter().chain(&["--idempotency-key", "one-key"])).code(3).error();
    assert_eq!(error["code"], "idempotency_key_reused");
}

fn one_of_many_moves_at_once_wins(world: &World) {
    let number = world.filed();
    world.by("operator").run(["operator", "take", &number]).ok();
    // Eight concurrent answers: one succeeds, seven are too late.
    let person = world.by("operator");
    let going: Vec<_> = (0..8)
        .map(|n| {
            let text = format!("Ответ номер {n}.");
            person.start(["operator", "answer", &number, "--decision", "granted", "--text", &text])
        })
        .collect();
    let mut codes: Vec<i32> = going.into_iter().map(|g| g.finish().status).collect();
    codes.sort_unstable();
    assert_eq!(codes, [0, 6, 6, 6, 6, 6, 6, 6]);
    let card = world.card("applicant", &number);
    assert_eq!(card["answers"].as_array().map(Vec::len), Some(1));
}

fn comments_at_once_all_succeed(world: &World) {
    let number = world.filed();
    let person = world.by("applicant");
    let going: Vec<_> = (0..8)
        .map(|n| person.start(["comment", number.as_str(), "--text", &format!("Замечание {n}")]))
        .collect();
    for comment in going {
        comment.finish().ok();
    }
    let card: Value = world.card("applicant", &number);
    assert_eq!(card["comments"].as_array().map(Vec::len), Some(8));
    world.run(["journal", &number, "--verify"]).ok();
}
