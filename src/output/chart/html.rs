//! A report as one page of HTML: the charts, the table, and how to read them. No scripts, nothing from the network.

use super::text::escaped;
use super::{Picture, STYLE, period};
use crate::output::cells::{duration, percent, tenths, thousands};
use appeal_api::{Report, ReportNumbers};
use appeal_i18n::{Lang, MessageId, message_id, t};

const PAGE_STYLE: &str = "\
:root{color-scheme:light dark;--ground:#fff;--ink:#1d2733;--soft:#5a6673;--rule:#dde3e9;--band:#f4f6f9}\
@media (prefers-color-scheme:dark){:root{--ground:#161b22;--ink:#e8edf2;--soft:#9fadba;--rule:#2c3540;--band:#1d242d}}\
body{margin:0 auto;padding:1.5rem;max-width:76rem;background:var(--ground);color:var(--ink);\
font:1rem/1.45 'DejaVu Sans',Verdana,'Segoe UI',Arial,sans-serif}\
h1{font-size:1.5rem;margin:0}p{margin:.3rem 0}.soft{color:var(--soft)}svg{max-width:100%;height:auto;display:block}\
dl{display:flex;flex-wrap:wrap;gap:.75rem;margin:1.2rem 0}dl div{border:1px solid var(--rule);border-radius:.5rem;padding:.5rem .9rem}\
dt{font-size:.8rem;color:var(--soft)}dd{margin:0;font-size:1.35rem;font-weight:bold}figure{margin:1rem 0}\
.wide{overflow-x:auto}table{border-collapse:collapse;font-size:.85rem;width:100%}\
th,td{padding:.4rem .6rem;text-align:right;border-bottom:1px solid var(--rule);white-space:nowrap}\
th{vertical-align:bottom;white-space:normal}th:first-child{text-align:left;min-width:14rem}\
thead th{background:var(--band)}tbody tr:nth-child(even){background:var(--band)}tfoot{font-weight:bold}tfoot th,tfoot td{border-top:2px solid var(--soft)}\
@media print{body{max-width:none;padding:0}}";

/// The report as a page.
pub fn page(report: &Report, lang: Lang) -> String {
    let picture = Picture { report, lang };
    let title = picture.title();
    let mut out = format!(
        "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>{} – {}</title>\n<style>{PAGE_STYLE}{STYLE}</style>\n</head>\n<body>\n\
         <h1>{}</h1>\n<p>{}</p>\n<p class=\"soft\">{}</p>\n",
        lang.as_str(),
        escaped(&title),
        escaped(&period(report, lang)),
        escaped(&title),
        escaped(&period(report, lang)),
        escaped(&picture.as_of()),
    );
    out.push_str(&sums(&picture));
    if report.groups.is_empty() {
        out.push_str(&format!("<p>{}</p>\n", escaped(&t!(picture.lang, "report-empty"))));
    } else {
        for figure in picture.figures() {
            out.push_str(&format!("<figure>\n{figure}</figure>\n"));
        }
        if let Some(left) = picture.left_out() {
            out.push_str(&format!("<p class=\"soft\">{}</p>\n", escaped(&left)));
        }
    }
    out.push_str(&table(&picture));
    out.push_str(&format!(
        "<p class=\"soft\">{}</p>\n</body>\n</html>\n",
        escaped(&t!(picture.lang, "report-method"))
    ));
    out
}

/// The totals as large figures.
fn sums(picture: &Picture<'_>) -> String {
    let total = &picture.report.total;
    let count = |id, number| (id, thousands(number, picture.lang));
    let mut tiles = vec![
        count(message_id!("column-filed"), total.filed),
        count(message_id!("column-answered"), total.answered),
        count(message_id!("column-in-time"), total.in_time),
        count(message_id!("column-overdue"), total.overdue),
    ];
    let time = |seconds| duration(seconds, picture.lang);
    tiles.extend(
        total.time_to_decision.median.map(|s| (message_id!("column-time-to-decision-median"), time(s))),
    );
    tiles.extend(total.share_solved.map(|s| (message_id!("column-share-solved"), percent(s, picture.lang))));
    tiles.extend(
        total.satisfaction.mean.map(|m| (message_id!("column-satisfaction-mean"), tenths(m, picture.lang))),
    );
    let tiles: String = tiles
        .into_iter()
        .map(|(id, value)| {
            format!("<div><dt>{}</dt><dd>{}</dd></div>\n", escaped(&picture.say(id)), escaped(&value))
        })
        .collect();
    format!("<dl>\n{tiles}</dl>\n")
}

const COLUMNS: [MessageId; 14] = [
    message_id!("column-filed"),
    message_id!("column-answered"),
    message_id!("column-in-time"),
    message_id!("column-overdue"),
    message_id!("column-time-to-first-status-median"),
    message_id!("column-time-to-first-status-p95"),
    message_id!("column-time-to-decision-median"),
    message_id!("column-time-to-decision-p95"),
    message_id!("column-outcomes"),
    message_id!("column-share-solved"),
    message_id!("column-share-repeated"),
    message_id!("column-share-escalated"),
    message_id!("column-satisfaction-mean"),
    message_id!("column-satisfaction-count"),
];

fn values(numbers: &ReportNumbers, lang: Lang) -> [String; 14] {
    let count = |number| thousands(number, lang);
    let time = |seconds: Option<u64>| seconds.map_or_else(|| "–".to_owned(), |s| duration(s, lang));
    let part = |share: Option<f64>| share.map_or_else(|| "–".to_owned(), |s| percent(s, lang));
    [
        count(numbers.filed),
        count(numbers.answered),
        count(numbers.in_time),
        count(numbers.overdue),
        time(numbers.time_to_first_status.median),
        time(numbers.time_to_first_status.p95),
        time(numbers.time_to_decision.median),
        time(numbers.time_to_decision.p95),
        count(numbers.outcomes),
        part(numbers.share_solved),
        part(numbers.share_repeated),
        part(numbers.share_escalated),
        numbers.satisfaction.mean.map_or_else(|| "–".to_owned(), |mean| tenths(mean, lang)),
        count(numbers.satisfaction.count),
    ]
}

fn table(picture: &Picture<'_>) -> String {
    let row = |name: &str, numbers: &ReportNumbers| {
        let cells: String =
            values(numbers, picture.lang).iter().map(|v| format!("<td>{}</td>", escaped(v))).collect();
        format!("<tr><th scope=\"row\">{}</th>{cells}</tr>\n", escaped(name))
    };
    let head: String = std::iter::once(t(picture.lang, &format!("report-by-{}", picture.report.by), &[]))
        .chain(COLUMNS.iter().map(|id| picture.say(*id)))
        .map(|heading| format!("<th scope=\"col\">{}</th>", escaped(&heading)))
        .collect();
    let groups = picture.report.groups.iter();
    let body: String = groups.map(|group| row(&picture.name(group), &group.numbers)).collect();
    let total = row(&t!(picture.lang, "report-total"), &picture.report.total);
    format!(
        "<div class=\"wide\">\n<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n\
         <tfoot>\n{total}</tfoot>\n</table>\n</div>\n"
    )
}
