use super::*;
use jiff::civil::{date, datetime};
use proptest::prelude::*;

fn moscow() -> TimeZone {
    TimeZone::fixed(jiff::tz::offset(3))
}

fn at(dt: DateTime) -> Timestamp {
    moscow().to_timestamp(dt).unwrap()
}

fn due(term: &str, from: DateTime) -> DateTime {
    let due = Calendar::stock().due(term.parse().unwrap(), at(from), &moscow()).unwrap();
    assert!(matches!(due.steps.first(), Some(Step::Start { .. })));
    assert_eq!(due.steps.last(), Some(&Step::End { at: due.at.to_zoned(moscow()).datetime() }));
    due.at.to_zoned(moscow()).datetime()
}

#[test]
fn working_hours_stop_at_the_break_and_overnight() {
    // Monday 2 February 2026: 3 + 4 hours, then 4 before the break of Tuesday, then 1 after it.
    assert_eq!(due("12wh", datetime(2026, 2, 2, 10, 0, 0, 0)), datetime(2026, 2, 3, 15, 0, 0, 0));
    assert_eq!(
        due("8wh", datetime(2026, 2, 2, 9, 0, 0, 0)),
        datetime(2026, 2, 2, 18, 0, 0, 0),
        "ends at the close"
    );
    assert_eq!(
        due("1wh", datetime(2026, 2, 6, 20, 0, 0, 0)),
        datetime(2026, 2, 9, 10, 0, 0, 0),
        "over a weekend"
    );
    assert_eq!(due("30wm", datetime(2026, 2, 2, 12, 45, 0, 0)), datetime(2026, 2, 2, 14, 15, 0, 0));
}

#[test]
fn the_day_of_filing_is_day_zero() {
    assert_eq!(due("1wd", datetime(2026, 2, 2, 0, 1, 0, 0)), datetime(2026, 2, 3, 18, 0, 0, 0));
    assert_eq!(due("5wd", datetime(2026, 2, 6, 23, 0, 0, 0)), datetime(2026, 2, 13, 18, 0, 0, 0));
    assert_eq!(
        due("1wd", datetime(2026, 2, 7, 12, 0, 0, 0)),
        datetime(2026, 2, 9, 18, 0, 0, 0),
        "from a Saturday"
    );
}

#[test]
fn short_days_and_holidays_count_as_the_calendar_says() {
    assert_eq!(due("1wd", datetime(2026, 4, 29, 12, 0, 0, 0)), datetime(2026, 4, 30, 17, 0, 0, 0));
    assert_eq!(due("2wd", datetime(2026, 4, 29, 12, 0, 0, 0)), datetime(2026, 5, 4, 18, 0, 0, 0));
    assert_eq!(due("2wh", datetime(2026, 4, 30, 16, 0, 0, 0)), datetime(2026, 5, 4, 10, 0, 0, 0));
    assert_eq!(
        due("1wd", datetime(2025, 12, 30, 12, 0, 0, 0)),
        datetime(2026, 1, 12, 18, 0, 0, 0),
        "over New Year"
    );
}

#[test]
fn calendar_days_end_at_midnight_and_move_off_free_days() {
    assert_eq!(due("30d", datetime(2026, 2, 2, 12, 0, 0, 0)), datetime(2026, 3, 5, 0, 0, 0, 0));
    assert_eq!(
        due("3d", datetime(2026, 2, 4, 12, 0, 0, 0)),
        datetime(2026, 2, 9, 18, 0, 0, 0),
        "off a Saturday"
    );
    assert_eq!(due("1d", datetime(2026, 10, 30, 12, 0, 0, 0)), datetime(2026, 11, 2, 18, 0, 0, 0));
    assert_eq!(
        due("2d", datetime(2026, 11, 2, 12, 0, 0, 0)),
        datetime(2026, 11, 5, 18, 0, 0, 0),
        "off a holiday"
    );
}

