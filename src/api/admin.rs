//! Administration (O4): records of the platform's own data as files have them, what loading them did, backups, and the
//! state of the platform.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Time;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use appeal_domain::calendar::Year;
use appeal_domain::policies::Policy;
use appeal_domain::*;

/// A person as an administrator loads and lists them. A password is loaded beside these fields and never
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
    /// Levels a supervisor decides at.
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

/// A department with the categories and regions that are routed to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DepartmentRecord {
    pub code: String,
    pub title: Titles,
    /// The authority it belongs to.
    pub authority: Titles,
    /// Region it serves; none for all.
    #[serde(default)]
    pub region: Option<String>,
    /// IANA name.
    pub time_zone: String,
    /// Set where it looks at what is escalated to this level; appeals are not routed there.
    #[serde(default)]
    pub level: Option<Level>,
    /// What it takes instead of the category's own department.
    #[serde(default)]
    pub routes: Vec<RouteRecord>,
}

/// A category, and its children, in these regions.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RouteRecord {
    pub category: String,
    /// The spellings under which the region is known, in any case.
    pub regions: Vec<String>,
}

/// A category of the tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CategoryRecord {
    /// Such as `housing.repairs`: its parent's code and one part more.
    pub code: String,
    /// What the code says already.
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
    /// Code of the department it routes to.
    pub department: String,
    /// Name of its deadline policy, when it is not the default one.
    #[serde(default)]
    pub policy: Option<String>,
    /// Limits on files; the platform's unless given, and never looser.
    #[serde(default)]
    pub attachments: AttachmentPolicy,
}

fn public() -> Access {
    Access::Public
}

/// A production calendar. Loading replaces the years that are given and keeps the others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CalendarRecord {
    pub name: String,
    /// When the working day begins.
    #[schema(value_type = String)]
    pub opens: Time,
    /// When it ends.
    #[schema(value_type = String)]
    pub closes: Time,
    /// When the break begins.
    #[schema(value_type = String)]
    pub break_from: Time,
    /// When the break ends.
    #[schema(value_type = String)]
    pub break_to: Time,
    /// How much earlier a short day ends, in minutes.
    pub short_by_minutes: u16,
    /// The years that are known.
    #[schema(value_type = BTreeMap<String, Year>)]
    pub years: BTreeMap<i16, Year>,
}

/// The terms of one deadline policy: `default`, one that categories name, or `channel.email` and the like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PolicyRecord {
    pub name: String,
    #[serde(flatten)]
    pub terms: Policy,
}

/// Records to load: those whose key is known are changed in the fields that are given, others are added.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LoadData {
    /// Fields that are absent stay as they are; `null` clears one.
    #[schema(value_type = Vec<Object>)]
    pub records: Vec<Value>,
    /// Remove what is not among the records, as far as nothing needs it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub prune: bool,
}

/// What loading did, or on a trial run would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LoadResult {
    pub kind: Word<DataKind>,
    /// Nothing was kept.
    pub dry_run: bool,
    pub added: u64,
    pub changed: u64,
    pub unchanged: u64,
    pub removed: u64,
    /// Open deadlines that moved because calendar or policies changed; none where they did not.
    #[serde(default)]
    pub deadlines_moved: Option<u64>,
    pub items: Vec<LoadItem>,
}

/// What became of one record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LoadItem {
    /// Login, code, id or name.
    pub key: String,
    pub change: Word<LoadChange>,
    /// Fields that changed.
    pub fields: Vec<String>,
}

/// An entry of the journal of administration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AdminEntry {
    pub at: Timestamp,
    pub actor: String,
    pub action: String,
    /// `people`, `departments`, …, or `platform`.
    pub kind: String,
    /// Key of the record.
    pub subject: String,
    /// Before and after of every field that changed.
    #[schema(value_type = Object)]
    pub changes: Value,
}

/// The platform at a glance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PlatformStatus {
    /// Version of the program.
    pub version: String,
    /// `sqlite` or `postgres`.
    pub engine: String,
    /// Number of the newest migration.
    pub schema: i64,
    /// Its clock.
    pub now: Timestamp,
    pub database_bytes: u64,
    pub files: FileTotals,
    /// Appeals by status; every status is there.
    pub appeals: BTreeMap<String, u64>,
    pub overdue: u64,
    /// Accounts by state.
    pub people: BTreeMap<String, u64>,
    pub outbox: OutboxTotals,
    /// The last one that was sent whole.
    pub last_backup: Option<BackupRef>,
    /// When due work was done last.
    pub jobs_ran_at: Option<Timestamp>,
    /// What a check of everything found; none unless it was asked for.
    pub integrity: Option<Integrity>,
}

/// Files that are kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FileTotals {
    pub count: u64,
    pub bytes: u64,
}

/// Messages on their way.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct OutboxTotals {
    pub pending: u64,
    pub failed: u64,
}

/// A backup that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct BackupRef {
    pub id: String,
    pub at: Timestamp,
    pub bytes: u64,
    /// When whoever received it had checked it.
    pub verified_at: Option<Timestamp>,
}

/// What a check of everything found: the database, every file's digest, every journal's chain.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Integrity {
    pub ok: bool,
    pub appeals: u64,
    pub entries: u64,
    pub files: u64,
    /// The first hundred.
    pub problems: Vec<String>,
}

impl Integrity {
    /// Problems that are told; more are counted by nobody.
    pub const MOST: usize = 100;

    /// Notes a problem.
    pub fn problem(&mut self, what: impl Into<String>) {
        if self.problems.len() < Self::MOST {
            self.problems.push(what.into());
        }
    }
}

/// What an import brought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Imported {
    /// Rows by table.
    pub rows: BTreeMap<String, u64>,
    pub files: u64,
}

/// Why it is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reasoned {
    pub reason: String,
}

/// A backup that was received and checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct BackupVerified {
    pub id: String,
    pub verified_at: Timestamp,
}
