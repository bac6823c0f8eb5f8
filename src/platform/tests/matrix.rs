//! Who may do what, in which status: every action tried by everybody, on an appeal filed in the name of an organization,
//! in every situation. One table says which cells are allowed; all the others are refused with the right status and
//! change nothing.
//!
//! To cover another route add a line to [`ACTIONS`].

use futures_util::StreamExt as _;
use serde_json::{Value, json};

use super::{World, number, sample, sample_with};
use appeal_files::samples;

/// Everybody who tries: login and hat. What a hat may do is in [`ACTIONS`]; `stranger` may not see the appeal,
/// `blocked` may do nothing at all, and `unconfirmed` is an applicant who has to confirm before anything is sent.
const PEOPLE: [(&str, &str); 19] = [
    ("representative", "applicant"),
    ("colleague", "applicant"),
    ("agent", "applicant"),
    ("unconfirmed", "unconfirmed"),
    ("commenter", "commenter"),
    ("viewer", "viewer"),
    ("operator-housing", "operator"),
    ("operator-roads", "involved"),
    ("operator-taxes", "involved"),
    ("supervisor-senior", "supervisor"),
    ("admin", "admin"),
    ("blocked", "blocked"),
    ("applicant", "stranger"),
    ("rival", "stranger"),
    ("intermediary", "stranger"),
    ("operator-health", "stranger"),
    ("supervisor-regional", "stranger"),
    ("analyst", "stranger"),
    ("operator-support", "stranger"),
];

/// Every situation an appeal can be in. The escalated ones wait for the supervisor of the level; `escalated_decided` had
/// an answer before.
const SITUATIONS: [&str; 18] = [
    "draft",
    "submitted",
    "redirected",
    "in_progress",
    "under_review",
    "clarification_required",
    "escalated",
    "escalated_asked",
    "escalated_decided",
    "returned",
    "answered",
    "answered_above",
    "awaiting_confirmation",
    "completed",
    "rejected",
    "cancelled",
    "closed",
    "merged",
];

/// Shorthands for lists of situations.
const OPEN: &str = "submitted redirected in_progress returned clarification_required";
const FINAL: &str = "completed rejected cancelled closed merged";
const ESCALATED: &str = "escalated escalated_asked escalated_decided";
const WITH_APPLICANT: &str = "answered answered_above awaiting_confirmation";

/// action, request after `/v1/appeals/NUMBER`, body, hats, where it is allowed, where it has had its effect already.
/// In the lists words in capitals stand for several, `-x` takes one out again, and `hat:x` is for that hat alone. A body
/// may name `{file}`, a file of the appeal, and `{other}`, another appeal of the same department.
type Row = (&'static str, &'static str, &'static str, &'static str, &'static str, &'static str);

