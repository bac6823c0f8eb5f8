//! Connections and bodies that fail if the client stalls.

use std::future::Future as _;
use std::io::{Error, ErrorKind, IoSlice, Result};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep};

/// How long a body may be waited for in total, besides a second for each [`SLOWEST`] bytes.
const ALLOWED: Duration = Duration::from_secs(60);
/// Minimum average speed of a body, in bytes per second.
const SLOWEST: u64 = 512;

/// A timer that runs while something is waited for.
#[derive(Default)]
struct Waiting(Option<(Instant, Pin<Box<Sleep>>)>);

impl Waiting {
    /// Starts the timer unless it runs; returns whether the time is over.
    fn is_over(&mut self, limit: Duration, cx: &mut Context<'_>) -> bool {
        let (_, sleep) = self.0.get_or_insert_with(|| (Instant::now(), Box::pin(tokio::time::sleep(limit))));
        sleep.as_mut().poll(cx).is_ready()
    }

    /// Stops the timer; returns for how long it ran.
    fn stop(&mut self) -> Duration {
        self.0.take().map_or(Duration::ZERO, |(since, _)| since.elapsed())
    }
}

fn stalled(what: &'static str) -> Error {
    Error::new(ErrorKind::TimedOut, what)
}

/// A connection whose writes fail if the client does not read.
pub struct TimedStream {
    stream: TcpStream,
    limit: Duration,
    waiting: Waiting,
}

impl TimedStream {
    /// `limit` is how long the client may read nothing.
    pub fn new(stream: TcpStream, limit: Duration) -> Self {
        Self { stream, limit, waiting: Waiting::default() }
    }

    fn timed<T>(&mut self, cx: &mut Context<'_>, poll: Poll<Result<T>>) -> Poll<Result<T>> {
        if poll.is_ready() {
            self.waiting.stop();
        } else if self.waiting.is_over(self.limit, cx) {
            return Poll::Ready(Err(stalled("the client does not read its response")));
        }
        poll
    }
}

impl AsyncRead for TimedStream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for TimedStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
        let poll = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.timed(cx, poll)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        let poll = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.timed(cx, poll)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let poll = Pin::new(&mut self.stream).poll_shutdown(cx);
        self.timed(cx, poll)
    }
}

/// A body that fails if the client stops sending, or sends too slowly. Only the time in which the platform waits counts.
pub struct TimedBody {
    body: Incoming,
    limit: Duration,
    waiting: Waiting,
    waited: Duration,
    received: u64,
}

impl TimedBody {
    /// `limit` is how long the next bytes may take.
    pub fn new(body: Incoming, limit: Duration) -> Self {
        Self { body, limit, waiting: Waiting::default(), waited: Duration::ZERO, received: 0 }
    }
}

impl Body for TimedBody {
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<std::result::Result<Frame<Bytes>, Self::Error>>> {
        let this = &mut *self;
        let poll = Pin::new(&mut this.body).poll_frame(cx);
        if poll.is_pending() {
            let allowed = ALLOWED + Duration::from_secs(this.received / SLOWEST);
            let left = this.limit.min(allowed.saturating_sub(this.waited));
            if !this.waiting.is_over(left, cx) {
                return Poll::Pending;
            }
            return Poll::Ready(Some(Err(stalled("the client stopped sending the body").into())));
        }
        this.waited += this.waiting.stop();
        let frame = ready!(poll);
        if let Some(Ok(frame)) = &frame {
            this.received += frame.data_ref().map_or(0, |data| data.len() as u64);
        }
        Poll::Ready(frame.map(|frame| frame.map_err(Into::into)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
