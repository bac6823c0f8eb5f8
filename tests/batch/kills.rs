//! A batch whose tool and platform are killed repeatedly while rows are filed, over an unreliable network.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::common;
use crate::common::{World, samples};
use serde_json::json;

/// In the end every row is filed once, every file was uploaded once, and the journal agrees with the platform.
#[test]
fn through_an_unreliable_network_and_many_kills() {
    const ROWS: usize = 300;
    let world = World::served();
    let mut server = common::Server::start(&world, &[]);
    let chaos = common::http::Chaos::to(server.port, 20_261_121);
    // Separate files, one shared by many rows, and rows without files.
    let shared = world.file("общее.png", samples::png());
    let mut files = HashSet::from([common::http::sha256(&samples::png())]);
    let record = |n: usize| {
        let attach = match n % 6 {
            0 => {
                // Data after the end of a PDF is ignored, so each file is different.
                let mut bytes = samples::pdf();
                bytes.extend_from_slice(format!("%{n}\n%%EOF\n").as_bytes());
                files.insert(common::http::sha256(&bytes));
                format!("{}|{shared}", world.file(&format!("акт {n}.pdf"), bytes))
            }
            3 => shared.clone(),
            _ => String::new(),
        };
        json!({
            "subject": format!("Фонарь номер {n}"), "text": "С 1 ноября не горит фонарь.", "category": "roads",
            "attach": attach,
        })
        .to_string()
    };
    let path = world.file("lamps.jsonl", (0..ROWS).map(record).collect::<Vec<_>>().join("\n"));
    let journal = world.join("lamps.journal");
    let person = world.by("applicant").env("APPEAL_SERVER", chaos.url());
    let args = ["batch", "submit", &path, "--journal", &journal, "-o", "jsonl", "--jobs", "4"];
    let size = || fs::metadata(&journal).map_or(0, |metadata| metadata.len());
    let (mut wait, mut deaths, mut while_filing) = (20, 0, 0);
    for round in 0..14 {
        let before = size();
        let mut going = person.start(args);
        let begun = Instant::now();
        // Every third time at any moment, otherwise while rows are being sent.
        while round % 3 > 0 && size() == before && going.is_running() {
            assert!(begun.elapsed() < Duration::from_secs(60), "nothing is filed");
            sleep(Duration::from_millis(2));
        }
        sleep(Duration::from_millis(wait));
        wait = (wait * 7 + 131) % 300 + 5;
        if round % 4 == 3 {
            let port = server.port;
            server.kill();
            server = common::Server::start_on(&world, port, &[]);
        }
        if going.is_running() {
            going.signal(9);
            deaths += 1;
            while_filing += usize::from(size() > before);
        }
        // What it printed before it was killed consists of complete lines, each of them JSON; everything except
        // possibly the last line is there.
        let run = going.finish();
        let out = String::from_utf8_lossy(&run.stdout).into_owned();
        for line in out.split_inclusive('\n').filter(|line| line.ends_with('\n')) {
            assert!(serde_json::from_str::<serde_json::Value>(line).is_ok(), "{line}");
        }
    }
    assert!(deaths > 5 && while_filing > 2, "it could not be killed: {deaths}, {while_filing}");
    chaos.calm();
    let rows = person.run(args).ok().jsonl();
    assert_eq!(rows.len(), ROWS);
    assert!(rows.iter().all(|r| r["status"] == "filed" || r["status"] == "already"), "{rows:?}");
    let listed = world.run(["list", "--all", "-o", "json"]).ok().json();
    let listed = listed.as_array().expect("rows");
    let subjects: HashSet<&str> = listed.iter().filter_map(|r| r["subject"].as_str()).collect();
    assert_eq!((listed.len(), subjects.len()), (ROWS, ROWS));
    let numbers: HashSet<&str> = rows.iter().filter_map(|r| r["number"].as_str()).collect();
    assert_eq!(numbers, listed.iter().filter_map(|r| r["number"].as_str()).collect());
    // The journal agrees, without contacting the platform.
    let status = world.anonymous().run(["batch", "status", &journal, "-o", "json"]).ok().json();
    let status = status.as_array().expect("rows");
    assert!(status.iter().all(|r| r["status"] == "filed"), "{status:?}");
    assert_eq!(numbers, status.iter().filter_map(|r| r["number"].as_str()).collect());
    // Every file is attached once, and the platform stored each once, no matter how often it was sent.
    for n in [0, 3, 1] {
        let number =
            rows.iter().find(|r| r["row"] == n + 1).and_then(|r| r["number"].as_str()).expect("a number");
        let card = world.card("applicant", number);
        let names: Vec<&str> = card["attachments"]
            .as_array()
            .expect("files")
            .iter()
            .filter_map(|a| a["name"].as_str())
            .collect();
        let wanted: &[&str] = match n {
            0 => &["акт 0.pdf", "общее.png"],
            3 => &["общее.png"],
            _ => &[],
        };
        assert_eq!(names, wanted, "row {n}");
    }
    let mut brought: HashMap<String, usize> = HashMap::new();
    for path in chaos.brought() {
        *brought.entry(path.rsplit('/').next().unwrap_or_default().to_owned()).or_default() += 1;
    }
    assert_eq!(brought.keys().cloned().collect::<HashSet<_>>(), files);
    assert!(brought.values().all(|times| *times == 1), "{brought:?}");
}
