//! Paths, names and all files of an appeal.

mod formats;
mod tolerance;

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::check::cannot_open;
use super::samples::*;
use super::*;
use appeal_domain::{AttachmentPolicy, Finding};

const LIMIT: usize = 10_485_760;

fn codes(findings: &[Finding]) -> Vec<&'static str> {
    for finding in findings {
        assert!(CODES.contains(&finding.code), "{} is not among CODES", finding.code);
        assert_eq!(finding.field, "attach");
    }
    findings.iter().map(|f| f.code).collect()
}

fn refused(path: &Path) -> Vec<Finding> {
    let findings = check_path(path, &AttachmentPolicy::default()).expect_err("a finding");
    for finding in &findings {
        assert_eq!(finding.at.as_deref(), Some(&*path.display().to_string()));
    }
    findings
}

fn write(dir: &tempfile::TempDir, name: &str, bytes: &[u8]) -> PathBuf {
    let path = dir.path().join(name);
    fs::write(&path, bytes).unwrap();
    path
}

#[test]
fn a_sound_file_comes_back_with_its_digest() {
    let dir = tempfile::tempdir().unwrap();
    let path = write(&dir, "яма на дороге.JPG", &jpeg());
    let checked = check_path(&path, &AttachmentPolicy::default()).unwrap();
    assert_eq!(checked.name, "яма на дороге.JPG");
    assert_eq!(checked.size, jpeg().len() as u64);
    assert_eq!(checked.media_type, "image/jpeg");
    let path = write(&dir, "abc.txt", b"abc");
    let policy = AttachmentPolicy { extensions: vec!["txt".into()], ..Default::default() };
    assert_eq!(
        check_path(&path, &policy).unwrap().sha256,
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
}

#[test]
fn a_file_of_exactly_the_limit_passes_and_one_byte_more_does_not() {
    let dir = tempfile::tempdir().unwrap();
    let padded = |mut bytes: Vec<u8>| {
        bytes.resize(LIMIT, 0);
        bytes
    };
    let full_pdf = pdf_with(LIMIT - pdf_with(LIMIT - 1000).len() + LIMIT - 1000);
    let mut full = vec![("full.docx", docx_sized(LIMIT)), ("full.pdf", full_pdf)];
    full.extend([
        ("padded.pdf", padded(pdf())),
        ("padded.jpg", padded(jpeg())),
        ("padded.doc", padded(doc())),
    ]);
    for (name, mut bytes) in full {
        assert_eq!(bytes.len(), LIMIT);
        let checked = check_path(&write(&dir, name, &bytes), &AttachmentPolicy::default());
        assert_eq!(checked.map(|c| c.size), Ok(10_485_760), "{name}");
        bytes.push(b'\n');
        let findings = refused(&write(&dir, name, &bytes));
        assert_eq!(codes(&findings), ["file-too-large"], "{name}");
        assert_eq!(findings[0].args["size"], "10485761");
        assert_eq!(findings[0].args["limit"], "10485760");
        assert_eq!((&*findings[0].args["size_mb"], &*findings[0].args["limit_mb"]), ("10.01", "10"));
    }
    let exe = [b"MZ".to_vec(), vec![0; LIMIT]].concat();
    let findings = refused(&write(&dir, "large.pdf", &exe));
    assert_eq!(codes(&findings), ["file-too-large", "file-content-mismatch"]);
}

#[test]
fn missing_paths_and_non_files_are_distinguished() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(codes(&refused(&dir.path().join("нет.pdf"))), ["file-missing"]);
    assert_eq!(codes(&refused(Path::new(""))), ["file-missing"]);
    assert_eq!(codes(&refused(Path::new("nul\0byte.pdf"))), ["file-missing"]);
    let file = write(&dir, "a.pdf", &pdf());
    assert_eq!(codes(&refused(&file.join("b.pdf"))), ["file-missing"]);
    assert_eq!(codes(&refused(dir.path())), ["file-is-directory"]);
    assert_eq!(codes(&refused(Path::new("/"))), ["file-is-directory"]);
    assert_eq!(codes(&refused(&write(&dir, "empty.pdf", b""))), ["file-empty"]);
    let findings = refused(&write(&dir, "a.exe", b"MZ"));
    assert_eq!(codes(&findings), ["file-extension"]);
    assert_eq!(findings[0].args["extension"], "exe");
    assert_eq!(findings[0].args["allowed"], "pdf, jpg, jpeg, png, doc, docx");
    assert_eq!(codes(&refused(&write(&dir, "README", &pdf()))), ["file-extension"]);
}

