//! Writes the list of catalogue files, the translations of the help, and the table of messages with their arguments, so
//! that the compiler can check every use of a message.

#![allow(clippy::expect_used, clippy::print_stdout, reason = "a build script reports to Cargo and may panic")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement, VariantKey};

/// The arguments of a message by name; true for a count, which selects a plural form or a number.
type Arguments = BTreeMap<String, bool>;

fn main() {
    let locales = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("Cargo sets it")).join("locales");
    println!("cargo::rerun-if-changed={}", locales.display());
    let mut generated = String::new();
    let mut messages = BTreeMap::new();
    for lang in ["en", "ru"] {
        let mut files: Vec<PathBuf> = fs::read_dir(locales.join(lang))
            .expect("the catalogues of a language")
            .map(|entry| entry.expect("a directory entry").path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "ftl"))
            .collect();
        files.sort();
        let _ = writeln!(generated, "pub(crate) static {}: &[&str] = &[", lang.to_uppercase());
        for file in files {
            println!("cargo::rerun-if-changed={}", file.display());
            let _ = writeln!(generated, "    include_str!({:?}),", file.display().to_string());
            read(&file, &mut messages);
        }
        generated.push_str("];\n");
    }
    write_help(&locales.join("ru/help.po"), &mut generated);
    add_arguments_of_hints(&mut messages);
    generated.push_str("pub(crate) static MESSAGES: &[(&str, &[(&str, bool)])] = &[\n");
    for (id, arguments) in &messages {
        let arguments: Vec<_> = arguments.iter().collect();
        let _ = writeln!(generated, "    ({id:?}, &{arguments:?}),");
    }
    generated.push_str("];\n");
    let out = PathBuf::from(env::var("OUT_DIR").expect("Cargo sets it")).join("catalogues.rs");
    fs::write(out, generated).expect("the table can be written");
}

/// Writes the translations of the help, ordered by the English texts.
fn write_help(file: &Path, generated: &mut String) {
    println!("cargo::rerun-if-changed={}", file.display());
    let catalogue = polib::po_file::parse(file).expect("a readable PO file");
    let mut entries = BTreeMap::new();
    for entry in catalogue.messages() {
        let text = entry.msgstr().expect("an entry without plural forms");
        assert!(!text.is_empty(), "no translation of: {}", entry.msgid());
        entries.insert(entry.msgid(), text);
    }
    generated.push_str("pub(crate) static HELP_RU: &[(&str, &str)] = &[\n");
    for (english, text) in entries {
        let _ = writeln!(generated, "    ({english:?}, {text:?}),");
    }
    generated.push_str("];\n");
}

/// A message is shown with its hint (`Message::hint`), so it also takes the arguments of `<id>-hint`.
fn add_arguments_of_hints(messages: &mut BTreeMap<String, Arguments>) {
    let hints: Vec<_> = messages
        .iter()
        .filter_map(|(id, arguments)| Some((id.strip_suffix("-hint")?.to_owned(), arguments.clone())))
        .collect();
    for (id, arguments) in hints {
        if let Some(message) = messages.get_mut(&id) {
            for (name, counts) in arguments {
                *message.entry(name).or_default() |= counts;
            }
        }
    }
}

fn read(file: &Path, messages: &mut BTreeMap<String, Arguments>) {
    let source = fs::read_to_string(file).expect("a readable catalogue");
    let resource = fluent_syntax::parser::parse(source.as_str())
        .unwrap_or_else(|(_, errors)| panic!("{}: {errors:?}", file.display()));
    for entry in resource.body {
        let Entry::Message(message) = entry else { continue };
        let arguments = messages.entry(message.id.name.to_owned()).or_default();
        let attributes = message.attributes.iter().map(|attribute| &attribute.value);
        for pattern in message.value.iter().chain(attributes) {
            read_pattern(pattern, arguments);
        }
    }
}

fn read_pattern(pattern: &Pattern<&str>, arguments: &mut Arguments) {
    for element in &pattern.elements {
        if let PatternElement::Placeable { expression } = element {
            read_expression(expression, arguments);
        }
    }
}

fn read_expression(expression: &Expression<&str>, arguments: &mut Arguments) {
    match expression {
        Expression::Inline(inline) => read_inline(inline, false, arguments),
        Expression::Select { selector, variants } => {
            let counts = variants.iter().any(|variant| match variant.key {
                VariantKey::Identifier { name } => matches!(name, "zero" | "one" | "two" | "few" | "many"),
                VariantKey::NumberLiteral { .. } => true,
            });
            read_inline(selector, counts, arguments);
            for variant in variants {
                read_pattern(&variant.value, arguments);
            }
        }
    }
}

fn read_inline(inline: &InlineExpression<&str>, counts: bool, arguments: &mut Arguments) {
    match inline {
        InlineExpression::VariableReference { id } => {
            *arguments.entry(id.name.to_owned()).or_default() |= counts
        }
        InlineExpression::Placeable { expression } => read_expression(expression, arguments),
        InlineExpression::FunctionReference { arguments: given, .. } => {
            for argument in &given.positional {
                read_inline(argument, counts, arguments);
            }
        }
        InlineExpression::MessageReference { .. } | InlineExpression::TermReference { .. } => {
            panic!("a reference to another message or term: this script does not follow it")
        }
        InlineExpression::StringLiteral { .. } | InlineExpression::NumberLiteral { .. } => {}
    }
}
