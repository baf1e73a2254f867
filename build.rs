//! Embeds what cargo does not see by itself: migrations, and the two files of Swagger UI that `/docs`
//! serves, out of the archive that a crate ships.

use std::fs;
use std::path::PathBuf;

use utoipa_swagger_ui_vendored::SWAGGER_UI_VENDORED as ARCHIVE;

const FILES: [&str; 2] = ["swagger-ui.css", "swagger-ui-bundle.js"];

fn main() {
    // The SQL files are embedded at compile time.
    println!("cargo::rerun-if-changed=migrations");
    #[allow(clippy::disallowed_methods, reason = "cargo says so, not a user")]
    let folder = std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR for a build script");
    for name in FILES {
        let content = unpack(&format!("/dist/{name}"));
        let content = content.unwrap_or_else(|| panic!("the archive of Swagger UI has no {name}"));
        fs::write(PathBuf::from(&folder).join(name), content).expect("OUT_DIR can be written");
    }
}

/// The archive's one deflated file whose name ends like this (APPNOTE 4.3: the central directory
/// stands at the end, and the sizes there hold).
fn unpack(wanted: &str) -> Option<Vec<u8>> {
    let end = ARCHIVE
        .windows(4)
        .rposition(|bytes| bytes == b"PK\x05\x06")?;
    let mut entry = number(end + 16, 4)?;
    while ARCHIVE.get(entry..entry + 4)? == b"PK\x01\x02" {
        let name_length = number(entry + 28, 2)?;
        let name = ARCHIVE.get(entry + 46..entry + 46 + name_length)?;
        if name.ends_with(wanted.as_bytes()) {
            let (packed, whole) = (number(entry + 20, 4)?, number(entry + 24, 4)?);
            let local = number(entry + 42, 4)?;
            let start = local + 30 + number(local + 26, 2)? + number(local + 28, 2)?;
            let packed = ARCHIVE.get(start..start + packed)?;
            let content = miniz_oxide::inflate::decompress_to_vec_with_limit(packed, whole).ok()?;
            return (content.len() == whole).then_some(content);
        }
        entry += 46 + name_length + number(entry + 30, 2)? + number(entry + 32, 2)?;
    }
    None
}

/// The little-endian number of `length` bytes there.
fn number(at: usize, length: usize) -> Option<usize> {
    let bytes = ARCHIVE.get(at..at + length)?;
    Some(
        bytes
            .iter()
            .rev()
            .fold(0, |sum, byte| sum << 8 | usize::from(*byte)),
    )
}
