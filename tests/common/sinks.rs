//! Recipients of messages: a mail server and an HTTP server that record what they receive.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread::{sleep, spawn};
use std::time::{Duration, Instant};

use base64::Engine as _;

/// Timeout for messages to arrive; far more than needed.
const LIMIT: Duration = Duration::from_secs(60);

/// Waits until `look` returns a value.
#[track_caller]
pub fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begun.elapsed() < LIMIT, "in vain: {what}");
        sleep(Duration::from_millis(20));
    }
}

/// Reaction of a sink to a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// Responds with this HTTP status or SMTP code.
    Answer(u16),
    /// Accepts it and never responds.
    Stall,
}

/// A mail as received.
#[derive(Debug, Clone)]
pub struct Mail {
    pub to: String,
    pub raw: String,
}

impl Mail {
    /// Returns a header on one line, not decoded.
    pub fn header(&self, name: &str) -> Option<String> {
        let head = self.raw.split("\r\n\r\n").next()?.replace("\r\n ", " ");
        let found =
            head.lines().find(|l| l.split(':').next().is_some_and(|n| n.eq_ignore_ascii_case(name)))?;
        Some(found.split_once(':')?.1.trim().to_owned())
    }

    /// Returns the decoded subject (RFC 2047, as far as used here).
    pub fn subject(&self) -> String {
        let mut bytes = Vec::new();
        let mut encoded = false;
        for word in self.header("Subject").unwrap_or_default().split_whitespace() {
            let inner = word.strip_prefix("=?utf-8?b?").and_then(|w| w.strip_suffix("?="));
            // White space between two encoded words is not part of them.
            if !(bytes.is_empty() || encoded && inner.is_some()) {
                bytes.push(b' ');
            }
            match inner {
                Some(inner) => {
                    bytes.extend(base64::engine::general_purpose::STANDARD.decode(inner).expect("base64"))
                }
                None => bytes.extend(word.as_bytes()),
            }
            encoded = inner.is_some();
        }
        String::from_utf8(bytes).expect("UTF-8")
    }

    /// Returns the text.
    pub fn text(&self) -> String {
        let body = self.raw.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        if self.header("Content-Transfer-Encoding").as_deref() != Some("base64") {
            return body.to_owned();
        }
        let joined: String = body.split_whitespace().collect();
        let bytes = base64::engine::general_purpose::STANDARD.decode(joined).expect("base64");
        String::from_utf8(bytes).expect("UTF-8")
    }
}

/// A mail server.
pub struct Smtp {
    pub port: u16,
    mails: Arc<Mutex<Vec<Mail>>>,
    manners: Arc<Mutex<VecDeque<Manner>>>,
}

impl Smtp {
    /// Starts a server with these reactions to the first mails; later ones are accepted.
    pub fn new(manners: &[Manner]) -> Smtp {
        Smtp::on(0, manners)
    }

    /// As [`Smtp::new`], on this port.
    pub fn on(port: u16, manners: &[Manner]) -> Smtp {
        let listener = TcpListener::bind(("127.0.0.1", port)).expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let sink = Smtp {
            port,
            mails: Arc::default(),
            manners: Arc::new(Mutex::new(manners.iter().copied().collect())),
        };
        let (mails, manners) = (sink.mails.clone(), sink.manners.clone());
        spawn(move || {
            for stream in listener.incoming().flatten() {
                let (mails, manners) = (mails.clone(), manners.clone());
                spawn(move || drop(converse(stream, &mails, &manners)));
            }
        });
        sink
    }

    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}?tls=none", self.port)
    }

    /// Returns every mail whose text was received, with or without a response.
    pub fn mails(&self) -> Vec<Mail> {
        self.mails.lock().expect("the mails").clone()
    }

    /// Waits for this number of mails.
    #[track_caller]
    pub fn wait(&self, count: usize) -> Vec<Mail> {
        until("mails", || Some(self.mails()).filter(|mails| mails.len() >= count))
    }
}

