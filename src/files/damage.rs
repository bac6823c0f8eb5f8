//! Damage in files of a recognised kind.

use std::io;

use serde::{Deserialize, Serialize};

/// How a file is damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Damage {
    /// PNG: the chunks end before `IEND`.
    PngCut,
    /// PNG: the first chunk is not a valid `IHDR`.
    PngHeader,
    /// PNG: no image data before the end.
    PngNoPicture,
    /// PNG: a chunk has an impossible type or length.
    PngChunk,
    /// PNG: a chunk's checksum does not match.
    PngChecksum,
    /// JPEG: no end-of-image marker.
    JpegCut,
    /// JPEG: no frame or scan before the end.
    JpegNoPicture,
    /// JPEG: a segment has an impossible length or marker.
    JpegSegment,
    /// PDF: no `%%EOF` at the end.
    PdfCut,
    /// PDF: shorter than stated in its linearization dictionary.
    PdfShort,
    /// PDF: no `startxref` before the end.
    PdfNoXref,
    /// ZIP: the central directory is missing.
    ZipCut,
    /// ZIP: the central directory does not describe the file.
    ZipDirectory,
    /// ZIP: more parts than [`super::MAX_ZIP_PARTS`], or a directory larger than [`super::MAX_ZIP_DIRECTORY`].
    ZipTooManyParts,
    /// ZIP: a part cannot be read or its checksum does not match.
    ZipPart,
    /// OLE: a sector lies beyond the end of the file.
    OleCut,
    /// OLE: the header, a sector table or the directory is inconsistent.
    OleStructure,
}

impl Damage {
    /// Returns whether the end of the file is missing, as opposed to an error within it.
    pub const fn is_truncated(self) -> bool {
        matches!(
            self,
            Damage::PngCut
                | Damage::JpegCut
                | Damage::PdfCut
                | Damage::PdfShort
                | Damage::ZipCut
                | Damage::OleCut
        )
    }

    /// Returns a description in English.
    pub const fn label(self) -> &'static str {
        self.words().0
    }

    /// Returns a description in Russian.
    pub const fn label_ru(self) -> &'static str {
        self.words().1
    }

    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Damage::PngCut => ("the PNG picture has no end (IEND)", "у изображения PNG нет конца (IEND)"),
            Damage::PngHeader => (
                "the PNG picture has no valid header (IHDR)",
                "у изображения PNG нет верного заголовка (IHDR)",
            ),
            Damage::PngNoPicture => {
                ("the PNG file holds no picture data", "в файле PNG нет данных изображения")
            }
            Damage::PngChunk => {
                ("the PNG picture has an impossible chunk", "в изображении PNG есть невозможный блок")
            }
            Damage::PngChecksum => (
                "a checksum in the PNG picture does not match",
                "контрольная сумма в изображении PNG не сходится",
            ),
            Damage::JpegCut => ("the JPEG picture has no end (EOI)", "у изображения JPEG нет конца (EOI)"),
            Damage::JpegNoPicture => {
                ("the JPEG file holds no picture data", "в файле JPEG нет данных изображения")
            }
            Damage::JpegSegment => {
                ("the JPEG picture has an impossible segment", "в изображении JPEG есть невозможный сегмент")
            }
            Damage::PdfCut => ("the PDF document has no end (%%EOF)", "у документа PDF нет конца (%%EOF)"),
            Damage::PdfShort => {
                ("the PDF document is shorter than it says", "документ PDF короче, чем сказано в нём самом")
            }
            Damage::PdfNoXref => (
                "the PDF document has no pointer to its contents (startxref)",
                "в документе PDF нет указателя на содержание (startxref)",
            ),
            Damage::ZipCut => {
                ("the document's table of contents at its end is missing", "нет оглавления в конце документа")
            }
            Damage::ZipDirectory => (
                "the document's table of contents does not match its parts",
                "оглавление документа не соответствует его частям",
            ),
            Damage::ZipTooManyParts => (
                "the document consists of too many parts",
                "документ состоит из слишком большого числа частей",
            ),
            Damage::ZipPart => {
                ("a part of the document cannot be unpacked", "часть документа не распаковывается")
            }
            Damage::OleCut => {
                ("parts of the document lie beyond the file's end", "части документа лежат за концом файла")
            }
            Damage::OleStructure => (
                "the document's inner tables contradict each other",
                "внутренние таблицы документа противоречивы",
            ),
        }
    }
}

/// Why reading a structure stopped: the file is damaged, or it could not be read.
#[derive(Debug)]
pub(super) enum Stop {
    Io(io::Error),
    Damage(Damage),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Stop::Io(error)
    }
}

impl From<Damage> for Stop {
    fn from(damage: Damage) -> Self {
        Stop::Damage(damage)
    }
}

/// Separates damage from read errors. An unexpected end of the file is reported as `cut`.
pub(super) fn verdict<T>(outcome: Result<T, Stop>, cut: Damage) -> io::Result<Result<T, Damage>> {
    match outcome {
        Ok(value) => Ok(Ok(value)),
        Err(Stop::Damage(damage)) => Ok(Err(damage)),
        Err(Stop::Io(error)) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(Err(cut)),
        Err(Stop::Io(error)) => Err(error),
    }
}
