//! People and appeals for checking the access table.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::super::harness::{TestPlatform, number, sample, sample_with};
use crate::args;
use crate::{Gateways, Metrics};
use appeal_domain::number::AppealNumber;
use appeal_files::samples;

/// A caller. `relation` is their relation to the appeal; a `stranger` may not see it. The account is active unless the
/// relation says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Person {
    pub login: &'static str,
    pub role: &'static str,
    pub relation: &'static str,
}

const fn person(login: &'static str, role: &'static str, relation: &'static str) -> Person {
    Person { login, role, relation }
}

/// All callers. The appeal is filed by `representative` on behalf of an organization, shared with `agent`, `commenter`
/// and `viewer`, and handled by the department of `operator-housing`; the department of `operator-roads` and the expert
/// `operator-taxes` are co-executors. `supervisor-senior` decides on its escalations, `supervisor-quality` handles
/// reviews. `blocked` may do nothing at all, and `unconfirmed` must confirm the account before sending anything.
pub const PEOPLE: [Person; 20] = [
    person("representative", "representative", "applicant"),
    person("colleague", "representative", "applicant"),
    person("agent", "intermediary", "applicant"),
    person("unconfirmed", "representative", "unconfirmed"),
    person("commenter", "individual", "commenter"),
    person("viewer", "individual", "viewer"),
    person("operator-housing", "operator", "operator"),
    person("operator-roads", "operator", "involved"),
    person("operator-taxes", "operator", "involved"),
    person("supervisor-senior", "supervisor", "supervisor"),
    person("supervisor-quality", "supervisor", "reviewer"),
    person("admin", "admin", "admin"),
    person("blocked", "representative", "blocked"),
    person("applicant", "individual", "stranger"),
    person("rival", "representative", "stranger"),
    person("intermediary", "intermediary", "stranger"),
    person("operator-health", "operator", "stranger"),
    person("supervisor-regional", "supervisor", "stranger"),
    person("analyst", "analyst", "stranger"),
    person("operator-support", "operator", "stranger"),
];

/// Requests without a token, or with an invalid one.
pub const ANONYMOUS: Person = person("anonymous", "anonymous", "anonymous");

impl Person {
    /// Returns the scopes of the role.
    pub fn scopes(&self) -> &'static [&'static str] {
        match self.role {
            "individual" | "representative" | "intermediary" => &["read", "file"],
            "operator" | "supervisor" => &["read", "file", "operate", "report"],
            "analyst" => &["read", "report"],
            "admin" => &["read", "file", "operate", "report", "admin"],
            _ => &[],
        }
    }

    /// Returns the state of the account, unless another one is set.
    pub fn state(&self) -> &'static str {
        match self.relation {
            "unconfirmed" => "confirmation_required",
            "blocked" => "blocked",
            _ => "active",
        }
    }
}

/// Every scope of a token.
pub const SCOPES: [&str; 5] = ["read", "file", "operate", "report", "admin"];

/// All situations of an appeal. Escalated ones wait for the supervisor of the level; `escalated_decided` had an answer
/// before. In `reviewed` the applicant has rated the decision.
pub const SITUATIONS: [&str; 19] = [
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
    "reviewed",
    "rejected",
    "cancelled",
    "closed",
    "merged",
];

/// Shorthands for lists of situations and people.
const SHORT: [(&str, &str); 6] = [
    ("OPEN", "submitted redirected in_progress returned clarification_required"),
    ("FINAL", "completed reviewed rejected cancelled closed merged"),
    ("ESCALATED", "escalated escalated_asked escalated_decided"),
    ("WITH_APPLICANT", "answered answered_above awaiting_confirmation"),
    (
        "WITH_ANSWER",
        "answered answered_above awaiting_confirmation completed reviewed rejected closed escalated_decided",
    ),
    ("STAFF", "operator involved supervisor reviewer"),
];

/// Returns whether a list contains one of these words. In a list, words in capitals stand for several, `-x` excludes
/// one, and `relation:x` applies to that relation only.
pub fn includes(list: &str, relation: &str, words: &[&str]) -> bool {
    let mut named = false;
    for word in list.split_whitespace() {
        let (adds, word) = word.strip_prefix('-').map_or((true, word), |word| (false, word));
        let (of, word) = word.split_once(':').unwrap_or((relation, word));
        let meant = match word {
            "ANYBODY" => true,
            "EVERYBODY" => !words.contains(&"anonymous"),
            "FILED" => words.iter().any(|p| *p != "draft" && SITUATIONS.contains(p)),
            word => match SHORT.iter().find(|(short, _)| *short == word) {
                Some((_, long)) => long.split(' ').any(|p| words.contains(&p)),
                None => {
                    assert!(is_known(word), "{word} is not in any list of the matrix");
                    words.contains(&word)
                }
            },
        };
        if meant && of == relation {
            named = adds;
        }
    }
    named
}

