//! Where the problem is: an address, and coordinates that come together.

use crate::common::{Run, World};
use serde_json::{Value, json};

over_both!(a_place_is_filed_and_shown, a_part_of_a_place_is_replaced, an_empty_coordinate_clears_it);

const TEXT: &str = "С 3 ноября 2026 года не горят фонари. Прошу восстановить освещение.";
const CREATE: [&str; 7] =
    ["create", "--category", "roads", "--subject", "Не горят фонари с 3 ноября", "--text", TEXT];
const PLACE: [&str; 6] =
    ["--address", "ул. Лесная, 12", "--latitude", "55.7558", "--longitude", "-37,61730000"];

fn created(world: &World, more: &[&str]) -> Run {
    world.run(CREATE.iter().chain(more).chain(&["-o", "json"]))
}

fn filed(world: &World) -> String {
    created(world, &PLACE).ok().json()["number"].as_str().unwrap().to_owned()
}

fn place() -> Value {
    json!({ "address": "ул. Лесная, 12", "latitude": 55.7558, "longitude": -37.6173 })
}

fn a_place_is_filed_and_shown(world: &World) {
    let card = created(world, &PLACE).ok().json();
    let shown = world.run(["show", card["number"].as_str().unwrap(), "-o", "json"]).ok().json();
    assert_eq!((&card["place"], &shown["place"]), (&place(), &place()));
}

fn a_part_of_a_place_is_replaced(world: &World) {
    let number = filed(world);
    let edited = world.run(["edit", &number, "--latitude", "55.8", "-o", "json"]).ok().json();
    assert_eq!(
        edited["place"],
        json!({ "address": "ул. Лесная, 12", "latitude": 55.8, "longitude": -37.6173 })
    );
}

fn an_empty_coordinate_clears_it(world: &World) {
    let number = filed(world);
    let edited = world.run(["edit", &number, "--latitude", "", "--longitude", "", "-o", "json"]).ok().json();
    assert_eq!(edited["place"], json!({ "address": "ул. Лесная, 12", "latitude": null, "longitude": null }));
}

#[test]
fn a_place_without_values_is_null() {
    let world = World::local();
    let number = filed(&world);
    let words = ["edit", &number, "--address", "", "--latitude", "", "--longitude", "", "-o", "json"];
    assert_eq!(world.run(words).ok().json()["place"], Value::Null);
}

#[test]
fn a_place_is_labelled_in_both_languages() {
    let world = World::local();
    let number = filed(&world);
    for (lang, labels) in [("en", ["Place", "Latitude", "Longitude"]), ("ru", ["Место", "Широта", "Долгота"])]
    {
        let shown = world.run(["show", &number, "-o", "table", "--lang", lang]).ok();
        for (label, value) in labels.into_iter().zip(["ул. Лесная, 12", "55.7558", "-37.6173"]) {
            let is_there = |line: &str| line.starts_with(label) && line.trim().ends_with(value);
            assert!(shown.out().lines().any(is_there), "{label}: {}", shown.out());
        }
    }
}

#[test]
fn a_list_has_columns_for_the_place() {
    let world = World::local();
    filed(&world);
    let columns = "place.address,place.latitude,place.longitude";
    let list = world.run(["list", "--columns", columns, "-o", "plain"]).ok();
    assert_eq!(list.line(), "ул. Лесная, 12\t55.7558\t-37.6173");
}

#[test]
fn the_journal_and_the_versions_have_the_place() {
    let world = World::local();
    let number = filed(&world);
    world.run(["edit", &number, "--latitude", "55.8", "-q"]).ok();
    let card = world.run(["show", &number, "--journal", "--versions", "-o", "json"]).ok().json();
    assert_eq!(card["journal"][0]["changes"]["place"]["after"], place());
    assert_eq!(card["journal"][1]["changes"]["place"]["after"]["latitude"], 55.8);
    assert_eq!(card["versions"][1]["fields"], json!(["place.latitude"]));
}

#[test]
fn an_appeal_without_a_place_says_so() {
    let world = World::local();
    assert_eq!(created(&world, &[]).ok().json()["place"], Value::Null);
}

#[test]
fn coordinates_are_in_range_and_given_together() {
    let world = World::local();
    for (flags, code) in [
        (&["--latitude", "55.7"][..], "coordinate-missing"),
        (&["--longitude", "55.7"], "coordinate-missing"),
        (&["--latitude", "90.1", "--longitude", "0"], "coordinate-range"),
        (&["--latitude", "0", "--longitude", "-180.1"], "coordinate-range"),
    ] {
        assert_eq!(created(&world, flags).code(3).error()["details"][0]["code"], code, "{flags:?}");
    }
}

