//! Access control of every operation in the OpenAPI document: called by every person, with every kind of token and in
//! every state of the account; operations on an appeal also in every situation of the appeal. The table in [`rows`]
//! says what is permitted. Everything else must be refused with the right status and code, and must change nothing.
//!
//! A new route needs a row there; otherwise `every_operation_has_a_row_and_every_row_an_operation` fails.

mod fixture;
mod rows;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::{HeaderMap, header};
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::harness::{Caller, Reply, TestPlatform};
use crate::http::openapi_json;
use appeal_files::samples;
use fixture::{
    ANONYMOUS, PEOPLE, Person, SCOPES, SITUATIONS, Values, file_hidden, file_in, includes, prepare, secret,
};
use rows::{Account, Call, Need, Row, table};

/// Codes of refusals because of the caller.
const ACCESS: [&str; 6] =
    ["unauthenticated", "forbidden", "scope", "session_required", "account_blocked", "account_unconfirmed"];
/// Situations in which the response for an invisible appeal is compared with that for a missing one. With tokens other
/// than a session they are compared in the situations of [`telling_situations`].
const COMPARED: [&str; 3] = ["draft", "escalated_decided", "closed"];
/// Number of concurrent requests.
const AT_ONCE: usize = 16;

/// One request of one person.
#[derive(Debug, Clone, Copy)]
struct Cell<'a> {
    row: &'a Row,
    call: &'a Call,
    person: Person,
    /// Name of the token.
    token: &'static str,
    /// State of the account.
    state: &'static str,
    /// Situation of the appeal; `None` for a request that is not about an appeal.
    situation: &'static str,
    /// Whether the response for an invisible appeal is compared with that for a missing one.
    compares: bool,
}

