//! Merged appeals.

use super::db::Tx;
use crate::args;
use crate::fault::Result;

/// Returns ids of all appeals merged into one, directly or indirectly, as long as they are closed for that reason.
pub async fn merged_into(tx: &mut Tx, number: &str) -> Result<Vec<String>> {
    let sql = "WITH RECURSIVE merged (id, number) AS (\
               SELECT id, number FROM appeals WHERE merged_into = $1 AND status = 'closed' \
               UNION SELECT a.id, a.number FROM appeals a JOIN merged m ON a.merged_into = m.number \
               WHERE a.status = 'closed') SELECT id FROM merged ORDER BY id";
    tx.all(sql, args![number]).await?.iter().map(|row| Ok(row.text("id")?)).collect()
}
