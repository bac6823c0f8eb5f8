//! Uploads and downloads.

use sha2::{Digest, Sha256};

use super::*;
use appeal_api::{Attachment, FileVersion};
use appeal_files::Checked;

fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

fn checked(dir: &std::path::Path, name: &str, bytes: &[u8]) -> Checked {
    let path = dir.join(name);
    std::fs::write(&path, bytes).unwrap();
    Checked {
        path,
        name: name.into(),
        size: bytes.len() as u64,
        sha256: sha256(bytes),
        media_type: "application/pdf".into(),
        warnings: Vec::new(),
    }
}

fn attachment(name: &str, bytes: &[u8]) -> Attachment {
    Attachment {
        id: "f1".into(),
        name: name.into(),
        media_type: "application/pdf".into(),
        size: bytes.len() as u64,
        sha256: sha256(bytes),
        version: 2,
        added_at: jiff::Timestamp::UNIX_EPOCH,
        added_by: "a".into(),
    }
}

const QUIET: &(dyn Fn(u64) + Send + Sync) = &|_| {};

#[tokio::test]
async fn a_file_goes_up_whole_with_its_digest() {
    let dir = tempfile::tempdir().unwrap();
    let bytes: Vec<u8> = (0..300_000u32).map(|n| n as u8).collect();
    let file = checked(dir.path(), "act.pdf", &bytes);
    let puts = std::sync::atomic::AtomicU32::new(0);
    let server = Server::start(move |_, request| match request.method.as_str() {
        "HEAD" => Reply::new(404, &[], ""),
        _ if puts.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 0 => Reply::none(),
        _ => Reply::new(201, &[], ""),
    })
    .await;
    let progress = Mutex::new(Vec::new());
    let references = server
        .client()
        .upload_all(&[file.clone(), file.clone()], &|n| progress.lock().unwrap().push(n))
        .await
        .unwrap();
    assert_eq!(references.len(), 2, "the same content is named twice");
    assert_eq!(references[0].sha256, file.sha256);
    assert_eq!(progress.lock().unwrap().last(), Some(&600_000));

    let arrived = server.arrived();
    let methods: Vec<&str> = arrived.iter().map(|request| request.method.as_str()).collect();
    assert_eq!(methods, ["HEAD", "PUT", "HEAD", "PUT"], "checked, lost, checked again, sent");
    let put = &arrived[3];
    assert_eq!(put.path, format!("/v1/uploads/{}", file.sha256));
    assert_eq!(put.body, bytes);
    assert_eq!(put.header("content-length"), "300000");
    use base64::Engine;
    let digest = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(&bytes));
    assert_eq!(put.header("content-digest"), format!("sha-256=:{digest}:"));
}

/// Only the response was lost, not the file.
#[tokio::test]
async fn a_file_that_arrived_is_not_sent_again() {
    let dir = tempfile::tempdir().unwrap();
    let file = checked(dir.path(), "act.pdf", b"bytes");
    let heads = std::sync::atomic::AtomicU32::new(0);
    let server = Server::start(move |_, request| match request.method.as_str() {
        "HEAD" if heads.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 0 => Reply::new(404, &[], ""),
        "HEAD" => Reply::new(200, &[], ""),
        _ => Reply::none(),
    })
    .await;
    server.client().upload(&file, QUIET).await.unwrap();
    let arrived = server.arrived();
    let methods: Vec<&str> = arrived.iter().map(|request| request.method.as_str()).collect();
    assert_eq!(methods, ["HEAD", "PUT", "HEAD"]);
}

#[tokio::test]
async fn existing_files_are_not_sent_again() {
    let dir = tempfile::tempdir().unwrap();
    let file = checked(dir.path(), "act.pdf", b"bytes");
    let server = Server::start(|_, _| Reply::new(200, &[], "")).await;
    server.client().upload(&file, QUIET).await.unwrap();
    assert_eq!(server.arrived().len(), 1);
}

