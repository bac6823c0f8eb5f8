//! Answers and cards as PDFs, and the export of complete histories.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::Command;

use crate::common;
use crate::common::http::{Proxy, call, sha256};
use crate::common::samples;
use crate::common::{Person, World};
use serde_json::{Value, json};

over_both!(
    answers_are_shown,
    the_newest_answer_is_saved_as_a_pdf,
    a_pdf_is_in_the_chosen_language_and_of_the_chosen_answer,
    a_pdf_replaces_no_file_unless_requested,
    answers_are_saved_with_their_files,
    a_missing_answer_and_another_persons_appeal_are_errors,
    a_history_is_exported_whole,
    an_export_has_verified_records_and_readable_documents,
    the_same_state_is_exported_as_the_same_bytes,
    an_export_replaces_nothing_unless_requested,
    an_export_to_a_folder_is_the_archive_unpacked,
    an_export_is_filtered,
    an_export_leaves_no_temporary_files,
);

/// Creates an appeal with two answers, the last with a file.
fn answered(world: &World) -> String {
    let number = world.filed_with(&["--attach", &world.file("Фото ямы.png", samples::png())]);
    let operator = world.by("operator");
    operator.run(["operator", "take", &number]).ok();
    let first = ["operator", "answer", &number, "--decision", "explained", "--text", "Ремонт — по плану."];
    operator.run(first).ok();
    world.run(["confirm", &number, "--no", "--reason", "Яма на месте."]).ok();
    let act = world.file("Акт №7.pdf", samples::pdf());
    let text = "Покрытие восстановлено.\n\nГарантия — 3 года, «Дорсервис».";
    let last = ["operator", "answer", &number, "--decision", "granted", "--text", text, "--attach", &act];
    operator.run(last).ok();
    number
}

/// Returns the output of `pdftotext`; prints a message and returns `None` if it is not installed.
fn read(pdf: &[u8]) -> Option<String> {
    assert!(pdf.starts_with(b"%PDF-1.7"), "no PDF: {:?}", String::from_utf8_lossy(&pdf[..pdf.len().min(80)]));
    assert!(pdf.ends_with(b"%%EOF"), "the end is missing");
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), pdf).unwrap();
    let Ok(output) = Command::new("pdftotext").args(["-enc", "UTF-8"]).arg(file.path()).arg("-").output()
    else {
        eprintln!("SKIPPED: pdftotext is not installed, so the text of the PDF is not read back");
        return None;
    };
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    Some(String::from_utf8(output.stdout).unwrap())
}

fn says(pdf: &[u8], lines: &[&str]) {
    let Some(text) = read(pdf) else { return };
    for line in lines {
        assert!(text.lines().any(|l| l.trim() == *line), "{line:?} is not in\n{text}");
    }
}

fn russian(world: &World) -> Person {
    world.by("applicant").env("APPEAL_LANG", "ru")
}

/// Returns the id of the first answer.
fn first_answer(world: &World, number: &str) -> String {
    world.run(["answer", number, "--jq", ".[0].id"]).ok().line().to_owned()
}

fn answers_are_shown(world: &World) {
    let number = answered(world);
    let shown = world.run(["answer", &number, "-o", "json"]).ok().json();
    assert_eq!(shown.as_array().map(Vec::len), Some(2), "{shown}");
    assert_eq!(common::keys(&shown[1]), common::sorted("at attachments decision id signed_by text"));
    assert_eq!(shown[1]["decision"], "granted");
    let quiet = world.run(["answer", &number, "--id", shown[0]["id"].as_str().unwrap(), "-q"]).ok();
    assert_eq!(quiet.out(), "Ремонт — по плану.\n");
    let table = russian(world).run(["answer", &number, "-o", "table"]).ok();
    assert!(table.out().contains("Удовлетворено") && table.out().contains("Дано разъяснение"), "{table:?}");
}

