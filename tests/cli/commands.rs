//! Commands around the main path: settings, templates, edits, API calls, waiting, and following with hooks.

use crate::common;
use crate::common::{Person, World, keys, sorted};
use serde_json::{Value, json};

over_both!(
    every_template_is_filed_once_its_placeholders_have_values,
    an_edit_keeps_earlier_values_in_the_journal_and_routes_again,
    an_invalid_or_empty_edit_changes_nothing,
    a_category_is_changed_until_work_starts,
    the_api_is_read_and_called,
    a_body_of_a_call_is_a_file_or_stdin,
    a_refused_call_has_the_exit_code_of_the_refusal,
    pages_of_the_api_are_followed,
    rows_of_the_api_have_any_path_as_a_column,
    a_response_that_is_not_json_is_json_on_request,
    a_call_never_leaves_the_platform,
    a_hook_gets_every_change_once,
    a_cursor_file_continues_where_it_ended,
    a_cursor_of_another_platform_is_reported,
);

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

/// Files an appeal from a template, with a value for each of its placeholders; returns its number.
fn filed_from(world: &World, template: &str) -> String {
    let create = ["create", "--template", template];
    let run = world.run(create.iter().chain(&["-o", "json"]));
    if run.status == 0 {
        return run.json()["number"].as_str().expect("a number").to_owned();
    }
    let missing = run.code(3).error();
    let findings = missing["details"].as_array().expect("findings");
    let keys = findings.iter().filter_map(|finding| finding["field"].as_str());
    let fields = keys.map(|key| format!("--field={}=со 2 ноября {{x}}", key.trim_start_matches("fields.")));
    let args = create.iter().chain(&["-q"]).map(|arg| (*arg).to_owned()).chain(fields);
    world.run(args.collect::<Vec<_>>()).ok().line().to_owned()
}

fn every_template_is_filed_once_its_placeholders_have_values(world: &World) {
    let templates = world.run(["template", "list", "-o", "json"]).ok().json();
    for template in templates.as_array().expect("templates") {
        let id = template["id"].as_str().expect("an id");
        assert_eq!(world.run(["template", "show", id, "--jq", ".id"]).ok().line(), id);
        let card = world.card("applicant", &filed_from(world, id));
        assert_eq!(card["category"], template["category"], "{id}");
        let text = card["text"].as_str().expect("a text");
        // Replaced placeholders are not replaced again.
        assert!(text.replace("{x}", "").chars().all(|c| c != '{' && c != '}'), "{id}: {text}");
    }
}

fn an_edit_keeps_earlier_values_in_the_journal_and_routes_again(world: &World) {
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
    assert!(changes.contains("+79000000105") && changes.contains("+79000000101"), "{changes}");
}

fn an_invalid_or_empty_edit_changes_nothing(world: &World) {
    let number = world.filed();
    world.run(["edit", &number, "--contact-email", "nobody"]).code(3);
    world.run(["edit", &number]).code(2);
    world.by("representative").run(["edit", &number, "--field", "a=b"]).code(5);
    assert_eq!(world.card("applicant", &number)["version"], 1);
}

fn a_category_is_changed_until_work_starts(world: &World) {
    let number = world.filed();
    world.run(["edit", &number, "--category", "housing"]).ok();
    world.by("operator").run(["operator", "take", &number]).ok();
    world.run(["edit", &number, "--category", "roads"]).code(6);
}

/// Returns the path of the comments on an appeal.
fn comments(number: &str) -> String {
    format!("/v1/appeals/{number}/comments")
}

fn the_api_is_read_and_called(world: &World) {
    let me = world.run(["api", "GET", "/v1/me", "--json"]).ok().json();
    assert_eq!(me["login"], "applicant");
    let number = world.filed();
    let get = ["api", "GET", &format!("/v1/appeals/{number}"), "--jq", ".number"];
    assert_eq!(world.run(get).ok().line(), number);
    let call = ["api", "POST", &comments(&number), "--field", "text=По проводам"];
    assert_eq!(world.run(call).ok().json()["comments"][0]["text"], "По проводам");
}

fn a_body_of_a_call_is_a_file_or_stdin(world: &World) {
    let number = world.filed();
    let body = json!({ "text": "Из файла" }).to_string();
    let file = world.file("body.json", &body);
    world.run(["api", "POST", &comments(&number), "--input", &file]).ok();
    world.by("applicant").stdin(&body).run(["api", "POST", &comments(&number), "--input", "-"]).ok();
    assert_eq!(world.card("applicant", &number)["comments"].as_array().map(Vec::len), Some(2));
}

