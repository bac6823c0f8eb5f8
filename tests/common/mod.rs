//! Common code of the end-to-end tests: a home directory for the real binary, people who run it, and the platform over
//! both transports.
//!
//! A [`World`] is one platform with its data in a temporary directory. Over [`Over::Local`] every command opens that
//! data itself (`--server local`); over [`Over::Served`] a server process has it open, and every command has a token.

pub mod flaky_proxy;
pub mod http;
pub mod samples;
pub mod sinks;

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{LazyLock, Mutex, OnceLock};
use std::thread::{JoinHandle, sleep, spawn};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// Time limit of every command; far more than any needs, so that only a hanging one is killed.
const LIMIT: Duration = Duration::from_secs(120);

/// The binary under test.
pub const APPEAL: &str = env!("CARGO_BIN_EXE_appeal");

/// Runs one scenario over both transports.
#[macro_export]
macro_rules! over_both {
    ($($name:ident),+ $(,)?) => { $(
        mod $name {
            #[test]
            fn local() {
                super::$name(&$crate::common::World::new($crate::common::Over::Local));
            }

            #[test]
            fn served() {
                super::$name(&$crate::common::World::new($crate::common::Over::Served));
            }
        }
    )+ };
}

/// The transport to the platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    Local,
    Served,
}

/// A platform, and a home directory for its users.
pub struct World {
    home: TempDir,
    server: OnceLock<Server>,
    tokens: Mutex<HashMap<String, String>>,
}

/// A prepared platform: its database, and sessions of its people by login.
struct Prepared {
    database: Vec<u8>,
    tokens: HashMap<String, String>,
}

impl Prepared {
    /// Prepares a platform with tokens of these people.
    fn with_tokens(logins: &[&str]) -> Prepared {
        let world = World::empty();
        world.locally("applicant").run(["list", "-q"]).ok();
        let tokens = logins.iter().map(|login| ((*login).to_owned(), world.token(login))).collect();
        let copy = world.join("new.db");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            use sqlx::Connection as _;
            let mut connection =
                sqlx::SqliteConnection::connect(&world.database()).await.expect("a database");
            sqlx::query("VACUUM INTO ?").bind(&copy).execute(&mut connection).await.expect("a copy");
        });
        Prepared { database: std::fs::read(copy).expect("the copy"), tokens }
    }
}

/// A new platform. Most tests start from a copy, which takes a fraction of the time that creating one takes.
static LOCAL: LazyLock<Prepared> = LazyLock::new(|| Prepared::with_tokens(&[]));

/// A new platform for a server, whose users need tokens.
static SERVED: LazyLock<Prepared> = LazyLock::new(|| {
    Prepared::with_tokens(&[
        "admin",
        "analyst",
        "applicant",
        "intermediary",
        "operator",
        "representative",
        "supervisor",
        "supervisor-federal",
        "supervisor-regional",
    ])
});

impl World {
    /// Creates a platform with its people and without appeals.
    pub fn new(over: Over) -> World {
        let prepared = match over {
            Over::Local => &*LOCAL,
            Over::Served => &*SERVED,
        };
        let world = World { tokens: Mutex::new(prepared.tokens.clone()), ..World::empty() };
        std::fs::create_dir(world.data()).expect("a data directory");
        std::fs::set_permissions(world.data(), std::fs::Permissions::from_mode(0o700)).expect("permissions");
        std::fs::write(world.data().join("appeal.db"), &prepared.database).expect("a database");
        if over == Over::Served {
            world.serve();
        }
        world
    }

    /// Creates a home directory without a platform.
    pub fn empty() -> World {
        let home = tempfile::Builder::new().prefix("appeal-test-").tempdir().expect("a temporary directory");
        World { home, server: OnceLock::new(), tokens: Mutex::new(HashMap::new()) }
    }

    pub fn local() -> World {
        World::new(Over::Local)
    }

    pub fn served() -> World {
        World::new(Over::Served)
    }

    /// Starts a server on the data, unless one is running.
    pub fn serve(&self) -> &Server {
        self.server.get_or_init(|| Server::start(self, &[]))
    }

    /// Returns the server's port, if there is a server.
    pub fn server_port(&self) -> Option<u16> {
        self.server.get().map(|server| server.port)
    }

    pub fn over(&self) -> Over {
        if self.server.get().is_some() { Over::Served } else { Over::Local }
    }

    /// Returns the home directory.
    pub fn path(&self) -> &Path {
        self.home.path()
    }

    /// Returns the data directory.
    pub fn data(&self) -> PathBuf {
        self.path().join("data")
    }

