//! An unreliable network between a watching process and the platform, with everything that proxies and networks do to a
//! stream: truncated at any byte, reset, refused, replaced by a sign-in page, buffered, or blocked.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::thread::{sleep, spawn};
use std::time::{Duration, Instant};

/// A sign-in page, as public networks return in place of every response.
const PORTAL: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: 32\r\n\
                      connection: close\r\n\r\n<html>Войдите в сеть";

/// What happens to one connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Pass,
    Reset,
    Answer(&'static str),
    Portal,
    /// Closed after this many bytes of the response.
    CutAfter(usize),
    /// Closed after this time.
    CutAt(Duration),
    /// The response is forwarded when it is complete, or never.
    Held,
}

/// A proxy, reliable by default.
pub struct FlakyProxy {
    pub port: u16,
    failing: Arc<AtomicBool>,
    cuts: Arc<AtomicUsize>,
}

impl FlakyProxy {
    /// Forwards to a port with random failures from this seed. Without `streams`, event streams never get through.
    pub fn to(target: u16, seed: u64, streams: bool) -> FlakyProxy {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let (failing, cuts) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let chance = Arc::new(AtomicU64::new(seed));
        let (failing_now, counted) = (failing.clone(), cuts.clone());
        spawn(move || {
            for client in listener.incoming().flatten() {
                let (failing_now, counted, chance) = (failing_now.clone(), counted.clone(), chance.clone());
                spawn(move || {
                    let _ = connection(client, target, streams, &failing_now, &counted, &chance);
                });
            }
        });
        FlakyProxy { port, failing, cuts }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Enables all failures.
    pub fn unreliable(&self) {
        self.failing.store(true, Ordering::Relaxed);
    }

    /// Stops all failures; open connections are closed one last time.
    pub fn reliable(&self) {
        self.failing.store(false, Ordering::Relaxed);
    }

    /// Returns the number of connections with a failure.
    pub fn cuts(&self) -> usize {
        self.cuts.load(Ordering::Relaxed)
    }
}

/// Returns the next random number (SplitMix64).
fn draw(state: &AtomicU64) -> u64 {
    let mut z = state.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn fate(chance: &AtomicU64) -> Fate {
    let roll = draw(chance);
    let amount = draw(chance);
    match roll % 16 {
        0 => Fate::Reset,
        1 => Fate::Answer("502 Bad Gateway"),
        2 => Fate::Answer("429 Too Many Requests\r\nretry-after: 0"),
        3 => Fate::Answer("503 Service Unavailable"),
        4 => Fate::Answer("511 Network Authentication Required"),
        5 => Fate::Answer("302 Found\r\nlocation: http://gate.example/"),
        6 => Fate::Answer("404 Not Found"),
        7 => Fate::Portal,
        // Within the head, within an event, or within a character.
        8..=11 => Fate::CutAfter(usize::try_from(amount % 2500).unwrap_or(0)),
        12 => Fate::CutAt(Duration::from_millis(amount % 700)),
        _ => Fate::Pass,
    }
}

fn connection(
    mut client: TcpStream,
    target: u16,
    streams: bool,
    failing: &AtomicBool,
    cuts: &AtomicUsize,
    chance: &AtomicU64,
) -> std::io::Result<()> {
    client.set_read_timeout(Some(Duration::from_secs(20)))?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if client.read(&mut byte)? == 0 {
            return Ok(());
        }
        head.push(byte[0]);
    }
    let was_failing = failing.load(Ordering::Relaxed);
    let fate = match was_failing {
        _ if !streams && head.starts_with(b"GET /v1/events") => {
            if draw(chance).is_multiple_of(2) {
                Fate::Portal
            } else {
                Fate::Held
            }
        }
        true => fate(chance),
        false => Fate::Pass,
    };
    if fate != Fate::Pass {
        cuts.fetch_add(1, Ordering::Relaxed);
    }
    match fate {
        Fate::Reset => return client.shutdown(Shutdown::Both),
        Fate::Answer(status) => {
            let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 4\r\nconnection: close\r\n\r\ngate");
            return client.write_all(answer.as_bytes());
        }
        Fate::Portal => return client.write_all(PORTAL.as_bytes()),
        _ => {}
    }
    let mut server = TcpStream::connect(("127.0.0.1", target))?;
    server.set_read_timeout(Some(Duration::from_millis(20)))?;
    let line_end = head.windows(2).position(|w| w == b"\r\n").unwrap_or(0) + 2;
    server.write_all(&head[..line_end])?;
    server.write_all(b"connection: close\r\n")?;
    server.write_all(&head[line_end..])?;
    let begun = Instant::now();
    let mut passed = 0;
    let mut buffer = [0; 1024];
    loop {
        let read = match server.read(&mut buffer) {
            Ok(0) => return client.shutdown(Shutdown::Both),
            Ok(read) => read,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => 0,
            Err(_) => return client.shutdown(Shutdown::Both),
        };
        match fate {
            Fate::CutAfter(most) if passed + read > most => {
                client.write_all(&buffer[..most - passed])?;
                // Sometimes earlier data arrives first.
                sleep(Duration::from_millis(draw(chance) % 20));
                return client.shutdown(Shutdown::Both);
            }
            Fate::CutAt(after) if begun.elapsed() >= after => return client.shutdown(Shutdown::Both),
            Fate::Held => {}
            _ => client.write_all(&buffer[..read])?,
        }
        passed += read;
        if was_failing && !failing.load(Ordering::Relaxed) {
            return client.shutdown(Shutdown::Both);
        }
        // The client has stopped waiting for the buffered response.
        if fate == Fate::Held && begun.elapsed() > Duration::from_secs(30) {
            return Ok(());
        }
    }
}
