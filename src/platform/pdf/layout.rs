//! Layout of paragraphs to lines of positioned glyphs.

use std::ops::Range;
use std::sync::Arc;

use krilla::text::{Font, GlyphId, KrillaGlyph};
use parley::setting::{FontFeature, Tag};
use parley::{
    FontContext, FontFeatures, Layout, LayoutContext, LineBreakContext, LineHeight, OverflowWrap,
    PositionedLayoutItem, StyleProperty,
};

use super::fonts::{self, Face};
use super::text::escaped;
use super::types::{Error, Result};

/// Line height, relative to the font size.
const LEADING: f32 = 1.35;
/// How often a paragraph is set again because of characters that no face supports.
const TRIES: u32 = 3;

/// Glyphs of one face in one line.
pub struct Piece {
    pub font: Font,
    pub size: f32,
    /// Distance from the left edge of the line.
    pub x: f32,
    pub glyphs: Vec<KrillaGlyph>,
}

/// A line, ready to be drawn.
pub struct Line {
    /// Text of the paragraph; glyphs refer to positions in it.
    pub text: Arc<str>,
    pub pieces: Vec<Piece>,
    /// Distance from the upper edge of the line.
    pub baseline: f32,
    pub height: f32,
    /// Width without trailing spaces.
    pub width: f32,
}

/// A run of text in one face.
pub type Span<'a> = (Face, &'a str);

/// Sets paragraphs.
pub struct Setter {
    fonts: FontContext,
    layouts: LayoutContext<()>,
    spaces: Vec<Space>,
}

impl Setter {
    /// Creates the state for one document.
    pub fn new() -> Result<Self> {
        let mut setter = Self { fonts: fonts::context()?, layouts: LayoutContext::new(), spaces: Vec::new() };
        for face in [Face::Regular, Face::Bold, Face::Mono] {
            let layout = setter.broken(&[(face, " ".to_owned())], " ", 1.0, f32::MAX);
            for run in layout.lines().flat_map(|line| line.runs().collect::<Vec<_>>()) {
                let face = run.font().data.id();
                let glyphs = run.clusters().flat_map(|cluster| cluster.glyphs().collect::<Vec<_>>());
                let space = |glyph: parley::Glyph| Space {
                    face,
                    glyph: GlyphId::new(glyph.id),
                    width: glyph.advance,
                };
                setter.spaces.extend(glyphs.map(space));
            }
        }
        Ok(setter)
    }

    /// Sets a paragraph without line breaks in lines of at most this width. A word longer than a line continues on the
    /// next one. Characters that no face supports are replaced by their number.
    pub fn set(&mut self, spans: &[Span<'_>], size: f32, width: f32) -> Result<Vec<Line>> {
        let mut spans: Vec<(Face, String)> =
            spans.iter().map(|(face, text)| (*face, (*text).to_owned())).collect();
        for attempt in 0..=TRIES {
            let text: String = spans.iter().map(|(_, text)| text.as_str()).collect();
            let layout = self.broken(&spans, &text, size, width);
            let unknown = unknown(&layout);
            if unknown.is_empty() {
                return placed(&layout, &text, &self.spaces);
            }
            if attempt == TRIES {
                break;
            }
            escape(&mut spans, &unknown);
        }
        Err(Error::Font)
    }

    fn broken(&mut self, spans: &[(Face, String)], text: &str, size: f32, width: f32) -> Layout<()> {
        let mut builder = self.layouts.ranged_builder(&mut self.fonts, text, 1.0, false);
        builder.push_default(StyleProperty::FontSize(size));
        builder.push_default(StyleProperty::LineHeight(LineHeight::FontSizeRelative(LEADING)));
        builder.push_default(StyleProperty::OverflowWrap(OverflowWrap::Anywhere));
        builder.push_default(StyleProperty::FontFamily(Face::Regular.family()));
        // A ligature is one glyph for several letters, which not every PDF reader separates again.
        let off = |tag: &[u8; 4]| FontFeature::new(Tag::new(tag), 0);
        let features = [off(b"liga"), off(b"clig"), off(b"dlig"), off(b"hlig")];
        builder.push_default(StyleProperty::FontFeatures(FontFeatures::from(&features)));
        let mut start = 0;
        for (face, part) in spans {
            let end = start + part.len();
            builder.push(StyleProperty::FontFamily(face.family()), start..end);
            start = end;
        }
        builder.set_line_break_override(Some(&breaks));
        let mut layout = builder.build(text);
        layout.break_all_lines(Some(width));
        layout
    }
}

fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '\u{2010}' | '\u{2011}' | '\u{58a}')
}

