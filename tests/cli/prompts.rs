//! Prompts on a terminal (a pty): missing values are asked for, and `--no-input` forbids that.

use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use crate::common;
use crate::common::{Person, World};
use expectrl::process::unix::WaitStatus;
use expectrl::session::OsSession;
use expectrl::{Eof, Expect, Session};
use serde_json::Value;

/// A command on a terminal.
struct Terminal {
    session: OsSession,
}

impl Terminal {
    fn start(person: &Person, args: &[&str]) -> Terminal {
        let person = person.clone().env("TERM", "xterm-256color").env("LANG", "en_US.UTF-8");
        let mut session = Session::spawn(person.command(args)).expect("a terminal");
        session.get_process_mut().set_window_size(120, 50).expect("a size");
        session.set_expect_timeout(Some(Duration::from_secs(60)));
        Terminal { session }
    }

    /// Waits for this text.
    #[track_caller]
    fn says(&mut self, words: &str) {
        if let Err(error) = self.session.expect(words) {
            let mut rest = vec![0; 8000];
            let n = self.session.try_read(&mut rest).unwrap_or(0);
            panic!("no {words:?} ({error}); on the screen: {}", String::from_utf8_lossy(&rest[..n]));
        }
    }

    fn types(&mut self, text: &str) {
        self.session.send(text).expect("typed");
    }

    fn enter(&mut self) {
        self.types("\r");
    }

    /// Waits for the end; returns the exit code and the last screen.
    fn ends(mut self) -> (i32, String) {
        let rest = match self.session.expect(Eof) {
            Ok(found) => String::from_utf8_lossy(found.as_bytes()).into_owned(),
            Err(error) => panic!("it does not end: {error}"),
        };
        match self.session.get_process().wait().expect("an end") {
            WaitStatus::Exited(_, code) => (code, rest),
            other => panic!("{other:?}: {rest}"),
        }
    }
}

/// Returns a person whose editor writes this text.
fn writer(world: &World, text: &str) -> Person {
    let script = world.file("editor", format!("#!/bin/sh\ncat > \"$1\" <<'END'\n{text}\nEND\n"));
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).expect("permissions");
    world.by("applicant").env("EDITOR", &script).env("VISUAL", &script)
}

fn all(world: &World) -> Vec<Value> {
    world.run(["list", "--all", "-o", "json"]).ok().json().as_array().expect("rows").clone()
}

over_both!(a_whole_appeal_is_asked_for);

/// Answers questions; an empty answer accepts what is proposed.
fn answers(terminal: &mut Terminal, answers: &[(&str, &str)]) {
    for (question, answer) in answers {
        terminal.says(question);
        terminal.types(answer);
        terminal.enter();
    }
}

fn a_whole_appeal_is_asked_for(world: &World) {
    let person = writer(world, "С 1 ноября 2026 во дворе нет света.\n\nПрошу включить.");
    let file = world.file("фото двора.png", common::samples::png());
    let mut terminal = Terminal::start(&person, &["create"]);
    answers(
        &mut terminal,
        &[
            ("What kind of appeal is it", ""),
            // A long list is filtered by typing.
            ("What is it about", "housing and"),
            ("Subject", "Нет света во дворе дома 5"),
            ("Region, by its name or code", ""),
            ("The result you expect", "Свет"),
            ("Path of a file", &format!("'{file}'")),
            ("Path of a file", ""),
            ("E-mail", ""),
            ("Phone", ""),
        ],
    );
    terminal.says("What next");
    terminal.says("File it");
    terminal.enter();
    let (code, screen) = terminal.ends();
    assert_eq!(code, 0, "{screen}");
    let rows = all(world);
    let number = rows[0]["number"].as_str().expect("a number");
    assert!(rows.len() == 1 && screen.contains(number), "{screen}");
    let card = world.card("applicant", number);
    assert_eq!(card["subject"], "Нет света во дворе дома 5");
    assert_eq!(card["text"], "С 1 ноября 2026 во дворе нет света.\n\nПрошу включить.");
    assert_eq!((&card["expected"], &card["kind"]), (&"Свет".into(), &"complaint".into()));
    assert!(card["category"].as_str().is_some_and(|c| c.starts_with("housing")), "{}", card["category"]);
    assert_eq!(card["attachments"][0]["name"], "фото двора.png");
}