    pub fn database(&self) -> String {
        format!("sqlite:{}", self.data().join("appeal.db").display())
    }

    /// Writes a file in the home directory; returns its path.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.path().join(name);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).expect("a folder for the file");
        }
        std::fs::write(&path, content).expect("a written file");
        path.to_str().expect("a path of text").to_owned()
    }

    pub fn join(&self, name: &str) -> String {
        self.path().join(name).to_str().expect("a path of text").to_owned()
    }

    /// A person without a configured platform, in a clean environment.
    pub fn anonymous(&self) -> Person {
        let home = self.path();
        let mut env: Vec<(OsString, OsString)> = Vec::new();
        let mut set = |name: &str, value: &OsStr| env.push((name.into(), value.into()));
        set("PATH", std::env::var_os("PATH").unwrap_or_default().as_os_str());
        set("HOME", home.as_os_str());
        for (name, folder) in [
            ("XDG_CONFIG_HOME", "config"),
            ("XDG_DATA_HOME", "xdg-data"),
            ("XDG_STATE_HOME", "state"),
            ("XDG_CACHE_HOME", "cache"),
            ("XDG_RUNTIME_DIR", "run"),
        ] {
            set(name, home.join(folder).as_os_str());
        }
        set("LANG", OsStr::new("C.UTF-8"));
        set("TZ", OsStr::new("UTC"));
        // Coverage tools must not write their file to the working directory.
        if let Some(profile) = std::env::var_os("LLVM_PROFILE_FILE") {
            set("LLVM_PROFILE_FILE", &profile);
        }
        Person { env, as_: None, cwd: home.to_owned(), input: Input::Null }
    }

    /// A local person, with direct access to the data.
    pub fn locally(&self, login: &str) -> Person {
        let person = self.anonymous().env("APPEAL_SERVER", "local").env("APPEAL_DATA_DIR", self.data());
        Person { as_: Some(login.to_owned()), ..person }
    }

    /// A person, over the transport of the world.
    pub fn by(&self, login: &str) -> Person {
        match self.server.get() {
            None => self.locally(login),
            Some(server) => {
                self.anonymous().env("APPEAL_SERVER", &server.url).env("APPEAL_TOKEN", self.token(login))
            }
        }
    }

    /// Runs a command as the applicant.
    pub fn run<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Run {
        self.by("applicant").run(args)
    }

    /// Returns the token of a session of this person, as if just signed in; created by the administrator directly in the
    /// database.
    pub fn token(&self, login: &str) -> String {
        let mut tokens = self.tokens.lock().expect("the tokens");
        if let Some(token) = tokens.get(login) {
            return token.clone();
        }
        let scopes = match login {
            "analyst" => "read,report",
            "admin" => "read,file,operate,report,admin",
            login if login.starts_with("operator") || login.starts_with("supervisor") => {
                "read,file,operate,report"
            }
            _ => "read,file",
        };
        let database = self.database();
        let run = self.anonymous().run([
            "--server",
            "local",
            "--as",
            "admin",
            "--database",
            &database,
            "auth",
            "token",
            "create",
            "--for",
            login,
            "--scope",
            scopes,
            "--expires",
            "1d",
            "--name",
            "session",
            "-q",
        ]);
        let token = run.ok().line().to_owned();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            use sqlx::Connection as _;
            let mut connection = sqlx::SqliteConnection::connect(&database).await.expect("a database");
            // Fresh for an hour, however long the tests take.
            let session = "UPDATE tokens SET session = 1, created_at = created_at + 3600000000 \
                           WHERE session = 0 AND name = 'session'";
            sqlx::query(session).execute(&mut connection).await.expect("a session");
        });
        assert!(!token.is_empty() && !token.contains(char::is_whitespace), "no token: {token:?}");
        tokens.insert(login.to_owned(), token.clone());
        token
    }

    /// Files an ordinary appeal as the applicant; returns its number.
    pub fn filed(&self) -> String {
        self.filed_with(&[])
    }

    /// Files an appeal with additional flags.
    pub fn filed_with(&self, more: &[&str]) -> String {
        let base = ["create", "--subject", SUBJECT, "--text", TEXT, "--category", "roads", "-q"];
        self.run(base.iter().chain(more)).ok().line().to_owned()
    }

    /// Returns the card, as visible to this person.
    pub fn card(&self, login: &str, number: &str) -> Value {
        self.by(login).run(["show", number, "--journal", "-o", "json"]).ok().json()
    }
}

