//! HTTP by hand, for tests that use the API like another client, and a recording proxy.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::spawn;
use std::time::Duration;

use serde_json::Value;
use sha2::{Digest, Sha256};

/// A response.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Answer {
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| {
            panic!("no JSON ({e}): {}\n{}", self.head, String::from_utf8_lossy(&self.body))
        })
    }

    /// Returns the value of a header, by its lower-case name.
    pub fn header(&self, name: &str) -> Option<String> {
        let found = |line: &&str| line.split(':').next().is_some_and(|n| n.eq_ignore_ascii_case(name));
        let line = self.head.lines().find(found)?;
        Some(line.split_once(':')?.1.trim().to_ascii_lowercase())
    }
}

/// Sends one request on its own connection.
pub fn call(
    port: u16,
    token: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Answer {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("a connection");
    stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a timeout");
    let mut head = format!(
        "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nconnection: close\r\ncontent-length: {}\r\n",
        body.len()
    );
    if !token.is_empty() {
        head.push_str(&format!("authorization: Bearer {token}\r\n"));
    }
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    let mut writer = stream.try_clone().expect("the other half");
    let body = body.to_vec();
    // Written concurrently with reading, because a refusal may arrive before the whole body was sent.
    let writing = spawn(move || {
        let _ = writer.write_all(head.as_bytes());
        let _ = writer.write_all(&body);
        let _ = writer.flush();
    });
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    let _ = writing.join();
    let end = bytes
        .windows(4)
        .position(|w| w == b"\r\n\r\n")
        .unwrap_or_else(|| panic!("no answer to {method} {path}: {:?}", String::from_utf8_lossy(&bytes)));
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).expect("a status");
    let mut answer = Answer { status, head, body: bytes[end + 4..].to_vec() };
    if answer.header("transfer-encoding").is_some_and(|v| v.contains("chunked")) {
        answer.body = unchunked(&answer.body);
    }
    answer
}

fn unchunked(mut bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    while let Some(end) = bytes.windows(2).position(|w| w == b"\r\n") {
        let size = usize::from_str_radix(String::from_utf8_lossy(&bytes[..end]).trim(), 16).unwrap_or(0);
        if size == 0 || bytes.len() < end + 2 + size {
            break;
        }
        out.extend_from_slice(&bytes[end + 2..end + 2 + size]);
        bytes = &bytes[(end + 4 + size).min(bytes.len())..];
    }
    out
}

/// Returns the SHA-256, hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

/// A request that passed through a proxy.
#[derive(Debug, Clone)]
pub struct Sent {
    pub method: String,
    pub path: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Sent {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Returns the body as JSON, or null if there is none.
    pub fn json(&self) -> Value {
        if self.body.is_empty() { Value::Null } else { serde_json::from_slice(&self.body).expect("JSON") }
    }
}

/// Forwards everything to a port, and records what clients send.
pub struct Proxy {
    pub port: u16,
    sent: Arc<Mutex<Vec<u8>>>,
}

impl Proxy {
    pub fn to(target: u16) -> Proxy {
        Proxy::losing_if(target, |_| false)
    }

    /// Drops every n-th response: the connection breaks after the server has responded, so that the request took effect
    /// but the client does not know.
    pub fn losing(target: u16, every: usize) -> Proxy {
        let answers = AtomicUsize::new(0);
        Proxy::losing_if(target, move |_| (answers.fetch_add(1, Ordering::Relaxed) + 1).is_multiple_of(every))
    }

    /// Drops the responses to requests that begin like this.
    pub fn losing_answers_to(target: u16, line: &'static str) -> Proxy {
        Proxy::losing_if(target, move |sent| {
            Proxy::lines(sent).last().is_some_and(|last| last.starts_with(line))
        })
    }

