//! Commands around the main path: settings, templates, edits, API calls, waiting, and following with hooks.

use crate::common;
use crate::common::{Person, World, keys, sorted};
use serde_json::{Value, json};

over_both!(templates_and_edits, any_call_of_the_api, hooks_and_cursors);

/// A person with two profiles on the local platform, of which `home` is used.
fn with_profiles(world: &World) -> Person {
    let data = world.data();
    let data = data.to_str().expect("a path");
    let person = world.anonymous();
    for (key, value) in [
        ("profiles.home.server", "local"),
        ("profiles.home.data_dir", data),
        ("profiles.home.as", "representative"),
        ("profiles.home.lang", "ru"),
        ("profiles.desk.server", "local"),
        ("profiles.desk.data_dir", data),
        ("profiles.desk.as", "operator"),
        ("profiles.desk.output", "json"),
    ] {
        person.run(["config", "set", key, value]).ok();
    }
    person.run(["list"]).code(10);
    person.run(["profile", "use", "home"]).ok();
    person
}

/// Files an appeal; returns its number.
fn filed_by(person: &Person) -> String {
    let create =
        ["create", "--subject", common::SUBJECT, "--text", common::TEXT, "--category", "roads", "-q"];
    person.run(create).ok().line().to_owned()
}

#[test]
fn the_used_profile_has_the_person_and_the_language() {
    let world = World::local();
    let person = with_profiles(&world);
    let number = filed_by(&person);
    let card = person.run(["show", &number, "-o", "json"]).ok().json();
    assert_eq!(card["applicant"]["login"], "representative");
    assert!(person.run(["list", "-o", "table"]).ok().out().contains("Принято"));
}

#[test]
fn a_flag_overrides_the_format_of_a_profile() {
    let world = World::local();
    let person = with_profiles(&world);
    let number = filed_by(&person);
    let card = person.run(["--profile", "desk", "show", &number]).ok().json();
    assert_eq!(card["number"], number);
    assert_eq!(person.run(["--profile", "desk", "show", &number, "-q"]).ok().line(), number);
}

#[test]
fn a_flag_overrides_the_variable_and_the_variable_the_used_profile() {
    let world = World::local();
    let person = with_profiles(&world);
    let number = filed_by(&person);
    let named = person.clone().env("APPEAL_PROFILE", "desk");
    named.run(["operator", "take", &number]).ok();
    person.run(["operator", "review", &number]).code(4);
    named.run(["--profile", "home", "operator", "review", &number]).code(4);
}

#[test]
fn profiles_and_settings_are_listed() {
    let world = World::local();
    let person = with_profiles(&world);
    let profiles = person.run(["profile", "list", "-o", "json"]).ok();
    assert!(profiles.out().contains("desk") && profiles.out().contains("home"), "{profiles:?}");
    assert!(person.run(["config", "show"]).ok().out().contains("profiles.desk.as"));
}

#[test]
fn an_unknown_setting_is_refused_and_the_file_stays_unchanged() {
    let world = World::local();
    let person = with_profiles(&world);
    let path = person.run(["config", "path"]).ok().line().to_owned();
    let before = std::fs::read_to_string(&path).expect("the file");
    person.run(["config", "set", "colour", "red"]).code(2);
    person.run(["config", "set", "profiles.home.lang", "klingon"]).code(2);
    person.run(["profile", "use", "nothing"]).code(5);
    assert_eq!(std::fs::read_to_string(&path).expect("the file"), before);
}

#[test]
fn settings_and_profiles_are_removed() {
    let world = World::local();
    let person = with_profiles(&world);
    filed_by(&person);
    person.run(["config", "unset", "profiles.home.lang"]).ok();
    assert!(!person.run(["list", "-o", "table"]).ok().out().contains("Принято"));
    person.run(["profile", "remove", "home"]).ok();
    person.run(["list"]).code(10);
}

