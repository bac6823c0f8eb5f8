//! The rules for examining appeals. The platform publishes them; the tool has built-in ones for offline use.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

use super::policy::AttachmentPolicy;
use super::regions::{Region, Regions};
use super::titles::Titles;

/// The rules for examining appeals. Values that a platform does not publish have the built-in defaults.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Rules {
    /// Maximum length of a subject, in characters.
    pub subject_max: usize,
    /// Maximum length of the text and of other long texts, in characters.
    pub text_max: usize,
    /// Maximum length of a short value (region, address, a category field), in characters.
    pub line_max: usize,
    /// Maximum number of category fields in an appeal.
    pub fields_max: usize,
    /// Limits on files. A category may have stricter ones.
    pub attachments: AttachmentPolicy,
    /// The requirements of each category; `None` to skip checks of categories.
    pub categories: Option<Vec<CategoryRules>>,
    /// The known regions, with their names.
    #[schema(value_type = Vec<Region>)]
    pub regions: Regions,
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
            regions: Regions::default(),
        }
    }
}

impl Rules {
    /// Returns the requirements of a category.
    pub fn category(&self, code: &str) -> Option<&CategoryRules> {
        self.categories.iter().flatten().find(|category| category.code == code)
    }

    /// Returns the limits on files for an appeal in this category.
    pub fn attachments_of(&self, category: Option<&str>) -> AttachmentPolicy {
        match category.and_then(|code| self.category(code)) {
            Some(category) => self.attachments.tightened(&category.attachments),
            None => self.attachments.clone(),
        }
    }
}

/// The requirements of a category.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CategoryRules {
    /// For example `housing.repairs`.
    pub code: String,
    pub fields: Vec<FieldSpec>,
    pub documents: Vec<DocumentSpec>,
    /// Limits on files; never looser than the platform's.
    pub attachments: AttachmentPolicy,
    /// Whether the region of an appeal decides which department answers it.
    #[serde(default)]
    pub regional: bool,
}

/// A document required by a category.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DocumentSpec {
    pub code: String,
    pub title: Titles,
    pub required: bool,
}

/// A field required by a category.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FieldSpec {
    /// Key of `fields`, or the name of a field of the appeal (`region`, `occurred_at`, …).
    pub key: String,
    pub title: Titles,
    pub required: bool,
}
