//! Schemas of what only the tool prints or takes. Words and names are taken from their definitions.

use serde_json::{Map, Value, json};

use crate::cli::commands::batch::RowStatus;
use crate::cli::record;
use appeal_domain::Form;

/// The names, and what prints or takes them.
pub const NAMES: [(&str, &str); 25] = [
    ("api-response", "What a route of the API answers: `api`"),
    ("appeal-row", "A row of `list`: an appeal without its texts"),
    ("archive", "A backup or an export: `admin backup`, `admin export`, `admin restore`"),
    ("batch-record", "A record of a batch, of `--from`, and of `check --from`"),
    ("batch-result", "The result of a row: a line of `batch submit`"),
    ("check", "The findings of `check`"),
    ("completions", "A script for a shell: `completions`"),
    ("config-path", "Where the config file is: `config path`"),
    ("config-profile", "A profile of the config file: `profile list`"),
    ("downloaded-file", "A downloaded file: `files get`"),
    ("dry-run", "What `create --dry-run` would send, and the findings"),
    ("dry-run-other", "What `--dry-run` of any other command would send"),
    ("error", "The object on stderr when a command fails"),
    ("exported-appeal", "An exported appeal: `export`"),
    ("help", "A topic or a command: `help`"),
    ("json-schema", "A schema: `schema NAME`"),
    ("manual", "A manual page, or the folder with all of them: `man`"),
    ("platform-record", "A record of the platform's data: `admin people list`"),
    ("saved-answer", "A downloaded answer: `answer --dir`"),
    ("schema-name", "A name in the list of schemas: `schema`"),
    ("server", "The address of a server that has started: `serve`"),
    ("setting", "A setting of the config file: `config show`"),
    ("signed-in", "A session that was opened: `login`"),
    ("signed-out", "A session that was ended: `logout`"),
    ("unsent", "An unsent text: `unsent list`, `unsent show`"),
];

/// Returns the schema with this name.
pub fn schema(name: &str, components: &Map<String, Value>) -> Option<Value> {
    Some(match name {
        "appeal-row" => row(components)?,
        "batch-record" => batch_record(),
        "batch-result" => object(
            &["row", "key", "status", "number", "error"],
            json!({
                "row": { "type": "integer", "minimum": 1, "description": "Number of the record, from 1" },
                "key": { "type": ["string", "null"], "description": "Its key in the journal" },
                "status": { "enum": RowStatus::ALL },
                "number": { "type": ["string", "null"] },
                "error": { "oneOf": [failure(), { "type": "null" }] },
            }),
        ),
        "check" => json!({ "type": "array", "items": component("ApiFinding") }),
        "downloaded-file" => object(
            &["path", "id", "name", "size", "sha256", "version"],
            json!({
                "path": { "type": "string" },
                "id": { "type": "string" },
                "name": { "type": "string" },
                "size": { "type": "integer", "minimum": 0, "description": "Bytes" },
                "sha256": { "type": "string", "pattern": "^[0-9a-f]{64}$" },
                "version": { "type": "integer", "minimum": 1 },
            }),
        ),
        "dry-run" => plan(&json!({ "const": "POST" }), component("NewAppeal")),
        // Version 0.1 named it `rehearsal`.
        "dry-run-other" | "rehearsal" => plan(
            &json!({ "enum": ["GET", "POST", "PUT", "PATCH", "DELETE", null] }),
            json!({ "type": ["object", "string", "array", "null"] }),
        ),
        "error" => object(&["error"], json!({ "error": failure() })),
        "help" => object(
            &["topic", "title", "text"],
            json!({ "topic": { "type": "string" }, "title": { "type": "string" }, "text": { "type": "string" } }),
        ),
        "unsent" => unsent(),
        "setting" => object(
            &["key", "value"],
            json!({ "key": { "type": "string" }, "value": { "type": ["string", "number", "boolean", "null"] } }),
        ),
        "api-response" => json!({}),
        "archive" => archive(),
        "completions" => object(&["shell", "script"], json!({ "shell": text(), "script": text() })),
        "config-path" => object(&["path"], json!({ "path": text() })),
        "config-profile" => config_profile(),
        "exported-appeal" => exported(components)?,
        "json-schema" => object(
            &["$schema", "$id", "title"],
            json!({ "$schema": { "const": super::DIALECT }, "$id": text(), "title": text() }),
        ),
        "manual" => json!({ "oneOf": [
            object(&["page", "text"], json!({ "page": text(), "text": text() })),
            object(&["path", "pages"], json!({ "path": text(), "pages": count() })),
        ] }),
        // Its members depend on the kind, and are those that can be loaded.
        "platform-record" => json!({ "type": "object" }),
        "saved-answer" => object(
            &["path", "id", "name", "size", "sha256"],
            json!({
                "path": text(), "id": text(), "name": text(), "size": count(),
                "sha256": { "type": "string", "pattern": "^[0-9a-f]{64}$" },
            }),
        ),
        "schema-name" => object(
            &["name", "description", "commands"],
            json!({
                "name": text(),
                "description": text(),
                "commands": { "type": "array", "items": text(), "description": "Commands that print it" },
            }),
        ),
        "server" => object(&["url"], json!({ "url": text() })),
        "signed-in" => signed_in(),
        "signed-out" => object(
            &["server", "signed_out"],
            json!({ "server": text(), "signed_out": { "type": "boolean" } }),
        ),
        _ => return None,
    })
}

