use super::*;

fn moscow() -> TimeZone {
    zones::zone("Europe/Moscow").unwrap()
}

/// Tuesday, 15:00 in Moscow.
fn now() -> Timestamp {
    "2026-11-10T12:00:00Z".parse().unwrap()
}

fn start(text: &str, direction: Direction) -> String {
    When::read(text)
        .unwrap_or_else(|| panic!("{text}"))
        .start(direction, now(), &moscow())
        .unwrap()
        .to_string()
}

fn end(text: &str, direction: Direction) -> String {
    When::read(text).unwrap_or_else(|| panic!("{text}")).end(direction, now(), &moscow()).unwrap().to_string()
}

#[test]
fn a_day_has_many_spellings() {
    for text in [
        "2026-11-01",
        "01.11.2026",
        "1.11.2026",
        "1 ноября 2026",
        " 01  ноября 2026 г. ",
        "1 Ноября 2026 года",
        "1 November 2026",
        "1 Nov 2026",
        "November 1, 2026",
    ] {
        assert_eq!(When::read(text), Some(When::Day(Day::Date(Date::constant(2026, 11, 1)))), "{text}");
    }
}

#[test]
fn a_month_has_three_spellings() {
    for text in ["2026-11", "ноябрь 2026", "November 2026"] {
        assert_eq!(When::read(text), Some(When::Month(Date::constant(2026, 11, 1))), "{text}");
    }
}

#[test]
fn a_day_with_a_time_is_local() {
    for text in [
        "2026-11-01 14:30",
        "2026-11-01T14:30",
        "2026-11-01 14:30:00",
        "01.11.2026 14:30",
        "1 ноября 2026 в 14:30",
        "1 ноября 2026 г. 14:30:00.0",
        "01.11.2026  14:30",
    ] {
        assert_eq!(start(text, Direction::Back), "2026-11-01T11:30:00Z", "{text}");
    }
    assert_eq!(start("17.11.2026 9:05", Direction::Back), "2026-11-17T06:05:00Z");
}

#[test]
fn a_time_may_have_a_zone() {
    for text in [
        "2026-11-01T14:30:00+05:00",
        "2026-11-01 14:30+05",
        "01.11.2026 14:30 +0500",
        "01.11.2026 14:30 UTC+5",
        "1 ноября 2026 14:30 +05:00",
        "2026-11-01 14:30 Asia/Yekaterinburg",
        "2026-11-01T09:30Z",
        "2026-11-01 09:30 UTC",
        "01.11.2026 12:30 МСК",
        "01.11.2026 12:30 msk",
        "2026-11-01T09:30:00.000Z",
    ] {
        assert_eq!(start(text, Direction::Back), "2026-11-01T09:30:00Z", "{text}");
    }
}

#[test]
fn what_is_shown_as_24_00_is_read() {
    assert_eq!(start("2026-12-28 24:00", Direction::Ahead), "2026-12-28T21:00:00Z");
    assert_eq!(start("сегодня 24:00", Direction::Ahead), "2026-11-10T21:00:00Z");
}

#[test]
fn days_are_relative_to_today() {
    for (text, expected) in [
        ("today", "2026-11-09T21:00:00Z"),
        ("Сегодня", "2026-11-09T21:00:00Z"),
        ("yesterday", "2026-11-08T21:00:00Z"),
        ("вчера", "2026-11-08T21:00:00Z"),
        ("tomorrow", "2026-11-10T21:00:00Z"),
        ("завтра", "2026-11-10T21:00:00Z"),
        ("вчера 14:30", "2026-11-09T11:30:00Z"),
        ("yesterday at 9:05", "2026-11-09T06:05:00Z"),
        ("now", "2026-11-10T12:00:00Z"),
        ("сейчас", "2026-11-10T12:00:00Z"),
    ] {
        assert_eq!(start(text, Direction::Back), expected, "{text}");
    }
}

#[test]
fn a_day_of_the_week_is_the_last_or_the_next_one() {
    for (text, back, ahead) in [
        ("monday", "2026-11-09", "2026-11-16"),
        ("вторник", "2026-11-10", "2026-11-17"),
        ("Sunday", "2026-11-08", "2026-11-15"),
    ] {
        let day = |direction| When::read(text).unwrap().whole_day(direction, now(), &moscow()).unwrap();
        assert_eq!(day(Direction::Back).unwrap().to_string(), back, "{text}");
        assert_eq!(day(Direction::Ahead).unwrap().to_string(), ahead, "{text}");
    }
}

