//! Runs the commands in the documentation: every command in a ```console block of a page goes to one bash, with the
//! real binary on its PATH, and its output is compared with the page. Numbers, times and other values that differ from
//! run to run are masked on both sides; a number shown twice must be the same number twice. In a page, `[..]` stands
//! for the rest of a line and a line `...` for any number of lines.
//!
//! `APPEAL_UPDATE=1 cargo test --test integration tour` writes the output into the pages; outputs with wildcards are
//! kept.

use std::fmt::Write as _;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use snapbox::IntoData;

/// The pages whose commands are run.
const PAGES: [&str; 7] = [
    "README.md",
    "README.ru.md",
    "docs/tour.md",
    "docs/ru/tour.md",
    "docs/scripting.md",
    "docs/operators.md",
    "docs/administration.md",
];

/// The address of the server in the pages; a run uses a free port instead.
const SHOWN_ADDRESS: &str = "127.0.0.1:8080";

/// A command of a page and the expected output.
#[derive(Debug)]
struct Step {
    /// As typed; several lines if it is continued.
    command: String,
    /// The lines below it.
    shown: String,
    /// Line number in the document, from 1.
    line: usize,
    /// Lines of the document with its output: the first one, and their number.
    output: (usize, usize),
}

/// Returns the commands of the console blocks, in order. `$ ` starts a command, `> ` continues it.
fn steps(document: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut block: Option<&str> = None;
    for (n, line) in document.lines().enumerate() {
        if let Some(kind) = line.strip_prefix("```") {
            block = if block.is_some() { None } else { Some(kind) };
            continue;
        }
        if block != Some("console") {
            continue;
        }
        if let Some(command) = line.strip_prefix("$ ") {
            steps.push(Step {
                command: command.to_owned(),
                shown: String::new(),
                line: n + 1,
                output: (n + 1, 0),
            });
            continue;
        }
        let step = steps.last_mut().unwrap_or_else(|| panic!("line {}: output of no command", n + 1));
        match line.strip_prefix("> ") {
            Some(more) if step.output.1 == 0 => {
                let _ = write!(step.command, "\n{more}");
                step.output.0 = n + 1;
            }
            _ => {
                step.shown.push_str(line);
                step.shown.push('\n');
                step.output.1 += 1;
            }
        }
    }
    assert!(block.is_none(), "a block is not closed");
    steps
}

/// A working directory with the examples, a home directory, and the binary under its name.
struct Place {
    dir: tempfile::TempDir,
    address: String,
}