fn the_newest_answer_is_saved_as_a_pdf(world: &World) {
    let number = answered(world);
    let path = world.join("answer.pdf");
    let saved = russian(world).run(["answer", &number, "--pdf", &path, "-o", "json"]).ok().json();
    let pdf = fs::read(&path).unwrap();
    assert_eq!((&saved[0]["path"], &saved[0]["sha256"]), (&json!(path), &json!(sha256(&pdf))));
    says(
        &pdf,
        &[
            &format!("Ответ на обращение № {number}"),
            &format!("Тема: {}", common::SUBJECT),
            "Решение: Удовлетворено",
            "Покрытие восстановлено.",
            "Гарантия — 3 года, «Дорсервис».",
            &format!("SHA-256 {}", sha256(&samples::pdf())),
            "Страница 1 из 1",
        ],
    );
}

fn a_pdf_is_in_the_chosen_language_and_of_the_chosen_answer(world: &World) {
    let number = answered(world);
    let first = first_answer(world, &number);
    let other = russian(world).run(["answer", &number, "--id", &first, "--pdf", "-"]).ok();
    says(&other.stdout, &["Решение: Дано разъяснение", "Ремонт — по плану."]);
    let english = world.run(["answer", &number, "--lang", "en", "--pdf", "-"]).ok();
    says(&english.stdout, &[&format!("Answer to appeal No. {number}"), "Page 1 of 1"]);
    world.run(["answer", &number, "--id", "nothing", "--pdf", &world.join("no.pdf")]).code(5);
    assert!(!Path::new(&world.join("no.pdf")).exists());
}

fn a_pdf_replaces_no_file_unless_requested(world: &World) {
    let number = answered(world);
    let path = world.file("answer.pdf", "mine");
    world.run(["answer", &number, "--pdf", &path]).code(3);
    assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
    world.run(["answer", &number, "--pdf", &path, "--force"]).ok();
    assert!(fs::read(&path).unwrap().starts_with(b"%PDF"));
    world.run(["answer", &number, "--pdf", "/dev/null", "--force"]).code(3);
}

fn answers_are_saved_with_their_files(world: &World) {
    let number = answered(world);
    let dir = world.join("saved");
    let pdf = world.run(["answer", &number, "--pdf", "-"]).ok().stdout;
    for counter in ["", " (2)"] {
        let rows = world.run(["answer", &number, "--dir", &dir, "-q"]).ok();
        let expected =
            [format!("{dir}/{number}-answer-2{counter}.pdf"), format!("{dir}/Акт №7{counter}.pdf")];
        assert_eq!(rows.lines(), expected);
        assert_eq!(fs::read(&expected[0]).unwrap(), pdf);
        assert_eq!(fs::read(&expected[1]).unwrap(), samples::pdf());
    }
    assert_eq!(fs::read_dir(&dir).unwrap().count(), 4, "nothing half done is left");
}

fn a_missing_answer_and_another_persons_appeal_are_errors(world: &World) {
    let number = world.filed();
    let run = world.run(["answer", &number, "-o", "json", "--lang", "en"]).code(6);
    let error = run.error();
    assert_eq!(error["code"], "no_answer");
    assert!(error["hint"].as_str().unwrap().contains("due 20"), "{error}");
    world.by("representative").run(["answer", &number]).code(5);
    world.by("representative").run(["export", &number, "--to", &world.join("x.zip")]).code(5);
    assert!(!Path::new(&world.join("x.zip")).exists());
    world.run(["answer", &number, "--pdf", "a.pdf", "--dir", "b"]).code(2);
    world.run(["answer", &number, "--force"]).code(2);
}

/// Returns the entries of a ZIP archive, in order.
fn unpacked(path: &str) -> Vec<(String, Vec<u8>)> {
    let mut zip = zip::ZipArchive::new(fs::File::open(path).unwrap()).unwrap();
    (0..zip.len())
        .map(|at| {
            let mut entry = zip.by_index(at).unwrap();
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            assert!(entry.enclosed_name().is_some(), "{:?}", entry.name());
            (entry.name().unwrap().into_owned(), bytes)
        })
        .collect()
}

/// Collects the files under a folder by their paths.
fn below(dir: &Path, prefix: &str, found: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(dir).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{prefix}{}", entry.file_name().to_str().unwrap());
        if entry.path().is_dir() {
            below(&entry.path(), &format!("{name}/"), found);
        } else {
            found.insert(name, fs::read(entry.path()).unwrap());
        }
    }
}

/// Exports everything to an archive of this name; returns its path and the rows.
fn export(world: &World, name: &str) -> (String, Value) {
    let path = world.join(name);
    let rows = russian(world).run(["export", "--to", &path, "-o", "json"]).ok().json();
    (path, rows)
}

