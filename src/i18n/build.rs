//! Compresses the catalogues and the translations of the help, and writes the table of messages with their arguments, so
//! that the compiler can check every use of a message.

#![allow(clippy::expect_used, clippy::print_stdout, reason = "a build script reports to Cargo and may panic")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use flate2::Compression;
use flate2::write::ZlibEncoder;
use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement, VariantKey};

/// The arguments of a message by name; true for a count, which selects a plural form or a number.
type Arguments = BTreeMap<String, bool>;

fn main() {
    let locales = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("Cargo sets it")).join("locales");
    let out = PathBuf::from(env::var("OUT_DIR").expect("Cargo sets it"));
    println!("cargo::rerun-if-changed={}", locales.display());
    let mut messages = BTreeMap::new();
    for lang in ["en", "ru"] {
        let mut files: Vec<PathBuf> = fs::read_dir(locales.join(lang))
            .expect("the catalogues of a language")
            .map(|entry| entry.expect("a directory entry").path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "ftl"))
            .collect();
        files.sort();
        let mut texts = Vec::new();
        for file in files {
            println!("cargo::rerun-if-changed={}", file.display());
            texts.push(fs::read_to_string(&file).expect("a readable catalogue"));
            read(&file, &mut messages);
        }
        compress(&texts, &out.join(format!("{lang}.zlib")));
    }
    write_help(&locales.join("ru/help.po"), &out.join("help.ru.zlib"));
    add_arguments_of_hints(&mut messages);
    let mut generated = "pub(crate) static MESSAGES: &[(&str, &[(&str, bool)])] = &[\n".to_owned();
    for (id, arguments) in &messages {
        let arguments: Vec<_> = arguments.iter().collect();
        let _ = writeln!(generated, "    ({id:?}, &{arguments:?}),");
    }
    generated.push_str("];\npub(crate) static COUNTS: &[(&str, &str)] = &[\n");
    for (id, arguments) in &messages {
        for (name, _) in arguments.iter().filter(|(_, counts)| **counts) {
            let _ = writeln!(generated, "    ({id:?}, {name:?}),");
        }
    }
    generated.push_str("];\n");
    fs::write(out.join("messages.rs"), generated).expect("the tables can be written");
}

/// Writes the translations of the help, ordered by the English texts: each English text, then its translation.
fn write_help(file: &Path, to: &Path) {
    println!("cargo::rerun-if-changed={}", file.display());
    let catalogue = polib::po_file::parse(file).expect("a readable PO file");
    let mut entries = BTreeMap::new();
    for entry in catalogue.messages() {
        let text = entry.msgstr().expect("an entry without plural forms");
        assert!(!text.is_empty(), "no translation of: {}", entry.msgid());
        entries.insert(entry.msgid().to_owned(), text.to_owned());
    }
    let texts: Vec<String> = entries.into_iter().flat_map(|(english, text)| [english, text]).collect();
    compress(&texts, to);
}

/// Writes texts compressed, with NUL between them: they take a quarter of the space in the binary.
fn compress(texts: &[String], to: &Path) {
    let mut encoder = ZlibEncoder::new(fs::File::create(to).expect("a new file"), Compression::best());
    encoder.write_all(texts.join("\0").as_bytes()).expect("the texts can be written");
    encoder.finish().expect("the texts can be written");
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
