//! Appeals that were merged into others.

use super::db::Tx;
use crate::args;
use crate::fault::Result;

/// Ids of everything that was merged into an appeal, and into what was merged into it, while it is closed for that.
pub async fn merged_into(tx: &mut Tx, number: &str) -> Result<Vec<String>> {
    let sql = "WITH RECURSIVE merged (id, number) AS (\
               SELECT id, number FROM appeals WHERE merged_into = $1 AND status = 'closed' \
               UNION SELECT a.id, a.number FROM appeals a JOIN merged m ON a.merged_into = m.number \
               WHERE a.status = 'closed') SELECT id FROM merged ORDER BY id";
    tx.all(sql, args![number]).await?.iter().map(|row| Ok(row.text("id")?)).collect()
}
