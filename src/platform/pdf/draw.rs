//! Rendering of a document to pages.

use std::num::NonZeroU16;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use krilla::color::rgb;
use krilla::configure::{Archival, ConfigurationBuilder};
use krilla::error::KrillaError;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::{DateTime, Metadata, TextDirection};
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::Fill;
use krilla::surface::Surface;
use krilla::tagging::{Artifact, ArtifactType, ContentTag, Identifier, SpanTag, Tag, TagGroup, TagTree};
use krilla::{Document, SerializeSettings};

use super::fonts::Face;
use super::layout::{Line, Setter, Span};
use super::types::{Error, Result};
use super::{qr, text};
use appeal_i18n::{Lang, t};

/// A4, in points.
const WIDTH: f32 = 595.276;
const HEIGHT: f32 = 841.89;
const LEFT: f32 = 62.0;
const RIGHT: f32 = 51.0;
const TOP: f32 = 51.0;
const BOTTOM: f32 = 68.0;
/// Width of the text.
const MEASURE: f32 = WIDTH - LEFT - RIGHT;
/// Side of the QR code with its quiet zone, on the first page and on the others.
const CODE: f32 = 92.0;
const SMALL_CODE: f32 = 54.0;
/// Where the text begins on pages after the first.
const CONTINUED: f32 = TOP + SMALL_CODE - 4.0;
/// Distance between the text of the header and the code.
const GUTTER: f32 = 14.0;

const SIZE: f32 = 10.5;
const SMALL: f32 = 8.5;

/// Maximum length of a name in the document properties, in characters; PDF/A permits 32 767 bytes.
const PROPERTY_MAX: usize = 300;

/// A part of a document.
pub enum Block {
    /// A heading of this level, from 1.
    Heading(u16, String),
    /// A label and its value.
    Field(String, String),
    /// A text of any number of lines.
    Text(String),
    /// A remark in small type.
    Small(String),
    /// A digest or similar.
    Code(String),
    /// Space, in points.
    Gap(f32),
}

/// A document.
pub struct PdfDocument {
    pub lang: Lang,
    /// Content of the code.
    pub number: String,
    /// Title of the document, including the number; also the page header.
    pub title: String,
    /// Author of the document.
    pub author: Option<String>,
    /// Its date.
    pub at: Timestamp,
    pub zone: TimeZone,
    /// Shown next to the code on the first page.
    pub head: Vec<Block>,
    pub body: Vec<Block>,
}

/// A positioned line.
struct Placed {
    page: usize,
    left: f32,
    top: f32,
    line: Line,
    /// Number of the paragraph a line belongs to.
    paragraph: usize,
}

/// A paragraph, for the structure of the document.
struct Paragraph {
    /// Level and text of a heading.
    heading: Option<(u16, String)>,
    ids: Vec<Identifier>,
}

/// State of the layout.
struct Pages {
    setter: Setter,
    lines: Vec<Placed>,
    paragraphs: Vec<Paragraph>,
    page: usize,
    top: f32,
    width: f32,
}

impl PdfDocument {
    /// Returns the bytes of the document.
    pub fn print(&self) -> Result<Vec<u8>> {
        let mut pages = Pages {
            setter: Setter::new()?,
            lines: Vec::new(),
            paragraphs: Vec::new(),
            page: 0,
            top: TOP,
            width: MEASURE - CODE - GUTTER,
        };
        for block in &self.head {
            pages.block(block)?;
        }
        if pages.page == 0 {
            pages.top = pages.top.max(TOP + CODE) + 8.0;
        }
        pages.width = MEASURE;
        for block in &self.body {
            pages.block(block)?;
        }
        self.draw(pages)
    }

