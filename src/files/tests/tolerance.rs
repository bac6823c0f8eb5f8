//! What readers open is accepted, with a warning where something is unusual; what they cannot open is refused.

use std::io::Cursor;

use crate::samples::*;
use crate::*;
use appeal_domain::{AttachmentPolicy, Finding};

fn findings(name: &str, bytes: &[u8]) -> Vec<Finding> {
    judge(name, &inspect(Cursor::new(bytes)).unwrap(), &AttachmentPolicy::default())
}

/// The codes of errors, and how files are protected.
fn refused(name: &str, bytes: &[u8]) -> String {
    let findings = findings(name, bytes);
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert!(findings[0].is_error(), "{findings:?}");
    match findings[0].code {
        "file-protected" => format!("file-protected {}", findings[0].args["what"]),
        code => code.to_owned(),
    }
}

#[track_caller]
fn is_accepted(name: &str, bytes: &[u8]) {
    assert_eq!(findings(name, bytes), []);
}

#[track_caller]
fn is_unusual(name: &str, bytes: &[u8], oddity: Oddity) {
    let findings = findings(name, bytes);
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert!(!findings[0].is_error(), "{findings:?}");
    assert_eq!(findings[0].args["what"], oddity.label());
}

fn replaced(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    let at = bytes.windows(from.len()).rposition(|w| w == from.as_bytes()).unwrap();
    [&bytes[..at], to.as_bytes(), &bytes[at + from.len()..]].concat()
}

/// `/O` and `/U` of one file each, encrypted with an owner's password alone or with a user's password too.
const OWNER_40: &str = "/Filter /Standard /Length 40 /O <c92422687facee686e373f10b5c7d04738053152f7e2ee30e11c69ec442576ab> /P -4 /R 2 /U <b3d9fa366906ef42f354c6deb74c59075eaf334eb7c04356ba0d7f3dd8b51d0a> /V 1";
const USER_40: &str = "/Filter /Standard /Length 40 /O <94e8094419662a774442fb072e3d9f19e9d130ec09a4d0061e78fe920f7ab62f> /P -4 /R 2 /U <2aa12f26bcf1a217c0f1ee491745f646671475ae85bddf3e3c1a45a8457391cb> /V 1";
const OWNER_AES_128: &str = "/CF << /StdCF << /AuthEvent /DocOpen /CFM /AESV2 /Length 16 >> >> /Filter /Standard /Length 128 /O <566fa873ee33c797cd3b904fdadf814afa34df9a38f6ed41b984e2c6da2aa6f5> /P -4 /R 4 /StmF /StdCF /StrF /StdCF /U <e21cc3d13b0faa9934db7d20f11e333e0122456a91bae5134273a6db134c87c4> /V 4";
const USER_128: &str = "/Filter /Standard /Length 128 /O <0ba3835f88f90388e74e54584125ce142be0de24c6b0d37746e075b891756671> /P -4 /R 3 /U <763f954d16622015ee88b60b3eb8f7590122456a91bae5134273a6db134c87c4> /V 2";
const OWNER_R5: &str = "/CF << /StdCF << /CFM /AESV3 /Length 32 >> >> /Filter /Standard /O <00> /P -4 /R 5 /StmF /StdCF /StrF /StdCF /U <b1f3932bafcd57e8be28db3638963775c57fcee81de085a12cdc530484379701d8b0372b08ebc4da2a37daece401cff5> /V 5";
const OWNER_256: &str = "/CF << /StdCF << /CFM /AESV3 /Length 32 >> >> /Filter /Standard /O <00> /P -4 /R 6 /StmF /StdCF /StrF /StdCF /U <83586cf32cf4dac34bd7ef096a87f3c5467722c2499b654ddfaaeafc75e6fd680bb611c67a80f56b6af190ec213e672b> /V 5";
const USER_256: &str = "/CF << /StdCF << /CFM /AESV3 /Length 32 >> >> /Filter /Standard /O <00> /P -4 /R 6 /StmF /StdCF /StrF /StdCF /U <628b93aeea15bb2057e9c28fa07959c6d6f5bba5dfde87022d1efc9f49e21158678980cf9ee963db6f7a43710e4bf3fd> /V 5";

