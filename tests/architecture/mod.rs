//! Rules that Cargo cannot enforce: which files may use which, what may print, read a clock or do I/O, and that every
//! message is used.

mod circles;
mod layers;
mod messages;
mod source;

use std::fs;
use std::path::{Path, PathBuf};

fn collect(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).expect("a readable source folder") {
        let path = entry.expect("a folder entry").path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// Returns every source file under `src` except unit tests and build scripts: its path under `src` and its text.
fn sources() -> Vec<(String, String)> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    collect(&root, &mut found);
    assert!(found.len() > 50, "the source folder was not read: {} files", found.len());
    found
        .into_iter()
        .map(|path| {
            let name = path.strip_prefix(&root).expect("below src").to_string_lossy().replace('\\', "/");
            (name, fs::read_to_string(&path).expect("a readable source file"))
        })
        .filter(|(name, _)| !name.contains("tests") && !name.ends_with("build.rs"))
        .collect()
}

/// Returns the numbered lines of a file before its unit tests, without comments.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_for_tests = |line: &str| line.starts_with("#[cfg(test)]") || line.starts_with("#[cfg(all(test");
    let mut lines: Vec<&str> = text.lines().collect();
    // A module of tests that is in a file of its own is only declared here.
    let tests = lines.windows(2).position(|pair| is_for_tests(pair[0]) && !pair[1].ends_with(';'));
    lines.truncate(tests.unwrap_or(lines.len()));
    let numbered = lines.into_iter().enumerate().map(|(number, line)| (number + 1, line));
    numbered.filter(|(_, line)| !line.trim_start().starts_with("//"))
}

/// Returns every line of code containing one of `words`, in the files that `within` selects.
fn lines_with(words: &[&str], within: impl Fn(&str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for (name, text) in sources().into_iter().filter(|(name, _)| within(name)) {
        for (number, line) in code(&text) {
            if words.iter().any(|word| line.contains(word)) {
                found.push(format!("src/{name}:{number}: {}", line.trim()));
            }
        }
    }
    found
}

#[test]
fn output_and_config_do_not_use_the_commands() {
    let found = lines_with(&["crate::cli", "super::cli"], |name| {
        name.starts_with("output/") || name.starts_with("config/")
    });
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn only_connecting_and_serving_know_the_platform() {
    let allowed = ["cli/base/connect.rs", "cli/base/gateways.rs", "cli/commands/serve.rs"];
    let tool = |name: &str| ["cli/", "output/", "config/"].iter().any(|part| name.starts_with(part));
    let found = lines_with(&["appeal_platform"], |name| tool(name) && !allowed.contains(&name));
    assert!(found.is_empty(), "{}", found.join("\n"));
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
        "Timestamp::now",
        "Zoned::now",
        "async fn",
    ];
    let found = lines_with(&outside, |name| name.starts_with("domain/"));
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn use_cases_read_no_clock() {
    let found = lines_with(&["Timestamp::now", "Zoned::now", "SystemTime::now"], |name| {
        name.starts_with("platform/service/") || name.starts_with("platform/store/")
    });
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn only_output_prints() {
    let printing = ["println!", "eprintln!", "print!(", "eprint!(", "dbg!(", "stdout()", "stderr()"];
    let found = lines_with(&printing, |name| !name.starts_with("output/") && name != "main.rs");
    assert!(found.is_empty(), "{}", found.join("\n"));
}
