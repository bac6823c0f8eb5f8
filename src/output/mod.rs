//! The only place that writes to the terminal. Data goes to stdout in one of five formats, everything else to stderr,
//! and nothing from outside reaches a terminal raw ([`visible`]).

#[cfg(test)]
pub mod captured;
mod card;
mod cells;
mod changes;
pub mod chart;
mod csv;
mod findings;
mod jq;
mod json;
mod list;
pub mod local;
mod loose;
mod messages;
mod progress;
mod prompts;
pub mod reader;
mod shape;
mod sink;
mod table;
pub mod visible;

use std::io::{IsTerminal, Write};

use serde::Serialize;
use serde_json::Value;

use appeal_i18n::{Lang, Message, message};
pub use cells::{Zones, size};
pub use findings::FINDING_SHAPE;
pub use list::List;
pub use loose::items;
use messages::Held;
pub use messages::{ErrorView, Notes};
pub use progress::Progress;
pub use prompts::{editing, last_word, prompting, restore_terminal};
pub use reader::reader_gone;
pub use shape::{APPEAL_SHAPE, CHANGE_SHAPE, CHANGED_SHAPE, Cell, Column, LIST_SHAPE, Shape};
pub use sink::{beside, delivered, is_closed_pipe};

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Table,
    /// One JSON value.
    Json,
    /// One JSON object a line.
    Jsonl,
    /// RFC 4180 with a header row.
    Csv,
    /// Tab-separated, no header, no colour.
    Plain,
}

impl Format {
    /// The format of this name.
    pub fn named(name: &str) -> Option<Format> {
        Some(match name {
            "table" => Format::Table,
            "json" => Format::Json,
            "jsonl" => Format::Jsonl,
            "csv" => Format::Csv,
            "plain" => Format::Plain,
            _ => return None,
        })
    }

    /// JSON of either kind.
    pub const fn is_json(self) -> bool {
        matches!(self, Format::Json | Format::Jsonl)
    }
}

/// When to colour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` is set; elsewhere only with `CLICOLOR_FORCE`
    #[default]
    Auto,
    Always,
    Never,
}

/// Errors of printing and prompting.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The reader of stdout has closed the pipe. Not a failure, but there is no need to print more.
    #[error("the output is closed")]
    Closed,
    /// Ctrl-C at a prompt.
    #[error("interrupted")]
    Interrupted,
    /// A stream could not be written or read.
    #[error(transparent)]
    Io(std::io::Error),
    /// A flag of the printer's has a value that does not fit.
    #[error("{flag}: {}", .message.text(Lang::En))]
    Usage { flag: &'static str, message: Message },
    /// The `--jq` expression failed on this result.
    #[error("{0}")]
    Jq(String),
}

/// Maximum number of results that an error lists if they could not be printed.
const NAMED: usize = 20;

/// Results of the printer.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Options of the printer, from the flags.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The format; by default it depends on whether stdout is a terminal.
    pub format: Option<Format>,
    /// Columns asked for.
    pub columns: Option<Vec<String>>,
    /// A jq expression.
    pub jq: Option<String>,
    /// When to colour.
    pub color: ColorChoice,
    /// Language of labels and messages.
    pub lang: Lang,
    /// Only the keys of items (`-q`).
    pub quiet: bool,
    /// 1: also what is being done; 2: also the HTTP exchange.
    pub verbose: u8,
    /// Never ask.
    pub no_input: bool,
}

/// The environment of the printer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Surroundings {
    /// Stdout is a terminal.
    pub out_terminal: bool,
    /// Stderr is a terminal.
    pub err_terminal: bool,
    /// Stdin is a terminal.
    pub in_terminal: bool,
    /// Width of the terminal in columns.
    pub width: u16,
    /// The locale's encoding is not UTF-8: borders are drawn in ASCII.
    pub ascii: bool,
    /// Colour on stdout.
    pub color_out: bool,
    /// Colour on stderr.
    pub color_err: bool,
}

