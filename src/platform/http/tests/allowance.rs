//! Request allowances, as seen by a client.

use std::num::NonZeroU32;

use super::*;

/// A platform on which each person may send four requests a minute.
async fn limited() -> TestPlatform {
    TestPlatform::open(|settings| settings.rate_limit = NonZeroU32::new(4)).await
}

/// Sends all requests that the applicant may send.
async fn use_up(p: &TestPlatform) {
    for _ in 0..4 {
        assert_ne!(p.get("applicant", "/v1/me").await.status, 429);
    }
}

#[tokio::test]
async fn the_remaining_allowance_is_reported() {
    let p = limited().await;
    for left in (0..4).rev() {
        // Missing objects count like existing ones.
        let path = if left == 1 { "/v1/appeals/2026-0000000000-0" } else { "/v1/me" };
        let reply = p.get("applicant", path).await;
        assert_ne!(reply.status, 429);
        assert_eq!(reply.header("ratelimit-policy"), "\"person\";q=4;w=60");
        let seconds = 15 * (4 - left);
        assert_eq!(reply.header("ratelimit"), format!("\"person\";r={left};t={seconds}"));
    }
}

#[tokio::test]
async fn a_request_beyond_the_allowance_is_refused_with_a_pause() {
    let p = limited().await;
    use_up(&p).await;
    let refused = p.get("applicant", "/v1/me").await;
    refused.is_problem(429, "rate_limited");
    assert!(refused.header("ratelimit").starts_with("\"person\";r=0;"));
    let pause: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=15).contains(&pause), "{pause}");
}

#[tokio::test]
async fn a_change_beyond_the_allowance_is_refused_before_it_takes_effect() {
    let p = limited().await;
    use_up(&p).await;
    p.post("applicant", "/v1/appeals", json!({})).await.is_problem(429, "rate_limited");
}

#[tokio::test]
async fn other_people_have_allowances_of_their_own() {
    let p = limited().await;
    use_up(&p).await;
    assert_eq!(p.get("operator", "/v1/me").await.status, 200);
}

#[tokio::test]
async fn unauthenticated_requests_have_no_allowance() {
    let p = limited().await;
    use_up(&p).await;
    let open = anonymous(&p, "/v1/categories").await;
    assert_eq!((open.status, open.headers.get("ratelimit")), (200, None));
    p.get(Caller::Token("unknown"), "/v1/me").await.is_problem(401, "unauthenticated");
    anonymous(&p, "/metrics").await.is_problem(404, "not_found");
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
