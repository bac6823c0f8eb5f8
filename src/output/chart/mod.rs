//! Report charts: bars of appeals filed, in time and overdue, and of decision times. Drawn as self-contained SVG, alone
//! or in an HTML page with the table.

mod bars;
mod html;
mod text;

use jiff::Timestamp;
use jiff::tz::TimeZone;

pub use html::page;

use super::cells;
use super::cells::{duration, thousands};
use appeal_api::{Report, ReportGroup};
use appeal_domain::{ReportBy, zones};
use appeal_i18n::{Lang, MessageId, message_id, t};
use bars::{Bar, Bars, Row, Scale};
use text::escaped;

/// Most groups of a chart; the table has all of them.
const GROUPS_MAX: usize = 30;
/// Width of a picture, in pixels.
const WIDTH: f64 = 960.0;

/// Colours and sizes. The dark colours are for `prefers-color-scheme: dark`; printers and converters get the light
/// ones.
pub(super) const STYLE: &str = "\
.ground{fill:#fff}.ink{fill:#1d2733}.soft{fill:#5a6673}.rule{stroke:#dde3e9;stroke-width:1}.base{stroke:#8593a1;stroke-width:1}\
.c0{fill:#4a76a8}.c1{fill:#2f9e6e}.c2{fill:#cc4b37}.c3{fill:#a9bfd8}\
.chart text{font-family:'DejaVu Sans',Verdana,'Segoe UI',Arial,sans-serif;font-size:13px}\
.chart .head{font-size:19px;font-weight:bold}.chart .part{font-size:15px;font-weight:bold}.chart .small{font-size:11.5px}\
@media (prefers-color-scheme:dark){.ground{fill:#161b22}.ink{fill:#e8edf2}.soft{fill:#9fadba}.rule{stroke:#2c3540}\
.base{stroke:#6b7a89}.c0{fill:#6f9fd6}.c1{fill:#45bd89}.c2{fill:#e8705c}.c3{fill:#3d5674}}";

/// The report that is drawn, in one language.
pub(super) struct Picture<'a> {
    pub report: &'a Report,
    pub lang: Lang,
}

impl<'a> Picture<'a> {
    pub(super) fn say(&self, id: MessageId) -> String {
        id.with(&[]).text(self.lang)
    }

    /// What the report is about.
    pub(super) fn title(&self) -> String {
        t(self.lang, &format!("report-title-{}", self.report.by), &[])
    }

    /// The period in words: its first and its last day, or times where it has no whole days.
    pub(super) fn period(&self) -> String {
        period(self.report, self.lang)
    }

    pub(super) fn as_of(&self) -> String {
        let zone = zone(self.report);
        let at = super::cells::time(self.report.at, &zone);
        t!(self.lang, "report-as-of", at, zone = self.report.time_zone)
    }

    pub(super) fn name(&self, group: &ReportGroup) -> String {
        self.lang.pick(&group.title).to_owned()
    }

    /// The groups that are drawn, and the number of those left out.
    fn drawn(&self) -> (&'a [ReportGroup], usize) {
        let groups = &self.report.groups;
        let left = groups.len().saturating_sub(GROUPS_MAX);
        // The last periods, or the largest groups.
        if matches!(self.report.by.known(), Some(ReportBy::Day | ReportBy::Week | ReportBy::Month)) {
            (&groups[left..], left)
        } else {
            (&groups[..groups.len() - left], left)
        }
    }

    fn counts(&self) -> Bars {
        let (groups, _) = self.drawn();
        let bar = |value: u64, colour, id: MessageId| Bar {
            value: Some(value),
            colour,
            text: thousands(value, self.lang),
            what: self.say(id),
        };
        Bars {
            title: t!(self.lang, "report-chart-counts"),
            legend: vec![
                ("c0", t!(self.lang, "column-filed")),
                ("c1", t!(self.lang, "column-in-time")),
                ("c2", t!(self.lang, "column-overdue")),
            ],
            rows: groups
                .iter()
                .map(|group| Row {
                    label: self.name(group),
                    bars: vec![
                        bar(group.numbers.filed, "c0", message_id!("column-filed")),
                        bar(group.numbers.in_time, "c1", message_id!("column-in-time")),
                        bar(group.numbers.overdue, "c2", message_id!("column-overdue")),
                    ],
                })
                .collect(),
            scale: Scale::Count,
        }
    }

