//! What goes to stderr: notes, warnings, details, failures.
//!
//! With JSON output a failure is a single object, so notes and warnings are held back until the command ends: after a
//! success they are printed as text, after a failure they are part of the details. Long-running commands (`watch`) print
//! each of them at once, as an object on its own line.

use std::io::Write;

use serde_json::{Value, json};

use super::{Format, Output, changes, json, visible};
use appeal_api::{ApiFinding, MoveRef};
use appeal_domain::Severity;
use appeal_i18n::{Message, has, label, t};

/// A failure, as the printer takes it.
#[derive(Debug, Clone, Copy)]
pub struct ErrorView<'a> {
    /// Stable code.
    pub code: &'a str,
    /// One sentence.
    pub message: &'a str,
    /// What to do about it.
    pub hint: Option<&'a str>,
    /// Findings, open moves and the like.
    pub details: &'a [Value],
}

/// A message that is held back until the outcome of the command is known.
pub(super) enum Held {
    /// A message: its kind, `note` or `warning`, and its text.
    Remark { kind: &'static str, text: String, line: String },
    /// A finding of a check that passed.
    Finding(Box<ApiFinding>),
}

/// Prints notes and details of other code than the command: retries, the HTTP exchange.
#[derive(Debug, Clone)]
pub struct Notes {
    lang: appeal_i18n::Lang,
    verbose: u8,
    quiet: bool,
    color: bool,
}

impl Notes {
    /// Prints what is being done, with `-v` (level 1) or `-vv` (level 2).
    pub fn detail(&self, level: u8, text: &str) {
        if self.verbose >= level {
            let style = console::Style::new().dim().force_styling(self.color);
            self.print(&style.apply_to(visible::lines(text)).to_string());
        }
    }

    /// Prints a note; not with `-q`, nor if stderr is read as JSON.
    pub fn note(&self, message: Message) {
        if !self.quiet {
            self.print(&visible::lines(&message.text(self.lang)));
        }
    }

    fn print(&self, text: &str) {
        // If stderr is closed, there is nobody to tell.
        let _ = writeln!(std::io::stderr(), "{text}");
    }
}

impl Output {
    /// Prints notes for other code.
    pub fn notes(&self) -> Notes {
        // In a machine format, stderr has only the error object, unless `-v` asks for more.
        let machine = matches!(self.format, Format::Json | Format::Jsonl);
        let quiet = self.quiet || machine && self.verbose == 0;
        Notes { lang: self.lang, verbose: self.verbose, quiet, color: self.place.color_err }
    }

    /// Writes to stderr. A closed stderr is not an error.
    fn print(&mut self, text: &str) {
        let _ = self.err.write_all(text.as_bytes());
        let _ = self.err.flush();
    }

    pub(super) fn painted(&self, text: &str, style: console::Style) -> String {
        style.force_styling(self.place.color_err).apply_to(text).to_string()
    }

    /// A program may be reading stderr as JSON.
    pub(super) fn is_parsed(&self) -> bool {
        self.format.is_json() && self.verbose == 0 && !self.place.err_terminal
    }

    fn remark(&mut self, kind: &'static str, text: String, line: String) {
        if !self.is_parsed() {
            self.print(&line);
        } else if self.live {
            if let Ok(object) = json::line(&json!({ kind: text })) {
                self.print(&format!("{object}\n"));
            }
        } else {
            self.held.push(Held::Remark { kind, text, line });
        }
    }

    /// Prints the messages that were held back.
    pub(super) fn print_held(&mut self) {
        for held in std::mem::take(&mut self.held) {
            match held {
                Held::Remark { line, .. } => self.print(&line),
                Held::Finding(finding) => {
                    let text = self.finding(&finding);
                    self.print(&text);
                }
            }
        }
    }

    /// Prints a note; not with `-q`.
    pub fn note(&mut self, message: Message) {
        if !self.quiet {
            let text = visible::lines(&message.text(self.lang)).into_owned();
            let line = format!("{text}\n");
            self.remark("note", text, line);
        }
    }

    /// Prints a line as it is, even with `-q`.
    pub fn line(&mut self, text: &str) {
        let text = visible::lines(text).into_owned();
        let line = format!("{text}\n");
        self.remark("note", text, line);
    }

    /// Prints a line as it is, at once and in every format, for programs that wait for it on stderr.
    pub fn announce(&mut self, text: &str) {
        let text = visible::lines(text).into_owned();
        self.print(&format!("{text}\n"));
    }

    /// Prints an object on a line of stderr: additional information for scripts.
    pub fn object(&mut self, value: &serde_json::Value) {
        if let Ok(line) = json::line(value) {
            self.print(&format!("{line}\n"));
        }
    }

