//! Everything about a record that can be checked before it is sent: its writing, its requisites, its files, and what
//! its category asks for. All findings come together.

use std::path::{Path, PathBuf};

use crate::cli::base::{Context, Failure};
use crate::cli::record::Record;
use crate::cli::record::uploads::examined;
use appeal_api::{ApiFinding, Category, FileRef, Received};
use appeal_client::Client;
use appeal_domain::form::{self, Asked, Given};
use appeal_domain::writing::{self, Draft};
use appeal_domain::*;
use appeal_files::Checked;

/// What a record is checked against.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// Built in: nothing is known of the platform's categories.
    pub offline: bool,
    /// Its category, where known.
    pub category: Option<Category>,
    /// Limits on files, the category's among them.
    pub policy: AttachmentPolicy,
    /// Limits on texts.
    pub limits: writing::Limits,
    /// The account has contacts that will be used, or nothing is known of it.
    pub has_profile_contacts: bool,
}

impl Rules {
    /// The rules built into the tool: for checks with no connection.
    pub fn offline() -> Self {
        Self { offline: true, has_profile_contacts: true, ..Self::default() }
    }

    /// The platform's rules for a category.
    ///
    /// # Errors
    /// The platform is not reached, or the person is not signed in. A category that is not there is no error: it is
    /// reported by [`check`].
    pub async fn of(client: &Client, category: Option<&str>) -> Result<Self, appeal_client::Error> {
        let category = async {
            match category.filter(|code| !code.is_empty()) {
                None => Ok(None),
                Some(code) => match client.category(code).await {
                    Ok(category) => Ok(Some(category)),
                    Err(appeal_client::Error::Problem(problem)) if problem.status == 404 => Ok(None),
                    Err(error) => Err(error),
                },
            }
        };
        let (limits, category, me) = tokio::try_join!(client.limits(), category, client.me())?;
        let (limits, category) = (limits.into_known(), category.map(Received::into_known));
        let policy = match &category {
            Some(category) => limits.attachments.tightened(&category.attachments),
            None => limits.attachments,
        };
        Ok(Self {
            offline: false,
            category,
            policy,
            limits: writing::Limits {
                text_max: limits.text_max as usize,
                subject_max: limits.subject_max as usize,
            },
            has_profile_contacts: me.contacts.email.is_some() || me.contacts.phone.is_some(),
        })
    }
}

/// What the checks gave.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// Everything found, errors first.
    pub findings: Vec<Finding>,
    /// The sound files, each with the code of the document it is.
    pub files: Vec<(Checked, Option<String>)>,
}

impl Outcome {
    /// True where it must not be filed; with `strict` a warning is enough.
    pub fn fails(&self, strict: bool) -> bool {
        self.findings.iter().any(|finding| strict || finding.is_error())
    }

    /// The findings in words.
    pub fn told(&self, lang: appeal_i18n::Lang) -> Vec<ApiFinding> {
        appeal_i18n::findings(lang, &self.findings)
    }

