//! `--dry-run`: every command that changes something supports it, prints exactly what would be sent, and changes
//! nothing.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::table::{Listed, leaves, table};
use crate::common;
use crate::common::http::Proxy;
use crate::common::{Person, SUBJECT, TEXT, World, samples};
use serde_json::{Value, json};

#[test]
fn every_command_that_changes_something_has_a_dry_run() {
    let has_dry_run: BTreeMap<String, bool> = leaves()
        .into_iter()
        .map(|(name, command)| {
            (name, command.get_arguments().any(|argument| argument.get_long() == Some("dry-run")))
        })
        .collect();
    for listed in table() {
        assert_eq!(has_dry_run[listed.name], listed.changes, "{}", listed.name);
    }
}

/// Returns the content of all tables of the database.
async fn tables(database: &Path) -> BTreeMap<String, String> {
    use sqlx::{Connection as _, Row as _};
    let url = format!("sqlite:{}?mode=ro", database.display());
    let mut connection = sqlx::SqliteConnection::connect(&url).await.unwrap();
    let names = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
    let names: Vec<String> = sqlx::query_scalar(names).fetch_all(&mut connection).await.unwrap();
    let mut all = BTreeMap::new();
    for name in names {
        let columns = sqlx::query(sqlx::AssertSqlSafe(format!("PRAGMA table_info(\"{name}\")")))
            .fetch_all(&mut connection)
            .await
            .unwrap();
        // Any request may update the last use of a token.
        let columns: Vec<String> = columns
            .iter()
            .map(|row| row.get::<String, _>("name"))
            .filter(|column| !column.contains("used_at"))
            .map(|column| format!("quote(\"{column}\")"))
            .collect();
        let sql = format!("SELECT {} FROM \"{name}\"", columns.join(" || '|' || "));
        let mut rows: Vec<String> =
            sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_all(&mut connection).await.unwrap();
        // The time of the background jobs moves on whatever is run.
        rows.retain(|row| !row.starts_with("'jobs_ran'"));
        rows.sort();
        all.insert(format!("table {name}"), rows.join("\n"));
    }
    all
}

/// Collects every file under the home directory, except the database files and the lock next to them.
fn files(dir: &Path, all: &mut BTreeMap<String, String>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let name = path.display().to_string();
        if path.is_dir() {
            all.insert(name, "a folder".to_owned());
            files(&path, all);
        } else if !name.contains("appeal.db") {
            let size = path.metadata().unwrap().len();
            let bytes = std::fs::read(&path).unwrap_or_default();
            all.insert(name, format!("{size} {}", common::http::sha256(&bytes)));
        }
    }
}

fn everything(world: &World) -> BTreeMap<String, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut all = runtime.block_on(tables(&world.data().join("appeal.db")));
    files(world.path(), &mut all);
    all
}

/// Returns the differences between two states.
fn differences(before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) -> Vec<String> {
    let keys: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    keys.into_iter()
        .filter(|key| before.get(*key) != after.get(*key))
        .map(|key| format!("{key}: {:?} -> {:?}", before.get(key), after.get(key)))
        .collect()
}

