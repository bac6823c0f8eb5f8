//! One appeal as written by users: the flags of `create`, a file for `--from`, a row of a batch. Names are those of the
//! flags; the JSON keys of an appeal are also accepted.

pub mod checks;
pub mod file;
pub mod template;
pub mod uploads;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

use appeal_api::NewAppeal;
use appeal_domain::*;

/// An appeal before it is filed. Only the form of single values has been checked; see [`checks`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Record {
    /// The values of [`FIELDS`] and `field.KEY`. An empty subject or text counts as given.
    pub content: Content,
    /// `text-file`: the file with the text.
    pub text_file: Option<PathBuf>,
    /// `attach`.
    pub attach: Vec<PathBuf>,
    /// `document.CODE`: files for the documents that the category requires.
    pub documents: Vec<(String, PathBuf)>,
    /// `template`: id of a template.
    pub template: Option<String>,
    /// `draft`.
    pub draft: bool,
    /// `strict`: warnings count as errors.
    pub strict: bool,
    /// `key`: the idempotency key.
    pub key: Option<String>,
}

/// Names in a record besides those of [`FIELDS`].
const OTHER_NAMES: [&str; 9] = [
    "field.KEY",
    "text-file",
    "attach",
    "document.CODE",
    "template",
    "draft",
    "strict",
    "key",
    "idempotency-key",
];

/// Returns all names of a record, for messages.
pub fn names() -> impl Iterator<Item = &'static str> {
    names_in(Field::edition())
}

/// Returns all names of a record in this edition of the fields.
fn names_in(edition: u32) -> impl Iterator<Item = &'static str> {
    FIELDS.iter().filter(move |field| field.since <= edition).map(|field| field.flag).chain(OTHER_NAMES)
}

/// Returns the field with this name: its flag, or its JSON name with dots between the parts of a group.
pub fn field(name: &str) -> Option<&'static Field> {
    let name = name.to_lowercase();
    let json = name.replace('-', "_");
    Field::of_flag(&name.replace('_', "-")).or_else(|| Field::named(&json)).or_else(|| {
        let (group, part) = json.split_once('.')?;
        (group == "contact").then(|| Field::named(&format!("contacts.{part}")))?
    })
}

/// Returns the JSON names of groups of values, such as `institution`.
pub fn groups() -> BTreeSet<&'static str> {
    FIELDS.iter().filter_map(|field| field.name.split_once('.')).map(|(group, _)| group).collect()
}

