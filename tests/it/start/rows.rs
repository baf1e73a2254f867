//! Keys in the database that are damaged, moved or gone.

use super::SetUp;
use crate::support::cli;

const SIGNING: &str = "SELECT kid AS text FROM signing_keys ORDER BY published_at, kid";

/// Damages the database and checks that the server refuses for `why`, as does `database check`, and
/// that it serves again after `repair`.
fn assert_refused(set_up: &SetUp, damage: &str, why: &str, repair: &str) {
    set_up.database.execute(damage);
    let expected = format!("mintmark: {why}");
    assert_eq!(set_up.refused(), expected, "{damage}");
    let url = set_up.database.url_text();
    let output = cli(set_up.folder.path(), &url, &["database", "check"], "");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert_eq!(
        String::from_utf8(output.stderr).unwrap().trim_end(),
        expected
    );
    set_up.database.execute(repair);
    set_up.assert_serves();
}

/// Another character in the middle of the sealed text, and back.
fn turned(table: &str, key: &str, row: &str) -> [String; 2] {
    let at = 60;
    let flip = format!(
        "UPDATE {table} SET sealed = substr(sealed, 1, {at}) || \
         CASE substr(sealed, {at} + 1, 1) WHEN 'A' THEN 'B' ELSE 'A' END || \
         substr(sealed, {at} + 2) WHERE {key} = '{row}'"
    );
    let keep =
        format!("ALTER TABLE {table} ADD COLUMN kept TEXT; UPDATE {table} SET kept = sealed");
    let back = format!("UPDATE {table} SET sealed = kept; ALTER TABLE {table} DROP COLUMN kept");
    [format!("{keep}; {flip}"), back]
}

#[test]
fn with_a_damaged_signing_key_nothing_starts() {
    let set_up = SetUp::new();
    for kid in set_up.database.query(SIGNING) {
        let [damage, repair] = turned("signing_keys", "kid", &kid);
        let why = format!(
            "the signing key {kid} in the database is damaged, or wrapped under another master \
             key: restore the database and keys/ from the same back-up"
        );
        assert_refused(&set_up, &damage, &why, &repair);
    }
}

#[test]
fn with_a_damaged_digest_key_nothing_starts() {
    let set_up = SetUp::new();
    let id = set_up
        .database
        .query("SELECT id AS text FROM digest_keys")
        .remove(0);
    let [damage, repair] = turned("digest_keys", "id", &id);
    let why = "a digest key in the database is damaged: restore the database from a back-up";
    assert_refused(&set_up, &damage, why, &repair);
}

#[test]
fn a_signing_key_that_was_moved_into_anothers_row_is_damaged() {
    let set_up = SetUp::new();
    let kids = set_up.database.query(SIGNING);
    let name =
        |from: &str, to: &str| format!("UPDATE signing_keys SET kid = '{to}' WHERE kid = '{from}'");
    let swap = format!(
        "{}; {}; {}",
        name(&kids[0], "-"),
        name(&kids[1], &kids[0]),
        name("-", &kids[1])
    );
    set_up.database.execute(&swap);
    let why = set_up.refused();
    let damaged =
        |kid: &String| why.starts_with(&format!("mintmark: the signing key {kid} in the"));
    assert!(kids.iter().any(damaged), "{why}");
    set_up.database.execute(&swap);
    set_up.assert_serves();
}

#[test]
fn without_an_active_signing_key_nothing_starts_and_none_is_made() {
    let set_up = SetUp::new();
    let kids = set_up.database.query(SIGNING);
    let active = set_up
        .database
        .query("SELECT kid AS text FROM signing_keys WHERE state = 'active'")
        .remove(0);
    assert_refused(
        &set_up,
        "UPDATE signing_keys SET state = 'next'",
        "the database has no active signing key: restore it from a back-up",
        &format!("UPDATE signing_keys SET state = 'active' WHERE kid = '{active}'"),
    );
    assert_eq!(set_up.database.query(SIGNING), kids);
}

#[test]
fn without_a_digest_key_nothing_starts_and_none_is_made() {
    let set_up = SetUp::new();
    let why = "a digest key in the database is damaged: restore the database from a back-up";
    assert_refused(
        &set_up,
        "CREATE TABLE kept_secrets AS SELECT * FROM client_secrets; \
         CREATE TABLE kept AS SELECT * FROM digest_keys; \
         DELETE FROM client_secrets; DELETE FROM digest_keys",
        why,
        "INSERT INTO digest_keys SELECT * FROM kept; \
         INSERT INTO client_secrets SELECT * FROM kept_secrets",
    );
}
