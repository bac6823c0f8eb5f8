//! Buffered stdout that distinguishes a closed pipe from a failure.

use std::io::{self, BufWriter, Write};
use std::process::Stdio;

use super::{Error, Result};

/// Returns whether the reader of the stream has closed it.
pub fn is_closed_pipe(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::BrokenPipe
}

/// The stdout of child processes: our stderr, so that their output does not mix with results.
pub fn beside() -> Stdio {
    Stdio::from(io::stderr())
}

/// Flushes the help or version text that clap has printed.
///
/// # Errors
/// Stdout cannot be written or has been closed.
pub fn delivered() -> io::Result<()> {
    io::stdout().flush()
}

/// The stream of results.
pub struct Sink {
    stream: BufWriter<Box<dyn Write + Send>>,
    closed: bool,
}

impl Sink {
    /// The destination of results.
    pub fn new(stream: Box<dyn Write + Send>) -> Self {
        Self { stream: BufWriter::with_capacity(64 * 1024, stream), closed: false }
    }

    fn note(&mut self, result: io::Result<()>) -> Result<()> {
        match result {
            Ok(()) => Ok(()),
            Err(error) if is_closed_pipe(&error) => {
                self.closed = true;
                Err(Error::Closed)
            }
            Err(error) => Err(Error::Io(error)),
        }
    }

    /// Writes text.
    pub fn text(&mut self, text: &str) -> Result<()> {
        self.bytes(text.as_bytes())
    }

    /// Writes bytes.
    pub fn bytes(&mut self, bytes: &[u8]) -> Result<()> {
        if self.closed {
            return Err(Error::Closed);
        }
        let result = self.stream.write_all(bytes);
        self.note(result)
    }

    /// Passes the buffer on to the stream.
    pub fn flush(&mut self) -> Result<()> {
        if self.closed {
            return Err(Error::Closed);
        }
        let result = self.stream.flush();
        self.note(result)
    }
}