fn text() -> Value {
    json!({ "type": "string" })
}

fn text_or_null() -> Value {
    json!({ "type": ["string", "null"] })
}

fn count() -> Value {
    json!({ "type": "integer", "minimum": 0 })
}

/// A backup or an export.
fn archive() -> Value {
    object(
        &["path", "id", "made_at", "size", "appeals", "files", "schema", "broken"],
        json!({
            "path": text(),
            "id": text(),
            "made_at": { "type": "string", "format": "date-time" },
            "size": { "type": "integer", "minimum": 0, "description": "Bytes" },
            "appeals": count(),
            "files": count(),
            "schema": { "type": "integer", "minimum": 1, "description": "Version of the database" },
            "broken": { "type": "array", "items": text(), "description": "Files that were damaged when it was made" },
            "aside": { "type": ["string", "null"], "description": "Where a restore has put what was there before" },
            "integrity": { "type": "object", "description": "The result of `admin status --backup`" },
        }),
    )
}

/// A profile of the config file.
fn config_profile() -> Value {
    let settings = ["server", "data_dir", "as", "output", "lang", "token_file", "color"];
    let mut properties = Map::from_iter(settings.map(|name| (name.to_owned(), text_or_null())));
    properties.insert("name".to_owned(), text());
    properties.insert("default".to_owned(), json!({ "type": "boolean" }));
    let required: Vec<&str> = ["name", "default"].into_iter().chain(settings).collect();
    object(&required, properties.into())
}

/// An exported appeal: fields of a list row, and what was written.
fn exported(components: &Map<String, Value>) -> Option<Value> {
    let appeal = components.get("Appeal")?.get("properties")?.as_object()?;
    let facts = ["number", "status", "kind", "category", "subject", "created_at", "updated_at", "due_at"];
    let mut properties = Map::new();
    for name in facts {
        properties.insert(name.to_owned(), appeal.get(name)?.clone());
    }
    properties.insert("path".to_owned(), json!({ "type": "string", "description": "Folder in the export" }));
    properties
        .insert("verified".to_owned(), json!({ "type": "boolean", "description": "The journal is intact" }));
    for name in ["answers", "files", "bytes"] {
        properties.insert(name.to_owned(), count());
    }
    let required: Vec<&str> =
        facts.into_iter().chain(["path", "answers", "files", "bytes", "verified"]).collect();
    Some(object(&required, properties.into()))
}

/// A new session.
fn signed_in() -> Value {
    object(
        &["login", "server", "stored", "scopes", "expires_at"],
        json!({
            "login": text(),
            "server": text(),
            "stored": { "type": "string", "description": "Where the token is kept" },
            "profile": { "type": "string", "description": "The profile that was saved" },
            "scopes": { "type": "array", "items": text() },
            "expires_at": { "type": "string", "format": "date-time" },
        }),
    )
}

/// A text that was not sent.
fn unsent() -> Value {
    let file = object(
        &["path"],
        json!({
            "path": { "type": "string", "description": "Absolute" },
            "document": { "type": "string", "description": "Code of the document that it is" },
        }),
    );
    object(
        &[
            "id", "state", "command", "number", "key", "server", "title", "text", "body", "files", "kept_at",
            "path",
        ],
        json!({
            "id": { "type": "string" },
            "state": { "enum": ["unsent", "unfinished", "refused"] },
            "command": { "type": ["string", "null"], "description": "The command that it was written for; null if version 0.1 kept it" },
            "number": { "type": ["string", "null"], "description": "Number of the appeal, or the login of the account" },
            "key": { "type": ["string", "null"], "description": "The idempotency key it is sent under" },
            "server": { "type": ["string", "null"], "description": "The platform it is meant for: a URL or `local`" },
            "as": { "type": "string", "description": "Login of the person, on the local platform" },
            "data_dir": { "type": "string" },
            "database": { "type": "string" },
            "token_file": { "type": "string" },
            "title": { "type": ["string", "null"], "description": "The subject, or the first line of the text" },
            "text": text_or_null(),
            "body": { "type": "object", "description": "What is sent, without its files" },
            "files": { "type": "array", "items": file },
            "kept_at": { "type": "string", "format": "date-time" },
            "path": { "type": "string", "description": "Where it is kept" },
        }),
    )
}

