//! Sharing, supplements, repeats, escalations and reviews at the shell: commands, output and exit codes.

use crate::common::{World, samples};
use serde_json::{Value, json};

over_both!(sharing_an_appeal_starts_and_ends, disagreement_goes_up_and_comes_back);

fn sharing_an_appeal_starts_and_ends(world: &World) {
    let scan = world.file("акт.pdf", samples::pdf());
    let n = &world.filed_with(&["--attach", &scan]);
    let other = world.by("intermediary");
    other.run(["show", n]).code(5);
    other.run(["share", "list", n]).code(5);

    let shared =
        world.run(["share", "add", n, "--with", "intermediary", "--role", "view", "-o", "json"]).ok();
    assert_eq!(shared.json()["participants"], json!([{"login": "intermediary", "role": "view"}]));
    assert_eq!(other.run(["list", "-q"]).ok().line(), n);
    other.run(["files", "get", n, "--dir", &world.join("got")]).ok();
    other.run(["journal", n, "--verify"]).ok();
    other.run(["comment", n, "--text", "Можно?"]).code(4);
    other.run(["share", "add", n, "--with", "analyst", "--role", "view"]).code(4);
    other.run(["share", "remove", n, "--with", "intermediary"]).code(4);

    let key = ["--idempotency-key", "role-1"];
    let add = ["share", "add", n, "--with", "intermediary", "--role", "comment", "-q"];
    assert_eq!(world.run(add.iter().chain(&key)).ok().line(), n);
    assert_eq!(world.run(add.iter().chain(&key)).ok().line(), n);
    other.run(["comment", n, "--text", "Прилагаю копию", "--attach", &scan]).ok();
    other.run(["edit", n, "--expected", "Ровная дорога"]).code(4);
    world.run(["share", "add", n, "--with", "intermediary", "--role", "represent"]).ok();
    other.run(["edit", n, "--expected", "Ровная дорога", "--contact-phone", "+7 900 000-01-77"]).ok();

    let listed = other.run(["share", "list", n, "-o", "csv", "--columns", "login,role"]).ok();
    assert_eq!(listed.lines(), ["login,role", "intermediary,represent"]);
    assert_eq!(world.run(["share", "list", n, "--jq", ".[0].added_by"]).ok().line(), "applicant");
    world.run(["share", "add", n, "--with", "нет-такого", "--role", "view"]).code(3);
    world.run(["share", "add", n, "--with", "applicant", "--role", "view"]).code(3);
    world.run(["share", "add", n, "--with", "intermediary", "--role", "owner"]).code(2);

    let card = other.run(["show", n, "--versions", "-o", "json"]).ok().json();
    let versions = card["versions"].as_array().unwrap();
    assert_eq!(versions.len(), 2);
    assert_eq!(versions[1]["fields"], json!(["expected", "contacts.phone"]));
    assert_eq!(versions[1]["changes"]["expected"], json!({"before": null, "after": "Ровная дорога"}));
    let table = world.run(["show", n, "--versions", "-o", "table", "--lang", "ru"]).ok();
    assert!(table.out().contains("Версии") && table.out().contains("Ровная дорога"), "{}", table.out());

    world.run(["share", "remove", n, "--with", "intermediary"]).ok();
    world.run(["share", "remove", n, "--with", "intermediary"]).code(5);
    assert_eq!(world.run(["share", "list", n, "-o", "json"]).ok().json(), json!([]));
    other.run(["show", n]).code(5);
    other.run(["files", "get", n, "--dir", &world.join("again")]).code(5);
    assert_eq!(other.run(["list", "-o", "json"]).ok().json(), json!([]));
    assert!(other.run(["changes", "--since", "2020-01-01", "-o", "jsonl"]).ok().jsonl().is_empty());
    let changes = world.run(["changes", "--since", "2020-01-01", "-o", "jsonl"]).ok().jsonl();
    let events: Vec<&str> = changes.iter().filter_map(|c| c["event"].as_str()).collect();
    assert_eq!(events, ["created", "shared", "shared", "commented", "shared", "edited", "unshared"]);
}