/// The questions that follow when the kind, the category and the subject are given.
const GIVEN: [&str; 7] =
    ["create", "--kind", "request", "--category", "housing", "--subject", "Свет во дворе"];

#[test]
fn an_invalid_value_is_reported_at_once_and_asked_for_again() {
    let world = World::local();
    let wrong = world.file("страница.jpg", common::samples::html());
    let mut terminal = Terminal::start(&writer(&world, "С 1 ноября 2026 во дворе нет света."), &GIVEN);
    answers(
        &mut terminal,
        &[("Region, by its name", ""), ("The result you expect", ""), ("Path of a file", &wrong)],
    );
    terminal.says("web page");
    terminal.says("Path of a file");
    terminal.types("\u{3}");
    assert_eq!(terminal.ends().0, 130);
}

#[test]
fn only_what_is_missing_is_asked_for() {
    let world = World::local();
    let mut terminal = Terminal::start(&writer(&world, "С 1 ноября 2026 во дворе нет света."), &GIVEN);
    answers(
        &mut terminal,
        &[
            ("Region, by its name", ""),
            ("The result you expect", ""),
            ("Path of a file", ""),
            ("E-mail", ""),
            ("Phone", ""),
        ],
    );
    // Save as a draft instead: three entries down.
    terminal.says("What next");
    for _ in 0..3 {
        terminal.types("\u{1b}[B");
    }
    terminal.enter();
    let (code, screen) = terminal.ends();
    assert_eq!(code, 0, "{screen}");
    let rows = all(&world);
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!((rows[0]["status"].as_str(), rows[0]["kind"].as_str()), (Some("draft"), Some("request")));
}

#[test]
fn nothing_is_asked_if_everything_is_given() {
    let world = World::local();
    let whole = ["create", "--subject", common::SUBJECT, "--text", common::TEXT, "--category", "roads"];
    let (code, screen) = Terminal::start(&world.by("applicant"), &whole).ends();
    assert_eq!(code, 0, "{screen}");
    assert_eq!(all(&world).len(), 1);
}

#[test]
fn a_comment_opens_the_editor() {
    let world = World::local();
    let number = world.filed();
    let (code, screen) = Terminal::start(&writer(&world, "Из редактора."), &["comment", &number]).ends();
    assert_eq!(code, 0, "{screen}");
    assert_eq!(world.card("applicant", &number)["comments"][0]["text"], "Из редактора.");
}

#[test]
fn no_input_means_no_questions() {
    let world = World::local();
    for args in [
        &["create", "--no-input"][..],
        &["--no-input", "create", "--subject", "Тема", "--category", "roads"],
        &["comment", "2026-0000000000-0", "--no-input"],
    ] {
        let (code, screen) = Terminal::start(&writer(&world, "Не откроется."), args).ends();
        assert!(code == 2 || (code == 3 && args[0] == "comment"), "{args:?} {code}: {screen}");
    }
    // Nor without a terminal on stdin, whatever stderr is.
    let (code, screen) = Terminal::start(
        &world.by("applicant"),
        &["create", "--subject", "Тема", "--category", "roads", "--no-input"],
    )
    .ends();
    assert_eq!(code, 2, "{screen}");
    assert!(screen.contains("--text"), "{screen}");
    assert!(!world.data().exists() || all(&world).is_empty());
}