#[test]
fn an_empty_variable_counts_as_unset() {
    let world = World::local();
    let number = filed_by(&world.locally("representative"));
    let mut empty = world.locally("representative");
    for name in
        ["APPEAL_PROFILE", "APPEAL_OUTPUT", "APPEAL_LANG", "APPEAL_RETRY_FOR", "APPEAL_TOKEN", "NO_COLOR"]
    {
        empty = empty.env(name, "");
    }
    assert_eq!(empty.run(["list", "-q"]).ok().line(), number);
    let nowhere = world.anonymous().env("APPEAL_SERVER", "").env("APPEAL_DATA_DIR", "");
    nowhere.run(["list"]).code(10);
}

fn templates_and_edits(world: &World) {
    let templates = world.run(["template", "list", "-o", "json"]).ok().json();
    let id = templates[0]["id"].as_str().expect("an id").to_owned();
    let template = world.run(["template", "show", &id, "-o", "json"]).ok().json();
    assert_eq!(template["id"], id.as_str());
    // Every template can be filed once its placeholders have values, and not before.
    for template in templates.as_array().expect("templates") {
        let id = template["id"].as_str().expect("an id");
        let run = world.run(["create", "--template", id, "-o", "json"]);
        let mut args = vec!["create".to_owned(), "--template".to_owned(), id.to_owned(), "-q".to_owned()];
        if run.status != 0 {
            let missing = run.code(3).error();
            let findings = missing["details"].as_array().expect("findings");
            for field in findings.iter().filter_map(|finding| finding["field"].as_str()) {
                let key = field.trim_start_matches("fields.");
                args.push(format!("--field={key}=со 2 ноября {{x}}"));
            }
        }
        let number = world.run(&args).ok().line().to_owned();
        let card = world.card("applicant", &number);
        assert_eq!(card["category"], template["category"], "{id}");
        let text = card["text"].as_str().expect("a text");
        // Replaced placeholders are not replaced again.
        assert!(text.replace("{x}", "").chars().all(|c| c != '{' && c != '}'), "{id}: {text}");
    }
    // Supplementing keeps earlier content in the journal, and routes again if necessary.
    let number = world.filed();
    let before = world.card("applicant", &number);
    world.run(["edit", &number, "--field", "place=у арки", "--contact-phone", "8 (900) 000-01-05"]).ok();
    world.run(["edit", &number, "--category", "housing"]).ok();
    let card = world.card("applicant", &number);
    assert_eq!(card["fields"]["place"], "у арки");
    assert_eq!(card["contacts"]["phone"], "+79000000105");
    assert_eq!(card["category"], "housing");
    assert_ne!(card["department"], before["department"]);
    assert_eq!(card["version"], 3);
    let journal = card["journal"].as_array().expect("a journal");
    assert_eq!(journal.len(), 3);
    let changes = journal[1]["changes"].to_string();
    assert!(
        changes.contains("+79000000105") && changes.contains("+79000000101"),
        "before and after: {changes}"
    );
    world.run(["edit", &number, "--contact-email", "nobody"]).code(3);
    world.run(["edit", &number]).code(2);
    assert_eq!(world.card("applicant", &number)["version"], 3);
    // The applicant may change the category until work starts.
    world.by("operator").run(["operator", "take", &number]).ok();
    world.run(["edit", &number, "--category", "roads"]).code(6);
    world.by("representative").run(["edit", &number, "--field", "a=b"]).code(5);
}

