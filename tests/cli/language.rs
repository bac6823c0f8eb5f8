//! The help and the errors of the argument parser in Russian.

use crate::common::{Run, World};

/// Runs the tool with this variable.
fn run(variable: &str, value: &str, args: &[&str]) -> Run {
    let world = World::empty();
    world.anonymous().env(variable, value).run(args)
}

fn russian(args: &[&str]) -> Run {
    run("APPEAL_LANG", "ru", args)
}

#[test]
fn a_flag_chooses_the_language_of_the_help() {
    let run = run("LANG", "C.UTF-8", &["--lang", "ru", "create", "--help"]).ok();
    assert!(run.out().contains("Использование: appeal create [ПАРАМЕТРЫ]"), "{run:?}");
}

#[test]
fn a_flag_after_the_one_for_help_counts() {
    let run = run("LANG", "C.UTF-8", &["create", "--help", "--lang", "ru"]).ok();
    assert!(run.out().starts_with("Подать обращение."), "{run:?}");
}

#[test]
fn a_variable_chooses_the_language_of_the_help() {
    let run = russian(&["list", "-h"]).ok();
    assert!(run.out().contains("--limit <ЧИСЛО>"), "{run:?}");
}

#[test]
fn the_locale_chooses_the_language_of_the_help() {
    let run = run("LANG", "ru_RU.UTF-8", &["list", "-h"]).ok();
    assert!(run.out().starts_with("Показать список обращений\n"), "{run:?}");
}

#[test]
fn the_profile_chooses_the_language_of_the_help() {
    let world = World::empty();
    world.anonymous().run(["config", "set", "profiles.home.lang", "ru"]).ok();
    world.anonymous().run(["config", "set", "default_profile", "home"]).ok();
    let run = world.anonymous().run(["list", "-h"]).ok();
    assert!(run.out().starts_with("Показать список обращений\n"), "{run:?}");
}

#[test]
fn a_flag_for_english_wins_over_the_locale() {
    let run = run("LANG", "ru_RU.UTF-8", &["list", "-h", "--lang", "en"]).ok();
    assert!(run.out().starts_with("List appeals\n"), "{run:?}");
}

#[test]
fn headings_and_notes_are_russian() {
    let run = russian(&["files", "get", "--help"]).ok();
    for part in ["Аргументы:", "Параметры:", "Общие параметры:", "[по умолчанию: .]", "Пример:"]
    {
        assert!(run.out().contains(part), "{part}: {run:?}");
    }
}

#[test]
fn the_values_of_a_flag_are_listed_in_russian() {
    let run = russian(&["list", "-h"]).ok();
    assert!(run.out().contains("[допустимые значения: auto, en, ru]"), "{run:?}");
}

#[test]
fn the_variable_of_a_flag_is_named_in_russian() {
    let run = russian(&["list", "--help"]).ok();
    assert!(run.out().contains("[переменная среды: APPEAL_OUTPUT]"), "{run:?}");
}

#[test]
fn a_group_lists_its_commands_in_russian() {
    let run = russian(&["operator", "--help"]).ok();
    assert!(run.out().contains("Команды:\n  queue     Показать обращения"), "{run:?}");
}

#[test]
fn the_tool_alone_prints_russian_help() {
    let run = run("LANG", "ru_RU.UTF-8", &[]).code(2);
    assert!(run.stderr.contains("Использование: appeal [ПАРАМЕТРЫ] <КОМАНДА>"), "{run:?}");
}

#[test]
fn a_group_alone_prints_russian_help() {
    let run = run("LANG", "ru_RU.UTF-8", &["operator"]).code(2);
    assert!(run.stderr.contains("Использование: appeal operator [ПАРАМЕТРЫ] <КОМАНДА>"), "{run:?}");
}

#[test]
fn the_language_in_the_environment_does_not_hide_the_help() {
    let alone = run("APPEAL_LANG", "ru", &[]).code(2);
    assert_eq!(alone.stderr, run("LANG", "ru_RU.UTF-8", &[]).stderr);
}

