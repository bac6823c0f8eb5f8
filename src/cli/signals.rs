//! How a process is asked to end: Ctrl-C, SIGTERM (`timeout`, `kill`, services), SIGHUP (a terminal that closes).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::Notify;

use super::exit::Exit;
use super::kept;
use crate::output;

/// How long a command may take to end after it was told to.
const GRACE: Duration = Duration::from_secs(5);

/// Ends the process at once, and says first where what was written is.
fn end_at_once() -> ! {
    output::restore_terminal();
    if let Some(words) = kept::last_words() {
        output::last_word(&words);
    }
    std::process::exit(Exit::Interrupted.code().into())
}

/// What a process is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    /// Ctrl-C: by somebody who may be looking at a question.
    Interrupt,
    /// By the system.
    #[cfg_attr(not(unix), allow(dead_code, reason = "only Ctrl-C is heard there"))]
    End,
}

/// The signals that are listened for, from the moment it is made.
#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    /// None where it is ignored (`nohup`), and for a server, which a closed terminal ends as the system has it.
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

    async fn next(&mut self) -> Option<Told> {
        let hung_up = async {
            match &mut self.hangup {
                Some(hangup) => hangup.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            heard = self.interrupt.recv() => heard.map(|()| Told::Interrupt),
            heard = self.terminate.recv() => heard.map(|()| Told::End),
            heard = hung_up => heard.map(|()| Told::End),
        }
    }
}

/// Whether SIGHUP is ignored; true where this cannot be told, too: then the signal stays as it is.
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

    async fn next(&mut self) -> Option<Told> {
        tokio::signal::ctrl_c().await.ok().map(|()| Told::Interrupt)
    }
}

/// Ctrl-C is heard on a thread of its own, since a prompt or an editor holds the main one. The first asks the command
/// to end; one during a prompt, or a second one, ends the process at once. A command that does not end soon after
/// SIGTERM or SIGHUP is ended; a server has a time of its own to let requests under way end.
pub fn listen(serves: bool) -> Arc<Notify> {
    let notify = Arc::new(Notify::new());
    let ours = notify.clone();
    let heard = AtomicBool::new(false);
    let (ready, listening) = std::sync::mpsc::channel();
    // Without the thread the default action of the signal stays: the process ends, only less politely.
    let _ = std::thread::Builder::new().name("interrupts".into()).spawn(move || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
        runtime.block_on(async {
            let Ok(mut signals) = Signals::listen(serves) else { return };
            // Whoever waits may have gone on without.
            let _ = ready.send(());
            while let Some(signal) = signals.next().await {
                if signal == Told::End && serves {
                    ours.notify_one();
                    continue;
                }
                if signal == Told::End {
                    if !output::editing() && !output::prompting() && !heard.swap(true, Ordering::Relaxed) {
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
                    // The question hears of it too and ends by itself; only one that does not is ended from here.
                    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
                }
                if output::prompting() || heard.swap(true, Ordering::Relaxed) {
                    end_at_once();
                }
                ours.notify_one();
            }
        });
    });
    // Nothing is begun that a signal would end unheard. A thread that cannot listen is not waited for.
    let _ = listening.recv();
    notify
}