/// The expected outcome of a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Outcome {
    /// Success, with an effect.
    Done,
    /// Success without a change: it only reads, or was done before.
    Same,
    /// Permitted, but fails for another reason.
    Ends(u16, &'static str),
    /// Refused with this status, and with one of these codes if any are listed.
    Refused(u16, Vec<&'static str>),
    /// 404, as for a missing object.
    Unseen,
}

/// Returns whether the token has the required scopes.
fn has(need: Need, person: Person, token: &str) -> bool {
    let scopes: Vec<&str> =
        person.scopes().iter().copied().filter(|scope| is_session(token) || *scope == token).collect();
    let has = |scope: &str| {
        scopes.iter().any(|own| {
            *own == "admin" || *own == scope || scope == "read" && ["file", "operate"].contains(own)
        })
    };
    match need {
        Need::Nothing => true,
        Need::Read => has("read"),
        Need::File => has("file"),
        Need::Operate => has("operate"),
        Need::Report => has("report"),
        Need::Admin => has("admin"),
        Need::FileOrOperate => has("file") || has("operate"),
        Need::OwnSide if ["applicant", "unconfirmed", "commenter"].contains(&person.relation) => has("file"),
        Need::OwnSide => has("operate"),
        Need::MoreThanRead => has("read") && scopes.iter().any(|scope| *scope != "read"),
        Need::FreshSession => token == "session",
    }
}

/// Returns whether this token is from signing in: a short time ago, or some time ago.
fn is_session(token: &str) -> bool {
    ["session", "old session"].contains(&token)
}

/// Returns whether the person sees the appeal.
fn sees(person: Person, situation: &str) -> bool {
    // Only in these situations was the level reached.
    let above = situation.starts_with("escalated") || ["returned", "answered_above"].contains(&situation);
    match person.relation {
        "stranger" => false,
        _ if situation == "draft" => person.login == "representative",
        "supervisor" => above || situation == "reviewed",
        "reviewer" => situation == "reviewed",
        _ => true,
    }
}

fn expected(cell: Cell<'_>) -> Outcome {
    let Cell { row, call, person, token, state, situation, compares: _ } = cell;
    let allowed = match (call.ends, row.method()) {
        (Some((status, code)), _) => Outcome::Ends(status, code),
        (None, "GET" | "HEAD") => Outcome::Same,
        (None, _) => Outcome::Done,
    };
    if call.who == "ANYBODY" {
        return allowed;
    }
    if person == ANONYMOUS {
        return Outcome::Refused(401, vec!["unauthenticated"]);
    }
    if state == "blocked" && call.account != Account::Any {
        return Outcome::Refused(403, vec!["account_blocked"]);
    }
    let about = row.is_about_appeal();
    if about && !sees(person, situation) {
        return Outcome::Unseen;
    }
    let words = match person.relation {
        _ if !about => vec![person.role, person.login],
        "unconfirmed" => vec!["unconfirmed", "applicant", person.login],
        relation => vec![relation, person.login],
    };
    let may = includes(call.who, person.relation, &words);
    if !may && call.unseen.is_some() {
        return Outcome::Unseen;
    }
    if call.need == Need::FreshSession && !has(call.need, person, token) {
        return Outcome::Refused(403, vec!["session_required"]);
    }
    let exception = call.exceptions.iter().find(|e| {
        includes(e.who, person.relation, &words)
            && (!about || includes(e.situations, person.relation, &[situation]))
    });
    let ends = exception.map(|e| e.status).filter(|status| *status != 403);
    // The content of a body is checked before the scope; the state of the appeal after it.
    if let Some(status) = ends.filter(|_| !about) {
        return Outcome::Refused(status, Vec::new());
    }
    let may = may && (exception.is_none() || ends.is_some());
    let mut reasons = Vec::new();
    if !may {
        reasons.push("forbidden");
    }
    // A session has every scope of the role, so a person without permission must not read that a scope is missing.
    if !has(call.need, person, token) && (may || !is_session(token)) {
        reasons.push("scope");
    }
    let confirmed = match call.account {
        Account::Any | Account::NotBlocked => false,
        Account::ConfirmedUnlessDraft => situation != "draft",
        Account::Confirmed => true,
    };
    if state == "confirmation_required" && confirmed {
        reasons.push("account_unconfirmed");
    }
    if !reasons.is_empty() {
        return Outcome::Refused(403, reasons);
    }
    if let Some(status) = ends {
        return Outcome::Refused(status, Vec::new());
    }
    if !about || includes(call.done, person.relation, &[situation]) {
        allowed
    } else if includes(call.same, person.relation, &[situation]) {
        Outcome::Same
    } else {
        Outcome::Refused(call.otherwise, Vec::new())
    }
}

/// A request to send.
struct Sent {
    method: &'static str,
    path: String,
    media_type: &'static str,
    body: Vec<u8>,
}

/// Returns a sample file by its digest.
fn bytes_of(sha256: &str) -> Vec<u8> {
    let all = [samples::pdf(), samples::jpeg(), samples::docx()];
    all.into_iter().find(|bytes| hex::encode(Sha256::digest(bytes)) == sha256).unwrap_or_default()
}

/// Builds the request with its values, optionally as a dry run.
fn request(row: &Row, call: &Call, person: Person, values: &Values, dry_run: bool) -> Sent {
    static FRESH: AtomicU64 = AtomicU64::new(0);
    let mut path = row.path().to_owned();
    for (name, value) in &call.params {
        path = path.replace(&format!("{{{name}}}"), value);
    }
    let query = match (call.query, dry_run) {
        ("", false) => String::new(),
        ("", true) => "?dry_run=true".to_owned(),
        (query, false) => format!("?{query}"),
        (query, true) => format!("?{query}&dry_run=true"),
    };
    let fresh = format!("fresh-{}", FRESH.fetch_add(1, Ordering::Relaxed));
    let fill = |text: &str| {
        let text = text.replace("{me}", person.login).replace("{fresh}", &fresh);
        values.fill(&text.replace("{own_token}", &format!("spare-{}", person.login)))
    };
    let path = fill(&format!("{path}{query}"));
    assert!(!path.contains('{'), "a value is missing: {path}");
    let body = match call.body {
        "{pdf}" => bytes_of(path.rsplit('/').next().unwrap_or_default()),
        text => fill(text).into_bytes(),
    };
    Sent { method: row.method(), path, media_type: call.media_type, body }
}

/// Sends a request with this token.
async fn send(p: &TestPlatform, token: Option<&str>, sent: &Sent) -> Reply {
    let from = token.map_or(Caller::Anonymous, Caller::Token);
    let media_type = [("content-type", sent.media_type)];
    let headers = if sent.body.is_empty() { &[][..] } else { &media_type };
    p.request(from, sent.method, &sent.path, headers, sent.body.clone()).await
}

/// Returns the secret of a cell's token; `None` without one.
fn token_of(cell: &Cell<'_>) -> Option<String> {
    match (cell.person == ANONYMOUS, cell.token) {
        (true, "none") => None,
        (true, name) => Some(secret("representative", name)),
        (false, name) => Some(secret(cell.person.login, name)),
    }
}

/// Returns status and code of a response. For JSON Lines, those of the first line.
fn outcome_of(reply: &Reply) -> (u16, String, Value) {
    let lines = reply.headers.get(header::CONTENT_TYPE).is_some_and(|t| t == "application/jsonl");
    if lines {
        let line = reply.bytes.split(|b| *b == b'\n').next().unwrap_or_default();
        let line: Value = serde_json::from_slice(line).unwrap_or_default();
        let status = line["error"]["status"].as_u64().and_then(|status| u16::try_from(status).ok());
        let code = line["error"]["code"].as_str().unwrap_or_default().to_owned();
        return (status.unwrap_or(reply.status), code, line);
    }
    let json = reply.body.clone();
    (reply.status, json["code"].as_str().unwrap_or_default().to_owned(), json)
}

/// Returns the headers in which two responses must be equal.
fn compared_headers(headers: &HeaderMap) -> BTreeSet<String> {
    let kept =
        headers.iter().filter(|(name, _)| !["x-request-id", "content-length"].contains(&name.as_str()));
    kept.map(|(name, value)| format!("{name}: {}", value.to_str().unwrap_or("?"))).collect()
}

/// Returns the difference between two responses, ignoring the requested names.
fn difference((one, named): (&Reply, &str), (other, missing): (&Reply, &str)) -> Option<String> {
    let without = |reply: &Reply, name: &str| {
        let text = String::from_utf8_lossy(&reply.bytes);
        // A version is a single digit, which occurs elsewhere too, so match it in brackets.
        if name.len() < 4 { text.replace(&format!("({name})"), "(…)") } else { text.replace(name, "…") }
            .replace(&format!("({missing})"), "(…)")
    };
    let (a, b) = (without(one, named), without(other, missing));
    let same = one.status == other.status
        && a == b
        && compared_headers(&one.headers) == compared_headers(&other.headers);
    (!same).then(|| format!("{} {a}\n  and {} {b}", one.status, other.status))
}

/// Sends a cell's request; returns what is wrong with the response.
async fn check_cell(
    p: &TestPlatform,
    cell: Cell<'_>,
    values: &Values,
    numbers: &[(&str, String)],
) -> Option<String> {
    let Cell { row, call, person, token, state, situation, compares } = cell;
    let wanted = expected(cell);
    // Permitted requests are sent as dry runs, so that one appeal serves all cells.
    let dry_run = wanted == Outcome::Done && !call.effect;
    let secret = token_of(&cell);
    let sent = request(row, call, person, values, dry_run);
    let reply = send(p, secret.as_deref(), &sent).await;
    let (status, code, body) = outcome_of(&reply);
    let success = (200..300).contains(&status);
    let fine = match &wanted {
        Outcome::Done if call.effect => success,
        Outcome::Done => status == 200 && body["dry_run"] == json!(true),
        Outcome::Same => success,
        Outcome::Ends(with, because) => status == *with && code == *because,
        Outcome::Refused(with, codes) if codes.is_empty() => {
            status == *with && !ACCESS.contains(&code.as_str())
        }
        Outcome::Refused(with, codes) => {
            status == *with && (row.method() == "HEAD" || codes.contains(&code.as_str()))
        }
        Outcome::Unseen => status == 404 && (row.method() == "HEAD" || code == "not_found"),
    };
    let who = format!("{} ({}, {state}) with {token}", person.login, person.relation);
    let what = format!("{} ({}) {situation}", row.route, call.name);
    if !fine {
        let why: Vec<&str> = call.exceptions.iter().map(|e| e.why).collect();
        return Some(format!("{what}: {who}: {status} {code}, expected {wanted:?} {why:?}"));
    }
    if wanted == Outcome::Unseen && compares {
        let (mut call, mut values) = (call.clone(), values.clone());
        let named = match call.unseen {
            Some((param, missing)) => {
                let named = call.params.iter_mut().find(|(name, _)| *name == param);
                let (_, value) = named.expect("the parameter that names the object");
                std::mem::replace(value, missing)
            }
            None => "{number}",
        };
        let named = values.fill(named);
        let missing = values.get(if cell.call.unseen.is_some() { "no_id" } else { "no_number" }).to_owned();
        values.set("number", missing.clone());
        let reply_to_none = send(p, secret.as_deref(), &request(row, &call, person, &values, false)).await;
        if let Some(difference) = difference((&reply, &named), (&reply_to_none, &missing)) {
            return Some(format!("{what}: {who} can tell a hidden object from a missing one: {difference}"));
        }
    }
    if call.lists && success {
        let text = String::from_utf8_lossy(&reply.bytes);
        for (situation, number) in numbers {
            if text.contains(number) != sees(person, situation) {
                return Some(format!("{what}: {who}: a list of the wrong appeals, see {situation}"));
            }
        }
    }
    None
}

/// Checks cells without an effect. Nothing may change.
async fn check_cells(
    p: &TestPlatform,
    cells: &[Cell<'_>],
    values: &Values,
    numbers: &[(&str, String)],
) -> Vec<String> {
    let before = p.fingerprint().await;
    let dry = cells.iter().filter(|cell| !has_effect(cell));
    let mut wrong = check_each(p, dry, values, numbers).await;
    let after = p.fingerprint().await;
    for ((table, before), (_, after)) in before.iter().zip(&after) {
        if before != after {
            wrong.push(format!(
                "something that was refused, or a dry run, changed {table}: {before}\n→ {after}"
            ));
        }
    }
    wrong
}

async fn check_each<'a>(
    p: &TestPlatform,
    cells: impl Iterator<Item = &'a Cell<'a>>,
    values: &Values,
    numbers: &[(&str, String)],
) -> Vec<String> {
    let calls = cells.map(|cell| check_cell(p, *cell, values, numbers));
    let mut calls = futures_util::stream::iter(calls).buffer_unordered(AT_ONCE);
    let mut wrong = Vec::new();
    while let Some(found) = calls.next().await {
        wrong.extend(found);
    }
    wrong
}

fn is_refused(cell: Cell<'_>) -> bool {
    matches!(expected(cell), Outcome::Refused(..) | Outcome::Unseen)
}

fn has_effect(cell: &Cell<'_>) -> bool {
    cell.call.effect && !is_refused(*cell)
}

#[track_caller]
fn none_wrong(wrong: &[String]) {
    let shown = wrong.iter().take(40).cloned().collect::<Vec<_>>().join("\n");
    assert!(wrong.is_empty(), "{} wrong cells:\n{shown}", wrong.len());
}

#[test]
fn every_operation_has_a_row_and_every_row_an_operation() {
    let document: Value = serde_json::from_str(&openapi_json()).expect("JSON");
    let mut operations = BTreeSet::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for method in item.as_object().expect("operations").keys() {
            operations.insert(format!("{} {path}", method.to_uppercase()));
        }
    }
    let rows = table();
    let routes: BTreeSet<String> = rows.iter().map(|row| row.route.to_owned()).collect();
    assert_eq!(routes.len(), rows.len(), "a route has two rows");
    assert_eq!(operations.difference(&routes).collect::<Vec<_>>(), Vec::<&String>::new(), "without a row");
    assert_eq!(routes.difference(&operations).collect::<Vec<_>>(), Vec::<&String>::new(), "without a route");
}

