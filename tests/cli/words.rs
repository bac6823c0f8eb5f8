//! The tool with a platform newer than itself: unknown words and members are shown as received, and cause no failure.

#[path = "../../src/client/tests/later.rs"]
mod later;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::thread::spawn;

use crate::common::http::sha256;
use crate::common::{Person, World};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use later::{Description, MEMBER, WORD};
use serde_json::{Value, json};

const NUMBER: &str = "2026-8733075149-2";

/// A platform of a later version. It answers every request with a generated document for the schema in `openapi.json`.
struct Later {
    url: String,
}

impl Later {
    fn start() -> Later {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let description = Arc::new(Description::read(Path::new(env!("CARGO_MANIFEST_DIR"))));
        spawn(move || {
            for client in listener.incoming().flatten() {
                let description = description.clone();
                spawn(move || answer(client, &description));
            }
        });
        Later { url }
    }

    /// Returns a person who is signed in to it.
    fn person(&self, world: &World) -> Person {
        world.anonymous().env("APPEAL_SERVER", &self.url).env("APPEAL_TOKEN", "token").env("COLUMNS", "400")
    }
}

/// Answers one request.
fn answer(mut client: TcpStream, description: &Description) {
    let mut reader = BufReader::new(client.try_clone().expect("a socket"));
    let mut lines = Vec::new();
    let mut line = String::new();
    while reader.read_line(&mut line).is_ok_and(|read| read > 2) {
        lines.push(std::mem::take(&mut line).to_ascii_lowercase());
    }
    let length = lines.iter().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    let _ = reader.read_exact(&mut body);
    let mut words = lines.first().map(String::as_str).unwrap_or_default().split(' ');
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    if path == "/v1/events" {
        let mut change = description.sample(description.named("Change"));
        change["cursor"] = json!("the next one");
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
        // An event of an unknown kind precedes the change.
        let events = format!("event: {WORD}\ndata: {{}}\n\nevent: change\ndata: {change}\n\n");
        let _ = client.write_all(format!("{head}{events}").as_bytes());
        // Keeps the stream open until the tool has exited.
        let _ = client.read(&mut [0]);
        return;
    }
    let (media_type, document) = match path.ends_with("/pdf") {
        true => ("application/pdf", "%PDF-1.7".to_owned()),
        false => ("application/json", document(description, method, path, query).to_string()),
    };
    let digest = STANDARD.encode(hex::decode(sha256(document.as_bytes())).expect("hexadecimal"));
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: {media_type}\r\ncontent-length: {}\r\n\
         content-digest: sha-256=:{digest}:\r\nconnection: close\r\n\r\n",
        document.len()
    );
    let _ = client.write_all(format!("{head}{document}").as_bytes());
}

/// Returns the platform's response to a request.
fn document(description: &Description, method: &str, path: &str, query: &str) -> Value {
    if path == "/v1/admin/people" {
        // The description does not define the records of a kind.
        let person = json!({ "login": "ivan", "name": "Ivan", "role": WORD, "state": WORD, MEMBER: true });
        return json!({ "items": [person] });
    }
    let found = description.responses().into_iter().find(|response| {
        response.method == method && response.media_type == "application/json" && fits(response.path, path)
    });
    let mut document = description.sample(found.unwrap_or_else(|| panic!("no {method} {path}")).schema);
    // There is one page of everything. Without a cursor there are no changes.
    if let Some(page) = document.as_object_mut() {
        page.remove("next");
        // There are no bytes with the digest of a file.
        if let Some(files) = page.get_mut("attachments").filter(|files| files.is_array()) {
            *files = json!([]);
        }
        // The result of an integrity check is a failure if it was not requested.
        page.remove("integrity");
        if page.contains_key("more") {
            page["more"] = json!(false);
            if query.is_empty() {
                page["items"] = json!([]);
            }
        }
    }
    document
}

/// Returns whether a path matches a template such as `/v1/appeals/{number}`.
fn fits(template: &str, path: &str) -> bool {
    let (template, path): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    template.len() == path.len()
        && template.iter().zip(&path).all(|(part, given)| part.starts_with('{') || part == given)
}

/// Commands that show vocabulary words from the platform.
const SHOWING: &[&[&str]] = &[
    &["list"],
    &["show", NUMBER],
    &["show", NUMBER, "--journal", "--versions"],
    &["changes", "--since", "1d"],
    &["notifications", "list"],
    &["notifications", "settings"],
    &["whoami"],
    &["deadline", NUMBER],
    &["answer", NUMBER],
    &["category", "show", "housing"],
    &["template", "show", "text"],
    &["account", "show"],
    &["auth", "token", "list"],
    &["operator", "queue"],
    &["supervisor", "reviews"],
    &["admin", "people", "list"],
    &["comment", NUMBER, "--text", "Вода ещё течёт."],
];

