//! Supplements and their versions, what may be changed when, and drafts that only their author may see.

use serde_json::{Value, json};

use super::harness::{TestPlatform, assert_fields, number, sample, worded};
use appeal_domain::journal::Link;
use appeal_files::samples;

async fn versions(p: &TestPlatform, who: &str, n: &str) -> Vec<Value> {
    let all = p.get(who, &format!("/v1/appeals/{n}/versions")).await.ok();
    all.as_array().unwrap().clone()
}

const TEXT: &str =
    "С 3 ноября 2026 года в квартирах 7 и 8 не работает отопление. Прошу восстановить подачу тепла.";

/// Files an appeal that a participant and the applicant change; returns its number.
async fn edited(p: &TestPlatform) -> String {
    let n = p.file("applicant").await;
    p.act("applicant", &n, "participants", json!({"with": "intermediary", "role": "represent"})).await;
    p.act("operator", &n, "take", json!({})).await;
    p.patch("intermediary", &n, json!({"text": TEXT, "fields": {"floor": "2"}})).await.ok();
    p.patch("applicant", &n, json!({"contact_phone": "+7 900 000-01-99"})).await.ok();
    p.act("applicant", &n, "comments", json!({"text": "Это не версия"})).await;
    n
}

#[tokio::test(flavor = "multi_thread")]
async fn every_version_is_kept_with_its_author() {
    let p = TestPlatform::new().await;
    let n = edited(&p).await;
    for who in ["applicant", "operator", "intermediary"] {
        let all = versions(&p, who, &n).await;
        assert_eq!(all.len(), 3, "{all:#?}");
        let edit = json!({"version": 2, "actor": "intermediary", "fields": ["text", "fields.floor"]});
        assert_fields(&all[1], edit);
        assert_fields(&all[2], json!({"version": 3, "actor": "applicant", "fields": ["contacts.phone"]}));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_has_the_values_before_and_after() {
    let p = TestPlatform::new().await;
    let n = edited(&p).await;
    for who in ["applicant", "operator", "intermediary"] {
        let all = versions(&p, who, &n).await;
        assert_eq!(all[0]["changes"]["text"]["after"], sample()["text"]);
        assert_eq!(all[1]["changes"]["text"], json!({"before": sample()["text"], "after": TEXT}));
        assert_eq!(all[2]["changes"]["contacts.phone"]["after"], "+79000000199");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn participants_are_notified_of_versions() {
    let p = TestPlatform::new().await;
    edited(&p).await;
    let events = p.events("intermediary").await;
    assert_eq!(events.iter().filter(|event| *event == "edited").count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_latest_version_equals_the_appeal() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    for body in [
        json!({"expected": "Тепло к вечеру"}),
        json!({"institution": {"name": "УК «Тёплый дом»"}}),
        json!({"institution": {"name": ""}, "fields": {"a": "1", "b": "2"}}),
        json!({"fields": {"a": ""}, "occurred_at": "2026-11-03"}),
    ] {
        let reply = p.patch("applicant", &n, body.clone()).await;
        assert_eq!(reply.status, 200, "{body}: {:#}", reply.body);
    }
    let mut latest: std::collections::BTreeMap<String, Value> = Default::default();
    for version in versions(&p, "applicant", &n).await {
        for (field, change) in version["changes"].as_object().unwrap() {
            let before = latest.insert(field.clone(), change["after"].clone()).unwrap_or_default();
            assert_eq!(before, change["before"], "{field}");
        }
    }
    let card = p.show("applicant", &n).await;
    for (field, value) in latest {
        let now = field.split('.').fold(&card, |at, part| at.get(part).unwrap_or(&Value::Null));
        assert_eq!(*now, value, "{field}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_category_is_fixed_when_work_starts() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    p.patch("applicant", &n, json!({"category": "housing.repairs"})).await.ok();
    p.act("operator", &n, "take", json!({})).await;
    let category = json!({"category": "housing.missing-services"});
    assert_eq!(p.patch("applicant", &n, category).await.status, 409);
    p.patch("applicant", &n, json!({"expected": "Тепло сегодня"})).await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answered_appeal_keeps_its_text() {
    let p = TestPlatform::new().await;
    let n = p.answered().await;
    let before = p.show("applicant", &n).await;
    let both = json!({"expected": "Другое", "contact_phone": "+79000000112"});
    let refused = p.patch("applicant", &n, both).await;
    assert_eq!(refused.status, 409, "{:#}", refused.body);
    worded(&refused.body);
    assert_eq!(p.show("applicant", &n).await, before);
    p.patch("applicant", &n, json!({"contact_phone": "+79000000111"})).await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_text_of_a_disputed_appeal_can_be_changed_again() {
    let p = TestPlatform::new().await;
    let n = p.answered().await;
    p.act("applicant", &n, "confirm", json!({"solved": false, "reason": "Холодно"})).await;
    p.patch("applicant", &n, json!({"expected": "Тепло в обеих комнатах"})).await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_appeal_cannot_be_changed() {
    let p = TestPlatform::new().await;
    let n = p.answered().await;
    p.act("applicant", &n, "close", json!({})).await;
    assert_eq!(p.patch("applicant", &n, json!({"contact_phone": "+79000000111"})).await.status, 409);
}

const SECRET: &str = "Черновое слово про соседа, которое не отправлено";

/// Submits a draft whose first text is secret, shares the appeal and changes it; returns its number.
async fn drafted(p: &TestPlatform) -> String {
    let d = number(&p.file_with("representative", json!({"draft": true, "text": SECRET})).await);
    p.patch("representative", &d, json!({"text": sample()["text"]})).await.ok();
    assert_eq!(versions(p, "representative", &d).await.len(), 2);
    let n = number(&p.act("representative", &d, "submit", json!({})).await);
    p.act("representative", &n, "participants", json!({"with": "intermediary", "role": "represent"})).await;
    p.patch("representative", &n, json!({"expected": "Тепло"})).await.ok();
    n
}

#[tokio::test(flavor = "multi_thread")]
async fn the_journal_of_a_draft_is_hidden_from_others() {
    let p = TestPlatform::new().await;
    let n = drafted(&p).await;
    for (who, hidden) in [("representative", 0), ("operator", 2), ("intermediary", 2), ("admin", 2)] {
        // Verified on reading, including hidden entries.
        let links = p.journal(who, &n).await;
        let count = links.iter().filter(|link| matches!(link, Link::Hidden { .. })).count();
        assert_eq!((links.len(), count), (5, hidden), "{who}");
        let card = p.show(who, &format!("{n}?journal=true")).await;
        assert_eq!(card["journal"].as_array().unwrap().len(), 5 - hidden);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_version_is_what_was_submitted() {
    let p = TestPlatform::new().await;
    let n = drafted(&p).await;
    for who in ["representative", "operator", "intermediary", "admin"] {
        let all = versions(&p, who, &n).await;
        assert_eq!(all.len(), 2, "{who}: {all:#?}");
        assert_eq!(all[0]["changes"]["text"], json!({"before": null, "after": sample()["text"]}), "{who}");
        assert_eq!(all[0]["action"], "submit");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_content_of_a_draft_stays_private() {
    let p = TestPlatform::new().await;
    let n = drafted(&p).await;
    for who in ["representative", "operator", "intermediary", "admin"] {
        let card = p.show(who, &format!("{n}?journal=true")).await;
        let journal = p.get(who, &format!("/v1/appeals/{n}/journal")).await.ok();
        let versions = json!(versions(&p, who, &n).await);
        let visible = [card.to_string(), versions.to_string(), journal.to_string()].concat();
        assert_eq!(visible.contains(SECRET), who == "representative", "{who}");
    }
}

/// Submits a draft with three versions of a file, of which the second is restored, and replaces the file once more;
/// returns the path of the file.
async fn drafted_file(p: &TestPlatform) -> String {
    let file = async |name: &str, size: usize| p.upload("applicant", name, &samples::pdf_with(size)).await;
    let first = file("первая.pdf", 1).await;
    let card = p.file_with("applicant", json!({"draft": true, "attachments": [first]})).await;
    let (d, id) = (number(&card), card["attachments"][0]["id"].as_str().unwrap().to_owned());
    for (n, name) in [(2, "вторая.pdf"), (3, "третья.pdf")] {
        p.advance_days(1);
        let next = file(name, n).await;
        p.act("applicant", &d, "attachments", json!({"attachments": [next], "replace": id})).await;
    }
    p.act("applicant", &d, &format!("attachments/{id}/restore"), json!({"version": 2})).await;
    p.advance_days(1);
    let n = number(&p.act("applicant", &d, "submit", json!({})).await);
    p.advance_days(1);
    let next = file("четвёртая.pdf", 4).await;
    p.act("applicant", &n, "attachments", json!({"attachments": [next], "replace": id})).await;
    format!("/v1/appeals/{n}/attachments/{id}")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_files_of_a_draft_stay_private() {
    let p = TestPlatform::new().await;
    let path = drafted_file(&p).await;
    for (who, seen) in [("applicant", vec![1, 2, 3, 4]), ("operator", vec![2, 4])] {
        let all = p.get(who, &format!("{path}/versions")).await.ok();
        let versions: Vec<u64> =
            all.as_array().unwrap().iter().map(|v| v["version"].as_u64().unwrap()).collect();
        assert_eq!(versions, seen, "{who}");
        for version in 1..=4 {
            let reply = p.get(who, &format!("{path}?version={version}")).await;
            assert_eq!(reply.status == 200, seen.contains(&version), "{who} {version}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_cannot_be_read_cannot_be_restored() {
    let p = TestPlatform::new().await;
    let first = p.upload("applicant", "первая.pdf", &samples::pdf_with(1)).await;
    let card = p.file_with("applicant", json!({"draft": true, "attachments": [first]})).await;
    let (d, id) = (number(&card), card["attachments"][0]["id"].as_str().unwrap().to_owned());
    let second = p.upload("applicant", "вторая.pdf", &samples::pdf_with(2)).await;
    p.act("applicant", &d, "attachments", json!({"attachments": [second], "replace": id})).await;
    p.advance_days(1);
    let n = number(&p.act("applicant", &d, "submit", json!({})).await);
    p.act("applicant", &n, "participants", json!({"with": "intermediary", "role": "represent"})).await;
    let restore = format!("attachments/{id}/restore");
    p.refused("intermediary", &n, &restore, json!({"version": 1}), 404, "not_found").await;
    // It is the applicant's own.
    let card = p.act("applicant", &n, &restore, json!({"version": 1})).await;
    assert_eq!(card["attachments"][0]["version"], 1);
}
