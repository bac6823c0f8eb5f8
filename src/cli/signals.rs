//! How a process is asked to end: Ctrl-C, SIGTERM (`timeout`, `kill`, services), SIGHUP (a terminal that closes), and
//! the end of its time (`--timeout`). A command that does not react, since it waits for a pipe or is busy, is ended from
//! here.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use crate::cli::base::exit::Exit;
use crate::cli::base::failure::{self, Failure};
use crate::cli::base::unsent;
use crate::output;

/// How long a command may take to end after SIGTERM or SIGHUP.
const GRACE: Duration = Duration::from_secs(5);

/// How long it may take to end after Ctrl-C, and after its time is up.
const SHORT_GRACE: Duration = Duration::from_secs(2);

/// Time limit for the final message: the command may be waiting for the reader of stderr.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// Errors are one JSON object.
static JSON: AtomicBool = AtomicBool::new(false);

/// Somebody has begun to say how the command ended.
static TOLD: AtomicBool = AtomicBool::new(false);

/// Sets whether the error of a command that is ended from here is a JSON object.
pub fn speak_json(json: bool) {
    JSON.store(json, Ordering::Relaxed);
}

/// True for the first caller only: only one reports how the command ended.
pub fn first_to_tell() -> bool {
    !TOLD.swap(true, Ordering::SeqCst)
}

/// Ends a process that does not exit by itself, with the error that it should have reported.
fn give_up(mut failure: Failure) -> ! {
    output::restore_terminal();
    let code = failure.exit.code();
    if first_to_tell() {
        failure.hint = unsent::last_words().or(failure.hint);
        let format = JSON.load(Ordering::Relaxed).then_some(output::Format::Json);
        let (said, heard) = std::sync::mpsc::channel();
        let telling = std::thread::Builder::new().spawn(move || {
            let options = output::Options { format, lang: failure::lang(), ..Default::default() };
            if let Ok(mut out) = output::Output::new(options) {
                out.failure(&failure.view());
            }
            // The waiting thread may have exited.
            let _ = said.send(());
        });
        if telling.is_ok() {
            // Said or not, the process ends.
            let _ = heard.recv_timeout(LAST_WORDS);
        }
    }
    std::process::exit(code.into())
}

/// Ends the process at once, and says first where what was written is.
fn end_at_once() -> ! {
    output::restore_terminal();
    if let Some(words) = unsent::last_words() {
        output::last_word(&words);
    }
    std::process::exit(Exit::Interrupted.code().into())
}

/// A request to end the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// Ctrl-C, possibly at a prompt.
    Interrupt,
    /// By the system.
    #[cfg_attr(not(unix), allow(dead_code, reason = "only Ctrl-C is heard there"))]
    End,
}

/// The signals that are handled, from its creation on.
#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    /// `None` if it is ignored (`nohup`), and for a server, which keeps the default action on a closed terminal.
    hangup: Option<tokio::signal::unix::Signal>,
}

#[cfg(unix)]
impl Signals {
    fn listen(serves: bool) -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let hangup = if serves || hangup_is_ignored() { None } else { Some(signal(SignalKind::hangup())?) };
        Ok(Signals {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup,
        })
    }

    async fn next(&mut self) -> Option<Ending> {
        let hung_up = async {
            match &mut self.hangup {
                Some(hangup) => hangup.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            heard = self.interrupt.recv() => heard.map(|()| Ending::Interrupt),
            heard = self.terminate.recv() => heard.map(|()| Ending::End),
            heard = hung_up => heard.map(|()| Ending::End),
        }
    }
}

/// Whether SIGHUP is ignored. Also true if this cannot be determined; the signal is then left unchanged.
#[cfg(unix)]
fn hangup_is_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    // The first bit is that of the first signal, SIGHUP.
    mask.is_none_or(|mask| mask & 1 == 1)
}

/// The signals that are listened for.
#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn listen(_: bool) -> std::io::Result<Self> {
        Ok(Signals)
    }

    async fn next(&mut self) -> Option<Ending> {
        tokio::signal::ctrl_c().await.ok().map(|()| Ending::Interrupt)
    }
}

/// Ctrl-C is heard on a thread of its own, since a prompt or an editor holds the main one. The first asks the command
/// to end; one during a prompt, or a second one, ends the process at once. A command that does not end soon after a
/// signal, or after its time is up, is ended; a server has a time of its own to let requests under way end.
pub fn listen(serves: bool, deadline: Option<Instant>) -> Arc<Notify> {
    let notify = Arc::new(Notify::new());
    let ours = notify.clone();
    let (ready, listening) = std::sync::mpsc::channel();
    // Without the thread the default action of the signal stays: the process ends, only less politely.
    let _ = std::thread::Builder::new().name("interrupts".into()).spawn(move || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
        runtime.block_on(async {
            let Ok(mut signals) = Signals::listen(serves) else { return };
            // The waiting thread may have exited.
            let _ = ready.send(());
            let deadline = deadline.filter(|_| !serves).and_then(|at| at.checked_add(SHORT_GRACE));
            let mut limits = Limits { deadline, interrupted: None };
            let mut heard = false;
            loop {
                let signal = tokio::select! {
                    signal = signals.next() => signal,
                    failure = limits.passed() => give_up(failure),
                };
                let Some(signal) = signal else { return };
                if signal == Ending::End && serves {
                    ours.notify_one();
                    continue;
                }
                if signal == Ending::End {
                    if !output::editing() && !output::prompting() && !heard {
                        ours.notify_one();
                        tokio::time::sleep(GRACE).await;
                    }
                    end_at_once();
                }
                if output::editing() {
                    // The editor has the terminal, and the signal is for it.
                    continue;
                }
                if output::prompting() {
                    // The prompt receives it too and ends by itself; it is ended from here only if it does not.
                    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
                }
                if output::prompting() || std::mem::replace(&mut heard, true) {
                    end_at_once();
                }
                ours.notify_one();
                limits.interrupted = Instant::now().checked_add(SHORT_GRACE).filter(|_| !serves);
            }
        });
    });
    // Start nothing until signals are handled. Do not wait for a thread that failed to listen.
    let _ = listening.recv();
    notify
}

/// When to end a command that has not ended by itself.
struct Limits {
    /// After its time was up.
    deadline: Option<Instant>,
    /// After Ctrl-C.
    interrupted: Option<Instant>,
}

impl Limits {
    /// Waits for the first; the failure that it is. Never while an editor has the terminal: it would be left there
    /// without the command that started it.
    async fn passed(&self) -> Failure {
        let until = async |at: Option<Instant>| match at {
            Some(at) => tokio::time::sleep_until(at.into()).await,
            None => std::future::pending().await,
        };
        let interrupted = tokio::select! {
            biased;
            () = until(self.interrupted) => true,
            () = until(self.deadline) => false,
        };
        while output::editing() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        if interrupted { Failure::interrupted() } else { Failure::timed_out() }
    }
}
