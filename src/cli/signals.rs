//! Ends the process on Ctrl-C, on SIGTERM (`timeout`, `kill`, services), on SIGHUP (a closed terminal) and when
//! `--timeout` expires. A command that does not end by itself in time, because it is blocked on a pipe or computing, is
//! ended from a thread of this module.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use crate::cli::base::exit::Exit;
use crate::cli::base::failure::{self, Failure};
use crate::cli::base::unsent;
use crate::output;

/// Time for a command to end after SIGTERM or SIGHUP.
const GRACE: Duration = Duration::from_secs(5);

/// Time for a command to end after Ctrl-C or `--timeout`.
const SHORT_GRACE: Duration = Duration::from_secs(2);

/// Time limit for printing the final message, because the reader of stderr may not be reading.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// Whether errors are JSON objects.
static JSON: AtomicBool = AtomicBool::new(false);

/// Whether the end of the command is already being reported.
static TOLD: AtomicBool = AtomicBool::new(false);

/// Sets whether this module reports errors as JSON objects.
pub fn speak_json(json: bool) {
    JSON.store(json, Ordering::Relaxed);
}

/// Returns true to the first caller, who reports how the command ended.
pub fn first_to_tell() -> bool {
    !TOLD.swap(true, Ordering::SeqCst)
}

/// Ends a process that did not end by itself, and reports the error.
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
            // The receiver may have timed out.
            let _ = said.send(());
        });
        if telling.is_ok() {
            // The process ends even if the message could not be printed.
            let _ = heard.recv_timeout(LAST_WORDS);
        }
    }
    std::process::exit(code.into())
}

/// Ends the process at once, after printing where the text is kept.
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
    /// Ctrl-C; it may come at a prompt.
    Interrupt,
    /// SIGTERM or SIGHUP.
    #[cfg_attr(not(unix), allow(dead_code, reason = "only Ctrl-C is heard there"))]
    End,
}

/// The signals that are handled, from the creation of this value on.
#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    /// `None` if SIGHUP is ignored (`nohup`), and for a server, for which the default action is kept.
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

/// Returns whether SIGHUP is ignored. Also true if this cannot be determined; its action is then left unchanged.
#[cfg(unix)]
fn hangup_is_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    // Bit 0 is signal 1, SIGHUP.
    mask.is_none_or(|mask| mask & 1 == 1)
}

/// Starts to handle signals.
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

/// Ctrl-C is handled on a separate thread, because a prompt or an editor blocks the main one. The first Ctrl-C asks the
/// command to end; a second one, or one at a prompt, ends the process at once. A command that does not end soon after a
/// signal or its timeout is ended from here; a server has more time, to complete the requests in flight.
pub fn listen(serves: bool, deadline: Option<Instant>) -> Arc<Notify> {
    let notify = Arc::new(Notify::new());
    let ours = notify.clone();
    let (ready, listening) = std::sync::mpsc::channel();
    // Without the thread, the signals keep their default action and end the process without a message.
    let _ = std::thread::Builder::new().name("interrupts".into()).spawn(move || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
        runtime.block_on(async {
            let Ok(mut signals) = Signals::listen(serves) else { return };
            // The receiver may have given up.
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
                    // The signal is meant for the editor.
                    continue;
                }
                if output::prompting() {
                    // The prompt receives the signal too and ends by itself. If it does not, the process is ended from
                    // here.
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
    // Start nothing before signals are handled. If the thread could not be started, do not wait for it.
    let _ = listening.recv();
    notify
}

/// The time at which a command is ended from here.
struct Limits {
    /// After its time was up.
    deadline: Option<Instant>,
    /// After Ctrl-C.
    interrupted: Option<Instant>,
}

impl Limits {
    /// Waits for the first of these times; returns the failure. Does nothing while an editor is open, which would keep
    /// the terminal after the command has ended.
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
