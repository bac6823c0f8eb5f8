//! A batch whose tool and platform are killed repeatedly while rows are filed, over an unreliable network.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::common::http::{Chaos, sha256};
use crate::common::{Person, Server, World, samples};
use serde_json::{Value, json};

const ROWS: usize = 300;

/// A batch that is killed and started again. Some rows have a file of their own, some share one.
struct Killed {
    world: World,
    chaos: Chaos,
    person: Person,
    journal: String,
    path: String,
    /// Digests of the files.
    files: HashSet<String>,
}

/// How often it was killed, and how often while rows were being filed.
#[derive(Default)]
struct Deaths {
    all: usize,
    while_filing: usize,
}

impl Killed {
    fn new(world: World, server: &Server) -> Killed {
        let chaos = Chaos::to(server.port, 20_261_121);
        let person = world.by("applicant").env("APPEAL_SERVER", chaos.url());
        let shared = world.file("общее.png", samples::png());
        let mut files = HashSet::from([sha256(&samples::png())]);
        let record = |n: usize| {
            let attach = match n % 6 {
                0 => {
                    // Data after the end of a PDF is ignored, so each file is different.
                    let mut bytes = samples::pdf();
                    bytes.extend_from_slice(format!("%{n}\n%%EOF\n").as_bytes());
                    files.insert(sha256(&bytes));
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
        let rows: Vec<String> = (0..ROWS).map(record).collect();
        let path = world.file("lamps.jsonl", rows.join("\n"));
        let journal = world.join("lamps.journal");
        Killed { world, chaos, person, journal, path, files }
    }

    fn args(&self) -> [&str; 9] {
        ["batch", "submit", &self.path, "--journal", &self.journal, "-o", "jsonl", "--jobs", "4"]
    }

    fn size(&self) -> u64 {
        fs::metadata(&self.journal).map_or(0, |metadata| metadata.len())
    }

    /// Starts the batch and kills it after this time: every third time at any moment, otherwise while rows are being
    /// sent.
    fn kill(&self, round: usize, wait: u64, deaths: &mut Deaths, meanwhile: impl FnOnce()) {
        let before = self.size();
        let mut going = self.person.start(self.args());
        let begun = Instant::now();
        while !round.is_multiple_of(3) && self.size() == before && going.is_running() {
            assert!(begun.elapsed() < Duration::from_secs(60), "nothing is filed");
            sleep(Duration::from_millis(2));
        }
        sleep(Duration::from_millis(wait));
        meanwhile();
        if going.is_running() {
            going.signal(9);
            deaths.all += 1;
            deaths.while_filing += usize::from(self.size() > before);
        }
        // What it printed before it was killed are complete lines of JSON, except possibly the last.
        let out = going.finish().stdout;
        for line in String::from_utf8_lossy(&out).split_inclusive('\n').filter(|line| line.ends_with('\n')) {
            assert!(serde_json::from_str::<Value>(line).is_ok(), "{line}");
        }
    }

    /// Checks that every row is filed once, and that the journal agrees without the platform.
    fn is_filed_once(&self, rows: &[Value]) {
        assert_eq!(rows.len(), ROWS);
        assert!(rows.iter().all(|r| r["status"] == "filed" || r["status"] == "already"), "{rows:?}");
        let of = |rows: &[Value], key: &str| -> HashSet<String> {
            rows.iter().filter_map(|r| r[key].as_str().map(str::to_owned)).collect()
        };
        let listed = self.world.run(["list", "--all", "-o", "jsonl"]).ok().jsonl();
        assert_eq!((listed.len(), of(&listed, "subject").len()), (ROWS, ROWS));
        assert_eq!(of(rows, "number"), of(&listed, "number"));
        let status =
            self.world.anonymous().run(["batch", "status", &self.journal, "-o", "jsonl"]).ok().jsonl();
        assert!(status.iter().all(|r| r["status"] == "filed"), "{status:?}");
        assert_eq!(of(rows, "number"), of(&status, "number"));
    }

    /// Checks that every file is attached once, and that the platform stored each once, no matter how often it was
    /// sent.
    fn has_each_file_once(&self, rows: &[Value]) {
        for (n, wanted) in [(0, &["акт 0.pdf", "общее.png"][..]), (3, &["общее.png"]), (1, &[])]
        {
            let row = rows.iter().find(|r| r["row"] == n + 1).expect("the row");
            let card = self.world.card("applicant", row["number"].as_str().expect("a number"));
            let files = card["attachments"].as_array().expect("files");
            assert_eq!(
                files.iter().filter_map(|a| a["name"].as_str()).collect::<Vec<_>>(),
                wanted,
                "row {n}"
            );
        }
        let mut brought: HashMap<String, usize> = HashMap::new();
        for path in self.chaos.brought() {
            *brought.entry(path.rsplit('/').next().unwrap_or_default().to_owned()).or_default() += 1;
        }
        assert_eq!(brought.keys().cloned().collect::<HashSet<_>>(), self.files);
        assert!(brought.values().all(|times| *times == 1), "{brought:?}");
    }
}

/// In the end every row is filed once, every file was uploaded once, and the journal agrees with the platform.
#[test]
fn through_an_unreliable_network_and_many_kills() {
    let world = World::served();
    let mut server = Some(Server::start(&world, &[]));
    let batch = Killed::new(world, server.as_ref().expect("a server"));
    let (mut wait, mut deaths) = (20, Deaths::default());
    for round in 0..14 {
        batch.kill(round, wait, &mut deaths, || {
            if round % 4 == 3 {
                let old = server.take().expect("a server");
                old.kill();
                server = Some(Server::start_on(&batch.world, old.port, &[]));
            }
        });
        wait = (wait * 7 + 131) % 300 + 5;
    }
    let Deaths { all, while_filing } = deaths;
    assert!(all > 5 && while_filing > 2, "it could not be killed: {all}, {while_filing}");
    batch.chaos.calm();
    let rows = batch.person.run(batch.args()).ok().jsonl();
    batch.is_filed_once(&rows);
    batch.has_each_file_once(&rows);
}
