//! The whole life cycle of an appeal with the real binary over both transports: every move, forbidden moves,
//! permissions, and what a watching process sees.

use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::common;
use crate::common::{Following, Run, World};
use serde_json::{Value, json};

over_both!(
    a_clarification_is_shown_until_it_is_answered,
    a_disputed_answer_is_followed_by_another,
    a_rating_waits_for_the_supervisor,
    a_repeat_is_a_new_appeal_with_the_same_subject,
    an_appeal_is_escalated_three_times,
    a_life_is_watched_from_another_process,
    changes_after_a_cursor_are_printed_once,
    everybody_who_sees_an_appeal_verifies_its_whole_journal,
    moves_that_are_not_open_in_submitted,
    an_escalation_without_grounds_says_when_there_will_be_some,
    moves_that_are_not_open_in_progress,
    moves_that_are_not_open_while_escalated,
    moves_that_are_not_open_in_answered,
    moves_that_are_not_open_in_a_final_status,
    nothing_is_open_after_a_cancellation,
    moves_of_others_are_not_permitted,
    strangers_move_nothing,
    strangers_cannot_find_out_whether_an_appeal_exists,
    a_supervisor_decides_only_at_the_own_level,
    internal_comments_are_for_the_staff_alone,
    a_redirected_appeal_is_in_the_queue_of_the_other_department,
    an_appeal_is_assigned_to_an_operator,
    a_refusal_is_an_answer_that_is_rated_and_escalated,
    a_wait_ends_when_the_status_is_reached_or_can_no_longer_be,
    a_draft_is_seen_by_its_author_alone,
    a_draft_is_completed_and_submitted,
    only_drafts_are_discarded,
    a_clarification_goes_back_to_where_it_was_asked,
);

/// Starts `watch` and returns when it is connected to the stream.
fn watch(world: &World, more: &[&str]) -> Following {
    let cursor = world.join("watch.cursor");
    let _ = std::fs::remove_file(&cursor);
    let base = ["watch", "-o", "jsonl", "--cursor-file", &cursor];
    let following = world.by("applicant").follow(base.iter().chain(more));
    let begun = Instant::now();
    while !Path::new(&cursor).exists() {
        assert!(begun.elapsed() < Duration::from_secs(60), "watch does not begin");
        sleep(Duration::from_millis(20));
    }
    following
}

fn status(world: &World, number: &str) -> String {
    let card = world.card("applicant", number);
    card["status"].as_str().expect("a status").to_owned()
}

/// Makes one move, which must lead to this status.
#[track_caller]
fn moves(world: &World, who: &str, args: &[&str], to: &str) {
    world.by(who).run(args).ok();
    let number = args.iter().find(|arg| arg.starts_with("20")).expect("a number");
    assert_eq!(status(world, number), to, "after {args:?}");
}

/// Leads an appeal from `in_progress` to a confirmed answer.
fn completed(world: &World, n: &str) {
    moves(world, "operator", &["operator", "take", n], "in_progress");
    let answer = [
        "operator",
        "answer",
        n,
        "--decision",
        "granted",
        "--text",
        "Покрытие восстановлено.",
        "--await-confirmation",
    ];
    moves(world, "operator", &answer, "awaiting_confirmation");
    moves(world, "applicant", &["confirm", n], "completed");
}

/// Escalates an appeal that was answered.
fn escalated(world: &World, n: &str, level: &str) {
    let grounds = ["--grounds", "unsatisfactory", "--reason", "Яма снова на месте."];
    let args = [&["escalate", n, "--level", level][..], &grounds].concat();
    moves(world, "applicant", &args, "under_review");
}

