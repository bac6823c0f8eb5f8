//! Work left unfinished by the previous version is completed by this one. The files are in `fixtures/edition-1`.

use crate::common;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::common::{APPEAL, Over, World};
use serde_json::{Value, json};

/// The directory in which the fixture was created; its files contain the path.
const MADE_IN: &str = "/tmp/appeal-edition-1";

const LETTERS: [&str; 4] =
    ["--text-template", "rows/letter.txt", "--subject-template", "Холодно в квартире {{ flat }}"];

const LAMPS: [&str; 4] =
    ["--text-template", "rows/lamps.txt", "--subject-template", "Не горит фонарь: {{ address }}"];

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/edition-1")
}

/// Runs a scenario with the data left by the previous version, over both transports.
macro_rules! over_both_left_behind {
    ($($name:ident),+ $(,)?) => { $(
        mod $name {
            #[test]
            fn local() {
                super::$name(&super::left_behind(crate::common::Over::Local));
            }

            #[test]
            fn served() {
                super::$name(&super::left_behind(crate::common::Over::Served));
            }
        }
    )+ };
}

/// Creates a world with everything that the previous version left.
fn left_behind(over: Over) -> World {
    let world = World::local();
    for folder in ["rows", "cursors", "unsent"] {
        copy(&fixture().join(folder), &world, folder);
    }
    fs::create_dir_all(world.join("state/appeal")).unwrap();
    fs::rename(world.join("unsent"), world.join("state/appeal/unsent")).unwrap();
    on_platform(world, "data.zip", over)
}

/// A world with the batch whose columns have the names of later fields.
fn lamps_left_behind(over: Over) -> World {
    let world = World::local();
    for name in ["lamps.csv", "lamps.txt", "lamps.csv.journal.jsonl"] {
        let text = fs::read_to_string(fixture().join("lamps").join(name)).unwrap();
        world.file(&format!("rows/{name}"), here(&world, &text));
    }
    on_platform(world, "lamps/data.zip", over)
}

/// The world with the data directory of this archive.
fn on_platform(world: World, data: &str, over: Over) -> World {
    let data = File::open(fixture().join(data)).unwrap();
    zip::ZipArchive::new(data).unwrap().extract(world.path()).unwrap();
    if over == Over::Served {
        world.serve();
    }
    world
}

/// Copies a folder into the world, and adjusts absolute paths in text files.
fn copy(from: &Path, world: &World, folder: &str) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{folder}/{}", entry.file_name().to_str().unwrap());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), world, &name);
            continue;
        }
        let bytes = fs::read(entry.path()).unwrap();
        world.file(&name, String::from_utf8(bytes).map_or_else(|e| e.into_bytes(), |t| here(world, &t)));
    }
}

fn here(world: &World, text: &str) -> Vec<u8> {
    let path = fs::canonicalize(world.path()).unwrap();
    text.replace(MADE_IN, path.to_str().unwrap()).into_bytes()
}

