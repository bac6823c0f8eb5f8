//! The authority's side: registering on an applicant's behalf, co-executors, extensions, duplicates, categories,
//! routing.

use serde_json::{Value, json};

use super::harness::{Reply, TestPlatform, number, sample, sample_with, worded};

fn registration(applicant: &str, channel: &str, appeal: Value) -> Value {
    json!({"for": applicant, "channel": channel, "appeal": appeal})
}

fn numbers(page: &Value) -> Vec<&str> {
    page["items"].as_array().unwrap().iter().map(|row| row["number"].as_str().unwrap()).collect()
}

fn codes(problem: &Value) -> Vec<&str> {
    problem["errors"].as_array().unwrap().iter().map(|f| f["code"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_registers_for_a_person_by_the_deadlines_of_the_channel() {
    let p = TestPlatform::new().await;
    let applicant = "applicant";
    // Monday, 10:00 in Moscow: 30 working minutes, one working day; a day around the clock; five minutes, two hours.
    for (channel, first, decision) in [
        ("phone", "2026-11-09T07:30:00Z", "2026-11-10T15:00:00Z"),
        ("email", "2026-11-10T07:00:00Z", "2026-11-10T07:00:00Z"),
        ("chat", "2026-11-09T07:05:00Z", "2026-11-09T09:00:00Z"),
        ("in-person", "2026-11-10T12:00:00Z", "2026-11-16T15:00:00Z"),
    ] {
        let body = registration(applicant, channel, sample());
        let card = p.post("operator-support", "/v1/registrations", body).await.ok();
        assert_eq!((&card["channel"], &card["status"]), (&json!(channel), &json!("submitted")), "{card:#}");
        assert_eq!(card["applicant"]["login"], applicant);
        assert_eq!(card["contacts"]["email"], "applicant@example.org");
        assert_eq!(card["department"], "housing");
        assert_eq!(card["due_at"], decision, "{channel}");
        let due = card["deadlines"].as_array().unwrap().iter().find(|d| d["kind"] == "first_status").unwrap();
        assert_eq!(due["due_at"], first, "{channel}");
        let entries = p.show(applicant, &format!("{}?journal=true", number(&card))).await;
        let entry = &entries["journal"][0];
        assert_eq!((&entry["actor"], &entry["action"]), (&json!("operator-support"), &json!("register")));
    }
    // An unconfirmed applicant was identified by the operator.
    p.person("newcomer", "individual", "confirmation_required").await;
    let body =
        registration("newcomer", "in-person", sample_with(json!({"contacts": {"phone": "+79001234567"}})));
    let card = p.post("operator-support", "/v1/registrations", body).await.ok();
    assert_eq!(card["contacts"]["phone"], "+79001234567");
    assert_eq!(numbers(&p.get("newcomer", "/v1/appeals").await.ok()), [number(&card)]);
    // A representative files on behalf of their organization; operators may use closed categories.
    let closed = sample_with(json!({"category": "internal"}));
    let card = p
        .post("operator-support", "/v1/registrations", registration("representative", "phone", closed))
        .await
        .ok();
    assert_eq!(card["organization"]["inn"], "7701123451");
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_registrations_save_nothing() {
    let p = TestPlatform::new().await;
    p.person("blocked", "individual", "blocked").await;
    let appeals = "SELECT count(*) AS n FROM appeals";
    for (who, body, status, code) in [
        ("applicant", registration("applicant", "phone", sample()), 403, "forbidden"),
        ("supervisor", registration("applicant", "phone", sample()), 403, "forbidden"),
        ("admin", registration("applicant", "phone", sample()), 403, "forbidden"),
        ("analyst", registration("applicant", "phone", sample()), 403, "forbidden"),
        ("operator", registration("nobody", "phone", sample()), 422, "applicant-unknown"),
        ("operator", registration("blocked", "phone", sample()), 422, "applicant-blocked"),
        ("operator", registration("analyst", "phone", sample()), 422, "applicant-role"),
        ("operator", registration("operator", "phone", sample()), 422, "applicant-self"),
        ("operator", registration("applicant", "account", sample()), 422, "channel-account"),
        (
            "operator",
            registration("applicant", "phone", sample_with(json!({"draft": true}))),
            422,
            "register-draft",
        ),
        (
            "operator",
            registration("applicant", "phone", sample_with(json!({"text": " "}))),
            422,
            "text-empty",
        ),
        ("operator", registration("applicant", "pigeon", sample()), 400, "bad_request"),
        (
            "operator",
            registration("applicant", "phone", sample_with(json!({"organization": "7701123451"}))),
            422,
            "organization-not-yours",
        ),
    ] {
        let Reply { status: got, body: problem, .. } = p.post(who, "/v1/registrations", body.clone()).await;
        assert_eq!(got, status, "{who} {body}: {problem:#}");
        worded(&problem);
        let reported = problem["code"] == code || status == 422 && codes(&problem).contains(&code);
        assert!(reported, "{code}: {problem:#}");
    }
    // An applicant cannot choose the channel.
    let Reply { status, .. } =
        p.post("applicant", "/v1/appeals", sample_with(json!({"channel": "chat"}))).await;
    assert_eq!(status, 400);
    let dry_run = p
        .post("operator", "/v1/registrations?dry_run=true", registration("applicant", "phone", sample()))
        .await
        .ok();
    assert_eq!(dry_run["dry_run"], true);
    assert_eq!(p.count(appeals).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_co_executor_sees_and_comments_everywhere_alike() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    let see = async |who: &str| {
        let Reply { status: card, .. } = p.get(who, &format!("/v1/appeals/{n}")).await;
        let list = p.get(who, "/v1/appeals").await.ok();
        let queue = p.get(who, "/v1/appeals?view=involved").await.ok();
        let changes = p.get(who, "/v1/changes?since=2026-01-01T00:00:00Z").await.ok();
        let heard = changes["items"].as_array().unwrap().iter().any(|c| c["number"] == json!(n));
        (card == 200, numbers(&list).contains(&n.as_str()), numbers(&queue).contains(&n.as_str()), heard)
    };
    let (dept, expert) = ("operator-roads", "supervisor-regional");
    for who in [dept, expert] {
        assert_eq!(see(who).await, (false, false, false, false), "{who}");
    }
    let card = p.act("operator-housing", &n, "involve", json!({"department": "roads"})).await;
    assert_eq!(p.act("operator-housing", &n, "involve", json!({"department": "roads"})).await, card);
    let card = p.act("operator-housing", &n, "involve", json!({"expert": expert})).await;
    assert_eq!(card["involved"][0]["department"], "roads");
    assert_eq!(
        (&card["involved"][1]["login"], &card["involved"][1]["by"]),
        (&json!(expert), &json!("operator-housing"))
    );
    for who in [dept, expert] {
        assert_eq!(see(who).await, (true, true, true, true), "{who}");
        p.act(who, &n, "comments", json!({"text": "Мнение", "internal": true})).await;
        p.refused(who, &n, "take", json!({}), 403, "forbidden").await;
    }
    assert_eq!(p.show(dept, &n).await["comments"].as_array().unwrap().len(), 2);
    assert_eq!(p.show("applicant", &n).await["comments"], json!([]));
    for (body, code) in [
        (json!({}), "involve-one"),
        (json!({"department": "roads", "expert": "operator"}), "involve-one"),
        (json!({"department": "nowhere"}), "department-unknown"),
        (json!({"department": "housing"}), "department-same"),
        (json!({"expert": "applicant"}), "expert-applicant"),
        (json!({"expert": "analyst"}), "expert-unknown"),
        (json!({"expert": "operator-housing"}), "expert-responsible"),
    ] {
        let problem = p.refused("operator-housing", &n, "involve", body, 422, "invalid").await;
        assert_eq!(codes(&problem), [code]);
    }
    p.act("operator-housing", &n, "involve", json!({"expert": expert, "remove": true})).await;
    assert_eq!(see(expert).await, (false, false, false, false));
    // An operator who becomes responsible is no longer a co-executor.
    let card =
        p.act("operator-housing", &n, "redirect", json!({"department": "roads", "reason": "Двор"})).await;
    assert!(card.get("involved").is_none(), "{card:#}");
    p.act(dept, &n, "take", json!({})).await;
    p.journal("applicant", &n).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_extension_only_moves_the_decision_later_and_is_announced() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    assert_eq!(p.show("applicant", &n).await["due_at"], "2026-11-16T15:00:00Z");
    for (to, reason, code) in [
        ("2026-11-16T15:00:00Z", "x", "due-not-later"),
        ("2026-11-10T15:00:00Z", "x", "due-not-later"),
        ("2026-11-01T15:00:00Z", "x", "due-past"),
        ("2026-12-01T15:00:00Z", " ", "text-empty"),
    ] {
        let body = json!({"due_at": to, "reason": reason});
        let problem = p.refused("operator", &n, "extend", body, 422, "invalid").await;
        assert_eq!(codes(&problem), [code]);
    }
    let body = json!({"due_at": "2026-12-01T15:00:00.123456789Z", "reason": "Ждём заключения"});
    let card = p.act("operator", &n, "extend", body).await;
    assert_eq!(card["due_at"], "2026-12-01T15:00:00.123456Z");
    assert_eq!(p.show("operator", &n).await["due_at"], card["due_at"]);
    let seen = p.show("applicant", &format!("{n}?journal=true")).await;
    assert_eq!(seen["comments"][0]["text"], "Ждём заключения");
    let entry = seen["journal"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(entry["action"], "extend");
    assert_eq!(
        entry["changes"]["due_at"],
        json!({"before": "2026-11-16T15:00:00Z", "after": "2026-12-01T15:00:00.123456Z"})
    );
    let changes = p.get("applicant", "/v1/changes?since=2026-01-01T00:00:00Z").await.ok();
    let reported =
        changes["items"].as_array().unwrap().iter().find(|c| c["event"] == "extended").unwrap().clone();
    assert!(reported["summary"].as_str().unwrap().contains("Ждём заключения"), "{reported:#}");
    // It is not overdue at its former due date.
    p.advance_days(10);
    assert_eq!(p.show("applicant", &n).await["overdue"], false);
    p.advance_days(20);
    assert_eq!(p.show("applicant", &n).await["overdue"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_applicants_merged_appeal_gets_only_the_decision() {
    let p = TestPlatform::new().await;
    let target = p.file("applicant").await;
    let own = p.file("applicant").await;
    let foreign = number(&p.post("intermediary", "/v1/appeals", sample()).await.ok());
    p.refused("operator-health", &foreign, "merge", json!({"into": target}), 404, "not_found").await;
    let elsewhere =
        number(&p.post("applicant", "/v1/appeals", sample_with(json!({"category": "roads"}))).await.ok());
    p.refused("operator-housing", &own, "merge", json!({"into": elsewhere}), 404, "not_found").await;
    p.refused("operator", &own, "merge", json!({"into": "2026-0000000000-0"}), 422, "number_mistyped").await;
    let problem = p.refused("operator", &own, "merge", json!({"into": own}), 422, "invalid").await;
    assert_eq!(codes(&problem), ["merge-itself"]);
    // A chain: the appeal of another person is merged into the applicant's second one, and that into the first.
    let card = p.act("operator", &foreign, "merge", json!({"into": own})).await;
    assert_eq!((&card["status"], &card["merged_into"]), (&json!("closed"), &json!(own)));
    assert_eq!(p.act("operator", &foreign, "merge", json!({"into": own})).await, card);
    let problem = p.refused("operator", &own, "merge", json!({"into": foreign}), 422, "invalid").await;
    assert_eq!(codes(&problem), ["merge-itself"], "a circle");
    p.act("operator", &own, "merge", json!({"into": target})).await;
    let late = number(&p.post("representative", "/v1/appeals", sample()).await.ok());
    let card = p.act("operator", &late, "merge", json!({"into": own})).await;
    assert_eq!(card["merged_into"], json!(target), "the end of the chain");
    // No one sees appeals of others, and the applicant does not learn of them.
    p.refused("intermediary", &target, "comments", json!({"text": "x"}), 404, "not_found").await;
    let seen = p.show("applicant", &format!("{target}?journal=true")).await.to_string();
    assert!(!seen.contains(&late) && !seen.contains(&foreign), "{seen}");
    assert!(seen.contains(&own));
    let changes = p.get("applicant", "/v1/changes?since=2026-01-01T00:00:00Z").await.ok();
    assert!(!changes.to_string().contains(&late) && !changes.to_string().contains(&foreign));
    assert_eq!(p.show("operator", &target).await["merged"], json!([own, late]));
    p.act("operator", &target, "take", json!({})).await;
    p.act("operator", &target, "answers", json!({"decision": "granted", "text": "Отопление дали."})).await;
    for (who, n) in [("intermediary", &foreign), ("representative", &late)] {
        let card = p.show(who, n).await;
        assert_eq!(card["comments"][0]["text"], "Отопление дали.", "{who}");
        assert_eq!(card["status"], "closed");
        p.journal(who, n).await;
    }
    assert_eq!(p.show("applicant", &own).await["comments"], json!([]), "they read it at the other one");
    let n = p.file("applicant").await;
    p.refused("operator", &n, "merge", json!({"into": target}), 409, "conflict").await;
    // It is independent again once it is escalated.
    let escalation = json!({"level": "senior", "grounds": "critical", "reason": "Срочно"});
    assert_eq!(p.act("intermediary", &foreign, "escalations", escalation).await["merged_into"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn merged_appeals_are_informed_when_the_other_is_cancelled() {
    let p = TestPlatform::new().await;
    let target = p.file("applicant").await;
    let foreign = number(&p.post("intermediary", "/v1/appeals", sample()).await.ok());
    p.act("operator", &foreign, "merge", json!({"into": target})).await;
    p.act("applicant", &target, "cancel", json!({})).await;
    let changes = p.get("intermediary", "/v1/changes?since=2026-01-01T00:00:00Z").await.ok();
    let last = changes["items"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((&last["number"], &last["event"]), (&json!(foreign), &json!("merged_withdrawn")));
    let again = json!({"grounds": "incomplete", "text": "Ответа нет"});
    assert_eq!(p.act("intermediary", &foreign, "repeats", again).await["repeat_of"], json!(foreign));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_category_is_another_department_with_its_dates_from_the_filing() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    p.act("operator", &n, "take", json!({})).await;
    // It waits from Tuesday to Thursday: two working days that do not count.
    p.advance_days(1);
    p.act("operator", &n, "ask", json!({"text": "Какая квартира?"})).await;
    p.advance_days(2);
    p.act("applicant", &n, "replies", json!({"text": "Седьмая"})).await;
    let before = p.show("operator", &n).await;
    let card = p.act("operator", &n, "classify", json!({"category": "services", "priority": "high"})).await;
    assert_eq!(
        (&card["department"], &card["responsible"], &card["priority"], &card["status"]),
        (&json!("services"), &json!("operator-services"), &json!("high"), &json!("in_progress"))
    );
    // Three working days from Monday the 9th are the 12th, and two more for the wait.
    assert_eq!(
        (&before["due_at"], &card["due_at"]),
        (&json!("2026-11-18T15:00:00Z"), &json!("2026-11-16T15:00:00Z"))
    );
    // The date set by an extension is kept.
    p.act("operator", &n, "extend", json!({"due_at": "2026-12-20T15:00:00Z", "reason": "x"})).await;
    let card = p.act("operator", &n, "classify", json!({"category": "roads"})).await;
    assert_eq!((&card["department"], &card["due_at"]), (&json!("roads"), &json!("2026-12-20T15:00:00Z")));
    assert_eq!(p.act("operator", &n, "classify", json!({"category": "roads"})).await, card);
    p.refused("operator-services", &n, "classify", json!({"category": "roads"}), 404, "not_found").await;
    for (body, code) in
        [(json!({}), "classify-nothing"), (json!({"category": "no.such"}), "category-unknown")]
    {
        let problem = p.refused("operator", &n, "classify", body, 422, "invalid").await;
        assert_eq!(codes(&problem), [code]);
    }
    // For a decided appeal only the category changes.
    p.act("operator", &n, "answers", json!({"decision": "granted", "text": "Сделано"})).await;
    let card = p.act("operator", &n, "classify", json!({"category": "health"})).await;
    assert_eq!((&card["category"], &card["department"]), (&json!("health"), &json!("roads")));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_applicant_changes_the_category_until_work_starts() {
    let p = TestPlatform::new().await;
    let n = p.file("applicant").await;
    let path = format!("/v1/appeals/{n}");
    let card = p.send("applicant", "PATCH", &path, json!({"category": "general"})).await.ok();
    assert_eq!(
        (&card["department"], &card["responsible"]),
        (&json!("reception"), &json!("operator-reception"))
    );
    // Thirty calendar days from the filing: the 9th of December.
    assert_eq!(card["due_at"], "2026-12-09T21:00:00Z");
    let card =
        p.send("applicant", "PATCH", &path, json!({"category": "roads", "region": "Новосибирск"})).await.ok();
    assert_eq!(card["department"], "roads-54");
    p.act("operator", &n, "take", json!({})).await;
    let Reply { status, body: problem, .. } =
        p.send("applicant", "PATCH", &path, json!({"category": "health"})).await;
    assert_eq!((status, problem["code"].as_str()), (409, Some("conflict")));
}

#[tokio::test(flavor = "multi_thread")]
async fn work_is_spread_over_available_operators() {
    let p = TestPlatform::new().await;
    for (login, state) in [("housing-a", "active"), ("housing-b", "active"), ("housing-away", "blocked")] {
        p.person(login, "operator", state).await;
        p.sql(&format!(
            "INSERT INTO department_operators (department, person_id) VALUES ('housing', 'id-{login}')"
        ))
        .await;
    }
    let filings = (0..12).map(|_| p.post("applicant", "/v1/appeals", sample()));
    let replies = futures_util::future::join_all(filings).await;
    let cards: Vec<Value> = replies.into_iter().map(Reply::ok).collect();
    let of = |login: &str| cards.iter().filter(|card| card["responsible"] == login).count();
    assert_eq!((of("housing-a"), of("housing-b"), of("operator-housing")), (4, 4, 4));
    // With equal load, the order of logins decides, so the next three are known.
    for expected in ["housing-a", "housing-b", "operator-housing"] {
        let card = p.post("applicant", "/v1/appeals", sample()).await.ok();
        assert_eq!(card["responsible"], expected);
    }
    // Decided appeals do not count, and a blocked operator gets no new ones.
    p.sql("UPDATE people SET state = 'blocked' WHERE login = 'housing-a'").await;
    let n = p.file("applicant").await;
    assert_eq!(p.show("operator", &n).await["responsible"], "housing-b");
    p.sql("UPDATE people SET state = 'blocked' WHERE login IN ('housing-b', 'operator-housing', 'operator')")
        .await;
    let n = p.file("applicant").await;
    assert_eq!(p.show("applicant", &n).await["responsible"], Value::Null, "there is nobody left");
}

#[tokio::test(flavor = "multi_thread")]
async fn likely_duplicates_are_shown_to_those_who_may_see_them() {
    let p = TestPlatform::new().await;
    let first = p.file("applicant").await;
    let text =
        "Прошу восстановить подачу тепла: в квартире 7 отопление не работает с 3 ноября 2026 года, холодно.";
    let again = sample_with(json!({"text": text}));
    let dry_run = p.post("applicant", "/v1/appeals?dry_run=true", again.clone()).await.ok();
    assert_eq!(dry_run["similar"][0]["number"], json!(first), "{dry_run:#}");
    let card = p.post("applicant", "/v1/appeals", again.clone()).await.ok();
    let score = card["similar"][0]["score"].as_f64().unwrap();
    assert!(card["similar"][0]["number"] == json!(first) && (0.6..1.0).contains(&score), "{card:#}");
    // The other applicant gets no suggestion, but the department does.
    let theirs = p.post("intermediary", "/v1/appeals", again.clone()).await.ok();
    assert!(theirs.get("similar").is_none(), "{theirs:#}");
    let n = number(&theirs);
    assert!(p.show("intermediary", &n).await.get("similar").is_none());
    let seen = p.show("operator-housing", &n).await;
    let mut reported: Vec<&str> =
        seen["similar"].as_array().unwrap().iter().map(|s| s["number"].as_str().unwrap()).collect();
    let mut both = [first.as_str(), card["number"].as_str().unwrap()];
    reported.sort_unstable();
    both.sort_unstable();
    assert_eq!(reported, both);
    assert_eq!(seen["similar"][0]["score"], 1.0);
    let list = p.get("operator-housing", &format!("/v1/appeals/{n}/similar")).await.ok();
    assert_eq!(list["similar"], seen["similar"]);
    let Reply { status, body: problem, .. } =
        p.get("intermediary", &format!("/v1/appeals/{n}/similar")).await;
    assert_eq!(status, 403);
    worded(&problem);
    // A co-executor of this appeal does not see the others.
    p.act("operator-housing", &n, "involve", json!({"department": "roads"})).await;
    assert!(p.show("operator-roads", &n).await.get("similar").is_none());
    // A different matter is not similar, and a decided appeal is not suggested.
    let other = sample_with(
        json!({"subject": "Не вывозят мусор на улице Садовой", "category": "housing.waste",
        "text": "Контейнеры во дворе дома 4 на улице Садовой переполнены со 2 ноября. Прошу вывезти отходы."}),
    );
    let other = number(&p.post("applicant", "/v1/appeals", other).await.ok());
    assert!(p.show("operator", &other).await.get("similar").is_none());
    p.act("operator", &first, "refuse", json!({"reason": "Не подтвердилось"})).await;
    let list = p.get("operator", &format!("/v1/appeals/{n}/similar")).await.ok();
    assert_eq!(list["similar"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_is_narrowed_by_who_is_responsible() {
    let p = TestPlatform::new().await;
    let (one, two) = (p.file("applicant").await, p.file("applicant").await);
    p.act("operator", &one, "take", json!({})).await;
    let queue = async |query: &str| {
        let page = p.get("operator", &format!("/v1/appeals?view=queue&{query}")).await.ok();
        numbers(&page).iter().map(|n| (*n).to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(queue("responsible=operator").await, std::slice::from_ref(&one));
    assert_eq!(queue("responsible=operator-housing").await, std::slice::from_ref(&two));
    assert_eq!(queue("responsible=none").await, Vec::<String>::new());
    p.sql(&format!("UPDATE appeals SET responsible_id = NULL WHERE number = '{two}'")).await;
    assert_eq!(queue("responsible=none&department=housing").await, [two]);
    assert_eq!(queue("department=roads").await, Vec::<String>::new());
    for wrong in ["responsible=nobody", "department=nowhere"] {
        let Reply { status, body: problem, .. } = p.get("operator", &format!("/v1/appeals?{wrong}")).await;
        assert_eq!(status, 422, "{wrong}");
        worded(&problem);
    }
    let Reply { status, .. } = p.get("applicant", "/v1/appeals?view=involved").await;
    assert_eq!(status, 403);
}
