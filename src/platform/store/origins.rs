//! Devices and networks from which people signed in.

use jiff::{SignedDuration, Timestamp};

use super::db::Tx;
use super::fresh_id;
use crate::args;
use crate::fault::{Fault, Result};

/// After this long without a sign-in, a device or a network is forgotten.
const KEPT: SignedDuration = SignedDuration::from_hours(180 * 24);
/// Maximum number of devices of a person; the ones used last are kept.
const DEVICES: u32 = 20;

/// Returns the id of a person's device by the digest of its secret.
pub async fn device(tx: &mut Tx, person_id: &str, digest: &str) -> Result<Option<String>> {
    let sql = "SELECT id FROM devices WHERE digest = $1 AND person_id = $2";
    Ok(tx.first(sql, args![digest, person_id]).await?.map(|row| row.text("id")).transpose()?)
}

/// Returns the id of a valid session of a person by the digest of its token.
pub async fn session(tx: &mut Tx, person_id: &str, digest: &str, now: Timestamp) -> Result<Option<String>> {
    let sql = "SELECT id FROM tokens WHERE digest = $1 AND person_id = $2 AND session = 1 AND revoked_at IS NULL \
               AND expires_at > $3";
    Ok(tx.first(sql, args![digest, person_id, now]).await?.map(|row| row.text("id")).transpose()?)
}

/// Returns whether a person signed in from this network before.
pub async fn is_known_network(tx: &mut Tx, person_id: &str, network: &str) -> Result<bool> {
    let sql = "SELECT 1 AS known FROM known_networks WHERE person_id = $1 AND network = $2";
    Ok(tx.first(sql, args![person_id, network]).await?.is_some())
}

/// Records a sign-in from a network.
pub async fn keep_network(tx: &mut Tx, person_id: &str, network: &str, now: Timestamp) -> Result<()> {
    tx.run(
        "INSERT INTO known_networks (person_id, network, used_at) VALUES ($1, $2, $3) \
         ON CONFLICT (person_id, network) DO UPDATE SET used_at = excluded.used_at",
        args![person_id, network, now],
    )
    .await?;
    Ok(())
}

/// Records a sign-in on a known device.
pub async fn use_device(tx: &mut Tx, id: &str, now: Timestamp) -> Result<()> {
    tx.run("UPDATE devices SET used_at = $2 WHERE id = $1", args![id, now]).await?;
    Ok(())
}

/// Adds a device by the digest of its secret.
pub async fn add_device(tx: &mut Tx, person_id: &str, digest: &str, now: Timestamp) -> Result<()> {
    tx.run(
        "INSERT INTO devices (id, digest, person_id, created_at, used_at) VALUES ($1, $2, $3, $4, $4)",
        args![fresh_id(), digest, person_id, now],
    )
    .await?;
    tx.run(
        "DELETE FROM devices WHERE person_id = $1 AND id NOT IN \
         (SELECT id FROM devices WHERE person_id = $1 ORDER BY used_at DESC, id DESC LIMIT $2)",
        args![person_id, DEVICES],
    )
    .await?;
    Ok(())
}

/// Forgets all devices and networks of a person.
pub async fn forget_all(tx: &mut Tx, person_id: &str) -> Result<()> {
    tx.run("DELETE FROM devices WHERE person_id = $1", args![person_id]).await?;
    tx.run("DELETE FROM known_networks WHERE person_id = $1", args![person_id]).await?;
    Ok(())
}

/// Forgets devices and networks that were not used for a long time.
pub async fn forget_unused(tx: &mut Tx, now: Timestamp) -> Result<()> {
    let before = now.checked_sub(KEPT).map_err(|e| Fault::Internal(e.to_string()))?;
    tx.run("DELETE FROM devices WHERE used_at < $1", args![before]).await?;
    tx.run("DELETE FROM known_networks WHERE used_at < $1", args![before]).await?;
    Ok(())
}
