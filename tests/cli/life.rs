//! The whole life cycle of an appeal with the real binary over both transports: every move, forbidden moves,
//! permissions, and what a watching process sees.

use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::common;
use crate::common::{Following, Run, World};
use serde_json::Value;

over_both!(
    a_whole_life_is_watched_from_another_process,
    forbidden_moves_change_nothing_and_name_the_open_ones,
    who_may_do_what,
    other_ends,
    drafts,
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

/// From filing to three escalations and a new decision.
fn a_whole_life_is_watched_from_another_process(world: &World) {
    let mut watching = watch(world, &[]);
    let n = &world.filed();
    let ask =
        ["operator", "ask", n, "--text", "У какого подъезда?", "--need", "номер подъезда", "--need", "фото"];
    moves(world, "operator", &["operator", "take", n], "in_progress");
    moves(world, "operator", &["operator", "review", n, "--note", "на проверку"], "under_review");
    moves(world, "operator", &ask, "clarification_required");
    let clarification = world.card("applicant", n)["clarification"].clone();
    assert_eq!(clarification["question"], "У какого подъезда?");
    assert_eq!(clarification["needs"], serde_json::json!(["номер подъезда", "фото"]));
    assert_eq!(clarification["asked_by"], "operator");
    moves(world, "applicant", &["reply", n, "--text", "У второго."], "under_review");
    assert_eq!(world.card("applicant", n)["clarification"], Value::Null);
    let answer = ["operator", "answer", n, "--decision", "partly", "--text", "Яму засыпали щебнем."];
    moves(world, "operator", &answer, "answered");
    moves(world, "applicant", &["confirm", n, "--no", "--reason", "Щебень смыло дождём."], "in_progress");
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
    let rate = ["rate", n, "--score", "2", "--category", "service", "--remarks", "Долго."];
    moves(world, "applicant", &rate, "completed");
    let review = world.card("applicant", n)["review"].clone();
    assert_eq!((review["score"].as_u64(), review["state"].as_str()), (Some(2), Some("pending")));
    assert_eq!((review["category"].as_str(), review["remarks"].as_str()), (Some("service"), Some("Долго.")));

    let repeat = ["repeat", n, "--grounds", "incomplete", "--text", "Не сказано, когда уберут щебень.", "-q"];
    let second = world.run(repeat).ok().line().to_owned();
    assert_ne!(&second, n);
    let (first_card, second_card) = (world.card("applicant", n), world.card("applicant", &second));
    assert_eq!(second_card["repeat_of"], n.as_str());
    assert_eq!(first_card["repeats"], serde_json::json!([second]));
    assert_eq!(second_card["subject"], first_card["subject"]);
    assert_eq!(second_card["category"], first_card["category"]);
    assert_eq!(second_card["status"], "submitted");

    let escalate = |level: &'static str| {
        vec![
            "escalate",
            n.as_str(),
            "--level",
            level,
            "--grounds",
            "unsatisfactory",
            "--reason",
            "Яма снова на месте.",
        ]
    };
    moves(world, "applicant", &escalate("regional"), "under_review");
    let back = ["supervisor", "return", n, "--text", "Проверить на месте и ответить по существу."];
    moves(world, "supervisor-regional", &back, "in_progress");
    let answer = ["operator", "answer", n, "--decision", "explained", "--text", "Ремонт включён в план."];
    moves(world, "operator", &answer, "answered");
    moves(world, "applicant", &escalate("federal"), "under_review");
    moves(world, "supervisor-federal", &["supervisor", "uphold", n, "--text", "Срок законный."], "answered");
    moves(world, "applicant", &escalate("ombudsman"), "under_review");
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
    let texts: Vec<&str> =
        card["answers"].as_array().expect("answers").iter().filter_map(|a| a["text"].as_str()).collect();
    assert!(
        texts.contains(&"Отремонтировать в десять дней."),
        "the supervisor's text is no answer: {texts:?}"
    );

    // Output of the other process: every status, in order.
    watching.until("the end", |line| {
        let change: Value = serde_json::from_str(line).expect("a line of JSON");
        change["number"] == n.as_str() && change["status"] == "completed" && texts.len() >= 4 && {
            change["event"] == "confirmed" && change["cursor"].is_string() && is_last(&change, &card)
        }
    });
    watching.signal(2);
    let (code, _) = watching.finish();
    assert_eq!(code, 130);
    let changes: Vec<Value> =
        watching.seen.iter().map(|l| serde_json::from_str(l).expect("a line of JSON")).collect();
    for change in &changes {
        let keys = common::keys(change);
        assert_eq!(keys, common::sorted("cursor at number event status actor summary"));
    }
    let mut statuses: Vec<&str> = changes
        .iter()
        .filter(|change| change["number"] == n.as_str())
        .filter_map(|change| change["status"].as_str())
        .collect();
    statuses.dedup();
    assert_eq!(
        statuses,
        [
            "submitted",
            "in_progress",
            "under_review",
            "clarification_required",
            "under_review",
            "answered",
            "in_progress",
            "awaiting_confirmation",
            "completed",
            "under_review",
            "in_progress",
            "answered",
            "under_review",
            "answered",
            "under_review",
            "answered",
            "completed",
        ]
    );
    assert!(changes.iter().any(|change| change["number"] == second.as_str()), "the repeat appeal is missing");
    let mut cursors: Vec<&str> = changes.iter().filter_map(|c| c["cursor"].as_str()).collect();
    let count = cursors.len();
    cursors.dedup();
    assert_eq!(cursors.len(), count, "a change is printed twice");

    // The polling equivalent prints the same, and nothing more after its cursor.
    let cursor = world.join("changes.cursor");
    let polled =
        world.run(["changes", "--since", "1d", "--cursor-file", &cursor, "-o", "jsonl"]).ok().jsonl();
    let twin: Vec<&Value> = polled.iter().map(|c| &c["cursor"]).collect();
    let watched: Vec<&Value> = changes.iter().map(|c| &c["cursor"]).collect();
    assert_eq!(twin, watched);
    assert_eq!(
        world.run(["changes", "--cursor-file", &cursor, "-o", "json"]).ok().json(),
        serde_json::json!([])
    );
    world.run(["comment", n, "--text", "Спасибо."]).ok();
    let news = world.run(["changes", "--cursor-file", &cursor, "-o", "jsonl"]).ok().jsonl();
    assert_eq!(news.iter().map(|c| c["event"].as_str()).collect::<Vec<_>>(), [Some("commented")]);

    // The journal is complete and unbroken, for each of them.
    for who in ["applicant", "operator", "supervisor-federal", "admin"] {
        let entries = world.by(who).run(["journal", n, "--verify", "-o", "json"]).ok().json();
        let entries = entries.as_array().expect("entries");
        assert!(entries.len() >= 17, "{who} sees {} entries", entries.len());
        let seqs: Vec<u64> = entries.iter().filter_map(|e| e["seq"].as_u64()).collect();
        assert_eq!(seqs, (1..=seqs.len() as u64).collect::<Vec<_>>());
    }
}

