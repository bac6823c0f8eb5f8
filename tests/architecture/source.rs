//! Determines which file of a crate uses which other one, from imports and from paths in the code, including relative
//! ones.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// A module: its path from the root of the crate.
pub type Module = Vec<String>;

/// The source of a crate without its tests.
pub struct Source {
    /// Files by module.
    pub files: BTreeMap<Module, String>,
    /// The module of each macro exported at the root of the crate.
    macros: BTreeMap<String, Module>,
    /// The names that a module imports, with their paths from the root of the crate. Other modules may use them through
    /// it.
    imports: BTreeMap<Module, BTreeMap<String, Vec<String>>>,
}

/// A path as written, with the name under which it is imported.
struct Written {
    segments: Vec<String>,
    imported_as: Option<String>,
}

impl Source {
    /// Reads the crate at `root`, a path under `src`; the empty path is the tool itself.
    pub fn read(root: &str) -> Source {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(root);
        let mut files = BTreeMap::new();
        collect(&root, &root, &mut files);
        assert!(files.contains_key([].as_slice()), "{} has no lib.rs", root.display());
        let mut macros = BTreeMap::new();
        for (module, text) in &files {
            for part in text.split("#[macro_export]").skip(1) {
                let name = part.split("macro_rules!").nth(1).and_then(|rest| rest.split('{').next());
                macros.insert(name.expect("a macro").trim().to_owned(), module.clone());
            }
        }
        let mut source = Source { files, macros, imports: BTreeMap::new() };
        source.imports = source
            .files
            .iter()
            .map(|(module, text)| (module.clone(), source.imported(module, text)))
            .collect();
        source
    }

    /// Returns the other files that each file uses, with the path that refers to them.
    pub fn uses(&self) -> BTreeMap<&Module, BTreeMap<Module, String>> {
        self.files.iter().map(|(module, text)| (module, self.used_by(module, text))).collect()
    }

    fn imported(&self, module: &Module, text: &str) -> BTreeMap<String, Vec<String>> {
        let mut imports = BTreeMap::new();
        for Written { segments, imported_as } in paths(&tokens(text)) {
            if let Some(name) = imported_as
                && let Some(path) = self.absolute(module, &segments, &imports)
            {
                imports.insert(name, path);
            }
        }
        imports
    }

    fn used_by(&self, module: &Module, text: &str) -> BTreeMap<Module, String> {
        let mut used = BTreeMap::new();
        for Written { segments, .. } in paths(&tokens(text)) {
            let Some(path) = self.absolute(module, &segments, &self.imports[module]) else { continue };
            let target = self.defining(path);
            if target != *module {
                used.insert(target, segments.join("::"));
            }
        }
        used
    }

    /// Returns the module that defines a path, as opposed to one that only imports it.
    fn defining(&self, mut path: Vec<String>) -> Module {
        // Chains of imports are short; a longer one is circular.
        for _ in 0..8 {
            if let [name] = path.as_slice()
                && let Some(module) = self.macros.get(name)
            {
                return module.clone();
            }
            let depth = (0..=path.len()).rev().find(|n| self.files.contains_key(&path[..*n]));
            let (module, rest) = path.split_at(depth.unwrap_or_default());
            let imported = rest.split_first().and_then(|(name, after)| {
                let path = self.imports.get(module)?.get(name)?;
                Some([path.as_slice(), after].concat())
            });
            match imported {
                Some(imported) => path = imported,
                None => return module.to_vec(),
            }
        }
        let depth = (0..=path.len()).rev().find(|n| self.files.contains_key(&path[..*n]));
        path[..depth.unwrap_or_default()].to_vec()
    }

    /// Returns the path from the root of the crate; `None` if it leads out of the crate or to the file itself.
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

/// Reads the files of a folder. Skips test files, and everything after the first `#[cfg(test)]` of other files.
fn collect(root: &Path, dir: &Path, files: &mut BTreeMap<Module, String>) {
    for entry in fs::read_dir(dir).expect("a readable folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        if name == "tests" {
            continue;
        }
        if path.is_dir() {
            // A nested crate is read separately.
            if !path.join("Cargo.toml").exists() {
                collect(root, &path, files);
            }
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

/// Splits code into names, `::`, and single characters.
pub fn tokens(code: &str) -> Vec<String> {
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

/// Returns every path of more than one segment, and every imported one.
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

/// Reads the paths of an import tree that starts at token `at`.
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

/// Formats the path of a module from the root of its crate.
pub fn shown(module: &Module) -> String {
    if module.is_empty() { "lib.rs".to_owned() } else { module.join("/") }
}

#[test]
fn relative_and_nested_paths_are_read() {
    let tokens = tokens("pub use super::a::{self, b::{C, D}, e as f};\nlet x = f::g(crate::h::I);");
    let read: Vec<String> = paths(&tokens).iter().map(|path| path.segments.join("::")).collect();
    assert_eq!(read, ["super::a", "super::a::b::C", "super::a::b::D", "super::a::e", "f::g", "crate::h::I"]);
}
