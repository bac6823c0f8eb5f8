//! Documents read back with other programs.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::Command;

use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::*;
use appeal_api::{
    Answer, Appeal, Attachment, CardContacts, Comment, JournalEntry, OrganizationRef, PersonRef,
};
use appeal_domain::*;
use appeal_i18n::Lang;

use crate::tests::slow_cases;

fn around() -> Around {
    Around {
        authority: Some("Администрация города Примерска".into()),
        department: Some("Управление жилищно-коммунального хозяйства".into()),
        category: Some("Ремонт и содержание домов".into()),
        zone: TimeZone::get("Asia/Vladivostok").unwrap(),
    }
}

fn appeal() -> Appeal {
    let at = |text: &str| text.parse().unwrap();
    Appeal {
        number: "2026-0123456789-3".into(),
        status: Status::Answered.into(),
        kind: Kind::Complaint.into(),
        category: "housing.repairs".into(),
        subject: "Протекает крыша в подъезде № 2".into(),
        text: Some("С 3 ноября течёт крыша.\nВода стоит на площадке 5-го этажа.".into()),
        priority: Priority::High.into(),
        channel: Channel::Account.into(),
        region: Some("25".into()),
        region_text: Some("Приморский край".into()),
        service: None,
        application: None,
        occurred_at: Some("2026-11-03".into()),
        expected: Some("Ремонт до 1 декабря".into()),
        place: Some(Place {
            address: Some("двор дома 1".into()),
            latitude: Some(43.1155.into()),
            longitude: Some(131.8855.into()),
        }),
        steps: None,
        actual: None,
        institution: None,
        fields: BTreeMap::from([("Адрес".to_owned(), "ул. Садовая, д. 1".to_owned())]),
        contacts: CardContacts::default(),
        applicant: PersonRef {
            login: "applicant".into(), name: "Образцова Анна Сергеевна".into()
        },
        organization: Some(OrganizationRef {
            inn: "7707083893".into(), name: "ООО «Пример»".into()
        }),
        department: Some("housing".into()),
        responsible: Some("operator".into()),
        created_at: at("2026-11-03T22:15:00Z"),
        updated_at: at("2026-11-10T01:00:00Z"),
        status_since: at("2026-11-10T01:00:00Z"),
        due_at: Some(at("2026-11-10T08:00:00Z")),
        due_on: None,
        time_zone: None,
        overdue: false,
        deadlines: vec![],
        attachments: vec![Attachment {
            id: "f1".into(),
            name: "Акт осмотра №3 (копия).pdf".into(),
            media_type: "application/pdf".into(),
            size: 1_234_567,
            sha256: "0123456789abcdef".repeat(4),
            version: 1,
            added_at: at("2026-11-10T01:00:00Z"),
            added_by: "operator".into(),
        }],
        comments: Some(vec![Comment {
            reply_to: None,
            id: "c1".into(),
            author: "applicant".into(),
            text: "Вода всё ещё течёт.".into(),
            at: at("2026-11-05T01:00:00Z"),
            internal: false,
        }]),
        clarification: None,
        answers: Some(vec![official("Кровля отремонтирована.\n\nГарантия — 5 лет.")]),
        repeat_of: None,
        chain: None,
        involved: vec![],
        merged: vec![],
        similar: vec![],
        versions: None,
        repeats: vec![],
        merged_into: None,
        escalations: vec![],
        review: None,
        participants: vec![],
        journal: Some(vec![JournalEntry {
            seq: 1,
            at: at("2026-11-03T22:15:00Z"),
            actor: "applicant".into(),
            action: "create".into(),
            changes: serde_json::json!({
                "status": {"after": "submitted"}, "subject": {"before": null, "after": "Крыша"},
                "place": {"before": null, "after": {"address": null, "latitude": 43.1155, "longitude": 131.8855}},
            }),
            hash: "ab".repeat(32),
        }]),
        version: 3,
    }
}

