//! Lists the migrations, so that adding one takes a file and nothing else.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs, io};

/// Migrations of SQLite: `NNNN_what_it_does.sql`.
const FOLDER: &str = "store/migrations/sqlite";

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed={FOLDER}");
    let variable = |name| env::var(name).map_err(io::Error::other);
    let folder = Path::new(&variable("CARGO_MANIFEST_DIR")?).join(FOLDER);
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        names.extend(name.strip_suffix(".sql").map(str::to_owned));
    }
    names.sort();
    let mut list = "[".to_owned();
    for name in names {
        let parts =
            name.split_once('_').and_then(|(version, what)| Some((version.parse::<i64>().ok()?, what)));
        let (version, what) = parts.ok_or_else(|| {
            io::Error::other(format!("{FOLDER}/{name}.sql: the name must be NNNN_what_it_does.sql"))
        })?;
        let what = what.replace('_', " ");
        let path = folder.join(format!("{name}.sql"));
        writeln!(list, "({version}, {what:?}, include_str!({path:?})),").map_err(io::Error::other)?;
    }
    list.push(']');
    fs::write(Path::new(&variable("OUT_DIR")?).join("migrations.rs"), list)
}