fn converse(
    stream: TcpStream,
    mails: &Mutex<Vec<Mail>>,
    manners: &Mutex<VecDeque<Manner>>,
) -> std::io::Result<()> {
    let mut out = stream.try_clone()?;
    let mut lines = BufReader::new(stream);
    let mut to = String::new();
    out.write_all(b"220 sink\r\n")?;
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let upper = line.to_ascii_uppercase();
        if upper.starts_with("EHLO") || upper.starts_with("HELO") {
            out.write_all(b"250-sink\r\n250 8BITMIME\r\n")?;
        } else if upper.starts_with("RCPT") {
            to = line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
            out.write_all(b"250 ok\r\n")?;
        } else if upper.starts_with("DATA") {
            out.write_all(b"354 go on\r\n")?;
            let mut raw = String::new();
            loop {
                let mut line = String::new();
                if lines.read_line(&mut line)? == 0 {
                    return Ok(());
                }
                if line == ".\r\n" {
                    break;
                }
                raw.push_str(line.strip_prefix('.').unwrap_or(&line));
            }
            let manner = manners.lock().expect("manners").pop_front().unwrap_or(Manner::Answer(250));
            mails.lock().expect("the mails").push(Mail { to: to.clone(), raw });
            match manner {
                Manner::Answer(code) => out.write_all(format!("{code} so\r\n").as_bytes())?,
                Manner::Stall => sleep(Duration::from_secs(600)),
            }
        } else if upper.starts_with("QUIT") {
            out.write_all(b"221 bye\r\n")?;
            return Ok(());
        } else {
            out.write_all(b"250 ok\r\n")?;
        }
    }
}

/// A request as received.
#[derive(Debug, Clone)]
pub struct Request {
    pub head: String,
    pub body: String,
}

impl Request {
    /// Returns the value of a header.
    pub fn header(&self, name: &str) -> Option<String> {
        let line =
            self.head.lines().find(|l| l.split(':').next().is_some_and(|n| n.eq_ignore_ascii_case(name)))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    }

    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("no JSON ({e}): {self:?}"))
    }
}

/// A server for text messages or webhooks.
pub struct Http {
    pub port: u16,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Http {
    /// Starts a server with these reactions to the first requests; later ones get 204.
    pub fn new(manners: &[Manner]) -> Http {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let requests: Arc<Mutex<Vec<Request>>> = Arc::default();
        let kept = requests.clone();
        let manners: Arc<Mutex<VecDeque<Manner>>> = Arc::new(Mutex::new(manners.iter().copied().collect()));
        spawn(move || {
            for stream in listener.incoming().flatten() {
                let (kept, manners) = (kept.clone(), manners.clone());
                spawn(move || drop(answer(stream, &kept, &manners)));
            }
        });
        Http { port, requests }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/in", self.port)
    }

    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().expect("the requests").clone()
    }

    /// Waits for this number of requests.
    #[track_caller]
    pub fn wait(&self, count: usize) -> Vec<Request> {
        until("requests", || Some(self.requests()).filter(|all| all.len() >= count))
    }
}

fn answer(
    stream: TcpStream,
    kept: &Mutex<Vec<Request>>,
    manners: &Mutex<VecDeque<Manner>>,
) -> std::io::Result<()> {
    let mut out = stream.try_clone()?;
    let mut lines = BufReader::new(stream);
    loop {
        let mut head = String::new();
        loop {
            let mut line = String::new();
            if lines.read_line(&mut line)? == 0 {
                return Ok(());
            }
            if line == "\r\n" {
                break;
            }
            head.push_str(&line);
        }
        let request = Request { head, body: String::new() };
        let length = request.header("content-length").and_then(|l| l.parse().ok()).unwrap_or(0);
        let mut body = vec![0; length];
        lines.read_exact(&mut body)?;
        let request = Request { body: String::from_utf8_lossy(&body).into_owned(), ..request };
        let manner = manners.lock().expect("manners").pop_front().unwrap_or(Manner::Answer(204));
        kept.lock().expect("the requests").push(request);
        match manner {
            Manner::Answer(status) => {
                let end = if status == 204 { "" } else { "content-length: 0\r\n" };
                out.write_all(format!("HTTP/1.1 {status} So\r\n{end}\r\n").as_bytes())?;
            }
            Manner::Stall => sleep(Duration::from_secs(600)),
        }
    }
}