fn a_refused_call_has_the_exit_code_of_the_refusal(world: &World) {
    let error = world.run(["api", "GET", "/v1/nothing", "-o", "json"]).code(5).error();
    assert_eq!(error["code"], "not_found");
    let absent = "2026-0000000000-0";
    let code = if world.run(["show", absent]).status == 5 { 5 } else { 3 };
    world.run(["api", "GET", &format!("/v1/appeals/{absent}")]).code(code);
    let path = format!("/v1/appeals/{}/confirm", world.filed());
    world.run(["api", "POST", &path, "--input", &world.file("c.json", "{\"solved\": true}")]).code(6);
}

fn pages_of_the_api_are_followed(world: &World) {
    for _ in 0..5 {
        world.filed();
    }
    let paged = |more: &[&str]| {
        let base = ["api", "GET", "/v1/appeals?limit=2", "--paginate"];
        world.run(base.iter().chain(more)).ok()
    };
    let items = paged(&["-o", "jsonl"]).jsonl();
    let numbers: std::collections::HashSet<&str> =
        items.iter().map(|row| row["number"].as_str().expect("a number")).collect();
    assert_eq!((numbers.len(), items.len()), (5, 5), "one item a line");
    assert_eq!(paged(&["--jq", ".items | length"]).line(), "5");
    assert_eq!(paged(&["-o", "jsonl", "--jq", ".number"]).lines().len(), 5);
}

fn rows_of_the_api_have_any_path_as_a_column(world: &World) {
    world.filed();
    world.filed();
    let rows = ["api", "GET", "/v1/appeals?limit=2", "-o", "csv", "--columns", "number,deadlines.0.kind"];
    let csv = world.run(rows).ok();
    let lines = csv.lines();
    assert_eq!((lines.len(), lines[0]), (3, "number,deadlines.0.kind"));
    assert!(lines[1].contains(",first_status"), "{csv:?}");
    // A path that no row has is reported.
    let unknown = world.run(["api", "GET", "/v1/appeals", "--columns", "nonsense"]).code(2);
    assert!(unknown.stderr.contains("contacts"), "{unknown:?}");
}

fn a_response_that_is_not_json_is_json_on_request(world: &World) {
    let text = world.run(["api", "GET", "/healthz", "-o", "json"]).ok().json();
    assert_eq!((&text["status"], text["text"].is_string()), (&json!(200), true), "{text}");
    let empty = world.run(["api", "HEAD", "/v1/me", "-o", "json"]).ok().json();
    assert_eq!((&empty["status"], &empty["size"]), (&json!(200), &json!(0)), "{empty}");
}

fn a_call_never_leaves_the_platform(world: &World) {
    for path in ["http://127.0.0.1:9/v1/me", "//127.0.0.1:9/v1/me"] {
        let run = world.run(["api", "GET", path]);
        assert!([2, 3, 5].contains(&run.status), "{run:?}");
    }
}

/// A hook gets the change in its environment and on stdin; the cursor is saved after each.
fn a_hook_gets_every_change_once(world: &World) {
    let (cursor, log) = (world.join("hook.cursor"), world.join("hook.log"));
    world.run(["changes", "--cursor-file", &cursor]).ok();
    let number = world.filed();
    let command =
        format!("printf '%s %s\\n' \"$APPEAL_NUMBER\" \"$APPEAL_STATUS\" >> '{log}'; cat >> '{log}.json'");
    let args = ["watch", "--cursor-file", &cursor, "--exec", &command, "--until", "cancelled", "-o", "jsonl"];
    let watching = world.by("applicant").start(args);
    world.by("operator").run(["operator", "take", &number]).ok();
    world.run(["cancel", &number]).ok();
    let printed = watching.finish().ok().jsonl();
    let lines = std::fs::read_to_string(&log).expect("the hook's log");
    let expected = ["submitted", "in_progress", "cancelled"].map(|status| format!("{number} {status}"));
    assert_eq!(lines.lines().collect::<Vec<_>>(), expected);
    let seen = printed
        .iter()
        .map(|c| format!("{} {}", c["number"].as_str().unwrap(), c["status"].as_str().unwrap()));
    assert_eq!(seen.collect::<Vec<_>>(), expected);
    let bodies = std::fs::read_to_string(format!("{log}.json")).expect("the hook's input");
    let bodies: Vec<Value> = bodies.lines().map(|l| serde_json::from_str(l).expect("JSON")).collect();
    assert_eq!(bodies, printed);
    assert_eq!(world.run(["changes", "--cursor-file", &cursor, "-o", "json"]).ok().json(), json!([]));
}

/// The first run with a new file starts now.
fn a_cursor_file_continues_where_it_ended(world: &World) {
    let cursor = world.join("cursor");
    let look = || world.run(["changes", "--cursor-file", &cursor, "-o", "json"]).ok().json();
    world.filed();
    assert_eq!(look(), json!([]));
    let number = world.filed();
    let news = look();
    assert_eq!((news.as_array().map(Vec::len), &news[0]["number"]), (Some(1), &json!(number)));
    assert_eq!(look(), json!([]));
    let all = world.run(["changes", "--since", "1d", "-o", "json"]).ok().json();
    assert_eq!(keys(&all[0]), sorted("cursor at number event status actor summary"));
    assert_eq!(all.as_array().map(Vec::len), Some(2));
    // Other people see only their own.
    let theirs = world.by("representative").run(["changes", "--since", "1d", "-o", "json"]).ok();
    assert_eq!(theirs.json(), json!([]));
}