    /// Drops a response if `loses` says so, given everything that was sent before it.
    fn losing_if(target: u16, loses: impl Fn(&[u8]) -> bool + Send + Sync + 'static) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let sent = Arc::new(Mutex::new(Vec::new()));
        let kept = sent.clone();
        let loses = Arc::new(loses);
        spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(server) = TcpStream::connect(("127.0.0.1", target)) else { continue };
                let (Ok(from), Ok(to)) = (client.try_clone(), server.try_clone()) else { continue };
                let (kept, loses) = (kept.clone(), loses.clone());
                let seen = kept.clone();
                spawn(move || {
                    pass(from, to, |bytes| {
                        if let Ok(mut kept) = kept.lock() {
                            kept.extend_from_slice(bytes);
                        }
                        true
                    })
                });
                spawn(move || {
                    // A long response arrives in several pieces.
                    pass(server, client, |bytes| {
                        let is_head = bytes.starts_with(b"HTTP/1.1 ");
                        !is_head || !loses(&seen.lock().expect("what was sent"))
                    })
                });
            }
        });
        Proxy { port, sent }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Returns the recorded request lines, each `METHOD /path`.
    pub fn requests(&self) -> Vec<String> {
        Proxy::lines(&self.sent.lock().expect("what was sent"))
    }

    /// Returns the request lines in these bytes.
    fn lines(sent: &[u8]) -> Vec<String> {
        let methods = ["GET /", "HEAD /", "PUT /", "POST /", "PATCH /", "DELETE /"];
        String::from_utf8_lossy(sent)
            .lines()
            .filter_map(|line| line.strip_suffix(" HTTP/1.1"))
            // The preceding body on the same connection need not end with a newline.
            .filter_map(|line| Some(line[methods.iter().filter_map(|m| line.rfind(m)).max()?..].to_owned()))
            .collect()
    }

    /// Returns the recorded requests, for clients that send one after another.
    pub fn exchanges(&self) -> Vec<Sent> {
        let sent = self.sent.lock().expect("what was sent");
        let mut rest = &sent[..];
        let mut all = Vec::new();
        while let Some(end) = rest.windows(4).position(|w| w == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&rest[..end]).into_owned();
            let mut lines = head.lines();
            let mut first = lines.next().unwrap_or_default().split(' ').map(str::to_owned);
            let headers: Vec<(String, String)> = lines
                .filter_map(|line| line.split_once(':'))
                .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
                .collect();
            let length = headers.iter().find(|(name, _)| name == "content-length");
            let length: usize = length.and_then(|(_, value)| value.parse().ok()).unwrap_or(0);
            let body = rest[end + 4..].get(..length).expect("a whole body").to_vec();
            rest = &rest[end + 4 + length..];
            let (method, path) = (first.next().unwrap_or_default(), first.next().unwrap_or_default());
            all.push(Sent { method, path, headers, body });
        }
        all
    }

    /// Forgets the recorded requests.
    pub fn forget(&self) {
        self.sent.lock().expect("what was sent").clear();
    }

    /// Returns whether these bytes passed through.
    pub fn saw(&self, bytes: &[u8]) -> bool {
        self.sent.lock().expect("what was sent").windows(bytes.len()).any(|w| w == bytes)
    }
}

