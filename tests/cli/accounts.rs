//! Signing in and the account: the real binary against a served platform whose clock is set by the test.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::common;
use crate::common::{Person, Run, World};
use appeal_platform::{Clock, Gateways, Platform, Settings};
use expectrl::process::unix::WaitStatus;
use expectrl::session::OsSession;
use expectrl::{Eof, Expect, Session};
use jiff::{SignedDuration, Timestamp};

const PASSWORD: &str = "верблюд в кепке 7";

/// A served platform in this process, and a home directory for its users. The applicant has a password.
struct Site {
    world: World,
    url: String,
    ahead: Arc<Mutex<SignedDuration>>,
    _runtime: tokio::runtime::Runtime,
}

impl Site {
    fn new() -> Site {
        let world = World::local();
        world.locally("applicant").stdin(PASSWORD).run(["auth", "password", "--password-file", "-"]).ok();
        let ahead = Arc::new(Mutex::new(SignedDuration::ZERO));
        let offset = ahead.clone();
        let clock = Clock::new(move || Timestamp::now().checked_add(*offset.lock().unwrap()).unwrap());
        let somewhere = Some(format!("file:{}", world.join("sent")));
        let settings = Settings {
            data_dir: world.data(),
            gateways: Gateways { smtp: somewhere.clone(), sms: somewhere, ..Gateways::default() },
            clock,
            ..Settings::default()
        };
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let url = runtime.block_on(async {
            let platform = Platform::open(settings).await.unwrap();
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            tokio::spawn(async move { platform.serve(listener, std::future::pending()).await });
            format!("http://{address}")
        });
        Site { world, url, ahead, _runtime: runtime }
    }

    /// A person at a shell who has configured the server.
    fn person(&self) -> Person {
        self.world.anonymous().env("APPEAL_SERVER", &self.url)
    }

    fn pass(&self, time: SignedDuration) {
        let mut ahead = self.ahead.lock().unwrap();
        *ahead = ahead.checked_add(time).unwrap();
    }

    /// Returns the newest code sent.
    fn code(&self) -> String {
        newest_code(&self.world)
    }

    /// Gives the password, which begins to sign in.
    fn begin(&self, more: &[&str]) -> Run {
        let base = ["login", "--login", "applicant", "--password-file", "-"];
        self.person().stdin(PASSWORD).run(base.iter().chain(more)).ok()
    }

    /// Signs in by SMS and stores the token.
    fn sign_in(&self) {
        let begun = self.begin(&["--way", "sms", "-q"]);
        self.person().run(["login", "--challenge", begun.line(), "--code", &self.code()]).ok();
    }

    fn credentials(&self) -> PathBuf {
        self.world.path().join("config/appeal/credentials.toml")
    }

    /// Returns the stored credentials.
    fn stored(&self) -> String {
        std::fs::read_to_string(self.credentials()).unwrap()
    }
}

fn newest_code(world: &World) -> String {
    let database = world.database();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let text: String = runtime.block_on(async {
        use sqlx::Connection as _;
        let mut connection = sqlx::SqliteConnection::connect(&database).await.unwrap();
        let sql = "SELECT text FROM messages WHERE kind = 'code' ORDER BY created_at DESC, id DESC LIMIT 1";
        sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap()
    });
    let code: String = text.chars().take_while(char::is_ascii_digit).collect();
    assert_eq!(code.len(), 6, "{text}");
    code
}

#[test]
fn a_missing_flag_is_named() {
    let world = World::local();
    let person = world.anonymous().env("APPEAL_SERVER", "http://127.0.0.1:9");
    for (args, flag) in [
        (&["login"][..], "--login"),
        (&["login", "--login", "applicant"], "--password-file"),
        (&["auth", "reset"], "--login"),
        (&["account", "confirm"], "--phone"),
        (&["account", "edit"], "--name"),
    ] {
        let run = person.run(args).code(2);
        assert!(run.stderr.contains(flag), "{run:?}");
    }
}

