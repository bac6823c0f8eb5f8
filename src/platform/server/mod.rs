//! The HTTP server: accepts connections, and closes those that stall: a request head or a body that does not arrive, an
//! idle connection, a client that does not read its response. A connection that costs nothing to hold would otherwise
//! cost the platform one of its file descriptors for ever.

mod stalls;

use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use http::{HeaderMap, Request};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use ipnet::IpNet;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tower::ServiceExt as _;

use crate::caller::Peer;
use stalls::{TimedBody, TimedStream};

/// How long clients may stall.
#[derive(Debug, Clone, Copy)]
struct Limits {
    /// How long a request head may take, and how long a connection may be idle.
    head: Duration,
    /// The same if more than half of the connections are in use.
    head_when_busy: Duration,
    /// How long the next bytes of a body may take.
    unsent: Duration,
    /// How long a response may stay unread.
    unread: Duration,
}

const LIMITS: Limits = Limits {
    head: Duration::from_secs(20),
    head_when_busy: Duration::from_secs(5),
    unsent: Duration::from_secs(30),
    unread: Duration::from_secs(60),
};
/// Pause after a connection could not be accepted.
const ACCEPT_AGAIN: Duration = Duration::from_millis(100);
/// Minimum time between two log lines about refused connections.
const SAY_EVERY: Duration = Duration::from_secs(10);
/// File descriptors kept for the database, files and outgoing connections.
const RESERVED: u64 = 64;
/// Maximum number of connections if the system has no limit.
const MOST: usize = 16_384;
/// Header in which proxies pass the address of the client.
const FORWARDED: &str = "x-forwarded-for";

/// Serves requests until `stop` resolves; then waits until open connections have answered.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    proxies: Vec<IpNet>,
    stop: impl Future<Output = ()>,
) -> std::io::Result<()> {
    serve_within(LIMITS, listener, router, proxies, stop).await
}

async fn serve_within(
    limits: Limits,
    listener: TcpListener,
    router: Router,
    proxies: Vec<IpNet>,
    stop: impl Future<Output = ()>,
) -> std::io::Result<()> {
    let most = connections();
    let free = Arc::new(Semaphore::new(most));
    let shared = Arc::new((router, proxies));
    let graceful = GracefulShutdown::new();
    let mut log = Sometimes::default();
    let mut stop = pin!(stop);
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, from) = match accepted {
            Ok(accepted) => accepted,
            // A client that is gone, or no file descriptors; the next one may succeed.
            Err(error) => {
                if log.due() {
                    tracing::error!(%error, "connections are not accepted");
                }
                tokio::time::sleep(ACCEPT_AGAIN).await;
                continue;
            }
        };
        let Ok(permit) = free.clone().try_acquire_owned() else {
            if log.due() {
                tracing::error!(most, "all connections are in use; new ones are refused");
            }
            continue;
        };
        let head = if free.available_permits() < most / 2 { limits.head_when_busy } else { limits.head };
        let limits = Limits { head, ..limits };
        answer(stream, from, limits, shared.clone(), permit, &graceful);
    }
    drop(listener);
    graceful.shutdown().await;
    Ok(())
}

/// Answers the requests of a connection.
fn answer(
    stream: TcpStream,
    from: SocketAddr,
    limits: Limits,
    shared: Arc<(Router, Vec<IpNet>)>,
    permit: OwnedSemaphorePermit,
    graceful: &GracefulShutdown,
) {
    // Only delays small responses; a failure is harmless.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request: Request<Incoming>| {
        let (router, proxies) = &*shared;
        let mut request = request.map(|body| Body::new(TimedBody::new(body, limits.unsent)));
        let peer = client(from.ip(), request.headers(), proxies);
        request.extensions_mut().insert(Peer(peer));
        router.clone().oneshot(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .serve_connection(TokioIo::new(TimedStream::new(stream, limits.unread)), service);
    let connection = graceful.watch(connection);
    tokio::spawn(async move {
        // Clients disconnect at any time; that is no error of the platform.
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection ended");
        }
        drop(permit);
    });
}

/// Returns the address of the client: that of the connection or, behind trusted proxies, the last one in their header
/// that is not a proxy itself.
fn client(peer: IpAddr, headers: &HeaderMap, proxies: &[IpNet]) -> IpAddr {
    let trusted = |address: &IpAddr| proxies.iter().any(|net| net.contains(address));
    let mut client = peer.to_canonical();
    let listed = headers.get_all(FORWARDED).iter().filter_map(|value| value.to_str().ok());
    let addresses: Vec<&str> = listed.flat_map(|list| list.split(',')).collect();
    for address in addresses.iter().rev() {
        if !trusted(&client) {
            break;
        }
        let Some(address) = parsed(address.trim()) else { break };
        client = address.to_canonical();
    }
    client
}

