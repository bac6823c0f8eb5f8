//! Detects whether stdout is still being read. A command that waits for events writes rarely, and would otherwise notice
//! a closed pipe (`| head -1`) much later.

/// Interval of the checks.
#[cfg(unix)]
const LOOK: std::time::Duration = std::time::Duration::from_millis(500);

/// Returns when the reader of stdout has closed it; never returns for a file, or on a system that does not report it.
pub async fn reader_gone() {
    #[cfg(unix)]
    loop {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        let stdout = std::io::stdout();
        // Errors and hang-ups are reported in any case.
        let mut looked = [PollFd::new(&stdout, PollFlags::empty())];
        let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
        if poll(&mut looked, Some(&at_once)).is_ok()
            && looked[0].revents().intersects(PollFlags::ERR | PollFlags::HUP)
        {
            return;
        }
        tokio::time::sleep(LOOK).await;
    }
    #[cfg(not(unix))]
    std::future::pending().await
}
