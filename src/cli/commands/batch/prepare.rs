//! Turns a row into a checked request.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::blank::is_blank;
use super::file_cache::{FileCache, FiledRow, stamp};
use super::journal::{FileStamp, Filed};
use super::keys::{self, Key, Keys};
use super::row::Row;
use super::template::RowTemplates;
use crate::cli::args::texts;
use crate::cli::base::Failure;
use crate::cli::record::Record;
use crate::cli::record::checks::{self, Against};
use crate::cli::record::template;
use appeal_api::{NewAppeal, Template};
use appeal_client::Client;
use appeal_domain::Finding;
use appeal_files::Checked;

/// An appeal that can be filed.
#[derive(Debug)]
pub struct Ready {
    /// The request without its files.
    pub request: NewAppeal,
    /// Its files, with their document codes.
    pub files: Vec<(Checked, Option<String>)>,
    /// What the journal records about the files.
    pub stamps: Vec<FileStamp>,
    /// Warnings.
    pub warnings: Vec<Finding>,
}

/// A row before the slow checks. They need nothing else, so many rows can be checked in parallel.
#[derive(Debug)]
pub struct Unchecked {
    record: Record,
    findings: Vec<Finding>,
    against: Arc<Against>,
    strict: bool,
    files: Arc<FileCache>,
}

impl Unchecked {
    /// Checks the text, the requisites and the files. Blocking: reads files.
    ///
    /// # Errors
    /// All findings.
    pub fn check(self) -> Result<Box<Ready>, Vec<Finding>> {
        let Self { record, mut findings, against, strict, files } = self;
        let outcome = checks::check_with(&record, &against, |path, policy| files.check(path, policy));
        let fails = outcome.fails(strict || record.strict);
        findings.extend(outcome.findings);
        if fails || findings.iter().any(Finding::is_error) {
            return Err(findings);
        }
        // The warnings were found here, by the platform's own rules, so the request does not set `strict`. If an answer
        // was lost, the request must be the same again, whatever flags the next run has.
        let request = record.into_request();
        let stamps = outcome.files.iter().map(|(file, _)| stamp(file)).collect();
        Ok(Box::new(Ready { request, files: outcome.files, stamps, warnings: findings }))
    }
}

/// Checks rows one after another. Reset for every pass over the file.
pub struct Preparer<'a> {
    client: &'a Client,
    base: PathBuf,
    strict: bool,
    row_templates: Option<RowTemplates>,
    /// The edition of the fields by which columns are read.
    edition: u32,
    keys: Keys,
    /// The rules for records, fetched once.
    against: Option<Arc<Against>>,
    /// Saved templates by id; `None` for one that does not exist.
    templates: HashMap<String, Option<Template>>,
    /// File checks of this pass and the one before.
    files: Arc<FileCache>,
}

impl<'a> Preparer<'a> {
    /// Creates a preparer with the rules of this platform, which reads columns by this edition.
    pub fn new(
        client: &'a Client,
        base: PathBuf,
        strict: bool,
        row_templates: Option<RowTemplates>,
        edition: u32,
    ) -> Self {
        Self {
            client,
            base,
            strict,
            row_templates,
            edition,
            keys: Keys::new(edition),
            against: None,
            templates: HashMap::new(),
            files: Arc::default(),
        }
    }

    /// Starts again at the first row. Responses of the platform are kept.
    pub fn restart(&mut self) {
        self.keys = Keys::new(self.edition);
    }

    /// True for a column that only the templates use.
    pub fn is_template_column(&self, column: &str) -> bool {
        self.row_templates.as_ref().is_some_and(|templates| templates.is_column(column, self.edition))
    }

    /// Returns the key of the next row and removes it from the values.
    pub fn key(&mut self, row: &mut Row) -> Key {
        let own = keys::take_own(&mut row.values);
        let mut key = self.keys.of(row.row, own, &row.values);
        if let Some(templates) = &self.row_templates {
            // The key depends on the values only; the templates are part of the content.
            key.digest = keys::digest_with(&key.digest, templates.sources());
        }
        key
    }

