//! Participants: what each role permits, and that a removed person finds nothing.

use serde_json::{Value, json};

use super::harness::{TestPlatform, findings, number, worded};
use appeal_domain::journal::Link;
use appeal_files::samples;

/// Every command of an applicant: method, path below the appeal, a valid body, and the least role it requires (`owner`
/// if it cannot be delegated). In an order in which they can follow each other on one appeal.
fn commands() -> Vec<(&'static str, &'static str, Value, &'static str)> {
    vec![
        ("GET", "", Value::Null, "view"),
        ("GET", "/journal", Value::Null, "view"),
        ("GET", "/versions", Value::Null, "view"),
        ("GET", "/participants", Value::Null, "view"),
        ("GET", "/attachments", Value::Null, "view"),
        ("GET", "/attachments/{file}", Value::Null, "view"),
        ("GET", "/attachments/{file}/versions", Value::Null, "view"),
        ("POST", "/comments", json!({"text": "Добавлю"}), "comment"),
        ("POST", "/participants", json!({"with": "analyst", "role": "view"}), "owner"),
        ("DELETE", "/participants/intermediary", json!({}), "owner"),
        ("DELETE", "", json!({}), "discard"),
        ("PATCH", "", json!({"expected": "Тепло"}), "represent"),
        ("POST", "/attachments", json!({"attachments": [], "replace": null}), "represent-422"),
        ("POST", "/attachments/{file}/restore", json!({"version": 1}), "represent"),
        ("POST", "/replies", json!({"text": "Второй"}), "represent-ask"),
        ("POST", "/repeats", json!({"grounds": "incomplete", "text": "Снова"}), "represent-answer"),
        ("POST", "/rating", json!({"score": 2}), "represent-answer"),
        ("POST", "/confirm", json!({"solved": true}), "represent-answer"),
        ("POST", "/close", json!({}), "represent-answer"),
        (
            "POST",
            "/escalations",
            json!({"level": "senior", "grounds": "critical", "reason": "Дети мёрзнут"}),
            "represent",
        ),
        ("POST", "/cancel", json!({"reason": "Починили"}), "represent"),
        ("DELETE", "/attachments/{file}", json!({}), "represent"),
    ]
}

/// Files an appeal with a file; returns its number and the file's id.
async fn filed(p: &TestPlatform) -> (String, String) {
    let photo = p.upload("applicant", "фото.png", &samples::png()).await;
    let card = p.file_with("applicant", json!({"attachments": [photo]})).await;
    (number(&card), card["attachments"][0]["id"].as_str().unwrap().to_owned())
}

fn participant(login: &str, role: &str) -> Value {
    json!({"with": login, "role": role})
}

/// Brings an appeal into the situation that a command needs, with `intermediary` in a role.
async fn arrange(p: &TestPlatform, n: &str, role: &str, needs: &str) {
    if !matches!(role, "none" | "removed") {
        p.act("applicant", n, "participants", participant("intermediary", role)).await;
    }
    if role == "removed" {
        p.act("applicant", n, "participants", participant("intermediary", "represent")).await;
        let path = format!("/v1/appeals/{n}/participants/intermediary");
        p.send("applicant", "DELETE", &path, json!({})).await.ok();
    }
    if needs == "represent-ask" {
        p.act("operator", n, "ask", json!({"text": "Какой этаж?"})).await;
    }
    if needs == "represent-answer" {
        p.act("operator", n, "take", json!({})).await;
        p.act("operator", n, "answers", json!({"decision": "partly", "text": "Сделано."})).await;
    }
}

