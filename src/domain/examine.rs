//! The examination of an appeal. The tool runs it before it sends, the platform before it files: the same rules and the
//! same findings.

use jiff::Timestamp;

use super::fields::{Contacts, Content, FIELDS, Field, Form};
use super::finding::Finding;
use super::requisites::{Ogrn, Snils};
use super::rules::{CategoryRules, Rules};
use super::vocab::{Kind, Role};
use super::when;
use super::word::Word;
use super::writing::{self, Draft, place};

/// Field name of findings about files.
pub const FILES: &str = "attach";

/// Codes of findings that only the platform can make, because they depend on data only the platform has. In a dry run
/// this includes findings about the content of files (`attach`), because no files are sent.
pub const PLATFORM_ONLY: &[&str] = &[
    // Depends on whether the caller belongs to the authority's staff.
    "category-closed",
    // Depends on whom the person may represent.
    "organization-not-yours",
    // Depends on the applicant for whom an operator registers the appeal, and on the channel.
    "applicant-unknown",
    "applicant-self",
    "applicant-blocked",
    "applicant-role",
    "channel-account",
    "register-draft",
];

/// An appeal to examine.
#[derive(Debug, Clone, Copy)]
pub struct Examined<'a> {
    /// The content, [completed](AccountDefaults::complete) from the account if that is known.
    pub content: &'a Content,
    /// Whether the account is known, so that missing contacts really are missing.
    pub knows_account: bool,
    /// The attached documents.
    pub documents: &'a [Given<'a>],
    /// Whether this is a draft; only sizes and vocabularies are examined.
    pub draft: bool,
}

/// An attached document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given<'a> {
    /// Code of the document.
    pub code: &'a str,
    /// Path of the file, if known.
    pub at: Option<String>,
}

/// What an account adds to a person's appeals.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountDefaults {
    pub contacts: Contacts,
    /// INN of the organization used unless an appeal names another one.
    pub organization: Option<String>,
    /// The region of the profile.
    pub region: Option<String>,
}

impl AccountDefaults {
    /// Builds the defaults of a person with these contacts and organizations. A representative of exactly one
    /// organization files on its behalf; with several, each appeal must name one.
    pub fn of<'a>(
        role: impl Into<Word<Role>>,
        contacts: Contacts,
        organizations: impl IntoIterator<Item = &'a str>,
        region: Option<String>,
    ) -> Self {
        let mut organizations = organizations.into_iter();
        let organization = match (organizations.next(), organizations.next()) {
            (Some(only), None) if role.into() == Role::Representative => Some(only.to_owned()),
            _ => None,
        };
        Self { contacts, organization, region }
    }

    /// Fills in absent values from the account. An explicitly empty value is not filled in.
    pub fn complete(&self, mut content: Content) -> Content {
        let Contacts { email, phone, preferred } = content.contacts.take().unwrap_or_default();
        let own = self.contacts.clone();
        content.contacts = Some(Contacts {
            email: email.or(own.email),
            phone: phone.or(own.phone),
            preferred: preferred.or(own.preferred),
        });
        content.organization = content.organization.or_else(|| self.organization.clone());
        content.region = content.region.or_else(|| self.region.clone());
        content.without_blanks()
    }
}

/// Returns all findings about an appeal, errors first.
pub fn examine(examined: &Examined<'_>, rules: &Rules, now: Timestamp) -> Vec<Finding> {
    let Examined { content, knows_account, documents, draft } = *examined;
    let mut found = sizes(content, rules);
    if !draft {
        found.extend(forms(content));
        found.extend(occurred(content, now));
        found.extend(region(content, rules));
        found.extend(written(content, knows_account, &found));
    }
    found.extend(category(content, documents, draft, rules));
    found.sort_by_key(|finding| !finding.is_error());
    found
}

/// Returns the errors of an edit; `examined` is the appeal after it. Existing content of a filed appeal that the edit
/// does not touch is not examined, unless the category changes.
pub fn examine_edit(
    before: &Content,
    examined: &Examined<'_>,
    rules: &Rules,
    now: Timestamp,
) -> Vec<Finding> {
    let content = examined.content;
    let changed = content.differing(before);
    let concerned = |finding: &Finding| {
        let part = format!("{}.", finding.field);
        changed.iter().any(|name| *name == finding.field || name.starts_with(&part))
    };
    let mut found = examine(examined, rules, now);
    if examined.draft {
        // A draft may be incomplete, but the values being written must be valid.
        found.extend(forms(content).filter(concerned));
    } else if content.category == before.category {
        found.retain(concerned);
    }
    found.retain(Finding::is_error);
    found
}

/// Malformed values.
fn forms(content: &Content) -> impl Iterator<Item = Finding> {
    let of_table = FIELDS.iter().filter_map(|field| field.wrong(content));
    of_table.chain(content.fields.keys().filter_map(|key| requisite(content, key)))
}

