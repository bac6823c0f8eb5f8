//! Damage, protection and oddities of files of a recognised kind.

use std::io;

use serde::{Deserialize, Serialize};

/// Why a file cannot be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Damage {
    /// PNG: the chunks end before `IEND`.
    PngCut,
    /// PNG: the first chunk is not a valid `IHDR`.
    PngHeader,
    /// PNG: the compressed pixels cannot be unpacked, or some are missing.
    PngData,
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
    /// PDF: nothing in it names the root of the document.
    PdfStructure,
    /// PDF: the root of the document does not lead to a page.
    PdfNoPages,
    /// PDF: opens only with a password.
    PdfPassword,
    /// PDF: encrypted for certificates, or by a method of its own.
    PdfCertificate,
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
    /// ZIP: a part is encrypted with a password.
    ZipPassword,
    /// OLE: a sector lies beyond the end of the file.
    OleCut,
    /// OLE: the header, a sector table or the directory is inconsistent.
    OleStructure,
    /// DOC: the main stream does not begin as Word writes it.
    DocHeader,
    /// DOC: opens only with a password.
    DocPassword,
}

/// How a file that cannot be opened by everybody is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protection {
    Password,
    Certificate,
}

impl Protection {
    /// Returns the name used as an argument of the message.
    pub const fn name(self) -> &'static str {
        match self {
            Protection::Password => "password",
            Protection::Certificate => "certificate",
        }
    }
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

    /// Returns how the file is protected, if that is why it cannot be opened.
    pub const fn protection(self) -> Option<Protection> {
        match self {
            Damage::PdfPassword | Damage::ZipPassword | Damage::DocPassword => Some(Protection::Password),
            Damage::PdfCertificate => Some(Protection::Certificate),
            _ => None,
        }
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
            Damage::PngData => (
                "the pixels of the PNG picture cannot be unpacked or are incomplete",
                "точки изображения PNG не распаковываются или есть не все",
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
            Damage::PdfStructure => (
                "the PDF document has no table of contents that leads to its pages",
                "в документе PDF нет оглавления, ведущего к страницам",
            ),
            Damage::PdfNoPages => ("the PDF document has no pages", "в документе PDF нет страниц"),
            Damage::PdfPassword | Damage::ZipPassword | Damage::DocPassword => {
                ("the document is protected by a password", "документ защищён паролем")
            }
            Damage::PdfCertificate => (
                "the document is encrypted for the holders of certain certificates",
                "документ зашифрован для владельцев определённых сертификатов",
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
            Damage::DocHeader => (
                "the document does not begin as a Word document does",
                "документ начинается не так, как документ Word",
            ),
        }
    }
}

/// What is unusual in a file that readers open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Oddity {
    /// PNG: every pixel is there, but no `IEND`.
    PngNoEnd,
    /// PNG: the checksum of a chunk without pixels does not match.
    PngChecksum,
    /// PNG: data after `IEND`.
    PngBehind,
    /// JPEG: every pixel is there, but no end-of-image marker.
    JpegNoEnd,
    /// JPEG: data after the end that is no picture.
    JpegBehind,
    /// PDF: data before the header.
    PdfBefore,
    /// PDF: data after `%%EOF`.
    PdfBehind,
    /// PDF: no `%%EOF`.
    PdfNoEnd,
    /// PDF: the length differs from the one stated in the linearization dictionary.
    PdfLength,
    /// PDF: `startxref` points to something else.
    PdfPointer,
    /// ZIP: part names with backslashes.
    ZipBackslashes,
    /// OLE: stream names in unusual case.
    OleNames,
}

impl Oddity {
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
            Oddity::PngNoEnd => (
                "the PNG picture is complete but has no end mark (IEND)",
                "изображение PNG полное, но без отметки конца (IEND)",
            ),
            Oddity::PngChecksum => (
                "a checksum outside the pixels of the PNG picture does not match",
                "в изображении PNG не сходится контрольная сумма, не относящаяся к точкам",
            ),
            Oddity::PngBehind => {
                ("other data follows the PNG picture", "после изображения PNG идут другие данные")
            }
            Oddity::JpegNoEnd => (
                "the JPEG picture is complete but has no end mark (EOI)",
                "изображение JPEG полное, но без отметки конца (EOI)",
            ),
            Oddity::JpegBehind => {
                ("other data follows the JPEG picture", "после изображения JPEG идут другие данные")
            }
            Oddity::PdfBefore => {
                ("other data precedes the PDF document", "перед документом PDF идут другие данные")
            }
            Oddity::PdfBehind => {
                ("other data follows the PDF document", "после документа PDF идут другие данные")
            }
            Oddity::PdfNoEnd => (
                "the PDF document is complete but has no end mark (%%EOF)",
                "документ PDF полный, но без отметки конца (%%EOF)",
            ),
            Oddity::PdfLength => (
                "the PDF document states another length than it has",
                "в документе PDF указана не та длина, которую он имеет",
            ),
            Oddity::PdfPointer => (
                "the pointer to the contents of the PDF document (startxref) is wrong, and readers repair it",
                "указатель на содержание документа PDF (startxref) неверен, программы его исправляют",
            ),
            Oddity::ZipBackslashes => (
                "the document names its parts with backslashes",
                "в именах частей документа стоит обратная косая черта",
            ),
            Oddity::OleNames => (
                "the document spells the names of its parts in an unusual case",
                "имена частей документа написаны в необычном регистре",
            ),
        }
    }
}

/// What is unusual in a file, or why it cannot be opened.
pub type Outcome = Result<Vec<Oddity>, Damage>;

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