#[test]
fn a_person_who_is_signed_out_learns_how_to_sign_in() {
    let site = Site::new();
    let signed_out = site.person().run(["whoami", "-o", "json"]).code(4);
    assert!(signed_out.error()["hint"].as_str().unwrap().contains("appeal login"), "{signed_out:?}");
}

#[test]
fn a_sign_in_offers_the_ways_to_send_a_code() {
    let site = Site::new();
    let challenge = site.begin(&["-o", "json"]).json();
    let ways = &challenge["ways"];
    assert_eq!((&ways[0]["way"], &ways[0]["address"]), (&"sms".into(), &"+7***01".into()));
    let id = challenge["challenge_id"].as_str().unwrap();
    let sent = site.person().run(["login", "--challenge", id, "--way", "email"]).ok();
    assert!(sent.stderr.contains(&format!("--challenge {id} --code CODE")), "{sent:?}");
}

#[test]
fn a_wrong_code_leaves_fewer_attempts() {
    let site = Site::new();
    let begun = site.begin(&["--way", "sms", "-q"]);
    let wrong = site.person().run(["login", "--challenge", begun.line(), "--code", "000000x"]).code(4);
    assert!(wrong.stderr.contains("4 attempts"), "{wrong:?}");
}

#[test]
fn a_token_is_stored_for_its_owner_alone_and_not_printed() {
    let site = Site::new();
    let begun = site.begin(&["--way", "sms", "-q"]);
    let code = site.world.file("code", site.code());
    let args = ["login", "--challenge", begun.line(), "--code-file", &code, "-o", "json"];
    let done = site.person().run(args).ok();
    let said = done.json();
    assert_eq!((&said["login"], &said["stored"]), (&"applicant".into(), &"file".into()));
    let mode = std::fs::metadata(site.credentials()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let kept = site.stored();
    assert!(kept.contains("apl_") && !format!("{done:?}").contains("apl_"), "{kept}");
}

#[test]
fn a_person_who_is_signed_in_uses_the_platform() {
    let site = Site::new();
    site.sign_in();
    let me = site.person().run(["whoami", "-o", "json"]).ok().json();
    assert_eq!((&me["login"], &me["state"]), (&"applicant".into(), &"active".into()));
    assert!(me["token_expires_at"].is_string());
    let number = site.person().run(CREATE.iter().chain(&["-q"])).ok();
    assert!(number.line().len() > 10);
}

#[test]
fn a_sign_in_is_saved_as_a_profile() {
    let site = Site::new();
    let begun = site.begin(&["--way", "sms", "-q"]);
    let finish = ["login", "--challenge", begun.line(), "--code", &site.code(), "--save-as", "work"];
    site.person().run(finish).ok();
    let by_profile = site.world.anonymous().run(["--profile", "work", "auth", "status", "-q"]).ok();
    assert_eq!(by_profile.line(), "applicant");
}

/// Creates a token with the scope `read`; returns its id and a person who uses it.
fn reader(site: &Site) -> (String, Person) {
    let create = ["auth", "token", "create", "--scope", "read", "--name", "ночной", "-o", "json"];
    let issued = site.person().run(create).ok().json();
    let reader = site.person().env("APPEAL_TOKEN", issued["token"].as_str().unwrap());
    (issued["id"].as_str().unwrap().to_owned(), reader)
}

#[test]
fn a_given_token_takes_precedence_over_the_stored_one() {
    let site = Site::new();
    site.sign_in();
    let (_, reader) = reader(&site);
    assert_eq!(reader.run(["whoami", "--jq", ".scopes[]"]).ok().line(), "read");
}

#[test]
fn tokens_are_listed_with_their_last_use() {
    let site = Site::new();
    site.sign_in();
    let (_, reader) = reader(&site);
    reader.run(["whoami", "-q"]).ok();
    let listed = site.person().run(["auth", "token", "list", "-o", "json"]).ok().json();
    let names: Vec<&str> = listed.as_array().unwrap().iter().filter_map(|t| t["name"].as_str()).collect();
    assert_eq!(names, ["ночной", "login"]);
    assert!(listed[0]["last_used_at"].is_string() && listed[1]["current"] == true, "{listed}");
}

#[test]
fn a_token_does_not_change_the_account_and_names_the_way_out() {
    let site = Site::new();
    site.sign_in();
    let create = ["auth", "token", "create", "--scope", "file", "-q"];
    let issued = site.person().run(create).ok();
    let script = site.person().env("APPEAL_TOKEN", issued.line());
    script.run(CREATE).ok();
    for args in [&["account", "edit", "--region", "54"][..], &["auth", "token", "list"], &create] {
        let error = script.run(args.iter().chain(&["-o", "json"])).code(4).error();
        assert_eq!(error["code"], "session_required", "{args:?}");
        assert!(error["hint"].as_str().unwrap().contains("appeal login"), "{error}");
    }
}

#[test]
fn a_session_changes_the_account_for_ten_minutes() {
    let site = Site::new();
    site.sign_in();
    let edit = ["account", "edit", "--region", "54", "-o", "json"];
    site.person().run(edit).ok();
    site.pass(SignedDuration::from_mins(11));
    assert_eq!(site.person().run(edit).code(4).error()["code"], "session_required");
    site.person().run(CREATE).ok();
    site.sign_in();
    site.person().run(edit).ok();
}

#[test]
fn tokens_of_others_are_neither_listed_nor_revoked() {
    let site = Site::new();
    site.sign_in();
    site.person().run(["auth", "token", "list", "--for", "operator"]).code(4);
    site.person().run(["auth", "token", "revoke", "no-such-token"]).code(5);
}

#[test]
fn a_revoked_token_is_refused() {
    let site = Site::new();
    site.sign_in();
    let (id, reader) = reader(&site);
    reader.run(["whoami"]).ok();
    site.person().run(["auth", "token", "revoke", &id]).ok();
    reader.run(["whoami"]).code(4);
}

#[test]
fn a_sign_out_ends_the_session_and_deletes_its_token() {
    let site = Site::new();
    site.sign_in();
    let kept = site.stored();
    let token = kept.split('"').find(|part| part.starts_with("apl_")).unwrap();
    site.person().run(["logout"]).ok();
    assert!(!site.stored().contains("apl_"));
    site.person().env("APPEAL_TOKEN", token).run(["whoami"]).code(4);
    site.person().run(["logout"]).code(4);
}

#[test]
fn nobody_signs_in_to_the_local_platform() {
    World::local().anonymous().run(["--server", "local", "login"]).code(2);
}

#[test]
fn a_lock_shows_its_end_and_is_not_waited_for() {
    let site = Site::new();
    let begin = ["login", "--login", "applicant", "--password-file", "-", "-o", "json"];
    let wrong = || site.person().stdin("не тот пароль").run(begin);
    for _ in 0..4 {
        assert_eq!(wrong().code(4).error()["code"], "wrong_credentials");
    }
    for _ in 0..2 {
        let locked = wrong().code(4).error();
        assert_eq!(locked["code"], "sign_in_locked");
        assert!(locked["message"].as_str().unwrap().contains("until 20"), "{locked}");
    }
    site.person().stdin(PASSWORD).run(begin).code(4);
    site.pass(SignedDuration::from_mins(16));
    site.person().stdin(PASSWORD).run(begin).ok();
}

#[test]
fn an_expired_session_says_how_to_continue() {
    let site = Site::new();
    site.sign_in();
    site.person().run(["list"]).ok();
    site.pass(SignedDuration::from_hours(24 * 31));
    let over = site.person().run(["list", "-o", "json"]).code(4).error();
    assert!(over["hint"].as_str().unwrap().contains("appeal login"), "{over}");
    site.sign_in();
    site.person().run(["list"]).ok();
}

/// The password that replaces a forgotten one.
const CHANGED: &str = "совсем новый пароль";

/// Asks for a code by e-mail to set a new password; returns a function that sets it.
fn reset(site: &Site) -> impl Fn(&str) -> Run {
    let begun = site.person().run(["auth", "reset", "--login", "applicant", "--way", "email", "-q"]).ok();
    let (id, code) = (begun.line().to_owned(), site.code());
    move |password| {
        let args =
            ["auth", "reset", "--challenge", &id, "--code", &code, "--password-file", "-", "-o", "json"];
        site.person().stdin(password).run(args)
    }
}

#[test]
fn a_trivial_password_does_not_replace_a_forgotten_one() {
    let site = Site::new();
    assert_eq!(reset(&site)("1234567890").code(3).codes(), ["password-trivial"]);
}

#[test]
fn a_new_password_after_a_forgotten_one_ends_every_session() {
    let site = Site::new();
    site.sign_in();
    assert_eq!(reset(&site)(CHANGED).ok().json()["sessions_ended"], 1);
    site.person().run(["whoami"]).code(4);
    let begin = ["login", "--login", "applicant", "--password-file", "-", "--way", "sms", "-q"];
    site.person().stdin(PASSWORD).run(begin).code(4);
    site.person().stdin(CHANGED).run(begin).ok();
}

/// Adds an authenticator to the account; returns a function that generates its current code.
fn authenticator(site: &Site) -> impl Fn() -> String {
    let url = site.person().run(["auth", "totp", "enable", "-q"]).ok().line().to_owned();
    let totp = totp_rs::Totp::from_url(&url).unwrap();
    let code = move || {
        let at = Timestamp::now().checked_add(*site.ahead.lock().unwrap()).unwrap();
        totp.generate(u64::try_from(at.as_second()).unwrap()).to_string()
    };
    site.person().run(["auth", "totp", "confirm", "--code", &code()]).ok();
    code
}

#[test]
fn a_person_signs_in_with_an_authenticator() {
    let site = Site::new();
    site.sign_in();
    let code = authenticator(&site);
    site.person().run(["logout"]).ok();
    site.pass(SignedDuration::from_secs(60));
    site.begin(&["--code", &code()]);
    assert_eq!(site.person().run(["account", "show", "--jq", ".totp"]).ok().line(), "true");
}

#[test]
fn an_authenticator_is_disabled_by_its_code() {
    let site = Site::new();
    site.sign_in();
    let code = authenticator(&site);
    site.pass(SignedDuration::from_secs(60));
    site.person().run(["auth", "totp", "disable", "--code", &code()]).ok();
    assert_eq!(site.person().run(["account", "show", "--jq", ".totp"]).ok().line(), "false");
}

#[test]
fn a_password_is_changed_only_with_the_current_one() {
    let site = Site::new();
    site.sign_in();
    let new = site.world.file("new", CHANGED);
    let change = |old: &str| {
        let old = site.world.file("old", old);
        site.person().run(["auth", "password", "--old-password-file", &old, "--password-file", &new])
    };
    change("не тот пароль").code(4);
    change(PASSWORD).ok();
    site.person().run(["whoami"]).ok();
}

const CREATE: [&str; 7] =
    ["create", "--subject", common::SUBJECT, "--text", common::TEXT, "--category", "roads"];

over_both!(
    a_blocked_person_learns_the_reason,
    an_unconfirmed_person_writes_drafts_but_files_nothing,
    requisites_of_an_account_are_checked,
);

fn a_blocked_person_learns_the_reason(world: &World) {
    let blocked = world.by("blocked");
    let me = blocked.run(["whoami", "-o", "json"]).ok().json();
    assert_eq!(me["state"], "blocked");
    assert!(me["blocked_reason"].as_str().is_some_and(|reason| !reason.is_empty()), "{me}");
    let draft = [&CREATE[..], &["--draft"]].concat();
    for args in [
        &["list"][..],
        &["account", "show"],
        &CREATE,
        &draft,
        &["changes", "--since", "1d"],
        &["auth", "token", "list"],
    ] {
        let run = blocked.run(args).code(4);
        assert!(run.stderr.contains("по заявлению владельца"), "{run:?}");
    }
    // A mistyped number is found before anything is sent.
    blocked.run(["show", "2026-0000000000-0"]).code(3);
}

fn an_unconfirmed_person_writes_drafts_but_files_nothing(world: &World) {
    let unconfirmed = world.by("unconfirmed");
    let refused = unconfirmed.run(CREATE.iter().chain(&["-o", "json"])).code(4).error();
    assert_eq!(refused["code"], "account_unconfirmed");
    assert!(refused["hint"].as_str().unwrap().contains("appeal account confirm"), "{refused}");
    let draft = unconfirmed.run(CREATE.iter().chain(&["--draft", "-q"])).ok().line().to_owned();
    unconfirmed.run(["edit", &draft, "--subject", "Яма у дома 7 по Садовой улице"]).ok();
    unconfirmed.run(["submit", &draft]).code(4);
    assert_eq!(unconfirmed.run(["list", "-q"]).ok().line(), draft);
}

fn requisites_of_an_account_are_checked(world: &World) {
    let person = world.by("unconfirmed");
    let edit = |more: &[&str]| person.run(["account", "edit", "-o", "json"].iter().chain(more));
    let wrong = edit(&["--snils", "112-233-445 96", "--inn", "500100732258"]).code(3);
    assert_eq!(wrong.codes(), ["inn-invalid", "snils-invalid"]);
    let edited = edit(&["--snils", "11223344595", "--preferred", "phone"]).ok();
    assert_eq!(edited.json()["snils"], "112-233-445 95");
    let card = person.env("APPEAL_LANG", "ru").run(["account", "show", "-o", "table"]).ok();
    assert!(card.out().contains("СНИЛС") && card.out().contains("Требуется подтверждение"), "{card:?}");
}

/// Asks for the code that confirms the phone number of the unconfirmed person; returns it.
fn phone_code(world: &World) -> String {
    world.locally("unconfirmed").run(["account", "confirm", "--phone", "+7 900 000-01-04"]).ok();
    newest_code(world)
}

#[test]
fn a_phone_number_is_checked_before_a_code_is_sent() {
    let world = World::local();
    let confirm = |phone: &str| {
        world.locally("unconfirmed").run(["account", "confirm", "--phone", phone, "-o", "json"])
    };
    assert_eq!(confirm("12").code(3).codes(), ["phone-invalid"]);
    let sent = confirm("+7 900 000-01-04").ok().json();
    assert_eq!((&sent["way"], &sent["address"]), (&"sms".into(), &"+79000000104".into()));
}

#[test]
fn a_wrong_code_confirms_nothing() {
    let world = World::local();
    let code = phone_code(&world);
    let other = format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000);
    let person = world.locally("unconfirmed");
    person.run(["account", "confirm", "--code", &other]).code(3);
    assert_eq!(person.run(["whoami", "--jq", ".state"]).ok().line(), "confirmation_required");
}

