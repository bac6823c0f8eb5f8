//! Retries, redirects, refusals, lists.

use futures_util::{StreamExt, TryStreamExt};

use super::*;
use appeal_api::{EditAppeal, ListQuery};

const NUMBER: &str = "2026-0000000001-2";

fn body() -> Value {
    json!({"subject": "Lift", "text": "It stands."})
}

async fn post(client: &Client) -> Result<Value> {
    client.post("/v1/things", &body(), "key-1").await
}

#[tokio::test]
async fn a_busy_platform_is_waited_for() {
    let mut busy = Reply::problem(503, "unavailable");
    let head = String::from_utf8(busy.bytes).unwrap().replacen("\r\n", "\r\nretry-after: 1\r\n", 1);
    busy.bytes = head.into_bytes();
    let server = Server::script(vec![busy, Reply::json(json!({"ok": true}))]).await;
    let notes = Arc::new(Notes::default());
    let answer = post(&server.client().with_observer(notes.clone())).await.unwrap();
    assert_eq!(answer["ok"], true);
    let waits = notes.1.lock().unwrap().clone();
    assert_eq!(waits.len(), 1);
    assert!(waits[0] >= Duration::from_secs(1));
    let notes = notes.0.lock().unwrap().join("\n");
    assert!(notes.contains("POST /v1/things 503") && notes.contains("1 HTTP 503"), "{notes}");
    assert!(!notes.contains("geheim"), "{notes}");
}

#[tokio::test]
async fn every_attempt_is_the_same_request() {
    let whole = json!({"ok": true}).to_string();
    let kind = [("content-type", "application/json")];
    let server = Server::script(vec![
        Reply::none(),
        Reply::sized(200, &kind, &whole[..5], Some(whole.len())),
        Reply::new(200, &kind, &whole[..5]),
        Reply::new(502, &[("content-type", "text/html")], "<h1>Bad gateway</h1>"),
        Reply::problem(429, "rate_limited"),
        Reply::json(json!({"ok": true})),
    ])
    .await;
    assert_eq!(post(&server.client()).await.unwrap()["ok"], true);
    let arrived = server.arrived();
    assert_eq!(arrived.len(), 6);
    for request in arrived {
        assert_eq!(request.header("idempotency-key"), "key-1");
        assert_eq!(request.header("authorization"), "Bearer geheim");
        assert_eq!(serde_json::from_slice::<Value>(&request.body).unwrap(), body());
    }
}

#[tokio::test]
async fn without_a_key_nothing_is_sent_twice() {
    for reply in [Reply::none(), Reply::problem(503, "unavailable"), Reply::sized(200, &[], "{", Some(9))] {
        let server = Server::script(vec![reply, Reply::json(json!({}))]).await;
        let outcome: Result<Value> =
            server.client().prepare(Method::POST, "/v1/things", Some(&body()), &[]).await;
        assert!(outcome.unwrap_err().is_unreachable());
        assert_eq!(server.arrived().len(), 1);
    }
}

#[tokio::test]
async fn a_closed_port_is_tried_until_the_time_is_over() {
    let url = Server::script(Vec::new()).await.url;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut closed = url.clone();
    closed.set_port(Some(listener.local_addr().unwrap().port())).unwrap();
    drop(listener);
    for (limit, several) in [(0, false), (60, true)] {
        let retries = Retries { for_at_most: Duration::from_millis(limit), ..client_of(&closed).retries };
        let outcome: Result<Value> = client_of(&closed).with_retries(retries).get("/v1/me").await;
        let Err(Error::Unreachable { place, attempts, last }) = outcome else { panic!("{outcome:?}") };
        assert_eq!(attempts > 1, several, "{attempts}");
        assert_eq!(place, closed.as_str().trim_end_matches('/'));
        assert!(last.to_lowercase().contains("refused"), "{last}");
    }
}

#[tokio::test]
async fn the_last_error_of_a_failing_platform_is_kept() {
    let server = Server::start(|_, _| Reply::problem(503, "unavailable")).await;
    let retries = Retries { for_at_most: Duration::from_millis(50), ..server.client().retries };
    let error = post(&server.client().with_retries(retries)).await.unwrap_err();
    assert!(matches!(&error, Error::Problem(p) if p.code == "unavailable"), "{error:?}");
    assert!(error.is_unreachable());
    assert!(server.arrived().len() > 1);
}