fn lines(name: &str) -> Vec<Value> {
    let text = fs::read_to_string(fixture().join(name)).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Returns numbers and subjects of all appeals of the applicant, including drafts.
fn subjects(world: &World) -> BTreeMap<String, String> {
    let listed = world.run(["list", "--all", "-o", "json"]).ok().json();
    let text = |row: &Value, key: &str| row[key].as_str().unwrap().to_owned();
    listed.as_array().unwrap().iter().map(|row| (text(row, "number"), text(row, "subject"))).collect()
}

/// Returns the results of `batch submit`, in the order of the file.
fn submit(world: &World, file: &str, more: &[&str], code: i32) -> Vec<Value> {
    let args = ["batch", "submit", file, "-o", "jsonl", "--ordered"];
    world.run(args.iter().chain(more)).code(code).jsonl()
}

/// Submits a batch again and compares the platform with the rows: each exists once, under the number of its result.
#[track_caller]
fn finishes(world: &World, file: &str, more: &[&str], prefix: &str, rows: &[(&str, &str)]) {
    let results = submit(world, file, more, if file.ends_with("entrances.jsonl") { 9 } else { 0 });
    assert_eq!(results.len(), rows.len());
    let mut expected = BTreeMap::new();
    for (result, (subject, status)) in results.iter().zip(rows) {
        assert_eq!(result["status"], *status, "{result}");
        if let Some(number) = result["number"].as_str() {
            expected.insert(number.to_owned(), (*subject).to_owned());
        }
    }
    assert_eq!(expected.len(), rows.iter().filter(|(_, status)| *status != "failed").count());
    let mut there = subjects(world);
    there.retain(|_, subject| subject.starts_with(prefix));
    assert_eq!(there, expected);
}

const YARDS: [(&str, &str); 12] = [
    ("Двор 1: нет света", "already"),
    ("Двор 2: нет света", "already"),
    ("Двор 3: нет света", "already"),
    ("Двор 2: нет света", "already"),
    ("Двор 5: нет света", "already"),
    ("Двор 6: нет света", "already"),
    ("Двор 7: нет света", "already"),
    ("Двор 8: нет света", "filed"),
    ("Двор 9: нет света", "filed"),
    ("Двор 2: нет света", "filed"),
    ("Двор 3: нет света", "filed"),
    ("Двор 12: нет света", "filed"),
];

over_both_left_behind!(
    the_rows_of_a_table_are_filed_once,
    the_rows_of_json_lines_are_filed_once,
    templates_with_rows_are_filed_once,
    rows_are_filed_as_they_are_written,
    a_finished_batch_files_nothing_more,
    every_unsent_text_is_sent,
    an_unsent_text_that_is_sent_twice_is_there_once,
    an_unsent_appeal_is_sent_by_its_id,
    changes_go_on_at_the_cursor,
    watch_goes_on_at_the_cursor,
    appeals_are_as_they_were,
    journals_verify,
    files_are_as_they_were,
    the_calendar_has_the_decreed_days_off,
);

fn the_rows_of_a_table_are_filed_once(world: &World) {
    finishes(world, "rows/yards.csv", &[], "Двор", &YARDS);
}

fn the_rows_of_json_lines_are_filed_once(world: &World) {
    let rows = [
        ("Подъезд 1: нет горячей воды", "already"),
        ("Подъезд 2: нет горячей воды", "already"),
        ("Подъезд 3: не открывается страница показаний", "already"),
        ("Подъезд 4: нет горячей воды", "already"),
        // It was refused, and still is.
        ("Подъезд 5: нет горячей воды", "failed"),
        ("Подъезд 6: нет горячей воды", "already"),
        ("Подъезд 7: нет горячей воды", "filed"),
        ("Подъезд 8: нет горячей воды", "filed"),
        ("Подъезд 2: нет горячей воды", "filed"),
        ("Подъезд 10: нет горячей воды", "filed"),
    ];
    finishes(world, "rows/entrances.jsonl", &[], "Подъезд", &rows);
}

fn templates_with_rows_are_filed_once(world: &World) {
    let rows = [
        ("Холодно в квартире 11", "already"),
        ("Холодно в квартире 12", "already"),
        ("Холодно в квартире 13", "already"),
        ("Холодно в квартире 14", "filed"),
        ("Холодно в квартире 15", "filed"),
        ("Холодно в квартире 16", "filed"),
    ];
    finishes(world, "rows/flats.csv", &LETTERS, "Холодно", &rows);
}

/// `address`, `latitude` and `longitude` were columns for templates alone. One row was filed and its answer was lost.
#[track_caller]
fn lamps_are_filed_once(over: Over) {
    let rows = [
        ("Не горит фонарь: ул. Лесная, 12", "already"),
        ("Не горит фонарь: ул. Лесная, 14", "already"),
        ("Не горит фонарь: ул. Лесная, 16", "already"),
        ("Не горит фонарь: ул. Лесная, 18", "filed"),
        ("Не горит фонарь: ул. Лесная, 20", "filed"),
        ("Не горит фонарь: ул. Лесная, 22", "filed"),
    ];
    finishes(&lamps_left_behind(over), "rows/lamps.csv", &LAMPS, "Не горит фонарь", &rows);
}

#[test]
fn rows_with_columns_that_became_fields_are_filed_once() {
    lamps_are_filed_once(Over::Local);
}

#[test]
fn rows_with_columns_that_became_fields_are_filed_once_on_a_server() {
    lamps_are_filed_once(Over::Served);
}

#[test]
fn columns_that_became_fields_stay_columns_of_the_templates() {
    let world = lamps_left_behind(Over::Local);
    let results = submit(&world, "rows/lamps.csv", &LAMPS, 0);
    for result in results {
        assert_eq!(world.card("applicant", result["number"].as_str().unwrap())["place"], Value::Null);
    }
}

#[test]
fn retry_leaves_columns_that_became_fields_to_the_templates() {
    let world = lamps_left_behind(Over::Local);
    let args = ["batch", "retry", "rows/lamps.csv.journal.jsonl", "-o", "jsonl", "--ordered"];
    let rows = world.run(args).ok().jsonl();
    let statuses: Vec<_> = rows.iter().map(|row| (row["row"].as_u64(), row["status"].as_str())).collect();
    assert_eq!(statuses, [(Some(4), Some("filed")), (Some(5), Some("filed"))]);
}

fn rows_are_filed_as_they_are_written(world: &World) {
    let results = submit(world, "rows/yards.csv", &[], 0);
    let table = File::open(fixture().join("rows/yards.csv")).unwrap();
    let mut table = csv::ReaderBuilder::new().delimiter(b';').from_reader(table);
    for (row, result) in table.deserialize::<BTreeMap<String, String>>().zip(results) {
        let row = row.unwrap();
        let card = world.card("applicant", result["number"].as_str().unwrap());
        let files: Vec<&str> = row["attach"].split('|').map(str::trim).filter(|f| !f.is_empty()).collect();
        let names = card["attachments"].as_array().unwrap().iter();
        let names: Vec<String> =
            names.map(|file| format!("files/{}", file["name"].as_str().unwrap())).collect();
        assert_eq!((&card["subject"], &card["text"]), (&json!(row["subject"]), &json!(row["text"])));
        assert_eq!(names, files, "{row:?}");
    }
}

fn a_finished_batch_files_nothing_more(world: &World) {
    submit(world, "rows/yards.csv", &[], 0);
    let before = subjects(world);
    let again = submit(world, "rows/yards.csv", &[], 0);
    assert!(again.iter().all(|row| row["status"] == "already"), "{again:?}");
    assert_eq!(subjects(world), before);
}

#[test]
fn retry_files_what_was_under_way() {
    let world = left_behind(Over::Local);
    let before = subjects(&world).len();
    let args = ["batch", "retry", "rows/yards.csv.journal.jsonl", "-o", "jsonl", "--ordered"];
    let rows = world.run(args).ok().jsonl();
    let filed: Vec<_> = rows.iter().map(|row| (row["row"].as_u64(), row["status"].as_str())).collect();
    assert_eq!(filed, [(Some(8), Some("filed")), (Some(9), Some("filed"))]);
    assert_eq!(subjects(&world).len(), before + 1, "the answer to row 8 was lost: it was filed");
}

#[test]
fn retry_includes_refused_rows() {
    let world = left_behind(Over::Local);
    let path = world.join("rows/entrances.jsonl");
    let mended = fs::read_to_string(&path).unwrap().replace("7707083893", "");
    fs::write(&path, mended).unwrap();
    let args = ["batch", "retry", "rows/entrances.jsonl.journal.jsonl", "-o", "jsonl", "--ordered"];
    let rows = world.run(args).ok().jsonl();
    let filed: Vec<_> = rows.iter().map(|row| (row["row"].as_u64(), row["status"].as_str())).collect();
    assert_eq!(filed, [(Some(5), Some("filed")), (Some(7), Some("filed")), (Some(8), Some("filed"))]);
}

#[test]
fn status_reads_the_journal() {
    let world = left_behind(Over::Local);
    let args = ["batch", "status", "rows/yards.csv.journal.jsonl", "-o", "json"];
    let rows = world.anonymous().run(args).ok().json();
    let rows = rows.as_array().unwrap();
    let status = |row: &Value| row["status"].as_str().unwrap().to_owned();
    let statuses: Vec<String> = rows.iter().map(status).collect();
    assert_eq!(statuses.join(" "), "filed filed filed filed filed filed filed pending pending");
}

/// The journal contains the former directory of the platform.
#[test]
fn a_batch_goes_on_after_the_platform_was_moved() {
    let world = left_behind(Over::Local);
    let journal = "rows/yards.csv.journal.jsonl";
    fs::copy(fixture().join(journal), world.join(journal)).unwrap();
    finishes(&world, "rows/yards.csv", &[], "Двор", &YARDS);
}

/// Returns everyone with an unsent text, and the command that sends it.
fn unsent_commands(world: &World) -> Vec<(String, String)> {
    let text = fs::read_to_string(fixture().join("unsent-commands")).unwrap();
    let text = String::from_utf8(here(world, &text)).unwrap();
    let line = |line: &str| {
        let (login, command) = line.split_once('\t').unwrap();
        (login.to_owned(), command.to_owned())
    };
    text.lines().map(line).collect()
}

/// Runs the command line of an unsent text in a shell.
#[track_caller]
fn send(world: &World, login: &str, command: &str) {
    let person = world.by(login).command([""; 0]);
    let mut shell = Command::new("sh");
    shell.env_clear().current_dir(world.path());
    shell.envs(person.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let who = if world.over() == Over::Local { format!("--as {login}") } else { String::new() };
    let command = command.replacen("appeal", &format!("'{APPEAL}' {who}"), 1);
    let done = shell.arg("-c").arg(&command).output().unwrap();
    assert!(done.status.success(), "{command}: {}", String::from_utf8_lossy(&done.stderr));
}

fn unsent(world: &World) -> Vec<PathBuf> {
    fs::read_dir(world.join("state/appeal/unsent")).unwrap().map(|entry| entry.unwrap().path()).collect()
}

/// Returns what the unsent texts add, as seen by the operator.
fn said(world: &World) -> Value {
    let all = subjects(world);
    let card = |subject: &str| {
        let number = all.iter().find(|(_, there)| *there == subject).map(|(number, _)| number).unwrap();
        let login = if number.starts_with('D') { "applicant" } else { "operator" };
        world.card(login, number)
    };
    let texts = |list: &Value, key: &str| -> Vec<Value> {
        list.as_array().unwrap().iter().map(|item| item[key].clone()).collect()
    };
    let count = |subject: &str| all.values().filter(|there| *there == subject).count();
    let (talk, open) = (card("Яма у дома 1 по Примерной улице"), card("Яма у дома 7 по Примерной улице"));
    json!({
        "comments": texts(&talk["comments"], "text"),
        "reasons": texts(&talk["escalations"], "reason"),
        "files": texts(&talk["attachments"], "name"),
        "file_notes": talk["journal"].to_string().matches("Неотправленная пометка.").count(),
        "notes": texts(&open["comments"], "text"),
        "answers": texts(&open["answers"], "text"),
        "draft": card("Яма у дома 9 по Примерной улице")["text"],
        "created": count("Неотправленное обращение"),
        "registered": count("Неотправленная запись звонка"),
        "interrupted": count("Прерванное обращение"),
        "lost": count("Обращение без ответа"),
    })
}

fn every_unsent_text_is_sent(world: &World) {
    for (login, command) in unsent_commands(world) {
        send(world, &login, &command);
    }
    assert_eq!(unsent(world), Vec::<PathBuf>::new());
}

fn an_unsent_appeal_is_sent_by_its_id(world: &World) {
    // One of these was filed, but the response was lost.
    for id in ["32911970", "9df1e7c1"] {
        world.run(["unsent", "send", id]).code(3);
        world.run(["unsent", "send", id, "--yes"]).ok();
    }
    let all = subjects(world);
    for subject in ["Неотправленное обращение", "Обращение без ответа"]
    {
        assert_eq!(all.values().filter(|there| *there == subject).count(), 1, "{subject}");
    }
    assert_eq!(unsent(world).len(), 8);
}

#[test]
fn every_unsent_text_is_listed() {
    let world = left_behind(Over::Local);
    let rows = world.run(["unsent", "list", "-o", "json"]).ok().json();
    let mut listed: Vec<&str> =
        rows.as_array().unwrap().iter().map(|row| row["path"].as_str().unwrap()).collect();
    let mut there = unsent(&world);
    there.sort();
    listed.sort_unstable();
    assert_eq!(listed, there.iter().map(|path| path.to_str().unwrap()).collect::<Vec<_>>());
}

#[test]
fn an_unsent_text_without_its_command_names_what_to_complete() {
    let world = left_behind(Over::Local);
    let error = world.run(["unsent", "send", "d7b64136", "-o", "json"]).code(3).error();
    let command = error["details"][0]["command"].as_str().unwrap();
    assert!(
        command.contains("--reason-file ") && command.contains("--idempotency-key d7b64136-"),
        "{command}"
    );
}

fn an_unsent_text_that_is_sent_twice_is_there_once(world: &World) {
    for _ in 0..2 {
        copy(&fixture().join("unsent"), world, "state/appeal/unsent");
        for (login, command) in unsent_commands(world) {
            send(world, &login, &command);
        }
    }
    assert_eq!(
        said(world),
        json!({
            "comments": [
                "Первое замечание.", "Второе замечание.", "Замечание исполнителя.",
                "Неотправленное замечание.\n  Вторая строка.\n",
            ],
            "reasons": ["Неотправленное основание."],
            "files": ["lease.pdf", "scheme.png"],
            "file_notes": 1,
            "notes": ["Неотправленное внутреннее замечание."],
            "answers": ["Неотправленный ответ."],
            "draft": "Неотправленная правка.",
            "created": 1,
            "registered": 1,
            "interrupted": 1,
            "lost": 1,
        })
    );
}

/// Returns the changes not yet seen according to this cursor file.
fn unseen(name: &str) -> Vec<(Value, Value)> {
    let cursor = fs::read_to_string(fixture().join("cursors").join(name)).unwrap();
    let all = lines("changes.jsonl");
    let at = all.iter().position(|change| change["cursor"] == cursor.trim()).unwrap();
    all[at + 1..].iter().map(named).collect()
}

fn named(change: &Value) -> (Value, Value) {
    (change["number"].clone(), change["event"].clone())
}

fn changes_go_on_at_the_cursor(world: &World) {
    let args = ["changes", "--cursor-file", "cursors/changes", "-o", "jsonl"];
    let changes: Vec<_> = world.run(args).ok().jsonl().iter().map(named).collect();
    let unseen = unseen("changes");
    // Changes that became due since the fixture was created follow.
    assert_eq!(changes.get(..unseen.len()), Some(&unseen[..]));
    assert_eq!(world.run(args).ok().lines(), [""; 0], "they are printed once");
}

fn watch_goes_on_at_the_cursor(world: &World) {
    let args = ["watch", "--cursor-file", "cursors/watch", "-o", "jsonl"];
    let mut watch = world.by("applicant").follow(args);
    let unseen = unseen("watch");
    let mut left = unseen.len();
    watch.until("the last change", |_| {
        left -= 1;
        left == 0
    });
    let changes = watch.seen.iter().map(|line| named(&serde_json::from_str(line).unwrap()));
    assert_eq!(changes.collect::<Vec<_>>(), unseen);
}

fn appeals_are_as_they_were(world: &World) {
    for before in lines("cards.jsonl") {
        let number = before["number"].as_str().unwrap();
        let card = world.card("applicant", number);
        for key in ["subject", "text", "category", "priority", "fields", "expected"] {
            assert_eq!(card[key], before[key], "{key} of {number}");
        }
        // The region as written has got its code.
        let code = before["region"]
            .as_str()
            .map(|text| appeal_domain::Regions::stock().code(text).unwrap().to_owned());
        assert_eq!((&card["region_text"], &card["region"]), (&before["region"], &json!(code)), "{number}");
        // Changes that became due since then may have been added.
        for (list, before, key) in [
            (&card["comments"], &before["comments"], "text"),
            (&card["answers"], &before["answers"], "text"),
            (&card["journal"], &before["hashes"], "hash"),
        ] {
            let now: Vec<&Value> = list.as_array().unwrap().iter().map(|item| &item[key]).collect();
            let before: Vec<&Value> = before.as_array().unwrap().iter().collect();
            assert!(now.starts_with(&before), "{key} of {number}: {now:?}, {before:?}");
        }
    }
}

fn journals_verify(world: &World) {
    for before in lines("cards.jsonl") {
        world.run(["journal", before["number"].as_str().unwrap(), "--verify"]).ok();
    }
}

fn files_are_as_they_were(world: &World) {
    for before in lines("cards.jsonl") {
        let number = before["number"].as_str().unwrap();
        let attachments = before["attachments"].as_array().unwrap();
        if attachments.is_empty() {
            continue;
        }
        world.run(["files", "get", number, "--dir", number]).ok();
        for file in attachments {
            let name = file["name"].as_str().unwrap();
            let bytes = fs::read(world.path().join(number).join(name)).unwrap();
            assert_eq!(file["sha256"], common::http::sha256(&bytes), "{name} of {number}");
        }
    }
}

#[test]
fn the_database_verifies() {
    left_behind(Over::Local).by("admin").run(["admin", "status", "--verify"]).ok();
}

/// Restores a platform from the backup.
fn restored() -> World {
    let world = World::empty();
    let backup = fixture().join("backup.zip");
    world.by("admin").run(["admin".as_ref(), "restore".as_ref(), backup.as_os_str()]).ok();
    world
}

#[test]
fn the_backup_is_restored() {
    appeals_are_as_they_were(&restored());
}

#[test]
fn the_restored_database_verifies() {
    restored().by("admin").run(["admin", "status", "--verify"]).ok();
}

#[test]
fn files_are_restored() {
    files_are_as_they_were(&restored());
}

#[test]
fn a_batch_goes_on_after_the_backup_was_restored() {
    let world = restored();
    copy(&fixture().join("rows"), &world, "rows");
    finishes(&world, "rows/yards.csv", &[], "Двор", &YARDS);
}

#[test]
fn an_appeal_that_passed_the_ombudsman_may_still_go_to_quality_control() {
    let world = left_behind(Over::Local);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let number = runtime.block_on(async {
        use sqlx::{Connection as _, Row as _};
        let mut database = sqlx::SqliteConnection::connect(&world.database()).await.unwrap();
        let row =
            sqlx::query("SELECT id, number FROM appeals WHERE subject = 'Яма у дома 1 по Примерной улице'")
                .fetch_one(&mut database)
                .await
                .unwrap();
        sqlx::query(
            "INSERT INTO escalations (id, appeal_id, level, grounds, reason, state, at) \
             VALUES ('old', ?, 'ombudsman', 'critical', 'Опасно', 'upheld', 1)",
        )
        .bind(row.get::<String, _>("id"))
        .execute(&mut database)
        .await
        .unwrap();
        row.get::<String, _>("number")
    });
    let escalate = |level: &'static str| {
        world.run(["escalate", &number, "--level", level, "--grounds", "critical", "--reason", "Опасно"])
    };
    escalate("federal").code(6);
    escalate("quality").ok();
}

fn the_calendar_has_the_decreed_days_off(world: &World) {
    let loaded = world.by("admin").run(["admin", "calendar", "show", "ru", "-o", "json"]).ok().json();
    let stock: Value = serde_json::from_str(appeal_domain::stock::CALENDAR).unwrap();
    assert_eq!(loaded["years"]["2027"], stock["years"]["2027"]);
}
