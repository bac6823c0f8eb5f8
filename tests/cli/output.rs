//! Output for scripts: keys, formats, columns; and output to a terminal.

use std::process::{Command, Stdio};

use crate::common;
use crate::common::{APPEAL, World, keys, sorted};
use serde_json::{Value, json};

/// The keys of an appeal's card, which are part of the public interface.
const CARD: &str = "number status kind category subject text priority channel region region_text service application occurred_at \
    expected place fields contacts applicant organization department responsible created_at updated_at status_since due_at due_on \
    time_zone overdue deadlines attachments comments clarification answers repeat_of repeats merged_into escalations review \
    participants version";
/// Keys that are omitted in lists.
const LEFT_OUT: [&str; 4] = ["text", "comments", "answers", "journal"];

fn without(words: &str, out: &[&str]) -> Vec<String> {
    let mut words = sorted(words);
    words.retain(|w| !out.contains(&w.as_str()));
    words
}

over_both!(
    a_card_has_the_promised_keys,
    a_card_has_the_given_values,
    a_question_and_the_journal_have_the_promised_keys,
    answers_reviews_and_escalations_have_the_promised_keys,
    an_appeal_of_an_organization_has_it_and_the_institution,
    rows_and_changes_have_the_promised_keys,
    a_dry_run_has_the_promised_keys,
    findings_have_the_promised_keys,
    categories_and_templates_are_objects,
);

/// The beginning of every `create`.
const CREATE: [&str; 7] =
    ["create", "--subject", common::SUBJECT, "--text", common::TEXT, "--category", "roads"];

/// Returns a `create` with every flag that an applicant has, and an attachment.
fn full(world: &World) -> Vec<String> {
    let file = world.file("скан.pdf", common::samples::pdf());
    let flags = [
        ("kind", "request"),
        ("priority", "high"),
        ("region", "Тульская область"),
        ("service", "Ремонт дорог"),
        ("application", "123-45"),
        ("occurred", "2026-11-01"),
        ("expected", "Ровная дорога"),
        ("steps", "Проехал по улице"),
        ("actual", "Пробил колесо"),
        ("contact-email", "a@example.org"),
        ("contact-phone", "+7 900 000-01-09"),
        ("field", "place=у дома 5"),
        ("attach", &file),
    ];
    let flags = flags.map(|(flag, value)| format!("--{flag}={value}"));
    CREATE.map(str::to_owned).into_iter().chain(flags).chain(["-o".to_owned(), "json".to_owned()]).collect()
}

/// Files it; returns the card as it is shown.
fn full_card(world: &World) -> Value {
    let created = world.run(full(world)).ok().json();
    let card = world.run(["show", created["number"].as_str().expect("a number"), "-o", "json"]).ok().json();
    assert_eq!(keys(&created), keys(&card));
    card
}

fn a_card_has_the_promised_keys(world: &World) {
    let card = full_card(world);
    assert_eq!(keys(&card), sorted(&format!("{CARD} steps actual")));
    assert_eq!(keys(&card["contacts"]), sorted("email phone preferred"));
    assert_eq!(keys(&card["applicant"]), sorted("login name"));
    let file = "id name media_type size sha256 version added_at added_by";
    assert_eq!(keys(&card["attachments"][0]), sorted(file));
    let deadlines = card["deadlines"].as_array().expect("deadlines");
    assert!(!deadlines.is_empty());
    for deadline in deadlines {
        assert_eq!(keys(deadline), sorted("kind due_at due_on state"));
    }
}