#[test]
fn a_code_and_a_document_confirm_an_account() {
    let world = World::local();
    let person = world.locally("unconfirmed");
    let draft = person.run(CREATE.iter().chain(&["--draft", "-q"])).ok().line().to_owned();
    let code = phone_code(&world);
    let scan = world.file("паспорт.png", common::samples::png());
    let done = person.run(["account", "confirm", "--code", &code, "--document", &scan, "-o", "json"]).ok();
    assert_eq!(done.json()["state"], "active");
    person.run(["submit", &draft]).ok();
}

#[test]
fn a_new_phone_number_of_a_confirmed_account_is_used_before_it_is_confirmed() {
    let world = World::local();
    let person = world.locally("applicant");
    let edited = person.run(["account", "edit", "--phone", "+79000000105"]).ok();
    assert!(edited.stderr.contains("appeal account confirm"), "{edited:?}");
    let filed = person.run(CREATE.iter().chain(&["-o", "json"])).ok().json();
    assert_eq!(filed["contacts"]["phone"], "+79000000105");
}

/// `appeal login` on a terminal.
struct Questions {
    session: OsSession,
    /// Everything that was on the screen.
    seen: String,
}

impl Questions {
    fn start(site: &Site) -> Questions {
        let person = site.person().env("TERM", "xterm-256color").env("LANG", "en_US.UTF-8");
        let mut session = Session::spawn(person.command(["login"])).expect("a terminal");
        session.get_process_mut().set_window_size(120, 50).expect("a size");
        session.set_expect_timeout(Some(Duration::from_secs(60)));
        Questions { session, seen: String::new() }
    }