#[test]
fn chat_and_mail_run_round_the_clock() {
    assert_eq!(due("5m", datetime(2026, 1, 1, 23, 58, 0, 0)), datetime(2026, 1, 2, 0, 3, 0, 0));
    assert_eq!(due("24h", datetime(2026, 1, 3, 12, 0, 0, 0)), datetime(2026, 1, 4, 12, 0, 0, 0));
    // No calendar is needed for that.
    assert!(Calendar::stock().due(Term::Hours(2), at(datetime(2031, 1, 1, 0, 0, 0, 0)), &moscow()).is_ok());
}

#[test]
fn a_deadline_in_an_unknown_year_is_an_error() {
    let calendar = Calendar::stock();
    let from = at(datetime(2027, 12, 30, 12, 0, 0, 0));
    for term in ["2wd", "30d", "40wh"] {
        let error = calendar.due(term.parse().unwrap(), from, &moscow()).unwrap_err();
        assert_eq!(error, CalendarError::NoData { year: 2028 }, "{term}");
    }
    assert_eq!(calendar.due(Term::CalendarDays(u32::MAX), from, &moscow()), Err(CalendarError::OutOfRange));
    assert!(calendar.due(Term::WorkingDays(1), from, &moscow()).unwrap().provisional);
}

#[test]
fn the_explanation_shows_what_counted() {
    let from = at(datetime(2026, 4, 29, 16, 0, 0, 0));
    let due = Calendar::stock().due("2wd".parse().unwrap(), from, &moscow()).unwrap();
    let steps = vec![
        Step::Start { at: datetime(2026, 4, 29, 16, 0, 0, 0), term: Term::WorkingDays(2) },
        Step::Day { date: date(2026, 4, 30), n: 1 },
        Step::Free { from: date(2026, 5, 1), to: date(2026, 5, 3) },
        Step::Day { date: date(2026, 5, 4), n: 2 },
        Step::End { at: datetime(2026, 5, 4, 18, 0, 0, 0) },
    ];
    assert_eq!(due.steps, steps);
    let back: Due = serde_json::from_value(serde_json::to_value(&due).unwrap()).unwrap();
    assert_eq!(back, due);
}

#[test]
fn a_zone_is_the_departments() {
    let kamchatka = TimeZone::fixed(jiff::tz::offset(12));
    let from = at(datetime(2026, 2, 2, 12, 30, 0, 0)); // already Tuesday there
    let due = Calendar::stock().due(Term::WorkingDays(1), from, &kamchatka).unwrap();
    assert_eq!(due.at.to_zoned(kamchatka).datetime(), datetime(2026, 2, 3, 18, 0, 0, 0));
    let kamchatka = TimeZone::fixed(jiff::tz::offset(12));
    let late = at(datetime(2026, 2, 2, 15, 0, 0, 0)); // 00:00 of Tuesday
    let due = Calendar::stock().due(Term::WorkingDays(1), late, &kamchatka).unwrap();
    assert_eq!(due.at.to_zoned(kamchatka).datetime(), datetime(2026, 2, 4, 18, 0, 0, 0));
}

fn extended(unit: &str, due: DateTime, from: DateTime, until: DateTime) -> DateTime {
    Calendar::stock()
        .extend_by_pause(unit.parse().unwrap(), at(due), (at(from), at(until)), &moscow())
        .unwrap()
        .at
        .to_zoned(moscow())
        .datetime()
}

#[test]
fn a_pause_shifts_in_the_unit_of_the_term() {
    let friday = datetime(2026, 2, 6, 18, 0, 0, 0);
    let (mon, thu) = (datetime(2026, 2, 2, 12, 0, 0, 0), datetime(2026, 2, 5, 12, 0, 0, 0));
    assert_eq!(extended("5wd", friday, mon, thu), datetime(2026, 2, 11, 18, 0, 0, 0));
    assert_eq!(extended("24h", friday, mon, thu), datetime(2026, 2, 9, 18, 0, 0, 0));
    let midnight = datetime(2026, 2, 7, 0, 0, 0, 0);
    assert_eq!(extended("30d", midnight, mon, thu), datetime(2026, 2, 10, 0, 0, 0, 0));
    // Monday 12–13 and 14–18, two full days, Thursday 9–12: 24 hours, three working days.
    assert_eq!(extended("12wh", friday, mon, thu), datetime(2026, 2, 11, 18, 0, 0, 0));
}

