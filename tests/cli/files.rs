//! Files: what is refused before anything is sent and why, what is accepted, and what is downloaded.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use crate::common;
use crate::common::World;
use crate::common::http::{Proxy, call, sha256};
use crate::common::samples::{self, LARGEST};
use serde_json::{Value, json};

over_both!(
    invalid_files_are_refused_together_and_nothing_is_sent,
    valid_files_are_preserved,
    a_file_lives_with_its_versions,
    a_download_stays_in_its_folder,
);

/// Creates every kind of invalid file, with the code of its finding and a word describing its actual content.
fn unsound(world: &World) -> Vec<(String, &'static str, &'static str)> {
    let mut cases = Vec::new();
    let mut case = |path: String, code: &'static str, word: &'static str| cases.push((path, code, word));
    case(world.join("bad/missing.pdf"), "file-missing", "no such file");
    fs::create_dir_all(world.path().join("bad/folder.pdf")).expect("a folder");
    case(world.join("bad/folder.pdf"), "file-is-directory", "folder");
    let fifo = world.join("bad/pipe.pdf");
    assert!(Command::new("mkfifo").arg(&fifo).status().is_ok_and(|s| s.success()), "no fifo");
    case(fifo, "file-not-regular", "pipe");
    case("/dev/null".to_owned(), "file-not-regular", "device");
    case(world.file("bad/empty.pdf", b""), "file-empty", "empty");
    case(world.file("bad/large.pdf", samples::pdf_sized(LARGEST + 1)), "file-too-large", "10485761");
    case(world.file("bad/notes.txt", b"plain words"), "file-extension", "txt");
    case(world.file("bad/noextension", samples::pdf()), "file-extension", "extension");
    case(world.file("bad/program.pdf", samples::exe()), "file-content-mismatch", "program");
    case(world.file("bad/page.jpg", samples::html()), "file-content-mismatch", "web page");
    case(world.file("bad/picture.jpg", samples::png()), "file-content-mismatch", "PNG");
    case(world.file("bad/sheet.docx", samples::xlsx()), "file-content-mismatch", "XLSX");
    case(world.file("bad/archive.docx", samples::zip()), "file-content-mismatch", "ZIP");
    case(world.file("bad/word.doc", samples::docx()), "file-content-mismatch", "DOCX");
    case(world.file("bad/words.pdf", "Просто текст.".as_bytes()), "file-content-mismatch", "text");
    case(world.file("bad/cut.png", samples::half(samples::png_sized(4000))), "file-truncated", "PNG");
    case(world.file("bad/cut.jpeg", samples::half(samples::jpeg_sized(4000))), "file-truncated", "JPEG");
    case(world.file("bad/cut.pdf", samples::half(samples::pdf_sized(4000))), "file-truncated", "PDF");
    cases
}

