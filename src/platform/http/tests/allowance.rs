//! What a person may ask in a minute, as a client sees it.

use std::num::NonZeroU32;

use super::*;

#[tokio::test]
async fn what_is_left_is_told_until_nothing_is() {
    let dir = tempfile::tempdir().unwrap();
    let limited = Settings { rate_limit: NonZeroU32::new(4), ..settings(dir.path(), Clock::default()) };
    let platform = Platform::open(limited).await.unwrap();
    let maria = platform.local_session("applicant").await.unwrap();
    let oleg = platform.local_session("operator").await.unwrap();
    let get = async |path: &str, token: &str| {
        send(platform.router(), Method::GET, path, token, &[], Body::empty()).await
    };
    let told = |answer: &Answer, name: &str| answer.headers.get(name).map(|v| v.to_str().unwrap().to_owned());
    for left in (0..4).rev() {
        // What is not there counts like what is.
        let path = if left == 1 { "/v1/appeals/2026-0000000000-0" } else { "/v1/me" };
        let answer = get(path, &maria).await;
        assert_ne!(answer.status, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(told(&answer, "ratelimit-policy").as_deref(), Some("\"person\";q=4;w=60"));
        let seconds = 15 * (4 - left);
        assert_eq!(told(&answer, "ratelimit"), Some(format!("\"person\";r={left};t={seconds}")));
    }
    let refused = get("/v1/me", &maria).await;
    assert!(told(&refused, "ratelimit").unwrap().starts_with("\"person\";r=0;"));
    let pause: u64 = told(&refused, "retry-after").unwrap().parse().unwrap();
    assert!((1..=15).contains(&pause), "{pause}");
    refused.is_problem(429, "rate_limited");
    // A request that would change something is refused before it does.
    let filing = [("content-type", "application/json")];
    let filed = send(platform.router(), Method::POST, "/v1/appeals", &maria, &filing, Body::from("{}")).await;
    filed.is_problem(429, "rate_limited");
    // Others are not concerned, and nobody in particular has no allowance.
    assert_eq!(get("/v1/me", &oleg).await.status, StatusCode::OK);
    let open = get("/v1/categories", "").await;
    assert_eq!((open.status, told(&open, "ratelimit")), (StatusCode::OK, None));
    get("/v1/me", "nobody").await.is_problem(401, "unauthenticated");
    // Nobody counts here.
    get("/metrics", "").await.is_problem(404, "not_found");
    platform.close().await;
}

#[tokio::test]
async fn without_a_limit_nothing_is_told() {
    let house = House::open().await;
    let answer = house.get("applicant", "/v1/me").await;
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
        left.iter().map(|(status, told)| (*status, told.split(';').nth(1).unwrap())).collect();
    assert_eq!(left, [(200, "r=11"), (200, "r=6"), (200, "r=1"), (429, "r=0"), (200, "r=0")]);
    platform.close().await;
}