const STAFF: &str = "operator involved supervisor";
/// Who may read what there is to an appeal.
const SEES: &str = "applicant unconfirmed commenter viewer STAFF admin";
const ACTIONS: [Row; 40] = [
    ("submit", "POST submit", "{}", "applicant", "draft", ""),
    ("discard", "DELETE", "", "applicant", "draft", ""),
    ("edit", "PATCH", r#"{"expected":"Тепло"}"#, "applicant", "draft FILED -FINAL -WITH_APPLICANT", ""),
    ("edit category", "PATCH", r#"{"category":"roads"}"#, "applicant", "draft submitted redirected", ""),
    ("comment", "POST comments", r#"{"text":"x"}"#, "applicant commenter STAFF", "FILED", ""),
    ("comment internally", "POST comments", r#"{"text":"x","internal":true}"#, "STAFF", "FILED", ""),
    ("reply", "POST replies", r#"{"text":"x"}"#, "applicant", "clarification_required escalated_asked", ""),
    ("cancel", "POST cancel", "{}", "applicant", "OPEN under_review escalated escalated_asked", "cancelled"),
    ("confirm", "POST confirm", r#"{"solved":true}"#, "applicant", "WITH_APPLICANT", "completed"),
    ("dispute", "POST confirm", r#"{"solved":false,"reason":"x"}"#, "applicant", "WITH_APPLICANT", ""),
    ("close", "POST close", "{}", "applicant", "WITH_APPLICANT", "closed merged"),
    (
        "repeat",
        "POST repeats",
        r#"{"grounds":"incomplete","text":"x"}"#,
        "applicant",
        "WITH_APPLICANT FINAL",
        "",
    ),
    (
        "escalate",
        "POST escalations",
        r#"{"level":"regional","grounds":"critical","reason":"x"}"#,
        "applicant",
        "FILED -cancelled -ESCALATED",
        "",
    ),
    ("rate", "POST rating", r#"{"score":3}"#, "applicant", "WITH_APPLICANT FINAL escalated_decided", ""),
    ("attach", "POST attachments", r#"{"attachments":[]}"#, "applicant", "draft FILED -FINAL", ""),
    ("remove file", "DELETE attachments/{file}", "", "applicant", "draft submitted redirected", ""),
    (
        "restore file",
        "POST attachments/{file}/restore",
        r#"{"version":1}"#,
        "applicant",
        "",
        "draft FILED -FINAL",
    ),
    ("take", "POST take", "{}", "operator", "submitted redirected under_review", "in_progress returned"),
    ("review", "POST under-review", "{}", "operator", "in_progress returned", "under_review"),
    ("assign", "POST assign", r#"{"to":"operator"}"#, "operator", "OPEN under_review", ""),
    (
        "ask",
        "POST ask",
        r#"{"text":"x"}"#,
        "operator supervisor",
        "operator:OPEN operator:under_review -clarification_required supervisor:escalated supervisor:escalated_decided",
        "",
    ),
    (
        "redirect",
        "POST redirect",
        r#"{"department":"environment","reason":"x"}"#,
        "operator",
        "OPEN under_review",
        "",
    ),
    (
        "answer",
        "POST answers",
        r#"{"decision":"granted","text":"x"}"#,
        "operator",
        "in_progress returned under_review clarification_required",
        "",
    ),
    ("refuse", "POST refuse", r#"{"reason":"Нет оснований"}"#, "operator", "OPEN under_review", "rejected"),
    ("involve", "POST involve", r#"{"department":"environment"}"#, "operator", "OPEN under_review", ""),
    (
        "release",
        "POST involve",
        r#"{"department":"roads","remove":true}"#,
        "operator",
        "FILED -ESCALATED",
        "",
    ),
    (
        "extend",
        "POST extend",
        r#"{"due_at":"2027-06-01T00:00:00Z","reason":"x"}"#,
        "operator",
        "OPEN under_review",
        "",
    ),
    ("classify", "POST classify", r#"{"category":"roads"}"#, "operator", "FILED -ESCALATED", ""),
    ("merge", "POST merge", r#"{"into":"{other}"}"#, "operator", "OPEN", "merged"),
    ("uphold", "POST uphold", r#"{"text":"x"}"#, "supervisor", "escalated_decided", ""),
    ("change", "POST change", r#"{"text":"x"}"#, "supervisor", "escalated escalated_decided", ""),
    ("return", "POST return", r#"{"text":"x"}"#, "supervisor", "escalated escalated_decided", ""),
    ("see duplicates", "GET similar", "", "STAFF admin", "", "FILED"),
    ("see versions", "GET versions", "", SEES, "", "draft FILED"),
    ("see participants", "GET participants", "", SEES, "", "draft FILED"),
    ("see deadlines", "GET deadlines", "", SEES, "", "draft FILED"),
    ("see journal", "GET journal", "", SEES, "", "draft FILED"),
    ("share", "POST participants", r#"{"with":"rival","role":"view"}"#, "applicant", "FILED", ""),
    ("unshare", "DELETE participants/viewer", "", "applicant", "FILED", ""),
    ("revise", "POST revision", "{}", "supervisor", "", ""),
];

/// Actions that end in 422 where they are allowed: their body is wrong on purpose, since a right one takes more.
const WRONG_BODY: [&str; 1] = ["attach"];

/// A list of words for a hat, with its shorthands resolved.
fn words(list: &str, hat: &str) -> Vec<&'static str> {
    let filed: Vec<&str> = SITUATIONS.iter().copied().filter(|s| *s != "draft").collect();
    let hats = PEOPLE.iter().map(|(_, hat)| *hat);
    let known: Vec<&'static str> = SITUATIONS.iter().copied().chain(hats).collect();
    let mut all: Vec<&'static str> = Vec::new();
    for word in list.split_whitespace() {
        let (take, word) = word.strip_prefix('-').map_or((true, word), |word| (false, word));
        let (of, word) = word.split_once(':').unwrap_or((hat, word));
        if of != hat {
            continue;
        }
        let meant: Vec<&'static str> = match word {
            "OPEN" => OPEN.split_whitespace().collect(),
            "FINAL" => FINAL.split_whitespace().collect(),
            "ESCALATED" => ESCALATED.split_whitespace().collect(),
            "WITH_APPLICANT" => WITH_APPLICANT.split_whitespace().collect(),
            "STAFF" => STAFF.split_whitespace().collect(),
            "FILED" => filed.clone(),
            word => vec![known.iter().copied().find(|k| *k == word).expect("a word that is known")],
        };
        if take {
            all.extend(meant);
        } else {
            all.retain(|w| !meant.contains(w));
        }
    }
    all
}

/// What a cell must give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cell {
    /// It is done.
    Done,
    /// It has been done before: success, and nothing changes.
    Same,
    /// Refused with this status.
    Refused(u16),
}

fn expected(row: &Row, hat: &str, login: &str, situation: &str) -> Cell {
    let (action, request, _, hats, allowed, same) = row;
    let draft = situation == "draft";
    // The level was reached in these only.
    let above = situation.starts_with("escalated") || ["returned", "answered_above"].contains(&situation);
    let sees = match hat {
        "blocked" => return Cell::Refused(403),
        "stranger" => false,
        _ if draft => login == "representative",
        "supervisor" => above,
        _ => true,
    };
    if !sees {
        return Cell::Refused(404);
    }
    // Who has not confirmed the account prepares drafts and sends nothing (P2); drafts of others are not theirs.
    if hat == "unconfirmed" && !request.starts_with("GET") {
        return Cell::Refused(403);
    }
    // Who represents the applicant does all that they may, but for sharing; and a draft is not shared with anybody.
    if login == "agent" && ["share", "unshare"].contains(action) {
        return Cell::Refused(403);
    }
    if *action == "unshare" && draft {
        return Cell::Refused(404);
    }
    // Once the escalation is over its supervisor is one of those who only look on, but for the moves of the table.
    if *action == "ask" && hat == "supervisor" && !situation.starts_with("escalated") {
        return Cell::Refused(403);
    }
    if !words(hats, hat).contains(&hat) {
        return Cell::Refused(403);
    }
    if words(allowed, hat).contains(&situation) {
        Cell::Done
    } else if words(same, hat).contains(&situation) {
        Cell::Same
    } else {
        Cell::Refused(409)
    }
}

impl World {
    /// Runs statements on the database.
    pub async fn sql(&self, text: &str) {
        let text = text.to_owned();
        self.platform
            .app
            .db()
            .write(move |tx| {
                let text = text.clone();
                Box::pin(async move { Ok(tx.raw(&text).await?) })
            })
            .await
            .expect("statements that run");
    }

    /// The one number that a query gives as `n`.
    pub async fn count(&self, sql: &str) -> i64 {
        let app = self.platform.app.clone();
        app.read(async |tx| Ok(tx.one(sql, Vec::new()).await?.int("n")?)).await.expect("a number")
    }

    /// Adds a person.
    pub async fn person(&self, login: &str, role: &str, state: &str) {
        // One of the local people may have the login already.
        self.sql(&format!(
            "UPDATE people SET login = 'stock-{login}' WHERE login = '{login}'; \
             INSERT INTO people (id, login, name, role, state, levels, created_at) \
             VALUES ('id-{login}', '{login}', 'Имя {login}', '{role}', '{state}', '[]', 0)"
        ))
        .await;
    }
}

/// Everything that an action could change, in one text.
async fn fingerprint(w: &World) -> String {
    let app = w.platform.app.clone();
    let tables = [
        (
            "appeals",
            "id || status || version || journal_seq || coalesce(due_at, '') || coalesce(responsible_id, '')",
        ),
        ("journal", "hash"),
        ("events", "position"),
        ("comments", "id"),
        ("attachments", "id || version || coalesce(removed_at, '')"),
        ("answers", "id"),
        ("clarifications", "id || coalesce(ended, '')"),
        ("escalations", "id || state"),
        ("reviews", "id || score"),
        ("participants", "appeal_id || person_id || role"),
        ("co_executors", "appeal_id || subject"),
        ("people", "id || state || coalesce(region, '') || coalesce(password_hash, '')"),
        ("tokens", "id || coalesce(revoked_at, '')"),
        ("notice_settings", "person_id"),
        ("deadlines", "appeal_id || kind || due_at || coalesce(met_at, '') || coalesce(paused_at, '')"),
    ];
    let mut all = String::new();
    for (table, what) in tables {
        let sql = format!(
            "SELECT coalesce(group_concat(x), '') AS t FROM (SELECT {what} AS x FROM {table} ORDER BY 1)"
        );
        let text = app.read(async |tx| Ok(tx.one(&sql, Vec::new()).await?.text("t")?)).await.expect("a text");
        all.push_str(&format!("{table}: {text}\n"));
    }
    all
}

/// Files the appeal and brings it into the situation; gives its number, a file of it, and the other appeal's number.
async fn bring(w: &World, situation: &str) -> (String, String, String) {
    let who = "representative";
    let (operator, above) = ("operator-housing", "supervisor-senior");
    let file = w.upload(who, "act.pdf", &samples::pdf()).await;
    let draft = situation == "draft";
    let new = sample_with(json!({"attachments": [file], "draft": draft}));
    let card = w.ok(who, "POST", "/v1/appeals", new).await;
    let (n, file) = (number(&card), card["attachments"][0]["id"].as_str().expect("an id").to_owned());
    let other = w.file("applicant").await;
    let text = json!({"text": "Текст"});
    let answer = json!({"decision": "granted", "text": "Сделано"});
    let escalation = json!({"level": "senior", "grounds": "critical", "reason": "Срочно"});
    let steps: Vec<(&str, &str, Value)> = match situation {
        "draft" | "submitted" => vec![],
        "redirected" => vec![
            (operator, "redirect", json!({"department": "roads", "reason": "x"})),
            ("operator", "redirect", json!({"department": "housing", "reason": "x"})),
        ],
        "in_progress" => vec![(operator, "take", json!({}))],
        "under_review" => vec![(operator, "take", json!({})), (operator, "under-review", json!({}))],
        "clarification_required" => vec![(operator, "take", json!({})), (operator, "ask", text)],
        "escalated" => vec![(who, "escalations", escalation)],
        "escalated_asked" => vec![(who, "escalations", escalation), (above, "ask", text)],
        "escalated_decided" => vec![
            (operator, "take", json!({})),
            (operator, "answers", answer),
            (who, "escalations", escalation),
        ],
        "returned" => {
            vec![(operator, "take", json!({})), (who, "escalations", escalation), (above, "return", text)]
        }
        "answered" => vec![(operator, "take", json!({})), (operator, "answers", answer)],
        "answered_above" => vec![(who, "escalations", escalation), (above, "change", text)],
        "awaiting_confirmation" => vec![
            (operator, "take", json!({})),
            (operator, "answers", json!({"decision": "granted", "text": "x", "await_confirmation": true})),
        ],
        "completed" => vec![
            (operator, "take", json!({})),
            (operator, "answers", answer),
            (who, "confirm", json!({"solved": true})),
        ],
        "rejected" => vec![(operator, "refuse", json!({"reason": "Нет оснований"}))],
        "cancelled" => vec![(who, "cancel", json!({}))],
        "closed" => {
            vec![(operator, "take", json!({})), (operator, "answers", answer), (who, "close", json!({}))]
        }
        "merged" => vec![(operator, "merge", json!({"into": other}))],
        unknown => panic!("how does an appeal come to be {unknown}?"),
    };
    for (who, what, body) in steps {
        w.act(who, &n, what, body).await;
    }
    if !draft {
        for (login, role) in [("agent", "represent"), ("commenter", "comment"), ("viewer", "view")] {
            w.sql(&format!(
                "INSERT INTO participants (appeal_id, person_id, role) SELECT id, 'id-{login}', '{role}' \
                 FROM appeals WHERE number = '{n}'"
            ))
            .await;
        }
        w.sql(&format!(
            "INSERT INTO co_executors (appeal_id, kind, subject, at, added_by) SELECT id, 'department', 'roads', 0, 'x' \
             FROM appeals WHERE number = '{n}'; \
             INSERT INTO co_executors (appeal_id, kind, subject, at, added_by) SELECT a.id, 'expert', p.id, 0, 'x' \
             FROM appeals a, people p WHERE a.number = '{n}' AND p.login = 'operator-taxes'"
        ))
        .await;
    }
    (n, file, other)
}

async fn every_cell(w: &World, situation: &str) -> Vec<String> {
    let (n, file, other) = bring(w, situation).await;
    let mut wrong = Vec::new();
    for (login, hat) in PEOPLE {
        let before = fingerprint(w).await;
        let tried = futures_util::stream::iter(ACTIONS.iter().map(|row| {
            let (n, file, other) = (&n, &file, &other);
            async move {
                let (action, request, body, ..) = row;
                let (method, rest) = request.split_once(' ').unwrap_or((request, ""));
                let mut path = format!("/v1/appeals/{n}/{rest}").replace("{file}", file);
                path.truncate(path.trim_end_matches('/').len());
                let body = body.replace("{other}", other);
                let body =
                    if body.is_empty() { Value::Null } else { serde_json::from_str(&body).expect("JSON") };
                let cell = expected(row, hat, login, situation);
                // What is allowed is tried without effect, so that one appeal serves for every cell.
                if cell == Cell::Done {
                    path.push_str("?dry_run=true");
                }
                let (status, got) = w.send(login, method, &path, body).await;
                let fine = match cell {
                    Cell::Done if WRONG_BODY.contains(action) => status == 422,
                    Cell::Done => status == 200 && got["dry_run"] == json!(true),
                    Cell::Same => (200..300).contains(&status),
                    Cell::Refused(with) => status == with,
                };
                let code = got["code"].as_str().unwrap_or_default();
                (!fine).then(|| {
                    format!("{situation}: {login} ({hat}) {action}: {status} {code}, expected {cell:?}")
                })
            }
        }));
        wrong.extend(tried.buffer_unordered(8).filter_map(|found| async { found }).collect::<Vec<_>>().await);
        if fingerprint(w).await != before {
            wrong.push(format!("{situation}: something that {login} ({hat}) was refused had an effect"));
        }
    }
    wrong
}

/// Adds those of [`PEOPLE`] who are not there from the start.
async fn crowd(w: &World) {
    for (login, role, state) in [
        ("colleague", "representative", "active"),
        ("unconfirmed", "representative", "confirmation_required"),
        ("blocked", "representative", "blocked"),
        ("rival", "representative", "active"),
        ("agent", "intermediary", "active"),
        ("commenter", "individual", "active"),
        ("viewer", "individual", "active"),
    ] {
        w.person(login, role, state).await;
    }
    w.sql(
        "INSERT INTO organizations (inn, name) VALUES ('7707083893', 'Другая'); \
         INSERT INTO representatives (person_id, inn) VALUES ('id-colleague', '7701123451'), \
         ('id-unconfirmed', '7701123451'), ('id-blocked', '7701123451'), ('id-rival', '7707083893')",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_may_do_exactly_what_the_table_says() {
    let w = World::new().await;
    crowd(&w).await;
    let mut wrong = Vec::new();
    for situation in SITUATIONS {
        wrong.extend(every_cell(&w, situation).await);
    }
    assert!(wrong.is_empty(), "{} wrong cells:\n{}", wrong.len(), wrong.join("\n"));
}

/// What is not about one appeal: request, body, who may. All of it has a trial run or changes nothing.
const ELSEWHERE: [(&str, &str, &str); 14] = [
    ("POST /v1/registrations", "{register}", "operator"),
    ("GET /v1/reports/summary", "", "operator supervisor analyst admin"),
    ("GET /v1/admin/people", "", "admin"),
    ("GET /v1/admin/log", "", "admin"),
    ("GET /v1/admin/status", "", "admin"),
    ("POST /v1/admin/people", r#"{"records":[{"login":"viewer","region":"54"}]}"#, "admin"),
    ("POST /v1/admin/people/viewer/block", r#"{"reason":"x"}"#, "admin"),
    ("POST /v1/admin/people/viewer/unblock", "{}", "admin"),
    ("GET /v1/tokens?login=viewer", "", "admin viewer"),
    ("POST /v1/tokens", r#"{"login":"viewer","scopes":["read"],"expires_at":"{soon}"}"#, "admin viewer"),
    ("PATCH /v1/account", r#"{"region":"54"}"#, "EVERYBODY"),
    ("POST /v1/account/totp", "{}", "EVERYBODY"),
    ("PUT /v1/me/notification-settings", r#"{"email":false}"#, "EVERYBODY"),
    ("POST /v1/me/notifications/read", r#"{"all":true}"#, "EVERYBODY"),
];

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_about_one_appeal_is_for_whom_it_is() {
    let w = World::new().await;
    crowd(&w).await;
    let register = json!({"for": "viewer", "channel": "phone", "appeal": sample()});
    let soon = w.now().checked_add(jiff::Span::new().hours(24)).expect("a time").to_string();
    let before = fingerprint(&w).await;
    let mut wrong = Vec::new();
    for (login, hat) in PEOPLE {
        for (request, body, may) in ELSEWHERE {
            let (method, path) = request.split_once(' ').expect("a method");
            let path = if method == "GET" { path.to_owned() } else { format!("{path}?dry_run=true") };
            let body = match body.replace("{soon}", &soon).as_str() {
                "" => Value::Null,
                "{register}" => register.clone(),
                body => serde_json::from_str(body).expect("JSON"),
            };
            let (status, got) = w.send(login, method, &path, body).await;
            let role = login.split('-').next().unwrap_or(login);
            let allowed = hat != "blocked" && (may == "EVERYBODY" || may.split(' ').any(|who| who == role));
            let fine = match allowed {
                true => status == 200 && (method == "GET" || got["dry_run"] == json!(true)),
                false => status == 403,
            };
            if !fine {
                wrong.push(format!("{login} {request}: {status} {got}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong cells:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(fingerprint(&w).await, before, "a trial run or a refusal had an effect");
}