#[cfg(unix)]
#[test]
fn pipes_sockets_and_devices_are_never_read() {
    let dir = tempfile::tempdir().unwrap();
    let fifo = dir.path().join("fifo.pdf");
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let socket = dir.path().join("socket.pdf");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    for (path, what) in [(&*fifo, "fifo"), (&*socket, "socket"), (Path::new("/dev/zero"), "device")] {
        let findings = refused(path);
        assert_eq!(codes(&findings), ["file-not-regular"]);
        assert_eq!(findings[0].args["what"], what);
    }
}

#[cfg(unix)]
#[test]
fn symbolic_links_are_followed() {
    use std::os::unix::fs::symlink;
    let dir = tempfile::tempdir().unwrap();
    let target = write(&dir, "stored", &png());
    let link = dir.path().join("link.png");
    symlink(&target, &link).unwrap();
    assert_eq!(check_path(&link, &AttachmentPolicy::default()).unwrap().name, "link.png");
    let dangling = dir.path().join("dangling.png");
    symlink(dir.path().join("nowhere"), &dangling).unwrap();
    assert_eq!(codes(&refused(&dangling)), ["file-missing"]);
    let ring = dir.path().join("ring.png");
    symlink(&ring, &ring).unwrap();
    assert_eq!(codes(&refused(&ring)), ["file-unreadable"]);
}

#[test]
fn errors_of_the_system_have_their_findings() {
    for (kind, code) in [
        (io::ErrorKind::NotFound, "file-missing"),
        (io::ErrorKind::NotADirectory, "file-missing"),
        (io::ErrorKind::IsADirectory, "file-is-directory"),
        (io::ErrorKind::PermissionDenied, "file-unreadable"),
        (io::ErrorKind::ResourceBusy, "file-unreadable"),
    ] {
        assert_eq!(cannot_open(&kind.into()).code, code);
    }
    assert_eq!(cannot_open(&io::ErrorKind::PermissionDenied.into()).args["reason"], "permission");
}

#[cfg(unix)]
#[test]
#[allow(clippy::print_stderr)]
fn a_file_one_may_not_read_is_unreadable() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let path = write(&dir, "secret.pdf", &pdf());
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::File::open(&path).is_ok() {
        // Bypasses the test harness, which hides the output of passing tests.
        let _ = writeln!(std::io::stderr(), "SKIPPED: this account (root?) may read a file of mode 000");
        return;
    }
    let findings = refused(&path);
    assert_eq!(codes(&findings), ["file-unreadable"]);
    assert_eq!(findings[0].args["reason"], "permission");
}

/// Reading its first bytes fails for everyone, including root.
#[cfg(target_os = "linux")]
#[test]
fn a_file_that_opens_but_cannot_be_read_is_unreadable() {
    assert_eq!(codes(&refused(Path::new("/proc/self/mem"))), ["file-unreadable"]);
}