/// Returns the status with which a command of a participant in this role must end; `None` for success.
fn refusal(role: &str, needs: &str) -> Option<u16> {
    let rank = |role: &str| ["view", "comment", "represent", "owner"].iter().position(|r| *r == role);
    let least = needs.split('-').next().unwrap();
    let may = rank(role).is_some_and(|have| rank(least).is_some_and(|need| have >= need));
    match (role, needs) {
        ("none" | "removed", _) => Some(404),
        ("represent", "discard") => Some(409),
        ("represent", "represent-422") => Some(422),
        _ => (!may).then_some(403),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_role_has_exactly_its_permissions() {
    let p = TestPlatform::new().await;
    for role in ["view", "comment", "represent", "none", "removed"] {
        for (method, rest, body, needs) in commands() {
            let (n, file) = filed(&p).await;
            arrange(&p, &n, role, needs).await;
            let before = p.show("operator", &n).await;
            let path = format!("/v1/appeals/{n}{}", rest.replace("{file}", &file));
            let reply = p.send("intermediary", method, &path, body.clone()).await;
            let case = format!("{role}: {method} {rest}: {}", reply.body);
            let Some(status) = refusal(role, needs) else {
                assert!((200..300).contains(&reply.status), "{case}");
                continue;
            };
            assert_eq!(reply.status, status, "{case}");
            worded(&reply.body);
            assert_eq!(p.show("operator", &n).await, before, "it changed something: {case}");
            // The applicant can do what was refused, so the refusal was about the role.
            let absent = matches!(role, "none" | "removed") && rest == "/participants/intermediary";
            if !absent && !matches!(needs, "discard" | "represent-422") {
                let own = p.send("applicant", method, &path, body).await;
                assert!((200..300).contains(&own.status), "{case}: applicant: {}", own.body);
            }
        }
    }
}

/// Returns whether a person sees an appeal: the status of the appeal itself, in lists, among changes.
async fn seen(p: &TestPlatform, who: &str, n: &str) -> (u16, bool, bool) {
    let listed = p.get(who, "/v1/appeals").await.ok();
    let any = |items: &[Value]| items.iter().any(|item| item["number"] == n);
    let status = p.get(who, &format!("/v1/appeals/{n}")).await.status;
    (status, any(listed["items"].as_array().unwrap()), any(&p.changes(who).await))
}

#[tokio::test(flavor = "multi_thread")]
async fn sharing_takes_effect_immediately() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    assert_eq!(seen(&p, "intermediary", &n).await, (404, false, false));
    let card = p.act("applicant", &n, "participants", participant("intermediary", "view")).await;
    assert_eq!(card["participants"], json!([{"login": "intermediary", "role": "view"}]));
    assert_eq!(seen(&p, "intermediary", &n).await, (200, true, true));
}

#[tokio::test(flavor = "multi_thread")]
async fn sharing_again_with_the_same_role_has_no_effect() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    let card = p.act("applicant", &n, "participants", participant("intermediary", "view")).await;
    let again = p.act("applicant", &n, "participants", participant("intermediary", "view")).await;
    assert_eq!(again, card);
}

#[tokio::test(flavor = "multi_thread")]
async fn sharing_again_changes_the_role() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    p.act("applicant", &n, "participants", participant("intermediary", "view")).await;
    let card = p.act("applicant", &n, "participants", participant("intermediary", "comment")).await;
    assert_eq!(card["participants"], json!([{"login": "intermediary", "role": "comment"}]));
    p.act("intermediary", &n, "comments", json!({"text": "От юриста"})).await;
    p.refused("intermediary", &n, "comments", json!({"text": "x", "internal": true}), 403, "forbidden").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn participants_are_listed_with_who_added_them() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    p.act("applicant", &n, "participants", participant("intermediary", "view")).await;
    let listed = p.get("intermediary", &format!("/v1/appeals/{n}/participants")).await.ok();
    assert_eq!(listed[0]["name"], "Зайцев Кирилл Романович");
    assert_eq!(listed[0]["added_by"], "applicant");
}

#[tokio::test(flavor = "multi_thread")]
async fn internal_comments_are_hidden_from_participants() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    p.act("applicant", &n, "participants", participant("intermediary", "comment")).await;
    p.act("operator", &n, "comments", json!({"text": "тайное", "internal": true})).await;
    let hidden = p.journal("intermediary", &n).await;
    assert_eq!(hidden.iter().filter(|l| matches!(l, Link::Hidden { .. })).count(), 1);
    assert!(!p.show("intermediary", &n).await.to_string().contains("тайное"));
}

#[tokio::test(flavor = "multi_thread")]
async fn sharing_ends_immediately() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    p.act("applicant", &n, "participants", participant("intermediary", "view")).await;
    let path = format!("/v1/appeals/{n}/participants/intermediary");
    let card = p.send("applicant", "DELETE", &path, json!({})).await.ok();
    assert_eq!(card["participants"], json!([]));
    assert_eq!(seen(&p, "intermediary", &n).await, (404, false, false));
    let again = p.send("applicant", "DELETE", &path, json!({})).await;
    assert_eq!(again.status, 404, "{:#}", again.body);
}

/// Files an appeal, shares it, changes the role, lets both sides comment and ends the sharing; returns its number.
async fn shared_and_unshared(p: &TestPlatform) -> String {
    let n = p.file("applicant").await;
    p.act("applicant", &n, "participants", participant("intermediary", "view")).await;
    p.act("applicant", &n, "participants", participant("intermediary", "comment")).await;
    p.act("intermediary", &n, "comments", json!({"text": "От юриста"})).await;
    p.act("operator", &n, "comments", json!({"text": "тайное", "internal": true})).await;
    let path = format!("/v1/appeals/{n}/participants/intermediary");
    p.send("applicant", "DELETE", &path, json!({})).await.ok();
    n
}