    fn says(&mut self, words: &str) {
        let found = self.session.expect(words).unwrap_or_else(|error| panic!("no {words:?}: {error}"));
        self.seen.push_str(&String::from_utf8_lossy(found.before()));
    }

    /// Answers a question.
    fn answer(&mut self, question: &str, text: &str) {
        self.says(question);
        self.session.send(format!("{text}\r")).unwrap();
    }

    /// Types an answer that is not shown.
    fn hidden(&mut self, text: &str) {
        // Text typed before the terminal stops echoing would be lost.
        let off = (0..6000).any(|_| {
            std::thread::sleep(Duration::from_millis(10));
            !self.session.get_process().get_echo().expect("a terminal")
        });
        assert!(off, "what is typed would show");
        self.session.send(format!("{text}\r")).unwrap();
    }

    /// Waits for a successful end; returns everything that was on the screen.
    fn ends(mut self) -> String {
        let rest = self.session.expect(Eof).expect("an end");
        self.seen.push_str(&String::from_utf8_lossy(rest.as_bytes()));
        match self.session.get_process().wait().expect("an end") {
            WaitStatus::Exited(_, code) => assert_eq!(code, 0, "{}", self.seen),
            other => panic!("{other:?}: {}", self.seen),
        }
        self.seen
    }
}

