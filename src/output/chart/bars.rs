//! Horizontal bars in groups: a label on the left, the bars with their values on the right, an axis with round ticks.

use super::text::{escaped, fitted, width};
use super::{WIDTH, cells};
use appeal_i18n::Lang;

/// Margin around the chart.
const EDGE: f64 = 24.0;
/// Width of the labels.
const LABELS: f64 = 290.0;
/// Horizontal position of the bars.
const START: f64 = EDGE + LABELS + 14.0;
/// Space to the right of the bars, for the values.
const VALUES: f64 = 96.0;
/// Font size.
const SIZE: f64 = 13.0;
/// Length of the longest bar.
const LONGEST: f64 = WIDTH - EDGE - VALUES - START;

/// A bar.
pub struct Bar {
    /// Length; `None` for a missing value, which is shown as text.
    pub value: Option<u64>,
    /// Its class.
    pub colour: &'static str,
    /// Its value in words.
    pub text: String,
    /// Tooltip.
    pub what: String,
}

/// A group of bars.
pub struct Row {
    pub label: String,
    pub bars: Vec<Bar>,
}

/// The unit of the lengths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    Count,
    Seconds,
}

/// A chart.
pub struct Bars {
    pub title: String,
    /// Classes and what they mean.
    pub legend: Vec<(&'static str, String)>,
    pub rows: Vec<Row>,
    pub scale: Scale,
}

impl Bars {
    /// Draws the chart below `top`; returns its lower end.
    #[allow(clippy::cast_precision_loss)] // pixels need no more than 53 bits
    pub fn drawn(&self, top: f64, lang: Lang) -> (String, f64) {
        let mut out = String::new();
        let mut y = top + 24.0;
        out.push_str(&format!(
            "<text class=\"ink part\" x=\"{EDGE}\" y=\"{y}\">{}</text>\n",
            escaped(&self.title)
        ));
        y += 12.0;
        let mut x = START;
        for (class, what) in &self.legend {
            out.push_str(&format!(
                "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"12\" height=\"12\" rx=\"2\"/>\
                 <text class=\"ink\" x=\"{}\" y=\"{}\">{}</text>\n",
                x + 18.0,
                y + 10.5,
                escaped(what)
            ));
            x += 18.0 + width(what, SIZE) + 22.0;
        }
        y += 34.0;

        let most = self.rows.iter().flat_map(|row| &row.bars).filter_map(|bar| bar.value).max().unwrap_or(0);
        let step = self.scale.step(most);
        // The axis ends at the longest bar, or at the next round number.
        let ticks: Vec<u64> = (0..).map(|n| n * step).take_while(|tick| *tick <= most.max(1)).collect();
        let length = |value: u64| value as f64 / most.max(1) as f64 * LONGEST;
        let (thick, gap) = if self.rows.len() > 12 { (9.0, 12.0) } else { (13.0, 18.0) };
        let row_height = |row: &Row| (row.bars.len() as f64 * (thick + 2.0) - 2.0).max(30.0);
        let height: f64 = self.rows.iter().map(|row| row_height(row) + gap).sum();
        for tick in &ticks {
            let x = START + length(*tick);
            let class = if *tick == 0 { "base" } else { "rule" };
            out.push_str(&format!(
                "<line class=\"{class}\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{y}\" y2=\"{:.1}\"/>\
                 <text class=\"soft small\" x=\"{x:.1}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n",
                y + height,
                y - 6.0,
                escaped(&self.scale.label(*tick, lang))
            ));
        }
        y += gap / 2.0;
        for row in &self.rows {
            let tall = row_height(row);
            let lines = fitted(&row.label, LABELS, SIZE, 2);
            let mut baseline = y + tall / 2.0 + 4.5 - (lines.len().saturating_sub(1) as f64) * 8.0;
            for line in &lines {
                out.push_str(&format!(
                    "<text class=\"ink\" x=\"{}\" y=\"{baseline:.1}\" text-anchor=\"end\">{}</text>\n",
                    EDGE + LABELS,
                    escaped(line)
                ));
                baseline += 16.0;
            }
            let mut bar_y = y + (tall - (row.bars.len() as f64 * (thick + 2.0) - 2.0)) / 2.0;
            for bar in &row.bars {
                out.push_str(&self.bar(row, bar, bar_y, thick, bar.value.map_or(0.0, length)));
                bar_y += thick + 2.0;
            }
            y += tall + gap;
        }
        (out, y + 4.0)
    }

    fn bar(&self, row: &Row, bar: &Bar, y: f64, thick: f64, long: f64) -> String {
        // A value that is not zero is always visible.
        let long = if bar.value.is_some_and(|v| v > 0) { long.max(1.5) } else { 0.0 };
        format!(
            "<g><title>{}</title><rect class=\"{}\" x=\"{START}\" y=\"{y:.1}\" width=\"{long:.1}\" height=\"{thick}\"/>\
             <text class=\"{}\" x=\"{:.1}\" y=\"{:.1}\">{}</text></g>\n",
            escaped(&format!("{} – {}: {}", row.label, bar.what, bar.text)),
            bar.colour,
            if bar.value.is_some() { "ink small" } else { "soft small" },
            START + long + 6.0,
            y + thick / 2.0 + 4.0,
            escaped(&bar.text)
        )
    }
}

impl Scale {
    /// A round step that gives at most six ticks.
    fn step(self, most: u64) -> u64 {
        const SPANS: [u64; 16] = [
            1, 5, 15, 60, 300, 900, 1800, 3600, 7200, 21_600, 43_200, 86_400, 172_800, 432_000, 864_000,
            1_728_000,
        ];
        let fits = |step: u64| most / step <= 6;
        if self == Scale::Seconds
            && let Some(step) = SPANS.into_iter().find(|step| fits(*step))
        {
            return step;
        }
        let mut unit: u64 = if self == Scale::Seconds { 4_320_000 } else { 1 };
        loop {
            for step in [unit, unit.saturating_mul(2), unit.saturating_mul(5)] {
                if fits(step) {
                    return step;
                }
            }
            unit = unit.saturating_mul(10);
        }
    }

    fn label(self, value: u64, lang: Lang) -> String {
        match self {
            Scale::Count => cells::thousands(value, lang),
            Scale::Seconds if value == 0 => "0".to_owned(),
            Scale::Seconds => cells::duration(value, lang),
        }
    }
}