fn a_card_has_the_given_values(world: &World) {
    let card = full_card(world);
    for (key, value) in [
        ("status", json!("submitted")),
        ("kind", json!("request")),
        ("category", json!("roads")),
        ("priority", json!("high")),
        ("channel", json!("account")),
        ("region", json!("71")),
        ("region_text", json!("Тульская область")),
        ("service", json!("Ремонт дорог")),
        ("application", json!("123-45")),
        ("expected", json!("Ровная дорога")),
        ("fields", json!({ "place": "у дома 5" })),
        ("organization", Value::Null),
        ("overdue", json!(false)),
        ("version", json!(1)),
        ("repeats", json!([])),
        ("comments", json!([])),
        ("answers", json!([])),
    ] {
        assert_eq!(card[key], value, "{key}");
    }
    assert_eq!(card["contacts"]["email"], "a@example.org");
    assert_eq!(card["contacts"]["phone"], "+79000000109");
    assert!(card["due_at"].as_str().is_some_and(|at| at.ends_with('Z')), "{}", card["due_at"]);
    assert!(card["created_at"].as_str().is_some_and(|at| at.ends_with('Z')));
    assert!(card["occurred_at"].as_str().is_some_and(|at| at.starts_with("2026-11-01")));
}

fn a_question_and_the_journal_have_the_promised_keys(world: &World) {
    let number = world.filed();
    world.by("operator").run(["operator", "take", &number]).ok();
    world.by("operator").run(["operator", "ask", &number, "--text", "Где?", "--need", "адрес"]).ok();
    let card = world.card("applicant", &number);
    assert_eq!(keys(&card), sorted(&format!("{CARD} journal")));
    assert_eq!(keys(&card["clarification"]), sorted("id question needs asked_at asked_by due_at due_on"));
    assert_eq!(keys(&card["journal"][0]), sorted("seq at actor action changes hash"));
    world.run(["reply", &number, "--text", "Здесь."]).ok();
    // A reply refers to the request.
    let reply = &world.card("applicant", &number)["comments"][0];
    assert_eq!(keys(reply), sorted("id author text at internal reply_to"));
}

fn answers_reviews_and_escalations_have_the_promised_keys(world: &World) {
    let number = &world.filed();
    world.by("operator").run(["operator", "take", number]).ok();
    let file = world.file("ответ.pdf", common::samples::pdf_sized(500));
    let answer = ["operator", "answer", number, "--decision", "partly", "--text", "Да.", "--attach", &file];
    world.by("operator").run(answer).ok();
    world.run(["rate", number, "--score", "4"]).ok();
    let up = ["--level", "regional", "--grounds", "critical", "--reason", "Опасно."];
    world.run(["escalate", number].iter().chain(&up)).ok();
    world.by("supervisor").run(["supervisor", "uphold", number, "--text", "Верно."]).ok();
    let card = world.run(["show", number, "-o", "json"]).ok().json();
    assert_eq!(keys(&card["answers"][0]), sorted("id decision text signed_by at attachments"));
    assert_eq!(card["answers"][0]["attachments"].as_array().map(Vec::len), Some(1));
    assert_eq!(keys(&card["review"]), sorted("score category remarks state at changes"));
    assert_eq!(
        keys(&card["escalations"][0]),
        sorted("level grounds reason department state due_at due_on outcome")
    );
    assert_eq!(keys(&card["escalations"][0]["outcome"]), sorted("result text at by"));
}

fn an_appeal_of_an_organization_has_it_and_the_institution(world: &World) {
    let more = [
        "--organization=7701123451",
        "--institution-name=Школа № 1",
        "--institution-address=ул. Садовая, 1",
        "-o",
        "json",
    ];
    let card = world.by("representative").run(CREATE.iter().chain(&more)).ok().json();
    assert_eq!(keys(&card), sorted(&format!("{CARD} institution")));
    assert_eq!(card["organization"], json!({ "inn": "7701123451", "name": "ООО «Светлый двор»" }));
    assert_eq!(card["institution"]["name"], "Школа № 1");
    assert_eq!(keys(&card["institution"]), sorted("name inn address"));
}

fn rows_and_changes_have_the_promised_keys(world: &World) {
    full_card(world);
    let rows = world.run(["list", "-o", "json"]).ok().json();
    assert_eq!(keys(&rows[0]), without(&format!("{CARD} steps actual"), &LEFT_OUT));
    let changes = world.run(["changes", "-o", "json"]).ok().json();
    assert_eq!(keys(&changes[0]), sorted("cursor at number event status actor summary"));
}

