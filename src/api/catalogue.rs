//! The platform's own data that everybody may read: categories, templates, departments, limits.

use serde::{Deserialize, Serialize};

use appeal_domain::*;

/// A category of the tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Category {
    /// Such as `housing.repairs`.
    pub code: String,
    pub parent: Option<String>,
    pub title: Titles,
    pub hint: Titles,
    pub access: Word<Access>,
    pub documents: Vec<DocumentSpec>,
    pub fields: Vec<FieldSpec>,
    /// Code of the department it routes to.
    pub department: String,
    /// Name of its deadline policy, when it is not the channel's.
    pub policy: Option<String>,
    /// Limits on files, never looser than the platform's.
    pub attachments: AttachmentPolicy,
}

impl From<Category> for CategoryRules {
    fn from(category: Category) -> Self {
        let Category { code, documents, fields, attachments, .. } = category;
        Self { code, fields, documents, attachments }
    }
}

/// A template of a typical problem. `{name}` marks a placeholder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Template {
    pub id: String,
    pub title: Titles,
    pub category: String,
    pub kind: Word<Kind>,
    pub subject: String,
    pub text: String,
    pub placeholders: Vec<Placeholder>,
}

/// A gap of a template to be filled with `--field NAME=VALUE`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Placeholder {
    pub name: String,
    pub title: Titles,
}

/// A department of an authority.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Department {
    pub code: String,
    pub title: Titles,
    pub authority: Titles,
    /// Region it serves; none for all.
    pub region: Option<String>,
    /// IANA name.
    pub time_zone: String,
    /// Set where it looks at what is escalated to this level; appeals are not routed there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<Word<Level>>,
}

/// Limits the platform applies, so that a client can check before it sends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Limits {
    pub attachments: AttachmentPolicy,
    /// Longest text, in characters.
    pub text_max: u32,
    /// Longest subject, in characters.
    pub subject_max: u32,
}