    fn draw(&self, pages: Pages) -> Result<Vec<u8>> {
        let Pages { mut setter, lines, mut paragraphs, page: last, .. } = pages;
        let configuration = ConfigurationBuilder::new()
            .with_archival_validator(Archival::A2_A)
            .finish()
            .map_err(|error| Error::Invalid(format!("{error:?}")))?;
        let mut document = Document::new_with(SerializeSettings {
            configuration,
            enable_tagging: true,
            ..Default::default()
        });
        document.set_metadata(self.metadata());
        let settings = PageSettings::from_wh(WIDTH, HEIGHT).ok_or(Error::Geometry)?;
        let header = setter.set(&[(Face::Regular, &self.title)], SMALL, MEASURE - SMALL_CODE - GUTTER)?;
        let mut figure = None;
        let mut lines = lines.into_iter().peekable();
        for number in 0..=last {
            let mut page = document.start_page_with(settings.clone());
            let mut surface = page.surface();
            if number == 0 {
                let id = surface.start_tagged(ContentTag::Other);
                let path = qr::path(&self.number, WIDTH - RIGHT - CODE, TOP - 10.0, CODE)?;
                ink(&mut surface, 0);
                surface.draw_path(&path);
                surface.end_tagged();
                figure = Some(id);
            } else {
                surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Header)));
                let path = qr::path(&self.number, WIDTH - RIGHT - SMALL_CODE, TOP - 20.0, SMALL_CODE)?;
                ink(&mut surface, 0);
                surface.draw_path(&path);
                ink(&mut surface, 90);
                let mut top = TOP - 10.0;
                // A long title is cut here; the first page has it in full.
                for line in header.iter().take(2) {
                    write(&mut surface, line, LEFT, top);
                    top += line.height;
                }
                surface.end_tagged();
            }
            ink(&mut surface, 0);
            while let Some(placed) = lines.next_if(|placed| placed.page == number) {
                let id = surface.start_tagged(ContentTag::Span(SpanTag::empty()));
                write(&mut surface, &placed.line, placed.left, placed.top);
                surface.end_tagged();
                if let Some(paragraph) = paragraphs.get_mut(placed.paragraph) {
                    paragraph.ids.push(id);
                }
            }
            self.footer(&mut setter, &mut surface, number + 1, last + 1)?;
            surface.finish();
            page.finish();
        }
        document.set_tag_tree(self.structure(figure, paragraphs));
        let mut bytes = document.finish().map_err(|error| Error::Invalid(describe(&error)))?;
        unsuspected(&mut bytes);
        Ok(bytes)
    }

    fn footer(&self, setter: &mut Setter, surface: &mut Surface<'_>, page: usize, of: usize) -> Result<()> {
        let (page, of) = (page.to_string(), of.to_string());
        let words = t!(self.lang, "pdf-page", page, of);
        let lines = setter.set(&[(Face::Regular, &words)], SMALL, MEASURE)?;
        surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Footer)));
        ink(surface, 160);
        let mut rule = PathBuilder::new();
        let y = HEIGHT - BOTTOM + 14.0;
        rule.push_rect(Rect::from_ltrb(LEFT, y, WIDTH - RIGHT, y + 0.5).ok_or(Error::Geometry)?);
        if let Some(path) = rule.finish() {
            surface.draw_path(&path);
        }
        ink(surface, 60);
        for line in &lines {
            write(surface, line, LEFT + (MEASURE - line.width) / 2.0, y + 8.0);
        }
        surface.end_tagged();
        Ok(())
    }

    fn structure(&self, figure: Option<Identifier>, paragraphs: Vec<Paragraph>) -> TagTree {
        let mut tree = TagTree::new().with_lang(Some(self.lang.as_str().to_owned()));
        for paragraph in paragraphs {
            let mut group = match paragraph.heading {
                Some((level, title)) => {
                    TagGroup::new(Tag::Hn(NonZeroU16::new(level).unwrap_or(NonZeroU16::MIN), Some(title)))
                }
                None => TagGroup::new(Tag::P),
            };
            for id in paragraph.ids {
                group.push(id);
            }
            tree.push(group);
        }
        if let Some(id) = figure {
            let alt = t!(self.lang, "pdf-code", number = self.number);
            let mut group = TagGroup::new(Tag::Figure(Some(alt)));
            group.push(id);
            tree.push(group);
        }
        tree
    }

    fn metadata(&self) -> Metadata {
        let at = self.at.to_zoned(self.zone.clone());
        let seconds = at.offset().seconds();
        let small = |n: i8| u8::try_from(n).unwrap_or_default();
        let date = DateTime::new(u16::try_from(at.year()).unwrap_or_default())
            .month(small(at.month()))
            .day(small(at.day()))
            .hour(small(at.hour()))
            .minute(small(at.minute()))
            .second(small(at.second()).min(59))
            .utc_offset_hour(i8::try_from(seconds / 3600).unwrap_or_default())
            .utc_offset_minute(u8::try_from(seconds.abs() % 3600 / 60).unwrap_or_default());
        let cut = |words: &str| -> String { text::line(words).chars().take(PROPERTY_MAX).collect() };
        let mut metadata = Metadata::new()
            .title(cut(&self.title))
            .keywords(vec![self.number.clone()])
            .language(self.lang.as_str().to_owned())
            .text_direction(TextDirection::LeftToRight)
            .creator("appeal".to_owned())
            .producer("appeal".to_owned())
            .creation_date(date);
        if let Some(author) = &self.author {
            metadata = metadata.authors(vec![cut(author)]);
        }
        metadata
    }
}

