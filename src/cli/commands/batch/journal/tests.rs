use super::*;

fn now() -> jiff::Timestamp {
    "2026-11-10T12:00:00Z".parse().unwrap()
}

fn entry(key: &str) -> RowEntry<'_> {
    RowEntry { row: 1, key, digest: "d", files: &[] }
}

fn path() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("batch.csv.journal.jsonl");
    (dir, path)
}

#[test]
fn what_was_filed_is_known_to_the_next_run() {
    let (_dir, path) = path();
    let mut journal = Journal::open(&path, "here", "batch.csv", &BatchOptions::default(), now()).unwrap();
    journal.record_sending(&[entry("a"), entry("b")], now()).unwrap();
    journal.record_filed(entry("a"), "2026-1", now()).unwrap();
    let key = journal.idempotency_key("b");
    drop(journal);
    let again = Journal::open(&path, "here", "batch.csv", &BatchOptions::default(), now()).unwrap();
    assert_eq!(again.filed("a").unwrap().map(|f| f.number), Some("2026-1".to_owned()));
    assert_eq!(again.filed("b").unwrap(), None, "sent is not filed");
    assert_eq!(again.idempotency_key("b"), key, "the same key, for the answer that was lost");
    assert_ne!(again.idempotency_key("a"), key);
}

#[test]
fn another_platform_has_its_own_part() {
    let (_dir, path) = path();
    let mut here = Journal::open(&path, "here", "x", &BatchOptions::default(), now()).unwrap();
    here.record_filed(entry("a"), "1", now()).unwrap();
    let key = here.idempotency_key("a");
    drop(here);
    let mut there = Journal::open(&path, "there", "x", &BatchOptions::default(), now()).unwrap();
    assert_eq!(there.filed("a").unwrap(), None);
    // It may be the same platform under another name, which then gives the first answer.
    assert_eq!(there.idempotency_key("a"), key);
    there.record_filed(entry("b"), "2", now()).unwrap();
    drop(there);
    assert_eq!(Journal::read(&path, "there").unwrap().other_places().count(), 0, "it has its own part");
    let mut back = Journal::open(&path, "here", "x", &BatchOptions::default(), now()).unwrap();
    assert!(back.filed("a").unwrap().is_some() && back.filed("b").unwrap().is_none());
    assert_eq!(back.idempotency_key("a"), key);
    back.record_filed(entry("c"), "3", now()).unwrap();
    drop(back);
    let read = Journal::read(&path, "here").unwrap();
    assert!(read.filed("a").unwrap().is_some() && read.filed("c").unwrap().is_some());
}

#[test]
fn a_line_cut_short_is_no_line() {
    let (_dir, path) = path();
    let mut journal = Journal::open(&path, "here", "x", &BatchOptions::default(), now()).unwrap();
    journal.record_filed(entry("a"), "1", now()).unwrap();
    drop(journal);
    let whole = std::fs::read(&path).unwrap();
    let start = whole.iter().position(|b| *b == b'\n').unwrap() + 1;
    // Wherever the crash was, the next run opens the journal and can go on.
    for end in start..whole.len() {
        std::fs::write(&path, &whole[..end]).unwrap();
        let mut journal = Journal::open(&path, "here", "x", &BatchOptions::default(), now()).unwrap();
        assert_eq!(journal.filed("a").unwrap(), None, "cut at {end}");
        journal.record_filed(entry("b"), "2", now()).unwrap();
        drop(journal);
        assert!(Journal::read(&path, "here").unwrap().filed("b").unwrap().is_some(), "cut at {end}");
    }
}

#[test]
fn another_file_is_left_alone() {
    let (_dir, path) = path();
    for content in ["subject,text\n", "{\"a\":1}\n", "no line end"] {
        std::fs::write(&path, content).unwrap();
        assert_eq!(
            Journal::open(&path, "here", "x", &BatchOptions::default(), now()).unwrap_err().code,
            "journal_other"
        );
        assert_eq!(std::fs::read_to_string(&path).unwrap(), content);
    }
}

#[test]
fn two_runs_at_once_are_one_too_many() {
    let (_dir, path) = path();
    let _first = Journal::open(&path, "here", "x", &BatchOptions::default(), now()).unwrap();
    assert_eq!(
        Journal::open(&path, "here", "x", &BatchOptions::default(), now()).unwrap_err().exit,
        Exit::Conflict
    );
}

#[test]
fn the_last_number_of_every_other_place_is_read() {
    let (_dir, path) = path();
    for (place, numbers) in [("one", &["1", "2"][..]), ("two", &[]), ("three", &["3"])] {
        let mut journal = Journal::open(&path, place, "x", &BatchOptions::default(), now()).unwrap();
        for number in numbers {
            journal.record_filed(entry(number), number, now()).unwrap();
        }
    }
    let last_numbers = |place: &str| -> Vec<(String, String)> {
        let journal = Journal::read(&path, place).unwrap();
        journal.other_places().map(|(place, number)| (place.to_owned(), number.to_owned())).collect()
    };
    assert_eq!(last_numbers("four"), [("three".into(), "3".into()), ("one".into(), "2".into())]);
    assert_eq!(last_numbers("two"), []);
}

#[test]
fn reading_makes_nothing() {
    let (_dir, path) = path();
    assert_eq!(Journal::read(&path, "here").unwrap().filed("a").unwrap(), None);
    assert!(!path.exists());
}

#[test]
fn lines_behind_a_header_that_cannot_be_read_are_nobodys() {
    let (_dir, path) = path();
    let mut here = Journal::open(&path, "here", "x", &BatchOptions::default(), now()).unwrap();
    here.record_filed(entry("a"), "1", now()).unwrap();
    drop(here);
    let mut there = Journal::open(&path, "there", "x", &BatchOptions::default(), now()).unwrap();
    there.record_filed(entry("b"), "2", now()).unwrap();
    drop(there);
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("\"place\":\"there\"", "\"place\":there")).unwrap();
    let read = Journal::read(&path, "here").unwrap();
    assert!(read.filed("a").unwrap().is_some());
    assert_eq!(read.filed("b").unwrap(), None, "it was filed elsewhere");
}

#[test]
fn what_came_since_it_was_read_is_read_too() {
    let (_dir, path) = path();
    let mut first = Journal::open(&path, "here", "x", &BatchOptions::default(), now()).unwrap();
    first.record_filed(entry("a"), "1", now()).unwrap();
    let read = Journal::read(&path, "here").unwrap();
    first.record_filed(entry("b"), "2", now()).unwrap();
    drop(first);
    let taken = read.open_for_writing("here", "x", &BatchOptions::default(), now()).unwrap();
    assert!(taken.filed("a").unwrap().is_some() && taken.filed("b").unwrap().is_some());
    drop(taken);
    // Another file under the same name has none of it.
    let read = Journal::read(&path, "here").unwrap();
    std::fs::rename(&path, path.with_extension("old")).unwrap();
    let taken = read.open_for_writing("here", "x", &BatchOptions::default(), now()).unwrap();
    assert_eq!(taken.filed("a").unwrap(), None);
}
