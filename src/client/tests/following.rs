//! Following changes over streams that break.

use futures_util::{StreamExt, TryStreamExt};

use super::*;
use appeal_api::{Change, Received};

fn change(n: u32) -> Value {
    json!({
        "cursor": format!("e.{n}"), "at": "2026-01-01T00:00:00Z", "number": "2026-0000000001-2",
        "event": "commented", "status": "draft", "actor": "a", "summary": "s"
    })
}

fn event(n: u32) -> String {
    format!("id: e.{n}\nevent: change\ndata: {}\n\n", change(n))
}

fn page(changes: &[u32], cursor: u32) -> Reply {
    let items: Vec<Value> = changes.iter().map(|n| change(*n)).collect();
    Reply::json(json!({"items": items, "cursor": format!("e.{cursor}"), "more": false}))
}

/// Returns the first changes by the numbers in their cursors.
async fn first(server: &Server, count: usize, from: Option<&str>) -> Result<Vec<String>> {
    let feed = server.client().follow(vec!["2026-0000000001-2".into()], from.map(str::to_owned));
    let changes: Vec<Received<Change>> = feed.take(count).try_collect().await?;
    Ok(changes.into_iter().map(|change| change.into_known().cursor).collect())
}

#[tokio::test]
async fn a_stream_that_breaks_in_the_middle_goes_on_where_it_was() {
    let half = &event(3)[..40];
    let server = Server::script(vec![
        page(&[], 0),
        Reply::events(&format!(": hello\n\n{}{}{half}", event(1), event(2))),
        // Repeats earlier events, sends a cursor, and then stays silent.
        Reply::events(&format!("{}{}id: e.4\nevent: cursor\n\n", event(2), event(3))).hang(),
        Reply::none(),
        Reply::problem(503, "unavailable"),
        Reply::events(&format!("event: ping\ndata: {{}}\n\n{}", event(5))),
    ])
    .await;
    let changes = first(&server, 4, None).await.unwrap();
    assert_eq!(changes, ["e.1", "e.2", "e.3", "e.5"]);
    let arrived = server.arrived();
    let paths: Vec<&str> = arrived.iter().map(|r| r.path.as_str()).collect();
    let events = |n: u32| format!("/v1/events?after=e.{n}&numbers=2026-0000000001-2");
    assert_eq!(paths, ["/v1/changes", &events(0), &events(2), &events(4), &events(4), &events(4)]);
    let ids: Vec<&str> = arrived.iter().map(|r| r.header("last-event-id")).collect();
    assert_eq!(ids, ["", "", "e.2", "e.4", "e.4", "e.4"]);
    assert_eq!(arrived[1].header("accept"), "text/event-stream");
}

#[tokio::test]
async fn a_heartbeat_keeps_a_stream_and_silence_breaks_it() {
    let server = Server::script(vec![
        Reply::events(": ping\n\n").hang(),
        Reply::events(": ping\n\n").hang(),
        Reply::events(": ping\n\n").hang(),
        Reply::events(": ping\n\n").hang(),
        Reply::events(&event(1)),
    ])
    .await;
    assert_eq!(first(&server, 1, Some("e.0")).await.unwrap(), ["e.1"]);
    assert!(server.arrived().iter().all(|r| r.path.starts_with("/v1/events")), "signs of life: no polling");
}

#[tokio::test]
async fn where_streams_do_not_work_it_polls() {
    let fruitless: [fn() -> Reply; 4] = [
        || Reply::new(200, &[("content-type", "text/html")], "<html>"),
        || Reply::events(""),
        || Reply::events("").hang(),
        || Reply::new(404, &[("content-type", "text/html")], "<html>"),
    ];
    for (kind, reply) in fruitless.into_iter().enumerate() {
        let polls = std::sync::atomic::AtomicU32::new(0);
        let server = Server::start(move |_, request| {
            if request.path.starts_with("/v1/events") {
                return reply();
            }
            match polls.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
                0 => page(&[1, 2], 2),
                1 => page(&[], 2),
                2 => Reply::none(),
                3 => page(&[2, 3], 7),
                _ => page(&[8], 8),
            }
        })
        .await;
        let changes = first(&server, 4, Some("e.0")).await.unwrap();
        assert_eq!(changes, ["e.1", "e.2", "e.3", "e.8"], "{kind}");
        let arrived = server.arrived();
        let tries = arrived.iter().filter(|r| r.path.starts_with("/v1/events")).count();
        assert!(tries <= 3, "{tries}");
        assert!(arrived.last().unwrap().path.contains("after=e.7"), "{arrived:?}");
    }
}

#[tokio::test]
async fn the_stream_is_tried_again_after_a_while() {
    let server = Server::start(|n, request| match (n, request.path.starts_with("/v1/events")) {
        (0, _) => Reply::new(200, &[("content-type", "text/html")], "<html>"),
        (_, true) => Reply::events(&event(9)),
        _ => page(&[], 0),
    })
    .await;
    let mut client = server.client();
    client.pace.polling = Duration::from_millis(20);
    let mut feed = std::pin::pin!(client.follow(Vec::new(), Some("e.0".into())));
    assert_eq!(feed.next().await.unwrap().unwrap().cursor, "e.9");
}

