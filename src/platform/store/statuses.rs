//! Groups of statuses in SQL. Partial indexes list the same groups in exactly the same spelling, which is required for
//! a query to use them.

use std::fmt;

use appeal_domain::Status;

/// A group, for `status IN {…}`.
#[derive(Debug, Clone, Copy)]
pub struct Group(&'static [Status]);

/// The authority has the appeal and has not decided.
pub const UNDECIDED: Group = Group(Status::UNDECIDED);
/// Undecided, and the next step is the authority's.
pub const WITH_AUTHORITY: Group = Group(Status::WITH_AUTHORITY);
/// Answered, and the next step is the applicant's.
pub const WITH_APPLICANT: Group = Group(Status::WITH_APPLICANT);

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(")?;
        for (n, status) in self.0.iter().enumerate() {
            let comma = if n == 0 { "" } else { ", " };
            write!(f, "{comma}'{status}'")?;
        }
        f.write_str(")")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partial_indexes_name_groups_of_statuses() {
        let migrations = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("store/migrations/sqlite");
        let mut named = Vec::new();
        for entry in std::fs::read_dir(migrations).unwrap() {
            let sql = std::fs::read_to_string(entry.unwrap().path()).unwrap();
            for statement in sql.split(';').filter(|s| s.contains("CREATE INDEX")) {
                let list =
                    statement.split("status IN ").nth(1).and_then(|rest| rest.split_inclusive(')').next());
                named.extend(list.map(str::to_owned));
            }
        }
        assert_eq!(named, [UNDECIDED.to_string(), UNDECIDED.to_string()]);
    }
}
