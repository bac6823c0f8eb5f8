//! Sample files for the tests, built byte by byte or with the crates that write these formats.

use std::io::{Cursor, Write};

use zip::CompressionMethod;
use zip::write::SimpleFileOptions;

pub const WORD_TYPES: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xlsx" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>"#;

const RELS: &str = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>"#;

const DOCUMENT: &str = r#"<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>Прошу отремонтировать дорогу.</w:t></w:r></w:p></w:body></w:document>"#;

/// One PNG chunk.
pub fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut out = u32::try_from(data.len()).unwrap().to_be_bytes().to_vec();
    out.extend_from_slice(kind);
    out.extend_from_slice(data);
    out.extend_from_slice(&crc32fast::hash(&out[4..]).to_be_bytes());
    out
}

pub fn png_of(chunks: &[Vec<u8>]) -> Vec<u8> {
    [b"\x89PNG\r\n\x1a\n".to_vec(), chunks.concat()].concat()
}

pub fn ihdr(width: u32, interlace: u8) -> Vec<u8> {
    chunk(b"IHDR", &[&width.to_be_bytes()[..], &1u32.to_be_bytes(), &[8, 0, 0, 0, interlace]].concat())
}

/// The zlib stream of one grey pixel, stored.
pub fn idat() -> Vec<u8> {
    chunk(b"IDAT", &[0x78, 0x01, 0x01, 0x02, 0x00, 0xfd, 0xff, 0x00, 0x80, 0x00, 0x82, 0x00, 0x81])
}

pub fn png() -> Vec<u8> {
    png_of(&[ihdr(1, 0), chunk(b"tEXt", b"Title\0road"), idat(), chunk(b"IEND", b"")])
}

fn segment(marker: u8, data: &[u8]) -> Vec<u8> {
    let size = u16::try_from(data.len() + 2).unwrap().to_be_bytes();
    [&[0xff, marker][..], &size, data].concat()
}

/// A progressive image of two scans, with a thumbnail in its EXIF segment, restart markers and stuffed bytes.
pub fn jpeg() -> Vec<u8> {
    let thumbnail = [&b"Exif\0\0"[..], &[0xff, 0xd8, 0xff, 0xda, 0, 2, 1, 2, 3, 0xff, 0xd9]].concat();
    let frame = [8, 0, 8, 0, 8, 1, 1, 0x11, 0];
    let scan = [1, 1, 0, 0, 0, 0];
    [
        vec![0xff, 0xd8],
        segment(0xe0, b"JFIF\0\x01\x02\0\0\x01\0\x01\0\0"),
        segment(0xe1, &thumbnail),
        segment(0xdb, &[1; 65]),
        segment(0xc2, &frame),
        segment(0xc4, &[0; 20]),
        segment(0xda, &scan),
        vec![0x12, 0xff, 0x00, 0x34, 0xff, 0xd0, 0x56, 0x78],
        segment(0xc4, &[0; 20]),
        segment(0xda, &scan),
        vec![0x9a, 0xff, 0x00, 0xbc, 0xff, 0xff, 0xd9],
    ]
    .concat()
}

/// A baseline image of 32 × 32 grey pixels: 16 blocks of two bits in the four bytes before its end.
pub fn baseline_jpeg() -> Vec<u8> {
    let table = |class: u8| [&[class, 1][..], &[0; 16]].concat();
    [
        vec![0xff, 0xd8],
        segment(0xdb, &[&[0][..], &[16; 64]].concat()),
        segment(0xc0, &[8, 0, 32, 0, 32, 1, 1, 0x11, 0]),
        segment(0xc4, &table(0)),
        segment(0xc4, &table(0x10)),
        segment(0xda, &[1, 1, 0, 0, 63, 0]),
        vec![0; 4],
        vec![0xff, 0xd9],
    ]
    .concat()
}

/// An empty page, and `filler` bytes in a stream.
pub fn pdf_with(filler: usize) -> Vec<u8> {
    pdf_of(filler, 0, "")
}

/// As [`pdf_with`], to be preceded by `shift` bytes, with further entries in its trailer.
fn pdf_of(filler: usize, shift: usize, entries: &str) -> Vec<u8> {
    let objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents 4 0 R >>".to_vec(),
        [
            format!("<< /Length {filler} >>\nstream\n").into_bytes(),
            vec![b'%'; filler],
            b"\nendstream".to_vec(),
        ]
        .concat(),
    ];
    let mut out = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n".to_vec();
    let mut offsets = Vec::new();
    for (n, object) in objects.iter().enumerate() {
        offsets.push(out.len() + shift);
        out.extend_from_slice(format!("{} 0 obj\n", n + 1).as_bytes());
        out.extend_from_slice(object);
        out.extend_from_slice(b"\nendobj\n");
    }
    let xref = out.len() + shift;
    out.extend_from_slice(b"xref\n0 5\n0000000000 65535 f \n");
    for offset in offsets {
        out.extend_from_slice(format!("{offset:010} 00000 n \n").as_bytes());
    }
    out.extend_from_slice(
        format!("trailer\n<< /Size 5 /Root 1 0 R {entries}>>\nstartxref\n{xref}\n%%EOF\n").as_bytes(),
    );
    out
}