#[tokio::test]
async fn a_longer_wait_than_there_is_time_for_is_not_begun() {
    let server = Server::start(|_, _| Reply::new(429, &[("retry-after", "3600")], "")).await;
    let error = post(&server.client()).await.unwrap_err();
    assert!(matches!(error, Error::Unreachable { attempts: 1, .. }), "{error:?}");
    assert_eq!(server.arrived().len(), 1);
}

#[tokio::test]
async fn refusals_are_final() {
    for status in [400, 401, 403, 404, 409, 410, 412, 422] {
        let server = Server::script(vec![Reply::problem(status, "c")]).await;
        let error = post(&server.client()).await.unwrap_err();
        assert!(matches!(&error, Error::Problem(p) if p.status == status), "{error:?}");
        assert_eq!(server.arrived().len(), 1);
    }
}

#[tokio::test]
async fn a_response_from_something_else_fails_immediately() {
    for reply in [
        Reply::new(200, &[("content-type", "text/html")], "<html>Sign in to the network</html>"),
        Reply::new(404, &[("content-type", "text/html")], "<h1>Nothing here</h1>"),
        Reply::json(json!(["another", "shape"])),
    ] {
        let server = Server::script(vec![reply]).await;
        let error = server.client().me().await.unwrap_err();
        assert!(matches!(error, Error::Protocol(_)), "{error:?}");
        assert_eq!(server.arrived().len(), 1);
    }
}

#[tokio::test]
async fn raw_gives_refusals_as_they_are() {
    let server = Server::script(vec![
        Reply::problem(404, "not_found"),
        Reply::problem(503, "x"),
        Reply::json(json!(1)),
    ])
    .await;
    let client = server.client();
    let answer = client.raw(Method::GET, "v1/x?y=1", None, &[]).await.unwrap();
    assert_eq!(answer.status(), 404);
    let answer = client.raw(Method::PUT, "/v1/x", Some("{}".into()), &[("x-a", "b")]).await.unwrap();
    assert_eq!(answer.status(), 200);
    let arrived = server.arrived();
    assert_eq!(arrived[0].path, "/v1/x?y=1");
    assert_eq!(arrived[2].header("x-a"), "b");
    assert_eq!(arrived[2].header("content-type"), "application/json");
}

#[tokio::test]
async fn a_redirect_to_https_is_followed_by_a_tls_handshake() {
    let secure = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let location = format!("https://{}/", secure.local_addr().unwrap());
    let server = Server::script(vec![Reply::new(302, &[("location", &location)], "")]).await;
    let (client, mut record) = (server.client(), [0]);
    let handshake = async { secure.accept().await.unwrap().0.read_exact(&mut record).await.unwrap() };
    let get = client.get::<Value>("/v1/me");
    tokio::select! { _ = handshake => {}, outcome = get => panic!("{outcome:?}") }
    assert_eq!(record, [22], "the first record of TLS is a handshake (RFC 8446, 5.1)");
}

#[tokio::test]
async fn redirects_never_carry_the_token_away_nor_a_post() {
    let other = Server::start(|_, _| Reply::json(json!({"there": true}))).await;
    let mut elsewhere = other.url.clone();
    elsewhere.set_host(Some("localhost")).unwrap();
    let to = elsewhere.join("/v1/moved").unwrap();
    let server = Server::start(move |_, request| match request.path.as_str() {
        "/v1/here" => Reply::new(308, &[("location", "/v1/near")], ""),
        "/v1/near" => Reply::json(json!({"near": true})),
        _ => Reply::new(307, &[("location", to.as_str())], ""),
    })
    .await;
    let near: Value = server.client().get("/v1/here").await.unwrap();
    assert_eq!(near["near"], true);
    assert_eq!(server.arrived()[1].header("authorization"), "Bearer geheim");

    let there: Value = server.client().get("/v1/away").await.unwrap();
    assert_eq!(there["there"], true);
    assert_eq!(other.arrived()[0].header("authorization"), "");

    assert!(matches!(post(&server.client()).await, Err(Error::Protocol(_))));
    assert_eq!(other.arrived().len(), 1);
}

