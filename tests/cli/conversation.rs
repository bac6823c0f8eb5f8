//! Sharing, supplements, repeats, escalations and reviews at the shell: commands, output and exit codes.

use crate::common::{World, samples};
use serde_json::json;

over_both!(
    an_appeal_is_shared_and_no_longer_shared,
    a_viewer_reads_and_changes_nothing,
    a_commentator_comments_and_edits_nothing,
    a_representative_edits,
    who_has_access_is_listed,
    an_appeal_is_shared_with_known_others_alone,
    every_edit_is_a_version,
    what_comes_too_early_says_when_it_is_possible,
    a_repeat_is_counted,
    an_appeal_is_rated_once,
    a_low_rating_is_reviewed_by_the_supervisor_of_quality,
    a_review_ends_with_a_revised_answer,
    each_level_is_escalated_to_once,
);

/// Shares an appeal with the intermediary in this role; returns its number.
fn shared(world: &World, role: &str) -> String {
    let number = world.filed_with(&["--attach", &world.file("акт.pdf", samples::pdf())]);
    share(world, &number, role);
    number
}

fn share(world: &World, number: &str, role: &str) {
    world.run(["share", "add", number, "--with", "intermediary", "--role", role]).ok();
}

/// Returns the events of the applicant's changes.
fn events(world: &World) -> Vec<String> {
    let changes = world.run(["changes", "--since", "2020-01-01", "-o", "jsonl"]).ok().jsonl();
    changes.iter().map(|c| c["event"].as_str().expect("an event").to_owned()).collect()
}

fn an_appeal_is_shared_and_no_longer_shared(world: &World) {
    let n = &world.filed();
    let other = world.by("intermediary");
    other.run(["show", n]).code(5);
    other.run(["share", "list", n]).code(5);
    share(world, n, "view");
    assert_eq!(other.run(["list", "-q"]).ok().line(), n);
    world.run(["share", "remove", n, "--with", "intermediary"]).ok();
    world.run(["share", "remove", n, "--with", "intermediary"]).code(5);
    assert_eq!(world.run(["share", "list", n, "-o", "json"]).ok().json(), json!([]));
    other.run(["show", n]).code(5);
    other.run(["files", "get", n, "--dir", &world.join("again")]).code(5);
    assert_eq!(other.run(["list", "-o", "json"]).ok().json(), json!([]));
    assert!(other.run(["changes", "--since", "2020-01-01", "-o", "jsonl"]).ok().jsonl().is_empty());
    assert_eq!(events(world), ["created", "shared", "unshared"]);
}

fn a_viewer_reads_and_changes_nothing(world: &World) {
    let n = &shared(world, "view");
    let other = world.by("intermediary");
    other.run(["files", "get", n, "--dir", &world.join("got")]).ok();
    other.run(["journal", n, "--verify"]).ok();
    other.run(["comment", n, "--text", "Можно?"]).code(4);
    other.run(["share", "add", n, "--with", "analyst", "--role", "view"]).code(4);
    other.run(["share", "remove", n, "--with", "intermediary"]).code(4);
    assert_eq!(events(world), ["created", "shared"]);
}

fn a_commentator_comments_and_edits_nothing(world: &World) {
    let n = &shared(world, "comment");
    let other = world.by("intermediary");
    let scan = world.file("копия.pdf", samples::pdf());
    other.run(["comment", n, "--text", "Прилагаю копию", "--attach", &scan]).ok();
    other.run(["edit", n, "--expected", "Ровная дорога"]).code(4);
    assert_eq!(events(world), ["created", "shared", "commented"]);
}

fn a_representative_edits(world: &World) {
    let n = &shared(world, "view");
    share(world, n, "represent");
    let edit = ["edit", n, "--expected", "Ровная дорога", "--contact-phone", "+7 900 000-01-77"];
    world.by("intermediary").run(edit).ok();
    assert_eq!(events(world), ["created", "shared", "shared", "edited"]);
}

fn who_has_access_is_listed(world: &World) {
    let n = &shared(world, "view");
    let add = ["share", "add", n, "--with", "intermediary", "--role", "represent"];
    let key = ["--idempotency-key", "role-1"];
    let card = world.run(add.iter().chain(&key).chain(&["-o", "json"])).ok().json();
    assert_eq!(card["participants"], json!([{ "login": "intermediary", "role": "represent" }]));
    assert_eq!(world.run(add.iter().chain(&key).chain(&["-q"])).ok().line(), n);
    let listed =
        world.by("intermediary").run(["share", "list", n, "-o", "csv", "--columns", "login,role"]).ok();
    assert_eq!(listed.lines(), ["login,role", "intermediary,represent"]);
    assert_eq!(world.run(["share", "list", n, "--jq", ".[0].added_by"]).ok().line(), "applicant");
}

fn an_appeal_is_shared_with_known_others_alone(world: &World) {
    let n = &world.filed();
    world.run(["share", "add", n, "--with", "нет-такого", "--role", "view"]).code(3);
    world.run(["share", "add", n, "--with", "applicant", "--role", "view"]).code(3);
    world.run(["share", "add", n, "--with", "intermediary", "--role", "owner"]).code(2);
}

