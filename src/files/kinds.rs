//! The recognised kinds of content and their labels.

use serde::{Deserialize, Serialize};

/// The kind of a file, detected from its content alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sniffed {
    /// No bytes.
    Empty,
    Pdf,
    Jpeg,
    Png,
    /// A binary Word document (Word 97–2003): an OLE container with a `WordDocument` stream.
    OleDoc,
    /// Another OLE container.
    OleOther(OleKind),
    /// An Office Open XML text document without macros.
    Docx,
    /// Another ZIP container.
    OtherZip(ZipKind),
    Rtf,
    Executable(ExecutableKind),
    Html,
    /// A web page with its pictures in one file, as office programs save it.
    Mhtml,
    Xml,
    /// Plain text in UTF-8 or UTF-16.
    Text,
    /// Another image, with the usual extension of its format.
    Image(String),
    /// Another archive or compressed file, with the usual extension of its format.
    Archive(String),
    /// Audio or video, with the usual extension of its format.
    Media(String),
    /// Another known format, with its usual extension.
    Other(String),
    Unknown,
}

/// The content of an OLE container that is not a Word document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OleKind {
    Excel,
    PowerPoint,
    Outlook,
    Visio,
    Publisher,
    Installer,
    /// A newer Office document protected by a password (`EncryptedPackage`).
    Encrypted,
    Unknown,
}

/// The content of a ZIP container that is not a DOCX.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ZipKind {
    Xlsx,
    Pptx,
    /// A Word document with macros.
    Docm,
    /// A Word template.
    Dotx,
    Odt,
    Ods,
    Odp,
    Epub,
    Jar,
    Apk,
    /// Nothing recognised: an ordinary archive.
    Plain,
}

/// The kind of an executable file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExecutableKind {
    Windows,
    Elf,
    MachO,
    Script,
    Java,
    Dex,
    Wasm,
    Shortcut,
}

impl Sniffed {
    /// Returns an English label that fits as the object of a sentence: `a PNG picture`.
    pub fn label(&self) -> String {
        self.words().0
    }

    /// Returns a Russian label in the nominative: `изображение PNG`.
    pub fn label_ru(&self) -> String {
        self.words().1
    }

    fn words(&self) -> (String, String) {
        let named = |en: &str, ru: &str, ext: &str| {
            let ext = ext.to_uppercase();
            (format!("{en} ({ext})"), format!("{ru} ({ext})"))
        };
        let (en, ru) = match self {
            Sniffed::Empty => ("an empty file", "пустой файл"),
            Sniffed::Pdf => ("a PDF document", "документ PDF"),
            Sniffed::Jpeg => ("a JPEG picture", "изображение JPEG"),
            Sniffed::Png => ("a PNG picture", "изображение PNG"),
            Sniffed::OleDoc => ("a Word 97–2003 document (DOC)", "документ Word 97–2003 (DOC)"),
            Sniffed::OleOther(kind) => kind.words(),
            Sniffed::Docx => ("a Word document (DOCX)", "документ Word (DOCX)"),
            Sniffed::OtherZip(kind) => kind.words(),
            Sniffed::Rtf => ("a rich text document (RTF)", "документ RTF"),
            Sniffed::Executable(kind) => kind.words(),
            Sniffed::Html => ("a web page (HTML)", "веб-страница (HTML)"),
            Sniffed::Mhtml => {
                ("a web page saved in one file (MHTML)", "веб-страница, сохранённая одним файлом (MHTML)")
            }
            Sniffed::Xml => ("an XML file", "файл XML"),
            Sniffed::Text => ("plain text", "простой текст"),
            Sniffed::Image(ext) => return named("a picture", "изображение", ext),
            Sniffed::Archive(ext) => return named("an archive", "архив", ext),
            Sniffed::Media(ext) => return named("sound or video", "звук или видео", ext),
            Sniffed::Other(ext) => return named("a file of another format", "файл другого формата", ext),
            Sniffed::Unknown => ("data of an unknown kind", "данные неизвестного вида"),
        };
        (en.to_owned(), ru.to_owned())
    }

