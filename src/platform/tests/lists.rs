//! Lists: complete, without repetitions, in order, and searchable.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::harness::{TestPlatform, number};

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

/// Files appeals, some at the same moment, with the same subject and priority, and drafts; returns their numbers.
async fn many(p: &TestPlatform) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for n in 0..23 {
        if n % 3 == 0 {
            p.advance(jiff::SignedDuration::from_secs(60));
        }
        let changes = json!({
            "subject": format!("Нет света в доме {}", n % 4),
            "priority": if n % 2 == 0 { "high" } else { "normal" },
            "category": if n % 5 == 0 { "taxes.notice" } else { "housing.repairs" },
            "draft": n % 7 == 6,
        });
        all.insert(number(&p.file_with("applicant", changes).await));
    }
    all
}

/// Returns all orders with their fields and whether they are descending.
fn orders() -> Vec<(String, &'static str, bool)> {
    let both =
        |field: &'static str| [(field.to_owned(), field, false), (format!("{field}:desc"), field, true)];
    appeal_api::SORT_FIELDS.iter().copied().flat_map(both).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_order_lists_each_appeal_once() {
    let p = TestPlatform::new().await;
    let all = many(&p).await;
    for (order, ..) in orders() {
        let names = numbers(&pages(&p, "applicant", &format!("sort={order}"), 4).await);
        assert_eq!(names.iter().cloned().collect::<BTreeSet<_>>(), all, "{order}");
        assert_eq!(names.len(), all.len(), "{order}: repeats");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_order_is_sorted() {
    let p = TestPlatform::new().await;
    many(&p).await;
    for (order, field, descending) in orders() {
        let found = pages(&p, "applicant", &format!("sort={order}"), 4).await;
        let mut keys: Vec<Option<&str>> = found.iter().map(|c| c[field].as_str()).collect();
        if field == "due_at" {
            keys.retain(Option::is_some);
        }
        if descending {
            keys.reverse();
        }
        assert!(keys.is_sorted(), "{order}: {keys:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_appeal_filed_during_paging_neither_repeats_nor_hides_others() {
    let p = TestPlatform::new().await;
    let all = many(&p).await;
    let first = p.get("applicant", "/v1/appeals?limit=10").await.ok();
    p.advance(jiff::SignedDuration::from_secs(60));
    p.file("applicant").await;
    let next = first["next"].as_str().unwrap();
    let rest = p.get("applicant", &format!("/v1/appeals?limit=100&after={next}")).await.ok();
    let mut seen = numbers(first["items"].as_array().unwrap());
    seen.extend(numbers(rest["items"].as_array().unwrap()));
    assert_eq!(seen.len(), all.len());
    assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), all);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_is_valid_for_its_order_only() {
    let p = TestPlatform::new().await;
    many(&p).await;
    let first = p.get("applicant", "/v1/appeals?limit=10").await.ok();
    let next = first["next"].as_str().unwrap();
    let refused = p.get("applicant", &format!("/v1/appeals?sort=subject&after={next}")).await;
    refused.is_problem(400, "bad_cursor");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_has_no_texts() {
    let p = TestPlatform::new().await;
    p.file("applicant").await;
    let page = p.get("applicant", "/v1/appeals").await.ok();
    for absent in ["text", "comments", "answers", "journal"] {
        assert_eq!(page["items"][0].get(absent), None, "{absent}");
    }
}

/// Files an appeal about a leak; returns its number.
async fn leak(p: &TestPlatform) -> String {
    let changes = json!({
        "subject": "Протечка крыши в доме 5",
        "text": "После дождя 2 ноября 2026 года вода течёт по стене. Прошу отремонтировать кровлю.",
    });
    number(&p.file_with("applicant", changes).await)
}

/// Returns the numbers of the appeals that contain these words, in order.
async fn search(p: &TestPlatform, words: &str) -> Vec<String> {
    let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("search", words).finish();
    let mut found = numbers(&pages(p, "applicant", &query, 50).await);
    found.sort();
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn words_are_found_in_any_form() {
    let p = TestPlatform::new().await;
    let leak = leak(&p).await;
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
        assert_eq!(search(&p, words).await, sorted(&expected), "{words}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_subject_is_found_by_its_new_words_only() {
    let p = TestPlatform::new().await;
    let leak = leak(&p).await;
    p.patch("applicant", &leak, json!({"subject": "Мокнет подвал в доме 5"})).await.ok();
    assert_eq!(search(&p, "подвалы").await, [leak]);
    assert!(search(&p, "крыша").await.is_empty());
}

/// Returns the numbers in order.
fn sorted(numbers: &[&String]) -> Vec<String> {
    let mut all: Vec<String> = numbers.iter().copied().cloned().collect();
    all.sort();
    all
}

/// An appeal of the applicant that the operator takes, one of an organization, and an urgent question of the applicant.
struct Three {
    p: TestPlatform,
    mine: String,
    theirs: String,
    urgent: String,
}

impl Three {
    async fn new() -> Three {
        let p = TestPlatform::new().await;
        let mine = p.file("applicant").await;
        let theirs = p.file("representative").await;
        let urgent = json!({"priority": "high", "kind": "question", "category": "roads.repair"});
        let urgent = number(&p.file_with("applicant", urgent).await);
        p.act("operator", &mine, "take", json!({})).await;
        Three { p, mine, theirs, urgent }
    }

    /// Checks that a person's list has exactly these appeals.
    async fn lists(&self, who: &str, query: &str, expected: &[&String]) {
        let mut found = numbers(&pages(&self.p, who, query, 50).await);
        found.sort();
        assert_eq!(found, sorted(expected), "{who} {query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_person_lists_the_appeals_they_may_see() {
    let all = Three::new().await;
    let Three { mine, theirs, urgent, .. } = &all;
    all.lists("applicant", "view=mine", &[mine, urgent]).await;
    all.lists("representative", "", &[theirs]).await;
    all.lists("intermediary", "", &[]).await;
    all.lists("operator", "view=queue", &[mine, theirs, urgent]).await;
    all.lists("operator", "view=mine", &[]).await;
    all.lists("admin", "", &[mine, theirs, urgent]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_narrow_a_list() {
    let all = Three::new().await;
    let Three { mine, theirs, urgent, .. } = &all;
    all.lists("applicant", "status=in-work", &[mine]).await;
    let accepted = "status=%D0%9F%D0%A0%D0%98%D0%9D%D0%AF%D0%A2%D0%9E,completed";
    all.lists("applicant", accepted, &[urgent]).await;
    all.lists("admin", "category=housing", &[mine, theirs]).await;
    all.lists("admin", "priority=high&kind=question", &[urgent]).await;
    all.lists("admin", "organization=7701123451", &[theirs]).await;
    all.lists("admin", "overdue=false", &[mine, theirs, urgent]).await;
    all.lists("admin", "since=2026-11-10T00:00:00Z", &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_escalated_appeal_moves_to_the_list_of_its_supervisor() {
    let all = Three::new().await;
    let Three { p, mine, theirs, urgent } = &all;
    let reason = json!({"level": "senior", "grounds": "critical", "reason": "Дети"});
    p.act("applicant", mine, "escalations", reason).await;
    all.lists("operator", "view=queue", &[theirs, urgent]).await;
    all.lists("supervisor-senior", "view=escalated", &[mine]).await;
    all.lists("supervisor-federal", "view=escalated", &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_filters_are_refused() {
    let p = TestPlatform::new().await;
    for bad in ["status=nonsense", "kind=x", "category=nowhere", "sort=color", "since=yesterday"] {
        p.get("applicant", &format!("/v1/appeals?{bad}")).await.is_problem(422, "invalid");
    }
    assert_eq!(p.get("applicant", "/v1/appeals?view=queue").await.status, 403);
    assert_eq!(p.get("applicant", "/v1/appeals?colour=red").await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_filter_names_the_known_values() {
    let p = TestPlatform::new().await;
    let problem = p.get("applicant", "/v1/appeals?status=nonsense").await.body;
    assert!(problem["errors"][0]["remedy"].as_str().unwrap().contains("in_progress"));
}