impl Surroundings {
    /// Those of this process.
    pub fn of_process(choice: ColorChoice) -> Self {
        let var = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let out_terminal = std::io::stdout().is_terminal();
        let err_terminal = std::io::stderr().is_terminal();
        let color = |terminal: bool| match choice {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto if var("NO_COLOR").is_some() => false,
            ColorChoice::Auto if var("CLICOLOR_FORCE").is_some_and(|v| v != "0") => true,
            ColorChoice::Auto => {
                terminal
                    && var("TERM").is_none_or(|term| term != "dumb")
                    && var("CLICOLOR").is_none_or(|v| v != "0")
            }
        };
        let width = var("COLUMNS")
            .and_then(|columns| columns.parse().ok())
            .filter(|columns| *columns > 0)
            .or_else(|| console::Term::stdout().size_checked().map(|(_, columns)| columns))
            .filter(|columns| *columns > 0)
            .unwrap_or(80);
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| var(name)).unwrap_or_default();
        let encoding = locale.to_ascii_lowercase();
        Self {
            out_terminal,
            err_terminal,
            in_terminal: std::io::stdin().is_terminal(),
            width,
            ascii: cfg!(unix) && !(encoding.contains("utf-8") || encoding.contains("utf8")),
            color_out: color(out_terminal),
            color_err: color(err_terminal),
        }
    }
}

/// The printer.
pub struct Output {
    out: sink::Sink,
    err: Box<dyn Write + Send>,
    place: Surroundings,
    format: Format,
    columns: Option<Vec<String>>,
    jq: Option<jq::Jq>,
    lang: Lang,
    quiet: bool,
    verbose: u8,
    no_input: bool,
    /// The shape of what is printed in place of the usual result, as in a dry run.
    instead: Option<&'static Shape>,
    /// Messages held back until the outcome of the command is known: see [`messages`].
    held: Vec<Held>,
    /// The keys of the items to be printed: see [`Output::unprinted`].
    named: Vec<String>,
    /// The command streams results, so nothing is held back.
    live: bool,
    /// Time zone for display. Looked up on first use, because the lookup searches the whole time zone database.
    zone: std::sync::OnceLock<jiff::tz::TimeZone>,
}

impl Output {
    /// A printer on the process's own streams.
    ///
    /// # Errors
    /// A `--jq` expression that cannot be understood.
    pub fn new(options: Options) -> Result<Self> {
        let place = Surroundings::of_process(options.color);
        let out = sink::Sink::new(Box::new(std::io::stdout()));
        Self::on(options, place, out, Box::new(std::io::stderr()))
    }

    fn on(
        options: Options,
        place: Surroundings,
        out: sink::Sink,
        err: Box<dyn Write + Send>,
    ) -> Result<Self> {
        let format = options.format.unwrap_or(if place.out_terminal { Format::Table } else { Format::Plain });
        let columns = options.columns.map(|names| {
            names
                .iter()
                .map(|name| name.trim().to_owned())
                .filter(|name| !name.is_empty())
                .collect::<Vec<_>>()
        });
        if columns.as_ref().is_some_and(Vec::is_empty) {
            return Err(Error::Usage { flag: "--columns", message: message!("value-columns-none") });
        }
        Ok(Self {
            out,
            err,
            format,
            columns,
            jq: options.jq.as_deref().map(jq::Jq::new).transpose()?,
            lang: options.lang,
            quiet: options.quiet,
            verbose: options.verbose,
            no_input: options.no_input,
            instead: None,
            held: Vec::new(),
            named: Vec::new(),
            live: false,
            zone: std::sync::OnceLock::new(),
            place,
        })
    }

    fn zone(&self) -> &jiff::tz::TimeZone {
        self.zone.get_or_init(|| local::zone().unwrap_or(jiff::tz::TimeZone::UTC))
    }