/// A pipe cannot answer questions, although stderr and stdout are a terminal.
#[test]
fn a_pipe_at_a_terminal_is_asked_nothing() {
    let world = World::local();
    let person = world.by("applicant").env("LANG", "en_US.UTF-8");
    for (given, missing) in [("create --subject Тема", "--text"), ("create --text-file -", "--subject")] {
        let shell = format!("echo 'С 1 ноября нет света.' | \"$0\" --as applicant {given} --category roads");
        let mut command = std::process::Command::new("sh");
        command.args(["-c", &shell, common::APPEAL]).env_clear().current_dir(world.path());
        command.envs(
            person.command([] as [&str; 0]).get_envs().filter_map(|(name, value)| Some((name, value?))),
        );
        let terminal = Terminal { session: Session::spawn(command).expect("a terminal") };
        let (code, screen) = terminal.ends();
        assert_eq!(code, 2, "{screen}");
        assert!(screen.contains(missing) && !screen.contains("What kind"), "{screen}");
    }
    assert_eq!(all(&world), [] as [Value; 0]);
}

#[test]
fn ctrl_c_at_a_question_ends_it() {
    let world = World::local();
    let mut terminal = Terminal::start(&world.by("applicant"), &["create"]);
    terminal.says("What kind of appeal is it");
    terminal.types("\u{3}");
    let (code, screen) = terminal.ends();
    assert_eq!(code, 130, "{screen}");
    // When typing on a single line as well.
    let mut terminal =
        Terminal::start(&world.by("applicant"), &["create", "--kind", "request", "--category", "roads"]);
    terminal.says("Subject");
    terminal.types("Тем\u{3}");
    let (code, screen) = terminal.ends();
    assert_eq!(code, 130, "{screen}");
    assert!(all(&world).is_empty());
}

#[test]
fn a_table_fits_the_terminal() {
    let world = World::local();
    let long =
        "Очень длинная тема обращения о дорогах, дворах, фонарях и других предметах заботы жителей".repeat(2);
    world.run(["create", "--subject", &long, "--text", common::TEXT, "--category", "roads"]).ok();
    for width in [60, 80, 120] {
        let person = world
            .by("applicant")
            .env("TERM", "xterm-256color")
            .env("LANG", "ru_RU.UTF-8")
            .env("NO_COLOR", "1");
        // Starts when the terminal has its size.
        let shell = "read begin; exec \"$0\" --as applicant list";
        let mut command = std::process::Command::new("sh");
        command.env_clear().args(["-c", shell, common::APPEAL]);
        for (name, value) in person.command([] as [&str; 0]).get_envs() {
            command.env(name, value.unwrap_or_default());
        }
        let mut session = Session::spawn(command).expect("a terminal");
        session.set_expect_timeout(Some(Duration::from_secs(60)));
        let columns = u16::try_from(width).expect("a width");
        session.get_process_mut().set_window_size(columns, 40).expect("a size");
        session.send("\n").expect("typed");
        let screen = session.expect(Eof).expect("an end");
        let screen = String::from_utf8_lossy(screen.as_bytes()).into_owned();
        assert!(screen.contains("Принято"), "{screen}");
        for line in screen.lines() {
            let line = line.trim_end();
            assert!(unicode_width::UnicodeWidthStr::width(line) <= width, "wider than {width}: {line:?}");
        }
    }
}

/// Creates an editor that is this script.
fn editor(world: &World, script: &str) -> String {
    let path = world.file("own-editor", format!("#!/bin/sh\n{script}\n"));
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("permissions");
    path
}

/// Returns the unsent texts.
fn unsent(world: &World) -> Vec<Value> {
    world.run(["unsent", "list", "-o", "json"]).ok().json().as_array().expect("rows").clone()
}

/// Returns a person whose editor runs this script; `$1` is the file.
fn editing(world: &World, script: &str) -> Person {
    let path = editor(world, &format!("shift; {script}"));
    world.by("applicant").env("EDITOR", format!("{path} --wait")).env("VISUAL", "")
}

const WRITES: &str = "printf 'Из редактора\\n' > \"$1\"";

/// Returns the only unsent text: its id, its state and the text.
fn only(world: &World) -> (String, String, String) {
    let all = unsent(world);
    assert_eq!(all.len(), 1, "{all:?}");
    let text = |key: &str| all[0][key].as_str().unwrap_or_default().to_owned();
    (text("id"), text("state"), text("text"))
}