/// Lengths, and NUL characters, which no value may contain.
fn sizes(content: &Content, rules: &Rules) -> Vec<Finding> {
    let mut found = Vec::new();
    for field in FIELDS {
        let (max, too_long, nul) = match field.form {
            Form::Subject => (rules.subject_max, "subject-too-long", "subject-nul"),
            Form::Body | Form::Text => (rules.text_max, "text-too-long", "text-nul"),
            Form::Word(..) => continue,
            _ => (rules.line_max, "text-too-long", "text-nul"),
        };
        if let Some(text) = content.given(field) {
            found.extend(size(field.name, &text, max, [too_long, nul]));
        }
    }
    for (key, value) in &content.fields {
        found.extend(size(&format!("fields.{key}"), value, rules.line_max, ["text-too-long", "text-nul"]));
        if key.is_empty() || key.contains('\0') || key.chars().count() > rules.line_max {
            found.push(Finding::error("field-key", "fields").arg("key", key.replace('\0', "")));
        }
    }
    if content.fields.len() > rules.fields_max {
        let (count, limit) = (content.fields.len(), rules.fields_max);
        found.push(Finding::error("fields-too-many", "fields").arg("count", count).arg("limit", limit));
    }
    found
}

fn size(field: &str, text: &str, max: usize, [too_long, nul]: [&'static str; 2]) -> Vec<Finding> {
    let mut found = Vec::new();
    if let Some((excess, _)) = text.char_indices().nth(max) {
        let length = text.chars().count();
        let finding = Finding::error(too_long, field).at(place(text, excess));
        found.push(finding.arg("length", length).arg("max", max));
    }
    if let Some(at) = text.find('\0') {
        found.push(Finding::error(nul, field).at(place(text, at)));
    }
    found
}

/// A mistyped requisite in a category field named after it.
fn requisite(content: &Content, key: &str) -> Option<Finding> {
    let value = content.fields.get(key)?;
    let field = format!("fields.{key}");
    match key.to_ascii_lowercase().as_str() {
        "ogrn" => Ogrn::finding(&field, value),
        "snils" => Snils::finding(&field, value),
        _ => None,
    }
}

/// A problem cannot have occurred later than today ends anywhere on Earth. Values that are neither a date nor a time
/// are accepted as they are.
fn occurred(content: &Content, now: Timestamp) -> Option<Finding> {
    let text = content.occurred_at.as_deref().map(str::trim)?;
    when::is_later(text, now).then(|| Finding::error("occurred-later", "occurred_at").arg("given", text))
}

/// An unknown region, or one that fits several.
fn region(content: &Content, rules: &Rules) -> Option<Finding> {
    let text = content.region.as_deref().filter(|text| !text.trim().is_empty())?;
    let decides =
        content.category.as_deref().and_then(|code| rules.category(code)).is_some_and(|c| c.regional);
    rules.regions.finding(text, decides)
}

/// Findings of the writing rules.
fn written(content: &Content, knows_account: bool, sizes: &[Finding]) -> Vec<Finding> {
    let contacts = content.contacts.as_ref();
    let mut found = writing::check(&Draft {
        subject: content.subject.as_deref().unwrap_or_default(),
        text: content.text.as_deref().unwrap_or_default(),
        kind: content.kind.unwrap_or(Kind::Complaint),
        expected: content.expected.as_deref(),
        occurred: content.occurred_at.as_deref(),
        contact_email: contacts.and_then(|contacts| contacts.email.as_deref()),
        contact_phone: contacts.and_then(|contacts| contacts.phone.as_deref()),
        has_profile_contacts: !knows_account,
    });
    // Avoids a second finding about the length.
    if sizes.iter().any(|finding| finding.code == "text-too-long" && finding.field == "text") {
        found.retain(|finding| finding.code != "text-long");
    }
    found
}

/// Missing fields and documents that the category requires, and documents that the category does not know.
fn category(content: &Content, documents: &[Given<'_>], draft: bool, rules: &Rules) -> Vec<Finding> {
    if rules.categories.is_none() {
        return Vec::new();
    }
    let code = content.category.as_deref().unwrap_or_default();
    match rules.category(code) {
        Some(category) if !draft => lacking(content, documents, category),
        Some(_) => Vec::new(),
        None if !code.is_empty() => {
            vec![Finding::error("category-unknown", "category").arg("given", code)]
        }
        None if !draft => vec![Finding::error("category-missing", "category")],
        None => Vec::new(),
    }
}

fn lacking(content: &Content, documents: &[Given<'_>], category: &CategoryRules) -> Vec<Finding> {
    let fields = category.fields.iter().filter(|spec| spec.required && !content.has(&spec.key)).map(|spec| {
        let own = Field::named(&spec.key).is_some() || Content::NAMES.contains(&spec.key.as_str());
        let field = if own { spec.key.clone() } else { format!("fields.{}", spec.key) };
        Finding::error("field-required", field).arg("code", &spec.key).titled(&spec.title)
    });
    let required = category
        .documents
        .iter()
        .filter(|spec| spec.required && !documents.iter().any(|given| given.code == spec.code));
    let missing = required
        .map(|spec| Finding::error("document-required", FILES).arg("code", &spec.code).titled(&spec.title));
    let unknown = documents
        .iter()
        .filter(|given| !category.documents.iter().any(|spec| spec.code == given.code))
        .map(|given| {
            let known: Vec<&str> = category.documents.iter().map(|spec| spec.code.as_str()).collect();
            let finding = Finding::error("document-unknown", FILES)
                .arg("code", given.code)
                .arg("known", known.join(", "));
            match &given.at {
                Some(place) => finding.at(place.clone()),
                None => finding,
            }
        });
    fields.chain(missing).chain(unknown).collect()
}

#[cfg(test)]
mod tests;
