//! Opening SQLite files.

use std::fs;

use super::*;

#[test]
fn a_path_with_signs_of_a_uri_is_still_a_path() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("50% #1?.db");
    drop(open_for_good(&path).unwrap());
    assert!(path.metadata().unwrap().len() > 0);
}

/// As when the pools open connections anew, which they do after half an hour.
#[test]
fn who_opens_the_database_again_makes_no_file_and_touches_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let (path, away) = (folder.path().join("m.db"), folder.path().join("away.db"));
    let database = Database::open(&DatabaseUrl::Sqlite(path.clone()), 1).unwrap();
    let files = database.files.as_ref().map(|(files, _)| files.clone());
    let opener = |writes| Opener {
        url: DatabaseUrl::Sqlite(path.clone()),
        writes,
        files: files.clone(),
    };
    let assert_refused = |what: &str| {
        for writes in [true, false] {
            let why = opener(writes).connect().err().unwrap().to_string();
            assert!(why.contains(what), "{why}");
        }
    };
    fs::rename(&path, &away).unwrap();
    assert_refused("was deleted or moved away");
    assert!(!path.exists());
    fs::write(&path, "").unwrap();
    assert_refused("is another file");
    assert_eq!(path.metadata().unwrap().len(), 0);
    fs::rename(&away, &path).unwrap();
    assert!(opener(true).connect().is_ok());
}