pub const SUBJECT: &str = "Яма на дороге у дома 5 по Садовой улице";
pub const TEXT: &str = "С 1 ноября 2026 года на дороге у дома 5 по Садовой улице яма глубиной 20 см. Прошу отремонтировать покрытие.";

/// The stdin of a command.
#[derive(Debug, Clone)]
enum Input {
    Null,
    Bytes(Vec<u8>),
    /// A pipe that stays open without data.
    Open,
    /// The descriptor is closed.
    Closed,
}

/// A person at a shell.
#[derive(Debug, Clone)]
pub struct Person {
    env: Vec<(OsString, OsString)>,
    as_: Option<String>,
    cwd: PathBuf,
    input: Input,
}

impl Person {
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Person {
        let name = name.as_ref();
        self.env.retain(|(known, _)| known != name);
        self.env.push((name.to_owned(), value.as_ref().to_owned()));
        self
    }

    pub fn without(mut self, name: &str) -> Person {
        self.env.retain(|(known, _)| known != name);
        self
    }

    pub fn cwd(mut self, path: impl AsRef<Path>) -> Person {
        self.cwd = path.as_ref().to_owned();
        self
    }

    pub fn stdin(mut self, bytes: impl AsRef<[u8]>) -> Person {
        self.input = Input::Bytes(bytes.as_ref().to_vec());
        self
    }

    /// Makes stdin a pipe that stays open without data.
    pub fn stdin_open(mut self) -> Person {
        self.input = Input::Open;
        self
    }

    /// Closes stdin.
    pub fn stdin_closed(mut self) -> Person {
        self.input = Input::Closed;
        self
    }

    /// Returns the command, not started yet.
    pub fn command<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Command {
        let mut command = if matches!(self.input, Input::Closed) {
            let mut shell = Command::new("sh");
            shell.args(["-c", "exec \"$@\" <&-", "sh", APPEAL]);
            shell
        } else {
            Command::new(APPEAL)
        };
        if let Some(login) = &self.as_ {
            command.arg("--as").arg(login);
        }
        command.args(args).env_clear().envs(self.env.iter().cloned()).current_dir(&self.cwd);
        command
    }

    /// Runs a command to its end.
    pub fn run<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Run {
        self.start(args).finish()
    }

    /// Starts a command and leaves it running.
    pub fn start<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Going {
        let mut command = self.command(args);
        let shown = format!("{:?}", command.get_args().collect::<Vec<_>>());
        let stdin = match &self.input {
            Input::Null | Input::Closed => Stdio::null(),
            Input::Bytes(_) | Input::Open => Stdio::piped(),
        };
        let mut child = command
            .stdin(stdin)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let mut held = child.stdin.take();
        if let Input::Bytes(bytes) = self.input.clone()
            && let Some(mut pipe) = held.take()
        {
            spawn(move || {
                // A command that does not read its input is not a failure of the test.
                let _ = pipe.write_all(&bytes);
            });
        }
        let stdout = child.stdout.take().expect("a pipe");
        let stderr = child.stderr.take().expect("a pipe");
        Going { shown, child, held, stdout: Some(swallow(stdout)), stderr: Some(swallow(stderr)) }
    }

    /// Starts a command whose output is read while it runs.
    pub fn follow<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Following {
        let mut child = self
            .command(args)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let (send, lines) = channel();
        let stdout = child.stdout.take().expect("a pipe");
        spawn(move || {
            for line in BufReader::new(stdout).lines() {
                let Ok(line) = line else { break };
                if send.send(line).is_err() {
                    break;
                }
            }
        });
        let stderr = swallow(child.stderr.take().expect("a pipe"));
        Following { child, lines, stderr: Some(stderr), seen: Vec::new() }
    }
}

fn swallow(mut pipe: impl Read + Send + 'static) -> JoinHandle<Vec<u8>> {
    spawn(move || {
        let mut bytes = Vec::new();
        let _ = pipe.read_to_end(&mut bytes);
        bytes
    })
}

/// A running command.
pub struct Going {
    shown: String,
    child: Child,
    held: Option<std::process::ChildStdin>,
    stdout: Option<JoinHandle<Vec<u8>>>,
    stderr: Option<JoinHandle<Vec<u8>>>,
}

/// Returns whether this process ignores a signal (Linux only; false elsewhere).
pub fn is_ignored(signal: u32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    mask >> (signal - 1) & 1 == 1
}

