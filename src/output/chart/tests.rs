use proptest::prelude::*;

use super::*;
use appeal_api::{ReportNumbers, ReportTimes, Satisfaction, Titles};
use appeal_i18n::t;

fn numbers(filed: u64) -> ReportNumbers {
    let times = ReportTimes {
        count: filed,
        median: (filed > 0).then_some(filed * 7_000),
        p95: (filed > 0).then_some(filed * 20_000),
    };
    ReportNumbers {
        filed,
        answered: filed / 2,
        in_time: filed / 3,
        overdue: filed / 5,
        time_to_first_status: times,
        time_to_decision: times,
        outcomes: filed / 2,
        solved: filed / 4,
        share_solved: appeal_domain::report::share(filed / 4, filed / 2),
        repeated: 0,
        share_repeated: appeal_domain::report::share(0, filed),
        escalated: filed / 6,
        share_escalated: appeal_domain::report::share(filed / 6, filed),
        satisfaction: Satisfaction { count: 0, mean: None },
    }
}

fn report(titles: &[&str]) -> Report {
    let groups = titles
        .iter()
        .enumerate()
        .map(|(n, title)| ReportGroup {
            key: Some(format!("g{n}")),
            title: Titles { en: (*title).to_owned(), ru: (*title).to_owned() },
            numbers: numbers(((titles.len() - n) * 13) as u64),
        })
        .collect();
    Report {
        from: "2026-10-31T21:00:00Z".parse().unwrap(),
        to: "2026-11-30T21:00:00Z".parse().unwrap(),
        time_zone: "Europe/Moscow".to_owned(),
        at: "2026-11-21T10:00:00Z".parse().unwrap(),
        by: ReportBy::Category.into(),
        groups,
        total: numbers(100),
    }
}

/// Every tag is closed in its turn, and no quote is open: enough for the markup written here.
fn is_well_formed(markup: &str, empty: &[&str]) -> bool {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = markup;
    while let Some(start) = rest.find('<') {
        let Some(end) = rest[start..].find('>') else { return false };
        let tag = &rest[start + 1..start + end];
        rest = &rest[start + end + 1..];
        if tag.matches('"').count() % 2 == 1 || tag.contains('<') {
            return false;
        }
        let name = tag.trim_start_matches('/').split([' ', '\n', '/']).next().unwrap_or_default();
        if tag.starts_with('/') {
            if open.pop() != Some(name) {
                return false;
            }
        } else if !tag.ends_with('/') && !tag.starts_with('!') && !empty.contains(&name) {
            open.push(name);
        }
    }
    open.is_empty()
}

#[test]
fn the_last_day_of_the_period_is_told() {
    assert!(period(&report(&[]), Lang::En).contains("2026-11-30"));
    let mut odd = report(&[]);
    odd.to = "2026-11-30T10:30:00Z".parse().unwrap();
    assert!(period(&odd, Lang::Ru).contains("2026-11-30 13:30"), "{}", period(&odd, Lang::Ru));
}

#[test]
fn a_report_of_nothing_says_so() {
    let mut nothing = report(&[]);
    nothing.total = numbers(0);
    for lang in [Lang::En, Lang::Ru] {
        let said = t!(lang, "report-empty");
        assert!(svg(&nothing, lang).contains(&said) && page(&nothing, lang).contains(&said));
    }
}

#[test]
fn more_groups_than_fit_are_counted() {
    let titles: Vec<String> = (0..50).map(|n| format!("группа {n}")).collect();
    let titles: Vec<&str> = titles.iter().map(String::as_str).collect();
    let (picture, page) = (svg(&report(&titles), Lang::Ru), page(&report(&titles), Lang::Ru));
    assert!(picture.contains("группа 29<") && !picture.contains("группа 30<"));
    // The table has them all.
    assert!(page.contains(">группа 49<"));
}

proptest! {
    #[test]
    fn no_title_becomes_markup(title in "\\PC{0,60}", evil in "[<>&\"'\u{0}\u{202e}a-я/= ]{0,40}") {
        let report = report(&[&title, &evil, "</svg><script>alert(1)</script>"]);
        let (picture, page) = (svg(&report, Lang::Ru), page(&report, Lang::En));
        prop_assert!(is_well_formed(&picture, &[]), "{}", picture);
        prop_assert!(is_well_formed(&page, &["meta"]), "{}", page);
        for markup in [&picture, &page] {
            let raw = ["<script", "\0", "\u{202e}"].iter().any(|evil| markup.contains(evil));
            prop_assert!(!raw);
            let outside = markup.replace("http://www.w3.org/2000/svg", "");
            prop_assert!(!outside.contains("src=") && !outside.contains("href=") && !outside.contains("url("));
        }
    }

    #[test]
    fn labels_fit(text in "[а-яА-Я ]{1,300}", lines in 1usize..3) {
        let fitted = text::fitted(&text, 290.0, 13.0, lines);
        prop_assert!(fitted.len() <= lines.max(1));
        for line in fitted {
            prop_assert!(text::width(&line, 13.0) <= 290.0, "{line}");
        }
    }
}
