//! Supplements and their versions, what may be changed when, and drafts that only their author may see (C4, S5).

use serde_json::{Value, json};

use super::{World, number, sample, sample_with};
use appeal_domain::journal::Link;
use appeal_files::samples;

async fn versions(w: &World, who: &str, n: &str) -> Vec<Value> {
    let all = w.ok(who, "GET", &format!("/v1/appeals/{n}/versions"), Value::Null).await;
    all.as_array().unwrap().clone()
}

async fn patch(w: &World, n: &str, body: Value) -> (u16, Value) {
    w.send("applicant", "PATCH", &format!("/v1/appeals/{n}"), body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_version_is_kept() {
    let w = World::new().await;
    let n = w.file("applicant").await;
    w.act("applicant", &n, "participants", json!({"with": "intermediary", "role": "represent"})).await;
    w.act("operator", &n, "take", json!({})).await;
    let text =
        "С 3 ноября 2026 года в квартирах 7 и 8 не работает отопление. Прошу восстановить подачу тепла.";
    let path = format!("/v1/appeals/{n}");
    w.ok("intermediary", "PATCH", &path, json!({"text": text, "fields": {"floor": "2"}})).await;
    w.ok("applicant", "PATCH", &path, json!({"contact_phone": "+7 900 000-01-99"})).await;
    w.act("applicant", &n, "comments", json!({"text": "Это не версия"})).await;
    for who in ["applicant", "operator", "intermediary"] {
        let all = versions(&w, who, &n).await;
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
    let changes = w.ok("intermediary", "GET", "/v1/changes?since=2026-01-01T00:00:00Z", Value::Null).await;
    let edits = changes["items"].as_array().unwrap().iter().filter(|c| c["event"] == "edited").count();
    assert_eq!(edits, 2, "participants are notified");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_latest_version_is_what_the_card_says() {
    let w = World::new().await;
    let n = w.file("applicant").await;
    for (n_th, body) in [
        json!({"expected": "Тепло к вечеру"}),
        json!({"institution": {"name": "УК «Тёплый дом»"}}),
        json!({"institution": {"name": ""}, "fields": {"a": "1", "b": "2"}}),
        json!({"fields": {"a": ""}, "occurred_at": "2026-11-03"}),
    ]
    .into_iter()
    .enumerate()
    {
        let (status, problem) = patch(&w, &n, body).await;
        assert_eq!(status, 200, "{n_th}: {problem:#}");
    }
    let mut said: std::collections::BTreeMap<String, Value> = Default::default();
    for version in versions(&w, "applicant", &n).await {
        for (field, change) in version["changes"].as_object().unwrap() {
            let before = said.get(field).cloned().unwrap_or(Value::Null);
            assert_eq!(before, change["before"], "{field}");
            said.insert(field.clone(), change["after"].clone());
        }
    }
    let card = w.show("applicant", &n).await;
    for (field, value) in said {
        let is = field.split('.').fold(&card, |at, part| at.get(part).unwrap_or(&Value::Null)).clone();
        assert_eq!(is, value, "{field}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fewer_fields_can_be_changed_over_time() {
    let w = World::new().await;
    let n = w.file("applicant").await;
    let text = json!({"expected": "Тепло сегодня"});
    let category = json!({"category": "housing.repairs"});
    let phone = json!({"contact_phone": "+79000000111"});
    assert_eq!(patch(&w, &n, category.clone()).await.0, 200);
    w.act("operator", &n, "take", json!({})).await;
    assert_eq!(patch(&w, &n, json!({"category": "housing.missing-services"})).await.0, 409);
    assert_eq!(patch(&w, &n, text.clone()).await.0, 200);
    w.act("operator", &n, "answers", json!({"decision": "partly", "text": "Сделано."})).await;
    let before = w.show("applicant", &n).await;
    let (status, problem) =
        patch(&w, &n, json!({"expected": "Другое", "contact_phone": "+79000000112"})).await;
    assert_eq!(status, 409, "{problem:#}");
    super::worded(&problem);
    assert_eq!(w.show("applicant", &n).await, before);
    assert_eq!(patch(&w, &n, phone.clone()).await.0, 200);
    w.act("applicant", &n, "confirm", json!({"solved": false, "reason": "Холодно"})).await;
    assert_eq!(patch(&w, &n, json!({"expected": "Тепло в обеих комнатах"})).await.0, 200, "at work again");
    w.act("operator", &n, "answers", json!({"decision": "partly", "text": "Сделано."})).await;
    w.act("applicant", &n, "close", json!({})).await;
    assert_eq!(patch(&w, &n, phone).await.0, 409);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_content_of_a_draft_stays_private() {
    let w = World::new().await;
    let secret = "Черновое слово про соседа, которое не отправлено";
    let draft = w
        .ok("representative", "POST", "/v1/appeals", sample_with(json!({"draft": true, "text": secret})))
        .await;
    let d = number(&draft);
    w.ok("representative", "PATCH", &format!("/v1/appeals/{d}"), json!({"text": sample()["text"]})).await;
    assert_eq!(versions(&w, "representative", &d).await.len(), 2);
    let n = number(&w.act("representative", &d, "submit", json!({})).await);
    w.act("representative", &n, "participants", json!({"with": "intermediary", "role": "represent"})).await;
    let expected = json!({"expected": "Тепло"});
    w.ok("representative", "PATCH", &format!("/v1/appeals/{n}"), expected).await;
    for (who, hidden) in [("representative", 0), ("operator", 2), ("intermediary", 2), ("admin", 2)] {
        // Verified on reading, including hidden entries.
        let links = w.journal(who, &n).await;
        let count = links.iter().filter(|l| matches!(l, Link::Hidden { .. })).count();
        assert_eq!((links.len(), count), (5, hidden), "{who}");
        let path = format!("/v1/appeals/{n}?journal=true");
        let card = w.ok(who, "GET", &path, Value::Null).await;
        assert_eq!(card["journal"].as_array().unwrap().len(), 5 - hidden);
        let all = versions(&w, who, &n).await;
        assert_eq!(all.len(), 2, "{who}: {all:#?}");
        assert_eq!(all[0]["changes"]["text"], json!({"before": null, "after": sample()["text"]}), "{who}");
        assert_eq!(all[0]["action"], "submit");
        let journal = w.ok(who, "GET", &format!("/v1/appeals/{n}/journal"), Value::Null).await;
        let visible = [card.to_string(), json!(all).to_string(), journal.to_string()].concat();
        assert_eq!(visible.contains(secret), who == "representative", "{who}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_files_of_a_draft_stay_private() {
    let w = World::new().await;
    let file = async |name: &str, size: usize| w.upload("applicant", name, &samples::pdf_with(size)).await;
    let first = file("первая.pdf", 1).await;
    let draft = sample_with(json!({"draft": true, "attachments": [first]}));
    let card = w.ok("applicant", "POST", "/v1/appeals", draft).await;
    let (d, id) = (number(&card), card["attachments"][0]["id"].as_str().unwrap().to_owned());
    for (n, name) in [(2, "вторая.pdf"), (3, "третья.pdf")] {
        w.days(1);
        let next = file(name, n).await;
        w.act("applicant", &d, "attachments", json!({"attachments": [next], "replace": id})).await;
    }
    w.act("applicant", &d, &format!("attachments/{id}/restore"), json!({"version": 2})).await;
    w.days(1);
    let n = number(&w.act("applicant", &d, "submit", json!({})).await);
    w.days(1);
    let next = file("четвёртая.pdf", 4).await;
    w.act("applicant", &n, "attachments", json!({"attachments": [next], "replace": id})).await;
    for (who, seen) in [("applicant", vec![1, 2, 3, 4]), ("operator", vec![2, 4])] {
        let path = format!("/v1/appeals/{n}/attachments/{id}");
        let all = w.ok(who, "GET", &format!("{path}/versions"), Value::Null).await;
        let versions: Vec<u64> =
            all.as_array().unwrap().iter().map(|v| v["version"].as_u64().unwrap()).collect();
        assert_eq!(versions, seen, "{who}");
        for version in 1..=4 {
            let (status, _) = w.send(who, "GET", &format!("{path}?version={version}"), Value::Null).await;
            assert_eq!(status == 200, seen.contains(&version), "{who} {version}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_cannot_be_read_cannot_be_restored() {
    let w = World::new().await;
    let first = w.upload("applicant", "первая.pdf", &samples::pdf_with(1)).await;
    let draft = sample_with(json!({"draft": true, "attachments": [first]}));
    let card = w.ok("applicant", "POST", "/v1/appeals", draft).await;
    let (d, id) = (number(&card), card["attachments"][0]["id"].as_str().unwrap().to_owned());
    let second = w.upload("applicant", "вторая.pdf", &samples::pdf_with(2)).await;
    w.act("applicant", &d, "attachments", json!({"attachments": [second], "replace": id})).await;
    w.days(1);
    let n = number(&w.act("applicant", &d, "submit", json!({})).await);
    w.act("applicant", &n, "participants", json!({"with": "intermediary", "role": "represent"})).await;
    let restore = format!("attachments/{id}/restore");
    w.refused("intermediary", &n, &restore, json!({"version": 1}), 404, "not_found").await;
    // It is the applicant's own.
    let card = w.act("applicant", &n, &restore, json!({"version": 1})).await;
    assert_eq!(card["attachments"][0]["version"], 1);
}
