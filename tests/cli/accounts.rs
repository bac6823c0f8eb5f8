//! Signing in and the account: the real binary against a served platform whose clock is set by the test.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::common;
use crate::common::{Person, World};
use appeal_platform::{Clock, Gateways, Platform, Settings};
use expectrl::process::unix::WaitStatus;
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
            database: None,
            files: None,
            local_people: false,
            gateways: Gateways { smtp: somewhere.clone(), sms: somewhere, ..Gateways::default() },
            clock,
            rate_limit: None,
            metrics: None,
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

    /// Signs in by SMS and stores the token.
    fn sign_in(&self) {
        let person = self.person();
        let begun = person
            .clone()
            .stdin(PASSWORD)
            .run(["login", "--login", "applicant", "--password-file", "-", "--way", "sms", "-q"])
            .ok();
        person.run(["login", "--challenge", begun.line(), "--code", &self.code()]).ok();
    }

    fn credentials(&self) -> PathBuf {
        self.world.path().join("config/appeal/credentials.toml")
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
fn a_script_signs_in_and_out() {
    let site = Site::new();
    let person = site.person();
    // The missing flag is named.
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
    let signed_out = person.run(["whoami", "-o", "json"]).code(4);
    assert!(signed_out.error()["hint"].as_str().unwrap().contains("appeal login"), "{signed_out:?}");

    let file = site.world.file("password", format!("{PASSWORD}\n"));
    let begin = ["login", "--login", "applicant", "--password-file", &file];
    let challenge = person.run(begin.iter().chain(&["-o", "json"])).ok();
    let ways = &challenge.json()["ways"];
    assert_eq!((ways[0]["way"].as_str(), ways[0]["address"].as_str()), (Some("sms"), Some("+7***01")));
    let id = challenge.json()["challenge_id"].as_str().unwrap().to_owned();
    let sent = person.run(["login", "--challenge", &id, "--way", "email"]).ok();
    assert!(sent.stderr.contains(&format!("--challenge {id} --code CODE")), "{sent:?}");
    let wrong = person.run(["login", "--challenge", &id, "--code", "000000x"]).code(4);
    assert!(wrong.stderr.contains("4 attempts"), "{wrong:?}");
    let code = site.world.file("code", site.code());
    let done = person
        .run(["login", "--challenge", &id, "--code-file", &code, "--save-as", "work", "-o", "json"])
        .ok();
    let said = done.json();
    assert_eq!((said["login"].as_str(), said["stored"].as_str()), (Some("applicant"), Some("file")));
    let kept = std::fs::read_to_string(site.credentials()).unwrap();
    let mode = std::fs::metadata(site.credentials()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(kept.contains("apl_") && !format!("{done:?}").contains("apl_"), "{kept}");

    let me = person.run(["whoami", "-o", "json"]).ok().json();
    assert_eq!((me["login"].as_str(), me["state"].as_str()), (Some("applicant"), Some("active")));
    assert!(me["token_expires_at"].is_string());
    let by_profile =
        person.clone().without("APPEAL_SERVER").run(["--profile", "work", "auth", "status", "-q"]).ok();
    assert_eq!(by_profile.line(), "applicant");
    let number = person
        .run(["create", "--subject", common::SUBJECT, "--text", common::TEXT, "--category", "roads", "-q"])
        .ok();
    assert!(number.line().len() > 10);

    // An explicitly created token takes precedence over the stored one.
    let issued = person
        .run(["auth", "token", "create", "--scope", "read", "--name", "ночной", "-o", "json"])
        .ok()
        .json();
    let narrow = person.clone().env("APPEAL_TOKEN", issued["token"].as_str().unwrap());
    assert_eq!(narrow.run(["whoami", "--jq", ".scopes[]"]).ok().line(), "read");
    narrow.run(["auth", "token", "list", "-q"]).ok();
    let listed = person.run(["auth", "token", "list", "-o", "json"]).ok().json();
    let names: Vec<&str> = listed.as_array().unwrap().iter().filter_map(|t| t["name"].as_str()).collect();
    assert_eq!(names, ["ночной", "login"]);
    assert!(listed[0]["last_used_at"].is_string() && listed[1]["current"] == true, "{listed}");
    person.run(["auth", "token", "list", "--for", "operator"]).code(4);
    person.run(["auth", "token", "revoke", "no-such-token"]).code(5);
    person.run(["auth", "token", "revoke", issued["id"].as_str().unwrap()]).ok();
    narrow.run(["whoami"]).code(4);

    person.run(["logout"]).ok();
    assert!(!std::fs::read_to_string(site.credentials()).unwrap().contains("apl_"));
    person.run(["logout"]).code(4);
    let old = kept.split('"').find(|part| part.starts_with("apl_")).unwrap().to_owned();
    person.clone().env("APPEAL_TOKEN", old).run(["whoami"]).code(4);
    person.run(["--server", "local", "login"]).code(2);
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

#[test]
fn a_forgotten_password_and_an_authenticator() {
    let site = Site::new();
    let person = site.person();
    site.sign_in();
    let begun = person.run(["auth", "reset", "--login", "applicant", "--way", "email", "-q"]).ok();
    let id = begun.line().to_owned();
    let code = site.code();
    let reset = |password: &str| {
        let args =
            ["auth", "reset", "--challenge", &id, "--code", &code, "--password-file", "-", "-o", "json"];
        site.person().stdin(password).run(args)
    };
    assert_eq!(reset("1234567890").code(3).codes(), ["password-trivial"]);
    assert_eq!(reset("совсем новый пароль").ok().json()["sessions_ended"], 1);
    person.run(["whoami"]).code(4);
    // Signed in again, with an authenticator from now on.
    let file = site.world.file("new", "совсем новый пароль");
    let begin = ["login", "--login", "applicant", "--password-file", &file];
    let begun = person.run(begin.iter().chain(&["--way", "sms", "-q"])).ok();
    person.run(["login", "--challenge", begun.line(), "--code", &site.code()]).ok();
    let url = person.run(["auth", "totp", "enable", "-q"]).ok().line().to_owned();
    let totp = totp_rs::Totp::from_url(&url).unwrap();
    let now = || {
        let at = Timestamp::now().checked_add(*site.ahead.lock().unwrap()).unwrap();
        totp.generate(u64::try_from(at.as_second()).unwrap()).to_string()
    };
    person.run(["auth", "totp", "confirm", "--code", &now()]).ok();
    person.run(["logout"]).ok();
    site.pass(SignedDuration::from_secs(60));
    person.run(begin.iter().chain(&["--code", &now()])).ok();
    assert_eq!(person.run(["account", "show", "--jq", ".totp"]).ok().line(), "true");
    site.pass(SignedDuration::from_secs(60));
    person.run(["auth", "totp", "disable", "--code", &now()]).ok();
    // Changing the password requires the current one.
    let other = site.world.file("other", "ещё один пароль");
    let change = |old: &str| {
        let old = site.world.file("old", old);
        person.run(["auth", "password", "--old-password-file", &old, "--password-file", &other])
    };
    change("не тот пароль").code(4);
    change("совсем новый пароль").ok();
    person.run(["whoami"]).ok();
}

over_both!(states_of_an_account);

fn states_of_an_account(world: &World) {
    let blocked = world.by("blocked");
    let me = blocked.run(["whoami", "-o", "json"]).ok().json();
    assert_eq!(me["state"], "blocked");
    assert!(me["blocked_reason"].as_str().is_some_and(|reason| !reason.is_empty()), "{me}");
    for args in [
        &["list"][..],
        &["show", "2026-0000000000-0"],
        &["account", "show"],
        &["create", "--subject", common::SUBJECT, "--text", common::TEXT, "--category", "roads"],
        &["create", "--subject", common::SUBJECT, "--text", common::TEXT, "--category", "roads", "--draft"],
        &["changes", "--since", "1d"],
        &["auth", "token", "list"],
    ] {
        let run = blocked.run(args);
        // A mistyped number is found before anything is sent.
        assert!(run.status == 4 || args[0] == "show" && run.status == 3, "{run:?}");
        assert!(run.status == 3 || run.stderr.contains("по заявлению владельца"), "{run:?}");
    }
    let unconfirmed = world.by("unconfirmed");
    let create = ["create", "--subject", common::SUBJECT, "--text", common::TEXT, "--category", "roads"];
    let refused = unconfirmed.run(create.iter().chain(&["-o", "json"])).code(4).error();
    assert_eq!(refused["code"], "account_unconfirmed");
    assert!(refused["hint"].as_str().unwrap().contains("appeal account confirm"), "{refused}");
    let draft = unconfirmed.run(create.iter().chain(&["--draft", "-q"])).ok().line().to_owned();
    unconfirmed.run(["edit", &draft, "--subject", "Яма у дома 7 по Садовой улице"]).ok();
    unconfirmed.run(["submit", &draft]).code(4);
    assert_eq!(unconfirmed.run(["list", "-q"]).ok().line(), draft);
    // Invalid requisites are found here, valid ones are stored.
    let wrong = unconfirmed.run([
        "account",
        "edit",
        "--snils",
        "112-233-445 96",
        "--inn",
        "500100732258",
        "-o",
        "json",
    ]);
    assert_eq!(wrong.code(3).codes(), ["inn-invalid", "snils-invalid"]);
    let edited = unconfirmed
        .run(["account", "edit", "--snils", "11223344595", "--preferred", "phone", "-o", "json"])
        .ok();
    assert_eq!(edited.json()["snils"], "112-233-445 95");
    let card = unconfirmed.clone().env("APPEAL_LANG", "ru").run(["account", "show", "-o", "table"]).ok();
    assert!(card.out().contains("СНИЛС") && card.out().contains("Требуется подтверждение"), "{card:?}");
}

#[test]
fn an_account_is_confirmed() {
    let world = World::local();
    let person = world.locally("unconfirmed");
    let create = ["create", "--subject", common::SUBJECT, "--text", common::TEXT, "--category", "roads"];
    let draft = person.run(create.iter().chain(&["--draft", "-q"])).ok().line().to_owned();
    assert_eq!(
        person.run(["account", "confirm", "--phone", "12", "-o", "json"]).code(3).codes(),
        ["phone-invalid"]
    );
    let sent = person.run(["account", "confirm", "--phone", "+7 900 000-01-04", "-o", "json"]).ok().json();
    assert_eq!((sent["way"].as_str(), sent["address"].as_str()), (Some("sms"), Some("+79000000104")));
    let code = newest_code(&world);
    let other = format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000);
    person.run(["account", "confirm", "--code", &other]).code(3);
    let scan = world.file("паспорт.png", common::samples::png());
    let done = person.run(["account", "confirm", "--code", &code, "--document", &scan, "-o", "json"]).ok();
    assert_eq!(done.json()["state"], "active");
    person.run(["submit", &draft]).ok();
    // Another phone number must be confirmed too, but does not restrict the account.
    let edited = person.run(["account", "edit", "--phone", "+79000000105"]).ok();
    assert!(edited.stderr.contains("appeal account confirm"), "{edited:?}");
    let filed = person.run(create.iter().chain(&["-o", "json"])).ok().json();
    assert_eq!(filed["contacts"]["phone"], "+79000000105");
}

#[test]
fn on_a_terminal_everything_is_asked_for_and_the_password_is_not_shown() {
    let site = Site::new();
    let person = site.person().env("TERM", "xterm-256color").env("LANG", "en_US.UTF-8");
    let mut session = Session::spawn(person.command(["login"])).expect("a terminal");
    session.get_process_mut().set_window_size(120, 50).expect("a size");
    session.set_expect_timeout(Some(Duration::from_secs(60)));
    let mut seen = String::new();
    let mut says = |session: &mut expectrl::session::OsSession, words: &str| {
        let found = session.expect(words).unwrap_or_else(|error| panic!("no {words:?}: {error}"));
        seen.push_str(&String::from_utf8_lossy(found.before()));
    };
    // Text typed before the terminal stops echoing would be lost.
    let hidden = |session: &expectrl::session::OsSession| {
        let off = (0..6000).any(|_| {
            std::thread::sleep(Duration::from_millis(10));
            !session.get_process().get_echo().expect("a terminal")
        });
        assert!(off, "what is typed would show");
    };
    says(&mut session, "Login");
    session.send("applicant\r").unwrap();
    says(&mut session, "Password");
    hidden(&session);
    session.send(format!("{PASSWORD}\r")).unwrap();
    says(&mut session, "How should the code be sent");
    session.send("\r").unwrap();
    says(&mut session, "Code");
    hidden(&session);
    session.send("12345\r").unwrap();
    says(&mut session, "4 attempts left");
    says(&mut session, "Code");
    hidden(&session);
    session.send(format!("{}\r", site.code())).unwrap();
    let rest = session.expect(Eof).expect("an end");
    let rest = String::from_utf8_lossy(rest.as_bytes()).into_owned();
    match session.get_process().wait().expect("an end") {
        WaitStatus::Exited(_, code) => assert_eq!(code, 0, "{rest}"),
        other => panic!("{other:?}: {rest}"),
    }
    assert!(rest.contains("applicant") && !rest.contains("apl_"), "{rest}");
    assert!(!seen.contains("верблюд") && !rest.contains("верблюд"), "{seen}{rest}");
    assert_eq!(site.person().run(["whoami", "-q"]).ok().line(), "applicant");
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
