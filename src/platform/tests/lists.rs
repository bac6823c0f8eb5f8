//! Lists: complete, without repetitions, in order, and searchable.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::harness::{Reply, TestPlatform, number, sample_with};

async fn pages(p: &TestPlatform, who: &str, query: &str, limit: usize) -> Vec<Value> {
    let mut items = Vec::new();
    let mut path = format!("/v1/appeals?{query}&limit={limit}");
    loop {
        let reply = p.get(who, &path).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.body);
        let page = reply.body;
        let rows = page["items"].as_array().unwrap();
        assert!(rows.len() <= limit);
        items.extend(rows.iter().cloned());
        match reply.headers.get("link") {
            None => {
                assert_eq!(page.get("next"), None);
                return items;
            }
            Some(link) => {
                let link = link.to_str().unwrap();
                assert!(link.ends_with("; rel=\"next\""), "{link}");
                path = link[1..link.find('>').unwrap()].to_owned();
                assert!(path.contains(page["next"].as_str().unwrap()));
            }
        }
    }
}

fn numbers(items: &[Value]) -> Vec<String> {
    items.iter().map(number).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_order_is_complete_and_stable() {
    let p = TestPlatform::new().await;
    let mut all = BTreeSet::new();
    for n in 0..23 {
        // Several at the same moment, with the same subject and priority.
        if n % 3 == 0 {
            p.advance(jiff::SignedDuration::from_secs(60));
        }
        let body = sample_with(json!({
            "subject": format!("Нет света в доме {}", n % 4),
            "priority": if n % 2 == 0 { "high" } else { "normal" },
            "category": if n % 5 == 0 { "taxes.notice" } else { "housing.repairs" },
            "draft": n % 7 == 6,
        }));
        all.insert(number(&p.post("applicant", "/v1/appeals", body).await.ok()));
    }
    for field in appeal_api::SORT_FIELDS {
        for direction in ["", ":desc"] {
            let found = pages(&p, "applicant", &format!("sort={field}{direction}"), 4).await;
            let names = numbers(&found);
            assert_eq!(names.iter().cloned().collect::<BTreeSet<_>>(), all, "{field}{direction}");
            assert_eq!(names.len(), all.len(), "{field}{direction}: repeats");
            let mut keys: Vec<Option<&str>> = found.iter().map(|c| c[field].as_str()).collect();
            if field == "due_at" {
                keys.retain(Option::is_some);
            }
            if !direction.is_empty() {
                keys.reverse();
            }
            assert!(keys.is_sorted(), "{field}{direction}: {keys:?}");
        }
    }
    // A row added at the front during paging neither repeats nor hides others.
    let first = p.get("applicant", "/v1/appeals?limit=10").await.ok();
    p.advance(jiff::SignedDuration::from_secs(60));
    p.file("applicant").await;
    let next = first["next"].as_str().unwrap();
    let rest = p.get("applicant", &format!("/v1/appeals?limit=100&after={next}")).await.ok();
    let mut seen = numbers(first["items"].as_array().unwrap());
    seen.extend(numbers(rest["items"].as_array().unwrap()));
    assert_eq!(seen.len(), all.len());
    assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), all);
    // A cursor is valid only for its order.
    let Reply { status, body: problem, .. } =
        p.get("applicant", &format!("/v1/appeals?sort=subject&after={next}")).await;
    assert_eq!((status, &problem["code"]), (400, &json!("bad_cursor")));
    let row = &first["items"][0];
    for absent in ["text", "comments", "answers", "journal"] {
        assert_eq!(row.get(absent), None, "{absent}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn words_are_found_in_any_form() {
    let p = TestPlatform::new().await;
    let leak = sample_with(json!({
        "subject": "Протечка крыши в доме 5",
        "text": "После дождя 2 ноября 2026 года вода течёт по стене. Прошу отремонтировать кровлю.",
    }));
    let leak = number(&p.post("applicant", "/v1/appeals", leak).await.ok());
    let heat = p.file("applicant").await;
    for (words, expected) in [
        ("протечки", vec![&leak]),
        ("КРЫША", vec![&leak]),
        ("дождь стены", vec![&leak]),
        ("отоплением", vec![&heat]),
        ("доме", vec![&heat, &leak]),
        ("протечка отопление", vec![]),
        ("течет", vec![&leak]),
        ("!!!", vec![]),
        (heat.as_str(), vec![&heat]),
    ] {
        let query =
            url::form_urlencoded::Serializer::new(String::new()).append_pair("search", words).finish();
        let mut found = numbers(&pages(&p, "applicant", &query, 50).await);
        found.sort();
        let mut expected: Vec<String> = expected.into_iter().cloned().collect();
        expected.sort();
        assert_eq!(found, expected, "{words}");
    }
    // A corrected subject is found by its new words only.
    p.send(
        "applicant",
        "PATCH",
        &format!("/v1/appeals/{leak}"),
        json!({"subject": "Мокнет подвал в доме 5"}),
    )
    .await
    .ok();
    assert_eq!(
        numbers(&pages(&p, "applicant", "search=%D0%BF%D0%BE%D0%B4%D0%B2%D0%B0%D0%BB%D1%8B", 9).await),
        [leak]
    );
    assert!(pages(&p, "applicant", "search=%D0%BA%D1%80%D1%8B%D1%88%D0%B0", 9).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_and_views() {
    let p = TestPlatform::new().await;
    let mine = p.file("applicant").await;
    let theirs = p.file("representative").await;
    let urgent = sample_with(json!({"priority": "high", "kind": "question", "category": "roads.repair"}));
    let urgent = number(&p.post("applicant", "/v1/appeals", urgent).await.ok());
    p.act("operator", &mine, "take", json!({})).await;
    let query = |who: &'static str, query: &'static str| {
        let p = &p;
        async move {
            let mut found = numbers(&pages(p, who, query, 50).await);
            found.sort();
            found
        }
    };
    let sorted = |numbers: &[&String]| {
        let mut all: Vec<String> = numbers.iter().copied().cloned().collect();
        all.sort();
        all
    };
    assert_eq!(query("applicant", "view=mine").await, sorted(&[&mine, &urgent]));
    assert_eq!(query("representative", "").await, sorted(&[&theirs]));
    assert_eq!(query("intermediary", "").await, sorted(&[]));
    assert_eq!(query("operator", "view=queue").await, sorted(&[&mine, &theirs, &urgent]));
    assert_eq!(query("operator", "view=mine").await, sorted(&[]));
    assert_eq!(query("admin", "").await, sorted(&[&mine, &theirs, &urgent]));
    assert_eq!(query("applicant", "status=in-work").await, sorted(&[&mine]));
    assert_eq!(
        query("applicant", "status=%D0%9F%D0%A0%D0%98%D0%9D%D0%AF%D0%A2%D0%9E,completed").await,
        sorted(&[&urgent])
    );
    assert_eq!(query("admin", "category=housing").await, sorted(&[&mine, &theirs]));
    assert_eq!(query("admin", "priority=high&kind=question").await, sorted(&[&urgent]));
    assert_eq!(query("admin", "organization=7701123451").await, sorted(&[&theirs]));
    assert_eq!(query("admin", "overdue=false").await, sorted(&[&mine, &theirs, &urgent]));
    assert_eq!(query("admin", "since=2026-11-10T00:00:00Z").await, sorted(&[]));
    p.act(
        "applicant",
        &mine,
        "escalations",
        json!({"level": "senior", "grounds": "critical", "reason": "Дети"}),
    )
    .await;
    assert_eq!(query("operator", "view=queue").await, sorted(&[&theirs, &urgent]));
    assert_eq!(query("supervisor-senior", "view=escalated").await, sorted(&[&mine]));
    assert_eq!(query("supervisor-federal", "view=escalated").await, sorted(&[]));
    for bad in ["status=nonsense", "kind=x", "category=nowhere", "sort=color", "since=yesterday"] {
        let Reply { status, body: problem, .. } = p.get("applicant", &format!("/v1/appeals?{bad}")).await;
        assert_eq!((status, &problem["code"]), (422, &json!("invalid")), "{bad}");
        super::harness::worded(&problem);
    }
    let Reply { body: problem, .. } = p.get("applicant", "/v1/appeals?status=nonsense").await;
    assert!(problem["errors"][0]["remedy"].as_str().unwrap().contains("in_progress"));
    let Reply { status, .. } = p.get("applicant", "/v1/appeals?view=queue").await;
    assert_eq!(status, 403);
    let Reply { status, .. } = p.get("applicant", "/v1/appeals?colour=red").await;
    assert_eq!(status, 400);
}
