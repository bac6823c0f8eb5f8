//! Fonts of documents, parsed once per process.

use std::borrow::Cow;
use std::io::{self, Read as _};
use std::sync::{Arc, LazyLock};

use flate2::read::ZlibDecoder;
use krilla::text::Font;
use parley::fontique::{Blob, Collection, CollectionOptions, FontInfoOverride, SourceCache};
use parley::{FontContext, FontFamily, FontFamilyName};

use super::types::{Error, Result};

/// A face.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Face {
    /// Running text.
    Regular,
    /// Headings and labels.
    Bold,
    /// Digests.
    Mono,
}

const FACES: [(Face, &str); 3] =
    [(Face::Regular, "pdf-regular"), (Face::Bold, "pdf-bold"), (Face::Mono, "pdf-mono")];

impl Face {
    /// Returns the font file, which `build.rs` compressed.
    fn data(self) -> io::Result<Vec<u8>> {
        let compressed: &[u8] = match self {
            Face::Regular => include_bytes!(concat!(env!("OUT_DIR"), "/regular.ttf.zlib")),
            Face::Bold => include_bytes!(concat!(env!("OUT_DIR"), "/bold.ttf.zlib")),
            Face::Mono => include_bytes!(concat!(env!("OUT_DIR"), "/mono.ttf.zlib")),
        };
        let mut data = Vec::new();
        ZlibDecoder::new(compressed).read_to_end(&mut data)?;
        Ok(data)
    }

    /// Returns the face with its fallbacks. Each is its own family, because within a family only the best match of a
    /// weight is used.
    pub fn family(self) -> FontFamily<'static> {
        let mut names = vec![self];
        names.extend([Face::Regular, Face::Bold, Face::Mono].into_iter().filter(|f| *f != self));
        let names = names.into_iter().filter_map(|face| {
            let (_, name) = FACES.iter().find(|(f, _)| *f == face)?;
            Some(FontFamilyName::Named(Cow::Borrowed(*name)))
        });
        FontFamily::List(Cow::Owned(names.collect()))
    }
}

/// The parsed fonts.
struct Fonts {
    context: FontContext,
    /// By the id of the font data.
    drawn: Vec<(u64, Font)>,
}

static FONTS: LazyLock<Option<Fonts>> = LazyLock::new(|| {
    let options = CollectionOptions { shared: false, system_fonts: false };
    let mut collection = Collection::new(options);
    let mut drawn = Vec::with_capacity(FACES.len());
    for (face, name) in FACES {
        let data = Arc::new(face.data().ok()?);
        let blob = Blob::new(Arc::<Vec<u8>>::clone(&data));
        drawn.push((blob.id(), Font::new(data.into(), 0)?));
        let naming = FontInfoOverride { family_name: Some(name), ..FontInfoOverride::default() };
        collection.register_fonts(blob, Some(naming));
    }
    Some(Fonts { context: FontContext { collection, source_cache: SourceCache::default() }, drawn })
});

/// Returns a font context for layout. A copy, because layout modifies it.
pub fn context() -> Result<FontContext> {
    Ok(FONTS.as_ref().ok_or(Error::Font)?.context.clone())
}

/// Returns the font for drawing that layout selected.
pub fn drawn(id: u64) -> Result<Font> {
    let fonts = FONTS.as_ref().ok_or(Error::Font)?;
    fonts.drawn.iter().find(|(known, _)| *known == id).map(|(_, font)| font.clone()).ok_or(Error::Font)
}
