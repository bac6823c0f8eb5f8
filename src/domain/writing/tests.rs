use proptest::prelude::*;

use super::*;

/// A well-written complaint; each test breaks one aspect.
fn good() -> Draft<'static> {
    Draft {
        subject: "Нет отопления в подъезде с 3 ноября",
        text: "С 3 ноября 2026 года в доме 12 по улице Лесной нет отопления.\nВ квартире 14 градусов. Прошу восстановить подачу тепла.",
        has_profile_contacts: true,
        ..Draft::default()
    }
}

fn codes(draft: &Draft<'_>) -> Vec<&'static str> {
    check(draft).iter().map(|f| f.code).collect()
}

/// Returns the codes of findings about a text alone.
fn about(text: &str) -> Vec<&'static str> {
    let draft = Draft { text, expected: Some("ответ"), occurred: Some("2026-11-01"), ..good() };
    codes(&draft)
}

#[test]
fn good_letters_give_no_findings() {
    assert_eq!(codes(&good()), [""; 0]);
    let english = Draft {
        subject: "No heating at 12 Forest Street since 3 November",
        text: "There has been no heating since 3 November. Please restore it.",
        ..good()
    };
    assert_eq!(codes(&english), [""; 0]);
}

#[test]
fn ordinary_letters_get_no_warnings() {
    for text in [
        "УК «ГЛАВНЫЙ ДОМ» (ИНН 7707329152) не вывозит ТКО, обращалась в ГИБДД и МФЦ.",
        "Лицевой счёт 80123456789, показания счётчика 0012345, акт № 4510-123 от 05.11.2026.",
        "Единый расчётный центр (ЕРКЦ) прислал счёт. В ЕРКЦ не отвечают.",
        "ООО МКС и АО \"РЭС\" составили акт, глава IV, пункт 2.",
        "Обращение 2026-0123456789-3, счёт 40817810099910004312, сумма 1 250 000 рублей.",
        "Горячая линия 8 800 555-35-35 не отвечает (звонил дважды).",
        "Звонила в УК по тел. 8 (4822) 33-44-55 и в ЕДДС 112, сослалась на ПП РФ № 354.",
        "<p>Текст из <BR> почты: https://example.org/ABCD?X=1</p>",
        "ИВАНОВ ИВАН ИВАНОВИЧ не получил ответ. Я НЕ согласен.",
        "Список: 1) окна; 2) двери; а) крыша; б) подвал. Время 10:00.",
        "Температура 14 °C ✓ ☎ © №5. Пункт 1:) и 2:).",
        "Dear Sir, the ATM at 5 Main St. is out of order, see the PDF. It is NOT fixed.",
        "Код 2026 630099 в индексе, маршрут 12 45 1.",
    ] {
        assert_eq!(about(text), [""; 0], "{text}");
    }
}

#[test]
fn what_is_missing_is_said() {
    assert_eq!(codes(&Draft { subject: " \u{200b}\t", ..good() }), ["subject-missing"]);
    assert_eq!(codes(&Draft { text: "\r\n\u{a0}", ..good() }), ["text-empty"]);
    assert_eq!(codes(&Draft { has_profile_contacts: false, ..good() }), ["no-contact"]);
    let own = Draft { has_profile_contacts: false, contact_email: Some("a@b.ru"), ..good() };
    assert_eq!(codes(&own), [""; 0]);
    let empty = Draft {
        subject: "Плохое обслуживание в поликлинике",
        text: "Персонал грубит посетителям.",
        ..good()
    };
    assert_eq!(codes(&empty), ["no-fact", "no-expected"]);
    assert_eq!(codes(&Draft { kind: Kind::Gratitude, ..empty.clone() }), [""; 0]);
    let filled = Draft { occurred: Some("2026-11-01"), expected: Some("Извинения"), ..empty };
    assert_eq!(codes(&filled), [""; 0]);
}

#[test]
fn a_name_or_a_day_is_a_fact() {
    for text in
        ["Врач Петрова не пришла.", "Во вторник не было врача.", "На ул. Ленина яма.", "It broke yesterday."]
    {
        assert!(words::has_fact(text), "{text}");
    }
    for text in [
        "Врач не пришёл. Никто не отвечает.",
        "The service is poor.",
        "Уважаемые сотрудники, к Вам обращаюсь.",
    ] {
        assert!(!words::has_fact(text), "{text}");
    }
}

#[test]
fn vague_and_short_subjects_are_distinguished() {
    for vague in [
        "Не работает",
        "нужна помощь",
        "ПОМОГИТЕ!!!",
        "Жалоба",
        "Проблема",
        "не работает!",
        "Help me please",
        "It doesn't work",
    ] {
        assert!(codes(&Draft { subject: vague, ..good() }).contains(&"subject-vague"), "{vague}");
    }
    for fine in ["Не работает лифт", "Жалоба на управляющую компанию", "Отопление", "Broken street light"]
    {
        assert!(!codes(&Draft { subject: fine, ..good() }).contains(&"subject-vague"), "{fine}");
    }
}

#[test]
fn a_long_text_is_warned_about() {
    assert!(about(&"да ".repeat(LONG_TEXT / 3)).is_empty());
    assert_eq!(about(&"да ".repeat(LONG_TEXT / 3 + 1)), ["text-long"]);
}