#[test]
fn a_text_of_the_editor_is_kept_if_the_platform_does_not_answer() {
    let world = World::served();
    let number = world.filed();
    let dead =
        editing(&world, WRITES).env("APPEAL_SERVER", "http://127.0.0.1:9").env("APPEAL_RETRY_FOR", "0s");
    let (code, said) = Terminal::start(&dead, &["comment", &number]).ends();
    let (id, state, text) = only(&world);
    assert!(code == 7 && said.contains(&format!("appeal unsent send {id}")), "{code} {said}");
    assert_eq!((state.as_str(), text.as_str()), ("unsent", "Из редактора"));
    let server = world.serve().url.clone();
    world.run(["unsent", "send", &id, "--server", &server]).ok();
    assert_eq!(unsent(&world), Vec::<Value>::new());
}

#[test]
fn a_text_that_the_editor_gives_up_is_kept_and_not_sent() {
    let world = World::local();
    let number = world.filed();
    let person = editing(&world, &format!("{WRITES}; exit 3"));
    let (code, said) = Terminal::start(&person, &["comment", &number]).ends();
    let (id, state, text) = only(&world);
    assert!(code == 130 && said.contains(&id), "{code} {said}");
    assert_eq!((state.as_str(), text.as_str()), ("unfinished", "Из редактора"));
}

#[test]
fn an_editor_in_which_nothing_is_written_leaves_nothing() {
    let world = World::local();
    let number = world.filed();
    for (script, expected) in [("exit 0", 3), ("exit 3", 130)] {
        let (code, _) = Terminal::start(&editing(&world, script), &["comment", &number]).ends();
        assert_eq!(code, expected);
    }
    let none = world.by("applicant").env("EDITOR", "/nowhere/editor").env("VISUAL", "");
    let (code, said) = Terminal::start(&none, &["comment", &number]).ends();
    assert!(code == 10 && said.contains("editor"), "{code} {said}");
    assert_eq!(unsent(&world), Vec::<Value>::new());
}

#[test]
fn a_text_of_the_editor_that_arrives_is_not_kept() {
    let world = World::local();
    let number = world.filed();
    let (code, said) = Terminal::start(&editing(&world, WRITES), &["comment", &number]).ends();
    assert!(code == 0 && unsent(&world).is_empty(), "{code} {said}");
}

/// Starts a comment and sends its process this signal while the editor is open.
fn ended_in_the_editor(world: &World, number: &str, signal: i32) -> Terminal {
    let terminal = Terminal::start(&editing(world, &format!("{WRITES}; sleep 10")), &["comment", number]);
    let begun = std::time::Instant::now();
    while !unsent(world).iter().any(|text| text["text"] == "Из редактора") {
        assert!(begun.elapsed() < Duration::from_secs(60), "the editor does not write");
        std::thread::sleep(Duration::from_millis(20));
    }
    let id = terminal.session.get_process().pid().as_raw();
    common::send(u32::try_from(id).expect("a process"), signal);
    terminal
}

#[test]
fn a_signal_under_the_editor_says_how_to_continue() {
    let world = World::local();
    let number = world.filed();
    let mut terminal = ended_in_the_editor(&world, &number, 15);
    terminal.says("appeal unsent send");
    let _ = terminal.session.get_process_mut().exit(true);
}

#[test]
fn a_comment_that_was_killed_in_the_editor_is_shown_before_it_is_sent() {
    let world = World::local();
    let number = world.filed();
    drop(ended_in_the_editor(&world, &number, 9));
    let (id, state, _) = only(&world);
    assert_eq!(state, "unfinished");
    let mut terminal = Terminal::start(&world.by("applicant"), &["unsent", "send", &id]);
    terminal.says("Из редактора");
    terminal.says("Send it");
    terminal.enter();
    let (code, said) = terminal.ends();
    assert_eq!(code, 0, "{said}");
    assert_eq!(world.card("applicant", &number)["comments"][0]["text"], "Из редактора");
    assert_eq!(unsent(&world), Vec::<Value>::new());
}

