//! No two files of a crate use each other, directly or through others: each can be read and changed without the other.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::source::{Module, Source, shown};

/// Every crate, by its folder below `src`; the first is the tool itself.
const CRATES: [&str; 7] = ["", "api", "client", "domain", "files", "i18n", "platform"];

/// The crates in which a `mod.rs` or `lib.rs` may not use what it contains if that uses it in turn. In the others the
/// two count as one file: the parent declares what its children share.
const STRICT: [&str; 5] = ["api", "domain", "files", "i18n", "platform"];

/// The imports by which files of a crate use each other, directly or through others.
fn circles(root: &str) -> Vec<String> {
    let source = Source::read(root);
    let mut uses = source.uses();
    if !STRICT.contains(&root) {
        for (module, used) in &mut uses {
            used.retain(|other, _| !module.starts_with(other) && !other.starts_with(module));
        }
    }
    // What uses nothing that is left stands alone; what cannot be taken away in this order is in a circle.
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
