//! The rules by which appeals are examined. The platform publishes them; the tool has its own for work without a
//! connection.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::policy::AttachmentPolicy;

/// The rules by which appeals are examined. What a platform does not publish is as built in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Rules {
    /// Most characters of a subject.
    pub subject_max: usize,
    /// Most characters of the text, and of every other longer text.
    pub text_max: usize,
    /// Most characters of a short value: region, address, a field of the category.
    pub line_max: usize,
    /// Most fields of the category in one appeal.
    pub fields_max: usize,
    /// Limits on files. A category may have stricter ones.
    pub attachments: AttachmentPolicy,
    /// What each category asks for. Without them categories are not judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub categories: Option<Vec<CategoryRules>>,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            subject_max: 300,
            text_max: 10_000,
            line_max: 1_000,
            fields_max: 100,
            attachments: AttachmentPolicy::default(),
            categories: None,
        }
    }
}

impl Rules {
    /// What the category asks for.
    pub fn category(&self, code: &str) -> Option<&CategoryRules> {
        self.categories.iter().flatten().find(|category| category.code == code)
    }

    /// The limits on files of an appeal in this category.
    pub fn attachments_of(&self, category: Option<&str>) -> AttachmentPolicy {
        match category.and_then(|code| self.category(code)) {
            Some(category) => self.attachments.tightened(&category.attachments),
            None => self.attachments.clone(),
        }
    }
}

/// What a category asks of an appeal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CategoryRules {
    /// Such as `housing.repairs`.
    pub code: String,
    pub fields: Vec<FieldSpec>,
    pub documents: Vec<DocumentSpec>,
    /// Limits on files, never looser than the platform's.
    pub attachments: AttachmentPolicy,
}

/// A text in both languages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Titles {
    pub en: String,
    pub ru: String,
}

/// A document that a category asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DocumentSpec {
    pub code: String,
    pub title: Titles,
    pub required: bool,
}

/// A field that a category asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FieldSpec {
    /// Key of `fields`, or the name of a field of the appeal (`region`, `occurred_at`, …).
    pub key: String,
    pub title: Titles,
    pub required: bool,
}