/// Commands whose tables show no vocabulary words.
const WORDLESS: &[&[&str]] = &[
    &["report", "summary"],
    &["journal", NUMBER],
    &["files", "list", NUMBER],
    &["category", "list"],
    &["template", "list"],
    &["admin", "status"],
    &["admin", "log"],
];

#[test]
fn tables_show_an_unknown_word_as_it_is() {
    let (world, later) = (World::local(), Later::start());
    for command in SHOWING {
        let run = later.person(&world).run([*command, &["-o", "table"]].concat()).ok();
        assert!(run.out().contains(WORD), "{run:?}");
    }
}

#[test]
fn tables_without_a_word_are_shown_all_the_same() {
    let (world, later) = (World::local(), Later::start());
    for command in WORDLESS {
        later.person(&world).run([*command, &["-o", "table"]].concat()).ok();
    }
}

#[test]
fn json_has_unknown_words_and_members() {
    let (world, later) = (World::local(), Later::start());
    for command in SHOWING.iter().chain(WORDLESS) {
        for format in ["json", "jsonl"] {
            let run = later.person(&world).run([*command, &["-o", format]].concat()).ok();
            assert!(run.out().contains(&format!("\"{MEMBER}\"")), "{run:?}");
            assert!(run.out().contains(&format!("\"{WORD}\"")), "{run:?}");
        }
    }
}

#[test]
fn plain_and_csv_have_an_unknown_word() {
    let (world, later) = (World::local(), Later::start());
    for format in ["plain", "csv"] {
        let run = later.person(&world).run(["list", "-o", format, "--columns", "number,kind,status"]).ok();
        assert!(run.out().contains(WORD), "{run:?}");
    }
}

/// Exports an appeal whose journal does not verify, because it is not a real one.
fn exported(world: &World, later: &Later, format: &str) -> String {
    later.person(world).run(["export", NUMBER, "--to", "exported", "-o", format]).code(3).out().to_owned()
}

#[test]
fn an_exported_row_has_unknown_words() {
    for format in ["json", "csv", "plain", "table"] {
        let out = exported(&World::local(), &Later::start(), format);
        assert!(out.contains(WORD), "{format}: {out}");
    }
}

#[test]
fn the_index_of_an_export_has_unknown_words() {
    let world = World::local();
    exported(&world, &Later::start(), "json");
    for index in ["index.json", "index.csv"] {
        let text = std::fs::read_to_string(world.join(&format!("exported/{index}"))).expect("an index");
        assert!(text.contains(WORD), "{index}: {text}");
    }
}

#[test]
fn an_exported_card_has_unknown_words_and_members() {
    let world = World::local();
    exported(&world, &Later::start(), "json");
    let path = world.join("exported/text/appeal.json");
    let card: Value = serde_json::from_slice(&std::fs::read(path).expect("a card")).expect("JSON");
    assert_eq!((&card["kind"], &card["status"]), (&json!(WORD), &json!(WORD)));
    assert!(card[MEMBER].is_object(), "{card}");
}

#[test]
fn a_stream_shows_a_change_with_an_unknown_status() {
    let (world, later) = (World::local(), Later::start());
    for format in ["table", "jsonl"] {
        let mut watch = later.person(&world).follow(["watch", "-o", format]);
        watch.until("the unknown word", |line| line.contains(WORD));
    }
}

#[test]
fn wait_waits_on_in_an_unknown_status() {
    let (world, later) = (World::local(), Later::start());
    let run = later.person(&world).run(["wait", NUMBER, "--for", "submitted", "--timeout", "2s"]);
    run.code(8);
}

#[test]
fn a_flag_with_an_unknown_word_is_refused() {
    let (world, later) = (World::local(), Later::start());
    later.person(&world).run(["list", "--kind", WORD]).code(2);
    later.person(&world).run(["wait", NUMBER, "--for", WORD]).code(2);
}

#[test]
fn a_template_of_an_unknown_kind_files_nothing() {
    let (world, later) = (World::local(), Later::start());
    let run = later.person(&world).run(["create", "--template", "text", "-o", "json"]).code(3);
    assert_eq!(run.codes(), ["template-kind-unknown"]);
}
