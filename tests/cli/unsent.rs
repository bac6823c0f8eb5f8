//! What a person typed is never lost: whatever becomes of the sending, the text is in a file whose path is told, and the
//! command that goes on does once what was to be done once.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::common::http::Proxy;
use crate::common::{APPEAL, Person, SUBJECT, TEXT, World, samples};
use serde_json::Value;

/// The files that are kept.
fn kept(world: &World) -> Vec<PathBuf> {
    let dir = world.path().join("state/appeal/unsent");
    let Ok(entries) = std::fs::read_dir(dir) else { return Vec::new() };
    let mut all: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    all.sort();
    all
}

/// What a failure says of what is kept: the path, and the command that goes on.
fn told(error: &Value) -> (String, Option<String>) {
    let details = error["details"].as_array().unwrap();
    let detail = details.iter().find(|detail| detail["kept"].is_string());
    let Some(detail) = detail else {
        // Beside findings or open moves it is in the hint alone.
        let hint = error["hint"].as_str().unwrap_or_default();
        let path = hint.split_whitespace().find(|word| word.contains("/unsent/"));
        let path = path.unwrap_or_else(|| panic!("nothing is kept: {error}")).trim_end_matches('.');
        assert!(!details.is_empty() && Path::new(path).is_file(), "{error}");
        return (path.to_owned(), None);
    };
    let path = detail["kept"].as_str().unwrap();
    assert!(error["hint"].as_str().is_some_and(|hint| hint.contains(path)), "{error}");
    (path.to_owned(), detail["command"].as_str().map(str::to_owned))
}

/// Runs a line in a shell, as somebody who copies it does.
#[track_caller]
fn shell(person: &Person, line: &str) {
    let mut command = person.command([""; 0]);
    let envs: Vec<_> =
        command.get_envs().map(|(k, v)| (k.to_owned(), v.unwrap_or_default().to_owned())).collect();
    let cwd = command.get_current_dir().unwrap().to_owned();
    command = Command::new("sh");
    let done = command.arg("-c").arg(line).env_clear().envs(envs).current_dir(cwd).output().unwrap();
    assert!(done.status.success(), "{line}: {}", String::from_utf8_lossy(&done.stderr));
}

fn private(path: impl AsRef<Path>) -> bool {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777 == 0o600
}

/// A server that takes requests and never answers.
fn silent() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port());
    (listener, url)
}

#[test]
fn a_command_whose_answer_was_lost_goes_on_and_is_done_once() {
    let world = World::served();
    let port = world.server_port().unwrap();
    // The platform does what is asked, and nobody is ever told.
    let losing = Proxy::losing(port, 1);
    let pdf = world.file("letters/scan.pdf", samples::pdf());
    let (me, operator) = (world.by("applicant"), world.by("operator"));
    let lost = |who: &Person| who.clone().env("APPEAL_SERVER", losing.url()).env("APPEAL_RETRY_FOR", "0s");
    let (n, asked, work, answered) = (world.filed(), world.filed(), world.filed(), world.filed());
    operator.run(["operator", "ask", &asked, "--text", "Где?"]).ok();
    for number in [&work, &answered] {
        operator.run(["operator", "take", number]).ok();
    }
    operator.run(["operator", "answer", &answered, "--decision", "granted", "--text", "Сделано."]).ok();
    let text = "Первая строка.\r\n  'Кавычки' \"и\" $HOME\n\n";
    for (who, args, flag) in [
        (&me, vec!["comment", &n], "text"),
        (&me, vec!["reply", &asked], "text"),
        (&me, vec!["edit", &n], "text"),
        (&me, vec!["escalate", &n, "--level", "regional", "--grounds", "critical"], "reason"),
        (&me, vec!["rate", &answered, "--score", "2"], "remarks"),
        (&me, vec!["repeat", &answered, "--grounds", "incomplete"], "text"),
        (&operator, vec!["operator", "comment", &work, "--internal"], "text"),
        (&operator, vec!["operator", "answer", &work, "--decision", "granted"], "text"),
    ] {
        let (given, from) = (format!("--{flag}"), format!("--{flag}-file"));
        // Typed on the command line, and given on stdin.
        let run = if args[0] == "comment" {
            lost(who).stdin(text).run([&args[..], &[&from, "-", "-o", "json"]].concat())
        } else {
            lost(who).run([&args[..], &[&given, text, "-o", "json"]].concat())
        };
        let (path, command) = told(&run.code(7).error());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text, "{args:?}");
        assert!(private(&path) && kept(&world).len() == 1, "{args:?}: {:?}", kept(&world));
        // Still nothing: the same file is told again.
        let command = command.unwrap();
        let cut = command.strip_prefix(APPEAL).unwrap_or_else(|| panic!("{command}"));
        let words: Vec<&str> = cut.split_whitespace().collect();
        assert_eq!(told(&lost(who).run(&words).code(7).error()).0, path, "{args:?}");
        shell(who, &command);
        assert!(kept(&world).is_empty(), "{args:?}: {:?}", kept(&world));
    }
    let card = world.card("applicant", &n);
    let said: Vec<&Value> = card["comments"].as_array().unwrap().iter().map(|c| &c["text"]).collect();
    assert_eq!(said, [text]);
    assert_eq!(card["escalations"].as_array().unwrap().len(), 1);
    assert_eq!((&card["text"], &card["escalations"][0]["reason"]), (&text.into(), &text.into()));
    assert_eq!(world.card("applicant", &answered)["repeats"].as_array().unwrap().len(), 1);
    assert_eq!(world.card("operator", &work)["answers"].as_array().unwrap().len(), 1);

    // An appeal, with its files named wholly: from another folder it is filed once all the same.
    let before = world.run(["list", "--all", "-q"]).ok().lines().len();
    let create =
        ["create", "--subject", SUBJECT, "--category", "roads", "--attach", "scan.pdf", "-o", "json"];
    let there = lost(&me).cwd(Path::new(&pdf).parent().unwrap()).stdin(TEXT);
    let error = there.run(create.iter().chain(&["--text-file", "-"])).code(7).error();
    let (path, _) = told(&error);
    assert!(private(&path));
    let first = world.run(["create", "--from", &path, "-o", "json"]).ok().json();
    assert!(kept(&world).is_empty());
    assert_eq!((&first["text"], &first["attachments"][0]["name"]), (&TEXT.into(), &"scan.pdf".into()));
    assert!(world.run(["list", "--all", "-q"]).ok().lines().len() <= before + 1);
}