fn official(text: &str) -> Answer {
    Answer {
        id: "a1".into(),
        decision: Decision::Granted.into(),
        text: text.into(),
        signed_by: "Начальник управления П. П. Образцов".into(),
        at: "2026-11-10T01:00:00Z".parse().unwrap(),
        attachments: vec!["f1".into()],
    }
}

/// Renders an answer with this text.
fn answer_pdf(text: &str) -> Vec<u8> {
    let answer = official(text);
    super::answer(&appeal(), &answer, &around(), Lang::Ru).unwrap()
}

/// Returns the output of a program about a document; `None` if the program is not installed.
fn said(program: &str, arguments: &[&str], pdf: &[u8]) -> Option<String> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(pdf).unwrap();
    let file = file.into_temp_path();
    let place = file.to_str().unwrap();
    let arguments = arguments.iter().map(|argument| if *argument == "FILE" { place } else { argument });
    let Ok(output) = Command::new(program).args(arguments).output() else {
        #[allow(clippy::print_stderr, reason = "a skipped check must be visible")]
        {
            eprintln!(
                "SKIPPED: {program} is not installed, so nothing but our own reading checks this document"
            );
        }
        return None;
    };
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && complaint.is_empty(), "{program}: {complaint}");
    Some(String::from_utf8(output.stdout).unwrap())
}

fn text_of(pdf: &[u8]) -> Option<String> {
    said("pdftotext", &["-enc", "UTF-8", "FILE", "-"], pdf)
}

/// Returns the words of a document, without page headers and footers.
fn words_of(text: &str) -> Vec<String> {
    let pages: Vec<&str> = text.split('\u{c}').filter(|page| !page.trim().is_empty()).collect();
    let running = |line: &str| {
        line.starts_with("Страница ") && line.contains(" из ")
            || line == "Ответ на обращение № 2026-0123456789-3"
    };
    pages
        .into_iter()
        .flat_map(str::lines)
        .filter(|line| !running(line.trim()))
        .flat_map(str::split_whitespace)
        .map(str::to_owned)
        .collect()
}

/// The document of an answer with special characters.
fn special_answer() -> Vec<u8> {
    answer_pdf("Кровля отремонтирована.\n\nГарантия — 5 лет, 100 ₽, «да», ёЁ.")
}

#[test]
fn a_document_conforms_to_pdf_a_2a() {
    let pdf = special_answer();
    assert!(pdf.starts_with(b"%PDF-1.7"));
    let marked = |needle: &str| pdf.windows(needle.len()).any(|window| window == needle.as_bytes());
    assert!(marked("<pdfaid:part>2</pdfaid:part>") && marked("<pdfaid:conformance>A</pdfaid:conformance>"));
    said("qpdf", &["--check", "FILE"], &pdf);
}

#[test]
fn the_document_of_an_answer_says_everything() {
    let Some(text) = text_of(&special_answer()) else { return };
    for expected in [
        "Администрация города Примерска",
        "Управление жилищно-коммунального хозяйства",
        "Ответ на обращение № 2026-0123456789-3",
        "Дата ответа: 2026-11-10 11:00 (UTC+10)",
        "Заявитель: Образцова Анна Сергеевна",
        "Организация: ООО «Пример», ИНН 7707083893",
        "Дата подачи: 2026-11-04 08:15 (UTC+10)",
        "Тема: Протекает крыша в подъезде № 2",
        "Решение: Удовлетворено",
        "Кровля отремонтирована.",
        "Гарантия — 5 лет, 100 ₽, «да», ёЁ.",
        "1. Акт осмотра №3 (копия).pdf, 1234567 байт",
        &format!("SHA-256 {}", "0123456789abcdef".repeat(4)),
        "Подписал(а): Начальник управления П. П. Образцов",
        "Страница 1 из 1",
    ] {
        assert!(text.lines().any(|line| line.trim() == expected), "{expected:?} in\n{text}");
    }
}