/// Removes `/Suspects false` from the catalog. It is the default, and several programs complain about it.
fn unsuspected(bytes: &mut [u8]) {
    const MARKED: &[u8] = b"/MarkInfo<</Marked true";
    const SUSPECTS: &[u8] = b"/Suspects false>>";
    let whole = MARKED.len() + SUSPECTS.len();
    // The catalog is the last object.
    let at = bytes.windows(whole).rposition(|part| part.starts_with(MARKED) && part.ends_with(SUSPECTS));
    if let Some(at) = at {
        let start = at + MARKED.len();
        bytes[start..start + SUSPECTS.len() - 2].fill(b' ');
    }
}

/// Describes the violated rules, without the fonts that the errors contain.
fn describe(error: &KrillaError) -> String {
    match error {
        KrillaError::Validation(errors) => errors
            .iter()
            .map(|(error, _)| format!("{error:?}").chars().take(200).collect::<String>())
            .collect::<Vec<_>>()
            .join("; "),
        KrillaError::Font(_, error) => error.clone(),
        other => other.to_string(),
    }
}

/// Sets the grey level of what follows, 0 for black.
fn ink(surface: &mut Surface<'_>, grey: u8) {
    let paint = rgb::Color::new(grey, grey, grey).into();
    surface.set_fill(Some(Fill { paint, opacity: NormalizedF32::ONE, rule: Default::default() }));
}

fn write(surface: &mut Surface<'_>, line: &Line, left: f32, top: f32) {
    for piece in &line.pieces {
        let start = Point::from_xy(left + piece.x, top + line.baseline);
        surface.draw_glyphs(start, &piece.glyphs, piece.font.clone(), &line.text, piece.size, false);
    }
}

impl Pages {
    fn block(&mut self, block: &Block) -> Result<()> {
        match block {
            Block::Heading(level, words) => {
                let (size, before) = if *level == 1 { (13.0, 2.0) } else { (11.5, 12.0) };
                let words = text::line(words);
                self.gap(before);
                let heading = Some((*level, words.clone()));
                self.paragraph(&[(Face::Bold, &words)], size, heading, SIZE * 3.0)?;
                self.gap(4.0);
            }
            Block::Field(label, value) => {
                let label = format!("{}: ", text::line(label));
                for (at, line) in text::lines(value.trim_end()).iter().enumerate() {
                    if at == 0 {
                        self.paragraph(&[(Face::Bold, &label), (Face::Regular, line)], SIZE, None, 0.0)?;
                    } else {
                        self.paragraph(&[(Face::Regular, line)], SIZE, None, 0.0)?;
                    }
                }
                self.gap(2.0);
            }
            Block::Text(words) => {
                for line in text::lines(words) {
                    self.paragraph(&[(Face::Regular, &line)], SIZE, None, 0.0)?;
                    self.gap(3.0);
                }
            }
            Block::Small(words) => {
                self.paragraph(&[(Face::Regular, &text::line(words))], SMALL, None, SIZE * 2.0)?;
            }
            Block::Code(words) => {
                self.paragraph(&[(Face::Mono, &text::line(words))], SMALL - 0.5, None, 0.0)?
            }
            Block::Gap(points) => self.gap(*points),
        }
        Ok(())
    }

    /// Adds space, except at the top of a page.
    fn gap(&mut self, points: f32) {
        if !(self.page > 0 && self.top <= CONTINUED) {
            self.top += points;
        }
    }

    /// Sets a paragraph and places its lines; `keep` points must be left below its last one.
    fn paragraph(
        &mut self,
        spans: &[Span<'_>],
        size: f32,
        heading: Option<(u16, String)>,
        keep: f32,
    ) -> Result<()> {
        if spans.iter().all(|(_, words)| words.trim().is_empty()) {
            self.gap(size);
            return Ok(());
        }
        let paragraph = self.paragraphs.len();
        self.paragraphs.push(Paragraph { heading, ids: Vec::new() });
        let lines = self.setter.set(spans, size, self.width)?;
        let height: f32 = lines.iter().map(|line| line.height).sum();
        let room = HEIGHT - BOTTOM - CONTINUED;
        // Keeps a heading together with what follows, unless that is longer than a page.
        if keep > 0.0 && height + keep < room && self.top + height + keep > HEIGHT - BOTTOM {
            self.turn();
        }
        for line in lines {
            if self.top + line.height > HEIGHT - BOTTOM {
                self.turn();
            }
            let top = self.top;
            self.top += line.height;
            self.lines.push(Placed { page: self.page, left: LEFT, top, line, paragraph });
        }
        Ok(())
    }

    fn turn(&mut self) {
        self.page += 1;
        self.top = CONTINUED;
        // Next to the code on the first page, the text is narrower; lines already set stay as they are.
        self.width = MEASURE;
    }
}
