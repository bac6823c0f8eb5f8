//! The layers of the platform: which may use which, and where SQL may be written.

use super::source::{Module, Source, shown, tokens};

/// The layers, lowest first. Files of the lowest layer are at the root of the crate.
const LAYERS: [(&str, u8); 17] = [
    ("allowances", 0),
    ("caller", 0),
    ("clock", 0),
    ("fault", 0),
    ("gateways", 0),
    ("health", 0),
    ("metrics", 0),
    ("pdf", 0),
    ("reach", 0),
    ("server", 0),
    ("settings", 0),
    ("store", 1),
    ("seed", 2),
    ("app", 2),
    ("service", 3),
    ("tasks", 3),
    ("restore", 4),
];

/// `http` and `jobs` are the top layers, side by side; only the root of the crate is above them.
fn layer(module: &Module) -> u8 {
    match module.first().map(String::as_str) {
        None => 6,
        Some("http" | "jobs") => 5,
        Some(name) => {
            let known = LAYERS.iter().find(|(layer, _)| *layer == name);
            known.unwrap_or_else(|| panic!("which layer is {name}?")).1
        }
    }
}

#[test]
fn no_layer_uses_one_above_it() {
    let source = Source::read("platform");
    let mut upward = Vec::new();
    for (module, used) in source.uses() {
        for (other, path) in used {
            let beside = layer(module) == layer(&other) && layer(module) > 0;
            if layer(module) < layer(&other) || beside && module.first() != other.first() {
                upward.push(format!("{} uses {path}", shown(module)));
            }
        }
    }
    assert!(upward.is_empty(), "{}", upward.join("\n"));
}

#[test]
fn only_the_store_uses_the_database() {
    let source = Source::read("platform");
    let mut outside = Vec::new();
    for (module, code) in &source.files {
        if module.first().is_some_and(|layer| layer == "store") {
            continue;
        }
        let tokens = tokens(code);
        for words in tokens.windows(4) {
            let [tx, dot, method, open] = words else { continue };
            let runs = ["run", "all", "first", "one", "each", "raw"].contains(&method.as_str());
            // The rest of the platform knows only the driver's error type, through an alias.
            let driver = tx == "sqlx" && *module != ["fault"];
            if tx == "tx" && dot == "." && runs && open == "(" || driver {
                outside.push(format!("{}: {}", shown(module), words.concat()));
            }
        }
        for line in code.lines().filter(|line| {
            ["\"SELECT ", "\"INSERT ", "\"UPDATE ", "\"DELETE ", "\"PRAGMA "]
                .iter()
                .any(|sql| line.contains(sql))
        }) {
            outside.push(format!("{}: {}", shown(module), line.trim()));
        }
    }
    assert!(outside.is_empty(), "{}", outside.join("\n"));
}