    /// A filed row, ready to compare its files.
    pub fn filed(&self, row: Row, filed: Filed) -> FiledRow {
        FiledRow { values: row.values, base: self.base.clone(), filed, files: self.files.clone() }
    }

    /// Turns a row into a record and runs the checks that need the platform or earlier rows.
    ///
    /// # Errors
    /// The platform is unreachable, or an error on this machine. The inner error lists the findings of the row.
    pub async fn begin(&mut self, row: Row, key: &Key) -> Result<Result<Unchecked, Vec<Finding>>, Failure> {
        let mut values = row.values;
        if let Some(templates) = &self.row_templates
            && let Err(found) = templates.fill(&mut values, self.edition)
        {
            return Ok(Err(found));
        }
        let mut findings = Vec::new();
        if let Some(first) = key.duplicate_of {
            findings.push(Finding::error("batch-key-twice", "key").arg("key", &key.key).arg("row", first));
        }
        let (record, found) = Record::read(values);
        findings.extend(found);
        Ok(match self.complete(record).await? {
            Ok(record) => {
                let against = self.against().await?;
                Ok(Unchecked { record, findings, against, strict: self.strict, files: self.files.clone() })
            }
            Err(found) => {
                findings.extend(found);
                Err(findings)
            }
        })
    }

    /// Reads the text file and the saved template that a record names.
    async fn complete(&mut self, mut record: Record) -> Result<Result<Record, Vec<Finding>>, Failure> {
        record.resolve(&self.base);
        if let Some(path) = record.text_file.take() {
            let place = path.display().to_string();
            let wrong = |error: String| {
                vec![Finding::error("batch-text-file", "text").at(place.clone()).arg("error", error)]
            };
            if path.as_os_str() == "-" {
                return Ok(Err(wrong("-".to_owned())));
            }
            let read = match tokio::task::spawn_blocking(move || std::fs::read(&path)).await {
                Ok(read) => read,
                Err(error) => return Err(std::io::Error::other(error).into()),
            };
            match read
                .map_err(|error| error.to_string())
                .and_then(|bytes| texts::checked(bytes, &place).map_err(|failure| failure.message))
            {
                Ok(text) => record.content.text = Some(text),
                Err(error) => return Ok(Err(wrong(error))),
            }
        }
        match record.template.take().filter(|id| !is_blank(id)) {
            Some(id) => self.filled(record, id).await,
            None => Ok(Ok(record)),
        }
    }

    /// Fills a record from a saved template. A table cannot omit a cell, so a blank subject or text is taken from the
    /// template.
    async fn filled(
        &mut self,
        mut record: Record,
        id: String,
    ) -> Result<Result<Record, Vec<Finding>>, Failure> {
        if !self.templates.contains_key(&id) {
            let found = match self.client.template(&id).await {
                Ok(template) => Some(template.into_known()),
                Err(appeal_client::Error::Problem(problem)) if problem.status == 404 => None,
                Err(error) => return Err(error.into()),
            };
            self.templates.insert(id.clone(), found);
        }
        let against = self.against().await?;
        let Some(Some(template)) = self.templates.get(&id) else {
            return Ok(Err(vec![Finding::error("batch-template", "template").arg("id", id)]));
        };
        record.content.subject = record.content.subject.filter(|subject| !is_blank(subject));
        record.content.text = record.content.text.filter(|text| !is_blank(text));
        let code = record.content.category.clone().unwrap_or_else(|| template.category.clone());
        let category = against.rules.category(&code).into_iter();
        let asked: Vec<String> =
            category.flat_map(|category| &category.fields).map(|field| field.key.clone()).collect();
        Ok(template::fill(template, &mut record, &asked).map(|()| record))
    }

    /// Returns the rules for records, fetched once.
    async fn against(&mut self) -> Result<Arc<Against>, Failure> {
        if let Some(against) = &self.against {
            return Ok(against.clone());
        }
        let against = Arc::new(Against::own(self.client).await?);
        self.against = Some(against.clone());
        Ok(against)
    }
}