fn is_known(word: &str) -> bool {
    SITUATIONS.contains(&word) || PEOPLE.iter().any(|p| [p.login, p.role, p.relation].contains(&word))
}

/// Names and their values, for `{name}` in requests.
#[derive(Debug, Clone, Default)]
pub struct Values(Vec<(&'static str, String)>);

impl Values {
    pub fn set(&mut self, name: &'static str, value: impl Into<String>) {
        self.0.retain(|(known, _)| *known != name);
        self.0.push((name, value.into()));
    }

    pub fn get(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(known, _)| *known == name);
        &found.unwrap_or_else(|| panic!("the fixture has no {name}")).1
    }

    /// Replaces every known name in the text by its value.
    pub fn fill(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
    }
}

impl TestPlatform {
    /// Returns all tables with their columns.
    async fn tables(&self) -> Vec<(String, Vec<String>)> {
        let app = self.app.clone();
        app.read(async |tx| {
            let sql = "SELECT m.name AS t, c.name AS c FROM sqlite_master m JOIN pragma_table_info(m.name) c \
                       WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' AND m.name NOT LIKE '\\_%' ESCAPE '\\' \
                       ORDER BY m.name, c.cid";
            let mut tables: Vec<(String, Vec<String>)> = Vec::new();
            for row in tx.all(sql, args![]).await? {
                let (table, column) = (row.text("t")?, row.text("c")?);
                match tables.last_mut() {
                    Some((last, columns)) if *last == table => columns.push(column),
                    _ => tables.push((table, vec![column])),
                }
            }
            Ok(tables)
        })
        .await
        .expect("the tables")
    }

    /// Returns the whole content of the database, table by table.
    pub async fn fingerprint(&self) -> Vec<(String, String)> {
        let mut all = Vec::new();
        for (table, columns) in self.tables().await {
            // Any request may update the last use of a token.
            let columns: Vec<String> = columns
                .iter()
                .filter(|column| *column != "last_used_at")
                .map(|column| format!("quote(\"{column}\")"))
                .collect();
            let row = columns.join(" || ',' || ");
            let sql = format!(
                "SELECT coalesce(group_concat(x, ';'), '') AS t FROM (SELECT {row} AS x FROM \"{table}\" ORDER BY 1)"
            );
            all.push((table, self.text(&sql).await));
        }
        all
    }
}

/// Creates a platform with all callers, their tokens, and the values available to requests.
pub async fn prepare() -> (TestPlatform, Values) {
    let nowhere = Some("file:/nowhere".to_owned());
    let p = TestPlatform::open(|settings| {
        settings.gateways = Gateways { smtp: nowhere.clone(), sms: nowhere, ..Gateways::default() };
        settings.metrics = Some(Metrics::new().expect("metrics"));
    })
    .await;
    for person in PEOPLE {
        let (login, role, state) = (person.login, person.role, person.state());
        let sql = format!(
            "SELECT count(*) AS n FROM people WHERE login = '{login}' AND role = '{role}' AND state = '{state}'"
        );
        if p.count(&sql).await == 0 {
            p.person(login, role, state).await;
        }
    }
    p.sql(
        "INSERT INTO organizations (inn, name) VALUES ('7707083893', 'Другая'); \
         INSERT INTO representatives (person_id, inn) VALUES ('id-colleague', '7701123451'), \
         ('id-unconfirmed', '7701123451'), ('id-blocked', '7701123451'), ('id-rival', '7707083893')",
    )
    .await;
    let mut values = Values::default();
    let pdf = samples::pdf();
    p.upload("applicant", "a.pdf", &pdf).await;
    values.set("sha256", hex::encode(Sha256::digest(&pdf)));
    for Person { login, .. } in PEOPLE {
        tokens(&p, login).await;
    }
    tokens(&p, "supervisor-federal").await;
    p.sql(&format!(
        "INSERT OR IGNORE INTO uploads (person_id, sha256, created_at) SELECT id, '{}', {} FROM people",
        values.get("sha256"),
        p.now().as_microsecond()
    ))
    .await;
    let soon = p.now().checked_add(jiff::Span::new().hours(24)).expect("a time");
    let draft = sample_with(json!({"draft": true}));
    values.set("soon", soon.to_string());
    values.set("sample", sample().to_string());
    values.set("draft_sample", draft.to_string());
    values.set(
        "registration",
        json!({"for": "supervisor-federal", "channel": "phone", "appeal": sample()}).to_string(),
    );
    values.set("no_number", AppealNumber::from_parts(2026, 7_777_777_777).to_string());
    values.set("no_id", "00000000-0000-7000-8000-000000000000");
    values.set("no_sha256", "0".repeat(64));
    values.set("foreign_token", "spare-supervisor-federal");
    let reply = p.get("admin", "/v1/admin/backup").await;
    let backup = reply.headers.get("x-backup-id").and_then(|id| id.to_str().ok());
    values.set("backup", backup.expect("the id of a backup"));
    while p.count("SELECT count(*) AS n FROM backups WHERE state = 'started'").await > 0 {
        tokio::task::yield_now().await;
    }
    (p, values)
}

/// Returns the secret of a token created by [`tokens`].
pub fn secret(login: &str, name: &str) -> String {
    format!("{name} of {login}")
}

/// Gives a person a session, one that was opened ten minutes ago, a token of each scope, invalid tokens, and a spare one. A token is limited to the scopes
/// of the role.
async fn tokens(p: &TestPlatform, login: &str) {
    let now = p.now().as_microsecond();
    let (minute, hour, day) = (60_000_000, 3_600_000_000, 86_400_000_000);
    let every = r#"["read","file","operate","report","admin"]"#;
    let mut rows = Vec::new();
    for name in ["session", "old session", "spare"] {
        rows.push((name, every.to_owned(), "NULL", day));
    }
    for scope in SCOPES {
        rows.push((scope, format!("[\"{scope}\"]"), "NULL", day));
    }
    rows.push(("revoked", every.to_owned(), "1", day));
    rows.push(("expired", every.to_owned(), "NULL", -hour));
    for (name, scopes, revoked, lives) in rows {
        let digest = hex::encode(Sha256::digest(secret(login, name)));
        p.sql(&format!(
            "INSERT INTO tokens (id, digest, person_id, name, scopes, created_at, expires_at, revoked_at, \
             last_used_at, session) SELECT '{name}-{login}', '{digest}', id, '{name}', '{scopes}', {}, {}, \
             {revoked}, {now}, {} FROM people WHERE login = '{login}'",
            if name == "old session" { now - 10 * minute } else { now },
            now + lives,
            i64::from(["session", "old session"].contains(&name)),
        ))
        .await;
    }
}

/// Files the appeal and brings it into the situation; adds its number, a file, an answer and the number of another
/// appeal of the department to the values.
pub async fn file_in(p: &TestPlatform, values: &mut Values, situation: &str) {
    let who = "representative";
    let (operator, above) = ("operator-housing", "supervisor-senior");
    let file = p.upload(who, "act.pdf", &samples::pdf()).await;
    let draft = situation == "draft";
    let new = sample_with(json!({"attachments": [file], "draft": draft}));
    let card = p.post(who, "/v1/appeals", new).await.ok();
    let n = number(&card);
    let other = p.file("applicant").await;
    let text = json!({"text": "Текст"});
    let answer = json!({"decision": "granted", "text": "Сделано"});
    let escalation = json!({"level": "senior", "grounds": "critical", "reason": "Срочно"});
    let answered = [(operator, "take", json!({})), (operator, "answers", answer.clone())];
    let solved = (who, "confirm", json!({"solved": true}));
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
        "escalated_decided" => [&answered[..], &[(who, "escalations", escalation)]].concat(),
        "returned" => {
            vec![(operator, "take", json!({})), (who, "escalations", escalation), (above, "return", text)]
        }
        "answered" => answered.to_vec(),
        "answered_above" => vec![(who, "escalations", escalation), (above, "change", text)],
        "awaiting_confirmation" => vec![
            (operator, "take", json!({})),
            (operator, "answers", json!({"decision": "granted", "text": "x", "await_confirmation": true})),
        ],
        "completed" => [&answered[..], &[solved]].concat(),
        "reviewed" => [&answered[..], &[solved, (who, "rating", json!({"score": 3}))]].concat(),
        "rejected" => vec![(operator, "refuse", json!({"reason": "Нет оснований"}))],
        "cancelled" => vec![(who, "cancel", json!({}))],
        "closed" => [&answered[..], &[(who, "close", json!({}))]].concat(),
        "merged" => vec![(operator, "merge", json!({"into": other}))],
        unknown => panic!("how does an appeal come to be {unknown}?"),
    };
    for (who, what, body) in steps {
        p.act(who, &n, what, body).await;
    }
    if !draft {
        share(p, &n).await;
    }
    let card = p.show(who, &n).await;
    let answer = card["answers"].as_array().and_then(|all| all.last()).and_then(|a| a["id"].as_str());
    values.set("file", card["attachments"][0]["id"].as_str().expect("an id"));
    values.set("answer", answer.unwrap_or("00000000-0000-7000-8000-000000000000"));
    values.set("number", n);
    values.set("other", other);
}