    /// Returns the media type to store and to send.
    pub fn media_type(&self) -> &'static str {
        const OCTETS: &str = "application/octet-stream";
        match self {
            Sniffed::Pdf => "application/pdf",
            Sniffed::Jpeg => "image/jpeg",
            Sniffed::Png => "image/png",
            Sniffed::OleDoc => "application/msword",
            Sniffed::OleOther(kind) => kind.media_type(),
            Sniffed::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Sniffed::OtherZip(kind) => kind.media_type(),
            Sniffed::Rtf => "application/rtf",
            Sniffed::Executable(_) | Sniffed::Empty | Sniffed::Unknown => OCTETS,
            Sniffed::Html => "text/html",
            Sniffed::Mhtml => "multipart/related",
            Sniffed::Xml => "application/xml",
            Sniffed::Text => "text/plain",
            Sniffed::Image(ext) | Sniffed::Archive(ext) | Sniffed::Media(ext) | Sniffed::Other(ext) => {
                mime_guess::from_ext(ext).first_raw().unwrap_or(OCTETS)
            }
        }
    }

    /// Returns whether a file with this extension (lower case, no dot) may have this content. An unknown extension may
    /// have any content except an executable.
    pub fn fits(&self, extension: &str) -> bool {
        match extension {
            "pdf" => *self == Sniffed::Pdf,
            "jpg" | "jpeg" | "jpe" | "jfif" => *self == Sniffed::Jpeg,
            "png" | "apng" => *self == Sniffed::Png,
            "doc" => *self == Sniffed::OleDoc,
            "xls" => *self == Sniffed::OleOther(OleKind::Excel),
            "ppt" => *self == Sniffed::OleOther(OleKind::PowerPoint),
            "msg" => *self == Sniffed::OleOther(OleKind::Outlook),
            "docx" => *self == Sniffed::Docx,
            "docm" => *self == Sniffed::OtherZip(ZipKind::Docm),
            "xlsx" => *self == Sniffed::OtherZip(ZipKind::Xlsx),
            "pptx" => *self == Sniffed::OtherZip(ZipKind::Pptx),
            "odt" => *self == Sniffed::OtherZip(ZipKind::Odt),
            "ods" => *self == Sniffed::OtherZip(ZipKind::Ods),
            "odp" => *self == Sniffed::OtherZip(ZipKind::Odp),
            "epub" => *self == Sniffed::OtherZip(ZipKind::Epub),
            "zip" => matches!(self, Sniffed::OtherZip(_) | Sniffed::Docx),
            "rtf" => *self == Sniffed::Rtf,
            "txt" | "csv" | "md" | "json" | "log" => *self == Sniffed::Text,
            "html" | "htm" => *self == Sniffed::Html,
            "mht" | "mhtml" => *self == Sniffed::Mhtml,
            "xml" => matches!(self, Sniffed::Xml | Sniffed::Html),
            "gif" | "bmp" | "webp" | "heic" | "heif" | "avif" => {
                matches!(self, Sniffed::Image(ext) if ext == extension || (ext == "heif" && extension == "heic"))
            }
            "tif" | "tiff" => matches!(self, Sniffed::Image(ext) if ext == "tif"),
            "rar" | "7z" | "gz" => matches!(self, Sniffed::Archive(ext) if ext == extension),
            _ => !matches!(self, Sniffed::Executable(_)),
        }
    }

    /// Returns whether this is a container with unrecognised content of the type that the extension uses: a truncated
    /// file has often lost exactly the part that identifies it.
    pub(crate) fn may_have_been(&self, extension: &str) -> bool {
        match self {
            Sniffed::OtherZip(ZipKind::Plain) => {
                matches!(extension, "docx" | "docm" | "xlsx" | "pptx" | "odt" | "ods" | "odp" | "epub")
            }
            Sniffed::OleOther(OleKind::Unknown) => matches!(extension, "doc" | "xls" | "ppt" | "msg"),
            _ => false,
        }
    }
}