    /// The format of results.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Whether the result is read as JSON: it is JSON, or `--jq` filters it.
    pub fn is_json(&self) -> bool {
        self.format.is_json() || self.jq.is_some()
    }

    /// Only the keys of items are wanted (`-q`).
    pub fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Stdout is a terminal.
    pub fn is_terminal(&self) -> bool {
        self.place.out_terminal
    }

    /// Width of the terminal in columns.
    pub fn width(&self) -> u16 {
        self.place.width
    }

    /// Language of what is printed.
    pub fn lang(&self) -> Lang {
        self.lang
    }

    /// Checks that `--columns` names columns of this shape. Commands that make changes call this first, so that a typo is
    /// reported before anything is changed.
    ///
    /// # Errors
    /// Unknown columns: a usage error that lists the known ones.
    pub fn expects(&self, shape: &Shape) -> Result<()> {
        self.instead.unwrap_or(shape).selected(self.columns.as_deref()).map(drop)
    }

    /// From here on, items of this shape are printed instead of what the command usually prints.
    pub fn promise(&mut self, shape: &'static Shape) {
        self.instead = Some(shape);
    }

    /// Prints one thing: a two-column card of the shape's columns, a JSON object, a CSV header and row, a plain row,
    /// or the key.
    ///
    /// # Errors
    /// Stdout cannot be written; an unknown column.
    pub fn one(&mut self, value: &impl Serialize, shape: &Shape) -> Result<()> {
        let value = to_value(value)?;
        self.name(&value, shape.key);
        if self.jq.is_none() && !self.quiet && self.format == Format::Table {
            let columns = shape.selected(self.columns.as_deref())?;
            let text = self.card_of(&value, &columns);
            return self.out.text(&text);
        }
        if self.jq.is_none() && !self.quiet && self.format == Format::Json {
            shape.selected(self.columns.as_deref())?;
            return self.json(&value);
        }
        let mut list = List::new(self, shape, list::Kind::One);
        list.push(&value)?;
        list.finish()
    }

    /// Prints a value without predefined columns as JSON in every format, or as rows with its own keys if csv or
    /// `--columns` asks for fields (see `loose.rs`).
    ///
    /// # Errors
    /// Stdout cannot be written; a column that no row has.
    pub fn json(&mut self, value: &impl Serialize) -> Result<()> {
        let value = to_value(value)?;
        if self.named.is_empty() {
            self.name(&value, "number");
        }
        if self.jq.is_some() {
            return self.filtered(value);
        }
        let fields = self.columns.is_some() && !self.format.is_json() || self.format == Format::Csv;
        if fields && !self.quiet {
            return self.loose(value);
        }
        let mut text = if self.place.out_terminal && self.format != Format::Jsonl {
            json::pretty(&value)
        } else {
            json::line(&value)
        }?;
        text.push('\n');
        self.out.text(&text)
    }

    /// Prints a text for people, such as a manual page or a script; if fields are requested, the corresponding object.
    ///
    /// # Errors
    /// Stdout cannot be written; an unknown column.
    pub fn document(&mut self, text: &str, value: &impl Serialize, shape: &Shape) -> Result<()> {
        if self.wants_fields() && (!self.quiet || self.jq.is_some()) {
            return self.one(value, shape);
        }
        self.data(text)
    }

    /// Reports a change to something local, such as the config file: a message on stderr for people, the object on stdout
    /// for programs, and its key with `-q`.
    ///
    /// # Errors
    /// Stdout cannot be written; an unknown column.
    pub fn settled(&mut self, value: &impl Serialize, shape: &Shape, done: Message) -> Result<()> {
        if !self.format.is_json() {
            self.note(done);
        }
        if self.wants_fields() || self.quiet { self.one(value, shape) } else { Ok(()) }
    }

    /// A program reads the result, so it gets the fields.
    fn wants_fields(&self) -> bool {
        self.jq.is_some()
            || self.columns.is_some()
            || matches!(self.format, Format::Json | Format::Jsonl | Format::Csv)
    }