fn any_call_of_the_api(world: &World) {
    let me = world.run(["api", "GET", "/v1/me", "--json"]).ok().json();
    assert_eq!(me["login"], "applicant");
    let number = world.filed();
    let path = format!("/v1/appeals/{number}");
    assert_eq!(world.run(["api", "GET", &path, "--jq", ".number"]).ok().line(), number);
    let commented =
        world.run(["api", "POST", &format!("{path}/comments"), "--field", "text=По проводам"]).ok().json();
    assert_eq!(commented["comments"][0]["text"], "По проводам");
    let body = json!({ "text": "Из файла" }).to_string();
    let file = world.file("body.json", &body);
    world.run(["api", "POST", &format!("{path}/comments"), "--input", &file]).ok();
    world.by("applicant").stdin(&body).run(["api", "POST", &format!("{path}/comments"), "--input", "-"]).ok();
    assert_eq!(world.card("applicant", &number)["comments"].as_array().map(Vec::len), Some(3));
    world
        .run(["api", "GET", "/v1/appeals/2026-0000000000-0"])
        .code(if is_right("2026-0000000000-0", world) { 5 } else { 3 });
    let error = world.run(["api", "GET", "/v1/nothing", "-o", "json"]).code(5).error();
    assert_eq!(error["code"], "not_found");
    world
        .run([
            "api",
            "POST",
            &format!("{path}/confirm"),
            "--input",
            &world.file("c.json", "{\"solved\": true}"),
        ])
        .code(6);
    // Page by page.
    for _ in 0..4 {
        world.filed();
    }
    let pages = world.run(["api", "GET", "/v1/appeals?limit=2", "--paginate", "-o", "jsonl"]).ok().jsonl();
    let numbers: std::collections::HashSet<String> = pages
        .iter()
        .flat_map(|page| page["items"].as_array().cloned().unwrap_or_else(|| vec![page.clone()]))
        .map(|row| row["number"].as_str().expect("a number").to_owned())
        .collect();
    assert_eq!(numbers.len(), 5);
    assert_eq!(pages.len(), 5, "one item a line");
    let one = world.run(["api", "GET", "/v1/appeals?limit=2", "--paginate", "--jq", ".items | length"]).ok();
    assert_eq!(one.line(), "5");
    let each = ["api", "GET", "/v1/appeals?limit=2", "--paginate", "-o", "jsonl", "--jq", ".number"];
    assert_eq!(world.run(each).ok().lines().len(), 5);
    // As rows with any path as a column; a path that no row has is reported.
    let rows = ["api", "GET", "/v1/appeals?limit=2", "-o", "csv", "--columns", "number,deadlines.0.kind"];
    let csv = world.run(rows).ok();
    assert_eq!(csv.lines().len(), 3);
    assert!(
        csv.lines()[0] == "number,deadlines.0.kind" && csv.lines()[1].contains(",first_status"),
        "{csv:?}"
    );
    let unknown = world.run(["api", "GET", "/v1/appeals", "--columns", "nonsense"]).code(2);
    assert!(unknown.stderr.contains("contacts"), "{unknown:?}");
    // A response that is not JSON, or empty, is still JSON on request.
    let text = world.run(["api", "GET", "/healthz", "-o", "json"]).ok().json();
    assert_eq!((&text["status"], text["text"].is_string()), (&json!(200), true), "{text}");
    let empty = world.run(["api", "HEAD", "/v1/me", "-o", "json"]).ok().json();
    assert_eq!((&empty["status"], &empty["size"]), (&json!(200), &json!(0)), "{empty}");
    // Never sent to another host, whatever the path is.
    for path in ["http://127.0.0.1:9/v1/me", "//127.0.0.1:9/v1/me"] {
        let run = world.run(["api", "GET", path]);
        assert!([2, 3, 5].contains(&run.status), "{run:?}");
    }
}

fn is_right(number: &str, world: &World) -> bool {
    world.run(["show", number]).status == 5
}

