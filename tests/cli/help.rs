//! Help topics, and the JSON Schemas compared with actual output.

use crate::common;
use crate::common::World;
use serde_json::{Value, json};

#[test]
fn topics_answer_in_both_languages_and_commands_explain_themselves() {
    let world = World::local();
    let nobody = world.anonymous();
    let listed = nobody.run(["help"]).ok();
    for name in ["create", "operator", "no-answer", "deadlines", "statuses"] {
        assert!(
            listed.out().lines().any(|l| l.split_whitespace().next() == Some(name)),
            "{name}: {listed:?}"
        );
    }
    for (name, en, ru) in [
        ("send", "How to send", "Как подать"),
        ("deadlines", "working hours", "рабочих часов"),
        ("files", "10 MiB", "10 МиБ"),
        ("follow", "How to follow", "Как следить"),
        ("no-answer", "escalate", "escalate"),
        ("disagree", "repeat", "repeat"),
        ("statuses", "in_progress: In progress", "in_progress: В работе"),
    ] {
        assert!(nobody.run(["help", name]).ok().out().contains(en), "{name}");
        let russian = nobody.run(["help", name, "--lang", "ru"]).ok();
        assert!(russian.out().contains(ru), "{name}: {russian:?}");
        let topic = nobody.run(["help", name, "--lang", "ru", "-o", "json"]).ok().json();
        assert_eq!(topic["topic"], name);
        assert!(topic["title"].as_str().is_some_and(|t| !t.is_empty()) && topic["text"].is_string());
    }
    assert_eq!(nobody.run(["help", "сроки"]).ok().out(), nobody.run(["help", "deadlines"]).ok().out());
    assert!(nobody.run(["help", "create"]).ok().out().contains("--dry-run"));
    assert!(nobody.run(["help", "operator", "take"]).ok().out().contains("appeal operator take"));
    let both = nobody.run(["help", "files"]).ok();
    assert!(both.out().contains("Which files") && both.out().contains("Usage: appeal files"), "{both:?}");
    let unknown = nobody.run(["help", "deadlnes"]).code(2);
    assert!(unknown.stderr.contains("deadlines"), "{unknown:?}");
    assert_eq!(nobody.run(["help", "create", "nothing", "-o", "json"]).code(2).error()["code"], "usage");
}

#[test]
fn what_is_printed_is_what_the_schemas_say() {
    let world = World::local();
    let names = world.anonymous().run(["schema", "-q"]).ok().out().to_owned();
    for wanted in
        "appeal appeal-row change batch-record batch-result dry-run error finding category template token"
            .split(' ')
    {
        assert!(names.lines().any(|name| name == wanted), "{wanted}: {names}");
    }
    world.anonymous().run(["schema", "no-such-thing"]).code(2);
    let number = world.filed();
    let file = world.file("a.png", common::samples::png());
    world.run(["attach", &number, &file]).ok();
    world.by("operator").run(["operator", "ask", &number, "--text", "Где именно?"]).ok();
    let run = |args: &[&str]| world.run(args.iter().chain(&["-o", "json"])).ok().json();
    let each = |list: Value| list.as_array().expect("a list").clone();
    check(&world, "appeal", &[run(&["show", &number, "--journal"])]);
    check(&world, "appeal-row", &each(run(&["list"])));
    check(&world, "change", &each(run(&["changes", "--since", "1h"])));
    check(&world, "category", &each(run(&["category", "list"])));
    check(&world, "template", &each(run(&["template", "list"])));
    check(&world, "journal-entry", &each(run(&["journal", &number])));
    check(&world, "file", &each(run(&["files", "list", &number])));
    check(&world, "downloaded-file", &each(run(&["files", "get", &number])));
    check(&world, "token", &[run(&["auth", "token", "create", "--scope", "read"])]);
    check(&world, "account", &[run(&["api", "GET", "/v1/me"])]);
    check(&world, "help", &[run(&["help", "send"])]);
    check(&world, "report", &[world.by("analyst").run(["report", "summary", "-o", "json"]).ok().json()]);
    let vague = ["check", "--subject", "помогите", "--text", "НЕ РАБОТАЕТ", "-o", "json"];
    let found = world.run(vague).json();
    assert!(found.as_array().is_some_and(|found| !found.is_empty()));
    check(&world, "check", std::slice::from_ref(&found));
    check(&world, "finding", &each(found));
    let dry_run =
        ["create", "--subject", common::SUBJECT, "--text", common::TEXT, "--category", "roads", "--dry-run"];
    check(&world, "dry-run", &[run(&dry_run)]);
    check(&world, "dry-run-other", &[run(&["comment", &number, "--text", "Жду.", "--dry-run"])]);
    let failed = world.run(["show", "nothing", "-o", "json"]).code(3);
    check(&world, "error", &[serde_json::from_str(&failed.stderr).expect("one object")]);
    let records = [
        json!({ "subject": common::SUBJECT, "text": common::TEXT, "category": "roads", "key": "1", "contact_email": "a@example.org" }),
        json!({ "subject": common::SUBJECT, "text": common::TEXT, "category": "nowhere", "key": 2, "field.place": "арка", "attach": [] }),
    ];
    check(&world, "batch-record", &records);
    let lines: String = records.iter().map(|record| format!("{record}\n")).collect();
    let batch = world.file("batch.jsonl", lines);
    let filed = world.run(["batch", "submit", &batch, "--allow-invalid", "-o", "jsonl"]).code(9).jsonl();
    assert_eq!(filed.len(), 2);
    check(&world, "batch-result", &filed);
    // The check can fail.
    let schema = world.anonymous().run(["schema", "appeal"]).ok().json();
    let mut broken = run(&["show", &number]);
    // The schema accepts any word as a status, but not a number.
    broken["status"] = 1.into();
    assert!(fault(&broken, &schema, &schema, "").is_some());
    let schema = world.anonymous().run(["schema", "batch-record"]).ok().json();
    assert!(fault(&json!({ "subjekt": "x" }), &schema, &schema, "").is_some());
}

