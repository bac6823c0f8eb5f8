//! The built-in production calendar against an independent source: the Python package `holidays`.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::process::Command;

use appeal_domain::Calendar;
use jiff::ToSpan as _;
use jiff::civil::{Date, date};

/// Prints every working day of the years given as arguments.
const WORKING_DAYS: &str = "
import datetime, sys, holidays
years = [int(year) for year in sys.argv[1:]]
russia = holidays.country_holidays('RU', years=years)
for year in years:
    day = datetime.date(year, 1, 1)
    while day.year == year:
        if russia.is_working_day(day):
            print(day)
        day += datetime.timedelta(days=1)
";

fn has_holidays() -> bool {
    Command::new("python3").args(["-c", "import holidays"]).output().is_ok_and(|run| run.status.success())
}

#[test]
fn working_days_are_those_of_the_holidays_package() {
    if !has_holidays() {
        // Bypasses the test harness, which hides the output of passing tests.
        let _ = writeln!(
            std::io::stderr(),
            "SKIPPED: python3 with the package `holidays` is not installed, so the production calendar is not \
             compared with it"
        );
        return;
    }
    let calendar = Calendar::stock();
    let years = calendar.years.keys().map(i16::to_string);
    let run = Command::new("python3").arg("-c").arg(WORKING_DAYS).args(years).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let expected: BTreeSet<Date> =
        String::from_utf8(run.stdout).unwrap().lines().map(|line| line.parse().unwrap()).collect();
    let days_of = |year: i16| date(year, 1, 1).series(1.day()).take_while(move |day| day.year() == year);
    let days = calendar.years.keys().copied().flat_map(days_of);
    let working: BTreeSet<Date> = days.filter(|day| calendar.is_working(*day).unwrap()).collect();
    assert_eq!(working, expected);
}
