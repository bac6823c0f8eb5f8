//! Commands that the documentation names outside the blocks that are run exist.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use appeal::cli::Cli;
use clap::CommandFactory as _;

fn read(page: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(page))
        .unwrap_or_else(|e| panic!("{page}: {e}"))
}

/// Returns the lines outside code blocks.
fn prose(text: &str) -> Vec<&str> {
    let mut code = false;
    let outside = |line: &&str| {
        let fence = line.trim_start().starts_with("```");
        code ^= fence;
        !fence && !code
    };
    text.lines().filter(outside).collect()
}

/// Returns the code spans of a line.
fn spans(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

/// Returns the words of a command line before the first flag, value or placeholder.
fn path(line: &str) -> Vec<&str> {
    let plain =
        |word: &&str| word.chars().all(|c| c.is_ascii_lowercase() || c == '-') && !word.starts_with('-');
    line.split_whitespace().take_while(plain).collect()
}

/// Returns whether the binary has this command.
fn exists(words: &[&str]) -> bool {
    let help = Command::new(env!("CARGO_BIN_EXE_appeal"))
        .args(words)
        .arg("--help")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    help.expect("the binary").success()
}

/// Fails for commands that do not exist.
#[track_caller]
fn assert_exist<'a>(page: &str, commands: impl IntoIterator<Item = Vec<&'a str>>) {
    let commands: BTreeSet<Vec<&str>> = commands.into_iter().collect();
    assert!(!commands.is_empty(), "{page} names no command");
    let unknown: Vec<String> =
        commands.into_iter().filter(|words| !exists(words)).map(|words| words.join(" ")).collect();
    assert!(unknown.is_empty(), "{page}: no such command: {unknown:?}");
}

/// Returns the rows of the tables in a section.
fn rows<'a>(text: &'a str, heading: &str) -> Vec<&'a str> {
    let section = prose(text).into_iter().skip_while(|line| *line != heading).skip(1);
    section.take_while(|line| !line.starts_with("## ")).filter(|line| line.starts_with("| ")).collect()
}

/// The table of commands in a README.
const READMES: [(&str, &str); 2] = [("README.md", "## Commands"), ("README.ru.md", "## Команды")];

#[test]
fn commands_of_the_readmes_exist() {
    for (page, heading) in READMES {
        let text = read(page);
        assert_exist(page, rows(&text, heading).into_iter().flat_map(spans).map(|name| vec![name]));
    }
}

#[test]
fn the_readmes_name_every_command() {
    let root = Cli::command();
    for (page, heading) in READMES {
        let text = read(page);
        let named: BTreeSet<&str> = rows(&text, heading).into_iter().flat_map(spans).collect();
        for command in root.get_subcommands().filter(|command| !command.is_hide_set()) {
            assert!(named.contains(command.get_name()), "{page} does not name {}", command.get_name());
        }
    }
}

#[test]
fn commands_of_the_life_cycle_exist() {
    let page = "docs/life-cycle.md";
    let text = read(page);
    let moves = prose(&text).into_iter().filter_map(|line| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        match cells[..] {
            ["", "applicant" | "operator" | "supervisor", _, command, ..] => spans(command).next(),
            _ => None,
        }
    });
    assert_exist(page, moves.map(path));
}

#[test]
fn commands_named_in_sentences_exist() {
    for page in [
        "README.md",
        "README.ru.md",
        "SECURITY.md",
        "docs/administration.md",
        "docs/deadlines.md",
        "docs/operators.md",
        "docs/ru/tour.md",
        "docs/scripting.md",
        "docs/tour.md",
    ] {
        let text = read(page);
        let named = prose(&text).into_iter().flat_map(spans).filter_map(|span| span.strip_prefix("appeal "));
        assert_exist(page, named.map(path).filter(|words| !words.is_empty()));
    }
}

#[test]
fn a_command_that_is_not_there_is_noticed() {
    assert!(exists(&["operator", "take"]) && !exists(&["operator", "give"]) && !exists(&["oprator"]));
}
