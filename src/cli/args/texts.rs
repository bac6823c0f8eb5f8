//! The three forms of a text argument: `--text STRING`, `--text-file PATH`, `--text-file -`; on a terminal with none
//! of them the editor opens. A text is stored as given: nothing is trimmed, nothing added.

use std::ffi::OsString;
use std::io::Read;
use std::path::Path;

use crate::cli::base::context::TEXT_BYTES_MAX;
use crate::cli::base::exit::Exit;
use crate::cli::base::unsent::store::without_last_newline;
use crate::cli::base::{Context, Failure};
use appeal_i18n::{message, t};

macro_rules! text_argument {
    ($(#[$meta:meta])* $name:ident, $field:ident, $file:ident, $flag:literal, $file_flag:literal, $heading:literal) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Default, clap::Args)]
        #[group(multiple = false)]
        pub struct $name {
            #[doc = $heading]
            #[arg(long = $flag, value_name = "STRING", allow_hyphen_values = true)]
            pub $field: Option<OsString>,
            /// Read it from a file; `-` is stdin
            #[arg(long = $file_flag, value_name = "PATH")]
            pub $file: Option<std::path::PathBuf>,
        }

        impl $name {
            /// The flag's name, for messages.
            pub const FLAG: &'static str = concat!("--", $flag);

            /// Returns whether the command line provides the text.
            pub fn is_given(&self) -> bool {
                self.$field.is_some() || self.$file.is_some()
            }

            /// Returns the text, if given.
            ///
            /// # Errors
            /// It cannot be read, is not UTF-8, or contains NUL (exit 3).
            pub async fn optional(&self, ctx: &mut Context) -> Result<Option<String>, Failure> {
                given(ctx, Self::FLAG, concat!("--", $file_flag), self.$field.as_ref(), self.$file.as_deref()).await
            }

            /// Returns the text; if it is not given, opens the editor on a terminal.
            ///
            /// # Errors
            /// As [`Self::optional`]; without a terminal a usage error that names the flag.
            pub async fn required(&self, ctx: &mut Context) -> Result<String, Failure> {
                match self.optional(ctx).await? {
                    Some(text) => Ok(text),
                    None => edited(ctx, Self::FLAG, ""),
                }
            }
        }
    };
}

text_argument!(
    /// The text of an appeal, a comment, an answer.
    Text, text, text_file, "text", "text-file", "The text"
);
text_argument!(
    /// The reason of a refusal, an escalation, a withdrawal.
    Reason, reason, reason_file, "reason", "reason-file", "The reason"
);
text_argument!(
    /// Remarks on a decision.
    Remarks, remarks, remarks_file, "remarks", "remarks-file", "Remarks in words"
);
text_argument!(
    /// A note.
    Note, note, note_file, "note", "note-file", "A note"
);

async fn given(
    ctx: &mut Context,
    flag: &str,
    file_flag: &str,
    text: Option<&OsString>,
    file: Option<&Path>,
) -> Result<Option<String>, Failure> {
    // A text piped in at a terminal exists nowhere else. A script can repeat it, and a file stays.
    let mut typed = file.is_some() && ctx.out.is_attended();
    let (bytes, place) = match (text, file) {
        (Some(text), _) => {
            let text = text.to_str().ok_or_else(|| {
                Failure::from_message(
                    Exit::Invalid,
                    "text_not_utf8",
                    message!("failure-not-utf8", place = flag),
                )
            })?;
            (text.as_bytes().to_vec(), flag.to_owned())
        }
        (None, Some(path)) if path.as_os_str() == "-" => {
            (ctx.stdin(file_flag).await?, t!(ctx.lang, "place-stdin"))
        }
        (None, Some(path)) => {
            if std::fs::metadata(path).is_ok_and(|found| found.is_file()) {
                typed = false;
                ctx.unsent.source(path);
            }
            let path = path.to_owned();
            let place = path.display().to_string();
            // Reading a pipe may block. On a separate thread, Ctrl-C and --timeout are still handled.
            let read = tokio::task::spawn_blocking(move || read_file(&path));
            let bytes = match read.await {
                Ok(read) => read.map_err(|error| unreadable(&place, &error))?,
                Err(error) => return Err(std::io::Error::other(error).into()),
            };
            (bytes, place)
        }
        (None, None) => return Ok(None),
    };
    let text = checked(bytes, &place)?;
    ctx.unsent.text(flag, &text, typed);
    Ok(Some(text))
}

fn read_file(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(TEXT_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Returns the failure for a named file that cannot be read.
pub fn unreadable(path: &str, error: &std::io::Error) -> Failure {
    Failure::from_message(Exit::of_file(error), "file", message!("failure-file", path, error))
}

/// Decodes a text: UTF-8 without NUL, of limited length.
///
/// # Errors
/// The bytes are no such text (exit 3); `place` is their source.
pub fn checked(bytes: Vec<u8>, place: &str) -> Result<String, Failure> {
    if bytes.len() as u64 > TEXT_BYTES_MAX {
        return Err(Failure::from_message(Exit::Invalid, "too_large", message!("failure-text-large", place)));
    }
    if let Some(at) = bytes.iter().position(|b| *b == 0) {
        let at = (at + 1).to_string();
        return Err(Failure::from_message(Exit::Invalid, "text_nul", message!("failure-nul", place, at)));
    }
    String::from_utf8(bytes).map_err(|_| {
        Failure::from_message(Exit::Invalid, "text_not_utf8", message!("failure-not-utf8", place))
    })
}

/// Opens the editor on `initial` and returns the text without the newline that editors add at the end. The file is kept
/// until the text has been received, even if the editor or this process fails.
///
/// # Errors
/// Without a terminal, a usage error that names the flag. The text is empty: exit 3. The editor exits with an error,
/// which is how users cancel: exit 130. It cannot be started: exit 10.
pub fn edited(ctx: &mut Context, flag: &str, initial: &str) -> Result<String, Failure> {
    if !ctx.out.can_prompt() {
        return Err(Failure::missing(flag));
    }
    let editing = ctx.unsent.draft(flag, initial)?;
    let before = modified(editing.path());
    let outcome = ctx.out.edit(editing.path());
    let bytes = std::fs::read(editing.path());
    let touched = bytes.as_ref().is_ok_and(|bytes| bytes != initial.as_bytes());
    let worth = touched && bytes.as_ref().is_ok_and(|bytes| !bytes.trim_ascii().is_empty());
    // An existing text stays as it was.
    let unwanted = !worth || ctx.unsent.is_resumed();
    if unwanted && !matches!(outcome, Ok(true)) {
        ctx.unsent.abandoned(&editing);
    }
    match outcome {
        Ok(true) => {}
        Ok(false) => {
            return Err(Failure::from_message(
                Exit::Interrupted,
                "abandoned",
                message!("failure-editor-ended"),
            ));
        }
        Err(error) => {
            let error = error.to_string();
            return Err(Failure::from_message(Exit::Setup, "editor", message!("failure-editor", error)));
        }
    }
    let bytes = if touched || modified(editing.path()) != before { bytes? } else { Vec::new() };
    if bytes.trim_ascii().is_empty() {
        ctx.unsent.abandoned(&editing);
        return Err(Failure::from_message(Exit::Invalid, "text_empty", message!("failure-nothing-written")));
    }
    let text = without_last_newline(&checked(bytes, flag)?).to_owned();
    ctx.unsent.written(&editing, &text);
    Ok(text)
}

fn modified(path: &Path) -> Option<std::time::SystemTime> {
    std::fs::metadata(path).and_then(|found| found.modified()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_stays_as_it_is() {
        for text in ["", " a \n", "строка\r\n\r\n", "\u{feff}с меткой", "\u{1b}[31m"] {
            assert_eq!(checked(text.as_bytes().to_vec(), "x").unwrap(), text);
        }
    }

    #[test]
    fn nul_and_bad_utf8_are_refused_as_invalid_input() {
        assert_eq!(checked(b"a\0b".to_vec(), "x").unwrap_err().code, "text_nul");
        let error = checked(vec![0xd0, 0xcf], "x").unwrap_err();
        assert_eq!((error.code.as_str(), error.exit), ("text_not_utf8", Exit::Invalid));
    }
}