#[test]
fn a_refusal_loses_nothing_either() {
    let world = World::served();
    let n = world.filed();
    let stranger = world.by("applicant").env("APPEAL_TOKEN", "apl_not-a-token");
    // Not signed in any more.
    let error = stranger.run(["comment", &n, "--text", "Важное.", "-o", "json"]).code(4).error();
    let (path, command) = told(&error);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "Важное.");
    shell(&world.by("applicant"), &command.unwrap());
    let create = ["create", "--subject", SUBJECT, "--text", TEXT, "--category", "roads", "-o", "json"];
    let server = stranger.clone().without("APPEAL_SERVER");
    let url = &world.serve().url;
    let error = server.run(create.iter().chain(&["--server", url])).code(4).error();
    let (path, _) = told(&error);
    // The platform that was chosen by a flag is in the command that goes on.
    assert!(
        error["hint"].as_str().unwrap().contains(&format!("appeal --server {url} create --from {path}")),
        "{error}"
    );
    world.run(["create", "--from", &path]).ok();
    // The state does not allow it; the platform finds something wrong.
    let refused = ["operator", "answer", &n, "--decision", "granted", "--text", "Рано.", "-o", "json"];
    told(&world.by("operator").run(refused).code(6).error());
    let long = "а".repeat(10_001);
    told(&world.run(["comment", &n, "--text", &long, "-o", "json"]).code(3).error());
    let there = kept(&world);
    assert_eq!(there.len(), 2, "{there:?}");
    // What was not sent because the checks here found something is in the command line still, and is not kept; what came
    // by stdin is nowhere else.
    let wrong = ["create", "--subject", SUBJECT, "--category", "none", "-o", "json"];
    world.run(wrong.iter().chain(&["--text", TEXT])).code(3);
    assert_eq!(kept(&world), there);
    let error =
        world.by("applicant").stdin(TEXT).run(wrong.iter().chain(&["--text-file", "-"])).code(3).error();
    told(&error);
    // A usage error loses what was typed as little.
    let error =
        world.by("applicant").stdin(TEXT).run(["create", "--text-file", "-", "-o", "json"]).code(2).error();
    told(&error);
    // Success leaves nothing, and so does a trial run.
    let there = kept(&world);
    world.run(["comment", &n, "--text", "x"]).ok();
    world.run(["comment", &n, "--text", "x", "--dry-run"]).ok();
    world.run(["check", "--text", "x"]).ok();
    assert_eq!(kept(&world), there);
}