/// Creates a platform with something in every state, and the names of its objects.
fn furnished() -> (World, BTreeMap<&'static str, String>) {
    let world = World::local();
    let (me, operator, admin) = (world.by("applicant"), world.by("operator"), world.by("admin"));
    let pdf = world.file("scan.pdf", samples::pdf());
    let mut names = BTreeMap::new();
    let run = |who: &Person, args: &[&str]| who.run(args).ok();
    let n = world.filed_with(&["--attach", &pdf]);
    let f = run(&me, &["files", "list", &n, "-q"]).line().to_owned();
    let png = world.file("photo.png", samples::png());
    run(&me, &["attach", &n, &png, "--replace", &f, "-q"]);
    run(&me, &["share", "add", &n, "--with", "intermediary", "--role", "comment"]);
    let work = world.filed();
    run(&operator, &["operator", "take", &work]);
    let asked = world.filed();
    run(&operator, &["operator", "ask", &asked, "--text", "Где?"]);
    let answered = |world: &World| {
        let number = world.filed();
        run(&operator, &["operator", "take", &number]);
        run(&operator, &["operator", "answer", &number, "--decision", "granted", "--text", "Сделано."]);
        number
    };
    names.insert("answered", answered(&world));
    let escalated = answered(&world);
    let up = ["--level", "regional", "--grounds", "unsatisfactory", "--reason", "Не сделано."];
    run(&me, &[&["escalate", &escalated[..]], &up[..]].concat());
    let rated = answered(&world);
    run(&me, &["rate", &rated, "--score", "2"]);
    let draft = ["create", "--draft", "--subject", SUBJECT, "--text", TEXT, "--category", "roads", "-q"];
    names.insert("draft", run(&me, &draft).line().to_owned());
    let token = run(&me, &["auth", "token", "create", "--scope", "read", "-o", "json"]).json();
    names.insert("token", token["id"].as_str().expect("an id").to_owned());
    run(&admin, &["admin", "people", "block", "intermediary", "--reason", "Проба."]);
    run(&me, &["config", "set", "profiles.q.server", "local"]);
    for kind in ["people", "departments", "categories", "templates", "calendar", "policies", "contacts"] {
        let records = run(&admin, &["admin", kind, "list", "-o", "json"]);
        world.file(&format!("{kind}.json"), records.out());
    }
    run(&admin, &["admin", "backup", &world.join("backup.zip")]);
    run(&admin, &["admin", "export", "--to", &world.join("platform.zip")]);
    let row = format!("subject,text,category\n{SUBJECT},{TEXT},roads\n");
    let batch = world.file("batch.csv", &row);
    run(&me, &["batch", "submit", &batch, "--journal", &world.join("batch.journal"), "-q"]);
    world.file("rows.csv", row.replace("20 см", "30 см"));
    world.file("password", "Длинный-пароль-2026\n");
    let port = world.serve().port;
    world.file(
        "config/appeal/credentials.toml",
        format!("[tokens]\n\"http://127.0.0.1:{port}\" = \"{}\"\n", world.token("applicant")),
    );
    let credentials = world.path().join("config/appeal/credentials.toml");
    std::fs::set_permissions(credentials, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let unsent = serde_json::json!({
        "command": "comment", "number": n, "key": "k", "server": "local", "data_dir": world.data(), "state": "unsent",
        "body": { "text": "Слово." }, "files": [], "kept_at": "2026-11-28T09:00:00Z",
    });
    world.file("state/appeal/unsent/0123abcd.json", unsent.to_string());
    names.extend([
        ("n", n),
        ("f", f),
        ("work", work),
        ("asked", asked),
        ("escalated", escalated),
        ("rated", rated),
        ("pdf", world.file("another.pdf", [samples::pdf(), b"\n".to_vec()].concat())),
        ("home", world.path().display().to_string()),
        ("password", world.join("password")),
        ("port", port.to_string()),
        ("S", SUBJECT.to_owned()),
        ("T", TEXT.to_owned()),
    ]);
    (world, names)
}

/// Returns the person who runs a command of the tables, and its arguments.
fn words(world: &World, names: &BTreeMap<&str, String>, name: &str, args: &str) -> (Person, Vec<String>) {
    let mut who = world.locally("applicant");
    let mut words: Vec<String> = name.split(' ').map(str::to_owned).collect();
    for word in args.split_whitespace() {
        if let Some(login) = word.strip_prefix('@') {
            who = if login == "-" {
                world.anonymous().env("APPEAL_KEYRING", "off")
            } else {
                world.locally(login)
            };
            continue;
        }
        let mut word = word.to_owned();
        for (key, value) in names {
            word = word.replace(&format!("{{{key}}}"), value);
        }
        words.push(word);
    }
    (who, words)
}

#[test]
fn neither_a_dry_run_nor_a_command_that_reads_changes_anything() {
    let (world, names) = furnished();
    let before = everything(&world);
    let (changes, reads): (Vec<Listed>, Vec<Listed>) = table().into_iter().partition(|listed| listed.changes);
    let trials: Vec<_> = changes
        .iter()
        .map(|Listed { name, args, .. }| {
            let (who, mut words) = words(&world, &names, name, args);
            words.extend(["--dry-run", "-o", "json"].map(str::to_owned));
            (*name, who, words)
        })
        .collect();
    let reads: Vec<_> = reads
        .iter()
        .map(|Listed { name, args, .. }| {
            let (who, words) = words(&world, &names, name, args);
            (*name, who, words)
        })
        .collect();
    // Order does not matter, because they change nothing.
    let mut wrong: Vec<String> = std::thread::scope(|scope| {
        let check = |(name, who, words): &(&str, Person, Vec<String>), dry_run: bool| {
            let run = who.run(words);
            let fits = match (dry_run, *name) {
                (false, "watch") => run.status == 8,
                (false, _) => run.status == 0,
                (true, "batch submit" | "batch retry" | "changes") => run.status == 0,
                (true, _) => {
                    let plan: Value = serde_json::from_slice(&run.stdout).unwrap_or_default();
                    let load = name.ends_with(" load");
                    let says = load || !plan["path"].is_null() || plan["changes"][0]["path"].is_string();
                    run.status == 0 && plan["dry_run"] == true && says && !run.out().contains("123456")
                }
            };
            (!fits).then(|| format!("{name}: {run:?}"))
        };
        let handles: Vec<_> = (0..3)
            .map(|part| {
                let (trials, reads) = (&trials, &reads);
                scope.spawn(move || {
                    let trials = trials.iter().skip(part).step_by(3).filter_map(move |one| check(one, true));
                    let reads = reads.iter().skip(part).step_by(3).filter_map(move |one| check(one, false));
                    trials.chain(reads).collect::<Vec<_>>()
                })
            })
            .collect();
        handles.into_iter().flat_map(|handle| handle.join().unwrap()).collect()
    });
    wrong.extend(differences(&before, &everything(&world)));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Compares a dry run with the real run after it, through a recording proxy: what is printed is what is sent.
fn is_what_is_sent(proxy: &Proxy, who: &Person, args: &[&str]) -> common::Run {
    proxy.forget();
    let keyed = !matches!(args[0], "edit" | "discard" | "account")
        && !matches!(args[..2], ["files", "remove"] | ["share", "remove"] | ["auth", "password"]);
    static KEYS: AtomicUsize = AtomicUsize::new(0);
    let fresh = format!("key-{}", KEYS.fetch_add(1, Ordering::Relaxed));
    let key = ["--idempotency-key", &fresh[..]];
    let key: &[&str] = if keyed { &key } else { &[] };
    let plan = who.run([args, key, &["--dry-run", "-o", "json"]].concat()).ok().json();
    let reads = |method: &str| matches!(method, "GET" | "HEAD");
    for sent in proxy.exchanges() {
        assert!(reads(&sent.method) || sent.path.ends_with("?dry_run=true"), "{args:?}: {sent:?}");
    }
    proxy.forget();
    let run = who.run([args, key, &["-o", "json"]].concat()).ok();
    let sent = proxy.exchanges();
    let (up, sent): (Vec<_>, Vec<_>) = sent
        .into_iter()
        .filter(|sent| !reads(&sent.method))
        .partition(|sent| sent.path.starts_with("/v1/uploads/"));
    let up: Vec<Value> = up.iter().map(|sent| sent.path.rsplit('/').next().unwrap().into()).collect();
    let uploads = plan["uploads"].as_array().unwrap();
    assert_eq!(uploads.iter().map(|file| file["sha256"].clone()).collect::<Vec<_>>(), up, "{args:?}");
    let [sent] = &sent[..] else { panic!("{args:?}: {sent:?}") };
    assert_eq!(plan["method"], sent.method, "{args:?}");
    assert_eq!(plan["path"], sent.path, "{args:?}");
    let mut request = sent.json();
    if let Some(old) = request.get_mut("password") {
        *old = "***".into();
    }
    assert_eq!(plan["request"], request, "{args:?}");
    for name in ["Idempotency-Key", "If-Match"] {
        let header = sent.header(&name.to_ascii_lowercase());
        assert_eq!(plan["headers"][name].as_str(), header, "{args:?}");
        assert!(!keyed || name != "Idempotency-Key" || header == Some(&fresh), "{args:?}");
    }
    assert_eq!(plan["then"], json!([]), "{args:?}");
    run
}

#[test]
fn a_dry_run_prints_exactly_what_is_sent() {
    let world = World::served();
    let proxy = Proxy::to(world.server_port().expect("a port"));
    let through = |login: &str| world.by(login).env("APPEAL_SERVER", proxy.url());
    let (me, operator, admin) = (through("applicant"), through("operator"), through("admin"));
    let pdf = world.file("scan.pdf", samples::pdf());
    let png = world.file("photo.png", samples::png());
    let text = world.file("text.txt", format!("{TEXT}\r\n\u{feff} «кавычки» \\ \" \n"));
    let says = |who: &Person, args: &[&str]| is_what_is_sent(&proxy, who, args);
    let day = (jiff::Zoned::now().date() + jiff::Span::new().days(90)).to_string();

    let create = ["create", "--subject", SUBJECT, "--category", "roads", "--text-file", &text];
    let more = [
        "--attach",
        &pdf,
        "--attach",
        &png,
        "--occurred",
        "01.11.2026",
        "--field",
        "x=1",
        "--contact-phone",
        "+79001234567",
        "--institution-name",
        "Школа",
    ];
    let n = says(&me, &[&create[..], &more].concat()).json()["number"].as_str().unwrap().to_owned();
    let other = says(&me, &create).json()["number"].as_str().unwrap().to_owned();
    let draft =
        says(&me, &["create", "--draft", "--subject", "x"]).json()["number"].as_str().unwrap().to_owned();
    says(&me, &["edit", &draft, "--subject", SUBJECT, "--text", TEXT, "--category", "roads"]);
    says(&me, &["discard", &draft]);
    let gif = world.file("third.pdf", [samples::pdf(), b"\n".to_vec()].concat());
    says(&me, &["comment", &n, "--text", "Жду.", "--attach", &gif]);
    says(
        &me,
        &["edit", &n, "--contact-email", "ivan@example.org", "--institution-address", "ул. Садовая, 1"],
    );
    let again = world.file("fourth.pdf", [samples::pdf(), b"\n\n".to_vec()].concat());
    let files = says(&me, &["attach", &n, &again, "--note", "Скан."]).json();
    let id = files["attachments"][0]["id"].as_str().unwrap().to_owned();
    says(&me, &["files", "remove", &n, &id]);
    says(&me, &["share", "add", &n, "--with", "intermediary", "--role", "comment"]);
    says(&me, &["share", "remove", &n, "--with", "intermediary"]);
    says(&me, &["notifications", "settings", "--email", "off", "--kinds", "demand"]);
    says(&me, &["notifications", "read", "--all"]);
    says(&me, &["account", "edit", "--region", "54"]);
    says(&me, &["auth", "token", "create", "--scope", "read", "--expires", &day, "--name", "ночь"]);
    says(&operator, &["operator", "take", &n]);
    says(&operator, &["operator", "ask", &n, "--text", "Где?", "--need", "адрес", "--due", "2099-01-01"]);
    says(&me, &["reply", &n, "--text", "Тут."]);
    says(&operator, &["operator", "comment", &n, "--text", "Себе.", "--internal"]);
    says(
        &operator,
        &["operator", "answer", &n, "--decision", "granted", "--text", "Сделано.", "--await-confirmation"],
    );
    says(&me, &["confirm", &n, "--no", "--reason", "Нет."]);
    says(&me, &["escalate", &n, "--level", "regional", "--grounds", "critical", "--reason", "Опасно."]);
    says(&me, &["cancel", &other, "--reason", "Ошибка."]);
    says(
        &me,
        &[
            "api",
            "POST",
            &format!("/v1/appeals/{n}/comments"),
            "--field",
            "text=x",
            "--field",
            "internal:=false",
        ],
    );
    says(&admin, &["admin", "people", "block", "representative", "--reason", "Проба."]);
    let mut register =
        vec!["operator", "register", "--for", "applicant", "--channel", "phone", "--text", TEXT];
    register.extend(["--subject", SUBJECT, "--category", "roads"]);
    says(&operator, &register);
}

#[test]
fn findings_are_reported_in_every_format() {
    let world = World::local();
    let number = world.filed();
    let draft = world.run(["create", "--draft", "--subject", SUBJECT, "-q"]).ok().line().to_owned();
    let html = world.file("page.pdf", samples::html());
    for (args, code) in [
        (vec!["submit", &draft], "text-empty"),
        (vec!["comment", &number, "--text", " "], "text-empty"),
        (vec!["comment", &number, "--text", "x", "--attach", &html], "file-content-mismatch"),
        (vec!["edit", &number, "--contact-email", "nobody"], "email-invalid"),
        (vec!["create", "--subject", SUBJECT, "--text", TEXT, "--category", "none"], "category-unknown"),
    ] {
        let args = [&args[..], &["--dry-run"]].concat();
        let with = |more: &[&str]| world.run([&args[..], more].concat()).code(3);
        let run = with(&["-o", "json"]);
        let codes: Vec<_> =
            run.json()["findings"].as_array().unwrap().iter().map(|f| f["code"].clone()).collect();
        assert!(run.json()["dry_run"] == true && run.error()["code"] == "invalid", "{run:?}");
        assert!(codes.iter().any(|found| found == code), "{code}: {codes:?}");
        // Except for the key, which is generated each time.
        let lines = with(&["-o", "jsonl"]).jsonl();
        assert!(lines.len() == 1 && lines[0]["request"] == run.json()["request"], "{lines:?}");
        assert_eq!(lines[0]["findings"], run.json()["findings"]);
        let filtered = with(&["-o", "json", "--jq", ".findings[].code"]);
        assert!(filtered.lines().contains(&code), "{filtered:?}");
        let csv = with(&["-o", "csv"]);
        let rows: Vec<_> =
            csv::Reader::from_reader(csv.out().as_bytes()).records().map(Result::unwrap).collect();
        assert_eq!(rows.len(), codes.len(), "{csv:?}");
        assert_eq!(with(&["-o", "plain"]).lines().len(), codes.len());
        with(&["-o", "table"]);
        with(&["-q"]);
    }
    // Columns are those of a plan, regardless of what the command prints otherwise.
    let comment = ["comment", &number, "--text", "x", "--dry-run", "-o", "csv", "--columns", "path,method"];
    assert_eq!(world.run(comment).ok().lines()[1], format!("/v1/appeals/{number}/comments,POST"));
    let error = world.run(["comment", &number, "--text", "x", "--dry-run", "--columns", "nothing"]).code(2);
    assert!(error.stderr.contains("--columns"), "{error:?}");
}

#[test]
fn what_is_printed_can_be_filed_from() {
    let world = World::local();
    let pdf = world.file("deep/scan.pdf", samples::pdf());
    let args = ["create", "--subject", SUBJECT, "--text", TEXT, "--category", "roads", "--attach", &pdf];
    let more = ["--occurred", "2026-11-01", "--contact-email", "a@example.org", "--priority", "high"];
    let dry_run = world.run(args.iter().chain(&more).chain(&["--dry-run", "-o", "json"])).ok();
    let whole = world.file("dry-run.json", dry_run.out());
    let card = world.run(["create", "--from", &whole, "-o", "json"]).ok().json();
    assert_eq!((&card["subject"], &card["attachments"][0]["name"]), (&json!(SUBJECT), &json!("scan.pdf")));
    // The request alone, as YAML and from stdin; files are relative to the record.
    let request = world.file("deep/request.json", dry_run.json()["request"].to_string());
    let yaml = world.file("deep/request.yaml", dry_run.json()["request"].to_string());
    for from in [&request, &yaml] {
        let again = world.run(["create", "--from", from, "--dry-run", "-o", "json"]).ok().json();
        assert_eq!(again["request"], dry_run.json()["request"]);
    }
    let person =
        world.by("applicant").cwd(world.path().join("deep")).stdin(dry_run.json()["request"].to_string());
    let again = person.run(["create", "--from", "-", "--dry-run", "-o", "json"]).ok().json();
    assert_eq!(again["request"], dry_run.json()["request"]);
    // The card of a filed appeal, with its files next to it.
    let number = card["number"].as_str().unwrap();
    let shown = world.run(["show", number, "-o", "json"]).ok();
    let from = world.file("card.json", shown.out());
    let error = world.run(["create", "--from", &from, "-o", "json"]).code(3).error();
    assert!(error["details"].to_string().contains("scan.pdf"), "{error}");
    world.run(["files", "get", number, "--dir", &world.join(".")]).ok();
    let copy = world.run(["create", "--from", &from, "-o", "json"]).ok().json();
    for key in ["subject", "text", "category", "priority", "occurred_at", "contacts"] {
        assert_eq!(copy[key], card[key], "{key}");
    }
    assert_ne!(copy["number"], card["number"]);
    // Registrations by an operator, too.
    let operator = world.by("operator");
    let register = ["operator", "register", "--for", "applicant", "--channel", "phone"];
    let dry_run = operator.run(register.iter().chain(&args[1..7]).chain(&["--dry-run", "-o", "json"])).ok();
    assert_eq!(dry_run.json()["request"]["for"], "applicant");
    let from = world.file("registration.json", dry_run.out());
    operator.run(register.iter().chain(&["--from", &from])).ok();
}

#[test]
fn a_first_look_at_changes_does_not_say_that_it_kept_anything() {
    let world = World::local();
    let cursor = world.join("curs");
    let look = ["changes", "--cursor-file", &cursor, "--dry-run"];
    let said = |args: &[&str]| world.run(args).ok().stderr;
    let tried = said(&look);
    assert!(!Path::new(&cursor).exists() && tried.contains("--dry-run"), "{tried}");
    let kept = said(&look[..3]);
    assert!(Path::new(&cursor).exists() && !kept.is_empty() && !kept.contains("--dry-run"), "{kept}");
}