fn a_clarification_is_shown_until_it_is_answered(world: &World) {
    let n = &world.filed();
    moves(world, "operator", &["operator", "take", n], "in_progress");
    moves(world, "operator", &["operator", "review", n, "--note", "на проверку"], "under_review");
    let ask =
        ["operator", "ask", n, "--text", "У какого подъезда?", "--need", "номер подъезда", "--need", "фото"];
    moves(world, "operator", &ask, "clarification_required");
    let clarification = world.card("applicant", n)["clarification"].clone();
    assert_eq!(clarification["question"], "У какого подъезда?");
    assert_eq!(clarification["needs"], json!(["номер подъезда", "фото"]));
    assert_eq!(clarification["asked_by"], "operator");
    moves(world, "applicant", &["reply", n, "--text", "У второго."], "under_review");
    assert_eq!(world.card("applicant", n)["clarification"], Value::Null);
}

fn a_disputed_answer_is_followed_by_another(world: &World) {
    let n = &world.filed();
    moves(world, "operator", &["operator", "take", n], "in_progress");
    let answer = ["operator", "answer", n, "--decision", "partly", "--text", "Яму засыпали щебнем."];
    moves(world, "operator", &answer, "answered");
    moves(world, "applicant", &["confirm", n, "--no", "--reason", "Щебень смыло дождём."], "in_progress");
    moves(world, "operator", &answer, "answered");
    assert_eq!(world.card("applicant", n)["answers"].as_array().map(Vec::len), Some(2));
}

fn a_rating_waits_for_the_supervisor(world: &World) {
    let n = &world.filed();
    completed(world, n);
    let rate = ["rate", n, "--score", "2", "--category", "service", "--remarks", "Долго."];
    moves(world, "applicant", &rate, "completed");
    let review = world.card("applicant", n)["review"].clone();
    assert_eq!((review["score"].as_u64(), review["state"].as_str()), (Some(2), Some("pending")));
    assert_eq!((review["category"].as_str(), review["remarks"].as_str()), (Some("service"), Some("Долго.")));
}

fn a_repeat_is_a_new_appeal_with_the_same_subject(world: &World) {
    let n = &world.filed();
    completed(world, n);
    let repeat = ["repeat", n, "--grounds", "incomplete", "--text", "Не сказано, когда уберут щебень.", "-q"];
    let second = world.run(repeat).ok().line().to_owned();
    assert_ne!(&second, n);
    let (first_card, second_card) = (world.card("applicant", n), world.card("applicant", &second));
    assert_eq!(second_card["repeat_of"], n.as_str());
    assert_eq!(first_card["repeats"], json!([second]));
    assert_eq!(second_card["subject"], first_card["subject"]);
    assert_eq!(second_card["category"], first_card["category"]);
    assert_eq!(second_card["status"], "submitted");
}

fn an_appeal_is_escalated_three_times(world: &World) {
    let n = &world.filed();
    completed(world, n);
    escalated(world, n, "regional");
    let back = ["supervisor", "return", n, "--text", "Проверить на месте и ответить по существу."];
    moves(world, "supervisor-regional", &back, "in_progress");
    let answer = ["operator", "answer", n, "--decision", "explained", "--text", "Ремонт включён в план."];
    moves(world, "operator", &answer, "answered");
    escalated(world, n, "federal");
    moves(world, "supervisor-federal", &["supervisor", "uphold", n, "--text", "Срок законный."], "answered");
    escalated(world, n, "ombudsman");
    let change = ["supervisor", "change", n, "--text", "Отремонтировать в десять дней."];
    moves(world, "supervisor-ombudsman", &change, "answered");
    moves(world, "applicant", &["confirm", n], "completed");

    let card = world.card("applicant", n);
    let escalations = card["escalations"].as_array().expect("escalations");
    let of = |key: &str| escalations.iter().map(|e| e[key].as_str().unwrap_or("-")).collect::<Vec<_>>();
    assert_eq!(of("level"), ["regional", "federal", "ombudsman"]);
    assert_eq!(of("state"), ["returned", "upheld", "changed"]);
    let outcome = &escalations[2]["outcome"];
    assert_eq!(outcome["text"], "Отремонтировать в десять дней.");
    assert_eq!(outcome["by"], "supervisor-ombudsman");
    let answers = card["answers"].as_array().expect("answers");
    assert!(answers.iter().any(|answer| answer["text"] == outcome["text"]), "no answer: {answers:?}");
}

