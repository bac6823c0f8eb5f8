//! Supplements and their versions, what may be changed when, and drafts that only their author may see (C4, S5).

use serde_json::{Value, json};

use super::harness::{Reply, TestPlatform, number, sample, sample_with};
use appeal_domain::journal::Link;
use appeal_files::samples;

async fn versions(p: &TestPlatform, who: &str, n: &str) -> Vec<Value> {
    let all = p.get(who, &format!("/v1/appeals/{n}/versions")).await.ok();
    all.as_array().unwrap().clone()
}

async fn patch(p: &TestPlatform, n: &str, body: Value) -> Reply {
    p.send("applicant", "PATCH", &format!("/v1/appeals/{n}"), body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_version_is_kept() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    p.act("applicant", &n, "participants", json!({"with": "intermediary", "role": "represent"})).await;
    p.act("operator", &n, "take", json!({})).await;
    let text =
        "С 3 ноября 2026 года в квартирах 7 и 8 не работает отопление. Прошу восстановить подачу тепла.";
    let path = format!("/v1/appeals/{n}");
    p.send("intermediary", "PATCH", &path, json!({"text": text, "fields": {"floor": "2"}})).await.ok();
    p.send("applicant", "PATCH", &path, json!({"contact_phone": "+7 900 000-01-99"})).await.ok();
    p.act("applicant", &n, "comments", json!({"text": "Это не версия"})).await;
    for who in ["applicant", "operator", "intermediary"] {
        let all = versions(&p, who, &n).await;
        let versions: Vec<(u64, &str, Value)> = all
            .iter()
            .map(|v| (v["version"].as_u64().unwrap(), v["actor"].as_str().unwrap(), v["fields"].clone()))
            .collect();
        assert_eq!(versions.len(), 3, "{all:#?}");
        assert_eq!(versions[1], (2, "intermediary", json!(["text", "fields.floor"])));
        assert_eq!(versions[2], (3, "applicant", json!(["contacts.phone"])));
        assert_eq!(all[0]["changes"]["text"]["after"], sample()["text"]);
        assert_eq!(all[1]["changes"]["text"], json!({"before": sample()["text"], "after": text}));
        assert_eq!(all[2]["changes"]["contacts.phone"]["after"], "+79000000199");
    }
    let changes = p.get("intermediary", "/v1/changes?since=2026-01-01T00:00:00Z").await.ok();
    let edits = changes["items"].as_array().unwrap().iter().filter(|c| c["event"] == "edited").count();
    assert_eq!(edits, 2, "participants are notified");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_latest_version_is_what_the_card_says() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    for (n_th, body) in [
        json!({"expected": "Тепло к вечеру"}),
        json!({"institution": {"name": "УК «Тёплый дом»"}}),
        json!({"institution": {"name": ""}, "fields": {"a": "1", "b": "2"}}),
        json!({"fields": {"a": ""}, "occurred_at": "2026-11-03"}),
    ]
    .into_iter()
    .enumerate()
    {
        let Reply { status, body: problem, .. } = patch(&p, &n, body).await;
        assert_eq!(status, 200, "{n_th}: {problem:#}");
    }
    let mut said: std::collections::BTreeMap<String, Value> = Default::default();
    for version in versions(&p, "applicant", &n).await {
        for (field, change) in version["changes"].as_object().unwrap() {
            let before = said.get(field).cloned().unwrap_or(Value::Null);
            assert_eq!(before, change["before"], "{field}");
            said.insert(field.clone(), change["after"].clone());
        }
    }
    let card = p.show("applicant", &n).await;
    for (field, value) in said {
        let is = field.split('.').fold(&card, |at, part| at.get(part).unwrap_or(&Value::Null)).clone();
        assert_eq!(is, value, "{field}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fewer_fields_can_be_changed_over_time() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    let text = json!({"expected": "Тепло сегодня"});
    let category = json!({"category": "housing.repairs"});
    let phone = json!({"contact_phone": "+79000000111"});
    assert_eq!(patch(&p, &n, category.clone()).await.status, 200);
    p.act("operator", &n, "take", json!({})).await;
    assert_eq!(patch(&p, &n, json!({"category": "housing.missing-services"})).await.status, 409);
    assert_eq!(patch(&p, &n, text.clone()).await.status, 200);
    p.act("operator", &n, "answers", json!({"decision": "partly", "text": "Сделано."})).await;
    let before = p.show("applicant", &n).await;
    let Reply { status, body: problem, .. } =
        patch(&p, &n, json!({"expected": "Другое", "contact_phone": "+79000000112"})).await;
    assert_eq!(status, 409, "{problem:#}");
    super::harness::worded(&problem);
    assert_eq!(p.show("applicant", &n).await, before);
    assert_eq!(patch(&p, &n, phone.clone()).await.status, 200);
    p.act("applicant", &n, "confirm", json!({"solved": false, "reason": "Холодно"})).await;
    assert_eq!(
        patch(&p, &n, json!({"expected": "Тепло в обеих комнатах"})).await.status,
        200,
        "at work again"
    );
    p.act("operator", &n, "answers", json!({"decision": "partly", "text": "Сделано."})).await;
    p.act("applicant", &n, "close", json!({})).await;
    assert_eq!(patch(&p, &n, phone).await.status, 409);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_content_of_a_draft_stays_private() {
    let p = TestPlatform::new().await;
    let secret = "Черновое слово про соседа, которое не отправлено";
    let draft = p
        .post("representative", "/v1/appeals", sample_with(json!({"draft": true, "text": secret})))
        .await
        .ok();
    let d = number(&draft);
    p.send("representative", "PATCH", &format!("/v1/appeals/{d}"), json!({"text": sample()["text"]}))
        .await
        .ok();
    assert_eq!(versions(&p, "representative", &d).await.len(), 2);
    let n = number(&p.act("representative", &d, "submit", json!({})).await);
    p.act("representative", &n, "participants", json!({"with": "intermediary", "role": "represent"})).await;
    let expected = json!({"expected": "Тепло"});
    p.send("representative", "PATCH", &format!("/v1/appeals/{n}"), expected).await.ok();
    for (who, hidden) in [("representative", 0), ("operator", 2), ("intermediary", 2), ("admin", 2)] {
        // Verified on reading, including hidden entries.
        let links = p.journal(who, &n).await;
        let count = links.iter().filter(|l| matches!(l, Link::Hidden { .. })).count();
        assert_eq!((links.len(), count), (5, hidden), "{who}");
        let path = format!("/v1/appeals/{n}?journal=true");
        let card = p.get(who, &path).await.ok();
        assert_eq!(card["journal"].as_array().unwrap().len(), 5 - hidden);
        let all = versions(&p, who, &n).await;
        assert_eq!(all.len(), 2, "{who}: {all:#?}");
        assert_eq!(all[0]["changes"]["text"], json!({"before": null, "after": sample()["text"]}), "{who}");
        assert_eq!(all[0]["action"], "submit");
        let journal = p.get(who, &format!("/v1/appeals/{n}/journal")).await.ok();
        let visible = [card.to_string(), json!(all).to_string(), journal.to_string()].concat();
        assert_eq!(visible.contains(secret), who == "representative", "{who}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_files_of_a_draft_stay_private() {
    let p = TestPlatform::new().await;
    let file = async |name: &str, size: usize| p.upload("applicant", name, &samples::pdf_with(size)).await;
    let first = file("первая.pdf", 1).await;
    let draft = sample_with(json!({"draft": true, "attachments": [first]}));
    let card = p.post("applicant", "/v1/appeals", draft).await.ok();
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
    for (who, seen) in [("applicant", vec![1, 2, 3, 4]), ("operator", vec![2, 4])] {
        let path = format!("/v1/appeals/{n}/attachments/{id}");
        let all = p.get(who, &format!("{path}/versions")).await.ok();
        let versions: Vec<u64> =
            all.as_array().unwrap().iter().map(|v| v["version"].as_u64().unwrap()).collect();
        assert_eq!(versions, seen, "{who}");
        for version in 1..=4 {
            let Reply { status, .. } = p.get(who, &format!("{path}?version={version}")).await;
            assert_eq!(status == 200, seen.contains(&version), "{who} {version}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_cannot_be_read_cannot_be_restored() {
    let p = TestPlatform::new().await;
    let first = p.upload("applicant", "первая.pdf", &samples::pdf_with(1)).await;
    let draft = sample_with(json!({"draft": true, "attachments": [first]}));
    let card = p.post("applicant", "/v1/appeals", draft).await.ok();
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
