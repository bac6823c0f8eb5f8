//! Progress on stderr: a bar on a terminal, a line every few seconds elsewhere, nothing with `-q`.

use std::collections::VecDeque;
use std::io::Write;
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Value, json};

use super::{Output, json as json_text, visible};
use appeal_i18n::{Lang, t};

/// Interval between two lines without a terminal.
const LINE_EVERY: Duration = Duration::from_secs(5);

/// Progress of a long operation. Can be shared between tasks.
pub struct Progress {
    bar: ProgressBar,
    lines: Option<Mutex<Instant>>,
    /// Lines are objects: the command's output is JSON.
    json: bool,
    ascii: bool,
    lang: Lang,
    /// Shows the rate.
    rated: OnceLock<Words>,
    pace: Mutex<Pace>,
    details: Mutex<Value>,
}

/// Formats a rate.
type Words = Box<dyn Fn(&str) -> String + Send + Sync>;

/// Computes the current rate from recent samples.
#[derive(Debug, Default)]
struct Pace {
    /// Time and total of each sample, the oldest first.
    samples: VecDeque<(Instant, u64)>,
}

/// Minimum time between two samples.
const SAMPLE_EVERY: Duration = Duration::from_millis(250);
/// Number of samples kept. The rate is measured since the oldest of them.
const SAMPLES: usize = 40;

impl Pace {
    /// Records the total and returns the rate per second since the oldest sample.
    fn rate(&mut self, now: Instant, done: u64) -> Option<f64> {
        let newest = self.samples.back().map(|(at, _)| *at);
        if newest.is_none_or(|at| now.duration_since(at) >= SAMPLE_EVERY) {
            if self.samples.len() >= SAMPLES {
                self.samples.pop_front();
            }
            self.samples.push_back((now, done));
        }
        let (at, before) = self.samples.front()?;
        let seconds = now.duration_since(*at).as_secs_f64();
        (seconds > 0.2).then(|| done.saturating_sub(*before) as f64 / seconds)
    }
}

/// Formats a rate for people: with one decimal if it is small.
fn rate_text(rate: f64) -> String {
    if rate < 10.0 { format!("{rate:.1}") } else { format!("{rate:.0}") }
}

impl Output {
    /// Shows the progress of `what`; `len` steps or bytes where known.
    pub fn progress(&self, len: Option<u64>, what: &str) -> Progress {
        let what = visible::cell(what).into_owned();
        let bar = if self.place.err_terminal && !self.quiet {
            ProgressBar::with_draw_target(len, ProgressDrawTarget::stderr())
        } else {
            // A hidden bar still counts, for the lines.
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
        let mut pace = Pace::default();
        pace.rate(Instant::now(), 0);
        Progress {
            bar,
            lines,
            json: self.is_parsed(),
            ascii: self.place.ascii,
            lang: self.lang,
            rated: OnceLock::new(),
            pace: Mutex::new(pace),
            details: Mutex::new(Value::Null),
        }
    }
}

impl Progress {
    /// Shows the rate and the remaining time; `words` formats the rate.
    pub fn rated(&self, words: impl Fn(&str) -> String + Send + Sync + 'static) {
        if let Ok(style) = ProgressStyle::with_template("{msg} {bar:20} {pos}/{len} {prefix}")
            && self.rated.set(Box::new(words)).is_ok()
        {
            self.bar.set_style(if self.ascii { style.progress_chars("#>-") } else { style });
        }
    }

    /// Extra members for scripts, where lines are JSON objects.
    pub fn details(&self, what: impl FnOnce() -> Value) {
        if self.json
            && self.lines.is_some()
            && let Ok(mut details) = self.details.lock()
        {
            *details = what();
        }
    }

    /// Adds to the number of completed items.
    pub fn inc(&self, by: u64) {
        self.bar.inc(by);
        if self.rated.get().is_some() && self.lines.is_none() {
            self.bar.set_prefix(self.pace_in_words(self.rate()));
        }
        self.line();
    }

    /// Sets the number of completed items.
    pub fn set(&self, done: u64) {
        self.bar.set_position(done);
        self.line();
    }

    /// Sets an additional message.
    pub fn message(&self, what: &str) {
        self.bar.set_message(visible::cell(what).into_owned());
    }

    /// Sets the total.
    pub fn set_len(&self, len: u64) {
        self.bar.set_length(len);
    }

    /// Prints something while the bar is hidden.
    pub fn suspend<T>(&self, print: impl FnOnce() -> T) -> T {
        self.bar.suspend(print)
    }

    /// Removes the bar.
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
        let (done, of, rate) = (self.bar.position(), self.bar.length(), self.rate());
        let text = if self.json {
            let details = self.details.lock().map(|details| details.clone()).unwrap_or_default();
            let progress = json!({
                "message": self.bar.message(),
                "done": done,
                "of": of,
                "rate": rate.map(|rate| (rate * 10.0).round() / 10.0),
                "seconds_left": self.left(rate),
                "counts": details,
            });
            json_text::line(&json!({ "progress": progress })).unwrap_or_default()
        } else {
            let of = of.map(|len| format!("/{len}")).unwrap_or_default();
            let mut text = format!("{} {done}{of}", self.bar.message());
            let pace = self.pace_in_words(rate);
            if !pace.is_empty() {
                text.push_str(", ");
                text.push_str(&pace);
            }
            text
        };
        // A closed stderr is not an error.
        let _ = writeln!(std::io::stderr(), "{text}");
    }

    fn rate(&self) -> Option<f64> {
        self.pace.lock().ok()?.rate(Instant::now(), self.bar.position())
    }

    /// Remaining seconds at this rate.
    fn left(&self, rate: Option<f64>) -> Option<u64> {
        let left = self.bar.length()?.saturating_sub(self.bar.position());
        let seconds = (left as f64 / rate.filter(|rate| *rate > 0.0)?).ceil();
        // An unreasonably long time is not shown.
        (seconds < 1e7).then_some(seconds as u64)
    }

    /// The rate and the remaining time, for people; empty if not known or not requested.
    fn pace_in_words(&self, rate: Option<f64>) -> String {
        let (Some(words), Some(rate)) = (self.rated.get(), rate) else { return String::new() };
        let mut text = words(&rate_text(rate));
        if let Some(seconds) = self.left(Some(rate)) {
            let time = match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
                (0, 0, s) => format!("{s}s"),
                (0, m, s) => format!("{m}m{s:02}s"),
                (h, m, _) => format!("{h}h{m:02}m"),
            };
            text.push_str(", ");
            text.push_str(&t!(self.lang, "progress-left", time));
        }
        text
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