/// An appeal with a life of some moves, from filing to a decision of a supervisor, and a repeat of it.
fn eventful(world: &World) -> String {
    let n = world.filed();
    let file = ["repeat", &n, "--grounds", "incomplete", "--text", "Не сказано, когда уберут щебень."];
    completed(world, &n);
    world.run(file).ok();
    escalated(world, &n, "federal");
    let change = ["supervisor", "change", &n, "--text", "Отремонтировать в десять дней."];
    moves(world, "supervisor-federal", &change, "answered");
    moves(world, "applicant", &["confirm", &n], "completed");
    n
}

/// The statuses of such an appeal, in order.
const EVENTFUL: [&str; 7] = [
    "submitted",
    "in_progress",
    "awaiting_confirmation",
    "completed",
    "under_review",
    "answered",
    "completed",
];

fn a_life_is_watched_from_another_process(world: &World) {
    let mut watching = watch(world, &[]);
    let n = eventful(world);
    let parsed = |line: &str| -> Value { serde_json::from_str(line).expect("a line of JSON") };
    let mut ends = 0;
    watching.until("the second confirmation", |line| {
        let change = parsed(line);
        ends += usize::from(change["number"] == n && change["event"] == "confirmed");
        ends == 2
    });
    watching.signal(2);
    assert_eq!(watching.finish().0, 130);
    let changes: Vec<Value> = watching.seen.iter().map(|line| parsed(line)).collect();
    for change in &changes {
        assert_eq!(common::keys(change), common::sorted("cursor at number event status actor summary"));
    }
    let mut statuses: Vec<&str> =
        changes.iter().filter(|c| c["number"] == n).filter_map(|c| c["status"].as_str()).collect();
    statuses.dedup();
    assert_eq!(statuses, EVENTFUL);
    assert!(changes.iter().any(|change| change["number"] != n), "the repeat appeal is missing");
    // `changes` prints the same, once each.
    let polled = world.run(["changes", "--since", "1d", "-o", "jsonl"]).ok().jsonl();
    assert_eq!(polled, changes);
}

