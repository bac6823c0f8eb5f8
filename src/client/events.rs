//! Following changes without gaps or repetitions.
//!
//! Every change has a cursor, and the platform returns what follows a cursor. The position is therefore kept here, and
//! nothing is lost between connections; an event counts only when it was received completely. If a proxy buffers or
//! breaks the stream, the polling equivalent is used instead, and the stream is tried again from time to time.

use std::collections::{HashSet, VecDeque};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use ::http::header::CONTENT_TYPE;
use ::http::{Method, Response};
use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use http_body_util::BodyExt;
use sse_stream::{Sse, SseByteStream};
use tokio::time::{Instant, sleep, timeout};

use super::paths::with_query;
use super::retry::{Attempts, Call, Failed, Fault, parse, read_json};
use super::transport::{ResponseBody, causes};
use super::{Client, Error, Result, Retries};
use appeal_api::{Change, ChangesQuery, Received};

/// Number of recent cursors kept to detect repetitions.
const REMEMBERED: usize = 4096;
/// After this many consecutive streams without a sign of life, polling takes over for a while.
const FRUITLESS: u32 = 3;

/// Timeouts and intervals.
#[derive(Debug, Clone)]
pub(crate) struct Pace {
    /// A stream silent for this long is broken; the platform sends a heartbeat every 10 seconds.
    pub(crate) silence: Duration,
    /// The same for a stream without any sign of life yet, because a proxy may be buffering it.
    pub(crate) first_sign: Duration,
    /// Data received within this time after opening does not show that more will follow.
    pub(crate) opening: Duration,
    /// Interval between polls if nothing is pending.
    pub(crate) poll: Duration,
    /// How long to poll before the stream is tried again.
    pub(crate) polling: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            silence: Duration::from_secs(25),
            first_sign: Duration::from_secs(10),
            opening: Duration::from_secs(5),
            poll: Duration::from_secs(1),
            polling: Duration::from_secs(300),
        }
    }
}

/// A page of changes as received; see [`appeal_api::Changes`].
#[derive(Debug, Clone, PartialEq, serde::Deserialize)]
pub struct ChangesPage {
    pub items: Vec<Received<Change>>,
    /// Cursor for the next request.
    pub cursor: String,
    /// Whether more changes are available now.
    pub more: bool,
}

impl Client {
    /// Returns the current cursor, which precedes all future changes.
    pub async fn present_cursor(&self) -> Result<String> {
        Ok(self.changes(&ChangesQuery::default()).await?.cursor)
    }

    /// Repeats a request until the platform answers, without a time limit, for callers that wait for days and must
    /// survive outages. A refusal by the platform is an error.
    pub async fn insist<T, F>(&self, ask: impl Fn(Self) -> F) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        let once = self.clone().with_retries(Retries { for_at_most: Duration::ZERO, ..self.retries.clone() });
        let mut attempts = Attempts::new(self);
        loop {
            let why = match ask(once.clone()).await {
                Err(Error::Unreachable { last, .. }) => last,
                Err(Error::Protocol(why)) => why,
                Err(Error::Problem(problem)) if matches!(problem.status, 408 | 429 | 500..=599) => {
                    problem.detail
                }
                other => return other,
            };
            attempts.again_for_ever(&Fault::broken(why)).await;
        }
    }

    /// Follows changes of these appeals (all visible ones if none are given) after the cursor (from now on if there is
    /// none). Continues through any temporary failure, without a time limit; ends after an error.
    ///
    /// Errors: a cursor from before a restore (410), invalid or expired credentials (401, 403), an appeal that does not
    /// exist (404), and, if the current cursor must be requested first, that request failing for as long as retries
    /// last.
    pub fn follow(
        &self,
        numbers: Vec<String>,
        from: Option<String>,
    ) -> impl Stream<Item = Result<Received<Change>>> + Send + use<> {
        let follower = Follower {
            attempts: Attempts::new(self),
            client: self.clone(),
            numbers: (!numbers.is_empty()).then(|| numbers.join(",")),
            cursor: from,
            seen: Seen::default(),
            ready: VecDeque::new(),
            connected: false,
            fruitless: 0,
            garbled: 0,
            unreadable: 0,
            way: Way::Connect,
        };
        stream::unfold(Some(follower), |follower| async move {
            let mut follower = follower?;
            match follower.next().await {
                Ok(change) => Some((Ok(change), Some(follower))),
                Err(error) => Some((Err(error), None)),
            }
        })
    }
}