#[tokio::test]
async fn a_changed_file_is_not_sent() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(|_, request| {
        if request.method == "HEAD" { Reply::new(404, &[], "") } else { Reply::new(201, &[], "") }
    })
    .await;
    for (before, after) in [("first", "other"), ("first", "longer than before"), ("first", "")] {
        let file = checked(dir.path(), "act.pdf", before.as_bytes());
        std::fs::write(&file.path, after).unwrap();
        let error = server.client().upload(&file, QUIET).await.unwrap_err();
        assert!(matches!(&error, Error::FileChanged { .. }), "{error:?}");
    }
    let file = checked(dir.path(), "gone.pdf", b"x");
    std::fs::remove_file(&file.path).unwrap();
    assert!(matches!(server.client().upload(&file, QUIET).await, Err(Error::File { .. })));
    assert!(server.arrived().iter().all(|request| request.method == "HEAD"), "no whole body arrived");
}

#[tokio::test]
async fn a_refused_upload_says_why() {
    let dir = tempfile::tempdir().unwrap();
    let file = checked(dir.path(), "act.pdf", b"bytes");
    let server = Server::start(|_, request| match request.method.as_str() {
        "HEAD" => Reply::sized(401, &[], "", None),
        _ => Reply::problem(401, "unauthenticated"),
    })
    .await;
    let error = server.client().upload(&file, QUIET).await.unwrap_err();
    assert!(matches!(&error, Error::Problem(p) if p.code == "unauthenticated"), "{error:?}");
}

fn listing(dir: &std::path::Path) -> Vec<String> {
    let mut names: Vec<String> =
        std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_download_replaces_nothing_and_stays_in_its_folder() {
    let root = tempfile::tempdir().unwrap();
    let dir = root.path().join("in");
    let bytes = b"content".to_vec();
    let sent = bytes.clone();
    // The name in the response is not used.
    let disposition = ("content-disposition", "attachment; filename=\"../../evil\"");
    let server = Server::start(move |_, _| Reply::new(200, &[disposition], &sent)).await;
    let client = server.client();
    let attack = attachment("../../out\u{202E}.pdf", &bytes);
    let first = client.download("N-1", &attack, None, &dir, QUIET).await.unwrap();
    let second = client.download("N-1", &attack, None, &dir, QUIET).await.unwrap();
    assert_eq!(first, dir.join("_._.._out_.pdf"));
    assert_eq!(second, dir.join("_._.._out_ (2).pdf"));
    assert_eq!(std::fs::read(&second).unwrap(), bytes);
    assert_eq!(listing(root.path()), ["in"]);
    assert_eq!(listing(&dir).len(), 2, "no temporary file stays");
    assert_eq!(server.arrived()[0].path, "/v1/appeals/N-1/attachments/f1?version=2");

    let old = FileVersion {
        version: 1,
        name: "old.pdf".into(),
        size: 7,
        sha256: sha256(&bytes),
        added_at: jiff::Timestamp::UNIX_EPOCH,
        added_by: "a".into(),
    };
    let path = client.download("N-1", &attack, Some(&old), &dir, QUIET).await.unwrap();
    assert_eq!(path, dir.join("old.pdf"));
    assert_eq!(server.arrived()[2].path, "/v1/appeals/N-1/attachments/f1?version=1");
}

#[tokio::test]
async fn a_wrong_digest_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let file = attachment("act.pdf", b"content");
    let other = format!("sha-256=:{}:", "A".repeat(43) + "=");
    for reply in [
        Reply::new(200, &[], "CONTENT"),
        Reply::new(200, &[], "content and more"),
        Reply::new(200, &[], "cont"),
        Reply::new(200, &[("content-digest", other.as_str())], "content"),
    ] {
        let server = Server::script(vec![reply]).await;
        let error = server.client().download("N-1", &file, None, dir.path(), QUIET).await.unwrap_err();
        assert!(matches!(&error, Error::Digest { name, .. } if name == "act.pdf"), "{error:?}");
        assert_eq!(server.arrived().len(), 1);
        assert_eq!(listing(dir.path()), Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_broken_download_begins_again() {
    let dir = tempfile::tempdir().unwrap();
    let file = attachment("act.pdf", b"content");
    let server =
        Server::script(vec![Reply::sized(200, &[], "conte", Some(7)), Reply::new(200, &[], "content")]).await;
    let path = server.client().download("N-1", &file, None, dir.path(), QUIET).await.unwrap();
    assert_eq!(std::fs::read(path).unwrap(), b"content");
    assert_eq!(server.arrived().len(), 2);
}
