//! Lists the migrations, so that adding one takes a file and nothing else, and compresses the fonts of PDFs: that halves
//! the 1.8 MB which they add to the binary.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::{env, fs, io};

use flate2::Compression;
use flate2::write::ZlibEncoder;

/// Migrations of SQLite: `NNNN_what_it_does.sql`.
const FOLDER: &str = "store/migrations/sqlite";

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed={FOLDER}");
    let variable = |name| env::var(name).map_err(io::Error::other);
    let out = variable("OUT_DIR")?;
    list_migrations(&Path::new(&variable("CARGO_MANIFEST_DIR")?).join(FOLDER), Path::new(&out))?;
    compress_fonts(Path::new(&out))
}

fn compress_fonts(out: &Path) -> io::Result<()> {
    let fonts = [
        ("regular", dejavu::sans::regular()),
        ("bold", dejavu::sans::bold()),
        ("mono", dejavu::sans_mono::regular()),
    ];
    for (name, font) in fonts {
        let file = fs::File::create(out.join(format!("{name}.ttf.zlib")))?;
        let mut encoder = ZlibEncoder::new(file, Compression::best());
        encoder.write_all(font)?;
        encoder.finish()?;
    }
    Ok(())
}

fn list_migrations(folder: &Path, out: &Path) -> io::Result<()> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
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
    fs::write(out.join("migrations.rs"), list)
}
