//! The columns that are folded for search and comparison, folded again by the rules of today. What is
//! folded twice is as if it were folded once, so the column itself is all that is read. (`users` has
//! the login beside it, which must stay unique: see `domain::folding`.)

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::schema::{
    application_users, applications, audit_events, clients, spaces, user_lists, users,
};
use super::{AnyConnection, StoreError};
use crate::model::ids::UserId;
use crate::model::text::fold;
use crate::model::timestamp::Timestamp;

/// How many rows are held at once.
const AT_ONCE: i64 = 5_000;

/// Folds one column of a table again, some rows at a time.
macro_rules! fold_column {
    ($c:expr, $table:ident, $column:ident) => {{
        let mut last = String::new();
        loop {
            let rows: Vec<(String, String)> = $table::table
                .filter($table::id.gt(&last))
                .order($table::id)
                .limit(AT_ONCE)
                .select(($table::id, $table::$column))
                .load($c)?;
            for (id, text) in &rows {
                let folded = fold(text);
                if folded != *text {
                    diesel::update($table::table.filter($table::id.eq(id)))
                        .set($table::$column.eq(folded))
                        .execute($c)?;
                }
            }
            match rows.into_iter().last() {
                Some((id, _)) => last = id,
                None => break,
            }
        }
    }};
}

/// Folds what is only searched, or may stand there twice.
pub fn fold_again(c: &mut AnyConnection) -> Result<(), StoreError> {
    fold_column!(c, user_lists, presentation_folded);
    fold_column!(c, clients, search);
    fold_column!(c, applications, search);
    fold_events(c)?;
    let spaces: Vec<(String, String)> = spaces::table
        .order((spaces::created_at, spaces::id))
        .select((spaces::id, spaces::name_folded))
        .load(c)?;
    for (id, text) in &spaces {
        let folded = fold(text);
        // Of two spaces with one name the younger keeps its old column: it is found by its id.
        if folded != *text && !spaces.iter().any(|(_, other)| *other == folded) {
            diesel::update(spaces::table.find(id))
                .set(spaces::name_folded.eq(folded))
                .execute(c)?;
        }
    }
    let connected: Vec<(String, String, String)> = application_users::table
        .select((
            application_users::application_id,
            application_users::user_id,
            application_users::presentation_folded,
        ))
        .load(c)?;
    for (application, user, text) in connected {
        let folded = fold(&text);
        if folded != text {
            diesel::update(application_users::table.find((application, user)))
                .set(application_users::presentation_folded.eq(folded))
                .execute(c)?;
        }
    }
    Ok(())
}

/// The audit log can be millions of rows long, nearly all of them ASCII, which is folded as it ever was:
/// those are passed over where they lie.
fn fold_events(c: &mut AnyConnection) -> Result<(), StoreError> {
    let is_more_than_ascii = || sql::<Bool>("octet_length(search) > length(search)");
    let mut last = String::new();
    loop {
        let rows: Vec<(String, String)> = audit_events::table
            .filter(audit_events::id.gt(&last))
            .filter(is_more_than_ascii())
            .order(audit_events::id)
            .limit(AT_ONCE)
            .select((audit_events::id, audit_events::search))
            .load(c)?;
        for (id, text) in &rows {
            let folded = fold(text);
            if folded != *text {
                diesel::update(audit_events::table.find(id))
                    .set(audit_events::search.eq(folded))
                    .execute(c)?;
            }
        }
        match rows.into_iter().last() {
            Some((id, _)) => last = id,
            None => return Ok(()),
        }
    }
}

/// Writes a user's login beside the applications that the user is connected to.
pub fn update_connected_login(
    c: &mut AnyConnection,
    id: UserId,
    login: &str,
) -> Result<(), StoreError> {
    let of_user = application_users::table.filter(application_users::user_id.eq(id.to_string()));
    diesel::update(of_user)
        .set(application_users::login_folded.eq(fold(login)))
        .execute(c)?;
    Ok(())
}

/// Takes a user's login out of the others' way, until it is written anew.
pub fn release_login(c: &mut AnyConnection, id: UserId) -> Result<(), StoreError> {
    diesel::update(users::table.find(id.to_string()))
        .set(users::login_folded.eq(format!("#{id}")))
        .execute(c)?;
    Ok(())
}

/// Gives every temporary password without an end this one.
pub fn end_temporary_passwords(
    c: &mut AnyConnection,
    ends_at: Timestamp,
) -> Result<(), StoreError> {
    let endless = users::table
        .filter(users::password_temporary.eq(true))
        .filter(users::password_ends_at.is_null());
    diesel::update(endless)
        .set(users::password_ends_at.eq(ends_at.millis()))
        .execute(c)?;
    Ok(())
}
