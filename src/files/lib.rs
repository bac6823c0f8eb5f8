//! Checks of attachments (T1, T2): the kind of a file, whether it is complete, whether its name is safe, and whether
//! the attachment policy permits it. The command line runs them before it sends anything; the platform runs the same
//! checks on what it receives, so that no other client can bypass them.
//!
//! * For a local file use [`check_path`]; for all files of an appeal, [`check_all`].
//! * For an upload, feed an [`Inspector`] while the bytes are written to a temporary file, call [`Inspector::finish`]
//!   with that file, and pass the result with the attachment name to [`judge`].
//!
//! Memory does not grow with the file. During streaming, only a digest and a count are kept. Reading the stored bytes
//! uses buffers of 64 KiB; in addition, a ZIP container needs memory for a central directory of at most
//! [`MAX_ZIP_PARTS`] parts and [`MAX_ZIP_DIRECTORY`] bytes, and an OLE container for its sector table (1/128 of the
//! file) and 12 bytes for each directory entry.
//!
//! A file is refused if the usual readers of its format cannot open it: it is cut short or damaged, or asks for a
//! password or a certificate. What they open is accepted, with a warning if something in it is unusual. No image and no
//! document is decoded. Their structure is read to its end; compressed data (PNG, ZIP) is unpacked without being kept.

pub mod backup;
mod buffer;
mod check;
mod damage;
mod inspect;
mod jpeg;
mod jpeg_scan;
mod kinds;
mod names;
mod ole;
pub mod parts;
mod pdf;
mod pdf_lock;
mod pdf_search;
mod pdf_syntax;
mod png;
mod sniff;
mod zipped;

#[cfg(any(test, feature = "samples"))]
#[allow(clippy::unwrap_used, reason = "fixed input of tests")]
pub mod samples;
#[cfg(test)]
mod tests;

pub use check::{Checked, check_all, check_all_by, check_path, judge};
pub use damage::{Damage, Oddity, Outcome, Protection};
pub use inspect::{Inspected, Inspector, inspect, inspect_seek};
pub use kinds::{ExecutableKind, OleKind, Sniffed, ZipKind};
pub use names::{FIELD, check_name, extension, media_type_of_name};
pub use zipped::{MAX_ZIP_DIRECTORY, MAX_ZIP_PARTS};

/// The codes of all findings of this crate. `i18n` has the messages under `finding-<code>`.
pub const CODES: &[&str] = &[
    "file-missing",
    "file-is-directory",
    "file-not-regular",
    "file-unreadable",
    "file-empty",
    "file-too-large",
    "file-extension",
    "file-content-mismatch",
    "file-truncated",
    "file-damaged",
    "file-protected",
    "file-lock",
    "file-unusual",
    "file-name-invalid",
    "file-name-too-long",
    "files-too-many",
    "files-total-too-large",
    "file-twice",
];