/// Forwards bytes until the end, or until `may` returns false.
fn pass(mut from: TcpStream, mut to: TcpStream, mut may: impl FnMut(&[u8]) -> bool) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(n) = from.read(&mut buffer) {
        if n == 0 {
            break;
        }
        if !may(&buffer[..n]) {
            let _ = from.shutdown(Shutdown::Both);
            let _ = to.shutdown(Shutdown::Both);
            return;
        }
        if to.write_all(&buffer[..n]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}

/// A network with random failures: one request per connection, whose response may be lost after it took effect,
/// truncated or delayed; whose request may never arrive; or which the proxy refuses.
pub struct Chaos {
    pub port: u16,
    calm: Arc<AtomicUsize>,
    brought: Arc<Mutex<Vec<String>>>,
}

/// Forwards to a port, except for one request line, which gets this response, including the head.
pub fn answering(target: u16, line: &'static str, answer: &'static str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    spawn(move || {
        for client in listener.incoming().flatten() {
            spawn(move || one_request(client, target, 99, &Mutex::default(), Some((line, answer))));
        }
    });
    port
}

impl Chaos {
    /// Forwards to a port, with random failures from this seed.
    pub fn to(target: u16, seed: u64) -> Chaos {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let calm = Arc::new(AtomicUsize::new(0));
        let quiet = calm.clone();
        let chance = Arc::new(Mutex::new(seed | 1));
        let brought = Arc::new(Mutex::new(Vec::new()));
        let kept = brought.clone();
        spawn(move || {
            for client in listener.incoming().flatten() {
                let (chance, quiet, kept) = (chance.clone(), quiet.clone(), kept.clone());
                spawn(move || {
                    let roll = if quiet.load(Ordering::Relaxed) > 0 { 99 } else { draw(&chance) % 30 };
                    let _ = one_request(client, target, roll, &kept, None);
                });
            }
        });
        Chaos { port, calm, brought }
    }

    /// Returns the paths of the uploads the platform stored, once for each time.
    pub fn brought(&self) -> Vec<String> {
        self.brought.lock().expect("what was brought").clone()
    }

    /// Stops all failures.
    pub fn calm(&self) {
        self.calm.store(1, Ordering::Relaxed);
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

/// Returns the next random number (xorshift).
fn draw(state: &Mutex<u64>) -> u64 {
    let mut state = state.lock().expect("the chances");
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state >> 11
}

fn one_request(
    mut client: TcpStream,
    target: u16,
    roll: u64,
    brought: &Mutex<Vec<String>>,
    instead: Option<(&str, &str)>,
) -> std::io::Result<()> {
    client.set_read_timeout(Some(Duration::from_secs(20)))?;
    if roll == 0 {
        // Reset before anything is read.
        return client.shutdown(Shutdown::Both);
    }
    let mut request = Vec::new();
    let head = loop {
        if let Some(end) = request.windows(4).position(|w| w == b"\r\n\r\n") {
            break end + 4;
        }
        let mut buffer = [0; 8192];
        match client.read(&mut buffer)? {
            0 => return Ok(()),
            read => request.extend_from_slice(&buffer[..read]),
        }
    };
    let text = String::from_utf8_lossy(&request[..head]).into_owned();
    let header = |name: &str| {
        text.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })
    };
    let chunked = header("transfer-encoding").is_some();
    let length: usize = header("content-length").and_then(|l| l.parse().ok()).unwrap_or(0);
    while if chunked { !request.ends_with(b"0\r\n\r\n") } else { request.len() < head + length } {
        let mut buffer = [0; 8192];
        match client.read(&mut buffer)? {
            0 => return Ok(()),
            read => request.extend_from_slice(&buffer[..read]),
        }
    }
    if let Some((line, answer)) = instead
        && text.starts_with(line)
    {
        return client.write_all(answer.as_bytes());
    }
    let turned_away = |status: &str, after: &str| {
        format!("HTTP/1.1 {status}\r\nretry-after: {after}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
    };
    match roll {
        1 => return client.write_all(turned_away("429 Too Many Requests", "0").as_bytes()),
        2 => return client.write_all(turned_away("503 Service Unavailable", "0").as_bytes()),
        3 => return client.write_all(turned_away("502 Bad Gateway", "0").as_bytes()),
        _ => {}
    }
    let mut server = TcpStream::connect(("127.0.0.1", target))?;
    server.set_read_timeout(Some(Duration::from_secs(20)))?;
    let line_end = request.windows(2).position(|w| w == b"\r\n").unwrap_or(0) + 2;
    server.write_all(&request[..line_end])?;
    server.write_all(b"connection: close\r\n")?;
    server.write_all(&request[line_end..])?;
    let mut answer = Vec::new();
    server.read_to_end(&mut answer)?;
    if text.starts_with("PUT ") && answer.starts_with(b"HTTP/1.1 2") {
        let path = text.split(' ').nth(1).unwrap_or_default().to_owned();
        brought.lock().expect("what was brought").push(path);
    }
    match roll {
        // Took effect, but the client does not know.
        4 | 5 => client.shutdown(Shutdown::Both),
        // Truncated.
        6 => client.write_all(&answer[..answer.len() / 2]),
        7 => client.write_all(&answer[..answer.len().saturating_sub(1)]),
        // Delayed.
        8 => {
            std::thread::sleep(Duration::from_millis(300));
            client.write_all(&answer)
        }
        _ => client.write_all(&answer),
    }
}