fn a_dry_run_has_the_promised_keys(world: &World) {
    let args = full(world).into_iter().chain(["--dry-run".to_owned()]);
    let plan = world.run(args).ok().json();
    assert_eq!(keys(&plan), sorted("dry_run method path headers request uploads then changes findings"));
    assert_eq!(plan["dry_run"], true);
    assert_eq!(plan["request"]["subject"], common::SUBJECT);
    assert!(world.run(["list", "--all", "-q"]).ok().out().is_empty());
}

/// The keys of a finding.
const FINDING: &str = "severity code field at message remedy";

fn findings_have_the_promised_keys(world: &World) {
    let vague = ["--subject", "не работает", "--text", "ВСЁ ПЛОХО!!! 😡", "--category", "roads"];
    let create = ["create", "--dry-run", "-o", "json"];
    let plan = world.run(create.iter().chain(&vague)).ok().json();
    let findings = plan["findings"].as_array().expect("findings");
    assert!(!findings.is_empty());
    for finding in findings {
        assert_eq!(keys(finding), sorted(FINDING));
        assert_eq!(finding["severity"], "warning");
    }
    assert!(world.run(["list", "--all", "-q"]).ok().out().is_empty());
    let findings = world.anonymous().run(["check", "--text", "не работает", "-o", "json"]).ok().json();
    let findings = findings.as_array().expect("findings");
    assert!(!findings.is_empty() && findings.iter().all(|f| keys(f) == sorted(FINDING)), "{findings:?}");
}

#[test]
fn a_check_without_findings_prints_an_empty_array() {
    let world = World::empty();
    let file = world.file("скан.pdf", common::samples::pdf());
    assert_eq!(world.anonymous().run(["check", &file, "-o", "json"]).ok().json(), json!([]));
    let sound = world.file("ok.txt", common::TEXT);
    let findings = world.anonymous().run(["check", &file, "--text-file", &sound, "-o", "json"]).ok();
    assert!(findings.json().is_array(), "{findings:?}");
}

fn categories_and_templates_are_objects(world: &World) {
    let category = world.run(["category", "show", "taxes.deduction", "-o", "json"]).ok().json();
    assert!(category["documents"].as_array().is_some_and(|d| !d.is_empty()), "{category}");
    let categories = world.run(["category", "list", "-o", "json"]).ok().json();
    assert!(categories.as_array().is_some_and(|c| c.len() > 20));
    let templates = world.run(["template", "list", "-o", "json"]).ok().json();
    assert!(templates.as_array().is_some_and(|t| !t.is_empty()));
}

over_both!(
    an_empty_list_is_valid_in_every_format,
    lists_are_sorted_and_cards_come_in_the_given_order,
    columns_are_chosen_in_csv_and_plain,
    a_filter_selects_values,
    a_flag_stands_before_or_after_the_command_or_in_a_variable,
    labels_depend_on_the_language_and_codes_do_not,
    a_truncated_list_is_reported_beside_it,
    cyrillic_is_preserved_in_the_c_locale,
);

fn an_empty_list_is_valid_in_every_format(world: &World) {
    for (format, empty) in [("json", "[]"), ("jsonl", ""), ("csv", ""), ("plain", "")] {
        let out = world.run(["list", "-o", format]).ok();
        if format == "csv" {
            assert!(out.lines().len() <= 1, "{out:?}");
        } else {
            assert_eq!(out.out().trim_end(), empty, "{format}");
        }
        assert!(out.stderr.is_empty() || format != "json", "{out:?}");
    }
}

/// Files three appeals whose subjects have delimiters; returns their numbers.
fn three(world: &World) -> Vec<String> {
    let file = |n| {
        let subject = format!("Тема «{n}», с \"кавычками\"; и запятой");
        let args = ["create", "--subject", &subject, "--text", common::TEXT, "--category", "roads", "-q"];
        world.run(args).ok().line().to_owned()
    };
    (0..3).map(file).collect()
}