#[test]
fn what_is_kept_outlives_the_process() {
    let world = World::served();
    let n = world.filed();
    let (_listener, url) = silent();
    let me = world.by("applicant").env("APPEAL_SERVER", &url);
    let comment = ["comment", &n, "--text", "Не потеряйте."];
    // SIGTERM and Ctrl-C: it is told where it is. The time given: as well.
    for (signal, args) in [
        (15, comment.to_vec()),
        (2, comment.to_vec()),
        (15, vec!["create", "--subject", SUBJECT, "--text", TEXT, "--category", "roads"]),
    ] {
        let before = kept(&world).len();
        let going = me.start(&args);
        let begun = Instant::now();
        while kept(&world).len() == before {
            assert!(begun.elapsed() < Duration::from_secs(60), "nothing is kept");
            std::thread::sleep(Duration::from_millis(20));
        }
        going.signal(signal);
        let run = going.finish().code(130);
        assert!(run.stderr.contains("/unsent/"), "{run:?}");
    }
    let error = me.run(["comment", &n, "--text", "Срок.", "--timeout", "1s", "-o", "json"]).code(8).error();
    assert_eq!(std::fs::read_to_string(told(&error).0).unwrap(), "Срок.");
    // kill -9: it is there, and goes on.
    let before = kept(&world);
    let going = me.start(["comment", &n, "--text", "Убит."]);
    let begun = Instant::now();
    while kept(&world).len() == before.len() {
        assert!(begun.elapsed() < Duration::from_secs(60), "nothing is kept");
        std::thread::sleep(Duration::from_millis(20));
    }
    going.signal(9);
    assert_eq!(going.finish().status, -9);
    let now = kept(&world);
    let path = now.iter().find(|path| !before.contains(path)).unwrap();
    assert_eq!(std::fs::read_to_string(path).unwrap(), "Убит.");
    let path = path.to_str().unwrap();
    world.run(["comment", &n, "--text-file", path]).ok();
    assert!(!Path::new(path).exists());
}

#[test]
fn drafts_do_not_get_in_each_others_way() {
    let world = World::local();
    let number = world.filed();
    let dead = world.nobody().env("APPEAL_SERVER", "http://127.0.0.1:9").env("APPEAL_TOKEN", "apl_x");
    let dead = dead.env("APPEAL_RETRY_FOR", "0s");
    let base =
        ["create", "--subject", SUBJECT, "--category", "roads", "--idempotency-key", "k/1", "-o", "json"];
    let keep = |text: &str| told(&dead.run(base.iter().chain(&["--text", text])).code(7).error()).0;
    let (one, two, again) = (keep("Одно."), keep("Другое."), keep("Одно."));
    assert_ne!(one, two);
    assert_eq!(one, again);
    for (path, text) in [(&one, "Одно."), (&two, "Другое.")] {
        let record: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        assert_eq!((&record["text"], &record["idempotency_key"]), (&text.into(), &"k/1".into()));
    }
    // One that cannot be filed as it is stays where it is.
    let mut record: Value = serde_json::from_slice(&std::fs::read(&one).unwrap()).unwrap();
    record["category"] = "none".into();
    std::fs::write(&one, record.to_string()).unwrap();
    world.run(["create", "--from", &one]).code(3);
    let there: Value = serde_json::from_slice(&std::fs::read(&one).unwrap()).unwrap();
    assert_eq!(there, record);
    world.run(["create", "--from", &one, "--category", "roads"]).ok();
    assert!(!Path::new(&one).exists() && Path::new(&two).exists());
    // Nowhere to keep it: where temporary files are; not even there: it is printed.
    let temporary = world.join("temporary");
    std::fs::create_dir(&temporary).unwrap();
    let nowhere = dead.clone().env("XDG_STATE_HOME", "/proc/nowhere").env("TMPDIR", &temporary);
    let error = nowhere.run(["comment", &number, "--text", "x", "-o", "json"]);
    let (path, _) = told(&error.code(7).error());
    assert!(path.starts_with(&temporary) && private(&path), "{path}");
    world.by("applicant").env("TMPDIR", &temporary).run(["comment", &number, "--text-file", &path]).ok();
    assert!(!Path::new(&path).exists());
    let nowhere = nowhere.env("TMPDIR", "/proc/nowhere").stdin("Единственный экземпляр");
    let run = nowhere.run(["comment", &number, "--text-file", "-"]).code(7);
    assert!(run.stderr.contains("Единственный экземпляр"), "{run:?}");
}