#[test]
fn a_document_embeds_subsets_of_its_fonts() {
    let Some(fonts) = said("pdffonts", &["FILE"], &special_answer()) else { return };
    let rows: Vec<Vec<&str>> = fonts.lines().skip(2).map(|row| row.split_whitespace().collect()).collect();
    assert_eq!(rows.len(), 3, "{fonts}");
    for row in rows {
        // The columns emb, sub and uni, then number and generation of the object.
        assert_eq!(row[row.len() - 5..row.len() - 2], ["yes", "yes", "yes"], "{fonts}");
        assert!(row[0].as_bytes()[6] == b'+', "a subset: {fonts}");
    }
}

#[test]
fn a_document_is_tagged_and_has_title_and_author() {
    let Some(info) = said("pdfinfo", &["FILE"], &special_answer()) else { return };
    for expected in [
        "Ответ на обращение № 2026-0123456789-3",
        "Начальник управления П. П. Образцов",
        "PDF version:     1.7",
        "Tagged:          yes",
    ] {
        assert!(info.contains(expected), "{expected:?} in\n{info}");
    }
}

#[test]
fn a_refusal_says_why_and_english_is_english() {
    let refusal = Answer { decision: Decision::Refused.into(), ..official("Нет полномочий.") };
    let pdf = super::answer(&appeal(), &refusal, &around(), Lang::En).unwrap();
    let Some(text) = text_of(&pdf) else { return };
    for expected in [
        "Answer to appeal No. 2026-0123456789-3",
        "Decision: Refused",
        "Reason for the refusal",
        "Нет полномочий.",
        "Page 1 of 1",
    ] {
        assert!(text.lines().any(|line| line.trim() == expected), "{expected:?} in\n{text}");
    }
}

#[test]
fn a_card_has_its_history() {
    let pdf = super::card(&appeal(), &around(), Lang::Ru).unwrap();
    said("qpdf", &["--check", "FILE"], &pdf);
    let Some(text) = text_of(&pdf) else { return };
    for expected in [
        "Карточка обращения № 2026-0123456789-3",
        "Статус: Ответ готов, с 2026-11-10 11:00 (UTC+10)",
        "Место: двор дома 1",
        "Широта: 43.1155",
        "Долгота: 131.8855",
        "Адрес: ул. Садовая, д. 1",
        "Вода стоит на площадке 5-го этажа.",
        "Кровля отремонтирована.",
        "Вода всё ещё течёт.",
        "1. подано — 2026-11-04 08:15 (UTC+10), applicant",
        "Статус: Принято",
        "Место: Широта: 43.1155; Долгота: 131.8855",
    ] {
        assert!(text.lines().any(|line| line.trim() == expected), "{expected:?} in\n{text}");
    }
}

#[test]
fn the_same_card_gives_the_same_bytes() {
    assert!(answer_pdf("Раз") == answer_pdf("Раз"));
    assert!(answer_pdf("Раз") != answer_pdf("Два"));
}

#[test]
fn a_long_text_goes_on_over_pages() {
    let text: String = (1..=1800).map(|n| format!("слово{n} ")).collect();
    let pdf = answer_pdf(&text);
    let Some(read) = text_of(&pdf) else { return };
    let words = words_of(&read);
    let start = words.iter().position(|word| word == "слово1").unwrap();
    let expected: Vec<&str> = text.split_whitespace().collect();
    assert_eq!(words[start..start + 1800], expected);
    let pages = read.matches("Страница ").count();
    assert!(pages > 3 && read.contains(&format!("Страница {pages} из {pages}")), "{pages} pages");
}

#[test]
fn a_word_that_fits_no_line_is_whole_when_joined() {
    let word: String = ('а'..='я').cycle().take(10_000).collect();
    let pdf = answer_pdf(&word);
    let Some(read) = text_of(&pdf) else { return };
    assert!(words_of(&read).concat().contains(&word));
}

