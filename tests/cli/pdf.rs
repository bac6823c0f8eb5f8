//! Answers and cards as PDFs, and the export of complete histories.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::Command;

use crate::common;
use crate::common::World;
use crate::common::http::{Proxy, call, sha256};
use crate::common::samples;
use serde_json::Value;

over_both!(
    an_answer_is_shown_and_saved,
    a_missing_answer_and_another_persons_appeal_are_errors,
    a_history_is_exported_whole,
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

fn an_answer_is_shown_and_saved(world: &World) {
    let number = answered(world);
    let person = world.by("applicant").env("APPEAL_LANG", "ru");

    let shown = person.run(["answer", &number, "-o", "json"]).ok().json();
    assert_eq!(shown.as_array().map(Vec::len), Some(2), "{shown}");
    assert_eq!(common::keys(&shown[1]), common::sorted("at attachments decision id signed_by text"));
    assert_eq!(shown[1]["decision"], "granted");
    let first = shown[0]["id"].as_str().unwrap();
    let quiet = person.run(["answer", &number, "--id", first, "-q"]).ok();
    assert_eq!(quiet.out(), "Ремонт — по плану.\n");
    let table = person.run(["answer", &number, "-o", "table"]).ok();
    assert!(table.out().contains("Удовлетворено") && table.out().contains("Дано разъяснение"), "{table:?}");

    // The newest answer, unless another one is requested.
    let path = world.join("answer.pdf");
    let saved = person.run(["answer", &number, "--pdf", &path, "-o", "json"]).ok().json();
    let pdf = fs::read(&path).unwrap();
    assert_eq!(saved[0]["path"], path.as_str());
    assert_eq!(saved[0]["sha256"], sha256(&pdf).as_str());
    let title = format!("Ответ на обращение № {number}");
    let subject = format!("Тема: {}", common::SUBJECT);
    says(
        &pdf,
        &[
            &title,
            &subject,
            "Решение: Удовлетворено",
            "Покрытие восстановлено.",
            "Гарантия — 3 года, «Дорсервис».",
            &format!("SHA-256 {}", sha256(&samples::pdf())),
            "Страница 1 из 1",
        ],
    );
    let other = person.run(["answer", &number, "--id", first, "--pdf", "-"]).ok();
    says(&other.stdout, &["Решение: Дано разъяснение", "Ремонт — по плану."]);
    let english = person.clone().env("APPEAL_LANG", "en").run(["answer", &number, "--pdf", "-"]).ok();
    says(&english.stdout, &[&format!("Answer to appeal No. {number}"), "Page 1 of 1"]);

    // An existing file is kept, unless replacing is requested.
    fs::write(&path, "mine").unwrap();
    person.run(["answer", &number, "--pdf", &path]).code(3);
    assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
    person.run(["answer", &number, "--pdf", &path, "--force"]).ok();
    assert_eq!(fs::read(&path).unwrap(), pdf);
    person.run(["answer", &number, "--pdf", "/dev/null", "--force"]).code(3);
    person.run(["answer", &number, "--id", "nothing", "--pdf", &world.join("no.pdf")]).code(5);
    assert!(!Path::new(&world.join("no.pdf")).exists());

    let dir = world.join("saved");
    for counter in ["", " (2)"] {
        let rows = person.run(["answer", &number, "--dir", &dir, "-q"]).ok();
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

fn a_history_is_exported_whole(world: &World) {
    let number = answered(world);
    let plain = world.filed();
    let photo = world.card("applicant", &number)["attachments"][0].clone();
    let person = world.by("applicant").env("APPEAL_LANG", "ru");
    let hidden = ["operator", "comment", &number, "--text", "Только для своих.", "--internal"];
    world.by("operator").run(hidden).ok();

    let path = world.join("all.zip");
    let rows = person.run(["export", "--to", &path, "-o", "json"]).ok().json();
    assert_eq!(rows.as_array().map(Vec::len), Some(2), "{rows}");
    assert_eq!((&rows[0]["number"], &rows[1]["number"]), (&Value::from(&*number), &Value::from(&*plain)));
    assert_eq!(rows[0]["verified"], true);
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
    let card: Value = serde_json::from_slice(&entries[0].1).unwrap();
    assert_eq!(card["number"], number.as_str());
    assert_eq!(card["chain_verified"], true);
    assert_eq!(card["chain"]["head"], card["chain"]["entries"].as_array().unwrap().last().unwrap()["hash"]);
    assert_eq!(card["files"][0]["versions"][0]["sha256"], photo["sha256"]);
    assert!(!card["journal"].as_array().unwrap().is_empty());
    let title = format!("Карточка обращения № {number}");
    says(&entries[1].1, &[&title, "Яма на месте."]);
    says(&entries[2].1, &["Ремонт — по плану."]);
    assert_eq!(sha256(&entries[4].1), photo["sha256"].as_str().unwrap());
    for (name, bytes) in &entries {
        assert!(!String::from_utf8_lossy(bytes).contains("Только для своих"), "{name}");
    }
    let index: Value = serde_json::from_slice(&entries[8].1).unwrap();
    assert_eq!(index, rows);
    let csv = String::from_utf8(entries[9].1.clone()).unwrap();
    assert!(csv.starts_with("number,path,status,") && csv.lines().count() == 3, "{csv}");

    // The same state gives the same bytes, also in a folder; existing files are not replaced.
    let again = world.join("again.zip");
    assert_eq!(person.run(["export", "--to", &again, "-q"]).ok().lines(), [number.as_str(), plain.as_str()]);
    assert_eq!(fs::read(&again).unwrap(), fs::read(&path).unwrap());
    person.run(["export", "--to", &path]).code(3);
    person.run(["export", &plain, "--to", &path, "--force"]).ok();
    assert_eq!(unpacked(&path).len(), 4);
    let dir = world.join("folder/of/mine");
    person.run(["export", "--to", &dir]).ok();
    let mut found = BTreeMap::new();
    below(Path::new(&dir), "", &mut found);
    assert_eq!(found, entries.into_iter().collect());
    person.run(["export", "--to", &dir]).code(3);

    // Filters are those of `list`; an empty list is exported as an empty archive.
    let some = world.join("some.zip");
    let run = person.run(["export", "--status", "submitted", "--to", &some, "-q"]).ok();
    assert_eq!(run.lines(), [plain.as_str()]);
    let none = world.join("none.zip");
    assert_eq!(person.run(["export", "--status", "closed", "--to", &none, "--json"]).ok().out().trim(), "[]");
    assert_eq!(unpacked(&none).len(), 2);
    person.run(["export", &plain, "--status", "closed", "--to", &world.join("x")]).code(2);

    // Neither a failed nor a successful export leaves temporary files.
    person.run(["export", &plain, "2026-0000000000-0", "--to", &world.join("y.zip")]);
    let left: Vec<String> = fs::read_dir(world.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with(".appeal-") || name.starts_with('y'))
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
