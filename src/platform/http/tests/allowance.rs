//! Request allowances, as seen by a client.

use std::num::NonZeroU32;

use super::*;

#[tokio::test]
async fn the_remaining_allowance_is_reported_until_it_is_used_up() {
    let dir = tempfile::tempdir().unwrap();
    let limited = Settings { rate_limit: NonZeroU32::new(4), ..settings(dir.path(), Clock::default()) };
    let platform = Platform::open(limited).await.unwrap();
    let maria = platform.local_session("applicant").await.unwrap();
    let oleg = platform.local_session("operator").await.unwrap();
    let get = async |path: &str, token: &str| {
        send(platform.router(), Method::GET, path, token, &[], Body::empty()).await
    };
    let header =
        |answer: &Answer, name: &str| answer.headers.get(name).map(|v| v.to_str().unwrap().to_owned());
    for left in (0..4).rev() {
        // Missing objects count like existing ones.
        let path = if left == 1 { "/v1/appeals/2026-0000000000-0" } else { "/v1/me" };
        let answer = get(path, &maria).await;
        assert_ne!(answer.status, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(header(&answer, "ratelimit-policy").as_deref(), Some("\"person\";q=4;w=60"));
        let seconds = 15 * (4 - left);
        assert_eq!(header(&answer, "ratelimit"), Some(format!("\"person\";r={left};t={seconds}")));
    }
    let refused = get("/v1/me", &maria).await;
    assert!(header(&refused, "ratelimit").unwrap().starts_with("\"person\";r=0;"));
    let pause: u64 = header(&refused, "retry-after").unwrap().parse().unwrap();
    assert!((1..=15).contains(&pause), "{pause}");
    refused.is_problem(429, "rate_limited");
    // A request for a change is refused before it takes effect.
    let filing = [("content-type", "application/json")];
    let filed = send(platform.router(), Method::POST, "/v1/appeals", &maria, &filing, Body::from("{}")).await;
    filed.is_problem(429, "rate_limited");
    // Other people are not affected, and unauthenticated requests have no allowance.
    assert_eq!(get("/v1/me", &oleg).await.status, StatusCode::OK);
    let open = get("/v1/categories", "").await;
    assert_eq!((open.status, header(&open, "ratelimit")), (StatusCode::OK, None));
    get("/v1/me", "nobody").await.is_problem(401, "unauthenticated");
    // Not counted.
    get("/metrics", "").await.is_problem(404, "not_found");
    platform.close().await;
}

#[tokio::test]
async fn without_a_limit_there_are_no_headers() {
    let site = Site::open().await;
    let answer = site.get("applicant", "/v1/me").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.headers.get("ratelimit").is_none());
}

#[tokio::test]
async fn a_heavy_request_takes_more() {
    let dir = tempfile::tempdir().unwrap();
    let limited = Settings { rate_limit: NonZeroU32::new(12), ..settings(dir.path(), Clock::default()) };
    let platform = Platform::open(limited).await.unwrap();
    let oleg = platform.local_session("operator").await.unwrap();
    let mut left = Vec::new();
    for path in ["/v1/me", "/v1/reports/summary", "/v1/reports/summary", "/v1/reports/summary", "/v1/me"] {
        let answer = send(platform.router(), Method::GET, path, &oleg, &[], Body::empty()).await;
        left.push((answer.status.as_u16(), answer.headers["ratelimit"].to_str().unwrap().to_owned()));
    }
    let left: Vec<(u16, &str)> =
        left.iter().map(|(status, header)| (*status, header.split(';').nth(1).unwrap())).collect();
    assert_eq!(left, [(200, "r=11"), (200, "r=6"), (200, "r=1"), (429, "r=0"), (200, "r=0")]);
    platform.close().await;
}
