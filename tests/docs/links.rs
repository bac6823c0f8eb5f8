//! Links and anchors in the documentation are valid, and so are requirement ids in comments.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Collects files under a folder with one of these extensions, except build output and hidden folders.
fn files(folder: &Path, extensions: &[&str], found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        if path.is_dir() {
            if name != "target" && !name.starts_with('.') {
                files(&path, extensions, found);
            }
        } else if path.extension().is_some_and(|e| extensions.contains(&e.to_string_lossy().as_ref())) {
            found.push(path);
        }
    }
}

fn pages() -> Vec<PathBuf> {
    let mut found = Vec::new();
    files(&root(), &["md"], &mut found);
    assert!(found.len() > 5, "{found:?}");
    found
}

/// Returns the lines of a page outside code blocks.
fn prose(page: &Path) -> Vec<String> {
    let mut code = false;
    let text = fs::read_to_string(page).expect("a page");
    let lines = text.lines().filter(|line| {
        let fence = line.trim_start().starts_with("```");
        code ^= fence;
        !fence && !code
    });
    lines.map(str::to_owned).collect()
}

/// Returns the anchors of a page, generated from its headings as GitHub does.
fn anchors(page: &Path) -> BTreeSet<String> {
    let headings = prose(page).into_iter().filter(|line| line.starts_with('#'));
    headings.map(|line| anchor(line.trim_start_matches('#').trim())).collect()
}

fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

/// Returns the targets of the links in a line.
fn links(line: &str) -> Vec<&str> {
    line.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target).collect()
}

#[test]
fn the_map_names_every_folder_of_the_source() {
    let map = fs::read_to_string(root().join("docs/ARCHITECTURE.md")).expect("the map");
    let entries =
        fs::read_dir(root().join("src")).expect("the source").map(|entry| entry.expect("an entry").path());
    for folder in entries.filter(|path| path.is_dir()) {
        let name = folder.file_name().expect("a name").to_string_lossy().into_owned();
        assert!(map.contains(&format!("| `src/{name}` |")), "docs/ARCHITECTURE.md does not name src/{name}");
    }
}

#[test]
fn links_lead_somewhere() {
    let mut broken = Vec::new();
    let mut checked = 0;
    for page in pages() {
        for line in prose(&page) {
            for link in links(&line) {
                if link.contains("://") || link.starts_with("mailto:") {
                    continue;
                }
                checked += 1;
                let (path, wanted) = link.split_once('#').unwrap_or((link, ""));
                let target = match path {
                    "" => page.clone(),
                    path => page.parent().expect("a folder").join(path),
                };
                let there = target.exists() && (wanted.is_empty() || anchors(&target).contains(wanted));
                if !there {
                    broken.push(format!("{}: {link}", page.display()));
                }
            }
        }
    }
    assert!(checked > 20, "only {checked} links");
    assert!(broken.is_empty(), "broken links:\n{}", broken.join("\n"));
}

/// Returns the requirement ids in brackets: `(F6)`, `(P3, P4)`.
fn ids(text: &str) -> BTreeSet<String> {
    let inside = text.split('(').skip(1).filter_map(|rest| rest.split_once([')', '\n']));
    let words = inside.flat_map(|(inside, _)| inside.split([',', ' ', '–', ';']));
    words.filter(|word| is_id(word)).map(str::to_owned).collect()
}

fn is_id(word: &str) -> bool {
    let digits = word.strip_prefix(['P', 'F', 'T', 'S', 'C', 'D', 'N', 'O']).unwrap_or_default();
    let digits = digits.strip_suffix('a').unwrap_or(digits);
    (1..=2).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0')
}

/// Words in brackets that look like an id.
const NO_IDS: [&str; 1] = [
    // A JPEG marker.
    "C8",
];

#[test]
fn requirement_ids_in_comments_lead_somewhere() {
    let known = anchors(&root().join("docs/requirements.md"));
    let mut sources = Vec::new();
    for folder in ["src", "tests", "benches", "examples"] {
        files(&root().join(folder), &["rs", "sql", "ftl"], &mut sources);
    }
    let mut unknown = Vec::new();
    for source in sources {
        let text = fs::read_to_string(&source).expect("a source");
        let comments = text.lines().filter(|line| line.contains("//") || line.starts_with(['#', '-']));
        for id in comments.flat_map(ids) {
            if !known.contains(&id.to_lowercase()) && !NO_IDS.contains(&id.as_str()) {
                unknown.push(format!("{}: {id}", source.display()));
            }
        }
    }
    assert!(unknown.is_empty(), "ids that docs/requirements.md does not have:\n{}", unknown.join("\n"));
}

/// Tests of the helpers above.
#[test]
fn a_broken_link_would_be_noticed() {
    assert_eq!(anchor("F6"), "f6");
    assert_eq!(anchor("TLS and the proxy"), "tls-and-the-proxy");
    assert_eq!(anchor("The authority, reports, administration"), "the-authority-reports-administration");
    assert_eq!(anchor("Заявителям и организациям"), "заявителям-и-организациям");
    assert_eq!(links("see [a](b.md) and [c](d.md#e)"), ["b.md", "d.md#e"]);
    assert_eq!(ids("/// Kind (F1), codes (P3, P4), O1a (O1a), the C1 bytes (C0 and up)").len(), 4);
}
