//! The client against a server that misbehaves on request. The server writes raw bytes, because a real HTTP server
//! cannot be made to break off in the middle.

mod exchange;
mod following;
mod later;
mod transfer;
mod words;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use url::Url;

use super::*;

/// A request as it arrived.
#[derive(Debug, Clone, Default)]
struct Arrived {
    method: String,
    path: String,
    headers: HashMap<String, String>,
    body: Vec<u8>,
}

impl Arrived {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

/// The server's reaction to a request: sends these bytes, then closes the connection or stays silent.
struct Reply {
    bytes: Vec<u8>,
    hang: bool,
}

impl Reply {
    /// Closes the connection without a response.
    fn none() -> Self {
        Self { bytes: Vec::new(), hang: false }
    }

    fn new(status: u16, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Self {
        let length = body.as_ref().len();
        Self::sized(status, headers, body, Some(length))
    }

    /// A body with a length that may be wrong; without a length the body ends with the connection.
    fn sized(status: u16, headers: &[(&str, &str)], body: impl AsRef<[u8]>, length: Option<usize>) -> Self {
        let mut head = format!("HTTP/1.1 {status} X\r\nconnection: close\r\n");
        for (name, value) in headers {
            head += &format!("{name}: {value}\r\n");
        }
        if let Some(length) = length {
            head += &format!("content-length: {length}\r\n");
        }
        let mut bytes = (head + "\r\n").into_bytes();
        bytes.extend_from_slice(body.as_ref());
        Self { bytes, hang: false }
    }

    fn json(value: Value) -> Self {
        Self::new(200, &[("content-type", "application/json")], value.to_string())
    }

    fn problem(status: u16, code: &str) -> Self {
        let body = json!({"status": status, "title": "T", "code": code, "detail": "D"}).to_string();
        Self::new(status, &[("content-type", "application/problem+json")], body)
    }

    /// A stream of events.
    fn events(text: &str) -> Self {
        Self::sized(200, &[("content-type", "text/event-stream")], text, None)
    }

    fn hang(mut self) -> Self {
        self.hang = true;
        self
    }
}

/// A server and the requests it received.
struct Server {
    url: Url,
    arrived: Arc<Mutex<Vec<Arrived>>>,
}

impl Server {
    /// Answers each request, counted from 0, with the function.
    async fn start(answer: impl Fn(usize, &Arrived) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
        let arrived = Arc::new(Mutex::new(Vec::new()));
        let (all, answer) = (Arc::clone(&arrived), Arc::new(answer));
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let (all, answer) = (Arc::clone(&all), Arc::clone(&answer));
                tokio::spawn(async move {
                    let mut socket = BufReader::new(socket);
                    let Some(request) = read_request(&mut socket).await else { return };
                    let reply = {
                        let mut all = all.lock().unwrap();
                        all.push(request.clone());
                        answer(all.len() - 1, &request)
                    };
                    let _ = socket.write_all(&reply.bytes).await;
                    let _ = socket.flush().await;
                    if reply.hang {
                        std::future::pending::<()>().await;
                    }
                    let _ = socket.shutdown().await;
                });
            }
        });
        Self { url, arrived }
    }

    /// Answers with one reply after the other.
    async fn script(replies: Vec<Reply>) -> Self {
        let replies = Mutex::new(std::collections::VecDeque::from(replies));
        Self::start(move |_, _| {
            replies.lock().unwrap().pop_front().unwrap_or_else(|| Reply::problem(418, "over"))
        })
        .await
    }

    fn arrived(&self) -> Vec<Arrived> {
        self.arrived.lock().unwrap().clone()
    }

    fn client(&self) -> Client {
        client_of(&self.url)
    }
}

async fn read_request(socket: &mut BufReader<tokio::net::TcpStream>) -> Option<Arrived> {
    let mut line = String::new();
    socket.read_line(&mut line).await.ok().filter(|n| *n > 0)?;
    let mut words = line.split_whitespace();
    let mut request =
        Arrived { method: words.next()?.into(), path: words.next()?.into(), ..Arrived::default() };
    loop {
        let mut line = String::new();
        socket.read_line(&mut line).await.ok().filter(|n| *n > 0)?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        request.headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length = request.header("content-length").parse().unwrap_or(0);
    request.body = vec![0; length];
    socket.read_exact(&mut request.body).await.ok()?;
    Some(request)
}

fn client_of(url: &Url) -> Client {
    let transport = HttpTransport::new(url).unwrap();
    let mut client = Client::new(Arc::new(transport), Some("geheim".to_owned().into()), Lang::En)
        .with_retries(Retries {
            for_at_most: Duration::from_secs(30),
            first_pause: Duration::from_millis(1),
            longest_pause: Duration::from_millis(5),
        });
    client.pace = events::Pace {
        silence: Duration::from_millis(300),
        first_sign: Duration::from_millis(800),
        opening: Duration::ZERO,
        poll: Duration::from_millis(5),
        polling: Duration::from_secs(60),
    };
    client
}

/// Records the notifications of the client.
#[derive(Default)]
struct Notes(Mutex<Vec<String>>, Mutex<Vec<Duration>>);

impl Observer for Notes {
    fn retrying(&self, attempt: u32, wait: Duration, why: &str) {
        self.0.lock().unwrap().push(format!("{attempt} {why}"));
        self.1.lock().unwrap().push(wait);
    }
    fn exchange(&self, method: &Method, path: &str, status: u16) {
        self.0.lock().unwrap().push(format!("{method} {path} {status}"));
    }
    fn headers(&self, direction: Direction, line: &str, headers: &[(String, String)]) {
        self.0.lock().unwrap().push(format!("{direction:?} {line} {headers:?}"));
    }
}

/// A card of an appeal.
fn card(number: &str, version: i64) -> Value {
    json!({
        "number": number, "status": "draft", "kind": "complaint", "category": "", "subject": "Lift", "text": "It stands.",
        "priority": "normal", "channel": "account", "region": null, "service": null, "application": null,
        "occurred_at": null, "expected": null, "fields": {}, "contacts": {},
        "applicant": {"login": "a", "name": "A"}, "organization": null, "department": null, "responsible": null,
        "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z",
        "status_since": "2026-01-01T00:00:00Z", "due_at": null, "overdue": false, "deadlines": [],
        "attachments": [], "clarification": null, "repeat_of": null, "repeats": [], "merged_into": null,
        "escalations": [], "review": null, "participants": [], "version": version
    })
}
