//! What others on this machine could read or replace: told at start and by `database check`.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::store::DatabaseUrl;

/// What is exposed, each with the command that mends it; nothing where all is private. A file that is
/// not there exposes nothing.
pub fn exposed(database: &DatabaseUrl, keys_dir: &Path) -> Vec<String> {
    let mut found = Vec::new();
    if let DatabaseUrl::Sqlite(path) = database {
        for end in ["", "-wal", "-shm"] {
            let mut file = path.as_os_str().to_owned();
            file.push(end);
            let file = Path::new(&file);
            let mode = mode(file);
            if mode & 0o007 != 0 {
                found.push(format!(
                    "the database file {file} can be read or changed by everybody (mode \
                     {mode:04o}): run `chmod 600 {file}`, and consider that somebody may have \
                     copied it",
                    file = file.display()
                ));
            }
        }
        let folder = path.parent().filter(|f| !f.as_os_str().is_empty());
        found.extend(open_folder("database", folder.unwrap_or(Path::new("."))));
    }
    found.extend(open_folder("keys", keys_dir));
    found
}

/// In a folder that everybody may write, a file can be replaced by anybody, whatever its own mode;
/// but not in one whose files only their owners may delete, as a cluster mounts secrets.
fn open_folder(what: &str, folder: &Path) -> Option<String> {
    let mode = mode(folder);
    let is_open = mode & 0o002 != 0 && mode & 0o1000 == 0;
    is_open.then(|| {
        format!(
            "what lies in the {what} folder {folder} can be replaced by everybody (mode {mode:04o}): \
             run `chmod o-w {folder}`",
            folder = folder.display()
        )
    })
}

fn mode(path: &Path) -> u32 {
    path.metadata().map_or(0, |found| found.mode() & 0o7777)
}