#[tokio::test]
async fn an_event_that_cannot_be_read_is_not_skipped() {
    let server = Server::script(vec![
        Reply::events(&format!("id: e.1\nevent: change\ndata: {{\"cur\n\n{}", event(2))),
        Reply::events(&format!("{}{}", event(1), event(2))),
    ])
    .await;
    assert_eq!(first(&server, 2, Some("e.0")).await.unwrap(), ["e.1", "e.2"]);

    // An event that can never be parsed ends in an error.
    let server = Server::start(|_, request| {
        if request.path.starts_with("/v1/events") {
            Reply::events("event: ping\n\nid: e.1\nevent: change\ndata: {}\n\n")
        } else {
            Reply::json(json!({"items": [{}], "cursor": "e.1", "more": false}))
        }
    })
    .await;
    assert!(matches!(first(&server, 1, Some("e.0")).await, Err(Error::Protocol(_))));
}

#[tokio::test]
async fn permanent_errors_end_the_feed() {
    for status in [401, 403, 404, 410] {
        let server = Server::script(vec![Reply::events(&event(1)), Reply::problem(status, "c")]).await;
        let feed = server.client().follow(Vec::new(), Some("e.0".into()));
        let all: Vec<Result<Received<Change>>> = feed.collect().await;
        assert!(matches!(all.as_slice(), [Ok(_), Err(Error::Problem(p))] if p.status == status), "{all:?}");
    }
}

#[tokio::test]
async fn a_network_that_lets_nothing_through_is_waited_out() {
    fn html(status: u16) -> Reply {
        Reply::new(status, &[("content-type", "text/html")], "<html>Sign in</html>")
    }
    let sign_in: [fn() -> Reply; 6] = [
        || html(200),
        || Reply::new(302, &[("location", "http://gate.example/")], ""),
        || html(511),
        || html(403),
        || html(404),
        || Reply::json(json!({"error": "no way out"})),
    ];
    for (kind, reply) in sign_in.into_iter().enumerate() {
        // More than the limit after which attempts would end; only JSON of unexpected shape can come from a platform.
        let shut = if kind == 5 { 2 } else { 40 };
        let server = Server::start(move |n, request| match request.path.starts_with("/v1/events") {
            true => reply(),
            false if n <= shut => reply(),
            false => page(&[1, 2], 2),
        })
        .await;
        assert_eq!(first(&server, 2, Some("e.0")).await.unwrap(), ["e.1", "e.2"], "{kind}");
    }
}

#[tokio::test]
async fn insist_repeats_until_there_is_an_answer() {
    let gate = || Reply::new(200, &[("content-type", "text/html")], "<html>Sign in</html>");
    let server =
        Server::script(vec![gate(), Reply::none(), Reply::problem(503, "unavailable"), gate(), page(&[], 7)])
            .await;
    let client = server.client().with_retries(Retries {
        for_at_most: Duration::ZERO,
        first_pause: Duration::from_millis(1),
        longest_pause: Duration::from_millis(1),
    });
    let cursor = client.insist(|client| async move { client.present_cursor().await }).await.unwrap();
    assert_eq!((cursor.as_str(), server.arrived().len()), ("e.7", 5));
    let server =
        Server::script(vec![Reply::problem(503, "unavailable"), Reply::problem(404, "not_found")]).await;
    let refused = server.client().insist(|client| async move { client.present_cursor().await }).await;
    assert!(matches!(refused, Err(Error::Problem(problem)) if problem.status == 404));
}

#[tokio::test]
async fn changes_are_polled_while_a_proxy_buffers_the_stream() {
    let server = Server::start(|_, request| {
        if request.path.starts_with("/v1/events") { Reply::none().hang() } else { page(&[1], 1) }
    })
    .await;
    assert_eq!(first(&server, 1, Some("e.0")).await.unwrap(), ["e.1"]);
    let streams = server.arrived().iter().filter(|r| r.path.starts_with("/v1/events")).count();
    assert_eq!(streams, 1, "it was not waited for a second time");
}

#[tokio::test]
async fn a_stream_is_abandoned_if_only_its_beginning_arrives() {
    let server = Server::start(|_, request| {
        let opening = ": hello\n\nid: e.0\nevent: cursor\ndata: {}\n\n";
        if request.path.starts_with("/v1/events") {
            return Reply::events(opening).hang();
        }
        // Events between two streams.
        let after = request.path.split("after=e.").nth(1).and_then(|rest| rest.split('&').next()).unwrap();
        let next = after.parse::<u32>().unwrap() + 1;
        page(&[next], next)
    })
    .await;
    let mut client = server.client();
    client.pace.opening = Duration::from_secs(60);
    let feed = client.follow(vec!["2026-0000000001-2".into()], Some("e.0".to_owned()));
    let changes: Vec<Received<Change>> = feed.take(8).try_collect().await.unwrap();
    let cursors: Vec<String> = changes.into_iter().map(|change| change.into_known().cursor).collect();
    assert_eq!(cursors, (1..=8).map(|n| format!("e.{n}")).collect::<Vec<_>>());
    let streams = server.arrived().iter().filter(|r| r.path.starts_with("/v1/events")).count();
    assert_eq!(streams, 3, "it is tried three times, and given up for a while");
}
