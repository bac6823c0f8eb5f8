//! Files of an appeal.

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use super::{World, number, sample_with, worded};
use appeal_files::samples;

#[tokio::test(flavor = "multi_thread")]
async fn files_come_back_whole_in_every_version() {
    let w = World::new().await;
    let (png, pdf) = (samples::png(), samples::pdf());
    let photo = w.upload("applicant", "Фото \"подвала\".png", &png).await;
    let card = w.ok("applicant", "POST", "/v1/appeals", sample_with(json!({"attachments": [photo]}))).await;
    let n = number(&card);
    let file = &card["attachments"][0];
    let id = file["id"].as_str().unwrap();
    assert_eq!((&file["version"], &file["media_type"]), (&json!(1), &json!("image/png")));

    let get = async |who: &str, query: &str| {
        let path = format!("/v1/appeals/{n}/attachments/{id}{query}");
        w.raw(who, Request::builder().uri(path), Body::empty()).await
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

    let scan = w.upload("applicant", "скан.pdf", &pdf).await;
    let replace = json!({"attachments": [scan], "replace": id, "note": "лучше видно"});
    let card = w.act("applicant", &n, "attachments", replace).await;
    assert_eq!(
        (&card["attachments"][0]["version"], &card["attachments"][0]["name"]),
        (&json!(2), &json!("скан.pdf"))
    );
    assert_eq!(get("operator", "").await.bytes, pdf);
    assert_eq!(get("operator", "?version=1").await.bytes, png);
    assert_eq!(get("operator", "?version=3").await.status, 404);
    let card = w.act("applicant", &n, &format!("attachments/{id}/restore"), json!({"version": 1})).await;
    assert_eq!(card["attachments"][0]["version"], 1);
    let history =
        w.ok("applicant", "GET", &format!("/v1/appeals/{n}/attachments/{id}/versions"), Value::Null).await;
    assert_eq!(history.as_array().unwrap().len(), 2);
    assert_eq!(history[1]["added_by"], "applicant");

    // An internal file of the authority.
    let note = w.upload("operator", "акт.pdf", &samples::pdf_with(100)).await;
    w.act("operator", &n, "take", json!({})).await;
    let card = w
        .act("operator", &n, "comments", json!({"text": "Акт", "internal": true, "attachments": [note]}))
        .await;
    assert_eq!(card["attachments"].as_array().unwrap().len(), 2);
    let secret = card["attachments"][1]["id"].as_str().unwrap().to_owned();
    let seen = w.ok("applicant", "GET", &format!("/v1/appeals/{n}/attachments"), Value::Null).await;
    assert_eq!(seen.as_array().unwrap().len(), 1);
    let path = format!("/v1/appeals/{n}/attachments/{secret}");
    assert_eq!(w.send("applicant", "GET", &path, Value::Null).await.0, 404);

    // Work has started.
    let path = format!("/v1/appeals/{n}/attachments/{id}");
    let (status, problem) = w.send("applicant", "DELETE", &path, Value::Null).await;
    assert_eq!(status, 409);
    worded(&problem);
    assert_eq!(w.send("operator", "DELETE", &path, Value::Null).await.0, 403);
    w.journal("applicant", &n).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_hold_over_all_files_of_an_appeal() {
    let w = World::new().await;
    let mut files = Vec::new();
    for n in 0..11 {
        files.push(w.upload("applicant", &format!("{n}.pdf"), &samples::pdf_with(n)).await);
    }
    let (status, problem) =
        w.send("applicant", "POST", "/v1/appeals", sample_with(json!({"attachments": files}))).await;
    assert_eq!((status, &problem["errors"][0]["code"]), (422, &json!("files-too-many")));
    let card =
        w.ok("applicant", "POST", "/v1/appeals", sample_with(json!({"attachments": files[..10]}))).await;
    let n = number(&card);
    assert_eq!(card["attachments"].as_array().unwrap().len(), 10);
    w.refused("applicant", &n, "attachments", json!({"attachments": [files[10]]}), 422, "invalid").await;
    let id = card["attachments"][0]["id"].as_str().unwrap();
    let card = w.ok("applicant", "DELETE", &format!("/v1/appeals/{n}/attachments/{id}"), Value::Null).await;
    assert_eq!(card["attachments"].as_array().unwrap().len(), 9);
    w.act("applicant", &n, "attachments", json!({"attachments": [files[10]]})).await;

    // A file with a false extension, one that was never uploaded, one of another person.
    let fake = w.upload("applicant", "a.png", &samples::jpeg()).await;
    let (status, problem) =
        w.send("applicant", "POST", "/v1/appeals", sample_with(json!({"attachments": [fake]}))).await;
    assert_eq!((status, &problem["errors"][0]["code"]), (422, &json!("file-content-mismatch")));
    let absent = json!({"sha256": "0".repeat(64), "name": "a.pdf"});
    let (status, problem) =
        w.send("applicant", "POST", "/v1/appeals", sample_with(json!({"attachments": [absent]}))).await;
    assert_eq!((status, &problem["code"]), (422, &json!("upload_missing")));
    let (status, problem) = w
        .send("representative", "POST", "/v1/appeals", sample_with(json!({"attachments": [files[0]]})))
        .await;
    assert_eq!((status, &problem["code"]), (422, &json!("upload_missing")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_category_asks_for_its_documents() {
    let w = World::new().await;
    let body = json!({"category": "taxes.deduction"});
    let (status, problem) = w.send("applicant", "POST", "/v1/appeals", sample_with(body)).await;
    assert_eq!((status, &problem["errors"][0]["code"]), (422, &json!("document-required")));
    let mut paper = w.upload("applicant", "заявление.docx", &samples::docx()).await;
    paper["document"] = json!("application");
    let body = json!({"category": "taxes.deduction", "attachments": [paper]});
    w.ok("applicant", "POST", "/v1/appeals", sample_with(body)).await;
    let body = json!({"category": "documents.copy"});
    let (_, problem) = w.send("applicant", "POST", "/v1/appeals", sample_with(body)).await;
    assert_eq!(problem["errors"][0]["code"], "field-required");
    assert_eq!(problem["errors"][0]["field"], "fields.document_number");
    worded(&problem);
    let body = json!({"category": "internal"});
    let (_, problem) = w.send("applicant", "POST", "/v1/appeals", sample_with(body)).await;
    assert_eq!(problem["errors"][0]["code"], "category-closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_draft_leaves_no_files_behind() {
    let w = World::new().await;
    let paper = w.upload("applicant", "a.pdf", &samples::pdf()).await;
    let sha256 = paper["sha256"].as_str().unwrap().to_owned();
    let body = sample_with(json!({"draft": true, "attachments": [paper]}));
    let draft = number(&w.ok("applicant", "POST", "/v1/appeals", body).await);
    let kept = async || {
        let path = format!("/v1/uploads/{sha256}");
        w.raw("applicant", Request::builder().method("HEAD").uri(path), Body::empty()).await.status
    };
    w.days(3);
    w.platform.run_due().await.unwrap();
    assert_eq!(kept().await, 200, "the draft has it");
    w.ok("applicant", "DELETE", &format!("/v1/appeals/{draft}"), Value::Null).await;
    w.days(3);
    w.platform.run_due().await.unwrap();
    assert_eq!(kept().await, 404);
}
