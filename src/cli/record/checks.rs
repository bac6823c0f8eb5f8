//! All checks of a record before it is sent: writing, requisites, files, and the requirements of its category. All
//! findings are reported together.

use std::path::{Path, PathBuf};

use crate::cli::base::Failure;
use crate::cli::record::Record;
use crate::cli::record::uploads::examined;
use appeal_api::{ApiFinding, FileRef};
use appeal_client::{Client, Dated};
use appeal_domain::*;
use appeal_files::Checked;
use jiff::{SignedDuration, Timestamp};

/// The rules that a record is checked by.
#[derive(Debug, Clone, Default)]
pub struct Against {
    /// The rules, published or built in.
    pub rules: Rules,
    /// Default values from the account, if known.
    pub profile: Option<AccountDefaults>,
    /// How far the platform's clock is ahead of the one of this machine.
    ahead: SignedDuration,
}

impl From<Rules> for Against {
    fn from(rules: Rules) -> Self {
        Self { rules, ..Self::default() }
    }
}

impl Against {
    /// Returns the rules that a platform publishes, and the defaults of the account of the signed-in person.
    ///
    /// # Errors
    /// The platform is not reached, or the person is not signed in.
    pub async fn own(client: &Client) -> Result<Self, appeal_client::Error> {
        let (against, me) = tokio::try_join!(Self::others(client), client.me())?;
        let organizations = me.organizations.iter().map(|organization| organization.inn.as_str());
        let profile =
            AccountDefaults::of(me.role.clone(), me.contacts.known(), organizations, me.region.clone());
        Ok(Self { profile: Some(profile), ..against })
    }

    /// The same for the appeal of another person, whose account is not known.
    ///
    /// # Errors
    /// The platform is not reached.
    pub async fn others(client: &Client) -> Result<Self, appeal_client::Error> {
        let Dated { value: rules, date } = published(client).await?;
        let ahead = date.map(|date| date.duration_since(Timestamp::now())).unwrap_or_default();
        Ok(Self { rules, profile: None, ahead })
    }

    /// Returns the current time, by the platform's clock if known.
    pub fn now(&self) -> Timestamp {
        let now = Timestamp::now();
        now.checked_add(self.ahead).unwrap_or(now)
    }

    /// Returns the limits on files.
    fn policy(&self, record: &Record) -> AttachmentPolicy {
        self.rules.attachments_of(record.content.category.as_deref())
    }
}

async fn published(client: &Client) -> Result<Dated<Rules>, appeal_client::Error> {
    match client.rules().await {
        // Platforms of version 0.1 only publish their categories.
        Err(appeal_client::Error::Problem(problem)) if problem.status == 404 => {
            let categories = client.categories().await?.into_iter();
            let categories = categories.map(|category| category.into_known().into()).collect();
            Ok(Dated { value: Rules { categories: Some(categories), ..Rules::default() }, date: None })
        }
        outcome => outcome,
    }
}

/// The result of the checks.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// All findings, errors first.
    pub findings: Vec<Finding>,
    /// The valid files, each with its document code.
    pub files: Vec<(Checked, Option<String>)>,
}

impl Outcome {
    /// Returns whether the record may not be filed; in `strict` mode, a warning is enough.
    pub fn fails(&self, strict: bool) -> bool {
        self.findings.iter().any(|finding| strict || finding.is_error())
    }

    /// Returns the findings with their messages.
    pub fn described(&self, lang: appeal_i18n::Lang) -> Vec<ApiFinding> {
        appeal_i18n::findings(lang, &self.findings)
    }

    /// Returns the references to the files as they will be after the upload.
    pub fn references(&self) -> Vec<FileRef> {
        self.files
            .iter()
            .map(|(file, document)| FileRef {
                sha256: file.sha256.clone(),
                name: file.name.clone(),
                document: document.clone(),
            })
            .collect()
    }
}

/// Checks a record completely, by the built-in rules.
///
/// # Errors
/// An error on this machine; the outcome has what is wrong with the record.
pub async fn check(record: &Record) -> Result<Outcome, Failure> {
    let against = Against::default();
    let files = files_of(record, against.policy(record)).await?;
    Ok(judge(record, &against, files))
}

/// Checks a record; `look` checks a file, or returns an earlier result. Blocking: reads files.
pub fn check_with(
    record: &Record,
    against: &Against,
    look: impl Fn(&Path, &AttachmentPolicy) -> Result<Checked, Vec<Finding>>,
) -> Outcome {
    let paths: Vec<PathBuf> = record.files().into_iter().map(|(path, _)| path).collect();
    let files = if paths.is_empty() {
        Default::default()
    } else {
        appeal_files::check_all_by(&paths, &against.policy(record), look)
    };
    judge(record, against, files)
}

/// How long to wait for further findings of the platform.
const MORE_FINDINGS: std::time::Duration = std::time::Duration::from_secs(3);

/// Checks a record by the platform's rules: the user's own appeal, or one registered for another person. If the
/// built-in rules already find errors, the platform is asked for further findings only for a limited time: a missing
/// file can be reported without a connection.
///
/// # Errors
/// The platform cannot be reached, and the local checks found nothing.
pub async fn examine(client: &Client, record: &Record, own: bool) -> Result<Outcome, Failure> {
    let policy = Against::default().policy(record);
    let files = files_of(record, policy.clone()).await?;
    let here = judge(record, &Against::default(), files.clone());
    let against = async { if own { Against::own(client).await } else { Against::others(client).await } };
    let against = if here.fails(record.strict) {
        match tokio::time::timeout(MORE_FINDINGS, against).await {
            Ok(Ok(against)) => against,
            Ok(Err(_)) | Err(_) => return Ok(here),
        }
    } else {
        against.await?
    };
    let files = if against.policy(record) == policy {
        files
    } else {
        files_of(record, against.policy(record)).await?
    };
    Ok(judge(record, &against, files))
}