#[tokio::test(flavor = "multi_thread")]
async fn sharing_is_a_change_with_a_summary() {
    let p = TestPlatform::new().await;
    shared_and_unshared(&p).await;
    let events = ["created", "shared", "shared", "commented", "commented", "unshared"];
    assert_eq!(p.events("operator").await, events);
    let changes = p.changes("operator").await;
    let summary = changes[1]["summary"].as_str().unwrap();
    assert!(summary.contains("intermediary") && !summary.contains('{'), "{summary}");
}

#[tokio::test(flavor = "multi_thread")]
async fn sharing_is_in_the_journal() {
    let p = TestPlatform::new().await;
    let n = shared_and_unshared(&p).await;
    let visible = |link| match link {
        Link::Full { entry, .. } => Some(entry.action),
        Link::Hidden { .. } => None,
    };
    let actions: Vec<String> = p.journal("applicant", &n).await.into_iter().filter_map(visible).collect();
    assert_eq!(actions, ["create", "share", "share", "comment", "unshare"]);
}

/// Returns the code with which sharing an appeal with a person is refused.
async fn sharing_refused(p: &TestPlatform, n: &str, with: &str) -> String {
    let problem = p.refused("applicant", n, "participants", participant(with, "view"), 422, "invalid").await;
    findings(&problem)[0].to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_shared_with_an_unknown_or_blocked_person() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    p.sql("UPDATE people SET state = 'blocked' WHERE login = 'representative'").await;
    assert_eq!(sharing_refused(&p, &n, "nobody-at-all").await, "participant-unknown");
    let code = sharing_refused(&p, &n, "representative").await;
    assert_eq!(code, "participant-unknown", "a blocked account looks like none");
    assert_eq!(sharing_refused(&p, &n, "applicant").await, "participant-self");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_shared_with_the_side_of_the_authority() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    assert_eq!(sharing_refused(&p, &n, "operator-housing").await, "participant-authority");
    assert_eq!(sharing_refused(&p, &n, "admin").await, "participant-authority");
    p.act("applicant", &n, "participants", participant("operator-roads", "view")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_supervisor_is_on_the_side_of_the_authority_after_an_escalation_to_them() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    let reason = json!({"level": "senior", "grounds": "critical", "reason": "Дети мёрзнут"});
    p.act("applicant", &n, "escalations", reason).await;
    assert_eq!(sharing_refused(&p, &n, "supervisor-senior").await, "participant-authority");
    p.act("applicant", &n, "participants", participant("supervisor-federal", "view")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_is_not_shared() {
    let p = TestPlatform::new().await;
    let d = number(&p.file_with("applicant", json!({"draft": true})).await);
    let body = participant("intermediary", "view");
    p.refused("applicant", &d, "participants", body, 409, "conflict").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_authority_does_not_share_appeals() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    let body = participant("intermediary", "view");
    p.refused("operator", &n, "participants", body, 403, "forbidden").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_appeal_of_an_organization_is_not_shared_with_its_representatives() {
    let p = TestPlatform::new().await;
    let n = p.file("representative").await;
    assert_eq!(p.show("representative", &n).await["organization"]["inn"], "7701123451");
    p.sql(
        "INSERT INTO representatives (person_id, inn) SELECT id, '7701123451' FROM people \
         WHERE login = 'analyst'",
    )
    .await;
    let body = participant("analyst", "view");
    let problem = p.refused("representative", &n, "participants", body, 422, "invalid").await;
    assert_eq!(findings(&problem)[0], "participant-owner");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_participant_does_not_share_further() {
    let p = TestPlatform::new().await;
    let n = p.file("representative").await;
    p.act("representative", &n, "participants", participant("intermediary", "represent")).await;
    let body = participant("applicant", "view");
    p.refused("intermediary", &n, "participants", body, 403, "forbidden").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_appeal_still_takes_comments_with_files() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    p.act("applicant", &n, "participants", participant("intermediary", "comment")).await;
    p.act("applicant", &n, "cancel", json!({})).await;
    let act = p.upload("intermediary", "акт.pdf", &samples::pdf()).await;
    let comment = json!({"text": "Копия акта", "attachments": [act]});
    let card = p.act("intermediary", &n, "comments", comment).await;
    assert_eq!(card["status"], "cancelled");
    assert_eq!(card["comments"][0]["author"], "intermediary");
    assert_eq!(card["attachments"][0]["name"], "акт.pdf");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_refers_to_its_request_and_is_given_once() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    let asked = p.act("operator", &n, "ask", json!({"text": "Какой этаж?", "needs": ["этаж", "фото"]})).await;
    let card = p.act("applicant", &n, "replies", json!({"text": "Второй, фото нет"})).await;
    assert_eq!(card["status"], "submitted", "back where it was asked");
    assert_eq!(card["comments"][0]["reply_to"], asked["clarification"]["id"]);
    p.refused("applicant", &n, "replies", json!({"text": "Ещё"}), 409, "forbidden_move").await;
}
