//! An in-memory stream for tests, and a printer that writes to two of them.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use super::{Options, Output, Surroundings, sink};

/// A stream that can be read back, or whose writes fail.
#[derive(Clone, Default)]
pub struct Captured {
    bytes: Arc<Mutex<Vec<u8>>>,
    fails: Option<io::ErrorKind>,
}

impl Captured {
    /// Returns a stream whose writes fail.
    pub fn failing(kind: io::ErrorKind) -> Self {
        Self { fails: Some(kind), ..Self::default() }
    }

    /// Returns what was written.
    pub fn text(&self) -> String {
        String::from_utf8(self.bytes.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.fails {
            Some(kind) => Err(kind.into()),
            None => {
                self.bytes.lock().unwrap().extend_from_slice(bytes);
                Ok(bytes.len())
            }
        }
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Output {
    /// Returns a printer that is not on a terminal, and its stdout and stderr.
    pub fn captured(options: Options) -> (Output, Captured, Captured) {
        let (out, err) = (Captured::default(), Captured::default());
        let place = Surroundings {
            out_terminal: false,
            err_terminal: false,
            in_terminal: false,
            width: 80,
            ascii: false,
            color_out: false,
            color_err: false,
        };
        let sink = sink::Sink::new(Box::new(out.clone()));
        let output = Output::on(options, place, sink, Box::new(err.clone())).unwrap();
        (output, out, err)
    }
}