#[tokio::test]
async fn an_edit_whose_answer_was_lost_is_recognised() {
    let edit =
        EditAppeal { subject: Some("Lift".into()), region: Some(String::new()), ..EditAppeal::default() };
    let server = Server::script(vec![
        Reply::none(),
        Reply::problem(412, "changed_meanwhile"),
        Reply::json(card(NUMBER, 4)),
    ])
    .await;
    assert_eq!(server.client().edit(NUMBER, &edit, Some(3)).await.unwrap().version, 4);
    assert_eq!(server.arrived()[1].header("if-match"), "\"3\"");

    let foreign = EditAppeal { subject: Some("Stairs".into()), ..EditAppeal::default() };
    let lost = || vec![Reply::none(), Reply::problem(412, "changed_meanwhile"), Reply::json(card(NUMBER, 4))];
    let server = Server::script(lost()).await;
    assert!(
        matches!(server.client().edit(NUMBER, &foreign, Some(3)).await, Err(Error::Problem(p)) if p.status == 412)
    );

    let server =
        Server::script(vec![Reply::problem(412, "changed_meanwhile"), Reply::json(card(NUMBER, 4))]).await;
    assert!(
        matches!(server.client().edit(NUMBER, &edit, Some(3)).await, Err(Error::Problem(p)) if p.status == 412)
    );
}

#[tokio::test]
async fn a_removal_whose_answer_was_lost_is_recognised() {
    let gone = || Reply::problem(404, "not_found");
    let server = Server::script(vec![Reply::json(card("D-7", 1)), Reply::none(), gone()]).await;
    assert!(server.client().discard("D-7").await.unwrap().discarded);
    // An object that never existed is not found, even if a response was lost.
    let server = Server::script(vec![gone(), Reply::none(), gone()]).await;
    assert!(matches!(server.client().discard("D-7").await, Err(Error::Problem(p)) if p.status == 404));
    // Likewise an object that exists but is refused at once.
    let server = Server::script(vec![Reply::json(card("D-7", 1)), gone()]).await;
    assert!(server.client().discard("D-7").await.is_err());
}

#[tokio::test]
async fn lists_page_when_they_are_read() {
    let server = Server::start(|_, request| {
        let page = |from: usize, next: Option<&str>| {
            let items: Vec<Value> = (from..from + 2).map(|n| card(&format!("D-{n}"), 1)).collect();
            Reply::json(json!({"items": items, "next": next}))
        };
        match request.path.as_str() {
            "/v1/appeals?limit=2" => page(0, Some("a&b")),
            "/v1/appeals?limit=2&after=a%26b" => page(2, Some("c")),
            _ => page(4, None),
        }
    })
    .await;
    let client = server.client();
    let query = ListQuery { limit: Some(2), ..ListQuery::default() };
    let first: Vec<_> = client.list(query.clone()).take(2).try_collect::<Vec<_>>().await.unwrap();
    assert_eq!(first.len(), 2);
    assert_eq!(server.arrived().len(), 1, "the next page is not asked for before it is needed");
    let all: Vec<_> =
        client.list(query).map_ok(|row| row.into_known().number).try_collect::<Vec<_>>().await.unwrap();
    assert_eq!(all, ["D-0", "D-1", "D-2", "D-3", "D-4", "D-5"]);

    let looping = Server::start(|_, _| Reply::json(json!({"items": [], "next": "same"}))).await;
    let rows: Vec<_> = looping.client().list(ListQuery::default()).collect().await;
    assert!(matches!(rows.as_slice(), [Err(Error::Protocol(_))]));
}

#[test]
fn what_the_client_does_can_be_spawned() {
    fn is_send<T: Send>(_: T) {}
    let client = client_of(&Url::parse("http://127.0.0.1:9").unwrap());
    is_send(client.me());
    is_send(client.list(ListQuery::default()));
    is_send(client.follow(Vec::new(), None));
    is_send(client.upload_all(&[], &|_| {}));
    is_send(client.discard("D-1"));
    is_send(client.raw(Method::GET, "/", None, &[]));
}
