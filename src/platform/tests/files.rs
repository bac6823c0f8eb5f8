//! Files of an appeal.

use serde_json::{Value, json};

use super::harness::{Reply, TestPlatform, number, sample_with, worded};
use appeal_files::samples;

/// An appeal with a file.
struct WithFile {
    p: TestPlatform,
    n: String,
    id: String,
    /// The appeal as it was filed.
    card: Value,
}

impl WithFile {
    async fn new() -> WithFile {
        let p = TestPlatform::new().await;
        let photo = p.upload("applicant", "Фото \"подвала\".png", &samples::png()).await;
        let card = p.file_with("applicant", json!({"attachments": [photo]})).await;
        let id = card["attachments"][0]["id"].as_str().unwrap().to_owned();
        WithFile { p, n: number(&card), id, card }
    }

    fn path(&self) -> String {
        format!("/v1/appeals/{}/attachments/{}", self.n, self.id)
    }

    async fn get(&self, who: &str, query: &str) -> Reply {
        self.p.get(who, &format!("{}{query}", self.path())).await
    }

    /// Replaces the file by another one; returns the appeal.
    async fn replace(&self) -> Value {
        let scan = self.p.upload("applicant", "скан.pdf", &samples::pdf()).await;
        let replace = json!({"attachments": [scan], "replace": self.id, "note": "лучше видно"});
        self.p.act("applicant", &self.n, "attachments", replace).await
    }

