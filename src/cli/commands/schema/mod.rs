//! `appeal schema`: JSON Schemas of outputs and of the batch record. Types of the API are taken from the committed
//! `openapi.json`, which is generated from them and checked by a test; [`own`] has what only the tool prints.

mod own;
mod printed;

use std::collections::BTreeSet;
use std::io::Read as _;

use flate2::read::ZlibDecoder;
use serde_json::{Map, Value, json};

use crate::cli::base::{Context, Exit, Failure};
use crate::output::{Cell, Column, Shape};
use appeal_i18n::message;

/// Included, because the platform may not be built in; compressed by the build script.
const OPENAPI: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/openapi.json.zlib"));
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

#[derive(Debug, clap::Args)]
#[command(
    long_about = "Print JSON Schemas (draft 2020-12) of every output and of the batch record. Without a name, list \
                  them. Needs no platform.",
    after_long_help = "Examples:\n  appeal schema\n  appeal schema appeal\n  appeal schema batch-record > record.schema.json"
)]
pub struct Args {
    /// Name of the schema
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
}

const SHAPE: Shape = Shape {
    columns: &[Column::new("name", Cell::Text), Column::new("description", Cell::Text)],
    more: &[Column::new("commands", Cell::Join)],
    key: "name",
};

/// Names of types of the API, and what prints or takes them.
const NAMED: [(&str, &str, &str); 18] = [
    ("appeal", "Appeal", "An appeal: `show`, `create` and whatever changes one"),
    ("account", "Me", "The signed-in person"),
    ("category", "Category", "A category: `category list`, `category show`"),
    ("change", "Change", "A change: a line of `watch` and `changes`"),
    ("department", "Department", "A department"),
    ("discarded", "Discarded", "A deleted draft: `discard`"),
    ("draft-check", "DryRunResult", "What the platform reports in a dry run"),
    ("file", "Attachment", "An attached file: `files list`"),
    ("file-version", "FileVersion", "A version of a file: `files history`"),
    ("finding", "ApiFinding", "A finding of a check"),
    ("journal-entry", "JournalLink", "An entry of the journal: `journal`"),
    ("limits", "Limits", "The platform's limits on texts and files"),
    ("new-appeal", "NewAppeal", "The request that files an appeal"),
    ("problem", "Problem", "An error of the platform (RFC 9457)"),
    ("region", "Region", "A region: `region list`, `region show`"),
    ("report", "Report", "Numbers on a period: `report summary`"),
    ("template", "Template", "A template: `template list`, `template show`"),
    ("token", "IssuedToken", "A token just issued: `auth token create`"),
];

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        let components = components()?;
        let Some(name) = self.name else {
            ctx.out.expects(&SHAPE)?;
            let mut list = ctx.out.list(&SHAPE);
            for (name, description) in names(&components) {
                let commands = printed::commands(&name);
                list.push(&json!({ "name": name, "description": description, "commands": commands }))?;
            }
            return Ok(list.finish()?);
        };
        match schema(&name, &components) {
            Some(schema) => Ok(ctx.out.json(&schema)?),
            None => {
                let known: Vec<String> = names(&components).into_iter().map(|(name, _)| name).collect();
                let message = message!("failure-schema", name, known = known.join(", "));
                Err(Failure::from_message(Exit::Usage, "usage", message))
            }
        }
    }
}

/// Returns the schemas of the API.
fn components() -> Result<Map<String, Value>, Failure> {
    let broken = |error: String| Failure::new(Exit::Failed, "schema", error);
    let mut text = String::new();
    ZlibDecoder::new(OPENAPI).read_to_string(&mut text).map_err(|error| broken(error.to_string()))?;
    let document: Value = serde_json::from_str(&text).map_err(|error| broken(error.to_string()))?;
    match document.pointer("/components/schemas") {
        Some(Value::Object(schemas)) => Ok(schemas.clone()),
        _ => Err(broken("the description of the API has no schemas".to_owned())),
    }
}

/// Returns every name with its description: the tool's own, then the other types of the API.
fn names(components: &Map<String, Value>) -> Vec<(String, String)> {
    let mut names: Vec<(String, String)> = NAMED
        .iter()
        .filter(|(_, component, _)| components.contains_key(*component))
        .map(|(name, _, description)| ((*name).to_owned(), (*description).to_owned()))
        .chain(own::NAMES.iter().map(|(name, description)| ((*name).to_owned(), (*description).to_owned())))
        .collect();
    names.sort();
    let mut others: Vec<(String, String)> = components
        .iter()
        .filter(|(component, _)| !NAMED.iter().any(|(_, named, _)| named == component))
        .map(|(component, schema)| {
            let description = schema.get("description").and_then(Value::as_str).unwrap_or_default();
            (kebab(component), description.lines().next().unwrap_or_default().to_owned())
        })
        .filter(|(name, _)| !names.iter().any(|(known, _)| known == name))
        .collect();
    others.sort();
    names.extend(others);
    names
}