#[test]
fn a_pause_that_does_not_count_shifts_nothing() {
    let friday = datetime(2026, 2, 6, 18, 0, 0, 0);
    let (ten, eleven) = (datetime(2026, 2, 2, 10, 0, 0, 0), datetime(2026, 2, 2, 11, 0, 0, 0));
    assert_eq!(extended("5wd", friday, ten, eleven), friday);
    assert_eq!(extended("5wd", ten, eleven, friday), ten, "it had already passed");
    assert_eq!(extended("24h", friday, eleven, ten), friday, "a pause cannot run backwards");
}

#[test]
fn stock_policies_are_the_catalogues() {
    let stock = Policies::stock();
    let term = |channel, policy, kind| stock.terms(channel, policy).unwrap().term(kind).unwrap().to_string();
    use Channel::*;
    use DeadlineKind::*;
    for &kind in DeadlineKind::ALL {
        for &channel in Channel::ALL {
            for policy in stock.policies.keys().map(|k| Some(k.as_str())).chain([None]) {
                assert!(
                    stock.terms(channel, policy).unwrap().term(kind).is_some(),
                    "{channel} {policy:?} {kind}"
                );
            }
        }
    }
    assert_eq!(term(Account, None, FirstStatus), "12wh");
    assert_eq!(term(Account, None, Decision), "5wd");
    assert_eq!(term(Account, Some("services"), Decision), "3wd");
    assert_eq!(term(InPerson, Some("law59"), Decision), "30d");
    assert_eq!(term(Account, Some("law59"), Registration), "3d");
    assert_eq!(term(Account, Some("law59"), Redirection), "7d");
    assert_eq!(term(Email, None, Decision), "24h");
    assert_eq!(term(Chat, Some("services"), FirstStatus), "5m");
    assert_eq!(term(Chat, Some("services"), Decision), "2h");
    assert_eq!(term(Phone, None, FirstStatus), "30wm");
    assert_eq!(term(Phone, None, Decision), "1wd");
    assert_eq!(term(Account, None, Confirmation), "10wd");
    assert_eq!(stock.terms(Account, Some("none")), Err(UnknownPolicy("none".into())));
}

#[test]
fn only_terms_are_terms() {
    for wrong in ["", "5", "d", "0wd", "-1d", "5 wd", "5w", "99999999999d", "5wdx", "٣d"] {
        assert!(wrong.parse::<Term>().is_err(), "{wrong}");
    }
}

/// The calendar said once more, by hand: is this minute worked?
fn naive_free(d: Date) -> bool {
    let listed = [
        (2025, 5, 1),
        (2025, 5, 2),
        (2025, 5, 8),
        (2025, 5, 9),
        (2025, 6, 12),
        (2025, 6, 13),
        (2025, 11, 3),
        (2025, 11, 4),
        (2025, 12, 31),
        (2026, 2, 23),
        (2026, 3, 9),
        (2026, 5, 1),
        (2026, 5, 11),
        (2026, 6, 12),
        (2026, 11, 4),
        (2026, 12, 31),
    ];
    let new_year = d.month() == 1 && (d.day() <= 8 || (d.year() == 2026 && d.day() <= 11));
    let weekend = d.weekday().to_monday_zero_offset() >= 5 && d != date(2025, 11, 1);
    new_year || weekend || listed.contains(&(d.year(), d.month(), d.day()))
}

fn naive_close(d: Date) -> i8 {
    let short = [
        (2025, 3, 7),
        (2025, 4, 30),
        (2025, 6, 11),
        (2025, 11, 1),
        (2026, 4, 30),
        (2026, 5, 8),
        (2026, 6, 11),
        (2026, 11, 3),
    ];
    if short.contains(&(d.year(), d.month(), d.day())) { 17 } else { 18 }
}

