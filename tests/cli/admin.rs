//! Administration (O4): data as files, permissions, backups under load, restoring, moving to another platform.

use std::os::unix::fs::PermissionsExt as _;

use crate::common;
use crate::common::{Over, Run, World};
use serde_json::{Value, json};

over_both!(
    listed_data_is_loaded_without_changes,
    people_are_loaded_from_a_table,
    invalid_records_are_reported_together_and_nothing_is_loaded,
    a_year_of_the_calendar_is_loaded,
    only_administrators,
    a_blocked_person_loses_access_at_once,
    a_backup_is_made_and_checked,
    a_backup_is_restored_beside_existing_data,
    a_damaged_backup_is_not_restored,
);

fn listed_data_is_loaded_without_changes(world: &World) {
    let admin = world.by("admin");
    for kind in ["people", "departments", "categories", "templates", "calendar", "policies", "contacts"] {
        let listed = admin.run(["admin", kind, "list", "-o", "json"]).ok();
        let file = world.file(&format!("{kind}.json"), listed.out());
        let loaded = admin.run(["admin", kind, "load", &file, "-o", "json"]).ok().json();
        assert_eq!((&loaded["added"], &loaded["changed"]), (&json!(0), &json!(0)), "{kind}: {loaded}");
        assert!(loaded["unchanged"].as_u64() > Some(0), "{kind}");
    }
}

/// Creates a table with one new operator.
fn table(world: &World) -> String {
    world.file(
        "people.csv",
        "login;name;role;departments;email\nivanova;Иванова Анна Петровна;operator;housing|roads;ivanova@example.org\n",
    )
}

fn people_are_loaded_from_a_table(world: &World) {
    let (admin, csv) = (world.by("admin"), table(world));
    let dry_run = admin.run(["admin", "people", "load", &csv, "--dry-run", "-o", "json"]).ok().json();
    assert_eq!((&dry_run["dry_run"], &dry_run["added"]), (&json!(true), &json!(1)));
    admin.run(["admin", "people", "show", "ivanova"]).code(5);
    admin.run(["admin", "people", "load", &csv]).ok();
    let shown = admin.run(["admin", "people", "show", "ivanova", "-o", "json"]).ok().json();
    assert_eq!(shown["departments"], json!(["housing", "roads"]));
    let log = admin.run(["admin", "log", "-o", "json"]).ok().json();
    assert!(log.as_array().unwrap().iter().any(|e| e["subject"] == "ivanova" && e["action"] == "added"));
}

fn invalid_records_are_reported_together_and_nothing_is_loaded(world: &World) {
    let admin = world.by("admin");
    let wrong = world.file(
        "wrong.yaml",
        "- {login: petrov, name: Петров Пётр, role: boss}\n- {login: applicant, inn: '123', colour: red}\n- {name: Никто}\n",
    );
    let error = admin.run(["admin", "people", "load", &wrong, "-o", "json"]).code(3).error();
    let fields: Vec<&str> =
        error["details"].as_array().unwrap().iter().filter_map(|d| d["field"].as_str()).collect();
    for field in ["role", "inn", "colour", "login"] {
        assert!(fields.contains(&field), "{field} of {fields:?}");
    }
    admin.run(["admin", "people", "show", "petrov"]).code(5);
}