    /// Notes the key of an item that is about to be printed.
    fn name(&mut self, value: &Value, key: &str) {
        let Some(name) = Some(shape::at(value, key)).filter(|name| !name.is_null()) else { return };
        let name = cells::raw(&name);
        if self.named.len() < NAMED && !self.named.contains(&name) {
            self.named.push(name);
        }
    }

    /// The keys of the first items that were to be printed, to name a change whose result could not be printed. `None`
    /// if there were none.
    pub fn unprinted(&self) -> Option<String> {
        (!self.named.is_empty()).then(|| self.named.join(", "))
    }

    /// A list of things of one shape. `push` each, then `finish`.
    pub fn list<'a>(&'a mut self, shape: &'a Shape) -> List<'a> {
        List::new(self, shape, list::Kind::List)
    }

    /// Prints a whole list of things of one shape.
    ///
    /// # Errors
    /// Stdout cannot be written; an unknown column.
    pub fn rows<T: Serialize>(&mut self, things: &[T], shape: &Shape) -> Result<()> {
        let mut list = self.list(shape);
        for thing in things {
            list.push(thing)?;
        }
        list.finish()
    }

    /// The same, flushing each item at once, for long-running commands. A `--jq` expression gets each item separately.
    pub fn stream<'a>(&'a mut self, shape: &'a Shape) -> List<'a> {
        self.live = true;
        List::new(self, shape, list::Kind::Stream)
    }

    /// The same for a single item: in JSON, an object instead of an array.
    pub fn single<'a>(&'a mut self, shape: &'a Shape) -> List<'a> {
        List::new(self, shape, list::Kind::Single)
    }

    /// Prints text as it is; on a terminal, with control characters made visible.
    ///
    /// # Errors
    /// Stdout cannot be written.
    pub fn data(&mut self, text: &str) -> Result<()> {
        if self.place.out_terminal {
            let text = visible::lines(text).into_owned();
            return self.out.text(&text);
        }
        self.out.text(text)
    }

    /// Prints lines for people, always with control characters made visible.
    ///
    /// # Errors
    /// Stdout cannot be written.
    pub fn lines(&mut self, text: &str) -> Result<()> {
        let text = visible::lines(text).into_owned();
        self.out.text(&text)
    }

    /// Prints bytes as they are: a file's content.
    ///
    /// # Errors
    /// Stdout cannot be written.
    pub fn bytes(&mut self, bytes: &[u8]) -> Result<()> {
        self.out.bytes(bytes)
    }

    /// Flushes what is printed.
    ///
    /// # Errors
    /// Stdout cannot be written; a full disk is detected here.
    pub fn flush(&mut self) -> Result<()> {
        self.out.flush()
    }

    /// Flushes the output and prints messages that were held back. The last step of a successful process.
    ///
    /// # Errors
    /// Stdout cannot be written; a full disk is detected here.
    pub fn finish(&mut self) -> Result<()> {
        let result = self.out.flush();
        // After a failure they are part of the error object.
        if result.is_ok() {
            self.print_held();
        }
        let _ = self.err.flush();
        result
    }

    /// Prints the results of the `--jq` expression for the value.
    fn filtered(&mut self, value: Value) -> Result<()> {
        let Some(jq) = &self.jq else { return Ok(()) };
        for result in jq.run(&value)? {
            match result {
                // Strings are printed raw to a pipe; on a terminal, control characters are escaped.
                Value::String(text) if self.place.out_terminal => self.out.text(&visible::lines(&text))?,
                Value::String(text) => self.out.text(&text)?,
                other => self.out.text(&json::line(&other)?)?,
            }
            self.out.text("\n")?;
        }
        Ok(())
    }
}

fn to_value(value: &impl Serialize) -> Result<Value> {
    serde_json::to_value(value).map_err(|error| Error::Io(std::io::Error::other(error)))
}

#[cfg(test)]
mod tests;
