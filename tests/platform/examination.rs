//! The tool and the platform report the same findings for any record and any published rules, except those that only
//! the platform can make.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::common::{Person, Run, SUBJECT, TEXT, World, http};
use appeal::cli::record::Record;
use appeal::cli::record::checks::{self, Against};
use appeal_api::EditAppeal;
use appeal_client::{Client, HttpTransport};
use appeal_domain::examine::PLATFORM_ONLY;
use appeal_domain::{Content, FIELDS, Form};
use appeal_i18n::Lang;
use jiff::fmt::rfc2822::DateTimePrinter;
use jiff::{SignedDuration, Span, Timestamp, Zoned};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Map, Value, json};

/// The parts of a finding on which both must agree: code, field, severity.
type Found = BTreeSet<(String, String, String)>;

fn found(findings: &Value) -> Found {
    let text = |finding: &Value, name: &str| finding[name].as_str().unwrap().to_owned();
    let findings = findings.as_array().unwrap().iter();
    findings.map(|f| (text(f, "code"), text(f, "field"), text(f, "severity"))).collect()
}

/// Returns the number of cases of a property whose cases send requests or start processes: `few` by default, and more
/// in proportion if `PROPTEST_CASES` asks for more than proptest's default of 256.
fn cases(few: u32) -> u32 {
    few * Config::default().cases.div_ceil(256)
}

/// Returns the platform's findings about a request.
fn by_platform(world: &World, login: &str, request: &Value) -> Found {
    let port = world.server_port().unwrap();
    let json = [("content-type", "application/json")];
    let body = serde_json::to_vec(request).unwrap();
    let answer = http::call(port, &world.token(login), "POST", "/v1/appeals?dry_run=true", &json, &body);
    assert_eq!(answer.status, 200, "{}", answer.json());
    let mut findings = found(&answer.json()["findings"]);
    findings.retain(|(code, ..)| !PLATFORM_ONLY.contains(&code.as_str()));
    findings
}

/// Returns the tool's findings about a record by these rules.
fn by_tool(record: &Record, against: &Against) -> Found {
    let outcome = checks::check_with(record, against, |_, _| unreachable!("the record has no files"));
    found(&serde_json::to_value(outcome.described(Lang::En)).unwrap())
}

/// Valid and invalid values, short and long.
fn value(form: Form) -> BoxedStrategy<String> {
    let odd = prop_oneof![
        4 => Just(String::new()),
        2 => Just("  ".to_owned()),
        2 => "[а-я ]{1,12}",
        1 => Just("a\0b".to_owned()),
        1 => (995usize..1_005).prop_map(|length| "ж".repeat(length)),
        1 => (9_998usize..10_003).prop_map(|length| "д ".repeat(length / 2)),
    ];
    let right: &[&str] = match form {
        Form::Word(_, words) => return select(words()).prop_map(str::to_owned).boxed(),
        Form::Subject => &["Нет отопления в доме 12 с 3 ноября", "Помогите!!!", "СРОЧНО ПОМОГИТЕ ЛЮДЯМ"],
        Form::Body => &[
            "С 3 ноября 2026 года нет отопления. Прошу восстановить подачу тепла.",
            "Блин, ЦОДД не работает 😡. Телефон 8 900 123 45 67, паспорт 4510 123456.",
            "Плохо",
        ],
        Form::Text | Form::Line => &["Ремонт", "ул. Садовая, 1"],
        Form::Code => return select(CODES.to_vec()).prop_map(str::to_owned).boxed(),
        Form::Time => &["2026-11-01", "2026-11-01T14:30", "2199-01-01", "2199-01-01T10:00:00Z"],
        Form::Inn | Form::Organization => &["7707083893", "7707083894", "500100732259"],
        Form::Email => &["a@example.org", "nobody", "иван@пример.рф"],
        Form::Degrees { .. } => {
            return select(vec!["55.7558", "-33,4489", "90.5", "-181", ""]).prop_map(str::to_owned).boxed();
        }
        Form::Phone => &["+7 900 123-45-67", "12", "89001234567"],
    };
    prop_oneof![3 => select(right.to_vec()).prop_map(str::to_owned), 2 => odd].boxed()
}