#[test]
fn style_is_warned_about_with_the_place() {
    let place_of = |text: &str, code: &str| {
        let draft = Draft { text, ..good() };
        check(&draft).into_iter().find(|f| f.code == code).map(|f| f.at.unwrap())
    };
    assert_eq!(place_of("Нет\nтепла 😡😡 совсем", "emoji").as_deref(), Some("2:7"));
    assert_eq!(place_of("Нет ❤️", "emoji").as_deref(), Some("1:5"));
    assert_eq!(place_of("Когда ЭТО ПРЕКРАТИТСЯ НАКОНЕЦ", "shouting").as_deref(), Some("1:11"));
    assert_eq!(place_of("Сделайте СРОЧНО!", "shouting").as_deref(), Some("1:10"));
    assert_eq!(place_of("Итак, ВСЁ ПЛОХО У НАС", "shouting").as_deref(), Some("1:7"));
    assert_eq!(place_of("Ответа я НЕ ПОЛУЧИЛ до сих пор", "shouting"), None);
    assert_eq!(place_of("Сколько можно!!!", "shouting").as_deref(), Some("1:14"));
    assert_eq!(place_of("Ну блин, сколько ждать", "informal").as_deref(), Some("1:4"));
    assert_eq!(place_of("Спасибо)))", "informal").as_deref(), Some("1:8"));
    assert_eq!(place_of("Жду :)", "informal").as_deref(), Some("1:5"));
    assert_eq!(place_of("Писал в ЦОДД дважды", "abbreviation").as_deref(), Some("1:9"));
}

#[test]
fn a_word_is_reported_once_and_not_endlessly() {
    let found = about("ЦОДД и ЦОДД");
    assert_eq!(found, ["abbreviation"]);
    let many = "ЦОДД, ЦЗН, РСО, УСЗН, ПНД, ГЖИ, КДН";
    assert_eq!(about(many).len(), MOST);
}

#[test]
fn personal_data_is_found() {
    for (text, code) in [
        ("Мой паспорт 4510 123456 выдан", "personal-data-passport"),
        ("паспорт серии 45 10 № 123456", "personal-data-passport"),
        ("паспорт: 4510123456", "personal-data-passport"),
        ("Данные: 45 10 123456.", "personal-data-passport"),
        ("Карта 4111 1111 1111 1111", "personal-data-card"),
        ("карта 4111111111111111.", "personal-data-card"),
        ("номер 112-233-445 95", "personal-data-snils"),
        ("СНИЛС 11223344595", "personal-data-snils"),
        ("Сосед: +7 (900) 123-45-67", "personal-data-phone"),
        ("звоните 8-900-123-45-67!", "personal-data-phone"),
        ("Сосед сверху, 8 (495) 123-45-67", "personal-data-phone"),
        ("89001234567 её номер", "personal-data-phone"),
    ] {
        assert_eq!(about(text), [code], "{text}");
    }
    assert_eq!(about("Счёт 4111 1111 1111 1112"), [""; 0], "not a card by its check digit");
    assert_eq!(about("Карта 4111 1111 1111 1112"), ["personal-data-card"], "called one");
    assert_eq!(about("Дело 112-233-445 96"), [""; 0], "not a SNILS by its check digits");
    assert_eq!(about("СНИЛС 112-233-445 96"), ["personal-data-snils"], "called one");
    assert_eq!(about("номер 112-233-445 96"), [""; 0], "not a SNILS by its check digits");
}

#[test]
fn ones_own_phone_is_allowed() {
    let draft = Draft {
        text: "3 ноября. Прошу звонить 8 900 123 45 67",
        contact_phone: Some("+79001234567"),
        ..good()
    };
    assert_eq!(codes(&draft), [""; 0]);
    let other = Draft { contact_phone: Some("+79001234568"), ..draft };
    assert_eq!(codes(&other), ["personal-data-phone"]);
}

#[test]
fn personal_data_is_not_repeated_in_the_finding() {
    let draft = Draft { text: "3 ноября прошу: карта 4111 1111 1111 1111", ..good() };
    let found = check(&draft);
    assert!(found[0].args.is_empty() && found[0].at.as_deref() == Some("1:23"));
}

proptest! {
    /// Checking arbitrary text neither panics nor reports a place outside the text.
    #[test]
    fn any_text_can_be_checked(subject in "\\PC{0,40}", text in "(?s).{0,200}") {
        let draft = Draft { subject: &subject, text: &text, ..good() };
        for finding in check(&draft) {
            let field = if finding.field == "subject" { &subject } else { &text };
            if let Some((line, column)) = finding.at.as_deref().and_then(|at| at.split_once(':')) {
                let (line, column): (usize, usize) = (line.parse().unwrap(), column.parse().unwrap());
                let there = field.split('\n').nth(line - 1);
                prop_assert!(there.is_some_and(|l| column >= 1 && column <= l.chars().count() + 1));
            }
        }
    }

    /// Digits, brackets and signs are the hard cases for the scanners.
    #[test]
    fn any_numbers_can_be_checked(text in "[0-9 ()+№.А-Яа-я!:«»\"-]{0,120}") {
        check(&Draft { text: &text, ..good() });
    }
}
