//! How much a batch remembers of every row: `cargo bench --bench batch_index [-- ROWS]`. Counts what is allocated at the
//! worst moment, growing and sorting included, and fails above 40 bytes a row.

#![allow(clippy::print_stdout, reason = "a bench prints what it found")]

use std::hint::black_box;
use std::time::Instant;

use peak_alloc::PeakAlloc;

#[allow(dead_code, unused_imports, reason = "the bench uses a part of it, and not its unit tests")]
#[path = "../src/cli/commands/batch/index.rs"]
mod index;

use index::{Digests, Numbers, Offsets, Table, digest, pack};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// The most that a row may take.
const BYTES_MAX: f64 = 40.0;

/// About the length of two lines of a journal: a row before it was sent and after it was filed.
const LINES: u64 = 330;

/// Every row is filed: its key, and its line in the journal by key and by number.
fn file(rows: u64) -> impl Sized {
    let (mut keys, mut filed, mut numbers) = (Numbers::default(), Offsets::default(), Offsets::default());
    for row in 0..rows {
        let key = digest(&format!("row-{row}"));
        keys.put(key, pack(1));
        filed.add(key, pack(row * LINES));
        numbers.add(digest(&format!("2026-{row}")), pack(row * LINES));
    }
    (keys, filed, numbers)
}

/// The rows of a journal in their order, for `batch status`.
fn list(rows: u64) -> impl Sized {
    let mut last = Table::<8, 10>::default();
    for row in 0..rows {
        let mut value = [0; 10];
        value[..5].copy_from_slice(&pack(row));
        value[5..].copy_from_slice(&pack(row * LINES));
        last.put(digest(&format!("row-{row}")), value);
    }
    last.into_sorted_values()
}

/// Every row failed and is filed again.
fn retry(rows: u64) -> impl Sized {
    let mut failed = Digests::default();
    for row in 0..rows {
        failed.put(digest(&format!("row-{row}")), []);
    }
    (failed, file(rows))
}

fn measure<T>(name: &str, rows: u64, run: impl FnOnce(u64) -> T) {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let begun = Instant::now();
    black_box(run(rows));
    let bytes = (MEMORY.peak_usage() - before) as f64 / rows as f64;
    let nanoseconds = begun.elapsed().as_nanos() / u128::from(rows);
    println!("{name:<8} {rows:>9} rows   {bytes:>5.1} bytes a row   {nanoseconds:>5} ns a row");
    assert!(bytes <= BYTES_MAX, "{name}: {bytes} bytes a row");
}

fn main() {
    let rows = std::env::args().skip(1).find_map(|arg| arg.parse().ok()).unwrap_or(1_000_000);
    measure("submit", rows, file);
    measure("status", rows, list);
    measure("retry", rows, retry);
}
