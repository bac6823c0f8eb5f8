use std::collections::BTreeSet;

use fluent_bundle::{FluentArgs, FluentBundle, FluentResource};
use proptest::prelude::*;

use super::*;
use crate::number::AppealRef;
use crate::policy::AttachmentPolicy;
use crate::rules::{DocumentSpec, FieldSpec};
use crate::titles::Titles;

/// The codes of all findings made in this crate.
const CODES: &[&str] = &[
    "subject-missing",
    "subject-vague",
    "subject-too-long",
    "subject-nul",
    "text-empty",
    "text-too-long",
    "text-nul",
    "text-long",
    "no-fact",
    "no-expected",
    "no-contact",
    "emoji",
    "shouting",
    "informal",
    "abbreviation",
    "personal-data-passport",
    "personal-data-card",
    "personal-data-snils",
    "personal-data-phone",
    "inn-invalid",
    "snils-invalid",
    "ogrn-invalid",
    "phone-invalid",
    "email-invalid",
    "number-malformed",
    "number-mistyped",
    "occurred-later",
    "field-key",
    "fields-too-many",
    "field-required",
    "document-required",
    "document-unknown",
    "category-missing",
    "category-unknown",
    "coordinate-range",
    "coordinate-missing",
    "region-ambiguous",
    "region-unknown",
];

fn now() -> Timestamp {
    "2026-11-27T12:00:00Z".parse().unwrap()
}

/// A well-written complaint; each test breaks one aspect.
fn good() -> Content {
    Content {
        subject: Some("Нет отопления в подъезде с 3 ноября".into()),
        text: Some(
            "С 3 ноября 2026 года в доме 12 по улице Лесной нет отопления. Прошу восстановить подачу тепла."
                .into(),
        ),
        category: Some("housing".into()),
        ..Content::default()
    }
}

fn with(fields: &[(&str, &str)]) -> Content {
    let mut content = good();
    for (name, value) in fields {
        match Field::named(name) {
            Some(field) => content.set(field, value).unwrap(),
            None => {
                content.fields.insert((*name).to_owned(), (*value).to_owned());
            }
        }
    }
    content
}

fn rules() -> Rules {
    let title = |text: &str| Titles { en: text.into(), ru: text.into() };
    let field = |key: &str, required| FieldSpec { key: key.into(), title: title(key), required };
    let document = |code: &str, required| DocumentSpec { code: code.into(), title: title(code), required };
    let category = |code: &str, fields, documents| CategoryRules {
        code: code.into(),
        fields,
        documents,
        attachments: AttachmentPolicy::default(),
        regional: code == "repairs",
    };
    Rules {
        categories: Some(vec![
            category("housing", Vec::new(), vec![document("lease", false)]),
            category(
                "repairs",
                vec![field("region", true), field("meter", true), field("flat", false)],
                vec![document("bill", true), document("lease", false)],
            ),
        ]),
        ..Rules::default()
    }
}

fn examined<'a>(content: &'a Content, documents: &'a [Given<'a>]) -> Examined<'a> {
    Examined { content, knows_account: false, documents, draft: false }
}