fn a_history_is_exported_whole(world: &World) {
    let (number, plain) = (answered(world), world.filed());
    let (path, rows) = export(world, "all.zip");
    assert_eq!(rows.as_array().map(Vec::len), Some(2), "{rows}");
    assert_eq!((&rows[0]["number"], &rows[1]["number"]), (&json!(number), &json!(plain)));
    let entries = unpacked(&path);
    let names: Vec<&str> = entries.iter().map(|(name, _)| name.as_str()).collect();
    let of = |rest: &str| format!("{number}/{rest}");
    let expected = [
        of("appeal.json"),
        of("appeal.pdf"),
        of("answer-1.pdf"),
        of("answer-2.pdf"),
        of("files/1-v1-Фото ямы.png"),
        of("files/2-v1-Акт №7.pdf"),
        format!("{plain}/appeal.json"),
        format!("{plain}/appeal.pdf"),
        "index.json".to_owned(),
        "index.csv".to_owned(),
    ];
    assert_eq!(names, expected);
    let index: Value = serde_json::from_slice(&entries[8].1).unwrap();
    assert_eq!(index, rows);
    let csv = String::from_utf8(entries[9].1.clone()).unwrap();
    assert!(csv.starts_with("number,path,status,") && csv.lines().count() == 3, "{csv}");
}

fn an_export_has_verified_records_and_readable_documents(world: &World) {
    let number = answered(world);
    let photo = world.card("applicant", &number)["attachments"][0].clone();
    let hidden = ["operator", "comment", &number, "--text", "Только для своих.", "--internal"];
    world.by("operator").run(hidden).ok();
    let (path, rows) = export(world, "all.zip");
    assert_eq!(rows[0]["verified"], true);
    let entries = unpacked(&path);
    let card: Value = serde_json::from_slice(&entries[0].1).unwrap();
    assert_eq!((&card["number"], &card["chain_verified"]), (&json!(number), &json!(true)));
    assert_eq!(card["chain"]["head"], card["chain"]["entries"].as_array().unwrap().last().unwrap()["hash"]);
    assert_eq!(card["files"][0]["versions"][0]["sha256"], photo["sha256"]);
    assert!(!card["journal"].as_array().unwrap().is_empty());
    says(&entries[1].1, &[&format!("Карточка обращения № {number}"), "Яма на месте."]);
    says(&entries[2].1, &["Ремонт — по плану."]);
    assert_eq!(sha256(&entries[4].1), photo["sha256"].as_str().unwrap());
    for (name, bytes) in &entries {
        assert!(!String::from_utf8_lossy(bytes).contains("Только для своих"), "{name}");
    }
}

fn the_same_state_is_exported_as_the_same_bytes(world: &World) {
    answered(world);
    let (one, two) = (export(world, "one.zip").0, export(world, "two.zip").0);
    assert_eq!(fs::read(one).unwrap(), fs::read(two).unwrap());
}

fn an_export_replaces_nothing_unless_requested(world: &World) {
    let (number, other) = (world.filed(), world.filed());
    let (path, _) = export(world, "all.zip");
    world.run(["export", "--to", &path]).code(3);
    let quiet = world.run(["export", &number, &other, "--to", &path, "--force", "-q"]).ok();
    assert_eq!(quiet.lines(), [number.as_str(), other.as_str()]);
    world.run(["export", &other, "--to", &path, "--force"]).ok();
    assert_eq!(unpacked(&path).len(), 4);
}

fn an_export_to_a_folder_is_the_archive_unpacked(world: &World) {
    answered(world);
    let (path, _) = export(world, "all.zip");
    let (dir, _) = export(world, "folder/of/mine");
    let mut found = BTreeMap::new();
    below(Path::new(&dir), "", &mut found);
    assert_eq!(found, unpacked(&path).into_iter().collect());
    world.run(["export", "--to", &dir]).code(3);
}