#[track_caller]
fn check(world: &World, name: &str, values: &[Value]) {
    let schema = world.anonymous().run(["schema", name]).ok().json();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert!(!values.is_empty(), "nothing to hold against {name}");
    for value in values {
        if let Some(fault) = fault(value, &schema, &schema, "") {
            panic!("{name}: {fault}\n{value:#}");
        }
        strangers(name, value, &schema);
    }
}

/// Fails for keys of the value that the schema does not have.
#[track_caller]
fn strangers(name: &str, value: &Value, root: &Value) {
    let mut schema = root;
    while let Some(target) = schema["$ref"].as_str() {
        schema = root.pointer(target.trim_start_matches('#')).expect("a definition");
    }
    if let (Some(value), Some(properties)) = (value.as_object(), schema["properties"].as_object()) {
        let patterns = schema.get("patternProperties").is_some();
        for key in value.keys() {
            assert!(properties.contains_key(key) || patterns, "{name} knows no {key}");
        }
    }
}

/// Returns why the value does not match the schema, for the keywords that the schemas use.
pub fn fault(value: &Value, schema: &Value, root: &Value, at: &str) -> Option<String> {
    let Some(schema) = schema.as_object() else {
        return (schema == &Value::Bool(false)).then(|| format!("{at}: not allowed"));
    };
    let wrong = |what: &str| Some(format!("{at}: {what}, is {value}"));
    for (keyword, rule) in schema {
        let found = match keyword.as_str() {
            "$ref" => {
                let target = rule.as_str().and_then(|t| t.strip_prefix('#')).expect("a local reference");
                fault(value, root.pointer(target).expect("a definition"), root, at)
            }
            "type" => {
                let is = |name: &Value| match name.as_str() {
                    Some("object") => value.is_object(),
                    Some("array") => value.is_array(),
                    Some("string") => value.is_string(),
                    Some("boolean") => value.is_boolean(),
                    Some("null") => value.is_null(),
                    Some("integer") => value.is_i64() || value.is_u64(),
                    Some("number") => value.is_number(),
                    _ => false,
                };
                let fits = rule.as_array().map_or_else(|| is(rule), |names| names.iter().any(is));
                if fits { None } else { wrong(&format!("wants {rule}")) }
            }
            "enum" if !rule.as_array().is_some_and(|all| all.contains(value)) => {
                wrong(&format!("none of {rule}"))
            }
            "const" if rule != value => wrong(&format!("not {rule}")),
            "minimum" if value.as_f64() < rule.as_f64() && value.is_number() => wrong("too small"),
            "required" => {
                let lacking =
                    rule.as_array().expect("names").iter().find(|name| {
                        value.is_object() && value.get(name.as_str().unwrap_or_default()).is_none()
                    });
                lacking.and_then(|name| wrong(&format!("lacks {name}")))
            }
            "properties" => rule
                .as_object()
                .expect("properties")
                .iter()
                .find_map(|(name, inner)| fault(value.get(name)?, inner, root, &format!("{at}/{name}"))),
            "additionalProperties" => {
                let known = schema.get("properties").and_then(Value::as_object);
                let patterns: Vec<String> = schema
                    .get("patternProperties")
                    .and_then(Value::as_object)
                    .map(|all| all.keys().map(|p| p.replace(['^', '\\', '?'], "")).collect())
                    .unwrap_or_default();
                let other = |name: &str| {
                    !known.is_some_and(|k| k.contains_key(name))
                        && !patterns.iter().any(|p| {
                            let head = name
                                .split_once('.')
                                .map(|(head, _)| format!("{}.", head.trim_end_matches('s')));
                            head.is_some_and(|head| p.replace("s.", ".") == head)
                        })
                };
                value.as_object().and_then(|map| {
                    map.iter()
                        .filter(|(name, _)| other(name))
                        .find_map(|(name, inner)| fault(inner, rule, root, &format!("{at}/{name}")))
                })
            }
            "items" => value.as_array().and_then(|items| {
                items.iter().enumerate().find_map(|(n, item)| fault(item, rule, root, &format!("{at}/{n}")))
            }),
            "allOf" => {
                rule.as_array().expect("schemas").iter().find_map(|inner| fault(value, inner, root, at))
            }
            "oneOf" | "anyOf" => {
                let faults: Vec<Option<String>> = rule
                    .as_array()
                    .expect("schemas")
                    .iter()
                    .map(|inner| fault(value, inner, root, at))
                    .collect();
                if faults.iter().any(Option::is_none) { None } else { faults.into_iter().flatten().next() }
            }
            _ => None,
        };
        if found.is_some() {
            return found;
        }
    }
    None
}
