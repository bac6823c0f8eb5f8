//! Public reference data of the platform: categories, templates, departments, limits.

use serde::{Deserialize, Serialize};

use appeal_domain::*;

/// A category of appeals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Category {
    /// For example `housing.repairs`.
    pub code: String,
    pub parent: Option<String>,
    pub title: Titles,
    pub hint: Titles,
    pub access: Word<Access>,
    pub documents: Vec<DocumentSpec>,
    pub fields: Vec<FieldSpec>,
    /// Code of the department that appeals are routed to.
    pub department: String,
    /// Name of its deadline policy, if not the channel's.
    pub policy: Option<String>,
    /// Limits on files; never looser than the platform's.
    pub attachments: AttachmentPolicy,
    /// Whether the region of an appeal decides which department answers it.
    #[serde(default)]
    pub regional: bool,
}

impl From<Category> for CategoryRules {
    fn from(category: Category) -> Self {
        let Category {
            code,
            parent: _,
            title: _,
            hint: _,
            access: _,
            documents,
            fields,
            department: _,
            policy: _,
            attachments,
            regional,
        } = category;
        Self { code, fields, documents, attachments, regional }
    }
}

/// A template for a typical problem. `{name}` marks a placeholder.
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

/// A placeholder of a template, filled in with `--field NAME=VALUE`.
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
    /// The region it serves; absent for all regions.
    pub region: Option<String>,
    /// IANA time zone name.
    pub time_zone: String,
    /// Set if the department reviews appeals escalated to this level. Such a department gets no appeals by routing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<Word<Level>>,
}

/// Limits of the platform, so that a client can check before it sends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Limits {
    pub attachments: AttachmentPolicy,
    /// Maximum length of a text, in characters.
    pub text_max: u32,
    /// Maximum length of a subject, in characters.
    pub subject_max: u32,
}
