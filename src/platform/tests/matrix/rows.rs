//! The access table: one row for each operation of the OpenAPI document, with its callers, the required scope and
//! account state, and the exceptions. A route without a row fails the test.

/// The scopes that a request requires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// None: any token is accepted.
    Nothing,
    Read,
    File,
    Operate,
    Report,
    Admin,
    /// `file` or `operate`: both sides attach files.
    FileOrOperate,
    /// `file` for the applicant's side, `operate` for the authority.
    OwnSide,
    /// `read` and another scope: a webhook receives every notification of its owner.
    MoreThanRead,
    /// A session signed in within ten minutes.
    FreshSession,
}

/// The required state of the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Account {
    /// Any, even blocked.
    Any,
    /// Not blocked.
    NotBlocked,
    /// Confirmed, unless the appeal is a draft.
    ConfirmedUnlessDraft,
    Confirmed,
}

/// A named exception to a rule: for these people in these situations the request ends with this status.
#[derive(Debug, Clone, Copy)]
pub struct Exception {
    pub who: &'static str,
    pub situations: &'static str,
    pub status: u16,
    pub why: &'static str,
}

/// One kind of call of a route. A route has several if the body or the query determines who may call it.
///
/// Bodies, queries and values of path parameters may name values of the fixture: `{number}`, the appeal; `{file}`, a
/// file of it; `{other}`, another appeal of the same department, and so on.
#[derive(Debug, Clone)]
pub struct Call {
    pub name: &'static str,
    /// Values of path parameters other than `number`.
    pub params: Vec<(&'static str, &'static str)>,
    pub query: &'static str,
    pub body: &'static str,
    pub media_type: &'static str,
    pub who: &'static str,
    pub need: Need,
    pub account: Account,
    /// Situations in which it succeeds with an effect.
    pub done: &'static str,
    /// Situations in which it succeeds without a change, because it only reads or was done before.
    pub same: &'static str,
    /// The status in all other situations.
    pub otherwise: u16,
    pub exceptions: Vec<Exception>,
    /// Callers without access get 404 rather than 403. The parameter that names the object, and a value that names
    /// nothing.
    pub unseen: Option<(&'static str, &'static str)>,
    /// Status and code with which a permitted request ends, if it has no successful dry run.
    pub ends: Option<(u16, &'static str)>,
    /// Whether it has no dry run: permitted requests are sent last and take effect.
    pub effect: bool,
    /// Whether it is slow: each permitted person calls it once, rather than in every situation and with every token.
    pub costly: bool,
    /// Whether the response lists exactly the appeals that the caller may see.
    pub lists: bool,
}

/// An object hidden from these people, and a missing one; the responses must be equal.
#[derive(Debug, Clone)]
pub struct Hidden {
    pub from: &'static str,
    pub params: Vec<(&'static str, &'static str)>,
    pub query: &'static str,
    pub body: Option<&'static str>,
    pub exists: &'static str,
    pub missing: &'static str,
    pub status: u16,
    /// A known gap: the reason why the responses differ.
    pub gap: Option<&'static str>,
}

/// The row of a route.
#[derive(Debug, Clone)]
pub struct Row {
    /// Method and path as in the document.
    pub route: &'static str,
    pub who: &'static str,
    pub need: Need,
    pub account: Account,
    pub calls: Vec<Call>,
    pub hidden: Vec<Hidden>,
    /// Whether the path refers to public data, so that nothing is hidden.
    pub public: bool,
}

fn row(route: &'static str, who: &'static str, need: Need, account: Account) -> Row {
    Row { route, who, need, account, calls: Vec::new(), hidden: Vec::new(), public: false }
}

/// An object hidden from these people; `{x}` in the request stands for its name.
fn hidden(from: &'static str, exists: &'static str, missing: &'static str, status: u16) -> Hidden {
    Hidden { from, params: Vec::new(), query: "", body: None, exists, missing, status, gap: None }
}

impl Hidden {
    fn param(mut self, name: &'static str, value: &'static str) -> Self {
        self.params.push((name, value));
        self
    }

    fn query(mut self, query: &'static str) -> Self {
        self.query = query;
        self
    }

    fn body(mut self, body: &'static str) -> Self {
        self.body = Some(body);
        self
    }

    fn gap(mut self, why: &'static str) -> Self {
        self.gap = Some(why);
        self
    }
}

impl Row {
    pub fn method(&self) -> &'static str {
        self.route.split(' ').next().unwrap_or_default()
    }