type Events = SseByteStream<Pin<Box<dyn Stream<Item = Result<Bytes, std::io::Error>> + Send>>>;

/// The current source of changes.
enum Way {
    /// The stream must be opened.
    Connect,
    /// The stream is open.
    Stream(Open),
    /// Poll until the given time, and at least once.
    Poll { until: Instant, asked: bool },
}

struct Open {
    events: Events,
    life: Arc<Life>,
}

/// Activity of a stream, regardless of its content.
struct Life {
    /// Milliseconds from the response to the last bytes, including heartbeats; [`u64::MAX`] before the first.
    last: AtomicU64,
    /// Whether the stream was aborted because it was silent.
    stalled: AtomicBool,
}

impl Life {
    fn new() -> Life {
        Life { last: AtomicU64::new(u64::MAX), stalled: AtomicBool::new(false) }
    }

    fn began(&self) -> bool {
        self.last.load(Ordering::Relaxed) != u64::MAX
    }
}

impl Open {
    /// A proxy may forward the beginning of a response and buffer the rest: a stream that was active only when it was
    /// opened counts as never active.
    fn silent(&self, pace: &Pace) -> Silent {
        let lived = u128::from(self.life.last.load(Ordering::Relaxed)) >= pace.opening.as_millis();
        let stalled = self.life.stalled.load(Ordering::Relaxed);
        if self.life.began() && (lived || !stalled) { Silent::NotAtFirst } else { Silent::FromTheStart }
    }
}

/// Activity of a broken stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Silent {
    /// It delivered data that could not be parsed.
    No,
    /// It was active at first.
    NotAtFirst,
    /// It was never active.
    FromTheStart,
}

struct Follower {
    client: Client,
    attempts: Attempts,
    numbers: Option<String>,
    /// Changes after this cursor are still to come.
    cursor: Option<String>,
    seen: Seen,
    ready: VecDeque<Received<Change>>,
    /// Number of consecutive streams without a sign of life.
    fruitless: u32,
    /// Number of consecutive events that could not be parsed.
    garbled: u32,
    /// Number of consecutive pages of unexpected shape.
    unreadable: u32,
    /// Whether there was a stream before.
    connected: bool,
    way: Way,
}

/// The most recent cursors, to detect repeated changes.
#[derive(Default)]
struct Seen {
    known: HashSet<String>,
    order: VecDeque<String>,
}

impl Seen {
    /// Returns true for a cursor not seen before.
    fn first(&mut self, cursor: &str) -> bool {
        if !self.known.insert(cursor.to_owned()) {
            return false;
        }
        self.order.push_back(cursor.to_owned());
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        true
    }
}

impl Follower {
    async fn next(&mut self) -> Result<Received<Change>> {
        if self.cursor.is_none() {
            // Requested before the stream is opened, so that nothing is lost in between.
            self.cursor = Some(self.client.present_cursor().await?);
        }
        if let Some(cursor) = &self.cursor {
            self.seen.first(cursor);
        }
        loop {
            if let Some(change) = self.ready.pop_front() {
                return Ok(change);
            }
            match &mut self.way {
                Way::Connect => self.connect().await?,
                Way::Poll { until, asked: true } if Instant::now() >= *until => self.way = Way::Connect,
                Way::Poll { asked, .. } => {
                    *asked = true;
                    self.poll().await?;
                }
                Way::Stream(open) => match open.events.next().await {
                    Some(Ok(event)) => {
                        if let Err(why) = self.take(event) {
                            // Never skipped: the event is requested again, and by polling if that does not help.
                            self.garbled += 1;
                            if self.garbled < FRUITLESS {
                                self.break_off(Silent::No, &why).await;
                            } else {
                                self.fall_back(&why);
                            }
                        }
                    }
                    Some(Err(error)) => {
                        let silent = open.silent(&self.client.pace);
                        self.break_off(silent, &causes(&error)).await;
                    }
                    None => {
                        let silent = open.silent(&self.client.pace);
                        self.break_off(silent, "the stream of events ended").await;
                    }
                },
            }
        }
    }