#[test]
fn a_pdf_that_asks_for_a_password_is_refused() {
    for encryption in [USER_40, USER_128, USER_256] {
        assert_eq!(refused("a.pdf", &locked_pdf(encryption)), "file-protected password", "{encryption}");
    }
}

#[test]
fn a_pdf_protected_only_against_changes_is_accepted() {
    for encryption in [OWNER_40, OWNER_AES_128, OWNER_R5, OWNER_256] {
        is_accepted("a.pdf", &locked_pdf(encryption));
    }
}

#[test]
fn a_pdf_whose_attached_files_alone_are_encrypted_is_accepted() {
    let encryption = USER_256.replace("/StmF /StdCF /StrF /StdCF", "/EFF /StdCF /StmF /Identity");
    is_accepted("a.pdf", &locked_pdf(&encryption));
}

#[test]
fn a_pdf_encrypted_for_certificates_is_refused() {
    let bytes = locked_pdf("/Filter /Adobe.PubSec /SubFilter /adbe.pkcs7.s5 /V 4 /Recipients [<00>]");
    assert_eq!(refused("a.pdf", &bytes), "file-protected certificate");
}

#[test]
fn an_encryption_dictionary_of_its_own_is_followed() {
    let object = format!("7 0 obj\n<< {USER_40} >>\nendobj\n");
    let bytes = locked_pdf("/V 0");
    let bytes = replaced(&bytes, "/Encrypt << /V 0 >>", "/Encrypt 7 0 R");
    // A comment line has room for the object, so that no offset changes.
    let place = format!("{}\n", "%".repeat(object.len() - 1));
    let bytes = replaced(&bytes, "\nendstream", &format!("\nendstream\n{place}"));
    let moved = bytes.windows(4).rposition(|w| w == b"xref").unwrap();
    let table = bytes[..moved - 5].windows(5).rposition(|w| w == b"\nxref").unwrap() + 1;
    let pointer = String::from_utf8_lossy(&bytes[moved + 5..]).lines().next().unwrap().to_owned();
    let bytes = replaced(&bytes, &format!("startxref\n{pointer}"), &format!("startxref\n{table}"));
    assert_eq!(refused("a.pdf", &replaced(&bytes, &place, &object)), "file-protected password");
}

#[test]
fn a_doc_that_asks_for_a_password_is_refused() {
    let bytes = ole(&[("WordDocument", &word_stream(9000, 0x0100))], cfb::Version::V3);
    assert_eq!(refused("a.doc", &bytes), "file-protected password");
}

#[test]
fn a_short_doc_that_asks_for_a_password_is_refused() {
    let streams: [(&str, &[u8]); 2] = [("1Table", &[2; 700]), ("WordDocument", &word_stream(1000, 0x0100))];
    assert_eq!(refused("a.doc", &ole(&streams, cfb::Version::V3)), "file-protected password");
}

#[test]
fn a_docx_that_asks_for_a_password_is_refused() {
    let bytes = ole(&[("EncryptionInfo", &[1; 200]), ("EncryptedPackage", &[1; 5000])], cfb::Version::V3);
    assert_eq!(refused("a.docx", &bytes), "file-protected password");
}

#[test]
fn a_docx_of_encrypted_parts_is_refused() {
    let mut bytes = docx();
    for at in 0..bytes.len() - 10 {
        // The lowest bit of the flags in the headers of parts and in the directory.
        if bytes[at..].starts_with(b"PK\x03\x04") {
            bytes[at + 6] |= 1;
        } else if bytes[at..].starts_with(b"PK\x01\x02") {
            bytes[at + 8] |= 1;
        }
    }
    assert_eq!(refused("a.docx", &bytes), "file-protected password");
}

#[test]
fn a_doc_without_the_header_of_word_is_refused() {
    let bytes = ole(&[("WordDocument", &[1; 9000])], cfb::Version::V3);
    assert_eq!(refused("a.doc", &bytes), "file-damaged");
}

