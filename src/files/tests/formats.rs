//! Detected kinds; truncated and modified files are not accepted as complete.

use std::io::Cursor;
use std::sync::LazyLock;

use proptest::prelude::*;

use crate::samples::*;
use crate::*;
use appeal_domain::AttachmentPolicy;

fn look(bytes: &[u8]) -> Inspected {
    inspect(Cursor::new(bytes)).unwrap()
}

/// Returns the codes of the findings for these bytes under this name.
fn found(name: &str, bytes: &[u8]) -> Vec<&'static str> {
    judge(name, &look(bytes), &AttachmentPolicy::default()).into_iter().map(|f| f.code).collect()
}

/// Returns the code of the only finding and the detected content.
fn actual(name: &str, bytes: &[u8]) -> (String, String) {
    let findings = judge(name, &look(bytes), &AttachmentPolicy::default());
    assert_eq!(findings.len(), 1, "{name}: {findings:?}");
    (findings[0].code.to_owned(), findings[0].args.get("actual").cloned().unwrap_or_default())
}

fn utf16(text: &str, mark: bool) -> Vec<u8> {
    let units = mark.then_some(0xfeff).into_iter().chain(text.encode_utf16());
    units.flat_map(u16::to_le_bytes).collect()
}

fn accepted() -> Vec<(&'static str, Vec<u8>)> {
    let interlaced = png_of(&[ihdr(1, 1), idat(), chunk(b"IEND", b"")]);
    let animated = png_of(&[
        ihdr(1, 0),
        chunk(b"acTL", &[0, 0, 0, 1, 0, 0, 0, 0]),
        chunk(b"fcTL", &[0; 26]),
        idat(),
        chunk(b"fdAT", b"\0\0\0\x01more"),
        chunk(b"IEND", b""),
    ]);
    let first = pdf();
    let object = "5 0 obj\n<< >>\nendobj\n";
    let table = first.len() + object.len();
    let update = format!(
        "{object}xref\n5 1\n0000000500 00000 n \ntrailer\n<< /Root 1 0 R /Prev 1 >>\nstartxref\n{table}\n%%EOF\r\n"
    );
    let updated = [&first[..], update.as_bytes()].concat();
    // Some writers omit the padding of the last sector: 10 200 bytes need 472 of the last 512.
    let mut unpadded = ole(&[("WordDocument", &word_stream(10_200, 0))], cfb::Version::V3);
    unpadded.truncate(unpadded.len() - 40);
    vec![
        ("unpadded.doc", unpadded),
        ("план.png", png()),
        ("interlaced.PNG", interlaced),
        ("animated.png", animated),
        ("яма на дороге.jpg", jpeg()),
        ("photo.JPEG", jpeg()),
        ("mpf.jpg", [jpeg(), jpeg()].concat()),
        ("padded.jpg", [jpeg(), vec![0; 4096]].concat()),
        ("договор.PDF", pdf()),
        ("linearized.pdf", linearized_pdf()),
        ("updated.pdf", updated),
        ("prefixed.pdf", [vec![b'\n'; 1000], pdf()].concat()),
        ("padded.pdf", [pdf(), vec![0; 70_000]].concat()),
        ("no newline.pdf", pdf().trim_ascii_end().to_vec()),
        ("заявление.docx", docx()),
        ("zip64.docx", docx_zip64()),
        ("streamed.docx", docx_streamed()),
        ("padded.DOCX", [docx(), vec![0; 100_000]].concat()),
        ("справка.doc", doc()),
        ("v4.Doc", ole(&[("WordDocument", &word_stream(9000, 0))], cfb::Version::V4)),
        ("short.doc", ole(&[("WordDocument", &word_stream(90, 0))], cfb::Version::V3)),
        ("big.doc", ole(&[("WordDocument", &word_stream(8_000_000, 0))], cfb::Version::V3)),
        (
            "with a table.doc",
            ole(
                &[("ObjectPool/_1/Workbook", &[1; 5000]), ("WordDocument", &word_stream(5000, 0))],
                cfb::Version::V3,
            ),
        ),
    ]
}

#[test]
fn sound_files_pass() {
    for (name, bytes) in accepted() {
        assert_eq!(found(name, &bytes), Vec::<&str>::new(), "{name}: {:?}", look(&bytes));
    }
}

