//! Sends rows: their files first, then many rows in one request if the platform allows it, otherwise one by one.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use tokio::time::Instant;

use super::prepare::Ready;
use appeal_api::{Appeal, BULK_BYTES_MAX, BulkLine, BulkResult, FileRef, NewAppeal, Received, Similar, code};
use appeal_client::pacing::Pacer;
use appeal_client::{Client, bulk};
use appeal_files::Checked;

/// Most rows in one request. The platform accepts more, but it answers only when the last of them is filed.
pub const ROWS_MAX: usize = 200;
/// The platform keeps an upload for a day; older ones than this are sent again.
const UPLOAD_FRESH: Duration = Duration::from_secs(12 * 3600);
/// Most rows of one request whose files are uploaded at once. The pacer usually allows fewer.
const UPLOADING: usize = 64;
/// Most uploads that are remembered.
const UPLOADS: usize = 10_000;

/// A row to send.
pub struct Outgoing {
    /// Its idempotency key.
    pub key: String,
    /// The request and its files.
    pub ready: Arc<Ready>,
}

/// A filed appeal.
#[derive(Debug)]
pub struct Sent {
    /// Its number.
    pub number: String,
    /// Similar open appeals of the same person.
    pub similar: Vec<Similar>,
}

impl From<Received<Appeal>> for Sent {
    fn from(card: Received<Appeal>) -> Self {
        let card = card.into_known();
        Self { number: card.number, similar: card.similar }
    }
}

/// The result of sending a row.
pub type SendOutcome = appeal_client::Result<Sent>;

/// Sends rows. Cheap to clone.
#[derive(Clone)]
pub struct Sender {
    client: Client,
    pacer: Arc<Pacer>,
    shared: Arc<Shared>,
}

struct Shared {
    /// Whether the platform accepts many rows in one request, as far as is known.
    bulk: AtomicBool,
    /// When each file was uploaded by this run, by digest.
    uploaded: Mutex<HashMap<String, Arc<tokio::sync::Mutex<Option<Instant>>>>>,
}

impl Sender {
    /// Creates a sender for this platform.
    pub fn new(client: &Client, pacer: Arc<Pacer>) -> Self {
        let client = client.clone().with_pacer(pacer.clone());
        let shared = Shared { bulk: AtomicBool::new(true), uploaded: Mutex::default() };
        Self { client, pacer, shared: Arc::new(shared) }
    }

    /// True if many rows can be sent in one request.
    pub fn bulk(&self) -> bool {
        self.shared.bulk.load(Ordering::Relaxed)
    }

    /// Sends rows and returns their outcomes in the same order. `None` for rows that were not sent because an earlier
    /// error affects every row.
    pub async fn send(&self, outgoing: &[Outgoing]) -> Vec<Option<SendOutcome>> {
        let mut outcomes: Vec<Option<SendOutcome>> = outgoing.iter().map(|_| None).collect();
        let mut requests = Vec::with_capacity(outgoing.len());
        // Uploads the files of several rows at once, as far as the pacer allows.
        let to_upload: Vec<(Sender, Arc<Ready>)> =
            outgoing.iter().map(|row| (self.clone(), row.ready.clone())).collect();
        let made = stream::iter(to_upload)
            .map(|(sender, ready)| async move { sender.request(&ready, false).await })
            .buffered(UPLOADING);
        let mut made = std::pin::pin!(made);
        for outcome in &mut outcomes {
            match made.next().await {
                Some(Ok(request)) => requests.push(Some(request)),
                Some(Err(error)) => {
                    let fatal = affects_every_row(&error);
                    *outcome = Some(Err(error));
                    if fatal {
                        break;
                    }
                    requests.push(None);
                }
                None => break,
            }
        }
        if self.bulk() && requests.iter().flatten().count() > 1 {
            self.send_bulk(outgoing, &requests, &mut outcomes).await;
        }
        for ((row, request), outcome) in outgoing.iter().zip(&requests).zip(&mut outcomes) {
            if let (Some(request), None) = (request, &outcome) {
                let sent = self.send_alone(row, request).await;
                let fatal = sent.as_ref().is_err_and(affects_every_row);
                *outcome = Some(sent);
                if fatal {
                    break;
                }
            }
        }
        // The rows after a fatal error are not sent, because they would fail too.
        outcomes
    }

