//! Files of an appeal.

use serde_json::{Value, json};

use super::harness::{Reply, TestPlatform, number, sample_with, worded};
use appeal_files::samples;

#[tokio::test(flavor = "multi_thread")]
async fn files_come_back_whole_in_every_version() {
    let p = TestPlatform::new().await;
    let (png, pdf) = (samples::png(), samples::pdf());
    let photo = p.upload("applicant", "Фото \"подвала\".png", &png).await;
    let card = p.post("applicant", "/v1/appeals", sample_with(json!({"attachments": [photo]}))).await.ok();
    let n = number(&card);
    let file = &card["attachments"][0];
    let id = file["id"].as_str().unwrap();
    assert_eq!((&file["version"], &file["media_type"]), (&json!(1), &json!("image/png")));

    let get = async |who: &str, query: &str| {
        let path = format!("/v1/appeals/{n}/attachments/{id}{query}");
        p.get(who, &path).await
    };
    let reply = get("applicant", "").await;
    assert_eq!((reply.status, &reply.bytes), (200, &png));
    assert_eq!(reply.headers["content-type"], "image/png");
    assert_eq!(reply.headers["content-length"], png.len().to_string());
    let disposition = reply.headers["content-disposition"].to_str().unwrap();
    assert!(
        disposition
            .contains("filename=\"____ _________.png\"; filename*=UTF-8''%D0%A4%D0%BE%D1%82%D0%BE%20%22"),
        "{disposition}"
    );
    assert!(reply.headers["content-digest"].to_str().unwrap().starts_with("sha-256=:"));
    assert_eq!(get("intermediary", "").await.status, 404);

    let scan = p.upload("applicant", "скан.pdf", &pdf).await;
    let replace = json!({"attachments": [scan], "replace": id, "note": "лучше видно"});
    let card = p.act("applicant", &n, "attachments", replace).await;
    assert_eq!(
        (&card["attachments"][0]["version"], &card["attachments"][0]["name"]),
        (&json!(2), &json!("скан.pdf"))
    );
    assert_eq!(get("operator", "").await.bytes, pdf);
    assert_eq!(get("operator", "?version=1").await.bytes, png);
    assert_eq!(get("operator", "?version=3").await.status, 404);
    let card = p.act("applicant", &n, &format!("attachments/{id}/restore"), json!({"version": 1})).await;
    assert_eq!(card["attachments"][0]["version"], 1);
    let history = p.get("applicant", &format!("/v1/appeals/{n}/attachments/{id}/versions")).await.ok();
    assert_eq!(history.as_array().unwrap().len(), 2);
    assert_eq!(history[1]["added_by"], "applicant");

    // An internal file of the authority.
    let note = p.upload("operator", "акт.pdf", &samples::pdf_with(100)).await;
    p.act("operator", &n, "take", json!({})).await;
    let card = p
        .act("operator", &n, "comments", json!({"text": "Акт", "internal": true, "attachments": [note]}))
        .await;
    assert_eq!(card["attachments"].as_array().unwrap().len(), 2);
    let secret = card["attachments"][1]["id"].as_str().unwrap().to_owned();
    let seen = p.get("applicant", &format!("/v1/appeals/{n}/attachments")).await.ok();
    assert_eq!(seen.as_array().unwrap().len(), 1);
    let path = format!("/v1/appeals/{n}/attachments/{secret}");
    assert_eq!(p.get("applicant", &path).await.status, 404);

    // Work has started.
    let path = format!("/v1/appeals/{n}/attachments/{id}");
    let Reply { status, body: problem, .. } = p.send("applicant", "DELETE", &path, Value::Null).await;
    assert_eq!(status, 409);
    worded(&problem);
    assert_eq!(p.send("operator", "DELETE", &path, Value::Null).await.status, 403);
    p.journal("applicant", &n).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_hold_over_all_files_of_an_appeal() {
    let p = TestPlatform::new().await;
    let mut files = Vec::new();
    for n in 0..11 {
        files.push(p.upload("applicant", &format!("{n}.pdf"), &samples::pdf_with(n)).await);
    }
    let Reply { status, body: problem, .. } =
        p.post("applicant", "/v1/appeals", sample_with(json!({"attachments": files}))).await;
    assert_eq!((status, &problem["errors"][0]["code"]), (422, &json!("files-too-many")));
    let card =
        p.post("applicant", "/v1/appeals", sample_with(json!({"attachments": files[..10]}))).await.ok();
    let n = number(&card);
    assert_eq!(card["attachments"].as_array().unwrap().len(), 10);
    p.refused("applicant", &n, "attachments", json!({"attachments": [files[10]]}), 422, "invalid").await;
    let id = card["attachments"][0]["id"].as_str().unwrap();
    let card =
        p.send("applicant", "DELETE", &format!("/v1/appeals/{n}/attachments/{id}"), Value::Null).await.ok();
    assert_eq!(card["attachments"].as_array().unwrap().len(), 9);
    p.act("applicant", &n, "attachments", json!({"attachments": [files[10]]})).await;

    // A file with a false extension, one that was never uploaded, one of another person.
    let fake = p.upload("applicant", "a.png", &samples::jpeg()).await;
    let Reply { status, body: problem, .. } =
        p.post("applicant", "/v1/appeals", sample_with(json!({"attachments": [fake]}))).await;
    assert_eq!((status, &problem["errors"][0]["code"]), (422, &json!("file-content-mismatch")));
    let absent = json!({"sha256": "0".repeat(64), "name": "a.pdf"});
    let Reply { status, body: problem, .. } =
        p.post("applicant", "/v1/appeals", sample_with(json!({"attachments": [absent]}))).await;
    assert_eq!((status, &problem["code"]), (422, &json!("upload_missing")));
    let Reply { status, body: problem, .. } =
        p.post("representative", "/v1/appeals", sample_with(json!({"attachments": [files[0]]}))).await;
    assert_eq!((status, &problem["code"]), (422, &json!("upload_missing")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_category_asks_for_its_documents() {
    let p = TestPlatform::new().await;
    let body = json!({"category": "taxes.deduction"});
    let Reply { status, body: problem, .. } = p.post("applicant", "/v1/appeals", sample_with(body)).await;
    assert_eq!((status, &problem["errors"][0]["code"]), (422, &json!("document-required")));
    let mut paper = p.upload("applicant", "заявление.docx", &samples::docx()).await;
    paper["document"] = json!("application");
    let body = json!({"category": "taxes.deduction", "attachments": [paper]});
    p.post("applicant", "/v1/appeals", sample_with(body)).await.ok();
    let body = json!({"category": "documents.copy"});
    let Reply { body: problem, .. } = p.post("applicant", "/v1/appeals", sample_with(body)).await;
    assert_eq!(problem["errors"][0]["code"], "field-required");
    assert_eq!(problem["errors"][0]["field"], "fields.document_number");
    worded(&problem);
    let body = json!({"category": "internal"});
    let Reply { body: problem, .. } = p.post("applicant", "/v1/appeals", sample_with(body)).await;
    assert_eq!(problem["errors"][0]["code"], "category-closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_draft_leaves_no_files_behind() {
    let p = TestPlatform::new().await;
    let paper = p.upload("applicant", "a.pdf", &samples::pdf()).await;
    let sha256 = paper["sha256"].as_str().unwrap().to_owned();
    let body = sample_with(json!({"draft": true, "attachments": [paper]}));
    let draft = number(&p.post("applicant", "/v1/appeals", body).await.ok());
    let kept = async || {
        let path = format!("/v1/uploads/{sha256}");
        p.send("applicant", "HEAD", &path, Value::Null).await.status
    };
    p.advance_days(3);
    p.run_due().await.unwrap();
    assert_eq!(kept().await, 200, "the draft has it");
    p.send("applicant", "DELETE", &format!("/v1/appeals/{draft}"), Value::Null).await.ok();
    p.advance_days(3);
    p.run_due().await.unwrap();
    assert_eq!(kept().await, 404);
}