    fn query(&self, limit: Option<u32>) -> ChangesQuery {
        ChangesQuery { after: self.cursor.clone(), numbers: self.numbers.clone(), since: None, limit }
    }

    async fn connect(&mut self) -> Result<()> {
        let cursor = self.cursor.clone().unwrap_or_default();
        let mut call = Call::new(Method::GET, with_query("/v1/events", &self.query(None))?)
            .header("accept", "text/event-stream")?
            .header("cache-control", "no-store")?;
        if self.connected {
            call = call.header("last-event-id", &cursor)?;
        }
        // The platform answers immediately. A proxy that buffers streams does not, so poll in the meantime.
        let Ok(answer) = timeout(self.client.pace.first_sign, self.client.once(&call)).await else {
            self.break_off(Silent::FromTheStart, "no answer").await;
            return Ok(());
        };
        match answer {
            Ok(response) if is_event_stream(&response) => {
                self.connected = true;
                self.way = Way::Stream(self.opened(response));
            }
            Ok(_) => self.fall_back("the answer is not a stream of events"),
            Err(Failed::Fault(fault)) => {
                // A failure to connect says nothing about streams; a response, or none after the request was sent,
                // does.
                if fault.may_have_arrived() {
                    self.fruitless += 1;
                }
                if self.fruitless >= FRUITLESS {
                    self.fall_back(&fault.why);
                } else {
                    self.attempts.again_for_ever(&fault).await;
                }
            }
            Err(Failed::Final(error)) => match &error {
                // A proxy without support for the stream, or one that forwards nothing at the moment; polling will
                // show.
                Error::Protocol(why) => self.fall_back(&why.clone()),
                Error::Problem(problem) if matches!(problem.status, 405 | 406 | 501) => {
                    self.fall_back(&problem.detail.clone());
                }
                _ => return Err(error),
            },
        }
        Ok(())
    }

    fn opened(&self, response: Response<ResponseBody>) -> Open {
        let life = Arc::new(Life::new());
        let (sign, pace, opened) = (Arc::clone(&life), self.client.pace.clone(), Instant::now());
        let body = response.into_body().into_data_stream();
        let bytes = stream::unfold(Some((body, sign)), move |state| {
            let pace = pace.clone();
            async move {
                let (mut body, sign) = state?;
                let silence = if sign.began() { pace.silence } else { pace.first_sign };
                let broken = |why: String| Some((Err(std::io::Error::other(why)), None));
                match timeout(silence, body.next()).await {
                    Ok(Some(Ok(bytes))) => {
                        let since = u64::try_from(opened.elapsed().as_millis()).unwrap_or(u64::MAX - 1);
                        sign.last.store(since, Ordering::Relaxed);
                        Some((Ok(bytes), Some((body, sign))))
                    }
                    Ok(Some(Err(error))) => broken(causes(error.as_ref())),
                    Ok(None) => None,
                    Err(_) => {
                        sign.stalled.store(true, Ordering::Relaxed);
                        broken(format!("no sign of life for {silence:?}"))
                    }
                }
            }
        });
        Open { events: SseByteStream::new(bytes.boxed()), life }
    }

