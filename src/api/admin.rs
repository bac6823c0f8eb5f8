//! Administration: records of the platform's own data as they appear in files, the result of loading them, backups, and
//! the state of the platform.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Time;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_with::skip_serializing_none;

use appeal_domain::calendar::Year;
use appeal_domain::policies::Policy;
use appeal_domain::*;

/// A person as an administrator loads and lists them. A password may be loaded next to these fields and is never
/// listed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonRecord {
    pub login: String,
    /// Full name.
    pub name: String,
    pub role: Role,
    #[serde(default = "active")]
    pub state: AccountState,
    /// Why the account is blocked.
    #[serde(default)]
    pub reason: Option<String>,
    #[serde(default)]
    pub email: Option<String>,
    #[serde(default)]
    pub phone: Option<String>,
    #[serde(default)]
    pub preferred: Option<ContactWay>,
    #[serde(default)]
    pub snils: Option<String>,
    #[serde(default)]
    pub inn: Option<String>,
    #[serde(default)]
    pub region: Option<String>,
    /// Levels a supervisor decides on.
    #[serde(default)]
    pub levels: Vec<Level>,
    /// Codes of the departments an operator works for.
    #[serde(default)]
    pub departments: Vec<String>,
    /// Organizations a representative files for.
    #[serde(default)]
    pub organizations: Vec<OrganizationRecord>,
}

fn active() -> AccountState {
    AccountState::Active
}

/// An organization that people file for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrganizationRecord {
    pub inn: String,
    #[serde(default)]
    pub ogrn: Option<String>,
    pub name: String,
    #[serde(default)]
    pub address: Option<String>,
}

/// A department with the categories and regions routed to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DepartmentRecord {
    pub code: String,
    pub title: Titles,
    /// The authority it belongs to.
    pub authority: Titles,
    /// The region it serves; absent for all regions.
    #[serde(default)]
    pub region: Option<String>,
    /// IANA time zone name.
    pub time_zone: String,
    /// Set if the department reviews appeals escalated to this level. Such a department gets no appeals by routing.
    #[serde(default)]
    pub level: Option<Level>,
    /// Routes to this department that replace the category's own department.
    #[serde(default)]
    pub routes: Vec<RouteRecord>,
}

/// A category with its children, in the given regions.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RouteRecord {
    pub category: String,
    /// Spellings of the region's name; case is ignored.
    pub regions: Vec<String>,
}

/// A category of the tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CategoryRecord {
    /// For example `housing.repairs`: the code of the parent and one more part.
    pub code: String,
    /// Code of the parent; redundant, because the code contains it.
    #[serde(default)]
    pub parent: Option<String>,
    pub title: Titles,
    pub hint: Titles,
    #[serde(default = "public")]
    pub access: Access,
    #[serde(default)]
    pub documents: Vec<DocumentSpec>,
    #[serde(default)]
    pub fields: Vec<FieldSpec>,
    /// Code of the department that appeals are routed to.
    pub department: String,
    /// Name of its deadline policy, if not the default one.
    #[serde(default)]
    pub policy: Option<String>,
    /// Limits on files; by default the platform's, and never looser than those.
    #[serde(default)]
    pub attachments: AttachmentPolicy,
}

fn public() -> Access {
    Access::Public
}

/// A production calendar. Loading replaces the given years and keeps the others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CalendarRecord {
    pub name: String,
    /// Start of the working day.
    #[schema(value_type = String)]
    pub opens: Time,
    /// End of the working day.
    #[schema(value_type = String)]
    pub closes: Time,
    /// Start of the break.
    #[schema(value_type = String)]
    pub break_from: Time,
    /// End of the break.
    #[schema(value_type = String)]
    pub break_to: Time,
    /// How much earlier a short day ends, in minutes.
    pub short_by_minutes: u16,
    /// The known years.
    #[schema(value_type = BTreeMap<String, Year>)]
    pub years: BTreeMap<i16, Year>,
}

