//! The committed `completions/` and `man/` are what the program generates now. `APPEAL_UPDATE=1` updates them. The
//! manual passes a linter, and real shells complete with the scripts.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const SCRIPTS: [(&str, &str); 5] = [
    ("bash", "appeal.bash"),
    ("zsh", "_appeal"),
    ("fish", "appeal.fish"),
    ("powershell", "appeal.ps1"),
    ("elvish", "appeal.elv"),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A command that ignores the configuration of the user who runs the tests, and finds the program under its name.
fn command(program: &str, home: &Path) -> Command {
    let bin = Path::new(env!("CARGO_BIN_EXE_appeal")).parent().expect("a folder of programs");
    let path = std::env::var("PATH").unwrap_or_default();
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("APPEAL_")) {
        command.env_remove(name);
    }
    command
        .env("PATH", format!("{}:{path}", bin.display()))
        .env("HOME", home)
        .env("XDG_CONFIG_HOME", home)
        .env("XDG_DATA_HOME", home)
        .env("XDG_CACHE_HOME", home)
        .env("LC_ALL", "C.UTF-8")
        .current_dir(root());
    command
}

fn run(command: &mut Command) -> Output {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

fn appeal(arguments: &[&str]) -> String {
    let home = tempfile::tempdir().expect("a folder");
    let output = run(command(env!("CARGO_BIN_EXE_appeal"), home.path()).args(arguments));
    String::from_utf8(output.stdout).expect("text")
}

fn updating() -> bool {
    std::env::var_os("APPEAL_UPDATE").is_some_and(|value| value == "1")
}

/// Checks that the folder holds exactly these files, or updates it.
fn settle(folder: &str, wanted: &BTreeMap<String, String>) {
    let folder = root().join(folder);
    if updating() {
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("a folder to write");
        for (name, text) in wanted {
            fs::write(folder.join(name), text).expect("a file to write");
        }
    }
    let found: BTreeMap<String, String> = fs::read_dir(&folder)
        .map(|entries| {
            entries
                .map(|entry| entry.expect("an entry"))
                .map(|entry| {
                    let name = entry.file_name().to_string_lossy().into_owned();
                    (name, fs::read_to_string(entry.path()).expect("a text"))
                })
                .collect()
        })
        .unwrap_or_default();
    let stale: Vec<&String> =
        wanted.keys().chain(found.keys()).filter(|name| wanted.get(*name) != found.get(*name)).collect();
    let folder = folder.display();
    assert!(stale.is_empty(), "{folder} is stale: {stale:?}; run with APPEAL_UPDATE=1");
}

#[test]
fn the_completion_scripts_are_current() {
    let scripts = SCRIPTS.map(|(shell, file)| (file.to_owned(), appeal(&["completions", shell])));
    settle("completions", &scripts.into());
}

fn manual() -> (tempfile::TempDir, BTreeMap<String, String>) {
    let dir = tempfile::tempdir().expect("a folder");
    appeal(&["man", dir.path().to_str().expect("a path"), "-q"]);
    let pages = fs::read_dir(dir.path())
        .expect("the pages")
        .map(|entry| entry.expect("an entry").path())
        .map(|path| {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            (name, fs::read_to_string(&path).expect("a page"))
        })
        .collect();
    (dir, pages)
}

#[test]
fn the_manual_is_current() {
    let (_dir, pages) = manual();
    assert!(pages.len() > 40, "{} pages", pages.len());
    assert_eq!(pages["appeal.1"], appeal(&["man"]));
    settle("man", &pages);
}

fn is_there(program: &str) -> bool {
    let there = Command::new("sh").args(["-c", &format!("command -v {program}")]).output();
    let there = there.is_ok_and(|output| output.status.success());
    if !there {
        // Bypasses the test harness, which hides the output of passing tests.
        let _ =
            writeln!(std::io::stderr(), "SKIPPED: {program} is not installed, so nothing is checked with it");
    }
    there
}

#[test]
fn the_manual_passes_its_linter() {
    if !is_there("mandoc") {
        return;
    }
    let (dir, pages) = manual();
    for name in pages.keys() {
        let lint =
            Command::new("mandoc").args(["-T", "lint", "-W", "error"]).arg(dir.path().join(name)).output();
        let lint = lint.expect("mandoc");
        let said =
            String::from_utf8_lossy(&lint.stdout).into_owned() + &String::from_utf8_lossy(&lint.stderr);
        assert!(lint.status.success() && !said.contains("ERROR"), "{name}: {said}");
    }
}

/// Returns the candidates that a shell produces with a script, one per line.
fn candidates(shell: &str, arguments: &[&str], script: &str) -> String {
    let home = tempfile::tempdir().expect("a folder");
    let output = run(command(shell, home.path()).args(arguments).arg(script));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Checks two completions in a shell: words of the line, and an expected candidate.
fn completes(shell: &str, arguments: &[&str], script: impl Fn(&[&str]) -> String) {
    if !is_there(shell) {
        return;
    }
    for (words, wanted, other) in [
        (["list", "--status"], "awaiting_confirmation", "general"),
        (["create", "--category"], "housing.repairs", "submitted"),
    ] {
        let answer = candidates(shell, arguments, &script(&words));
        let lines: Vec<&str> =
            answer.lines().map(|line| line.split(['\t', ':']).next().unwrap_or(line)).collect();
        assert!(lines.contains(&wanted), "{shell}, {words:?}: {answer}");
        assert!(!lines.contains(&other), "{shell}, {words:?}: {answer}");
    }
}

#[test]
fn bash_completes() {
    completes("bash", &["--norc", "--noprofile", "-c"], |words| {
        format!(
            "source completions/appeal.bash; COMP_WORDS=(appeal {} ''); COMP_CWORD=3; COMP_TYPE=9; \
             _clap_complete_appeal appeal '' {}; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
            words.join(" "),
            words[1]
        )
    });
}

#[test]
fn fish_completes() {
    completes("fish", &["--no-config", "-c"], |words| {
        format!("source completions/appeal.fish; complete -C 'appeal {} '", words.join(" "))
    });
}

/// Outside its line editor, zsh has no completion system; the two functions that the script uses are replaced.
#[test]
fn zsh_completes() {
    completes("zsh", &["-f", "-c"], |words| {
        format!(
            "compdef() {{ : }}; _describe() {{ local name=${{argv[3]}}; print -rl -- ${{(P)name}} }}; \
             words=(appeal {} ''); CURRENT=4; source completions/_appeal; _clap_dynamic_completer_appeal",
            words.join(" ")
        )
    });
}

/// Outside its line editor, elvish has no `edit:` module; it is replaced by a map of the same form.
#[test]
fn elvish_completes() {
    completes("elvish", &["-norc", "-c"], |words| {
        let script = fs::read_to_string(root().join("completions/appeal.elv")).expect("the script");
        let script = script.replace("edit:completion:arg-completer", "completer");
        let words = words.join(" ");
        format!(
            "var completer = [&]\n{script}\n$completer[appeal] appeal {words} '' | each {{|line| echo $line}}"
        )
    });
}
