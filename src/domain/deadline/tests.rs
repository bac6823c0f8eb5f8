mod table;

use super::*;
use crate::{Channel, DeadlineKind};
use jiff::civil::{date, datetime};
use proptest::prelude::*;
use table::TABLE;

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
    // Hours around the clock need no calendar.
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
}

#[test]
fn a_deadline_in_a_year_without_a_decree_is_provisional() {
    let mut calendar = Calendar::stock();
    calendar.foresee(2028..=2028);
    let provisional = |from| calendar.due(Term::WorkingDays(1), at(from), &moscow()).unwrap().provisional;
    assert!(provisional(datetime(2028, 2, 1, 12, 0, 0, 0)));
    assert!(!provisional(datetime(2027, 2, 1, 12, 0, 0, 0)));
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

/// A deadline extended a month earlier, after a pause.
fn extended(unit: &str, due: DateTime, from: DateTime, until: DateTime) -> DateTime {
    let pauses = [Pause { from: at(from), until: at(until) }];
    let start = at(datetime(2026, 1, 12, 9, 0, 0, 0));
    let set = Some(SetDate { at: start, due: at(due) });
    let clock = Clock { term: unit.parse().unwrap(), started_at: start, set, pauses: &pauses };
    Calendar::stock().reckon(&clock, &moscow()).unwrap().at.to_zoned(moscow()).datetime()
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

fn reckoned(term: &str, from: DateTime, pauses: &[(DateTime, DateTime)]) -> DateTime {
    let pauses: Vec<Pause> = pauses.iter().map(|(a, b)| Pause { from: at(*a), until: at(*b) }).collect();
    let clock = Clock { term: term.parse().unwrap(), started_at: at(from), set: None, pauses: &pauses };
    Calendar::stock().reckon(&clock, &moscow()).unwrap().at.to_zoned(moscow()).datetime()
}

#[test]
fn several_pauses_are_each_taken_out() {
    let t = |month, day, hour, minute| datetime(2026, month, day, hour, minute, 0, 0);
    let monday = t(11, 9, 10, 0);
    assert_eq!(reckoned("5wd", monday, &[]), t(11, 16, 18, 0));
    // Tuesday to Thursday, then Friday to Monday: two and one working days.
    let pauses = [(t(11, 10, 12, 0), t(11, 12, 9, 30)), (t(11, 13, 17, 0), t(11, 16, 9, 5))];
    assert_eq!(reckoned("5wd", monday, &pauses), t(11, 19, 18, 0));
    // The second pause begins after the date, unless the first one has moved it.
    let late = (t(11, 17, 12, 0), t(11, 20, 12, 0));
    assert_eq!(reckoned("5wd", monday, &[late]), t(11, 16, 18, 0));
    assert_eq!(reckoned("5wd", monday, &[pauses[0], late]), t(11, 23, 18, 0));
    // Thirty days end on Saturday 12 December and so on Monday; with one day more on Sunday, and so on Monday too.
    let filed = t(11, 12, 10, 0);
    assert_eq!(reckoned("30d", filed, &[]), t(12, 14, 18, 0));
    assert_eq!(reckoned("30d", filed, &[(t(11, 20, 9, 0), t(11, 21, 9, 0))]), t(12, 14, 18, 0));
    assert_eq!(reckoned("30d", filed, &[(t(11, 20, 9, 0), t(11, 22, 9, 0))]), t(12, 15, 0, 0));
    // Twelve working hours from Monday 10:00 end on Tuesday at 15:00; three of them wait.
    let pause = (t(11, 9, 16, 0), t(11, 10, 10, 0));
    assert_eq!(reckoned("12wh", monday, &[]), t(11, 10, 15, 0));
    assert_eq!(reckoned("12wh", monday, &[pause]), t(11, 10, 18, 0));
    assert_eq!(reckoned("2h", monday, &[(t(11, 9, 11, 0), t(11, 10, 11, 0))]), t(11, 10, 12, 0));
}

#[test]
fn an_extension_takes_the_place_of_the_term_and_of_earlier_pauses() {
    let t = |day, hour| datetime(2026, 11, day, hour, 0, 0, 0);
    let pauses = [
        Pause { from: at(t(10, 12)), until: at(t(12, 12)) },
        Pause { from: at(t(17, 12)), until: at(t(19, 12)) },
    ];
    let set = Some(SetDate { at: at(t(11, 12)), due: at(t(24, 15)) });
    let clock = Clock { term: Term::WorkingDays(5), started_at: at(t(9, 10)), set, pauses: &pauses };
    let due = Calendar::stock().reckon(&clock, &moscow()).unwrap();
    // One working day of the first pause is after the extension, two of the second: three days after Tuesday 24th.
    assert_eq!(due.at.to_zoned(moscow()).datetime(), t(27, 18));
    assert!(due.steps.contains(&Step::Set { on: t(11, 12), at: t(24, 15) }));
}

#[test]
fn stock_policies_follow_the_requirements() {
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

/// An independent definition: is this minute a working minute?
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
        (2027, 2, 22),
        (2027, 2, 23),
        (2027, 3, 8),
        (2027, 5, 3),
        (2027, 5, 10),
        (2027, 6, 14),
        (2027, 11, 4),
        (2027, 11, 5),
        (2027, 12, 31),
    ];
    let new_year = d.month() == 1 && (d.day() <= 8 || (d.year() == 2026 && d.day() <= 11));
    let weekend =
        d.weekday().to_monday_zero_offset() >= 5 && ![date(2025, 11, 1), date(2027, 2, 20)].contains(&d);
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
        (2027, 2, 20),
        (2027, 4, 30),
        (2027, 6, 11),
        (2027, 11, 3),
    ];
    if short.contains(&(d.year(), d.month(), d.day())) { 17 } else { 18 }
}