    /// A warning with a message from the catalogues.
    pub fn warn(&mut self, message: Message) {
        let text = visible::lines(&message.text(self.lang)).into_owned();
        let word = t!(self.lang, "word-warning");
        let word = self.painted(&word, console::Style::new().yellow().bold());
        let line = format!("{word}: {text}\n");
        self.remark("warning", text, line);
    }

    /// Prints what is being done, with `-v` (level 1) or `-vv` (level 2).
    pub fn detail(&mut self, level: u8, text: &str) {
        if self.verbose >= level {
            let text = visible::lines(text).into_owned();
            let text = self.painted(&text, console::Style::new().dim());
            self.print(&format!("{text}\n"));
        }
    }

    /// The level of detail: 0, 1 (`-v`) or 2 (`-vv`).
    pub fn verbosity(&self) -> u8 {
        self.verbose
    }

    /// Findings on stderr, each with its place and remedy: warnings of a check that passed.
    pub fn findings(&mut self, findings: &[ApiFinding]) {
        if self.is_parsed() && !self.live {
            self.held.extend(findings.iter().map(|finding| Held::Finding(Box::new(finding.clone()))));
            return;
        }
        let text: String = findings.iter().map(|finding| self.finding(finding)).collect();
        self.print(&text);
    }

    /// A finding in one or two lines.
    pub(super) fn finding(&self, finding: &ApiFinding) -> String {
        let style = match finding.severity.known() {
            Some(Severity::Error) => console::Style::new().red(),
            Some(Severity::Warning) | None => console::Style::new().yellow(),
        };
        let word = label(self.lang, Severity::VOCABULARY, finding.severity.as_str());
        let word = self.painted(&visible::cell(&word), style);
        let place = match &finding.at {
            Some(at) if finding.field.is_empty() || finding.field == "attach" => format!("{at}: "),
            Some(at) => format!("{} {at}: ", finding.field),
            None if finding.field.is_empty() => String::new(),
            None => format!("{}: ", finding.field),
        };
        let mut text = format!(
            "  {word} {}{}\n",
            visible::cell(&place),
            visible::cell(&changes::local_times(&finding.message, self.zone()))
        );
        if !finding.remedy.is_empty() {
            text.push_str(&format!("      {}\n", visible::cell(&finding.remedy)));
        }
        text
    }

    /// Prints the error of a command: a sentence with its hint and details, or one JSON object.
    pub fn failure(&mut self, failure: &ErrorView<'_>) {
        if self.format.is_json() {
            let mut details = failure.details.to_vec();
            details.extend(std::mem::take(&mut self.held).into_iter().filter_map(|held| match held {
                Held::Remark { kind, text, .. } => Some(json!({ kind: text })),
                Held::Finding(finding) => serde_json::to_value(finding).ok(),
            }));
            let value = json!({ "error": {
                "code": failure.code,
                "message": failure.message,
                "hint": failure.hint,
                "details": details,
            }});
            if let Ok(line) = json::line(&value) {
                self.print(&format!("{line}\n"));
            }
            return;
        }
        let word = self.painted(&t!(self.lang, "word-error"), console::Style::new().red().bold());
        let mut text =
            format!("{word}: {}\n", visible::lines(&changes::local_times(failure.message, self.zone())));
        let mut moves = Vec::new();
        for detail in failure.details {
            if let Ok(finding) = serde_json::from_value::<ApiFinding>(detail.clone()) {
                text.push_str(&self.finding(&finding));
            } else if let Ok(open) = serde_json::from_value::<MoveRef>(detail.clone()) {
                moves.push(open);
            }
        }
        if !moves.is_empty() {
            text.push_str(&format!("{}\n", t!(self.lang, "open-moves")));
            for open in &moves {
                text.push_str(&format!("  {}\n", visible::cell(&self.open_move(open))));
            }
        }
        if let Some(hint) = failure.hint {
            let word = self.painted(&t!(self.lang, "word-hint"), console::Style::new().cyan());
            text.push_str(&format!("{word}: {}\n", visible::lines(&changes::local_times(hint, self.zone()))));
        }
        self.print(&text);
    }

    fn open_move(&self, open: &MoveRef) -> String {
        let who = {
            let id = format!("who-{}", open.who);
            if has(self.lang, &id, None) { t(self.lang, &id, &[]) } else { open.who.clone() }
        };
        let to = match open.to.parse() {
            Ok(status) => appeal_i18n::status_label(self.lang, status).to_owned(),
            Err(_) => open.to.clone(),
        };
        let arrow = if self.place.ascii { "->" } else { "→" };
        format!("{who}: {} {arrow} {to}", open.action)
    }
}