/// Lines are broken only at spaces, as long as words fit, so that extracted text has the original words. Not after a
/// hyphen: PDF readers take it for hyphenation and drop it.
fn breaks(at: LineBreakContext) -> Option<bool> {
    let may = at.before == ' ' && !at.before_before.is_some_and(is_hyphen);
    if may { None } else { Some(false) }
}

/// Returns whether PDF readers would misread a line: one that ends in a hyphen (see [`breaks`]), or one of single
/// characters, whose spaces look like wide letter spacing. A space attached to the last character helps.
fn misleads(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let single = |word: &str| word.chars().nth(1).is_none();
    line.ends_with(is_hyphen) || words.clone().nth(1).is_some() && words.all(single)
}

/// Returns the ranges of characters that no face supports.
fn unknown(layout: &Layout<()>) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for line in layout.lines() {
        for run in line.runs() {
            for cluster in run.clusters() {
                if cluster.glyphs().any(|glyph| glyph.id == 0) {
                    found.push(cluster.text_range());
                }
            }
        }
    }
    found.sort_by_key(|range| range.start);
    found.dedup();
    found
}

/// Replaces the characters in these ranges by their numbers.
fn escape(spans: &mut [(Face, String)], places: &[Range<usize>]) {
    let mut start = 0;
    for (_, part) in spans {
        let end = start + part.len();
        let mut plain = String::with_capacity(part.len());
        for (at, c) in part.char_indices() {
            let at = start + at;
            // The ranges are in order and do not overlap, so only the last one that starts at or before this position
            // can match.
            let candidate = places.partition_point(|place| place.start <= at);
            if candidate > 0 && places.get(candidate - 1).is_some_and(|place| place.contains(&at)) {
                plain.push_str(&escaped(c));
            } else {
                plain.push(c);
            }
        }
        *part = plain;
        start = end;
    }
}

/// The space of a face: its glyph, and its width relative to the font size.
struct Space {
    face: u64,
    glyph: GlyphId,
    width: f32,
}

/// Extracts the lines from a layout.
fn placed(layout: &Layout<()>, text: &str, spaces: &[Space]) -> Result<Vec<Line>> {
    let text: Arc<str> = text.into();
    let mut lines = Vec::with_capacity(layout.len());
    for line in layout.lines() {
        let metrics = line.metrics();
        let top = metrics.block_min_coord;
        let range = line.text_range();
        let words = text.get(range.clone()).unwrap_or_default().trim_end();
        // The end of the last character of a misleading line.
        let end = misleads(words).then_some(range.start + words.len());
        let mut pieces = Vec::new();
        for item in line.items() {
            let PositionedLayoutItem::GlyphRun(stretch) = item else { continue };
            let run = stretch.run();
            // A run may contain several parts of one style; it is drawn completely with the first one.
            pieces.push((run.index(), stretch.offset(), *run));
        }
        pieces.dedup_by_key(|(index, ..)| *index);
        let pieces = pieces
            .into_iter()
            .map(|(_, x, run)| {
                let size = run.font_size();
                let face = run.font().data.id();
                let mut glyphs: Vec<KrillaGlyph> = Vec::new();
                for cluster in run.visual_clusters() {
                    let mut range = cluster.text_range();
                    match end {
                        Some(end) if range.start >= end => continue,
                        Some(end) if range.end == end => range.end += 1,
                        _ => {}
                    }
                    if cluster.is_ligature_continuation() {
                        if let Some(last) = glyphs.last_mut() {
                            last.text_range.end = last.text_range.end.max(range.end);
                            last.text_range.start = last.text_range.start.min(range.start);
                        }
                        continue;
                    }
                    let before = glyphs.len();
                    for glyph in cluster.glyphs() {
                        glyphs.push(KrillaGlyph::new(
                            GlyphId::new(glyph.id),
                            glyph.advance / size,
                            glyph.x / size,
                            glyph.y / size,
                            0.0,
                            range.clone(),
                            None,
                        ));
                    }
                    // For PDF readers, a letter with combining marks ends where the last drawn glyph ends, and the rest
                    // of the letter would look like a space. Therefore a space that ends with the letter is drawn last.
                    if glyphs.len() > before + 1
                        && !cluster.is_rtl()
                        && let Some(space) = spaces.iter().find(|space| space.face == face)
                    {
                        glyphs.push(KrillaGlyph::new(space.glyph, 0.0, -space.width, 0.0, 0.0, range, None));
                    }
                }
                Ok(Piece { font: fonts::drawn(face)?, size, x, glyphs })
            })
            .collect::<Result<Vec<_>>>()?;
        lines.push(Line {
            text: end.map_or_else(|| text.clone(), |end| format!("{} ", &text[..end]).into()),
            pieces,
            baseline: metrics.baseline - top,
            height: metrics.line_height,
            width: metrics.advance - metrics.hanging_advance,
        });
    }
    Ok(lines)
}
