//! One appeal as people write it down: the flags of `create`, a file for `--from`, a row of a batch. The names are
//! those of the flags; the JSON keys of an appeal are accepted beside them.

pub mod checks;
pub mod file;
pub mod template;
pub mod uploads;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::cli::base::durations::{self, When};
use appeal_api::{Contacts, Institution, NewAppeal};
use appeal_domain::*;

/// What is known of an appeal before it is filed. Nothing is checked beyond the form of single values; see
/// [`checks`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Record {
    /// `subject`.
    pub subject: Option<String>,
    /// `text`, as given.
    pub text: Option<String>,
    /// `text-file`: where the text is read from instead.
    pub text_file: Option<PathBuf>,
    /// `kind`.
    pub kind: Option<Kind>,
    /// `category`: a code.
    pub category: Option<String>,
    /// `priority`.
    pub priority: Option<Priority>,
    /// `region`.
    pub region: Option<String>,
    /// `service`: a name or a URL.
    pub service: Option<String>,
    /// `application`: number of the related application.
    pub application: Option<String>,
    /// `occurred`: a date or a time.
    pub occurred: Option<String>,
    /// `expected`.
    pub expected: Option<String>,
    /// `steps`.
    pub steps: Option<String>,
    /// `actual`.
    pub actual: Option<String>,
    /// `institution-name`.
    pub institution_name: Option<String>,
    /// `institution-inn`.
    pub institution_inn: Option<String>,
    /// `institution-address`.
    pub institution_address: Option<String>,
    /// `field.KEY`.
    pub fields: BTreeMap<String, String>,
    /// `contact-email`.
    pub contact_email: Option<String>,
    /// `contact-phone`.
    pub contact_phone: Option<String>,
    /// `contact-preferred`.
    pub contact_preferred: Option<ContactWay>,
    /// `organization`: its INN.
    pub organization: Option<String>,
    /// `attach`.
    pub attach: Vec<PathBuf>,
    /// `document.CODE`: files that are documents the category asks for.
    pub documents: Vec<(String, PathBuf)>,
    /// `template`: id of the template it starts from.
    pub template: Option<String>,
    /// `draft`.
    pub draft: bool,
    /// `strict`: warnings count as errors.
    pub strict: bool,
    /// `key`: the idempotency key it is filed under.
    pub key: Option<String>,
}

/// The names a record may have, for messages.
pub const NAMES: [&str; 28] = [
    "subject",
    "text",
    "text-file",
    "kind",
    "category",
    "priority",
    "region",
    "service",
    "application",
    "occurred",
    "expected",
    "steps",
    "actual",
    "institution-name",
    "institution-inn",
    "institution-address",
    "field.KEY",
    "contact-email",
    "contact-phone",
    "contact-preferred",
    "organization",
    "attach",
    "document.CODE",
    "template",
    "draft",
    "strict",
    "key",
    "idempotency-key",
];

/// The name that somebody who wrote this may have meant.
fn near(key: &str) -> Option<&'static str> {
    let key = key.trim().to_lowercase().replace('_', "-");
    let closest = NAMES.iter().map(|name| (distance(&key, name), *name)).min();
    closest.filter(|(distance, _)| *distance <= 2).map(|(_, name)| name)
}

impl Record {
    /// Reads a record. Keys are flag names or JSON keys, `_` and `-` being the same; `fields`, `contacts`,
    /// `institution` and `documents` may be objects or dotted names; `attach` is a list, or paths separated by `|`.
    /// `null` and, but for subject and text, an empty value are the same as absent.
    ///
    /// # Errors
    /// Every unknown key, unknown word and value of a wrong type, each with the key as its place.
    pub fn from_map(map: BTreeMap<String, Value>) -> Result<Record, Vec<Finding>> {
        let (record, findings) = Self::read(map);
        if findings.is_empty() { Ok(record) } else { Err(findings) }
    }

    /// The same where something is wrong with it: the record without the values that cannot be understood, so that what
    /// else is wrong can be told with them.
    pub fn read(map: BTreeMap<String, Value>) -> (Record, Vec<Finding>) {
        let mut reader = Reader::default();
        for (key, value) in map {
            reader.take(&key, value);
        }
        if reader.record.text.is_some() && reader.record.text_file.is_some() {
            reader.findings.push(Finding::error("record-two-texts", "text").at("text-file"));
        }
        (reader.record, reader.findings)
    }

    /// True for a name that is nobody's, and too far from every name to be a slip.
    pub fn is_foreign(name: &str) -> bool {
        !Self::knows(name) && near(name).is_none()
    }

    /// True for a name that a record may have.
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

