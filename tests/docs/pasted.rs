//! The commands of the help and the topics can be pasted into a shell: a shell runs each as it is printed in a terminal
//! of 80 columns, with a stand-in for `appeal` that records its arguments, and the parser accepts what was recorded. The
//! pages of the documentation are run in `tour`.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use appeal::cli::Cli;
use clap::CommandFactory as _;
use clap::error::ErrorKind;

/// Programs that the examples use beside `appeal` and the usual ones.
const OTHERS: [&str; 6] = ["oathtool", "qrencode", "pdftotext", "man", "export", "notify.sh"];

/// Records its arguments and prints a number, which is what `-q` prints in most commands.
const STAND_IN: &str = "#!/bin/sh\nprintf '%s\\0' \"$@\" > \"$HOME/calls/$$\"\necho 2026-0123456789-3\n";

/// A directory in which commands are run, with the stand-ins.
struct Shell {
    dir: tempfile::TempDir,
}

impl Shell {
    fn new() -> Shell {
        let shell = Shell { dir: tempfile::tempdir().expect("a directory") };
        let home = shell.dir.path();
        for name in [
            "bin",
            ".local/share/bash-completion/completions",
            ".zfunc",
            ".config/fish/completions",
            ".config/elvish",
        ] {
            fs::create_dir_all(home.join(name)).expect("a directory");
        }
        shell.program("bin/appeal", STAND_IN);
        for name in OTHERS {
            shell.program(&format!("bin/{name}"), "#!/bin/sh\nexit 0\n");
            shell.program(name, "#!/bin/sh\nexit 0\n");
        }
        for name in ["challenge", "appeals.csv"] {
            fs::write(home.join(name), "").expect("a file");
        }
        shell
    }

    fn program(&self, name: &str, text: &str) {
        use std::os::unix::fs::PermissionsExt as _;
        let path = self.dir.path().join(name);
        fs::write(&path, text).expect("a program");
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("permissions");
    }

    /// Runs a command; returns the arguments of each `appeal` in it, or what the shell reports.
    fn run(&self, command: &str) -> Result<Vec<Vec<String>>, String> {
        let home = self.dir.path();
        let calls = home.join("calls");
        let _ = fs::remove_dir_all(&calls);
        fs::create_dir(&calls).expect("a directory");
        let output = Command::new("bash")
            .args(["-c", command])
            .current_dir(home)
            .env_clear()
            .env("HOME", home)
            .env("PROFILE", home.join("profile.ps1"))
            .env("PATH", format!("{}:/usr/bin:/bin", home.join("bin").display()))
            .stdin(Stdio::null())
            .output()
            .expect("bash");
        if !output.status.success() || !output.stderr.is_empty() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned());
        }
        let calls = fs::read_dir(calls).expect("a directory").map(|call| {
            let arguments = fs::read_to_string(call.expect("a call").path()).expect("arguments");
            arguments.split_terminator('\0').map(str::to_owned).collect()
        });
        Ok(calls.collect())
    }

    /// Returns what is wrong with a command.
    fn fault(&self, command: &str) -> Option<String> {
        let calls = match self.run(command) {
            Ok(calls) if calls.is_empty() => return Some("appeal is not run".to_owned()),
            Ok(calls) => calls,
            Err(error) => return Some(error),
        };
        calls.into_iter().find_map(|arguments| {
            let line = [vec!["appeal".to_owned()], arguments].concat();
            let error = Cli::command().try_get_matches_from(line).err()?;
            (!matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion))
                .then(|| error.to_string())
        })
    }
}

/// Returns the indented commands of a text, each with the lines that continue it.
fn commands(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut is_open = false;
    for line in text.lines() {
        let is_command = line.starts_with("  ") && is_run(line.trim_start());
        if is_open {
            if let Some(last) = found.last_mut() {
                last.push('\n');
                last.push_str(line);
            }
        } else if is_command {
            found.push(line.to_owned());
        }
        is_open = (is_open || is_command) && line.ends_with('\\');
    }
    found
}

/// Returns whether the line runs `appeal`, alone or behind a pipe.
fn is_run(line: &str) -> bool {
    line.starts_with("appeal ") || line.contains(" | appeal ")
}

/// Fails for commands that cannot be pasted.
#[track_caller]
fn assert_pasted(pages: &[(String, String)]) {
    let shell = Shell::new();
    let mut count = 0;
    let mut wrong = String::new();
    for (page, text) in pages {
        for command in commands(text) {
            count += 1;
            if let Some(fault) = shell.fault(&command) {
                wrong.push_str(&format!("{page}:\n{command}\n{fault}\n"));
            }
        }
    }
    assert!(count > 10, "only {count} commands were found");
    assert!(wrong.is_empty(), "{wrong}");
}

/// Prints the help of a command and those below it, as in a terminal of 80 columns.
fn help_pages(command: &clap::Command, path: &[&str], lang: &str, pages: &mut Vec<(String, String)>) {
    let output = Command::new(env!("CARGO_BIN_EXE_appeal"))
        .args(path)
        .args(["--help", "--lang", lang])
        .env("COLUMNS", "80")
        .stdin(Stdio::null())
        .output()
        .expect("the binary");
    let text = String::from_utf8(output.stdout).expect("text");
    pages.push((format!("appeal {} --help", path.join(" ")), text));
    for inner in command.get_subcommands().filter(|inner| !inner.is_hide_set()) {
        help_pages(inner, &[path, &[inner.get_name()]].concat(), lang, pages);
    }
}

fn help_in(lang: &str) -> Vec<(String, String)> {
    let mut pages = Vec::new();
    help_pages(&Cli::command(), &[], lang, &mut pages);
    pages
}

/// Reads the files of a directory of the project.
fn files(dir: &str, extension: &str) -> Vec<(String, String)> {
    let entries = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(dir)).expect("a directory");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .map(|path| (path.display().to_string(), fs::read_to_string(&path).expect("a text")))
        .collect()
}

#[test]
fn examples_of_the_english_help() {
    assert_pasted(&help_in("en"));
}

#[test]
fn examples_of_the_russian_help() {
    assert_pasted(&help_in("ru"));
}

#[test]
fn commands_of_the_english_topics() {
    assert_pasted(&files("src/cli/commands/help/en", "txt"));
}

#[test]
fn commands_of_the_russian_topics() {
    assert_pasted(&files("src/cli/commands/help/ru", "txt"));
}

#[test]
fn a_command_that_cannot_be_pasted_is_noticed() {
    let shell = Shell::new();
    for wrong in ["  appeal login -q >\n  challenge", "  appeal show 1 --nonsense", "  appeal list 'a"] {
        assert!(shell.fault(wrong).is_some(), "{wrong}");
    }
    assert_eq!(shell.fault("  appeal list \\\n      --all"), None);
}
