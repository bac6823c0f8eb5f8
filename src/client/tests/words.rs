//! The client reads responses of a later platform without losing anything.

use std::path::Path;

use super::later::{Description, MEMBER, Response, WORD};
use super::*;
use crate::events::ChangesPage;
use appeal_api::{Change, *};
use appeal_domain::Region;
use serde::Serialize;

type Read = fn(&Value) -> std::result::Result<Value, serde_json::Error>;

/// Parses a document as this type and serializes it again.
fn again<T: DeserializeOwned + Serialize>(document: &Value) -> std::result::Result<Value, serde_json::Error> {
    serde_json::from_slice::<T>(&serde_json::to_vec(document)?).and_then(|read| serde_json::to_value(read))
}

/// The types that the client reads, by the names of their schemas.
fn types() -> HashMap<&'static str, Read> {
    macro_rules! received {
        ($($name:ident)+) => { [$((stringify!($name), again::<Received<$name>> as Read)),+] };
    }
    let mut types: HashMap<&str, Read> = HashMap::from(received! {
        Appeal AppealVersion Attachment AuthenticatorState Category Challenge Change CodeSent DeadlineDetail Department
        Discarded DryRunResult FileVersion IssuedToken Journal Limits LoadResult Me NewAuthenticator NoticeSettings NoticesRead
        PasswordSet PlatformStatus Profile Region Report Share SimilarAppeals Template TokenInfo
    });
    types.insert("Page_Appeal", again::<Page<Received<Appeal>>>);
    types.insert("Page_AdminEntry", again::<Page<Received<AdminEntry>>>);
    types.insert("Page_Notice", again::<Page<Received<Notice>>>);
    types.insert("Changes", |document| {
        let page: ChangesPage = serde_json::from_value(document.clone())?;
        Ok(json!({ "items": page.items, "cursor": page.cursor, "more": page.more }))
    });
    types.insert("BackupVerified", again::<BackupVerified>);
    types.insert("BulkResult", again::<BulkResult>);
    types.insert("Imported", again::<Imported>);
    types.insert("Problem", again::<Problem>);
    types.insert("Rules", again::<appeal_domain::Rules>);
    types.insert("Uploaded", again::<Uploaded>);
    types
}

/// Types of which the client keeps only the known members, because they are never printed.
const PARTS: [&str; 6] = ["BackupVerified", "BulkResult", "Imported", "Problem", "Rules", "Uploaded"];

/// A page, of which the client returns the items.
fn is_page(name: &str) -> bool {
    name.starts_with("Page_") || name == "Changes"
}

fn description() -> Description {
    Description::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."))
}

/// Returns the name of the schema, or of the items of an array; `None` for an anonymous object.
fn name(schema: &Value) -> Option<&str> {
    let reference = schema["items"]["$ref"].as_str().or(schema["$ref"].as_str())?;
    reference.rsplit('/').next()
}

#[test]
fn every_response_is_read_with_unknown_words_and_members() {
    let (description, types) = (description(), types());
    for Response { method, path, media_type, schema } in description.responses() {
        let Some(name) = name(schema) else { continue };
        let place = format!("{method} {path}, {name} as {media_type}");
        let read = types.get(name).unwrap_or_else(|| panic!("the client has no type for {place}"));
        if let Err(error) = read(&description.sample(description.named(name))) {
            panic!("{place}: {error}");
        }
    }
}

#[test]
fn a_problem_is_read_with_unknown_words_and_members() {
    let description = description();
    let document = description.sample(description.named("Problem"));
    assert_eq!(document["errors"][0]["severity"], WORD);
    types()["Problem"](&document).expect("it can be read");
}

#[test]
fn whole_objects_are_written_as_received() {
    let description = description();
    for (name, read) in types().into_iter().filter(|(name, _)| !PARTS.contains(name) && !is_page(name)) {
        let document = description.sample(description.named(name));
        assert_eq!(read(&document).expect("it can be read"), document, "{name}");
    }
}

#[test]
fn items_of_a_page_are_written_as_received() {
    let description = description();
    for (name, read) in types().into_iter().filter(|(name, _)| is_page(name)) {
        let document = description.sample(description.named(name));
        assert_eq!(read(&document).expect("it can be read")["items"], document["items"], "{name}");
    }
}

#[test]
fn the_documents_have_what_is_tested() {
    let description = description();
    let appeal = description.sample(description.named("Appeal"));
    assert_eq!((&appeal["kind"], &appeal["deadlines"][0]["state"]), (&json!(WORD), &json!(WORD)));
    assert!(appeal[MEMBER].is_object() && appeal["contacts"][MEMBER].is_object());
}