    /// The same, with every value that `over` has instead of its own; files and fields of both.
    pub fn overlaid(mut self, over: Record) -> Record {
        macro_rules! take {
            ($($field:ident),+) => { $(if over.$field.is_some() { self.$field = over.$field; })+ };
        }
        if over.text.is_some() || over.text_file.is_some() {
            self.text = None;
            self.text_file = None;
        }
        take!(
            subject,
            text,
            text_file,
            kind,
            category,
            priority,
            region,
            service,
            application,
            occurred,
            expected,
            steps,
            actual,
            institution_name,
            institution_inn,
            institution_address,
            contact_email,
            contact_phone,
            contact_preferred,
            organization,
            template,
            key
        );
        self.fields.extend(over.fields);
        self.attach.extend(over.attach);
        self.documents.extend(over.documents);
        self.draft |= over.draft;
        self.strict |= over.strict;
        self
    }

    /// Every file it names, those for documents last, and the code of the document each is.
    pub fn files(&self) -> Vec<(PathBuf, Option<String>)> {
        let plain =
            self.attach.iter().filter(|path| !self.documents.iter().any(|(_, document)| document == *path));
        let plain = plain.map(|path| (path.clone(), None));
        plain.chain(self.documents.iter().map(|(code, path)| (path.clone(), Some(code.clone())))).collect()
    }

    /// The request that files it; its files, which go up first, are named in it afterwards.
    pub fn into_request(&self) -> NewAppeal {
        let some = |value: &Option<String>| value.clone().filter(|text| !text.is_empty());
        let institution = Institution {
            name: some(&self.institution_name),
            inn: some(&self.institution_inn),
            address: some(&self.institution_address),
        };
        let contacts = Contacts {
            email: some(&self.contact_email),
            phone: some(&self.contact_phone),
            preferred: self.contact_preferred,
        };
        NewAppeal {
            subject: self.subject.clone().unwrap_or_default(),
            text: self.text.clone().unwrap_or_default(),
            kind: self.kind,
            category: some(&self.category),
            priority: self.priority,
            region: some(&self.region),
            service: some(&self.service),
            application: some(&self.application),
            occurred_at: some(&self.occurred),
            expected: some(&self.expected),
            steps: some(&self.steps),
            actual: some(&self.actual),
            institution: Some(institution).filter(|i| *i != Institution::default()),
            fields: self.fields.clone(),
            contacts: Some(contacts).filter(|c| *c != Contacts::default()),
            organization: some(&self.organization),
            attachments: Vec::new(),
            draft: self.draft,
            strict: self.strict,
        }
    }

    /// The record as a JSON object that [`Record::from_map`] reads back.
    pub fn to_json(&self) -> Value {
        let mut map = serde_json::Map::new();
        let mut put = |name: &str, value: Option<String>| {
            if let Some(value) = value {
                map.insert(name.to_owned(), Value::String(value));
            }
        };
        let path = |path: &PathBuf| path.to_string_lossy().into_owned();
        put("subject", self.subject.clone());
        put("text", self.text.clone());
        put("text_file", self.text_file.as_ref().map(path));
        put("kind", self.kind.map(|w| w.to_string()));
        put("category", self.category.clone());
        put("priority", self.priority.map(|w| w.to_string()));
        put("region", self.region.clone());
        put("service", self.service.clone());
        put("application", self.application.clone());
        put("occurred_at", self.occurred.clone());
        put("expected", self.expected.clone());
        put("steps", self.steps.clone());
        put("actual", self.actual.clone());
        put("institution_name", self.institution_name.clone());
        put("institution_inn", self.institution_inn.clone());
        put("institution_address", self.institution_address.clone());
        put("contact_email", self.contact_email.clone());
        put("contact_phone", self.contact_phone.clone());
        put("contact_preferred", self.contact_preferred.map(|w| w.to_string()));
        put("organization", self.organization.clone());
        put("template", self.template.clone());
        put("idempotency_key", self.key.clone());
        if !self.fields.is_empty() {
            map.insert("fields".into(), self.fields.iter().map(|(k, v)| (k.clone(), v.clone())).collect());
        }
        if !self.attach.is_empty() {
            map.insert("attach".into(), self.attach.iter().map(path).collect());
        }
        if !self.documents.is_empty() {
            let documents =
                self.documents.iter().map(|(code, file)| serde_json::json!({ code: path(file) })).collect();
            map.insert("documents".into(), documents);
        }
        if self.draft {
            map.insert("draft".into(), true.into());
        }
        if self.strict {
            map.insert("strict".into(), true.into());
        }
        Value::Object(map)
    }
}