#[test]
fn a_kept_draft_stays_as_it_is_until_it_has_arrived() {
    let world = World::local();
    let dead = world.nobody().env("APPEAL_SERVER", "http://127.0.0.1:9").env("APPEAL_TOKEN", "apl_x");
    let dead = dead.env("APPEAL_RETRY_FOR", "0s");
    let create = ["create", "--subject", SUBJECT, "--text", TEXT, "--category", "roads", "-o", "json"];
    let (path, _) = told(&dead.run(create).code(7).error());
    let before = std::fs::read(&path).unwrap();
    let unchanged = || {
        assert_eq!(std::fs::read(&path).unwrap(), before);
        assert_eq!(kept(&world), [PathBuf::from(&path)]);
    };
    // A trial run, of an applicant and of an operator, that passes or does not.
    let register = ["operator", "register", "--for", "applicant", "--channel", "phone", "--from", &path];
    world.run(["create", "--from", &path, "--dry-run"]).ok();
    unchanged();
    world.by("operator").run(register.iter().chain(&["--dry-run"])).ok();
    unchanged();
    world.run(["create", "--from", &path, "--dry-run", "--category", "nope.nope"]).code(3);
    unchanged();
    // Checks that fail, and sending that fails again.
    world.run(["create", "--from", &path, "--category", "nope.nope"]).code(3);
    unchanged();
    world.by("operator").run(register.iter().chain(&["--category", "nope.nope"])).code(3);
    unchanged();
    assert_eq!(told(&dead.run(["create", "--from", &path, "-o", "json"]).code(7).error()).0, path);
    unchanged();
    // What was typed beside it goes to a file of its own.
    let typed = dead.clone().stdin("Иначе.");
    let args = ["create", "--from", &path, "--text-file", "-", "-o", "json"];
    let (other, _) = told(&typed.run(args).code(7).error());
    assert_eq!(std::fs::read(&path).unwrap(), before);
    let record: Value = serde_json::from_slice(&std::fs::read(&other).unwrap()).unwrap();
    assert_eq!(record["text"], "Иначе.");
    std::fs::remove_file(&other).unwrap();
    world.run(["create", "--from", &path]).ok();
    assert!(kept(&world).is_empty());

    // The text of another command, tried.
    let number = world.filed();
    let (path, _) = told(&dead.run(["comment", &number, "--text", "Слово.", "-o", "json"]).code(7).error());
    world.run(["comment", &number, "--text-file", &path, "--dry-run"]).ok();
    world.run(["create", "--subject", SUBJECT, "--category", "roads", "--text-file", &path, "--dry-run"]);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "Слово.");
}

#[test]
fn changes_and_notes_are_kept_too() {
    let world = World::served();
    let losing = Proxy::losing(world.server_port().unwrap(), 1);
    let me = world.by("applicant");
    let lost = me.clone().env("APPEAL_SERVER", losing.url()).env("APPEAL_RETRY_FOR", "0s");
    let draft = world.run(["create", "--draft", "--subject", SUBJECT, "--text", "Было.", "-q"]).ok();
    let draft = draft.line();
    let old = ["edit", draft, "--institution-name", "Школа № 1", "--expected", "Ремонт"];
    world.run(old).ok();
    let subject = "Не работает лифт в доме 7";
    let edit = ["edit", draft, "--subject", subject, "--field", "entrance=2", "--text", "Стало.\n"];
    let more = ["--institution-address", "ул. Садовая, 1", "--expected", "", "-o", "json"];
    let dead = me.clone().env("APPEAL_SERVER", "http://127.0.0.1:9").env("APPEAL_RETRY_FOR", "0s");
    let error = dead.run(edit.iter().chain(&more)).code(7).error();
    let (path, _) = told(&error);
    assert!(private(&path) && kept(&world) == [PathBuf::from(&path)], "{:?}", kept(&world));
    let hint = error["hint"].as_str().unwrap();
    assert!(hint.contains(&format!("edit {draft} --from {path}")), "{hint}");
    // Tried, and failed once more: the same file.
    world.run(["edit", draft, "--from", &path, "--dry-run"]).ok();
    world.run(["edit", draft, "--from", &path, "--contact-email", "nobody"]).code(3);
    for extra in kept(&world).iter().filter(|kept| **kept != Path::new(&path)) {
        std::fs::remove_file(extra).unwrap();
    }
    assert_eq!(told(&lost.run(["edit", draft, "--from", &path, "-o", "json"]).code(7).error()).0, path);
    let card = world.run(["edit", draft, "--from", &path, "-o", "json"]).ok().json();
    assert!(kept(&world).is_empty(), "{:?}", kept(&world));
    assert_eq!((&card["subject"], &card["text"]), (&subject.into(), &"Стало.\n".into()));
    assert_eq!(card["fields"]["entrance"], "2");
    let institution = &card["institution"];
    assert_eq!(
        (&institution["name"], &institution["address"]),
        (&"Школа № 1".into(), &"ул. Садовая, 1".into())
    );
    assert!(card["expected"].as_str().is_none_or(str::is_empty), "{card}");

    let number = world.filed();
    let pdf = world.file("scan.pdf", samples::pdf());
    let error = lost.run(["attach", &number, &pdf, "--note", "Скан письма.", "-o", "json"]).code(7).error();
    let (path, command) = told(&error);
    assert_eq!(std::fs::read_to_string(path).unwrap(), "Скан письма.");
    shell(&me, &command.unwrap());
    assert!(kept(&world).is_empty(), "{:?}", kept(&world));
    assert_eq!(world.card("applicant", &number)["attachments"].as_array().unwrap().len(), 1);
}