fn hooks_and_cursors(world: &World) {
    let cursor = world.join("hook.cursor");
    let log = world.join("hook.log");
    let first = world.filed();
    // The first run of `changes` with a cursor file starts now; then each change is printed once.
    world.run(["changes", "--cursor-file", &cursor]).ok();
    world.by("operator").run(["operator", "take", &first]).ok();
    let second = world.filed();
    // The hook gets the change in its environment and on stdin; the cursor is saved after each.
    let command =
        format!("printf '%s %s\\n' \"$APPEAL_NUMBER\" \"$APPEAL_STATUS\" >> '{log}'; cat >> '{log}.json'");
    let args = ["watch", "--cursor-file", &cursor, "--exec", &command, "--until", "cancelled", "-o", "jsonl"];
    let watching = world.by("applicant").start(args);
    world.run(["cancel", &second]).ok();
    let printed = watching.finish().ok().jsonl();
    let expected =
        [(first.as_str(), "in_progress"), (second.as_str(), "submitted"), (second.as_str(), "cancelled")];
    let seen: Vec<(&str, &str)> = printed
        .iter()
        .map(|c| (c["number"].as_str().expect("it"), c["status"].as_str().expect("it")))
        .collect();
    assert_eq!(seen, expected);
    let lines = std::fs::read_to_string(&log).expect("the hook's log");
    let lines: Vec<String> = lines.lines().map(str::to_owned).collect();
    assert_eq!(lines, expected.map(|(number, status)| format!("{number} {status}")));
    let bodies = std::fs::read_to_string(format!("{log}.json")).expect("the hook's input");
    let bodies: Vec<Value> = bodies.lines().map(|l| serde_json::from_str(l).expect("JSON")).collect();
    assert_eq!(bodies, printed);
    // Nothing more follows the saved cursor; a filter omits the rest.
    assert_eq!(world.run(["changes", "--cursor-file", &cursor, "-o", "json"]).ok().json(), json!([]));
    let all = world.run(["changes", "--since", "1d", "-o", "json"]).ok().json();
    assert_eq!(keys(&all[0]), sorted("cursor at number event status actor summary"));
    assert_eq!(all.as_array().map(Vec::len), Some(4));
    // Other people see only their own.
    assert_eq!(
        world.by("representative").run(["changes", "--since", "1d", "-o", "json"]).ok().json(),
        json!([])
    );
    // A cursor of another platform is reported, not followed.
    std::fs::write(&cursor, "rubbish").expect("written");
    let run = world.run(["changes", "--cursor-file", &cursor]);
    assert!([3, 6].contains(&run.status), "{run:?}");
}

#[test]
fn every_command_explains_itself() {
    let world = World::local();
    let top = world.anonymous().run(["--help"]).ok().out().to_owned();
    let section =
        top.split("Commands:").nth(1).expect("the commands").split("Options:").next().expect("them");
    let commands: Vec<&str> = section
        .lines()
        .filter_map(|line| line.strip_prefix("  ").filter(|l| !l.starts_with(' ')))
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    for wanted in "create list show comment reply attach files edit submit discard cancel confirm close repeat escalate rate \
        watch wait changes journal check batch category template operator supervisor auth api serve config profile \
        completions man"
        .split_whitespace()
    {
        assert!(commands.contains(&wanted), "{wanted} is not listed: {commands:?}");
    }
    for command in commands.into_iter().filter(|command| *command != "help") {
        let help = world.anonymous().run([command, "--help"]).ok();
        assert!(help.out().contains("Usage:"), "{help:?}");
        assert!(help.stderr.is_empty());
    }
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(world.anonymous().run(["completions", shell]).ok().out().contains("appeal"), "{shell}");
    }
    let pages = world.join("man");
    world.anonymous().run(["man", &pages]).ok();
    let count = std::fs::read_dir(&pages).expect("the pages").count();
    assert!(count > 30, "{count} pages");
}

over_both!(a_dry_run_prints_what_would_be_sent_and_changes_nothing);