    /// Restores the first version of the file; returns the appeal.
    async fn restore(&self) -> Value {
        let action = format!("attachments/{}/restore", self.id);
        self.p.act("applicant", &self.n, &action, json!({"version": 1})).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_downloaded_unchanged() {
    let a = WithFile::new().await;
    let file = &a.card["attachments"][0];
    assert_eq!((&file["version"], &file["media_type"]), (&json!(1), &json!("image/png")));
    let reply = a.get("applicant", "").await;
    assert_eq!((reply.status, &reply.bytes), (200, &samples::png()));
    assert_eq!(reply.headers["content-type"], "image/png");
    assert_eq!(reply.headers["content-length"], samples::png().len().to_string());
    assert!(reply.header("content-digest").starts_with("sha-256=:"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_has_a_plain_and_an_encoded_name() {
    let a = WithFile::new().await;
    let reply = a.get("applicant", "").await;
    let names = "filename=\"____ _________.png\"; filename*=UTF-8''%D0%A4%D0%BE%D1%82%D0%BE%20%22";
    let disposition = reply.header("content-disposition");
    assert!(disposition.contains(names), "{disposition}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_an_appeal_that_is_not_visible_is_not_found() {
    let a = WithFile::new().await;
    assert_eq!(a.get("intermediary", "").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_version_of_a_file_is_kept() {
    let a = WithFile::new().await;
    let card = a.replace().await;
    let file = &card["attachments"][0];
    assert_eq!((&file["version"], &file["name"]), (&json!(2), &json!("скан.pdf")));
    assert_eq!(a.get("operator", "").await.bytes, samples::pdf());
    assert_eq!(a.get("operator", "?version=1").await.bytes, samples::png());
    assert_eq!(a.get("operator", "?version=3").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_earlier_version_of_a_file_is_restored() {
    let a = WithFile::new().await;
    a.replace().await;
    assert_eq!(a.restore().await["attachments"][0]["version"], 1);
    let history = a.p.get("applicant", &format!("{}/versions", a.path())).await.ok();
    assert_eq!(history.as_array().unwrap().len(), 2);
    assert_eq!(history[1]["added_by"], "applicant");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_internal_file_is_hidden_from_the_applicant() {
    let WithFile { p, n, .. } = WithFile::new().await;
    let note = p.upload("operator", "акт.pdf", &samples::pdf_with(100)).await;
    p.act("operator", &n, "take", json!({})).await;
    let comment = json!({"text": "Акт", "internal": true, "attachments": [note]});
    let card = p.act("operator", &n, "comments", comment).await;
    assert_eq!(card["attachments"].as_array().unwrap().len(), 2);
    let path = format!("/v1/appeals/{n}/attachments");
    assert_eq!(p.get("applicant", &path).await.ok().as_array().unwrap().len(), 1);
    let secret = card["attachments"][1]["id"].as_str().unwrap();
    assert_eq!(p.get("applicant", &format!("{path}/{secret}")).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_cannot_be_deleted_after_work_has_started() {
    let a = WithFile::new().await;
    a.replace().await;
    a.restore().await;
    a.p.act("operator", &a.n, "take", json!({})).await;
    let delete = async |who: &str| a.p.send(who, "DELETE", &a.path(), Value::Null).await;
    let refused = delete("applicant").await;
    assert_eq!(refused.status, 409);
    worded(&refused.body);
    assert_eq!(delete("operator").await.status, 403);
    a.p.journal("applicant", &a.n).await;
}

/// Uploads files as the applicant.
async fn uploads(p: &TestPlatform, count: usize) -> Vec<Value> {
    let mut files = Vec::new();
    for n in 0..count {
        files.push(p.upload("applicant", &format!("{n}.pdf"), &samples::pdf_with(n)).await);
    }
    files
}

#[tokio::test(flavor = "multi_thread")]
async fn an_appeal_is_filed_with_ten_files_at_most() {
    let p = TestPlatform::new().await;
    let files = uploads(&p, 11).await;
    let body = sample_with(json!({"attachments": files}));
    p.post("applicant", "/v1/appeals", body).await.is_invalid(&["files-too-many"]);
    let card = p.file_with("applicant", json!({"attachments": files[..10]})).await;
    assert_eq!(card["attachments"].as_array().unwrap().len(), 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_limit_of_files_includes_those_attached_later() {
    let p = TestPlatform::new().await;
    let files = uploads(&p, 11).await;
    let card = p.file_with("applicant", json!({"attachments": files[..10]})).await;
    let n = number(&card);
    p.refused("applicant", &n, "attachments", json!({"attachments": [files[10]]}), 422, "invalid").await;
    let id = card["attachments"][0]["id"].as_str().unwrap();
    let path = format!("/v1/appeals/{n}/attachments/{id}");
    let card = p.send("applicant", "DELETE", &path, Value::Null).await.ok();
    assert_eq!(card["attachments"].as_array().unwrap().len(), 9);
    p.act("applicant", &n, "attachments", json!({"attachments": [files[10]]})).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_with_a_false_extension_is_not_attached() {
    let p = TestPlatform::new().await;
    let fake = p.upload("applicant", "a.png", &samples::jpeg()).await;
    let body = sample_with(json!({"attachments": [fake]}));
    p.post("applicant", "/v1/appeals", body).await.is_invalid(&["file-content-mismatch"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_own_uploads_are_attached() {
    let p = TestPlatform::new().await;
    let absent = json!({"sha256": "0".repeat(64), "name": "a.pdf"});
    let foreign = p.upload("applicant", "0.pdf", &samples::pdf()).await;
    for (who, file) in [("applicant", absent), ("representative", foreign)] {
        let body = sample_with(json!({"attachments": [file]}));
        p.post(who, "/v1/appeals", body).await.is_problem(422, "upload_missing");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_category_requires_its_documents() {
    let p = TestPlatform::new().await;
    let body = sample_with(json!({"category": "taxes.deduction"}));
    let refused = p.post("applicant", "/v1/appeals", body).await;
    assert_eq!((refused.status, refused.findings()[0]), (422, "document-required"));
    let mut paper = p.upload("applicant", "заявление.docx", &samples::docx()).await;
    paper["document"] = json!("application");
    p.file_with("applicant", json!({"category": "taxes.deduction", "attachments": [paper]})).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_category_requires_its_fields() {
    let p = TestPlatform::new().await;
    let body = sample_with(json!({"category": "documents.copy"}));
    let refused = p.post("applicant", "/v1/appeals", body).await;
    assert_eq!(refused.findings()[0], "field-required");
    assert_eq!(refused.body["errors"][0]["field"], "fields.document_number");
    worded(&refused.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_category_is_refused() {
    let p = TestPlatform::new().await;
    let body = sample_with(json!({"category": "internal"}));
    assert_eq!(p.post("applicant", "/v1/appeals", body).await.findings()[0], "category-closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_draft_leaves_no_files_behind() {
    let p = TestPlatform::new().await;
    let paper = p.upload("applicant", "a.pdf", &samples::pdf()).await;
    let sha256 = paper["sha256"].as_str().unwrap().to_owned();
    let draft = number(&p.file_with("applicant", json!({"draft": true, "attachments": [paper]})).await);
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