/// Codes and fields of the findings.
fn found(content: &Content, documents: &[Given<'_>]) -> Vec<(&'static str, String)> {
    let found = examine(&examined(content, documents), &rules(), now());
    found.into_iter().map(|finding| (finding.code, finding.field)).collect()
}

fn one(content: &Content) -> (&'static str, String) {
    let mut found = found(content, &[]);
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

#[test]
fn a_good_appeal_gives_no_findings() {
    assert_eq!(found(&good(), &[]), []);
}

#[test]
fn every_text_has_a_limit() {
    let limits = rules();
    for field in FIELDS {
        let max = match field.form {
            Form::Word(..) | Form::Degrees { .. } => continue,
            Form::Subject => limits.subject_max,
            Form::Body | Form::Text => limits.text_max,
            _ => limits.line_max,
        };
        let too_long = |length: usize| {
            let found = found(&with(&[(field.name, &"1".repeat(length))]), &[]);
            found.iter().any(|(code, name)| code.ends_with("-too-long") && name == field.name)
        };
        assert!(!too_long(max) && too_long(max + 1), "{}", field.name);
    }
    let long = "1".repeat(limits.line_max + 1);
    assert_eq!(one(&with(&[("meter", &long)])), ("text-too-long", "fields.meter".into()));
    assert_eq!(one(&with(&[(&long, "1")])), ("field-key", "fields".into()));
    assert_eq!(one(&with(&[("", "1")])), ("field-key", "fields".into()));
}

#[test]
fn a_limit_counts_characters_and_gives_the_place() {
    let text = format!("{}\n{}", "я".repeat(5_000), "1".repeat(5_000));
    let found = examine(&examined(&with(&[("text", &text)]), &[]), &rules(), now());
    let long = found.iter().find(|finding| finding.code == "text-too-long").unwrap();
    assert_eq!(long.at.as_deref(), Some("2:5000"));
    assert_eq!((long.args["length"].as_str(), long.args["max"].as_str()), ("10001", "10000"));
    assert!(
        !found.iter().any(|finding| finding.code == "text-long"),
        "one finding about the length is enough"
    );
}

#[test]
fn nul_is_refused_in_every_text() {
    let texts = FIELDS.iter().filter(|field| !matches!(field.form, Form::Word(..) | Form::Degrees { .. }));
    for field in texts {
        let content = with(&[(field.name, "a\nб\0")]);
        let found = examine(&examined(&content, &[]), &rules(), now());
        let nul = found.iter().find(|finding| finding.code.ends_with("-nul")).unwrap();
        assert_eq!((nul.field.as_str(), nul.at.as_deref()), (field.name, Some("2:2")));
        assert!(found[0].is_error());
    }
    assert_eq!(one(&with(&[("meter", "\0")])), ("text-nul", "fields.meter".into()));
}

#[test]
fn an_appeal_has_so_many_fields_at_most() {
    let mut content = good();
    content.fields = (0..rules().fields_max).map(|n| (n.to_string(), "1".to_owned())).collect();
    assert_eq!(found(&content, &[]), []);
    content.fields.insert("one more".into(), "1".into());
    assert_eq!(one(&content), ("fields-too-many", "fields".into()));
}

#[test]
fn requisites_are_checked_in_their_fields_and_in_those_of_the_category() {
    for (name, code, field) in [
        ("contacts.email", "email-invalid", "contacts.email"),
        ("contacts.phone", "phone-invalid", "contacts.phone"),
        ("organization", "inn-invalid", "organization"),
        ("institution.inn", "inn-invalid", "institution.inn"),
        ("ogrn", "ogrn-invalid", "fields.ogrn"),
        ("OGRN", "ogrn-invalid", "fields.OGRN"),
        ("snils", "snils-invalid", "fields.snils"),
    ] {
        assert_eq!(one(&with(&[(name, "1")])), (code, field.into()));
    }
}

#[test]
fn a_problem_cannot_have_occurred_later_than_today() {
    for past in
        ["2026-11-27", "2026-11-28T01:00", "2026-11-28T00:30:00+14:00", "when it rained", "2026-11-01"]
    {
        assert_eq!(found(&with(&[("occurred_at", past)]), &[]), [], "{past}");
    }
    for later in ["2026-11-29", "2026-11-29T00:00", "2026-11-28T10:00:00Z"] {
        assert_eq!(
            one(&with(&[("occurred_at", later)])),
            ("occurred-later", "occurred_at".into()),
            "{later}"
        );
    }
}

#[test]
fn everything_that_the_category_asks_for_is_found_at_once() {
    let passport = [Given { code: "passport", at: None }];
    let repairs = with(&[("category", "repairs")]);
    assert_eq!(
        found(&repairs, &passport),
        [
            ("field-required", "region".to_owned()),
            ("field-required", "fields.meter".to_owned()),
            ("document-required", FILES.to_owned()),
            ("document-unknown", FILES.to_owned()),
        ]
    );
    let complete = with(&[("category", "repairs"), ("region", "77"), ("meter", "12")]);
    assert_eq!(found(&complete, &[Given { code: "bill", at: None }]), []);
}

#[test]
fn a_category_is_needed_and_known() {
    assert_eq!(one(&Content { category: None, ..good() }), ("category-missing", "category".into()));
    assert_eq!(one(&with(&[("category", "weather")])), ("category-unknown", "category".into()));
    let offline = Rules::default();
    for content in [Content { category: None, ..good() }, with(&[("category", "weather")])] {
        assert_eq!(examine(&examined(&content, &[]), &offline, now()), []);
    }
}

#[test]
fn a_draft_may_be_incomplete_but_not_endless() {
    let draft = |content: &Content| {
        let draft = Examined { draft: true, ..examined(content, &[]) };
        let found = examine(&draft, &rules(), now());
        found.into_iter().map(|finding| (finding.code, finding.field)).collect::<Vec<_>>()
    };
    assert_eq!(draft(&Content::default()), []);
    assert_eq!(
        draft(&Content { contacts: with(&[("contacts.phone", "1")]).contacts, ..Content::default() }),
        []
    );
    let long = Content { steps: Some("1".repeat(10_001)), ..Content::default() };
    assert_eq!(draft(&long), [("text-too-long", "steps".to_owned())]);
    let unknown = Content { category: Some("weather".into()), ..Content::default() };
    assert_eq!(draft(&unknown), [("category-unknown", "category".to_owned())]);
}

#[test]
fn an_account_without_contacts_is_warned_about() {
    let known = |content: &Content| {
        let known = Examined { knows_account: true, ..examined(content, &[]) };
        examine(&known, &rules(), now()).into_iter().map(|finding| finding.code).collect::<Vec<_>>()
    };
    assert_eq!(known(&good()), ["no-contact"]);
    let contacts = Contacts { email: Some("a@example.org".into()), ..Contacts::default() };
    let profile = AccountDefaults::of(Role::Representative, contacts, ["7707083893"], Some("54".into()));
    let complete = profile.complete(good());
    assert_eq!(complete.organization.as_deref(), Some("7707083893"));
    assert_eq!(known(&complete), [""; 0]);
    let own = Content { organization: Some(String::new()), ..good() };
    assert_eq!(profile.complete(own).organization, None);
    for (role, organizations) in [(Role::Individual, &["1"][..]), (Role::Representative, &["1", "2"])] {
        assert_eq!(
            AccountDefaults::of(role, Contacts::default(), organizations.iter().copied(), None).organization,
            None
        );
    }
}

#[test]
fn an_edit_is_examined_for_what_it_changes() {
    let before = with(&[("contacts.email", "wrong"), ("snils", "1")]);
    let edit = |after: &Content, draft: bool| {
        let after = Examined { draft, ..examined(after, &[]) };
        let found = examine_edit(&before, &after, &rules(), now());
        found.into_iter().map(|finding| (finding.code, finding.field)).collect::<Vec<_>>()
    };
    let mut after = before.clone();
    after.subject = Some("Помогите".into());
    assert_eq!(edit(&after, false), []);
    after.set(Field::named("contacts.phone").unwrap(), "1").unwrap();
    for draft in [false, true] {
        assert_eq!(edit(&after, draft), [("phone-invalid", "contacts.phone".to_owned())]);
    }
    let moved = Content { category: Some("repairs".into()), ..before.clone() };
    assert_eq!(edit(&moved, true), []);
    let codes: Vec<&str> = edit(&moved, false).into_iter().map(|(code, _)| code).collect();
    assert_eq!(
        codes,
        ["email-invalid", "snils-invalid", "field-required", "field-required", "document-required"]
    );
}

/// Findings that together cover every code in [`CODES`].
fn one_of_each() -> Vec<Finding> {
    let text = "Блин, ЦОДД 😡 паспорт 4510 123456, 112-233-445 95, 4111 1111 1111 1111, 8 900 123 45 67 ";
    let long = format!("{text}{}", "и ".repeat(800));
    let many: Vec<(String, String)> = (0..101).map(|n| (n.to_string(), "1".to_owned())).collect();
    let mut crowded = with(&[("text", "ВСЕГО УЖАСНЕЕ"), ("subject", &"и".repeat(400)), ("", "1")]);
    crowded.fields.extend(many);
    let mut found = Vec::new();
    for content in [
        with(&[
            ("subject", "\0"),
            ("text", "\0"),
            ("contacts.email", "x"),
            ("contacts.phone", "x"),
            ("organization", "7707329153"),
            ("ogrn", "x"),
            ("snils", "x"),
            ("occurred_at", "2099-01-01"),
            ("category", "repairs"),
            ("region", "Атлантида"),
            ("place.latitude", "91"),
        ]),
        with(&[("subject", "Помогите"), ("text", "Плохо"), ("category", "weather"), ("region", "Алтай")]),
        with(&[("text", &long)]),
        with(&[("text", &"и ".repeat(6_000))]),
        crowded,
        Content::default(),
    ] {
        let passport = [Given { code: "passport", at: None }];
        let known = Examined { knows_account: true, ..examined(&content, &passport) };
        found.extend(examine(&known, &rules(), now()));
    }
    for number in ["x", "2026-0000000001-9"] {
        let error = number.parse::<AppealRef>().unwrap_err();
        found.push(Finding::error(error.code(), "number").arg("given", error.given()));
    }
    found
}

#[test]
fn every_code_is_listed_and_can_happen() {
    let made: BTreeSet<_> = one_of_each().iter().map(|finding| finding.code).collect();
    assert_eq!(made, CODES.iter().copied().collect());
    assert!(PLATFORM_ONLY.iter().all(|code| !CODES.contains(code)));
}

#[test]
fn every_code_has_words_in_both_languages() {
    for (lang, source, title) in [
        ("en", include_str!("../../i18n/locales/en/findings.ftl"), Finding::TITLE_EN),
        ("ru", include_str!("../../i18n/locales/ru/findings.ftl"), Finding::TITLE_RU),
    ] {
        let resource = FluentResource::try_new(source.to_owned()).expect("the catalogue parses");
        let mut bundle = FluentBundle::new(vec![lang.parse().unwrap()]);
        bundle.add_resource(resource).unwrap();
        for finding in one_of_each() {
            let message = bundle.get_message(&format!("finding-{}", finding.code));
            let message = message.unwrap_or_else(|| panic!("{lang}: no words for {}", finding.code));
            let remedy = message.get_attribute("remedy").expect(finding.code).value();
            let mut args = FluentArgs::new();
            for (name, value) in &finding.args {
                args.set(if *name == title { "title" } else { name }, value.as_str());
            }
            for pattern in [message.value().expect(finding.code), remedy] {
                let mut errors = Vec::new();
                let words = bundle.format_pattern(pattern, Some(&args), &mut errors);
                assert!(errors.is_empty(), "{lang} {}: {errors:?}", finding.code);
                assert!(words.chars().count() > 8, "{lang} {}: {words}", finding.code);
            }
        }
    }
}

proptest! {
    /// Examining arbitrary content does not panic, and every finding has a listed code.
    #[test]
    fn anything_can_be_examined(
        values in proptest::collection::vec("(?s).{0,60}", FIELDS.len()),
        fields in proptest::collection::btree_map("(?s).{0,8}", "(?s).{0,20}", 0..4),
        draft: bool,
    ) {
        let mut content = Content { fields, ..Content::default() };
        for (field, value) in FIELDS.iter().zip(&values) {
            // An unknown vocabulary word leaves the field empty.
            content.set(field, value).ok();
        }
        let given = Examined { draft, ..examined(&content, &[]) };
        for finding in examine(&given, &rules(), now()) {
            prop_assert!(CODES.contains(&finding.code));
        }
        let edited = examine_edit(&good(), &given, &rules(), now());
        prop_assert!(edited.iter().all(Finding::is_error));
    }
}