fn invalid_files_are_refused_together_and_nothing_is_sent(world: &World) {
    let cases = unsound(world);
    let sound = world.file("good.pdf", samples::pdf());
    let proxy = world.server_port().map(Proxy::to);
    let person = match &proxy {
        Some(proxy) => world.by("applicant").env("APPEAL_SERVER", proxy.url()),
        None => world.by("applicant"),
    };
    let mut args: Vec<&str> = vec![
        "create",
        "--subject",
        common::SUBJECT,
        "--text",
        common::TEXT,
        "--category",
        "roads",
        "-o",
        "json",
        "--lang",
        "en",
        "--attach",
        &sound,
    ];
    for (path, _, _) in &cases {
        args.extend(["--attach", path]);
    }
    // Too many files cause one additional finding in the same report.
    let run = person.run(&args).code(3);
    assert!(run.stdout.is_empty(), "{run:?}");
    let error = run.error();
    let details = error["details"].as_array().expect("findings");
    for (path, code, word) in &cases {
        let about: Vec<&Value> = details.iter().filter(|d| d["at"] == path.as_str()).collect();
        assert!(!about.is_empty(), "nothing about {path}: {error}");
        let finding = about.iter().find(|d| d["code"] == *code);
        let finding = finding.unwrap_or_else(|| panic!("{path} is not {code}: {about:?}"));
        let message = finding["message"].as_str().expect("a message");
        let plain =
            message.replace(['\u{2068}', '\u{2069}', '\u{a0}', '\u{202f}', ' ', ','], "").to_lowercase();
        assert!(plain.contains(&word.replace(' ', "").to_lowercase()), "{path}: {message}");
        assert_eq!(finding["severity"], "error");
        assert!(finding["remedy"].as_str().is_some_and(|r| !r.is_empty()), "{finding}");
    }
    assert!(!details.iter().any(|d| d["at"] == sound.as_str()), "the sound one is blamed: {error}");
    assert!(details.iter().any(|d| d["code"] == "files-too-many"), "{error}");

    // Each is also refused on its own, by every command that takes files.
    let number = world.filed();
    let before = world.card("applicant", &number);
    for (path, code, _) in &cases {
        let run = person.run(["attach", &number, path, "-o", "json"]).code(3);
        assert!(run.codes().iter().any(|c| c == code), "{run:?}");
        let check = world.anonymous().run(["check", path, "-o", "json"]).code(3);
        assert!(check.out().contains(code), "{check:?}");
    }
    for args in [
        vec!["comment", number.as_str(), "--text", "Вот.", "--attach", cases[0].0.as_str()],
        vec!["rate", &number, "--score", "1", "--attach", &cases[8].0],
        vec![
            "operator",
            "answer",
            &number,
            "--decision",
            "granted",
            "--text",
            "Вот.",
            "--attach",
            &cases[9].0,
        ],
    ] {
        person.run(args).code(3);
    }
    assert_eq!(world.card("applicant", &number)["version"], before["version"]);
    // Nothing was sent, and nothing is stored.
    if let Some(proxy) = &proxy {
        let sent = proxy.requests();
        let changing: Vec<&String> =
            sent.iter().filter(|r| r.starts_with("P") || r.contains("/v1/uploads")).collect();
        assert!(changing.is_empty(), "{changing:?}");
        assert!(!proxy.saw(b"%PDF"));
    }
    assert_eq!(kept(world), 0, "an upload is kept");
    let rows = world.run(["list", "--all", "-o", "json"]).ok().json();
    assert_eq!(rows.as_array().map(Vec::len), Some(1));
    fs::remove_dir_all(world.path().join("bad")).expect("a removable folder");
}

/// Returns the number of files the platform stores.
fn kept(world: &World) -> usize {
    fn count(dir: &Path) -> usize {
        let Ok(entries) = fs::read_dir(dir) else { return 0 };
        entries
            .flatten()
            .map(|entry| match entry.file_type() {
                Ok(kind) if kind.is_dir() => count(&entry.path()),
                _ => 1,
            })
            .sum()
    }
    count(&world.data().join("files"))
}

