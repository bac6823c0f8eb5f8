//! Valid and invalid files to attach, built byte by byte or with the crates that write these formats.

use std::io::{Cursor, Write};

use zip::CompressionMethod;
use zip::write::SimpleFileOptions;

/// The maximum file size.
pub const LARGEST: usize = 10_485_760;

/// A PNG of one grey pixel.
pub fn png() -> Vec<u8> {
    png_of(0)
}

/// A PNG of exactly `size` bytes.
pub fn png_sized(size: usize) -> Vec<u8> {
    let empty = png_of(1).len() - 1;
    png_of(size - empty)
}

fn png_of(filler: usize) -> Vec<u8> {
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    chunk(&mut out, b"IHDR", &[0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]);
    if filler > 0 {
        chunk(&mut out, b"prVt", &vec![b'.'; filler]);
    }
    // One row: no filter, one grey byte; a stored block in a zlib stream.
    chunk(&mut out, b"IDAT", &[0x78, 1, 1, 2, 0, 0xfd, 0xff, 0, 0x80, 0, 0x82, 0, 0x81]);
    chunk(&mut out, b"IEND", &[]);
    out
}

fn chunk(out: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    let mut body = kind.to_vec();
    body.extend_from_slice(data);
    out.extend_from_slice(&u32::try_from(data.len()).expect("a chunk").to_be_bytes());
    out.extend_from_slice(&body);
    out.extend_from_slice(&crc32fast::hash(&body).to_be_bytes());
}

/// A small baseline JPEG.
pub fn jpeg() -> Vec<u8> {
    jpeg_of(&[])
}

/// A JPEG of exactly `size` bytes, padded with comments.
pub fn jpeg_sized(size: usize) -> Vec<u8> {
    let mut left = size - jpeg().len();
    let mut comments = Vec::new();
    while left > 0 {
        // Marker and length take four bytes; the rest must never be too small for a comment.
        let part = if left <= 60_000 { left } else { 50_000 };
        comments.push(vec![b'c'; part - 4]);
        left -= part;
    }
    jpeg_of(&comments)
}

fn jpeg_of(comments: &[Vec<u8>]) -> Vec<u8> {
    let mut out = vec![0xff, 0xd8];
    let mut part = |marker: u8, data: &[u8]| {
        out.extend_from_slice(&[0xff, marker]);
        out.extend_from_slice(&u16::try_from(data.len() + 2).expect("a segment").to_be_bytes());
        out.extend_from_slice(data);
    };
    part(0xe0, b"JFIF\0\x01\x01\0\0\x48\0\x48\0\0");
    for comment in comments {
        part(0xfe, comment);
    }
    let mut table = vec![0];
    table.resize(65, 16);
    part(0xdb, &table);
    part(0xc0, &[8, 0, 8, 0, 8, 1, 1, 0x11, 0]);
    // A Huffman table with one code of one bit, for the DC and for the AC values.
    let mut huffman = vec![0, 1];
    huffman.resize(17, 0);
    huffman.push(0);
    part(0xc4, &huffman);
    huffman[0] = 0x10;
    part(0xc4, &huffman);
    part(0xda, &[1, 1, 0, 0, 63, 0]);
    out.extend_from_slice(&[0x3f, 0xff, 0xd9]);
    out
}

/// A PDF of one empty page.
pub fn pdf() -> Vec<u8> {
    pdf_of(40)
}

/// A PDF of exactly `size` bytes.
pub fn pdf_sized(size: usize) -> Vec<u8> {
    // The digits of the length and of the offset grow with the filler; a second pass corrects for them.
    let mut filler = size - pdf_of(0).len();
    for _ in 0..4 {
        let length = pdf_of(filler).len();
        if length == size {
            break;
        }
        filler = filler + size - length;
    }
    pdf_of(filler)
}