/// Creates an unsent appeal whose questions were interrupted after the text.
fn interrupted(world: &World) -> String {
    let given = ["create", "--kind", "complaint", "--subject", "Тема обращения", "--category", "roads"];
    let mut terminal = Terminal::start(&editing(world, WRITES), &given);
    terminal.says("Region, by its name");
    terminal.types("\u{3}");
    let (code, said) = terminal.ends();
    let (id, state, text) = only(world);
    assert!(code == 130 && said.contains(&format!("appeal unsent send {id}")), "{code} {said}");
    assert_eq!((state.as_str(), text.as_str()), ("unfinished", "Из редактора"));
    id
}

#[test]
fn interrupted_questions_continue_and_end_with_the_review() {
    let world = World::local();
    let id = interrupted(&world);
    let mut terminal = Terminal::start(&world.by("applicant"), &["unsent", "send", &id]);
    terminal.says("Из редактора");
    for question in
        ["Region, by its name", "result you expect", "Path of a file", "E-mail", "Phone", "What next"]
    {
        terminal.says(question);
        terminal.enter();
    }
    let (code, said) = terminal.ends();
    assert_eq!(code, 0, "{said}");
    assert_eq!(all(&world)[0]["subject"], "Тема обращения");
    assert_eq!(unsent(&world), Vec::<Value>::new());
}

#[test]
fn an_interrupted_appeal_is_not_filed_against_the_answer() {
    let world = World::local();
    let id = interrupted(&world);
    let mut terminal = Terminal::start(&world.by("applicant"), &["unsent", "send", &id]);
    terminal.says("Region, by its name");
    terminal.types("\u{3}");
    assert_eq!(terminal.ends().0, 130);
    assert!(all(&world).is_empty());
    assert_eq!(only(&world).0, id);
}

#[test]
fn an_unsent_text_is_changed_in_the_editor() {
    let world = World::local();
    let id = interrupted(&world);
    let person = editing(&world, "printf 'Иначе\\n' > \"$1\"");
    let (code, said) = Terminal::start(&person, &["unsent", "edit", &id]).ends();
    assert_eq!(code, 0, "{said}");
    assert_eq!(only(&world), (id, "unfinished".to_owned(), "Иначе".to_owned()));
}

#[test]
fn a_change_that_the_editor_gives_up_changes_nothing() {
    let world = World::local();
    let id = interrupted(&world);
    let person = editing(&world, "printf 'Иначе\\n' > \"$1\"; exit 3");
    assert_eq!(Terminal::start(&person, &["unsent", "edit", &id]).ends().0, 130);
    assert_eq!(only(&world), (id, "unfinished".to_owned(), "Из редактора".to_owned()));
}

#[test]
fn a_person_is_asked_before_a_text_is_deleted() {
    let world = World::local();
    let id = interrupted(&world);
    let mut terminal = Terminal::start(&world.by("applicant"), &["unsent", "drop", &id]);
    terminal.says("for good");
    terminal.types("n");
    assert_eq!(terminal.ends().0, 130);
    assert_eq!(only(&world).0, id);
    assert_eq!(Terminal::start(&world.by("applicant"), &["unsent", "drop", &id, "-y"]).ends().0, 0);
    assert_eq!(unsent(&world), Vec::<Value>::new());
}

#[test]
fn a_typed_text_that_is_refused_is_kept_to_be_changed() {
    let world = World::local();
    let draft = world.run(["create", "--draft", "--subject", "Черновик", "-q"]).ok().line().to_owned();
    let (code, said) = Terminal::start(&editing(&world, WRITES), &["comment", &draft]).ends();
    let (id, state, _) = only(&world);
    assert!(code == 6 && said.contains(&format!("appeal unsent edit {id}")), "{code} {said}");
    assert_eq!(state, "refused");
}