/// Returns the valid files of a record, and the findings about the others.
async fn files_of(
    record: &Record,
    policy: AttachmentPolicy,
) -> Result<(Vec<Checked>, Vec<Finding>), Failure> {
    examined(record.files().into_iter().map(|(path, _)| path).collect(), policy).await
}

fn judge(record: &Record, against: &Against, (sound, about_files): (Vec<Checked>, Vec<Finding>)) -> Outcome {
    let mut findings = in_words(record, against);
    findings.extend(about_files);
    findings.sort_by_key(|finding| !finding.is_error());
    let mut wanted = record.files();
    let files = sound
        .into_iter()
        .map(|file| {
            // One file may serve as several documents: each use of its path is taken once.
            let at = wanted.iter().position(|(path, _)| *path == file.path);
            let document = at.and_then(|at| wanted.remove(at).1);
            (file, document)
        })
        .collect();
    Outcome { findings, files }
}

/// Checks everything but the files, as the platform does.
fn in_words(record: &Record, against: &Against) -> Vec<Finding> {
    let content = record.content.clone().without_blanks();
    let content = match &against.profile {
        Some(profile) => profile.complete(content),
        None => content,
    };
    let place = |path: &PathBuf| Some(path.display().to_string());
    let documents: Vec<Given<'_>> =
        record.documents.iter().map(|(code, path)| Given { code, at: place(path) }).collect();
    let examined = Examined {
        content: &content,
        knows_account: against.profile.is_some(),
        documents: &documents,
        draft: record.draft,
    };
    appeal_domain::examine(&examined, &against.rules, against.now())
}

/// Sets the field that the category requires.
pub fn set(record: &mut Record, key: &str, value: String) {
    match Field::asked(key) {
        // A value that is not in the vocabulary stays among the fields of the category, and the user is asked for it.
        Some(field) if record.content.set(field, &value).is_ok() => {}
        _ => {
            record.content.fields.insert(key.to_owned(), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn category() -> CategoryRules {
        let title = |text: &str| Titles { en: text.into(), ru: text.into() };
        CategoryRules {
            code: "housing".into(),
            documents: vec![DocumentSpec { code: "bill".into(), title: title("Bill"), required: true }],
            fields: vec![
                FieldSpec { key: "meter".into(), title: title("Meter"), required: true },
                FieldSpec { key: "occurred_at".into(), title: title("When"), required: true },
                FieldSpec { key: "flat".into(), title: title("Flat"), required: false },
            ],
            attachments: AttachmentPolicy::default(),
            regional: false,
        }
    }

    fn record() -> Record {
        let content = Content {
            subject: Some("Нет отопления в подъезде с 3 ноября".into()),
            text: Some("С 3 ноября 2026 года в доме нет отопления. Прошу восстановить подачу тепла.".into()),
            category: Some("housing".into()),
            ..Content::default()
        };
        Record { content, ..Record::default() }
    }

    fn against() -> Against {
        let rules = Rules { categories: Some(vec![category()]), ..Rules::default() };
        rules.into()
    }

    async fn checked(record: &Record, against: &Against) -> Outcome {
        let files = files_of(record, against.policy(record)).await.unwrap();
        judge(record, against, files)
    }

    fn codes(findings: &[Finding]) -> Vec<(&str, &str)> {
        findings.iter().map(|f| (f.code, f.field.as_str())).collect()
    }

    #[tokio::test]
    async fn what_the_category_lacks_is_told_with_everything_else() {
        let against = against();
        let mut record = record();
        record.attach.push("/no/such/file.pdf".into());
        set(&mut record, "institution.inn", "7707083894".into());
        let outcome = checked(&record, &against).await;
        assert_eq!(
            codes(&outcome.findings),
            [
                ("inn-invalid", "institution.inn"),
                ("field-required", "fields.meter"),
                ("field-required", "occurred_at"),
                ("document-required", "attach"),
                ("file-missing", "attach"),
            ]
        );
        assert!(outcome.fails(false));
    }

    #[tokio::test]
    async fn a_complete_record_passes_and_a_document_keeps_its_code() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("счёт.pdf");
        std::fs::copy(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/files/lease.pdf"), &path).unwrap();
        let against = against();
        let mut record = record();
        record.content.fields.insert("meter".into(), "12".into());
        record.content.occurred_at = Some("2026-11-03".into());
        record.documents.push(("bill".into(), path));
        let outcome = checked(&record, &against).await;
        assert_eq!(codes(&outcome.findings), []);
        assert_eq!(outcome.references()[0].document.as_deref(), Some("bill"));
        assert_eq!(outcome.references()[0].name, "счёт.pdf");
    }

    #[tokio::test]
    async fn a_draft_may_be_incomplete_but_not_endless() {
        let against = against();
        let content = Content { category: Some("housing".into()), ..Content::default() };
        let mut record = Record { draft: true, content, ..Record::default() };
        assert_eq!(codes(&checked(&record, &against).await.findings), []);
        record.content.text = Some("я".repeat(10_001));
        assert_eq!(codes(&checked(&record, &against).await.findings), [("text-too-long", "text")]);
    }

    #[tokio::test]
    async fn an_unknown_category_is_invalid_input() {
        let rules = Rules { categories: Some(Vec::new()), ..Rules::default() };
        let outcome = checked(&record(), &rules.into()).await;
        assert!(outcome.findings.iter().any(|f| f.code == "category-unknown"));
        assert!(check(&record()).await.unwrap().findings.is_empty());
    }
}
