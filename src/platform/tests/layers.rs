//! What Cargo cannot see inside this crate: which layer may use which, where SQL stands, and that no two files need each
//! other. Read from the source: imports, and paths written out in the code, relative ones too.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// A module: its path from the root of the crate.
type Module = Vec<String>;

/// The source of the crate without its tests.
struct Source {
    /// Files by module.
    files: BTreeMap<Module, String>,
    /// The module of each macro that is exported at the root of the crate.
    macros: BTreeMap<String, Module>,
}

/// A path as it is written, with the name it is known by where it is imported.
struct Written {
    segments: Vec<String>,
    imported_as: Option<String>,
}

impl Source {
    fn read() -> Source {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut files = BTreeMap::new();
        collect(root, root, &mut files);
        assert!(files.len() > 100, "the source was not read: {} files", files.len());
        let mut macros = BTreeMap::new();
        for (module, text) in &files {
            for part in text.split("#[macro_export]").skip(1) {
                let name = part.split("macro_rules!").nth(1).and_then(|rest| rest.split('{').next());
                macros.insert(name.expect("a macro").trim().to_owned(), module.clone());
            }
        }
        Source { files, macros }
    }

    /// What each file uses: the other files, with the path that names them.
    fn uses(&self) -> BTreeMap<&Module, BTreeMap<Module, String>> {
        self.files.iter().map(|(module, text)| (module, self.used_by(module, text))).collect()
    }

    fn used_by(&self, module: &Module, text: &str) -> BTreeMap<Module, String> {
        let mut used = BTreeMap::new();
        // Modules by the name under which they were imported.
        let mut known = BTreeMap::new();
        for Written { segments, imported_as } in paths(&tokens(text)) {
            let Some(path) = self.absolute(module, &segments, &known) else { continue };
            let target = match path.first().and_then(|name| self.macros.get(name)) {
                Some(exported) if path.len() == 1 => exported.clone(),
                _ => {
                    let depth = (0..=path.len()).rev().find(|n| self.files.contains_key(&path[..*n]));
                    path[..depth.unwrap_or_default()].to_vec()
                }
            };
            if let Some(name) = imported_as
                && self.files.contains_key(&path)
            {
                known.insert(name, path);
            }
            if target != *module {
                used.insert(target, segments.join("::"));
            }
        }
        used
    }

    /// The path from the root of the crate; none where it leads out of it, or names something of the file itself.
    fn absolute(
        &self,
        module: &Module,
        segments: &[String],
        known: &BTreeMap<String, Module>,
    ) -> Option<Module> {
        let (first, mut rest) = segments.split_first()?;
        let mut base = match first.as_str() {
            "crate" | "$crate" => Vec::new(),
            "self" => module.clone(),
            "super" => module[..module.len().checked_sub(1)?].to_vec(),
            name => {
                let child = [module.as_slice(), &[name.to_owned()]].concat();
                if self.files.contains_key(&child) { child } else { known.get(name)?.clone() }
            }
        };
        while let Some((first, after)) = rest.split_first().filter(|(first, _)| *first == "super") {
            assert_eq!(first, "super");
            base.pop()?;
            rest = after;
        }
        base.extend_from_slice(rest);
        Some(base)
    }
}

/// Reads the files of a folder. Files of tests are left out, and of the others what follows their first `#[cfg(test)]`.
fn collect(root: &Path, dir: &Path, files: &mut BTreeMap<Module, String>) {
    for entry in fs::read_dir(dir).expect("a readable folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        if name == "tests" {
            continue;
        }
        if path.is_dir() {
            collect(root, &path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let mut module: Module = dir
                .strip_prefix(root)
                .expect("below the root")
                .components()
                .map(|part| part.as_os_str().to_string_lossy().into_owned())
                .collect();
            if name != "mod" && name != "lib" {
                module.push(name);
            }
            let text = fs::read_to_string(&path).expect("a readable file");
            let code: String = text
                .split("\n#[cfg(test)]\nmod tests {")
                .next()
                .unwrap_or_default()
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"))
                .flat_map(|line| [line, "\n"])
                .collect();
            files.insert(module, code);
        }
    }
}

