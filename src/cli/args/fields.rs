//! The fields of an appeal as flags: those of `create`, of `edit`, and of whoever else takes them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::cli::args::values::{document, pair, word};
use crate::cli::record::{Record, moment};
use appeal_api::{EditAppeal, Institution};
use appeal_domain::*;

/// Fields of an appeal, but for its subject and text.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Fields {
    /// Kind of appeal; a complaint unless given
    #[arg(long, value_name = "KIND", value_parser = word::<Kind>())]
    pub kind: Option<Kind>,
    /// Code of the category (`appeal category list`)
    #[arg(long, value_name = "CODE")]
    pub category: Option<String>,
    /// Priority: `high` for what is urgent
    #[arg(long, value_name = "PRIORITY", value_parser = word::<Priority>())]
    pub priority: Option<Priority>,
    /// Region concerned
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,
    /// Service concerned: its name or URL
    #[arg(long, value_name = "SERVICE")]
    pub service: Option<String>,
    /// Number of the related application
    #[arg(long, value_name = "NUMBER")]
    pub application: Option<String>,
    /// When the problem occurred: `2026-11-01`, `2026-11-01T14:30` or `01.11.2026`
    #[arg(long, value_name = "WHEN", value_parser = occurred)]
    pub occurred: Option<String>,
    /// The result you expect
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub expected: Option<String>,
    /// The steps that led to the problem
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub steps: Option<String>,
    /// What happened instead of what was expected
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub actual: Option<String>,
    /// INN of the organization in whose name it is filed
    #[arg(long, value_name = "INN")]
    pub organization: Option<String>,
    /// Name of the institution concerned: a school, a clinic, a utility
    #[arg(long, value_name = "NAME")]
    pub institution_name: Option<String>,
    /// INN of the institution concerned
    #[arg(long, value_name = "INN")]
    pub institution_inn: Option<String>,
    /// Address of the institution concerned
    #[arg(long, value_name = "ADDRESS")]
    pub institution_address: Option<String>,
    /// E-mail for this appeal; the profile's unless given
    #[arg(long, value_name = "EMAIL")]
    pub contact_email: Option<String>,
    /// Phone for this appeal; the profile's unless given
    #[arg(long, value_name = "PHONE", allow_hyphen_values = true)]
    pub contact_phone: Option<String>,
    /// Preferred way of contact for this appeal
    #[arg(long, value_name = "WAY", value_parser = word::<ContactWay>())]
    pub contact_preferred: Option<ContactWay>,
    /// A field the category asks for, or a placeholder of the template; can be repeated
    #[arg(long = "field", value_name = "KEY=VALUE", value_parser = pair)]
    pub fields: Vec<(String, String)>,
}

/// Files of an appeal.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Files {
    /// A file to attach (PDF, JPG, PNG, DOC, DOCX); can be repeated
    #[arg(long, value_name = "FILE")]
    pub attach: Vec<PathBuf>,
}

/// Files that are documents of the category.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Documents {
    /// A file that is a document the category asks for; can be repeated
    #[arg(long = "document", value_name = "CODE=FILE", value_parser = document)]
    pub documents: Vec<(String, PathBuf)>,
}

fn occurred(text: &str) -> Result<String, String> {
    if text.trim().is_empty() {
        // Clears it in `edit`.
        return Ok(String::new());
    }
    moment(text).ok_or_else(|| {
        format!("'{text}' is not a date or time: write 2026-11-01, 2026-11-01T14:30, 2026-11-01T14:30:00+03:00 or 01.11.2026")
    })
}

impl Fields {
    /// True where no flag of these was given.
    pub fn is_empty(&self) -> bool {
        self.clone().into_edit() == EditAppeal::default()
    }

    /// As a record without subject and text.
    pub fn into_record(self) -> Record {
        Record {
            kind: self.kind,
            category: self.category,
            priority: self.priority,
            region: self.region,
            service: self.service,
            application: self.application,
            occurred: self.occurred,
            expected: self.expected,
            steps: self.steps,
            actual: self.actual,
            institution_name: self.institution_name,
            institution_inn: self.institution_inn,
            institution_address: self.institution_address,
            fields: self.fields.into_iter().collect(),
            contact_email: self.contact_email,
            contact_phone: self.contact_phone,
            contact_preferred: self.contact_preferred,
            organization: self.organization,
            ..Record::default()
        }
    }

    /// As changes to an appeal; an empty value clears. The platform takes the institution as a whole.
    pub fn into_edit(self) -> EditAppeal {
        let institution = Institution {
            name: self.institution_name,
            inn: self.institution_inn,
            address: self.institution_address,
        };
        EditAppeal {
            subject: None,
            text: None,
            kind: self.kind,
            category: self.category,
            priority: self.priority,
            region: self.region,
            service: self.service,
            application: self.application,
            occurred_at: self.occurred,
            expected: self.expected,
            steps: self.steps,
            actual: self.actual,
            institution: Some(institution).filter(|i| *i != Institution::default()),
            fields: self.fields.into_iter().collect::<BTreeMap<_, _>>(),
            contact_email: self.contact_email,
            contact_phone: self.contact_phone,
            contact_preferred: self.contact_preferred,
            organization: self.organization,
        }
    }
}
