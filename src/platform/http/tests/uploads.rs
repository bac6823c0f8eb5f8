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

#[tokio::test]
async fn an_upload_is_stored_once_and_private_to_its_sender() {
    let p = TestPlatform::new().await;
    let bytes = png();
    let digest = sha(&bytes);
    assert_eq!(head(&p, "applicant", &digest).await, 404);
    let path = format!("/v1/uploads/{}?name=pixel.PNG", digest.to_uppercase());
    let sum = format!("sha-256=:{}:", STANDARD.encode(Sha256::digest(&bytes)));
    let first = put(&p, "applicant", &path, &[("content-digest", &sum)], bytes.clone()).await;
    assert_eq!(first.status, 201, "{}", first.body);
    assert_eq!(first.body["size"], bytes.len());
    assert_eq!(first.body["media_type"], "image/png");
    assert_eq!(head(&p, "applicant", &digest).await, 200);
    assert_eq!(head(&p, "intermediary", &digest).await, 404, "others cannot ask for it");
    assert!(claim(&p, "intermediary", &digest).await.is_err());
    let again = put(&p, "intermediary", &path, &[], bytes.clone()).await;
    assert_eq!(again.status, 200);
    assert_eq!(claim(&p, "intermediary", &digest).await.unwrap(), bytes.len() as u64);
    assert_eq!(kept(&p), 1);
    let mut file = crate::service::uploads::open(&p.data().join("files"), &digest).await.unwrap();
    let mut read = Vec::new();
    tokio::io::AsyncReadExt::read_to_end(&mut file, &mut read).await.unwrap();
    assert_eq!(read, bytes);
}

#[tokio::test]
async fn what_is_missing_is_named() {
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

#[tokio::test]
async fn the_limit_holds_to_the_byte_whether_the_length_is_announced_or_not() {
    let p = TestPlatform::new().await;
    // A PNG may have any data after its end, so any size is possible.
    let mut bytes = png();
    bytes.resize(LIMIT, 0);
    let largest = put(&p, "applicant", &format!("/v1/uploads/{}", sha(&bytes)), &[], bytes.clone()).await;
    assert_eq!(largest.status, 201, "{}", largest.body);
    bytes.push(0);
    let path = format!("/v1/uploads/{}?name=big.png", sha(&bytes));
    let streamed = put(&p, "applicant", &path, &[], bytes.clone()).await;
    streamed.is_problem(422, "invalid");
    assert_eq!(streamed.findings(), ["file-too-large"]);
    assert!(streamed.body["errors"][0]["message"].as_str().unwrap().contains("10.01"), "{}", streamed.body);
    let token = p.session("applicant").await;
    let length = bytes.len().to_string();
    let announced = p
        .request(Caller::Token(&token), "PUT", &path, &[("content-length", &length)], Body::from(bytes))
        .await;
    assert_eq!(announced.findings(), ["file-too-large"]);
    assert_eq!(kept(&p), 1);
}

#[tokio::test]
async fn a_wrong_digest_is_refused_wherever_it_is() {
    let p = TestPlatform::new().await;
    let bytes = png();
    let wrong = put(&p, "applicant", &format!("/v1/uploads/{}", sha(b"other")), &[], bytes.clone()).await;
    wrong.is_problem(422, "digest_mismatch");
    assert!(wrong.body["detail"].as_str().unwrap().contains(&sha(&bytes)));
    let path = format!("/v1/uploads/{}", sha(&bytes));
    let sum = format!("sha-256=:{}:", STANDARD.encode(Sha256::digest(b"other")));
    let promised = put(&p, "applicant", &path, &[("content-digest", &sum)], bytes.clone()).await;
    promised.is_problem(422, "digest_mismatch");
    for bad in ["sha-256", "sha-256=abc", "sha-256=:%%%:"] {
        let refused = put(&p, "applicant", &path, &[("content-digest", bad)], bytes.clone()).await;
        refused.is_problem(400, "bad_request");
    }
    let unknown = put(&p, "applicant", &path, &[("content-digest", "sha-512=:AAAA:")], bytes).await;
    assert_eq!(unknown.status, 201, "other algorithms are let pass");
    put(&p, "applicant", "/v1/uploads/xyz", &[], Vec::new()).await.is_problem(400, "bad_request");
    put(&p, "analyst", &path, &[], png()).await.is_problem(403, "scope");
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

#[tokio::test]
async fn uploads_that_nobody_attached_go_after_a_day_and_attached_ones_stay() {
    let p = TestPlatform::new().await;
    let loose = png();
    let mut attached = png();
    attached.push(0);
    for bytes in [&loose, &attached] {
        let path = format!("/v1/uploads/{}", sha(bytes));
        assert_eq!(put(&p, "applicant", &path, &[], bytes.clone()).await.status, 201);
    }
    let digest = sha(&attached);
    p.app
        .db()
        .write(move |tx| {
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
        })
        .await
        .unwrap();
    p.advance(SignedDuration::from_hours(23));
    p.run_due().await.unwrap();
    assert_eq!(kept(&p), 2);
    p.advance(SignedDuration::from_hours(2));
    p.run_due().await.unwrap();
    assert_eq!(kept(&p), 1);
    assert_eq!(head(&p, "applicant", &sha(&loose)).await, 404);
    assert_eq!(head(&p, "applicant", &sha(&attached)).await, 200, "it is in an appeal of theirs");
    assert!(claim(&p, "applicant", &sha(&attached)).await.is_ok());
    assert!(claim(&p, "intermediary", &sha(&attached)).await.is_err());
}