/// A contact for people who cannot go on by themselves. It has a phone number, an e-mail address or a page.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContactRecord {
    pub id: String,
    pub title: Titles,
    #[serde(default)]
    pub phone: Option<String>,
    #[serde(default)]
    pub email: Option<String>,
    #[serde(default)]
    pub url: Option<String>,
    /// When somebody answers.
    #[serde(default)]
    pub hours: Option<Titles>,
}

/// The terms of one deadline policy: `default`, a policy that categories refer to, or a policy of a channel such as
/// `channel.email`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PolicyRecord {
    pub name: String,
    #[serde(flatten)]
    pub terms: Policy,
}

/// Records to load. A record with a known key changes the given fields; others are added.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LoadData {
    /// The records. Absent fields stay unchanged; `null` clears a field.
    #[schema(value_type = Vec<Object>)]
    pub records: Vec<Value>,
    /// Whether to remove records that are not listed, unless something still needs them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub prune: bool,
}

/// The result of loading data, or of a dry run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LoadResult {
    pub kind: Word<DataKind>,
    /// Whether nothing was saved.
    pub dry_run: bool,
    pub added: u64,
    pub changed: u64,
    pub unchanged: u64,
    pub removed: u64,
    /// Number of open deadlines moved because a calendar or policy changed; absent if neither changed.
    #[serde(default)]
    pub deadlines_moved: Option<u64>,
    pub items: Vec<LoadItem>,
}

/// The result for one record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LoadItem {
    /// Login, code, id or name of the record.
    pub key: String,
    pub change: Word<LoadChange>,
    /// Names of the changed fields.
    pub fields: Vec<String>,
}

/// An entry of the administration journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AdminEntry {
    pub at: Timestamp,
    pub actor: String,
    pub action: String,
    /// `people`, `departments`, …, or `platform`.
    pub kind: String,
    /// Key of the changed record.
    pub subject: String,
    /// Values before and after, for every changed field.
    #[schema(value_type = Object)]
    pub changes: Value,
}

/// The state of the platform.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PlatformStatus {
    /// Version of the program.
    pub version: String,
    /// Database engine: `sqlite`.
    pub engine: String,
    /// Number of the newest migration.
    pub schema: i64,
    /// The platform's current time.
    pub now: Timestamp,
    pub database_bytes: u64,
    pub files: FileTotals,
    /// Number of appeals by status; includes every status.
    pub appeals: BTreeMap<String, u64>,
    pub overdue: u64,
    /// Number of accounts by state.
    pub people: BTreeMap<String, u64>,
    pub outbox: OutboxTotals,
    /// The last backup that was sent completely.
    pub last_backup: Option<BackupRef>,
    /// When background jobs last ran.
    pub jobs_ran_at: Option<Timestamp>,
    /// Result of the integrity check; absent unless requested.
    pub integrity: Option<Integrity>,
}

/// Stored files.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FileTotals {
    pub count: u64,
    pub bytes: u64,
}

/// Messages waiting for delivery.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct OutboxTotals {
    pub pending: u64,
    pub failed: u64,
}

/// A completed backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct BackupRef {
    pub id: String,
    pub at: Timestamp,
    pub bytes: u64,
    /// When the recipient verified it.
    pub verified_at: Option<Timestamp>,
}

/// Result of an integrity check: the database, the digest of every file, the hash chain of every journal.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Integrity {
    pub ok: bool,
    pub appeals: u64,
    pub entries: u64,
    pub files: u64,
    /// The first 100 problems.
    pub problems: Vec<String>,
}

impl Integrity {
    /// Maximum number of problems listed.
    pub const MOST: usize = 100;

    /// Adds a problem.
    pub fn problem(&mut self, what: impl Into<String>) {
        if self.problems.len() < Self::MOST {
            self.problems.push(what.into());
        }
    }
}

/// The result of an import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Imported {
    /// Number of rows by table.
    pub rows: BTreeMap<String, u64>,
    pub files: u64,
}

/// The reason for the change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reasoned {
    pub reason: String,
}

/// Confirms that a backup was received and verified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct BackupVerified {
    pub id: String,
    pub verified_at: Timestamp,
}
