//! Compresses the description of the API, of which `appeal schema` prints parts: it is 290 kB of JSON.

use std::io::{self, Write as _};
use std::path::Path;
use std::{env, fs};

use flate2::Compression;
use flate2::write::ZlibEncoder;

const DESCRIPTION: &str = "openapi.json";

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed={DESCRIPTION}");
    let out = env::var("OUT_DIR").map_err(io::Error::other)?;
    let file = fs::File::create(Path::new(&out).join("openapi.json.zlib"))?;
    let mut encoder = ZlibEncoder::new(file, Compression::best());
    encoder.write_all(&fs::read(DESCRIPTION)?)?;
    encoder.finish()?;
    Ok(())
}
