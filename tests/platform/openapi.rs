//! The OpenAPI document is generated from the handlers and committed; this test fails if the two differ.
//! `APPEAL_UPDATE=1 cargo test --test integration openapi` updates it.

use std::path::Path;

use serde_json::Value;

fn generated() -> String {
    let mut text = appeal_platform::http::openapi_json();
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

#[test]
fn the_committed_description_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    if std::env::var_os("APPEAL_UPDATE").is_some() {
        std::fs::write(&path, generated()).expect("openapi.json can be written");
    }
    let committed = std::fs::read_to_string(&path).expect("openapi.json is there");
    assert!(
        committed == generated(),
        "openapi.json is stale: APPEAL_UPDATE=1 cargo test --test integration openapi"
    );
}

#[test]
fn it_is_openapi_3_1_and_every_call_can_end_in_a_problem() {
    let document: Value = serde_json::from_str(&generated()).expect("JSON");
    assert!(document["openapi"].as_str().is_some_and(|v| v.starts_with("3.1")), "{}", document["openapi"]);
    let paths = document["paths"].as_object().expect("paths");
    let problem = &document["components"]["responses"]["Problem"]["content"];
    assert!(problem.get("application/problem+json").is_some(), "{problem}");
    let mut calls = 0;
    for (path, methods) in paths.iter().filter(|(path, _)| path.starts_with("/v1/")) {
        for (method, call) in methods.as_object().expect("methods") {
            if !call["responses"].is_object() {
                continue;
            }
            calls += 1;
            let problem = call["responses"]
                .as_object()
                .is_some_and(|all| all.values().any(|r| r["$ref"] == "#/components/responses/Problem"));
            assert!(problem, "{method} {path} names no problem");
            assert!(call["operationId"].is_string(), "{method} {path} has no name");
        }
    }
    assert!(calls > 30, "only {calls} calls are described");
}

/// Ids of requirements are for comments in the code; readers of the API cannot use them.
#[test]
fn no_description_names_a_requirement_by_its_id() {
    let text = generated();
    let ids: Vec<&str> = text
        .split('(')
        .skip(1)
        .filter_map(|rest| rest.split_once([')', ',']))
        .map(|(word, _)| word)
        .filter(|word| {
            let digits = word.strip_prefix(['P', 'F', 'T', 'S', 'C', 'D', 'N', 'O']).unwrap_or_default();
            (1..=2).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())
        })
        .collect();
    assert!(ids.is_empty(), "{ids:?}");
}

#[test]
fn a_coordinate_is_a_number_or_an_empty_text_that_clears_it() {
    let document: Value = serde_json::from_str(&generated()).expect("JSON");
    let schemas = &document["components"]["schemas"];
    for name in ["latitude", "longitude"] {
        let types = schemas["Place"]["properties"][name]["oneOf"].as_array().expect("types");
        assert!(types.iter().any(|t| t["type"] == "null"), "{types:?}");
        assert!(types.iter().any(|t| t["$ref"] == "#/components/schemas/Degrees"), "{types:?}");
    }
    let degrees = schemas["Degrees"]["oneOf"].as_array().expect("types");
    assert_eq!((&degrees[0]["type"], &degrees[0]["format"]), (&"number".into(), &"double".into()));
    assert_eq!(
        (&degrees[1]["type"], &degrees[1]["description"]),
        (&"string".into(), &"Always empty: clears the value.".into())
    );
}