fn numbers_of(rows: &[Value]) -> Vec<String> {
    rows.iter().map(|r| r["number"].as_str().expect("a number").to_owned()).collect()
}

fn lists_are_sorted_and_cards_come_in_the_given_order(world: &World) {
    let numbers = three(world);
    let newest: Vec<String> = numbers.iter().rev().cloned().collect();
    let rows = world.run(["list", "-o", "json", "--sort", "created_at:desc"]).ok().json();
    assert_eq!(numbers_of(rows.as_array().expect("rows")), newest);
    assert_eq!(numbers_of(&world.run(["list", "--sort", "created_at", "-o", "jsonl"]).ok().jsonl()), numbers);
    assert_eq!(world.run(["list", "-q", "--sort", "created_at"]).ok().lines(), numbers);
    let cards = world.run(["show", &numbers[0], &numbers[1], "-o", "json"]).ok().json();
    assert_eq!(numbers_of(cards.as_array().expect("cards")), numbers[..2]);
}

fn columns_are_chosen_in_csv_and_plain(world: &World) {
    let numbers = three(world);
    let list = |format: &str, columns: &str| {
        world.run(["list", "--sort", "created_at", "-o", format, "--columns", columns]).ok()
    };
    let csv = list("csv", "number,subject,contacts.email");
    let mut reader = csv::Reader::from_reader(csv.stdout.as_slice());
    assert_eq!(reader.headers().expect("a header"), vec!["number", "subject", "contacts.email"]);
    let records: Vec<csv::StringRecord> = reader.records().map(|r| r.expect("a record")).collect();
    assert_eq!(records.len(), 3);
    assert_eq!(
        &records[1],
        vec![&numbers[1], "Тема «1», с \"кавычками\"; и запятой", "applicant@example.org"]
    );
    // `plain` has no header; without a terminal it is the default.
    let expected: Vec<String> = numbers.iter().map(|n| format!("{n}\tsubmitted")).collect();
    assert_eq!(list("plain", "number,status").lines(), expected);
    let default = world.run(["list", "--sort", "created_at", "--columns", "number,status"]).ok();
    assert_eq!(default.lines(), expected);
    let table = world.run(["list", "-o", "table", "--columns", "number", "--lang", "en"]).ok();
    assert!(numbers.iter().all(|n| table.out().contains(n)), "{table:?}");
}

fn a_filter_selects_values(world: &World) {
    let numbers = three(world);
    let jq = world.run(["list", "--sort", "created_at", "--jq", ".[] | .number"]).ok();
    assert_eq!(jq.lines(), numbers);
    assert_eq!(world.run(["show", &numbers[0], "--jq", ".status"]).ok().line(), "submitted");
}

fn a_flag_stands_before_or_after_the_command_or_in_a_variable(world: &World) {
    world.filed();
    let before = world.run(["--json", "--lang", "ru", "list", "--all"]).ok();
    let after = world.run(["list", "--all", "--lang", "ru", "--json"]).ok();
    let person = world.by("applicant").env("APPEAL_OUTPUT", "json").env("APPEAL_LANG", "ru");
    assert_eq!(before.stdout, after.stdout);
    assert_eq!(before.stdout, person.run(["list", "--all"]).ok().stdout);
}

fn labels_depend_on_the_language_and_codes_do_not(world: &World) {
    let number = world.filed();
    let ru = world.run(["list", "--lang", "ru", "-o", "table"]).ok();
    assert!(ru.out().contains("Принято"), "{ru:?}");
    let en = world.run(["list", "--lang", "en", "-o", "table"]).ok();
    assert!(!en.out().contains("Принято") && en.out().contains("Submitted"), "{en:?}");
    let by_locale = world.by("applicant").env("LANG", "ru_RU.UTF-8").run(["list", "-o", "table"]).ok();
    assert_eq!(by_locale.stdout, ru.stdout);
    assert_eq!(world.run(["list", "--lang", "ru", "--jq", ".[0].status"]).ok().line(), "submitted");
    let refusal = world.run(["confirm", &number, "--lang", "ru"]).code(6);
    assert!(refusal.stderr.chars().any(|c| ('а'..='я').contains(&c)), "{refusal:?}");
}