    pub fn path(&self) -> &'static str {
        self.route.split(' ').nth(1).unwrap_or_default()
    }

    /// Returns whether it is about one appeal; people are then identified by their relation to it, otherwise by their
    /// role.
    pub fn is_about_appeal(&self) -> bool {
        self.path().contains("{number}")
    }

    /// Adds a request that is not about an appeal.
    fn calls(mut self, name: &'static str, body: &'static str) -> Self {
        self.calls.push(Call {
            name,
            params: Vec::new(),
            query: "",
            body,
            media_type: "application/json",
            who: self.who,
            need: self.need,
            account: self.account,
            done: "",
            same: "",
            otherwise: 409,
            exceptions: Vec::new(),
            unseen: None,
            ends: None,
            effect: false,
            costly: false,
            lists: false,
        });
        self
    }

    /// Adds a request that reads an appeal, in the situations in which that is possible.
    fn reads(self, name: &'static str, situations: &'static str) -> Self {
        self.calls(name, "").change(|t| t.same = situations)
    }

    /// Adds a request that changes an appeal: situations in which it takes effect, and in which it was done before.
    fn acts(self, name: &'static str, body: &'static str, done: &'static str, same: &'static str) -> Self {
        self.calls(name, body).change(|t| (t.done, t.same) = (done, same))
    }

    /// Changes the request added last.
    fn change(mut self, change: impl FnOnce(&mut Call)) -> Self {
        change(self.calls.last_mut().expect("a request was added"));
        self
    }

    fn with(self, param: &'static str, value: &'static str) -> Self {
        self.change(|t| t.params.push((param, value)))
    }

    fn query(self, query: &'static str) -> Self {
        self.change(|t| t.query = query)
    }

    fn only(self, who: &'static str) -> Self {
        self.change(|t| t.who = who)
    }

    fn needs(self, need: Need) -> Self {
        self.change(|t| t.need = need)
    }

    fn account(self, account: Account) -> Self {
        self.change(|t| t.account = account)
    }

    fn media_type(self, media_type: &'static str) -> Self {
        self.change(|t| t.media_type = media_type)
    }

    fn otherwise(self, status: u16) -> Self {
        self.change(|t| t.otherwise = status)
    }

    fn ends(self, status: u16, code: &'static str) -> Self {
        self.change(|t| t.ends = Some((status, code)))
    }

    fn effect(self) -> Self {
        self.change(|t| t.effect = true)
    }

    fn costly(self) -> Self {
        self.change(|t| t.costly = true)
    }

    fn lists(self) -> Self {
        self.change(|t| t.lists = true)
    }

    fn unseen(self, param: &'static str, missing: &'static str) -> Self {
        self.change(|t| t.unseen = Some((param, missing)))
    }

    fn except(self, who: &'static str, situations: &'static str, status: u16, why: &'static str) -> Self {
        self.change(|t| t.exceptions.push(Exception { who, situations, status, why }))
    }

    fn hides(mut self, hidden: Hidden) -> Self {
        self.hidden.push(hidden);
        self
    }

    fn public(mut self) -> Self {
        self.public = true;
        self
    }
}

/// Everyone who may read the parts of an appeal.
const SEES: &str = "applicant unconfirmed commenter viewer STAFF admin";
/// All signed-in people except administrators, by role.
const NOT_ADMIN: &str = "EVERYBODY -admin";
/// The operator of the department of the shared appeal.
const OPERATOR: &str = "operator-housing";

/// A row of a route under an appeal.
macro_rules! below {
    ($method:literal $rest:literal, $who:expr, $need:expr, $account:expr) => {
        row(concat!($method, " /v1/appeals/{number}", $rest), $who, $need, $account)
    };
}

/// Every row.
pub fn table() -> Vec<Row> {
    [open(), account(), administration(), appeals(), reading(), applicant(), operator(), supervisor()]
        .concat()
}

