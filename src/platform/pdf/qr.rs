//! The QR code of a number.

use krilla::geom::{Path, PathBuilder, Rect};
use qrcodegen::{QrCode, QrCodeEcc};

use super::types::{Error, Result};

/// Width of the quiet zone around a code in modules, required by readers (ISO/IEC 18004).
const QUIET: i32 = 4;

/// Returns the dark modules of the code of a text, as rectangles within a square of this size at this position. The
/// square includes the quiet zone.
pub fn path(text: &str, left: f32, top: f32, size: f32) -> Result<Path> {
    let code =
        QrCode::encode_text(text, QrCodeEcc::Medium).map_err(|error| Error::Code(error.to_string()))?;
    let modules = code.size();
    #[allow(clippy::cast_precision_loss)] // a code has fewer than 200 modules
    let at = |module: i32| module as f32 * size / (modules + 2 * QUIET) as f32;
    let mut path = PathBuilder::new();
    for y in 0..modules {
        let mut x = 0;
        while x < modules {
            let start = x;
            while x < modules && code.get_module(x, y) {
                x += 1;
            }
            if x > start {
                let rect = Rect::from_ltrb(
                    left + at(start + QUIET),
                    top + at(y + QUIET),
                    left + at(x + QUIET),
                    top + at(y + 1 + QUIET),
                );
                path.push_rect(rect.ok_or(Error::Geometry)?);
            }
            x += 1;
        }
    }
    path.finish().ok_or(Error::Geometry)
}