/// Reads keys one by one and keeps what is wrong with them.
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
        // Only the name before a dot is ours; what follows is somebody's own key.
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
            ("contacts" | "contact", Some(part)) => self.scalar(key, &format!("contact-{part}"), value),
            ("contacts" | "contact", None) => self.nested(key, value, |this, place, inner, value| {
                this.scalar(place, &format!("contact-{inner}"), value);
            }),
            ("institution", Some(part)) => self.scalar(key, &format!("institution-{part}"), value),
            ("institution", None) => self.nested(key, value, |this, place, inner, value| {
                this.scalar(place, &format!("institution-{inner}"), value);
            }),
            ("attach" | "attachments", None) => self.attach(key, value),
            ("draft", None) => self.record.draft = self.truth(key, value),
            ("strict", None) => self.record.strict = self.truth(key, value),
            (name, None) => self.scalar(key, name, value),
            (_, Some(_)) => self.unknown(key),
        }
    }

    fn unknown(&mut self, key: &str) {
        let near = near(key);
        let finding = self.wrong("record-key-unknown", key);
        finding.args.insert("known", near.map_or_else(|| NAMES.join(", "), str::to_owned));
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
            self.record.fields.insert(field.trim().to_owned(), text);
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

    /// An object of codes and paths, or a list of such objects.
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

    /// A file as requests and cards name it: it is looked for under its name, unless there is a path.
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

    fn word<W: crate::cli::args::values::Word>(&mut self, key: &str, text: &str) -> Option<W> {
        match text.parse::<W>() {
            Ok(word) => Some(word),
            Err(unknown) => {
                let finding = self.wrong("record-word-unknown", key);
                finding.args.insert("given", unknown.given);
                finding.args.insert("known", unknown.allowed.join(", "));
                None
            }
        }
    }

    fn scalar(&mut self, key: &str, name: &str, value: Value) {
        let name = name.to_lowercase().replace('_', "-");
        let known = NAMES.contains(&name.as_str()) || name == "occurred-at";
        if !known {
            return self.unknown(key);
        }
        let Some(text) = self.text(key, value) else { return };
        // Subject and text are judged by the writing rules even when empty.
        match name.as_str() {
            "subject" => self.record.subject = Some(text),
            "text" => self.record.text = Some(text),
            _ if text.trim().is_empty() => {}
            "text-file" => self.record.text_file = Some(PathBuf::from(text)),
            "kind" => self.record.kind = self.word(key, &text),
            "category" => self.record.category = Some(text.trim().to_owned()),
            "priority" => self.record.priority = self.word(key, &text),
            "region" => self.record.region = Some(text),
            "service" => self.record.service = Some(text),
            "application" => self.record.application = Some(text),
            "occurred" | "occurred-at" => match moment(&text) {
                Some(moment) => self.record.occurred = Some(moment),
                None => {
                    self.wrong("record-time", key).args.insert("given", text);
                }
            },
            "expected" => self.record.expected = Some(text),
            "steps" => self.record.steps = Some(text),
            "actual" => self.record.actual = Some(text),
            "institution-name" => self.record.institution_name = Some(text),
            "institution-inn" => self.record.institution_inn = Some(text.trim().to_owned()),
            "institution-address" => self.record.institution_address = Some(text),
            "contact-email" => self.record.contact_email = Some(text.trim().to_owned()),
            "contact-phone" => self.record.contact_phone = Some(text.trim().to_owned()),
            "contact-preferred" => self.record.contact_preferred = self.word(key, &text),
            "organization" => self.record.organization = Some(text.trim().to_owned()),
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
}

/// A date or time as the platform takes it, in what people write: ISO 8601 with or without a time and an offset, or
/// `31.12.2026` with or without `14:30`. What has no offset stays as it is: it is local to the applicant.
pub fn moment(text: &str) -> Option<String> {
    let text = text.trim();
    if let Some(iso) = russian_date(text) {
        return moment(&iso);
    }
    match durations::when(text).ok()? {
        When::Date(date) => Some(date.to_string()),
        When::Local(local) => Some(local.to_string()),
        When::At(_) => Some(text.to_owned()),
        // A span depends on when it is read; a record may be read again.
        When::Span(_) => None,
    }
}

/// `31.12.2026` or `31.12.2026 14:30` in the order of ISO 8601.
fn russian_date(text: &str) -> Option<String> {
    let (date, time) = text.split_once(' ').map_or((text, None), |(date, time)| (date, Some(time.trim())));
    let mut parts = date.split('.');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    let digits = |s: &str, n: usize| s.len() == n && s.bytes().all(|b| b.is_ascii_digit());
    if parts.next().is_some() || !digits(day, 2) || !digits(month, 2) || !digits(year, 4) {
        return None;
    }
    Some(match time {
        Some(time) => format!("{year}-{month}-{day}T{time}"),
        None => format!("{year}-{month}-{day}"),
    })
}

/// How many single edits apart two names are (Levenshtein).
pub fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = corner + usize::from(x != *y);
            corner = row[j + 1];
            row[j + 1] = replaced.min(corner + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests;
