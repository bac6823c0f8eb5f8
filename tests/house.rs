//! The rules of the house, read from the source itself: who may import whom, who may print, and how crowded a room
//! may get.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should stop")]

use std::fs;
use std::path::{Path, PathBuf};

fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).expect("a readable source folder") {
        let path = entry.expect("a folder entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Every source file with its path below `src` and its text.
fn house() -> Vec<(String, String)> {
    let mut found = Vec::new();
    sources(&root(), &mut found);
    assert!(found.len() > 50, "the source folder was not read: {} files", found.len());
    found
        .into_iter()
        .map(|path| {
            let name = path.strip_prefix(root()).expect("below src").to_string_lossy().replace('\\', "/");
            (name, fs::read_to_string(&path).expect("a readable source file"))
        })
        // Whole files of unit tests may print and read clocks.
        .filter(|(name, _)| !name.contains("tests"))
        .collect()
}

/// The lines of a file that are code outside its tests (which stand at its end), with their numbers.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines()
        .enumerate()
        .take_while(|(_, line)| !line.starts_with("#[cfg(test)]") && !line.starts_with("#[cfg(all(test"))
        .map(|(number, line)| (number + 1, line))
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
}

const ROOMS: [&str; 9] = ["api", "cli", "client", "config", "domain", "files", "i18n", "output", "platform"];

/// The rooms each room may import from, besides itself.
fn allowed(room: &str) -> &'static [&'static str] {
    match room {
        "domain" => &[],
        "files" | "api" | "config" => &["domain"],
        "i18n" => &["domain", "api"],
        "output" => &["domain", "api", "i18n"],
        "client" => &["domain", "api", "files", "i18n"],
        "platform" => &["domain", "api", "files", "i18n"],
        "cli" => &["domain", "api", "files", "i18n", "client", "config", "output"],
        other => panic!("what may the room {other} import?"),
    }
}

#[test]
fn rooms_import_only_what_they_may() {
    let mut broken = Vec::new();
    for (name, text) in house() {
        let Some((room, _)) = name.split_once('/') else { continue };
        let doors = ["cli/connect.rs", "cli/serve.rs"];
        for (line, words) in code(&text) {
            for other in ROOMS {
                if other == room
                    || !words.contains(&format!("crate::{other}::"))
                        && !words.contains(&format!("crate::{other};"))
                {
                    continue;
                }
                let door = other == "platform" && doors.contains(&name.as_str());
                if !allowed(room).contains(&other) && !door {
                    broken.push(format!("src/{name}:{line} imports {other}: {}", words.trim()));
                }
            }
            assert!(
                !words.contains("use crate::{"),
                "src/{name}:{line}: one room an import, so that this test can read it"
            );
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn the_domain_is_pure() {
    let outside = [
        "std::fs",
        "std::net",
        "std::env",
        "std::process",
        "std::io",
        "std::time::SystemTime",
        "std::time::Instant",
        "tokio",
        "Timestamp::now",
        "Zoned::now",
        "rand::",
        "async fn",
        "reqwest",
        "sqlx",
        "thread_rng",
    ];
    for (name, text) in house() {
        if !name.starts_with("domain/") {
            continue;
        }
        for (line, words) in code(&text) {
            for word in outside {
                assert!(!words.contains(word), "src/{name}:{line} uses {word}: {}", words.trim());
            }
        }
    }
}

#[test]
fn use_cases_read_no_clock() {
    for (name, text) in house() {
        if !name.starts_with("platform/service/") && !name.starts_with("platform/store/") {
            continue;
        }
        for (line, words) in code(&text) {
            for clock in ["Timestamp::now", "Zoned::now", "SystemTime::now"] {
                assert!(!words.contains(clock), "src/{name}:{line} reads a clock: {}", words.trim());
            }
        }
    }
}

#[test]
fn only_output_prints() {
    let printing = ["println!", "eprintln!", "print!(", "eprint!(", "dbg!(", "stdout()", "stderr()"];
    let may = |name: &str| name.starts_with("output/") || name == "main.rs";
    for (name, text) in house() {
        if may(&name) {
            continue;
        }
        for (line, words) in code(&text) {
            for word in printing {
                assert!(!words.contains(word), "src/{name}:{line} prints: {}", words.trim());
            }
        }
    }
}

#[test]
fn no_room_is_crowded() {
    for (name, text) in house() {
        let lines = text.lines().count();
        assert!(lines <= 620, "src/{name} has {lines} lines; it wants a second room");
    }
}

#[test]
fn the_map_names_every_room() {
    let map = fs::read_to_string(root().join("lib.rs")).expect("lib.rs");
    for room in ROOMS {
        assert!(map.contains(&format!("[`{room}`]")), "lib.rs does not name {room}");
    }
}
