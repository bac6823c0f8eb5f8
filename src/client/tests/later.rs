//! Responses of a later platform: documents generated from the OpenAPI description in which every word is unknown and
//! every object has an additional member. The tests of the tool use this file too.

use std::path::Path;

use serde_json::{Map, Value, json};

/// A word that no vocabulary has.
pub const WORD: &str = "petition-of-2031";
/// A member that no object has.
pub const MEMBER: &str = "added_later";

/// The OpenAPI description.
pub struct Description(Value);

/// A response of the API: its origin, media type and schema.
pub struct Response<'a> {
    pub method: &'a str,
    pub path: &'a str,
    pub media_type: &'a str,
    pub schema: &'a Value,
}

impl Description {
    /// Reads `openapi.json` at the root of the repository.
    pub fn read(repository: &Path) -> Self {
        let text = std::fs::read(repository.join("openapi.json")).expect("openapi.json is there");
        Self(serde_json::from_slice(&text).expect("JSON"))
    }

    /// Returns every successful response with a body.
    pub fn responses(&self) -> Vec<Response<'_>> {
        let mut found = Vec::new();
        for (path, methods) in members(&self.0["paths"]) {
            for (method, operation) in members(methods) {
                for (status, response) in members(&operation["responses"]) {
                    for (media_type, content) in members(&response["content"]) {
                        if status.starts_with('2') {
                            found.push(Response { method, path, media_type, schema: &content["schema"] });
                        }
                    }
                }
            }
        }
        found
    }

    /// Returns a schema by its name.
    pub fn named(&self, name: &str) -> &Value {
        &self.0["components"]["schemas"][name]
    }

    /// Generates a document for this schema.
    pub fn sample(&self, schema: &Value) -> Value {
        if let Some(name) = schema["$ref"].as_str() {
            return self.sample(self.named(name.rsplit('/').next().unwrap_or_default()));
        }
        if schema["enum"].is_array() {
            return json!(WORD);
        }
        if let Some(choices) = schema["oneOf"].as_array().or(schema["anyOf"].as_array()) {
            let choice = choices.iter().find(|choice| choice["type"] != "null").expect("not only null");
            return self.sample(choice);
        }
        if let Some(parts) = schema["allOf"].as_array() {
            let parts =
                parts.iter().flat_map(|part| members(&self.sample(part)).map(owned).collect::<Vec<_>>());
            return Value::Object(parts.collect());
        }
        match kind(schema) {
            "object" if schema["properties"].is_object() => {
                let mut object: Map<String, Value> = members(&schema["properties"])
                    .map(|(name, of)| (name.clone(), self.sample(of)))
                    .collect();
                object.insert(MEMBER.to_owned(), json!({ "level": WORD }));
                Value::Object(object)
            }
            "object" if schema["additionalProperties"].is_object() => {
                json!({ "key": self.sample(&schema["additionalProperties"]) })
            }
            "object" => json!({ MEMBER: WORD }),
            "array" => json!([self.sample(&schema["items"])]),
            "integer" => json!(1),
            "number" => json!(0.5),
            "boolean" => json!(true),
            _ if schema["format"] == "date-time" => json!("2026-11-27T10:00:00Z"),
            _ if schema["format"] == "date" => json!("2026-11-27"),
            _ => json!("text"),
        }
    }
}

/// Returns the type of a schema other than `null`.
fn kind(schema: &Value) -> &str {
    match &schema["type"] {
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null"),
        one => one.as_str(),
    }
    .unwrap_or("string")
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn owned((name, value): (&String, &Value)) -> (String, Value) {
    (name.clone(), value.clone())
}
