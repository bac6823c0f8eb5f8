//! No two files of a crate use each other, directly or through others, so that each can be read and changed on its own.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::source::{Module, Source, shown};

/// All crates, by their folders under `src`; the first is the tool itself.
const CRATES: [&str; 7] = ["", "api", "client", "domain", "files", "i18n", "platform"];

/// Crates in which a `mod.rs` or `lib.rs` may not use a submodule that uses it in turn. In the others the two count as
/// one file, because the parent declares what its children share.
const STRICT: [&str; 5] = ["api", "domain", "files", "i18n", "platform"];

/// Returns the imports that form circles among the files of a crate.
fn circles(root: &str) -> Vec<String> {
    let source = Source::read(root);
    let mut uses = source.uses();
    if !STRICT.contains(&root) {
        for (module, used) in &mut uses {
            used.retain(|other, _| !module.starts_with(other) && !other.starts_with(module));
        }
    }
    // A module that uses none of the remaining ones is in no circle; what cannot be removed in this order is in one.
    let mut left: BTreeSet<&Module> = uses.keys().copied().collect();
    loop {
        let free: Vec<&Module> = left
            .iter()
            .copied()
            .filter(|module| {
                let uses_one = uses[module].keys().any(|other| left.contains(other));
                let is_used = left.iter().any(|other| uses[other].contains_key(*module));
                !uses_one || !is_used
            })
            .collect();
        if free.is_empty() {
            break;
        }
        for module in free {
            left.remove(module);
        }
    }
    left.iter()
        .flat_map(|module| uses[module].iter().map(move |(other, path)| (module, other, path)))
        .filter(|(_, other, _)| left.contains(other))
        .map(|(module, _, path)| {
            format!("{}: {} uses {path}", Path::new("src").join(root).display(), shown(module))
        })
        .collect()
}

#[test]
fn no_files_use_each_other() {
    let found: Vec<String> = CRATES.into_iter().flat_map(circles).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_crate_is_read() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found: Vec<String> = vec![String::new()];
    for entry in fs::read_dir(src).unwrap() {
        let path = entry.unwrap().path();
        if path.join("Cargo.toml").exists() {
            found.push(path.file_name().unwrap().to_str().unwrap().to_owned());
        }
    }
    found.sort();
    assert_eq!(found, CRATES);
}