fn a_cursor_of_another_platform_is_reported(world: &World) {
    let cursor = world.file("cursor", "rubbish");
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

over_both!(
    a_dry_run_of_a_move_changes_nothing,
    a_dry_run_about_an_account_changes_nothing_and_hides_secrets,
    a_dry_run_of_a_refused_move_is_refused,
    a_dry_run_prints_the_request,
);

/// Runs a command as a dry run; returns the plan.
#[track_caller]
fn plan(who: &Person, args: &[&str]) -> Value {
    let run = who.run([args, &["--dry-run", "-o", "json"]].concat()).ok();
    let plan = run.json();
    assert_eq!(plan["dry_run"], true, "{args:?}");
    assert!(plan["findings"].is_array() && !plan["request"].is_string(), "{plan}");
    assert!(!run.out().contains("пароль") && !run.out().contains("123456"), "{plan}");
    plan
}

fn a_dry_run_of_a_move_changes_nothing(world: &World) {
    let n = &world.filed();
    let scan = &world.file("скан.pdf", common::samples::pdf());
    let (operator, person) = (world.by("operator"), world.by("applicant"));
    let create = ["create", "--subject", common::SUBJECT, "--text", common::TEXT, "--category", "roads"];
    let draft = &world.run(create.iter().chain(&["--draft", "-q"])).ok().line().to_owned();
    let before = world.card("applicant", n);
    for (who, args) in [
        (&operator, &["operator", "take", n][..]),
        (&operator, &["operator", "refuse", n, "--reason", "Нет оснований."]),
        (&operator, &["operator", "redirect", n, "--department", "housing", "--reason", "Не наше."]),
        (&person, &["comment", n, "--text", "Жду.", "--attach", scan]),
        (&person, &["attach", n, scan]),
        (&person, &["edit", n, "--contact-email", "ivan@example.org"]),
        (&person, &["cancel", n]),
        (&person, &["submit", draft]),
        (&person, &["discard", draft]),
    ] {
        let plan = plan(who, args);
        assert!(plan["path"].as_str().is_some_and(|path| path.starts_with("/v1/appeals/")), "{plan}");
    }
    assert_eq!(world.card("applicant", n), before);
    assert_eq!(world.card("applicant", draft)["status"], "draft");
}

fn a_dry_run_about_an_account_changes_nothing_and_hides_secrets(world: &World) {
    let n = &world.filed();
    let (person, admin) = (world.by("applicant"), world.by("admin"));
    let password = &world.file("password", "Длинный-пароль-2026");
    let state = || {
        [&["account", "show"][..], &["notifications", "settings"], &["auth", "token", "list"]].map(|args| {
            person.run([args, &["-o", "json", "--jq", "del(.. | .last_used_at?)"]].concat()).ok().json()
        })
    };
    let before = state();
    for (who, args) in [
        (&person, &["account", "edit", "--region", "54"][..]),
        (&person, &["account", "confirm", "--code", "123456"]),
        (&person, &["auth", "password", "--password-file", password]),
        (&person, &["auth", "totp", "enable"]),
        (&person, &["auth", "token", "create", "--scope", "read"]),
        (&person, &["notifications", "settings", "--email", "off"]),
        (&person, &["notifications", "read", "--all"]),
        (&person, &["share", "add", n, "--with", "intermediary", "--role", "view"]),
        (&admin, &["admin", "people", "block", "applicant", "--reason", "Проба"]),
    ] {
        plan(who, args);
    }
    person.run(["share", "remove", n, "--with", "intermediary", "--dry-run"]).code(5);
    assert_eq!(state(), before);
}

fn a_dry_run_of_a_refused_move_is_refused(world: &World) {
    let n = &world.filed();
    world.run(["confirm", n, "--dry-run"]).code(6);
    world.run(["operator", "take", n, "--dry-run"]).code(4);
    world.by("operator").run(["operator", "refuse", n, "--reason", " ", "--dry-run"]).code(3);
}

fn a_dry_run_prints_the_request(world: &World) {
    let n = &world.filed();
    let refuse = ["operator", "refuse", n, "--reason", "Нет."];
    let plan = plan(&world.by("operator"), &refuse);
    assert_eq!((&plan["method"], &plan["request"]["reason"]), (&json!("POST"), &json!("Нет.")));
    let shown = world.by("operator").run(refuse.iter().chain(&["--dry-run"])).ok();
    assert!(shown.out().contains("/refuse") && shown.out().contains("Нет."), "{shown:?}");
}
