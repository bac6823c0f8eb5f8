//! Checks of attachments (T1, T2): what a file really is, whether it is whole, whether its name is sane, whether the
//! attachment policy allows it. The command line runs them before a byte is sent; the platform runs the same ones on
//! what arrives, so that no other client gets around them.
//!
//! * A local file: [`check_path`], or all files of one appeal: [`check_all`].
//! * An upload: feed an [`Inspector`] while the bytes are written to a temporary file, then [`Inspector::finish`] it
//!   over that file, and [`judge`] the result under the name the file is attached by.
//!
//! Memory does not grow with the file. While bytes stream in only a digest and a count are kept. The look at the
//! stored bytes reads through buffers of 64 KiB; beyond those it holds, for a ZIP container, a central directory of at
//! most [`MAX_ZIP_PARTS`] parts and [`MAX_ZIP_DIRECTORY`] bytes, and for an OLE container its sector table (1/128 of
//! the file) and 12 bytes for each directory entry.
//!
//! Pictures and documents are not decoded: their structure is walked to its end, which finds every cut and, where
//! the format carries checksums (PNG, ZIP), every changed byte.

pub mod backup;
mod buffer;
mod check;
mod damage;
mod inspect;
mod jpeg;
mod kinds;
mod names;
mod ole;
mod pdf;
mod png;
mod sniff;
mod zipped;

#[cfg(any(test, feature = "samples"))]
#[allow(clippy::unwrap_used, reason = "fixed input of tests")]
pub mod samples;
#[cfg(test)]
mod tests;

pub use check::{Checked, check_all, check_all_by, check_path, judge};
pub use damage::Damage;
pub use inspect::{Inspected, Inspector, inspect, inspect_seek};
pub use kinds::{ExecutableKind, OleKind, Sniffed, ZipKind};
pub use names::{FIELD, check_name, extension, media_type_of_name};
pub use zipped::{MAX_ZIP_DIRECTORY, MAX_ZIP_PARTS};

/// Every code a finding of this room may carry. The words for each are in `i18n` under `finding-<code>`.
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
    "file-name-invalid",
    "file-name-too-long",
    "files-too-many",
    "files-total-too-large",
    "file-twice",
];
