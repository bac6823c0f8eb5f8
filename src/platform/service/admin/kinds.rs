//! The kinds of data.

use super::data_set::DataSet;
use super::{calendar, categories, contacts, departments, people, policies, templates};
use appeal_domain::DataKind;

/// Returns the implementation of a kind.
pub fn of(kind: DataKind) -> &'static dyn DataSet {
    match kind {
        DataKind::People => &people::People,
        DataKind::Departments => &departments::Departments,
        DataKind::Categories => &categories::Categories,
        DataKind::Templates => &templates::Templates,
        DataKind::Calendar => &calendar::Calendars,
        DataKind::Policies => &policies::DeadlinePolicies,
        DataKind::Contacts => &contacts::Contacts,
    }
}