#[test]
fn spans_count_back_or_ahead() {
    for (text, back, ahead) in [
        ("7d", "2026-11-03T12:00:00Z", "2026-11-17T12:00:00Z"),
        ("2w", "2026-10-27T12:00:00Z", "2026-11-24T12:00:00Z"),
        ("1h30m", "2026-11-10T10:30:00Z", "2026-11-10T13:30:00Z"),
        ("90s", "2026-11-10T11:58:30Z", "2026-11-10T12:01:30Z"),
    ] {
        assert_eq!(
            (start(text, Direction::Back), start(text, Direction::Ahead)),
            (back.into(), ahead.into())
        );
    }
}

#[test]
fn what_is_due_ends_with_its_day() {
    for (text, expected) in [
        ("2026-11-20", "2026-11-20T21:00:00Z"),
        ("2026-11", "2026-11-30T21:00:00Z"),
        ("3d", "2026-11-13T21:00:00Z"),
        ("2w", "2026-11-24T21:00:00Z"),
        ("friday", "2026-11-13T21:00:00Z"),
        ("2h", "2026-11-10T14:00:00Z"),
        ("1d12h", "2026-11-12T00:00:00Z"),
        ("2026-11-20 10:00", "2026-11-20T07:00:00Z"),
    ] {
        assert_eq!(end(text, Direction::Ahead), expected, "{text}");
    }
    assert_eq!(end("7d", Direction::Back), "2026-11-03T12:00:00Z", "a span back is no day");
}

#[test]
fn relative_times_are_told_apart() {
    for text in ["now", "today", "вчера 14:30", "monday", "7d", "1h30m"] {
        assert!(When::read(text).unwrap().is_relative(), "{text}");
    }
    for text in ["2026-11-01", "2026-11", "01.11.2026 14:30", "2026-11-01T14:30:00Z"] {
        assert!(!When::read(text).unwrap().is_relative(), "{text}");
    }
}

#[test]
fn a_fixed_time_means_the_same_on_every_day() {
    for (text, expected) in [
        ("01.11.2026", "2026-11-01"),
        ("ноябрь 2026", "2026-11"),
        ("17.11.2026 9:05", "2026-11-17T09:05:00"),
        ("01.11.2026 14:30 MSK", "2026-11-01T14:30:00+03:00"),
        ("вчера", "2026-11-09"),
        ("вчера 14:30", "2026-11-09T14:30:00"),
        ("3d", "2026-11-07"),
        ("2h", "2026-11-10T13:00:00+03:00"),
        ("now", "2026-11-10T15:00:00+03:00"),
    ] {
        let fixed = When::read(text).unwrap().fixed(now(), &moscow()).unwrap();
        assert_eq!(fixed, expected, "{text}");
        let again = When::read(&fixed).unwrap();
        assert!(!again.is_relative() && again.fixed(now(), &moscow()) == Ok(fixed), "{text}");
    }
}

#[test]
fn what_is_no_time_is_refused() {
    for text in [
        "",
        "soon",
        "2026-13-01",
        "2026-02-30",
        "31.04.2026",
        "17.11.26",
        "11/17/2026",
        "46343",
        "2026-11-01 25:00",
        "2026-11-01 24:30",
        "2026-11-01 14:3",
        "2026-11-01 14:30 Mars/Olympus",
        "2026-11-01 +03:00",
        "2026-11-01 14:30 MSK MSK",
        "1 ноября",
        "2026-1",
        "30m1h",
        "-7d",
        "1.5h",
        "5М",
        "99999999d",
        "99999999999999999999d",
    ] {
        assert_eq!(When::read(text), None, "{text}");
    }
}

#[test]
fn a_time_may_be_later_than_today_everywhere() {
    // It is 02:00 of the 11th at UTC+14.
    for (text, expected) in [
        ("2026-11-11", false),
        ("2026-11-12", true),
        ("12.11.2026", true),
        ("1 января 2030", true),
        ("2026-11", false),
        ("2026-12", true),
        ("2026-11-11T23:59:00+14:00", false),
        ("2026-11-11T11:00:00Z", true),
        ("2026-11-11 23:59", false),
        ("2026-11-12 00:00", true),
        ("2026-11-11 23:00 MSK", true),
        ("не помню", false),
        ("завтра", false),
    ] {
        assert_eq!(is_later(text, now()), expected, "{text}");
    }
}