/// Routes without a token.
fn open() -> Vec<Row> {
    use Account::Any;
    use Need::Nothing;
    let open = |route| row(route, "ANYBODY", Nothing, Any);
    vec![
        open("GET /healthz").calls("live", ""),
        open("GET /metrics").calls("metrics", ""),
        open("GET /readyz").calls("ready", ""),
        open("GET /v1/limits").calls("limits", ""),
        open("GET /v1/rules").calls("rules", ""),
        open("GET /v1/categories").calls("categories", ""),
        open("GET /v1/categories/{code}").calls("category", "").with("code", "housing").public(),
        open("GET /v1/departments").calls("departments", ""),
        open("GET /v1/regions").calls("regions", ""),
        open("GET /v1/templates").calls("templates", ""),
        open("GET /v1/templates/{id}").calls("template", "").with("id", "no-heating").public(),
        open("GET /v1/deadlines").calls("forecast", "").query("category=housing"),
        open("POST /v1/sign-in")
            .calls("sign in", r#"{"login":"{fresh}","password":"x"}"#)
            .ends(401, "wrong_credentials")
            .effect(),
        open("POST /v1/sign-in/way")
            .calls("choose a way", r#"{"challenge_id":"{fresh}","way":"sms"}"#)
            .ends(401, "code_expired")
            .effect(),
        open("POST /v1/sign-in/code")
            .calls("enter a code", r#"{"challenge_id":"{fresh}","code":"123456"}"#)
            .ends(401, "code_expired")
            .effect(),
        open("POST /v1/password-reset").calls("ask for a reset", r#"{"login":"{fresh}"}"#).effect(),
        open("POST /v1/password-reset/code")
            .calls("reset", r#"{"challenge_id":"{fresh}","code":"123456","password":"верблюд в кепке 7"}"#)
            .ends(401, "code_expired")
            .effect(),
    ]
}

/// The caller's account, tokens, notifications and uploads.
fn account() -> Vec<Row> {
    use Account::{Any, NotBlocked};
    use Need::*;
    let own = |route, need| row(route, "EVERYBODY", need, NotBlocked);
    vec![
        row("GET /v1/me", "EVERYBODY", Nothing, Any).calls("me", ""),
        own("GET /v1/account", Read).calls("account", ""),
        own("PATCH /v1/account", FreshSession).calls("edit account", r#"{"region":"54"}"#),
        own("POST /v1/account/confirmation", FreshSession)
            .calls("ask for a confirmation code", r#"{"email":"new@example.org"}"#),
        own("POST /v1/account/confirmation/code", FreshSession)
            .calls("enter a confirmation code", r#"{"code":"123456"}"#),
        own("POST /v1/account/password", FreshSession)
            .calls("change password", r#"{"new":"верблюд в кепке 7"}"#),
        own("POST /v1/account/totp", FreshSession).calls("make an authenticator", "{}"),
        own("POST /v1/account/totp/confirm", FreshSession)
            .calls("confirm an authenticator", r#"{"code":"123456"}"#),
        own("POST /v1/account/totp/disable", FreshSession)
            .calls("disable an authenticator", r#"{"code":"123456"}"#),
        own("GET /v1/tokens", FreshSession)
            .calls("own tokens", "")
            .calls("own tokens by login", "")
            .query("login={me}")
            .calls("tokens of another", "")
            .query("login=supervisor-federal")
            .only("admin")
            .hides(hidden(NOT_ADMIN, "supervisor-federal", "nobody-of-that-name", 403).query("login={x}")),
        own("POST /v1/tokens", FreshSession)
            .calls("issue a token", r#"{"scopes":["read"],"expires_at":"{soon}"}"#)
            .calls("issue a token by login", r#"{"login":"{me}","scopes":["read"],"expires_at":"{soon}"}"#)
            .calls("issue a token that files", r#"{"scopes":["file"],"expires_at":"{soon}"}"#)
            .except("analyst", "", 422, "the role has no such scope, which is a finding")
            .calls(
                "issue a token to another",
                r#"{"login":"supervisor-federal","scopes":["read"],"expires_at":"{soon}"}"#,
            )
            .only("admin")
            .hides(
                hidden(NOT_ADMIN, "supervisor-federal", "nobody-of-that-name", 403)
                    .body(r#"{"login":"{x}","scopes":["read"],"expires_at":"{soon}"}"#),
            ),
        row("DELETE /v1/tokens/current", "EVERYBODY", Nothing, Any).calls("sign out", ""),
        own("DELETE /v1/tokens/{id}", FreshSession)
            .calls("revoke an own token", "")
            .with("id", "{own_token}")
            .calls("revoke a token of another", "")
            .with("id", "{foreign_token}")
            .only("admin")
            .unseen("id", "{no_id}")
            .hides(hidden(NOT_ADMIN, "{foreign_token}", "{no_id}", 404).param("id", "{x}")),
        own("GET /v1/me/notification-settings", Read).calls("notification settings", ""),
        own("PUT /v1/me/notification-settings", MoreThanRead)
            .calls("edit notification settings", r#"{"email":false}"#)
            .calls("set a webhook", r#"{"push":"https://hooks.example/x"}"#)
            .needs(FreshSession)
            .calls("set the secret of a webhook", r#"{"push":"","push_secret":"0123456789abcdef"}"#)
            .needs(FreshSession),
        own("GET /v1/me/notifications", Read)
            .calls("notifications", "")
            .hides(hidden("representative", "{foreign}", "{no_number}", 200).query("number={x}")),
        own("POST /v1/me/notifications/read", Read)
            .calls("read notifications", r#"{"all":true}"#)
            .hides(hidden("representative", "{foreign_notice}", "{no_id}", 404).body(r#"{"ids":["{x}"]}"#)),
        own("HEAD /v1/uploads/{sha256}", FileOrOperate)
            .calls("has an upload", "")
            .with("sha256", "{sha256}")
            .hides(
                hidden(
                    "representative viewer operator-housing admin",
                    "{foreign_sha256}",
                    "{no_sha256}",
                    404,
                )
                .param("sha256", "{x}"),
            ),
        own("PUT /v1/uploads/{sha256}", FileOrOperate)
            .calls("upload", "{pdf}")
            .media_type("application/octet-stream")
            .with("sha256", "{sha256}")
            .effect()
            .hides(
                hidden("representative", "{foreign_sha256}", "{unsent_sha256}", 201)
                    .param("sha256", "{x}")
                    .gap("the status is 200 if another person has sent these bytes, and 201 otherwise"),
            ),
    ]
}

/// Administration and reports.
fn administration() -> Vec<Row> {
    use Account::NotBlocked;
    use Need::*;
    // An administrator's account need not be confirmed.
    let admin = |route| row(route, "admin", Admin, NotBlocked);
    let person = || hidden(NOT_ADMIN, "viewer", "nobody-of-that-name", 403);
    vec![
        admin("GET /v1/admin/backup").calls("backup", "").effect(),
        admin("GET /v1/admin/export").calls("export", "").effect(),
        admin("PUT /v1/admin/import")
            .calls("import", "no archive")
            .media_type("application/zip")
            .ends(409, "conflict"),
        admin("POST /v1/admin/backups/{id}/verified")
            .calls("verify a backup", "{}")
            .with("id", "{backup}")
            .hides(hidden(NOT_ADMIN, "{backup}", "{no_id}", 403).param("id", "{x}")),
        admin("GET /v1/admin/log").calls("admin log", ""),
        admin("GET /v1/admin/status").calls("status", ""),
        admin("GET /v1/admin/{kind}")
            .calls("list records", "")
            .with("kind", "people")
            .hides(hidden(NOT_ADMIN, "people", "no-such-kind", 403).param("kind", "{x}")),
        admin("POST /v1/admin/{kind}")
            .calls("load records", r#"{"records":[{"login":"viewer","region":"54"}]}"#)
            .with("kind", "people")
            .hides(hidden(NOT_ADMIN, "people", "no-such-kind", 403).param("kind", "{x}")),
        admin("GET /v1/admin/{kind}/{id}")
            .calls("show a record", "")
            .with("kind", "people")
            .with("id", "viewer")
            .hides(person().param("kind", "people").param("id", "{x}")),
        admin("POST /v1/admin/people/{login}/block")
            .calls("block", r#"{"reason":"x"}"#)
            .with("login", "viewer")
            .hides(person().param("login", "{x}")),
        admin("POST /v1/admin/people/{login}/unblock")
            .calls("unblock", "{}")
            .with("login", "viewer")
            .hides(person().param("login", "{x}")),
        row("GET /v1/reports/summary", "operator supervisor analyst admin", Report, NotBlocked)
            .calls("report", ""),
    ]
}

/// Lists, filing and the stream of changes.
fn appeals() -> Vec<Row> {
    use Account::{Confirmed, NotBlocked};
    use Need::*;
    let strangers =
        "applicant rival intermediary operator-health supervisor-regional analyst operator-support";
    vec![
        row("GET /v1/appeals", "EVERYBODY", Read, NotBlocked)
            .calls("list appeals", "")
            .query("limit=500")
            .lists()
            .calls("list own appeals", "")
            .query("view=mine")
            .calls("list the queue", "")
            .query("view=queue")
            .only("operator admin")
            .calls("list where involved", "")
            .query("view=involved")
            .only("operator supervisor admin")
            .calls("list escalated", "")
            .query("view=escalated")
            .only("supervisor admin")
            .calls("list reviewed", "")
            .query("view=reviews")
            .only("supervisor admin")
            .hides(
                hidden("representative viewer applicant", "operator-taxes", "nobody-here", 200)
                    .query("responsible={x}"),
            ),
        row("POST /v1/appeals", "EVERYBODY", File, Confirmed)
            .calls("file", "{sample}")
            .calls("save a draft", "{draft_sample}")
            .account(NotBlocked),
        // Lines are refused individually; the outcome of the first line counts.
        row("POST /v1/appeals/batch", "EVERYBODY", File, Confirmed)
            .calls("file many", r#"{"key":"k","appeal":{"subject":"","text":""}}"#)
            .media_type("application/jsonl")
            .ends(422, "invalid"),
        row("POST /v1/registrations", "operator", Operate, Confirmed).calls("register", "{registration}"),
        row("GET /v1/changes", "EVERYBODY", Read, NotBlocked)
            .calls("changes", "")
            .query("since=2026-01-01T00:00:00Z&limit=500")
            .lists()
            .hides(hidden(strangers, "{shared}", "{no_number}", 404).query("numbers={x}")),
        row("GET /v1/events", "EVERYBODY", Read, NotBlocked)
            .calls("stream of changes", "")
            .hides(hidden(strangers, "{shared}", "{no_number}", 404).query("numbers={x}")),
    ]
}

/// Reading one appeal.
fn reading() -> Vec<Row> {
    use Account::NotBlocked;
    use Need::Read;
    // Everyone who sees the shared appeal, and everyone outside the authority's staff.
    let readers = "representative colleague agent viewer commenter operator-housing operator-roads admin";
    let outside = "representative colleague agent viewer commenter";
    let others = "colleague agent viewer commenter operator-housing operator-roads admin";
    let foreign_file = || hidden(readers, "{foreign_file}", "{no_id}", 404).param("id", "{x}");
    let internal_file = || hidden(outside, "{internal_file}", "{no_id}", 404).param("id", "{x}");
    vec![
        below!("GET" "", SEES, Read, NotBlocked).reads("see", "draft FILED"),
        below!("GET" "/pdf", SEES, Read, NotBlocked).reads("see as a PDF", "draft FILED").costly(),
        below!("GET" "/answers/{id}/pdf", SEES, Read, NotBlocked)
            .reads("see an answer as a PDF", "WITH_ANSWER")
            .with("id", "{answer}")
            .otherwise(404)
            .costly()
            .hides(hidden(readers, "{foreign_answer}", "{no_id}", 404).param("id", "{x}")),
        below!("GET" "/attachments", SEES, Read, NotBlocked).reads("see files", "draft FILED"),
        below!("GET" "/attachments/{id}", SEES, Read, NotBlocked)
            .reads("download a file", "draft FILED")
            .with("id", "{file}")
            .hides(foreign_file())
            .hides(internal_file())
            .hides(
                hidden(others, "1", "7777", 404)
                    .param("number", "{shared_draft}")
                    .param("id", "{draft_file}")
                    .query("version={x}"),
            ),
        below!("GET" "/attachments/{id}/versions", SEES, Read, NotBlocked)
            .reads("see versions of a file", "draft FILED")
            .with("id", "{file}")
            .hides(foreign_file())
            .hides(internal_file()),
        below!("GET" "/similar", "STAFF admin", Read, NotBlocked).reads("see duplicates", "FILED"),
        below!("GET" "/versions", SEES, Read, NotBlocked).reads("see versions", "draft FILED"),
        below!("GET" "/participants", SEES, Read, NotBlocked).reads("see participants", "draft FILED"),
        below!("GET" "/deadlines", SEES, Read, NotBlocked).reads("see deadlines", "draft FILED"),
        below!("GET" "/journal", SEES, Read, NotBlocked).reads("see journal", "draft FILED"),
    ]
}

/// Actions of the applicant and the participants.
fn applicant() -> Vec<Row> {
    use Account::{Confirmed, ConfirmedUnlessDraft};
    use Need::{File, OwnSide};
    let who = "applicant";
    let own = "representative colleague agent";
    let foreign_file = || hidden(own, "{foreign_file}", "{no_id}", 404).param("id", "{x}");
    let internal_file = || hidden(own, "{internal_file}", "{no_id}", 404).param("id", "{x}");
    vec![
        below!("POST" "/submit", who, File, Confirmed).acts("submit", "{}", "draft", ""),
        below!("DELETE" "", who, File, ConfirmedUnlessDraft).acts("discard", "", "draft", ""),
        below!("PATCH" "", who, File, ConfirmedUnlessDraft)
            .acts("edit", r#"{"expected":"Тепло"}"#, "draft FILED -FINAL -WITH_APPLICANT", "")
            .acts("edit category", r#"{"category":"roads"}"#, "draft submitted redirected", ""),
        below!("POST" "/comments", "applicant commenter STAFF", OwnSide, Confirmed)
            .acts("comment", r#"{"text":"x"}"#, "FILED", "")
            .acts("comment internally", r#"{"text":"x","internal":true}"#, "FILED", "")
            .only("STAFF"),
        below!("POST" "/replies", who, File, ConfirmedUnlessDraft).acts(
            "reply",
            r#"{"text":"x"}"#,
            "clarification_required escalated_asked",
            "",
        ),
        below!("POST" "/cancel", who, File, ConfirmedUnlessDraft).acts(
            "cancel",
            "{}",
            "OPEN under_review escalated escalated_asked",
            "cancelled",
        ),
        below!("POST" "/confirm", who, File, ConfirmedUnlessDraft)
            .acts("confirm", r#"{"solved":true}"#, "WITH_APPLICANT", "completed reviewed")
            .acts("dispute", r#"{"solved":false,"reason":"x"}"#, "WITH_APPLICANT", ""),
        below!("POST" "/close", who, File, ConfirmedUnlessDraft).acts(
            "close",
            "{}",
            "WITH_APPLICANT",
            "closed merged",
        ),
        below!("POST" "/repeats", who, File, Confirmed).acts(
            "repeat",
            r#"{"grounds":"incomplete","text":"x"}"#,
            "WITH_APPLICANT FINAL",
            "",
        ),
        below!("POST" "/escalations", who, File, ConfirmedUnlessDraft).acts(
            "escalate",
            r#"{"level":"regional","grounds":"critical","reason":"x"}"#,
            "FILED -cancelled -ESCALATED",
            "",
        ),
        below!("POST" "/rating", who, File, ConfirmedUnlessDraft).acts(
            "rate",
            r#"{"score":3}"#,
            "WITH_APPLICANT FINAL escalated_decided -reviewed",
            "reviewed",
        ),
        // The body is incomplete on purpose, because attaching requires an upload.
        below!("POST" "/attachments", who, File, ConfirmedUnlessDraft)
            .acts("attach", r#"{"attachments":[]}"#, "draft FILED -FINAL", "")
            .ends(422, "invalid")
            .hides(
                hidden(own, "{foreign_file}", "{no_id}", 404)
                    .body(r#"{"replace":"{x}","attachments":[{"sha256":"{sha256}","name":"a.pdf"}]}"#),
            ),
        below!("DELETE" "/attachments/{id}", who, File, ConfirmedUnlessDraft)
            .acts("remove a file", "", "draft submitted redirected", "")
            .with("id", "{file}")
            .hides(foreign_file())
            .hides(internal_file()),
        below!("POST" "/attachments/{id}/restore", who, File, ConfirmedUnlessDraft)
            .acts("restore a file", r#"{"version":1}"#, "", "draft FILED -FINAL")
            .with("id", "{file}")
            .hides(foreign_file())
            .hides(internal_file())
            .hides(
                hidden("colleague agent", "1", "7777", 404)
                    .param("number", "{shared_draft}")
                    .param("id", "{draft_file}")
                    .body(r#"{"version":{x}}"#),
            ),
        below!("POST" "/participants", who, File, Confirmed)
            .acts("share", r#"{"with":"rival","role":"view"}"#, "FILED", "")
            .except("agent", "FILED", 403, "a representative participant may not share the appeal")
            .hides(
                hidden("representative colleague", "blocked", "nobody-here", 422)
                    .body(r#"{"with":"{x}","role":"view"}"#),
            ),
        below!("DELETE" "/participants/{login}", who, File, Confirmed)
            .acts("unshare", "", "FILED", "")
            .with("login", "viewer")
            .except("agent", "FILED", 403, "a representative participant may not share the appeal")
            .except("representative", "draft", 404, "a draft has no participants")
            .hides(
                hidden("representative colleague", "rival", "nobody-of-that-name", 404).param("login", "{x}"),
            ),
    ]
}

/// Actions of the department's operators.
fn operator() -> Vec<Row> {
    use Account::Confirmed;
    use Need::Operate;
    let who = "operator";
    vec![
        below!("POST" "/take", who, Operate, Confirmed).acts(
            "take",
            "{}",
            "submitted redirected under_review",
            "in_progress returned",
        ),
        below!("POST" "/under-review", who, Operate, Confirmed).acts(
            "review",
            "{}",
            "in_progress returned",
            "under_review",
        ),
        below!("POST" "/assign", who, Operate, Confirmed)
            .acts("assign", r#"{"to":"operator"}"#, "OPEN under_review", "")
            .hides(hidden(OPERATOR, "operator-health", "nobody-here", 422).body(r#"{"to":"{x}"}"#)),
        below!("POST" "/ask", "operator supervisor", Operate, Confirmed)
            .acts(
                "ask",
                r#"{"text":"x"}"#,
                "operator:OPEN operator:under_review -clarification_required supervisor:escalated \
                 supervisor:escalated_decided",
                "",
            )
            .except(
                "supervisor",
                "returned answered_above reviewed",
                403,
                "once the escalation is over, its supervisor may only read and comment",
            ),
        below!("POST" "/redirect", who, Operate, Confirmed).acts(
            "redirect",
            r#"{"department":"environment","reason":"x"}"#,
            "OPEN under_review",
            "",
        ),
        below!("POST" "/answers", who, Operate, Confirmed).acts(
            "answer",
            r#"{"decision":"granted","text":"x"}"#,
            "in_progress returned under_review clarification_required",
            "",
        ),
        below!("POST" "/refuse", who, Operate, Confirmed).acts(
            "refuse",
            r#"{"reason":"Нет оснований"}"#,
            "OPEN under_review",
            "rejected",
        ),
        below!("POST" "/involve", who, Operate, Confirmed)
            .acts("involve", r#"{"department":"environment"}"#, "OPEN under_review", "")
            .acts("release", r#"{"department":"roads","remove":true}"#, "FILED -ESCALATED", ""),
        below!("POST" "/extend", who, Operate, Confirmed).acts(
            "extend",
            r#"{"due_at":"2027-06-01T00:00:00Z","reason":"x"}"#,
            "OPEN under_review",
            "",
        ),
        below!("POST" "/classify", who, Operate, Confirmed).acts(
            "classify",
            r#"{"category":"roads"}"#,
            "FILED -ESCALATED",
            "",
        ),
        below!("POST" "/merge", who, Operate, Confirmed)
            .acts("merge", r#"{"into":"{other}"}"#, "OPEN", "merged")
            .hides(hidden(OPERATOR, "{foreign}", "{no_number}", 404).body(r#"{"into":"{x}"}"#)),
    ]
}

/// Decisions of supervisors.
fn supervisor() -> Vec<Row> {
    use Account::Confirmed;
    use Need::Operate;
    let who = "supervisor";
    let reviewed = |row: Row| {
        row.except(
            "supervisor",
            "reviewed",
            403,
            "a supervisor who handles reviews does not decide appeals that were not escalated to them",
        )
    };
    vec![
        reviewed(below!("POST" "/uphold", who, Operate, Confirmed).acts(
            "uphold",
            r#"{"text":"x"}"#,
            "escalated_decided",
            "",
        )),
        reviewed(below!("POST" "/change", who, Operate, Confirmed).acts(
            "change",
            r#"{"text":"x"}"#,
            "escalated escalated_decided",
            "",
        )),
        reviewed(below!("POST" "/return", who, Operate, Confirmed).acts(
            "return",
            r#"{"text":"x"}"#,
            "escalated escalated_decided",
            "",
        )),
        below!("POST" "/revision", "supervisor reviewer", Operate, Confirmed)
            .acts("take into revision", "{}", "reviewed", "")
            .acts("complete a revision", r#"{"text":"x"}"#, "reviewed", ""),
    ]
}