fn a_year_of_the_calendar_is_loaded(world: &World) {
    let admin = world.by("admin");
    let year =
        world.file("2028.json", r#"{"year": 2028, "holidays": ["2028-01-03"], "short": ["2028-03-07"]}"#);
    let loaded = admin.run(["admin", "calendar", "load", &year, "-o", "json"]).ok().json();
    assert_eq!(loaded["items"][0]["change"], "changed");
    assert!(loaded["deadlines_moved"].is_u64(), "{loaded}");
    let bad = world.file("bad.json", r#"{"year": 2029, "holidays": ["2028-01-03"]}"#);
    admin.run(["admin", "calendar", "load", &bad]).code(3);
    let calendar = admin.run(["admin", "calendar", "show", "ru", "-o", "json"]).ok().json();
    assert!(calendar["years"]["2028"].is_object() && calendar["years"]["2026"].is_object());
    assert!(calendar["years"]["2029"].is_null());
}

fn only_administrators(world: &World) {
    let file = world.file("none.json", "[]");
    let target = world.join("stolen.zip");
    for login in ["applicant", "operator", "supervisor", "analyst"] {
        let person = world.by(login);
        for args in [
            &["people", "list"][..],
            &["people", "show", "admin"],
            &["categories", "load", &file],
            &["people", "block", "applicant", "--reason", "Проверка"],
            &["status"],
            &["log"],
            &["backup", &target],
            &["export", "--to", &target],
        ] {
            person.run(["admin"].iter().chain(args)).code(4);
        }
    }
    assert!(!std::path::Path::new(&target).exists());
}

/// With any token.
fn a_blocked_person_loses_access_at_once(world: &World) {
    let (admin, applicant) = (world.by("admin"), world.by("applicant"));
    let block = |login: &str| admin.run(["admin", "people", "block", login, "--reason", "Проверка"]);
    applicant.run(["list"]).ok();
    block("applicant").ok();
    applicant.run(["list"]).code(4);
    admin.run(["admin", "people", "unblock", "applicant"]).ok();
    applicant.run(["list"]).ok();
    block("nobody").code(5);
    block("admin").code(3);
}

/// Makes a backup; returns its path.
fn backup(world: &World) -> String {
    let path = world.join("backup.zip");
    world.by("admin").run(["admin", "backup", &path]).ok();
    path
}

/// Runs a command on another data directory.
fn elsewhere(world: &World, args: &[&str]) -> Run {
    let dir = world.join("elsewhere");
    world.anonymous().run(["--server", "local", "--data-dir", &dir].iter().chain(args))
}

fn a_backup_is_made_and_checked(world: &World) {
    world.filed();
    let admin = world.by("admin");
    let path = world.join("backup.zip");
    let made = admin.run(["admin", "backup", &path, "-o", "json"]).ok().json();
    assert_eq!(made["appeals"], 1);
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    admin.run(["admin", "backup", &path]).code(3);
    let checked = admin.run(["admin", "status", "--backup", &path, "-o", "json"]).ok().json();
    assert_eq!(checked["integrity"]["ok"], true, "{checked}");
    let status = admin.run(["admin", "status", "--verify", "-o", "json"]).ok().json();
    assert_eq!(status["integrity"]["ok"], true, "{status}");
    assert!(status["last_backup"]["verified_at"].is_string(), "{status}");
}

fn a_backup_is_restored_beside_existing_data(world: &World) {
    let number = world.filed();
    let path = backup(world);
    elsewhere(world, &["admin", "restore", &path]).ok();
    elsewhere(world, &["admin", "restore", &path]).code(6);
    let card = elsewhere(world, &["--as", "applicant", "show", &number, "-o", "json"]).ok().json();
    assert_eq!(card["number"], number.as_str());
    elsewhere(world, &["--as", "admin", "admin", "status", "--verify"]).ok();
}

fn a_damaged_backup_is_not_restored(world: &World) {
    world.filed();
    let mut bytes = std::fs::read(backup(world)).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0xff;
    elsewhere(world, &["admin", "restore", &world.file("damaged.zip", &bytes)]).code(3);
    assert!(!world.path().join("elsewhere/appeal.db").exists());
}

#[test]
fn a_backup_under_load_is_a_consistent_prefix() {
    let world = World::new(Over::Served);
    let rows = world.file("many.jsonl", many(150));
    let writer = world.by("applicant").start(["batch", "submit", &rows, "--allow-invalid", "-q"]);
    let path = world.join("loaded.zip");
    let made = world.by("admin").run(["admin", "backup", &path, "-o", "json"]).ok().json();
    writer.finish().ok();
    let checked = world.by("admin").run(["admin", "status", "--backup", &path, "-o", "json"]).ok().json();
    assert_eq!(checked["integrity"]["ok"], true, "{checked}");
    assert_eq!(checked["integrity"]["appeals"], made["appeals"]);
}

#[test]
fn a_backup_that_is_killed_leaves_nothing_incomplete() {
    let world = World::served();
    world.filed();
    for pause in [5, 20, 60] {
        let path = world.join(&format!("cut-{pause}.zip"));
        let going = world.by("admin").start(["admin", "backup", &path]);
        std::thread::sleep(std::time::Duration::from_millis(pause));
        going.signal(9);
        drop(going);
        if std::path::Path::new(&path).exists() {
            world.by("admin").run(["admin", "status", "--backup", &path]).ok();
        }
    }
}

#[test]
fn a_running_platform_is_not_replaced() {
    let world = World::served();
    let path = backup(&world);
    world.locally("admin").run(["admin", "restore", &path, "--force"]).code(6);
}

fn many(count: usize) -> String {
    (0..count)
        .map(|n| {
            let record = json!({
                "key": format!("k{n}"), "subject": format!("Яма на дороге у дома {n}"), "text": common::TEXT,
                "category": "roads",
            });
            format!("{record}\n")
        })
        .collect()
}

#[test]
fn a_platform_moves_to_another() {
    let world = World::local();
    let number = world.filed();
    let admin = world.by("admin");
    let path = world.join("export.zip");
    admin.run(["admin", "export", "--to", &path]).ok();
    let folder = world.join("export");
    admin.run(["admin", "export", "--to", &folder]).ok();
    let people = std::fs::read_to_string(std::path::Path::new(&folder).join("data/people.jsonl")).unwrap();
    assert!(people.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()));
    let elsewhere = world.join("moved");
    let local = |args: &[&str]| {
        let base = ["--server", "local", "--data-dir", &elsewhere];
        world.anonymous().run(base.iter().chain(args))
    };
    let taken = local(&["--as", "admin", "admin", "import", &path, "-o", "json"]).ok().json();
    assert_eq!(taken["appeals"], 1);
    local(&["--as", "applicant", "journal", &number, "--verify"]).ok();
    let found = local(&["--as", "applicant", "list", "--search", "яма", "-q"]).ok();
    assert_eq!(found.line(), number);
    local(&["--as", "admin", "admin", "status", "--verify"]).ok();
    local(&["--as", "admin", "admin", "import", &path]).code(6);
}

/// A monitoring system reads the metrics, which reveal neither people nor appeals.
#[test]
fn numbers_for_a_monitoring_system() {
    let world = World::served();
    let number = world.filed();
    let url = format!("http://127.0.0.1:{}", world.server_port().unwrap());
    let text = world.anonymous().run(["--server", &url, "api", "GET", "/metrics"]).ok();
    let text = text.out();
    let value = |name: &str| {
        let line = text.lines().find(|l| l.starts_with(name)).unwrap_or_else(|| panic!("{name} in\n{text}"));
        line.rsplit(' ').next().unwrap().parse::<f64>().unwrap()
    };
    let created = r#"http_requests_total{method="POST",route="/v1/appeals",status="201"}"#;
    assert_eq!(value(created), 1.0);
    assert!(value(r#"http_request_duration_seconds_count{method="POST",route="/v1/appeals"}"#) >= 1.0);
    assert_eq!(value(r#"appeal_appeals{status="submitted"}"#), 1.0);
    assert_eq!(value(r#"appeal_appeals{status="closed"}"#), 0.0);
    assert!(value("appeal_changes_total") >= 1.0);
    assert!(value("appeal_commit_use_cases_count") >= 1.0);
    // The current request is in flight.
    assert_eq!(value("http_requests_in_flight"), 1.0);
    assert!(!text.contains(&number), "{text}");
}