    /// Sends many rows in one request. Rows without an outcome have to be sent alone.
    async fn send_bulk(
        &self,
        outgoing: &[Outgoing],
        requests: &[Option<NewAppeal>],
        outcomes: &mut [Option<SendOutcome>],
    ) {
        let mut lines: Vec<(usize, BulkLine)> = Vec::new();
        let mut size = 0;
        for (n, (row, request)) in outgoing.iter().zip(requests).enumerate() {
            let Some(request) = request else { continue };
            let Ok(line) = bulk::line(&row.key, request) else { continue };
            size += line.appeal.get().len() + line.key.len() + 64;
            if size > BULK_BYTES_MAX {
                break;
            }
            lines.push((n, line));
        }
        let (places, lines): (Vec<usize>, Vec<BulkLine>) = lines.into_iter().unzip();
        let pass = self.pacer.enter().await;
        let answer = self.client.create_many(&lines).await;
        if let Ok(Some(_)) = &answer {
            pass.went_well(lines.len());
        } else {
            drop(pass);
        }
        match answer {
            Ok(Some(results)) => {
                for (n, result) in places.into_iter().zip(results) {
                    outcomes[n] = outcome_of(result);
                }
            }
            Ok(None) => self.shared.bulk.store(false, Ordering::Relaxed),
            Err(error) if error.is_unreachable() => {
                // It is not known whether the request was carried out.
                let why = error.to_string();
                for n in places {
                    outcomes[n] = Some(Err(appeal_client::Error::Unreachable {
                        place: self.client.place().to_owned(),
                        attempts: 1,
                        last: why.clone(),
                    }));
                }
            }
            // A proxy may refuse the bulk route but let single appeals through.
            Err(appeal_client::Error::Protocol(_)) => self.shared.bulk.store(false, Ordering::Relaxed),
            Err(_) => {}
        }
    }

    /// Sends one row. Uploads its files again if the platform no longer has them.
    async fn send_alone(&self, row: &Outgoing, request: &NewAppeal) -> SendOutcome {
        let pass = self.pacer.enter().await;
        let answer = self.client.create(request, &row.key).await;
        // A refusal is an answer, too.
        if answer.as_ref().is_err_and(appeal_client::Error::is_unreachable) {
            drop(pass);
        } else {
            pass.went_well(1);
        }
        match answer {
            Err(appeal_client::Error::Problem(problem)) if problem.code == code::UPLOAD_MISSING => {
                let request = self.request(&row.ready, true).await?;
                Ok(self.client.create(&request, &row.key).await?.into())
            }
            outcome => Ok(outcome?.into()),
        }
    }

    /// Builds the request of a row after uploading its files. Files that this run uploaded already are skipped.
    async fn request(&self, ready: &Ready, again: bool) -> appeal_client::Result<NewAppeal> {
        if ready.files.is_empty() {
            return Ok(ready.request.clone());
        }
        for (file, _) in &ready.files {
            self.upload(file, again).await?;
        }
        let attachments = ready
            .files
            .iter()
            .map(|(file, document)| FileRef {
                sha256: file.sha256.clone(),
                name: file.name.clone(),
                document: document.clone(),
            })
            .collect();
        Ok(NewAppeal { attachments, ..ready.request.clone() })
    }

    /// Uploads a file once, even if several rows in flight contain it.
    async fn upload(&self, file: &Checked, again: bool) -> appeal_client::Result<()> {
        let cell = {
            let mut uploaded = self.shared.uploaded.lock().unwrap_or_else(PoisonError::into_inner);
            if uploaded.len() > UPLOADS {
                uploaded.clear();
            }
            uploaded.entry(file.sha256.clone()).or_default().clone()
        };
        // A second caller waits here and then finds the file uploaded.
        let mut at = cell.lock().await;
        if at.is_none_or(|at| again || at.elapsed() >= UPLOAD_FRESH) {
            let pass = self.pacer.enter().await;
            self.client.upload(file, &|_| {}).await?;
            pass.answered();
            *at = Some(Instant::now());
        }
        Ok(())
    }
}

/// True for errors that affect every row: the platform is unreachable, or the sign-in or the account is not accepted.
pub fn affects_every_row(error: &appeal_client::Error) -> bool {
    match error {
        error if error.is_unreachable() => true,
        appeal_client::Error::Problem(problem) => {
            problem.status == 401
                || [code::SCOPE, code::ACCOUNT_BLOCKED, code::ACCOUNT_UNCONFIRMED]
                    .contains(&problem.code.as_str())
        }
        _ => false,
    }
}

/// The outcome of a line; `None` if the row should be sent alone.
fn outcome_of(result: BulkResult) -> Option<SendOutcome> {
    match (result.number, result.error) {
        (Some(number), _) => Some(Ok(Sent { number, similar: result.similar })),
        (None, Some(problem)) => {
            let passing = problem.status >= 500 || matches!(problem.status, 408 | 429);
            let alone = passing || problem.code == code::UPLOAD_MISSING;
            (!alone).then(|| Err(appeal_client::Error::Problem(Box::new(problem))))
        }
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_with_a_number_is_filed_whatever_word_its_status_has() {
        let result = r#"{"key":"k","status":"queued","number":"N","replayed":false,"error":null}"#;
        let sent = outcome_of(serde_json::from_str(result).unwrap()).unwrap().unwrap();
        assert_eq!(sent.number, "N");
    }
}