fn a_dry_run_prints_what_would_be_sent_and_changes_nothing(world: &World) {
    let n = world.filed();
    let scan = world.file("скан.pdf", common::samples::pdf());
    let before = world.card("applicant", &n);
    let operator = world.by("operator");
    let person = world.by("applicant");
    let draft = world
        .run([
            "create",
            "--draft",
            "-q",
            "--category",
            "roads",
            "--subject",
            "Нет света во дворе",
            "--text",
            "С 1 ноября 2026 года во дворе нет света, прошу починить.",
        ])
        .ok()
        .line()
        .to_owned();
    for (who, args) in [
        (&operator, vec!["operator", "take", &n]),
        (&operator, vec!["operator", "refuse", &n, "--reason", "Нет оснований."]),
        (&operator, vec!["operator", "redirect", &n, "--department", "housing", "--reason", "Не наше."]),
        (&person, vec!["comment", &n, "--text", "Жду.", "--attach", &scan]),
        (&person, vec!["attach", &n, &scan]),
        (&person, vec!["edit", &n, "--contact-email", "ivan@example.org"]),
        (&person, vec!["cancel", &n]),
        (&person, vec!["submit", &draft]),
        (&person, vec!["discard", &draft]),
    ] {
        let run = who.run([&args[..], &["--dry-run", "-o", "json"]].concat()).ok();
        let plan = run.json();
        assert_eq!(plan["dry_run"], true, "{args:?}");
        assert!(plan["path"].as_str().is_some_and(|path| path.starts_with("/v1/appeals/")), "{plan}");
        assert!(plan["findings"].is_array() && !plan["request"].is_string(), "{plan}");
    }
    // Commands that do not concern an appeal as well, with secrets hidden.
    let admin = world.by("admin");
    let password = world.file("password", "Длинный-пароль-2026");
    let account = person.run(["account", "show", "-o", "json"]).ok().json();
    let tokens = person.run(["auth", "token", "list", "-q"]).ok();
    for (who, args) in [
        (&person, vec!["account", "edit", "--region", "54"]),
        (&person, vec!["account", "confirm", "--code", "123456"]),
        (&person, vec!["auth", "password", "--password-file", &password]),
        (&person, vec!["auth", "totp", "enable"]),
        (&person, vec!["auth", "token", "create", "--scope", "read"]),
        (&person, vec!["notifications", "settings", "--email", "off"]),
        (&person, vec!["notifications", "read", "--all"]),
        (&person, vec!["share", "add", &n, "--with", "intermediary", "--role", "view"]),
        (&admin, vec!["admin", "people", "block", "applicant", "--reason", "Проба"]),
    ] {
        let run = who.run([&args[..], &["--dry-run", "-o", "json"]].concat()).ok();
        let plan = run.json();
        assert_eq!(plan["dry_run"], true, "{args:?}");
        assert!(!run.out().contains("пароль") && !run.out().contains("123456"), "{plan}");
    }
    person.run(["share", "remove", &n, "--with", "intermediary", "--dry-run"]).code(5);
    assert_eq!(person.run(["account", "show", "-o", "json"]).ok().json(), account);
    let settings = person.run(["notifications", "settings", "-o", "json"]).ok().json();
    assert_eq!(settings["email"], true, "{settings}");
    assert_eq!(person.run(["auth", "token", "list", "-q"]).ok().lines(), tokens.lines());
    let refuse =
        operator.run(["operator", "refuse", &n, "--reason", "Нет.", "--dry-run", "-o", "json"]).ok().json();
    assert_eq!((&refuse["method"], &refuse["request"]["reason"]), (&json!("POST"), &json!("Нет.")));
    let shown = operator.run(["operator", "refuse", &n, "--reason", "Нет.", "--dry-run"]).ok();
    assert!(shown.out().contains("/refuse") && shown.out().contains("Нет."), "{shown:?}");
    assert_eq!(world.card("applicant", &n), before);
    assert_eq!(world.card("applicant", &draft)["status"], "draft");
    // What would be refused is refused, with the same code.
    person.run(["confirm", &n, "--dry-run"]).code(6);
    person.run(["operator", "take", &n, "--dry-run"]).code(4);
    operator.run(["operator", "refuse", &n, "--reason", " ", "--dry-run"]).code(3);
}