#[test]
fn a_png_with_an_impossible_header_is_refused() {
    let header = |depth, colour, compression, filter, interlace| {
        let fields = [0, 0, 0, 1, 0, 0, 0, 1, depth, colour, compression, filter, interlace];
        png_of(&[chunk(b"IHDR", &fields), idat(), chunk(b"IEND", b"")])
    };
    is_accepted("a.png", &header(8, 0, 0, 0, 0));
    for bytes in [
        header(3, 0, 0, 0, 0),
        header(8, 1, 0, 0, 0),
        header(16, 3, 0, 0, 0),
        header(4, 2, 0, 0, 0),
        header(8, 0, 1, 0, 0),
        header(8, 0, 0, 1, 0),
        header(8, 0, 0, 0, 2),
    ] {
        assert_eq!(refused("a.png", &bytes), "file-damaged");
    }
}

#[test]
fn a_png_of_garbage_is_refused() {
    let bytes = png_of(&[ihdr(1, 0), chunk(b"IDAT", b"garbage, not a zlib stream"), chunk(b"IEND", b"")]);
    assert_eq!(refused("a.png", &bytes), "file-damaged");
}

#[test]
fn a_png_that_lacks_pixels_is_refused() {
    let bytes = png_of(&[ihdr(2, 0), idat(), chunk(b"IEND", b"")]);
    assert_eq!(refused("a.png", &bytes), "file-damaged");
}

#[test]
fn a_png_with_an_unknown_row_filter_is_refused() {
    let data = [0x78, 0x01, 0x01, 0x02, 0x00, 0xfd, 0xff, 0x05, 0x80, 0x00, 0x8c, 0x00, 0x86];
    let bytes = png_of(&[ihdr(1, 0), chunk(b"IDAT", &data), chunk(b"IEND", b"")]);
    assert_eq!(refused("a.png", &bytes), "file-damaged");
}

#[test]
fn a_png_that_lacks_its_palette_is_refused() {
    let header = chunk(b"IHDR", &[0, 0, 0, 1, 0, 0, 0, 1, 8, 3, 0, 0, 0]);
    assert_eq!(refused("a.png", &png_of(&[header, idat(), chunk(b"IEND", b"")])), "file-damaged");
}

#[test]
fn the_pixels_of_a_png_may_be_spread_over_chunks() {
    let data = [0x78, 0x01, 0x01, 0x02, 0x00, 0xfd, 0xff, 0x00, 0x80, 0x00, 0x82, 0x00, 0x81];
    let parts: Vec<Vec<u8>> = data.chunks(1).map(|byte| chunk(b"IDAT", byte)).collect();
    is_accepted("a.png", &png_of(&[ihdr(1, 0), parts.concat(), chunk(b"IEND", b"")]));
}

#[test]
fn a_png_without_its_end_is_unusual() {
    is_unusual("a.png", &png_of(&[ihdr(1, 0), idat()]), Oddity::PngNoEnd);
}

#[test]
fn a_png_with_data_behind_it_is_unusual() {
    is_unusual("a.png", &[png(), vec![1; 100]].concat(), Oddity::PngBehind);
}

#[test]
fn a_png_with_a_wrong_checksum_outside_its_pixels_is_unusual() {
    let mut text = chunk(b"tEXt", b"Title\0road");
    *text.last_mut().unwrap() ^= 1;
    let bytes = png_of(&[ihdr(1, 0), text, idat(), chunk(b"IEND", b"")]);
    is_unusual("a.png", &bytes, Oddity::PngChecksum);
}

#[test]
fn a_jpeg_without_its_end_is_unusual_if_every_pixel_is_there() {
    let bytes = baseline_jpeg();
    is_accepted("a.jpg", &bytes);
    is_unusual("a.jpg", &bytes[..bytes.len() - 2], Oddity::JpegNoEnd);
}

#[test]
fn a_jpeg_that_lacks_pixels_is_refused() {
    let bytes = baseline_jpeg();
    assert_eq!(refused("a.jpg", &bytes[..bytes.len() - 3]), "file-truncated");
}

#[test]
fn a_jpeg_with_the_trailer_of_a_phone_is_unusual() {
    let trailer = b"\0\0\x01\x0aImage_UTC_Data1600000000000SEFHe\0\0\0SEFT";
    is_unusual("a.jpg", &[jpeg(), trailer.to_vec()].concat(), Oddity::JpegBehind);
}