fn a_truncated_list_is_reported_beside_it(world: &World) {
    three(world);
    let cut = world.run(["list", "--limit", "2", "-q"]).ok();
    assert_eq!(cut.lines().len(), 2);
    assert!(cut.stderr.contains("--all"), "{cut:?}");
    let whole = world.run(["list", "--limit", "3", "-q"]).ok();
    assert!(whole.stderr.is_empty(), "{whole:?}");
}

fn cyrillic_is_preserved_in_the_c_locale(world: &World) {
    let number = world.filed();
    let c = world.by("applicant").env("LANG", "C").env("LC_ALL", "C").run(["show", &number]).ok();
    assert!(c.out().contains(common::SUBJECT), "{c:?}");
}

/// Three appeals that differ in everything by which a list is filtered.
struct Filtered {
    world: World,
    heating: String,
    thanks: String,
    road: String,
}

impl Filtered {
    fn new() -> Filtered {
        let world = World::local();
        let file = |subject: &str, category: &str, more: &[&str]| {
            let base = ["create", "-q", "--text", common::TEXT, "--subject", subject, "--category", category];
            world.run(base.iter().chain(more)).ok().line().to_owned()
        };
        let heating = file("Отопление в подъезде", "housing.missing-services", &["--kind", "complaint"]);
        let thanks = file("Благодарность врачу", "health", &["--kind", "gratitude"]);
        let road = file("Дорога в школу", "roads", &["--priority", "high", "--region", "Пермский край"]);
        world.by("operator").run(["operator", "take", &road]).ok();
        Filtered { world, heating, thanks, road }
    }

    /// Checks which of them these flags select.
    #[track_caller]
    fn selects(&self, flags: &[&str], expected: &[&String]) {
        let run = self.world.run(["list", "-q", "--all"].iter().chain(flags)).ok();
        let (mut listed, mut expected) = (run.lines(), expected.to_vec());
        listed.sort_unstable();
        expected.sort_unstable();
        assert_eq!(listed, expected, "{flags:?}");
    }
}

#[test]
fn a_list_is_filtered_by_status_in_any_spelling() {
    let f = Filtered::new();
    f.selects(&[], &[&f.heating, &f.thanks, &f.road]);
    f.selects(&["--status", "submitted"], &[&f.heating, &f.thanks]);
    f.selects(&["--status", "в работе"], &[&f.road]);
    f.selects(&["--status", "Принято", "--status", "processing"], &[&f.heating, &f.thanks, &f.road]);
    f.selects(&["--status", "submitted,in_progress"], &[&f.heating, &f.thanks, &f.road]);
    f.selects(&["--status", "submitted", "--kind", "complaint"], &[&f.heating]);
}

#[test]
fn a_list_is_filtered_by_what_was_given() {
    let f = Filtered::new();
    f.selects(&["--kind", "gratitude"], &[&f.thanks]);
    f.selects(&["--category", "housing"], &[&f.heating]);
    f.selects(&["--priority", "high"], &[&f.road]);
    f.selects(&["--region", "Пермский край"], &[&f.road]);
}

#[test]
fn a_search_finds_other_forms_of_a_word_and_numbers() {
    let f = Filtered::new();
    f.selects(&["--search", "ОТОПЛЕНИЯ"], &[&f.heating]);
    f.selects(&["--search", "школе"], &[&f.road]);
    f.selects(&["--search", &f.thanks], &[&f.thanks]);
    f.selects(&["--search", "жираф"], &[]);
}