/// The second `completed` is the end; the first one was before the escalations.
fn is_last(change: &Value, card: &Value) -> bool {
    change["at"].as_str() >= card["status_since"].as_str()
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

fn forbidden_moves_change_nothing_and_name_the_open_ones(world: &World) {
    let n = &world.filed();
    let other = &world.filed();
    let refused = |who: &str, args: &[&str]| -> Value {
        let before = trace(world, n);
        let run: Run = world.by(who).run(args.iter().chain(&["-o", "json"])).code(6);
        assert_eq!(trace(world, n), before, "{args:?} changed something");
        assert!(run.stdout.is_empty(), "{run:?}");
        run.error()
    };
    let table = |who: &str, args: &[&str]| {
        let error = refused(who, args);
        assert_eq!(error["code"], "forbidden_move", "{args:?}: {error}");
        let moves = error["details"].as_array().expect("moves");
        for open in moves {
            assert_eq!(common::keys(open), common::sorted("who action to"), "{args:?}");
        }
        moves.clone()
    };
    let has = |moves: &[Value], who: &str, action: &str, to: &str| {
        assert!(
            moves.iter().any(|m| m["who"] == who && m["action"] == action && m["to"] == to),
            "{who} {action} {to} is missing in {moves:?}"
        );
    };
    let answer = ["operator", "answer", n, "--decision", "granted", "--text", "Сделано."];

    // Submitted.
    let moves = table("applicant", &["confirm", n]);
    has(&moves, "applicant", "cancel", "cancelled");
    has(&moves, "operator", "take", "in_progress");
    table("applicant", &["confirm", n, "--no", "--reason", "Не решено."]);
    table("applicant", &["close", n]);
    table("applicant", &["reply", n, "--text", "Ответ."]);
    table("operator", &["operator", "review", n]);
    table("operator", &answer);
    // For people, the same as text.
    let words = world.by("applicant").run(["confirm", n, "--lang", "en"]).code(6).stderr;
    assert!(words.contains("cancel") && words.contains("take"), "{words}");
    // No ground yet: the error says when there will be one.
    let escalate = ["escalate", n, "--level", "senior", "--grounds", "overdue", "--reason", "Нет ответа."];
    let error = refused("applicant", &escalate);
    assert_eq!(error["code"], "no_grounds");
    let due = world.card("applicant", n)["due_at"].as_str().expect("a due date")[..10].to_owned();
    let text = format!("{} {}", error["message"], error["hint"]);
    let day = due[8..].trim_start_matches('0');
    assert!(text.contains(&due) || text.contains(day), "it does not say when ({due}): {text}");
    refused(
        "applicant",
        &["escalate", n, "--level", "senior", "--grounds", "unsatisfactory", "--reason", "Плохо."],
    );
    refused("applicant", &["repeat", n, "--grounds", "incomplete", "--text", "Ещё раз."]);

    // In progress.
    world.by("operator").run(["operator", "take", n]).ok();
    table("applicant", &["confirm", n]);
    table("applicant", &["reply", n, "--text", "Ответ."]);
    table("applicant", &["close", n]);

    // Escalated: only the supervisor of the level may act.
    let critical =
        ["escalate", n, "--level", "regional", "--grounds", "critical", "--reason", "Опасно для жизни."];
    world.run(critical).ok();
    let moves = table("operator", &["operator", "take", n]);
    has(&moves, "supervisor", "change", "answered");
    table("operator", &answer);
    table("operator", &["operator", "redirect", n, "--department", "housing", "--reason", "Не наше."]);
    table("operator", &["operator", "refuse", n, "--reason", "Не наше."]);
    // There is no decision to uphold yet.
    table("supervisor-regional", &["supervisor", "uphold", n, "--text", "Верно."]);
    world.by("supervisor-regional").run(["supervisor", "return", n, "--text", "Ответьте."]).ok();
    world.by("operator").run(answer).ok();

    // Answered.
    table("applicant", &["cancel", n]);
    table("operator", &["operator", "take", n]);
    table("operator", &["operator", "ask", n, "--text", "Что ещё?"]);
    table("supervisor-regional", &["supervisor", "change", n, "--text", "Иначе."]);
    table("applicant", &["reply", n, "--text", "Ответ."]);
    // A level that was used is not available again.
    let lower = ["escalate", n, "--level", "senior", "--grounds", "unsatisfactory", "--reason", "Плохо."];
    refused("applicant", &lower);

    // Final.
    world.run(["close", n]).ok();
    table("applicant", &["confirm", n]);
    table("applicant", &["cancel", n]);
    table("operator", &answer);
    table("operator", &["operator", "redirect", n, "--department", "housing", "--reason", "Не наше."]);

    // Cancelled: not even an escalation.
    world.run(["cancel", other, "--reason", "Передумал."]).ok();
    let before = trace(world, other);
    let critical =
        ["escalate", other, "--level", "senior", "--grounds", "critical", "--reason", "Всё же опасно."];
    world.run(critical).code(6);
    world.by("operator").run(["operator", "take", other]).code(6);
    assert_eq!(trace(world, other), before);
    // Repeating a completed action is not an error, and changes nothing.
    world.run(["cancel", other]).ok();
    assert_eq!(trace(world, other), before);
}

fn who_may_do_what(world: &World) {
    let n = &world.filed();
    let before = trace(world, n);
    let answer = ["operator", "answer", n, "--decision", "granted", "--text", "Сделано."];
    let take = ["operator", "take", n];
    let operators: [&[&str]; 8] = [
        &take,
        &["operator", "review", n],
        &["operator", "ask", n, "--text", "Что?"],
        &["operator", "redirect", n, "--department", "housing", "--reason", "Не наше."],
        &answer,
        &["operator", "refuse", n, "--reason", "Нет."],
        &["operator", "assign", n, "--to", "operator"],
        &["operator", "comment", n, "--text", "Для своих.", "--internal"],
    ];
    let applicants: [&[&str]; 6] = [
        &["confirm", n],
        &["close", n],
        &["cancel", n],
        &["reply", n, "--text", "Ответ."],
        &["rate", n, "--score", "5"],
        &["escalate", n, "--level", "senior", "--grounds", "critical", "--reason", "Опасно."],
    ];
    let supervisors: [&[&str]; 3] = [
        &["supervisor", "uphold", n, "--text", "Верно."],
        &["supervisor", "change", n, "--text", "Иначе."],
        &["supervisor", "return", n, "--text", "Ещё раз."],
    ];
    // Visible, but not permitted.
    for args in operators.iter().chain(&supervisors) {
        world.run(*args).code(4);
    }
    for args in applicants.iter().chain(&supervisors) {
        world.by("operator").run(*args).code(4);
    }
    for args in applicants.iter().chain(&operators).chain(&supervisors) {
        world.by("admin").run(*args).code(4);
    }
    // Not visible: the same as if it did not exist.
    let nowhere = "2026-0000000000-";
    let unknown = (0..10).map(|c| format!("{nowhere}{c}")).find(|n| world.run(["show", n]).status == 5);
    let unknown = unknown.expect("one of ten check digits is right");
    for who in ["representative", "intermediary", "analyst", "supervisor", "supervisor-regional"] {
        for args in applicants.iter().chain(&operators).chain(&supervisors) {
            let absent: Vec<&str> =
                args.iter().map(|arg| if arg == n { unknown.as_str() } else { arg }).collect();
            let code = world.by(who).run(*args).status;
            assert_eq!(
                code,
                world.by(who).run(&absent).status,
                "{who} can tell by {args:?} that it is there"
            );
            // An analyst's account has no scope for filing, whether the appeal exists or not.
            assert!(code == 5 || code == 4 && who == "analyst", "{who} {args:?}: {code}");
        }
        let hidden = world.by(who).run(["show", n, "-o", "json"]).code(5).error();
        let absent = world.by(who).run(["show", &unknown, "-o", "json"]).code(5).error();
        assert_eq!(hidden.to_string().replace(n.as_str(), "N"), absent.to_string().replace(&unknown, "N"));
        assert_eq!(world.by(who).run(["list", "--all", "-o", "json"]).ok().json(), serde_json::json!([]));
    }
    assert_eq!(trace(world, n), before);

    // A supervisor sees appeals escalated to their level, and decides only there.
    world.run(["escalate", n, "--level", "senior", "--grounds", "critical", "--reason", "Опасно."]).ok();
    world.by("supervisor-federal").run(["supervisor", "change", n, "--text", "Иначе."]).code(5);
    let queue = |who: &str| {
        let rows = world.by(who).run(["supervisor", "queue", "-o", "json"]).ok().json();
        rows.as_array()
            .expect("rows")
            .iter()
            .filter_map(|r| r["number"].as_str().map(str::to_owned))
            .collect::<Vec<_>>()
    };
    assert_eq!(queue("supervisor-senior"), [n.as_str()]);
    assert_eq!(queue("supervisor-federal"), [] as [&str; 0]);
    world.by("supervisor-senior").run(["supervisor", "return", n, "--text", "Ответьте."]).ok();
    world.by("operator").run(answer).ok();
    world
        .run(["escalate", n, "--level", "federal", "--grounds", "unsatisfactory", "--reason", "Не то."])
        .ok();
    let before = trace(world, n);
    world.by("supervisor-senior").run(["supervisor", "uphold", n, "--text", "Верно."]).code(4);
    assert_eq!(trace(world, n), before);

    // Internal comments are visible to the authority's staff only; the chain can be verified without them.
    world
        .by("operator")
        .run(["operator", "comment", n, "--text", "Между нами: план сорван.", "--internal"])
        .ok();
    for who in ["applicant", "operator"] {
        let card = world.by(who).run(["show", n, "--journal", "-o", "json"]).ok();
        let tells = card.out().contains("план сорван");
        assert_eq!(tells, who == "operator", "{who}");
        let journal = world.by(who).run(["journal", n, "--verify", "-o", "json"]).ok();
        assert_eq!(journal.out().contains("план сорван"), who == "operator", "{who}");
    }
    assert!(!world.run(["changes", "--since", "1d", "-o", "jsonl"]).ok().out().contains("план сорван"));
    // The applicant's comment cannot be internal.
    world.run(["comment", n, "--text", "Тайна.", "--internal"]).code(4);
}

/// Other actions of an operator: redirecting, refusing, merging, assigning; the queue.
fn other_ends(world: &World) {
    let n = &world.filed();
    let department = world.card("operator", n)["department"].clone();
    let redirect = ["operator", "redirect", n, "--department", "housing", "--reason", "Дворовая территория."];
    moves(world, "operator", &redirect, "redirected");
    let card = world.card("operator", n);
    assert_ne!(card["department"], department);
    assert_eq!(card["department"], "housing");
    let queue = world.by("operator").run(["operator", "queue", "-o", "json"]).ok().json();
    assert!(queue.as_array().is_some_and(|rows| rows.iter().any(|r| r["number"] == n.as_str())), "{queue}");
    world.by("operator").run(["operator", "assign", n, "--to", "operator"]).ok();
    assert_eq!(world.card("operator", n)["responsible"], "operator");
    moves(world, "operator", &["operator", "take", n], "in_progress");
    moves(world, "operator", &["operator", "refuse", n, "--reason", "Двор частный."], "rejected");
    let card = world.card("applicant", n);
    let answers = card["answers"].as_array().expect("answers");
    assert_eq!(
        (answers[0]["decision"].as_str(), answers[0]["text"].as_str()),
        (Some("refused"), Some("Двор частный."))
    );
    moves(world, "applicant", &["rate", n, "--score", "1"], "rejected");
    let escalate =
        ["escalate", n, "--level", "federal", "--grounds", "unsatisfactory", "--reason", "Двор общий."];
    moves(world, "applicant", &escalate, "under_review");
    moves(world, "supervisor-federal", &["supervisor", "uphold", n, "--text", "Отказ законный."], "answered");

    // `wait` ends when the status is reached, and with 6 when it can no longer be reached.
    let m = &world.filed();
    let waiting = world.by("applicant").start(["wait", m, "--for", "В работе", "-q", "--timeout", "60s"]);
    world.by("operator").run(["operator", "take", m]).ok();
    assert_eq!(waiting.finish().ok().line(), m);
    world.run(["cancel", m]).ok();
    world.run(["wait", m, "--for", "answered", "--timeout", "60s"]).code(6);
    world.run(["wait", m, "--for", "cancelled", "--timeout", "60s"]).ok();
}

fn drafts(world: &World) {
    let draft = world
        .run(["create", "--subject", "Заготовка", "--text", "Пока без подробностей.", "--draft", "-q"])
        .ok();
    let draft = draft.line().to_owned();
    assert!(draft.starts_with("D-"), "{draft}");
    assert_eq!(world.card("applicant", &draft)["status"], "draft");
    // No one else sees a draft, including its future operator.
    for who in ["operator", "admin", "representative"] {
        world.by(who).run(["show", &draft]).code(5);
    }
    // An incomplete draft is refused when submitted, and remains a draft.
    world.run(["submit", &draft]).code(3);
    world
        .run([
            "edit",
            &draft,
            "--category",
            "roads",
            "--text",
            "Со 2 ноября 2026 яма у дома 7. Прошу засыпать.",
        ])
        .ok();
    let file = world.file("снимок.png", common::samples::png());
    world.run(["attach", &draft, &file]).ok();
    let number = world.run(["submit", &draft, "-q"]).ok().line().to_owned();
    let card = world.card("applicant", &number);
    assert_eq!(card["status"], "submitted");
    assert_eq!(card["text"], "Со 2 ноября 2026 яма у дома 7. Прошу засыпать.");
    assert_eq!(card["attachments"][0]["name"], "снимок.png");
    let second = world
        .run(["create", "--subject", "Лишнее", "--text", "Удалить.", "--draft", "-q"])
        .ok()
        .line()
        .to_owned();
    world.run(["discard", &second]).ok();
    world.run(["show", &second]).code(5);
    world.run(["discard", &number]).code(6);
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