fn pdf_of(filler: usize) -> Vec<u8> {
    let mut out = b"%PDF-1.5\n%\xd0\xd1\xd2\xd3\n".to_vec();
    let mut offsets = Vec::new();
    let stream =
        [format!("<< /Length {filler} >>\nstream\n").as_bytes(), &vec![b' '; filler], b"\nendstream"]
            .concat();
    for (number, object) in [
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>".to_vec(),
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] /Contents 4 0 R >>".to_vec(),
        stream,
    ]
    .into_iter()
    .enumerate()
    {
        offsets.push(out.len());
        out.extend_from_slice(format!("{} 0 obj\n", number + 1).as_bytes());
        out.extend_from_slice(&object);
        out.extend_from_slice(b"\nendobj\n");
    }
    let table = out.len();
    out.extend_from_slice(b"xref\n0 5\n0000000000 65535 f \n");
    for offset in offsets {
        out.extend_from_slice(format!("{offset:010} 00000 n \n").as_bytes());
    }
    out.extend_from_slice(
        format!("trailer\n<< /Root 1 0 R /Size 5 >>\nstartxref\n{table}\n%%EOF\n").as_bytes(),
    );
    out
}

fn zipped(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        writer.start_file(*name, stored).expect("a part");
        writer.write_all(content).expect("a part's content");
    }
    writer.finish().expect("an archive").into_inner()
}

/// An archive that is not a document.
pub fn zip() -> Vec<u8> {
    zipped(&[("readme.txt", b"hello"), ("data/a.csv", b"1;2;3")])
}

fn office(main: &str, kind: &str, filler: &[u8]) -> Vec<u8> {
    let types = format!(
        r#"<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/{main}" ContentType="{kind}"/></Types>"#
    );
    let relations = format!(
        r#"<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="{main}"/></Relationships>"#
    );
    let body = r#"<?xml version="1.0" encoding="UTF-8"?><document/>"#;
    let mut parts: Vec<(&str, &[u8])> = vec![
        ("[Content_Types].xml", types.as_bytes()),
        ("_rels/.rels", relations.as_bytes()),
        (main, body.as_bytes()),
    ];
    if !filler.is_empty() {
        parts.push(("media/filler.bin", filler));
    }
    zipped(&parts)
}

const WORD: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml";
const SHEET: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml";

/// A DOCX.
pub fn docx() -> Vec<u8> {
    office("word/document.xml", WORD, &[])
}

/// A DOCX of exactly `size` bytes.
pub fn docx_sized(size: usize) -> Vec<u8> {
    let overhead = office("word/document.xml", WORD, b".").len() - 1;
    office("word/document.xml", WORD, &vec![b'.'; size - overhead])
}

/// A spreadsheet.
pub fn xlsx() -> Vec<u8> {
    office("xl/workbook.xml", SHEET, &[])
}

/// A DOC: an OLE container with the streams of Word.
pub fn doc() -> Vec<u8> {
    doc_of(8192)
}

/// A DOC of exactly `size` bytes, a multiple of its sectors of 512 bytes.
pub fn doc_sized(size: usize) -> Vec<u8> {
    let mut data = size - doc().len();
    for _ in 0..6 {
        let made = doc_of(data);
        if made.len() == size {
            return made;
        }
        data = data + size - made.len();
    }
    panic!("no DOC of {size} bytes");
}

fn doc_of(data: usize) -> Vec<u8> {
    let mut file = cfb::CompoundFile::create_with_version(cfb::Version::V3, Cursor::new(Vec::new()))
        .expect("an OLE container");
    // The header of the main stream: magic number, version, language, and no encryption.
    let mut main = vec![0; 8192];
    main[..8].copy_from_slice(&[0xec, 0xa5, 0xc1, 0, 0x4d, 0x90, 0x09, 0x04]);
    for (name, content) in [("/WordDocument", main), ("/1Table", vec![1; 8192]), ("/Data", vec![2; data])] {
        file.create_stream(name).expect("a stream").write_all(&content).expect("its content");
    }
    file.flush().expect("a whole container");
    file.into_inner().into_inner()
}

/// The beginning of a Windows program.
pub fn exe() -> Vec<u8> {
    let mut out = b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0\xb8\0\0\0\0\0\0\0\x40".to_vec();
    out.resize(0x3c, 0);
    out.extend_from_slice(&0x80u32.to_le_bytes());
    out.resize(0x80, 0);
    out.extend_from_slice(b"PE\0\0\x64\x86\x03\0");
    out.resize(4096, 0);
    out
}

/// A web page.
pub fn html() -> Vec<u8> {
    "<!DOCTYPE html>\n<html lang=\"ru\"><head><title>Ошибка 502</title></head><body>нет ответа</body></html>\n"
        .into()
}

/// The first half of a file.
pub fn half(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.truncate(bytes.len() / 2);
    bytes
}