impl Place {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let root = dir.path();
        for name in ["home", "bin", "out", "work/examples/files"] {
            fs::create_dir_all(root.join(name)).expect("a folder");
        }
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_appeal"), root.join("bin/appeal")).expect("a link");
        let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
        for (from, to) in [(examples.clone(), "examples"), (examples.join("files"), "examples/files")] {
            for entry in fs::read_dir(&from).expect("the examples") {
                let path = entry.expect("an example").path();
                if path.is_file() {
                    let name = path.file_name().expect("a name").to_owned();
                    fs::copy(&path, root.join("work").join(to).join(name)).expect("a copy");
                }
            }
        }
        let port = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free port").port();
        Self { dir, address: format!("127.0.0.1:{port}") }
    }

    fn out(&self, n: usize, what: &str) -> PathBuf {
        self.dir.path().join(format!("out/{n}.{what}"))
    }

    /// Runs the commands in one shell; returns the output and the exit status of each.
    fn run(&self, steps: &[Step]) -> Vec<(String, String)> {
        // The shell must find the binary under test rather than compile it again.
        let mut script = String::from(
            "trap 'jobs -p | xargs -r kill 2>/dev/null' EXIT\n\
             cargo() { [ \"$1 $2 $3\" = 'run --release --' ] && shift 3 && appeal \"$@\"; }\n__last=0\n",
        );
        for (n, step) in steps.iter().enumerate() {
            let command = step.command.replace(SHOWN_ADDRESS, &self.address);
            let out = self.out(n, "out");
            let out = out.display();
            let _ = writeln!(script, "exec >'{out}' 2>&1\n(exit $__last)\n{command}\n__last=$?");
            let _ = writeln!(script, "echo $__last >'{}'", self.out(n, "status").display());
            if command.ends_with(" &") {
                // Wait for the first lines of its output.
                let lines = step.output.1;
                let _ = writeln!(
                    script,
                    "for _ in $(seq 600); do [ $(wc -l <'{out}') -ge {lines} ] && break; sleep 0.1; done"
                );
            }
        }
        let file = self.dir.path().join("tour.sh");
        fs::write(&file, script).expect("a script");
        let status = Command::new("timeout")
            .args(["--kill-after=5", "400", "bash"])
            .arg(&file)
            .current_dir(self.dir.path().join("work"))
            .env_clear()
            .env("PATH", format!("{}/bin:/usr/local/bin:/usr/bin:/bin", self.dir.path().display()))
            .env("HOME", self.dir.path().join("home"))
            .env("LC_ALL", "C.UTF-8")
            .env("TZ", "Europe/Moscow")
            .env("TERM", "dumb")
            // The pages show what people see at a terminal of a hundred columns, without colour.
            .env("APPEAL_OUTPUT", "table")
            .env("COLUMNS", "100")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .status()
            .expect("bash and timeout");
        assert_ne!(status.code(), Some(124), "the tour did not end");
        let read = |path: PathBuf| fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        steps
            .iter()
            .enumerate()
            .map(|(n, step)| {
                let status = read(self.out(n, "status")).unwrap_or_else(|_| {
                    panic!("line {}: the shell ended before `{}`", step.line, step.command)
                });
                let mut printed = read(self.out(n, "out")).expect("an output");
                if step.command.ends_with(" &") {
                    // Later output would be mixed with that of other commands, and is not shown.
                    printed = printed.split_inclusive('\n').take(step.output.1).collect();
                }
                let home = self.dir.path().join("home").display().to_string();
                let printed = printed.replace(&self.address, SHOWN_ADDRESS).replace(&home, "~");
                (printed, status.trim().to_owned())
            })
            .collect()
    }
}

/// Shapes of values that differ from run to run: `9` stands for a digit, `h` for a hexadecimal digit, other characters
/// for themselves.
const SHAPES: [&str; 10] = [
    "9999-99-99T99:99:99.999999Z",
    "9999-99-99T99:99:99Z",
    "9999-99-99 99:99:99",
    "9999-99-99 99:99",
    "99.99.9999 99:99",
    "9999-99-99",
    "99.99.9999",
    "hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh",
    "hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh",
    "unsent send hhhhhhhh",
];
/// A number of an appeal.
const NUMBER: &str = "9999-9999999999-9";

fn has_shape(text: &[char], shape: &str) -> bool {
    let mut text = text.iter();
    shape.chars().all(|wanted| {
        text.next().is_some_and(|c| match wanted {
            '9' => c.is_ascii_digit(),
            'h' => c.is_ascii_hexdigit(),
            other => *c == other,
        })
    })
}

/// Masks values that differ from run to run. Numbers are replaced by the order of their first occurrence, so that the
/// same number must appear in the same places.
#[derive(Default)]
struct Mask {
    numbers: Vec<String>,
}

impl Mask {
    fn apply(&mut self, text: &str) -> String {
        let chars: Vec<char> = text.chars().collect();
        let mut masked = String::new();
        let mut at = 0;
        while at < chars.len() {
            let rest = &chars[at..];
            let inside = at > 0 && chars[at - 1].is_ascii_alphanumeric();
            if !inside && has_shape(rest, NUMBER) {
                let number: String = rest[..NUMBER.len()].iter().collect();
                let place = self.numbers.iter().position(|known| *known == number).unwrap_or_else(|| {
                    self.numbers.push(number);
                    self.numbers.len() - 1
                });
                let _ = write!(masked, "<number {}>", place + 1);
                at += NUMBER.len();
            } else if let Some(shape) = SHAPES.iter().find(|shape| !inside && has_shape(rest, shape)) {
                masked.extend(shape.chars().map(|c| if matches!(c, '9' | 'h') { '#' } else { c }));
                at += shape.len();
            } else {
                masked.push(rest[0]);
                at += 1;
            }
        }
        masked
    }
}

