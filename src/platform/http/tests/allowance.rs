//! Request allowances, as seen by a client.

use std::num::NonZeroU32;

use super::*;

#[tokio::test]
async fn the_remaining_allowance_is_reported_until_it_is_used_up() {
    let p = TestPlatform::open(|settings| settings.rate_limit = NonZeroU32::new(4)).await;
    let header =
        |answer: &Reply, name: &str| answer.headers.get(name).map(|v| v.to_str().unwrap().to_owned());
    for left in (0..4).rev() {
        // Missing objects count like existing ones.
        let path = if left == 1 { "/v1/appeals/2026-0000000000-0" } else { "/v1/me" };
        let answer = p.get("applicant", path).await;
        assert_ne!(answer.status, 429);
        assert_eq!(header(&answer, "ratelimit-policy").as_deref(), Some("\"person\";q=4;w=60"));
        let seconds = 15 * (4 - left);
        assert_eq!(header(&answer, "ratelimit"), Some(format!("\"person\";r={left};t={seconds}")));
    }
    let refused = p.get("applicant", "/v1/me").await;
    assert!(header(&refused, "ratelimit").unwrap().starts_with("\"person\";r=0;"));
    let pause: u64 = header(&refused, "retry-after").unwrap().parse().unwrap();
    assert!((1..=15).contains(&pause), "{pause}");
    refused.is_problem(429, "rate_limited");
    // A request for a change is refused before it takes effect.
    p.post("applicant", "/v1/appeals", json!({})).await.is_problem(429, "rate_limited");
    // Other people are not affected, and unauthenticated requests have no allowance.
    assert_eq!(p.get("operator", "/v1/me").await.status, 200);
    let open = p.get(Caller::Anonymous, "/v1/categories").await;
    assert_eq!((open.status, header(&open, "ratelimit")), (200, None));
    p.get(Caller::Token("nobody"), "/v1/me").await.is_problem(401, "unauthenticated");
    // Not counted.
    p.get(Caller::Anonymous, "/metrics").await.is_problem(404, "not_found");
}

#[tokio::test]
async fn without_a_limit_there_are_no_headers() {
    let p = TestPlatform::new().await;
    let answer = p.get("applicant", "/v1/me").await;
    assert_eq!(answer.status, 200);
    assert!(answer.headers.get("ratelimit").is_none());
}

#[tokio::test]
async fn a_heavy_request_takes_more() {
    let p = TestPlatform::open(|settings| settings.rate_limit = NonZeroU32::new(12)).await;
    let mut left = Vec::new();
    for path in ["/v1/me", "/v1/reports/summary", "/v1/reports/summary", "/v1/reports/summary", "/v1/me"] {
        let answer = p.get("operator", path).await;
        left.push((answer.status, answer.header("ratelimit").to_owned()));
    }
    let left: Vec<(u16, &str)> =
        left.iter().map(|(status, header)| (*status, header.split(';').nth(1).unwrap())).collect();
    assert_eq!(left, [(200, "r=11"), (200, "r=6"), (200, "r=1"), (429, "r=0"), (200, "r=0")]);
}
