//! Administration (O4): data as files, permissions, backups under load, restoring, moving to another platform.

use std::os::unix::fs::PermissionsExt as _;

use crate::common;
use crate::common::{Over, World};
use serde_json::{Value, json};

over_both!(data_is_listed_and_loaded, only_administrators, a_backup_is_made_and_checked);

fn data_is_listed_and_loaded(world: &World) {
    let admin = world.by("admin");
    for kind in ["people", "departments", "categories", "templates", "calendar", "policies"] {
        let listed = admin.run(["admin", kind, "list", "-o", "json"]).ok();
        let file = world.file(&format!("{kind}.json"), listed.out());
        let loaded = admin.run(["admin", kind, "load", &file, "-o", "json"]).ok().json();
        assert_eq!(loaded["added"], 0, "{kind}");
        assert_eq!(loaded["changed"], 0, "{kind}: {loaded}");
        assert!(loaded["unchanged"].as_u64() > Some(0), "{kind}");
    }
    let csv = world.file(
        "people.csv",
        "login;name;role;departments;email\nivanova;Иванова Анна Петровна;operator;housing|roads;ivanova@example.org\n",
    );
    let dry_run = admin.run(["admin", "people", "load", &csv, "--dry-run", "-o", "json"]).ok().json();
    assert_eq!((&dry_run["dry_run"], &dry_run["added"]), (&json!(true), &json!(1)));
    admin.run(["admin", "people", "show", "ivanova"]).code(5);
    admin.run(["admin", "people", "load", &csv]).ok();
    let shown = admin.run(["admin", "people", "show", "ivanova", "-o", "json"]).ok().json();
    assert_eq!(shown["departments"], json!(["housing", "roads"]));
    // All findings at once, each with its record and field, and nothing is loaded.
    let wrong = world.file(
        "wrong.yaml",
        "- {login: petrov, name: Петров Пётр, role: boss}\n- {login: ivanova, inn: '123', colour: red}\n- {name: Никто}\n",
    );
    let failed = admin.run(["admin", "people", "load", &wrong, "-o", "json"]).code(3);
    let error = failed.error();
    let fields: Vec<&str> =
        error["details"].as_array().unwrap().iter().filter_map(|d| d["field"].as_str()).collect();
    for field in ["role", "inn", "colour", "login"] {
        assert!(fields.contains(&field), "{field} of {fields:?}");
    }
    admin.run(["admin", "people", "show", "petrov"]).code(5);
    // A single year of the calendar.
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
    let log = admin.run(["admin", "log", "-o", "json"]).ok().json();
    assert!(log.as_array().unwrap().iter().any(|e| e["subject"] == "ivanova" && e["action"] == "added"));
}

fn only_administrators(world: &World) {
    let admin = world.by("admin");
    let file = world.file("none.json", "[]");
    let target = world.join("stolen.zip");
    for login in ["applicant", "operator", "supervisor", "analyst"] {
        let person = world.by(login);
        person.run(["admin", "people", "list"]).code(4);
        person.run(["admin", "people", "show", "admin"]).code(4);
        person.run(["admin", "categories", "load", &file]).code(4);
        person.run(["admin", "people", "block", "applicant", "--reason", "Проверка"]).code(4);
        person.run(["admin", "status"]).code(4);
        person.run(["admin", "log"]).code(4);
        person.run(["admin", "backup", &target]).code(4);
        person.run(["admin", "export", "--to", &target]).code(4);
    }
    assert!(!std::path::Path::new(&target).exists());
    // A blocked person loses access immediately, with any token.
    let applicant = world.by("applicant");
    applicant.run(["list"]).ok();
    admin.run(["admin", "people", "block", "applicant", "--reason", "Проверка"]).ok();
    applicant.run(["list"]).code(4);
    admin.run(["admin", "people", "unblock", "applicant"]).ok();
    applicant.run(["list"]).ok();
    admin.run(["admin", "people", "block", "nobody", "--reason", "Проверка"]).code(5);
    admin.run(["admin", "people", "block", "admin", "--reason", "Проверка"]).code(3);
}

fn a_backup_is_made_and_checked(world: &World) {
    let number = world.filed();
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
    // After a restore the appeal is there, complete; existing data is not touched.
    let elsewhere = world.join("restored");
    let local = |args: &[&str]| {
        let base = ["--server", "local", "--data-dir", &elsewhere];
        world.anonymous().run(base.iter().chain(args))
    };
    local(&["admin", "restore", &path]).ok();
    local(&["admin", "restore", &path]).code(6);
    let card = local(&["--as", "applicant", "show", &number, "-o", "json"]).ok().json();
    assert_eq!(card["number"], number.as_str());
    local(&["--as", "admin", "admin", "status", "--verify"]).ok();
    // A changed byte is detected.
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0xff;
    let damaged = world.file("damaged.zip", &bytes);
    let other = world.join("other");
    let run =
        world.anonymous().run(["--server", "local", "--data-dir", &other, "admin", "restore", &damaged]);
    run.code(3);
    assert!(!std::path::Path::new(&other).join("appeal.db").exists());
}

#[test]
fn a_backup_under_load_is_a_consistent_prefix() {
    let world = World::new(Over::Served);
    let writer = world.by("applicant").start([
        "batch",
        "submit",
        &world.file("many.jsonl", many(150)),
        "--allow-invalid",
        "-q",
    ]);
    let path = world.join("loaded.zip");
    let made = world.by("admin").run(["admin", "backup", &path, "-o", "json"]).ok().json();
    writer.finish().ok();
    let checked = world.by("admin").run(["admin", "status", "--backup", &path, "-o", "json"]).ok().json();
    assert_eq!(checked["integrity"]["ok"], true, "{checked}");
    assert_eq!(checked["integrity"]["appeals"], made["appeals"]);
    // Killed at any moment, a backup leaves nothing incomplete under its name.
    for pause in [5, 40, 120] {
        let cut = world.join(&format!("cut-{pause}.zip"));
        let going = world.by("admin").start(["admin", "backup", &cut]);
        std::thread::sleep(std::time::Duration::from_millis(pause));
        going.signal(9);
        drop(going);
        if std::path::Path::new(&cut).exists() {
            world.by("admin").run(["admin", "status", "--backup", &cut]).ok();
        }
    }
    // A running platform is not replaced.
    let data = world.data();
    let run = world.anonymous().run([
        "--server",
        "local",
        "--data-dir",
        data.to_str().unwrap(),
        "admin",
        "restore",
        &path,
        "--force",
    ]);
    run.code(6);
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
