//! Checks and uploads files: all of them are checked before the first byte is sent.

use std::path::PathBuf;

use crate::cli::base::{Context, Failure};
use appeal_api::{ApiFinding, FileRef};
use appeal_client::uploads::references;
use appeal_domain::{AttachmentPolicy, Finding};
use appeal_files::Checked;

/// Checks files without sending anything; returns the valid ones and all findings.
pub async fn examined(
    paths: Vec<PathBuf>,
    policy: AttachmentPolicy,
) -> Result<(Vec<Checked>, Vec<Finding>), Failure> {
    if paths.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    // Reading files blocks. On a separate thread, Ctrl-C and --timeout are still handled.
    match tokio::task::spawn_blocking(move || appeal_files::check_all(&paths, &policy)).await {
        Ok(result) => Ok(result),
        Err(error) => Err(std::io::Error::other(error).into()),
    }
}

/// Prints the warnings about what may be sent. In JSON, stderr has only the error object.
pub fn warn(ctx: &mut Context, findings: &[ApiFinding]) {
    if !findings.is_empty() && !ctx.out.is_quiet() && !ctx.out.format().is_json() {
        ctx.out.findings(findings);
    }
}

/// Checks files by the general limits, and prints warnings. If one fails, nothing has been sent.
///
/// # Errors
/// Every finding at once (exit 3).
pub async fn checked(ctx: &mut Context, paths: Vec<PathBuf>) -> Result<Vec<Checked>, Failure> {
    let (files, findings) = examined(paths, AttachmentPolicy::default()).await?;
    let described = appeal_i18n::findings(ctx.lang, &findings);
    if findings.iter().any(Finding::is_error) {
        return Err(Failure::invalid(described));
    }
    warn(ctx, &described);
    Ok(files)
}

/// Uploads checked files with a progress bar; returns the references for a request.
///
/// # Errors
/// The platform is not reached or refuses one; a file changed since it was checked.
pub async fn upload(ctx: &mut Context, files: &[Checked]) -> Result<Vec<FileRef>, Failure> {
    if files.is_empty() {
        return Ok(Vec::new());
    }
    if ctx.is_dry_run() {
        ctx.would_upload(files);
        return Ok(references(files));
    }
    let client = ctx.client().await?;
    let total = files.iter().map(|file| file.size).sum();
    let what = appeal_i18n::t!(ctx.lang, "progress-upload", count = files.len());
    let progress = ctx.out.progress(Some(total), &what);
    let result = client
        .upload_all(files, &|done| {
            if let Some(file) = at(files, done) {
                progress.message(&format!("{what} – {}", file.name));
            }
            progress.set(done);
        })
        .await;
    progress.finish();
    Ok(result?)
}

/// Returns the file that is being uploaded after this many bytes in total.
fn at(files: &[Checked], done: u64) -> Option<&Checked> {
    let mut end = 0;
    files.iter().find(|file| {
        end += file.size;
        done < end
    })
}

/// Checks and uploads.
///
/// # Errors
/// As [`checked`] and [`upload`].
pub async fn attached(ctx: &mut Context, paths: Vec<PathBuf>) -> Result<Vec<FileRef>, Failure> {
    let files = checked(ctx, paths).await?;
    upload(ctx, &files).await
}
