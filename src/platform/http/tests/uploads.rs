//! Valid and invalid uploads.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::stream;

use super::*;
use crate::fault::{Fault, Result};
use crate::store::people;
use appeal_api::FileRef;

const LIMIT: usize = 10 * 1024 * 1024;

fn sha(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// The smallest possible image: one pixel, built chunk by chunk.
fn png() -> Vec<u8> {
    fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
        let mut crc = !0u32;
        for byte in kind.iter().chain(data) {
            crc ^= u32::from(*byte);
            for _ in 0..8 {
                crc = if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 };
            }
        }
        let mut out = u32::try_from(data.len()).unwrap().to_be_bytes().to_vec();
        out.extend_from_slice(kind);
        out.extend_from_slice(data);
        out.extend_from_slice(&(!crc).to_be_bytes());
        out
    }
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    bytes.extend(chunk(b"IHDR", &[0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]));
    bytes.extend(chunk(b"IDAT", &[0x78, 0x01, 0x01, 2, 0, 0xFD, 0xFF, 0, 0, 0, 2, 0, 1]));
    bytes.extend(chunk(b"IEND", &[]));
    bytes
}

async fn put(p: &TestPlatform, login: &str, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Reply {
    let token = p.session(login).await;
    // In pieces and without a length, as a stream.
    let pieces: Vec<_> = body.chunks(65_536).map(|c| Ok::<_, std::io::Error>(c.to_vec())).collect();
    let body = Body::from_stream(stream::iter(pieces));
    p.request(Caller::Token(&token), "PUT", path, headers, body).await
}

async fn head(p: &TestPlatform, login: &str, sha256: &str) -> u16 {
    let token = p.session(login).await;
    let path = format!("/v1/uploads/{sha256}");
    p.request(Caller::Token(&token), "HEAD", &path, &[], Body::empty()).await.status
}

/// Returns the number of files in the files directory, including temporary ones.
fn kept(p: &TestPlatform) -> usize {
    let Ok(dirs) = std::fs::read_dir(p.data().join("files")) else { return 0 };
    dirs.flat_map(|d| std::fs::read_dir(d.unwrap().path()).unwrap()).count()
}

async fn claim(p: &TestPlatform, login: &'static str, sha256: &str) -> Result<u64> {
    let file = FileRef { sha256: sha256.to_owned(), name: "a.png".to_owned(), document: None };
    p.app
        .read(async |tx| {
            let caller = people::caller_by_login(tx, login).await?.unwrap();
            let claimed = crate::store::uploads::claim(tx, &caller, &file).await?;
            Ok(claimed.size)
        })
        .await
}

/// Uploads the image as this person, who names it by its digest.
async fn put_image(p: &TestPlatform, login: &str) -> Reply {
    put(p, login, &format!("/v1/uploads/{}?name=pixel.PNG", sha(&png()).to_uppercase()), &[], png()).await
}

#[tokio::test]
async fn an_upload_is_described() {
    let p = TestPlatform::new().await;
    let bytes = png();
    assert_eq!(head(&p, "applicant", &sha(&bytes)).await, 404);
    let sum = format!("sha-256=:{}:", STANDARD.encode(Sha256::digest(&bytes)));
    let path = format!("/v1/uploads/{}?name=pixel.PNG", sha(&bytes).to_uppercase());
    let first = put(&p, "applicant", &path, &[("content-digest", &sum)], bytes.clone()).await;
    assert_eq!(first.status, 201, "{}", first.body);
    assert_eq!(first.body["size"], bytes.len());
    assert_eq!(first.body["media_type"], "image/png");
    assert_eq!(head(&p, "applicant", &sha(&bytes)).await, 200);
}

#[tokio::test]
async fn an_upload_is_private_to_its_sender() {
    let p = TestPlatform::new().await;
    put_image(&p, "applicant").await.ok();
    assert_eq!(head(&p, "intermediary", &sha(&png())).await, 404);
    assert!(claim(&p, "intermediary", &sha(&png())).await.is_err());
}

#[tokio::test]
async fn an_upload_of_two_people_is_stored_once() {
    let p = TestPlatform::new().await;
    put_image(&p, "applicant").await.ok();
    assert_eq!(put_image(&p, "intermediary").await.status, 200);
    let digest = sha(&png());
    assert_eq!(claim(&p, "intermediary", &digest).await.unwrap(), png().len() as u64);
    assert_eq!(kept(&p), 1);
    let mut file = crate::service::uploads::open(&p.data().join("files"), &digest).await.unwrap();
    let mut read = Vec::new();
    tokio::io::AsyncReadExt::read_to_end(&mut file, &mut read).await.unwrap();
    assert_eq!(read, png());
}

#[tokio::test]
async fn a_missing_upload_is_named() {
    let p = TestPlatform::new().await;
    match claim(&p, "applicant", &sha(b"never sent")).await {
        Err(Fault::Refused(refusal)) => {
            assert_eq!((refusal.status, refusal.code), (422, "upload_missing"));
            assert!(refusal.args.iter().any(|(_, value)| *value == sha(b"never sent")));
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn files_that_are_not_what_they_say_are_refused_and_leave_nothing() {
    let p = TestPlatform::new().await;
    let mut cut = png();
    cut.truncate(40);
    let exe = [b"MZ".as_slice(), &[0; 600]].concat();
    let cases: [(&str, Vec<u8>, &str); 7] = [
        ("form.pdf", exe, "file-content-mismatch"),
        ("photo.jpg", b"<!DOCTYPE html><html><body>hello</body></html>".to_vec(), "file-content-mismatch"),
        ("photo.jpg", png(), "file-content-mismatch"),
        ("photo.png", cut, "file-truncated"),
        ("notes.txt", b"text".to_vec(), "file-extension"),
        ("letter.docx", b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0".to_vec(), "file-content-mismatch"),
        ("nothing.png", Vec::new(), "file-empty"),
    ];
    for (name, bytes, code) in cases {
        let path = format!("/v1/uploads/{}?name={name}", sha(&bytes));
        let refused = put(&p, "applicant", &path, &[], bytes).await;
        refused.is_problem(422, "invalid");
        assert_eq!(refused.findings(), [code], "{name}");
        assert_eq!(refused.body["errors"][0]["at"], name);
        assert!(!refused.body["errors"][0]["remedy"].as_str().unwrap().is_empty());
    }
    assert_eq!(kept(&p), 0);
    assert_eq!(p.count("SELECT count(*) AS n FROM uploads").await, 0);
}

/// Returns an image of this many bytes. A PNG may have any data after its end.
fn sized(length: usize) -> Vec<u8> {
    let mut bytes = png();
    bytes.resize(length, 0);
    bytes
}

#[tokio::test]
async fn a_file_of_exactly_the_limit_is_stored() {
    let p = TestPlatform::new().await;
    let bytes = sized(LIMIT);
    let largest = put(&p, "applicant", &format!("/v1/uploads/{}", sha(&bytes)), &[], bytes).await;
    assert_eq!(largest.status, 201, "{}", largest.body);
    assert_eq!(kept(&p), 1);
}

#[tokio::test]
async fn a_stream_of_one_byte_more_than_the_limit_is_refused() {
    let p = TestPlatform::new().await;
    let bytes = sized(LIMIT + 1);
    let path = format!("/v1/uploads/{}?name=big.png", sha(&bytes));
    let streamed = put(&p, "applicant", &path, &[], bytes).await;
    streamed.is_invalid(&["file-too-large"]);
    assert!(streamed.body["errors"][0]["message"].as_str().unwrap().contains("10.01"), "{}", streamed.body);
    assert_eq!(kept(&p), 0);
}

#[tokio::test]
async fn an_announced_length_of_more_than_the_limit_is_refused() {
    let p = TestPlatform::new().await;
    let bytes = sized(LIMIT + 1);
    let path = format!("/v1/uploads/{}?name=big.png", sha(&bytes));
    let length = bytes.len().to_string();
    let announced = p.request("applicant", "PUT", &path, &[("content-length", &length)], bytes).await;
    assert_eq!(announced.findings(), ["file-too-large"]);
    assert_eq!(kept(&p), 0);
}

#[tokio::test]
async fn an_upload_with_another_digest_in_its_path_is_refused() {
    let p = TestPlatform::new().await;
    let wrong = put(&p, "applicant", &format!("/v1/uploads/{}", sha(b"other")), &[], png()).await;
    wrong.is_problem(422, "digest_mismatch");
    assert!(wrong.body["detail"].as_str().unwrap().contains(&sha(&png())));
    put(&p, "applicant", "/v1/uploads/xyz", &[], Vec::new()).await.is_problem(400, "bad_request");
}

#[tokio::test]
async fn an_upload_with_another_digest_in_its_header_is_refused() {
    let p = TestPlatform::new().await;
    let path = format!("/v1/uploads/{}", sha(&png()));
    let other = format!("sha-256=:{}:", STANDARD.encode(Sha256::digest(b"other")));
    let upload = async |digest: &str| put(&p, "applicant", &path, &[("content-digest", digest)], png()).await;
    upload(&other).await.is_problem(422, "digest_mismatch");
    for bad in ["sha-256", "sha-256=abc", "sha-256=:%%%:"] {
        upload(bad).await.is_problem(400, "bad_request");
    }
    assert_eq!(upload("sha-512=:AAAA:").await.status, 201, "other algorithms are ignored");
}

#[tokio::test]
async fn an_upload_needs_the_right_to_file() {
    let p = TestPlatform::new().await;
    put_image(&p, "analyst").await.is_problem(403, "scope");
}

#[tokio::test]
async fn a_broken_upload_leaves_nothing() {
    let p = TestPlatform::new().await;
    let token = p.session("applicant").await;
    let bytes = png();
    let pieces = vec![Ok(bytes[..20].to_vec()), Err(std::io::Error::other("the line broke"))];
    let body = Body::from_stream(stream::iter(pieces));
    let path = format!("/v1/uploads/{}", sha(&bytes));
    let broken = p.request(Caller::Token(&token), "PUT", &path, &[], body).await;
    broken.is_problem(400, "bad_request");
    assert_eq!(kept(&p), 0);
}

/// Attaches an upload to an appeal of the applicant.
async fn attach(p: &TestPlatform, digest: &str) {
    let digest = digest.to_owned();
    let done = p.app.db().write(move |tx| {
        let digest = digest.clone();
        Box::pin(async move {
            let appeal = plant(tx, "applicant", "2026-0000000001-7", "roads").await?;
            tx.run(
                "INSERT INTO attachments (id, appeal_id, position, owner_kind, version) \
                 VALUES ('f', $1, 1, 'appeal', 1)",
                args![&appeal],
            )
            .await?;
            tx.run(
                "INSERT INTO attachment_versions (attachment_id, version, name, media_type, size, sha256, \
                 added_at, added_by) VALUES ('f', 1, 'a.png', 'image/png', 1, $1, 1, 'applicant')",
                args![&digest],
            )
            .await?;
            Ok(())
        })
    });
    done.await.unwrap();
}

/// Uploads two files and attaches the second one; returns their digests.
async fn loose_and_attached(p: &TestPlatform) -> (String, String) {
    for bytes in [png(), sized(png().len() + 1)] {
        let path = format!("/v1/uploads/{}", sha(&bytes));
        assert_eq!(put(p, "applicant", &path, &[], bytes).await.status, 201);
    }
    let digests = (sha(&png()), sha(&sized(png().len() + 1)));
    attach(p, &digests.1).await;
    digests
}

#[tokio::test]
async fn an_upload_without_an_appeal_is_deleted_after_a_day() {
    let p = TestPlatform::new().await;
    let (loose, _) = loose_and_attached(&p).await;
    p.advance(SignedDuration::from_hours(23));
    p.run_due().await.unwrap();
    assert_eq!(kept(&p), 2);
    p.advance(SignedDuration::from_hours(2));
    p.run_due().await.unwrap();
    assert_eq!(kept(&p), 1);
    assert_eq!(head(&p, "applicant", &loose).await, 404);
}

#[tokio::test]
async fn an_attached_upload_is_kept() {
    let p = TestPlatform::new().await;
    let (_, attached) = loose_and_attached(&p).await;
    p.advance(SignedDuration::from_hours(25));
    p.run_due().await.unwrap();
    assert_eq!(head(&p, "applicant", &attached).await, 200, "it is in an appeal of theirs");
    assert!(claim(&p, "applicant", &attached).await.is_ok());
    assert!(claim(&p, "intermediary", &attached).await.is_err());
}