/// Adds participants and co-executors to an appeal.
async fn share(p: &TestPlatform, n: &str) {
    for (login, role) in [("agent", "represent"), ("commenter", "comment"), ("viewer", "view")] {
        p.sql(&format!(
            "INSERT INTO participants (appeal_id, person_id, role) SELECT a.id, p.id, '{role}' \
             FROM appeals a, people p WHERE a.number = '{n}' AND p.login = '{login}'"
        ))
        .await;
    }
    p.sql(&format!(
        "INSERT INTO co_executors (appeal_id, kind, subject, at, added_by) SELECT id, 'department', 'roads', 0, 'x' \
         FROM appeals WHERE number = '{n}'; \
         INSERT INTO co_executors (appeal_id, kind, subject, at, added_by) SELECT a.id, 'expert', p.id, 0, 'x' \
         FROM appeals a, people p WHERE a.number = '{n}' AND p.login = 'operator-taxes'"
    ))
    .await;
}

/// Creates hidden objects: an appeal of a stranger in another department with a file, an answer and a notification; an
/// internal file of the shared appeal; and an earlier version of a file from before its draft was filed.
pub async fn file_hidden(p: &TestPlatform, values: &mut Values) {
    file_in(p, values, "submitted").await;
    let n = values.get("number").to_owned();
    values.set("shared", n.clone());
    let scan = p.upload("operator-housing", "internal.png", &samples::png()).await;
    let note = json!({"text": "Для своих", "internal": true, "attachments": [scan]});
    p.act("operator-housing", &n, "comments", note).await;
    values.set("internal_file", p.text("SELECT id AS t FROM attachments WHERE internal = 1").await);

    let bytes = samples::jpeg();
    let photo = p.upload("applicant", "photo.jpg", &bytes).await;
    values.set("foreign_sha256", hex::encode(Sha256::digest(&bytes)));
    values.set("unsent_sha256", hex::encode(Sha256::digest(samples::docx())));
    let foreign = sample_with(json!({"category": "environment.trees", "attachments": [photo]}));
    let card = p.post("applicant", "/v1/appeals", foreign).await.ok();
    let foreign = number(&card);
    values.set("foreign_file", card["attachments"][0]["id"].as_str().expect("an id"));
    p.act("operator-environment", &foreign, "take", json!({})).await;
    let answer = json!({"decision": "granted", "text": "Сделано"});
    let card = p.act("operator-environment", &foreign, "answers", answer).await;
    values.set("foreign_answer", card["answers"][0]["id"].as_str().expect("an id"));
    let notices = p.get("applicant", "/v1/me/notifications").await.ok();
    values.set("foreign_notice", notices["items"][0]["id"].as_str().expect("a notification"));
    values.set("foreign", foreign);

    let first = p.upload("representative", "first.docx", &samples::docx_sized(4_000)).await;
    let second = p.upload("representative", "second.docx", &samples::docx_sized(5_000)).await;
    let draft = sample_with(json!({"draft": true, "attachments": [first]}));
    let card = p.post("representative", "/v1/appeals", draft).await.ok();
    let (draft, file) = (number(&card), card["attachments"][0]["id"].as_str().expect("an id").to_owned());
    let replacement = json!({"replace": file, "attachments": [second]});
    p.act("representative", &draft, "attachments", replacement).await;
    p.advance(jiff::SignedDuration::from_mins(1));
    let filed = number(&p.act("representative", &draft, "submit", json!({})).await);
    share(p, &filed).await;
    values.set("draft_file", file);
    values.set("shared_draft", filed);
}