#[test]
fn an_edit_leaves_no_half_of_the_coordinates() {
    let world = World::local();
    let number = filed(&world);
    let error = world.run(["edit", &number, "--longitude", "", "-o", "json"]).code(3).error();
    assert_eq!(error["details"][0]["code"], "coordinate-missing");
}

#[test]
fn a_flag_that_is_no_number_is_a_usage_error_that_names_it() {
    let world = World::local();
    let refused = created(&world, &["--latitude", "north", "--longitude", "0"]).code(2);
    let message = refused.error()["message"].as_str().unwrap().to_owned();
    assert!(message.contains("--latitude") && message.contains("'north'"), "{message}");
}

#[test]
fn a_record_with_a_text_for_a_coordinate_is_refused() {
    let world = World::local();
    let record =
        json!({ "subject": "Фонари на Лесной", "text": TEXT, "category": "roads", "latitude": "north" });
    let path = world.file("record.json", serde_json::to_vec(&record).unwrap());
    let error = world.run(["create", "--from", &path, "-o", "json"]).code(3).error();
    assert_eq!(error["details"][0]["code"], "coordinate-form");
}

#[test]
fn the_platform_takes_coordinates_as_numbers_only() {
    let world = World::local();
    let body = json!({
        "subject": "Фонари на Лесной", "text": TEXT, "category": "roads",
        "place": { "latitude": "55.7558", "longitude": 37.6173 },
    });
    let path = world.file("body.json", serde_json::to_vec(&body).unwrap());
    world.run(["api", "POST", "/v1/appeals", "--input", &path]).code(3);
}

#[test]
fn a_batch_has_columns_for_the_place() {
    let world = World::local();
    let rows = format!(
        "subject;text;category;address;latitude;longitude\n\
         Фонари на Лесной;{TEXT};roads;ул. Лесная, 12;55.7558;-37,6173\n"
    );
    let rows = world.file("rows.csv", rows);
    let row = world.run(["batch", "submit", &rows, "-o", "jsonl"]).ok().jsonl().remove(0);
    assert_eq!(world.card("applicant", row["number"].as_str().unwrap())["place"], place());
}

#[test]
fn a_dry_run_has_the_place_of_a_record() {
    let world = World::local();
    let record =
        json!({ "subject": "Фонари на Лесной", "text": TEXT, "category": "roads", "place": place() });
    let path = world.file("record.json", serde_json::to_vec(&record).unwrap());
    let dry = world.run(["create", "--from", &path, "--dry-run", "-o", "json"]).ok().json();
    assert_eq!(dry["request"]["place"], place());
}

#[test]
fn a_card_is_a_record_with_its_place() {
    let world = World::local();
    let card = created(&world, &PLACE).ok().json();
    let copy = world.file("card.json", serde_json::to_vec(&card).unwrap());
    assert_eq!(world.run(["create", "--from", &copy, "-o", "json"]).ok().json()["place"], place());
}

#[test]
fn a_category_that_asks_for_an_address_takes_either() {
    let world = World::local();
    let mut category = world.by("admin").run(["category", "show", "roads", "-o", "json"]).ok().json();
    let title = json!({ "en": "Address", "ru": "Адрес" });
    category["code"] = "asks".into();
    category["parent"] = Value::Null;
    category["documents"] = json!([]);
    category["fields"] = json!([{ "key": "address", "title": title, "required": true }]);
    let file = world.file("categories.json", json!([category]).to_string());
    world.by("admin").run(["admin", "categories", "load", &file]).ok();
    let create = |more: &[&str]| {
        let words = ["create", "--category", "asks", "--subject", "Фонари с 3 ноября", "--text", TEXT];
        world.run(words.iter().chain(more).chain(&["-o", "json"]))
    };
    let lacking = create(&[]).code(3).error();
    assert_eq!(lacking["details"][0]["field"], "fields.address");
    let by_place = create(&["--address", "ул. Лесная, 12"]).ok().json();
    assert_eq!((&by_place["place"]["address"], &by_place["fields"]), (&json!("ул. Лесная, 12"), &json!({})));
    let by_field = create(&["--field", "address=ул. Лесная, 12"]).ok().json();
    assert_eq!(
        (&by_field["place"], &by_field["fields"]["address"]),
        (&Value::Null, &json!("ул. Лесная, 12"))
    );
}
