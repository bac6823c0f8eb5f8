//! Sending rows: their files first, then many in one request where the platform takes it, else one by one.

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

/// Most rows of one request: the platform would take more, but the answer to a request comes when the last of them is
/// filed.
pub const MOST: usize = 200;
/// An upload is kept a day; one that is as old as this is asked for again.
const UPLOAD_KNOWN: Duration = Duration::from_secs(12 * 3600);
/// Rows of one request whose files are brought at once, at most: the pace is below it.
const UPLOADING: usize = 64;
/// Digests of uploads that are remembered.
const UPLOADS: usize = 10_000;

/// A row with the idempotency key under which it is sent.
pub struct Parcel {
    /// The key.
    pub key: String,
    /// The request and its files.
    pub ready: Arc<Ready>,
}

/// A row that is filed.
#[derive(Debug)]
pub struct Sent {
    /// Its number.
    pub number: String,
    /// What else the same person has open that says much the same.
    pub similar: Vec<Similar>,
}

impl From<Received<Appeal>> for Sent {
    fn from(card: Received<Appeal>) -> Self {
        let card = card.into_known();
        Self { number: card.number, similar: card.similar }
    }
}

/// What came of a row, or why it was not filed.
pub type Outcome = appeal_client::Result<Sent>;

/// Sends rows. Cheap to clone.
#[derive(Clone)]
pub struct Sender {
    client: Client,
    pacer: Arc<Pacer>,
    shared: Arc<Shared>,
}

struct Shared {
    /// The platform takes many in one request, for all that is known.
    bulk: AtomicBool,
    /// What was uploaded by this run, and when: by digest.
    uploaded: Mutex<HashMap<String, Arc<tokio::sync::Mutex<Option<Instant>>>>>,
}

impl Sender {
    /// One that sends to this platform.
    pub fn new(client: &Client, pacer: Arc<Pacer>) -> Self {
        let client = client.clone().with_pacer(pacer.clone());
        let shared = Shared { bulk: AtomicBool::new(true), uploaded: Mutex::default() };
        Self { client, pacer, shared: Arc::new(shared) }
    }

    /// Whether many can be sent in one request.
    pub fn bulk(&self) -> bool {
        self.shared.bulk.load(Ordering::Relaxed)
    }

    /// Sends rows; what came of each, in their order. None of a row that was left alone, because an error before it
    /// concerns every row.
    pub async fn send(&self, parcels: &[Parcel]) -> Vec<Option<Outcome>> {
        let mut outcomes: Vec<Option<Outcome>> = parcels.iter().map(|_| None).collect();
        let mut requests = Vec::with_capacity(parcels.len());
        // The files of several rows at once, as far as the pace allows.
        let wanted: Vec<(Sender, Arc<Ready>)> =
            parcels.iter().map(|parcel| (self.clone(), parcel.ready.clone())).collect();
        let made = stream::iter(wanted)
            .map(|(sender, ready)| async move { sender.request(&ready, false).await })
            .buffered(UPLOADING);
        let mut made = std::pin::pin!(made);
        for outcome in &mut outcomes {
            match made.next().await {
                Some(Ok(request)) => requests.push(Some(request)),
                Some(Err(error)) => {
                    let hopeless = concerns_every_row(&error);
                    *outcome = Some(Err(error));
                    if hopeless {
                        break;
                    }
                    requests.push(None);
                }
                None => break,
            }
        }
        if self.bulk() && requests.iter().flatten().count() > 1 {
            self.many(parcels, &requests, &mut outcomes).await;
        }
        for ((parcel, request), outcome) in parcels.iter().zip(&requests).zip(&mut outcomes) {
            if let (Some(request), None) = (request, &outcome) {
                let sent = self.one(parcel, request).await;
                let hopeless = sent.as_ref().is_err_and(concerns_every_row);
                *outcome = Some(sent);
                if hopeless {
                    break;
                }
            }
        }
        // The others would fare the same: they were not sent.
        outcomes
    }

    /// Sends what can be sent together; leaves open what has to be sent alone.
    async fn many(
        &self,
        parcels: &[Parcel],
        requests: &[Option<NewAppeal>],
        outcomes: &mut [Option<Outcome>],
    ) {
        let mut lines: Vec<(usize, BulkLine)> = Vec::new();
        let mut size = 0;
        for (n, (parcel, request)) in parcels.iter().zip(requests).enumerate() {
            let Some(request) = request else { continue };
            let Ok(line) = bulk::line(&parcel.key, request) else { continue };
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
                // Nothing is known of any of them.
                let why = error.to_string();
                for n in places {
                    outcomes[n] = Some(Err(appeal_client::Error::Unreachable {
                        place: self.client.place().to_owned(),
                        attempts: 1,
                        last: why.clone(),
                    }));
                }
            }
            // Something between here and the platform does not let it through: alone they may pass.
            Err(appeal_client::Error::Protocol(_)) => self.shared.bulk.store(false, Ordering::Relaxed),
            Err(_) => {}
        }
    }

    /// Sends a row alone; uploads its files again where the platform does not have them any more.
    async fn one(&self, parcel: &Parcel, request: &NewAppeal) -> Outcome {
        let pass = self.pacer.enter().await;
        let answer = self.client.create(request, &parcel.key).await;
        // A refusal is an answer too.
        if answer.as_ref().is_err_and(appeal_client::Error::is_unreachable) {
            drop(pass);
        } else {
            pass.went_well(1);
        }
        match answer {
            Err(appeal_client::Error::Problem(problem)) if problem.code == code::UPLOAD_MISSING => {
                let request = self.request(&parcel.ready, true).await?;
                Ok(self.client.create(&request, &parcel.key).await?.into())
            }
            outcome => Ok(outcome?.into()),
        }
    }

    /// The request of a row; its files are uploaded, unless this run did so before.
    async fn request(&self, ready: &Ready, anew: bool) -> appeal_client::Result<NewAppeal> {
        if ready.files.is_empty() {
            return Ok(ready.request.clone());
        }
        for (file, _) in &ready.files {
            self.upload(file, anew).await?;
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

    /// Uploads a file once, however many rows that are under way name it.
    async fn upload(&self, file: &Checked, anew: bool) -> appeal_client::Result<()> {
        let cell = {
            let mut uploaded = self.shared.uploaded.lock().unwrap_or_else(PoisonError::into_inner);
            if uploaded.len() > UPLOADS {
                uploaded.clear();
            }
            uploaded.entry(file.sha256.clone()).or_default().clone()
        };
        // Who comes second waits for the first, and has nothing left to do.
        let mut at = cell.lock().await;
        if at.is_none_or(|at| anew || at.elapsed() >= UPLOAD_KNOWN) {
            let pass = self.pacer.enter().await;
            self.client.upload(file, &|_| {}).await?;
            pass.answered();
            *at = Some(Instant::now());
        }
        Ok(())
    }
}

/// Every other row would fare the same: the platform is not there, or the sign-in or the account is not good.
pub fn concerns_every_row(error: &appeal_client::Error) -> bool {
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

/// What a line came to; none where it should be tried alone.
fn outcome_of(result: BulkResult) -> Option<Outcome> {
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