/// Ignores trailing spaces.
fn trimmed(text: &str) -> String {
    text.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// Returns whether a page shows only part of an output.
fn is_partial(shown: &str) -> bool {
    shown.contains("[..]") || shown.lines().any(|line| line == "...")
}

/// Runs a document; returns the problems, and the updated text.
fn check(document: &str) -> (Vec<String>, String) {
    let steps = steps(document);
    assert!(!steps.is_empty(), "nothing to run");
    for Step { command, line, .. } in &steps {
        // Without a terminal the tool would print in another format; the test overrides that.
        let away = ["$(", " | ", " > ", "&"].iter().any(|away| command.contains(away));
        let named = ["-q", "-o ", "--json", "--jq "].iter().any(|named| command.contains(named));
        assert!(
            !away || named || !command.contains("appeal ") || command.starts_with("appeal serve "),
            "line {line}: without a format, readers would get different output"
        );
    }
    let results = Place::new().run(&steps);
    let mut wrong = Vec::new();
    let mut lines: Vec<String> = document.lines().map(str::to_owned).collect();
    let (mut shown_mask, mut printed_mask) = (Mask::default(), Mask::default());
    let mut compared = Vec::new();
    for (n, (step, (printed, status))) in steps.iter().zip(&results).enumerate() {
        let shown = steps.get(n + 1).is_some_and(|next| next.command == "echo $?");
        if (status != "0") != shown {
            wrong.push(format!(
                "line {}: `{}` ended with {status}: a failure, and only a failure, is followed by `echo $?`\n{printed}",
                step.line, step.command
            ));
        }
        let (shown, masked) = if is_partial(&step.shown) {
            // Numbers in omitted lines are not counted.
            (Mask::default().apply(&trimmed(&step.shown)), Mask::default().apply(&trimmed(printed)))
        } else {
            (shown_mask.apply(&trimmed(&step.shown)), printed_mask.apply(&trimmed(printed)))
        };
        let title = format!("line {}: {}", step.line, step.command);
        let outcome = snapbox::Assert::new()
            .palette(snapbox::report::Palette::plain())
            .action(snapbox::assert::Action::Verify)
            .try_eq(Some(&title), masked.into_data().raw(), shown.into_data());
        if let Err(difference) = &outcome {
            wrong.push(format!("line {}: `{}`\n{difference}", step.line, step.command));
        }
        compared.push(outcome.is_ok());
    }
    // From the end, so that line numbers before it stay valid. If one output differs, all numbers are renewed.
    if compared.contains(&false) {
        for (step, (printed, _)) in steps.iter().zip(&results).rev() {
            let (from, count) = step.output;
            if !is_partial(&step.shown) {
                lines.splice(from..from + count, trimmed(printed).lines().map(str::to_owned));
            }
        }
    }
    (wrong, lines.join("\n") + "\n")
}

fn read(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name))
        .unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn tour(name: &str) {
    let (wrong, right) = check(&read(name));
    if std::env::var_os("APPEAL_UPDATE").is_some_and(|v| v == "1") {
        fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join(name), right)
            .expect("a page that can be written");
    }
    assert!(wrong.is_empty(), "the output on {name} is out of date:\n\n{}", wrong.join("\n\n"));
}

/// One test per page, so that they run concurrently and the failing page is named.
macro_rules! tours {
    ($($test:ident: $name:literal),+ $(,)?) => {
        $(#[test]
        fn $test() {
            tour($name);
        })+

        #[test]
        fn every_page_is_run() {
            assert_eq!([$($name),+], PAGES);
        }
    };
}