impl Going {
    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().expect("a child").is_none()
    }

    /// Sends a signal.
    pub fn signal(&self, signal: i32) {
        send(self.child.id(), signal);
    }

    /// Waits for the end.
    pub fn finish(mut self) -> Run {
        let started = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("a child") {
                break status;
            }
            if started.elapsed() > LIMIT {
                let _ = self.child.kill();
                let _ = self.child.wait();
                panic!("{} hangs", self.shown);
            }
            sleep(Duration::from_millis(2));
        };
        drop(self.held.take());
        let read =
            |handle: Option<JoinHandle<Vec<u8>>>| handle.and_then(|h| h.join().ok()).unwrap_or_default();
        Run {
            shown: std::mem::take(&mut self.shown),
            status: status.code().unwrap_or_else(|| -status.signal().unwrap_or_default()),
            stdout: read(self.stdout.take()),
            stderr: String::from_utf8_lossy(&read(self.stderr.take())).into_owned(),
        }
    }
}

impl Drop for Going {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a signal to a process.
pub fn send(id: u32, signal: i32) {
    let done = Command::new("kill").arg(format!("-{signal}")).arg(id.to_string()).status();
    assert!(done.is_ok_and(|status| status.success()), "no signal {signal} to {id}");
}

/// A running command whose output is read line by line.
pub struct Following {
    child: Child,
    lines: Receiver<String>,
    stderr: Option<JoinHandle<Vec<u8>>>,
    /// All lines so far.
    pub seen: Vec<String>,
}

impl Following {
    /// Reads lines until one matches; fails after a generous timeout.
    pub fn until(&mut self, what: &str, mut fits: impl FnMut(&str) -> bool) -> String {
        let end = Instant::now() + Duration::from_secs(30);
        loop {
            let left = end.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(left) {
                Ok(line) => {
                    self.seen.push(line.clone());
                    if fits(&line) {
                        return line;
                    }
                }
                Err(_) => {
                    let _ = self.child.kill();
                    let _ = self.child.wait();
                    let stderr = self.stderr.take().and_then(|h| h.join().ok()).unwrap_or_default();
                    let stderr = String::from_utf8_lossy(&stderr).into_owned();
                    panic!("no line with {what}; so far:\n{}\nstderr: {stderr}", self.seen.join("\n"));
                }
            }
        }
    }

    pub fn signal(&self, signal: i32) {
        send(self.child.id(), signal);
    }

    /// Waits for the end; returns the exit code and stderr.
    pub fn finish(&mut self) -> (i32, String) {
        let started = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("a child") {
                while let Ok(line) = self.lines.recv_timeout(Duration::from_millis(500)) {
                    self.seen.push(line);
                }
                let stderr = self.stderr.take().and_then(|h| h.join().ok()).unwrap_or_default();
                return (status.code().unwrap_or(-1), String::from_utf8_lossy(&stderr).into_owned());
            }
            assert!(started.elapsed() < LIMIT, "it hangs; so far:\n{}", self.seen.join("\n"));
            sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The result of a command.
pub struct Run {
    shown: String,
    pub status: i32,
    pub stdout: Vec<u8>,
    pub stderr: String,
}

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\nappeal {}\nexit {}", self.shown, self.status)?;
        let stdout = String::from_utf8_lossy(&self.stdout);
        let short: String = stdout.chars().take(4000).collect();
        writeln!(f, "stdout: {short}\nstderr: {}", self.stderr)
    }
}

impl Run {
    /// Requires success.
    #[track_caller]
    pub fn ok(self) -> Run {
        self.code(0)
    }

    /// Requires this exit code.
    #[track_caller]
    pub fn code(self, code: i32) -> Run {
        assert_eq!(self.status, code, "{self:?}");
        self
    }

    /// Returns stdout as text.
    #[track_caller]
    pub fn out(&self) -> &str {
        std::str::from_utf8(&self.stdout).unwrap_or_else(|_| panic!("no UTF-8: {self:?}"))
    }

    /// Returns the only line of stdout.
    #[track_caller]
    pub fn line(&self) -> &str {
        let out = self.out();
        let line = out.strip_suffix('\n').unwrap_or(out);
        assert!(!line.contains('\n') && !line.is_empty(), "not one line: {self:?}");
        line
    }

    pub fn lines(&self) -> Vec<&str> {
        self.out().lines().collect()
    }

    /// Returns stdout as one JSON value.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.stdout).unwrap_or_else(|e| panic!("no JSON ({e}): {self:?}"))
    }

    /// Returns stdout as JSON Lines.
    #[track_caller]
    pub fn jsonl(&self) -> Vec<Value> {
        let line =
            |line: &str| serde_json::from_str(line).unwrap_or_else(|e| panic!("no JSON ({e}): {self:?}"));
        self.out().lines().map(line).collect()
    }

