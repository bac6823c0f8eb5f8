//! Codes of regions for appeals that were stored before there were any.

use super::catalogue;
use super::db::Tx;
use crate::args;
use crate::fault::{Fault, Result};
use appeal_domain::Regions;

/// Adds the code to every appeal without one whose region as written is known.
pub async fn fill(tx: &mut Tx) -> Result<()> {
    let Some(list) = catalogue::regions(tx).await? else { return Ok(()) };
    let regions: Regions = serde_json::from_str(&list).map_err(|e| Fault::Internal(e.to_string()))?;
    let sql = "SELECT DISTINCT region FROM appeals WHERE region IS NOT NULL AND region_code IS NULL";
    for row in tx.all(sql, Vec::new()).await? {
        let written = row.text("region")?;
        if let Some(code) = regions.code(&written) {
            let sql = "UPDATE appeals SET region_code = $1 WHERE region = $2 AND region_code IS NULL";
            tx.run(sql, args![code, &written]).await?;
        }
    }
    Ok(())
}