tours! {
    the_readme_is_true: "README.md",
    the_russian_readme_is_true: "README.ru.md",
    the_tour_is_true: "docs/tour.md",
    the_russian_tour_is_true: "docs/ru/tour.md",
    the_page_on_scripting_is_true: "docs/scripting.md",
    the_page_for_operators_is_true: "docs/operators.md",
    the_page_on_administration_is_true: "docs/administration.md",
}

/// Tests of the comparison itself.
#[test]
fn a_false_page_is_noticed() {
    let block = |text: &str| check(&format!("```console\n{text}\n```\n")).0.len();
    assert_eq!(block("$ echo one\none"), 0);
    assert_eq!(block("$ echo one\ntwo"), 1, "another text");
    assert_eq!(block("$ echo one"), 1, "a line too few");
    assert_eq!(block("$ echo one\none\ntwo"), 1, "a line too many");
    assert_eq!(block("$ echo one\n[..]e"), 0, "a wildcard");
    assert_eq!(block("$ echo one\n[..]o"), 1, "a wildcard that does not fit");
    assert_eq!(block("$ printf 'one\\ntwo\\nthree\\n'\none\n...\nthree"), 0, "lines left out");
    assert_eq!(block("$ printf 'one\\ntwo\\nthree\\n'\none\n...\ntwo"), 1, "lines left out, and a wrong one");
    assert_eq!(block("$ false"), 1, "a failure that is not shown");
    assert_eq!(block("$ false\n$ echo $?\n1"), 0, "a failure that is shown");
    assert_eq!(block("$ N=2\n$ echo $N\n2"), 0, "one shell for all");
    assert_eq!(block("$ cat <<END\n> one\n> END\none"), 0, "several lines");
    assert_eq!(block("$ echo 2026-1234567890-1\n2026-0000000000-0"), 0, "numbers differ");
    let pair = "$ echo 2026-1234567890-1 2026-1234567890-2\n2026-0000000000-0 2026-0000000000-0";
    assert_eq!(block(pair), 1, "two numbers are not one");
    assert_eq!(block("$ echo 2026-11-02 09:30\n2020-01-01 00:00"), 0, "times differ");
    assert_eq!(block("$ echo 2026-11-02 9:30\n2020-01-01 00:00"), 1, "but not their shape");
    let (_, right) = check("a\n```console\n$ echo one\ntwo\nthree\n$ true\n```\nb\n");
    assert_eq!(right, "a\n```console\n$ echo one\none\n$ true\n```\nb\n");
}

/// Commands are shown only in blocks that are run.
#[test]
fn no_command_is_shown_without_being_run() {
    for name in PAGES {
        let mut open = false;
        for (n, line) in read(name).lines().enumerate() {
            if let Some(kind) = line.trim_start().strip_prefix("```") {
                if !open {
                    assert!(["console", "toml"].contains(&kind), "{name}:{}: a block of `{kind}`", n + 1);
                }
                open = !open;
            }
        }
    }
}

/// The table of exit codes lists every code and no others.
#[test]
fn the_table_of_exit_codes_is_complete() {
    let all: Vec<String> = appeal::cli::Exit::ALL.iter().map(|exit| exit.code().to_string()).collect();
    for name in ["docs/scripting.md", "docs/ru/tour.md"] {
        let listed: Vec<String> = read(name)
            .lines()
            .filter_map(|line| line.strip_prefix("| ")?.split_once(" |"))
            .map(|(first, _)| first.to_owned())
            .filter(|first| first.parse::<u8>().is_ok())
            .collect();
        assert_eq!(listed, all, "{name}");
    }
}

/// The front page can be read in five minutes.
#[test]
fn the_readme_is_short() {
    for name in ["README.md", "README.ru.md"] {
        let bytes = read(name).len();
        assert!(bytes <= 12 * 1024, "{name}: {bytes} bytes");
    }
}
