//! Progress on stderr: a bar on a terminal, a line every few seconds elsewhere, nothing with `-q`.

use std::io::Write;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;

use super::{Output, visible};

/// Between two lines where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(5);

/// Something that takes a while. Can be shared between tasks.
pub struct Progress {
    bar: ProgressBar,
    lines: Option<Mutex<Instant>>,
    /// A program may be reading stderr: each line is an object.
    parsed: bool,
}

impl Output {
    /// Shows the progress of `what`; `len` steps or bytes where known.
    pub fn progress(&self, len: Option<u64>, what: &str) -> Progress {
        let what = visible::cell(what).into_owned();
        let bar = if self.place.err_terminal && !self.quiet {
            ProgressBar::with_draw_target(len, ProgressDrawTarget::stderr())
        } else {
            // It still counts, for the lines.
            ProgressBar::with_draw_target(len, ProgressDrawTarget::hidden())
        };
        let template = match (len, self.place.ascii) {
            (Some(_), _) => "{msg} {bar:30} {pos}/{len} {eta}",
            (None, _) => "{spinner} {msg} {pos}",
        };
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        bar.set_style(if self.place.ascii {
            style.progress_chars("#>-").tick_chars("|/-\\ ")
        } else {
            style
        });
        bar.set_message(what);
        let lines = (!self.place.err_terminal && !self.quiet).then(|| Mutex::new(Instant::now()));
        Progress { bar, lines, parsed: self.is_parsed() }
    }
}

impl Progress {
    /// So many more are done.
    pub fn inc(&self, by: u64) {
        self.bar.inc(by);
        self.line();
    }

    /// So many are done in all.
    pub fn set(&self, done: u64) {
        self.bar.set_position(done);
        self.line();
    }

    /// Says something else beside it.
    pub fn message(&self, what: &str) {
        self.bar.set_message(visible::cell(what).into_owned());
    }

    /// There turn out to be so many.
    pub fn set_len(&self, len: u64) {
        self.bar.set_length(len);
    }

    /// Prints something while the bar is out of the way.
    pub fn suspend<T>(&self, print: impl FnOnce() -> T) -> T {
        self.bar.suspend(print)
    }

    /// Done: the bar goes away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn line(&self) {
        let Some(lines) = &self.lines else { return };
        let Ok(mut last) = lines.lock() else { return };
        if last.elapsed() < LINE_EVERY {
            return;
        }
        *last = Instant::now();
        let of = self.bar.length().map(|len| format!("/{len}")).unwrap_or_default();
        // A closed stderr has nobody to be told.
        let told = format!("{} {}{of}", self.bar.message(), self.bar.position());
        let told = if self.parsed { json!({ "progress": told }).to_string() } else { told };
        let _ = writeln!(std::io::stderr(), "{told}");
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
