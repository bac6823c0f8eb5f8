//! The one way to change something: a use case in a transaction of its own, under an idempotency key, or as a dry run.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;
use futures_util::future::BoxFuture;
use serde::Serialize;

use super::extract::Posted;
use super::respond::{self, Answer};
use crate::app::App;
use crate::fault::{Fault, Result};
use crate::service::context::Ctx;
use crate::store::db::Tx;
use crate::store::idempotency::{self, KeyRef, Stored};
use appeal_api::code;

/// What a mutation gives: its version, for the `ETag`.
pub trait Versioned {
    /// The version, where there is one.
    fn version(&self) -> Option<i64> {
        None
    }
}

impl Versioned for appeal_api::Appeal {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}
impl Versioned for appeal_api::Discarded {}
impl Versioned for appeal_api::IssuedToken {}
impl Versioned for appeal_api::TrialRun {}
impl Versioned for appeal_api::LoadResult {}
impl Versioned for appeal_api::BackupVerified {}

impl App {
    /// Runs a use case that changes something: under the idempotency key if there is one (the same key and bytes give
    /// the first answer again, before any check of state), rolled back on a trial run.
    ///
    /// `filing` marks keys that live as long as the appeal.
    pub async fn mutate<B, T>(
        &self,
        posted: Posted<B>,
        status: StatusCode,
        filing: bool,
        use_case: impl for<'t> Fn(&'t mut Tx, &'t Ctx, &'t B) -> BoxFuture<'t, Result<T>> + Send + Sync + 'static,
    ) -> Response
    where
        B: Send + Sync + 'static,
        T: Serialize + Versioned + Send + 'static,
    {
        let lang = posted.lang;
        match self.perform(posted, status, filing, use_case).await {
            Ok(answer) => respond::answer(answer),
            Err(fault) => respond::fault(&fault, lang),
        }
    }

    /// What [`App::mutate`] does, with the answer still in the hand: for a handler whose answer is not quite what is
    /// stored. A trial run ends in [`Fault::Rehearsed`].
    pub async fn perform<B, T>(
        &self,
        posted: Posted<B>,
        status: StatusCode,
        filing: bool,
        use_case: impl for<'t> Fn(&'t mut Tx, &'t Ctx, &'t B) -> BoxFuture<'t, Result<T>> + Send + Sync + 'static,
    ) -> Result<Answer>
    where
        B: Send + Sync + 'static,
        T: Serialize + Versioned + Send + 'static,
    {
        let Posted { caller, lang, key, route, digest, dry_run, body, .. } = posted;
        let ctx = Ctx { caller, now: self.now(), lang, trial: dry_run };
        let shared = Arc::new((ctx, body, use_case, route, digest, key));
        self.db()
            .write(move |tx| {
                let shared = shared.clone();
                Box::pin(async move {
                    let (ctx, body, use_case, route, digest, key) = &*shared;
                    let key =
                        key.as_deref().map(|key| KeyRef { person_id: &ctx.caller.person_id, route, key });
                    if let Some(key) = key
                        && let Some(stored) = idempotency::find(tx, key).await?
                    {
                        if stored.digest != *digest {
                            return Err(Fault::refuse(422, code::IDEMPOTENCY_REUSED).into());
                        }
                        if dry_run {
                            // It would give the first answer again.
                            return Err(Fault::Rehearsed);
                        }
                        let Stored { status, body, .. } = stored;
                        return Ok(Answer { status, body, version: None, replayed: true });
                    }
                    let value = use_case(tx, ctx, body).await?;
                    if dry_run {
                        return Err(Fault::Rehearsed);
                    }
                    let text = serde_json::to_string(&value).map_err(|e| Fault::Internal(e.to_string()))?;
                    let stored = Stored { digest: digest.clone(), status: status.as_u16(), body: text };
                    if let Some(key) = key {
                        idempotency::keep(tx, key, &stored, filing, ctx.now).await?;
                    }
                    let Stored { status, body, .. } = stored;
                    Ok(Answer { status, body, version: value.version(), replayed: false })
                })
            })
            .await
    }
}