/// Names, `::`, and single characters.
fn tokens(code: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut chars = code.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '_' || c == '$' || c.is_alphanumeric() {
            let mut word = String::from(c);
            while let Some(c) = chars.next_if(|c| *c == '_' || c.is_alphanumeric()) {
                word.push(c);
            }
            tokens.push(word);
        } else if c == ':' && chars.next_if_eq(&':').is_some() {
            tokens.push("::".to_owned());
        } else if !c.is_whitespace() {
            tokens.push(c.to_string());
        }
    }
    tokens
}

fn is_name(token: &str) -> bool {
    token.starts_with(|c: char| c == '_' || c == '$' || c.is_alphabetic())
}

/// Every path of more than one segment, and every imported one.
fn paths(tokens: &[String]) -> Vec<Written> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if tokens[at] == "use" {
            at += 1;
            tree(tokens, &mut at, &[], &mut found);
        } else if is_name(&tokens[at]) {
            let mut segments = vec![tokens[at].clone()];
            at += 1;
            while at + 1 < tokens.len() && tokens[at] == "::" && is_name(&tokens[at + 1]) {
                segments.push(tokens[at + 1].clone());
                at += 2;
            }
            if segments.len() > 1 {
                found.push(Written { segments, imported_as: None });
            }
        } else {
            at += 1;
        }
    }
    found
}

/// The paths of one tree of imports, `at` its first token.
fn tree(tokens: &[String], at: &mut usize, before: &[String], found: &mut Vec<Written>) {
    let mut segments = before.to_vec();
    loop {
        let token = tokens[*at].as_str();
        *at += 1;
        match token {
            "{" => {
                while tokens[*at] != "}" {
                    tree(tokens, at, &segments, found);
                    if tokens[*at] == "," {
                        *at += 1;
                    }
                }
                *at += 1;
                return;
            }
            "*" => {
                found.push(Written { segments, imported_as: None });
                return;
            }
            "self" if !segments.is_empty() => {}
            name => segments.push(name.to_owned()),
        }
        match tokens[*at].as_str() {
            "::" => *at += 1,
            "as" => {
                let name = tokens[*at + 1].clone();
                *at += 2;
                found.push(Written { segments, imported_as: Some(name) });
                return;
            }
            _ => {
                let name = segments.last().cloned();
                found.push(Written { segments, imported_as: name });
                return;
            }
        }
    }
}

fn shown(module: &Module) -> String {
    if module.is_empty() { "lib.rs".to_owned() } else { module.join("/") }
}

/// The layers, the lowest first. Files of the lowest stand at the root of the crate.
const LAYERS: [(&str, u8); 13] = [
    ("allowances", 0),
    ("caller", 0),
    ("clock", 0),
    ("fault", 0),
    ("gateways", 0),
    ("metrics", 0),
    ("paper", 0),
    ("settings", 0),
    ("store", 1),
    ("seed", 2),
    ("app", 2),
    ("service", 3),
    ("restore", 4),
];

/// `http` and `jobs` stand beside one another on top, and only the crate's root above them.
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
    let source = Source::read();
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
fn only_the_store_speaks_to_the_database() {
    let source = Source::read();
    let mut outside = Vec::new();
    for (module, code) in &source.files {
        if module.first().is_some_and(|layer| layer == "store") {
            continue;
        }
        let tokens = tokens(code);
        for words in tokens.windows(4) {
            let [tx, dot, method, open] = words else { continue };
            let runs = ["run", "all", "first", "one", "each", "raw"].contains(&method.as_str());
            // The alias of its error is all that the rest of the platform knows of the driver.
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

#[test]
fn no_files_need_each_other() {
    let source = Source::read();
    let uses = source.uses();
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
    let circles: Vec<String> = left
        .iter()
        .flat_map(|module| uses[module].iter().map(move |(other, path)| (module, other, path)))
        .filter(|(_, other, _)| left.contains(other))
        .map(|(module, _, path)| format!("{} uses {path}", shown(module)))
        .collect();
    assert!(circles.is_empty(), "{}", circles.join("\n"));
}

#[test]
fn relative_and_nested_paths_are_read() {
    let tokens = tokens("pub use super::a::{self, b::{C, D}, e as f};\nlet x = f::g(crate::h::I);");
    let read: Vec<String> = paths(&tokens).iter().map(|path| path.segments.join("::")).collect();
    assert_eq!(read, ["super::a", "super::a::b::C", "super::a::b::D", "super::a::e", "f::g", "crate::h::I"]);
}