#[test]
fn other_parts_of_a_word_document_may_be_named_otherwise() {
    let types = WORD_TYPES.replace("/word/document.xml", "/word/document2.xml");
    let named =
        |part: &'static str| zip_of(&[("[Content_Types].xml", types.as_bytes()), (part, b"<w:document/>")]);
    assert_eq!(found("a.docx", &named("word/document2.xml")), Vec::<&str>::new());
    assert_eq!(found("a.docx", &named("word/document3.xml")), ["file-damaged"], "the main part is not there");
}

#[test]
fn programs_are_recognised_under_any_name() {
    let exe = [b"MZ\x90\0".to_vec(), vec![0; 60], b"PE\0\0".to_vec(), pdf()].concat();
    for (bytes, what) in [
        (exe, "a Windows program (EXE)"),
        (b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0>\0".to_vec(), "a Linux program (ELF)"),
        (b"\xcf\xfa\xed\xfe\x07\0\0\x01".to_vec(), "a macOS program (Mach-O)"),
        (b"\xca\xfe\xba\xbe\0\0\0\x02".to_vec(), "a macOS program (Mach-O)"),
        (b"\xca\xfe\xba\xbe\0\0\0\x34".to_vec(), "a compiled Java class"),
        (b"#!/bin/sh\n# %PDF-1.4\nexit\n".to_vec(), "a script"),
        (b"@ECHO OFF\r\n".to_vec(), "a script"),
    ] {
        for name in ["a.pdf", "a.jpg", "a.png", "a.doc", "a.docx"] {
            assert_eq!(actual(name, &bytes), ("file-content-mismatch".into(), what.into()), "{name}");
        }
    }
}

#[test]
fn web_pages_are_recognised_in_every_guise() {
    let page = "<!DOCTYPE html>\n<html><body>404 %PDF-1.4</body></html>";
    for bytes in [
        page.as_bytes().to_vec(),
        format!("\u{feff}{page}").into_bytes(),
        format!("{}{page}", " \r\n\t".repeat(2000)).into_bytes(),
        format!("<!-- saved -->\n<?xml version='1.0'?>\n<!-- again -->{page}").into_bytes(),
        b"<HTML><head></head></HTML>".to_vec(),
        b"<html>\xcf\xf0\xe8\xe2\xe5\xf2\x98\x01".to_vec(),
        b"<table border=1><tr><td>1</table>".to_vec(),
        utf16(page, true),
        utf16(page, false),
        utf16(page, true).chunks(2).flat_map(|u| [u[1], u[0]]).collect(),
    ] {
        for name in ["a.jpg", "a.pdf", "a.doc"] {
            assert_eq!(
                actual(name, &bytes),
                ("file-content-mismatch".into(), "a web page (HTML)".into()),
                "{:?}",
                String::from_utf8_lossy(&bytes[..bytes.len().min(40)])
            );
        }
    }
}

#[test]
fn content_that_contradicts_the_name_is_named() {
    let types =
        |main: &str| format!("<Types><Override PartName=\"/x\" ContentType=\"application/{main}\"/></Types>");
    let office = |main: &str| zip_of(&[("[Content_Types].xml", types(main).as_bytes()), ("x", b"1")]);
    let xlsx = office("vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml");
    let pptx = office("vnd.openxmlformats-officedocument.presentationml.presentation.main+xml");
    let docm = office("vnd.ms-word.document.macroEnabled.main+xml");
    let odt = zip_of(&[("mimetype", b"application/vnd.oasis.opendocument.text"), ("content.xml", b"<a/>")]);
    let jar = zip_of(&[("META-INF/MANIFEST.MF", b"Manifest-Version: 1.0\n"), ("A.class", b"1")]);
    let plain = zip_of(&[("заметка.txt", b"1")]);
    let v3 = cfb::Version::V3;
    let xls = ole(&[("Workbook", &[1; 5000]), ("MBD1/WordDocument", &[1; 5000])], v3);
    let mut msi = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    msi.set_storage_clsid("/", "000c1084-0000-0000-c000-000000000046".parse().unwrap()).unwrap();
    let msi = msi.into_inner().into_inner();
    for (name, bytes, what) in [
        ("a.jpg", png(), "a PNG picture"),
        ("a.png", jpeg(), "a JPEG picture"),
        ("a.docx", pdf(), "a PDF document"),
        ("a.pdf", docx(), "a Word document (DOCX)"),
        ("a.docx", xlsx, "an Excel spreadsheet (XLSX)"),
        ("a.docx", pptx, "a PowerPoint presentation (PPTX)"),
        ("a.docx", docm, "a Word document with macros (DOCM)"),
        ("a.docx", odt, "an OpenDocument text (ODT)"),
        ("a.docx", jar, "a Java program (JAR)"),
        ("a.docx", plain, "a ZIP archive"),
        ("a.docx", zip_of(&[]), "a ZIP archive"),
        ("a.docx", doc(), "a Word 97–2003 document (DOC)"),
        ("a.doc", docx(), "a Word document (DOCX)"),
        ("a.doc", xls, "an Excel 97–2003 spreadsheet (XLS)"),
        ("a.doc", msi, "a Windows installer (MSI)"),
        ("a.doc", b"{\\rtf1\\ansi Hello}".to_vec(), "a rich text document (RTF)"),
        ("a.jpg", b"GIF89a\x01\0\x01\0\0\0\0;".to_vec(), "a picture (GIF)"),
        ("a.png", b"RIFF\x24\0\0\0WEBPVP8 ".to_vec(), "a picture (WEBP)"),
        ("a.pdf", "Просто текст".as_bytes().to_vec(), "plain text"),
        ("a.docx", b"<?xml version=\"1.0\"?><a/>".to_vec(), "an XML file"),
        ("a.pdf", b"Rar!\x1a\x07\x01\0".to_vec(), "an archive (RAR)"),
        ("a.png", vec![1, 2, 3, 4], "data of an unknown kind"),
    ] {
        assert_eq!(actual(name, &bytes), ("file-content-mismatch".into(), what.into()), "{name}");
    }
}

#[test]
fn cut_files_say_what_is_missing() {
    let big = docx_sized(200_000);
    for (name, bytes, code) in [
        ("a.png", png()[..60].to_vec(), "file-truncated"),
        ("a.jpg", jpeg()[..jpeg().len() - 2].to_vec(), "file-truncated"),
        ("a.pdf", pdf()[..200].to_vec(), "file-truncated"),
        ("a.pdf", linearized_pdf()[..400].to_vec(), "file-truncated"),
        ("a.docx", big[..100_000].to_vec(), "file-truncated"),
        ("a.docx", docx()[..20].to_vec(), "file-truncated"),
        ("a.doc", doc()[..doc().len() - 1].to_vec(), "file-truncated"),
        ("a.doc", doc()[..512].to_vec(), "file-truncated"),
    ] {
        assert_eq!(found(name, &bytes), [code], "{name}: {:?}", look(&bytes));
    }
}

#[test]
fn damaged_files_say_what_is_wrong() {
    let mut sum = png();
    let last = sum.len() - 20;
    sum[last] ^= 1;
    let mut part = docx_sized(50_000);
    part[20_000] ^= 1;
    let mut shared = doc();
    // The second stream of the directory starts at the same sector as the first.
    let names: Vec<usize> = (0..shared.len() / 128)
        .map(|i| i * 128)
        .filter(|i| shared[i + 66] == 2 && shared[i + 121] >= 16)
        .collect();
    let start = shared[names[0] + 116..names[0] + 120].to_vec();
    shared[names[1] + 116..names[1] + 120].copy_from_slice(&start);
    let no_xref = String::from_utf8_lossy(&pdf()).replace("startxref", "startxxxx").into_bytes();
    for (name, bytes) in [
        ("a.png", sum),
        ("a.png", png_of(&[idat(), ihdr(1, 0), chunk(b"IEND", b"")])),
        ("a.png", png_of(&[ihdr(0, 0), idat(), chunk(b"IEND", b"")])),
        ("a.png", png_of(&[ihdr(1, 0), chunk(b"IEND", b"")])),
        ("a.jpg", vec![0xff, 0xd8, 0xff, 0xd9]),
        ("a.jpg", vec![0xff, 0xd8, 0xff, 0xe0, 0, 1, 0xff, 0xd9]),
        ("a.pdf", no_xref),
        ("a.docx", part),
        ("a.doc", shared),
    ] {
        assert_eq!(found(name, &bytes), ["file-damaged"], "{name}: {:?}", look(&bytes));
    }
}

#[test]
fn an_archive_of_countless_parts_is_not_taken_in() {
    let names: Vec<String> = (0..=MAX_ZIP_PARTS).map(|n| format!("word/{n}")).collect();
    let parts: Vec<(&str, &[u8])> = names.iter().map(|n| (n.as_str(), &b""[..])).collect();
    let inspected = look(&zip_of(&parts));
    assert_eq!(inspected.intact, Err(Damage::ZipTooManyParts));
}

#[test]
fn a_container_that_lists_its_own_table_for_ever_ends() {
    let mut bytes = doc();
    let table = u32::from_le_bytes(bytes[76..80].try_into().unwrap());
    let at = 512 * (table as usize + 1);
    // Every sector is its own successor.
    for n in 0..128u32 {
        bytes[at + 4 * n as usize..][..4].copy_from_slice(&n.to_le_bytes());
    }
    assert_eq!(look(&bytes).intact, Err(Damage::OleStructure));
}

#[test]
fn what_is_stored_must_be_what_was_received() {
    let mut inspector = Inspector::new();
    inspector.update(b"123");
    assert!(inspector.finish(Cursor::new(b"12")).is_err());
}

#[test]
fn labels_and_types_are_there_in_both_languages() {
    for (_, bytes) in accepted() {
        let sniffed = look(&bytes).sniffed;
        assert!(sniffed.label_ru().chars().any(|c| ('а'..='я').contains(&c)));
        assert_ne!(sniffed.media_type(), "application/octet-stream");
        let stored = serde_json::to_string(&look(&bytes)).unwrap();
        assert_eq!(serde_json::from_str::<Inspected>(&stored).unwrap(), look(&bytes));
    }
}

proptest! {
    #[test]
    fn a_cut_file_is_never_taken_for_whole(sample in 0..8usize, at in any::<prop::sample::Index>()) {
        let (name, bytes) = match sample {
            0 => ("a.png", png()),
            1 => ("a.jpg", jpeg()),
            2 => ("a.pdf", pdf().trim_ascii_end().to_vec()),
            3 => ("a.pdf", linearized_pdf().trim_ascii_end().to_vec()),
            4 => ("a.docx", docx()),
            5 => ("a.docx", docx_streamed()),
            6 => ("a.docx", docx_zip64()),
            _ => ("a.doc", doc()),
        };
        let cut = at.index(bytes.len());
        prop_assert!(!found(name, &bytes[..cut]).is_empty(), "{} cut to {} of {}", name, cut, bytes.len());
    }

    #[test]
    fn a_changed_byte_of_a_png_is_always_seen(at in any::<prop::sample::Index>(), by in 1..=255u8) {
        let mut bytes = png();
        let at = at.index(bytes.len());
        bytes[at] ^= by;
        prop_assert!(!found("a.png", &bytes).is_empty());
    }

    #[test]
    fn any_bytes_get_a_verdict(start in 0..6usize, bytes in prop::collection::vec(any::<u8>(), 0..3000)) {
        let heads: [&[u8]; 6] = [
            b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"%PDF-", b"PK\x03\x04",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        ];
        let inspected = look(&[heads[start], &bytes].concat());
        prop_assert_eq!(inspected.size, (heads[start].len() + bytes.len()) as u64);
    }

    #[test]
    fn any_change_of_a_valid_file_gets_a_verdict(
        sample in 0..6usize,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
    ) {
        let mut bytes = [png(), jpeg(), linearized_pdf(), docx(), docx_zip64(), doc()][sample].clone();
        let length = bytes.len();
        for (at, byte) in changes {
            // Containers have their tables at the end.
            bytes[at.index(length)] = byte;
            let near_end = length - 1 - at.index(200.min(length));
            bytes[near_end] = byte;
        }
        look(&bytes);
    }

    #[test]
    fn chunking_makes_no_difference(sample in 0..25usize, cuts in prop::collection::vec(1..5000usize, 1..40)) {
        static ALL: LazyLock<Vec<(&str, Vec<u8>)>> = LazyLock::new(accepted);
        let bytes = &ALL[sample % ALL.len()].1;
        let mut inspector = Inspector::new();
        let mut rest = &bytes[..];
        for size in cuts.iter().cycle() {
            let (chunk, left) = rest.split_at((*size).min(rest.len()));
            inspector.update(chunk);
            rest = left;
            if rest.is_empty() { break; }
        }
        prop_assert_eq!(inspector.finish(Cursor::new(bytes)).unwrap(), look(bytes));
    }
}
