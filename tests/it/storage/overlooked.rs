//! A transaction in which somebody overlooked a failure: what is acknowledged is there.

use diesel::{RunQueryDsl, sql_query};
use mintmark::domain::{DomainError, password, users};
use mintmark::model::scope::Role;
use mintmark::model::secret::Secret;

use crate::support::{TestApp, TestDatabase};

#[test]
fn a_change_after_which_a_statement_failed_unnoticed_is_there_or_not_acknowledged() {
    let app = TestApp::start();
    let hash = password::hash(&Secret::new("correct horse battery".to_owned()), false).unwrap();
    let done = app.app.write(|c| {
        let new = users::NewUser {
            login: "anna".to_owned(),
            presentation: None,
            email: None,
            phone: None,
            role: Role::Member,
            user_list: None,
        };
        users::create(c, &app.act(), new, &hash)?;
        assert!(sql_query("SELECT nonsense").execute(c).is_err());
        Ok::<_, DomainError>(())
    });
    let there = app
        .database
        .query("SELECT login AS text FROM users WHERE login = 'anna'");
    assert_eq!(done.is_ok(), there == ["anna"], "{done:?}");
    // PostgreSQL undoes all of it, SQLite the one statement.
    assert_eq!(done.is_ok(), !TestDatabase::is_postgresql());
    // The connection is as good as before.
    app.create_user("boris", Role::Member);
}
