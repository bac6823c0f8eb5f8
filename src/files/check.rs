//! Checks of whole files: one path, all files of an appeal, or received bytes with a name.

use std::fs::{self, File, FileType, OpenOptions};
use std::io::{self, BufReader, ErrorKind};
use std::path::{Path, PathBuf};

use appeal_domain::{AttachmentPolicy, Finding};

use super::damage::{Oddity, Outcome, Protection};
use super::inspect::{Inspected, identify, inspect};
use super::kinds::{OleKind, Sniffed};
use super::names::{FIELD, allows, check_name_at, extension};

/// A file that passed all checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// Path of the file.
    pub path: PathBuf,
    /// Name of the attachment: the last component of the path.
    pub name: String,
    /// In bytes.
    pub size: u64,
    /// SHA-256 digest in lower-case hexadecimal digits.
    pub sha256: String,
    /// Media type, detected from the content.
    pub media_type: String,
    /// What is unusual about the file.
    pub warnings: Vec<Finding>,
}

/// Checks a local file: whether it is a readable regular file (symbolic links are followed), its name, size and
/// content. Never waits for a FIFO and never reads from a device. Blocks; do not call it on the event loop.
///
/// # Errors
/// All findings, each with the path as its place.
pub fn check_path(path: &Path, policy: &AttachmentPolicy) -> Result<Checked, Vec<Finding>> {
    let at = path.display().to_string();
    let (file, size) = open_regular(path).map_err(|finding| vec![finding.at(&at)])?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let unreadable = |error: &io::Error| vec![unreadable(error).at(&at)];

    // For a file that is too large, only its kind is reported; digest and damage no longer matter.
    if size > policy.max_file_bytes {
        let (sniffed, _) = identify(&mut BufReader::new(file)).map_err(|error| unreadable(&error))?;
        let mut findings = check_name_at(&name, &at, policy);
        findings.push(too_large(size, policy).at(&at));
        findings.extend(check_content(&name, &at, &sniffed, &Ok(Vec::new()), policy));
        return Err(findings);
    }
    let inspected = inspect(file).map_err(|error| unreadable(&error))?;
    let findings = judge_at(&name, &at, &inspected, policy);
    if findings.iter().any(Finding::is_error) {
        return Err(findings);
    }
    let media_type = inspected.sniffed.media_type().to_owned();
    Ok(Checked {
        path: path.to_owned(),
        name,
        size: inspected.size,
        sha256: inspected.sha256,
        media_type,
        warnings: findings,
    })
}

/// Checks all files of an appeal: each file, their number and their total size; warns of the same content given twice.
/// Returns the valid files in the order given, and all findings.
pub fn check_all(paths: &[PathBuf], policy: &AttachmentPolicy) -> (Vec<Checked>, Vec<Finding>) {
    check_all_by(paths, policy, check_path)
}

/// As [`check_all`], with a different function for checking one path, such as one with a cache.
pub fn check_all_by(
    paths: &[PathBuf],
    policy: &AttachmentPolicy,
    check: impl Fn(&Path, &AttachmentPolicy) -> Result<Checked, Vec<Finding>>,
) -> (Vec<Checked>, Vec<Finding>) {
    let mut checked: Vec<Checked> = Vec::new();
    let mut findings = Vec::new();
    let mut total: u64 = 0;
    for path in paths {
        // A file that is too large on its own is reported as such and not added to the total.
        total += fs::metadata(path)
            .ok()
            .filter(|meta| meta.is_file() && meta.len() <= policy.max_file_bytes)
            .map_or(0, |meta| meta.len());
        match check(path, policy) {
            Ok(file) => {
                findings.extend(file.warnings.iter().cloned());
                if let Some(first) = checked.iter().find(|known| known.sha256 == file.sha256) {
                    findings.push(
                        Finding::warning("file-twice", FIELD)
                            .at(path.display().to_string())
                            .arg("first", first.path.display()),
                    );
                }
                checked.push(file);
            }
            Err(found) => findings.extend(found),
        }
    }
    let limit = usize::try_from(policy.max_files).unwrap_or(usize::MAX);
    if paths.len() > limit {
        findings.push(
            Finding::error("files-too-many", FIELD).arg("count", paths.len()).arg("limit", policy.max_files),
        );
    }
    if total > policy.max_total_bytes {
        findings.push(
            Finding::error("files-total-too-large", FIELD)
                .arg("total", total)
                .arg("total_mb", megabytes(total))
                .arg("limit", policy.max_total_bytes)
                .arg("limit_mb", megabytes(policy.max_total_bytes)),
        );
    }
    (checked, findings)
}

/// Checks inspected bytes under the name of their attachment: name, extension, size, and whether the content matches
/// the extension. Includes the findings of [`super::check_name`]. The place of the findings is the name.
pub fn judge(name: &str, inspected: &Inspected, policy: &AttachmentPolicy) -> Vec<Finding> {
    judge_at(name, name, inspected, policy)
}