    /// Returns the error object on stderr, after checking its form.
    #[track_caller]
    pub fn error(&self) -> Value {
        let value: Value = serde_json::from_str(self.stderr.trim())
            .unwrap_or_else(|e| panic!("stderr is not one JSON object ({e}): {self:?}"));
        let error = &value["error"];
        assert_eq!(value.as_object().map(serde_json::Map::len), Some(1), "{self:?}");
        assert!(error["code"].as_str().is_some_and(|c| !c.is_empty()), "{self:?}");
        assert!(error["message"].as_str().is_some_and(|m| !m.is_empty()), "{self:?}");
        assert!(error["hint"].is_string() || error["hint"].is_null(), "{self:?}");
        assert!(error["details"].is_array(), "{self:?}");
        error.clone()
    }

    /// Returns the sorted codes of the findings in the error object.
    #[track_caller]
    pub fn codes(&self) -> Vec<String> {
        let error = self.error();
        let details = error["details"].as_array().cloned().unwrap_or_default();
        let mut codes: Vec<String> =
            details.iter().filter_map(|d| d["code"].as_str().map(str::to_owned)).collect();
        codes.sort();
        codes
    }
}

/// `appeal serve`, stopped on drop.
pub struct Server {
    child: Mutex<Child>,
    pub url: String,
    pub port: u16,
    log: std::sync::Arc<Mutex<String>>,
}

impl Server {
    /// Serves the world's database on a free port.
    pub fn start(world: &World, more: &[&str]) -> Server {
        Server::start_on(world, 0, more)
    }

    /// Serves the world's database on this port.
    pub fn start_on(world: &World, port: u16, more: &[&str]) -> Server {
        let database = world.database();
        let listen = format!("127.0.0.1:{port}");
        let args = ["serve", "--listen", &listen, "--database", &database];
        let mut child = world
            .anonymous()
            .command(args.iter().chain(more))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let stderr = child.stderr.take().expect("a pipe");
        let (send, lines) = channel();
        let log = std::sync::Arc::new(Mutex::new(String::new()));
        let kept = log.clone();
        spawn(move || {
            for line in BufReader::new(stderr).lines() {
                let Ok(line) = line else { break };
                if let Ok(mut log) = kept.lock() {
                    log.push_str(&line);
                    log.push('\n');
                }
                let _ = send.send(line);
            }
        });
        let end = Instant::now() + Duration::from_secs(60);
        let mut said = String::new();
        loop {
            let Ok(line) = lines.recv_timeout(end.saturating_duration_since(Instant::now())) else {
                let _ = child.kill();
                let _ = child.wait();
                panic!("the server does not say where it listens: {said}");
            };
            said.push_str(&line);
            said.push('\n');
            if let Some(port) = port_in(&line) {
                let url = format!("http://127.0.0.1:{port}");
                return Server { child: Mutex::new(child), url, port, log };
            }
        }
    }

    /// Returns stderr so far.
    pub fn log(&self) -> String {
        self.log.lock().map(|log| log.clone()).unwrap_or_default()
    }

    pub fn id(&self) -> u32 {
        self.child.lock().expect("the server").id()
    }

    /// Waits for the end; returns the exit code.
    pub fn wait(&self) -> Option<i32> {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.lock().expect("the server").try_wait().expect("a child") {
                return status.code();
            }
            assert!(begun.elapsed() < LIMIT, "the server does not end: {}", self.log());
            sleep(Duration::from_millis(10));
        }
    }

    /// Kills it.
    pub fn kill(&self) {
        let mut child = self.child.lock().expect("the server");
        let _ = child.kill();
        let _ = child.wait();
    }
}

fn port_in(line: &str) -> Option<u16> {
    let (_, rest) = line.split_once("127.0.0.1:")?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok().filter(|port| *port != 0)
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Ok(child) = self.child.get_mut() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Quotes a text so that JSON, YAML and TOML read it equally.
pub fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c < ' ' || ('\u{7f}'..='\u{9f}').contains(&c) => {
                out.push_str(&format!("\\u{:04x}", u32::from(c)))
            }
            '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => {
                out.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Returns the sorted keys of a JSON object.
pub fn keys(value: &Value) -> Vec<String> {
    let mut keys: Vec<String> = value.as_object().expect("an object").keys().cloned().collect();
    keys.sort();
    keys
}

/// Returns the sorted words.
pub fn sorted(words: &str) -> Vec<String> {
    let mut words: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
    words.sort();
    words
}