#[test]
fn on_a_terminal_everything_is_asked_for() {
    let site = Site::new();
    let mut questions = Questions::start(&site);
    questions.answer("Login", "applicant");
    questions.says("Password");
    questions.hidden(PASSWORD);
    questions.answer("How should the code be sent", "");
    questions.says("Code");
    questions.hidden("12345");
    questions.says("4 attempts left");
    questions.says("Code");
    questions.hidden(&site.code());
    assert!(questions.ends().contains("applicant"));
    assert_eq!(site.person().run(["whoami", "-q"]).ok().line(), "applicant");
}

#[test]
fn a_terminal_shows_neither_the_password_nor_the_token() {
    let site = Site::new();
    let mut questions = Questions::start(&site);
    questions.answer("Login", "applicant");
    questions.says("Password");
    questions.hidden(PASSWORD);
    questions.answer("How should the code be sent", "");
    questions.says("Code");
    questions.hidden(&site.code());
    let seen = questions.ends();
    assert!(!seen.contains("верблюд") && !seen.contains("apl_"), "{seen}");
}

#[test]
fn contacts_of_a_filed_appeal_are_changed_and_the_journal_has_both() {
    let world = World::local();
    let number = world.filed();
    assert_eq!(world.card("applicant", &number)["contacts"]["phone"], "+79000000101");
    world.run(["edit", &number, "--contact-phone", "+7 900 000 01 79"]).ok();
    let card = world.card("applicant", &number);
    assert_eq!(card["contacts"]["phone"], "+79000000179");
    let last = card["journal"].as_array().unwrap().last().unwrap().to_string();
    assert!(last.contains("+79000000101") && last.contains("+79000000179"), "{last}");
}

#[test]
fn a_keyring_that_does_not_answer_is_not_waited_for() {
    let site = Site::new();
    // An address at which no service listens.
    let nowhere = format!("unix:path={}", site.world.join("no-bus"));
    let person = site.person().env("DBUS_SESSION_BUS_ADDRESS", nowhere);
    let begin = ["login", "--login", "applicant", "--password-file", "-", "--way", "sms", "-q"];
    let begun = person.clone().stdin(PASSWORD).run(begin).ok();
    let done = person.run(["login", "--challenge", begun.line(), "--code", &site.code(), "-o", "json"]).ok();
    assert_eq!(done.json()["stored"], "file");
    person.run(["whoami"]).ok();
}