fn every_edit_is_a_version(world: &World) {
    let n = &shared(world, "represent");
    let edit = ["edit", n, "--expected", "Ровная дорога", "--contact-phone", "+7 900 000-01-77"];
    world.by("intermediary").run(edit).ok();
    let card = world.by("intermediary").run(["show", n, "--versions", "-o", "json"]).ok().json();
    let versions = card["versions"].as_array().unwrap();
    assert_eq!(versions.len(), 2);
    assert_eq!(versions[1]["fields"], json!(["expected", "contacts.phone"]));
    assert_eq!(versions[1]["changes"]["expected"], json!({"before": null, "after": "Ровная дорога"}));
    let table = world.run(["show", n, "--versions", "-o", "table", "--lang", "ru"]).ok();
    assert!(table.out().contains("Версии") && table.out().contains("Ровная дорога"), "{}", table.out());
}

fn what_comes_too_early_says_when_it_is_possible(world: &World) {
    let n = &world.filed();
    let early = ["escalate", n, "--level", "regional", "--grounds", "overdue", "--reason", "Нет ответа"];
    let error = world.run(early.iter().chain(&["-o", "json"])).code(6).error();
    let card = world.card("applicant", n);
    let due = card["due_at"].clone();
    assert_eq!(error["details"], json!([{"possible_at": due}]));
    assert!(error["message"].as_str().unwrap().contains(card["due_on"].as_str().unwrap()), "{error}");
    let repeat = ["repeat", n, "--grounds", "incomplete", "--text", "Неполно", "-o", "json"];
    let error = world.run(repeat).code(6).error();
    assert_eq!((&error["code"], &error["details"]), (&json!("no_grounds"), &json!([{"possible_at": due}])));
    world.run(["rate", n, "--score", "2"]).code(6);
}

/// Files an appeal that the operator answers; returns its number.
fn answered(world: &World) -> String {
    let n = world.filed();
    let operator = world.by("operator");
    operator.run(["operator", "take", &n]).ok();
    operator.run(["operator", "answer", &n, "--decision", "partly", "--text", "Яму засыпали щебнем."]).ok();
    n
}

fn a_repeat_is_counted(world: &World) {
    let n = &answered(world);
    let second =
        world.run(["repeat", n, "--grounds", "incomplete", "--text", "Когда уберут щебень?", "-q"]).ok();
    let chain = world.card("applicant", second.line())["chain"].clone();
    assert_eq!(chain, json!({"count": 2, "position": 2, "numbers": [n, second.line()]}));
    let shown = world.run(["show", n, "-o", "table", "--lang", "en"]).ok();
    assert!(shown.out().contains("(1 of 2)"), "{}", shown.out());
}

/// An answered appeal with a low rating.
fn rated(world: &World) -> String {
    let n = answered(world);
    world.run(["rate", &n, "--score", "2", "--category", "legal", "--remarks", "Норма отменена"]).ok();
    n
}

fn an_appeal_is_rated_once(world: &World) {
    world.run(["rate", &rated(world), "--score", "5"]).code(6);
}

fn a_low_rating_is_reviewed_by_the_supervisor_of_quality(world: &World) {
    let n = &rated(world);
    let queue = ["supervisor", "reviews", "--state", "pending", "-o", "json"];
    let quality = world.by("supervisor-quality");
    let reviews = quality.run(queue).ok().json();
    assert_eq!((&reviews[0]["number"], &reviews[0]["review"]["score"]), (&json!(n), &json!(2)));
    assert_eq!(world.by("supervisor-federal").run(queue).ok().json(), json!([]));
    world.run(queue).code(4);
    world.by("supervisor-federal").run(["supervisor", "revise", n]).code(5);
    world.by("operator").run(["supervisor", "revise", n]).code(4);
    quality.run(["supervisor", "revise", n]).ok();
    assert_eq!(quality.run(queue).ok().json(), json!([]));
}

fn a_review_ends_with_a_revised_answer(world: &World) {
    let n = &rated(world);
    let act = world.file("решение.pdf", samples::pdf());
    let revise =
        |more: &[&str]| world.by("supervisor-quality").run(["supervisor", "revise", n].iter().chain(more));
    revise(&["--attach", &act]).code(2);
    revise(&["--text", "Ссылка исправлена", "--attach", &act]).ok();
    revise(&["--text", "Ещё раз"]).code(6);
    let review = world.card("applicant", n)["review"].clone();
    assert_eq!((&review["state"], &review["changes"]), (&json!("completed"), &json!("Ссылка исправлена")));
    assert!(review["revised_at"].is_string() && review["by"] == "supervisor-quality", "{review}");
    assert_eq!(review["attachments"].as_array().map(Vec::len), Some(1));
    let shown = world.run(["show", n, "-o", "table", "--lang", "ru"]).ok();
    assert!(shown.out().contains("Ссылка исправлена") && shown.out().contains("решение.pdf"), "{shown:?}");
}

fn each_level_is_escalated_to_once(world: &World) {
    let n = &answered(world);
    let up =
        ["escalate", n, "--level", "regional", "--grounds", "unsatisfactory", "--reason", "Щебень смыло"];
    let card = world.run(up.iter().chain(&["-o", "json"])).ok().json();
    assert_eq!(card["escalations"][0]["department"], "review-regional");
    let back = ["supervisor", "return", n, "--text", "Проверить на месте"];
    world.by("supervisor-regional").run(back).ok();
    world.run(up).code(6);
    let higher = ["escalate", n, "--level", "federal", "--grounds", "critical", "--reason", "Опасно"];
    world.run(higher).ok();
    assert_eq!(world.card("applicant", n)["status"], "under_review");
}