    /// Processes an event; an error describes what is wrong with it.
    fn take(&mut self, event: Sse) -> Result<(), String> {
        match event.event.as_deref() {
            Some("change") => {
                let data = event.data.unwrap_or_default();
                let change: Received<Change> =
                    serde_json::from_str(&data).map_err(|e| format!("an event cannot be read: {e}"))?;
                self.came(change);
            }
            Some("cursor") => {
                if let Some(cursor) = event.id.filter(|id| !id.is_empty()) {
                    self.seen.first(&cursor);
                    self.cursor = Some(cursor);
                }
                // Sent first in every stream, so it does not show that the stream works.
                return Ok(());
            }
            // Heartbeats, and events added by later platforms.
            _ => {}
        }
        self.fruitless = 0;
        self.attempts.reset();
        Ok(())
    }

    fn came(&mut self, change: Received<Change>) {
        if self.seen.first(&change.cursor) {
            self.garbled = 0;
            self.cursor = Some(change.cursor.clone());
            self.ready.push_back(change);
        }
    }

    async fn break_off(&mut self, silent: Silent, why: &str) {
        self.way = Way::Connect;
        if silent == Silent::NotAtFirst {
            self.fruitless = 0;
            self.attempts.reset();
        } else {
            self.fruitless += 1;
        }
        if self.fruitless >= FRUITLESS {
            self.fall_back(why);
            return;
        }
        if silent == Silent::FromTheStart {
            // Do not wait any longer for the stream.
            self.way = Way::Poll { until: Instant::now(), asked: false };
        }
        self.attempts.again_for_ever(&Fault::broken(why)).await;
    }

    fn fall_back(&mut self, why: &str) {
        tracing::debug!(why, "polling for changes instead");
        self.fruitless = 0;
        self.garbled = 0;
        self.way = Way::Poll { until: Instant::now() + self.client.pace.polling, asked: false };
    }

    async fn poll(&mut self) -> Result<()> {
        let call = Call::new(Method::GET, with_query("/v1/changes", &self.query(None))?);
        let asked = async {
            match self.client.once(&call).await {
                // A page from a proxy, such as a network sign-in page. Temporary.
                Ok(response) if !is_json(&response) => {
                    let why = format!("the answer is not the platform's: HTTP {}", response.status());
                    Err(Failed::Fault(Fault::broken(why)))
                }
                Ok(response) => read_json(response).await.and_then(|bytes| parse::<ChangesPage>(&bytes)),
                // Not a problem document, so it does not come from the platform.
                Err(Failed::Final(Error::Protocol(why))) => Err(Failed::Fault(Fault::broken(why))),
                Err(failed) => Err(failed),
            }
        };
        let page = timeout(self.client.pace.silence, asked)
            .await
            .unwrap_or_else(|_| Err(Failed::Fault(Fault::broken("no answer"))));
        let page = match page {
            Err(Failed::Final(Error::Protocol(why))) if self.unreadable + 1 < FRUITLESS => {
                self.unreadable += 1;
                Err(Failed::Fault(Fault::broken(why)))
            }
            page => page,
        };
        match page {
            Ok(page) => {
                self.unreadable = 0;
                self.attempts.reset();
                for change in page.items {
                    self.came(change);
                }
                self.seen.first(&page.cursor);
                self.cursor = Some(page.cursor);
                // Deliver what was received at once; pause only if there was nothing.
                if !page.more && self.ready.is_empty() {
                    sleep(self.client.pace.poll).await;
                }
                Ok(())
            }
            Err(Failed::Fault(fault)) => {
                self.attempts.again_for_ever(&fault).await;
                Ok(())
            }
            Err(Failed::Final(error)) => Err(error),
        }
    }
}

fn is_json(response: &Response<ResponseBody>) -> bool {
    has_type(response, "application/json")
}

fn is_event_stream(response: &Response<ResponseBody>) -> bool {
    has_type(response, "text/event-stream")
}

fn has_type(response: &Response<ResponseBody>, expected: &str) -> bool {
    response
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.trim().to_ascii_lowercase().starts_with(expected))
}
