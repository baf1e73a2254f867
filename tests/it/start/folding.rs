//! An upgrade from a version that compared logins byte by byte: two users whose logins are one now, and
//! passwords that somebody else set.

use super::SetUp;
use crate::support::cli;

const USERS: &str =
    "SELECT login || '|' || login_folded AS text FROM users ORDER BY created_at, id";

#[test]
fn two_users_with_one_login_in_two_spellings_both_go_on_and_the_server_starts() {
    let set_up = SetUp::new();
    let list = set_up.database.query("SELECT id AS text FROM user_lists")[0].clone();
    let (one, two) = ("андре\u{439}", "андреи\u{306}");
    for (n, login, folded) in [
        (1, two.to_owned(), two.to_owned()),
        (2, one.to_owned(), one.to_owned()),
        (3, format!("{one}-2"), format!("{one}-2")),
        (4, "ｉｖａｎ".to_owned(), "ｉｖａｎ".to_owned()),
    ] {
        set_up.database.execute(&format!(
            "INSERT INTO users (id, user_list_id, login, login_folded, presentation, search, role, \
             password_hash, password_temporary, generation, created_at) VALUES \
             ('1eeb5447-c5bb-6867-b776-199d8903fd0{n}', '{list}', '{login}', '{folded}', 'x', \
             '{folded}', 'member', 'none', TRUE, 0, 99999999999{n}0)"
        ));
    }
    set_up
        .database
        .execute("UPDATE instance SET text_version = NULL");
    set_up
        .database
        .execute("UPDATE users SET password_ends_at = NULL");
    for (n, search) in [
        (1, two.to_owned()),
        (2, "ascii".to_owned()),
        (3, "ｉｖａｎ".to_owned()),
    ] {
        set_up.database.execute(&format!(
            "INSERT INTO audit_events (id, at, actor, kind, object_kind, object_id, details, search) \
             VALUES ('old-{n}', {n}, 'server', 'x', 'user', 'x', '{{}}', 'x {search}')"
        ));
    }
    set_up.assert_serves();
    let searched = "SELECT search AS text FROM audit_events WHERE id LIKE 'old-%' ORDER BY id";
    assert_eq!(
        set_up.database.query(searched),
        [
            format!("x {one}"),
            "x ascii".to_owned(),
            "x ivan".to_owned()
        ],
        "an old event is found by what is typed today"
    );
    let expected = [
        "admin|admin".to_owned(),
        format!("{one}|{one}"),
        format!("{one}-3|{one}-3"),
        format!("{one}-2|{one}-2"),
        "ivan|ivan".to_owned(),
    ];
    assert_eq!(set_up.database.query(USERS), expected);
    let endless =
        "SELECT id AS text FROM users WHERE password_temporary AND password_ends_at IS NULL";
    assert_eq!(set_up.database.query(endless), [""; 0]);
    let told = "SELECT details AS text FROM audit_events WHERE kind = 'user.login_changed'";
    let told = set_up.database.query(told);
    assert_eq!(told.len(), 1);
    assert!(
        told[0].contains(&format!("\"from\":\"{one}\",\"to\":\"{one}-3\"")),
        "{told:?}"
    );
    // Once: what stands there then is left alone.
    let url = set_up.database.url_text();
    let again = cli(set_up.folder.path(), &url, &["database", "migrate"], "");
    assert!(again.status.success());
    assert_eq!(set_up.database.query(USERS), expected);
    let found = cli(
        set_up.folder.path(),
        &url,
        &["user", "disable", "--login", two],
        "",
    );
    assert!(
        found.status.success(),
        "{}",
        String::from_utf8_lossy(&found.stderr)
    );
}
