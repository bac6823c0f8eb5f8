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
    use crate::args;
    use crate::store::Database;

    #[tokio::test]
    async fn partial_indexes_name_groups_of_statuses() {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", dir.path().join("appeal.db").display());
        let db = Database::open(&url, false, Box::new(|_| Box::pin(std::future::ready(Ok(())))), None)
            .await
            .unwrap();
        let sql = "SELECT sql FROM sqlite_master WHERE type = 'index' AND sql LIKE '%status IN (%'";
        let indexes =
            db.read(move |tx| Box::pin(async move { Ok(tx.all(sql, args![]).await?) })).await.unwrap();
        let list = |index: String| {
            let rest = index.split("status IN ").nth(1).map(str::to_owned);
            rest.and_then(|rest| rest.split_inclusive(')').next().map(str::to_owned))
        };
        let named: Vec<_> = indexes.iter().filter_map(|row| list(row.text("sql").unwrap())).collect();
        assert_eq!(named, [UNDECIDED.to_string(), UNDECIDED.to_string()]);
    }
}
