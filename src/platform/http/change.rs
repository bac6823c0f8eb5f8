//! Executes changes: a use case in its own transaction, under an idempotency key, or as a dry run that is rolled back.

use std::sync::Arc;

use axum::http::StatusCode;
use futures_util::future::BoxFuture;
use serde::Serialize;

use super::extract::{Asked, Posted};
use super::respond::Answer;
use crate::app::App;
use crate::fault::{Fault, Result};
use crate::service::context::Ctx;
use crate::service::idempotency;
use crate::store::Keep;
use crate::store::db::Tx;
use crate::store::idempotency::{KeyRef, Stored, keep as keep_answer};

/// The status of the response to a change, and how long it is stored under its idempotency key.
#[derive(Debug, Clone, Copy)]
pub struct Reply {
    status: StatusCode,
    filing: bool,
}

impl Reply {
    /// 200.
    pub const OK: Reply = Reply { status: StatusCode::OK, filing: false };
    /// 201.
    pub const CREATED: Reply = Reply { status: StatusCode::CREATED, filing: false };

    /// Marks the filing of an appeal: the key is kept as long as the appeal.
    pub const fn kept_with_the_appeal(self) -> Reply {
        Reply { filing: true, ..self }
    }
}

/// A result with a version, for the `ETag`.
pub trait Versioned {
    /// Returns the version, if there is one.
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
impl Versioned for appeal_api::LoadResult {}
impl Versioned for appeal_api::BackupVerified {}
impl Versioned for appeal_api::NoticesRead {}
impl Versioned for appeal_api::NoticeSettings {}

/// A use case with its arguments: what it does gives the body of the answer and its version.
type Work =
    Box<dyn for<'t> Fn(&'t mut Tx, &'t Ctx) -> BoxFuture<'t, Result<(String, Option<i64>)>> + Send + Sync>;

/// A change that is to be made.
struct Request {
    ctx: Ctx,
    key: Option<String>,
    route: String,
    digest: String,
    reply: Reply,
    work: Work,
}

impl App {
    /// Runs a use case that changes something. With an idempotency key, repeating the same bytes returns the stored
    /// response, before any check of state.
    pub async fn change<B, P, T>(
        &self,
        posted: Posted<B, P>,
        reply: Reply,
        use_case: impl for<'t> Fn(&'t mut Tx, &'t Ctx, &'t Asked<B, P>) -> BoxFuture<'t, Result<T>>
        + Send
        + Sync
        + 'static,
    ) -> Result<Answer>
    where
        B: Send + Sync + 'static,
        P: Send + Sync + 'static,
        T: Serialize + Versioned + Send + 'static,
    {
        let Posted { caller, lang, key, route, digest, dry_run, asked } = posted;
        let ctx = Ctx { caller, now: self.now(), lang, dry_run };
        let shared = Arc::new((asked, use_case));
        let work: Work = Box::new(move |tx, ctx| {
            let shared = shared.clone();
            Box::pin(async move {
                let (asked, use_case) = &*shared;
                let value = use_case(tx, ctx, asked).await?;
                let body = serde_json::to_string(&value).map_err(|e| Fault::Internal(e.to_string()))?;
                Ok((body, value.version()))
            })
        });
        self.change_once(Arc::new(Request { ctx, key, route, digest, reply, work })).await
    }

    /// [`App::change`] without types of its own, so that it is compiled once and not for each route.
    fn change_once(&self, request: Arc<Request>) -> BoxFuture<'_, Result<Answer>> {
        Box::pin(async move {
            let dry_run = request.ctx.dry_run;
            let answer = self.db().run(keep(dry_run), move |tx| {
                let request = request.clone();
                Box::pin(async move {
                    let Request { ctx, key, route, digest, reply, work } = &*request;
                    let key =
                        key.as_deref().map(|key| KeyRef { person_id: &ctx.caller.person_id, route, key });
                    if let Some(key) = key
                        && let Some(stored) = idempotency::earlier(tx, key, digest).await?
                    {
                        let Stored { status, body, .. } = stored;
                        return Ok(Answer { status, body, version: None, replayed: true });
                    }
                    let (body, version) = work(tx, ctx).await?;
                    let stored = Stored { digest: digest.clone(), status: reply.status.as_u16(), body };
                    if let Some(key) = key {
                        keep_answer(tx, key, &stored, reply.filing, ctx.now).await?;
                    }
                    let Stored { status, body, .. } = stored;
                    Ok(Answer { status, body, version, replayed: false })
                })
            });
            let answer = answer.await?;
            if dry_run { Answer::checked() } else { Ok(answer) }
        })
    }

    /// Runs a use case whose response is secret and therefore never stored. Returns `None` for a dry run.
    pub async fn change_unkept<B, P, T>(
        &self,
        posted: Posted<B, P>,
        use_case: impl for<'t> Fn(&'t mut Tx, &'t Ctx, &'t Asked<B, P>) -> BoxFuture<'t, Result<T>>
        + Send
        + Sync
        + 'static,
    ) -> Result<Option<T>>
    where
        B: Send + Sync + 'static,
        P: Send + Sync + 'static,
        T: Send + 'static,
    {
        let dry_run = posted.dry_run;
        let ctx = Ctx { caller: posted.caller, now: self.now(), lang: posted.lang, dry_run };
        let shared = Arc::new((ctx, posted.asked, use_case));
        let value = self.db().run(keep(dry_run), move |tx| {
            let shared = shared.clone();
            Box::pin(async move {
                let (ctx, asked, use_case) = &*shared;
                use_case(tx, ctx, asked).await
            })
        });
        let value = value.await?;
        Ok((!dry_run).then_some(value))
    }
}

fn keep(dry_run: bool) -> Keep {
    if dry_run { Keep::Nothing } else { Keep::Everything }
}