#[test]
fn names_are_checked() {
    let policy = AttachmentPolicy::default();
    let long = format!("{}.pdf", "я".repeat(126));
    for name in [
        "a.pdf",
        "Справка № 5 (копия).docx",
        "яма на дороге.jpg",
        "a.b.c.PNG",
        "-x.pdf",
        "👨‍👩‍👧.png",
        "й.pdf",
        "«Акт».doc",
        "COM.pdf",
        "COM10.pdf",
        "console.pdf",
        &*format!("{}.pdf", "я".repeat(125)),
        "a'b;c$d.pdf",
    ] {
        assert_eq!(codes(&check_name(name, &policy)), Vec::<&str>::new(), "{name}");
    }
    for (name, reason) in [
        ("", "empty"),
        ("../a.pdf", "separator"),
        ("C:\\a.pdf", "separator"),
        ("a\n.pdf", "control"),
        ("a\u{1b}[31m.pdf", "control"),
        ("a\u{7f}.pdf", "control"),
        ("a\u{202e}gpj.pdf", "invisible"),
        ("a\u{2066}.pdf", "invisible"),
        ("a\u{200b}.pdf", "invisible"),
        (".pdf", "dots"),
        (" a.pdf", "spaces"),
        ("con.pdf", "reserved"),
        ("Lpt1.tar.pdf", "reserved"),
        ("NUL .pdf", "reserved"),
        ("a\u{fffd}.pdf", "encoding"),
        (".", "dots"),
        ("..", "dots"),
        (" ", "spaces"),
    ] {
        let findings = check_name(name, &policy);
        assert_eq!(codes(&findings), ["file-name-invalid"], "{name:?}");
        assert_eq!(findings[0].args["reason"], reason, "{name:?}");
    }
    assert_eq!(codes(&check_name("a.pdf.", &policy)), ["file-name-invalid", "file-extension"]);
    assert_eq!(codes(&check_name("a.pdf ", &policy)), ["file-name-invalid", "file-extension"]);
    let findings = check_name(&long, &policy);
    assert_eq!(codes(&findings), ["file-name-too-long"]);
    assert_eq!((&*findings[0].args["bytes"], &*findings[0].args["limit"]), ("256", "255"));
}

#[test]
fn all_findings_of_all_files_come_together() {
    let dir = tempfile::tempdir().unwrap();
    let good = write(&dir, "good.png", &png());
    let paths = vec![
        good.clone(),
        dir.path().join("missing.pdf"),
        write(&dir, "empty.jpg", b""),
        write(&dir, "page.jpg", b"<html></html>"),
        dir.path().join("./good.png"),
    ];
    let (checked, findings) = check_all(&paths, &AttachmentPolicy::default());
    assert_eq!(checked.iter().map(|c| &c.path).collect::<Vec<_>>(), [&good, &paths[4]]);
    assert_eq!(codes(&findings), ["file-missing", "file-empty", "file-content-mismatch", "file-twice"]);
    assert_eq!(findings[3].args["first"], good.display().to_string());
}

#[test]
fn the_appeals_own_limits_are_kept() {
    let dir = tempfile::tempdir().unwrap();
    let distinct = |n: u8| {
        let mut bytes = pdf_with(1000);
        let at = bytes.windows(8).position(|w| w == b"%%%%%%%%").unwrap();
        bytes[at + 4] = b'0' + n;
        bytes
    };
    let paths: Vec<PathBuf> = (0..4).map(|n| write(&dir, &format!("{n}.pdf"), &distinct(n))).collect();
    let size = pdf_with(1000).len() as u64;
    let policy =
        |files, total| AttachmentPolicy { max_files: files, max_total_bytes: total, ..Default::default() };
    assert_eq!(codes(&check_all(&paths, &policy(4, 4 * size)).1), Vec::<&str>::new());
    let (_, findings) = check_all(&paths, &policy(3, 4 * size - 1));
    assert_eq!(codes(&findings), ["files-too-many", "files-total-too-large"]);
    assert_eq!((&*findings[0].args["count"], &*findings[0].args["limit"]), ("4", "3"));
    assert_eq!(findings[1].args["total"], (4 * size).to_string());
}