impl OleKind {
    const fn words(self) -> (&'static str, &'static str) {
        match self {
            OleKind::Excel => ("an Excel 97–2003 spreadsheet (XLS)", "таблица Excel 97–2003 (XLS)"),
            OleKind::PowerPoint => {
                ("a PowerPoint 97–2003 presentation (PPT)", "презентация PowerPoint 97–2003 (PPT)")
            }
            OleKind::Outlook => ("an Outlook message (MSG)", "письмо Outlook (MSG)"),
            OleKind::Visio => ("a Visio drawing (VSD)", "схема Visio (VSD)"),
            OleKind::Publisher => ("a Publisher document (PUB)", "публикация Publisher (PUB)"),
            OleKind::Installer => ("a Windows installer (MSI)", "установщик Windows (MSI)"),
            OleKind::Encrypted => {
                ("a password-protected Office document", "документ Office, защищённый паролем")
            }
            OleKind::Unknown => ("an OLE container of an unknown kind", "контейнер OLE неизвестного вида"),
        }
    }

    const fn media_type(self) -> &'static str {
        match self {
            OleKind::Excel => "application/vnd.ms-excel",
            OleKind::PowerPoint => "application/vnd.ms-powerpoint",
            OleKind::Outlook => "application/vnd.ms-outlook",
            OleKind::Visio => "application/vnd.visio",
            OleKind::Publisher => "application/vnd.ms-publisher",
            OleKind::Installer => "application/x-msi",
            OleKind::Encrypted | OleKind::Unknown => "application/x-ole-storage",
        }
    }
}

impl ZipKind {
    const fn words(self) -> (&'static str, &'static str) {
        match self {
            ZipKind::Xlsx => ("an Excel spreadsheet (XLSX)", "таблица Excel (XLSX)"),
            ZipKind::Pptx => ("a PowerPoint presentation (PPTX)", "презентация PowerPoint (PPTX)"),
            ZipKind::Docm => ("a Word document with macros (DOCM)", "документ Word с макросами (DOCM)"),
            ZipKind::Dotx => ("a Word template (DOTX)", "шаблон Word (DOTX)"),
            ZipKind::Odt => ("an OpenDocument text (ODT)", "текст OpenDocument (ODT)"),
            ZipKind::Ods => ("an OpenDocument spreadsheet (ODS)", "таблица OpenDocument (ODS)"),
            ZipKind::Odp => ("an OpenDocument presentation (ODP)", "презентация OpenDocument (ODP)"),
            ZipKind::Epub => ("an e-book (EPUB)", "электронная книга (EPUB)"),
            ZipKind::Jar => ("a Java program (JAR)", "программа на Java (JAR)"),
            ZipKind::Apk => ("an Android app (APK)", "приложение Android (APK)"),
            ZipKind::Plain => ("a ZIP archive", "архив ZIP"),
        }
    }

    const fn media_type(self) -> &'static str {
        match self {
            ZipKind::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            ZipKind::Pptx => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            ZipKind::Docm => "application/vnd.ms-word.document.macroenabled.12",
            ZipKind::Dotx => "application/vnd.openxmlformats-officedocument.wordprocessingml.template",
            ZipKind::Odt => "application/vnd.oasis.opendocument.text",
            ZipKind::Ods => "application/vnd.oasis.opendocument.spreadsheet",
            ZipKind::Odp => "application/vnd.oasis.opendocument.presentation",
            ZipKind::Epub => "application/epub+zip",
            ZipKind::Jar => "application/java-archive",
            ZipKind::Apk => "application/vnd.android.package-archive",
            ZipKind::Plain => "application/zip",
        }
    }
}

impl ExecutableKind {
    const fn words(self) -> (&'static str, &'static str) {
        match self {
            ExecutableKind::Windows => ("a Windows program (EXE)", "программа для Windows (EXE)"),
            ExecutableKind::Elf => ("a Linux program (ELF)", "программа для Linux (ELF)"),
            ExecutableKind::MachO => ("a macOS program (Mach-O)", "программа для macOS (Mach-O)"),
            ExecutableKind::Script => ("a script", "сценарий (скрипт)"),
            ExecutableKind::Java => ("a compiled Java class", "скомпилированный класс Java"),
            ExecutableKind::Dex => ("an Android program (DEX)", "программа для Android (DEX)"),
            ExecutableKind::Wasm => ("a WebAssembly program", "программа WebAssembly"),
            ExecutableKind::Shortcut => ("a Windows shortcut (LNK)", "ярлык Windows (LNK)"),
        }
    }
}
