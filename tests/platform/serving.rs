//! A server under hostile or unlucky conditions: a log that cannot be written, connections that stall, many sign-ins.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::common::sinks::{Smtp, until};
use crate::common::{Over, Server, World};

/// A server that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free port").port()
}

/// Sends a request; returns the response, empty if there is none.
fn ask(port: u16, request: &str) -> String {
    let mut answer = Vec::new();
    if let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) {
        let _ = stream.set_read_timeout(Some(Duration::from_secs(10)));
        let _ = stream.write_all(request.as_bytes());
        let _ = stream.read_to_end(&mut answer);
    }
    String::from_utf8_lossy(&answer).into_owned()
}

fn get(port: u16, path: &str) -> String {
    ask(port, &format!("GET {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"))
}

/// Starts a server whose log is on a full disk, and waits until it answers.
fn with_full_log(world: &World, port: u16, more: &[&str]) -> Running {
    let (listen, database) = (format!("127.0.0.1:{port}"), world.database());
    let args = ["serve", "--listen", &listen, "--database", &database];
    let full = File::options().write(true).open("/dev/full").expect("/dev/full");
    let mut command = world.anonymous().env("APPEAL_LOG", "debug").command(args.iter().chain(more));
    let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(full).spawn().expect("a server");
    until("an answer", || get(port, "/healthz").starts_with("HTTP/1.1 200").then_some(()));
    Running(child)
}

#[test]
fn a_log_that_cannot_be_written_costs_only_its_lines() {
    let world = World::new(Over::Local);
    let port = free_port();
    let _server = with_full_log(&world, port, &[]);
    for _ in 0..3 {
        assert!(get(port, "/readyz").ends_with("ready\n"), "{}", get(port, "/readyz"));
    }
    assert!(get(port, "/v1/me").starts_with("HTTP/1.1 401"));
}

#[test]
fn mails_are_sent_after_a_failure_although_the_failure_cannot_be_logged() {
    let world = World::new(Over::Local);
    let (port, smtp_port) = (free_port(), free_port());
    let smtp_url = format!("smtp://127.0.0.1:{smtp_port}");
    let _server = with_full_log(&world, port, &["--smtp", &smtp_url]);
    let file = ["create", "--subject", "Тема обращения", "--text", "Текст обращения", "--category", "roads"];
    let url = format!("http://127.0.0.1:{port}");
    let person = world.anonymous().env("APPEAL_SERVER", url).env("APPEAL_TOKEN", world.token("applicant"));
    person.run(file).ok();
    // The first attempt fails, and is due again only after half a minute; the mail of another appeal is not.
    std::thread::sleep(Duration::from_secs(1));
    let smtp = Smtp::on(smtp_port, &[]);
    person.run(file).ok();
    assert_eq!(smtp.wait(1).len(), 1);
}

#[test]
fn connections_that_stall_do_not_use_up_the_file_descriptors() {
    let world = World::new(Over::Local);
    let port = free_port();
    let (listen, database) = (format!("127.0.0.1:{port}"), world.database());
    let serve = world.anonymous().command(["serve", "--listen", &listen, "--database", &database]);
    let mut limited = std::process::Command::new("sh");
    limited.args(["-c", "ulimit -n 128; exec \"$0\" \"$@\""]).arg(serve.get_program()).args(serve.get_args());
    for (name, value) in serve.get_envs() {
        match value {
            Some(value) => limited.env(name, value),
            None => limited.env_remove(name),
        };
    }
    let child = limited.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let _server = Running(child.expect("a server"));
    until("an answer", || get(port, "/healthz").starts_with("HTTP/1.1 200").then_some(()));
    let silent: Vec<TcpStream> =
        (0..200).filter_map(|_| TcpStream::connect(("127.0.0.1", port)).ok()).collect();
    let begun = Instant::now();
    until("an answer in spite of them", || get(port, "/readyz").ends_with("ready\n").then_some(()));
    assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
    drop(silent);
}

/// Returns the highest resident memory of a process so far, in MB.
fn peak(id: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).expect("a process");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
    line.trim().trim_end_matches("kB").trim().parse::<u64>().expect("a number") / 1024
}

#[test]
fn many_sign_ins_at_once_need_little_memory() {
    let world = World::new(Over::Local);
    let server = Server::start(&world, &[]);
    let port = server.port;
    let before = peak(server.id());
    let threads: Vec<_> = (0..100)
        .map(|n| {
            std::thread::spawn(move || {
                let body = format!("{{\"login\":\"nobody-{n}\",\"password\":\"x\"}}");
                let head = "POST /v1/sign-in HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-type: application/json";
                let answer = ask(port, &format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len()));
                answer.split(' ').nth(1).unwrap_or_default().to_owned()
            })
        })
        .collect();
    let statuses: Vec<String> = threads.into_iter().map(|t| t.join().expect("an answer")).collect();
    assert!(statuses.iter().all(|s| ["401", "403", "503"].contains(&s.as_str())), "{statuses:?}");
    let grown = peak(server.id()) - before;
    assert!(grown < 110, "{grown} MB");
}
