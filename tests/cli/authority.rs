//! The authority's side on the command line: registering on an applicant's behalf, co-executors, extensions,
//! categories, duplicates.

use crate::common::{Run, World};
use serde_json::Value;

over_both!(
    a_call_is_registered_for_the_applicant_once,
    a_registration_needs_an_operator_and_an_applicant,
    an_incomplete_command_of_an_operator_is_refused,
    the_same_appeal_is_found_by_both_sides,
    a_department_is_involved_and_no_longer_involved,
    a_deadline_is_extended_with_a_reason,
    an_appeal_is_merged_into_the_first_one,
    a_new_category_routes_again,
);

const WORDS: [&str; 8] = [
    "--category",
    "housing.repairs",
    "--subject",
    "Нет отопления в доме 12 по улице Лесной",
    "--text",
    "С 3 ноября 2026 года в квартире 7 не работает отопление. Прошу восстановить подачу тепла.",
    "--expected",
    "Отопление восстановлено",
];

/// Registers an appeal for the applicant.
fn register(world: &World, who: &str, more: &[&str]) -> Run {
    let base = ["operator", "register", "--for", "applicant", "--channel", "phone"];
    world.by(who).run(base.iter().chain(&WORDS).chain(more))
}

/// Returns the number of a registered appeal.
fn registered(world: &World) -> String {
    register(world, "operator", &["-q"]).ok().line().to_owned()
}

/// Files the same as the applicant; returns the card.
fn filed_too(world: &World) -> Value {
    world.by("applicant").run(["create"].iter().chain(&WORDS).chain(&["-o", "json"])).ok().json()
}

fn a_call_is_registered_for_the_applicant_once(world: &World) {
    let dry_run = register(world, "operator", &["--dry-run", "-o", "json"]).ok().json();
    assert_eq!(dry_run["dry_run"], true);
    let under_key = || register(world, "operator", &["-q", "--idempotency-key", "call-1"]).ok();
    let n = under_key();
    assert_eq!(n.line(), under_key().line(), "one key, one appeal");
    let card = world.card("applicant", n.line());
    assert_eq!((&card["channel"], &card["applicant"]["login"]), (&"phone".into(), &"applicant".into()));
}

fn a_registration_needs_an_operator_and_an_applicant(world: &World) {
    register(world, "applicant", &[]).code(4);
    let base = ["operator", "register", "--for", "nobody", "--channel", "phone"];
    world.by("operator").run(base.iter().chain(&WORDS)).code(3);
}

fn an_incomplete_command_of_an_operator_is_refused(world: &World) {
    let n = &world.filed();
    let operator = world.by("operator");
    operator.run(["operator", "register", "--for", "applicant", "--channel", "account"]).code(2);
    operator.run(["operator", "classify", n]).code(2);
    operator.run(["operator", "involve", n]).code(2);
}

fn the_same_appeal_is_found_by_both_sides(world: &World) {
    let n = &registered(world);
    let twice = filed_too(world);
    assert_eq!(twice["similar"][0]["number"], n.as_str());
    let similar = world.by("operator").run(["operator", "similar", n, "-q"]).ok();
    assert_eq!(similar.line(), twice["number"].as_str().unwrap());
    world.by("applicant").run(["operator", "similar", n]).code(4);
}

fn a_department_is_involved_and_no_longer_involved(world: &World) {
    let n = &registered(world);
    let (operator, roads) = (world.by("operator"), world.by("operator-roads"));
    operator.run(["operator", "involve", n, "--department", "roads"]).ok();
    assert_eq!(roads.run(["operator", "queue", "--involved", "-q"]).ok().line(), n);
    roads.run(["operator", "comment", n, "--internal", "--text", "Теплотрасса под дорогой"]).ok();
    roads.run(["operator", "take", n]).code(4);
    operator.run(["operator", "involve", n, "--department", "roads", "--remove"]).ok();
    roads.run(["show", n]).code(5);
    world.by("applicant").run(["journal", n, "--verify"]).ok();
}

fn a_deadline_is_extended_with_a_reason(world: &World) {
    let n = &registered(world);
    let extend = |to: &str| {
        let args = ["operator", "extend", n, "--to", to, "--reason", "Экспертиза", "-o", "json"];
        world.by("operator").run(args)
    };
    extend("1h").code(3);
    assert_eq!(extend("60d").ok().json()["comments"][0]["text"], "Экспертиза");
    world.by("applicant").run(["journal", n, "--verify"]).ok();
}

fn an_appeal_is_merged_into_the_first_one(world: &World) {
    let n = &registered(world);
    let twice = filed_too(world);
    let m = twice["number"].as_str().unwrap();
    let operator = world.by("operator");
    let merged = operator.run(["operator", "merge", m, "--into", n, "-o", "json"]).ok().json();
    assert_eq!((&merged["status"], &merged["merged_into"]), (&"closed".into(), &n.as_str().into()));
    operator.run(["operator", "merge", n, "--into", m]).code(3);
}

fn a_new_category_routes_again(world: &World) {
    let n = &registered(world);
    let classify = ["operator", "classify", n, "--category", "roads", "--priority", "high", "-o", "json"];
    let card = world.by("operator").run(classify).ok().json();
    assert_eq!((&card["department"], &card["priority"]), (&"roads".into(), &"high".into()));
    let queue = ["operator", "queue", "--responsible", "operator-roads", "-q"];
    assert_eq!(world.by("operator").run(queue).ok().line(), n);
}