#[test]
fn a_list_is_filtered_by_time() {
    let f = Filtered::new();
    f.selects(&["--since", "1d"], &[&f.heating, &f.thanks, &f.road]);
    f.selects(&["--until", "2020-01-01"], &[]);
    f.selects(&["--since", "2999-01-01"], &[]);
    f.selects(&["--overdue"], &[]);
}

const FORMATS: [&str; 5] = ["table", "json", "jsonl", "csv", "plain"];

/// Files so many appeals that a list of them does not fit in the buffer of a pipe.
fn many(world: &World) {
    let record = json!({ "subject": common::SUBJECT, "text": common::TEXT, "category": "roads" }).to_string();
    let rows = vec![record; 130].join("\n");
    world.run(["batch", "submit", &world.file("many.jsonl", rows), "-q"]).ok();
    assert!(world.run(["list", "--all", "-o", "json"]).ok().stdout.len() > 65_536);
}

#[track_caller]
fn is_success(output: &std::process::Output, what: &str) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), &*stderr), (Some(0), ""), "{what}");
}

/// A reader that closes the pipe is not a failure, in any format.
#[test]
fn a_pipe_that_is_closed_before_the_first_byte_is_a_success() {
    let world = World::local();
    many(&world);
    let commands: [&[&str]; 3] = [&["list", "--all"], &["changes", "--since", "1d"], &["category", "list"]];
    for (args, format) in commands.iter().flat_map(|args| FORMATS.map(|format| (args, format))) {
        let mut command = world.by("applicant").command(args.iter().chain(&["-o", format]));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("it starts");
        drop(child.stdout.take());
        is_success(&child.wait_with_output().expect("it ends"), &format!("{args:?} {format}"));
    }
}

