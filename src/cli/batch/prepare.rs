//! From a row to a request that is ready to be sent, every check behind it.

use std::collections::HashMap;
use std::path::PathBuf;

use super::keys::{self, Key, Keys};
use super::read::Row;
use crate::api::{FileRef, NewAppeal};
use crate::cli::Failure;
use crate::cli::checks::{self, Rules};
use crate::cli::record::Record;
use crate::cli::texts;
use crate::client::{self, Client};
use crate::domain::Finding;
use crate::files::Checked;

/// An appeal that can be filed.
#[derive(Debug)]
pub struct Ready {
    /// The request, but for its files.
    pub request: NewAppeal,
    /// Its files, with the codes of the documents they are.
    pub files: Vec<(Checked, Option<String>)>,
    /// What the checks found and let pass.
    pub warnings: Vec<Finding>,
}

/// A row, checked.
#[derive(Debug)]
pub struct Prepared {
    /// Its key in the journal.
    pub key: Key,
    /// The request, or what is wrong.
    pub outcome: Result<Box<Ready>, Vec<Finding>>,
}

/// Checks rows, one after another. Made anew for every reading of the file.
pub struct Preparer<'a> {
    client: &'a Client,
    base: PathBuf,
    strict: bool,
    keys: Keys,
    /// What records are checked against, by category: asked for once.
    rules: HashMap<Option<String>, Rules>,
}

impl<'a> Preparer<'a> {
    /// One that checks by the rules of this platform.
    pub fn new(client: &'a Client, base: PathBuf, strict: bool) -> Self {
        Self { client, base, strict, keys: Keys::default(), rules: HashMap::new() }
    }

    /// Starts at the first row again; what the platform said is kept.
    pub fn again(&mut self) {
        self.keys = Keys::default();
    }

    /// Checks a row completely.
    ///
    /// # Errors
    /// The platform is not reached, or a fault of this machine: not the row's.
    pub async fn prepare(&mut self, row: Row) -> Result<Prepared, Failure> {
        let Row { row, mut values, .. } = row;
        let own = keys::take(&mut values);
        let key = self.keys.of(row, own, &values);
        let mut findings = Vec::new();
        if let Some(first) = key.twice {
            findings.push(Finding::error("batch-key-twice", "key").arg("key", &key.key).arg("row", first));
        }
        let record = match Record::from_map(values) {
            Ok(record) => record,
            Err(found) => {
                findings.extend(found);
                return Ok(Prepared { key, outcome: Err(findings) });
            }
        };
        let outcome = match self.complete(record).await? {
            Ok(record) => self.check(record, findings).await?,
            Err(found) => {
                findings.extend(found);
                Err(findings)
            }
        };
        Ok(Prepared { key, outcome })
    }

    /// Puts in what the record only names: its text file, its template.
    async fn complete(&self, mut record: Record) -> Result<Result<Record, Vec<Finding>>, Failure> {
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
                Ok(text) => record.text = Some(text),
                Err(error) => return Ok(Err(wrong(error))),
            }
        }
        Ok(Ok(record))
    }

    async fn check(
        &mut self,
        record: Record,
        mut findings: Vec<Finding>,
    ) -> Result<Result<Box<Ready>, Vec<Finding>>, Failure> {
        let category = record.category.clone().filter(|code| !code.is_empty());
        if !self.rules.contains_key(&category) {
            let rules = Rules::of(self.client, category.as_deref()).await?;
            self.rules.insert(category.clone(), rules);
        }
        let Some(rules) = self.rules.get(&category) else { return Ok(Err(findings)) };
        let outcome = checks::check(&record, rules).await?;
        let fails = outcome.fails(self.strict);
        findings.extend(outcome.findings);
        // The platform was asked, so a category without rules is one that it does not have.
        if let Some(code) = &category
            && rules.category.is_none()
            && !findings.iter().any(|finding| finding.code == "category-unknown")
        {
            findings.push(Finding::error("category-unknown", "category").arg("given", code));
        }
        if fails || findings.iter().any(Finding::is_error) {
            return Ok(Err(findings));
        }
        let mut request = record.into_request();
        request.strict = self.strict;
        Ok(Ok(Box::new(Ready { request, files: outcome.files, warnings: findings })))
    }
}

impl Ready {
    /// Uploads the files and files the appeal, under this idempotency key.
    ///
    /// # Errors
    /// As the client says.
    pub async fn file(&self, client: &Client, key: &str) -> client::Result<crate::api::Appeal> {
        let checked: Vec<Checked> = self.files.iter().map(|(file, _)| file.clone()).collect();
        let references = client.upload_all(&checked, &|_| {}).await?;
        let attachments = references
            .into_iter()
            .zip(&self.files)
            .map(|(reference, (_, document))| FileRef { document: document.clone(), ..reference })
            .collect();
        let request = NewAppeal { attachments, ..self.request.clone() };
        client.create(&request, key).await
    }
}