#[test]
fn the_same_content_twice_is_a_warning() {
    let dir = tempfile::tempdir().unwrap();
    let paths = [write(&dir, "a.png", &png()), write(&dir, "b.png", &png())];
    let (checked, findings) = check_all(&paths, &AttachmentPolicy::default());
    assert_eq!(checked.len(), 2);
    assert_eq!(codes(&findings), ["file-twice"]);
    assert!(!findings[0].is_error());
}

#[test]
fn warnings_of_an_accepted_file_are_among_the_findings() {
    let dir = tempfile::tempdir().unwrap();
    let path = write(&dir, "a.png", &[png(), vec![1; 9]].concat());
    let (checked, findings) = check_all(&[path], &AttachmentPolicy::default());
    assert_eq!(codes(&findings), ["file-unusual"]);
    assert_eq!(checked[0].warnings, findings);
}

#[test]
fn rarer_extensions_of_jpeg_pass_where_jpeg_does() {
    let jpeg_only = AttachmentPolicy { extensions: vec!["jpg".into()], ..Default::default() };
    assert_eq!(codes(&check_name("photo.jfif", &jpeg_only)), Vec::<&str>::new());
    assert_eq!(codes(&check_name("photo.JPE", &jpeg_only)), Vec::<&str>::new());
    let no_jpeg = AttachmentPolicy { extensions: vec!["png".into()], ..Default::default() };
    assert_eq!(codes(&check_name("photo.jfif", &no_jpeg)), ["file-extension"]);
}

#[test]
fn a_lock_file_of_an_office_program_is_named() {
    let inspected = inspect(io::Cursor::new([&b"\x05admin"[..], &[b' '; 156]].concat())).unwrap();
    assert_eq!(codes(&judge("~$явление.docx", &inspected, &AttachmentPolicy::default())), ["file-lock"]);
}

#[test]
fn uploads_are_checked_like_local_files() {
    let dir = tempfile::tempdir().unwrap();
    for (name, bytes) in
        [("a.png", png()), ("a.jpg", png()), ("a.pdf", pdf()[..99].to_vec()), ("a.doc", vec![])]
    {
        let path = write(&dir, name, &bytes);
        let here = check_path(&path, &AttachmentPolicy::default()).err().unwrap_or_default();
        let inspected = inspect(io::Cursor::new(&bytes)).unwrap();
        let there = judge(name, &inspected, &AttachmentPolicy::default());
        assert_eq!(codes(&here), codes(&there));
    }
}

#[test]
fn the_own_samples_pass() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/files");
    let paths: Vec<PathBuf> = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    let (checked, findings) = check_all(&paths, &AttachmentPolicy::default());
    assert_eq!(findings, []);
    assert_eq!(checked.len(), 4);
    assert!(checked.iter().all(|c| c.size < 20_000));
}

#[test]
fn every_code_has_its_words_in_both_languages() {
    for (language, catalogue) in [
        ("en", include_str!("../i18n/locales/en/files.ftl")),
        ("ru", include_str!("../i18n/locales/ru/files.ftl")),
    ] {
        let resource =
            fluent_bundle::FluentResource::try_new(catalogue.to_owned()).expect("a valid catalogue");
        let mut bundle = fluent_bundle::FluentBundle::new(vec![language.parse().unwrap()]);
        bundle.add_resource(resource).unwrap();
        for code in CODES {
            let message = bundle
                .get_message(&format!("finding-{code}"))
                .unwrap_or_else(|| panic!("{language}: {code}"));
            assert!(
                message.value().is_some() && message.get_attribute("remedy").is_some(),
                "{language}: {code}"
            );
        }
    }
}

proptest! {
    #[test]
    fn any_name_gets_a_verdict(name in any::<String>()) {
        let findings = check_name(&name, &AttachmentPolicy::default());
        let harmless = !name.is_empty() && !name.chars().any(|c| c.is_control() || c == '/' || c == '\\');
        prop_assert!(harmless || findings.iter().any(|f| f.code == "file-name-invalid"));
    }
}