#[test]
fn a_global_flag_does_not_hide_the_help_of_a_group() {
    let group = run("LANG", "C", &["operator", "--no-input"]).code(2);
    assert_eq!(group.stderr, run("LANG", "C", &["operator"]).stderr);
}

#[test]
fn the_help_command_explains_a_command_in_russian() {
    let run = russian(&["help", "operator", "take"]).ok();
    assert!(run.out().starts_with("Взять обращение в работу"), "{run:?}");
}

#[test]
fn the_help_command_lists_commands_in_russian() {
    let run = russian(&["help"]).ok();
    assert!(run.out().contains("  create         Подать обращение или сохранить черновик"), "{run:?}");
}

#[test]
fn help_as_json_names_the_command_in_russian_too() {
    let help = russian(&["files", "get", "--help", "-o", "json"]).ok().json();
    assert_eq!(help["topic"], "files get");
}

#[test]
fn manual_pages_are_english() {
    let run = russian(&["man"]).ok();
    assert!(run.out().contains("SH OPTIONS") && !run.out().contains("Параметры"), "{run:?}");
}

/// A wrong command line, and what is said of it in Russian.
const REFUSED: &[(&[&str], &str)] = &[
    (&["list", "--bad"], "ошибка: неизвестный параметр --bad\n"),
    (&["list", "--statuss", "x"], "подсказка: похожий параметр: --status\n"),
    (&["lst"], "ошибка: неизвестная команда lst\n\n  подсказка: похожая команда: list\n"),
    (&["show"], "ошибка: не указаны обязательные параметры:\n  <НОМЕР>...\n"),
    (&["show", "-x"], "чтобы передать «-x» как значение, напишите -- -x\n"),
    (&["list", "--limit"], "ошибка: не указано значение параметра --limit <ЧИСЛО>\n"),
    (&["list", "--limit", "5", "--all"], "параметр --limit <ЧИСЛО> нельзя указать вместе с --all\n"),
    (&["list", "--json", "--json"], "параметр --json указан несколько раз\n"),
    (&["--json=1", "list"], "лишнее значение «1» у параметра --json\n"),
    (&["-o", "xml", "list"], "[допустимые значения: table, json, jsonl, csv, plain]\n"),
    (&["list", "--kind", "grievance"], "недопустимое значение «grievance» параметра --kind <ВИД>\n"),
    (&["list", "--bad"], "\n\nИспользование: appeal list [ПАРАМЕТРЫ]\n\nПодробнее: --help\n"),
];

#[test]
fn parser_errors_are_russian() {
    for (args, part) in REFUSED {
        let run = russian(args).code(2);
        assert!(run.stderr.contains(part), "{part}: {run:?}");
    }
}