fn changes_after_a_cursor_are_printed_once(world: &World) {
    let n = world.filed();
    let cursor = world.join("changes.cursor");
    let look = |more: &[&str]| {
        let base = ["changes", "--cursor-file", &cursor, "-o", "jsonl"];
        let changes = world.run(base.iter().chain(more)).ok().jsonl();
        changes
            .iter()
            .map(|change| change["event"].as_str().expect("an event").to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(look(&["--since", "1d"]), ["created"]);
    assert_eq!(look(&[]), [""; 0]);
    world.run(["comment", &n, "--text", "Спасибо."]).ok();
    assert_eq!(look(&[]), ["commented"]);
}

fn everybody_who_sees_an_appeal_verifies_its_whole_journal(world: &World) {
    let n = eventful(world);
    for who in ["applicant", "operator", "supervisor-federal", "admin"] {
        let entries = world.by(who).run(["journal", &n, "--verify", "-o", "json"]).ok().json();
        let entries = entries.as_array().expect("entries");
        assert!(entries.len() >= EVENTFUL.len(), "{who} sees {} entries", entries.len());
        let seqs: Vec<u64> = entries.iter().filter_map(|e| e["seq"].as_u64()).collect();
        assert_eq!(seqs, (1..=seqs.len() as u64).collect::<Vec<_>>());
    }
}

/// Returns everything that shows whether an appeal was changed.
fn trace(world: &World, number: &str) -> (i64, usize, String) {
    let card = world.card("admin", number);
    (
        card["version"].as_i64().expect("a version"),
        card["journal"].as_array().expect("a journal").len(),
        card["updated_at"].as_str().expect("a time").to_owned(),
    )
}

/// Runs a command that must be refused with 6 and change nothing; returns the error.
#[track_caller]
fn refused(world: &World, n: &str, who: &str, args: &[&str]) -> Value {
    let before = trace(world, n);
    let run: Run = world.by(who).run(args.iter().chain(&["-o", "json"])).code(6);
    assert_eq!(trace(world, n), before, "{args:?} changed something");
    assert!(run.stdout.is_empty(), "{run:?}");
    run.error()
}

/// Makes moves that must be refused, and returns the moves that are open instead.
#[track_caller]
fn not_open(world: &World, n: &str, refusals: &[(&str, &[&str])]) -> Vec<Value> {
    let mut open = Vec::new();
    for (who, args) in refusals {
        let error = refused(world, n, who, args);
        assert_eq!(error["code"], "forbidden_move", "{args:?}: {error}");
        open = error["details"].as_array().expect("moves").clone();
        for open in &open {
            assert_eq!(common::keys(open), common::sorted("who action to"), "{args:?}");
        }
    }
    open
}

/// Checks that a move is among the open ones.
#[track_caller]
fn has(open: &[Value], who: &str, action: &str, to: &str) {
    let found = open.iter().any(|m| m["who"] == who && m["action"] == action && m["to"] == to);
    assert!(found, "{who} {action} {to} is missing in {open:?}");
}

fn answer(n: &str) -> [&str; 7] {
    ["operator", "answer", n, "--decision", "granted", "--text", "Сделано."]
}

fn redirect(n: &str) -> [&str; 7] {
    ["operator", "redirect", n, "--department", "housing", "--reason", "Не наше."]
}

/// An escalation on these grounds.
fn escalate<'a>(n: &'a str, level: &'a str, grounds: &'a str) -> [&'a str; 8] {
    ["escalate", n, "--level", level, "--grounds", grounds, "--reason", "Опасно для жизни."]
}

fn moves_that_are_not_open_in_submitted(world: &World) {
    let n = &world.filed();
    let open = not_open(
        world,
        n,
        &[
            ("applicant", &["confirm", n, "--no", "--reason", "Не решено."]),
            ("applicant", &["close", n]),
            ("applicant", &["reply", n, "--text", "Ответ."]),
            ("operator", &["operator", "review", n]),
            ("operator", &answer(n)),
            ("applicant", &["confirm", n]),
        ],
    );
    has(&open, "applicant", "cancel", "cancelled");
    has(&open, "operator", "take", "in_progress");
    // For people, the same as text.
    let words = world.by("applicant").run(["confirm", n, "--lang", "en"]).code(6).stderr;
    assert!(words.contains("cancel") && words.contains("take"), "{words}");
}

fn an_escalation_without_grounds_says_when_there_will_be_some(world: &World) {
    let n = &world.filed();
    let error = refused(world, n, "applicant", &escalate(n, "senior", "overdue"));
    assert_eq!(error["code"], "no_grounds");
    let due = world.card("applicant", n)["due_at"].as_str().expect("a due date")[..10].to_owned();
    let text = format!("{} {}", error["message"], error["hint"]);
    let day = due[8..].trim_start_matches('0');
    assert!(text.contains(&due) || text.contains(day), "it does not say when ({due}): {text}");
    refused(world, n, "applicant", &escalate(n, "senior", "unsatisfactory"));
    refused(world, n, "applicant", &["repeat", n, "--grounds", "incomplete", "--text", "Ещё раз."]);
}

fn moves_that_are_not_open_in_progress(world: &World) {
    let n = &world.filed();
    world.by("operator").run(["operator", "take", n]).ok();
    not_open(
        world,
        n,
        &[
            ("applicant", &["confirm", n]),
            ("applicant", &["reply", n, "--text", "Ответ."]),
            ("applicant", &["close", n]),
        ],
    );
}

/// Only the supervisor of the level may act, who has no decision to uphold yet.
fn moves_that_are_not_open_while_escalated(world: &World) {
    let n = &world.filed();
    world.by("operator").run(["operator", "take", n]).ok();
    world.run(escalate(n, "regional", "critical")).ok();
    not_open(
        world,
        n,
        &[
            ("operator", &answer(n)),
            ("operator", &redirect(n)),
            ("operator", &["operator", "refuse", n, "--reason", "Не наше."]),
            ("supervisor-regional", &["supervisor", "uphold", n, "--text", "Верно."]),
        ],
    );
    let open = not_open(world, n, &[("operator", &["operator", "take", n])]);
    has(&open, "supervisor", "change", "answered");
}

fn moves_that_are_not_open_in_answered(world: &World) {
    let n = &world.filed();
    world.run(escalate(n, "regional", "critical")).ok();
    world.by("supervisor-regional").run(["supervisor", "return", n, "--text", "Ответьте."]).ok();
    world.by("operator").run(answer(n)).ok();
    not_open(
        world,
        n,
        &[
            ("applicant", &["cancel", n]),
            ("operator", &["operator", "take", n]),
            ("operator", &["operator", "ask", n, "--text", "Что ещё?"]),
            ("supervisor-regional", &["supervisor", "change", n, "--text", "Иначе."]),
            ("applicant", &["reply", n, "--text", "Ответ."]),
        ],
    );
    // A level that was used is not available again.
    refused(world, n, "applicant", &escalate(n, "senior", "unsatisfactory"));
}

fn moves_that_are_not_open_in_a_final_status(world: &World) {
    let n = &world.filed();
    world.by("operator").run(["operator", "take", n]).ok();
    world.by("operator").run(answer(n)).ok();
    world.run(["close", n]).ok();
    not_open(
        world,
        n,
        &[
            ("applicant", &["confirm", n]),
            ("applicant", &["cancel", n]),
            ("operator", &answer(n)),
            ("operator", &redirect(n)),
        ],
    );
}

/// Not even an escalation; cancelling again is not an error, and changes nothing.
fn nothing_is_open_after_a_cancellation(world: &World) {
    let n = &world.filed();
    world.run(["cancel", n, "--reason", "Передумал."]).ok();
    refused(world, n, "applicant", &escalate(n, "senior", "critical"));
    refused(world, n, "operator", &["operator", "take", n]);
    let before = trace(world, n);
    world.run(["cancel", n]).ok();
    assert_eq!(trace(world, n), before);
}

/// Moves of the applicant, of the operator, and of a supervisor.
fn of_each(n: &str) -> [Vec<Vec<&str>>; 3] {
    let applicant = vec![
        vec!["confirm", n],
        vec!["close", n],
        vec!["cancel", n],
        vec!["reply", n, "--text", "Ответ."],
        vec!["rate", n, "--score", "5"],
        escalate(n, "senior", "critical").to_vec(),
    ];
    let operator = vec![
        vec!["operator", "take", n],
        vec!["operator", "review", n],
        vec!["operator", "ask", n, "--text", "Что?"],
        redirect(n).to_vec(),
        answer(n).to_vec(),
        vec!["operator", "refuse", n, "--reason", "Нет."],
        vec!["operator", "assign", n, "--to", "operator"],
        vec!["operator", "comment", n, "--text", "Для своих.", "--internal"],
    ];
    let supervisor = vec![
        vec!["supervisor", "uphold", n, "--text", "Верно."],
        vec!["supervisor", "change", n, "--text", "Иначе."],
        vec!["supervisor", "return", n, "--text", "Ещё раз."],
    ];
    [applicant, operator, supervisor]
}

fn moves_of_others_are_not_permitted(world: &World) {
    let n = &world.filed();
    let before = trace(world, n);
    let [applicant, operator, supervisor] = of_each(n);
    for (who, moves) in [
        ("applicant", [&operator[..], &supervisor].concat()),
        ("operator", [&applicant[..], &supervisor].concat()),
        ("admin", [&applicant[..], &operator, &supervisor].concat()),
    ] {
        for args in moves {
            world.by(who).run(args).code(4);
        }
    }
    assert_eq!(trace(world, n), before);
}

const STRANGERS: [&str; 5] =
    ["representative", "intermediary", "analyst", "supervisor", "supervisor-regional"];

/// Returns the number of no appeal.
fn unknown(world: &World) -> String {
    let numbers = (0..10).map(|digit| format!("2026-0000000000-{digit}"));
    let is_unknown = |number: &String| world.run(["show", number]).status == 5;
    numbers.into_iter().find(is_unknown).expect("one of ten check digits is right")
}

fn strangers_move_nothing(world: &World) {
    let n = &world.filed();
    let before = trace(world, n);
    for who in STRANGERS {
        for args in of_each(n).concat() {
            // An analyst's account has no scope for filing, whether the appeal exists or not.
            let code = world.by(who).run(&args).status;
            assert!(code == 5 || code == 4 && who == "analyst", "{who} {args:?}: {code}");
        }
    }
    assert_eq!(trace(world, n), before);
}

fn strangers_cannot_find_out_whether_an_appeal_exists(world: &World) {
    let (n, unknown) = (&world.filed(), &unknown(world));
    for (hidden, absent) in of_each(n).concat().iter().zip(of_each(unknown).concat()) {
        for who in ["representative", "analyst"] {
            let codes = (world.by(who).run(hidden).status, world.by(who).run(&absent).status);
            assert_eq!(codes.0, codes.1, "{who} can tell by {hidden:?}");
        }
    }
    for who in STRANGERS {
        let error = |number: &str| {
            let error = world.by(who).run(["show", number, "-o", "json"]).code(5).error();
            error.to_string().replace(number, "N")
        };
        assert_eq!(error(n), error(unknown));
        assert_eq!(world.by(who).run(["list", "--all", "-o", "json"]).ok().json(), json!([]));
    }
}

fn a_supervisor_decides_only_at_the_own_level(world: &World) {
    let n = &world.filed();
    world.run(escalate(n, "senior", "critical")).ok();
    world.by("supervisor-federal").run(["supervisor", "change", n, "--text", "Иначе."]).code(5);
    let queue = |who: &str| world.by(who).run(["supervisor", "queue", "-q"]).ok().out().to_owned();
    assert_eq!(queue("supervisor-senior"), format!("{n}\n"));
    assert_eq!(queue("supervisor-federal"), "");
    world.by("supervisor-senior").run(["supervisor", "return", n, "--text", "Ответьте."]).ok();
    world.by("operator").run(answer(n)).ok();
    world.run(escalate(n, "federal", "unsatisfactory")).ok();
    let before = trace(world, n);
    world.by("supervisor-senior").run(["supervisor", "uphold", n, "--text", "Верно."]).code(4);
    assert_eq!(trace(world, n), before);
}

/// The applicant verifies the journal without them.
fn internal_comments_are_for_the_staff_alone(world: &World) {
    let n = &world.filed();
    let comment = ["operator", "comment", n, "--text", "Между нами: план сорван.", "--internal"];
    world.by("operator").run(comment).ok();
    for who in ["applicant", "operator"] {
        let card = world.by(who).run(["show", n, "--journal", "-o", "json"]).ok();
        assert_eq!(card.out().contains("план сорван"), who == "operator", "{who}");
        let journal = world.by(who).run(["journal", n, "--verify", "-o", "json"]).ok();
        assert_eq!(journal.out().contains("план сорван"), who == "operator", "{who}");
    }
    assert!(!world.run(["changes", "--since", "1d", "-o", "jsonl"]).ok().out().contains("план сорван"));
    world.run(["comment", n, "--text", "Тайна.", "--internal"]).code(4);
}

fn a_redirected_appeal_is_in_the_queue_of_the_other_department(world: &World) {
    let n = &world.filed();
    assert_ne!(world.card("operator", n)["department"], "housing");
    moves(world, "operator", &redirect(n), "redirected");
    assert_eq!(world.card("operator", n)["department"], "housing");
    let queue = world.by("operator").run(["operator", "queue", "-q"]).ok();
    assert!(queue.lines().contains(&n.as_str()), "{queue:?}");
}

fn an_appeal_is_assigned_to_an_operator(world: &World) {
    let n = &world.filed();
    world.by("operator").run(["operator", "assign", n, "--to", "operator"]).ok();
    assert_eq!(world.card("operator", n)["responsible"], "operator");
}

fn a_refusal_is_an_answer_that_is_rated_and_escalated(world: &World) {
    let n = &world.filed();
    moves(world, "operator", &["operator", "take", n], "in_progress");
    moves(world, "operator", &["operator", "refuse", n, "--reason", "Двор частный."], "rejected");
    let answer = &world.card("applicant", n)["answers"][0];
    assert_eq!((&answer["decision"], &answer["text"]), (&json!("refused"), &json!("Двор частный.")));
    moves(world, "applicant", &["rate", n, "--score", "1"], "rejected");
    moves(world, "applicant", &escalate(n, "federal", "unsatisfactory"), "under_review");
    moves(world, "supervisor-federal", &["supervisor", "uphold", n, "--text", "Отказ законный."], "answered");
}

fn a_wait_ends_when_the_status_is_reached_or_can_no_longer_be(world: &World) {
    let n = &world.filed();
    let waiting = world.by("applicant").start(["wait", n, "--for", "В работе", "-q", "--timeout", "60s"]);
    world.by("operator").run(["operator", "take", n]).ok();
    assert_eq!(waiting.finish().ok().line(), n);
    world.run(["cancel", n]).ok();
    world.run(["wait", n, "--for", "answered", "--timeout", "60s"]).code(6);
    world.run(["wait", n, "--for", "cancelled", "--timeout", "60s"]).ok();
}

/// Creates an incomplete draft; returns its number.
fn draft(world: &World) -> String {
    let create = ["create", "--subject", "Заготовка", "--text", "Пока без подробностей.", "--draft", "-q"];
    world.run(create).ok().line().to_owned()
}

fn a_draft_is_seen_by_its_author_alone(world: &World) {
    let draft = draft(world);
    assert!(draft.starts_with("D-"), "{draft}");
    assert_eq!(world.card("applicant", &draft)["status"], "draft");
    for who in ["operator", "admin", "representative"] {
        world.by(who).run(["show", &draft]).code(5);
    }
}

fn a_draft_is_completed_and_submitted(world: &World) {
    let draft = &draft(world);
    world.run(["submit", draft]).code(3);
    assert_eq!(world.card("applicant", draft)["status"], "draft");
    let text = "Со 2 ноября 2026 яма у дома 7. Прошу засыпать.";
    world.run(["edit", draft, "--category", "roads", "--text", text]).ok();
    world.run(["attach", draft, &world.file("снимок.png", common::samples::png())]).ok();
    let number = world.run(["submit", draft, "-q"]).ok().line().to_owned();
    let card = world.card("applicant", &number);
    assert_eq!((&card["status"], &card["text"]), (&json!("submitted"), &json!(text)));
    assert_eq!(card["attachments"][0]["name"], "снимок.png");
}

fn only_drafts_are_discarded(world: &World) {
    let draft = draft(world);
    world.run(["discard", &draft]).ok();
    world.run(["show", &draft]).code(5);
    world.run(["discard", &world.filed()]).code(6);
}

fn a_clarification_goes_back_to_where_it_was_asked(world: &World) {
    let n = &world.filed();
    moves(world, "operator", &["operator", "ask", n, "--text", "Какая улица?"], "clarification_required");
    moves(world, "applicant", &["reply", n, "--text", "Садовая."], "submitted");
    moves(world, "operator", &["operator", "take", n], "in_progress");
    moves(world, "operator", &["operator", "ask", n, "--text", "Какой дом?"], "clarification_required");
    // A lost reply: the same key returns the first result, whatever the state is now.
    let reply = ["reply", n, "--text", "Пятый.", "--idempotency-key", "reply-1"];
    moves(world, "applicant", &reply, "in_progress");
    let before = trace(world, n);
    moves(world, "applicant", &reply, "in_progress");
    assert_eq!(trace(world, n), before);
    world.run(["reply", n, "--text", "Шестой.", "--idempotency-key", "reply-1"]).code(3);
    moves(world, "operator", &["operator", "ask", n, "--text", "Чей дом?"], "clarification_required");
    let answer = ["operator", "answer", n, "--decision", "explained", "--text", "Уточнение не понадобилось."];
    moves(world, "operator", &answer, "answered");
    moves(world, "applicant", &["close", n], "closed");
}
