//! From a row to a request that is ready to be sent, every check behind it.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::path::PathBuf;

use super::keys::{self, Key, Keys};
use super::letter::Letter;
use super::read::Row;
use crate::api::{NewAppeal, Template};
use crate::cli::Failure;
use crate::cli::checks::{self, Rules};
use crate::cli::record::Record;
use crate::cli::template;
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
    letter: Option<Letter>,
    keys: Keys,
    /// What records are checked against, by category: asked for once.
    rules: HashMap<Option<String>, Rules>,
    /// Templates by their ids; none for one that is not there.
    templates: HashMap<String, Option<Template>>,
}

impl<'a> Preparer<'a> {
    /// One that checks by the rules of this platform.
    ///
    /// # Errors
    /// The folder for temporary files cannot be used.
    pub fn new(
        client: &'a Client,
        base: PathBuf,
        strict: bool,
        letter: Option<Letter>,
    ) -> Result<Self, Failure> {
        let keys = Keys::new()?;
        Ok(Self { client, base, strict, letter, keys, rules: HashMap::new(), templates: HashMap::new() })
    }

    /// Starts at the first row again; what the platform said is kept.
    ///
    /// # Errors
    /// As [`Preparer::new`].
    pub fn again(&mut self) -> Result<(), Failure> {
        self.keys = Keys::new()?;
        Ok(())
    }

    /// True for a column that is there for the templates alone.
    pub fn names(&self, column: &str) -> bool {
        self.letter.as_ref().is_some_and(|letter| letter.names(column))
    }

    /// Checks a row completely.
    ///
    /// # Errors
    /// The platform is not reached, or a fault of this machine: not the row's.
    pub async fn prepare(&mut self, row: Row) -> Result<Prepared, Failure> {
        let Row { row, mut values, .. } = row;
        let own = keys::take(&mut values);
        let mut key = self.keys.of(row, own, &values)?;
        let mut findings = Vec::new();
        if let Some(letter) = &self.letter {
            // The row is known by its own content; what it was made into is a part of what was filed.
            key.digest = keys::digest_with(&key.digest, letter.source());
            if let Err(found) = letter.fill(&mut values) {
                return Ok(Prepared { key, outcome: Err(found) });
            }
        }
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
                Ok(text) => record.text = Some(text),
                Err(error) => return Ok(Err(wrong(error))),
            }
        }
        match record.template.take().filter(|id| !id.is_empty()) {
            Some(id) => self.filled(record, id).await,
            None => Ok(Ok(record)),
        }
    }

    /// Fills a record from its template. A cell cannot be absent, so an empty subject or text is the template's.
    async fn filled(
        &mut self,
        mut record: Record,
        id: String,
    ) -> Result<Result<Record, Vec<Finding>>, Failure> {
        if !self.templates.contains_key(&id) {
            let found = match self.client.template(&id).await {
                Ok(template) => Some(template),
                Err(client::Error::Problem(problem)) if problem.status == 404 => None,
                Err(error) => return Err(error.into()),
            };
            self.templates.insert(id.clone(), found);
        }
        let Some(Some(template)) = self.templates.get(&id) else {
            return Ok(Err(vec![Finding::error("batch-template", "template").arg("id", id)]));
        };
        record.subject = record.subject.filter(|subject| !subject.is_empty());
        record.text = record.text.filter(|text| !text.is_empty());
        let code = record.category.clone().unwrap_or_else(|| template.category.clone());
        let rules = Self::rules_of(&mut self.rules, self.client, Some(code)).await?;
        let asked: Vec<String> = rules
            .category
            .iter()
            .flat_map(|category| &category.fields)
            .map(|field| field.key.clone())
            .collect();
        Ok(template::fill(template, &mut record, &asked).map(|()| record))
    }

    /// The rules of a category, asked for once.
    async fn rules_of<'r>(
        known: &'r mut HashMap<Option<String>, Rules>,
        client: &Client,
        category: Option<String>,
    ) -> Result<&'r Rules, Failure> {
        Ok(match known.entry(category) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => {
                let rules = Rules::of(client, entry.key().as_deref()).await?;
                entry.insert(rules)
            }
        })
    }

    async fn check(
        &mut self,
        record: Record,
        mut findings: Vec<Finding>,
    ) -> Result<Result<Box<Ready>, Vec<Finding>>, Failure> {
        let category = record.category.clone().filter(|code| !code.is_empty());
        let rules = Self::rules_of(&mut self.rules, self.client, category).await?;
        let outcome = checks::check(&record, rules).await?;
        let fails = outcome.fails(self.strict);
        findings.extend(outcome.findings);
        if fails || findings.iter().any(Finding::is_error) {
            return Ok(Err(findings));
        }
        let mut request = record.into_request();
        request.strict = self.strict;
        Ok(Ok(Box::new(Ready { request, files: outcome.files, warnings: findings })))
    }
}
