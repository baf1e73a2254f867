//! The first bytes of an SQLite file (its file format, section 1.3): whether it can be one at all.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::StoreError;

const SIZE: usize = 100;
const MAGIC: &[u8] = b"SQLite format 3\0";

/// Refuses a file that is no SQLite database, or not all of one. An empty file is one without tables,
/// and one that is missing is its caller's to judge.
pub fn check(path: &Path) -> Result<(), StoreError> {
    let damaged = |why: String| {
        StoreError::Refused(format!(
            "{} is damaged: {why}: restore a backup with `mintmark database restore FILE`",
            path.display()
        ))
    };
    let unreadable =
        |e: io::Error| StoreError::Unavailable(format!("cannot read {}: {e}", path.display()));
    let file = match File::open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(e) => return Err(unreadable(e)),
    };
    let length = file.metadata().map_err(unreadable)?.len();
    if length == 0 {
        return Ok(());
    }
    let mut header = Vec::with_capacity(SIZE);
    file.take(SIZE as u64)
        .read_to_end(&mut header)
        .map_err(unreadable)?;
    if header.len() < SIZE || !header.starts_with(MAGIC) {
        return Err(damaged("it is no SQLite database".to_owned()));
    }
    let number = |at: usize| {
        u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]])
    };
    let page = match u16::from_be_bytes([header[16], header[17]]) {
        1 => 65_536,
        size => u64::from(size),
    };
    if page < 512 || !page.is_power_of_two() {
        return Err(damaged(format!("its pages are said to have {page} bytes")));
    }
    let is_known = |version: u8| matches!(version, 1 | 2);
    if !is_known(header[18]) || !is_known(header[19]) || header[21..24] != [64, 32, 32] {
        return Err(damaged("its header is none that SQLite writes".to_owned()));
    }
    // While a log lies beside it, the file is not all of the database.
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    let has_log = Path::new(&log)
        .metadata()
        .is_ok_and(|found| found.len() > 0);
    let (pages, is_current) = (u64::from(number(28)), number(24) == number(92));
    if !has_log && is_current && pages * page > length {
        return Err(damaged(format!(
            "it has {length} bytes where {} are said to be",
            pages * page
        )));
    }
    Ok(())
}