/// Returns the schema with this name and all definitions it refers to.
fn schema(name: &str, components: &Map<String, Value>) -> Option<Value> {
    let named = NAMED.iter().find(|(known, ..)| *known == name);
    let (mut body, description) = if let Some(own) = own::schema(name, components) {
        let description = own::NAMES.iter().find(|(known, _)| *known == name).map(|(_, d)| *d);
        (own, description)
    } else if let Some((_, component, description)) = named {
        components.get(*component)?;
        (json!({ "$ref": format!("#/$defs/{component}") }), Some(*description))
    } else {
        let component = components.keys().find(|component| kebab(component) == name)?;
        (json!({ "$ref": format!("#/$defs/{component}") }), None)
    };
    relocate(&mut body);
    let mut wanted = references(&body);
    let mut definitions = Map::new();
    while let Some(component) = wanted.pop_first() {
        if definitions.contains_key(&component) {
            continue;
        }
        let mut definition = components.get(&component)?.clone();
        relocate(&mut definition);
        wanted.extend(references(&definition));
        definitions.insert(component, definition);
    }
    definitions.sort_keys();
    let mut whole = Map::new();
    whole.insert("$schema".to_owned(), DIALECT.into());
    whole.insert("$id".to_owned(), format!("urn:appeal:schema:{name}").into());
    whole.insert("title".to_owned(), name.into());
    if let Some(description) = description {
        whole.insert("description".to_owned(), description.into());
    }
    if let Value::Object(body) = body {
        whole.extend(body);
    }
    if !definitions.is_empty() {
        whole.insert("$defs".to_owned(), definitions.into());
    }
    Some(whole.into())
}

/// Rewrites references to point at `$defs`.
fn relocate(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            if let Some(Value::String(target)) = map.get_mut("$ref")
                && let Some(component) = target.strip_prefix("#/components/schemas/")
            {
                *target = format!("#/$defs/{component}");
            }
            map.values_mut().for_each(relocate);
        }
        Value::Array(items) => items.iter_mut().for_each(relocate),
        _ => {}
    }
}

/// Returns the definitions that a schema refers to.
fn references(schema: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    match schema {
        Value::Object(map) => {
            let target = map.get("$ref").and_then(Value::as_str);
            found.extend(target.and_then(|t| t.strip_prefix("#/$defs/")).map(str::to_owned));
            map.values().for_each(|inner| found.extend(references(inner)));
        }
        Value::Array(items) => items.iter().for_each(|inner| found.extend(references(inner))),
        _ => {}
    }
    found
}

/// Converts `FileVersion` to `file-version`.
fn kebab(component: &str) -> String {
    let mut name = String::new();
    for c in component.chars() {
        if c.is_ascii_uppercase() && !name.is_empty() && !name.ends_with('-') {
            name.push('-');
        }
        name.push(if c == '_' { '-' } else { c.to_ascii_lowercase() });
    }
    name.replace("--", "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_has_a_schema_that_is_whole() {
        let components = components().unwrap();
        let names = names(&components);
        for (named, component, _) in NAMED {
            assert!(components.contains_key(component), "{named}: openapi.json has no {component}");
        }
        for (name, description) in &names {
            let schema = schema(name, &components).unwrap_or_else(|| panic!("{name} has no schema"));
            assert_eq!(schema["$schema"], DIALECT);
            assert!(!schema.to_string().contains("#/components/"), "{name}");
            for target in references(&schema) {
                assert!(schema["$defs"].get(&target).is_some(), "{name} refers to {target}");
            }
            assert!(names.iter().filter(|(other, _)| other == name).count() == 1, "{name} is there twice");
            if own::NAMES.iter().any(|(own, _)| own == name) {
                assert!(!description.is_empty());
            }
        }
        assert!(schema("no-such-thing", &components).is_none());
    }

    #[test]
    fn what_commands_print_has_a_schema() {
        let names = names(&components().unwrap());
        for (schema, _) in printed::PRINTED {
            assert!(names.iter().any(|(name, _)| name == schema), "{schema}");
        }
    }

    #[test]
    fn names_are_in_kebab_case() {
        assert_eq!(kebab("FileVersion"), "file-version");
        assert_eq!(kebab("Page_Appeal"), "page-appeal");
    }
}
