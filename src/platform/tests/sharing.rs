//! Participants (C3): what each role permits, and that a removed person finds nothing.

use serde_json::{Value, json};

use super::harness::{Reply, TestPlatform, number, sample, sample_with, worded};
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
    let card = p.post("applicant", "/v1/appeals", sample_with(json!({"attachments": [photo]}))).await.ok();
    (number(&card), card["attachments"][0]["id"].as_str().unwrap().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_role_has_exactly_its_permissions() {
    let p = TestPlatform::new().await;
    for role in ["view", "comment", "represent", "none", "removed"] {
        for (method, rest, body, needs) in commands() {
            let (n, file) = filed(&p).await;
            if !matches!(role, "none" | "removed") {
                p.act("applicant", &n, "participants", json!({"with": "intermediary", "role": role})).await;
            }
            if role == "removed" {
                p.act("applicant", &n, "participants", json!({"with": "intermediary", "role": "represent"}))
                    .await;
                let path = format!("/v1/appeals/{n}/participants/intermediary");
                p.send("applicant", "DELETE", &path, json!({})).await.ok();
            }
            if needs == "represent-ask" {
                p.act("operator", &n, "ask", json!({"text": "Какой этаж?"})).await;
            }
            if needs == "represent-answer" {
                p.act("operator", &n, "take", json!({})).await;
                p.act("operator", &n, "answers", json!({"decision": "partly", "text": "Сделано."})).await;
            }
            let before = p.show("operator", &n).await;
            let path = format!("/v1/appeals/{n}{}", rest.replace("{file}", &file));
            let sent = async |who: &str| p.send(who, method, &path, body.clone()).await;
            let reply = sent("intermediary").await;
            let case = format!("{role}: {method} {rest}: {}", reply.body);
            let rank = |role: &str| ["view", "comment", "represent", "owner"].iter().position(|r| *r == role);
            let least = needs.split('-').next().unwrap();
            let may = rank(role).is_some_and(|have| rank(least).is_some_and(|need| have >= need));
            let expected = match (role, needs) {
                ("none" | "removed", _) => 404,
                ("represent", "discard") => 409,
                ("represent", "represent-422") => 422,
                _ if may => reply.status.clamp(200, 299),
                _ => 403,
            };
            assert_eq!(reply.status, expected, "{case}");
            if reply.status >= 400 {
                worded(&reply.body);
                assert_eq!(p.show("operator", &n).await, before, "it changed something: {case}");
                // The applicant can do what was refused, so the refusal was about the role.
                if !matches!(needs, "discard" | "represent-422") {
                    let own = sent("applicant").await;
                    let gone = role != "view" && role != "comment" && role != "represent";
                    if !(gone && rest == "/participants/intermediary") {
                        assert!((200..300).contains(&own.status), "{case}: applicant: {}", own.body);
                    }
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sharing_takes_effect_and_ends_immediately() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    let seen = async |who: &str| {
        let listed = p.get(who, "/v1/appeals").await.ok();
        let changes = p.get(who, "/v1/changes?since=2026-01-01T00:00:00Z").await.ok();
        let any =
            |items: &Value| items["items"].as_array().unwrap().iter().any(|i| i["number"] == n.as_str());
        (p.get(who, &format!("/v1/appeals/{n}")).await.status, any(&listed), any(&changes))
    };
    assert_eq!(seen("intermediary").await, (404, false, false));
    let card = p.act("applicant", &n, "participants", json!({"with": "intermediary", "role": "view"})).await;
    assert_eq!(card["participants"], json!([{"login": "intermediary", "role": "view"}]));
    assert_eq!(seen("intermediary").await, (200, true, true));
    // Repeating the request has no effect; another role changes the role.
    let again = p.act("applicant", &n, "participants", json!({"with": "intermediary", "role": "view"})).await;
    assert_eq!(again, card);
    let card =
        p.act("applicant", &n, "participants", json!({"with": "intermediary", "role": "comment"})).await;
    assert_eq!(card["participants"], json!([{"login": "intermediary", "role": "comment"}]));
    p.act("intermediary", &n, "comments", json!({"text": "От юриста"})).await;
    p.refused("intermediary", &n, "comments", json!({"text": "x", "internal": true}), 403, "forbidden").await;
    let listed = p.get("intermediary", &format!("/v1/appeals/{n}/participants")).await.ok();
    assert_eq!(
        (&listed[0]["name"], &listed[0]["added_by"]),
        (&json!("Зайцев Кирилл Романович"), &json!("applicant"))
    );

    p.act("operator", &n, "comments", json!({"text": "тайное", "internal": true})).await;
    let hidden = p.journal("intermediary", &n).await;
    assert_eq!(hidden.iter().filter(|l| matches!(l, Link::Hidden { .. })).count(), 1);
    assert!(!p.show("intermediary", &n).await.to_string().contains("тайное"));

    let path = format!("/v1/appeals/{n}/participants/intermediary");
    let card = p.send("applicant", "DELETE", &path, json!({})).await.ok();
    assert_eq!(card["participants"], json!([]));
    assert_eq!(seen("intermediary").await, (404, false, false));
    let Reply { status, body: problem, .. } = p.send("applicant", "DELETE", &path, json!({})).await;
    assert_eq!(status, 404, "{problem:#}");

    let changes = p.get("operator", "/v1/changes?since=2026-01-01T00:00:00Z").await.ok();
    let events: Vec<&str> =
        changes["items"].as_array().unwrap().iter().map(|c| c["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["created", "shared", "shared", "commented", "commented", "unshared"]);
    let said = changes["items"][1]["summary"].as_str().unwrap();
    assert!(said.contains("intermediary") && !said.contains('{'), "{said}");
    let actions: Vec<String> = p
        .journal("applicant", &n)
        .await
        .into_iter()
        .filter_map(|link| match link {
            Link::Full { entry, .. } => Some(entry.action),
            Link::Hidden { .. } => None,
        })
        .collect();
    assert_eq!(actions, ["create", "share", "share", "comment", "unshare"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn not_everybody_can_be_shared_with() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    p.app
        .db()
        .write(|tx| {
            Box::pin(async move {
                tx.run("UPDATE people SET state = 'blocked' WHERE login = 'representative'", Vec::new())
                    .await?;
                Ok(())
            })
        })
        .await
        .unwrap();
    let code = async |with: &str| {
        let body = json!({"with": with, "role": "view"});
        let problem = p.refused("applicant", &n, "participants", body, 422, "invalid").await;
        problem["errors"][0]["code"].as_str().unwrap().to_owned()
    };
    assert_eq!(code("nobody-at-all").await, "participant-unknown");
    assert_eq!(code("representative").await, "participant-unknown", "a blocked account looks like none");
    assert_eq!(code("applicant").await, "participant-self");
    assert_eq!(code("operator-housing").await, "participant-authority");
    assert_eq!(code("admin").await, "participant-authority");
    // A supervisor belongs to the authority's side only if the appeal was escalated to them.
    p.act("applicant", &n, "participants", json!({"with": "operator-roads", "role": "view"})).await;
    let reason = json!({"level": "senior", "grounds": "critical", "reason": "Дети мёрзнут"});
    p.act("applicant", &n, "escalations", reason).await;
    assert_eq!(code("supervisor-senior").await, "participant-authority");
    p.act("applicant", &n, "participants", json!({"with": "supervisor-federal", "role": "view"})).await;
    let draft = p.post("applicant", "/v1/appeals", sample_with(json!({"draft": true}))).await.ok();
    let d = number(&draft);
    p.refused(
        "applicant",
        &d,
        "participants",
        json!({"with": "intermediary", "role": "view"}),
        409,
        "conflict",
    )
    .await;
    // The authority's staff cannot share appeals of others.
    p.refused(
        "operator",
        &n,
        "participants",
        json!({"with": "intermediary", "role": "view"}),
        403,
        "forbidden",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn representatives_of_the_organization_share_too() {
    let p = TestPlatform::new().await;
    let n = p.file("representative").await;
    assert_eq!(p.show("representative", &n).await["organization"]["inn"], "7701123451");
    p.app
        .db()
        .write(|tx| {
            Box::pin(async move {
                tx.run(
                    "INSERT INTO representatives (person_id, inn) SELECT id, '7701123451' FROM people \
                     WHERE login = 'analyst'",
                    Vec::new(),
                )
                .await?;
                Ok(())
            })
        })
        .await
        .unwrap();
    let problem = p
        .refused(
            "representative",
            &n,
            "participants",
            json!({"with": "analyst", "role": "view"}),
            422,
            "invalid",
        )
        .await;
    assert_eq!(problem["errors"][0]["code"], "participant-owner");
    p.act("representative", &n, "participants", json!({"with": "intermediary", "role": "represent"})).await;
    p.refused(
        "intermediary",
        &n,
        "participants",
        json!({"with": "applicant", "role": "view"}),
        403,
        "forbidden",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn comments_are_welcome_at_any_time() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    p.act("applicant", &n, "participants", json!({"with": "intermediary", "role": "comment"})).await;
    p.act("applicant", &n, "cancel", json!({})).await;
    let act = p.upload("intermediary", "акт.pdf", &samples::pdf()).await;
    let card =
        p.act("intermediary", &n, "comments", json!({"text": "Копия акта", "attachments": [act]})).await;
    assert_eq!(
        (&card["status"], &card["comments"][0]["author"]),
        (&json!("cancelled"), &json!("intermediary"))
    );
    assert_eq!(card["attachments"][0]["name"], "акт.pdf");
    let card = p.post("applicant", "/v1/appeals", sample()).await.ok();
    let n = number(&card);
    // A reply refers to the request.
    let asked = p.act("operator", &n, "ask", json!({"text": "Какой этаж?", "needs": ["этаж", "фото"]})).await;
    let card = p.act("applicant", &n, "replies", json!({"text": "Второй, фото нет"})).await;
    assert_eq!(card["status"], "submitted", "back where it was asked");
    assert_eq!(card["comments"][0]["reply_to"], asked["clarification"]["id"]);
    p.refused("applicant", &n, "replies", json!({"text": "Ещё"}), 409, "forbidden_move").await;
}
