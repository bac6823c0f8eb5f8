//! Deadlines for people and scripts: `appeal deadline` with and without a number.

use crate::common::{World, keys};
use serde_json::Value;

over_both!(
    deadlines_are_those_of_the_card,
    the_steps_of_a_deadline_are_explained,
    waiting_for_the_applicant_pauses_a_deadline,
    deadlines_are_for_those_who_see_the_appeal,
    what_would_be_due,
);

fn deadline<'a>(all: &'a Value, kind: &str) -> &'a Value {
    all.as_array().expect("a list").iter().find(|d| d["kind"] == kind).expect("a deadline")
}

/// Returns the deadlines of an appeal.
fn deadlines(world: &World, number: &str) -> Value {
    world.run(["deadline", number, "-o", "json"]).ok().json()
}

fn deadlines_are_those_of_the_card(world: &World) {
    let n = &world.filed();
    let (all, card) = (deadlines(world, n), world.card("applicant", n));
    let decision = deadline(&all, "decision");
    assert_eq!(decision["due_at"], card["due_at"]);
    assert_eq!(all.as_array().unwrap().len(), card["deadlines"].as_array().unwrap().len());
    assert_eq!(deadline(&all, "registration")["state"], "met");
    for key in
        ["term", "started_at", "state", "met_at", "paused_at", "zone", "pauses", "steps", "left_minutes"]
    {
        assert!(keys(decision).contains(&key.to_owned()), "{key}: {decision}");
    }
    assert_eq!(world.run(["deadline", n, "-q"]).ok().lines().len(), 4);
    let due = world.run(["deadline", n, "--jq", ".[] | select(.kind == \"decision\") | .due_at"]).ok();
    assert!(due.out().contains(card["due_at"].as_str().unwrap()));
}

fn the_steps_of_a_deadline_are_explained(world: &World) {
    let n = &world.filed();
    let all = deadlines(world, n);
    let steps = deadline(&all, "decision")["steps"].as_array().unwrap();
    assert_eq!((&steps[0]["code"], &steps.last().unwrap()["code"]), (&"start".into(), &"end".into()));
    assert_eq!(steps.iter().filter(|s| s["code"] == "day").count(), 5);
    let explain = |more: &[&str]| world.run(["deadline", n, "--explain"].iter().chain(more)).ok();
    let english = explain(&["-o", "table", "--lang", "en"]);
    assert!(english.out().contains("working day 5") && english.out().contains("Europe/Moscow"));
    let russian = explain(&["-o", "table", "--lang", "ru"]);
    assert!(russian.out().contains("рабочий день № 5") && russian.out().contains("нулевой день"));
    let lines = explain(&["--columns", "kind,code,from", "-o", "plain"]);
    assert!(lines.lines().iter().any(|l| l.starts_with("decision\tday\t20")), "{}", lines.out());
}

fn waiting_for_the_applicant_pauses_a_deadline(world: &World) {
    let n = &world.filed();
    world.by("operator").run(["operator", "ask", n, "--text", "У какого подъезда?"]).ok();
    let all = deadlines(world, n);
    let decision = deadline(&all, "decision");
    assert_eq!((&decision["state"], &decision["left_minutes"]), (&"paused".into(), &Value::Null));
    assert!(decision["steps"].as_array().unwrap().iter().any(|s| s["code"] == "paused"));
    world.run(["reply", n, "--text", "У второго"]).ok();
    assert_eq!(deadline(&deadlines(world, n), "decision")["pauses"].as_array().unwrap().len(), 1);
}

fn deadlines_are_for_those_who_see_the_appeal(world: &World) {
    let n = &world.filed();
    world.by("representative").run(["deadline", n]).code(5);
    world.run(["deadline", "2026-0000000000-1"]).code(3);
    world.run(["deadline", n, "--channel", "phone"]).code(2);
}

fn what_would_be_due(world: &World) {
    // Term by term, calculated by hand: time of filing, and due date of the decision.
    for (args, expected) in [
        ("--at 2026-11-06T17:30:00+03:00", "2026-11-13T15:00:00Z"),
        ("--category services --at 2026-11-06T17:30:00+03:00", "2026-11-11T15:00:00Z"),
        // Thirty days from 6 November end on Sunday 6 December.
        ("--category general --at 2026-11-06T17:30:00+03:00", "2026-12-07T15:00:00Z"),
        ("--channel email --at 2026-11-06T17:30:00+03:00", "2026-11-07T14:30:00Z"),
        ("--channel chat --at 2026-12-31T23:30:00+03:00", "2026-12-31T22:30:00Z"),
        // The last working day of 2026 is followed by eleven days off.
        ("--channel phone --at 2026-12-30T12:00:00+03:00", "2027-01-11T15:00:00Z"),
        // 3 November is a shortened day that ends at 17:00.
        ("--channel phone --at 2026-11-02T12:00:00+03:00", "2026-11-03T14:00:00Z"),
        ("--department housing-25 --at 2026-11-06T17:30:00+10:00", "2026-11-13T08:00:00Z"),
        ("--category housing --region 25 --channel phone --at 2026-11-06T12:00:00Z", "2026-11-09T08:00:00Z"),
        ("--channel in-person --at 2026-11-07T13:30:00+03:00", "2026-11-13T15:00:00Z"),
    ] {
        let run = world.run(["deadline", "-o", "json"].into_iter().chain(args.split(' '))).ok();
        assert_eq!(deadline(&run.json(), "decision")["due_at"], expected, "{args}");
    }
    let first = world.run(["deadline", "-o", "json", "--at", "2026-11-06T17:30:00+03:00"]).ok().json();
    assert_eq!(deadline(&first, "first_status")["due_at"], "2026-11-10T09:30:00Z");
    let text = world.run(["deadline", "--at", "2028-03-01", "--explain", "-o", "table", "--lang", "en"]).ok();
    assert!(text.out().contains("provisional"), "{}", text.out());
    world.run(["deadline", "--category", "nowhere"]).code(3);
    world.run(["deadline", "--channel", "pigeon"]).code(2);
}