/// The plan of a dry run.
fn plan(method: &Value, request: Value) -> Value {
    let headers = json!({ "type": ["object", "null"], "additionalProperties": { "type": "string" } });
    let later = object(
        &["method", "path", "headers", "request"],
        json!({ "method": { "type": "string" }, "path": { "type": "string" }, "headers": headers, "request": {} }),
    );
    let upload = object(
        &["name", "size", "sha256", "path"],
        json!({
            "path": { "type": "string", "description": "Where it is on this machine" },
            "name": { "type": "string" },
            "size": { "type": "integer", "minimum": 0, "description": "Bytes" },
            "sha256": { "type": "string", "pattern": "^[0-9a-f]{64}$" },
        }),
    );
    let change =
        object(&["action", "path"], json!({ "action": { "type": "string" }, "path": { "type": "string" } }));
    object(
        &["dry_run", "method", "path", "headers", "request", "uploads", "then", "changes", "findings"],
        json!({
            "dry_run": { "const": true },
            "method": method,
            "path": { "type": ["string", "null"] },
            "headers": headers,
            "request": request,
            "uploads": { "type": "array", "items": upload, "description": "Files that go up first, unless they are there" },
            "then": { "type": "array", "items": later, "description": "Requests that follow" },
            "changes": { "type": "array", "items": change, "description": "What changes on this machine" },
            "findings": { "type": "array", "items": component("ApiFinding") },
            "similar": { "type": "array", "items": component("Similar") },
        }),
    )
}

fn component(name: &str) -> Value {
    json!({ "$ref": format!("#/$defs/{name}") })
}

fn object(required: &[&str], properties: Value) -> Value {
    json!({ "type": "object", "required": required, "properties": properties })
}

/// An error object.
fn failure() -> Value {
    object(
        &["code", "message", "hint", "details"],
        json!({
            "code": { "type": "string", "description": "Stable, snake case" },
            "message": { "type": "string" },
            "hint": { "type": ["string", "null"], "description": "What to do about it" },
            "details": { "type": "array", "description": "Findings, open moves and the like" },
        }),
    )
}

/// An appeal without the fields that lists leave out.
fn row(components: &Map<String, Value>) -> Option<Value> {
    let mut row = components.get("Appeal")?.clone();
    let left_out = ["text", "comments", "answers", "journal"];
    if let Some(Value::Object(properties)) = row.get_mut("properties") {
        properties.retain(|name, _| !left_out.contains(&name.as_str()));
    }
    if let Some(Value::Array(required)) = row.get_mut("required") {
        required.retain(|name| !left_out.iter().any(|left| name == left));
    }
    Some(row)
}

/// A record, with the names of the flags of `create`; hyphens may be written as underscores.
fn batch_record() -> Value {
    let text = json!({ "type": ["string", "number", "boolean", "null"] });
    let truth = json!({ "type": ["boolean", "string", "null"] });
    let texts = json!({ "type": ["object", "null"], "additionalProperties": text });
    let paths = json!({
        "type": ["string", "array", "null"], "items": { "type": "string" },
        "description": "Paths, relative to the file they are in; in one text separated by |",
    });
    // Words are accepted in any case.
    let word = |words: Vec<&str>| json!({ "type": ["string", "null"], "examples": words });
    let mut properties = Map::new();
    for name in record::names() {
        let schema = match (record::field(name).map(|field| field.form), name) {
            (Some(Form::Word(_, words)), _) => word(words()),
            (_, "draft" | "strict") => truth.clone(),
            (_, "attach") => paths.clone(),
            // Their keys are chosen by users: see below.
            (_, "field.KEY" | "document.CODE") => continue,
            _ => text.clone(),
        };
        properties.insert(name.replace('-', "_"), schema.clone());
        properties.insert(name.to_owned(), schema);
    }
    properties.insert("occurred_at".to_owned(), text.clone());
    let mut patterns = Map::from_iter([
        ("^fields?\\.".to_owned(), text.clone()),
        ("^contact\\.".to_owned(), text.clone()),
        ("^documents?\\.".to_owned(), paths),
    ]);
    for name in record::groups() {
        properties.insert(name.to_owned(), texts.clone());
        patterns.insert(format!("^{name}\\."), text.clone());
    }
    properties.insert("fields".to_owned(), texts);
    properties.insert(
        "documents".to_owned(),
        json!({ "type": ["object", "array", "null"], "description": "Files by the code of the document they are" }),
    );
    json!({
        "type": "object",
        "properties": properties,
        "patternProperties": patterns,
        "additionalProperties": false,
    })
}
