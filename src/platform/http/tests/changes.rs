//! The stream of changes, and the polling equivalent.

use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use futures_util::Stream;
use futures_util::StreamExt as _;
use sse_stream::SseByteStream;

use super::*;

type Events = SseByteStream<Pin<Box<dyn Stream<Item = Result<Bytes, std::io::Error>> + Send>>>;

/// Timeout of a wait, long enough for any machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// Opens a stream of changes for the applicant.
async fn follow(p: &TestPlatform, path: &str, headers: &[(&str, &str)]) -> Events {
    let response = p.respond("applicant", "GET", path, headers, Value::Null).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    assert_eq!(response.headers()["cache-control"], "no-cache");
    assert_eq!(response.headers()["x-accel-buffering"], "no");
    let stream = response.into_body().into_data_stream().map(|r| r.map_err(std::io::Error::other));
    SseByteStream::new(Box::pin(stream) as Pin<Box<dyn Stream<Item = _> + Send>>)
}

/// Returns the next change or cursor event: its kind, id and data.
async fn next(events: &mut Events) -> (String, String, Value) {
    let event = tokio::time::timeout(PATIENCE, events.next()).await.unwrap().unwrap().unwrap();
    let data = event.data.map_or(Value::Null, |data| serde_json::from_str(&data).unwrap());
    (event.event.unwrap_or_default(), event.id.unwrap_or_default(), data)
}

async fn happen(platform: &Platform, appeal: &str, event: Event, internal: bool) {
    let appeal = appeal.to_owned();
    platform
        .app
        .db()
        .write(move |tx| {
            let appeal = appeal.clone();
            Box::pin(async move { announce(tx, &appeal, event, internal).await.map(drop) })
        })
        .await
        .unwrap();
}

/// Files two appeals: one of `applicant` with the roads department, one of `intermediary` with taxes.
async fn two(p: &TestPlatform) -> (String, String) {
    p.app
        .db()
        .write(|tx| {
            Box::pin(async move {
                Ok((
                    plant(tx, "applicant", MINE, "roads").await?,
                    plant(tx, "intermediary", THEIRS, "taxes").await?,
                ))
            })
        })
        .await
        .unwrap()
}

const MINE: &str = "2026-0000000001-6";
const THEIRS: &str = "2026-0000000002-7";

fn names(answer: &Reply) -> Vec<&str> {
    answer.body["items"].as_array().unwrap().iter().map(|c| c["event"].as_str().unwrap()).collect()
}