/// Parses an address with or without a port.
fn parsed(text: &str) -> Option<IpAddr> {
    text.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

/// Returns the maximum number of connections: what the limit of open files leaves, after raising it as far as possible.
#[cfg(unix)]
fn connections() -> usize {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: maximum, maximum };
    let limit = if setrlimit(Resource::Nofile, raised).is_ok() { maximum } else { current };
    let most = limit.map_or(MOST as u64, |limit| limit.saturating_sub(RESERVED.max(limit / 4)));
    usize::try_from(most).unwrap_or(MOST).clamp(1, MOST)
}

#[cfg(not(unix))]
fn connections() -> usize {
    MOST
}

/// Limits the number of log lines.
#[derive(Default)]
struct Sometimes(Option<Instant>);

impl Sometimes {
    fn due(&mut self) -> bool {
        if self.0.is_some_and(|last| last.elapsed() < SAY_EVERY) {
            return false;
        }
        self.0 = Some(Instant::now());
        true
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    #[test]
    fn only_trusted_proxies_tell_the_address_of_the_client() {
        let proxies: Vec<IpNet> = vec!["10.0.0.0/8".parse().unwrap()];
        let seen = |peer: &str, forwarded: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(FORWARDED, forwarded.parse().unwrap());
            client(peer.parse().unwrap(), &headers, &proxies).to_string()
        };
        assert_eq!(seen("192.0.2.1", "198.51.100.1"), "192.0.2.1");
        assert_eq!(seen("10.0.0.1", "198.51.100.1"), "198.51.100.1");
        assert_eq!(seen("10.0.0.1", "203.0.113.9, 198.51.100.1, 10.0.0.2"), "198.51.100.1");
        assert_eq!(seen("::ffff:10.0.0.1", "[2001:db8::1]:443"), "2001:db8::1");
        assert_eq!(seen("10.0.0.1", "unknown"), "10.0.0.1");
    }

    const SHORT: Limits = Limits {
        head: Duration::from_millis(300),
        head_when_busy: Duration::from_millis(300),
        unsent: Duration::from_millis(600),
        unread: Duration::from_millis(300),
    };

    /// Serves a small router.
    async fn served() -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let read = async |body: axum::body::Bytes| body.len().to_string();
        let router = Router::new()
            .route("/", axum::routing::post(read))
            .route("/much", axum::routing::get(|| async { vec![0u8; 64 << 20] }));
        tokio::spawn(serve_within(SHORT, listener, router, Vec::new(), std::future::pending()));
        address
    }

    /// Sends these bytes and then nothing; returns after how many milliseconds the server has closed the connection, and
    /// what it answered.
    async fn stalled(bytes: &str) -> (u128, String) {
        let mut stream = TcpStream::connect(served().await).await.unwrap();
        let begun = tokio::time::Instant::now();
        stream.write_all(bytes.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let read = tokio::time::timeout(Duration::from_secs(30), stream.read_to_end(&mut answer));
        // A reset is an end as well.
        let _ = read.await.expect("the server closes the connection");
        (begun.elapsed().as_millis(), String::from_utf8_lossy(&answer).into_owned())
    }

    #[tokio::test]
    async fn a_silent_connection_is_closed() {
        assert!((200..5_000).contains(&stalled("").await.0));
    }

    #[tokio::test]
    async fn half_a_head_is_closed() {
        assert!((200..5_000).contains(&stalled("POST / HTTP/1.1\r\nhost: a\r\n").await.0));
    }

    #[tokio::test]
    async fn an_idle_connection_is_closed_after_its_answer() {
        let (ended, answer) = stalled("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\nab").await;
        assert!((200..5_000).contains(&ended) && answer.ends_with('2'), "{ended} {answer}");
    }

    #[tokio::test]
    async fn half_a_body_is_closed() {
        let head = "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1000000\r\n\r\nabc";
        assert!((500..5_000).contains(&stalled(head).await.0));
    }

    #[tokio::test]
    async fn a_response_that_is_not_read_is_closed() {
        let mut stream = TcpStream::connect(served().await).await.unwrap();
        stream.write_all(b"GET /much HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
        tokio::time::sleep(Duration::from_secs(1)).await;
        let mut read = 0;
        let mut buffer = vec![0; 1 << 20];
        while let Ok(count @ 1..) = stream.read(&mut buffer).await {
            read += count;
        }
        assert!(read < 64 << 20, "{read}");
    }
}