/// Codes of published categories, one that is not published, and none.
const CODES: [&str; 8] = ["c0", "c1", "c2", "c3", "c4", "c5", "unpublished", ""];

/// Keys under which a category may require a field: those of the appeal, and others.
fn keys() -> Vec<&'static str> {
    let own = FIELDS.iter().flat_map(|field| [Some(field.name), Some(field.flag), field.asked_as]).flatten();
    own.chain(["fields", "contacts", "meter", "address", "snils", "ogrn", "OGRN", "номер счёта"]).collect()
}

/// The requirements of a category.
fn asks() -> impl Strategy<Value = Value> {
    let required = || proptest::bool::weighted(0.6);
    let fields = proptest::collection::btree_map(select(keys()), required(), 0..6);
    let documents = proptest::collection::btree_map(select(vec!["bill", "lease"]), required(), 0..3);
    (fields, documents, proptest::bool::weighted(0.2)).prop_map(|(fields, documents, closed)| {
        let title = json!({ "en": "Title", "ru": "Название" });
        let list = |name: &str, asked: BTreeMap<&str, bool>| -> Vec<Value> {
            asked
                .iter()
                .map(|(key, required)| json!({ name: key, "title": title, "required": required }))
                .collect()
        };
        json!({
            "title": title, "hint": title, "access": if closed { "closed" } else { "public" },
            "fields": list("key", fields), "documents": list("code", documents),
        })
    })
}

/// Publishes random rules, replacing the previous ones.
fn publish(world: &World, runner: &mut TestRunner) {
    let department = world.by("admin").run(["category", "show", "roads", "-o", "json"]).ok().json();
    let asked: Vec<Value> = CODES
        .iter()
        .filter(|code| code.starts_with('c'))
        .map(|code| {
            let mut category = asks().new_tree(runner).unwrap().current();
            category["code"] = json!(code);
            category["department"] = department["department"].clone();
            category
        })
        .collect();
    let file = world.file("categories.json", serde_json::to_vec(&asked).unwrap());
    world.by("admin").run(["admin", "categories", "load", &file]).ok();
}

fn record() -> impl Strategy<Value = Value> {
    let values: Vec<_> = FIELDS.iter().map(|field| proptest::option::of(value(field.form))).collect();
    let key = prop_oneof![
        6 => select(keys()).prop_map(str::to_owned),
        1 => select(vec!["", " ", "SNILS", "a\0"]).prop_map(str::to_owned),
        1 => (999usize..1_003).prop_map(|length| "ж".repeat(length)),
        2 => "[a-z]{1,4}",
    ];
    let given = prop_oneof![
        "[0-9]{1,13}",
        Just("112-233-445 95".to_owned()),
        Just("1027700132195".to_owned()),
        Just("ж".repeat(1_001)),
        Just(" ".to_owned()),
    ];
    let fields = prop_oneof![
        12 => proptest::collection::btree_map(key, given, 0..4),
        1 => Just((0..101).map(|n| (n.to_string(), "1".to_owned())).collect::<BTreeMap<_, _>>()),
    ];
    (values, fields, proptest::bool::weighted(0.2), any::<bool>()).prop_map(
        |(values, fields, draft, strict)| {
            let mut record = Map::new();
            for (field, value) in FIELDS.iter().zip(values) {
                // An invalid time is refused when it is parsed.
                let is_read = |value: &String| !matches!(field.form, Form::Time) || value.starts_with('2');
                record.extend(value.filter(is_read).map(|value| (field.flag.to_owned(), Value::from(value))));
            }
            record.insert("fields".to_owned(), json!(fields));
            record.insert("draft".to_owned(), draft.into());
            record.insert("strict".to_owned(), strict.into());
            Value::Object(record)
        },
    )
}

/// Number of cases with the same rules.
const CASES_A_RULE: u32 = 32;