#[test]
fn a_pipe_that_is_closed_after_a_line_is_a_success() {
    let world = World::local();
    many(&world);
    for format in FORMATS {
        let shell = format!("set -o pipefail; \"$APPEAL\" --as applicant list --all -o {format} | head -1");
        let person = world.by("applicant").command([] as [&str; 0]);
        let mut command = Command::new("bash");
        command.env_clear().args(["-c", &shell]).env("APPEAL", APPEAL);
        command.envs(person.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let output = command.output().expect("a shell");
        is_success(&output, format);
        assert_eq!(String::from_utf8_lossy(&output.stdout).lines().count(), 1);
    }
}

/// Commands that may read from stdin or ask for values.
fn asking(number: &str) -> Vec<Vec<&str>> {
    vec![
        vec!["create"],
        vec!["create", "--subject", "Тема"],
        vec!["create", "--from", "-"],
        vec!["comment", number],
        vec!["reply", number],
        vec!["cancel", number],
        vec!["discard", "D-1"],
        vec!["escalate", number, "--level", "senior", "--grounds", "critical"],
        vec!["rate", number],
        vec!["repeat", number, "--grounds", "incomplete"],
        vec!["check"],
        vec!["list"],
        vec!["operator", "answer", number],
        vec!["batch", "submit"],
        vec!["config", "show"],
        vec!["api", "GET", "/v1/me"],
        vec!["--help"],
        vec!["create", "--help"],
        vec!["--version"],
        vec!["completions", "bash"],
        vec![],
    ]
}

/// Without a terminal nothing prompts or waits, with any stdin.
#[test]
fn nothing_waits_for_input() {
    let world = World::local();
    let number = world.filed();
    for args in asking(&number) {
        if !args.contains(&"-") {
            // A pipe without a writer is not read.
            world.by("applicant").stdin_open().run(&args);
        }
        let closed = world.by("applicant").stdin_closed().run(&args);
        let null = world.by("applicant").run(&args);
        assert!([0, 2, 3, 4, 5, 6].contains(&null.status), "{null:?}");
        // The first `cancel` succeeds, the next one changes nothing.
        if args.first() != Some(&"cancel") {
            assert_eq!(closed.status, null.status, "{closed:?} {null:?}");
        }
    }
}

#[test]
fn a_hyphen_reads_the_text_from_stdin() {
    let world = World::local();
    let number = world.filed();
    world.by("applicant").stdin("Прошу ответить.").run(["comment", &number, "--text-file", "-"]).ok();
    assert_eq!(world.card("applicant", &number)["comments"][0]["text"], "Прошу ответить.");
}

/// A subject with control and bidirectional characters.
const NASTY: &str =
    "Тема \u{1b}]0;взлом\u{7} \u{1b}[2J\u{1b}[31m \u{202e}tfel\u{202c} \u{9b}31m \r\u{8}конец";

/// Files an appeal with this subject; returns its number.
fn filed_about(world: &World, subject: &str) -> String {
    let text = format!("{subject}\nвторая строка");
    let create = ["create", "--subject", subject, "--text", &text, "--category", "roads", "-q"];
    world.run(create).ok().line().to_owned()
}

/// Returns whether a terminal would interpret any character.
fn is_dangerous(text: &str) -> bool {
    text.chars().any(|c| {
        (c.is_control() && !matches!(c, '\n' | '\t'))
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
    })
}

#[test]
fn control_characters_of_others_do_not_reach_the_terminal() {
    let world = World::local();
    let number = &filed_about(&world, NASTY);
    let file = world.file("имя\u{1b}[31m\u{202e}.pdf", common::samples::pdf());
    let attached = world.run(["attach", number, &file, "-o", "json"]);
    assert!(!is_dangerous(&attached.stderr), "{attached:?}");
    let commands: [&[&str]; 6] = [
        &["list", "--all"],
        &["show", number],
        &["show", number, "--journal"],
        &["changes", "--since", "1d"],
        &["journal", number],
        &["files", "list", number],
    ];
    for (args, format) in
        commands.iter().flat_map(|args| ["table", "plain", "json", "jsonl"].map(|format| (args, format)))
    {
        for lang in ["en", "ru"] {
            let run = world.run(args.iter().chain(&["-o", format, "--lang", lang, "--color", "never"])).ok();
            assert!(!is_dangerous(run.out()) && !is_dangerous(&run.stderr), "{args:?} {format}: {run:?}");
        }
    }
}

#[test]
fn json_preserves_control_characters() {
    let world = World::local();
    let number = filed_about(&world, NASTY);
    assert_eq!(world.card("applicant", &number)["subject"], NASTY);
}

#[test]
fn control_characters_in_errors_do_not_reach_the_terminal() {
    let world = World::local();
    let number = world.filed();
    for args in [["show", "\u{1b}[31m\u{202e}"].as_slice(), &["attach", &number, "нет\u{1b}[31m\u{202e}.pdf"]]
    {
        let run = world.run(args).code(3);
        assert!(!is_dangerous(&run.stderr), "{run:?}");
    }
}

/// A spreadsheet does not interpret a cell as a formula; otherwise csv is unchanged.
#[test]
fn a_formula_is_no_formula_in_csv() {
    let world = World::local();
    let formula = "=HYPERLINK(\"http://example.org\")";
    let number = filed_about(&world, formula);
    let csv = world.run(["list", "-o", "csv", "--columns", "number,subject"]).ok();
    let mut reader = csv::Reader::from_reader(csv.stdout.as_slice());
    let row = reader.records().flatten().find(|r| r[0] == number).expect("the row");
    assert!(!row[1].starts_with('=') && row[1].contains(formula), "{row:?}");
}

#[test]
fn colours_are_for_terminals_unless_they_are_requested() {
    let world = World::local();
    world.filed();
    let is_coloured = |person: common::Person, more: &[&str]| {
        person.run(["list", "-o", "table"].iter().chain(more)).ok().out().contains('\u{1b}')
    };
    assert!(!is_coloured(world.by("applicant"), &[]));
    assert!(!is_coloured(world.by("applicant").env("NO_COLOR", "1"), &[]));
    assert!(is_coloured(world.by("applicant"), &["--color", "always"]));
    assert!(is_coloured(world.by("applicant").env("CLICOLOR_FORCE", "1"), &[]));
}
