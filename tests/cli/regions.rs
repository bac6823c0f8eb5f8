//! Regions: every usual spelling leads to the code, and the code to the department.

use crate::common::World;
use serde_json::{Value, json};

/// The arguments of an appeal about a road, which the region routes.
const ROAD: [&str; 9] = [
    "create",
    "--subject",
    "Яма на Садовой улице у дома 5",
    "--text",
    "С 1 ноября 2026 года у дома 5 яма. Прошу отремонтировать покрытие.",
    "--category",
    "roads",
    "-o",
    "json",
];

/// Files an appeal in a region; returns its card.
fn filed(world: &World, region: &str) -> Value {
    world.run(ROAD.iter().chain(&["--region", region])).ok().json()
}

over_both!(
    every_spelling_leads_to_the_department_of_the_region,
    a_spelling_that_fits_two_regions_is_refused,
    an_unknown_region_is_refused_where_it_decides,
    an_unknown_region_is_kept_as_written_elsewhere,
    an_appeal_takes_the_region_of_the_profile,
    an_unknown_region_does_not_enter_a_profile,
    regions_are_listed_with_their_codes,
    a_region_is_shown_by_any_of_its_names,
);

fn every_spelling_leads_to_the_department_of_the_region(world: &World) {
    for region in
        ["54", "Новосибирская обл.", "НСО", "г. Новосибирск", "новосибирская  область", "Novosibirsk"]
    {
        let card = filed(world, region);
        assert_eq!(card["department"], "roads-54", "{region}");
        assert_eq!((&card["region"], &card["region_text"]), (&json!("54"), &json!(region)));
    }
    assert_eq!(filed(world, "Томск")["department"], "roads");
}

fn a_spelling_that_fits_two_regions_is_refused(world: &World) {
    for category in ["roads", "taxes"] {
        let more = ["--category", category, "--region", "Алтай"];
        let refused =
            world.run(ROAD.iter().filter(|arg| **arg != "--category" && **arg != "roads").chain(&more));
        let refused = refused.code(3);
        assert!(refused.stderr.contains("(04)") && refused.stderr.contains("(22)"), "{}", refused.stderr);
    }
}

fn an_unknown_region_is_refused_where_it_decides(world: &World) {
    let refused = world.run(ROAD.iter().chain(&["--region", "Атлантида"])).code(3);
    assert!(refused.stderr.contains("region-unknown"), "{}", refused.stderr);
}

fn an_unknown_region_is_kept_as_written_elsewhere(world: &World) {
    let elsewhere = |more: &[&'static str]| {
        let args = ROAD.iter().map(|arg| if *arg == "roads" { "technical" } else { arg });
        world.run(args.chain(["--region", "Атлантида"]).chain(more.iter().copied()))
    };
    let card = elsewhere(&[]).ok().json();
    assert_eq!((&card["region"], &card["region_text"]), (&Value::Null, &json!("Атлантида")));
    elsewhere(&["--strict"]).code(3);
}

fn an_appeal_takes_the_region_of_the_profile(world: &World) {
    world.locally("applicant").run(["account", "edit", "--region", "Новосибирская обл."]).ok();
    let card = world.run(ROAD).ok().json();
    assert_eq!((&card["region"], &card["department"]), (&json!("54"), &json!("roads-54")));
    assert_eq!(filed(world, "Томск")["region"], "70", "what the appeal names goes first");
}

fn an_unknown_region_does_not_enter_a_profile(world: &World) {
    world.locally("applicant").run(["account", "edit", "--region", "Атлантида"]).code(3);
}

fn regions_are_listed_with_their_codes(world: &World) {
    let regions = world.run(["region", "list", "-o", "json"]).ok().json();
    assert_eq!(regions.as_array().unwrap().len(), 90);
    assert_eq!(regions[0]["code"], "01");
}

fn a_region_is_shown_by_any_of_its_names(world: &World) {
    for name in ["54", "НСО", "Новосибирская обл."] {
        assert_eq!(world.run(["region", "show", name, "-q"]).ok().line(), "54");
    }
    world.run(["region", "show", "Алтай"]).code(3);
    world.run(["region", "show", "Атлантида"]).code(5);
}

#[test]
fn a_batch_files_with_the_region_as_written() {
    let world = World::local();
    let rows =
        "subject;text;category;region\nЯма у дома 5;С 1 ноября 2026 года яма. Прошу починить.;roads; НСО \n";
    let file = world.file("rows.csv", rows);
    let number = world.run(["batch", "submit", &file, "-q"]).ok();
    let card = world.card("applicant", number.line());
    assert_eq!((&card["region"], &card["region_text"]), (&json!("54"), &json!(" НСО ")));
}

#[test]
fn a_forecast_refuses_an_unknown_region_where_it_decides() {
    let world = World::local();
    world.run(["deadline", "--category", "roads", "--region", "Атлантида"]).code(3);
    world.run(["deadline", "--category", "roads", "--region", "НСО"]).ok();
}