/// Returns the name that is most similar to a misspelled one, if any.
fn near(key: &str, names: impl Iterator<Item = &'static str>) -> Option<&'static str> {
    let key = key.trim().to_lowercase().replace('_', "-");
    let closest = names.map(|name| (strsim::levenshtein(&key, name), name)).min();
    closest.filter(|(distance, _)| *distance <= 2).map(|(_, name)| name)
}

/// Returns whether the name is unknown in this edition and not similar to any other.
pub fn is_foreign(name: &str, edition: u32) -> bool {
    !is_known(name, edition) && near(name, names_in(edition)).is_none()
}

/// Returns whether this edition has the name.
pub fn is_known(name: &str, edition: u32) -> bool {
    let key = name.trim().trim_start_matches('\u{feff}').to_lowercase().replace('_', "-");
    let group = key.split('.').next().unwrap_or_default();
    let is_later = match field(&key) {
        Some(field) => field.since > edition,
        None => groups().contains(group) && !is_group(group, edition),
    };
    Record::knows(name) && !is_later
}

/// Returns whether this edition has a group with this JSON name.
pub fn is_group(name: &str, edition: u32) -> bool {
    let since = |field: &&Field| field.since <= edition;
    FIELDS.iter().filter(since).filter_map(|field| field.name.split_once('.')).any(|(group, _)| group == name)
}

impl Record {
    /// Reads a record. Keys are flag names or JSON keys, `_` and `-` being the same; `fields`, `contacts`,
    /// `institution` and `documents` may be objects or dotted names; `attach` is a list, or paths separated by `|`.
    /// `null` and, but for subject and text, an empty value are the same as absent.
    ///
    /// # Errors
    /// Every unknown key, unknown word and value of a wrong type, with the key as the place.
    pub fn from_map(map: BTreeMap<String, Value>) -> Result<Record, Vec<Finding>> {
        let (record, findings) = Self::read(map);
        if findings.is_empty() { Ok(record) } else { Err(findings) }
    }

    /// Reads an invalid record: without the values that cannot be parsed, so that all other findings can be reported
    /// with them.
    pub fn read(map: BTreeMap<String, Value>) -> (Record, Vec<Finding>) {
        let mut reader = Reader::default();
        for (key, value) in map {
            reader.take(&key, value);
        }
        if reader.record.content.text.is_some() && reader.record.text_file.is_some() {
            reader.findings.push(Finding::error("record-two-texts", "text").at("text-file"));
        }
        (reader.record, reader.findings)
    }

    /// Returns whether a record may have this name.
    pub fn knows(name: &str) -> bool {
        let map = BTreeMap::from([(name.to_owned(), Value::String(String::new()))]);
        let unknown = |findings: Vec<Finding>| findings.iter().any(|f| f.code == "record-key-unknown");
        !Record::from_map(map).err().is_some_and(unknown)
    }

    /// Makes relative paths relative to `base`: paths in a file are relative to that file.
    pub fn resolve(&mut self, base: &Path) {
        let paths = self.attach.iter_mut().chain(self.documents.iter_mut().map(|(_, path)| path));
        for path in paths.chain(self.text_file.iter_mut()) {
            if path.is_relative() && path.as_os_str() != "-" {
                *path = base.join(&*path);
            }
        }
    }

    /// Merges two records: values of `over` take precedence; files and fields are combined.
    pub fn overlaid(self, over: Record) -> Record {
        let Self { mut content, mut text_file, mut attach, mut documents, template, draft, strict, key } =
            self;
        if over.content.text.is_some() || over.text_file.is_some() {
            content.text = None;
            text_file = over.text_file;
        }
        attach.extend(over.attach);
        documents.extend(over.documents);
        Self {
            content: content.overlaid(&over.content),
            text_file,
            attach,
            documents,
            template: over.template.or(template),
            draft: draft | over.draft,
            strict: strict | over.strict,
            key: over.key.or(key),
        }
    }

    /// Returns all files of the record, documents last, with the code of each document.
    pub fn files(&self) -> Vec<(PathBuf, Option<String>)> {
        let plain =
            self.attach.iter().filter(|path| !self.documents.iter().any(|(_, document)| document == *path));
        let plain = plain.map(|path| (path.clone(), None));
        plain.chain(self.documents.iter().map(|(code, path)| (path.clone(), Some(code.clone())))).collect()
    }

    /// Returns the request that files it, without the files: they are added after the upload.
    pub fn into_request(&self) -> NewAppeal {
        NewAppeal {
            draft: self.draft,
            strict: self.strict,
            ..NewAppeal::from(self.content.clone().without_blanks())
        }
    }

    /// Returns the record as a JSON object that [`Record::from_map`] reads back.
    pub fn to_json(&self) -> Value {
        let Self { content, text_file, attach, documents, template, draft, strict, key } = self;
        let path = |path: &PathBuf| path.to_string_lossy().into_owned();
        let mut map = serde_json::Map::new();
        for field in FIELDS {
            if let Some(value) = content.get(field) {
                map.insert(field.flag.replace('-', "_"), value.into());
            }
        }
        let others = [
            ("text_file", text_file.as_ref().map(path)),
            ("template", template.clone()),
            ("idempotency_key", key.clone()),
        ];
        for (name, value) in others {
            map.extend(value.map(|value| (name.to_owned(), value.into())));
        }
        if !content.fields.is_empty() {
            map.insert("fields".into(), content.fields.clone().into_iter().collect());
        }
        if !attach.is_empty() {
            map.insert("attach".into(), attach.iter().map(path).collect());
        }
        if !documents.is_empty() {
            let documents =
                documents.iter().map(|(code, file)| serde_json::json!({ code: path(file) })).collect();
            map.insert("documents".into(), documents);
        }
        for (name, set) in [("draft", draft), ("strict", strict)] {
            if *set {
                map.insert(name.into(), true.into());
            }
        }
        Value::Object(map)
    }
}

/// Reads keys one by one and collects the findings.
#[derive(Default)]
struct Reader {
    record: Record,
    findings: Vec<Finding>,
}

impl Reader {
    fn wrong(&mut self, code: &'static str, key: &str) -> &mut Finding {
        self.findings.push(Finding::error(code, key).at(key).arg("key", key));
        let last = self.findings.len() - 1;
        &mut self.findings[last]
    }

    fn take(&mut self, key: &str, value: Value) {
        if value.is_null() {
            return;
        }
        // The name before the dot is fixed; the rest is a key chosen by the user.
        let (head, tail) = match key.split_once('.') {
            Some((head, tail)) => (head, Some(tail)),
            None => (key, None),
        };
        let name = head.trim().trim_start_matches('\u{feff}').to_lowercase().replace('_', "-");
        match (name.as_str(), tail) {
            ("field" | "fields", Some(field)) => self.field(key, field, value),
            ("field" | "fields", None) => {
                self.nested(key, value, |this, place, inner, value| this.field(place, inner, value))
            }
            ("document" | "documents", Some(code)) => self.document(key, code, value),
            ("document" | "documents", None) => self.documents(key, value),
            (group, Some(part)) if group == "contact" || groups().contains(group) => {
                self.scalar(key, &format!("{group}.{part}"), value)
            }
            (group, None) if group == "contact" || groups().contains(group) => {
                let group = group.to_owned();
                self.nested(key, value, |this, place, part, value| {
                    this.scalar(place, &format!("{group}.{part}"), value);
                });
            }
            ("attach" | "attachments", None) => self.attach(key, value),
            ("draft", None) => self.record.draft = self.truth(key, value),
            ("strict", None) => self.record.strict = self.truth(key, value),
            (name, None) => self.scalar(key, name, value),
            (_, Some(_)) => self.unknown(key),
        }
    }

    fn unknown(&mut self, key: &str) {
        let near = near(key, names());
        let finding = self.wrong("record-key-unknown", key);
        finding
            .args
            .insert("known", near.map_or_else(|| names().collect::<Vec<_>>().join(", "), str::to_owned));
    }

    fn text(&mut self, key: &str, value: Value) -> Option<String> {
        match value {
            Value::String(text) => Some(text),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(truth) => Some(truth.to_string()),
            Value::Null => None,
            Value::Array(_) | Value::Object(_) => {
                self.wrong("record-value-type", key);
                None
            }
        }
    }

    fn field(&mut self, key: &str, field: &str, value: Value) {
        if let Some(text) = self.text(key, value).filter(|text| !text.is_empty()) {
            self.record.content.fields.insert(field.trim().to_owned(), text);
        }
    }

    fn document(&mut self, key: &str, code: &str, value: Value) {
        match value {
            Value::Array(paths) => {
                for path in paths {
                    self.document(key, code, path);
                }
            }
            value => {
                if let Some(text) = self.text(key, value) {
                    let paths = text.split('|').map(str::trim).filter(|path| !path.is_empty());
                    self.record
                        .documents
                        .extend(paths.map(|path| (code.trim().to_owned(), PathBuf::from(path))));
                }
            }
        }
    }

    /// Reads an object of codes and paths, or a list of such objects.
    fn documents(&mut self, key: &str, value: Value) {
        match value {
            Value::Array(items) => {
                for item in items {
                    self.documents(key, item);
                }
            }
            value => self.nested(key, value, |this, place, code, value| this.document(place, code, value)),
        }
    }

    fn nested(&mut self, key: &str, value: Value, mut each: impl FnMut(&mut Self, &str, &str, Value)) {
        match value {
            Value::Object(map) => {
                for (inner, value) in map {
                    each(self, &format!("{key}.{inner}"), &inner, value);
                }
            }
            Value::String(text) if text.is_empty() => {}
            _ => {
                self.wrong("record-value-type", key);
            }
        }
    }

    fn attach(&mut self, key: &str, value: Value) {
        match value {
            Value::Array(items) => {
                for item in items {
                    match item {
                        Value::Object(file) => self.file(key, &file),
                        item => {
                            if let Some(path) = self.text(key, item) {
                                self.record.attach.push(PathBuf::from(path));
                            }
                        }
                    }
                }
            }
            value => {
                if let Some(text) = self.text(key, value) {
                    let paths = text.split('|').map(str::trim).filter(|path| !path.is_empty());
                    self.record.attach.extend(paths.map(PathBuf::from));
                }
            }
        }
    }

    /// Returns the path of a file in a request or a card: its `path`, or else its name.
    fn file(&mut self, key: &str, file: &serde_json::Map<String, Value>) {
        let text = |name: &str| file.get(name).and_then(Value::as_str);
        let Some(path) = text("path").or_else(|| text("name")) else {
            self.wrong("record-value-type", key);
            return;
        };
        match text("document") {
            Some(code) => self.record.documents.push((code.to_owned(), PathBuf::from(path))),
            None => self.record.attach.push(PathBuf::from(path)),
        }
    }

    fn truth(&mut self, key: &str, value: Value) -> bool {
        let text = self.text(key, value).unwrap_or_default();
        match text.trim().to_lowercase().as_str() {
            "true" | "yes" | "1" | "да" => true,
            "false" | "no" | "0" | "" | "нет" => false,
            _ => {
                self.wrong("record-value-type", key);
                false
            }
        }
    }

    fn scalar(&mut self, key: &str, name: &str, value: Value) {
        let field = field(name);
        if field.is_none() && !OTHER_NAMES.contains(&name) {
            return self.unknown(key);
        }
        let Some(text) = self.text(key, value) else { return };
        if let Some(field) = field {
            return self.value(key, field, text);
        }
        if text.trim().is_empty() {
            return;
        }
        match name {
            "text-file" => self.record.text_file = Some(PathBuf::from(text)),
            "template" => self.record.template = Some(text.trim().to_owned()),
            "key" | "idempotency-key" => match crate::cli::args::values::key(text.trim()) {
                Ok(found) => self.record.key = Some(found),
                Err(_) => {
                    self.wrong("record-key-form", key);
                }
            },
            _ => self.unknown(key),
        }
    }

    fn value(&mut self, key: &str, field: &Field, text: String) {
        // An empty subject or text counts as given, so that the writing rules report it.
        if text.trim().is_empty() && !matches!(field.form, Form::Subject | Form::Body) {
            return;
        }
        let text = match field.form {
            Form::Time => match fixed_time(&text) {
                Ok(time) => time,
                Err(why) => {
                    let code = match why {
                        NoTime::Unreadable => "record-time",
                        NoTime::Relative => "record-time-relative",
                    };
                    self.wrong(code, key).args.insert("given", text);
                    return;
                }
            },
            Form::Code | Form::Inn | Form::Organization | Form::Email | Form::Phone => text.trim().to_owned(),
            _ => text,
        };
        if let Err(unreadable) = self.record.content.set(field, &text) {
            self.findings.push(unreadable.finding(key));
        }
    }
}

/// Why a text in a record is no time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoTime {
    Unreadable,
    /// It would mean another day when the record is read again, as by a batch that is resumed.
    Relative,
}

/// Converts a time in a record to the form of the API. A time without an offset stays local.
///
/// # Errors
/// It is no time, or one that depends on the current one.
pub fn fixed_time(text: &str) -> Result<String, NoTime> {
    let when = When::read(text).ok_or(NoTime::Unreadable)?;
    if when.is_relative() {
        return Err(NoTime::Relative);
    }
    at_rest(&when, text, Timestamp::UNIX_EPOCH, &TimeZone::UTC).ok_or(NoTime::Unreadable)
}

/// Converts a time as typed by a person now. `yesterday` becomes a date.
pub fn typed_time(text: &str, now: Timestamp, zone: &TimeZone) -> Option<String> {
    at_rest(&When::read(text)?, text, now, zone)
}

fn at_rest(when: &When, text: &str, now: Timestamp, zone: &TimeZone) -> Option<String> {
    match when {
        // As it is written, with its own offset.
        When::At(_) => Some(text.trim().to_owned()),
        _ => when.fixed(now, zone).ok(),
    }
}

#[cfg(test)]
mod tests;
