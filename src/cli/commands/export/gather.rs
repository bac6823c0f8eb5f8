//! Everything of one appeal, fetched and checked before any of it is added to an export.

use std::io::Write;
use std::path::Path;

use jiff::Timestamp;
use serde_json::{Value, json};
use tempfile::NamedTempFile;

use super::row;
use crate::cli::base::Failure;
use crate::cli::commands::journal;
use appeal_api::Appeal;
use appeal_client::downloads::{self, Pdf};
use appeal_client::names::safe_name;
use appeal_client::{Client, Result as Fetched};

/// How often an appeal that changes while it is fetched is fetched again.
const TRIES: u32 = 3;

/// A file of an export.
pub struct Entry {
    /// Its path within the export, with `/`.
    pub name: String,
    /// Its time.
    pub at: Timestamp,
    pub file: NamedTempFile,
}

/// One appeal.
pub struct Gathered {
    pub entries: Vec<Entry>,
    /// Its row in the index.
    pub row: Value,
    /// The entry of the journal whose chain does not verify.
    pub broken: Option<u64>,
}

/// Fetches an appeal as it is at one moment: where it changed meanwhile, once more.
pub async fn gather(client: &Client, number: &str, place: &Path) -> Result<Gathered, Failure> {
    for _ in 1..TRIES {
        let (gathered, version) = once(client, number, place).await?;
        if client.show(number, false).await?.version == version {
            return Ok(gathered);
        }
    }
    Ok(once(client, number, place).await?.0)
}

async fn once(client: &Client, number: &str, place: &Path) -> Result<(Gathered, i64), Failure> {
    let appeal = client.show(number, true).await?;
    let chain = client.journal(number).await?;
    let broken = journal::verify(&chain).err().map(|broken| broken.seq);
    // The number is the platform's: not a path of its choice.
    let folder = safe_name(&appeal.number);
    let mut entries = Vec::new();
    let files = files(client, &appeal, &folder, place, &mut entries).await?;
    let count = entries.len();
    let mut card = serde_json::to_value(&appeal).map_err(std::io::Error::from)?;
    card["chain"] = serde_json::to_value(&chain).map_err(std::io::Error::from)?;
    card["chain_verified"] = json!(broken.is_none());
    card["files"] = files;
    let mut file = downloads::temporary(place).await?;
    serde_json::to_writer_pretty(file.as_file_mut(), &card).map_err(std::io::Error::from)?;
    file.write_all(b"\n")?;
    let mut documents = vec![Entry { name: format!("{folder}/appeal.json"), at: appeal.updated_at, file }];
    let file = downloads::temporary(place).await?;
    client.pdf(&appeal.number, Pdf::Card, &file).await?;
    documents.push(Entry { name: format!("{folder}/appeal.pdf"), at: appeal.updated_at, file });
    for (at, answer) in appeal.answers.iter().flatten().enumerate() {
        let file = downloads::temporary(place).await?;
        client.pdf(&appeal.number, Pdf::Answer(&answer.id), &file).await?;
        documents.push(Entry { name: format!("{folder}/answer-{}.pdf", at + 1), at: answer.at, file });
    }
    documents.append(&mut entries);
    let mut bytes = 0;
    for entry in &documents {
        bytes += entry.file.as_file().metadata()?.len();
    }
    let row = row(&appeal, &format!("{folder}/"), count, bytes, broken.is_none());
    Ok((Gathered { entries: documents, row, broken }, appeal.version))
}

/// Fetches every version of every file; gives what `appeal.json` says of them.
async fn files(
    client: &Client,
    appeal: &Appeal,
    folder: &str,
    place: &Path,
    entries: &mut Vec<Entry>,
) -> Fetched<Value> {
    let mut files = Vec::new();
    for (at, attachment) in appeal.attachments.iter().enumerate() {
        let mut versions = Vec::new();
        for version in client.file_history(&appeal.number, &attachment.id).await? {
            // Two files may have one name, and two names may differ in case alone.
            let name = format!("{folder}/files/{}-v{}-{}", at + 1, version.version, safe_name(&version.name));
            let file = downloads::temporary(place).await?;
            client.download_into(&appeal.number, attachment, Some(&version), &file, &|_| ()).await?;
            versions.push(json!({
                "version": version.version, "name": version.name, "size": version.size, "sha256": version.sha256,
                "added_at": version.added_at, "added_by": version.added_by, "path": name,
            }));
            entries.push(Entry { name, at: version.added_at, file });
        }
        files.push(json!({ "id": attachment.id, "current": attachment.version, "versions": versions }));
    }
    Ok(Value::Array(files))
}
