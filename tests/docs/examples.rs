//! The runbooks and the example of the client library, run as they are: against the embedded platform and, if days must
//! pass, against a server whose clock is set by the test.
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use appeal_domain::Status;
use appeal_platform::{Clock, Platform, Settings};
use jiff::{SignedDuration, Timestamp};

#[allow(dead_code, reason = "its `main` is run as a program, not called here")]
#[path = "../../examples/client.rs"]
mod client;

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples")
}

/// The result of a command.
#[derive(Debug)]
struct Outcome {
    status: i32,
    stdout: String,
    stderr: String,
}

/// A folder with the examples, a home directory, and the binary under its name.
struct Desk {
    dir: tempfile::TempDir,
    /// Additional environment: platform and person.
    env: Vec<(String, String)>,
}

impl Desk {
    /// Creates one with the embedded platform, as the applicant.
    fn local() -> Desk {
        let desk = Desk::empty();
        let data = desk.path("data").display().to_string();
        desk.with("APPEAL_SERVER", "local").with("APPEAL_DATA_DIR", &data)
    }

    fn empty() -> Desk {
        let dir = tempfile::tempdir().unwrap();
        for name in ["home", "bin", "examples/files"] {
            fs::create_dir_all(dir.path().join(name)).unwrap();
        }
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_appeal"), dir.path().join("bin/appeal")).unwrap();
        for folder in ["", "files"] {
            for entry in fs::read_dir(examples().join(folder)).unwrap() {
                let path = entry.unwrap().path();
                if path.is_file() {
                    let to = dir.path().join("examples").join(folder).join(path.file_name().unwrap());
                    fs::copy(&path, to).unwrap();
                }
            }
        }
        Desk { dir, env: Vec::new() }
    }