/// Filters are those of `list`; an empty list is exported as an empty archive.
fn an_export_is_filtered(world: &World) {
    let (taken, plain) = (world.filed(), world.filed());
    world.by("operator").run(["operator", "take", &taken]).ok();
    let export = |status: &str, more: &[&str]| {
        let path = world.join(&format!("{status}.zip"));
        let run = world.run(["export", "--status", status, "--to", &path].iter().chain(more));
        (path, run)
    };
    assert_eq!(export("submitted", &["-q"]).1.ok().lines(), [plain.as_str()]);
    let (path, run) = export("closed", &["--json"]);
    assert_eq!(run.ok().json(), json!([]));
    assert_eq!(unpacked(&path).len(), 2);
    export("rejected", &[&plain]).1.code(2);
}

fn an_export_leaves_no_temporary_files(world: &World) {
    let number = world.filed();
    export(world, "all.zip");
    world.run(["export", &number, "2026-0000000000-0", "--to", &world.join("failed.zip")]);
    let left: Vec<String> = fs::read_dir(world.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with(".appeal-") || name.starts_with("failed"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn the_platform_serves_valid_documents() {
    let world = World::served();
    let number = answered(&world);
    let port = world.server_port().unwrap();
    let token = world.token("applicant");
    let answers = world.run(["answer", &number, "-o", "json"]).ok().json();
    let id = answers[1]["id"].as_str().unwrap();
    let place = format!("/v1/appeals/{number}/answers/{id}/pdf");
    let ru = call(port, &token, "GET", &place, &[("accept-language", "ru")], b"");
    assert_eq!(ru.status, 200);
    assert_eq!(ru.header("content-type").as_deref(), Some("application/pdf"));
    assert_eq!(ru.header("content-language").as_deref(), Some("ru"));
    assert_eq!(ru.header("etag"), Some(format!("\"{}\"", sha256(&ru.body))));
    assert!(ru.header("content-digest").unwrap().starts_with("sha-256=:"));
    let disposition = ru.header("content-disposition").unwrap();
    assert!(
        disposition.starts_with(&format!("attachment; filename=\"{number}-answer-2.pdf\"")),
        "{disposition}"
    );
    let tag = ru.header("etag").unwrap();
    let headers = [("accept-language", "ru"), ("if-none-match", tag.as_str())];
    let known = call(port, &token, "GET", &place, &headers, b"");
    assert_eq!((known.status, known.body.len()), (304, 0));
    let en = call(port, &token, "GET", &place, &[], b"");
    says(&en.body, &["Decision: Granted"]);
    let card = call(port, &token, "GET", &format!("/v1/appeals/{number}/pdf"), &[], b"");
    assert_eq!(card.status, 200);
    says(&card.body, &[&format!("Card of appeal No. {number}")]);

    // As for the card: missing for others, and nothing without a token.
    let other = world.token("representative");
    for place in [place.clone(), format!("/v1/appeals/{number}/pdf")] {
        assert_eq!(call(port, &other, "GET", &place, &[], b"").status, 404);
        assert_eq!(call(port, "", "GET", &place, &[], b"").status, 401);
    }
    let elsewhere = format!("/v1/appeals/{}/answers/{id}/pdf", world.filed());
    assert_eq!(call(port, &token, "GET", &elsewhere, &[], b"").status, 404);
}

#[test]
fn an_interrupted_export_leaves_nothing() {
    let world = World::served();
    let numbers: Vec<String> = (0..12).map(|_| world.filed()).collect();
    let proxy = Proxy::to(world.server_port().unwrap());
    let person = world.by("applicant").env("APPEAL_SERVER", proxy.url());
    let mut going = person.start(["export", "--to", &world.join("cut.zip"), "-o", "json"]);
    // The first document has been requested.
    while !proxy.requests().iter().any(|request| request.contains("/pdf")) {
        assert!(going.is_running());
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    going.signal(libc::SIGINT);
    let run = going.finish();
    // One that finished in time is complete; any other has left nothing.
    let complete = run.status == 0;
    assert!(complete || run.status == 130, "{run:?}");
    assert_eq!(Path::new(&world.join("cut.zip")).exists(), complete);
    if complete {
        assert_eq!(unpacked(&world.join("cut.zip")).len(), numbers.len() * 2 + 2);
    }
    let left = fs::read_dir(world.path()).unwrap().filter(|entry| {
        entry.as_ref().is_ok_and(|entry| entry.file_name().to_string_lossy().starts_with(".appeal-"))
    });
    assert_eq!(left.count(), 0);
}
