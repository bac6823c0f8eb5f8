//! The authority's side on the command line: registering on an applicant's behalf, co-executors, extensions,
//! categories, duplicates.

use crate::common::World;

over_both!(an_authority_works_through_its_day);

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

fn an_authority_works_through_its_day(world: &World) {
    let operator = world.by("operator");
    let register = ["operator", "register", "--for", "applicant", "--channel", "phone"];
    let with = |more: &[&str]| {
        register.iter().chain(&WORDS).chain(more).map(|a| (*a).to_owned()).collect::<Vec<_>>()
    };
    let dry_run = operator.run(with(&["--dry-run", "-o", "json"])).ok().json();
    assert_eq!(dry_run["dry_run"], true);
    let n = operator.run(with(&["-q", "--idempotency-key", "call-1"])).ok().line().to_owned();
    let again = operator.run(with(&["-q", "--idempotency-key", "call-1"])).ok().line().to_owned();
    assert_eq!(n, again, "one key, one appeal");
    let n = n.as_str();
    let card = world.card("applicant", n);
    assert_eq!((&card["channel"], &card["applicant"]["login"]), (&"phone".into(), &"applicant".into()));

    // Missing permissions and invalid input.
    world.by("applicant").run(with(&[])).code(4);
    operator.run(["operator", "register", "--for", "applicant", "--channel", "account"]).code(2);
    let mut unknown = with(&[]);
    unknown[3] = "nobody".to_owned();
    operator.run(unknown).code(3);
    operator.run(["operator", "classify", n]).code(2);
    operator.run(["operator", "involve", n]).code(2);

    // The applicant files the same again and is informed.
    let twice = world.by("applicant").run(["create"].iter().chain(&WORDS).chain(&["-o", "json"])).ok().json();
    assert_eq!(twice["similar"][0]["number"], n);
    let m = twice["number"].as_str().unwrap();
    assert_eq!(operator.run(["operator", "similar", n, "-q"]).ok().lines(), [m]);
    world.by("applicant").run(["operator", "similar", n]).code(4);

    operator.run(["operator", "involve", n, "--department", "roads"]).ok();
    let roads = world.by("operator-roads");
    assert_eq!(roads.run(["operator", "queue", "--involved", "-q"]).ok().lines(), [n]);
    roads.run(["operator", "comment", n, "--internal", "--text", "Теплотрасса под дорогой"]).ok();
    roads.run(["operator", "take", n]).code(4);
    operator.run(["operator", "involve", n, "--department", "roads", "--remove"]).ok();
    roads.run(["show", n]).code(5);

    operator.run(["operator", "extend", n, "--to", "1h", "--reason", "x"]).code(3);
    let extended =
        operator.run(["operator", "extend", n, "--to", "60d", "--reason", "Экспертиза", "-o", "json"]);
    assert_eq!(extended.ok().json()["comments"][1]["text"], "Экспертиза");
    let merged = operator.run(["operator", "merge", m, "--into", n, "-o", "json"]).ok().json();
    assert_eq!((&merged["status"], &merged["merged_into"]), (&"closed".into(), &n.into()));
    operator.run(["operator", "merge", n, "--into", m]).code(3);
    let classified = operator
        .run(["operator", "classify", n, "--category", "roads", "--priority", "high", "-o", "json"])
        .ok()
        .json();
    assert_eq!((&classified["department"], &classified["priority"]), (&"roads".into(), &"high".into()));
    assert_eq!(
        operator.run(["operator", "queue", "--responsible", "operator-roads", "-q"]).ok().lines(),
        [n]
    );
    world.by("applicant").run(["journal", n, "--verify"]).ok();
}