fn naive_minute(dt: DateTime) -> bool {
    let hour = dt.hour();
    !naive_free(dt.date()) && hour >= 9 && hour != 13 && hour < naive_close(dt.date())
}

fn moment() -> impl Strategy<Value = DateTime> {
    // Any minute from the beginning of 2025 to the middle of September 2027.
    (0i64..988 * 24 * 60).prop_map(|m| datetime(2025, 1, 1, 0, 0, 0, 0) + SignedDuration::from_mins(m))
}

proptest! {
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

    /// A pause of k counted units moves the deadline exactly as a term longer by k would.
    #[test]
    fn a_pause_is_a_longer_term(
        from in moment(), n in 2u32..10, unit in 0usize..6, wait in 0i64..20_000, length in 0i64..20_000,
    ) {
        let calendar = Calendar::stock();
        let unit = ["wh", "wm", "wd", "d", "h", "m"][unit];
        let term: Term = format!("{n}{unit}").parse().unwrap();
        let without = calendar.due(term, at(from), &moscow()).unwrap().at;
        let begin = at(from) + SignedDuration::from_mins(wait);
        let end = begin + SignedDuration::from_mins(length);
        let pauses = [Pause { from: begin, until: end }];
        let clock = Clock { term, started_at: at(from), set: None, pauses: &pauses };
        let with = calendar.reckon(&clock, &moscow()).unwrap().at;
        prop_assert!(with >= without);
        if begin >= without {
            prop_assert_eq!(with, without);
            return Ok(());
        }
        let (first, last) = (begin.to_zoned(moscow()).date(), end.to_zoned(moscow()).date());
        let mut days = 0u32;
        let mut day = first;
        while day < last {
            day = day.tomorrow().unwrap();
            days += u32::from(unit == "d" || !naive_free(day));
        }
        let worked = calendar.worked(begin, end, &moscow()).unwrap().as_mins() as u32;
        let longer = match term {
            Term::WorkingDays(n) => Term::WorkingDays(n + days),
            Term::CalendarDays(n) => Term::CalendarDays(n + days),
            Term::WorkingHours(n) => Term::WorkingMinutes(n * 60 + worked),
            Term::WorkingMinutes(n) => Term::WorkingMinutes(n + worked),
            Term::Hours(n) => Term::Minutes(n * 60 + length as u32),
            Term::Minutes(n) => Term::Minutes(n + length as u32),
        };
        prop_assert_eq!(with, calendar.due(longer, at(from), &moscow()).unwrap().at);
    }

    /// Terms in working time end within working hours; terms in days end at the close of a day or at midnight.
    #[test]
    fn deadlines_end_when_people_work(from in moment(), n in 1u32..30) {
        let end = due(&format!("{n}wm"), from);
        prop_assert!(naive_minute(end - SignedDuration::from_mins(1)), "{}", end);
        let end = due(&format!("{n}wd"), from);
        prop_assert!(!naive_free(end.date()) && end.hour() == naive_close(end.date()));
        let end = due(&format!("{n}d"), from);
        let last = last_day(end);
        prop_assert!(!naive_free(last));
        prop_assert!(end.time() == Time::midnight() || end.hour() == naive_close(last));
    }

    #[test]
    fn terms_come_back(n in 1u32.., unit in 0usize..6) {
        let text = format!("{n}{}", ["wh", "wm", "wd", "d", "h", "m"][unit]);
        prop_assert_eq!(text.parse::<Term>().unwrap().to_string(), text);
    }
}

#[test]
fn deadlines_are_what_an_independent_table_says() {
    let calendar = Calendar::stock();
    for (term, zone, from, expected) in TABLE {
        let zone = TimeZone::get(zone).unwrap();
        let start = zone.to_timestamp(from.parse::<DateTime>().unwrap()).unwrap();
        let due = calendar.due(term.parse().unwrap(), start, &zone).unwrap();
        let expected: DateTime = expected.parse().unwrap();
        assert_eq!(due.at.to_zoned(zone.clone()).datetime(), expected, "{term} from {from} {zone:?}");
    }
}