fn naive_minute(dt: DateTime) -> bool {
    let hour = dt.hour();
    !naive_free(dt.date()) && hour >= 9 && hour != 13 && hour < naive_close(dt.date())
}

fn moment() -> impl Strategy<Value = DateTime> {
    // Any minute from the beginning of 2025 to the middle of November 2026.
    (0i64..683 * 24 * 60).prop_map(|m| datetime(2025, 1, 1, 0, 0, 0, 0) + SignedDuration::from_mins(m))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn working_time_is_what_a_clock_minute_by_minute_says(from in moment(), n in 1u32..1500) {
        let (mut now, mut left) = (from, n);
        while left > 0 {
            left -= u32::from(naive_minute(now));
            now += SignedDuration::from_mins(1);
        }
        let counted = due(&format!("{n}wm"), from);
        prop_assert_eq!(counted, now);
        let worked = Calendar::stock().worked(at(from), at(counted), &moscow()).unwrap();
        prop_assert_eq!(worked, SignedDuration::from_mins(n.into()));
    }

    #[test]
    fn working_days_are_what_a_wall_calendar_says(from in moment(), n in 1u32..25) {
        let (mut day, mut left) = (from.date(), n);
        while left > 0 {
            day = day.tomorrow().unwrap();
            left -= u32::from(!naive_free(day));
        }
        prop_assert_eq!(due(&format!("{n}wd"), from), day.at(naive_close(day), 0, 0, 0));
    }

    #[test]
    fn calendar_days_are_what_a_wall_calendar_says(from in moment(), n in 1u32..35) {
        let mut day = from.date();
        for _ in 0..n {
            day = day.tomorrow().unwrap();
        }
        let wanted = if naive_free(day) {
            while naive_free(day) {
                day = day.tomorrow().unwrap();
            }
            day.at(naive_close(day), 0, 0, 0)
        } else {
            day.tomorrow().unwrap().at(0, 0, 0, 0)
        };
        prop_assert_eq!(due(&format!("{n}d"), from), wanted);
    }

    /// A later filing never has an earlier deadline.
    #[test]
    fn deadlines_keep_the_order_of_filing(a in moment(), b in moment(), n in 1u32..15, unit in 0usize..6) {
        let term = format!("{n}{}", ["wh", "wm", "wd", "d", "h", "m"][unit]);
        let (first, second) = if a <= b { (a, b) } else { (b, a) };
        prop_assert!(due(&term, first) <= due(&term, second));
    }

    /// A pause of k counted units moves the deadline as a term longer by k would.
    #[test]
    fn a_pause_is_a_longer_term(from in moment(), n in 2u32..10, pause in 1u32..8) {
        let calendar = Calendar::stock();
        let end = calendar.due(Term::WorkingDays(pause), at(from), &moscow()).unwrap().at;
        let unit = Term::WorkingDays(n);
        let short = calendar.due(unit, at(from), &moscow()).unwrap().at;
        let long = calendar.due(Term::WorkingDays(n + pause), at(from), &moscow()).unwrap().at;
        prop_assert_eq!(calendar.extend_by_pause(unit, short, (at(from), end), &moscow()).unwrap().at, long);

        let worked = calendar.worked(at(from), end, &moscow()).unwrap().as_mins() as u32;
        let unit = Term::WorkingMinutes(n);
        let short = calendar.due(unit, at(from), &moscow()).unwrap().at;
        let long = calendar.due(Term::WorkingMinutes(n + worked), at(from), &moscow()).unwrap().at;
        prop_assert_eq!(calendar.extend_by_pause(unit, short, (at(from), end), &moscow()).unwrap().at, long);
    }

    #[test]
    fn terms_come_back(n in 1u32.., unit in 0usize..6) {
        let text = format!("{n}{}", ["wh", "wm", "wd", "d", "h", "m"][unit]);
        prop_assert_eq!(text.parse::<Term>().unwrap().to_string(), text);
    }
}