/// A command line with a value that its parser refuses, and the reason in Russian.
const VALUES: &[(&[&str], &str)] = &[
    (&["list", "--limit", "0"], "требуется целое число от 1 до 4294967295, указано 0"),
    (&["list", "--limit", "x"], "требуется целое число"),
    (&["rate", "1", "--score", "9"], "требуется целое число от 1 до 5, указано 9"),
    (&["list", "--since", "soon"], "«soon» – не время"),
    (&["list", "--sort", "colour"], "сортировать можно по created_at"),
    (&["list", "--sort", "number:up"], "порядок – asc или desc"),
    (&["list", "--timeout", "soon"], "«soon» – не длительность"),
    (&["list", "--timeout", "99999999d"], "не больше 100 лет"),
    (&["list", "--retry-for", "soon"], "«soon» – не длительность"),
    (&["list", "--columns", "colour"], "столбца «colour» нет; есть столбцы: number"),
    (&["list", "--columns", ","], "столбцы не указаны"),
    (&["list", "--jq", ".["], "«.[» – не выражение jq"),
    (&["list", "--jq", "nothing"], "использовано то, чего здесь нет: nothing"),
    (&["list", "--jq", "include \"a\"; ."], "import и include здесь недоступны"),
    (&["create", "--latitude", "north"], "«north» – не число градусов"),
    (&["create", "--occurred", "soon"], "«soon» – не дата и не время"),
    (&["create", "--field", "x"], "напишите КЛЮЧ=ЗНАЧЕНИЕ"),
    (&["create", "--document", "x"], "напишите КОД=ФАЙЛ"),
    (&["create", "--idempotency-key", ""], "ключ идемпотентности – от 1 до 255"),
    (&["notifications", "settings", "--email", "yes"], "напишите on или off"),
    (&["notifications", "settings", "--appeal-kind", "x"], "допустимые: complaint"),
    (&["notifications", "settings", "--due-within", "0s"], "напишите длительность, например 3d, или off"),
    (&["config", "set", "profiles.home.lang", "fr"], "допустимые: auto, en, ru"),
    (&["config", "set", "profiles.home.server", "here"], "«here» – не `local` и не адрес"),
    (&["config", "set", "profiles.home.server", "http://a:b@c/"], "паролю не место в файле настроек"),
    (&["config", "set", "profiles.home.as", ""], "значение не указано"),
    (&["config", "set", "default_profile", "nobody"], "профиля «nobody» нет"),
    (&["serve", "--listen", "here"], "напишите УЗЕЛ:ПОРТ"),
    (&["serve", "--rate-limit=-1"], "требуется целое число от 0"),
    (&["api", "G T", "/v1/me"], "«G T» – не метод HTTP"),
    (&["api", "GET", "https://example.org/"], "укажите только путь"),
    (&["api", "GET", "/v1 me"], "«/v1 me» – не путь"),
    (&["api", "GET", "/v1/me", "--field", "x"], "напишите КЛЮЧ=ТЕКСТ или КЛЮЧ:=JSON"),
    (&["api", "POST", "/v1/me", "--field", "a:={"], "после := должен быть JSON"),
    (&["api", "POST", "/v1/me", "--field", "=x"], "ключ не указан"),
    (&["api", "POST", "/v1/me", "--field", "a=1", "--field", "a=2"], "ключ «a» указан дважды"),
    (&["api", "POST", "/v1/me", "--field", "a=1", "--field", "a.b=2"], "«a.b»: у «a» уже есть значение"),
];

#[test]
fn refused_values_are_explained_in_russian() {
    let world = World::local();
    for (args, reason) in VALUES {
        let run = world.by("applicant").env("APPEAL_LANG", "ru").run(*args).code(2);
        assert!(run.stderr.contains(reason), "{reason}: {run:?}");
    }
}

#[test]
fn json_errors_name_missing_arguments_as_in_english() {
    let error = russian(&["show", "-o", "json"]).code(2).error();
    assert_eq!(error["details"], serde_json::json!([{ "flag": "<NUMBER>..." }]));
}

#[test]
fn json_errors_have_a_russian_message() {
    let error = russian(&["list", "--bad", "-o", "json"]).code(2).error();
    assert_eq!(error["message"], "неизвестный параметр --bad");
}

/// An environment variable and a value that it cannot have.
const VARIABLES: [(&str, &str); 6] = [
    ("APPEAL_SERVER", "ftp://x"),
    ("APPEAL_PROFILE", "unknown"),
    ("APPEAL_OUTPUT", "xml"),
    ("APPEAL_LANG", "de"),
    ("APPEAL_RETRY_FOR", "soon"),
    ("APPEAL_RATE_LIMIT", "many"),
];

#[test]
fn an_error_about_an_environment_variable_names_it() {
    for (variable, value) in VARIABLES {
        let run = run(variable, value, &[if variable == "APPEAL_RATE_LIMIT" { "serve" } else { "list" }]);
        let first = run.stderr.lines().next().unwrap_or_default();
        assert!(first.contains(variable) && !first.contains("--"), "{run:?}");
    }
}

#[test]
fn an_error_about_a_flag_names_the_flag() {
    let run = run("APPEAL_OUTPUT", "xml", &["list", "--output", "yaml"]).code(2);
    assert!(run.stderr.contains("--output <FORMAT>") && !run.stderr.contains("APPEAL_OUTPUT"), "{run:?}");
}