fn valid_files_are_preserved(world: &World) {
    // Five files of the maximum size are exactly the maximum of one appeal.
    let largest: [(&str, Vec<u8>); 5] = [
        ("large.pdf", samples::pdf_sized(LARGEST)),
        ("large.jpg", samples::jpeg_sized(LARGEST)),
        ("large.png", samples::png_sized(LARGEST)),
        ("large.doc", samples::doc_sized(LARGEST)),
        ("large.docx", samples::docx_sized(LARGEST)),
    ];
    let small: [(&str, Vec<u8>); 9] = [
        ("SCAN.PDF", samples::pdf()),
        ("Photo.JPG", samples::jpeg()),
        ("фото двора.jpeg", samples::jpeg_sized(2000)),
        ("снимок экрана (1).PNG", samples::png()),
        ("заявление, копия.doc", samples::doc()),
        ("Договор № 5 «Ёлка».docx", samples::docx()),
        ("a'b $HOME;`x`.pdf", samples::pdf_sized(900)),
        ("-dash.pdf", samples::pdf_sized(901)),
        ("e\u{301}.pdf", samples::pdf_sized(902)),
    ];
    for (n, files) in [&largest[..], &small[..]].into_iter().enumerate() {
        let mut args: Vec<String> = ["create", "--subject", common::SUBJECT, "--text", common::TEXT, "-q"]
            .map(str::to_owned)
            .to_vec();
        args.extend(["--category".to_owned(), "roads".to_owned()]);
        for (name, content) in files {
            if name.starts_with("large") {
                assert_eq!(content.len(), LARGEST, "{name}");
            }
            args.push(format!("--attach={}", world.file(&format!("in{n}/{name}"), content)));
        }
        let number = world.run(&args).ok().line().to_owned();
        let listed = world.run(["files", "list", &number, "-o", "json"]).ok().json();
        let listed: BTreeMap<String, Value> = listed
            .as_array()
            .expect("files")
            .iter()
            .map(|file| (file["name"].as_str().expect("a name").to_owned(), file.clone()))
            .collect();
        let folder = world.path().join(format!("out{n}"));
        let got = world.run(["files", "get", &number, "--dir", folder.to_str().expect("a path"), "-q"]).ok();
        assert_eq!(got.lines().len(), files.len());
        for (name, content) in files {
            let row = &listed[*name];
            assert_eq!(row["size"].as_u64(), Some(content.len() as u64));
            assert_eq!(row["sha256"], sha256(content));
            assert_eq!(row["version"], 1);
            assert_eq!(row["added_by"], "applicant");
            // A name that a shell would take for a flag is changed.
            let kept = name.replace("-dash", "_dash");
            let back = fs::read(folder.join(&kept)).unwrap_or_else(|e| panic!("{kept}: {e}: {got:?}"));
            assert!(back == *content, "{name} came back changed");
        }
        // The operator gets the same bytes.
        let folder = world.path().join(format!("operator{n}"));
        let (name, content) = &files[0];
        world
            .by("operator")
            .run(["files", "get", &number, name, "--dir", folder.to_str().expect("a path")])
            .ok();
        assert!(fs::read(folder.join(name)).is_ok_and(|back| back == *content));
    }
    // One byte more in total is too much.
    let mut args = vec!["create".to_owned(), "--subject".to_owned(), "Много файлов".to_owned()];
    args.extend(["--text", common::TEXT, "--category", "roads", "-o", "json"].map(str::to_owned));
    for (name, _) in &largest {
        args.push(format!("--attach={}", world.join(&format!("in0/{name}"))));
    }
    args.push(format!("--attach={}", world.join("in1/SCAN.PDF")));
    assert_eq!(world.run(&args).code(3).codes(), ["files-total-too-large"]);
    // A category may be stricter.
    let deduction = world.file("d.pdf", samples::pdf());
    let big = world.file("big.pdf", samples::pdf_sized(5_242_881));
    let document = format!("application={deduction}");
    let base = ["create", "--subject", "Вычет", "--text", common::TEXT, "--category", "taxes.deduction"];
    let run =
        world.run(base.iter().chain(&["--document", &document, "--attach", &big, "-o", "json"])).code(3);
    assert_eq!(run.codes(), ["file-too-large"]);
    // And require a document.
    let run = world.run(base.iter().chain(&["-o", "json"])).code(3);
    assert_eq!(run.codes(), ["document-required"]);
    world.run(base.iter().chain(&["--document", &document])).ok();
}