fn disagreement_goes_up_and_comes_back(world: &World) {
    let n = &world.filed();
    // An escalation that is too early says when it will be possible.
    let early = ["escalate", n, "--level", "regional", "--grounds", "overdue", "--reason", "Нет ответа"];
    let error = world.run(early.iter().chain(&["-o", "json"])).code(6).error();
    let due = world.card("applicant", n)["due_at"].clone();
    assert_eq!(error["details"], json!([{"possible_at": due}]));
    assert!(error["message"].as_str().unwrap().contains(due.as_str().unwrap()), "{error}");
    let repeat = ["repeat", n, "--grounds", "incomplete", "--text", "Неполно", "-o", "json"];
    let error = world.run(repeat).code(6).error();
    assert_eq!((&error["code"], &error["details"]), (&json!("no_grounds"), &json!([{"possible_at": due}])));
    world.run(["rate", n, "--score", "2"]).code(6);

    let operator = world.by("operator");
    operator.run(["operator", "take", n]).ok();
    operator.run(["operator", "answer", n, "--decision", "partly", "--text", "Яму засыпали щебнем."]).ok();
    let second =
        world.run(["repeat", n, "--grounds", "incomplete", "--text", "Когда уберут щебень?", "-q"]).ok();
    let second = second.line();
    let chain = world.card("applicant", second)["chain"].clone();
    assert_eq!(chain, json!({"count": 2, "position": 2, "numbers": [n, second]}));
    let shown = world.run(["show", n, "-o", "table", "--lang", "en"]).ok();
    assert!(shown.out().contains("(1 of 2)"), "{}", shown.out());

    world.run(["rate", n, "--score", "2", "--category", "legal", "--remarks", "Норма отменена"]).ok();
    world.run(["rate", n, "--score", "5"]).code(6);
    let quality = world.by("supervisor-quality");
    let queue = ["supervisor", "reviews", "--state", "pending", "-o", "json"];
    let reviews = quality.run(queue).ok().json();
    assert_eq!((&reviews[0]["number"], &reviews[0]["review"]["score"]), (&json!(n), &json!(2)));
    assert_eq!(world.by("supervisor-federal").run(queue).ok().json(), json!([]));
    world.run(queue).code(4);
    quality.run(["supervisor", "revise", n]).ok();
    assert_eq!(quality.run(queue).ok().json(), json!([]));
    let act = world.file("решение.pdf", samples::pdf());
    quality.run(["supervisor", "revise", n, "--attach", &act]).code(2);
    quality.run(["supervisor", "revise", n, "--text", "Ссылка исправлена", "--attach", &act]).ok();
    quality.run(["supervisor", "revise", n, "--text", "Ещё раз"]).code(6);
    world.by("supervisor-federal").run(["supervisor", "revise", n]).code(5);
    operator.run(["supervisor", "revise", n]).code(4);
    let review = world.card("applicant", n)["review"].clone();
    assert_eq!((&review["state"], &review["changes"]), (&json!("completed"), &json!("Ссылка исправлена")));
    assert!(review["revised_at"].is_string() && review["by"] == "supervisor-quality", "{review}");
    assert_eq!(review["attachments"].as_array().map(Vec::len), Some(1));
    let shown = world.run(["show", n, "-o", "table", "--lang", "ru"]).ok();
    assert!(
        shown.out().contains("Ссылка исправлена") && shown.out().contains("решение.pdf"),
        "{}",
        shown.out()
    );

    let up =
        ["escalate", n, "--level", "regional", "--grounds", "unsatisfactory", "--reason", "Щебень смыло"];
    let card = world.run(up.iter().chain(&["-o", "json"])).ok().json();
    assert_eq!(card["escalations"][0]["department"], "review-regional");
    let regional = world.by("supervisor-regional");
    regional.run(["supervisor", "return", n, "--text", "Проверить на месте"]).ok();
    world.run(up).code(6);
    let higher = ["escalate", n, "--level", "quality", "--grounds", "critical", "--reason", "Опасно"];
    world.run(higher).ok();
    assert_eq!(world.card("applicant", n)["status"], Value::from("under_review"));
}