#[test]
fn characters_without_a_glyph_are_replaced_by_their_number() {
    let text = "漢字 \u{1F9D1}\u{200d}\u{1F680} \u{E000} a\u{202E}b c\u{7}d \u{10FFFF} ﷽ और نعم \u{301}x";
    let pdf = answer_pdf(text);
    let Some(read) = text_of(&pdf) else { return };
    let words = words_of(&read);
    for expected in
        ["[U+6F22][U+5B57]", "[U+1F9D1][U+1F680]", "[U+E000]", "a[U+202E]b", "c[U+0007]d", "[U+10FFFF]"]
    {
        assert!(words.iter().any(|word| word == expected), "{expected} in {words:?}");
    }
}

#[test]
fn no_hyphen_is_lost_at_the_end_of_a_line() {
    // At some width, each line ends near a hyphen.
    for width in 0..24 {
        let text = format!("{} {}", "щ".repeat(width), "кто-нибудь где-то по-русски - да - ".repeat(30));
        let Some(read) = text_of(&answer_pdf(&text)) else { return };
        let words = words_of(&read);
        let expected: Vec<&str> = text.split_whitespace().collect();
        let found = words.windows(expected.len()).any(|window| window == expected);
        assert!(found, "width {width}: {words:?}");
    }
}

#[test]
fn lines_that_readers_misread_are_spelled_out() {
    let text = "№ 5\nи в с\n— —\nда -\nнет-\nпять\n1 2 3 4";
    let Some(read) = text_of(&answer_pdf(text)) else { return };
    let lines: Vec<&str> = read.lines().map(str::trim_end).collect();
    let expected: Vec<&str> = text.lines().collect();
    assert!(lines.windows(expected.len()).any(|window| window == expected), "{read}");
}

fn written() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        6 => "[а-яёА-ЯЁ]{1,14}",
        2 => "[a-zA-Z]{1,12}",
        1 => "[0-9]{1,9}",
        1 => "[а-я]{1,8}-[а-я]{1,8}",
        1 => "[(«\"][а-я]{1,9}[)»\",.!?:;]",
        2 => prop_oneof![Just("№"), Just("—"), Just("-"), Just("и"), Just("5")].prop_map(str::to_owned),
        1 => Just("1000\u{a0}₽".to_owned()),
        1 => "(ff|fi|fl|ffi|tt|ти|ст)[a-zа-я]{0,4}",
        1 => "[а-я]и\u{306}[а-я]",
        1 => "[а-я]{0,3}[аеиоуыэюяeo]\u{301}[а-я]{0,3}",
        2 => r"[!-/:-@\[-`{-~«»„“”…–—№₽§°±×÷•’‘]{1,4}",
        1 => r"[а-я]{1,5}[!-/:-@\[-`{-~«»„“”…–—№₽§°±×]{1,2}[а-я0-9]{0,5}",
    ];
    let space = prop_oneof![8 => Just(" "), 1 => Just("  "), 1 => Just("\n"), 1 => Just("\t"), 1 => Just("\r\n\r\n"), 1 => Just("\n    "), 1 => Just("\u{2003}  \u{a0}")];
    proptest::collection::vec((word, space), 1..200)
        .prop_map(|parts| parts.into_iter().map(|(word, space)| word + space).collect())
}

proptest! {
    // A case takes a second without optimization.
    #![proptest_config(ProptestConfig::with_cases(slow_cases(24).min(48)))]

    #[test]
    fn what_is_written_is_read_back(text in written()) {
        let pdf = answer_pdf(&text);
        if let Some(read) = text_of(&pdf) {
            let words = words_of(&read);
            let expected: Vec<&str> = text.split_whitespace().collect();
            prop_assert!(words.windows(expected.len()).any(|window| window == expected), "{expected:?} in {words:?}");
        }
    }

    #[test]
    fn anything_at_all_can_be_printed(text in any::<String>(), subject in any::<String>()) {
        let mut appeal = appeal();
        appeal.subject = subject;
        let answer = official(&text);
        prop_assert!(super::answer(&appeal, &answer, &around(), Lang::Ru).is_ok());
    }
}