pub fn pdf() -> Vec<u8> {
    pdf_with(100)
}

/// A linearized file with an early `%%EOF`, stating its own length.
pub fn linearized_pdf() -> Vec<u8> {
    let head = |length: usize| {
        format!(
            "%PDF-1.4\n5 0 obj\n<< /Linearized 1 /L {length:010} /H [ 500 40 ] /O 3 /E 900 /N 1 /T 800 >>\nendobj\nxref\n5 1\n0000000009 00000 n \ntrailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n0\n%%EOF\n"
        )
    };
    let version = b"%PDF-1.4\n";
    let body = pdf_of(9000, head(0).len() - version.len(), "");
    let rest = body.strip_prefix(version).unwrap();
    [head(head(0).len() + rest.len()).as_bytes(), rest].concat()
}

/// An encrypted file: entries of its encryption dictionary.
pub fn locked_pdf(encryption: &str) -> Vec<u8> {
    pdf_of(100, 0, &format!("/ID [<31415926535897932384626433832795> <00>] /Encrypt << {encryption} >> "))
}

fn zip_with(parts: &[(&str, &[u8])], options: SimpleFileOptions) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        writer.start_file(*name, options).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

pub fn zip_of(parts: &[(&str, &[u8])]) -> Vec<u8> {
    zip_with(parts, SimpleFileOptions::default())
}

fn docx_parts(filler: &[u8]) -> Vec<(&str, &[u8])> {
    let mut parts: Vec<(&str, &[u8])> = vec![
        ("[Content_Types].xml", WORD_TYPES.as_bytes()),
        ("_rels/.rels", RELS.as_bytes()),
        ("word/document.xml", DOCUMENT.as_bytes()),
    ];
    if !filler.is_empty() {
        parts.push(("word/media/image1.bin", filler));
    }
    parts
}

pub fn docx() -> Vec<u8> {
    zip_of(&docx_parts(b""))
}

/// A document whose parts have ZIP64 sizes.
pub fn docx_zip64() -> Vec<u8> {
    zip_with(&docx_parts(b""), SimpleFileOptions::default().large_file(true))
}

/// A document with sizes in data descriptors after each part, as written without seeking.
pub fn docx_streamed() -> Vec<u8> {
    let mut out = Vec::new();
    let mut writer = zip::ZipWriter::new_stream(&mut out);
    for (name, content) in docx_parts(b"") {
        writer.start_file(name, SimpleFileOptions::default()).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap();
    out
}

/// A document of exactly `size` bytes.
pub fn docx_sized(size: usize) -> Vec<u8> {
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let overhead = zip_with(&docx_parts(b"x"), stored).len() - 1;
    zip_with(&docx_parts(&vec![0x5a; size - overhead]), stored)
}

/// An OLE container with these streams; a `/` in a name creates a storage.
pub fn ole(streams: &[(&str, &[u8])], version: cfb::Version) -> Vec<u8> {
    let mut file = cfb::CompoundFile::create_with_version(version, Cursor::new(Vec::new())).unwrap();
    for (name, content) in streams {
        if let Some((storage, _)) = name.rsplit_once('/') {
            file.create_storage_all(format!("/{storage}")).unwrap();
        }
        file.create_stream(format!("/{name}")).unwrap().write_all(content).unwrap();
    }
    file.flush().unwrap();
    file.into_inner().into_inner()
}

/// The main stream of a Word document, with the flags at the start of its header.
pub fn word_stream(size: usize, flags: u16) -> Vec<u8> {
    let mut stream = vec![0xec; size];
    stream[..12].copy_from_slice(&[0xec, 0xa5, 0xc1, 0, 0x4d, 0x90, 0x09, 0x04, 0, 0, 0, 0]);
    stream[10..12].copy_from_slice(&flags.to_le_bytes());
    stream
}

/// Three long streams and a short one. The last sector is the end of a stream that fills it completely.
pub fn doc() -> Vec<u8> {
    ole(
        &[
            ("\u{5}SummaryInformation", &[7; 300]),
            ("1Table", &[2; 8192]),
            ("Data", &[4; 5000]),
            ("WordDocument", &word_stream(10_240, 0)),
        ],
        cfb::Version::V3,
    )
}
