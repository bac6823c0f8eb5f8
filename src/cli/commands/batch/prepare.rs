//! From a row to a request that is ready to be sent, every check behind it.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::attached::{FileCache, FiledRow, stamp};
use super::blank::is_blank;
use super::journal::{Filed, Stamp};
use super::keys::{self, Key, Keys};
use super::letter::Letter;
use super::read::Row;
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
    /// The request, but for its files.
    pub request: NewAppeal,
    /// Its files, with the codes of the documents they are.
    pub files: Vec<(Checked, Option<String>)>,
    /// The same files as the journal has them.
    pub stamps: Vec<Stamp>,
    /// What the checks found and let pass.
    pub warnings: Vec<Finding>,
}

/// A row that lacks only the checks that take their time: they need nothing but the row, so many can be checked at once.
#[derive(Debug)]
pub struct Unchecked {
    record: Record,
    findings: Vec<Finding>,
    against: Arc<Against>,
    strict: bool,
    files: Arc<FileCache>,
}

impl Unchecked {
    /// Its writing, its requisites, its files. Blocking: files are read.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn check(self) -> Result<Box<Ready>, Vec<Finding>> {
        let Self { record, mut findings, against, strict, files } = self;
        let outcome = checks::check_with(&record, &against, |path, policy| files.check(path, policy));
        let fails = outcome.fails(strict || record.strict);
        findings.extend(outcome.findings);
        if fails || findings.iter().any(Finding::is_error) {
            return Err(findings);
        }
        // Warnings were looked for here, by the platform's own rules. The request does not ask for it again: its bytes
        // are what the row's key stands for, and must not change with a flag when an answer was lost.
        let request = record.into_request();
        let stamps = outcome.files.iter().map(|(file, _)| stamp(file)).collect();
        Ok(Box::new(Ready { request, files: outcome.files, stamps, warnings: findings }))
    }
}

/// Checks rows, one after another. Made anew for every reading of the file.
pub struct Preparer<'a> {
    client: &'a Client,
    base: PathBuf,
    strict: bool,
    letter: Option<Letter>,
    keys: Keys,
    /// What records are checked against: asked for once.
    against: Option<Arc<Against>>,
    /// Templates by their ids; none for one that is not there.
    templates: HashMap<String, Option<Template>>,
    /// Files that were looked at, by this reading or the one before.
    files: Arc<FileCache>,
}

impl<'a> Preparer<'a> {
    /// One that checks by the rules of this platform.
    pub fn new(client: &'a Client, base: PathBuf, strict: bool, letter: Option<Letter>) -> Self {
        Self {
            client,
            base,
            strict,
            letter,
            keys: Keys::default(),
            against: None,
            templates: HashMap::new(),
            files: Arc::default(),
        }
    }

    /// Starts at the first row again; what the platform said is kept.
    pub fn again(&mut self) {
        self.keys = Keys::default();
    }

    /// True for a column that is there for the templates alone.
    pub fn names(&self, column: &str) -> bool {
        self.letter.as_ref().is_some_and(|letter| letter.names(column))
    }

    /// The key of the next row, which is taken out of its values.
    pub fn key(&mut self, row: &mut Row) -> Key {
        let own = keys::take(&mut row.values);
        let mut key = self.keys.of(row.row, own, &row.values);
        if let Some(letter) = &self.letter {
            // The row is known by its own content; what it was made into is a part of what was filed.
            key.digest = keys::digest_with(&key.digest, letter.source());
        }
        key
    }

    /// What has to be known of a row that was filed before to tell whether its files are the same.
    pub fn filed(&self, row: Row, filed: Filed) -> FiledRow {
        FiledRow { values: row.values, base: self.base.clone(), filed, files: self.files.clone() }
    }

    /// Makes a record of a row, as far as the platform or other rows have a say in it.
    ///
    /// # Errors
    /// The platform is not reached, or a fault of this machine: not the row's. What is wrong with the row is the inner
    /// one.
    pub async fn begin(&mut self, row: Row, key: &Key) -> Result<Result<Unchecked, Vec<Finding>>, Failure> {
        let mut values = row.values;
        if let Some(letter) = &self.letter
            && let Err(found) = letter.fill(&mut values)
        {
            return Ok(Err(found));
        }
        let mut findings = Vec::new();
        if let Some(first) = key.twice {
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

    /// Puts in what the record only names: its text file, its template.
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

    /// Fills a record from its template. A cell cannot be absent, so a blank subject or text is the template's.
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

    /// What records are checked against, asked for once.
    async fn against(&mut self) -> Result<Arc<Against>, Failure> {
        if let Some(against) = &self.against {
            return Ok(against.clone());
        }
        let against = Arc::new(Against::own(self.client).await?);
        self.against = Some(against.clone());
        Ok(against)
    }
}