fn a_file_lives_with_its_versions(world: &World) {
    let number = world.filed();
    let (one, two) = (samples::pdf_sized(700), samples::pdf_sized(800));
    let first = world.file("скан.pdf", &one);
    world.run(["attach", &number, &first, "--note", "копия"]).ok();
    let listed = world.run(["files", "list", &number, "-o", "json"]).ok().json();
    let id = listed[0]["id"].as_str().expect("an id").to_owned();
    let second = world.file("скан-2.pdf", &two);
    world.run(["attach", &number, &second, "--replace", &id]).ok();
    let listed = world.run(["files", "list", &number, "-o", "json"]).ok().json();
    assert_eq!(listed.as_array().map(Vec::len), Some(1));
    assert_eq!((&listed[0]["id"], &listed[0]["version"]), (&json!(id), &json!(2)));
    assert_eq!(listed[0]["sha256"], sha256(&two));
    let history = world.run(["files", "history", &number, &id, "-o", "json"]).ok().json();
    let history = history.as_array().expect("versions");
    assert_eq!(common::keys(&history[0]), common::sorted("version name size sha256 added_at added_by"));
    let mut versions: Vec<(u64, &str)> = history
        .iter()
        .map(|v| (v["version"].as_u64().expect("a version"), v["name"].as_str().expect("a name")))
        .collect();
    versions.sort_unstable();
    assert_eq!(versions, [(1, "скан.pdf"), (2, "скан-2.pdf")]);
    // The old version can still be downloaded, and made current again.
    let folder = world.join("old");
    let got = world.run(["files", "get", &number, &id, "--version", "1", "--dir", &folder, "-q"]).ok();
    assert_eq!(fs::read(got.line()).expect("the file"), one);
    world.run(["files", "restore", &number, &id, "--version", "1"]).ok();
    let listed = world.run(["files", "list", &number, "-o", "json"]).ok().json();
    assert_eq!(listed[0]["sha256"], sha256(&one));
    world.run(["files", "restore", &number, &id, "--version", "9"]).code(5);
    world.run(["files", "get", &number, "nothing"]).code(5);
    // Without access to the appeal, its files are not accessible.
    world.by("representative").run(["files", "list", &number]).code(5);
    world.by("representative").run(["files", "get", &number, &id]).code(5);
    // Can be removed until work starts, but not afterwards.
    let spare = world.file("лишний.png", samples::png());
    world.run(["attach", &number, &spare]).ok();
    world.run(["files", "remove", &number, "лишний.png"]).ok();
    world.by("operator").run(["operator", "take", &number]).ok();
    world.run(["files", "remove", &number, &id]).code(6);
    world.run(["attach", &number, &spare]).ok();
    let listed = world.run(["files", "list", &number, "-o", "json"]).ok().json();
    assert_eq!(listed.as_array().map(Vec::len), Some(2));
    let journal = world.run(["journal", &number, "--verify", "-o", "json"]).ok();
    assert!(journal.out().contains(&sha256(&two)), "the replaced version is not in the journal");
}

fn a_download_stays_in_its_folder(world: &World) {
    let number = world.filed();
    let content = samples::pdf();
    for folder in ["a", "b"] {
        let path = world.file(&format!("{folder}/скан.pdf"), &content);
        world.run(["attach", &number, &path]).ok();
    }
    // Two files with the same name do not overwrite each other, or existing files.
    let target = world.path().join("target");
    fs::create_dir(&target).expect("a folder");
    fs::write(target.join("скан.pdf"), b"mine").expect("a file");
    let dir = target.to_str().expect("a path");
    let first = world.run(["files", "get", &number, "--dir", dir, "-q"]);
    assert_eq!(fs::read(target.join("скан.pdf")).expect("the file"), b"mine", "it was overwritten");
    if first.status == 0 {
        let paths = first.lines();
        assert_eq!(paths.len(), 2);
        assert_ne!(paths[0], paths[1]);
        for path in paths {
            assert_eq!(fs::read(path).expect("the file"), content);
            assert!(
                Path::new(path)
                    .canonicalize()
                    .is_ok_and(|p| p.starts_with(target.canonicalize().expect("it")))
            );
        }
    } else {
        assert!([3, 6].contains(&first.status), "{first:?}");
    }
}