    fn with(mut self, name: &str, value: &str) -> Desk {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn run(&self, program: &Path, args: &[&str]) -> Outcome {
        let output = Command::new("timeout")
            .arg("300")
            .arg(program)
            .args(args)
            .current_dir(self.dir.path())
            .env_clear()
            .env("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", self.path("bin").display()))
            .env("HOME", self.path("home"))
            .env("LC_ALL", "C.UTF-8")
            .envs(self.env.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .output()
            .unwrap();
        Outcome {
            status: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Runs a runbook.
    fn runbook(&self, name: &str, args: &[&str]) -> Outcome {
        self.run(&self.path("examples").join(name), args)
    }

    /// Runs the binary, which must succeed; returns its output.
    fn appeal(&self, args: &[&str]) -> String {
        let outcome = self.run(&self.path("bin/appeal"), args);
        assert_eq!(outcome.status, 0, "appeal {args:?}: {outcome:?}");
        outcome.stdout.trim_end().to_owned()
    }

    /// Files an appeal; returns its number.
    fn file(&self, subject: &str) -> String {
        let text = "С 16 ноября во дворе дома 5 не горят фонари. Прошу восстановить освещение.";
        self.appeal(&["create", "--subject", subject, "--text", text, "--category", "housing.lighting", "-q"])
    }

    /// Returns a column of a CSV file.
    fn column(&self, file: &str, name: &str) -> Vec<String> {
        let mut rows = csv::Reader::from_path(self.path(file)).unwrap();
        let at = rows.headers().unwrap().iter().position(|column| column == name).unwrap();
        rows.records().map(|row| row.unwrap()[at].to_owned()).collect()
    }
}

/// Returns the rows under a heading of the morning check.
fn section(text: &str, heading: &str) -> Vec<String> {
    let from = text.find(&format!("== {heading}\n")).unwrap_or_else(|| panic!("no {heading} in {text}"));
    text[from..].lines().skip(1).take_while(|line| !line.is_empty()).map(str::to_owned).collect()
}

#[test]
fn a_repeated_batch_is_filed_once() {
    let desk = Desk::local();
    for (batch, rows) in [("appeals.csv", 14), ("appeals.jsonl", 3)] {
        let path = format!("examples/{batch}");
        let first = desk.runbook("batch-filing.sh", &[&path, "out"]);
        assert_eq!(first.status, 0, "{first:?}");
        let numbers = format!("out/{batch}.numbers.csv");
        assert_eq!(desk.column(&numbers, "status"), vec!["filed"; rows]);
        let filed = desk.column(&numbers, "number");

        let again = desk.runbook("batch-filing.sh", &[&path, "out"]);
        assert_eq!(again.status, 0, "{again:?}");
        assert_eq!(desk.column(&numbers, "status"), vec!["already"; rows]);
        assert_eq!(desk.column(&numbers, "number"), filed);
    }
    assert_eq!(desk.appeal(&["list", "--all", "-q"]).lines().count(), 17);
    let heating = &desk.column("out/appeals.csv.numbers.csv", "number")[0];
    let text = desk.appeal(&["show", heating, "--jq", ".text"]);
    assert!(text.contains("ждите, работает бригада\". Бригаду никто не видел.\n\nПрошу"), "{text}");
    assert_eq!(desk.appeal(&["show", heating, "--jq", ".attachments[].name"]), "scheme.png");
}

#[test]
fn the_samples_have_no_findings() {
    let desk = Desk::local();
    for batch in ["appeals.csv", "appeals.jsonl"] {
        let path = format!("examples/{batch}");
        desk.appeal(&["batch", "submit", &path, "--dry-run", "--strict"]);
    }
    assert_eq!(desk.appeal(&["list", "--all", "-q"]), "", "a dry run files nothing");
}

#[test]
fn a_batch_with_a_wrong_row_is_not_filed() {
    let desk = Desk::local();
    let good = fs::read_to_string(desk.path("examples/appeals.jsonl")).unwrap();
    let bad = "{\"subject\": \"\", \"text\": \"\", \"category\": \"general\"}\n";
    fs::write(desk.path("examples/bad.jsonl"), format!("{good}{bad}")).unwrap();
    let outcome = desk.runbook("batch-filing.sh", &["examples/bad.jsonl", "out"]);
    assert_eq!(outcome.status, 3, "{outcome:?}");
    assert_eq!(desk.appeal(&["list", "--all", "-q"]), "");
}

#[test]
fn one_text_is_sent_for_every_row() {
    let desk = Desk::local();
    let args = ["examples/flats.csv", "examples/letter.txt", "out"];
    let first = desk.runbook("mail-merge.sh", &args);
    assert_eq!(first.status, 0, "{first:?}");
    assert!(first.stdout.contains("В квартире 12 дома по адресу Садовая, 14"), "{first:?}");
    let numbers = desk.column("out/flats.csv.numbers.csv", "number");
    let texts: Vec<String> =
        numbers.iter().map(|number| desk.appeal(&["show", number, "--jq", ".text"])).collect();
    let recount = texts.iter().map(|text| text.contains("пересчитать плату")).collect::<Vec<_>>();
    assert_eq!(recount, [false, true, true], "those who waited for more than three days: {texts:?}");
    assert_eq!(
        desk.appeal(&["show", &numbers[2], "--jq", ".subject"]),
        "Нет отопления: Садовая, 16, квартира 58"
    );

    let again = desk.runbook("mail-merge.sh", &args);
    assert_eq!(again.status, 0, "{again:?}");
    assert_eq!(desk.column("out/flats.csv.numbers.csv", "number"), numbers);
    assert_eq!(desk.appeal(&["list", "--all", "-q"]).lines().count(), 3);

    fs::write(desk.path("gap.txt"), "Нет отопления: {{ house }}").unwrap();
    let gap = desk.runbook("mail-merge.sh", &["examples/flats.csv", "gap.txt", "other"]);
    assert_eq!(gap.status, 3, "a column missing in the rows: {gap:?}");
    assert_eq!(desk.appeal(&["list", "--all", "-q"]).lines().count(), 3);
}

#[test]
fn a_backup_is_restored_before_it_is_trusted() {
    let desk = Desk::local();
    let photo = "examples/files/scheme.png";
    let number = desk.file("Фонари во дворе дома 5 по Школьной улице");
    desk.appeal(&["attach", &number, photo]);
    let outcome = desk.runbook("backup-check.sh", &["backups", "1"]);
    assert_eq!(outcome.status, 0, "{outcome:?}");
    let backup = desk.path(outcome.stdout.trim());
    assert!(outcome.stderr.contains(r#""appeals":1,"entries":2,"files":1"#), "{outcome:?}");

    // Flips a byte of the backup.
    let mut bytes = fs::read(&backup).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x55;
    fs::write(desk.path("damaged.zip"), bytes).unwrap();
    let status = desk.run(&desk.path("bin/appeal"), &["admin", "status", "--backup", "damaged.zip"]);
    assert_ne!(status.status, 0, "{status:?}");

    // Names contain the time in seconds.
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let second = desk.runbook("backup-check.sh", &["backups", "1"]);
    assert_eq!(second.status, 0, "{second:?}");
    assert_ne!(second.stdout, outcome.stdout);
    assert!(!backup.exists(), "one is kept");
}

#[test]
fn the_morning_check_lists_new_and_waiting_appeals() {
    let desk = Desk::local();
    let calm = desk.runbook("morning-check.sh", &["state"]);
    assert_eq!(calm.status, 0, "{calm:?}");
    assert!(calm.stdout.ends_with("Nothing waits for us.\n"), "{calm:?}");

    let asked = desk.file("Фонари во дворе дома 5 по Школьной улице");
    let answered = desk.file("Фонари во дворе дома 7 по Школьной улице");
    desk.appeal(&["--as", "operator", "operator", "take", &asked]);
    desk.appeal(&["--as", "operator", "operator", "ask", &asked, "--text", "Какой подъезд?"]);
    desk.appeal(&["--as", "operator", "operator", "take", &answered]);
    let decision = ["--decision", "granted", "--text", "Фонари починили 18 ноября.", "--await-confirmation"];
    desk.appeal(&[&["--as", "operator", "operator", "answer", &answered], &decision[..]].concat());

    let busy = desk.runbook("morning-check.sh", &["state"]);
    assert_eq!(busy.status, 100, "{busy:?}");
    let changed = section(&busy.stdout, "Changed since the last run");
    assert!([&asked, &answered].iter().all(|n| changed.iter().any(|line| line.contains(*n))), "{busy:?}");
    for (heading, number) in
        [("The authority asks us", &asked), ("Answered: confirm, or say what is missing", &answered)]
    {
        let rows = section(&busy.stdout, heading);
        assert!(rows.len() == 1 && rows[0].starts_with(number.as_str()), "{heading}: {rows:?}");
    }

    desk.appeal(&["reply", &asked, "--text", "Второй."]);
    desk.appeal(&["confirm", &answered]);
    assert_eq!(desk.runbook("morning-check.sh", &["state"]).status, 0);
    let quiet = desk.runbook("morning-check.sh", &["state"]);
    assert_eq!(section(&quiet.stdout, "Changed since the last run"), [""; 0], "nothing is listed twice");
}

/// An answer that the applicant may confirm but need not.
const ANSWER: [&str; 5] = ["--decision", "granted", "--text", "Фонари починили 18 ноября.", "-q"];

#[test]
fn the_morning_check_lists_every_answer() {
    let desk = Desk::local();
    let number = desk.file("Фонари во дворе дома 5 по Школьной улице");
    desk.appeal(&["--as", "operator", "operator", "take", &number]);
    desk.appeal(&[&["--as", "operator", "operator", "answer", &number], &ANSWER[..]].concat());
    let busy = desk.runbook("morning-check.sh", &["state"]);
    assert_eq!(busy.status, 100, "{busy:?}");
    let rows = section(&busy.stdout, "Answered: confirm, or say what is missing");
    assert!(rows.len() == 1 && rows[0].starts_with(&number), "{rows:?}");
}

#[test]
fn the_morning_check_of_an_organization_leaves_out_others() {
    let desk = Desk::local();
    let number = desk.file("Фонари во дворе дома 5 по Школьной улице");
    desk.appeal(&["--as", "operator", "operator", "take", &number]);
    desk.appeal(&[&["--as", "operator", "operator", "answer", &number], &ANSWER[..]].concat());
    let calm = desk.runbook("morning-check.sh", &["--organization", "7707083893", "state"]);
    assert!(calm.status == 0 && calm.stdout.ends_with("Nothing waits for us.\n"), "{calm:?}");
}

#[test]
fn the_morning_check_fails_where_nothing_can_be_checked() {
    let unreachable =
        [("APPEAL_SERVER", "http://127.0.0.1:9"), ("APPEAL_TOKEN", "t"), ("APPEAL_RETRY_FOR", "0s")];
    let desk = unreachable.into_iter().fold(Desk::empty(), |desk, (name, value)| desk.with(name, value));
    let failed = desk.runbook("morning-check.sh", &["state"]);
    assert_eq!(failed.status, 7, "{failed:?}");
    assert!(!failed.stdout.contains("Nothing waits"), "{failed:?}");
}

#[test]
fn waiting_ends_with_the_answer() {
    let desk = Desk::local();
    let number = desk.file("Фонари во дворе дома 5 по Школьной улице");
    let early = desk.runbook("wait-and-escalate.sh", &[&number, "1s"]);
    assert_eq!(early.status, 75, "{early:?}");
    assert!(early.stderr.contains("it is due at 20"), "{early:?}");

    desk.appeal(&["--as", "operator", "operator", "take", &number]);
    desk.appeal(&[
        "--as",
        "operator",
        "operator",
        "answer",
        &number,
        "--decision",
        "granted",
        "--text",
        "Фонари починили.",
    ]);
    let answered = desk.runbook("wait-and-escalate.sh", &[&number]);
    assert_eq!(
        (answered.status, answered.stdout.as_str()),
        (0, "granted: Фонари починили.\n"),
        "{answered:?}"
    );

    let cancelled = desk.file("Фонари во дворе дома 9 по Школьной улице");
    desk.appeal(&["cancel", &cancelled]);
    let vain = desk.runbook("wait-and-escalate.sh", &[&cancelled]);
    assert_eq!(vain.status, 6, "no answer will come: {vain:?}");

    let mistyped = desk.runbook("wait-and-escalate.sh", &["2026-0000000000-9"]);
    assert_eq!(mistyped.status, 3, "{mistyped:?}");
}

/// A platform over HTTP whose clock is set by the test.
struct Served {
    platform: Platform,
    url: String,
    ahead: Arc<AtomicI64>,
    _data: tempfile::TempDir,
}

impl Served {
    async fn start() -> Served {
        let data = tempfile::tempdir().unwrap();
        let ahead = Arc::new(AtomicI64::new(0));
        let clock = {
            let ahead = Arc::clone(&ahead);
            Clock::new(move || Timestamp::now() + SignedDuration::from_hours(ahead.load(Ordering::SeqCst)))
        };
        let platform = Platform::open(Settings {
            data_dir: data.path().to_owned(),
            local_people: true,
            clock,
            ..Settings::default()
        })
        .await
        .unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let serving = platform.clone();
        tokio::spawn(async move { serving.serve(listener, std::future::pending()).await });
        Served { platform, url, ahead, _data: data }
    }

    fn pass_days(&self, days: i64) {
        self.ahead.fetch_add(days * 24, Ordering::SeqCst);
    }

    async fn desk(&self, login: &str) -> Desk {
        let token = self.platform.local_session(login).await.unwrap();
        Desk::empty().with("APPEAL_SERVER", &self.url).with("APPEAL_TOKEN", &token)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn overdue_appeals_are_listed_and_escalated_once() {
    let platform = Served::start().await;
    let desk = platform.desk("applicant").await;
    tokio::task::spawn_blocking(move || {
        let number = desk.file("Фонари во дворе дома 5 по Школьной улице");
        platform.pass_days(30);

        let morning = desk.runbook("morning-check.sh", &["state"]);
        assert_eq!(morning.status, 100, "{morning:?}");
        let overdue = section(&morning.stdout, "Overdue");
        assert!(overdue.len() == 1 && overdue[0].starts_with(&number), "{morning:?}");

        let late = desk.runbook("wait-and-escalate.sh", &[&number, "1s", "regional"]);
        assert_eq!(late.status, 76, "{late:?}");
        let escalations =
            desk.appeal(&["show", &number, "--jq", ".escalations[] | [.level, .grounds, .state]"]);
        assert_eq!(escalations, r#"["regional","overdue","pending"]"#);

        let again = desk.runbook("wait-and-escalate.sh", &[&number, "1s", "regional"]);
        assert_eq!(again.status, 75, "the supervisor has a deadline of their own: {again:?}");
        assert_eq!(desk.appeal(&["show", &number, "--jq", ".escalations | length"]), "1");
    })
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_desk_sees_what_is_late_and_the_numbers() {
    let platform = Served::start().await;
    let applicant = platform.desk("applicant").await;
    let operator = platform.desk("operator").await;
    tokio::task::spawn_blocking(move || {
        let number = applicant.file("Фонари во дворе дома 5 по Школьной улице");
        let calm = operator.runbook("desk-report.sh", &["out"]);
        assert_eq!(calm.status, 0, "{calm:?}");
        assert_eq!(section(&calm.stdout, "Overdue"), ["none"]);
        assert!(section(&calm.stdout, "Due next")[0].starts_with(&number), "{calm:?}");
        let deadlines = fs::read_to_string(operator.path("out/deadlines.txt")).unwrap();
        assert!(deadlines.contains("working day 5"), "{deadlines}");

        platform.pass_days(30);
        let late = operator.runbook("desk-report.sh", &["out", "60d"]);
        assert_eq!(late.status, 100, "{late:?}");
        assert!(section(&late.stdout, "Overdue")[0].starts_with(&number), "{late:?}");
        assert_eq!(operator.column("out/report.csv", "overdue"), ["1", "1"], "the group and all");
        assert!(fs::read_to_string(operator.path("out/report.html")).unwrap().contains("<svg"));
    })
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_example_of_the_client_files_and_waits() {
    let platform = Served::start().await;
    let token = platform.platform.local_session("applicant").await.unwrap();
    let applicant = client::connect(&platform.url, token).unwrap();
    let filed = client::file(&applicant, examples().join("files/яма на дороге.jpg")).await.unwrap();
    assert_eq!(filed.attachments.len(), 1);
    assert_eq!(filed.department.as_deref(), Some("roads-54"), "the region has a department of its own");
    assert!(client::file(&applicant, examples().join("client.rs")).await.is_err(), "no photograph");

    let operator = platform.desk("operator").await;
    let number = filed.number.clone();
    let acting = tokio::task::spawn_blocking(move || {
        operator.appeal(&["operator", "take", &number]);
        operator.appeal(&["operator", "refuse", &number, "--reason", "Дорога передана другому району."]);
    });
    let waiting = client::wait_for(&applicant, &filed.number, &[Status::Answered, Status::Rejected]);
    let status = tokio::time::timeout(std::time::Duration::from_secs(120), waiting).await.unwrap().unwrap();
    assert_eq!(status, Status::Rejected);
    acting.await.unwrap();
}
