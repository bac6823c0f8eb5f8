//! Whether anybody still reads stdout. A command that waits for things to happen writes seldom, and would otherwise
//! notice long after `| head -1` that nobody listens.

/// How often it is looked.
#[cfg(unix)]
const LOOK: std::time::Duration = std::time::Duration::from_millis(500);

/// Returns when the reader of stdout has gone; never where it is none that can go: a file, or a system that does not
/// tell.
pub async fn reader_gone() {
    #[cfg(unix)]
    loop {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        let stdout = std::io::stdout();
        // Errors and hang-ups are told unasked.
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