    fn times(&self) -> Bars {
        let (groups, _) = self.drawn();
        let none = t!(self.lang, "report-chart-no-decision");
        let bar = |value: Option<u64>, colour, id: MessageId| Bar {
            value,
            colour,
            text: value.map_or_else(|| none.clone(), |seconds| duration(seconds, self.lang)),
            what: self.say(id),
        };
        Bars {
            title: t!(self.lang, "report-chart-times"),
            legend: vec![
                ("c0", t!(self.lang, "report-chart-median")),
                ("c3", t!(self.lang, "report-chart-p95")),
            ],
            rows: groups
                .iter()
                .map(|group| {
                    let times = group.numbers.time_to_decision;
                    let mut bars = vec![bar(times.median, "c0", message_id!("report-chart-median"))];
                    if times.p95.is_some() {
                        bars.push(bar(times.p95, "c3", message_id!("report-chart-p95")));
                    }
                    Row { label: self.name(group), bars }
                })
                .collect(),
            scale: Scale::Seconds,
        }
    }

    /// Both charts, each as a separate SVG for a page.
    pub(super) fn figures(&self) -> Vec<String> {
        [self.counts(), self.times()]
            .iter()
            .map(|bars| {
                let (inner, height) = bars.drawn(8.0, self.lang);
                self.framed(&inner, height, &bars.title, "")
            })
            .collect()
    }

    fn framed(&self, inner: &str, height: f64, title: &str, style: &str) -> String {
        let lang = self.lang.as_str();
        let title = escaped(title);
        let about = escaped(&format!("{}. {}", self.title(), self.period()));
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chart\" role=\"img\" lang=\"{lang}\" xml:lang=\"{lang}\" \
             viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\">\n\
             <title>{title}</title>\n<desc>{about}</desc>\n{style}\
             <rect class=\"ground\" width=\"{WIDTH}\" height=\"{height}\"/>\n{inner}</svg>\n"
        )
    }

    /// A line about the groups that are not drawn.
    pub(super) fn left_out(&self) -> Option<String> {
        let (_, left) = self.drawn();
        (left > 0).then(|| t!(self.lang, "report-chart-more", count = left))
    }

    /// The totals on one line.
    fn sums(&self) -> String {
        let total = &self.report.total;
        [
            (message_id!("column-filed"), total.filed),
            (message_id!("column-answered"), total.answered),
            (message_id!("column-in-time"), total.in_time),
            (message_id!("column-overdue"), total.overdue),
        ]
        .iter()
        .map(|(id, count)| format!("{}: {}", self.say(*id), thousands(*count, self.lang)))
        .collect::<Vec<_>>()
        .join("  ·  ")
    }
}

/// The time zone in which the report counts days.
fn zone(report: &Report) -> TimeZone {
    zones::zone(&report.time_zone).unwrap_or(TimeZone::UTC)
}

/// The period of a report in words: its first and its last day, or times where it has no whole days.
pub fn period(report: &Report, lang: Lang) -> String {
    let zone = zone(report);
    let whole = |at: Timestamp| at.to_zoned(zone.clone()).time() == jiff::civil::Time::midnight();
    if whole(report.from) && whole(report.to) {
        let from = report.from.to_zoned(zone.clone()).date();
        let last = report.to.to_zoned(zone.clone()).date().yesterday().unwrap_or(from);
        return if from == last {
            t!(lang, "report-period-day", from)
        } else {
            t!(lang, "report-period-days", from, to = last)
        };
    }
    let time = |at| super::cells::time(at, &zone);
    t!(lang, "report-period-days", from = time(report.from), to = time(report.to))
}

/// The charts as one SVG.
pub fn svg(report: &Report, lang: Lang) -> String {
    let picture = Picture { report, lang };
    let mut inner = String::new();
    let mut y = 42.0;
    let mut line = |inner: &mut String, class: &str, text: &str, step: f64| {
        inner.push_str(&format!("<text class=\"{class}\" x=\"24\" y=\"{y}\">{}</text>\n", escaped(text)));
        y += step;
    };
    line(&mut inner, "ink head", &picture.title(), 24.0);
    line(&mut inner, "soft", &format!("{} · {}", picture.period(), picture.as_of()), 22.0);
    line(&mut inner, "ink", &picture.sums(), 14.0);
    if report.groups.is_empty() {
        line(&mut inner, "soft", "", 20.0);
        line(&mut inner, "soft", &t!(picture.lang, "report-empty"), 10.0);
    }
    let mut height = y + 10.0;
    if !report.groups.is_empty() {
        for bars in [picture.counts(), picture.times()] {
            let (drawn, end) = bars.drawn(height, lang);
            inner.push_str(&drawn);
            height = end + 8.0;
        }
    }
    if let Some(left) = picture.left_out() {
        inner.push_str(&format!("<text class=\"soft\" x=\"24\" y=\"{height}\">{}</text>\n", escaped(&left)));
        height += 20.0;
    }
    picture.framed(&inner, height, &picture.title(), &format!("<style>{STYLE}</style>\n"))
}

#[cfg(test)]
mod tests;
