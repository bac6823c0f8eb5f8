//! Changes as they happen, and the polling equivalent.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use tokio::sync::watch;
use tokio::time::Instant;

use super::access::READ;
use super::extract::{Queried, Reader};
use super::gate;
use super::routing::{Routes, routes};
use crate::app::{App, OpenStream};
use crate::caller::Caller;
use crate::fault::{Fault, Result};
use crate::service::changes::{self, Start};
use crate::store::events::{self, EventPage, Wanted};
use appeal_api::{Change, Changes, ChangesQuery, PAGE_DEFAULT, PAGE_MAX, code};
use appeal_i18n::Lang;

/// Interval of heartbeats, and of checks whether the caller may still listen.
const PING: Duration = Duration::from_secs(10);
/// Number of changes read at once for a stream.
const STREAM_PAGE: u32 = 200;

/// Routes of the stream of changes.
pub fn routes(routes: Routes) -> Routes {
    routes! { routes;
        self::list_changes: READ,
        self::stream_changes: READ,
    }
}

/// List changes
///
/// Changes of the appeals visible to the caller, in the order of their commits. Without `after` and `since` the page is
/// empty and holds the current cursor.
#[utoipa::path(
    get, path = "/v1/changes", tag = "changes", params(ChangesQuery),
    responses((status = 200, description = "A page of changes", body = Changes))
)]
async fn list_changes(
    State(app): State<App>,
    Reader { caller, lang }: Reader,
    Queried(query): Queried<ChangesQuery>,
) -> Result<Json<Changes>> {
    let limit = query.limit.unwrap_or(PAGE_DEFAULT).clamp(1, PAGE_MAX);
    app.read(async |tx| {
        let from = (query.after.as_deref(), query.since.as_deref());
        let start = changes::start(tx, &caller, query.numbers.as_deref(), from).await?;
        let wanted = Wanted { after: start.position, appeals: start.appeals.as_deref(), limit };
        let page = events::page(tx, &caller, lang, &wanted).await?;
        let cursor = events::cursor(&start.epoch, page.position);
        Ok(Changes { items: page.changes, cursor, more: page.more })
    })
    .await
    .map(Json)
}

/// Stream changes as they happen
///
/// Server-Sent Events. `change` has a change as JSON and its cursor as the id; `cursor` has only an id from which to
/// continue. Resume a broken stream with `Last-Event-ID` or `after`. A person can have ten streams at once.
#[utoipa::path(
    get, path = "/v1/events", tag = "changes",
    params(ChangesQuery, ("Last-Event-ID" = Option<String>, Header, description = "Cursor to continue from")),
    responses((status = 200, description = "The stream of changes", body = Change, content_type = "text/event-stream"))
)]
async fn stream_changes(
    State(app): State<App>,
    Reader { caller, lang }: Reader,
    headers: HeaderMap,
    Queried(query): Queried<ChangesQuery>,
) -> Result<Response> {
    // A reconnecting client repeats its first URL, so the header is more recent.
    let from = match headers.get("last-event-id") {
        Some(id) => (Some(id.to_str().map_err(|_| Fault::refuse(400, code::BAD_CURSOR))?), None),
        None => (query.after.as_deref(), query.since.as_deref()),
    };
    let open = app.open_stream(&caller.person_id)?;
    let feed = app.follow_changes();
    let numbers = query.numbers.as_deref();
    let start = app.read(async |tx| changes::start(tx, &caller, numbers, from).await).await?;
    let hello = Event::default().id(events::cursor(&start.epoch, start.position)).event("cursor").data("{}");
    let follower = Follower {
        app,
        headers,
        caller,
        lang,
        start,
        numbers: query.numbers.clone(),
        feed,
        queue: VecDeque::from([hello]),
        behind: true,
        silent: false,
        checked: Instant::now(),
        _open: open,
    };
    let stream = stream::unfold(follower, |mut follower| async move {
        let event = follower.next().await?;
        Some((Ok::<_, Infallible>(event), follower))
    });
    let unbuffered = (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    Ok(([unbuffered], Sse::new(stream)).into_response())
}

struct Follower {
    app: App,
    headers: HeaderMap,
    caller: Caller,
    lang: Lang,
    start: Start,
    /// The requested numbers, as given.
    numbers: Option<String>,
    feed: watch::Receiver<i64>,
    queue: VecDeque<Event>,
    /// Whether there may be changes to read.
    behind: bool,
    /// Whether the position moved without a visible change.
    silent: bool,
    /// When the caller's access was last checked.
    checked: Instant,
    _open: OpenStream,
}

impl Follower {
    /// Returns the next event, or `None` at the end of the stream.
    async fn next(&mut self) -> Option<Event> {
        let stop = self.app.stopping();
        loop {
            if stop.is_cancelled() {
                return None;
            }
            if let Some(event) = self.queue.pop_front() {
                return Some(event);
            }
            if self.checked.elapsed() >= PING {
                self.caller = gate::authenticate(&self.app, &self.headers).await.ok()?;
                crate::service::access::usable(&self.caller).ok()?;
                self.still_there().await?;
                self.checked = Instant::now();
            }
            if self.behind {
                self.read().await?;
                continue;
            }
            tokio::select! {
                () = stop.cancelled() => return None,
                changed = self.feed.changed() => {
                    changed.ok()?;
                    self.behind = true;
                }
                () = tokio::time::sleep(PING) => return Some(self.ping()),
            }
        }
    }

    /// A discarded draft, or an appeal no longer shared, has no further changes: the stream ends, and a client that
    /// reconnects gets the error.
    async fn still_there(&self) -> Option<()> {
        let Some(numbers) = &self.numbers else { return Some(()) };
        let resolved = self.app.read(async |tx| changes::appeals(tx, &self.caller, numbers).await).await;
        resolved.ok().map(drop)
    }

    fn ping(&mut self) -> Event {
        if std::mem::take(&mut self.silent) {
            let cursor = events::cursor(&self.start.epoch, self.start.position);
            return Event::default().id(cursor).event("cursor").data("{}");
        }
        Event::default().comment("still here")
    }

    /// Reads a page and queues its visible changes. A failure ends the stream; the client reconnects.
    async fn read(&mut self) -> Option<()> {
        self.feed.borrow_and_update();
        let page = self
            .app
            .read(async |tx| {
                let wanted = Wanted {
                    after: self.start.position,
                    appeals: self.start.appeals.as_deref(),
                    limit: STREAM_PAGE,
                };
                changes::next(tx, &self.caller, self.lang, &wanted).await
            })
            .await;
        let page: EventPage = match page {
            Ok(page) => page,
            Err(Fault::Refused(_)) => return None,
            Err(fault) => {
                tracing::error!(error = %fault, "reading changes failed");
                return None;
            }
        };
        for change in &page.changes {
            let data = serde_json::to_string(change).ok()?;
            self.queue.push_back(Event::default().id(&change.cursor).event("change").data(data));
        }
        self.silent =
            if page.changes.is_empty() { self.silent || page.position > self.start.position } else { false };
        self.start.position = page.position;
        self.behind = page.more;
        Some(())
    }
}