/// Changes of both appeals: four of the applicant's, of which one is internal, and two of the other.
async fn changes(p: &TestPlatform) -> String {
    let (mine, theirs) = two(p).await;
    let start = p.get("applicant", "/v1/changes").await;
    assert!(names(&start).is_empty());
    for (appeal, event, internal) in [
        (&mine, Event::Created, false),
        (&theirs, Event::Created, false),
        (&mine, Event::Commented, true),
        (&mine, Event::Taken, false),
        (&mine, Event::Escalated, false),
        (&theirs, Event::Taken, false),
    ] {
        happen(p, appeal, event, internal).await;
    }
    start.body["cursor"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_page_continues_from_its_cursor() {
    let p = TestPlatform::new().await;
    let cursor = changes(&p).await;
    let page = p.get("applicant", &format!("/v1/changes?after={cursor}&limit=2")).await;
    assert_eq!(names(&page), ["created", "taken"]);
    assert_eq!(page.body["more"], true);
    assert_eq!(page.body["items"][0]["number"], MINE);
    let on = page.body["cursor"].as_str().unwrap();
    assert_eq!(on, page.body["items"][1]["cursor"].as_str().unwrap());
    let rest = p.get("applicant", &format!("/v1/changes?after={on}")).await;
    assert_eq!(names(&rest), ["escalated"]);
    assert_eq!(rest.body["more"], false);
    assert!(rest.body["items"][0]["summary"].as_str().unwrap().contains("Senior"));
    let end = rest.body["cursor"].as_str().unwrap();
    assert!(names(&p.get("applicant", &format!("/v1/changes?after={end}")).await).is_empty());
}

#[tokio::test]
async fn a_person_sees_the_changes_of_visible_appeals() {
    let p = TestPlatform::new().await;
    let cursor = changes(&p).await;
    let all = format!("/v1/changes?after={cursor}");
    assert_eq!(names(&p.get("operator-roads", &all).await).len(), 4, "internal ones too");
    for (who, count) in [("operator-taxes", 2), ("admin", 6), ("supervisor", 0), ("analyst", 0)] {
        assert_eq!(names(&p.get(who, &all).await).len(), count, "{who}");
    }
}

#[tokio::test]
async fn changes_are_filtered_by_number_and_time() {
    let p = TestPlatform::new().await;
    let cursor = changes(&p).await;
    let some = format!("/v1/changes?after={cursor}&numbers={MINE}");
    assert_eq!(names(&p.get("admin", &some).await).len(), 4);
    let since = "/v1/changes?since=2020-01-01T00:00:00Z";
    assert_eq!(names(&p.get("applicant", since).await).len(), 3);
    let later = "/v1/changes?since=2030-01-01T00:00:00Z";
    assert!(names(&p.get("applicant", later).await).is_empty());
}

#[tokio::test]
async fn an_invalid_cursor_is_distinguished_from_an_expired_one() {
    let p = TestPlatform::new().await;
    let after = async |cursor: &str| p.get("applicant", &format!("/v1/changes?after={cursor}")).await;
    for bad in ["what%3F", "YWJj", "%20"] {
        after(bad).await.is_problem(400, "bad_cursor");
    }
    let epoch = p.app.read(async |tx| events::epoch(tx).await).await.unwrap();
    after(&events::cursor("00000000x", 0)).await.is_problem(410, "cursor_gone");
    after(&events::cursor(&epoch, 1)).await.is_problem(410, "cursor_gone");
    after(&events::cursor(&epoch, -1)).await.is_problem(400, "bad_cursor");
    let both = format!("{}&since=2020-01-01T00:00:00Z", events::cursor(&epoch, 0));
    after(&both).await.is_problem(400, "bad_request");
}

#[tokio::test]
async fn invalid_numbers_and_times_have_distinct_errors() {
    let p = TestPlatform::new().await;
    two(&p).await;
    for (query, status, code) in [
        ("changes?since=yesterday", 400, "bad_request"),
        ("changes?numbers=", 400, "bad_request"),
        ("changes?numbers=2026-0000000002-7", 404, "not_found"),
        ("changes?numbers=2026-0000000001-7", 422, "number_mistyped"),
        ("changes?numbers=nonsense", 422, "invalid"),
        ("events?numbers=2026-0000000001-7", 422, "number_mistyped"),
    ] {
        p.get("applicant", &format!("/v1/{query}")).await.is_problem(status, code);
    }
}

#[tokio::test]
async fn a_stream_shows_visible_changes_as_they_happen() {
    let p = TestPlatform::new().await;
    let (mine, theirs) = two(&p).await;
    let mut events = follow(&p, "/v1/events", &[]).await;
    let (kind, _, _) = next(&mut events).await;
    assert_eq!(kind, "cursor", "where to continue, before anything happens");
    happen(&p, &theirs, Event::Created, false).await;
    happen(&p, &mine, Event::Created, false).await;
    let (kind, id, change) = next(&mut events).await;
    assert_eq!((kind.as_str(), change["event"].as_str().unwrap()), ("change", "created"));
    assert_eq!(change["number"], MINE);
    assert_eq!(change["cursor"].as_str().unwrap(), id);
}

/// Breaks a stream after its first change, and changes the appeal twice; returns the id of the first change.
async fn broken_stream(p: &TestPlatform) -> String {
    let (mine, _) = two(p).await;
    let mut events = follow(p, "/v1/events", &[]).await;
    next(&mut events).await;
    happen(p, &mine, Event::Created, false).await;
    let (_, id, _) = next(&mut events).await;
    drop(events);
    happen(p, &mine, Event::Taken, false).await;
    happen(p, &mine, Event::Answered, false).await;
    id
}

#[tokio::test]
async fn a_stream_continues_after_the_last_event() {
    let p = TestPlatform::new().await;
    let id = broken_stream(&p).await;
    let path = format!("/v1/events?numbers={MINE}");
    let mut again = follow(&p, &path, &[("last-event-id", &id)]).await;
    assert_eq!(next(&mut again).await.0, "cursor");
    assert_eq!(next(&mut again).await.2["event"], "taken");
    assert_eq!(next(&mut again).await.2["event"], "answered");
}

#[tokio::test]
async fn a_stream_continues_after_a_cursor_in_the_language_of_the_request() {
    let p = TestPlatform::new().await;
    let id = broken_stream(&p).await;
    let mut again = follow(&p, &format!("/v1/events?after={id}"), &[("accept-language", "ru")]).await;
    next(&mut again).await;
    let (_, _, change) = next(&mut again).await;
    assert_eq!(change["event"], "taken");
    assert!(change["summary"].as_str().unwrap().contains("работу"), "{change}");
}

#[tokio::test]
async fn a_long_history_streams_page_by_page_without_a_gap() {
    let p = TestPlatform::new().await;
    let (mine, _) = two(&p).await;
    let appeal = mine.clone();
    p.app
        .db()
        .write(move |tx| {
            let appeal = appeal.clone();
            Box::pin(async move {
                for _ in 0..450 {
                    announce(tx, &appeal, Event::Commented, false).await?;
                }
                Ok(())
            })
        })
        .await
        .unwrap();
    let mut events = follow(&p, "/v1/events?since=2020-01-01T00:00:00Z", &[]).await;
    next(&mut events).await;
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..450 {
        let (_, id, _) = next(&mut events).await;
        assert!(seen.insert(id));
    }
    happen(&p, &mine, Event::Closed, false).await;
    assert_eq!(next(&mut events).await.2["event"], "closed");
}

#[tokio::test]
async fn changes_of_another_process_are_noticed() {
    let p = TestPlatform::new().await;
    let (mine, _) = two(&p).await;
    let other = p.open_again().await;
    let mut events = follow(&p, "/v1/events", &[]).await;
    next(&mut events).await;
    for event in [Event::Taken, Event::Answered, Event::Closed] {
        happen(&other, &mine, event, false).await;
        assert_eq!(next(&mut events).await.2["event"], event.as_str());
    }
}

#[tokio::test]
async fn a_server_that_stops_ends_its_streams_and_answers_to_the_end() {
    let p = TestPlatform::new().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let platform = p.clone();
    let serving =
        tokio::spawn(async move { platform.serve(listener, async move { drop(stopped.await) }).await });
    let token = p.session("applicant").await;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let mut socket = tokio::net::TcpStream::connect(address).await.unwrap();
    let request = format!("GET /v1/events HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer {token}\r\n\r\n");
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut head = [0; 15];
    socket.read_exact(&mut head).await.unwrap();
    assert_eq!(&head, b"HTTP/1.1 200 OK");
    stop.send(()).unwrap();
    let mut rest = Vec::new();
    tokio::time::timeout(PATIENCE, socket.read_to_end(&mut rest)).await.unwrap().unwrap();
    assert!(rest.ends_with(b"0\r\n\r\n"), "the stream ends as HTTP has it");
    tokio::time::timeout(PATIENCE, serving).await.unwrap().unwrap().unwrap();
    p.get("applicant", "/readyz").await.is_problem(503, "unavailable");
}
