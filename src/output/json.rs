//! JSON in which C0, C1 and bidi controls are escaped, so that it is safe to show on a terminal.

use std::io;

use serde::Serialize;
use serde_json::Value;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter, Serializer};

use super::visible::is_control;
use super::{Error, Result};

/// Wraps another formatter and escapes control characters in strings.
struct Harmless<F>(F);

fn fragment<W: ?Sized + io::Write>(writer: &mut W, text: &str) -> io::Result<()> {
    let mut rest = text;
    // serde_json escapes C0 itself; the rest are DEL, C1, bidi controls and line separators.
    while let Some(at) = rest.find(is_control) {
        let (before, after) = rest.split_at(at);
        writer.write_all(before.as_bytes())?;
        let mut chars = after.chars();
        if let Some(c) = chars.next() {
            write!(writer, "\\u{:04x}", u32::from(c))?;
        }
        rest = chars.as_str();
    }
    writer.write_all(rest.as_bytes())
}

macro_rules! forwarded {
    ($($name:ident($($arg:ident: $ty:ty),*);)+) => {
        $(fn $name<W: ?Sized + io::Write>(&mut self, writer: &mut W $(, $arg: $ty)*) -> io::Result<()> {
            self.0.$name(writer $(, $arg)*)
        })+
    };
}

impl<F: Formatter> Formatter for Harmless<F> {
    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, writer: &mut W, text: &str) -> io::Result<()> {
        fragment(writer, text)
    }

    forwarded! {
        begin_array();
        end_array();
        begin_array_value(first: bool);
        end_array_value();
        begin_object();
        end_object();
        begin_object_key(first: bool);
        end_object_key();
        begin_object_value();
        end_object_value();
    }
}

fn written(value: &Value, formatter: impl Formatter) -> Result<String> {
    let mut out = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut out, Harmless(formatter));
    value.serialize(&mut serializer).map_err(|error| Error::Io(io::Error::other(error)))?;
    String::from_utf8(out).map_err(|error| Error::Io(io::Error::other(error)))
}

/// On one line, without a newline at its end.
pub fn line(value: &Value) -> Result<String> {
    written(value, CompactFormatter)
}

/// Indented.
pub fn pretty(value: &Value) -> Result<String> {
    written(value, PrettyFormatter::new())
}