/// Another client sends what the tool would not; the platform refuses it.
#[test]
fn the_platform_refuses_the_same_by_itself() {
    let world = World::served();
    let port = world.serve().port;
    let token = world.token("applicant");
    let put = |name: &str, bytes: &[u8]| {
        let name: String = name.bytes().map(|b| format!("%{b:02X}")).collect();
        let path = format!("/v1/uploads/{}?name={name}", sha256(bytes));
        call(port, &token, "PUT", &path, &[("content-type", "application/octet-stream")], bytes)
    };
    let cases: [(&str, Vec<u8>, &str); 12] = [
        ("empty.pdf", vec![], "file-empty"),
        ("large.pdf", samples::pdf_sized(LARGEST + 1), "file-too-large"),
        ("notes.txt", b"words".to_vec(), "file-extension"),
        ("program.pdf", samples::exe(), "file-content-mismatch"),
        ("page.jpg", samples::html(), "file-content-mismatch"),
        ("picture.jpg", samples::png(), "file-content-mismatch"),
        ("sheet.docx", samples::xlsx(), "file-content-mismatch"),
        ("archive.docx", samples::zip(), "file-content-mismatch"),
        ("cut.png", samples::half(samples::png_sized(4000)), "file-truncated"),
        ("cut.jpg", samples::half(samples::jpeg_sized(4000)), "file-truncated"),
        ("cut.pdf", samples::half(samples::pdf_sized(4000)), "file-truncated"),
        ("../../etc/passwd.pdf", samples::pdf(), "file-name-invalid"),
    ];
    let refused = |answer: &common::http::Answer, code: &str, what: &str| {
        assert_eq!(answer.status, 422, "{what}: {}", String::from_utf8_lossy(&answer.body));
        assert_eq!(answer.header("content-type").as_deref(), Some("application/problem+json"));
        let problem = answer.json();
        assert_eq!(problem["code"], "invalid", "{problem}");
        let codes: Vec<&str> =
            problem["errors"].as_array().expect("errors").iter().filter_map(|e| e["code"].as_str()).collect();
        assert!(codes.contains(&code), "{what}: {codes:?}");
    };
    for (name, bytes, code) in &cases {
        refused(&put(name, bytes), code, name);
    }
    // Bytes that do not match their digest.
    let wrong = call(port, &token, "PUT", &format!("/v1/uploads/{}", sha256(b"other")), &[], &samples::pdf());
    assert_eq!((wrong.status, wrong.json()["code"].as_str()), (422, Some("digest_mismatch")));
    // A valid upload under a wrong name, and a missing one: the appeal is filed with all files or not at all.
    let png = samples::png();
    assert!([200, 201].contains(&put("a.png", &png).status));
    let file = |attachment: Value| {
        let body = json!({
            "subject": common::SUBJECT, "text": common::TEXT, "category": "roads", "attachments": [attachment],
        });
        let key = sha256(body.to_string().as_bytes());
        let headers = [("content-type", "application/json"), ("idempotency-key", key.as_str())];
        call(port, &token, "POST", "/v1/appeals", &headers, body.to_string().as_bytes())
    };
    refused(&file(json!({ "sha256": sha256(&png), "name": "a.jpg" })), "file-content-mismatch", "a.jpg");
    refused(
        &file(json!({ "sha256": sha256(&png), "name": "a/../b.png" })),
        "file-name-invalid",
        "a/../b.png",
    );
    let missing = file(json!({ "sha256": sha256(b"never"), "name": "a.png" }));
    assert_eq!((missing.status, missing.json()["code"].as_str()), (422, Some("upload_missing")));
    // Another person's upload is not available.
    let theirs = world.token("representative");
    let asked = call(port, &theirs, "HEAD", &format!("/v1/uploads/{}", sha256(&png)), &[], &[]);
    assert_eq!(asked.status, 404);
    assert_eq!(world.run(["list", "--all", "-o", "json"]).ok().json(), json!([]));
    let filed = file(json!({ "sha256": sha256(&png), "name": "a.png" }));
    assert_eq!(filed.status, 201, "{}", String::from_utf8_lossy(&filed.body));
    let number = filed.json()["number"].as_str().expect("a number").to_owned();
    assert_eq!(world.card("applicant", &number)["attachments"][0]["sha256"], sha256(&png));
}