#[test]
fn both_sides_find_the_same_by_any_rules() {
    let world = World::served();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let url = format!("http://127.0.0.1:{}", world.server_port().unwrap()).parse().unwrap();
    let transport = Arc::new(HttpTransport::new(&url).unwrap());
    let against = |login: &str| {
        let client = Client::new(transport.clone(), Some(world.token(login).into()), Lang::En);
        runtime.block_on(Against::own(&client)).unwrap()
    };
    let cases = cases(96);
    let config = Config { cases: CASES_A_RULE, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new(config);
    for _ in 0..cases.div_ceil(CASES_A_RULE) {
        publish(&world, &mut runner);
        let people = ["applicant", "representative"].map(|login| (login, against(login)));
        assert!(people.iter().all(|(_, against)| against.rules.category("c0").is_some()));
        runner
            .run(&(record(), 0..people.len()), |(map, person)| {
                let (login, against) = &people[person];
                let map: BTreeMap<String, Value> = serde_json::from_value(map).unwrap();
                let record = Record::from_map(map).unwrap();
                let request = serde_json::to_value(record.into_request()).unwrap();
                prop_assert_eq!(by_tool(&record, against), by_platform(&world, login, &request));
                Ok(())
            })
            .unwrap();
    }
}

/// Codes of findings that depend on the rules of the category or on the account, which `check` does not have offline.
const NEEDS_CONNECTION: [&str; 7] = [
    "category-missing",
    "category-unknown",
    "field-required",
    "document-required",
    "document-unknown",
    "no-contact",
    // Whether it is an error depends on the category.
    "region-unknown",
];

/// Returns the findings that `check` can have.
fn offline(mut findings: Found) -> Found {
    findings.retain(|(code, ..)| !NEEDS_CONNECTION.contains(&code.as_str()));
    findings
}

#[test]
fn the_command_finds_what_the_platform_finds() {
    let world = World::served();
    let config = Config { cases: cases(32), failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new(config);
    publish(&world, &mut runner);
    runner
        .run(&record(), |map| {
            let path = world.file("record.json", serde_json::to_vec(&map).unwrap());
            let checked = world.run(["check", "--from", &path, "-o", "json"]);
            let map: BTreeMap<String, Value> = serde_json::from_value(map).unwrap();
            let request = serde_json::to_value(Record::from_map(map).unwrap().into_request()).unwrap();
            let platform = offline(by_platform(&world, "applicant", &request));
            prop_assert_eq!(offline(found(&checked.json())), platform);
            Ok(())
        })
        .unwrap();
}

/// Returns the platform's errors about an edit.
fn edit_by_platform(world: &World, number: &str, edit: &Value) -> Found {
    let port = world.server_port().unwrap();
    let json = [("content-type", "application/json")];
    let (path, body) = (format!("/v1/appeals/{number}?dry_run=true"), serde_json::to_vec(edit).unwrap());
    let answer = http::call(port, &world.token("applicant"), "PATCH", &path, &json, &body);
    let mut findings = match answer.status {
        200 => Found::default(),
        422 => found(&answer.json()["errors"]),
        _ => panic!("{answer:?}"),
    };
    findings.retain(|(code, ..)| !PLATFORM_ONLY.contains(&code.as_str()));
    offline(findings)
}

/// Returns the errors with which the tool refuses an edit without sending it.
fn edit_by_tool(world: &World, proxy: &http::Proxy, number: &str, edit: &Value) -> Found {
    let path = world.file("edit.json", serde_json::to_vec(edit).unwrap());
    proxy.forget();
    let person = world.by("applicant").env("APPEAL_SERVER", proxy.url());
    let run = person.run(["edit", number, "--from", &path, "--dry-run", "-o", "json"]);
    if proxy.requests().iter().any(|request| request.starts_with("PATCH")) {
        return Found::default();
    }
    found(&run.code(3).error()["details"])
}

#[test]
fn an_edit_is_examined_as_the_platform_does() {
    let world = World::served();
    let draft = world.run(["create", "--draft", "--subject", "Нет света", "-q"]).ok().line().to_owned();
    let numbers = [world.filed(), draft];
    let proxy = http::Proxy::to(world.server_port().unwrap());
    let config = Config { cases: cases(32), failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new(config);
    publish(&world, &mut runner);
    runner
        .run(&(record(), 0..numbers.len()), |(map, number)| {
            let map: BTreeMap<String, Value> = serde_json::from_value(map).unwrap();
            let mut content = Record::from_map(map).unwrap().content;
            // The organization of a filed appeal stays as it is.
            content.organization = content.organization.filter(|_| number > 0);
            prop_assume!(content != Content::default());
            let edit = serde_json::to_value(EditAppeal::from(content)).unwrap();
            let platform = edit_by_platform(&world, &numbers[number], &edit);
            prop_assert_eq!(edit_by_tool(&world, &proxy, &numbers[number], &edit), platform, "{}", edit);
            Ok(())
        })
        .unwrap();
}

/// A person whose platform has this time, according to the `Date` of its rules; and the requests that are sent to it.
fn at_time(world: &World, time: Timestamp) -> (Person, http::Proxy) {
    let rules = http::call(world.server_port().unwrap(), "", "GET", "/v1/rules", &[], b"");
    let date = DateTimePrinter::new().timestamp_to_rfc9110_string(&time).unwrap();
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ndate: {date}\r\nconnection: close\r\ncontent-length: {}",
        rules.body.len()
    );
    let answer = format!("{head}\r\n\r\n{}", String::from_utf8(rules.body).unwrap());
    let proxy =
        http::Proxy::to(http::answering(world.server_port().unwrap(), "GET /v1/rules", answer.leak()));
    (world.by("applicant").env("APPEAL_SERVER", proxy.url()), proxy)
}

/// Files an appeal about a day, as seen from today.
fn file_about(person: &Person, days: i64) -> Run {
    let day = Zoned::now().date().checked_add(Span::new().days(days)).unwrap().to_string();
    let create = ["create", "--subject", SUBJECT, "--text", TEXT, "--category", "roads"];
    person.run(create.iter().chain(&["--occurred", &day, "-o", "json"]))
}

fn days_from_now(days: i64) -> Timestamp {
    Timestamp::now().checked_add(SignedDuration::from_hours(24 * days)).unwrap()
}

#[test]
fn a_day_that_the_platform_has_not_reached_is_refused_before_anything_is_sent() {
    let world = World::served();
    let (person, proxy) = at_time(&world, days_from_now(-10));
    assert_eq!(file_about(&person, -2).code(3).codes(), ["occurred-later"]);
    assert!(!proxy.requests().iter().any(|request| request.starts_with("POST")), "{:?}", proxy.requests());
}

#[test]
fn a_day_that_only_this_machine_has_not_reached_is_sent() {
    let world = World::served();
    let (person, proxy) = at_time(&world, days_from_now(10));
    file_about(&person, 5);
    assert!(proxy.requests().contains(&"POST /v1/appeals".to_owned()), "{:?}", proxy.requests());
}

#[test]
fn a_batch_and_an_edit_use_the_time_of_the_platform() {
    let world = World::served();
    let (person, _) = at_time(&world, days_from_now(-10));
    let day = Zoned::now().date().checked_sub(Span::new().days(2)).unwrap().to_string();
    let row = json!({ "subject": SUBJECT, "text": TEXT, "category": "roads", "occurred": day });
    let path = world.file("rows.jsonl", row.to_string());
    let rows = person.run(["batch", "submit", &path, "--dry-run", "-o", "jsonl"]).code(3).jsonl();
    assert!(rows[0]["error"].to_string().contains("occurred-later"), "{rows:?}");
    let edit = person.run(["edit", &world.filed(), "--occurred", &day, "-o", "json"]).code(3);
    assert_eq!(edit.codes(), ["occurred-later"]);
}

#[test]
fn the_command_finds_each_of_these_as_the_platform_does() {
    let world = World::served();
    let text = "С 3 ноября 2026 года нет отопления. Прошу восстановить подачу тепла.";
    let good = json!({ "subject": "Нет отопления с 3 ноября", "text": text, "category": "roads" });
    let long = "ж".repeat(1_001);
    let wrong = [
        json!({}),
        json!({ "subject": "Помогите", "text": "Плохо" }),
        json!({ "fields": { "ogrn": "1" } }),
        json!({ "fields": { "snils": "1", "SNILS": "2" } }),
        json!({ "fields": { "meter": long } }),
        json!({ "fields": { long.as_str(): "1" } }),
        json!({ "fields": (0..101).map(|n| (n.to_string(), json!("1"))).collect::<Map<_, _>>() }),
        json!({ "region": long, "service": long, "application": long, "institution": { "address": long } }),
        json!({ "expected": "д ".repeat(5_001), "steps": "д ".repeat(5_001), "actual": "д ".repeat(5_001) }),
        json!({ "contacts": { "email": "x", "phone": "x" }, "institution": { "inn": "7707083894" } }),
        json!({ "occurred_at": "2199-01-01" }),
        json!({ "steps": "\u{0}" }),
        json!({ "draft": true, "text": "", "steps": "д ".repeat(5_001), "contacts": { "email": "x" } }),
    ];
    let mut seen = BTreeSet::new();
    for (n, wrong) in wrong.iter().enumerate() {
        let mut record = good.clone();
        record.as_object_mut().unwrap().extend(wrong.as_object().unwrap().clone());
        let path = world.file(&format!("{n}.json"), serde_json::to_vec(&record).unwrap());
        let checked = world.run(["check", "--from", &path, "-o", "json"]);
        let platform = offline(by_platform(&world, "applicant", &record));
        assert_eq!(offline(found(&checked.json())), platform, "{wrong}");
        seen.extend(platform.into_iter().map(|(code, ..)| code));
    }
    let expected = "email-invalid field-key fields-too-many inn-invalid occurred-later ogrn-invalid phone-invalid \
                    snils-invalid subject-vague text-nul text-too-long";
    let missing: Vec<&str> = expected.split(' ').filter(|code| !seen.contains(*code)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn a_category_that_asks_for_a_kind_gets_the_default() {
    let world = World::served();
    let mut category = world.by("admin").run(["category", "show", "roads", "-o", "json"]).ok().json();
    let title = json!({ "en": "Title", "ru": "Название" });
    category["fields"] =
        ["kind", "priority"].map(|key| json!({ "key": key, "title": title, "required": true })).into();
    let file = world.file("categories.json", json!([category]).to_string());
    world.by("admin").run(["admin", "categories", "load", &file]).ok();
    world.filed();
}

#[test]
fn an_invalid_ogrn_is_refused_on_both_sides() {
    let world = World::served();
    let text = "С 3 ноября 2026 года нет отопления. Прошу восстановить подачу тепла.";
    let create = ["create", "--category", "roads", "--subject", "Нет отопления с 3 ноября", "--text", text];
    let refused = world.run(create.iter().chain(&["--field", "ogrn=1", "-o", "json"])).code(3).error();
    assert_eq!(refused["details"][0]["code"], "ogrn-invalid");
    let request = json!({
        "subject": "Нет отопления с 3 ноября", "text": text, "category": "roads", "fields": { "ogrn": "1" },
    });
    let body = serde_json::to_vec(&request).unwrap();
    let headers = [("content-type", "application/json"), ("idempotency-key", "k")];
    let port = world.server_port().unwrap();
    let answer = http::call(port, &world.token("applicant"), "POST", "/v1/appeals", &headers, &body);
    assert_eq!((answer.status, &answer.json()["errors"][0]["code"]), (422, &json!("ogrn-invalid")));
}

#[test]
fn a_batch_finds_a_value_that_is_too_long_before_it_is_sent() {
    let world = World::served();
    let row = json!({
        "subject": "Нет отопления с 3 ноября", "text": "С 3 ноября нет отопления. Прошу восстановить подачу тепла.",
        "category": "roads", "region": "ж".repeat(1_001),
    });
    let path = world.file("rows.jsonl", format!("{row}\n"));
    let rows = world.run(["batch", "submit", &path, "--dry-run", "-o", "jsonl"]).code(3).jsonl();
    assert_eq!(rows[0]["status"], "invalid");
}

#[test]
fn the_rules_are_sent_once() {
    let world = World::served();
    let port = world.server_port().unwrap();
    let first = http::call(port, "", "GET", "/v1/rules", &[], b"");
    let tag = first.header("etag").unwrap();
    assert_eq!((first.status, &first.json()["line_max"]), (200, &json!(1_000)));
    let again = http::call(port, "", "GET", "/v1/rules", &[("if-none-match", &tag)], b"");
    assert_eq!(again.status, 304);
}
