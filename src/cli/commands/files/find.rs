//! Finds a file of an appeal by its id or name.

use crate::cli::base::{Exit, Failure};
use appeal_api::{Attachment, Received};
use appeal_i18n::message;

/// Returns the file with this id, or the only file with this name.
///
/// # Errors
/// No file matches (exit 5); several files have the name (exit 3).
pub fn one(files: &[Received<Attachment>], wanted: &str) -> Result<Received<Attachment>, Failure> {
    if let Some(file) = files.iter().find(|file| file.id == wanted) {
        return Ok(file.clone());
    }
    let mut named = files.iter().filter(|file| file.name == wanted);
    match (named.next(), named.next()) {
        (Some(file), None) => Ok(file.clone()),
        (Some(_), Some(_)) => Err(Failure::from_message(
            Exit::Invalid,
            "ambiguous",
            message!("failure-file-ambiguous", name = wanted),
        )),
        _ => Err(Failure::from_message(
            Exit::NotFound,
            "not_found",
            message!("failure-file-unknown", id = wanted),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(id: &str, name: &str) -> Attachment {
        Attachment {
            id: id.into(),
            name: name.into(),
            media_type: "application/pdf".into(),
            size: 1,
            sha256: String::new(),
            version: 1,
            added_at: "2026-11-01T09:00:00Z".parse().unwrap(),
            added_by: "applicant".into(),
        }
    }

    #[test]
    fn a_file_is_named_by_its_id_or_a_name_of_its_own() {
        let files = [file("1", "a.pdf"), file("2", "b.pdf"), file("3", "b.pdf"), file("a.pdf", "c.pdf")];
        let files = files.map(Received::from);
        assert_eq!(one(&files, "2").unwrap().id, "2");
        assert_eq!(one(&files, "a.pdf").unwrap().id, "a.pdf");
        assert_eq!(one(&files, "c.pdf").unwrap().id, "a.pdf");
        assert_eq!(one(&files, "b.pdf").unwrap_err().exit, Exit::Invalid);
        assert_eq!(one(&files, "x").unwrap_err().exit, Exit::NotFound);
    }
}
