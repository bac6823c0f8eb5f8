//! The transactional outbox (N4): messages wait here from the commit of what they tell until they are delivered.

use jiff::Timestamp;
use serde_json::Value;

use super::db::Tx;
use crate::args;
use crate::domain::{MessageChannel, NoticeKind};
use crate::platform::fault::Result;

/// A message to be delivered.
#[derive(Debug, Clone)]
pub struct NewMessage<'a> {
    pub person_id: &'a str,
    pub appeal_id: Option<&'a str>,
    pub channel: MessageChannel,
    pub kind: NoticeKind,
    /// Address, number or URL; none for a message in the account.
    pub address: Option<&'a str>,
    pub subject: &'a str,
    pub text: &'a str,
    /// What a program reads of it.
    pub body: Value,
    pub at: Timestamp,
    /// Not worth sending after this.
    pub expires_at: Option<Timestamp>,
}

/// Puts a message into the outbox; gives its id, which every delivery of it carries. A message in the account is
/// delivered by being there.
pub async fn put(tx: &mut Tx, new: &NewMessage<'_>) -> Result<String> {
    let id = uuid::Uuid::now_v7().to_string();
    let there = new.channel == MessageChannel::Account;
    tx.run(
        "INSERT INTO messages (id, person_id, appeal_id, channel, kind, address, subject, text, body, created_at, \
         state, next_at, expires_at, delivered_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        args![
            &id,
            new.person_id,
            new.appeal_id,
            new.channel.as_str(),
            new.kind.as_str(),
            new.address,
            new.subject,
            new.text,
            new.body.to_string(),
            new.at,
            if there { "delivered" } else { "pending" },
            (!there).then_some(new.at),
            new.expires_at,
            there.then_some(new.at),
        ],
    )
    .await?;
    Ok(id)
}