#[test]
fn every_row_has_calls_and_says_what_its_path_hides() {
    for row in table() {
        assert!(!row.calls.is_empty(), "{} is never called", row.route);
        let names: Vec<&str> =
            row.path().split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect();
        for name in names.iter().filter(|name| **name != "number") {
            let hides = row.hidden.iter().any(|h| h.params.iter().any(|(param, _)| param == name));
            assert!(
                hides || row.public || row.route.contains("{kind}/{id}"),
                "{}: what may {name} name?",
                row.route
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_situation_of_an_appeal_follows_the_table() {
    let (p, mut values) = prepare().await;
    let rows = table();
    let mut wrong = Vec::new();
    for situation in SITUATIONS {
        file_in(&p, &mut values, situation).await;
        let mut cells = Vec::new();
        for row in rows.iter().filter(|row| row.is_about_appeal()) {
            for (call, person) in row.calls.iter().flat_map(|t| PEOPLE.iter().map(move |p| (t, *p))) {
                let cell = Cell {
                    row,
                    call,
                    person,
                    token: "session",
                    state: person.state(),
                    situation,
                    compares: COMPARED.contains(&situation),
                };
                if !call.costly || is_refused(cell) {
                    cells.push(cell);
                }
            }
        }
        wrong.extend(check_cells(&p, &cells, &values, &[]).await);
    }
    none_wrong(&wrong);
}

/// Returns, for each person, the situation in which a call shows best who may make it: the first one in which this
/// person may make it, or otherwise anyone may.
fn telling_situations(row: &Row, call: &Call) -> Vec<(Person, &'static str)> {
    let allowed = |person: Person| {
        let cell = |situation| Cell {
            row,
            call,
            person,
            token: "session",
            state: "active",
            situation,
            compares: false,
        };
        SITUATIONS.into_iter().filter(|s| *s != "draft").find(|s| !is_refused(cell(s)))
    };
    let all: Vec<(Person, Option<&str>)> =
        PEOPLE.into_iter().map(|person| (person, allowed(person))).collect();
    let anybody = all.iter().find_map(|(_, situation)| *situation).unwrap_or("draft");
    all.into_iter()
        .chain([(ANONYMOUS, None)])
        .map(|(person, situation)| (person, situation.unwrap_or(anybody)))
        .collect()
}

/// Returns the tokens with which a person makes the `n`th call: all that differ for the role, and one of the scopes
/// that the role does not have. If the account or the appeal refuses the call anyway, the scopes are used in turn.
fn tokens_of(row: &Row, person: Person, state: &str, n: usize) -> Vec<&'static str> {
    if person == ANONYMOUS {
        return vec!["none", "unknown", "revoked", "expired"];
    }
    if state != "active" || row.is_about_appeal() && person.relation == "stranger" {
        return vec!["session", SCOPES[n % SCOPES.len()]];
    }
    let beyond: Vec<&str> = SCOPES.into_iter().filter(|scope| !person.scopes().contains(scope)).collect();
    let beyond = beyond.get(n % beyond.len().max(1)).copied();
    ["session", "old session"].into_iter().chain(person.scopes().iter().copied()).chain(beyond).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_scope_and_account_state_follows_the_table() {
    let (p, base) = prepare().await;
    let mut count = 0;
    let mut values = Vec::new();
    for situation in SITUATIONS {
        let mut own = base.clone();
        file_in(&p, &mut own, situation).await;
        values.push((situation, own));
    }
    let numbers: Vec<(&str, String)> =
        values.iter().map(|(situation, values)| (*situation, values.get("number").to_owned())).collect();
    let rows = table();
    let mut wrong = Vec::new();
    for state in ["active", "confirmation_required", "blocked"] {
        let with_state: Vec<Person> =
            PEOPLE.into_iter().filter(|p| state == "active" || p.state() == "active").collect();
        for person in with_state.iter().filter(|p| p.state() == "active") {
            p.sql(&format!("UPDATE people SET state = '{state}' WHERE login = '{}'", person.login)).await;
        }
        let mut cells = Vec::new();
        let all = rows.iter().flat_map(|row| row.calls.iter().map(move |call| (row, call)));
        for (n, (row, call)) in all.enumerate() {
            for (person, situation) in telling_situations(row, call) {
                if person == ANONYMOUS && state != "active"
                    || !with_state.contains(&person) && person != ANONYMOUS
                {
                    continue;
                }
                let state = if person.state() == "active" { state } else { person.state() };
                let situations = match (row.is_about_appeal(), person.login) {
                    (false, _) => vec![""],
                    (true, "representative") if situation != "draft" => vec![situation, "draft"],
                    (true, _) => vec![situation],
                };
                // The token is irrelevant if none is required.
                let most = if call.who == "ANYBODY" && person != ANONYMOUS { 1 } else { usize::MAX };
                for token in tokens_of(row, person, state, n).into_iter().take(most) {
                    for situation in &situations {
                        let cell = Cell { row, call, person, token, state, situation, compares: true };
                        if !call.costly || token == "session" || is_refused(cell) {
                            cells.push(cell);
                        }
                    }
                }
            }
        }
        for (situation, values) in std::iter::once(&("", base.clone())).chain(&values) {
            let here: Vec<Cell<'_>> = cells.iter().copied().filter(|c| c.situation == *situation).collect();
            wrong.extend(check_cells(&p, &here, values, &numbers).await);
        }
        count += cells.len();
        let last = cells.iter().filter(|cell| has_effect(cell));
        wrong.extend(check_each(&p, last, &base, &numbers).await);
    }
    assert!(count > 10_000, "only {count} cells");
    none_wrong(&wrong);
}

#[tokio::test(flavor = "multi_thread")]
async fn hidden_and_missing_objects_look_the_same() {
    let (p, mut values) = prepare().await;
    file_hidden(&p, &mut values).await;
    let mut wrong = Vec::new();
    let mut compared = 0;
    for row in table() {
        for hidden in &row.hidden {
            let first = row.calls.first().expect("a request");
            for person in PEOPLE {
                if !includes(hidden.from, person.relation, &[person.login]) || person.state() == "blocked" {
                    continue;
                }
                let call = Call {
                    params: hidden.params.clone(),
                    query: hidden.query,
                    body: hidden.body.unwrap_or(first.body),
                    ..first.clone()
                };
                let dry_run = !["GET", "HEAD"].contains(&row.method()) && !call.effect;
                let ask = async |name: &str| {
                    let mut values = values.clone();
                    values.set("number", values.get("shared").to_owned());
                    values.set("x", name);
                    let sent = request(&row, &call, person, &values, dry_run);
                    send(&p, Some(&secret(person.login, "session")), &sent).await
                };
                let (exists, missing) = (values.fill(hidden.exists), values.fill(hidden.missing));
                let (one, other) = (ask(&exists).await, ask(&missing).await);
                compared += 1;
                let what = format!("{} {:?} {}: {}", row.route, hidden.params, hidden.query, person.login);
                if other.status != hidden.status {
                    wrong
                        .push(format!("{what}: {} {}, expected {}", other.status, other.body, hidden.status));
                }
                match (difference((&one, &exists), (&other, &missing)), hidden.gap) {
                    (Some(difference), None) => wrong.push(format!("{what} {exists}: {difference}")),
                    (_, Some(gap)) if one.status == other.status => {
                        wrong.push(format!("{what}: no gap any more: {gap}"));
                    }
                    _ => {}
                }
            }
        }
    }
    assert!(compared > 100, "only {compared} were compared");
    none_wrong(&wrong);
}