    /// The references to the files, as they will be when they are uploaded.
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

/// Checks a record completely. Of a draft only files and sizes are checked: it is not finished.
///
/// # Errors
/// Only a fault of this machine; what is wrong with the record is in the outcome.
pub async fn check(record: &Record, rules: &Rules) -> Result<Outcome, Failure> {
    let files = files_of(record, rules.policy.clone()).await?;
    Ok(judge(record, rules, files))
}

/// The same where a file may have been looked at before: `look` checks one by itself. Blocking: files are read.
pub fn check_with(
    record: &Record,
    rules: &Rules,
    look: impl Fn(&Path, &AttachmentPolicy) -> Result<Checked, Vec<Finding>>,
) -> Outcome {
    let paths: Vec<PathBuf> = record.files().into_iter().map(|(path, _)| path).collect();
    let files = if paths.is_empty() {
        Default::default()
    } else {
        appeal_files::check_all_by(&paths, &rules.policy, look)
    };
    judge(record, rules, files)
}

/// How long the platform may take to add its findings to those that were made here.
const MORE_FINDINGS: std::time::Duration = std::time::Duration::from_secs(3);

/// Checks a record by the platform's rules. Where it fails by the built-in ones already, the platform is asked for the
/// rest of the findings, but not waited for: nothing has to be sent to refuse a file that is not there.
///
/// # Errors
/// The platform is not reached, and here nothing was found.
pub async fn examine(client: &Client, record: &Record) -> Result<Outcome, Failure> {
    let policy = AttachmentPolicy::default();
    let files = files_of(record, policy.clone()).await?;
    let here = judge(record, &Rules::offline(), files.clone());
    let rules = Rules::of(client, record.content.category.as_deref());
    let rules = if here.fails(record.strict) {
        match tokio::time::timeout(MORE_FINDINGS, rules).await {
            Ok(Ok(rules)) => rules,
            Ok(Err(_)) | Err(_) => return Ok(here),
        }
    } else {
        rules.await?
    };
    let files = if rules.policy == policy { files } else { files_of(record, rules.policy.clone()).await? };
    Ok(judge(record, &rules, files))
}

/// The sound files of a record, and what is wrong with the others.
async fn files_of(
    record: &Record,
    policy: AttachmentPolicy,
) -> Result<(Vec<Checked>, Vec<Finding>), Failure> {
    examined(record.files().into_iter().map(|(path, _)| path).collect(), policy).await
}

fn judge(record: &Record, rules: &Rules, (sound, about_files): (Vec<Checked>, Vec<Finding>)) -> Outcome {
    let mut findings = in_words(record, rules);
    if record.draft {
        const OF_A_DRAFT: [&str; 4] = ["text-too-long", "subject-too-long", "text-nul", "subject-nul"];
        findings.retain(|finding| OF_A_DRAFT.contains(&finding.code));
    } else {
        findings.extend(required(record, rules.category.as_ref()));
    }
    if let Some(code) = record.content.category.as_deref().filter(|code| !code.is_empty())
        && rules.category.is_none()
        && !rules.offline
    {
        findings.push(Finding::error("category-unknown", "category").arg("given", code));
    }
    findings.extend(about_files);
    findings.sort_by_key(|finding| !finding.is_error());
    let wanted = record.files();
    let files = sound
        .into_iter()
        .map(|file| {
            let document =
                wanted.iter().find(|(path, _)| *path == file.path).and_then(|(_, code)| code.clone());
            (file, document)
        })
        .collect();
    Outcome { findings, files }
}

/// The findings of the writing rules and the requisites.
pub fn in_words(record: &Record, rules: &Rules) -> Vec<Finding> {
    let content = &record.content;
    fn given(value: &Option<String>) -> Option<&str> {
        value.as_deref().filter(|text| !text.is_empty())
    }
    let contacts = content.contacts.clone().unwrap_or_default();
    let institution = content.institution.clone().unwrap_or_default();
    let named: Vec<(String, &str)> =
        content.fields.iter().map(|(key, value)| (format!("fields.{key}"), value.as_str())).collect();
    let texts: Vec<(&str, std::borrow::Cow<'_, str>)> = FIELDS
        .iter()
        .filter(|field| matches!(field.form, Form::Line | Form::Text) && field.name != "expected")
        .filter_map(|field| Some((field.name, content.given(field)?)))
        .collect();
    let mut others: Vec<(&str, &str)> = named.iter().map(|(key, value)| (key.as_str(), *value)).collect();
    others.extend(texts.iter().map(|(name, value)| (*name, &**value)));
    let of_fields = |name: &str| {
        content.fields.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    };
    let draft = Draft {
        subject: content.subject.as_deref().unwrap_or_default(),
        text: content.text.as_deref().unwrap_or_default(),
        kind: content.kind.unwrap_or(Kind::Complaint),
        expected: given(&content.expected),
        occurred: given(&content.occurred_at),
        contact_email: given(&contacts.email),
        contact_phone: given(&contacts.phone),
        has_profile_contacts: rules.has_profile_contacts,
        organization_inn: given(&content.organization),
        organization_ogrn: of_fields("ogrn"),
        institution_inn: given(&institution.inn),
        snils: of_fields("snils"),
        others: &others,
    };
    writing::check(&draft, &rules.limits)
}

/// What the category asks for and the record lacks (F4).
fn required(record: &Record, category: Option<&Category>) -> Vec<Finding> {
    let Some(category) = category else { return Vec::new() };
    let lang = crate::cli::base::failure::lang();
    let asked = |code, title, required| Asked { code, title: lang.pick(title), required };
    let form = form::Form {
        fields: category.fields.iter().map(|f| asked(f.key.as_str(), &f.title, f.required)).collect(),
        documents: category.documents.iter().map(|d| asked(d.code.as_str(), &d.title, d.required)).collect(),
    };
    let place = |path: &PathBuf| Some(path.display().to_string());
    let documents: Vec<Given<'_>> =
        record.documents.iter().map(|(code, path)| Given { code, at: place(path) }).collect();
    form::lacking(&form, &record.content, &documents)
}

/// Sets the field that the category asks for.
pub fn set(record: &mut Record, key: &str, value: String) {
    match Field::asked(key) {
        // A word that is not in its vocabulary stays among the fields of the category, and is asked for again.
        Some(field) if record.content.set(field, &value).is_ok() => {}
        _ => {
            record.content.fields.insert(key.to_owned(), value);
        }
    }
}

/// Says warnings of an appeal that may be filed. Under JSON stderr is left to the one object of a failure.
pub fn warn(ctx: &mut Context, findings: &[ApiFinding]) {
    if !findings.is_empty() && !ctx.out.is_quiet() && !ctx.out.format().is_json() {
        ctx.out.findings(findings);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use appeal_api::{DocumentSpec, FieldSpec, Titles};

    fn category() -> Category {
        let title = |text: &str| Titles { en: text.into(), ru: text.into() };
        Category {
            code: "housing".into(),
            parent: None,
            title: title("Housing"),
            hint: title(""),
            access: Access::Public.into(),
            documents: vec![DocumentSpec { code: "bill".into(), title: title("Bill"), required: true }],
            fields: vec![
                FieldSpec { key: "meter".into(), title: title("Meter"), required: true },
                FieldSpec { key: "occurred_at".into(), title: title("When"), required: true },
                FieldSpec { key: "flat".into(), title: title("Flat"), required: false },
            ],
            department: "d".into(),
            policy: None,
            attachments: AttachmentPolicy::default(),
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

    fn codes(findings: &[Finding]) -> Vec<(&str, &str)> {
        findings.iter().map(|f| (f.code, f.field.as_str())).collect()
    }

    #[tokio::test]
    async fn what_the_category_lacks_is_told_with_everything_else() {
        let rules = Rules { category: Some(category()), has_profile_contacts: true, ..Rules::default() };
        let mut record = record();
        record.attach.push("/no/such/file.pdf".into());
        set(&mut record, "institution.inn", "7707083894".into());
        let outcome = check(&record, &rules).await.unwrap();
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
        let rules = Rules { category: Some(category()), has_profile_contacts: true, ..Rules::default() };
        let mut record = record();
        record.content.fields.insert("meter".into(), "12".into());
        record.content.occurred_at = Some("2026-11-03".into());
        record.documents.push(("bill".into(), path));
        let outcome = check(&record, &rules).await.unwrap();
        assert_eq!(codes(&outcome.findings), []);
        assert_eq!(outcome.references()[0].document.as_deref(), Some("bill"));
        assert_eq!(outcome.references()[0].name, "счёт.pdf");
    }

    #[tokio::test]
    async fn a_draft_may_be_incomplete_but_not_endless() {
        let rules = Rules { category: Some(category()), ..Rules::default() };
        let content = Content { category: Some("housing".into()), ..Content::default() };
        let mut record = Record { draft: true, content, ..Record::default() };
        assert_eq!(codes(&check(&record, &rules).await.unwrap().findings), []);
        record.content.text = Some("я".repeat(10_001));
        assert_eq!(codes(&check(&record, &rules).await.unwrap().findings), [("text-too-long", "text")]);
    }

    #[tokio::test]
    async fn an_unknown_category_is_invalid_input() {
        let rules = Rules { has_profile_contacts: false, ..Rules::default() };
        let outcome = check(&record(), &rules).await.unwrap();
        assert!(outcome.findings.iter().any(|f| f.code == "category-unknown"));
        assert!(check(&record(), &Rules::offline()).await.unwrap().findings.is_empty());
    }
}