fn judge_at(name: &str, at: &str, inspected: &Inspected, policy: &AttachmentPolicy) -> Vec<Finding> {
    let mut findings = check_name_at(name, at, policy);
    if findings.iter().any(|finding| finding.code == "file-lock") {
        return findings;
    }
    if inspected.size == 0 {
        findings.push(Finding::error("file-empty", FIELD).at(at));
        return findings;
    }
    if inspected.size > policy.max_file_bytes {
        findings.push(too_large(inspected.size, policy).at(at));
    }
    let outcome = inspected.intact.map(|()| inspected.oddities.clone());
    findings.extend(check_content(name, at, &inspected.sniffed, &outcome, policy));
    findings
}

/// Returns the findings about the content: one error if it does not match the name, is damaged or protected; otherwise
/// a warning for each oddity. For an extension that is not allowed, there is nothing to compare with.
fn check_content(
    name: &str,
    at: &str,
    sniffed: &Sniffed,
    outcome: &Outcome,
    policy: &AttachmentPolicy,
) -> Vec<Finding> {
    let ext = extension(name);
    if !allows(policy, &ext) {
        return Vec::new();
    }
    let named =
        |finding: Finding| finding.at(at).arg("actual", sniffed.label()).arg("actual_ru", sniffed.label_ru());
    let protected = |what| vec![named(Finding::error("file-protected", FIELD)).arg("what", what)];
    match outcome {
        // The password hides which Office document it is.
        _ if *sniffed == Sniffed::OleOther(OleKind::Encrypted)
            && matches!(&*ext, "doc" | "docx" | "xlsx") =>
        {
            protected(Protection::Password.name())
        }
        Err(damage) if sniffed.fits(&ext) || sniffed.may_have_been(&ext) => match damage.protection() {
            Some(protection) => protected(protection.name()),
            None => {
                let code = if damage.is_truncated() { "file-truncated" } else { "file-damaged" };
                let finding = named(Finding::error(code, FIELD));
                vec![finding.arg("what", damage.label()).arg("what_ru", damage.label_ru())]
            }
        },
        _ if !sniffed.fits(&ext) => {
            vec![named(Finding::error("file-content-mismatch", FIELD)).arg("extension", ext)]
        }
        Ok(oddities) => oddities.iter().map(|oddity| unusual(*oddity).at(at)).collect(),
        Err(_) => Vec::new(),
    }
}

fn unusual(oddity: Oddity) -> Finding {
    Finding::warning("file-unusual", FIELD).arg("what", oddity.label()).arg("what_ru", oddity.label_ru())
}

fn too_large(size: u64, policy: &AttachmentPolicy) -> Finding {
    Finding::error("file-too-large", FIELD)
        .arg("size", size)
        .arg("size_mb", megabytes(size))
        .arg("limit", policy.max_file_bytes)
        .arg("limit_mb", megabytes(policy.max_file_bytes))
}

/// Formats megabytes of 1 048 576 bytes, with up to two decimals.
fn megabytes(bytes: u64) -> String {
    const MB: u64 = 1024 * 1024;
    if bytes.is_multiple_of(MB) {
        return (bytes / MB).to_string();
    }
    // Rounded up, so that a size over a limit never looks equal to the limit.
    let hundredths = (u128::from(bytes) * 100).div_ceil(u128::from(MB));
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// Opens a regular file for reading. The type is checked before opening (opening a FIFO waits for a writer, and some
/// devices react to being opened) and again afterwards, in case the file was replaced in between.
fn open_regular(path: &Path) -> Result<(File, u64), Finding> {
    let meta = fs::metadata(path).map_err(|error| cannot_open(&error))?;
    regular(meta.file_type())?;
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY);
    }
    let file = options.open(path).map_err(|error| cannot_open(&error))?;
    let meta = file.metadata().map_err(|error| cannot_open(&error))?;
    regular(meta.file_type())?;
    Ok((file, meta.len()))
}

fn regular(kind: FileType) -> Result<(), Finding> {
    if kind.is_file() {
        return Ok(());
    }
    if kind.is_dir() {
        return Err(Finding::error("file-is-directory", FIELD));
    }
    #[cfg(unix)]
    let what = {
        use std::os::unix::fs::FileTypeExt;
        if kind.is_fifo() {
            "fifo"
        } else if kind.is_socket() {
            "socket"
        } else if kind.is_block_device() || kind.is_char_device() {
            "device"
        } else {
            "other"
        }
    };
    #[cfg(not(unix))]
    let what = "other";
    Err(Finding::error("file-not-regular", FIELD).arg("what", what))
}

/// Reports a path that does not exist as missing, any other error as unreadable.
pub(super) fn cannot_open(error: &io::Error) -> Finding {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::InvalidInput => {
            Finding::error("file-missing", FIELD)
        }
        ErrorKind::IsADirectory => Finding::error("file-is-directory", FIELD),
        _ => unreadable(error),
    }
}

fn unreadable(error: &io::Error) -> Finding {
    let reason = match error.kind() {
        ErrorKind::PermissionDenied => "permission",
        _ => "other",
    };
    Finding::error("file-unreadable", FIELD).arg("reason", reason).arg("error", error)
}
