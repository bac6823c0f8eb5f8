//! How long the rules themselves take: `cargo bench --bench domain`.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a bench that cannot go on should stop")]

use std::hint::black_box;
use std::io::Cursor;

use appeal_domain::journal::{Entry, Link, seal, verify};
use appeal_domain::writing::{Draft, check};
use appeal_domain::{AppealNumber, Calendar, Term};
use appeal_files::inspect;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use jiff::Timestamp;
use jiff::tz::{TimeZone, offset};
use serde_json::json;

/// The longest text that is taken, in sentences a person might write.
fn long_text() -> String {
    "С первого октября в подъезде № 2 дома 14 по улице Садовой нет отопления, температура в квартире 14 °C. \
     Заявка 4581 от 03.10.2026 закрыта без выхода мастера. Прошу восстановить отопление и сообщить срок.\n"
        .chars()
        .cycle()
        .take(10_000)
        .collect()
}

fn numbers(c: &mut Criterion) {
    let number = AppealNumber::from_parts(2026, 4_815_162_342).to_string();
    c.bench_function("number/parse", |b| b.iter(|| black_box(&number).parse::<AppealNumber>().unwrap()));
    c.bench_function("number/make", |b| {
        b.iter(|| AppealNumber::from_parts(2026, black_box(4_815_162_342)).to_string());
    });
}

fn writing(c: &mut Criterion) {
    let text = long_text();
    let draft = Draft { subject: "Нет отопления", text: &text, ..Draft::default() };
    let mut group = c.benchmark_group("writing");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("check", |b| b.iter(|| check(black_box(&draft))));
    group.finish();
}

fn deadlines(c: &mut Criterion) {
    let calendar = Calendar::stock();
    let zone = TimeZone::fixed(offset(3));
    let from: Timestamp = "2026-04-29T13:37:00Z".parse().unwrap();
    for (name, term) in [
        ("working-days", Term::WorkingDays(30)),
        ("working-hours", Term::WorkingHours(40)),
        ("calendar-days", Term::CalendarDays(30)),
    ] {
        c.bench_function(&format!("deadline/{name}"), |b| {
            b.iter(|| calendar.due(black_box(term), from, &zone).unwrap());
        });
    }
}

fn journal(c: &mut Criterion) {
    let entry = |seq: u64| Entry {
        seq,
        at: Timestamp::from_second(1_790_000_000).unwrap(),
        actor: "operator".to_owned(),
        action: "take".to_owned(),
        changes: json!({ "status": { "before": "submitted", "after": "in_progress" } }),
        internal: false,
        salt: [7; 16],
    };
    let mut links: Vec<Link> = Vec::new();
    for seq in 1..=100 {
        let entry = entry(seq);
        let seal = seal(links.last().map(|l| l.seal().hash.as_str()), &entry);
        links.push(Link::Full { entry, seal });
    }
    let one = entry(1);
    c.bench_function("journal/seal", |b| b.iter(|| seal(None, black_box(&one))));
    c.bench_function("journal/verify-100", |b| b.iter(|| verify(black_box(&links)).unwrap()));
}

/// A page with nothing on it, and so many bytes in a stream.
fn pdf(filler: usize) -> Vec<u8> {
    let mut out = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n".to_vec();
    let mut offsets = Vec::new();
    let stream = [b"<< /Length ".as_slice(), filler.to_string().as_bytes(), b" >>\nstream\n"].concat();
    let objects: [&[u8]; 4] = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents 4 0 R >>",
        &[stream.as_slice(), &vec![b'%'; filler], b"\nendstream"].concat(),
    ];
    for (n, object) in objects.iter().enumerate() {
        offsets.push(out.len());
        out.extend_from_slice(format!("{} 0 obj\n", n + 1).as_bytes());
        out.extend_from_slice(object);
        out.extend_from_slice(b"\nendobj\n");
    }
    let xref = out.len();
    out.extend_from_slice(b"xref\n0 5\n0000000000 65535 f \n");
    for offset in offsets {
        out.extend_from_slice(format!("{offset:010} 00000 n \n").as_bytes());
    }
    out.extend_from_slice(
        format!("trailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n{xref}\n%%EOF\n").as_bytes(),
    );
    out
}

fn files(c: &mut Criterion) {
    let file = pdf(10 * 1024 * 1024 - 1024);
    assert!(inspect(Cursor::new(&file)).unwrap().intact.is_ok(), "the sample is a whole PDF");
    let mut group = c.benchmark_group("files");
    group.throughput(Throughput::Bytes(file.len() as u64)).sample_size(10);
    group
        .bench_function("inspect-pdf-10-mib", |b| b.iter(|| inspect(Cursor::new(black_box(&file))).unwrap()));
    group.finish();
}

#[cfg(feature = "platform")]
fn search(c: &mut Criterion) {
    let text = long_text();
    let mut group = c.benchmark_group("search");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("terms", |b| b.iter(|| appeal_platform::store::search::terms(black_box(&text))));
    group.finish();
}

#[cfg(not(feature = "platform"))]
fn search(_: &mut Criterion) {}

criterion_group!(benches, numbers, writing, deadlines, journal, files, search);
criterion_main!(benches);