#[test]
fn the_same_bytes_are_sent_once() {
    let world = World::served();
    let proxy = Proxy::to(world.serve().port);
    let person = world.by("applicant").env("APPEAL_SERVER", proxy.url());
    let file = world.file("скан.pdf", samples::pdf());
    let number = world.filed();
    person.run(["attach", &number, &file]).ok();
    let uploads = || proxy.requests().iter().filter(|r| r.starts_with("PUT /v1/uploads/")).count();
    assert_eq!(uploads(), 1);
    let copy = world.file("копия.pdf", samples::pdf());
    person.run(["attach", &number, &copy]).ok();
    assert_eq!(uploads(), 1, "{:?}", proxy.requests());
    // The token is not printed, however verbose the output.
    let run = person.run(["show", &number, "-vv"]).ok();
    assert!(!run.stderr.contains(&world.token("applicant")), "{run:?}");
    assert!(run.stderr.contains("GET /v1/appeals/"), "{run:?}");
}

/// A file that cannot be read is refused as such. A user who may read every file runs the tool as one who may not.
#[test]
fn an_unreadable_file_is_reported() {
    let world = World::local();
    let secret = world.file("secret.pdf", samples::pdf());
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o000)).expect("permissions");
    let check = |args: &[&str]| {
        let mut command = world.anonymous().command(args);
        if fs::File::open(&secret).is_ok() {
            command.uid(65_534).gid(65_534);
        }
        command.output()
    };
    fs::set_permissions(world.path(), fs::Permissions::from_mode(0o755)).expect("permissions");
    if !check(&["--version"]).is_ok_and(|output| output.status.success()) {
        let _ = std::io::Write::write_all(
            &mut std::io::stderr(),
            b"NOT TESTED: an unreadable file, since this user may read all files and nobody else may run the tool\n",
        );
        return;
    }
    let output = check(&["check", &secret, "-o", "json"]).expect("a run");
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    let findings: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(findings[0]["code"], "file-unreadable");
    // A data directory that is not writable is reported as well.
    let dir = world.join("theirs");
    fs::create_dir(&dir).expect("a folder");
    fs::set_permissions(&dir, fs::Permissions::from_mode(0o555)).expect("permissions");
    let output = check(&["--server", "local", "--data-dir", &dir, "list", "-o", "json"]).expect("a run");
    assert_eq!(output.status.code(), Some(10), "{output:?}");
    let error: Value = serde_json::from_slice(&output.stderr).expect("one JSON object");
    assert!(error["error"]["message"].as_str().is_some_and(|m| m.contains("theirs")), "{error}");
}

/// Uploads are streamed: five concurrent files of the maximum size do not increase the server's memory.
#[cfg(target_os = "linux")]
#[test]
fn memory_does_not_grow_with_size() {
    let world = World::served();
    let server = world.serve();
    let token = world.token("applicant");
    let put = |bytes: &[u8]| {
        let path = format!("/v1/uploads/{}?name=a.pdf", sha256(bytes));
        call(server.port, &token, "PUT", &path, &[("content-type", "application/octet-stream")], bytes).status
    };
    assert_eq!(put(&samples::pdf()), 201);
    let before = peak(server.id());
    std::thread::scope(|scope| {
        for n in 0..5 {
            let put = &put;
            scope.spawn(move || {
                let mut bytes = samples::pdf_sized(LARGEST);
                // In the stream of the page, where any byte is valid.
                let middle = bytes.len() / 2;
                bytes[middle] = b'a' + n;
                assert_eq!(put(&bytes), 201);
            });
        }
    });
    let grown = peak(server.id()).saturating_sub(before);
    assert!(grown < 20 * 1024, "the server has grown by {grown} KiB over 50 MiB of uploads");
    // The same for downloads, and in the client.
    let file = world.file("large.pdf", samples::pdf_sized(LARGEST));
    let number = world.filed_with(&["--attach", &file]);
    world.run(["files", "get", &number, "--dir", &world.join("out")]).ok();
    let grown = peak(server.id()).saturating_sub(before);
    assert!(grown < 20 * 1024, "the server has grown by {grown} KiB over a download of 10 MiB");
}

/// Returns the peak memory of a process, in KiB.
#[cfg(target_os = "linux")]
fn peak(id: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{id}/status")).expect("a process");
    let line = status.lines().find(|line| line.starts_with("VmHWM")).expect("a peak");
    line.split_whitespace().nth(1).and_then(|n| n.parse().ok()).expect("a number")
}