#[test]
fn a_jpeg_with_impossible_codes_is_refused() {
    // Three codes of one bit.
    let mut bytes = baseline_jpeg();
    let at = bytes.windows(4).position(|w| w == [0xff, 0xc4, 0, 20]).unwrap();
    bytes[at + 5] = 3;
    assert_eq!(refused("a.jpg", &bytes), "file-damaged");
}

#[test]
fn a_pdf_behind_a_page_of_a_provider_is_unusual() {
    let page = b"<html><body><a href=\"http://isp\">portal</a></body></html>\n";
    is_unusual("a.pdf", &[&page[..], &pdf()].concat(), Oddity::PdfBefore);
}

#[test]
fn a_pdf_with_kilobytes_behind_it_is_unusual() {
    is_unusual("a.pdf", &[pdf(), b"<!-- appended -->".repeat(1000)].concat(), Oddity::PdfBehind);
}

#[test]
fn a_pdf_with_half_an_end_mark_is_unusual() {
    let bytes = pdf();
    let end = bytes.windows(5).rposition(|w| w == b"%%EOF").unwrap();
    is_unusual("a.pdf", &bytes[..end + 3], Oddity::PdfNoEnd);
}

#[test]
fn a_pdf_that_states_another_length_is_unusual() {
    let bytes = linearized_pdf();
    let length = format!("/L {:010}", bytes.len());
    for other in [bytes.len() - 300, bytes.len() + 300] {
        is_unusual("a.pdf", &replaced(&bytes, &length, &format!("/L {other:010}")), Oddity::PdfLength);
    }
}

#[test]
fn a_pdf_whose_pointer_is_wrong_is_unusual() {
    is_unusual("a.pdf", &replaced(&pdf(), "startxref\n", "startxref\n1"), Oddity::PdfPointer);
}

#[test]
fn a_pdf_without_a_root_is_refused() {
    let bytes = replaced(&pdf(), "/Root", "/Boot");
    let bytes = replaced(&replaced(&bytes, "/Catalog", "/Katalog"), "startxref\n", "startxref\n1");
    assert_eq!(refused("a.pdf", &bytes), "file-damaged");
}

#[test]
fn a_pdf_without_pages_is_refused() {
    let bytes = replaced(&pdf(), "/Kids [3 0 R] /Count 1", "/Kids [     ] /Count 0");
    assert_eq!(refused("a.pdf", &bytes), "file-damaged");
}

#[test]
fn a_pdf_cut_within_its_last_revision_is_refused() {
    let bytes = [pdf(), b"5 0 obj\n<< /Type /Page /Parent 2 0 R".to_vec()].concat();
    assert_eq!(refused("a.pdf", &bytes), "file-truncated");
}

#[test]
fn a_doc_with_names_in_another_case_is_unusual() {
    let bytes = ole(&[("WORDDOCUMENT", &word_stream(9000, 0))], cfb::Version::V3);
    is_unusual("a.doc", &bytes, Oddity::OleNames);
}

#[test]
fn a_docx_with_backslashes_is_unusual() {
    let bytes =
        zip_of(&[("[Content_Types].xml", WORD_TYPES.as_bytes()), ("word\\document.xml", b"<w:document/>")]);
    is_unusual("a.docx", &bytes, Oddity::ZipBackslashes);
}

#[test]
fn a_page_saved_as_a_document_is_named() {
    let page = b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=\"x\"\r\n\r\n--x\r\n";
    let findings = findings("a.doc", page);
    assert_eq!(findings[0].args["actual"], "a web page saved in one file (MHTML)");
}

#[test]
fn a_file_is_never_said_to_differ_from_what_it_is() {
    for (name, start) in [
        ("a.png", &b"\x89PNG\n\x1a\n\0\0\0\rIHDR"[..]),
        ("a.jpg", b"\xff\xd8\xff"),
        ("a.pdf", b"%PDF\n"),
        ("a.docx", b"PK\x03\x04\x14\0\0\0"),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
    ] {
        assert_ne!(refused(name, start), "file-content-mismatch", "{name}");
    }
}

#[test]
fn an_inspection_stored_before_oddities_were_known_is_read() {
    let stored = r#"{"size":1,"sha256":"00","sniffed":"pdf","intact":{"Ok":null}}"#;
    assert_eq!(serde_json::from_str::<Inspected>(stored).unwrap().oddities, []);
}
