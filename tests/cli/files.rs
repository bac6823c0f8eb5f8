//! Files: what is refused before anything is sent and why, what is accepted, and what is downloaded.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use crate::common;
use crate::common::http::{Answer, Proxy, call, sha256};
use crate::common::samples::{self, LARGEST};
use crate::common::{Person, World};
use serde_json::{Value, json};

over_both!(
    invalid_files_are_refused_together_and_nothing_is_sent,
    an_invalid_file_is_refused_by_every_command,
    an_unusual_file_is_accepted_with_a_warning,
    files_of_every_type_and_name_are_preserved,
    files_of_the_maximum_size_are_preserved,
    a_category_limits_files_and_requires_documents,
    a_replaced_file_keeps_its_versions,
    a_file_is_replaced_by_name,
    an_old_version_is_downloaded_and_restored,
    files_are_for_those_who_see_the_appeal,
    a_file_is_removed_until_work_starts,
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

/// The beginning of every `create`.
const CREATE: [&str; 7] =
    ["create", "--subject", common::SUBJECT, "--text", common::TEXT, "--category", "roads"];

/// Returns the applicant, and the proxy through which they use a served platform.
fn through_a_proxy(world: &World) -> (Person, Option<Proxy>) {
    let person = world.by("applicant");
    match world.server_port().map(Proxy::to) {
        Some(proxy) => (person.env("APPEAL_SERVER", proxy.url()), Some(proxy)),
        None => (person, None),
    }
}

/// Checks that no file was sent or stored, and nothing was changed.
fn nothing_was_sent(world: &World, proxy: Option<&Proxy>) {
    if let Some(proxy) = proxy {
        let sent = proxy.requests();
        let changing: Vec<&String> =
            sent.iter().filter(|r| r.starts_with("P") || r.contains("/v1/uploads")).collect();
        assert!(changing.is_empty(), "{changing:?}");
        assert!(!proxy.saw(b"%PDF"));
    }
    assert_eq!(kept(world), 0, "an upload is kept");
}

/// Checks that there is a complete finding about a file.
#[track_caller]
fn is_found(details: &[Value], (path, code, word): &(String, &str, &str)) {
    let finding = details.iter().find(|d| d["at"] == path.as_str() && d["code"] == *code);
    let finding = finding.unwrap_or_else(|| panic!("{path} is not {code}: {details:?}"));
    let message = finding["message"].as_str().expect("a message");
    let plain = message.replace(['\u{2068}', '\u{2069}', '\u{a0}', '\u{202f}', ' ', ','], "").to_lowercase();
    assert!(plain.contains(&word.replace(' ', "").to_lowercase()), "{path}: {message}");
    assert_eq!(finding["severity"], "error");
    assert!(finding["remedy"].as_str().is_some_and(|r| !r.is_empty()), "{finding}");
}

fn invalid_files_are_refused_together_and_nothing_is_sent(world: &World) {
    let cases = unsound(world);
    let sound = world.file("good.pdf", samples::pdf());
    let (person, proxy) = through_a_proxy(world);
    let paths = cases.iter().map(|(path, ..)| path).chain([&sound]);
    let attach = paths.map(|path| format!("--attach={path}"));
    let args = CREATE.iter().chain(&["-o", "json", "--lang", "en"]).map(|arg| (*arg).to_owned());
    let run = person.run(args.chain(attach)).code(3);
    assert!(run.stdout.is_empty(), "{run:?}");
    let error = run.error();
    let details = error["details"].as_array().expect("findings");
    for case in &cases {
        is_found(details, case);
    }
    assert!(!details.iter().any(|d| d["at"] == sound.as_str()), "the sound one is blamed: {error}");
    // Too many files cause one additional finding in the same report.
    assert!(details.iter().any(|d| d["code"] == "files-too-many"), "{error}");
    nothing_was_sent(world, proxy.as_ref());
    assert_eq!(world.run(["list", "--all", "-o", "json"]).ok().json(), json!([]));
}

fn an_invalid_file_is_refused_by_every_command(world: &World) {
    let cases = unsound(world);
    let (person, proxy) = through_a_proxy(world);
    let number = &world.filed();
    let before = world.card("applicant", number);
    for (path, code, _) in &cases {
        let run = person.run(["attach", number, path, "-o", "json"]).code(3);
        assert!(run.codes().iter().any(|c| c == code), "{run:?}");
        let check = world.anonymous().run(["check", path, "-o", "json"]).code(3);
        assert!(check.out().contains(code), "{check:?}");
    }
    person.run(["comment", number, "--text", "Вот.", "--attach", &cases[0].0]).code(3);
    person.run(["rate", number, "--score", "1", "--attach", &cases[8].0]).code(3);
    let answer = ["operator", "answer", number, "--decision", "granted", "--text", "Вот.", "--attach"];
    person.run(answer.iter().chain(&[&cases[9].0[..]])).code(3);
    assert_eq!(world.card("applicant", number)["version"], before["version"]);
    nothing_was_sent(world, proxy.as_ref());
}

fn an_unusual_file_is_accepted_with_a_warning(world: &World) {
    let photo = world.file("photo.jpg", [&samples::jpeg()[..], b"a phone's data"].concat());
    let number = world.filed();
    let attached = world.run(["attach", &number, &photo, "--lang", "en"]).ok();
    assert!(attached.stderr.contains("The file is accepted, but other data follows"), "{attached:?}");
    assert_eq!(world.card("applicant", &number)["attachments"][0]["name"], "photo.jpg");
}

#[test]
fn a_check_of_files_alone_shows_their_warnings() {
    let world = World::empty();
    let photo = world.file("photo.jpg", [&samples::jpeg()[..], b"a phone's data"].concat());
    let findings = world.anonymous().run(["check", &photo, "-o", "json"]).ok().json();
    assert_eq!(findings[0]["code"], "file-unusual");
    assert_eq!(findings[0]["severity"], "warning");
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

/// Files an appeal with these files and downloads them; checks that they are the same.
fn are_preserved(world: &World, files: &[(&str, Vec<u8>)]) {
    let attach = files.iter().map(|(name, content)| {
        let path = world.file(&format!("in/{name}"), content);
        format!("--attach={path}")
    });
    let args = CREATE.iter().chain(&["-q"]).map(|arg| (*arg).to_owned()).chain(attach);
    let number = world.run(args.collect::<Vec<_>>()).ok().line().to_owned();
    let listed = world.run(["files", "list", &number, "-o", "json"]).ok().json();
    let folder = world.path().join("out");
    let got = world.run(["files", "get", &number, "--dir", folder.to_str().expect("a path"), "-q"]).ok();
    assert_eq!(got.lines().len(), files.len());
    for (name, content) in files {
        let rows = listed.as_array().expect("files");
        let row =
            rows.iter().find(|row| row["name"] == *name).unwrap_or_else(|| panic!("no {name}: {listed}"));
        assert_eq!((&row["size"], &row["sha256"]), (&json!(content.len()), &json!(sha256(content))));
        assert_eq!((&row["version"], &row["added_by"]), (&json!(1), &json!("applicant")));
        // A name that a shell would take for a flag is changed.
        let kept = name.replace("-dash", "_dash");
        let back = fs::read(folder.join(&kept)).unwrap_or_else(|e| panic!("{kept}: {e}: {got:?}"));
        assert!(back == *content, "{name} came back changed");
    }
    // The operator gets the same bytes.
    let (name, content) = &files[0];
    let folder = world.join("operator");
    world.by("operator").run(["files", "get", &number, name, "--dir", &folder]).ok();
    assert!(fs::read(Path::new(&folder).join(name)).is_ok_and(|back| back == *content));
}

fn files_of_every_type_and_name_are_preserved(world: &World) {
    are_preserved(
        world,
        &[
            ("SCAN.PDF", samples::pdf()),
            ("Photo.JPG", samples::jpeg()),
            ("фото двора.jpeg", samples::jpeg_sized(2000)),
            ("снимок экрана (1).PNG", samples::png()),
            ("заявление, копия.doc", samples::doc()),
            ("Договор № 5 «Ёлка».docx", samples::docx()),
            ("a'b $HOME;`x`.pdf", samples::pdf_sized(900)),
            ("-dash.pdf", samples::pdf_sized(901)),
            ("e\u{301}.pdf", samples::pdf_sized(902)),
        ],
    );
}

/// Five files of the maximum size are exactly the maximum of one appeal.
fn files_of_the_maximum_size_are_preserved(world: &World) {
    let largest: [(&str, Vec<u8>); 5] = [
        ("large.pdf", samples::pdf_sized(LARGEST)),
        ("large.jpg", samples::jpeg_sized(LARGEST)),
        ("large.png", samples::png_sized(LARGEST)),
        ("large.doc", samples::doc_sized(LARGEST)),
        ("large.docx", samples::docx_sized(LARGEST)),
    ];
    assert!(largest.iter().all(|(_, content)| content.len() == LARGEST));
    are_preserved(world, &largest);
    // One byte more in total is too much.
    let more = world.file("in/more.pdf", samples::pdf());
    let paths = largest.iter().map(|(name, _)| world.join(&format!("in/{name}"))).chain([more]);
    let attach = paths.map(|path| format!("--attach={path}"));
    let args = CREATE.iter().chain(&["-o", "json"]).map(|arg| (*arg).to_owned()).chain(attach);
    assert_eq!(world.run(args.collect::<Vec<_>>()).code(3).codes(), ["files-total-too-large"]);
}

fn a_category_limits_files_and_requires_documents(world: &World) {
    let application = format!("application={}", world.file("d.pdf", samples::pdf()));
    let big = world.file("big.pdf", samples::pdf_sized(5_242_881));
    let create = |more: &[&str]| {
        let base = ["create", "--subject", "Вычет", "--text", common::TEXT, "--category", "taxes.deduction"];
        world.run(base.iter().chain(&["-o", "json"]).chain(more))
    };
    let document = ["--document", &application];
    let with_big = [&document[..], &["--attach", &big]].concat();
    assert_eq!(create(&with_big).code(3).codes(), ["file-too-large"]);
    assert_eq!(create(&[]).code(3).codes(), ["document-required"]);
    create(&document).ok();
}

/// An appeal with a file that was replaced.
struct Replaced {
    number: String,
    id: String,
    first: Vec<u8>,
    second: Vec<u8>,
}

impl Replaced {
    fn new(world: &World) -> Replaced {
        let (first, second) = (samples::pdf_sized(700), samples::pdf_sized(800));
        let number = world.filed();
        world.run(["attach", &number, &world.file("скан.pdf", &first), "--note", "копия"]).ok();
        let id = listed(world, &number)[0]["id"].as_str().expect("an id").to_owned();
        world.run(["attach", &number, &world.file("скан-2.pdf", &second), "--replace", &id]).ok();
        Replaced { number, id, first, second }
    }
}

/// Returns the files of an appeal.
fn listed(world: &World, number: &str) -> Vec<Value> {
    let rows = world.run(["files", "list", number, "-o", "json"]).ok().json();
    rows.as_array().expect("files").clone()
}

fn a_replaced_file_keeps_its_versions(world: &World) {
    let file = Replaced::new(world);
    let files = listed(world, &file.number);
    assert_eq!((files.len(), &files[0]["id"], &files[0]["version"]), (1, &json!(file.id), &json!(2)));
    assert_eq!(files[0]["sha256"], sha256(&file.second));
    let history = world.run(["files", "history", &file.number, &file.id, "-o", "json"]).ok().json();
    let history = history.as_array().expect("versions");
    assert_eq!(common::keys(&history[0]), common::sorted("version name size sha256 added_at added_by"));
    let mut versions: Vec<(u64, &str)> = history
        .iter()
        .map(|v| (v["version"].as_u64().expect("a version"), v["name"].as_str().expect("a name")))
        .collect();
    versions.sort_unstable();
    assert_eq!(versions, [(1, "скан.pdf"), (2, "скан-2.pdf")]);
    let journal = world.run(["journal", &file.number, "--verify", "-o", "json"]).ok();
    assert!(journal.out().contains(&sha256(&file.second)), "the version is not in the journal");
}

fn a_file_is_replaced_by_name(world: &World) {
    let number = world.filed();
    world.run(["attach", &number, &world.file("scan.pdf", samples::pdf())]).ok();
    let newer = world.file("scan-2.pdf", samples::pdf_sized(4000));
    world.run(["attach", &number, &newer, "--replace", "scan.pdf"]).ok();
    let files = listed(world, &number);
    assert_eq!((files.len(), &files[0]["version"]), (1, &json!(2)));
    world.run(["attach", &number, &newer, "--replace", "unknown.pdf"]).code(5);
}

fn an_old_version_is_downloaded_and_restored(world: &World) {
    let Replaced { number, id, first, .. } = &Replaced::new(world);
    let get = ["files", "get", number, id, "--version", "1", "--dir", &world.join("old"), "-q"];
    assert_eq!(&fs::read(world.run(get).ok().line()).expect("the file"), first);
    world.run(["files", "restore", number, id, "--version", "1"]).ok();
    assert_eq!(listed(world, number)[0]["sha256"], sha256(first));
    world.run(["files", "restore", number, id, "--version", "9"]).code(5);
    world.run(["files", "get", number, "nothing"]).code(5);
}

fn files_are_for_those_who_see_the_appeal(world: &World) {
    let file = Replaced::new(world);
    world.by("representative").run(["files", "list", &file.number]).code(5);
    world.by("representative").run(["files", "get", &file.number, &file.id]).code(5);
}

fn a_file_is_removed_until_work_starts(world: &World) {
    let number = &world.filed();
    let spare = world.file("лишний.png", samples::png());
    world.run(["attach", number, &spare]).ok();
    world.run(["files", "remove", number, "лишний.png"]).ok();
    assert_eq!(listed(world, number), [] as [Value; 0]);
    world.run(["attach", number, &spare]).ok();
    world.by("operator").run(["operator", "take", number]).ok();
    world.run(["files", "remove", number, "лишний.png"]).code(6);
    world.run(["attach", number, &world.file("скан.pdf", samples::pdf())]).ok();
    assert_eq!(listed(world, number).len(), 2);
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

/// Another client than the tool, which sends whatever it likes.
struct Other {
    world: World,
    token: String,
}

impl Other {
    fn new() -> Other {
        let world = World::served();
        let token = world.token("applicant");
        Other { world, token }
    }

    fn call(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        call(self.world.serve().port, &self.token, method, path, headers, body)
    }

    /// Uploads bytes under a name.
    fn put(&self, name: &str, bytes: &[u8]) -> Answer {
        let name: String = name.bytes().map(|b| format!("%{b:02X}")).collect();
        let path = format!("/v1/uploads/{}?name={name}", sha256(bytes));
        self.call("PUT", &path, &[("content-type", "application/octet-stream")], bytes)
    }

    /// Files an appeal with this attachment.
    fn file(&self, sha256: &str, name: &str) -> Answer {
        let body = json!({
            "subject": common::SUBJECT, "text": common::TEXT, "category": "roads",
            "attachments": [{ "sha256": sha256, "name": name }],
        });
        let headers = [("content-type", "application/json"), ("idempotency-key", name)];
        self.call("POST", "/v1/appeals", &headers, body.to_string().as_bytes())
    }
}

/// Checks that something was refused with this finding.
#[track_caller]
fn is_refused(answer: &Answer, code: &str, what: &str) {
    assert_eq!(answer.status, 422, "{what}: {}", String::from_utf8_lossy(&answer.body));
    assert_eq!(answer.header("content-type").as_deref(), Some("application/problem+json"));
    let problem = answer.json();
    assert_eq!(problem["code"], "invalid", "{problem}");
    let found = problem["errors"].as_array().expect("errors").iter().any(|e| e["code"] == code);
    assert!(found, "{what}: {problem}");
}

#[test]
fn the_platform_refuses_invalid_files_by_itself() {
    let other = Other::new();
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
    for (name, bytes, code) in &cases {
        is_refused(&other.put(name, bytes), code, name);
    }
}

#[test]
fn the_platform_refuses_bytes_that_do_not_match_their_digest() {
    let path = format!("/v1/uploads/{}", sha256(b"other"));
    let wrong = Other::new().call("PUT", &path, &[], &samples::pdf());
    assert_eq!((wrong.status, &wrong.json()["code"]), (422, &json!("digest_mismatch")));
}

#[test]
fn an_appeal_is_filed_with_all_its_files_or_not_at_all() {
    let other = Other::new();
    let png = sha256(&samples::png());
    assert!([200, 201].contains(&other.put("a.png", &samples::png()).status));
    is_refused(&other.file(&png, "a.jpg"), "file-content-mismatch", "a.jpg");
    is_refused(&other.file(&png, "a/../b.png"), "file-name-invalid", "a/../b.png");
    let missing = other.file(&sha256(b"never"), "never.png");
    assert_eq!((missing.status, &missing.json()["code"]), (422, &json!("upload_missing")));
    assert_eq!(other.world.run(["list", "--all", "-o", "json"]).ok().json(), json!([]));
    let filed = other.file(&png, "a.png");
    assert_eq!(filed.status, 201, "{}", String::from_utf8_lossy(&filed.body));
    let number = filed.json()["number"].as_str().expect("a number").to_owned();
    assert_eq!(other.world.card("applicant", &number)["attachments"][0]["sha256"], png);
}

#[test]
fn an_upload_is_for_its_owner_alone() {
    let other = Other::new();
    other.put("a.png", &samples::png());
    let path = format!("/v1/uploads/{}", sha256(&samples::png()));
    let theirs = Other { token: other.world.token("representative"), world: other.world };
    assert_eq!(theirs.call("HEAD", &path, &[], &[]).status, 404);
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
}

#[test]
fn no_verbosity_prints_the_token() {
    let world = World::served();
    let run = world.run(["show", &world.filed(), "-vv"]).ok();
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
